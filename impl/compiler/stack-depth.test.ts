/** Stack depths: of call graphs given by hand, of modules written by hand, and against what random programs use. */

import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type CompiledImage, compileModule } from './index.js';
import { type StackNode, stackDepths } from './stack-depth.js';
import { Guest, stackTop } from './testing/guest.js';
import { dataBase, dataBytes, randomProgram } from './testing/random-program.js';
import { runtimeModule } from './testing/runtime-module.js';
import { Code, typeIndex, type WrittenFunction, writeModule } from './testing/wasm-writer.js';
import type { ValueType } from './wasm.js';

describe('stack depth of a call graph', () => {
  const node = (
    name: string,
    frameBytes: number,
    callees: string[],
    tableCalls: string[] = [],
  ): [string, StackNode] => [name, { name: name.toUpperCase(), frameBytes, callees, tableCalls }];

  it('is the deepest path, return addresses included', () => {
    const nodes = new Map([node('a', 8, ['b', 'c']), node('b', 100, []), node('c', 20, ['d']), node('d', 90, [])]);
    expect(stackDepths(nodes, ['a', 'b'])).toEqual([
      { bytes: 4 + 8 + 4 + 20 + 4 + 90, path: ['A', 'C', 'D'], cycles: [] },
      { bytes: 104, path: ['B'], cycles: [] },
    ]);
  });

  it('goes through the table to the functions of the signature, and to no others', () => {
    const nodes = new Map([
      node('a', 8, ['b'], ['one']),
      node('b', 30, []),
      node('small', 12, [], ['two']),
      node('large', 40, []),
      node('other', 1000, [], ['one']),
      node('deep', 100, []),
    ]);
    const table = new Map([
      ['one', ['small', 'large']],
      ['two', ['deep']],
      ['three', ['other']],
    ]);
    expect(stackDepths(nodes, ['a', 'other'], table)).toEqual([
      { bytes: 4 + 8 + 4 + 12 + 4 + 100, path: ['A', 'SMALL', 'DEEP'], cycles: [] },
      { bytes: 4 + 1000 + 4 + 12 + 4 + 100, path: ['OTHER', 'SMALL', 'DEEP'], cycles: [] },
    ]);
  });

  it('names what recurses, directly or through the table, for the entries that reach it', () => {
    const nodes = new Map([
      node('a', 8, ['b', 'free']),
      node('b', 4, ['c']),
      node('c', 4, [], ['handler']),
      node('d', 4, ['b']),
      node('self', 4, ['free', 'self']),
      node('free', 4, []),
    ]);
    const found = stackDepths(nodes, ['a', 'self', 'free'], new Map([['handler', ['d']]]));
    expect(found).toEqual([
      { bytes: undefined, path: [], cycles: [['B', 'C', 'D']] },
      { bytes: undefined, path: [], cycles: [['SELF']] },
      { bytes: 8, path: ['FREE'], cycles: [] },
    ]);
  });

  it('is undefined for an entry that comes to a circle met before', () => {
    const nodes = new Map([node('a', 0, ['b']), node('b', 0, ['a']), node('late', 0, ['b'])]);
    expect(stackDepths(nodes, ['a', 'late'])[1]).toEqual({ bytes: undefined, path: [], cycles: [['A', 'B']] });
  });
});

/** The lowest address of the stack that a call of `name` writes to, from the top downwards. */
function stackUsed(image: CompiledImage, name: string): number {
  const guest = new Guest(image);
  const paint = 0x5ac3a55a;
  const from = stackTop - 65536;
  for (let at = from; at < stackTop; at += 4) guest.memory.write32(at, paint);
  expect(guest.call(name).end).toBe('returned');
  let lowest = from;
  while (lowest < stackTop && guest.memory.read32(lowest) === paint) lowest += 4;
  return stackTop - lowest;
}

describe('stack depth of a module', () => {
  const compile = (
    functions: readonly WrittenFunction[],
    entry: number,
    table: readonly number[] = [],
    types: string[] = [],
  ): CompiledImage => {
    const wasm = writeModule({ functions, exports: { entry }, table, memoryPages: 33 }, types);
    return compileModule(wasm, { memoryBase: 0x200000, heapBase: 0x200000, roots: ['entry'] });
  };
  /** Takes words and returns its last one: it has no frame and saves nothing. */
  const taking = (words: number): WrittenFunction => {
    const params = Array.from({ length: words }, (): ValueType => 'i32');
    return { params, result: 'i32', locals: [], code: new Code().get(words - 1) };
  };

  it('counts frames as the code uses them', () => {
    // Five arguments: two words on the caller's stack.
    const code = new Code().i32(1).i32(2).i32(3).i32(4).i32(5).op(0x10).u32(0);
    const image = compile([taking(5), { params: [], result: 'i32', locals: [], code }], 1);
    expect(image.stackDepths.get('entry')).toEqual({
      bytes: 4 + 8 + 4,
      path: ['entry', 'function 0'],
      cycles: [],
    });
    expect(stackUsed(image, 'entry')).toBe(16);
  });

  it('takes of the table what has the signature of the call', () => {
    const types: string[] = [];
    const one = typeIndex(types, ['i32'], 'i32');
    // A function of another signature that needs much more: six words for its callee, which takes nine.
    const large: WrittenFunction = {
      params: [],
      result: 'i32',
      locals: [],
      code: Array.from({ length: 9 }, (_, i) => i)
        .reduce((c, i) => c.i32(i), new Code())
        .op(0x10)
        .u32(3),
    };
    const entry: WrittenFunction = {
      params: [],
      result: 'i32',
      locals: [],
      code: new Code().i32(7).i32(1).op(0x11).u32(one).u32(0),
    };
    const image = compile([taking(1), large, entry, taking(9)], 2, [1, 0], types);
    expect(image.stackDepths.get('function 1')?.bytes).toBe(4 + 24 + 4);
    expect(image.stackDepths.get('entry')).toEqual({ bytes: 8, path: ['entry', 'function 0'], cycles: [] });
    expect(stackUsed(image, 'entry')).toBe(8);
  });

  it('names recursion through the table', () => {
    const types: string[] = [];
    const nothing = typeIndex(types, [], undefined);
    const call = new Code().i32(0).op(0x11).u32(nothing).u32(0);
    const image = compile([{ params: [], result: undefined, locals: [], code: call }], 0, [0], types);
    expect(image.stackDepths.get('entry')).toEqual({ bytes: undefined, path: [], cycles: [['entry']] });
  });

  const choices = fc.uint8Array({ minLength: 40, maxLength: 1500, size: 'max' });

  test.prop([choices], { numRuns: 12 })('no random program uses more stack than its bound', async (bytes) => {
    const wasm = randomProgram(bytes, { floats: true });
    const image = compileModule(wasm, {
      memoryBase: dataBase,
      heapBase: dataBase + dataBytes + 4096,
      roots: ['run'],
      runtime: await runtimeModule(),
    });
    const bound = image.stackDepths.get('run')?.bytes ?? 0;
    expect(stackUsed(image, 'run')).toBeLessThanOrEqual(bound);
  });
});
