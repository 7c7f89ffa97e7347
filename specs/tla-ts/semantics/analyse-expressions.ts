// Expressions: every name gets its symbol; numbers of arguments and levels are checked.
import type { Bound, Expression, ExpressionOf, Identifier, Unit } from '../syntax/ast.js';
import { habitHint, spellingHint } from '../syntax/hints.js';
import { CORE_OPERATORS } from '../syntax/operators.js';
import { describeSpan } from '../syntax/source.js';
import { BOOLEANS, STRINGS } from '../values/sets.js';
import { type Context, count, fail, max, Scope } from './scope.js';
import {
  type DefinitionSymbol,
  type InstanceSymbol,
  LEVEL_NAMES,
  type Level,
  type ParameterSymbol,
  parametersOf,
  type Symbol as TlaSymbol,
} from './symbols.js';

export abstract class ExpressionAnalysis {
  /** Functions whose own definition is being read: a name of one there makes it recursive. */
  protected readonly functionsBeingRead = new Set<TlaSymbol>();

  /** Operators whose own definition is being read: a name of one there needs a RECURSIVE before. */
  protected readonly operatorsBeingRead = new Set<string>();

  /** Reads a unit of a LET; returns what it defines. */
  protected abstract unit(unit: Unit, scope: Scope, inner: boolean): DefinitionSymbol[];

  protected refuseDuplicate(symbol: Identifier, scope: Scope): void {
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

  protected parameter(param: Identifier, scope: Scope, arity: number): ParameterSymbol {
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

  /** A subexpression that is evaluated to a value: temporal formulas have none. */
  protected value(e: Expression, scope: Scope, context: Context): Level {
    const level = this.expression(e, scope, context);
    if (level === 3) fail('A temporal formula has no value that this operator could take.', e.span);
    return level;
  }

  protected bounds(bounds: readonly Bound[], outer: Scope, inner: Scope, context: Context): Level {
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

  protected expression(e: Expression, scope: Scope, context: Context): Level {
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

  /** What to do about a name that is not known. */
  private hint(name: string, known: Iterable<string>): string {
    if (this.operatorsBeingRead.has(name)) {
      return ` An operator that uses itself is declared before its definition: RECURSIVE ${name}(_), with a _ for each argument.`;
    }
    const hint = habitHint(name) || spellingHint(name, known);
    return (
      hint ||
      ' Check its spelling, and that it is declared (VARIABLE, CONSTANT) or defined above this line, here or in a module that is extended.'
    );
  }

  private whereDefined(name: string): string {
    const habit = habitHint(name).trim();
    if (habit !== '') return habit;
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
          ? `${last.name} takes ${count(params.length)}; here it is given none. It is applied with parentheses: ${last.name}(...).`
          : `${last.name} takes ${params.length === 0 ? 'no arguments' : count(params.length)}, here it is given ${last.args.length}.${params.length === 0 ? ` A function is applied with brackets: ${last.name}[...].` : ''}`,
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
    let names: { find(name: string): TlaSymbol | undefined; all(): Iterable<string>; whose: string } = {
      find: (name) => scope.find(name),
      all: () => scope.all(),
      whose: '',
    };
    for (let i = 0; ; i++) {
      const step = e.path[i];
      let symbol = names.find(step.name);
      if (!symbol && (step.name === 'BOOLEAN' || step.name === 'STRING') && i === 0) symbol = CORE_SETS[step.name];
      if (!symbol) {
        return fail(
          `The name ${step.name} is not defined${names.whose}.${this.hint(step.name, names.all())}`,
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
      names = { find: (wanted) => exported.get(wanted), all: () => exported.keys(), whose: ` in module ${name}` };
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
  protected argument(e: Expression, arity: number, scope: Scope, context: Context): Level {
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
