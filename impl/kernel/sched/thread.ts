/**
 * Kernel threads (ARCHITECTURE.md, C5). One processor; kernel code is never preempted: a thread runs until it yields,
 * blocks, sleeps or exits. Interrupt handlers wake threads and set the `reschedule` flag, no more.
 *
 * Rules: the run queue, wait queues and sleep list change only with interrupts off. A thread is on at most one of run
 * queue and wait queue; a thread on the sleep list is blocked. The idle thread (the boot stack) is on none of them and
 * runs when the run queues are empty. Threads of programs and the kernel's own take turns as two, however many there are of each: programs
 * without end never keep a snapshot or a collection from its end, and these never take more than half of the time. The stack in use is checked at every switch and trap (`arch/stack.ts`).
 */

import { programsFirst } from '../defects';
import { cli, codeAddress, restoreFlags, saveFlagsCli, sti, stihlt, switchStack, vload32, vstore32 } from '../arch/hw';
import { panicValue } from '../arch/panic';
import { PAGE_SHIFT } from '../arch/paging';
import { stackCheck, stackEnd, stackEnter, stackPrepare } from '../arch/stack';
import { allocFrames, framesFree, freeFrames } from '../memory/frames';
import { heapFree } from '../memory/heap';
import { noteWords } from './stack-words';

/** Of every thread. Whole pages; the build checks that they are enough (`impl/image/stacks.ts`). */
export const STACK_BYTES: u32 = 8192;

const RUNNING: u32 = 0;
const READY: u32 = 1;
const BLOCKED: u32 = 2;
const DEAD: u32 = 3;

@unmanaged
export class Thread {
  /** Saved stack pointer, while the thread does not run. */
  esp: usize;
  stack: usize;
  stackBytes: u32;
  entry: u32;
  argument: usize;
  id: u32;
  state: u32;
  /** Neighbour on the run queue or on `waitingOn`. */
  next: Thread | null;
  waitingOn: WaitQueue | null;
  /** Sleep list, in order of `wakeTick`; `asleep` says whether the thread is on it. */
  sleepNext: Thread | null;
  sleepPrevious: Thread | null;
  wakeTick: u32;
  asleep: bool;
  timedOut: bool;
  /** The one created before it, of those that live: who looks at every stack goes along these. */
  older: Thread | null;
  /** The instant (`stackInstant`) for which its stack was noted last. */
  noted: u32;
  /** It runs a program, and does no work of the kernel's own. */
  program: bool;
}

/** Threads waiting for something, first come first served. Zeroed memory is an empty queue. */
@unmanaged
export class WaitQueue {
  head: Thread | null;
  tail: Thread | null;
}

/** 1 when a VM thread should give up the CPU at its next safepoint. */
const rescheduleFlag: usize = memory.data(4, 4);
/** Rises whenever a thread gives up the CPU: the touch rule of C5 reads it. */
const epoch: usize = memory.data(4, 4);
const ticks: usize = memory.data(4, 4);
/** Ticks at which nobody ran. */
const idleTicks: usize = memory.data(4, 4);

let idle: Thread | null = null;
let current: Thread | null = null;
/** Ready threads, the kernel's own and those of programs. */
const ownReady = changetype<WaitQueue>(memory.data(8, 8));
const programsReady = changetype<WaitQueue>(memory.data(8, 8));
/** The last turn was a program's. */
let afterProgram: bool = false;
let sleepHead: Thread | null = null;
let exited: Thread | null = null;
let newest: Thread | null = null;
let stackInstant: u32 = 0;
let nextId: u32 = 1;
/** What the next `threadCreate` takes, when `threadPrepare` got it beforehand. */
let spareStack: usize = 0;
let spareThread: Thread | null = null;

export function currentThread(): Thread {
  return changetype<Thread>(changetype<usize>(current));
}

export function rescheduleWanted(): bool {
  return vload32(rescheduleFlag) != 0;
}

export function blockEpoch(): u32 {
  return vload32(epoch);
}

/** Timer ticks since boot, modulo 2^32; see TICKS_PER_SECOND. */
export function tickCount(): u32 {
  return vload32(ticks);
}

/** Part of the time since boot in which nobody ran, of 100, measured at ticks. */
export function idlePercent(): u32 {
  return (vload32(idleTicks) / max<u32>(tickCount() / 100, 1));
}

function pushReady(thread: Thread): void {
  thread.state = READY;
  thread.next = null;
  const queue = thread.program ? programsReady : ownReady;
  const tail = queue.tail;
  if (tail === null) queue.head = thread;
  else tail.next = thread;
  queue.tail = thread;
}

function isReady(): bool {
  return ownReady.head !== null || programsReady.head !== null;
}

/** Whose turn it is, taken from its queue; null when nobody is ready. */
function takeReady(): Thread | null {
  const own = ownReady.head !== null && (programsReady.head === null || (afterProgram && !programsFirst));
  const queue = own ? ownReady : programsReady;
  const thread = queue.head;
  if (thread === null) return null;
  queue.head = thread.next;
  if (queue.head === null) queue.tail = null;
  thread.next = null;
  afterProgram = !own;
  return thread;
}

function removeSleeper(thread: Thread): void {
  if (!thread.asleep) return;
  const previous = thread.sleepPrevious;
  const next = thread.sleepNext;
  if (previous === null) sleepHead = next;
  else previous.sleepNext = next;
  if (next !== null) next.sleepPrevious = previous;
  thread.asleep = false;
}

function insertSleeper(thread: Thread, count: u32): void {
  thread.wakeTick = tickCount() + count;
  let previous: Thread | null = null;
  let next = sleepHead;
  while (next !== null && <i32>(next.wakeTick - thread.wakeTick) <= 0) {
    previous = next;
    next = next.sleepNext;
  }
  thread.sleepPrevious = previous;
  thread.sleepNext = next;
  if (previous === null) sleepHead = thread;
  else previous.sleepNext = thread;
  if (next !== null) next.sleepPrevious = thread;
  thread.asleep = true;
}

/** Words in use on the stacks of all other threads but the idle one. */
export function stackWordsInUse(): u32 {
  let words: u32 = 0;
  let next = newest;
  while (next !== null) {
    const at = changetype<Thread>(changetype<usize>(next));
    next = at.older;
    if (at !== current) words += <u32>(at.stack + at.stackBytes - at.esp) >> 2;
  }
  return words;
}

/**
 * The instant whose stacks are to be noted (`stack-words.ts`) is now. Of the current thread, and of those that begin
 * later, nothing is.
 */
export function stacksAreNow(): void {
  stackInstant++;
  currentThread().noted = stackInstant;
}

/** Notes the stack of one thread that has not run since that instant. False: there is none left. */
export function noteOneStack(): bool {
  let next = newest;
  while (next !== null) {
    const at = changetype<Thread>(changetype<usize>(next));
    next = at.older;
    if (at.noted == stackInstant) continue;
    noteStack(at);
    return true;
  }
  return false;
}

function noteStack(thread: Thread): void {
  thread.noted = stackInstant;
  noteWords(thread.esp, thread.stack + thread.stackBytes);
}

function forget(thread: Thread): void {
  if (newest === thread) {
    newest = thread.older;
    return;
  }
  let at = newest;
  while (at !== null && at.older !== thread) at = at.older;
  if (at !== null) at.older = thread.older;
}

function reap(): void {
  const thread = exited;
  if (thread === null) return;
  exited = null;
  forget(thread);
  freeFrames(<u32>thread.stack, thread.stackBytes >> PAGE_SHIFT);
  heapFree(changetype<usize>(thread));
}

/** Runs the next ready thread, or idle. Interrupts are off; the caller has put the current thread where it belongs. */
function dispatch(): void {
  const from = currentThread();
  vstore32(epoch, vload32(epoch) + 1);
  let to = takeReady();
  if (to === null) to = idle;
  // Whoever runs now may do so until the next tick, or until somebody is woken.
  vstore32(rescheduleFlag, 0);
  const chosen = changetype<Thread>(changetype<usize>(to));
  chosen.state = RUNNING;
  if (chosen === from) return;
  if (chosen.noted != stackInstant) noteStack(chosen);
  stackCheck(stackEnd());
  stackEnter(chosen.stack, chosen.stack + chosen.stackBytes, chosen.id);
  current = chosen;
  switchStack(changetype<usize>(from) + offsetof<Thread>('esp'), chosen.esp);
  reap();
}

/**
 * First code of a new thread, reached by the `ret` of `switchStack` with interrupts off. It never returns: its result
 * makes a signature that no call through the table has, so that stack depths do not count it as an interrupt handler.
 */
function begin(): bool {
  reap();
  sti();
  const thread = currentThread();
  call_indirect(thread.entry, thread.argument);
  threadExit();
  return false;
}

/** Gets the memory for one more thread; false when there is none now. `threadCreate` then cannot fail. */
export function threadPrepare(): bool {
  if (spareStack == 0) spareStack = <usize>allocFrames(STACK_BYTES >> PAGE_SHIFT);
  if (spareStack == 0) return false;
  if (spareThread === null) {
    // The heap may need a frame for it.
    if (framesFree() == 0) return false;
    spareThread = new Thread();
  }
  return true;
}

/**
 * A new thread, ready to run. `entry`: table index (`f.index`) of a `(argument: usize) => void`; returning from it ends
 * the thread. `program`: it runs one.
 */
export function threadCreate(entry: u32, argument: usize, program: bool = false): Thread {
  if (!threadPrepare()) panicValue('threadCreate: no frames for a stack of bytes', STACK_BYTES);
  const stack = spareStack;
  const thread = changetype<Thread>(changetype<usize>(spareThread));
  spareStack = 0;
  spareThread = null;
  stackPrepare(stack);
  // From the top down: a return address nobody uses, `begin`, then what switchStack pops: ebp, ebx, esi, edi.
  const top = stack + STACK_BYTES;
  memory.fill(top - 32, 0, 32);
  store<u32>(top - 8, <u32>codeAddress(begin.index));
  thread.esp = top - 24;
  thread.stack = stack;
  thread.stackBytes = STACK_BYTES;
  thread.entry = entry;
  thread.argument = argument;
  thread.program = program;
  const flags = saveFlagsCli();
  thread.id = nextId++;
  thread.older = newest;
  thread.noted = stackInstant;
  newest = thread;
  pushReady(thread);
  restoreFlags(flags);
  return thread;
}

export function threadExit(): void {
  cli();
  const thread = currentThread();
  assert(thread !== idle, 'threadExit: the idle thread cannot end');
  thread.state = DEAD;
  exited = thread;
  dispatch();
}

/** Lets every other ready thread run first. */
export function yieldNow(): void {
  const flags = saveFlagsCli();
  if (isReady()) {
    const thread = currentThread();
    if (thread !== idle) pushReady(thread);
    dispatch();
  }
  restoreFlags(flags);
}

function appendWaiter(queue: WaitQueue, thread: Thread): void {
  thread.state = BLOCKED;
  thread.next = null;
  thread.waitingOn = queue;
  const tail = queue.tail;
  if (tail === null) queue.head = thread;
  else tail.next = thread;
  queue.tail = thread;
}

/**
 * Waits on `queue` until woken. To wait for a condition an interrupt handler makes true: `saveFlagsCli`, test, `block`,
 * test again, `restoreFlags`; interrupts stay off in this thread, and on in those that run meanwhile.
 */
export function block(queue: WaitQueue): void {
  const flags = saveFlagsCli();
  const thread = currentThread();
  assert(thread !== idle, 'block: the idle thread cannot wait');
  appendWaiter(queue, thread);
  dispatch();
  restoreFlags(flags);
}

/** As `block`, for at most `count` ticks; false when the time ran out. */
export function blockFor(queue: WaitQueue, count: u32): bool {
  const flags = saveFlagsCli();
  const thread = currentThread();
  assert(thread !== idle, 'blockFor: the idle thread cannot wait');
  appendWaiter(queue, thread);
  thread.timedOut = false;
  insertSleeper(thread, max<u32>(count, 1));
  dispatch();
  restoreFlags(flags);
  return !thread.timedOut;
}

/** Sleeps until `count` ticks have passed, at least one. */
export function sleepTicks(count: u32): void {
  const flags = saveFlagsCli();
  const thread = currentThread();
  assert(thread !== idle, 'sleepTicks: the idle thread cannot sleep');
  thread.state = BLOCKED;
  insertSleeper(thread, max<u32>(count, 1));
  dispatch();
  restoreFlags(flags);
}

function takeWaiter(queue: WaitQueue): Thread | null {
  const thread = queue.head;
  if (thread === null) return null;
  queue.head = thread.next;
  if (queue.head === null) queue.tail = null;
  thread.waitingOn = null;
  removeSleeper(thread);
  return thread;
}

/** Wakes the thread that has waited longest; false when none waits. For interrupt handlers too. */
export function wakeOne(queue: WaitQueue): bool {
  const flags = saveFlagsCli();
  const thread = takeWaiter(queue);
  if (thread !== null) {
    pushReady(thread);
    vstore32(rescheduleFlag, 1);
  }
  restoreFlags(flags);
  return thread !== null;
}

export function wakeAll(queue: WaitQueue): void {
  while (wakeOne(queue)) {}
}

function leaveQueue(thread: Thread): void {
  const queue = thread.waitingOn;
  if (queue === null) return;
  let previous: Thread | null = null;
  let at = queue.head;
  while (at !== null && at !== thread) {
    previous = at;
    at = at.next;
  }
  assert(at === thread, 'sched: a waiting thread is not on its queue');
  if (previous === null) queue.head = thread.next;
  else previous.next = thread.next;
  if (queue.tail === thread) queue.tail = previous;
  thread.waitingOn = null;
}

/** From the timer's interrupt handler: wakes whose time has come, and asks for a switch when others are ready. */
export function schedulerTick(): void {
  const now = vload32(ticks) + 1;
  vstore32(ticks, now);
  if (current === idle) vstore32(idleTicks, vload32(idleTicks) + 1);
  for (;;) {
    const thread = sleepHead;
    if (thread === null || <i32>(thread.wakeTick - now) > 0) break;
    removeSleeper(thread);
    leaveQueue(thread);
    thread.timedOut = true;
    pushReady(thread);
  }
  if (isReady()) vstore32(rescheduleFlag, 1);
}

/** Makes the boot stack the idle thread. */
export function schedulerInit(): void {
  const thread = new Thread();
  thread.state = RUNNING;
  idle = thread;
  current = thread;
}

/** What the boot stack does from the end of `kmain` on. */
export function idleForever(): void {
  for (;;) {
    cli();
    if (!isReady()) stihlt();
    else dispatch();
    sti();
  }
}
