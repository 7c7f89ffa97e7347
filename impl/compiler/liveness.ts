/**
 * Which variables' values are still wanted where: backward data flow over the blocks, sets as bits.
 *
 * live-in(block) = used before assigned + (live-out - assigned); live-out = union of the successors' live-in.
 */

import {
  type Block,
  type Expression,
  forEachVariable,
  type IrFunction,
  readsMemory,
  type Statement,
  statementTargets,
  statementTrees,
  successors,
  terminatorTrees,
  type Variable,
} from './ir.js';

export class BitSet {
  readonly words: Uint32Array;

  constructor(readonly size: number) {
    this.words = new Uint32Array((size + 31) >>> 5);
  }

  has(i: number): boolean {
    return (this.words[i >>> 5] & (1 << (i & 31))) !== 0;
  }

  add(i: number): void {
    this.words[i >>> 5] |= 1 << (i & 31);
  }

  delete(i: number): void {
    this.words[i >>> 5] &= ~(1 << (i & 31));
  }

  copyFrom(other: BitSet): void {
    this.words.set(other.words);
  }

  unite(other: BitSet): void {
    const { words } = this;
    for (let i = 0; i < words.length; i++) words[i] |= other.words[i];
  }

  forEach(visit: (i: number) => void): void {
    const { words } = this;
    for (let w = 0; w < words.length; w++) {
      for (let bits = words[w]; bits !== 0; bits &= bits - 1) visit(w * 32 + 31 - Math.clz32(bits & -bits));
    }
  }
}

export interface Liveness {
  readonly liveIn: ReadonlyMap<Block, BitSet>;
  readonly liveOut: ReadonlyMap<Block, BitSet>;
}

function addAll(trees: readonly Expression[], set: BitSet): void {
  for (const e of trees) forEachVariable(e, (v) => set.add(v));
}

/** Turns the set of variables live after a statement into that before it. */
export function stepBackward(s: Statement, live: BitSet): void {
  for (const v of statementTargets(s)) live.delete(v);
  addAll(statementTrees(s), live);
}

export function terminatorUses(block: Block, live: BitSet): void {
  addAll(terminatorTrees(block.end), live);
}

export function analyseLiveness(f: IrFunction): Liveness {
  const n = f.variables;
  const liveIn = new Map<Block, BitSet>();
  const liveOut = new Map<Block, BitSet>();
  const used = new Map<Block, BitSet>();
  const assigned = new Map<Block, BitSet>();
  for (const block of f.blocks) {
    const uses = new BitSet(n);
    const kills = new BitSet(n);
    terminatorUses(block, uses);
    for (let i = block.statements.length - 1; i >= 0; i--) {
      const s = block.statements[i];
      for (const v of statementTargets(s)) kills.add(v);
      stepBackward(s, uses);
    }
    used.set(block, uses);
    assigned.set(block, kills);
    liveIn.set(block, new BitSet(n));
    liveOut.set(block, new BitSet(n));
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = f.blocks.length - 1; i >= 0; i--) {
      const block = f.blocks[i];
      const out = required(liveOut, block);
      for (const next of successors(block.end)) out.unite(required(liveIn, next));
      const before = required(liveIn, block).words;
      const uses = required(used, block).words;
      const kills = required(assigned, block).words;
      for (let w = 0; w < before.length; w++) {
        const value = (uses[w] | (out.words[w] & ~kills[w])) >>> 0;
        if (value !== before[w]) {
          before[w] = value;
          changed = true;
        }
      }
    }
  }
  return { liveIn, liveOut };
}

export function required(map: ReadonlyMap<Block, BitSet>, block: Block): BitSet {
  const set = map.get(block);
  if (set === undefined) throw new Error('a branch goes to a block that is not part of the function');
  return set;
}

/** Removes assignments that nobody reads; a load stays, for the fault it may raise. */
export function removeDeadAssignments(f: IrFunction): void {
  const { liveOut } = analyseLiveness(f);
  for (const block of f.blocks) {
    const live = new BitSet(f.variables);
    live.copyFrom(required(liveOut, block));
    terminatorUses(block, live);
    const kept: Statement[] = [];
    for (let i = block.statements.length - 1; i >= 0; i--) {
      const s = block.statements[i];
      if (!isDead(s, (v) => live.has(v))) {
        stepBackward(s, live);
        kept.push(s);
      } else if (statementTrees(s).some(readsMemory)) {
        for (const value of statementTrees(s)) {
          if (!readsMemory(value)) continue;
          const touch: Statement = { kind: 'evaluate', value, offset: s.offset };
          stepBackward(touch, live);
          kept.push(touch);
        }
      }
    }
    block.statements.splice(0, block.statements.length, ...kept.reverse());
  }
}

function isDead(s: Statement, isLive: (v: Variable) => boolean): boolean {
  switch (s.kind) {
    case 'set':
    case 'shiftBy':
    case 'count':
    case 'shiftDouble':
      return !isLive(s.target);
    case 'multiplyWide':
    case 'addWide':
      return !isLive(s.low) && !isLive(s.high);
    default:
      return false;
  }
}
