/**
 * Lowering of one wasm function body to the intermediate code of `ir.ts`.
 *
 * One pass over the instructions keeps the operand stack as pending trees (`builder.ts`). Floating-point operations
 * become calls of the software routines, found by name: the routine of `f64.add` is the export `f64_add`.
 */

import { isWide, type Value } from './builder.js';
import {
  type Block,
  type CallTarget,
  constant,
  type Expression,
  type IrFunction,
  type Variable,
  variable,
} from './ir.js';
import { type LoweringContext, OperationLowering } from './operations.js';
import { type FunctionBody, type FunctionType, signatureOf, type ValueType, valueType, WasmError } from './wasm.js';

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

export function lowerFunction(context: LoweringContext, index: number, body: FunctionBody, name: string): IrFunction {
  return new Lowering(context, index, body, name).run();
}

class Lowering extends OperationLowering {
  private readonly frames: Frame[] = [];
  private readonly exit: Block;

  constructor(
    context: LoweringContext,
    private readonly index: number,
    body: FunctionBody,
    name: string,
  ) {
    super(context, body, name);
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
        this.emitCall({ kind: 'table', entry, signature: signatureOf(type) }, type);
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
}
