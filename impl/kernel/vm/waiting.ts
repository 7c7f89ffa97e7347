/**
 * Who waits for what, in what order, and what was handed to whom. All of it stands in the wired thread records, so it is
 * part of every snapshot; the kernel's own wait queues only say which kernel threads sleep. A thread that waits executes
 * its bytecode again when it wakes: after a wake-up, a false one, or a reboot.
 *
 * Rule: what is let go passes straight to the thread that has waited longest (`grant`), so that nobody starves and
 * nobody is woken for nothing. Nothing here blocks but `waitFor`, and that last.
 */

import { sleepForgets } from '../defects';
import { waitAsRecord, wakeRecord } from '../objects/below';
import {
  R_TICKET,
  RECORD_BYTES,
  RECORDS,
  RECORDS_MAX,
  ROOT,
  T_GRANTED,
  T_LEFT,
  T_STATE,
  T_TICKET,
  T_WAITS,
  THREAD_ALIVE,
} from '../objects/layout';

/** Longest nap between two looks at the record, so that a snapshot knows how much of a limit is left. */
export const NAP: u32 = 40;

/**
 * Puts the thread into the queue for `object`, unless it is there, and waits; execute the bytecode again. False: the
 * `limit` of milliseconds (-1: none) is over, and the thread waits no more. The machine's time off does not count.
 */
export function waitFor(record: u32, object: u32, limit: i32): bool {
  if (load<u32>(record, T_WAITS) != object) {
    const ticket = load<u32>(ROOT + R_TICKET) + 1;
    store<u32>(ROOT + R_TICKET, ticket);
    store<u32>(record, ticket, T_TICKET);
    store<u32>(record, object, T_WAITS);
    store<u32>(record, <u32>max<i32>(limit, 0), T_LEFT);
  }
  if (limit < 0) {
    waitAsRecord(record, 0);
    return true;
  }
  const left = load<u32>(record, T_LEFT);
  if (left == 0) {
    store<u32>(record, 0, T_WAITS);
    return false;
  }
  const nap = sleepForgets ? left : min<u32>(left, NAP);
  waitAsRecord(record, nap);
  store<u32>(record, left - nap, T_LEFT);
  return true;
}

/** Record of the thread that has waited longest for `object`, or 0. */
export function firstWaiter(object: u32): u32 {
  let first: u32 = 0;
  for (let i: u32 = 0; i < RECORDS_MAX; i++) {
    const record = RECORDS + i * RECORD_BYTES;
    if (load<u32>(record, T_STATE) != THREAD_ALIVE || load<u32>(record, T_WAITS) != object) continue;
    if (first == 0 || load<i32>(record, T_TICKET) - load<i32>(first, T_TICKET) < 0) first = record;
  }
  return first;
}

export function grant(waiter: u32, object: u32): void {
  store<u32>(waiter, 0, T_WAITS);
  store<u32>(waiter, object, T_GRANTED);
  wakeRecord(waiter);
}
