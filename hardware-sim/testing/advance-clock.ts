/**
 * A processor that does nothing: lets a clock run to a cycle, each event firing at its own.
 */

import type { Clock } from '../clock.js';

export function advanceClock(clock: Clock, toCycle: number): void {
  while (clock.nextCycle <= toCycle) {
    clock.now = Math.max(clock.now, clock.nextCycle);
    clock.fireDue();
  }
  clock.now = toCycle;
}
