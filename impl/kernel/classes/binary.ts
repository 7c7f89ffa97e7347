/**
 * `.internal.binary`: bytes that change in place.
 */

import { allocate, settle } from '../objects/heap';
import { K_BINARY, O_DATA, OPAQUE, T_PROGRESS } from '../objects/layout';
import { internalClass, intValue, isInt, isKind, sizeOf } from '../objects/objects';
import { begin, fill, finish, making, PART, pause, settleCopy } from '../objects/parts';
import { done, throwNoMemory, throwText } from '../vm/outcome';
import { argument, INHERITED, throwFewArguments, throwWrongType } from './arguments';

/**
 * Bytes of `source` into this binary, as if all moved at once when both are the same. Other threads may see the first
 * parts done and the others not; how many are done stands in the record.
 */
function setRange(record: u32, self: u32, args: u32, cell: u32): u32 {
  const source = argument(args, 0);
  if (!isInt(argument(args, 1)) || !isInt(argument(args, 2)) || !isInt(argument(args, 3))) return throwWrongType();
  if (!isKind(source, K_BINARY)) return throwWrongType();
  const to = <u32>intValue(argument(args, 1));
  const from = <u32>intValue(argument(args, 2));
  const length = <u32>intValue(argument(args, 3));
  const size = sizeOf(self);
  if (to > size || length > size - to) return throwText('binary copy dest index/len out of bounds');
  const sourceSize = sizeOf(source);
  if (from > sourceSize || length > sourceSize - from) return throwText('binary copy src index/len out of bounds');
  const target = self + O_DATA + to;
  const origin = source + O_DATA + from;
  // A target inside its own source is filled from its end.
  const backward = target - origin < length;
  while (true) {
    const copied = load<u32>(record, T_PROGRESS);
    const part = min<u32>(length - copied, PART);
    const at = backward ? length - copied - part : copied;
    if (!settleCopy(target + at, origin + at, part, cell)) continue;
    memory.copy(target + at, origin + at, part);
    if (copied + part == length) {
      store<u32>(record, 0, T_PROGRESS);
      return done(0);
    }
    store<u32>(record, copied + part, T_PROGRESS);
    pause();
  }
}

export function binaryMethod(record: u32, self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
    case 3: {
      const size = sizeOf(self);
      if (!making(record) && !begin(record, allocate(internalClass(K_BINARY), size | OPAQUE))) return throwNoMemory();
      fill(record, 0, self + O_DATA, size);
      return done(finish(record, cell));
    }
    case 8: {
      if (count < 1) return throwFewArguments();
      const index = argument(args, 0);
      if (!isInt(index)) return throwWrongType();
      const at = <u32>intValue(index);
      if (at >= sizeOf(self)) return throwText('binary index out of bounds');
      return done(((<u32>load<u8>(self + at, O_DATA)) << 1) | 1);
    }
    case 9: {
      if (count < 2) return throwFewArguments();
      const index = argument(args, 0);
      const byte = argument(args, 1);
      if (!isInt(index) || !isInt(byte)) return throwWrongType();
      const at = <u32>intValue(index);
      if (at >= sizeOf(self)) return throwText('binary index out of bounds');
      const value = <u8>intValue(byte);
      settle(self + O_DATA + at, cell, 0);
      store<u8>(self + at, value, O_DATA);
      return done(0);
    }
    case 10:
      return count < 4 ? throwFewArguments() : setRange(record, self, args, cell);
  }
  return INHERITED;
}
