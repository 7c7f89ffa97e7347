/**
 * print: any number of arguments, printed last to first, strings as they are, other objects through their method 5.
 *
 * Rule. Bytes go to the console, are counted in the root structure and are ticked off (in the record while an argument
 * is half printed, in its stack cell when it is done) in one step that cannot fault; so after a power cut exactly the
 * bytes that the recovered generation has not counted are printed again. A method 5 in bytecode runs as a frame whose
 * result replaces the argument, and print is executed again.
 */

import { blockEpoch, consoleEnqueue, consoleWaitSpace, vload8 } from '../objects/below';
import { settle } from '../objects/heap';
import { K_USER, O_DATA, R_CONSOLE, R_EMPTY, ROOT, T_MADE, T_PROGRESS } from '../objects/layout';
import { kindOf, sizeOf } from '../objects/objects';
import { callToString, methodOf } from '../vm/calls';
import { AGAIN, done, DONE, out } from '../vm/outcome';
import { isString } from './arguments';
import { ordinaryMethod } from './native';
import { settleBuffer, stepOf } from './screen-buffer';
import { consoleBuffer, showOnConsole } from './screen';

/** Most bytes in one step. */
const CHUNK: u32 = 1024;

/** Enqueues and counts the next part of a string, from T_PROGRESS on; the caller ticks it off. Where it ends. */
function enqueuePart(record: u32, text: u32, cell: u32): u32 {
  const from = load<u32>(record, T_PROGRESS);
  const most = min<u32>(sizeOf(text) - from, CHUNK);
  const bytes = text + O_DATA + from;
  const shown = consoleBuffer();
  for (;;) {
    const before = blockEpoch();
    consoleWaitSpace(most);
    vload8(bytes);
    vload8(bytes + most - 1);
    if (shown) settleBuffer(shown, cell);
    else settle(cell, 0, 0);
    if (blockEpoch() == before) break;
  }
  const part = shown ? stepOf(bytes, most) : most;
  consoleEnqueue(bytes, part);
  if (shown) showOnConsole(shown, bytes, part);
  store<u32>(ROOT + R_CONSOLE, load<u32>(ROOT + R_CONSOLE) + part);
  return from + part;
}

/** Prints the next part of the string in `cell`. */
function printPart(record: u32, text: u32, cell: u32): void {
  const length = sizeOf(text);
  const to = enqueuePart(record, text, cell);
  if (to < length) {
    store<u32>(record, to, T_PROGRESS);
  } else {
    store<u32>(record, 0, T_PROGRESS);
    store<u32>(cell, load<u32>(ROOT + R_EMPTY));
  }
}

/** Prints the string that the record holds (`objects/parts`), as far as it is not printed yet. */
export function printMade(record: u32): void {
  const text = load<u32>(record, T_MADE);
  while (load<u32>(record, T_PROGRESS) < sizeOf(text)) {
    const to = enqueuePart(record, text, 0);
    store<u32>(record, to, T_PROGRESS);
  }
}

export function print(record: u32, count: u32, args: u32): u32 {
  for (let i = count; i > 0; i--) {
    const cell = args + ((i - 1) << 2);
    const value = load<u32>(cell);
    if (!isString(value)) {
      const code = methodOf(value, 5);
      if (code) return callToString(record, value, code, cell);
      const kind = kindOf(value);
      const outcome = ordinaryMethod(record, kind == K_USER ? 0 : kind, value, 5, 0, 0, cell);
      const text = out;
      if (outcome != DONE) return outcome;
      store<u32>(cell, text);
    }
    const text = load<u32>(cell);
    if (!isString(text)) {
      // A method 5 that gives no string prints nothing.
      store<u32>(cell, load<u32>(ROOT + R_EMPTY));
      continue;
    }
    const length = sizeOf(text);
    while (load<u32>(cell) == text && length > 0) printPart(record, text, cell);
  }
  return done(0);
}
