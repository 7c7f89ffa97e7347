-------------------------------- MODULE FreeList --------------------------------
(* The original's list of free blocks is kept on disk, beside the snapshots, and *)
(* agrees with them only sometimes. Blocks are taken in memory: a few at a time  *)
(* go to a reserve, and from there into use. The list on disk is written when an *)
(* old snapshot is let go, which the first two snapshots of a system do not do   *)
(* (pager_alloc_page, pager_flush_free_list, phantom_free_snap).                 *)
(*                                                                               *)
(* Commit before flush and early free are mended here: each snapshot is on the   *)
(* medium when it is named, and the last one is the only one named. It is one    *)
(* block, which holds its number; 0 is something else.                           *)
EXTENDS VolatileDisk, FiniteSets

CONSTANTS
  DataBlocks,
  FirstSnapshot,  \* the number of the snapshot that the system starts with, in block 1
  MaxSnapshot,
  ReserveSize

Superblock == 0
List == 100
Something == 0

VARIABLES
  disk,     \* data blocks hold numbers, the superblock <<block, number>>, the list a set of blocks
  last,     \* the last snapshot: <<block, number>>
  free,     \* the list of free blocks in memory
  reserve,  \* blocks taken from it, to be used next
  inUse,    \* blocks of pages written out since, and of snapshots not yet let go
  mode      \* "running" or "off"

vars == <<disk, last, free, reserve, inUse, mode>>

Init ==
  /\ disk = OnMedium([b \in DataBlocks \cup {Superblock, List} |->
                        IF b = Superblock THEN <<1, FirstSnapshot>>
                        ELSE IF b = List THEN DataBlocks \ {1}
                        ELSE IF b = 1 THEN FirstSnapshot ELSE Something])
  /\ last = <<1, FirstSnapshot>>
  /\ free = DataBlocks \ {1}
  /\ reserve = {}
  /\ inUse = {}
  /\ mode = "running"

Refill ==
  /\ mode = "running" /\ reserve = {}
  /\ \E taken \in SUBSET free :
       /\ Cardinality(taken) = ReserveSize
       /\ reserve' = taken
       /\ free' = free \ taken
  /\ UNCHANGED <<disk, last, inUse, mode>>

(* A snapshot goes to a block of the reserve and is named. The one before is let *)
(* go, with the blocks of pages that were written out before; from the third     *)
(* snapshot on this writes the list.                                             *)
Snapshot(b) ==
  /\ mode = "running" /\ b \in reserve
  /\ last[2] < MaxSnapshot
  /\ last' = <<b, last[2] + 1>>
  /\ reserve' = reserve \ {b}
  /\ LET named == Written(Written(disk, b, last'[2]), Superblock, last') IN
     IF last'[2] < 3
     THEN /\ disk' = Flushed(named)
          /\ inUse' = inUse \cup {last[1]}
          /\ UNCHANGED free
     ELSE /\ free' = free \cup inUse \cup {last[1]}
          /\ inUse' = {}
          /\ disk' = Flushed(Written(named, List, free'))
  /\ UNCHANGED mode

PageOut(b) ==
  /\ mode = "running" /\ b \in reserve
  /\ disk' = Written(disk, b, Something)
  /\ reserve' = reserve \ {b}
  /\ inUse' = inUse \cup {b}
  /\ UNCHANGED <<last, free, mode>>

PowerOff ==
  /\ mode = "running"
  /\ disk' \in Survivors(disk)
  /\ mode' = "off"
  /\ UNCHANGED <<last, free, reserve, inUse>>

Restart ==
  /\ mode = "off"
  /\ last' = Read(disk, Superblock)
  /\ reserve' = {}
  /\ inUse' = {}
  /\ mode' = "running"
  /\ UNCHANGED disk

Boot ==
  /\ Restart
  /\ free' = Read(disk, List)

Others == Refill \/ (\E b \in DataBlocks : Snapshot(b) \/ PageOut(b)) \/ PowerOff
Next == Others \/ Boot
Spec == Init /\ [][Next]_vars

(* The last snapshot is whole. *)
LastIsWhole == mode = "running" => Read(disk, last[1]) = last[2]

(* Each block is the last snapshot's, in use, or free. *)
NothingLeaks == mode = "running" => DataBlocks = {last[1]} \cup free \cup reserve \cup inUse
=================================================================================
