/**
 * What is looked at before a generation is committed (`persist/check.ts`): the objects on a page as it was captured, and
 * where their words lead.
 *
 * Rule: the page is sound when
 * 1. what begins on it (`starts.ts`) has a header: a free block's, or a class that is one, the size that its class demands, flags
 *    and a number that there are; and ends where the next begins;
 * 2. each word that is a reference is null, a small integer, or leads to where an object begins;
 * 3. on wired pages the same holds for the words of the root structure, of monitors and of thread records, whose stack
 *    pointers are inside their stacks; of stacks the words in use are looked at, as those of other objects are.
 *
 * While garbage is being swept, what is doomed and not yet free may refer to what is free already. Nobody can tell it from the
 * rest at that instant, so in a generation captured then, words in objects need only point into the heap; the rotation
 * looks at those pages again when the sweep is over. The same is so after a power cut in a sweep, until the next has ended.
 * References from roots, which keep what they lead to from being doomed, are always judged in full.
 *
 * Nothing here touches persistent memory by its addresses, so nothing faults; nothing recurses, and no step is longer than a page.
 */

import {
  capturedFrame,
  capturedGeneration,
  CHECK_CAPTURE,
  CHECK_PAGE,
  CHECK_PREPARE,
  CHECKS,
  frameNow,
  framesTotal,
  giveFrame,
  IMAGE_LOST,
  IMAGE_ZERO,
  blockEpoch,
  isResident,
  liveFrame,
  log,
  logBytes,
  logHexadecimal,
  logNewline,
  logNumber,
  logText,
  persistentLimit,
  rescheduleWanted,
  safepoint,
  setChecker,
} from './below';
import { objectBytes } from './heap';
import {
  ARRAY_BYTES,
  BITMAP_BYTES,
  BUCKETS,
  C_INSTANCE,
  C_KIND,
  C_NAME,
  C_TABLE,
  CATCHER_BYTES,
  CLASS_BYTES,
  CLOSURE_BYTES,
  CODE_BYTES,
  CODE_PADDING,
  CONNECTION_BYTES,
  DIRECTORY_BYTES,
  F_CODE,
  F_FP,
  FLAG_IMMUTABLE,
  FRAME_BYTES,
  FROZEN_FIELDS,
  H_CLASS,
  IO_BYTES,
  ITERATOR_BYTES,
  K_ARRAY,
  K_BITMAP,
  K_CLASS,
  K_CLOSURE,
  K_CODE,
  K_CONNECTION,
  K_DIRECTORY,
  K_DOUBLE,
  K_ESTACK,
  K_FLOAT,
  K_INT,
  K_IO,
  K_ITERATOR,
  K_LONG,
  K_MUTEX,
  K_OSTACK,
  K_PAGE,
  K_THREAD,
  K_TTY,
  K_USER,
  K_WEAKREF,
  KINDS,
  MONITOR_BYTES,
  MONITORS,
  MONITORS_MAX,
  N_OBJECT,
  O_CLASS,
  O_DATA,
  O_FLAGS,
  O_IDENTITY,
  O_SIZE,
  OPAQUE,
  PAGE,
  PERSISTENT_BASE,
  R_BOOT_OBJECT,
  R_BUCKETS,
  R_CLASSES,
  R_CONSOLE_BUFFER,
  R_DEVICES,
  R_EMPTY,
  R_ENVIRONMENT,
  R_FOREGROUND,
  R_HEAP_NEXT,
  R_IDENTITY,
  R_LOADER,
  R_MAGIC,
  R_NO_MEMORY,
  R_OS_INTERFACE,
  R_PROGRAM,
  R_SHOWN,
  R_SWEPT,
  RECORD_BYTES,
  RECORDS,
  RECORDS_MAX,
  ROOT,
  ROOT_MAGIC,
  SIZE_MASK,
  T_CODE,
  T_CSP,
  T_CSTACK,
  T_FP,
  T_GRANTED,
  T_ISP,
  T_ISTACK,
  T_MADE,
  T_OBJECT,
  T_OSP,
  T_OSTACK,
  T_STATE,
  T_WAITS,
  THREAD_ALIVE,
  THREAD_BYTES,
  WEAKREF_BYTES,
  WIRED,
} from './layout';
import { sweepsEnded } from './phase';
import {
  began,
  begunBefore,
  CHUNK_FRAMES,
  endedAt,
  learn,
  nextBegun,
  objectBegan,
  startsCapture,
  startsChunks,
  startsExtend,
  startsHold,
  startsInit,
  startsKnown,
  startsKnownThen,
  startsRelease,
  startsUnsettled,
  wasFree,
} from './starts';

const HEAP_START: u32 = PERSISTENT_BASE + WIRED * PAGE;
/** Of all frames, the map of starts takes an eighth at most: then there is one for 512 KiB of RAM, for 256 KiB of heap. */
const FRAMES_PART: u32 = 8;
/** Headers looked at before one demarcation to learn where objects begin, and pages read for it that are not in memory. */
const LEARN_HEADERS: u32 = 65536;
const LEARN_READS: u32 = 64;
/** Words looked at between two chances for other threads. */
const STRIDE: u32 = 256;
const CHUNK_BYTES: u32 = 0x40000;
const LEAST: u32 = 16;

/* Of the captured instant. */
let built: bool = false;
let swept: bool = false;
let heapNext: u32 = 0;
let identities: u32 = 0;
/** Up to where objects are judged. */
let known: u32 = 0;

/** A lost page, or too little RAM, ends the learning. */
let learning: bool = true;

/** Page under check, and its frame as long as nobody else ran. */
let page: u32 = 0;
let pageFrame: u32 = 0;
let pageEpoch: u32 = 0;
/** Set when a word was asked for that is on a lost page. */
let lost: bool = false;

/** Classes that were looked at for this generation: {class, kind, bytes of an instance}. */
const CLASSES: u32 = 64;
const classes: usize = memory.data(768, 4);
const CLASS_ENTRY: u32 = 12;
const NO_KIND: u32 = 0xffffffff;

/** The object that was found unsound last, so that it is named once and not ten times a second. */
let named: u32 = 0;

/** From the next generation on what is committed is checked. Object land is about to wake. May wait. */
export function startCheck(): void {
  if (!CHECKS) return;
  startsInit(HEAP_START, persistentLimit());
  extend();
  setChecker(check.index);
}

/** What `persist/check.ts` asks for. */
function check(what: u32, at: u32): u32 {
  if (what == CHECK_PREPARE) prepare();
  else if (what == CHECK_CAPTURE) return capture();
  else if (what == CHECK_PAGE) return checkPage(at) ? 1 : 0;
  else startsRelease();
  return 1;
}

/** Frames for 256 KiB more of the map. False: there are none for it. */
function extend(): bool {
  if ((startsChunks() + 1) * CHUNK_FRAMES > framesTotal() / FRAMES_PART) return false;
  const first = frameNow();
  const second = first == 0 ? 0 : frameNow();
  if (second != 0) {
    memory.fill(<usize>first, 0, PAGE);
    memory.fill(<usize>second, 0, PAGE);
    startsExtend(first, second);
    return true;
  }
  if (first != 0) giveFrame(first);
  return false;
}

/** Goes on learning where objects begin, and gets room in the map for those that are to come. */
function prepare(): void {
  let reads: u32 = 0;
  for (let headers: u32 = 0; learning && headers < LEARN_HEADERS && reads < LEARN_READS; headers++) {
    const at = startsKnown();
    // Room for a whole chunk beyond: what is allocated until the next time is learnt as it comes.
    if (!startsHold(min<u32>(at + CHUNK_BYTES, persistentLimit() - LEAST)) && !extend() && !startsHold(at)) {
      if ((startsChunks() + 1) * CHUNK_FRAMES <= framesTotal() / FRAMES_PART) return;
      learning = false;
      logText('objects: too little RAM to check objects beyond ');
      logHexadecimal(at);
      logNewline();
      return;
    }
    if (at >= load<u32>(wired(ROOT) + R_HEAP_NEXT)) return;
    const there = (at - PERSISTENT_BASE) >>> 12;
    if (!isResident(there)) reads++;
    const frame = liveFrame(there);
    if (frame == IMAGE_LOST) {
      learning = false;
      logText('objects: a page is lost; objects behind it are not checked, from ');
      logHexadecimal(at);
      logNewline();
      return;
    }
    // Others ran: allocation or the sweep may have gone on from here.
    if (startsKnown() != at) continue;
    const header = frame == IMAGE_ZERO ? 0 : frame + (at & (PAGE - 1));
    const size = header == 0 ? 0 : load<u32>(header, O_SIZE) & SIZE_MASK;
    learn(objectBytes(size), header == 0 || load<u32>(header, O_CLASS) == 0);
    if (rescheduleWanted()) safepoint();
  }
}

/** Wired pages are always there: their frame, by an address in them. */
function wired(address: u32): u32 {
  return liveFrame((address - PERSISTENT_BASE) >>> 12);
}

/** In the instant of the demarcation. */
function capture(): u32 {
  const root = wired(ROOT);
  startsCapture();
  built = load<u32>(root + R_MAGIC) == ROOT_MAGIC;
  swept = load<u32>(root + R_SWEPT) != 0;
  heapNext = load<u32>(root + R_HEAP_NEXT);
  identities = load<u32>(root + R_IDENTITY);
  known = min<u32>(startsKnownThen(), heapNext);
  memory.fill(classes, 0, CLASSES * CLASS_ENTRY);
  return built && swept ? (sweepsEnded() % 255) + 1 : 0;
}

/** Lets other threads run when it is time. */
function rest(): void {
  if (rescheduleWanted()) safepoint();
}

/** The frame of the page under check. */
function here(): u32 {
  if (blockEpoch() != pageEpoch) {
    pageFrame = capturedFrame(page);
    pageEpoch = blockEpoch();
  }
  return pageFrame;
}

/** A word as it was captured; 0 of a lost page. May wait. */
function word(address: u32): u32 {
  const number = (address - PERSISTENT_BASE) >>> 12;
  const frame = number == page ? here() : capturedFrame(number);
  if (frame == IMAGE_ZERO) return 0;
  if (frame != IMAGE_LOST) return load<u32>(frame + (address & (PAGE - 1)));
  lost = true;
  return 0;
}

/** Says what is wrong with what begins at `object`. Always false. */
function unsound(object: u32, at: u32, found: u32, why: string): bool {
  if (named == at) return false;
  named = at;
  logText('objects: generation ');
  logNumber(capturedGeneration());
  logText(' is not sound: ');
  if (object < HEAP_START) {
    logText(object < RECORDS ? 'the root structure' : object < MONITORS ? 'thread record ' : 'a monitor');
    if (object >= RECORDS && object < MONITORS) logNumber((object - RECORDS) / RECORD_BYTES);
  } else {
    logText('object ');
    logHexadecimal(object);
    logText(', class ');
    logClassName(word(object + O_CLASS));
  }
  logText(', at ');
  logHexadecimal(at);
  logText(' holds ');
  logHexadecimal(found);
  logText(': ');
  log(why);
  return false;
}

function logClassName(cls: u32): void {
  if (cls == 0) {
    logText('null');
    return;
  }
  const name = isStart(cls) ? word(cls + C_NAME) : 0;
  if (name == 0 || !isStart(name)) {
    logHexadecimal(cls);
    return;
  }
  const length = min<u32>(word(name + O_SIZE) & SIZE_MASK, 64);
  for (let i: u32 = 0; i < length; i++) {
    const at = name + O_DATA + i;
    store<u8>(letter, <u8>(word(at & ~3) >>> ((at & 3) << 3)));
    logBytes(letter, 1);
  }
}
const letter: usize = memory.data(4, 4);

/** Whether an object began there at the captured instant. */
function isStart(reference: u32): bool {
  return (reference & 7) == 0 && reference - HEAP_START < known - HEAP_START && objectBegan(reference);
}

/** Whether a word may be a reference of a root, or, when everything is `swept`, of an object. */
function leadsSomewhere(value: u32): bool {
  if ((value & 1) != 0 || value == 0) return true;
  if ((value & 7) != 0 || value - HEAP_START >= heapNext - HEAP_START) return false;
  return value >= known || objectBegan(value);
}

/** Whether a word of an object may be a reference. */
function isReference(value: u32): bool {
  if ((value & 1) != 0 || value == 0) return true;
  return swept ? leadsSomewhere(value) : (value & 7) == 0 && value - HEAP_START < heapNext - HEAP_START;
}

const NOWHERE = 'no object begins there';

/** One word of an object, if it is on the page. */
function checkWord(object: u32, at: u32): bool {
  if ((at - PERSISTENT_BASE) >>> 12 != page) return true;
  const value = word(at);
  return isReference(value) || unsound(object, at, value, NOWHERE);
}

/** A word that is a root. */
function checkRoot(owner: u32, at: u32, mask: u32): bool {
  const value = word(at) & mask;
  return leadsSomewhere(value) || unsound(owner, at, value, NOWHERE);
}

/** The words of [from, to), as far as they are on the page; of roots when `root`. */
function checkWords(object: u32, from: u32, to: u32, root: bool): bool {
  const base = PERSISTENT_BASE + (page << 12);
  const end = min<u32>(to, base + PAGE);
  const full = root || swept;
  for (let at = max<u32>(from, base); at < end; ) {
    const frame = here();
    if (frame == IMAGE_LOST || frame == IMAGE_ZERO) return true;
    const stop = min<u32>(end, at + STRIDE * 4);
    for (; at < stop; at += 4) {
      const value = load<u32>(frame + (at & (PAGE - 1)));
      if ((value & 1) != 0 || value == 0) continue;
      if ((value & 7) == 0 && value - HEAP_START < known - HEAP_START && (!full || objectBegan(value))) continue;
      if (full ? !leadsSomewhere(value) : !isReference(value)) return unsound(object, at, value, NOWHERE);
    }
    rest();
  }
  return true;
}

function checkPage(number: u32): bool {
  if (!built) return true;
  while (startsUnsettled()) safepoint();
  page = number;
  pageEpoch = blockEpoch() - 1;
  lost = false;
  const base = PERSISTENT_BASE + (number << 12);
  if (number < WIRED) return checkWired(base) || lost;
  const end = min<u32>(base + PAGE, known);
  if (base >= end) return true;
  let at = begunBefore(base, HEAP_START);
  while (at < end) {
    if (at >= base) at = passPlain(at, base, end);
    if (at >= end) break;
    if (!checkObject(at, base, end) && !lost) return false;
    at = following;
    rest();
  }
  return true;
}

/**
 * Passes objects of user classes that are whole on the page and without fault, up to the first thing that is anything else,
 * which `checkObject` is to judge: the same rules, for what is most of a heap, at a third of the cost. Where it stopped.
 */
function passPlain(from: u32, base: u32, end: u32): u32 {
  const frame = here();
  if (frame == IMAGE_LOST || frame == IMAGE_ZERO) return from;
  const span = known - HEAP_START;
  let object = from;
  while (object + O_DATA <= end && !rescheduleWanted()) {
    const header = frame + (object - base);
    const entry = classes + ((load<u32>(header, O_CLASS) >>> 4) & (CLASSES - 1)) * CLASS_ENTRY;
    const size = load<u32>(header, O_SIZE);
    if (load<u32>(entry) != load<u32>(header, O_CLASS) || load<u32>(entry, 4) != K_USER || load<u32>(entry, 8) != size) break;
    if (load<u32>(header, O_FLAGS) > FLAG_IMMUTABLE || load<u32>(header, O_IDENTITY) > identities) break;
    const behind = object + objectBytes(size);
    if (behind > end || behind >= known || !endedAt(object, behind)) break;
    const last = header + O_DATA + size;
    let at = header + O_DATA;
    for (; at < last; at += 4) {
      const value = load<u32>(at);
      if ((value & 1) != 0 || value == 0) continue;
      if ((value & 7) != 0 || value - HEAP_START >= span || !objectBegan(value)) break;
    }
    if (at < last) break;
    object = behind;
  }
  return object;
}

/** What begins behind the object checked last and before the end of what is on the page, or that end. */
let following: u32 = 0;

/** An object, or a free block, that reaches into [base, end), which is on the page. */
function checkObject(object: u32, base: u32, end: u32): bool {
  // Where an object begins its first two words are on one page.
  if (object < base) {
    following = nextBegun(base, end);
    const cls = word(object + O_CLASS);
    const size = word(object + O_SIZE);
    if (lost || cls == 0) return true;
    const kind = kindOf(cls);
    return lost || kind == NO_KIND || checkContent(object, kind, size & SIZE_MASK);
  }
  const frame = here();
  if (frame == IMAGE_LOST) {
    following = end;
    return true;
  }
  const header = frame == IMAGE_ZERO ? 0 : frame + (object & (PAGE - 1));
  const cls: u32 = header == 0 ? 0 : load<u32>(header, O_CLASS);
  const size: u32 = header == 0 ? 0 : load<u32>(header, O_SIZE);
  const bytes = size & SIZE_MASK;
  const behind = object + objectBytes(bytes);
  const plain = behind < known && endedAt(object, behind);
  following = plain ? min<u32>(behind, end) : nextBegun(object + LEAST, end);
  if (behind != following && (behind < end || following != end || (behind < known && !began(behind)))) {
    return unsound(object, object + O_SIZE, size, 'it does not end where the next object begins');
  }
  if (cls == 0) {
    const free = wasFree(object) && size - bytes == OPAQUE;
    return free || unsound(object, object, cls, 'it is no free block, and it has no class');
  }
  // The second half of a header may be on the next page, where it is not looked at.
  const whole = (object & (PAGE - 1)) <= PAGE - O_DATA;
  const flags: u32 = whole ? load<u32>(header, O_FLAGS) : 0;
  const number: u32 = whole ? load<u32>(header, O_IDENTITY) : 0;
  if (!plain && wasFree(object)) return unsound(object, object, cls, 'it is a free block, and has a class');
  const kind = kindOf(cls);
  if (lost) return true;
  if (kind == NO_KIND) return unsound(object, object, cls, 'that is no class');
  if (!hasRightSize(cls, kind, size)) {
    return unsound(object, object + O_SIZE, size, 'that is not the size of an object of its class');
  }
  if (flags > FLAG_IMMUTABLE) return unsound(object, object + O_FLAGS, flags, 'there are no such flags');
  if (number > identities) return unsound(object, object + O_IDENTITY, number, 'that number was never given');
  return checkContent(object, kind, bytes);
}

/** Kind of a class, NO_KIND when it is none. */
function kindOf(cls: u32): u32 {
  const entry = classes + ((cls >>> 4) & (CLASSES - 1)) * CLASS_ENTRY;
  if (load<u32>(entry) == cls) return load<u32>(entry, 4);
  if (cls < known ? !isStart(cls) : !leadsSomewhere(cls)) return NO_KIND;
  if (word(cls + O_CLASS) != word(ROOT + R_CLASSES + (K_CLASS << 2))) return NO_KIND;
  const kind = word(cls + C_KIND);
  const instance = word(cls + C_INSTANCE);
  if (kind >= KINDS && kind != K_USER) return NO_KIND;
  if (lost) return kind;
  store<u32>(entry, kind, 4);
  store<u32>(entry, instance, 8);
  store<u32>(entry, cls);
  return kind;
}

const ANY: u32 = 0xffffffff;

/** Bytes of data of objects of a kind, ANY when they differ. */
function bytesOf(kind: u32): u32 {
  switch (kind) {
    case K_INT:
    case K_FLOAT:
      return 4;
    case K_LONG:
    case K_DOUBLE:
      return 8;
    case K_ARRAY:
      return ARRAY_BYTES;
    case K_ITERATOR:
      return ITERATOR_BYTES;
    case K_DIRECTORY:
      return DIRECTORY_BYTES;
    case K_CLOSURE:
      return CLOSURE_BYTES;
    case K_WEAKREF:
      return WEAKREF_BYTES;
    case K_BITMAP:
      return BITMAP_BYTES;
    case K_IO:
      return IO_BYTES;
    case K_CONNECTION:
      return CONNECTION_BYTES;
    case K_THREAD:
      return THREAD_BYTES;
    default:
      return ANY;
  }
}

/** A bit for each word of an object of the kind that is a reference; classes, code, stacks and fields are handled apart. */
function referencesOf(kind: u32): u32 {
  switch (kind) {
    case K_ARRAY:
    case K_TTY:
      return 0b101;
    case K_DIRECTORY:
      return 0b1001;
    case K_ITERATOR:
    case K_MUTEX:
    case K_CLOSURE:
    case K_BITMAP:
    case K_WEAKREF:
      return 0b1;
    case K_CONNECTION:
      return 0b1101;
    case K_IO:
      return 0b11;
    case K_THREAD:
      return 0b1100;
    case K_CLASS:
      return 0b1100110;
    case K_CODE:
      return 0b1111;
    default:
      return 0;
  }
}

/** Whether the size word is one that an object of the class, looked at just before, may have. */
function hasRightSize(cls: u32, kind: u32, size: u32): bool {
  const bytes = size & SIZE_MASK;
  const bits = size - bytes;
  if (kind == K_USER) {
    const instance = load<u32>(classes + ((cls >>> 4) & (CLASSES - 1)) * CLASS_ENTRY, 8);
    return bytes == instance && (bits == 0 || bits == FROZEN_FIELDS);
  }
  const wanted = bytesOf(kind);
  const least = kind == K_CLASS ? CLASS_BYTES : kind == K_CODE ? CODE_BYTES + CODE_PADDING : 0;
  return bits == OPAQUE && bytes >= least && (wanted == ANY || bytes == wanted);
}

function checkContent(object: u32, kind: u32, bytes: u32): bool {
  const first = object + O_DATA;
  if (kind == K_USER || kind == K_PAGE) return checkWords(object, first, first + (bytes & ~3), false);
  if (kind == K_OSTACK || kind == K_ESTACK) return checkStack(object, kind);
  for (let at = first, bits = referencesOf(kind); bits != 0; bits >>>= 1, at += 4) {
    if ((bits & 1) != 0 && !checkWord(object, at)) return false;
  }
  return kind != K_CLASS || checkWords(object, object + C_TABLE, first + (bytes & ~3), false);
}

/** The part in use of an object stack, or the frames of a control stack. */
function checkStack(stack: u32, kind: u32): bool {
  for (let i: u32 = 0; i < RECORDS_MAX; i++) {
    const record = RECORDS + i * RECORD_BYTES;
    if (word(record + (kind == K_OSTACK ? T_OSTACK : T_CSTACK)) != stack) continue;
    if (word(record + T_STATE) != THREAD_ALIVE) return true;
    if (kind == K_OSTACK) return checkWords(stack, stack + O_DATA, word(record + T_OSP), true);
    return checkFrames(stack, word(record + T_FP), word(record + T_CSP));
  }
  return true;
}

function checkStackWord(stack: u32, at: u32): bool {
  return (at - PERSISTENT_BASE) >>> 12 != page || checkRoot(stack, at, 0xffffffff);
}

/** Frames from the newest down to those below the page: the method of each, and the classes of its catchers. */
function checkFrames(stack: u32, newest: u32, top: u32): bool {
  const base = PERSISTENT_BASE + (page << 12);
  const bottom = stack + O_DATA;
  for (let fp = newest; top > base; ) {
    if (fp < bottom || fp + FRAME_BYTES > top) return unsound(stack, fp, top, 'no frame can be there');
    for (let at = fp + FRAME_BYTES; at + CATCHER_BYTES <= top; at += CATCHER_BYTES) {
      if (!checkStackWord(stack, at + H_CLASS)) return false;
    }
    // The frame of the caller is below: what it was running stands in this one.
    if (fp == bottom) return true;
    if (!checkStackWord(stack, fp + F_CODE)) return false;
    top = fp;
    fp = word(fp + F_FP);
    if (lost) return true;
    rest();
  }
  return true;
}

function checkWired(base: u32): bool {
  if (base == ROOT) return checkRootStructure();
  if (base - RECORDS < RECORDS_MAX * RECORD_BYTES) {
    for (let at = base; at < base + PAGE; at += RECORD_BYTES) if (!checkRecord(at)) return false;
  } else if (base - MONITORS < MONITORS_MAX * MONITOR_BYTES) {
    for (let at = base; at < base + PAGE; at += MONITOR_BYTES) if (!checkRoot(at, at + N_OBJECT, 0xffffffff)) return false;
  }
  return true;
}

function checkRootStructure(): bool {
  for (let at: u32 = R_LOADER; at <= R_NO_MEMORY; at += 4) if (!checkRoot(ROOT, ROOT + at, 0xffffffff)) return false;
  assert(R_OS_INTERFACE - R_LOADER == 4 && R_ENVIRONMENT - R_LOADER == 8 && R_BOOT_OBJECT - R_LOADER == 12, 'check: the layout');
  if (!checkRoot(ROOT, ROOT + R_EMPTY, 0xffffffff) || !checkRoot(ROOT, ROOT + R_DEVICES, 0xffffffff)) return false;
  if (!checkRoot(ROOT, ROOT + R_SHOWN, 0xffffffff) || !checkRoot(ROOT, ROOT + R_CONSOLE_BUFFER, 0xffffffff)) return false;
  if (!checkRoot(ROOT, ROOT + R_FOREGROUND, 0xffffffff) || !checkRoot(ROOT, ROOT + R_PROGRAM, 0xffffffff)) return false;
  if (!checkWords(ROOT, ROOT + R_CLASSES, ROOT + R_CLASSES + (KINDS << 2), true)) return false;
  return checkWords(ROOT, ROOT + R_BUCKETS, ROOT + R_BUCKETS + (BUCKETS << 2), true);
}

function checkRecord(record: u32): bool {
  if (!checkWords(record, record + T_OSTACK, record + T_CSTACK + 4, true)) return false;
  if (word(record + T_STATE) != THREAD_ALIVE) return true;
  if (!checkRoot(record, record + T_CODE, 0xffffffff) || !checkRoot(record, record + T_OBJECT, 0xffffffff)) return false;
  // The low bits say whether it is the object's monitor.
  if (!checkRoot(record, record + T_WAITS, ~7) || !checkRoot(record, record + T_GRANTED, ~7)) return false;
  if (!checkRoot(record, record + T_MADE, 0xffffffff)) return false;
  return (
    checkPointer(record, T_OSTACK, T_OSP) && checkPointer(record, T_ISTACK, T_ISP) && checkPointer(record, T_CSTACK, T_CSP)
  );
}

/** A stack pointer of a live thread is inside its stack. */
function checkPointer(record: u32, stackAt: u32, pointerAt: u32): bool {
  const stack = word(record + stackAt);
  const pointer = word(record + pointerAt);
  const bytes: u32 = stack == 0 ? 0 : word(stack + O_SIZE) & SIZE_MASK;
  if (lost) return true;
  const inside = stack != 0 && pointer - (stack + O_DATA) <= bytes;
  return inside || unsound(record, record + pointerAt, pointer, 'it is out of its stack');
}
