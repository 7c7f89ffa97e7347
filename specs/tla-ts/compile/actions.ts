// Init and Next as generator functions: every way to satisfy a formula, one after the other.
//
// The formula is followed from left to right, as the checker follows it (evaluate/action.ts): `x' = e` and `x' \in S` give x
// a value where it has none and test otherwise; where some variable may still be given a value, \/ and \E branch; all else is
// a condition. What follows a branch is written out in each of them. Where the checker enumerates a condition that gives no
// variable a value, so that it finds one state several times, the generated code tests it and finds the state once.
import type { DefinitionSymbol, Symbol as TlaSymbol } from '../semantics/symbols.js';
import type { Expression, ExpressionOf, Identifier } from '../syntax/ast.js';
import { assert, type Span } from '../syntax/source.js';
import { type ActionPlace, Assignments, type Mode, sameText } from './assignments.js';
import { type Code, code, isSimple, literal, not } from './code.js';
import { type Definition, naming, type Place, parameterView, partialView, refuse, stateObject } from './context.js';
import { condition, equality, expression, flatten, unchanged, withoutGuard } from './expressions.js';
import { type Layout, LINE, list, print } from './layout.js';
import type { References } from './references.js';
import { braced, lines, type Statement, withConstant } from './statements.js';
import { BOOLEAN, elementOf, join, NEVER } from './types.js';

/** What comes after a formula. */
export interface Following {
  (place: ActionPlace): Statement[];
  /** The end of a path: an action that is a function of its own can be called instead of being followed. */
  readonly called?: (generator: Definition, args: readonly Code[]) => Statement[];
}

/** Generator functions: definitions that give every variable a value on every path. */
export type Generators = ReadonlyMap<DefinitionSymbol, Definition>;

/** What comes after something with a scope of its own: there its names mean nothing any more. */
function leaving(outer: ActionPlace, after: Following): Following {
  return Object.assign((at: ActionPlace) => after({ ...at, scope: outer.scope, at: outer.at }), {
    called: after.called,
  });
}

/** A path that ends before every variable has a value. */
export class Incomplete extends Error {
  constructor(
    readonly missing: readonly string[],
    readonly span: Span,
  ) {
    super(`no value for ${missing.join(', ')}`);
  }
}

/** The place at the beginning of an action or initial predicate. */
export function startingPlace(t: References, place: Place, mode: Mode): ActionPlace {
  return withAssigned(t, { ...place, mode, assigned: new Map() }, new Map());
}

function withAssigned(t: References, place: ActionPlace, assigned: ReadonlyMap<string, Code>): ActionPlace {
  const partial = partialView(assigned, t.variables, place.mode === 'next', (variable, span) =>
    refuse(`${variable}${place.mode === 'next' ? "'" : ''} is used before the formula has given it a value.`, span),
  );
  return place.mode === 'next'
    ? { ...place, assigned, next: partial }
    : { ...place, assigned, now: partial, next: undefined };
}

/** The state at the end of a path. */
export function finished(t: References, place: ActionPlace, span: Span): Layout {
  const missing = t.variables.filter((variable) => !place.assigned.has(variable));
  if (missing.length > 0) throw new Incomplete(missing, span);
  return stateObject(place.assigned, t.variables, place.mode === 'next');
}

export class Actions extends Assignments {
  constructor(
    t: References,
    private readonly generators: Generators,
  ) {
    super(t);
  }

  follow(e: Expression, place: ActionPlace, after: Following): Statement[] {
    const { t } = this;
    if (e.kind !== 'and' && !this.assigns(e, place)) {
      if (this.isRepetition(e, place)) return after(place);
      return [{ kind: 'guard', test: condition(t, e, place) }, ...after(place)];
    }
    switch (e.kind) {
      case 'and': {
        const items = flatten(e);
        const from = (i: number): Following =>
          i === items.length ? after : (at) => this.follow(items[i], at, from(i + 1));
        return from(0)(place);
      }
      case 'or':
        return [{ kind: 'alternatives', lists: flatten(e).map((item) => this.follow(item, place, after)) }];
      case 'exists':
        return this.exists(e, place, after);
      case 'let': {
        const lets = t.letDefinitions(e, place);
        const before = lets.lines.map(({ name, layout }): Statement => ({ kind: 'line', name, layout }));
        return [...before, ...this.follow(e.body, { ...place, ...lets.place }, leaving(place, after))];
      }
      case 'if': {
        const test = condition(t, e.condition, place);
        const yes = this.follow(e.then, place, after);
        return [{ kind: 'if', test, yes, no: this.follow(e.else, place, after) }];
      }
      case 'case': {
        const failing: Statement = { kind: 'line', layout: [withoutGuard(t).layout, ';'] };
        const last = e.other ? this.follow(e.other, place, after) : [failing];
        return e.arms.reduceRight((otherwise: Statement[], arm): Statement[] => {
          const test = condition(t, arm.guard, place);
          return [{ kind: 'if', test, yes: this.follow(arm.value, place, after), no: otherwise }];
        }, last);
      }
      case 'box-action': {
        const lists = [this.follow(e.action, place, after), this.unchanged(e.subscript, place, after)];
        return [{ kind: 'alternatives', lists }];
      }
      case 'angle-action':
        return this.follow(e.action, place, (at) => [
          { kind: 'guard', test: not(unchanged(t, e.subscript, at)) },
          ...after(at),
        ]);
      case 'forall':
        return refuse('An action under \\A gives variables their values; this is not compiled.', e.span);
      case 'name':
        return this.named(e, place, after);
      case 'operator':
        return this.operator(e, place, after);
      default:
        return refuse('This form of an action is not compiled.', e.span);
    }
  }

  private operator(e: ExpressionOf<'operator'>, place: ActionPlace, after: Following): Statement[] {
    const { t } = this;
    if (e.ref) return this.symbol(e.ref, e.args, place, place, after, e.span);
    switch (e.name) {
      case '=>': {
        const test = condition(t, e.args[0], place);
        return [{ kind: 'if', test, yes: this.follow(e.args[1], place, after), no: after(place) }];
      }
      case 'UNCHANGED':
        return this.unchanged(e.args[0], place, after);
      case '=': {
        const variable = this.target(e.args[0], place);
        assert(variable !== undefined, 'an assignment has a target');
        return this.assign(variable, expression(t, e.args[1], place), place, after);
      }
      case '\\in': {
        const variable = this.target(e.args[0], place);
        assert(variable !== undefined, 'an assignment has a target');
        const set = t.imports.set(expression(t, e.args[1], place));
        const type = elementOf(set.type);
        this.grow(variable, type);
        const named = this.naming(variable, place);
        const value = t.imports.within(literal(named.name, type), t.variableTypes.get(variable) ?? type);
        const assigned = new Map(place.assigned).set(variable, value);
        const body = after(withAssigned(t, { ...place, ...named.place }, assigned));
        return [{ kind: 'loop', name: named.name, over: this.elements(set), body }];
      }
      default:
        return refuse(`An action of the form ${e.name} is not compiled.`, e.span);
    }
  }

  private elements(set: Code): Layout {
    return this.t.imports.call('elements', [set.layout], set.type, set.total).layout;
  }

  private naming(variable: string, place: ActionPlace): { name: string; place: Place } {
    const wanted = place.mode === 'init' ? variable : `next${variable[0].toUpperCase()}${variable.slice(1)}`;
    return naming(place, wanted, this.t.reserved);
  }

  private grow(variable: string, type: Code['type']): void {
    const { variableTypes, declaredTypes } = this.t;
    if (!declaredTypes.has(variable)) variableTypes.set(variable, join(variableTypes.get(variable) ?? NEVER, type));
  }

  private assign(variable: string, value: Code, place: ActionPlace, after: Following): Statement[] {
    const { t } = this;
    this.grow(variable, value.type);
    // A type invariant may know more than the types of the parts tell.
    const typed = t.imports.within(value, t.variableTypes.get(variable) ?? value.type);
    if (isSimple(value)) {
      return after(withAssigned(t, place, new Map(place.assigned).set(variable, typed)));
    }
    const named = this.naming(variable, place);
    const assigned = new Map(place.assigned).set(variable, {
      ...literal(named.name, typed.type),
      source: print(value.layout),
    });
    return withConstant(named.name, typed, after(withAssigned(t, { ...place, ...named.place }, assigned)));
  }

  private unchanged(e: Expression, place: ActionPlace, after: Following): Statement[] {
    const { t } = this;
    const variable = t.variableOf(e, place);
    if (variable !== undefined) {
      const now = expression(t, e, place);
      const known = place.assigned.get(variable);
      if (known) {
        if (sameText(known, now)) return after(place);
        return [{ kind: 'guard', test: equality(t, known, now, true) }, ...after(place)];
      }
      return after(withAssigned(t, place, new Map(place.assigned).set(variable, now)));
    }
    if (e.kind === 'tuple') {
      const { items } = e;
      const from = (i: number): Following =>
        i === items.length ? after : (at) => this.unchanged(items[i], at, from(i + 1));
      return from(0)(place);
    }
    const unfolded = t.unfold(e, place);
    if (unfolded) {
      return this.unchanged(unfolded.expression, { ...place, scope: unfolded.scope }, leaving(place, after));
    }
    return [{ kind: 'guard', test: unchanged(t, e, place) }, ...after(place)];
  }

  private exists(e: ExpressionOf<'forall' | 'exists'>, place: ActionPlace, after: Following): Statement[] {
    const { t } = this;
    const sets = e.bounds.map((of) => {
      if (!of.set) refuse('\\E without a set cannot be enumerated: bound it, \\E x \\in S : P.', of.names[0].span);
      return t.imports.set(expression(t, of.set as Expression, place));
    });
    const within = (i: number, j: number, at: ActionPlace): Statement[] => {
      if (i === e.bounds.length) return this.follow(e.body, at, leaving(place, after));
      const of = e.bounds[i];
      const last = of.tuple || j + 1 === of.names.length;
      const one = of.tuple ? of : { ...of, names: [of.names[j]] };
      const [inner, [name]] = t.bind(one, elementOf(sets[i].type), at);
      const body = within(last ? i + 1 : i, last ? 0 : j + 1, { ...at, ...inner });
      return [{ kind: 'loop', name, over: this.elements(sets[i]), body }];
    };
    return within(0, 0, place);
  }

  // ------------------------------------------------------------------------------------------------------ labels

  /**
   * The parts of a next-state relation by the definitions that they come from, as the checker labels them: through \/, \E, LET and
   * names, down to what is none of these.
   */
  parts(e: Expression, place: ActionPlace, label: Label, chosen: Chosen): Part[] {
    const { t } = this;
    switch (e.kind) {
      case 'or':
        return flatten(e).flatMap((item) => this.parts(item, place, label, chosen));
      case 'exists': {
        let inner = place;
        const loops: { name: string; over: Layout }[] = [];
        const values = new Map(chosen);
        for (const of of e.bounds) {
          const set = t.imports.set(expression(t, of.set as Expression, place));
          for (const one of of.tuple ? [of] : of.names.map((name) => ({ ...of, names: [name] }))) {
            const [bound, [name]] = t.bind(one, elementOf(set.type), inner);
            inner = { ...inner, ...bound };
            loops.push({ name, over: this.elements(set) });
            for (const each of one.names) values.set(each.name, expression(t, nameOf(each), inner));
          }
        }
        return this.parts(e.body, inner, label, values).map((part) => ({
          ...part,
          path: loops.reduceRight(
            (body: Statement[], loop): Statement[] => [{ kind: 'loop', ...loop, body }],
            part.path,
          ),
        }));
      }
      case 'let': {
        const lets = t.letDefinitions(e, place);
        const before = lets.lines.map(({ name, layout }): Statement => ({ kind: 'line', name, layout }));
        return this.parts(e.body, { ...place, ...lets.place }, label, chosen).map((part) => ({
          ...part,
          path: [...before, ...part.path],
        }));
      }
      case 'name': {
        if (!e.ref || !this.assigns(e, place)) break;
        let scope = place.scope;
        for (const step of e.ref.instances) scope = t.enter(scope, step.instance, step.args, place);
        const { target, args } = e.ref;
        const opened = this.open(target, args, { ...place, scope }, place, e.span);
        if (!opened) break;
        const own: Label = target.kind === 'definition' ? { name: target.name, line: target.span.line } : label;
        if (opened.symbol && this.generators.has(opened.symbol) && isOneAction(opened.body)) break;
        return opened.enter(
          (inner) => this.parts(opened.body, inner, own, chosen),
          (name, value, rest) =>
            rest.map((part) => ({ ...part, path: [{ kind: 'constant', name, value }, ...part.path] })),
        );
      }
    }
    const called = e.kind === 'name' ? e.ref?.target : undefined;
    const isCall =
      called?.kind === 'definition' &&
      this.generators.has(called) &&
      e.kind === 'name' &&
      e.ref?.instances.length === 0;
    const own: Label = isCall ? { name: called.name, line: called.span.line } : label;
    const end: Following = Object.assign(
      (at: ActionPlace): Statement[] => [yieldStep(chosen, finished(t, at, e.span))],
      {
        called: (generator: Definition, args: readonly Code[]): Statement[] => {
          const layouts = ['state', 'constants', ...args.map((arg) => arg.layout)];
          const values = new Map(generator.symbol.params.map((param, i) => [param.name, args[i]]));
          const over = list(`${generator.name}(`, layouts, ')');
          return [{ kind: 'loop', name: 'next', over, body: [yieldStep(values, 'next')] }];
        },
      },
    );
    return [{ label: own, path: this.follow(e, place, end) }];
  }

  // ------------------------------------------------------------------------------------------------- definitions

  private named(e: ExpressionOf<'name'>, place: ActionPlace, after: Following): Statement[] {
    assert(e.ref !== undefined, 'the name was analysed');
    let scope = place.scope;
    for (const step of e.ref.instances) scope = this.t.enter(scope, step.instance, step.args, place);
    return this.symbol(e.ref.target, e.ref.args, { ...place, scope }, place, after, e.span);
  }

  /** @param home where the symbol has its meaning @param place where the arguments stand */
  private symbol(
    given: TlaSymbol,
    args: readonly Expression[],
    home: ActionPlace,
    place: ActionPlace,
    after: Following,
    span: Span,
  ): Statement[] {
    const opened = this.open(given, args, home, place, span);
    assert(opened !== undefined, `${given.name} gives variables their values`);
    const { symbol } = opened;
    const { t } = this;
    const generator = symbol && this.generators.get(symbol);
    if (generator && after.called && place.assigned.size === 0 && place.mode === 'next') {
      place.needs.state = true;
      place.needs.constants = true;
      return after.called(generator, t.arguments(generator, args, place));
    }
    return opened.enter(
      (inner) => this.follow(opened.body, inner, leaving(place, after)),
      (name, value, rest) => [{ kind: 'constant', name, value }, ...rest],
    );
  }
}

/** Whether a definition is not made of further named actions. */
function isOneAction(e: Expression): boolean {
  switch (e.kind) {
    case 'or':
      return e.items.every(isOneAction);
    case 'exists':
    case 'let':
      return isOneAction(e.body);
    case 'name':
      return e.ref?.target.kind !== 'definition' && e.ref?.target.kind !== 'parameter';
    default:
      return true;
  }
}

function nameOf({ name, span, symbol }: Identifier): Expression {
  assert(symbol !== undefined, `${name} was analysed`);
  return { kind: 'name', path: [{ name, args: [], span }], span, ref: { instances: [], target: symbol, args: [] } };
}

function yieldStep(chosen: Chosen, state: Layout): Statement {
  const fields = [...chosen].map(([name, { layout }]): Layout => (layout === name ? name : [`${name}: `, layout]));
  const parameters = list('{', fields, '}', LINE);
  const step = list(
    '{',
    [
      ['parameters: ', parameters],
      ['state: ', state],
    ],
    '}',
    LINE,
  );
  return { kind: 'yield', layout: ['yield ', step, ';'] };
}

/** The definition that a part of the next-state relation stands in. */
export interface Label {
  readonly name: string;
  readonly line: number;
}

export interface Part {
  readonly label: Label;
  readonly path: Statement[];
}

/** The values that \E has chosen, by name. */
export type Chosen = ReadonlyMap<string, Code>;

/** ENABLED A: the enumeration of A finds something. */
export function translateEnabled(t: References, generators: Generators): (action: Expression, place: Place) => Code {
  return (action, place) => {
    const start = startingPlace(t, place, 'next');
    const after: Following = Object.assign((): Statement[] => [{ kind: 'yield', layout: 'yield true;' }], {
      called: ({ name }: Definition, args: readonly Code[]): Statement[] => {
        const layouts = ['state', 'constants', ...args.map((arg) => arg.layout)];
        return [{ kind: 'yield', layout: ['yield* ', list(`${name}(`, layouts, ')'), ';'] }];
      },
    });
    const path = new Actions(t, generators).follow(action, start, after);
    const [only] = path;
    const called =
      only.kind === 'yield' && path.length === 1 && Array.isArray(only.layout) ? only.layout[1] : undefined;
    const steps = called ?? ['(function* () ', braced(lines(path, 'return')), ')()'];
    const found = t.imports.call('enabled', [steps as Layout], BOOLEAN, false);
    return code(found.layout, BOOLEAN, false);
  };
}

/** The view of the current state where it is a parameter. */
export function statePlace(t: References, needs: Place['needs']): Place {
  const typeOf = (variable: string) => t.variableTypes.get(variable) ?? NEVER;
  return {
    scope: t.root,
    now: parameterView('state', needs, typeOf),
    next: undefined,
    at: undefined,
    taken: new Set(),
    needs,
  };
}
