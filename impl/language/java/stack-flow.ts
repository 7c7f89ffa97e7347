/**
 * What lies on the operand stack before each instruction of a Java method.
 *
 * Literature: type inference of JVMS 4.10.2.2, on kinds instead of types, since the Phantom machine has two stacks: one
 * of integer cells (int, long, float, double) and one of objects. Rule: wherever paths meet, the stacks are equal in
 * depth and kinds, so each value has one place; what does not hold that is refused. A handler begins with what was
 * thrown and nothing else.
 *
 * A stack is a word of letters, the top last: I int and what is kept as int, J long, F float, D double, A reference,
 * T a reference that is `this`.
 */

import type { JavaClass, JavaMethod } from './class-reader.js';
import { methodType } from './class-reader.js';
import { JavaError } from './errors.js';
import { endsPath, type Instruction } from './instructions.js';

/** Kind of a field or parameter of that descriptor. */
export function kindOf(descriptor: string): string {
  return 'BCSZI'.includes(descriptor[0]) ? 'I' : 'JFD'.includes(descriptor[0]) ? descriptor[0] : 'A';
}

const ELEMENT: Record<string, string> = { i: 'I', l: 'J', f: 'F', d: 'D', a: 'A', b: 'I', c: 'I', s: 'I' };

/** What fixed instructions take and leave, by name. */
const FIXED: ReadonlyMap<string, string> = new Map(
  (
    'nop> aconst_null>A iconst>I lconst>J fconst>F dconst>D iload>I lload>J fload>F dload>D istore:I> lstore:J> ' +
    'fstore:F> dstore:D> astore:A> pop:1> iadd:II>I isub:II>I imul:II>I idiv:II>I irem:II>I iand:II>I ior:II>I ' +
    'ixor:II>I ladd:JJ>J lsub:JJ>J lmul:JJ>J ldiv:JJ>J lrem:JJ>J land:JJ>J lor:JJ>J lxor:JJ>J fadd:FF>F fsub:FF>F ' +
    'fmul:FF>F fdiv:FF>F frem:FF>F dadd:DD>D dsub:DD>D dmul:DD>D ddiv:DD>D drem:DD>D ineg:I>I lneg:J>J fneg:F>F ' +
    'dneg:D>D ishl:II>I ishr:II>I iushr:II>I lshl:JI>J lshr:JI>J lushr:JI>J iinc> i2l:I>J i2f:I>F i2d:I>D l2i:J>I ' +
    'l2f:J>F l2d:J>D f2i:F>I f2l:F>J f2d:F>D d2i:D>I d2l:D>J d2f:D>F i2b:I>I i2c:I>I i2s:I>I lcmp:JJ>I fcmpl:FF>I ' +
    'fcmpg:FF>I dcmpl:DD>I dcmpg:DD>I ifeq:I> ifne:I> iflt:I> ifge:I> ifgt:I> ifle:I> if_icmpeq:II> if_icmpne:II> ' +
    'if_icmplt:II> if_icmpge:II> if_icmpgt:II> if_icmple:II> if_acmpeq:AA> if_acmpne:AA> goto> tableswitch:I> ' +
    'lookupswitch:I> ireturn:I> lreturn:J> freturn:F> dreturn:D> areturn:A> return> new>A newarray:I>A ' +
    'anewarray:I>A arraylength:A>I athrow:A> checkcast:A>A instanceof:A>I monitorenter:A> monitorexit:A> ifnull:A> ' +
    'ifnonnull:A> goto_w>'
  )
    .split(' ')
    .map((word): [string, string] => {
      const [, name, effect] = /^(\w+):?(.*)$/.exec(word) ?? ['', '', ''];
      return [name, effect];
    }),
);

/** `dup` and its kin: values taken from the top, and their order afterwards, by the widths of what lies there. */
export function shuffled(name: string, stack: string): { readonly taken: number; readonly order: readonly number[] } {
  const wide = (depth: number): boolean => 'JD'.includes(stack[stack.length - 1 - depth] ?? 'A');
  // Values from the lowest taken one up are numbered from 0.
  switch (name) {
    case 'dup':
      return { taken: 1, order: [0, 0] };
    case 'dup_x1':
      return { taken: 2, order: [1, 0, 1] };
    case 'dup_x2':
      return wide(1) ? { taken: 2, order: [1, 0, 1] } : { taken: 3, order: [2, 0, 1, 2] };
    case 'dup2':
      return wide(0) ? { taken: 1, order: [0, 0] } : { taken: 2, order: [0, 1, 0, 1] };
    case 'dup2_x1':
      return wide(0) ? { taken: 2, order: [1, 0, 1] } : { taken: 3, order: [1, 2, 0, 1, 2] };
    case 'dup2_x2':
      if (wide(0)) return wide(1) ? { taken: 2, order: [1, 0, 1] } : { taken: 3, order: [2, 0, 1, 2] };
      return wide(2) ? { taken: 3, order: [1, 2, 0, 1, 2] } : { taken: 4, order: [2, 3, 0, 1, 2, 3] };
    case 'pop2':
      return wide(0) ? { taken: 1, order: [] } : { taken: 2, order: [] };
    default:
      return { taken: 2, order: [1, 0] };
  }
}

const SHUFFLES = /^(?:dup|dup_x1|dup_x2|dup2|dup2_x1|dup2_x2|pop2|swap)$/;

function expected(instruction: Instruction, wanted: string, stack: string): JavaError {
  const found = stack === '' ? 'nothing' : stack;
  return new JavaError(`broken class file: ${instruction.name} wants ${wanted} on the stack and finds ${found}`);
}

function fits(kind: string, wanted: string): boolean {
  return wanted === kind || (wanted === 'A' && kind === 'T') || (wanted === '1' && !'JD'.includes(kind));
}

export interface StackFlow {
  /** By instruction; undefined: never reached. */
  readonly before: readonly (string | undefined)[];
  /** Index of the instruction at an offset. */
  readonly indexOf: ReadonlyMap<number, number>;
}

interface FlowOptions {
  readonly cls: JavaClass;
  readonly method: JavaMethod;
  /** Local 0 is always `this`. */
  readonly thisInLocal0: boolean;
}

/** The stack behind an instruction. Throws JavaError. */
function after(instruction: Instruction, stack: string, { cls, thisInLocal0 }: FlowOptions): string {
  const { name, operand } = instruction;
  const apply = (pops: string, pushes: string): string => {
    const rest = stack.length - pops.length;
    if (rest < 0) throw expected(instruction, pops, stack);
    for (let i = 0; i < pops.length; i++) {
      if (!fits(stack[rest + i], pops[i])) throw expected(instruction, pops, stack);
    }
    return stack.slice(0, rest) + pushes;
  };
  const fixed = FIXED.get(name);
  if (fixed !== undefined) {
    const [pops, pushes] = fixed.split('>');
    return apply(pops, pushes);
  }
  if (SHUFFLES.test(name)) {
    const { taken, order } = shuffled(name, stack);
    if (stack.length < taken) throw expected(instruction, `${taken} values`, stack);
    const values = stack.slice(stack.length - taken);
    return stack.slice(0, stack.length - taken) + order.map((i) => values[i]).join('');
  }
  switch (name) {
    case 'aload':
      return apply('', operand === 0 && thisInLocal0 ? 'T' : 'A');
    case 'ldc': {
      const constant = cls.loaded(operand);
      const kinds = { int: 'I', long: 'J', float: 'F', double: 'D', string: 'A', class: 'A' };
      return apply('', kinds[constant.kind]);
    }
    case 'iaload':
    case 'laload':
    case 'faload':
    case 'daload':
    case 'aaload':
    case 'baload':
    case 'caload':
    case 'saload':
      return apply('AI', ELEMENT[name[0]]);
    case 'iastore':
    case 'lastore':
    case 'fastore':
    case 'dastore':
    case 'aastore':
    case 'bastore':
    case 'castore':
    case 'sastore':
      return apply(`AI${ELEMENT[name[0]]}`, '');
    case 'getstatic':
    case 'putstatic':
    case 'getfield':
    case 'putfield': {
      const kind = kindOf(fieldType(cls.member(operand).descriptor));
      const object = name.endsWith('field') ? 'A' : '';
      return name.startsWith('get') ? apply(object, kind) : apply(object + kind, '');
    }
    case 'invokevirtual':
    case 'invokespecial':
    case 'invokestatic':
    case 'invokeinterface': {
      const { parameters, result } = methodType(cls.member(operand).descriptor);
      const object = name === 'invokestatic' ? '' : 'A';
      return apply(object + parameters.map(kindOf).join(''), result === 'V' ? '' : kindOf(result));
    }
    case 'multianewarray':
      return apply('I'.repeat(Math.max(instruction.second, 1)), 'A');
    case 'invokedynamic':
      throw new JavaError(
        'invokedynamic is not supported: compile with javac --release 8, and write a class in place of a lambda or method reference',
      );
    case 'jsr':
    case 'jsr_w':
    case 'ret':
      throw new JavaError('jsr and ret are not supported: compile the source again with javac --release 8');
    default:
      throw new JavaError(`broken class file: ${name} where no instruction can be`);
  }
}

function fieldType(descriptor: string): string {
  if (!/^\[*(?:[BCDFIJSZ]|L[^;]+;)$/.test(descriptor)) {
    throw new JavaError(`broken class file: ${JSON.stringify(descriptor)} is no field descriptor`);
  }
  return descriptor;
}

function joined(a: string, b: string): string | undefined {
  if (a.length !== b.length) return undefined;
  let both = '';
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) both += a[i];
    else if ('AT'.includes(a[i]) && 'AT'.includes(b[i])) both += 'A';
    else return undefined;
  }
  return both;
}

/** Follows all paths through the method. Throws JavaError, placed at the instruction. */
export function stackFlow(
  instructions: readonly Instruction[],
  options: FlowOptions,
  place: (instruction: Instruction) => JavaError['place'] & object,
): StackFlow {
  const { code } = options.method;
  const indexOf = new Map(instructions.map(({ offset }, i) => [offset, i]));
  const before: (string | undefined)[] = instructions.map(() => undefined);
  const work: number[] = [];
  const flowTo = (index: number | undefined, stack: string): void => {
    if (index === undefined) return;
    if (index >= instructions.length) throw new JavaError('broken class file: control runs off the end of the code');
    const known = before[index];
    const both = known === undefined ? stack : joined(known, stack);
    if (both === undefined) {
      const target = instructions[index].offset;
      throw new JavaError(
        `broken class file: paths meet at byte ${target} with ${known || 'nothing'} and ${stack || 'nothing'}`,
      );
    }
    if (both === known) return;
    before[index] = both;
    work.push(index);
  };
  flowTo(0, '');
  for (let index = work.pop(); index !== undefined; index = work.pop()) {
    const instruction = instructions[index];
    try {
      const stack = after(instruction, before[index] ?? '', options);
      if (stack.length > 65535) throw new JavaError('broken class file: the stack grows without end');
      for (const target of instruction.targets) flowTo(indexOf.get(target), stack);
      if (!endsPath(instruction)) flowTo(index + 1, stack);
      for (const { start, end, handler } of code?.exceptions ?? []) {
        if (instruction.offset >= start && instruction.offset < end) flowTo(indexOf.get(handler), 'A');
      }
    } catch (error) {
      if (error instanceof JavaError) throw error.at(place(instruction));
      throw error;
    }
  }
  return { before, indexOf };
}
