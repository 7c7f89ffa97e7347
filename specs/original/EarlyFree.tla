------------------------------- MODULE EarlyFree --------------------------------
(* The original frees a snapshot too early. The superblock names the last two.   *)
(* With a third its oldest is let go: do_snapshot writes the new superblock,     *)
(* frees the blocks of the oldest, and only then calls the fence. Page-out may   *)
(* use those blocks while the superblock on the medium still names them.         *)
(*                                                                               *)
(* That a commit precedes its flush is mended here: data is flushed before the   *)
(* superblock is written, and the fence does flush. A snapshot is one block,     *)
(* which holds its number; 0 is something else.                                  *)
EXTENDS VolatileDisk

CONSTANTS DataBlocks, MaxSnapshot

Superblock == 0
Something == 0

VARIABLES
  disk,      \* data blocks hold numbers, the superblock holds <<last, previous>>
  named,     \* the superblock in memory: <<last, previous>>, each <<block, number>>
  saved,     \* the snapshot that is on disk and not yet named: <<>> or <<block, number>>
  obsolete,  \* blocks of snapshots that are named no more and not yet freed
  free,      \* free blocks
  mode       \* "running" or "off"

vars == <<disk, named, saved, obsolete, free, mode>>

InitNamed == << <<2, 2>>, <<1, 1>> >>

Init ==
  /\ disk = OnMedium([b \in DataBlocks \cup {Superblock} |->
                        IF b = Superblock THEN InitNamed ELSE IF b < 3 THEN b ELSE Something])
  /\ named = InitNamed
  /\ saved = <<>>
  /\ obsolete = {}
  /\ free = DataBlocks \ {1, 2}
  /\ mode = "running"

Save(b) ==
  /\ mode = "running" /\ saved = <<>> /\ obsolete = {} /\ IsFlushed(disk)
  /\ b \in free
  /\ named[1][2] < MaxSnapshot
  /\ saved' = <<b, named[1][2] + 1>>
  /\ disk' = Flushed(Written(disk, b, named[1][2] + 1))
  /\ free' = free \ {b}
  /\ UNCHANGED <<named, obsolete, mode>>

Commit ==
  /\ mode = "running" /\ saved # <<>>
  /\ named' = <<saved, named[1]>>
  /\ obsolete' = {named[2][1]}
  /\ disk' = Written(disk, Superblock, named')
  /\ saved' = <<>>
  /\ UNCHANGED <<free, mode>>

FreeOldest ==
  /\ mode = "running" /\ obsolete # {}
  /\ free' = free \cup obsolete
  /\ obsolete' = {}
  /\ UNCHANGED <<disk, named, saved, mode>>

Fence ==
  /\ mode = "running" /\ ~IsFlushed(disk)
  /\ disk' = Flushed(disk)
  /\ UNCHANGED <<named, saved, obsolete, free, mode>>

PageOut(b) ==
  /\ mode = "running" /\ b \in free
  /\ disk' = Written(disk, b, Something)
  /\ free' = free \ {b}
  /\ UNCHANGED <<named, saved, obsolete, mode>>

PowerOff ==
  /\ mode = "running"
  /\ disk' \in Survivors(disk)
  /\ mode' = "off"
  /\ UNCHANGED <<named, saved, obsolete, free>>

Boot ==
  /\ mode = "off"
  /\ named' = Read(disk, Superblock)
  /\ free' = DataBlocks \ {named'[1][1], named'[2][1]}
  /\ saved' = <<>>
  /\ obsolete' = {}
  /\ mode' = "running"
  /\ UNCHANGED disk

Others == (\E b \in DataBlocks : Save(b) \/ PageOut(b)) \/ Commit \/ Fence \/ PowerOff \/ Boot
Next == FreeOldest \/ Others
Spec == Init /\ [][Next]_vars

(* Each snapshot that the superblock names is whole. *)
NamedAreWhole == mode = "running" => \A i \in 1 .. 2 : Read(disk, named[i][1]) = named[i][2]
=================================================================================
