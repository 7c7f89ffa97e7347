------------------------------ MODULE DiskCache ------------------------------
(***************************************************************************)
(* A disk with a volatile write cache, as disks are.                       *)
(*                                                                         *)
(* A write is acknowledged as soon as the cache has it.  The drive brings  *)
(* what it has to the medium when it likes and in any order; only Flush    *)
(* waits for all of it.  When the power goes, each place of the disk holds *)
(* what the medium had at the last flush, or any one of the contents       *)
(* written to it since, or, torn, none of them; the places are independent *)
(* of each other.                                                          *)
(*                                                                         *)
(* A drive that writes back by itself, between flushes, needs no action of *)
(* its own: nobody sees it before the power goes, and what it leaves then  *)
(* is one of the outcomes here.                                            *)
(***************************************************************************)
EXTENDS Naturals

CONSTANTS
  Place,      \* what is written whole or torn: a block, a superblock copy
  Content,    \* what can be written
  Rubbish     \* what a torn place holds; a checksum tells it from any Content

VARIABLES
  disk,       \* of each place what a read returns
  medium,     \* of each place what the last flush left there
  pending     \* of each place the set of contents written since

vars == <<disk, medium, pending>>

Nothing == [a \in Place |-> {}]

Init ==
  /\ disk \in [Place -> Content]
  /\ medium = disk
  /\ pending = Nothing

Write(a, c) ==
  /\ disk' = [disk EXCEPT ![a] = c]
  /\ pending' = [pending EXCEPT ![a] = @ \cup {c}]
  /\ UNCHANGED medium

Flush ==
  /\ medium' = [a \in Place |-> IF pending[a] = {} THEN medium[a] ELSE disk[a]]
  /\ pending' = Nothing
  /\ UNCHANGED disk

(* What a power cut can leave at a place.                                  *)
Fates(a) == {medium[a]} \cup pending[a] \cup IF pending[a] = {} THEN {} ELSE {Rubbish}

(* All that it can leave on the medium where only `places` are in doubt.   *)
RECURSIVE Outcomes(_)
Outcomes(places) ==
  IF places = {} THEN {medium}
  ELSE LET a == CHOOSE a \in places : TRUE
       IN  {[m EXCEPT ![a] = c] : m \in Outcomes(places \ {a}), c \in Fates(a)}

Doubtful == {a \in Place : pending[a] # {}}

(* The power goes, and leaves m.                                           *)
Leaves(m) ==
  /\ \A a \in Place : m[a] \in Fates(a)
  /\ medium' = m
  /\ pending' = Nothing

Cut(m) == Leaves(m) /\ disk' = m

Next ==
  \/ \E a \in Place, c \in Content : Write(a, c)
  \/ Flush
  \/ \E m \in Outcomes(Doubtful) : Cut(m)

Spec == Init /\ [][Next]_vars

TypeOK ==
  /\ disk \in [Place -> Content \cup {Rubbish}]
  /\ medium \in [Place -> Content \cup {Rubbish}]
  /\ pending \in [Place -> SUBSET Content]

(* A read returns what the medium has, or the last of what it has not yet. *)
ReadsLast == \A a \in Place : IF pending[a] = {} THEN disk[a] = medium[a] ELSE disk[a] \in pending[a]

(* What was flushed, and not written since, is there whatever happens.     *)
FlushedStays == [][\A a \in Place : pending[a] = {} /\ pending'[a] = {} => medium'[a] = medium[a]]_vars

(* What was not written is not torn.                                       *)
TornOnlyIfWritten == [][\A a \in Place : medium'[a] = Rubbish => medium[a] = Rubbish \/ pending[a] # {}]_vars
=============================================================================
