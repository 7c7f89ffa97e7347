---------------------------- MODULE SuperblockTriple ----------------------------
(* The original's superblock: three copies, written one after the other in       *)
(* place. It boots only when all three are good and equal; otherwise it says     *)
(* "I don't have any fsck yet. I must die." (pager_update_superblock,            *)
(* pager_get_superblock.)                                                        *)
(*                                                                               *)
(* A copy is 808 bytes, two sectors, so the power may also go in the middle of   *)
(* one: written, it passes through Torn, which its checksum gives away.          *)
(* A superblock is the number of the snapshot it names.                          *)
EXTENDS VolatileDisk

CONSTANTS MaxSnapshot, Torn

Copies == 1 .. 3

VARIABLES
  disk,      \* the three copies
  snapshot,  \* the snapshot that the superblock in memory names
  announced, \* the last snapshot that was announced to be on the disk
  left,      \* the copies that are still to be written
  mode       \* "running", "off", or "dead"

vars == <<disk, snapshot, announced, left, mode>>

Init ==
  /\ disk = OnMedium([c \in Copies |-> 1])
  /\ snapshot = 1
  /\ announced = 1
  /\ left = {}
  /\ mode = "running"

Update ==
  /\ mode = "running" /\ left = {} /\ IsFlushed(disk)
  /\ snapshot < MaxSnapshot
  /\ snapshot' = snapshot + 1
  /\ left' = Copies
  /\ UNCHANGED <<disk, announced, mode>>

WriteCopy(c) ==
  /\ mode = "running" /\ c \in left
  /\ disk' = Written(Written(disk, c, Torn), c, snapshot)
  /\ left' = left \ {c}
  /\ UNCHANGED <<snapshot, announced, mode>>

WriteNextCopy == \E c \in left : (\A d \in left : c <= d) /\ WriteCopy(c)

Fence ==
  /\ mode = "running" /\ ~IsFlushed(disk)
  /\ disk' = Flushed(disk)
  /\ announced' = IF left = {} THEN snapshot ELSE announced
  /\ UNCHANGED <<snapshot, left, mode>>

PowerOff ==
  /\ mode = "running"
  /\ disk' \in Survivors(disk)
  /\ mode' = "off"
  /\ UNCHANGED <<snapshot, announced, left>>

Good(c) == Read(disk, c) # Torn
AllGoodAndEqual == \A c, d \in Copies : Good(c) /\ Read(disk, c) = Read(disk, d)

(* What the boot does with a superblock that it accepts. *)
Use(number) ==
  /\ mode' = "running"
  /\ snapshot' = number
  /\ left' = {}
  /\ UNCHANGED <<disk, announced>>

Die == mode' = "dead" /\ UNCHANGED <<disk, snapshot, announced, left>>

Boot ==
  /\ mode = "off"
  /\ IF AllGoodAndEqual THEN Use(Read(disk, 1)) ELSE Die

FenceAtEnd == left = {} /\ Fence

Next == Update \/ WriteNextCopy \/ FenceAtEnd \/ PowerOff \/ Boot
Spec == Init /\ [][Next]_vars

(* A machine whose snapshots are all on its disk comes up. *)
NeverDead == mode # "dead"

(* ... and not with an older one than it said was there. *)
NeverOlder == mode = "running" => snapshot >= announced
=================================================================================
