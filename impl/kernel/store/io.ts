/**
 * Blocks in and out, one at a time, for a thread that waits. Errors of the disk are data: an operation is tried
 * ATTEMPTS times, then reported to the caller, who knows what the block was for.
 *
 * A flush that failed is not mended by one that succeeds: a drive drops what it could not write, and the next flush has
 * nothing to complain of. So `flushDisk` is false after any failure, and what was written since the last good flush is
 * not durable, whatever happens later: it must be written again. `writeEpoch` tells when something was written and
 * `isDurable` whether a good flush followed; `flushDistrusted` says that one has failed.
 *
 * Requests come from a pool, so that page-ins need no memory. A thread holds at most one, so waiting for one ends.
 */

import { DISK_DONE, DISK_ERROR, DISK_FLUSH, DISK_READ, DISK_WRITE, diskSubmit, diskWait, DiskRequest } from '../drivers/disk';
import { log, logNewline, logNumber, logText, logValue } from '../arch/log';
import { ignoreFlushError, ignoreWriteError, noRetry, trustAfterFailedFlush } from '../defects';
import { block, WaitQueue, wakeOne } from '../sched/thread';
import { noteBadBlock } from './blocks';

const ATTEMPTS: u32 = 3;
/** Each failure may be of one sector only. */
const FLUSH_ATTEMPTS: u32 = 16;
const POOL: u32 = 16;

const pool: usize = memory.data(64, 4);
let pooled: u32 = 0;
const waiting = changetype<WaitQueue>(memory.data(8, 8));

let reads: u32 = 0;
let distrusted: bool = false;
let failures: u32 = 0;
/** Flushes begun, and the last of them that succeeded. */
let flushes: u32 = 1;
let lastGoodFlush: u32 = 1;

/** Blocks read since boot. */
export function blocksRead(): u32 {
  return reads;
}

export function ioInit(): void {
  for (; pooled < POOL; pooled++) store<u32>(pool + (pooled << 2), <u32>changetype<usize>(DiskRequest.create()));
}

function acquire(): DiskRequest {
  while (pooled == 0) block(waiting);
  pooled--;
  return changetype<DiskRequest>(<usize>load<u32>(pool + (pooled << 2)));
}

function release(request: DiskRequest): void {
  store<u32>(pool + (pooled << 2), <u32>changetype<usize>(request));
  pooled++;
  wakeOne(waiting);
}

function attempt(operation: u32, number: u32, frame: u32): bool {
  const request = acquire();
  let done = false;
  const attempts: u32 = noRetry ? 1 : ATTEMPTS;
  for (let i: u32 = 0; i < attempts && !done; i++) {
    request.reset(operation, number);
    request.add(frame);
    diskSubmit(request);
    done = diskWait(request) == DISK_DONE;
    if (!done) logFailure(operation, number, request.error);
  }
  release(request);
  return done;
}

/** Flushes until the drive has nothing left to complain of. False: it had. */
function flushAttempts(): bool {
  const request = acquire();
  let done = false;
  let failed = false;
  for (let i: u32 = 0; i < FLUSH_ATTEMPTS && !done; i++) {
    request.reset(DISK_FLUSH, 0);
    diskSubmit(request);
    const status = diskWait(request);
    done = status == DISK_DONE;
    if (done) continue;
    failed = true;
    // At once: a flush of another thread, begun after this one, may end well while this one is tried again.
    if (!ignoreFlushError) distrusted = true;
    logValue('disk: a flush failed, error register', request.error);
    // A drive that does not answer is not asked again and again.
    if (status != DISK_ERROR) break;
    if (request.block != 0) noteBadBlock(request.block);
  }
  release(request);
  return done && (trustAfterFailedFlush || !failed);
}

function logFailure(operation: u32, number: u32, error: u32): void {
  logText(operation == DISK_READ ? 'disk: reading block ' : 'disk: writing block ');
  logNumber(number);
  logText(' failed, error register ');
  logNumber(error);
  logNewline();
}

/** False: the block could not be read; the log says why. */
export function readBlock(number: u32, frame: u32): bool {
  reads++;
  return attempt(DISK_READ, number, frame);
}

/** False: the block could not be written; the log says why. */
export function writeBlock(number: u32, frame: u32): bool {
  return attempt(DISK_WRITE, number, frame) || ignoreWriteError;
}

/** Waits until everything written before is durable. False: nothing written since the last good flush is known to be. */
export function flushDisk(): bool {
  flushes++;
  const number = flushes;
  if (flushAttempts() || ignoreFlushError) {
    // A later one may have failed meanwhile.
    if (!distrusted || trustAfterFailedFlush) lastGoodFlush = max<u32>(lastGoodFlush, number);
    return true;
  }
  failures++;
  log('disk: what was written since the last good flush may be lost, and is written again');
  return false;
}

/** Flushes that failed since boot: what was written before one of them is not durable by a later one. */
export function flushFailures(): u32 {
  return failures;
}

/** For a block whose writing has just ended: what to ask `isDurable` about later. */
export function writeEpoch(): u32 {
  return flushes;
}

/** Whether what was written in this epoch has been flushed. */
export function isDurable(epoch: u32): bool {
  return epoch < lastGoodFlush;
}

/** A flush has failed, and what is not durable has not been marked for writing again. */
export function flushDistrusted(): bool {
  return distrusted && !trustAfterFailedFlush;
}

/** Everything that is not durable is marked for writing again: flushes count from here. */
export function trustFlushes(): void {
  distrusted = false;
}
