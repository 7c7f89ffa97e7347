import { test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { ENTER, program } from './testing/assembler.js';
import { damagedFiles, damagedMethods, randomBytes, randomInstructions } from './testing/noise.js';
import { goldenPrograms } from './testing/programs.js';
import { runInV8, type VmOptions, type VmRun } from './testing/v8.js';
import { verifyHeap } from './testing/verify-heap.js';

/** Runs a program that may loop for ever, for a while. */
async function runForAWhile(options: VmOptions): Promise<VmRun> {
  const run = await runInV8({ ...options, persistentBytes: 32 << 20, waitEvery: 1, cutAtWait: 1000, waitsEnd: true });
  expect(verifyHeap(run.memory)).toEqual([]);
  return run;
}

property.prop([randomInstructions], { numRuns: 60 })(
  'random instructions hurt nothing but their thread',
  async (one) => {
    await runForAWhile(one);
  },
);

property.prop([randomBytes], { numRuns: 30 })('random bytes hurt nothing but their thread', async (one) => {
  await runForAWhile(one);
});

const victims = goldenPrograms().filter(({ name }) => ['strings', 'objmeth', 'excobjects', 'dirobj'].includes(name));

property.prop([damagedMethods(victims)], { numRuns: 40 })(
  'damaged methods hurt nothing but their thread',
  async (one) => {
    await runForAWhile(one);
  },
);

property.prop([damagedFiles(victims)], { numRuns: 40 })(
  'damaged class files are refused or run, and hurt nothing',
  async (one) => {
    await runForAWhile(one);
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
