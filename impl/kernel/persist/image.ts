/**
 * The frozen image that the garbage collector marks: persistent memory as it was at one instant (copy-on-write, as for
 * a snapshot, but kept in memory, so it needs no disk and nothing of the disk's).
 *
 * Rule: freezing takes the permission to write away from all pages and copies nothing. The first write to a page after
 * it (`fault.ts`) keeps a copy of the frame; a page without a copy still holds what it held, in its frame or wherever
 * it went when it left memory. There is a limit to the copies: beyond it who writes to one more page waits until the
 * image is given up. Wired pages never wait; there is a frame for the copy of each beforehand.
 */

import { copyPage, PAGE_BYTES } from '../arch/paging';
import { heapAlloc } from '../memory/heap';
import { block, rescheduleWanted, WaitQueue, wakeAll, yieldNow } from '../sched/thread';
import { giveFrame, takeFrame } from './frames';
import { protectAll } from './mapping';
import { pageCount, PageState, WIRED_PAGES } from './pages';

/** Pages of the image, from the first on; 0: there is none. */
let imagePages: u32 = 0;
let copies: u32 = 0;
let copiesMost: u32 = 0;
/** For each 1024 pages a frame of frames: the copy of each page, 0: none. Of a prepared image and until it is given up. */
let tables: usize = 0;
let tablesMade: u32 = 0;
const TABLE_SHIFT: u32 = 10;
const TABLE_MASK: u32 = (1 << TABLE_SHIFT) - 1;
/** Bytes of a table looked at between two chances for other threads. */
const AT_ONCE: u32 = 256;
/** Frames for the copies of wired pages. */
const spare: usize = memory.data(64, 4);
let spareCount: u32 = 0;
const given = changetype<WaitQueue>(memory.data(8, 8));

function someFrame(): u32 {
  let frame = takeFrame();
  while (frame == 0) frame = takeFrame();
  return frame;
}

/** Gets what an image of the first `pages` pages needs. May wait. */
export function imagePrepare(pages: u32): void {
  if (tables == 0) tables = heapAlloc(((pageCount() + TABLE_MASK) >>> TABLE_SHIFT) << 2);
  while (tablesMade << TABLE_SHIFT < pages) {
    const frame = someFrame();
    memory.fill(<usize>frame, 0, PAGE_BYTES);
    store<u32>(tables + (tablesMade << 2), frame);
    tablesMade++;
  }
  while (spareCount < WIRED_PAGES) {
    const frame = someFrame();
    store<u32>(spare + (spareCount << 2), frame);
    spareCount++;
  }
}

/** Whether an image of so many pages is prepared. */
export function imageReaches(pages: u32): bool {
  return pages <= tablesMade << TABLE_SHIFT && spareCount == WIRED_PAGES;
}

/**
 * Freezes the first `pages` pages as they are now, for which there is room, of which up to `most` are copied. Does not
 * wait.
 */
export function imageFreeze(pages: u32, most: u32): void {
  assert(imagePages == 0 && imageReaches(pages), 'image: there is one already, or no room');
  imagePages = pages;
  copies = 0;
  copiesMost = most;
  protectAll();
}

/** Gives the image up, and what it was prepared with; the frames go a few at a time. */
export function imageEnd(): void {
  imagePages = 0;
  wakeAll(given);
  while (tablesMade != 0) {
    tablesMade--;
    const table = load<u32>(tables + (tablesMade << 2));
    for (let entry: u32 = 0; entry < PAGE_BYTES; entry += 4) {
      const frame = load<u32>(table + entry);
      if (frame != 0) giveFrame(frame);
      if ((entry & (AT_ONCE - 1)) == 0 && rescheduleWanted()) yieldNow();
    }
    giveFrame(table);
  }
  while (spareCount != 0) {
    spareCount--;
    giveFrame(load<u32>(spare + (spareCount << 2)));
  }
}

/** Pages copied for the image since it was frozen. */
export function imageCopies(): u32 {
  return copies;
}

/** The copy of the page, 0: there is none, and the page holds what it held. */
export function imageCopy(page: u32): u32 {
  if (page >= imagePages) return 0;
  return load<u32>(load<u32>(tables + ((page >>> TABLE_SHIFT) << 2)) + ((page & TABLE_MASK) << 2));
}

/** Before the page, resident, is written: keeps what the image needs. False: it had to wait; look again. */
export function keepForImage(page: u32, state: PageState): bool {
  if (page >= imagePages || imageCopy(page) != 0) return true;
  let frame: u32;
  if (page < WIRED_PAGES) {
    assert(spareCount != 0, 'image: the frames for wired pages are used up');
    spareCount--;
    frame = load<u32>(spare + (spareCount << 2));
  } else if (copies >= copiesMost) {
    block(given);
    return false;
  } else {
    frame = takeFrame();
    if (frame == 0) return false;
  }
  copyPage(<usize>frame, <usize>state.frame);
  store<u32>(load<u32>(tables + ((page >>> TABLE_SHIFT) << 2)) + ((page & TABLE_MASK) << 2), frame);
  copies++;
  return true;
}
