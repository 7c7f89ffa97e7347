// Expressions to closures.
//
// Operators that do not call themselves are compiled into the place of their use; every bound variable, parameter and LET
// definition has a cell of its own in one frame, so nothing is allocated when an operator is applied. What does not
// depend on cells or on the state is computed once; definitions that depend on the state alone, once a state. Arguments and LET
// definitions are computed when first needed. Under a prime an argument is compiled anew, since it means another state there.
// Recursive operators save and restore the cells of their body when entered again (recursion.ts).
import type { OperatorValue } from '../semantics/builtin.js';
import { setOf } from '../semantics/standard.js';
import type { DefinitionSymbol, InstanceSymbol, Symbol as TlaSymbol, VariableSymbol } from '../semantics/symbols.js';
import type { Expression, ExpressionOf } from '../syntax/ast.js';
import { assert, EvaluationError, type Span, SpecError } from '../syntax/source.js';
import { show } from '../values/print.js';
import { FunctionSet, ProductSet, RecordSet } from '../values/sets.js';
import { FunctionValue, Shape, StringValue, TupleValue, type Value } from '../values/value.js';
import { choose, functionConstructor, quantifier, setFilter, setMap } from './bound-variables.js';
import { builtin } from './builtins.js';
import { asTest, type Code, combine, keepConstant, keepPerState, literal, resetting } from './code.js';
import { FailedArgument, type Run, runAll, type Test, UnassignedError } from './context.js';
import { type Binding, Environment } from './environment.js';
import { application, caseOf, exceptUpdate, setEnumeration } from './functions.js';
import { core, junction, operatorApplication, unchanged } from './operators.js';
import { Recursion } from './recursion.js';

/** What a configuration puts in the place of a definition or constant. */
export type Override = { readonly value: Value } | { readonly symbol: TlaSymbol };

export class Compiler {
  readonly root = Environment.root();
  private readonly variableIndex = new Map<VariableSymbol, number>();
  private readonly definitions = new Map<DefinitionSymbol, Map<Environment, Code[]>>();
  private nextSlot = 0;
  /** Cell of @ in the EXCEPT being compiled. */
  at: { slot: number } | undefined;
  /** Set while an initial predicate is compiled: the current state changes as it is evaluated, so nothing about it is kept. */
  assigning = false;
  readonly recursion: Recursion;

  constructor(
    variables: readonly VariableSymbol[],
    private readonly overrides: ReadonlyMap<TlaSymbol, Override>,
    /** Enumerates an action; compiled by action.ts, which needs this class in turn. */
    readonly enabled: (compiler: Compiler, action: Expression, env: Environment) => Test,
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
        return operatorApplication(this, e, env, depth);
      case 'and':
      case 'or':
        return junction(this, e, env, depth);
      case 'forall':
      case 'exists':
        return quantifier(this, e, env, depth);
      case 'choose':
        return choose(this, e, env, depth);
      case 'set':
        return setEnumeration(this, e, env, depth);
      case 'filter':
        return setFilter(this, e, env, depth);
      case 'map':
        return setMap(this, e, env, depth);
      case 'function':
        return functionConstructor(this, e, env, depth);
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
          (c) => new RecordSet(parts.map((part, i) => [names[i], setOf(part.run(c), 'A set of records, [a : S],')])),
          parts,
        );
      }
      case 'except':
        return exceptUpdate(this, e, env, depth);
      case 'at': {
        const slot = this.at?.slot;
        if (slot === undefined)
          throw new SpecError('parse', '@ means the old value; it can only stand in EXCEPT.', e.span);
        return combine((c) => c.f[slot] as Value, [], { slots: [slot] });
      }
      case 'apply':
        return application(this, e, env, depth);
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
        return caseOf(this, e, env, depth);
      case 'let': {
        const inner = env.local();
        const slots = this.letDefinitions(e, inner, depth);
        const body = this.compile(e.body, inner, depth);
        return resetting(body, slots);
      }
      case 'lambda':
        throw new SpecError('parse', 'LAMBDA has no value; it can only be handed to an operator.', e.span);
      case 'box-action': {
        const action = this.compile(e.action, env, depth);
        const same = unchanged(this, e.subscript, env, depth);
        const test = asTest(action, e.action.span, 'An action');
        return combine((c) => test(c) || same.run(c), [action, same], { truth: true });
      }
      case 'angle-action': {
        const action = this.compile(e.action, env, depth);
        const same = unchanged(this, e.subscript, env, depth);
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
    // Of an instance without parameters, unless it stands in a LET, there is one in a module.
    const shared = args.length === 0 && !instance.inner;
    const home = env.module;
    const known = shared ? home.known(instance) : undefined;
    if (known) return known;
    const own = shared ? home : env.local();
    instance.params.forEach((param, i) => {
      const kind = param.arity === 0 ? 'name' : 'operator';
      own.bind(param, { kind, expression: args[i], environment: argsEnv });
    });
    const inside = own.instance();
    for (const [symbol, value] of instance.substitutions) {
      const kind = symbol.kind === 'constant' && symbol.arity > 0 ? 'operator' : 'name';
      inside.bind(symbol, { kind, expression: value, environment: own });
    }
    if (shared) home.remember(instance, inside);
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

  reference(
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
        return builtin(this, symbol.builtin, symbol.name, args, argsEnv, depth, span);
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
      return resetting(this.compile(operator.body, inner, depth), slots);
    }
    if (operator.kind === 'operator') {
      if (operator.ref) return this.reference(operator.ref, args, argsEnv, env, depth, operator.span);
      return core(this, operator.name, args, argsEnv, depth, operator.span);
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
      return resetting(this.compile(body, inner, depth), slots);
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
    if (!code || code.level > (this.assigning ? 0 : 1)) {
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
}
