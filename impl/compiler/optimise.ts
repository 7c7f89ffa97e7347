/**
 * Improvements of the intermediate code before allocation: small blocks are repeated where that saves a jump, and a value used
 * once is computed where it is used.
 */

import { compare } from './fold.js';
import {
  type Block,
  children,
  cloneStatement,
  cloneTerminator,
  type Expression,
  forEachVariable,
  type IrFunction,
  isVolatile,
  mapLeaves,
  mapTerminatorTrees,
  mapTrees,
  readsMemory,
  readsVariable,
  type Statement,
  some,
  statementTargets,
  statementTrees,
  successors,
  terminatorTrees,
  type Variable,
  variable,
} from './ir.js';
import { analyseLiveness, type BitSet, required } from './liveness.js';

/** Nodes of all trees of a block: its size in instructions, roughly. */
function blockSize(block: Block): number {
  const size = (e: Expression): number => children(e).reduce((n, c) => n + size(c), 1);
  let total = 0;
  for (const s of block.statements) {
    total += s.kind === 'call' ? 100 : 1;
    for (const e of statementTrees(s)) total += size(e);
  }
  for (const e of terminatorTrees(block.end)) total += size(e);
  return total;
}

const repeatedBranchMax = 14;
const repeatedSwitchMax = 30;
const repeatedReturnMax = 3;

/** Whether a block is worth repeating at each jump to it. */
function isRepeatable(block: Block): boolean {
  if (block.end.kind === 'branch') return blockSize(block) <= repeatedBranchMax;
  if (block.end.kind === 'switch') return block.loopHead && blockSize(block) <= repeatedSwitchMax;
  return block.end.kind === 'return' && blockSize(block) <= repeatedReturnMax;
}

/**
 * Replaces a jump to a small block that ends in a branch, switch or return by the block itself. It turns loops round, so that their
 * test comes last, repeats an interpreter's dispatch at the end of each instruction, and lets a branch on a value just assigned
 * be decided where it is assigned.
 */
export function repeatSmallBlocks(f: IrFunction): void {
  const repeatable = new Set(f.blocks.filter(isRepeatable));
  for (const block of f.blocks) {
    for (let times = 0; times < 2 && block.end.kind === 'jump'; times++) {
      const { to } = block.end;
      if (!repeatable.has(to) || to === block) break;
      block.statements.push(...to.statements.map(cloneStatement));
      block.end = cloneTerminator(to.end);
    }
  }
}

/** How far ahead a single use is looked for. */
const reach = 8;

/** Moves a value that is used once, in the same block, into the tree that uses it. */
export function moveToUse(f: IrFunction): void {
  const { liveOut } = analyseLiveness(f);
  for (const block of f.blocks) {
    const out = required(liveOut, block);
    // Backwards, so that what was moved into a tree can be followed by what that tree reads.
    for (let i = block.statements.length - 1; i >= 0; i--) {
      const s = block.statements[i];
      if (s.kind === 'set' && moveForward(block, i, s.target, s.value, out)) block.statements.splice(i, 1);
    }
  }
}

function usesOf(trees: readonly Expression[], v: Variable): number {
  let n = 0;
  for (const e of trees)
    forEachVariable(e, (x) => {
      if (x === v) n++;
    });
  return n;
}

function hasEffect(s: Statement): boolean {
  return s.kind === 'store' || s.kind === 'call' || s.kind === 'intrinsic' || s.kind === 'setGlobal';
}

/** Whether a statement takes a tree where the variable stands: some operands have to be leaves. */
function takesTree(s: Statement, v: Variable): boolean {
  const inWide = (e: Expression): boolean =>
    some(e, (x) => x.kind === 'compareWide' && children(x).some((c) => readsVariable(c, v)));
  if (statementTrees(s).some(inWide)) return false;
  switch (s.kind) {
    case 'intrinsic':
      return false;
    case 'divide':
    case 'multiplyWide':
      return usesOf([s.right], v) === 0;
    case 'shiftBy':
      return usesOf([s.count], v) === 0;
    case 'addWide':
      return usesOf([s.rightLow, s.rightHigh], v) === 0;
    case 'shiftDouble':
      return usesOf([s.from], v) === 0;
    case 'call':
      return s.target.kind !== 'table' || usesOf([s.target.entry], v) === 0;
    default:
      return true;
  }
}

function moveForward(block: Block, from: number, v: Variable, value: Expression, out: BitSet): boolean {
  const { statements } = block;
  const fixed = isVolatile(value);
  const memory = some(value, (x) => x.kind === 'load' || x.kind === 'global');
  const replace = (e: Expression): Expression =>
    mapLeaves(e, (x) => (x.kind === 'variable' && x.variable === v ? value : x));
  for (let j = from + 1; j <= Math.min(statements.length - 1, from + reach); j++) {
    const s = statements[j];
    const uses = usesOf(statementTrees(s), v);
    if (uses > 0) {
      if (uses > 1 || !takesTree(s, v) || isUsedAfter(block, j, v, out)) return false;
      // A volatile access stays in order with all others: it moves only next door, and only where it is the only one.
      if (fixed && (j > from + 1 || statementTrees(s).some(readsMemory))) return false;
      if (readsMemory(value) && statementTrees(s).some(isVolatile)) return false;
      mapTrees(s, (e) => simplify(replace(e)));
      return true;
    }
    const targets = statementTargets(s);
    if (targets.includes(v)) return false;
    if (memory && hasEffect(s)) return false;
    if (targets.some((t) => readsVariable(value, t))) return false;
  }
  if (statements.length - 1 - from > reach || out.has(v)) return false;
  const trees = terminatorTrees(block.end);
  if (usesOf(trees, v) !== 1) return false;
  if (fixed && (from + 1 < statements.length || trees.some(readsMemory))) return false;
  const inWide = trees.some((e) =>
    some(e, (x) => x.kind === 'compareWide' && children(x).some((c) => readsVariable(c, v))),
  );
  if (inWide) return false;
  mapTerminatorTrees(block.end, (e) => simplify(replace(e)));
  return true;
}

function isUsedAfter(block: Block, index: number, v: Variable, out: BitSet): boolean {
  if (statementTargets(block.statements[index]).includes(v)) return false;
  for (const s of block.statements.slice(index + 1)) {
    if (usesOf(statementTrees(s), v) > 0) return true;
    if (statementTargets(s).includes(v)) return false;
  }
  return usesOf(terminatorTrees(block.end), v) > 0 || out.has(v);
}

/** Folds a comparison of a comparison with 0 that substitution has made. */
function simplify(e: Expression): Expression {
  if (e.kind === 'compare') return compare(e.op, simplify(e.left), simplify(e.right));
  return e;
}

/**
 * Gives a value that a switch dispatches on, and that some of its targets read, a second variable that only those targets assign: so
 * the others do not pay for keeping it. Done where the value is assigned only in the dispatching blocks.
 */
export function splitAtSwitches(f: IrFunction): void {
  const { liveIn } = analyseLiveness(f);
  const predecessors = new Map<Block, Block[]>(f.blocks.map((b) => [b, []]));
  for (const block of f.blocks) for (const next of new Set(successors(block.end))) predecessors.get(next)?.push(block);
  const dispatching = f.blocks.filter((b) => b.end.kind === 'switch' && b.end.selector.kind === 'variable');
  const selectors = new Set(
    dispatching.map((b) =>
      b.end.kind === 'switch' && b.end.selector.kind === 'variable' ? b.end.selector.variable : -1,
    ),
  );
  for (const v of selectors) {
    const defining = new Set(f.blocks.filter((b) => b.statements.some((s) => statementTargets(s).includes(v))));
    const dispatches = (b: Block): boolean => b.end.kind === 'switch' && usesOf([b.end.selector], v) === 1;
    if (defining.size === 0 || ![...defining].every(dispatches)) continue;
    const receivers = f.blocks.filter(
      (b) => required(liveIn, b).has(v) && (predecessors.get(b) ?? []).some((p) => defining.has(p)),
    );
    if (!receivers.every((b) => predecessors.get(b)?.every((p) => defining.has(p)))) continue;
    const second = f.variables++;
    const renamed = (e: Expression): Expression =>
      mapLeaves(e, (x) => (x.kind === 'variable' && x.variable === v ? variable(second) : x));
    for (const block of f.blocks) {
      // What a dispatching block reads before it assigns came from the dispatch before.
      const assigned = block.statements.findIndex((s) => statementTargets(s).includes(v));
      block.statements.forEach((s, i) => {
        if (assigned < 0 || i <= assigned) mapTrees(s, renamed);
      });
      if (assigned < 0) mapTerminatorTrees(block.end, renamed);
    }
    for (const block of receivers) {
      const offset = block.statements[0]?.offset ?? block.end.offset;
      block.statements.unshift({ kind: 'set', target: second, value: variable(v), apart: true, offset });
    }
  }
}

/** Decides branches on constants. */
export function decideBranches(f: IrFunction): void {
  for (const block of f.blocks) {
    const { end } = block;
    if (end.kind === 'branch' && end.condition.kind === 'constant') {
      block.end = { kind: 'jump', to: end.condition.value !== 0 ? end.yes : end.no, offset: end.offset };
    } else if (end.kind === 'switch' && end.selector.kind === 'constant') {
      const to = end.targets[end.selector.value >>> 0] ?? end.otherwise;
      block.end = { kind: 'jump', to, offset: end.offset };
    }
  }
}
