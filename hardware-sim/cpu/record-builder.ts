/**
 * What the opcode maps are written in: instruction bytes in, fields of a record out. Intel 486 Programmer's Reference Manual, chapter 26.2
 * (instruction format).
 */
import { INSTRUCTION_LENGTH_MAX } from './code-page.js';
import { Alu, byteIndex, Fetch, Field, Op } from './opcodes.js';
import type { Clocks } from './profiles/profile.js';

export const NO_REGISTER = 8;
export const ES = 0;
export const CS = 1;
export const SS = 2;
export const DS = 3;
export const ADDRESS16 = 8;

class NeedsMoreBytes {}
export const NEEDS_MORE_BYTES = new NeedsMoreBytes();
class InvalidLength {}
export const INVALID_LENGTH = new InvalidLength();

export class RecordBuilder {
  protected bytes: Uint8Array = new Uint8Array(0);
  protected start = 0;
  protected at = 0;
  protected limit = 0;
  protected ops: Int32Array = new Int32Array(0);
  protected p = 0;
  protected segment = -1;
  protected lock = false;
  protected size = 4;
  protected address16 = false;
  protected flat = true;
  protected repeat = 0;
  protected modrm = 0;
  protected isMemory = false;

  constructor(protected readonly clocks: Clocks) {}

  // ---- Bytes ----

  protected byte(): number {
    if (this.at - this.start >= INSTRUCTION_LENGTH_MAX) throw INVALID_LENGTH;
    if (this.at >= this.limit) throw NEEDS_MORE_BYTES;
    return this.bytes[this.at++];
  }

  protected signedByte(): number {
    return (this.byte() << 24) >> 24;
  }

  protected half(): number {
    const low = this.byte();
    return low | (this.byte() << 8);
  }

  protected word(): number {
    const low = this.half();
    return low | (this.half() << 16);
  }

  /** An immediate of the operand size, 16-bit ones zero-extended. */
  protected immediate(): number {
    return this.size === 4 ? this.word() : this.half();
  }

  // ---- Record ----

  protected set(field: number, value: number): void {
    this.ops[this.p + field] = value;
  }

  protected emit(op: number, cost: number): void {
    this.ops[this.p] = op;
    this.ops[this.p + Field.COST] += cost;
  }

  protected get reg(): number {
    return (this.modrm >> 3) & 7;
  }

  protected get rm(): number {
    return this.modrm & 7;
  }

  protected readModrm(): void {
    this.modrm = this.byte();
    this.isMemory = this.modrm < 0xc0;
    if (this.isMemory) this.decodeAddress();
  }

  protected setAddress(base: number, index: number, scale: number, disp: number, segment: number): void {
    this.set(Field.BASE, base);
    this.set(Field.INDEX, index);
    this.set(Field.SCALE, scale);
    this.set(Field.DISP, disp);
    const used = this.segment >= 0 ? this.segment : segment;
    this.set(Field.SEG, used | (this.address16 ? ADDRESS16 : 0));
  }

  protected decodeAddress(): void {
    if (this.address16) {
      this.decodeAddress16();
      return;
    }
    const mod = this.modrm >> 6;
    let base = this.rm;
    let index = NO_REGISTER;
    let scale = 0;
    let disp = 0;
    if (base === 4) {
      const sib = this.byte();
      base = sib & 7;
      scale = sib >> 6;
      index = (sib >> 3) & 7;
      if (index === 4) {
        index = NO_REGISTER;
        scale = 0;
      }
      if (base === 5 && mod === 0) {
        base = NO_REGISTER;
        disp = this.word();
      }
    } else if (base === 5 && mod === 0) {
      base = NO_REGISTER;
      disp = this.word();
    }
    if (mod === 1) disp = this.signedByte();
    else if (mod === 2) disp = this.word();
    this.setAddress(base, index, scale, disp, base === 4 || base === 5 ? SS : DS);
  }

  protected decodeAddress16(): void {
    const mod = this.modrm >> 6;
    const bases = [3, 3, 5, 5, 6, 7, 5, 3];
    const indexes = [6, 7, 6, 7, NO_REGISTER, NO_REGISTER, NO_REGISTER, NO_REGISTER];
    let base = bases[this.rm];
    let disp = 0;
    if (this.rm === 6 && mod === 0) {
      base = NO_REGISTER;
      disp = this.half();
    } else if (mod === 1) disp = this.signedByte();
    else if (mod === 2) disp = this.half();
    this.setAddress(base, indexes[this.rm], 0, disp, base === 5 ? SS : DS);
  }

  /** A general operation with a ModRM byte already read. */
  protected general(op: number, cost: number, size = this.size): void {
    this.emit(op, cost);
    this.set(Field.A, this.reg);
    this.set(Field.B, this.isMemory ? -1 : this.rm);
    this.set(Field.LINK, size);
    this.set(Field.COST2, this.repeat);
  }

  /** A general operation without ModRM. */
  protected plain(op: number, cost: number, size = this.size): void {
    this.emit(op, cost);
    this.set(Field.LINK, size);
    this.set(Field.COST2, this.repeat);
  }

  protected undefinedInstruction(): void {
    this.set(Field.FETCH, Fetch.NONE);
    this.emit(Op.UNDEFINED, 1);
  }

  /** Fetch of the r/m operand as a source of `size` bytes. */
  protected fetchRm(size: number): void {
    if (this.isMemory) this.set(Field.FETCH, size === 4 ? Fetch.MEM32 : size === 2 ? Fetch.MEM16 : Fetch.MEM8);
    else this.fetchRegister(this.rm, size);
  }

  protected fetchRegister(register: number, size: number): void {
    this.set(Field.FETCH, size === 4 ? Fetch.REG32 : size === 2 ? Fetch.REG16 : Fetch.REG8);
    this.set(Field.B, registerView(register, size));
  }

  protected fetchImmediate(value: number): void {
    this.set(Field.FETCH, Fetch.IMM);
    this.set(Field.IMM, value);
    this.set(Field.B, -1);
  }

  /** r/m, source with source a register (source >= 0) or IMM, for the arithmetic `alu` of any size. */
  protected aluRm(alu: number, size: number, source: number, value: number): void {
    const { clocks } = this;
    const compare = alu === Alu.CMP || alu === Alu.TEST;
    const unary = alu >= Alu.INC;
    if (this.isMemory) {
      this.set(Field.B, source >= 0 ? registerView(source, size) : -1);
      this.set(Field.IMM, value);
      if (compare) {
        this.set(Field.FETCH, size === 4 ? Fetch.MEM32 : size === 2 ? Fetch.MEM16 : Fetch.MEM8);
        if (size === 4) this.emit(alu === Alu.CMP ? Op.CMP_MEMORY : Op.TEST_MEMORY, clocks.compareMemory);
        else this.narrow(alu, size, -2, clocks.compareMemory);
      } else {
        this.set(Field.FETCH, size === 4 ? Fetch.MODIFY32 : size === 2 ? Fetch.MODIFY16 : Fetch.MODIFY8);
        const cost = unary ? clocks.unaryModify : clocks.aluModify;
        if (size === 4) {
          this.emit(Op.MODIFY32, cost);
          this.set(Field.A, alu);
        } else this.narrow(alu, size, -1, cost);
      }
      return;
    }
    if (source >= 0) this.fetchRegister(source, size);
    else this.fetchImmediate(value);
    this.aluRegister(alu, size, this.rm, unary ? clocks.unary : clocks.alu);
  }

  /** Register destination; the source's fetch is set already. */
  protected aluRegister(alu: number, size: number, register: number, cost: number): void {
    if (size === 4) {
      const ops = [
        Op.ADD,
        Op.OR,
        Op.ADC,
        Op.SBB,
        Op.AND,
        Op.SUB,
        Op.XOR,
        Op.CMP,
        Op.TEST,
        Op.INC,
        Op.DEC,
        Op.NEG,
        Op.NOT,
      ];
      this.emit(ops[alu], cost);
      this.set(Field.A, register);
    } else this.narrow(alu, size, registerView(register, size), cost);
  }

  protected narrow(alu: number, size: number, destination: number, cost: number): void {
    this.emit(Op.NARROW, cost);
    this.set(Field.A, destination);
    this.set(Field.LINK, alu);
    this.set(Field.TARGET, size === 1 ? 24 : 16);
  }

  /** Move into r/m from a register or an immediate. */
  protected moveToRm(size: number, source: number, value: number): void {
    const { clocks } = this;
    if (this.isMemory) {
      this.set(Field.B, source >= 0 ? registerView(source, size) : -1);
      this.set(Field.IMM, value);
      this.set(Field.FETCH, size === 4 ? Fetch.STORE32 : size === 2 ? Fetch.STORE16 : Fetch.STORE8);
      this.emit(size === 4 ? Op.STORE32 : size === 2 ? Op.STORE16 : Op.STORE8, clocks.move);
      return;
    }
    if (source >= 0) this.fetchRegister(source, size);
    else this.fetchImmediate(value);
    this.moveToRegister(this.rm, size, clocks.move);
  }

  protected moveToRegister(register: number, size: number, cost: number): void {
    this.emit(size === 4 ? Op.MOV32 : size === 2 ? Op.MOV16 : Op.MOV8, cost);
    this.set(Field.A, registerView(register, size));
  }

  protected relative(op: number, displacement: number, cost: number, taken: number): void {
    this.emit(op, cost);
    this.set(Field.TARGET, displacement);
    this.set(Field.COST2, taken);
  }

  /** A relative branch: one that truncates EIP to 16 bits or must check a limit goes the general way. */
  protected nearBranch(hot: number, generalOp: number, displacement: number, cost: number, taken: number): void {
    if (this.size === 4 && this.flat) {
      this.relative(hot, displacement, cost, taken);
      return;
    }
    this.relative(generalOp, displacement, cost, taken);
    this.set(Field.LINK, this.size);
  }

  protected farPointer(segment: number): void {
    if (!this.isMemory) {
      this.undefinedInstruction();
      return;
    }
    this.general(Op.LOAD_FAR_POINTER, this.clocks.loadFarPointer);
    this.set(Field.IMM, segment);
  }

  protected displacement(): number {
    return this.size === 4 ? this.word() : (this.half() << 16) >> 16;
  }

  protected conditionalJump(condition: number, displacement: number): void {
    const { clocks } = this;
    this.nearBranch(Op.JCC + condition, Op.JCC_GENERAL, displacement, clocks.jccNotTaken, clocks.jccTaken);
    this.set(Field.IMM, condition);
  }
}

function registerView(register: number, size: number): number {
  return size === 4 ? register : size === 2 ? register * 2 : byteIndex(register);
}
