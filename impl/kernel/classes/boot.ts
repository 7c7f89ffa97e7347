/**
 * `.internal.boot`: what the first program is handed: classes, printing, threads, binaries, sleep.
 */

import { sleepMilliseconds } from '../objects/below';
import { allocate, settle } from '../objects/heap';
import {
  DATA_MAX,
  K_BINARY,
  OPAQUE,
  R_ENVIRONMENT,
  R_LOADER,
  R_OS_INTERFACE,
  R_PROGRAM,
  ROOT,
  T_PHASE,
  T_PROGRESS,
} from '../objects/layout';
import { internalClass, intValue, isInt } from '../objects/objects';
import { loadClass } from '../vm/loader';
import { AGAIN, done, doneOrNoMemory, throwNoMemory, throwText } from '../vm/outcome';
import { startThread } from '../vm/threads';
import { argument, INHERITED, isString, throwFewArguments, throwNotString, throwWrongType } from './arguments';
import { print } from './print';

/** Longest nap between two looks at the record, so that a snapshot knows how much sleep is left. */
const NAP: u32 = 40;

/** Milliseconds left stand in the record; the machine's time off does not count. */
function sleep(record: u32, milliseconds: i32, cell: u32): u32 {
  if (load<u32>(record, T_PHASE) == 0) {
    store<u32>(record, 1, T_PHASE);
    store<u32>(record, <u32>max<i32>(milliseconds, 0), T_PROGRESS);
  }
  const left = load<u32>(record, T_PROGRESS);
  if (left == 0) {
    settle(cell, 0, 0);
    store<u32>(record, 0, T_PHASE);
    return done(0);
  }
  const nap = min<u32>(left, NAP);
  sleepMilliseconds(nap);
  store<u32>(record, left - nap, T_PROGRESS);
  return AGAIN;
}

function storeRoot(at: u32, value: u32, cell: u32): u32 {
  settle(cell, 0, 0);
  store<u32>(ROOT + at, value);
  return done(0);
}

export function bootMethod(
  record: u32,
  self: u32,
  ordinal: u32,
  count: u32,
  args: u32,
  cell: u32,
): u32 {
  if (ordinal == 16) return print(record, count, args);
  if (ordinal == 23) return done(load<u32>(ROOT + R_ENVIRONMENT));
  if (ordinal != 8 && (ordinal < 17 || ordinal > 22) && ordinal != 30) return INHERITED;
  if (count < 1) return throwFewArguments();
  const first = argument(args, 0);
  switch (ordinal) {
    case 8:
      return isString(first) ? loadClass(record, first) : throwNotString();
    case 17:
      return storeRoot(R_LOADER, first, cell);
    case 18:
      return startThread(first, self, cell);
    case 19: {
      if (!isInt(first)) return throwWrongType();
      const bytes = <u32>intValue(first);
      if (bytes > DATA_MAX) return throwNoMemory();
      return doneOrNoMemory(allocate(internalClass(K_BINARY), bytes | OPAQUE));
    }
    case 20:
      return throwText('not a bitmap');
    case 30:
      return storeRoot(R_PROGRAM, first, cell);
    case 21:
      return isInt(first) ? sleep(record, intValue(first), cell) : throwWrongType();
    default:
      return storeRoot(R_OS_INTERFACE, first, cell);
  }
}
