---------------------------- MODULE CommitBeforeFlush ---------------------------
(* The original's commit: the pages of the snapshot are written, the superblock  *)
(* that names them is written, and only then comes the fence (do_snapshot). The  *)
(* disk may put the superblock on the medium first.                              *)
(*                                                                               *)
(* There are two places for snapshots, 0 and 1, used in turns; the superblock    *)
(* says in which the last one is. The program changes all its pages together, so *)
(* at every instant they agree. (While it is saved the program stands still      *)
(* here; that snapshots copy while it runs is not what is at stake.)             *)
EXTENDS VolatileDisk

CONSTANTS Pages, MaxSteps

Superblock == <<0, 0>>
BlockOf(page, place) == <<page, place>>
Blocks == {Superblock} \cup {BlockOf(p, place) : p \in Pages, place \in {0, 1}}

VARIABLES
  memory,  \* what each page holds
  disk,
  last,    \* the place of the last snapshot
  mode     \* "running" or "off"

vars == <<memory, disk, last, mode>>

Init ==
  /\ memory = [p \in Pages |-> 0]
  /\ disk = OnMedium([b \in Blocks |-> 0])
  /\ last = 0
  /\ mode = "running"

(* The program makes a step. *)
Step ==
  /\ mode = "running" /\ IsFlushed(disk)
  /\ \A p \in Pages : memory[p] < MaxSteps
  /\ memory' = [p \in Pages |-> memory[p] + 1]
  /\ UNCHANGED <<disk, last, mode>>

WritePage(p) ==
  /\ mode = "running" /\ Len(disk[Superblock]) = 1
  /\ Read(disk, BlockOf(p, 1 - last)) # memory[p]
  /\ disk' = Written(disk, BlockOf(p, 1 - last), memory[p])
  /\ UNCHANGED <<memory, last, mode>>

Commit ==
  /\ mode = "running"
  /\ \A p \in Pages : Read(disk, BlockOf(p, 1 - last)) = memory[p]
  /\ \E p \in Pages : Read(disk, BlockOf(p, last)) # memory[p]
  /\ disk' = Written(disk, Superblock, 1 - last)
  /\ last' = 1 - last
  /\ UNCHANGED <<memory, mode>>

Fence ==
  /\ mode = "running" /\ Len(disk[Superblock]) > 1
  /\ disk' = Flushed(disk)
  /\ UNCHANGED <<memory, last, mode>>

PowerOff ==
  /\ mode = "running"
  /\ disk' \in Survivors(disk)
  /\ mode' = "off"
  /\ UNCHANGED <<memory, last>>

Boot ==
  /\ mode = "off"
  /\ last' = Read(disk, Superblock)
  /\ memory' = [p \in Pages |-> Read(disk, BlockOf(p, last'))]
  /\ mode' = "running"
  /\ UNCHANGED disk

Next == Step \/ (\E p \in Pages : WritePage(p)) \/ Commit \/ Fence \/ PowerOff \/ Boot
Spec == Init /\ [][Next]_vars

(* Memory is what it was at one instant. *)
OneInstant == \A p, q \in Pages : memory[p] = memory[q]
=================================================================================
