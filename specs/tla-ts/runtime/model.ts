// The shape of a compiled specification, for programs that work with any of them: explorers, test drivers, validators.
import type { Value } from '../values/value.js';

/** The values of the variables, by name. */
export type AnyState = { readonly [variable: string]: Value };

/** One way to take an action. */
export interface Step<State> {
  /** The values that the next-state relation chose for the action's parameters, by name. */
  readonly parameters: Readonly<Record<string, Value>>;
  readonly state: State;
}

/** A named part of the next-state relation. */
export interface Action<State, Constants> {
  readonly name: string;
  /** The line of the specification that defines it. */
  readonly line: number;
  /** Every step of this action from a state; none where it is not enabled. */
  next(state: State, constants: Constants): Iterable<Step<State>>;
}

/** A named condition on states. */
export interface Predicate<State, Constants> {
  readonly name: string;
  holds(state: State, constants: Constants): boolean;
}

/** A named condition on steps. */
export interface StepPredicate<State, Constants> {
  readonly name: string;
  holds(state: State, constants: Constants, next: State): boolean;
}

export interface Model<State, Constants> {
  readonly name: string;
  readonly variables: readonly (keyof State & string)[];
  /** The constants as the configuration gives them. */
  readonly configured: Constants;
  init(constants: Constants): Iterable<State>;
  /** Together they are the next-state relation. */
  readonly actions: readonly Action<State, Constants>[];
  readonly invariants: readonly Predicate<State, Constants>[];
  /** States outside them are not explored further. */
  readonly constraints: readonly Predicate<State, Constants>[];
  readonly actionConstraints: readonly StepPredicate<State, Constants>[];
}

/** Whether an action (or part of one) can be taken: `ENABLED A`. */
export function enabled(steps: Iterable<unknown>): boolean {
  for (const _ of steps) return true;
  return false;
}
