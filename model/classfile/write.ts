/**
 * Writes class files (format: `class-file.ts`) in the record order of the original compiler: C; M, S, l of each method;
 * f; c; then records of unknown types.
 */

import {
  type ClassFile,
  CONSTANT_CLASS,
  type Generation,
  type Method,
  RECORD_HEADER_BYTES,
  RECORD_MARK,
  type TypeName,
} from './class-file.js';

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([word(bytes.length), bytes]);
}

function type({ isContainer, className, contained }: TypeName): Buffer {
  return Buffer.concat([word(isContainer ? 1 : 0), string(className), string(contained)]);
}

function record(kind: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(RECORD_MARK + kind, 'latin1'), word(body.length + RECORD_HEADER_BYTES), body]);
}

function methodRecords(method: Method, generation: Generation): Buffer[] {
  const { name, ordinal, code, isConstructor, result, parameters, lines } = method;
  const flag = generation === 2 ? [word(isConstructor ? 1 : 0)] : [];
  const list = parameters.map((parameter) => Buffer.concat([string(parameter.name), type(parameter.type)]));
  const records = [
    record('M', string(name), word(ordinal), code),
    record('S', string(name), word(ordinal), word(parameters.length), ...flag, type(result), ...list),
  ];
  if (lines !== undefined) {
    const entries = lines.map(({ ip, line }) => Buffer.concat([long(ip), word(line)]));
    records.push(record('l', word(ordinal), word(lines.length), ...entries));
  }
  return records;
}

/** The bytes of a class file, in the generation it names. */
export function writeClassFile(file: ClassFile): Uint8Array {
  const { name, objectSlots, methodSlots, parent } = file;
  const version = file.version === undefined ? [] : [string(file.version)];
  const constantType = type({ isContainer: false, className: CONSTANT_CLASS, contained: '' });
  return new Uint8Array(
    Buffer.concat([
      record('C', string(name), word(objectSlots), word(methodSlots), string(parent), ...version),
      ...file.methods.flatMap((method) => methodRecords(method, file.generation)),
      ...file.fields.map((field) => record('f', string(field.name), word(field.ordinal), type(field.type))),
      ...file.constants.map((content, id) => record('c', word(id), constantType, content)),
      ...file.extra.map((unknown) => record(unknown.type, unknown.body)),
    ]),
  );
}
