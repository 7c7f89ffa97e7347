/**
 * The system tick: 8254 counter 0 (Intel 231164) in mode 2 at 250 Hz, line 0.
 */

import { outb } from '../arch/hw';
import { setInterruptHandler } from '../arch/trap';
import { schedulerTick, tickCount } from '../sched/thread';
import { diskTick } from './disk';
import { picEnable } from '../arch/pic';

export const TICKS_PER_SECOND: u32 = 250;
export const MILLISECONDS_PER_TICK: u32 = 1000 / TICKS_PER_SECOND;

const PIT_HERTZ: u32 = 1193182;
const COUNTER_0: u32 = 0x40;
const CONTROL: u32 = 0x43;
/** Counter 0, low byte then high byte, mode 2 (rate generator), binary. */
const RATE_GENERATOR: u32 = 0x34;
const TIMER_LINE: u32 = 0;

function onTimer(): void {
  schedulerTick();
  diskTick();
}

export function pitInit(): void {
  const divisor = (PIT_HERTZ + TICKS_PER_SECOND / 2) / TICKS_PER_SECOND;
  outb(CONTROL, RATE_GENERATOR);
  outb(COUNTER_0, divisor & 0xff);
  outb(COUNTER_0, divisor >> 8);
  setInterruptHandler(TIMER_LINE, onTimer.index);
  picEnable(TIMER_LINE);
}

/** Milliseconds since boot, modulo 2^32, in steps of a tick. */
export function milliseconds(): u32 {
  return tickCount() * MILLISECONDS_PER_TICK;
}

/** Ticks that last at least `time` milliseconds. */
export function ticksFor(time: u32): u32 {
  return (time + MILLISECONDS_PER_TICK - 1) / MILLISECONDS_PER_TICK;
}
