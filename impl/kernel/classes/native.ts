/**
 * The kernel's methods: from kind of class and ordinal to a function.
 *
 * A kernel method gets the thread's record, `self`, its arguments where they lie on the object stack, and `cell`, the
 * place the result will be stored. It ends as `vm/outcome` says. Rule: one that changes anything settles that place and
 * `cell` together and changes it after its last possible wait; one that has to wait for an event waits and says AGAIN,
 * so after a power cut the thread simply calls it again.
 */

import {
  K_ARRAY,
  K_BINARY,
  K_BITMAP,
  K_BOOT,
  K_CLASS,
  K_CLOSURE,
  K_COND,
  K_CONNECTION,
  K_DIRECTORY,
  K_DOUBLE,
  K_FLOAT,
  K_INT,
  K_IO,
  K_ITERATOR,
  K_LONG,
  K_MUTEX,
  K_SEMA,
  K_STAT,
  K_STRING,
  K_THREAD,
  K_TIME,
  K_TTY,
  K_WEAKREF,
  K_WORLD,
} from '../objects/layout';
import { INHERITED } from './arguments';
import { arrayMethod, iteratorMethod } from './array';
import { binaryMethod } from './binary';
import { bitmapMethod } from './bitmap';
import { bootMethod } from './boot';
import { classMethod } from './class';
import { closureMethod } from './closure';
import { connectionMethod } from './connection';
import { directoryMethod } from './directory';
import { ioMethod } from './io';
import { doubleMethod, floatMethod, intMethod, longMethod } from './numbers';
import { rootMethod } from './root';
import { stringMethod } from './string';
import { condMethod, mutexMethod, semaMethod } from './sync';
import { threadMethod, worldMethod } from './thread';
import { statMethod, timeMethod } from './time';
import { ttyMethod } from './tty';
import { weakrefMethod } from './weakref';

/** All methods but those of the classes that print: printing calls this. */
export function ordinaryMethod(
  record: u32,
  kind: u32,
  self: u32,
  ordinal: u32,
  count: u32,
  args: u32,
  cell: u32,
): u32 {
  let outcome: u32 = INHERITED;
  switch (kind) {
    case K_INT:
      outcome = intMethod(self, ordinal, count, args);
      break;
    case K_STRING:
      outcome = stringMethod(record, self, ordinal, count, args, cell);
      break;
    case K_ARRAY:
      outcome = arrayMethod(record, self, ordinal, count, args, cell);
      break;
    case K_BINARY:
      outcome = binaryMethod(record, self, ordinal, count, args, cell);
      break;
    case K_DIRECTORY:
      outcome = directoryMethod(record, self, ordinal, count, args, cell);
      break;
    case K_LONG:
      outcome = longMethod(self, ordinal, count, args);
      break;
    case K_FLOAT:
      outcome = floatMethod(self, ordinal, count, args);
      break;
    case K_DOUBLE:
      outcome = doubleMethod(self, ordinal, count, args);
      break;
    case K_CLASS:
      outcome = classMethod(self, ordinal, count, args, cell);
      break;
    case K_MUTEX:
      outcome = mutexMethod(record, self, ordinal, cell);
      break;
    case K_COND:
      outcome = condMethod(record, self, ordinal, count, args, cell);
      break;
    case K_SEMA:
      outcome = semaMethod(record, self, ordinal, count, args, cell);
      break;
    case K_CLOSURE:
      outcome = closureMethod(self, ordinal, count, args, cell);
      break;
    case K_ITERATOR:
      outcome = iteratorMethod(self, ordinal, cell);
      break;
    case K_THREAD:
      outcome = threadMethod(self, ordinal);
      break;
    case K_WORLD:
      outcome = worldMethod(record, ordinal, count, args, cell);
      break;
    case K_TIME:
      outcome = timeMethod(record, ordinal, count, args, cell);
      break;
    case K_STAT:
      outcome = statMethod(ordinal, count, args);
      break;
    case K_CONNECTION:
      outcome = connectionMethod(record, self, ordinal, count, args, cell);
      break;
    case K_BITMAP:
      outcome = bitmapMethod(record, self, ordinal, count, args, cell);
      break;
    case K_IO:
      outcome = ioMethod(self, ordinal, count, args, cell);
      break;
    case K_WEAKREF:
      outcome = weakrefMethod(self, ordinal, count, args, cell);
      break;
  }
  return outcome == INHERITED ? rootMethod(kind, self, ordinal, count, args, cell) : outcome;
}

export function native(
  record: u32,
  kind: u32,
  self: u32,
  ordinal: u32,
  count: u32,
  args: u32,
  cell: u32,
): u32 {
  if (kind == K_BOOT || kind == K_TTY) {
    const outcome =
      kind == K_BOOT
        ? bootMethod(record, self, ordinal, count, args, cell)
        : ttyMethod(record, self, ordinal, count, args, cell);
    if (outcome != INHERITED) return outcome;
  }
  return ordinaryMethod(record, kind, self, ordinal, count, args, cell);
}
