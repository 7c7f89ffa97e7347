// Operators and functions that call themselves, and operators that are handed on while a specification runs.
//
// The body of such an operator is compiled once, with cells of its own. Entering it again before it has finished saves
// those cells and restores them afterwards. Arguments are computed before the call; an argument that has no value is an
// error only if the body uses it.
import type { OperatorValue } from '../semantics/builtin.js';
import { setOf } from '../semantics/standard.js';
import type { DefinitionSymbol, ParameterSymbol, Symbol as TlaSymbol } from '../semantics/symbols.js';
import type { Expression } from '../syntax/ast.js';
import { assert, EvaluationError } from '../syntax/source.js';
import { ProductSet } from '../values/sets.js';
import { LazyFunction, type TupleValue, type Value } from '../values/value.js';
import { assign, bindBounds } from './bound-variables.js';
import { type Code, combine } from './code.js';
import type { Compiler } from './compiler.js';
import { type Context, FailedArgument, type Run } from './context.js';
import type { Environment } from './environment.js';

interface Body {
  /** The cells that belong to the body: low <= cell < high. */
  low: number;
  high: number;
  params: number[];
  code: Code | undefined;
  active: number;
}

/** Marks what depends on a body that is still being compiled. */
const IN_PROGRESS = -2;

export class Recursion {
  private readonly bodies = new Map<DefinitionSymbol, Map<Environment, Body>>();
  /** Bodies being compiled, outermost first. */
  private readonly enclosing: Body[] = [];

  constructor(private readonly compiler: Compiler) {}

  call(
    symbol: DefinitionSymbol,
    args: readonly Expression[],
    argsEnv: Environment,
    home: Environment,
    depth: number,
  ): Code {
    const body = this.body(symbol, home, depth);
    const parts = args.map((arg, i) => {
      const { arity } = symbol.params[i];
      if (arity > 0) return this.operatorValue(arg, arity, argsEnv, depth);
      const code = this.compiler.compile(arg, argsEnv, depth);
      return { make: strict(code.run), code };
    });
    const run: Run = (c) => {
      const given = new Array<Value | OperatorValue>(parts.length);
      for (let i = 0; i < parts.length; i++) given[i] = parts[i].make(c);
      assert(body.code !== undefined, `${symbol.name} is compiled before it runs`);
      return entering(c, body, given, body.code.run);
    };
    const codes = parts.map((part) => part.code);
    if (!body.code) return combine(run, codes, { level: symbol.level, slots: [IN_PROGRESS] });
    const outer = [...body.code.slots].filter((slot) => slot >= 0 && (slot < body.low || slot >= body.high));
    return combine(run, codes, {
      level: Math.max(symbol.level, body.code.level),
      slots: outer,
      impure: body.code.impure,
    });
  }

  private body(symbol: DefinitionSymbol, home: Environment, depth: number): Body {
    let byEnvironment = this.bodies.get(symbol);
    if (!byEnvironment) this.bodies.set(symbol, (byEnvironment = new Map()));
    const known = byEnvironment.get(home);
    if (known) return known;
    const body: Body = {
      low: this.compiler.slotCount,
      high: Number.MAX_SAFE_INTEGER,
      params: [],
      code: undefined,
      active: 0,
    };
    byEnvironment.set(home, body);
    this.enclosing.push(body);
    const inner = home.local();
    for (const param of symbol.params) body.params.push(this.bindParameter(param, inner, depth));
    assert(symbol.body !== undefined, `${symbol.name} is defined`);
    body.code = symbol.isFunction
      ? this.recursiveFunction(symbol, inner, depth, body)
      : this.compiler.compile(symbol.body, inner, depth);
    body.high = this.compiler.slotCount;
    this.enclosing.pop();
    return body;
  }

  private bindParameter(param: ParameterSymbol, env: Environment, depth: number): number {
    const slot = this.compiler.newSlot();
    env.bind(param, param.arity > 0 ? { kind: 'runtime-operator', slot } : { kind: 'parameter', slot, depth });
    return slot;
  }

  /** `f[x \in S] == ... f[y] ...`: a function whose values are computed on demand and kept. */
  private recursiveFunction(symbol: DefinitionSymbol, env: Environment, depth: number, body: Body): Code {
    const e = symbol.body;
    assert(e?.kind === 'function', `${symbol.name} is a function`);
    const self = this.compiler.newSlot();
    const inner = env.local();
    inner.bind(symbol, { kind: 'slot', slot: self });
    const bound = bindBounds(this.compiler, e.bounds, inner, env, depth);
    const value = this.compiler.compile(e.body, inner, depth);
    const run: Run = (c) => {
      const sets = bound.sets.map((set) => setOf(set.run(c), 'The domain of a function'));
      const domain = sets.length === 1 ? sets[0] : new ProductSet(sets);
      const frame = cells(c, body.low, body.high);
      const made: LazyFunction = new LazyFunction(domain, (argument) => {
        const now = swap(c, body.low, frame);
        c.f[self] = made;
        if (bound.targets.length === 1) assign(c, bound.targets[0], argument);
        else
          for (let i = 0; i < bound.targets.length; i++) assign(c, bound.targets[i], (argument as TupleValue).items[i]);
        try {
          return value.run(c);
        } finally {
          swap(c, body.low, now);
        }
      });
      return made;
    };
    const inside = [self, ...bound.cells];
    const all = combine(run, [...bound.sets, value]);
    return { ...all, slots: new Set([...all.slots].filter((slot) => !inside.includes(slot))) };
  }

  /** An operator as a value: `SelectSeq(s, Test)`, or an argument of a recursive operator. */
  operatorValue(
    operator: Expression,
    arity: number,
    env: Environment,
    depth: number,
  ): { readonly make: (c: Context) => OperatorValue; readonly code: Code } {
    if (operator.kind === 'name' && operator.ref) {
      const binding = env.find(operator.ref.target);
      if (binding?.kind === 'runtime-operator') {
        const { slot } = binding;
        const code = combine(() => false, [], { slots: [slot] });
        return { make: (c) => c.f[slot] as OperatorValue, code };
      }
      if (binding?.kind === 'operator')
        return this.operatorValue(binding.expression, arity, binding.environment, depth);
    }
    const body: Body = { low: this.compiler.slotCount, high: 0, params: [], code: undefined, active: 0 };
    const inner = env.local();
    const args = Array.from({ length: arity }, (_, i): Expression => {
      const slot = this.compiler.newSlot();
      const symbol: TlaSymbol = {
        kind: 'parameter',
        name: `argument ${i + 1}`,
        arity: 0,
        span: operator.span,
        levelCap: 3,
        levelMax: 3,
      };
      inner.bind(symbol, { kind: 'slot', slot });
      body.params.push(slot);
      const path = [{ name: symbol.name, args: [], span: operator.span }];
      return { kind: 'name', path, span: operator.span, ref: { instances: [], target: symbol, args: [] } };
    });
    const code = this.compiler.applyOperator(operator, inner, args, inner, depth);
    body.high = this.compiler.slotCount;
    body.code = code;
    const around = this.enclosing.slice();
    const make = (c: Context): OperatorValue => {
      // A deeper call of the operator around would overwrite the cells that this one reads.
      const frames = around.map((outer) => cells(c, outer.low, outer.high));
      return {
        operator: true,
        call: (given) => {
          const now = frames.map((frame, i) => swap(c, around[i].low, frame));
          try {
            return entering(c, body, given, code.run);
          } finally {
            for (let i = now.length - 1; i >= 0; i--) swap(c, around[i].low, now[i]);
          }
        },
      };
    };
    const outside = [...code.slots].filter((slot) => slot < body.low || slot >= body.high);
    return { make, code: { ...code, slots: new Set(outside) } };
  }
}

/** The cells from low to high, whether they were ever used or not. */
export function cells(c: Context, low: number, high: number): (Value | OperatorValue | undefined)[] {
  const result = new Array<Value | OperatorValue | undefined>(high - low);
  for (let i = 0; i < result.length; i++) result[i] = c.f[low + i];
  return result;
}

/** Puts saved cells in place and returns what was there. */
export function swap(c: Context, low: number, frame: readonly (Value | OperatorValue | undefined)[]) {
  const now = cells(c, low, low + frame.length);
  for (let i = 0; i < frame.length; i++) c.f[low + i] = frame[i];
  return now;
}

function entering(c: Context, body: Body, given: readonly (Value | OperatorValue)[], run: Run): Value {
  const { low, high, params } = body;
  const saved = body.active > 0 ? cells(c, low, high) : undefined;
  body.active++;
  try {
    for (let i = 0; i < params.length; i++) c.f[params[i]] = given[i];
    return run(c);
  } catch (error) {
    if (error instanceof RangeError) throw new EvaluationError('The recursion is too deep, or has no end.');
    throw error;
  } finally {
    body.active--;
    if (saved) for (let i = 0; i < saved.length; i++) c.f[low + i] = saved[i];
  }
}

/** Computes an argument now; what cannot be computed is an error only where it is used. */
export function strict(run: Run): Run {
  return (c) => {
    const { s, t, serial } = c;
    try {
      return run(c);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      c.s = s;
      c.t = t;
      c.serial = serial;
      return new FailedArgument(error);
    }
  };
}
