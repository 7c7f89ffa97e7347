/**
 * IEEE 754 binary32 in software. AssemblyScript.
 *
 * Arithmetic is done in binary64 and rounded once more: binary64 has more than twice the precision plus two bits, so the
 * second rounding never changes the result (Figueroa, "When is double rounding innocuous?", 1995). Only a conversion from 64-bit
 * integers, which binary64 does not hold, rounds by itself.
 */

import { shiftRightSticky } from './bits';
import {
  f64_add,
  f64_ceil,
  f64_convert_i32_s,
  f64_convert_i32_u,
  f64_div,
  f64_eq,
  f64_floor,
  f64_lt,
  f64_max,
  f64_min,
  f64_mul,
  f64_nearest,
  f64_sqrt,
  f64_sub,
  f64_trunc,
  i32_trunc_f64_s,
  i32_trunc_f64_u,
  i32_trunc_sat_f64_s,
  i32_trunc_sat_f64_u,
  i64_trunc_f64_s,
  i64_trunc_f64_u,
  i64_trunc_sat_f64_s,
  i64_trunc_sat_f64_u,
  normalizeRoundPack64,
} from './float64';

const infinity: u32 = 0x7f800000;
const notANumber: u32 = 0x7fc00000;

/**
 * The float with this sign bit and the magnitude significand * 2^(exponent - 189), rounded: exponent is the biased exponent less 1
 * where the significand's leading bit is bit 62.
 */
function roundPack32(sign: u32, exponent: i32, significand: u64): u32 {
  if (exponent < 0) {
    significand = shiftRightSticky(significand, -exponent);
    exponent = 0;
  } else if (exponent > 0xfd) return sign | infinity;
  const half: u64 = 0x4000000000;
  const lost = significand & (2 * half - 1);
  let kept = <u32>((significand + half) >> 39);
  if (lost == half) kept &= ~1;
  // A carry out of the significand raises the exponent, up to infinity, by itself.
  return sign | (kept == 0 ? 0 : ((<u32>exponent << 23) + kept));
}

export function f64_promote_f32(a: u32): u64 {
  const sign = <u64>(a & 0x80000000) << 32;
  const exponent = <i32>((a >> 23) & 0xff);
  const fraction = <u64>(a & 0x7fffff);
  if (exponent == 0xff) return fraction != 0 ? 0x7ff8000000000000 : sign | 0x7ff0000000000000;
  if (exponent != 0) return sign | ((<u64>(exponent + 0x380) << 52) | (fraction << 29));
  return fraction == 0 ? sign : normalizeRoundPack64(sign, 0x380, fraction << 39);
}

export function f32_demote_f64(a: u64): u32 {
  const sign = <u32>(a >> 32) & 0x80000000;
  const exponent = <i32>((a >> 52) & 0x7ff);
  const fraction = a & 0x000fffffffffffff;
  if (exponent == 0x7ff) return fraction != 0 ? notANumber : sign | infinity;
  if (exponent == 0) return sign;
  return roundPack32(sign, exponent - 0x381, (fraction | 0x0010000000000000) << 10);
}

export function f32_add(a: u32, b: u32): u32 {
  return f32_demote_f64(f64_add(f64_promote_f32(a), f64_promote_f32(b)));
}

export function f32_sub(a: u32, b: u32): u32 {
  return f32_demote_f64(f64_sub(f64_promote_f32(a), f64_promote_f32(b)));
}

export function f32_mul(a: u32, b: u32): u32 {
  return f32_demote_f64(f64_mul(f64_promote_f32(a), f64_promote_f32(b)));
}

export function f32_div(a: u32, b: u32): u32 {
  return f32_demote_f64(f64_div(f64_promote_f32(a), f64_promote_f32(b)));
}

export function f32_sqrt(a: u32): u32 {
  return f32_demote_f64(f64_sqrt(f64_promote_f32(a)));
}

export function f32_min(a: u32, b: u32): u32 {
  return f32_demote_f64(f64_min(f64_promote_f32(a), f64_promote_f32(b)));
}

export function f32_max(a: u32, b: u32): u32 {
  return f32_demote_f64(f64_max(f64_promote_f32(a), f64_promote_f32(b)));
}

export function f32_ceil(a: u32): u32 {
  return f32_demote_f64(f64_ceil(f64_promote_f32(a)));
}

export function f32_floor(a: u32): u32 {
  return f32_demote_f64(f64_floor(f64_promote_f32(a)));
}

export function f32_trunc(a: u32): u32 {
  return f32_demote_f64(f64_trunc(f64_promote_f32(a)));
}

export function f32_nearest(a: u32): u32 {
  return f32_demote_f64(f64_nearest(f64_promote_f32(a)));
}

export function f32_eq(a: u32, b: u32): i32 {
  return f64_eq(f64_promote_f32(a), f64_promote_f32(b));
}

export function f32_ne(a: u32, b: u32): i32 {
  return f32_eq(a, b) ^ 1;
}

export function f32_lt(a: u32, b: u32): i32 {
  return f64_lt(f64_promote_f32(a), f64_promote_f32(b));
}

export function f32_gt(a: u32, b: u32): i32 {
  return f32_lt(b, a);
}

export function f32_le(a: u32, b: u32): i32 {
  return f32_lt(a, b) | f32_eq(a, b);
}

export function f32_ge(a: u32, b: u32): i32 {
  return f32_lt(b, a) | f32_eq(a, b);
}

export function f32_convert_i32_s(a: i32): u32 {
  return f32_demote_f64(f64_convert_i32_s(a));
}

export function f32_convert_i32_u(a: u32): u32 {
  return f32_demote_f64(f64_convert_i32_u(a));
}

export function f32_convert_i64_s(a: i64): u32 {
  return a < 0 ? 0x80000000 | f32_convert_i64_u(<u64>(-a)) : f32_convert_i64_u(<u64>a);
}

export function f32_convert_i64_u(a: u64): u32 {
  if (a == 0) return 0;
  // A value of 2^62 * (1 + ...) has the biased exponent 0x7f + 62.
  if (<i64>a < 0) return roundPack32(0, 0x7f + 62, (a >> 1) | (a & 1));
  const shift = <i32>clz<u64>(a) - 1;
  return roundPack32(0, 0x7f + 61 - shift, a << <u64>shift);
}

export function i32_trunc_f32_s(a: u32): i32 {
  return i32_trunc_f64_s(f64_promote_f32(a));
}

export function i32_trunc_f32_u(a: u32): u32 {
  return i32_trunc_f64_u(f64_promote_f32(a));
}

export function i64_trunc_f32_s(a: u32): i64 {
  return i64_trunc_f64_s(f64_promote_f32(a));
}

export function i64_trunc_f32_u(a: u32): u64 {
  return i64_trunc_f64_u(f64_promote_f32(a));
}

export function i32_trunc_sat_f32_s(a: u32): i32 {
  return i32_trunc_sat_f64_s(f64_promote_f32(a));
}

export function i32_trunc_sat_f32_u(a: u32): u32 {
  return i32_trunc_sat_f64_u(f64_promote_f32(a));
}

export function i64_trunc_sat_f32_s(a: u32): i64 {
  return i64_trunc_sat_f64_s(f64_promote_f32(a));
}

export function i64_trunc_sat_f32_u(a: u32): u64 {
  return i64_trunc_sat_f64_u(f64_promote_f32(a));
}
