/**
 * Instructions on numbers, by type.
 *
 * Rule: whole numbers wrap around and division by zero throws; MIN / -1 is MIN and MIN % -1 is 0 (D11). Floating point is
 * IEEE 754; out of range to a whole number gives the nearest limit, what is no number gives 0. Shifts count modulo the
 * width. A remainder has the sign of the dividend (D10).
 */

import { Cells, PREFIX_DOUBLE, PREFIX_FLOAT, PREFIX_LONG, type Type, underflow } from './cells.js';
import { Malformed } from './frames.js';
import { LongObject, RealObject } from './objects.js';

export class Arithmetic extends Cells {
  protected unbox(type: Type): void {
    const box = this.pop();
    if (box === null) this.machine.throwText('null object');
    const wrong = (): never => this.machine.throwText('type assert failed');
    if (type === 0) {
      this.pushInt(typeof box === 'number' ? box : wrong());
    } else if (type === PREFIX_LONG) {
      this.pushLong(box instanceof LongObject ? box.value : wrong());
    } else {
      const kind = type === PREFIX_FLOAT ? '.internal.float' : '.internal.double';
      this.pushReal(type, box instanceof RealObject && box.cls.kind === kind ? box.value : wrong());
    }
  }

  protected box(type: Type): void {
    if (type === 0) this.push(this.popInt());
    else if (type === PREFIX_LONG) this.push(this.machine.long(this.popLong()));
    else this.push(this.machine.real(this.popReal(type), type === PREFIX_FLOAT));
  }

  /** fromi, froml, fromf, fromd. */
  protected convert(from: Type, to: Type): void {
    if (from === to) return;
    const real = from === PREFIX_FLOAT || from === PREFIX_DOUBLE;
    if (real) {
      const value = this.popReal(from);
      if (to === PREFIX_FLOAT || to === PREFIX_DOUBLE) this.pushReal(to, value);
      else if (to === PREFIX_LONG) this.pushLong(nearest(value, 64));
      else this.pushInt(Number(nearest(value, 32)));
      return;
    }
    const value = from === PREFIX_LONG ? this.popLong() : BigInt(this.popInt());
    if (to === PREFIX_LONG) this.pushLong(value);
    else if (to === 0) this.pushInt(Number(BigInt.asIntN(32, value)));
    else this.pushReal(to, to === PREFIX_FLOAT ? singleOf(value) : Number(value));
  }

  /** Two operands of int or long and a result: arithmetic and logic; division throws by zero, and wraps. */
  protected whole(opcode: number, lower: bigint, upper: bigint): bigint {
    const divide = (dividend: bigint, divisor: bigint, remainder: boolean): bigint => {
      if (divisor === 0n) this.machine.throwText('division by zero');
      return remainder ? dividend % divisor : dividend / divisor;
    };
    const truth = (value: boolean): bigint => (value ? 1n : 0n);
    switch (opcode) {
      case 0x42:
        return lower + upper;
      case 0x43:
        return lower * upper;
      case 0x44:
        return upper - lower;
      case 0x45:
        return lower - upper;
      case 0x46:
        return divide(upper, lower, false);
      case 0x47:
        return divide(lower, upper, false);
      case 0x48:
        return lower | upper;
      case 0x49:
        return lower & upper;
      case 0x4a:
        return lower ^ upper;
      case 0x4c:
        return truth(lower !== 0n || upper !== 0n);
      case 0x4d:
        return truth(lower !== 0n && upper !== 0n);
      case 0x4e:
        return truth((lower !== 0n) !== (upper !== 0n));
      case 0x56:
        return divide(upper, lower, true);
      default:
        return divide(lower, upper, true);
    }
  }

  /** The same for ints without big numbers: the usual case. */
  protected int(opcode: number, lower: number, upper: number): number {
    switch (opcode) {
      case 0x42:
        return lower + upper;
      case 0x43:
        return Math.imul(lower, upper);
      case 0x44:
        return upper - lower;
      case 0x45:
        return lower - upper;
      case 0x48:
        return lower | upper;
      case 0x49:
        return lower & upper;
      case 0x4a:
        return lower ^ upper;
      default:
        return Number(BigInt.asIntN(32, this.whole(opcode, BigInt(lower), BigInt(upper))));
    }
  }

  protected real(opcode: number, lower: number, upper: number): number {
    if (opcode === 0x42) return lower + upper;
    if (opcode === 0x43) return lower * upper;
    if (opcode === 0x44) return upper - lower;
    if (opcode === 0x45) return lower - upper;
    if (opcode === 0x46) return upper / lower;
    if (opcode === 0x47) return lower / upper;
    return opcode === 0x56 ? upper % lower : lower % upper;
  }

  protected binary(opcode: number, type: Type): void {
    if (type === 0) {
      const upper = this.popInt();
      this.pushInt(this.int(opcode, this.popInt(), upper));
    } else if (type === PREFIX_LONG) {
      const upper = this.popLong();
      this.pushLong(this.whole(opcode, this.popLong(), upper));
    } else if (opcode <= 0x47 || opcode >= 0x56) {
      const upper = this.popReal(type);
      const value = this.real(opcode, this.popReal(type), upper);
      this.pushReal(type, type === PREFIX_FLOAT ? Math.fround(value) : value);
    } else {
      throw new Malformed('no such instruction on floating point numbers');
    }
  }

  /** inot, log_not. */
  protected unary(opcode: number, type: Type): void {
    if (type === PREFIX_FLOAT || type === PREFIX_DOUBLE) {
      throw new Malformed('no such instruction on floating point numbers');
    }
    const value = type === 0 ? BigInt(this.popInt()) : this.popLong();
    const result = opcode === 0x4b ? ~value : value === 0n ? 1n : 0n;
    if (type === 0) this.pushInt(Number(result));
    else this.pushLong(result);
  }

  /** ige, ile, igt, ilt: false when an operand is not a number. */
  protected compare(opcode: number, type: Type): void {
    const operand = (): number | bigint => {
      if (type === 0) return this.popInt();
      return type === PREFIX_LONG ? this.popLong() : this.popReal(type);
    };
    const upper = operand();
    const lower = operand();
    const holds =
      opcode === 0x52
        ? lower >= upper
        : opcode === 0x53
          ? lower <= upper
          : opcode === 0x54
            ? lower > upper
            : lower < upper;
    this.pushInt(holds ? 1 : 0);
  }

  /** ishl, ishr, ushr: the value on top, the shift, an int, below. */
  protected shift(opcode: number, type: Type): void {
    if (type === PREFIX_FLOAT || type === PREFIX_DOUBLE) {
      throw new Malformed('no such instruction on floating point numbers');
    }
    if (type === 0) {
      const value = this.popInt();
      const by = this.popInt();
      this.pushInt(opcode === 0x70 ? value << by : opcode === 0x71 ? value >> by : value >>> by);
      return;
    }
    const value = this.popLong();
    const by = BigInt(this.popInt() & 63);
    const shifted = BigInt.asUintN(64, value) >> by;
    this.pushLong(opcode === 0x70 ? value << by : opcode === 0x71 ? value >> by : shifted);
  }

  protected getSlot(wide: boolean): void {
    const slot = this.slot(wide ? 2 : 1);
    const cells = wide ? [slot, slot + 1] : [slot];
    const values = cells.map((cell) => this.frame.ints[cell]);
    if (values.includes(undefined)) this.machine.unspecified.add('a dead integer');
    if (!this.frame.hasIntegerRoom(cells.length)) this.overflow();
    for (const value of values) this.pushInt(value ?? 0);
  }

  protected setSlot(wide: boolean): void {
    const slot = this.slot(wide ? 2 : 1);
    if (this.frame.isp < (wide ? 2 : 1)) underflow();
    const values = wide ? [this.popInt(), this.popInt()] : [this.popInt()];
    for (const [i, value] of values.reverse().entries()) this.frame.ints[slot + i] = value;
  }
}

/** Towards zero; out of range the nearest limit; not a number is 0. */
function nearest(value: number, width: 32 | 64): bigint {
  if (Number.isNaN(value)) return 0n;
  const limit = 2n ** BigInt(width - 1);
  if (value >= Number(limit)) return limit - 1n;
  return value <= -Number(limit) ? -limit : BigInt(Math.trunc(value));
}

/** The nearest float, ties to even; by way of a double it would be rounded twice. */
function singleOf(value: bigint): number {
  const size = value < 0n ? -value : value;
  const excess = BigInt(Math.max(0, size.toString(2).length - 50));
  // What is shifted out only has to be there, so that a tie is told from more than a tie.
  const kept = (size >> excess) | (size & ((1n << excess) - 1n) ? 1n : 0n);
  const rounded = Math.fround(Number(kept)) * 2 ** Number(excess);
  return value < 0n ? -rounded : rounded;
}
