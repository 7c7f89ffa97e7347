/**
 * Lowering of one wasm function body to the intermediate code of `ir.ts`.
 *
 * One pass over the instructions keeps the operand stack as pending trees (`builder.ts`). Floating-point operations
 * become calls of the software routines, found by name: the routine of `f64.add` is the export `f64_add`.
 */

import { FunctionBuilder, isWide, type Value } from './builder.js';
import {
  type Block,
  binary,
  type CallTarget,
  type Comparison,
  type CountOperator,
  children,
  compare,
  constant,
  type DivideOperator,
  type Expression,
  type IrFunction,
  isConstant,
  readsMemory,
  type ShiftOperator,
  shift,
  type Variable,
  variable,
} from './ir.js';
import {
  type FunctionBody,
  type FunctionType,
  Reader,
  type ValueType,
  valueType,
  WasmError,
  type WasmModule,
} from './wasm.js';
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

/** Intrinsics that are accesses of memory. */
const volatileSizes: Record<string, 1 | 2 | 4> = {
  vload8: 1,
  vload16: 2,
  vload32: 4,
  vstore8: 1,
  vstore16: 2,
  vstore32: 4,
};

interface Frame {
  readonly kind: 'function' | 'block' | 'loop' | 'if';
  readonly target: Block;
  readonly type: ValueType | undefined;
  /** Variables that carry the construct's result. */
  readonly results: Variable[];
  readonly height: number;
  otherwise: Block | undefined;
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

export function lowerFunction(context: LoweringContext, index: number, body: FunctionBody, name: string): IrFunction {
  return new Lowering(context, index, body, name).run();
}

class Lowering {
  private readonly b = new FunctionBuilder();
  private readonly r: Reader;
  private readonly frames: Frame[] = [];
  private readonly locals: { low: Variable; high: Variable | undefined; type: ValueType }[] = [];
  private readonly exit: Block;

  constructor(
    private readonly context: LoweringContext,
    private readonly index: number,
    private readonly body: FunctionBody,
    private readonly name: string,
  ) {
    this.r = new Reader(context.module.bytes, body.start, body.end);
    this.exit = this.b.newBlock();
  }

  run(): IrFunction {
    const { b, body } = this;
    const params: Variable[] = [];
    b.offset = body.start;
    b.start(b.newBlock());
    body.locals.forEach((type, i) => {
      const low = b.newVariable();
      const high = isWide(type) ? b.newVariable() : undefined;
      this.locals.push({ low, high, type });
      if (i < body.type.params.length) params.push(...(high === undefined ? [low] : [low, high]));
    });
    b.endLocals();
    for (const local of this.locals.slice(body.type.params.length)) {
      b.set(local.low, constant(0));
      if (local.high !== undefined) b.set(local.high, constant(0));
    }
    const type = body.type.results[0];
    const results = this.resultVariables(type);
    this.frames.push({ kind: 'function', target: this.exit, type, results, height: 0, otherwise: undefined });
    while (this.frames.length > 0) {
      if (this.r.pos >= body.end) throw new WasmError(`${this.name}: body ends inside a construct`, this.r.pos);
      b.offset = this.r.pos;
      const op = this.r.u8();
      if (b.current === undefined) this.skip(op);
      else this.instruction(op);
    }
    b.start(this.exit);
    b.finish({ kind: 'return', values: results.map(variable), offset: b.offset });
    return b.result(this.name, this.index, params, results.length);
  }

  private resultVariables(type: ValueType | undefined): Variable[] {
    if (type === undefined) return [];
    return isWide(type) ? [this.b.newVariable(), this.b.newVariable()] : [this.b.newVariable()];
  }

  private error(message: string): WasmError {
    return new WasmError(`${this.name}: ${message}`, this.b.offset);
  }

  private frame(depth: number): Frame {
    const frame = this.frames.at(-1 - depth);
    if (frame === undefined) throw this.error(`branch depth ${depth}`);
    return frame;
  }

  /** Passes over an instruction that control cannot reach, minding only the nesting. */
  private skip(op: number): void {
    switch (op) {
      case 0x02:
      case 0x03:
      case 0x04:
        this.r.u8();
        this.skipConstruct();
        return;
      case 0x05:
        this.beginElse();
        return;
      case 0x0b:
        this.endConstruct();
        return;
      default:
        this.skipImmediates(op);
    }
  }

  private skipConstruct(): void {
    for (let depth = 1; depth > 0; ) {
      const op = this.r.u8();
      if (op === 0x0b) depth--;
      else if (op >= 0x02 && op <= 0x04) {
        depth++;
        this.r.u8();
      } else if (op !== 0x05) this.skipImmediates(op);
    }
  }

  private skipImmediates(op: number): void {
    const { r } = this;
    if (op === 0x0c || op === 0x0d || op === 0x10 || (op >= 0x20 && op <= 0x24)) r.u32();
    else if (op === 0x0e) for (let n = r.u32() + 1; n > 0; n--) r.u32();
    else if (op === 0x11 || (op >= 0x28 && op <= 0x3e)) {
      r.u32();
      r.u32();
    } else if (op === 0x3f || op === 0x40) r.u8();
    else if (op === 0x41) r.s32();
    else if (op === 0x42) r.s64();
    else if (op === 0x43) r.slice(4);
    else if (op === 0x44) r.slice(8);
    else if (op === 0xfc) {
      const sub = r.u32();
      if (sub === 10) r.slice(2);
      else if (sub === 11) r.slice(1);
      else if (sub > 7) throw this.error(`opcode 0xfc ${sub} is not supported`);
    }
  }

  private instruction(op: number): void {
    if (op <= 0x11) this.control(op);
    else if (op <= 0x24) this.localOrGlobal(op);
    else if (op <= 0x40) this.memory(op);
    else if (op <= 0x44) this.constantOperand(op);
    else if (op <= 0x66) this.comparison(op);
    else if (op <= 0x78) this.integer32(op);
    else if (op <= 0x8a) this.integer64(op);
    else if (op <= 0xa6) this.float(op);
    else if (op <= 0xc4) this.conversion(op);
    else if (op === 0xfc) this.prefixed();
    else throw this.error(`opcode 0x${op.toString(16)} is not supported`);
  }

  // Control -------------------------------------------------------------------------------------------------------------------

  private control(op: number): void {
    const { b, r } = this;
    switch (op) {
      case 0x00:
        b.finish({ kind: 'unreachable', offset: b.offset });
        return;
      case 0x01:
        return;
      case 0x02:
      case 0x03:
      case 0x04:
        this.beginConstruct(op);
        return;
      case 0x05:
        this.beginElse();
        return;
      case 0x0b:
        this.endConstruct();
        return;
      case 0x0c:
        this.branchTo(this.frame(r.u32()));
        return;
      case 0x0d: {
        const condition = b.pop32();
        this.branchIf(condition, this.frame(r.u32()));
        return;
      }
      case 0x0e:
        this.branchTable();
        return;
      case 0x0f:
        this.branchTo(this.frames[0]);
        return;
      case 0x10:
        this.call(r.u32());
        return;
      case 0x11: {
        const type = this.context.module.types[r.u32()];
        r.u32();
        const entry = b.pop32();
        this.emitCall({ kind: 'table', entry }, type);
        return;
      }
      default:
        throw this.error(`opcode 0x${op.toString(16)} is not supported`);
    }
  }

  private beginConstruct(op: number): void {
    const { b } = this;
    const code = this.r.u8();
    const type = code === 0x40 ? undefined : valueType(code, b.offset);
    const condition = op === 0x04 ? b.pop32() : undefined;
    b.settleAll();
    const results = this.resultVariables(type);
    const height = b.stack.length;
    if (condition !== undefined) {
      const then = b.newBlock();
      const otherwise = b.newBlock();
      const target = b.newBlock();
      b.branch(condition, then, otherwise);
      b.start(then);
      this.frames.push({ kind: 'if', target, type, results, height, otherwise });
    } else if (op === 0x03) {
      const target = b.newBlock();
      target.loopHead = true;
      b.jump(target);
      b.loopDepth++;
      b.start(target);
      this.frames.push({ kind: 'loop', target, type, results, height, otherwise: undefined });
    } else {
      this.frames.push({ kind: 'block', target: b.newBlock(), type, results, height, otherwise: undefined });
    }
  }

  /** Assigns the topmost operand to the result variables of a construct and takes it off. */
  private carry(frame: Frame): void {
    if (frame.type === undefined) return;
    this.b.assign(frame.results[0], frame.results[1], this.b.pop());
  }

  private beginElse(): void {
    const { b } = this;
    const frame = this.frame(0);
    const { otherwise } = frame;
    if (frame.kind !== 'if' || otherwise === undefined) throw this.error('else without if');
    if (b.current !== undefined) {
      this.carry(frame);
      b.jump(frame.target);
    }
    b.stack.length = frame.height;
    frame.otherwise = undefined;
    b.start(otherwise);
  }

  private endConstruct(): void {
    const { b } = this;
    const frame = this.frames.pop();
    if (frame === undefined) throw this.error('end without a construct');
    const after = frame.kind === 'loop' ? b.newBlock() : frame.target;
    if (b.current !== undefined) {
      this.carry(frame);
      b.jump(after);
    }
    if (frame.otherwise !== undefined) {
      b.start(frame.otherwise);
      b.jump(after);
    }
    if (frame.kind === 'loop') b.loopDepth--;
    b.stack.length = frame.height;
    if (frame.kind === 'function') return;
    b.start(after);
    if (frame.type !== undefined) {
      const [low, high] = frame.results;
      b.push(frame.type, variable(low), high === undefined ? undefined : variable(high));
    }
  }

  /** A label's operand type: loops take none here. */
  private carriesValue(frame: Frame): boolean {
    return frame.kind !== 'loop' && frame.type !== undefined;
  }

  private branchTo(frame: Frame): void {
    if (this.carriesValue(frame)) this.carry(frame);
    this.b.jump(frame.target);
  }

  private branchIf(condition: Expression, frame: Frame): void {
    const { b } = this;
    const next = b.newBlock();
    if (!this.carriesValue(frame)) {
      b.branch(condition, frame.target, next);
      b.start(next);
      return;
    }
    // The operand is both carried and kept, so it is evaluated once, before the branch.
    const value = b.stack.at(-1);
    if (value === undefined) throw this.error('no operand to carry');
    value.low = b.leaf(value.low);
    if (value.high !== undefined) value.high = b.leaf(value.high);
    const edge = b.newBlock();
    b.branch(condition, edge, next);
    b.start(edge);
    b.assign(frame.results[0], frame.results[1], { ...value });
    b.jump(frame.target);
    b.start(next);
  }

  private branchTable(): void {
    const { b, r } = this;
    const frames = Array.from({ length: r.u32() + 1 }, () => this.frame(r.u32()));
    const selector = b.pop32();
    if (!this.carriesValue(frames[frames.length - 1])) {
      this.finishSwitch(
        selector,
        frames.map((f) => f.target),
      );
      return;
    }
    const held = b.leaf(selector);
    const popped = b.pop();
    const value: Value = {
      type: popped.type,
      low: b.leaf(popped.low),
      high: popped.high === undefined ? undefined : b.leaf(popped.high),
    };
    const edges = new Map<Frame, Block>();
    for (const frame of frames) if (!edges.has(frame)) edges.set(frame, b.newBlock());
    const targets = frames.map((f) => edges.get(f) ?? f.target);
    this.finishSwitch(held, targets);
    for (const [frame, edge] of edges) {
      b.start(edge);
      b.assign(frame.results[0], frame.results[1], value);
      b.jump(frame.target);
    }
  }

  private finishSwitch(selector: Expression, all: Block[]): void {
    const targets = all.slice(0, -1);
    const otherwise = all[all.length - 1];
    if (targets.length === 0) this.b.jump(otherwise);
    else this.b.finish({ kind: 'switch', selector, targets, otherwise, offset: this.b.offset });
  }

  private call(index: number): void {
    const { imports } = this.context.module;
    const { b } = this;
    if (index >= imports.length) {
      this.emitCall({ kind: 'function', index: index + this.context.base }, this.context.functionTypes[index]);
      return;
    }
    const { module, name, type } = imports[index];
    if (module.split('/').at(-1) !== 'hw') throw this.error(`import ${module}.${name}: only module hw can be imported`);
    const args = b.popWords(type.params);
    b.settleEffects();
    if (name in volatileSizes) {
      this.volatileAccess(volatileSizes[name], args);
      return;
    }
    const results = type.results.map(() => b.newVariable());
    b.emit({ kind: 'intrinsic', name, args, results, offset: b.offset });
    if (results.length > 0) b.push(type.results[0], variable(results[0]));
  }

  /** vload and vstore: an access that is a statement of its own. */
  private volatileAccess(size: 1 | 2 | 4, args: readonly Expression[]): void {
    const { b } = this;
    const [address, value] = args;
    if (value !== undefined) b.emit({ kind: 'store', size, address, displacement: 0, value, offset: b.offset });
    else b.push('i32', b.temporary({ kind: 'load', size, signed: false, address, offset: 0, volatile: true }));
  }

  private emitCall(target: CallTarget, type: FunctionType): void {
    const { b } = this;
    const args = b.popWords(type.params);
    b.settleEffects();
    const result = type.results[0];
    const results = this.resultVariables(result);
    b.emit({ kind: 'call', target, args, results, offset: b.offset });
    if (result !== undefined)
      b.push(result, variable(results[0]), results.length > 1 ? variable(results[1]) : undefined);
  }

  /** Calls the software routine of an operation. It is a pure function, so pending trees need no settling. */
  private software(name: string, args: Expression[], result: ValueType): void {
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

  private localOrGlobal(op: number): void {
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

  private setLocal(value: Value, low: Variable, high: Variable | undefined): void {
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

  private select(): void {
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

  private constantOperand(op: number): void {
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

  private memory(op: number): void {
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

  private load(op: number, offset: number): void {
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

  private store(op: number, displacement: number): void {
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

  private prefixed(): void {
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

  private comparison(op: number): void {
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

  private integer32(op: number): void {
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

  private count32(op: CountOperator, value: Expression): void {
    const target = this.b.newVariable();
    this.b.emit({ kind: 'count', op, target, value, offset: this.b.offset });
    this.b.push('i32', variable(target));
  }

  private divide(op: DivideOperator, left: Expression, right: Expression): void {
    const target = this.b.newVariable();
    this.b.emit({ kind: 'divide', op, target, left, right, offset: this.b.offset });
    this.b.push('i32', variable(target));
  }

  private shift32(op: ShiftOperator | 'rotr', left: Expression, count: Expression): void {
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

  private integer64(op: number): void {
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

  private float(op: number): void {
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

  private conversion(op: number): void {
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
