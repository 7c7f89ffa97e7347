/**
 * Which blocks are in use. In RAM only: rebuilt at boot from the kept generations, so it cannot disagree with them.
 *
 * A block's life is a run of successive generations: born in one, referred to until another supersedes it. So it is
 * enough to note, for each kept generation, which blocks it superseded: blocks its predecessor refers to and it does
 * not. When the predecessor is the oldest kept one and is dropped, exactly these come back.
 *
 * The planes are bitmaps of the whole disk: plane 0 has a bit for each block in use; the others hold what the kept
 * generations and the one in the making superseded. A plane costs disk blocks / 8 bytes.
 *
 * Rule: a bit of a superseded plane is set only for a block in use, and in one of these planes only.
 */

import { allocFrames } from '../memory/frames';
import { BLOCK_BYTES, LOADER_BLOCKS, SUPERBLOCK_COPIES, superblockAt } from './format';

let planes: usize = 0;
let planeBytes: u32 = 0;
let diskBlocks: u32 = 0;
let free: u32 = 0;
/** Word where the next search starts: allocation goes round the disk, so writes are sequential and reuse is late. */
let searchWord: u32 = 0;

export function blocksFree(): u32 {
  return free;
}

function wordAt(plane: u32, block: u32): usize {
  return planes + plane * planeBytes + ((block >> 5) << 2);
}

function hasBit(plane: u32, block: u32): bool {
  return (load<u32>(wordAt(plane, block)) & (1 << (block & 31))) != 0;
}

function setBit(plane: u32, block: u32): void {
  const at = wordAt(plane, block);
  store<u32>(at, load<u32>(at) | (1 << (block & 31)));
}

function clearBit(plane: u32, block: u32): void {
  const at = wordAt(plane, block);
  store<u32>(at, load<u32>(at) & ~(1 << (block & 31)));
}

/** Makes `count` superseded planes (numbered from 1) beside plane 0. False: not enough memory. */
export function blocksInit(blocks: u32, count: u32): bool {
  planeBytes = ((blocks + 31) >> 5) << 2;
  const frames = (planeBytes * (count + 1) + BLOCK_BYTES - 1) / BLOCK_BYTES;
  planes = <usize>allocFrames(frames);
  if (planes == 0) return false;
  memory.fill(planes, 0, frames * BLOCK_BYTES);
  diskBlocks = blocks;
  free = blocks;
  // The last word may reach past the end of the disk; what is not there is never free.
  for (let block = blocks; block < planeBytes << 3; block++) setBit(0, block);
  for (let block: u32 = 0; block < LOADER_BLOCKS; block++) useBlock(block);
  for (let copy: u32 = 0; copy < SUPERBLOCK_COPIES; copy++) useBlock(superblockAt(copy));
  return true;
}

/** For recovery, which learns from the references what is in use. False: it was already. */
export function useBlock(block: u32): bool {
  assert(block < diskBlocks, 'blocks: a block past the end of the disk');
  if (hasBit(0, block)) return false;
  setBit(0, block);
  free--;
  return true;
}

/** A free block, now in use; 0 when the disk is full. */
export function allocateBlock(): u32 {
  const words = planeBytes >> 2;
  for (let i: u32 = 0; i < words; i++) {
    const at = planes + (searchWord << 2);
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

/** Gives back a block that no generation on the disk refers to. */
export function freeBlock(block: u32): void {
  assert(block >= LOADER_BLOCKS && block < diskBlocks, 'blocks: freeing a block that is not for data');
  assert(hasBit(0, block), 'blocks: freeing a block that is free');
  clearBit(0, block);
  free++;
}

/** Notes that the generation of `plane` no longer refers to `block`, which an older one does. */
export function supersedeBlock(plane: u32, block: u32): void {
  assert(hasBit(0, block), 'blocks: superseding a block that is free');
  assert(!hasBit(plane, block), 'blocks: superseding a block twice');
  setBit(plane, block);
}

/** Frees every block of `plane` and empties it. */
export function releasePlane(plane: u32): u32 {
  const words = planeBytes >> 2;
  let released: u32 = 0;
  let at = planes + plane * planeBytes;
  for (let i: u32 = 0; i < words; i++, at += 4) {
    const word = load<u32>(at);
    if (word == 0) continue;
    const use = planes + (i << 2);
    assert((load<u32>(use) & word) == word, 'blocks: a superseded block is free already');
    store<u32>(use, load<u32>(use) & ~word);
    store<u32>(at, 0);
    released += popcnt(word);
  }
  free += released;
  return released;
}
