----------------------------- MODULE SnapshotCow -----------------------------
(***************************************************************************)
(* How a memory is captured at one instant without being copied.           *)
(*                                                                         *)
(* A page that programs have written since the last demarcation is         *)
(* *changed*.  Demarcation only turns the changed pages into *frozen* ones *)
(* and protects them; programs go on at once.  The stabiliser writes each  *)
(* frozen page to a free block and enters the block in the *index*.  A     *)
(* program that writes to a frozen page first gets a copy (CopyOnWrite).   *)
(* Under memory pressure a changed page goes to an *early* block, which    *)
(* becomes part of the next generation as it is (Settle).  When no page is *)
(* frozen any more, the index is what the generation's table is; the       *)
(* commit makes it the newest of the *kept* generations.                   *)
(*                                                                         *)
(* The rule that makes it right: a block that a kept generation refers to  *)
(* is never written.  So a cut, which takes everything but the disk and    *)
(* the list of kept generations, leaves each of them whole.                *)
(*                                                                         *)
(* At this level a disk block is safe once written, and the commit is one  *)
(* step; if a cut comes between BeginCommit and Commit, the new list is    *)
(* there or is not.  Superblock.tla does away with both assumptions.       *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
  Page,           \* the pages of the memory
  Value,          \* what a page can hold
  Zero,           \* what it holds until it is first written, one of Value
  Block,          \* the blocks of the disk
  None,           \* no block, no frame, no copy; neither a Block nor a Value
  Rubbish,        \* what lies in a block that nothing referred to when the power went
  Keep,           \* generations to keep
  KeepLeast,      \* and how many at least when the disk is full
  MaxGeneration   \* generations looked at

VARIABLES
  mode,           \* "off", "recovering" (on, programs do not run yet), "running"
  frame,          \* of each page what it holds in memory, None: not in memory
  changed,        \* pages written since the last demarcation
  frozen,         \* pages of the snapshot under way that the index has not yet
  copy,           \* of each page its frozen contents, when programs have a newer frame
  early,          \* of each page the block it was written out to since the last demarcation
  index,          \* of each page the block of its contents, for the generation in the making
  disk,           \* of each block what it holds
  kept,           \* the kept generations, newest first
  generation,     \* the generation programs are writing
  stage           \* "idle", "stabilising", "committing", or "forgetting" an old generation

memoryVars == <<frame, changed, frozen, copy, early, index>>
vars == <<mode, memoryVars, disk, kept, generation, stage>>

NoBlocks == [p \in Page |-> None]
NoFrames == [p \in Page |-> None]

-----------------------------------------------------------------------------
(* What is where.                                                          *)

Blocks(table) == {table[p] : p \in Page} \ {None}

Referred(list) == UNION {Blocks(list[i].table) : i \in 1 .. Len(list)}

(* The list as the commit under way would make it.                         *)
Proposed ==
  CASE stage = "committing" ->
         LET newest == <<[generation |-> generation - 1, table |-> index]>>
         IN  newest \o SubSeq(kept, 1, IF Len(kept) < Keep THEN Len(kept) ELSE Keep - 1)
    [] stage = "forgetting" -> SubSeq(kept, 1, Len(kept) - 1)
    [] OTHER -> kept

InUse == Referred(kept) \cup Blocks(index) \cup Blocks(early)

Free == Block \ InUse

(* What matters: nobody reads a free block.  For VIEW, where only safety   *)
(* is checked.                                                             *)
WhatMatters ==
  <<mode, memoryVars, [b \in InUse |-> disk[b]], kept, generation, stage>>

(* Pages are alike.                                                        *)
PageSymmetry == Permutations(Page)

(* Which free blocks the allocator may choose from: any.  A configuration  *)
(* may replace it by First, for blocks that are numbers: then blocks are   *)
(* used again as early as can be.                                          *)
Choice(blocks) == blocks
First(blocks) == {b \in blocks : \A c \in blocks : b <= c}

(* For each page that will be written, and one for every page, so that     *)
(* writing out under memory pressure never finds the disk full.            *)
HaveSpace == Cardinality(Free) >= Cardinality(changed) + Cardinality(Page)

Stored(b) == IF b = None THEN Zero ELSE disk[b]

Contents(table) == [p \in Page |-> Stored(table[p])]

(* What programs see.                                                      *)
Live(p) ==
  IF frame[p] # None THEN frame[p]
  ELSE Stored(IF early[p] # None THEN early[p] ELSE index[p])

(* No block has what the frame has.                                        *)
Unsaved(p) == early[p] = None /\ (p \in changed \/ (p \in frozen /\ copy[p] = None))

(* What the page held at the demarcation.                                  *)
Captured(p) ==
  IF p \notin frozen THEN Stored(index[p])
  ELSE IF copy[p] # None THEN copy[p]
  ELSE IF early[p] # None THEN Stored(early[p])
  ELSE frame[p]

-----------------------------------------------------------------------------
Init ==
  /\ mode = "running"
  /\ frame = NoFrames
  /\ changed = {}
  /\ frozen = {}
  /\ copy = NoFrames
  /\ early = NoBlocks
  /\ index = NoBlocks
  /\ disk = [b \in Block |-> Rubbish]
  /\ kept = <<[generation |-> 0, table |-> NoBlocks]>>
  /\ generation = 1
  /\ stage = "idle"

(* Programs and the memory they need.                                      *)

PageIn(p) ==
  /\ mode = "running"
  /\ frame[p] = None
  /\ frame' = [frame EXCEPT ![p] = Live(p)]
  /\ UNCHANGED <<mode, changed, frozen, copy, early, index, disk, kept, generation, stage>>

(* A write makes the early block worthless; it is free again.              *)
Write(p, v) ==
  /\ mode = "running"
  /\ frame[p] # None
  /\ p \in frozen => copy[p] # None
  /\ frame' = [frame EXCEPT ![p] = v]
  /\ changed' = changed \cup {p}
  /\ early' = [early EXCEPT ![p] = None]
  /\ UNCHANGED <<mode, frozen, copy, index, disk, kept, generation, stage>>

(* The fault of a program that is about to write to a frozen page.         *)
CopyOnWrite(p) ==
  /\ mode = "running"
  /\ p \in frozen
  /\ copy[p] = None
  /\ early[p] = None
  /\ copy' = [copy EXCEPT ![p] = frame[p]]
  /\ changed' = changed \cup {p}
  /\ UNCHANGED <<mode, frame, frozen, early, index, disk, kept, generation, stage>>

PageOut(p, b) ==
  /\ mode = "running"
  /\ Unsaved(p)
  /\ p \in frozen => copy[p] # None
  /\ b \in Free
  /\ disk' = [disk EXCEPT ![b] = frame[p]]
  /\ early' = [early EXCEPT ![p] = b]
  /\ UNCHANGED <<mode, frame, changed, frozen, copy, index, kept, generation, stage>>

Evict(p) ==
  /\ mode = "running"
  /\ frame[p] # None
  /\ ~Unsaved(p)
  /\ frame' = [frame EXCEPT ![p] = None]
  /\ UNCHANGED <<mode, changed, frozen, copy, early, index, disk, kept, generation, stage>>

-----------------------------------------------------------------------------
(* A snapshot.                                                             *)

Demarcate ==
  /\ mode = "running"
  /\ stage = "idle"
  /\ generation <= MaxGeneration
  /\ HaveSpace
  /\ frozen' = changed
  /\ changed' = {}
  /\ generation' = generation + 1
  /\ stage' = "stabilising"
  /\ UNCHANGED <<mode, frame, copy, early, index, disk, kept>>

Stabilise(p, b) ==
  /\ mode = "running"
  /\ p \in frozen
  /\ copy[p] # None \/ early[p] = None
  /\ b \in Free
  /\ disk' = [disk EXCEPT ![b] = Captured(p)]
  /\ index' = [index EXCEPT ![p] = b]
  /\ frozen' = frozen \ {p}
  /\ copy' = [copy EXCEPT ![p] = None]
  /\ UNCHANGED <<mode, frame, changed, early, kept, generation, stage>>

(* The page was written out before the demarcation: that block will do.    *)
Settle(p) ==
  /\ mode = "running"
  /\ p \in frozen
  /\ copy[p] = None
  /\ early[p] # None
  /\ index' = [index EXCEPT ![p] = early[p]]
  /\ early' = [early EXCEPT ![p] = None]
  /\ frozen' = frozen \ {p}
  /\ UNCHANGED <<mode, frame, changed, copy, disk, kept, generation, stage>>

BeginCommit ==
  /\ mode = "running"
  /\ stage = "stabilising"
  /\ frozen = {}
  /\ stage' = "committing"
  /\ UNCHANGED <<mode, memoryVars, disk, kept, generation>>

(* Room is needed: the oldest generation goes.                             *)
BeginForget ==
  /\ mode = "running"
  /\ stage = "idle"
  /\ Len(kept) > KeepLeast
  /\ stage' = "forgetting"
  /\ UNCHANGED <<mode, memoryVars, disk, kept, generation>>

(* The new list is safe, and is announced.                                 *)
Commit ==
  /\ mode = "running"
  /\ stage \in {"committing", "forgetting"}
  /\ kept' = Proposed
  /\ stage' = "idle"
  /\ UNCHANGED <<mode, memoryVars, disk, generation>>

(* Something could not be written.  What is in the index stays valid for   *)
(* the next snapshot; what is not goes back to the changed pages.          *)
Abandon ==
  /\ mode = "running"
  /\ stage = "stabilising"
  /\ LET settled == {p \in frozen : copy[p] = None /\ early[p] # None}
     IN  /\ index' = [p \in Page |-> IF p \in settled THEN early[p] ELSE index[p]]
         /\ early' = [p \in Page |-> IF p \in settled THEN None ELSE early[p]]
         /\ changed' = changed \cup (frozen \ settled)
  /\ frozen' = {}
  /\ copy' = NoFrames
  /\ stage' = "idle"
  /\ UNCHANGED <<mode, frame, disk, kept, generation>>

-----------------------------------------------------------------------------
(* The power.                                                              *)

(* What was in memory is gone, in the middle of a recovery, too.           *)
LoseMemory ==
  /\ mode # "off"
  /\ mode' = "off"
  /\ frame' = NoFrames
  /\ changed' = {}
  /\ frozen' = {}
  /\ copy' = NoFrames
  /\ early' = NoBlocks
  /\ index' = NoBlocks
  /\ generation' = 0
  /\ stage' = "idle"

Cut ==
  /\ LoseMemory
  /\ kept' \in {kept, Proposed}
  /\ disk' = [b \in Block |-> IF b \in Referred(kept') THEN disk[b] ELSE Rubbish]

PowerOn ==
  /\ mode = "off"
  /\ mode' = "recovering"
  /\ UNCHANGED <<memoryVars, disk, kept, generation, stage>>

Recover ==
  /\ mode = "recovering"
  /\ mode' = "running"
  /\ index' = kept[1].table
  /\ generation' = kept[1].generation + 1
  /\ UNCHANGED <<frame, changed, frozen, copy, early, disk, kept, stage>>

-----------------------------------------------------------------------------
Next ==
  \/ \E p \in Page :
       \/ PageIn(p)
       \/ \E v \in Value : Write(p, v)
       \/ CopyOnWrite(p)
       \/ \E b \in Choice(Free) : PageOut(p, b)
       \/ Evict(p)
       \/ \E b \in Choice(Free) : Stabilise(p, b)
       \/ Settle(p)
  \/ Demarcate
  \/ BeginCommit
  \/ BeginForget
  \/ Commit
  \/ Abandon
  \/ Cut
  \/ PowerOn
  \/ Recover

(* What the snapshotter does by itself.                                    *)
MakeStable == \E p \in Page : Settle(p) \/ \E b \in Choice(Free) : Stabilise(p, b)

Fairness ==
  /\ WF_vars(MakeStable)
  /\ WF_vars(BeginCommit)
  /\ WF_vars(Commit)
  /\ WF_vars(PowerOn)
  /\ WF_vars(Recover)

Spec == Init /\ [][Next]_vars /\ Fairness

-----------------------------------------------------------------------------
Table == [Page -> Block \cup {None}]

TypeOK ==
  /\ mode \in {"off", "recovering", "running"}
  /\ frame \in [Page -> Value \cup {None}]
  /\ changed \subseteq Page
  /\ frozen \subseteq Page
  /\ copy \in [Page -> Value \cup {None}]
  /\ early \in Table
  /\ index \in Table
  /\ disk \in [Block -> Value \cup {Rubbish}]
  /\ Len(kept) \in 1 .. Keep
  /\ \A i \in 1 .. Len(kept) : kept[i] \in [generation : 0 .. MaxGeneration, table : Table]
  /\ generation \in 0 .. MaxGeneration + 1
  /\ stage \in {"idle", "stabilising", "committing", "forgetting"}

(* A frame that no block can replace is in memory.                         *)
UnsavedStays == \A p \in Page : Unsaved(p) => frame[p] # None

(* A block holds one page, and an early block is in no generation.         *)
OneUse ==
  /\ \A p, q \in Page : p # q =>
       ({index[p], early[p]} \cup {kept[i].table[p] : i \in 1 .. Len(kept)}) \cap
       ({index[q], early[q]} \cup {kept[i].table[q] : i \in 1 .. Len(kept)}) \subseteq {None}
  /\ Blocks(early) \cap (Blocks(index) \cup Referred(kept)) = {}

(* The generations are in order.                                           *)
NewestFirst == \A i \in 1 .. Len(kept) - 1 : kept[i].generation > kept[i + 1].generation

(* What a kept generation refers to keeps what it holds.                   *)
KeptStaysWhole == [][\A b \in Referred(kept) \cap Referred(kept') : disk'[b] = disk[b]]_vars

-----------------------------------------------------------------------------
Atomic == INSTANCE SnapshotAtomic WITH
  memory <- IF mode = "running" THEN [p \in Page |-> Live(p)] ELSE [p \in Page |-> Zero],
  committed <- [generation |-> kept[1].generation, contents |-> Contents(kept[1].table)],
  pending <- IF stage \in {"stabilising", "committing"}
             THEN [generation |-> generation - 1, contents |-> [p \in Page |-> Captured(p)]]
             ELSE None

StepsOfSnapshotAtomic == Atomic!Init /\ [][Atomic!Next]_(Atomic!vars)

RefinesSnapshotAtomic == Atomic!Spec
=============================================================================
