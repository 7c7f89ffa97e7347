/**
 * Reads the format's numbers, strings and types from a range of a file.
 *
 * Rule: no read leaves the range, and each failure is a ClassFileError at the byte that is wrong.
 */
import { ClassFileError } from './errors.js';
import { SLOTS_MAX, type TypeName } from './format.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Cursor {
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
    /** Offset of the next byte. */
    public at: number,
    /** Offset behind the last byte of the range. */
    readonly end: number,
    /** What the range is, for messages: `S record`. */
    private readonly range: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.end - this.at;
  }

  fail(expected: string, found: string, at = this.at): never {
    throw new ClassFileError(this.file, at, expected, found);
  }

  private need(length: number, what: string): void {
    if (this.left < length)
      this.fail(`${what} (${length} bytes)`, `${this.left} bytes to the end of the ${this.range}`);
  }

  i32(what: string): number {
    this.need(4, what);
    const value = this.view.getInt32(this.at);
    this.at += 4;
    return value;
  }

  /** An i32 from 0 to `max`. */
  count(what: string, max: number): number {
    const value = this.i32(what);
    if (value < 0 || value > max) this.fail(`${what} from 0 to ${max}`, `${value}`, this.at - 4);
    return value;
  }

  ordinal(what: string): number {
    return this.count(what, SLOTS_MAX - 1);
  }

  flag(what: string): boolean {
    return this.count(what, 1) === 1;
  }

  /** An i64 from 0 to `max`, which is exact in a double. */
  count64(what: string, max: number): number {
    this.need(8, what);
    const value = this.view.getBigInt64(this.at);
    if (value < 0n || value > BigInt(max)) this.fail(`${what} from 0 to ${max}`, `${value}`);
    this.at += 8;
    return Number(value);
  }

  /** A string that may be empty. Control characters show that its length is wrong. */
  text(what: string): string {
    const start = this.at;
    const length = this.i32(`length of ${what}`);
    if (length < 0 || length > this.left) {
      this.fail(`length of ${what}, at most the ${this.left} bytes left in the ${this.range}`, `${length}`, start);
    }
    const bytes = this.take(length);
    const control = bytes.findIndex((byte) => byte < 0x20 || byte === 0x7f);
    if (control >= 0) {
      this.fail(`${what} of printable characters`, `byte 0x${hex(bytes[control])}`, start + 4 + control);
    }
    try {
      return UTF8.decode(bytes);
    } catch {
      return this.fail(`${what} in UTF-8`, 'other bytes', start + 4);
    }
  }

  name(what: string): string {
    const start = this.at;
    return this.text(what) || this.fail(what, 'an empty string', start);
  }

  type(what: string): TypeName {
    const isContainer = this.flag(`container flag of ${what}`);
    const className = this.text(`class of ${what}`);
    const start = this.at;
    const containedName = this.text(`contained class of ${what}`);
    if (!isContainer && containedName !== '') {
      this.fail(`no contained class of ${what}, which is no container`, `'${containedName}'`, start);
    }
    return { isContainer, className, containedName };
  }

  take(length: number): Uint8Array {
    const bytes = this.bytes.slice(this.at, this.at + length);
    this.at += length;
    return bytes;
  }

  /** All that is left of the range. */
  rest(): Uint8Array {
    return this.take(this.left);
  }

  finish(): void {
    if (this.left !== 0) this.fail(`the end of the ${this.range}`, `${this.left} more bytes`);
  }
}

export function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
