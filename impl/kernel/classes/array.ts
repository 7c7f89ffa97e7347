/**
 * `.internal.container.array`: a page of references that is replaced by a larger one when it is full, and its iterator.
 *
 * Rule: a replacement is a private copy until page and size change in one step; the copy is made again when another
 * thread ran meanwhile.
 */

import { blockEpoch } from '../objects/below';
import { allocate, settle } from '../objects/heap';
import {
  A_PAGE,
  A_USED,
  ARRAY_BYTES,
  I_ARRAY,
  I_CURSOR,
  ITERATOR_BYTES,
  K_ARRAY,
  K_ITERATOR,
  O_DATA,
  OPAQUE,
} from '../objects/layout';
import { copyBytes, internalClass, intValue, isInt, makeInt, makePage, sizeOf } from '../objects/objects';
import { AGAIN, done, doneOrNoMemory, throwNoMemory, throwText } from '../vm/outcome';
import { argument, INHERITED, throwFewArguments, throwWrongType } from './arguments';

const FIRST_SLOTS: u32 = 8;

/** An empty array. May block. */
export function makeArray(): u32 {
  return allocate(internalClass(K_ARRAY), ARRAY_BYTES | OPAQUE);
}

/** Element `index`, null when there is none. */
export function arrayGet(array: u32, index: u32): u32 {
  return index < load<u32>(array, A_USED) ? load<u32>(load<u32>(array, A_PAGE) + (index << 2), O_DATA) : 0;
}

function capacity(page: u32): u32 {
  return page ? sizeOf(page) >>> 2 : 0;
}

/**
 * Stores an element; the array grows to hold it. `cell`: the place the caller writes next, or 0. False when memory is
 * full. May block.
 */
export function arraySet(array: u32, index: u32, value: u32, cell: u32): bool {
  let larger: u32 = 0;
  while (true) {
    const before = blockEpoch();
    const page = load<u32>(array, A_PAGE);
    if (index < capacity(page)) {
      const slot = page + O_DATA + (index << 2);
      settle(slot, array + A_USED, cell);
      if (blockEpoch() != before) continue;
      store<u32>(slot, value);
      if (index >= load<u32>(array, A_USED)) store<u32>(array, index + 1, A_USED);
      return true;
    }
    if (larger == 0) {
      larger = makePage(max<u32>(max<u32>(FIRST_SLOTS, index + 1), capacity(page) << 1));
      if (larger == 0) return false;
      continue;
    }
    if (page) copyBytes(larger + O_DATA, page + O_DATA, sizeOf(page));
    store<u32>(larger + (index << 2), value, O_DATA);
    settle(array + A_PAGE, cell, 0);
    if (blockEpoch() != before) continue;
    store<u32>(array, larger, A_PAGE);
    store<u32>(array, index + 1, A_USED);
    return true;
  }
}

export function arrayMethod(self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
    case 8: {
      const made = allocate(internalClass(K_ITERATOR), ITERATOR_BYTES | OPAQUE);
      if (!made) return throwNoMemory();
      store<u32>(made, self, I_ARRAY);
      return done(made);
    }
    case 9: {
      if (count < 2) return throwFewArguments();
      const from = argument(args, 0);
      const length = argument(args, 1);
      if (!isInt(from) || !isInt(length)) return throwWrongType();
      return subarray(self, <u32>intValue(from), <u32>intValue(length));
    }
    case 10: {
      if (count < 1) return throwFewArguments();
      const index = argument(args, 0);
      if (!isInt(index)) return throwWrongType();
      const at = <u32>intValue(index);
      if (at >= load<u32>(self, A_USED)) return throwText('array get - index is out of bounds');
      return done(arrayGet(self, at));
    }
    case 11: {
      if (count < 2) return throwFewArguments();
      const index = argument(args, 1);
      const value = argument(args, 0);
      if (!isInt(index)) return throwWrongType();
      if (intValue(index) < 0) return throwText('array set - index is out of bounds');
      return arraySet(self, <u32>intValue(index), value, cell) ? done(value) : throwNoMemory();
    }
    case 12:
      return doneOrNoMemory(makeInt(<i32>load<u32>(self, A_USED)));
  }
  return INHERITED;
}

/** A new array of `length` elements from `from` on. */
function subarray(self: u32, from: u32, length: u32): u32 {
  const used = load<u32>(self, A_USED);
  if (from > used || length > used - from) return throwText('array subarray - index is out of bounds');
  const made = makeArray();
  const page = makePage(length);
  if (!made || !page) return throwNoMemory();
  const before = blockEpoch();
  const source = load<u32>(self, A_PAGE);
  if (length) copyBytes(page + O_DATA, source + O_DATA + (from << 2), length << 2);
  if (blockEpoch() != before) return AGAIN;
  store<u32>(made, page, A_PAGE);
  store<u32>(made, length, A_USED);
  return done(made);
}

/** 8: the element under the cursor, null at the end. 333: moves the cursor on. */
export function iteratorMethod(self: u32, ordinal: u32, cell: u32): u32 {
  if (ordinal == 8) return done(arrayGet(load<u32>(self, I_ARRAY), load<u32>(self, I_CURSOR)));
  if (ordinal != 333) return INHERITED;
  settle(self + I_CURSOR, cell, 0);
  const cursor = load<u32>(self, I_CURSOR);
  if (cursor < load<u32>(load<u32>(self, I_ARRAY), A_USED)) store<u32>(self, cursor + 1, I_CURSOR);
  return done(0);
}
