------------------------------- MODULE NoFallback -------------------------------
(* The original and a damaged page. It keeps two snapshots, and turns to the     *)
(* older one when the list of blocks of the newer is damaged: lists begin with a *)
(* magic number. Pages have nothing to tell that they are damaged, and are taken *)
(* as they are.                                                                  *)
EXTENDS Naturals

CONSTANTS
  Pages,
  Roots,   \* pages that are read at boot; the others are read when they are first touched
  Damaged

Snapshots == {1, 2}

VARIABLES
  list,     \* of each snapshot: TRUE, or Damaged
  page,     \* of each snapshot and page: the number of the snapshot, or Damaged
  memory,   \* of each page: what it holds, 0 when it was not read yet
  current,  \* the snapshot that runs; 0 when the machine is off
  said      \* what the machine said it lost

vars == <<list, page, memory, current, said>>

Nothing == [p \in Pages |-> 0]

Init ==
  /\ list = [s \in Snapshots |-> TRUE]
  /\ page = [s \in Snapshots |-> [p \in Pages |-> s]]
  /\ memory = Nothing
  /\ current = 0
  /\ said = {}

(* While the machine is off one block goes bad. *)
Rot ==
  /\ current = 0
  /\ \A s \in Snapshots : list[s] # Damaged /\ \A p \in Pages : page[s][p] # Damaged
  /\ \E s \in Snapshots :
       \/ list' = [list EXCEPT ![s] = Damaged] /\ UNCHANGED page
       \/ \E p \in Pages : page' = [page EXCEPT ![s][p] = Damaged] /\ UNCHANGED list
  /\ UNCHANGED <<memory, current, said>>

Start(s) ==
  /\ current' = s
  /\ memory' = [p \in Pages |-> IF p \in Roots THEN page[s][p] ELSE 0]
  /\ UNCHANGED <<list, page, said>>

Newest(usable) == CHOOSE s \in usable : \A t \in usable : t <= s

Boot ==
  /\ current = 0
  /\ Start(Newest({s \in Snapshots : list[s] # Damaged}))

CanRead(p) == current # 0 /\ memory[p] = 0 /\ p \notin said

TakePage(p) ==
  /\ CanRead(p)
  /\ memory' = [memory EXCEPT ![p] = page[current][p]]
  /\ UNCHANGED <<list, page, current, said>>

PowerOff ==
  /\ current # 0
  /\ current' = 0
  /\ memory' = Nothing
  /\ said' = {}
  /\ UNCHANGED <<list, page>>

Next == Rot \/ Boot \/ (\E p \in Pages : TakePage(p)) \/ PowerOff
Spec == Init /\ [][Next]_vars

(* Nobody works with what was damaged. *)
NeverSilentlyWrong == \A p \in Pages : memory[p] # Damaged
=================================================================================
