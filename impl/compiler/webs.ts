/**
 * Separates the unrelated uses of one variable: wasm producers give several values the same local, one after the other, and each such
 * value deserves a place of its own.
 *
 * A web is a set of assignments and the uses they reach, closed under "reaches the same use". Each variable has at the begin of a
 * block where it is live one node, each assignment makes one, and the node at the end of a block is the same web as that at the
 * begin of its successors.
 */

import {
  type Expression,
  type IrFunction,
  mapLeaves,
  mapTargets,
  mapTerminatorTrees,
  mapTrees,
  successors,
  type Variable,
  variable,
} from './ir.js';
import { analyseLiveness, required } from './liveness.js';

export function splitWebs(f: IrFunction): void {
  const { liveIn } = analyseLiveness(f);
  const parent: number[] = [];
  const node = (): number => parent.push(parent.length) - 1;
  const find = (n: number): number => {
    let at = n;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };

  const atBegin = f.blocks.map((block) => {
    const nodes = new Map<Variable, number>();
    required(liveIn, block).forEach((v) => void nodes.set(v, node()));
    return nodes;
  });
  const begins = new Map(f.blocks.map((block, i) => [block, atBegin[i]]));
  // What a parameter becomes is decided by the entry block; one that is not live keeps a number nobody uses.
  const params = f.params.map((v) => atBegin[0].get(v) ?? node());

  f.blocks.forEach((block, i) => {
    const current = new Map(atBegin[i]);
    const leaf = (e: Expression): Expression => {
      if (e.kind !== 'variable') return e;
      const n = current.get(e.variable);
      if (n === undefined) throw new Error(`${f.name}: a variable is read that is not live`);
      return variable(n);
    };
    const tree = (e: Expression): Expression => mapLeaves(e, leaf);
    for (const s of block.statements) {
      mapTrees(s, tree);
      mapTargets(s, (v) => {
        const n = node();
        current.set(v, n);
        return n;
      });
    }
    mapTerminatorTrees(block.end, tree);
    for (const next of successors(block.end)) {
      for (const [v, n] of begins.get(next) ?? []) {
        const here = current.get(v);
        if (here === undefined) throw new Error(`${f.name}: a variable is live that was never assigned`);
        parent[find(here)] = find(n);
      }
    }
  });

  const numbers = new Map<number, Variable>();
  const number = (n: number): Variable => {
    const root = find(n);
    const known = numbers.get(root);
    if (known !== undefined) return known;
    numbers.set(root, numbers.size);
    return numbers.size - 1;
  };
  const leaf = (e: Expression): Expression => (e.kind === 'variable' ? variable(number(e.variable)) : e);
  const tree = (e: Expression): Expression => mapLeaves(e, leaf);
  params.forEach((n, i) => {
    f.params[i] = number(n);
  });
  for (const block of f.blocks) {
    for (const s of block.statements) {
      mapTrees(s, tree);
      mapTargets(s, number);
    }
    mapTerminatorTrees(block.end, tree);
  }
  f.variables = numbers.size;
}
