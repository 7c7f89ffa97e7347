/**
 * Reads `.pc` files, both generations.
 *
 * Format, numbers big-endian. File: records. Record: `phfr:`, type byte, i32 length of the whole record (at least 10),
 * body. String: i32 length, bytes, Latin-1 here so that each byte survives. Type: i32 is-container, string class, string
 * contained class.
 *
 *     C  string name, i32 object slots, i32 method slots, string parent, string version
 *     M  string name, i32 ordinal, bytecode
 *     S  string name, i32 ordinal, i32 arguments, i32 is-constructor, type result, per argument: string name, type
 *     l  i32 ordinal, i32 count, count of {i64 ip, i32 line}
 *     f  per field: string name, i32 ordinal, type
 *     c  i32 id, type, content
 *
 * S of generation 1 lacks is-constructor; a body is taken for that generation when only so it ends where its record
 * ends. Records of other types are passed over, as the original's loader does.
 *
 * Rule: what is accepted here is what the kernel's loader accepts (`impl/kernel/vm/class-file.ts`); both check every
 * length before it is used.
 */

import type { ClassFile, Constant, Field, LineEntry, Method, Parameter, Signature, TypeName } from './class-file.js';
import { ClassFileError } from './error.js';

const HEADER_BYTES = 10;
const LINE_BYTES = 12;
const ORDINAL_MAX = 65535;
const MAGIC = 'phfr:';

/** A cursor over one record. */
class Cursor {
  constructor(
    private readonly bytes: Buffer,
    private readonly file: string,
    public at: number,
    readonly end: number,
  ) {}

  get left(): number {
    return this.end - this.at;
  }

  fail(expected: string, found: string, at = this.at): never {
    throw new ClassFileError(this.file, at, expected, found);
  }

  private need(bytes: number, what: string): void {
    if (this.left < bytes) this.fail(`${what} of ${bytes} bytes`, `${this.left} bytes to the end of the record`);
  }

  word(what: string): number {
    this.need(4, what);
    this.at += 4;
    return this.bytes.readUInt32BE(this.at - 4);
  }

  ordinal(what: string): number {
    const value = this.word(what);
    if (value >= ORDINAL_MAX) this.fail(`${what} below ${ORDINAL_MAX}`, String(value), this.at - 4);
    return value;
  }

  slots(what: string): number {
    const value = this.word(what);
    if (value > ORDINAL_MAX) this.fail(`${what} of at most ${ORDINAL_MAX}`, String(value), this.at - 4);
    return value;
  }

  long(what: string): number {
    this.need(8, what);
    this.at += 8;
    return Number(this.bytes.readBigInt64BE(this.at - 8));
  }

  string(what: string): string {
    const length = this.word(`length of ${what}`);
    this.need(length, what);
    this.at += length;
    return this.bytes.toString('latin1', this.at - length, this.at);
  }

  type(what: string): TypeName {
    const isContainer = this.word(`container flag of ${what}`) !== 0;
    return { isContainer, className: this.string(what), contained: this.string(`element class of ${what}`) };
  }

  rest(): Uint8Array {
    const rest = new Uint8Array(this.bytes.subarray(this.at, this.end));
    this.at = this.end;
    return rest;
  }
}

/** The signature read as one generation has it, or the error that shows it is not of that generation. */
function signatureAs(cursor: Cursor, generation: 1 | 2): Signature | ClassFileError {
  try {
    const name = cursor.string('method name');
    const ordinal = cursor.word('method ordinal');
    const count = cursor.word('number of arguments');
    const flag = generation === 2 ? cursor.word('constructor flag') : 0;
    if (flag > 1) cursor.fail('a constructor flag of 0 or 1', String(flag), cursor.at - 4);
    const result = cursor.type('result type');
    const parameters: Parameter[] = [];
    for (let i = 0; i < count; i++) {
      parameters.push({ name: cursor.string('argument name'), type: cursor.type('argument type') });
    }
    if (cursor.left > 0) cursor.fail('the end of the signature', `${cursor.left} bytes more`);
    return { name, ordinal, isConstructor: generation === 2 ? flag === 1 : name === '<init>', result, parameters };
  } catch (error) {
    if (error instanceof ClassFileError) return error;
    throw error;
  }
}

interface Head {
  readonly name: string;
  readonly objectSlots: number;
  readonly methodSlots: number;
  readonly parent: string;
  readonly version?: string;
}

function readHead(cursor: Cursor): Head {
  const name = cursor.string('class name');
  const objectSlots = cursor.slots('number of field slots');
  const methodSlots = cursor.slots('number of method slots');
  const parent = cursor.string('parent name');
  return { name, objectSlots, methodSlots, parent, version: cursor.left > 0 ? cursor.string('version') : undefined };
}

interface Body {
  head?: Head;
  oldSignatures: number;
  readonly methods: Method[];
  readonly signatures: Map<number, Signature>;
  readonly lines: Map<number, LineEntry[]>;
  readonly fields: Field[];
  readonly constants: Constant[];
}

function readSignature(body: Body, again: () => Cursor): Signature {
  const signature = signatureAs(again(), 2);
  if (!(signature instanceof ClassFileError)) return signature;
  const asOld = signatureAs(again(), 1);
  if (asOld instanceof ClassFileError) throw signature;
  body.oldSignatures++;
  return asOld;
}

function readLines(cursor: Cursor): { ordinal: number; lines: LineEntry[] } {
  const ordinal = cursor.word('method ordinal');
  const count = cursor.word('number of line entries');
  if (count * LINE_BYTES > cursor.left) cursor.fail(`${count} line entries`, `${cursor.left} bytes`);
  const lines: LineEntry[] = [];
  for (let i = 0; i < count; i++) lines.push({ ip: cursor.long('instruction'), line: cursor.word('line') });
  return { ordinal, lines };
}

/** One record; `again` gives a new cursor at its body. */
function readRecord(body: Body, type: string, again: () => Cursor): void {
  const cursor = again();
  switch (type) {
    case 'C':
      if (body.head !== undefined) cursor.fail('one class record', 'a second one');
      body.head = readHead(cursor);
      break;
    case 'M': {
      const name = cursor.string('method name');
      const ordinal = cursor.ordinal('method ordinal');
      body.methods.push({ name, ordinal, code: cursor.rest() });
      break;
    }
    case 'S': {
      const signature = readSignature(body, again);
      body.signatures.set(signature.ordinal, signature);
      break;
    }
    case 'l': {
      const { ordinal, lines } = readLines(cursor);
      body.lines.set(ordinal, lines);
      break;
    }
    case 'f':
      while (cursor.left > 0) {
        const name = cursor.string('field name');
        body.fields.push({ name, ordinal: cursor.word('field ordinal'), type: cursor.type('field type') });
      }
      break;
    case 'c':
      body.constants.push({ id: cursor.ordinal('constant number'), type: cursor.type('type'), bytes: cursor.rest() });
      break;
  }
}

/** Reads a class file; `file` names it in errors. Throws ClassFileError. */
export function readClassFile(bytes: Uint8Array, file: string): ClassFile {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const body: Body = {
    oldSignatures: 0,
    methods: [],
    signatures: new Map(),
    lines: new Map(),
    fields: [],
    constants: [],
  };
  for (let at = 0; at < buffer.length; ) {
    const left = buffer.length - at;
    if (left < HEADER_BYTES) throw new ClassFileError(file, at, `a record of ${HEADER_BYTES} bytes or more`, `${left}`);
    const magic = buffer.toString('latin1', at, at + MAGIC.length);
    if (magic !== MAGIC) {
      throw new ClassFileError(file, at, `a record that begins with ${MAGIC}`, JSON.stringify(magic));
    }
    const length = buffer.readUInt32BE(at + 6);
    if (length < HEADER_BYTES || length > left) {
      throw new ClassFileError(file, at + 6, `a record length of ${HEADER_BYTES} to ${left}`, String(length));
    }
    const from = at + HEADER_BYTES;
    const to = at + length;
    readRecord(body, String.fromCharCode(buffer[at + 5]), () => new Cursor(buffer, file, from, to));
    at = to;
  }
  if (body.head === undefined) throw new ClassFileError(file, buffer.length, 'a class record', 'the end of the file');
  return {
    generation: body.oldSignatures > 0 ? 1 : 2,
    ...body.head,
    methods: body.methods.map((method) => ({
      ...method,
      signature: body.signatures.get(method.ordinal),
      lines: body.lines.get(method.ordinal),
    })),
    fields: body.fields,
    constants: body.constants,
  };
}
