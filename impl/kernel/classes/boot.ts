/**
 * `.internal.boot`: what the first program is handed: classes, printing, threads, binaries, sleep, reboots.
 *
 * Of ours: 25 the number of this boot, 26 (seen) waits for a boot of another number and gives it, 27 waits until all so far is
 * committed.
 */

import { durableTooEarly } from '../defects';
import { commitNow, restartMachine, waitAsRecord } from '../objects/below';
import { allocate, settle } from '../objects/heap';
import {
  DATA_MAX,
  K_BINARY,
  K_BITMAP,
  OPAQUE,
  R_ENVIRONMENT,
  R_LOADER,
  R_OS_INTERFACE,
  R_PROGRAM,
  ROOT,
  T_PHASE,
  T_PROGRESS,
} from '../objects/layout';
import { internalClass, intValue, isInt, isKind } from '../objects/objects';
import { loadClass } from '../vm/loader';
import { AGAIN, done, doneOrNoMemory, throwNoMemory, throwText } from '../vm/outcome';
import { startThread } from '../vm/threads';
import { argument, INHERITED, isString, throwFewArguments, throwNotString, throwWrongType } from './arguments';
import { bootNumber } from './device';
import { print } from './print';
import { sleep } from './sleep';

/* Step of a restart and of a wait for durability: the record says in which boot it was asked for. */
const ASKED: u32 = 1;

/**
 * Commits, and starts the machine again. The record says in which boot that was asked for, and the thread is caught in
 * this method: in the boot that follows it returns.
 */
function reboot(record: u32, cell: u32): u32 {
  if (load<u32>(record, T_PHASE) == 0) {
    store<u32>(record, bootNumber(), T_PROGRESS);
    store<u32>(record, ASKED, T_PHASE);
  }
  if (load<u32>(record, T_PROGRESS) == bootNumber()) {
    if (commitNow()) restartMachine();
    return throwText('reboot: nothing can be committed now');
  }
  settle(cell, 0, 0);
  store<u32>(record, 0, T_PHASE);
  store<u32>(record, 0, T_PROGRESS);
  return done(0);
}

/**
 * Waits until everything before this call is in a committed generation, and gives 1; 0 when it cannot be committed. Who is
 * in this method in another boot than it was asked in has been recovered from a generation that contains the asking, and
 * so all before it.
 */
function durable(record: u32, cell: u32): u32 {
  if (load<u32>(record, T_PHASE) == 0) {
    store<u32>(record, bootNumber(), T_PROGRESS);
    store<u32>(record, ASKED, T_PHASE);
  }
  const committed = load<u32>(record, T_PROGRESS) != bootNumber() || durableTooEarly || commitNow();
  settle(cell, 0, 0);
  store<u32>(record, 0, T_PHASE);
  store<u32>(record, 0, T_PROGRESS);
  return done(committed ? 3 : 1);
}

/** Waits for a boot other than `seen`: the event of a program that wants to know of reboots. Its number. */
function waitForBoot(record: u32, seen: u32, cell: u32): u32 {
  if (bootNumber() == seen) {
    waitAsRecord(record, 0);
    return AGAIN;
  }
  settle(cell, 0, 0);
  return done((bootNumber() << 1) | 1);
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
  if (ordinal == 24) return reboot(record, cell);
  if (ordinal == 25) return done((bootNumber() << 1) | 1);
  if (ordinal == 27) return durable(record, cell);
  if (ordinal != 8 && (ordinal < 17 || ordinal > 26) && ordinal != 30) return INHERITED;
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
      return throwText(isKind(first, K_BITMAP) ? 'no screen' : 'not a bitmap');
    case 30:
      return storeRoot(R_PROGRAM, first, cell);
    case 21:
      return isInt(first) ? sleep(record, <u32>max<i32>(intValue(first), 0), cell) : throwWrongType();
    case 26:
      return isInt(first) ? waitForBoot(record, <u32>intValue(first), cell) : throwWrongType();
    default:
      return storeRoot(R_OS_INTERFACE, first, cell);
  }
}
