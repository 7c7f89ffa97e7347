/**
 * The kept generations: their list, the record each one has on disk, and the commit.
 *
 * A commit has three parts, and the caller may wait for other things between them: `writeRecord` (after the pages and
 * the index are written), `flushGeneration`, `commitGeneration`. Only the last changes what recovery would choose.
 * After it the oldest generation beyond the number to keep is dropped, and the blocks that only it needed come back.
 */

import { commitWithoutFlush, forgetBadList, freeBeforeCommit, supersededOneGenerationEarly } from '../defects';
import { allocFrame } from '../memory/frames';
import {
  addBadBlock,
  badBlockAt,
  badBlocks,
  blocksFree,
  blocksHeld,
  freeBlock,
  releaseHeld,
} from './blocks';
import { blockChecksum } from './crc32c';
import {
  BAD_MAGIC,
  BLOCK_BYTES,
  GR_BAD_LIST,
  GR_CHANGED,
  GR_CONSOLE,
  GR_DELTA_REFERENCES,
  GR_DELTAS,
  GR_FREE,
  GR_GENERATION,
  GR_MAGIC,
  GR_PAGES,
  GR_REFERENCES,
  GR_ROOTS,
  GR_SUPERSEDED,
  GR_SUPERSEDED_LIST,
  GR_USED,
  KEEP_MIN,
  KIND_BAD,
  KIND_RECORD,
  LIST_COUNT,
  LIST_NUMBERS,
  LIST_NUMBERS_MAX,
  RECORD_MAGIC,
  REFERENCE_BLOCK,
  REFERENCE_BYTES,
  REFERENCE_GENERATION,
  REFERENCE_SECOND,
  SB_KEEP,
  setReference,
} from './format';
import {
  addTwice,
  deltaReferenceAt,
  dropReference,
  indexCommitted,
  indexDeltas,
  indexPages,
  indexRoots,
  pagesReferenced,
  rootReferenceAt,
} from './index';
import { flushDisk } from './io';
import { panicsCommitted } from './panics';
import {
  dropWrittenList,
  releaseSuperseded,
  supersededCommitted,
  supersededCount,
  supersededReference,
  supersedeList,
  writeSuperseded,
} from './superseded';
import { superblock, writeSuperblock } from './superblock';
import { Writer } from './writer';

/** References to the records, newest first: one more than can be kept. */
const records: usize = memory.data(144, 16);
let kept: u32 = 0;
let recordFrame: u32 = 0;
/** The record of the generation in the making. */
const record: usize = memory.data(16, 16);
/** The list as the commit under way would make it. */
const proposed: usize = memory.data(128, 16);
/** What belongs to the newest generation alone is on the list of the one in the making. */
let newestSuperseded: bool = false;

/** Reference to the bad-block list on the disk, and how many blocks are on it. */
const badList: usize = memory.data(16, 16);
let badListed: u32 = 0;
const UNLISTED: u32 = 0xffffffff;

export function generationsKept(): u32 {
  return kept;
}

export function recordAt(index: u32): usize {
  return records + index * REFERENCE_BYTES;
}

/** Newest generation on the disk, 0 when there is none. */
export function newestGeneration(): u32 {
  return kept == 0 ? 0 : load<u32>(recordAt(0) + REFERENCE_GENERATION);
}

/** For recovery: the next older kept generation. */
export function keepGeneration(reference: usize): void {
  memory.copy(recordAt(kept), reference, REFERENCE_BYTES);
  kept++;
}

/** When it is known which generation to go on from. */
export function generationsReady(): void {
  recordFrame = allocFrame();
  assert(recordFrame != 0, 'generations: no frame for a record');
  indexCommitted(newestGeneration());
}

/** For recovery: the bad-block list of the newest generation, in `frame`. False: it is not one. */
export function adoptBadList(reference: usize, frame: usize): bool {
  const count = load<u32>(frame + LIST_COUNT);
  if (load<u32>(frame) != BAD_MAGIC || count > LIST_NUMBERS_MAX) return false;
  memory.copy(badList, reference, REFERENCE_BYTES);
  for (let i: u32 = 0; i < count; i++) addBadBlock(load<u32>(frame + LIST_NUMBERS + (i << 2)));
  badListed = badBlocks();
  return true;
}

/** Writes the bad-block list when it has grown; the record's frame is used for it. False: it could not be written. */
function writeBadList(writer: Writer, generation: u32): bool {
  if (badListed == badBlocks() || forgetBadList) return true;
  const at = <usize>recordFrame;
  const count = badBlocks();
  memory.fill(at, 0, BLOCK_BYTES);
  store<u32>(at, BAD_MAGIC);
  store<u32>(at + LIST_COUNT, count);
  for (let i: u32 = 0; i < count; i++) store<u32>(at + LIST_NUMBERS + (i << 2), badBlockAt(i));
  dropReference(badList);
  setReference(badList, 0, 0, generation, blockChecksum(KIND_BAD, 0, generation, at));
  const added = addTwice(writer, recordFrame, badList);
  if (!writer.drain() || !added) return false;
  badListed = count;
  return true;
}

/** Writes the lists and the record of a generation whose pages and index are written. False: given up, nothing is left behind. */
export function writeRecord(writer: Writer, generation: u32, console: u32, changed: u32): bool {
  assert(generation > newestGeneration(), 'generations: a generation is not newer than the last one');
  setReference(record, 0, 0, generation, 0);
  if (writeListsAndRecord(writer, generation, console, changed)) return true;
  dropRecord();
  return false;
}

function writeListsAndRecord(writer: Writer, generation: u32, console: u32, changed: u32): bool {
  if (freeBeforeCommit && kept == load<u32>(superblock() + SB_KEEP)) releaseSuperseded(kept - 1);
  if (!writeBadList(writer, generation)) return false;
  if (!newestSuperseded && kept != 0) {
    dropReference(recordAt(0));
    supersedeList();
    newestSuperseded = true;
  }
  if (!writeSuperseded(writer, generation)) return false;
  const at = <usize>recordFrame;
  memory.fill(at, 0, BLOCK_BYTES);
  store<u32>(at + GR_MAGIC, RECORD_MAGIC);
  store<u32>(at + GR_GENERATION, generation);
  store<u32>(at + GR_CONSOLE, console);
  store<u32>(at + GR_PAGES, indexPages());
  store<u32>(at + GR_CHANGED, changed);
  store<u32>(at + GR_ROOTS, indexRoots());
  store<u32>(at + GR_USED, pagesReferenced());
  store<u32>(at + GR_DELTAS, indexDeltas());
  store<u32>(at + GR_SUPERSEDED, supersededCount(0));
  store<u32>(at + GR_FREE, freeAfterCommit());
  memory.copy(at + GR_REFERENCES, rootReferenceAt(0), indexRoots() * REFERENCE_BYTES);
  supersededReference(at + GR_SUPERSEDED_LIST);
  memory.copy(at + GR_BAD_LIST, badList, REFERENCE_BYTES);
  memory.copy(at + GR_DELTA_REFERENCES, deltaReferenceAt(0), indexDeltas() * REFERENCE_BYTES);
  setReference(record, 0, 0, generation, blockChecksum(KIND_RECORD, 0, generation, at));
  const added = addTwice(writer, recordFrame, record);
  return writer.drain() && added;
}

/** Blocks that will be free when the record's two copies are written and the oldest generation is dropped. */
function freeAfterCommit(): u32 {
  // Generations newer than the one recovered go with the first commit.
  const full = kept == load<u32>(superblock() + SB_KEEP);
  // List 0 becomes 1 by the commit; the oldest generation goes with what the one after it superseded.
  return blocksFree() - 2 + blocksHeld() + (full ? supersededCount(kept - 1) : 0);
}

/** Gives back the blocks of a record that will not be committed, and of its list. */
export function dropRecord(): void {
  const first = load<u32>(record + REFERENCE_BLOCK);
  const second = load<u32>(record + REFERENCE_SECOND);
  if (first != 0) freeBlock(first);
  if (second != 0) freeBlock(second);
  setReference(record, 0, 0, 0, 0);
  dropWrittenList();
  // What was written since the last commit may not be on the disk.
  if (load<u32>(badList + REFERENCE_GENERATION) > newestGeneration()) badListed = UNLISTED;
}

/** Makes what was written durable. False: the disk refused. */
export function flushGeneration(): bool {
  if (commitWithoutFlush) return true;
  return flushDisk();
}

/**
 * Makes the generation whose record was written the one to recover. False: it may or may not be; call again until it
 * is, and drop and write nothing meanwhile that an older generation needs.
 */
export function commitGeneration(): bool {
  const keep = load<u32>(superblock() + SB_KEEP);
  const count = min<u32>(kept + 1, keep);
  // The list itself moves only when the disk has it.
  memory.copy(proposed, record, REFERENCE_BYTES);
  memory.copy(proposed + REFERENCE_BYTES, records, (count - 1) * REFERENCE_BYTES);
  if (!writeSuperblock(proposed, count)) return false;
  releaseHeld();
  memory.copy(records + REFERENCE_BYTES, records, kept * REFERENCE_BYTES);
  memory.copy(records, record, REFERENCE_BYTES);
  kept++;
  supersededCommitted();
  newestSuperseded = false;
  if (kept > keep) dropOldest();
  indexCommitted(newestGeneration());
  panicsCommitted(newestGeneration());
  return true;
}

/** Forgets the oldest generation: what the one after it superseded is free. */
function dropOldest(): void {
  kept--;
  releaseSuperseded(kept);
  if (supersededOneGenerationEarly) releaseSuperseded(kept - 1);
}

/**
 * Drops generations to gain space: those newer than the one recovered, else the oldest, never below KEEP_MIN. False: there is none to drop,
 * or the disk refused.
 */
export function dropOneGeneration(): bool {
  if (blocksHeld() != 0) return confirmGenerations();
  if (kept <= KEEP_MIN || !writeSuperblock(records, kept - 1)) return false;
  dropOldest();
  return true;
}

/** Confirms on disk that the list is what recovery made of it: what is not on it is gone. */
export function confirmGenerations(): bool {
  if (!writeSuperblock(records, kept)) return false;
  releaseHeld();
  return true;
}
