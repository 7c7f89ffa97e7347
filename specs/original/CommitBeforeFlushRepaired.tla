----------------------- MODULE CommitBeforeFlushRepaired ------------------------
(* The repair: a flush before the superblock, not only after it.                 *)
EXTENDS CommitBeforeFlush

FlushPages ==
  /\ mode = "running" /\ ~IsFlushed(disk)
  /\ disk' = Flushed(disk)
  /\ UNCHANGED <<memory, last, mode>>

CommitFlushed ==
  /\ IsFlushed(disk)
  /\ Commit

RepairedNext == Step \/ (\E p \in Pages : WritePage(p)) \/ FlushPages \/ CommitFlushed \/ PowerOff \/ Boot
RepairedSpec == Init /\ [][RepairedNext]_vars
=================================================================================
