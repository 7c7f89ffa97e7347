/**
 * The MC146818 real-time clock of a PC with its CMOS memory: index at port 0x70, data at 0x71, IRQ 8.
 * Source: Motorola MC146818A data sheet; CMOS bytes as the AT BIOS keeps them (memory size at 0x15 to 0x18, 0x30, 0x31, 0x34, 0x35; century at 0x32).
 *
 * The rule that makes it right: the time of day is the start time plus the seconds of the simulated clock. Register A says "update in progress"
 * in the last 2228 us (244 us warning, 1984 us update) of each second. One event a second sets the update flag and compares the alarm;
 * while the periodic interrupt is enabled it has an event of its own.
 * Bit 7 of the index (NMI mask) is kept and has no effect; daylight saving is not modelled.
 */

import type { Clock } from '../clock.js';
import { type CalendarTime, fromSeconds, toSeconds } from './calendar.js';
import type { ByteDevice, IrqLine } from './device.js';
import { Rate } from './rate.js';

const SECOND_EVENT = 'rtc.second';
const PERIODIC_EVENT = 'rtc.periodic';
const OSCILLATOR_HZ = 32768;
const UPDATE_MICROSECONDS = 2228;

const SECONDS = 0;
const SECONDS_ALARM = 1;
const MINUTES = 2;
const MINUTES_ALARM = 3;
const HOURS = 4;
const HOURS_ALARM = 5;
const WEEKDAY = 6;
const DAY = 7;
const MONTH = 8;
const YEAR = 9;
const REGISTER_A = 10;
const REGISTER_B = 11;
const REGISTER_C = 12;
const REGISTER_D = 13;
const CENTURY = 0x32;

const B_SET = 0x80;
const B_BINARY = 0x04;
const B_24_HOURS = 0x02;
const FLAG_PERIODIC = 0x40;
const FLAG_ALARM = 0x20;
const FLAG_UPDATE = 0x10;

export interface RtcState {
  readonly index: number;
  /** Index register's bytes; the time registers hold what was written while SET stops the clock. */
  readonly cmos: Uint8Array;
  /** Seconds since 1970 at the cycle `baseCycle`, from which whole seconds are counted. */
  readonly baseSeconds: number;
  readonly baseCycle: number;
  /** Interrupt flags of register C. */
  readonly flags: number;
  /** Oscillator tick up to which the periodic flag is accounted for. */
  readonly periodicTick: number;
}

export interface RtcConfig {
  /** Time at cycle 0, seconds since 1970. */
  readonly startSeconds: number;
  readonly ramBytes: number;
}

/** A clock whose time nobody has seen or set, begun at another. Throws RangeError where somebody may have. */
export function startedAt(state: RtcState, startSeconds: number): RtcState {
  if (isUsed(state)) throw new RangeError('rtc: the time was read or set already, it cannot be another');
  return { ...state, cmos: state.cmos.slice(), baseSeconds: startSeconds };
}

/** The registers have a time, and there is no day 0, once they were read or written, or a second has passed. */
function isUsed({ cmos }: RtcState): boolean {
  return cmos[DAY] !== 0;
}

export class Rtc implements ByteDevice {
  private state: { -readonly [K in keyof RtcState]: RtcState[K] };
  private readonly oscillator: Rate;

  constructor(
    private readonly clock: Clock,
    private readonly clockHz: number,
    private readonly irq8: IrqLine,
    config: RtcConfig,
  ) {
    this.oscillator = new Rate(OSCILLATOR_HZ, clockHz);
    this.state = {
      index: 0,
      cmos: initialCmos(config.ramBytes),
      baseSeconds: config.startSeconds,
      baseCycle: 0,
      flags: 0,
      periodicTick: 0,
    };
    clock.register(SECOND_EVENT, (_argument, cycle) => this.second(cycle));
    clock.register(PERIODIC_EVENT, () => this.periodic());
  }

  /** Starts the clock; called once on a machine that was not restored from a state. */
  powerOn(): void {
    this.clock.schedule(this.clockHz, SECOND_EVENT);
  }

  readByte(port: number): number {
    if (!(port & 1)) return 0xff;
    const register = this.state.index & 0x7f;
    if (register <= YEAR || register === CENTURY) this.refreshTime();
    if (register === REGISTER_A) return (this.state.cmos[REGISTER_A] & 0x7f) | (this.updating() ? 0x80 : 0);
    if (register === REGISTER_C) return this.readFlags();
    return this.state.cmos[register];
  }

  writeByte(port: number, value: number): void {
    const state = this.state;
    if (!(port & 1)) {
      state.index = value;
      return;
    }
    const register = state.index & 0x7f;
    if (register === REGISTER_C || register === REGISTER_D) return;
    this.refreshTime();
    this.collectPeriodic();
    const stopped = (state.cmos[REGISTER_B] & B_SET) !== 0;
    state.cmos[register] = register === REGISTER_A ? value & 0x7f : value;
    const isTime =
      register === CENTURY || (register <= YEAR && ![SECONDS_ALARM, MINUTES_ALARM, HOURS_ALARM].includes(register));
    if (register === REGISTER_B) {
      if (stopped && !(value & B_SET)) this.setTime();
      // The update interrupt is cleared by SET (data sheet, register B).
      if (value & B_SET) state.cmos[REGISTER_B] &= ~FLAG_UPDATE;
    } else if (isTime && !stopped) this.setTime();
    if (register === REGISTER_A || register === REGISTER_B) this.schedulePeriodic();
    this.update();
  }

  get isUsed(): boolean {
    return isUsed(this.state);
  }

  saveState(): RtcState {
    return { ...this.state, cmos: this.state.cmos.slice() };
  }

  restoreState(state: RtcState): void {
    this.state = { ...state, cmos: state.cmos.slice() };
  }

  private now(): number {
    const { baseSeconds, baseCycle } = this.state;
    return baseSeconds + Math.floor((this.clock.now - baseCycle) / this.clockHz);
  }

  private updating(): boolean {
    if (this.state.cmos[REGISTER_B] & B_SET) return false;
    const ofSecond = (this.clock.now - this.state.baseCycle) % this.clockHz;
    return ofSecond >= this.clockHz - Math.round((UPDATE_MICROSECONDS * this.clockHz) / 1_000_000);
  }

  /** Writes the time of now into the time registers, unless SET holds them. */
  private refreshTime(): void {
    const { cmos } = this.state;
    if (cmos[REGISTER_B] & B_SET) return;
    const time = fromSeconds(this.now());
    cmos[SECONDS] = this.encode(time.second);
    cmos[MINUTES] = this.encode(time.minute);
    cmos[HOURS] = this.encodeHour(time.hour);
    cmos[WEEKDAY] = this.encode(time.weekday);
    cmos[DAY] = this.encode(time.day);
    cmos[MONTH] = this.encode(time.month);
    cmos[YEAR] = this.encode(time.year % 100);
    cmos[CENTURY] = toBcd(Math.floor(time.year / 100));
  }

  /** Takes the time registers as the time of now; the second under way goes on. */
  private setTime(): void {
    const { cmos } = this.state;
    const time: Omit<CalendarTime, 'weekday'> = {
      second: this.decode(cmos[SECONDS]),
      minute: this.decode(cmos[MINUTES]),
      hour: this.decodeHour(cmos[HOURS]),
      day: this.decode(cmos[DAY]),
      month: this.decode(cmos[MONTH]),
      year: fromBcd(cmos[CENTURY]) * 100 + this.decode(cmos[YEAR]),
    };
    const elapsed = Math.floor((this.clock.now - this.state.baseCycle) / this.clockHz);
    this.state.baseCycle += elapsed * this.clockHz;
    this.state.baseSeconds = toSeconds(time);
  }

  private second(cycle: number): void {
    this.clock.schedule(cycle + this.clockHz, SECOND_EVENT);
    if (this.state.cmos[REGISTER_B] & B_SET) return;
    this.refreshTime();
    const { cmos } = this.state;
    const matches = (value: number, alarm: number): boolean => alarm >= 0xc0 || alarm === value;
    if (
      matches(cmos[SECONDS], cmos[SECONDS_ALARM]) &&
      matches(cmos[MINUTES], cmos[MINUTES_ALARM]) &&
      matches(cmos[HOURS], cmos[HOURS_ALARM])
    ) {
      this.state.flags |= FLAG_ALARM;
    }
    this.state.flags |= FLAG_UPDATE;
    this.update();
  }

  /** Oscillator ticks between periodic flags; 0 when the rate is off or the divider chain is held. */
  private periodTicks(): number {
    const registerA = this.state.cmos[REGISTER_A];
    const rate = registerA & 15;
    if (rate === 0 || (registerA & 0x70) !== 0x20) return 0;
    return 1 << ((rate < 3 ? rate + 7 : rate) - 1);
  }

  /** Sets the periodic flag when a period has ended since it was last looked at. */
  private collectPeriodic(): void {
    const tick = this.oscillator.ticksAt(this.clock.now);
    const period = this.periodTicks();
    const before = this.state.periodicTick;
    this.state.periodicTick = tick;
    if (period > 0 && Math.floor(tick / period) > Math.floor(before / period)) this.state.flags |= FLAG_PERIODIC;
  }

  private periodic(): void {
    this.collectPeriodic();
    this.schedulePeriodic();
    this.update();
  }

  private schedulePeriodic(): void {
    this.clock.cancel(PERIODIC_EVENT);
    const period = this.periodTicks();
    if (period === 0 || !(this.state.cmos[REGISTER_B] & FLAG_PERIODIC)) return;
    const next = (Math.floor(this.oscillator.ticksAt(this.clock.now) / period) + 1) * period;
    this.clock.schedule(this.oscillator.cycleOf(next), PERIODIC_EVENT);
  }

  private readFlags(): number {
    this.collectPeriodic();
    const { flags, cmos } = this.state;
    const value = flags | (flags & cmos[REGISTER_B] & 0x70 ? 0x80 : 0);
    this.state.flags = 0;
    this.update();
    return value;
  }

  private update(): void {
    this.irq8((this.state.flags & this.state.cmos[REGISTER_B] & 0x70) !== 0);
  }

  private encode(value: number): number {
    return this.state.cmos[REGISTER_B] & B_BINARY ? value : toBcd(value);
  }

  private decode(value: number): number {
    return this.state.cmos[REGISTER_B] & B_BINARY ? value : fromBcd(value);
  }

  private encodeHour(hour: number): number {
    if (this.state.cmos[REGISTER_B] & B_24_HOURS) return this.encode(hour);
    return this.encode(hour % 12 === 0 ? 12 : hour % 12) | (hour >= 12 ? 0x80 : 0);
  }

  private decodeHour(value: number): number {
    if (this.state.cmos[REGISTER_B] & B_24_HOURS) return this.decode(value);
    return (this.decode(value & 0x7f) % 12) + (value & 0x80 ? 12 : 0);
  }
}

function toBcd(value: number): number {
  return (Math.floor(value / 10) << 4) | (value % 10);
}

function fromBcd(value: number): number {
  return (value >> 4) * 10 + (value & 15);
}

/** What the BIOS leaves: 24-hour BCD, 1024 Hz rate selected but off, memory sizes. */
function initialCmos(ramBytes: number): Uint8Array {
  const cmos = new Uint8Array(128);
  cmos[REGISTER_A] = 0x26;
  cmos[REGISTER_B] = B_24_HOURS;
  cmos[REGISTER_D] = 0x80;
  cmos[REGISTER_C] = 0;
  const setWord = (at: number, value: number): void => {
    cmos[at] = value & 0xff;
    cmos[at + 1] = value >> 8;
  };
  const kibibytes = ramBytes >>> 10;
  const extended = Math.min(0xffff, Math.max(0, kibibytes - 1024));
  setWord(0x15, Math.min(640, kibibytes));
  setWord(0x17, extended);
  setWord(0x30, extended);
  setWord(0x34, Math.min(0xffff, Math.max(0, (kibibytes - 16384) >>> 6)));
  return cmos;
}
