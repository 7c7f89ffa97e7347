/**
 * `.internal.string`: bytes that never change.
 */

import { rescheduleWanted, safepoint } from '../objects/below';
import { O_DATA } from '../objects/layout';
import { intValue, isInt, makeInt, makeLong, makeString, sameStrings, sizeOf } from '../objects/objects';
import { done, doneOrNoMemory, throwNoMemory, throwText } from '../vm/outcome';
import { argument, INHERITED, isString, throwFewArguments, throwNotString, throwWrongType } from './arguments';
import { parseJson } from './json';

/** Bytes between two looks at the clock in a long method. */
const STRIDE: u32 = 1024;

/** Copies into a new string. The world may stop in between: nobody else knows the string. */
function copyInto(to: u32, from: u32, length: u32): void {
  for (let begin: u32 = 0; begin < length; begin += STRIDE) {
    const end = min<u32>(begin + STRIDE, length);
    let i = begin;
    for (; i + 4 <= end; i += 4) store<u32>(to + i, load<u32>(from + i));
    for (; i < end; i++) store<u8>(to + i, load<u8>(from + i));
    if (rescheduleWanted()) safepoint();
  }
}

function substring(self: u32, index: i32, wanted: i32): u32 {
  const length = <i32>sizeOf(self);
  if (index < 0 || index >= length) return throwText('string.substring index is out of bounds');
  if (wanted < 0) return throwText('string.substring length is negative');
  const taken = <u32>min<i32>(wanted, length - index);
  const made = makeString(taken);
  if (!made) return throwNoMemory();
  copyInto(made + O_DATA, self + O_DATA + index, taken);
  return done(made);
}

function concatenate(self: u32, other: u32): u32 {
  const length = sizeOf(self);
  const more = sizeOf(other);
  const made = makeString(length + more);
  if (!made) return throwNoMemory();
  copyInto(made + O_DATA, self + O_DATA, length);
  copyInto(made + O_DATA + length, other + O_DATA, more);
  return done(made);
}

/** Index of the first place where `other` occurs, or -1. */
function find(self: u32, other: u32): i32 {
  const length = sizeOf(other);
  const text = self + O_DATA;
  const wanted = other + O_DATA;
  if (length == 0) return 0;
  if (sizeOf(self) < length) return -1;
  const last = sizeOf(self) - length;
  let work: u32 = 0;
  for (let at: u32 = 0; at <= last; at++) {
    let same: u32 = 0;
    while (same < length && load<u8>(text + at + same) == load<u8>(wanted + same)) same++;
    if (same == length) return <i32>at;
    work += same + 1;
    if (work >= STRIDE) {
      work = 0;
      if (rescheduleWanted()) safepoint();
    }
  }
  return -1;
}

/** Whole number at the start of a text: blanks, sign, digits; wraps around; 0 without digits. */
export function wholeNumber(bytes: u32, length: u32): u64 {
  let at: u32 = 0;
  while (at < length) {
    const byte = <u32>load<u8>(bytes + at);
    if (byte != 32 && (byte < 9 || byte > 13)) break;
    at++;
  }
  let negative = false;
  if (at < length && (load<u8>(bytes + at) == 45 || load<u8>(bytes + at) == 43)) {
    negative = load<u8>(bytes + at) == 45;
    at++;
  }
  let value: u64 = 0;
  for (; at < length; at++) {
    const digit = <u32>load<u8>(bytes + at) - 48;
    if (digit > 9) break;
    value = value * 10 + <u64>digit;
  }
  return negative ? 0 - value : value;
}

export function stringMethod(self: u32, ordinal: u32, count: u32, args: u32): u32 {
  switch (ordinal) {
    case 3: {
      const made = makeString(sizeOf(self));
      if (!made) return throwNoMemory();
      copyInto(made + O_DATA, self + O_DATA, sizeOf(self));
      return done(made);
    }
    case 4: {
      if (count < 1) return throwFewArguments();
      const other = argument(args, 0);
      if (other == 0) return done(1);
      if (!isString(other)) return throwNotString();
      return done(sameStrings(self, other) ? 3 : 1);
    }
    case 5:
      return done(self);
    case 8: {
      if (count < 2) return throwFewArguments();
      const index = argument(args, 0);
      const length = argument(args, 1);
      if (!isInt(index) || !isInt(length)) return throwWrongType();
      return substring(self, intValue(index), intValue(length));
    }
    case 9: {
      if (count < 1) return throwFewArguments();
      const index = argument(args, 0);
      if (!isInt(index)) return throwWrongType();
      const at = <u32>intValue(index);
      if (at >= sizeOf(self)) return throwText('string.charAt index is out of bounds');
      return done(((<u32>load<u8>(self + at, O_DATA)) << 1) | 1);
    }
    case 10: {
      if (count < 1) return throwFewArguments();
      const other = argument(args, 0);
      return isString(other) ? concatenate(self, other) : throwNotString();
    }
    case 11:
      return doneOrNoMemory(makeInt(<i32>sizeOf(self)));
    case 12: {
      if (count < 1) return throwFewArguments();
      const other = argument(args, 0);
      return isString(other) ? doneOrNoMemory(makeInt(find(self, other))) : throwNotString();
    }
    case 16:
      return doneOrNoMemory(makeInt(<i32>wholeNumber(self + O_DATA, sizeOf(self))));
    case 17:
      return doneOrNoMemory(makeLong(wholeNumber(self + O_DATA, sizeOf(self))));
    case 18:
      return throwText('not impl tofloat');
    case 19:
      return throwText('not impl si_string_19_todouble');
    case 20:
      return parseJson(self);
  }
  return INHERITED;
}
