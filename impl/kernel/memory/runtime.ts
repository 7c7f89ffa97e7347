/**
 * What asc expects of a runtime, on the kernel heap: `new` of @unmanaged classes and of `StaticArray`. The build
 * names the stub runtime and aliases its functions to these (`--use __alloc=...`). There is no collector: what is
 * `new` lives until `heapFree`.
 * Object header before the payload, as asc's compiled code reads it: class id at -8, byte length at -4.
 */

import { heapAlloc, heapFree } from './heap';

const OBJECT_HEADER_BYTES: u32 = 16;

export function __alloc(size: usize): usize {
  return heapAlloc(<u32>size);
}

export function __realloc(block: usize, size: usize): usize {
  const moved = heapAlloc(<u32>size);
  memory.copy(moved, block, size);
  heapFree(block);
  return moved;
}

export function __free(block: usize): void {
  heapFree(block);
}

export function __new(size: usize, id: u32): usize {
  const object = heapAlloc(<u32>size + OBJECT_HEADER_BYTES) + OBJECT_HEADER_BYTES;
  store<u32>(object - 8, id);
  store<u32>(object - 4, <u32>size);
  return object;
}

export function __renew(object: usize, size: usize): usize {
  const moved = __new(size, load<u32>(object - 8));
  memory.copy(moved, object, min<usize>(size, load<u32>(object - 4)));
  heapFree(object - OBJECT_HEADER_BYTES);
  return moved;
}

export function __link(parent: usize, child: usize, expectMultiple: bool): void {}

export function __pin(object: usize): usize {
  return object;
}

export function __unpin(object: usize): void {}

export function __collect(): void {}
