/**
 * The 8042 keyboard controller at ports 0x60 and 0x64 (IRQ 1), and the keyboard on its wire.
 * Sources: IBM PC AT Technical Reference (6280070), section 1, Keyboard Controller, and section 4, Keyboard; IBM PS/2 Hardware Interface
 * Technical Reference, Keyboard and Auxiliary Device Controller.
 *
 * The rule that makes it right: the controller's output buffer holds one byte, and while it is full the wire is held: what the keyboard has
 * to say waits in the keyboard, which has room for 16 bytes and then says once that it overran. A byte takes its 11 bits on the
 * wire. What the controller itself answers is there at once. There is no auxiliary device, key repetition is the outside's.
 */

import type { Clock } from '../clock.js';
import type { ByteDevice, IrqLine } from './device.js';
import { type KeyName, scanCode, translated } from './keys.js';

/** 11 bits at 12.5 kHz; the PS/2 reference has 10 to 16.7 kHz. */
const BYTE_SECONDS = 11 / 12_500;
const QUEUE_BYTES = 16;
/** Most key events the outside may have on the way. */
const INCOMING_LIMIT = 65536;
const TRANSFERRED = 'keyboard.transferred';
const STRUCK = 'keyboard.struck';

const STATUS_OUTPUT_FULL = 0x01;
const STATUS_SYSTEM = 0x04;
const STATUS_COMMAND = 0x08;
const STATUS_UNLOCKED = 0x10;
const COMMAND_INTERRUPT = 0x01;
const COMMAND_SYSTEM = 0x04;
const COMMAND_DISABLE = 0x10;
const COMMAND_TRANSLATE = 0x40;
/** What is not a keyboard's: bit 5 says that the auxiliary device is off. */
const COMMAND_POWER_ON = 0x60;
const OUTPUT_PORT_RESET = 0x01;
const OUTPUT_PORT_A20 = 0x02;
const ACKNOWLEDGE = 0xfa;
const RESEND = 0xfe;
const TEST_PASSED = 0xaa;
const BREAK = 0xf0;

export interface KeyboardState {
  /** The controller's command byte. */
  readonly command: number;
  /** The byte that reading port 0x60 gives, and whether nobody has read it yet. */
  readonly output: number;
  readonly full: boolean;
  readonly lastWasCommand: boolean;
  /** Controller command that waits for its data byte, or 0. */
  readonly expecting: number;
  /** F0 came over the wire and is being translated. */
  readonly breaking: boolean;
  /** Answers of the keyboard to commands, and key codes behind them. */
  readonly answers: readonly number[];
  readonly queue: readonly number[];
  /** Keyboard command that waits for its data byte, or 0. */
  readonly keyboardExpecting: number;
  readonly scanCodeSet: number;
  readonly scanning: boolean;
  /** Bit 0 scroll lock, 1 num lock, 2 caps lock. */
  readonly lights: number;
  readonly lastSent: number;
  /** Key events that have not happened yet. */
  readonly incoming: readonly { readonly cycle: number; readonly key: KeyName; readonly down: boolean }[];
}

const RESET: KeyboardState = {
  command: COMMAND_POWER_ON,
  output: 0,
  full: false,
  lastWasCommand: false,
  expecting: 0,
  breaking: false,
  answers: [],
  queue: [],
  keyboardExpecting: 0,
  scanCodeSet: 2,
  scanning: true,
  lights: 0,
  lastSent: 0,
  incoming: [],
};

export class Keyboard implements ByteDevice {
  private state = mutable(RESET);
  private readonly byteCycles: number;

  constructor(
    private readonly clock: Clock,
    clockHz: number,
    private readonly irq: IrqLine,
    /** The controller pulls the processor's reset line. */
    private readonly reset: () => void,
  ) {
    this.byteCycles = Math.round(BYTE_SECONDS * clockHz);
    clock.register(TRANSFERRED, () => this.transfer());
    clock.register(STRUCK, () => this.strike());
  }

  /** Lets the outside press or release a key at `cycle`, or together with the key event before it, whichever is later. */
  inject(cycle: number, key: KeyName, down: boolean): void {
    const { incoming } = this.state;
    if (incoming.length >= INCOMING_LIMIT)
      throw new Error(`keyboard: ${INCOMING_LIMIT} key events are already on the way`);
    incoming.push({ cycle: Math.max(cycle, incoming.at(-1)?.cycle ?? 0), key, down });
    if (incoming.length === 1) this.clock.schedule(incoming[0].cycle, STRUCK);
  }

  readByte(port: number): number {
    const state = this.state;
    if (port === 0x64) {
      return (
        STATUS_UNLOCKED |
        (state.full ? STATUS_OUTPUT_FULL : 0) |
        (state.command & COMMAND_SYSTEM ? STATUS_SYSTEM : 0) |
        (state.lastWasCommand ? STATUS_COMMAND : 0)
      );
    }
    state.full = false;
    this.update();
    this.pump();
    return state.output;
  }

  writeByte(port: number, value: number): void {
    const state = this.state;
    state.lastWasCommand = port === 0x64;
    if (port === 0x64) this.controllerCommand(value);
    else if (state.expecting !== 0) this.controllerData(value);
    else this.keyboardByte(value);
    this.update();
    this.pump();
  }

  saveState(): KeyboardState {
    return mutable(this.state);
  }

  restoreState(state: KeyboardState): void {
    this.state = mutable(state);
  }

  private controllerCommand(value: number): void {
    const state = this.state;
    state.expecting = 0;
    if (value >= 0xf0) {
      // The low four lines of the output port go low for 6 us, those whose bit is 0; line 0 is the reset.
      if (!(value & OUTPUT_PORT_RESET)) this.reset();
      return;
    }
    switch (value) {
      case 0x20:
        this.put(state.command);
        break;
      case 0x60:
      case 0xd1:
      case 0xd2:
        state.expecting = value;
        break;
      case 0xaa:
        state.command |= COMMAND_SYSTEM;
        this.put(0x55);
        break;
      case 0xab:
        this.put(0x00);
        break;
      case 0xad:
        state.command |= COMMAND_DISABLE;
        break;
      case 0xae:
        state.command &= ~COMMAND_DISABLE;
        break;
      case 0xc0:
        // Input port: keyboard not locked (7), colour adapter (6 clear), no manufacturing jumper (5).
        this.put(0xa0);
        break;
      case 0xd0:
        this.put(OUTPUT_PORT_RESET | OUTPUT_PORT_A20 | (this.interrupts() ? 0x10 : 0));
        break;
    }
  }

  private controllerData(value: number): void {
    const state = this.state;
    const command = state.expecting;
    state.expecting = 0;
    if (command === 0x60) state.command = value & 0x7f;
    else if (command === 0xd2) this.put(value);
    else if (!(value & OUTPUT_PORT_RESET)) this.reset();
  }

  /** A byte goes down the wire to the keyboard. Sending one switches the interface on. */
  private keyboardByte(value: number): void {
    const state = this.state;
    state.command &= ~COMMAND_DISABLE;
    state.answers = [];
    this.clock.cancel(TRANSFERRED);
    const waiting = state.keyboardExpecting;
    state.keyboardExpecting = 0;
    const isData = waiting !== 0 && value < 0xed;
    state.answers.push(...(isData ? this.keyboardData(waiting, value) : this.keyboardCommand(value)));
    this.pump(2);
  }

  private keyboardData(command: number, value: number): readonly number[] {
    const state = this.state;
    if (command === 0xed) state.lights = value & 7;
    if (command !== 0xf0) return [ACKNOWLEDGE];
    if (value === 0) return [ACKNOWLEDGE, state.scanCodeSet];
    if (value > 2) return [RESEND];
    state.scanCodeSet = value;
    return [ACKNOWLEDGE];
  }

  private keyboardCommand(value: number): readonly number[] {
    const state = this.state;
    switch (value) {
      case 0xed:
      case 0xf0:
      case 0xf3:
        state.keyboardExpecting = value;
        return [ACKNOWLEDGE];
      case 0xee:
        return [0xee];
      case 0xf2:
        return [ACKNOWLEDGE, 0xab, 0x83];
      case 0xf4:
        state.queue = [];
        state.scanning = true;
        return [ACKNOWLEDGE];
      case 0xf5:
      case 0xf6:
        this.setDefaults(value === 0xf6);
        return [ACKNOWLEDGE];
      case 0xfe:
        return [state.lastSent];
      case 0xff:
        this.setDefaults(true);
        return [ACKNOWLEDGE, TEST_PASSED];
      default:
        return [RESEND];
    }
  }

  private setDefaults(scanning: boolean): void {
    Object.assign(this.state, { queue: [], scanCodeSet: 2, scanning, lights: 0 });
  }

  private strike(): void {
    const { incoming, scanning, scanCodeSet, queue } = this.state;
    const event = incoming.shift();
    if (event === undefined) throw new Error('keyboard: a key is struck that nobody struck');
    if (incoming.length > 0) this.clock.schedule(Math.max(incoming[0].cycle, this.clock.now), STRUCK);
    if (!scanning) return;
    const code = scanCode(event.key, event.down, scanCodeSet);
    const overrun = scanCodeSet === 1 ? 0xff : 0x00;
    if (queue.length + code.length <= QUEUE_BYTES) queue.push(...code);
    else if (queue.at(-1) !== overrun) queue.push(overrun);
    this.pump();
  }

  /** Puts the next byte of the keyboard on the wire, if there is one and the wire is free. */
  private pump(byteTimes = 1): void {
    const { full, command, answers, queue } = this.state;
    if (full || command & COMMAND_DISABLE || answers.length + queue.length === 0) return;
    if (this.clock.scheduledFor(TRANSFERRED) !== undefined) return;
    this.clock.schedule(this.clock.now + byteTimes * this.byteCycles, TRANSFERRED);
  }

  /** A byte of the keyboard has arrived; F0 is not given on but translated, with the byte behind it. */
  private transfer(): void {
    const state = this.state;
    // The controller filled its buffer or switched the interface off while the byte was under way: it comes again.
    if (state.full || state.command & COMMAND_DISABLE) return;
    const byte = state.answers.shift() ?? state.queue.shift();
    if (byte === undefined) throw new Error('keyboard: a byte arrives that was not sent');
    state.lastSent = byte;
    if (!(state.command & COMMAND_TRANSLATE)) this.put(byte);
    else if (byte === BREAK) state.breaking = true;
    else {
      this.put(translated(byte) | (state.breaking ? 0x80 : 0));
      state.breaking = false;
    }
    this.update();
    this.pump();
  }

  private put(byte: number): void {
    this.state.output = byte;
    this.state.full = true;
  }

  private interrupts(): boolean {
    return this.state.full && (this.state.command & COMMAND_INTERRUPT) !== 0;
  }

  private update(): void {
    this.irq(this.interrupts());
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

function mutable(state: KeyboardState): Mutable<KeyboardState> {
  return { ...state, answers: [...state.answers], queue: [...state.queue], incoming: [...state.incoming] };
}
