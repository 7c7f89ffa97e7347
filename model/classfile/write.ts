/** Writes `.pc` files (format: `read.ts`) in the record order of the original compiler: C; M, S, l of each method; f; c. */

import type { ClassFile, Generation, Signature, TypeName } from './class-file.js';

const HEADER_BYTES = 10;

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([word(bytes.length), bytes]);
}

function type({ isContainer, className, contained }: TypeName): Buffer {
  return Buffer.concat([word(isContainer ? 1 : 0), string(className), string(contained)]);
}

function record(kind: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(`phfr:${kind}`, 'latin1'), word(body.length + HEADER_BYTES), body]);
}

function signatureRecord(signature: Signature, generation: Generation): Buffer {
  const { name, ordinal, isConstructor, result, parameters } = signature;
  const flag = generation === 2 ? [word(isConstructor ? 1 : 0)] : [];
  const list = parameters.map((parameter) => Buffer.concat([string(parameter.name), type(parameter.type)]));
  return record('S', string(name), word(ordinal), word(parameters.length), ...flag, type(result), ...list);
}

/** The bytes of a class file, in the generation it names. */
export function writeClassFile(file: ClassFile): Uint8Array {
  const version = file.version === undefined ? [] : [string(file.version)];
  const parts = [
    record('C', string(file.name), word(file.objectSlots), word(file.methodSlots), string(file.parent), ...version),
  ];
  for (const { name, ordinal, code, signature, lines } of file.methods) {
    parts.push(record('M', string(name), word(ordinal), code));
    if (signature !== undefined) parts.push(signatureRecord(signature, file.generation));
    if (lines !== undefined) {
      const entries = lines.map(({ ip, line }) => Buffer.concat([long(ip), word(line)]));
      parts.push(record('l', word(ordinal), word(lines.length), ...entries));
    }
  }
  for (const field of file.fields) parts.push(record('f', string(field.name), word(field.ordinal), type(field.type)));
  for (const constant of file.constants)
    parts.push(record('c', word(constant.id), type(constant.type), constant.bytes));
  return new Uint8Array(Buffer.concat(parts));
}
