/**
 * Interference graph of a function's variables: two are joined where one is assigned while the other's value is still wanted, so
 * that they cannot share a place. A copy joins nothing by itself. `forbidden` holds, for each variable, the scratch registers that
 * instruction selection may use while the variable is live.
 */

import {
  type Block,
  type Expression,
  forEachVariable,
  type IrFunction,
  type Statement,
  statementTargets,
  statementTrees,
  terminatorTrees,
  type Variable,
} from './ir.js';
import { addressNeed, need, operandNeed } from './legalise.js';
import { BitSet, type Liveness, required, stepBackward, terminatorUses } from './liveness.js';
import { EAX, ECX, EDX } from './x86.js';

const A = 1 << EAX;
const C = 1 << ECX;
const D = 1 << EDX;

/** The scratch registers a tree may use, given how many it needs; selection takes them in this order. */
function scratch(registers: number): number {
  return registers <= 0 ? 0 : registers === 1 ? A : registers === 2 ? A | C : A | C | D;
}

/** Scratch registers that selection may change for a statement, whatever the places of variables. */
export function clobbers(s: Statement): number {
  switch (s.kind) {
    case 'set':
    case 'setGlobal':
    case 'evaluate':
      return scratch(need(s.value));
    case 'store': {
      const address = addressNeed(s.address);
      return scratch(s.value.kind === 'constant' ? address : Math.max(need(s.value), address + 1));
    }
    case 'call':
    case 'intrinsic':
      return A | C | D;
    case 'divide':
      return A | D | scratch(need(s.left)) | (s.right.kind === 'constant' ? C : 0);
    case 'shiftBy':
      return A | C | scratch(need(s.left));
    case 'count':
      return A | scratch(operandNeed(s.value));
    case 'multiplyWide':
      return A | D | scratch(need(s.left));
    case 'addWide':
      return A | D | scratch(need(s.leftLow)) | (need(s.leftHigh) > 1 ? C : 0);
    case 'shiftDouble':
      return scratch(Math.max(need(s.into), 2));
  }
}

export function terminatorClobbers(block: Block): number {
  const { end } = block;
  if (end.kind === 'branch') return scratch(need(end.condition));
  if (end.kind === 'switch') return scratch(need(end.selector));
  return 0;
}

export interface Copy {
  readonly to: Variable;
  readonly from: Variable;
  readonly weight: number;
}

export interface Interference {
  /** Row v has a bit for each variable joined to v. */
  readonly rows: BitSet[];
  readonly forbidden: Uint8Array;
  /** Estimated executions of the instructions that use or assign the variable. */
  readonly weight: Float64Array;
  readonly copies: Copy[];
  /** Whether the variable's value at the function's entry is wanted. */
  readonly enters: Uint8Array;
}

const loopFactor = 8;

export function buildInterference(f: IrFunction, liveness: Liveness): Interference {
  const n = f.variables;
  const rows = Array.from({ length: n }, () => new BitSet(n));
  const forbidden = new Uint8Array(n);
  const weight = new Float64Array(n);
  const enters = new Uint8Array(n);
  const copies: Copy[] = [];

  const join = (v: Variable, live: BitSet, except: Variable): void => {
    const row = rows[v];
    live.forEach((other) => {
      if (other === v || other === except || row.has(other)) return;
      row.add(other);
      rows[other].add(v);
    });
  };
  const forbid = (live: BitSet, mask: number): void => {
    if (mask !== 0)
      live.forEach((v) => {
        forbidden[v] |= mask;
      });
  };
  const count = (trees: readonly Expression[], amount: number): void => {
    for (const e of trees) {
      forEachVariable(e, (v) => {
        weight[v] += amount;
      });
    }
  };

  for (const block of f.blocks) {
    const amount = loopFactor ** Math.min(block.loopDepth, 6);
    const live = new BitSet(n);
    live.copyFrom(required(liveness.liveOut, block));
    terminatorUses(block, live);
    count(terminatorTrees(block.end), amount);
    forbid(live, terminatorClobbers(block));
    for (let i = block.statements.length - 1; i >= 0; i--) {
      const s = block.statements[i];
      const targets = statementTargets(s);
      const source = s.kind === 'set' && s.value.kind === 'variable' ? s.value.variable : -1;
      for (const target of targets) {
        weight[target] += amount;
        join(target, live, source);
        for (const other of targets) {
          if (other === target) continue;
          rows[target].add(other);
          rows[other].add(target);
        }
      }
      if (s.kind === 'set' && source >= 0 && s.apart !== true)
        copies.push({ to: s.target, from: source, weight: amount });
      stepBackward(s, live);
      count(statementTrees(s), amount);
      forbid(live, clobbers(s));
    }
  }
  // The prologue assigns all parameters at once.
  const atEntry = required(liveness.liveIn, f.blocks[0]);
  for (const p of f.params) {
    if (!atEntry.has(p)) continue;
    enters[p] = 1;
    join(p, atEntry, -1);
  }
  return { rows, forbidden, weight, copies, enters };
}
