import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { type ClassFile, type Generation, type Method, readClassFile, writeClassFile } from './index.js';
import { bytesOf, classFileNames } from './testing/fixtures.js';

const current = [...classFileNames('golden'), ...classFileNames('originals'), ...classFileNames('workloads')];
const old = classFileNames('generation-1');

test.each([...current, ...old])('%s is written back byte for byte', (file) => {
  const bytes = bytesOf(file);
  expect(Buffer.from(writeClassFile(readClassFile(bytes, file))).equals(bytes)).toBe(true);
});

test('both generations of a file say the same', () => {
  expect(old.length).toBeGreaterThan(10);
  for (const file of old) {
    const suite = file.includes('/wl.') ? 'workloads' : 'golden';
    const now = readClassFile(bytesOf(file.replace('generation-1', suite)), file);
    const then = readClassFile(bytesOf(file), file);
    expect(then.generation).toBe(1);
    expect({ ...then, generation: 2 }).toEqual(now);
    expect(Buffer.from(writeClassFile({ ...now, generation: 1 })).equals(bytesOf(file))).toBe(true);
  }
});

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((s) => !/\p{Cc}/u.test(s));
const name = text.filter((s) => s !== '');
const someBytes = fc.uint8Array({ maxLength: 40 });
const type = fc
  .record({ isContainer: fc.boolean(), className: text, contained: text })
  .map((parts) => (parts.isContainer ? parts : { ...parts, contained: '' }));
const lines = fc.array(fc.record({ ip: fc.nat(), line: fc.nat() }), { maxLength: 4 });

const method: fc.Arbitrary<Method> = fc.record({
  name,
  ordinal: fc.nat(65534),
  code: someBytes,
  isConstructor: fc.boolean(),
  result: type,
  parameters: fc.array(fc.record({ name, type }), { maxLength: 4 }),
  lines: fc.option(lines, { nil: undefined }),
});

/** Constructor flags as generation 1 can tell them. */
function asOf(generation: Generation, list: readonly Method[]): Method[] {
  return list.map((item) => (generation === 2 ? item : { ...item, isConstructor: item.name === '<init>' }));
}

const classFile: fc.Arbitrary<ClassFile> = fc
  .record({
    generation: fc.constantFrom<Generation>(1, 2),
    name,
    objectSlots: fc.constant(65535),
    methodSlots: fc.constant(65535),
    parent: name,
    version: fc.option(text, { nil: undefined }),
    methods: fc.uniqueArray(method, { minLength: 1, maxLength: 5, selector: (item) => item.ordinal }),
    fields: fc.array(fc.record({ name, ordinal: fc.nat(65534), type }), { maxLength: 4 }),
    constants: fc.array(someBytes, { maxLength: 4 }),
    extra: fc.array(fc.record({ type: fc.constantFrom('A', 'm', '\xff'), body: someBytes }), { maxLength: 2 }),
  })
  .map((file) => ({ ...file, methods: asOf(file.generation, file.methods) }));

property.prop([classFile])('a class file that is written reads back the same', (file) => {
  expect(readClassFile(writeClassFile(file), 'generated')).toEqual(file);
});
