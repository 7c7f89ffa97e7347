/**
 * From a Java method to Phantom bytecode.
 *
 * Rules. A Java value lies on the Phantom stack of its kind, in the order of the Java stack; so instructions on one kind
 * are one or a few of the machine's, and only calls, `dup` and its kin that mix or reorder use temporaries. Arguments and
 * results are objects, boxed numbers. A Java local is one variable for each kind it is used as. An exception range is a
 * catcher that is pushed on every way in and dropped on every way out: each place in the code has a list of ranges it
 * lies in, outermost first, and a jump between lists drops and pushes what they do not share.
 */

import type { LineEntry } from '../../../model/classfile/index.js';
import { Assembler, Label } from '../assembler.js';
import type { ClassOutput } from './class-output.js';
import { type JavaMethod, methodType } from './class-reader.js';
import { emitArithmetic, pushDouble, pushFloat } from './emit-arithmetic.js';
import { emitCall, emitField } from './emit-members.js';
import { emitArray, emitCheckCast, emitInstanceOf, emitLoadClass } from './emit-objects.js';
import { JavaError } from './errors.js';
import { decode, endsPath, type Instruction } from './instructions.js';
import { kindOf, shuffled, stackFlow } from './stack-flow.js';
import type { ClassInfo } from './world.js';

/** Catchers in force: a path from the outermost. */
interface Catchers {
  readonly outer: Catchers | undefined;
  readonly depth: number;
  /** Offset of the handler. */
  readonly handler: number;
  readonly type: string | undefined;
  readonly stub: Label;
  readonly inner: Map<string, Catchers>;
}

/** Exceptions the machine throws as strings become these: a range that catches one of them catches strings. */
const MACHINE_THROWS = [
  'java/lang/ArithmeticException',
  'java/lang/NullPointerException',
  'java/lang/ClassCastException',
  'java/lang/StackOverflowError',
  'java/lang/OutOfMemoryError',
  'java/lang/InternalError',
  'java/lang/ArrayIndexOutOfBoundsException',
];

export interface MethodContext {
  readonly output: ClassOutput;
  /** Class whose constants the code names. */
  readonly cls: ClassInfo;
  /** Class that holds the code: `cls`, or a class that gets its default method. */
  readonly target: ClassInfo;
  readonly method: JavaMethod;
  readonly isStatic: boolean;
  readonly isSynchronized: boolean;
}

export class CodeEmitter {
  readonly out = new Assembler();
  private readonly parameterKinds: readonly string[];
  private readonly instructions: readonly Instruction[];
  private readonly before: readonly (string | undefined)[];
  private readonly indexOf: ReadonlyMap<number, number>;
  private readonly labels: Label[];
  private readonly jumpTargets = new Set<number>();
  private readonly thisInLocal0: boolean;
  private readonly locals = new Map<string, number>();
  private objectSlots: number;
  private intSlots = 0;
  private readonly temporaries = new Map<string, number>();
  private readonly root: Catchers;
  private readonly late: (() => void)[] = [];
  private readonly catcherOf: Catchers[];
  /** Index of the instruction that is being emitted; an emitter may consume the next one too. */
  private at = 0;

  constructor(readonly context: MethodContext) {
    const { method, cls, isStatic } = context;
    if (method.code === undefined) throw new JavaError('broken class file: a method without code');
    const { parameters } = methodType(method.descriptor);
    this.parameterKinds = parameters.map(kindOf);
    this.objectSlots = parameters.length;
    this.instructions = decode(method.code);
    this.thisInLocal0 = !isStatic && !this.instructions.some(({ name, operand }) => name === 'astore' && operand === 0);
    const flow = stackFlow(
      this.instructions,
      { cls: cls.java, method, thisInLocal0: this.thisInLocal0 },
      (instruction) => this.place(instruction),
    );
    this.before = flow.before;
    this.indexOf = flow.indexOf;
    this.labels = this.instructions.map(() => new Label());
    for (const { targets } of this.instructions) for (const target of targets) this.jumpTargets.add(target);
    for (const { handler, start, end } of method.code.exceptions) {
      for (const offset of [handler, start, end]) this.jumpTargets.add(offset);
    }
    this.root = { outer: undefined, depth: 0, handler: -1, type: undefined, stub: new Label(), inner: new Map() };
    const outermost = context.isSynchronized ? this.unlocking() : this.root;
    this.catcherOf = this.instructions.map(({ offset }) => this.catchersAt(offset, outermost));
  }

  /** Where an instruction is, for messages. */
  private place({ offset }: Instruction): JavaError['place'] & object {
    const { cls, method } = this.context;
    const lines = method.code?.lines.filter(({ start }) => start <= offset) ?? [];
    const nearest = lines.reduce((best, one) => (one.start >= best.start ? one : best), { start: -1, line: 0 });
    return {
      file: cls.java.file,
      className: cls.name,
      method: method.name + method.descriptor,
      offset,
      line: nearest.line > 0 ? nearest.line : undefined,
      source: cls.java.source,
    };
  }

  /** Undefined when an instruction cannot be translated: each such problem was told, once. */
  emit(problem: (error: JavaError) => void): { code: Uint8Array; lines: LineEntry[] } | undefined {
    const told = new Set<string>();
    const prologue = new Assembler();
    const lineAt = new Map(this.context.method.code?.lines.map(({ start, line }) => [start, line]));
    let previous: Catchers = this.root;
    let falls = true;
    if (this.context.isSynchronized) this.lock('phantom$enter()V');
    for (this.at = 0; this.at < this.instructions.length; this.at++) {
      const index = this.at;
      const instruction = this.instructions[index];
      const line = lineAt.get(instruction.offset);
      if (line !== undefined) this.out.line = line;
      const stack = this.before[index];
      if (stack === undefined) {
        falls = false;
        continue;
      }
      if (falls) this.transition(previous, this.catcherOf[index]);
      this.out.place(this.labels[index]);
      try {
        this.instruction(instruction, stack);
      } catch (error) {
        if (!(error instanceof JavaError)) throw error;
        if (!told.has(error.message)) problem(error.at(this.place(instruction)));
        told.add(error.message);
      }
      previous = this.catcherOf[this.at];
      falls = !endsPath(this.instructions[this.at]);
    }
    if (told.size > 0) return undefined;
    for (let emit = this.late.shift(); emit !== undefined; emit = this.late.shift()) emit();
    this.prologue(prologue);
    return this.out.finish(prologue);
  }

  private prologue(prologue: Assembler): void {
    const { parameterKinds } = this;
    // Parameters that are numbers move to integer variables.
    let local = this.context.isStatic ? 0 : 1;
    const moves: [number, string, number][] = [];
    for (const [i, kind] of parameterKinds.entries()) {
      if (kind !== 'A' && this.locals.has(`${kind}${local}`)) moves.push([i, kind, this.variable(kind, local)]);
      local += kind === 'J' || kind === 'D' ? 2 : 1;
    }
    prologue.withByte('arg_count', parameterKinds.length);
    let objects = this.objectSlots - parameterKinds.length;
    let ints = this.intSlots;
    while (objects > 0 || ints > 0) {
      prologue.withByte('stack_reserve', Math.min(objects, 255), Math.min(ints, 255));
      objects -= Math.min(objects, 255);
      ints -= Math.min(ints, 255);
    }
    for (const [argument, kind, slot] of moves) {
      prologue.withWord('os_get32', argument);
      if (kind !== 'I') prologue.plain(PREFIX[kind]);
      prologue.plain('o2i');
      if (kind === 'J' || kind === 'D') prologue.plain(PREFIX[kind]);
      prologue.withWord('is_set32', slot);
    }
    if (!this.context.isStatic && !this.thisInLocal0 && this.locals.has('A0')) {
      prologue.plain('summon_this');
      prologue.withWord('os_set32', this.variable('A', 0));
    }
  }

  /** `CLASS.METHOD(SOURCE:LINE)` of the instruction, as stack traces show it. */
  get placeText(): string {
    const { className, source, line } = this.place(this.instructions[this.at]);
    const from = source === undefined ? 'Unknown Source' : line === undefined ? source : `${source}:${line}`;
    return `${className?.replaceAll('/', '.')}.${this.context.method.name}(${from})`;
  }

  // Variables.

  private slot(kind: string): number {
    if (kind === 'A') return this.objectSlots++;
    const slot = this.intSlots;
    this.intSlots += kind === 'J' || kind === 'D' ? 2 : 1;
    return slot;
  }

  private variable(kind: string, local: number): number {
    const key = `${kind}${local}`;
    const known = this.locals.get(key);
    if (known !== undefined) return known;
    const slot = (kind === 'A' ? this.parameterSlot(local) : undefined) ?? this.slot(kind);
    this.locals.set(key, slot);
    return slot;
  }

  /** The argument that lies in a Java local, when it is an object. */
  private parameterSlot(wanted: number): number | undefined {
    let local = this.context.isStatic ? 0 : 1;
    for (const [i, kind] of this.parameterKinds.entries()) {
      if (local === wanted) return kind === 'A' ? i : undefined;
      local += kind === 'J' || kind === 'D' ? 2 : 1;
    }
    return undefined;
  }

  private temporary(kind: string, number: number): number {
    const key = `${kind}${number}`;
    const known = this.temporaries.get(key) ?? this.slot(kind);
    this.temporaries.set(key, known);
    return known;
  }

  /** Pops a value into temporary `number` of its kind. */
  save(kind: string, number: number): void {
    this.store(kind, this.temporary(kind === 'T' ? 'A' : kind, number));
  }

  restore(kind: string, number: number): void {
    this.load(kind, this.temporary(kind === 'T' ? 'A' : kind, number));
  }

  private load(kind: string, slot: number): void {
    if (kind === 'A' || kind === 'T') this.out.withWord('os_get32', slot);
    else {
      if (kind === 'J' || kind === 'D') this.prefix(kind);
      this.out.withWord('is_get32', slot);
    }
  }

  private store(kind: string, slot: number): void {
    if (kind === 'A' || kind === 'T') this.out.withWord('os_set32', slot);
    else {
      if (kind === 'J' || kind === 'D') this.prefix(kind);
      this.out.withWord('is_set32', slot);
    }
  }

  /** The prefix of a kind; an int has none. */
  prefix(kind: string): void {
    if (kind !== 'I') this.out.plain(PREFIX[kind]);
  }

  /** An instruction on numbers of that kind. */
  numeric(kind: string, name: string): void {
    this.prefix(kind);
    this.out.plain(name);
  }

  box(kind: string): void {
    if (kind !== 'A' && kind !== 'T') this.numeric(kind, 'i2o');
  }

  /** What a call left: nothing, a number, an object. */
  result(descriptor: string): void {
    if (descriptor === 'V') this.out.plain('os_drop');
    else if (kindOf(descriptor) !== 'A') this.numeric(kindOf(descriptor), 'o2i');
  }

  number(value: number): void {
    this.context.output.number(this.out, value);
  }

  // Catchers.

  private catchersAt(offset: number, outermost: Catchers): Catchers {
    let at = outermost;
    for (const { start, end, handler, type } of [...(this.context.method.code?.exceptions ?? [])].reverse()) {
      if (offset < start || offset >= end) continue;
      if (at.handler === handler && at.type === type) continue;
      at = this.inner(at, handler, type, (made) => this.stub(made));
    }
    return at;
  }

  private inner(outer: Catchers, handler: number, type: string | undefined, stub: (made: Catchers) => void): Catchers {
    const key = `${handler} ${type ?? ''}`;
    const known = outer.inner.get(key);
    if (known !== undefined) return known;
    const made = { outer, depth: outer.depth + 1, handler, type, stub: new Label(), inner: new Map() };
    outer.inner.set(key, made);
    this.late.push(() => stub(made));
    return made;
  }

  /** The catcher of a synchronized method: it unlocks and throws on. */
  private unlocking(): Catchers {
    return this.inner(this.root, -1, undefined, ({ stub }) => {
      this.out.place(stub);
      this.lock('phantom$exit()V');
      this.out.plain('throw');
    });
  }

  /** Calls `phantom$enter` or `phantom$exit` of what a synchronized method locks. */
  private lock(key: string): void {
    const { output, isStatic, cls } = this.context;
    if (isStatic) emitLoadClass(this, cls.name);
    else this.out.plain('summon_this');
    this.out.call(output.objectMethod(key), 0);
    this.out.plain('os_drop');
  }

  private catchesStrings(type: string | undefined): boolean {
    if (type === undefined) return true;
    const { world } = this.context.output;
    return MACHINE_THROWS.some((name) => {
      for (let cls: ClassInfo | undefined = world.get(name); cls !== undefined; cls = cls.parent) {
        if (cls.name === type) return true;
      }
      return false;
    });
  }

  /** Where a catcher leads: what was thrown becomes a Throwable, and goes on if it is not of the type. */
  private stub(catchers: Catchers): void {
    const { out } = this;
    const { output } = this.context;
    const { type, outer } = catchers;
    const index = this.indexOf.get(catchers.handler);
    if (index === undefined || outer === undefined) return;
    out.place(catchers.stub);
    if (this.catchesStrings(type)) {
      output.callLibrary(out, 'phantom/jvm/Trap', 'thrown(Ljava/lang/Object;)Ljava/lang/Throwable;', 1);
      if (type !== undefined && type !== 'java/lang/Throwable') {
        const fits = new Label();
        out.plain('os_dup');
        emitInstanceOf(this, type);
        out.plain('log_not');
        out.jump('jz', fits);
        out.plain('throw');
        out.place(fits);
      }
    }
    this.transition(outer, this.catcherOf[index]);
    out.jump('jmp', this.labels[index]);
  }

  private transition(from: Catchers, to: Catchers): void {
    const push: Catchers[] = [];
    let left = from;
    let entered = to;
    while (left !== entered) {
      if (entered.outer !== undefined && entered.depth >= left.depth) {
        push.unshift(entered);
        entered = entered.outer;
      } else if (left.outer !== undefined) {
        this.out.plain('pop_catcher');
        left = left.outer;
      }
    }
    for (const { type, stub } of push) {
      const { world } = this.context.output;
      const name =
        type === undefined || this.catchesStrings(type)
          ? '.internal.object'
          : `.${world.get(type).name.replaceAll('/', '.')}`;
      this.out.withText('summon_by_name', name);
      this.out.jump('push_catcher', stub);
    }
  }

  /** Where a jump to that offset leads: there, or to code that changes catchers first. */
  target(offset: number): Label {
    const index = this.indexOf.get(offset) ?? 0;
    const from = this.catcherOf[this.at];
    const to = this.catcherOf[index];
    if (from === to) return this.labels[index];
    const way = new Label();
    this.late.push(() => {
      this.out.place(way);
      this.transition(from, to);
      this.out.jump('jmp', this.labels[index]);
    });
    return way;
  }

  /** The next instruction, if nothing jumps to it: an emitter may do its work too. */
  get next(): Instruction | undefined {
    const next = this.instructions[this.at + 1];
    return next === undefined || this.jumpTargets.has(next.offset) ? undefined : next;
  }

  skipNext(): void {
    this.at++;
  }

  // Instructions.

  private instruction(instruction: Instruction, stack: string): void {
    const { out } = this;
    const { name, operand } = instruction;
    const top = stack[stack.length - 1];
    if (emitArithmetic(this, instruction)) return;
    switch (name) {
      case 'nop':
        return;
      case 'aconst_null':
        out.plain('summon_null');
        return;
      case 'ldc':
        this.constant(operand);
        return;
      case 'iload':
      case 'lload':
      case 'fload':
      case 'dload':
        this.load(LOCAL_KIND[name[0]], this.variable(LOCAL_KIND[name[0]], this.local(operand)));
        return;
      case 'aload':
        if (operand === 0 && this.thisInLocal0) {
          if (!emitField(this, this.next, 'this')) out.plain('summon_this');
          else this.skipNext();
        } else this.load('A', this.variable('A', this.local(operand)));
        return;
      case 'istore':
      case 'lstore':
      case 'fstore':
      case 'dstore':
      case 'astore':
        this.store(LOCAL_KIND[name[0]], this.variable(LOCAL_KIND[name[0]], this.local(operand)));
        return;
      case 'iinc': {
        const slot = this.variable('I', this.local(operand));
        this.load('I', slot);
        this.number(instruction.second);
        out.plain('isum');
        this.store('I', slot);
        return;
      }
      case 'pop':
        if (top === 'A' || top === 'T') out.plain('os_drop');
        else out.plain('is_drop');
        return;
      case 'dup':
      case 'dup2':
      case 'pop2':
      case 'dup_x1':
      case 'dup_x2':
      case 'dup2_x1':
      case 'dup2_x2':
      case 'swap':
        this.shuffle(name, stack);
        return;
      case 'goto':
      case 'goto_w':
        out.jump('jmp', this.target(instruction.targets[0]));
        return;
      case 'tableswitch':
      case 'lookupswitch':
        this.switch(instruction);
        return;
      case 'ireturn':
      case 'lreturn':
      case 'freturn':
      case 'dreturn':
      case 'areturn':
      case 'return':
        if (name !== 'return') this.box(LOCAL_KIND[name[0]]);
        if (this.context.isSynchronized) this.lock('phantom$exit()V');
        if (name === 'return') out.plain('summon_null');
        out.plain('ret');
        return;
      case 'athrow':
        out.plain('throw');
        return;
      case 'getstatic':
      case 'putstatic':
      case 'getfield':
      case 'putfield':
        emitField(this, instruction, top === 'T' || stack[stack.length - 2] === 'T' ? stack : '');
        return;
      case 'invokevirtual':
      case 'invokespecial':
      case 'invokestatic':
      case 'invokeinterface':
        emitCall(this, instruction, stack);
        return;
      case 'checkcast':
        emitCheckCast(this, this.context.cls.java.className(operand));
        return;
      case 'instanceof':
        emitInstanceOf(this, this.context.cls.java.className(operand));
        return;
      case 'monitorenter':
      case 'monitorexit':
        out.call(this.context.output.objectMethod(`phantom$${name.slice(7)}()V`), 0);
        out.plain('os_drop');
        return;
      default:
        emitArray(this, instruction);
    }
  }

  private local(number: number): number {
    const { code } = this.context.method;
    if (code === undefined || number >= code.maxLocals) {
      throw new JavaError(`broken class file: local ${number} of ${code?.maxLocals ?? 0}`);
    }
    return number;
  }

  private constant(index: number): void {
    const { out } = this;
    const { output, cls } = this.context;
    const constant = cls.java.loaded(index);
    switch (constant.kind) {
      case 'int':
        this.number(constant.value);
        return;
      case 'long':
        out.wide(constant.value);
        return;
      case 'float':
        pushFloat(this, constant.value);
        return;
      case 'double':
        pushDouble(this, constant.value);
        return;
      case 'class':
        emitLoadClass(this, constant.text);
        return;
      case 'string':
        if (emitCall(this, this.next, '', constant.text)) this.skipNext();
        else output.literal(out, constant.text);
    }
  }

  private shuffle(name: string, stack: string): void {
    const { taken, order } = shuffled(name, stack);
    const values = stack.slice(stack.length - taken);
    if (name === 'dup' || (name === 'dup2' && taken === 1)) {
      if (values === 'A' || values === 'T') this.out.plain('os_dup');
      else this.numeric(values === 'F' ? 'I' : values, 'is_dup');
      return;
    }
    for (let i = taken - 1; i >= 0; i--) this.save(values[i], i);
    for (const i of order) this.restore(values[i], i);
  }

  // Switches.

  private switch({ targets, keys }: Instruction): void {
    const cases = keys.map((key, i) => ({ key, to: this.target(targets[i + 1]) })).sort((a, b) => a.key - b.key);
    const otherwise = this.target(targets[0]);
    if (cases.length === 0) {
      this.out.plain('is_drop');
      this.out.jump('jmp', otherwise);
      return;
    }
    const span = cases[cases.length - 1].key - cases[0].key + 1;
    if (span <= 3 * cases.length) {
      const byKey = new Map(cases.map(({ key, to }) => [key, to]));
      const labels = Array.from({ length: span }, (_, i) => byKey.get(cases[0].key + i) ?? otherwise);
      this.out.table(-cases[0].key | 0, labels);
      this.out.jump('jmp', otherwise);
      return;
    }
    this.save('I', 0);
    this.search(cases, otherwise);
  }

  /** Finds the key in temporary 0 by halves. */
  private search(cases: readonly { readonly key: number; readonly to: Label }[], otherwise: Label): void {
    const { out } = this;
    const halves: { readonly part: typeof cases; readonly label: Label }[] = [{ part: cases, label: new Label() }];
    for (let half = halves.pop(); half !== undefined; half = halves.pop()) {
      const { part, label } = half;
      out.place(label);
      if (part.length <= 3) {
        for (const { key, to } of part) {
          this.restore('I', 0);
          this.number(key);
          out.plain('isublu');
          out.jump('jz', to);
        }
        out.jump('jmp', otherwise);
        continue;
      }
      const middle = part.length >> 1;
      const upper = { part: part.slice(middle), label: new Label() };
      this.restore('I', 0);
      this.number(part[middle].key);
      out.plain('ilt');
      out.jump('jz', upper.label);
      halves.push(upper, { part: part.slice(0, middle), label: new Label() });
    }
  }
}

export const PREFIX: Record<string, string> = { J: 'prefix_long', F: 'prefix_float', D: 'prefix_double' };
const LOCAL_KIND: Record<string, string> = { i: 'I', l: 'J', f: 'F', d: 'D', a: 'A' };
