/**
 * Calls, returns, exceptions: how frames come and go on a thread's three stacks.
 *
 * The object stack and the integer stack are contiguous over all frames. A caller pushes `this` and the arguments; the
 * first argument becomes slot 0 of the callee, whose `this` stays in the cell below. The frame header on the control
 * stack keeps the caller's registers, and the frame's catchers follow it. A return stores one object to the header's
 * result cell.
 *
 * Rule: the registers in the thread record are those of the last completed bytecode. Cells above the stack pointers and
 * bytes above the control stack pointer are dead, so writing them early is harmless; the registers change last,
 * together, and wired memory cannot fault.
 */

import { blockEpoch } from '../objects/below';
import { coreOf, extendedKind, isOfCore } from '../objects/extension';
import { touchRange } from '../objects/heap';
import {
  C_KIND,
  C_METHODS,
  C_NAME,
  C_TABLE,
  CATCHER_BYTES,
  F_CODE,
  F_FP,
  F_IBASE,
  F_IP,
  F_KIND,
  F_OBASE,
  F_OSP,
  F_RESULT,
  FRAME_BYTES,
  H_CLASS,
  H_IP,
  H_ISP,
  H_OSP,
  K_STRING,
  K_USER,
  K_VOID,
  KIND_BOTTOM,
  KIND_CALL,
  KIND_LOADER,
  KIND_TEXT,
  M_ARGUMENTS,
  M_BYTES,
  M_FLAGS,
  METHOD_VOID,
  O_DATA,
  R_EMPTY,
  R_NO_MEMORY,
  R_THREADS_FAILED,
  ROOT,
  T_CLIMIT,
  T_CODE,
  T_CSP,
  T_FP,
  T_GRANTED,
  T_IBASE,
  T_ILIMIT,
  T_IP,
  T_ISP,
  T_MADE,
  T_OBASE,
  T_OLIMIT,
  T_OSP,
  T_PHASE,
  T_PROGRESS,
  T_STATE,
  T_WAITS,
  THREAD_FREE,
} from '../objects/layout';
import { classOf, descends, isClassObject, isKind, kindOf, makeString, sizeOf } from '../objects/objects';
import { decimalDigits, putBytes, putNumber, putText } from '../objects/text';
import { cacheInsert } from './class-cache';
import { releaseAll } from './monitors';
import { native } from './natives';
import { DONE, MOVED, out, THROW, throwNamed, throwNoMemory, throwObject, throwText } from './outcome';
import { ABSENT, selectorOrdinal } from './selectors';
import { reportMalformed, reportUncaught } from './report';

/** Methods of the root class that every object has. */
const ROOT_METHODS: u32 = 16;

/** The thread ends, in one step: what it holds passes on, its record is free. */
export function endThread(record: u32, failed: bool): void {
  if (failed) store<u32>(ROOT + R_THREADS_FAILED, load<u32>(ROOT + R_THREADS_FAILED) + 1);
  store<u32>(record, 0, T_WAITS);
  store<u32>(record, THREAD_FREE, T_STATE);
  releaseAll(record);
}

/** What the first method of the last thread that ended in order returned, and that thread's record. To be read at once. */
export let returned: u32 = 0;
export let returnedFrom: u32 = 0;

export function forgetReturned(): void {
  returnedFrom = 0;
}

/** Ends the thread: malformed code. */
export function malformed(record: u32, reason: string): void {
  reportMalformed(record, reason);
  endThread(record, true);
}

/** The lowest cell of a call in the caller's frame: `this` below slot 0, and what a loader's call has below that. */
function firstCell(fp: u32, obase: u32): u32 {
  return obase - (load<u32>(fp, F_KIND) == KIND_LOADER ? 8 : 4);
}

/** Nulls in the cells from `from` to `to`, and `to` made writable, as one step. */
function clear(from: u32, to: u32): void {
  if (from > to) from = to;
  let before: u32;
  do {
    before = blockEpoch();
    touchRange(from, to + 4 - from);
  } while (blockEpoch() != before);
  memory.fill(from, 0, to - from);
}

/**
 * Unwinds to the nearest catcher for `thrown`, or ends the thread. The catcher and everything above it go; both stacks
 * are cut back to their depth when it was pushed.
 */
export function unwind(record: u32, thrown: u32): void {
  unwindFrom(record, thrown, load<u32>(record, T_FP), load<u32>(record, T_CSP), load<u32>(record, T_CODE));
}

/**
 * `unwind` from the frame at `fp`, whose catchers end at `top` and whose method is `code`: the current frame, or the
 * one that called it.
 */
function unwindFrom(record: u32, thrown: u32, fp: u32, top: u32, code: u32): void {
  const cls = classOf(thrown);
  const current = fp == load<u32>(record, T_FP);
  const thrower = code;
  const ip = current ? load<u32>(record, T_IP) : load<u32>(top, F_IP);
  let obase = current ? load<u32>(record, T_OBASE) : load<u32>(top, F_OBASE);
  let ibase = current ? load<u32>(record, T_IBASE) : load<u32>(top, F_IBASE);
  // First cell that is not the frame's own any more: what it popped, or passed to the call that is given up.
  let kept = current ? load<u32>(record, T_OSP) : firstCell(top, load<u32>(record, T_OBASE));
  for (;;) {
    for (let catcher = top - CATCHER_BYTES; catcher >= fp + FRAME_BYTES; catcher -= CATCHER_BYTES) {
      if (!descends(cls, load<u32>(catcher, H_CLASS))) continue;
      const osp = load<u32>(catcher, H_OSP);
      const handler = load<u32>(catcher, H_IP);
      const isp = load<u32>(catcher, H_ISP);
      // A handler whose stack was higher gets nulls there: neither what its code popped nor what belonged to the methods
      // it had called. All of it in one step, for the bytecode that throws still stands on these cells.
      clear(kept, osp);
      store<u32>(osp, thrown);
      store<u32>(record, fp, T_FP);
      store<u32>(record, catcher, T_CSP);
      store<u32>(record, code, T_CODE);
      store<u32>(record, obase, T_OBASE);
      store<u32>(record, ibase, T_IBASE);
      store<u32>(record, osp + 4, T_OSP);
      store<u32>(record, isp, T_ISP);
      store<u32>(record, handler, T_IP);
      store<u32>(record, 0, T_WAITS);
      store<u32>(record, 0, T_GRANTED);
      store<u32>(record, 0, T_PHASE);
      store<u32>(record, 0, T_PROGRESS);
      store<u32>(record, 0, T_MADE);
      return;
    }
    if (load<u32>(fp, F_KIND) == KIND_BOTTOM) {
      reportUncaught(record, thrown, thrower, ip);
      endThread(record, true);
      return;
    }
    kept = firstCell(fp, obase);
    top = fp;
    code = load<u32>(fp, F_CODE);
    obase = load<u32>(fp, F_OBASE);
    ibase = load<u32>(fp, F_IBASE);
    fp = load<u32>(fp, F_FP);
  }
}

/** Throws a string from the current bytecode. */
export function throwHere(record: u32, text: string): void {
  throwText(text);
  const thrown = out;
  unwind(record, thrown);
}

/**
 * Enters method `code`, whose arguments lie from `obase` on. `result` takes what it returns, and the caller goes on at
 * `nextIp` with its object stack cut to `osp` and its integer stack to `isp`.
 */
export function enter(
  record: u32,
  code: u32,
  obase: u32,
  argumentCount: u32,
  nextIp: u32,
  result: u32,
  osp: u32,
  isp: u32,
  top: u32,
  kind: u32,
): void {
  const csp = load<u32>(record, T_CSP);
  if (csp + FRAME_BYTES > load<u32>(record, T_CLIMIT)) {
    throwHere(record, 'stack overflow');
    return;
  }
  const wanted = load<i32>(code, M_ARGUMENTS);
  let ip = code + M_BYTES;
  let ispNow = isp;
  if (wanted < 0) {
    if (isp >= load<u32>(record, T_ILIMIT)) {
      throwHere(record, 'stack overflow');
      return;
    }
    store<u32>(isp, argumentCount);
    ispNow = isp + 4;
  } else if (<u32>wanted != argumentCount) {
    throwHere(record, 'invalid arg count');
    return;
  } else {
    ip += 2;
  }
  store<u32>(csp, nextIp, F_IP);
  store<u32>(csp, load<u32>(record, T_CODE), F_CODE);
  store<u32>(csp, load<u32>(record, T_OBASE), F_OBASE);
  store<u32>(csp, load<u32>(record, T_IBASE), F_IBASE);
  store<u32>(csp, load<u32>(record, T_FP), F_FP);
  store<u32>(csp, result, F_RESULT);
  store<u32>(csp, kind, F_KIND);
  store<u32>(csp, osp, F_OSP);
  store<u32>(record, csp, T_FP);
  store<u32>(record, csp + FRAME_BYTES, T_CSP);
  store<u32>(record, code, T_CODE);
  store<u32>(record, obase, T_OBASE);
  store<u32>(record, isp, T_IBASE);
  store<u32>(record, ip, T_IP);
  store<u32>(record, top, T_OSP);
  store<u32>(record, ispNow, T_ISP);
}

/** Returns from the current method with the object on top of its stack; void methods and empty stacks return null. */
export function leave(record: u32): void {
  const fp = load<u32>(record, T_FP);
  const osp = load<u32>(record, T_OSP);
  const obase = load<u32>(record, T_OBASE);
  const voids = (load<u32>(load<u32>(record, T_CODE), M_FLAGS) & METHOD_VOID) != 0;
  const result: u32 = voids || osp <= obase ? 0 : load<u32>(osp - 4);
  const kind = load<u32>(fp, F_KIND);
  if (kind == KIND_BOTTOM) {
    endThread(record, false);
    returned = result;
    returnedFrom = record;
    return;
  }
  if (kind == KIND_LOADER) {
    leaveLoader(record, result);
    return;
  }
  const ip = load<u32>(fp, F_IP);
  const code = load<u32>(fp, F_CODE);
  const callerObase = load<u32>(fp, F_OBASE);
  const callerIbase = load<u32>(fp, F_IBASE);
  const callerFp = load<u32>(fp, F_FP);
  const callerOsp = load<u32>(fp, F_OSP);
  const isp = load<u32>(record, T_IBASE);
  const text = kind != KIND_TEXT || isKind(result, K_STRING);
  store<u32>(load<u32>(fp, F_RESULT), text ? result : load<u32>(ROOT + R_EMPTY));
  restore(record, ip, code, callerObase, callerIbase, callerFp, callerOsp, isp, fp);
}

function restore(
  record: u32,
  ip: u32,
  code: u32,
  obase: u32,
  ibase: u32,
  fp: u32,
  osp: u32,
  isp: u32,
  csp: u32,
): void {
  store<u32>(record, ip, T_IP);
  store<u32>(record, code, T_CODE);
  store<u32>(record, obase, T_OBASE);
  store<u32>(record, ibase, T_IBASE);
  store<u32>(record, fp, T_FP);
  store<u32>(record, osp, T_OSP);
  store<u32>(record, isp, T_ISP);
  store<u32>(record, csp, T_CSP);
}

/**
 * A user's class loader returns: a class goes to the cache under the name that was asked for, and the bytecode that
 * asked is executed again; anything else is an exception there.
 */
function leaveLoader(record: u32, result: u32): void {
  const fp = load<u32>(record, T_FP);
  const name = load<u32>(load<u32>(record, T_OBASE) - 8);
  const ip = load<u32>(fp, F_IP);
  const code = load<u32>(fp, F_CODE);
  const obase = load<u32>(fp, F_OBASE);
  const ibase = load<u32>(fp, F_IBASE);
  const callerFp = load<u32>(fp, F_FP);
  const osp = load<u32>(fp, F_OSP);
  const isp = load<u32>(record, T_IBASE);
  let thrown: u32 = 0;
  if (!isClassObject(result)) {
    throwNamed('class ', name + O_DATA, sizeOf(name), ' not found');
    thrown = out;
  } else if (!cacheInsert(name, result)) {
    thrown = load<u32>(ROOT + R_NO_MEMORY);
  }
  // The exception is that of the caller; the registers move to it together, when its catcher is found.
  if (thrown) unwindFrom(record, thrown, callerFp, fp, code);
  else restore(record, ip, code, obase, ibase, callerFp, osp, isp, fp);
}

/**
 * Asks the user's class loader for the class of that name; afterwards the current bytecode is executed again. The call
 * is made above everything the frame has on its stack: name, loader, name.
 */
export function callLoader(record: u32, loader: u32, name: u32): u32 {
  const code = methodOf(loader, 8);
  if (code == 0) return throwNamed('class ', name + O_DATA, sizeOf(name), ' not found');
  const osp = load<u32>(record, T_OSP);
  if (!hasRoom(record, osp, 3)) return throwText('stack overflow');
  store<u32>(osp, name);
  store<u32>(osp + 4, loader);
  store<u32>(osp + 8, name);
  enter(record, code, osp + 8, 1, load<u32>(record, T_IP), osp, osp, load<u32>(record, T_ISP), osp + 12, KIND_LOADER);
  return MOVED;
}

/** Whether `cells` more fit on the object stack from `osp` on. */
export function hasRoom(record: u32, osp: u32, cells: u32): bool {
  return (load<u32>(record, T_OLIMIT) - osp) >>> 2 >= cells;
}

/** Code object of method `ordinal` of an object's user class, or 0. */
export function methodOf(self: u32, ordinal: u32): u32 {
  const cls = classOf(self);
  if (ordinal >= load<u32>(cls, C_METHODS)) return 0;
  return load<u32>(cls + (ordinal << 2), C_TABLE);
}

function throwNoMethod(cls: u32, ordinal: u32): u32 {
  const name = load<u32>(cls, C_NAME);
  const made = makeString(14 + decimalDigits(ordinal) + sizeOf(name));
  if (!made) return throwNoMemory();
  let at = putText(made + O_DATA, 'no method ');
  at = putNumber(at, ordinal);
  at = putText(at, ' in ');
  putBytes(at, name + O_DATA, sizeOf(name));
  return throwObject(made);
}

/**
 * Ends a bytecode whose method of the kernel came back with `outcome`: `cell` takes the result, `osp` is the stack
 * after it.
 */
function conclude(record: u32, outcome: u32, cell: u32, osp: u32, isp: u32, nextIp: u32): void {
  const value = out;
  if (outcome == DONE) {
    store<u32>(cell, value);
    store<u32>(record, osp, T_OSP);
    store<u32>(record, isp, T_ISP);
    store<u32>(record, nextIp, T_IP);
  } else if (outcome == THROW) {
    unwind(record, value);
  }
}

/**
 * Calls method `ordinal` of `self` as class `cls` has it. Arguments lie at `args`; `cell` takes the result and the
 * caller's stacks are then `osp`, `isp`. `inPlace`: the cell below the arguments holds `self`; otherwise both are
 * copied above the stack for a method in bytecode.
 */
function callAs(
  record: u32,
  cls: u32,
  self: u32,
  ordinal: u32,
  count: u32,
  args: u32,
  cell: u32,
  isp: u32,
  nextIp: u32,
  inPlace: bool,
): void {
  let code: u32 = 0;
  if (ordinal < load<u32>(cls, C_METHODS)) code = load<u32>(cls + (ordinal << 2), C_TABLE);
  if (code) {
    if (inPlace) {
      enter(record, code, args, count, nextIp, cell, cell + 4, isp, args + (count << 2), KIND_CALL);
      return;
    }
    const top = load<u32>(record, T_OSP);
    if (!hasRoom(record, top, count + 1)) {
      throwHere(record, 'stack overflow');
      return;
    }
    store<u32>(top, self);
    for (let i: u32 = 0; i < count; i++) store<u32>(top + 4 + (i << 2), load<u32>(args + (i << 2)));
    enter(record, code, top + 4, count, nextIp, cell, cell + 4, isp, top + 4 + (count << 2), KIND_CALL);
    return;
  }
  const kind = load<u32>(cls, C_KIND);
  let outcome: u32;
  if (kind == K_USER) {
    const extended = extendedKind(cls);
    if (extended != K_VOID && isOfCore(ordinal)) {
      const core = coreOf(self, extended);
      outcome = core
        ? native(record, extended, core, ordinal, count, args, cell)
        : throwText('type assert failed');
    } else if (ordinal >= ROOT_METHODS) outcome = throwNoMethod(cls, ordinal);
    else outcome = native(record, K_VOID, self, ordinal, count, args, cell);
  } else if (self == 0 && (ordinal >= ROOT_METHODS || (ordinal >= 8 && ordinal < 14))) {
    // The golden programs want this of methods 8 to 13 of a variable never assigned, which is null like any other.
    outcome = throwText('null object');
  } else {
    outcome = native(record, kind, self, ordinal, count, args, cell);
  }
  conclude(record, outcome, cell, cell + 4, isp, nextIp);
}

/** The call instructions: `this` and `count` arguments on top of the object stack. */
export function call(record: u32, ordinal: u32, count: u32, nextIp: u32): void {
  const osp = load<u32>(record, T_OSP);
  if ((osp - load<u32>(record, T_OBASE)) >>> 2 <= count) {
    malformed(record, 'object stack underflow in a call');
    return;
  }
  const args = osp - (count << 2);
  const self = load<u32>(args - 4);
  callAs(record, classOf(self), self, ordinal, count, args, args - 4, load<u32>(record, T_ISP), nextIp, true);
}

/**
 * static_invoke: arguments, `this`, class on top of the object stack; no look at the class of `this` for the method.
 */
export function callStatic(record: u32, ordinal: u32, count: u32, nextIp: u32): void {
  const osp = load<u32>(record, T_OSP);
  const cells = (osp - load<u32>(record, T_OBASE)) >>> 2;
  if (cells < 2 || cells - 2 < count) {
    malformed(record, 'object stack underflow in static_invoke');
    return;
  }
  const cls = load<u32>(osp - 4);
  const self = load<u32>(osp - 8);
  if (!isClassObject(cls)) {
    throwHere(record, 'type assert failed');
    return;
  }
  if (!descends(classOf(self), cls)) {
    throwHere(record, 'not a parent class');
    return;
  }
  let target = self;
  const kind = load<u32>(cls, C_KIND);
  // A class that extends one of the kernel's calls what it overrides.
  if (kind != K_USER && kind != K_VOID && kindOf(self) == K_USER) {
    target = coreOf(self, kind);
    if (target == 0) {
      throwHere(record, 'type assert failed');
      return;
    }
  }
  const args = osp - 8 - (count << 2);
  callAs(record, cls, target, ordinal, count, args, args, load<u32>(record, T_ISP), nextIp, false);
}

/** dynamic_invoke: arguments, `this`, method name on the object stack, their number on the integer stack. */
export function callByName(record: u32, nextIp: u32): void {
  const osp = load<u32>(record, T_OSP);
  const isp = load<u32>(record, T_ISP);
  const cells = (osp - load<u32>(record, T_OBASE)) >>> 2;
  if (isp <= load<u32>(record, T_IBASE)) {
    malformed(record, 'integer stack underflow in dynamic_invoke');
    return;
  }
  const count = load<u32>(isp - 4);
  if (cells < 2 || cells - 2 < count) {
    malformed(record, 'object stack underflow in dynamic_invoke');
    return;
  }
  const name = load<u32>(osp - 4);
  const self = load<u32>(osp - 8);
  if (!isKind(name, K_STRING)) {
    throwHere(record, 'not a string arg');
    return;
  }
  if (self == 0) {
    throwHere(record, 'null object');
    return;
  }
  const cls = classOf(self);
  const ordinal = selectorOrdinal(load<u32>(record, T_IP), cls, name);
  if (ordinal != ABSENT) {
    const args = osp - 8 - (count << 2);
    callAs(record, cls, self, ordinal, count, args, args, isp - 4, nextIp, false);
    return;
  }
  const className = load<u32>(cls, C_NAME);
  const made = makeString(14 + sizeOf(name) + sizeOf(className));
  if (made) {
    let at = putText(made + O_DATA, 'no method ');
    at = putBytes(at, name + O_DATA, sizeOf(name));
    at = putText(at, ' in ');
    putBytes(at, className + O_DATA, sizeOf(className));
  }
  unwind(record, made ? made : load<u32>(ROOT + R_NO_MEMORY));
}

/**
 * sys n: method n of the kernel's class of `this`; only method 0 may be that of an ancestor of a user class. Arguments
 * on the object stack, their number on the integer stack; both stay until the method has ended.
 */
export function callSystem(record: u32, ordinal: u32, nextIp: u32): void {
  const isp = load<u32>(record, T_ISP);
  const osp = load<u32>(record, T_OSP);
  if (isp <= load<u32>(record, T_IBASE)) {
    malformed(record, 'integer stack underflow in sys');
    return;
  }
  const count = load<u32>(isp - 4);
  if ((osp - load<u32>(record, T_OBASE)) >>> 2 < count || !hasRoom(record, osp, 1)) {
    malformed(record, 'object stack underflow in sys');
    return;
  }
  const self = load<u32>(load<u32>(record, T_OBASE) - 4);
  const kind = kindOf(self);
  if (kind == K_USER && ordinal != 0) {
    malformed(record, 'sys in a class that is not internal');
    return;
  }
  const args = osp - (count << 2);
  const outcome = native(record, kind == K_USER ? K_VOID : kind, self, ordinal, count, args, args);
  conclude(record, outcome, args, args + 4, isp - 4, nextIp);
}

/**
 * For print: method 5 of a user object, called above everything on the stack. Its result replaces the argument at
 * `cell`; then the current bytecode is executed again.
 */
export function callToString(record: u32, self: u32, code: u32, cell: u32): u32 {
  const osp = load<u32>(record, T_OSP);
  if (!hasRoom(record, osp, 1)) return throwText('stack overflow');
  store<u32>(osp, self);
  enter(record, code, osp + 4, 0, load<u32>(record, T_IP), cell, osp, load<u32>(record, T_ISP), osp + 4, KIND_TEXT);
  return MOVED;
}
