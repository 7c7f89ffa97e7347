// Expressions to closures.
//
// Operators that do not call themselves are compiled into the place of their use; every bound variable, parameter and LET
// definition has a cell of its own in one frame, so nothing is allocated when an operator is applied. What does not
// depend on cells or on the state is computed once; definitions that depend on the state alone, once a state. Arguments and LET
// definitions are computed when first needed. Under a prime an argument is compiled anew, since it means another state there.
// Recursive operators save and restore the cells of their body when entered again (recursion.ts).
import type { Builtin, OperatorValue } from '../semantics/builtin.js';
import { functionOf, setOf } from '../semantics/standard.js';
import type { DefinitionSymbol, InstanceSymbol, Symbol as TlaSymbol, VariableSymbol } from '../semantics/symbols.js';
import type { Bound, Expression, ExpressionOf } from '../syntax/ast.js';
import { assert, EvaluationError, type Span, SpecError } from '../syntax/source.js';
import { show } from '../values/print.js';
import { FunctionSet, ProductSet, RecordSet } from '../values/sets.js';
import {
  EMPTY_SET,
  FunctionBase,
  FunctionValue,
  LazyFunction,
  makeFunction,
  makeSet,
  SetValue,
  Shape,
  StringValue,
  TupleValue,
  type Value,
} from '../values/value.js';
import { asTest, type Code, combine, keepConstant, keepPerState, literal, without } from './code.js';
import type { Context, Run, Test } from './context.js';
import { FailedArgument, UnassignedError } from './context.js';
import { CORE } from './core-operators.js';
import { type Binding, Environment } from './environment.js';
import { changed } from './except.js';
import { forEachBound } from './loops.js';
import { Recursion } from './recursion.js';

/** What a configuration puts in the place of a definition or constant. */
export type Override = { readonly value: Value } | { readonly symbol: TlaSymbol };

/** Cells of which nothing is known but that they matter. */
const UNKNOWN_SLOT = -1;

export class Compiler {
  readonly root = Environment.root();
  private readonly variableIndex = new Map<VariableSymbol, number>();
  private readonly definitions = new Map<DefinitionSymbol, Map<Environment, Code[]>>();
  private nextSlot = 0;
  /** Cell of @ in the EXCEPT being compiled. */
  private at: { slot: number } | undefined;
  readonly recursion: Recursion;

  constructor(
    variables: readonly VariableSymbol[],
    private readonly overrides: ReadonlyMap<TlaSymbol, Override>,
    /** Enumerates an action; compiled by action.ts, which needs this class in turn. */
    private readonly enabled: (compiler: Compiler, action: Expression, env: Environment) => Test,
  ) {
    variables.forEach((variable, i) => {
      this.variableIndex.set(variable, i);
    });
    this.recursion = new Recursion(this);
  }

  newSlot(): number {
    return this.nextSlot++;
  }

  get slotCount(): number {
    return this.nextSlot;
  }

  /** Compiles a condition. */
  test(e: Expression, env: Environment, depth = 0, what = 'This formula'): Test {
    return asTest(this.compile(e, env, depth), e.span, what);
  }

  /** @param depth number of primes around the expression */
  compile(e: Expression, env: Environment, depth = 0): Code {
    return keepConstant(this.expression(e, env, depth));
  }

  private expression(e: Expression, env: Environment, depth: number): Code {
    switch (e.kind) {
      case 'number':
      case 'boolean':
        return literal(e.value);
      case 'string':
        return literal(StringValue.of(e.value));
      case 'name': {
        const ref = e.ref;
        assert(ref !== undefined, `the name at ${e.span.line}:${e.span.column} was analysed`);
        let target = env;
        for (const step of ref.instances) target = this.enter(target, step.instance, step.args, env);
        return this.reference(ref.target, ref.args, env, target, depth, e.span);
      }
      case 'operator':
        return this.operator(e, env, depth);
      case 'and':
      case 'or':
        return this.junction(e, env, depth);
      case 'forall':
      case 'exists':
        return this.quantifier(e, env, depth);
      case 'choose':
        return this.choose(e, env, depth);
      case 'set':
        return this.setEnumeration(e, env, depth);
      case 'filter':
        return this.filter(e, env, depth);
      case 'map':
        return this.map(e, env, depth);
      case 'function':
        return this.functionConstructor(e, env, depth);
      case 'function-set': {
        const from = this.compile(e.domain, env, depth);
        const to = this.compile(e.range, env, depth);
        const run: Run = (c) => new FunctionSet(setOf(from.run(c), '[S -> T]'), setOf(to.run(c), '[S -> T]'));
        return combine(run, [from, to]);
      }
      case 'record': {
        const sorted = e.fields.slice().sort((a, b) => (a.name < b.name ? -1 : 1));
        const shape = Shape.of(sorted.map((field) => StringValue.of(field.name)));
        const parts = sorted.map((field) => this.compile(field.value, env, depth));
        const runs = parts.map((part) => part.run);
        return combine((c) => new FunctionValue(shape, runAll(runs, c)), parts);
      }
      case 'record-set': {
        const parts = e.fields.map((field) => this.compile(field.value, env, depth));
        const names = e.fields.map((field) => field.name);
        return combine(
          (c) => new RecordSet(parts.map((part, i) => [names[i], setOf(part.run(c), 'A set of records')])),
          parts,
        );
      }
      case 'except':
        return this.except(e, env, depth);
      case 'at': {
        const slot = this.at?.slot;
        if (slot === undefined)
          throw new SpecError('parse', '@ means the old value; it can only stand in EXCEPT.', e.span);
        return combine((c) => c.f[slot] as Value, [], { slots: [slot] });
      }
      case 'apply':
        return this.apply(e, env, depth);
      case 'field': {
        const record = this.compile(e.record, env, depth);
        const key = StringValue.of(e.name);
        const { span } = e;
        return combine(
          (c) => {
            const value = record.run(c);
            if (value instanceof FunctionValue) {
              const i = value.shape.find(key);
              if (i >= 0) return value.items[i];
            }
            throw new EvaluationError(`${show(value)} has no field ${e.name}.`).at(span);
          },
          [record],
        );
      }
      case 'tuple': {
        const parts = e.items.map((item) => this.compile(item, env, depth));
        const runs = parts.map((part) => part.run);
        return combine((c) => new TupleValue(runAll(runs, c)), parts);
      }
      case 'product': {
        const parts = e.items.map((item) => this.compile(item, env, depth));
        return combine((c) => new ProductSet(parts.map((part) => setOf(part.run(c), '\\X'))), parts);
      }
      case 'if': {
        const condition = this.compile(e.condition, env, depth);
        const test = asTest(condition, e.condition.span, 'The condition of IF');
        const then = this.compile(e.then, env, depth);
        const otherwise = this.compile(e.else, env, depth);
        const [a, b] = [then.run, otherwise.run];
        return combine((c) => (test(c) ? a(c) : b(c)), [condition, then, otherwise], {
          truth: then.truth && otherwise.truth,
        });
      }
      case 'case':
        return this.caseOf(e, env, depth);
      case 'let': {
        const inner = env.local();
        const slots = this.letDefinitions(e, inner, depth);
        const body = this.compile(e.body, inner, depth);
        return this.resetting(body, slots);
      }
      case 'lambda':
        throw new SpecError('parse', 'LAMBDA has no value; it can only be handed to an operator.', e.span);
      case 'box-action': {
        const action = this.compile(e.action, env, depth);
        const same = this.unchanged(e.subscript, env, depth);
        const test = asTest(action, e.action.span, 'An action');
        return combine((c) => test(c) || same.run(c), [action, same], { truth: true });
      }
      case 'angle-action': {
        const action = this.compile(e.action, env, depth);
        const same = this.unchanged(e.subscript, env, depth);
        const test = asTest(action, e.action.span, 'An action');
        return combine((c) => test(c) && !same.run(c), [action, same], { truth: true });
      }
      case 'temporal-quantifier':
      case 'fairness':
        throw new SpecError(
          'config',
          'A temporal formula stands where a value is needed: check it as a PROPERTY.',
          e.span,
        );
    }
  }

  // ------------------------------------------------------------------------------------------------------- names

  /** The environment inside an instance whose arguments stand in `argsEnv`. */
  enter(env: Environment, instance: InstanceSymbol, args: readonly Expression[], argsEnv: Environment): Environment {
    const home = env.find(instance)?.kind === 'definition' ? env : env.module;
    const known = args.length === 0 ? home.known(instance) : undefined;
    if (known) return known;
    const own = args.length === 0 ? home : env.local();
    instance.params.forEach((param, i) => {
      const kind = param.arity === 0 ? 'name' : 'operator';
      own.bind(param, { kind, expression: args[i], environment: argsEnv });
    });
    const inside = own.instance();
    for (const [symbol, value] of instance.substitutions) {
      const kind = symbol.kind === 'constant' && symbol.arity > 0 ? 'operator' : 'name';
      inside.bind(symbol, { kind, expression: value, environment: own });
    }
    if (args.length === 0) home.remember(instance, inside);
    return inside;
  }

  /** The expression that a symbol stands for, if it is one that only hands on: a parameter by name, a definition, an override. */
  unfold(
    e: Expression,
    env: Environment,
  ): { readonly expression: Expression; readonly environment: Environment } | undefined {
    if (e.kind !== 'name' || !e.ref || e.ref.args.length > 0) return undefined;
    let target = env;
    for (const step of e.ref.instances) target = this.enter(target, step.instance, step.args, env);
    let symbol = e.ref.target;
    const override = this.overrides.get(symbol);
    if (override && 'symbol' in override) {
      symbol = override.symbol;
      target = this.root;
    } else if (override) return undefined;
    const binding = target.find(symbol);
    if (binding?.kind === 'name' || binding?.kind === 'lazy') return binding;
    if (symbol.kind === 'definition' && !symbol.recursive && symbol.params.length === 0 && symbol.body) {
      return { expression: symbol.body, environment: this.definitionEnvironment(symbol, target) };
    }
    return undefined;
  }

  /** The index of the variable that an expression is, or -1. */
  variableOf(e: Expression, env: Environment): number {
    if (e.kind !== 'name' || !e.ref) return -1;
    const unfolded = this.unfold(e, env);
    if (unfolded) return this.variableOf(unfolded.expression, unfolded.environment);
    const { target } = e.ref;
    return target.kind === 'variable' ? (this.variableIndex.get(target) ?? -1) : -1;
  }

  definitionEnvironment(symbol: DefinitionSymbol, env: Environment): Environment {
    if (!symbol.inner) return env.module;
    const binding = env.find(symbol);
    return binding?.kind === 'definition' || binding?.kind === 'lazy' ? binding.environment : env;
  }

  overrideOf(symbol: TlaSymbol): Override | undefined {
    return this.overrides.get(symbol);
  }

  private reference(
    symbol: TlaSymbol,
    args: readonly Expression[],
    argsEnv: Environment,
    env: Environment,
    depth: number,
    span: Span,
  ): Code {
    const override = this.overrides.get(symbol);
    if (override) {
      if ('value' in override) return literal(override.value);
      return this.reference(override.symbol, args, argsEnv, this.root, depth, span);
    }
    const binding = env.find(symbol);
    if (binding && binding.kind !== 'definition') return this.bound(binding, args, argsEnv, depth, span);
    switch (symbol.kind) {
      case 'variable':
        return this.variable(symbol, span);
      case 'builtin':
        return this.builtin(symbol.builtin, symbol.name, args, argsEnv, depth, span);
      case 'definition':
        return this.definition(symbol, args, argsEnv, env, depth);
      case 'constant':
        throw new SpecError(
          'config',
          `The constant ${symbol.name} has no value: assign it one in the configuration.`,
          symbol.span,
        );
      default:
        throw new SpecError('parse', `${symbol.name} has no value here.`, span);
    }
  }

  private variable(symbol: VariableSymbol, span: Span): Code {
    const i = this.variableIndex.get(symbol);
    if (i === undefined)
      throw new SpecError('parse', `The variable ${symbol.name} is not one of the specification.`, span);
    const run: Run = (c) => {
      const value = c.s[i];
      if (value === undefined)
        throw new UnassignedError(`The variable ${symbol.name} is used before it has a value.`).at(span);
      return value;
    };
    return combine(run, [], { level: 1 });
  }

  /** What a bound symbol means. */
  private bound(binding: Binding, args: readonly Expression[], argsEnv: Environment, depth: number, span: Span): Code {
    switch (binding.kind) {
      case 'slot': {
        const { slot } = binding;
        return combine((c) => c.f[slot] as Value, [], { slots: [slot] });
      }
      case 'parameter': {
        const { slot } = binding;
        if (depth !== binding.depth) {
          throw new SpecError(
            'config',
            'A parameter of a recursive operator stands under a prime, which is not supported.',
            span,
          );
        }
        return combine(
          (c) => {
            const value = c.f[slot] as Value;
            if (value instanceof FailedArgument) throw value.error;
            return value;
          },
          [],
          { slots: [slot] },
        );
      }
      case 'lazy': {
        if (depth !== binding.depth) return this.compile(binding.expression, binding.environment, depth);
        const { slot, code } = binding;
        const { run } = code;
        return combine(
          (c) => {
            const value = c.f[slot];
            return value === undefined ? (c.f[slot] = run(c)) : (value as Value);
          },
          [code],
          { slots: [slot], truth: code.truth },
        );
      }
      case 'name':
        return this.compile(binding.expression, binding.environment, depth);
      case 'value':
        return literal(binding.value);
      case 'operator':
        return this.applyOperator(binding.expression, binding.environment, args, argsEnv, depth);
      case 'runtime-operator': {
        const { slot } = binding;
        const parts = args.map((arg) => this.compile(arg, argsEnv, depth));
        const runs = parts.map((part) => part.run);
        return combine((c) => (c.f[slot] as OperatorValue).call(runAll(runs, c)), parts, { slots: [slot] });
      }
      case 'definition':
        throw new Error('tla-ts: a definition is no binding of a value');
    }
  }

  /** Applies an operator that was handed over: a LAMBDA, a name, a symbol. */
  applyOperator(
    operator: Expression,
    env: Environment,
    args: readonly Expression[],
    argsEnv: Environment,
    depth: number,
  ): Code {
    if (operator.kind === 'lambda') {
      const inner = env.local();
      const slots = this.bindArguments(
        operator.params.map((param) => param.symbol as TlaSymbol),
        args,
        argsEnv,
        inner,
        depth,
      );
      return this.resetting(this.compile(operator.body, inner, depth), slots);
    }
    if (operator.kind === 'operator') {
      if (operator.ref) return this.reference(operator.ref, args, argsEnv, env, depth, operator.span);
      return this.core(operator.name, args, argsEnv, depth, operator.span);
    }
    assert(
      operator.kind === 'name' && operator.ref !== undefined,
      'an operator argument is a name, a symbol or LAMBDA',
    );
    let target = env;
    for (const step of operator.ref.instances) target = this.enter(target, step.instance, step.args, env);
    return this.reference(operator.ref.target, args, argsEnv, target, depth, operator.span);
  }

  private definition(
    symbol: DefinitionSymbol,
    args: readonly Expression[],
    argsEnv: Environment,
    env: Environment,
    depth: number,
  ): Code {
    const { body } = symbol;
    assert(body !== undefined, `${symbol.name} is defined`);
    const home = this.definitionEnvironment(symbol, env);
    if (symbol.recursive) return this.recursion.call(symbol, args, argsEnv, home, depth);
    if (args.length > 0) {
      const inner = home.local();
      const slots = this.bindArguments(symbol.params, args, argsEnv, inner, depth);
      return this.resetting(this.compile(body, inner, depth), slots);
    }
    if (symbol.inner) return this.compile(body, home, depth);
    let byEnvironment = this.definitions.get(symbol);
    if (!byEnvironment) this.definitions.set(symbol, (byEnvironment = new Map()));
    let codes = byEnvironment.get(home);
    if (!codes) byEnvironment.set(home, (codes = []));
    codes[depth] ??= keepPerState(this.compile(body, home, depth));
    return codes[depth];
  }

  /** Binds parameters to arguments; returns the cells to empty on entry. */
  bindArguments(
    params: readonly TlaSymbol[],
    args: readonly Expression[],
    argsEnv: Environment,
    env: Environment,
    depth: number,
  ): number[] {
    const slots: number[] = [];
    params.forEach((param, i) => {
      const arg = args[i];
      const arity = param.kind === 'parameter' ? param.arity : 0;
      if (arity > 0) env.bind(param, { kind: 'operator', expression: arg, environment: argsEnv });
      else this.bindLazily(param, arg, argsEnv, env, depth, slots);
    });
    return slots;
  }

  private bindLazily(
    symbol: TlaSymbol,
    expression: Expression,
    environment: Environment,
    env: Environment,
    depth: number,
    slots: number[],
  ): void {
    const simple = expression.kind === 'number' || expression.kind === 'string' || expression.kind === 'boolean';
    const plain =
      expression.kind === 'name' && expression.ref?.args.length === 0 && expression.ref.target.kind !== 'definition';
    // `@` means the EXCEPT around the argument, wherever the parameter stands.
    const code = simple || plain ? undefined : this.argumentCode(expression, environment, depth);
    if (!code || code.level > 1) {
      env.bind(symbol, { kind: 'name', expression, environment });
      return;
    }
    const slot = this.newSlot();
    slots.push(slot);
    env.bind(symbol, { kind: 'lazy', slot, code, depth, expression, environment });
  }

  /** The argument's code, unless it is no value (an action or temporal formula). */
  private argumentCode(expression: Expression, environment: Environment, depth: number): Code | undefined {
    if (expression.kind === 'fairness') return undefined;
    try {
      return this.compile(expression, environment, depth);
    } catch (error) {
      if (error instanceof SpecError && error.kind === 'config') return undefined;
      throw error;
    }
  }

  /** Code that empties cells before it runs. */
  private resetting(code: Code, slots: readonly number[]): Code {
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

  /** Binds the definitions of a LET; returns the cells to empty on entry. */
  letDefinitions(e: ExpressionOf<'let'>, env: Environment, depth: number): number[] {
    const slots: number[] = [];
    for (const symbol of e.definitions ?? []) {
      const { body } = symbol;
      assert(body !== undefined, `${symbol.name} is defined`);
      env.bind(symbol, { kind: 'definition', environment: env });
      if (symbol.params.length > 0 || symbol.recursive || symbol.level > 1) continue;
      this.bindLazily(symbol, body, env, env, depth, slots);
    }
    return slots;
  }

  private builtin(
    builtin: Builtin,
    name: string,
    args: readonly Expression[],
    env: Environment,
    depth: number,
    span: Span,
  ): Code {
    const values: Code[] = [];
    const operators: { readonly make: (c: Context) => OperatorValue; readonly code: Code }[] = [];
    args.forEach((arg, i) => {
      if (builtin.params[i] === 0) values.push(this.compile(arg, env, depth));
      else operators.push(this.recursion.operatorValue(arg, builtin.params[i], env, depth));
    });
    const parts = [...values, ...operators.map((operator) => operator.code)];
    const extra = { impure: builtin.impure === true };
    if (args.length === 0) {
      if (!builtin.impure) return literal(builtin.run([], [], NO_HOST));
    }
    const fast = operators.length === 0 && !builtin.impure ? fastArithmetic(name, values) : undefined;
    const runs = values.map((part) => part.run);
    const slow = (c: Context, given: readonly Value[]): Value => {
      try {
        return builtin.run(
          given,
          operators.map((operator) => operator.make(c)),
          c.host,
        );
      } catch (error) {
        throw error instanceof EvaluationError ? error.at(span) : error;
      }
    };
    if (fast) return combine(fast.make(slow), parts, { truth: fast.truth });
    return combine((c) => slow(c, runAll(runs, c)), parts, extra);
  }

  // --------------------------------------------------------------------------------------------------- operators

  private operator(e: ExpressionOf<'operator'>, env: Environment, depth: number): Code {
    if (e.ref) return this.reference(e.ref, e.args, env, env, depth, e.span);
    return this.core(e.name, e.args, env, depth, e.span);
  }

  private core(name: string, args: readonly Expression[], env: Environment, depth: number, span: Span): Code {
    switch (name) {
      case "'":
        return this.prime(args[0], env, depth, span);
      case 'UNCHANGED':
        return this.unchanged(args[0], env, depth);
      case 'ENABLED': {
        const test = this.enabled(this, args[0], env);
        return combine(test, [], { level: 1, slots: [UNKNOWN_SLOT], truth: true });
      }
      case '[]':
      case '<>':
      case '~>':
      case '-+->':
        throw new SpecError(
          'config',
          'A temporal formula stands where a value is needed: check it as a PROPERTY.',
          span,
        );
      case '\\cdot':
        throw new SpecError('config', 'A \\cdot B is evaluated only as a part of the next-state relation.', span);
      case '/\\':
      case '\\/': {
        const kind = name === '/\\' ? 'and' : 'or';
        return this.junction({ kind, items: args, span }, env, depth);
      }
      case '\\X':
        return this.expression({ kind: 'product', items: args, span }, env, depth);
      case '\\in':
        if (args[1].kind === 'operator' && args[1].name === '..' && args[1].ref?.kind === 'builtin') {
          return this.inInterval(args[0], args[1].args, env, depth, span);
        }
        break;
    }
    const core = CORE[name];
    assert(core !== undefined, `the operator ${name} belongs to the language`);
    const parts = args.map((arg) => this.compile(arg, env, depth));
    return combine(core.make(parts, span), parts, { truth: core.truth });
  }

  /** `x \in a..b` without making the set. */
  private inInterval(
    element: Expression,
    ends: readonly Expression[],
    env: Environment,
    depth: number,
    span: Span,
  ): Code {
    const parts = [element, ...ends].map((part) => this.compile(part, env, depth));
    const [x, a, b] = parts.map((part) => part.run);
    return combine(
      (c) => {
        const value = x(c);
        const low = a(c);
        const high = b(c);
        if (typeof value === 'number' && typeof low === 'number' && typeof high === 'number')
          return value >= low && value <= high;
        throw new EvaluationError(`${show(value)} \\in ${show(low)}..${show(high)} needs integers.`).at(span);
      },
      parts,
      { truth: true },
    );
  }

  private prime(e: Expression, env: Environment, depth: number, span: Span): Code {
    const i = this.variableOf(e, env);
    if (i >= 0) {
      return combine(
        (c) => {
          const value = c.t[i];
          if (value === undefined) {
            throw new UnassignedError(`${describe(e)}' is used before the action has given it a value.`).at(span);
          }
          return value;
        },
        [],
        { level: 2 },
      );
    }
    const inner = this.compile(e, env, depth + 1);
    if (inner.level === 0) return inner;
    return combine(primed(inner.run), [inner], { level: 2, truth: inner.truth });
  }

  /** `e' = e`. */
  private unchanged(e: Expression, env: Environment, depth: number): Code {
    if (e.kind === 'tuple') {
      const parts = e.items.map((item) => this.unchanged(item, env, depth));
      const tests = parts.map((part) => part.run as Test);
      return combine((c) => tests.every((test) => test(c)), parts, { truth: true });
    }
    const unfolded = this.unfold(e, env);
    if (unfolded) return this.unchanged(unfolded.expression, unfolded.environment, depth);
    const now = this.compile(e, env, depth);
    const next = this.prime(e, env, depth, e.span);
    return combine(CORE['='].make([now, next], e.span), [now, next], { truth: true });
  }

  private junction(
    e: { readonly kind: 'and' | 'or'; readonly items: readonly Expression[]; readonly span: Span },
    env: Environment,
    depth: number,
  ): Code {
    const items = e.items.flatMap((item) => (item.kind === e.kind ? item.items : [item]));
    const parts = items.map((item) => this.compile(item, env, depth));
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

  // ------------------------------------------------------------------------------------- bound variables

  /** Gives bound variables their cells. One row of `cells` for each set: names of a row range over it independently. */
  bindBounds(bounds: readonly Bound[], env: Environment, outer: Environment, depth: number): BoundCode {
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
      const set = this.compile(bound.set, outer, depth);
      const slots = bound.names.map((name) => {
        const slot = this.newSlot();
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

  private quantifier(e: ExpressionOf<'forall' | 'exists'>, env: Environment, depth: number): Code {
    const inner = env.local();
    const bound = this.bindBounds(e.bounds, inner, env, depth);
    const body = this.compile(e.body, inner, depth);
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
      const found = forEachBound(bound, (c) => test(c) !== result);
      run = (c) => found(c) !== result;
    }
    const whole = combine(run, [...sets, body], { truth: true });
    return without(whole, bound.cells);
  }

  private choose(e: ExpressionOf<'choose'>, env: Environment, depth: number): Code {
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
    const bound = this.bindBounds([e.bound], inner, env, depth);
    const body = this.compile(e.body, inner, depth);
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

  private setEnumeration(e: ExpressionOf<'set'>, env: Environment, depth: number): Code {
    if (e.items.length === 0) return literal(EMPTY_SET);
    const parts = e.items.map((item) => this.compile(item, env, depth));
    const runs = parts.map((part) => part.run);
    if (runs.length === 1) {
      const [run] = runs;
      return combine((c) => new SetValue([run(c)]), parts);
    }
    return combine((c) => makeSet(runAll(runs, c)), parts);
  }

  private filter(e: ExpressionOf<'filter'>, env: Environment, depth: number): Code {
    const inner = env.local();
    const bound = this.bindBounds([e.bound], inner, env, depth);
    const body = this.compile(e.body, inner, depth);
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

  private map(e: ExpressionOf<'map'>, env: Environment, depth: number): Code {
    const inner = env.local();
    const bound = this.bindBounds(e.bounds, inner, env, depth);
    const body = this.compile(e.body, inner, depth);
    const { run: value } = body;
    const collected: Value[][] = [];
    const loop = forEachBound(bound, (c) => {
      collected[collected.length - 1].push(value(c));
      return false;
    });
    const run: Run = (c) => {
      collected.push([]);
      try {
        loop(c);
      } finally {
        // The list is taken off in any case: an error may be caught further out.
        last = collected.pop() as Value[];
      }
      return makeSet(last);
    };
    let last: Value[] = [];
    return without(combine(run, [...bound.sets, body]), bound.cells);
  }

  functionConstructor(e: ExpressionOf<'function'>, env: Environment, depth: number): Code {
    const inner = env.local();
    const bound = this.bindBounds(e.bounds, inner, env, depth);
    const body = this.compile(e.body, inner, depth);
    const { run: value } = body;
    const { sets, targets } = bound;
    let run: Run;
    if (targets.length === 1) {
      const [set] = sets;
      const [target] = targets;
      run = (c) => {
        const domain = setOf(set.run(c), 'The domain of a function');
        if (domain.size() === Number.POSITIVE_INFINITY) return this.lazily(c, domain, target, value);
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

  private lazily(
    c: Context,
    domain: import('../values/value.js').SetBase,
    target: number | readonly number[],
    value: Run,
  ): Value {
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

  // ------------------------------------------------------------------------------------------- functions

  private apply(e: ExpressionOf<'apply'>, env: Environment, depth: number): Code {
    const fn = this.compile(e.fn, env, depth);
    const args = e.args.map((arg) => this.compile(arg, env, depth));
    const { run } = fn;
    const { span } = e;
    const whole = combine((c) => new TupleValue(args.map((arg) => arg.run(c))), args);
    const argument = args.length === 1 ? args[0].run : whole.run;
    return combine(
      (c) => {
        const f = run(c);
        const x = argument(c);
        if (f instanceof TupleValue && typeof x === 'number') {
          const item = f.items[x - 1];
          if (item !== undefined) return item;
        } else if (f instanceof FunctionBase) {
          const item = f.at(x);
          if (item !== undefined) return item;
        }
        try {
          return functionOf(f, 'f[x]').apply(x);
        } catch (error) {
          throw error instanceof EvaluationError ? error.at(span) : error;
        }
      },
      [fn, ...args],
    );
  }

  private except(e: ExpressionOf<'except'>, env: Environment, depth: number): Code {
    const base = this.compile(e.base, env, depth);
    const parts: Code[] = [base];
    const cells: number[] = [];
    const updates = e.updates.map((update) => {
      const path = update.path.map((step) => ('field' in step ? literal(StringValue.of(step.field)) : undefined));
      const outer = this.at;
      // In an index, @ would mean the EXCEPT further out.
      const keys = update.path.map(
        (step, i) => path[i] ?? this.compile((step as { index: Expression }).index, env, depth),
      );
      const slot = this.newSlot();
      cells.push(slot);
      this.at = { slot };
      const value = this.compile(update.value, env, depth);
      this.at = outer;
      parts.push(...keys, value);
      return { keys: keys.map((key) => key.run), slot, value: value.run };
    });
    const run: Run = (c) => {
      let result = base.run(c);
      for (const { keys, slot, value } of updates) {
        result = changed(c, result, keys, 0, (c2, old) => {
          c2.f[slot] = old;
          return value(c2);
        });
      }
      return result;
    };
    return without(combine(run, parts), cells);
  }

  private caseOf(e: ExpressionOf<'case'>, env: Environment, depth: number): Code {
    const guards = e.arms.map((arm) => this.compile(arm.guard, env, depth));
    const tests = guards.map((guard, i) => asTest(guard, e.arms[i].guard.span, 'A guard of CASE'));
    const values = e.arms.map((arm) => this.compile(arm.value, env, depth));
    const other = e.other && this.compile(e.other, env, depth);
    const run: Run = (c) => {
      for (let i = 0; i < tests.length; i++) if (tests[i](c)) return values[i].run(c);
      if (other) return other.run(c);
      throw new EvaluationError('No guard of this CASE is TRUE, and it has no OTHER.').at(e.span);
    };
    const parts = [...guards, ...values, ...(other ? [other] : [])];
    return combine(run, parts, { truth: values.every((value) => value.truth) && (other?.truth ?? true) });
  }
}

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

export function runAll(runs: readonly Run[], c: Context): Value[] {
  const result = new Array<Value>(runs.length);
  for (let i = 0; i < runs.length; i++) result[i] = runs[i](c);
  return result;
}

/** Evaluates with the next state as the current one. */
export function primed(run: Run): Run {
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
const NO_HOST = {
  print: () => undefined,
  register: (): Value => {
    throw new EvaluationError('There are no registers here.');
  },
  setRegister: () => undefined,
};

function describe(e: Expression): string {
  return e.kind === 'name' ? e.path.map((step) => step.name).join('!') : 'This';
}

const LIMIT = 2 ** 31;

/** Arithmetic on two numbers without a detour; anything else goes the slow way, which knows the errors. */
function fastArithmetic(
  name: string,
  values: readonly Code[],
): { readonly truth: boolean; make(slow: (c: Context, given: readonly Value[]) => Value): Run } | undefined {
  if (values.length !== 2) return undefined;
  const [a, b] = values.map((value) => value.run);
  const number =
    (operation: (x: number, y: number) => number) =>
    (slow: (c: Context, given: readonly Value[]) => Value): Run =>
    (c) => {
      const x = a(c);
      const y = b(c);
      if (typeof x === 'number' && typeof y === 'number') {
        const result = operation(x, y);
        if (result < LIMIT && result >= -LIMIT) return result;
      }
      return slow(c, [x, y]);
    };
  const relation =
    (operation: (x: number, y: number) => boolean) =>
    (slow: (c: Context, given: readonly Value[]) => Value): Run =>
    (c) => {
      const x = a(c);
      const y = b(c);
      return typeof x === 'number' && typeof y === 'number' ? operation(x, y) : slow(c, [x, y]);
    };
  switch (name) {
    case '+':
      return { truth: false, make: number((x, y) => x + y) };
    case '-':
      return { truth: false, make: number((x, y) => x - y) };
    case '*':
      return { truth: false, make: number((x, y) => x * y) };
    case '%':
      return { truth: false, make: number((x, y) => (y > 0 ? ((x % y) + y) % y : Number.NaN)) };
    case '<':
      return { truth: true, make: relation((x, y) => x < y) };
    case '>':
      return { truth: true, make: relation((x, y) => x > y) };
    case '<=':
      return { truth: true, make: relation((x, y) => x <= y) };
    case '>=':
      return { truth: true, make: relation((x, y) => x >= y) };
    default:
      return undefined;
  }
}
