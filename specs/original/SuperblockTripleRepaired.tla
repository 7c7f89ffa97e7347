------------------------ MODULE SuperblockTripleRepaired ------------------------
(* The repair: one good copy suffices, and the number says which is the newest.  *)
(* So that there always is one, a copy is written only while another good one    *)
(* is on the medium and left alone.                                              *)
EXTENDS SuperblockTriple

SomeGood == \E c \in Copies : Good(c)

Newest == CHOOSE n \in {Read(disk, c) : c \in {d \in Copies : Good(d)}} :
            \A c \in Copies : Good(c) => Read(disk, c) <= n

RepairedBoot ==
  /\ mode = "off"
  /\ IF SomeGood THEN Use(Newest) ELSE Die

OnTheMedium(c) == Len(disk[c]) = 1 /\ Good(c)

WriteCopyBesideAnother(c) ==
  /\ \E d \in Copies \ {c} : OnTheMedium(d)
  /\ WriteCopy(c)

RepairedNext == Update \/ (\E c \in Copies : WriteCopyBesideAnother(c)) \/ Fence \/ PowerOff \/ RepairedBoot
RepairedSpec == Init /\ [][RepairedNext]_vars
=================================================================================
