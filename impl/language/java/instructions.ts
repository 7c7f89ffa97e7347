/**
 * Java bytecode as instructions (JVMS chapter 6): decoding, and what each one takes and leaves on the operand stack.
 *
 * Rule: every jump and every end of an exception range is the start of an instruction, or the method is refused.
 */

import type { JavaCode } from './class-reader.js';
import { JavaError } from './errors.js';

export interface Instruction {
  readonly offset: number;
  readonly opcode: number;
  readonly name: string;
  /** Local variable, constant, index of the pool, count of dimensions, element type. */
  readonly operand: number;
  /** `iinc`: what is added. `multianewarray`: dimensions. */
  readonly second: number;
  /** Offsets of where it may jump; of a switch the default first. */
  readonly targets: readonly number[];
  /** Keys of a switch, one for each target behind the first. */
  readonly keys: readonly number[];
}

/** Names by opcode, in order from 0. */
const NAMES = (
  'nop aconst_null iconst iconst iconst iconst iconst iconst iconst lconst lconst fconst fconst fconst dconst dconst ' +
  'iconst iconst ldc ldc ldc iload lload fload dload aload iload iload iload iload lload lload lload lload fload fload ' +
  'fload fload dload dload dload dload aload aload aload aload iaload laload faload daload aaload baload caload saload ' +
  'istore lstore fstore dstore astore istore istore istore istore lstore lstore lstore lstore fstore fstore fstore ' +
  'fstore dstore dstore dstore dstore astore astore astore astore iastore lastore fastore dastore aastore bastore ' +
  'castore sastore pop pop2 dup dup_x1 dup_x2 dup2 dup2_x1 dup2_x2 swap iadd ladd fadd dadd isub lsub fsub dsub imul ' +
  'lmul fmul dmul idiv ldiv fdiv ddiv irem lrem frem drem ineg lneg fneg dneg ishl lshl ishr lshr iushr lushr iand ' +
  'land ior lor ixor lxor iinc i2l i2f i2d l2i l2f l2d f2i f2l f2d d2i d2l d2f i2b i2c i2s lcmp fcmpl fcmpg dcmpl ' +
  'dcmpg ifeq ifne iflt ifge ifgt ifle if_icmpeq if_icmpne if_icmplt if_icmpge if_icmpgt if_icmple if_acmpeq ' +
  'if_acmpne goto jsr ret tableswitch lookupswitch ireturn lreturn freturn dreturn areturn return getstatic putstatic ' +
  'getfield putfield invokevirtual invokespecial invokestatic invokeinterface invokedynamic new newarray anewarray ' +
  'arraylength athrow checkcast instanceof monitorenter monitorexit wide multianewarray ifnull ifnonnull goto_w jsr_w'
).split(' ');

const WIDE = 0xc4;
const IINC = 0x84;

/** Operand that a one-byte form has in its opcode. */
function implied(opcode: number): number | undefined {
  if (opcode >= 0x02 && opcode <= 0x08) return opcode - 0x03;
  if (opcode >= 0x09 && opcode <= 0x0a) return opcode - 0x09;
  if (opcode >= 0x0b && opcode <= 0x0d) return opcode - 0x0b;
  if (opcode >= 0x0e && opcode <= 0x0f) return opcode - 0x0e;
  if (opcode >= 0x1a && opcode <= 0x2d) return (opcode - 0x1a) & 3;
  if (opcode >= 0x3b && opcode <= 0x4e) return (opcode - 0x3b) & 3;
  return undefined;
}

class Decoder {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  private take(count: number): number {
    if (count > this.bytes.length - this.at)
      throw new JavaError('broken class file: the code ends inside an instruction');
    this.at += count;
    return this.at - count;
  }

  private u1 = (): number => this.view.getUint8(this.take(1));
  private i1 = (): number => this.view.getInt8(this.take(1));
  private u2 = (): number => this.view.getUint16(this.take(2));
  private i2 = (): number => this.view.getInt16(this.take(2));
  private i4 = (): number => this.view.getInt32(this.take(4));

  all(): Instruction[] {
    const found: Instruction[] = [];
    while (this.at < this.bytes.length) found.push(this.one());
    return found;
  }

  private one(): Instruction {
    const offset = this.at;
    let opcode = this.u1();
    const wide = opcode === WIDE;
    if (wide) opcode = this.u1();
    const name = NAMES[opcode];
    if (name === undefined || opcode === WIDE) {
      throw new JavaError(`broken class file: unknown instruction ${opcode} at byte ${offset}`);
    }
    const make = (operand: number, more: Partial<Instruction> = {}): Instruction => {
      return { offset, opcode, name, operand, second: 0, targets: [], keys: [], ...more };
    };
    const known = implied(opcode);
    if (known !== undefined) return make(known);
    if (opcode === 0x10) return make(this.i1());
    if (opcode === 0x11) return make(this.i2());
    if (opcode === 0x12) return make(this.u1());
    if (opcode === 0x13 || opcode === 0x14) return make(this.u2());
    if ((opcode >= 0x15 && opcode <= 0x19) || (opcode >= 0x36 && opcode <= 0x3a) || opcode === 0xa9) {
      return make(wide ? this.u2() : this.u1());
    }
    if (opcode === IINC) {
      return wide ? make(this.u2(), { second: this.i2() }) : make(this.u1(), { second: this.i1() });
    }
    if ((opcode >= 0x99 && opcode <= 0xa8) || opcode === 0xc6 || opcode === 0xc7) {
      return make(0, { targets: [offset + this.i2()] });
    }
    if (opcode === 0xc8 || opcode === 0xc9) return make(0, { targets: [offset + this.i4()] });
    if (opcode === 0xaa || opcode === 0xab) return this.switch(make, offset, opcode === 0xaa);
    if (opcode >= 0xb2 && opcode <= 0xb8) return make(this.u2());
    if (opcode === 0xb9 || opcode === 0xba) {
      const operand = this.u2();
      this.take(2);
      return make(operand);
    }
    if (opcode === 0xbb || opcode === 0xbd || opcode === 0xc0 || opcode === 0xc1) return make(this.u2());
    if (opcode === 0xbc) return make(this.u1());
    if (opcode === 0xc5) return make(this.u2(), { second: this.u1() });
    return make(0);
  }

  private switch(
    make: (operand: number, more: Partial<Instruction>) => Instruction,
    offset: number,
    table: boolean,
  ): Instruction {
    this.take((4 - (this.at & 3)) & 3);
    const targets = [offset + this.i4()];
    const keys: number[] = [];
    const low = this.i4();
    const count = table ? this.i4() - low + 1 : low;
    if (count < 0 || count > this.bytes.length / 4) throw new JavaError('broken class file: a switch of a wrong size');
    for (let i = 0; i < count; i++) {
      keys.push(table ? low + i : this.i4());
      targets.push(offset + this.i4());
    }
    return make(0, { targets, keys });
  }
}

/** The instructions of a method, in order. Throws JavaError. */
export function decode(code: JavaCode): Instruction[] {
  const instructions = new Decoder(code.bytes).all();
  const starts = new Set(instructions.map(({ offset }) => offset));
  const check = (offset: number, what: string): void => {
    if (!starts.has(offset))
      throw new JavaError(`broken class file: ${what} byte ${offset}, where no instruction begins`);
  };
  for (const { targets, name } of instructions) for (const target of targets) check(target, `${name} to`);
  for (const { start, end, handler } of code.exceptions) {
    check(start, 'an exception range from');
    if (end !== code.bytes.length) check(end, 'an exception range to');
    check(handler, 'an exception handler at');
    if (start >= end) throw new JavaError('broken class file: an empty exception range');
  }
  return instructions;
}

/** Whether control never goes from it to the instruction behind. */
export function endsPath({ name }: Instruction): boolean {
  return /^(?:goto|goto_w|athrow|tableswitch|lookupswitch|ret|[ilfda]?return)$/.test(name);
}
