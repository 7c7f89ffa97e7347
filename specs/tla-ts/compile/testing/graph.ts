// Whether a compiled model has the state graph that the checker explores.
//
// The checker's part explores; at each state that is looked at both are asked for the steps of each action (once each, however
// many ways lead to it), and for the invariants that do not hold. If they agree in all states and in the initial states, the graphs are
// the same, by induction on the length of the way to a state.
import { readFileSync } from 'node:fs';
import { Specification } from '../../check/specification.js';
import { type Cell, Context } from '../../evaluate/context.js';
import type { AnyState, Model } from '../../runtime/model.js';
import type { Host } from '../../semantics/builtin.js';
import { ModuleLoader } from '../../semantics/loader.js';
import { parseConfig } from '../../syntax/config.js';
import { codeOf } from '../../values/interning.js';
import { show } from '../../values/print.js';
import type { Value } from '../../values/value.js';

const HOST: Host = {
  print: () => undefined,
  register: () => 0,
  setRegister: () => undefined,
};

export interface Comparison {
  /** Distinct states, and how many of them were looked at. */
  readonly states: number;
  readonly compared: number;
  /** Steps of the states that were looked at. */
  readonly steps: number;
  /** What differs, the first few; none if the graphs are the same where they were looked at. */
  readonly differences: readonly string[];
}

const DIFFERENCES_MAX = 5;

export function specificationOfFile(spec: string, config: string): Specification {
  return new Specification(ModuleLoader.fromFile(spec), parseConfig(readFileSync(config, 'utf8'), config), HOST);
}

export function specificationOfTexts(texts: { readonly module: string; readonly config: string }): Specification {
  const module = new ModuleLoader({}).fromText(texts.module, 'module.tla');
  return new Specification(module, parseConfig(texts.config, 'module.cfg'), HOST);
}

/** @param samples states to look at, spread evenly over the graph; all unless given */
export function compare(
  specification: Specification,
  model: Model<AnyState, unknown>,
  samples = Number.POSITIVE_INFINITY,
): Comparison {
  const { variables, constraints, actionConstraints, config } = specification;
  const { configured } = model;
  const c = new Context(variables.length, HOST);
  const side = new Context(variables.length, HOST);
  const text = (state: readonly Value[]): string => state.map(show).join(' | ');
  const textOf = (state: AnyState): string => text(variables.map((variable) => state[variable]));
  const differences: string[] = [];
  const expectSame = (what: string, wanted: ReadonlySet<string>, found: ReadonlySet<string>): void => {
    for (const one of wanted) if (!found.has(one)) differences.push(`${what}: the model lacks ${one}`);
    for (const one of found) if (!wanted.has(one)) differences.push(`${what}: only the model has ${one}`);
  };
  const enter = (from: readonly Value[], to: readonly Value[] = []): void => {
    side.enter(from as Cell[]);
    side.t = to as Cell[];
  };

  const states: (readonly Value[])[] = [];
  const known = new Set<string>();
  const add = (state: readonly Value[]): void => {
    enter(state);
    if (!constraints.every((test) => test(side))) return;
    const key = state.map(codeOf).join(' ');
    if (known.has(key)) return;
    known.add(key);
    states.push(state);
  };
  const initial: Value[][] = [];
  c.unassigned = variables.length;
  specification.initial((at) => {
    initial.push(at.s.slice() as Value[]);
    return false;
  })(c);
  initial.forEach(add);
  expectSame('initial states', new Set(initial.map(text)), new Set([...model.init(configured)].map(textOf)));

  let found: { readonly action: string; readonly state: readonly Value[] }[] = [];
  const { act, labels } = specification.successors((at) => {
    found.push({ action: labels[at.label].name, state: at.t.slice() as Value[] });
    return false;
  });
  const successors = (state: readonly Value[]): typeof found => {
    found = [];
    c.enter(state as Cell[]);
    c.clearNext();
    act(c);
    return found;
  };
  for (let i = 0; i < states.length; i++) {
    for (const step of successors(states[i])) {
      enter(states[i], step.state);
      if (actionConstraints.every((test) => test(side))) add(step.state);
    }
  }

  const invariants = specification.invariants.filter(({ name }) => config.invariants.some((one) => one.name === name));
  const every = Math.max(1, Math.ceil(states.length / samples));
  let compared = 0;
  let steps = 0;
  for (let i = 0; i < states.length && differences.length < DIFFERENCES_MAX; i += every) {
    const values = states[i];
    const state = Object.fromEntries(variables.map((variable, at) => [variable, values[at]]));
    const wanted = new Set(successors(values).map((step) => `${step.action} -> ${text(step.state)}`));
    const given = new Set<string>();
    for (const action of model.actions) {
      for (const step of action.next(state, configured)) given.add(`${action.name} -> ${textOf(step.state)}`);
    }
    expectSame(`from ${text(values)}`, wanted, given);
    enter(values);
    const broken = new Set(invariants.filter(({ test }) => !test(side)).map(({ name }) => name));
    const brokenHere = model.invariants.filter(({ holds }) => !holds(state, configured)).map(({ name }) => name);
    expectSame(`invariants violated in ${text(values)}`, broken, new Set(brokenHere));
    compared++;
    steps += wanted.size;
  }
  return { states: states.length, compared, steps, differences: differences.slice(0, DIFFERENCES_MAX) };
}
