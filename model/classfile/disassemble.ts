/**
 * Bytecode as text.
 *
 * Rule: the instructions cover the code without gap or overlap. What is no opcode is an instruction of one byte; what
 * the end of the code cuts off is one to the end; disassembly never fails.
 */

import type { ClassFile, Method } from './class-file.js';
import { OPCODES, type Operand } from './opcodes.js';

export interface Instruction {
  /** Byte in the method. */
  readonly offset: number;
  readonly length: number;
  /** Undefined for a byte that is no opcode and for a cut-off instruction. */
  readonly name?: string;
  /** Operands as text; jumps as absolute offsets. */
  readonly operands: readonly string[];
}

/** Operand at `at`: its text and its length, or undefined when the code ends before it does. */
function operand(code: Buffer, at: number, kind: Operand): { text: string; length: number } | undefined {
  const left = code.length - at;
  const string = (from: number): { text: string; length: number } | undefined => {
    if (code.length - from < 4) return undefined;
    const length = code.readUInt32BE(from);
    if (length > code.length - from - 4) return undefined;
    return { text: JSON.stringify(code.toString('latin1', from + 4, from + 4 + length)), length: 4 + length };
  };
  switch (kind) {
    case 'u8':
      return left < 1 ? undefined : { text: String(code[at]), length: 1 };
    case 'i32':
      return left < 4 ? undefined : { text: String(code.readInt32BE(at)), length: 4 };
    case 'i64':
      return left < 8 ? undefined : { text: String(code.readBigInt64BE(at)), length: 8 };
    case 'rel32':
      return left < 4 ? undefined : { text: `@${at + code.readInt32BE(at)}`, length: 4 };
    case 'string':
      return string(at);
    case 'debug': {
      if (left < 1) return undefined;
      const text = code[at] & 0x80 ? string(at + 1) : { text: '', length: 0 };
      return text && { text: `${code[at] & 0x7f} ${text.text}`.trim(), length: 1 + text.length };
    }
    case 'switch': {
      if (left < 12) return undefined;
      const size = code.readUInt32BE(at);
      if (size > (left - 12) / 4) return undefined;
      const targets = Array.from({ length: size }, (_, i) => at + 12 + 4 * i).map((p) => `@${p + code.readInt32BE(p)}`);
      const text = `shift=${code.readInt32BE(at + 4)} divisor=${code.readUInt32BE(at + 8)} ${targets.join(' ')}`;
      return { text: text.trim(), length: 12 + 4 * size };
    }
  }
}

function instruction(code: Buffer, offset: number): Instruction {
  const opcode = OPCODES.get(code[offset]);
  if (opcode === undefined) return { offset, length: 1, operands: [String(code[offset])] };
  const operands: string[] = [];
  let at = offset + 1;
  for (const kind of opcode.operands) {
    const found = operand(code, at, kind);
    if (found === undefined) {
      return { offset, length: code.length - offset, operands: [...code.subarray(offset)].map(String) };
    }
    operands.push(found.text);
    at += found.length;
  }
  return { offset, length: at - offset, name: opcode.name, operands };
}

/** The instructions of a method, one after another from its first byte. */
export function disassemble(code: Uint8Array): Instruction[] {
  const buffer = Buffer.from(code.buffer, code.byteOffset, code.length);
  const list: Instruction[] = [];
  for (let offset = 0; offset < buffer.length; offset += list[list.length - 1].length) {
    list.push(instruction(buffer, offset));
  }
  return list;
}

function methodText({ name, ordinal, code, lines }: Method): string {
  const line = new Map((lines ?? []).map((entry) => [entry.ip, entry.line]));
  const text = disassemble(code).map(({ offset, name: mnemonic, operands }) => {
    const source = line.get(offset);
    const words = `${mnemonic ?? '.byte'} ${operands.join(' ')}`.trimEnd();
    return `  ${String(offset).padStart(5)}  ${source === undefined ? words : `${words.padEnd(40)} ; line ${source}`}`;
  });
  return [`method ${name} [${ordinal}]`, ...text].join('\n');
}

/** A class as text: what it is, its fields and constants, its methods' instructions. */
export function disassembleClass(file: ClassFile): string {
  const slots = `${file.objectSlots} field slots, ${file.methodSlots} method slots`;
  const head = `class ${file.name} extends ${file.parent}, ${slots}`;
  const fields = file.fields.map(
    ({ name, ordinal, type }) => `field ${ordinal} ${name} : ${type.className || '(any)'}`,
  );
  const constants = file.constants.map(
    (content, id) => `constant ${id} ${JSON.stringify(Buffer.from(content).toString('latin1'))}`,
  );
  return [head, ...fields, ...constants, ...file.methods.map(methodText), ''].join('\n');
}
