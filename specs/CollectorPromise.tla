-------------------------- MODULE CollectorPromise --------------------------
(***************************************************************************)
(* What programs see of the garbage collector: nothing, except that a weak *)
(* reference may become empty.                                             *)
(*                                                                         *)
(* Each object has one field, programs have a set of objects in hand       *)
(* (their roots), and there is a weak reference.  A program can do         *)
(* anything with what it can reach, and only with that: references cannot  *)
(* be forged.  A new object is one that nobody can reach, weakly either.   *)
(* A weak reference becomes empty only when nothing else leads to its      *)
(* object, and stays so.                                                   *)
(*                                                                         *)
(* Power cuts are not seen here: what was done since the last snapshot is  *)
(* as if it had not been.                                                  *)
(***************************************************************************)
EXTENDS Naturals

CONSTANTS Object, None

VARIABLES
  roots,    \* the objects that programs have in hand
  field,    \* of each object that can be reached, weakly or not, its field
  weak      \* what the weak reference refers to, or None

vars == <<roots, field, weak>>

RECURSIVE Closure(_, _)
Closure(from, next) ==
  LET more == from \cup ({next[o] : o \in from \cap DOMAIN next} \ {None})
  IN  IF more = from THEN from ELSE Closure(more, next)

(* What programs can reach, and what they might yet.                       *)
Strong == Closure(roots, field)
Known == Closure(roots \cup ({weak} \ {None}), field)

Trimmed(inHand, fields, target) ==
  [o \in Closure(inHand \cup ({target} \ {None}), fields) |-> fields[o]]

Init ==
  /\ roots = {}
  /\ field = << >>
  /\ weak = None

Becomes(inHand, fields, target) ==
  /\ roots' = inHand
  /\ weak' = target
  /\ field' = Trimmed(inHand, fields, target)

New(o) ==
  /\ o \notin Known
  /\ Becomes(roots \cup {o}, [x \in Known \cup {o} |-> IF x = o THEN None ELSE field[x]], weak)

Take(o) == o \in roots /\ field[o] # None /\ Becomes(roots \cup {field[o]}, field, weak)
Drop(o) == o \in roots /\ Becomes(roots \ {o}, field, weak)
Store(o, to) == o \in roots /\ to \in roots \cup {None} /\ Becomes(roots, [field EXCEPT ![o] = to], weak)
Weaken(o) == o \in roots /\ Becomes(roots, field, o)
WeakGet == weak # None /\ Becomes(roots \cup {weak}, field, weak)

Clear == weak # None /\ weak \notin Strong /\ Becomes(roots, field, None)

Next ==
  \/ \E o \in Object :
       \/ New(o)
       \/ Take(o)
       \/ Drop(o)
       \/ \E to \in Object \cup {None} : Store(o, to)
       \/ Weaken(o)
  \/ WeakGet
  \/ Clear

Spec == Init /\ [][Next]_vars

(* Nothing in hand leads to what is not there.                             *)
NothingDangles == Known = DOMAIN field
=============================================================================
