/**
 * Class files (.pc) in the class bundle: finding them, and checking their structure before anything is made of them.
 *
 * Format, all numbers big-endian. File: records; record: `phfr:`, type byte, i32 length of the whole record, body.
 * String: i32 length, bytes. Type: i32 is-container, string class, string contained class.
 *
 *     C  string name, i32 object slots, i32 method slots, string parent, string version
 *     M  string name, i32 ordinal, bytecode
 *     S  string name, i32 ordinal, i32 arguments, i32 is-constructor, type result, per argument: string name, type
 *     l  i32 ordinal, i32 count, count of {i64 ip, i32 line}
 *     f  per field: string name, i32 ordinal, type
 *     c  i32 id, type, the string's bytes
 *
 * S of generation 1 (2016) lacks is-constructor. Records of other types are passed over.
 *
 * Rule: `checkFor` accepts exactly the files in which every later read stays inside its record; the builder relies on it.
 * The bundle is transient memory: reading it never waits.
 */

import { bundleBytes, bundleStart } from '../objects/below';
import { be32 } from './bytes';
import { nameStart, sameName } from './class-cache';

export const RECORD_HEADER: u32 = 10;
const ENTRY_NAME: u32 = 512;
const ENTRY_HEADER: u32 = 516;
const ORDINAL_MAX: u32 = 65535;

/** What `checkFor` found; to be read at once, before anything that may block. */
export let fileMethods: u32 = 0;
export let fileFields: u32 = 0;
export let fileConstants: u32 = 0;
/** Body of the C record. */
export let fileHead: u32 = 0;

/** Length of the string at `at`; its bytes follow the length. */
export function stringLength(at: u32): u32 {
  return be32(at);
}

/** Address behind the string at `at`, or 0 when it does not end by `end`. */
export function skipString(at: u32, end: u32): u32 {
  if (at == 0 || end - at < 4 || at > end) return 0;
  const length = be32(at);
  return end - at - 4 < length ? 0 : at + 4 + length;
}

export function skipType(at: u32, end: u32): u32 {
  if (at == 0 || at > end || end - at < 4) return 0;
  return skipString(skipString(at + 4, end), end);
}

function skipWords(at: u32, end: u32, words: u32): u32 {
  return at == 0 || at > end || (end - at) >>> 2 < words ? 0 : at + (words << 2);
}

/** Result type of an S record's body, or 0 when the body is broken. Of the two generations the one that fits. */
export function signatureResult(body: u32, end: u32): u32 {
  const named = skipString(body, end);
  for (let extra: u32 = 1; extra < 2; extra--) {
    let at = skipWords(named, end, 2 + extra);
    if (at == 0) continue;
    const count = be32(named + 4);
    const result = at;
    at = skipType(at, end);
    let left = count;
    while (at != 0 && left > 0) {
      at = skipType(skipString(at, end), end);
      left--;
    }
    if (at == end && (extra == 0 || be32(named + 8) <= 1)) return result;
  }
  return 0;
}

/** Whether the string at `at` is exactly `text`. */
export function stringIs(at: u32, text: string): bool {
  const length = <u32>text.length;
  if (be32(at) != length) return false;
  const units = changetype<usize>(text);
  for (let i: u32 = 0; i < length; i++) {
    if (<u32>load<u8>(at + 4 + i) != <u32>load<u16>(units + (i << 1))) return false;
  }
  return true;
}

/** Null when the structure of the file is sound, else what is wrong with it. */
function check(file: u32, bytes: u32): string | null {
  fileMethods = 0;
  fileFields = 0;
  fileConstants = 0;
  fileHead = 0;
  const end = file + bytes;
  let at = file;
  while (at != end) {
    if (end - at < RECORD_HEADER) return 'a record is cut short';
    if (be32(at) != 0x70686672 || load<u8>(at, 4) != 58) return 'a record does not begin with phfr:';
    const length = be32(at + 6);
    if (length < RECORD_HEADER || length > end - at) return 'a record has a wrong length';
    const type = <u32>load<u8>(at, 5);
    const body = at + RECORD_HEADER;
    const next = at + length;
    if (type == 67) {
      const numbers = skipString(body, next);
      const parent = skipWords(numbers, next, 2);
      if (skipString(parent, next) == 0) return 'the class record is cut short';
      if (fileHead) return 'there are two class records';
      const fields = be32(numbers);
      const methods = be32(numbers + 4);
      if (fields > ORDINAL_MAX || methods > ORDINAL_MAX) return 'the class record wants too many slots';
      fileHead = body;
      fileFields = max<u32>(fileFields, fields);
      fileMethods = max<u32>(fileMethods, methods);
    } else if (type == 77) {
      const number = skipString(body, next);
      if (skipWords(number, next, 1) == 0) return 'a method record is cut short';
      if (be32(number) >= ORDINAL_MAX) return 'a method has a wrong ordinal';
      fileMethods = max<u32>(fileMethods, be32(number) + 1);
    } else if (type == 83) {
      if (signatureResult(body, next) == 0) return 'a signature record is broken';
    } else if (type == 108) {
      const entries = skipWords(body, next, 2);
      if (entries == 0 || (next - entries) / 12 < be32(body + 4)) return 'a line record is cut short';
    } else if (type == 102) {
      let field = body;
      while (field != next) {
        field = skipType(skipWords(skipString(field, next), next, 1), next);
        if (field == 0) return 'a field record is cut short';
      }
    } else if (type == 99) {
      const words = skipWords(body, next, 1);
      if (skipType(words, next) == 0) return 'a constant record is cut short';
      if (be32(body) >= ORDINAL_MAX) return 'a constant has a wrong number';
      fileConstants = max<u32>(fileConstants, be32(body) + 1);
    }
    at = next;
  }
  return fileHead ? null : 'there is no class record';
}

/**
 * Null when the file is sound and defines the class of that name, else what is wrong with it. May block when the name
 * is persistent, before it sets what it found.
 */
export function checkFor(file: u32, bytes: u32, name: u32, length: u32): string | null {
  const broken = check(file, bytes);
  if (broken !== null) return broken;
  const head = fileHead;
  const fields = fileFields;
  const methods = fileMethods;
  const constants = fileConstants;
  if (!sameName(head + 4, stringLength(head), name, length)) return 'it defines a class of another name';
  fileHead = head;
  fileFields = fields;
  fileMethods = methods;
  fileConstants = constants;
  return null;
}

/** Whether a bundle entry is for that class name; `.pc` at its end does not count. */
function entryIs(entry: u32, name: u32, length: u32): bool {
  let to = entry;
  while (to - entry < ENTRY_NAME && load<u8>(to) != 0) to++;
  if (to - entry > 3 && load<u8>(to - 3) == 46 && load<u8>(to - 2) == 112 && load<u8>(to - 1) == 99) to -= 3;
  return nameStart(entry, to - entry) < to - entry && sameName(entry, to - entry, name, length);
}

/** Length of the file `findFile` found; to be read at once. */
export let foundBytes: u32 = 0;

/** Class file of that name in the bundle, or 0. */
export function findFile(name: u32, length: u32): u32 {
  const end = bundleStart() + bundleBytes();
  let at = bundleStart();
  while (end - at >= ENTRY_HEADER && at < end) {
    const bytes = load<u32>(at + ENTRY_NAME);
    if (bytes > end - at - ENTRY_HEADER) return 0;
    if (entryIs(at, name, length)) {
      foundBytes = bytes;
      return at + ENTRY_HEADER;
    }
    at += ENTRY_HEADER + bytes;
  }
  return 0;
}
