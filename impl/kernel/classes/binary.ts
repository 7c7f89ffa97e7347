/**
 * `.internal.binary`: bytes that change in place.
 */

import { blockEpoch, vload8 } from '../objects/below';
import { settle, touchRange } from '../objects/heap';
import { K_BINARY, O_DATA } from '../objects/layout';
import { intValue, isInt, isKind, sizeOf } from '../objects/objects';
import { AGAIN, done, throwText } from '../vm/outcome';
import { argument, INHERITED, throwFewArguments, throwWrongType } from './arguments';

/** Copies inside or between binaries as if all bytes moved at once. */
function move(to: u32, from: u32, length: u32): void {
  if (to <= from || to >= from + length) {
    for (let i: u32 = 0; i < length; i++) store<u8>(to + i, load<u8>(from + i));
  } else {
    for (let i = length; i > 0; i--) store<u8>(to + i - 1, load<u8>(from + i - 1));
  }
}

/** Bytes of `source` into this binary, in one step: both ranges resident, then the copy. */
function setRange(self: u32, args: u32, cell: u32): u32 {
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
  const before = blockEpoch();
  touchRange(self + O_DATA + to, length);
  for (let i: u32 = 0; i < length; i += 4096) vload8(source + O_DATA + from + i);
  if (length) vload8(source + O_DATA + from + length - 1);
  settle(cell, 0, 0);
  if (blockEpoch() != before) return AGAIN;
  move(self + O_DATA + to, source + O_DATA + from, length);
  return done(0);
}

export function binaryMethod(self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
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
      settle(self + O_DATA + at, cell, 0);
      store<u8>(self + at, <u8>intValue(byte), O_DATA);
      return done(0);
    }
    case 10:
      return count < 4 ? throwFewArguments() : setRange(self, args, cell);
  }
  return INHERITED;
}
