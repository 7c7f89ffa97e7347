// Applications of the operators that belong to the language, primes and junctions among them.

import { integer } from '../semantics/standard.js';
import type { Expression, ExpressionOf } from '../syntax/ast.js';
import { assert, type Span, SpecError } from '../syntax/source.js';
import { IntervalSet } from '../values/sets.js';
import { asTest, type Code, combine } from './code.js';
import type { Compiler } from './compiler.js';
import { type Run, type Test, UnassignedError } from './context.js';
import { CORE, located } from './core-operators.js';
import type { Environment } from './environment.js';

/** Cells of which nothing is known but that they matter. */
const UNKNOWN_SLOT = -1;

export function operatorApplication(
  compiler: Compiler,
  e: ExpressionOf<'operator'>,
  env: Environment,
  depth: number,
): Code {
  if (e.ref) return compiler.reference(e.ref, e.args, env, env, depth, e.span);
  return core(compiler, e.name, e.args, env, depth, e.span);
}

export function core(
  compiler: Compiler,
  name: string,
  args: readonly Expression[],
  env: Environment,
  depth: number,
  span: Span,
): Code {
  switch (name) {
    case "'":
      return prime(compiler, args[0], env, depth, span);
    case 'UNCHANGED':
      return unchanged(compiler, args[0], env, depth);
    case 'ENABLED': {
      const test = compiler.enabled(compiler, args[0], env);
      return combine(test, [], { level: 1, slots: [UNKNOWN_SLOT], truth: true });
    }
    case '[]':
    case '<>':
    case '~>':
    case '-+->':
      throw new SpecError('config', 'A temporal formula stands where a value is needed: check it as a PROPERTY.', span);
    case '\\cdot':
      throw new SpecError('config', 'A \\cdot B is evaluated only as a part of the next-state relation.', span);
    case '/\\':
    case '\\/': {
      const kind = name === '/\\' ? 'and' : 'or';
      return junction(compiler, { kind, items: args, span }, env, depth);
    }
    case '\\X':
      return compiler.compile({ kind: 'product', items: args, span }, env, depth);
    case '\\in':
      if (args[1].kind === 'operator' && args[1].name === '..' && args[1].ref?.kind === 'builtin') {
        return inInterval(compiler, args[0], args[1].args, env, depth, span);
      }
      break;
  }
  const core = CORE[name];
  assert(core !== undefined, `the operator ${name} belongs to the language`);
  const parts = args.map((arg) => compiler.compile(arg, env, depth));
  return combine(core.make(parts, span), parts, { truth: core.truth });
}

/** `x \in a..b` without making the set. */
export function inInterval(
  compiler: Compiler,
  element: Expression,
  ends: readonly Expression[],
  env: Environment,
  depth: number,
  span: Span,
): Code {
  const parts = [element, ...ends].map((part) => compiler.compile(part, env, depth));
  const [x, a, b] = parts.map((part) => part.run);
  return combine(
    (c) => {
      const value = x(c);
      const low = a(c);
      const high = b(c);
      if (typeof value === 'number' && typeof low === 'number' && typeof high === 'number')
        return value >= low && value <= high;
      return located(span, () => new IntervalSet(integer(low, '..'), integer(high, '..')).contains(value));
    },
    parts,
    { truth: true },
  );
}

export function prime(compiler: Compiler, e: Expression, env: Environment, depth: number, span: Span): Code {
  const i = compiler.variableOf(e, env);
  if (i >= 0) {
    return combine(
      (c) => {
        const value = c.t[i];
        if (value === undefined) {
          throw new UnassignedError(
            `${describe(e)}' is used before the action has given it a value. In an initial predicate variables have no prime.`,
          ).at(span);
        }
        return value;
      },
      [],
      { level: 2 },
    );
  }
  const inner = compiler.compile(e, env, depth + 1);
  if (inner.level === 0) return inner;
  return combine(primed(inner.run), [inner], { level: 2, truth: inner.truth });
}

/** `e' = e`. */
export function unchanged(compiler: Compiler, e: Expression, env: Environment, depth: number): Code {
  if (e.kind === 'tuple') {
    const parts = e.items.map((item) => unchanged(compiler, item, env, depth));
    const tests = parts.map((part) => part.run as Test);
    return combine((c) => tests.every((test) => test(c)), parts, { truth: true });
  }
  const unfolded = compiler.unfold(e, env);
  if (unfolded) return unchanged(compiler, unfolded.expression, unfolded.environment, depth);
  const now = compiler.compile(e, env, depth);
  const next = prime(compiler, e, env, depth, e.span);
  return combine(CORE['='].make([now, next], e.span), [now, next], { truth: true });
}

export function junction(
  compiler: Compiler,
  e: { readonly kind: 'and' | 'or'; readonly items: readonly Expression[]; readonly span: Span },
  env: Environment,
  depth: number,
): Code {
  const items = e.items.flatMap((item) => (item.kind === e.kind ? item.items : [item]));
  const parts = items.map((item) => compiler.compile(item, env, depth));
  const word = e.kind === 'and' ? '/\\' : '\\/';
  const tests = parts.map((part, i) => asTest(part, items[i].span, `An operand of ${word}`));
  const [a, b, third] = tests;
  let run: Test;
  if (e.kind === 'and') {
    if (tests.length === 1) run = a;
    else if (tests.length === 2) run = (c) => a(c) && b(c);
    else if (tests.length === 3) run = (c) => a(c) && b(c) && third(c);
    else {
      run = (c) => {
        for (const test of tests) if (!test(c)) return false;
        return true;
      };
    }
  } else if (tests.length === 1) run = a;
  else if (tests.length === 2) run = (c) => a(c) || b(c);
  else {
    run = (c) => {
      for (const test of tests) if (test(c)) return true;
      return false;
    };
  }
  return combine(run, parts, { truth: true });
}

/** Evaluates with the next state as the current one. */
function primed(run: Run): Run {
  return (c) => {
    const { s, t, serial } = c;
    c.s = t;
    c.t = NO_STATE;
    c.serial = -1;
    try {
      return run(c);
    } finally {
      c.s = s;
      c.t = t;
      c.serial = serial;
    }
  };
}

const NO_STATE: undefined[] = [];
function describe(e: Expression): string {
  return e.kind === 'name' ? e.path.map((step) => step.name).join('!') : 'This';
}
