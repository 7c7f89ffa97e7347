/** Data movement outside the hot loop: segment registers, 16-bit forms, the stack. Intel 486 Programmer's Reference Manual, chapter 26. */
import { type Core, EAX, EBP, EBX, ESP, SS } from '../core.js';
import { Vector } from '../fault.js';
import { Flag } from '../flags.js';
import { Field, Op } from '../opcodes.js';
import { loadDataSegment } from '../segments.js';
import type { OperationTable } from './table.js';

/** Loads a segment register; SS also holds off interrupts for one instruction. */
function moveToSegment(cpu: Core, segment: number, selector: number): void {
  loadDataSegment(cpu, segment, selector);
  if (segment === SS) cpu.interruptShadow = true;
  cpu.leave = true;
}

function readSegmentRegister(cpu: Core, ops: Int32Array, p: number): void {
  const selector = cpu.selector[ops[p + Field.A]];
  // A register destination gets the operand size, memory always two bytes.
  cpu.writeRm(ops, p, selector, ops[p + Field.B] >= 0 ? ops[p + Field.LINK] : 2);
}

function loadFarPointer(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const offset = cpu.loadLinear(cpu.operandAddress(ops, p, size, false), size);
  const selector = cpu.loadLinear(cpu.operandAddress(ops, p, 2, false, size), 2);
  moveToSegment(cpu, ops[p + Field.IMM], selector);
  cpu.setRegister(ops[p + Field.A], size, offset);
  cpu.interruptShadow = false;
}

function pushGeneral(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  cpu.push(ops[p + Field.B] === -2 ? ops[p + Field.IMM] : cpu.readRm(ops, p), size);
}

/** POP r/m: the address is computed after the stack pointer moved. */
function popRm(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const value = cpu.peek(0, size);
  const before = cpu.registers[ESP];
  cpu.stackPointer = cpu.stackPointer + size;
  if (ops[p + Field.B] >= 0) {
    cpu.writeRm(ops, p, value);
    return;
  }
  try {
    cpu.writeRm(ops, p, value);
  } catch (fault) {
    cpu.registers[ESP] = before;
    throw fault;
  }
}

function pushAll(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  // The lowest slot is checked first, so that a fault leaves memory as it was.
  for (let slot = 8; slot >= 1; slot--) cpu.mmu.checkWrite(cpu.stackAddress(-slot * size, size, true), size);
  for (let register = 0; register < 8; register++) {
    const address = cpu.stackAddress(-(register + 1) * size, size, true);
    cpu.storeLinear(address, size, cpu.getRegister(register, size));
  }
  cpu.stackPointer = cpu.stackPointer - 8 * size;
}

function popAll(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const values: number[] = [];
  for (let slot = 0; slot < 8; slot++) values.push(cpu.peek(slot * size, size));
  for (let register = 0; register < 8; register++) {
    if (register !== ESP) cpu.setRegister(register, size, values[7 - register]);
  }
  cpu.stackPointer = cpu.stackPointer + 8 * size;
}

function pushFlags(cpu: Core, ops: Int32Array, p: number): void {
  cpu.push(cpu.getFlags() & ~(Flag.RF | Flag.VM), ops[p + Field.LINK]);
}

/** POPF: IOPL changes at privilege 0 only, IF when the privilege suffices; otherwise they stay, without a fault. */
function popFlags(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const value = cpu.peek(0, size);
  cpu.stackPointer = cpu.stackPointer + size;
  const old = cpu.getFlags();
  let kept = Flag.RF | Flag.VM;
  if (size === 2) kept |= 0xffff0000 | 0;
  if (cpu.cpl > 0) kept |= Flag.IOPL;
  if (cpu.cpl > cpu.iopl) kept |= Flag.IF;
  const flags = ((value & ~kept) | (old & kept)) & ~Flag.RF;
  cpu.setFlags(flags);
  if ((flags & ~old & (Flag.IF | Flag.TF | Flag.AC)) !== 0) cpu.leave = true;
}

function pushSegment(cpu: Core, ops: Int32Array, p: number): void {
  cpu.push(cpu.selector[ops[p + Field.A]], ops[p + Field.LINK]);
}

function popSegment(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const selector = cpu.peek(0, 2);
  const before = cpu.stackPointer;
  // Loading SS may change the width of the stack pointer; the pop uses the old one.
  cpu.stackPointer = before + size;
  try {
    moveToSegment(cpu, ops[p + Field.A], selector);
  } catch (fault) {
    cpu.stackPointer = before;
    throw fault;
  }
}

/** ENTER: the frame pointers of the outer levels are copied one by one, each read after the push before it. */
function enter(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const allocate = ops[p + Field.IMM];
  const level = ops[p + Field.A];
  if (level > 0) cpu.extraCycles += 3 + level * 4;
  const frame = cpu.stackPointer;
  const frameValue = (frame - size) | 0;
  const framePointer = cpu.stack32 ? cpu.registers[EBP] : cpu.registers16[EBP * 2];
  const outerFrame = (at: number): number => {
    const offset = framePointer - at * size;
    return cpu.linear(SS, cpu.stack32 ? offset | 0 : offset & 0xffff, size, false);
  };
  const slots = level === 0 ? 1 : level + 1;
  for (let at = 1; at < level; at++) cpu.mmu.checkRead(outerFrame(at), size);
  for (let at = slots; at >= 1; at--) cpu.mmu.checkWrite(cpu.stackAddress(-at * size, size, true), size);
  // The processor checks that the new top of stack can be written.
  cpu.mmu.checkWrite(cpu.stackAddress(-slots * size - allocate, 1, true), 1);
  for (let at = 0; at < slots; at++) {
    const value =
      at === 0 ? cpu.getRegister(EBP, size) : at === level ? frameValue : cpu.loadLinear(outerFrame(at), size);
    cpu.storeLinear(cpu.stackAddress(-(at + 1) * size, size, true), size, value);
  }
  cpu.setRegister(EBP, size, frameValue);
  cpu.stackPointer = frame - slots * size - allocate;
}

function leave16(cpu: Core): void {
  const pointer = cpu.stack32 ? cpu.registers[EBP] : cpu.registers16[EBP * 2];
  const value = cpu.loadLinear(cpu.linear(SS, pointer, 2, false), 2);
  cpu.stackPointer = pointer + 2;
  cpu.setRegister(EBP, 2, value);
}

function translateByte(cpu: Core, ops: Int32Array, p: number): void {
  const segment = ops[p + Field.SEG];
  const offset = (cpu.registers[EBX] + cpu.registers8[0]) | 0;
  cpu.registers8[EAX] = cpu.loadLinear(cpu.linear(segment, offset, 1, false), 1);
}

export const MOVES: OperationTable = {
  [Op.LEA16]: (cpu, ops, p) => {
    const offset = cpu.effectiveAddress(ops, p);
    cpu.setRegister(ops[p + Field.A], ops[p + Field.LINK], ops[p + Field.SEG] >= 8 ? offset & 0xffff : offset);
  },
  [Op.MOV_SREG_READ]: readSegmentRegister,
  [Op.MOV_SREG_WRITE]: (cpu, ops, p) => moveToSegment(cpu, ops[p + Field.A], cpu.readRm(ops, p, 2)),
  [Op.MOVZX16]: (cpu, ops, p) => cpu.setRegister(ops[p + Field.A], 2, cpu.readRm(ops, p, 2)),
  [Op.MOVSX_TO16]: (cpu, ops, p) => {
    const value = cpu.readRm(ops, p, 1);
    cpu.setRegister(ops[p + Field.A], 2, ops[p + Field.IMM] !== 0 ? (value << 24) >> 24 : value);
  },
  [Op.LOAD_FAR_POINTER]: loadFarPointer,
  [Op.PUSH_GENERAL]: pushGeneral,
  [Op.POP_RM]: popRm,
  [Op.PUSHA]: pushAll,
  [Op.POPA]: popAll,
  [Op.PUSHF]: pushFlags,
  [Op.POPF]: popFlags,
  [Op.PUSH_SEG]: pushSegment,
  [Op.POP_SEG]: popSegment,
  [Op.ENTER]: enter,
  [Op.LEAVE16]: leave16,
  [Op.XLAT]: translateByte,
  [Op.UNDEFINED]: (cpu) => cpu.fault.raise(Vector.UD),
  [Op.INVALID_LENGTH]: (cpu) => cpu.fault.raise(Vector.GP, 0),
};
