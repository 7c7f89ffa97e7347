/**
 * The words that lay on the stacks of kernel threads at one instant, for who looks for references there (the garbage
 * collector), without holding anybody up at that instant.
 *
 * Rule: the stack of a thread that has not run since is what it was. So the words are noted of a thread when it is
 * about to run for the first time after the instant (`dispatch` in `thread.ts`), or before, when somebody has time.
 * Only words that lie in a range are kept.
 */

import { forgetKernelStacks } from '../defects';
import { PAGE_BYTES, PAGE_SHIFT } from '../arch/paging';

const WORDS_SHIFT: u32 = PAGE_SHIFT - 2;
const WORDS_MASK: u32 = (1 << WORDS_SHIFT) - 1;

let low: u32 = 0;
let high: u32 = 0;
/** A frame of the addresses of frames for the words; 0: nothing is noted. */
let table: u32 = 0;
let room: u32 = 0;
let count: u32 = 0;

/** Words from `from` up to below `to` are noted from now on: `frames` has the addresses of `frameCount` frames for them. */
export function wordsBegin(from: u32, to: u32, frames: u32, frameCount: u32): void {
  assert(frameCount <= PAGE_BYTES >> 2, 'stack words: more frames than the table holds');
  low = from;
  high = to;
  table = frames;
  room = frameCount << WORDS_SHIFT;
  count = 0;
}

/** Nothing is noted any more; the frames belong to the caller again. */
export function wordsEnd(): void {
  table = 0;
  count = 0;
}

export function wordsNoted(): u32 {
  return count;
}

export function wordAt(index: u32): u32 {
  return load<u32>(load<u32>(table + ((index >> WORDS_SHIFT) << 2)) + ((index & WORDS_MASK) << 2));
}

/** Notes what of [from, to), part of a stack, lies in the range. Does not wait. */
export function noteWords(from: usize, to: usize): void {
  if (table == 0 || forgetKernelStacks) return;
  for (let at = from; at < to; at += 4) {
    const word = load<u32>(at);
    if (word - low >= high - low) continue;
    assert(count < room, 'stack words: more than there is room for');
    store<u32>(load<u32>(table + ((count >> WORDS_SHIFT) << 2)) + ((count & WORDS_MASK) << 2), word);
    count++;
  }
}
