--------------------------- MODULE RestartPromise ---------------------------
(***************************************************************************)
(* What a thread sees of a power cut.                                      *)
(*                                                                         *)
(* Threads call devices through objects, wait for a lock, wait for a       *)
(* commit.  A cut takes everything back to the last snapshot, in which a   *)
(* thread may be inside a call or a wait.  The promise:                    *)
(*                                                                         *)
(*   a wait for a lock goes on as if nothing had happened;                 *)
(*   a wait for a commit ends well once the commit is there, before the    *)
(*   cut or after it;                                                      *)
(*   a call is answered by the object it was made on.  Only where its      *)
(*   device cannot be built again (Fragile) the call throws instead, until *)
(*   the program opens the object anew.                                    *)
(***************************************************************************)
EXTENDS Naturals

CONSTANTS
  Thread,
  Rebuilt,        \* objects whose devices are built again after a cut: windows, terminals
  Fragile,        \* objects whose devices are not: connections
  None,
  MaxGeneration   \* snapshots looked at

VARIABLES
  running,        \* whether programs run
  doing,          \* what each thread does, or has got
  owner,          \* the thread that holds the lock, or None
  object,         \* of each object: "closed", "open", or "lost"
  saved,          \* the last snapshot
  generation      \* the number the next one gets

vars == <<running, doing, owner, object, saved, generation>>

Object == Rebuilt \cup Fragile

Free(result) == [is |-> "free", got |-> result]
Calling(o) == [is |-> "calling", object |-> o]
Awaiting(g) == [is |-> "awaiting", generation |-> g]
Waiting == [is |-> "waiting"]

Severed(states) ==
  [o \in Object |-> IF states[o] = "open" /\ o \in Fragile THEN "lost" ELSE states[o]]

Waiters == {t \in Thread : doing[t].is = "waiting"}

Init ==
  /\ running = TRUE
  /\ doing = [t \in Thread |-> Free(None)]
  /\ owner = None
  /\ object = [o \in Object |-> "closed"]
  /\ saved = [doing |-> doing, owner |-> owner, object |-> object]
  /\ generation = 1

Starts(t, what) ==
  /\ running
  /\ doing[t].is = "free"
  /\ doing' = [doing EXCEPT ![t] = what]

Ends(t, result) == running /\ doing' = [doing EXCEPT ![t] = Free(result)]

Open(t, o) ==
  /\ object[o] # "open"
  /\ Starts(t, Free(None))
  /\ object' = [object EXCEPT ![o] = "open"]
  /\ UNCHANGED <<running, owner, saved, generation>>

Close(t, o) ==
  /\ object[o] # "closed"
  /\ \A other \in Thread : doing[other] # Calling(o)
  /\ Starts(t, Free(None))
  /\ object' = [object EXCEPT ![o] = "closed"]
  /\ UNCHANGED <<running, owner, saved, generation>>

Call(t, o) ==
  /\ object[o] # "closed"
  /\ Starts(t, Calling(o))
  /\ UNCHANGED <<running, owner, object, saved, generation>>

Answer(t) ==
  /\ doing[t].is = "calling"
  /\ object[doing[t].object] = "open"
  /\ Ends(t, doing[t].object)
  /\ UNCHANGED <<running, owner, object, saved, generation>>

Throw(t) ==
  /\ doing[t].is = "calling"
  /\ object[doing[t].object] = "lost"
  /\ Ends(t, "connection lost")
  /\ UNCHANGED <<running, owner, object, saved, generation>>

Lock(t) ==
  /\ owner # t
  /\ IF owner = None THEN Starts(t, Free(None)) /\ owner' = t
     ELSE Starts(t, Waiting) /\ UNCHANGED owner
  /\ UNCHANGED <<running, object, saved, generation>>

(* The lock is handed to one who waits.                                    *)
Unlock(t) ==
  /\ running
  /\ owner = t
  /\ doing[t].is = "free"
  /\ IF Waiters = {} THEN owner' = None /\ UNCHANGED doing
     ELSE owner' \in Waiters /\ doing' = [doing EXCEPT ![owner'] = Free(None)]
  /\ UNCHANGED <<running, object, saved, generation>>

AwaitCommit(t) ==
  /\ generation <= MaxGeneration
  /\ Starts(t, Awaiting(generation))
  /\ UNCHANGED <<running, owner, object, saved, generation>>

Committed(t) ==
  /\ doing[t].is = "awaiting"
  /\ doing[t].generation < generation
  /\ Ends(t, "committed")
  /\ UNCHANGED <<running, owner, object, saved, generation>>

(* Demarcation and commit in one; SnapshotAtomic allows to see it so.      *)
Snapshot ==
  /\ generation <= MaxGeneration
  /\ saved' = [doing |-> doing, owner |-> owner, object |-> object]
  /\ generation' = generation + 1
  /\ UNCHANGED <<running, doing, owner, object>>

Cut ==
  /\ running' = FALSE
  /\ doing' = saved.doing
  /\ owner' = saved.owner
  /\ object' = Severed(saved.object)
  /\ UNCHANGED <<saved, generation>>

Resume ==
  /\ ~running
  /\ running' = TRUE
  /\ UNCHANGED <<doing, owner, object, saved, generation>>

Next ==
  \/ \E t \in Thread :
       \/ \E o \in Object : Open(t, o) \/ Close(t, o) \/ Call(t, o)
       \/ Answer(t)
       \/ Throw(t)
       \/ Lock(t)
       \/ Unlock(t)
       \/ AwaitCommit(t)
       \/ Committed(t)
  \/ Snapshot
  \/ Cut
  \/ Resume

Fairness ==
  /\ WF_vars(running /\ Snapshot)
  /\ \A t \in Thread : WF_vars(Answer(t)) /\ WF_vars(Throw(t)) /\ WF_vars(Unlock(t)) /\ WF_vars(Committed(t))

Spec == Init /\ [][Next]_vars /\ Fairness

(* Devices that are built again are never missed.                          *)
RebuiltNeverLost == \A o \in Rebuilt : object[o] # "lost"
=============================================================================
