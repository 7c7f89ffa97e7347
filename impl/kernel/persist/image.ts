/**
 * The frozen image that the garbage collector marks: persistent memory as it was at one instant (copy-on-write, as for
 * a snapshot, but kept in memory, so it needs no disk and nothing of the disk's).
 *
 * Rule: freezing takes the permission to write away from all pages and copies nothing. The first write to a page after
 * it (`fault.ts`) keeps a copy of the frame; a page without a copy still holds what it held, in its frame or wherever
 * it went when it left memory. Copies take at most a quarter of the frames: beyond that who writes to one more page
 * waits until the image is given up. Wired pages never wait; their copies come from the reserve.
 */

import { PAGE_BYTES } from '../arch/paging';
import { allocReserved, framesTotal } from '../memory/frames';
import { block, WaitQueue, wakeAll, yieldNow } from '../sched/thread';
import { giveFrame, takeFrame } from './frames';
import { protectAll } from './mapping';
import { PageState, stateOf, WIRED_PAGES } from './pages';

/** Pages of the image, from the first on; 0: there is none. */
let imagePages: u32 = 0;
let copies: u32 = 0;
/** Pages looked at between two chances for other threads. */
const STRIDE: u32 = 256;
const given = changetype<WaitQueue>(memory.data(8, 8));

/** Freezes the first `pages` pages as they are now. Does not wait. */
export function imageFreeze(pages: u32): void {
  assert(imagePages == 0, 'image: there is one already');
  imagePages = pages;
  copies = 0;
  protectAll();
}

/** Gives the image up. The copies go a few at a time; only then is there a page's own contents behind `imageFrame`. */
export function imageEnd(): void {
  const pages = imagePages;
  imagePages = 0;
  wakeAll(given);
  for (let page: u32 = 0; page < pages; page++) {
    const state = stateOf(page);
    if (state.imageFrame != 0) {
      giveFrame(state.imageFrame);
      state.imageFrame = 0;
    }
    if (page % STRIDE == STRIDE - 1) yieldNow();
  }
}

/** Pages copied for the image since it was frozen. */
export function imageCopies(): u32 {
  return copies;
}

/** Before the page, resident, is written: keeps what the image needs. False: it had to wait; look again. */
export function keepForImage(page: u32, state: PageState): bool {
  if (page >= imagePages || state.imageFrame != 0) return true;
  let frame: u32;
  if (page < WIRED_PAGES) {
    frame = allocReserved();
    assert(frame != 0, 'image: the reserve for wired pages is used up');
  } else if (copies >= framesTotal() >> 2) {
    block(given);
    return false;
  } else {
    frame = takeFrame();
    if (frame == 0) return false;
  }
  memory.copy(<usize>frame, <usize>state.frame, PAGE_BYTES);
  state.imageFrame = frame;
  copies++;
  return true;
}
