/**
 * A disk that the host of a test provides, of the shape of `drivers/disk.ts`, whose place it takes when the store runs
 * in V8. Every request is carried out at once.
 */

import { heapAlloc } from '../memory/heap';

declare function hostBlocks(): u32;
/** Returns a status. */
declare function hostTransfer(operation: u32, block: u32, frame: u32): u32;
declare function hostWriteSector(sector: u32, at: usize): u32;

export const DISK_FRAMES_MAX: u32 = 16;
export const DISK_READ: u32 = 1;
export const DISK_WRITE: u32 = 2;
export const DISK_FLUSH: u32 = 3;
export const DISK_DONE: u32 = 1;
export const DISK_ERROR: u32 = 2;

@unmanaged
export class DiskRequest {
  operation: u32;
  block: u32;
  count: u32;
  status: u32;
  error: u32;
  frames: usize;

  static create(): DiskRequest {
    const request = changetype<DiskRequest>(heapAlloc(offsetof<DiskRequest>()));
    request.frames = heapAlloc(DISK_FRAMES_MAX << 2);
    return request;
  }

  reset(operation: u32, block: u32): void {
    this.operation = operation;
    this.block = block;
    this.count = 0;
  }

  add(frame: u32): void {
    assert(this.count < DISK_FRAMES_MAX, 'disk: too many frames in one request');
    store<u32>(this.frames + (this.count << 2), frame);
    this.count++;
  }
}

export function diskBlocks(): u32 {
  return hostBlocks();
}

/** Of IDE. */
export function diskRequestsAtOnce(): u32 {
  return 1;
}

export function diskSubmit(request: DiskRequest): void {
  request.status = DISK_DONE;
  if (request.operation == DISK_FLUSH) request.status = hostTransfer(DISK_FLUSH, 0, 0);
  for (let i: u32 = 0; i < request.count && request.status == DISK_DONE; i++) {
    request.status = hostTransfer(request.operation, request.block + i, load<u32>(request.frames + (i << 2)));
  }
}

export function diskWait(request: DiskRequest): u32 {
  return request.status;
}

export const SECTORS_PER_BLOCK: u32 = 8;

export function diskWriteNow(sector: u32, at: usize): bool {
  return hostWriteSector(sector, at) == DISK_DONE;
}

export function diskFlushNow(): bool {
  return hostTransfer(DISK_FLUSH, 0, 0) == DISK_DONE;
}
