/**
 * Objects by value: classes of references, small and boxed integers, strings, pages.
 *
 * Rule: every function that makes an object returns 0 when persistent memory is full, and its caller throws `out of
 * memory`. No function here changes an object another thread could know.
 */

import { allocate } from './heap';
import {
  C_KIND,
  C_PARENT,
  FLAG_IMMUTABLE,
  FROZEN_FIELDS,
  K_CLASS,
  K_DOUBLE,
  K_FLOAT,
  K_INT,
  K_LONG,
  K_PAGE,
  K_STRING,
  K_VOID,
  O_CLASS,
  O_DATA,
  O_FLAGS,
  O_IDENTITY,
  O_SIZE,
  OPAQUE,
  R_CLASSES,
  R_IDENTITY,
  ROOT,
  SIZE_MASK,
} from './layout';
import { settle } from './heap';
import { PART, pause } from './parts';

export function internalClass(kind: u32): u32 {
  return load<u32>(ROOT + (kind << 2), R_CLASSES);
}

/** Class of any reference; null is of class void. */
export function classOf(ref: u32): u32 {
  if (ref & 1) return internalClass(K_INT);
  if (ref == 0) return internalClass(K_VOID);
  return load<u32>(ref, O_CLASS);
}

export function kindOf(ref: u32): u32 {
  if (ref & 1) return K_INT;
  if (ref == 0) return K_VOID;
  return load<u32>(load<u32>(ref, O_CLASS), C_KIND);
}

export function isKind(ref: u32, kind: u32): bool {
  return (ref & 1) == 0 && ref != 0 && load<u32>(ref, O_CLASS) == internalClass(kind);
}

export function isClassObject(ref: u32): bool {
  return isKind(ref, K_CLASS);
}

/** Whether `cls` is `ancestor` or descends from it. */
export function descends(cls: u32, ancestor: u32): bool {
  for (let at = cls; at != 0; at = load<u32>(at, C_PARENT)) if (at == ancestor) return true;
  return false;
}

/** Bytes of data. */
export function sizeOf(ref: u32): u32 {
  return load<u32>(ref, O_SIZE) & SIZE_MASK;
}

export function isInt(ref: u32): bool {
  return (ref & 1) != 0 || isKind(ref, K_INT);
}

/** Value of an int, small or boxed. */
export function intValue(ref: u32): i32 {
  return ref & 1 ? <i32>ref >> 1 : load<i32>(ref, O_DATA);
}

/** An int object. May block. */
export function makeInt(value: i32): u32 {
  if (((value << 1) >> 1) == value) return ((<u32>value) << 1) | 1;
  const box = allocate(internalClass(K_INT), 4 | OPAQUE);
  if (box) store<i32>(box, value, O_DATA);
  return box;
}

export function makeLong(value: u64): u32 {
  const box = allocate(internalClass(K_LONG), 8 | OPAQUE);
  if (box) store<u64>(box, value, O_DATA);
  return box;
}

/** `bits`: IEEE 754 binary32. NaNs are stored as the canonical one. */
export function makeFloat(bits: u32): u32 {
  const box = allocate(internalClass(K_FLOAT), 4 | OPAQUE);
  if (box) store<u32>(box, (bits & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : bits, O_DATA);
  return box;
}

/** `bits`: IEEE 754 binary64. NaNs are stored as the canonical one. */
export function makeDouble(bits: u64): u32 {
  const box = allocate(internalClass(K_DOUBLE), 8 | OPAQUE);
  const canonical: u64 = 0x7ff8000000000000;
  if (box) store<u64>(box, (bits & 0x7fffffffffffffff) > 0x7ff0000000000000 ? canonical : bits, O_DATA);
  return box;
}

/** A string of `length` zero bytes, for its maker to fill. May block. */
export function makeString(length: u32): u32 {
  return allocate(internalClass(K_STRING), length | OPAQUE);
}

/** Copies `length` bytes; may block, so only into an object nobody else knows. */
export function copyBytes(to: u32, from: u32, length: u32): void {
  for (; length > PART; length -= PART) {
    memory.copy(to, from, PART);
    to += PART;
    from += PART;
    pause();
  }
  let i: u32 = 0;
  for (; i + 4 <= length; i += 4) store<u32>(to + i, load<u32>(from + i));
  for (; i < length; i++) store<u8>(to + i, load<u8>(from + i));
}

/** A string of the `length` bytes at `bytes`, transient or persistent. May block. */
export function makeStringOf(bytes: u32, length: u32): u32 {
  const made = makeString(length);
  if (made) copyBytes(made + O_DATA, bytes, length);
  return made;
}

/** A string of the low bytes of an AssemblyScript text's units. May block. */
export function makeText(text: string): u32 {
  const length = <u32>text.length;
  const made = makeString(length);
  const from = changetype<usize>(text);
  if (made) for (let i: u32 = 0; i < length; i++) store<u8>(made + i, <u8>load<u16>(from + (i << 1)), O_DATA);
  return made;
}

/** May block. */
export function sameBytes(a: u32, b: u32, length: u32): bool {
  for (; length > PART; length -= PART) {
    for (let i: u32 = 0; i < PART; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
    a += PART;
    b += PART;
    pause();
  }
  for (let i: u32 = 0; i < length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}

export function sameStrings(a: u32, b: u32): bool {
  if (a == b) return true;
  const length = sizeOf(a);
  return length == sizeOf(b) && sameBytes(a + O_DATA, b + O_DATA, length);
}

/** A page of `slots` null references. May block. */
export function makePage(slots: u32): u32 {
  return slots > 0x01000000 ? 0 : allocate(internalClass(K_PAGE), (slots << 2) | OPAQUE);
}

/**
 * Number of an object, given when first asked for. May block; `cell`, about to be written by the caller, is settled
 * with it.
 */
export function identityOf(ref: u32, cell: u32): u32 {
  const has = load<u32>(ref, O_IDENTITY);
  if (has) return has;
  settle(ref + O_IDENTITY, cell, 0);
  const raced = load<u32>(ref, O_IDENTITY);
  if (raced) return raced;
  const number = load<u32>(ROOT + R_IDENTITY) + 1;
  store<u32>(ROOT + R_IDENTITY, number);
  store<u32>(ref, number, O_IDENTITY);
  return number;
}

/** Makes an object immutable: its fields can be read and not written. May block. */
export function freeze(ref: u32, cell: u32): void {
  settle(ref, ref + O_FLAGS, cell);
  store<u32>(ref, load<u32>(ref, O_FLAGS) | FLAG_IMMUTABLE, O_FLAGS);
  const size = load<u32>(ref, O_SIZE);
  if ((size & OPAQUE) == 0) store<u32>(ref, size | FROZEN_FIELDS, O_SIZE);
}

/** The original's hash: ELF's, over signed bytes. `state` starts as 0. */
export function hashStep(state: u32, byte: u32): u32 {
  let hash = (state << 4) + <u32>((<i32>(byte << 24)) >> 24);
  const high = hash & 0xf0000000;
  if (high) hash = (hash ^ (high >> 24)) & 0x0fffffff;
  return hash;
}

/** May block. */
export function hashBytes(state: u32, bytes: u32, length: u32): u32 {
  for (; length > PART; length -= PART) {
    for (let i: u32 = 0; i < PART; i++) state = hashStep(state, <u32>load<u8>(bytes + i));
    bytes += PART;
    pause();
  }
  for (let i: u32 = 0; i < length; i++) state = hashStep(state, <u32>load<u8>(bytes + i));
  return state;
}

/** Hash of the four bytes of a word as it lies in memory. */
export function hashWord(state: u32, word: u32): u32 {
  for (let shift: u32 = 0; shift < 32; shift += 8) state = hashStep(state, (word >> shift) & 255);
  return state;
}
