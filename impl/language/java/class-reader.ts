/**
 * Reads Java class files (Java Virtual Machine Specification SE 8, chapter 4), versions 45 to 52.
 *
 * Rule: whatever the bytes are, this ends in a class or in a `JavaError`; every count is checked against what is left of
 * the file before anything is made of it. Attributes that the translator does not need are passed over.
 */

import { JavaError } from './errors.js';

const MAGIC = 0xcafebabe;
/** JDK 1.1 and Java SE 8. */
const VERSION_MIN = 45;
const VERSION_MAX = 52;

export const ACC_PUBLIC = 0x0001;
export const ACC_PRIVATE = 0x0002;
export const ACC_PROTECTED = 0x0004;
export const ACC_STATIC = 0x0008;
export const ACC_SYNCHRONIZED = 0x0020;
export const ACC_NATIVE = 0x0100;
export const ACC_INTERFACE = 0x0200;
export const ACC_ABSTRACT = 0x0400;

/** A name and type, of a member of a class. */
export interface MemberRef {
  readonly owner: string;
  readonly name: string;
  readonly descriptor: string;
}

export type JavaConstant =
  | { readonly kind: 'utf8'; readonly text: string }
  | { readonly kind: 'int' | 'float' | 'double'; readonly value: number }
  | { readonly kind: 'long'; readonly value: bigint }
  | { readonly kind: 'class' | 'string'; readonly index: number }
  | { readonly kind: 'member'; readonly owner: number; readonly nameAndType: number; readonly isInterface: boolean }
  | { readonly kind: 'nameAndType'; readonly name: number; readonly descriptor: number }
  | { readonly kind: 'invokedynamic' | 'methodHandle' };

export type LoadedConstant =
  | { readonly kind: 'int' | 'float' | 'double'; readonly value: number }
  | { readonly kind: 'long'; readonly value: bigint }
  | { readonly kind: 'string' | 'class'; readonly text: string };

export interface ExceptionEntry {
  readonly start: number;
  readonly end: number;
  readonly handler: number;
  /** Undefined: any. */
  readonly type: string | undefined;
}

export interface JavaCode {
  readonly maxLocals: number;
  readonly bytes: Uint8Array;
  readonly exceptions: readonly ExceptionEntry[];
  /** By start; of one start the last counts. */
  readonly lines: readonly { readonly start: number; readonly line: number }[];
}

export interface JavaField {
  readonly flags: number;
  readonly name: string;
  readonly descriptor: string;
  readonly constant: LoadedConstant | undefined;
}

export interface JavaMethod {
  readonly flags: number;
  readonly name: string;
  readonly descriptor: string;
  readonly code: JavaCode | undefined;
}

class Bytes {
  at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  private take(count: number): number {
    if (count > this.left)
      throw new JavaError(`broken class file: it ends at byte ${this.bytes.length} inside a record`);
    this.at += count;
    return this.at - count;
  }

  u1(): number {
    return this.view.getUint8(this.take(1));
  }

  u2(): number {
    return this.view.getUint16(this.take(2));
  }

  u4(): number {
    return this.view.getUint32(this.take(4));
  }

  i4(): number {
    return this.view.getInt32(this.take(4));
  }

  i8(): bigint {
    return this.view.getBigInt64(this.take(8));
  }

  f4(): number {
    return this.view.getFloat32(this.take(4));
  }

  f8(): number {
    return this.view.getFloat64(this.take(8));
  }

  part(count: number): Uint8Array {
    const from = this.take(count);
    return this.bytes.subarray(from, from + count);
  }
}

/** Modified UTF-8 (JVMS 4.4.7) as UTF-16. */
function decode(bytes: Uint8Array): string {
  const units: number[] = [];
  for (let i = 0; i < bytes.length; ) {
    const a = bytes[i];
    const b = bytes[i + 1] ?? 0;
    if (a < 0x80) {
      units.push(a);
      i += 1;
    } else if (a >> 5 === 6) {
      units.push(((a & 31) << 6) | (b & 63));
      i += 2;
    } else {
      units.push(((a & 15) << 12) | ((b & 63) << 6) | ((bytes[i + 2] ?? 0) & 63));
      i += 3;
    }
  }
  let text = '';
  for (let i = 0; i < units.length; i += 4096) text += String.fromCharCode(...units.slice(i, i + 4096));
  return text;
}

function readConstants(bytes: Bytes): (JavaConstant | undefined)[] {
  const count = bytes.u2();
  const pool: (JavaConstant | undefined)[] = [undefined];
  while (pool.length < count) {
    const tag = bytes.u1();
    if (tag === 1) pool.push({ kind: 'utf8', text: decode(bytes.part(bytes.u2())) });
    else if (tag === 3) pool.push({ kind: 'int', value: bytes.i4() });
    else if (tag === 4) pool.push({ kind: 'float', value: bytes.f4() });
    else if (tag === 5) pool.push({ kind: 'long', value: bytes.i8() }, undefined);
    else if (tag === 6) pool.push({ kind: 'double', value: bytes.f8() }, undefined);
    else if (tag === 7 || tag === 8) pool.push({ kind: tag === 7 ? 'class' : 'string', index: bytes.u2() });
    else if (tag >= 9 && tag <= 11) {
      pool.push({ kind: 'member', owner: bytes.u2(), nameAndType: bytes.u2(), isInterface: tag === 11 });
    } else if (tag === 12) pool.push({ kind: 'nameAndType', name: bytes.u2(), descriptor: bytes.u2() });
    else if (tag === 15) {
      bytes.part(3);
      pool.push({ kind: 'methodHandle' });
    } else if (tag === 16) {
      bytes.part(2);
      pool.push({ kind: 'methodHandle' });
    } else if (tag === 18) {
      bytes.part(4);
      pool.push({ kind: 'invokedynamic' });
    } else throw new JavaError(`broken class file: constant ${pool.length} has the unknown tag ${tag}`);
  }
  return pool;
}

/** Field descriptors, JVMS 4.3.2. */
const FIELD = /^\[{0,255}(?:[BCDFIJSZ]|L[^;[.]+;)$/;

/** The parameters and the result of a method descriptor, JVMS 4.3.3. */
export function methodType(descriptor: string): { readonly parameters: string[]; readonly result: string } {
  const close = descriptor.lastIndexOf(')');
  const parameters = descriptor.slice(1, close).match(/\[*(?:[BCDFIJSZ]|L[^;[.]+;)/g) ?? [];
  const result = descriptor.slice(close + 1);
  const whole = `(${parameters.join('')})${result}`;
  if (whole !== descriptor || (result !== 'V' && !FIELD.test(result)) || parameters.length > 255) {
    throw new JavaError(`broken class file: ${JSON.stringify(descriptor)} is no method descriptor`);
  }
  return { parameters, result };
}

export class JavaClass {
  readonly name: string;
  readonly flags: number;
  readonly superName: string | undefined;
  readonly interfaces: readonly string[];
  readonly fields: readonly JavaField[];
  readonly methods: readonly JavaMethod[];
  readonly source: string | undefined;
  private readonly pool: readonly (JavaConstant | undefined)[];

  /** Throws JavaError. `file` is what messages call it. */
  constructor(
    content: Uint8Array,
    readonly file: string,
  ) {
    const bytes = new Bytes(content);
    if (bytes.left < 8 || bytes.u4() !== MAGIC) throw new JavaError('this is no Java class file', { file });
    const minor = bytes.u2();
    const version = bytes.u2();
    if (version < VERSION_MIN || version > VERSION_MAX) {
      throw new JavaError(
        `class file version ${version}.${minor}; only those up to ${VERSION_MAX} are translated: compile with javac --release 8`,
        { file },
      );
    }
    try {
      this.pool = readConstants(bytes);
      this.flags = bytes.u2();
      this.name = this.className(bytes.u2());
      const parent = bytes.u2();
      this.superName = parent === 0 ? undefined : this.className(parent);
      this.interfaces = Array.from({ length: bytes.u2() }, () => this.className(bytes.u2()));
      this.fields = Array.from({ length: bytes.u2() }, () => this.readField(bytes));
      this.methods = Array.from({ length: bytes.u2() }, () => this.readMethod(bytes));
      let source: string | undefined;
      this.attributes(bytes, (name, body) => {
        if (name === 'SourceFile') source = this.utf8(body.u2());
      });
      this.source = source;
    } catch (error) {
      if (error instanceof JavaError) throw error.at({ file });
      throw error;
    }
  }

  get isInterface(): boolean {
    return (this.flags & ACC_INTERFACE) !== 0;
  }

  private constant<Kind extends JavaConstant['kind']>(
    index: number,
    kind: Kind,
  ): Extract<JavaConstant, { kind: Kind }> {
    const found = this.pool[index];
    if (found?.kind !== kind) {
      throw new JavaError(
        `broken class file: constant ${index} is ${found?.kind ?? 'missing'} where ${kind} is expected`,
      );
    }
    return found as Extract<JavaConstant, { kind: Kind }>;
  }

  utf8(index: number): string {
    return this.constant(index, 'utf8').text;
  }

  /** Binary name with slashes, or the descriptor of an array. */
  className(index: number): string {
    const name = this.utf8((this.constant(index, 'class') as { index: number }).index);
    const sound = name.startsWith('[')
      ? FIELD.test(name)
      : /^[^.;[/\s\\\0-\x1f]+(?:\/[^.;[/\s\\\0-\x1f]+)*$/.test(name);
    if (!sound || name.length > 400) throw new JavaError(`broken class file: ${JSON.stringify(name)} is no class name`);
    return name;
  }

  member(index: number): MemberRef & { readonly isInterface: boolean } {
    const { owner, nameAndType, isInterface } = this.constant(index, 'member');
    const pair = this.constant(nameAndType, 'nameAndType');
    return {
      owner: this.className(owner),
      name: this.utf8(pair.name),
      descriptor: this.utf8(pair.descriptor),
      isInterface,
    };
  }

  /** What `ldc` and its kin load. */
  loaded(index: number): LoadedConstant {
    const found = this.pool[index];
    switch (found?.kind) {
      case 'int':
      case 'float':
      case 'double':
        return { kind: found.kind, value: found.value };
      case 'long':
        return { kind: 'long', value: found.value };
      case 'string':
        return { kind: 'string', text: this.utf8(found.index) };
      case 'class':
        return { kind: 'class', text: this.className(index) };
      case 'methodHandle':
        throw new JavaError('method handles and method types are not supported: they belong to invokedynamic');
      default:
        throw new JavaError(`broken class file: constant ${index} is ${found?.kind ?? 'missing'}, nothing to load`);
    }
  }

  private attributes(bytes: Bytes, take: (name: string, body: Bytes) => void): void {
    for (let count = bytes.u2(); count > 0; count--) {
      const name = this.utf8(bytes.u2());
      take(name, new Bytes(bytes.part(bytes.u4())));
    }
  }

  private readField(bytes: Bytes): JavaField {
    const flags = bytes.u2();
    const name = this.utf8(bytes.u2());
    const descriptor = this.utf8(bytes.u2());
    if (!FIELD.test(descriptor))
      throw new JavaError(`broken class file: ${JSON.stringify(descriptor)} is no field descriptor`);
    let constant: LoadedConstant | undefined;
    this.attributes(bytes, (attribute, body) => {
      if (attribute === 'ConstantValue') constant = this.loaded(body.u2());
    });
    return { flags, name, descriptor, constant };
  }

  private readMethod(bytes: Bytes): JavaMethod {
    const flags = bytes.u2();
    const name = this.utf8(bytes.u2());
    const descriptor = this.utf8(bytes.u2());
    methodType(descriptor);
    let code: JavaCode | undefined;
    this.attributes(bytes, (attribute, body) => {
      if (attribute === 'Code') code = this.readCode(body);
    });
    return { flags, name, descriptor, code };
  }

  private readCode(bytes: Bytes): JavaCode {
    bytes.u2();
    const maxLocals = bytes.u2();
    const code = bytes.part(bytes.u4());
    if (code.length === 0 || code.length > 65535)
      throw new JavaError(`broken class file: a method of ${code.length} bytes`);
    const exceptions: ExceptionEntry[] = [];
    for (let count = bytes.u2(); count > 0; count--) {
      const [start, end, handler, type] = [bytes.u2(), bytes.u2(), bytes.u2(), bytes.u2()];
      exceptions.push({ start, end, handler, type: type === 0 ? undefined : this.className(type) });
    }
    const lines: { start: number; line: number }[] = [];
    this.attributes(bytes, (name, body) => {
      if (name !== 'LineNumberTable') return;
      for (let count = body.u2(); count > 0; count--) lines.push({ start: body.u2(), line: body.u2() });
    });
    return { maxLocals, bytes: code, exceptions, lines };
  }
}
