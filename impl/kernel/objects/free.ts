/**
 * Free blocks: what the last sweep found, for allocation to use before the heap grows.
 *
 * A free block looks like an object of class null (layout.ts), so the heap can be walked and any later sweep finds it
 * again: this table is transient, and after a power cut there is nothing to mend. It may be full; what it leaves out
 * waits for the next sweep.
 *
 * Rules. The largest block is always in the table, so after a sweep a request fails only if no block has room for it.
 * A small object goes to a block on a page that was written since the last demarcation, if one is found: the next
 * snapshot has that page to write anyway. Each block is looked at for that once a generation. Otherwise next fit: it
 * goes where the last one went, one behind the other, so objects made together share pages. A size that was looked for
 * in vain fails at once until the next sweep.
 */

import { dirtyPagesLast, keepFirstBlocks } from '../defects';
import { dirtyGeneration, isDirty, takeZeroedFrame } from './below';

const FRAMES: u32 = 4;
/** Blocks of a frame: {address, bytes} each. */
const FRAME_SHIFT: u32 = 9;
const MAX: u32 = FRAMES << FRAME_SHIFT;
const frames: usize = memory.data(16, 4);
const AT: usize = 0;
const BYTES: usize = 4;
/** What is left of a block must have room for a header. */
const LEAST: u32 = 16;
/** Blocks looked at for one that gives way to a larger one, or that is on a dirty page. */
const LOOKS: u32 = 64;
/** Larger objects dirty pages of their own. */
const SMALL: u32 = 1024;

let count: u32 = 0;
/** Bytes in all blocks of the table. */
let sum: u32 = 0;
/** Bytes of the largest block, unless a part of it was taken since. */
let largest: u32 = 0;
let largestTaken: bool = false;
let cursor: u32 = 0;
/** Next block that may give way. */
let hand: u32 = 0;
/** Next block to look at for a dirty page, of the generation. */
let dirtyCursor: u32 = 0;
let dirtyOf: u32 = 0;
/** No block has room for so many bytes. */
let failing: u32 = 0xffffffff;

/** Makes the table, if there is none. May wait. */
export function freeInit(): void {
  for (let at: u32 = 0; at < FRAMES << 2; at += 4) {
    if (load<u32>(frames + at) == 0) store<u32>(frames + at, takeZeroedFrame());
  }
}

function entryAt(index: u32): usize {
  return load<u32>(frames + ((index >>> FRAME_SHIFT) << 2)) + ((index & ((1 << FRAME_SHIFT) - 1)) << 3);
}

export function freeForget(): void {
  count = 0;
  sum = 0;
  largest = 0;
  largestTaken = false;
  cursor = 0;
  hand = 0;
  dirtyCursor = 0;
  failing = 0xffffffff;
}

/** A free block was found; they come in order of address. */
export function freeAdd(at: u32, bytes: u32): void {
  const index = count < MAX ? count : givingWay(bytes);
  if (index == MAX) return;
  if (index == count) count++;
  else sum -= load<u32>(entryAt(index), BYTES);
  const entry = entryAt(index);
  store<u32>(entry, at, AT);
  store<u32>(entry, bytes, BYTES);
  sum += bytes;
  largest = max<u32>(largest, bytes);
  failing = 0xffffffff;
}

/**
 * Index of a block that is worth less than one of `bytes` bytes, or MAX: that one is left out. What gives way is
 * smaller than the mean, so it is not the largest, unless the new one is that.
 */
function givingWay(bytes: u32): u32 {
  const mean = sum / MAX;
  if (bytes <= mean || keepFirstBlocks) return MAX;
  for (let look: u32 = 0; look < LOOKS; look++) {
    hand = hand + 1 == MAX ? 0 : hand + 1;
    if (load<u32>(entryAt(hand), BYTES) < mean) return hand;
  }
  if (largestTaken) {
    largest = 0;
    for (let i: u32 = 0; i < count; i++) largest = max<u32>(largest, load<u32>(entryAt(i), BYTES));
    largestTaken = false;
  }
  return bytes > largest ? hand : MAX;
}

function fits(entry: usize, bytes: u32): bool {
  const has = load<u32>(entry, BYTES);
  return has == bytes || (has >= bytes && has - bytes >= LEAST);
}

function fitsDirty(entry: usize, bytes: u32): bool {
  return fits(entry, bytes) && isDirty(load<u32>(entry, AT));
}

/** Index of a block on a dirty page with room for an object of `bytes` bytes, or -1. */
function findDirty(bytes: u32): i32 {
  if (cursor < count && fitsDirty(entryAt(cursor), bytes)) return <i32>cursor;
  if (dirtyOf != dirtyGeneration()) {
    dirtyOf = dirtyGeneration();
    dirtyCursor = 0;
  }
  for (let look: u32 = 0; look < LOOKS && dirtyCursor < count; look++) {
    if (fitsDirty(entryAt(dirtyCursor), bytes)) return <i32>dirtyCursor;
    dirtyCursor++;
  }
  return -1;
}

/** Index of a block with room for an object of `bytes` bytes, or -1. */
export function freeFind(bytes: u32): i32 {
  if (count == 0 || bytes >= failing) return -1;
  if (bytes <= SMALL && !dirtyPagesLast) {
    const dirty = findDirty(bytes);
    if (dirty >= 0) {
      cursor = dirty;
      return dirty;
    }
  }
  const found = freeNext(cursor, bytes);
  if (found >= 0) cursor = found;
  // A block of the very size might do where a larger one does not: only sizes with room for a rest are ordered.
  else failing = bytes + LEAST;
  return found;
}

/** Index of the first block from `from` on, or from the start, with room for an object of `bytes` bytes, or -1. */
export function freeNext(from: u32, bytes: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    const index = from + i < count ? from + i : from + i - count;
    if (fits(entryAt(index), bytes)) return <i32>index;
  }
  return -1;
}

/** Blocks in the table, used up ones included. */
export function freeCount(): u32 {
  return count;
}

/** Index of the block that ends at `end`, or -1. */
export function freeEndingAt(end: u32): i32 {
  for (let index: u32 = 0; index < count; index++) {
    const bytes = load<u32>(entryAt(index), BYTES);
    if (bytes != 0 && load<u32>(entryAt(index), AT) + bytes == end) return <i32>index;
  }
  return -1;
}

export function freeAt(index: i32): u32 {
  return load<u32>(entryAt(<u32>index), AT);
}

export function freeBytes(index: i32): u32 {
  return load<u32>(entryAt(<u32>index), BYTES);
}

/** The first `bytes` bytes of the block are in use now. */
export function freeTake(index: i32, bytes: u32): void {
  const entry = entryAt(<u32>index);
  const has = load<u32>(entry, BYTES);
  if (has == largest) largestTaken = true;
  store<u32>(entry, load<u32>(entry, AT) + bytes, AT);
  store<u32>(entry, has - bytes, BYTES);
  sum -= bytes;
}
