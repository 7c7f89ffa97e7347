/**
 * Decoder of WebAssembly modules: sections into tables, function bodies left as byte ranges for `lower.ts`.
 *
 * The rule: every position kept here is an offset into the module's own bytes, because the source map of the
 * AssemblyScript compiler speaks in those offsets.
 *
 * Format: WebAssembly Core Specification 1.0 chapter 5, with sign extension, bulk memory and non-trapping float to integer
 * conversion; name section of appendix 7.4.
 */

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64';

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A function type as text, the same for equal types. */
export function signatureOf(type: FunctionType): string {
  return `(${type.params.join(', ')}) -> (${type.results.join(', ')})`;
}

export interface ImportedFunction {
  readonly module: string;
  readonly name: string;
  readonly type: FunctionType;
}

export interface FunctionBody {
  readonly type: FunctionType;
  readonly locals: readonly ValueType[];
  /** Module offsets of the first instruction and of the byte after the last. */
  readonly start: number;
  readonly end: number;
}

export interface GlobalVariable {
  readonly type: ValueType;
  readonly mutable: boolean;
  /** Initial value as a bit pattern. */
  readonly initial: bigint;
}

export interface Export {
  readonly name: string;
  readonly kind: 'function' | 'table' | 'memory' | 'global';
  readonly index: number;
}

export interface DataSegment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface ElementSegment {
  readonly offset: number;
  readonly functions: readonly number[];
}

export interface WasmModule {
  readonly bytes: Uint8Array;
  readonly types: FunctionType[];
  readonly imports: ImportedFunction[];
  /** Function index i is `imports[i]` for i < imports.length and `functions[i - imports.length]` otherwise. */
  readonly functions: FunctionBody[];
  readonly globals: GlobalVariable[];
  readonly exports: Export[];
  readonly data: DataSegment[];
  readonly elements: ElementSegment[];
  readonly tableSize: number;
  readonly memoryPages: number;
  readonly start: number | undefined;
  readonly functionNames: Map<number, string>;
}

/** Something the module contains that is malformed, or that this compiler does not translate. */
export class WasmError extends Error {
  constructor(message: string, offset: number) {
    super(`wasm offset 0x${offset.toString(16)}: ${message}`);
    this.name = 'WasmError';
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Cursor over module bytes with the primitive encodings. */
export class Reader {
  pos: number;
  readonly end: number;

  constructor(
    readonly bytes: Uint8Array,
    start: number,
    end: number,
  ) {
    this.pos = start;
    this.end = end;
  }

  u8(): number {
    if (this.pos >= this.end) throw new WasmError('unexpected end of section or body', this.pos);
    return this.bytes[this.pos++];
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let result = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      result += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return result;
    }
    throw new WasmError('unsigned LEB128 longer than 5 bytes', this.pos);
  }

  /** Signed LEB128 of 32 bits, as an int32. */
  s32(): number {
    let result = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return shift < 25 && (byte & 0x40) !== 0 ? result | (-1 << (shift + 7)) : result;
    }
    throw new WasmError('signed LEB128 longer than 5 bytes', this.pos);
  }

  /** Signed LEB128 of 64 bits, as an unsigned bit pattern. */
  s64(): bigint {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if ((byte & 0x40) !== 0) result -= 1n << (shift + 7n);
        return BigInt.asUintN(64, result);
      }
    }
    throw new WasmError('signed LEB128 longer than 10 bytes', this.pos);
  }

  fixed32(): number {
    const b = this.slice(4);
    return b[0] | (b[1] << 8) | (b[2] << 16) | (b[3] << 24);
  }

  slice(length: number): Uint8Array {
    if (this.pos + length > this.end) throw new WasmError(`${length} bytes expected, section ends`, this.pos);
    const part = this.bytes.subarray(this.pos, this.pos + length);
    this.pos += length;
    return part;
  }

  name(): string {
    return utf8.decode(this.slice(this.u32()));
  }
}

export function valueType(code: number, offset: number): ValueType {
  switch (code) {
    case 0x7f:
      return 'i32';
    case 0x7e:
      return 'i64';
    case 0x7d:
      return 'f32';
    case 0x7c:
      return 'f64';
    default:
      throw new WasmError(`value type 0x${code.toString(16)} is not supported`, offset);
  }
}

/** Reads a constant expression and its `end`; gives the value's bit pattern. */
function constantExpression(r: Reader, globals: readonly GlobalVariable[]): bigint {
  const at = r.pos;
  const op = r.u8();
  let value: bigint;
  if (op === 0x41) value = BigInt.asUintN(32, BigInt(r.s32()));
  else if (op === 0x42) value = r.s64();
  else if (op === 0x43) value = BigInt.asUintN(32, BigInt(r.fixed32()));
  else if (op === 0x44) {
    const low = BigInt.asUintN(32, BigInt(r.fixed32()));
    value = low | (BigInt.asUintN(32, BigInt(r.fixed32())) << 32n);
  } else if (op === 0x23) {
    const index = r.u32();
    if (index >= globals.length) throw new WasmError(`global ${index} in a constant expression is not defined`, at);
    value = globals[index].initial;
  } else throw new WasmError(`opcode 0x${op.toString(16)} in a constant expression`, at);
  if (r.u8() !== 0x0b) throw new WasmError('constant expression longer than one instruction', at);
  return value;
}

/** Decodes a module. Imported memories, tables and globals, several memories or tables, and passive segments are errors. */
export function decodeModule(bytes: Uint8Array): WasmModule {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  if (bytes.length < 8 || header.some((b, i) => bytes[i] !== b)) throw new WasmError('no wasm version 1 header', 0);
  const types: FunctionType[] = [];
  const imports: ImportedFunction[] = [];
  const functionTypes: FunctionType[] = [];
  const functions: FunctionBody[] = [];
  const globals: GlobalVariable[] = [];
  const exports: Export[] = [];
  const data: DataSegment[] = [];
  const elements: ElementSegment[] = [];
  const functionNames = new Map<number, string>();
  let tableSize = 0;
  let memoryPages = 0;
  let start: number | undefined;

  const typeAt = (index: number, offset: number): FunctionType => {
    if (index >= types.length) throw new WasmError(`type ${index} of ${types.length}`, offset);
    return types[index];
  };
  const limits = (r: Reader): number => {
    const flags = r.u8();
    const minimum = r.u32();
    if ((flags & 1) !== 0) r.u32();
    return minimum;
  };

  const sections: Record<number, (r: Reader) => void> = {
    0: (r) => {
      if (r.name() === 'name') readNames(r, functionNames);
    },
    1: (r) => {
      for (let n = r.u32(); n > 0; n--) {
        if (r.u8() !== 0x60) throw new WasmError('function type expected', r.pos - 1);
        const params = Array.from({ length: r.u32() }, () => valueType(r.u8(), r.pos - 1));
        const results = Array.from({ length: r.u32() }, () => valueType(r.u8(), r.pos - 1));
        if (results.length > 1) throw new WasmError('functions of several results are not supported', r.pos);
        types.push({ params, results });
      }
    },
    2: (r) => {
      for (let n = r.u32(); n > 0; n--) {
        const module = r.name();
        const name = r.name();
        const at = r.pos;
        if (r.u8() !== 0) throw new WasmError(`import ${module}.${name} is not a function`, at);
        imports.push({ module, name, type: typeAt(r.u32(), at) });
      }
    },
    3: (r) => {
      for (let n = r.u32(); n > 0; n--) functionTypes.push(typeAt(r.u32(), r.pos));
    },
    4: (r) => {
      if (r.u32() !== 1) throw new WasmError('one table expected', r.pos);
      if (r.u8() !== 0x70) throw new WasmError('table of function references expected', r.pos - 1);
      tableSize = limits(r);
    },
    5: (r) => {
      if (r.u32() !== 1) throw new WasmError('one memory expected', r.pos);
      memoryPages = limits(r);
    },
    6: (r) => {
      for (let n = r.u32(); n > 0; n--) {
        const type = valueType(r.u8(), r.pos - 1);
        const mutable = r.u8() === 1;
        globals.push({ type, mutable, initial: constantExpression(r, globals) });
      }
    },
    7: (r) => {
      const kinds = ['function', 'table', 'memory', 'global'] as const;
      for (let n = r.u32(); n > 0; n--) {
        const name = r.name();
        const kind = r.u8();
        if (kind >= kinds.length) throw new WasmError(`export ${name} of kind ${kind}`, r.pos);
        exports.push({ name, kind: kinds[kind], index: r.u32() });
      }
    },
    8: (r) => {
      start = r.u32();
    },
    9: (r) => {
      for (let n = r.u32(); n > 0; n--) {
        const at = r.pos;
        if (r.u32() !== 0) throw new WasmError('only active element segments of table 0 are supported', at);
        const offset = Number(constantExpression(r, globals));
        elements.push({ offset, functions: Array.from({ length: r.u32() }, () => r.u32()) });
      }
    },
    10: (r) => {
      const count = r.u32();
      if (count !== functionTypes.length) throw new WasmError(`${count} bodies, ${functionTypes.length} types`, r.pos);
      for (const type of functionTypes) {
        const size = r.u32();
        const end = r.pos + size;
        const locals: ValueType[] = [...type.params];
        for (let groups = r.u32(); groups > 0; groups--) {
          const n = r.u32();
          const local = valueType(r.u8(), r.pos - 1);
          if (locals.length + n > 50000) throw new WasmError('more than 50000 locals', r.pos);
          for (let i = 0; i < n; i++) locals.push(local);
        }
        functions.push({ type, locals, start: r.pos, end });
        r.pos = end;
      }
    },
    11: (r) => {
      for (let n = r.u32(); n > 0; n--) {
        const at = r.pos;
        if (r.u32() !== 0) throw new WasmError('only active data segments of memory 0 are supported', at);
        const address = Number(constantExpression(r, globals));
        data.push({ address, bytes: r.slice(r.u32()) });
      }
    },
    12: (r) => {
      r.u32();
    },
  };

  const top = new Reader(bytes, 8, bytes.length);
  while (top.pos < bytes.length) {
    const at = top.pos;
    const id = top.u8();
    const size = top.u32();
    const section = new Reader(bytes, top.pos, top.pos + size);
    if (section.end > bytes.length) throw new WasmError(`section ${id} of ${size} bytes exceeds the module`, at);
    const decode = sections[id];
    if (decode === undefined) throw new WasmError(`section ${id} is not supported`, at);
    decode(section);
    top.pos = section.end;
  }
  const wasm = { bytes, types, imports, functions, globals, exports, data, elements };
  return { ...wasm, tableSize, memoryPages, start, functionNames };
}

/** Reads the function names (subsection 1) of the name section. */
function readNames(r: Reader, functionNames: Map<number, string>): void {
  while (r.pos < r.end) {
    const id = r.u8();
    const size = r.u32();
    const end = r.pos + size;
    if (id === 1) for (let n = r.u32(); n > 0; n--) functionNames.set(r.u32(), r.name());
    r.pos = end;
  }
}
