/**
 * The 8254 programmable interval timer of a PC: ports 0x40 to 0x43, 1.193182 MHz, and the bits of port 0x61 that belong to it.
 * Source: Intel 8254 data sheet (order 231164). Counter 0 drives IRQ 0, counter 1 nothing, counter 2 has its gate at bit 0 of port 0x61 and its
 * output readable at bit 5. Bit 4 of port 0x61 toggles every 15 us, as the DRAM refresh does.
 *
 * The rule that makes it right: a counter is a closed formula of the tick number since its count was loaded, so nothing happens between
 * the edges of its output. Only counter 0 has an event, at the next edge of its output.
 * The one-tick low pulse of mode 2 is given to the interrupt controller as fall and rise in the same tick.
 *
 * With `TimerJitter` the interrupt controller hears of an edge some cycles after it. The counters know nothing of it, and how late an edge comes is
 * a function of the seed and of the edge's tick, so there is still no state but the counters'.
 */

import type { Clock } from '../clock.js';
import { scatter } from '../scatter.js';
import type { ByteDevice, IrqLine } from './device.js';
import { Rate } from './rate.js';

export const PIT_HZ = 1_193_182;
const EVENT = 'pit';
const REFRESH_HALF_PERIOD_TICKS = 18;

/** Each edge of the timer's output reaches the interrupt controller 0 to `most` cycles late, drawn from `seed` (32 bits) for each. */
export interface TimerJitter {
  readonly seed: number;
  readonly most: number;
}

interface CounterState {
  mode: number;
  bcd: boolean;
  /** 1 low byte, 2 high byte, 3 low then high. */
  access: number;
  /** The next byte written or read is the high one. */
  writeHigh: boolean;
  readHigh: boolean;
  writtenLow: number;
  latchedCount: number;
  latchedStatus: number;
  gate: boolean;
  /** Period or count in use, 0 when the counter was programmed but not loaded. 1 to 65536. */
  count: number;
  /** Tick at which `count` was loaded into the counting element. */
  loadedAt: number;
  /** Modes 1 and 5: armed by a count, started by the gate. Others: counting. */
  running: boolean;
  /** Ticks counted when the gate stopped the counter. */
  stoppedAfter: number;
  /** A count that takes the place of `count` at tick `nextAt`; 0 when there is none. */
  nextCount: number;
  nextAt: number;
}

export interface PitState {
  readonly counters: readonly CounterState[];
  readonly speaker: boolean;
}

function resetCounter(): CounterState {
  return {
    mode: 3,
    bcd: false,
    access: 3,
    writeHigh: false,
    readHigh: false,
    writtenLow: 0,
    latchedCount: -1,
    latchedStatus: -1,
    gate: true,
    count: 0,
    loadedAt: 0,
    running: false,
    stoppedAfter: 0,
    nextCount: 0,
    nextAt: 0,
  };
}

export class Pit implements ByteDevice {
  private counters = [resetCounter(), resetCounter(), resetCounter()];
  private speaker = false;
  private readonly rate: Rate;

  constructor(
    private readonly clock: Clock,
    clockHz: number,
    private readonly irq0: IrqLine,
    private readonly jitter: TimerJitter = { seed: 0, most: 0 },
  ) {
    this.rate = new Rate(PIT_HZ, clockHz);
    this.counters[2].gate = false;
    clock.register(EVENT, () => this.edge());
  }

  readByte(port: number): number {
    if (port === 0x61) return this.readControl();
    if (port === 0x43) return 0xff;
    const counter = this.counters[port & 3];
    const tick = this.tick();
    settle(counter, tick);
    if (counter.latchedStatus >= 0) {
      const status = counter.latchedStatus;
      counter.latchedStatus = -1;
      return status;
    }
    const value = counter.latchedCount >= 0 ? counter.latchedCount : readValue(counter, tick);
    const high = counter.access === 2 || (counter.access === 3 && counter.readHigh);
    if (counter.access === 3) counter.readHigh = !counter.readHigh;
    if (counter.access !== 3 || high) counter.latchedCount = -1;
    return high ? (value >> 8) & 0xff : value & 0xff;
  }

  writeByte(port: number, value: number): void {
    // An edge that is still on its way is not undone by what is written after it.
    if ((port === 0x40 || port === 0x43) && this.hasLateEdge()) this.edge();
    if (port === 0x61) this.writeControl(value);
    else if (port === 0x43) this.writeCommand(value);
    else this.writeCount(port & 3, value);
    if (port === 0x40 || port === 0x43) this.driveIrq();
  }

  saveState(): PitState {
    return { counters: this.counters.map((counter) => ({ ...counter })), speaker: this.speaker };
  }

  restoreState(state: PitState): void {
    this.counters = state.counters.map((counter) => ({ ...counter }));
    this.speaker = state.speaker;
  }

  private tick(): number {
    return this.rate.ticksAt(this.clock.now);
  }

  private readControl(): number {
    const tick = this.tick();
    settle(this.counters[2], tick);
    const refresh = Math.floor(tick / REFRESH_HALF_PERIOD_TICKS) & 1;
    const gate = this.counters[2].gate ? 1 : 0;
    return gate | (this.speaker ? 2 : 0) | (refresh << 4) | (output(this.counters[2], tick) ? 0x20 : 0);
  }

  private writeControl(value: number): void {
    this.speaker = (value & 2) !== 0;
    setGate(this.counters[2], (value & 1) !== 0, this.tick());
  }

  private writeCommand(value: number): void {
    const tick = this.tick();
    const select = value >> 6;
    if (select === 3) {
      for (let index = 0; index < 3; index++) {
        if (!(value & (2 << index))) continue;
        settle(this.counters[index], tick);
        if (!(value & 0x20)) latchCount(this.counters[index], tick);
        if (!(value & 0x10)) latchStatus(this.counters[index], tick);
      }
      return;
    }
    const counter = this.counters[select];
    settle(counter, tick);
    const access = (value >> 4) & 3;
    if (access === 0) {
      latchCount(counter, tick);
      return;
    }
    const mode = (value >> 1) & 7;
    Object.assign(counter, resetCounter(), {
      mode: mode > 5 ? mode - 4 : mode,
      bcd: (value & 1) !== 0,
      access,
      gate: counter.gate,
    });
  }

  private writeCount(index: number, value: number): void {
    const counter = this.counters[index];
    const tick = this.tick();
    settle(counter, tick);
    if (counter.access === 3 && !counter.writeHigh) {
      counter.writtenLow = value;
      counter.writeHigh = true;
      // In mode 0 the first byte stops the count (data sheet, "Mode 0").
      if (counter.mode === 0) counter.running = false;
      return;
    }
    counter.writeHigh = false;
    const written =
      counter.access === 1 ? value : counter.access === 2 ? value << 8 : counter.writtenLow | (value << 8);
    load(counter, toCount(written, counter.bcd), tick);
  }

  /** Counter 0's output has an edge, or was reprogrammed: tell the interrupt controller and wait for the next edge. */
  private driveIrq(): void {
    const counter = this.counters[0];
    const tick = this.tick();
    settle(counter, tick);
    this.irq0(output(counter, tick));
    this.clock.cancel(EVENT);
    const next = nextEdge(counter, tick);
    if (next > 0) this.clock.schedule(this.heardAt(next), EVENT);
  }

  /** Cycle at which the interrupt controller hears of the edge at `tick`. */
  private heardAt(tick: number): number {
    const { seed, most } = this.jitter;
    return this.rate.cycleOf(tick) + (most === 0 ? 0 : scatter(seed, tick) % (most + 1));
  }

  /** Whether the interrupt controller has not heard yet of an edge that has been: the event is not the one for the next edge. */
  private hasLateEdge(): boolean {
    const heard = this.clock.scheduledFor(EVENT);
    if (heard === undefined) return false;
    const [counter] = this.counters;
    const tick = this.tick();
    settle(counter, tick);
    const next = nextEdge(counter, tick);
    return next === 0 || this.heardAt(next) !== heard;
  }

  private edge(): void {
    if (this.counters[0].mode === 2) this.irq0(false);
    this.driveIrq();
  }
}

function toCount(written: number, bcd: boolean): number {
  if (!bcd) return written === 0 ? 0x10000 : written;
  let value = 0;
  for (let digit = 3; digit >= 0; digit--) value = value * 10 + ((written >> (4 * digit)) & 15);
  return value === 0 ? 10000 : value;
}

function fromCount(count: number, bcd: boolean): number {
  if (!bcd) return count & 0xffff;
  const value = ((count % 10000) + 10000) % 10000;
  let result = 0;
  for (let digit = 0, rest = value; digit < 4; digit++, rest = Math.floor(rest / 10))
    result |= (rest % 10) << (4 * digit);
  return result;
}

const isPeriodic = (counter: CounterState): boolean => counter.mode === 2 || counter.mode === 3;
const isTriggered = (counter: CounterState): boolean => counter.mode === 1 || counter.mode === 5;

/** Brings a count that was waiting for the end of the period into use. */
function settle(counter: CounterState, tick: number): void {
  if (counter.nextCount === 0 || tick < counter.nextAt) return;
  counter.count = counter.nextCount;
  counter.loadedAt = counter.nextAt;
  counter.nextCount = 0;
}

/** A whole count was written. It is loaded at the next tick, except where the running period or the gate's trigger comes first. */
function load(counter: CounterState, count: number, tick: number): void {
  if (isTriggered(counter)) {
    if (counter.running) counter.nextCount = count;
    else counter.count = count;
    counter.nextAt = Number.MAX_SAFE_INTEGER;
    return;
  }
  if (isPeriodic(counter) && counter.count > 0 && counter.running) {
    const elapsed = tick - counter.loadedAt;
    counter.nextCount = count;
    counter.nextAt = counter.loadedAt + (Math.floor(Math.max(0, elapsed) / counter.count) + 1) * counter.count;
    return;
  }
  counter.count = count;
  counter.loadedAt = tick + 1;
  counter.stoppedAfter = 0;
  counter.running = counter.gate;
}

function setGate(counter: CounterState, gate: boolean, tick: number): void {
  settle(counter, tick);
  const rising = gate && !counter.gate;
  const falling = !gate && counter.gate;
  counter.gate = gate;
  if (counter.count === 0) return;
  if (isTriggered(counter)) {
    if (!rising) return;
    if (counter.nextCount > 0) counter.count = counter.nextCount;
    counter.nextCount = 0;
    counter.loadedAt = tick + 1;
    counter.running = true;
  } else if (falling && counter.running) {
    counter.stoppedAfter = Math.max(0, tick - counter.loadedAt);
    counter.running = false;
  } else if (rising && !counter.running) {
    // Modes 2 and 3 start the period again, modes 0 and 4 go on where they stopped.
    counter.loadedAt = tick + 1 - (isPeriodic(counter) ? 0 : counter.stoppedAfter);
    counter.running = true;
  }
}

function elapsedTicks(counter: CounterState, tick: number): number {
  return counter.running ? Math.max(0, tick - counter.loadedAt) : counter.stoppedAfter;
}

/** Level of OUT. */
function output(counter: CounterState, tick: number): boolean {
  if (counter.count === 0) return counter.mode !== 0;
  const elapsed = elapsedTicks(counter, tick);
  switch (counter.mode) {
    case 0:
      return elapsed >= counter.count;
    case 1:
      return !counter.running || tick < counter.loadedAt || elapsed >= counter.count;
    case 2:
      return !counter.running || elapsed % counter.count !== counter.count - 1;
    case 3:
      return !counter.running || elapsed % counter.count < (counter.count + 1) >> 1;
    default:
      return !counter.running || elapsed !== counter.count;
  }
}

/** Value of the counting element as the guest reads it. */
function readValue(counter: CounterState, tick: number): number {
  const elapsed = elapsedTicks(counter, tick);
  if (counter.count === 0) return 0;
  if (counter.mode === 2) return fromCount(counter.count - (elapsed % counter.count), counter.bcd);
  if (counter.mode === 3) {
    // Counts down by two, twice a period: from the even count at or below the programmed one.
    const high = (counter.count + 1) >> 1;
    const phase = elapsed % counter.count;
    const inHalf = phase < high ? phase : phase - high;
    return fromCount((counter.count & ~1) - 2 * inHalf, counter.bcd);
  }
  return fromCount(counter.count - elapsed, counter.bcd);
}

function latchCount(counter: CounterState, tick: number): void {
  if (counter.latchedCount < 0) counter.latchedCount = readValue(counter, tick);
}

function latchStatus(counter: CounterState, tick: number): void {
  if (counter.latchedStatus >= 0) return;
  const nullCount = counter.count === 0 || counter.nextCount > 0 || (counter.running && tick < counter.loadedAt);
  counter.latchedStatus =
    (output(counter, tick) ? 0x80 : 0) |
    (nullCount ? 0x40 : 0) |
    (counter.access << 4) |
    (counter.mode << 1) |
    (counter.bcd ? 1 : 0);
}

/** Tick of the next edge of OUT, after `tick`; 0 when there is none. In mode 2 fall and rise are taken together, at the rise. */
function nextEdge(counter: CounterState, tick: number): number {
  if (counter.count === 0 || !counter.running) return 0;
  const { mode, count, loadedAt } = counter;
  const elapsed = Math.max(0, tick - loadedAt);
  if (isPeriodic(counter)) {
    const start = loadedAt + Math.floor(elapsed / count) * count;
    const half = start + ((count + 1) >> 1);
    return mode === 3 && tick < half && half < start + count ? half : start + count;
  }
  if (mode === 0 || mode === 1) return elapsed < count ? loadedAt + count : 0;
  if (elapsed < count) return loadedAt + count;
  return elapsed === count ? loadedAt + count + 1 : 0;
}
