/**
 * The programs' console: COM1 and, with the option `console=screen`, the text screen and the keyboard, with COM1 as the
 * transcript of what was printed.
 *
 * Console position (C4): bytes enqueued here since the system was created, modulo 2^32. Its keeper is the persistent
 * root structure; after recovery `consoleSetPosition` makes this side agree. `consoleEnqueue` never blocks, so that
 * printing and counting are one step: `consoleWaitSpace` first, then, without giving up the CPU, count and enqueue.
 *
 * What a power cut does to output on the serial line is one of two policies, option `console.output`:
 *
 *     (default)  at least once: bytes leave as they are printed, and a generation commits only when all that was printed before
 *                its demarcation has left. After a cut what was printed since the generation recovered comes again.
 *     held       at most once: bytes leave when the generation that contains them is committed, and a generation commits only
 *                when all that the one before it released has left. No byte comes twice. A cut between a commit and the last
 *                byte leaving loses what has not left: at most what programs printed in that one generation, never more than
 *                the ring holds.
 *
 * Nothing can do both for a device that cannot say, after the cut, what it has shown.
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
/** Held output waits for a commit: this much leaves in 356 ms. */
const HELD_RING_BYTES: u32 = 4096;
/** The most one `consoleWaitSpace` may ask for. */
export const CONSOLE_CHUNK_MAX: u32 = RING_BYTES;

const port = changetype<Uart>(memory.data(64, 8));
const ring: usize = memory.data(4096, 8);
const writers = changetype<WaitQueue>(memory.data(8, 8));
/** The console is on the screen: what programs print is shown there, what is typed there comes from the keyboard. */
let onScreen: bool = false;

function onInterrupt(): void {
  if (port.interrupt()) wakeAll(inputReaders(LINE));
  // Waking at half empty keeps a long printer from being switched to for 16 bytes at a time.
  if (port.space() >= port.ringBytes / 2) wakeAll(writers);
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
  port.held = optionIs('console.output', 'held');
  port.init(COM1, ring, port.held ? HELD_RING_BYTES : RING_BYTES, inputRing(LINE));
  if (!port.present) return;
  setInterruptHandler(COM1_LINE, onInterrupt.index);
  picEnable(COM1_LINE);
}

/** Whether what programs print is to be shown on the screen too, and what is typed comes from the keyboard. */
export function consoleOnScreen(): bool {
  return onScreen;
}

/** Whether output is held, and `length` bytes find no space before something is committed. */
export function consoleNeedsCommit(length: u32): bool {
  const flags = saveFlagsCli();
  const needs = port.held && port.space() < length;
  restoreFlags(flags);
  return needs;
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
  port.released = position;
}

/** Whether every byte before `position` has left COM1. */
export function consoleDrained(position: u32): bool {
  return port.hasLeft(position);
}

/** Waits until everything that may leave has left. Held output that no generation contains stays. */
export function consoleWaitIdle(): void {
  consoleWaitDrained(port.end());
}

/** Waits until a generation with that console position may commit. */
export function consoleWaitCommit(position: u32): void {
  consoleWaitDrained(port.held ? port.released : position);
}

/** A generation with that console position is committed: what it contains need not be held any more. */
export function consoleCommitted(position: u32): void {
  if (!port.held) return;
  port.release(position);
  wakeAll(writers);
}

/** Waits until every byte before `position` has left COM1. */
export function consoleWaitDrained(position: u32): void {
  while (!consoleDrained(position)) blockFor(writers, 1);
}
