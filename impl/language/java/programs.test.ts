// The Java programs of the fixtures print what `java` prints.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { drawPlan } from '../../../faults/plan.js';
import { runPlan } from '../../../faults/run.js';
import { DEFAULT_OPTIONS, planShape, type RunSetup } from '../../../faults/setup.js';
import { JAVA_LIBRARY, JAVA_PROGRAMS, sourcesDigest } from '../../../fixtures/java-sources.js';
import { readClassFile } from '../../../model/classfile/index.js';
import { buildKernel, makeBundle } from '../../image/index.js';
import { runSimulator } from '../../image/testing/simulator.js';
import { runInV8 } from '../../kernel/vm/testing/v8.js';
import { unsound } from '../testing/programs.js';
import type { Translation } from './index.js';
import { classesOf, classFilesOf, expectedOf, programNames, translateSound } from './testing/programs.js';

/** EXIT_DONE through the exit port. */
const DONE = 1;
/** Programs whose threads wait for each other; in V8 threads run one after another. */
const THREADED = ['Ledger', 'Workers'];

let all: Translation;
beforeAll(() => {
  all = translateSound(programNames().flatMap(classFilesOf));
});

test('the class files are those of the sources beside them', () => {
  for (const folder of [JAVA_LIBRARY, JAVA_PROGRAMS]) {
    const recorded = readFileSync(new URL('SOURCES.sha256', folder), 'utf8').trim();
    expect(recorded, 'run npx tsx fixtures/make-java.ts where javac is').toBe(sourcesDigest(folder));
  }
});

test('the bytecode has no unknown instruction and no jump into one, and the files can be read', () => {
  for (const { bytes, name } of all.classes) {
    const file = readClassFile(bytes, name);
    for (const method of file.methods) expect(unsound(method.code), `${name}.${method.name}`).toEqual([]);
  }
});

describe('in V8', () => {
  const names = programNames().filter((name) => !THREADED.includes(name));

  test('there are twenty of them', () => expect(names.length).toBeGreaterThanOrEqual(20));

  test.each(names)('%s prints what java prints', async (name) => {
    const run = await runInV8({ classes: classesOf(all), bootClass: `.${name}$static` });
    expect(Buffer.from(run.console, 'latin1').toString('utf8')).toBe(expectedOf(name));
    expect(run.failed, run.log).toBe(name === 'Uncaught' ? 1 : 0);
  });
});

describe('on the simulated machine', () => {
  test.each(['Workers', 'Sieve'])('%s prints what java prints', async (name) => {
    const { elf } = await buildKernel();
    const classes = classesOf(translateSound(classFilesOf(name)));
    const bundle = makeBundle([...classes].map(([file, bytes]) => ({ name: file, bytes })));
    const commandLine = `root.boot=.${name}$static`;
    const { console, stop, log } = runSimulator({ elf, bundle, commandLine, untilCycle: 2_000_000_000 });
    expect(Buffer.from(console, 'latin1').toString('utf8')).toBe(expectedOf(name));
    expect({ stop, log }).toMatchObject({ stop: { kind: 'exit', status: DONE } });
  });

  test('Ledger goes on after power cuts: objects, statics, both threads', { timeout: 120_000 }, async () => {
    const classes = classesOf(translateSound(classFilesOf('Ledger')));
    const setup: RunSetup = {
      kernel: await buildKernel(),
      program: [...classes].map(([name, bytes]) => ({ name, bytes })),
      options: { ...DEFAULT_OPTIONS, snapshotIntervalMs: 60, bootClass: '.Ledger$static' },
      disk: 'new',
      files: [],
    };
    const result = runPlan(setup, drawPlan(3, planShape(setup.options, 2)));
    expect(result.verdict.text).toMatch(/^held: 2 power cuts/);
    expect(result.findings).toEqual([]);
    // Each boot repeats lines and goes on; every line is one of java's, and each boot's are in java's order.
    const lines = expectedOf('Ledger').split('\n').slice(0, -1);
    const printed = result.console.map(({ text }) => text);
    expect(printed.length).toBeGreaterThan(3);
    for (const [i, text] of printed.entries()) {
      const place = lines.indexOf(text);
      expect(place, text).toBeGreaterThanOrEqual(0);
      expect(place, text).toBeLessThanOrEqual(i === 0 ? 0 : lines.indexOf(printed[i - 1]) + 1);
    }
  });
});
