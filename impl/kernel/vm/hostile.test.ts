import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { OPCODES, type Operand, readClassFile, writeClassFile } from '../../../model/classfile/index.js';
import { ENTER, type Line, program } from './testing/assembler.js';
import { goldenPrograms } from './testing/programs.js';
import { runInV8, type VmOptions, type VmRun } from './testing/v8.js';
import { verifyHeap } from './testing/verify-heap.js';

/** Runs a program that may loop for ever, for a while. */
async function runForAWhile(options: VmOptions): Promise<VmRun> {
  const run = await runInV8({ ...options, persistentBytes: 32 << 20, waitEvery: 1, cutAtWait: 1000 });
  expect(verifyHeap(run.memory)).toEqual([]);
  expect(run.log).not.toContain('panic');
  return run;
}

const NAMES = ['.internal.string', '.internal.boot', '.internal.thread', '.internal.class', '.t.main', '.no.such'];

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

property.prop([fc.array(instruction, { minLength: 1, maxLength: 60 })], { numRuns: 60 })(
  'random instructions hurt nothing but their thread',
  async (code) => {
    const body: Line[] = [...SUPPLIES, code.flat()];
    const methods = [8, 0, 4, 5, 15].map((ordinal) => ({ ordinal, code: body }));
    await runForAWhile(program({ name: '.t.main', fields: 3, methods }));
  },
);

property.prop([fc.uint8Array({ minLength: 1, maxLength: 60 })], { numRuns: 30 })(
  'random bytes hurt nothing but their thread',
  async (code) => {
    const startup = { ordinal: 8, code: [...SUPPLIES, [...code]] as Line[] };
    await runForAWhile(program({ name: '.t.main', fields: 3, methods: [startup] }));
  },
);

const victims = goldenPrograms().filter(({ name }) => ['strings', 'objmeth', 'excobjects', 'dirobj'].includes(name));
const damage = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1, maxLength: 8 });

property.prop([fc.constantFrom(...victims), damage], { numRuns: 40 })(
  'damaged methods hurt nothing but their thread',
  async (victim, changes) => {
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
    await runForAWhile({ ...victim, classes });
  },
);

property.prop([fc.constantFrom(...victims), damage], { numRuns: 40 })(
  'damaged class files are refused or run, and hurt nothing',
  async (victim, changes) => {
    const bytes = Uint8Array.from(victim.classes.get(victim.bootClass) ?? []);
    for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
    await runForAWhile({ ...victim, classes: new Map(victim.classes).set(victim.bootClass, bytes) });
  },
);

test('a broken file is refused by name, with the reason', async () => {
  const good = program({ name: '.t.main', methods: [{ ordinal: 8, code: [...ENTER, ['ret']] }] });
  const bytes = Buffer.from(good.classes.get('.t.main') ?? []);
  const cases: readonly [(bytes: Buffer) => Buffer, string][] = [
    [(file) => file.subarray(0, file.length - 1), 'a record has a wrong length'],
    [(file) => Buffer.concat([file, Buffer.from('phfr')]), 'a record is cut short'],
    [(file) => Buffer.concat([file, Buffer.from('PHFR:Xxxxx')]), 'a record does not begin with phfr:'],
    [(file) => file.subarray(file.readUInt32BE(6)), 'there is no class record'],
    [(file) => Buffer.concat([file.subarray(0, file.readUInt32BE(6)), file]), 'there are two class records'],
  ];
  for (const [damaged, reason] of cases) {
    const run = await runInV8({ ...good, classes: new Map([['.t.main', damaged(bytes)]]) });
    expect(run.failed).toBe(1);
    expect(run.log).toContain(`uncaught exception broken class file .t.main: ${reason} in .internal.boot.start`);
  }
});
