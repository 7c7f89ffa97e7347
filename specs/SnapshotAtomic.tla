--------------------------- MODULE SnapshotAtomic ---------------------------
(***************************************************************************)
(* What users are promised.                                                *)
(*                                                                         *)
(* Programs have one memory, and change it page by page.  Now and then the *)
(* system captures it, whole, at one instant (Demarcate).  Some time later *)
(* it announces that what was captured is safe (Commit), or that it gave   *)
(* up (Abandon).  When the power goes (Cut), programs go on from the last  *)
(* state that was announced, or, if one was captured and not announced,    *)
(* perhaps from that: never from an older one, never from a mixture.       *)
(*                                                                         *)
(* There is no disk here, and no way for a snapshot to be half made: that  *)
(* is what the levels below have to bring about.                           *)
(***************************************************************************)
EXTENDS Naturals

CONSTANTS
  Page,           \* the pages of the memory
  Value,          \* what a page can hold
  Zero,           \* what it holds at first, one of Value
  None,           \* no image; none of Value
  MaxGeneration   \* generations looked at

VARIABLES
  mode,           \* "off", "recovering" (on, programs do not run yet), "running"
  memory,         \* what programs see
  committed,      \* the image, with its generation, that is safe
  pending,        \* the one captured and not announced yet, or None
  generation      \* the generation programs are writing: the next image gets this number

vars == <<mode, memory, committed, pending, generation>>

Memory == [Page -> Value]
Blank == [p \in Page |-> Zero]
Image == [generation : 0 .. MaxGeneration, contents : Memory]

TypeOK ==
  /\ mode \in {"off", "recovering", "running"}
  /\ memory \in Memory
  /\ committed \in Image
  /\ pending \in Image \cup {None}
  /\ generation \in 0 .. MaxGeneration + 1

Init ==
  /\ mode = "running"
  /\ memory = Blank
  /\ committed = [generation |-> 0, contents |-> Blank]
  /\ pending = None
  /\ generation = 1

Write(p, v) ==
  /\ mode = "running"
  /\ memory' = [memory EXCEPT ![p] = v]
  /\ UNCHANGED <<mode, committed, pending, generation>>

Demarcate ==
  /\ mode = "running"
  /\ pending = None
  /\ generation <= MaxGeneration
  /\ pending' = [generation |-> generation, contents |-> memory]
  /\ generation' = generation + 1
  /\ UNCHANGED <<mode, memory, committed>>

Commit ==
  /\ mode = "running"
  /\ pending # None
  /\ committed' = pending
  /\ pending' = None
  /\ UNCHANGED <<mode, memory, generation>>

Abandon ==
  /\ mode = "running"
  /\ pending # None
  /\ pending' = None
  /\ UNCHANGED <<mode, memory, committed, generation>>

(* What was captured and not announced may turn out to be safe, or lost.   *)
Cut ==
  /\ mode # "off"
  /\ mode' = "off"
  /\ memory' = Blank
  /\ committed' \in {committed, pending} \ {None}
  /\ pending' = None
  /\ generation' = 0

PowerOn ==
  /\ mode = "off"
  /\ mode' = "recovering"
  /\ UNCHANGED <<memory, committed, pending, generation>>

Recover ==
  /\ mode = "recovering"
  /\ mode' = "running"
  /\ memory' = committed.contents
  /\ generation' = committed.generation + 1
  /\ UNCHANGED <<committed, pending>>

Next ==
  \/ \E p \in Page, v \in Value : Write(p, v)
  \/ Demarcate
  \/ Commit
  \/ Abandon
  \/ Cut
  \/ PowerOn
  \/ Recover

Fairness == WF_vars(Commit) /\ WF_vars(PowerOn) /\ WF_vars(Recover)

Spec == Init /\ [][Next]_vars /\ Fairness

(* What is safe never gets older.                                          *)
NeverOlder == [][committed'.generation >= committed.generation]_vars

(* A snapshot ends.  That it ends well is up to Abandon and Cut, which     *)
(* nothing forces to happen.                                               *)
SnapshotEnds == pending # None ~> pending = None

(* Programs come back, unless the power goes again and again.              *)
ComesBack == []<>(mode = "off") \/ []<>(mode = "running")
=============================================================================
