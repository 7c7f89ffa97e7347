----------------------------- MODULE Superblock -----------------------------
(***************************************************************************)
(* How the commit is made one step on a disk that has a volatile cache.    *)
(*                                                                         *)
(* The list of kept generations is in the superblock, which has four       *)
(* copies: pair A and pair B, in different places.  Each copy says with a  *)
(* sequence number how new it is.  One pair is *in force*: it holds the    *)
(* last commit.                                                            *)
(*                                                                         *)
(*   BeginCommit  only when all that the new list refers to is flushed     *)
(*   WriteCopy    the two copies of the pair that is not in force          *)
(*   Flush        of both                                                  *)
(*   Commit       now the other pair is in force, and it is announced      *)
(*                                                                         *)
(* Recovery reads the four copies and takes the valid one with the highest *)
(* sequence number.  It writes nothing, so a cut during it changes nothing.*)
(*                                                                         *)
(* The rule that makes it right: at every instant the medium holds a valid *)
(* copy of the superblock in force, and a copy of the next one can only be *)
(* there when all it refers to is.                                         *)
(*                                                                         *)
(* Memory works as in SnapshotCow; its writes go to the drive of DiskCache *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
  Page, Value, Zero, Block, None, Rubbish, Keep, KeepLeast, MaxGeneration, \* as in SnapshotCow
  PairA, PairB,   \* the places of the superblock copies
  MaxSequence     \* no snapshot begins when this many superblocks were written

VARIABLES
  mode, frame, changed, frozen, copy, early, index, generation, stage,     \* as in SnapshotCow
  kept,           \* the list in memory; << >> before recovery
  disk,           \* of each block and superblock copy what a read returns
  medium, pending,\* as in DiskCache
  sequence,       \* the number of the last superblock written, or tried
  pair            \* the pair in force, PairA or PairB; {} before recovery

Copy == PairA \cup PairB
Place == Block \cup Copy

Memory == INSTANCE SnapshotCow
Drive == INSTANCE DiskCache WITH Content <- Value

driveVars == <<medium, pending>>
ownVars == <<sequence, pair>>
vars == <<Memory!vars, driveVars, ownVars>>

Choice(blocks) == blocks
First(blocks) == Memory!First(blocks)

-----------------------------------------------------------------------------
(* The copies.                                                             *)

(* The newest superblock among what lies at the copies' places.            *)
Newest(contents) ==
  LET valid == {c \in Copy : contents[c] # Rubbish}
  IN  CHOOSE c \in valid : \A other \in valid : contents[c].sequence >= contents[other].sequence

Target == IF pair = PairA THEN PairB ELSE PairA

InTheMaking == [sequence |-> sequence, kept |-> Memory!Proposed]

-----------------------------------------------------------------------------
(* A new disk: pair A is written, pair B was never written and is not damaged.*)
Blank == [sequence |-> 0, kept |-> << >>]
Formatted == [sequence |-> 1, kept |-> <<[generation |-> 0, table |-> Memory!NoBlocks]>>]

Init ==
  /\ mode = "running"
  /\ frame = Memory!NoFrames
  /\ changed = {}
  /\ frozen = {}
  /\ copy = Memory!NoFrames
  /\ early = Memory!NoBlocks
  /\ index = Memory!NoBlocks
  /\ generation = 1
  /\ stage = "idle"
  /\ kept = Formatted.kept
  /\ disk = [a \in Place |-> IF a \in PairA THEN Formatted ELSE IF a \in PairB THEN Blank ELSE Rubbish]
  /\ medium = disk
  /\ pending = Drive!Nothing
  /\ sequence = 1
  /\ pair = PairA

(* What concerns the memory alone.                                         *)

PageIn(p) == Memory!PageIn(p) /\ UNCHANGED <<driveVars, ownVars>>
Write(p, v) == Memory!Write(p, v) /\ UNCHANGED <<driveVars, ownVars>>
CopyOnWrite(p) == Memory!CopyOnWrite(p) /\ UNCHANGED <<driveVars, ownVars>>
Evict(p) == Memory!Evict(p) /\ UNCHANGED <<driveVars, ownVars>>
Demarcate == Memory!Demarcate /\ sequence < MaxSequence /\ UNCHANGED <<driveVars, ownVars>>
Settle(p) == Memory!Settle(p) /\ UNCHANGED <<driveVars, ownVars>>
Abandon == Memory!Abandon /\ UNCHANGED <<driveVars, ownVars>>

(* Pages go to the drive.                                                  *)

PageOut(p, b) == Memory!PageOut(p, b) /\ Drive!Write(b, frame[p]) /\ UNCHANGED ownVars
Stabilise(p, b) == Memory!Stabilise(p, b) /\ Drive!Write(b, Memory!Captured(p)) /\ UNCHANGED ownVars

Flush ==
  /\ mode = "running"
  /\ Drive!Flush
  /\ UNCHANGED <<Memory!vars, ownVars>>

-----------------------------------------------------------------------------
(* A commit.                                                               *)

BeginCommit ==
  /\ Memory!BeginCommit
  /\ \A b \in Memory!Blocks(index) : pending[b] = {}
  /\ sequence' = sequence + 1
  /\ UNCHANGED <<driveVars, pair>>

BeginForget ==
  /\ Memory!BeginForget
  /\ sequence < MaxSequence
  /\ sequence' = sequence + 1
  /\ UNCHANGED <<driveVars, pair>>

WriteCopy(c) ==
  /\ mode = "running"
  /\ stage \in {"committing", "forgetting"}
  /\ c \in Target
  /\ disk[c] # InTheMaking
  /\ Drive!Write(c, InTheMaking)
  /\ UNCHANGED <<mode, Memory!memoryVars, kept, generation, stage, ownVars>>

(* A copy or the flush was refused: once more, with a number of its own.   *)
Retry ==
  /\ mode = "running"
  /\ stage \in {"committing", "forgetting"}
  /\ sequence < MaxSequence
  /\ sequence' = sequence + 1
  /\ UNCHANGED <<Memory!vars, driveVars, pair>>

Commit ==
  /\ Memory!Commit
  /\ \A c \in Target : disk[c] = InTheMaking /\ pending[c] = {}
  /\ pair' = Target
  /\ UNCHANGED <<driveVars, sequence>>

-----------------------------------------------------------------------------
(* The power.                                                              *)

(* It goes and leaves m on the medium.  What a block holds that nothing    *)
(* refers to is known to nobody then.                                      *)
Cut(m) ==
  /\ Memory!LoseMemory
  /\ Drive!Leaves(m)
  /\ LET whole == Memory!Referred(m[Newest(m)].kept)
     IN  disk' = [a \in Place |-> IF a \in Copy \cup whole THEN m[a] ELSE Rubbish]
  /\ kept' = << >>
  /\ sequence' = 0
  /\ pair' = {}

PowerOn == Memory!PowerOn /\ UNCHANGED <<driveVars, ownVars>>

(* A copy that cannot be judged may have held the next number.             *)
Recover ==
  /\ mode = "recovering"
  /\ mode' = "running"
  /\ LET newest == Newest(disk)
         damaged == \E c \in Copy : disk[c] = Rubbish
     IN  /\ kept' = disk[newest].kept
         /\ sequence' = disk[newest].sequence + IF damaged THEN 1 ELSE 0
         /\ pair' = IF newest \in PairA THEN PairA ELSE PairB
  /\ index' = kept'[1].table
  /\ generation' = kept'[1].generation + 1
  /\ UNCHANGED <<frame, changed, frozen, copy, early, stage, disk, driveVars>>

-----------------------------------------------------------------------------
Next ==
  \/ \E p \in Page :
       \/ PageIn(p)
       \/ \E v \in Value : Write(p, v)
       \/ CopyOnWrite(p)
       \/ \E b \in Choice(Memory!Free) : PageOut(p, b)
       \/ Evict(p)
       \/ \E b \in Choice(Memory!Free) : Stabilise(p, b)
       \/ Settle(p)
  \/ Demarcate
  \/ Abandon
  \/ Flush
  \/ BeginCommit
  \/ BeginForget
  \/ \E c \in Copy : WriteCopy(c)
  \/ Retry
  \/ Commit
  \/ \E m \in Drive!Outcomes(Drive!Doubtful) : Cut(m)
  \/ PowerOn
  \/ Recover

MakeStable == \E p \in Page : Settle(p) \/ \E b \in Choice(Memory!Free) : Stabilise(p, b)

Fairness ==
  /\ WF_vars(MakeStable)
  /\ WF_vars(Flush)
  /\ WF_vars(BeginCommit)
  /\ WF_vars(\E c \in Copy : WriteCopy(c))
  /\ WF_vars(Commit)
  /\ WF_vars(PowerOn)
  /\ WF_vars(Recover)

Spec == Init /\ [][Next]_vars /\ Fairness

-----------------------------------------------------------------------------
(* Whatever the power leaves, a copy is valid, and it is that of the last  *)
(* commit or the one in the making; all that it refers to is on the medium.*)
AlwaysRecoverable ==
  mode = "running" =>
    \A m \in Drive!Outcomes(Drive!Doubtful \cap Copy) :
      /\ \E c \in Copy : m[c] # Rubbish
      /\ m[Newest(m)].kept \in {kept, Memory!Proposed}
      /\ \A b \in Memory!Referred(m[Newest(m)].kept) : pending[b] = {}

(* Of a copy, and of a block in use, a read returns what DiskCache says.   *)
ReadsLast ==
  \A a \in Copy \cup Memory!InUse :
    IF pending[a] = {} THEN disk[a] = medium[a] ELSE disk[a] \in pending[a]

(* A commit that is announced is on the medium in both copies of its pair. *)
CommittedTwice ==
  [][mode' = "running" /\ stage \in {"committing", "forgetting"} /\ stage' = "idle" =>
       \A c \in pair' : pending'[c] = {} /\ medium'[c] # Rubbish /\ medium'[c].kept = kept']_vars

(* The block of a kept generation is as it was written.                    *)
NothingWrittenOver == [][\A b \in Memory!Referred(kept) : pending'[b] \subseteq pending[b]]_vars

(* What matters of the blocks: of those in use what a read returns, and    *)
(* whether it is on the medium.  For VIEW, where only safety is checked.   *)
WhatMatters ==
  << mode, Memory!memoryVars, kept, generation, stage, ownVars,
     [b \in Memory!InUse |-> <<disk[b], pending[b] = {}>>],
     [c \in Copy |-> <<disk[c], medium[c], pending[c]>>] >>

-----------------------------------------------------------------------------
Cow == INSTANCE SnapshotCow WITH
  kept <- IF mode = "running" THEN kept ELSE disk[Newest(disk)].kept,
  disk <- [b \in Block |-> disk[b]]

(* Every step is one of SnapshotCow, or concerns the drive alone.          *)
StepsOfSnapshotCow == Cow!Init /\ [][Cow!Next]_(Cow!vars)

RefinesSnapshotCow == Cow!Spec
=============================================================================
