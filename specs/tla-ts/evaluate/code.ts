// Compiled expressions: a closure and what is known about it without running it.
import { EvaluationError, type Span } from '../syntax/source.js';
import { show } from '../values/print.js';
import type { Value } from '../values/value.js';
import type { Context, Run, Test } from './context.js';

const NO_SLOTS: ReadonlySet<number> = new Set();

export interface Code {
  readonly run: Run;
  /** 0 constant, 1 depends on the current state, 2 depends on the next one too. */
  readonly level: number;
  /** Cells that are read and not set by the expression itself: empty means that bound variables do not matter. */
  readonly slots: ReadonlySet<number>;
  /** It prints or stops: never kept. */
  readonly impure: boolean;
  /** The value is known to be a Boolean. */
  readonly truth: boolean;
  /** The value, where it is written as such. */
  readonly literal: Value | undefined;
}

export function literal(value: Value): Code {
  const truth = typeof value === 'boolean';
  return { run: () => value, level: 0, slots: NO_SLOTS, impure: false, truth, literal: value };
}

interface Extra {
  readonly level?: number;
  readonly slots?: Iterable<number>;
  readonly truth?: boolean;
  readonly impure?: boolean;
}

/** Code made of parts: it depends on what they depend on. */
export function combine(run: Run, parts: readonly Code[], extra: Extra = {}): Code {
  let level = extra.level ?? 0;
  let slots: ReadonlySet<number> = extra.slots ? new Set(extra.slots) : NO_SLOTS;
  let impure = extra.impure ?? false;
  for (const part of parts) {
    level = Math.max(level, part.level);
    impure ||= part.impure;
    if (part.slots.size > 0) slots = slots.size === 0 ? part.slots : new Set([...slots, ...part.slots]);
  }
  return { run, level, slots, impure, truth: extra.truth ?? false, literal: undefined };
}

/** The same code for readers outside, where these cells have no meaning. */
export function without(code: Code, cells: readonly number[]): Code {
  if (cells.every((cell) => !code.slots.has(cell))) return code;
  return { ...code, slots: new Set([...code.slots].filter((slot) => !cells.includes(slot))) };
}

/** Computes constants once, when they are first needed: an error in one that is never needed is none. */
export function keepConstant(code: Code): Code {
  if (code.level > 0 || code.slots.size > 0 || code.impure || code.literal !== undefined) return code;
  const { run } = code;
  let kept: Value | undefined;
  return {
    ...code,
    run: (c) => {
      if (kept === undefined) kept = run(c);
      return kept;
    },
  };
}

/** Computes a state function once a state. */
export function keepPerState(code: Code): Code {
  if (code.level !== 1 || code.slots.size > 0 || code.impure) return code;
  const { run } = code;
  let kept: Value = false;
  let serial = -2;
  return {
    ...code,
    run: (c) => {
      if (c.serial === serial && serial >= 0) return kept;
      const value = run(c);
      kept = value;
      serial = c.serial;
      return value;
    },
  };
}

/** The code as a condition. */
export function asTest(code: Code, span: Span, what: string): Test {
  const { run } = code;
  if (code.truth) return run as (c: Context) => boolean;
  return (c) => {
    const value = run(c);
    if (value === true) return true;
    if (value === false) return false;
    throw new EvaluationError(`${what} must be TRUE or FALSE, found ${show(value)}.`).at(span);
  };
}

/** Code that empties cells before it runs. */
export function resetting(code: Code, slots: readonly number[]): Code {
  if (slots.length === 0) return code;
  const { run } = code;
  const outside = without(code, slots);
  if (slots.length === 1) {
    const [slot] = slots;
    return {
      ...outside,
      run: (c) => {
        c.f[slot] = undefined;
        return run(c);
      },
    };
  }
  return {
    ...outside,
    run: (c) => {
      for (const slot of slots) c.f[slot] = undefined;
      return run(c);
    },
  };
}
