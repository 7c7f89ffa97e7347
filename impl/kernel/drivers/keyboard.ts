/**
 * The keyboard behind an 8042 controller (IBM PC AT Technical Reference, Keyboard Controller and Keyboard), US layout: scan
 * codes of set 1, as the controller translates them, become the bytes a terminal sends.
 *
 *     characters      ASCII; Enter is 10, Backspace 127, Escape 27, Tab 9; Caps Lock turns letters
 *     Ctrl            with a letter or one of [ \ ] ^ _ the control character, so Ctrl-] is 29
 *     cursor keys     ECMA-48: ESC [ A B C D for up, down, right, left; H F Home, End; 2~ 3~ 5~ 6~ Insert, Delete, Page Up, Page Down
 *     Alt with F1-F12 no bytes: asks for screen 1 to 12; what was typed before it and not read is dropped
 *
 * Rules. Everything here is transient and belongs to the interrupt handler or is touched with interrupts off. A keyboard is
 * there if the controller passes its test and the keyboard answers an echo; else nobody ever types.
 */

import { inb, outb, restoreFlags, saveFlagsCli } from '../arch/hw';
import { picEnable } from '../arch/pic';
import { setInterruptHandler } from '../arch/trap';
import { block, WaitQueue, wakeAll } from '../sched/thread';
import { inputReaders, inputRing, KEYBOARD } from './input';

const DATA: u32 = 0x60;
const CONTROL: u32 = 0x64;
const LINE_NUMBER: u32 = 1;
const OUTPUT_FULL: u32 = 0x01;
const INPUT_FULL: u32 = 0x02;
const NO_DEVICE: u32 = 0xff;
const DISABLE: u32 = 0xad;
const ENABLE: u32 = 0xae;
const SELF_TEST: u32 = 0xaa;
const SELF_TEST_PASSED: u32 = 0x55;
const WRITE_COMMAND: u32 = 0x60;
/** System flag, auxiliary device off, translation; with and without the interrupt. */
const COMMAND_QUIET: u32 = 0x64;
const COMMAND_INTERRUPT: u32 = 0x65;
const ECHO: u32 = 0xee;
/** A keyboard answers within 20 ms (Keyboard, command responses); a port read takes at least 0.1 us. */
const POLLS_MAX: u32 = 200000;
const DRAIN_MAX: u32 = 32;

const BREAK: u32 = 0x80;
const EXTENDED: u32 = 0xe0;
const CODE_CONTROL: u32 = 0x1d;
const CODE_SHIFT_LEFT: u32 = 0x2a;
const CODE_SHIFT_RIGHT: u32 = 0x36;
const CODE_ALT: u32 = 0x38;
const CODE_CAPS_LOCK: u32 = 0x3a;
const CODE_F1: u32 = 0x3b;
const CODE_F10: u32 = 0x44;
const CODE_F11: u32 = 0x57;
const CODE_F12: u32 = 0x58;
/** Codes with a character: below this. */
const CODES: u32 = 0x54;

/** Characters by code, 0: none. Codes 0x47 to 0x53 are the keypad's, as with Num Lock. */
const PLAIN: string =
  '\0\x1b1234567890-=\x7f\tqwertyuiop[]\n\0asdfghjkl;\'`\0\\zxcvbnm,./\0*\0 \0\0\0\0\0\0\0\0\0\0\0\0\x00789-456+1230.';
const SHIFTED: string =
  '\0\x1b!@#$%^&*()_+\x7f\tQWERTYUIOP{}\n\0ASDFGHJKL:"~\0|ZXCVBNM<>?\0*\0 \0\0\0\0\0\0\0\0\0\0\0\0\x00789-456+1230.';

let present: bool = false;
let extended: bool = false;
/** Bit 0 left shift, 1 right shift. */
let shifts: u32 = 0;
/** Bit 0 the left one, 1 the right one. */
let controls: u32 = 0;
let alts: u32 = 0;
let capsLock: bool = false;
/** Screen asked for, 1 to 12, or 0. */
let wanted: u32 = 0;
const switchers = changetype<WaitQueue>(memory.data(8, 8));

function poll(mask: u32, value: u32): bool {
  for (let i: u32 = 0; i < POLLS_MAX; i++) if ((inb(CONTROL) & mask) == value) return true;
  return false;
}

function send(port: u32, value: u32): void {
  poll(INPUT_FULL, 0);
  outb(port, value);
}

/** Next byte from the controller, or -1 when none comes. */
function answer(): i32 {
  return poll(OUTPUT_FULL, OUTPUT_FULL) ? <i32>inb(DATA) : -1;
}

function drain(): void {
  for (let i: u32 = 0; i < DRAIN_MAX && (inb(CONTROL) & OUTPUT_FULL) != 0; i++) inb(DATA);
}

/** Whether a controller and a keyboard are there; then the controller translates and interrupts. */
function detect(): bool {
  if (inb(CONTROL) == NO_DEVICE) return false;
  send(CONTROL, DISABLE);
  drain();
  send(CONTROL, SELF_TEST);
  if (answer() != SELF_TEST_PASSED) return false;
  send(CONTROL, WRITE_COMMAND);
  send(DATA, COMMAND_QUIET);
  send(CONTROL, ENABLE);
  send(DATA, ECHO);
  if (answer() != <i32>ECHO) return false;
  send(CONTROL, WRITE_COMMAND);
  send(DATA, COMMAND_INTERRUPT);
  return true;
}

export function keyboardInit(): void {
  assert(PLAIN.length == CODES && SHIFTED.length == CODES, 'keyboard: a table does not have all codes');
  present = detect();
  if (!present) return;
  setInterruptHandler(LINE_NUMBER, onInterrupt.index);
  picEnable(LINE_NUMBER);
}

export function keyboardPresent(): bool {
  return present;
}

/** Screen asked for by Alt and a function key, 1 to 12; 0: none. Until `keyboardSwitched` nobody reads. */
export function keyboardWanted(): u32 {
  const flags = saveFlagsCli();
  const number = wanted;
  restoreFlags(flags);
  return number;
}

/** Waits until a screen is asked for. */
export function keyboardWaitWanted(): u32 {
  const flags = saveFlagsCli();
  while (wanted == 0) block(switchers);
  const number = wanted;
  restoreFlags(flags);
  return number;
}

/** Screen `number` was seen to; not if another has been asked for since. */
export function keyboardSwitched(number: u32): void {
  const flags = saveFlagsCli();
  if (wanted == number) wanted = 0;
  restoreFlags(flags);
}

function onInterrupt(): void {
  const ring = inputRing(KEYBOARD);
  const before = ring.received;
  while (inb(CONTROL) & OUTPUT_FULL) take(inb(DATA));
  if (ring.received != before) wakeAll(inputReaders(KEYBOARD));
  if (wanted != 0) wakeAll(switchers);
}

function withBit(bits: u32, bit: u32, on: bool): u32 {
  return on ? bits | bit : bits & ~bit;
}

/** One byte of a scan code. */
function take(byte: u32): void {
  if (byte == EXTENDED) {
    extended = true;
    return;
  }
  const right = extended;
  extended = false;
  // Answers and overruns of the keyboard: no code is that high.
  if ((byte & ~BREAK) > CODE_F12) return;
  const down = (byte & BREAK) == 0;
  const code = byte & ~BREAK;
  const bit: u32 = right ? 2 : 1;
  switch (code) {
    case CODE_SHIFT_LEFT:
    case CODE_SHIFT_RIGHT:
      // Some keyboards wrap cursor keys in shifts of their own, with the prefix.
      if (!right) shifts = withBit(shifts, code == CODE_SHIFT_LEFT ? 1 : 2, down);
      return;
    case CODE_CONTROL:
      controls = withBit(controls, bit, down);
      return;
    case CODE_ALT:
      alts = withBit(alts, bit, down);
      return;
    case CODE_CAPS_LOCK:
      if (down) capsLock = !capsLock;
      return;
  }
  if (!down) return;
  if (alts != 0 && functionKey(code) != 0) {
    wanted = functionKey(code);
    inputRing(KEYBOARD).drop();
  } else if (right) {
    cursorKey(code);
  } else if (code < CODES) {
    character(code);
  }
}

/** 1 to 12, or 0. */
function functionKey(code: u32): u32 {
  if (code >= CODE_F1 && code <= CODE_F10) return code - CODE_F1 + 1;
  if (code == CODE_F11) return 11;
  return code == CODE_F12 ? 12 : 0;
}

function charAt(table: string, code: u32): u32 {
  return <u32>load<u16>(changetype<usize>(table) + (<usize>code << 1));
}

function character(code: u32): void {
  const plain = charAt(PLAIN, code);
  if (plain == 0) return;
  const isLetter = plain >= 97 && plain <= 122;
  let byte = (shifts != 0) != (isLetter && capsLock) ? charAt(SHIFTED, code) : plain;
  if (controls != 0) {
    const upper = isLetter ? plain - 32 : byte;
    if (upper >= 64 && upper <= 95) byte = upper & 31;
  }
  inputRing(KEYBOARD).put(byte);
}

/** Keys with the prefix: cursor keys as control sequences, Enter and / of the keypad as characters. */
function cursorKey(code: u32): void {
  switch (code) {
    case 0x1c:
    case 0x35:
      character(code);
      return;
    case 0x48:
      sequence(65, 0);
      return;
    case 0x50:
      sequence(66, 0);
      return;
    case 0x4d:
      sequence(67, 0);
      return;
    case 0x4b:
      sequence(68, 0);
      return;
    case 0x47:
      sequence(72, 0);
      return;
    case 0x4f:
      sequence(70, 0);
      return;
    case 0x52:
      sequence(50, 126);
      return;
    case 0x53:
      sequence(51, 126);
      return;
    case 0x49:
      sequence(53, 126);
      return;
    case 0x51:
      sequence(54, 126);
      return;
  }
}

/** ESC [ and one or two bytes. */
function sequence(first: u32, second: u32): void {
  const ring = inputRing(KEYBOARD);
  ring.put(27);
  ring.put(91);
  ring.put(first);
  if (second) ring.put(second);
}
