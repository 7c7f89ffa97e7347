// What is not translated is refused with its place; what is broken, too; nothing crashes or hangs the translator.

import { readFileSync } from 'node:fs';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { readClassFile } from '../../../model/classfile/index.js';
import { unsound } from '../testing/programs.js';
import { libraryClass, translate } from './index.js';
import { classFilesOf, PROGRAMS } from './testing/programs.js';

/** Class files written by hand: a constant pool, one static method `m()V` with the code, lines 7 and 8. */
class Writer {
  private readonly pool: number[][] = [];

  private add(...bytes: number[]): number {
    this.pool.push(bytes);
    return this.pool.length;
  }

  utf8(text: string): number {
    const bytes = [...Buffer.from(text, 'utf8')];
    return this.add(1, bytes.length >> 8, bytes.length & 255, ...bytes);
  }

  of(tag: number, ...indexes: number[]): number {
    return this.add(tag, ...indexes.flatMap((index) => [index >> 8, index & 255]));
  }

  cls(name: string): number {
    return this.of(7, this.utf8(name));
  }

  member(tag: number, owner: string, name: string, descriptor: string): number {
    return this.of(tag, this.cls(owner), this.of(12, this.utf8(name), this.utf8(descriptor)));
  }

  file(options: {
    version?: number;
    parent?: string;
    flags?: number;
    code?: number[];
    descriptor?: string;
  }): Uint8Array {
    const { version = 52, parent = 'java/lang/Object', flags = 9, code = [0xb1], descriptor = '()V' } = options;
    const u2 = (n: number): number[] => [n >> 8, n & 255];
    const u4 = (n: number): number[] => [0, 0, ...u2(n)];
    const self = this.cls('t/Hand');
    const parentClass = this.cls(parent);
    const name = this.utf8('m');
    const type = this.utf8(descriptor);
    const codeName = this.utf8('Code');
    const linesName = this.utf8('LineNumberTable');
    const sourceName = this.utf8('SourceFile');
    const source = this.utf8('Hand.java');
    const lines = [...u2(linesName), ...u4(10), ...u2(2), ...u2(0), ...u2(7), ...u2(1), ...u2(8)];
    const body = [...u2(9), ...u2(4), ...u4(code.length), ...code, ...u2(0), ...u2(1), ...lines];
    const method = [...u2(flags), ...u2(name), ...u2(type), ...u2(1), ...u2(codeName), ...u4(body.length), ...body];
    return Uint8Array.from([
      ...[0xca, 0xfe, 0xba, 0xbe, ...u2(0), ...u2(version), ...u2(this.pool.length + 1), ...this.pool.flat()],
      ...[...u2(0x21), ...u2(self), ...u2(parentClass), ...u2(0), ...u2(0), ...u2(1), ...method],
      ...[...u2(1), ...u2(sourceName), ...u4(2), ...u2(source)],
    ]);
  }
}

/** What the translator says of such a class. */
function refused(make: (writer: Writer) => Parameters<Writer['file']>[0]): string[] {
  const writer = new Writer();
  const { problems, classes } = translate([{ file: 'Hand.class', bytes: writer.file(make(writer)) }], libraryClass);
  if (problems.length > 0) expect(classes).toEqual([]);
  return problems.map(({ text }) => text);
}

const index = (n: number): number[] => [n >> 8, n & 255];

describe('refused, with class, method, byte and line', () => {
  test('an empty method is not', () => expect(refused(() => ({}))).toEqual([]));

  test.each([
    [
      'invokedynamic',
      (w: Writer) => ({ code: [0, 0xba, ...index(w.of(18, 0, 0)), 0, 0, 0xb1] }),
      'Hand.class: t/Hand.m()V at byte 1, line 8 of Hand.java: invokedynamic is not supported',
    ],
    [
      'a class that is nowhere',
      (w: Writer) => ({ code: [0, 0xbb, ...index(w.cls('javax/swing/JFrame')), 0x57, 0xb1] }),
      'Hand.class: t/Hand.m()V at byte 1, line 8 of Hand.java: class javax.swing.JFrame is neither given, nor',
    ],
    [
      'a method the library has not',
      (w: Writer) => ({ code: [0xb8, ...index(w.member(10, 'java/lang/Math', 'cbrt', '(D)D')), 0xb1] }),
      'Hand.class: t/Hand.m()V at byte 0, line 7 of Hand.java: ',
    ],
    [
      'a name of two lines',
      (w: Writer) => ({ code: [0xb8, ...index(w.member(10, 'java/lang/Math', 'two\nlines', '()V')), 0xb1] }),
      'class java.lang.Math of the library has no static method two lines()V',
    ],
    ['a native method', () => ({ flags: 0x109 }), 'Hand.class: t/Hand.m()V: native methods are not supported'],
    ['jsr', () => ({ code: [0xa8, 0, 3, 0xb1] }), 'line 7 of Hand.java: jsr and ret are not supported'],
    ['a later version', () => ({ version: 61 }), 'Hand.class: class file version 61.0; only those up to 52'],
  ])('%s', (_, make, text) => {
    const [first] = refused(make as Parameters<typeof refused>[0]);
    expect(first).toContain(text);
  });
});

describe('broken, and said so', () => {
  test.each([
    ['a stack that runs empty', () => ({ code: [0x57, 0xb1] }), 'pop wants 1 on the stack and finds nothing'],
    ['an int for a reference', () => ({ code: [3, 0xbf] }), 'athrow wants A on the stack and finds I'],
    ['the end of the code', () => ({ code: [0, 0] }), 'control runs off the end'],
    ['a jump into an instruction', () => ({ code: [0xa7, 0, 4, 0x10, 1, 0xb1] }), 'where no instruction begins'],
    ['stacks that differ', () => ({ code: [3, 0x99, 0, 4, 3, 0xb1] }), 'paths meet at byte 5'],
    ['a stack that grows', () => ({ code: [3, 0xa7, 0xff, 0xff] }), 'paths meet at byte 0'],
    ['an unknown instruction', () => ({ code: [0xfe] }), 'unknown instruction 254'],
    ['a wrong constant', () => ({ code: [0x12, 1, 0x57, 0xb1] }), 'nothing to load'],
    ['a local that is not there', () => ({ code: [0x15, 200, 0x57, 0xb1] }), 'local 200 of 4'],
    ['its own parent', () => ({ parent: 't/Hand' }), 'descends from itself'],
    ['a wrong descriptor', () => ({ descriptor: '(Q)V' }), 'no method descriptor'],
  ])('%s', (_, make, text) => {
    const problems = refused(make as Parameters<typeof refused>[0]);
    expect(problems[0]).toContain('Hand.class');
    expect(problems[0]).toContain(text);
  });
});

test('all that a method asks for in vain is told at once, each thing once', () => {
  const problems = refused((w) => {
    const call = (name: string): number[] => [0xb8, ...index(w.member(10, 'java/lang/Math', name, '()V'))];
    return { code: [...call('one'), ...call('two'), ...call('one'), 0xb1] };
  });
  expect(problems).toEqual([
    expect.stringMatching(/^Hand\.class: t\/Hand\.m\(\)V at byte 0, .* has no static method one\(\)V$/),
    expect.stringMatching(/^Hand\.class: t\/Hand\.m\(\)V at byte 3, .* has no static method two\(\)V$/),
  ]);
});

/** Small programs, so that a mutation hits something. */
const VICTIMS = ['Life', 'Switches', 'Failures', 'Nested'].flatMap(classFilesOf);
const edits = fc.array(
  fc.record({ at: fc.nat(), kind: fc.constantFrom('set', 'flip', 'cut', 'insert'), value: fc.nat(255) }),
  { minLength: 1, maxLength: 6 },
);

function mutated(bytes: Uint8Array, changes: readonly { at: number; kind: string; value: number }[]): Uint8Array {
  let list = [...bytes];
  for (const { at, kind, value } of changes) {
    const place = at % Math.max(list.length, 1);
    if (kind === 'set') list[place] = value;
    else if (kind === 'flip') list[place] ^= 1 << (value & 7);
    else if (kind === 'insert') list.splice(place, 0, value);
    else if (value < 16) list = list.slice(0, place);
    else list.splice(place, 1 + (value & 3));
  }
  return Uint8Array.from(list);
}

describe('whatever comes in', () => {
  property.prop([fc.nat(VICTIMS.length - 1), edits], { numRuns: 100 })(
    'a mutated class file ends in classes that can be read or in one line that names it',
    (which, changes) => {
      const victim = VICTIMS[which];
      const bytes = mutated(victim.bytes, changes);
      // The library's classes are not translated anew each time.
      const find = (name: string) => {
        const found = VICTIMS.find(({ file }) => file === `${name}.class`);
        return found === undefined || name === victim.file.slice(0, -6)
          ? libraryClass(name)
          : { ...found, isLibrary: true };
      };
      const { classes, problems } = translate([{ file: victim.file, bytes }], find);
      for (const { text } of problems) {
        expect(text).toMatch(/^[^\n]+\.class: /);
        expect(text).not.toMatch(/undefined|\[object/);
      }
      for (const { bytes: made, name } of problems.length > 0 ? [] : classes.slice(0, 4)) {
        for (const { code } of readClassFile(made, name).methods) expect(unsound(code)).toEqual([]);
      }
    },
    120_000,
  );

  property.prop([fc.uint8Array({ maxLength: 300 })], { numRuns: 200 })('noise is refused in one line', (noise) => {
    const bytes = Uint8Array.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52, ...noise]);
    const { problems } = translate([{ file: 'Noise.class', bytes }], libraryClass);
    expect(problems).toHaveLength(1);
    expect(problems[0].text).toMatch(/^Noise\.class: [^\n]+$/);
  });
});

test('lines of the Java source reach the class file', () => {
  const { classes } = translate(classFilesOf('Life'), libraryClass);
  const life = classes.find(({ name }) => name === '.Life');
  const step = life?.classFile.methods.find(({ name }) => name === 'step()V');
  const source = readFileSync(`${PROGRAMS}Life/Life.java`, 'utf8').split('\n');
  const lines = new Set(step?.lines?.map(({ line }) => line));
  expect(lines).toContain(source.findIndex((line) => line.includes('n == 3')) + 1);
  expect(lines).toContain(source.findIndex((line) => line.includes('cells = next')) + 1);
});
