/**
 * Long work in parts: between two of them other threads may run, so neither the time between two safepoints nor the
 * pages that must be resident at once depend on how much is moved (the touch rule repeats a step until all its pages
 * are resident at the same time, so a step must be small).
 *
 * Two kinds. An object that nobody else knows is filled part after part: the thread's record holds the object (T_MADE)
 * and how much of it is there (T_PROGRESS), and a part may wait anywhere. What others can see is changed in steps, each
 * of which settles its part (`settleCopy`) and notes how far the work has come, in the record or in the object itself.
 * Either way the bytecode that a power cut interrupts goes on where it was, and repeating never begins a second object.
 */

import { blockEpoch, rescheduleWanted, safepoint, vload8 } from './below';
import { PART, settle, touchRange } from './heap';
import { O_DATA, PAGE, T_MADE, T_PROGRESS } from './layout';

export { PART };

/** Between two parts: lets other threads run when it is time. Gives up the CPU as a page fault may. */
export function pause(): void {
  if (rescheduleWanted()) safepoint();
}

/**
 * Makes both ranges resident, the first for writing, and `cell`, 0 or the address of a word, too. False: another thread
 * ran meanwhile; look at everything again. At most PART bytes.
 */
export function settleCopy(to: u32, from: u32, bytes: u32, cell: u32): bool {
  const before = blockEpoch();
  touchRange(to, bytes);
  if (bytes) {
    for (let i: u32 = 0; i < bytes; i += PAGE) vload8(from + i);
    vload8(from + bytes - 1);
  }
  settle(cell, 0, 0);
  return blockEpoch() == before;
}

/** The object this method is making; `begin` says so of a new one. */
export function making(record: u32): u32 {
  return load<u32>(record, T_MADE);
}

/** Notes the new object as the one this method makes. False when there is none: memory is full. */
export function begin(record: u32, made: u32): bool {
  store<u32>(record, made, T_MADE);
  store<u32>(record, 0, T_PROGRESS);
  return made != 0;
}

/** Fills the data of the object from `offset` on with `length` bytes, as far as they are not there yet. */
export function fill(record: u32, offset: u32, from: u32, length: u32): void {
  const to = load<u32>(record, T_MADE) + O_DATA;
  for (;;) {
    const at = load<u32>(record, T_PROGRESS);
    const left = offset + length - at;
    if (<i32>left <= 0) return;
    const part = min<u32>(left, PART);
    memory.copy(to + at, from + (at - offset), part);
    store<u32>(record, at + part, T_PROGRESS);
    pause();
  }
}

/** The object is complete: the record forgets it, in one step with what the caller writes to `cell` next. */
export function finish(record: u32, cell: u32): u32 {
  const made = load<u32>(record, T_MADE);
  settle(cell, 0, 0);
  store<u32>(record, 0, T_MADE);
  store<u32>(record, 0, T_PROGRESS);
  return made;
}
