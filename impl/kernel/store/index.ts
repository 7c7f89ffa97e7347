/**
 * The page index: which block holds the saved contents of each persistent page. All leaves and roots have a frame, in
 * the form they have on disk, so writing one is a DMA of its frame.
 *
 * After recovery a leaf's frame holds only what the deltas say of its pages (they are marked *known*); the rest comes in
 * with the leaf, when a page of it is needed (`readyPage`) or when the loader gets to it.
 *
 * The index runs ahead of the disk: it is that of the generation being made. Rule: `setPage` is called only between a
 * demarcation and the writing of the index that follows it, so nothing changes while it is written.
 *
 * What a new reference replaces is either superseded (the last generation on the disk refers to it) or freed at once
 * (nothing on the disk does). What a generation in the making adds is *unlisted* until a commit, however often one is
 * abandoned: the next one lists it again.
 */

import { deltaLimitOffByOne, freeKeptBlocks, leakAbandonedDeltas, mergeSkipsLastLeaf } from '../defects';
import { allocFrame } from '../memory/frames';
import { heapAlloc } from '../memory/heap';
import { block, WaitQueue, wakeAll } from '../sched/thread';
import { freeBlock } from './blocks';
import { blockChecksum } from './crc32c';
import {
  BLOCK_BYTES,
  DELTA_COUNT,
  DELTA_ENTRIES,
  DELTA_ENTRIES_MAX,
  DELTA_ENTRY_BYTES,
  DELTA_MAGIC,
  DELTAS_MAX,
  FANOUT,
  FANOUT_SHIFT,
  KIND_DELTA,
  KIND_LEAF,
  KIND_ROOT,
  leavesFor,
  LOADER_BLOCKS,
  REFERENCE_BLOCK,
  REFERENCE_BYTES,
  REFERENCE_CHECKSUM,
  REFERENCE_GENERATION,
  REFERENCE_SECOND,
  rootsFor,
  setReference,
} from './format';
import { supersedeBlock, supersededBlocks, supersededCount } from './superseded';
import { readVerified } from './verify';
import { NO_TAG, Writer } from './writer';

let pages: u32 = 0;
let wired: u32 = 0;
let leaves: u32 = 0;
let roots: u32 = 0;
/** Frames of the leaves, and of the roots. */
let leafFrames: usize = 0;
let rootFrames: usize = 0;
/** References to the roots, as a record holds them. */
let rootReferences: usize = 0;

/** A byte for each leaf: how far it has come in. */
let presence: usize = 0;
const ABSENT: u8 = 0;
const COMING: u8 = 1;
const PRESENT: u8 = 2;
let absent: u32 = 0;
/** A bit for each page: its reference is right although its leaf is absent. */
let known: usize = 0;
/** Where a leaf is read; one at a time. */
let leafBuffer: u32 = 0;
const arrivals = changetype<WaitQueue>(memory.data(8, 8));
let reading: bool = false;
let lost: u32 = 0;
/** For the block of a reference whose leaf is lost: no disk has it. */
const LOST: u32 = 0xffffffff;

/** A byte for each leaf: differs from what the base on the disk has. */
let changedLeaves: usize = 0;
let changedLeafCount: u32 = 0;
/** A bit for each page: its reference was set since the last commit. */
let unlisted: usize = 0;
let unlistedCount: u32 = 0;

/** References to the deltas, oldest first, those of the generation in the making included; one more for `deltaLimitOffByOne`. */
const deltas: usize = memory.data(3088, 16);
let deltaCount: u32 = 0;
/** Those of the newest generation on the disk. */
let committedDeltas: u32 = 0;
/** The base was written, perhaps not for good: until a commit it must be written again each time. */
let rebasing: bool = false;
/** What deltas are composed in; the writer may have half of them. */
const COMPOSING: u32 = 4;
const composing: usize = memory.data(16, 4);

/** Newest generation the disk may come up with: what it refers to must stay. */
let committed: u32 = 0;
/** Pages that have a reference. */
let referenced: u32 = 0;

export function indexPages(): u32 {
  return pages;
}

function frameTable(count: u32): usize {
  const table = heapAlloc(count << 2);
  for (let i: u32 = 0; i < count; i++) {
    const frame = allocFrame();
    if (frame == 0) return 0;
    store<u32>(table + (i << 2), frame);
  }
  return table;
}

/**
 * Makes room for an index; `indexFresh` or `indexEmpty` next. The first `wiredPages` pages are in the deltas of every
 * generation that has any. False: not enough memory.
 */
export function indexInit(persistentPages: u32, wiredPages: u32): bool {
  pages = persistentPages;
  wired = wiredPages;
  leaves = leavesFor(pages);
  roots = rootsFor(pages);
  leafFrames = frameTable(leaves);
  rootFrames = leafFrames == 0 ? 0 : frameTable(roots);
  if (rootFrames == 0) return false;
  rootReferences = heapAlloc(roots * REFERENCE_BYTES);
  changedLeaves = heapAlloc(leaves);
  presence = heapAlloc(leaves);
  known = heapAlloc(pages >> 3);
  unlisted = heapAlloc(pages >> 3);
  leafBuffer = allocFrame();
  for (let i: u32 = 0; i < COMPOSING; i++) {
    const frame = allocFrame();
    if (frame == 0) return false;
    store<u32>(composing + (i << 2), frame);
  }
  return leafBuffer != 0;
}

/** The index of a new system: nothing was ever written. */
export function indexFresh(): void {
  indexEmpty();
  memory.fill(presence, PRESENT, leaves);
  absent = 0;
}

/** Forgets everything: all leaves are absent, no page is known. */
export function indexEmpty(): void {
  for (let leaf: u32 = 0; leaf < leaves; leaf++) {
    memory.fill(<usize>leafFrame(leaf), 0, BLOCK_BYTES);
    store<u8>(presence + leaf, ABSENT);
  }
  absent = leaves;
  lost = 0;
  for (let root: u32 = 0; root < roots; root++) memory.fill(<usize>rootFrame(root), 0, BLOCK_BYTES);
  memory.fill(rootReferences, 0, roots * REFERENCE_BYTES);
  memory.fill(known, 0, pages >> 3);
  memory.fill(changedLeaves, 0, leaves);
  changedLeafCount = 0;
  deltaCount = 0;
  committedDeltas = 0;
}

export function indexLeaves(): u32 {
  return leaves;
}

export function indexRoots(): u32 {
  return roots;
}

function leafFrame(leaf: u32): u32 {
  return load<u32>(leafFrames + (leaf << 2));
}

export function rootFrame(root: u32): u32 {
  return load<u32>(rootFrames + (root << 2));
}

export function rootReferenceAt(root: u32): usize {
  return rootReferences + root * REFERENCE_BYTES;
}

export function leafReferenceAt(leaf: u32): usize {
  return <usize>rootFrame(leaf >> FANOUT_SHIFT) + (leaf & (FANOUT - 1)) * REFERENCE_BYTES;
}

export function indexDeltas(): u32 {
  return deltaCount;
}

export function deltaReferenceAt(delta: u32): usize {
  return deltas + delta * REFERENCE_BYTES;
}

/** The reference to the saved contents of a page. Of a page that `isReady` only. */
export function pageReferenceAt(page: u32): usize {
  return <usize>leafFrame(page >> FANOUT_SHIFT) + (page & (FANOUT - 1)) * REFERENCE_BYTES;
}

function hasBit(map: usize, page: u32): bool {
  return (load<u32>(map + ((page >> 5) << 2)) & (1 << (page & 31))) != 0;
}

function setBit(map: usize, page: u32): void {
  const at = map + ((page >> 5) << 2);
  store<u32>(at, load<u32>(at) | (1 << (page & 31)));
}

function noteChangedLeaf(leaf: u32): void {
  if (load<u8>(changedLeaves + leaf)) return;
  store<u8>(changedLeaves + leaf, 1);
  changedLeafCount++;
}

/** For recovery: takes over what a delta block says. False: it is not a delta. */
export function adoptDelta(at: usize): bool {
  const entries = load<u32>(at + DELTA_COUNT);
  if (load<u32>(at) != DELTA_MAGIC || entries == 0 || entries > DELTA_ENTRIES_MAX) return false;
  for (let i: u32 = 0; i < entries; i++) {
    const entry = at + DELTA_ENTRIES + i * DELTA_ENTRY_BYTES;
    const page = load<u32>(entry);
    if (page >= pages) return false;
    memory.copy(pageReferenceAt(page), entry + 4, REFERENCE_BYTES);
    setBit(known, page);
    noteChangedLeaf(page >> FANOUT_SHIFT);
  }
  return true;
}

/** For recovery: the deltas of the generation that is taken over. */
export function adoptDeltaReferences(from: usize, count: u32): void {
  memory.copy(deltas, from, count * REFERENCE_BYTES);
  deltaCount = count;
  committedDeltas = count;
}

/** Whether the reference to a page can be looked at. */
export function isReady(page: u32): bool {
  return load<u8>(presence + (page >> FANOUT_SHIFT)) == PRESENT || hasBit(known, page);
}

/** Leaves of which no good copy was found. */
export function leavesLost(): u32 {
  return lost;
}

/** Whether the leaf that held the reference at `at` is lost, so nobody knows what it said. */
export function isLost(at: usize): bool {
  return load<u32>(at + REFERENCE_BLOCK) == LOST;
}

/** Leaves that are still to come in. */
export function leavesAbsent(): u32 {
  return absent;
}

/** Brings in the leaf, if it is absent. May wait. */
export function readyLeaf(leaf: u32): void {
  while (load<u8>(presence + leaf) != PRESENT) {
    if (reading) block(arrivals);
    else readLeaf(leaf);
  }
}

function readLeaf(leaf: u32): void {
  reading = true;
  store<u8>(presence + leaf, COMING);
  const good = readVerified(KIND_LEAF, leaf, leafReferenceAt(leaf), leafBuffer);
  for (let i: u32 = 0; i < FANOUT; i++) {
    const page = (leaf << FANOUT_SHIFT) + i;
    if (hasBit(known, page)) continue;
    const at = pageReferenceAt(page);
    if (good) memory.copy(at, <usize>leafBuffer + i * REFERENCE_BYTES, REFERENCE_BYTES);
    else setReference(at, LOST, 0, LOST, 0);
  }
  store<u8>(presence + leaf, PRESENT);
  absent--;
  if (!good) lost++;
  reading = false;
  wakeAll(arrivals);
}

/** From now on `generation` is the newest on the disk. */
export function indexCommitted(generation: u32): void {
  committed = generation;
  committedDeltas = deltaCount;
  memory.fill(unlisted, 0, pages >> 3);
  unlistedCount = 0;
  if (!rebasing) return;
  rebasing = false;
  memory.fill(changedLeaves, 0, leaves);
  changedLeafCount = 0;
}

/** A block of `generation` that the index no longer refers to. */
export function dropBlock(block: u32, generation: u32): void {
  if (block < LOADER_BLOCKS || block == LOST) return;
  if (freeKeptBlocks || generation > committed) freeBlock(block);
  else supersedeBlock(block);
}

/** What the reference points to is no longer referred to. */
export function dropReference(at: usize): void {
  const generation = load<u32>(at + REFERENCE_GENERATION);
  dropBlock(load<u32>(at + REFERENCE_BLOCK), generation);
  dropBlock(load<u32>(at + REFERENCE_SECOND), generation);
}

/** Empties a reference and fills in what is known before the block is allocated. Returns the reference. */
function renew(at: usize, generation: u32, checksum: u32): usize {
  dropReference(at);
  setReference(at, 0, 0, generation, checksum);
  return at;
}

/** The page's contents are those of `generation` with `checksum`; whoever calls fills in the block. */
export function setPage(page: u32, generation: u32, checksum: u32): usize {
  const leaf = page >> FANOUT_SHIFT;
  assert(load<u8>(presence + leaf) == PRESENT, 'index: setting a page whose leaf is absent');
  noteChangedLeaf(leaf);
  if (!hasBit(unlisted, page)) {
    setBit(unlisted, page);
    unlistedCount++;
  }
  const at = pageReferenceAt(page);
  // A reference without a block may be one whose writing failed; its generation says that it is not new.
  if (load<u32>(at + REFERENCE_GENERATION) == 0) referenced++;
  return renew(at, generation, checksum);
}

/** Pages that have a reference. */
export function pagesReferenced(): u32 {
  return referenced;
}

/** For recovery. */
export function setPagesReferenced(count: u32): void {
  referenced = count;
}

/** The first unlisted page from `from` on, or the number of pages. */
export function nextUnlisted(from: u32): u32 {
  let word = from >> 5;
  const words = pages >> 5;
  if (word >= words) return pages;
  let bits = load<u32>(unlisted + (word << 2)) & (0xffffffff << (from & 31));
  while (bits == 0) {
    word++;
    if (word == words) return pages;
    bits = load<u32>(unlisted + (word << 2));
  }
  return (word << 5) + ctz(bits);
}

/** The same for what deltas list. */
function nextListed(from: u32): u32 {
  return from < wired ? from : nextUnlisted(from);
}

/** At most, for so many unlisted pages. */
function deltasFor(count: u32): u32 {
  return (wired + count + DELTA_ENTRIES_MAX - 1) / DELTA_ENTRIES_MAX;
}

/** Blocks that writing the index and lists of a generation that changes `changed` pages may take. */
export function indexBlocksMax(changed: u32): u32 {
  const base = min<u32>(changed + changedLeafCount, leaves) + roots;
  const superseded = supersededCount(0) + changed + 2 * (base + deltaCount + 4);
  return 2 * (max<u32>(base, deltasFor(unlistedCount + changed)) + supersededBlocks(superseded) + 4);
}

/** Adds both copies of an index block to the writer. False: the disk is full. */
export function addTwice(writer: Writer, frame: u32, reference: usize): bool {
  return writer.add(frame, reference + REFERENCE_BLOCK, NO_TAG) &&
    writer.add(frame, reference + REFERENCE_SECOND, NO_TAG);
}

/**
 * Writes what the generation adds to the index: deltas, or the base anew. False: given up; what is unlisted stays so.
 */
export function writeIndex(writer: Writer, generation: u32): bool {
  dropNewDeltas();
  const limit = deltaLimitOffByOne ? DELTAS_MAX + 1 : DELTAS_MAX;
  if (!rebasing && committedDeltas + deltasFor(unlistedCount) <= limit) return writeDeltas(writer, generation);
  if (!rebasing) {
    rebasing = true;
    for (let delta: u32 = 0; delta < deltaCount; delta++) dropReference(deltaReferenceAt(delta));
  }
  deltaCount = 0;
  return writeLeaves(writer, generation) && writeRoots(writer, generation);
}

/** Deltas of a generation that was abandoned: nothing on the disk refers to them. */
function dropNewDeltas(): void {
  if (rebasing) return;
  for (; deltaCount > committedDeltas; deltaCount--) {
    if (!leakAbandonedDeltas) dropReference(deltaReferenceAt(deltaCount - 1));
  }
}

function writeDeltas(writer: Writer, generation: u32): bool {
  let page = nextListed(0);
  while (page < pages) {
    const slot = deltaCount % COMPOSING;
    if (slot == 0 && !writer.drain()) return false;
    const frame = load<u32>(composing + (slot << 2));
    const at = <usize>frame;
    memory.fill(at, 0, BLOCK_BYTES);
    let entries: u32 = 0;
    for (; page < pages && entries < DELTA_ENTRIES_MAX; page = nextListed(page + 1)) {
      const entry = at + DELTA_ENTRIES + entries * DELTA_ENTRY_BYTES;
      store<u32>(entry, page);
      memory.copy(entry + 4, pageReferenceAt(page), REFERENCE_BYTES);
      entries++;
    }
    store<u32>(at, DELTA_MAGIC);
    store<u32>(at + DELTA_COUNT, entries);
    const reference = deltaReferenceAt(deltaCount);
    setReference(reference, 0, 0, generation, blockChecksum(KIND_DELTA, deltaCount, generation, at));
    deltaCount++;
    if (!addTwice(writer, frame, reference)) {
      writer.drain();
      return false;
    }
  }
  return writer.drain();
}

function writeLeaves(writer: Writer, generation: u32): bool {
  const end = mergeSkipsLastLeaf ? leaves - 1 : leaves;
  for (let leaf: u32 = 0; leaf < end; leaf++) {
    if (!load<u8>(changedLeaves + leaf)) continue;
    const frame = leafFrame(leaf);
    const at = renew(leafReferenceAt(leaf), generation, blockChecksum(KIND_LEAF, leaf, generation, <usize>frame));
    if (!addTwice(writer, frame, at)) {
      writer.drain();
      return false;
    }
  }
  // A root holds its leaves' blocks, which a failed write may still change.
  return writer.drain();
}

function writeRoots(writer: Writer, generation: u32): bool {
  for (let root: u32 = 0; root < roots; root++) {
    if (!rootChanged(root)) continue;
    const frame = rootFrame(root);
    const at = renew(rootReferenceAt(root), generation, blockChecksum(KIND_ROOT, root, generation, <usize>frame));
    if (!addTwice(writer, frame, at)) {
      writer.drain();
      return false;
    }
  }
  return writer.drain();
}

function rootChanged(root: u32): bool {
  const end = min<u32>((root + 1) << FANOUT_SHIFT, leaves);
  for (let leaf = root << FANOUT_SHIFT; leaf < end; leaf++) if (load<u8>(changedLeaves + leaf)) return true;
  return false;
}
