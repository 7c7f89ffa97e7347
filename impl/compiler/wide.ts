/**
 * Lowering of 64-bit integer operations to operations on pairs of words.
 *
 * Bitwise operations stay trees; what needs a carry, a full product or a variable shift becomes a statement or a call of one of
 * the hand-encoded routines of `routines.ts`.
 */

import type { FunctionBuilder } from './builder.js';
import { binary, compare, shift } from './fold.js';
import { constant, type Expression, isConstant, variable, type WideComparison } from './ir.js';

interface Wide {
  readonly low: Expression;
  readonly high: Expression;
}

const zero = constant(0);

export function bitwise(b: FunctionBuilder, op: 'and' | 'or' | 'xor'): void {
  const right = b.popWide();
  const left = b.popWide();
  b.push('i64', binary(op, left.low, right.low), binary(op, left.high, right.high));
}

export function addOrSubtract(b: FunctionBuilder, op: 'add' | 'sub'): void {
  const right = b.popWide();
  const left = b.popWide();
  pushWide(b, sum(b, op, left, right));
}

function pushWide(b: FunctionBuilder, value: Wide): void {
  b.push('i64', value.low, value.high);
}

function sum(b: FunctionBuilder, op: 'add' | 'sub', left: Wide, right: Wide): Wide {
  if (isConstant(right.low, 0)) return { low: left.low, high: binary(op, left.high, right.high) };
  const rightLow = b.leaf(right.low);
  const rightHigh = b.leaf(right.high);
  const low = b.newVariable();
  const high = b.newVariable();
  b.emit({
    kind: 'addWide',
    op,
    low,
    high,
    leftLow: left.low,
    leftHigh: left.high,
    rightLow,
    rightHigh,
    offset: b.offset,
  });
  return { low: variable(low), high: variable(high) };
}

/** A high word that sign-extends the low one, both read from leaves. */
function isSignExtended(value: Wide): boolean {
  const { low, high } = value;
  if (high.kind === 'constant') return low.kind === 'constant' && low.value >> 31 === high.value;
  if (high.kind !== 'shift' || high.op !== 'shr_s' || high.count !== 31) return false;
  return high.left.kind === 'variable' && low.kind === 'variable' && high.left.variable === low.variable;
}

export function multiply(b: FunctionBuilder): void {
  const right = b.popWide();
  const left = b.popWide();
  const low = b.newVariable();
  const high = b.newVariable();
  const product = (signed: boolean, x: Expression, y: Expression): void =>
    b.emit({ kind: 'multiplyWide', signed, low, high, left: x, right: y, offset: b.offset });
  if (isSignExtended(left) && isSignExtended(right) && left.low.kind !== 'constant') {
    product(true, left.low, right.low);
    b.push('i64', variable(low), variable(high));
    return;
  }
  const leftLow = b.leaf(left.low);
  const rightLow = b.leaf(right.low);
  // The cross products only reach the upper word.
  const cross = binary('add', binary('mul', leftLow, right.high), binary('mul', rightLow, left.high));
  const held = cross.kind === 'constant' ? cross : b.temporary(cross);
  product(false, leftLow, rightLow);
  b.push('i64', variable(low), binary('add', variable(high), held));
}

export type WideShift = 'shl' | 'shr_s' | 'shr_u' | 'rotl' | 'rotr';

export function shiftWide(b: FunctionBuilder, op: WideShift): void {
  const count = b.popWide().low;
  const value = b.popWide();
  if (count.kind === 'constant') {
    pushWide(b, shiftByConstant(b, op, value, count.value & 63));
    return;
  }
  routine(b, `i64_${op}`, [value.low, value.high, count], 2);
}

function shiftByConstant(b: FunctionBuilder, op: WideShift, value: Wide, count: number): Wide {
  if (count === 0) return value;
  if (op === 'rotr') return shiftByConstant(b, 'rotl', value, 64 - count);
  if (op === 'rotl') {
    const low = b.leaf(value.low);
    const high = b.leaf(value.high);
    if (count === 32) return { low: high, high: low };
    const swap = count > 32;
    return {
      low: double(b, 'left', swap ? high : low, swap ? low : high, count & 31),
      high: double(b, 'left', swap ? low : high, swap ? high : low, count & 31),
    };
  }
  if (op === 'shl') {
    if (count >= 32) return { low: zero, high: shift('shl', value.low, count - 32) };
    if (isConstant(value.low, 0)) return { low: zero, high: shift('shl', value.high, count) };
    const low = b.leaf(value.low);
    const high = double(b, 'left', value.high, low, count);
    return { low: shift('shl', low, count), high };
  }
  const signed = op === 'shr_s';
  if (count >= 32) {
    const high = signed ? b.leaf(value.high) : value.high;
    return { low: shift(op, high, count - 32), high: signed ? shift('shr_s', high, 31) : zero };
  }
  if (isConstant(value.high, 0)) return { low: shift('shr_u', value.low, count), high: zero };
  const high = b.leaf(value.high);
  const low = double(b, 'right', value.low, high, count);
  return { low, high: shift(op, high, count) };
}

function double(
  b: FunctionBuilder,
  op: 'left' | 'right',
  into: Expression,
  from: Expression,
  count: number,
): Expression {
  const target = b.newVariable();
  b.emit({ kind: 'shiftDouble', op, target, into, from, count, offset: b.offset });
  return variable(target);
}

/** Calls a hand-encoded routine on words and pushes its result. */
export function routine(b: FunctionBuilder, name: string, args: Expression[], resultWords: 0 | 1 | 2): void {
  const results = Array.from({ length: resultWords }, () => b.newVariable());
  b.emit({ kind: 'call', target: { kind: 'routine', name }, args, results, offset: b.offset });
  if (resultWords === 1) b.push('i32', variable(results[0]));
  if (resultWords === 2) b.push('i64', variable(results[0]), variable(results[1]));
}

export function isZero(b: FunctionBuilder): void {
  const { low, high } = b.popWide();
  b.push('i32', compare('eq', binary('or', low, high), zero));
}

export function equal(b: FunctionBuilder, op: 'eq' | 'ne'): void {
  const right = b.popWide();
  const left = b.popWide();
  const difference = binary('or', binary('xor', left.low, right.low), binary('xor', left.high, right.high));
  b.push('i32', compare(op, difference, zero));
}

export function order(b: FunctionBuilder, relation: 'lt' | 'gt' | 'le' | 'ge', signed: boolean): void {
  let right = b.popWide();
  let left = b.popWide();
  // a > b is b < a, and a <= b is b >= a: two relations are enough.
  if (relation === 'gt' || relation === 'le') [left, right] = [right, left];
  const base = relation === 'lt' || relation === 'gt' ? 'lt' : 'ge';
  const op: WideComparison = `${base}_${signed ? 's' : 'u'}`;
  const words = {
    leftLow: b.leaf(left.low),
    leftHigh: b.leaf(left.high),
    rightLow: b.leaf(right.low),
    rightHigh: b.leaf(right.high),
  };
  if (signed && isConstant(words.rightLow, 0) && isConstant(words.rightHigh, 0)) {
    b.push('i32', compare(op, words.leftHigh, zero));
    return;
  }
  b.push('i32', { kind: 'compareWide', op, ...words });
}

/** i64.extend8_s, extend16_s and extend32_s. */
export function signExtend(b: FunctionBuilder, bits: 8 | 16 | 32): void {
  const { low } = b.popWide();
  const narrow = b.leaf(bits === 32 ? low : { kind: 'extend', bits, value: low });
  b.push('i64', narrow, shift('shr_s', narrow, 31));
}
