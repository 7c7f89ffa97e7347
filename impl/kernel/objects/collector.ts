/**
 * Garbage collection from a frozen image (specs/Collector.tla): a kernel thread marks what was reachable in the memory
 * of one instant while programs go on changing the real one, then frees what was not.
 *
 * Rule: an object that exists at the instant and is reachable neither from the persistent roots nor from the stack of a
 * kernel thread stays out of reach, since a program gets a reference only by reading it where it can reach, by making
 * the object, or from a weak reference, and the last marks (`phase.ts`). So there is no barrier.
 *
 * Roots are the root structure, the monitors, the records and stacks of live threads, all from the image, and every word
 * that lay on the kernel stacks at that instant and may be an address in an object or just behind it: a method of the
 * kernel that waits for a page may hold objects that nothing else knows. Words there and in objects count when they are
 * where an object begins, so a number that looks like a reference keeps an object and can do no other harm.
 *
 * Programs wait for the freezing alone, which costs a word for each 4 MiB: of a thread that has not run since, the stack
 * is what it was (`sched/stack-words.ts`). Everything else lets others run after some 10,000 cycles at most.
 *
 * 1. Walk: the image's objects and free blocks, from the heap's start by their sizes, go to the bitmaps (`marks.ts`).
 * 2. Mark: page by page, those first that lie ahead; pages come in like any others, and nothing is written.
 * 3. Clear: weak references to what is not marked become empty. All are, before anything is freed: a power cut between
 *    leaves objects that are whole.
 * 4. Sweep: each run of doomed objects and free blocks becomes one free block by one write of a header in one page. A
 *    power cut between two leaves a heap that can be walked, and the next collection finds the rest.
 */

import { clearWeakLate, forgetStackRoots, stopMarkingEarly } from '../defects';
import {
  announceCollection,
  blockEpoch,
  collectKib,
  COLLECTS,
  framesFree,
  IMAGE_LOST,
  IMAGE_ZERO,
  imageCopies,
  imageEnd,
  giveFrame,
  imageFrame,
  imageFreeze,
  imagePrepare,
  imageReaches,
  log,
  noteOneStack,
  rescheduleWanted,
  safepoint,
  spawnCollector,
  stacksAreNow,
  stackWordsInUse,
  takeZeroedFrame,
  waitForWork,
  wakeForCollector,
  wordAt,
  wordsBegin,
  wordsEnd,
  wordsNoted,
} from './below';
import { freeAdd, freeForget, freeInit } from './free';
import { objectBytes, settle } from './heap';
import {
  K_BINARY,
  K_CODE,
  K_DOUBLE,
  K_ESTACK,
  K_FLOAT,
  K_INT,
  K_ISTACK,
  K_LONG,
  K_OSTACK,
  K_STRING,
  K_WEAKREF,
  M_LINES,
  MONITOR_BYTES,
  MONITORS,
  MONITORS_MAX,
  O_CLASS,
  O_DATA,
  O_SIZE,
  OPAQUE,
  PAGE,
  PERSISTENT_BASE,
  R_CLASSES,
  R_HEAP_LIMIT,
  R_HEAP_NEXT,
  R_HEAP_START,
  R_SWEPT,
  RECORD_BYTES,
  RECORDS,
  RECORDS_MAX,
  ROOT,
  SIZE_MASK,
  T_CODE,
  T_CSP,
  T_CSTACK,
  T_GRANTED,
  T_ISTACK,
  T_MADE,
  T_OBJECT,
  T_OSP,
  T_OSTACK,
  T_STATE,
  T_WAITS,
  THREAD_ALIVE,
  W_TARGET,
} from './layout';
import {
  isDoomed,
  isMarked,
  isScanned,
  isStart,
  isWeak,
  mark,
  marksEnd,
  marksExtend,
  marksInit,
  marksReach,
  nextStart,
  noteFree,
  noteObject,
  noteWeak,
  pendingLeft,
  setScanned,
  startBefore,
  takeHere,
  takePending,
} from './marks';
import {
  bytesFreed,
  CLEARING,
  collectableEnd,
  collectionBegins,
  collectionEnds,
  collectorEnds,
  collectorLives,
  emptyWeak,
  noteFreed,
  requestCollection,
  setPhase,
  sweepBegins,
  sweepEnds,
  SWEEPING,
  takeRequest,
} from './phase';
import { startsFreed } from './starts';

/** Without the option, an eighth of the heap is made anew between two collections, and this much at least. */
const EVERY_PART: u32 = 8;
const EVERY_LEAST: u32 = 0x100000;
/**
 * Of the frames beyond those that programs cannot do without, and an eighth for the map of `starts.ts`, the bitmaps take
 * half at most; 128 KiB of heap need one.
 */
const FRAMES_LEAST: u32 = 64;
const HEAP_A_FRAME: u32 = 0x20000;
/** Of the other frames, copies of pages take a quarter at most. */
const COPIES_PART: u32 = 4;
/** All that a 32-bit address leaves. */
const MOST_FRAMES: u32 = 0x3fff;
/** Bytes of memory looked at between two chances for other threads. */
const STRIDE: u32 = 256;
/** A free block is no longer than an object may be. */
const RUN_MAX: u32 = 0x08000000;
/** Least an object takes. */
const LEAST: u32 = 16;

/* Steps of a collection, as they are announced. */
const STEP_STOP: u32 = 1;
const STEP_FROZEN: u32 = 2;
const STEP_DECIDED: u32 = 3;
const STEP_OVER: u32 = 4;
const STEP_GIVEN_UP: u32 = 5;

/** Frames for words from kernel stacks, and the frame that holds their addresses. */
let stackTable: u32 = 0;
let stackFrames: u32 = 0;
const WORDS_A_FRAME: u32 = PAGE / 4;

/** The image's objects are from `low` up to below `end`. */
let low: u32 = 0;
let end: u32 = 0;

/** Table index of what empties the caches of the rooms above. */
let forget: u32 = 0;

/** Frames free for pages, copies and bitmaps when programs begin to run. */
let frames: u32 = 0;

let collections: u32 = 0;
let headersWritten: u32 = 0;
let copied: u32 = 0;

/** Collections since boot that came to their end. */
export function collectionsDone(): u32 {
  return collections;
}

/** KiB of garbage that became free blocks since boot. */
export function kibFreed(): u32 {
  return bytesFreed() >>> 10;
}

/** Headers of free blocks written since boot: each writes to one page, marking writes to none. */
export function sweepWrites(): u32 {
  return headersWritten;
}

/** Pages copied since boot because programs wrote to them while they were marked. */
export function pagesKept(): u32 {
  return copied;
}

/**
 * Starts the collector; the root structure is complete. `forgetCaches`: table index of a `() => void` that makes the
 * rooms above forget what they know of objects, which may be freed. May wait.
 */
export function startCollector(forgetCaches: u32): void {
  if (!COLLECTS) return;
  forget = forgetCaches;
  const heap = load<u32>(ROOT + R_HEAP_LIMIT) - load<u32>(ROOT + R_HEAP_START);
  const kib = collectKib();
  frames = framesFree();
  const often = kib ? kib << 10 : max<u32>(EVERY_LEAST, heap / EVERY_PART);
  collectorLives(often, PERSISTENT_BASE + min<u32>(framesForMarks(), MOST_FRAMES) * HEAP_A_FRAME);
  marksInit(load<u32>(ROOT + R_HEAP_LIMIT));
  spawnCollector(collector.index);
  // A power cut fell into a sweep: what it left is freed, so that what is committed can be checked in full.
  if (load<u32>(ROOT + R_SWEPT) == 0) requestCollection();
}

/** The collector's kernel thread ends: a page that it had to write is lost. */
export function collectorLost(): void {
  log('objects: a page that the collector needs is lost; there is no further collection in this boot');
  collectorEnds();
  wakeForCollector();
}

function collector(argument: usize): void {
  for (;;) {
    while (!takeRequest()) waitForWork();
    if (prepare()) collect();
    giveStackFrames();
    collectionEnds();
    marksEnd();
    wakeForCollector();
  }
}

function collect(): void {
  const freedBefore = bytesFreed();
  const headersBefore = headersWritten;
  let whole = walk() && markRoots() && markAll();
  if (whole) {
    // Nothing is left to mark: what is not marked is doomed from this step on.
    setPhase(CLEARING);
    announceCollection(STEP_DECIDED, imageCopies(), wordsNoted());
    call_indirect<void>(forget);
  }
  copied += imageCopies();
  imageEnd();
  if (whole) whole = clearWeak();
  if (whole) {
    sweep();
    collections++;
  }
  announceCollection(whole ? STEP_OVER : STEP_GIVEN_UP, (bytesFreed() - freedBefore) >>> 10, headersWritten - headersBefore);
}

/** Gets room for so many words from stacks. May wait. */
function takeStackFrames(words: u32): void {
  if (stackTable == 0) stackTable = takeZeroedFrame();
  for (; stackFrames * WORDS_A_FRAME < words; stackFrames++) {
    const frame = takeZeroedFrame();
    store<u32>(stackTable + (stackFrames << 2), frame);
    rest();
  }
}

function giveStackFrames(): void {
  wordsEnd();
  for (; stackFrames != 0; stackFrames--) giveFrame(load<u32>(stackTable + ((stackFrames - 1) << 2)));
  if (stackTable != 0) giveFrame(stackTable);
  stackTable = 0;
}

/** Pages up to an address. */
function pagesTo(address: u32): u32 {
  return (address - PERSISTENT_BASE + PAGE - 1) >>> 12;
}

function framesForMarks(): u32 {
  return (max<u32>(frames - frames / 8, FRAMES_LEAST) - FRAMES_LEAST) / 2;
}

/** Freezes the image. False: this heap cannot be marked. */
function prepare(): bool {
  do {
    end = load<u32>(ROOT + R_HEAP_NEXT);
    if (end > collectableEnd()) {
      log('objects: too little RAM to collect garbage in a heap of this size');
      collectorEnds();
      return false;
    }
    takeStackFrames(stackWordsInUse());
    freeInit();
    marksExtend(end);
    imagePrepare(pagesTo(end));
    end = load<u32>(ROOT + R_HEAP_NEXT);
  } while (
    !marksReach(end) ||
    !imageReaches(pagesTo(end)) ||
    stackWordsInUse() > stackFrames * WORDS_A_FRAME
  );
  low = load<u32>(ROOT + R_HEAP_START);
  announceCollection(STEP_STOP, 0, 0);
  wordsBegin(low, end + 1, stackTable, stackFrames);
  stacksAreNow();
  imageFreeze(pagesTo(end), (frames - frames / 8 - framesForMarks()) / COPIES_PART);
  collectionBegins(low, end);
  announceCollection(STEP_FROZEN, pagesTo(end), 0);
  return true;
}

/** Lets other threads run when it is time. */
function rest(): void {
  if (rescheduleWanted()) safepoint();
}

let heldPage: u32 = 0;
let heldFrame: u32 = 0;
let heldEpoch: u32 = 0;

/** `imageFrame` of the page of an address, remembered as long as it is good. */
function frameOf(address: u32): u32 {
  const page = (address - PERSISTENT_BASE) >>> 12;
  if (page == heldPage && blockEpoch() == heldEpoch) return heldFrame;
  heldFrame = imageFrame(page);
  heldPage = page;
  heldEpoch = blockEpoch();
  return heldFrame;
}

function isThere(frame: u32): bool {
  return frame != IMAGE_LOST && frame != IMAGE_ZERO;
}

/** A word of the image in wired memory, or of a page that is there. */
function wiredWord(address: u32): u32 {
  return load<u32>(frameOf(address) + (address & (PAGE - 1)));
}

/** Enters the objects and free blocks of the image. False: a page is lost, or sizes lead out of the heap. */
function walk(): bool {
  const weak = classOfKind(K_WEAKREF);
  let at = low;
  while (at < end) {
    const frame = frameOf(at);
    if (!isThere(frame)) return false;
    const header = frame + (at & (PAGE - 1));
    const cls = load<u32>(header, O_CLASS);
    const total = objectBytes(load<u32>(header, O_SIZE) & SIZE_MASK);
    if (total > end - at) return false;
    if (cls == 0) noteFree(at);
    else if (cls == weak) noteWeak(at);
    else noteObject(at);
    at += total;
    rest();
  }
  return true;
}

/** Internal classes never change. */
function classOfKind(kind: u32): u32 {
  return load<u32>(ROOT + (kind << 2), R_CLASSES);
}

function markWord(word: u32): void {
  if ((word & 7) == 0 && word - low < end - low && isStart(word)) mark(word);
}

/** Whatever lies at an address inside the heap, or ends there. */
function markInside(address: u32): void {
  if (address < end) mark(startBefore(address, low));
  if (address > low) mark(startBefore(address - 1, low));
}

/** Marks what the words of the image in [from, to) refer to. False: a page is lost. */
function markRange(from: u32, to: u32): bool {
  for (let at = from; at < to; ) {
    const frame = frameOf(at);
    if (frame == IMAGE_LOST) return false;
    const stop = min<u32>(to, (at | (STRIDE - 1)) + 1);
    if (frame == IMAGE_ZERO) at = stop;
    for (; at < stop; at += 4) markWord(load<u32>(frame + (at & (PAGE - 1))));
    rest();
  }
  return true;
}

function markRoots(): bool {
  while (noteOneStack()) rest();
  for (let i: u32 = 0; i < wordsNoted(); i++) {
    markInside(wordAt(i));
    rest();
  }
  if (!markRange(ROOT, ROOT + PAGE)) return false;
  if (!markRange(MONITORS, MONITORS + MONITORS_MAX * MONITOR_BYTES)) return false;
  for (let i: u32 = 0; i < RECORDS_MAX; i++) {
    if (!markThread(RECORDS + i * RECORD_BYTES)) return false;
    rest();
  }
  return true;
}

/** The stacks stay with a record whose thread has ended; what it was about does not. */
function markThread(record: u32): bool {
  const objects = wiredWord(record + T_OSTACK);
  const control = wiredWord(record + T_CSTACK);
  markWord(objects);
  markWord(wiredWord(record + T_ISTACK));
  markWord(control);
  if (wiredWord(record + T_STATE) != THREAD_ALIVE) return true;
  markWord(wiredWord(record + T_CODE));
  markWord(wiredWord(record + T_OBJECT));
  markWord(wiredWord(record + T_MADE));
  // The low bits say whether it is the object's monitor.
  markWord(wiredWord(record + T_WAITS) & ~7);
  markWord(wiredWord(record + T_GRANTED) & ~7);
  const osp = wiredWord(record + T_OSP);
  const csp = wiredWord(record + T_CSP);
  if (!forgetStackRoots && !markRange(objects + O_DATA, osp)) return false;
  return markRange(control + O_DATA, csp);
}

function markAll(): bool {
  let page: u32 = 0;
  while (pendingLeft() != 0) {
    const before = page;
    page = takePending(page, pagesTo(end));
    if (stopMarkingEarly && page < before) return true;
    const from = max<u32>(PERSISTENT_BASE + (page << 12), low);
    const to = min<u32>(PERSISTENT_BASE + ((page + 1) << 12), end);
    for (let at = nextStart(from, to); at < to; at = nextStart(at + LEAST, to)) {
      rest();
      if (!isMarked(at) || isScanned(at)) continue;
      for (let object = at; object != 0; object = takeHere()) if (!scan(object)) return false;
    }
  }
  return true;
}

/** Marks what an object refers to. False: a page is lost. */
function scan(object: u32): bool {
  setScanned(object);
  const frame = frameOf(object);
  if (!isThere(frame)) return false;
  const header = frame + (object & (PAGE - 1));
  const cls = load<u32>(header, O_CLASS);
  const first = object + O_DATA;
  let behind = first + (load<u32>(header, O_SIZE) & SIZE_MASK & ~3);
  markWord(cls);
  if (isBytes(cls)) return true;
  // Behind its references a code object is bytecode.
  if (cls == classOfKind(K_CODE)) behind = object + M_LINES + 4;
  return markRange(first, behind);
}

/** Whether objects of the class hold no references, or such as do not count here: stacks are roots, weak references are weak. */
function isBytes(cls: u32): bool {
  return (
    cls == classOfKind(K_STRING) ||
    cls == classOfKind(K_BINARY) ||
    cls == classOfKind(K_INT) ||
    cls == classOfKind(K_LONG) ||
    cls == classOfKind(K_DOUBLE) ||
    cls == classOfKind(K_FLOAT) ||
    cls == classOfKind(K_WEAKREF) ||
    cls == classOfKind(K_OSTACK) ||
    cls == classOfKind(K_ISTACK) ||
    cls == classOfKind(K_ESTACK)
  );
}

/** Empties the weak references to what is doomed. False: a page is lost. */
function clearWeak(): bool {
  if (clearWeakLate) return true;
  for (let at = nextStart(low, end); at < end; at = nextStart(at + LEAST, end)) {
    rest();
    if (!isWeak(at) || !isMarked(at)) continue;
    const frame = frameOf(at + W_TARGET);
    if (!isThere(frame)) return false;
    const target = load<u32>(frame + ((at + W_TARGET) & (PAGE - 1)));
    if ((target & 7) == 0 && target - low < end - low && isStart(target) && isDoomed(target)) emptyWeak(at);
  }
  return true;
}

/** Frees what is doomed. */
function sweep(): void {
  // Free blocks known so far are found again; until then nobody takes one, so each that is met is as the image had it
  // or was noted when a part of it was taken.
  freeForget();
  setPhase(SWEEPING);
  sweepBegins();
  let run: u32 = 0;
  let blocks: u32 = 0;
  for (let at = nextStart(low, end); ; at = nextStart(at + LEAST, end)) {
    const free = at < end && !isMarked(at);
    if (run != 0 && (!free || at - run >= RUN_MAX)) {
      release(run, at - run, blocks == 1 && isScanned(run));
      run = 0;
      blocks = 0;
    }
    if (at == end) break;
    if (free) {
      if (run == 0) run = at;
      if (!isScanned(at)) noteFreed(nextStart(at + LEAST, end) - at);
      blocks++;
    }
    rest();
  }
  sweepEnds();
}

/** A run becomes one free block; `already`: it is one. */
function release(at: u32, bytes: u32, already: bool): void {
  if (!already) {
    settle(at, 0, 0);
    store<u32>(at, 0, O_CLASS);
    store<u32>(at, (bytes - O_DATA) | OPAQUE, O_SIZE);
    headersWritten++;
    startsFreed(at, bytes);
  }
  freeAdd(at, bytes);
}
