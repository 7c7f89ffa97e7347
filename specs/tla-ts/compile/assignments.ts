// Which variables a formula gives a value to, and what the names in it open to: the part of following an action that
// needs no continuation.
import type { DefinitionSymbol, Symbol as TlaSymbol } from '../semantics/symbols.js';
import type { Expression } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import { type Code, isSimple, literal } from './code.js';
import { naming, type Place, refuse } from './context.js';
import { expression } from './expressions.js';
import { print } from './layout.js';
import type { References } from './references.js';
import { certainlyEvaluates } from './strictness.js';

export type Mode = 'init' | 'next';

/** A place on a path: these variables of the state that is being made have values. */
export interface ActionPlace extends Place {
  readonly mode: Mode;
  readonly assigned: ReadonlyMap<string, Code>;
}

export class Assignments {
  constructor(protected readonly t: References) {}

  /** What an action's name stands for, and how to get there: arguments that are worth a name get one. */
  protected open(
    given: TlaSymbol,
    args: readonly Expression[],
    home: ActionPlace,
    place: ActionPlace,
    span: Span,
  ):
    | {
        readonly symbol: DefinitionSymbol | undefined;
        readonly body: Expression;
        enter<R>(then: (inner: ActionPlace) => R, constant: (name: string, value: Code, rest: R) => R): R;
      }
    | undefined {
    const { t } = this;
    let symbol = given;
    let scope = home.scope;
    const override = t.overrides.get(symbol);
    if (override) {
      if ('value' in override) return undefined;
      symbol = override.symbol;
      scope = t.root;
    }
    const plain = (body: Expression, at: ActionPlace) => ({
      symbol: undefined,
      body,
      enter: <R>(then: (inner: ActionPlace) => R): R => then(at),
    });
    const meaning = scope.find(symbol);
    if (meaning?.kind === 'expression')
      return plain(meaning.expression, { ...place, scope: meaning.scope, at: meaning.at });
    if (meaning?.kind === 'operator') {
      const { expression: operator } = meaning;
      const inner = { ...place, scope: meaning.scope };
      if (operator.kind === 'lambda') {
        const own = meaning.scope.local();
        operator.params.forEach((param, i) => {
          own.bind(param.symbol as TlaSymbol, t.byName(args[i], place));
        });
        return plain(operator.body, { ...inner, scope: own });
      }
      if (operator.kind !== 'name' || !operator.ref) return undefined;
      let within = meaning.scope;
      for (const step of operator.ref.instances) within = t.enter(within, step.instance, step.args, inner);
      return this.open(operator.ref.target, args, { ...inner, scope: within }, place, span);
    }
    if (meaning && meaning.kind !== 'inline' && meaning.kind !== 'local') return undefined;
    if (symbol.kind !== 'definition' || !symbol.body || symbol.isFunction) return undefined;
    if (symbol.recursive) {
      if (symbol.level > 1) refuse(`The action ${symbol.name} is recursive; this is not compiled.`, span);
      return undefined;
    }
    const own =
      meaning?.kind === 'inline' ? meaning.scope : meaning?.kind === 'local' ? meaning.definition.scope : scope.module;
    const definition = symbol;
    const { body } = definition;
    const isOwn = !meaning && t.isShared(own) && own === t.root && !t.hasPrimedParameter(definition);
    return {
      symbol: isOwn ? definition : undefined,
      body: body as Expression,
      enter: (then, constant) => {
        let inner: ActionPlace = { ...place, scope: own.local(), at: undefined };
        const constants: [string, Code][] = [];
        definition.params.forEach((param, i) => {
          inner.scope.bind(param, t.handed(args[i], param.arity, place));
          if (param.arity > 0 || param.levelMax <= 1 || this.assigns(args[i], place)) return;
          const value = expression(t, args[i], place);
          if (isSimple(value)) inner.scope.bind(param, { kind: 'code', code: value });
          else if (value.total || certainlyEvaluates(body as Expression, param)) {
            const { scope: bound } = inner;
            const named = naming(inner, param.name, t.reserved);
            inner = { ...inner, taken: named.place.taken };
            bound.bind(param, { kind: 'code', code: literal(named.name, value.type) });
            constants.push([named.name, value]);
          }
        });
        return constants.reduceRight((rest, [name, value]) => constant(name, value, rest), then(inner));
      },
    };
  }

  /** `x' = e` where x' was given the value e before: it holds. */
  protected isRepetition(e: Expression, place: ActionPlace): boolean {
    if (e.kind === 'name' && e.ref?.args.length === 0) {
      const unfolded = this.t.unfold(e, place);
      return unfolded !== undefined && this.isRepetition(unfolded.expression, { ...place, scope: unfolded.scope });
    }
    if (e.kind !== 'operator' || e.ref) return false;
    const known = (variable: string | undefined): Code | undefined =>
      variable === undefined ? undefined : place.assigned.get(variable);
    if (e.name === '=') {
      const value = known(this.target(e.args[0], place));
      return value !== undefined && sameText(value, expression(this.t, e.args[1], place));
    }
    if (e.name !== 'UNCHANGED' || place.mode === 'init') return false;
    const value = known(this.t.variableOf(e.args[0], place));
    return value !== undefined && sameText(value, expression(this.t, e.args[0], place));
  }

  /** The variable that `e` gives a value to in this mode. */
  protected target(e: Expression, place: ActionPlace): string | undefined {
    if (place.mode === 'init') return this.t.variableOf(e, place);
    if (e.kind === 'operator' && e.name === "'") return this.t.variableOf(e.args[0], place);
    const unfolded = this.t.unfold(e, place);
    return unfolded && this.target(unfolded.expression, { ...place, scope: unfolded.scope });
  }

  /** Whether some way through the formula gives a variable a value that has none yet. */
  assigns(e: Expression, place: ActionPlace): boolean {
    const inside = (part: Expression): boolean => this.assigns(part, place);
    const isNew = (variable: string | undefined): boolean => variable !== undefined && !place.assigned.has(variable);
    switch (e.kind) {
      case 'and':
      case 'or':
        return e.items.some(inside);
      case 'forall':
      case 'exists':
        return inside(e.body);
      case 'let': {
        const scope = place.scope.local();
        for (const symbol of e.definitions ?? []) scope.bind(symbol, { kind: 'inline', scope });
        return this.assigns(e.body, { ...place, scope });
      }
      case 'if':
        return inside(e.then) || inside(e.else);
      case 'case':
        return e.arms.some((arm) => inside(arm.value)) || (e.other !== undefined && inside(e.other));
      case 'box-action':
        return inside(e.action) || this.leaves(e.subscript, place, isNew);
      case 'angle-action':
        return inside(e.action);
      case 'name': {
        if (!e.ref) return false;
        let scope = place.scope;
        for (const step of e.ref.instances) scope = this.t.enter(scope, step.instance, step.args, place);
        return this.opensToAssignment(e.ref.target, e.ref.args, { ...place, scope }, place, e.span);
      }
      case 'operator':
        if (e.ref) return this.opensToAssignment(e.ref, e.args, place, place, e.span);
        switch (e.name) {
          case '=':
          case '\\in':
            return isNew(this.target(e.args[0], place));
          case 'UNCHANGED':
            return place.mode === 'next' && this.leaves(e.args[0], place, isNew);
          case '=>':
            return inside(e.args[1]);
          case '\\cdot':
            return true;
        }
    }
    return false;
  }

  private leaves(e: Expression, place: ActionPlace, isNew: (variable: string | undefined) => boolean): boolean {
    if (e.kind === 'tuple') return e.items.some((item) => this.leaves(item, place, isNew));
    const variable = this.t.variableOf(e, place);
    if (variable !== undefined) return isNew(variable);
    const unfolded = this.t.unfold(e, place);
    return unfolded !== undefined && this.leaves(unfolded.expression, { ...place, scope: unfolded.scope }, isNew);
  }

  private opensToAssignment(
    symbol: TlaSymbol,
    args: readonly Expression[],
    home: ActionPlace,
    place: ActionPlace,
    span: Span,
  ): boolean {
    if (place.mode === 'next' && symbol.kind === 'definition' && symbol.level < 2 && symbol.params.length === 0)
      return false;
    const meaning = home.scope.find(symbol);
    if (meaning?.kind === 'expression') {
      return this.assigns(meaning.expression, { ...place, scope: meaning.scope, at: meaning.at });
    }
    if (symbol.kind === 'definition' && !meaning && symbol.body && !symbol.isFunction) {
      if (symbol.recursive) {
        if (symbol.level > 1) refuse(`The action ${symbol.name} is recursive; this is not compiled.`, span);
        return false;
      }
      const scope = home.scope.module.local();
      symbol.params.forEach((param, i) => {
        scope.bind(param, this.t.handed(args[i], param.arity, place));
      });
      return this.assigns(symbol.body, { ...place, scope });
    }
    const opened = this.open(symbol, args, home, place, span);
    return (
      opened?.enter(
        (inner) => this.assigns(opened.body, inner),
        (_name, _value, rest) => rest,
      ) ?? false
    );
  }
}

/** Whether a variable was given this very value. */
export function sameText(a: Code, b: Code): boolean {
  const text = print(b.layout);
  return a.source === text || print(a.layout) === text;
}
