------------------------------ MODULE PrefixLost --------------------------------
(* The original's interpreter and its safepoints. A prefix, say "long", says how *)
(* the next instruction works. The interpreter remembers it in a local variable  *)
(* and looks for a snapshot before every instruction, also between the two. A    *)
(* snapshot saves the place in the program, not the prefix.                      *)
EXTENDS Naturals, Sequences

CONSTANTS Plain, Long  \* how an instruction works

Program == <<"prefix", "add", "add">>

VARIABLES
  place,   \* of the next instruction
  prefix,  \* how the next instruction works: a local variable
  done,    \* how each instruction so far worked
  saved    \* place and done in the last snapshot

vars == <<place, prefix, done, saved>>

Init ==
  /\ place = 1
  /\ prefix = Plain
  /\ done = <<>>
  /\ saved = [place |-> 1, done |-> <<>>]

Step ==
  /\ place <= Len(Program)
  /\ place' = place + 1
  /\ IF Program[place] = "prefix"
     THEN prefix' = Long /\ UNCHANGED done
     ELSE prefix' = Plain /\ done' = Append(done, prefix)
  /\ UNCHANGED saved

Snapshot ==
  /\ saved' = [place |-> place, done |-> done]
  /\ UNCHANGED <<place, prefix, done>>

(* The power goes, and the machine comes up again. *)
Restart ==
  /\ place' = saved.place
  /\ done' = saved.done
  /\ prefix' = Plain
  /\ UNCHANGED saved

Next == Step \/ Snapshot \/ Restart
Spec == Init /\ [][Next]_vars

(* The program does what it does when the power never goes. *)
Unseen == \A i \in 1 .. Len(done) : done[i] = IF i = 1 THEN Long ELSE Plain
=================================================================================
