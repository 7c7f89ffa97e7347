/**
 * VM threads: a record in wired memory, a thread object, three stacks; and the kernel thread that runs it in this boot.
 *
 * Rule: a record becomes alive by the last write of its making. The stacks of a dead thread stay with the record for
 * the next one.
 */

import { blockEpoch, canSpawn, currentRecord, finished, isCollector, log, spawn, waitToSpawn } from '../objects/below';
import { collectorLost } from '../objects/collector';
import { allocate, settle } from '../objects/heap';
import {
  CSTACK_BYTES,
  F_KIND,
  FRAME_BYTES,
  ISTACK_BYTES,
  K_ESTACK,
  K_ISTACK,
  K_OSTACK,
  K_THREAD,
  KIND_BOTTOM,
  M_ARGUMENTS,
  M_BYTES,
  O_DATA,
  OPAQUE,
  OSTACK_BYTES,
  R_THREADS_EVER,
  R_THREADS_FAILED,
  RECORD_BYTES,
  RECORD_SHIFT,
  RECORDS,
  RECORDS_MAX,
  ROOT,
  T_CLIMIT,
  T_CODE,
  T_CSP,
  T_CSTACK,
  T_FP,
  T_GRANTED,
  T_IBASE,
  T_ILIMIT,
  T_IP,
  T_ISP,
  T_ISTACK,
  T_MADE,
  T_NUMBER,
  T_OBASE,
  T_OBJECT,
  T_OLIMIT,
  T_OSP,
  T_OSTACK,
  T_PHASE,
  T_PROGRESS,
  T_STATE,
  T_WAITS,
  THREAD_ALIVE,
  THREAD_BYTES,
  THREAD_FREE,
  X_NUMBER,
  X_RECORD,
} from '../objects/layout';
import { internalClass } from '../objects/objects';
import { endThread, methodOf, unwind } from './calls';
import { interpret } from './interpret';
import { done, out, throwNoMemory, throwText } from './outcome';

/** Records of threads that are being made, kept from others until they live: who makes them, plus one. Transient. */
const taken: usize = memory.data(512, 4);

function takenBy(index: u32): u32 {
  return load<u32>(taken + (index << 2));
}

export function recordAt(index: u32): u32 {
  return RECORDS + index * RECORD_BYTES;
}

function freeIndex(): u32 {
  for (let i: u32 = 0; i < RECORDS_MAX; i++) {
    if (load<u32>(recordAt(i), T_STATE) == THREAD_FREE && takenBy(i) == 0) return i;
  }
  return RECORDS_MAX;
}

function stack(record: u32, at: u32, kind: u32, bytes: u32): u32 {
  const has = load<u32>(record + at);
  if (has) return has;
  const made = allocate(internalClass(kind), bytes | OPAQUE);
  if (made) store<u32>(record + at, made);
  return made;
}

/**
 * Makes a thread that runs `code` with `self` and one argument, and starts it. DONE with null, or THROW. `cell`: the
 * place the caller writes next, or 0. May block.
 */
export function makeThread(code: u32, self: u32, argument: u32, cell: u32): u32 {
  return makeThreadWith(code, self, 1, argument, runRecord.index, cell);
}

/** `makeThread` with `count` arguments, 0 or 1, and a kernel thread that begins in function `body` (table index). */
export function makeThreadWith(code: u32, self: u32, count: u32, argument: u32, body: u32, cell: u32): u32 {
  const index = freeIndex();
  if (index == RECORDS_MAX) return throwText('too many threads');
  store<u32>(taken + (index << 2), currentRecord() + 1);
  const outcome = fillThread(recordAt(index), index, code, self, count, argument, body, cell);
  store<u32>(taken + (index << 2), 0);
  return outcome;
}

function fillThread(
  record: u32,
  index: u32,
  code: u32,
  self: u32,
  count: u32,
  argument: u32,
  body: u32,
  cell: u32,
): u32 {
  const object = allocate(internalClass(K_THREAD), THREAD_BYTES | OPAQUE);
  const ostack = stack(record, T_OSTACK, K_OSTACK, OSTACK_BYTES);
  const istack = stack(record, T_ISTACK, K_ISTACK, ISTACK_BYTES);
  const cstack = stack(record, T_CSTACK, K_ESTACK, CSTACK_BYTES);
  if (!object || !ostack || !istack || !cstack) return throwNoMemory();
  const objects = ostack + O_DATA;
  const ints = istack + O_DATA;
  const control = cstack + O_DATA;
  // A method that wants another number finds out by itself, in the new thread.
  const counted = load<i32>(code, M_ARGUMENTS) == <i32>count;
  memory.fill(control, 0, FRAME_BYTES);
  store<u32>(control, KIND_BOTTOM, F_KIND);
  if (!counted) store<u32>(ints, count);
  while (true) {
    const before = blockEpoch();
    settle(object + X_NUMBER, object + X_RECORD, cell);
    settle(objects, objects + 4, 0);
    if (canSpawn()) {
      if (blockEpoch() == before) break;
    } else if (!waitToSpawn()) return throwNoMemory();
  }

  // Until it lives, its object stack is no root of the collector: what is there is held here until then.
  store<u32>(objects, self);
  store<u32>(objects + 4, argument);

  const number = load<u32>(ROOT + R_THREADS_EVER) + 1;
  store<u32>(object, index, X_RECORD);
  store<u32>(object, number, X_NUMBER);
  store<u32>(ROOT + R_THREADS_EVER, number);
  store<u32>(record, code + M_BYTES + (counted ? 2 : 0), T_IP);
  store<u32>(record, objects + 4 + (count << 2), T_OSP);
  store<u32>(record, counted ? ints : ints + 4, T_ISP);
  store<u32>(record, control + FRAME_BYTES, T_CSP);
  store<u32>(record, control, T_FP);
  store<u32>(record, code, T_CODE);
  store<u32>(record, objects + 4, T_OBASE);
  store<u32>(record, ints, T_IBASE);
  store<u32>(record, objects + OSTACK_BYTES, T_OLIMIT);
  store<u32>(record, ints + ISTACK_BYTES, T_ILIMIT);
  store<u32>(record, control + CSTACK_BYTES, T_CLIMIT);
  store<u32>(record, object, T_OBJECT);
  store<u32>(record, 0, T_WAITS);
  store<u32>(record, 0, T_GRANTED);
  store<u32>(record, 0, T_PHASE);
  store<u32>(record, 0, T_PROGRESS);
  store<u32>(record, 0, T_MADE);
  store<u32>(record, number, T_NUMBER);
  store<u32>(record, THREAD_ALIVE, T_STATE);
  spawn(body, record);
  return done(0);
}

/** Boot's method 18: runs method 8 of `runnable` in a new thread, with the boot object as argument. */
export function startThread(runnable: u32, boot: u32, cell: u32): u32 {
  const code = methodOf(runnable, 8);
  return code ? makeThread(code, runnable, boot, cell) : throwText('no method 8 in the object to run');
}

/** Body of the kernel thread of a record. The last VM thread to end says so to the room below. */
export function runRecord(record: usize): void {
  interpret(<u32>record);
  endRecord();
}

/** A record's thread has ended; it may have been the last. */
export function endRecord(): void {
  for (let i: u32 = 0; i < RECORDS_MAX; i++) {
    if (load<u32>(recordAt(i), T_STATE) != THREAD_FREE || takenBy(i) != 0) return;
  }
  finished(load<u32>(ROOT + R_THREADS_FAILED));
}

/** Records of threads in whose unwinding another page may turn out to be lost. Transient. */
const unwinding: usize = memory.data(128);

/**
 * Body of the kernel thread that takes on a VM thread whose kernel thread ended because a page was lost: it throws
 * `object lost` at the current bytecode and goes on. When even its stacks or classes are lost, the VM thread ends.
 */
function runLost(record: usize): void {
  const flag = unwinding + ((<u32>record - RECORDS) >> RECORD_SHIFT);
  if (load<u8>(flag) == 0) {
    store<u8>(flag, 1);
    throwText('object lost');
    const thrown = out;
    unwind(<u32>record, thrown);
  } else if (load<u32>(record, T_STATE) == THREAD_ALIVE) {
    log('objects: the stacks or classes of a thread are lost; it ends');
    endThread(<u32>record, true);
  }
  store<u8>(flag, 0);
  runRecord(record);
}

/**
 * A page that the current thread needs is lost. What the kernel thread was doing for its VM thread is abandoned, and
 * the kernel thread ends after this; another one, with a stack of its own, takes the VM thread on.
 */
export function lost(page: u32, address: usize): void {
  if (isCollector()) collectorLost();
  const record = currentRecord();
  if (record == 0) return;
  for (let i: u32 = 0; i < RECORDS_MAX; i++) {
    if (takenBy(i) == record + 1) store<u32>(taken + (i << 2), 0);
  }
  spawn(runLost.index, record);
}
