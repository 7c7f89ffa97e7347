/**
 * The four copies of the superblock: reading and judging them, and writing a pair. `format.ts` says what is in them.
 *
 * Rule: a pair is written only after everything it refers to was flushed, and it is never the pair that holds the
 * superblock in force. So at every instant the disk holds a valid copy of this superblock or of the next one. When a
 * place of that pair cannot be written, places of the other pair are taken one at a time, each flushed before the next,
 * until there are two copies: then too one of either superblock is whole at every instant. A drive may lose a write or put
 * it elsewhere and report success. Everything else is read with the checksum of a reference; what nothing refers to is read
 * back, a copy of it, before the commit is believed.
 */

import { log, logNumber, logText } from '../arch/log';
import {
  announceBeforeFlush,
  commitOverPairInForce,
  diskBoundOffByOne,
  ignoreFeatureBits,
  ignoreVersion,
  oneSuperblockCopy,
  trustSuperblockWrites,
} from '../defects';
import { allocFrame } from '../memory/frames';
import { isBad } from './blocks';
import { crc32c } from './crc32c';
import {
  BLOCK_BYTES,
  COMPATIBLE_PANICS,
  FORMAT_VERSION,
  INCOMPATIBLE_KNOWN,
  KEEP_MAX,
  KEEP_MIN,
  OLDEST_VERSION,
  PERSISTENT_PAGES_GRAIN,
  PERSISTENT_PAGES_MAX,
  SB_CHECKSUM,
  SB_COMPATIBLE,
  SB_COPY,
  SB_DISK_BLOCKS,
  SB_INCOMPATIBLE,
  SB_KEEP,
  SB_KEPT,
  SB_MAGIC,
  SB_PAGES,
  SB_PARENT,
  SB_RECORDS,
  SB_SEQUENCE,
  SB_VERSION,
  SUPERBLOCK_BYTES,
  SUPERBLOCK_COPIES,
  SUPERBLOCK_MAGIC,
  REFERENCE_BYTES,
  superblockAt,
} from './format';
import { flushDisk, flushFailures, readBlock, writeBlock } from './io';

export const COPY_BLANK: u32 = 0;
export const COPY_VALID: u32 = 1;
/** Neither blank nor a superblock whose checksum holds. */
export const COPY_BAD: u32 = 2;
export const COPY_UNREADABLE: u32 = 3;
/** Intact, but of a format version or with features this kernel does not know. */
export const COPY_UNKNOWN: u32 = 4;
/** Intact, but not for this disk: of another place or of a larger disk. */
export const COPY_FOREIGN: u32 = 5;

/** The copies as read, then what they are. */
const copies: usize = memory.data(2048, 16);
/** What is behind them, as read: notes of panics. */
const notes: usize = memory.data(2048, 16);
const judgements: usize = memory.data(16, 4);
/** The superblock in force. */
const inForce: usize = memory.data(512, 16);
/** The next one, while it is written. */
const next: usize = memory.data(512, 16);
/** Pair that holds the superblock in force: 0 is copies 0 and 2, 1 is copies 1 and 3. */
let pair: u32 = 0;
let buffer: u32 = 0;

export function copyAt(copy: u32): usize {
  return copies + copy * SUPERBLOCK_BYTES;
}

export function noteAt(copy: u32): usize {
  return notes + copy * SUPERBLOCK_BYTES;
}

export function judgement(copy: u32): u32 {
  return load<u32>(judgements + (copy << 2));
}

export function superblock(): usize {
  return inForce;
}

function identity(image: usize): u32 {
  const copy = load<u32>(image + SB_COPY);
  store<u32>(image + SB_COPY, 0);
  const value = crc32c(image, SB_CHECKSUM);
  store<u32>(image + SB_COPY, copy);
  return value;
}

function isZero(at: usize, bytes: u32): bool {
  const end = at + bytes;
  for (; at < end; at += 4) if (load<u32>(at) != 0) return false;
  return true;
}

function judge(copy: u32, diskBlocks: u32): u32 {
  const at = copyAt(copy);
  if (isZero(<usize>buffer, BLOCK_BYTES)) return COPY_BLANK;
  if (load<u32>(at + SB_MAGIC) != SUPERBLOCK_MAGIC) return COPY_BAD;
  if (load<u32>(at + SB_CHECKSUM) != crc32c(at, SB_CHECKSUM)) return COPY_BAD;
  const version = load<u32>(at + SB_VERSION);
  if (!ignoreVersion && (version < OLDEST_VERSION || version > FORMAT_VERSION)) return COPY_UNKNOWN;
  if (!ignoreFeatureBits && (load<u32>(at + SB_INCOMPATIBLE) & ~INCOMPATIBLE_KNOWN) != 0) return COPY_UNKNOWN;
  if (load<u32>(at + SB_COPY) != copy || load<u32>(at + SB_DISK_BLOCKS) > diskBlocks + (diskBoundOffByOne ? 1 : 0)) return COPY_FOREIGN;
  const keep = load<u32>(at + SB_KEEP);
  const pages = load<u32>(at + SB_PAGES);
  if (keep < KEEP_MIN || keep > KEEP_MAX || load<u32>(at + SB_KEPT) > keep) return COPY_BAD;
  if (pages == 0 || pages > PERSISTENT_PAGES_MAX || pages % PERSISTENT_PAGES_GRAIN != 0) return COPY_BAD;
  return COPY_VALID;
}

/** Reads and judges all copies. */
export function readSuperblocks(diskBlocks: u32): void {
  if (buffer == 0) buffer = allocFrame();
  assert(buffer != 0, 'superblock: no frame to read into');
  for (let copy: u32 = 0; copy < SUPERBLOCK_COPIES; copy++) {
    memory.fill(<usize>buffer, 0, BLOCK_BYTES);
    const read = readBlock(superblockAt(copy), buffer);
    memory.copy(copyAt(copy), <usize>buffer, SUPERBLOCK_BYTES);
    memory.copy(noteAt(copy), <usize>buffer + SUPERBLOCK_BYTES, SUPERBLOCK_BYTES);
    store<u32>(judgements + (copy << 2), read ? judge(copy, diskBlocks) : COPY_UNREADABLE);
  }
}

/** The identity of the superblock in force. */
export function superblockIdentity(): u32 {
  return load<u32>(inForce + SB_PARENT);
}

/** The identity of a copy as it was read. */
export function identityOf(copy: u32): u32 {
  return identity(copyAt(copy));
}

/** The copy at place `which`, 0 or 1, of the pair that is not in force. */
export function spareCopy(which: u32): u32 {
  return 1 - pair + 2 * which;
}

/** Takes a valid copy for the superblock in force; the next one is numbered after `sequence`. */
export function adoptSuperblock(copy: u32, sequence: u32): void {
  memory.copy(inForce, copyAt(copy), SUPERBLOCK_BYTES);
  store<u32>(inForce + SB_SEQUENCE, sequence);
  store<u32>(inForce + SB_PARENT, identity(copyAt(copy)));
  pair = copy & 1;
}

/** A superblock for a blank disk, to be written to pair A. */
export function newSuperblock(diskBlocks: u32, pages: u32, keep: u32): void {
  memory.fill(inForce, 0, SUPERBLOCK_BYTES);
  store<u32>(inForce + SB_MAGIC, SUPERBLOCK_MAGIC);
  store<u32>(inForce + SB_VERSION, FORMAT_VERSION);
  store<u32>(inForce + SB_DISK_BLOCKS, diskBlocks);
  store<u32>(inForce + SB_PAGES, pages);
  store<u32>(inForce + SB_KEEP, keep);
  pair = 1;
}

/** Makes the next superblock what a place must hold. */
function address(copy: u32): void {
  store<u32>(next + SB_COPY, copy);
  store<u32>(next + SB_CHECKSUM, crc32c(next, SB_CHECKSUM));
}

/** Writes the next superblock to one place. False: it cannot be written there. */
function writeCopy(copy: u32): bool {
  if (isBad(superblockAt(copy))) return false;
  address(copy);
  memory.fill(<usize>buffer, 0, BLOCK_BYTES);
  memory.copy(<usize>buffer, next, SUPERBLOCK_BYTES);
  return writeBlock(superblockAt(copy), buffer);
}

/** Whether a place holds what was written and flushed there. */
function isThere(copy: u32): bool {
  address(copy);
  if (!readBlock(superblockAt(copy), buffer)) return false;
  for (let at: u32 = 0; at < SUPERBLOCK_BYTES; at += 4) {
    if (load<u32>(<usize>buffer + at) == load<u32>(next + at)) continue;
    logText('store: superblock copy ');
    logNumber(copy);
    logText(' in block ');
    logNumber(superblockAt(copy));
    log(': not what was written; another place is taken');
    return false;
  }
  return true;
}

/** Of the places in `copies`, a bit each, how many hold the superblock: the last is looked at, the others if it does not. */
function placesThatHold(copies: u32): u32 {
  let held: u32 = 0;
  for (let copy = SUPERBLOCK_COPIES; copy > 0; copy--) {
    if ((copies & (1 << (copy - 1))) != 0 && (held != 0 || trustSuperblockWrites || isThere(copy - 1))) held++;
  }
  return held;
}

/**
 * Writes the next superblock, with `count` references to generation records at `records`, to the pair that is not in
 * force, and flushes it. False: nothing is known about that pair now; a copy of the one in force is untouched. So until
 * a later call succeeds, what either of them refers to must stay. Each attempt has a sequence number of its own.
 */
export function writeSuperblock(records: usize, count: u32): bool {
  store<u32>(inForce + SB_SEQUENCE, load<u32>(inForce + SB_SEQUENCE) + 1);
  memory.copy(next, inForce, SUPERBLOCK_BYTES);
  memory.fill(next + SB_RECORDS, 0, KEEP_MAX * REFERENCE_BYTES);
  memory.copy(next + SB_RECORDS, records, count * REFERENCE_BYTES);
  store<u32>(next + SB_KEPT, count);
  store<u32>(next + SB_VERSION, FORMAT_VERSION);
  store<u32>(next + SB_COMPATIBLE, load<u32>(next + SB_COMPATIBLE) | COMPATIBLE_PANICS);
  const target = commitOverPairInForce ? pair : 1 - pair;
  const failures = flushFailures();
  let copies: u32 = 0;
  for (let copy: u32 = target; copy < SUPERBLOCK_COPIES; copy += 2) {
    if (writeCopy(copy)) copies |= 1 << copy;
    if (oneSuperblockCopy) break;
  }
  if (!announceBeforeFlush && !flushDisk()) return false;
  let written = placesThatHold(copies);
  const inTarget = written;
  for (let copy: u32 = 1 - target; copy < SUPERBLOCK_COPIES && written < 2 && !oneSuperblockCopy; copy += 2) {
    if (!writeCopy(copy)) continue;
    if (!flushDisk()) return false;
    written += placesThatHold(1 << copy);
  }
  if ((written < 2 && !oneSuperblockCopy) || flushFailures() != failures) return false;
  // A pair without a good place holds nothing: the other one must go on to be written a copy at a time.
  if (inTarget != 0) pair = target;
  // In force from now on; its parent field already names this one, for the one that will follow.
  const own = identity(next);
  memory.copy(inForce, next, SUPERBLOCK_BYTES);
  store<u32>(inForce + SB_PARENT, own);
  return true;
}
