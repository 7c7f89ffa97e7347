/**
 * What the kernel knows about each persistent page while it runs.
 *
 * A page's *live* contents are what programs see. They are in a frame (resident) or on disk: in the block of the early
 * reference when the page was written out since the last demarcation, else where the index says, else (no block)
 * zeroes.
 *
 * Two bitmaps, a bit a page, exchanged at each demarcation:
 *     changed  the page was written since the last demarcation
 *     frozen   the page belongs to the snapshot being stabilised, and its contents at the demarcation are not yet in
 *              the index. They are in the frozen frame if there is one, else in the live frame (unsaved), else in
 *              the block of the early reference.
 *
 * Rules:
 * 1. A page is mapped writable only while it is changed and unsaved, and not frozen without a frozen frame.
 * 2. UNSAVED: the live frame differs from every block. Such a frame leaves memory only after it was written.
 * 3. EARLY without WRITING and UNSAVED cannot be together: a write makes the early block worthless, and it is given
 *    back.
 *    A saved one stays until what was written is flushed (`isDurable`), for the drive may still lose it.
 * 4. A frame with a transfer under way (READING, WRITING, or being stabilised) is never freed or given to another page.
 */

import { PAGE_SHIFT } from '../arch/paging';
import { framesTotal } from '../memory/frames';
import { heapAlloc } from '../memory/heap';
import { block, WaitQueue, wakeAll } from '../sched/thread';

export const PERSISTENT_BASE: usize = 0x80000000;
/** Pages at the base that are always resident: the root structure and the table of VM thread records. */
export const WIRED_PAGES: u32 = 16;

export const UNSAVED: u32 = 1;
/** The early reference is valid. */
export const EARLY: u32 = 2;
/** Being read into its frame: not mapped. */
export const READING: u32 = 4;
/** Its live frame is being written to its early block. */
export const WRITING: u32 = 8;
/** Written to by a program while WRITING: the early block is worthless when the transfer ends. */
export const CANCELLED: u32 = 16;
/** Has contents other than zeroes, in memory or on disk. */
const USED: u32 = 32;
/** Its contents in the snapshot settled, since a program wrote to it, and may not have been checked (`check.ts`). */
const UNCHECKED: u32 = 64;

@unmanaged
export class PageState {
  flags: u32;
  /** Physical address of the live frame, 0: not resident. */
  frame: u32;
  frozenFrame: u32;
  /** When its live contents were last written; see `writeEpoch`. 0: on the disk since before the boot. */
  savedEpoch: u32;
  /** The early reference, in the form of `store/format.ts`; there is never a second block. */
  earlyBlock: u32;
  earlySecond: u32;
  earlyGeneration: u32;
  earlyChecksum: u32;
  /** Address of the early reference. */
  early(): usize {
    return changetype<usize>(this) + offsetof<PageState>('earlyBlock');
  }
}

let count: u32 = 0;
let states: usize = 0;
/** Page number + 1 for every physical frame that is a live frame. */
let owners: usize = 0;
let frameLimit: u32 = 0;

let changed: usize = 0;
let frozen: usize = 0;
let generation: u32 = 0;
let changedTotal: u32 = 0;
let frozenTotal: u32 = 0;
let usedTotal: u32 = 0;
let uncheckedTotal: u32 = 0;
let earlyTotal: u32 = 0;

/** Threads that wait for a page to come in, in 64 queues by page number. */
const waiting: usize = memory.data(512, 8);
const QUEUES: u32 = 64;

/** `ramFrames`: frames from address 0 to the end of RAM. */
export function pagesInit(pages: u32, ramFrames: u32): void {
  count = pages;
  frameLimit = ramFrames;
  assert(framesTotal() <= ramFrames, 'pages: more frames than RAM');
  states = heapAlloc(pages * offsetof<PageState>());
  owners = heapAlloc(ramFrames << 2);
  changed = heapAlloc(pages >> 3);
  frozen = heapAlloc(pages >> 3);
}

export function pageCount(): u32 {
  return count;
}

export function addressOf(page: u32): usize {
  return PERSISTENT_BASE + (<usize>page << PAGE_SHIFT);
}

export function stateOf(page: u32): PageState {
  return changetype<PageState>(states + page * offsetof<PageState>());
}

/** Page number + 1 of the page whose live frame this is, 0: none. */
export function ownerOf(frameNumber: u32): u32 {
  return load<u32>(owners + (frameNumber << 2));
}

export function frameNumbers(): u32 {
  return frameLimit;
}

/** Makes `frame` (0: none) the live frame. */
export function setFrame(page: u32, state: PageState, frame: u32): void {
  if (state.frame != 0) store<u32>(owners + ((state.frame >> PAGE_SHIFT) << 2), 0);
  state.frame = frame;
  if (frame != 0) store<u32>(owners + ((frame >> PAGE_SHIFT) << 2), page + 1);
}

function bit(map: usize, page: u32): bool {
  return (load<u32>(map + ((page >> 5) << 2)) & (1 << (page & 31))) != 0;
}

export function isFrozen(page: u32): bool {
  return bit(frozen, page);
}

/** Whether the page was written since the last demarcation. */
export function isChanged(page: u32): bool {
  return bit(changed, page);
}

export function setChanged(page: u32): void {
  if (bit(changed, page)) return;
  const at = changed + ((page >> 5) << 2);
  store<u32>(at, load<u32>(at) | (1 << (page & 31)));
  changedTotal++;
}

export function clearFrozen(page: u32): void {
  assert(bit(frozen, page), 'pages: a page that is not frozen');
  const at = frozen + ((page >> 5) << 2);
  store<u32>(at, load<u32>(at) & ~(1 << (page & 31)));
  frozenTotal--;
}

/** Pages written since the last demarcation. */
export function changedPages(): u32 {
  return changedTotal;
}

export function frozenPages(): u32 {
  return frozenTotal;
}

/** The generation programs are writing: the next demarcation captures it. */
export function currentGeneration(): u32 {
  return generation;
}

export function setCurrentGeneration(number: u32): void {
  generation = number;
}

/** Demarcation: what was changed is frozen, nothing is changed, and a new generation begins. */
export function freezeChanged(): void {
  assert(frozenTotal == 0, 'pages: a demarcation while a snapshot is being stabilised');
  const map = frozen;
  frozen = changed;
  changed = map;
  frozenTotal = changedTotal;
  changedTotal = 0;
  generation++;
}

/** The first frozen page from `from` on, or the number of pages. */
export function nextFrozen(from: u32): u32 {
  let word = from >> 5;
  const words = count >> 5;
  if (word >= words) return count;
  let bits = load<u32>(frozen + (word << 2)) & (0xffffffff << (from & 31));
  while (bits == 0) {
    word++;
    if (word == words) return count;
    bits = load<u32>(frozen + (word << 2));
  }
  return (word << 5) + ctz(bits);
}

/** A page of the snapshot settled because a program wrote to it: what it held then is in its block alone. */
export function noteSettled(state: PageState): void {
  if (state.flags & UNCHECKED) return;
  state.flags |= UNCHECKED;
  uncheckedTotal++;
}

/** Pages noted so and not taken. */
export function settledUnchecked(): u32 {
  return uncheckedTotal;
}

/** Whether the page was noted so; now it is not. */
export function takeSettled(state: PageState): bool {
  if ((state.flags & UNCHECKED) == 0) return false;
  state.flags &= ~UNCHECKED;
  uncheckedTotal--;
  return true;
}

/** The live contents are in the early block. */
export function setEarly(state: PageState): void {
  assert((state.flags & EARLY) == 0, 'pages: an early block in place of another');
  state.flags = (state.flags & ~UNSAVED) | EARLY;
  earlyTotal++;
}

/** The early block is the page's for good, or worthless. */
export function clearEarly(state: PageState): void {
  assert((state.flags & EARLY) != 0, 'pages: there is no early block');
  state.flags &= ~EARLY;
  earlyTotal--;
}

/** Pages that have an early block: the next snapshot needs none for them. */
export function earlyPages(): u32 {
  return earlyTotal;
}

export function setUsed(state: PageState): void {
  if (state.flags & USED) return;
  state.flags |= USED;
  usedTotal++;
}

/** The page is one of those that were counted in use when the generation was recovered. */
export function setSaved(state: PageState): void {
  state.flags |= USED;
}

/** Pages in use in the generation recovered. */
export function setUsedPages(recovered: u32): void {
  usedTotal = recovered;
}

/** How many of the pages from `first` to `last` hold nothing yet. */
export function unusedPages(first: u32, last: u32): u32 {
  let unused: u32 = 0;
  for (let page = first; page <= last; page++) if ((stateOf(page).flags & USED) == 0) unused++;
  return unused;
}

/** Pages that hold something. */
export function usedPages(): u32 {
  return usedTotal;
}

function queueOf(page: u32): WaitQueue {
  return changetype<WaitQueue>(waiting + ((page & (QUEUES - 1)) << 3));
}

/** Waits until something happened to the page (or to another one of its queue). */
export function waitForPage(page: u32): void {
  block(queueOf(page));
}

export function wakeForPage(page: u32): void {
  wakeAll(queueOf(page));
}
