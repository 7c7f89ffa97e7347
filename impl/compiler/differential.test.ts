/**
 * Random programs give the same memory in V8 and as IA-32 code on the simulated processor. V8 is the oracle: it shares nothing
 * with this compiler but the module.
 */

import { fc, test } from '@fast-check/vitest';
import { beforeAll, describe, expect } from 'vitest';
import { compileModule } from './index.js';
import { callGuest } from './testing/guest.js';
import { dataBase, dataBytes, randomProgram } from './testing/random-program.js';
import { runtimeModule } from './testing/runtime-module.js';

let runtime: Uint8Array;
beforeAll(async () => {
  runtime = await runtimeModule();
});

function memoryInV8(wasm: Uint8Array): Uint8Array {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(wasm)));
  const { run, memory } = instance.exports;
  if (typeof run !== 'function' || !(memory instanceof WebAssembly.Memory)) throw new Error('the program has no run');
  run();
  return new Uint8Array(memory.buffer, dataBase, dataBytes);
}

function memoryOnIa32(wasm: Uint8Array): Uint8Array {
  const image = compileModule(wasm, {
    memoryBase: dataBase,
    heapBase: dataBase + dataBytes + 4096,
    roots: ['run'],
    runtime,
  });
  const { end, memory } = callGuest(image, 'run');
  expect(end).toBe('returned');
  return memory.readBytes(dataBase, dataBytes);
}

/** Fails with the first address where the two differ. */
function expectSameMemory(wasm: Uint8Array): void {
  const expected = memoryInV8(wasm);
  const found = memoryOnIa32(wasm);
  const at = expected.findIndex((byte, i) => byte !== found[i]);
  expect(at < 0 ? 'same' : `0x${(dataBase + at).toString(16)}: ${found[at]} instead of ${expected[at]}`).toBe('same');
}

/** Choices of many lengths: long ones make large functions with much register pressure. */
const choices = fc.uint8Array({ minLength: 40, maxLength: 2500, size: 'max' });

describe('compiled code and V8 leave the same memory', () => {
  test.prop([choices], { numRuns: 80 })('integer programs', (bytes) => {
    expectSameMemory(randomProgram(bytes, { floats: false }));
  });

  test.prop([choices], { numRuns: 80 })('programs with floats', (bytes) => {
    expectSameMemory(randomProgram(bytes, { floats: true }));
  });
});
