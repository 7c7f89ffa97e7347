/**
 * Adjoining frames, which a kernel thread's stack needs. Where none adjoin, a page is moved out of the way, from one
 * frame to another (page migration): that costs a copy, while sending pages out until two frames happen to adjoin
 * costs the disk, and the programs whose pages they were.
 *
 * Rule: a page is moved only while no transfer uses its frame, in one step: copy, new mapping, INVLPG.
 */

import { copyPage, PAGE_SHIFT } from '../arch/paging';
import { allocFrame, frameIsFree, framesFree, freeFrame } from '../memory/frames';
import { threadPrepare } from '../sched/thread';
import { waitForManyFrames } from './frames';
import { moveMapping } from './mapping';
import { frameNumbers, isFrozen, ownerOf, READING, setFrame, stateOf, UNSAVED, WRITING } from './pages';

/** Pages moved since boot. */
let moves: u32 = 0;

export function pagesMoved(): u32 {
  return moves;
}

/** Page in a frame that can be moved, plus one; 0: none. */
function movable(frameNumber: u32): u32 {
  const owner = ownerOf(frameNumber);
  if (owner == 0) return 0;
  const page = owner - 1;
  const state = stateOf(page);
  const stabilised = (state.flags & UNSAVED) != 0 && isFrozen(page) && state.frozenFrame == 0;
  return stabilised || (state.flags & (READING | WRITING)) != 0 ? 0 : owner;
}

/** Makes two free frames adjoin. False: there are too few, or none of their neighbours can be moved. */
function joinFrames(): bool {
  if (framesFree() < 2) return false;
  const frame = allocFrame();
  for (let number: u32 = 1; number + 1 < frameNumbers(); number++) {
    const owner = frameIsFree(number) ? movable(number + 1) : frameIsFree(number + 1) ? movable(number) : 0;
    if (owner == 0) continue;
    const page = owner - 1;
    const state = stateOf(page);
    const old = state.frame;
    copyPage(<usize>frame, <usize>old);
    setFrame(page, state, frame);
    moveMapping(page, frame);
    freeFrame(old);
    moves++;
    return true;
  }
  freeFrame(frame);
  return false;
}

/** Waits until there is memory for one more kernel thread: `threadCreate` then does not fail. False: there is none. */
export function waitForThreadMemory(): bool {
  for (let attempt: u32 = 0; !threadPrepare(); ) {
    if (joinFrames()) continue;
    if (!waitForManyFrames(attempt)) return false;
    attempt++;
  }
  return true;
}
