/**
 * The bounds of the stack in use, which every trap checks: the scheduler sets them at each switch. The boot stack has
 * none.
 *
 * Rule: below a stack lies memory of others, so its lowest word is a canary, and a trap that finds less than STACK_MARGIN
 * bytes left is the end of the kernel.
 */

import { panicValue } from './panic';

const CANARY: u32 = 0x5afe57ac;
/** Left at every trap: the build counts it on top of the worst case it computes (`impl/image/stacks.ts`). */
const STACK_MARGIN: u32 = 512;

let low: usize = 0;
let end: usize = 0;
let owner: u32 = 0;

/** Marks the low end of a new stack. */
export function stackPrepare(stack: usize): void {
  store<u32>(stack, CANARY);
}

/** The stack that runs from now on: [from, to) of thread `thread`; from 0 for the boot stack. */
export function stackEnter(from: usize, to: usize, thread: u32): void {
  low = from;
  end = to;
  owner = thread;
}

/** End of the stack in use. */
export function stackEnd(): usize {
  return end;
}

/** `lowest`: the lowest address of the stack in use. */
export function stackCheck(lowest: usize): void {
  if (low == 0 || (lowest >= low + STACK_MARGIN && load<u32>(low) == CANARY)) return;
  low = 0;
  panicValue('kernel stack overflow in thread', owner);
}
