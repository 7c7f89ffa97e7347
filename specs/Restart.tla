------------------------------ MODULE Restart ------------------------------
(***************************************************************************)
(* How objects that stand for devices live through a power cut.            *)
(*                                                                         *)
(* Device state is in the kernel's table, in memory only.  A persistent    *)
(* object refers to it by a *handle*: the slot in the table, and the boot  *)
(* *epoch* in which the slot was filled.  The epoch is in persistent       *)
(* memory and is raised at each start before anything else: so a handle    *)
(* from before the cut is stale at once, whatever is in its slot now.      *)
(*                                                                         *)
(* Before any thread runs, restart methods build the devices of Rebuilt    *)
(* objects again and give them new handles; then who waited is queued      *)
(* again (Resume), from what the threads' records say.  A call looks its   *)
(* handle up when it is carried out, so a thread that was inside a call    *)
(* when the power went finds the new one, or throws.                       *)
(*                                                                         *)
(* The same epoch can be lived twice: a cut before the first snapshot of   *)
(* a boot takes the epoch back.  No handle of the first life is left then. *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets

CONSTANTS
  Thread, Rebuilt, Fragile, None, MaxGeneration,   \* as in RestartPromise
  Slot                                             \* places in the kernel's table

VARIABLES
  mode,           \* "off", "restarting", "running"
  doing, owner,   \* persistent; as in RestartPromise
  handle,         \* persistent; of each object [slot, epoch], or None when it is closed
  epoch,          \* persistent; counts starts
  saved,          \* on disk: the last snapshot
  generation,     \* on disk: the number the next one gets
  table,          \* transient; of each slot the object whose device is there, or None
  queued          \* transient; threads in the queue of the lock

vars == <<mode, doing, owner, handle, epoch, saved, generation, table, queued>>

Object == Rebuilt \cup Fragile
Epoch == 0 .. MaxGeneration + 1

Free(result) == [is |-> "free", got |-> result]
Calling(o) == [is |-> "calling", object |-> o]
Awaiting(g) == [is |-> "awaiting", generation |-> g]
Waiting == [is |-> "waiting"]

Empty == [s \in Slot |-> None]
Current(h) == h # None /\ h.epoch = epoch

Init ==
  /\ mode = "running"
  /\ doing = [t \in Thread |-> Free(None)]
  /\ owner = None
  /\ handle = [o \in Object |-> None]
  /\ epoch = 0
  /\ saved = [doing |-> doing, owner |-> owner, handle |-> handle, epoch |-> epoch]
  /\ generation = 1
  /\ table = Empty
  /\ queued = {}

Starts(t, what) ==
  /\ mode = "running"
  /\ doing[t].is = "free"
  /\ doing' = [doing EXCEPT ![t] = what]

Ends(t, result) == mode = "running" /\ doing' = [doing EXCEPT ![t] = Free(result)]

(* A device for o in the first free slot.                                  *)
Build(o) ==
  LET free == {s \in Slot : table[s] = None}
      slot == CHOOSE s \in free : \A other \in free : s <= other
  IN  /\ free # {}
      /\ table' = [table EXCEPT ![slot] = o]
      /\ handle' = [handle EXCEPT ![o] = [slot |-> slot, epoch |-> epoch]]

-----------------------------------------------------------------------------
(* Threads.                                                                *)

Open(t, o) ==
  /\ ~Current(handle[o])
  /\ Starts(t, Free(None))
  /\ Build(o)
  /\ UNCHANGED <<mode, owner, epoch, saved, generation, queued>>

Close(t, o) ==
  /\ handle[o] # None
  /\ \A other \in Thread : doing[other] # Calling(o)
  /\ Starts(t, Free(None))
  /\ table' = IF Current(handle[o]) THEN [table EXCEPT ![handle[o].slot] = None] ELSE table
  /\ handle' = [handle EXCEPT ![o] = None]
  /\ UNCHANGED <<mode, owner, epoch, saved, generation, queued>>

Call(t, o) ==
  /\ handle[o] # None
  /\ Starts(t, Calling(o))
  /\ UNCHANGED <<mode, owner, handle, epoch, saved, generation, table, queued>>

(* Whatever is in the slot answers.                                        *)
Answer(t) ==
  /\ doing[t].is = "calling"
  /\ Current(handle[doing[t].object])
  /\ Ends(t, table[handle[doing[t].object].slot])
  /\ UNCHANGED <<mode, owner, handle, epoch, saved, generation, table, queued>>

Throw(t) ==
  /\ doing[t].is = "calling"
  /\ ~Current(handle[doing[t].object])
  /\ Ends(t, "connection lost")
  /\ UNCHANGED <<mode, owner, handle, epoch, saved, generation, table, queued>>

Lock(t) ==
  /\ owner # t
  /\ IF owner = None THEN Starts(t, Free(None)) /\ owner' = t /\ UNCHANGED queued
     ELSE Starts(t, Waiting) /\ queued' = queued \cup {t} /\ UNCHANGED owner
  /\ UNCHANGED <<mode, handle, epoch, saved, generation, table>>

Unlock(t) ==
  /\ mode = "running"
  /\ owner = t
  /\ doing[t].is = "free"
  /\ IF queued = {} THEN owner' = None /\ UNCHANGED <<doing, queued>>
     ELSE /\ owner' \in queued
          /\ queued' = queued \ {owner'}
          /\ doing' = [doing EXCEPT ![owner'] = Free(None)]
  /\ UNCHANGED <<mode, handle, epoch, saved, generation, table>>

AwaitCommit(t) ==
  /\ generation <= MaxGeneration
  /\ Starts(t, Awaiting(generation))
  /\ UNCHANGED <<mode, owner, handle, epoch, saved, generation, table, queued>>

(* Told by the newest generation on the disk, so a start does not matter.  *)
Committed(t) ==
  /\ doing[t].is = "awaiting"
  /\ doing[t].generation < generation
  /\ Ends(t, "committed")
  /\ UNCHANGED <<mode, owner, handle, epoch, saved, generation, table, queued>>

-----------------------------------------------------------------------------
(* Snapshots, the power, and starting again.                               *)

(* Restart methods are no hindrance.                                       *)
Snapshot ==
  /\ mode # "off"
  /\ generation <= MaxGeneration
  /\ saved' = [doing |-> doing, owner |-> owner, handle |-> handle, epoch |-> epoch]
  /\ generation' = generation + 1
  /\ UNCHANGED <<mode, doing, owner, handle, epoch, table, queued>>

Cut ==
  /\ mode # "off"
  /\ mode' = "off"
  /\ doing' = saved.doing
  /\ owner' = saved.owner
  /\ handle' = saved.handle
  /\ epoch' = saved.epoch
  /\ table' = Empty
  /\ queued' = {}
  /\ UNCHANGED <<saved, generation>>

PowerOn ==
  /\ mode = "off"
  /\ mode' = "restarting"
  /\ epoch' = epoch + 1
  /\ UNCHANGED <<doing, owner, handle, saved, generation, table, queued>>

ToRebuild == {o \in Rebuilt : handle[o] # None /\ ~Current(handle[o])}

RestartMethod(o) ==
  /\ mode = "restarting"
  /\ o \in ToRebuild
  /\ Build(o)
  /\ UNCHANGED <<mode, doing, owner, epoch, saved, generation, queued>>

Resume ==
  /\ mode = "restarting"
  /\ ToRebuild = {}
  /\ mode' = "running"
  /\ queued' = {t \in Thread : doing[t].is = "waiting"}
  /\ UNCHANGED <<doing, owner, handle, epoch, saved, generation, table>>

-----------------------------------------------------------------------------
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
  \/ PowerOn
  \/ \E o \in Rebuilt : RestartMethod(o)
  \/ Resume

Fairness ==
  /\ WF_vars(Snapshot)
  /\ WF_vars(PowerOn)
  /\ WF_vars(\E o \in Rebuilt : RestartMethod(o))
  /\ WF_vars(Resume)
  /\ \A t \in Thread : WF_vars(Answer(t)) /\ WF_vars(Throw(t)) /\ WF_vars(Unlock(t)) /\ WF_vars(Committed(t))

Spec == Init /\ [][Next]_vars /\ Fairness

Doing ==
  {Free(r) : r \in Object \cup {None, "connection lost", "committed"}} \cup
  {Calling(o) : o \in Object} \cup {Awaiting(g) : g \in 1 .. MaxGeneration} \cup {Waiting}

TypeOK ==
  /\ mode \in {"off", "restarting", "running"}
  /\ \A t \in Thread : doing[t] \in Doing
  /\ owner \in Thread \cup {None}
  /\ \A o \in Object : handle[o] = None \/ handle[o] \in [slot : Slot, epoch : Epoch]
  /\ epoch \in Epoch
  /\ generation \in 1 .. MaxGeneration + 1
  /\ \A s \in Slot : table[s] \in Object \cup {None}
  /\ queued \subseteq Thread

(* A handle of this boot leads to the object that has it, and to no other. *)
HandlesLeadHome ==
  mode # "off" => \A o \in Object : Current(handle[o]) => table[handle[o].slot] = o

(* Whoever waits is in the queue, so whoever lets go finds them.           *)
WaitersQueued == mode = "running" => queued = {t \in Thread : doing[t].is = "waiting"}

(* Programs come back, unless the power goes again and again.              *)
ComesBack == []<>(mode = "off") \/ []<>(mode = "running")

-----------------------------------------------------------------------------
State(o, h, now) ==
  IF h = None THEN "closed" ELSE IF o \in Fragile /\ h.epoch # now THEN "lost" ELSE "open"

Promise == INSTANCE RestartPromise WITH
  running <- mode = "running",
  object <- [o \in Object |-> State(o, handle[o], IF mode = "off" THEN epoch + 1 ELSE epoch)],
  saved <- [doing |-> saved.doing, owner |-> saved.owner,
            object |-> [o \in Object |-> State(o, saved.handle[o], saved.epoch)]]

StepsOfRestartPromise == Promise!Init /\ [][Promise!Next]_(Promise!vars)

RefinesRestartPromise == Promise!Spec
=============================================================================
