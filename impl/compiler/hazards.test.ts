/**
 * Code shapes that have been miscompiled before, here or in other compilers of this kind: each is small, run on the simulated
 * processor and in V8 with the same arguments.
 */

import { describe, expect, it } from 'vitest';
import { compileModule } from './index.js';
import { callGuest } from './testing/guest.js';
import { Code, typeIndex, type WrittenFunction, writeModule } from './testing/wasm-writer.js';
import type { ValueType } from './wasm.js';

const base = 0x200000;

interface Shape {
  readonly params: readonly ValueType[];
  readonly locals?: readonly ValueType[];
  readonly result: 'i32' | 'i64';
  readonly code: (c: Code) => void;
  readonly arguments: readonly (readonly (number | bigint)[])[];
  readonly others?: readonly WrittenFunction[];
  readonly table?: readonly number[];
  readonly types?: string[];
}

function other(params: readonly ValueType[], result: ValueType | undefined, fill: (c: Code) => void): WrittenFunction {
  const code = new Code();
  fill(code);
  return { params, result, locals: [], code };
}

function check(shape: Shape): void {
  const code = new Code();
  shape.code(code);
  const { params, result, locals = [], others = [], table, types } = shape;
  const functions = [...others, { params, result, locals, code }];
  const exports = { f: functions.length - 1 };
  const globals: ValueType[] = ['i32', 'i64'];
  const wasm = writeModule({ functions, exports, globals, table, memoryPages: 34 }, types);
  const image = compileModule(wasm, { memoryBase: base, heapBase: base + 0x2000, roots: ['f'] });
  for (const args of shape.arguments) {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(wasm)));
    const { f, memory } = instance.exports;
    if (typeof f !== 'function' || !(memory instanceof WebAssembly.Memory)) throw new Error('the module has no f');
    const expected = BigInt.asUintN(result === 'i64' ? 64 : 32, BigInt(f(...args) as number | bigint));
    const words = args.flatMap((a) =>
      typeof a === 'number' ? [a] : [Number(BigInt.asIntN(32, a)), Number(BigInt.asIntN(32, a >> 32n))],
    );
    const outcome = callGuest(image, 'f', words);
    expect(outcome.end).toBe('returned');
    const low = BigInt(outcome.low >>> 0);
    expect(result === 'i64' ? low | (BigInt(outcome.high >>> 0) << 32n) : low).toBe(expected);
    const found = outcome.memory.readBytes(base, 64);
    expect([...found]).toEqual([...new Uint8Array(memory.buffer, base, 64)]);
  }
}

const pairs = [
  [7, 3],
  [-7, 3],
  [-2147483648, -1],
  [2147483647, -2147483648],
] as const;

describe('order of evaluation', () => {
  it('a local read before it is assigned in the same expression keeps its old value', () => {
    check({
      params: ['i32', 'i32'],
      result: 'i32',
      code: (c) => c.get(0).get(1).tee(0).get(0).op(0x6c, 0x6b),
      arguments: pairs,
    });
  });

  it('a load waits for no store that comes after it', () => {
    check({
      params: ['i32', 'i32'],
      result: 'i32',
      code: (c) => {
        c.i32(base).access(0x28, 0);
        c.i32(base).get(0).access(0x36, 0);
        c.i32(base).access(0x28, 0).op(0x6b);
      },
      arguments: pairs,
    });
  });

  it('an argument that assigns a local comes after the arguments before it', () => {
    check({
      params: ['i32', 'i64'],
      result: 'i64',
      others: [
        other(['i32', 'i64', 'i32', 'i64', 'i32'], 'i64', (c) =>
          c.get(0).op(0xad).get(1).op(0x7c).get(2).op(0xac, 0x7e).get(3).op(0x7d).get(4).op(0xac, 0x85),
        ),
      ],
      code: (c) => {
        c.get(0).get(1);
        c.get(0).i32(5).op(0x6a).tee(0);
        c.get(1).get(0).op(0xac, 0x7e).tee(1);
        c.get(0).op(0x10).u32(0).get(1).op(0x7c);
      },
      arguments: [
        [3, 5n],
        [-3, -0x123456789an],
      ],
    });
  });

  it('a select reads its operands before its condition assigns them', () => {
    check({
      params: ['i32', 'i32'],
      result: 'i32',
      code: (c) => c.get(0).get(1).i32(9).tee(0).get(1).op(0x4a, 0x1b).get(0).op(0x73),
      arguments: [...pairs, [1, 20]],
    });
  });

  it('a value carried by br_if is the one before the branch', () => {
    check({
      params: ['i32', 'i32'],
      result: 'i32',
      code: (c) => {
        c.op(0x02, 0x7f).get(0).get(1).tee(0).op(0x0d).u32(0).i32(100).op(0x6a, 0x0b).get(0).op(0x6a);
      },
      arguments: [...pairs, [4, 0]],
    });
  });
});

describe('division', () => {
  it('64-bit division inside the arguments of a call', () => {
    check({
      params: ['i64', 'i64'],
      result: 'i64',
      others: [other(['i64', 'i64', 'i32'], 'i64', (c) => c.get(0).get(1).op(0x7d).get(2).op(0xac, 0x7c))],
      code: (c) => {
        c.get(0).get(1).op(0x7f).get(0).get(1).op(0x82);
        c.get(0).get(1).op(0x81).op(0xa7).op(0x10).u32(0);
      },
      arguments: [
        [1000000000000n, 7n],
        [-1000000000000n, 3000000000n],
        [0x7fffffffffffffffn, -2n],
        [-1n, 0x100000001n],
        [-0x8000000000000000n, 0x7fffffffffffffffn],
        [0x123456789abcdef0n, 0xffffffffn],
      ],
    });
  });

  it('the remainder of the lowest number by -1 is 0', () => {
    const rem = (c: Code): Code => c.get(0).get(1).op(0x6f);
    check({ params: ['i32', 'i32'], result: 'i32', code: rem, arguments: pairs });
    const byConstant = (c: Code): Code => c.get(0).i32(-1).op(0x6f);
    check({ params: ['i32'], result: 'i32', code: byConstant, arguments: [[-2147483648], [5]] });
  });

  it('remainders of 64 bits have the sign of the dividend', () => {
    check({
      params: ['i64', 'i64'],
      result: 'i64',
      code: (c) => c.get(0).get(1).op(0x81),
      arguments: [
        [-7n, 3n],
        [7n, -3n],
        [-0x8000000000000000n, -1n],
        [-0x8000000000000000n, 3n],
      ],
    });
  });

  it('what has no quotient raises the divide error', () => {
    const code = new Code().get(0).get(1).op(0x7f);
    const f: WrittenFunction = { params: ['i64', 'i64'], result: 'i64', locals: [], code };
    const wasm = writeModule({ functions: [f], exports: { f: 0 }, memoryPages: 1 });
    const image = compileModule(wasm, { memoryBase: base, heapBase: base, roots: ['f'] });
    expect(callGuest(image, 'f', [0, -0x80000000, -1, -1]).end).toContain('triple-fault');
    expect(callGuest(image, 'f', [1, 0, 0, 0]).end).toContain('triple-fault');
  });
});

describe('memory', () => {
  it('a read-modify-write whose operand assigns the address', () => {
    check({
      params: ['i32', 'i32'],
      result: 'i32',
      code: (c) => {
        c.i32(base).set(0);
        c.get(0)
          .get(0)
          .access(0x28, 4)
          .get(1)
          .i32(base + 8)
          .tee(0)
          .op(0x6a, 0x6a)
          .access(0x36, 4);
        c.get(0).access(0x28, 0);
      },
      arguments: pairs,
    });
  });

  it.each([
    [0x2d, 0x3a],
    [0x2f, 0x3b],
    [0x28, 0x36],
  ])('an update by a value that is in no byte register (load opcode %i)', (load, store) => {
    check({
      params: ['i32', 'i32', 'i32', 'i32', 'i32'],
      result: 'i32',
      locals: ['i32'],
      code: (c) => {
        c.i32(base).set(5);
        for (let i = 0; i < 5; i++)
          c.get(5)
            .get(5)
            .access(load, i * 8)
            .get(i)
            .op([0x6a, 0x6b, 0x71, 0x72, 0x73][i])
            .access(store, i * 8);
        c.get(0).get(1).op(0x6a).get(2).op(0x6a).get(3).op(0x6a).get(4).op(0x6a);
      },
      arguments: [
        [1, 2, 3, 4, 5],
        [-1, 0x12345678, 0x1ff, -256, 77],
      ],
    });
  });

  it('copies that overlap, up and down, of all small sizes', () => {
    for (const [to, from] of [
      [8, 9],
      [9, 8],
      [8, 8],
      [0, 20],
    ] as const) {
      check({
        params: ['i32'],
        result: 'i32',
        code: (c) => {
          for (let i = 0; i < 8; i++)
            c.i32(base)
              .constant('i64', 0x0706050403020100n + BigInt(i) * 0x0808080808080808n)
              .access(0x37, i * 8);
          c.i32(base + to)
            .i32(base + from)
            .get(0)
            .op(0xfc, 10, 0, 0);
          c.i32(base + 50)
            .i32(0x1ab)
            .get(0)
            .i32(7)
            .op(0x71, 0xfc, 11, 0)
            .i32(0);
        },
        arguments: [0, 1, 2, 3, 4, 5, 7, 8, 11, 32].map((n) => [n]),
      });
    }
  });
});

describe('calls through the table', () => {
  it('with more than three argument words, and with the entry number in no register', () => {
    const types: string[] = [];
    const params: ValueType[] = ['i32', 'i64', 'i32'];
    const type = typeIndex(types, params, 'i32');
    const sum = other(params, 'i32', (c) => c.get(0).get(1).op(0xa7, 0x6a).get(2).op(0x6b));
    const product = other(params, 'i32', (c) => c.get(0).get(1).op(0xa7, 0x6c).get(2).op(0x6a));
    check({
      params: ['i32', 'i64', 'i32'],
      result: 'i32',
      types,
      others: [sum, product],
      table: [0, 1, 0, 1],
      code: (c) => {
        const call = (): Code => c.get(2).i32(3).op(0x71, 0x11).u32(type).u32(0);
        c.get(0).get(1).get(2);
        call();
        c.get(1).get(0);
        call();
        c.get(1).get(2);
        call();
      },
      arguments: [
        [3, 0x500000007n, 0],
        [3, -7n, 1],
        [-9, 12n, 2],
      ],
    });
  });
});

describe('branches', () => {
  it('a table of targets that all carry a value', () => {
    check({
      params: ['i32', 'i64'],
      result: 'i64',
      code: (c) => {
        c.op(0x02, 0x7e, 0x02, 0x7e, 0x02, 0x7e).get(1).get(0).op(0x0e).u32(2).u32(0).u32(1).u32(2).op(0x0b);
        c.constant('i64', 3n).op(0x7e, 0x0b).constant('i64', 100n).op(0x7c, 0x0b);
      },
      arguments: [0, 1, 2, 3, -1].map((n) => [n, 11n]),
    });
  });

  it('jumps beyond 127 bytes', () => {
    check({
      params: ['i32', 'i32'],
      result: 'i32',
      code: (c) => {
        c.op(0x02, 0x40, 0x03, 0x40);
        for (let i = 0; i < 60; i++)
          c.get(0)
            .i32(i + 1)
            .op(0x6c)
            .get(1)
            .op(0x73)
            .set(0);
        c.get(1).i32(1).op(0x6b).tee(1).i32(0).op(0x4a, 0x0d).u32(0).op(0x0b, 0x0b).get(0);
      },
      arguments: [
        [1, 3],
        [5, 1],
      ],
    });
  });
});
