/**
 * string.parseJson: a tree of directories, arrays, strings, ints (longs where an int is too small), doubles and null.
 * RFC 8259.
 *
 * true and false are the ints 1 and 0; a number with a fraction or an exponent is a double. Text that is no JSON gives
 * null. Of a key that comes twice the first value counts.
 *
 * Containers under construction lie on an array of our own, each with the key that waits for its value; nobody else
 * knows any of them, so parsing may wait anywhere, and there is no recursion.
 */

import { blockEpoch, rescheduleWanted, safepoint } from '../objects/below';
import { K_DIRECTORY, O_DATA } from '../objects/layout';
import { isKind, makeDouble, makeInt, makeLong, makeString, sizeOf } from '../objects/objects';
import { done, throwNoMemory } from '../vm/outcome';
import { arrayGet, arraySet, makeArray } from './array';
import { directoryPut, makeDirectory } from './directory';
import { readDouble } from './float-text';

const DEPTH_MAX: u32 = 1000;

/* How reading a value ended. */
const VALUE: u32 = 0;
const BROKEN: u32 = 1;
const NO_MEMORY: u32 = 2;
/** A container begins: `{` or `[`. */
const OPENED: u32 = 3;

/**
 * What the last reading step found: value and place behind it. Threads share them, so they are read at once: the steps
 * set them last.
 */
let found: u32 = 0;
let behind: u32 = 0;

function skipBlanks(at: u32, end: u32): u32 {
  while (at < end) {
    const byte = <u32>load<u8>(at);
    if (byte != 32 && byte != 9 && byte != 10 && byte != 13) break;
    at++;
  }
  return at;
}

function hexadecimal(at: u32): i32 {
  let value: i32 = 0;
  for (let i: u32 = 0; i < 4; i++) {
    const byte = <i32>load<u8>(at + i) | 32;
    let digit = byte - 48;
    if (digit < 0 || digit > 9) {
      digit = byte - 97;
      if (digit < 0 || digit > 5) return -1;
      digit += 10;
    } else if (load<u8>(at + i) < 48) {
      return -1;
    }
    value = (value << 4) | digit;
  }
  return value;
}

/** Writes a code point as UTF-8 at `to` unless `to` is 0; returns its length. */
function putCodePoint(to: u32, point: u32): u32 {
  const length: u32 = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  if (to == 0) return length;
  if (length == 1) {
    store<u8>(to, <u8>point);
    return 1;
  }
  const lead: u32 = length == 2 ? 0xc0 : length == 3 ? 0xe0 : 0xf0;
  store<u8>(to, <u8>(lead | (point >> (6 * (length - 1)))));
  for (let i: u32 = 1; i < length; i++) store<u8>(to + i, <u8>(0x80 | ((point >> (6 * (length - 1 - i))) & 63)));
  return length;
}

function escaped(byte: u32): u32 {
  if (byte == 110) return 10;
  if (byte == 116) return 9;
  if (byte == 114) return 13;
  if (byte == 98) return 8;
  if (byte == 102) return 12;
  return byte == 34 || byte == 92 || byte == 47 ? byte : 0;
}

/**
 * The characters of the string from `at` (behind the quote) to its closing quote, to `to` unless that is 0. Returns
 * their number, or -1; `behind` is set when there was none to write to.
 */
function stringBody(at: u32, end: u32, to: u32): i32 {
  let length: u32 = 0;
  while (at < end) {
    const byte = <u32>load<u8>(at);
    const target = to == 0 ? 0 : to + length;
    if (byte == 34) {
      if (to == 0) behind = at + 1;
      return <i32>length;
    }
    if (byte < 32) return -1;
    at++;
    if (byte != 92) {
      if (target) store<u8>(target, <u8>byte);
      length++;
      continue;
    }
    if (at >= end) return -1;
    const kind = <u32>load<u8>(at);
    at++;
    if (kind != 117) {
      const plain = escaped(kind);
      if (plain == 0) return -1;
      if (target) store<u8>(target, <u8>plain);
      length++;
      continue;
    }
    if (end - at < 4) return -1;
    let point = hexadecimal(at);
    if (point < 0) return -1;
    at += 4;
    if (point >= 0xd800 && point < 0xdc00 && end - at >= 6 && load<u8>(at) == 92 && load<u8>(at, 1) == 117) {
      const low = hexadecimal(at + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
      }
    }
    length += putCodePoint(target, <u32>point);
  }
  return -1;
}

/** The string behind the quote at `at - 1`. */
function readString(at: u32, end: u32): u32 {
  const length = stringBody(at, end, 0);
  if (length < 0) return BROKEN;
  const after = behind;
  const made = makeString(<u32>length);
  if (!made) return NO_MEMORY;
  stringBody(at, end, made + O_DATA);
  found = made;
  behind = after;
  return VALUE;
}

function isDigit(at: u32, end: u32): bool {
  return at < end && <u32>load<u8>(at) - 48 < 10;
}

function skipDigits(at: u32, end: u32): u32 {
  while (isDigit(at, end)) at++;
  return at;
}

function readNumber(at: u32, end: u32): u32 {
  const from = at;
  const negative = load<u8>(at) == 45;
  if (negative) at++;
  if (!isDigit(at, end)) return BROKEN;
  const whole = at;
  at = load<u8>(at) == 48 ? at + 1 : skipDigits(at, end);
  let real = false;
  const wholeEnd = at;
  if (at < end && load<u8>(at) == 46) {
    if (!isDigit(at + 1, end)) return BROKEN;
    at = skipDigits(at + 1, end);
    real = true;
  }
  if (at < end && ((<u32>load<u8>(at)) | 32) == 101) {
    at++;
    if (at < end && (load<u8>(at) == 43 || load<u8>(at) == 45)) at++;
    if (!isDigit(at, end)) return BROKEN;
    at = skipDigits(at, end);
    real = true;
  }
  let made: u32;
  if (real || wholeEnd - whole > 18) {
    let bits: u64;
    let before: u32;
    do {
      before = blockEpoch();
      bits = readDouble(from, at);
    } while (blockEpoch() != before);
    made = makeDouble(bits);
  } else {
    let value: i64 = 0;
    for (let i = whole; i < wholeEnd; i++) value = value * 10 + <i64>(<u32>load<u8>(i) - 48);
    if (negative) value = -value;
    made = <i64>(<i32>value) == value ? makeInt(<i32>value) : makeLong(<u64>value);
  }
  if (!made) return NO_MEMORY;
  found = made;
  behind = at;
  return VALUE;
}

function isWord(at: u32, end: u32, word: string): bool {
  if (end - at < <u32>word.length) return false;
  const units = changetype<usize>(word);
  for (let i: u32 = 0; i < <u32>word.length; i++) {
    if (<u32>load<u8>(at + i) != <u32>load<u16>(units + (i << 1))) return false;
  }
  return true;
}

/** A value that is no container, or OPENED with the new container in `found`. */
function readValue(at: u32, end: u32): u32 {
  if (at >= end) return BROKEN;
  const byte = <u32>load<u8>(at);
  if (byte == 34) return readString(at + 1, end);
  if (byte == 123 || byte == 91) {
    const made = byte == 123 ? makeDirectory() : makeArray();
    if (!made) return NO_MEMORY;
    found = made;
    behind = at + 1;
    return OPENED;
  }
  if (byte == 45 || byte - 48 < 10) return readNumber(at, end);
  let length: u32 = 0;
  let value: u32 = 0;
  if (isWord(at, end, 'true')) {
    length = 4;
    value = 3;
  } else if (isWord(at, end, 'false')) {
    length = 5;
    value = 1;
  } else if (isWord(at, end, 'null')) {
    length = 4;
  }
  if (length == 0) return BROKEN;
  found = value;
  behind = at + length;
  return VALUE;
}

/** Stores a value in its container. False when memory is full. */
function attach(container: u32, key: u32, value: u32, count: u32): bool {
  return key ? directoryPut(container, key, value, 0) >= 0 : arraySet(container, count, value, 0);
}

/**
 * The tree of a text. The array `open` holds for each open container: the container, the key whose value is being read
 * (0 in arrays), the number of values so far as an int.
 */
export function parseJson(text: u32): u32 {
  const end = text + O_DATA + sizeOf(text);
  let at = text + O_DATA;
  const open = makeArray();
  if (!open) return throwNoMemory();
  let depth: u32 = 0;
  let container: u32 = 0;
  let key: u32 = 0;
  let count: u32 = 0;
  while (true) {
    if (rescheduleWanted()) safepoint();
    at = skipBlanks(at, end);
    // In an object a key stands before the value; an empty container closes at once.
    const isObject = isKind(container, K_DIRECTORY);
    let closes = false;
    if (container && count == 0 && at < end && load<u8>(at) == (isObject ? 125 : 93)) {
      closes = true;
      at++;
    }
    let value: u32 = 0;
    if (!closes) {
      if (isObject) {
        if (at >= end || load<u8>(at) != 34) return done(0);
        const outcome = readString(at + 1, end);
        const name = found;
        const after = behind;
        if (outcome != VALUE) return outcome == BROKEN ? done(0) : throwNoMemory();
        key = name;
        at = skipBlanks(after, end);
        if (at >= end || load<u8>(at) != 58) return done(0);
        at = skipBlanks(at + 1, end);
      }
      const outcome = readValue(at, end);
      value = found;
      const after = behind;
      if (outcome == BROKEN) return done(0);
      if (outcome == NO_MEMORY) return throwNoMemory();
      at = after;
      if (outcome == OPENED) {
        if (depth >= DEPTH_MAX) return done(0);
        const slot = depth * 3;
        if (!arraySet(open, slot + 2, (count << 1) | 1, 0)) return throwNoMemory();
        if (!arraySet(open, slot, container, 0) || !arraySet(open, slot + 1, key, 0)) return throwNoMemory();
        depth++;
        container = value;
        key = 0;
        count = 0;
        continue;
      }
      if (container == 0) return done(skipBlanks(at, end) == end ? value : 0);
    }
    // A value is complete: store it, and close containers as long as they end here.
    while (true) {
      if (!closes) {
        if (!attach(container, key, value, count)) return throwNoMemory();
        count++;
        at = skipBlanks(at, end);
        if (at >= end) return done(0);
        const byte = <u32>load<u8>(at);
        at++;
        if (byte == 44) break;
        if (byte != (isKind(container, K_DIRECTORY) ? 125 : 93)) return done(0);
      }
      closes = false;
      value = container;
      depth--;
      const slot = depth * 3;
      container = arrayGet(open, slot);
      key = arrayGet(open, slot + 1);
      count = arrayGet(open, slot + 2) >> 1;
      if (container == 0) return done(skipBlanks(at, end) == end ? value : 0);
    }
  }
}
