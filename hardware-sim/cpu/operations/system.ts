/** System instructions. Intel 486 Programmer's Reference Manual, chapters 4 (registers), 6 (protection) and 26. */
import {
  Access,
  type Core,
  CR0_AM,
  CR0_EM,
  CR0_ET,
  CR0_MP,
  CR0_NE,
  CR0_PE,
  CR0_PG,
  CR0_TS,
  CR0_WP,
  LDTR,
  TR,
} from '../core.js';
import { UnsupportedFeature, Vector } from '../fault.js';
import { Flag } from '../flags.js';
import { Field, Op } from '../opcodes.js';
import type { Descriptor } from '../segments.js';
import {
  accessOf,
  descriptorAddress,
  limitOf,
  privilegeOf,
  readDescriptor,
  setNullSegment,
  setSegment,
} from '../segments.js';
import type { OperationTable } from './table.js';

const CR0_NW = 0x20000000;
const CR0_CD = 0x40000000;
const CR0_WRITABLE = CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD | CR0_PG;

export function writeCr0(cpu: Core, value: number): void {
  if ((value & CR0_PG) !== 0 && (value & CR0_PE) === 0) cpu.fault.raise(Vector.GP, 0);
  if ((value & CR0_PE) === 0) throw new UnsupportedFeature('real mode (CR0.PE cleared)');
  const old = cpu.cr0;
  cpu.cr0 = (value & CR0_WRITABLE) | CR0_ET;
  cpu.mmu.paging = (cpu.cr0 & CR0_PG) !== 0;
  cpu.mmu.writeProtect = (cpu.cr0 & CR0_WP) !== 0;
  const changed = old ^ cpu.cr0;
  if ((changed & CR0_PG) !== 0) cpu.mmu.flush();
  else if ((changed & CR0_WP) !== 0) cpu.mmu.dropHostEntries();
  cpu.leave = true;
}

function loadTable(cpu: Core, ops: Int32Array, p: number): { base: number; limit: number } {
  cpu.requirePrivilege();
  const limit = cpu.loadLinear(cpu.operandAddress(ops, p, 2, false), 2);
  const base = cpu.loadLinear(cpu.operandAddress(ops, p, 4, false, 2), 4);
  // With 16-bit operand size the base has 24 bits.
  return { limit, base: ops[p + Field.LINK] === 2 ? base & 0xffffff : base };
}

function storeTable(cpu: Core, ops: Int32Array, p: number, base: number, limit: number): void {
  const low = cpu.operandAddress(ops, p, 2, true);
  const high = cpu.operandAddress(ops, p, 4, true, 2);
  cpu.mmu.checkWrite(low, 2);
  cpu.mmu.checkWrite(high, 4);
  cpu.storeLinear(low, 2, limit);
  cpu.storeLinear(high, 4, base);
}

function loadLocalTable(cpu: Core, ops: Int32Array, p: number): void {
  cpu.requirePrivilege();
  const selector = cpu.readRm(ops, p, 2);
  const error = selector & 0xfffc;
  if (error === 0) {
    setNullSegment(cpu, LDTR, selector);
    return;
  }
  if ((selector & 4) !== 0) cpu.fault.raise(Vector.GP, error);
  const descriptor = readDescriptor(cpu, selector, Vector.GP);
  const access = accessOf(descriptor);
  if ((access & 0x1f) !== 0x02) cpu.fault.raise(Vector.GP, error);
  if ((access & Access.PRESENT) === 0) cpu.fault.raise(Vector.NP, error);
  setSegment(cpu, LDTR, selector, descriptor);
}

/** LTR marks the TSS busy in the table and in the register. */
function loadTaskRegister(cpu: Core, ops: Int32Array, p: number): void {
  cpu.requirePrivilege();
  const selector = cpu.readRm(ops, p, 2);
  const error = selector & 0xfffc;
  if (error === 0) cpu.fault.raise(Vector.GP, 0);
  if ((selector & 4) !== 0) cpu.fault.raise(Vector.GP, error);
  const descriptor = readDescriptor(cpu, selector, Vector.GP);
  const access = accessOf(descriptor);
  const type = access & 0x1f;
  if (type !== 0x09 && type !== 0x01) cpu.fault.raise(Vector.GP, error);
  if ((access & Access.PRESENT) === 0) cpu.fault.raise(Vector.NP, error);
  cpu.mmu.writeSystem32((descriptor.address + 4) | 0, descriptor.high | 0x200);
  setSegment(cpu, TR, selector, descriptor);
  cpu.access[TR] |= 2;
}

function moveToControl(cpu: Core, ops: Int32Array, p: number): void {
  cpu.requirePrivilege();
  const value = cpu.registers[ops[p + Field.B]];
  switch (ops[p + Field.A]) {
    case 0:
      writeCr0(cpu, value);
      return;
    case 2:
      cpu.cr2 = value;
      return;
    default:
      cpu.mmu.cr3 = value;
      if (cpu.mmu.paging) cpu.mmu.flush();
      cpu.leave = true;
  }
}

function moveFromControl(cpu: Core, ops: Int32Array, p: number): void {
  cpu.requirePrivilege();
  const number = ops[p + Field.A];
  cpu.registers[ops[p + Field.B]] = number === 0 ? cpu.cr0 : number === 2 ? cpu.cr2 : cpu.mmu.cr3;
}

function moveToDebug(cpu: Core, ops: Int32Array, p: number): void {
  cpu.requirePrivilege();
  const value = cpu.registers[ops[p + Field.B]];
  const number = ops[p + Field.A];
  const index = number === 4 || number === 5 ? number + 2 : number;
  if (index === 7 && (value & 0x20ff) !== 0)
    throw new UnsupportedFeature('debug registers (breakpoint enabled in DR7)');
  cpu.debug[index] = value;
}

function moveFromDebug(cpu: Core, ops: Int32Array, p: number): void {
  cpu.requirePrivilege();
  const number = ops[p + Field.A];
  cpu.registers[ops[p + Field.B]] = cpu.debug[number === 4 || number === 5 ? number + 2 : number];
}

/** LMSW can set PE but not clear it. */
function loadMachineStatus(cpu: Core, ops: Int32Array, p: number): void {
  cpu.requirePrivilege();
  const value = cpu.readRm(ops, p, 2);
  writeCr0(cpu, (cpu.cr0 & ~0xe) | (value & 0xf) | CR0_PE);
}

/** The descriptor of a selector when the current level may see it, for LAR, LSL, VERR, VERW. */
function visibleDescriptor(cpu: Core, selector: number): Descriptor | undefined {
  if ((selector & 0xfffc) === 0 || descriptorAddress(cpu, selector) === -1) return undefined;
  const descriptor = readDescriptor(cpu, selector, Vector.GP);
  const access = accessOf(descriptor);
  const conforming =
    (access & (Access.SEGMENT | Access.CODE | Access.DOWN_CONFORMING)) ===
    (Access.SEGMENT | Access.CODE | Access.DOWN_CONFORMING);
  const privilege = privilegeOf(descriptor);
  return conforming || (privilege >= cpu.cpl && privilege >= (selector & 3)) ? descriptor : undefined;
}

function setZero(cpu: Core, zero: boolean): void {
  const flags = cpu.getFlags() & ~Flag.ZF;
  cpu.setArithmeticFlags(zero ? flags | Flag.ZF : flags);
}

/** System types LAR accepts: TSS, LDT, gates of both sizes; LSL those with a limit. */
const LAR_TYPES = 0b0001_1010_0011_1110;
const LSL_TYPES = 0b0000_1010_0000_1110;

function loadAccess(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const descriptor = visibleDescriptor(cpu, cpu.readRm(ops, p, 2));
  const access = descriptor === undefined ? 0 : accessOf(descriptor);
  const accepted = (access & Access.SEGMENT) !== 0 || ((LAR_TYPES >> (access & 15)) & 1) !== 0;
  if (descriptor === undefined || !accepted) {
    setZero(cpu, false);
    return;
  }
  cpu.setRegister(ops[p + Field.A], size, descriptor.high & (size === 4 ? 0x00ffff00 : 0xff00));
  setZero(cpu, true);
}

function loadLimit(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const descriptor = visibleDescriptor(cpu, cpu.readRm(ops, p, 2));
  const access = descriptor === undefined ? 0 : accessOf(descriptor);
  const accepted = (access & Access.SEGMENT) !== 0 || ((LSL_TYPES >> (access & 15)) & 1) !== 0;
  if (descriptor === undefined || !accepted) {
    setZero(cpu, false);
    return;
  }
  cpu.setRegister(ops[p + Field.A], size, limitOf(descriptor));
  setZero(cpu, true);
}

function verify(cpu: Core, ops: Int32Array, p: number): void {
  const descriptor = visibleDescriptor(cpu, cpu.readRm(ops, p, 2));
  const access = descriptor === undefined ? 0 : accessOf(descriptor);
  const isCode = (access & Access.CODE) !== 0;
  const readWrite = (access & Access.READ_WRITE) !== 0;
  const usable = ops[p] === Op.VERW ? !isCode && readWrite : !isCode || readWrite;
  setZero(cpu, descriptor !== undefined && (access & Access.SEGMENT) !== 0 && usable);
}

function adjustPrivilege(cpu: Core, ops: Int32Array, p: number): void {
  const value = cpu.readRmForWrite(ops, p, 2);
  const wanted = cpu.registers16[ops[p + Field.A] * 2] & 3;
  const lower = (value & 3) < wanted;
  if (lower) cpu.writeRm(ops, p, (value & ~3) | wanted, 2);
  setZero(cpu, lower);
}

/** CLI and STI need CPL <= IOPL. */
function requireIoPrivilege(cpu: Core): void {
  if (cpu.cpl > cpu.iopl) cpu.fault.raise(Vector.GP, 0);
}

export const SYSTEM: OperationTable = {
  [Op.CLI]: (cpu) => {
    requireIoPrivilege(cpu);
    cpu.systemFlags &= ~Flag.IF;
  },
  [Op.STI]: (cpu) => {
    requireIoPrivilege(cpu);
    if (cpu.interruptsEnabled) return;
    cpu.interruptShadow = true;
    cpu.systemFlags |= Flag.IF;
    cpu.leave = true;
  },
  [Op.CLD]: (cpu) => {
    cpu.systemFlags &= ~Flag.DF;
  },
  [Op.STD]: (cpu) => {
    cpu.systemFlags |= Flag.DF;
  },
  [Op.HLT]: (cpu) => {
    cpu.requirePrivilege();
    cpu.halted = true;
    cpu.leave = true;
  },
  [Op.LGDT]: (cpu, ops, p) => {
    const { base, limit } = loadTable(cpu, ops, p);
    cpu.gdtBase = base;
    cpu.gdtLimit = limit;
  },
  [Op.LIDT]: (cpu, ops, p) => {
    const { base, limit } = loadTable(cpu, ops, p);
    cpu.idtBase = base;
    cpu.idtLimit = limit;
  },
  [Op.SGDT]: (cpu, ops, p) => storeTable(cpu, ops, p, cpu.gdtBase, cpu.gdtLimit),
  [Op.SIDT]: (cpu, ops, p) => storeTable(cpu, ops, p, cpu.idtBase, cpu.idtLimit),
  [Op.LLDT]: loadLocalTable,
  [Op.LTR]: loadTaskRegister,
  [Op.SLDT]: (cpu, ops, p) => cpu.writeRm(ops, p, cpu.selector[LDTR], ops[p + Field.B] >= 0 ? ops[p + Field.LINK] : 2),
  [Op.STR]: (cpu, ops, p) => cpu.writeRm(ops, p, cpu.selector[TR], ops[p + Field.B] >= 0 ? ops[p + Field.LINK] : 2),
  [Op.SMSW]: (cpu, ops, p) => cpu.writeRm(ops, p, cpu.cr0, ops[p + Field.B] >= 0 ? ops[p + Field.LINK] : 2),
  [Op.LMSW]: loadMachineStatus,
  [Op.CLTS]: (cpu) => {
    cpu.requirePrivilege();
    cpu.cr0 &= ~CR0_TS;
  },
  [Op.MOV_FROM_CR]: moveFromControl,
  [Op.MOV_TO_CR]: moveToControl,
  [Op.MOV_FROM_DR]: moveFromDebug,
  [Op.MOV_TO_DR]: moveToDebug,
  [Op.INVLPG]: (cpu, ops, p) => {
    cpu.requirePrivilege();
    const segment = ops[p + Field.SEG];
    const offset = cpu.effectiveAddress(ops, p);
    const effective = segment >= 8 ? offset & 0xffff : offset;
    cpu.mmu.invalidatePage((cpu.base[segment & 7] + effective) | 0);
    cpu.leave = true;
  },
  [Op.INVD]: (cpu) => cpu.requirePrivilege(),
  [Op.WBINVD]: (cpu) => cpu.requirePrivilege(),
  [Op.LAR]: loadAccess,
  [Op.LSL]: loadLimit,
  [Op.VERR]: verify,
  [Op.VERW]: verify,
  [Op.ARPL]: adjustPrivilege,
  [Op.WAIT]: (cpu) => {
    if ((cpu.cr0 & (CR0_MP | CR0_TS)) === (CR0_MP | CR0_TS)) cpu.fault.raise(Vector.NM);
  },
  /** No x87 is fitted: with EM or TS set software takes over, otherwise the opcode means nothing. */
  [Op.NO_FPU]: (cpu) => cpu.fault.raise((cpu.cr0 & (CR0_EM | CR0_TS)) !== 0 ? Vector.NM : Vector.UD),
};
