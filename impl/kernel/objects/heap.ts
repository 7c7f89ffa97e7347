/**
 * Allocation in the persistent heap, and the touch rule (ARCHITECTURE.md, C5) in the shape object land uses it.
 *
 * Rule: a bytecode writes nothing another bytecode could see before its last possible page fault. `settle` is how: it
 * makes the places that are about to be written resident and writable, and gives back only when that took no switch of
 * threads; what follows without another fault is then one step. Allocation by itself is one such step; the new object
 * is garbage until a reference to it is stored, so filling it may fault and wait. Its maker holds it meanwhile, on the
 * stack of its kernel thread, where the collector looks (`collector.ts`).
 */

import { badHeaderSize } from '../defects';
import { blockEpoch, canUse, rescheduleWanted, safepoint, touchForWrite, unusedPages } from './below';
import { freeAt, freeBytes, freeFind, freeTake } from './free';
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
import { noteAllocation, waitForCollection } from './phase';
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

/** Puts an object where the heap ends; 0: it has no room there. */
function allocateAtEnd(cls: u32, size: u32, total: u32): u32 {
  while (true) {
    const at = load<u32>(ROOT + R_HEAP_NEXT);
    if (load<u32>(ROOT + R_HEAP_LIMIT) - at < total) return 0;
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

/**
 * Puts an object at the start of a free block; 0: there is none for it. A small one is cleared in the step that makes
 * it; a large one first becomes a binary, which may hold anything, and is cleared in parts.
 */
function allocateFree(cls: u32, size: u32, total: u32): u32 {
  while (true) {
    const found = freeFind(total);
    if (found < 0) return 0;
    const at = freeAt(found);
    const rest = freeBytes(found) - total;
    const behind: u32 = rest ? at + total : 0;
    if (!mayUse(at, total)) return 0;
    const small = total <= PART;
    const before = blockEpoch();
    if (small) touchRange(at, total);
    else touch(at);
    if (behind) touch(behind);
    // Another thread may have been faster, or the table may be that of another sweep.
    if (blockEpoch() != before) continue;
    if (small) memory.fill(at, 0, total);
    store<u32>(at, small ? cls : load<u32>(ROOT + (K_BINARY << 2), R_CLASSES), O_CLASS);
    store<u32>(at, small ? size : (total - O_DATA) | OPAQUE, O_SIZE);
    if (!small) {
      store<u32>(at, 0, O_IDENTITY);
      store<u32>(at, 0, O_FLAGS);
    }
    if (behind) {
      store<u32>(behind, 0, O_CLASS);
      store<u32>(behind, (rest - O_DATA) | OPAQUE, O_SIZE);
    }
    freeTake(found, total);
    noteAllocation(at, min<u32>(total, SPARSE), behind);
    startAllocated(at, total, behind);
    if (!small) {
      clearInParts(at + O_DATA, total - O_DATA);
      settle(at + O_CLASS, at + O_SIZE, 0);
      store<u32>(at, cls, O_CLASS);
      store<u32>(at, size, O_SIZE);
    }
    return at;
  }
}

function clearInParts(from: u32, bytes: u32): void {
  for (let done: u32 = 0; done < bytes; done += PART) {
    memory.fill(from + done, 0, min<u32>(PART, bytes - done));
    if (rescheduleWanted()) safepoint();
  }
}

/** Collections that an allocation waits for. */
const ATTEMPTS: u32 = 1;

/**
 * A new object with zeroed data, or 0 when persistent memory is full, garbage collected. `size`: bytes of data, with
 * OPAQUE unless the data are fields of a user class. May block.
 */
export function allocate(cls: u32, size: u32): u32 {
  const bytes = size & ~OPAQUE;
  if (bytes > DATA_MAX) return 0;
  const total = objectBytes(bytes);
  let attempt: u32 = 0;
  while (true) {
    let made = allocateFree(cls, size, total);
    if (made == 0) made = allocateAtEnd(cls, size, total);
    if (made || attempt == ATTEMPTS || !waitForCollection()) return made;
    attempt++;
  }
}
