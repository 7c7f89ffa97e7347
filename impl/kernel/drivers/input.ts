/**
 * What is typed, by where: at the line of the console or at the keyboard. A driver puts bytes in a ring and wakes who
 * waits; readers wait for more than they have seen. What was typed is state of the device: a power cut loses it.
 */

import { restoreFlags, saveFlagsCli } from '../arch/hw';
import { ByteRing } from '../arch/byte-ring';
import { block, blockFor, WaitQueue, wakeAll } from '../sched/thread';

/** Places where something is typed. */
export const LINE: u32 = 0;
export const KEYBOARD: u32 = 1;

const RING_BYTES: u32 = 1024;
const lineBytes: usize = memory.data(1024, 8);
const keyboardBytes: usize = memory.data(1024, 8);
/** A ring and a queue of readers each. */
const rings: usize = memory.data(32, 8);
const queues: usize = memory.data(16, 8);

export function inputRing(place: u32): ByteRing {
  return changetype<ByteRing>(rings + place * 16);
}

export function inputReaders(place: u32): WaitQueue {
  return changetype<WaitQueue>(queues + place * 8);
}

export function inputInit(): void {
  assert(offsetof<ByteRing>() <= 16 && offsetof<WaitQueue>() <= 8, 'input: a ring or queue outgrew its place');
  inputRing(LINE).init(lineBytes, RING_BYTES);
  inputRing(KEYBOARD).init(keyboardBytes, RING_BYTES);
}

/** Next byte typed, or -1. */
export function inputRead(place: u32): i32 {
  return inputRing(place).take();
}

/** Bytes typed that nobody has read. */
export function inputTyped(place: u32): u32 {
  return inputRing(place).waiting();
}

/** Bytes typed since the boot, modulo 2^32: a reader notes it, looks for its byte, and waits for more than it noted. */
export function inputReceived(place: u32): u32 {
  const flags = saveFlagsCli();
  const count = inputRing(place).received;
  restoreFlags(flags);
  return count;
}

/** Drops what was typed up to and with the first `byte`; false, and nothing dropped, when there is none. */
export function inputDropThrough(place: u32, byte: u32): bool {
  return inputRing(place).dropThrough(byte);
}

/**
 * Waits until more was typed than `seen` says, `inputWake` is called, or `ticks` have passed (0: as long as it takes).
 */
export function inputWait(place: u32, seen: u32, ticks: u32): void {
  const flags = saveFlagsCli();
  if (inputRing(place).received == seen) {
    if (ticks == 0) block(inputReaders(place));
    else blockFor(inputReaders(place), ticks);
  }
  restoreFlags(flags);
}

/** Every thread that waits for input looks again. */
export function inputWake(place: u32): void {
  wakeAll(inputReaders(place));
}
