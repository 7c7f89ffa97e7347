/**
 * Where the collector is, as allocation and weak references need to know, and how they ask it to work.
 *
 * Rule: garbage at some instant is gone when a collection has ended that began after it, so who finds no memory waits
 * for one of those and only then gives up.
 */

import { freeUnmarkedNew, weakTakenUnmarked } from '../defects';
import { waitForCollector, wakeCollector } from './below';
import { settle } from './heap';
import { R_HEAP_LIMIT, R_SWEPT, ROOT, W_TARGET } from './layout';
import { mark, noteFree, noteNew, isDoomed, isStart } from './marks';

/** No collection. */
export const IDLE: u32 = 0;
/** An image is frozen and marked in it: new objects count as reachable. */
export const MARKING: u32 = 1;
/** What is not marked is doomed: weak references to it become empty. */
export const CLEARING: u32 = 2;
/** Doomed objects become free blocks. */
export const SWEEPING: u32 = 3;

let phase: u32 = IDLE;
let sweeps: u32 = 0;
/** Whether a collector is at work in this boot. */
let alive: bool = false;
let requested: bool = false;
let ended: u32 = 0;
/** Bytes of new objects since the last collection began, and how many call for one. */
let fresh: u32 = 0;
let enough: u32 = 0xffffffff;
let collectable: u32 = 0;
/** Where the heap may end; 0: not known yet. */
let growth: u32 = 0;
/** The objects below this address are those of the image. */
let low: u32 = 0;
let limit: u32 = 0;

/** Bytes of garbage that became free blocks since boot, modulo 2^32. */
let freed: u32 = 0;

export function bytesFreed(): u32 {
  return freed;
}

export function noteFreed(bytes: u32): void {
  freed += bytes;
}

export function phaseIs(which: u32): bool {
  return phase == which;
}

export function setPhase(next: u32): void {
  phase = next;
}

/** A collector works from now on, for every `bytes` of new objects, as long as the heap does not end behind `end`. */
export function collectorLives(bytes: u32, end: u32): void {
  alive = true;
  enough = bytes;
  collectable = end;
  growth = min<u32>(end, load<u32>(ROOT + R_HEAP_LIMIT));
}

/** Where a heap may end for there to be RAM to mark it. */
export function collectableEnd(): u32 {
  return collectable;
}

/** There will be no further collection in this boot. */
export function collectorEnds(): void {
  alive = false;
}

/** A collection begins, of the objects from `from` up to below `to`. */
export function collectionBegins(from: u32, to: u32): void {
  low = from;
  limit = to;
  phase = MARKING;
}

/** From here on garbage may refer to what is free. */
export function sweepBegins(): void {
  store<u32>(ROOT, 0, R_SWEPT);
}

/** None is left: all of it is free. */
export function sweepEnds(): void {
  store<u32>(ROOT, 1, R_SWEPT);
  sweeps++;
}

/** Sweeps since boot that came to their end. */
export function sweepsEnded(): u32 {
  return sweeps;
}

/** A collection is over, or was given up. */
export function collectionEnds(): void {
  phase = IDLE;
  ended++;
}

/** Whether a collection is wanted; if so, it is being seen to. */
export function takeRequest(): bool {
  if (!requested) return false;
  requested = false;
  fresh = 0;
  return true;
}

export function requestCollection(): void {
  if (requested || !alive) return;
  requested = true;
  wakeCollector();
}

/** Waits for the end of a collection that begins after this. False: there is no collector. */
export function waitForCollection(): bool {
  const wanted = ended + (phase == IDLE ? 1 : 2);
  while (alive && <i32>(ended - wanted) < 0) {
    requestCollection();
    waitForCollector();
  }
  return <i32>(ended - wanted) >= 0;
}

/** An object came to be at `at`, of which `bytes` count as new memory; what is left of the free block, if anything, begins at `rest`. */
export function noteAllocation(at: u32, bytes: u32, rest: u32): void {
  if ((phase == MARKING || phase == CLEARING) && at < limit && !freeUnmarkedNew) {
    noteNew(at);
    if (rest) noteFree(rest);
  }
  fresh += bytes;
  if (fresh >= enough) requestCollection();
}

/** Where the heap may end: so that it can be collected, until what lives leaves no room there. */
export function growthEnd(): u32 {
  if (growth == 0) growFreely();
  return growth;
}

export function growFreely(): void {
  growth = load<u32>(ROOT + R_HEAP_LIMIT);
}

function inImage(reference: u32): bool {
  return (reference & 7) == 0 && reference >= low && reference < limit && isStart(reference);
}

/** A program gets hold of the object a weak reference leads to. False: it is doomed, and the reference is to be emptied. */
export function weakTaken(reference: u32): bool {
  if (phase == MARKING && inImage(reference) && !weakTakenUnmarked) mark(reference);
  return phase != CLEARING || !inImage(reference) || !isDoomed(reference);
}

/** Empties a weak reference if it leads to a doomed object. May block. */
export function emptyWeak(weak: u32): void {
  settle(weak + W_TARGET, 0, 0);
  const reference = load<u32>(weak, W_TARGET);
  if (phase == CLEARING && inImage(reference) && isDoomed(reference)) store<u32>(weak, 0, W_TARGET);
}
