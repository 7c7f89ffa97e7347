/**
 * What object land asks of the rooms below it, in one place: the same virtual machine runs in V8 for tests with
 * `vm/v8/below.ts` in its stead.
 *
 * Rule: `touchForWrite`, the `wait...`, `sleep...` and `safepoint` functions may give up the CPU, the others never do.
 */

import { EXIT_DONE, EXIT_THREAD_FAILED, probe, PROBE_COLLECTION, PROBE_FINISHED, PROBE_INVARIANT } from '../arch/exit';
import { classBundle, classBundleBytes, optionFind, optionLength, optionNumber } from '../arch/multiboot';
import { restart, shutdown } from '../drivers/shutdown';
import { consoleNeedsCommit, consoleWaitIdle, consoleWaitSpace as waitForRing } from '../drivers/console';
import { inputWait } from '../drivers/input';
import { ticksFor } from '../drivers/pit';
import { waitForThreadMemory } from '../persist/adjoin';
import { takeFrame } from '../persist/frames';
import { currentGeneration, isChanged, pageCount } from '../persist/pages';
import { requestCommit } from '../persist/requests';
import { commitNow } from '../persist/snapshot';
import {
  block,
  blockFor,
  currentThread,
  sleepTicks,
  threadCreate,
  threadPrepare,
  WaitQueue,
  wakeAll,
  yieldNow,
} from '../sched/thread';
import { PAGE, PERSISTENT_BASE, RECORD_SHIFT, RECORDS, RECORDS_MAX } from './layout';

export { vload8 } from '../arch/hw';
export { panic, panicValue } from '../arch/panic';
export { milliseconds } from '../drivers/pit';
export { timeOfDay } from '../drivers/rtc';
export {
  consoleEnqueue,
  consoleOnScreen,
  consolePosition,
} from '../drivers/console';
export { inputDropThrough, inputRead, inputReceived, inputTyped, inputWake, KEYBOARD, LINE } from '../drivers/input';
export { keyboardPresent, keyboardSwitched, keyboardWaitWanted, keyboardWanted } from '../drivers/keyboard';
export { screenBlank, screenPaint, screenPresent } from '../drivers/screen';
export { allocFrame as frameNow, framesFree, framesTotal } from '../memory/frames';
export { heapAlloc } from '../memory/heap';
export { log, logBytes, logHexadecimal, logNewline, logNumber, logText } from '../arch/log';
export { IMAGE_LOST, IMAGE_ZERO, imageFrame, setLostHandler, touchForWrite } from '../persist/fault';
export { giveFrame } from '../persist/frames';
export { capturedFrame, CHECK_CAPTURE, CHECK_PAGE, CHECK_PREPARE, isResident, liveFrame, setChecker } from '../persist/check';
export { imageCopies, imageEnd, imageFreeze, imagePrepare, imageReaches } from '../persist/image';
export { unusedPages, WIRED_PAGES } from '../persist/pages';
export { canUse, recoveredGeneration } from '../persist/persist';
export { capturedGeneration, commitNow } from '../persist/snapshot';
export { wordAt, wordsBegin, wordsEnd, wordsNoted } from '../sched/stack-words';
export {
  blockEpoch,
  idlePercent,
  noteOneStack,
  rescheduleWanted,
  stacksAreNow,
  stackWordsInUse,
} from '../sched/thread';

/** One wait queue a thread record. */
const queues: usize = memory.data(1024, 8);

/** Lets other threads run. The thread's registers are in its record. */
export function safepoint(): void {
  yieldNow();
}

/** First address behind persistent memory. */
export function persistentLimit(): u32 {
  return PERSISTENT_BASE + (pageCount() << 12);
}

/** The class bundle, 0 without one. */
export function bundleStart(): u32 {
  return <u32>classBundle();
}

export function bundleBytes(): u32 {
  return classBundle() == 0 ? 0 : classBundleBytes();
}

/** Value of option `root.boot`: the class whose method 8 is the first program; 0 without one. */
export function bootClassName(): u32 {
  return <u32>optionFind('root.boot');
}

export function bootClassLength(): u32 {
  const value = optionFind('root.boot');
  return value == 0 ? 0 : optionLength(value);
}

/** Whether option `root.invariant` is given: the program's invariant is to be asked for, once, after recovery. */
export function invariantWanted(): bool {
  return optionFind('root.invariant') != 0;
}

/** Tells the host what came of asking; `message`: address of a zero-terminated text, or 0. */
export function announceInvariant(verdict: u32, message: usize): void {
  probe(PROBE_INVARIANT, verdict, <u32>message, 0);
}

function queueOf(record: u32): WaitQueue {
  return changetype<WaitQueue>(queues + ((record - RECORDS) >> RECORD_SHIFT) * 8);
}

/**
 * Sleeps until `wakeRecord` of the same record, at most `time` milliseconds (0: as long as it takes). Wake-ups are not
 * remembered.
 */
export function waitAsRecord(record: u32, time: u32): void {
  if (time == 0) block(queueOf(record));
  else blockFor(queueOf(record), ticksFor(time));
}

export function wakeRecord(record: u32): void {
  wakeAll(queueOf(record));
}

export function sleepMilliseconds(time: u32): void {
  sleepTicks(ticksFor(time));
}

/** Waits until `length` bytes can be printed; a commit makes room when output is held. */
export function consoleWaitSpace(length: u32): void {
  if (consoleNeedsCommit(length)) requestCommit();
  waitForRing(length);
}

/** Waits for more input at `place` than `seen` says, or a wake-up, at most `time` milliseconds; 0: as long as it takes. */
export function waitTyped(place: u32, seen: u32, time: u32): void {
  inputWait(place, seen, ticksFor(time));
}

/** Whether there is memory for one more kernel thread now: then `spawn` does not wait. */
export function canSpawn(): bool {
  return threadPrepare();
}

/** Waits until there is memory for one more kernel thread. False: there is none to be had. */
export function waitToSpawn(): bool {
  return waitForThreadMemory();
}

/** Starts a kernel thread in function `entry` (table index) for a VM thread's record; 0: for none. May wait. */
export function spawn(entry: u32, record: u32): void {
  waitToSpawn();
  threadCreate(entry, record, record != 0);
}

/** Record of the VM thread that the current kernel thread runs, or 0. */
export function currentRecord(): u32 {
  const argument = <u32>currentThread().argument;
  return argument - RECORDS < RECORDS_MAX << RECORD_SHIFT ? argument : 0;
}

/** Whether what is committed is checked. */
export const CHECKS: bool = true;
/** Whether there is a collector; what it needs is below. */
export const COLLECTS: bool = true;
const collecting = changetype<WaitQueue>(memory.data(8, 8));
const collected = changetype<WaitQueue>(memory.data(8, 8));
/** Argument of the collector's kernel thread: no thread record. */
const COLLECTOR: usize = 1;

/** Starts the collector's kernel thread in function `entry` (table index). May wait. */
export function spawnCollector(entry: u32): void {
  waitToSpawn();
  threadCreate(entry, COLLECTOR);
}

export function isCollector(): bool {
  return currentThread().argument == COLLECTOR;
}

/** Argument of the kernel thread that shows the screens asked for at the keyboard: no thread record. */
const SWITCHER: usize = 2;

/** Starts that thread in function `entry` (table index). May wait. */
export function spawnSwitcher(entry: u32): void {
  waitToSpawn();
  threadCreate(entry, SWITCHER);
}

export function isSwitcher(): bool {
  return currentThread().argument == SWITCHER;
}

/** The collector waits for work. */
export function waitForWork(): void {
  block(collecting);
}

export function wakeCollector(): void {
  wakeAll(collecting);
}

/** Waits until the collector says that something has ended. */
export function waitForCollector(): void {
  block(collected);
}

export function wakeForCollector(): void {
  wakeAll(collected);
}

/** Whether the page of a persistent address was written since the last demarcation. */
export function isDirty(address: u32): bool {
  return isChanged((address - PERSISTENT_BASE) >>> 12);
}

/** Changes at each demarcation. */
export function dirtyGeneration(): u32 {
  return currentGeneration();
}

/** A frame for what the collector knows, zeroed. May wait. */
export function takeZeroedFrame(): u32 {
  let frame = takeFrame();
  while (frame == 0) frame = takeFrame();
  memory.fill(<usize>frame, 0, PAGE);
  return frame;
}

/** Option `collect.kib`: after how many KiB of new objects garbage is collected; 0: not given. */
export function collectKib(): u32 {
  return optionNumber('collect.kib', 0);
}

/** Tells the host how far a collection is (ARCHITECTURE.md, C4). */
export function announceCollection(step: u32, b: u32, c: u32): void {
  probe(PROBE_COLLECTION, step, b, c);
}

/**
 * No VM thread is left: what there is is committed, the console drained, the host told, the machine ended.
 */
export function finished(failed: u32): void {
  assert(RECORDS_MAX * 8 <= 1024, 'objects: more thread records than wait queues');
  commitNow();
  consoleWaitIdle();
  probe(PROBE_FINISHED, failed, 0, 0);
  shutdown(failed ? EXIT_THREAD_FAILED : EXIT_DONE);
}

/** Restarts the machine when all that was printed has left. Whoever asks has committed what is to survive. */
export function restartMachine(): void {
  restart();
}
