/**
 * Frames for persistent pages. A fault takes one when there is one; otherwise it waits, and the cleaner (`pageout.ts`)
 * makes room. Copies of wired pages come from a reserve that holds one frame for each, and each is copied at most once
 * a snapshot, so they never wait.
 */

import { allocFrame, allocReserved, framesFree, framesTotal, freeFrame, setFrameReserve } from '../memory/frames';
import { block, WaitQueue, wakeAll, wakeOne } from '../sched/thread';
import { WIRED_PAGES } from './pages';

const waiting = changetype<WaitQueue>(memory.data(8, 8));
const cleaner = changetype<WaitQueue>(memory.data(8, 8));

let lowWater: u32 = 0;

export function frameLevelsInit(): void {
  setFrameReserve(WIRED_PAGES);
  lowWater = min<u32>(max<u32>(framesTotal() >> 6, 16), 128);
}

/** Whether the cleaner should work. */
function framesLow(): bool {
  return framesFree() < lowWater;
}

/** Whether the cleaner, once at work, may stop. */
export function framesEnough(): bool {
  return framesFree() >= lowWater << 1;
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

/** Lets whoever waits for a frame try again. */
export function wakeForFrames(): void {
  wakeAll(waiting);
}
