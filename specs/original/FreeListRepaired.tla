---------------------------- MODULE FreeListRepaired ----------------------------
(* The repair: no list is kept on disk. What the snapshot does not refer to is   *)
(* free, and that is found out at boot.                                          *)
EXTENDS FreeList

RepairedBoot ==
  /\ Restart
  /\ free' = DataBlocks \ {last'[1]}

RepairedNext == Others \/ RepairedBoot
RepairedSpec == Init /\ [][RepairedNext]_vars
=================================================================================
