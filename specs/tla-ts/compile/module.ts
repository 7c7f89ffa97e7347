// A specification and its configuration to one TypeScript module.
//
// Types and needs of definitions depend on each other, so the whole module is translated again and again until nothing
// changes any more; the last text is the result.
import type { Specification } from '../check/specification.js';
import * as runtime from '../runtime/index.js';
import type { DefinitionSymbol, Symbol as TlaSymbol } from '../semantics/symbols.js';
import type { Expression } from '../syntax/ast.js';
import { assert, SpecError } from '../syntax/source.js';
import {
  Actions,
  type Following,
  finished,
  Incomplete,
  type Part,
  startingPlace,
  statePlace,
  translateEnabled,
} from './actions.js';
import type { ActionPlace } from './assignments.js';
import { type Code, Imports } from './code.js';
import { type Comments, documentation } from './comments.js';
import { type Definition, noNeeds, type Place, parameterView, refuse } from './context.js';
import { expression, statements } from './expressions.js';
import { group, HARD, indent, type Layout, list, print } from './layout.js';
import { fresh } from './names.js';
import { References } from './references.js';
import { braced, lines, mentions, onLines, type Statement } from './statements.js';
import { ANY, isOnly, isWithin, join, NEVER, propertyName, renderType, type Type, typeOf } from './types.js';

export interface ModuleOptions {
  /** Where the generated module imports its runtime from. */
  readonly runtime: string;
  /** How the specification and its configuration are named in the head comment. */
  readonly source: string;
  readonly comments: Comments;
}

const TYPES = ['SetOf', 'FunctionOf', 'SequenceOf', 'TupleOf', 'RecordOf', 'Value', 'StringValue', 'ModelValue'];
const INTERFACES = ['Action', 'Model'];
const OWN = ['State', 'Constants', 'configured', 'actions', 'model'];
const ROUNDS_MAX = 30;
/** A result whose type is longer than this is called a Value. */
const RESULT_MAX = 100;
/** Characters of a line of the head comment. */
const WIDTH = 117;

export function compileModule(specification: Specification, options: ModuleOptions): string {
  return new ModuleTranslation(specification, options).run();
}

class ModuleTranslation {
  private readonly t: References;
  private readonly generators = new Map<DefinitionSymbol, Definition>();
  /** Actions that are written out where they are used, since they leave some variables to others. */
  private readonly parts = new Set<DefinitionSymbol>();
  /** Definitions that could not be translated, with the reason. */
  private readonly failed = new Map<DefinitionSymbol, SpecError>();
  private readonly own: readonly DefinitionSymbol[];
  private readonly initName: string;
  private readonly initSymbols: ReadonlySet<TlaSymbol>;

  constructor(
    private readonly specification: Specification,
    private readonly options: ModuleOptions,
  ) {
    const { module, overrides, inits } = specification;
    if (module.variables.length === 0) {
      throw new SpecError('config', `Module ${module.name} has no variables, so there are no states to compile it to.`);
    }
    const names = [...Object.keys(runtime), ...TYPES, ...INTERFACES, ...OWN];
    this.t = new References(module, overrides, names, (t, action, place) =>
      translateEnabled(t, this.generators)(action, place),
    );
    for (const [symbol, override] of overrides) {
      if (symbol.kind === 'constant' && 'value' in override)
        this.t.constantTypes.set(symbol.name, typeOf(override.value));
    }
    this.initSymbols = new Set(
      inits.map(({ expression: e }) => (e.kind === 'name' ? e.ref?.target : undefined) as TlaSymbol),
    );
    const [only] = this.initSymbols;
    this.initName = fresh(inits.length === 1 && only ? only.name : 'Init', this.t.reserved);
    this.t.reserved.add(this.initName);
    this.own = [...module.names.values()].filter(
      (symbol): symbol is DefinitionSymbol => symbol.kind === 'definition' && !overrides.has(symbol),
    );
  }

  run(): string {
    for (const symbol of this.own) if (symbol.level === 2 && !symbol.recursive) this.tryGenerator(symbol);
    let text = '';
    let digest = '';
    for (let i = 0; ; i++) {
      assert(i < ROUNDS_MAX, 'the types of a module settle');
      this.t.imports = new Imports();
      this.failed.clear();
      const result = this.translate();
      const now = this.t.digest();
      if (now === digest && result === text) {
        if (this.t.settled) break;
        this.t.settled = true;
      }
      text = result;
      digest = now;
    }
    this.refuseFailures();
    return text;
  }

  // ----------------------------------------------------------------------------------------------------- the text

  private translate(): string {
    const { t, specification } = this;
    this.declareTypes();
    const init = this.initial();
    const table = this.table();
    for (const { symbol } of this.predicates()) if (symbol.kind === 'definition') t.definition(symbol, t.root);
    const functions: Layout[] = [];
    for (const symbol of this.own) {
      const generator = this.generators.get(symbol);
      if (generator) functions.push(this.guarded(symbol, () => this.generator(generator)));
      const isPlain =
        !isSubscript(symbol) &&
        symbol.level < 3 &&
        !generator &&
        !this.parts.has(symbol) &&
        !this.initSymbols.has(symbol);
      const known = isPlain ? t.definition(symbol, t.root) : t.definitions.get(symbol)?.get(t.root);
      if (known) functions.push(this.guarded(symbol, () => this.func(known)));
    }
    for (const byScope of t.definitions.values()) {
      for (const [scope, definition] of byScope) {
        if (scope !== t.root) functions.push(this.func(definition));
      }
    }
    const { module } = specification;
    const body: Layout[] = [
      this.state(),
      this.constants(),
      this.configured(),
      init,
      ...functions.filter((text) => text !== ''),
      table,
      this.model(module.name),
    ];
    const text = body.map(print).join('\n\n');
    return `${this.head()}\n${this.imports(text)}\n\n${text}\n`;
  }

  /** Types of variables from the conjuncts `x \in S` of the invariants that the configuration names. */
  private declareTypes(): void {
    const { t } = this;
    const place = statePlace(t, noNeeds());
    const declare = (e: Expression): void => {
      if (e.kind === 'and') {
        e.items.forEach(declare);
        return;
      }
      if (e.kind === 'name') {
        const unfolded = t.unfold(e, place);
        if (unfolded && unfolded.scope === t.root) declare(unfolded.expression);
        return;
      }
      if (e.kind !== 'operator' || e.name !== '\\in') return;
      const variable = t.variableOf(e.args[0], place);
      if (variable === undefined) return;
      const element = expression(t, e.args[1], place).type.set;
      if (!element || element.any || isWithin(element, NEVER)) return;
      t.declaredTypes.add(variable);
      t.variableTypes.set(variable, element);
    };
    for (const { list, symbol } of this.predicates()) {
      if (list !== 'invariants' || symbol.kind !== 'definition' || !symbol.body) continue;
      try {
        declare(symbol.body);
      } catch (error) {
        // What cannot be translated is reported where the invariant itself is.
        if (!(error instanceof SpecError)) throw error;
      }
    }
  }

  private head(): string {
    const { module } = this.specification;
    const { comments, source } = this.options;
    const about = [
      `Generated by \`tla-ts compile ${source}\`. Do not edit: change the specification and compile it again.`,
    ];
    const own = comments.head(module.variables[0].span.file);
    if (own.length > 0) about.push('', ...own);
    const temporal = this.own.filter((symbol) => symbol.level === 3).map((symbol) => symbol.name);
    if (temporal.length > 0) about.push('', `Left out, since it speaks of behaviours: ${temporal.join(', ')}.`);
    const { properties } = this.specification.config;
    if (properties.length > 0) {
      about.push(`Left to the checker, PROPERTY: ${properties.map((property) => property.name).join(', ')}.`);
    }
    if (this.parts.size > 0) {
      const names = [...this.parts].map((symbol) => symbol.name).join(', ');
      about.push(`Written out where it is used, since it gives only some variables a value: ${names}.`);
    }
    for (const [symbol, error] of this.failed) about.push(`Left out: ${symbol.name}. ${error.message}`);
    return about
      .flatMap(wrapped)
      .map((line) => `// ${line}`.trimEnd())
      .join('\n');
  }

  private imports(text: string): string {
    const values: string[] = [];
    const types: string[] = [];
    for (const name of [...this.t.imports.names, ...INTERFACES]) {
      if (!new RegExp(`\\b${name}\\b`).test(text)) continue;
      if (TYPES.includes(name) || INTERFACES.includes(name)) types.push(`type ${name}`);
      else values.push(name);
    }
    const key = (name: string): string => name.replace('type ', '').toLowerCase();
    const names = [...new Set([...values, ...types])].sort((a, b) => (key(a) < key(b) ? -1 : 1));
    return print([
      list('import {', names, '}', { kind: 'break', flat: ' ', hard: false }),
      ` from '${this.options.runtime}';`,
    ]);
  }

  private documented(span: Parameters<Comments['of']>[0], text: Layout, more: readonly string[] = []): Layout {
    return onLines([...documentation([...this.options.comments.of(span), ...more]), text]);
  }

  private property(name: string, type: Type): string {
    const shown = isWithin(type, NEVER) ? ANY : type;
    return `readonly ${propertyName(name)}: ${this.t.imports.type(shown)};`;
  }

  private state(): Layout {
    const { module } = this.specification;
    const fields = module.variables.map((variable) =>
      this.documented(variable.span, this.property(variable.name, this.t.variableTypes.get(variable.name) ?? NEVER)),
    );
    // A type, not an interface: it has the index signature that programs for any model ask for.
    return onLines(['/** The values of the variables. */', ['export type State = ', braced(fields), ';']]);
  }

  private constants(): Layout {
    const { module } = this.specification;
    const fields = module.constants
      .filter((constant) => this.t.constantTypes.has(constant.name))
      .map((constant) =>
        this.documented(constant.span, this.property(constant.name, this.t.constantTypes.get(constant.name) ?? ANY)),
      );
    return onLines(['/** The constants. */', ['export type Constants = ', braced(fields), ';']]);
  }

  private configured(): Layout {
    const { module, overrides } = this.specification;
    const fields = module.constants.flatMap((constant): Layout[] => {
      const override = overrides.get(constant);
      if (!override || !('value' in override)) return [];
      return [[`${propertyName(constant.name)}: `, this.t.value(override.value).layout]];
    });
    const object = list('{', fields, '}', { kind: 'break', flat: ' ', hard: false });
    return onLines([
      '/** The constants as the configuration gives them. */',
      ['export const configured: Constants = ', object, ';'],
    ]);
  }

  // ------------------------------------------------------------------------------------------------------ functions

  private guarded(symbol: DefinitionSymbol, make: () => Layout): Layout {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
      this.failed.set(symbol, error);
      return '';
    }
  }

  /** What the configuration asks of Init, Next and predicates must be translated; the rest may be left out. */
  private refuseFailures(): void {
    const { inits, nexts } = this.specification;
    const seen = new Set<unknown>();
    const walk = (node: unknown): void => {
      if (typeof node !== 'object' || node === null || seen.has(node)) return;
      seen.add(node);
      if (node instanceof Map) for (const value of node.values()) walk(value);
      const failure = this.failed.get(node as DefinitionSymbol);
      if (failure) throw failure;
      if ('kind' in node && node.kind === 'definition') walk((node as DefinitionSymbol).body);
      else if (!('names' in node && 'exported' in node)) for (const value of Object.values(node)) walk(value);
    };
    for (const { expression } of [...inits, ...nexts]) walk(expression);
    for (const { symbol } of this.predicates()) walk(symbol);
  }

  private func(definition: Definition): Layout {
    const { t } = this;
    const { symbol } = definition;
    const needs = noNeeds();
    const start = statePlace(t, needs);
    const typeOfVariable = (variable: string): Type => t.variableTypes.get(variable) ?? NEVER;
    const outer: Place = { ...start, next: parameterView('next', needs, typeOfVariable), scope: definition.scope };
    const { texts, place } = t.parameters(definition, outer);
    const { body } = symbol;
    assert(body !== undefined, `${symbol.name} is defined`);
    const result =
      symbol.isFunction && symbol.recursive
        ? this.returned(t.recursiveFunction(symbol, place))
        : statements(t, body, place);
    const type = join(definition.result, result.type);
    definition.result = renderType(type).length > RESULT_MAX ? ANY : type;
    definition.total &&= result.total;
    for (const read of needs.reads) definition.needs.reads.add(read);
    for (const read of needs.readsNext) definition.needs.readsNext.add(read);
    definition.needs.state ||= needs.state;
    definition.needs.next ||= needs.next;
    definition.needs.constants ||= needs.constants;
    const context: string[] = [];
    if (definition.needs.state) context.push('state: State');
    if (definition.needs.next) context.push('next: State');
    if (definition.needs.constants) context.push('constants: Constants');
    const shown = isWithin(definition.result, NEVER) ? ANY : definition.result;
    const head = this.signature(
      'function',
      definition.name,
      [...context, ...texts],
      t.imports.type(shown),
      result.lines,
    );
    return this.documented(symbol.span, [head, ' ', braced(result.lines)]);
  }

  private returned(value: Code): { lines: readonly Layout[]; type: Type; total: boolean } {
    return { lines: [['return ', value.layout, ';']], type: value.type, total: value.total };
  }

  /** Parameters that nothing uses begin with an underscore. */
  private signature(
    word: string,
    name: string,
    parameters: readonly string[],
    result: string,
    body: readonly Layout[],
  ): Layout {
    const text = onLines(body);
    const named = parameters.map((parameter) => {
      const own = parameter.slice(0, parameter.indexOf(':'));
      return mentions(text, own) ? parameter : `_${parameter}`;
    });
    return group(list(`export ${word} ${name}(`, named, ')'), `: ${result}`);
  }

  // -------------------------------------------------------------------------------------------------------- actions

  private actions(): Actions {
    return new Actions(this.t, this.generators);
  }

  /** Finds out whether a definition of two states can be a generator function. */
  private tryGenerator(symbol: DefinitionSymbol): void {
    if (this.t.hasPrimedParameter(symbol)) {
      this.parts.add(symbol);
      return;
    }
    const definition: Definition = { ...this.t.newDefinition(symbol, this.t.root) };
    try {
      if (!this.path(definition)) {
        this.t.reserved.delete(definition.name);
        return;
      }
      this.generators.set(symbol, definition);
    } catch (error) {
      this.t.reserved.delete(definition.name);
      if (error instanceof Incomplete) this.parts.add(symbol);
      else if (error instanceof SpecError) this.generators.set(symbol, definition);
      else throw error;
    }
  }

  private path(definition: Definition): { texts: readonly string[]; path: Statement[] } | undefined {
    const { t } = this;
    const { symbol } = definition;
    const { texts, place } = t.parameters(definition, statePlace(t, noNeeds()));
    const start = startingPlace(t, place, 'next');
    const actions = this.actions();
    const body = symbol.body as Expression;
    if (!actions.assigns(body, start)) return undefined;
    const end: Following = Object.assign(
      (at: ActionPlace): Statement[] => [{ kind: 'yield', layout: ['yield ', finished(t, at, symbol.span), ';'] }],
      {
        called: ({ name }: Definition, args: readonly Code[]): Statement[] => {
          const layouts = ['state', 'constants', ...args.map((arg) => arg.layout)];
          return [{ kind: 'yield', layout: ['yield* ', list(`${name}(`, layouts, ')'), ';'] }];
        },
      },
    );
    return { texts, path: actions.follow(body, start, end) };
  }

  private generator(definition: Definition): Layout {
    const { symbol, name } = definition;
    const made = this.path(definition);
    assert(made !== undefined, `${symbol.name} is an action`);
    const body = lines(made.path, 'return');
    const parameters = ['state: State', 'constants: Constants', ...made.texts];
    return this.documented(symbol.span, [
      this.signature('function*', name, parameters, 'Generator<State>', body),
      ' ',
      braced(body),
    ]);
  }

  private initial(): Layout {
    const { t, specification } = this;
    const start = startingPlace(t, statePlace(t, noNeeds()), 'init');
    const { inits } = specification;
    const actions = this.actions();
    const [first] = inits;
    const from =
      (i: number): Following =>
      (at) => {
        if (i === inits.length) {
          const [{ expression }] = inits;
          return [{ kind: 'yield', layout: ['yield ', this.complete(at, expression, 'The initial predicate'), ';'] }];
        }
        return actions.follow(this.atRoot(inits[i]), { ...at, scope: t.root }, from(i + 1));
      };
    const body = lines(from(0)(start), 'return');
    const head = this.signature('function*', this.initName, ['constants: Constants'], 'Generator<State>', body);
    return this.documented(spanOf(first.expression), [head, ' ', braced(body)]);
  }

  private complete(at: ActionPlace, e: Expression, what: string): Layout {
    try {
      return finished(this.t, at, e.span);
    } catch (error) {
      if (!(error instanceof Incomplete)) throw error;
      return refuse(`${what} gives no value to ${error.missing.join(', ')}.`, error.span);
    }
  }

  private atRoot({ expression, environment }: Specification['inits'][number]): Expression {
    if (environment === this.specification.compiler.root) return expression;
    return refuse('Init and Next must be definitions of the module itself, not of an instance.', expression.span);
  }

  private table(): Layout {
    const { t, specification } = this;
    const { nexts } = specification;
    const byName = new Map<string, Part[]>();
    for (const next of nexts) {
      if (nexts.length > 1) refuse('A specification with several [][Next]_v is not compiled.', next.expression.span);
      const place = startingPlace(t, statePlace(t, noNeeds()), 'next');
      const line = spanOf(next.expression).line;
      let parts: Part[];
      try {
        parts = this.actions().parts(this.atRoot(next), place, { name: next.name, line }, new Map());
      } catch (error) {
        if (!(error instanceof Incomplete)) throw error;
        return refuse(`This action gives no value to ${error.missing.join(', ')} in the next state.`, error.span);
      }
      for (const part of parts) byName.set(part.label.name, [...(byName.get(part.label.name) ?? []), part]);
    }
    const entries = [...byName].map(([name, parts]): Layout => {
      const body = lines([{ kind: 'alternatives', lists: parts.map((part) => part.path) }], 'return');
      const text = onLines(body);
      const named = ['state', 'constants'].map((word) => (mentions(text, word) ? word : `_${word}`));
      const fields: Layout[] = [
        `name: '${name}',`,
        `line: ${parts[0].label.line},`,
        [`*next(${named.join(', ')}) `, braced(body), ','],
      ];
      return [braced(fields), ','];
    });
    return onLines([
      '/** The parts of the next-state relation. */',
      ['export const actions: readonly Action<State, Constants>[] = [', indent(HARD, ...onLines(entries)), HARD, '];'],
    ]);
  }

  // ---------------------------------------------------------------------------------------------------------- model

  private predicates(): {
    readonly list: 'invariants' | 'constraints' | 'actionConstraints';
    readonly symbol: TlaSymbol;
    readonly name: string;
  }[] {
    const { config, module } = this.specification;
    return (['invariants', 'constraints', 'actionConstraints'] as const).flatMap((list) =>
      config[list].map(({ name, span }) => {
        const symbol = module.names.get(name);
        if (!symbol) return refuse(`${name} is not defined in module ${module.name}.`, span);
        return { list, symbol, name };
      }),
    );
  }

  private model(name: string): Layout {
    const predicate = (symbol: TlaSymbol, isStep: boolean): Layout => {
      if (symbol.kind !== 'definition')
        return refuse(`${symbol.name} is no definition of the module itself.`, symbol.span as never);
      const definition = this.t.definition(symbol, this.t.root);
      const { needs } = definition;
      const wanted = isStep ? ['state', 'constants', 'next'] : ['state', 'constants'];
      const given = [needs.state && 'state', needs.next && 'next', needs.constants && 'constants'].filter(
        (word) => word,
      );
      const isBoolean = isOnly(definition.result, 'boolean');
      if (isBoolean && given.every((word, i) => word === wanted[i])) return definition.name;
      const parameters = wanted.map((word) => (given.includes(word) ? word : `_${word}`));
      const call = `${definition.name}(${given.join(', ')})`;
      if (!isBoolean) this.t.imports.names.add('asBoolean');
      return `(${parameters.join(', ')}) => ${isBoolean ? call : `asBoolean(${call})`}`;
    };
    const predicates = this.predicates();
    const listed = (kind: (typeof predicates)[number]['list']): Layout => {
      const items = predicates
        .filter((one) => one.list === kind)
        .map(
          (one): Layout => [
            `{ name: '${one.name}', holds: `,
            predicate(one.symbol, kind === 'actionConstraints'),
            ' }',
          ],
        );
      return [`${kind}: `, list('[', items, ']')];
    };
    const fields: Layout[] = [
      `name: '${name}'`,
      [
        'variables: ',
        list(
          '[',
          this.t.variables.map((variable) => `'${variable}'`),
          ']',
        ),
      ],
      'configured',
      this.initName === 'init' ? 'init' : `init: ${this.initName}`,
      'actions',
      listed('invariants'),
      listed('constraints'),
      listed('actionConstraints'),
    ];
    return [
      'export const model: Model<State, Constants> = {',
      indent(HARD, ...onLines(fields.map((field): Layout => [field, ',']))),
      HARD,
      '};',
    ];
  }
}

/** Where the definition stands that a formula names. */
function spanOf(e: Expression): Expression['span'] {
  return e.kind === 'name' && e.ref?.target.kind === 'definition' ? e.ref.target.span : e.span;
}

/** `vars == <<x, y>>`: of use under [][Next]_vars only. */
function isSubscript(symbol: DefinitionSymbol): boolean {
  const { body } = symbol;
  const isPart = (e: Expression): boolean => {
    const target = e.kind === 'name' ? e.ref?.target : undefined;
    return target?.kind === 'variable' || (target?.kind === 'definition' && isSubscript(target));
  };
  return body?.kind === 'tuple' && body.items.length > 0 && body.items.every(isPart);
}

function wrapped(line: string): string[] {
  const result: string[] = [];
  let rest = line;
  while (rest.length > WIDTH) {
    const at = rest.lastIndexOf(' ', WIDTH);
    if (at <= 0) break;
    result.push(rest.slice(0, at));
    rest = `  ${rest.slice(at + 1)}`;
  }
  return [...result, rest];
}
