// Names to symbols, and the checks that need no evaluation: undefined and doubly defined names, numbers of arguments, levels.
//
// Every unit is read in order; a name must be known before it is used (RECURSIVE makes it known early). The level of an
// expression is 0 constant, 1 state, 2 action, 3 temporal; a prime takes at most a state function, and so on.
import type { Bound, Expression, ExpressionOf, Identifier, ModuleSyntax, Unit, UnitOf } from '../syntax/ast.js';
import { CORE_OPERATORS } from '../syntax/operators.js';
import { describeSpan, type Span, SpecError } from '../syntax/source.js';
import { BOOLEANS, STRINGS } from '../values/sets.js';
import {
  type DefinitionSymbol,
  type InstanceSymbol,
  LEVEL_NAMES,
  type Level,
  type Module,
  type ParameterSymbol,
  parametersOf,
  type Symbol as TlaSymbol,
} from './symbols.js';

/** Finds a module by its name; `from` is where the name stands. */
export type ModuleFinder = (name: string, from: Span) => Module;

class Scope {
  private readonly names = new Map<string, TlaSymbol>();

  constructor(private readonly parent: Scope | Map<string, TlaSymbol>) {}

  find(name: string): TlaSymbol | undefined {
    return this.names.get(name) ?? (this.parent instanceof Scope ? this.parent.find(name) : this.parent.get(name));
  }

  /** Whether a RECURSIVE of this very scope awaits its definition. */
  declared(name: string): TlaSymbol | undefined {
    return this.names.get(name);
  }

  add(symbol: TlaSymbol): void {
    this.names.set(symbol.name, symbol);
  }
}

/** What surrounds an expression: how its level counts, and how high it may be. */
interface Context {
  readonly cap: Level;
  readonly max: Level;
}
const OPEN: Context = { cap: 3, max: 3 };

function fail(message: string, span: Span): never {
  throw new SpecError('parse', message, span);
}

function max(...levels: readonly Level[]): Level {
  return Math.max(0, ...levels) as Level;
}

const count = (n: number): string => (n === 1 ? '1 argument' : `${n} arguments`);

class Analysis {
  private readonly recursive: DefinitionSymbol[] = [];
  private readonly scopes = new Map<DefinitionSymbol, Scope>();

  constructor(
    private readonly module: Module,
    private readonly find: ModuleFinder,
  ) {}

  units(units: readonly Unit[]): void {
    const scope = new Scope(this.module.names);
    for (const unit of units) this.unit(unit, scope, false);
    this.checkRecursive();
  }

  /** The levels of recursive operators are a fixed point: read their bodies again until nothing rises. */
  private checkRecursive(): void {
    for (let risen = true; risen; ) {
      risen = false;
      for (const symbol of this.recursive) {
        if (!symbol.body) fail(`${symbol.name} is declared RECURSIVE but never defined.`, symbol.span);
        const level = this.expression(symbol.body, this.scopes.get(symbol) as Scope, OPEN);
        if (level > symbol.level) {
          symbol.level = level;
          risen = true;
        }
      }
    }
  }

  private declare(symbol: TlaSymbol & { readonly span: Span }, scope: Scope, local: boolean, inner: boolean): void {
    this.refuseDuplicate(symbol, scope);
    if (inner) {
      scope.add(symbol);
      return;
    }
    this.module.names.set(symbol.name, symbol);
    if (!local) this.module.exported.set(symbol.name, symbol);
  }

  private refuseDuplicate(symbol: Identifier, scope: Scope): void {
    const known = scope.find(symbol.name);
    if (!known && symbol.name !== 'BOOLEAN' && symbol.name !== 'STRING') return;
    const where = known?.span
      ? ` in ${describeSpan(known.span)} of module ${known.span.module}`
      : ' by a standard module';
    fail(
      `The name ${symbol.name} is used twice: it is already defined or declared${where}. Choose another name.`,
      symbol.span,
    );
  }

  private parameter(param: Identifier, scope: Scope, arity: number): ParameterSymbol {
    this.refuseDuplicate(param, scope);
    const symbol: ParameterSymbol = {
      kind: 'parameter',
      name: param.name,
      arity,
      span: param.span,
      levelMax: 3,
      levelCap: 0,
    };
    param.symbol = symbol;
    scope.add(symbol);
    return symbol;
  }

  private unit(unit: Unit, scope: Scope, inner: boolean): DefinitionSymbol[] {
    switch (unit.kind) {
      case 'constants':
        for (const param of unit.params) {
          const symbol = { kind: 'constant', name: param.name, arity: param.arity, span: param.span } as const;
          this.declare(symbol, scope, false, inner);
          this.module.constants.push(symbol);
        }
        return [];
      case 'variables':
        for (const name of unit.names) {
          const symbol = { kind: 'variable', name: name.name, span: name.span } as const;
          this.declare(symbol, scope, false, inner);
          this.module.variables.push(symbol);
        }
        return [];
      case 'recursive':
        for (const param of unit.params) {
          const paramSymbols = Array.from({ length: param.arity }, (_, i): ParameterSymbol => {
            return {
              kind: 'parameter',
              name: `argument ${i + 1}`,
              arity: 0,
              span: param.span,
              levelMax: 3,
              levelCap: 3,
            };
          });
          const symbol = this.newDefinition(param, paramSymbols, unit.local, inner, false);
          symbol.recursive = true;
          this.declare(symbol, scope, unit.local, inner);
          this.pending.set(symbol.name, symbol);
          this.recursive.push(symbol);
        }
        return [];
      case 'definition':
        return [this.definition(unit, scope, inner)];
      case 'function-definition':
        return [this.functionDefinition(unit, scope, inner)];
      case 'instance':
        this.instance(unit, scope, inner);
        return [];
      case 'assume': {
        const level = this.expression(unit.body, scope, OPEN);
        if (level > 0) fail('An assumption is about constants: it may not mention a variable.', unit.body.span);
        this.module.assumptions.push({ name: unit.name?.name, body: unit.body });
        if (unit.name) this.nameFormula(unit.name, unit.body, level, scope, unit.local);
        return [];
      }
      case 'theorem':
        if (unit.body) {
          const level = this.expression(unit.body, scope, OPEN);
          if (unit.name) this.nameFormula(unit.name, unit.body, level, scope, unit.local);
        }
        return [];
      case 'module': {
        const { name } = unit.module;
        this.module.inner.set(name, analyseModule(unit.module, this.find, this.module));
        return [];
      }
    }
  }

  private nameFormula(name: Identifier, body: Expression, level: Level, scope: Scope, local: boolean): void {
    const symbol = this.newDefinition(name, [], local, false, false);
    symbol.body = body;
    symbol.level = level;
    this.declare(symbol, scope, local, false);
  }

  private readonly pending = new Map<string, DefinitionSymbol>();

  private newDefinition(
    name: Identifier,
    params: readonly ParameterSymbol[],
    local: boolean,
    inner: boolean,
    isFunction: boolean,
  ): DefinitionSymbol {
    return {
      kind: 'definition',
      name: name.name,
      params,
      span: name.span,
      local,
      inner,
      recursive: false,
      isFunction,
      body: undefined,
      level: 0,
    };
  }

  private definition(unit: UnitOf<'definition'>, scope: Scope, inner: boolean): DefinitionSymbol {
    const body = new Scope(scope);
    const params = unit.params.map((param) => this.parameter(param, body, param.arity));
    const announced = this.announced(unit.name, scope);
    if (announced) {
      if (announced.params.length !== params.length) {
        fail(
          `${unit.name.name} was declared RECURSIVE with ${count(announced.params.length)}, its definition has ${count(params.length)}.`,
          unit.name.span,
        );
      }
      (announced as { params: readonly ParameterSymbol[] }).params = params;
      announced.level = this.expression(unit.body, body, OPEN);
      announced.body = unit.body;
      this.scopes.set(announced, body);
      unit.name.symbol = announced;
      return announced;
    }
    const symbol = this.newDefinition(unit.name, params, unit.local, inner, false);
    symbol.level = this.expression(unit.body, body, OPEN);
    symbol.body = unit.body;
    unit.name.symbol = symbol;
    this.declare(symbol, scope, unit.local, inner);
    return symbol;
  }

  private announced(name: Identifier, scope: Scope): DefinitionSymbol | undefined {
    const symbol = this.pending.get(name.name);
    if (!symbol || scope.find(name.name) !== symbol || symbol.body) return undefined;
    this.pending.delete(name.name);
    return symbol;
  }

  private functionDefinition(unit: UnitOf<'function-definition'>, scope: Scope, inner: boolean): DefinitionSymbol {
    const announced = this.announced(unit.name, scope);
    const symbol = announced ?? this.newDefinition(unit.name, [], unit.local, inner, true);
    if (announced) (announced as { isFunction: boolean }).isFunction = true;
    unit.name.symbol = symbol;
    if (!announced) this.refuseDuplicate(unit.name, scope);
    const within = new Scope(scope);
    this.functionsBeingRead.add(symbol);
    within.add(symbol);
    const body: Expression = { kind: 'function', bounds: unit.bounds, body: unit.body, span: unit.span };
    symbol.level = this.expression(body, within, OPEN);
    this.functionsBeingRead.delete(symbol);
    symbol.body = body;
    if (announced) this.scopes.set(announced, within);
    else this.declare(symbol, scope, unit.local, inner);
    return symbol;
  }

  private readonly functionsBeingRead = new Set<TlaSymbol>();

  private instance(unit: UnitOf<'instance'>, scope: Scope, inner: boolean): void {
    const within = new Scope(scope);
    const params = unit.params.map((param) => this.parameter(param, within, param.arity));
    const module = this.module.inner.get(unit.module.name) ?? this.find(unit.module.name, unit.module.span);
    const substitutions = new Map<TlaSymbol, Expression>();
    for (const { name, value, span } of unit.substitutions) {
      const symbol = module.names.get(name);
      if (symbol?.kind !== 'constant' && symbol?.kind !== 'variable') {
        throw new SpecError('parse', `${name} is neither a constant nor a variable of module ${module.name}.`, span);
      }
      if (substitutions.has(symbol)) fail(`${name} is substituted twice.`, span);
      this.argument(value, symbol.kind === 'constant' ? symbol.arity : 0, within, OPEN);
      if (symbol.kind === 'variable' || symbol.arity === 0) {
        const level = this.expression(value, within, { cap: 3, max: 1 });
        if (level > 1) fail(`What stands for ${name} must be without primes and temporal operators.`, value.span);
      }
      substitutions.set(symbol, value);
    }
    for (const symbol of [...module.constants, ...module.variables]) {
      if (substitutions.has(symbol)) continue;
      const own = within.find(symbol.name);
      if (!own) {
        fail(
          `Module ${module.name} has the ${symbol.kind} ${symbol.name}, for which nothing stands here: ` +
            `add WITH ${symbol.name} <- ..., or define ${symbol.name}.`,
          unit.module.span,
        );
      }
      const span = unit.module.span;
      substitutions.set(symbol, {
        kind: 'name',
        path: [{ name: symbol.name, args: [], span }],
        span,
        ref: { instances: [], target: own, args: [] },
      });
    }
    const name = unit.name ?? { name: module.name, span: unit.span };
    const symbol: InstanceSymbol = {
      kind: 'instance',
      name: name.name,
      params,
      module,
      span: name.span,
      local: unit.local,
      inner,
      substitutions: substitutions as InstanceSymbol['substitutions'],
    };
    if (unit.name) {
      this.declare(symbol, scope, unit.local, inner);
      return;
    }
    const plain = module.constants.length + module.variables.length === 0;
    for (const target of module.exported.values()) {
      if (target.kind === 'constant' || target.kind === 'variable') continue;
      const known = scope.find(target.name);
      if (plain) {
        if (known === target) continue;
        if (known) this.refuseDuplicate({ name: target.name, span: unit.span }, scope);
        if (inner) scope.add(target);
        else {
          this.module.names.set(target.name, target);
          if (!unit.local) this.module.exported.set(target.name, target);
        }
      } else {
        const imported = {
          kind: 'import',
          name: target.name,
          instance: symbol,
          target,
          span: unit.span,
          local: unit.local,
        } as const;
        this.declare(imported, scope, unit.local, inner);
      }
    }
  }

  /** A subexpression that is evaluated to a value: temporal formulas have none. */
  private value(e: Expression, scope: Scope, context: Context): Level {
    const level = this.expression(e, scope, context);
    if (level === 3) fail('A temporal formula has no value that this operator could take.', e.span);
    return level;
  }

  private bounds(bounds: readonly Bound[], outer: Scope, inner: Scope, context: Context): Level {
    let level: Level = 0;
    for (const bound of bounds) {
      if (bound.set) level = max(level, this.value(bound.set, outer, context));
    }
    for (const bound of bounds) for (const name of bound.names) this.boundVariable(name, inner);
    return level;
  }

  private boundVariable(name: Identifier, scope: Scope): void {
    // The analysis of a recursive body is repeated; its identifiers keep their symbols.
    if (name.symbol && scope.declared(name.name) === undefined) {
      scope.add(name.symbol);
      return;
    }
    this.parameter(name, scope, 0);
  }

  private expression(e: Expression, scope: Scope, context: Context): Level {
    switch (e.kind) {
      case 'number':
      case 'string':
      case 'boolean':
      case 'at':
        return 0;
      case 'name':
        return this.name(e, scope, context);
      case 'operator':
        return this.operator(e, scope, context);
      case 'and':
      case 'or':
        return max(...e.items.map((item) => this.expression(item, scope, context)));
      case 'forall':
      case 'exists': {
        const inner = new Scope(scope);
        const level = this.bounds(e.bounds, scope, inner, context);
        return max(level, this.expression(e.body, inner, context));
      }
      case 'temporal-quantifier':
        return fail(
          '\\EE and \\AA cannot be checked: state what is hidden by a refinement mapping (INSTANCE ... WITH).',
          e.span,
        );
      case 'choose': {
        const inner = new Scope(scope);
        const level = this.bounds([e.bound], scope, inner, context);
        return max(level, this.value(e.body, inner, context));
      }
      case 'filter': {
        const inner = new Scope(scope);
        const level = this.bounds([e.bound], scope, inner, context);
        return max(level, this.value(e.body, inner, context));
      }
      case 'map':
      case 'function': {
        const inner = new Scope(scope);
        const level = this.bounds(e.bounds, scope, inner, context);
        return max(level, this.value(e.body, inner, context));
      }
      case 'set':
      case 'tuple':
      case 'product':
        return max(...e.items.map((item) => this.value(item, scope, context)));
      case 'function-set':
        return max(this.value(e.domain, scope, context), this.value(e.range, scope, context));
      case 'record':
      case 'record-set':
        return max(...e.fields.map((field) => this.value(field.value, scope, context)));
      case 'except':
        return max(
          this.value(e.base, scope, context),
          ...e.updates.flatMap((update) => [
            ...update.path.map((step) => ('index' in step ? this.value(step.index, scope, context) : 0)),
            this.value(update.value, scope, context),
          ]),
        );
      case 'apply':
        return max(this.value(e.fn, scope, context), ...e.args.map((arg) => this.value(arg, scope, context)));
      case 'field':
        return this.value(e.record, scope, context);
      case 'if':
        return max(
          this.value(e.condition, scope, context),
          this.expression(e.then, scope, context),
          this.expression(e.else, scope, context),
        );
      case 'case':
        return max(
          ...e.arms.flatMap((arm) => [
            this.value(arm.guard, scope, context),
            this.expression(arm.value, scope, context),
          ]),
          e.other ? this.expression(e.other, scope, context) : 0,
        );
      case 'let': {
        const inner = new Scope(scope);
        if (!e.definitions) {
          e.definitions = e.units.flatMap((unit) => this.unit(unit, inner, true));
          this.letScopes.set(e, inner);
          return this.expression(e.body, inner, context);
        }
        return this.expression(e.body, this.letScopes.get(e) ?? inner, context);
      }
      case 'lambda':
        return fail('LAMBDA defines an operator; it can only be handed to an operator that takes one.', e.span);
      case 'box-action':
      case 'angle-action':
        this.action(e.action, e.subscript, scope, context);
        return 2;
      case 'fairness':
        this.action(e.action, e.subscript, scope, { ...context, cap: 3 });
        return 3;
    }
  }

  private readonly letScopes = new WeakMap<Expression, Scope>();

  private action(action: Expression, subscript: Expression, scope: Scope, context: Context): void {
    this.value(action, scope, context);
    if (this.expression(subscript, scope, { cap: context.cap, max: 1 }) > 1) {
      fail('The subscript of an action is a state function: it may not contain a prime.', subscript.span);
    }
  }

  private operator(e: ExpressionOf<'operator'>, scope: Scope, context: Context): Level {
    const { name, args } = e;
    if (!CORE_OPERATORS.has(name)) {
      const symbol = scope.find(name);
      if (!symbol) {
        return fail(`The operator ${name} is not defined. ${this.whereDefined(name)}`, e.place);
      }
      e.ref = symbol;
      const params = parametersOf(symbol);
      if (args.length !== params.length) {
        fail(`${name} takes ${count(params.length)}, here it is given ${args.length}.`, e.span);
      }
      return this.application(symbol, args, scope, context);
    }
    switch (name) {
      case "'": {
        const level = this.expression(args[0], scope, { cap: context.cap, max: 1 });
        if (level > 1) {
          fail(
            `A prime belongs on an expression about one state; this one is ${level === 2 ? 'about two already (it contains a prime)' : 'a temporal formula'}.`,
            e.span,
          );
        }
        return 2;
      }
      case 'ENABLED':
        this.value(args[0], scope, { cap: 1, max: context.max });
        return 1;
      case 'UNCHANGED': {
        const level = this.expression(args[0], scope, { cap: context.cap, max: 1 });
        if (level > 1) fail('UNCHANGED takes an expression about one state: it may not contain a prime.', e.span);
        return 2;
      }
      case '[]':
      case '<>': {
        const wanted = name === '[]' ? 'box-action' : 'angle-action';
        const level = this.expression(args[0], scope, context);
        if (level === 2 && args[0].kind !== wanted) {
          const form = name === '[]' ? '[A]_v' : '<<A>>_v';
          fail(
            `After ${name} an action must have the form ${form}, else stuttering would make the formula meaningless.`,
            e.span,
          );
        }
        return 3;
      }
      case '~>':
      case '-+->':
        for (const arg of args) {
          if (this.expression(arg, scope, context) === 2)
            fail(`${name} relates states, not actions: no primes.`, arg.span);
        }
        return 3;
      case '~':
      case '=>':
      case '<=>':
        return max(...args.map((arg) => this.expression(arg, scope, context)));
      case '\\cdot':
        for (const arg of args) this.value(arg, scope, context);
        return 2;
      default:
        return max(...args.map((arg) => this.value(arg, scope, context)));
    }
  }

  private whereDefined(name: string): string {
    const modules: Record<string, string> = { '-.': 'Integers', '\\o': 'Sequences', ':>': 'TLC', '@@': 'TLC' };
    if (['+', '-', '*', '^', '<', '>', '<=', '>=', '..', '%', '\\div'].includes(name))
      return 'EXTENDS Naturals or Integers defines it.';
    return modules[name]
      ? `EXTENDS ${modules[name]} defines it.`
      : 'Define it before this line, or extend the module that does.';
  }

  private name(e: ExpressionOf<'name'>, scope: Scope, context: Context): Level {
    const resolved = this.resolve(e, scope);
    const params = parametersOf(resolved.target);
    const last = e.path[e.path.length - 1];
    if (last.args.length !== params.length) {
      fail(
        last.args.length === 0
          ? `${last.name} takes ${count(params.length)}; here it is given none.`
          : `${last.name} takes ${params.length === 0 ? 'no arguments' : count(params.length)}, here it is given ${last.args.length}.`,
        last.argsSpan ?? last.span,
      );
    }
    e.ref = resolved;
    let level: Level = 0;
    for (const { instance, args } of resolved.instances) {
      level = max(level, this.application(instance, args, scope, context));
    }
    return max(level, this.application(resolved.target, resolved.args, scope, context));
  }

  /** Follows `A(x)!B(y)!C(z)`, and names taken over from instances without a name, to a symbol. */
  private resolve(e: ExpressionOf<'name'>, scope: Scope): NonNullable<ExpressionOf<'name'>['ref']> {
    const instances: { instance: InstanceSymbol; args: readonly Expression[] }[] = [];
    let names: { find(name: string): TlaSymbol | undefined; whose: string } = {
      find: (name) => scope.find(name),
      whose: '',
    };
    for (let i = 0; ; i++) {
      const step = e.path[i];
      let symbol = names.find(step.name);
      if (!symbol && (step.name === 'BOOLEAN' || step.name === 'STRING') && i === 0) symbol = CORE_SETS[step.name];
      if (!symbol) {
        return fail(
          `The name ${step.name} is not defined${names.whose}. Check its spelling, that it is defined above this line, and that its module is extended.`,
          step.span,
        );
      }
      while (symbol.kind === 'import') {
        instances.push({ instance: symbol.instance, args: [] });
        symbol = symbol.target;
      }
      if (i + 1 === e.path.length) {
        if (symbol.kind === 'instance') {
          fail(
            `${step.name} is an instance of module ${symbol.module.name}: write ${step.name}!Name for something in it.`,
            step.span,
          );
        }
        if (this.functionsBeingRead.has(symbol)) (symbol as DefinitionSymbol).recursive = true;
        return { instances, target: symbol, args: step.args };
      }
      if (symbol.kind !== 'instance') {
        return fail(`${step.name} is no instance of a module, so ! cannot follow it.`, step.span);
      }
      if (step.args.length !== symbol.params.length) {
        fail(
          `The instance ${step.name} takes ${count(symbol.params.length)}, here it is given ${step.args.length}.`,
          step.span,
        );
      }
      instances.push({ instance: symbol, args: step.args });
      const { exported, name } = symbol.module;
      names = { find: (wanted) => exported.get(wanted), whose: ` in module ${name}` };
    }
  }

  private application(symbol: TlaSymbol, args: readonly Expression[], scope: Scope, context: Context): Level {
    let own: Level = 0;
    let params: readonly (ParameterSymbol | number)[] = parametersOf(symbol);
    switch (symbol.kind) {
      case 'variable':
        own = 1;
        break;
      case 'parameter':
        symbol.levelMax = Math.min(symbol.levelMax, context.max) as Level;
        symbol.levelCap = max(symbol.levelCap, context.cap);
        break;
      case 'definition':
        own = symbol.level;
        params = symbol.params;
        break;
      case 'instance':
        params = symbol.params;
        break;
    }
    let level = own;
    for (let i = 0; i < args.length; i++) {
      const param = params[i];
      const arity = typeof param === 'number' ? param : param.arity;
      const inner: Context =
        typeof param === 'number'
          ? context
          : {
              cap: Math.min(context.cap, param.levelCap) as Level,
              max: Math.min(context.max, param.levelMax) as Level,
            };
      const given = this.argument(args[i], arity, scope, inner);
      if (typeof param !== 'number' && given > param.levelMax) {
        fail(
          `${symbol.name} puts a prime on this argument, so it must be about one state; it is ${LEVEL_NAMES[given]} level.`,
          args[i].span,
        );
      }
      level = max(level, typeof param === 'number' ? given : (Math.min(given, max(param.levelCap)) as Level));
    }
    return level;
  }

  /** An argument: a value, or where an operator is wanted, its name, symbol or a LAMBDA. */
  private argument(e: Expression, arity: number, scope: Scope, context: Context): Level {
    if (arity === 0) {
      if (e.kind === 'operator' && e.args.length === 0)
        return fail(`A value is expected here, not the operator ${e.name}.`, e.span);
      return this.expression(e, scope, context);
    }
    if (e.kind === 'lambda') {
      if (e.params.length !== arity) {
        fail(`An operator of ${count(arity)} is expected here; this LAMBDA takes ${count(e.params.length)}.`, e.span);
      }
      const inner = new Scope(scope);
      for (const param of e.params) this.boundVariable(param, inner);
      return this.expression(e.body, inner, context);
    }
    let symbol: TlaSymbol | undefined;
    if (e.kind === 'operator' && e.args.length === 0) {
      if (CORE_OPERATORS.has(e.name)) return 0;
      symbol = scope.find(e.name);
      if (!symbol) return fail(`The operator ${e.name} is not defined. ${this.whereDefined(e.name)}`, e.span);
      e.ref = symbol;
    } else if (e.kind === 'name' && e.path[e.path.length - 1].args.length === 0) {
      e.ref = this.resolve(e, scope);
      symbol = e.ref.target;
    }
    if (!symbol) return fail(`An operator of ${count(arity)} is expected here: a name, or LAMBDA.`, e.span);
    const takes = parametersOf(symbol).length;
    if (takes !== arity)
      fail(`An operator of ${count(arity)} is expected here; ${symbol.name} takes ${count(takes)}.`, e.span);
    return symbol.kind === 'definition' ? symbol.level : 0;
  }
}

/** The two sets that belong to the language. */
const CORE_SETS: Readonly<Record<'BOOLEAN' | 'STRING', TlaSymbol>> = {
  BOOLEAN: { kind: 'builtin', name: 'BOOLEAN', span: undefined, builtin: { params: [], run: () => BOOLEANS } },
  STRING: { kind: 'builtin', name: 'STRING', span: undefined, builtin: { params: [], run: () => STRINGS } },
};

/** Gives every name of a module its symbol; refuses what is wrong whatever the values. */
export function analyseModule(syntax: ModuleSyntax, find: ModuleFinder, outer?: Module): Module {
  const module: Module = {
    name: syntax.name,
    names: new Map(outer?.names),
    exported: new Map(),
    constants: [],
    variables: [],
    assumptions: [],
    inner: new Map(outer?.inner),
  };
  for (const { name, span } of syntax.extends) {
    const extended = module.inner.get(name) ?? find(name, span);
    for (const symbol of extended.exported.values()) {
      const known = module.names.get(symbol.name);
      if (known && known !== symbol) {
        fail(`Extending ${name} defines ${symbol.name} a second time, with another meaning.`, span);
      }
      module.names.set(symbol.name, symbol);
      module.exported.set(symbol.name, symbol);
    }
    for (const constant of extended.constants)
      if (!module.constants.includes(constant)) module.constants.push(constant);
    for (const variable of extended.variables)
      if (!module.variables.includes(variable)) module.variables.push(variable);
    for (const assumption of extended.assumptions) {
      if (!module.assumptions.includes(assumption)) module.assumptions.push(assumption);
    }
    for (const [inner, value] of extended.inner) module.inner.set(inner, value);
  }
  new Analysis(module, find).units(syntax.units);
  return module;
}
