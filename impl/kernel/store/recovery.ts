/**
 * From a disk to the generation that goes on. A pure function of the disk: nothing is written, so it may be cut short
 * anywhere and run again. (Formatting a blank disk is not recovery; it is one superblock pair.)
 *
 * Rule: the superblocks are tried from the highest sequence number down, and the generations each lists from the newest
 * to the oldest. The first generation whose record, index and wired pages verify is taken. Blocks read: 4 superblocks,
 * then for each generation tried a record and those roots, leaves and wired pages that are not zero, each once more
 * if its first copy is bad. The allocation map then takes the index blocks of the older kept generations that the
 * newer ones do not share.
 */

import { trustWhatIsRead } from '../defects';
import { diskBlocks } from '../drivers/disk';
import { log, logHexadecimal, logNewline, logNumber, logText, logValue } from '../arch/log';
import { allocFrame, freeFrame } from '../memory/frames';
import { blocksInit, useBlock, supersedeBlock } from './blocks';
import { blockChecksum } from './crc32c';
import {
  BLOCK_BYTES,
  DISK_BLOCKS_MIN,
  FANOUT,
  GR_CONSOLE,
  GR_GENERATION,
  GR_MAGIC,
  GR_PAGES,
  GR_REFERENCES,
  GR_ROOTS,
  KEEP_DEFAULT,
  KIND_LEAF,
  KIND_PAGE,
  KIND_RECORD,
  KIND_ROOT,
  kindName,
  LOADER_BLOCKS,
  RECORD_MAGIC,
  REFERENCE_BLOCK,
  REFERENCE_BYTES,
  REFERENCE_CHECKSUM,
  REFERENCE_GENERATION,
  REFERENCE_SECOND,
  SB_DISK_BLOCKS,
  SB_INCOMPATIBLE,
  SB_KEEP,
  SB_KEPT,
  SB_PAGES,
  SB_RECORDS,
  SB_SEQUENCE,
  SB_VERSION,
  SUPERBLOCK_COPIES,
  superblockAt,
} from './format';
import { confirmGenerations, generationsKept, generationsReady, keepGeneration, recordAt } from './generations';
import {
  indexInit,
  indexLeaves,
  indexPages,
  indexRoots,
  leafFrame,
  leafReferenceAt,
  pageReferenceAt,
  rootFrame,
  rootReferenceAt,
} from './index';
import { readBlock } from './io';
import {
  adoptSuperblock,
  COPY_BAD,
  COPY_BLANK,
  COPY_FOREIGN,
  COPY_UNKNOWN,
  COPY_UNREADABLE,
  COPY_VALID,
  copyAt,
  judgement,
  newSuperblock,
  readSuperblocks,
  superblock,
  writeSuperblock,
} from './superblock';

export const MOUNT_REFUSED: u32 = 0;
/** The disk was blank and is formatted now. */
export const MOUNT_FRESH: u32 = 1;
export const MOUNT_RECOVERED: u32 = 2;

const NONE: u32 = 0xffffffff;

/** Where a record is read, and a root and a leaf of a generation that is not the one recovered. */
let recordFrame: u32 = 0;
let oldRootFrame: u32 = 0;
let oldLeafFrame: u32 = 0;

let wiredFrames: usize = 0;
let wiredPages: u32 = 0;

let consolePosition: u32 = 0;
let highestGeneration: u32 = 0;
/** Whether a generation that the superblock lists was refused, and is not kept. */
let refused: bool = false;

/** Console position of the recovered generation. */
export function recoveredConsole(): u32 {
  return consolePosition;
}

/** The highest generation any superblock names. */
export function recoveredHighest(): u32 {
  return highestGeneration;
}

function logBadBlock(kind: u32, index: u32, generation: u32, block: u32): void {
  logText('store: block ');
  logNumber(block);
  logText(', ');
  logText(kindName(kind));
  logText(' ');
  logNumber(index);
  logText(' of generation ');
  logNumber(generation);
}

function readCopy(kind: u32, index: u32, block: u32, generation: u32, checksum: u32, frame: u32): bool {
  if (block < LOADER_BLOCKS || block >= load<u32>(superblock() + SB_DISK_BLOCKS)) {
    logBadBlock(kind, index, generation, block);
    log(': no such block on this disk');
    return false;
  }
  if (!readBlock(block, frame)) {
    logBadBlock(kind, index, generation, block);
    log(': cannot be read');
    return false;
  }
  const found = blockChecksum(kind, index, generation, <usize>frame);
  if (trustWhatIsRead || found == checksum) return true;
  logBadBlock(kind, index, generation, block);
  logText(': checksum ');
  logHexadecimal(found);
  logText(', expected ');
  logHexadecimal(checksum);
  logNewline();
  return false;
}

/**
 * Reads what a reference points to, from its second block when the first is bad. No block: zeroes. The reference is
 * read before the first wait. False: no good copy; the log says why.
 */
export function readVerified(kind: u32, index: u32, reference: usize, frame: u32): bool {
  const block = load<u32>(reference + REFERENCE_BLOCK);
  const second = load<u32>(reference + REFERENCE_SECOND);
  const generation = load<u32>(reference + REFERENCE_GENERATION);
  const checksum = load<u32>(reference + REFERENCE_CHECKSUM);
  if (block == 0) {
    memory.fill(<usize>frame, 0, BLOCK_BYTES);
    return true;
  }
  if (readCopy(kind, index, block, generation, checksum, frame)) return true;
  return second != 0 && readCopy(kind, index, second, generation, checksum, frame);
}

/** Reads the record at `reference` into the record frame and checks that it is one. */
function readRecord(reference: usize): bool {
  const at = <usize>recordFrame;
  if (load<u32>(reference + REFERENCE_BLOCK) == 0) return false;
  if (!readVerified(KIND_RECORD, 0, reference, recordFrame)) return false;
  return load<u32>(at + GR_MAGIC) == RECORD_MAGIC &&
    load<u32>(at + GR_GENERATION) == load<u32>(reference + REFERENCE_GENERATION) &&
    load<u32>(at + GR_PAGES) == indexPages() &&
    load<u32>(at + GR_ROOTS) == indexRoots();
}

/** Loads a generation into the index and its wired pages into their frames. False: something of it is bad. */
function loadGeneration(reference: usize): bool {
  if (!readRecord(reference)) return false;
  memory.copy(rootReferenceAt(0), <usize>recordFrame + GR_REFERENCES, indexRoots() * REFERENCE_BYTES);
  for (let root: u32 = 0; root < indexRoots(); root++) {
    if (!readVerified(KIND_ROOT, root, rootReferenceAt(root), rootFrame(root))) return false;
  }
  for (let leaf: u32 = 0; leaf < indexLeaves(); leaf++) {
    if (!readVerified(KIND_LEAF, leaf, leafReferenceAt(leaf), leafFrame(leaf))) return false;
  }
  for (let page: u32 = 0; page < wiredPages; page++) {
    if (!readVerified(KIND_PAGE, page, pageReferenceAt(page), load<u32>(wiredFrames + (page << 2)))) return false;
  }
  return true;
}

/** The valid copy with the highest sequence below `limit`, or NONE. */
function newestCopy(limit: u32): u32 {
  let best = NONE;
  for (let copy: u32 = 0; copy < SUPERBLOCK_COPIES; copy++) {
    if (judgement(copy) != COPY_VALID) continue;
    const sequence = load<u32>(copyAt(copy) + SB_SEQUENCE);
    if (sequence >= limit) continue;
    if (best == NONE || sequence > load<u32>(copyAt(best) + SB_SEQUENCE)) best = copy;
  }
  return best;
}

function logJudgements(): void {
  for (let copy: u32 = 0; copy < SUPERBLOCK_COPIES; copy++) {
    const found = judgement(copy);
    logText('store: superblock copy ');
    logNumber(copy);
    logText(' in block ');
    logNumber(superblockAt(copy));
    if (found == COPY_BLANK) log(': blank');
    else if (found == COPY_VALID) log(': valid');
    else if (found == COPY_BAD) log(': neither blank nor valid (wrong magic, checksum or figures)');
    else if (found == COPY_UNREADABLE) log(': cannot be read');
    else if (found == COPY_FOREIGN) log(': of another place or of a larger disk');
    else {
      logText(': format version ');
      logNumber(load<u32>(copyAt(copy) + SB_VERSION));
      logText(', incompatible features ');
      logHexadecimal(load<u32>(copyAt(copy) + SB_INCOMPATIBLE));
      log('; this kernel knows version 1 without any');
    }
  }
}

function count(wanted: u32): u32 {
  let found: u32 = 0;
  for (let copy: u32 = 0; copy < SUPERBLOCK_COPIES; copy++) if (judgement(copy) == wanted) found++;
  return found;
}

/** A superblock newer than all this kernel understands: an older view of the disk would be wrong. */
function unknownIsNewest(newest: u32): bool {
  for (let copy: u32 = 0; copy < SUPERBLOCK_COPIES; copy++) {
    if (judgement(copy) != COPY_UNKNOWN) continue;
    if (newest == NONE) return true;
    if (load<u32>(copyAt(copy) + SB_SEQUENCE) > load<u32>(copyAt(newest) + SB_SEQUENCE)) return true;
  }
  return false;
}

function refuse(why: string): u32 {
  logJudgements();
  logText('store: ');
  log(why);
  return MOUNT_REFUSED;
}

/** Makes the tables of a disk of this shape. */
function prepare(blocks: u32, pages: u32, keep: u32): bool {
  recordFrame = allocFrame();
  oldRootFrame = allocFrame();
  oldLeafFrame = allocFrame();
  if (recordFrame == 0 || oldRootFrame == 0 || oldLeafFrame == 0) return false;
  return indexInit(pages) && blocksInit(blocks, keep + 1);
}

function release(): void {
  freeFrame(recordFrame);
  freeFrame(oldRootFrame);
  freeFrame(oldLeafFrame);
}

/**
 * Mounts the disk. `frames`: table of the frames of the first `wired` pages, which are filled. `pages`: persistent
 * pages to format a blank disk with. Needs crcInit and ioInit; runs in a thread. When it refuses, the log says why.
 */
export function mount(frames: usize, wired: u32, pages: u32): u32 {
  wiredFrames = frames;
  wiredPages = wired;
  const blocks = diskBlocks();
  if (blocks < DISK_BLOCKS_MIN) {
    logValue('store: no disk, or one too small; 4 KiB blocks needed at least', DISK_BLOCKS_MIN);
    return MOUNT_REFUSED;
  }
  readSuperblocks(blocks);
  if (count(COPY_BLANK) == SUPERBLOCK_COPIES) return format(blocks, pages);
  const newest = newestCopy(NONE);
  if (unknownIsNewest(newest)) return refuse('the disk was written by a newer kernel; nothing was changed on it');
  if (newest == NONE) return refuse('the disk is neither blank nor a Phantom disk; nothing was changed on it');
  return recover(newest);
}

function format(blocks: u32, pages: u32): u32 {
  if (!prepare(blocks, pages, KEEP_DEFAULT)) return refuse('not enough memory for the index of this disk');
  newSuperblock(blocks, pages, KEEP_DEFAULT);
  if (!writeSuperblock(recordAt(0), 0)) return refuse('the blank disk cannot be formatted');
  return freshAgain();
}

function recover(newest: u32): u32 {
  const shape = copyAt(newest);
  const pages = load<u32>(shape + SB_PAGES);
  const blocks = load<u32>(shape + SB_DISK_BLOCKS);
  const keep = load<u32>(shape + SB_KEEP);
  if (!prepare(blocks, pages, keep)) return refuse('not enough memory for the index of this disk');
  // A copy that cannot be judged may hold the next number.
  const damaged = count(COPY_BAD) + count(COPY_UNREADABLE);
  const sequence = load<u32>(shape + SB_SEQUENCE) + (damaged != 0 ? 1 : 0);
  for (let copy = newest; copy != NONE; copy = newestCopy(load<u32>(copyAt(copy) + SB_SEQUENCE))) {
    const at = copyAt(copy);
    if (load<u32>(at + SB_PAGES) != pages || load<u32>(at + SB_DISK_BLOCKS) != blocks) continue;
    adoptSuperblock(copy, sequence);
    const listed = load<u32>(at + SB_KEPT);
    if (listed != 0) highestGeneration = max<u32>(highestGeneration, load<u32>(at + SB_RECORDS + REFERENCE_GENERATION));
    // A damaged copy may be all that is left of a first commit: then this is not an empty system.
    if (listed == 0 && copy == newest && damaged == 0) return freshAgain();
    for (let i: u32 = 0; i < listed; i++) {
      const reference = at + SB_RECORDS + i * REFERENCE_BYTES;
      if (loadGeneration(reference)) return settle(at, i);
      refused = true;
      logValue('store: refused, something of it is bad: generation', load<u32>(reference + REFERENCE_GENERATION));
    }
  }
  return refuse('no generation on the disk is whole; nothing was changed on it');
}

/** Formatted just now, or formatted and cut before the first commit. */
function freshAgain(): u32 {
  for (let page: u32 = 0; page < wiredPages; page++) {
    memory.fill(<usize>load<u32>(wiredFrames + (page << 2)), 0, BLOCK_BYTES);
  }
  generationsReady();
  release();
  return MOUNT_FRESH;
}

/** The `chosen`-th generation of the superblock at `at` is loaded: finds out what is in use. */
function settle(at: usize, chosen: u32): u32 {
  const reference = at + SB_RECORDS + chosen * REFERENCE_BYTES;
  consolePosition = load<u32>(<usize>recordFrame + GR_CONSOLE);
  keepGeneration(reference);
  useReference(0, reference);
  for (let root: u32 = 0; root < indexRoots(); root++) useReference(0, rootReferenceAt(root));
  for (let leaf: u32 = 0; leaf < indexLeaves(); leaf++) useReference(0, leafReferenceAt(leaf));
  for (let page: u32 = 0; page < indexPages(); page++) useReference(0, pageReferenceAt(page));
  const listed = load<u32>(at + SB_KEPT);
  for (let i = chosen + 1; i < listed; i++) keepOlder(at + SB_RECORDS + i * REFERENCE_BYTES);
  generationsReady();
  release();
  return MOUNT_RECOVERED;
}

/**
 * Marks what a reference points to. `plane` not 0: blocks not marked before were superseded by that plane's generation.
 */
function useReference(plane: u32, reference: usize): bool {
  const block = load<u32>(reference + REFERENCE_BLOCK);
  const second = load<u32>(reference + REFERENCE_SECOND);
  if (block == 0) return false;
  const found = useOne(plane, block);
  if (second != 0) useOne(plane, second);
  return found;
}

function useOne(plane: u32, block: u32): bool {
  if (block >= load<u32>(superblock() + SB_DISK_BLOCKS) || !useBlock(block)) return false;
  if (plane != 0) supersedeBlock(plane, block);
  return true;
}

/**
 * An older generation, kept if its index can be read. Subtrees it shares with a newer one are marked already: a block
 * is in successive generations only, so what is marked is in the next newer one.
 */
function keepOlder(reference: usize): void {
  let whole = readRecord(reference);
  const plane = generationsKept();
  for (let root: u32 = 0; root < indexRoots() && whole; root++) {
    const at = <usize>recordFrame + GR_REFERENCES + root * REFERENCE_BYTES;
    if (useReference(plane, at)) whole = useOldRoot(plane, root, at);
  }
  if (!whole) {
    refused = true;
    logValue('store: no longer kept, its index is bad: generation', load<u32>(reference + REFERENCE_GENERATION));
    return;
  }
  useReference(plane, reference);
  keepGeneration(reference);
}

function useOldRoot(plane: u32, root: u32, reference: usize): bool {
  if (!readVerified(KIND_ROOT, root, reference, oldRootFrame)) return false;
  for (let i: u32 = 0; i < FANOUT; i++) {
    const at = <usize>oldRootFrame + i * REFERENCE_BYTES;
    if (!useReference(plane, at)) continue;
    if (!readVerified(KIND_LEAF, root * FANOUT + i, at, oldLeafFrame)) return false;
    for (let page: u32 = 0; page < FANOUT; page++) useReference(plane, <usize>oldLeafFrame + page * REFERENCE_BYTES);
  }
  return true;
}

/**
 * Before the first write after recovery: a generation that was refused must no longer be on offer, since its blocks are
 * free now. False: the disk cannot be written.
 */
export function confirmRecovery(): bool {
  if (!refused) return true;
  refused = false;
  return confirmGenerations();
}
