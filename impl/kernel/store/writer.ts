/**
 * A stream of block writes, gathered: frames whose new blocks follow each other on disk go out as one scatter-gather
 * request, and one request is filled while others are carried out.
 *
 * Interface: `add` a frame with the address of the word that is to name its block (a field of a reference); the writer
 * allocates the block and fills that word. After `drain`, or earlier, `completed(tag, written)` is called for every
 * frame added with a tag, in the order of the adds. When writing to a block fails again and again, another one takes
 * its place (and the word then names that), and the bad one is noted. The frame must not change between `add` and the
 * call.
 */

import { DISK_DONE, DISK_FRAMES_MAX, DISK_WRITE, diskRequestsAtOnce, diskSubmit, diskWait, DiskRequest } from '../drivers/disk';
import { heapAlloc } from '../memory/heap';
import { allocateBlock, noteBadBlock } from './blocks';
import { writeBlock } from './io';

/** Requests of one writer, at least: one being filled, the others with the disk. */
const SLOTS_MIN: u32 = 4;
const RELOCATIONS: u32 = 3;
export const NO_TAG: u32 = 0xffffffff;

const ITEM_BYTES: u32 = 12;
const ITEM_FRAME: u32 = 0;
const ITEM_WORD: u32 = 4;
const ITEM_TAG: u32 = 8;

@unmanaged
export class Writer {
  /** Table index of a `(tag: u32, written: bool) => void`. */
  completed: u32;
  /** Slot being filled and how many slots before it are with the disk. */
  filling: u32;
  submitted: u32;
  items: u32;
  slots: u32;
  /** Address of `slots` requests, and of DISK_FRAMES_MAX items for each. */
  requests: usize;
  places: usize;
  failed: bool;

  static create(completed: u32): Writer {
    const writer = changetype<Writer>(heapAlloc(offsetof<Writer>()));
    writer.completed = completed;
    // There are two writers, of snapshots and of the cleaner; who waits for a page finds the disk with room for one more.
    const slots = max<u32>(SLOTS_MIN + 1, diskRequestsAtOnce() / 2) - 1;
    writer.slots = slots;
    writer.requests = heapAlloc(slots * 4);
    writer.places = heapAlloc(slots * DISK_FRAMES_MAX * ITEM_BYTES);
    for (let slot: u32 = 0; slot < slots; slot++) {
      store<u32>(writer.requests + (slot << 2), <u32>changetype<usize>(DiskRequest.create()));
    }
    return writer;
  }

  request(slot: u32): DiskRequest {
    return changetype<DiskRequest>(<usize>load<u32>(this.requests + (slot << 2)));
  }

  itemAt(slot: u32, index: u32): usize {
    return this.places + (slot * DISK_FRAMES_MAX + index) * ITEM_BYTES;
  }

  /** False: the disk is full, and nothing was added. May wait. */
  add(frame: u32, wordAt: usize, tag: u32): bool {
    const block = allocateBlock();
    if (block == 0) return false;
    store<u32>(wordAt, block);
    if (this.items != 0 && this.request(this.filling).block + this.items != block) this.submit();
    const request = this.request(this.filling);
    if (this.items == 0) request.reset(DISK_WRITE, block);
    request.add(frame);
    const item = this.itemAt(this.filling, this.items);
    store<u32>(item + ITEM_FRAME, frame);
    store<u32>(item + ITEM_WORD, <u32>wordAt);
    store<u32>(item + ITEM_TAG, tag);
    this.items++;
    if (this.items == DISK_FRAMES_MAX) this.submit();
    return true;
  }

  submit(): void {
    if (this.items == 0) return;
    diskSubmit(this.request(this.filling));
    this.submitted++;
    this.filling = (this.filling + 1) % this.slots;
    this.items = 0;
    if (this.submitted == this.slots) this.reap();
  }

  /** Waits for the request that was submitted first. */
  reap(): void {
    assert(this.submitted != 0, 'writer: nothing to wait for');
    const slot = (this.filling + this.slots - this.submitted) % this.slots;
    const request = this.request(slot);
    const written = diskWait(request) == DISK_DONE;
    const count = request.count;
    for (let i: u32 = 0; i < count; i++) {
      const item = this.itemAt(slot, i);
      const safe = written || rewrite(load<u32>(item + ITEM_FRAME), <usize>load<u32>(item + ITEM_WORD));
      if (!safe) this.failed = true;
      const tag = load<u32>(item + ITEM_TAG);
      if (tag != NO_TAG) call_indirect<void>(this.completed, tag, safe);
    }
    this.submitted--;
  }

  /** Waits for everything added. False: something could not be written since the last drain. */
  drain(): bool {
    this.submit();
    while (this.submitted != 0) this.reap();
    const failed = this.failed;
    this.failed = false;
    return !failed;
  }
}

/** One frame of a request that failed: once more where it should be, then elsewhere. */
function rewrite(frame: u32, wordAt: usize): bool {
  for (let i: u32 = 0; i < RELOCATIONS; i++) {
    const block = load<u32>(wordAt);
    if (writeBlock(block, frame)) return true;
    const other = allocateBlock();
    if (other == 0) return false;
    noteBadBlock(block);
    store<u32>(wordAt, other);
  }
  return false;
}
