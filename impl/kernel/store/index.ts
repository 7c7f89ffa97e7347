/**
 * The page index: which block holds the saved contents of each persistent page. All leaves and roots are kept in RAM in
 * the form they have on disk, so writing one is a DMA of its frame.
 *
 * The index runs ahead of the disk: it is that of the generation being made. Rule: `setPage` is called only between a
 * demarcation and the writing of the index that follows it, so a leaf never changes while it is written.
 *
 * What a new reference replaces is either superseded (the last generation on the disk refers to it) or freed at once
 * (nothing on the disk does).
 */

import { freeKeptBlocks } from '../defects';
import { allocFrame } from '../memory/frames';
import { heapAlloc } from '../memory/heap';
import { freeBlock, supersedeBlock } from './blocks';
import { blockChecksum } from './crc32c';
import {
  BLOCK_BYTES,
  FANOUT,
  FANOUT_SHIFT,
  KIND_LEAF,
  KIND_ROOT,
  leavesFor,
  REFERENCE_BLOCK,
  REFERENCE_BYTES,
  REFERENCE_CHECKSUM,
  REFERENCE_GENERATION,
  REFERENCE_SECOND,
  rootsFor,
} from './format';
import { NO_TAG, Writer } from './writer';

let pages: u32 = 0;
let leaves: u32 = 0;
let roots: u32 = 0;
/** Frames of the leaves, and of the roots. */
let leafFrames: usize = 0;
let rootFrames: usize = 0;
/** References to the roots, as a record holds them. */
let rootReferences: usize = 0;
/** A byte for each leaf: changed since it was written. */
let changedLeaves: usize = 0;
let changedLeafCount: u32 = 0;

/** Newest generation the disk may come up with: what it refers to must stay. */
let committed: u32 = 0;
/** Plane that takes what the generation in the making supersedes. */
let openPlane: u32 = 0;

export function indexPages(): u32 {
  return pages;
}

function frameTable(count: u32): usize {
  const table = heapAlloc(count << 2);
  for (let i: u32 = 0; i < count; i++) {
    const frame = allocFrame();
    if (frame == 0) return 0;
    memory.fill(<usize>frame, 0, BLOCK_BYTES);
    store<u32>(table + (i << 2), frame);
  }
  return table;
}

/** Makes an empty index. False: not enough memory. */
export function indexInit(persistentPages: u32): bool {
  pages = persistentPages;
  leaves = leavesFor(pages);
  roots = rootsFor(pages);
  leafFrames = frameTable(leaves);
  rootFrames = leafFrames == 0 ? 0 : frameTable(roots);
  rootReferences = heapAlloc(roots * REFERENCE_BYTES);
  changedLeaves = heapAlloc(leaves);
  return rootFrames != 0;
}

export function indexLeaves(): u32 {
  return leaves;
}

export function indexRoots(): u32 {
  return roots;
}

export function leafFrame(leaf: u32): u32 {
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

/** The reference to the saved contents of a page. */
export function pageReferenceAt(page: u32): usize {
  return <usize>leafFrame(page >> FANOUT_SHIFT) + (page & (FANOUT - 1)) * REFERENCE_BYTES;
}

/** From now on `generation` is the newest on the disk, and `plane` takes what its successor supersedes. */
export function indexCommitted(generation: u32, plane: u32): void {
  committed = generation;
  openPlane = plane;
}

/** A block of `generation` that the index no longer refers to. */
export function dropBlock(block: u32, generation: u32): void {
  if (block == 0) return;
  if (freeKeptBlocks || generation > committed) freeBlock(block);
  else supersedeBlock(openPlane, block);
}

function dropReference(at: usize): void {
  const generation = load<u32>(at + REFERENCE_GENERATION);
  dropBlock(load<u32>(at + REFERENCE_BLOCK), generation);
  dropBlock(load<u32>(at + REFERENCE_SECOND), generation);
}

/** Empties a reference and fills in what is known before the block is allocated. Returns the reference. */
function renew(at: usize, generation: u32, checksum: u32): usize {
  dropReference(at);
  store<u32>(at + REFERENCE_BLOCK, 0);
  store<u32>(at + REFERENCE_SECOND, 0);
  store<u32>(at + REFERENCE_GENERATION, generation);
  store<u32>(at + REFERENCE_CHECKSUM, checksum);
  return at;
}

/** The page's contents are those of `generation` with `checksum`; whoever calls fills in the block. */
export function setPage(page: u32, generation: u32, checksum: u32): usize {
  const leaf = page >> FANOUT_SHIFT;
  if (!load<u8>(changedLeaves + leaf)) {
    store<u8>(changedLeaves + leaf, 1);
    changedLeafCount++;
  }
  return renew(pageReferenceAt(page), generation, checksum);
}

/** Blocks that writing the index of a generation that changes `changed` pages may take. */
export function indexBlocksMax(changed: u32): u32 {
  return 2 * (min<u32>(changed + changedLeafCount, leaves) + roots + 1);
}

/** Adds both copies of an index block to the writer. False: the disk is full. */
export function addTwice(writer: Writer, frame: u32, reference: usize): bool {
  return writer.add(frame, reference + REFERENCE_BLOCK, NO_TAG) &&
    writer.add(frame, reference + REFERENCE_SECOND, NO_TAG);
}

/** Writes the changed leaves, then the roots that lead to them. False: given up; what is changed stays changed. */
export function writeIndex(writer: Writer, generation: u32): bool {
  if (!writeLeaves(writer, generation)) return false;
  for (let root: u32 = 0; root < roots; root++) {
    if (!rootChanged(root)) continue;
    const frame = rootFrame(root);
    const at = renew(rootReferenceAt(root), generation, blockChecksum(KIND_ROOT, root, generation, <usize>frame));
    if (!addTwice(writer, frame, at)) {
      writer.drain();
      return false;
    }
  }
  if (!writer.drain()) return false;
  memory.fill(changedLeaves, 0, leaves);
  changedLeafCount = 0;
  return true;
}

function writeLeaves(writer: Writer, generation: u32): bool {
  for (let leaf: u32 = 0; leaf < leaves; leaf++) {
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

function rootChanged(root: u32): bool {
  const end = min<u32>((root + 1) << FANOUT_SHIFT, leaves);
  for (let leaf = root << FANOUT_SHIFT; leaf < end; leaf++) if (load<u8>(changedLeaves + leaf)) return true;
  return false;
}
