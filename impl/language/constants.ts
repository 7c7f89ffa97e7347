/** Expressions whose value is known when the program is compiled: for static fields, case labels, and shorter code. */

import type { ConstantValue } from './symbols.js';
import type { ExpressionSyntax } from './syntax.js';
import { isNumeric, isString, type NumericKind, type Type } from './types.js';

/** A string as its bytes in UTF-8, one character each. */
export function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

const LIMITS: Readonly<Record<'int' | 'long', bigint>> = { int: 31n, long: 63n };

/** Floating point to a whole number as the machine does it: towards zero, to the nearest limit, not-a-number to 0. */
function truncate(value: number, kind: 'int' | 'long'): bigint {
  if (Number.isNaN(value)) return 0n;
  const limit = 1n << LIMITS[kind];
  if (value >= Number(limit)) return limit - 1n;
  if (value <= -Number(limit)) return -limit;
  return BigInt(Math.trunc(value));
}

/** A number in another type, as the machine converts it. */
export function convertNumber(value: bigint | number, to: NumericKind): bigint | number {
  if (to === 'int' || to === 'long') {
    if (typeof value === 'number') return truncate(value, to);
    return BigInt.asIntN(to === 'int' ? 32 : 64, value);
  }
  if (to === 'double') return Number(value);
  return typeof value === 'number' ? Math.fround(value) : floatOf(value);
}

/** Nearest float of a whole number, without rounding twice. */
function floatOf(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  const excess = BigInt(Math.max(0, magnitude.toString(2).length - 40));
  // What is cut off only has to be seen as more than nothing.
  const sticky = (magnitude & ((1n << excess) - 1n)) === 0n ? 0n : 1n;
  const rounded = Math.fround(Number((magnitude >> excess) | sticky)) * 2 ** Number(excess);
  return value < 0n ? -rounded : rounded;
}

/** The value of a constant expression: literals, and a minus in front of one. */
export function literal(syntax: ExpressionSyntax): ConstantValue | undefined {
  switch (syntax.kind) {
    case 'int':
    case 'long':
      return { kind: syntax.kind, value: syntax.value };
    case 'float':
    case 'double':
      return { kind: syntax.kind, value: syntax.value };
    case 'string':
      return { kind: 'string', value: utf8(syntax.text) };
    case 'unary': {
      const operand = syntax.operator === '-' ? literal(syntax.operand) : undefined;
      if (operand?.kind === 'float' || operand?.kind === 'double') return { kind: operand.kind, value: -operand.value };
      if (operand?.kind === 'int' || operand?.kind === 'long') {
        return { kind: operand.kind, value: BigInt.asIntN(operand.kind === 'int' ? 32 : 64, -operand.value) };
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

/** The constant as a value of `type`; without one, what a number begins with: 0. */
export function constantOf(syntax: ExpressionSyntax | undefined, type: Type): ConstantValue | undefined {
  const value = syntax === undefined ? undefined : literal(syntax);
  if (isNumeric(type)) {
    if (syntax !== undefined && (value === undefined || value.kind === 'string')) return undefined;
    const converted = convertNumber(value === undefined || value.kind === 'string' ? 0n : value.value, type.kind);
    return { kind: type.kind, value: converted } as ConstantValue;
  }
  return isString(type) && value?.kind === 'string' ? value : undefined;
}
