import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { type ClassFile, ClassFileError, disassembleClass, readClassFile } from './index.js';
import { bytesOf, classFileNames, lengthFields, recordsOf } from './testing/fixtures.js';

const current = [...classFileNames('golden'), ...classFileNames('originals'), ...classFileNames('workloads')];
const POINT = 'golden/ctors/ga.ctors.point.pc';
const SMALL = [POINT, 'golden/iface/ga.iface.shape.pc', 'golden/inherit/ga.inherit.bird.pc'];

/** The error that reading gives, or the class file when there is none. */
function outcomeOf(bytes: Uint8Array): ClassFile | ClassFileError {
  try {
    return readClassFile(bytes, 'x.pc');
  } catch (error) {
    if (error instanceof ClassFileError) return error;
    throw error;
  }
}

function errorOf(bytes: Uint8Array): ClassFileError {
  const outcome = outcomeOf(bytes);
  if (outcome instanceof ClassFileError) return outcome;
  throw new Error('the file was accepted');
}

/** The file with one part replaced. */
function changed(file: string, at: number, ...patch: readonly number[]): Uint8Array {
  const bytes = bytesOf(file);
  bytes.set(patch, at);
  return bytes;
}

/** Byte at which the n-th record of that type begins. */
function recordAt(file: string, type: string, n = 0): number {
  return recordsOf(bytesOf(file)).filter((record) => record.type === type)[n].start;
}

describe('what a class file says', () => {
  const parsed = readClassFile(bytesOf(POINT), 'point.pc');

  test('names, slots, version', () => {
    expect(parsed).toMatchObject({
      generation: 2,
      name: '.ga.ctors.point',
      parent: '.internal.object',
      objectSlots: 3,
      methodSlots: 24,
      version: '20261020051613837',
    });
    expect(parsed.constants.map((content) => Buffer.from(content).toString())).toEqual(['default', 'two ints', 'copy']);
    expect(parsed.fields.map(({ name, ordinal }) => `${name}=${ordinal}`).sort()).toEqual(['tag=2', 'x=0', 'y=1']);
  });

  test('signatures', () => {
    const dot = parsed.methods.find(({ name }) => name === 'dot');
    expect(dot).toMatchObject({
      ordinal: 18,
      isConstructor: false,
      result: { isContainer: false, className: '.internal.int', contained: '' },
      parameters: [{ name: 'o', type: { isContainer: false, className: '.ga.ctors.point', contained: '' } }],
    });
    const constructors = parsed.methods.filter(({ isConstructor }) => isConstructor);
    expect(constructors.map(({ name }) => name)).toEqual(['<init>', '<init>', '<init>', '<init>']);
  });

  test('every file of the suites carries the name it is stored under', () => {
    expect(current.length).toBe(104);
    for (const file of current) {
      const { name, generation } = readClassFile(bytesOf(file), file);
      expect({ name, generation }).toEqual({
        name: `.${file.replace(/^.*\//, '').replace(/\.pc$/, '')}`,
        generation: 2,
      });
    }
  });

  test('records of unknown types are kept', () => {
    const body = [1, 2, 3];
    const record = [...Buffer.from('phfr:Q'), 0, 0, 0, 13, ...body];
    const bytes = Uint8Array.from([...bytesOf(POINT), ...record]);
    expect(readClassFile(bytes, 'x.pc').extra).toEqual([{ type: 'Q', body: Uint8Array.from(body) }]);
  });
});

describe('a file that is not sound is refused, with the place', () => {
  const bytes = bytesOf(POINT);
  const method = recordAt(POINT, 'M');
  const signature = recordAt(POINT, 'S');
  const constant = recordAt(POINT, 'c');
  const field = recordAt(POINT, 'f');

  test('the message', () => {
    expect(errorOf(changed(POINT, method, 0x20)).message).toBe(
      `x.pc: not a sound class file: at byte ${method} expected a record that begins with phfr:, found " hfr:"`,
    );
  });

  test('a record longer than the file', () => {
    const error = errorOf(bytes.subarray(0, bytes.length - 1));
    const last = recordAt(POINT, 'c', 2);
    expect(error).toMatchObject({ offset: last + 6, found: String(bytes.length - last) });
    expect(error.expected).toBe(`a record length of 10 to ${bytes.length - 1 - last}`);
  });

  test('a record of negative length', () => {
    expect(errorOf(changed(POINT, method + 6, 0xff))).toMatchObject({
      offset: method + 6,
      found: String(-0x1000000 + (signature - method)),
    });
  });

  test('a string longer than its record', () => {
    expect(errorOf(changed(POINT, 10, 0, 0, 1))).toMatchObject({ offset: 14, expected: 'class name of 271 bytes' });
  });

  test('a name with control characters', () => {
    expect(errorOf(changed(POINT, 14 + 3, 7))).toMatchObject({ offset: 17, found: 'byte 7' });
  });

  test('a name that is not UTF-8', () => {
    expect(errorOf(changed(POINT, 14 + 3, 0xe9))).toMatchObject({ offset: 14, expected: 'class name in UTF-8' });
  });

  test('no class record', () => {
    expect(errorOf(bytes.subarray(method))).toMatchObject({ expected: 'a class record', found: 'the end of the file' });
    expect(errorOf(new Uint8Array())).toMatchObject({ offset: 0, expected: 'a class record' });
  });

  test('two class records', () => {
    const twice = Buffer.concat([bytes.subarray(0, method), bytes]);
    expect(errorOf(twice)).toMatchObject({ offset: method, expected: 'one class record' });
  });

  test('a method without a signature, and a signature without a method', () => {
    const lines = recordAt(POINT, 'l');
    const withoutSignature = Buffer.concat([bytes.subarray(0, signature), bytes.subarray(lines)]);
    expect(errorOf(withoutSignature)).toMatchObject({ offset: method, expected: 'a method with a signature' });
    const withoutMethod = Buffer.concat([bytes.subarray(0, method), bytes.subarray(signature)]);
    expect(errorOf(withoutMethod)).toMatchObject({ offset: method, found: '16' });
  });

  test('a signature of another name', () => {
    const error = errorOf(changed(POINT, signature + 14, 0x5b));
    expect(error).toMatchObject({ offset: signature, expected: 'the signature of <init>' });
  });

  test('a method twice', () => {
    const again = Buffer.concat([bytes, bytes.subarray(method, signature)]);
    expect(errorOf(again)).toMatchObject({ offset: bytes.length, expected: 'one body of method 16' });
  });

  test('an ordinal beyond the slots of the class', () => {
    const ordinal = method + 10 + 4 + '<init>'.length;
    expect(errorOf(changed(POINT, ordinal + 3, 24))).toMatchObject({ offset: ordinal, found: '24' });
    const slot = field + 10 + 4 + bytes[field + 13];
    expect(errorOf(changed(POINT, slot + 3, 3))).toMatchObject({ offset: slot, found: '3' });
  });

  test('a signature of neither generation', () => {
    const count = signature + 10 + 4 + '<init>'.length + 4;
    expect(errorOf(changed(POINT, count + 3, 1)).offset).toBeGreaterThan(count);
    expect(errorOf(changed(POINT, count + 3, 9))).toMatchObject({ offset: count, found: '9' });
  });

  test('signatures of both generations in one file', () => {
    const flag = signature + 10 + 4 + '<init>'.length + 8;
    const mixed = Buffer.concat([bytes.subarray(0, flag), bytes.subarray(flag + 4)]);
    mixed.writeInt32BE(mixed.readInt32BE(signature + 6) - 4, signature + 6);
    expect(errorOf(mixed)).toBeInstanceOf(ClassFileError);
  });

  test('a constant out of its order, and one that is no string', () => {
    expect(errorOf(changed(POINT, constant + 13, 1))).toMatchObject({ expected: 'constant 0', found: 'constant 1' });
    expect(errorOf(changed(POINT, constant + 22, 0x2f)).expected).toBe('a constant of class .internal.string');
  });
});

/** The records behind which a cut leaves a sound file: the last of whole methods, and every field and constant. */
function isSoundEnd(records: readonly { type: string; end: number }[], length: number): boolean {
  const last = records.find(({ end }) => end === length);
  return last !== undefined && last.type !== 'M';
}

/** Class file `part` is `whole` without some of the last methods, fields, constants and line maps. */
function expectPrefix(part: ClassFile, whole: ClassFile): void {
  const bare = ({ methods }: ClassFile): unknown[] => methods.map(({ lines, ...rest }) => rest);
  expect(bare(part)).toEqual(bare(whole).slice(0, part.methods.length));
  expect(part.fields).toEqual(whole.fields.slice(0, part.fields.length));
  expect(part.constants).toEqual(whole.constants.slice(0, part.constants.length));
}

function checkCut(file: string, length: number): void {
  const bytes = bytesOf(file);
  const outcome = outcomeOf(bytes.subarray(0, length));
  if (isSoundEnd(recordsOf(bytes), length)) {
    if (outcome instanceof ClassFileError) throw outcome;
    expectPrefix(outcome, readClassFile(bytes, file));
  } else if (!(outcome instanceof ClassFileError)) {
    throw new Error(`${file} cut to ${length} bytes was accepted`);
  }
}

test.each(SMALL)('%s cut anywhere within a record, or between a method and its signature, is refused', (file) => {
  for (let length = 0; length < bytesOf(file).length; length++) checkCut(file, length);
});

property.prop([fc.constantFrom(...current), fc.nat()])(
  'a file cut anywhere within a record is refused',
  (file, seed) => {
    checkCut(file, seed % bytesOf(file).length);
  },
);

function checkLength(file: string, at: number, flip: number): void {
  const bytes = bytesOf(file);
  bytes[at] ^= flip;
  const outcome = outcomeOf(bytes);
  if (outcome instanceof ClassFileError) return;
  // The content of a constant is not looked at, so it may swallow all constants behind it, and what is left is sound.
  const record = recordsOf(bytes).pop();
  if (record?.type === 'c' && at - record.start >= 6 && at - record.start < 10) return;
  throw new Error(`${file}: byte ${at} of a length changed by ${flip} was accepted`);
}

test.each(SMALL)('%s with any bit of a length changed is refused', (file) => {
  for (const field of lengthFields(bytesOf(file))) {
    for (let bit = 0; bit < 32; bit++) checkLength(file, field + (bit >>> 3), 1 << (bit & 7));
  }
});

property.prop([fc.constantFrom(...current), fc.nat(), fc.integer({ min: 1, max: 255 })], { numRuns: 2000 })(
  'a file with a byte of a length changed is refused',
  (file, seed, flip) => {
    const fields = lengthFields(bytesOf(file));
    checkLength(file, fields[(seed >>> 2) % fields.length] + (seed & 3), flip);
  },
);

property.prop([fc.constantFrom(...current), fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 })])(
  'a changed file is read or refused, and never anything else',
  (file, seed, patch) => {
    const outcome = outcomeOf(changed(file, seed % (bytesOf(file).length - patch.length), ...patch));
    if (!(outcome instanceof ClassFileError)) disassembleClass(outcome);
  },
);
