// Temporal formulas of TLA+ -> linear-time formulas over atoms: state predicates, and step predicates <<A>>_v and [A]_v.
//
// WF_v(A) is []<>~ENABLED <<A>>_v \/ []<><<A>>_v, SF_v(A) is <>[]~ENABLED <<A>>_v \/ []<><<A>>_v. Quantifiers over constant sets
// are written out. A stuttering step satisfies every [A]_v and no <<A>>_v.

import type { Test } from '../evaluate/context.js';
import type { Environment } from '../evaluate/environment.js';
import type { Expression } from '../syntax/ast.js';
import { SpecError } from '../syntax/source.js';
import { always, and, eventually, FALSE, type Ltl, literal, or, TRUE } from './ltl.js';
import type { Formula, Specification } from './specification.js';

export interface Atom {
  readonly test: Test;
  /** About a step; else about a state. */
  readonly step: boolean;
  /** The truth value on a stuttering step. */
  readonly stuttering: boolean;
}

export class TemporalTranslator {
  readonly atoms: Atom[] = [];
  private readonly known = new Map<Expression, { readonly environment: Environment; readonly atom: number }[]>();

  constructor(private readonly specification: Specification) {}

  /** The formula, or its negation where `positive` is false. */
  translate(formula: Formula, positive: boolean): Ltl {
    const { expression: e, environment } = formula;
    const sub = (expression: Expression, sign = positive): Ltl => this.translate({ expression, environment }, sign);
    if (!this.specification.isTemporal(formula)) return this.state(formula, positive);
    switch (e.kind) {
      case 'and':
      case 'or': {
        const conjunction = (e.kind === 'and') === positive;
        return this.combine(
          e.items.map((item) => sub(item)),
          conjunction,
        );
      }
      case 'forall':
      case 'exists': {
        const conjunction = (e.kind === 'forall') === positive;
        const instances = [...this.specification.instances(e, environment)];
        return this.combine(
          instances.map((inner) => this.translate({ expression: e.body, environment: inner }, positive)),
          conjunction,
        );
      }
      case 'let': {
        const inner = environment.local();
        this.specification.compiler.letDefinitions(e, inner, 0);
        return this.translate({ expression: e.body, environment: inner }, positive);
      }
      case 'if': {
        const yes = and(sub(e.condition, true), sub(e.then));
        return or(yes, and(sub(e.condition, false), sub(e.else)));
      }
      case 'fairness':
        return this.fairness(e.action, e.subscript, environment, e.strong, positive);
      case 'name': {
        const opened = this.specification.open(formula);
        if (opened) return this.translate(opened, positive);
        break;
      }
      case 'operator':
        switch (e.name) {
          case '~':
            return sub(e.args[0], !positive);
          case '=>':
            return positive
              ? or(sub(e.args[0], false), sub(e.args[1], true))
              : and(sub(e.args[0], true), sub(e.args[1], false));
          case '<=>': {
            const [a, b] = e.args;
            return or(and(sub(a, true), sub(b, positive)), and(sub(a, false), sub(b, !positive)));
          }
          case '[]':
            return positive
              ? always(this.inside(e.args[0], environment, true))
              : eventually(this.inside(e.args[0], environment, false));
          case '<>':
            return positive
              ? eventually(this.inside(e.args[0], environment, true))
              : always(this.inside(e.args[0], environment, false));
          case '~>': {
            const [p, q] = e.args;
            if (positive) return always(or(sub(p, false), eventually(sub(q, true))));
            return eventually(and(sub(p, true), always(sub(q, false))));
          }
        }
        break;
    }
    throw new SpecError('config', 'This temporal formula has a form that cannot be checked.', e.span);
  }

  private combine(parts: readonly Ltl[], conjunction: boolean): Ltl {
    return parts.reduce(
      (left, right) => (conjunction ? and(left, right) : or(left, right)),
      conjunction ? TRUE : FALSE,
    );
  }

  /** What stands after [] or <>: a formula, or an action in its brackets. */
  private inside(e: Expression, environment: Environment, positive: boolean): Ltl {
    if (e.kind === 'box-action' || e.kind === 'angle-action') {
      const atom = this.atom(e, environment, true, e.kind === 'box-action');
      return literal(atom, positive);
    }
    return this.translate({ expression: e, environment }, positive);
  }

  private state({ expression, environment }: Formula, positive: boolean): Ltl {
    const code = this.specification.compiler.compile(expression, environment);
    if (code.literal === true) return positive ? TRUE : FALSE;
    if (code.literal === false) return positive ? FALSE : TRUE;
    if (code.level > 1) {
      throw new SpecError(
        'config',
        'A primed variable stands in a temporal formula outside [A]_v and <<A>>_v.',
        expression.span,
      );
    }
    return literal(this.atom(expression, environment, false, false), positive);
  }

  private atom(expression: Expression, environment: Environment, step: boolean, stuttering: boolean): number {
    let entries = this.known.get(expression);
    if (!entries) this.known.set(expression, (entries = []));
    const entry = entries.find((candidate) => candidate.environment === environment);
    if (entry) return entry.atom;
    const test = this.specification.compiler.test(expression, environment, 0, 'A part of a temporal formula');
    const atom = this.atoms.push({ test, step, stuttering }) - 1;
    entries.push({ environment, atom });
    return atom;
  }

  /** Atoms of a fairness condition: that <<A>>_v is enabled, and that a step is one. */
  fairnessAtoms(
    action: Expression,
    subscript: Expression,
    environment: Environment,
  ): { enabled: number; taken: number } {
    const angle: Expression = { kind: 'angle-action', action, subscript, span: action.span };
    // One pair of atoms for each action and subscript, however often the condition is met.
    let pairs = this.pairs.get(action);
    if (!pairs) this.pairs.set(action, (pairs = []));
    const pair = pairs.find((candidate) => candidate.environment === environment && candidate.subscript === subscript);
    if (pair) return pair;
    const enabled: Expression = {
      kind: 'operator',
      name: 'ENABLED',
      args: [angle],
      place: action.span,
      span: action.span,
    };
    const made = {
      environment,
      subscript,
      enabled: this.atom(enabled, environment, false, false),
      taken: this.atom(angle, environment, true, false),
    };
    pairs.push(made);
    return made;
  }

  private readonly pairs = new Map<
    Expression,
    { environment: Environment; subscript: Expression; enabled: number; taken: number }[]
  >();

  private fairness(
    action: Expression,
    subscript: Expression,
    environment: Environment,
    strong: boolean,
    positive: boolean,
  ): Ltl {
    const { enabled, taken } = this.fairnessAtoms(action, subscript, environment);
    if (positive) {
      const disabled = literal(enabled, false);
      return or(
        strong ? eventually(always(disabled)) : always(eventually(disabled)),
        always(eventually(literal(taken, true))),
      );
    }
    const possible = literal(enabled, true);
    return and(
      strong ? always(eventually(possible)) : eventually(always(possible)),
      eventually(always(literal(taken, false))),
    );
  }
}
