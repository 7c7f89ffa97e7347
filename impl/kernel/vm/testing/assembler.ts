/** Class files written by hand: bytecode from mnemonics, for tests of what no compiler writes. */
import { type ClassFile, OPCODES, writeClassFile } from '../../../../model/classfile/index.js';

const NUMBERS = new Map([...OPCODES].map(([code, { name, operands }]) => [name, { code, operands }]));

/** An instruction: mnemonic and operands; or a label to jump to (`name:`); or bytes as they are. */
export type Line = readonly [string, ...(number | string)[]] | `${string}:` | readonly number[];

function isLabel(line: Line): line is `${string}:` {
  return typeof line === 'string';
}

function isBytes(line: Line): line is readonly number[] {
  return Array.isArray(line) && typeof line[0] !== 'string';
}

/** Bytecode. Operands of jumps are labels. */
export function assemble(lines: readonly Line[]): Uint8Array {
  const bytes: number[] = [];
  const labels = new Map<string, number>();
  const jumps: { at: number; label: string }[] = [];
  const word = (value: number): void => void bytes.push(...[24, 16, 8, 0].map((shift) => (value >>> shift) & 255));
  for (const line of lines) {
    if (isLabel(line)) {
      labels.set(line.slice(0, -1), bytes.length);
      continue;
    }
    if (isBytes(line)) {
      bytes.push(...line);
      continue;
    }
    const [name, ...values] = line;
    const opcode = NUMBERS.get(name);
    if (opcode === undefined) throw new Error(`no instruction ${name}`);
    bytes.push(opcode.code);
    opcode.operands.forEach((kind, i) => {
      const value = values[i];
      if (kind === 'rel32') {
        jumps.push({ at: bytes.length, label: String(value) });
        word(0);
      } else if (kind === 'string') {
        word(String(value).length);
        bytes.push(...Buffer.from(String(value), 'latin1'));
      } else if (kind === 'i64') {
        word(Number((BigInt(value) >> 32n) & 0xffffffffn));
        word(Number(BigInt(value) & 0xffffffffn));
      } else if (kind === 'i32') {
        word(Number(value));
      } else {
        bytes.push(Number(value) & 255);
      }
    });
  }
  const code = Buffer.from(bytes);
  for (const { at, label } of jumps) {
    const target = labels.get(label);
    if (target === undefined) throw new Error(`no label ${label}`);
    code.writeInt32BE(target - at, at);
  }
  return new Uint8Array(code);
}

export interface MethodText {
  readonly ordinal: number;
  readonly name?: string;
  readonly code: readonly Line[] | Uint8Array;
  readonly isVoid?: boolean;
  readonly lines?: readonly { readonly ip: number; readonly line: number }[];
}

export interface ClassText {
  readonly name: string;
  readonly parent?: string;
  readonly fields?: number;
  readonly methodSlots?: number;
  readonly methods: readonly MethodText[];
  readonly constants?: readonly string[];
}

const type = (className: string) => ({ isContainer: false, className, contained: '' });

export function classFileOf(text: ClassText): ClassFile {
  const highest = Math.max(...text.methods.map(({ ordinal }) => ordinal), 0);
  return {
    generation: 2,
    name: text.name,
    objectSlots: text.fields ?? 0,
    methodSlots: text.methodSlots ?? highest + 1,
    parent: text.parent ?? '.internal.object',
    version: '20260101000000000',
    methods: text.methods.map(({ ordinal, name = `m${ordinal}`, code, isVoid, lines }) => ({
      name,
      ordinal,
      code: code instanceof Uint8Array ? code : assemble(code),
      isConstructor: false,
      result: type(isVoid ? '.internal.void' : '.internal.object'),
      parameters: [],
      lines,
    })),
    fields: [],
    constants: (text.constants ?? []).map((value) => Buffer.from(value, 'latin1')),
    extra: [],
  };
}

/** A program of classes; the first one is the boot class. */
export function program(...classes: readonly ClassText[]): {
  classes: Map<string, Uint8Array>;
  bootClass: string;
} {
  const files = classes.map((text): [string, Uint8Array] => [text.name, writeClassFile(classFileOf(text))]);
  return { classes: new Map(files), bootClass: classes[0].name };
}

/** Prints the object on top of the stack and a blank. The boot object is in slot `boot`; slot `spare` is used. */
export function printTop(boot = 0, spare = 1): Line[] {
  return [
    ['os_set32', spare],
    ['os_get32', boot],
    ['sconst_bin', ' '],
    ['os_get32', spare],
    ['call_10', 2],
    ['os_drop'],
  ];
}

/** Body of a boot method: two spare object slots behind the boot object. */
export const ENTER: readonly Line[] = [
  ['arg_count', 1],
  ['stack_reserve', 2, 0],
];
