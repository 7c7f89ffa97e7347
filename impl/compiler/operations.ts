/**
 * Lowering of the wasm instructions that compute: variables, memory, integers, floats and conversions. Control flow is in `lower.ts`.
 */

import { FunctionBuilder, isWide, type Value } from './builder.js';
import { binary, compare, shift } from './fold.js';
import {
  type Comparison,
  type CountOperator,
  children,
  constant,
  type DivideOperator,
  type Expression,
  isConstant,
  readsMemory,
  type ShiftOperator,
  type Variable,
  variable,
} from './ir.js';
import { type FunctionBody, type FunctionType, Reader, type ValueType, WasmError, type WasmModule } from './wasm.js';
import {
  addOrSubtract,
  bitwise,
  equal,
  isZero,
  multiply,
  order,
  routine,
  shiftWide,
  signExtend,
  type WideShift,
} from './wide.js';

/** What a body refers to outside itself. */
export interface LoweringContext {
  readonly module: WasmModule;
  readonly functionTypes: readonly FunctionType[];
  /** Address of each wasm global. */
  readonly globalAddresses: readonly number[];
  /** What is added to the module's function indices. */
  readonly base: number;
  /** Function of each software routine. */
  readonly software: ReadonlyMap<string, number>;
}

const comparisons: readonly Comparison[] = ['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u'];
const wideOrders = [
  ['lt', true],
  ['lt', false],
  ['gt', true],
  ['gt', false],
  ['le', true],
  ['le', false],
  ['ge', true],
  ['ge', false],
] as const;
const floatComparisons = ['eq', 'ne', 'lt', 'gt', 'le', 'ge'] as const;
const floatUnary = ['ceil', 'floor', 'trunc', 'nearest', 'sqrt'] as const;
const floatBinary = ['add', 'sub', 'mul', 'div', 'min', 'max'] as const;
const divisions: readonly DivideOperator[] = ['div_s', 'div_u', 'rem_s', 'rem_u'];
const shifts: readonly (ShiftOperator | 'rotr')[] = ['shl', 'shr_s', 'shr_u', 'rotl', 'rotr'];

interface Conversion {
  readonly name: string;
  readonly from: ValueType;
  readonly to: ValueType;
}

/** Opcodes 0xa8 to 0xbb that are conversions through a software routine. */
const conversions = new Map<number, Conversion>();
/** Suffixes of opcode 0xfc, 0 to 7. */
const saturations: Conversion[] = [];
for (const to of ['i32', 'i64'] as const) {
  const base = to === 'i32' ? 0xa8 : 0xae;
  (['f32', 'f64'] as const).forEach((from, i) => {
    ['s', 'u'].forEach((sign, j) => {
      conversions.set(base + i * 2 + j, { name: `${to}_trunc_${from}_${sign}`, from, to });
      saturations.push({ name: `${to}_trunc_sat_${from}_${sign}`, from, to });
    });
  });
}
for (const to of ['f32', 'f64'] as const) {
  const base = to === 'f32' ? 0xb2 : 0xb7;
  (['i32', 'i64'] as const).forEach((from, i) => {
    ['s', 'u'].forEach((sign, j) => {
      conversions.set(base + i * 2 + j, { name: `${to}_convert_${from}_${sign}`, from, to });
    });
  });
}
conversions.set(0xb6, { name: 'f32_demote_f64', from: 'f64', to: 'f32' });
conversions.set(0xbb, { name: 'f64_promote_f32', from: 'f32', to: 'f64' });

export class OperationLowering {
  protected readonly b = new FunctionBuilder();
  protected readonly r: Reader;
  protected readonly locals: { low: Variable; high: Variable | undefined; type: ValueType }[] = [];

  constructor(
    protected readonly context: LoweringContext,
    protected readonly body: FunctionBody,
    protected readonly name: string,
  ) {
    this.r = new Reader(context.module.bytes, body.start, body.end);
  }

  protected resultVariables(type: ValueType | undefined): Variable[] {
    if (type === undefined) return [];
    return isWide(type) ? [this.b.newVariable(), this.b.newVariable()] : [this.b.newVariable()];
  }

  protected error(message: string): WasmError {
    return new WasmError(`${this.name}: ${message}`, this.b.offset);
  }
  /** Calls the software routine of an operation. It is a pure function, so pending trees need no settling. */
  protected software(name: string, args: Expression[], result: ValueType): void {
    const { b } = this;
    const index = this.context.software.get(name);
    if (index === undefined) {
      throw this.error(
        `operation needs the software routine ${name}: give the compiler the module of impl/compiler/runtime`,
      );
    }
    const results = this.resultVariables(result);
    b.emit({ kind: 'call', target: { kind: 'function', index }, args, results, offset: b.offset });
    b.push(result, variable(results[0]), results.length > 1 ? variable(results[1]) : undefined);
  }
  // Variables -----------------------------------------------------------------------------------------------------------------

  protected localOrGlobal(op: number): void {
    const { b } = this;
    if (op === 0x1a) {
      const { low, high } = b.pop();
      for (const e of [low, high]) {
        if (e !== undefined && readsMemory(e)) b.emit({ kind: 'evaluate', value: e, offset: b.offset });
      }
      return;
    }
    if (op === 0x1b) {
      this.select();
      return;
    }
    if (op < 0x20) throw this.error(`opcode 0x${op.toString(16)} is not supported`);
    const index = this.r.u32();
    if (op <= 0x22) {
      const { low, high, type } = this.locals[index];
      if (op !== 0x20) this.setLocal(b.pop(), low, high);
      if (op !== 0x21) b.push(type, variable(low), high === undefined ? undefined : variable(high));
      return;
    }
    const { type } = this.context.module.globals[index];
    const address = this.context.globalAddresses[index];
    const word = (at: number): Expression => ({ kind: 'global', address: at });
    if (op === 0x23) {
      b.push(type, word(address), isWide(type) ? word(address + 4) : undefined);
      return;
    }
    const value = b.pop();
    b.settleGlobal(address);
    if (value.high === undefined) {
      b.emit({ kind: 'setGlobal', address, value: value.low, offset: b.offset });
      return;
    }
    b.settleGlobal(address + 4);
    const high = readsGlobal(value.high, address) ? b.leaf(value.high) : value.high;
    b.emit({ kind: 'setGlobal', address, value: value.low, offset: b.offset });
    b.emit({ kind: 'setGlobal', address: address + 4, value: high, offset: b.offset });
  }

  protected setLocal(value: Value, low: Variable, high: Variable | undefined): void {
    const { b } = this;
    if (high === undefined) {
      b.settleVariable(low);
      if (!b.retarget(value.low, low)) b.set(low, value.low);
      return;
    }
    b.settleVariable(low);
    b.settleVariable(high);
    if (value.high !== undefined && b.retargetWide(value.low, value.high, low, high)) return;
    b.assign(low, high, value);
  }

  protected select(): void {
    const { b } = this;
    const condition = b.pop32();
    const no = b.pop();
    const yes = b.pop();
    if (yes.high === undefined || no.high === undefined) {
      const simple = booleanSelect(condition, yes.low, no.low);
      if (simple !== undefined) {
        b.push(yes.type, simple);
        return;
      }
    }
    const low = b.newVariable();
    const high = isWide(yes.type) ? b.newVariable() : undefined;
    // The condition is evaluated after `yes` was assigned to fresh variables, which it cannot read.
    b.assign(low, high, yes);
    const otherwise = b.newBlock();
    const join = b.newBlock();
    b.branch(condition, join, otherwise);
    b.start(otherwise);
    b.assign(low, high, no);
    b.jump(join);
    b.start(join);
    b.push(yes.type, variable(low), high === undefined ? undefined : variable(high));
  }

  protected constantOperand(op: number): void {
    const { b, r } = this;
    switch (op) {
      case 0x41:
        b.push('i32', constant(r.s32()));
        return;
      case 0x42: {
        const value = r.s64();
        b.push('i64', constant(Number(BigInt.asIntN(32, value))), constant(Number(BigInt.asIntN(32, value >> 32n))));
        return;
      }
      case 0x43:
        b.push('f32', constant(r.fixed32()));
        return;
      default: {
        const low = r.fixed32();
        b.push('f64', constant(low), constant(r.fixed32()));
      }
    }
  }

  // Memory --------------------------------------------------------------------------------------------------------------------

  protected memory(op: number): void {
    const { b, r } = this;
    if (op >= 0x3f) {
      r.u8();
      if (op === 0x3f) b.push('i32', constant(this.context.module.memoryPages));
      else {
        // Memory does not grow: it is all there is.
        b.pop();
        b.push('i32', constant(-1));
      }
      return;
    }
    r.u32();
    const offset = r.u32() | 0;
    if (op <= 0x35) this.load(op, offset);
    else this.store(op, offset);
  }

  protected load(op: number, offset: number): void {
    const { b } = this;
    const load = (address: Expression, displacement: number, size: 1 | 2 | 4, signed: boolean): Expression => ({
      kind: 'load',
      size,
      signed,
      address,
      offset: displacement,
    });
    if (op === 0x29 || op === 0x2b) {
      const address = b.shareable(b.pop32());
      const type = op === 0x29 ? 'i64' : 'f64';
      b.push(type, load(address, offset, 4, false), load(address, (offset + 4) | 0, 4, false));
      return;
    }
    const address = b.pop32();
    if (op === 0x28 || op === 0x2a) {
      b.push(op === 0x28 ? 'i32' : 'f32', load(address, offset, 4, false));
      return;
    }
    const wide = op >= 0x30;
    const form = wide ? op - 0x30 : op - 0x2c;
    const size = form < 2 ? 1 : form < 4 ? 2 : 4;
    const signed = form % 2 === 0;
    const value = load(address, offset, size, signed && size < 4);
    if (!wide) b.push('i32', value);
    else if (!signed) b.push('i64', value, constant(0));
    else {
      const low = b.leaf(value);
      b.push('i64', low, shift('shr_s', low, 31));
    }
  }

  protected store(op: number, displacement: number): void {
    const { b } = this;
    const value = b.pop();
    let address = b.pop32();
    b.settleMemory();
    const emit = (size: 1 | 2 | 4, at: number, word: Expression): void =>
      b.emit({ kind: 'store', size, address, displacement: at, value: word, offset: b.offset });
    const sizes: Record<number, 1 | 2 | 4> = { 0x36: 4, 0x38: 4, 0x3a: 1, 0x3b: 2, 0x3c: 1, 0x3d: 2, 0x3e: 4 };
    const size = sizes[op];
    if (size !== undefined) {
      emit(size, displacement, value.low);
      return;
    }
    if (value.high === undefined) throw this.error('64-bit store of a 32-bit operand');
    address = readsMemory(address) ? b.leaf(address) : b.shareable(address);
    // Both words are read before either is written: they may overlap the destination.
    const high = readsMemory(value.high) ? b.leaf(value.high) : value.high;
    emit(4, displacement, value.low);
    emit(4, (displacement + 4) | 0, high);
  }

  protected prefixed(): void {
    const { b, r } = this;
    const sub = r.u32();
    if (sub <= 7) {
      const { name, from, to } = saturations[sub];
      this.software(name, b.popWords([from]), to);
    } else if (sub === 10 || sub === 11) {
      r.slice(sub === 10 ? 2 : 1);
      const args = b.popWords(['i32', 'i32', 'i32']);
      b.settleEffects();
      routine(b, sub === 10 ? 'memory_copy' : 'memory_fill', args, 0);
    } else throw this.error(`opcode 0xfc ${sub} is not supported`);
  }

  // Integers ------------------------------------------------------------------------------------------------------------------

  protected comparison(op: number): void {
    const { b } = this;
    if (op === 0x45) b.push('i32', compare('eq', b.pop32(), constant(0)));
    else if (op <= 0x4f) {
      const right = b.pop32();
      b.push('i32', compare(comparisons[op - 0x46], b.pop32(), right));
    } else if (op === 0x50) isZero(b);
    else if (op <= 0x52) equal(b, op === 0x51 ? 'eq' : 'ne');
    else if (op <= 0x5a) {
      const [relation, signed] = wideOrders[op - 0x53];
      order(b, relation, signed);
    } else {
      const type = op <= 0x60 ? 'f32' : 'f64';
      const name = floatComparisons[op - (type === 'f32' ? 0x5b : 0x61)];
      this.software(`${type}_${name}`, b.popWords([type, type]), 'i32');
    }
  }

  protected integer32(op: number): void {
    const { b } = this;
    if (op <= 0x68) {
      this.count32(op === 0x67 ? 'clz' : 'ctz', b.pop32());
      return;
    }
    if (op === 0x69) {
      routine(b, 'i32_popcnt', [b.pop32()], 1);
      return;
    }
    const right = b.pop32();
    const left = b.pop32();
    if (op <= 0x6c) b.push('i32', binary((['add', 'sub', 'mul'] as const)[op - 0x6a], left, right));
    else if (op <= 0x70) this.divide(divisions[op - 0x6d], left, right);
    else if (op <= 0x73) b.push('i32', binary((['and', 'or', 'xor'] as const)[op - 0x71], left, right));
    else this.shift32(shifts[op - 0x74], left, right);
  }

  protected count32(op: CountOperator, value: Expression): void {
    const target = this.b.newVariable();
    this.b.emit({ kind: 'count', op, target, value, offset: this.b.offset });
    this.b.push('i32', variable(target));
  }

  protected divide(op: DivideOperator, left: Expression, right: Expression): void {
    const target = this.b.newVariable();
    this.b.emit({ kind: 'divide', op, target, left, right, offset: this.b.offset });
    this.b.push('i32', variable(target));
  }

  protected shift32(op: ShiftOperator | 'rotr', left: Expression, count: Expression): void {
    const { b } = this;
    if (count.kind === 'constant') {
      const by = op === 'rotr' ? -count.value : count.value;
      b.push('i32', shift(op === 'rotr' ? 'rotl' : op, left, by));
      return;
    }
    const target = b.newVariable();
    b.emit({ kind: 'shiftBy', op, target, left, count, offset: b.offset });
    b.push('i32', variable(target));
  }

  protected integer64(op: number): void {
    const { b } = this;
    if (op <= 0x7b) {
      const { low, high } = b.popWide();
      routine(b, (['i64_clz', 'i64_ctz', 'i64_popcnt'] as const)[op - 0x79], [low, high], 1);
      b.push('i64', b.pop32(), constant(0));
    } else if (op <= 0x7d) addOrSubtract(b, op === 0x7c ? 'add' : 'sub');
    else if (op === 0x7e) multiply(b);
    else if (op <= 0x82) routine(b, `i64_${divisions[op - 0x7f]}`, b.popWords(['i64', 'i64']), 2);
    else if (op <= 0x85) bitwise(b, (['and', 'or', 'xor'] as const)[op - 0x83]);
    else shiftWide(b, shifts[op - 0x86] as WideShift);
  }

  // Floats and conversions ------------------------------------------------------------------------------------------------------

  protected float(op: number): void {
    const { b } = this;
    const type = op <= 0x98 ? 'f32' : 'f64';
    const form = op - (type === 'f32' ? 0x8b : 0x99);
    const signBit = constant(-0x80000000);
    const rest = constant(0x7fffffff);
    if (form >= 2 && form <= 6) {
      this.software(`${type}_${floatUnary[form - 2]}`, b.popWords([type]), type);
      return;
    }
    if (form >= 7 && form <= 12) {
      this.software(`${type}_${floatBinary[form - 7]}`, b.popWords([type, type]), type);
      return;
    }
    // abs, neg and copysign only touch the sign, which is in the upper word.
    const right = form === 13 ? b.pop() : undefined;
    const { low, high } = b.pop();
    const signed = high ?? low;
    let upper: Expression;
    if (right !== undefined) {
      const sign = binary('and', right.high ?? right.low, signBit);
      upper = binary('or', binary('and', signed, rest), sign);
    } else upper = form === 0 ? binary('and', signed, rest) : binary('xor', signed, signBit);
    if (high === undefined) b.push(type, upper);
    else b.push(type, low, upper);
  }

  protected conversion(op: number): void {
    const { b } = this;
    const routed = conversions.get(op);
    if (routed !== undefined) {
      this.software(routed.name, b.popWords([routed.from]), routed.to);
      return;
    }
    switch (op) {
      case 0xa7: {
        b.push('i32', b.popWide().low);
        return;
      }
      case 0xac: {
        const low = b.leaf(b.pop32());
        b.push('i64', low, shift('shr_s', low, 31));
        return;
      }
      case 0xad:
        b.push('i64', b.pop32(), constant(0));
        return;
      case 0xbc:
      case 0xbe:
        b.push(op === 0xbc ? 'i32' : 'f32', b.pop32());
        return;
      case 0xbd:
      case 0xbf: {
        const { low, high } = b.popWide();
        b.push(op === 0xbd ? 'i64' : 'f64', low, high);
        return;
      }
      case 0xc0:
      case 0xc1:
        b.push('i32', { kind: 'extend', bits: op === 0xc0 ? 8 : 16, value: b.pop32() });
        return;
      case 0xc2:
      case 0xc3:
      case 0xc4:
        signExtend(b, op === 0xc2 ? 8 : op === 0xc3 ? 16 : 32);
        return;
      default:
        throw this.error(`opcode 0x${op.toString(16)} is not supported`);
    }
  }
}

function readsGlobal(e: Expression, address: number): boolean {
  return (e.kind === 'global' && e.address === address) || children(e).some((c) => readsGlobal(c, address));
}

function isBoolean(e: Expression): boolean {
  switch (e.kind) {
    case 'constant':
      return e.value === 0 || e.value === 1;
    case 'compare':
    case 'compareWide':
      return true;
    case 'binary':
      return (e.op === 'and' || e.op === 'or' || e.op === 'xor') && isBoolean(e.left) && isBoolean(e.right);
    default:
      return false;
  }
}

/** A select that is a logical connective of comparisons, as a tree without branches. */
function booleanSelect(condition: Expression, yes: Expression, no: Expression): Expression | undefined {
  const truth = isBoolean(condition) ? condition : compare('ne', condition, constant(0));
  if (isConstant(yes, 1) && isConstant(no, 0)) return truth;
  if (isConstant(yes, 0) && isConstant(no, 1)) return compare('eq', condition, constant(0));
  if (isConstant(yes, 1) && isBoolean(no)) return binary('or', truth, no);
  if (isConstant(no, 0) && isBoolean(yes)) return binary('and', truth, yes);
  return undefined;
}
