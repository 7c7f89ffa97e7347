/**
 * `.internal.int`, `.internal.long`, `.internal.float`, `.internal.double`: values with four methods of their own.
 */

import { K_DOUBLE, K_FLOAT, K_LONG, O_DATA } from '../objects/layout';
import { intValue, isInt, isKind, makeDouble, makeFloat, makeInt, makeLong, makeString } from '../objects/objects';
import { longDigits, putLong, putText } from '../objects/text';
import { done, doneOrNoMemory, throwNoMemory } from '../vm/outcome';
import { argument, INHERITED, throwFewArguments } from './arguments';
import { formatDouble, formatFloat, formatted } from './float-text';

const YES: u32 = 3;
const NO: u32 = 1;

/** Text of a whole number, between `before` and `after`. */
function wholeText(value: i64, before: string, after: string): u32 {
  const negative = value < 0;
  const size = negative ? 0 - <u64>value : <u64>value;
  const sign: u32 = negative ? 1 : 0;
  const made = makeString(<u32>before.length + sign + longDigits(size) + <u32>after.length);
  if (!made) return throwNoMemory();
  let at = putText(made + O_DATA, before);
  if (negative) at = putText(at, '-');
  putText(putLong(at, size), after);
  return done(made);
}

/**
 * Text of the `length` bytes that were formatted, between `before` and `after`. The text is copied before anything can
 * wait.
 */
function formattedText(length: u32, before: string, after: string): u32 {
  const first = load<u64>(formatted);
  const second = load<u64>(formatted + 8);
  const third = load<u64>(formatted + 16);
  const fourth = load<u64>(formatted + 24);
  const made = makeString(<u32>before.length + length + <u32>after.length);
  if (!made) return throwNoMemory();
  let at = putText(made + O_DATA, before);
  for (let i: u32 = 0; i < length; i++) {
    const word = i < 8 ? first : i < 16 ? second : i < 24 ? third : fourth;
    store<u8>(at + i, <u8>(word >> (<u64>((i & 7) << 3))));
  }
  at += length;
  putText(at, after);
  return done(made);
}

export function intMethod(self: u32, ordinal: u32, count: u32, args: u32): u32 {
  switch (ordinal) {
    case 3:
      return doneOrNoMemory(makeInt(intValue(self)));
    case 4: {
      if (count < 1) return throwFewArguments();
      const other = argument(args, 0);
      return done(isInt(other) && intValue(other) == intValue(self) ? YES : NO);
    }
    case 5:
      return wholeText(<i64>intValue(self), '', '');
    case 6:
      return wholeText(<i64>intValue(self), '<int>', '</int>');
  }
  return INHERITED;
}

export function longMethod(self: u32, ordinal: u32, count: u32, args: u32): u32 {
  switch (ordinal) {
    case 3:
      return doneOrNoMemory(makeLong(load<u64>(self, O_DATA)));
    case 4: {
      if (count < 1) return throwFewArguments();
      const other = argument(args, 0);
      return done(isKind(other, K_LONG) && load<u64>(other, O_DATA) == load<u64>(self, O_DATA) ? YES : NO);
    }
    case 5:
      return wholeText(load<i64>(self, O_DATA), '', '');
    case 6:
      return wholeText(load<i64>(self, O_DATA), '<long>', '</long>');
  }
  return INHERITED;
}

export function floatMethod(self: u32, ordinal: u32, count: u32, args: u32): u32 {
  switch (ordinal) {
    case 3:
      return doneOrNoMemory(makeFloat(load<u32>(self, O_DATA)));
    case 4: {
      if (count < 1) return throwFewArguments();
      const other = argument(args, 0);
      if (!isKind(other, K_FLOAT)) return done(NO);
      return done(reinterpret<f32>(load<u32>(other, O_DATA)) == reinterpret<f32>(load<u32>(self, O_DATA)) ? YES : NO);
    }
    case 5:
      return formattedText(formatFloat(load<u32>(self, O_DATA)), '', '');
    case 6:
      return formattedText(formatFloat(load<u32>(self, O_DATA)), '<float>', '</float>');
  }
  return INHERITED;
}

export function doubleMethod(self: u32, ordinal: u32, count: u32, args: u32): u32 {
  switch (ordinal) {
    case 3:
      return doneOrNoMemory(makeDouble(load<u64>(self, O_DATA)));
    case 4: {
      if (count < 1) return throwFewArguments();
      const other = argument(args, 0);
      if (!isKind(other, K_DOUBLE)) return done(NO);
      return done(reinterpret<f64>(load<u64>(other, O_DATA)) == reinterpret<f64>(load<u64>(self, O_DATA)) ? YES : NO);
    }
    case 5:
      return formattedText(formatDouble(load<u64>(self, O_DATA)), '', '');
    case 6:
      return formattedText(formatDouble(load<u64>(self, O_DATA)), '<double>', '</double>');
  }
  return INHERITED;
}
