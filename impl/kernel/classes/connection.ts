/**
 * `.internal.connection`: a program's way to parts of the kernel that have no class of their own, by name:
 *
 *     tmr:  timers. block (milliseconds, operation) sleeps; invoke (milliseconds, operation) comes back at once, and
 *           when the time is over the callback runs in a thread of its own with the milliseconds as argument
 *     stt:  statistics. block and invoke (counter, operation) give the counter's value, as `.internal.stat` does
 *
 *     8 connect (name): errno, 9 disconnect: errno, 10 check: errno, 11 invoke, 12 setCallback (object, ordinal),
 *     13 block. errno: 0, 6 (no such device, or not connected), 17 (connected already)
 *
 * Rules. A connection is a device (`device.ts`): one that this boot has not made ready throws `connection lost`. A timer
 * is a thread that sleeps, so it is part of every snapshot and nothing of it is to be rebuilt. Its code is made when the
 * callback is set: bytecode of ours with the ordinal in it and the object as its constant.
 */

import { settle } from '../objects/heap';
import {
  K_CONNECTION,
  M_BYTES,
  M_CONSTANTS,
  O_DATA,
  Q_CALLBACK,
  Q_NAME,
} from '../objects/layout';
import { internalClass, intValue, isInt, makePage, makeText, sizeOf } from '../objects/objects';
import { makeCode } from '../vm/loader';
import { done, DONE, throwNoMemory, throwText } from '../vm/outcome';
import { makeThread } from '../vm/threads';
import { argument, INHERITED, isString, throwFewArguments, throwNotString, throwWrongType } from './arguments';
import { attach, detach, isAttached, isReady } from './device';
import { sleep } from './sleep';
import { statistic } from './time';

const NO_DEVICE: u32 = 6;
const CONNECTED: u32 = 17;
const PREFIX_BYTES: u32 = 4;
const TIMER: u32 = 0x3a726d74;
const STATISTICS: u32 = 0x3a747473;

/**
 * Bytecode of a timer; `this` is the connection, the argument the milliseconds:
 *     arg_count 1; summon_this; os_get32 0; iconst_1; i2o; call 13 with 2; os_drop;
 *     const_pool 0; os_get32 0; call_32bit ORDINAL with 1; ret
 */
const timer: usize = memory.data<u8>([
  0x73, 1, 0x31, 0x1e, 0, 0, 0, 0, 0x21, 0x40, 0xad, 2, 0x13, 0x28, 0, 0, 0, 0, 0x1e, 0, 0, 0, 0, 0x0e, 0, 0, 0, 0, 0, 0,
  0, 1, 0x08,
]);
const TIMER_BYTES: u32 = 33;
/** Low byte of the ordinal. */
const TIMER_ORDINAL: u32 = 27;

function errno(code: u32): u32 {
  return done((code << 1) | 1);
}

/** The four bytes a name begins with. */
function prefixOf(name: u32): u32 {
  return sizeOf(name) < PREFIX_BYTES ? 0 : load<u32>(name, O_DATA);
}

function connect(self: u32, name: u32, cell: u32): u32 {
  const prefix = prefixOf(name);
  if (prefix != TIMER && prefix != STATISTICS) return errno(NO_DEVICE);
  if (isAttached(self)) return errno(CONNECTED);
  settle(self + Q_NAME, 0, 0);
  store<u32>(self, name, Q_NAME);
  attach(self, cell);
  return errno(0);
}

function setCallback(self: u32, object: u32, ordinal: u32, cell: u32): u32 {
  const constants = makePage(1);
  const name = makeText('timer');
  if (!constants || !name) return throwNoMemory();
  store<u32>(constants, object, O_DATA);
  const code = makeCode(internalClass(K_CONNECTION), name, 0, <u32>timer, TIMER_BYTES);
  if (!code) return throwNoMemory();
  store<u32>(code, constants, M_CONSTANTS);
  for (let i: u32 = 0; i < 4; i++) store<u8>(code + M_BYTES + TIMER_ORDINAL - i, <u8>(ordinal >> (8 * i)));
  settle(self + Q_CALLBACK, cell, 0);
  store<u32>(self, code, Q_CALLBACK);
  return errno(0);
}

function startTimer(self: u32, time: u32, cell: u32): u32 {
  if (!isInt(time)) return throwWrongType();
  const code = load<u32>(self, Q_CALLBACK);
  if (code == 0) return throwText('connection: no callback is set');
  const outcome = makeThread(code, self, time, cell);
  return outcome == DONE ? errno(0) : outcome;
}

function operate(record: u32, self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  if (!isAttached(self)) return throwText('connection: not connected');
  if (!isReady(self)) return throwText('connection lost');
  if (count < 2) return throwFewArguments();
  const subject = argument(args, 0);
  if (prefixOf(load<u32>(self, Q_NAME)) == STATISTICS) return statistic(subject);
  if (ordinal == 11) return startTimer(self, subject, cell);
  return isInt(subject) ? sleep(record, <u32>max<i32>(intValue(subject), 0), cell) : throwWrongType();
}

export function connectionMethod(record: u32, self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
    case 8: {
      if (count < 1) return throwFewArguments();
      const name = argument(args, 0);
      return isString(name) ? connect(self, name, cell) : throwNotString();
    }
    case 9: {
      const was = isAttached(self);
      detach(self, cell);
      return errno(was ? 0 : NO_DEVICE);
    }
    case 10:
      return errno(isAttached(self) ? 0 : NO_DEVICE);
    case 11:
    case 13:
      return operate(record, self, ordinal, count, args, cell);
    case 12: {
      if (count < 2) return throwFewArguments();
      const number = argument(args, 1);
      if (!isInt(number) || intValue(number) < 0) return throwWrongType();
      return setCallback(self, argument(args, 0), <u32>intValue(number), cell);
    }
  }
  return INHERITED;
}
