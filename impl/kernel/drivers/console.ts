/**
 * The programs' console on COM1.
 *
 * Console position (C4): bytes enqueued here since the system was created, modulo 2^32. Its keeper is the persistent
 * root structure; after recovery `consoleSetPosition` makes this side agree. `consoleEnqueue` never blocks, so that
 * printing and counting are one step: `consoleWaitSpace` first, then, without giving up the CPU, count and enqueue.
 */

import { restoreFlags, saveFlagsCli } from '../arch/hw';
import { setInterruptHandler } from '../arch/trap';
import { block, blockFor, WaitQueue, wakeAll } from '../sched/thread';
import { picEnable } from '../arch/pic';
import { Uart } from '../arch/uart';

const COM1: u32 = 0x3f8;
const COM1_LINE: u32 = 4;
/** A commit waits until what was printed before it has left: at 11,520 bytes a second, a full ring is 89 ms. */
const RING_BYTES: u32 = 1024;
const RECEIVE_BYTES: u32 = 1024;
/** The most one `consoleWaitSpace` may ask for. */
export const CONSOLE_CHUNK_MAX: u32 = RING_BYTES;

const port = changetype<Uart>(memory.data(64, 8));
const ring: usize = memory.data(1024, 8);
const receiveRing: usize = memory.data(1024, 8);
const writers = changetype<WaitQueue>(memory.data(8, 8));
const readers = changetype<WaitQueue>(memory.data(8, 8));

function onInterrupt(): void {
  if (port.interrupt()) wakeAll(readers);
  // Waking at half empty keeps a long printer from being switched to for 16 bytes at a time.
  if (port.space() >= RING_BYTES / 2) wakeAll(writers);
}

export function consoleInit(): void {
  assert(offsetof<Uart>() <= 64, 'console: a Uart outgrew its place');
  port.init(COM1, ring, RING_BYTES, receiveRing, RECEIVE_BYTES);
  if (!port.present) return;
  setInterruptHandler(COM1_LINE, onInterrupt.index);
  picEnable(COM1_LINE);
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

/** Next byte typed, or -1. What was typed is state of the device: a power cut loses it. */
export function consoleRead(): i32 {
  return port.take();
}

/** Bytes typed that nobody has read. */
export function consoleTyped(): u32 {
  const flags = saveFlagsCli();
  const count = port.received - port.taken;
  restoreFlags(flags);
  return count;
}

/** Drops what was typed up to and with the first `byte`; false, and nothing dropped, when there is none. */
export function consoleDropThrough(byte: u32): bool {
  const flags = saveFlagsCli();
  const found = port.dropThrough(byte);
  restoreFlags(flags);
  return found;
}

/** Bytes typed since the boot, modulo 2^32: a reader notes it, looks for its byte, and waits for more than it noted. */
export function consoleReceived(): u32 {
  const flags = saveFlagsCli();
  const count = port.received;
  restoreFlags(flags);
  return count;
}

/**
 * Waits until more was typed than `seen` says, `consoleWakeReaders` is called, or `ticks` have passed (0: as long as it
 * takes).
 */
export function consoleWaitTyped(seen: u32, ticks: u32): void {
  const flags = saveFlagsCli();
  if (port.received == seen) {
    if (ticks == 0) block(readers);
    else blockFor(readers, ticks);
  }
  restoreFlags(flags);
}

/** Every thread that waits for input looks again. */
export function consoleWakeReaders(): void {
  wakeAll(readers);
}
