import { describe, expect, test } from 'vitest';
import { classesIn, goldenPrograms, markedLines } from './testing/programs.js';
import { persistentPart, runInV8 } from './testing/v8.js';
import { verifyHeap } from './testing/verify-heap.js';

const programs = goldenPrograms();
/** Programs that end by an error of their own, as they should: an uncaught exception, broken code. */
const failing = new Set(['uncaught', 'switchdefect']);

describe('golden programs in V8', () => {
  test('all of them are here', () => {
    expect(programs).toHaveLength(63);
  });

  test.each(programs)('$name prints what a correct machine prints, and leaves a sound heap', async (program) => {
    const run = await runInV8(program);
    expect(markedLines(run.console)).toBe(program.expected);
    expect(run.failed).toBe(failing.has(program.name) ? 1 : 0);
    expect(verifyHeap(run.memory)).toEqual([]);
  });
});

describe('class files of generation 1', () => {
  test.each(['recursion', 'exceptions', 'inherit', 'ctors', 'overload'])('%s prints the same', async (name) => {
    const program = programs.find((one) => one.name === name);
    if (program === undefined) throw new Error(`no program ${name}`);
    const run = await runInV8({ ...program, classes: classesIn(`generation-1/${name}`) });
    expect(markedLines(run.console)).toBe(program.expected);
  });
});

describe('a power cut while a thread waits for a page', () => {
  const waitEvery = 3;
  const cuts = 6;
  // Each of them changes objects in kernel methods: arrays, directories, printing, locks, class loading.
  const some = ['intarray', 'dirobj', 'dirdefect', 'printargs', 'locks', 'dynload', 'semas', 'binobj'];

  test.each(some)('%s goes on as if nothing had happened', async (name) => {
    const program = programs.find((one) => one.name === name);
    if (program === undefined) throw new Error(`no program ${name}`);
    const whole = await runInV8({ ...program, waitEvery });
    expect(markedLines(whole.console)).toBe(program.expected);
    expect(whole.waits).toBeGreaterThan(5);
    const step = Math.max(1, Math.floor(whole.waits / cuts));
    for (let cutAtWait = 1; cutAtWait <= whole.waits; cutAtWait += step) {
      const before = await runInV8({ ...program, waitEvery, cutAtWait });
      expect(verifyHeap(before.memory)).toEqual([]);
      const after = await runInV8({ ...program, memory: persistentPart(before.memory) });
      expect({ cutAtWait, console: before.console + after.console }).toEqual({ cutAtWait, console: whole.console });
    }
  });
});
