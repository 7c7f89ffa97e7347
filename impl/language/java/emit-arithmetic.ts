/**
 * Numbers: arithmetic, conversions, comparisons with their jumps.
 *
 * Whole numbers of the machine wrap and shift as Java's do, floating point is IEEE 754 on both, and conversions saturate
 * on both. What differs: a shift wants its count below the value; there is no sign extension of bytes, which is
 * `((x & 255) ^ 128) - 128`; there is no three-way comparison. `lcmp`, `fcmpl` and their kin in front of a jump are one
 * comparison; NaN makes each comparison of the machine false, so `cmpg` (NaN is greater) asks "not less or equal".
 */

import type { CodeEmitter } from './emit-code.js';
import type { Instruction } from './instructions.js';

const KIND: Record<string, string> = { i: 'I', l: 'J', f: 'F', d: 'D' };
const FROM: Record<string, string> = { i: 'fromi', l: 'froml', f: 'fromf', d: 'fromd' };

const BINARY: Record<string, string> = {
  add: 'isum',
  sub: 'isublu',
  mul: 'imul',
  div: 'idivlu',
  rem: 'iremlu',
  and: 'iand',
  or: 'ior',
  xor: 'ixor',
};
const SHIFTS: Record<string, string> = { shl: 'ishl', shr: 'ishr', ushr: 'ushr' };

/** Comparisons of the machine that are true when the jump is not taken, by the jump's condition. */
const UNLESS: Record<string, string> = { lt: 'ige', ge: 'ilt', gt: 'ile', le: 'igt' };
const WHEN: Record<string, string> = { lt: 'ilt', ge: 'ige', gt: 'igt', le: 'ile' };

export function pushFloat(emitter: CodeEmitter, value: number): void {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(value);
  emitter.number(bytes.readInt32BE());
}

export function pushDouble(emitter: CodeEmitter, value: number): void {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  emitter.out.plain('prefix_double');
  emitter.out.wide(bytes.readBigInt64BE());
}

/** Emits an instruction on numbers; false when it is none. */
export function emitArithmetic(emitter: CodeEmitter, instruction: Instruction): boolean {
  const { out } = emitter;
  const { name, operand } = instruction;
  switch (name) {
    case 'iconst':
      emitter.number(operand);
      return true;
    case 'lconst':
      out.plain('prefix_long');
      emitter.number(operand);
      return true;
    case 'fconst':
      pushFloat(emitter, operand);
      return true;
    case 'dconst':
      pushDouble(emitter, operand);
      return true;
    case 'ineg':
    case 'lneg':
      emitter.prefix(KIND[name[0]]);
      out.plain('iconst_0');
      emitter.numeric(KIND[name[0]], 'isubul');
      return true;
    case 'fneg':
      pushFloat(emitter, -1);
      emitter.numeric('F', 'imul');
      return true;
    case 'dneg':
      pushDouble(emitter, -1);
      emitter.numeric('D', 'imul');
      return true;
    case 'i2b':
      narrow(emitter, 255, 128);
      return true;
    case 'i2s':
      narrow(emitter, 65535, 32768);
      return true;
    case 'i2c':
      emitter.number(65535);
      out.plain('iand');
      return true;
  }
  const conversion = /^([ilfd])2([ilfd])$/.exec(name);
  if (conversion !== null) {
    emitter.numeric(KIND[conversion[2]], FROM[conversion[1]]);
    return true;
  }
  const shift = /^([il])u?(sh[lr]|shr)$/.exec(name);
  if (shift !== null) {
    emitter.save('I', 0);
    emitter.save(KIND[shift[1]], 1);
    emitter.restore('I', 0);
    emitter.restore(KIND[shift[1]], 1);
    emitter.numeric(KIND[shift[1]], SHIFTS[name.slice(1)]);
    return true;
  }
  const binary = /^([ilfd])(add|sub|mul|div|rem|and|or|xor)$/.exec(name);
  if (binary !== null) {
    emitter.numeric(KIND[binary[1]], BINARY[binary[2]]);
    return true;
  }
  return compare(emitter, instruction);
}

function narrow(emitter: CodeEmitter, mask: number, sign: number): void {
  emitter.number(mask);
  emitter.out.plain('iand');
  emitter.number(sign);
  emitter.out.plain('ixor');
  emitter.number(sign);
  emitter.out.plain('isublu');
}

function compare(emitter: CodeEmitter, instruction: Instruction): boolean {
  const { out } = emitter;
  const { name, targets } = instruction;
  const three = /^([lfd])cmp([lg]?)$/.exec(name);
  if (three !== null) {
    const kind = KIND[three[1]];
    const next = emitter.next;
    const condition = /^if(lt|ge|gt|le)$/.exec(next?.name ?? '')?.[1];
    if (next !== undefined && condition !== undefined) {
      emitter.skipNext();
      compareAndJump(emitter, kind, three[2], condition, next.targets[0]);
    } else threeWay(emitter, kind, three[2]);
    return true;
  }
  const zero = /^if(eq|ne|lt|ge|gt|le)$/.exec(name)?.[1];
  if (zero !== undefined) {
    if (zero === 'ne') out.plain('log_not');
    else if (zero !== 'eq') {
      out.plain('iconst_0');
      out.plain(UNLESS[zero]);
    }
    out.jump('jz', emitter.target(targets[0]));
    return true;
  }
  const two = /^if_icmp(eq|ne|lt|ge|gt|le)$/.exec(name)?.[1];
  if (two !== undefined) {
    out.plain(UNLESS[two] ?? 'isublu');
    if (two === 'ne') out.plain('log_not');
    out.jump('jz', emitter.target(targets[0]));
    return true;
  }
  switch (name) {
    case 'if_acmpeq':
    case 'if_acmpne':
      out.plain(name === 'if_acmpeq' ? 'os_neq' : 'os_eq');
      break;
    case 'ifnull':
      out.plain('os_isnull');
      out.plain('log_not');
      break;
    case 'ifnonnull':
      out.plain('os_isnull');
      break;
    default:
      return false;
  }
  out.jump('jz', emitter.target(targets[0]));
  return true;
}

/** `nan`: g, not-a-number counts as greater; l, as less. */
function compareAndJump(emitter: CodeEmitter, kind: string, nan: string, condition: string, target: number): void {
  const { out } = emitter;
  const nanJumps = nan === 'g' ? condition === 'gt' || condition === 'ge' : condition === 'lt' || condition === 'le';
  // The comparison that is false for NaN: when NaN jumps, that of the opposite.
  if (nan === '' || nanJumps) emitter.numeric(kind, UNLESS[condition]);
  else {
    emitter.numeric(kind, WHEN[condition]);
    out.plain('log_not');
  }
  out.jump('jz', emitter.target(target));
}

/** -1, 0 or 1: (a > b) - (a < b), where the side that NaN counts for is "not the opposite". */
function threeWay(emitter: CodeEmitter, kind: string, nan: string): void {
  const { out } = emitter;
  const ask = (comparison: string, not: boolean): void => {
    emitter.restore(kind, 0);
    emitter.restore(kind, 1);
    emitter.numeric(kind, comparison);
    if (not) out.plain('log_not');
  };
  emitter.save(kind, 1);
  emitter.save(kind, 0);
  if (nan === 'g') ask('ile', true);
  else ask('igt', false);
  if (nan === 'l') ask('ige', true);
  else ask('ilt', false);
  out.plain('isublu');
}
