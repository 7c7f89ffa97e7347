/**
 * From bound expressions to bytecode.
 *
 * Rules: an expression leaves one value, on the stack `numericOf` says, and nothing else; wherever paths of code meet,
 * the stacks are equally deep.
 */

import { Assembler, Label } from './assembler.js';
import { type Bound, numericOf, type Variable } from './bound.js';
import type { ConstantValue } from './symbols.js';
import { ARRAY_CLASS, CLASS_CLASS, cellsOf, type NumericKind, STRING_CLASS } from './types.js';

type Op<Name> = Extract<Bound, { op: Name }>;

/** Methods of the kernel's arrays and classes. */
const ELEMENT_GET = 10;
const ELEMENT_SET = 11;
const STATIC_SET = 10;
const STATIC_GET = 11;

const SUMMONED: ReadonlyMap<string, string> = new Map([
  [CLASS_CLASS, 'summon_class_class'],
  ['.internal.int', 'summon_int_class'],
  [STRING_CLASS, 'summon_string_class'],
  [ARRAY_CLASS, 'summon_array_class'],
]);

const ARITHMETIC = {
  '+': 'isum',
  '-': 'isublu',
  '*': 'imul',
  '/': 'idivlu',
  '%': 'iremlu',
  '|': 'ior',
  '&': 'iand',
  '^': 'ixor',
  '<<': 'ishl',
  '>>': 'ishr',
  '>>>': 'ushr',
} as const;
const COMPARISONS = { '<': 'ilt', '>': 'igt', '<=': 'ile', '>=': 'ige' } as const;
const OPPOSITES = { '<': '>=', '>': '<=', '<=': '>', '>=': '<' } as const;

/** The strings of a class. */
export class ConstantPool {
  readonly contents: Uint8Array[] = [];
  private readonly names = new Map<string, number>();

  /** A literal: each its own object, as in the original. Bytes in Latin-1. */
  literal(text: string): number {
    return this.contents.push(new Uint8Array(Buffer.from(text, 'latin1'))) - 1;
  }

  /** A name for the machine: nobody can tell one from another. */
  name(text: string): number {
    const known = this.names.get(text);
    if (known !== undefined) return known;
    const id = this.contents.push(new Uint8Array(Buffer.from(text, 'utf8'))) - 1;
    this.names.set(text, id);
    return id;
  }
}

function floatBits(value: number): number {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatBE(value);
  return buffer.readInt32BE();
}

function doubleBits(value: number): bigint {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleBE(value);
  return buffer.readBigInt64BE();
}

export class ValueEmitter {
  protected readonly out = new Assembler();
  private temporaries = 0;

  /** `firstTemporary`: the object slot behind those of the method's variables. */
  constructor(
    private readonly firstTemporary: number,
    private readonly pool: ConstantPool,
  ) {}

  protected at(line: number): Assembler {
    this.out.line = line;
    return this.out;
  }

  /** A temporary on the object stack. */
  protected temporary(): number {
    return this.firstTemporary + this.temporaries++;
  }

  protected get temporaryCount(): number {
    return this.temporaries;
  }

  private prefix(type: NumericKind): void {
    if (type !== 'int') this.out.plain(`prefix_${type}`);
  }

  private numeric(type: NumericKind, instruction: string, line: number): void {
    this.at(line);
    this.prefix(type);
    this.out.plain(instruction);
  }

  protected value(bound: Bound): void {
    const { line } = bound;
    switch (bound.op) {
      case 'constant':
        this.constant(bound.value, line);
        return;
      case 'null':
        this.at(line).plain('summon_null');
        return;
      case 'this':
        this.at(line).plain('summon_this');
        return;
      case 'variable':
        this.get(bound.variable, line);
        return;
      case 'field':
        this.field('os_load', bound.ordinal, line);
        return;
      case 'static':
        this.readStatic(bound);
        return;
      case 'class':
        this.summon(bound.cls, line);
        return;
      case 'element':
        this.value(bound.array);
        this.value(bound.index);
        this.at(line).plain('i2o');
        this.out.call(ELEMENT_GET, 1);
        return;
      case 'box':
        this.value(bound.value);
        this.numeric(bound.type, 'i2o', line);
        return;
      case 'unbox':
        this.unbox(bound);
        return;
      case 'convert':
        this.convert(bound);
        return;
      case 'cast':
        this.value(bound.value);
        this.summon(bound.cls, line);
        this.out.plain('cast');
        return;
      case 'arithmetic':
        this.arithmetic(bound);
        return;
      case 'negate':
        this.negate(bound);
        return;
      case 'complement':
        this.value(bound.value);
        this.numeric(bound.type, 'inot', line);
        return;
      case 'compare':
        this.compare(bound);
        return;
      case 'same':
        this.value(bound.left);
        this.value(bound.right);
        this.at(line).plain(bound.not ? 'os_neq' : 'os_eq');
        return;
      case 'isNull':
        this.value(bound.value);
        this.at(line).plain('os_isnull');
        return;
      case 'not':
        this.value(bound.value);
        this.at(line).plain('log_not');
        return;
      case 'and':
      case 'or':
        this.logic(bound);
        return;
      case 'call':
        this.call(bound);
        return;
      case 'new':
        this.create(bound);
        return;
      case 'assign':
        this.assign(bound, true);
        return;
      case 'sequence':
        for (const one of bound.before) this.dropped(one);
        this.value(bound.value);
        return;
    }
  }

  /** Evaluates for the effect alone. */
  protected dropped(bound: Bound): void {
    switch (bound.op) {
      case 'constant':
      case 'null':
      case 'this':
      case 'variable':
        return;
      case 'assign':
        this.assign(bound, false);
        return;
      case 'sequence':
        for (const one of bound.before) this.dropped(one);
        this.dropped(bound.value);
        return;
      case 'box':
        this.dropped(bound.value);
        return;
      default: {
        this.value(bound);
        const type = numericOf(bound);
        if (type === undefined) {
          this.at(bound.line).plain('os_drop');
          return;
        }
        this.numeric(cellsOf(type) === 2 ? type : 'int', 'is_drop', bound.line);
        return;
      }
    }
  }

  private constant(value: ConstantValue, line: number): void {
    const out = this.at(line);
    switch (value.kind) {
      case 'string':
        out.withWord('const_pool', this.pool.literal(value.value));
        return;
      case 'int':
        this.wholeConstant(value.value, 'int');
        return;
      case 'long':
        if (BigInt.asIntN(32, value.value) !== value.value) {
          out.wide(value.value);
          return;
        }
        this.wholeConstant(value.value, 'long');
        return;
      case 'float':
        out.withWord('iconst_32bit', floatBits(value.value));
        return;
      case 'double':
        out.plain('prefix_double');
        out.wide(doubleBits(value.value));
        return;
    }
  }

  protected wholeConstant(value: bigint, type: 'int' | 'long'): void {
    this.prefix(type);
    if (value === 0n) this.out.plain('iconst_0');
    else if (value === 1n) this.out.plain('iconst_1');
    else if (value > 0n && value < 256n) this.out.withByte('iconst_8bit', Number(value));
    else this.out.withWord('iconst_32bit', Number(value));
  }

  protected summon(cls: string, line: number): void {
    const short = SUMMONED.get(cls);
    if (short === undefined) this.at(line).withText('summon_by_name', cls);
    else this.at(line).plain(short);
  }

  protected get({ numeric, slot }: Variable, line: number): void {
    this.at(line);
    if (numeric === undefined) {
      this.out.withWord('os_get32', slot);
      return;
    }
    if (cellsOf(numeric) === 2) this.prefix(numeric);
    this.out.withWord('is_get32', slot);
  }

  protected set({ numeric, slot }: Variable, line: number): void {
    this.at(line);
    if (numeric === undefined) {
      this.out.withWord('os_set32', slot);
      return;
    }
    if (cellsOf(numeric) === 2) this.prefix(numeric);
    this.out.withWord('is_set32', slot);
  }

  private field(instruction: 'os_load' | 'os_save', ordinal: number, line: number): void {
    if (ordinal < 256) this.at(line).withByte(`${instruction}8`, ordinal);
    else this.at(line).withWord(`${instruction}32`, ordinal);
  }

  private unbox({ type, value, line }: Op<'unbox'>): void {
    if (type === 'int' && value.op === 'field' && value.ordinal < 256) {
      this.at(line).withByte('is_load8', value.ordinal);
      return;
    }
    this.value(value);
    this.numeric(type, 'o2i', line);
  }

  private convert({ from, to, value, line }: Op<'convert'>): void {
    this.value(value);
    const instruction = { int: 'fromi', long: 'froml', float: 'fromf', double: 'fromd' }[from];
    this.numeric(to, instruction, line);
  }

  private arithmetic({ operator, type, left, right, line }: Op<'arithmetic'>): void {
    // The machine wants the count of a shift below the value.
    const shift = operator === '<<' || operator === '>>' || operator === '>>>';
    this.value(shift ? right : left);
    this.value(shift ? left : right);
    this.numeric(type, ARITHMETIC[operator], line);
  }

  private negate({ type, value, line }: Op<'negate'>): void {
    if (type === 'float' || type === 'double') {
      // 0 - 0 would lose the sign.
      this.value(value);
      this.constant({ kind: type, value: -1 }, line);
      this.numeric(type, 'imul', line);
      return;
    }
    this.constant({ kind: type, value: 0n }, line);
    this.value(value);
    this.numeric(type, 'isublu', line);
  }

  private compare(bound: Op<'compare'>): void {
    const { comparison, type, left, right, line } = bound;
    if (bound.temporaries !== undefined) {
      const [a, b] = bound.temporaries;
      this.value(left);
      this.set(a, line);
      this.value(right);
      this.set(b, line);
      // Equal is neither less nor greater, and a number at all.
      for (const instruction of ['ige', 'ile']) {
        this.get(a, line);
        this.get(b, line);
        this.numeric(type, instruction, line);
      }
      this.out.plain('iand');
      if (comparison === '!=') this.out.plain('log_not');
      return;
    }
    this.value(left);
    this.value(right);
    if (comparison !== '==' && comparison !== '!=') {
      this.numeric(type, COMPARISONS[comparison], line);
      return;
    }
    this.numeric(type, 'isublu', line);
    this.numeric(type, 'log_not', line);
    if (type === 'long') this.out.plain('froml');
    if (comparison === '!=') this.out.plain('log_not');
  }

  private logic(bound: Op<'and' | 'or'>): void {
    const no = new Label();
    const end = new Label();
    this.branch(bound, no, false);
    this.at(bound.line).plain('iconst_1');
    this.out.jump('jmp', end);
    this.out.place(no);
    this.out.plain('iconst_0');
    this.out.place(end);
  }

  /** Jumps to `label` when the condition is as `when` says, else goes on. */
  protected branch(bound: Bound, label: Label, when: boolean): void {
    const { line } = bound;
    if (bound.op === 'not') {
      this.branch(bound.value, label, !when);
      return;
    }
    if (bound.op === 'and' || bound.op === 'or') {
      if ((bound.op === 'or') === when) {
        this.branch(bound.left, label, when);
        this.branch(bound.right, label, when);
        return;
      }
      const past = new Label();
      this.branch(bound.left, past, !when);
      this.branch(bound.right, label, when);
      this.out.place(past);
      return;
    }
    if (bound.op === 'constant' && bound.value.kind !== 'string') {
      if ((Number(bound.value.value) !== 0) === when) this.at(line).jump('jmp', label);
      return;
    }
    if (bound.op === 'same' && when) {
      this.value({ ...bound, not: !bound.not });
      this.at(line).jump('jz', label);
      return;
    }
    if (bound.op === 'compare' && bound.type === 'int') {
      if (bound.comparison === '==' || bound.comparison === '!=') {
        this.value(bound.left);
        this.value(bound.right);
        this.at(line).plain('isublu');
        if ((bound.comparison === '==') !== when) this.out.plain('log_not');
        this.out.jump('jz', label);
        return;
      }
      if (when) {
        this.value({ ...bound, comparison: OPPOSITES[bound.comparison] });
        this.at(line).jump('jz', label);
        return;
      }
    }
    this.value(bound);
    if (when) this.at(line).plain('log_not');
    this.at(line).jump('jz', label);
  }

  // Calls, objects, assignments.

  private call({ object, callee, args, line }: Op<'call'>): void {
    if (callee.kind === 'ordinal') {
      this.value(object);
      for (const arg of args) this.value(arg);
      this.at(line).call(callee.ordinal, args.length);
      return;
    }
    if (callee.kind === 'super') {
      for (const arg of args) this.value(arg);
      this.value(object);
      this.summon(callee.cls, line);
      this.out.withWord('static_invoke', callee.ordinal, args.length);
      return;
    }
    // The machine wants the object above the arguments; it is evaluated before them all the same.
    const simple = args.length === 0 || object.op === 'this' || object.op === 'null';
    const slot = simple ? 0 : this.temporary();
    if (!simple) {
      this.value(object);
      this.at(line).withWord('os_set32', slot);
    }
    for (const arg of args) this.value(arg);
    if (simple) this.value(object);
    else this.at(line).withWord('os_get32', slot);
    this.at(line).withWord('const_pool', this.pool.name(callee.name));
    this.wholeConstant(BigInt(args.length), 'int');
    this.out.plain('dynamic_invoke');
  }

  private create({ cls, constructorOrdinal, args, line }: Op<'new'>): void {
    this.value(cls);
    this.at(line).plain('new');
    if (constructorOrdinal === undefined) return;
    this.out.plain('os_dup');
    for (const arg of args) this.value(arg);
    this.at(line).call(constructorOrdinal, args.length);
    this.out.plain('os_drop');
  }

  private readStatic({ cls, slot, initial, line }: Op<'static'>): void {
    this.summon(cls, line);
    this.wholeConstant(BigInt(slot), 'int');
    this.out.plain('i2o');
    this.out.call(STATIC_GET, 1);
    if (initial === undefined) return;
    const assigned = new Label();
    this.out.plain('os_dup');
    this.out.plain('os_isnull');
    this.out.jump('jz', assigned);
    this.out.plain('os_drop');
    this.constant(initial, line);
    if (initial.kind !== 'string') this.numeric(initial.kind, 'i2o', line);
    this.out.place(assigned);
  }

  private assign({ target, value, line }: Op<'assign'>, used: boolean): void {
    switch (target.kind) {
      case 'variable': {
        this.value(value);
        const { numeric } = target.variable;
        if (used && numeric === undefined) this.at(line).plain('os_dup');
        else if (used && numeric !== undefined) this.numeric(cellsOf(numeric) === 2 ? numeric : 'int', 'is_dup', line);
        this.set(target.variable, line);
        return;
      }
      case 'field':
        if (!used && value.op === 'box' && value.type === 'int' && target.ordinal < 256) {
          this.value(value.value);
          this.at(line).withByte('is_save8', target.ordinal);
          return;
        }
        this.value(value);
        if (used) this.at(line).plain('os_dup');
        this.field('os_save', target.ordinal, line);
        return;
      case 'static':
        this.value(value);
        this.summon(target.cls, line);
        this.wholeConstant(BigInt(target.slot), 'int');
        this.out.plain('i2o');
        this.out.withWord('os_pull32', 2);
        this.out.call(STATIC_SET, 2);
        this.out.plain('os_drop');
        if (!used) this.out.plain('os_drop');
        return;
      case 'element':
        this.value(target.array);
        this.value(value);
        this.value(target.index);
        this.at(line).plain('i2o');
        this.out.call(ELEMENT_SET, 2);
        if (!used) this.out.plain('os_drop');
        return;
    }
  }
}
