/**
 * The end of a kernel that found an invariant broken: says so on COM2 by polling, tells the probe (kind 7), and ends
 * the machine through the exit port. Never returns; never allocates; works before anything is initialised.
 */

import { cli, hlt } from './hw';
import { EXIT_PANIC, exitMachine, probe, PROBE_PANIC } from './exit';
import { logFlush, logHexadecimal, logNewline, logNumber, logText } from './log';

/** Bytes of a message, its terminating zero included. */
export const MESSAGE_BYTES: u32 = 256;
const message: usize = memory.data(256);
let panicking: bool = false;
let hook: u32 = 0;

/**
 * `hook(message: usize, length: u64)` runs once in a panic, with interrupts off for good, after the log has said why; `message` is ASCII
 * with a terminating zero. It must not panic. Its signature is its own, since for the bound of the stacks a call through the
 * table reaches every function of that signature.
 */
export function setPanicHook(index: u32): void {
  hook = index;
}

/** The message as ASCII with a terminating zero, for the host that reads the probe record. Returns its length. */
function copyMessage(text: string): u32 {
  const source = changetype<usize>(text);
  const length = min<u32>(<u32>text.length, MESSAGE_BYTES - 1);
  for (let i: u32 = 0; i < length; i++) store<u8>(message + i, <u8>(<u32>load<u16>(source + (<usize>i << 1))));
  store<u8>(message + length, 0);
  return length;
}

function stop(text: string): void {
  logNewline();
  logFlush();
  const length = copyMessage(text);
  if (hook != 0) call_indirect<void>(hook, message, <u64>length);
  logFlush();
  probe(PROBE_PANIC, <u32>message, 0, 0);
  exitMachine(EXIT_PANIC);
  for (;;) {
    cli();
    hlt();
  }
}

function begin(text: string): void {
  cli();
  if (panicking) {
    exitMachine(EXIT_PANIC);
    for (;;) hlt();
  }
  panicking = true;
  logNewline();
  logFlush();
  logText('panic: ');
  logText(text);
}

export function panic(text: string): void {
  begin(text);
  stop(text);
}

/** A panic that names a value, shown in decimal and hexadecimal. */
export function panicValue(text: string, value: u32): void {
  begin(text);
  logText(' ');
  logNumber(value);
  logText(' (0x');
  logHexadecimal(value);
  logText(')');
  stop(text);
}

/** What `assert` and AssemblyScript's own checks call: asc is told `--use abort=` this. */
export function abortKernel(text: string | null, file: string | null, line: u32, column: u32): void {
  const reason = text === null ? 'assertion failed' : text;
  begin(reason);
  logText(' at ');
  if (file !== null) logText(file);
  logText(':');
  logNumber(line);
  logText(':');
  logNumber(column);
  stop(reason);
}
