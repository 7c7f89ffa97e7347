// Actions that call themselves: A(n) == IF n = 0 THEN x' = 0 ELSE A(n - 1).
//
// The body is compiled once, so what follows it is not fixed at compile time: each call puts its continuation, and the
// cells that it overwrites, on a stack; the end of the body takes them off, goes on, and puts them back for backtracking.
import type { OperatorValue } from '../semantics/builtin.js';
import type { DefinitionSymbol } from '../semantics/symbols.js';
import type { Expression } from '../syntax/ast.js';
import { assert } from '../syntax/source.js';
import type { Value } from '../values/value.js';
import type { Compiler } from './compiler.js';
import type { Act, Context } from './context.js';
import type { Environment } from './environment.js';
import { cells, strict, swap } from './recursion.js';

interface ActionBody {
  readonly low: number;
  high: number;
  readonly params: number[];
  act: Act | undefined;
  readonly calls: { readonly after: Act; readonly saved: readonly (Value | OperatorValue | undefined)[] }[];
}

export class RecursiveActions {
  private readonly bodies = new Map<DefinitionSymbol, Map<Environment, ActionBody>>();

  constructor(
    private readonly compiler: Compiler,
    /** Compiles a body, given what follows it. */
    private readonly follow: (body: Expression, env: Environment, depth: number, after: Act) => Act,
  ) {}

  call(
    symbol: DefinitionSymbol,
    args: readonly Expression[],
    argsEnv: Environment,
    home: Environment,
    depth: number,
    after: Act,
  ): Act {
    const body = this.body(symbol, home, depth);
    const parts = args.map((arg, i) => {
      const { arity } = symbol.params[i];
      if (arity > 0) return this.compiler.recursion.operatorValue(arg, arity, argsEnv, depth).make;
      return strict(this.compiler.compile(arg, argsEnv, depth).run);
    });
    return (c) => {
      const given = parts.map((part) => part(c));
      const saved = cells(c, body.low, body.high);
      body.calls.push({ after, saved });
      for (let i = 0; i < given.length; i++) c.f[body.params[i]] = given[i];
      assert(body.act !== undefined, `${symbol.name} is compiled before it runs`);
      const result = body.act(c);
      body.calls.pop();
      swap(c, body.low, saved);
      return result;
    };
  }

  private body(symbol: DefinitionSymbol, home: Environment, depth: number): ActionBody {
    let byEnvironment = this.bodies.get(symbol);
    if (!byEnvironment) this.bodies.set(symbol, (byEnvironment = new Map()));
    const known = byEnvironment.get(home);
    if (known) return known;
    const body: ActionBody = { low: this.compiler.slotCount, high: 0, params: [], act: undefined, calls: [] };
    byEnvironment.set(home, body);
    const inner = home.local();
    for (const param of symbol.params) {
      const slot = this.compiler.newSlot();
      body.params.push(slot);
      inner.bind(param, param.arity > 0 ? { kind: 'runtime-operator', slot } : { kind: 'parameter', slot, depth });
    }
    const finish = (c: Context): boolean => {
      const call = body.calls.pop();
      assert(call !== undefined, `${symbol.name} ends after it was called`);
      const own = swap(c, body.low, call.saved);
      const result = call.after(c);
      swap(c, body.low, own);
      body.calls.push(call);
      return result;
    };
    assert(symbol.body !== undefined, `${symbol.name} is defined`);
    body.act = this.follow(symbol.body, inner, depth, finish);
    body.high = this.compiler.slotCount;
    return body;
  }
}
