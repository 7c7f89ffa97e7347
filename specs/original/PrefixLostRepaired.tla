--------------------------- MODULE PrefixLostRepaired ---------------------------
(* The repair: prefix and instruction are one; there is no safepoint between.    *)
EXTENDS PrefixLost

SnapshotBetween ==
  /\ prefix = Plain
  /\ Snapshot

RepairedNext == Step \/ SnapshotBetween \/ Restart
RepairedSpec == Init /\ [][RepairedNext]_vars
=================================================================================
