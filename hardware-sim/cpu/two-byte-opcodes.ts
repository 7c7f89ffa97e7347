/** Opcodes 0F xx. Intel 486 Programmer's Reference Manual, appendix A, two-byte opcode map. */
import { byteIndex, Field, Op } from './opcodes.js';
import { RecordBuilder, SS } from './record-builder.js';

export class TwoByteOpcodes extends RecordBuilder {
  /** Opcodes 0F xx. */
  protected twoByte(opcode: number): void {
    const { clocks } = this;
    const size = (opcode & 1) !== 0 ? this.size : 1;
    if (opcode >= 0x80 && opcode < 0x90) {
      this.conditionalJump(opcode & 15, this.displacement());
      return;
    }
    if (opcode >= 0x90 && opcode < 0xa0) {
      this.readModrm();
      if (this.isMemory) this.general(Op.SETCC_RM, clocks.setCondition, 1);
      else {
        this.emit(Op.SETCC, clocks.setCondition);
        this.set(Field.A, byteIndex(this.rm));
      }
      this.set(Field.IMM, opcode & 15);
      return;
    }
    if (opcode >= 0xc8 && opcode < 0xd0) {
      this.plain(Op.BSWAP, clocks.byteSwap);
      this.set(Field.B, opcode & 7);
      return;
    }
    switch (opcode) {
      case 0x00:
        this.readModrm();
        this.descriptorGroup();
        return;
      case 0x01:
        this.readModrm();
        this.tableGroup();
        return;
      case 0x02:
      case 0x03:
        this.readModrm();
        this.general(opcode === 0x02 ? Op.LAR : Op.LSL, clocks.verify);
        return;
      case 0x06:
        this.plain(Op.CLTS, clocks.clearTaskSwitched);
        return;
      case 0x08:
        this.plain(Op.INVD, clocks.invalidateCache);
        return;
      case 0x09:
        this.plain(Op.WBINVD, clocks.invalidateCache);
        return;
      case 0x20:
      case 0x21:
      case 0x22:
      case 0x23:
        this.controlMove(opcode);
        return;
      case 0xa0:
      case 0xa8:
        this.plain(Op.PUSH_SEG, clocks.pushSegment);
        this.set(Field.A, opcode === 0xa0 ? 4 : 5);
        return;
      case 0xa1:
      case 0xa9:
        this.plain(Op.POP_SEG, clocks.popSegment);
        this.set(Field.A, opcode === 0xa1 ? 4 : 5);
        return;
      case 0xa3:
      case 0xab:
      case 0xb3:
      case 0xbb:
        this.readModrm();
        this.bitTest([Op.BT, Op.BTS, Op.BTR, Op.BTC][(opcode >> 3) & 3], -1);
        return;
      case 0xba: {
        this.readModrm();
        const bit = this.byte();
        if (this.reg < 4) this.undefinedInstruction();
        else this.bitTest([Op.BT, Op.BTS, Op.BTR, Op.BTC][this.reg & 3], bit);
        return;
      }
      case 0xa4:
      case 0xa5:
      case 0xac:
      case 0xad:
        this.readModrm();
        this.general(opcode < 0xa8 ? Op.SHLD : Op.SHRD, clocks.doubleShift);
        this.set(Field.IMM, (opcode & 1) === 0 ? this.byte() : -1);
        return;
      case 0xaf:
        this.readModrm();
        if (this.size === 4) {
          this.fetchRm(4);
          this.emit(Op.IMUL, clocks.multiply32);
          this.set(Field.A, this.reg);
        } else this.general(Op.IMUL16, clocks.multiply16);
        return;
      case 0xb0:
      case 0xb1:
        this.readModrm();
        this.general(Op.CMPXCHG, this.isMemory ? clocks.compareExchangeMemory : clocks.compareExchange, size);
        return;
      case 0xb2:
      case 0xb4:
      case 0xb5:
        this.readModrm();
        this.farPointer(opcode === 0xb2 ? SS : opcode === 0xb4 ? 4 : 5);
        return;
      case 0xb6:
      case 0xb7:
      case 0xbe:
      case 0xbf:
        this.readModrm();
        this.extend((opcode & 1) === 0 ? 1 : 2, opcode >= 0xbe);
        return;
      case 0xbc:
      case 0xbd:
        this.readModrm();
        this.general(opcode === 0xbc ? Op.BSF : Op.BSR, clocks.bitScan);
        return;
      case 0xc0:
      case 0xc1:
        this.readModrm();
        this.general(Op.XADD, this.isMemory ? clocks.exchangeAddMemory : clocks.exchangeAdd, size);
        return;
      default:
        this.undefinedInstruction();
    }
  }

  private extend(from: number, signed: boolean): void {
    const { clocks } = this;
    if (this.size !== 4) {
      if (from === 2) this.general(Op.MOVZX16, clocks.moveExtend, 2);
      else {
        this.general(Op.MOVSX_TO16, clocks.moveExtend, 1);
        this.set(Field.IMM, signed ? 1 : 0);
      }
      return;
    }
    this.fetchRm(from);
    this.emit(!signed ? Op.MOV32 : from === 1 ? Op.MOVSX8 : Op.MOVSX16, clocks.moveExtend);
    this.set(Field.A, this.reg);
  }

  private bitTest(op: number, bit: number): void {
    const { clocks } = this;
    const test = op === Op.BT;
    const register = test ? clocks.bitTest : clocks.bitModify;
    const memory = test ? clocks.bitTestMemory : clocks.bitModifyMemory;
    this.general(op, this.isMemory ? memory : register);
    this.set(Field.IMM, bit);
  }

  private descriptorGroup(): void {
    const { clocks } = this;
    switch (this.reg) {
      case 0:
        this.general(Op.SLDT, clocks.moveSegmentRead);
        return;
      case 1:
        this.general(Op.STR, clocks.moveSegmentRead);
        return;
      case 2:
        this.general(Op.LLDT, clocks.loadTable, 2);
        return;
      case 3:
        this.general(Op.LTR, clocks.loadTask, 2);
        return;
      case 4:
        this.general(Op.VERR, clocks.verify, 2);
        return;
      case 5:
        this.general(Op.VERW, clocks.verify, 2);
        return;
      default:
        this.undefinedInstruction();
    }
  }

  private tableGroup(): void {
    const { clocks } = this;
    const kind = this.reg;
    if (kind === 4) this.general(Op.SMSW, clocks.moveSegmentRead);
    else if (kind === 6) this.general(Op.LMSW, clocks.machineStatus, 2);
    else if (!this.isMemory || kind === 5) this.undefinedInstruction();
    else if (kind === 7) this.general(Op.INVLPG, clocks.invalidatePage);
    else {
      const ops = [Op.SGDT, Op.SIDT, Op.LGDT, Op.LIDT];
      this.general(ops[kind], kind < 2 ? clocks.storeTable : clocks.loadTable);
    }
  }

  private controlMove(opcode: number): void {
    const { clocks } = this;
    // The mod field is ignored: these always name registers.
    this.modrm = this.byte() | 0xc0;
    this.isMemory = false;
    const register = this.reg;
    const debug = (opcode & 1) !== 0;
    const write = (opcode & 2) !== 0;
    const exists = debug ? true : register === 0 || register === 2 || register === 3;
    if (!exists) {
      this.undefinedInstruction();
      return;
    }
    const op = debug ? (write ? Op.MOV_TO_DR : Op.MOV_FROM_DR) : write ? Op.MOV_TO_CR : Op.MOV_FROM_CR;
    this.general(op, debug ? clocks.moveDebug : write && register === 0 ? clocks.moveToCr0 : clocks.moveControl, 4);
  }
}
