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
import { addressNeed, need, operandNeed, unscaled } from './legalise.js';
import { BitSet, type Liveness, required, stepBackward, terminatorUses } from './liveness.js';
import { EAX, ECX, EDX } from './x86.js';

const A = 1 << EAX;
const C = 1 << ECX;
const D = 1 << EDX;

/** The scratch registers a tree may use, given how many it needs; selection takes them in this order. */
function scratch(registers: number): number {
  return registers <= 0 ? 0 : registers === 1 ? A : registers === 2 ? A | C : A | C | D;
}

/** How many scratch registers a tree takes: to hold its value, to be an operand, to be an address, to be branched on. */
interface Estimate {
  readonly value: (e: Expression) => number;
  readonly operand: (e: Expression) => number;
  readonly address: (e: Expression) => number;
  readonly condition: (e: Expression) => number;
  /** What a target in a register saves. */
  readonly target: number;
}

/** All variables in memory: selection never takes more. */
const certain: Estimate = { value: need, operand: operandNeed, address: addressNeed, condition: need, target: 0 };

/** All variables in registers: true of small functions, and selection notices where it is not. */
const hopeful: Estimate = {
  value: hopefulValue,
  operand: hopefulOperand,
  address: hopefulAddress,
  condition: (e) => (e.kind === 'compare' ? both(hopefulValue(e.left), hopefulOperand(e.right)) : hopefulValue(e)),
  target: 1,
};

function both(left: number, right: number): number {
  if (right === 0 || left === 0) return left + right;
  return left === right ? left + 1 : Math.max(left, right);
}

function hopefulValue(e: Expression): number {
  switch (e.kind) {
    case 'variable':
      return 0;
    case 'constant':
    case 'global':
    case 'compareWide':
      return 1;
    case 'load':
      return Math.max(1, hopefulAddress(e.address));
    case 'binary':
      return both(Math.max(1, hopefulValue(e.left)), hopefulOperand(e.right));
    case 'compare':
      return Math.max(1, both(hopefulValue(e.left), hopefulOperand(e.right)));
    case 'shift':
      return Math.max(1, hopefulValue(e.left));
    case 'extend':
    case 'swap':
      return Math.max(1, hopefulValue(e.value));
  }
}

function hopefulOperand(e: Expression): number {
  if (e.kind === 'constant' || e.kind === 'variable' || e.kind === 'global') return 0;
  return e.kind === 'load' && e.size === 4 ? hopefulAddress(e.address) : hopefulValue(e);
}

function hopefulAddress(e: Expression): number {
  if (e.kind === 'constant') return 0;
  if (e.kind === 'binary' && e.op === 'add') {
    if (e.right.kind === 'constant') return hopefulAddress(e.left);
    return both(hopefulValue(unscaled(e.left)), hopefulValue(unscaled(e.right)));
  }
  return hopefulValue(unscaled(e));
}

/** Scratch registers that selection may change for a statement. */
function clobbers(s: Statement, estimate: Estimate): number {
  const { value, operand, address, target } = estimate;
  switch (s.kind) {
    case 'set':
      return scratch(value(s.value) - target);
    case 'setGlobal':
    case 'evaluate':
      return scratch(s.value.kind === 'constant' ? 0 : value(s.value));
    case 'store': {
      const registers = s.value.kind === 'constant' ? 0 : value(s.value);
      const pointer = address(s.address);
      return scratch(registers === 0 ? pointer : Math.max(registers, pointer + 1));
    }
    case 'call':
    case 'intrinsic':
      return A | C | D;
    case 'divide':
      return A | D | scratch(value(s.left)) | (s.right.kind === 'constant' ? C : 0);
    case 'shiftBy':
      return A | C | scratch(value(s.left));
    case 'count':
      return A | scratch(operand(s.value));
    case 'multiplyWide':
      return A | D | scratch(value(s.left));
    case 'addWide':
      return A | D | scratch(value(s.leftLow)) | (value(s.leftHigh) > 1 ? C : 0);
    case 'shiftDouble':
      return A | scratch(Math.max(value(s.into), 2 - target));
  }
}

function terminatorClobbers(block: Block, estimate: Estimate): number {
  const { end } = block;
  if (end.kind === 'branch') return scratch(estimate.condition(end.condition));
  if (end.kind === 'switch') return scratch(estimate.value(end.selector));
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

/** `hope`: take variables to be in registers, which leaves more scratch registers for them; selection may then run out. */
export function buildInterference(f: IrFunction, liveness: Liveness, hope: boolean): Interference {
  const estimate = hope ? hopeful : certain;
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
    forbid(live, terminatorClobbers(block, estimate));
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
      forbid(live, clobbers(s, estimate));
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
