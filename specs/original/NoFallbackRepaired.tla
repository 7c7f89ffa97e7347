--------------------------- MODULE NoFallbackRepaired ---------------------------
(* The repair: each reference carries the checksum of what it refers to, so who  *)
(* reads a damaged page knows. The boot takes the newest snapshot whose list and *)
(* root pages are whole; another page that is damaged is lost, and said so.      *)
EXTENDS NoFallback

Whole(s) ==
  /\ list[s] # Damaged
  /\ \A p \in Roots : page[s][p] # Damaged

RepairedBoot ==
  /\ current = 0
  /\ Start(Newest({s \in Snapshots : Whole(s)}))

TakeGoodPage(p) ==
  /\ TakePage(p)
  /\ page[current][p] # Damaged

Lose(p) ==
  /\ CanRead(p)
  /\ page[current][p] = Damaged
  /\ said' = said \cup {p}
  /\ UNCHANGED <<list, page, memory, current>>

RepairedNext == Rot \/ RepairedBoot \/ (\E p \in Pages : TakeGoodPage(p) \/ Lose(p)) \/ PowerOff
RepairedSpec == Init /\ [][RepairedNext]_vars

(* Damage is said, or what is there is of one snapshot. *)
WholeOrSaid == current # 0 => \A p \in Pages : memory[p] \in {0, current}
=================================================================================
