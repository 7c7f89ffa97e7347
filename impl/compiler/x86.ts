/**
 * Assembler for the 32-bit subset of the i486 instruction set that the compiler emits.
 *
 * The rule that makes it right: code is written once with jumps left out; `finish` chooses each jump's size by growing, never
 * shrinking, from all short until every displacement fits, so the choice is stable, and then maps all positions.
 *
 * Encodings: Intel i486 Processor Programmer's Reference Manual, chapter 26.
 */

export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
export const EAX = 0;
export const ECX = 1;
export const EDX = 2;
export const EBX = 3;
export const ESP = 4;
export const EBP = 5;
export const ESI = 6;
export const EDI = 7;

export interface Memory {
  readonly base: Register | undefined;
  readonly index: Register | undefined;
  /** log2 of the factor of the index. */
  readonly scale: 0 | 1 | 2 | 3;
  readonly displacement: number;
  /** Label of this function added to the displacement. */
  readonly label?: Label;
}

export type Operand = Register | Memory;

/** Group-1 operations by their opcode extension. */
export const ADD = 0;
export const OR = 1;
export const ADC = 2;
export const SBB = 3;
export const AND = 4;
export const SUB = 5;
export const XOR = 6;
export const CMP = 7;
export type Alu = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Group-2 operations. */
export const ROL = 0;
export const ROR = 1;
export const SHL = 4;
export const SHR = 5;
export const SAR = 7;
export type Rotation = 0 | 1 | 4 | 5 | 7;

/** Condition codes. */
export const CC = {
  b: 2,
  ae: 3,
  e: 4,
  ne: 5,
  be: 6,
  a: 7,
  s: 8,
  ns: 9,
  l: 12,
  ge: 13,
  le: 14,
  g: 15,
} as const;

export interface Label {
  /** Position in code without jumps, -1 before it is placed. */
  raw: number;
  /** Number of jumps emitted before the label. */
  jumpsBefore: number;
}

interface Jump {
  readonly raw: number;
  /** Condition code, or -1 for an unconditional jump. */
  readonly condition: number;
  readonly target: Label;
  long: boolean;
}

/** A place that the linker fills: relative call of a symbol, its address, or this function's own address plus an addend. */
export interface Relocation {
  readonly offset: number;
  readonly kind: 'relative' | 'absolute' | 'self';
  readonly symbol: string;
  readonly addend: number;
}

export interface MachineCode {
  readonly bytes: Uint8Array;
  readonly relocations: Relocation[];
  /** Code offset and wasm offset where each run of instructions of one source position begins. */
  readonly positions: { readonly offset: number; readonly wasm: number }[];
}

interface RawRelocation {
  readonly raw: number;
  readonly jumpsBefore: number;
  readonly kind: 'relative' | 'absolute' | 'label';
  readonly symbol: string;
  readonly label: Label | undefined;
  readonly addend: number;
}

function isRegister(x: Operand): x is Register {
  return typeof x === 'number';
}

function fits8(v: number): boolean {
  return v >= -128 && v <= 127;
}

export function memory(base: Register | undefined, displacement = 0): Memory {
  return { base, index: undefined, scale: 0, displacement };
}

export class Assembler {
  private buffer = new Uint8Array(256);
  private length = 0;
  private readonly jumps: Jump[] = [];
  private readonly relocations: RawRelocation[] = [];
  private tables = -1;
  private readonly marks: { raw: number; jumpsBefore: number; wasm: number }[] = [];

  /** Grows with each instruction. */
  get position(): number {
    return this.length + this.jumps.length;
  }

  // Raw output ----------------------------------------------------------------------------------------------------------------

  byte(...values: number[]): void {
    for (const v of values) {
      if (this.length === this.buffer.length) {
        const bigger = new Uint8Array(this.buffer.length * 2);
        bigger.set(this.buffer);
        this.buffer = bigger;
      }
      this.buffer[this.length++] = v;
    }
  }

  word32(v: number): void {
    this.byte(v & 255, (v >> 8) & 255, (v >> 16) & 255, (v >> 24) & 255);
  }

  /** A 4-byte field holding the address of a symbol. */
  addressOf(symbol: string, addend = 0): void {
    this.relocate('absolute', symbol, undefined, addend);
    this.word32(0);
  }

  /** A 4-byte field holding the address of a label of this code. */
  addressOfLabel(label: Label): void {
    this.relocate('label', '', label, 0);
    this.word32(0);
  }

  private relocate(kind: RawRelocation['kind'], symbol: string, label: Label | undefined, addend: number): void {
    this.relocations.push({ raw: this.length, jumpsBefore: this.jumps.length, kind, symbol, label, addend });
  }

  /** Instructions from here on belong to the wasm instruction at this offset. */
  mark(wasm: number): void {
    const last = this.marks.at(-1);
    if (last !== undefined && last.wasm === wasm) return;
    if (last !== undefined && last.raw === this.length && last.jumpsBefore === this.jumps.length) this.marks.pop();
    this.marks.push({ raw: this.length, jumpsBefore: this.jumps.length, wasm });
  }

  newLabel(): Label {
    return { raw: -1, jumpsBefore: 0 };
  }

  place(label: Label): void {
    if (label.raw !== -1) throw new Error('a label was placed twice');
    label.raw = this.length;
    label.jumpsBefore = this.jumps.length;
  }

  // Operand encoding ------------------------------------------------------------------------------------------------------------

  private modRm(field: number, operand: Operand): void {
    const reg = field << 3;
    if (isRegister(operand)) {
      this.byte(0xc0 | reg | operand);
      return;
    }
    const { base, index, scale, displacement, label } = operand;
    if (index === ESP) throw new Error('ESP cannot be an index');
    if (base === undefined && index === undefined) {
      this.byte(reg | 5);
      this.displacement32(displacement, label);
      return;
    }
    if (base === undefined) {
      this.byte(reg | 4, (scale << 6) | ((index ?? 4) << 3) | 5);
      this.displacement32(displacement, label);
      return;
    }
    const mode = label !== undefined ? 2 : displacement === 0 && base !== EBP ? 0 : fits8(displacement) ? 1 : 2;
    if (index === undefined && base !== ESP) this.byte((mode << 6) | reg | base);
    else this.byte((mode << 6) | reg | 4, (scale << 6) | ((index ?? 4) << 3) | base);
    if (mode === 1) this.byte(displacement & 255);
    if (mode === 2) this.displacement32(displacement, label);
  }

  private displacement32(displacement: number, label: Label | undefined): void {
    if (label === undefined) {
      this.word32(displacement);
      return;
    }
    this.relocate('label', '', label, displacement);
    this.word32(0);
  }

  // Moves -----------------------------------------------------------------------------------------------------------------------

  move(to: Register, from: Operand): void {
    if (isRegister(from)) {
      if (to !== from) this.op(0x89, from, to);
    } else if (to === EAX && from.base === undefined && from.index === undefined && from.label === undefined) {
      this.byte(0xa1);
      this.word32(from.displacement);
    } else this.op(0x8b, to, from);
  }

  moveImmediate(to: Register, value: number): void {
    this.byte(0xb8 | to);
    this.word32(value);
  }

  /** Store of the low 1, 2 or 4 bytes of a register; one byte needs EAX, ECX, EDX or EBX. */
  store(size: 1 | 2 | 4, to: Memory, from: Register): void {
    if (size === 1 && from > EBX) throw new Error('the register has no low byte');
    if (size === 2) this.byte(0x66);
    if (size !== 1 && from === EAX && to.base === undefined && to.index === undefined) {
      this.byte(0xa3);
      this.word32(to.displacement);
    } else this.op(size === 1 ? 0x88 : 0x89, from, to);
  }

  storeImmediate(size: 1 | 2 | 4, to: Memory, value: number): void {
    if (size === 2) this.byte(0x66);
    this.op(size === 1 ? 0xc6 : 0xc7, 0, to);
    if (size === 1) this.byte(value & 255);
    else if (size === 2) this.byte(value & 255, (value >> 8) & 255);
    else this.word32(value);
  }

  moveZeroExtended(to: Register, bits: 8 | 16, from: Operand): void {
    this.extended(bits === 8 ? 0xb6 : 0xb7, to, bits, from);
  }

  moveSignExtended(to: Register, bits: 8 | 16, from: Operand): void {
    this.extended(bits === 8 ? 0xbe : 0xbf, to, bits, from);
  }

  private extended(opcode: number, to: Register, bits: 8 | 16, from: Operand): void {
    if (bits === 8 && isRegister(from) && from > EBX) throw new Error('the register has no low byte');
    this.byte(0x0f);
    this.op(opcode, to, from);
  }

  loadAddress(to: Register, from: Memory): void {
    this.op(0x8d, to, from);
  }

  exchange(a: Register, b: Register): void {
    if (a === EAX) this.byte(0x90 | b);
    else if (b === EAX) this.byte(0x90 | a);
    else this.op(0x87, a, b);
  }

  push(from: Register): void {
    this.byte(0x50 | from);
  }

  pop(to: Register): void {
    this.byte(0x58 | to);
  }

  // Arithmetic ------------------------------------------------------------------------------------------------------------------

  /** An opcode byte with its register field and operand. */
  op(opcode: number, field: number, operand: Operand): void {
    this.byte(opcode);
    this.modRm(field, operand);
  }

  alu(op: Alu, to: Register, from: Operand): void {
    if (isRegister(from)) this.op((op << 3) | 1, from, to);
    else this.op((op << 3) | 3, to, from);
  }

  /** CMP of an operand that may be in memory with a register. */
  compareWith(left: Operand, right: Register): void {
    this.op((CMP << 3) | 1, right, left);
  }

  aluStore(op: Alu, size: 1 | 2 | 4, to: Memory, from: Register): void {
    if (size === 1 && from > EBX) throw new Error('the register has no low byte');
    if (size === 2) this.byte(0x66);
    this.op((op << 3) | (size === 1 ? 0 : 1), from, to);
  }

  aluImmediate(op: Alu, size: 1 | 2 | 4, to: Operand, value: number): void {
    if (size === 2) this.byte(0x66);
    if (size === 1) {
      if (to === EAX) this.byte((op << 3) | 4);
      else this.op(0x80, op, to);
      this.byte(value & 255);
    } else if (fits8(value)) {
      this.op(0x83, op, to);
      this.byte(value & 255);
    } else {
      if (to === EAX) this.byte((op << 3) | 5);
      else this.op(0x81, op, to);
      if (size === 2) this.byte(value & 255, (value >> 8) & 255);
      else this.word32(value);
    }
  }

  test(a: Operand, b: Register): void {
    this.op(0x85, b, a);
  }

  testImmediate(size: 1 | 4, to: Operand, value: number): void {
    if (size === 1) {
      if (to === EAX) this.byte(0xa8);
      else this.op(0xf6, 0, to);
      this.byte(value & 255);
    } else {
      if (to === EAX) this.byte(0xa9);
      else this.op(0xf7, 0, to);
      this.word32(value);
    }
  }

  increment(to: Operand): void {
    if (isRegister(to)) this.byte(0x40 | to);
    else this.op(0xff, 0, to);
  }

  decrement(to: Operand): void {
    if (isRegister(to)) this.byte(0x48 | to);
    else this.op(0xff, 1, to);
  }

  swapBytes(to: Register): void {
    this.byte(0x0f, 0xc8 | to);
  }

  not(to: Operand): void {
    this.op(0xf7, 2, to);
  }

  negate(to: Operand): void {
    this.op(0xf7, 3, to);
  }

  /** EDX:EAX = EAX * operand. */
  multiplyWide(signed: boolean, by: Operand): void {
    this.op(0xf7, signed ? 5 : 4, by);
  }

  /** EAX, EDX = EDX:EAX divided by operand. */
  divide(signed: boolean, by: Operand): void {
    this.op(0xf7, signed ? 7 : 6, by);
  }

  multiply(to: Register, by: Operand): void {
    this.byte(0x0f);
    this.op(0xaf, to, by);
  }

  multiplyImmediate(to: Register, from: Operand, value: number): void {
    this.op(fits8(value) ? 0x6b : 0x69, to, from);
    if (fits8(value)) this.byte(value & 255);
    else this.word32(value);
  }

  rotate(op: Rotation, to: Operand, count: number): void {
    if (count === 1) this.op(0xd1, op, to);
    else {
      this.op(0xc1, op, to);
      this.byte(count);
    }
  }

  /** Shift or rotate by CL. */
  rotateByCl(op: Rotation, to: Operand): void {
    this.op(0xd3, op, to);
  }

  /** SHLD or SHRD by a constant. */
  shiftDouble(op: 'left' | 'right', to: Operand, from: Register, count: number): void {
    this.byte(0x0f);
    this.op(op === 'left' ? 0xa4 : 0xac, from, to);
    this.byte(count);
  }

  setCondition(condition: number, to: Register): void {
    if (to > EBX) throw new Error('the register has no low byte');
    this.byte(0x0f);
    this.op(0x90 | condition, 0, to);
  }

  // Control ---------------------------------------------------------------------------------------------------------------------

  jump(target: Label): void {
    this.jumps.push({ raw: this.length, condition: -1, target, long: false });
  }

  jumpIf(condition: number, target: Label): void {
    this.jumps.push({ raw: this.length, condition, target, long: false });
  }

  jumpIndirect(to: Operand): void {
    this.op(0xff, 4, to);
  }

  call(symbol: string): void {
    this.byte(0xe8);
    this.relocate('relative', symbol, undefined, 0);
    this.word32(0);
  }

  callIndirect(to: Operand): void {
    this.op(0xff, 2, to);
  }

  return(): void {
    this.byte(0xc3);
  }

  /** What follows is data, aligned to 4 bytes if the code itself is; no jump may come after. */
  beginTables(): void {
    this.tables = this.length;
  }

  finish(): MachineCode {
    const { jumps } = this;
    const size = (j: Jump): number => (j.long ? (j.condition < 0 ? 5 : 6) : 2);
    /** Bytes taken by the first n jumps. */
    const before = new Int32Array(jumps.length + 1);
    const measure = (): void => {
      for (let i = 0; i < jumps.length; i++) before[i + 1] = before[i] + size(jumps[i]);
    };
    for (const j of jumps) if (j.target.raw < 0) throw new Error('a jump goes to a label that was not placed');
    for (let changed = true; changed; ) {
      changed = false;
      measure();
      for (let i = 0; i < jumps.length; i++) {
        const j = jumps[i];
        if (j.long) continue;
        const from = j.raw + before[i] + 2;
        if (!fits8(j.target.raw + before[j.target.jumpsBefore] - from)) {
          j.long = true;
          changed = true;
        }
      }
    }
    const all = before[jumps.length];
    const tables = this.tables < 0 ? this.length : this.tables;
    const padding = this.tables < 0 ? 0 : -(tables + all) & 3;
    const place = (raw: number, jumpsBefore: number): number =>
      raw + before[jumpsBefore] + (this.tables >= 0 && raw >= tables && jumpsBefore === jumps.length ? padding : 0);
    const bytes = new Uint8Array(this.length + all + padding).fill(0x90);
    let raw = 0;
    jumps.forEach((j, i) => {
      bytes.set(this.buffer.subarray(raw, j.raw), raw + before[i]);
      raw = j.raw;
      let at = j.raw + before[i];
      const distance = j.target.raw + before[j.target.jumpsBefore] - (at + size(j));
      if (!j.long) {
        bytes[at] = j.condition < 0 ? 0xeb : 0x70 | j.condition;
        bytes[at + 1] = distance & 255;
      } else {
        if (j.condition >= 0) bytes[at++] = 0x0f;
        bytes[at++] = j.condition < 0 ? 0xe9 : 0x80 | j.condition;
        for (let k = 0; k < 4; k++) bytes[at + k] = (distance >> (8 * k)) & 255;
      }
    });
    bytes.set(this.buffer.subarray(raw, tables), raw + all);
    bytes.set(this.buffer.subarray(tables, this.length), tables + all + padding);
    const relocations = this.relocations.map((r): Relocation => {
      const offset = place(r.raw, r.jumpsBefore);
      if (r.kind !== 'label') return { offset, kind: r.kind, symbol: r.symbol, addend: r.addend };
      const label = r.label;
      if (label === undefined || label.raw < 0) throw new Error('the address of a label that was not placed is taken');
      return { offset, kind: 'self', symbol: '', addend: place(label.raw, label.jumpsBefore) + r.addend };
    });
    const positions = this.marks.map((m) => ({ offset: m.raw + before[m.jumpsBefore], wasm: m.wasm }));
    return { bytes, relocations, positions };
  }
}
