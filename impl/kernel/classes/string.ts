/**
 * `.internal.string`: bytes that never change.
 */

import { settle } from '../objects/heap';
import { O_DATA, T_PROGRESS } from '../objects/layout';
import { copyBytes, intValue, isInt, makeInt, makeLong, makeString, sameStrings, sizeOf } from '../objects/objects';
import { begin, fill, finish, making, PART, pause } from '../objects/parts';
import { done, doneOrNoMemory, throwNoMemory, throwText } from '../vm/outcome';
import { argument, INHERITED, isString, throwFewArguments, throwNotString, throwWrongType } from './arguments';
import { parseJson } from './json';

/** Bytes compared between two safepoints. */
const FIND_PART: u32 = 256;

/** A new string of two ranges, one behind the other. */
function joined(record: u32, first: u32, length: u32, second: u32, more: u32, cell: u32): u32 {
  if (length + more <= PART) {
    const made = makeString(length + more);
    if (!made) return throwNoMemory();
    copyBytes(made + O_DATA, first, length);
    copyBytes(made + O_DATA + length, second, more);
    return done(made);
  }
  if (!making(record) && !begin(record, makeString(length + more))) return throwNoMemory();
  fill(record, 0, first, length);
  fill(record, length, second, more);
  return done(finish(record, cell));
}

function substring(record: u32, self: u32, index: i32, wanted: i32, cell: u32): u32 {
  const length = <i32>sizeOf(self);
  if (index < 0 || index >= length) return throwText('string.substring index is out of bounds');
  if (wanted < 0) return throwText('string.substring length is negative');
  return joined(record, self + O_DATA + index, <u32>min<i32>(wanted, length - index), 0, 0, cell);
}

/** How many of the first bytes are the same. */
function common(a: u32, b: u32, length: u32): u32 {
  let same: u32 = 0;
  while (same < length && load<u8>(a + same) == load<u8>(b + same)) {
    same++;
    if (same % PART == 0) pause();
  }
  return same;
}

/** Index of the first place where `other` occurs, or -1. The record holds the place reached. */
function find(record: u32, self: u32, other: u32): i32 {
  const length = sizeOf(other);
  const text = self + O_DATA;
  const wanted = other + O_DATA;
  if (length == 0) return 0;
  if (sizeOf(self) < length) return -1;
  const last = sizeOf(self) - length;
  let work: u32 = 0;
  for (let at = load<u32>(record, T_PROGRESS); at <= last; at++) {
    const same = common(text + at, wanted, length);
    if (same == length) return <i32>at;
    work += same + 1;
    if (work < FIND_PART) continue;
    work = 0;
    store<u32>(record, at, T_PROGRESS);
    pause();
  }
  return -1;
}

function findResult(record: u32, self: u32, other: u32, cell: u32): u32 {
  const made = makeInt(find(record, self, other));
  if (!made) return throwNoMemory();
  settle(cell, 0, 0);
  store<u32>(record, 0, T_PROGRESS);
  return done(made);
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

export function stringMethod(record: u32, self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
    case 3:
      return joined(record, self + O_DATA, sizeOf(self), 0, 0, cell);
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
      return substring(record, self, intValue(index), intValue(length), cell);
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
      if (!isString(other)) return throwNotString();
      return joined(record, self + O_DATA, sizeOf(self), other + O_DATA, sizeOf(other), cell);
    }
    case 11:
      return doneOrNoMemory(makeInt(<i32>sizeOf(self)));
    case 12: {
      if (count < 1) return throwFewArguments();
      const other = argument(args, 0);
      return isString(other) ? findResult(record, self, other, cell) : throwNotString();
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
