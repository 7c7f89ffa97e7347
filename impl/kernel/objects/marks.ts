/**
 * What a collection knows of each object: bitmaps in frames of the kernel, two frames for each 256 KiB of heap, so that
 * marking writes nothing persistent.
 *
 *     start    a bit for each 8 bytes: an object or a free block begins here
 *     marked   a bit for each 16 bytes, which is what an object takes at least: it is reachable
 *     scanned  as many: its references have been followed; a free block is scanned and not marked
 *     pending  a bit a page: an object that begins there is marked and not scanned. Of the page being scanned these are
 *              on a list instead, so that a chain through a page does not cost a visit an object
 *
 * No two objects begin within 16 bytes, so the start bit 8 bytes behind another says something else: that the object is
 * a weak reference.
 */

import { giveFrame, heapAlloc, rescheduleWanted, safepoint, takeZeroedFrame } from './below';
import { PAGE, PERSISTENT_BASE } from './layout';

const CHUNK_SHIFT: u32 = 18;
const CHUNK_MASK: u32 = (1 << CHUNK_SHIFT) - 1;
const SCANNED: u32 = PAGE / 2;
const GRAIN: u32 = 8;
const NOWHERE: u32 = 0xffffffff;

let starts: usize = 0;
let colours: usize = 0;
let pending: usize = 0;
let pendingBytes: u32 = 0;
let chunks: u32 = 0;
let pendingPages: u32 = 0;
/** Of the page being scanned the objects marked meanwhile: each is marked once, and no more than 256 begin in a page. */
const here: usize = memory.data(1024, 4);
let hereCount: u32 = 0;
let herePage: u32 = NOWHERE;

/** Lets other threads run when it is time: what goes over a bitmap does so for each KiB of it. */
function rest(): void {
  if (rescheduleWanted()) safepoint();
}

/** Makes the tables for a heap that ends at `limit` at most. Once a boot. */
export function marksInit(limit: u32): void {
  const most = (limit - PERSISTENT_BASE + CHUNK_MASK) >>> CHUNK_SHIFT;
  starts = heapAlloc(most << 2);
  colours = heapAlloc(most << 2);
  pendingBytes = most << (CHUNK_SHIFT - 15);
  pending = heapAlloc(pendingBytes);
}

/** Whether there are bitmaps for all addresses below `end`. */
export function marksReach(end: u32): bool {
  return end - PERSISTENT_BASE <= chunks << CHUNK_SHIFT;
}

/** Makes bitmaps, empty ones, for addresses below `end`. May wait. */
export function marksExtend(end: u32): void {
  while (!marksReach(end)) {
    const first = takeZeroedFrame();
    const second = takeZeroedFrame();
    store<u32>(starts + (chunks << 2), first);
    store<u32>(colours + (chunks << 2), second);
    chunks++;
    rest();
  }
}

/** Gives the bitmaps back, which nobody uses any more. May wait. */
export function marksEnd(): void {
  for (let chunk: u32 = 0; chunk < chunks; chunk++) {
    giveFrame(load<u32>(starts + (chunk << 2)));
    giveFrame(load<u32>(colours + (chunk << 2)));
    rest();
  }
  chunks = 0;
  pendingPages = 0;
  hereCount = 0;
  herePage = NOWHERE;
  for (let at: u32 = 0; at < pendingBytes; at += PAGE) {
    memory.fill(pending + at, 0, min<u32>(PAGE, pendingBytes - at));
    rest();
  }
}

function startsAt(address: u32): usize {
  const offset = address - PERSISTENT_BASE;
  return load<u32>(starts + ((offset >>> CHUNK_SHIFT) << 2)) + (((offset & CHUNK_MASK) >>> 8) << 2);
}

function startBit(address: u32): u32 {
  return 1 << ((address >>> 3) & 31);
}

function hasStart(address: u32): bool {
  return (load<u32>(startsAt(address)) & startBit(address)) != 0;
}

function setStart(address: u32): void {
  const at = startsAt(address);
  store<u32>(at, load<u32>(at) | startBit(address));
}

function coloursAt(address: u32): usize {
  const offset = address - PERSISTENT_BASE;
  return load<u32>(colours + ((offset >>> CHUNK_SHIFT) << 2)) + (((offset & CHUNK_MASK) >>> 9) << 2);
}

function colourBit(address: u32): u32 {
  return 1 << ((address >>> 4) & 31);
}

function setMarked(address: u32): void {
  const at = coloursAt(address);
  store<u32>(at, load<u32>(at) | colourBit(address));
}

export function isMarked(address: u32): bool {
  return (load<u32>(coloursAt(address)) & colourBit(address)) != 0;
}

export function isScanned(address: u32): bool {
  return (load<u32>(coloursAt(address) + SCANNED) & colourBit(address)) != 0;
}

export function setScanned(address: u32): void {
  const at = coloursAt(address) + SCANNED;
  store<u32>(at, load<u32>(at) | colourBit(address));
}

/** An object begins here. */
export function noteObject(address: u32): void {
  setStart(address);
}

/** A weak reference begins here. */
export function noteWeak(address: u32): void {
  setStart(address);
  setStart(address + GRAIN);
}

/** A free block begins here. */
export function noteFree(address: u32): void {
  setStart(address);
  setScanned(address);
}

/** An object came to be while others are marked: it is reachable, and what it refers to is so without it. */
export function noteNew(address: u32): void {
  setStart(address);
  setScanned(address);
  setMarked(address);
}

/** Whether an object or free block begins at the 8-aligned address. */
export function isStart(address: u32): bool {
  return hasStart(address) && !hasStart(address - GRAIN);
}

export function isWeak(address: u32): bool {
  return hasStart(address + GRAIN);
}

/** The object at that place, of which `isStart` holds, is reachable. */
export function mark(address: u32): void {
  if (isMarked(address) || isScanned(address)) return;
  setMarked(address);
  const page = (address - PERSISTENT_BASE) >>> 12;
  if (page == herePage) {
    store<u32>(here + (hereCount << 2), address);
    hereCount++;
    return;
  }
  const at = pending + ((page >>> 5) << 2);
  const bit: u32 = 1 << (page & 31);
  if (load<u32>(at) & bit) return;
  store<u32>(at, load<u32>(at) | bit);
  pendingPages++;
}

/** What the object at `address` could be reached by, and was not. */
export function isDoomed(address: u32): bool {
  return !isMarked(address) && !isScanned(address);
}

export function pendingLeft(): u32 {
  return pendingPages;
}

/**
 * Takes the first pending page from `from` on, or else from the start; there is one, below `pages`. It is scanned now.
 * May wait.
 */
export function takePending(from: u32, pages: u32): u32 {
  const words = (pages + 31) >>> 5;
  let word = from >>> 5;
  let bits = load<u32>(pending + (word << 2)) & (0xffffffff << (from & 31));
  while (bits == 0) {
    word = word + 1 >= words ? 0 : word + 1;
    bits = load<u32>(pending + (word << 2));
    if ((word & 255) == 0) rest();
  }
  const bit: u32 = ctz(bits);
  const at = pending + (word << 2);
  store<u32>(at, load<u32>(at) & ~(1 << bit));
  pendingPages--;
  herePage = (word << 5) + bit;
  return herePage;
}

/** An object of the page being scanned that was marked meanwhile, or 0. */
export function takeHere(): u32 {
  if (hereCount == 0) return 0;
  hereCount--;
  return load<u32>(here + (hereCount << 2));
}

/** First start bit, weak references' second ones too, from `from` on and below `end`; `end` when there is none. */
function nextBit(from: u32, end: u32): u32 {
  while (from < end) {
    const at = startsAt(from);
    const bits = load<u32>(at) >>> ((from >>> 3) & 31);
    if (bits != 0) return min<u32>(from + (ctz(bits) << 3), end);
    // Words of no bits in a row, up to 256 of them and in one frame.
    let next = at + 4;
    while ((next & 1023) != 0 && load<u32>(next) == 0) next += 4;
    from = ((from | 0xff) + 1) + (<u32>(next - at - 4) << 6);
    rest();
  }
  return end;
}

/** First object or free block that begins at `from` or behind, below `end`; `end` when there is none. May wait. */
export function nextStart(from: u32, end: u32): u32 {
  const found = nextBit(from, end);
  if (found == end || !hasStart(found - GRAIN)) return found;
  return nextBit(found + GRAIN, end);
}

/** What begins last at or before `address`, not before `low`; 0 when nothing does. May wait. */
export function startBefore(address: u32, low: u32): u32 {
  for (let at = address & ~7; at >= low; ) {
    const shift = 31 - ((at >>> 3) & 31);
    const bits = load<u32>(startsAt(at)) << shift;
    if (bits != 0) {
      const found = at - (clz(bits) << 3);
      return hasStart(found - GRAIN) ? found - GRAIN : found;
    }
    at = (at & ~0xff) - GRAIN;
    if ((at & 0xffff) == 0xfff8) rest();
  }
  return 0;
}
