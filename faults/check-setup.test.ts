import { beforeAll, expect, test } from 'vitest';
import { checkSetup, SetupError } from './check-setup.js';
import { bootOnce, runPlan } from './run.js';
import type { RunSetup } from './setup.js';
import { workload } from './testing/workload.js';

let good: RunSetup;
beforeAll(async () => {
  good = await workload('ticker');
});

/** The set-up with its class under another name. */
function named(name: string): RunSetup {
  return { ...good, program: [{ name, bytes: good.program[0].bytes }], options: { ...good.options, bootClass: name } };
}

/** The set-up with `bytes` more of classes. */
function filled(bytes: number, ramMiB: number): RunSetup {
  const filler = { name: '.filler', bytes: new Uint8Array(bytes) };
  return { ...good, program: [...good.program, filler], options: { ...good.options, ramMiB } };
}

test.each([
  '.c main',
  '.c.main persistent.mib=4',
  '.c=main',
  '.c\tmain',
  '.c\u0001main',
  '...',
  '',
  '.c.pc',
  `.${'c'.repeat(600)}`,
])('class %j is refused: the kernel could not find it, or would read it as options', (name) => {
  expect(() => checkSetup(named(name))).toThrow(SetupError);
});

test('names of words with dots between are taken, at most 511 bytes of them', () => {
  for (const name of ['.c.main', 'c.main', '.c.mäin', `.${'c'.repeat(510)}`])
    expect(() => checkSetup(named(name))).not.toThrow();
  expect(() => checkSetup(named(`.${'c'.repeat(511)}`))).toThrow('512 bytes');
});

test('a boot class that is not there is refused, but on a disk that holds a system', () => {
  const missing: RunSetup = { ...good, options: { ...good.options, bootClass: '.c.main' } };
  expect(() => checkSetup(missing)).toThrow('boot class .c.main is not in the program: it has .wl.ticker.main');
  expect(() => checkSetup({ ...missing, disk: 'continued' })).not.toThrow();
});

test('a class that comes twice is refused', () => {
  expect(() => checkSetup({ ...good, program: [...good.program, ...good.program] })).toThrow('comes twice');
});

test.each([
  { ramMiB: 3 },
  { ramMiB: 4096 },
  { diskMiB: 4 },
  { persistentMiB: 1.5 },
  { snapshotIntervalMs: Number.NaN },
])('options %j are refused', (wrong) => {
  expect(() => checkSetup({ ...good, options: { ...good.options, ...wrong } })).toThrow(`${Object.keys(wrong)[0]} `);
});

test('classes for which there is not enough RAM are refused before the power comes on', () => {
  expect(() => runPlan(filled(20 * 2 ** 20, 16), { version: 2, seed: 1, cuts: [] })).toThrow(
    /20483 KiB of classes.* give it 24 MiB/,
  );
  expect(() => checkSetup(filled(20 * 2 ** 20, 24))).not.toThrow();
});

test('what is taken for enough RAM is enough', () => {
  let most = 0;
  for (let bytes = 0; bytes < 2 ** 21; bytes += 32 * 1024) {
    try {
      checkSetup(filled(bytes, 4));
      most = bytes;
    } catch {
      break;
    }
  }
  expect(most).toBeGreaterThan(256 * 1024);
  expect(bootOnce(filled(most, 4), 2).evidence.ledger.findings).toEqual([]);
});
