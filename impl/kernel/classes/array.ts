/**
 * `.internal.container.array`: a page of references that is replaced by a larger one when it is full, and its iterator.
 *
 * Rule: while a replacement is being filled, in parts that are noted in the array itself, nobody changes the array:
 * whoever wants to helps to finish first. So the parts are right when the last one puts the new page in place, and
 * neither a thread that is slow nor a power cut loses or repeats the work done.
 */

import { blockEpoch } from '../objects/below';
import { allocate, settle } from '../objects/heap';
import {
  A_COPIED,
  A_LARGER,
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
import { internalClass, intValue, isInt, makeInt, makePage, sizeOf } from '../objects/objects';
import { begin, fill, finish, making, PART, pause, settleCopy } from '../objects/parts';
import { done, doneOrNoMemory, throwNoMemory, throwText } from '../vm/outcome';
import { argument, INHERITED, throwFewArguments, throwWrongType } from './arguments';

const FIRST_SLOTS: u32 = 8;

/** An empty array. May block. */
export function makeArray(): u32 {
  return allocate(internalClass(K_ARRAY), ARRAY_BYTES | OPAQUE);
}

/** An iterator whose cursor is on the first element. May block. */
export function makeIterator(array: u32): u32 {
  const made = allocate(internalClass(K_ITERATOR), ITERATOR_BYTES | OPAQUE);
  if (made) store<u32>(made, array, I_ARRAY);
  return made;
}

/** Element `index`, null when there is none. */
export function arrayGet(array: u32, index: u32): u32 {
  return index < load<u32>(array, A_USED) ? load<u32>(load<u32>(array, A_PAGE) + (index << 2), O_DATA) : 0;
}

function capacity(page: u32): u32 {
  return page ? sizeOf(page) >>> 2 : 0;
}

/** One step of the growth under way. */
function growStep(array: u32): void {
  const larger = load<u32>(array, A_LARGER);
  if (larger == 0) return;
  const page = load<u32>(array, A_PAGE);
  const at = load<u32>(array, A_COPIED);
  const bytes = load<u32>(array, A_USED) << 2;
  const part = min<u32>(bytes - at, PART);
  const before = blockEpoch();
  settle(array + A_PAGE, array + A_LARGER, 0);
  settleCopy(larger + O_DATA + at, page + O_DATA + at, part, 0);
  if (blockEpoch() != before || load<u32>(array, A_LARGER) != larger || load<u32>(array, A_COPIED) != at) return;
  if (part) memory.copy(larger + O_DATA + at, page + O_DATA + at, part);
  if (at + part < bytes) {
    store<u32>(array, at + part, A_COPIED);
    return;
  }
  store<u32>(array, larger, A_PAGE);
  store<u32>(array, 0, A_LARGER);
  store<u32>(array, 0, A_COPIED);
}

/**
 * Stores an element; the array grows to hold it. `cell`: the place the caller writes next, or 0. False when memory is
 * full. May block.
 */
export function arraySet(array: u32, index: u32, value: u32, cell: u32): bool {
  while (true) {
    const before = blockEpoch();
    if (load<u32>(array, A_LARGER)) {
      growStep(array);
      pause();
      continue;
    }
    const page = load<u32>(array, A_PAGE);
    if (index < capacity(page)) {
      const slot = page + O_DATA + (index << 2);
      settle(slot, array + A_USED, cell);
      if (blockEpoch() != before) continue;
      store<u32>(slot, value);
      if (index >= load<u32>(array, A_USED)) store<u32>(array, index + 1, A_USED);
      return true;
    }
    const larger = makePage(max<u32>(max<u32>(FIRST_SLOTS, index + 1), capacity(page) << 1));
    if (larger == 0) return false;
    settle(array + A_PAGE, array + A_LARGER, 0);
    // Another thread may have been faster.
    if (load<u32>(array, A_PAGE) == page && load<u32>(array, A_LARGER) == 0) store<u32>(array, larger, A_LARGER);
  }
}

export function arrayMethod(record: u32, self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
    case 3:
      // A copy that a power cut interrupted is as long as it was begun, though others have made the array longer since.
      return subarray(record, self, 0, making(record) ? capacity(making(record)) : load<u32>(self, A_USED), cell);
    case 8:
      return doneOrNoMemory(makeIterator(self));
    case 9: {
      if (count < 2) return throwFewArguments();
      const from = argument(args, 0);
      const length = argument(args, 1);
      if (!isInt(from) || !isInt(length)) return throwWrongType();
      return subarray(record, self, <u32>intValue(from), <u32>intValue(length), cell);
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

/**
 * A new array of `length` elements from `from` on. It is filled in parts: of elements that others change meanwhile some
 * may be the old ones, some the new.
 */
function subarray(record: u32, self: u32, from: u32, length: u32, cell: u32): u32 {
  const used = load<u32>(self, A_USED);
  if (from > used || length > used - from) return throwText('array subarray - index is out of bounds');
  if (!making(record) && !begin(record, makePage(length))) return throwNoMemory();
  fill(record, 0, load<u32>(self, A_PAGE) + O_DATA + (from << 2), length << 2);
  const made = makeArray();
  if (!made) return throwNoMemory();
  store<u32>(made, making(record), A_PAGE);
  store<u32>(made, length, A_USED);
  finish(record, cell);
  return done(made);
}

/** 8: the element under the cursor, null at the end. 333: moves the cursor on. */
export function iteratorMethod(self: u32, ordinal: u32, cell: u32): u32 {
  if (ordinal == 8) return done(arrayGet(load<u32>(self, I_ARRAY), load<u32>(self, I_CURSOR)));
  if (ordinal != 333) return INHERITED;
  while (true) {
    const before = blockEpoch();
    const cursor = load<u32>(self, I_CURSOR);
    const used = load<u32>(load<u32>(self, I_ARRAY), A_USED);
    settle(self + I_CURSOR, cell, 0);
    if (blockEpoch() != before) continue;
    if (cursor < used) store<u32>(self, cursor + 1, I_CURSOR);
    return done(0);
  }
}
