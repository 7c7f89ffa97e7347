/**
 * Instruction selection: intermediate code with every variable's place known, to i486 machine code.
 *
 * The rules that make it right:
 * - Trees are evaluated in the scratch registers that hold no variable (`free`), in the order `legalise.ts` counted with.
 * - A register that a variable lives in is written only by the last instruction that assigns the variable, or earlier where nothing
 *   evaluated later reads that register (`reads`).
 * - ESP does not move inside a body, so a frame slot has one address; nothing lives below ESP.
 *
 * Where values are is in `frame.ts`, trees and conditions in `trees.ts`, statements and the ends of blocks here.
 */

import { type Allocation, countBits } from './allocate.js';
import { allScratch, argumentRegisters, type Layout } from './frame.js';
import { intrinsics } from './intrinsics.js';
import {
  type Block,
  type Expression,
  type IrFunction,
  isConstant,
  isLeaf,
  type Statement,
  statementTargets,
  type Variable,
} from './ir.js';
import { need } from './legalise.js';
import { aluOf, rotationOf, TreeCode } from './trees.js';
import {
  ADC,
  ADD,
  CC,
  CMP,
  EAX,
  EBX,
  ECX,
  EDX,
  ESP,
  type Label,
  type MachineCode,
  type Memory,
  memory,
  type Operand,
  type Register,
  SBB,
  SUB,
  XOR,
} from './x86.js';

export interface CompiledFunction {
  readonly code: MachineCode;
  /** Bytes between the return address and the lowest address the body uses. */
  readonly frameBytes: number;
  /** Symbols called directly. */
  readonly callees: ReadonlySet<string>;
  /** Signatures of calls through the table. */
  readonly tableCalls: ReadonlySet<string>;
}

export function functionSymbol(index: number): string {
  return `function ${index}`;
}

export function selectInstructions(f: IrFunction, allocation: Allocation, layout: Layout): CompiledFunction {
  return new Selector(f, allocation, layout).run();
}

class Selector extends TreeCode {
  private readonly labels = new Map<Block, Label>();
  private readonly callees = new Set<string>();
  private readonly tableCalls = new Set<string>();
  private pushes = 0;
  private readonly jumpTables: { label: Label; targets: readonly Block[] }[] = [];

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
      tableCalls: this.tableCalls,
    };
  }

  private label(block: Block): Label {
    const label = this.labels.get(block);
    if (label === undefined) throw new Error(`${this.f.name}: a branch goes to a block that is not laid out`);
    return label;
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
      this.tableCalls.add(target.signature);
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
