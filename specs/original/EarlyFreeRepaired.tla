--------------------------- MODULE EarlyFreeRepaired ----------------------------
(* The repair: the blocks of a snapshot are free when the superblock that no     *)
(* longer names it is on the medium.                                             *)
EXTENDS EarlyFree

FreeOldestFlushed ==
  /\ IsFlushed(disk)
  /\ FreeOldest

RepairedNext == FreeOldestFlushed \/ Others
RepairedSpec == Init /\ [][RepairedNext]_vars
=================================================================================
