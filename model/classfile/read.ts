/**
 * Reads class files of both generations (format: `class-file.ts`).
 *
 * Rule: what is accepted, `writeClassFile` writes again, byte for byte when the records are in the order of the
 * original compiler. Checked are every length before it is used, and what ties records together: one C; an S of the
 * same name for every M, an M for every S and l; no ordinal twice or beyond the slots in C; constants numbered from 0
 * without a gap; one generation for all S. Bytecode is not looked at: what is wrong in it, the machine must find.
 */

import {
  type ClassFile,
  CONSTANT_CLASS,
  CONSTRUCTOR,
  type Constant,
  type Field,
  type Generation,
  type LineEntry,
  type Method,
  type Parameter,
  RECORD_HEADER_BYTES,
  RECORD_MARK,
  SLOTS_MAX,
  type TypeName,
} from './class-file.js';
import { Cursor } from './cursor.js';
import { ClassFileError } from './error.js';

/** Least bytes of an argument in S, and the bytes of an entry in l. */
const ARGUMENT_BYTES = 16;
const LINE_BYTES = 12;

interface Raw {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

interface Head {
  readonly name: string;
  readonly objectSlots: number;
  readonly methodSlots: number;
  readonly parent: string;
  readonly version?: string;
}

interface Placed {
  readonly ordinal: number;
  /** Byte of the file at which the record begins. */
  readonly start: number;
}

interface Code extends Placed {
  readonly name: string;
  readonly code: Uint8Array;
}

interface Signature extends Placed {
  readonly name: string;
  readonly isConstructor: boolean;
  readonly result: TypeName;
  readonly parameters: readonly Parameter[];
}

interface Lines extends Placed {
  readonly lines: readonly LineEntry[];
}

/** Splits a file into its records. */
function split(bytes: Uint8Array, file: string): Raw[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const records: Raw[] = [];
  for (let start = 0; start < buffer.length; start = records[records.length - 1].end) {
    const left = buffer.length - start;
    if (left < RECORD_HEADER_BYTES) {
      throw new ClassFileError(file, start, `a record of ${RECORD_HEADER_BYTES} bytes or more`, `${left} bytes`);
    }
    const mark = buffer.toString('latin1', start, start + RECORD_MARK.length);
    if (mark !== RECORD_MARK) {
      throw new ClassFileError(file, start, `a record that begins with ${RECORD_MARK}`, JSON.stringify(mark));
    }
    const length = buffer.readInt32BE(start + 6);
    if (length < RECORD_HEADER_BYTES || length > left) {
      throw new ClassFileError(file, start + 6, `a record length of ${RECORD_HEADER_BYTES} to ${left}`, String(length));
    }
    records.push({ type: String.fromCharCode(buffer[start + 5]), start, end: start + length });
  }
  return records;
}

/** Reads a class file; `file` names it in errors. Throws ClassFileError. */
export function readClassFile(bytes: Uint8Array, file: string): ClassFile {
  const records = split(bytes, file);
  const open = ({ type, start, end }: Raw): Cursor =>
    new Cursor(bytes, file, start + RECORD_HEADER_BYTES, end, JSON.stringify(type));
  const refuse = (at: number, expected: string, found: string): never => {
    throw new ClassFileError(file, at, expected, found);
  };
  const all = (type: string): Raw[] => records.filter((record) => record.type === type);

  const [first, second] = all('C');
  if (first === undefined) return refuse(bytes.length, 'a class record', 'the end of the file');
  if (second !== undefined) return refuse(second.start, 'one class record', 'a second one');
  const head = readHead(open(first));

  const { generation, signatures } = readSignatures(all('S'), open);
  const codes = all('M').map((record) => readCode(open(record), record.start, head));
  const lines = all('l').map((record) => readLines(open(record), record.start));
  const fields = all('f').flatMap((record) => readFields(open(record), head));
  const constants = all('c').map((record, id) => readConstant(open(record), id));
  const extra = records
    .filter(({ type }) => !'CMSlfc'.includes(type))
    .map((record) => ({ type: record.type, body: open(record).rest() }));

  const signatureOf = byOrdinal(signatures, 'signature', refuse);
  const linesOf = byOrdinal(lines, 'line map', refuse);
  const codeOf = byOrdinal(codes, 'body', refuse);
  for (const { ordinal, start } of [...signatures, ...lines]) {
    if (!codeOf.has(ordinal)) refuse(start, 'the ordinal of a method with a body', String(ordinal));
  }
  const methods = codes.map(({ name, ordinal, code, start }): Method => {
    const signature = signatureOf.get(ordinal);
    if (signature === undefined) return refuse(start, 'a method with a signature', `${name} [${ordinal}] without`);
    if (signature.name !== name) refuse(signature.start, `the signature of ${name}`, `that of ${signature.name}`);
    const { isConstructor, result, parameters } = signature;
    return { name, ordinal, code, isConstructor, result, parameters, lines: linesOf.get(ordinal)?.lines };
  });
  return { generation, ...head, methods, fields, constants, extra };
}

function byOrdinal<T extends Placed>(
  items: readonly T[],
  what: string,
  refuse: (at: number, expected: string, found: string) => never,
): Map<number, T> {
  const map = new Map<number, T>();
  for (const item of items) {
    if (map.has(item.ordinal)) refuse(item.start, `one ${what} of method ${item.ordinal}`, 'a second one');
    map.set(item.ordinal, item);
  }
  return map;
}

function readHead(cursor: Cursor): Head {
  const name = cursor.name('class name');
  const objectSlots = cursor.word('number of field slots', SLOTS_MAX);
  const methodSlots = cursor.word('number of method slots', SLOTS_MAX);
  const parent = cursor.name('parent name');
  const version = cursor.left > 0 ? cursor.string('version') : undefined;
  cursor.finish();
  return { name, objectSlots, methodSlots, parent, version };
}

function readCode(cursor: Cursor, start: number, head: Head): Code {
  const name = cursor.name('method name');
  const ordinal = cursor.ordinal('method ordinal', head.methodSlots);
  return { name, ordinal, code: cursor.rest(), start };
}

/** All signatures in the generation that they fit; without signatures that is the present one. */
function readSignatures(
  records: readonly Raw[],
  open: (record: Raw) => Cursor,
): { generation: Generation; signatures: Signature[] } {
  const readAs = (generation: Generation): Signature[] =>
    records.map((record) => readSignature(open(record), record.start, generation));
  try {
    return { generation: 2, signatures: readAs(2) };
  } catch (error) {
    if (!(error instanceof ClassFileError)) throw error;
    try {
      return { generation: 1, signatures: readAs(1) };
    } catch (other) {
      // The reading that came farther tells more of what is wrong.
      throw other instanceof ClassFileError && other.offset <= error.offset ? error : other;
    }
  }
}

function readSignature(cursor: Cursor, start: number, generation: Generation): Signature {
  const name = cursor.name('method name');
  const ordinal = cursor.ordinal('method ordinal');
  const count = cursor.word('number of arguments', Math.floor(cursor.left / ARGUMENT_BYTES));
  const isConstructor = generation === 1 ? name === CONSTRUCTOR : cursor.word('constructor flag', 1) === 1;
  const result = cursor.typeName('result');
  const parameters: Parameter[] = [];
  for (let i = 0; i < count; i++) {
    parameters.push({ name: cursor.name(`name of argument ${i}`), type: cursor.typeName(`argument ${i}`) });
  }
  cursor.finish();
  return { name, ordinal, isConstructor, result, parameters, start };
}

function readLines(cursor: Cursor, start: number): Lines {
  const ordinal = cursor.ordinal('method ordinal');
  const count = cursor.word('number of line entries', Math.floor(cursor.left / LINE_BYTES));
  const lines: LineEntry[] = [];
  for (let i = 0; i < count; i++) lines.push({ ip: cursor.long('instruction'), line: cursor.word('line') });
  cursor.finish();
  return { ordinal, lines, start };
}

function readFields(cursor: Cursor, head: Head): Field[] {
  const fields: Field[] = [];
  do {
    const name = cursor.name('field name');
    const ordinal = cursor.ordinal('field ordinal', head.objectSlots);
    fields.push({ name, ordinal, type: cursor.typeName(`field ${name}`) });
  } while (cursor.left > 0);
  return fields;
}

function readConstant(cursor: Cursor, id: number): Constant {
  const start = cursor.at;
  const number = cursor.ordinal('number of a constant');
  if (number !== id) cursor.fail(`constant ${id}`, `constant ${number}`, start);
  const { isContainer, className } = cursor.typeName('constant');
  if (isContainer || className !== CONSTANT_CLASS) {
    cursor.fail(
      `a constant of class ${CONSTANT_CLASS}`,
      isContainer ? 'a container' : JSON.stringify(className),
      start,
    );
  }
  return cursor.rest();
}
