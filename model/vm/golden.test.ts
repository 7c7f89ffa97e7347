/** The golden programs on the reference machine: POLICY.md is what both it and the kernel are held against. */
import { describe, expect, test } from 'vitest';
import { classesIn, goldenPrograms, markedLines } from '../../impl/kernel/vm/testing/programs.js';
import { Machine } from './index.js';

// Two of the benchmarks take minutes of the machine's time; `npm run golden` runs them too.
const all = goldenPrograms();
const programs = all.filter(({ name }) => name !== 'bench_intloop' && name !== 'bench_fieldloop');
/** Programs that end by an error of their own, as they should: an uncaught exception, broken code. */
const endings: Readonly<Record<string, string>> = { uncaught: 'uncaught', switchdefect: 'malformed' };

function run(classes: ReadonlyMap<string, Uint8Array>, bootClass: string): Machine {
  const machine = new Machine({ classes, bootClass });
  machine.run();
  return machine;
}

describe('golden programs on the reference machine', () => {
  test('all of them are here', () => {
    expect(all).toHaveLength(63);
  });

  test.each(programs)('$name prints what a correct machine prints', ({ name, classes, bootClass, expected }) => {
    const machine = run(classes, bootClass);
    expect(markedLines(machine.printed)).toBe(expected);
    expect(machine.endings).toMatchObject([{ thread: 1, kind: endings[name] ?? 'returned' }]);
    expect([...machine.unspecified]).toEqual([]);
  });
});

describe('class files of generation 1', () => {
  test.each(['recursion', 'exceptions', 'inherit', 'ctors', 'overload'])('%s prints the same', (name) => {
    const program = programs.find((one) => one.name === name);
    if (program === undefined) throw new Error(`no program ${name}`);
    const machine = run(classesIn(`generation-1/${name}`), program.bootClass);
    expect(markedLines(machine.printed)).toBe(program.expected);
  });
});
