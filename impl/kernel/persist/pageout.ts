/**
 * The cleaner: a thread that keeps some frames free by sending pages out, by second chance over the frames (Corbato
 * 1968). A saved page just leaves; an unsaved one is written to a new block first, and leaves when that is flushed. The
 * block is already part of the next generation, so nothing is written twice because of memory pressure, and a snapshot
 * has less to do.
 *
 * Rules: a page that the snapshot has yet to write from its live frame stays. No write-out is under way at a
 * demarcation (`holdCleaner`), so a page is never frozen half-written. Nothing goes out before it is known which blocks
 * are free (`cleanerReady`).
 */

import { block, rescheduleWanted, yieldNow, sleepTicks, threadCreate, WaitQueue, wakeAll } from '../sched/thread';
import { freeBlock } from '../store/blocks';
import { blockChecksum } from '../store/crc32c';
import { KIND_PAGE } from '../store/format';
import { flushDisk, isDurable, writeEpoch } from '../store/io';
import { Writer } from '../store/writer';
import { framesEnough, giveFrame, waitUntilFramesLow, wakeForFrames } from './frames';
import { protect, takeAccessed, unmap } from './mapping';
import {
  CANCELLED,
  currentGeneration,
  frameNumbers,
  isFrozen,
  ownerOf,
  PageState,
  READING,
  setEarly,
  setFrame,
  stateOf,
  UNSAVED,
  WIRED_PAGES,
  WRITING,
} from './pages';
import { reviewSoon } from './requests';

/** Pages sent out in one round: what one flush serves. */
const ROUND: u32 = 64;
/** Frames looked at between two chances for other threads. */
const STRIDE: u32 = 128;

let hand: u32 = 0;
let working: bool = false;
let held: bool = false;
let ready: bool = false;
let writer: Writer = changetype<Writer>(0);
const idle = changetype<WaitQueue>(memory.data(8, 8));
const released = changetype<WaitQueue>(memory.data(8, 8));
/** Pages of this round that leave after its flush. */
const SAVED_MAX: u32 = ROUND;
const saved: usize = memory.data(256, 4);
let savedCount: u32 = 0;
let evictions: u32 = 0;
let writeOuts: u32 = 0;

/** Pages that left memory, and pages written out for it, since boot. */
export function pagesEvicted(): u32 {
  return evictions;
}

export function pagesWrittenOut(): u32 {
  return writeOuts;
}

export function startCleaner(): void {
  writer = Writer.create(onWritten.index);
  threadCreate(clean.index, 0);
}

/** Waits until no write-out is under way, and lets none begin before `releaseCleaner`. */
export function holdCleaner(): void {
  held = true;
  while (working) block(idle);
}

export function releaseCleaner(): void {
  held = false;
  wakeAll(released);
}

/** Blocks may be allocated: write-outs can begin. */
export function cleanerReady(): void {
  ready = true;
  releaseCleaner();
}

function clean(argument: usize): void {
  while (!ready) block(released);
  for (;;) {
    waitUntilFramesLow();
    do {
      while (held) block(released);
      working = true;
      const moved = round();
      working = false;
      wakeAll(idle);
      // Everything is frozen or in use: the snapshot or the programs must move first.
      if (!moved) sleepTicks(1);
    } while (!framesEnough());
    wakeForFrames();
  }
}

/**
 * Sends out up to ROUND pages. Those that are written stay as clean ones, to go without a write later, unless frames are
 * needed now: only then is there a flush. False: there was none to send, or the disk failed.
 */
function round(): bool {
  let sent: u32 = 0;
  savedCount = 0;
  // Twice round: the first time may only take the accessed bits away.
  const limit = frameNumbers() << 1;
  for (let looked: u32 = 0; looked < limit && sent < ROUND && !framesEnough(); looked++) {
    hand = hand + 1 == frameNumbers() ? 0 : hand + 1;
    const owner = ownerOf(hand);
    if (owner != 0 && sendOut(owner - 1)) sent++;
    if (looked % STRIDE == STRIDE - 1 && rescheduleWanted()) yieldNow();
  }
  writer.drain();
  if (savedCount == 0 || framesEnough()) return sent != 0;
  if (!flushDisk()) {
    reviewSoon();
    return false;
  }
  for (let i: u32 = 0; i < savedCount && !framesEnough(); i++) leave(load<u32>(saved + (i << 2)));
  return sent != 0;
}

/** A page that was written out and flushed: it leaves, unless it was needed meanwhile. */
function leave(page: u32): void {
  const state = stateOf(page);
  const idle = (state.flags & (UNSAVED | READING | WRITING)) == 0 && state.frame != 0;
  if (idle && isDurable(state.savedEpoch) && !takeAccessed(page)) evict(page, state);
}

function sendOut(page: u32): bool {
  const state = stateOf(page);
  if (page < WIRED_PAGES || (state.flags & (READING | WRITING)) != 0) return false;
  const unsaved = (state.flags & UNSAVED) != 0;
  if (unsaved && isFrozen(page) && state.frozenFrame == 0) return false;
  if (takeAccessed(page)) return false;
  if (!unsaved) {
    if (!isDurable(state.savedEpoch)) return note(page);
    evict(page, state);
    return true;
  }
  return writeOut(page, state);
}

/** The page can leave after a flush. */
function note(page: u32): bool {
  if (savedCount == SAVED_MAX) return false;
  store<u32>(saved + (savedCount << 2), page);
  savedCount++;
  return true;
}

function evict(page: u32, state: PageState): void {
  const frame = state.frame;
  unmap(page);
  setFrame(page, state, 0);
  giveFrame(frame);
  evictions++;
}

function writeOut(page: u32, state: PageState): bool {
  protect(page);
  const generation = currentGeneration();
  state.earlySecond = 0;
  state.earlyGeneration = generation;
  state.earlyChecksum = blockChecksum(KIND_PAGE, page, generation, <usize>state.frame);
  state.flags |= WRITING;
  if (!writer.add(state.frame, state.early(), page)) {
    state.flags &= ~WRITING;
    return false;
  }
  writeOuts++;
  return true;
}

function onWritten(page: u32, written: bool): void {
  const state = stateOf(page);
  const cancelled = (state.flags & CANCELLED) != 0;
  state.flags &= ~(WRITING | CANCELLED);
  if (cancelled) freeBlock(state.earlyBlock);
  else if (written) {
    setEarly(state);
    state.savedEpoch = writeEpoch();
    note(page);
  }
}
