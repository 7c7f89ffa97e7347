/** Writes small wasm modules for tests, instruction bytes by hand. Format: WebAssembly Core Specification 1.0 chapter 5. */

import type { ValueType } from '../wasm.js';

export const typeCode: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

/** Instruction bytes; a number is one byte. */
export class Code {
  readonly bytes: number[] = [];

  op(...codes: number[]): this {
    this.bytes.push(...codes);
    return this;
  }

  u32(value: number): this {
    let v = value >>> 0;
    while (v >= 0x80) {
      this.bytes.push((v & 0x7f) | 0x80);
      v >>>= 7;
    }
    this.bytes.push(v);
    return this;
  }

  signed(value: bigint): this {
    let v = value;
    for (;;) {
      const byte = Number(v & 0x7fn);
      v >>= 7n;
      if ((v === 0n && (byte & 0x40) === 0) || (v === -1n && (byte & 0x40) !== 0)) {
        this.bytes.push(byte);
        return this;
      }
      this.bytes.push(byte | 0x80);
    }
  }

  /** A constant given as bit pattern. */
  constant(type: ValueType, bits: bigint): this {
    switch (type) {
      case 'i32':
        return this.op(0x41).signed(BigInt.asIntN(32, bits));
      case 'i64':
        return this.op(0x42).signed(BigInt.asIntN(64, bits));
      default: {
        this.op(type === 'f32' ? 0x43 : 0x44);
        for (let i = 0n; i < (type === 'f32' ? 4n : 8n); i++) this.op(Number((bits >> (8n * i)) & 0xffn));
        return this;
      }
    }
  }

  i32(value: number): this {
    return this.constant('i32', BigInt(value));
  }

  get(local: number): this {
    return this.op(0x20).u32(local);
  }

  set(local: number): this {
    return this.op(0x21).u32(local);
  }

  tee(local: number): this {
    return this.op(0x22).u32(local);
  }

  /** A load or store with its alignment hint and offset. */
  access(opcode: number, offset: number): this {
    return this.op(opcode, 0).u32(offset);
  }
}

export interface WrittenFunction {
  readonly params: readonly ValueType[];
  readonly result: ValueType | undefined;
  readonly locals: readonly ValueType[];
  readonly code: Code;
}

export interface WrittenModule {
  readonly functions: readonly WrittenFunction[];
  readonly exports: Record<string, number>;
  readonly globals?: readonly ValueType[];
  /** Functions of table entries 0 and up. */
  readonly table?: readonly number[];
  readonly memoryPages: number;
}

/** Signatures in order of first use; the type index of a call through the table. */
export function typeIndex(types: string[], params: readonly ValueType[], result: ValueType | undefined): number {
  const key = JSON.stringify([params, result === undefined ? [] : [result]]);
  const known = types.indexOf(key);
  return known >= 0 ? known : types.push(key) - 1;
}

export function writeModule(module: WrittenModule, types: string[] = []): Uint8Array {
  const out: number[] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const section = (id: number, content: Code): void => {
    out.push(id, ...new Code().u32(content.bytes.length).bytes, ...content.bytes);
  };
  const indices = module.functions.map((f) => typeIndex(types, f.params, f.result));
  const typeSection = new Code().u32(types.length);
  for (const key of types) {
    const [params, results] = JSON.parse(key) as [ValueType[], ValueType[]];
    typeSection.op(0x60).u32(params.length);
    for (const p of params) typeSection.op(typeCode[p]);
    typeSection.u32(results.length);
    for (const r of results) typeSection.op(typeCode[r]);
  }
  section(1, typeSection);
  const functionSection = new Code().u32(indices.length);
  for (const i of indices) functionSection.u32(i);
  section(3, functionSection);
  const table = module.table ?? [];
  if (table.length > 0) section(4, new Code().op(1, 0x70, 0).u32(table.length));
  section(5, new Code().op(1, 0).u32(module.memoryPages));
  const globals = module.globals ?? [];
  const globalSection = new Code().u32(globals.length);
  for (const g of globals) globalSection.op(typeCode[g], 1).constant(g, 0n).op(0x0b);
  section(6, globalSection);
  const names = Object.entries(module.exports);
  const exportSection = new Code().u32(names.length + 1);
  for (const [name, index] of names) exportName(exportSection, name).op(0).u32(index);
  exportName(exportSection, 'memory').op(2, 0);
  section(7, exportSection);
  if (table.length > 0) {
    const elements = new Code().op(1, 0).i32(0).op(0x0b).u32(table.length);
    for (const f of table) elements.u32(f);
    section(9, elements);
  }
  const codeSection = new Code().u32(module.functions.length);
  for (const f of module.functions) {
    const body = new Code().u32(f.locals.length);
    for (const l of f.locals) body.op(1, typeCode[l]);
    for (const b of f.code.bytes) body.op(b);
    body.op(0x0b);
    codeSection.u32(body.bytes.length);
    for (const b of body.bytes) codeSection.op(b);
  }
  section(10, codeSection);
  return Uint8Array.from(out);
}

function exportName(code: Code, name: string): Code {
  return code.u32(name.length).op(...Array.from(name, (c) => c.charCodeAt(0)));
}
