/**
 * The rooms below object land, for a virtual machine that runs in V8: plain memory, one thread after another, console
 * and log in the host. It has the shape of `objects/below.ts`, in whose stead the test build reads it.
 */

import { PERSISTENT_BASE } from '../../objects/layout';
import { clock, fail, finished as hostFinished, input, logByte, passes, print, setting, spawn as hostSpawn, waits } from './host';

export const WIRED_PAGES: u32 = 16;

let printed: u32 = 0;
let epochNow: u32 = 0;
let asked: bool = false;

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

/** Every now and then a page has to be waited for: other threads would run, and a snapshot might be taken. */
export function touchForWrite(address: usize, bytes: u32): void {
  if (!waits(<u32>address)) return;
  epochNow++;
}

export function canUse(pages: u32): bool {
  return true;
}

export function blockEpoch(): u32 {
  return epochNow;
}

/** When pages are to be waited for, so are other threads: at every other safepoint. */
export function rescheduleWanted(): bool {
  if (setting(6) == 0) return false;
  asked = !asked;
  return asked;
}

export function safepoint(): void {
  waits(0);
  epochNow++;
}

export function consolePosition(): u32 {
  return setting(5) + printed;
}

export function consoleWaitSpace(length: u32): void {}

export function consoleEnqueue(bytes: usize, length: u32): void {
  print(bytes, length);
  printed += length;
}

/** Set by the host: the console is on the screen. */
export function consoleOnScreen(): bool {
  return setting(8) != 0;
}

export const LINE: u32 = 0;
export const KEYBOARD: u32 = 1;

/** A screen that nobody sees, if the host says so. */
export function screenPresent(): bool {
  return setting(9) == 0;
}

export function screenPaint(cells: usize, cursor: u32): void {}

export function screenBlank(): void {}

export function keyboardPresent(): bool {
  return setting(10) == 0;
}

export function keyboardWanted(): u32 {
  return 0;
}

export function keyboardWaitWanted(): u32 {
  return 0;
}

export function keyboardSwitched(number: u32): void {}

function typedAt(place: u32): bool {
  return place == setting(11);
}

/** Input is what the host holds ready; none comes later, so whoever waits for more than that waits for ever. */
export function inputRead(place: u32): i32 {
  return typedAt(place) ? input(true) : -1;
}

export function inputTyped(place: u32): u32 {
  return typedAt(place) ? <u32>input(false) : 0;
}

export function inputReceived(place: u32): u32 {
  return 0;
}

export function inputDropThrough(place: u32, byte: u32): bool {
  return false;
}

export function inputWake(place: u32): void {}

export function waitTyped(place: u32, seen: u32, time: u32): void {
  if (time == 0) panicValue('a thread waits for input that never comes: bytes read ', seen);
  passes(time);
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

export function invariantWanted(): bool {
  return setting(7) != 0;
}

/** Goes to the log: the digit of the verdict, the message. */
export function announceInvariant(verdict: u32, message: usize): void {
  logText('invariant ');
  logNumber(verdict);
  if (message) {
    logText(': ');
    for (let at = message; load<u8>(at) != 0; at++) logByte(<u32>load<u8>(at));
  }
  logNewline();
}

/** A wait that ends by itself is over at once. */
export function waitAsRecord(record: u32, time: u32): void {
  if (time) {
    passes(time);
    return;
  }
  panicValue('a thread waits for ever in a virtual machine that runs one after another: record ', record);
}

export function wakeRecord(record: u32): void {}

export function sleepMilliseconds(time: u32): void {
  passes(time);
}

export function setLostHandler(handler: u32): void {}

export function currentRecord(): u32 {
  return 0;
}

export function canSpawn(): bool {
  return true;
}

export function waitToSpawn(): bool {
  return false;
}

export function spawn(entry: u32, argument: u32): void {
  hostSpawn(entry, argument);
}

export function finished(failed: u32): void {
  hostFinished(failed);
}

export function milliseconds(): u32 {
  return 0;
}

export function timeOfDay(): u32 {
  return clock();
}

export function recoveredGeneration(): u32 {
  return 0;
}

export function idlePercent(): u32 {
  return 0;
}

export function commitNow(): bool {
  return false;
}

export function restartMachine(): void {
  panic('a virtual machine without a machine cannot restart it');
}

/** No collector: threads run one after another, each with a stack that nobody can look at. */
export const COLLECTS: bool = false;
export const IMAGE_ZERO: u32 = 0;
export const IMAGE_LOST: u32 = 1;

export function imageFrame(page: u32): u32 {
  return PERSISTENT_BASE + (page << 12);
}

export function imageFreeze(pages: u32, most: u32): void {}

export function imageEnd(): void {}

export function imageCopies(): u32 {
  return 0;
}

export function isDirty(address: u32): bool {
  return false;
}

export function dirtyGeneration(): u32 {
  return 0;
}

export function giveFrame(frame: u32): void {}

export function takeZeroedFrame(): u32 {
  return 0;
}

export function unusedPages(first: u32, last: u32): u32 {
  return 0;
}

export function spawnCollector(entry: u32): void {}

export function isCollector(): bool {
  return false;
}

/** Nobody asks for a screen. */
export function spawnSwitcher(entry: u32): void {}

export function isSwitcher(): bool {
  return false;
}

export function waitForWork(): void {}

export function wakeCollector(): void {}

export function waitForCollector(): void {}

export function wakeForCollector(): void {}

export function collectKib(): u32 {
  return 0;
}

export function stackWordsInUse(): u32 {
  return 0;
}

export function stacksAreNow(): void {}

export function noteOneStack(): bool {
  return false;
}

export function wordsBegin(from: u32, to: u32, frames: u32, frameCount: u32): void {}

export function wordsEnd(): void {}

export function wordsNoted(): u32 {
  return 0;
}

export function wordAt(index: u32): u32 {
  return 0;
}

export function announceCollection(step: u32, b: u32, c: u32): void {}

export function framesTotal(): u32 {
  return 0;
}

export function framesFree(): u32 {
  return 0;
}

export function heapAlloc(bytes: u32): usize {
  return 0;
}

export function imagePrepare(pages: u32): void {}

export function imageReaches(pages: u32): bool {
  return false;
}

/** Nothing is committed, so nothing is checked before. */
export const CHECKS: bool = false;
export const CHECK_PREPARE: u32 = 0;
export const CHECK_CAPTURE: u32 = 1;
export const CHECK_PAGE: u32 = 2;

export function setChecker(handler: u32): void {}

export function capturedGeneration(): u32 {
  return 0;
}

export function capturedFrame(page: u32): u32 {
  return 0;
}

export function liveFrame(page: u32): u32 {
  return 0;
}

export function isResident(page: u32): bool {
  return true;
}

export function frameNow(): u32 {
  return 0;
}

export function logHexadecimal(value: u32): void {}
