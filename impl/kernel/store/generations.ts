/**
 * The kept generations: their list, the record each one has on disk, and the commit.
 *
 * A commit has three parts, and the caller may wait for other things between them: `writeRecord` (after the pages and
 * the index are written), `flushGeneration`, `commitGeneration`. Only the last changes what recovery would choose.
 * After it the oldest generation beyond the number to keep is dropped, and the blocks that only it needed come back.
 */

import { commitWithoutFlush } from '../defects';
import { allocFrame } from '../memory/frames';
import { freeBlock, releasePlane } from './blocks';
import { blockChecksum } from './crc32c';
import {
  BLOCK_BYTES,
  GR_CHANGED,
  GR_CONSOLE,
  GR_GENERATION,
  GR_MAGIC,
  GR_PAGES,
  GR_REFERENCES,
  GR_ROOTS,
  KEEP_MIN,
  KIND_RECORD,
  RECORD_MAGIC,
  REFERENCE_BLOCK,
  REFERENCE_BYTES,
  REFERENCE_GENERATION,
  REFERENCE_SECOND,
  SB_KEEP,
  setReference,
} from './format';
import { addTwice, dropBlock, indexCommitted, indexPages, indexRoots, rootReferenceAt } from './index';
import { flushDisk } from './io';
import { superblock, writeSuperblock } from './superblock';
import { Writer } from './writer';

/** References to the records, newest first: one more than can be kept. */
const records: usize = memory.data(144, 16);
/** For each of them the plane of the blocks it superseded. */
const planes: usize = memory.data(36, 4);
let kept: u32 = 0;
let openPlane: u32 = 1;
let recordFrame: u32 = 0;
/** The record of the generation in the making. */
const record: usize = memory.data(16, 16);
/** The list as the commit under way would make it. */
const proposed: usize = memory.data(128, 16);

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

function planeOf(index: u32): u32 {
  return load<u32>(planes + (index << 2));
}

/** For recovery: the next older kept generation. Returns the plane for what the one before it superseded. */
export function keepGeneration(reference: usize): u32 {
  memory.copy(recordAt(kept), reference, REFERENCE_BYTES);
  store<u32>(planes + (kept << 2), kept + 1);
  kept++;
  openPlane = kept + 1;
  return kept - 1;
}

/** When the list stands: from now on new generations can be made. */
export function generationsReady(): void {
  recordFrame = allocFrame();
  assert(recordFrame != 0, 'generations: no frame for a record');
  indexCommitted(newestGeneration(), openPlane);
}

/** Writes the record of a generation whose pages and index are written. False: given up, nothing is left behind. */
export function writeRecord(writer: Writer, generation: u32, console: u32, changed: u32): bool {
  assert(generation > newestGeneration(), 'generations: a generation is not newer than the last one');
  const at = <usize>recordFrame;
  memory.fill(at, 0, BLOCK_BYTES);
  store<u32>(at + GR_MAGIC, RECORD_MAGIC);
  store<u32>(at + GR_GENERATION, generation);
  store<u32>(at + GR_CONSOLE, console);
  store<u32>(at + GR_PAGES, indexPages());
  store<u32>(at + GR_CHANGED, changed);
  store<u32>(at + GR_ROOTS, indexRoots());
  memory.copy(at + GR_REFERENCES, rootReferenceAt(0), indexRoots() * REFERENCE_BYTES);
  setReference(record, 0, 0, generation, blockChecksum(KIND_RECORD, 0, generation, at));
  const added = addTwice(writer, recordFrame, record);
  if (writer.drain() && added) return true;
  dropRecord();
  return false;
}

/** Gives back the blocks of a record that will not be committed. */
export function dropRecord(): void {
  const first = load<u32>(record + REFERENCE_BLOCK);
  const second = load<u32>(record + REFERENCE_SECOND);
  if (first != 0) freeBlock(first);
  if (second != 0) freeBlock(second);
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
  if (kept != 0) dropPredecessorRecord();
  memory.copy(records + REFERENCE_BYTES, records, kept * REFERENCE_BYTES);
  memory.copy(records, record, REFERENCE_BYTES);
  memory.copy(planes + 4, planes, kept << 2);
  store<u32>(planes, openPlane);
  kept++;
  openPlane = kept > keep ? dropOldest() : freePlane();
  indexCommitted(newestGeneration(), openPlane);
  return true;
}

/** The record of the last generation belongs to it alone: the new one supersedes it. */
function dropPredecessorRecord(): void {
  const generation = load<u32>(records + REFERENCE_GENERATION);
  dropBlock(load<u32>(records + REFERENCE_BLOCK), generation);
  dropBlock(load<u32>(records + REFERENCE_SECOND), generation);
}

/** Forgets the oldest generation; returns its plane, which is empty. */
function dropOldest(): u32 {
  kept--;
  releasePlane(planeOf(kept - 1));
  return planeOf(kept);
}

function isTaken(plane: u32): bool {
  for (let i: u32 = 0; i < kept; i++) if (planeOf(i) == plane) return true;
  return false;
}

function freePlane(): u32 {
  let plane: u32 = 1;
  while (isTaken(plane)) plane++;
  return plane;
}

/**
 * Drops the oldest generation to gain space, never below KEEP_MIN. False: there is none to drop, or the disk refused.
 */
export function dropOneGeneration(): bool {
  if (kept <= KEEP_MIN || !writeSuperblock(records, kept - 1)) return false;
  dropOldest();
  return true;
}

/** Confirms on disk that the list is what recovery made of it, before anything else is written. */
export function confirmGenerations(): bool {
  return writeSuperblock(records, kept);
}
