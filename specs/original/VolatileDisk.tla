------------------------------ MODULE VolatileDisk ------------------------------
(* A disk with a volatile write cache, as functions on its state.                *)
(*                                                                               *)
(* Of each block the disk knows a sequence of versions: first the one that is on *)
(* the medium, then those written since the last flush, oldest first. A read     *)
(* gets the newest. When the power goes, any one of them is what is left, of     *)
(* each block on its own: the cache writes back in the order it likes.           *)
EXTENDS Naturals, Sequences

(* A disk that holds content[b] in block b, all of it on the medium. *)
OnMedium(content) == [b \in DOMAIN content |-> <<content[b]>>]

Read(disk, b) == disk[b][Len(disk[b])]

Written(disk, b, value) == [disk EXCEPT ![b] = Append(@, value)]

Flushed(disk) == [b \in DOMAIN disk |-> <<Read(disk, b)>>]

IsFlushed(disk) == \A b \in DOMAIN disk : Len(disk[b]) = 1

(* What may be left of the disk when the power goes. *)
Survivors(disk) ==
  LET Versions == 1 .. CHOOSE n \in {Len(disk[b]) : b \in DOMAIN disk} : \A b \in DOMAIN disk : Len(disk[b]) <= n
      Choices == {kept \in [DOMAIN disk -> Versions] : \A b \in DOMAIN disk : kept[b] <= Len(disk[b])}
  IN {[b \in DOMAIN disk |-> <<disk[b][kept[b]]>>] : kept \in Choices}
=================================================================================
