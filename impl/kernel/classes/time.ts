/**
 * `.internal.time` and `.internal.stat`: what time it is, how long to wait, and what the system counts.
 */

import { clockGoesBack } from '../defects';
import { collectionsDone, kibFreed, pagesKept, sweepWrites } from '../objects/collector';
import { idlePercent, milliseconds, recoveredGeneration, timeOfDay } from '../objects/below';
import {
  R_CLOCK,
  R_CONSOLE,
  R_HEAP_NEXT,
  R_HEAP_START,
  R_THREADS_EVER,
  R_THREADS_FAILED,
  ROOT,
} from '../objects/layout';
import { intValue, isInt, makeInt } from '../objects/objects';
import { done, doneOrNoMemory, throwText } from '../vm/outcome';
import { argument, INHERITED, throwFewArguments, throwWrongType } from './arguments';
import { bootNumber } from './device';
import { sleep } from './sleep';

/** Longest sleep in seconds that is a u32 of milliseconds. */
const SECONDS_MAX: i32 = 4294967;

/**
 * Seconds since 1970, never less than a program was told before: the clock may have been set back, or have lost its
 * battery, while the machine was off.
 */
function clock(): u32 {
  const now = timeOfDay();
  const latest = load<u32>(ROOT + R_CLOCK);
  if (now <= latest) return clockGoesBack ? now : latest;
  store<u32>(ROOT + R_CLOCK, now);
  return now;
}

/** 16: seconds since 1970. 17 (seconds), 18 (milliseconds): sleeps, power cuts not counted. */
export function timeMethod(record: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  if (ordinal == 16) return doneOrNoMemory(makeInt(<i32>clock()));
  if (ordinal != 17 && ordinal != 18) return INHERITED;
  if (count < 1) return throwFewArguments();
  const length = argument(args, 0);
  if (!isInt(length)) return throwWrongType();
  const value = max<i32>(intValue(length), 0);
  return sleep(record, ordinal == 18 ? <u32>value : <u32>min<i32>(value, SECONDS_MAX) * 1000, cell);
}

const COUNTERS: u32 = 11;

/**
 * Counters, modulo 2^32: 0 boots, 1 threads ever made, 2 threads that ended by an error, 3 bytes printed, 4 bytes of the
 * heap in use, 5 the generation this boot came from (0: none), 6 milliseconds since this boot began. Of the
 * collector since then: 7 collections, 8 KiB of garbage freed, 9 headers of free blocks written, 10 pages copied while
 * they were marked.
 */
function counter(number: u32): u32 {
  switch (number) {
    case 0:
      return bootNumber();
    case 1:
      return load<u32>(ROOT + R_THREADS_EVER);
    case 2:
      return load<u32>(ROOT + R_THREADS_FAILED);
    case 3:
      return load<u32>(ROOT + R_CONSOLE);
    case 4:
      return load<u32>(ROOT + R_HEAP_NEXT) - load<u32>(ROOT + R_HEAP_START);
    case 5:
      return recoveredGeneration();
    case 7:
      return collectionsDone();
    case 8:
      return kibFreed();
    case 9:
      return sweepWrites();
    case 10:
      return pagesKept();
    default:
      return milliseconds();
  }
}

/** The value of a counter as an int; throws when there is no such one. */
export function statistic(number: u32): u32 {
  if (!isInt(number)) return throwWrongType();
  if (<u32>intValue(number) >= COUNTERS) return throwText('no such counter');
  return doneOrNoMemory(makeInt(<i32>counter(<u32>intValue(number))));
}

/** 16 (counter, kind): its value; of kinds there is one. 17: percent of this boot in which no thread ran. */
export function statMethod(ordinal: u32, count: u32, args: u32): u32 {
  if (ordinal == 16) return count < 1 ? throwFewArguments() : statistic(argument(args, 0));
  if (ordinal == 17) return done((idlePercent() << 1) | 1);
  return INHERITED;
}
