/**
 * Whether a disk is full, seen from outside.
 *
 * The rule: a snapshot may begin when it leaves a block for each page in use, so that pages can leave memory whatever comes; it takes a block for each page
 * that it saves, all of them at worst, and some for the index. So a disk without twice as many free blocks as there are pages in use, and a
 * quarter more, may be full, and one with them is not. Which blocks are free says the independent reader, which pages are in use the MMU. On a full disk
 * snapshots stop, and only they: the generations on it stay, programs go on, and the log says so. That it is said, and when not, is judged here.
 */
import type { ConsoleLine } from '../reports/schema.js';
import { imageOf } from './disk-image.js';
import type { Life } from './life.js';
import { CLOCK_HZ } from './setup.js';
import { blocksThrough } from './target.js';

/** What the kernel says when a snapshot has no room. */
export const FULL_DISK = 'persist: the disk is full: ';
const SPACE = 'persist: there is space on the disk again';
/** What was said so long ago, and not taken back, is how it stays. */
const SETTLED_CYCLES = CLOCK_HZ;
/** Blocks that are no page's: superblocks, record, lists, a leaf or two. */
const FIXED_BLOCKS = 64;

/** Whether the kernel has said for a second that the disk is full, in the boot under way. */
export function saysFull(log: readonly ConsoleLine[], { boot, cycle }: Life['place']): boolean {
  const said = log.findLast(
    (line) => line.boot === boot && (line.text.startsWith(FULL_DISK) || line.text.startsWith(SPACE)),
  );
  return said?.text.startsWith(FULL_DISK) === true && cycle - said.cycle > SETTLED_CYCLES;
}

/** Blocks of the life's disk that no kept generation uses, and how many must be free for the disk not to be full. */
export function roomOf({ machine, pagesInUse }: Life): { readonly free: number; readonly needed: number } {
  const source = blocksThrough(machine.medium?.sectors ?? 0, (lba) => machine.peekSector(lba));
  return { free: source.blocks - imageOf(source).keptBlocks.size, needed: Math.ceil(2.5 * pagesInUse) + FIXED_BLOCKS };
}
