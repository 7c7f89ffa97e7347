/**
 * Snapshots. One thread, the snapshotter, takes them one after the other:
 *
 * 1. Demarcation: the changed pages become the frozen ones, all persistent memory is write-protected in the page
 *    directory, a generation begins. No program runs meanwhile, nothing is copied or queued, and the cost does not
 *    depend on how much was changed.
 * 2. Stabilisation, while programs run: every frozen page is checked (`check.ts`) and written to a free block, in page order,
 *    or, when it was written out early, just entered; then others are checked; then the leaves, roots and record. A program that writes to a frozen page
 *    meanwhile gets a copy (`fault.ts`).
 * 3. Commit: flush; wait until the console has printed what came before the demarcation; superblock pair; flush.
 *
 * When: the next demarcation comes `interval` after the last one, or, when that snapshot took long, after a rest of a
 * quarter of what it took from demarcation to commit. So with little to write snapshots are as frequent as asked for
 * (100 ms: ten a second), and with more to write they become rarer as they become longer, and leave the disk a fifth of
 * the time to reads whatever the load. Nothing changed, nothing is written. Who waits for a commit rests nobody: his
 * snapshot begins at once. Who writes faster than the disk does waits for frames (`frames.ts`).
 *
 * Rule: whatever fails before the superblock is written abandons this snapshot alone: what was written stays valid for
 * the next one, what was not goes back to the changed pages. Once the superblock may be on disk there is no way back,
 * and the commit is tried until it succeeds.
 */

import { probe, PROBE_ABANDONED, PROBE_COMMIT, PROBE_DEMARCATION } from '../arch/exit';
import { consoleCommitted, consolePosition, consoleWaitCommit } from '../drivers/console';
import { PAGE_BYTES } from '../arch/paging';
import { panic } from '../arch/panic';
import {
  commitWhenFull,
  forgetChangedPages,
  frozenPagesComeBack,
  heldReleasedEarly,
  memoryWhileHeld,
  noConsoleDrain,
  noneAfterAbandoned,
  noRest,
  panicOnRestore,
  secondCopyGarbage,
} from '../defects';
import { log, logNewline, logNumber, logText } from '../arch/log';
import { TICKS_PER_SECOND } from '../drivers/pit';
import { block, rescheduleWanted, sleepTicks, threadCreate, tickCount, WaitQueue, wakeAll, yieldNow } from '../sched/thread';
import { blocksFree } from '../store/blocks';
import { blockChecksum } from '../store/crc32c';
import { KIND_PAGE, REFERENCE_BLOCK, REFERENCE_SECOND } from '../store/format';
import { commitGeneration, dropOneGeneration, dropRecord, flushGeneration, writeRecord } from '../store/generations';
import { indexBlocksMax, pageReferenceAt, setPage, writeIndex } from '../store/index';
import { flushDisk, flushDistrusted, writeEpoch } from '../store/io';
import { completeMap, confirmRecovery } from '../store/recovery';
import { supersededPrepare } from '../store/superseded';
import { NO_TAG, Writer } from '../store/writer';
import { checkCapture, checkPage, checkPrepare, checkRelease, checkRest } from './check';
import { settleEarly } from './fault';
import { framesEnough, giveFrame } from './frames';
import { protectAll } from './mapping';
import { cleanerReady, holdCleaner, releaseCleaner } from './pageout';
import {
  changedPages,
  clearFrozen,
  currentGeneration,
  earlyPages,
  freezeChanged,
  isFrozen,
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
const REASON_CHECK: u32 = 5;

/**
 * Pages written between two flushes. A drive does nothing else while it empties its cache, so this bounds how long a
 * page-in may have to wait for it.
 */
const PAGES_A_FLUSH: u32 = 128;

/** Tries to commit that someone who waits for it is ready to see. */
const COMMIT_ATTEMPTS: u32 = 3;

let writer: Writer = changetype<Writer>(0);
/** Ticks from one demarcation to the next, at least. */
let interval: u32 = 0;
/** Tick of the last demarcation, and how long the snapshotter rests now. */
let demarcatedAt: u32 = 0;
let rest: u32 = 0;
/** A snapshot was abandoned: what it wrote still has to be committed, whether or not anything changes. */
let pending: bool = false;
let taking: bool = false;
let lastCommitted: u32 = 0;
/** Highest generation that was given up, or whose commit fails again and again. */
let lastFailed: u32 = 0;
let full: bool = false;
/** When that was last said. */
let fullSaid: u32 = 0;
const REMINDER_TICKS: u32 = 60 * TICKS_PER_SECOND;
/** The generation of the last demarcation, its console position and the pages it changed. */
let captured: u32 = 0;
let capturedConsole: u32 = 0;
let capturedChanges: u32 = 0;
const outcomes = changetype<WaitQueue>(memory.data(8, 8));

/** `committed`: generation recovered; `ticks`: from one snapshot to the next, at least. */
export function startSnapshotter(committed: u32, ticks: u32): void {
  lastCommitted = committed;
  interval = ticks;
  rest = ticks;
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

/** The generation of the last demarcation. */
export function capturedGeneration(): u32 {
  return captured;
}

/** Newest committed generation. */
export function committedGeneration(): u32 {
  return lastCommitted;
}

function snapshotter(argument: usize): void {
  completeMap();
  while (!confirmRecovery()) {
    log('persist: what was recovered cannot be confirmed on the disk; no snapshots until it can');
    sleepTicks(TICKS_PER_SECOND);
  }
  cleanerReady();
  for (;;) {
    waitForRequest(rest);
    rest = interval;
    const asked = takeCommitRequest();
    if (flushDistrusted()) review();
    if (changedPages() == 0 && !pending) continue;
    if (noneAfterAbandoned && pending) continue;
    if (haveSpace()) {
      take();
      rest = restAfter(tickCount() - demarcatedAt);
    } else if (asked) {
      lastFailed = max<u32>(lastFailed, currentGeneration());
    }
    wakeAll(outcomes);
  }
}

/** How long to rest after a snapshot that took `ticks`. */
function restAfter(ticks: u32): u32 {
  if (noRest) return 1;
  return max<u32>(max<u32>(interval, ticks) - ticks, max<u32>(ticks >> 2, 1));
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
  // What is in early blocks needs no others, now or when it leaves memory.
  const needed = changed - earlyPages() + WIRED_PAGES + indexBlocksMax(changed) + usedPages();
  while (blocksFree() < needed && dropOneGeneration()) {}
  const enough = commitWhenFull || blocksFree() >= needed;
  if (enough && full) log('persist: there is space on the disk again; snapshots go on');
  // Said again until it is cured.
  if (!enough && (!full || tickCount() - fullSaid >= REMINDER_TICKS)) {
    fullSaid = tickCount();
    logText('persist: the disk is full: ');
    logNumber(blocksFree());
    logText(' blocks are free, a snapshot needs ');
    logNumber(needed);
    log('; no snapshots until that changes: what happens now is lost at a power cut, a larger disk is needed');
  }
  full = !enough;
  return enough;
}

/**
 * The instant a snapshot captures. It costs the same however many pages there are and were changed: a word for each 4
 * MiB. No write-out may be under way, and the last snapshot must be over.
 */
export function demarcate(): void {
  demarcatedAt = tickCount();
  captured = currentGeneration();
  capturedChanges = changedPages();
  capturedConsole = consolePosition();
  freezeChanged();
  protectAll();
  checkCapture();
  probe(PROBE_DEMARCATION, captured, capturedConsole, capturedChanges);
  if (heldReleasedEarly) consoleCommitted(capturedConsole);
}

function take(): void {
  taking = true;
  if (panicOnRestore && captured == 0 && lastCommitted > 2 && (lastCommitted & 1) == 0) panic('snapshot: a persistent error');
  checkPrepare();
  holdCleaner();
  while (memoryWhileHeld && !framesEnough()) sleepTicks(1);
  demarcate();
  releaseCleaner();
  // Nobody is held longer than the demarcation takes.
  yieldNow();
  const failure = makeStable();
  if (failure != 0) abandon(failure);
  else commit();
  checkRelease();
  taking = false;
}

/** Everything up to the flush before the superblock. Returns 0 or why it failed. */
function makeStable(): u32 {
  const failure = writePages();
  if (failure != 0) return failure;
  assert(frozenPages() == 0, 'snapshot: a frozen page was left out');
  if (!writeIndex(writer, captured)) return REASON_INDEX;
  if (!writeRecord(writer, captured, capturedConsole, capturedChanges)) return REASON_RECORD;
  // A flush of the cleaner's that failed may have cost a block of this generation.
  if (flushGeneration() && !flushDistrusted()) return 0;
  dropRecord();
  return REASON_FLUSH;
}

/** Returns 0 or why it failed. */
function writePages(): u32 {
  const count = pageCount();
  let failure: u32 = 0;
  let written: u32 = 0;
  for (let page = nextFrozen(0); page < count && failure == 0; page = nextFrozen(page + 1)) {
    const state = stateOf(page);
    const sound = checkPage(page);
    if (!sound) {
      failure = REASON_CHECK;
    } else if (!isFrozen(page)) {
      // Checking it may have taken until a program wrote to it, and it settled.
      continue;
    } else if (state.frozenFrame == 0 && (state.flags & UNSAVED) == 0) {
      settleEarly(page, state);
    } else {
      let added = writePage(page, state);
      written++;
      if (added && written % PAGES_A_FLUSH == 0) {
        added = writer.drain();
        // Whether it succeeded is asked at the end.
        flushDisk();
      }
      if (!added) failure = REASON_PAGES;
    }
    supersededPrepare();
    if (rescheduleWanted()) yieldNow();
  }
  if (!writer.drain() && failure == 0) failure = REASON_PAGES;
  return failure == 0 && !checkRest() ? REASON_CHECK : failure;
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
    if (frozenPagesComeBack && (page & 63) == 40) memory.copy(<usize>state.frame, <usize>state.frozenFrame, PAGE_BYTES);
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
  if (reason == REASON_CHECK) return 'what it holds is not sound';
  return 'the disk could not be flushed';
}

function commit(): void {
  if (!noConsoleDrain) consoleWaitCommit(capturedConsole);
  let attempt: u32 = 1;
  for (; !commitGeneration(); attempt++) {
    log('persist: the superblock cannot be written; no snapshots until it can');
    if (attempt == COMMIT_ATTEMPTS) {
      lastFailed = captured;
      wakeAll(outcomes);
    }
    sleepTicks(TICKS_PER_SECOND);
  }
  if (attempt > 1) log('persist: the superblock is written; snapshots go on');
  pending = false;
  lastCommitted = captured;
  probe(PROBE_COMMIT, captured, 0, 0);
  consoleCommitted(capturedConsole);
}
