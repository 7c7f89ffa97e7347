// Model-based tests: fast-check draws which actions a compiled specification takes, and something real takes them too.
//
// What can be done and how comes from the model's table of actions; a driver knows what each action is in reality, and
// compares after each.
import fc from 'fast-check';
import type { Action, AnyState, Step } from '../../../specs/tla-ts/runtime/index.js';
import { show } from '../../../specs/tla-ts/runtime/index.js';

/** The model's state as it changes. */
export interface Holder<State> {
  state: State;
}

export interface Driver<State extends AnyState, Constants, Real> {
  readonly actions: readonly Action<State, Constants>[];
  readonly constants: Constants;
  /** Does in reality what the model's step does. */
  perform(action: string, step: Step<State>, before: State, real: Real): void;
  /** Throws when model and reality differ. */
  compare(state: State, real: Real): void;
  /** Names of the actions that were taken: the witnesses. */
  readonly taken: Set<string>;
}

const describe = (step: Step<AnyState>): string =>
  Object.entries(step.parameters)
    .map(([name, value]) => `${name} = ${show(value)}`)
    .join(', ');

/** A command that takes one of the steps that are possible, of all actions but those left out. */
export function anyStep<State extends AnyState, Constants, Real>(
  driver: Driver<State, Constants, Real>,
  without: readonly string[],
): fc.Arbitrary<fc.Command<Holder<State>, Real>> {
  const steps = (state: State): { action: string; step: Step<State> }[] =>
    driver.actions
      .filter((action) => !without.includes(action.name))
      .flatMap((action) => [...action.next(state, driver.constants)].map((step) => ({ action: action.name, step })));
  return fc.nat().map((pick) => {
    let text = `step ${pick}`;
    return {
      check: ({ state }) => steps(state).length > 0,
      run: (holder, real) => {
        const possible = steps(holder.state);
        // An action with many parameters is not taken more often for that.
        const names = [...new Set(possible.map(({ action }) => action))];
        const ways = possible.filter(({ action }) => action === names[pick % names.length]);
        const { action, step } = ways[Math.floor(pick / names.length) % ways.length];
        text = `${action}(${describe(step)})`;
        driver.perform(action, step, holder.state, real);
        holder.state = step.state;
        driver.taken.add(action);
        driver.compare(holder.state, real);
      },
      toString: () => text,
    };
  });
}

/**
 * A command in which reality chooses and the model must have a step for it: what happens is one of the action's steps, the one whose
 * state `matches` what is seen afterwards.
 */
export function observedStep<State extends AnyState, Constants, Real, Choice>(
  driver: Driver<State, Constants, Real>,
  name: string,
  choices: fc.Arbitrary<Choice>,
  happen: (real: Real, choice: Choice) => void,
  matches: (state: State, real: Real) => boolean,
): fc.Arbitrary<fc.Command<Holder<State>, Real>> {
  const action = driver.actions.find((one) => one.name === name);
  if (!action) throw new Error(`the model has no action ${name}`);
  return choices.map((choice) => {
    let text = `${name}(?)`;
    return {
      check: ({ state }) => [...action.next(state, driver.constants)].length > 0,
      run: (holder, real) => {
        const possible = [...action.next(holder.state, driver.constants)];
        happen(real, choice);
        const found = possible.filter((step) => matches(step.state, real));
        if (found.length === 0) {
          throw new Error(`What ${name} left is none of the ${possible.length} states that the model allows.`);
        }
        text = `${name}(${describe(found[0])})`;
        holder.state = found[0].state;
        driver.taken.add(name);
        driver.compare(holder.state, real);
      },
      toString: () => text,
    };
  });
}
