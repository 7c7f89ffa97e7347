/**
 * The software floating point against the host's IEEE 754 arithmetic, through wasm's own operations: one exported function an
 * operation, run on the simulated processor and in V8. Operands come in families where rounding goes wrong: near ties, subnormal,
 * near overflow, of far apart and of equal exponents.
 */

import { fc, test } from '@fast-check/vitest';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileModule } from './index.js';
import { Guest } from './testing/guest.js';
import { runtimeModule } from './testing/runtime-module.js';
import { Code, type WrittenFunction, writeModule } from './testing/wasm-writer.js';
import type { ValueType } from './wasm.js';

interface Operation {
  readonly name: string;
  readonly opcode: readonly number[];
  readonly params: readonly ValueType[];
  readonly result: ValueType;
}

const operations: Operation[] = [];
for (const type of ['f32', 'f64'] as const) {
  const compare = type === 'f32' ? 0x5b : 0x61;
  const arithmetic = type === 'f32' ? 0x8b : 0x99;
  const add = (name: string, opcode: number, count: number, result: ValueType): void => {
    operations.push({ name: `${type}.${name}`, opcode: [opcode], params: count === 1 ? [type] : [type, type], result });
  };
  ['eq', 'ne', 'lt', 'gt', 'le', 'ge'].forEach((name, i) => {
    add(name, compare + i, 2, 'i32');
  });
  ['abs', 'neg', 'ceil', 'floor', 'trunc', 'nearest', 'sqrt'].forEach((name, i) => {
    add(name, arithmetic + i, 1, type);
  });
  ['add', 'sub', 'mul', 'div', 'min', 'max', 'copysign'].forEach((name, i) => {
    add(name, arithmetic + 7 + i, 2, type);
  });
  (['i32', 'i64'] as const).forEach((integer, i) => {
    ['s', 'u'].forEach((sign, j) => {
      const sat = (i << 2) | (type === 'f64' ? 2 : 0) | j;
      operations.push({
        name: `${integer}.trunc_sat_${type}_${sign}`,
        opcode: [0xfc, sat],
        params: [type],
        result: integer,
      });
      const convert = (type === 'f32' ? 0xb2 : 0xb7) + i * 2 + j;
      operations.push({
        name: `${type}.convert_${integer}_${sign}`,
        opcode: [convert],
        params: [integer],
        result: type,
      });
      const trunc = (i === 0 ? 0xa8 : 0xae) + (type === 'f64' ? 2 : 0) + j;
      operations.push({ name: `${integer}.trunc_${type}_${sign}`, opcode: [trunc], params: [type], result: integer });
    });
  });
}
operations.push({ name: 'f32.demote_f64', opcode: [0xb6], params: ['f64'], result: 'f32' });
operations.push({ name: 'f64.promote_f32', opcode: [0xbb], params: ['f32'], result: 'f64' });

const bits = (type: ValueType): ValueType => (type === 'f32' ? 'i32' : type === 'f64' ? 'i64' : type);
const wide = (type: ValueType): boolean => type === 'i64' || type === 'f64';

/** Functions on bit patterns, so that no host conversion touches a NaN. */
function written(o: Operation): WrittenFunction {
  const code = new Code();
  o.params.forEach((type, i) => {
    code.get(i);
    if (type === 'f32') code.op(0xbe);
    if (type === 'f64') code.op(0xbf);
  });
  code.op(...o.opcode);
  if (o.result === 'f32') code.op(0xbc);
  if (o.result === 'f64') code.op(0xbd);
  return { params: o.params.map(bits), result: bits(o.result), locals: [], code };
}

const view = new DataView(new ArrayBuffer(8));
const f64Bits = (x: number): bigint => {
  view.setFloat64(0, x);
  return view.getBigUint64(0);
};
const f32Bits = (x: number): bigint => {
  view.setFloat32(0, x);
  return BigInt(view.getUint32(0));
};

/** Bit patterns of a width, near the places where formats change. */
function patterns(exponentBits: number, fractionBits: number): fc.Arbitrary<bigint> {
  const maximum = (1 << exponentBits) - 1;
  const exponent = fc.oneof(
    fc.constantFrom(0, 1, 2, maximum, maximum - 1, (maximum >> 1) - 1, maximum >> 1, (maximum >> 1) + 1),
    fc.integer({ min: 0, max: maximum }),
    fc.integer({ min: (maximum >> 1) - 3, max: (maximum >> 1) + fractionBits + 12 }),
  );
  const all = (1n << BigInt(fractionBits)) - 1n;
  const fraction = fc.oneof(
    fc.constantFrom(0n, 1n, all, all - 1n, 1n << BigInt(fractionBits - 1), (1n << BigInt(fractionBits - 1)) + 1n),
    fc.bigInt({ min: 0n, max: all }),
    // Few bits set: sums and products that end exactly on a tie.
    fc.tuple(fc.nat(fractionBits - 1), fc.nat(fractionBits - 1)).map(([a, b]) => (1n << BigInt(a)) | (1n << BigInt(b))),
  );
  return fc
    .tuple(fc.nat(1), exponent, fraction)
    .map(([s, e, f]) => (((BigInt(s) << BigInt(exponentBits)) | BigInt(e)) << BigInt(fractionBits)) | f);
}

function integers(width: bigint): fc.Arbitrary<bigint> {
  const all = (1n << width) - 1n;
  const near = fc
    .tuple(fc.integer({ min: 0, max: Number(width) }), fc.bigInt({ min: -3n, max: 3n }))
    .map(([shift, off]) => ((1n << BigInt(shift)) + off) & all);
  return fc.oneof(near, fc.bigInt({ min: 0n, max: all }));
}

const operands: Record<ValueType, fc.Arbitrary<bigint>> = {
  f32: patterns(8, 23),
  f64: patterns(11, 52),
  i32: integers(32n),
  i64: integers(64n),
};

function canonical(type: ValueType, value: bigint): bigint {
  if (type === 'f32' && (value & 0x7fffffffn) > 0x7f800000n) return 0x7fc00000n;
  if (type === 'f64' && (value & 0x7fffffffffffffffn) > 0x7ff0000000000000n) return 0x7ff8000000000000n;
  return value;
}

let guest: Guest;
let reference: WebAssembly.Instance['exports'];
beforeAll(async () => {
  const exports = Object.fromEntries(operations.map((o, i) => [o.name, i]));
  const wasm = writeModule({ functions: operations.map(written), exports, memoryPages: 1 });
  reference = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(wasm))).exports;
  const roots = operations.map((o) => o.name);
  const runtime = await runtimeModule();
  guest = new Guest(compileModule(wasm, { memoryBase: 0x200000, heapBase: 0x200000, roots, runtime }));
});

function inV8(o: Operation, args: readonly bigint[]): bigint | 'trap' {
  const run = reference[o.name];
  if (typeof run !== 'function') throw new Error(`no ${o.name}`);
  const values = args.map((a, i) => (wide(o.params[i]) ? BigInt.asIntN(64, a) : Number(BigInt.asIntN(32, a))));
  try {
    const result: unknown = run(...values);
    return canonical(o.result, BigInt.asUintN(wide(o.result) ? 64 : 32, BigInt(result as number | bigint)));
  } catch (error) {
    if (error instanceof Error && error.name === 'RuntimeError') return 'trap';
    throw error;
  }
}

function onIa32(o: Operation, args: readonly bigint[]): bigint | 'trap' {
  const words = args.flatMap((a, i) => (wide(o.params[i]) ? [Number(a & 0xffffffffn), Number(a >> 32n)] : [Number(a)]));
  const { end, low, high } = guest.call(o.name, words);
  if (end !== 'returned') return end.includes('triple-fault') ? 'trap' : expect.fail(end);
  const word = BigInt(low >>> 0);
  return canonical(o.result, wide(o.result) ? word | (BigInt(high >>> 0) << 32n) : word);
}

describe('an operation gives what the host gives', () => {
  for (const o of operations) {
    const args = fc.tuple(...o.params.map((p) => operands[p]));
    test.prop([args], { numRuns: 40 })(o.name, (values) => {
      expect(onIa32(o, values)).toBe(inV8(o, values));
    });
  }
});

describe('known hard cases', () => {
  const find = (name: string): Operation => operations.find((o) => o.name === name) ?? expect.fail(name);

  it('results are rounded to even at ties, and once', () => {
    // 1 + 2^-53 is a tie and stays 1; the next double above 2^-53 is not.
    expect(onIa32(find('f64.add'), [f64Bits(1), f64Bits(2 ** -53)])).toBe(f64Bits(1));
    expect(onIa32(find('f64.add'), [f64Bits(1), f64Bits(2 ** -53) + 1n])).toBe(f64Bits(1) + 1n);
    // Rounded to 53 bits and then to 24 this integer would become 2^60; once rounded it lies above.
    const value = (1n << 60n) + (1n << 36n) + 1n;
    expect(onIa32(find('f32.convert_i64_u'), [value])).toBe(f32Bits(2 ** 60) + 1n);
    // Just above a tie, with the top bit set.
    expect(onIa32(find('f32.convert_i64_u'), [(1n << 63n) + (1n << 39n) + 1n])).toBe(f32Bits(2 ** 63) + 1n);
  });

  it('a computed NaN is the canonical one', () => {
    const { low, high } = guest.call('f64.sub', [0, 0x7ff00000, 0, 0x7ff00000]);
    expect([low >>> 0, high >>> 0]).toEqual([0, 0x7ff80000]);
  });

  it('conversions that do not fit trap, those at the limit do not', () => {
    expect(onIa32(find('i32.trunc_f64_s'), [f64Bits(2147483647.9)])).toBe(0x7fffffffn);
    expect(onIa32(find('i32.trunc_f64_s'), [f64Bits(2147483648)])).toBe('trap');
    expect(onIa32(find('i32.trunc_f64_s'), [f64Bits(-2147483648.9)])).toBe(0x80000000n);
    expect(onIa32(find('i64.trunc_f64_u'), [f64Bits(-0.9)])).toBe(0n);
    expect(onIa32(find('i64.trunc_f64_u'), [f64Bits(-1)])).toBe('trap');
    expect(onIa32(find('i64.trunc_f64_s'), [f64Bits(NaN)])).toBe('trap');
  });
});
