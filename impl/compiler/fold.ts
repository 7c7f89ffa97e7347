/**
 * Constructors of trees that fold constants and recognise shapes, and the algebra of comparisons.
 */

import {
  type BinaryOperator,
  type Comparison,
  constant,
  type Expression,
  isConstant,
  readsMemory,
  type ShiftOperator,
  type WideComparison,
} from './ir.js';

const negations: Record<Comparison, Comparison> = {
  eq: 'ne',
  ne: 'eq',
  lt_s: 'ge_s',
  lt_u: 'ge_u',
  gt_s: 'le_s',
  gt_u: 'le_u',
  le_s: 'gt_s',
  le_u: 'gt_u',
  ge_s: 'lt_s',
  ge_u: 'lt_u',
};

export function negate(op: Comparison): Comparison {
  return negations[op];
}

const mirrors: Record<Comparison, Comparison> = {
  eq: 'eq',
  ne: 'ne',
  lt_s: 'gt_s',
  lt_u: 'gt_u',
  gt_s: 'lt_s',
  gt_u: 'lt_u',
  le_s: 'ge_s',
  le_u: 'ge_u',
  ge_s: 'le_s',
  ge_u: 'le_u',
};

/** The comparison that holds of (b, a) where `op` holds of (a, b). */
export function mirror(op: Comparison): Comparison {
  return mirrors[op];
}

/** Binary operation with the constant cases folded; a constant operand ends up on the right of commutative operations. */
export function binary(op: BinaryOperator, left: Expression, right: Expression): Expression {
  if (left.kind === 'constant' && right.kind === 'constant') return constant(foldBinary(op, left.value, right.value));
  if (left.kind === 'constant' && op !== 'sub') return binary(op, right, left);
  if (right.kind === 'constant') {
    if (op === 'sub') return binary('add', left, constant(-right.value));
    if (right.value === 0 && (op === 'add' || op === 'or' || op === 'xor')) return left;
    if (op === 'and' && right.value === -1) return left;
    if (op === 'mul' && right.value === 1) return left;
    if ((op === 'and' || op === 'mul') && right.value === 0 && !readsMemory(left)) return constant(0);
    if (op === 'mul') {
      const power = 31 - Math.clz32(right.value);
      if (right.value > 0 && right.value === 2 ** power) return shift('shl', left, power);
    }
    if (op === 'add' && left.kind === 'binary' && left.op === 'add' && left.right.kind === 'constant') {
      return binary('add', left.left, constant(left.right.value + right.value));
    }
  }
  if (op === 'or') {
    const swapped = byteSwap(left, right) ?? byteSwap(right, left);
    if (swapped !== undefined) return { kind: 'swap', value: swapped };
  }
  return { kind: 'binary', op, left, right };
}

/** x, if the two are (x & 0xff00ff00) rotl 8 and (x & 0x00ff00ff) rotl 24, which together reverse the bytes of x. */
function byteSwap(a: Expression, b: Expression): Expression | undefined {
  const part = (e: Expression, count: number, mask: number): Expression | undefined => {
    if (e.kind !== 'shift' || e.op !== 'rotl' || e.count !== count) return undefined;
    const { left } = e;
    if (left.kind !== 'binary' || left.op !== 'and' || !isConstant(left.right, mask)) return undefined;
    return left.left;
  };
  const x = part(a, 8, 0xff00ff00 | 0);
  const y = part(b, 24, 0x00ff00ff);
  const same = x?.kind === 'variable' && y?.kind === 'variable' && x.variable === y.variable;
  return same ? x : undefined;
}

function foldBinary(op: BinaryOperator, a: number, b: number): number {
  switch (op) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return Math.imul(a, b);
    case 'and':
      return a & b;
    case 'or':
      return a | b;
    case 'xor':
      return a ^ b;
  }
}

export function shift(op: ShiftOperator, left: Expression, by: number): Expression {
  const count = by & 31;
  if (count === 0) return left;
  if (left.kind === 'constant') {
    const v = left.value;
    if (op === 'shl') return constant(v << count);
    if (op === 'shr_s') return constant(v >> count);
    if (op === 'shr_u') return constant(v >>> count);
    return constant((v << count) | (v >>> (32 - count)));
  }
  return { kind: 'shift', op, left, count };
}

export function compare(op: Comparison, left: Expression, right: Expression): Expression {
  if (left.kind === 'constant' && right.kind === 'constant') {
    return constant(foldComparison(op, left.value, right.value) ? 1 : 0);
  }
  if (left.kind === 'constant') return compare(mirror(op), right, left);
  if (
    isConstant(right, 0) &&
    (op === 'eq' || op === 'ne') &&
    (left.kind === 'compare' || left.kind === 'compareWide')
  ) {
    return op === 'ne' ? left : not(left);
  }
  return { kind: 'compare', op, left, right };
}

/** The comparison with the opposite outcome. */
function not(e: Expression & { kind: 'compare' | 'compareWide' }): Expression {
  if (e.kind === 'compare') return { ...e, op: negate(e.op) };
  const opposite: Record<WideComparison, WideComparison> = { lt_s: 'ge_s', lt_u: 'ge_u', ge_s: 'lt_s', ge_u: 'lt_u' };
  return { ...e, op: opposite[e.op] };
}

export function foldComparison(op: Comparison, a: number, b: number): boolean {
  switch (op) {
    case 'eq':
      return a === b;
    case 'ne':
      return a !== b;
    case 'lt_s':
      return a < b;
    case 'gt_s':
      return a > b;
    case 'le_s':
      return a <= b;
    case 'ge_s':
      return a >= b;
    case 'lt_u':
      return a >>> 0 < b >>> 0;
    case 'gt_u':
      return a >>> 0 > b >>> 0;
    case 'le_u':
      return a >>> 0 <= b >>> 0;
    case 'ge_u':
      return a >>> 0 >= b >>> 0;
  }
}
