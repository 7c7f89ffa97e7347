// What compiled code runs in: a current state, a next state that may be partly assigned, and the cells of bound variables.
import type { Host, OperatorValue } from '../semantics/builtin.js';
import { EvaluationError } from '../syntax/source.js';
import { ObjectValue, type Value } from '../values/value.js';

/** A variable's cell; `undefined` while the variable has no value yet. */
export type Cell = Value | undefined;

/** Computes a value. */
export type Run = (c: Context) => Value;
/** Computes a truth value. */
export type Test = (c: Context) => boolean;
/** Enumerates the ways to satisfy an action and calls what follows it for each; true: stop enumerating. */
export type Act = (c: Context) => boolean;

let serials = 0;

export class Context {
  /** Values of the variables now. */
  s: Cell[];
  /** Values of the variables in the next state, as far as they are assigned. */
  t: Cell[];
  /** How many variables of the state being made have no value yet. */
  unassigned = 0;
  /** Identifies the current state, so that what depends on nothing else is computed once; -1: nothing may be kept. */
  serial = -1;
  /** Cells of bound variables, parameters and LET definitions. Every piece of code has its own. */
  readonly f: (Value | OperatorValue | undefined)[] = [];
  /** Which part of the next-state relation is being followed. */
  label = 0;
  /** Intermediate states of A \\cdot B; they count as generated. */
  intermediate = 0;
  /** Depth of ENABLED, and the conditions that it could not evaluate yet. */
  enabled = 0;
  readonly deferred: Test[] = [];

  constructor(
    readonly variables: number,
    readonly host: Host,
  ) {
    this.s = new Array<Cell>(variables).fill(undefined);
    this.t = new Array<Cell>(variables).fill(undefined);
  }

  /** Makes a state the current one. */
  enter(state: Cell[]): void {
    this.s = state;
    this.serial = ++serials;
  }

  /** Empties the next state. */
  clearNext(): void {
    this.t.fill(undefined);
    this.unassigned = this.variables;
  }
}

/** A primed variable was asked for before it had a value. */
export class UnassignedError extends EvaluationError {}

/** An argument that could not be evaluated; the error counts only when the argument is used. */
export class FailedArgument extends ObjectValue {
  constructor(readonly error: EvaluationError) {
    super();
  }
}

export function runAll(runs: readonly Run[], c: Context): Value[] {
  const result = new Array<Value>(runs.length);
  for (let i = 0; i < runs.length; i++) result[i] = runs[i](c);
  return result;
}
