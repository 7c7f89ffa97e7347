/**
 * String instructions, repeated and not, and port input and output.
 *
 * A repeated instruction is a loop of iterations, each complete in itself: registers are updated after each, so that a fault or an
 * interrupt between two iterations leaves a state from which the same instruction goes on. It stops between iterations when the slice
 * is used up (and after each port access), with EIP at itself and `repeating` set; going on costs no second set-up, so slicing a run does not change its cycles. MOVS and STOS
 * forwards in flat segments move as many elements at once as fit in the slice and the pages; cycles and results are those of single steps.
 */

import { TLB_ENTRY } from '../../mmu/mmu.js';
import type { PortSize } from '../bus.js';
import { type Core, EAX, ECX, EDI, EDX, ES, ESI } from '../core.js';
import { Vector } from '../fault.js';
import { Flag } from '../flags.js';
import { Field, Op } from '../opcodes.js';
import { compare } from './arithmetic.js';
import type { Operation, OperationTable } from './table.js';

/** One iteration: operands at the source and destination index, which the caller advances. */
type Step = (cpu: Core, ops: Int32Array, p: number, source: number, destination: number, size: number) => void;

function index(cpu: Core, register: number, address16: boolean): number {
  return address16 ? cpu.registers16[register * 2] : cpu.registers[register];
}

function advance(cpu: Core, register: number, address16: boolean, by: number): void {
  if (address16) cpu.registers16[register * 2] += by;
  else cpu.registers[register] += by;
}

function stringOperation(
  step: Step,
  usesSource: boolean,
  usesDestination: boolean,
  perIteration: (cpu: Core) => number,
  comparing = false,
  bulk?: (cpu: Core, ops: Int32Array, p: number, size: number, cost: number, end: number) => void,
): Operation {
  return (cpu, ops, p) => {
    const size = ops[p + Field.LINK];
    const address16 = ops[p + Field.SEG] >= 8;
    const repeat = ops[p + Field.COST2];
    const by = (cpu.systemFlags & Flag.DF) !== 0 ? -size : size;
    const once = (): void => {
      step(cpu, ops, p, index(cpu, ESI, address16), index(cpu, EDI, address16), size);
      if (usesSource) advance(cpu, ESI, address16, by);
      if (usesDestination) advance(cpu, EDI, address16, by);
    };
    if (repeat === 0) {
      once();
      return;
    }
    const cost = perIteration(cpu);
    const { mmu } = cpu;
    // The set-up is paid when the instruction begins, not when it goes on.
    const setUp = ops[p + Field.COST];
    const begin = cpu.clock.now + (cpu.repeating ? 0 : setUp);
    if (cpu.repeating) cpu.extraCycles -= setUp;
    const end = cpu.sliceEnd - begin;
    cpu.repeating = false;
    while (index(cpu, ECX, address16) !== 0) {
      if (mmu.penalty < end && bulk !== undefined && by > 0 && !address16) bulk(cpu, ops, p, size, cost, end);
      if (index(cpu, ECX, address16) === 0) return;
      if (mmu.penalty >= end || cpu.leave) {
        cpu.repeating = true;
        cpu.eip = cpu.instructionEip;
        cpu.leave = true;
        return;
      }
      cpu.clock.now = begin + mmu.penalty;
      once();
      mmu.penalty += cost;
      advance(cpu, ECX, address16, -1);
      if (comparing && (cpu.zero === 0) !== (repeat === 3)) return;
    }
  };
}

/** Iterations that fit before `end`, at least 0; an iteration may begin whenever cycles are left. */
function iterationsLeft(cpu: Core, cost: number, end: number): number {
  const left = Math.ceil((end - cpu.mmu.penalty) / cost);
  const count = cpu.registers[ECX] >>> 0;
  return left < count ? Math.max(left, 0) : count;
}

/** Elements from `linear` to the end of its page, 0 when the host TLB (read: column 0, write: column 1) does not have it. */
function elementsInPage(cpu: Core, linear: number, size: number, column: number): number {
  const { tlb, tlbMask } = cpu.mmu;
  const entry = (linear >>> 10) & tlbMask;
  if ((linear & (size - 1)) !== 0 || tlb[entry + column] !== (linear & ~0xfff)) return 0;
  return (4096 - (linear & 0xfff)) / size;
}

function hostOffset(cpu: Core, linear: number): number {
  return cpu.mmu.tlb[(((linear >>> 12) * TLB_ENTRY) & cpu.mmu.tlbMask) + 2] | (linear & 0xfff);
}

function bulkStore(cpu: Core, _ops: Int32Array, _p: number, size: number, cost: number, end: number): void {
  if (((cpu.notFlat >>> ES) & 1) !== 0) return;
  const to = cpu.registers[EDI];
  const count = Math.min(iterationsLeft(cpu, cost, end), elementsInPage(cpu, to, size, 1));
  if (count <= 1) return;
  const at = hostOffset(cpu, to);
  const pool = cpu.memory.pool;
  if (size === 4) pool.words.fill(cpu.registers[EAX], at >> 2, (at >> 2) + count);
  else if (size === 2) pool.halves.fill(cpu.registers16[0], at >> 1, (at >> 1) + count);
  else pool.bytes.fill(cpu.registers8[0], at, at + count);
  cpu.registers[EDI] += count * size;
  cpu.registers[ECX] -= count;
  cpu.mmu.penalty += count * cost;
}

function bulkMove(cpu: Core, ops: Int32Array, p: number, size: number, cost: number, end: number): void {
  if (((cpu.notFlat >>> ES) & 1) !== 0 || ((cpu.notFlat >>> ops[p + Field.SEG]) & 1) !== 0) return;
  const from = cpu.registers[ESI];
  const to = cpu.registers[EDI];
  const count = Math.min(
    iterationsLeft(cpu, cost, end),
    elementsInPage(cpu, from, size, 0),
    elementsInPage(cpu, to, size, 1),
  );
  if (count <= 1) return;
  const source = hostOffset(cpu, from);
  const destination = hostOffset(cpu, to);
  // An overlapping move upwards repeats a pattern; copyWithin would not.
  if (destination > source && destination < source + count * size) return;
  cpu.memory.pool.bytes.copyWithin(destination, source, source + count * size);
  cpu.registers[ESI] += count * size;
  cpu.registers[EDI] += count * size;
  cpu.registers[ECX] -= count;
  cpu.mmu.penalty += count * cost;
}

/** #GP(0) unless the port may be used: CPL <= IOPL or the bitmap of the TSS allows it. */
function requirePort(cpu: Core, port: number, size: number): void {
  if (cpu.cpl <= cpu.iopl) return;
  const access = cpu.access[7];
  const is32BitTss = (access & 0x1d) === 0x09;
  if (!is32BitTss || cpu.segmentLimit[7] < 0x67) cpu.fault.raise(Vector.GP, 0);
  const map = cpu.mmu.readSystem16((cpu.base[7] + 0x66) | 0);
  const at = map + (port >> 3);
  if (at + 1 > cpu.segmentLimit[7]) cpu.fault.raise(Vector.GP, 0);
  const bits = cpu.mmu.readSystem16((cpu.base[7] + at) | 0) >> (port & 7);
  if ((bits & ((1 << size) - 1)) !== 0) cpu.fault.raise(Vector.GP, 0);
}

function portSize(size: number): PortSize {
  return size === 4 ? 4 : size === 2 ? 2 : 1;
}

function readPort(cpu: Core, port: number, size: number): number {
  cpu.leave = true;
  return cpu.bus.portRead(port, portSize(size));
}

function writePort(cpu: Core, port: number, size: number, value: number): void {
  cpu.leave = true;
  cpu.bus.portWrite(port, portSize(size), size === 4 ? value >>> 0 : size === 2 ? value & 0xffff : value & 0xff);
}

function inputString(
  cpu: Core,
  _ops: Int32Array,
  _p: number,
  _source: number,
  destination: number,
  size: number,
): void {
  const port = cpu.registers16[EDX * 2];
  requirePort(cpu, port, size);
  const linear = cpu.linear(ES, destination, size, true);
  // Reading a port has effects, so the destination is checked first.
  cpu.mmu.checkWrite(linear, size);
  cpu.storeLinear(linear, size, readPort(cpu, port, size));
}

function outputString(cpu: Core, ops: Int32Array, p: number, source: number, _destination: number, size: number): void {
  const port = cpu.registers16[EDX * 2];
  requirePort(cpu, port, size);
  writePort(cpu, port, size, cpu.loadLinear(cpu.linear(ops[p + Field.SEG] & 7, source, size, false), size));
}

export const STRINGS: OperationTable = {
  [Op.MOVS]: stringOperation(
    (cpu, ops, p, source, destination, size) => {
      const value = cpu.loadLinear(cpu.linear(ops[p + Field.SEG] & 7, source, size, false), size);
      cpu.storeLinear(cpu.linear(ES, destination, size, true), size, value);
    },
    true,
    true,
    (cpu) => cpu.profile.clocks.movsRepeated,
    false,
    bulkMove,
  ),
  [Op.STOS]: stringOperation(
    (cpu, _ops, _p, _source, destination, size) => {
      cpu.storeLinear(cpu.linear(ES, destination, size, true), size, cpu.getRegister(EAX, size));
    },
    false,
    true,
    (cpu) => cpu.profile.clocks.stosRepeated,
    false,
    bulkStore,
  ),
  [Op.LODS]: stringOperation(
    (cpu, ops, p, source, _destination, size) => {
      cpu.setRegister(EAX, size, cpu.loadLinear(cpu.linear(ops[p + Field.SEG] & 7, source, size, false), size));
    },
    true,
    false,
    (cpu) => cpu.profile.clocks.lodsRepeated,
  ),
  [Op.SCAS]: stringOperation(
    (cpu, _ops, _p, _source, destination, size) => {
      const value = cpu.loadLinear(cpu.linear(ES, destination, size, false), size);
      compare(cpu, cpu.getRegister(EAX, size), value, size);
    },
    false,
    true,
    (cpu) => cpu.profile.clocks.scasRepeated,
    true,
  ),
  [Op.CMPS]: stringOperation(
    (cpu, ops, p, source, destination, size) => {
      const a = cpu.loadLinear(cpu.linear(ops[p + Field.SEG] & 7, source, size, false), size);
      compare(cpu, a, cpu.loadLinear(cpu.linear(ES, destination, size, false), size), size);
    },
    true,
    true,
    (cpu) => cpu.profile.clocks.cmpsRepeated,
    true,
  ),
  [Op.INS]: stringOperation(inputString, false, true, (cpu) => cpu.profile.clocks.portIn),
  [Op.OUTS]: stringOperation(outputString, true, false, (cpu) => cpu.profile.clocks.portOut),
  [Op.IN]: (cpu, ops, p) => {
    const size = ops[p + Field.LINK];
    const port = ops[p + Field.IMM] < 0 ? cpu.registers16[EDX * 2] : ops[p + Field.IMM];
    requirePort(cpu, port, size);
    cpu.setRegister(EAX, size, readPort(cpu, port, size));
  },
  [Op.OUT]: (cpu, ops, p) => {
    const size = ops[p + Field.LINK];
    const port = ops[p + Field.IMM] < 0 ? cpu.registers16[EDX * 2] : ops[p + Field.IMM];
    requirePort(cpu, port, size);
    writePort(cpu, port, size, cpu.getRegister(EAX, size));
  },
};
