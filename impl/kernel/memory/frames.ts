/**
 * Physical page frames: a bitmap of free ones with a summary bit a word, so that one allocation reads a handful of
 * words however much RAM there is.
 *
 * Rule: a frame is free exactly when its bit is set; freeing a free frame is a panic. The last `reserve` frames are
 * kept for `allocReserved`, whose callers must not wait (copy-on-write of a wired page).
 * Runs with kernel threads only, never in an interrupt handler.
 */

import { moduleCount, moduleEnd, moduleStart, ramCount, ramEndOf, ramLimit, ramStart } from '../arch/multiboot';
import { PAGE_BYTES, PAGE_SHIFT } from '../arch/paging';
import { panic } from '../arch/panic';

/** Frames from address 0 to the end of RAM, rounded up to whole summary words. */
let frames: u32 = 0;
/** Bit set: frame free. As large as RAM needs, behind the kernel and the modules. */
let bitmap: usize = 0;
/** Bit set: the bitmap word has a free frame. */
let summary: usize = 0;
/** Frames that a word of the summary stands for. */
const SUMMARY_SPAN: u32 = 1024;

let total: u32 = 0;
let free: u32 = 0;
let reserve: u32 = 0;
/** Summary word where the last search ended. */
let searchFrom: u32 = 0;

export function framesTotal(): u32 {
  return total;
}

/** Frames that `allocFrame` could still give. */
export function framesFree(): u32 {
  return free > reserve ? free - reserve : 0;
}

/** Keeps `frames` frames back for `allocReserved`. */
export function setFrameReserve(frames: u32): void {
  reserve = frames;
}

/** `index`: number of a frame in RAM. */
export function frameIsFree(index: u32): bool {
  return (load<u32>(bitmap + ((index >> 5) << 2)) & (1 << (index & 31))) != 0;
}

function setFree(index: u32): void {
  const word = index >> 5;
  const at = bitmap + (word << 2);
  store<u32>(at, load<u32>(at) | (1 << (index & 31)));
  const above = summary + ((word >> 5) << 2);
  store<u32>(above, load<u32>(above) | (1 << (word & 31)));
  free++;
}

function setUsed(index: u32): void {
  const word = index >> 5;
  const at = bitmap + (word << 2);
  const left = load<u32>(at) & ~(1 << (index & 31));
  store<u32>(at, left);
  if (left == 0) {
    const above = summary + ((word >> 5) << 2);
    store<u32>(above, load<u32>(above) & ~(1 << (word & 31)));
  }
  free--;
}

/** Gives [from, to) to the allocator, at boot: whole pages inside it only. */
function framesAdd(from: usize, to: usize): void {
  const end = min<u32>(<u32>(to >>> PAGE_SHIFT), frames);
  let index = <u32>((from + PAGE_BYTES - 1) >>> PAGE_SHIFT);
  while (index < end) {
    const at = bitmap + ((index >> 5) << 2);
    if ((index & 31) == 0 && end - index >= 32 && load<u32>(at) == 0) {
      // 32 at once; the last of them also sets the summary bit.
      store<u32>(at, 0x7fffffff);
      free += 31;
      total += 31;
      index += 31;
    }
    if (!frameIsFree(index)) {
      setFree(index);
      total++;
    }
    index++;
  }
}

/** Takes every page that [from, to) touches away again, at boot. */
function framesRemove(from: usize, to: usize): void {
  const end = min<u32>(<u32>((to + PAGE_BYTES - 1) >>> PAGE_SHIFT), frames);
  for (let index = <u32>(from >>> PAGE_SHIFT); index < end; index++) {
    if (!frameIsFree(index)) continue;
    setUsed(index);
    total--;
  }
}

/** Puts the bitmap and its summary, for frames below `limit`, behind `used`. Returns where they end. */
function placeBitmap(used: usize, limit: usize): usize {
  frames = (<u32>(limit >>> PAGE_SHIFT) + SUMMARY_SPAN - 1) & ~(SUMMARY_SPAN - 1);
  bitmap = (used + PAGE_BYTES - 1) & ~(<usize>PAGE_BYTES - 1);
  summary = bitmap + (frames >> 3);
  return summary + (frames / SUMMARY_SPAN << 2);
}

function isRam(from: usize, to: usize): bool {
  for (let i: u32 = 0; i < ramCount(); i++) if (from >= ramStart(i) && to <= ramEndOf(i)) return true;
  return false;
}

/** Gives RAM, but for the kernel below `kernelEnd` and the modules, to the allocator. */
export function framesInit(kernelEnd: usize): void {
  let used = kernelEnd;
  for (let i: u32 = 0; i < moduleCount(); i++) used = max<usize>(used, moduleEnd(i));
  const end = placeBitmap(used, ramLimit());
  if (!isRam(bitmap, end)) panic('frames: not enough RAM behind the kernel and the modules to note what is free');
  memory.fill(bitmap, 0, end - bitmap);
  for (let i: u32 = 0; i < ramCount(); i++) framesAdd(ramStart(i), ramEndOf(i));
  framesRemove(0, kernelEnd);
  for (let i: u32 = 0; i < moduleCount(); i++) framesRemove(moduleStart(i), moduleEnd(i));
  framesRemove(bitmap, end);
}

/** In place of `framesInit` where there is no boot loader: all memory there is is [from, to), zeroed. */
export function framesWithin(from: usize, to: usize): void {
  framesAdd(placeBitmap(from, to), to);
}

function take(): u32 {
  const words = frames / SUMMARY_SPAN;
  for (let i: u32 = 0; i < words; i++) {
    const word = (searchFrom + i) % words;
    const bits = load<u32>(summary + (word << 2));
    if (bits == 0) continue;
    searchFrom = word;
    const at = (word << 5) + ctz(bits);
    const index = (at << 5) + ctz(load<u32>(bitmap + (at << 2)));
    setUsed(index);
    return index << PAGE_SHIFT;
  }
  return 0;
}

/** Physical address of a frame, contents undefined, or 0 when only the reserve is left. */
export function allocFrame(): u32 {
  return free > reserve ? take() : 0;
}

/** As `allocFrame`, from the reserve too: for callers that must not wait. */
export function allocReserved(): u32 {
  return take();
}

export function freeFrame(frame: u32): void {
  assert((frame & (PAGE_BYTES - 1)) == 0, 'frames: freeing an address that is not a frame');
  const index = frame >> PAGE_SHIFT;
  assert(index < frames && !frameIsFree(index), 'frames: freeing a frame that is free');
  setFree(index);
}

/** `count` frames in a row, or 0. For tables made at boot and for kernel stacks: the search is linear. */
export function allocFrames(count: u32): u32 {
  if (free < reserve + count) return 0;
  let run: u32 = 0;
  for (let index: u32 = 0; index < frames; index++) {
    if ((index & 31) == 0 && load<u32>(bitmap + ((index >> 5) << 2)) == 0) {
      run = 0;
      index += 31;
      continue;
    }
    run = frameIsFree(index) ? run + 1 : 0;
    if (run < count) continue;
    const first = index + 1 - count;
    for (let i = first; i <= index; i++) setUsed(i);
    return first << PAGE_SHIFT;
  }
  return 0;
}

export function freeFrames(frame: u32, count: u32): void {
  for (let i: u32 = 0; i < count; i++) freeFrame(frame + (i << PAGE_SHIFT));
}
