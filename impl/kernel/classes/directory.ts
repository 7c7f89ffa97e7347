/**
 * `.internal.directory`: objects by string key. Open addressing with linear search over a page of {key, value} pairs,
 * at most three quarters filled; a removed key leaves the integer 0 so that searches pass over it, and goes when the
 * page is replaced.
 *
 * Rule: as for arrays; a replacement page is private until it is linked in one step.
 */

import { blockEpoch } from '../objects/below';
import { allocate, settle } from '../objects/heap';
import { D_COUNT, D_FILLED, D_PAGE, DIRECTORY_BYTES, K_DIRECTORY, O_DATA, OPAQUE } from '../objects/layout';
import { hashBytes, internalClass, makeInt, makePage, sameStrings, sizeOf } from '../objects/objects';
import { done, doneOrNoMemory, throwNoMemory, throwText } from '../vm/outcome';
import { argument, INHERITED, isString, throwFewArguments, throwNotString } from './arguments';

const REMOVED: u32 = 1;
const FIRST_PAIRS: u32 = 8;
const EXISTS: u32 = 17;
const ABSENT: u32 = 2;

/** An empty directory. May block. */
export function makeDirectory(): u32 {
  return allocate(internalClass(K_DIRECTORY), DIRECTORY_BYTES | OPAQUE);
}

/** Address of the pair of that key, or of the empty pair where the search for it ends. The page is never full. */
function pairOf(page: u32, key: u32): u32 {
  const mask = (sizeOf(page) >>> 3) - 1;
  let at = hashBytes(0, key + O_DATA, sizeOf(key)) & mask;
  while (true) {
    const pair = page + O_DATA + (at << 3);
    const held = load<u32>(pair);
    if (held == 0 || (held != REMOVED && sameStrings(held, key))) return pair;
    at = (at + 1) & mask;
  }
}

/** Copies live pairs into an empty page. */
function rehash(from: u32, to: u32): void {
  if (from == 0) return;
  for (let at: u32 = 0; at < sizeOf(from); at += 8) {
    const key = load<u32>(from + at, O_DATA);
    if (key == 0 || key == REMOVED) continue;
    const pair = pairOf(to, key);
    store<u32>(pair, key);
    store<u32>(pair + 4, load<u32>(from + at + 4, O_DATA));
  }
}

/** Adds a key; 0, or EXISTS, or -1 when memory is full. May block. `cell`: the place the caller writes next, or 0. */
export function directoryPut(self: u32, key: u32, value: u32, cell: u32): i32 {
  while (true) {
    const before = blockEpoch();
    const page = load<u32>(self, D_PAGE);
    const pairs: u32 = page ? sizeOf(page) >>> 3 : 0;
    const filled = load<u32>(self, D_FILLED);
    if (page != 0 && load<u32>(pairOf(page, key)) != 0) {
      if (blockEpoch() != before) continue;
      return EXISTS;
    }
    const count = load<u32>(self, D_COUNT);
    if (page != 0 && (filled + 1) * 4 <= pairs * 3) {
      const pair = pairOf(page, key);
      settle(pair, pair + 4, self + D_COUNT);
      settle(cell, self + D_FILLED, 0);
      if (blockEpoch() != before) continue;
      store<u32>(pair, key);
      store<u32>(pair + 4, value);
      store<u32>(self, count + 1, D_COUNT);
      store<u32>(self, filled + 1, D_FILLED);
      return 0;
    }
    // Twice as large when live pairs need it, else the same size without the removed ones.
    const wanted = max<u32>(FIRST_PAIRS, (count + 1) * 2 > pairs ? pairs << 1 : pairs);
    const fresh = makePage(wanted << 1);
    if (fresh == 0) return -1;
    const started = blockEpoch();
    rehash(page, fresh);
    settle(self + D_PAGE, self + D_FILLED, 0);
    if (blockEpoch() != started || load<u32>(self, D_PAGE) != page || load<u32>(self, D_FILLED) != filled) continue;
    store<u32>(self, fresh, D_PAGE);
    store<u32>(self, load<u32>(self, D_COUNT), D_FILLED);
  }
}

function remove(self: u32, key: u32, cell: u32): u32 {
  while (true) {
    const before = blockEpoch();
    const page = load<u32>(self, D_PAGE);
    const pair = page ? pairOf(page, key) : 0;
    if (pair == 0 || load<u32>(pair) == 0) {
      if (blockEpoch() != before) continue;
      return ABSENT;
    }
    settle(pair, pair + 4, self + D_COUNT);
    settle(cell, 0, 0);
    if (blockEpoch() != before) continue;
    store<u32>(pair, REMOVED);
    store<u32>(pair + 4, 0);
    store<u32>(self, load<u32>(self, D_COUNT) - 1, D_COUNT);
    return 0;
  }
}

export function directoryMethod(self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
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
      const page = load<u32>(self, D_PAGE);
      if (page == 0) return done(0);
      const pair = pairOf(page, key);
      return done(load<u32>(pair) ? load<u32>(pair + 4) : 0);
    }
    case 10: {
      if (count < 1) return throwFewArguments();
      const key = argument(args, 0);
      if (!isString(key)) return throwNotString();
      return done((remove(self, key, cell) << 1) | 1);
    }
    case 11:
      return doneOrNoMemory(makeInt(<i32>load<u32>(self, D_COUNT)));
    case 12:
      return throwText('dir.iterate: not implemented');
  }
  return INHERITED;
}
