/**
 * From a disk to the generation that goes on. A pure function of the disk: nothing is written, so it may be cut short
 * anywhere and run again. (Formatting a blank disk is not recovery; it is one superblock pair.)
 *
 * Rule: the superblocks are tried from the highest sequence number down, and the generations each lists from the newest
 * to the oldest. The first generation whose record, deltas, roots and wired pages verify is taken. Blocks read do not
 * depend on the size of memory or disk: 4 superblocks, then for each generation tried a record, at most 192 deltas, at
 * most 4 roots, at most one leaf and the wired pages, each once more if its first copy is bad.
 *
 * The newest generations are passed over when an older one is asked for, or when they were panicked of too often; `format.ts` says when ("Panic
 * note").
 *
 * What is in use on the disk is found out after that, while programs run (`completeMap`): it takes all leaves of the
 * generation recovered, the lists of what the kept ones superseded, and what generations newer than it use (`newer.ts`).
 * Nothing is allocated or written before.
 */

import { diskBlocks } from '../drivers/disk';
import { log, logHexadecimal, logNewline, logNumber, logText, logValue } from '../arch/log';
import { forgetUnderLostLeaf, freeNewerAtOnce, freeOlderAfterBoot, needBothCopies, recoveryWrites } from '../defects';
import { allocFrame, freeFrame } from '../memory/frames';
import { yieldNow } from '../sched/thread';
import {
  badBlocks,
  blocksFree,
  blocksAreReady,
  blocksInit,
  blocksReady,
  heldInit,
  useBlock,
  useReference,
} from './blocks';
import { firstToTry, isWanted, logWanted, NONE } from './choose';
import {
  BLOCK_BYTES,
  DELTAS_MAX,
  DISK_BLOCKS_MIN,
  FANOUT_SHIFT,
  FORMAT_VERSION,
  GR_BAD_LIST,
  GR_CONSOLE,
  GR_DELTA_REFERENCES,
  GR_DELTAS,
  GR_FREE,
  GR_GENERATION,
  GR_MAGIC,
  GR_PAGES,
  GR_REFERENCES,
  GR_ROOTS,
  GR_SUPERSEDED_LIST,
  GR_USED,
  INCOMPATIBLE_KNOWN,
  KEEP_DEFAULT,
  KIND_BAD,
  KIND_DELTA,
  KIND_PAGE,
  KIND_RECORD,
  KIND_ROOT,
  KIND_SUPERSEDED,
  LIST_NEXT,
  OLDEST_VERSION,
  RECORD_MAGIC,
  REFERENCE_BLOCK,
  REFERENCE_BYTES,
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
import {
  adoptBadList,
  confirmGenerations,
  generationsKept,
  generationsReady,
  keepGeneration,
  newestGeneration,
  recordAt,
} from './generations';
import {
  adoptDelta,
  adoptDeltaReferences,
  deltaReferenceAt,
  indexDeltas,
  indexEmpty,
  indexFresh,
  indexInit,
  indexLeaves,
  indexPages,
  indexRoots,
  isReady,
  leafReferenceAt,
  leavesLost,
  pageReferenceAt,
  pagesReferenced,
  readyLeaf,
  rootFrame,
  rootReferenceAt,
  setPagesReferenced,
} from './index';
import { holdGeneration, holdReference } from './newer';
import { adoptPanicNote } from './panics';
import { useAllOf } from './older';
import {
  adoptSuperseded,
  forgetSuperseded,
  supersedeBlock,
  supersededAt,
  supersededCount,
  supersededInit,
  supersedeList,
} from './superseded';
import {
  adoptSuperblock,
  COPY_BAD,
  COPY_BLANK,
  COPY_FOREIGN,
  COPY_UNKNOWN,
  COPY_UNREADABLE,
  COPY_VALID,
  copyAt,
  identityOf,
  judgement,
  newSuperblock,
  readSuperblocks,
  superblock,
  writeSuperblock,
} from './superblock';
import { readVerified } from './verify';

export const MOUNT_REFUSED: u32 = 0;
/** The disk was blank and is formatted now. */
export const MOUNT_FRESH: u32 = 1;
export const MOUNT_RECOVERED: u32 = 2;

/** Where a record is read. */
let recordFrame: u32 = 0;

let wiredFrames: usize = 0;
let wiredPages: u32 = 0;

let consolePosition: u32 = 0;
let highestGeneration: u32 = 0;
/** Whether a generation that the superblock lists was refused, and is not kept. */
let refused: bool = false;

/** References of the generation recovered: its record, its lists; and of the older ones that its superblock lists. */
const chosen: usize = memory.data(144, 16);
let older: u32 = 0;
const supersededHead: usize = memory.data(16, 16);
/** Where the rest of a list is that memory is too short for. */
const restOfList: usize = memory.data(16, 4);
const badListHead: usize = memory.data(16, 16);
/** What its record says was free. */
let freeRecorded: u32 = 0;

/** Generations newer than the one recovered that may still be chosen: their records, newest first. */
const newer: usize = memory.data(128, 16);
let newerCount: u32 = 0;

/** Console position of the recovered generation. */
export function recoveredConsole(): u32 {
  return consolePosition;
}

/** The highest generation any superblock names. */
export function recoveredHighest(): u32 {
  return highestGeneration;
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
  const at = <usize>recordFrame;
  const deltas = load<u32>(at + GR_DELTAS);
  if (deltas > DELTAS_MAX) return false;
  indexEmpty();
  memory.copy(rootReferenceAt(0), at + GR_REFERENCES, indexRoots() * REFERENCE_BYTES);
  adoptDeltaReferences(at + GR_DELTA_REFERENCES, deltas);
  memory.copy(supersededHead, at + GR_SUPERSEDED_LIST, REFERENCE_BYTES);
  memory.copy(badListHead, at + GR_BAD_LIST, REFERENCE_BYTES);
  consolePosition = load<u32>(at + GR_CONSOLE);
  freeRecorded = load<u32>(at + GR_FREE);
  setPagesReferenced(load<u32>(at + GR_USED));
  // The record is not needed any more: its frame takes the deltas.
  for (let delta: u32 = 0; delta < deltas; delta++) {
    const from = deltaReferenceAt(delta);
    if (load<u32>(from + REFERENCE_BLOCK) == 0) return false;
    if (!readVerified(KIND_DELTA, delta, from, recordFrame) || !adoptDelta(at)) return false;
  }
  for (let root: u32 = 0; root < indexRoots(); root++) {
    if (!readVerified(KIND_ROOT, root, rootReferenceAt(root), rootFrame(root))) return false;
  }
  for (let page: u32 = 0; page < wiredPages; page++) {
    if (!isReady(page)) readyLeaf(page >> FANOUT_SHIFT);
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
    if (needBothCopies && !isTwinWhole(copy, sequence)) continue;
    if (best == NONE || sequence > load<u32>(copyAt(best) + SB_SEQUENCE)) best = copy;
  }
  return best;
}

/** Whether the other copy of the superblock at `copy`, which has this sequence number, is valid too. */
function isTwinWhole(copy: u32, sequence: u32): bool {
  const twin = (copy + SUPERBLOCK_COPIES / 2) % SUPERBLOCK_COPIES;
  return judgement(twin) == COPY_VALID && load<u32>(copyAt(twin) + SB_SEQUENCE) == sequence;
}

function logJudgements(): void {
  for (let copy: u32 = 0; copy < SUPERBLOCK_COPIES; copy++) {
    const found = judgement(copy);
    logText('store: superblock copy ');
    logNumber(copy);
    logText(' in block ');
    logNumber(superblockAt(copy));
    if (found == COPY_BLANK) log(': blank');
    else if (found == COPY_VALID) logValue(': valid, sequence', load<u32>(copyAt(copy) + SB_SEQUENCE));
    else if (found == COPY_BAD) log(': neither blank nor valid (wrong magic, checksum or figures)');
    else if (found == COPY_UNREADABLE) log(': cannot be read');
    else if (found == COPY_FOREIGN) log(': of another place or of a larger disk');
    else {
      logText(': format version ');
      logNumber(load<u32>(copyAt(copy) + SB_VERSION));
      logText(', incompatible features 0x');
      logHexadecimal(load<u32>(copyAt(copy) + SB_INCOMPATIBLE));
      logText('; this kernel knows versions ');
      logNumber(OLDEST_VERSION);
      logText(' to ');
      logNumber(FORMAT_VERSION);
      logText(' and features 0x');
      logHexadecimal(INCOMPATIBLE_KNOWN);
      logNewline();
    }
  }
}

/**
 * Whether some copy is not what a calm disk has: two pairs, each of one sequence. A cut between the two writes of a pair
 * leaves such a disk, and so do rot and writes that were lost or went astray.
 */
function isUneven(): bool {
  if (count(COPY_VALID) + count(COPY_BLANK) != SUPERBLOCK_COPIES) return true;
  for (let copy: u32 = 0; copy < SUPERBLOCK_COPIES / 2; copy++) {
    const twin = copy + SUPERBLOCK_COPIES / 2;
    if (judgement(copy) != judgement(twin)) return true;
    const sequence = load<u32>(copyAt(copy) + SB_SEQUENCE);
    if (judgement(copy) == COPY_VALID && load<u32>(copyAt(twin) + SB_SEQUENCE) != sequence) return true;
  }
  return false;
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
function prepare(blocks: u32, pages: u32): bool {
  recordFrame = allocFrame();
  if (recordFrame == 0 || !indexInit(pages, wiredPages) || !blocksInit(blocks)) return false;
  supersededInit(pages);
  return true;
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
  if (isWanted()) return refuseWanted(0, 0);
  if (!prepare(blocks, pages)) return refuse('not enough memory for the index of this disk');
  newSuperblock(blocks, pages, KEEP_DEFAULT);
  // A place that cannot be written is known after the first attempt.
  for (let attempt: u32 = 0; attempt < SUPERBLOCK_COPIES; attempt++) {
    if (writeSuperblock(recordAt(0), 0)) return freshAgain();
  }
  return refuse('the blank disk cannot be formatted');
}

function recover(newest: u32): u32 {
  const shape = copyAt(newest);
  const pages = load<u32>(shape + SB_PAGES);
  const blocks = load<u32>(shape + SB_DISK_BLOCKS);
  if (!prepare(blocks, pages)) return refuse('not enough memory for the index of this disk');
  if (isUneven()) logJudgements();
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
    if (listed == 0 && copy == newest && damaged == 0) return isWanted() ? refuseWanted(at, 0) : freshAgain();
    adoptPanicNote(identityOf(copy));
    const first = firstToTry(at, listed);
    if (first == NONE) return refuseWanted(at, listed);
    for (let i = first; i < listed; i++) {
      const reference = at + SB_RECORDS + i * REFERENCE_BYTES;
      if (loadGeneration(reference)) return settle(at, first, i);
      refused = true;
      logValue('store: refused, something of it is bad: generation', load<u32>(reference + REFERENCE_GENERATION));
      if (recoveryWrites) writeSuperblock(reference + REFERENCE_BYTES, listed - i - 1);
      // Who asks for a generation gets that one or none.
      if (isWanted()) return refuseWanted(at, listed);
    }
  }
  return refuse('no generation on the disk is whole; nothing was changed on it');
}

function refuseWanted(at: usize, listed: u32): u32 {
  logWanted(at, listed);
  return refuse('the generation that was asked for cannot be recovered; nothing was changed on the disk');
}

/** Formatted just now, or formatted and cut before the first commit. */
function freshAgain(): u32 {
  for (let page: u32 = 0; page < wiredPages; page++) {
    memory.fill(<usize>load<u32>(wiredFrames + (page << 2)), 0, BLOCK_BYTES);
  }
  indexFresh();
  setPagesReferenced(0);
  generationsReady();
  blocksReady();
  return MOUNT_FRESH;
}

/** The `which`-th generation of the superblock at `at` is loaded; those before `first` were passed over. */
function settle(at: usize, first: u32, which: u32): u32 {
  // With one that is bad, whose blocks are not known, the newer ones go too.
  if (which == first && !freeNewerAtOnce) {
    newerCount = first;
    memory.copy(newer, at + SB_RECORDS, first * REFERENCE_BYTES);
    if (first != 0 && !heldInit()) return refuse('not enough memory to keep the newer generations');
  } else if (first != 0) {
    refused = true;
  }
  older = load<u32>(at + SB_KEPT) - which - 1;
  memory.copy(chosen, at + SB_RECORDS + which * REFERENCE_BYTES, (older + 1) * REFERENCE_BYTES);
  keepGeneration(chosen);
  generationsReady();
  // A record of version 1 says neither how much is in use nor how much is free.
  if (pagesReferenced() == 0) completeMap();
  return MOUNT_RECOVERED;
}

/** Blocks that are free, as far as is known: the record says it until the map is complete. */
export function blocksFreeKnown(): u32 {
  return blocksAreReady() ? blocksFree() : freeRecorded;
}

/**
 * Finds out what is in use: after this blocks may be allocated. Once, in a thread that may take its time.
 */
export function completeMap(): void {
  if (blocksAreReady()) return;
  useReference(chosen);
  for (let root: u32 = 0; root < indexRoots(); root++) useReference(rootReferenceAt(root));
  for (let delta: u32 = 0; delta < indexDeltas(); delta++) useReference(deltaReferenceAt(delta));
  let referenced: u32 = 0;
  for (let leaf: u32 = 0; leaf < indexLeaves(); leaf++) {
    useReference(leafReferenceAt(leaf));
    readyLeaf(leaf);
    const end = min<u32>((leaf + 1) << FANOUT_SHIFT, indexPages());
    for (let page = leaf << FANOUT_SHIFT; page < end; page++) {
      if (useReference(pageReferenceAt(page))) referenced++;
    }
    yieldNow();
  }
  setPagesReferenced(referenced);
  readBadList();
  keepOlder();
  keepNewer();
  freeFrame(recordFrame);
  blocksReady();
  logText('store: generations kept ');
  logNumber(generationsKept());
  logText(', free blocks ');
  logNumber(blocksFree());
  logText(', bad blocks ');
  logNumber(badBlocks());
  logNewline();
}

function readBadList(): void {
  if (load<u32>(badListHead + REFERENCE_BLOCK) == 0) return;
  useReference(badListHead);
  if (readVerified(KIND_BAD, 0, badListHead, recordFrame) && adoptBadList(badListHead, <usize>recordFrame)) return;
  log('store: the bad-block list is lost; blocks that cannot be written will be found again');
}

/**
 * The older generations are kept as long as it is known what they use beside the newer ones: a superseded list tells it
 * for the generation before, whose record in turn leads to its own list.
 */
function keepOlder(): void {
  for (let i: u32 = 0; i < older; i++) {
    const list = i + 1;
    const record = chosen + (i + 1) * REFERENCE_BYTES;
    const listed = readSuperseded(list);
    if (!listed || !readRecord(record)) {
      logValue('store: no longer kept, it is not known what they use: generations', older - i);
      refused = true;
      if (i == 0) supersedeOwnList(listed);
      forgetSuperseded(list);
      return;
    }
    for (let k: u32 = 0; k < supersededCount(list) && !freeOlderAfterBoot; k++) useBlock(supersededAt(list, k));
    if (leavesLost() != 0 && !forgetUnderLostLeaf) useAllOf(<usize>recordFrame);
    memory.copy(supersededHead, <usize>recordFrame + GR_SUPERSEDED_LIST, REFERENCE_BYTES);
    keepGeneration(record);
  }
  if (older == 0 && !readSuperseded(1)) supersedeOwnList(false);
  else if (older == 0) {
    supersedeOwnList(true);
    forgetSuperseded(1);
  }
}

/** Nothing that the newer generations use is written before the first commit drops them, or `confirmRecovery` does. */
function keepNewer(): void {
  const after = newestGeneration();
  for (let i: u32 = 0; i < newerCount; i++) {
    const reference = newer + i * REFERENCE_BYTES;
    if (readRecord(reference)) {
      holdReference(reference, after);
      if (holdGeneration(<usize>recordFrame, after)) continue;
    }
    logValue('store: no longer kept, it is not known what it uses: generation', load<u32>(reference + REFERENCE_GENERATION));
    refused = true;
  }
}

/**
 * No generation is kept before the newest, so what that superseded is history; but the blocks of its list are in use
 * until the next generation supersedes them. `whole`: `supersededHead` does not lead to another one, in use but bad.
 */
function supersedeOwnList(whole: bool): void {
  supersedeList();
  const block = load<u32>(supersededHead + REFERENCE_BLOCK);
  if (whole || block == 0) return;
  supersedeBlock(block);
  supersedeBlock(load<u32>(supersededHead + REFERENCE_SECOND));
}

/** Reads the list that `supersededHead` leads to. False: there is none, or it is bad. */
function readSuperseded(list: u32): bool {
  let index: u32 = 0;
  for (; load<u32>(supersededHead + REFERENCE_BLOCK) != 0; index++) {
    const frame = allocFrame();
    useReference(supersededHead);
    if (frame == 0) {
      useRestOfList(index);
      return false;
    }
    const read = readVerified(KIND_SUPERSEDED, index, supersededHead, frame);
    if (!read || !adoptSuperseded(list, index, frame, supersededHead)) {
      freeFrame(frame);
      return false;
    }
    memory.copy(supersededHead, <usize>frame + LIST_NEXT, REFERENCE_BYTES);
  }
  return index != 0;
}

/**
 * There is no memory for the list from number `index` on, to which `supersededHead` leads: its blocks are in use all the same, by the
 * generation that is kept. Those behind the first come back at the next boot.
 */
function useRestOfList(index: u32): void {
  memory.copy(restOfList, supersededHead, REFERENCE_BYTES);
  while (readVerified(KIND_SUPERSEDED, index, restOfList, recordFrame)) {
    memory.copy(restOfList, <usize>recordFrame + LIST_NEXT, REFERENCE_BYTES);
    if (load<u32>(restOfList + REFERENCE_BLOCK) == 0) return;
    useReference(restOfList);
    index++;
  }
}

/**
 * Before the first write after recovery: a generation that was refused must no longer be on offer, since its blocks are
 * free now. False: the disk cannot be written.
 */
export function confirmRecovery(): bool {
  if (!refused) return true;
  if (!confirmGenerations()) return false;
  refused = false;
  return true;
}
