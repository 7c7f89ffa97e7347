/**
 * Instruction selection for trees and conditions. The rules are those of `select.ts`.
 */

import { countBits } from './allocate.js';
import { negate } from './fold.js';
import { FrameCode } from './frame.js';
import { type Comparison, type Expression, isLeaf } from './ir.js';
import { need, operandNeed, unscaled } from './legalise.js';
import {
  ADD,
  type Alu,
  AND,
  CC,
  CMP,
  EBX,
  EDX,
  type Label,
  type Memory,
  memory,
  type Operand,
  OR,
  type Register,
  ROL,
  ROR,
  type Rotation,
  SAR,
  SBB,
  SHL,
  SHR,
  SUB,
  XOR,
} from './x86.js';

export const aluOf = { add: ADD, sub: SUB, and: AND, or: OR, xor: XOR } as const;
const conditionOf: Record<Comparison, number> = {
  eq: CC.e,
  ne: CC.ne,
  lt_s: CC.l,
  lt_u: CC.b,
  gt_s: CC.g,
  gt_u: CC.a,
  le_s: CC.le,
  le_u: CC.be,
  ge_s: CC.ge,
  ge_u: CC.ae,
};
export const rotationOf: Record<'shl' | 'shr_s' | 'shr_u' | 'rotl' | 'rotr', Rotation> = {
  shl: SHL,
  shr_s: SAR,
  shr_u: SHR,
  rotl: ROL,
  rotr: ROR,
};

export class TreeCode extends FrameCode {
  /** A leaf, a global or a 4-byte load as the second operand of an instruction. The registers it takes come from `free`. */
  protected operand(e: Expression, free: number): Operand {
    if (e.kind === 'variable') return this.inRegister(e) ?? this.home(e.variable);
    if (e.kind === 'global') return memory(undefined, e.address);
    if (e.kind === 'load' && e.size === 4) return this.address(e.address, e.offset, free);
    return this.evaluate(e, free);
  }

  /** The registers of `free` that an operand occupies. */
  protected taken(operand: Operand, free: number): number {
    if (typeof operand === 'number') return free & (1 << operand);
    let mask = 0;
    if (operand.base !== undefined) mask |= 1 << operand.base;
    if (operand.index !== undefined) mask |= 1 << operand.index;
    return free & mask;
  }

  protected address(e: Expression, displacement: number, free: number): Memory {
    if (e.kind === 'constant') return memory(undefined, (e.value + displacement) | 0);
    if (e.kind === 'binary' && e.op === 'add') {
      if (e.right.kind === 'constant') return this.address(e.left, (displacement + e.right.value) | 0, free);
      const left = unscaled(e.left);
      const right = unscaled(e.right);
      const scaled = left !== e.left || right !== e.right;
      const direct = this.inRegister(left) !== undefined || this.inRegister(right) !== undefined;
      // Without a scale and with neither part in a register, one sum is as good as two registers.
      if (scaled || direct) return this.indexed(e.left, e.right, displacement, free);
      return memory(this.evaluate(e, free), displacement);
    }
    const inner = unscaled(e);
    if (inner !== e && e.kind === 'shift') {
      const index = this.evaluate(inner, free);
      return { base: undefined, index, scale: e.count as 1 | 2 | 3, displacement };
    }
    return memory(this.evaluate(e, free), displacement);
  }

  protected indexed(x: Expression, y: Expression, displacement: number, free: number): Memory {
    // A part in a register costs none; otherwise the scaled part is the index.
    let base = x;
    let index = y;
    if (unscaled(x) !== x && unscaled(y) === y) [base, index] = [y, x];
    const inner = unscaled(index);
    const scale = (index.kind === 'shift' && inner !== index ? index.count : 0) as 0 | 1 | 2 | 3;
    if (need(base) >= need(inner)) {
      const b = this.evaluate(base, free);
      return { base: b, index: this.evaluate(inner, free & ~(1 << b)), scale, displacement };
    }
    const i = this.evaluate(inner, free);
    return { base: this.evaluate(base, free & ~(1 << i)), index: i, scale, displacement };
  }

  /** A register that holds the tree's value: a variable's own, which must not be written, or one of `free`. */
  protected evaluate(e: Expression, free: number): Register {
    const register = this.inRegister(e);
    if (register !== undefined) return register;
    const to = this.pick(free);
    this.evaluateTo(e, to, free & ~(1 << to));
    return to;
  }

  /** Puts the tree's value into a register, changing no others but those of `free`. */
  protected evaluateTo(e: Expression, to: Register, free: number): void {
    const { a } = this;
    switch (e.kind) {
      case 'constant':
      case 'variable':
        this.loadLeaf(to, e);
        return;
      case 'global':
        a.move(to, memory(undefined, e.address));
        return;
      case 'load':
        this.loadTo(e, to, free);
        return;
      case 'binary':
        this.binaryTo(e, to, free);
        return;
      case 'shift':
        this.shiftTo(e, to, free);
        return;
      case 'extend': {
        let from = this.inRegister(e.value);
        if (from === undefined || (e.bits === 8 && from > EBX)) {
          from = e.bits === 8 && to > EBX ? this.pick(free) : to;
          this.evaluateTo(e.value, from, free & ~(1 << from));
        }
        a.moveSignExtended(to, e.bits, from);
        return;
      }
      case 'swap':
        this.evaluateTo(e.value, to, free);
        a.swapBytes(to);
        return;
      case 'compare':
      case 'compareWide': {
        const condition = this.compare(e, this.usable(e, to, free));
        const byte = to <= EBX ? to : this.pick(free);
        a.setCondition(condition, byte);
        a.moveZeroExtended(to, 8, byte);
        return;
      }
    }
  }

  /** `free` and the target too, if it is a scratch register that the tree does not read. */
  protected usable(e: Expression, to: Register, free: number): number {
    return to <= EDX && !this.reads(e, to) ? free | (1 << to) : free;
  }

  protected loadTo(e: Expression & { kind: 'load' }, to: Register, free: number): void {
    const { a } = this;
    // The target may serve the address: it is written last.
    const from = this.address(e.address, e.offset, this.usable(e.address, to, free));
    if (e.size === 4) a.move(to, from);
    else if (e.signed) a.moveSignExtended(to, e.size === 1 ? 8 : 16, from);
    else a.moveZeroExtended(to, e.size === 1 ? 8 : 16, from);
  }

  protected shiftTo(e: Expression & { kind: 'shift' }, to: Register, free: number): void {
    const { a } = this;
    const source = this.inRegister(e.left);
    if (e.op === 'shl' && e.count <= 3 && source !== undefined && source !== to) {
      if (e.count === 1) a.loadAddress(to, { base: source, index: source, scale: 0, displacement: 0 });
      else a.loadAddress(to, { base: undefined, index: source, scale: e.count as 2 | 3, displacement: 0 });
      return;
    }
    this.evaluateTo(e.left, to, free);
    if (e.op === 'shl' && e.count === 1) a.alu(ADD, to, to);
    else a.rotate(rotationOf[e.op], to, e.count);
  }

  protected binaryTo(e: Expression & { kind: 'binary' }, to: Register, free: number): void {
    const { a } = this;
    const { op, left, right } = e;
    if (right.kind === 'constant') {
      const source = this.inRegister(left);
      if (op === 'mul') {
        const from = this.operand(left, this.usable(left, to, free));
        a.multiplyImmediate(to, from, right.value);
      } else if (op === 'add' && source !== undefined && source !== to) a.loadAddress(to, memory(source, right.value));
      else {
        this.evaluateTo(left, to, free);
        this.applyConstant(op, to, right.value);
      }
      return;
    }
    const leftRegister = this.inRegister(left);
    const rightRegister = this.inRegister(right);
    if (op === 'add' && leftRegister !== undefined && rightRegister !== undefined) {
      if (leftRegister !== to && rightRegister !== to) {
        a.loadAddress(to, { base: leftRegister, index: rightRegister, scale: 0, displacement: 0 });
        return;
      }
    }
    const waits = operandNeed(right) > 0 || this.reads(right, to);
    if (leftRegister === to && waits && operandNeed(right) <= countBits(free)) {
      // The target holds the left operand already; the right one may read it, too.
      this.apply(op, to, this.operand(right, free));
      return;
    }
    if (!this.reads(right, to)) {
      if (operandNeed(right) <= need(left)) {
        this.evaluateTo(left, to, free);
        this.apply(op, to, this.operand(right, free));
        return;
      }
      const held = this.pick(free);
      const rest = free & ~(1 << held);
      this.evaluateTo(right, held, this.usable(left, to, rest));
      this.evaluateTo(left, to, rest);
      this.apply(op, to, held);
      return;
    }
    if (rightRegister === to) {
      // The target holds the right operand already.
      if (op !== 'sub') {
        this.apply(op, to, this.operand(left, free));
        return;
      }
      if (leftRegister === to) {
        a.alu(XOR, to, to);
        return;
      }
      if (isLeaf(left)) {
        a.negate(to);
        if (left.kind === 'constant') this.applyConstant('add', to, left.value);
        else a.alu(ADD, to, this.operand(left, free));
        return;
      }
    }
    const aside = this.pick(free);
    this.evaluateTo(e, aside, free & ~(1 << aside));
    a.move(to, aside);
  }

  protected apply(op: (Expression & { kind: 'binary' })['op'], to: Register, from: Operand): void {
    if (op === 'mul') this.a.multiply(to, from);
    else this.a.alu(aluOf[op], to, from);
  }

  protected applyConstant(op: (Expression & { kind: 'binary' })['op'], to: Operand, value: number): void {
    const { a } = this;
    if (op === 'mul') throw new Error('multiplication by a constant has its own instruction');
    if (op === 'add' && value === 1) a.increment(to);
    else if (op === 'add' && value === -1) a.decrement(to);
    else if (op === 'xor' && value === -1) a.not(to);
    else if (op === 'add' && value === 128) a.aluImmediate(SUB, 4, to, -128);
    else a.aluImmediate(aluOf[op], 4, to, value);
  }

  // Conditions ------------------------------------------------------------------------------------------------------------------

  /** Sets the flags by a comparison; gives the condition code under which it holds. */
  protected compare(e: Expression & { kind: 'compare' | 'compareWide' }, free: number): number {
    if (e.kind === 'compareWide') return this.compareWide(e, free);
    const { a } = this;
    const { op, left, right } = e;
    if (right.kind === 'constant') {
      const narrow = this.compareByte(e, right.value, free);
      if (narrow) return conditionOf[op];
      if (right.value === 0) {
        this.test(left, free, op === 'eq' || op === 'ne');
        if (op === 'lt_s') return CC.s;
        if (op === 'ge_s') return CC.ns;
        return conditionOf[op];
      }
      a.aluImmediate(CMP, 4, this.operand(left, free), right.value);
      return conditionOf[op];
    }
    const plainLeft = this.inRegister(left) === undefined && (left.kind === 'variable' || left.kind === 'global');
    if (operandNeed(right) <= need(left) && !(plainLeft && !isLeaf(right))) {
      const direct = this.inRegister(left);
      const rightRegister = this.inRegister(right);
      if (direct === undefined && rightRegister !== undefined && (left.kind === 'variable' || left.kind === 'load')) {
        a.compareWith(this.operand(left, free), rightRegister);
        return conditionOf[op];
      }
      const l = this.evaluate(left, free);
      a.alu(CMP, l, this.operand(right, free & ~(1 << l)));
      return conditionOf[op];
    }
    const r = this.evaluate(right, free);
    const l = this.operand(left, free & ~(1 << r));
    a.compareWith(l, r);
    return conditionOf[op];
  }

  /** Compares a byte in memory with a constant where that gives the same answer as comparing the extended byte. */
  protected compareByte(e: Expression & { kind: 'compare' }, value: number, free: number): boolean {
    const { left, op } = e;
    if (left.kind !== 'load' || left.size !== 1) return false;
    const equality = op === 'eq' || op === 'ne';
    const fits = left.signed ? value >= -128 && value <= 127 : value >= 0 && value <= 255;
    const sameOrder = equality || (left.signed ? op.endsWith('_s') : op.endsWith('_u'));
    if (!fits || !sameOrder) return false;
    this.a.aluImmediate(CMP, 1, this.address(left.address, left.offset, free), value);
    return true;
  }

  /** Compares a tree with 0; where only equality counts, bits above a mask need not be looked at. */
  protected test(e: Expression, free: number, equality: boolean): void {
    const { a } = this;
    if (e.kind === 'binary' && e.op === 'and') {
      if (e.right.kind === 'constant') {
        this.testBits(e.left, e.right.value, free, equality ? 0xff : 0x7f);
        return;
      }
      const [first, second] = operandNeed(e.right) <= need(e.left) ? [e.left, e.right] : [e.right, e.left];
      const held = this.evaluate(first, free);
      a.test(this.operand(second, free & ~(1 << held)), held);
      return;
    }
    const register = this.inRegister(e);
    if (register !== undefined) a.test(register, register);
    else if (e.kind === 'variable' || e.kind === 'global' || (e.kind === 'load' && e.size === 4)) {
      a.aluImmediate(CMP, 4, this.operand(e, free), 0);
    } else {
      const r = this.evaluate(e, free);
      a.test(r, r);
    }
  }

  /** `byteMask`: the largest mask that a test of the low byte is right for. */
  protected testBits(e: Expression, mask: number, free: number, byteMask: number): void {
    const { a } = this;
    const low = mask >= 0 && mask <= byteMask;
    if (e.kind === 'load' && e.size === 1 && low) {
      a.testImmediate(1, this.address(e.address, e.offset, free), mask);
      return;
    }
    const operand = this.operand(e, free);
    if (low && (typeof operand !== 'number' || operand <= EBX)) a.testImmediate(1, operand, mask);
    else a.testImmediate(4, operand, mask);
  }

  protected compareWide(e: Expression & { kind: 'compareWide' }, free: number): number {
    const scratch = this.pick(free);
    this.evaluateTo(e.leftLow, scratch, 0);
    this.aluLeaf(CMP, scratch, e.rightLow);
    this.moveKeepingFlags(scratch, e.leftHigh);
    this.aluLeaf(SBB, scratch, e.rightHigh);
    return conditionOf[e.op];
  }

  protected aluLeaf(op: Alu, to: Register, right: Expression): void {
    if (right.kind === 'constant') this.a.aluImmediate(op, 4, to, right.value);
    else this.a.alu(op, to, this.operand(right, 0));
  }

  protected moveKeepingFlags(to: Register, from: Expression): void {
    if (from.kind === 'constant') this.a.moveImmediate(to, from.value);
    else this.evaluateTo(from, to, 0);
  }

  /** Jumps to `label` if the tree's truth is `sense`, and falls through otherwise. */
  protected jumpIf(e: Expression, sense: boolean, label: Label): void {
    const { a } = this;
    if (e.kind === 'constant') {
      if ((e.value !== 0) === sense) a.jump(label);
      return;
    }
    if (e.kind === 'binary' && (e.op === 'and' || e.op === 'or') && isTruth(e.left) && isTruth(e.right)) {
      if ((e.op === 'and') === sense) {
        const skip = a.newLabel();
        this.jumpIf(e.left, !sense, skip);
        this.jumpIf(e.right, sense, label);
        a.place(skip);
      } else {
        this.jumpIf(e.left, sense, label);
        this.jumpIf(e.right, sense, label);
      }
      return;
    }
    if (e.kind === 'compare') {
      const condition = this.compare(sense ? e : { ...e, op: negate(e.op) }, this.free);
      a.jumpIf(condition, label);
    } else if (e.kind === 'compareWide') {
      const condition = this.compareWide(e, this.free);
      a.jumpIf(sense ? condition : condition ^ 1, label);
    } else {
      this.test(e, this.free, true);
      a.jumpIf(sense ? CC.ne : CC.e, label);
    }
  }
}

/** A tree whose value is 0 or 1. */
function isTruth(e: Expression): boolean {
  switch (e.kind) {
    case 'compare':
    case 'compareWide':
      return true;
    case 'constant':
      return e.value === 0 || e.value === 1;
    case 'binary':
      return (e.op === 'and' || e.op === 'or') && isTruth(e.left) && isTruth(e.right);
    default:
      return false;
  }
}
