/** Transfers of control outside the hot loop: near ones that check or truncate, far ones, INT and IRET. Intel 486 PRM, chapters 6 and 26. */
import { Access, type Core, CS, ECX, SS } from '../core.js';
import { UnsupportedFeature, Vector } from '../fault.js';
import { Flag } from '../flags.js';
import { checkReturnTarget, deliver, interruptReturn, pushFrame, returnToOuter, stackOf } from '../interrupts.js';
import { Field, Op } from '../opcodes.js';
import {
  accessOf,
  checkCodeOffset,
  checkStackSegment,
  type Descriptor,
  privilegeOf,
  readDescriptor,
  setCodeSegment,
  setSegment,
} from '../segments.js';
import type { OperationTable } from './table.js';

/** EIP of a relative branch's target: the record has it relative to the page start. */
function relativeTarget(cpu: Core, ops: Int32Array, p: number): number {
  return cpu.instructionEip - ops[p + Field.OFF] + ops[p + Field.TARGET];
}

function nearTarget(cpu: Core, ops: Int32Array, p: number, indirect: boolean): number {
  return indirect ? cpu.readRm(ops, p) : relativeTarget(cpu, ops, p);
}

function takeBranch(cpu: Core, ops: Int32Array, p: number): void {
  cpu.jump(relativeTarget(cpu, ops, p), ops[p + Field.LINK]);
  cpu.extraCycles += ops[p + Field.COST2] - ops[p + Field.COST];
}

function checkNearTarget(cpu: Core, target: number, size: number): void {
  if ((size === 2 ? target & 0xffff : target >>> 0) > cpu.segmentLimit[CS]) cpu.fault.raise(Vector.GP, 0);
}

function callNear(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const target = nearTarget(cpu, ops, p, ops[p + Field.IMM] === 1);
  checkNearTarget(cpu, target, size);
  cpu.push(cpu.eip, size);
  cpu.jump(target, size);
}

function returnNear(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const target = cpu.peek(0, size);
  cpu.jump(target, size);
  cpu.stackPointer = cpu.stackPointer + size + ops[p + Field.IMM];
}

/** LOOPNE, LOOPE, LOOP by IMM 0, 1, 2. */
function loop(cpu: Core, ops: Int32Array, p: number): void {
  const address16 = ops[p + Field.SEG] >= 8;
  const count = ((address16 ? cpu.registers16[ECX * 2] : cpu.registers[ECX]) - 1) | 0;
  const kind = ops[p + Field.IMM];
  const left = (address16 ? count & 0xffff : count) !== 0;
  const take = left && (kind === 2 || (cpu.zero === 0) === (kind === 1));
  if (take) takeBranch(cpu, ops, p);
  if (address16) cpu.registers16[ECX * 2] = count;
  else cpu.registers[ECX] = count;
}

function farTarget(cpu: Core, ops: Int32Array, p: number): { selector: number; offset: number } {
  if (ops[p + Field.B] === -2) return { selector: ops[p + Field.A], offset: ops[p + Field.IMM] };
  const size = ops[p + Field.LINK];
  const offset = cpu.loadLinear(cpu.operandAddress(ops, p, size, false), size);
  return { offset, selector: cpu.loadLinear(cpu.operandAddress(ops, p, 2, false, size), 2) };
}

function checkDirectTarget(cpu: Core, descriptor: Descriptor, selector: number): void {
  const access = accessOf(descriptor);
  const privilege = privilegeOf(descriptor);
  const error = selector & 0xfffc;
  if ((access & Access.DOWN_CONFORMING) !== 0) {
    if (privilege > cpu.cpl) cpu.fault.raise(Vector.GP, error);
  } else if ((selector & 3) > cpu.cpl || privilege !== cpu.cpl) cpu.fault.raise(Vector.GP, error);
  if ((access & Access.PRESENT) === 0) cpu.fault.raise(Vector.NP, error);
}

function isCodeSegment(descriptor: Descriptor): boolean {
  return (accessOf(descriptor) & (Access.SEGMENT | Access.CODE)) === (Access.SEGMENT | Access.CODE);
}

interface Gate {
  readonly selector: number;
  readonly offset: number;
  readonly parameters: number;
  readonly size: number;
  readonly target: Descriptor;
}

/** Reads a call gate; raises what its checks raise. */
function readGate(cpu: Core, selector: number, descriptor: Descriptor): Gate {
  const error = selector & 0xfffc;
  const access = accessOf(descriptor);
  const type = access & 0x1f;
  if (type === 0x05) throw new UnsupportedFeature('task gate');
  if (type === 0x01 || type === 0x09) throw new UnsupportedFeature('task switch by a far transfer');
  if (type !== 0x04 && type !== 0x0c) cpu.fault.raise(Vector.GP, error);
  const privilege = privilegeOf(descriptor);
  if (privilege < cpu.cpl || privilege < (selector & 3)) cpu.fault.raise(Vector.GP, error);
  if ((access & Access.PRESENT) === 0) cpu.fault.raise(Vector.NP, error);
  const wide = type === 0x0c;
  const targetSelector = descriptor.low >>> 16;
  if ((targetSelector & 0xfffc) === 0) cpu.fault.raise(Vector.GP, 0);
  const target = readDescriptor(cpu, targetSelector, Vector.GP);
  const targetError = targetSelector & 0xfffc;
  if (!isCodeSegment(target) || privilegeOf(target) > cpu.cpl) cpu.fault.raise(Vector.GP, targetError);
  if ((accessOf(target) & Access.PRESENT) === 0) cpu.fault.raise(Vector.NP, targetError);
  return {
    selector: targetSelector,
    offset: wide ? (descriptor.low & 0xffff) | (descriptor.high & 0xffff0000) : descriptor.low & 0xffff,
    parameters: descriptor.high & 0x1f,
    size: wide ? 4 : 2,
    target,
  };
}

function jumpFar(cpu: Core, ops: Int32Array, p: number): void {
  const { selector, offset } = farTarget(cpu, ops, p);
  if ((selector & 0xfffc) === 0) cpu.fault.raise(Vector.GP, 0);
  const descriptor = readDescriptor(cpu, selector, Vector.GP);
  if (isCodeSegment(descriptor)) {
    checkDirectTarget(cpu, descriptor, selector);
    checkCodeOffset(cpu, descriptor, offset);
    setCodeSegment(cpu, selector, descriptor, cpu.cpl);
    cpu.eip = offset;
    return;
  }
  const gate = readGate(cpu, selector, descriptor);
  const conforming = (accessOf(gate.target) & Access.DOWN_CONFORMING) !== 0;
  if (!conforming && privilegeOf(gate.target) !== cpu.cpl) cpu.fault.raise(Vector.GP, gate.selector & 0xfffc);
  checkCodeOffset(cpu, gate.target, gate.offset);
  setCodeSegment(cpu, gate.selector, gate.target, cpu.cpl);
  cpu.eip = gate.offset;
  cpu.extraCycles += cpu.profile.clocks.farJumpGate - cpu.profile.clocks.farJump;
}

function callFar(cpu: Core, ops: Int32Array, p: number): void {
  const { selector, offset } = farTarget(cpu, ops, p);
  if ((selector & 0xfffc) === 0) cpu.fault.raise(Vector.GP, 0);
  const descriptor = readDescriptor(cpu, selector, Vector.GP);
  if (isCodeSegment(descriptor)) {
    checkDirectTarget(cpu, descriptor, selector);
    checkCodeOffset(cpu, descriptor, offset);
    pushPair(cpu, cpu.selector[CS], cpu.eip, ops[p + Field.LINK]);
    setCodeSegment(cpu, selector, descriptor, cpu.cpl);
    cpu.eip = offset;
    return;
  }
  const gate = readGate(cpu, selector, descriptor);
  checkCodeOffset(cpu, gate.target, gate.offset);
  const conforming = (accessOf(gate.target) & Access.DOWN_CONFORMING) !== 0;
  const privilege = privilegeOf(gate.target);
  if (conforming || privilege === cpu.cpl) {
    pushPair(cpu, cpu.selector[CS], cpu.eip, gate.size);
    setCodeSegment(cpu, gate.selector, gate.target, cpu.cpl);
    cpu.extraCycles += cpu.profile.clocks.farCallGate - cpu.profile.clocks.farCall;
  } else {
    const switched = stackOf(cpu, privilege);
    const stack = checkStackSegment(cpu, switched.selector, privilege, Vector.TS);
    const values = [cpu.selector[SS], cpu.stackPointer];
    for (let at = gate.parameters - 1; at >= 0; at--) values.push(cpu.peek(at * gate.size, gate.size));
    values.push(cpu.selector[CS], cpu.eip);
    const pointer = pushFrame(cpu, stack, switched.pointer, values, gate.size);
    setSegment(cpu, SS, switched.selector, stack);
    setCodeSegment(cpu, gate.selector, gate.target, privilege);
    cpu.stackPointer = pointer;
    cpu.extraCycles += cpu.profile.clocks.farCallInner - cpu.profile.clocks.farCall;
  }
  cpu.eip = gate.offset;
}

function pushPair(cpu: Core, selector: number, offset: number, size: number): void {
  const lower = cpu.stackAddress(-2 * size, size, true);
  const upper = cpu.stackAddress(-size, size, true);
  cpu.mmu.checkWrite(lower, size);
  cpu.storeLinear(upper, size, selector);
  cpu.storeLinear(lower, size, offset);
  cpu.stackPointer = cpu.stackPointer - 2 * size;
}

function returnFar(cpu: Core, ops: Int32Array, p: number): void {
  const size = ops[p + Field.LINK];
  const release = ops[p + Field.IMM];
  const offset = cpu.peek(0, size);
  const selector = cpu.peek(size, size) & 0xffff;
  const error = selector & 0xfffc;
  const level = selector & 3;
  if (error === 0) cpu.fault.raise(Vector.GP, 0);
  if (level < cpu.cpl) cpu.fault.raise(Vector.GP, error);
  const target = readDescriptor(cpu, selector, Vector.GP);
  checkReturnTarget(cpu, target, level, error);
  if (level === cpu.cpl) {
    checkCodeOffset(cpu, target, offset);
    setCodeSegment(cpu, selector, target, level);
    cpu.stackPointer = cpu.stackPointer + 2 * size + release;
  } else {
    const pointer = cpu.peek(2 * size + release, size);
    const stackSelector = cpu.peek(3 * size + release, size) & 0xffff;
    const stack = checkStackSegment(cpu, stackSelector, level, Vector.GP);
    checkCodeOffset(cpu, target, offset);
    returnToOuter(cpu, selector, target, stackSelector, stack, pointer + release, level);
    cpu.extraCycles += cpu.profile.clocks.farReturnOuter - cpu.profile.clocks.farReturn;
  }
  cpu.eip = offset;
}

/** INT n; INT3 (A is 1) is the same in protected mode. */
function softwareInterrupt(cpu: Core, ops: Int32Array, p: number): void {
  deliver(cpu, ops[p + Field.IMM], 'instruction', -1);
}

export const TRANSFERS: OperationTable = {
  [Op.JMP_NEAR_GENERAL]: (cpu, ops, p) => {
    cpu.jump(nearTarget(cpu, ops, p, ops[p + Field.IMM] === 1), ops[p + Field.LINK]);
  },
  [Op.CALL_NEAR_GENERAL]: callNear,
  [Op.RET_NEAR_GENERAL]: returnNear,
  [Op.JCC_GENERAL]: (cpu, ops, p) => {
    if (cpu.holds(ops[p + Field.IMM])) takeBranch(cpu, ops, p);
  },
  [Op.LOOP_GENERAL]: loop,
  [Op.JCXZ]: (cpu, ops, p) => {
    if ((ops[p + Field.SEG] >= 8 ? cpu.registers16[ECX * 2] : cpu.registers[ECX]) === 0) takeBranch(cpu, ops, p);
  },
  [Op.JMP_FAR]: jumpFar,
  [Op.CALL_FAR]: callFar,
  [Op.RET_FAR]: returnFar,
  [Op.INT]: softwareInterrupt,
  [Op.INTO]: (cpu) => {
    if ((cpu.getFlags() & Flag.OF) !== 0) deliver(cpu, Vector.OF, 'instruction', -1);
  },
  [Op.IRET]: (cpu, ops, p) => interruptReturn(cpu, ops[p + Field.LINK]),
};
