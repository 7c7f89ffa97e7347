/**
 * Page faults on persistent memory: bringing a page in, and giving permission to write.
 *
 * Rule: after everything that may wait the state of the page is looked at again from the start; what follows the last
 * wait runs to its end without giving up the CPU. A write fault that finds its page in memory does a bounded amount of
 * work: pushing the protection down (1024 entries), copying one page, or neither.
 */

import { FAULT_WRITE } from '../arch/trap';
import { copyPage, PAGE_BYTES, PAGE_SHIFT } from '../arch/paging';
import {
  cancelledKept,
  earlyNotInIndex,
  forgetCopiedPages,
  lostPageReadsZero,
  mapWhileReading,
  writeToFrozenPages,
} from '../defects';
import { log, logNumber, logText } from '../arch/log';
import { blockEpoch, threadExit } from '../sched/thread';
import { FANOUT_SHIFT, KIND_PAGE, REFERENCE_BLOCK, REFERENCE_GENERATION } from '../store/format';
import { dropBlock, isLost, isReady, pageReferenceAt, readyLeaf, setPage } from '../store/index';
import { readVerified } from '../store/verify';
import { giveFrame, takeFrame, takeWiredFrame } from './frames';
import { imageCopy, keepForImage } from './image';
import { isMapped, isWritable, mapForReading, mapForWriting } from './mapping';
import {
  CANCELLED,
  clearEarly,
  clearFrozen,
  EARLY,
  isFrozen,
  noteSettled,
  pageCount,
  PageState,
  PERSISTENT_BASE,
  READING,
  setChanged,
  setFrame,
  setSaved,
  setUsed,
  stateOf,
  UNSAVED,
  waitForPage,
  wakeForPage,
  WIRED_PAGES,
  WRITING,
} from './pages';

/** Table index of a `(page: u32, address: usize) => void`, 0: none. */
let lostHandler: u32 = 0;
let pageIns: u32 = 0;
let copies: u32 = 0;
/** Faults that found their page on its way in for another one, and how many of them wanted to write. */
let sharedPageIns: u32 = 0;
let writesDuringPageIn: u32 = 0;
/** Write-outs that a write to their page made worthless. */
let cancellations: u32 = 0;

/**
 * `handler`: what to do in a thread that needs a page whose contents are lost (rule 6 of the design); table index of a
 * `(page: u32, address: usize) => void`. When it returns, or when there is none, the thread ends. It touches no
 * persistent memory: that would be a page fault inside a page fault.
 */
export function setLostHandler(handler: u32): void {
  lostHandler = handler;
}

/** Pages read from disk since boot. */
export function pagesRead(): u32 {
  return pageIns;
}

/** Pages copied because a snapshot still needed them. */
export function pagesCopied(): u32 {
  return copies;
}

/** Faults since boot that waited for a page another one was bringing in. */
export function faultsShared(): u32 {
  return sharedPageIns;
}

/** Those of them that were to write. */
export function faultsSharedForWriting(): u32 {
  return writesDuringPageIn;
}

/** Writes since boot to a page that was being written out. */
export function writeOutsCancelled(): u32 {
  return cancellations;
}

/** The page fault handler: false when the address is not persistent memory. */
export function persistFault(address: usize, errorCode: u32, frame: usize): bool {
  const page = <u32>((address - PERSISTENT_BASE) >>> PAGE_SHIFT);
  if (address < PERSISTENT_BASE || page >= pageCount()) return false;
  resolve(page, (errorCode & FAULT_WRITE) != 0);
  return true;
}

function resolve(page: u32, write: bool): void {
  const state = stateOf(page);
  for (;;) {
    if (state.flags & READING) {
      sharedPageIns++;
      if (write) writesDuringPageIn++;
      if (mapWhileReading && !write) {
        mapForReading(page, state.frame);
        return;
      }
      waitForPage(page);
    } else if (state.frame == 0) {
      if (!bringIn(page, state)) loseThread(page);
    } else if (write) {
      if (makeWritable(page, state)) return;
    } else {
      if (!isMapped(page)) mapForReading(page, state.frame);
      return;
    }
  }
}

/** One step towards residence; it waits for a frame or for the disk. False: no good copy is left. */
function bringIn(page: u32, state: PageState): bool {
  if (!isReady(page)) {
    readyLeaf(page >> FANOUT_SHIFT);
    return true;
  }
  const frame = takeFrame();
  if (frame == 0) return true;
  setFrame(page, state, frame);
  const reference = state.flags & EARLY ? state.early() : pageReferenceAt(page);
  if (load<u32>(reference) == 0) {
    memory.fill(<usize>frame, 0, PAGE_BYTES);
    return true;
  }
  pageIns++;
  setSaved(state);
  state.flags |= READING;
  let good = readVerified(KIND_PAGE, page, reference, frame);
  if (lostPageReadsZero && !good) {
    memory.fill(<usize>frame, 0, PAGE_BYTES);
    good = true;
  }
  state.flags &= ~READING;
  if (!good) {
    setFrame(page, state, 0);
    giveFrame(frame);
  }
  wakeForPage(page);
  return good;
}

/** Of `imageFrame`: the page holds only zeroes, or no good copy of it is left. */
export const IMAGE_ZERO: u32 = 0;
export const IMAGE_LOST: u32 = 1;

/**
 * Frame with what the page held when the image was frozen, without mapping it; without an image, what it holds. Good
 * until the thread next gives up the CPU. May wait.
 */
export function imageFrame(page: u32): u32 {
  const state = stateOf(page);
  while (true) {
    const copy = imageCopy(page);
    if (copy != 0 && !forgetCopiedPages) return copy;
    if (state.flags & READING) {
      waitForPage(page);
      continue;
    }
    if (state.frame != 0) return state.frame;
    if (isReady(page) && (state.flags & EARLY) == 0 && load<u32>(pageReferenceAt(page)) == 0) return IMAGE_ZERO;
    if (!bringIn(page, state)) return IMAGE_LOST;
  }
}

/** What a user can do about a lost page is go back to a generation that has another block of it. */
function logLost(page: u32): void {
  const state = stateOf(page);
  const reference = state.flags & EARLY ? state.early() : pageReferenceAt(page);
  logText('persist: object lost; a thread ends that needs page ');
  logNumber(page);
  if (isLost(reference)) logText(', whose index leaf is lost');
  else {
    logText(', block ');
    logNumber(load<u32>(reference + REFERENCE_BLOCK));
    logText(' of generation ');
    logNumber(load<u32>(reference + REFERENCE_GENERATION));
  }
  log('; an older generation may have it: phantom image list, then rollback');
}

function loseThread(page: u32): void {
  logLost(page);
  if (lostHandler != 0) call_indirect<void>(lostHandler, page, PERSISTENT_BASE + (<usize>page << PAGE_SHIFT));
  threadExit();
}

/** The page was written out before the demarcation: that block is what the snapshot takes. */
export function settleEarly(page: u32, state: PageState): void {
  const early = (state.flags & EARLY) != 0 && state.frozenFrame == 0;
  assert(early, 'persist: a frozen page is neither in memory nor on disk');
  if (!earlyNotInIndex || (page & 1) == 0) {
    store<u32>(setPage(page, state.earlyGeneration, state.earlyChecksum), state.earlyBlock);
  }
  clearEarly(state);
  clearFrozen(page);
}

/** False: it had to wait for a frame. */
function makeWritable(page: u32, state: PageState): bool {
  const unsaved = (state.flags & UNSAVED) != 0;
  const frozen = isFrozen(page) && state.frozenFrame == 0;
  if (!keepForImage(page, state)) return false;
  if (frozen) {
    if (unsaved) {
      if (!writeToFrozenPages && !copyFrozen(page, state)) return false;
    } else {
      settleEarly(page, state);
      noteSettled(state);
    }
  }
  if (state.flags & WRITING) {
    if ((state.flags & CANCELLED) == 0) cancellations++;
    if (!cancelledKept) state.flags |= CANCELLED;
  } else if (state.flags & EARLY) {
    dropBlock(state.earlyBlock, state.earlyGeneration);
    clearEarly(state);
  }
  state.flags |= UNSAVED;
  setUsed(state);
  setChanged(page);
  mapForWriting(page, state.frame);
  return true;
}

/** Copy-on-write: the snapshot keeps the frame, which may be on its way to the disk, and the program gets a copy. */
function copyFrozen(page: u32, state: PageState): bool {
  const frame = page < WIRED_PAGES ? takeWiredFrame() : takeFrame();
  if (frame == 0) return false;
  copyPage(<usize>frame, <usize>state.frame);
  state.frozenFrame = state.frame;
  setFrame(page, state, frame);
  copies++;
  return true;
}

/**
 * Makes `bytes` bytes at `address` resident and writable; they stay so until the thread next gives up the CPU. May
 * wait. See the touch rule (ARCHITECTURE.md, C5) for updates of several ranges.
 */
export function touchForWrite(address: usize, bytes: u32): void {
  if (bytes == 0) return;
  const first = <u32>((address - PERSISTENT_BASE) >>> PAGE_SHIFT);
  const last = <u32>((address + bytes - 1 - PERSISTENT_BASE) >>> PAGE_SHIFT);
  assert(address >= PERSISTENT_BASE && last < pageCount() && first <= last, 'persist: touching what is not persistent');
  let epoch: u32;
  do {
    epoch = blockEpoch();
    for (let page = first; page <= last; page++) if (!isWritable(page)) resolve(page, true);
  } while (blockEpoch() != epoch);
}
