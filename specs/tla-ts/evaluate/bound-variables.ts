// Expressions that bind variables: quantifiers, CHOOSE, sets and functions by a rule.
//
// A bound variable has a cell of its own; a loop puts one element after the other into it.
import { setOf } from '../semantics/standard.js';
import type { Symbol as TlaSymbol } from '../semantics/symbols.js';
import type { Bound, ExpressionOf } from '../syntax/ast.js';
import { EvaluationError, SpecError } from '../syntax/source.js';
import { show } from '../values/print.js';
import { ProductSet } from '../values/sets.js';
import {
  EMPTY_SET,
  LazyFunction,
  makeFunction,
  makeSet,
  type SetBase,
  SetValue,
  TupleValue,
  type Value,
} from '../values/value.js';
import { asTest, type Code, combine, without } from './code.js';
import type { Compiler } from './compiler.js';
import type { Context, Run, Test } from './context.js';
import type { Environment } from './environment.js';
import { forEachBound } from './loops.js';

export interface BoundCode {
  readonly sets: readonly Code[];
  /** For each set the cell that takes its elements, or the cells that take the components of its tuples. */
  readonly targets: readonly (number | readonly number[])[];
  readonly cells: readonly number[];
}

/** Puts an element into its cell, or a tuple's components into theirs. */
export function assign(c: Context, target: number | readonly number[], value: Value): void {
  if (typeof target === 'number') {
    c.f[target] = value;
    return;
  }
  const items = value instanceof TupleValue ? value.items : [];
  if (items.length !== target.length) {
    throw new EvaluationError(
      `A tuple of ${target.length} components is needed for the bound variables, found ${show(value)}.`,
    );
  }
  for (let i = 0; i < target.length; i++) c.f[target[i]] = items[i];
}

function assignAll(c: Context, targets: readonly (number | readonly number[])[], key: Value): void {
  const { items } = key as TupleValue;
  for (let i = 0; i < targets.length; i++) assign(c, targets[i], items[i]);
}

/** Gives bound variables their cells. One row of `cells` for each set: names of a row range over it independently. */
export function bindBounds(
  compiler: Compiler,
  bounds: readonly Bound[],
  env: Environment,
  outer: Environment,
  depth: number,
): BoundCode {
  const sets: Code[] = [];
  const targets: (number | readonly number[])[] = [];
  const cells: number[] = [];
  for (const bound of bounds) {
    if (!bound.set) {
      throw new SpecError(
        'config',
        'A variable without a set, as in \\A x : P, cannot be enumerated: bound it, \\A x \\in S : P.',
        bound.names[0].span,
      );
    }
    const set = compiler.compile(bound.set, outer, depth);
    const slots = bound.names.map((name) => {
      const slot = compiler.newSlot();
      env.bind(name.symbol as TlaSymbol, { kind: 'slot', slot });
      cells.push(slot);
      return slot;
    });
    if (bound.tuple) {
      sets.push(set);
      targets.push(slots);
    } else {
      for (const slot of slots) {
        sets.push(set);
        targets.push(slot);
      }
    }
  }
  return { sets, targets, cells };
}

export function quantifier(
  compiler: Compiler,
  e: ExpressionOf<'forall' | 'exists'>,
  env: Environment,
  depth: number,
): Code {
  const inner = env.local();
  const bound = bindBounds(compiler, e.bounds, inner, env, depth);
  const body = compiler.compile(e.body, inner, depth);
  const test = asTest(body, e.body.span, `The body of ${e.kind === 'forall' ? '\\A' : '\\E'}`);
  const result = e.kind === 'forall';
  const { sets, targets } = bound;
  let run: Test;
  if (targets.length === 1 && typeof targets[0] === 'number') {
    const [set] = sets;
    const [slot] = targets;
    run = (c) => {
      const items = setOf(set.run(c), 'A quantifier').elements();
      for (let i = 0; i < items.length; i++) {
        c.f[slot] = items[i];
        if (test(c) !== result) return !result;
      }
      return result;
    };
  } else {
    const loop = forEachBound(bound);
    const decides: Test = (c) => test(c) !== result;
    run = (c) => loop(c, decides) !== result;
  }
  const whole = combine(run, [...sets, body], { truth: true });
  return without(whole, bound.cells);
}

export function choose(compiler: Compiler, e: ExpressionOf<'choose'>, env: Environment, depth: number): Code {
  if (!e.bound.set) {
    const { span } = e;
    return combine(
      () => {
        throw new EvaluationError(
          'CHOOSE without a set cannot be computed: bound it, CHOOSE x \\in S : P, or replace it in the configuration.',
        ).at(span);
      },
      [],
      { level: 1 },
    );
  }
  const inner = env.local();
  const bound = bindBounds(compiler, [e.bound], inner, env, depth);
  const body = compiler.compile(e.body, inner, depth);
  const test = asTest(body, e.body.span, 'The condition of CHOOSE');
  const [set] = bound.sets;
  const [target] = bound.targets;
  const run: Run = (c) => {
    const items = setOf(set.run(c), 'CHOOSE').elements();
    for (const item of items) {
      assign(c, target, item);
      if (test(c)) return item;
    }
    throw new EvaluationError(
      `CHOOSE found nothing: no element of ${show(makeSet([...items]))} satisfies the condition.`,
    ).at(e.span);
  };
  return without(combine(run, [set, body]), bound.cells);
}

export function setFilter(compiler: Compiler, e: ExpressionOf<'filter'>, env: Environment, depth: number): Code {
  const inner = env.local();
  const bound = bindBounds(compiler, [e.bound], inner, env, depth);
  const body = compiler.compile(e.body, inner, depth);
  const test = asTest(body, e.body.span, 'The condition of a set');
  const [set] = bound.sets;
  const [target] = bound.targets;
  const run: Run = (c) => {
    const items = setOf(set.run(c), 'A set {x \\in S : P}').elements();
    const kept: Value[] = [];
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      assign(c, target, item);
      if (test(c)) kept.push(item);
    }
    return kept.length === 0 ? EMPTY_SET : new SetValue(kept);
  };
  return without(combine(run, [set, body]), bound.cells);
}

export function setMap(compiler: Compiler, e: ExpressionOf<'map'>, env: Environment, depth: number): Code {
  const inner = env.local();
  const bound = bindBounds(compiler, e.bounds, inner, env, depth);
  const body = compiler.compile(e.body, inner, depth);
  const { run: value } = body;
  const loop = forEachBound(bound);
  const run: Run = (c) => {
    const values: Value[] = [];
    loop(c, (inside) => {
      values.push(value(inside));
      return false;
    });
    return makeSet(values);
  };
  return without(combine(run, [...bound.sets, body]), bound.cells);
}

export function functionConstructor(
  compiler: Compiler,
  e: ExpressionOf<'function'>,
  env: Environment,
  depth: number,
): Code {
  const inner = env.local();
  const bound = bindBounds(compiler, e.bounds, inner, env, depth);
  const body = compiler.compile(e.body, inner, depth);
  const { run: value } = body;
  const { sets, targets } = bound;
  let run: Run;
  if (targets.length === 1) {
    const [set] = sets;
    const [target] = targets;
    run = (c) => {
      const domain = setOf(set.run(c), 'The domain of a function');
      if (domain.size() === Number.POSITIVE_INFINITY) return lazily(c, domain, target, value);
      const keys = domain.toSet();
      const { items } = keys;
      const values = new Array<Value>(items.length);
      for (let i = 0; i < items.length; i++) {
        assign(c, target, items[i]);
        values[i] = value(c);
      }
      return makeFunction(keys, values);
    };
  } else {
    run = (c) => {
      const domain = new ProductSet(sets.map((set) => setOf(set.run(c), 'The domain of a function'))).toSet();
      const values = domain.items.map((key) => {
        assignAll(c, targets, key);
        return value(c);
      });
      return makeFunction(domain, values);
    };
  }
  return without(combine(run, [...sets, body]), bound.cells);
}

function lazily(c: Context, domain: SetBase, target: number | readonly number[], value: Run): Value {
  const frame = c.f.slice();
  return new LazyFunction(domain, (argument) => {
    const now = c.f.slice();
    for (let i = 0; i < frame.length; i++) c.f[i] = frame[i];
    assign(c, target, argument);
    const result = value(c);
    for (let i = 0; i < now.length; i++) c.f[i] = now[i];
    return result;
  });
}
