/**
 * The state of lowering one wasm function: its blocks so far, and the wasm operand stack as trees not yet evaluated.
 *
 * The rule that makes it right: a pending tree must give the value it had where wasm evaluated it. So before anything that could
 * change what a tree reads (assignment of a local, a store, a call, a branching construct) that tree is assigned to a variable of
 * its own, which nothing changes afterwards (`settle*`).
 */

import { binary } from './fold.js';
import {
  type Block,
  type Expression,
  type IrFunction,
  isLeaf,
  readsMemory,
  readsVariable,
  type Statement,
  some,
  type Terminator,
  type Variable,
  variable,
} from './ir.js';
import type { ValueType } from './wasm.js';

/** A wasm operand. 64-bit types have both words; floats are bit patterns. */
export interface Value {
  readonly type: ValueType;
  low: Expression;
  high: Expression | undefined;
}

export function isWide(type: ValueType): boolean {
  return type === 'i64' || type === 'f64';
}

export class FunctionBuilder {
  readonly stack: Value[] = [];
  readonly blocks: Block[] = [];
  /** Block that statements go to; undefined where control cannot come. */
  current: Block | undefined;
  /** Module offset of the instruction being lowered. */
  offset = 0;
  loopDepth = 0;
  private variables = 0;
  private blockCount = 0;
  private firstTemporary = 0;

  newVariable(): Variable {
    return this.variables++;
  }

  /** Ends the declaration of wasm locals: variables made from here on are assigned at one place only. */
  endLocals(): void {
    this.firstTemporary = this.variables;
  }

  newBlock(): Block {
    const id = this.blockCount++;
    return { id, statements: [], end: { kind: 'unreachable', offset: 0 }, loopDepth: 0, loopHead: false };
  }

  start(block: Block): void {
    if (this.current !== undefined) throw new Error('a block was started while another was open');
    block.loopDepth = this.loopDepth;
    this.blocks.push(block);
    this.current = block;
  }

  finish(end: Terminator): void {
    if (this.current === undefined) return;
    this.current.end = end;
    this.current = undefined;
  }

  jump(to: Block): void {
    this.finish({ kind: 'jump', to, offset: this.offset });
  }

  branch(condition: Expression, yes: Block, no: Block): void {
    if (condition.kind === 'constant') this.jump(condition.value !== 0 ? yes : no);
    else this.finish({ kind: 'branch', condition, yes, no, offset: this.offset });
  }

  emit(statement: Statement): void {
    if (this.current === undefined) throw new Error('a statement was emitted where no block is open');
    this.current.statements.push(statement);
  }

  set(target: Variable, value: Expression): void {
    if (value.kind === 'variable' && value.variable === target) return;
    this.emit({ kind: 'set', target, value, offset: this.offset });
  }

  /** The value of a tree, held by a leaf that nothing changes while pending trees are settled. */
  leaf(e: Expression): Expression {
    return isLeaf(e) ? e : this.temporary(e);
  }

  temporary(e: Expression): Expression {
    const target = this.newVariable();
    this.set(target, e);
    return variable(target);
  }

  push(type: ValueType, low: Expression, high?: Expression): void {
    this.stack.push({ type, low, high });
  }

  pop(): Value {
    const value = this.stack.pop();
    if (value === undefined) throw new Error('operand stack underflow');
    return value;
  }

  pop32(): Expression {
    return this.pop().low;
  }

  popWide(): { low: Expression; high: Expression } {
    const { low, high, type } = this.pop();
    if (high === undefined) throw new Error(`a 64-bit operand was expected, ${type} found`);
    return { low, high };
  }

  /** The words of the topmost operands, those of the deepest first. */
  popWords(types: readonly ValueType[]): Expression[] {
    const words: Expression[] = [];
    for (let i = types.length - 1; i >= 0; i--) {
      const { low, high } = this.pop();
      if (high !== undefined) words.unshift(high);
      words.unshift(low);
    }
    return words;
  }

  private settle(mustSettle: (e: Expression) => boolean): void {
    for (const value of this.stack) {
      if (mustSettle(value.low)) value.low = this.temporary(value.low);
      if (value.high !== undefined && mustSettle(value.high)) value.high = this.temporary(value.high);
    }
  }

  settleVariable(v: Variable): void {
    this.settle((e) => readsVariable(e, v));
  }

  settleGlobal(address: number): void {
    this.settle((e) => some(e, (x) => x.kind === 'global' && x.address === address));
  }

  settleMemory(): void {
    this.settle(readsMemory);
  }

  settleEffects(): void {
    this.settle((e) => some(e, (x) => x.kind === 'load' || x.kind === 'global'));
  }

  /** Settles every tree whose value could change: for the begin of a construct with inner control flow. */
  settleAll(): void {
    const changeable = (x: Expression): boolean =>
      x.kind === 'load' || x.kind === 'global' || (x.kind === 'variable' && x.variable < this.firstTemporary);
    this.settle((e) => some(e, changeable));
  }

  /** Assigns both words of a value, in an order in which neither destroys what the other reads. */
  assign(lowTarget: Variable, highTarget: Variable | undefined, value: Value): void {
    const { low, high } = value;
    if (highTarget === undefined || high === undefined) {
      this.set(lowTarget, low);
    } else if (!readsVariable(high, lowTarget)) {
      this.set(lowTarget, low);
      this.set(highTarget, high);
    } else if (!readsVariable(low, highTarget)) {
      this.set(highTarget, high);
      this.set(lowTarget, low);
    } else {
      const held = this.temporary(low);
      this.set(highTarget, high);
      this.set(lowTarget, held);
    }
  }

  /**
   * Lets the last statement assign `to` instead of the fresh variable `from`, whose only use is being assigned to `to`.
   * False where that is not the shape.
   */
  retarget(from: Expression, to: Variable): boolean {
    if (from.kind !== 'variable' || from.variable < this.firstTemporary) return false;
    const last = this.current?.statements.at(-1);
    if (last === undefined) return false;
    switch (last.kind) {
      case 'set':
      case 'divide':
      case 'shiftBy':
      case 'count':
      case 'shiftDouble':
        if (last.target !== from.variable) return false;
        last.target = to;
        return true;
      case 'call':
      case 'intrinsic':
        if (last.results.length !== 1 || last.results[0] !== from.variable) return false;
        last.results[0] = to;
        return true;
      default:
        return false;
    }
  }

  /** Lets the last statement assign a pair of variables directly; see `retarget`. */
  retargetWide(low: Expression, high: Expression, toLow: Variable, toHigh: Variable): boolean {
    if (low.kind !== 'variable' || high.kind !== 'variable') return false;
    if (low.variable < this.firstTemporary || high.variable < this.firstTemporary) return false;
    const last = this.current?.statements.at(-1);
    if (last === undefined) return false;
    if (last.kind === 'addWide' || last.kind === 'multiplyWide') {
      if (last.low !== low.variable || last.high !== high.variable) return false;
      last.low = toLow;
      last.high = toHigh;
      return true;
    }
    if (last.kind === 'call') {
      if (last.results.length !== 2 || last.results[0] !== low.variable || last.results[1] !== high.variable)
        return false;
      last.results[0] = toLow;
      last.results[1] = toHigh;
      return true;
    }
    return false;
  }

  /** Address of the second word of a 64-bit access; the tree is duplicated, so it has to be a leaf plus a constant. */
  shareable(address: Expression): Expression {
    if (isLeaf(address)) return address;
    if (
      address.kind === 'binary' &&
      address.op === 'add' &&
      isLeaf(address.left) &&
      address.right.kind === 'constant'
    ) {
      return binary('add', address.left, address.right);
    }
    return this.temporary(address);
  }

  result(name: string, index: number, params: Variable[], resultWords: number): IrFunction {
    if (this.current !== undefined) throw new Error(`${name}: the last block is open`);
    return { name, index, params, resultWords, variables: this.variables, blocks: this.blocks };
  }
}
