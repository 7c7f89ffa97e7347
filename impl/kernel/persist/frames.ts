/**
 * Frames for persistent pages. A fault takes one when there is one; otherwise it waits, and the cleaner (`pageout.ts`)
 * makes room. Frames are given in the order in which they were asked for, and a thread asks for one at a time: so who writes
 * faster than the disk is slowed to its speed, and nobody waits behind more than one page of each of the others. Copies of
 * wired pages come from a reserve that holds one frame for each, and each is copied at most once a snapshot, so they never
 * wait. Who needs frames in a row (`adjoin.ts`) asks for more and more free ones until some adjoin.
 */

import { allocFrame, allocReserved, framesFree, framesTotal, freeFrame, setFrameReserve } from '../memory/frames';
import { TICKS_PER_SECOND } from '../drivers/pit';
import { block, blockFor, WaitQueue, wakeAll, wakeOne } from '../sched/thread';
import { WIRED_PAGES } from './pages';

const waiting = changetype<WaitQueue>(memory.data(8, 8));
const cleaner = changetype<WaitQueue>(memory.data(8, 8));

let lowWater: u32 = 0;
/** Free frames that somebody asked for who waits on `served`, or 0. */
let wanted: u32 = 0;
const served = changetype<WaitQueue>(memory.data(8, 8));
/** Frames asked for in addition with each attempt. */
const MORE: u32 = 32;

export function frameLevelsInit(): void {
  setFrameReserve(WIRED_PAGES);
  lowWater = min<u32>(max<u32>(framesTotal() >> 6, 16), 128);
}

/** Whether the cleaner should work. */
function framesLow(): bool {
  return framesFree() < max<u32>(lowWater, wanted);
}

/** Whether the cleaner, once at work, may stop. */
export function framesEnough(): bool {
  return framesFree() >= max<u32>(lowWater << 1, wanted);
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
