/**
 * The programs' console: COM1 and, with the option `console=screen`, the text screen and the keyboard, with COM1 as the
 * transcript of what was printed.
 *
 * Console position (C4): bytes enqueued here since the system was created, modulo 2^32. Its keeper is the persistent
 * root structure; after recovery `consoleSetPosition` makes this side agree. `consoleEnqueue` never blocks, so that
 * printing and counting are one step: `consoleWaitSpace` first, then, without giving up the CPU, count and enqueue.
 */

import { restoreFlags, saveFlagsCli } from '../arch/hw';
import { optionFind, optionIs } from '../arch/multiboot';
import { log } from '../arch/log';
import { panic } from '../arch/panic';
import { setInterruptHandler } from '../arch/trap';
import { block, blockFor, WaitQueue, wakeAll } from '../sched/thread';
import { picEnable } from '../arch/pic';
import { Uart } from '../arch/uart';
import { inputReaders, inputRing, LINE } from './input';
import { screenPresent } from './screen';

const COM1: u32 = 0x3f8;
const COM1_LINE: u32 = 4;
/** A commit waits until what was printed before it has left: at 11,520 bytes a second, a full ring is 89 ms. */
const RING_BYTES: u32 = 1024;
/** The most one `consoleWaitSpace` may ask for. */
export const CONSOLE_CHUNK_MAX: u32 = RING_BYTES;

const port = changetype<Uart>(memory.data(64, 8));
const ring: usize = memory.data(1024, 8);
const writers = changetype<WaitQueue>(memory.data(8, 8));
/** The console is on the screen: what programs print is shown there, what is typed there comes from the keyboard. */
let onScreen: bool = false;

function onInterrupt(): void {
  if (port.interrupt()) wakeAll(inputReaders(LINE));
  // Waking at half empty keeps a long printer from being switched to for 16 bytes at a time.
  if (port.space() >= RING_BYTES / 2) wakeAll(writers);
}

/** Option `console`: `screen`, or `serial`, which it is when it is not given. */
function chooseDevice(): void {
  if (optionFind('console') == 0 || optionIs('console', 'serial')) return;
  if (!optionIs('console', 'screen')) panic('command line: console has to be serial or screen');
  onScreen = screenPresent();
  if (!onScreen) log('console: there is no screen, so it is on the serial line');
}

/** After the screen. */
export function consoleInit(): void {
  chooseDevice();
  assert(offsetof<Uart>() <= 64, 'console: a Uart outgrew its place');
  port.init(COM1, ring, RING_BYTES, inputRing(LINE));
  if (!port.present) return;
  setInterruptHandler(COM1_LINE, onInterrupt.index);
  picEnable(COM1_LINE);
}

/** Whether what programs print is to be shown on the screen too, and what is typed comes from the keyboard. */
export function consoleOnScreen(): bool {
  return onScreen;
}

/** Waits until `length` bytes, at most CONSOLE_CHUNK_MAX, can be enqueued. */
export function consoleWaitSpace(length: u32): void {
  assert(length <= CONSOLE_CHUNK_MAX, 'console: more bytes at once than the ring holds');
  const flags = saveFlagsCli();
  while (port.space() < length) block(writers);
  restoreFlags(flags);
}

/** Prints bytes for which there is space. Never blocks. */
export function consoleEnqueue(bytes: usize, length: u32): void {
  port.enqueue(bytes, length);
}

/** Prints `length` bytes of transient memory, waiting for space as it goes. */
export function consoleWrite(bytes: usize, length: u32): void {
  while (length > 0) {
    const part = min<u32>(length, CONSOLE_CHUNK_MAX / 2);
    consoleWaitSpace(part);
    port.enqueue(bytes, part);
    bytes += part;
    length -= part;
  }
}

export function consolePosition(): u32 {
  return port.enqueued;
}

/** After recovery, before anything is printed. */
export function consoleSetPosition(position: u32): void {
  assert(port.sent == port.enqueued, 'console: bytes were printed before the position was set');
  port.enqueued = position;
  port.sent = position;
  port.left = position;
}

/** Whether every byte before `position` has left COM1. */
export function consoleDrained(position: u32): bool {
  return port.hasLeft(position);
}

/** Waits until every byte before `position` has left COM1. */
export function consoleWaitDrained(position: u32): void {
  while (!consoleDrained(position)) blockFor(writers, 1);
}
