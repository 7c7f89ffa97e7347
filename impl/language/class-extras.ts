/**
 * What class files of this compiler say beyond the original's, in records the loaders pass over, so that a class can be
 * imported from its class file alone. Strings and types as in `model/classfile`.
 *
 *     i  i32 is-interface, i32 count, count of string: the interfaces a class implements or an interface extends
 *     v  per static field: string name, i32 slot, type, string initial
 *
 * `initial` is empty, or `n` and a number in decimal, or `s` and a string's bytes.
 */

import type { ExtraRecord } from '../../model/classfile/index.js';
import type { ConstantValue, FieldSymbol } from './symbols.js';
import { fromTypeName, isNumeric, type Type, toTypeName } from './types.js';

export interface StaticField {
  readonly name: string;
  readonly slot: number;
  readonly type: Type;
  readonly initial?: ConstantValue;
}

export interface ClassExtras {
  readonly isInterface: boolean;
  readonly interfaces: readonly string[];
  readonly statics: readonly StaticField[];
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function string(text: string, encoding: BufferEncoding = 'utf8'): Buffer {
  const bytes = Buffer.from(text, encoding);
  return Buffer.concat([word(bytes.length), bytes]);
}

function initialText(value: ConstantValue | undefined): string {
  if (value === undefined) return '';
  return value.kind === 'string' ? `s${value.value}` : `n${Object.is(value.value, -0) ? '-0' : value.value}`;
}

/** The records of a class; none when the original's file says it all. */
export function extraRecords(
  isInterface: boolean,
  interfaces: readonly string[],
  statics: readonly FieldSymbol[],
): ExtraRecord[] {
  const records: ExtraRecord[] = [];
  if (isInterface || interfaces.length > 0) {
    const names = interfaces.map((name) => string(name));
    const body = Buffer.concat([word(isInterface ? 1 : 0), word(names.length), ...names]);
    records.push({ type: 'i', body: new Uint8Array(body) });
  }
  if (statics.length > 0) {
    const list = statics.map(({ name, ordinal, type, initial }) => {
      const { isContainer, className, contained } = toTypeName(type);
      const typeBytes = [word(isContainer ? 1 : 0), string(className), string(contained)];
      return Buffer.concat([string(name), word(ordinal), ...typeBytes, string(initialText(initial), 'latin1')]);
    });
    records.push({ type: 'v', body: new Uint8Array(Buffer.concat(list)) });
  }
  return records;
}

class Reader {
  at = 0;

  constructor(private readonly bytes: Buffer) {}

  get atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  word(): number {
    const value = this.bytes.readInt32BE(this.at);
    this.at += 4;
    return value;
  }

  string(encoding: BufferEncoding = 'utf8'): string {
    const length = this.word();
    if (length < 0 || length > this.bytes.length - this.at) throw new RangeError('string runs out of the record');
    this.at += length;
    return this.bytes.toString(encoding, this.at - length, this.at);
  }
}

function initialOf(text: string, type: Type): ConstantValue | undefined {
  if (text.startsWith('s')) return { kind: 'string', value: text.slice(1) };
  if (!text.startsWith('n') || !isNumeric(type)) return undefined;
  const digits = text.slice(1);
  if (type.kind === 'float' || type.kind === 'double') return { kind: type.kind, value: Number(digits) };
  return /^-?\d+$/.test(digits) ? { kind: type.kind, value: BigInt(digits) } : undefined;
}

/** What the records say; of a record that is broken, or another program's, nothing. */
export function readExtras(records: readonly ExtraRecord[]): ClassExtras {
  let isInterface = false;
  const interfaces: string[] = [];
  const statics: StaticField[] = [];
  for (const { type: kind, body } of records) {
    const reader = new Reader(Buffer.from(body));
    try {
      if (kind === 'i') {
        isInterface = reader.word() === 1;
        for (let count = reader.word(); count > 0; count--) interfaces.push(reader.string());
      } else if (kind === 'v') {
        while (!reader.atEnd) {
          const name = reader.string();
          const slot = reader.word();
          const isContainer = reader.word() === 1;
          const type = fromTypeName({ isContainer, className: reader.string(), contained: reader.string() });
          statics.push({ name, slot, type, initial: initialOf(reader.string('latin1'), type) });
        }
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return { isInterface, interfaces, statics };
}
