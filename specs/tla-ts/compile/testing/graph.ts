// State graphs as sets of texts, so that the checker's and a compiled model's can be compared: the states, and of each action
// the steps. A step is there once however many ways lead to it.
import { readFileSync } from 'node:fs';
import { Specification } from '../../check/specification.js';
import { type Cell, Context } from '../../evaluate/context.js';
import type { AnyState, Model } from '../../runtime/model.js';
import type { Host } from '../../semantics/builtin.js';
import { ModuleLoader } from '../../semantics/loader.js';
import { parseConfig } from '../../syntax/config.js';
import { show } from '../../values/print.js';
import type { Value } from '../../values/value.js';

export interface StateGraph {
  readonly initial: ReadonlySet<string>;
  /** States in the constraints, each with the names of the invariants that do not hold there. */
  readonly states: ReadonlyMap<string, string>;
  /** `Action: state -> state`; steps that lead out of the constraints included. */
  readonly steps: ReadonlySet<string>;
}

const HOST: Host = {
  print: () => undefined,
  register: () => 0,
  setRegister: () => undefined,
};

/** What one explorer of states has to tell; the states are rows of values. */
interface Source<State> {
  initial(): State[];
  next(state: State): { readonly action: string; readonly state: State }[];
  text(state: State): string;
  inside(state: State): boolean;
  stepInside(from: State, to: State): boolean;
  violated(state: State): string[];
}

function explore<State>(source: Source<State>): StateGraph {
  const states = new Map<string, string>();
  const steps = new Set<string>();
  const queue: State[] = [];
  const add = (state: State): void => {
    const text = source.text(state);
    if (states.has(text) || !source.inside(state)) return;
    states.set(text, source.violated(state).join(' '));
    queue.push(state);
  };
  const initial = source.initial();
  initial.forEach(add);
  for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
    for (const { action, state } of source.next(from)) {
      steps.add(`${action}: ${source.text(from)} -> ${source.text(state)}`);
      if (source.stepInside(from, state)) add(state);
    }
  }
  return { initial: new Set(initial.map((state) => source.text(state))), states, steps };
}

/** The graph that the checker explores. */
export function checkerGraph(spec: string, config: string): StateGraph {
  const module = ModuleLoader.fromFile(spec);
  return specificationGraph(new Specification(module, parseConfig(readFileSync(config, 'utf8'), config), HOST));
}

export function specificationGraph(specification: Specification): StateGraph {
  const n = specification.variables.length;
  const c = new Context(n, HOST);
  const side = new Context(n, HOST);
  let found: { action: string; state: Value[] }[] = [];
  const { act, labels } = specification.successors((at) => {
    found.push({ action: labels[at.label].name, state: at.t.slice() as Value[] });
    return false;
  });
  const enter = (from: readonly Value[], to?: readonly Value[]): void => {
    side.enter(from as Cell[]);
    side.t = (to ?? []) as Cell[];
  };
  return explore<readonly Value[]>({
    initial: () => {
      const states: Value[][] = [];
      c.s.fill(undefined);
      c.unassigned = n;
      c.serial = -1;
      specification.initial((at) => {
        states.push(at.s.slice() as Value[]);
        return false;
      })(c);
      return states;
    },
    next: (state) => {
      found = [];
      c.enter(state as Cell[]);
      c.clearNext();
      act(c);
      return found;
    },
    text: (state) => state.map(show).join(' | '),
    inside: (state) => {
      enter(state);
      return specification.constraints.every((test) => test(side));
    },
    stepInside: (from, to) => {
      enter(from, to);
      return specification.actionConstraints.every((test) => test(side));
    },
    violated: (state) => {
      enter(state);
      const wanted = specification.config.invariants.map((invariant) => invariant.name);
      return specification.invariants
        .filter(({ name, test }) => wanted.includes(name) && !test(side))
        .map(({ name }) => name);
    },
  });
}

/** The graph of a compiled model. */
export function modelGraph<State extends AnyState, Constants>(model: Model<State, Constants>): StateGraph {
  const { configured, variables } = model;
  return explore<State>({
    initial: () => [...model.init(configured)],
    next: (state) =>
      model.actions.flatMap((action) =>
        [...action.next(state, configured)].map((step) => ({ action: action.name, state: step.state })),
      ),
    text: (state) => variables.map((variable) => show(state[variable])).join(' | '),
    inside: (state) => model.constraints.every((constraint) => constraint.holds(state, configured)),
    stepInside: (from, to) => model.actionConstraints.every((constraint) => constraint.holds(from, configured, to)),
    violated: (state) => model.invariants.filter(({ holds }) => !holds(state, configured)).map(({ name }) => name),
  });
}
