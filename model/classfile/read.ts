/**
 * Reads class files. The format stands in format.ts.
 *
 * Rule: what is accepted, `writeClassFile` writes again; a file in the compiler's order of records, byte for byte.
 * Checked are the structure and what ties records together: one C, in front; an S of the same name for every M and an
 * M for every S and l; no ordinal twice or outside of the slots that C announces. Bytecode is not looked at.
 */
import { Cursor, hex } from './cursor.js';
import { ClassFileError } from './errors.js';
import {
  type Argument,
  type ClassFile,
  CONSTRUCTOR,
  type Constant,
  type ExtraRecord,
  type Field,
  type Generation,
  type LineEntry,
  type Method,
  RECORD_HEADER,
  RECORD_MARK,
  SLOTS_MAX,
  STRING_CLASS,
  type TypeName,
} from './format.js';

interface RecordRange {
  readonly type: string;
  /** Offset of the mark. */
  readonly start: number;
  readonly end: number;
}

interface Head {
  readonly name: string;
  readonly objectSlots: number;
  readonly methodSlots: number;
  readonly parent: string;
  readonly version: string;
}

/** What an M, S or l record says of its method, and where the record starts. */
interface Code {
  readonly name: string;
  readonly ordinal: number;
  readonly code: Uint8Array;
  readonly start: number;
}

interface Signature {
  readonly name: string;
  readonly ordinal: number;
  readonly isConstructor: boolean;
  readonly result: TypeName;
  readonly args: readonly Argument[];
  readonly start: number;
}

interface LineMap {
  readonly ordinal: number;
  readonly entries: readonly LineEntry[];
  readonly start: number;
}

/** Parses the bytes of a class file. Throws ClassFileError; `file` is its name in the message. */
export function readClassFile(bytes: Uint8Array, file: string): ClassFile {
  return new Reader(bytes, file).classFile();
}

class Reader {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
  ) {}

  classFile(): ClassFile {
    const records = this.records();
    const first = records[0];
    if (first?.type !== 'C') this.fail(first?.start ?? 0, 'a class record (C)', first ? quote(first.type) : 'the end');
    const head = this.head(first);
    const rest = records.slice(1);
    const again = rest.find(({ type }) => type === 'C');
    if (again) this.fail(again.start, 'one class record', 'another');
    const of = (type: string): RecordRange[] => rest.filter((record) => record.type === type);
    const generation = this.generation(of('S'));
    const fields = of('f').flatMap((record) => this.fieldsOf(record, head));
    const constants = of('c').map((record) => this.constant(record));
    return {
      generation,
      ...head,
      methods: this.methods(of('M'), of('S'), of('l'), generation, head),
      fields,
      constants,
      extra: rest.filter(({ type }) => !'MSlfc'.includes(type)).map((record) => this.extraRecord(record)),
    };
  }

  private fail(offset: number, expected: string, found: string): never {
    throw new ClassFileError(this.file, offset, expected, found);
  }

  /** Splits the file into records. */
  private records(): RecordRange[] {
    const { bytes } = this;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const records: RecordRange[] = [];
    let start = 0;
    while (start < bytes.length) {
      const left = bytes.length - start;
      const wrong = RECORD_MARK.findIndex((byte, i) => i < left && bytes[start + i] !== byte);
      if (wrong >= 0) {
        this.fail(start, "a record's mark 'phfr:'", `byte 0x${hex(bytes[start + wrong])} at its place ${wrong}`);
      }
      if (left < RECORD_HEADER)
        this.fail(start, `a record header of ${RECORD_HEADER} bytes`, `${left} bytes to the end`);
      const type = String.fromCharCode(bytes[start + 5]);
      const length = view.getInt32(start + 6);
      if (length < RECORD_HEADER || length > left) {
        const range = `from ${RECORD_HEADER} to ${left}, the bytes left in the file`;
        this.fail(start + 6, `the length of the ${quote(type)} record ${range}`, `${length}`);
      }
      records.push({ type, start, end: start + length });
      start += length;
    }
    return records;
  }

  private body({ type, start, end }: RecordRange): Cursor {
    return new Cursor(this.bytes, this.file, start + RECORD_HEADER, end, `${type} record`);
  }

  private head(record: RecordRange): Head {
    const cursor = this.body(record);
    const name = cursor.name('the name of the class');
    const objectSlots = cursor.count('the number of object slots', SLOTS_MAX);
    const methodSlots = cursor.count('the number of method slots', SLOTS_MAX);
    const parent = cursor.name('the name of the parent class');
    const version = cursor.text('the version');
    cursor.finish();
    return { name, objectSlots, methodSlots, parent, version };
  }

  /** The generation that all signatures fit; without signatures, the current one. */
  private generation(records: readonly RecordRange[]): Generation {
    for (const generation of [2, 1] as const) {
      if (records.every((record) => this.fits(record, generation))) return generation;
    }
    const old = this.fits(records[0], 1) && !this.fits(records[0], 2);
    for (const record of records) this.signature(record, old ? 1 : 2);
    throw new Error('a file that fits no generation has a signature that does not parse');
  }

  private fits(record: RecordRange, generation: Generation): boolean {
    try {
      this.signature(record, generation);
      return true;
    } catch (error) {
      if (error instanceof ClassFileError) return false;
      throw error;
    }
  }

  private signature(record: RecordRange, generation: Generation): Signature {
    const cursor = this.body(record);
    const name = cursor.name('the name of the method');
    const ordinal = cursor.ordinal('the ordinal of the method');
    // An argument takes 16 bytes at least: a name's length and a type.
    const count = cursor.count('the number of arguments', Math.floor(cursor.left / 16));
    const isConstructor = generation === 1 ? name === CONSTRUCTOR : cursor.flag('the constructor flag');
    const result = cursor.type('the result');
    const args: Argument[] = [];
    while (args.length < count) {
      const argument = `argument ${args.length}`;
      args.push({ name: cursor.name(`the name of ${argument}`), type: cursor.type(argument) });
    }
    cursor.finish();
    return { name, ordinal, isConstructor, result, args, start: record.start };
  }

  private code(record: RecordRange, head: Head): Code {
    const cursor = this.body(record);
    const name = cursor.name('the name of the method');
    const ordinal = cursor.ordinal('the ordinal of the method');
    if (ordinal >= head.methodSlots) {
      cursor.fail(`an ordinal below the ${head.methodSlots} method slots of the class`, `${ordinal}`, cursor.at - 4);
    }
    return { name, ordinal, code: cursor.rest(), start: record.start };
  }

  private lineMap(record: RecordRange): LineMap {
    const cursor = this.body(record);
    const ordinal = cursor.ordinal('the ordinal of the method');
    const count = cursor.count('the number of line entries', Math.floor(cursor.left / 12));
    const entries: LineEntry[] = [];
    while (entries.length < count) {
      entries.push({ ip: cursor.count64('an instruction offset', 0x7fffffff), line: cursor.i32('a line number') });
    }
    cursor.finish();
    return { ordinal, entries, start: record.start };
  }

  private methods(
    codeRecords: readonly RecordRange[],
    signatureRecords: readonly RecordRange[],
    lineRecords: readonly RecordRange[],
    generation: Generation,
    head: Head,
  ): Method[] {
    const codes = this.byOrdinal(
      codeRecords.map((record) => this.code(record, head)),
      'code of method',
    );
    const signatures = this.byOrdinal(
      signatureRecords.map((record) => this.signature(record, generation)),
      'signature of method',
    );
    const lineMaps = this.byOrdinal(
      lineRecords.map((record) => this.lineMap(record)),
      'lines of method',
    );
    for (const { ordinal, start } of [...signatures.values(), ...lineMaps.values()]) {
      if (!codes.has(ordinal)) this.fail(start, 'the ordinal of a method with code (M)', `${ordinal}`);
    }
    return [...codes.values()].map(({ name, ordinal, code, start }) => {
      const signature = signatures.get(ordinal);
      if (signature === undefined) this.fail(start, `a signature (S) for method ${ordinal}, ${name}`, 'none');
      if (signature.name !== name) this.fail(signature.start, `the signature of ${name}`, `one of ${signature.name}`);
      const { isConstructor, result, args } = signature;
      return { ordinal, name, isConstructor, result, args, code, lines: lineMaps.get(ordinal)?.entries };
    });
  }

  private byOrdinal<T extends { ordinal: number; start: number }>(items: readonly T[], what: string): Map<number, T> {
    const map = new Map<number, T>();
    for (const item of items) {
      if (map.has(item.ordinal)) this.fail(item.start, `one ${what} ${item.ordinal}`, 'another');
      map.set(item.ordinal, item);
    }
    return map;
  }

  private fieldsOf(record: RecordRange, head: Head): Field[] {
    const cursor = this.body(record);
    const fields: Field[] = [];
    do {
      const name = cursor.name('the name of a field');
      const ordinal = cursor.ordinal('the ordinal of a field');
      if (ordinal >= head.objectSlots) {
        cursor.fail(`an ordinal below the ${head.objectSlots} object slots of the class`, `${ordinal}`, cursor.at - 4);
      }
      fields.push({ ordinal, name, type: cursor.type(`field ${name}`) });
    } while (cursor.left > 0);
    return fields;
  }

  private constant(record: RecordRange): Constant {
    const cursor = this.body(record);
    const id = cursor.ordinal('the number of a constant');
    const start = cursor.at;
    const { isContainer, className } = cursor.type('a constant');
    if (isContainer || className !== STRING_CLASS) {
      cursor.fail(`a constant of class ${STRING_CLASS}`, isContainer ? 'a container' : `'${className}'`, start);
    }
    return { id, bytes: cursor.rest() };
  }

  private extraRecord(record: RecordRange): ExtraRecord {
    return { type: record.type.charCodeAt(0), body: this.body(record).rest() };
  }
}

function quote(type: string): string {
  const code = type.charCodeAt(0);
  return code > 0x20 && code < 0x7f ? `'${type}'` : `0x${hex(code)}`;
}
