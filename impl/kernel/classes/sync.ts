/**
 * `.internal.mutex`, `.internal.cond`, `.internal.sema`: waiting that a power cut does not disturb.
 *
 * Rule: `vm/waiting`'s. A method changes its object and the records in one step, after its last possible wait.
 */

import { wakeRecord } from '../objects/below';
import { asKind } from '../objects/extension';
import { settle } from '../objects/heap';
import {
  K_MUTEX,
  S_OWNER,
  S_VALUE,
  T_GRANTED,
  T_OBJECT,
  T_PHASE,
  T_WAITS,
} from '../objects/layout';
import { intValue, isInt } from '../objects/objects';
import { AGAIN, done, throwText } from '../vm/outcome';
import { firstWaiter, grant, waitFor } from '../vm/waiting';
import { argument, INHERITED, throwFewArguments, throwWrongType } from './arguments';

/* Steps of cond.wait. */
const WAITING: u32 = 1;
const SIGNALLED: u32 = 2;
const TIMED_OUT: u32 = 3;

const YES: u32 = 3;
const NO: u32 = 1;

/** Takes a free mutex, or one that was handed over; false when the thread has to wait. The mutex is settled. */
function take(record: u32, mutex: u32): bool {
  if (load<u32>(record, T_GRANTED) == mutex) {
    store<u32>(record, 0, T_GRANTED);
    return true;
  }
  if (load<u32>(mutex, S_OWNER) != 0) return false;
  store<u32>(mutex, load<u32>(record, T_OBJECT), S_OWNER);
  store<u32>(record, 0, T_WAITS);
  return true;
}

/** Hands the mutex on. It is settled. */
function release(mutex: u32): void {
  const waiter = firstWaiter(mutex);
  store<u32>(mutex, waiter ? load<u32>(waiter, T_OBJECT) : 0, S_OWNER);
  if (waiter) grant(waiter, mutex);
}

/** Waits as `waitFor` does: AGAIN, or `over` when the limit is. */
function waits(record: u32, object: u32, limit: i32): u32 {
  return waitFor(record, object, limit) ? AGAIN : done(NO);
}

export function mutexMethod(record: u32, self: u32, ordinal: u32, cell: u32): u32 {
  if (ordinal < 8 || ordinal > 10) return INHERITED;
  settle(self + S_OWNER, cell, 0);
  if (ordinal == 8) {
    if (take(record, self)) return done(0);
    if (load<u32>(self, S_OWNER) == load<u32>(record, T_OBJECT)) return throwText('mutex lock - already owner');
    return waits(record, self, -1);
  }
  if (ordinal == 10) return done(take(record, self) ? YES : NO);
  if (load<u32>(self, S_OWNER) != load<u32>(record, T_OBJECT)) return throwText('mutex unlock - not owner');
  release(self);
  return done(0);
}

/**
 * `limit`: milliseconds, or -1. With a limit it yields 1 when it was signalled and 0 when the time was over; the mutex is
 * taken in both.
 */
function condWait(record: u32, self: u32, mutex: u32, limit: i32, cell: u32): u32 {
  settle(mutex + S_OWNER, cell, 0);
  if (load<u32>(record, T_PHASE) == 0) {
    if (load<u32>(mutex, S_OWNER) != load<u32>(record, T_OBJECT)) return throwText('mutex unlock - not owner');
    release(mutex);
    store<u32>(record, WAITING, T_PHASE);
  }
  if (load<u32>(record, T_PHASE) == WAITING) {
    if (waitFor(record, self, limit)) return AGAIN;
    store<u32>(record, TIMED_OUT, T_PHASE);
  }
  if (!take(record, mutex)) {
    waitFor(record, mutex, -1);
    return AGAIN;
  }
  const signalled = load<u32>(record, T_PHASE) == SIGNALLED;
  store<u32>(record, 0, T_PHASE);
  if (limit < 0) return done(0);
  return done(signalled ? YES : NO);
}

/** Sends the thread that has waited longest on to take its mutex again; false when none waits. */
function signal(cond: u32): bool {
  const waiter = firstWaiter(cond);
  if (waiter == 0) return false;
  store<u32>(waiter, 0, T_WAITS);
  store<u32>(waiter, SIGNALLED, T_PHASE);
  wakeRecord(waiter);
  return true;
}

export function condMethod(record: u32, self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
    case 8: {
      if (count < 1) return throwFewArguments();
      const mutex = asKind(argument(args, 0), K_MUTEX);
      return mutex ? condWait(record, self, mutex, -1, cell) : throwWrongType();
    }
    case 9: {
      if (count < 2) return throwFewArguments();
      const mutex = asKind(argument(args, 0), K_MUTEX);
      const limit = argument(args, 1);
      if (!mutex || !isInt(limit)) return throwWrongType();
      return condWait(record, self, mutex, max<i32>(intValue(limit), 0), cell);
    }
    case 10:
      settle(cell, 0, 0);
      while (signal(self)) {}
      return done(0);
    case 11:
      settle(cell, 0, 0);
      signal(self);
      return done(0);
  }
  return INHERITED;
}

/** `limit`: milliseconds, or -1. With a limit it yields 1, or 0 when the time is over. */
function acquire(record: u32, self: u32, limit: i32, cell: u32): u32 {
  const acquired: u32 = limit < 0 ? 0 : YES;
  settle(self + S_VALUE, cell, 0);
  if (load<u32>(record, T_GRANTED) == self) {
    store<u32>(record, 0, T_GRANTED);
    return done(acquired);
  }
  const value = load<u32>(self, S_VALUE);
  if (value == 0) return waits(record, self, limit);
  store<u32>(self, value - 1, S_VALUE);
  store<u32>(record, 0, T_WAITS);
  return done(acquired);
}

export function semaMethod(record: u32, self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
    case 8:
      return acquire(record, self, -1, cell);
    case 9: {
      if (count < 1) return throwFewArguments();
      const limit = argument(args, 0);
      return isInt(limit) ? acquire(record, self, max<i32>(intValue(limit), 0), cell) : throwWrongType();
    }
    case 10:
      settle(self + S_VALUE, cell, 0);
      store<u32>(self, 0, S_VALUE);
      return done(0);
    case 11: {
      settle(self + S_VALUE, cell, 0);
      const waiter = firstWaiter(self);
      if (waiter) grant(waiter, self);
      else store<u32>(self, load<u32>(self, S_VALUE) + 1, S_VALUE);
      return done(0);
    }
  }
  return INHERITED;
}
