/**
 * Text put together in place: each function writes at an address and returns the address behind what it wrote. There is
 * no buffer that two threads could share. Writing may block, so the place belongs to an object nobody else knows, or is
 * transient.
 */

import { O_DATA } from './layout';
import { copyBytes, sizeOf } from './objects';

/** Whether a string says the low bytes of an AssemblyScript text's units. */
export function equalsText(string: u32, text: string): bool {
  const length = <u32>text.length;
  if (sizeOf(string) != length) return false;
  const from = changetype<usize>(text);
  for (let i: u32 = 0; i < length; i++) {
    if (<u32>load<u8>(string + O_DATA + i) != (<u32>load<u16>(from + (i << 1)) & 0xff)) return false;
  }
  return true;
}

/** The low bytes of an AssemblyScript text's units. */
export function putText(at: u32, text: string): u32 {
  const from = changetype<usize>(text);
  const length = <u32>text.length;
  for (let i: u32 = 0; i < length; i++) store<u8>(at + i, <u8>load<u16>(from + (i << 1)));
  return at + length;
}

export function putBytes(at: u32, from: u32, length: u32): u32 {
  copyBytes(at, from, length);
  return at + length;
}

/** Decimal digits of an unsigned number. */
export function decimalDigits(value: u32): u32 {
  let digits: u32 = 1;
  for (let rest = value / 10; rest != 0; rest /= 10) digits++;
  return digits;
}

export function putNumber(at: u32, value: u32): u32 {
  const end = at + decimalDigits(value);
  let to = end;
  do {
    to--;
    store<u8>(to, <u8>(48 + (value % 10)));
    value /= 10;
  } while (to > at);
  return end;
}

/** Decimal digits of an unsigned 64-bit number. */
export function longDigits(value: u64): u32 {
  let digits: u32 = 1;
  for (let rest = value / 10; rest != 0; rest /= 10) digits++;
  return digits;
}

export function putLong(at: u32, value: u64): u32 {
  const end = at + longDigits(value);
  let to = end;
  do {
    to--;
    store<u8>(to, <u8>(48 + <u32>(value % 10)));
    value /= 10;
  } while (to > at);
  return end;
}
