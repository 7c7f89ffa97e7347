/**
 * Asking the program whether its memory is what it says it always is: method `invariant` of the object of the boot class, without
 * arguments, gives null or an empty string when all is well, else a string that says what is broken.
 *
 * Rule: it is called once, after recovery, in a thread of its own while the others go on, so it takes the locks that they take. The
 * answer goes to the host; the thread ends like any other, and what it changed stays changed: who asks, asks a copy of the system.
 */

import { announceInvariant } from '../objects/below';
import { C_METHODS, C_TABLE, K_STRING, M_ARGUMENTS, M_NAME, O_DATA, R_PROGRAM, ROOT } from '../objects/layout';
import { classOf, isKind, sizeOf } from '../objects/objects';
import { equalsText } from '../objects/text';
import { forgetReturned, returned, returnedFrom } from './calls';
import { interpret } from './interpret';
import { THROW } from './outcome';
import { endRecord, makeThreadWith } from './threads';

/** All is well. */
const HOLDS: u32 = 0;
/** The message says what is broken. */
const BROKEN: u32 = 1;
/** The method ended by an exception or was malformed; the log says how. */
const FAILED: u32 = 2;
/** The result is no string. */
const NO_STRING: u32 = 3;
/** There was no object of the boot class yet. */
export const NO_OBJECT: u32 = 4;
/** Its class has no such method without arguments. */
const NO_METHOD: u32 = 5;
/** No thread could be made. */
const NO_THREAD: u32 = 6;

const MESSAGE_MAX: u32 = 240;
const message: usize = memory.data(256);

function invariantOf(program: u32): u32 {
  const cls = classOf(program);
  const methods = load<u32>(cls, C_METHODS);
  for (let ordinal: u32 = 0; ordinal < methods; ordinal++) {
    const code = load<u32>(cls + (ordinal << 2), C_TABLE);
    if (code != 0 && load<i32>(code, M_ARGUMENTS) <= 0 && equalsText(load<u32>(code, M_NAME), 'invariant')) return code;
  }
  return 0;
}

/** Body of the kernel thread of the record that runs the method. */
function runInvariant(record: usize): void {
  // The record may be that of a thread which ended in order.
  forgetReturned();
  interpret(<u32>record);
  const result = returned;
  if (returnedFrom != <u32>record) announceInvariant(FAILED, 0);
  else announceResult(result);
  endRecord();
}

function announceResult(result: u32): void {
  if (result != 0 && !isKind(result, K_STRING)) {
    announceInvariant(NO_STRING, 0);
    return;
  }
  const length = result == 0 ? 0 : min<u32>(sizeOf(result), MESSAGE_MAX);
  if (length == 0) {
    announceInvariant(HOLDS, 0);
    return;
  }
  // May wait for pages, and only this thread writes here.
  memory.copy(message, result + O_DATA, length);
  store<u8>(message + length, 0);
  announceInvariant(BROKEN, message);
}

/** Body of the kernel thread that asks. */
export function askInvariant(argument: usize): void {
  const program = load<u32>(ROOT + R_PROGRAM);
  if (program == 0) {
    announceInvariant(NO_OBJECT, 0);
    return;
  }
  const code = invariantOf(program);
  if (code == 0) announceInvariant(NO_METHOD, 0);
  else if (makeThreadWith(code, program, 0, 0, runInvariant.index, 0) == THROW) announceInvariant(NO_THREAD, 0);
}
