/**
 * The disk format, version 2. This file owns it; `model/disk-reader.ts` reads it from this description alone.
 *
 * The disk is an array of 4096-byte blocks numbered from 0. All numbers are unsigned 32-bit little-endian words.
 * Blocks 0 to 15 belong to a boot loader and are never touched. Blocks 16, 528, 1040 and 1552 hold the four copies (0
 * to 3) of the superblock. Every other block is allocated when it is needed.
 *
 *     superblock -> generation record -> root blocks -> leaves -> pages        the base index
 *      4 copies        2 copies           2 copies     2 copies   1 copy (wired pages: 2)
 *                                     -> delta blocks ----------> pages        what changed since the base was written
 *                                         2 copies
 *                                     -> superseded lists, bad-block list      2 copies each
 *
 * The page index of a generation is its base, a tree of roots and leaves, with its delta blocks laid over it in order,
 * oldest first; of two entries for a page the later one counts. A generation writes a few delta blocks, or, when there
 * would be more than DELTAS_MAX of them, the leaves that changed since the base was written, and then has none.
 *
 * Rules:
 * 1. A block that a kept generation refers to is never written. New data goes to free blocks.
 * 2. Copies 0 and 2 are pair A, copies 1 and 3 pair B. A commit writes one pair, after everything it refers to was
 *    flushed; the pair is the one that does not hold the last commit, so a torn commit hurts nothing that is needed.
 *    Only when a place of that pair cannot be written does a place of the other take the second copy, after the first
 *    was flushed. Of the valid copies the one with the highest sequence number counts; one valid copy suffices.
 * 3. A reference carries the generation and the checksum of what it points to. The checksum covers what the block is
 *    for, so a torn, rotten, stale (lost write) or foreign (misdirected write) block is refused by whoever reads it.
 * 4. There is no allocation map on disk: a block is allocated exactly when it is one of the blocks 0 to 15, a
 *    superblock copy, reachable from a kept generation, or on the bad-block list of the newest one. The map is rebuilt
 *    after boot, so nothing can leak. For that a generation lists what it superseded: every block that the generation
 *    before it refers to and it does not, that one's record and superseded lists among them. So what all kept
 *    generations use is what the newest refers to and the lists of all of them but the oldest.
 * 5. A disk is blank when all four superblock blocks are zero throughout. Only a blank disk is ever formatted, by
 *    writing pair A with sequence 1 and no generation.
 * 6. A generation can be recovered when its record, deltas, roots and wired pages verify. Leaves and other pages are
 *    verified as they come in. The wired pages are all in leaf 0 and, where a generation has deltas, all in them.
 *
 * Checksums are CRC-32C (Castagnoli; reflected polynomial 0x82F63B78, initial value and final XOR all ones; RFC 3720,
 * appendix B.4). That of a block is taken over three words, kind, index and generation, followed by its 4096 bytes:
 *
 *     kind 1 page        index = page number                                  contents as programs see them
 *     kind 2 leaf        index = page number / 256 of its first page          256 references to pages
 *     kind 3 root        index = page number / 65536 of its first page        256 references to leaves
 *     kind 4 record      index = 0                                            a generation record
 *     kind 5 delta       index = its place among the record's deltas          entries, see below
 *     kind 6 superseded  index = its place in the list                        block numbers, see below
 *     kind 7 bad blocks  index = 0                                            block numbers, see below
 *
 * The wired pages (the first ones of the persistent memory, which recovery reads before it accepts a generation) are
 * stored twice, and no others are: so a page whose reference names a second block is a wired page.
 *
 * Reference, 16 bytes:
 *     +0  block         0: none, and the whole reference is zero; what it covers is zero throughout
 *     +4  second block  where the same contents are stored again; 0: nowhere
 *     +8  generation    whose contents these are (the one in which the block was written)
 *     +12 checksum
 *
 * Superblock, the first 512 bytes (one sector, so it is written whole or not at all) of its block; behind it a panic note, the rest is zero:
 *     +0   magic 0x62546850 ("PhTb")
 *     +4   format version, 2; 1 is read too. Another one is refused
 *     +8   incompatible features: a kernel that does not know one of the bits must not use the disk. None so far
 *     +12  compatible features: bits that may be ignored, and are kept as they are. Bit 0: panics are noted
 *     +16  copy index, 0 to 3, which must be that of the place it was read from
 *     +20  sequence, rises with every commit
 *     +24  parent: identity of the superblock this one followed, 0 for the first. The identity is the CRC-32C of
 *          bytes 0 to 507 with the copy index taken as 0
 *     +28  blocks of the disk
 *     +32  persistent pages, a multiple of 1024
 *     +36  generations to keep, 2 to 8
 *     +40  generations kept, 0 to that
 *     +44  zero
 *     +64  references to the records of the kept generations, newest first, 8 places
 *     +192 zero
 *     +508 CRC-32C of bytes 0 to 507
 *
 * Panic note, the second 512 bytes of a superblock copy's block, zero where there is none. A compatible feature: who does not know it goes on
 * from the newest generation. It counts while the superblock it names is the one in force (`panics.ts`):
 *     +0   magic 0x6E506850 ("PhPn")
 *     +4   identity of the superblock in force
 *     +8   serial: of several notes for one superblock the highest counts
 *     +12  generation that had been recovered, or was committed since
 *     +16  panics in a row after recovering it, with no commit between
 *     +20  zero
 *     +64  what the last panic said, ASCII, 256 bytes, zeroes behind it
 *     +320 zero
 *     +508 CRC-32C of bytes 0 to 507
 *
 * Which generation goes on: the newest, unless a note says that it, or an older one tried since, was recovered and panicked PANICS_MAX times
 * (or as the option `panics.max` says; 0: never): then the one before that, if there is one. The option `generation=N` names one instead; it is recovered or nothing
 * is. Generations newer than the one recovered stay as they are, and what they refer to is in use, until the first commit drops them: till
 * then nothing but free blocks is written, so the next boot may still choose them. Only a disk too full for a snapshot costs them earlier.
 *
 * Generation record, one block:
 *     +0   magic 0x6E476850 ("PhGn")
 *     +4   generation
 *     +8   console position at its demarcation
 *     +12  persistent pages
 *     +16  pages changed since the generation before
 *     +20  roots: persistent pages / 65536, rounded up
 *     +24  pages in use: those that have a reference
 *     +28  delta blocks, 0 to 192
 *     +32  superseded blocks listed, in all blocks of the list together
 *     +36  blocks that were free once it was committed; those written early for the next one are not
 *     +40  zero
 *     +64  references to the root blocks, 16 places
 *     +320 reference to the first block of the superseded list
 *     +336 reference to the bad-block list
 *     +352 zero
 *     +384 references to the delta blocks, oldest first, 192 places
 *     then zero
 *
 * Delta block:
 *     +0   magic 0x6C446850 ("PhDl")
 *     +4   entries, 1 to 203
 *     +8   zero
 *     +32  entries of 20 bytes, pages rising: page, then its reference (zero for a page never written). Then zero
 *
 * Superseded list, bad-block list, one block of either:
 *     +0   magic 0x754C6850 ("PhLu") or 0x644C6850 ("PhLd")
 *     +4   block numbers, 1 to 1016
 *     +8   zero
 *     +16  reference to the next block of the list; a bad-block list has none
 *     +32  block numbers. Then zero
 *
 * Version 1 had no deltas and no lists: in its records everything from +24 to +63 and from +320 on is zero. A kernel
 * of version 2 goes on from the newest generation of such a disk, keeps none of the older ones (it does not know what
 * they alone use), and writes version 2 from its first superblock on.
 */

export const BLOCK_BYTES: u32 = 4096;

export const LOADER_BLOCKS: u32 = 16;
export const SUPERBLOCK_COPIES: u32 = 4;
/** A disk must reach past the last superblock copy and hold something. */
export const DISK_BLOCKS_MIN: u32 = 2048;
export const PERSISTENT_PAGES_MAX: u32 = 262144;
/** One page table of the processor. */
export const PERSISTENT_PAGES_GRAIN: u32 = 1024;

export const KIND_PAGE: u32 = 1;
export const KIND_LEAF: u32 = 2;
export const KIND_ROOT: u32 = 3;
export const KIND_RECORD: u32 = 4;
export const KIND_DELTA: u32 = 5;
export const KIND_SUPERSEDED: u32 = 6;
export const KIND_BAD: u32 = 7;

export const REFERENCE_BYTES: u32 = 16;
export const REFERENCE_BLOCK: u32 = 0;
export const REFERENCE_SECOND: u32 = 4;
export const REFERENCE_GENERATION: u32 = 8;
export const REFERENCE_CHECKSUM: u32 = 12;
/** References a block: a leaf covers 256 pages, a root 256 leaves. */
export const FANOUT: u32 = 256;
export const FANOUT_SHIFT: u32 = 8;

export const SUPERBLOCK_BYTES: u32 = 512;
export const SUPERBLOCK_MAGIC: u32 = 0x62546850;
export const FORMAT_VERSION: u32 = 2;
export const OLDEST_VERSION: u32 = 1;
export const INCOMPATIBLE_KNOWN: u32 = 0;
export const SB_MAGIC: u32 = 0;
export const SB_VERSION: u32 = 4;
export const SB_INCOMPATIBLE: u32 = 8;
export const SB_COMPATIBLE: u32 = 12;
export const SB_COPY: u32 = 16;
export const SB_SEQUENCE: u32 = 20;
export const SB_PARENT: u32 = 24;
export const SB_DISK_BLOCKS: u32 = 28;
export const SB_PAGES: u32 = 32;
export const SB_KEEP: u32 = 36;
export const SB_KEPT: u32 = 40;
export const SB_RECORDS: u32 = 64;
export const SB_CHECKSUM: u32 = 508;
export const COMPATIBLE_PANICS: u32 = 1;
export const KEEP_MIN: u32 = 2;
export const KEEP_MAX: u32 = 8;
export const KEEP_DEFAULT: u32 = 3;

export const PANIC_MAGIC: u32 = 0x6e506850;
export const PN_MAGIC: u32 = 0;
export const PN_SUPERBLOCK: u32 = 4;
export const PN_SERIAL: u32 = 8;
export const PN_GENERATION: u32 = 12;
export const PN_COUNT: u32 = 16;
export const PN_MESSAGE: u32 = 64;
export const PN_CHECKSUM: u32 = 508;
export const PANIC_MESSAGE_BYTES: u32 = 256;
/** So often the same generation is given a chance. */
export const PANICS_MAX: u32 = 3;

export const RECORD_MAGIC: u32 = 0x6e476850;
export const GR_MAGIC: u32 = 0;
export const GR_GENERATION: u32 = 4;
export const GR_CONSOLE: u32 = 8;
export const GR_PAGES: u32 = 12;
export const GR_CHANGED: u32 = 16;
export const GR_ROOTS: u32 = 20;
export const GR_USED: u32 = 24;
export const GR_DELTAS: u32 = 28;
export const GR_SUPERSEDED: u32 = 32;
export const GR_FREE: u32 = 36;
export const GR_REFERENCES: u32 = 64;
export const GR_SUPERSEDED_LIST: u32 = 320;
export const GR_BAD_LIST: u32 = 336;
export const GR_DELTA_REFERENCES: u32 = 384;

export const DELTAS_MAX: u32 = 192;
export const DELTA_MAGIC: u32 = 0x6c446850;
export const DELTA_COUNT: u32 = 4;
export const DELTA_ENTRIES: u32 = 32;
export const DELTA_ENTRY_BYTES: u32 = 20;
export const DELTA_ENTRIES_MAX: u32 = 203;

export const SUPERSEDED_MAGIC: u32 = 0x754c6850;
export const BAD_MAGIC: u32 = 0x644c6850;
export const LIST_COUNT: u32 = 4;
export const LIST_NEXT: u32 = 16;
export const LIST_NUMBERS: u32 = 32;
export const LIST_NUMBERS_MAX: u32 = 1016;

/** Where copy `copy` of the superblock is. */
export function superblockAt(copy: u32): u32 {
  return 16 + (copy << 9);
}

export function leavesFor(pages: u32): u32 {
  return (pages + FANOUT - 1) >> FANOUT_SHIFT;
}

export function rootsFor(pages: u32): u32 {
  return (leavesFor(pages) + FANOUT - 1) >> FANOUT_SHIFT;
}

export function kindName(kind: u32): string {
  if (kind == KIND_PAGE) return 'page';
  if (kind == KIND_LEAF) return 'index leaf';
  if (kind == KIND_ROOT) return 'index root';
  if (kind == KIND_DELTA) return 'index delta';
  if (kind == KIND_SUPERSEDED) return 'superseded list';
  if (kind == KIND_BAD) return 'bad-block list';
  return 'generation record';
}

/** Fills the reference at `at`. */
export function setReference(at: usize, block: u32, second: u32, generation: u32, checksum: u32): void {
  store<u32>(at + REFERENCE_BLOCK, block);
  store<u32>(at + REFERENCE_SECOND, second);
  store<u32>(at + REFERENCE_GENERATION, generation);
  store<u32>(at + REFERENCE_CHECKSUM, checksum);
}
