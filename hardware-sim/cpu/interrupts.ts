/**
 * Delivery of interrupts and exceptions through the IDT, and IRET. Intel 486 Programmer's Reference Manual, chapters 6.3 (gates) and 9 (exceptions), and
 * the pages of INT and IRET.
 *
 * Nothing is committed (registers, segments) before the last write of the new frame succeeded, so a fault during delivery
 * finds the state of before.
 */
import { Access, type Core, CS, ESP, SS, TR } from './core.js';
import { UnsupportedFeature, Vector } from './fault.js';
import { Flag } from './flags.js';
import {
  accessOf,
  baseOf,
  checkCodeOffset,
  checkStackSegment,
  type Descriptor,
  dropInnerSegments,
  limitOf,
  privilegeOf,
  readDescriptor,
  setCodeSegment,
  setSegment,
} from './segments.js';

/** What caused a delivery; it decides the EXT bit and whether the gate's privilege is checked. */
export type Cause = 'hardware' | 'exception' | 'instruction';

/** Stack of a privilege level from the 32-bit TSS. */
export function stackOf(cpu: Core, level: number): { selector: number; pointer: number } {
  const access = cpu.access[TR];
  if ((access & 0x1d) !== 0x09) {
    if ((access & 0x1d) === 0x01) throw new UnsupportedFeature('stack switch through a 16-bit TSS');
    cpu.fault.raise(Vector.TS, cpu.selector[TR] & 0xfffc);
  }
  const offset = 4 + level * 8;
  if (offset + 5 > cpu.segmentLimit[TR]) cpu.fault.raise(Vector.TS, cpu.selector[TR] & 0xfffc);
  return {
    pointer: cpu.mmu.readSystem32((cpu.base[TR] + offset) | 0),
    selector: cpu.mmu.readSystem16((cpu.base[TR] + offset + 4) | 0),
  };
}

/** Writes `values` (first pushed first) below `pointer` of a stack segment, all checked before any is written. */
export function pushFrame(
  cpu: Core,
  stack: Descriptor,
  pointer: number,
  values: readonly number[],
  size: number,
): number {
  const base = baseOf(stack);
  const limit = limitOf(stack);
  const access = accessOf(stack);
  const big = (access & Access.BIG) !== 0;
  const mask = big ? 0xffffffff : 0xffff;
  const expandDown = (access & Access.DOWN_CONFORMING) !== 0;
  const selectorError = 0;
  const addresses = values.map((_, at) => {
    const offset = ((pointer - (at + 1) * size) & mask) >>> 0;
    const last = offset + size - 1;
    const outside = expandDown ? offset <= limit || last > mask >>> 0 : last > limit;
    if (outside && limit !== 0xffffffff) cpu.fault.raise(Vector.SS, selectorError);
    return (base + offset) | 0;
  });
  for (let at = values.length - 1; at >= 0; at--) cpu.mmu.resolve(addresses[at], true, false);
  values.forEach((value, at) => {
    if (size === 4) cpu.mmu.writeSystem32(addresses[at], value);
    else cpu.mmu.writeSystem16(addresses[at], value & 0xffff);
  });
  return pointer - values.length * size;
}

/** Reads the descriptor cache of SS back into descriptor form, for frames pushed on the current stack. */
function currentStack(cpu: Core): Descriptor {
  const access = cpu.access[SS];
  const granular = (access & Access.GRANULAR) !== 0;
  const limit = granular ? Math.floor(cpu.segmentLimit[SS] / 4096) : cpu.segmentLimit[SS];
  const base = cpu.base[SS];
  return {
    low: (limit & 0xffff) | (base << 16),
    high: ((base >>> 16) & 0xff) | (base & 0xff000000) | (access << 8) | (limit & 0xf0000),
    address: 0,
  };
}

/** Delivers `vector`; `errorCode` -1 means none. `cpu.eip` is the address to return to. */
export function deliver(cpu: Core, vector: number, cause: Cause, errorCode: number): void {
  const external = cause === 'instruction' ? 0 : 1;
  const gateError = vector * 8 + 2 + external;
  if (vector * 8 + 7 > cpu.idtLimit) cpu.fault.raise(Vector.GP, gateError);
  const gateAddress = (cpu.idtBase + vector * 8) | 0;
  const low = cpu.mmu.readSystem32(gateAddress);
  const high = cpu.mmu.readSystem32((gateAddress + 4) | 0);
  const type = (high >>> 8) & 0x1f;
  if (type !== 0x05 && type !== 0x06 && type !== 0x07 && type !== 0x0e && type !== 0x0f) {
    cpu.fault.raise(Vector.GP, gateError);
  }
  if (cause === 'instruction' && ((high >>> 13) & 3) < cpu.cpl) cpu.fault.raise(Vector.GP, gateError);
  if ((high & 0x8000) === 0) cpu.fault.raise(Vector.NP, gateError);
  if (type === 0x05) throw new UnsupportedFeature('task gate');
  const wide = type >= 0x0e;
  const size = wide ? 4 : 2;
  const offset = wide ? (low & 0xffff) | (high & 0xffff0000) : low & 0xffff;
  const selector = low >>> 16;

  if ((selector & 0xfffc) === 0) cpu.fault.raise(Vector.GP, external);
  let target: Descriptor;
  try {
    target = readDescriptor(cpu, selector, Vector.GP);
  } catch (error) {
    if (error === cpu.fault && cpu.fault.vector === Vector.GP) cpu.fault.errorCode |= external;
    throw error;
  }
  const access = accessOf(target);
  const privilege = privilegeOf(target);
  const selectorError = (selector & 0xfffc) | external;
  if ((access & (Access.SEGMENT | Access.CODE)) !== (Access.SEGMENT | Access.CODE) || privilege > cpu.cpl) {
    cpu.fault.raise(Vector.GP, selectorError);
  }
  if ((access & Access.PRESENT) === 0) cpu.fault.raise(Vector.NP, selectorError);

  const flags = cpu.getFlags();
  const values: number[] = [];
  const conforming = (access & Access.DOWN_CONFORMING) !== 0;
  const inner = !conforming && privilege < cpu.cpl;
  let stackSelector = cpu.selector[SS];
  let stack: Descriptor;
  let pointer: number;
  if (inner) {
    const switched = stackOf(cpu, privilege);
    stackSelector = switched.selector;
    pointer = switched.pointer;
    stack = checkStackSegment(cpu, stackSelector, privilege, Vector.TS);
    values.push(cpu.selector[SS], cpu.registers[ESP]);
  } else {
    stack = currentStack(cpu);
    pointer = cpu.registers[ESP];
  }
  values.push(flags, cpu.selector[CS], cpu.eip);
  if (errorCode >= 0) values.push(errorCode);
  checkCodeOffset(cpu, target, offset);
  const newPointer = pushFrame(cpu, stack, pointer, values, size);

  // Everything that can fault is done.
  const newLevel = conforming ? cpu.cpl : privilege;
  if (inner) setSegment(cpu, SS, stackSelector, stack);
  setCodeSegment(cpu, selector, target, newLevel);
  cpu.stackPointer = newPointer;
  cpu.eip = offset;
  cpu.systemFlags &= ~(Flag.TF | Flag.NT | Flag.RF | Flag.VM);
  if ((type & 1) === 0) cpu.systemFlags &= ~Flag.IF;
  cpu.extraCycles += inner ? cpu.profile.clocks.interruptInner : cpu.profile.clocks.interrupt;
}

/** IRET to the same or an outer privilege level. */
export function interruptReturn(cpu: Core, size: number): void {
  if ((cpu.systemFlags & Flag.NT) !== 0) throw new UnsupportedFeature('IRET from a nested task');
  const eip = cpu.peek(0, size);
  const selector = cpu.peek(size, size) & 0xffff;
  const flags = cpu.peek(2 * size, size);
  if (size === 4 && (flags & Flag.VM) !== 0 && cpu.cpl === 0) throw new UnsupportedFeature('virtual-8086 mode');
  const error = selector & 0xfffc;
  const level = selector & 3;
  if (error === 0) cpu.fault.raise(Vector.GP, 0);
  if (level < cpu.cpl) cpu.fault.raise(Vector.GP, error);
  const target = readDescriptor(cpu, selector, Vector.GP);
  checkReturnTarget(cpu, target, level, error);
  const oldLevel = cpu.cpl;
  let kept = Flag.VM | Flag.RF;
  if (size === 2) kept |= 0xffff0000 | 0;
  if (oldLevel > 0) kept |= Flag.IOPL;
  if (oldLevel > cpu.iopl) kept |= Flag.IF;
  const newFlags = ((flags & ~kept) | (cpu.getFlags() & kept)) & ~Flag.RF;
  if (level === oldLevel) {
    checkCodeOffset(cpu, target, eip);
    setCodeSegment(cpu, selector, target, level);
    cpu.stackPointer = cpu.stackPointer + 3 * size;
  } else {
    const pointer = cpu.peek(3 * size, size);
    const stackSelector = cpu.peek(4 * size, size) & 0xffff;
    const stack = checkStackSegment(cpu, stackSelector, level, Vector.GP);
    checkCodeOffset(cpu, target, eip);
    returnToOuter(cpu, selector, target, stackSelector, stack, pointer, level);
    cpu.extraCycles += cpu.profile.clocks.iretOuter - cpu.profile.clocks.iret;
  }
  cpu.eip = size === 2 ? eip & 0xffff : eip | 0;
  cpu.setFlags(newFlags);
  cpu.leave = true;
}

/** The code segment a far return or IRET goes to. */
export function checkReturnTarget(cpu: Core, target: Descriptor, level: number, error: number): void {
  const access = accessOf(target);
  const privilege = privilegeOf(target);
  const isCode = (access & (Access.SEGMENT | Access.CODE)) === (Access.SEGMENT | Access.CODE);
  const conforming = (access & Access.DOWN_CONFORMING) !== 0;
  if (!isCode || (conforming ? privilege > level : privilege !== level)) cpu.fault.raise(Vector.GP, error);
  if ((access & Access.PRESENT) === 0) cpu.fault.raise(Vector.NP, error);
}

export function returnToOuter(
  cpu: Core,
  selector: number,
  target: Descriptor,
  stackSelector: number,
  stack: Descriptor,
  pointer: number,
  level: number,
): void {
  setSegment(cpu, SS, stackSelector, stack);
  setCodeSegment(cpu, selector, target, level);
  cpu.stackPointer = pointer;
  dropInnerSegments(cpu);
  cpu.updateSegments();
}
