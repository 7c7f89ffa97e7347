/**
 * Class files as the machine takes them (format: `model/classfile/class-file.ts`).
 *
 * Rule: only a broken structure is refused (POLICY.md). What `readClassFile` asks of a compiler beyond that, such as a
 * signature for every method, a machine does without: the last of two methods with one ordinal counts, a constant that
 * is no string is missing where it is used, records of other types are passed over.
 */

import { CONSTANT_CLASS, RECORD_HEADER_BYTES, RECORD_MARK, SLOTS_MAX } from '../classfile/class-file.js';

const VOID = '.internal.void';
const LINE_BYTES = 12;
const TYPE_BYTES_MIN = 12;

export interface LoadedMethod {
  readonly name: string;
  readonly ordinal: number;
  readonly code: Buffer;
}

export interface LoadedClass {
  readonly name: string;
  readonly parent: string;
  readonly fieldSlots: number;
  readonly methodSlots: number;
  readonly methods: readonly LoadedMethod[];
  /** Ordinals whose signature says void. */
  readonly voids: readonly number[];
  readonly lines: ReadonlyMap<number, readonly { readonly ip: number; readonly line: number }[]>;
  /** By number; undefined where there is none or it is no string. */
  readonly constants: readonly (Buffer | undefined)[];
}

/** What is wrong with a file. */
export class BrokenFile extends Error {}

/** Reads forward in one record's body. */
class Body {
  private at = 0;
  constructor(
    private readonly bytes: Buffer,
    private readonly what: string,
  ) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  private take(count: number): Buffer {
    if (count > this.left) throw new BrokenFile(`${this.what} record is cut short`);
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  word(): number {
    return this.take(4).readUInt32BE();
  }

  string(): string {
    return this.take(this.word()).toString('latin1');
  }

  /** Class name of a type. */
  type(): string {
    this.word();
    const name = this.string();
    this.string();
    return name;
  }

  rest(): Buffer {
    return this.take(this.left);
  }
}

function below(value: number, limit: number, what: string): number {
  if (value >= limit) throw new BrokenFile(what);
  return value;
}

function records(file: Buffer): { type: string; body: Buffer }[] {
  const found: { type: string; body: Buffer }[] = [];
  for (let at = 0; at < file.length; ) {
    const left = file.length - at;
    if (left < RECORD_HEADER_BYTES) throw new BrokenFile('a record is cut short');
    if (file.toString('latin1', at, at + 5) !== RECORD_MARK) {
      throw new BrokenFile(`a record does not begin with ${RECORD_MARK}`);
    }
    const length = file.readUInt32BE(at + 6);
    if (length < RECORD_HEADER_BYTES || length > left) throw new BrokenFile('a record has a wrong length');
    const body = file.subarray(at + RECORD_HEADER_BYTES, at + length);
    found.push({ type: String.fromCharCode(file[at + 5]), body });
    at += length;
  }
  return found;
}

/** Ordinal and class of the result, in the generation of the format in which the record is whole. */
function signature(bytes: Buffer): { ordinal: number; result: string } {
  for (const flagged of [true, false]) {
    try {
      const body = new Body(bytes, 'a signature');
      body.string();
      const ordinal = body.word();
      const parameters = body.word();
      if (flagged && body.word() > 1) continue;
      const result = body.type();
      if (parameters > body.left / TYPE_BYTES_MIN) continue;
      for (let i = 0; i < parameters; i++) {
        body.string();
        body.type();
      }
      if (body.left === 0) return { ordinal, result };
    } catch (error) {
      if (!(error instanceof BrokenFile)) throw error;
    }
  }
  throw new BrokenFile('a signature record is broken');
}

/** Throws BrokenFile. */
export function readForMachine(bytes: Uint8Array): LoadedClass {
  let head: { name: string; fieldSlots: number; methodSlots: number; parent: string } | undefined;
  const methods: LoadedMethod[] = [];
  const voids: number[] = [];
  const lines = new Map<number, { ip: number; line: number }[]>();
  const constants: (Buffer | undefined)[] = [];
  for (const { type, body: content } of records(Buffer.from(bytes))) {
    if (type === 'C') {
      const body = new Body(content, 'the class');
      const [name, fieldSlots, methodSlots, parent] = [body.string(), body.word(), body.word(), body.string()];
      if (head !== undefined) throw new BrokenFile('there are two class records');
      below(Math.max(fieldSlots, methodSlots), SLOTS_MAX + 1, 'the class record wants too many slots');
      head = { name, fieldSlots, methodSlots, parent };
    } else if (type === 'M') {
      const body = new Body(content, 'a method');
      const name = body.string();
      const ordinal = below(body.word(), SLOTS_MAX, 'a method has a wrong ordinal');
      methods.push({ name, ordinal, code: body.rest() });
    } else if (type === 'S') {
      const { ordinal, result } = signature(content);
      if (result === VOID) voids.push(ordinal);
    } else if (type === 'l') {
      const body = new Body(content, 'a line');
      const ordinal = body.word();
      const count = body.word();
      if (count > body.left / LINE_BYTES) throw new BrokenFile('a line record is cut short');
      const entries = Array.from({ length: count }, () => {
        const high = body.word();
        const ip = body.word();
        return { ip: high === 0 ? ip : Number.POSITIVE_INFINITY, line: body.word() };
      });
      if (count > 0) lines.set(ordinal, entries);
    } else if (type === 'f') {
      const body = new Body(content, 'a field');
      while (body.left > 0) {
        body.string();
        body.word();
        body.type();
      }
    } else if (type === 'c') {
      const body = new Body(content, 'a constant');
      const id = below(body.word(), SLOTS_MAX, 'a constant has a wrong number');
      const className = body.type();
      const value = body.rest();
      if (className === CONSTANT_CLASS) constants[id] = value;
      else if (id >= constants.length) constants.length = id + 1;
    }
  }
  if (head === undefined) throw new BrokenFile('there is no class record');
  const highest = methods.reduce((slots, { ordinal }) => Math.max(slots, ordinal + 1), 0);
  return { ...head, methodSlots: Math.max(head.methodSlots, highest), methods, voids, lines, constants };
}
