// What names are translated to: variables, constants, parameters, calls of definitions, and what instances put in their place.
//
// A definition of a module becomes a function. It is written out where it is used instead when an argument stands under a
// prime there (the argument then means another state), or when it belongs to an instance with parameters.

import type { Override } from '../evaluate/compiler.js';
import { Environment } from '../evaluate/environment.js';
import { STANDARD_MODULES, standardModule } from '../semantics/standard.js';
import type {
  BuiltinSymbol,
  DefinitionSymbol,
  InstanceSymbol,
  Module,
  ParameterSymbol,
  Symbol as TlaSymbol,
} from '../semantics/symbols.js';
import type { Bound, Expression, ExpressionOf } from '../syntax/ast.js';
import { assert, type Span } from '../syntax/source.js';
import { ModelValue, SetBase, StringValue, type Value } from '../values/value.js';
import { builtin } from './builtins.js';
import { type Code, code, Imports, isSimple, literal } from './code.js';
import { type Definition, type Meaning, naming, noNeeds, type Place, refuse, type Scope } from './context.js';
import { apply, block, core, expression, functionBound, string } from './expressions.js';
import { group, indent, type Layout, LINE, list } from './layout.js';
import { fresh, identifier } from './names.js';
import { certainlyEvaluates } from './strictness.js';
import {
  ANY,
  elementOf,
  isNever,
  isOnly,
  isWithin,
  join,
  NEVER,
  NUMBER,
  renderType,
  type Type,
  typeOf,
} from './types.js';

/** Translates ENABLED, which needs the translation of actions. */
export type EnabledTranslation = (t: References, action: Expression, place: Place) => Code;

interface Local {
  readonly parameters: Map<ParameterSymbol, Type>;
  readonly lazy: Set<ParameterSymbol>;
  result: Type;
  total: boolean;
}

export class References {
  imports = new Imports();
  /**
   * The types of all that Init, Next and the invariants use are known. From now on parameters of what nothing calls are any value, and
   * calls do not change the types of other parameters any more.
   */
  settled = false;
  readonly root: Scope = Environment.root<Meaning>();
  /** Names of the module's level: a bound variable gets another one. */
  readonly reserved: Set<string>;
  readonly variables: readonly string[];
  readonly variableTypes = new Map<string, Type>();
  /** Variables whose types are those of a type invariant. */
  readonly declaredTypes = new Set<string>();
  readonly constantTypes = new Map<string, Type>();
  /** Definitions that are functions, by symbol and scope, in the order in which they were met. */
  readonly definitions = new Map<DefinitionSymbol, Map<Scope, Definition>>();
  private readonly locals = new Map<DefinitionSymbol, Local>();
  /** Scopes of the module and of instances without parameters, with the names of the instances on the way. */
  private readonly shared = new Map<Scope, string>([[this.root, '']]);
  /** The standard module that defines an operator. */
  readonly moduleOf = new Map<BuiltinSymbol, string>();

  constructor(
    readonly module: Module,
    readonly overrides: ReadonlyMap<TlaSymbol, Override>,
    reserved: Iterable<string>,
    private readonly translateEnabled: EnabledTranslation,
  ) {
    this.reserved = new Set(reserved);
    this.variables = module.variables.map((variable) => variable.name);
    for (const name of STANDARD_MODULES) {
      for (const symbol of standardModule(name)?.names.values() ?? []) {
        const builtin = symbol as BuiltinSymbol;
        if (!this.moduleOf.has(builtin)) this.moduleOf.set(builtin, name);
      }
    }
  }

  // ------------------------------------------------------------------------------------------------------- names

  name(e: ExpressionOf<'name'>, place: Place): Code {
    const { ref } = e;
    assert(ref !== undefined, `the name at ${e.span.line}:${e.span.column} was analysed`);
    let scope = place.scope;
    for (const step of ref.instances) scope = this.enter(scope, step.instance, step.args, place);
    return this.reference(ref.target, ref.args, place, scope, e.span);
  }

  /** @param place where the arguments stand @param scope in which the symbol has its meaning */
  reference(symbol: TlaSymbol, args: readonly Expression[], place: Place, scope: Scope, span: Span): Code {
    const override = this.overrides.get(symbol);
    if (override) {
      if ('symbol' in override) return this.reference(override.symbol, args, place, this.root, span);
      if (symbol.kind === 'constant') return this.constant(symbol.name, place);
      return this.value(override.value);
    }
    const meaning = scope.find(symbol);
    if (meaning) return this.meaning(meaning, symbol, args, place, span);
    switch (symbol.kind) {
      case 'variable': {
        const found = place.now.read(symbol.name);
        return found ?? refuse(`${symbol.name} is read here before it has been given a value.`, span);
      }
      case 'builtin':
        return builtin(this, symbol, args, place, span);
      case 'definition':
        return this.apply(symbol, args, place, scope, span);
      default:
        return refuse(`${symbol.name} has no value here.`, symbol.span ?? span);
    }
  }

  private constant(name: string, place: Place): Code {
    place.needs.constants = true;
    return literal(`constants.${name}`, this.constantTypes.get(name) ?? ANY);
  }

  /** A value of the configuration: those are numbers, Booleans, strings, model values, and sets of such. */
  value(value: Value): Code {
    const type = typeOf(value);
    if (typeof value === 'number' || typeof value === 'boolean') return literal(String(value), type);
    if (value instanceof ModelValue) {
      return this.imports.call('modelValue', [`'${value.name}'`, String(value.order)], type, true);
    }
    if (value instanceof StringValue) return string(this, value.text);
    assert(value instanceof SetBase, 'a configuration has no functions');
    const items = value.elements().map((item) => this.value(item).layout);
    this.imports.names.add('set');
    return code(list(`set<${this.imports.type(elementOf(type))}>(`, items, ')'), type, true);
  }

  private meaning(meaning: Meaning, symbol: TlaSymbol, args: readonly Expression[], place: Place, span: Span): Code {
    switch (meaning.kind) {
      case 'code':
        return meaning.code;
      case 'expression':
        return expression(this, meaning.expression, { ...place, scope: meaning.scope, at: meaning.at });
      case 'operator':
        return this.applyOperator(meaning.expression, meaning.scope, args, place, span);
      case 'function': {
        const given = args.map((arg) => expression(this, arg, place).layout);
        return code(list(`${meaning.name}(`, given, ')'), ANY, false);
      }
      case 'local': {
        const { definition } = meaning;
        return this.call(definition, this.arguments(definition, args, place), []);
      }
      case 'inline':
        return this.writtenOut(symbol as DefinitionSymbol, args, place, meaning.scope, span);
    }
  }

  /** An operator that was handed over: a LAMBDA, a name, a symbol. */
  private applyOperator(
    operator: Expression,
    scope: Scope,
    args: readonly Expression[],
    place: Place,
    span: Span,
  ): Code {
    if (operator.kind === 'lambda') {
      const inner = scope.local();
      operator.params.forEach((param, i) => {
        inner.bind(param.symbol as TlaSymbol, this.byName(args[i], place));
      });
      return expression(this, operator.body, { ...place, scope: inner });
    }
    if (operator.kind === 'operator') {
      if (operator.ref) return this.reference(operator.ref, args, place, scope, span);
      return core(this, operator.name, args, place, { span });
    }
    assert(
      operator.kind === 'name' && operator.ref !== undefined,
      'an operator argument is a name, a symbol or LAMBDA',
    );
    let home = scope;
    for (const step of operator.ref.instances) home = this.enter(home, step.instance, step.args, { ...place, scope });
    return this.reference(operator.ref.target, args, place, home, span);
  }

  /** The scope inside an instance; `place` is where its arguments stand. */
  enter(scope: Scope, instance: InstanceSymbol, args: readonly Expression[], place: Place): Scope {
    const isShared = args.length === 0 && !instance.inner;
    const home = scope.module;
    const known = isShared ? home.known(instance) : undefined;
    if (known) return known;
    const own = isShared ? home : scope.local();
    instance.params.forEach((param, i) => {
      own.bind(param, this.handed(args[i], param.arity, place));
    });
    const inside = own.instance();
    for (const [symbol, value] of instance.substitutions) {
      const arity = symbol.kind === 'constant' ? symbol.arity : 0;
      inside.bind(symbol, this.handed(value, arity, { ...place, scope: own, at: undefined }));
    }
    if (isShared) {
      home.remember(instance, inside);
      const outer = this.shared.get(home);
      if (outer !== undefined) this.shared.set(inside, `${outer}${identifier(instance.name)}_`);
    }
    return inside;
  }

  handed(arg: Expression, arity: number, place: Place): Meaning {
    return arity > 0 ? { kind: 'operator', expression: arg, scope: place.scope } : this.byName(arg, place);
  }

  byName(arg: Expression, place: Place): Meaning {
    return { kind: 'expression', expression: arg, scope: place.scope, at: place.at };
  }

  /** What stands behind a name that only hands on. */
  unfold(e: Expression, place: Place): { readonly expression: Expression; readonly scope: Scope } | undefined {
    if (e.kind !== 'name' || !e.ref || e.ref.args.length > 0) return undefined;
    let scope = place.scope;
    for (const step of e.ref.instances) scope = this.enter(scope, step.instance, step.args, place);
    let symbol = e.ref.target;
    const override = this.overrides.get(symbol);
    if (override) {
      if ('value' in override) return undefined;
      symbol = override.symbol;
      scope = this.root;
    }
    const meaning = scope.find(symbol);
    if (meaning?.kind === 'expression') return meaning;
    if (meaning && meaning.kind !== 'inline') return undefined;
    if (symbol.kind !== 'definition' || symbol.recursive || symbol.params.length > 0 || !symbol.body) return undefined;
    return { expression: symbol.body, scope: meaning ? meaning.scope : scope.module };
  }

  /** The name of the variable that an expression is. */
  variableOf(e: Expression, place: Place): string | undefined {
    if (e.kind !== 'name' || !e.ref) return undefined;
    const unfolded = this.unfold(e, place);
    if (unfolded) return this.variableOf(unfolded.expression, { ...place, scope: unfolded.scope });
    const { target } = e.ref;
    return target.kind === 'variable' && this.variables.includes(target.name) ? target.name : undefined;
  }

  // ------------------------------------------------------------------------------------------------- definitions

  isShared(scope: Scope): boolean {
    return this.shared.has(scope.module);
  }

  /** Whether calls of it are written out: a parameter stands under a prime. */
  hasPrimedParameter(symbol: DefinitionSymbol): boolean {
    return symbol.params.some((param) => param.arity === 0 && param.levelMax <= 1);
  }

  private apply(symbol: DefinitionSymbol, args: readonly Expression[], place: Place, scope: Scope, span: Span): Code {
    if (symbol.level === 3) refuse(`${symbol.name} is a temporal formula; those are not compiled.`, span);
    if (!this.isShared(scope) || this.hasPrimedParameter(symbol)) {
      if (symbol.recursive)
        refuse(`${symbol.name} is recursive and depends on what stands around it; it is not compiled.`, span);
      return this.writtenOut(symbol, args, place, scope.module, span);
    }
    const definition = this.definition(symbol, scope.module);
    const { needs } = definition;
    const context: Layout[] = [];
    if (needs.state) context.push(place.now.whole(needs.reads, span));
    if (needs.next) {
      if (!place.next) return refuse(`${symbol.name} speaks of a next state, and there is none here.`, span);
      context.push(place.next.whole(needs.readsNext, span));
    }
    if (needs.constants) {
      place.needs.constants = true;
      context.push('constants');
    }
    return this.call(definition, this.arguments(definition, args, place), context);
  }

  private call(definition: Definition, args: readonly Code[], context: readonly Layout[]): Code {
    const total = definition.total && args.every((arg) => arg.total);
    const layouts = [...context, ...args.map((arg) => arg.layout)];
    return code(list(`${definition.name}(`, layouts, ')'), definition.result, total);
  }

  arguments(definition: Definition, args: readonly Expression[], place: Place): Code[] {
    return definition.symbol.params.map((param, i) => {
      if (param.arity > 0) return this.operatorArgument(args[i], param.arity, place);
      const given = expression(this, args[i], place);
      const known = definition.parameters.get(param) ?? NEVER;
      const type = this.settled && !isNever(known) ? known : join(known, given.type);
      definition.parameters.set(param, type);
      const { body } = definition.symbol;
      if (!given.total && body && !certainlyEvaluates(body, param)) definition.lazy.add(param);
      if (!definition.lazy.has(param)) return this.imports.within(given, type);
      return code(group('() =>', indent(LINE, given.layout)), type, true, 2);
    });
  }

  /** An operator as a function of values. */
  operatorArgument(operator: Expression, arity: number, place: Place): Code {
    let inner = place;
    const names: string[] = [];
    const scope = place.scope.local();
    const args = Array.from({ length: arity }, (_, i): Expression => {
      const wanted = operator.kind === 'lambda' ? operator.params[i].name : ('xyz'[i] ?? `x${i}`);
      const named = naming(inner, wanted, this.reserved);
      inner = named.place;
      names.push(named.name);
      const symbol: ParameterSymbol = {
        kind: 'parameter',
        name: wanted,
        arity: 0,
        span: operator.span,
        levelMax: 3,
        levelCap: 3,
      };
      scope.bind(symbol, { kind: 'code', code: literal(named.name, ANY) });
      return {
        kind: 'name',
        path: [{ name: wanted, args: [], span: operator.span }],
        span: operator.span,
        ref: { instances: [], target: symbol, args: [] },
      };
    });
    const body = this.applyOperator(operator, scope, args, { ...inner, scope }, operator.span);
    const parameters = names.map((name) => `${name}: ${this.imports.type(ANY)}`).join(', ');
    return code(group(`(${parameters}) =>`, indent(LINE, body.layout)), ANY, true, 2);
  }

  /** The body in the place of the call. */
  private writtenOut(
    symbol: DefinitionSymbol,
    args: readonly Expression[],
    place: Place,
    scope: Scope,
    span: Span,
  ): Code {
    const { body } = symbol;
    if (!body || symbol.recursive) return refuse(`${symbol.name} is not compiled here, since it is recursive.`, span);
    const inner = scope.local();
    symbol.params.forEach((param, i) => {
      inner.bind(param, this.handed(args[i], param.arity, place));
    });
    const result = expression(this, body, { ...place, scope: inner });
    return result;
  }

  definition(symbol: DefinitionSymbol, scope: Scope): Definition {
    let byScope = this.definitions.get(symbol);
    if (!byScope) this.definitions.set(symbol, (byScope = new Map()));
    let known = byScope.get(scope);
    if (!known) {
      known = this.newDefinition(symbol, scope);
      byScope.set(scope, known);
    }
    return known;
  }

  /** A definition of which nothing is known yet, with a name of its own. */
  newDefinition(symbol: DefinitionSymbol, scope: Scope): Definition {
    const name = fresh((this.shared.get(scope) ?? '') + identifier(symbol.name), this.reserved);
    this.reserved.add(name);
    return {
      name,
      symbol,
      scope,
      parameters: new Map(),
      lazy: new Set(),
      result: NEVER,
      total: !symbol.recursive,
      needs: noNeeds(),
    };
  }

  /** The parameters of a definition as TypeScript, and the place in which its body stands. */
  parameters(definition: Definition, outer: Place): { readonly texts: readonly string[]; readonly place: Place } {
    let place: Place = { ...outer, scope: definition.scope.local() };
    const { scope } = place;
    const texts = definition.symbol.params.map((param): string => {
      const named = naming(place, param.name, this.reserved);
      place = named.place;
      if (param.arity > 0) {
        scope.bind(param, { kind: 'function', name: named.name });
        const values = Array.from(
          { length: param.arity },
          (_, i) => `${'xyz'[i] ?? `x${i}`}: ${this.imports.type(ANY)}`,
        );
        return `${named.name}: (${values.join(', ')}) => ${this.imports.type(ANY)}`;
      }
      const known = definition.parameters.get(param) ?? NEVER;
      const shown = isNever(known) ? ANY : known;
      const type = this.settled ? shown : known;
      const isLazy = definition.lazy.has(param);
      const text = isLazy ? `${named.name}()` : named.name;
      scope.bind(param, { kind: 'code', code: code(text, type, !isLazy) });
      return `${named.name}: ${isLazy ? '() => ' : ''}${this.imports.type(shown)}`;
    });
    return { texts, place };
  }

  // ------------------------------------------------------------------------------------------------- bound names

  /** Binds the names of a bound to elements of this type: the place within, and the parameters of a function on elements. */
  bind(of: Bound, element: Type, place: Place): [Place, string[]] {
    let inner: Place = { ...place, scope: place.scope.local() };
    const { scope } = inner;
    if (!of.tuple) {
      const names = of.names.map((name) => {
        const named = naming(inner, name.name, this.reserved);
        inner = named.place;
        scope.bind(name.symbol as TlaSymbol, { kind: 'code', code: literal(named.name, element) });
        return named.name;
      });
      return [inner, names];
    }
    const named = naming(inner, of.names.length === 2 ? 'pair' : 'row', this.reserved);
    const { fn } = element;
    of.names.forEach((name, i) => {
      const component = apply(this, literal(named.name, element), literal(String(i + 1), NUMBER));
      const type = isOnly(element, 'fn') && fn?.shape === 'tuple' ? fn.items[i] : undefined;
      const typed = type && !isWithin(component.type, type) ? this.imports.as(component, type) : component;
      scope.bind(name.symbol as TlaSymbol, { kind: 'code', code: { ...typed, total: true } });
    });
    return [named.place, [named.name]];
  }

  /** The definitions of a LET as statements. */
  letDefinitions(
    e: ExpressionOf<'let'>,
    outer: Place,
  ): {
    readonly lines: readonly { readonly name: string; readonly layout: Layout }[];
    readonly place: Place;
    readonly total: boolean;
  } {
    let place: Place = { ...outer, scope: outer.scope.local() };
    const { scope } = place;
    const lines: { name: string; layout: Layout }[] = [];
    let total = true;
    for (const symbol of e.definitions ?? []) {
      const { body } = symbol;
      assert(body !== undefined, `${symbol.name} is defined`);
      if (symbol.level > 1 || this.hasPrimedParameter(symbol)) {
        scope.bind(symbol, { kind: 'inline', scope });
        continue;
      }
      const named = naming(place, symbol.name, this.reserved);
      if (symbol.params.length > 0) {
        place = named.place;
        lines.push({ name: named.name, layout: this.localFunction(symbol, named.name, place) });
        continue;
      }
      const value =
        symbol.isFunction && symbol.recursive ? this.recursiveFunction(symbol, place) : expression(this, body, place);
      if (isSimple(value)) {
        scope.bind(symbol, { kind: 'code', code: value });
        continue;
      }
      place = named.place;
      if (value.total || certainlyEvaluates(e.body, symbol)) {
        total &&= value.total;
        const layout = group(`const ${named.name} =`, indent(LINE, value.layout), ';');
        lines.push({ name: named.name, layout });
        scope.bind(symbol, { kind: 'code', code: literal(named.name, value.type) });
      } else {
        const kept = this.imports.call('lazy', [], ANY, true, { parameters: '()', body: value.layout });
        lines.push({ name: named.name, layout: [`const ${named.name} = `, kept.layout, ';'] });
        scope.bind(symbol, { kind: 'code', code: code(`${named.name}()`, value.type, false) });
      }
    }
    return { lines, place, total };
  }

  private localFunction(symbol: DefinitionSymbol, name: string, place: Place): Layout {
    let local = this.locals.get(symbol);
    if (!local) {
      local = { parameters: new Map(), lazy: new Set(), result: NEVER, total: !symbol.recursive };
      this.locals.set(symbol, local);
    }
    const kept = local;
    const definition: Definition = {
      name,
      symbol,
      scope: place.scope,
      parameters: kept.parameters,
      lazy: kept.lazy,
      result: kept.result,
      total: kept.total,
      needs: noNeeds(),
    };
    place.scope.bind(symbol, { kind: 'local', definition });
    const { texts, place: within } = this.parameters(definition, place);
    const body = block(this, symbol.body as Expression, within);
    kept.result = join(kept.result, body.type);
    kept.total &&= body.total;
    const result = this.imports.type(kept.result);
    return group(`const ${name} = (${texts.join(', ')}): ${result} =>`, indent(LINE, body.layout), ';');
  }

  /** `f[x \in S] == e` where e speaks of f. */
  recursiveFunction(symbol: DefinitionSymbol, place: Place): Code {
    const e = symbol.body;
    assert(e?.kind === 'function', `${symbol.name} is a function`);
    const bounds = e.bounds.flatMap((of) =>
      of.tuple ? [of] : of.names.map((name): Bound => ({ ...of, names: [name] })),
    );
    const sets = bounds.map((of) => this.imports.set(expression(this, of.set as Expression, place)));
    const [of, from] = functionBound(this, bounds, sets);
    let local = this.locals.get(symbol);
    if (!local) {
      local = { parameters: new Map(), lazy: new Set(), result: NEVER, total: false };
      this.locals.set(symbol, local);
    }
    const named = naming({ ...place, scope: place.scope.local() }, symbol.name, this.reserved);
    const argument = elementOf(from.type);
    const own: Type = { fn: { shape: 'function', from: argument, to: local.result } };
    named.place.scope.bind(symbol, { kind: 'code', code: literal(named.name, own) });
    const [inner, names] = this.bind(of, argument, named.place);
    const body = block(this, e.body, inner);
    local.result = join(local.result, body.type);
    const types = [`${named.name}: ${this.imports.type(own)}`, `${names[0]}: ${this.imports.type(argument)}`];
    const type: Type = { fn: { shape: 'function', from: argument, to: local.result } };
    return this.imports.call('recursiveFunction', [from.layout], type, false, {
      parameters: `(${types.join(', ')})`,
      body: body.layout,
    });
  }

  enabled(action: Expression, place: Place): Code {
    return this.translateEnabled(this, action, place);
  }

  /** All that later rounds depend on, as a text: when it stays the same, everything is known. */
  digest(): string {
    const parts: string[] = [];
    for (const [name, type] of this.variableTypes) parts.push(`${name}: ${renderType(type)}`);
    const definition = (of: Local | Definition): void => {
      parts.push([...of.parameters.values()].map((type) => renderType(type)).join(', '));
      parts.push(`${[...of.lazy].map((param) => param.name)} ${of.total} ${renderType(of.result)}`);
      if ('needs' in of) {
        const { needs } = of;
        parts.push(
          `${of.name} ${[...needs.reads].sort()} ${[...needs.readsNext].sort()} ${needs.state} ${needs.next} ${needs.constants}`,
        );
      }
    };
    for (const local of this.locals.values()) definition(local);
    for (const byScope of this.definitions.values()) for (const one of byScope.values()) definition(one);
    return parts.join('\n');
  }
}
