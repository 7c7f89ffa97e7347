/**
 * The kernel heap, for transient objects. Small blocks come from frames cut into one size class each; a frame's first
 * 16 bytes say which. Larger ones are runs of frames with the same header. Payloads are 16-byte aligned.
 *
 * Rule: a block goes back to the class its frame names, so `heapFree` needs no size and a foreign pointer is a panic.
 * Runs with kernel threads only, never in an interrupt handler. Running out is a panic: what is allocated here is
 * bounded by design (threads, requests, tables made at boot), and pages never are.
 */

import { panicValue } from '../arch/panic';
import { PAGE_BYTES, PAGE_SHIFT } from '../arch/paging';
import { allocFrame, allocFrames, freeFrames } from './frames';

const HEADER_BYTES: u32 = 16;
const MAGIC_SMALL: u32 = 0x50414548;
const MAGIC_LARGE: u32 = 0x4547524c;
/** Offsets in the frame header: magic, then block bytes (small) or frames (large). */
const HEADER_SIZE: usize = 4;

/** Block sizes; each fills 4080 bytes well. */
const CLASSES: u32 = 12;
const sizes: StaticArray<u32> = [16, 32, 48, 64, 96, 128, 192, 256, 336, 496, 1008, 2032];
const SMALL_MAX: u32 = 2032;
const freeLists: usize = memory.data(48, 4);

let used: u32 = 0;

function classOf(bytes: u32): u32 {
  let index: u32 = 0;
  while (unchecked(sizes[index]) < bytes) index++;
  return index;
}

function refill(index: u32): void {
  const frame = <usize>allocFrame();
  if (frame == 0) panicValue('not enough RAM beside the kernel and the class bundle: no frame for a block of bytes', unchecked(sizes[index]));
  const bytes = unchecked(sizes[index]);
  store<u32>(frame, MAGIC_SMALL);
  store<u32>(frame, bytes, HEADER_SIZE);
  const list = freeLists + (index << 2);
  for (let at = HEADER_BYTES; at + bytes <= PAGE_BYTES; at += bytes) {
    store<u32>(frame + at, load<u32>(list));
    store<u32>(list, <u32>frame + at);
  }
}

function allocLarge(bytes: u32): usize {
  const count = (bytes + HEADER_BYTES + PAGE_BYTES - 1) >> PAGE_SHIFT;
  const frame = <usize>allocFrames(count);
  if (frame == 0) panicValue('not enough RAM beside the kernel and the class bundle: no run of frames for a table of bytes', bytes);
  store<u32>(frame, MAGIC_LARGE);
  store<u32>(frame, count, HEADER_SIZE);
  used += count << PAGE_SHIFT;
  return frame + HEADER_BYTES;
}

/** `bytes` zeroed bytes; panics when there are none. */
export function heapAlloc(bytes: u32): usize {
  assert(bytes < 0x10000000, 'kernel heap: a block larger than 256 MiB');
  let block: usize;
  if (bytes > SMALL_MAX) {
    block = allocLarge(bytes);
  } else {
    const index = classOf(bytes);
    const list = freeLists + (index << 2);
    if (load<u32>(list) == 0) refill(index);
    block = load<u32>(list);
    store<u32>(list, load<u32>(block));
    used += unchecked(sizes[index]);
  }
  memory.fill(block, 0, bytes);
  return block;
}

export function heapFree(block: usize): void {
  const frame = block & ~(<usize>PAGE_BYTES - 1);
  const magic = load<u32>(frame);
  const size = load<u32>(frame, HEADER_SIZE);
  if (magic == MAGIC_LARGE) {
    assert(block == frame + HEADER_BYTES, 'kernel heap: freeing inside a block');
    store<u32>(frame, 0);
    freeFrames(<u32>frame, size);
    used -= size << PAGE_SHIFT;
    return;
  }
  assert(magic == MAGIC_SMALL, 'kernel heap: freeing what was not allocated here');
  const list = freeLists + (classOf(size) << 2);
  store<u32>(block, load<u32>(list));
  store<u32>(list, <u32>block);
  used -= size;
}

/** Bytes handed out and not freed. */
export function heapUsed(): u32 {
  return used;
}
