/**
 * Arithmetic that is too rare or too long for the hot loop: shifts of any size, multiplication, division, BCD, exchanges. Intel 486
 * Programmer's Reference Manual, chapter 26. Flags the manual calls undefined are left as the simplest formula gives them.
 */
import { type Core, EAX, EDX } from '../core.js';
import { Vector } from '../fault.js';
import { ARITHMETIC_FLAGS, Flag } from '../flags.js';
import { Field, Op } from '../opcodes.js';
import type { OperationTable } from './table.js';

/** ROL, ROR, RCL, RCR, SHL, SHR, SAR of 1, 2 or 4 bytes; the kind is the reg field. */
function shift(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const bits = size * 8;
  const count = (ops[p + Field.IMM] < 0 ? cpu.registers8[4] : ops[p + Field.IMM]) & 31;
  const value = cpu.readRmForWrite(ops, p);
  if (count === 0) return;
  const kind = ops[p + Field.A];
  const unsigned = size === 4 ? value >>> 0 : value;
  const top = (x: number): number => (x >>> (bits - 1)) & 1;
  let result: number;
  let carry: number;
  let overflow: number;
  if (kind < 4) {
    [result, carry] =
      kind < 2 ? rotate(unsigned, count, bits, kind === 1) : rotateCarry(cpu, unsigned, count, bits, kind === 3);
    // Left: top bit against carry. Right: the two top bits.
    overflow = (kind & 1) === 0 ? top(result) ^ carry : top(result) ^ ((result >>> (bits - 2)) & 1);
    cpu.writeRm(ops, p, result | 0);
    // Rotating through carry by a multiple of bits + 1 changes nothing, and neither do the flags.
    if (kind < 2 || count % (bits + 1) !== 0) cpu.setCarryOverflow(carry, overflow);
    return;
  }
  if (kind === 7) {
    const signed = (value << (32 - bits)) >> (32 - bits);
    result = signed >> count;
    carry = (signed >> (count - 1)) & 1;
    overflow = 0;
  } else if (kind === 5) {
    result = count < 32 ? unsigned >>> count : 0;
    carry = (unsigned >>> (count - 1)) & 1;
    overflow = top(unsigned);
  } else {
    result = unsigned << count;
    carry = count <= bits ? (unsigned >>> (bits - count)) & 1 : 0;
    overflow = top(result) ^ carry;
  }
  cpu.writeRm(ops, p, result | 0);
  cpu.setLogicFlags(result, size);
  cpu.setCarryOverflow(carry, overflow);
}

function rotate(value: number, count: number, bits: number, right: boolean): [number, number] {
  const by = count % bits;
  const left = right ? (bits - by) % bits : by;
  const mask = bits === 32 ? 0xffffffff : (1 << bits) - 1;
  const result = left === 0 ? value : (((value << left) | (value >>> (bits - left))) & mask) >>> 0;
  return [result, right ? (result >>> (bits - 1)) & 1 : result & 1];
}

function rotateCarry(cpu: Core, value: number, count: number, bits: number, right: boolean): [number, number] {
  let carry = cpu.carryFlag;
  let result = value;
  for (let step = count % (bits + 1); step > 0; step--) {
    if (right) {
      const out = result & 1;
      result = ((result >>> 1) | (carry << (bits - 1))) >>> 0;
      carry = out;
    } else {
      const out = (result >>> (bits - 1)) & 1;
      result = (result << 1) | carry;
      result = bits === 32 ? result >>> 0 : result & ((1 << bits) - 1);
      carry = out;
    }
  }
  return [result, carry];
}

function doubleShift(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const bits = size * 8;
  const left = ops[p] === Op.SHLD;
  const count = (ops[p + Field.IMM] < 0 ? cpu.registers8[4] : ops[p + Field.IMM]) & 31;
  const value = cpu.readRmForWrite(ops, p);
  if (count === 0) return;
  const source = cpu.getRegister(ops[p + Field.A], size);
  let result: number;
  let carry: number;
  if (size === 4) {
    result = left ? (value << count) | (source >>> (32 - count)) : (value >>> count) | (source << (32 - count));
    carry = left ? (value >>> (32 - count)) & 1 : (value >>> (count - 1)) & 1;
  } else {
    // Counts above 16 are undefined; like the processor's shifter, go on with the source's bits.
    const pattern = left ? (value << 16) | source : (source << 16) | value;
    const by = count & 15;
    const rotated = count > 16 ? (left ? (source << 16) | value : (value << 16) | source) : pattern;
    if (count === 16) {
      result = source;
      carry = left ? value & 1 : (value >>> 15) & 1;
    } else if (left) {
      result = ((rotated << by) >>> 16) & 0xffff;
      carry = (rotated >>> (32 - by)) & 1;
    } else {
      result = (rotated >>> by) & 0xffff;
      carry = (rotated >>> (by - 1)) & 1;
    }
  }
  cpu.writeRm(ops, p, result);
  cpu.setLogicFlags(result, size);
  cpu.setCarryOverflow(carry, ((result ^ value) >>> (bits - 1)) & 1);
}

/** MUL and IMUL into AX, DX:AX, EDX:EAX. */
function multiplyWide(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const signed = ops[p] === Op.IMUL_WIDE;
  const source = cpu.readRm(ops, p);
  const shiftBy = 32 - 8 * size;
  const accumulator = cpu.getRegister(EAX, size);
  let overflow: boolean;
  if (size === 4) {
    const product = signed ? BigInt(source) * BigInt(accumulator) : BigInt(source >>> 0) * BigInt(accumulator >>> 0);
    cpu.registers[EAX] = Number(BigInt.asIntN(32, product));
    cpu.registers[EDX] = Number(BigInt.asIntN(32, product >> 32n));
    overflow = signed ? BigInt.asIntN(32, product) !== product : product >> 32n !== 0n;
  } else {
    const a = signed ? (accumulator << shiftBy) >> shiftBy : accumulator;
    const b = signed ? (source << shiftBy) >> shiftBy : source;
    const product = a * b;
    if (size === 1) cpu.registers16[0] = product;
    else {
      cpu.registers16[0] = product;
      cpu.registers16[EDX * 2] = product >> 16;
    }
    const low = signed ? (product << shiftBy) >> shiftBy : (product << shiftBy) >>> shiftBy;
    overflow = signed ? low !== product : low !== product >>> 0;
  }
  cpu.setLogicFlags(cpu.getRegister(EAX, size), size);
  cpu.setCarryOverflow(overflow ? 1 : 0, overflow ? 1 : 0);
}

/** IMUL r16, r/m16 (TARGET 0) and IMUL r16, r/m16, imm (TARGET 1). */
function multiply16(cpu: Core, ops: Int32Array, p: number): void {
  const register = ops[p + Field.A];
  const source = (cpu.readRm(ops, p) << 16) >> 16;
  const other = ops[p + Field.TARGET] !== 0 ? ops[p + Field.IMM] : cpu.getRegister(register, 2);
  const product = source * ((other << 16) >> 16);
  cpu.setRegister(register, 2, product);
  cpu.setLogicFlags(product, 2);
  const overflow = (product << 16) >> 16 !== product ? 1 : 0;
  cpu.setCarryOverflow(overflow, overflow);
}

function divide(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const divisor = cpu.readRm(ops, p);
  if (size === 4) {
    if (divisor === 0) cpu.fault.raise(Vector.DE);
    const high = cpu.registers[EDX] >>> 0;
    const low = cpu.registers[EAX] >>> 0;
    const by = divisor >>> 0;
    if (high >= by) cpu.fault.raise(Vector.DE);
    if (high === 0) {
      cpu.registers[EAX] = Math.floor(low / by);
      cpu.registers[EDX] = low % by;
      return;
    }
    const dividend = (BigInt(high) << 32n) | BigInt(low);
    cpu.registers[EAX] = Number(BigInt.asIntN(32, dividend / BigInt(by)));
    cpu.registers[EDX] = Number(BigInt.asIntN(32, dividend % BigInt(by)));
    return;
  }
  if (divisor === 0) cpu.fault.raise(Vector.DE);
  const dividend = size === 1 ? cpu.registers16[0] : ((cpu.registers16[EDX * 2] << 16) | cpu.registers16[0]) >>> 0;
  const quotient = Math.floor(dividend / divisor);
  if (quotient > (size === 1 ? 0xff : 0xffff)) cpu.fault.raise(Vector.DE);
  storeQuotient(cpu, size, quotient, dividend % divisor);
}

function signedDivide(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const raw = cpu.readRm(ops, p);
  if (raw === 0) cpu.fault.raise(Vector.DE);
  if (size === 4) {
    const dividend = (BigInt(cpu.registers[EDX]) << 32n) | BigInt(cpu.registers[EAX] >>> 0);
    const quotient = dividend / BigInt(raw);
    if (BigInt.asIntN(32, quotient) !== quotient) cpu.fault.raise(Vector.DE);
    cpu.registers[EAX] = Number(quotient);
    cpu.registers[EDX] = Number(dividend % BigInt(raw));
    return;
  }
  const shiftBy = 32 - 8 * size;
  const divisor = (raw << shiftBy) >> shiftBy;
  const dividend =
    size === 1 ? (cpu.registers16[0] << 16) >> 16 : (cpu.registers16[EDX * 2] << 16) | cpu.registers16[0];
  const quotient = Math.trunc(dividend / divisor);
  const bound = size === 1 ? 0x80 : 0x8000;
  if (quotient < -bound || quotient >= bound) cpu.fault.raise(Vector.DE);
  storeQuotient(cpu, size, quotient, dividend % divisor);
}

function storeQuotient(cpu: Core, size: number, quotient: number, remainder: number): void {
  if (size === 1) cpu.registers16[0] = ((remainder & 0xff) << 8) | (quotient & 0xff);
  else {
    cpu.registers16[0] = quotient;
    cpu.registers16[EDX * 2] = remainder;
  }
}

function exchange(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const value = cpu.readRmForWrite(ops, p);
  cpu.writeRm(ops, p, cpu.getRegister(ops[p + Field.A], size));
  cpu.setRegister(ops[p + Field.A], size, value);
}

/** Flags of a - b in `size` bytes. */
export function compare(cpu: Core, a: number, b: number, size: number): void {
  const shiftBy = 32 - 8 * size;
  const result = (a - b) | 0;
  const borrow = (~a & b) | ((~a | b) & result);
  cpu.zero = cpu.sign = (result << shiftBy) >> shiftBy;
  cpu.carry = (borrow << shiftBy) | (borrow & 8);
}

function compareExchange(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const value = cpu.readRmForWrite(ops, p);
  const accumulator = cpu.getRegister(EAX, size);
  if (value === accumulator) cpu.writeRm(ops, p, cpu.getRegister(ops[p + Field.A], size));
  else {
    // The processor writes the old value back, so the page becomes dirty either way.
    cpu.writeRm(ops, p, value);
    cpu.setRegister(EAX, size, value);
  }
  compare(cpu, accumulator, value, size);
}

function exchangeAdd(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const shiftBy = 32 - 8 * size;
  const a = cpu.readRmForWrite(ops, p);
  const b = cpu.getRegister(ops[p + Field.A], size);
  const result = (a + b) | 0;
  // With a register destination equal to the source the sum wins, so it is stored last.
  if (ops[p + Field.B] >= 0) cpu.setRegister(ops[p + Field.A], size, a);
  cpu.writeRm(ops, p, result);
  if (ops[p + Field.B] < 0) cpu.setRegister(ops[p + Field.A], size, a);
  const carries = (a & b) | ((a | b) & ~result);
  cpu.zero = cpu.sign = (result << shiftBy) >> shiftBy;
  cpu.carry = (carries << shiftBy) | (carries & 8);
}

function byteSwap(cpu: Core, ops: Int32Array, p: number): void {
  const register = ops[p + Field.B];
  const value = cpu.registers[register];
  cpu.registers[register] = (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}

/** BT, BTS, BTR, BTC; a register bit offset reaches beyond a memory operand. */
function bitTest(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const bits = size * 8;
  const op = ops[p];
  const write = op !== Op.BT;
  const immediate = ops[p + Field.IMM];
  const raw = cpu.getRegister(ops[p + Field.A], size);
  const offset = immediate >= 0 ? immediate & (bits - 1) : size === 2 ? (raw << 16) >> 16 : raw;
  const mask = 1 << (offset & (bits - 1));
  const apply = (value: number): number =>
    op === Op.BTS ? value | mask : op === Op.BTR ? value & ~mask : value ^ mask;
  let value: number;
  const register = ops[p + Field.B];
  if (register >= 0) {
    value = cpu.getRegister(register, size);
    if (write) cpu.setRegister(register, size, apply(value));
  } else {
    const displacement = immediate >= 0 ? 0 : (offset >> (size === 4 ? 5 : 4)) * size;
    const linear = cpu.operandAddress(ops, p, size, write, displacement);
    if (write) cpu.mmu.checkWrite(linear, size);
    value = cpu.loadLinear(linear, size);
    if (write) cpu.storeLinear(linear, size, apply(value));
  }
  const flags = cpu.getFlags() & ~Flag.CF;
  cpu.setArithmeticFlags((value & mask) !== 0 ? flags | Flag.CF : flags);
}

function bitScan(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const value = cpu.readRm(ops, p);
  const flags = cpu.getFlags() & ~Flag.ZF;
  if (value === 0) {
    cpu.setArithmeticFlags(flags | Flag.ZF);
    return;
  }
  const index = ops[p] === Op.BSF ? 31 - Math.clz32(value & -value) : 31 - Math.clz32(value);
  cpu.setRegister(ops[p + Field.A], size, index);
  cpu.setArithmeticFlags(flags);
}

function decimalAdjust(cpu: Core, ops: Int32Array, p: number): void {
  const subtract = ops[p] === Op.DAS;
  const flags = cpu.getFlags();
  const old = cpu.registers8[0];
  const oldCarry = (flags & Flag.CF) !== 0;
  let value = old;
  let carry = oldCarry;
  const adjustLow = (old & 15) > 9 || (flags & Flag.AF) !== 0;
  if (adjustLow) {
    value += subtract ? -6 : 6;
    carry = oldCarry || value < 0 || value > 0xff;
  }
  if (old > 0x99 || oldCarry) {
    value += subtract ? -0x60 : 0x60;
    carry = true;
  } else if (!subtract) carry = false;
  cpu.registers8[0] = value;
  cpu.setLogicFlags(value, 1);
  cpu.carry = (carry ? 0xc0000000 | 0 : 0) | (adjustLow ? 8 : 0);
}

function asciiAdjust(cpu: Core, ops: Int32Array, p: number): void {
  const flags = cpu.getFlags();
  const adjust = (cpu.registers8[0] & 15) > 9 || (flags & Flag.AF) !== 0;
  if (adjust) cpu.registers16[0] += ops[p] === Op.AAS ? -0x106 : 0x106;
  cpu.registers8[0] &= 15;
  cpu.setLogicFlags(cpu.registers8[0], 1);
  cpu.carry = adjust ? 0xc0000008 | 0 : 0;
}

function asciiMultiply(cpu: Core, ops: Int32Array, p: number): void {
  const base = ops[p + Field.IMM];
  if (base === 0) cpu.fault.raise(Vector.DE);
  const value = cpu.registers8[0];
  cpu.registers8[1] = Math.floor(value / base);
  cpu.registers8[0] = value % base;
  cpu.setLogicFlags(cpu.registers8[0], 1);
}

function asciiDivide(cpu: Core, ops: Int32Array, p: number): void {
  const value = cpu.registers8[0] + cpu.registers8[1] * ops[p + Field.IMM];
  cpu.registers16[0] = value & 0xff;
  cpu.setLogicFlags(value, 1);
}

function setCondition(cpu: Core, ops: Int32Array, p: number): void {
  cpu.writeRm(ops, p, cpu.holds(ops[p + Field.IMM]) ? 1 : 0);
}

function bound(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const shiftBy = 32 - 8 * size;
  const lower = (cpu.loadLinear(cpu.operandAddress(ops, p, size, false), size) << shiftBy) >> shiftBy;
  const upper = (cpu.loadLinear(cpu.operandAddress(ops, p, size, false, size), size) << shiftBy) >> shiftBy;
  const index = (cpu.getRegister(ops[p + Field.A], size) << shiftBy) >> shiftBy;
  if (index < lower || index > upper) cpu.fault.raise(Vector.BR);
}

export const ARITHMETIC: OperationTable = {
  [Op.SHIFT]: shift,
  [Op.SHLD]: doubleShift,
  [Op.SHRD]: doubleShift,
  [Op.MUL_WIDE]: multiplyWide,
  [Op.IMUL_WIDE]: multiplyWide,
  [Op.IMUL16]: multiply16,
  [Op.DIV]: divide,
  [Op.IDIV]: signedDivide,
  [Op.XCHG_RM]: exchange,
  [Op.CMPXCHG]: compareExchange,
  [Op.XADD]: exchangeAdd,
  [Op.BSWAP]: byteSwap,
  [Op.BT]: bitTest,
  [Op.BTS]: bitTest,
  [Op.BTR]: bitTest,
  [Op.BTC]: bitTest,
  [Op.BSF]: bitScan,
  [Op.BSR]: bitScan,
  [Op.SETCC_RM]: setCondition,
  [Op.CBW]: (cpu) => {
    cpu.registers16[0] = (cpu.registers8[0] << 24) >> 24;
  },
  [Op.CWD]: (cpu) => {
    cpu.registers16[EDX * 2] = ((cpu.registers16[0] << 16) >> 31) & 0xffff;
  },
  [Op.DAA]: decimalAdjust,
  [Op.DAS]: decimalAdjust,
  [Op.AAA]: asciiAdjust,
  [Op.AAS]: asciiAdjust,
  [Op.AAM]: asciiMultiply,
  [Op.AAD]: asciiDivide,
  [Op.BOUND]: bound,
  [Op.LAHF]: (cpu) => {
    cpu.registers8[1] = cpu.getFlags() & 0xff;
  },
  [Op.SAHF]: (cpu) => {
    cpu.setArithmeticFlags((cpu.getFlags() & Flag.OF) | (cpu.registers8[1] & ARITHMETIC_FLAGS));
  },
  [Op.CLC]: (cpu) => cpu.setArithmeticFlags(cpu.getFlags() & ~Flag.CF),
  [Op.STC]: (cpu) => cpu.setArithmeticFlags(cpu.getFlags() | Flag.CF),
  [Op.CMC]: (cpu) => cpu.setArithmeticFlags(cpu.getFlags() ^ Flag.CF),
};
