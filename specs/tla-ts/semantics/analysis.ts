// Names to symbols, and the checks that need no evaluation: undefined and doubly defined names, numbers of arguments, levels.
//
// Every unit is read in order; a name must be known before it is used (RECURSIVE makes it known early). The level of an
// expression is 0 constant, 1 state, 2 action, 3 temporal; a prime takes at most a state function, and so on.
import type { Expression, Identifier, ModuleSyntax, Unit, UnitOf } from '../syntax/ast.js';
import { type Span, SpecError } from '../syntax/source.js';
import { ExpressionAnalysis } from './analyse-expressions.js';
import { count, fail, OPEN, Scope } from './scope.js';
import type {
  DefinitionSymbol,
  InstanceSymbol,
  Level,
  Module,
  ParameterSymbol,
  Symbol as TlaSymbol,
} from './symbols.js';

/** Finds a module by its name; `from` is where the name stands. */
export type ModuleFinder = (name: string, from: Span) => Module;

class Analysis extends ExpressionAnalysis {
  private readonly recursive: DefinitionSymbol[] = [];
  private readonly scopes = new Map<DefinitionSymbol, Scope>();

  constructor(
    private readonly module: Module,
    private readonly find: ModuleFinder,
  ) {
    super();
  }

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

  protected override unit(unit: Unit, scope: Scope, inner: boolean): DefinitionSymbol[] {
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
    this.operatorsBeingRead.add(unit.name.name);
    symbol.level = this.expression(unit.body, body, OPEN);
    this.operatorsBeingRead.delete(unit.name.name);
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
}

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
