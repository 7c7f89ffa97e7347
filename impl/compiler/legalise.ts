/**
 * Splits trees until every statement can be evaluated with the three scratch registers EAX, ECX and EDX.
 *
 * The rule: `need` counts the registers a tree takes when each variable lives in memory, the worst case, and when of two subtrees
 * the needier is evaluated first (Sethi and Ullman). A tree that needs more than its place offers gets its needier part assigned to a
 * variable of its own just before the statement, which changes nothing since trees are pure. Instruction selection follows
 * the same order of evaluation and so never runs out of registers.
 */

import { type Block, type Expression, type IrFunction, isLeaf, type Statement, variable } from './ir.js';

export function need(e: Expression): number {
  switch (e.kind) {
    case 'constant':
    case 'variable':
    case 'global':
    case 'compareWide':
      return 1;
    case 'load':
      return Math.max(1, addressNeed(e.address));
    case 'binary':
    case 'compare':
      return pairNeed(need(e.left), operandNeed(e.right));
    case 'shift':
      return need(e.left);
    case 'extend':
    case 'swap':
      return need(e.value);
  }
}

/** Registers needed to use a tree as the second operand of an instruction. */
export function operandNeed(e: Expression): number {
  if (isLeaf(e) || e.kind === 'global') return 0;
  return e.kind === 'load' && e.size === 4 ? addressNeed(e.address) : need(e);
}

function pairNeed(left: number, right: number): number {
  return left === right ? left + 1 : Math.max(left, right);
}

/** Registers needed to form an address. */
export function addressNeed(e: Expression): number {
  if (e.kind === 'constant') return 0;
  if (e.kind === 'binary' && e.op === 'add') {
    if (e.right.kind === 'constant') return addressNeed(e.left);
    return pairNeed(need(unscaled(e.left)), need(unscaled(e.right)));
  }
  return need(unscaled(e));
}

/** The tree without a shift that an addressing mode can do. */
export function unscaled(e: Expression): Expression {
  return e.kind === 'shift' && e.op === 'shl' && e.count <= 3 ? e.left : e;
}

export function legalise(f: IrFunction): void {
  for (const block of f.blocks) new BlockLegaliser(f, block).run();
}

class BlockLegaliser {
  private readonly out: Statement[] = [];
  private offset = 0;

  constructor(
    private readonly f: IrFunction,
    private readonly block: Block,
  ) {}

  run(): void {
    for (const s of this.block.statements) {
      this.offset = s.offset;
      this.statement(s);
      this.out.push(s);
    }
    const { end } = this.block;
    this.offset = end.offset;
    if (end.kind === 'branch') end.condition = this.limit(end.condition, 3);
    else if (end.kind === 'switch') end.selector = this.limit(end.selector, 3);
    else if (end.kind === 'return') end.values = end.values.map((e) => this.leaf(e));
    this.block.statements.splice(0, this.block.statements.length, ...this.out);
  }

  private temporary(e: Expression): Expression {
    const target = this.f.variables++;
    this.out.push({ kind: 'set', target, value: e, offset: this.offset });
    return variable(target);
  }

  private leaf(e: Expression): Expression {
    return isLeaf(e) ? e : this.temporary(this.limit(e, 3));
  }

  /** The tree with parts split off until it needs at most `registers`. */
  private limit(e: Expression, registers: number): Expression {
    if (need(e) <= registers) return e;
    switch (e.kind) {
      case 'load':
        return { ...e, address: this.limitAddress(e.address, registers) };
      case 'shift':
        return { ...e, left: this.limit(e.left, registers) };
      case 'extend':
      case 'swap':
        return { ...e, value: this.limit(e.value, registers) };
      case 'binary':
      case 'compare': {
        const left = this.limit(e.left, registers);
        if (need({ ...e, left }) <= registers) return { ...e, left };
        return { ...e, left, right: this.leaf(e.right) };
      }
      default:
        return e;
    }
  }

  private limitAddress(e: Expression, registers: number): Expression {
    if (addressNeed(e) <= registers) return e;
    if (e.kind === 'binary' && e.op === 'add') {
      if (e.right.kind === 'constant') return { ...e, left: this.limitAddress(e.left, registers) };
      return this.temporary(this.limit(e, 3));
    }
    return this.limit(e, registers);
  }

  private statement(s: Statement): void {
    switch (s.kind) {
      case 'set':
      case 'setGlobal':
      case 'evaluate':
      case 'count':
        s.value = this.limit(s.value, 3);
        return;
      case 'store':
        s.address = this.limitAddress(s.address, 2);
        s.value = this.limit(s.value, 3);
        return;
      case 'call':
        this.arguments(s.args);
        if (s.target.kind === 'table') s.target.entry = this.leaf(s.target.entry);
        return;
      case 'intrinsic':
        s.args = s.args.map((e) => this.leaf(e));
        return;
      case 'divide':
      case 'multiplyWide':
        s.right = this.leaf(s.right);
        s.left = this.limit(s.left, 3);
        return;
      case 'shiftBy':
        s.count = this.leaf(s.count);
        s.left = this.limit(s.left, 3);
        return;
      case 'addWide':
        s.leftLow = this.limit(s.leftLow, 3);
        s.leftHigh = this.limit(s.leftHigh, 2);
        return;
      case 'shiftDouble':
        s.from = this.leaf(s.from);
        s.into = this.limit(s.into, 3);
        return;
    }
  }

  /** The register arguments that are trees are evaluated neediest first, each with one register less. */
  private arguments(args: Expression[]): void {
    for (let i = 3; i < args.length; i++) args[i] = this.limit(args[i], 3);
    let registers = 3;
    const order = [0, 1, 2].filter((i) => i < args.length && !isLeaf(args[i]));
    order.sort((a, b) => need(args[b]) - need(args[a]));
    for (const i of order) args[i] = this.limit(args[i], registers--);
  }
}
