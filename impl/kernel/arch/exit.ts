/**
 * The two ports by which the kernel speaks to the host of a simulated machine (ARCHITECTURE.md, C3 and C4). On a real
 * PC nobody listens, and both do nothing.
 */

import { outl, restoreFlags, saveFlagsCli, vstore32 } from './hw';

const EXIT_PORT: u32 = 0xf4;
const PROBE_PORT: u32 = 0x5c0;

export const EXIT_DONE: u32 = 0;
/** A VM thread ended by an error. */
export const EXIT_THREAD_FAILED: u32 = 1;
export const EXIT_PANIC: u32 = 2;
/** The kernel wanted the machine started again, and it has no keyboard controller to do it. */
export const EXIT_RESTART: u32 = 3;

export const PROBE_BOOTED: u32 = 1;
export const PROBE_RECOVERED: u32 = 2;
export const PROBE_DEMARCATION: u32 = 3;
export const PROBE_COMMIT: u32 = 4;
export const PROBE_ABANDONED: u32 = 5;
export const PROBE_FINISHED: u32 = 6;
export const PROBE_PANIC: u32 = 7;
export const PROBE_INVARIANT: u32 = 8;
export const PROBE_PASSED_OVER: u32 = 9;
export const PROBE_COLLECTION: u32 = 10;

const record: usize = memory.data(16, 16);

/** Ends a simulated machine with status (value << 1) | 1; elsewhere it returns. */
export function exitMachine(value: u32): void {
  outl(EXIT_PORT, value);
}

/** One event is one OUT, so it cannot be torn; the record is filled with interrupts off for the same reason. */
export function probe(kind: u32, a: u32, b: u32, c: u32): void {
  const flags = saveFlagsCli();
  vstore32(record, kind);
  vstore32(record + 4, a);
  vstore32(record + 8, b);
  vstore32(record + 12, c);
  outl(PROBE_PORT, <u32>record);
  restoreFlags(flags);
}
