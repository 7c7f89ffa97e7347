// A module and a configuration -> what is to be checked, compiled: initial predicate, next-state relation, invariants,
// constraints, step and temporal properties.
//
// A temporal formula is taken apart at its conjunctions, through definitions and instances: state predicates are about the
// first state, [][A]_v about every step, []P about every state, WF and SF are fairness; what is left needs the whole graph.

import { ActionCompiler, type ActionLabel, compileEnabled } from '../evaluate/action.js';
import { asTest } from '../evaluate/code.js';
import { Compiler, type Override } from '../evaluate/compiler.js';
import { type Act, Context, type Run, type Test } from '../evaluate/context.js';
import type { Environment } from '../evaluate/environment.js';
import type { Host } from '../semantics/builtin.js';
import { setOf } from '../semantics/standard.js';
import type { Module, Symbol as TlaSymbol } from '../semantics/symbols.js';
import type { Expression } from '../syntax/ast.js';
import type { Config, ConfigValue, Named } from '../syntax/config.js';
import { spellingHint } from '../syntax/hints.js';
import { describeSpan, type Span, SpecError } from '../syntax/source.js';
import { ModelValue, makeSet, StringValue, type Value } from '../values/value.js';

/** An expression with the meaning of its names. */
export interface Formula {
  readonly expression: Expression;
  readonly environment: Environment;
}

export interface NamedTest {
  readonly name: string;
  /** How messages call it: with the property that it is a part of. */
  readonly title: string;
  readonly test: Test;
}

export interface Fairness extends Formula {
  readonly strong: boolean;
  readonly subscript: Expression;
}

export interface TemporalProperty extends Formula {
  readonly name: string;
}

export class Specification {
  readonly compiler: Compiler;
  readonly variables: readonly string[];
  readonly invariants: NamedTest[] = [];
  readonly constraints: Test[] = [];
  readonly actionConstraints: Test[] = [];
  /** Parts of properties that the initial states must satisfy. */
  readonly impliedInits: NamedTest[] = [];
  /** Parts of properties that every step must satisfy. */
  readonly impliedActions: NamedTest[] = [];
  readonly fairness: Fairness[] = [];
  readonly temporal: TemporalProperty[] = [];
  readonly view: Run | undefined;
  readonly alias: Run | undefined;
  readonly symmetry: Run | undefined;
  readonly checkDeadlock: boolean;
  /** Conjuncts of the initial predicate and of the next-state relation. */
  readonly inits: Formula[] = [];
  readonly nexts: (Formula & { name: string })[] = [];
  /** What the configuration puts in the place of constants and definitions. */
  readonly overrides: ReadonlyMap<TlaSymbol, Override>;
  private readonly constantContext: Context;
  private readonly modelValues = new Map<string, ModelValue>();

  constructor(
    readonly module: Module,
    readonly config: Config,
    host: Host,
  ) {
    this.overrides = this.overridesOf();
    this.compiler = new Compiler(module.variables, this.overrides, compileEnabled);
    this.variables = module.variables.map((variable) => variable.name);
    this.constantContext = new Context(0, host);
    this.checkDeadlock = config.checkDeadlock;
    this.behaviour();
    for (const named of config.invariants)
      this.invariants.push({ name: named.name, title: named.name, test: this.test(named, 'invariant', 1) });
    for (const named of config.constraints) this.constraints.push(this.test(named, 'constraint', 1));
    for (const named of config.actionConstraints) this.actionConstraints.push(this.test(named, 'action constraint', 2));
    for (const named of config.properties) this.property(named);
    this.view = config.view && this.run(config.view, 'view');
    this.alias = config.alias && this.run(config.alias, 'alias');
    this.symmetry = config.symmetry && this.run(config.symmetry, 'symmetry set');
  }

  // ---------------------------------------------------------------------------------------------------- constants

  private overridesOf(): Map<TlaSymbol, Override> {
    const result = new Map<TlaSymbol, Override>();
    for (const assignment of this.config.constants) {
      if ('value' in assignment) {
        const symbol = this.module.names.get(assignment.name);
        if (!symbol) throw this.unknown(assignment, 'constant');
        result.set(symbol, { value: this.value(assignment.value) });
        continue;
      }
      const home =
        assignment.module === undefined ? this.module.names : this.moduleNames(assignment.module, assignment.span);
      const symbol = home.get(assignment.name);
      const replacement = this.module.names.get(assignment.replacement);
      if (!symbol) throw this.unknown(assignment, 'constant or definition');
      if (!replacement) throw this.unknown({ name: assignment.replacement, span: assignment.span }, 'definition');
      result.set(symbol, { symbol: replacement });
    }
    for (const constant of this.module.constants) {
      if (result.has(constant)) continue;
      throw new SpecError(
        'config',
        `The constant ${constant.name} has no value: add CONSTANT ${constant.name} = ... (or <- a definition) to the configuration.`,
        constant.span,
      );
    }
    return result;
  }

  /** The names of a module that the specification extends or instantiates; all symbols know the module they stand in. */
  private moduleNames(module: string, span: Span): Map<string, TlaSymbol> {
    const found = new Map<string, TlaSymbol>();
    for (const [name, symbol] of this.module.names) {
      if (symbol.span?.module === module) found.set(name, symbol);
      if (symbol.kind === 'instance' && symbol.module.name === module) {
        for (const [inner, value] of symbol.module.names) found.set(inner, value);
      }
      if (symbol.kind === 'import' && symbol.instance.module.name === module) found.set(name, symbol.target);
    }
    if (found.size === 0) throw new SpecError('config', `The specification has no module ${module}.`, span);
    return found;
  }

  private value(given: ConfigValue): Value {
    switch (given.kind) {
      case 'integer':
      case 'boolean':
        return given.value;
      case 'string':
        return StringValue.of(given.value);
      case 'set':
        return makeSet(given.items.map((item) => this.value(item)));
      case 'model': {
        let value = this.modelValues.get(given.name);
        if (!value) this.modelValues.set(given.name, (value = ModelValue.of(given.name, this.modelValues.size)));
        return value;
      }
    }
  }

  private unknown(named: Named, what: string): SpecError {
    // Of names that are equally near one of this specification is meant, rather than one of a standard module.
    const known = [...this.module.names];
    const own = known.filter(([, symbol]) => symbol.span?.module === this.module.name);
    const names = [...own, ...known].map(([name]) => name);
    return new SpecError(
      'config',
      `The ${what} ${named.name} of the configuration is not defined in module ${this.module.name}.${spellingHint(named.name, names)}`,
      named.span,
    );
  }

  // --------------------------------------------------------------------------------------------------- formulas

  /** The formula of a definition that the configuration names. */
  private formula(named: Named, what: string): Formula {
    const symbol = this.module.names.get(named.name);
    if (!symbol) throw this.unknown(named, what);
    if (symbol.kind !== 'definition' || !symbol.body) {
      if (symbol.kind === 'import') return { expression: nameOf(symbol, symbol.span), environment: this.compiler.root };
      throw new SpecError('config', `${named.name} is no formula, so it cannot be a ${what}.`, named.span);
    }
    if (symbol.params.length > 0)
      throw new SpecError('config', `${named.name} takes arguments, so it cannot be a ${what}.`, named.span);
    return { expression: nameOf(symbol, symbol.body.span), environment: this.compiler.root };
  }

  private test(named: Named, what: string, levelMax: number): Test {
    return this.tested(this.formula(named, what), `The ${what} ${named.name}`, levelMax);
  }

  /** @param levelMax 1 for what is asked about a state, 2 about a step */
  private tested({ expression, environment }: Formula, what: string, levelMax: number): Test {
    const code = this.compiler.compile(expression, environment);
    if (code.level > levelMax) {
      throw new SpecError(
        'config',
        `${what} is about one state, but it contains a prime. For a step write [][A]_v.`,
        expression.span,
      );
    }
    return asTest(code, expression.span, what);
  }

  private run(named: Named, what: string): Run {
    const { expression, environment } = this.formula(named, what);
    return this.compiler.compile(expression, environment).run;
  }

  private behaviour(): void {
    const { config } = this;
    if (config.specification) {
      if (config.init || config.next) {
        throw new SpecError(
          'config',
          'The configuration has a SPECIFICATION and an INIT or NEXT: give one or the other.',
          config.specification.span,
        );
      }
      const whole = this.formula(config.specification, 'specification');
      for (const part of this.parts(whole)) {
        switch (part.kind) {
          case 'init':
            this.inits.push(part);
            break;
          case 'step':
            this.nexts.push({ ...part, name: part.name ?? 'Next' });
            break;
          case 'fairness':
            this.fairness.push(part);
            break;
          default:
            throw new SpecError(
              'config',
              'This part of the specification is neither an initial predicate, nor [][Next]_v, nor a fairness condition.',
              part.expression.span,
            );
        }
      }
      if (this.nexts.length === 0 && this.module.variables.length > 0) {
        throw new SpecError(
          'config',
          `${config.specification.name} has no [][Next]_v, so there is nothing to explore.`,
          config.specification.span,
        );
      }
    } else {
      if (config.init) this.inits.push(this.formula(config.init, 'initial predicate'));
      if (config.next) {
        const symbol = this.module.names.get(config.next.name);
        if (symbol?.kind === 'definition' && symbol.level === 0) {
          throw new SpecError(
            'config',
            `${config.next.name} contains no variable, so it is no next-state relation.`,
            symbol.span,
          );
        }
        this.nexts.push({ ...this.formula(config.next, 'next-state relation'), name: config.next.name });
      }
      if (this.module.variables.length > 0 && (!config.init || !config.next)) {
        throw new SpecError('config', 'The configuration needs a SPECIFICATION, or both INIT and NEXT.');
      }
    }
  }

  /** Parts of a temporal formula that is a conjunction. */
  private *parts(formula: Formula): Generator<Part> {
    const { expression: e, environment } = formula;
    switch (e.kind) {
      case 'and':
        for (const item of e.items) yield* this.parts({ expression: item, environment });
        return;
      case 'fairness':
        yield {
          kind: 'fairness',
          expression: e.action,
          subscript: e.subscript,
          strong: e.strong,
          environment,
          whole: e,
        };
        return;
      case 'forall':
        if (this.isTemporal(formula)) {
          for (const inner of this.instances(e, environment))
            yield* this.parts({ expression: e.body, environment: inner });
          return;
        }
        break;
      case 'let':
        if (this.isTemporal(formula)) {
          const inner = environment.local();
          this.compiler.letDefinitions(e, inner, 0);
          yield* this.parts({ expression: e.body, environment: inner });
          return;
        }
        break;
      case 'name': {
        const opened = this.isTemporal(formula) ? this.open(formula) : undefined;
        if (opened) {
          yield* this.parts(opened);
          return;
        }
        break;
      }
      case 'operator':
        if (e.name === '[]') {
          const [inside] = e.args;
          if (inside.kind === 'box-action') {
            const { action, subscript } = inside;
            const name = action.kind === 'name' ? action.path[action.path.length - 1].name : undefined;
            yield { kind: 'step', expression: action, subscript, environment, whole: e, box: inside, name };
            return;
          }
          if (!this.isTemporal({ expression: inside, environment })) {
            yield { kind: 'always', expression: inside, environment, whole: e };
            return;
          }
        }
        break;
    }
    yield this.isTemporal(formula) ? { kind: 'other', ...formula, whole: e } : { kind: 'init', ...formula, whole: e };
  }

  /** Whether a formula is temporal: its truth depends on more than two states. */
  isTemporal({ expression: e, environment }: Formula): boolean {
    const inside = (expression: Expression): boolean => this.isTemporal({ expression, environment });
    switch (e.kind) {
      case 'fairness':
        return true;
      case 'and':
      case 'or':
        return e.items.some(inside);
      case 'forall':
      case 'exists':
      case 'let':
        return inside(e.body);
      case 'if':
        return inside(e.then) || inside(e.else);
      case 'case':
        return e.arms.some((arm) => inside(arm.value)) || (e.other !== undefined && inside(e.other));
      case 'operator':
        if (['[]', '<>', '~>', '-+->'].includes(e.name)) return true;
        return ['~', '=>', '<=>'].includes(e.name) && e.args.some(inside);
      case 'name': {
        const opened = this.open({ expression: e, environment });
        return opened !== undefined && this.isTemporal(opened);
      }
      default:
        return false;
    }
  }

  /** The text behind a name. */
  open({ expression: e, environment }: Formula): Formula | undefined {
    if (e.kind !== 'name' || !e.ref) return undefined;
    const unfolded = this.compiler.unfold(e, environment);
    if (unfolded) return unfolded;
    const { target, args, instances } = e.ref;
    if (target.kind !== 'definition' || target.recursive || !target.body) return undefined;
    let home = environment;
    for (const step of instances) home = this.compiler.enter(home, step.instance, step.args, environment);
    const inner = this.compiler.definitionEnvironment(target, home).local();
    target.params.forEach((param, i) => {
      inner.bind(param, { kind: param.arity > 0 ? 'operator' : 'name', expression: args[i], environment });
    });
    return { expression: target.body, environment: inner };
  }

  /** One environment for each value of the bound variables, whose sets must be constant. */
  *instances(e: Extract<Expression, { kind: 'forall' | 'exists' }>, environment: Environment): Generator<Environment> {
    let environments = [environment];
    for (const bound of e.bounds) {
      if (!bound.set || bound.tuple) {
        throw new SpecError(
          'config',
          'A quantifier over a temporal formula needs names that range over a set.',
          e.span,
        );
      }
      const code = this.compiler.compile(bound.set, environment);
      if (code.level > 0) {
        throw new SpecError('config', 'A quantifier over a temporal formula needs a constant set.', bound.set.span);
      }
      const elements = setOf(code.run(this.constantContext), 'A quantifier').elements();
      for (const name of bound.names) {
        environments = environments.flatMap((outer) =>
          elements.map((value) => {
            const inner = outer.local();
            inner.bind(name.symbol as TlaSymbol, { kind: 'value', value });
            return inner;
          }),
        );
      }
    }
    yield* environments;
  }

  // -------------------------------------------------------------------------------------------------- properties

  private property(named: Named): void {
    const whole = this.formula(named, 'property');
    const parts = [...this.parts(whole)];
    const alone = parts.length === 1;
    const rest: Part[] = [];
    for (const part of parts) {
      const place = `${describeSpan(part.whole.span)} of module ${part.whole.span.module}`;
      const name = alone ? named.name : place;
      const what = `The property ${name}`;
      const title = alone ? name : `${named.name}, in its part at ${place},`;
      switch (part.kind) {
        case 'init':
          this.impliedInits.push({ name, title, test: this.tested(part, what, 1) });
          break;
        case 'always':
          this.invariants.push({ name, title, test: this.tested(part, what, 1) });
          break;
        case 'step':
          this.impliedActions.push({
            name,
            title,
            test: this.tested({ expression: part.box, environment: part.environment }, what, 2),
          });
          break;
        default:
          rest.push(part);
      }
    }
    for (const part of rest)
      this.temporal.push({ name: named.name, expression: part.whole, environment: part.environment });
  }

  // ------------------------------------------------------------------------------------------------- enumerations

  /** Enumerates the initial states; each is complete in the context's current state when `found` is called. */
  initial(found: Act): Act {
    let act = found;
    for (const { expression, environment } of this.inits.slice().reverse()) {
      act = new ActionCompiler(this.compiler, 'init').action(expression, environment, act);
    }
    return act;
  }

  /** Enumerates the successors of the context's current state. */
  successors(found: Act): { readonly act: Act; readonly labels: readonly ActionLabel[] } {
    const actions = new ActionCompiler(this.compiler, 'next');
    let act = found;
    this.nexts
      .slice()
      .reverse()
      .forEach(({ expression, environment, name }, i) => {
        act = actions.action(expression, environment, act, i + 1 === this.nexts.length ? name : undefined);
      });
    return { act: this.nexts.length === 0 ? () => false : act, labels: actions.labels };
  }

  /** Assumptions in their order, each with the place that names it. */
  assumptions(): { readonly place: string; readonly test: Test; readonly span: Span }[] {
    return this.module.assumptions.map(({ body }) => ({
      place: describeSpan(body.span),
      span: body.span,
      test: this.compiler.test(body, this.compiler.root, 0, 'An assumption'),
    }));
  }
}

type Part = Formula & { readonly whole: Expression } & (
    | { readonly kind: 'init' | 'always' | 'other' }
    | {
        readonly kind: 'step';
        readonly subscript: Expression;
        readonly box: Expression;
        readonly name: string | undefined;
      }
    | { readonly kind: 'fairness'; readonly subscript: Expression; readonly strong: boolean }
  );

/** A name that stands for a symbol of the module. */
function nameOf(symbol: TlaSymbol, span: Span): Expression {
  if (symbol.kind === 'import') {
    const inner = nameOf(symbol.target, span);
    const ref = inner.kind === 'name' ? inner.ref : undefined;
    const instances = [{ instance: symbol.instance, args: [] }, ...(ref?.instances ?? [])];
    return {
      kind: 'name',
      path: [{ name: symbol.name, args: [], span }],
      span,
      ref: { instances, target: ref?.target ?? symbol.target, args: [] },
    };
  }
  return {
    kind: 'name',
    path: [{ name: symbol.name, args: [], span }],
    span,
    ref: { instances: [], target: symbol, args: [] },
  };
}
