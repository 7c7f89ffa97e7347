/**
 * Blocks in and out, one at a time, for a thread that waits. Errors of the disk are data: an operation is tried
 * ATTEMPTS times, then reported to the caller, who knows what the block was for.
 *
 * Requests come from a pool, so that page-ins need no memory. A thread holds at most one, so waiting for one ends.
 */

import { DISK_DONE, DISK_FLUSH, DISK_READ, DISK_WRITE, diskSubmit, diskWait, DiskRequest } from '../drivers/disk';
import { log, logNewline, logNumber, logText, logValue } from '../arch/log';
import { block, WaitQueue, wakeOne } from '../sched/thread';

const ATTEMPTS: u32 = 3;
const POOL: u32 = 16;

const pool: usize = memory.data(64, 4);
let pooled: u32 = 0;
const waiting = changetype<WaitQueue>(memory.data(8, 8));

let reads: u32 = 0;

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
  for (let i: u32 = 0; i < ATTEMPTS && !done; i++) {
    request.reset(operation, number);
    if (operation != DISK_FLUSH) request.add(frame);
    diskSubmit(request);
    done = diskWait(request) == DISK_DONE;
    if (!done) logFailure(operation, number, request.error);
  }
  release(request);
  return done;
}

function logFailure(operation: u32, number: u32, error: u32): void {
  if (operation == DISK_FLUSH) {
    logValue('disk: flush failed, error register', error);
    return;
  }
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
  return attempt(DISK_WRITE, number, frame);
}

/** Waits until everything written before is durable. False: the disk refused, so nothing is known to be. */
export function flushDisk(): bool {
  if (attempt(DISK_FLUSH, 0, 0)) return true;
  log('disk: a flush failed again and again; what was written since the last one may be lost');
  return false;
}
