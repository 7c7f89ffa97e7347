/**
 * The queue in front of the disk, whose controller is a virtio block device where there is one, else IDE. Requests name
 * blocks of 4 KiB and the frames they go to or come from.
 *
 * Rules: a FLUSH goes to the controller alone, so it follows every write submitted before it, and nothing else is under
 * way then. Requests of which one writes a block of the other are carried out in the order submitted. Others may
 * overtake each other: the controller has as many at once as it takes, and ends them as it likes.
 *
 * Interface: fill a DiskRequest (`reset`, then `add` the frames), `diskSubmit`, later `diskWait`; a request is the
 * driver's until its status is no longer DISK_PENDING. Errors are statuses: retrying is the caller's decision. Who
 * submits a FLUSH waits for it: when one has failed and the controller cannot say what for, the queue stands still until
 * `diskWait` has found it out (`suspects.ts`).
 *
 * A drive that spins up answers late: where there is a controller its driver waits for the drive, SPIN_UP_TICKS at most.
 */

import { cli, restoreFlags, saveFlagsCli, stihlt } from '../arch/hw';
import { heapAlloc } from '../memory/heap';
import { block, tickCount, WaitQueue, wakeAll } from '../sched/thread';
import { flushOvertakesWrites, probeOnce, sameBlockOvertakes } from '../defects';
import { ideBlocks, ideFlushNow, ideTick, ideInit, ideStart, ideWriteNow } from './ide';
import { findSuspects, forgetWritten, noteWritten, suspectsInit, takeSuspect } from './suspects';
import {
  virtioBlocks,
  virtioFlushNow,
  virtioInit,
  virtioRequests,
  virtioStart,
  virtioTick,
  virtioWriteNow,
} from './virtio-blk';

export const BLOCK_BYTES: u32 = 4096;
export const SECTORS_PER_BLOCK: u32 = 8;
/** Frames of one request, hence entries of one scatter-gather list. */
export const DISK_FRAMES_MAX: u32 = 16;

/** 10 s at 250 ticks a second. */
const SPIN_UP_TICKS: u32 = 2500;

export const DISK_READ: u32 = 1;
export const DISK_WRITE: u32 = 2;
export const DISK_FLUSH: u32 = 3;

export const DISK_PENDING: u32 = 0;
export const DISK_DONE: u32 = 1;
/** The drive reported an error; `error` holds the error register of IDE, the status of a virtio request. */
export const DISK_ERROR: u32 = 2;
/** The drive did not answer in time, or is gone. */
export const DISK_TIMEOUT: u32 = 3;

@unmanaged
export class DiskRequest {
  operation: u32;
  /**
   * First block; the frames follow each other on disk from there. Of a flush that ended with DISK_ERROR: the block that
   * could not be written, 0 when the drive does not say.
   */
  block: u32;
  count: u32;
  status: u32;
  error: u32;
  next: DiskRequest | null;
  /** A WaitQueue in place. */
  waitHead: usize;
  waitTail: usize;
  /** The first of DISK_FRAMES_MAX physical addresses. */
  frames: u32;

  static create(): DiskRequest {
    const request = changetype<DiskRequest>(heapAlloc(offsetof<DiskRequest>('frames') + 4 * DISK_FRAMES_MAX));
    request.status = DISK_DONE;
    return request;
  }

  /** Makes the request ready for another use; it must not be pending. */
  reset(operation: u32, block: u32): void {
    assert(this.status != DISK_PENDING, 'disk: resetting a pending request');
    this.operation = operation;
    this.block = block;
    this.count = 0;
    this.error = 0;
  }

  add(frame: u32): void {
    assert(this.count < DISK_FRAMES_MAX, 'disk: too many frames in one request');
    assert((frame & (BLOCK_BYTES - 1)) == 0, 'disk: a frame that is not page aligned');
    store<u32>(changetype<usize>(this) + (this.count << 2), frame, offsetof<DiskRequest>('frames'));
    this.count++;
  }

  frameAt(index: u32): u32 {
    return load<u32>(changetype<usize>(this) + (index << 2), offsetof<DiskRequest>('frames'));
  }

  /** Threads waiting for the end of this request. */
  queue(): WaitQueue {
    return changetype<WaitQueue>(changetype<usize>(this) + offsetof<DiskRequest>('waitHead'));
  }
}

/** Submitted and not with the controller, in the order submitted. */
let head: DiskRequest | null = null;
let tail: DiskRequest | null = null;
/** With the controller. */
let underWay: DiskRequest | null = null;
let underWayCount: u32 = 0;
/** How many the controller takes at once. */
let capacity: u32 = 1;
let isVirtio: bool = false;
/** A flush that failed for a reason its submitter has yet to find out; nothing else starts before. */
let unexplained: DiskRequest | null = null;

/** Blocks of the disk; 0 when there is none. */
export function diskBlocks(): u32 {
  return isVirtio ? virtioBlocks() : ideBlocks();
}

/** Requests that the disk carries out at once. */
export function diskRequestsAtOnce(): u32 {
  return capacity;
}

/** Queues a request and returns at once. */
export function diskSubmit(request: DiskRequest): void {
  assert(request.status != DISK_PENDING, 'disk: submitting a pending request');
  if (request.operation != DISK_FLUSH) {
    assert(request.count != 0, 'disk: a request without frames');
    assert(request.block < diskBlocks() && request.count <= diskBlocks() - request.block, 'disk: block out of range');
  }
  const flags = saveFlagsCli();
  request.status = DISK_PENDING;
  request.next = null;
  const last = tail;
  tail = request;
  if (last === null) head = request;
  else last.next = request;
  startWhatMay();
  restoreFlags(flags);
}

function haveBlockInCommon(a: DiskRequest, b: DiskRequest): bool {
  return a.block < b.block + b.count && b.block < a.block + a.count;
}

/** Whether a request may go to the controller beside those that are there. */
function mayStart(request: DiskRequest): bool {
  if (underWayCount == capacity || unexplained !== null) return false;
  if (request.operation == DISK_FLUSH && !flushOvertakesWrites) return underWayCount == 0;
  let other = underWay;
  while (other !== null) {
    if (other.operation == DISK_FLUSH) return false;
    const writes = other.operation == DISK_WRITE || request.operation == DISK_WRITE;
    if (writes && haveBlockInCommon(request, other) && !sameBlockOvertakes) return false;
    other = other.next;
  }
  return true;
}

function startWhatMay(): void {
  for (;;) {
    const request = head;
    if (request === null || !mayStart(request)) return;
    head = request.next;
    if (head === null) tail = null;
    start(request);
  }
}

function start(request: DiskRequest): void {
  request.next = underWay;
  underWay = request;
  underWayCount++;
  if (isVirtio) virtioStart(request);
  else ideStart(request);
}

function remove(request: DiskRequest): void {
  let previous: DiskRequest | null = null;
  let at = underWay;
  while (at !== null && at !== request) {
    previous = at;
    at = at.next;
  }
  assert(at === request, 'disk: the end of a request that the controller did not have');
  if (previous === null) underWay = request.next;
  else previous.next = request.next;
  underWayCount--;
}

function waitForEnd(request: DiskRequest): void {
  const flags = saveFlagsCli();
  while (request.status == DISK_PENDING) block(request.queue());
  restoreFlags(flags);
}

/** Waits until the request is done and returns its status. */
export function diskWait(request: DiskRequest): u32 {
  waitForEnd(request);
  if (request.operation != DISK_FLUSH) return request.status;
  if (request === unexplained) {
    findSuspects();
    const flags = saveFlagsCli();
    unexplained = null;
    startWhatMay();
    restoreFlags(flags);
  }
  // One flush names one block: those that follow it name the others.
  if (request.block == 0) request.block = takeSuspect();
  if (request.block != 0) request.status = DISK_ERROR;
  return request.status;
}

/** For who finds out why a flush failed, while the queue stands still: carries out a request at once and waits for it. */
export function diskCarryOut(request: DiskRequest): u32 {
  assert(unexplained !== null && underWay === null, 'disk: a request past the queue');
  const flags = saveFlagsCli();
  request.status = DISK_PENDING;
  start(request);
  restoreFlags(flags);
  waitForEnd(request);
  return request.status;
}

/**
 * For a panic, with interrupts off for good and no thread to wait: writes the 512 bytes at `at` to a sector, and
 * `diskFlushNow` makes them durable. Requests under way are never completed. False: it could not be done.
 */
export function diskWriteNow(sector: u32, at: usize): bool {
  return isVirtio ? virtioWriteNow(sector, at) : ideWriteNow(sector, at);
}

export function diskFlushNow(): bool {
  return isVirtio ? virtioFlushNow() : ideFlushNow();
}

/** From the controller's driver, with interrupts off: a request is done. */
export function diskComplete(request: DiskRequest, status: u32, error: u32): void {
  remove(request);
  if (isVirtio) remember(request, status, error);
  request.error = error;
  request.status = status;
  wakeAll(request.queue());
  startWhatMay();
}

/** What a controller that names no sectors makes necessary. An error without a status is none of the drive's. */
function remember(request: DiskRequest, status: u32, error: u32): void {
  if (unexplained !== null) return;
  if (request.operation == DISK_WRITE && status == DISK_DONE) noteWritten(request.block, request.count);
  if (request.operation != DISK_FLUSH) return;
  if (status == DISK_DONE) forgetWritten();
  else if (status == DISK_ERROR && error != 0) unexplained = request;
}

/** Once a tick, with interrupts off. */
export function diskTick(): void {
  if (underWay === null) return;
  if (isVirtio) virtioTick();
  else ideTick();
}

/**
 * Before there are threads, on the boot stack with interrupts off: sleeps to the next tick in the wait for a drive that
 * began at tick `since`. False, and nothing done: it has had its time.
 */
export function diskAwaitTick(since: u32): bool {
  if (probeOnce || tickCount() - since >= SPIN_UP_TICKS) return false;
  stihlt();
  cli();
  return true;
}

export function diskInit(): void {
  isVirtio = virtioInit();
  if (!isVirtio) {
    ideInit();
    return;
  }
  capacity = virtioRequests();
  suspectsInit();
}
