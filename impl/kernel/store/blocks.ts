/**
 * Which blocks are in use. In RAM only: rebuilt after boot from the kept generations, so it cannot disagree with them.
 * Until that is done (`blocksReady`) nothing may be allocated.
 *
 * One bit for each block of the disk. Blocks that cannot be written are in use for ever; `badBlockAt` names them, and
 * the newest generation has them on its list.
 */

import { log, logNewline, logNumber, logText } from '../arch/log';
import { allocFrames } from '../memory/frames';
import { BLOCK_BYTES, LIST_NUMBERS_MAX, LOADER_BLOCKS, REFERENCE_BLOCK, REFERENCE_SECOND, SUPERBLOCK_COPIES, superblockAt } from './format';

let bitmap: usize = 0;
let bitmapBytes: u32 = 0;
let diskBlocks: u32 = 0;
let free: u32 = 0;
let ready: bool = false;
/** Word where the next search starts: allocation goes round the disk, so writes are sequential and reuse is late. */
let searchWord: u32 = 0;

/**
 * Blocks that only generations newer than the one recovered refer to: in use until those are dropped. A bit for each, as above; none, and no
 * memory for it, when the newest was recovered.
 */
let held: usize = 0;
let heldCount: u32 = 0;

/** Numbers of the blocks that cannot be written. */
const bad: usize = memory.data(4064, 4);
let badCount: u32 = 0;

export function blocksFree(): u32 {
  return free;
}

function wordAt(block: u32): usize {
  return bitmap + ((block >> 5) << 2);
}

function isUsed(block: u32): bool {
  return (load<u32>(wordAt(block)) & (1 << (block & 31))) != 0;
}

/** False: not enough memory. */
export function blocksInit(blocks: u32): bool {
  bitmapBytes = ((blocks + 31) >> 5) << 2;
  const frames = (bitmapBytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
  bitmap = <usize>allocFrames(frames);
  if (bitmap == 0) return false;
  memory.fill(bitmap, 0, frames * BLOCK_BYTES);
  diskBlocks = blocks;
  free = blocks;
  // The last word may reach past the end of the disk; what is not there is never free.
  for (let block = blocks; block < bitmapBytes << 3; block++) {
    store<u32>(wordAt(block), load<u32>(wordAt(block)) | (1 << (block & 31)));
  }
  for (let block: u32 = 0; block < LOADER_BLOCKS; block++) useBlock(block);
  for (let copy: u32 = 0; copy < SUPERBLOCK_COPIES; copy++) useBlock(superblockAt(copy));
  return true;
}

/** Before the first `holdBlock`. False: not enough memory. */
export function heldInit(): bool {
  const frames = (bitmapBytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
  held = <usize>allocFrames(frames);
  if (held != 0) memory.fill(held, 0, frames * BLOCK_BYTES);
  return held != 0;
}

/** For recovery: a block that a newer generation refers to is in use, and held if none of the others uses it. */
export function holdBlock(block: u32): void {
  if (!useBlock(block)) return;
  const at = held + ((block >> 5) << 2);
  store<u32>(at, load<u32>(at) | (1 << (block & 31)));
  heldCount++;
}

export function blocksHeld(): u32 {
  return heldCount;
}

/** The newer generations are no longer on offer: what only they needed is free. */
export function releaseHeld(): void {
  if (held == 0) return;
  for (let at: u32 = 0; at < bitmapBytes && heldCount != 0; at += 4) {
    for (let word = load<u32>(held + at); word != 0; word &= word - 1) {
      freeBlock((at << 3) + ctz(word));
      heldCount--;
    }
    store<u32>(held + at, 0);
  }
}

/** Everything in use is marked: blocks may be allocated. */
export function blocksReady(): void {
  ready = true;
}

export function blocksAreReady(): bool {
  return ready;
}

/** For recovery, which learns from the references what is in use. False: it was already, or is not on the disk. */
export function useBlock(block: u32): bool {
  if (block >= diskBlocks || isUsed(block)) return false;
  store<u32>(wordAt(block), load<u32>(wordAt(block)) | (1 << (block & 31)));
  free--;
  return true;
}

/** As `useBlock` for what a reference points to. False: it points to nothing. */
export function useReference(reference: usize): bool {
  const block = load<u32>(reference + REFERENCE_BLOCK);
  const second = load<u32>(reference + REFERENCE_SECOND);
  if (block == 0) return false;
  useBlock(block);
  if (second != 0) useBlock(second);
  return true;
}

/** A free block, now in use; 0 when the disk is full. */
export function allocateBlock(): u32 {
  assert(ready, 'blocks: allocating before it is known what is in use');
  const words = bitmapBytes >> 2;
  for (let i: u32 = 0; i < words; i++) {
    const at = bitmap + (searchWord << 2);
    const word = load<u32>(at);
    if (word != 0xffffffff) {
      const bit = ctz(~word);
      store<u32>(at, word | (1 << bit));
      free--;
      return (searchWord << 5) + bit;
    }
    searchWord = searchWord + 1 == words ? 0 : searchWord + 1;
  }
  assert(free == 0, 'blocks: the count of free blocks is wrong');
  return 0;
}

/** Gives back a block that no generation on the disk refers to. Bad ones stay in use. */
export function freeBlock(block: u32): void {
  assert(block >= LOADER_BLOCKS && block < diskBlocks, 'blocks: freeing a block that is not for data');
  assert(isUsed(block), 'blocks: freeing a block that is free');
  if (isBad(block)) return;
  store<u32>(wordAt(block), load<u32>(wordAt(block)) & ~(1 << (block & 31)));
  free++;
}

/** Blocks that cannot be written, as far as is known. */
export function badBlocks(): u32 {
  return badCount;
}

export function badBlockAt(index: u32): u32 {
  return load<u32>(bad + (index << 2));
}

export function isBad(block: u32): bool {
  for (let i: u32 = 0; i < badCount; i++) if (badBlockAt(i) == block) return true;
  return false;
}

/** The block is not to be written again. False: that was known, or is not worth knowing. */
export function addBadBlock(block: u32): bool {
  if (block < LOADER_BLOCKS || block >= diskBlocks || isBad(block)) return false;
  if (badCount == LIST_NUMBERS_MAX) {
    log('store: more bad blocks than the list takes: replace this disk');
    return false;
  }
  store<u32>(bad + (badCount << 2), block);
  badCount++;
  useBlock(block);
  return true;
}

/** As `addBadBlock`, for a block found bad now. */
export function noteBadBlock(block: u32): void {
  if (!addBadBlock(block)) return;
  logText('store: block ');
  logNumber(block);
  logText(' cannot be written and is not used again; bad blocks known ');
  logNumber(badCount);
  logNewline();
}
