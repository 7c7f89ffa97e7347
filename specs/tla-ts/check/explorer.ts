// Breadth-first exploration of the reachable states.
//
// For each successor, in this order: constraints decide whether it belongs to the model; if it does it is looked up, and
// stored when new; invariants are checked on new states and on states outside the model; step properties on every step.
// The first violation ends the run; the order of exploration makes its trace a shortest one.

import type { ActionLabel } from '../evaluate/action.js';
import { type Act, type Cell, Context } from '../evaluate/context.js';
import type { Host } from '../semantics/builtin.js';
import { assert, describeSpan, EvaluationError } from '../syntax/source.js';
import { codeOf, internedBytes, internedCount, valueOfCode } from '../values/interning.js';
import { show } from '../values/print.js';
import type { Value } from '../values/value.js';
import { Graph } from './graph.js';
import { checkTemporal } from './liveness.js';
import { type CheckResult, type Coverage, EXIT_CODES, type TraceState, type Verdict } from './result.js';
import type { Specification } from './specification.js';
import { StateStore } from './states.js';
import { Symmetry } from './symmetry.js';

export interface ExploreOptions {
  /** Stop when the stored states and values need more than this many bytes. */
  readonly maxBytes?: number;
  /** Stop when there are more distinct states than this. */
  readonly maxStates?: number;
  /** Called now and then on long runs. */
  readonly progress?: (progress: Progress) => void;
}

export interface Progress {
  readonly generated: number;
  readonly distinct: number;
  readonly queue: number;
  readonly depth: number;
  readonly seconds: number;
}

interface Outcome {
  readonly result: Verdict;
  readonly exitCode?: number;
  readonly violatedName?: string;
  readonly message: string;
  readonly error?: EvaluationError;
  readonly trace?: readonly TraceState[];
  readonly loopTo?: number;
}

const PROGRESS_MS = 5000;
/** States between two looks at the clock and the memory. */
const CHECK_EVERY = 1024;

export class Explorer {
  private readonly store: StateStore;
  private readonly graph: Graph | undefined;
  private readonly symmetry: Symmetry | undefined;
  private readonly main: Context;
  /** Evaluates constraints and properties of a state without disturbing the enumeration. */
  private readonly side: Context;
  private readonly row: Int32Array;
  private readonly key: Int32Array;
  private readonly values: Cell[];
  /** Codes of the states of a trace. */
  private readonly rows = new WeakMap<TraceState, Int32Array>();
  private labels: readonly ActionLabel[] = [];
  private labelGenerated: number[] = [];
  private labelDistinct: number[] = [];
  private generated = 0;
  private initGenerated = 0;
  private initDistinct = 0;
  private depth = 0;
  private current = -1;
  private successors = 0;
  private outcome: Outcome | undefined;
  private readonly started = performance.now();

  constructor(
    private readonly specification: Specification,
    private readonly options: ExploreOptions,
    host: Host,
  ) {
    const n = specification.variables.length;
    this.main = new Context(n, host);
    this.side = new Context(n, host);
    this.row = new Int32Array(n);
    this.values = new Array<Cell>(n).fill(undefined);
    this.symmetry = specification.symmetry && new Symmetry(specification.symmetry(this.side));
    const keyWidth = specification.view ? 1 : n;
    const ownKeys = specification.view !== undefined || this.symmetry !== undefined;
    this.key = ownKeys ? new Int32Array(keyWidth) : this.row;
    this.store = new StateStore(n, keyWidth, ownKeys);
    this.graph = specification.temporal.length > 0 ? new Graph() : undefined;
  }

  run(): CheckResult {
    this.outcome = this.assumptions();
    if (!this.outcome && this.specification.variables.length > 0) {
      this.initial();
      if (!this.outcome) this.expandAll();
      if (!this.outcome && this.graph) this.outcome = this.liveness(this.graph);
    }
    return this.report();
  }

  private get seconds(): number {
    return (performance.now() - this.started) / 1000;
  }

  // -------------------------------------------------------------------------------------------------- phases

  private assumptions(): Outcome | undefined {
    for (const { place, test, span } of this.specification.assumptions()) {
      const name = `${place} of module ${span.module}`;
      try {
        if (!test(this.side))
          return { result: 'assumption', violatedName: place, message: `The assumption at ${name} is FALSE.` };
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        if (error.kind === 'assert') return { result: 'assert', message: error.message, error };
        return {
          result: 'assumption',
          violatedName: place,
          message: `The assumption at ${name} cannot be evaluated: ${error.message}`,
          error,
        };
      }
    }
    return undefined;
  }

  private initial(): void {
    const c = this.main;
    c.s.fill(undefined);
    c.unassigned = c.variables;
    c.serial = -1;
    const enumerate = this.specification.initial((found) => this.foundInitial(found));
    try {
      enumerate(c);
    } catch (error) {
      this.evaluationFailed(error, [], 'while the initial states were computed');
    }
    this.initGenerated = this.generated;
    this.initDistinct = this.store.count;
    if (this.generated > 0 && this.depth === 0) this.depth = 1;
  }

  private expandAll(): void {
    const { store, main: c } = this;
    const { act, labels } = this.specification.successors((found) => this.foundSuccessor(found));
    this.labels = labels;
    this.labelGenerated = labels.map(() => 0);
    this.labelDistinct = labels.map(() => 0);
    const state = new Array<Cell>(c.variables);
    let reported = performance.now();
    for (this.current = 0; this.current < store.count; this.current++) {
      if (this.current % CHECK_EVERY === 0) {
        if (this.limits()) return;
        if (performance.now() - reported > PROGRESS_MS) {
          reported = performance.now();
          this.options.progress?.({
            generated: this.generated,
            distinct: store.count,
            queue: store.count - this.current,
            depth: this.depth,
            seconds: this.seconds,
          });
        }
      }
      for (let i = 0; i < state.length; i++) state[i] = valueOfCode(store.code(this.current, i));
      c.enter(state);
      c.clearNext();
      this.successors = 0;
      this.graph?.open(this.current);
      const stopped = this.expand(act);
      this.generated += c.intermediate;
      c.intermediate = 0;
      if (stopped) return;
      if (this.successors === 0 && this.specification.checkDeadlock) {
        this.outcome = {
          result: 'deadlock',
          violatedName: 'Deadlock',
          message:
            'Deadlock reached: this state has no successor, since no action is possible in it. ' +
            'If behaviours may end, the configuration says CHECK_DEADLOCK FALSE.',
          trace: this.trace(this.current),
        };
        return;
      }
    }
    this.graph?.close(store.count);
  }

  private expand(act: Act): boolean {
    try {
      return act(this.main);
    } catch (error) {
      this.evaluationFailed(error, this.trace(this.current), 'while the next states were computed');
      return true;
    }
  }

  private limits(): boolean {
    const { maxBytes, maxStates } = this.options;
    const { count } = this.store;
    if (maxStates !== undefined && count > maxStates) {
      this.outcome = {
        result: 'limit',
        message: `Stopped: ${count} distinct states are more than the limit of ${maxStates}.`,
      };
      return true;
    }
    if (maxBytes === undefined || this.current % (CHECK_EVERY * 8) !== 0) return false;
    const bytes = this.bytes;
    if (bytes <= maxBytes) return false;
    const mega = (n: number): string => `${Math.ceil(n / 2 ** 20)} MB`;
    this.outcome = {
      result: 'limit',
      message: `Stopped: ${count} distinct states and their values need ${mega(bytes)}, the limit is ${mega(maxBytes)}. Use smaller constants, a CONSTRAINT or SYMMETRY, or a larger limit.`,
    };
    return true;
  }

  private get bytes(): number {
    return this.store.bytes + internedBytes() + (this.graph?.bytes ?? 0);
  }

  // --------------------------------------------------------------------------------------------------- states

  private foundInitial(c: Context): boolean {
    this.generated++;
    if (c.unassigned > 0) {
      const names = this.missing(c.s);
      throw new EvaluationError(
        `The initial predicate gives no value to ${names}. Each variable needs a v = ... or v \\in ...`,
      );
    }
    for (let i = 0; i < this.row.length; i++) this.row[i] = codeOf(c.s[i] as Value);
    this.enterSide();
    const trace = (): TraceState[] => [this.show(this.row, undefined)];
    let isNew = true;
    if (this.holdsAll(this.specification.constraints)) {
      const state = this.store.add(this.row, this.keyOf(), -1, -1);
      isNew = state < 0;
      if (isNew) this.depth = Math.max(this.depth, 1);
    }
    if (isNew && this.violatesInvariant(trace)) return true;
    for (const { name, title, test } of this.specification.impliedInits) {
      if (this.evaluate(test, trace, name)) continue;
      this.outcome ??= {
        result: 'action-property',
        violatedName: name,
        message: `The property ${title} is violated by an initial state.`,
        trace: trace(),
      };
      return true;
    }
    return this.outcome !== undefined;
  }

  private foundSuccessor(c: Context): boolean {
    this.generated++;
    this.successors++;
    this.labelGenerated[c.label]++;
    const { row, store } = this;
    if (c.unassigned > 0) {
      const action = this.labels[c.label]?.name ?? 'Next';
      this.outcome = {
        result: 'eval-error',
        message: `The action ${action} leaves ${this.missing(c.t)} without a value in the next state. Each variable needs a v' = ..., a v' \\in ... or an UNCHANGED v.`,
        trace: [...this.trace(this.current), this.incomplete(c)],
      };
      return true;
    }
    for (let i = 0; i < row.length; i++) row[i] = codeOf(c.t[i] as Value);
    const { constraints, actionConstraints, impliedActions, invariants } = this.specification;
    let entered = false;
    let inModel = true;
    if (constraints.length > 0) {
      this.enterSide();
      entered = true;
      inModel = this.holdsAll(constraints);
    }
    if (inModel && actionConstraints.length > 0) {
      this.enterStep(c);
      entered = false;
      inModel = this.holdsAll(actionConstraints);
    }
    let isNew = true;
    if (inModel) {
      let state = store.add(row, this.keyOf(), this.current, c.label);
      isNew = state < 0;
      if (isNew) {
        state = ~state;
        this.labelDistinct[c.label]++;
        const depth = store.depth(state);
        if (depth > this.depth) this.depth = depth;
      }
      this.graph?.add(state);
    }
    const trace = (): TraceState[] => [...this.trace(this.current), this.show(row, c.label)];
    if (isNew && invariants.length > 0) {
      if (!entered) this.enterSide();
      if (this.violatesInvariant(trace)) return true;
    }
    if (impliedActions.length > 0) {
      this.enterStep(c);
      for (const { name, title, test } of impliedActions) {
        if (this.evaluate(test, trace, name)) continue;
        this.outcome ??= {
          result: 'action-property',
          violatedName: name,
          message: `The step property ${title} is violated by the last step.`,
          trace: trace(),
        };
        return true;
      }
    }
    return this.outcome !== undefined;
  }

  private keyOf(): Int32Array {
    const { view } = this.specification;
    if (view) {
      this.enterSide();
      this.key[0] = codeOf(view(this.side));
      if (this.symmetry) this.symmetry.least(this.key.slice(), this.key);
    } else if (this.symmetry) this.symmetry.least(this.row, this.key);
    return this.key;
  }

  /** Makes the state in `row` the current one of the side context. */
  private enterSide(): void {
    for (let i = 0; i < this.row.length; i++) this.values[i] = valueOfCode(this.row[i]);
    this.side.enter(this.values);
  }

  /** Makes the step from the state being expanded to the one in `row` that of the side context. */
  private enterStep(c: Context): void {
    for (let i = 0; i < this.row.length; i++) this.values[i] = valueOfCode(this.row[i]);
    this.side.enter(c.s);
    this.side.t = this.values;
  }

  private holdsAll(tests: readonly ((c: Context) => boolean)[]): boolean {
    for (const test of tests) if (!test(this.side)) return false;
    return true;
  }

  private violatesInvariant(trace: () => TraceState[]): boolean {
    for (const { name, title, test } of this.specification.invariants) {
      if (this.evaluate(test, trace, name)) continue;
      this.outcome ??= {
        result: 'invariant',
        violatedName: name,
        message: `The invariant ${title} is violated.`,
        trace: trace(),
      };
      return true;
    }
    return false;
  }

  /** Evaluates a property; an error in it is an outcome of its own. */
  private evaluate(test: (c: Context) => boolean, trace: () => TraceState[], name: string): boolean {
    try {
      return test(this.side);
    } catch (error) {
      this.evaluationFailed(error, trace(), `while ${name} was evaluated`, 76);
      return false;
    }
  }

  private evaluationFailed(error: unknown, trace: readonly TraceState[], when: string, exitCode?: number): void {
    if (error instanceof RangeError) {
      const text = 'The evaluation is nested too deeply: a recursion has no end, or its arguments are too large.';
      this.outcome = { result: 'eval-error', exitCode, message: `${text} (${when})`, trace };
      return;
    }
    if (!(error instanceof EvaluationError)) throw error;
    const result = error.kind === 'assert' ? 'assert' : 'eval-error';
    this.outcome = {
      result,
      exitCode: result === 'eval-error' ? exitCode : undefined,
      message: `${error.message} (${when})`,
      error,
      trace,
    };
  }

  private liveness(graph: Graph): Outcome | undefined {
    const { specification, store } = this;
    try {
      const found = checkTemporal(specification, store, graph, this.side);
      if (!found) return undefined;
      const { name, prefix, loop } = found;
      const rows = [...prefix, ...loop];
      const trace = rows.map((state, i) =>
        this.showStored(state, i === 0 ? undefined : this.stepLabel(rows[i - 1], state)),
      );
      const stutters = loop.length === 1;
      return {
        result: 'liveness',
        violatedName: name,
        message: `The temporal property ${name} is violated: ${stutters ? 'nothing but stuttering follows the last state' : 'the trace ends in a loop'}.`,
        trace,
        loopTo: prefix.length + 1,
      };
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      return {
        result: 'eval-error',
        exitCode: 77,
        message: `${error.message} (while temporal properties were checked)`,
        error,
      };
    }
  }

  // ----------------------------------------------------------------------------------------------- reporting

  private missing(cells: readonly Cell[]): string {
    return this.specification.variables.filter((_, i) => cells[i] === undefined).join(', ');
  }

  private incomplete(c: Context): TraceState {
    const values = Object.fromEntries(
      this.specification.variables.map((name, i) => {
        const value = c.t[i];
        return [name, value === undefined ? null : show(value)];
      }),
    );
    const label = this.labels[c.label];
    return { action: label?.name, span: label?.span, values, alias: undefined };
  }

  private show(row: Int32Array, label: number | undefined): TraceState {
    const entry = label === undefined || label < 0 ? undefined : this.labels[label];
    const values = Object.fromEntries(this.specification.variables.map((name, i) => [name, show(valueOfCode(row[i]))]));
    const state: TraceState = { action: entry?.name, span: entry?.span, values, alias: undefined };
    this.rows.set(state, row.slice());
    return state;
  }

  /** Evaluates the ALIAS in every state of a trace; the last one is its own successor. */
  private aliased(trace: readonly TraceState[]): readonly TraceState[] {
    const { alias } = this.specification;
    if (!alias) return trace;
    const cells = trace.map((state) => [...(this.rows.get(state) ?? [])].map(valueOfCode));
    return trace.map((state, i) => {
      if (cells[i].length === 0) return state;
      this.side.enter(cells[i]);
      this.side.t = cells[i + 1] ?? cells[i];
      try {
        return { ...state, alias: show(alias(this.side)) };
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        return { ...state, alias: `the ALIAS cannot be evaluated: ${error.message}` };
      }
    });
  }

  private rowOf(state: number): Int32Array {
    return Int32Array.from({ length: this.row.length }, (_, i) => this.store.code(state, i));
  }

  private showStored(state: number, label: number | undefined): TraceState {
    return this.show(this.rowOf(state), label);
  }

  /** The label of a step is kept for the step that first reached a state. */
  private stepLabel(from: number, to: number): number | undefined {
    return this.store.parent(to) === from ? this.store.label(to) : undefined;
  }

  private trace(state: number): TraceState[] {
    return this.store.path(state).map((at) => this.showStored(at, this.store.label(at)));
  }

  private coverage(): Coverage[] {
    return this.labels.map(({ name, span }, i) => ({
      action: name,
      line: span.line,
      column: span.column,
      generated: this.labelGenerated[i],
      distinct: this.labelDistinct[i],
    }));
  }

  private report(): CheckResult {
    const { outcome, store } = this;
    const result = outcome?.result ?? 'ok';
    const trace = this.aliased(outcome?.trace ?? []);
    const span = outcome?.error?.span;
    assert(result !== 'ok' || internedCount() > 0, 'values are interned');
    const place = span && result !== 'assumption' ? ` at ${span.file}: ${describeSpan(span)}` : '';
    return {
      result,
      exitCode: outcome?.exitCode ?? EXIT_CODES[result],
      generated: this.generated,
      distinct: store.count,
      depth: this.depth,
      initGenerated: this.initGenerated,
      initDistinct: this.initDistinct,
      traceLength: trace.length > 0 ? trace.length : null,
      violatedName: outcome?.violatedName ?? null,
      errorLine: span?.line ?? null,
      errorColumn: span?.column ?? null,
      message: outcome ? outcome.message + place : null,
      trace,
      loopTo: outcome?.loopTo ?? null,
      coverage: this.coverage(),
      seconds: this.seconds,
      bytesPerState: store.count > 0 ? Math.round(this.bytes / store.count) : null,
    };
  }
}
