/**
 * After a flush that failed: whatever was written since the last good one may not be on the disk, though the drive took
 * it, and the next flush will not say so (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC
 * 2020). None of it is in a committed generation yet.
 *
 * Rule: a page that is in memory becomes unsaved and changed again, so the next snapshot writes it to another block. A
 * page that is not is read back: what verifies now is in the drive's cache or on the medium, and the flush before the
 * next commit covers it; what does not is lost, and is said to be. Every page that was saved since the last commit is
 * looked at: those written out early, and those that the index has got since.
 */

import { log, logNumber, logText } from '../arch/log';
import { trustAfterFailedFlush } from '../defects';
import { allocFrame, freeFrame } from '../memory/frames';
import { sleepTicks } from '../sched/thread';
import { KIND_PAGE } from '../store/format';
import { dropBlock, nextUnlisted, pageReferenceAt } from '../store/index';
import { readVerified } from '../store/verify';
import { holdCleaner, releaseCleaner } from './pageout';
import { EARLY, pageCount, PageState, READING, setChanged, stateOf, UNSAVED, waitForPage, WIRED_PAGES } from './pages';

let buffer: u32 = 0;
let lost: u32 = 0;

/** To be called between snapshots. May wait. */
export function reviewSaved(): void {
  if (trustAfterFailedFlush) return;
  while (buffer == 0) {
    buffer = allocFrame();
    if (buffer == 0) sleepTicks(1);
  }
  lost = 0;
  holdCleaner();
  const count = pageCount();
  for (let page = nextUnlisted(0); page < count; page = nextUnlisted(page + 1)) review(page, stateOf(page));
  for (let page: u32 = 0; page < count; page++) {
    const state = stateOf(page);
    if (state.flags & EARLY) review(page, state);
  }
  freeFrame(buffer);
  buffer = 0;
  releaseCleaner();
  if (lost == 0) log('persist: everything written since the last good flush is still there or will be written again');
}

function review(page: u32, state: PageState): void {
  while (state.flags & READING) waitForPage(page);
  if (state.flags & UNSAVED) return;
  if (state.frame != 0) {
    if (state.flags & EARLY) {
      dropBlock(state.earlyBlock, state.earlyGeneration);
      state.flags &= ~EARLY;
    }
    state.flags |= UNSAVED;
    setChanged(page);
    return;
  }
  assert(page >= WIRED_PAGES, 'review: a wired page that is not in memory');
  const early = (state.flags & EARLY) != 0;
  if (readVerified(KIND_PAGE, page, early ? state.early() : pageReferenceAt(page), buffer)) return;
  lost++;
  logText('persist: the disk lost page ');
  logNumber(page);
  log(' after it took it; who needs it loses it: an older generation may have it');
}
