/**
 * Counts bytecodes, in the build that fuzzing uses: there the interpreter calls `countBytecode` before each.
 */

import { enough } from './host';

/** Bytecodes that may still be executed. */
export let bytecodesLeft: u32 = 0;

export function allowBytecodes(count: u32): void {
  bytecodesLeft = count;
}

export function countBytecode(): void {
  if (bytecodesLeft == 0) enough();
  bytecodesLeft--;
}
