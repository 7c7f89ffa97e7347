/**
 * A 16550A serial port: COM1 at 0x3F8 (IRQ 4), COM2 at 0x2F8 (IRQ 3).
 * Source: National Semiconductor PC16550D data sheet (June 1995).
 *
 * The rule that makes it right: a byte takes as long as its bits on the wire (divisor, word length, parity, stop bits), and it exists for
 * the outside world when its last bit has left. What is still in the FIFO or the shift register when the power goes was never printed.
 * The modem lines say that somebody is there (CTS, DSR, DCD). As on every PC, the interrupt reaches the controller only while MCR bit 3 (OUT2) is set.
 */

import type { Clock } from '../clock.js';
import type { ByteDevice, IrqLine } from './device.js';

const UART_HZ = 1_843_200;
const FIFO_BYTES = 16;
/** Most bytes the outside may have on the way to a port. */
const INCOMING_LIMIT = 65536;

const LSR_DATA_READY = 0x01;
const LSR_OVERRUN = 0x02;
const LSR_BREAK_AND_ERRORS = 0x1e;
const LSR_THR_EMPTY = 0x20;
const LSR_TRANSMITTER_EMPTY = 0x40;
const IER_RECEIVE = 0x01;
const IER_THR_EMPTY = 0x02;
const IER_LINE_STATUS = 0x04;
const IER_MODEM_STATUS = 0x08;
const MCR_LOOPBACK = 0x10;
const MCR_OUT2 = 0x08;
const RECEIVE_TRIGGERS = [1, 4, 8, 14];

export interface UartState {
  readonly ier: number;
  readonly lcr: number;
  readonly mcr: number;
  readonly scratch: number;
  readonly divisor: number;
  readonly fifoEnabled: boolean;
  readonly trigger: number;
  readonly transmit: readonly number[];
  /** Byte in the transmit shift register, or -1. */
  readonly shifting: number;
  readonly receive: readonly number[];
  readonly overrun: boolean;
  /** THR empty has become an interrupt that IIR did not report yet. */
  readonly thrInterrupt: boolean;
  /** Four character times have passed without a byte read or received. */
  readonly timedOut: boolean;
  /** Low four bits of MSR: changes since it was read. */
  readonly modemDelta: number;
  /** Bytes the outside has sent that have not arrived yet. */
  readonly incoming: readonly { readonly cycle: number; readonly byte: number }[];
}

const RESET: UartState = {
  ier: 0,
  lcr: 0,
  mcr: 0,
  scratch: 0,
  divisor: 12,
  fifoEnabled: false,
  trigger: 1,
  transmit: [],
  shifting: -1,
  receive: [],
  overrun: false,
  thrInterrupt: false,
  timedOut: false,
  modemDelta: 0,
  incoming: [],
};

export class Uart implements ByteDevice {
  private state = mutable(RESET);
  private readonly transmitted: string;
  private readonly arrived: string;
  private readonly timeout: string;

  constructor(
    readonly name: string,
    private readonly clock: Clock,
    private readonly clockHz: number,
    private readonly irq: IrqLine,
    /** Called when the last bit of a byte has left. */
    private readonly sink: (byte: number) => void,
  ) {
    this.transmitted = `${name}.transmitted`;
    this.arrived = `${name}.arrived`;
    this.timeout = `${name}.timeout`;
    clock.register(this.transmitted, () => this.finishByte());
    clock.register(this.arrived, () => this.arrive());
    clock.register(this.timeout, () => {
      this.state.timedOut = this.state.receive.length > 0;
      this.update();
    });
  }

  /**
   * Lets the outside send a byte whose last bit arrives at `cycle`, or one character time after the byte sent before it, whichever is later.
   */
  inject(cycle: number, byte: number): void {
    const { incoming } = this.state;
    if (incoming.length >= INCOMING_LIMIT)
      throw new Error(`${this.name}: ${INCOMING_LIMIT} bytes are already on the way`);
    const last = incoming.at(-1);
    const earliest = last === undefined ? this.clock.now : last.cycle + this.characterCycles();
    incoming.push({ cycle: Math.max(cycle, earliest), byte: byte & 0xff });
    if (incoming.length === 1) this.clock.schedule(incoming[0].cycle, this.arrived);
  }

  readByte(port: number): number {
    const state = this.state;
    switch (port & 7) {
      case 0:
        if (state.lcr & 0x80) return state.divisor & 0xff;
        return this.receiveByte();
      case 1:
        return state.lcr & 0x80 ? state.divisor >> 8 : state.ier;
      case 2:
        return this.readIdentification();
      case 3:
        return state.lcr;
      case 4:
        return state.mcr;
      case 5:
        return this.readLineStatus();
      case 6:
        return this.readModemStatus();
      default:
        return state.scratch;
    }
  }

  writeByte(port: number, value: number): void {
    const state = this.state;
    switch (port & 7) {
      case 0:
        if (state.lcr & 0x80) state.divisor = (state.divisor & 0xff00) | value;
        else this.transmitByte(value);
        break;
      case 1:
        if (state.lcr & 0x80) state.divisor = (state.divisor & 0xff) | (value << 8);
        else this.writeInterruptEnable(value);
        break;
      case 2:
        this.writeFifoControl(value);
        break;
      case 3:
        state.lcr = value;
        break;
      case 4:
        this.writeModemControl(value & 0x1f);
        break;
      case 7:
        state.scratch = value;
        break;
    }
    this.update();
  }

  saveState(): UartState {
    return mutable(this.state);
  }

  restoreState(state: UartState): void {
    this.state = mutable(state);
  }

  private characterCycles(): number {
    const { lcr, divisor } = this.state;
    const bits = 1 + 5 + (lcr & 3) + (lcr & 8 ? 1 : 0) + (lcr & 4 ? 2 : 1);
    return Math.max(1, Math.round(((divisor || 0x10000) * 16 * bits * this.clockHz) / UART_HZ));
  }

  private transmitByte(value: number): void {
    const state = this.state;
    state.thrInterrupt = false;
    const room = state.fifoEnabled ? FIFO_BYTES : 1;
    // A byte written to a full transmitter replaces the holding register, or is lost in FIFO mode.
    if (state.transmit.length < room) state.transmit.push(value);
    else if (!state.fifoEnabled) state.transmit[0] = value;
    if (state.shifting < 0) this.startByte();
  }

  private startByte(): void {
    const state = this.state;
    const next = state.transmit.shift();
    if (next === undefined) return;
    state.shifting = next;
    if (state.transmit.length === 0) state.thrInterrupt = true;
    this.clock.schedule(this.clock.now + this.characterCycles(), this.transmitted);
  }

  private finishByte(): void {
    const state = this.state;
    const byte = state.shifting & (0xff >> (3 - (state.lcr & 3)));
    state.shifting = -1;
    this.startByte();
    if (state.mcr & MCR_LOOPBACK) this.acceptByte(byte);
    else this.sink(byte);
    this.update();
  }

  private arrive(): void {
    const incoming = this.state.incoming.shift();
    if (incoming === undefined) throw new Error(`${this.name}: a byte arrives that nobody sent`);
    const next = this.state.incoming[0];
    if (next !== undefined) this.clock.schedule(Math.max(next.cycle, this.clock.now + 1), this.arrived);
    if (!(this.state.mcr & MCR_LOOPBACK)) this.acceptByte(incoming.byte);
    this.update();
  }

  private acceptByte(byte: number): void {
    const state = this.state;
    const room = state.fifoEnabled ? FIFO_BYTES : 1;
    if (state.receive.length >= room) {
      // The FIFO keeps what it has; the single buffer register is overwritten.
      state.overrun = true;
      if (!state.fifoEnabled) state.receive[0] = byte;
      return;
    }
    state.receive.push(byte);
    this.restartTimeout();
  }

  private receiveByte(): number {
    const byte = this.state.receive.shift() ?? 0;
    this.restartTimeout();
    this.update();
    return byte;
  }

  private restartTimeout(): void {
    this.state.timedOut = false;
    this.clock.cancel(this.timeout);
    if (this.state.fifoEnabled && this.state.receive.length > 0) {
      this.clock.schedule(this.clock.now + 4 * this.characterCycles(), this.timeout);
    }
  }

  private writeInterruptEnable(value: number): void {
    const enabled = value & ~this.state.ier;
    this.state.ier = value & 0x0f;
    // Enabling the interrupt while the holding register is empty raises it at once.
    if (enabled & IER_THR_EMPTY && this.state.transmit.length === 0) this.state.thrInterrupt = true;
  }

  private writeFifoControl(value: number): void {
    const state = this.state;
    const enable = (value & 1) !== 0;
    const changed = enable !== state.fifoEnabled;
    state.fifoEnabled = enable;
    if (changed || (enable && value & 2)) {
      state.receive = [];
      this.restartTimeout();
    }
    if (changed || (enable && value & 4)) {
      state.transmit = [];
      state.thrInterrupt = true;
    }
    state.trigger = enable ? RECEIVE_TRIGGERS[value >> 6] : 1;
  }

  private writeModemControl(value: number): void {
    const before = this.modemLines();
    this.state.mcr = value;
    const after = this.modemLines();
    const changed = before ^ after;
    this.state.modemDelta |= (changed >> 4) & 0x0b;
    // TERI reports the trailing edge only.
    if (before & ~after & 0x40) this.state.modemDelta |= 0x04;
  }

  /** DCD, RI, DSR, CTS in bits 7 to 4. In loopback they are OUT2, OUT1, DTR, RTS. */
  private modemLines(): number {
    const { mcr } = this.state;
    if (!(mcr & MCR_LOOPBACK)) return 0xb0;
    return ((mcr & 8) << 4) | ((mcr & 4) << 4) | ((mcr & 1) << 5) | ((mcr & 2) << 3);
  }

  private readModemStatus(): number {
    const value = this.modemLines() | this.state.modemDelta;
    this.state.modemDelta = 0;
    this.update();
    return value;
  }

  private lineStatus(): number {
    const state = this.state;
    return (
      (state.receive.length > 0 ? LSR_DATA_READY : 0) |
      (state.overrun ? LSR_OVERRUN : 0) |
      (state.transmit.length === 0 ? LSR_THR_EMPTY : 0) |
      (state.transmit.length === 0 && state.shifting < 0 ? LSR_TRANSMITTER_EMPTY : 0)
    );
  }

  private readLineStatus(): number {
    const value = this.lineStatus();
    this.state.overrun = false;
    this.update();
    return value;
  }

  /** Bits 3 to 0 of IIR: the pending interrupt of the highest priority, 1 for none. */
  private identification(): number {
    const { ier, receive, trigger, timedOut, thrInterrupt, modemDelta } = this.state;
    if (ier & IER_LINE_STATUS && this.lineStatus() & LSR_BREAK_AND_ERRORS) return 0x06;
    if (ier & IER_RECEIVE && receive.length >= trigger) return 0x04;
    if (ier & IER_RECEIVE && timedOut) return 0x0c;
    if (ier & IER_THR_EMPTY && thrInterrupt) return 0x02;
    if (ier & IER_MODEM_STATUS && modemDelta) return 0x00;
    return 0x01;
  }

  private readIdentification(): number {
    const identification = this.identification();
    if (identification === 0x02) this.state.thrInterrupt = false;
    this.update();
    return identification | (this.state.fifoEnabled ? 0xc0 : 0);
  }

  private update(): void {
    const enabled = (this.state.mcr & MCR_OUT2) !== 0 && !(this.state.mcr & MCR_LOOPBACK);
    this.irq(enabled && this.identification() !== 0x01);
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

function mutable(state: UartState): Mutable<UartState> {
  return { ...state, transmit: [...state.transmit], receive: [...state.receive], incoming: [...state.incoming] };
}
