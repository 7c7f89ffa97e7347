/**
 * Free blocks: what the last sweep found, in order of address, for allocation to use before the heap grows.
 *
 * A free block looks like an object of class null (layout.ts), so the heap can be walked and any later sweep finds it
 * again: this table is transient, and after a power cut there is nothing to mend. It may also be full; what it leaves
 * out waits for the next sweep.
 *
 * Rule: next fit. Small objects go where the last one went, one behind the other, so they share pages; what is too small
 * for anything is skipped. A size that was looked for in vain fails at once until the next sweep.
 */

import { takeZeroedFrame } from './below';

const FRAMES: u32 = 4;
/** Blocks of a frame: {address, bytes} each. */
const FRAME_SHIFT: u32 = 9;
const MAX: u32 = FRAMES << FRAME_SHIFT;
const frames: usize = memory.data(16, 4);
const AT: usize = 0;
const BYTES: usize = 4;
/** What is left of a block must have room for a header. */
const LEAST: u32 = 16;

let count: u32 = 0;
let cursor: u32 = 0;
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
  cursor = 0;
  failing = 0xffffffff;
}

/** A free block was found; they come in order of address. */
export function freeAdd(at: u32, bytes: u32): void {
  if (count == MAX) return;
  const entry = entryAt(count);
  store<u32>(entry, at, AT);
  store<u32>(entry, bytes, BYTES);
  count++;
  failing = 0xffffffff;
}

function fits(entry: usize, bytes: u32): bool {
  const has = load<u32>(entry, BYTES);
  return has == bytes || (has >= bytes && has - bytes >= LEAST);
}

/** Index of a block with room for an object of `bytes` bytes, or -1. */
export function freeFind(bytes: u32): i32 {
  if (bytes >= failing) return -1;
  for (let i: u32 = 0; i < count; i++) {
    const index = cursor + i < count ? cursor + i : cursor + i - count;
    if (!fits(entryAt(index), bytes)) continue;
    cursor = index;
    return <i32>index;
  }
  // A block of the very size might do where a larger one does not: only sizes with room for a rest are ordered.
  failing = bytes + LEAST;
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
  store<u32>(entry, load<u32>(entry, AT) + bytes, AT);
  store<u32>(entry, load<u32>(entry, BYTES) - bytes, BYTES);
}
