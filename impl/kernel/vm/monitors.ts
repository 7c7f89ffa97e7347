/**
 * general_lock and general_unlock: every object has a monitor, as in Hoare's sense without conditions: one thread at a
 * time holds it, and may lock it again as often as it unlocks it.
 *
 * Rules. The monitors held stand in a wired hash table (`objects/layout`, MONITORS), so locking neither grows objects
 * nor writes their pages, and every change is one step. A monitor passes on as `vm/waiting` says. A thread that ends
 * lets go of all it holds. Ints and null have no identity, so they have no monitor.
 */

import {
  AS_MONITOR,
  MONITOR_BYTES,
  MONITORS,
  MONITORS_MAX,
  N_DEPTH,
  N_OBJECT,
  N_OWNER,
  R_MONITORS,
  ROOT,
  T_GRANTED,
  T_WAITS,
} from '../objects/layout';
import { isInt } from '../objects/objects';
import { AGAIN, DONE, throwText } from './outcome';
import { firstWaiter, grant, waitFor } from './waiting';

/** Searches stay short while a quarter of the table is free. */
const HELD_MAX: u32 = (MONITORS_MAX / 4) * 3;

function slot(index: u32): u32 {
  return MONITORS + (index & (MONITORS_MAX - 1)) * MONITOR_BYTES;
}

/** Index an object's search begins at. */
function home(object: u32): u32 {
  return (object >>> 3) & (MONITORS_MAX - 1);
}

/** The object's entry, or the empty one where it would be. The table is never full. */
function entryOf(object: u32): u32 {
  let index = home(object);
  while (load<u32>(slot(index), N_OBJECT) != 0 && load<u32>(slot(index), N_OBJECT) != object) index++;
  return slot(index);
}

function countHeld(change: u32): void {
  store<u32>(ROOT + R_MONITORS, load<u32>(ROOT + R_MONITORS) + change);
}

/** Takes an entry out, and moves those back that a search would otherwise miss (Knuth, 6.4 algorithm R). */
function remove(entry: u32): void {
  let hole = (entry - MONITORS) / MONITOR_BYTES;
  for (let at = hole + 1; ; at++) {
    const from = slot(at);
    const object = load<u32>(from, N_OBJECT);
    if (object == 0) break;
    // It may move back to the hole when its search passes there.
    if (((at - home(object)) & (MONITORS_MAX - 1)) < ((at - hole) & (MONITORS_MAX - 1))) continue;
    const to = slot(hole);
    store<u32>(to, object, N_OBJECT);
    store<u32>(to, load<u32>(from, N_OWNER), N_OWNER);
    store<u32>(to, load<u32>(from, N_DEPTH), N_DEPTH);
    hole = at;
  }
  store<u32>(slot(hole), 0, N_OBJECT);
  countHeld(-1);
}

/** Lets go of the monitor: to who has waited longest, or for good. */
function release(entry: u32): void {
  const object = load<u32>(entry, N_OBJECT);
  const waiter = firstWaiter(object | AS_MONITOR);
  if (waiter == 0) {
    remove(entry);
    return;
  }
  store<u32>(entry, waiter, N_OWNER);
  store<u32>(entry, 1, N_DEPTH);
  grant(waiter, object | AS_MONITOR);
}

/** Locks the object's monitor. DONE, THROW, or AGAIN after a wait. */
export function lock(record: u32, object: u32): u32 {
  if (object == 0) return throwText('null object');
  if (isInt(object)) return throwText('type assert failed');
  if (load<u32>(record, T_GRANTED) == (object | AS_MONITOR)) {
    store<u32>(record, 0, T_GRANTED);
    return DONE;
  }
  const entry = entryOf(object);
  if (load<u32>(entry, N_OBJECT) == 0) {
    if (load<u32>(ROOT + R_MONITORS) >= HELD_MAX) return throwText('too many locks');
    store<u32>(entry, object, N_OBJECT);
    store<u32>(entry, record, N_OWNER);
    store<u32>(entry, 1, N_DEPTH);
    countHeld(1);
    store<u32>(record, 0, T_WAITS);
    return DONE;
  }
  if (load<u32>(entry, N_OWNER) != record) {
    waitFor(record, object | AS_MONITOR, -1);
    return AGAIN;
  }
  store<u32>(entry, load<u32>(entry, N_DEPTH) + 1, N_DEPTH);
  return DONE;
}

/** Unlocks it once. DONE or THROW. */
export function unlock(record: u32, object: u32): u32 {
  if (object == 0) return throwText('null object');
  const entry = entryOf(object);
  if (load<u32>(entry, N_OBJECT) == 0 || load<u32>(entry, N_OWNER) != record) return throwText('unlock - not owner');
  const depth = load<u32>(entry, N_DEPTH) - 1;
  if (depth) store<u32>(entry, depth, N_DEPTH);
  else release(entry);
  return DONE;
}

/** Lets go of everything the thread of that record holds. */
export function releaseAll(record: u32): void {
  for (let i: u32 = 0; i < MONITORS_MAX; ) {
    const entry = slot(i);
    // Another may have moved to where one was removed.
    if (load<u32>(entry, N_OBJECT) != 0 && load<u32>(entry, N_OWNER) == record) release(entry);
    else i++;
  }
}
