/**
 * Descriptor tables and the loading of segment registers. Intel 486 Programmer's Reference Manual, chapters 5 (segmentation) and 6
 * (protection); error codes are selectors without the privilege bits, chapter 9.
 */
import { Access, type Core, CS, LDTR, SS } from './core.js';
import { Vector } from './fault.js';

export interface Descriptor {
  readonly low: number;
  readonly high: number;
  /** Linear address of the descriptor. */
  readonly address: number;
}

/** Linear address of a selector's descriptor, or -1 beyond the table. */
export function descriptorAddress(cpu: Core, selector: number): number {
  const offset = selector & 0xfff8;
  if ((selector & 4) !== 0) {
    if (cpu.access[LDTR] === 0 || offset + 7 > cpu.segmentLimit[LDTR]) return -1;
    return (cpu.base[LDTR] + offset) | 0;
  }
  return offset + 7 > cpu.gdtLimit ? -1 : (cpu.gdtBase + offset) | 0;
}

/** Reads the descriptor of a selector; raises `vector`(selector) when it lies beyond the table. */
export function readDescriptor(cpu: Core, selector: number, vector: number): Descriptor {
  const address = descriptorAddress(cpu, selector);
  if (address === -1) cpu.fault.raise(vector, selector & 0xfffc);
  return { low: cpu.mmu.readSystem32(address), high: cpu.mmu.readSystem32((address + 4) | 0), address };
}

export function accessOf(descriptor: Descriptor): number {
  return (descriptor.high >>> 8) & 0xf0ff;
}

export function privilegeOf(descriptor: Descriptor): number {
  return (descriptor.high >>> 13) & 3;
}

export function baseOf(descriptor: Descriptor): number {
  return (descriptor.low >>> 16) | ((descriptor.high & 0xff) << 16) | (descriptor.high & 0xff000000) | 0;
}

export function limitOf(descriptor: Descriptor): number {
  const limit = (descriptor.low & 0xffff) | (descriptor.high & 0xf0000);
  return (descriptor.high & 0x800000) !== 0 ? limit * 4096 + 4095 : limit;
}

/** Fills a segment register's descriptor cache; sets the accessed bit in the table for code and data. */
export function setSegment(cpu: Core, segment: number, selector: number, descriptor: Descriptor): void {
  let access = accessOf(descriptor);
  if ((access & (Access.SEGMENT | Access.ACCESSED)) === Access.SEGMENT) {
    cpu.mmu.writeSystem32((descriptor.address + 4) | 0, descriptor.high | 0x100);
    access |= Access.ACCESSED;
  }
  cpu.selector[segment] = selector;
  cpu.base[segment] = baseOf(descriptor);
  cpu.segmentLimit[segment] = limitOf(descriptor);
  cpu.access[segment] = access;
}

export function setNullSegment(cpu: Core, segment: number, selector: number): void {
  cpu.selector[segment] = selector;
  cpu.base[segment] = 0;
  cpu.segmentLimit[segment] = 0;
  cpu.access[segment] = 0;
}

/** Checks a stack segment for privilege level `cpl`; raises `vector`, or #SS when it is not present. */
export function checkStackSegment(cpu: Core, selector: number, cpl: number, vector: number): Descriptor {
  const error = selector & 0xfffc;
  if (error === 0) cpu.fault.raise(vector, vector === Vector.TS ? error : 0);
  const descriptor = readDescriptor(cpu, selector, vector);
  const access = accessOf(descriptor);
  const writableData =
    (access & (Access.SEGMENT | Access.CODE | Access.READ_WRITE)) === (Access.SEGMENT | Access.READ_WRITE);
  if ((selector & 3) !== cpl || privilegeOf(descriptor) !== cpl || !writableData) cpu.fault.raise(vector, error);
  if ((access & Access.PRESENT) === 0) cpu.fault.raise(Vector.SS, error);
  return descriptor;
}

/** MOV, POP and far-pointer loads of ES, SS, DS, FS, GS. */
export function loadDataSegment(cpu: Core, segment: number, selector: number): void {
  if (segment === SS) {
    setSegment(cpu, SS, selector, checkStackSegment(cpu, selector, cpu.cpl, Vector.GP));
    cpu.updateSegments();
    return;
  }
  if ((selector & 0xfffc) === 0) {
    setNullSegment(cpu, segment, selector);
    cpu.updateSegments();
    return;
  }
  const error = selector & 0xfffc;
  const descriptor = readDescriptor(cpu, selector, Vector.GP);
  const access = accessOf(descriptor);
  const isCode = (access & Access.CODE) !== 0;
  const readable = (access & Access.SEGMENT) !== 0 && (!isCode || (access & Access.READ_WRITE) !== 0);
  if (!readable) cpu.fault.raise(Vector.GP, error);
  const conforming = isCode && (access & Access.DOWN_CONFORMING) !== 0;
  const privilege = privilegeOf(descriptor);
  if (!conforming && ((selector & 3) > privilege || cpu.cpl > privilege)) cpu.fault.raise(Vector.GP, error);
  if ((access & Access.PRESENT) === 0) cpu.fault.raise(Vector.NP, error);
  setSegment(cpu, segment, selector, descriptor);
  cpu.updateSegments();
}

/** Loads CS and sets the privilege level; the checks were the caller's. */
export function setCodeSegment(cpu: Core, selector: number, descriptor: Descriptor, cpl: number): void {
  setSegment(cpu, CS, (selector & 0xfffc) | cpl, descriptor);
  cpu.cpl = cpl;
  cpu.updateSegments();
  cpu.leave = true;
}

/** Raises #GP(0) when `offset` is beyond the limit of a code descriptor. */
export function checkCodeOffset(cpu: Core, descriptor: Descriptor, offset: number): void {
  if (offset >>> 0 > limitOf(descriptor)) cpu.fault.raise(Vector.GP, 0);
}

/** After a return to an outer level: data segments the new level may not use become null. */
export function dropInnerSegments(cpu: Core): void {
  for (const segment of [0, 3, 4, 5]) {
    const access = cpu.access[segment];
    const conforming = (access & (Access.CODE | Access.DOWN_CONFORMING)) === (Access.CODE | Access.DOWN_CONFORMING);
    if (access !== 0 && !conforming && ((access >> 5) & 3) < cpu.cpl) setNullSegment(cpu, segment, 0);
  }
}
