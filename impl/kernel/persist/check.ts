/**
 * The check before a commit (Shapiro, Smith, Farber, "EROS: a fast capability system", SOSP 1999, section 3.5.1): what the pages
 * of a generation hold is looked at by whoever knows what they should hold, a room above, before that generation can become
 * the one to recover.
 *
 * Rule: every page changed since the last generation is checked as it was captured, before it is written; then, in rotation,
 * those that were not changed and are in memory, each within as many generations as are kept besides the newest, if anything was freed
 * since it was checked last. A page that is not in memory cannot have changed since it was checked.
 *
 * The checker is called with what is to be done and a page; what is not said waits as it likes:
 *     PREPARE   before the demarcation: gets what it needs
 *     CAPTURE   in the instant of the demarcation: does not wait. Its answer is the epoch, 1 to 255: it changes when references
 *               may have come to lead nowhere, and a page checked in it need not be checked again. 0: not to be trusted
 *     PAGE      what the page held at the demarcation (`capturedFrame`). Its answer is 0 when that must not be committed
 *     RELEASE   the generation was committed, or given up
 */

import { skipCheck } from '../defects';
import { allocFrame } from '../memory/frames';
import { heapAlloc } from '../memory/heap';
import { rescheduleWanted, yieldNow } from '../sched/thread';
import { FANOUT_SHIFT, KIND_PAGE, SB_KEEP } from '../store/format';
import { isReady, pageReferenceAt, readyLeaf } from '../store/index';
import { superblock } from '../store/superblock';
import { readVerified } from '../store/verify';
import { IMAGE_LOST, IMAGE_ZERO } from './fault';
import {
  EARLY,
  frameNumbers,
  isChanged,
  isFrozen,
  ownerOf,
  pageCount,
  PageState,
  READING,
  settledUnchecked,
  stateOf,
  takeSettled,
  waitForPage,
} from './pages';

export const CHECK_PREPARE: u32 = 0;
export const CHECK_CAPTURE: u32 = 1;
export const CHECK_PAGE: u32 = 2;
export const CHECK_RELEASE: u32 = 3;

/** Frames looked at between two chances for other threads. */
const STRIDE: u32 = 128;

/** Table index of a `(what: u32, page: u32) => u32`, 0: none. */
let checker: u32 = 0;
/** The same, from the preparation of a generation on. */
let active: u32 = 0;
let epoch: u32 = 0;
/** For each page the epoch it was checked in, 0: not in this boot. */
let checkedIn: usize = 0;
let hand: u32 = 0;

/** Pages read for the check: the one being checked, and another. Each holds what was captured until the next demarcation. */
const SCRATCH: u32 = 2;
const scratchFrames: usize = memory.data(8, 4);
const scratchPages: usize = memory.data(8, 4);
let subject: u32 = 0;

/** `handler`: see above. From the next generation on. */
export function setChecker(handler: u32): void {
  checkedIn = heapAlloc(pageCount());
  for (let i: u32 = 0; i < SCRATCH << 2; i += 4) {
    const frame = allocFrame();
    assert(frame != 0, 'check: not enough memory for its two frames');
    store<u32>(scratchFrames + i, frame);
  }
  checker = handler;
}

function call(what: u32, page: u32): u32 {
  return active == 0 || skipCheck ? 1 : call_indirect<u32>(active, what, page);
}

export function checkPrepare(): void {
  active = checker;
  call(CHECK_PREPARE, 0);
}

/** In the instant of the demarcation. */
export function checkCapture(): void {
  epoch = call(CHECK_CAPTURE, 0);
  memory.fill(scratchPages, 0, SCRATCH << 2);
}

/** Whether the page may be committed as it was captured. May wait. */
export function checkPage(page: u32): bool {
  subject = page;
  if (call(CHECK_PAGE, page) == 0) return false;
  if (active != 0) store<u8>(checkedIn + page, <u8>epoch);
  return true;
}

/** The pages that settled before they could be checked, and the rotation. False: one must not be committed. May wait. */
export function checkRest(): bool {
  return active == 0 || skipCheck || (checkSettled() && (epoch == 0 || checkRotation()));
}

function checkSettled(): bool {
  const count = pageCount();
  for (let page: u32 = 0; page < count && settledUnchecked() != 0; page++) {
    if (takeSettled(stateOf(page)) && !checkPage(page)) return false;
    if (page % STRIDE == STRIDE - 1 && rescheduleWanted()) yieldNow();
  }
  return true;
}

/** One part of the frames, of as many as generations are kept besides the newest. */
function checkRotation(): bool {
  const parts = max<u32>(load<u32>(superblock() + SB_KEEP), 2) - 1;
  const frames = (frameNumbers() + parts - 1) / parts;
  for (let looked: u32 = 0; looked < frames; looked++) {
    const owner = ownerOf(hand);
    if (owner != 0 && !checkOld(owner - 1)) return false;
    hand = hand + 1 >= frameNumbers() ? 0 : hand + 1;
    if (looked % STRIDE == STRIDE - 1 && rescheduleWanted()) yieldNow();
  }
  return true;
}

/** When it fails, the hand stays: the page is looked at again in the next generation. */
function checkOld(page: u32): bool {
  if (<u32>load<u8>(checkedIn + page) == epoch) return true;
  if (isChanged(page) || (stateOf(page).flags & READING) != 0) return true;
  subject = page;
  if (call(CHECK_PAGE, page) == 0) return false;
  store<u8>(checkedIn + page, <u8>epoch);
  return true;
}

export function checkRelease(): void {
  call(CHECK_RELEASE, 0);
}

/** Whether the live frame holds what was captured: nothing was written to the page since, or that went to another frame. */
function liveIsCaptured(page: u32, state: PageState): bool {
  if (state.frame == 0 || (state.flags & READING) != 0) return false;
  return isFrozen(page) || !isChanged(page);
}

/**
 * Frame with what the page held at the demarcation, IMAGE_ZERO or IMAGE_LOST; from the demarcation until CHECK_RELEASE. Good
 * until the thread next gives up the CPU. May wait.
 */
export function capturedFrame(page: u32): u32 {
  const state = stateOf(page);
  while (true) {
    if (isFrozen(page) && state.frozenFrame != 0) return state.frozenFrame;
    if (liveIsCaptured(page, state)) return state.frame;
    if (state.flags & READING) waitForPage(page);
    else if (isFrozen(page)) return readCaptured(page, state.early());
    else if (!isReady(page)) readyLeaf(page >> FANOUT_SHIFT);
    else if (load<u32>(pageReferenceAt(page)) == 0) return IMAGE_ZERO;
    else return readCaptured(page, pageReferenceAt(page));
  }
}

function readCaptured(page: u32, reference: usize): u32 {
  const slot: usize = page == subject ? 0 : 4;
  const frame = load<u32>(scratchFrames + slot);
  if (load<u32>(scratchPages + slot) == page + 1) return frame;
  store<u32>(scratchPages + slot, 0);
  if (!readVerified(KIND_PAGE, page, reference, frame)) return IMAGE_LOST;
  store<u32>(scratchPages + slot, page + 1);
  return frame;
}

/** Whether the live contents of the page can be had without the disk. */
export function isResident(page: u32): bool {
  const state = stateOf(page);
  return state.frame != 0 && (state.flags & READING) == 0;
}

/**
 * Frame with what the page holds now, IMAGE_ZERO or IMAGE_LOST, for the checker while it prepares. Good until the thread
 * next gives up the CPU. May wait.
 */
export function liveFrame(page: u32): u32 {
  const state = stateOf(page);
  const frame = load<u32>(scratchFrames);
  while (true) {
    if (isResident(page)) return state.frame;
    if (state.flags & READING) {
      waitForPage(page);
      continue;
    }
    if ((state.flags & EARLY) == 0 && !isReady(page)) {
      readyLeaf(page >> FANOUT_SHIFT);
      continue;
    }
    const reference = state.flags & EARLY ? state.early() : pageReferenceAt(page);
    const block = load<u32>(reference);
    if (block == 0) return IMAGE_ZERO;
    const good = readVerified(KIND_PAGE, page, reference, frame);
    const same = state.flags & EARLY ? state.early() == reference : pageReferenceAt(page) == reference;
    if (state.frame != 0 || !same || load<u32>(reference) != block) continue;
    return good ? frame : IMAGE_LOST;
  }
}
