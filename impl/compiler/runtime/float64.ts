/**
 * IEEE 754 binary64 in software: the routines that wasm's f64 operations compile to. AssemblyScript.
 *
 * Values are bit patterns. Rounding is to nearest, ties to even, with gradual underflow; a NaN that is computed is always the
 * canonical one, so results are the same on every host.
 */

import { shiftRightSticky } from './bits';

const signBit: u64 = 0x8000000000000000;
const magnitude: u64 = 0x7fffffffffffffff;
const infinity: u64 = 0x7ff0000000000000;
const notANumber: u64 = 0x7ff8000000000000;
const fractionMask: u64 = 0x000fffffffffffff;
const hiddenBit: u64 = 0x0010000000000000;
const leading: u64 = 0x4000000000000000;
const one: u64 = 0x3ff0000000000000;

function isNaN64(a: u64): bool {
  return (a & magnitude) > infinity;
}

function exponentOf(a: u64): i32 {
  return <i32>((a >> 52) & 0x7ff);
}

/**
 * The float with this sign, and the magnitude significand * 2^(exponent - 1085), rounded. Exponent is the biased exponent less 1
 * where the significand's leading bit is bit 62: the hidden bit then adds the 1 when fields are added up.
 */
export function roundPack64(sign: u64, exponent: i32, significand: u64): u64 {
  if (exponent < 0) {
    significand = shiftRightSticky(significand, -exponent);
    exponent = 0;
  } else if (exponent > 0x7fd || (exponent == 0x7fd && significand >= signBit - 0x200)) return sign | infinity;
  const lost = <u32>significand & 0x3ff;
  let kept = (significand + 0x200) >> 10;
  if (lost == 0x200) kept &= ~(<u64>1);
  return sign | ((<u64>exponent << 52) * (kept != 0 ? 1 : 0) + kept);
}

/** As roundPack64, for a significand that is not zero and whose leading bit is anywhere up to bit 62. */
export function normalizeRoundPack64(sign: u64, exponent: i32, significand: u64): u64 {
  const shift = <i32>clz<u64>(significand) - 1;
  return roundPack64(sign, exponent - shift, significand << <u64>shift);
}

/** Significand of a finite float with the hidden bit at bit 62. */
function significandOf(a: u64): u64 {
  const fraction = a & fractionMask;
  return (exponentOf(a) != 0 ? fraction | hiddenBit : fraction) << 10;
}

export function f64_add(a: u64, b: u64): u64 {
  if ((b & magnitude) > (a & magnitude)) {
    const held = a;
    a = b;
    b = held;
  }
  // From here on |a| >= |b|.
  if ((a & magnitude) >= infinity) {
    if (isNaN64(a) || ((b & magnitude) == infinity && a != b)) return notANumber;
    return a;
  }
  const sign = a & signBit;
  const exponentA = max<i32>(exponentOf(a), 1);
  const exponentB = max<i32>(exponentOf(b), 1);
  const x = significandOf(a);
  const y = shiftRightSticky(significandOf(b), exponentA - exponentB);
  if (((a ^ b) & signBit) == 0) {
    const sum = x + y;
    if (sum >= signBit) return roundPack64(sign, exponentA, (sum >> 1) | (sum & 1));
    return roundPack64(sign, exponentA - 1, sum);
  }
  const difference = x - y;
  return difference == 0 ? 0 : normalizeRoundPack64(sign, exponentA - 1, difference);
}

export function f64_sub(a: u64, b: u64): u64 {
  return f64_add(a, b ^ signBit);
}

/** Upper half of a 64 by 64 bit product, with the lower half as the sticky bit. */
function multiplyHighSticky(a: u64, b: u64): u64 {
  const aLow = <u64>(<u32>a);
  const aHigh = a >> 32;
  const bLow = <u64>(<u32>b);
  const bHigh = b >> 32;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >> 32);
  const cross = aLow * bHigh + <u64>(<u32>middle);
  const high = aHigh * bHigh + (middle >> 32) + (cross >> 32);
  return ((<u32>low | <u32>cross) != 0) ? high | 1 : high;
}

export function f64_mul(a: u64, b: u64): u64 {
  const sign = (a ^ b) & signBit;
  const absA = a & magnitude;
  const absB = b & magnitude;
  if (absA >= infinity || absB >= infinity) {
    if (absA > infinity || absB > infinity || absA == 0 || absB == 0) return notANumber;
    return sign | infinity;
  }
  if (absA == 0 || absB == 0) return sign;
  let exponent = max<i32>(exponentOf(a), 1) + max<i32>(exponentOf(b), 1) - 0x3ff;
  let x = significandOf(a);
  let y = significandOf(b);
  const shiftX = <i32>clz<u64>(x) - 1;
  const shiftY = <i32>clz<u64>(y) - 1;
  exponent -= shiftX + shiftY;
  x <<= <u64>shiftX;
  y <<= <u64>(shiftY + 1);
  let product = multiplyHighSticky(x, y);
  if (product < leading) {
    product <<= 1;
    exponent--;
  }
  return roundPack64(sign, exponent, product);
}

/**
 * Quotient of (high * 2^64) / divisor with the remainder as the sticky bit. The divisor's bit 63 is set and high < divisor.
 * Two digits of 32 bits, each estimated with the divisor's upper half and corrected (Knuth, The Art of Computer
 * Programming 2, 4.3.1, algorithm D).
 */
function divideSticky(high: u64, divisor: u64): u64 {
  const upper = divisor >> 32;
  const lower = <u64>(<u32>divisor);
  let quotient: u64 = 0;
  let remainder = high;
  for (let digit = 0; digit < 2; digit++) {
    let estimate = remainder / upper;
    let rest = remainder - estimate * upper;
    while (estimate > 0xffffffff || estimate * lower > rest << 32) {
      estimate--;
      rest += upper;
      if (rest > 0xffffffff) break;
    }
    remainder = (remainder << 32) - estimate * divisor;
    quotient = (quotient << 32) | estimate;
  }
  return remainder != 0 ? quotient | 1 : quotient;
}

export function f64_div(a: u64, b: u64): u64 {
  const sign = (a ^ b) & signBit;
  const absA = a & magnitude;
  const absB = b & magnitude;
  if (absA > infinity || absB > infinity) return notANumber;
  if (absA == infinity) return absB == infinity ? notANumber : sign | infinity;
  if (absB == infinity) return sign;
  if (absB == 0) return absA == 0 ? notANumber : sign | infinity;
  if (absA == 0) return sign;
  let exponent = max<i32>(exponentOf(a), 1) - max<i32>(exponentOf(b), 1) + 0x3fe;
  let x = significandOf(a);
  let y = significandOf(b);
  const shiftX = <i32>clz<u64>(x) - 1;
  const shiftY = <i32>clz<u64>(y) - 1;
  exponent -= shiftX - shiftY;
  x <<= <u64>shiftX;
  y <<= <u64>(shiftY + 1);
  let quotient = divideSticky(x, y);
  if (quotient >= signBit) quotient = (quotient >> 1) | (quotient & 1);
  else exponent--;
  return roundPack64(sign, exponent, quotient);
}

export function f64_sqrt(a: u64): u64 {
  if (isNaN64(a)) return notANumber;
  if ((a & magnitude) == 0) return a;
  if ((a & signBit) != 0) return notANumber;
  if (a == infinity) return a;
  let exponent = max<i32>(exponentOf(a), 1);
  let x = significandOf(a);
  const shift = <i32>clz<u64>(x) - 1;
  exponent -= shift;
  x <<= <u64>shift;
  // x is in [2^62, 2^63): as a number of two bits before the point, x / 2^62 in [1, 2), times 2 where the exponent is odd.
  const unbiased = exponent - 0x3ff;
  if ((unbiased & 1) != 0) x <<= 1;
  let root: u64 = 0;
  let remainder: u64 = 0;
  // Digit by digit: 55 bits of the root, two bits of x for each.
  for (let i = 0; i < 55; i++) {
    remainder = (remainder << 2) | (x >> 62);
    x <<= 2;
    const trial = (root << 2) | 1;
    root <<= 1;
    if (remainder >= trial) {
      remainder -= trial;
      root |= 1;
    }
  }
  // The leading bit of the root is bit 54.
  let significand = root << 8;
  if (remainder != 0) significand |= 1;
  return roundPack64(0, (unbiased >> 1) + 0x3fe, significand);
}

export function f64_eq(a: u64, b: u64): i32 {
  if (isNaN64(a) || isNaN64(b)) return 0;
  return a == b || ((a | b) & magnitude) == 0 ? 1 : 0;
}

export function f64_ne(a: u64, b: u64): i32 {
  return f64_eq(a, b) ^ 1;
}

export function f64_lt(a: u64, b: u64): i32 {
  if (isNaN64(a) || isNaN64(b) || ((a | b) & magnitude) == 0) return 0;
  if (((a ^ b) & signBit) != 0) return (a & signBit) != 0 ? 1 : 0;
  return (a & signBit) != 0 ? (b < a ? 1 : 0) : a < b ? 1 : 0;
}

export function f64_le(a: u64, b: u64): i32 {
  return f64_lt(a, b) | f64_eq(a, b);
}

export function f64_gt(a: u64, b: u64): i32 {
  return f64_lt(b, a);
}

export function f64_ge(a: u64, b: u64): i32 {
  return f64_lt(b, a) | f64_eq(a, b);
}

export function f64_min(a: u64, b: u64): u64 {
  if (isNaN64(a) || isNaN64(b)) return notANumber;
  if (((a | b) & magnitude) == 0) return a | b;
  return f64_lt(a, b) != 0 ? a : b;
}

export function f64_max(a: u64, b: u64): u64 {
  if (isNaN64(a) || isNaN64(b)) return notANumber;
  if (((a | b) & magnitude) == 0) return a & b;
  return f64_lt(a, b) != 0 ? b : a;
}

export function f64_trunc(a: u64): u64 {
  if (isNaN64(a)) return notANumber;
  const exponent = exponentOf(a) - 0x3ff;
  if (exponent < 0) return a & signBit;
  return exponent >= 52 ? a : a & ~(fractionMask >> <u64>exponent);
}

export function f64_floor(a: u64): u64 {
  const whole = f64_trunc(a);
  if (whole == a || isNaN64(a) || (a & signBit) == 0) return whole;
  return f64_sub(whole, one);
}

export function f64_ceil(a: u64): u64 {
  const whole = f64_trunc(a);
  if (whole == a || isNaN64(a) || (a & signBit) != 0) return whole;
  return f64_add(whole, one);
}

export function f64_nearest(a: u64): u64 {
  const exponent = exponentOf(a) - 0x3ff;
  if (isNaN64(a)) return notANumber;
  if (exponent >= 52) return a;
  const sign = a & signBit;
  if (exponent < -1) return sign;
  // A half rounds to the even 0, more than a half to 1.
  if (exponent == -1) return (a & fractionMask) == 0 ? sign : sign | one;
  const unit = hiddenBit >> <u64>exponent;
  const rounded = a + (unit >> 1);
  const tie = (a & (unit - 1)) == unit >> 1;
  const cut = rounded & ~(unit - 1);
  // With exponent 0 the unit is the hidden bit itself, whose value 1 is odd.
  if (!tie) return cut;
  const odd = exponent == 0 || (a & unit) != 0;
  return odd ? cut : a & ~(unit - 1);
}

export function f64_convert_i32_s(a: i32): u64 {
  return f64_convert_i64_s(<i64>a);
}

export function f64_convert_i32_u(a: u32): u64 {
  return f64_convert_i64_u(<u64>a);
}

export function f64_convert_i64_s(a: i64): u64 {
  return a < 0 ? signBit | f64_convert_i64_u(<u64>(-a)) : f64_convert_i64_u(<u64>a);
}

export function f64_convert_i64_u(a: u64): u64 {
  if (a == 0) return 0;
  // A value of 2^62 * (1 + ...) has the biased exponent 0x3ff + 62.
  if (a >= signBit) return roundPack64(0, 0x3ff + 62, (a >> 1) | (a & 1));
  return normalizeRoundPack64(0, 0x3ff + 61, a);
}

/** The magnitude truncated to 64 bits; the caller has excluded what does not fit. */
function truncate(a: u64): u64 {
  const exponent = exponentOf(a) - 0x3ff;
  if (exponent < 0) return 0;
  const significand = (a & fractionMask) | hiddenBit;
  return exponent >= 52 ? significand << <u64>(exponent - 52) : significand >> <u64>(52 - exponent);
}

/** Converts, with the nearest limit for what is out of range and 0 for what is no number. */
function toSigned(a: u64, bits: i32): i64 {
  if (isNaN64(a)) return 0;
  const limit = <u64>1 << <u64>(bits - 1);
  const negative = (a & signBit) != 0;
  const value = exponentOf(a) - 0x3ff >= bits ? limit : truncate(a);
  if (negative) return value >= limit ? -(<i64>limit) : -(<i64>value);
  return value >= limit ? <i64>(limit - 1) : <i64>value;
}

function toUnsigned(a: u64, bits: i32): u64 {
  if (isNaN64(a) || (a & signBit) != 0) return 0;
  if (exponentOf(a) - 0x3ff >= bits) return bits == 64 ? ~(<u64>0) : ((<u64>1 << <u64>bits) - 1);
  return truncate(a);
}

/** Whether truncation leaves the signed or unsigned range of so many bits: a trap of the trapping conversions. */
function overflows(a: u64, bits: i32, signed: bool): bool {
  const exponent = exponentOf(a) - 0x3ff;
  if (exponent == 0x400) return true;
  if (exponent < 0) return false;
  const negative = (a & signBit) != 0;
  if (!signed) return negative || exponent >= bits;
  if (exponent < bits - 1) return false;
  // Of the values with a larger exponent only those that truncate to the lowest are in range.
  return !negative || exponent > bits - 1 || truncate(a) != <u64>1 << <u64>(bits - 1);
}

export function i32_trunc_sat_f64_s(a: u64): i32 {
  return <i32>toSigned(a, 32);
}

export function i32_trunc_sat_f64_u(a: u64): u32 {
  return <u32>toUnsigned(a, 32);
}

export function i64_trunc_sat_f64_s(a: u64): i64 {
  return toSigned(a, 64);
}

export function i64_trunc_sat_f64_u(a: u64): u64 {
  return toUnsigned(a, 64);
}

export function i32_trunc_f64_s(a: u64): i32 {
  if (overflows(a, 32, true)) unreachable();
  return <i32>toSigned(a, 32);
}

export function i32_trunc_f64_u(a: u64): u32 {
  if (overflows(a, 32, false)) unreachable();
  return <u32>toUnsigned(a, 32);
}

export function i64_trunc_f64_s(a: u64): i64 {
  if (overflows(a, 64, true)) unreachable();
  return toSigned(a, 64);
}

export function i64_trunc_f64_u(a: u64): u64 {
  if (overflows(a, 64, false)) unreachable();
  return toUnsigned(a, 64);
}
