/**
 * Where objects begin, in the whole heap: so that the check before a commit (`check.ts`) finds the objects of any page, and
 * knows whether a word leads to one, without looking at another page.
 *
 * A bit for each 8 bytes of the heap, a frame for 256 KiB: an object or a free block begins here. No two begin within 16
 * bytes, so the bit 8 bytes behind says something else: that it is a free block. A free block may be of 16 bytes and end where
 * something begins, so which of the two a bit says depends on how many are set in a row before it.
 *
 * Rule: the check judges a captured instant while the heap goes on. `then` is the map of that instant, `since` the bits that
 * have changed, so `then` XOR `since` is the map of now. From the capture on every change goes to `since`, except below
 * `merged`, up to where the two have been made one again; without a capture that is everywhere. No change waits or can fail.
 *
 * A large free block is cleared from the map in parts. When the instant is captured between two of them, the block was free at that instant:
 * the rest of it is cleared in `then`, and until that is done `then` is not judged.
 *
 * The map is transient. `known` is how far it reaches: below it the heap was walked by the sizes in the headers, from the
 * heap's start on (`learn`), and every change was noted; allocation where the heap ends moves it along with the end. There
 * are frames for all that begins below it; the last object may end where there are none, until something begins inside.
 */

import { judgeHalfCleared, startsReachAnywhere } from '../defects';
import { heapAlloc, safepoint, rescheduleWanted } from './below';
import { PAGE, PERSISTENT_BASE } from './layout';

const CHUNK_SHIFT: u32 = 18;
const CHUNK_MASK: u32 = (1 << CHUNK_SHIFT) - 1;
const GRAIN: u32 = 8;
/** Bytes of heap that a word of the map is about. */
const WORD_SPAN: u32 = 256;
/** Frames of the map for a chunk. */
export const CHUNK_FRAMES: u32 = 2;
const EVERYWHERE: u32 = 0xffffffff;
/** Words of the map looked at between two chances for other threads. */
const STRIDE: u32 = 256;

let thens: usize = 0;
let sinces: usize = 0;
let chunks: u32 = 0;
let known: u32 = 0;
/** Below this address a change is made in `then`. */
let merged: u32 = EVERYWHERE;
/** Of the captured instant. */
let knownThen: u32 = 0;
/** Instants captured so far. */
let captures: u32 = 0;
/** What the last search backwards in the map of that instant came to: at or before `soughtFrom`, last, something began at `soughtFound`. */
let soughtFrom: u32 = 0;
let soughtFound: u32 = 0;
/** A free block is being cleared from the map, and how many instants had been captured when that began. */
let clearing: bool = false;
let clearingSince: u32 = 0;

/** The map of a heap from `start` to `limit` at most; nothing of it is known. Once a boot. */
export function startsInit(start: u32, limit: u32): void {
  const most = (limit - PERSISTENT_BASE + CHUNK_MASK) >>> CHUNK_SHIFT;
  thens = heapAlloc(most << 2);
  sinces = heapAlloc(most << 2);
  known = start;
}

/** Up to where the map reaches now. */
export function startsKnown(): u32 {
  return known;
}

/** Up to where it reached at the captured instant. */
export function startsKnownThen(): u32 {
  return min<u32>(knownThen, covered());
}

/** End of what there are frames for: nothing behind it is judged, or noted. */
function covered(): u32 {
  if (startsReachAnywhere) return EVERYWHERE;
  return PERSISTENT_BASE + (chunks << CHUNK_SHIFT);
}

/** Whether there are frames for what begins at `address`. */
export function startsHold(address: u32): bool {
  return (address + GRAIN - PERSISTENT_BASE) >>> CHUNK_SHIFT < chunks;
}

export function startsChunks(): u32 {
  return chunks;
}

/** Two frames of zeroes for 256 KiB more. */
export function startsExtend(first: u32, second: u32): void {
  store<u32>(thens + (chunks << 2), first);
  store<u32>(sinces + (chunks << 2), second);
  chunks++;
}

function wordOf(table: usize, address: u32): usize {
  const offset = address - PERSISTENT_BASE;
  return load<u32>(table + ((offset >>> CHUNK_SHIFT) << 2)) + (((offset & CHUNK_MASK) >>> 8) << 2);
}

function bitOf(address: u32): u32 {
  return 1 << ((address >>> 3) & 31);
}

function setNow(address: u32, value: bool): void {
  const then = wordOf(thens, address);
  const since = wordOf(sinces, address);
  const bit = bitOf(address);
  if (((load<u32>(then) ^ load<u32>(since)) & bit) != 0 != value) flip(address);
}

/** A bit of the map of now becomes what it is not. */
function flip(address: u32): void {
  const at = wordOf(address < merged ? thens : sinces, address);
  store<u32>(at, load<u32>(at) ^ bitOf(address));
}

function setStart(address: u32, free: bool): void {
  setNow(address, true);
  setNow(address + GRAIN, free);
}

/** What begins at `known`, of `total` bytes, is an object or a free block. False: there are no frames to note it in. */
export function learn(total: u32, free: bool): bool {
  if (!startsHold(known)) return false;
  setStart(known, free);
  known += total;
  return true;
}

/** An object of `total` bytes came to be, where the heap ended or in a free block, of which `rest` (0: nothing) is left. */
export function startAllocated(at: u32, total: u32, rest: u32): void {
  if (at == known) {
    if (!startsHold(at)) return;
    // Nothing is set from `known` on.
    flip(at);
    known = at + total;
    return;
  }
  if (at > known) return;
  // It was noted as a free block, and nothing inside it.
  flip(at + GRAIN);
  if (rest == 0) {
    // That may have ended where the heap did, and the object ends behind it.
    known = max<u32>(known, at + total);
    return;
  }
  if (!startsHold(rest)) {
    known = rest;
    return;
  }
  flip(rest);
  flip(rest + GRAIN);
}

/** `bytes` bytes from `at` on are one free block. Lets other threads run; nobody takes it before the end. */
export function startsFreed(at: u32, bytes: u32): void {
  if (at >= known) return;
  setStart(at, true);
  const end = min<u32>(min<u32>(at + bytes, known), covered());
  known = max<u32>(known, at + bytes);
  clearing = true;
  clearingSince = captures;
  let seen: u32 = 0;
  for (let from = at + 2 * GRAIN; from < end; ) {
    const stop = min<u32>((from | (WORD_SPAN - 1)) + 1, end);
    const then = wordOf(thens, from);
    const since = wordOf(sinces, from);
    const low = (from >>> 3) & 31;
    const count = (stop - from) >>> 3;
    const mask: u32 = (count == 32 ? 0xffffffff : (1 << count) - 1) << low;
    if (startsUnsettled()) {
      // Nothing of it has changed since that instant.
      store<u32>(then, load<u32>(then) & ~mask);
    } else {
      const bits = (load<u32>(then) ^ load<u32>(since)) & mask;
      const target = from < merged ? then : since;
      if (bits != 0) store<u32>(target, load<u32>(target) ^ bits);
    }
    from = stop;
    if (++seen % STRIDE == 0 && rescheduleWanted()) safepoint();
  }
  clearing = false;
}

/** Whether the map of the captured instant is not to be judged yet. It will be soon: whoever clears it waits for no page. */
export function startsUnsettled(): bool {
  return clearing && captures != clearingSince && !judgeHalfCleared;
}

/** The instant to be checked is now. Costs the same however large the heap is. */
export function startsCapture(): void {
  knownThen = known;
  merged = PERSISTENT_BASE;
  soughtFrom = 0;
  captures++;
}

/** The check is over: the map of the instant becomes that of now. Lets other threads run. */
export function startsRelease(): void {
  for (let chunk: u32 = 0; chunk < chunks; chunk++) {
    const then: usize = load<u32>(thens + (chunk << 2));
    const since: usize = load<u32>(sinces + (chunk << 2));
    for (let at: u32 = 0; at < PAGE; at += 4) {
      const bits = load<u32>(since + at);
      if (bits == 0) continue;
      store<u32>(then + at, load<u32>(then + at) ^ bits);
      store<u32>(since + at, 0);
    }
    merged = PERSISTENT_BASE + ((chunk + 1) << CHUNK_SHIFT);
    if (rescheduleWanted()) safepoint();
  }
  merged = EVERYWHERE;
}

function hadBit(address: u32): bool {
  return (load<u32>(wordOf(thens, address)) & bitOf(address)) != 0;
}

/** Whether a bit that is set says that a free block begins 8 bytes before. */
function isSecond(address: u32): bool {
  let second = false;
  for (let at = address - GRAIN; hadBit(at); at -= GRAIN) second = !second;
  return second;
}

/** Whether something began at the 8-aligned address, below `startsKnownThen`, at the captured instant. */
export function began(address: u32): bool {
  return hadBit(address) && !isSecond(address);
}

/** Whether what began there was a free block. */
export function wasFree(address: u32): bool {
  return hadBit(address + GRAIN);
}

/** Whether an object began there, and no free block. */
export function objectBegan(address: u32): bool {
  const shift = (address >>> 3) & 31;
  // The bits before and behind are in the same word, and neither is set: so it is with nearly every object.
  if (shift - 1 < 30 && ((load<u32>(wordOf(thens, address)) >>> (shift - 1)) & 7) == 2) return true;
  return began(address) && !wasFree(address);
}

/**
 * Whether an object, no free block, began at `address`, something at `behind`, and nothing between; false also when that is
 * more than a word of the map can tell.
 */
export function endedAt(address: u32, behind: u32): bool {
  const shift = (address >>> 3) & 31;
  const count = (behind - address) >>> 3;
  if (shift - 1 >= 31 || count >= 32 - shift) return false;
  const bits = load<u32>(wordOf(thens, address)) >>> (shift - 1);
  // From the bit before: none, the object's, none up to the one of what is behind.
  return (bits & ((4 << count) - 1)) == 2 + (2 << count);
}

/** First bit of that instant, second ones of free blocks too, from `from` on and below `end`; `end`: none. */
function nextBit(from: u32, end: u32): u32 {
  while (from < end) {
    const bits = load<u32>(wordOf(thens, from)) >>> ((from >>> 3) & 31);
    if (bits != 0) return min<u32>(from + (ctz(bits) << 3), end);
    from = (from | (WORD_SPAN - 1)) + 1;
  }
  return end;
}

/** What began first at `from` or behind it, below `end`; `end` when nothing did. */
export function nextBegun(from: u32, end: u32): u32 {
  const found = nextBit(from, end);
  if (found == end || !isSecond(found)) return found;
  return nextBit(found + GRAIN, end);
}

/**
 * What began last at or before `address`, not before `low`. Below `startsKnownThen` something did. May let others run. Page after page of one large
 * object or free block is no search through all of it: it ends where the last one began.
 */
export function begunBefore(address: u32, low: u32): u32 {
  const from = address & ~7;
  let found = low;
  let seen: u32 = 0;
  for (let at = from; at >= low; ) {
    if (at <= soughtFrom && at >= soughtFound) {
      found = soughtFound;
      break;
    }
    const bits = load<u32>(wordOf(thens, at)) << (31 - ((at >>> 3) & 31));
    if (bits != 0) {
      found = at - (clz(bits) << 3);
      if (isSecond(found)) found -= GRAIN;
      break;
    }
    at = (at & ~(WORD_SPAN - 1)) - GRAIN;
    if (++seen % STRIDE == 0 && rescheduleWanted()) safepoint();
  }
  soughtFrom = from;
  soughtFound = found;
  return found;
}
