/**
 * Floating point numbers as text and back, exactly, with integers of any size: the shortest decimal that reads back to
 * the same number, and of several the nearest; R. G. Burger and R. K. Dybvig, Printing Floating-Point Numbers Quickly
 * and Accurately (1996). Reading is one division of big integers, rounded to even.
 *
 * Form: positional for 0.0001 <= abs(x) < 1e16, always with a point; else d.ddde+XX with at least two digits of
 * exponent; `inf`, `-inf`, `nan`.
 *
 * Rule: the numbers lie in transient memory shared by all threads, so nothing here may wait; a caller copies
 * `formatted` before anything that may.
 */

/** Words of a big integer: 10^309 times 10^310 fits. */
const WORDS: u32 = 72;
const BIG_BYTES: usize = 288;
const bigR: usize = memory.data(288, 8);
const bigS: usize = memory.data(288, 8);
const bigPlus: usize = memory.data(288, 8);
const bigMinus: usize = memory.data(288, 8);
const bigSum: usize = memory.data(288, 8);
const digits: usize = memory.data(32, 8);

/** Text of the last format call. */
export const formatted: usize = memory.data(32, 8);

/** Words in use by the numbers of the current calculation. */
let used: u32 = WORDS;

function setBig(a: usize, value: u64): void {
  memory.fill(a, 0, BIG_BYTES);
  store<u64>(a, value);
}

function shiftLeft(a: usize, bits: u32): void {
  const words = bits >> 5;
  const rest = bits & 31;
  for (let i = <i32>used - 1; i >= 0; i--) {
    const from = i - <i32>words;
    const high = from >= 0 ? load<u32>(a + ((<u32>from) << 2)) : 0;
    const low = from > 0 ? load<u32>(a + ((<u32>from - 1) << 2)) : 0;
    store<u32>(a + ((<u32>i) << 2), rest ? (high << rest) | (low >> (32 - rest)) : high);
  }
}

function multiply(a: usize, factor: u32): void {
  let carry: u64 = 0;
  for (let i: u32 = 0; i < used; i++) {
    carry += <u64>load<u32>(a + (i << 2)) * <u64>factor;
    store<u32>(a + (i << 2), <u32>carry);
    carry >>= 32;
  }
  assert(carry == 0, 'float-text: a number outgrew its words');
}

function multiplyByPowerOfTen(a: usize, power: u32): void {
  for (; power >= 9; power -= 9) multiply(a, 1000000000);
  for (; power > 0; power--) multiply(a, 10);
}

function addSmall(a: usize, value: u32): void {
  let carry: u64 = <u64>value;
  for (let i: u32 = 0; i < used && carry != 0; i++) {
    carry += <u64>load<u32>(a + (i << 2));
    store<u32>(a + (i << 2), <u32>carry);
    carry >>= 32;
  }
}

function compareBig(a: usize, b: usize): i32 {
  for (let i = <i32>used - 1; i >= 0; i--) {
    const x = load<u32>(a + ((<u32>i) << 2));
    const y = load<u32>(b + ((<u32>i) << 2));
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

function subtract(a: usize, b: usize): void {
  let borrow: u64 = 0;
  for (let i: u32 = 0; i < used; i++) {
    const difference = <u64>load<u32>(a + (i << 2)) - <u64>load<u32>(b + (i << 2)) - borrow;
    store<u32>(a + (i << 2), <u32>difference);
    borrow = (difference >> 32) & 1;
  }
}

function sumBig(to: usize, a: usize, b: usize): void {
  let carry: u64 = 0;
  for (let i: u32 = 0; i < used; i++) {
    carry += <u64>load<u32>(a + (i << 2)) + <u64>load<u32>(b + (i << 2));
    store<u32>(to + (i << 2), <u32>carry);
    carry >>= 32;
  }
}

function isZero(a: usize): bool {
  for (let i: u32 = 0; i < used; i++) if (load<u32>(a + (i << 2))) return false;
  return true;
}

function bitLength(a: usize): u32 {
  for (let i = used; i > 0; i--) {
    const word = load<u32>(a + ((i - 1) << 2));
    if (word) return (i << 5) - clz<u32>(word);
  }
  return 0;
}

/** Sum of r and m+ against s: at or above it when the upper end of the interval belongs to it, else above it. */
function reaches(even: bool): bool {
  sumBig(bigSum, bigR, bigPlus);
  const order = compareBig(bigSum, bigS);
  return even ? order >= 0 : order > 0;
}

let digitCount: u32 = 0;

/**
 * Shortest digits of mantissa * 2^exponent into `digits`; the number is 0.DIGITS * 10^result. `boundary`: the mantissa
 * is the least of its binade, so the gap below is half the gap above.
 */
function shortest(mantissa: u64, exponent: i32, boundary: bool): i32 {
  const even = (mantissa & 1) == 0;
  const extra: u32 = boundary ? 1 : 0;
  const magnitude = <u32>(exponent < 0 ? -exponent : exponent);
  used = min<u32>(WORDS, ((magnitude + 72) >> 5) + 2);
  setBig(bigR, mantissa);
  setBig(bigS, 1);
  setBig(bigPlus, 1);
  setBig(bigMinus, 1);
  if (exponent >= 0) {
    shiftLeft(bigR, magnitude + 1 + extra);
    shiftLeft(bigS, 1 + extra);
    shiftLeft(bigPlus, magnitude + extra);
    shiftLeft(bigMinus, magnitude);
  } else {
    shiftLeft(bigR, 1 + extra);
    shiftLeft(bigS, magnitude + 1 + extra);
    shiftLeft(bigPlus, extra);
  }
  // log10 2 is 1233/4096 from below; the estimate is at most one too small, or a little below for negative powers.
  const bits = exponent + 63 - <i32>clz<u64>(mantissa);
  let power = (bits * 1233) >> 12;
  if (power > 0) {
    multiplyByPowerOfTen(bigS, <u32>power);
  } else if (power < 0) {
    multiplyByPowerOfTen(bigR, <u32>-power);
    multiplyByPowerOfTen(bigPlus, <u32>-power);
    multiplyByPowerOfTen(bigMinus, <u32>-power);
  }
  while (reaches(even)) {
    multiply(bigS, 10);
    power++;
  }
  digitCount = 0;
  while (true) {
    multiply(bigR, 10);
    multiply(bigPlus, 10);
    multiply(bigMinus, 10);
    let digit: u32 = 0;
    while (compareBig(bigR, bigS) >= 0) {
      subtract(bigR, bigS);
      digit++;
    }
    const order = compareBig(bigR, bigMinus);
    const low = even ? order <= 0 : order < 0;
    const high = reaches(even);
    if (low || high) {
      if (low && high) {
        sumBig(bigSum, bigR, bigR);
        if (compareBig(bigSum, bigS) >= 0) digit++;
      } else if (high) {
        digit++;
      }
      store<u8>(digits + digitCount++, <u8>(48 + digit));
      return power;
    }
    store<u8>(digits + digitCount++, <u8>(48 + digit));
  }
}

function put(at: usize, byte: u32): usize {
  store<u8>(at, <u8>byte);
  return at + 1;
}

function putWord(at: usize, text: string): usize {
  const units = changetype<usize>(text);
  for (let i: u32 = 0; i < <u32>text.length; i++) at = put(at, <u32>load<u16>(units + (i << 1)));
  return at;
}

function putDigits(at: usize, from: u32, to: u32): usize {
  for (let i = from; i < to; i++) at = put(at, i < digitCount ? <u32>load<u8>(digits + i) : 48);
  return at;
}

/** Lays out 0.DIGITS * 10^power. */
function layOut(at: usize, power: i32): usize {
  if (power > 16 || power < -3) {
    at = putDigits(at, 0, 1);
    if (digitCount > 1) at = putDigits(put(at, 46), 1, digitCount);
    at = put(at, 101);
    let exponent = power - 1;
    at = put(at, exponent < 0 ? 45 : 43);
    if (exponent < 0) exponent = -exponent;
    if (exponent >= 100) at = put(at, 48 + <u32>exponent / 100);
    at = put(at, 48 + (<u32>exponent / 10) % 10);
    return put(at, 48 + <u32>exponent % 10);
  }
  if (power <= 0) {
    at = putWord(at, '0.');
    for (let i = power; i < 0; i++) at = put(at, 48);
    return putDigits(at, 0, digitCount);
  }
  at = put(putDigits(at, 0, <u32>power), 46);
  return putDigits(at, <u32>power, max<u32>(digitCount, <u32>power + 1));
}

/** Text of a number given by its fields into `formatted`; returns its length. */
function format(
  negative: bool,
  exponentField: u32,
  exponentMax: u32,
  fraction: u64,
  fractionBits: u32,
  bias: i32,
): u32 {
  let at = formatted;
  if (exponentField == exponentMax && fraction != 0) return <u32>(putWord(at, 'nan') - formatted);
  if (negative) at = put(at, 45);
  if (exponentField == exponentMax) return <u32>(putWord(at, 'inf') - formatted);
  if (exponentField == 0 && fraction == 0) return <u32>(putWord(at, '0.0') - formatted);
  const normal = exponentField != 0;
  const mantissa = normal ? fraction | ((<u64>1) << (<u64>fractionBits)) : fraction;
  const exponent = (normal ? <i32>exponentField : 1) - bias - <i32>fractionBits;
  const power = shortest(mantissa, exponent, normal && fraction == 0 && exponentField > 1);
  return <u32>(layOut(at, power) - formatted);
}

/** Text of a binary32 into `formatted`; returns its length. */
export function formatFloat(bits: u32): u32 {
  return format(bits >> 31 != 0, (bits >> 23) & 255, 255, <u64>(bits & 0x7fffff), 23, 127);
}

/** Text of a binary64 into `formatted`; returns its length. */
export function formatDouble(bits: u64): u32 {
  return format(bits >> 63 != 0, <u32>(bits >> 52) & 2047, 2047, bits & 0x000fffffffffffff, 52, 1023);
}

/** Decimal digits kept of a number that is read; any others only say that it is a little larger. */
const READ_DIGITS: u32 = 300;
/** Exponent of the least bit of the smallest binary64. */
const LEAST_BIT: i32 = -1074;
/** Bits of the quotient. */
const QUOTIENT_BITS: u32 = 55;

/** Binary64 nearest to r * 10^power, a tie to even. */
function nearest(power: i32): u64 {
  setBig(bigS, 1);
  if (power > 0) multiplyByPowerOfTen(bigR, <u32>power);
  else multiplyByPowerOfTen(bigS, <u32>-power);
  // Scaled so that the quotient has 54 or 55 bits, or reaches two bits below the smallest number.
  const shift = min<i32>(54 - (<i32>bitLength(bigR) - <i32>bitLength(bigS)), 2 - LEAST_BIT);
  if (shift > 0) shiftLeft(bigR, <u32>shift);
  else shiftLeft(bigS, <u32>-shift);
  shiftLeft(bigS, QUOTIENT_BITS);
  let quotient: u64 = 0;
  for (let i: u32 = 0; i < QUOTIENT_BITS; i++) {
    shiftLeft(bigR, 1);
    quotient <<= 1;
    if (compareBig(bigR, bigS) < 0) continue;
    subtract(bigR, bigS);
    quotient |= 1;
  }
  const inexact = !isZero(bigR);
  const bits = 64 - <i32>clz<u64>(quotient);
  const leastBit = max<i32>(LEAST_BIT, bits - 53 - shift);
  const dropped = <u64>(leastBit + shift);
  let mantissa = quotient >> dropped;
  const rest = quotient & (((<u64>1) << dropped) - 1);
  const half = (<u64>1) << (dropped - 1);
  if (rest > half || (rest == half && (inexact || (mantissa & 1) != 0))) mantissa++;
  let exponent = leastBit;
  if (mantissa == (<u64>1) << 53) {
    mantissa >>= 1;
    exponent++;
  }
  if (mantissa < (<u64>1) << 52) return mantissa;
  const field = exponent + 1075;
  if (field >= 2047) return 0x7ff0000000000000;
  return ((<u64>field) << 52) | (mantissa & 0x000fffffffffffff);
}

/**
 * Binary64 nearest to the decimal number in [from, end): sign, digits, point, exponent, well-formed. Reading the text
 * may wait if it is persistent: the result is right only if the block epoch did not change meanwhile.
 */
export function readDouble(from: u32, end: u32): u64 {
  let at = from;
  const sign: u64 = load<u8>(at) == 45 ? 0x8000000000000000 : 0;
  if (sign) at++;
  used = WORDS;
  setBig(bigR, 0);
  let power: i32 = 0;
  let kept: u32 = 0;
  let behindPoint = false;
  let more = false;
  for (; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte == 46) {
      behindPoint = true;
      continue;
    }
    const digit = byte - 48;
    if (digit > 9) break;
    if (kept < READ_DIGITS) {
      if (behindPoint) power--;
      if (kept == 0 && digit == 0) continue;
      multiply(bigR, 10);
      addSmall(bigR, digit);
      kept++;
    } else {
      if (!behindPoint) power++;
      if (digit) more = true;
    }
  }
  if (more) {
    multiply(bigR, 10);
    addSmall(bigR, 1);
    power--;
    kept++;
  }
  if (at < end) {
    at++;
    const down = load<u8>(at) == 45;
    if (down || load<u8>(at) == 43) at++;
    let exponent: i32 = 0;
    for (; at < end; at++) if (exponent < 100000) exponent = exponent * 10 + <i32>load<u8>(at) - 48;
    power += down ? -exponent : exponent;
  }
  if (kept == 0) return sign;
  const magnitude = power + <i32>kept;
  if (magnitude > 310) return sign | 0x7ff0000000000000;
  if (magnitude < -326) return sign;
  return sign | nearest(power);
}
