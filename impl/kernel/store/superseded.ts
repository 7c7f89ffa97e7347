/**
 * What each kept generation superseded: the blocks that the generation before it refers to and it does not. When the
 * generation before it is dropped, exactly these come back.
 *
 * Lists are numbered by age: 0 belongs to the generation in the making, 1 to the newest on the disk, and so on. A list
 * is frames in the form they have on disk, so that writing one is a DMA of its frames; where its blocks are is noted,
 * since the next generation supersedes them.
 *
 * Rule: a block is on at most one list, and in use as long as it is on one.
 */

import { panic } from '../arch/panic';
import { leakDroppedBlocks, leakListCopies } from '../defects';
import { allocFrame, allocReserved, freeFrame } from '../memory/frames';
import { heapAlloc } from '../memory/heap';
import { freeBlock } from './blocks';
import { blockChecksum } from './crc32c';
import {
  BLOCK_BYTES,
  DELTAS_MAX,
  KEEP_MAX,
  KIND_SUPERSEDED,
  leavesFor,
  LIST_COUNT,
  LIST_NEXT,
  LIST_NUMBERS,
  LIST_NUMBERS_MAX,
  REFERENCE_BLOCK,
  REFERENCE_BYTES,
  REFERENCE_SECOND,
  rootsFor,
  setReference,
  SUPERSEDED_MAGIC,
} from './format';
import { NO_TAG, Writer } from './writer';

const LISTS: u32 = KEEP_MAX + 2;
/** Of each list: its place in `tables`, and the numbers on it. */
const places: usize = memory.data(40, 4);
const counts: usize = memory.data(40, 4);

/** Of each block of each list: its frame, then a reference to it. */
let tables: usize = 0;
const ENTRY_BYTES: u32 = 4 + REFERENCE_BYTES;
let capacity: u32 = 0;

/** Frames kept for who adds and may not wait. */
const SPARES: u32 = 4;
const spares: usize = memory.data(16, 4);
let spareCount: u32 = 0;

export function supersededInit(pages: u32): void {
  const most = pages + 2 * (leavesFor(pages) + rootsFor(pages) + DELTAS_MAX);
  capacity = most / LIST_NUMBERS_MAX + 8;
  tables = heapAlloc(LISTS * capacity * ENTRY_BYTES);
  for (let list: u32 = 0; list < LISTS; list++) store<u32>(places + (list << 2), list);
  supersededPrepare();
}

/** Takes frames in advance. To be called now and then by who may use memory. */
export function supersededPrepare(): void {
  while (spareCount < SPARES) {
    const frame = allocFrame();
    if (frame == 0) return;
    store<u32>(spares + (spareCount << 2), frame);
    spareCount++;
  }
}

function newFrame(): u32 {
  if (spareCount == 0) {
    const frame = allocReserved();
    if (frame == 0) panic('superseded: no memory to note which blocks are superseded');
    return frame;
  }
  spareCount--;
  return load<u32>(spares + (spareCount << 2));
}

function entryAt(list: u32, index: u32): usize {
  return tables + (load<u32>(places + (list << 2)) * capacity + index) * ENTRY_BYTES;
}

function frameAt(list: u32, index: u32): usize {
  return <usize>load<u32>(entryAt(list, index));
}

/** The reference to a block of a list. */
function referenceAt(list: u32, index: u32): usize {
  return entryAt(list, index) + 4;
}

/** Numbers on a list. */
export function supersededCount(list: u32): u32 {
  return load<u32>(counts + (list << 2));
}

/** Blocks a list takes for each copy. */
export function supersededBlocks(count: u32): u32 {
  return (count + LIST_NUMBERS_MAX - 1) / LIST_NUMBERS_MAX;
}

function addTo(list: u32, block: u32): void {
  const count = supersededCount(list);
  const index = count / LIST_NUMBERS_MAX;
  const slot = count % LIST_NUMBERS_MAX;
  assert(index < capacity, 'superseded: a list longer than what it is of');
  if (slot == 0) {
    const frame = newFrame();
    memory.fill(<usize>frame, 0, BLOCK_BYTES);
    memory.fill(entryAt(list, index), 0, ENTRY_BYTES);
    store<u32>(entryAt(list, index), frame);
  }
  store<u32>(frameAt(list, index) + LIST_NUMBERS + (slot << 2), block);
  store<u32>(counts + (list << 2), count + 1);
}

/** The generation in the making does not refer to `block`, which the one before it does. */
export function supersedeBlock(block: u32): void {
  addTo(0, block);
}

/** The list of the newest generation on the disk belongs to it alone: the one in the making supersedes its blocks. */
export function supersedeList(): void {
  const blocks = supersededBlocks(supersededCount(1));
  for (let index: u32 = 0; index < blocks; index++) {
    const at = referenceAt(1, index);
    if (load<u32>(at + REFERENCE_BLOCK) == 0) continue;
    addTo(0, load<u32>(at + REFERENCE_BLOCK));
    if (!leakListCopies) addTo(0, load<u32>(at + REFERENCE_SECOND));
  }
}

/**
 * Writes the list of the generation in the making, last block first, since each refers to the next. False: given up;
 * `dropWrittenList` gives back what was allocated.
 */
export function writeSuperseded(writer: Writer, generation: u32): bool {
  const blocks = supersededBlocks(supersededCount(0));
  for (let left = blocks; left > 0; left--) {
    const index = left - 1;
    const frame = frameAt(0, index);
    const rest = supersededCount(0) - index * LIST_NUMBERS_MAX;
    store<u32>(frame, SUPERSEDED_MAGIC);
    store<u32>(frame + LIST_COUNT, min<u32>(rest, LIST_NUMBERS_MAX));
    if (left == blocks) memory.fill(frame + LIST_NEXT, 0, REFERENCE_BYTES);
    else memory.copy(frame + LIST_NEXT, referenceAt(0, left), REFERENCE_BYTES);
    const at = referenceAt(0, index);
    setReference(at, 0, 0, generation, blockChecksum(KIND_SUPERSEDED, index, generation, frame));
    const added = writer.add(<u32>frame, at + REFERENCE_BLOCK, NO_TAG) &&
      writer.add(<u32>frame, at + REFERENCE_SECOND, NO_TAG);
    if (!writer.drain() || !added) return false;
  }
  return true;
}

/** Copies the reference to the first block of the list in the making to `at`; zero when it is empty. */
export function supersededReference(at: usize): void {
  if (supersededCount(0) == 0) memory.fill(at, 0, REFERENCE_BYTES);
  else memory.copy(at, referenceAt(0, 0), REFERENCE_BYTES);
}

/** The list in the making was written for nothing: its blocks come back. */
export function dropWrittenList(): void {
  const blocks = supersededBlocks(supersededCount(0));
  for (let index: u32 = 0; index < blocks; index++) {
    const at = referenceAt(0, index);
    if (load<u32>(at + REFERENCE_BLOCK) != 0) freeBlock(load<u32>(at + REFERENCE_BLOCK));
    if (load<u32>(at + REFERENCE_SECOND) != 0) freeBlock(load<u32>(at + REFERENCE_SECOND));
    memory.fill(at, 0, REFERENCE_BYTES);
  }
}

/** A generation was committed: every list is of a generation one older, and that in the making is empty. */
export function supersededCommitted(): void {
  const spare = load<u32>(places + ((LISTS - 1) << 2));
  assert(supersededCount(LISTS - 1) == 0, 'superseded: a list of a generation that was never dropped');
  memory.copy(places + 4, places, (LISTS - 1) << 2);
  memory.copy(counts + 4, counts, (LISTS - 1) << 2);
  store<u32>(places, spare);
  store<u32>(counts, 0);
}

/** The generation before that of `list` is dropped: what only it needed is free. */
export function releaseSuperseded(list: u32): void {
  const count = supersededCount(list) - (leakDroppedBlocks && supersededCount(list) != 0 ? 1 : 0);
  for (let i: u32 = 0; i < count; i++) {
    freeBlock(load<u32>(frameAt(list, i / LIST_NUMBERS_MAX) + LIST_NUMBERS + ((i % LIST_NUMBERS_MAX) << 2)));
  }
  forgetSuperseded(list);
}

/** Empties a list without freeing anything. */
export function forgetSuperseded(list: u32): void {
  const blocks = supersededBlocks(supersededCount(list));
  for (let index: u32 = 0; index < blocks; index++) freeFrame(<u32>frameAt(list, index));
  store<u32>(counts + (list << 2), 0);
}

/**
 * For recovery: `frame` holds block `index` of `list`, read from `reference`, and is taken over; blocks come in order.
 * False: it is not a block of a list.
 */
export function adoptSuperseded(list: u32, index: u32, frame: u32, reference: usize): bool {
  const at = <usize>frame;
  const count = load<u32>(at + LIST_COUNT);
  const sound = load<u32>(at) == SUPERSEDED_MAGIC && count != 0 && count <= LIST_NUMBERS_MAX && index < capacity;
  if (!sound || supersededCount(list) != index * LIST_NUMBERS_MAX) return false;
  store<u32>(entryAt(list, index), frame);
  memory.copy(referenceAt(list, index), reference, REFERENCE_BYTES);
  store<u32>(counts + (list << 2), index * LIST_NUMBERS_MAX + count);
  return true;
}

/** A number on a list. */
export function supersededAt(list: u32, i: u32): u32 {
  return load<u32>(frameAt(list, i / LIST_NUMBERS_MAX) + LIST_NUMBERS + ((i % LIST_NUMBERS_MAX) << 2));
}
