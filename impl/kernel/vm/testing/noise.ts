/** Code that no compiler writes: random instructions, random bytes, damaged class files. */
import { fc } from '@fast-check/vitest';
import { OPCODES, type Operand, readClassFile, writeClassFile } from '../../../../model/classfile/index.js';
import { ENTER, type Line, program } from './assembler.js';
import type { Program } from './programs.js';

/** A program as the machines take it. */
export type Runnable = Pick<Program, 'classes' | 'bootClass'>;

const NAMES = [
  ...['.internal.string', '.internal.boot', '.internal.thread', '.internal.class', '.internal.mutex', '.internal.sema'],
  ...['.internal.directory', '.internal.closure', '.internal.io.tty', '.internal.world', '.internal.container.page'],
  ...['.t.main', '.no.such'],
];

function operandOf(kind: Operand): fc.Arbitrary<number[]> {
  const word = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
  const small = fc.oneof({ weight: 8, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.integer() }).map(word);
  if (kind === 'u8') return fc.oneof(fc.nat(3), fc.nat(255)).map((value) => [value]);
  if (kind === 'i32') return small;
  if (kind === 'rel32') return fc.oneof(fc.integer({ min: -30, max: 30 }), fc.integer()).map(word);
  if (kind === 'i64') return fc.tuple(small, small).map((parts) => parts.flat());
  if (kind === 'string') return fc.constantFrom(...NAMES).map((text) => [...word(text.length), ...Buffer.from(text)]);
  return fc.uint8Array({ minLength: 1, maxLength: 16 }).map((bytes) => [...bytes]);
}

/** Instructions with operands that are often sensible, so that code runs for a while before it breaks. */
const instruction: fc.Arbitrary<number[]> = fc
  .constantFrom(...OPCODES)
  .chain(([code, { operands }]) => fc.tuple(...operands.map(operandOf)).map((parts) => [code, ...parts.flat()]));

/** Things to work with: ints and objects of all sorts on both stacks. */
const SUPPLIES: readonly Line[] = [
  ...ENTER,
  ['iconst_32bit', 3],
  ['iconst_32bit', -1],
  ['iconst_32bit', 70000],
  ['prefix_double'],
  ['iconst_1'],
  ['summon_thread'],
  ['summon_by_name', '.internal.binary'],
  ['summon_array_class'],
  ['new'],
  ['iconst_32bit', 2000000000],
  ['i2o'],
  ['sconst_bin', 'some text'],
  ['os_get32', 0],
  ['summon_this'],
];

/** A class whose methods 8, 0, 4, 5 and 15 have such code. */
export const randomInstructions: fc.Arbitrary<Runnable> = fc
  .array(instruction, { minLength: 1, maxLength: 60 })
  .map((code) => {
    const body: Line[] = [...SUPPLIES, code.flat()];
    const methods = [8, 0, 4, 5, 15].map((ordinal) => ({ ordinal, code: body }));
    return program({ name: '.t.main', fields: 3, methods });
  });

export const randomBytes: fc.Arbitrary<Runnable> = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((code) => {
  const startup = { ordinal: 8, code: [...SUPPLIES, [...code]] as Line[] };
  return program({ name: '.t.main', fields: 3, methods: [startup] });
});

const damage = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1, maxLength: 8 });

/** Real programs with some bytes of the methods of the boot class changed. */
export function damagedMethods(victims: readonly Runnable[]): fc.Arbitrary<Runnable> {
  return fc.tuple(fc.constantFrom(...victims), damage).map(([victim, changes]) => {
    const classes = new Map(victim.classes);
    const file = readClassFile(classes.get(victim.bootClass) ?? new Uint8Array(), victim.bootClass);
    const total = file.methods.reduce((sum, { code }) => sum + code.length, 0);
    const methods = file.methods.map((method) => ({ ...method, code: Uint8Array.from(method.code) }));
    for (const { at, byte } of changes) {
      let place = at % total;
      const method = methods.find(({ code }) => {
        if (place < code.length) return true;
        place -= code.length;
        return false;
      });
      if (method !== undefined) method.code[place] = byte;
    }
    classes.set(victim.bootClass, writeClassFile({ ...file, methods }));
    return { bootClass: victim.bootClass, classes };
  });
}

/** Real programs with some bytes of the boot class's file changed. */
export function damagedFiles(victims: readonly Runnable[]): fc.Arbitrary<Runnable> {
  return fc.tuple(fc.constantFrom(...victims), damage).map(([victim, changes]) => {
    const bytes = Uint8Array.from(victim.classes.get(victim.bootClass) ?? []);
    for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
    return { bootClass: victim.bootClass, classes: new Map(victim.classes).set(victim.bootClass, bytes) };
  });
}
