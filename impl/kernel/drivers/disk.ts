/**
 * The queue in front of the disk. Requests name blocks of 4 KiB and the frames they go to or come from; they are
 * carried out one at a time in the order submitted, so a FLUSH follows every write submitted before it.
 *
 * Interface: fill a DiskRequest (`reset`, then `add` the frames), `diskSubmit`, later `diskWait`; a request is the
 * driver's until its status is no longer DISK_PENDING. Errors are statuses: retrying is the caller's decision.
 */

import { restoreFlags, saveFlagsCli } from '../arch/hw';
import { heapAlloc } from '../memory/heap';
import { block, WaitQueue, wakeAll } from '../sched/thread';
import { ideBlocks, ideFlushNow, ideTick, ideInit, ideStart, ideWriteNow } from './ide';

export const BLOCK_BYTES: u32 = 4096;
export const SECTORS_PER_BLOCK: u32 = 8;
/** Frames of one request, hence entries of one scatter-gather list. */
export const DISK_FRAMES_MAX: u32 = 16;

export const DISK_READ: u32 = 1;
export const DISK_WRITE: u32 = 2;
export const DISK_FLUSH: u32 = 3;

export const DISK_PENDING: u32 = 0;
export const DISK_DONE: u32 = 1;
/** The drive reported an error; `error` holds its error register. */
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

let head: DiskRequest | null = null;
let tail: DiskRequest | null = null;

/** Blocks of the disk; 0 when there is none. */
export function diskBlocks(): u32 {
  return ideBlocks();
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
  if (last === null) {
    head = request;
    ideStart(request);
  } else {
    last.next = request;
  }
  restoreFlags(flags);
}

/** Waits until the request is done and returns its status. */
export function diskWait(request: DiskRequest): u32 {
  const flags = saveFlagsCli();
  while (request.status == DISK_PENDING) block(request.queue());
  restoreFlags(flags);
  return request.status;
}

/**
 * For a panic, with interrupts off for good and no thread to wait: writes the 512 bytes at `at` to a sector, and `diskFlushNow` makes them
 * durable. Requests under way are never completed. False: it could not be done.
 */
export function diskWriteNow(sector: u32, at: usize): bool {
  return ideWriteNow(sector, at);
}

export function diskFlushNow(): bool {
  return ideFlushNow();
}

/** From the drive's driver, with interrupts off: the request at the head is done. */
export function diskComplete(status: u32, error: u32): void {
  const request = head;
  assert(request !== null, 'disk: completion without a request');
  if (request === null) return;
  head = request.next;
  if (head === null) tail = null;
  request.error = error;
  request.status = status;
  wakeAll(request.queue());
  const following = head;
  if (following !== null) ideStart(following);
}

/** Once a tick, with interrupts off. */
export function diskTick(): void {
  if (head !== null) ideTick();
}

export function diskInit(): void {
  ideInit();
}
