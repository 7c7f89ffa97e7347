/**
 * Sleeping, for all that sleeps: what is left stands in the thread's record, so a power cut costs nothing of it and the
 * machine's time off does not count. A thread that sleeps needs none of its pages until it wakes: the record is wired.
 */

import { sleepForgets } from '../defects';
import { sleepMilliseconds } from '../objects/below';
import { settle } from '../objects/heap';
import { T_PHASE, T_PROGRESS } from '../objects/layout';
import { done } from '../vm/outcome';
import { NAP } from '../vm/waiting';

export function sleep(record: u32, milliseconds: u32, cell: u32): u32 {
  if (load<u32>(record, T_PHASE) == 0) {
    store<u32>(record, 1, T_PHASE);
    store<u32>(record, milliseconds, T_PROGRESS);
  }
  let left = load<u32>(record, T_PROGRESS);
  while (left != 0) {
    const nap = sleepForgets ? left : min<u32>(left, NAP);
    sleepMilliseconds(nap);
    left -= nap;
    store<u32>(record, left, T_PROGRESS);
  }
  settle(cell, 0, 0);
  store<u32>(record, 0, T_PHASE);
  return done(0);
}
