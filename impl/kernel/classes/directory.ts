/**
 * `.internal.directory`: objects by string key. Open addressing with linear search over a page of {key, value} pairs,
 * at most three quarters filled; a removed key leaves the integer 0 so that searches pass over it, and goes when the
 * page is replaced.
 *
 * Rules. A pair of a page goes from empty to key to removed and never back, so a search may wait anywhere: an empty
 * pair it ended at, if it is still empty, shows that the key is not there. Replacing a page goes as for arrays: in
 * steps noted in the directory, and who wants to change the directory meanwhile helps to finish first.
 */

import { blockEpoch } from '../objects/below';
import { allocate, settle } from '../objects/heap';
import {
  A_PAGE,
  A_USED,
  D_COUNT,
  D_FILLED,
  D_FRESH,
  D_MOVED,
  D_PAGE,
  DIRECTORY_BYTES,
  K_DIRECTORY,
  O_DATA,
  OPAQUE,
} from '../objects/layout';
import { hashBytes, internalClass, makeInt, makePage, sameStrings, sizeOf } from '../objects/objects';
import { begin, finish, making, PART, pause } from '../objects/parts';
import { done, doneOrNoMemory, throwNoMemory, throwText } from '../vm/outcome';
import { argument, INHERITED, isString, throwFewArguments, throwNotString } from './arguments';
import { makeArray, makeIterator } from './array';

const REMOVED: u32 = 1;
const FIRST_PAIRS: u32 = 8;
const EXISTS: u32 = 17;
const ABSENT: u32 = 2;

/** An empty directory. May block. */
export function makeDirectory(): u32 {
  return allocate(internalClass(K_DIRECTORY), DIRECTORY_BYTES | OPAQUE);
}

function hashOf(key: u32): u32 {
  return hashBytes(0, key + O_DATA, sizeOf(key));
}

/**
 * Address of the pair of that key, plus 1; or of the empty pair where the search for it ended. The page is never full.
 * May block.
 */
function pairOf(page: u32, hash: u32, key: u32): u32 {
  const mask = (sizeOf(page) >>> 3) - 1;
  let at = hash & mask;
  while (true) {
    const pair = page + O_DATA + (at << 3);
    const held = load<u32>(pair);
    if (held == 0) return pair;
    if (held != REMOVED && sameStrings(held, key)) return pair | 1;
    at = (at + 1) & mask;
  }
}

/** Empty pair of a page for a key that is not in it. */
function emptyPair(page: u32, hash: u32): u32 {
  const mask = (sizeOf(page) >>> 3) - 1;
  let at = hash & mask;
  while (load<u32>(page + (at << 3), O_DATA) != 0) at = (at + 1) & mask;
  return page + O_DATA + (at << 3);
}

/** Settles the directory, a pair (or 0) and `cell`. */
function settleAll(self: u32, pair: u32, cell: u32): void {
  while (true) {
    const before = blockEpoch();
    settle(pair, cell, 0);
    settle(self + D_PAGE, self + D_FILLED, self + D_MOVED);
    if (blockEpoch() == before) return;
  }
}

/** One step of replacing the page: moves the next live pair. */
function moveStep(self: u32): void {
  const fresh = load<u32>(self, D_FRESH);
  if (fresh == 0) return;
  const page = load<u32>(self, D_PAGE);
  const from = load<u32>(self, D_MOVED);
  const size: u32 = page ? sizeOf(page) : 0;
  const end = min<u32>(size, from + PART);
  let at = from;
  let key: u32 = 0;
  let value: u32 = 0;
  let pair: u32 = 0;
  for (; at < end && pair == 0; at += 8) {
    key = load<u32>(page + at, O_DATA);
    if (key == 0 || key == REMOVED) continue;
    value = load<u32>(page + at + 4, O_DATA);
    pair = emptyPair(fresh, hashOf(key));
  }
  settleAll(self, pair, 0);
  // Somebody else may have done this step: then nothing of what was read counts.
  if (load<u32>(self, D_FRESH) != fresh || load<u32>(self, D_MOVED) != from) return;
  if (pair) {
    store<u32>(pair, key);
    store<u32>(pair + 4, value);
  }
  if (at < size) {
    store<u32>(self, at, D_MOVED);
    return;
  }
  store<u32>(self, fresh, D_PAGE);
  store<u32>(self, load<u32>(self, D_COUNT), D_FILLED);
  store<u32>(self, 0, D_FRESH);
  store<u32>(self, 0, D_MOVED);
}

/** Whether one more pair may be used of a page with so many. */
function hasSpace(self: u32, pairs: u32): bool {
  return (load<u32>(self, D_FILLED) + 1) * 4 <= pairs * 3;
}

/** Adds a key; 0, or EXISTS, or -1 when memory is full. May block. `cell`: the place the caller writes next, or 0. */
export function directoryPut(self: u32, key: u32, value: u32, cell: u32): i32 {
  const hash = hashOf(key);
  while (true) {
    if (load<u32>(self, D_FRESH)) {
      moveStep(self);
      pause();
      continue;
    }
    const page = load<u32>(self, D_PAGE);
    const pair = page ? pairOf(page, hash, key) : 0;
    if (pair & 1) return EXISTS;
    const pairs: u32 = page ? sizeOf(page) >>> 3 : 0;
    if (hasSpace(self, pairs)) {
      settleAll(self, pair, cell);
      const same = load<u32>(self, D_PAGE) == page && load<u32>(self, D_FRESH) == 0 && load<u32>(pair) == 0;
      if (!same || !hasSpace(self, pairs)) continue;
      store<u32>(pair, key);
      store<u32>(pair + 4, value);
      store<u32>(self, load<u32>(self, D_COUNT) + 1, D_COUNT);
      store<u32>(self, load<u32>(self, D_FILLED) + 1, D_FILLED);
      return 0;
    }
    // Twice as large when live pairs need it, else the same size without the removed ones.
    const count = load<u32>(self, D_COUNT);
    const wanted = max<u32>(FIRST_PAIRS, (count + 1) * 2 > pairs ? pairs << 1 : pairs);
    const fresh = makePage(wanted << 1);
    if (fresh == 0) return -1;
    settleAll(self, 0, 0);
    if (load<u32>(self, D_PAGE) == page && load<u32>(self, D_FRESH) == 0) store<u32>(self, fresh, D_FRESH);
  }
}

/** Value of a key, null when there is none. May block. */
export function directoryGet(self: u32, key: u32): u32 {
  const page = load<u32>(self, D_PAGE);
  if (page == 0) return 0;
  const pair = pairOf(page, hashOf(key), key);
  // Of a key removed meanwhile the value is null.
  return pair & 1 ? load<u32>(pair + 3) : 0;
}

/**
 * The keys there are now, as an array: those that come or go meanwhile may be in it or not. Filling it begins anew when
 * it is cut: nobody else knows it.
 */
function keys(record: u32, self: u32): u32 {
  const page = load<u32>(self, D_PAGE);
  const size: u32 = page ? sizeOf(page) : 0;
  if (!making(record) && !begin(record, makePage(load<u32>(self, D_COUNT)))) return 0;
  const made = making(record);
  const room = sizeOf(made) >>> 2;
  let count: u32 = 0;
  for (let at: u32 = 0; at < size && count < room; at += 8) {
    const key = load<u32>(page + at, O_DATA);
    if (key != 0 && key != REMOVED) {
      store<u32>(made + (count << 2), key, O_DATA);
      count++;
    }
    if (at % PART == 0) pause();
  }
  const array = makeArray();
  if (!array) return 0;
  store<u32>(array, made, A_PAGE);
  store<u32>(array, count, A_USED);
  return array;
}

/** Method 13, ours: an iterator over the keys. The original's 12 throws, and its programs expect that. */
function iterate(record: u32, self: u32, cell: u32): u32 {
  const array = keys(record, self);
  if (!array) return throwNoMemory();
  const made = makeIterator(array);
  if (!made) return throwNoMemory();
  finish(record, cell);
  return done(made);
}

/** 0, or ABSENT. May block. */
export function directoryRemove(self: u32, key: u32, cell: u32): u32 {
  const hash = hashOf(key);
  while (true) {
    if (load<u32>(self, D_FRESH)) {
      moveStep(self);
      pause();
      continue;
    }
    const page = load<u32>(self, D_PAGE);
    const found = page ? pairOf(page, hash, key) : 0;
    if ((found & 1) == 0) return ABSENT;
    const pair = found & ~1;
    settleAll(self, pair, cell);
    if (load<u32>(self, D_PAGE) != page || load<u32>(self, D_FRESH) != 0) continue;
    // A pair that held the key holds it still, or is removed.
    if (load<u32>(pair) == REMOVED) return ABSENT;
    store<u32>(pair, REMOVED);
    store<u32>(pair + 4, 0);
    store<u32>(self, load<u32>(self, D_COUNT) - 1, D_COUNT);
    return 0;
  }
}

export function directoryMethod(record: u32, self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
    case 4:
      return throwText('dir.equals: not implemented');
    case 8: {
      if (count < 2) return throwFewArguments();
      const key = argument(args, 0);
      if (!isString(key)) return throwNotString();
      const code = directoryPut(self, key, argument(args, 1), cell);
      return code < 0 ? throwNoMemory() : done((<u32>code << 1) | 1);
    }
    case 9: {
      if (count < 1) return throwFewArguments();
      const key = argument(args, 0);
      if (!isString(key)) return throwNotString();
      return done(directoryGet(self, key));
    }
    case 10: {
      if (count < 1) return throwFewArguments();
      const key = argument(args, 0);
      if (!isString(key)) return throwNotString();
      return done((directoryRemove(self, key, cell) << 1) | 1);
    }
    case 11:
      return doneOrNoMemory(makeInt(<i32>load<u32>(self, D_COUNT)));
    case 12:
      return throwText('dir.iterate: not implemented');
    case 13:
      return iterate(record, self, cell);
  }
  return INHERITED;
}
