/**
 * How a method implemented in the kernel ends, and how it throws.
 *
 * `out` carries the result or the thrown object. It is one global for all threads, so it is set last and read at once:
 * nothing that may block stands between.
 */

import { O_DATA, R_NO_MEMORY, ROOT } from '../objects/layout';
import { makeString, makeText } from '../objects/objects';
import { putBytes, putText } from '../objects/text';

/** `out` is the result. */
export const DONE: u32 = 0;
/** `out` is thrown. */
export const THROW: u32 = 1;
/** Execute the same bytecode again: the thread has waited, or has done a part of the work. */
export const AGAIN: u32 = 2;
/** The thread's record already says how it goes on. */
export const MOVED: u32 = 3;

export let out: u32 = 0;

export function done(result: u32): u32 {
  out = result;
  return DONE;
}

export function throwObject(thrown: u32): u32 {
  out = thrown;
  return THROW;
}

export function throwNoMemory(): u32 {
  out = load<u32>(ROOT + R_NO_MEMORY);
  return THROW;
}

/** Result of an allocation: null means that memory is full. */
export function doneOrNoMemory(made: u32): u32 {
  return made ? done(made) : throwNoMemory();
}

/** Throws a string. May block. */
export function throwText(text: string): u32 {
  const made = makeText(text);
  return made ? throwObject(made) : throwNoMemory();
}

/** Throws a string: text, bytes, text. May block. */
export function throwNamed(before: string, bytes: u32, length: u32, after: string): u32 {
  const made = makeString(<u32>before.length + length + <u32>after.length);
  if (!made) return throwNoMemory();
  let at = putText(made + O_DATA, before);
  at = putBytes(at, bytes, length);
  putText(at, after);
  return throwObject(made);
}
