------------------------------ MODULE Collector ------------------------------
(***************************************************************************)
(* How garbage is collected while programs run.                            *)
(*                                                                         *)
(* The collector marks what was reachable in an *image*, the memory frozen *)
(* at a demarcation, and never looks at the memory that programs go on     *)
(* changing.  What could not be reached then cannot be reached now, since  *)
(* references cannot be forged: so there is no barrier and no pause.       *)
(*                                                                         *)
(* The exception is the weak reference.  While marking goes on, a program  *)
(* that gets its object makes that object a root of the marking.  When     *)
(* nothing is left to mark, Decide does two things in one step: what was   *)
(* in the image and is not marked is *doomed*, and a weak reference to a   *)
(* doomed object is empty, in persistent memory.  The sweep then frees the *)
(* doomed objects one by one.                                              *)
(*                                                                         *)
(* Marks and the list of the doomed are not persistent: a power cut ends   *)
(* the collection, and what it did not free is found by the next one.  A   *)
(* cut takes memory back to a snapshot, which may hold half of a sweep; as *)
(* all that was done since is as if it had not been, it is enough to look  *)
(* at cuts that come right after a snapshot: they leave memory as it is.   *)
(***************************************************************************)
EXTENDS Naturals

CONSTANTS
  Object,
  None,
  MaxCuts         \* power cuts looked at

VARIABLES
  allocated,      \* persistent; the objects that there are
  roots, field, weak,   \* persistent; as in CollectorPromise; `field` of all objects
  image,          \* transient; the frozen memory that is being marked
  marked,         \* transient; objects found reachable in it
  doomed,         \* transient; objects to free
  phase,          \* transient; "idle", "marking", "sweeping"
  cuts            \* how often the power went

vars == <<allocated, roots, field, weak, image, marked, doomed, phase, cuts>>
heap == <<allocated, roots, field, weak>>
collector == <<image, marked, doomed, phase>>

NoImage == [allocated |-> {}, field |-> << >>]

Init ==
  /\ allocated = {}
  /\ roots = {}
  /\ field = [o \in Object |-> None]
  /\ weak = None
  /\ image = NoImage
  /\ marked = {}
  /\ doomed = {}
  /\ phase = "idle"
  /\ cuts = 0

-----------------------------------------------------------------------------
(* Programs.                                                               *)

New(o) ==
  /\ o \notin allocated
  /\ allocated' = allocated \cup {o}
  /\ roots' = roots \cup {o}
  /\ field' = [field EXCEPT ![o] = None]
  /\ UNCHANGED <<weak, collector, cuts>>

Take(o) ==
  /\ o \in roots
  /\ field[o] # None
  /\ roots' = roots \cup {field[o]}
  /\ UNCHANGED <<allocated, field, weak, collector, cuts>>

Drop(o) ==
  /\ o \in roots
  /\ roots' = roots \ {o}
  /\ UNCHANGED <<allocated, field, weak, collector, cuts>>

Store(o, to) ==
  /\ o \in roots
  /\ to \in roots \cup {None}
  /\ field' = [field EXCEPT ![o] = to]
  /\ UNCHANGED <<allocated, roots, weak, collector, cuts>>

Weaken(o) ==
  /\ o \in roots
  /\ weak' = o
  /\ UNCHANGED <<allocated, roots, field, collector, cuts>>

WeakGet ==
  /\ weak # None
  /\ roots' = roots \cup {weak}
  /\ marked' = IF phase = "marking" THEN marked \cup {weak} ELSE marked
  /\ UNCHANGED <<allocated, field, weak, image, doomed, phase, cuts>>

-----------------------------------------------------------------------------
(* The collector.                                                          *)

Begin ==
  /\ phase = "idle"
  /\ phase' = "marking"
  /\ image' = [allocated |-> allocated, field |-> field]
  /\ marked' = roots
  /\ UNCHANGED <<heap, doomed, cuts>>

Unscanned == {o \in marked \cap image.allocated : image.field[o] \notin marked \cup {None}}

Mark(o) ==
  /\ phase = "marking"
  /\ o \in Unscanned
  /\ marked' = marked \cup {image.field[o]}
  /\ UNCHANGED <<heap, image, doomed, phase, cuts>>

Decide ==
  /\ phase = "marking"
  /\ Unscanned = {}
  /\ phase' = "sweeping"
  /\ doomed' = image.allocated \ marked
  /\ weak' = IF weak \in doomed' THEN None ELSE weak
  /\ image' = NoImage
  /\ marked' = {}
  /\ UNCHANGED <<allocated, roots, field, cuts>>

Sweep(o) ==
  /\ phase = "sweeping"
  /\ o \in doomed
  /\ allocated' = allocated \ {o}
  /\ doomed' = doomed \ {o}
  /\ field' = [field EXCEPT ![o] = None]
  /\ UNCHANGED <<roots, weak, image, marked, phase, cuts>>

Finish ==
  /\ phase = "sweeping"
  /\ doomed = {}
  /\ phase' = "idle"
  /\ UNCHANGED <<heap, image, marked, doomed, cuts>>

-----------------------------------------------------------------------------
(* The power goes right after a snapshot, and comes back.                  *)
Cut ==
  /\ cuts < MaxCuts
  /\ cuts' = cuts + 1
  /\ image' = NoImage
  /\ marked' = {}
  /\ doomed' = {}
  /\ phase' = "idle"
  /\ UNCHANGED heap

Next ==
  \/ \E o \in Object :
       \/ New(o)
       \/ Take(o)
       \/ Drop(o)
       \/ \E to \in Object \cup {None} : Store(o, to)
       \/ Weaken(o)
       \/ Mark(o)
       \/ Sweep(o)
  \/ WeakGet
  \/ Begin
  \/ Decide
  \/ Finish
  \/ Cut

Fairness ==
  /\ WF_vars(Begin)
  /\ WF_vars(\E o \in Object : Mark(o))
  /\ WF_vars(Decide)
  /\ WF_vars(\E o \in Object : Sweep(o))
  /\ WF_vars(Finish)

Spec == Init /\ [][Next]_vars /\ Fairness

-----------------------------------------------------------------------------
RECURSIVE Closure(_)
Closure(from) ==
  LET more == from \cup ({field[o] : o \in from} \ {None})
  IN  IF more = from THEN from ELSE Closure(more)

Known == Closure(roots \cup ({weak} \ {None}))

(* What programs can reach, or get weakly, has not been freed.             *)
NothingDangles == Known \subseteq allocated

(* What is doomed is out of reach for ever.                                *)
DoomedUnreachable == doomed \cap Known = {}

(* Garbage does not stay.                                                  *)
GarbageGoes ==
  \A o \in Object : o \in allocated \ Known ~> o \notin allocated \/ o \in Known

-----------------------------------------------------------------------------
Promise == INSTANCE CollectorPromise WITH
  field <- [o \in Known |-> field[o]]

RefinesCollectorPromise == Promise!Spec
=============================================================================
