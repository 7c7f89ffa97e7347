/**
 * Class files as text: for people (`dumpClass`), with the source beside the bytecode (`listing`), and so that two of
 * them can be compared (`comparableText`, `differences`).
 *
 * Rule: the text is a function of the file's content, the time of compilation left out. The comparable text has no
 * positions: a jump says over how many instructions it goes, so that an instruction put in changes only the jumps over it.
 */

import {
  type ClassFile,
  disassemble,
  disassembleClass,
  type Instruction,
  type Method,
  type TypeName,
} from '../../model/classfile/index.js';
import { readExtras } from './class-extras.js';
import { Source } from './source.js';
import { fromTypeName, typeText } from './types.js';

function type(name: TypeName): string {
  return typeText(fromTypeName(name));
}

function signature({ name, ordinal, parameters, result, isConstructor }: Method): string {
  const list = parameters.map((parameter) => `${parameter.name} : ${type(parameter.type)}`).join(', ');
  const kind = isConstructor ? 'constructor' : 'method';
  return `${kind} ${name} [${ordinal}] ${list === '' ? '()' : `( ${list} )`} : ${type(result)}`;
}

/** What the class is, without its methods. */
function headLines(file: ClassFile): string[] {
  const { isInterface, interfaces, statics } = readExtras(file.extra);
  const names = interfaces.length === 0 ? '' : ` ${isInterface ? 'and' : 'implements'} ${interfaces.join(', ')}`;
  const slots = `${file.objectSlots} field slots, ${file.methodSlots} method slots`;
  const generation = file.generation === 1 ? ', generation 1' : '';
  return [
    `${isInterface ? 'interface' : 'class'} ${file.name} extends ${file.parent}${names}, ${slots}${generation}`,
    ...file.fields.map((field) => `field ${field.ordinal} ${field.name} : ${type(field.type)}`),
    ...statics.map((field) => `static ${field.slot} ${field.name} : ${typeText(field.type)}`),
    ...file.constants.map((content, id) => `constant ${id} ${JSON.stringify(Buffer.from(content).toString('latin1'))}`),
    ...file.extra
      .filter((record) => record.type !== 'i' && record.type !== 'v')
      .map((record) => `record ${JSON.stringify(record.type)} of ${record.body.length} bytes`),
  ];
}

/** A class file as its reader wants it: signatures, then all bytecode with the lines of the source. */
export function dumpClass(file: ClassFile): string {
  const methods = [...file.methods].sort((a, b) => a.ordinal - b.ordinal);
  const code = disassembleClass({ ...file, methods, fields: [], constants: [] });
  const bodies = code.slice(code.indexOf('\n') + 1);
  return [...headLines(file), ...methods.map(signature), '', bodies].join('\n');
}

function words({ name, operands }: Instruction): string {
  return `${name ?? '.byte'} ${operands.join(' ')}`.trimEnd();
}

/** Bytecode with each line of the source in front of what was made of it. */
export function listing(file: ClassFile, sourceText: string): string {
  const source = new Source('', sourceText);
  const lines: string[] = headLines(file);
  for (const method of file.methods) {
    const lineAt = new Map((method.lines ?? []).map(({ ip, line }) => [ip, line]));
    lines.push('', signature(method));
    for (const instruction of disassemble(method.code)) {
      const line = lineAt.get(instruction.offset);
      if (line !== undefined) lines.push(`; ${line}: ${source.lineText(line).trim()}`);
      lines.push(`  ${String(instruction.offset).padStart(5)}  ${words(instruction)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Jump operands in instructions, counted from the jump. */
function withoutPositions(code: Uint8Array): string[] {
  const instructions = disassemble(code);
  const indexOf = new Map(instructions.map(({ offset }, i) => [offset, i]));
  indexOf.set(code.length, instructions.length);
  return instructions.map((instruction, i) => {
    if (instruction.name === undefined) return words(instruction);
    const isText = instruction.operands.some((operand) => operand.startsWith('"'));
    if (isText) return words(instruction);
    return words(instruction).replace(/@(-?\d+)/g, (text, offset) => {
      const target = indexOf.get(Number(offset));
      if (target === undefined) return text;
      return target > i ? `+${target - i}` : `${target - i}`;
    });
  });
}

/** The lines of a class file that two equal programs share. Constants stand where they are used. */
export function comparableText(file: ClassFile): string[] {
  const constant = (id: string): string => {
    const content = file.constants[Number(id)];
    return content === undefined ? id : JSON.stringify(Buffer.from(content).toString('latin1'));
  };
  const methods = [...file.methods].sort((a, b) => a.ordinal - b.ordinal);
  return [
    ...headLines({ ...file, constants: [] }),
    ...methods.flatMap((method) => [
      signature(method),
      ...withoutPositions(method.code).map(
        (line) => `  ${line.replace(/^const_pool (\d+)$/, (_, id) => `const_pool ${constant(id)}`)}`,
      ),
    ]),
  ];
}

/** Largest table of the comparison; longer texts are compared in their differing middle as a whole. */
const TABLE_MAX = 16_000_000;

/** Lines of the second text that the first lacks (`+ `) and the other way round (`- `), with the head they belong to. */
export function differences(first: readonly string[], second: readonly string[]): string[] {
  let start = 0;
  while (start < Math.min(first.length, second.length) && first[start] === second[start]) start++;
  let tail = 0;
  while (
    tail < Math.min(first.length, second.length) - start &&
    first[first.length - 1 - tail] === second[second.length - 1 - tail]
  ) {
    tail++;
  }
  const a = first.slice(start, first.length - tail);
  const b = second.slice(start, second.length - tail);
  const changes = (a.length + 1) * (b.length + 1) > TABLE_MAX ? replaceAll(a, b) : edits(a, b);
  const lines: string[] = [];
  const isHead = (line: string): boolean => !line.startsWith(' ');
  let head = first.slice(0, start).findLast((line) => isHead(line) && /^(method|constructor) /.test(line));
  for (const { sign, line } of changes) {
    if (sign === ' ') {
      if (isHead(line)) head = line;
      continue;
    }
    if (head !== undefined && !isHead(line)) lines.push(`  ${head}`);
    head = undefined;
    lines.push(`${sign} ${line}`);
  }
  return lines;
}

interface Edit {
  readonly sign: ' ' | '+' | '-';
  readonly line: string;
}

function replaceAll(a: readonly string[], b: readonly string[]): Edit[] {
  return [...a.map((line): Edit => ({ sign: '-', line })), ...b.map((line): Edit => ({ sign: '+', line }))];
}

/** By the longest common subsequence. */
function edits(a: readonly string[], b: readonly string[]): Edit[] {
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      common[at] = a[i] === b[j] ? common[at + width + 1] + 1 : Math.max(common[at + width], common[at + 1]);
    }
  }
  const list: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      list.push({ sign: ' ', line: a[i++] });
      j++;
    } else if (j >= b.length || (i < a.length && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      list.push({ sign: '-', line: a[i++] });
    } else {
      list.push({ sign: '+', line: b[j++] });
    }
  }
  return list;
}
