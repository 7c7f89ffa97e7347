/**
 * Reads the numbers, strings and types of one record.
 *
 * Rule: no read leaves the record, and each failure is a ClassFileError at the byte that is wrong.
 */

import { SLOTS_MAX, type TypeName } from './class-file.js';
import { ClassFileError } from './error.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const WORD_MAX = 0x7fffffff;

export class Cursor {
  private readonly view: DataView;

  /** Reads from `at` to `end`; `type` is the record's, for messages. */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
    public at: number,
    readonly end: number,
    private readonly type: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.end - this.at;
  }

  fail(expected: string, found: string, at = this.at): never {
    throw new ClassFileError(this.file, at, expected, found);
  }

  private need(bytes: number, what: string): void {
    if (this.left < bytes) {
      this.fail(`${what} of ${bytes} bytes`, `${this.left} bytes to the end of the ${this.type} record`);
    }
  }

  /** An i32 from 0 to `max`. */
  word(what: string, max = WORD_MAX): number {
    this.need(4, what);
    const value = this.view.getInt32(this.at);
    if (value < 0 || value > max) this.fail(`${what} from 0 to ${max}`, String(value));
    this.at += 4;
    return value;
  }

  ordinal(what: string, slots = SLOTS_MAX): number {
    return this.word(what, slots - 1);
  }

  /** An i64 that fits an i32 from 0. */
  long(what: string): number {
    this.need(8, what);
    const value = this.view.getBigInt64(this.at);
    if (value < 0n || value > BigInt(WORD_MAX)) this.fail(`${what} from 0 to ${WORD_MAX}`, String(value));
    this.at += 8;
    return Number(value);
  }

  /** A string. None has control characters: one shows that the length is wrong. */
  string(what: string): string {
    const length = this.word(`length of ${what}`);
    this.need(length, what);
    const bytes = this.bytes.subarray(this.at, this.at + length);
    const control = bytes.findIndex((byte) => byte < 0x20 || byte === 0x7f);
    if (control >= 0) this.fail(`${what} of printable characters`, `byte ${bytes[control]}`, this.at + control);
    let text: string;
    try {
      text = UTF8.decode(bytes);
    } catch {
      return this.fail(`${what} in UTF-8`, 'bytes that are not', this.at);
    }
    this.at += length;
    return text;
  }

  /** A string that is not empty. */
  name(what: string): string {
    const start = this.at;
    return this.string(what) || this.fail(what, 'an empty string', start);
  }

  typeName(what: string): TypeName {
    const isContainer = this.word(`container flag of ${what}`, 1) === 1;
    const className = this.string(`class of ${what}`);
    const start = this.at;
    const contained = this.string(`element class of ${what}`);
    if (contained !== '' && !isContainer) {
      this.fail(`no element class of ${what}, which is no container`, JSON.stringify(contained), start);
    }
    return { isContainer, className, contained };
  }

  rest(): Uint8Array {
    const rest = this.bytes.slice(this.at, this.end);
    this.at = this.end;
    return rest;
  }

  finish(): void {
    if (this.left > 0) this.fail(`the end of the ${this.type} record`, `${this.left} bytes more`);
  }
}
