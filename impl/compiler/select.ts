/**
 * Instruction selection: intermediate code with every variable's place known, to i486 machine code.
 *
 * The rules that make it right:
 * - Trees are evaluated in the scratch registers that hold no variable (`free`), in the order `legalise.ts` counted with.
 * - A register that a variable lives in is written only by the last instruction that assigns the variable, or earlier where nothing
 *   evaluated later reads that register (`reads`).
 * - ESP does not move inside a body, so a frame slot has one address; nothing lives below ESP.
 *
 * Frame, upwards from ESP: words of outgoing arguments beyond the third, slots, saved registers, return address, incoming argument
 * words beyond the third. The first three argument words come in EAX, EDX, ECX; results go in EAX, EDX:EAX.
 */

import { type Allocation, countBits } from './allocate.js';
import { intrinsics } from './intrinsics.js';
import {
  type Block,
  type Comparison,
  type Expression,
  type IrFunction,
  isConstant,
  isLeaf,
  negate,
  type Statement,
  some,
  statementTargets,
  type Variable,
} from './ir.js';
import { need, operandNeed, unscaled } from './legalise.js';
import {
  ADC,
  ADD,
  type Alu,
  AND,
  Assembler,
  CC,
  CMP,
  EAX,
  EBP,
  EBX,
  ECX,
  EDI,
  EDX,
  ESI,
  ESP,
  type Label,
  type MachineCode,
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

/** No scratch register is left: cannot happen after an allocation without hope. */
export class OutOfRegisters extends Error {
  constructor(name: string) {
    super(`${name}: out of scratch registers`);
    this.name = 'OutOfRegisters';
  }
}

/** Addresses that code generation needs to know. */
export interface Layout {
  readonly functionTable: number;
}

export interface CompiledFunction {
  readonly code: MachineCode;
  /** Bytes between the return address and the lowest address the body uses. */
  readonly frameBytes: number;
  /** Symbols called directly, and whether calls through the table occur. */
  readonly callees: ReadonlySet<string>;
  readonly callsTable: boolean;
}

const argumentRegisters: readonly Register[] = [EAX, EDX, ECX];
const scratchOrder: readonly Register[] = [EAX, ECX, EDX];
const calleeSaved: readonly Register[] = [EBX, ESI, EDI, EBP];
const allScratch = (1 << EAX) | (1 << ECX) | (1 << EDX);

const aluOf = { add: ADD, sub: SUB, and: AND, or: OR, xor: XOR } as const;
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
const rotationOf: Record<'shl' | 'shr_s' | 'shr_u' | 'rotl' | 'rotr', Rotation> = {
  shl: SHL,
  shr_s: SAR,
  shr_u: SHR,
  rotl: ROL,
  rotr: ROR,
};

export function functionSymbol(index: number): string {
  return `function ${index}`;
}

export function selectInstructions(f: IrFunction, allocation: Allocation, layout: Layout): CompiledFunction {
  return new Selector(f, allocation, layout).run();
}

/** Where a value is to be put or taken from when several are moved at once. */
type Place = Register | Memory;

class Selector {
  private readonly a = new Assembler();
  private readonly labels = new Map<Block, Label>();
  private readonly callees = new Set<string>();
  private callsTable = false;
  private pushes = 0;
  private free = allScratch;
  /** The scratch register whose value the instruction before `at` stored in a variable's slot, where it still is. */
  private justStored: { variable: Variable; register: Register; at: number } | undefined;
  private readonly outgoingBytes: number;
  private readonly frameBytes: number;
  private readonly saved: readonly Register[];
  private readonly jumpTables: { label: Label; targets: readonly Block[] }[] = [];

  constructor(
    private readonly f: IrFunction,
    private readonly allocation: Allocation,
    private readonly layout: Layout,
  ) {
    let outgoing = 0;
    for (const block of f.blocks) {
      for (const s of block.statements) {
        if (s.kind !== 'call') continue;
        // A call through the table with three register arguments keeps its target in one more word.
        const words = s.args.length - 3 + (s.target.kind === 'table' ? 1 : 0);
        outgoing = Math.max(outgoing, words);
      }
    }
    this.outgoingBytes = outgoing * 4;
    this.frameBytes = this.outgoingBytes + allocation.slots * 4;
    this.saved = calleeSaved.filter((r) => allocation.registers.includes(r));
  }

  run(): CompiledFunction {
    const { a, f } = this;
    for (const block of f.blocks) this.labels.set(block, a.newLabel());
    a.mark(f.blocks[0].statements[0]?.offset ?? f.blocks[0].end.offset);
    this.prologue();
    f.blocks.forEach((block, i) => {
      a.place(this.label(block));
      this.justStored = undefined;
      const occupied = this.allocation.occupied[i];
      block.statements.forEach((s, j) => {
        a.mark(s.offset);
        this.free = allScratch & ~occupied[j];
        this.statement(s);
      });
      this.free = allScratch & ~occupied[block.statements.length];
      a.mark(block.end.offset);
      this.terminator(block, f.blocks[i + 1]);
    });
    if (this.jumpTables.length > 0) {
      a.beginTables();
      for (const { label, targets } of this.jumpTables) {
        a.place(label);
        for (const target of targets) a.addressOfLabel(this.label(target));
      }
    }
    return {
      code: a.finish(),
      frameBytes: this.frameBytes + this.saved.length * 4 + this.pushes,
      callees: this.callees,
      callsTable: this.callsTable,
    };
  }

  private label(block: Block): Label {
    const label = this.labels.get(block);
    if (label === undefined) throw new Error(`${this.f.name}: a branch goes to a block that is not laid out`);
    return label;
  }

  // Places ----------------------------------------------------------------------------------------------------------------------

  private registerOf(v: Variable): Register | undefined {
    const r = this.allocation.registers[v];
    return r < 0 ? undefined : (r as Register);
  }

  private home(v: Variable): Place {
    const register = this.registerOf(v);
    if (register !== undefined) return register;
    const slot = this.allocation.slotOf[v];
    if (slot < 0) {
      // The argument word stays where the caller put it.
      return this.incoming(-1 - slot);
    }
    return memory(ESP, this.outgoingBytes + slot * 4);
  }

  /** An argument word beyond the third. */
  private incoming(word: number): Memory {
    return memory(ESP, this.frameBytes + this.saved.length * 4 + 4 + (word - 3) * 4);
  }

  /** The register that holds a variable's value, if one does. */
  private inRegister(e: Expression): Register | undefined {
    if (e.kind !== 'variable') return undefined;
    const { justStored } = this;
    if (justStored !== undefined && justStored.variable === e.variable && justStored.at === this.a.position) {
      return justStored.register;
    }
    return this.registerOf(e.variable);
  }

  private reads(e: Expression, register: Register): boolean {
    return some(e, (x) => x.kind === 'variable' && this.registerOf(x.variable) === register);
  }

  private pick(free: number): Register {
    for (const r of scratchOrder) if ((free & (1 << r)) !== 0) return r;
    throw new OutOfRegisters(this.f.name);
  }

  private prologue(): void {
    const { a } = this;
    for (const r of this.saved) a.push(r);
    this.moveStack(-this.frameBytes);
    const live = this.f.params.map((v, word) => ({ v, word })).filter(({ word }) => this.allocation.enters[word]);
    this.moveAll(
      live.filter(({ word }) => word < 3).map(({ v, word }) => ({ to: this.home(v), from: argumentRegisters[word] })),
    );
    for (const { v, word } of live) {
      const home = this.home(v);
      if (word < 3 || typeof home !== 'number') continue;
      a.move(home, this.incoming(word));
    }
  }

  private moveStack(bytes: number): void {
    if (bytes < 0) this.a.aluImmediate(SUB, 4, ESP, -bytes);
    else if (bytes > 0) this.a.aluImmediate(ADD, 4, ESP, bytes);
  }

  private epilogue(): void {
    this.moveStack(this.frameBytes);
    for (const r of [...this.saved].reverse()) this.a.pop(r);
    this.a.return();
  }

  /** Does moves as if all at once. Sources are leaves or registers; slots are not both source and target. */
  private moveAll(moves: { to: Place; from: Expression | Register }[]): void {
    const { a } = this;
    const pending: { to: Register; from: Expression | Register }[] = [];
    const registerSource = (from: Expression | Register): Register | undefined =>
      typeof from === 'number' ? from : this.inRegister(from);
    for (const { to, from } of moves) {
      if (typeof to === 'number') pending.push({ to, from });
      else {
        const source = registerSource(from);
        if (source !== undefined) a.store(4, to, source);
        else if (typeof from !== 'number' && from.kind === 'constant') a.storeImmediate(4, to, from.value);
        else throw new Error(`${this.f.name}: move from slot to slot`);
      }
    }
    while (pending.length > 0) {
      const done = pending.findIndex(({ to }, i) => !pending.some((p, j) => j !== i && registerSource(p.from) === to));
      if (done >= 0) {
        const [{ to, from }] = pending.splice(done, 1);
        this.load(to, from);
        continue;
      }
      // Only cycles of registers are left: an exchange completes one move and redirects the other readers.
      const { to, from } = pending[0];
      const source = registerSource(from);
      if (source === undefined) throw new Error(`${this.f.name}: cycle of moves without a register`);
      a.exchange(to, source);
      pending.shift();
      for (const p of pending) {
        const s = registerSource(p.from);
        if (s === to) p.from = source;
        else if (s === source) p.from = to;
      }
    }
  }

  private load(to: Register, from: Expression | Register): void {
    if (typeof from === 'number') this.a.move(to, from);
    else this.evaluateTo(from, to, 0);
  }

  // Trees -----------------------------------------------------------------------------------------------------------------------

  /** A leaf, a global or a 4-byte load as the second operand of an instruction. The registers it takes come from `free`. */
  private operand(e: Expression, free: number): Operand {
    if (e.kind === 'variable') return this.inRegister(e) ?? this.home(e.variable);
    if (e.kind === 'global') return memory(undefined, e.address);
    if (e.kind === 'load' && e.size === 4) return this.address(e.address, e.offset, free);
    return this.evaluate(e, free);
  }

  /** The registers of `free` that an operand occupies. */
  private taken(operand: Operand, free: number): number {
    if (typeof operand === 'number') return free & (1 << operand);
    let mask = 0;
    if (operand.base !== undefined) mask |= 1 << operand.base;
    if (operand.index !== undefined) mask |= 1 << operand.index;
    return free & mask;
  }

  private address(e: Expression, displacement: number, free: number): Memory {
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

  private indexed(x: Expression, y: Expression, displacement: number, free: number): Memory {
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
  private evaluate(e: Expression, free: number): Register {
    const register = this.inRegister(e);
    if (register !== undefined) return register;
    const to = this.pick(free);
    this.evaluateTo(e, to, free & ~(1 << to));
    return to;
  }

  /** Puts the tree's value into a register, changing no others but those of `free`. */
  private evaluateTo(e: Expression, to: Register, free: number): void {
    const { a } = this;
    switch (e.kind) {
      case 'constant':
        if (e.value === 0) a.alu(XOR, to, to);
        else a.moveImmediate(to, e.value);
        return;
      case 'variable':
        a.move(to, this.operand(e, 0));
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
  private usable(e: Expression, to: Register, free: number): number {
    return to <= EDX && !this.reads(e, to) ? free | (1 << to) : free;
  }

  private loadTo(e: Expression & { kind: 'load' }, to: Register, free: number): void {
    const { a } = this;
    // The target may serve the address: it is written last.
    const from = this.address(e.address, e.offset, this.usable(e.address, to, free));
    if (e.size === 4) a.move(to, from);
    else if (e.signed) a.moveSignExtended(to, e.size === 1 ? 8 : 16, from);
    else a.moveZeroExtended(to, e.size === 1 ? 8 : 16, from);
  }

  private shiftTo(e: Expression & { kind: 'shift' }, to: Register, free: number): void {
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

  private binaryTo(e: Expression & { kind: 'binary' }, to: Register, free: number): void {
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

  private apply(op: (Expression & { kind: 'binary' })['op'], to: Register, from: Operand): void {
    if (op === 'mul') this.a.multiply(to, from);
    else this.a.alu(aluOf[op], to, from);
  }

  private applyConstant(op: (Expression & { kind: 'binary' })['op'], to: Operand, value: number): void {
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
  private compare(e: Expression & { kind: 'compare' | 'compareWide' }, free: number): number {
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
  private compareByte(e: Expression & { kind: 'compare' }, value: number, free: number): boolean {
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
  private test(e: Expression, free: number, equality: boolean): void {
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
  private testBits(e: Expression, mask: number, free: number, byteMask: number): void {
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

  private compareWide(e: Expression & { kind: 'compareWide' }, free: number): number {
    const scratch = this.pick(free);
    this.evaluateTo(e.leftLow, scratch, 0);
    this.aluLeaf(CMP, scratch, e.rightLow);
    this.moveKeepingFlags(scratch, e.leftHigh);
    this.aluLeaf(SBB, scratch, e.rightHigh);
    return conditionOf[e.op];
  }

  private aluLeaf(op: Alu, to: Register, right: Expression): void {
    if (right.kind === 'constant') this.a.aluImmediate(op, 4, to, right.value);
    else this.a.alu(op, to, this.operand(right, 0));
  }

  private moveKeepingFlags(to: Register, from: Expression): void {
    if (from.kind === 'constant') this.a.moveImmediate(to, from.value);
    else this.evaluateTo(from, to, 0);
  }

  /** Jumps to `label` if the tree's truth is `sense`, and falls through otherwise. */
  private jumpIf(e: Expression, sense: boolean, label: Label): void {
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

  // Statements ------------------------------------------------------------------------------------------------------------------

  private statement(s: Statement): void {
    switch (s.kind) {
      case 'set':
        this.set(s.target, s.value);
        return;
      case 'setGlobal':
        this.storeTo(memory(undefined, s.address), 4, s.value, this.free);
        return;
      case 'evaluate':
        this.evaluate(s.value, this.free);
        return;
      case 'store':
        this.store(s);
        return;
      case 'call':
        this.call(s);
        return;
      case 'intrinsic':
        this.intrinsic(s);
        return;
      case 'divide':
        this.divide(s);
        return;
      case 'shiftBy':
        this.shiftBy(s);
        return;
      case 'count':
        this.count(s);
        return;
      case 'multiplyWide':
        this.multiplyWide(s);
        return;
      case 'addWide':
        this.addWide(s);
        return;
      case 'shiftDouble':
        this.shiftDouble(s);
        return;
    }
  }

  /** Puts a register's value where a variable lives. */
  private put(v: Variable, from: Register): void {
    const home = this.home(v);
    if (typeof home === 'number') this.a.move(home, from);
    else {
      this.a.store(4, home, from);
      this.justStored = { variable: v, register: from, at: this.a.position };
    }
  }

  /** Puts EDX:EAX where two variables live. */
  private putPair(low: Variable, high: Variable): void {
    this.moveAll([
      { to: this.home(low), from: EAX },
      { to: this.home(high), from: EDX },
    ]);
  }

  private set(target: Variable, value: Expression): void {
    const home = this.home(target);
    if (typeof home === 'number') {
      this.evaluateTo(value, home, this.free & ~(1 << home));
      return;
    }
    if (this.updateInPlace(home, 4, value, (e) => e.kind === 'variable' && e.variable === target)) return;
    if (value.kind === 'constant') this.a.storeImmediate(4, home, value.value);
    else this.put(target, this.storable(value, 4, this.free));
  }

  /** `op [to], value` where the tree reads the very place it is stored to. */
  private updateInPlace(to: Memory, size: 1 | 2 | 4, value: Expression, isOld: (e: Expression) => boolean): boolean {
    const { a } = this;
    const free = this.free & ~this.taken(to, this.free);
    if (value.kind === 'shift' && size === 4 && isOld(value.left)) {
      a.rotate(rotationOf[value.op], to, value.count);
      return true;
    }
    if (value.kind !== 'binary' || value.op === 'mul') return false;
    let { left, right } = value;
    if (value.op !== 'sub' && !isOld(left)) [left, right] = [right, left];
    if (!isOld(left)) return false;
    if (right.kind === 'constant') {
      if (size === 4) this.applyConstant(value.op, to, right.value);
      else
        a.aluImmediate(aluOf[value.op], size, to, size === 1 ? (right.value << 24) >> 24 : (right.value << 16) >> 16);
      return true;
    }
    if (need(right) > countBits(free)) return false;
    let from = this.inRegister(right);
    if (from === undefined || (size === 1 && from > EBX)) {
      from = this.pick(free);
      this.evaluateTo(right, from, free & ~(1 << from));
    }
    a.aluStore(aluOf[value.op], size, to, from);
    return true;
  }

  private storeTo(to: Memory, size: 1 | 2 | 4, value: Expression, free: number): void {
    if (value.kind === 'constant') {
      this.a.storeImmediate(size, to, value.value);
      return;
    }
    this.a.store(size, to, this.storable(value, size, free));
  }

  /** A register with the tree's value that has a low part of this size. */
  private storable(value: Expression, size: 1 | 2 | 4, free: number): Register {
    const direct = this.inRegister(value);
    if (direct !== undefined && (size !== 1 || direct <= EBX)) return direct;
    const from = this.pick(free);
    this.evaluateTo(value, from, free & ~(1 << from));
    return from;
  }

  private store(s: Statement & { kind: 'store' }): void {
    const { free } = this;
    if (s.value.kind === 'constant') {
      this.a.storeImmediate(s.size, this.address(s.address, s.displacement, free), s.value.value);
      return;
    }
    if (this.storeUpdate(s)) return;
    const from = this.storable(s.value, s.size, free);
    this.a.store(s.size, this.address(s.address, s.displacement, free & ~(1 << from)), from);
  }

  /** Read-modify-write: a store to the address that its value's tree loads from. */
  private storeUpdate(s: Statement & { kind: 'store' }): boolean {
    const { value, size } = s;
    const isOld = (e: Expression): boolean =>
      e.kind === 'load' && e.size === size && e.offset === s.displacement && sameTree(e.address, s.address);
    if (value.kind === 'shift') {
      if (size !== 4 || !isOld(value.left)) return false;
    } else {
      if (value.kind !== 'binary' || value.op === 'mul') return false;
      const other = isOld(value.left) ? value.right : value.op !== 'sub' && isOld(value.right) ? value.left : undefined;
      // Nothing may be emitted before it is certain that the form fits: the address takes up to two registers.
      if (other === undefined || need(other) > countBits(this.free) - 2) return false;
    }
    return this.updateInPlace(this.address(s.address, s.displacement, this.free), size, value, isOld);
  }

  private call(s: Statement & { kind: 'call' }): void {
    const { a } = this;
    const { args, target } = s;
    for (let i = 3; i < args.length; i++) this.storeTo(memory(ESP, (i - 3) * 4), 4, args[i], this.free);
    let entry: Operand | undefined;
    if (target.kind === 'table') entry = this.tableEntry(target.entry, args.length);
    const trees = [0, 1, 2].filter((i) => i < args.length && !isLeaf(args[i]));
    trees.sort((x, y) => need(args[y]) - need(args[x]));
    let { free } = this;
    for (const i of trees) {
      const to = argumentRegisters[i];
      free &= ~(1 << to);
      this.evaluateTo(args[i], to, free);
    }
    const moves = [0, 1, 2]
      .filter((i) => i < args.length && isLeaf(args[i]))
      .map((i) => ({ to: argumentRegisters[i], from: args[i] }));
    this.moveAll(moves);
    if (target.kind === 'function') this.callSymbol(functionSymbol(target.index));
    else if (target.kind === 'routine') this.callSymbol(target.name);
    else if (entry !== undefined) {
      this.callsTable = true;
      if (entry === ECX && target.entry.kind === 'variable') {
        a.move(ECX, this.home(target.entry.variable));
        entry = { base: undefined, index: ECX, scale: 2, displacement: this.layout.functionTable };
      }
      a.callIndirect(entry);
    }
    if (s.results.length === 1) this.put(s.results[0], EAX);
    if (s.results.length === 2) this.putPair(s.results[0], s.results[1]);
  }

  /** Operand of an indirect call. ECX means: load the entry number there when the arguments are in place. */
  private tableEntry(entry: Expression, args: number): Operand {
    const { a } = this;
    const { functionTable } = this.layout;
    if (entry.kind === 'constant') return memory(undefined, functionTable + entry.value * 4);
    // A register that still holds the number after the arguments are in place.
    const direct = entry.kind === 'variable' ? this.registerOf(entry.variable) : undefined;
    if (direct !== undefined) return { base: undefined, index: direct, scale: 2, displacement: functionTable };
    if (args < 3) return ECX;
    const scratch = this.pick(this.free);
    this.evaluateTo(entry, scratch, 0);
    a.move(scratch, { base: undefined, index: scratch, scale: 2, displacement: functionTable });
    const kept = memory(ESP, (args - 3) * 4);
    a.store(4, kept, scratch);
    return kept;
  }

  private callSymbol(symbol: string): void {
    this.callees.add(symbol);
    this.a.call(symbol);
  }

  private intrinsic(s: Statement & { kind: 'intrinsic' }): void {
    const known = intrinsics.get(s.name);
    if (known === undefined) throw new Error(`${this.f.name}: hw.${s.name} is not an intrinsic`);
    if (known.args.length !== s.args.length || (known.result === undefined ? 0 : 1) < s.results.length) {
      throw new Error(`${this.f.name}: hw.${s.name} is declared with the wrong number of arguments or a result`);
    }
    this.moveAll(known.args.map((to, i) => ({ to, from: s.args[i] })));
    known.emit(this.a, this.layout);
    this.pushes = Math.max(this.pushes, known.pushes ?? 0);
    if (s.name === 'switchStack') this.callees.add('switch_stack');
    if (known.result !== undefined && s.results.length > 0) this.put(s.results[0], known.result);
  }

  private divide(s: Statement & { kind: 'divide' }): void {
    const { a } = this;
    const { op } = s;
    this.evaluateTo(s.left, EAX, this.free & ~(1 << EAX));
    let divisor: Operand;
    if (s.right.kind === 'constant') {
      a.moveImmediate(ECX, s.right.value);
      divisor = ECX;
    } else divisor = this.leafPlace(s.right);
    const signed = op === 'div_s' || op === 'rem_s';
    const done = a.newLabel();
    if (!signed) a.alu(XOR, EDX, EDX);
    else if (op === 'rem_s' && (s.right.kind !== 'constant' || s.right.value === -1)) {
      // The most negative number divided by -1 overflows, but its remainder is 0 as for all others.
      a.alu(XOR, EDX, EDX);
      a.aluImmediate(CMP, 4, divisor, -1);
      a.jumpIf(CC.e, done);
    }
    if (signed) a.byte(0x99);
    a.divide(signed, divisor);
    a.place(done);
    this.put(s.target, op === 'div_s' || op === 'div_u' ? EAX : EDX);
  }

  private leafPlace(e: Expression): Operand {
    if (e.kind !== 'variable') throw new Error(`${this.f.name}: a variable was expected`);
    return this.home(e.variable);
  }

  private shiftBy(s: Statement & { kind: 'shiftBy' }): void {
    const { a } = this;
    const home = this.registerOf(s.target);
    const to = home !== undefined && home > EDX && !this.reads(s.count, home) ? home : EAX;
    this.evaluateTo(s.left, to, this.free & ~(1 << to));
    this.load(ECX, s.count);
    a.rotateByCl(rotationOf[s.op], to);
    if (to !== home) this.put(s.target, to);
  }

  private count(s: Statement & { kind: 'count' }): void {
    const { a } = this;
    const operand = this.operand(s.value, this.free);
    const done = a.newLabel();
    a.byte(0x0f);
    a.op(s.op === 'clz' ? 0xbd : 0xbc, EAX, operand);
    a.jumpIf(CC.ne, done);
    a.moveImmediate(EAX, s.op === 'clz' ? 63 : 32);
    a.place(done);
    if (s.op === 'clz') a.aluImmediate(XOR, 4, EAX, 31);
    this.put(s.target, EAX);
  }

  private multiplyWide(s: Statement & { kind: 'multiplyWide' }): void {
    const { a } = this;
    this.evaluateTo(s.left, EAX, this.free & ~(1 << EAX));
    if (s.right.kind === 'constant') {
      a.moveImmediate(EDX, s.right.value);
      a.multiplyWide(s.signed, EDX);
    } else a.multiplyWide(s.signed, this.leafPlace(s.right));
    this.putPair(s.low, s.high);
  }

  private addWide(s: Statement & { kind: 'addWide' }): void {
    this.evaluateTo(s.leftLow, EAX, this.free & ~(1 << EAX));
    this.evaluateTo(s.leftHigh, EDX, this.free & ~(1 << EAX) & ~(1 << EDX));
    this.aluLeaf(s.op === 'add' ? ADD : SUB, EAX, s.rightLow);
    this.aluLeaf(s.op === 'add' ? ADC : SBB, EDX, s.rightHigh);
    this.putPair(s.low, s.high);
  }

  private shiftDouble(s: Statement & { kind: 'shiftDouble' }): void {
    this.evaluateTo(s.into, EAX, this.free & ~(1 << EAX));
    const from = this.evaluate(s.from, this.free & ~(1 << EAX));
    this.a.shiftDouble(s.op, EAX, from, s.count);
    this.put(s.target, EAX);
  }

  /** The label of a table of these targets; repeated switches share one. */
  private jumpTable(targets: readonly Block[]): Label {
    const same = this.jumpTables.find(
      (t) => t.targets.length === targets.length && t.targets.every((b, i) => b === targets[i]),
    );
    if (same !== undefined) return same.label;
    const label = this.a.newLabel();
    this.jumpTables.push({ label, targets });
    return label;
  }

  // Ends of blocks --------------------------------------------------------------------------------------------------------------

  private terminator(block: Block, next: Block | undefined): void {
    const { a } = this;
    const { end } = block;
    switch (end.kind) {
      case 'jump':
        if (end.to !== next) a.jump(this.label(end.to));
        return;
      case 'branch':
        if (end.yes === next) this.jumpIf(end.condition, false, this.label(end.no));
        else {
          this.jumpIf(end.condition, true, this.label(end.yes));
          if (end.no !== next) a.jump(this.label(end.no));
        }
        return;
      case 'switch': {
        const selector = this.evaluate(end.selector, this.free);
        const targets = [...end.targets];
        const largest = largestValue(end.selector, block);
        if (largest < byteTableEntries && targets.length >= byteTableEntries / 4) {
          // A table for every value there can be needs no comparison.
          while (targets.length <= largest) targets.push(end.otherwise);
        }
        if (largest >= targets.length) {
          a.aluImmediate(CMP, 4, selector, targets.length);
          a.jumpIf(CC.ae, this.label(end.otherwise));
        }
        const label = this.jumpTable(targets);
        a.jumpIndirect({ base: undefined, index: selector, scale: 2, displacement: 0, label });
        return;
      }
      case 'return': {
        const moves = end.values.map((from, i) => ({ to: i === 0 ? (EAX as Register) : (EDX as Register), from }));
        this.moveAll(moves);
        this.epilogue();
        return;
      }
      case 'unreachable':
        a.byte(0x0f, 0x0b);
        return;
    }
  }
}

const byteTableEntries = 256;

/** A bound of the tree's value, unsigned, at the end of a block. */
function largestValue(e: Expression, block: Block): number {
  if (e.kind === 'load' && !e.signed && e.size < 4) return e.size === 1 ? 0xff : 0xffff;
  if (e.kind === 'binary' && e.op === 'and' && e.right.kind === 'constant') return e.right.value >>> 0;
  if (e.kind !== 'variable') return 0xffffffff;
  const assigned = block.statements.findLast((s) => statementTargets(s).includes(e.variable));
  if (assigned === undefined || assigned.kind !== 'set' || assigned.value.kind === 'variable') return 0xffffffff;
  return largestValue(assigned.value, block);
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

export function sameTree(a: Expression, b: Expression): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case 'constant':
      return b.kind === 'constant' && isConstant(a, b.value);
    case 'variable':
      return b.kind === 'variable' && a.variable === b.variable;
    case 'global':
      return b.kind === 'global' && a.address === b.address;
    case 'load':
      return (
        b.kind === 'load' &&
        a.size === b.size &&
        a.signed === b.signed &&
        a.offset === b.offset &&
        sameTree(a.address, b.address)
      );
    case 'binary':
      return b.kind === 'binary' && a.op === b.op && sameTree(a.left, b.left) && sameTree(a.right, b.right);
    case 'shift':
      return b.kind === 'shift' && a.op === b.op && a.count === b.count && sameTree(a.left, b.left);
    case 'extend':
      return b.kind === 'extend' && a.bits === b.bits && sameTree(a.value, b.value);
    case 'swap':
      return b.kind === 'swap' && sameTree(a.value, b.value);
    default:
      return false;
  }
}
