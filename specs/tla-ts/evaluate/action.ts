// Init and Next as enumerations: every way to satisfy a formula, one after the other.
//
// The rule is TLC's, since its figures are the measure. The formula is followed from left to right. `x' = e` and `x' \in S`
// give x a value where it has none and test otherwise. As long as some variable has no value, \/ and \E branch, even where
// they only test; what \A says of each element is a conjunction; of P => A, IF and CASE the chosen side is followed; anything
// else is evaluated as a condition. When the next
// conjunct begins and all variables have values, the rest is a condition, and nothing branches any more.
// In an initial predicate the same holds for `x = e` and `x \in S`.
//
// Continuations are fixed at compile time: A /\ B is A followed by (B followed by what comes after).
import { setOf } from '../semantics/standard.js';
import type { DefinitionSymbol, Symbol as TlaSymbol } from '../semantics/symbols.js';
import type { Expression, ExpressionOf } from '../syntax/ast.js';
import { assert, EvaluationError, type Span } from '../syntax/source.js';
import { equal, type Value } from '../values/value.js';
import { bindBounds } from './bound-variables.js';
import type { Compiler } from './compiler.js';
import { type Act, type Cell, type Context, type Run, type Test, UnassignedError } from './context.js';
import type { Environment } from './environment.js';
import { forEachBound } from './loops.js';
import { RecursiveActions } from './recursive-action.js';

/** A part of the next-state relation with a name of its own, for traces and coverage. */
export interface ActionLabel {
  readonly name: string;
  readonly span: Span;
}

interface Following {
  readonly env: Environment;
  readonly depth: number;
  /** The definition around, while the formula above is nothing but \/, \E, LET and names; undefined below a conjunction. */
  readonly label: string | undefined;
}

export class ActionCompiler {
  readonly labels: ActionLabel[] = [];
  private readonly recursive: RecursiveActions;

  constructor(
    private readonly compiler: Compiler,
    /** `init` assigns the current state, `next` the next one. */
    private readonly mode: 'init' | 'next',
  ) {
    this.recursive = new RecursiveActions(compiler, (body, env, depth, after) =>
      this.follow(body, { env, depth, label: undefined }, after),
    );
  }

  /** @param name the formula's name; its parts are labelled by the definitions that they come from */
  action(e: Expression, env: Environment, after: Act, name?: string): Act {
    const { assigning } = this.compiler;
    this.compiler.assigning = this.mode === 'init';
    const act = this.follow(e, { env, depth: 0, label: name }, after);
    this.compiler.assigning = assigning;
    return act;
  }

  private follow(e: Expression, where: Following, after: Act): Act {
    const { env, depth } = where;
    switch (e.kind) {
      case 'or': {
        const branches = flatten(e).map((item) => this.follow(item, where, after));
        if (branches.length === 2) {
          const [a, b] = branches;
          return (c) => a(c) || b(c);
        }
        return (c) => {
          for (const branch of branches) if (branch(c)) return true;
          return false;
        };
      }
      case 'exists': {
        const inner = env.local();
        const bound = bindBounds(this.compiler, e.bounds, inner, env, depth);
        const loop = forEachBound(bound);
        const body = this.follow(e.body, { ...where, env: inner }, after);
        return (c) => loop(c, body);
      }
      case 'let': {
        const inner = env.local();
        const slots = this.compiler.letDefinitions(e, inner, depth);
        return emptying(slots, this.follow(e.body, { ...where, env: inner }, after));
      }
      case 'name':
      case 'operator': {
        const unfolded = this.definition(e, where, after);
        if (unfolded) return unfolded;
      }
    }
    if (where.label === undefined) return this.part(e, where, after);
    return this.labelled(where.label, e.span, this.part(e, { ...where, label: undefined }, after));
  }

  private labelled(name: string, span: Span, act: Act): Act {
    const label = this.labels.push({ name, span }) - 1;
    return (c) => {
      c.label = label;
      return act(c);
    };
  }

  /** Everything that does not hand its label on. */
  private part(e: Expression, where: Following, after: Act): Act {
    const { env, depth } = where;
    switch (e.kind) {
      case 'and':
        return this.conjunction(flatten(e), where, after);
      case 'forall':
        return this.each(e, where, after);
      case 'if': {
        const test = this.compiler.test(e.condition, env, depth, 'The condition of IF');
        const then = this.follow(e.then, where, after);
        const otherwise = this.follow(e.else, where, after);
        return (c) => (test(c) ? then(c) : otherwise(c));
      }
      case 'case': {
        const tests = e.arms.map((arm) => this.compiler.test(arm.guard, env, depth, 'A guard of CASE'));
        const acts = e.arms.map((arm) => this.follow(arm.value, where, after));
        const other = e.other && this.follow(e.other, where, after);
        return (c) => {
          for (let i = 0; i < tests.length; i++) if (tests[i](c)) return acts[i](c);
          if (other) return other(c);
          throw new EvaluationError('No guard of this CASE is TRUE, and it has no OTHER.').at(e.span);
        };
      }
      case 'box-action': {
        const act = this.follow(e.action, where, after);
        const same = this.unchanged(e.subscript, where, after);
        return (c) => act(c) || same(c);
      }
      case 'angle-action': {
        const { span } = e;
        const same: Expression = { kind: 'operator', name: 'UNCHANGED', args: [e.subscript], place: span, span };
        const changes: Expression = { kind: 'operator', name: '~', args: [same], place: span, span };
        return this.follow(e.action, where, this.condition(changes, where, after));
      }
      case 'operator':
        switch (e.name) {
          case '=':
            return this.assignment(e, where, after) ?? this.condition(e, where, after);
          case '\\in':
            return this.choice(e, where, after) ?? this.condition(e, where, after);
          case 'UNCHANGED':
            return this.unchanged(e.args[0], where, after);
          case '\\cdot':
            return this.composition(e, where, after);
          case '=>': {
            const test = this.compiler.test(e.args[0], env, depth, 'The left side of =>');
            const then = this.follow(e.args[1], where, after);
            return (c) => (test(c) ? then(c) : after(c));
          }
        }
    }
    return this.condition(e, where, after);
  }

  private condition(e: Expression, { env, depth }: Following, after: Act): Act {
    const test = this.compiler.test(e, env, depth, 'A part of an action');
    return (c) => {
      if (c.enabled === 0) return test(c) && after(c);
      return whenKnown(c, test, after);
    };
  }

  private conjunction(items: readonly Expression[], where: Following, after: Act): Act {
    let next = after;
    for (let i = items.length - 1; i > 0; i--) next = this.conjunct(items[i], where, next);
    return this.follow(items[0], where, next);
  }

  private conjunct(item: Expression, where: Following, after: Act): Act {
    const act = this.follow(item, where, after);
    let test: Test | undefined;
    return (c) => {
      if (c.unassigned > 0) return act(c);
      test ??= this.compiler.test(item, where.env, where.depth, 'A part of an action');
      return test(c) && after(c);
    };
  }

  /** \A x \in S : P is P for the first element /\ P for the second /\ ... */
  private each(e: ExpressionOf<'forall' | 'exists'>, where: Following, after: Act): Act {
    const inner = where.env.local();
    const bound = bindBounds(this.compiler, e.bounds, inner, where.env, where.depth);
    const within = { ...where, env: inner };
    const low = Math.min(...bound.cells);
    const work: { rows: Value[][]; at: number }[] = [];
    const body = this.follow(e.body, within, (c) => advance(c));
    const test = this.compiler.test(e.body, inner, where.depth, 'The body of \\A');
    const high = this.compiler.slotCount;
    const step = (c: Context): boolean => {
      const list = work[work.length - 1];
      if (list.at === list.rows.length) {
        // What follows may come here again with a list of its own.
        work.pop();
        const result = after(c);
        work.push(list);
        return result;
      }
      const row = list.rows[list.at++];
      row.forEach((value, i) => {
        c.f[bound.cells[i]] = value;
      });
      const result = c.unassigned === 0 ? test(c) && step(c) : body(c);
      list.at--;
      return result;
    };
    const advance = (c: Context): boolean => {
      const saved = c.f.slice(low, high);
      const result = step(c);
      for (let i = 0; i < saved.length; i++) c.f[low + i] = saved[i];
      return result;
    };
    const loop = forEachBound(bound);
    return (c) => {
      const rows: Value[][] = [];
      loop(c, () => {
        rows.push(bound.cells.map((cell) => c.f[cell] as Value));
        return false;
      });
      work.push({ rows, at: 0 });
      const result = step(c);
      work.pop();
      return result;
    };
  }

  /** The variable that `e` gives a value to in this mode, or -1. */
  private target(e: Expression, env: Environment): number {
    if (this.mode === 'init') return this.compiler.variableOf(e, env);
    if (e.kind === 'operator' && e.name === "'") return this.compiler.variableOf(e.args[0], env);
    const unfolded = this.compiler.unfold(e, env);
    return unfolded ? this.target(unfolded.expression, unfolded.environment) : -1;
  }

  private assignment(e: ExpressionOf<'operator'>, { env, depth }: Following, after: Act): Act | undefined {
    const i = this.target(e.args[0], env);
    if (i < 0) return undefined;
    const { run } = this.compiler.compile(e.args[1], env, depth);
    return this.assigning(i, run, after, e.span);
  }

  private assigning(i: number, run: Run, after: Act, span: Span): Act {
    const init = this.mode === 'init';
    return (c) => {
      const cells: Cell[] = init ? c.s : c.t;
      const value = run(c);
      const known = cells[i];
      if (known !== undefined) return same(known, value, span) && after(c);
      cells[i] = value;
      c.unassigned--;
      const result = after(c);
      cells[i] = undefined;
      c.unassigned++;
      return result;
    };
  }

  private choice(e: ExpressionOf<'operator'>, { env, depth }: Following, after: Act): Act | undefined {
    const i = this.target(e.args[0], env);
    if (i < 0) return undefined;
    const { run } = this.compiler.compile(e.args[1], env, depth);
    const init = this.mode === 'init';
    return (c) => {
      const cells: Cell[] = init ? c.s : c.t;
      const set = setOf(run(c), '\\in');
      const known = cells[i];
      if (known !== undefined) return set.contains(known) && after(c);
      c.unassigned--;
      let result = false;
      for (const value of set.elements()) {
        cells[i] = value;
        if ((result = after(c))) break;
      }
      cells[i] = undefined;
      c.unassigned++;
      return result;
    };
  }

  private unchanged(e: Expression, where: Following, after: Act): Act {
    const { env, depth } = where;
    const i = this.mode === 'next' ? this.compiler.variableOf(e, env) : -1;
    if (i >= 0) {
      const now = this.compiler.compile(e, env, depth);
      return this.assigning(i, now.run, after, e.span);
    }
    if (e.kind === 'tuple') {
      let next = after;
      for (const item of e.items.slice().reverse()) next = this.unchanged(item, where, next);
      return next;
    }
    const unfolded = this.compiler.unfold(e, env);
    if (unfolded) {
      return this.unchanged(unfolded.expression, { ...where, env: unfolded.environment }, after);
    }
    return this.condition(
      { kind: 'operator', name: 'UNCHANGED', args: [e], place: e.span, span: e.span },
      where,
      after,
    );
  }

  /** A \cdot B: a step of A to some state, then a step of B from there. */
  private composition(e: ExpressionOf<'operator'>, where: Following, after: Act): Act {
    const [first, second] = e.args;
    const n = (c: Context): Cell[] => new Array<Cell>(c.variables).fill(undefined);
    const outer: { s: Cell[]; t: Cell[]; unassigned: number; serial: number }[] = [];
    const finish: Act = (c) => {
      const made = c.t;
      const middle = c.s;
      const before = outer.pop();
      assert(before !== undefined, 'a composition ends after it began');
      if (c.unassigned > 0)
        throw new EvaluationError('The second action of \\cdot leaves variables without a value.').at(e.span);
      const { s, t, unassigned, serial } = before;
      const agrees = made.every((value, i) => t[i] === undefined || same(t[i] as Value, value as Value, e.span));
      const saved = { t: c.t, unassigned: c.unassigned, serial: c.serial };
      c.s = s;
      c.t = made;
      c.unassigned = 0;
      c.serial = serial;
      const result = agrees && after(c);
      c.s = middle;
      c.t = saved.t;
      c.unassigned = saved.unassigned;
      c.serial = saved.serial;
      outer.push({ s, t, unassigned, serial });
      return result;
    };
    const enterSecond = this.follow(second, { ...where, depth: where.depth + 1 }, finish);
    const between: Act = (c) => {
      if (c.unassigned > 0)
        throw new EvaluationError('The first action of \\cdot leaves variables without a value.').at(e.span);
      const { s, t, serial, unassigned } = c;
      if (c.enabled === 0) c.intermediate++;
      c.s = t;
      c.t = n(c);
      c.unassigned = c.variables;
      c.serial = -1;
      const result = enterSecond(c);
      c.s = s;
      c.t = t;
      c.serial = serial;
      c.unassigned = unassigned;
      return result;
    };
    const enterFirst = this.follow(first, where, between);
    return (c) => {
      outer.push({ s: c.s, t: c.t, unassigned: c.unassigned, serial: c.serial });
      const { t, unassigned } = c;
      c.t = n(c);
      c.unassigned = c.variables;
      const result = enterFirst(c);
      c.t = t;
      c.unassigned = unassigned;
      outer.pop();
      return result;
    };
  }

  /** Follows a name into its definition; undefined where it is better evaluated as a condition. */
  private definition(e: ExpressionOf<'name' | 'operator'>, where: Following, after: Act): Act | undefined {
    const { env, depth } = where;
    let symbol: TlaSymbol | undefined;
    let args: readonly Expression[];
    let target = env;
    if (e.kind === 'name') {
      if (!e.ref) return undefined;
      symbol = e.ref.target;
      args = e.ref.args;
      for (const step of e.ref.instances) target = this.compiler.enter(target, step.instance, step.args, env);
    } else {
      symbol = e.ref;
      args = e.args;
    }
    return symbol && this.symbol(symbol, args, target, where, after, depth);
  }

  private symbol(
    given: TlaSymbol,
    args: readonly Expression[],
    home: Environment,
    where: Following,
    after: Act,
    depth: number,
  ): Act | undefined {
    let symbol = given;
    let target = home;
    const override = this.compiler.overrideOf(symbol);
    if (override) {
      if ('value' in override) return undefined;
      symbol = override.symbol;
      target = this.compiler.root;
    }
    const binding = target.find(symbol);
    if (binding && binding.kind !== 'definition') {
      if (binding.kind === 'name')
        return this.follow(binding.expression, { ...where, env: binding.environment }, after);
      if (binding.kind === 'operator')
        return this.operatorArgument(binding.expression, binding.environment, args, where, after);
      // A LET definition or argument that is a state predicate branches like its text.
      if (binding.kind === 'lazy')
        return this.follow(binding.expression, { ...where, env: binding.environment }, after);
      return undefined;
    }
    if (symbol.kind !== 'definition' || !symbol.body) return undefined;
    const own = this.compiler.definitionEnvironment(symbol as DefinitionSymbol, target);
    if (symbol.recursive) {
      if (symbol.isFunction) return undefined;
      const act = this.recursive.call(symbol, args, where.env, own, depth, after);
      return where.label === undefined ? act : this.labelled(symbol.name, symbol.span, act);
    }
    const inner = own.local();
    const slots = this.compiler.bindArguments(symbol.params, args, where.env, inner, depth);
    const label = where.label === undefined ? undefined : symbol.name;
    return emptying(slots, this.follow(symbol.body, { env: inner, depth, label }, after));
  }

  private operatorArgument(
    operator: Expression,
    env: Environment,
    args: readonly Expression[],
    where: Following,
    after: Act,
  ): Act | undefined {
    if (operator.kind === 'lambda') {
      const inner = env.local();
      const params = operator.params.map((param) => param.symbol as TlaSymbol);
      const slots = this.compiler.bindArguments(params, args, where.env, inner, where.depth);
      return emptying(slots, this.follow(operator.body, { ...where, env: inner }, after));
    }
    if (operator.kind !== 'name' || !operator.ref) return undefined;
    let target = env;
    for (const step of operator.ref.instances) target = this.compiler.enter(target, step.instance, step.args, env);
    return this.symbol(operator.ref.target, args, target, where, after, where.depth);
  }
}

function flatten(e: ExpressionOf<'and' | 'or'>): Expression[] {
  return e.items.flatMap((item) => (item.kind === e.kind ? flatten(item as ExpressionOf<'and' | 'or'>) : [item]));
}

function emptying(slots: readonly number[], act: Act): Act {
  if (slots.length === 0) return act;
  return (c) => {
    for (const slot of slots) c.f[slot] = undefined;
    return act(c);
  };
}

function same(a: Value, b: Value, span: Span): boolean {
  try {
    return equal(a, b);
  } catch (error) {
    throw error instanceof EvaluationError ? error.at(span) : error;
  }
}

/**
 * Under ENABLED a condition may speak of a primed expression that is no variable (the abstract variable of a refinement
 * mapping). It is put off to the end; what cannot be computed even then is taken to be satisfiable.
 */
function whenKnown(c: Context, test: Test, after: Act): boolean {
  const { s, t, serial, unassigned } = c;
  let holds: boolean;
  try {
    holds = test(c);
  } catch (error) {
    if (!(error instanceof UnassignedError)) throw error;
    c.s = s;
    c.t = t;
    c.serial = serial;
    c.unassigned = unassigned;
    c.deferred.push(test);
    const result = after(c);
    c.deferred.pop();
    return result;
  }
  return holds && after(c);
}

/** ENABLED A: some next state satisfies A. */
export function compileEnabled(compiler: Compiler, action: Expression, env: Environment): Test {
  const act = new ActionCompiler(compiler, 'next').action(action, env, (c) => {
    const own = c.deferred.splice(0);
    const holds = own.every((test) => {
      try {
        return test(c);
      } catch (error) {
        if (error instanceof UnassignedError) return true;
        throw error;
      }
    });
    c.deferred.push(...own);
    return holds;
  });
  return (c) => {
    const { t, unassigned } = c;
    const deferred = c.deferred.splice(0);
    c.t = new Array<Cell>(c.variables).fill(undefined);
    c.unassigned = c.variables;
    c.enabled++;
    try {
      return act(c);
    } finally {
      c.enabled--;
      c.t = t;
      c.unassigned = unassigned;
      c.deferred.length = 0;
      c.deferred.push(...deferred);
    }
  };
}
