/**
 * Frames for persistent pages. A fault takes one when there is one; otherwise it waits, and the cleaner (`pageout.ts`)
 * makes room. A write that would make one more page dirty waits while too few frames are free or hold pages that can leave
 * without being written: so who writes faster than the disk is slowed to its speed, one page at a time and in turn, before
 * memory holds nothing else than what has to be written. Copies of wired pages come from a reserve that holds one frame for each, and each is copied at most once
 * a snapshot, so they never wait. Who needs frames in a row (`adjoin.ts`) asks for more and more free ones until some adjoin.
 */

import { allocFrame, allocReserved, framesFree, framesTotal, freeFrame, setFrameReserve } from '../memory/frames';
import { TICKS_PER_SECOND } from '../drivers/pit';
import { block, blockFor, WaitQueue, wakeAll, wakeOne } from '../sched/thread';
import { cleanPages, WIRED_PAGES } from './pages';

const waiting = changetype<WaitQueue>(memory.data(8, 8));
const cleaner = changetype<WaitQueue>(memory.data(8, 8));

let lowWater: u32 = 0;
/** Free frames that somebody asked for who waits on `served`, or 0. */
let wanted: u32 = 0;
const served = changetype<WaitQueue>(memory.data(8, 8));
/** Threads that would make one more page dirty. */
const writers = changetype<WaitQueue>(memory.data(8, 8));
/** Frames asked for in addition with each attempt. */
const MORE: u32 = 32;

export function frameLevelsInit(): void {
  setFrameReserve(WIRED_PAGES);
  lowWater = min<u32>(max<u32>(framesTotal() >> 6, 16), 128);
}

/** Whether the cleaner should work. */
function framesLow(): bool {
  return framesFree() < max<u32>(lowWater, wanted) || writers.head !== null;
}

/** Whether pages need not leave memory. */
export function framesEnough(): bool {
  return framesFree() >= max<u32>(lowWater << 1, wanted);
}

/** Whether the cleaner, once at work, may stop. */
export function cleanEnough(): bool {
  return framesEnough() && writers.head === null;
}

/** Whether readers find frames that nothing has to be written for. */
function roomToRead(): bool {
  return framesFree() + cleanPages() > lowWater << 1;
}

/** Whether one more page may become dirty. False: it had to wait for its turn; look at everything again. */
export function mayDirty(): bool {
  if (roomToRead()) {
    // The next in turn may find room too.
    wakeOne(writers);
    return true;
  }
  wakeOne(cleaner);
  block(writers);
  return false;
}

/** A page was saved: one more may become dirty. */
export function pageSaved(): void {
  if (roomToRead()) wakeOne(writers);
}

/** A frame, or 0 after having waited for one: then look at everything again. */
export function takeFrame(): u32 {
  if (framesLow()) wakeOne(cleaner);
  const frame = allocFrame();
  if (frame == 0) block(waiting);
  return frame;
}

/** A frame for the copy of a wired page. */
export function takeWiredFrame(): u32 {
  const frame = allocReserved();
  assert(frame != 0, 'frames: the reserve for wired pages is used up');
  return frame;
}

export function giveFrame(frame: u32): void {
  freeFrame(frame);
  wakeOne(waiting);
  pageSaved();
}

/** The cleaner waits here for work. */
export function waitUntilFramesLow(): void {
  while (!framesLow()) block(cleaner);
}

/** The cleaner is done: lets whoever waits for frames try again. */
export function wakeForFrames(): void {
  wanted = 0;
  wakeAll(waiting);
  wakeAll(served);
  wakeAll(writers);
}

/** Waits until many frames are free, more with each attempt from 0 on. False: all frames there are would not do. */
export function waitForManyFrames(attempt: u32): bool {
  const many = (lowWater << 1) + attempt * MORE;
  if (many > framesTotal()) return false;
  wanted = max<u32>(wanted, many);
  wakeOne(cleaner);
  // Everything may be in use by the kernel: then the cleaner never gets so far.
  if (!blockFor(served, TICKS_PER_SECOND / 10)) wanted = 0;
  return true;
}
