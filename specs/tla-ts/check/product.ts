// The product of the state graph and an automaton: nodes (state, automaton node), and the strongly connected components of
// parts of it. Nodes are numbered breadth-first, so the path to a node by its parents is a shortest one.
import type { Graph } from './graph.js';
import type { Automaton } from './ltl.js';
import type { StateStore } from './states.js';
import type { Atom } from './temporal.js';

/** The step of an edge that stutters. */
export const STUTTER = -1;

class IntList {
  private array = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.array.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.array);
      this.array = larger;
    }
    this.array[this.length++] = value;
  }

  at(i: number): number {
    return this.array[i];
  }
}

export class Product {
  private readonly states = new IntList();
  private readonly automatonNodes = new IntList();
  private readonly parents = new IntList();
  /** First edge of each node. */
  private readonly firsts = new IntList();
  private readonly targets = new IntList();
  private readonly steps = new IntList();

  constructor(
    property: Automaton,
    atoms: readonly Atom[],
    truth: readonly Uint8Array[],
    store: StateStore,
    graph: Graph,
  ) {
    const size = property.nodes.length;
    const numbers = new Map<number, number>();
    const stateLiterals = property.nodes.map((node) => node.literals.filter(({ atom }) => !atoms[atom].step));
    const stepLiterals = property.nodes.map((node) => node.literals.filter(({ atom }) => atoms[atom].step));
    const visit = (state: number, q: number, parent: number): number => {
      const name = state * size + q;
      const known = numbers.get(name);
      if (known !== undefined) return known;
      if (!stateLiterals[q].every(({ atom, positive }) => (truth[atom][state] === 1) === positive)) return -1;
      const node = this.states.length;
      numbers.set(name, node);
      this.states.push(state);
      this.automatonNodes.push(q);
      this.parents.push(parent);
      return node;
    };
    for (let state = 0; state < store.count && store.parent(state) < 0; state++) {
      for (const q of property.initial) visit(state, q, -1);
    }
    for (let node = 0; node < this.states.length; node++) {
      this.firsts.push(this.targets.length);
      const state = this.states.at(node);
      const q = this.automatonNodes.at(node);
      const follow = (target: number, step: number): void => {
        for (const { atom, positive } of stepLiterals[q]) {
          const value = step === STUTTER ? atoms[atom].stuttering : truth[atom][step] === 1;
          if (value !== positive) return;
        }
        for (const next of property.nodes[q].successors) {
          const to = visit(target, next, node);
          if (to < 0) continue;
          this.targets.push(to);
          this.steps.push(step);
        }
      };
      follow(state, STUTTER);
      for (let edge = graph.first(state); edge < graph.end(state); edge++) follow(graph.target(edge), edge);
    }
    this.firsts.push(this.targets.length);
  }

  get count(): number {
    return this.states.length;
  }

  state(node: number): number {
    return this.states.at(node);
  }

  automatonNode(node: number): number {
    return this.automatonNodes.at(node);
  }

  target(edge: number): number {
    return this.targets.at(edge);
  }

  /** The edge of the state graph, or STUTTER. */
  step(edge: number): number {
    return this.steps.at(edge);
  }

  edgesWithin(node: number, inside: ReadonlySet<number>): number[] {
    const result: number[] = [];
    for (let edge = this.firsts.at(node); edge < this.firsts.at(node + 1); edge++) {
      if (inside.has(this.targets.at(edge))) result.push(edge);
    }
    return result;
  }

  /** Strongly connected components of the subgraph of these nodes (Tarjan, without recursion). */
  *components(nodes: readonly number[]): Generator<number[]> {
    const n = this.count;
    const OUTSIDE = -2;
    const NEW = -1;
    const index = new Int32Array(n).fill(OUTSIDE);
    for (const node of nodes) index[node] = NEW;
    const low = new Int32Array(n);
    const onStack = new Uint8Array(n);
    const stack: number[] = [];
    const path: number[] = [];
    const edgeAt: number[] = [];
    let counter = 0;
    for (const root of nodes) {
      if (index[root] !== NEW) continue;
      path.push(root);
      edgeAt.push(this.firsts.at(root));
      index[root] = low[root] = counter++;
      stack.push(root);
      onStack[root] = 1;
      while (path.length > 0) {
        const node = path[path.length - 1];
        const edge = edgeAt[edgeAt.length - 1];
        if (edge < this.firsts.at(node + 1)) {
          edgeAt[edgeAt.length - 1]++;
          const next = this.targets.at(edge);
          if (index[next] === NEW) {
            path.push(next);
            edgeAt.push(this.firsts.at(next));
            index[next] = low[next] = counter++;
            stack.push(next);
            onStack[next] = 1;
          } else if (onStack[next] === 1 && index[next] < low[node]) low[node] = index[next];
          continue;
        }
        path.pop();
        edgeAt.pop();
        const parent = path[path.length - 1];
        if (parent !== undefined && low[node] < low[parent]) low[parent] = low[node];
        if (low[node] !== index[node]) continue;
        const component: number[] = [];
        let member: number;
        do {
          member = stack.pop() as number;
          onStack[member] = 0;
          component.push(member);
        } while (member !== node);
        yield component;
      }
    }
  }

  /** Nodes from an initial one to this one. */
  pathTo(node: number): number[] {
    const result: number[] = [];
    for (let at = node; at >= 0; at = this.parents.at(at)) result.push(at);
    return result.reverse();
  }

  /** Nodes after `from` on a shortest path to a goal: to a node, or over an edge. */
  pathWithin(
    from: number,
    inside: ReadonlySet<number>,
    goal: { readonly node: (node: number) => boolean } | { readonly edge: (from: number, edge: number) => boolean },
  ): number[] | undefined {
    const parents = new Map<number, number>([[from, -1]]);
    const unroll = (node: number): number[] => {
      const result: number[] = [];
      for (let at = node; at !== from; at = parents.get(at) as number) result.push(at);
      return result.reverse();
    };
    const queue = [from];
    for (const node of queue) {
      if ('node' in goal && goal.node(node)) return unroll(node);
      for (const edge of this.edgesWithin(node, inside)) {
        const next = this.targets.at(edge);
        if ('edge' in goal && goal.edge(node, edge)) return [...unroll(node), next];
        if (parents.has(next)) continue;
        parents.set(next, node);
        queue.push(next);
      }
    }
    return undefined;
  }
}
