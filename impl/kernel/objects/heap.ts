/**
 * Allocation in the persistent heap, and the touch rule (ARCHITECTURE.md, C5) in the shape object land uses it.
 *
 * Rule: a bytecode writes nothing another bytecode could see before its last possible page fault. `settle` is how: it
 * makes the places that are about to be written resident and writable, and gives back only when that took no switch of
 * threads; what follows without another fault is then one step. Allocation by itself is one such step; the new object
 * is garbage until a reference to it is stored, so filling it may fault and wait. Its maker holds it meanwhile, on the
 * stack of its kernel thread, where the collector looks (`collector.ts`).
 */

import { badHeaderSize, forgetFreedAtEnd } from '../defects';
import { blockEpoch, canUse, rescheduleWanted, safepoint, touchForWrite, unusedPages } from './below';
import { freeAt, freeBytes, freeCount, freeEndingAt, freeFind, freeNext, freeTake } from './free';
import {
  DATA_MAX,
  K_BINARY,
  O_CLASS,
  O_DATA,
  O_FLAGS,
  O_IDENTITY,
  O_SIZE,
  OPAQUE,
  PAGE,
  PERSISTENT_BASE,
  R_CLASSES,
  R_HEAP_LIMIT,
  R_HEAP_NEXT,
  ROOT,
} from './layout';
import { bytesFreed, growFreely, growthEnd, noteAllocation, waitForCollection } from './phase';
import { startAllocated } from './starts';

/** Most bytes handled between two safepoints, and in one step. */
export const PART: u32 = 2048;
/* Pages already made writable in this epoch, direct-mapped: an address touched twice costs a comparison. */
const TOUCHED: u32 = 16;
/** Larger objects are thread stacks and the like, few pages of which are ever used: they are asked for as they come. */
const SPARSE: u32 = 0x20000;
const touchedPage: usize = memory.data(64, 4);
const touchedEpoch: usize = memory.data(64, 4);

/** Makes the page of `address` resident and writable. May block. */
export function touch(address: u32): void {
  const page = address >> 12;
  const slot = <usize>((page & (TOUCHED - 1)) << 2);
  const now = blockEpoch();
  if (load<u32>(touchedPage + slot) == page && load<u32>(touchedEpoch + slot) == now) return;
  touchForWrite(address, 1);
  store<u32>(touchedPage + slot, page);
  store<u32>(touchedEpoch + slot, blockEpoch());
}

/** Makes [address, address + bytes) resident and writable. May block. */
export function touchRange(address: u32, bytes: u32): void {
  if (bytes == 0) return;
  touch(address);
  const last = (address + bytes - 1) & ~(PAGE - 1);
  for (let page = (address & ~(PAGE - 1)) + PAGE; page <= last && page > address; page += PAGE) touch(page);
}

/** `touch` of up to three words, each 0 or an address, until one pass needs no switch of threads. */
export function settle(a: u32, b: u32, c: u32): void {
  while (true) {
    const before = blockEpoch();
    if (a) touch(a);
    if (b) touch(b);
    if (c) touch(c);
    if (blockEpoch() == before) return;
  }
}

/** Page up to which the disk was found to have room, in this boot. */
let roomUpTo: u32 = 0;

/** Bytes of the heap that an object with `bytes` of data takes. */
export function objectBytes(bytes: u32): u32 {
  return (bytes + O_DATA + 7) & ~7;
}

/** Objects put where the heap ended, for the defect. */
let placed: u32 = 0;

/** Whether the heap, which ends at `at`, may have an object of `total` bytes there. */
function mayGrow(at: u32, total: u32): bool {
  const limit = growthEnd();
  return at <= limit && limit - at >= total;
}

/** Puts an object where the heap ends; 0: it has no room there. */
function allocateAtEnd(cls: u32, size: u32, total: u32): u32 {
  while (true) {
    const at = load<u32>(ROOT + R_HEAP_NEXT);
    if (!mayGrow(at, total)) return 0;
    const last = (at + min<u32>(total, SPARSE) - 1) >> 12;
    if (last > roomUpTo) {
      if (!canUse(last - (at >> 12) + 1)) return 0;
      roomUpTo = last;
    }
    const before = blockEpoch();
    touch(at);
    if (blockEpoch() != before || load<u32>(ROOT + R_HEAP_NEXT) != at) continue;
    store<u32>(at + O_CLASS, cls);
    store<u32>(at + O_SIZE, badHeaderSize && ++placed % 512 == 0 ? size + 8 : size);
    store<u32>(ROOT + R_HEAP_NEXT, at + total);
    noteAllocation(at, min<u32>(total, SPARSE), 0);
    startAllocated(at, total, 0);
    return at;
  }
}

/** Whether the disk has room for those pages of [at, at + bytes) that were never used. */
function mayUse(at: u32, bytes: u32): bool {
  const first = (at - PERSISTENT_BASE) >>> 12;
  const unused = unusedPages(first, (at + bytes - 1 - PERSISTENT_BASE) >>> 12);
  return unused == 0 || canUse(unused);
}

/** The block, or another with room for `total` bytes, all on pages that may be used, or -1. */
function usableBlock(found: i32, total: u32): i32 {
  for (let looked: u32 = 0; found >= 0 && !mayUse(freeAt(found), total); looked++) {
    if (looked == freeCount()) return -1;
    found = freeNext(<u32>found + 1, total);
  }
  return found;
}

/** The memory of a large object holds anything: it is a binary, which may, and is nobody's. */
function beginLarge(at: u32, total: u32): void {
  store<u32>(at, load<u32>(ROOT + (K_BINARY << 2), R_CLASSES), O_CLASS);
  store<u32>(at, (total - O_DATA) | OPAQUE, O_SIZE);
  store<u32>(at, 0, O_IDENTITY);
  store<u32>(at, 0, O_FLAGS);
}

/** Its first `dirty` bytes are cleared in parts, the others are zero; then it is what was asked for. */
function endLarge(at: u32, cls: u32, size: u32, dirty: u32): u32 {
  clearInParts(at + O_DATA, dirty - O_DATA);
  settle(at + O_CLASS, at + O_SIZE, 0);
  store<u32>(at, cls, O_CLASS);
  store<u32>(at, size, O_SIZE);
  return at;
}

/**
 * Puts an object at the start of a free block; 0: there is none for it. A small one is cleared in the step that makes
 * it.
 */
function allocateFree(cls: u32, size: u32, total: u32): u32 {
  while (true) {
    let found = freeFind(total);
    if (found < 0) return 0;
    found = usableBlock(found, total);
    if (found < 0) return 0;
    const at = freeAt(found);
    const rest = freeBytes(found) - total;
    const behind: u32 = rest ? at + total : 0;
    const small = total <= PART;
    const before = blockEpoch();
    if (small) touchRange(at, total);
    else touch(at);
    if (behind) touch(behind);
    // Another thread may have been faster, or the table may be that of another sweep.
    if (blockEpoch() != before) continue;
    if (small) {
      memory.fill(at, 0, total);
      store<u32>(at, cls, O_CLASS);
      store<u32>(at, size, O_SIZE);
    } else {
      beginLarge(at, total);
    }
    if (behind) {
      store<u32>(behind, 0, O_CLASS);
      store<u32>(behind, (rest - O_DATA) | OPAQUE, O_SIZE);
    }
    freeTake(found, total);
    noteAllocation(at, min<u32>(total, SPARSE), behind);
    startAllocated(at, total, behind);
    return small ? at : endLarge(at, cls, size, total);
  }
}

/**
 * Puts an object where neither the free block that ends where the heap ends nor what lies behind it has room for it
 * alone; 0: both together have none.
 */
function allocateAcrossEnd(cls: u32, size: u32, total: u32): u32 {
  while (!forgetFreedAtEnd) {
    const end = load<u32>(ROOT + R_HEAP_NEXT);
    const found = freeEndingAt(end);
    if (found < 0) break;
    const at = freeAt(found);
    const bytes = freeBytes(found);
    if (bytes >= total || !mayGrow(at, total) || !mayUse(at, total)) break;
    const before = blockEpoch();
    touch(at);
    touch(at + O_DATA - 1);
    if (blockEpoch() != before) continue;
    beginLarge(at, total);
    store<u32>(ROOT + R_HEAP_NEXT, at + total);
    freeTake(found, bytes);
    noteAllocation(at, min<u32>(total, SPARSE), 0);
    startAllocated(at, total, 0);
    return endLarge(at, cls, size, bytes);
  }
  return 0;
}

function clearInParts(from: u32, bytes: u32): void {
  for (let done: u32 = 0; done < bytes; done += PART) {
    memory.fill(from + done, 0, min<u32>(PART, bytes - done));
    if (rescheduleWanted()) safepoint();
  }
}

/** A collection that frees less than this part of the heap is not worth while where the heap could grow instead. */
const WORTH: u32 = 16;
/** Collections that an allocation waits for at most while others take what they free. */
const ATTEMPTS: u32 = 16;

/**
 * A new object with zeroed data, or 0 when persistent memory is full, garbage collected: between the objects that are
 * left no room of that size is free. `size`: bytes of data, with OPAQUE unless the data are fields of a user class. May
 * block.
 */
export function allocate(cls: u32, size: u32): u32 {
  const bytes = size & ~OPAQUE;
  if (bytes > DATA_MAX) return 0;
  const total = objectBytes(bytes);
  let made: u32 = freeCount() == 0 ? 0 : allocateFree(cls, size, total);
  if (made == 0) made = allocateAtEnd(cls, size, total);
  let attempt: u32 = 0;
  while (made == 0) {
    made = allocateAcrossEnd(cls, size, total);
    if (made) return made;
    if (attempt == ATTEMPTS && growthEnd() == load<u32>(ROOT + R_HEAP_LIMIT)) return 0;
    const before = bytesFreed();
    attempt = attempt < ATTEMPTS && waitForCollection() ? attempt + 1 : ATTEMPTS;
    const freed = bytesFreed() - before;
    if (freed < total) attempt = ATTEMPTS;
    // What lives does not leave room in a heap that can be collected.
    if (attempt == ATTEMPTS || freed < (growthEnd() - PERSISTENT_BASE) / WORTH) growFreely();
    made = allocateFree(cls, size, total);
    if (made == 0) made = allocateAtEnd(cls, size, total);
  }
  return made;
}
