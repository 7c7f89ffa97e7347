/**
 * The rooms below object land, for a virtual machine that runs in V8: plain memory, one thread after another, console and log in the
 * host. It has the shape of `objects/below.ts`, in whose stead the test build reads it.
 */

import { PERSISTENT_BASE } from '../../objects/layout';
import { fail, finished as hostFinished, logByte, print, setting, spawn as hostSpawn } from './host';

let position: u32 = 0;
let epochNow: u32 = 0;

export function vload8(address: usize): u32 {
  return <u32>load<u8>(address);
}

export function log(text: string): void {
  logText(text);
  logNewline();
}

export function logText(text: string): void {
  for (let i: i32 = 0; i < text.length; i++) logByte(<u32>load<u16>(changetype<usize>(text) + (<usize>i << 1)));
}

export function logBytes(bytes: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i++) logByte(<u32>load<u8>(bytes + i));
}

export function logNumber(value: u32): void {
  if (value >= 10) logNumber(value / 10);
  logByte(48 + (value % 10));
}

export function logNewline(): void {
  logByte(10);
}

export function panic(text: string): void {
  log(text);
  fail();
}

export function panicValue(text: string, value: u32): void {
  logText(text);
  logNumber(value);
  logNewline();
  fail();
}

export function touchForWrite(address: usize, bytes: u32): void {
  // Every so often a page that is touched makes the thread wait.
  if (((<u32>address >> 12) * 2654435761) >> 29 == 0) epochNow += setting(6);
}

export function canUse(pages: u32): bool {
  return true;
}

export function blockEpoch(): u32 {
  return epochNow;
}

export function rescheduleWanted(): bool {
  return false;
}

export function safepoint(): void {}

export function consolePosition(): u32 {
  return position;
}

export function consoleWaitSpace(length: u32): void {}

export function consoleEnqueue(bytes: usize, length: u32): void {
  print(bytes, length);
  position += length;
}

export function persistentLimit(): u32 {
  return PERSISTENT_BASE + setting(0);
}

export function bundleStart(): u32 {
  return setting(1);
}

export function bundleBytes(): u32 {
  return setting(2);
}

export function bootClassName(): u32 {
  return setting(3);
}

export function bootClassLength(): u32 {
  return setting(4);
}

export function waitAsRecord(record: u32): void {
  panicValue('a thread waits for ever in a virtual machine that runs one after another: record ', record);
}

export function wakeRecord(record: u32): void {}

export function sleepMilliseconds(time: u32): void {}

export function spawn(entry: u32, argument: u32): void {
  hostSpawn(entry, argument);
}

export function finished(failed: u32): void {
  hostFinished(failed);
}
