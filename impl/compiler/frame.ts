/**
 * Where a compiled function's values are: frame, registers, slots, and moves between them.
 *
 * Frame, upwards from ESP: words of outgoing arguments beyond the third, slots, saved registers, return address, incoming argument
 * words beyond the third. The first three argument words come in EAX, EDX, ECX; results go in EAX, EDX:EAX. ESP does not move inside a
 * body, so a frame slot has one address; nothing lives below ESP.
 */

import type { Allocation } from './allocate.js';
import { type Expression, type IrFunction, some, type Variable } from './ir.js';
import {
  ADD,
  Assembler,
  EAX,
  EBP,
  EBX,
  ECX,
  EDI,
  EDX,
  ESI,
  ESP,
  type Memory,
  memory,
  type Register,
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

export const argumentRegisters: readonly Register[] = [EAX, EDX, ECX];
const scratchOrder: readonly Register[] = [EAX, ECX, EDX];
const calleeSaved: readonly Register[] = [EBX, ESI, EDI, EBP];
export const allScratch = (1 << EAX) | (1 << ECX) | (1 << EDX);

/** Where a value is to be put or taken from when several are moved at once. */
export type Place = Register | Memory;

export class FrameCode {
  protected readonly a = new Assembler();
  protected free = allScratch;
  /** The scratch register whose value the instruction before `at` stored in a variable's slot, where it still is. */
  protected justStored: { variable: Variable; register: Register; at: number } | undefined;
  protected readonly outgoingBytes: number;
  protected readonly frameBytes: number;
  protected readonly saved: readonly Register[];

  constructor(
    protected readonly f: IrFunction,
    protected readonly allocation: Allocation,
    protected readonly layout: Layout,
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

  protected registerOf(v: Variable): Register | undefined {
    const r = this.allocation.registers[v];
    return r < 0 ? undefined : (r as Register);
  }

  protected home(v: Variable): Place {
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
  protected incoming(word: number): Memory {
    return memory(ESP, this.frameBytes + this.saved.length * 4 + 4 + (word - 3) * 4);
  }

  /** The register that holds a variable's value, if one does. */
  protected inRegister(e: Expression): Register | undefined {
    if (e.kind !== 'variable') return undefined;
    const { justStored } = this;
    if (justStored !== undefined && justStored.variable === e.variable && justStored.at === this.a.position) {
      return justStored.register;
    }
    return this.registerOf(e.variable);
  }

  protected reads(e: Expression, register: Register): boolean {
    return some(e, (x) => x.kind === 'variable' && this.registerOf(x.variable) === register);
  }

  protected pick(free: number): Register {
    for (const r of scratchOrder) if ((free & (1 << r)) !== 0) return r;
    throw new OutOfRegisters(this.f.name);
  }

  protected prologue(): void {
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

  protected moveStack(bytes: number): void {
    if (bytes < 0) this.a.aluImmediate(SUB, 4, ESP, -bytes);
    else if (bytes > 0) this.a.aluImmediate(ADD, 4, ESP, bytes);
  }

  protected epilogue(): void {
    this.moveStack(this.frameBytes);
    for (const r of [...this.saved].reverse()) this.a.pop(r);
    this.a.return();
  }

  /** Does moves as if all at once. Sources are leaves or registers; slots are not both source and target. */
  protected moveAll(moves: { to: Place; from: Expression | Register }[]): void {
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

  protected load(to: Register, from: Expression | Register): void {
    if (typeof from === 'number') this.a.move(to, from);
    else this.loadLeaf(to, from);
  }

  /** Puts a constant's or variable's value into a register. */
  protected loadLeaf(to: Register, from: Expression): void {
    if (from.kind === 'constant') {
      if (from.value === 0) this.a.alu(XOR, to, to);
      else this.a.moveImmediate(to, from.value);
    } else if (from.kind === 'variable') this.a.move(to, this.inRegister(from) ?? this.home(from.variable));
    else throw new Error(`${this.f.name}: a leaf was expected, ${from.kind} found`);
  }
}
