/**
 * The processor's state and what every part of it uses: registers, flags, segments, operands.
 *
 * Rules for operations (files in operations/):
 *  - do everything that can fault before changing any register, flag or memory;
 *  - `eip` holds the next instruction's address while a general operation runs; changing it is a jump; `instructionEip` is the
 *    operation's own address;
 *  - set `leave` after anything the run loop must look at before the next instruction: ports, IF, translations, mode, HLT.
 */
import type { Clock } from '../clock.js';
import type { PhysicalMemory } from '../memory/physical-memory.js';
import { Mmu } from '../mmu/mmu.js';
import type { Bus, CpuStop } from './bus.js';
import { GuestFault, Vector } from './fault.js';
import { arithmeticFlags, carryOf, carryWord, condition, Flag, SYSTEM_FLAGS, signOf, zeroOf } from './flags.js';
import { byteIndex, Field } from './opcodes.js';
import type { CpuProfile } from './profiles/profile.js';

export const ES = 0;
export const CS = 1;
export const SS = 2;
export const DS = 3;
export const FS = 4;
export const GS = 5;
export const LDTR = 6;
export const TR = 7;

export const EAX = 0;
export const ECX = 1;
export const EDX = 2;
export const EBX = 3;
export const ESP = 4;
export const EBP = 5;
export const ESI = 6;
export const EDI = 7;

export const CR0_PE = 0x1;
export const CR0_MP = 0x2;
export const CR0_EM = 0x4;
export const CR0_TS = 0x8;
export const CR0_ET = 0x10;
export const CR0_NE = 0x20;
export const CR0_WP = 0x10000;
export const CR0_AM = 0x40000;
export const CR0_PG = 0x80000000;

/** Descriptor cache access bits (descriptor bits 40 to 55). */
export const Access = {
  TYPE: 0x0f,
  ACCESSED: 0x01,
  /** Data: writable; code: readable. */
  READ_WRITE: 0x02,
  /** Data: expand-down; code: conforming. */
  DOWN_CONFORMING: 0x04,
  CODE: 0x08,
  /** Code or data, not a system descriptor. */
  SEGMENT: 0x10,
  PRESENT: 0x80,
  BIG: 0x4000,
  GRANULAR: 0x8000,
} as const;

export class Core {
  /** EAX to EDI; element 8 stays zero: the absent base or index. */
  readonly registers = new Int32Array(16);
  readonly registers16 = new Uint16Array(this.registers.buffer);
  readonly registers8 = new Uint8Array(this.registers.buffer);
  eip = 0;
  instructionEip = 0;
  zero = 1;
  sign = 0;
  carry = 0;
  /** The flags that are not arithmetic. */
  systemFlags = 0;

  readonly selector = new Int32Array(8);
  readonly base = new Int32Array(8);
  /** Inclusive, in bytes. */
  readonly segmentLimit = new Float64Array(8);
  readonly access = new Int32Array(8);
  /**
   * Bit per segment register: accesses through it need checks or a base. Bits 8 to 13, the same with 16-bit addressing, and CS are
   * always set.
   */
  notFlat = 0xff3f;
  /** CS has base 0 and covers 4 GiB. */
  codeFlat = false;
  code32 = true;
  stack32 = true;
  cpl = 0;
  gdtBase = 0;
  gdtLimit = 0;
  idtBase = 0;
  idtLimit = 0x3ff;
  cr0 = CR0_ET | CR0_PE;
  cr2 = 0;
  readonly debug = new Int32Array(8);

  instructions = 0;
  halted = false;
  interruptShadow = false;
  repeating = false;
  stopRequested = false;
  stopped: CpuStop | null = null;
  /** See the rules above. */
  leave = false;
  /** Cycle at which the running slice ends: a repeated string instruction stops between iterations there. */
  sliceEnd = 0;
  /** Variable cycles of the current general operation. */
  extraCycles = 0;

  readonly fault = new GuestFault();
  readonly mmu: Mmu;

  constructor(
    readonly memory: PhysicalMemory,
    readonly bus: Bus,
    readonly clock: Clock,
    readonly profile: CpuProfile,
  ) {
    this.mmu = new Mmu(memory, this.fault, profile.clocks, profile.dataTlbEntries, profile.codeTlbEntries);
  }

  // ---- Flags ----

  getFlags(): number {
    return this.systemFlags | 2 | arithmeticFlags(this.zero, this.sign, this.carry);
  }

  setFlags(flags: number): void {
    this.setArithmeticFlags(flags);
    this.systemFlags = flags & SYSTEM_FLAGS;
  }

  setArithmeticFlags(flags: number): void {
    this.zero = zeroOf(flags);
    this.sign = signOf(flags);
    this.carry = carryOf(flags);
  }

  /** Flags of a logical result of `size` bytes. */
  setLogicFlags(result: number, size: number): void {
    const shift = 32 - 8 * size;
    this.zero = this.sign = (result << shift) >> shift;
    this.carry = 0;
  }

  /** CF and OF, the others as they are, AF included. */
  setCarryOverflow(carry: number, overflow: number): void {
    this.carry = carryWord(carry, overflow) | (this.carry & 8);
  }

  get carryFlag(): number {
    return this.carry >>> 31;
  }

  holds(code: number): boolean {
    return condition(code, this.zero, this.sign, this.carry);
  }

  get iopl(): number {
    return (this.systemFlags >> 12) & 3;
  }

  // ---- Segments ----

  /** Recomputes what is derived from the segment registers and the privilege level. */
  updateSegments(): void {
    let notFlat = 0xff00 | (1 << CS);
    for (let segment = ES; segment <= GS; segment++) {
      if (segment === CS) continue;
      const access = this.access[segment];
      const flatData =
        (access & (Access.SEGMENT | Access.CODE | Access.DOWN_CONFORMING | Access.READ_WRITE | Access.PRESENT)) ===
        (Access.SEGMENT | Access.READ_WRITE | Access.PRESENT);
      const flat = flatData && this.base[segment] === 0 && this.segmentLimit[segment] === 0xffffffff;
      if (!flat || (segment === SS && (access & Access.BIG) === 0)) notFlat |= 1 << segment;
    }
    this.notFlat = notFlat;
    this.codeFlat = this.base[CS] === 0 && this.segmentLimit[CS] === 0xffffffff;
    this.code32 = (this.access[CS] & Access.BIG) !== 0;
    this.stack32 = (this.access[SS] & Access.BIG) !== 0;
    const user = this.cpl === 3;
    if (user !== this.mmu.user) {
      this.mmu.user = user;
      this.mmu.dropHostEntries();
    }
  }

  /**
   * Linear address of an operand; `segmentField` is a segment register, plus 8 with 16-bit addressing. Raises #GP or #SS.
   * In a segment of 4 GiB an operand may wrap around the end, as it does on the processor.
   */
  segmented(segmentField: number, effective: number, size: number, write: boolean): number {
    const segment = segmentField & 7;
    const offset = segmentField >= 8 ? effective & 0xffff : effective;
    const access = this.access[segment];
    const vector = segment === SS ? Vector.SS : Vector.GP;
    if (access === 0) this.fault.raise(Vector.GP, 0);
    const allowed =
      (access & Access.CODE) !== 0
        ? !write && (access & Access.READ_WRITE) !== 0
        : !write || (access & Access.READ_WRITE) !== 0;
    if (!allowed) this.fault.raise(vector, 0);
    const limit = this.segmentLimit[segment];
    const first = offset >>> 0;
    const last = first + size - 1;
    if ((access & (Access.CODE | Access.DOWN_CONFORMING)) === Access.DOWN_CONFORMING) {
      const upper = (access & Access.BIG) !== 0 ? 0xffffffff : 0xffff;
      if (first <= limit || last > upper) this.fault.raise(vector, 0);
    } else if (last > limit && limit !== 0xffffffff) this.fault.raise(vector, 0);
    return (this.base[segment] + offset) | 0;
  }

  /** Linear address of `offset` in the segment, checked when the segment needs it. */
  linear(segment: number, offset: number, size: number, write: boolean): number {
    return ((this.notFlat >>> segment) & 1) !== 0 ? this.segmented(segment, offset, size, write) : offset | 0;
  }

  // ---- Operands of general operations ----

  effectiveAddress(ops: Int32Array, p: number): number {
    const registers = this.registers;
    return (
      (registers[ops[p + Field.BASE]] +
        (registers[ops[p + Field.INDEX]] << ops[p + Field.SCALE]) +
        ops[p + Field.DISP]) |
      0
    );
  }

  /** Linear address of the memory operand plus `displacement`. */
  operandAddress(ops: Int32Array, p: number, size: number, write: boolean, displacement = 0): number {
    const offset = (this.effectiveAddress(ops, p) + displacement) | 0;
    const segment = ops[p + Field.SEG];
    return ((this.notFlat >>> segment) & 1) !== 0 ? this.segmented(segment, offset, size, write) : offset;
  }

  /** Value of 1 or 2 bytes zero-extended, of 4 bytes signed. */
  loadLinear(linear: number, size: number): number {
    return size === 4 ? this.mmu.read32(linear) : size === 2 ? this.mmu.read16(linear) : this.mmu.read8(linear);
  }

  storeLinear(linear: number, size: number, value: number): void {
    if (size === 4) this.mmu.write32(linear, value);
    else if (size === 2) this.mmu.write16(linear, value & 0xffff);
    else this.mmu.write8(linear, value & 0xff);
  }

  getRegister(register: number, size: number): number {
    return size === 4
      ? this.registers[register]
      : size === 2
        ? this.registers16[register * 2]
        : this.registers8[byteIndex(register)];
  }

  setRegister(register: number, size: number, value: number): void {
    if (size === 4) this.registers[register] = value;
    else if (size === 2) this.registers16[register * 2] = value;
    else this.registers8[byteIndex(register)] = value;
  }

  /** The r/m operand of the operation's size. */
  readRm(ops: Int32Array, p: number, size = ops[p + Field.LINK]): number {
    const register = ops[p + Field.B];
    if (register >= 0) return this.getRegister(register, size);
    return this.loadLinear(this.operandAddress(ops, p, size, false), size);
  }

  writeRm(ops: Int32Array, p: number, value: number, size = ops[p + Field.LINK]): void {
    const register = ops[p + Field.B];
    if (register >= 0) this.setRegister(register, size, value);
    else this.storeLinear(this.operandAddress(ops, p, size, true), size, value);
  }

  /** The r/m operand, after checking that it can be written. */
  readRmForWrite(ops: Int32Array, p: number, size = ops[p + Field.LINK]): number {
    const register = ops[p + Field.B];
    if (register >= 0) return this.getRegister(register, size);
    const linear = this.operandAddress(ops, p, size, true);
    this.mmu.checkWrite(linear, size);
    return this.loadLinear(linear, size);
  }

  // ---- Stack ----

  get stackPointer(): number {
    return this.stack32 ? this.registers[ESP] : this.registers16[ESP * 2];
  }

  set stackPointer(value: number) {
    if (this.stack32) this.registers[ESP] = value;
    else this.registers16[ESP * 2] = value;
  }

  /** Linear address of the stack slot `displacement` bytes from the stack pointer. */
  stackAddress(displacement: number, size: number, write: boolean): number {
    const offset = this.stackPointer + displacement;
    return this.linear(SS, this.stack32 ? offset | 0 : offset & 0xffff, size, write);
  }

  push(value: number, size: number): void {
    this.storeLinear(this.stackAddress(-size, size, true), size, value);
    this.stackPointer = this.stackPointer - size;
  }

  /** The value on the stack `displacement` bytes up; the stack pointer stays. */
  peek(displacement: number, size: number): number {
    return this.loadLinear(this.stackAddress(displacement, size, false), size);
  }

  /** Raises #GP(0) unless the privilege level is 0. */
  requirePrivilege(): void {
    if (this.cpl !== 0) this.fault.raise(Vector.GP, 0);
  }

  /** A jump inside the code segment; raises #GP beyond its limit. */
  jump(target: number, size: number): void {
    const eip = size === 2 ? target & 0xffff : target | 0;
    if (eip >>> 0 > this.segmentLimit[CS]) this.fault.raise(Vector.GP, 0);
    this.eip = eip;
  }

  get interruptsEnabled(): boolean {
    return (this.systemFlags & Flag.IF) !== 0;
  }
}
