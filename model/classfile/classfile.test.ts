import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { withoutConstructorFlags } from '../../fixtures/make-generation-1.js';
import {
  type ClassFile,
  ClassFileError,
  disassemble,
  disassembleClass,
  readClassFile,
  writeClassFile,
} from './index.js';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));

function filesUnder(folder: string): string[] {
  return readdirSync(`${fixtures}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.pc'))
    .map((name) => `${folder}/${name}`);
}

function bytesOf(file: string): Uint8Array {
  return new Uint8Array(readFileSync(`${fixtures}/${file}`));
}

const current = [...filesUnder('golden'), ...filesUnder('workloads')];
const old = filesUnder('generation-1');

describe('class files of the original compiler', () => {
  test('there are enough of them', () => {
    expect(current.length).toBeGreaterThan(90);
    expect(old.length).toBeGreaterThan(5);
  });

  test.each(current)('%s reads as generation 2 and is written back byte for byte', (file) => {
    const bytes = bytesOf(file);
    const parsed = readClassFile(bytes, file);
    expect(parsed.generation).toBe(2);
    expect(parsed.name).toBe(`.${file.replace(/^.*\//, '').replace(/\.pc$/, '')}`);
    expect(Buffer.from(writeClassFile(parsed)).equals(Buffer.from(bytes))).toBe(true);
  });

  test.each(old)('%s reads as generation 1 and is written back byte for byte', (file) => {
    const bytes = bytesOf(file);
    const parsed = readClassFile(bytes, file);
    expect(parsed.generation).toBe(1);
    expect(Buffer.from(writeClassFile(parsed)).equals(Buffer.from(bytes))).toBe(true);
  });

  test('both generations of a file say the same', () => {
    for (const file of current) {
      const bytes = bytesOf(file);
      const now = readClassFile(bytes, file);
      const then = readClassFile(withoutConstructorFlags(Buffer.from(bytes)), file);
      expect({ ...then, generation: 2 }).toEqual(now);
    }
  });

  test('every byte of every method belongs to an instruction', () => {
    for (const file of current) {
      for (const { name, code } of readClassFile(bytesOf(file), file).methods) {
        const unknown = disassemble(code).filter((instruction) => instruction.name === undefined);
        expect({ file, name, unknown }).toEqual({ file, name, unknown: [] });
      }
    }
  });
});

describe('what a class file says', () => {
  const parsed = readClassFile(bytesOf('golden/ctors/ga.ctors.point.pc'), 'point.pc');

  test('names, slots, signatures', () => {
    expect(parsed).toMatchObject({
      name: '.ga.ctors.point',
      parent: '.internal.object',
      objectSlots: 3,
      methodSlots: 24,
      version: '20261020051613837',
    });
    const dot = parsed.methods.find(({ name }) => name === 'dot');
    expect(dot?.ordinal).toBe(18);
    expect(dot?.signature).toEqual({
      name: 'dot',
      ordinal: 18,
      isConstructor: false,
      result: { isContainer: false, className: '.internal.int', contained: '' },
      parameters: [{ name: 'o', type: { isContainer: false, className: '.ga.ctors.point', contained: '' } }],
    });
    const source = readFileSync(`${fixtures}/golden/ctors/ga.ctors.point.ph`, 'utf8');
    const constructors = parsed.methods.filter(({ signature }) => signature?.isConstructor);
    expect(constructors.map((method) => method.name)).toEqual(
      [...source.matchAll(/void point\(/g)].map(() => '<init>'),
    );
  });

  test('bytecode as text', () => {
    const text = disassembleClass(parsed);
    expect(text).toContain('class .ga.ctors.point extends .internal.object, 3 field slots, 24 method slots');
    // 73 01, 29 01 00, 14 00, 41, 1E 00000000, B7 00: from the bytes of method dot.
    expect(text).toContain('method dot [18]\n      0  arg_count 1\n      2  stack_reserve 1 0\n      5  os_load8 0');
    expect(text).toMatch(/8 {2}os_get32 0 .*\n +13 {2}call_17 0\n/);
  });

  test('jumps are shown as absolute offsets', () => {
    const code = Uint8Array.of(0x00, 0x06, 0xff, 0xff, 0xff, 0xfe, 0x05, 0, 0, 0, 4);
    expect(disassemble(code).map(({ name, operands }) => [name, ...operands])).toEqual([
      ['nop'],
      ['jmp', '@0'],
      ['jz', '@11'],
    ]);
  });

  test('what is no instruction is shown as bytes', () => {
    expect(disassemble(Uint8Array.of(0xff, 0x23, 0, 0)).map(({ name, operands }) => [name, ...operands])).toEqual([
      [undefined, '255'],
      [undefined, '35', '0', '0'],
    ]);
  });
});

describe('a file that is not sound is refused, with the place', () => {
  const bytes = bytesOf('golden/ctors/ga.ctors.point.pc');

  function errorOf(changed: Uint8Array): ClassFileError {
    try {
      readClassFile(changed, 'x.pc');
    } catch (error) {
      if (error instanceof ClassFileError) return error;
      throw error;
    }
    throw new Error('the file was accepted');
  }

  test('wrong magic', () => {
    const changed = Uint8Array.from(bytes);
    changed[0x4e] = 0x20;
    expect(errorOf(changed)).toMatchObject({ file: 'x.pc', offset: 0x4e, expected: 'a record that begins with phfr:' });
    expect(errorOf(changed).message).toBe(
      'x.pc: not a sound class file: at byte 78 expected a record that begins with phfr:, found " hfr:"',
    );
  });

  test('record longer than the file', () => {
    expect(errorOf(bytes.subarray(0, bytes.length - 1)).expected).toMatch(/^a record length of 10 to/);
  });

  test('string longer than its record', () => {
    const changed = Uint8Array.from(bytes);
    changed[10] = 0x7f;
    expect(errorOf(changed)).toMatchObject({ offset: 14, found: '64 bytes to the end of the record' });
  });

  test('no class record', () => {
    expect(errorOf(bytes.subarray(0x4e))).toMatchObject({ expected: 'a class record', found: 'the end of the file' });
  });

  test('two class records', () => {
    const twice = Buffer.concat([bytes.subarray(0, 0x4e), bytes]);
    expect(errorOf(twice)).toMatchObject({ expected: 'one class record', found: 'a second one' });
  });

  test('a signature of neither generation', () => {
    const changed = Uint8Array.from(bytes);
    // Number of arguments of the first signature.
    changed[0x80 + 10 + 4 + 6 + 4 + 3] = 9;
    expect(errorOf(changed).message).toMatch(/argument/);
  });
});

const type = fc.record({
  isContainer: fc.boolean(),
  className: fc.string({ maxLength: 20 }).map(latin1),
  contained: fc.string({ maxLength: 20 }).map(latin1),
});
const ordinal = fc.nat(65534);
const name = fc.string({ maxLength: 20 }).map(latin1);
const someBytes = fc.uint8Array({ maxLength: 40 });

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

const method = fc
  .record({
    name,
    code: someBytes,
    signed: fc.option(
      fc.record({
        isConstructor: fc.boolean(),
        result: type,
        parameters: fc.array(fc.record({ name, type }), { maxLength: 4 }),
      }),
      { nil: undefined },
    ),
    lines: fc.option(fc.array(fc.record({ ip: fc.nat(), line: fc.nat() }), { maxLength: 4 }), { nil: undefined }),
  })
  .chain((parts) => ordinal.map((number) => ({ ...parts, ordinal: number })));

const classFile: fc.Arbitrary<ClassFile> = fc.record({
  generation: fc.constant(2 as const),
  name,
  objectSlots: fc.nat(65535),
  methodSlots: fc.nat(65535),
  parent: name,
  version: fc.option(name, { nil: undefined }),
  methods: fc.uniqueArray(method, { maxLength: 5, selector: (item) => item.ordinal }).map((list) =>
    list.map(({ signed, ...rest }) => ({
      ...rest,
      signature: signed && { name: rest.name, ordinal: rest.ordinal, ...signed },
    })),
  ),
  fields: fc.array(fc.record({ name, ordinal, type }), { maxLength: 4 }),
  constants: fc.array(fc.record({ id: ordinal, type, bytes: someBytes }), { maxLength: 4 }),
});

property.prop([classFile])('a class file that is written reads back the same', (file) => {
  expect(readClassFile(writeClassFile(file), 'generated')).toEqual(file);
});

property.prop([fc.constantFrom(...current), fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 })])(
  'a changed file is read or refused, and never anything else',
  (file, seed, patch) => {
    const bytes = bytesOf(file);
    bytes.set(patch, seed % (bytes.length - patch.length));
    try {
      disassembleClass(readClassFile(bytes, file));
    } catch (error) {
      expect(error).toBeInstanceOf(ClassFileError);
    }
  },
);
