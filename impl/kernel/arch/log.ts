/**
 * The kernel's log on COM2. Lines go through a ring that interrupts drain; a full ring is drained by polling, so a log
 * call never waits for a thread and may be made anywhere. Text is Latin-1: each UTF-16 unit's low byte.
 */

import { ByteRing } from './byte-ring';
import { restoreFlags, saveFlagsCli } from './hw';
import { setInterruptHandler } from './trap';
import { picEnable } from './pic';
import { Uart } from './uart';

const COM2: u32 = 0x2f8;
const COM2_LINE: u32 = 3;
const RING_BYTES: u32 = 8192;
const RECEIVE_BYTES: u32 = 16;
const port = changetype<Uart>(memory.data(64, 8));
const ring: usize = memory.data(8192, 8);
const receiveBytes: usize = memory.data(16, 8);
const receive = changetype<ByteRing>(memory.data(16, 8));

function onInterrupt(): void {
  port.interrupt();
}

export function logInit(): void {
  assert(offsetof<Uart>() <= 64, 'log: a Uart outgrew its place');
  assert(offsetof<ByteRing>() <= 16, 'log: a ByteRing outgrew its place');
  receive.init(receiveBytes, RECEIVE_BYTES);
  port.init(COM2, ring, RING_BYTES, receive);
}

/** Once interrupt controllers and tables stand. */
export function logInterruptsInit(): void {
  if (!port.present) return;
  setInterruptHandler(COM2_LINE, onInterrupt.index);
  picEnable(COM2_LINE);
}

/** With interrupts off throughout: a handler may log too. It asserts nothing, since a failed assertion logs. */
function logByte(byte: u32): void {
  if (!port.ringBytes) return;
  const flags = saveFlagsCli();
  if (port.space() == 0) port.flush();
  if (port.space() != 0) port.put(byte);
  port.start();
  restoreFlags(flags);
}

export function logText(text: string): void {
  const at = changetype<usize>(text);
  for (let i: i32 = 0; i < text.length; i++) logByte(<u32>load<u16>(at + (<usize>i << 1)) & 0xff);
}

/** `length` bytes as they are, unprintable ones as dots. */
export function logBytes(bytes: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i++) {
    const byte = <u32>load<u8>(bytes + i);
    logByte(byte < 32 || byte == 127 ? 46 : byte);
  }
}

export function logNumber(value: u32): void {
  let power: u32 = 1;
  while (value / power >= 10) power *= 10;
  for (; power > 0; power /= 10) logByte(48 + ((value / power) % 10));
}

export function logHexadecimal(value: u32): void {
  for (let shift: i32 = 28; shift >= 0; shift -= 4) {
    const digit = (value >> shift) & 15;
    logByte(digit < 10 ? 48 + digit : 87 + digit);
  }
}

export function logNewline(): void {
  logByte(10);
}

/** One line. */
export function log(text: string): void {
  logText(text);
  logNewline();
}

/** One line: text, then a number. */
export function logValue(text: string, value: u32): void {
  logText(text);
  logText(' ');
  logNumber(value);
  logNewline();
}

/** Waits by polling until the log is on the wire. */
export function logFlush(): void {
  if (port.ringBytes) port.flush();
}
