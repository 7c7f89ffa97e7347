/**
 * copy, os_compose32, os_decompose: instructions that the original's table names and its machine lacks.
 *
 *     copy          o: a -> a copy of it. Of a user object the same fields; an int, long, float, double or null is
 *                   itself; of any other object what its method 3 (clone) gives, or throws
 *     os_compose32  i32 n; o: e0 ... en-1 -> an array of them
 *     os_decompose  o: array -> e0 ... en-1 (en-1 on top), i: -> n
 *
 * Rule: cells above the stack pointers are dead, so decompose may wait between any two of them; the lowest cell, which
 * holds the array until then, and the registers change last, in one step. The elements come from a copy that the record
 * holds (T_MADE): others may take them out of the array meanwhile, and nothing else would keep them from the collector.
 */

import { extendedKind } from '../objects/extension';
import { allocate, settle } from '../objects/heap';
import {
  A_PAGE,
  A_USED,
  K_ARRAY,
  K_LONG,
  K_FLOAT,
  K_DOUBLE,
  K_USER,
  K_VOID,
  C_KIND,
  O_CLASS,
  O_DATA,
  O_SIZE,
  OPAQUE,
  SIZE_MASK,
  T_ILIMIT,
  T_IP,
  T_ISP,
  T_MADE,
  T_OBASE,
  T_OLIMIT,
  T_OSP,
  T_PROGRESS,
} from '../objects/layout';
import { internalClass, isInt, isKind, makePage, sizeOf } from '../objects/objects';
import { begin, fill, making, PART, pause } from '../objects/parts';
import { malformed, throwHere, unwind } from './calls';
import { createObject, native } from './natives';
import { done, DONE, out, THROW, throwNoMemory } from './outcome';

const CLONE: u32 = 3;

/** A user object of the same class with the same fields. */
function copyFields(record: u32, object: u32, cell: u32): u32 {
  const bytes = sizeOf(object);
  if (!making(record) && !begin(record, allocate(load<u32>(object, O_CLASS), bytes))) return throwNoMemory();
  fill(record, 0, object + O_DATA, bytes);
  const made = making(record);
  settle(cell, 0, 0);
  return done(made);
}

export function copy(record: u32, nextIp: u32): void {
  const osp = load<u32>(record, T_OSP);
  if (osp <= load<u32>(record, T_OBASE)) {
    malformed(record, 'object stack underflow');
    return;
  }
  const cell = osp - 4;
  const object = load<u32>(cell);
  let outcome: u32 = DONE;
  let copied = object;
  if (object != 0 && !isInt(object) && !isKind(object, K_LONG) && !isKind(object, K_FLOAT) && !isKind(object, K_DOUBLE)) {
    const kind = load<u32>(load<u32>(object, O_CLASS), C_KIND);
    if (kind == K_USER && extendedKind(load<u32>(object, O_CLASS)) == K_VOID) outcome = copyFields(record, object, cell);
    else outcome = native(record, kind == K_USER ? K_VOID : kind, object, CLONE, 0, osp, cell);
    copied = out;
  }
  if (outcome == THROW) {
    unwind(record, copied);
  } else if (outcome == DONE) {
    store<u32>(cell, copied);
    store<u32>(record, 0, T_MADE);
    store<u32>(record, 0, T_PROGRESS);
    store<u32>(record, nextIp, T_IP);
  }
}

export function compose(record: u32, count: u32, nextIp: u32): void {
  const osp = load<u32>(record, T_OSP);
  if ((osp - load<u32>(record, T_OBASE)) >>> 2 < count) {
    malformed(record, 'object stack underflow');
    return;
  }
  const cell = osp - (count << 2);
  if (cell >= load<u32>(record, T_OLIMIT)) {
    throwHere(record, 'stack overflow');
    return;
  }
  if (!making(record) && !begin(record, makePage(count))) {
    throwHere(record, 'out of memory');
    return;
  }
  fill(record, 0, cell, count << 2);
  const outcome = createObject(internalClass(K_ARRAY));
  const made = out;
  if (outcome == THROW) {
    unwind(record, made);
    return;
  }
  store<u32>(made, making(record), A_PAGE);
  store<u32>(made, count, A_USED);
  settle(cell, 0, 0);
  store<u32>(cell, made);
  store<u32>(record, 0, T_MADE);
  store<u32>(record, 0, T_PROGRESS);
  store<u32>(record, cell + 4, T_OSP);
  store<u32>(record, nextIp, T_IP);
}

export function decompose(record: u32, nextIp: u32): void {
  const osp = load<u32>(record, T_OSP);
  const isp = load<u32>(record, T_ISP);
  if (osp <= load<u32>(record, T_OBASE)) {
    malformed(record, 'object stack underflow');
    return;
  }
  const cell = osp - 4;
  const array = load<u32>(cell);
  if (array == 0) {
    throwHere(record, 'null object');
    return;
  }
  if (!isKind(array, K_ARRAY)) {
    throwHere(record, 'type assert failed');
    return;
  }
  const count = making(record) ? sizeOf(making(record)) >>> 2 : load<u32>(array, A_USED);
  if (count > (load<u32>(record, T_OLIMIT) - cell) >>> 2 || isp >= load<u32>(record, T_ILIMIT)) {
    throwHere(record, 'stack overflow');
    return;
  }
  if (!making(record) && !begin(record, makePage(count))) {
    throwHere(record, 'out of memory');
    return;
  }
  fill(record, 0, load<u32>(array, A_PAGE) + O_DATA, count << 2);
  const elements = making(record) + O_DATA;
  for (let i: u32 = 1; i < count; i++) {
    store<u32>(cell + (i << 2), load<u32>(elements + (i << 2)));
    if (i % PART == 0) pause();
  }
  store<u32>(isp, count);
  const first: u32 = count ? load<u32>(elements) : 0;
  settle(cell, 0, 0);
  if (count) store<u32>(cell, first);
  store<u32>(record, 0, T_MADE);
  store<u32>(record, 0, T_PROGRESS);
  store<u32>(record, cell + (count << 2), T_OSP);
  store<u32>(record, isp + 4, T_ISP);
  store<u32>(record, nextIp, T_IP);
}
