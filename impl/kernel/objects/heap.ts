/**
 * Allocation in the persistent heap, and the touch rule (ARCHITECTURE.md, C5) in the shape object land uses it.
 *
 * Rule: a bytecode writes nothing another bytecode could see before its last possible page fault. `settle` is how: it
 * makes the places that are about to be written resident and writable, and gives back only when that took no switch of
 * threads; what follows without another fault is then one step. Allocation by itself is one such step; the new object
 * is garbage until a reference to it is stored, so filling it may fault and wait.
 */

import { blockEpoch, canUse, touchForWrite } from './below';
import {
  DATA_MAX,
  O_CLASS,
  O_DATA,
  O_SIZE,
  OPAQUE,
  PAGE,
  R_HEAP_LIMIT,
  R_HEAP_NEXT,
  ROOT,
} from './layout';

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

/**
 * A new object with zeroed data, or 0 when persistent memory is full. `size`: bytes of data, with OPAQUE unless the
 * data are fields of a user class. May block.
 */
export function allocate(cls: u32, size: u32): u32 {
  const bytes = size & ~OPAQUE;
  if (bytes > DATA_MAX) return 0;
  const total = objectBytes(bytes);
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
    store<u32>(at + O_SIZE, size);
    store<u32>(ROOT + R_HEAP_NEXT, at + total);
    return at;
  }
}
