/**
 * Instruction bytes -> one record (opcodes.ts). Intel 386/486 Programmer's Reference Manual, appendix A (opcode map) and chapter 17.
 *
 * A pure function of the bytes, the default size of the code segment and the profile. It never faults: what cannot be executed becomes
 * UNDEFINED (#UD), INVALID_LENGTH (#GP) or NO_FPU, raised when it is executed. `decode` returns 0 when the instruction
 * needs more bytes than it was given.
 */
import { Alu, Fetch, Field, Op } from './opcodes.js';
import { ADDRESS16, CS, DS, ES, INVALID_LENGTH, NEEDS_MORE_BYTES, NO_REGISTER } from './record-builder.js';
import { TwoByteOpcodes } from './two-byte-opcodes.js';

export interface CodeMode {
  /** Default size of the code segment. */
  readonly code32: boolean;
  /** The code segment is flat: near jumps need no limit check. */
  readonly flat: boolean;
}

export class Decoder extends TwoByteOpcodes {
  /**
   * Decodes the instruction at `bytes[start]`, whose page offset is `offset`, into the record at `p`; bytes from `limit` on are not there.
   * Returns its length, or 0 when it goes beyond `limit`.
   */
  decode(
    bytes: Uint8Array,
    start: number,
    limit: number,
    offset: number,
    mode: CodeMode,
    ops: Int32Array,
    p: number,
  ): number {
    this.bytes = bytes;
    this.start = start;
    this.at = start;
    this.limit = limit;
    this.ops = ops;
    this.p = p;
    ops.fill(0, p, p + 16);
    ops[p + Field.OFF] = offset;
    ops[p + Field.BASE] = NO_REGISTER;
    ops[p + Field.INDEX] = NO_REGISTER;
    try {
      this.flat = mode.flat;
      this.instruction(mode.code32);
    } catch (error) {
      if (error === NEEDS_MORE_BYTES) return 0;
      throw error;
    }
    ops[p + Field.LEN] = this.at - start;
    // Branch targets were stored relative to the end of the instruction.
    const op = ops[p];
    if (isRelativeBranch(op)) {
      ops[p + Field.TARGET] = (ops[p + Field.TARGET] + offset + this.at - start) | 0;
    }
    return this.at - start;
  }

  private shift(size: number, count: 'one' | 'cl' | 'immediate'): void {
    const { clocks } = this;
    const kind = this.reg;
    const rotateCarry = kind === 2 || kind === 3;
    const value = count === 'immediate' ? this.byte() & 31 : 1;
    const registerCost = count === 'cl' ? clocks.shiftCl : count === 'one' ? clocks.shiftOne : clocks.shiftImmediate;
    const hot = [Op.ROL, Op.ROR, -1, -1, Op.SHL, Op.SHR, Op.SHL, Op.SAR][kind];
    if (size === 4 && !this.isMemory && hot >= 0) {
      this.emit(hot, registerCost);
      this.set(Field.A, this.rm);
      if (count === 'cl') this.fetchRegister(1, 4);
      else this.fetchImmediate(value);
      return;
    }
    this.general(Op.SHIFT, this.isMemory ? clocks.shiftMemory : rotateCarry ? clocks.rotateCarry : registerCost, size);
    this.set(Field.IMM, count === 'cl' ? -1 : value);
  }

  private stringOp(op: number, size: number, single: number): void {
    const source = this.segment >= 0 ? this.segment : DS;
    this.plain(op, this.repeat === 0 ? single : this.clocks.repeat, size);
    this.set(Field.SEG, source | (this.address16 ? ADDRESS16 : 0));
  }

  private instruction(code32: boolean): void {
    this.segment = -1;
    this.lock = false;
    this.repeat = 0;
    this.size = code32 ? 4 : 2;
    this.address16 = !code32;
    this.isMemory = false;
    this.modrm = 0xc0;
    try {
      let opcode = this.byte();
      let prefixes = 0;
      for (; this.prefix(opcode, code32); prefixes++) opcode = this.byte();
      this.set(Field.COST, prefixes * this.clocks.prefix);
      if (opcode === 0x0f) this.twoByte(this.byte());
      else this.oneByte(opcode);
      if (this.lock && !this.lockAllowed(opcode)) this.undefinedInstruction();
    } catch (error) {
      if (error !== INVALID_LENGTH) throw error;
      this.set(Field.FETCH, Fetch.NONE);
      this.emit(Op.INVALID_LENGTH, 1);
    }
  }

  private prefix(opcode: number, code32: boolean): boolean {
    switch (opcode) {
      case 0x26:
      case 0x2e:
      case 0x36:
      case 0x3e:
        this.segment = (opcode - 0x26) >> 3;
        return true;
      case 0x64:
      case 0x65:
        this.segment = opcode - 0x60;
        return true;
      case 0x66:
        this.size = code32 ? 2 : 4;
        return true;
      case 0x67:
        this.address16 = code32;
        return true;
      case 0xf0:
        this.lock = true;
        return true;
      case 0xf2:
      case 0xf3:
        this.repeat = opcode - 0xf0;
        return true;
      default:
        return false;
    }
  }

  /** LOCK is valid before read-modify-write of memory only. */
  private lockAllowed(opcode: number): boolean {
    if (!this.isMemory) return false;
    const op = this.ops[this.p];
    if (op === Op.MODIFY32) return true;
    if (op === Op.NARROW) return this.ops[this.p + Field.A] === -1;
    if (opcode === 0x0f) return op === Op.BTS || op === Op.BTR || op === Op.BTC || op === Op.CMPXCHG || op === Op.XADD;
    return op === Op.XCHG_RM;
  }

  private oneByte(opcode: number): void {
    const { clocks } = this;
    const wide = (opcode & 1) !== 0;
    const size = wide ? this.size : 1;
    if (opcode < 0x40) {
      this.arithmeticBlock(opcode, size);
      return;
    }
    if (opcode < 0x50) {
      this.set(Field.FETCH, Fetch.NONE);
      this.aluRegister(opcode < 0x48 ? Alu.INC : Alu.DEC, this.size, opcode & 7, clocks.unary);
      return;
    }
    if (opcode < 0x60) {
      this.pushPopRegister(opcode);
      return;
    }
    if (opcode >= 0x70 && opcode < 0x80) {
      this.conditionalJump(opcode & 15, this.signedByte());
      return;
    }
    switch (opcode) {
      case 0x60:
        this.plain(Op.PUSHA, clocks.pusha);
        return;
      case 0x61:
        this.plain(Op.POPA, clocks.popa);
        return;
      case 0x62:
        this.readModrm();
        if (this.isMemory) this.general(Op.BOUND, clocks.bound);
        else this.undefinedInstruction();
        return;
      case 0x63:
        this.readModrm();
        this.general(Op.ARPL, clocks.verify, 2);
        return;
      case 0x68:
      case 0x6a:
        this.pushImmediate(opcode === 0x68 ? this.immediate() : this.signedByte());
        return;
      case 0x69:
      case 0x6b: {
        this.readModrm();
        this.multiplyImmediate(opcode === 0x6b);
        return;
      }
      case 0x6c:
      case 0x6d:
        this.stringOp(Op.INS, size, clocks.portIn);
        return;
      case 0x6e:
      case 0x6f:
        this.stringOp(Op.OUTS, size, clocks.portOut);
        return;
      case 0x80:
      case 0x81:
      case 0x82:
      case 0x83: {
        this.readModrm();
        const value = opcode === 0x81 ? this.immediate() : opcode === 0x83 ? this.signedByte() : this.byte();
        this.aluRm(this.reg, size, -1, truncate(value, size));
        return;
      }
      case 0x84:
      case 0x85:
        this.readModrm();
        this.aluRm(Alu.TEST, size, this.reg, 0);
        return;
      case 0x86:
      case 0x87:
        this.readModrm();
        this.exchange(size);
        return;
      case 0x88:
      case 0x89:
        this.readModrm();
        this.moveToRm(size, this.reg, 0);
        return;
      case 0x8a:
      case 0x8b:
        this.readModrm();
        this.fetchRm(size);
        this.moveToRegister(this.reg, size, clocks.move);
        return;
      case 0x8c:
        this.readModrm();
        if (this.reg > 5) this.undefinedInstruction();
        else this.general(Op.MOV_SREG_READ, clocks.moveSegmentRead);
        return;
      case 0x8d:
        this.readModrm();
        this.loadEffectiveAddress();
        return;
      case 0x8e:
        this.readModrm();
        if (this.reg > 5 || this.reg === CS) this.undefinedInstruction();
        else this.general(Op.MOV_SREG_WRITE, clocks.moveSegment);
        return;
      case 0x8f:
        this.readModrm();
        if (this.reg === 0) this.general(Op.POP_RM, clocks.popMemory);
        else this.undefinedInstruction();
        return;
      case 0x98:
        if (this.size === 4) this.emit(Op.CWDE, clocks.convert);
        else this.plain(Op.CBW, clocks.convert);
        return;
      case 0x99:
        if (this.size === 4) this.emit(Op.CDQ, clocks.convert);
        else this.plain(Op.CWD, clocks.convert);
        return;
      case 0x9a:
        this.farImmediate(Op.CALL_FAR, clocks.farCall);
        return;
      case 0x9b:
        this.plain(Op.WAIT, clocks.nop);
        return;
      case 0x9c:
        this.plain(Op.PUSHF, clocks.pushf);
        return;
      case 0x9d:
        this.plain(Op.POPF, clocks.popf);
        return;
      case 0x9e:
        this.plain(Op.SAHF, clocks.flag);
        return;
      case 0x9f:
        this.plain(Op.LAHF, clocks.convert);
        return;
      case 0xa0:
      case 0xa1:
      case 0xa2:
      case 0xa3:
        this.moveOffset(opcode, size);
        return;
      case 0xa4:
      case 0xa5:
        this.stringOp(Op.MOVS, size, clocks.movs);
        return;
      case 0xa6:
      case 0xa7:
        this.stringOp(Op.CMPS, size, clocks.cmps);
        return;
      case 0xa8:
      case 0xa9:
        this.fetchImmediate(wide ? this.immediate() : this.byte());
        this.aluRegister(Alu.TEST, size, 0, clocks.alu);
        return;
      case 0xaa:
      case 0xab:
        this.stringOp(Op.STOS, size, clocks.stos);
        return;
      case 0xac:
      case 0xad:
        this.stringOp(Op.LODS, size, clocks.lods);
        return;
      case 0xae:
      case 0xaf:
        this.stringOp(Op.SCAS, size, clocks.scas);
        return;
      default:
        if (opcode >= 0x90 && opcode < 0x98) this.exchangeAccumulator(opcode & 7);
        else if (opcode >= 0xb0 && opcode < 0xb8) this.moveImmediate(opcode & 7, 1, this.byte());
        else if (opcode >= 0xb8 && opcode < 0xc0) this.moveImmediate(opcode & 7, this.size, this.immediate());
        else this.oneByteUpper(opcode, size);
    }
  }

  private oneByteUpper(opcode: number, size: number): void {
    const { clocks } = this;
    switch (opcode) {
      case 0xc0:
      case 0xc1:
        this.readModrm();
        this.shift(size, 'immediate');
        return;
      case 0xd0:
      case 0xd1:
        this.readModrm();
        this.shift(size, 'one');
        return;
      case 0xd2:
      case 0xd3:
        this.readModrm();
        this.shift(size, 'cl');
        return;
      case 0xc2:
      case 0xc3: {
        const release = opcode === 0xc2 ? this.half() : 0;
        if (this.size === 4 && this.flat) this.emit(Op.RET, clocks.ret);
        else this.plain(Op.RET_NEAR_GENERAL, clocks.ret);
        this.set(Field.IMM, release);
        return;
      }
      case 0xc4:
      case 0xc5:
        this.readModrm();
        this.farPointer(opcode === 0xc4 ? ES : DS);
        return;
      case 0xc6:
      case 0xc7: {
        this.readModrm();
        const value = opcode === 0xc6 ? this.byte() : this.immediate();
        if (this.reg === 0) this.moveToRm(size, -1, value);
        else this.undefinedInstruction();
        return;
      }
      case 0xc8: {
        const frame = this.half();
        this.plain(Op.ENTER, clocks.enter);
        this.set(Field.IMM, frame);
        this.set(Field.A, this.byte() & 31);
        return;
      }
      case 0xc9:
        if (this.size === 4) this.emit(Op.LEAVE, clocks.leave);
        else this.plain(Op.LEAVE16, clocks.leave);
        return;
      case 0xca:
      case 0xcb: {
        const release = opcode === 0xca ? this.half() : 0;
        this.plain(Op.RET_FAR, clocks.farReturn);
        this.set(Field.IMM, release);
        return;
      }
      case 0xcc:
      case 0xcd:
        this.plain(Op.INT, 0);
        this.set(Field.IMM, opcode === 0xcc ? 3 : this.byte());
        this.set(Field.A, opcode === 0xcc ? 1 : 0);
        return;
      case 0xce:
        this.plain(Op.INTO, clocks.nop);
        return;
      case 0xcf:
        this.plain(Op.IRET, clocks.iret);
        return;
      case 0xd4:
      case 0xd5: {
        const base = this.byte();
        this.plain(opcode === 0xd4 ? Op.AAM : Op.AAD, opcode === 0xd4 ? clocks.decimalMultiply : clocks.decimalDivide);
        this.set(Field.IMM, base);
        return;
      }
      case 0xd7:
        this.plain(Op.XLAT, clocks.translate);
        this.set(Field.SEG, (this.segment >= 0 ? this.segment : DS) | (this.address16 ? ADDRESS16 : 0));
        return;
      case 0xe0:
      case 0xe1:
      case 0xe2:
      case 0xe3:
        this.loop(opcode);
        return;
      case 0xe4:
      case 0xe5:
      case 0xe6:
      case 0xe7:
        this.plain(opcode < 0xe6 ? Op.IN : Op.OUT, opcode < 0xe6 ? clocks.portIn : clocks.portOut, size);
        this.set(Field.IMM, this.byte());
        return;
      case 0xec:
      case 0xed:
      case 0xee:
      case 0xef:
        this.plain(opcode < 0xee ? Op.IN : Op.OUT, opcode < 0xee ? clocks.portIn : clocks.portOut, size);
        this.set(Field.IMM, -1);
        return;
      case 0xe8:
        this.nearBranch(Op.CALL, Op.CALL_NEAR_GENERAL, this.displacement(), clocks.call, clocks.call);
        return;
      case 0xe9:
        this.nearBranch(Op.JMP, Op.JMP_NEAR_GENERAL, this.displacement(), clocks.jump, clocks.jump);
        return;
      case 0xeb:
        this.nearBranch(Op.JMP, Op.JMP_NEAR_GENERAL, this.signedByte(), clocks.jump, clocks.jump);
        return;
      case 0xea:
        this.farImmediate(Op.JMP_FAR, clocks.farJump);
        return;
      case 0xf4:
        this.plain(Op.HLT, clocks.halt);
        return;
      case 0xf5:
        this.plain(Op.CMC, clocks.flag);
        return;
      case 0xf6:
      case 0xf7:
        this.readModrm();
        this.unaryGroup(size);
        return;
      case 0xf8:
        this.plain(Op.CLC, clocks.flag);
        return;
      case 0xf9:
        this.plain(Op.STC, clocks.flag);
        return;
      case 0xfa:
        this.plain(Op.CLI, clocks.interruptFlag);
        return;
      case 0xfb:
        this.plain(Op.STI, clocks.interruptFlag);
        return;
      case 0xfc:
        this.plain(Op.CLD, clocks.flag);
        return;
      case 0xfd:
        this.plain(Op.STD, clocks.flag);
        return;
      case 0xfe:
      case 0xff:
        this.readModrm();
        this.incrementGroup(size);
        return;
      default:
        if (opcode >= 0xd8 && opcode < 0xe0) {
          this.readModrm();
          this.general(Op.NO_FPU, 1);
        } else this.undefinedInstruction();
    }
  }

  /** 00 to 3F: the eight arithmetic operations, PUSH/POP of segment registers, BCD. */
  private arithmeticBlock(opcode: number, size: number): void {
    const { clocks } = this;
    const alu = opcode >> 3;
    switch (opcode & 7) {
      case 0:
      case 1:
        this.readModrm();
        this.aluRm(alu, size, this.reg, 0);
        return;
      case 2:
      case 3:
        this.readModrm();
        this.fetchRm(size);
        this.aluRegister(
          alu,
          size,
          this.reg,
          this.isMemory ? (alu === Alu.CMP ? clocks.compareMemory : clocks.aluLoad) : clocks.alu,
        );
        return;
      case 4:
      case 5:
        this.fetchImmediate(size === 1 ? this.byte() : this.immediate());
        this.aluRegister(alu, size, 0, clocks.alu);
        return;
      case 6:
        if (opcode < 0x20) {
          this.plain(Op.PUSH_SEG, clocks.pushSegment);
          this.set(Field.A, opcode >> 3);
        } else this.undefinedInstruction(); // 26, 2E, 36, 3E are prefixes
        return;
      default:
        if (opcode < 0x20) {
          if (opcode === 0x0f) this.undefinedInstruction();
          else {
            this.plain(Op.POP_SEG, clocks.popSegment);
            this.set(Field.A, opcode >> 3);
          }
        } else this.plain([Op.DAA, Op.DAS, Op.AAA, Op.AAS][(opcode >> 3) & 3], clocks.decimal);
    }
  }

  private pushPopRegister(opcode: number): void {
    const { clocks } = this;
    const register = opcode & 7;
    if (this.size === 4) {
      if (opcode < 0x58) {
        this.fetchRegister(register, 4);
        this.emit(Op.PUSH, clocks.push);
      } else {
        this.emit(Op.POP, clocks.pop);
        this.set(Field.A, register);
      }
      return;
    }
    this.modrm = 0xc0 | register;
    this.general(opcode < 0x58 ? Op.PUSH_GENERAL : Op.POP_RM, opcode < 0x58 ? clocks.push : clocks.pop);
  }

  private pushImmediate(value: number): void {
    if (this.size === 4) {
      this.fetchImmediate(value);
      this.emit(Op.PUSH, this.clocks.push);
      return;
    }
    this.plain(Op.PUSH_GENERAL, this.clocks.push);
    this.set(Field.B, -2);
    this.set(Field.IMM, value & 0xffff);
  }

  private multiplyImmediate(byteImmediate: boolean): void {
    const value = byteImmediate ? this.signedByte() : this.immediate();
    if (this.size === 4) {
      this.fetchRm(4);
      this.emit(Op.IMUL_IMM, this.clocks.multiply32);
      this.set(Field.A, this.reg);
    } else {
      this.general(Op.IMUL16, this.clocks.multiply16);
      this.set(Field.TARGET, 1);
    }
    this.set(Field.IMM, value);
  }

  private exchange(size: number): void {
    const { clocks } = this;
    if (!this.isMemory && size === 4) {
      this.emit(Op.XCHG, clocks.exchange);
      this.set(Field.A, this.reg);
      this.set(Field.B, this.rm);
      this.set(Field.FETCH, Fetch.REG32);
    } else this.general(Op.XCHG_RM, this.isMemory ? clocks.exchangeMemory : clocks.exchange, size);
  }

  private exchangeAccumulator(register: number): void {
    if (register === 0) {
      this.emit(Op.NOP, this.clocks.nop);
      return;
    }
    this.modrm = 0xc0 | register;
    this.exchange(this.size);
  }

  private moveImmediate(register: number, size: number, value: number): void {
    this.fetchImmediate(value);
    this.moveToRegister(register, size, this.clocks.move);
  }

  private moveOffset(opcode: number, size: number): void {
    this.isMemory = true;
    this.setAddress(NO_REGISTER, NO_REGISTER, 0, this.address16 ? this.half() : this.word(), DS);
    if (opcode < 0xa2) {
      this.modrm = 0;
      this.fetchRm(size);
      this.moveToRegister(0, size, this.clocks.move);
    } else this.moveToRm(size, 0, 0);
  }

  private loadEffectiveAddress(): void {
    if (!this.isMemory) {
      this.undefinedInstruction();
    } else if (this.size === 4 && !this.address16) {
      this.set(Field.FETCH, Fetch.OFFSET);
      this.emit(Op.LEA, this.clocks.lea);
      this.set(Field.A, this.reg);
    } else this.general(Op.LEA16, this.clocks.lea);
  }

  private farImmediate(op: number, cost: number): void {
    const offset = this.immediate();
    this.plain(op, cost);
    this.set(Field.IMM, offset);
    this.set(Field.A, this.half());
    this.set(Field.B, -2);
  }

  private loop(opcode: number): void {
    const { clocks } = this;
    const displacement = this.signedByte();
    if (opcode === 0xe2 && this.size === 4 && !this.address16 && this.flat) {
      this.relative(Op.LOOP, displacement, clocks.loopNotTaken, clocks.loopTaken);
      return;
    }
    this.relative(opcode === 0xe3 ? Op.JCXZ : Op.LOOP_GENERAL, displacement, clocks.loopNotTaken, clocks.loopTaken);
    this.set(Field.IMM, opcode & 3);
    this.set(Field.LINK, this.size);
    this.set(Field.SEG, this.address16 ? ADDRESS16 : 0);
  }

  private unaryGroup(size: number): void {
    const { clocks } = this;
    const pick = (narrow: number, half: number, full: number) => (size === 1 ? narrow : size === 2 ? half : full);
    switch (this.reg) {
      case 0:
      case 1:
        this.aluRm(Alu.TEST, size, -1, size === 1 ? this.byte() : this.immediate());
        return;
      case 2:
        this.aluUnary(Alu.NOT, size);
        return;
      case 3:
        this.aluUnary(Alu.NEG, size);
        return;
      case 4:
        if (size === 4) {
          this.fetchRm(4);
          this.emit(Op.MUL, clocks.multiply32);
        } else this.general(Op.MUL_WIDE, pick(clocks.multiply8, clocks.multiply16, clocks.multiply32), size);
        return;
      case 5:
        this.general(Op.IMUL_WIDE, pick(clocks.multiply8, clocks.multiply16, clocks.multiply32), size);
        return;
      case 6:
        this.general(Op.DIV, pick(clocks.divide8, clocks.divide16, clocks.divide32), size);
        return;
      default:
        this.general(Op.IDIV, pick(clocks.signedDivide8, clocks.signedDivide16, clocks.signedDivide32), size);
    }
  }

  private aluUnary(alu: number, size: number): void {
    this.aluRm(alu, size, -1, 0);
  }

  private incrementGroup(size: number): void {
    const { clocks } = this;
    const kind = this.reg;
    if (kind < 2) {
      this.aluUnary(kind === 0 ? Alu.INC : Alu.DEC, size);
      return;
    }
    if (size === 1 || kind === 7) {
      this.undefinedInstruction();
      return;
    }
    switch (kind) {
      case 2:
      case 4:
        if (size === 4 && this.flat) {
          this.fetchRm(4);
          this.relative(
            kind === 2 ? Op.CALL_INDIRECT : Op.JMP_INDIRECT,
            0,
            0,
            kind === 2 ? clocks.callIndirect : clocks.jumpIndirect,
          );
        } else {
          this.general(kind === 2 ? Op.CALL_NEAR_GENERAL : Op.JMP_NEAR_GENERAL, clocks.jumpIndirect);
          this.set(Field.IMM, 1);
        }
        return;
      case 3:
      case 5:
        if (!this.isMemory) this.undefinedInstruction();
        else this.general(kind === 3 ? Op.CALL_FAR : Op.JMP_FAR, kind === 3 ? clocks.farCall : clocks.farJump);
        return;
      default:
        if (size === 4) {
          this.fetchRm(4);
          this.emit(Op.PUSH, this.isMemory ? clocks.pushMemory : clocks.push);
        } else this.general(Op.PUSH_GENERAL, this.isMemory ? clocks.pushMemory : clocks.push);
    }
  }
}

function truncate(value: number, size: number): number {
  return size === 4 ? value : size === 2 ? value & 0xffff : value & 0xff;
}

function isRelativeBranch(op: number): boolean {
  return (
    op === Op.CALL ||
    op === Op.JMP ||
    (op >= Op.JCC && op < Op.JCC + 16) ||
    op === Op.LOOP ||
    op === Op.LOOP_GENERAL ||
    op === Op.JCXZ ||
    op === Op.JCC_GENERAL ||
    op === Op.JMP_NEAR_GENERAL ||
    op === Op.CALL_NEAR_GENERAL
  );
}
