/**
 * What an instruction works with: the operands in the code behind it, and the cells of its frame's stacks.
 *
 * Rule: who takes more than there is, or reads behind the code, is malformed; who adds more than fits throws `stack
 * overflow`. A long or double takes two cells of the integer stack, high word below; a float one, its bits.
 */

import { type Frame, LIMITS, Malformed, type Thread } from './frames.js';
import type { Machine } from './machine.js';
import { PhantomClass, type Reference, UserObject } from './objects.js';

export const PREFIX_LONG = 0x5c;
export const PREFIX_FLOAT = 0x5d;
export const PREFIX_DOUBLE = 0x5e;
/** What follows a type prefix, and no prefix at all. */
export type Type = 0 | typeof PREFIX_LONG | typeof PREFIX_FLOAT | typeof PREFIX_DOUBLE;

const bits = Buffer.alloc(8);

export function underflow(): never {
  throw new Malformed('integer stack underflow');
}

/** The operands and stacks of one frame; the place of the next operand is the state of one instruction. */
export class Cells {
  protected readonly code: Buffer;
  /** Where the next operand is. */
  protected at = 0;

  constructor(
    protected readonly machine: Machine,
    protected readonly thread: Thread,
    protected readonly frame: Frame,
  ) {
    this.code = frame.method.code;
  }

  protected overflow(): never {
    return this.machine.throwText('stack overflow');
  }

  protected byte(): number {
    if (this.at < this.code.length) return this.code[this.at++];
    this.machine.unspecified.add('an operand behind the code');
    this.at++;
    return 0xff;
  }

  /** Signed. */
  protected word(): number {
    const { at, code } = this;
    if (at + 4 <= code.length) {
      this.at += 4;
      return (code[at] << 24) | (code[at + 1] << 16) | (code[at + 2] << 8) | code[at + 3];
    }
    return (this.byte() << 24) | (this.byte() << 16) | (this.byte() << 8) | this.byte();
  }

  protected count(): number {
    return this.word() >>> 0;
  }

  protected bytes(what: string): Buffer {
    const length = this.count();
    if (length > this.code.length - this.at) throw new Malformed(`${what} runs out of the code`);
    this.at += length;
    return this.code.subarray(this.at - length, this.at);
  }

  /** Target of a jump whose operand comes next. */
  protected target(): number {
    const from = this.at;
    return from + this.word();
  }

  protected inside(target: number): number {
    if (target < 0 || target >= this.code.length) throw new Malformed('jump out of the code');
    return target;
  }

  protected popInt(): number {
    const { frame } = this;
    if (frame.isp === 0) underflow();
    const value = frame.ints[--frame.isp];
    if (value !== undefined) return value;
    this.machine.unspecified.add('a dead integer');
    return 0;
  }

  protected pushInt(value: number): void {
    const { frame } = this;
    if (!frame.hasIntegerRoom(1)) this.overflow();
    frame.ints[frame.isp++] = value | 0;
  }

  protected popLong(): bigint {
    if (this.frame.isp < 2) underflow();
    const low = this.popInt();
    return (BigInt(this.popInt()) << 32n) | BigInt(low >>> 0);
  }

  protected pushLong(value: bigint): void {
    if (!this.frame.hasIntegerRoom(2)) this.overflow();
    this.pushInt(Number(BigInt.asIntN(32, value >> 32n)));
    this.pushInt(Number(BigInt.asIntN(32, value)));
  }

  protected popReal(type: Type): number {
    if (type === PREFIX_FLOAT) {
      bits.writeInt32LE(this.popInt());
      return bits.readFloatLE();
    }
    bits.writeBigInt64LE(this.popLong());
    return bits.readDoubleLE();
  }

  protected pushReal(type: Type, value: number): void {
    if (Number.isNaN(value)) this.machine.unspecified.add('bits of a NaN');
    if (type === PREFIX_FLOAT) {
      bits.writeFloatLE(value);
      this.pushInt(bits.readInt32LE());
    } else {
      bits.writeDoubleLE(value);
      this.pushLong(bits.readBigInt64LE());
    }
  }

  protected pop(): Reference {
    const { frame } = this;
    if (frame.osp === 0) throw new Malformed('object stack underflow');
    return frame.objects[--frame.osp];
  }

  protected push(value: Reference): void {
    const { frame } = this;
    if (!frame.hasObjectRoom(1)) this.overflow();
    frame.objects[frame.osp++] = value;
  }

  protected popClass(): PhantomClass {
    const cls = this.pop();
    return cls instanceof PhantomClass ? cls : this.machine.throwText('type assert failed');
  }

  protected next(): void {
    this.frame.ip = this.at;
  }

  protected self(field: number, write: boolean): UserObject {
    const { self } = this.frame;
    if (!(self instanceof UserObject)) throw new Malformed('field of an object that has none');
    if (field >= self.fields.length) throw new Malformed('field number out of bounds');
    if (write && self.immutable) throw new Malformed('field of an immutable object');
    return self;
  }

  /** A slot of the integer stack: anything up to the end of the thread's. */
  protected slot(cells: number): number {
    const slot = this.count();
    if (slot + cells > LIMITS.integerCells - this.frame.integerBase)
      throw new Malformed('integer stack slot out of bounds');
    return slot;
  }

  protected objectSlot(): number {
    const slot = this.count();
    if (slot >= this.frame.osp) throw new Malformed('object stack slot out of bounds');
    return slot;
  }
}
