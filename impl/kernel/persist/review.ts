/**
 * After a flush that failed: whatever was written since the last good one may not be on the disk, though the drive took
 * it, and the next flush will not say so (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC
 * 2020). None of it is in a committed generation, and no page of which it is the only copy has left memory.
 *
 * Rule: a page that was saved and is not durable becomes unsaved and changed again, so the next snapshot writes it, to
 * another block. Runs between snapshots and does not wait.
 */

import { log, logNumber, logText } from '../arch/log';
import { dropBlock } from '../store/index';
import { isDurable, trustFlushes } from '../store/io';
import { clearEarly, EARLY, pageCount, setChanged, stateOf, UNSAVED, WRITING } from './pages';

/** No write-out may be under way. */
export function reviewSaved(): void {
  let again: u32 = 0;
  for (let page: u32 = 0; page < pageCount(); page++) {
    const state = stateOf(page);
    if (state.frame == 0 || (state.flags & UNSAVED) != 0 || isDurable(state.savedEpoch)) continue;
    assert((state.flags & WRITING) == 0, 'review: a page is being written');
    if (state.flags & EARLY) {
      dropBlock(state.earlyBlock, state.earlyGeneration);
      clearEarly(state);
    }
    state.flags |= UNSAVED;
    setChanged(page);
    again++;
  }
  trustFlushes();
  logText('persist: to be written again, since a flush failed after they were: pages ');
  logNumber(again);
  log('');
}
