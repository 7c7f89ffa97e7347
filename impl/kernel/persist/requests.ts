/**
 * What wakes the snapshotter before its time: somebody waits for a commit, or a flush has failed and what it may have
 * lost has to be looked after. Apart from `snapshot.ts`, so that the cleaner can ask too.
 */

import { blockFor, WaitQueue, wakeAll } from '../sched/thread';

let commitWanted: bool = false;
const snapshotter = changetype<WaitQueue>(memory.data(8, 8));

/** A snapshot is taken as soon as the one under way, if any, is over. */
export function requestCommit(): void {
  commitWanted = true;
  wakeAll(snapshotter);
}

/** A flush has failed: lets the snapshotter see to it at once. */
export function reviewSoon(): void {
  wakeAll(snapshotter);
}

/** For the snapshotter: waits for a request, at most `ticks`. */
export function waitForRequest(ticks: u32): void {
  if (!commitWanted) blockFor(snapshotter, ticks);
}

/** For the snapshotter: whether a commit is wanted; the request counts as seen. */
export function takeCommitRequest(): bool {
  const wanted = commitWanted;
  commitWanted = false;
  return wanted;
}
