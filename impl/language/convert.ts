/**
 * From a value of one type to a value of another: what is possible, at what cost, and how.
 *
 * Numbers convert among each other; a number is boxed where an object is wanted. An object goes where its class, an
 * ancestor or an interface of it is wanted. What is untyped, an `.internal.object` or an ancestor goes where a class is
 * wanted and is checked when it runs. Everything else is a mistake.
 */

import { type Bound, numericOf } from './bound.js';
import type { ClassTable } from './class-table.js';
import { convertNumber } from './constants.js';
import type { ConstantValue } from './symbols.js';
import {
  ARRAY_CLASS,
  classNameOf,
  isNumeric,
  isObjectClass,
  isString,
  type NumericKind,
  sameType,
  type Type,
  typeText,
  widening,
} from './types.js';

/** A value and its type. The number of a numeric type may still be in its box. */
export interface Typed {
  readonly type: Type;
  readonly bound: Bound;
}

/** Why a value cannot be converted: the message goes on with what for. */
export interface Refusal {
  readonly reason: string;
  readonly suggestion?: string;
}

function isAnything(type: Type): boolean {
  return type.kind === 'any' || isObjectClass(type);
}

/** What a value as object is. */
export function boxed({ type, bound }: Typed): Bound {
  const numeric = numericOf(bound);
  if (numeric === undefined) return bound;
  // A number just taken out of its box goes back into it.
  if (bound.op === 'unbox' && isNumeric(type)) return bound.value;
  return { op: 'box', type: numeric, value: bound, line: bound.line };
}

/** A number of that type on the integer stack, from a number, or a box that should hold one of `from`. */
function number(bound: Bound, from: NumericKind, to: NumericKind): Bound {
  const { line } = bound;
  const raw: Bound = numericOf(bound) === undefined ? { op: 'unbox', type: from, value: bound, line } : bound;
  const have = numericOf(raw) ?? from;
  if (have === to) return raw;
  if (raw.op === 'constant' && raw.value.kind !== 'string') {
    const value = { kind: to, value: convertNumber(raw.value.value, to) } as ConstantValue;
    return { op: 'constant', value, line };
  }
  return { op: 'convert', from: have, to, value: raw, line };
}

export class Converter {
  constructor(private readonly table: ClassTable) {}

  /**
   * How far a type is from another: 0 the same, more the less alike; undefined when a parameter of type `to` does not
   * take it. Numbers do not get narrower here.
   */
  distance(from: Type, to: Type): number | undefined {
    if (from.kind === 'error' || to.kind === 'error' || sameType(from, to)) return 0;
    if (from.kind === 'void') return undefined;
    if (isNumeric(to)) {
      if (isNumeric(from)) return widening(from.kind, to.kind) > 0 ? widening(from.kind, to.kind) : undefined;
      return isAnything(from) ? 100 : undefined;
    }
    if (isAnything(to)) return to.kind === 'any' ? 40 : 39;
    if (isNumeric(from)) return undefined;
    if (from.kind === 'null') return 1;
    if (isAnything(from)) return 100;
    if (from.kind === 'array' || to.kind === 'array') return this.arrayDistance(from, to);
    if (from.kind !== 'class' || to.kind !== 'class') return undefined;
    const steps = this.table.ancestry(from.name).findIndex(({ name }) => name === to.name);
    if (steps > 0) return Math.min(steps, 30);
    return this.table.implements(from.name, to.name) ? 31 : undefined;
  }

  private arrayDistance(from: Type, to: Type): number | undefined {
    if (from.kind === 'array' && to.kind === 'array') {
      if (from.container !== to.container) return undefined;
      return from.element.kind === 'any' || to.element.kind === 'any' ? 2 : undefined;
    }
    const plain = from.kind === 'class' ? from.name : to.kind === 'class' ? to.name : '';
    return plain === ARRAY_CLASS ? 2 : undefined;
  }

  /** The value as one of type `to`, for an assignment, an argument or a result. */
  convert(value: Typed, to: Type): Bound | Refusal {
    const { type: from, bound } = value;
    if (from.kind === 'error' || to.kind === 'error') return isNumeric(to) ? number(bound, to.kind, to.kind) : bound;
    if (from.kind === 'void') return { reason: 'this has no value' };
    if (isNumeric(to)) return this.toNumber(value, to.kind);
    if (isAnything(to)) return boxed(value);
    if (isNumeric(from)) {
      const suggestion = isString(to) ? 'write "" + …, or call toString()' : undefined;
      return { reason: `this is ${typeText(from)}, not ${typeText(to)}`, suggestion };
    }
    if (from.kind === 'null') return bound;
    if (this.distance(from, to) !== undefined && !isAnything(from)) return bound;
    return this.checked(value, to);
  }

  private toNumber({ type: from, bound }: Typed, to: NumericKind): Bound | Refusal {
    if (isNumeric(from)) return number(bound, from.kind, to);
    if (isAnything(from)) return number(bound, to, to);
    if (from.kind === 'null') return { reason: `null is no ${to}` };
    const suggestion =
      isString(from) && (to === 'int' || to === 'long') ? `call to${to === 'int' ? 'Int' : 'Long'}()` : undefined;
    return { reason: `this is ${typeText(from)}, not ${to}`, suggestion };
  }

  /** From an object that may be one of the class wanted. */
  private checked({ type: from, bound }: Typed, to: Type): Bound | Refusal {
    const cls = classNameOf(to);
    const down = from.kind === 'class' && to.kind === 'class' && this.table.descends(to.name, from.name);
    const symbol = to.kind === 'class' ? this.table.get(to.name) : undefined;
    const fromSymbol = from.kind === 'class' ? this.table.get(from.name) : undefined;
    // No object is of an interface's class; a wrong one has no such method when it is called.
    if (symbol?.isInterface && (isAnything(from) || fromSymbol?.isInterface)) return bound;
    const possible = isAnything(from) || down || fromSymbol?.isInterface;
    if (!possible) return { reason: `this is ${typeText(from)}, not ${typeText(to)}` };
    return { op: 'cast', cls, value: bound, line: bound.line };
  }

  /** An explicit cast: as `convert`, and a number out of an object is checked to be of its type. */
  cast(value: Typed, to: Type): Bound | Refusal {
    const { type: from, bound } = value;
    if (isNumeric(to) && isAnything(from)) {
      const { line } = bound;
      return { op: 'unbox', type: to.kind, value: { op: 'cast', cls: classNameOf(to), value: bound, line }, line };
    }
    return this.convert(value, to);
  }
}

export function isRefusal(value: Bound | Refusal): value is Refusal {
  return 'reason' in value;
}
