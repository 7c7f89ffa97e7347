/**
 * Arguments of kernel methods: how many, of what class.
 */

import { K_STRING } from '../objects/layout';
import { isKind } from '../objects/objects';
import { throwText } from '../vm/outcome';

/** A class has no such method of its own: the root class may have it. */
export const INHERITED: u32 = 4;

/** Argument `n`. */
export function argument(args: u32, n: u32): u32 {
  return load<u32>(args + (n << 2));
}

export function isString(ref: u32): bool {
  return isKind(ref, K_STRING);
}

export function throwFewArguments(): u32 {
  return throwText('sys: need more parameters');
}

export function throwNotString(): u32 {
  return throwText('not a string arg');
}

export function throwWrongType(): u32 {
  return throwText('type assert failed');
}

export function throwInvalidSyscall(): u32 {
  return throwText('invalid syscall called');
}
