/**
 * Snapshots. One thread, the snapshotter, takes them one after the other:
 *
 * 1. Demarcation: the changed pages become the frozen ones, all persistent memory is write-protected in the page
 *    directory, a generation begins. No program runs meanwhile, nothing is copied or queued, and the cost does not
 *    depend on how much was changed.
 * 2. Stabilisation, while programs run: every frozen page is written to a free block, in page order, or, when it was
 *    written out early, just entered; then the leaves, roots and record. A program that writes to a frozen page
 *    meanwhile gets a copy (`fault.ts`).
 * 3. Commit: flush; wait until the console has printed what came before the demarcation; superblock pair; flush.
 *
 * Rule: whatever fails before the superblock is written abandons this snapshot alone: what was written stays valid for
 * the next one, what was not goes back to the changed pages. Once the superblock may be on disk there is no way back,
 * and the commit is tried until it succeeds.
 */

import { probe, PROBE_ABANDONED, PROBE_COMMIT, PROBE_DEMARCATION } from '../arch/exit';
import { consolePosition, consoleWaitDrained } from '../drivers/console';
import { PAGE_BYTES } from '../arch/paging';
import { commitWhenFull, forgetChangedPages, noConsoleDrain, panicOnRestore, secondCopyGarbage } from '../defects';
import { panic } from '../arch/panic';
import { log, logNewline, logNumber, logText } from '../arch/log';
import { TICKS_PER_SECOND } from '../drivers/pit';
import { block, sleepTicks, threadCreate, WaitQueue, wakeAll, yieldNow } from '../sched/thread';
import { blocksFree } from '../store/blocks';
import { blockChecksum } from '../store/crc32c';
import { KIND_PAGE, REFERENCE_BLOCK, REFERENCE_SECOND } from '../store/format';
import { commitGeneration, dropOneGeneration, dropRecord, flushGeneration, writeRecord } from '../store/generations';
import { indexBlocksMax, pageReferenceAt, setPage, writeIndex } from '../store/index';
import { flushDistrusted, writeEpoch } from '../store/io';
import { completeMap, confirmRecovery } from '../store/recovery';
import { supersededPrepare } from '../store/superseded';
import { NO_TAG, Writer } from '../store/writer';
import { settleEarly } from './fault';
import { giveFrame } from './frames';
import { protectAll } from './mapping';
import { cleanerReady, holdCleaner, releaseCleaner } from './pageout';
import {
  changedPages,
  clearFrozen,
  currentGeneration,
  freezeChanged,
  frozenPages,
  nextFrozen,
  pageCount,
  PageState,
  setChanged,
  stateOf,
  UNSAVED,
  usedPages,
  WIRED_PAGES,
} from './pages';
import { requestCommit, takeCommitRequest, waitForRequest } from './requests';
import { reviewSaved } from './review';

/** Why a generation was abandoned: c of probe record 5. */
const REASON_PAGES: u32 = 1;
const REASON_INDEX: u32 = 2;
const REASON_RECORD: u32 = 3;
const REASON_FLUSH: u32 = 4;

/** Tries to commit that someone who waits for it is ready to see. */
const COMMIT_ATTEMPTS: u32 = 3;

let writer: Writer = changetype<Writer>(0);
let interval: u32 = 0;
/** A snapshot was abandoned: what it wrote still has to be committed, whether or not anything changes. */
let pending: bool = false;
let taking: bool = false;
let lastCommitted: u32 = 0;
/** Highest generation that was given up, or whose commit fails again and again. */
let lastFailed: u32 = 0;
let full: bool = false;
/** The generation of the last demarcation, its console position and the pages it changed. */
let captured: u32 = 0;
let capturedConsole: u32 = 0;
let capturedChanges: u32 = 0;
const outcomes = changetype<WaitQueue>(memory.data(8, 8));

/** `committed`: generation recovered; `ticks`: between snapshots. */
export function startSnapshotter(committed: u32, ticks: u32): void {
  lastCommitted = committed;
  interval = ticks;
  writer = Writer.create(onStable.index);
  threadCreate(snapshotter.index, 0);
}

/**
 * Waits until everything written so far is in a committed generation. False: it could not be committed; the last
 * generation that was remains.
 */
export function commitNow(): bool {
  // What was pending at its demarcation is in the snapshot under way.
  const changed = changedPages() != 0 || (pending && !taking);
  if (!changed && !taking) return true;
  // Without a change there is nothing after the snapshot under way to wait for.
  const wanted = changed ? currentGeneration() : currentGeneration() - 1;
  requestCommit();
  while (lastCommitted < wanted && lastFailed < wanted) block(outcomes);
  return lastCommitted >= wanted;
}

/** Newest committed generation. */
export function committedGeneration(): u32 {
  return lastCommitted;
}

function snapshotter(argument: usize): void {
  completeMap();
  while (!confirmRecovery()) sleepTicks(TICKS_PER_SECOND);
  cleanerReady();
  for (;;) {
    waitForRequest(interval);
    const asked = takeCommitRequest();
    if (flushDistrusted()) review();
    if (changedPages() == 0 && !pending) continue;
    if (haveSpace()) take();
    else if (asked) lastFailed = max<u32>(lastFailed, currentGeneration());
    wakeAll(outcomes);
  }
}

function review(): void {
  holdCleaner();
  reviewSaved();
  releaseCleaner();
}

/**
 * Whether a snapshot leaves a free block for every page in use, so that page-out never finds the disk full. Gives up
 * old generations for it.
 */
function haveSpace(): bool {
  const changed = changedPages();
  const needed = changed + WIRED_PAGES + indexBlocksMax(changed) + usedPages();
  while (blocksFree() < needed && dropOneGeneration()) {}
  const enough = commitWhenFull || blocksFree() >= needed;
  if (enough && full) log('persist: there is space on the disk again; snapshots go on');
  if (!enough && !full) {
    logText('persist: the disk is full: ');
    logNumber(blocksFree());
    logText(' blocks are free, a snapshot needs ');
    logNumber(needed);
    log('; no snapshots until that changes, what happens now is lost at a power cut');
  }
  full = !enough;
  return enough;
}

/**
 * The instant a snapshot captures. It costs the same however many pages there are and were changed: a word for each 4
 * MiB. No write-out may be under way, and the last snapshot must be over.
 */
export function demarcate(): void {
  captured = currentGeneration();
  capturedChanges = changedPages();
  capturedConsole = consolePosition();
  freezeChanged();
  protectAll();
  probe(PROBE_DEMARCATION, captured, capturedConsole, capturedChanges);
}

function take(): void {
  taking = true;
  if (panicOnRestore && captured == 0 && lastCommitted > 2 && (lastCommitted & 1) == 0) panic('snapshot: a persistent error');
  holdCleaner();
  demarcate();
  releaseCleaner();
  // Nobody is held longer than the demarcation takes.
  yieldNow();
  const failure = makeStable();
  if (failure != 0) abandon(failure);
  else commit();
  taking = false;
}

/** Everything up to the flush before the superblock. Returns 0 or why it failed. */
function makeStable(): u32 {
  if (!writePages()) return REASON_PAGES;
  assert(frozenPages() == 0, 'snapshot: a frozen page was left out');
  if (!writeIndex(writer, captured)) return REASON_INDEX;
  if (!writeRecord(writer, captured, capturedConsole, capturedChanges)) return REASON_RECORD;
  // A flush of the cleaner's that failed may have cost a block of this generation.
  if (flushGeneration() && !flushDistrusted()) return 0;
  dropRecord();
  return REASON_FLUSH;
}

function writePages(): bool {
  const count = pageCount();
  let added: bool = true;
  for (let page = nextFrozen(0); page < count && added; page = nextFrozen(page + 1)) {
    const state = stateOf(page);
    if (state.frozenFrame != 0 || (state.flags & UNSAVED) != 0) added = writePage(page, state);
    else settleEarly(page, state);
    supersededPrepare();
    yieldNow();
  }
  return writer.drain() && added;
}

function writePage(page: u32, state: PageState): bool {
  if (forgetChangedPages && (page & 3) == 1 && load<u32>(pageReferenceAt(page)) != 0) {
    onStable(page, true);
    return true;
  }
  const frame = state.frozenFrame != 0 ? state.frozenFrame : state.frame;
  const at = setPage(page, captured, blockChecksum(KIND_PAGE, page, captured, <usize>frame));
  // The frame is busy until its last transfer: only that one is reported.
  if (page < WIRED_PAGES && !writer.add(secondCopyGarbage ? frame + PAGE_BYTES : frame, at + REFERENCE_SECOND, NO_TAG)) return false;
  return writer.add(frame, at + REFERENCE_BLOCK, page);
}

/** A frozen page was written to its block, or could not be. */
function onStable(page: u32, written: bool): void {
  const state = stateOf(page);
  clearFrozen(page);
  if (state.frozenFrame != 0) {
    // Copied meanwhile: the live contents are newer, and changed.
    giveFrame(state.frozenFrame);
    state.frozenFrame = 0;
  } else if (written) {
    state.flags &= ~UNSAVED;
    state.savedEpoch = writeEpoch();
  } else {
    setChanged(page);
  }
}

function abandon(reason: u32): void {
  const count = pageCount();
  for (let page = nextFrozen(0); page < count; page = nextFrozen(page + 1)) {
    const state = stateOf(page);
    if (state.frozenFrame != 0 || (state.flags & UNSAVED) != 0) onStable(page, false);
    else settleEarly(page, state);
  }
  pending = true;
  lastFailed = captured;
  logText('persist: generation ');
  logNumber(captured);
  logText(' is abandoned (');
  logText(reasonText(reason));
  logText('); the last one kept is ');
  logNumber(lastCommitted);
  logNewline();
  probe(PROBE_ABANDONED, captured, reason, 0);
}

function reasonText(reason: u32): string {
  if (reason == REASON_PAGES) return 'pages could not be written';
  if (reason == REASON_INDEX) return 'the index could not be written';
  if (reason == REASON_RECORD) return 'its record could not be written';
  return 'the disk could not be flushed';
}

function commit(): void {
  if (!noConsoleDrain) consoleWaitDrained(capturedConsole);
  for (let attempt: u32 = 1; !commitGeneration(); attempt++) {
    log('persist: the superblock cannot be written; no snapshots until it can');
    if (attempt == COMMIT_ATTEMPTS) {
      lastFailed = captured;
      wakeAll(outcomes);
    }
    sleepTicks(TICKS_PER_SECOND);
  }
  pending = false;
  lastCommitted = captured;
  probe(PROBE_COMMIT, captured, 0, 0);
}
