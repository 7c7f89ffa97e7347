// Temporal properties on the whole graph of reachable states.
//
// The negation of each property is turned into an automaton (ltl.ts) and run along the graph, in which every state also has a
// stuttering step. The property is violated exactly when this product has a reachable strongly connected component that
// accepts and is fair: for WF it has a state where the action is disabled, or a step of it; for SF a step of it, or no state
// where it is enabled (else those states are taken out, and what remains is looked at again).
// The counterexample is a path to such a component and a loop inside it that visits everything that makes it fair.
import { type Cell, type Context, UnassignedError } from '../evaluate/context.js';
import { assert, EvaluationError } from '../syntax/source.js';
import { valueOfCode } from '../values/interning.js';
import type { Graph } from './graph.js';
import { type Automaton, automaton } from './ltl.js';
import { Product, STUTTER } from './product.js';
import type { Specification } from './specification.js';
import type { StateStore } from './states.js';
import { type Atom, TemporalTranslator } from './temporal.js';

export interface Lasso {
  readonly name: string;
  /** States before the loop. */
  readonly prefix: readonly number[];
  readonly loop: readonly number[];
}

/** Truth values of the atoms: of a state predicate for each state, of a step predicate for each edge. */
export type Truth = readonly Uint8Array[];

interface FairAtoms {
  readonly strong: boolean;
  readonly enabled: number;
  readonly taken: number;
}

export function checkTemporal(
  specification: Specification,
  store: StateStore,
  graph: Graph,
  c: Context,
): Lasso | undefined {
  const translator = new TemporalTranslator(specification);
  const properties = specification.temporal.map((formula) => ({
    name: formula.name,
    negation: translator.translate(formula, false),
  }));
  const fairness = specification.fairness.map((condition): FairAtoms => {
    const { enabled, taken } = translator.fairnessAtoms(
      condition.expression,
      condition.subscript,
      condition.environment,
    );
    return { strong: condition.strong, enabled, taken };
  });
  const truth = evaluateAtoms(translator.atoms, store, graph, c);
  for (const { name, negation } of properties) {
    const found = new Search(automaton(negation), translator.atoms, truth, fairness, store, graph).find();
    if (found) return { name, ...found };
  }
  return undefined;
}

function evaluateAtoms(atoms: readonly Atom[], store: StateStore, graph: Graph, c: Context): Truth {
  const truth = atoms.map((atom) => new Uint8Array(atom.step ? graph.edges : store.count));
  const states = atoms.flatMap((atom, i) => (atom.step ? [] : [{ test: atom.test, column: truth[i] }]));
  const steps = atoms.flatMap((atom, i) => (atom.step ? [{ test: atom.test, column: truth[i] }] : []));
  const width = store.width;
  const from = new Array<Cell>(width);
  const to = new Array<Cell>(width);
  for (let state = 0; state < store.count; state++) {
    for (let i = 0; i < width; i++) from[i] = valueOfCode(store.code(state, i));
    c.enter(from);
    for (const { test, column } of states) column[state] = holds(test, c) ? 1 : 0;
    if (steps.length === 0) continue;
    for (let edge = graph.first(state); edge < graph.end(state); edge++) {
      const target = graph.target(edge);
      for (let i = 0; i < width; i++) to[i] = valueOfCode(store.code(target, i));
      c.t = to;
      for (const { test, column } of steps) column[edge] = holds(test, c) ? 1 : 0;
    }
  }
  return truth;
}

function holds(test: (c: Context) => boolean, c: Context): boolean {
  try {
    return test(c);
  } catch (error) {
    if (error instanceof UnassignedError)
      throw new EvaluationError(`${error.message} A temporal formula evaluates it.`);
    throw error;
  }
}

/** What a loop must visit: a node, or an edge between nodes. */
type Goal = { readonly node: (node: number) => boolean } | { readonly edge: (from: number, edge: number) => boolean };

class Search {
  private readonly product: Product;

  constructor(
    private readonly property: Automaton,
    atoms: readonly Atom[],
    private readonly truth: Truth,
    private readonly fairness: readonly FairAtoms[],
    store: StateStore,
    graph: Graph,
  ) {
    this.product = new Product(property, atoms, truth, store, graph);
  }

  find(): { prefix: number[]; loop: number[] } | undefined {
    const everything = Array.from({ length: this.product.count }, (_, node) => node);
    const work: number[][] = [everything];
    for (let nodes = work.pop(); nodes; nodes = work.pop()) {
      for (const component of this.product.components(nodes)) {
        const verdict = this.judge(component);
        if (verdict === 'fair') return this.lasso(component);
        if (verdict !== 'unfair') work.push(verdict);
      }
    }
    return undefined;
  }

  private enabled(condition: FairAtoms, node: number): boolean {
    return this.truth[condition.enabled][this.product.state(node)] === 1;
  }

  private taken(condition: FairAtoms, edge: number): boolean {
    const step = this.product.step(edge);
    return step !== STUTTER && this.truth[condition.taken][step] === 1;
  }

  /** Fair, unfair whatever is taken out, or the nodes that are left when what strong fairness forbids is taken out. */
  private judge(component: readonly number[]): 'fair' | 'unfair' | number[] {
    const { product, property } = this;
    const inside = new Set(component);
    const edges = component.flatMap((node) => product.edgesWithin(node, inside));
    if (edges.length === 0) return 'unfair';
    for (let i = 0; i < property.untils; i++) {
      if (!component.some((node) => property.nodes[product.automatonNode(node)].accepts[i])) return 'unfair';
    }
    let left: readonly number[] = component;
    for (const condition of this.fairness) {
      if (edges.some((edge) => this.taken(condition, edge))) continue;
      if (!condition.strong) {
        if (component.every((node) => this.enabled(condition, node))) return 'unfair';
        continue;
      }
      left = left.filter((node) => !this.enabled(condition, node));
    }
    if (left.length === component.length) return 'fair';
    return left.length === 0 ? 'unfair' : left.slice();
  }

  private lasso(component: readonly number[]): { prefix: number[]; loop: number[] } {
    const { product, property } = this;
    const inside = new Set(component);
    const start = component.reduce((a, b) => Math.min(a, b));
    const goals: Goal[] = [];
    for (let i = 0; i < property.untils; i++) {
      goals.push({ node: (node) => property.nodes[product.automatonNode(node)].accepts[i] });
    }
    const edges = component.flatMap((node) => product.edgesWithin(node, inside));
    for (const condition of this.fairness) {
      const steps = edges.some((edge) => this.taken(condition, edge));
      const rests = component.some((node) => !this.enabled(condition, node));
      if (!condition.strong && rests) goals.push({ node: (node) => !this.enabled(condition, node) });
      else if (steps) goals.push({ edge: (_, edge) => this.taken(condition, edge) });
    }
    const loop: number[] = [];
    let at = start;
    for (const goal of goals) {
      // What the loop has visited already need not be visited again.
      if ('node' in goal && [start, ...loop].some(goal.node)) continue;
      const path = product.pathWithin(at, inside, goal);
      assert(path !== undefined, 'a strongly connected component reaches all of itself');
      loop.push(...path);
      at = loop.length > 0 ? loop[loop.length - 1] : at;
    }
    if (at !== start || loop.length === 0) {
      const back = product.pathWithin(at, inside, { edge: (_, edge) => product.target(edge) === start });
      assert(back !== undefined, 'a strongly connected component returns to where it began');
      loop.push(...back);
    }
    // The loop is listed from the node after its start, and ends at the start; list it from the start.
    loop.unshift(loop.pop() as number);
    const prefix = merged(product.pathTo(start).map((node) => product.state(node)));
    prefix.pop();
    const states = this.loopStates(loop);
    if (prefix.at(-1) === states[0]) prefix.pop();
    // A path that already runs along the loop enters it earlier.
    while (prefix.length > 0 && prefix.at(-1) === states.at(-1)) {
      prefix.pop();
      states.unshift(states.pop() as number);
    }
    return { prefix, loop: states };
  }

  private loopStates(loop: readonly number[]): number[] {
    const states = merged(loop.map((node) => this.product.state(node)));
    while (states.length > 1 && states[0] === states[states.length - 1]) states.pop();
    return states;
  }
}

/** Stuttering steps are not shown. */
function merged(states: readonly number[]): number[] {
  return states.filter((state, i) => i === 0 || state !== states[i - 1]);
}
