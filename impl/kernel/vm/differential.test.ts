/** The kernel's virtual machine against the reference machine (`model/vm`): the same output, endings and objects. */
import { test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Machine } from '../../../model/vm/index.js';
import { type ClassText, ENTER, type Line, program } from './testing/assembler.js';
import { compareMachines, compareOnMachine, type DifferentialOptions } from './testing/differential.js';
import { typedBytecode } from './testing/generate-bytecode.js';
import { damagedFiles, damagedMethods, type Runnable, randomBytes, randomInstructions } from './testing/noise.js';
import { goldenPrograms } from './testing/programs.js';
import { int } from './testing/words.js';

const LONG_RUNS = /^(bench_\w+|alloc|linklist|recursion|sorts|sieve|nqueens|bintree)$/;
const programs = goldenPrograms();
const short = programs.filter(({ name }) => !LONG_RUNS.test(name));

async function expectSame(runnable: Runnable, options?: DifferentialOptions): Promise<void> {
  const { difference, skipped } = await compareMachines(runnable, options);
  expect({ difference, skipped }).toEqual({});
}

test.each(short)('$name leaves the same objects', async (golden) => {
  await expectSame(golden, { typed: true, bytecodesMax: 1_000_000 });
});

property.prop([typedBytecode], { numRuns: 80 })('P31 well-typed programs do the same', async (runnable) => {
  expect((await compareMachines(runnable, { bytecodesMax: 20_000, typed: true })).difference).toBeUndefined();
});

describe('P32 code that no compiler writes ends at the same instruction, and leaves the same objects', () => {
  const noise = { 'random instructions': randomInstructions, 'random bytes': randomBytes };
  const damaged = { 'damaged methods': damagedMethods(short), 'damaged files': damagedFiles(short) };
  for (const [name, arbitrary] of Object.entries({ ...noise, ...damaged })) {
    property.prop([arbitrary], { numRuns: 100 })(name, async (runnable) => {
      expect((await compareMachines(runnable, { bytecodesMax: 20_000 })).difference).toBeUndefined();
    });
  }
});

describe('P31 P32 on the simulated machine, objects read from its disk', () => {
  const kinds = { 'well-typed programs': typedBytecode, 'random instructions': randomInstructions };
  for (const [name, arbitrary] of Object.entries(kinds)) {
    property.prop([arbitrary], { numRuns: 5 })(name, async (runnable) => {
      const { difference } = await compareOnMachine(runnable, {
        bytecodesMax: 20_000,
        typed: arbitrary === typedBytecode,
      });
      expect(difference).toBeUndefined();
    });
  }
});

test('a difference is noticed in what is printed, in how a thread ends, in objects nobody prints', async () => {
  const main = (code: readonly Line[], constants = ['text']): Runnable =>
    program({ name: '.t.main', constants, fields: 1, methods: [{ ordinal: 8, code: [...ENTER, ...code, ['ret']] }] });
  const told = async (a: Runnable, b: Runnable): Promise<string | undefined> =>
    (await compareMachines(a, { reference: b.classes })).difference;
  const print: Line[] = [
    ['os_get32', 0],
    ['const_pool', 0],
    ['call_10', 1],
  ];
  expect(await told(main(print), main(print, ['other']))).toMatch(/^printed: kernel "text", reference "other"/);
  expect(await told(main([]), main([['isum']]))).toMatch(/^ending: reference .*malformed/);
  expect(await told(main([['isum']]), main([]))).toMatch(/^1 threads ended by an error in the kernel/);
  expect(await told(main([]), main([], ['other']))).toMatch(/^objects: line \d+: kernel .*"text".*reference .*"other"/);
  const keep = (value: number): Runnable =>
    main([
      ['iconst_8bit', value],
      ['is_save8', 0],
    ]);
  expect(await told(keep(1), keep(1))).toBeUndefined();
  expect(await told(keep(1), keep(2))).toMatch(/^objects: line/);
});

/** Runs the lines as method 8 of a class, with more classes; what both machines print. */
async function printed(code: readonly Line[], more: readonly ClassText[] = [], fields = 2): Promise<string> {
  const main = { name: '.t.main', fields, methods: [{ ordinal: 8, code: [...ENTER, ...code, ['ret']] as Line[] }] };
  const runnable = program(main, ...more);
  await expectSame(runnable, { typed: true });
  const machine = new Machine(runnable);
  machine.run();
  return machine.printed;
}

const print = (...what: readonly Line[]): Line[] => [['os_get32', 0], ...what, ['call_10', 1], ['os_drop']];

describe('what the comparison found', () => {
  test.each([0, 7, -1, 2 ** 30 - 1, 2 ** 30, -(2 ** 31)])(
    'the root class has methods of the int %i, which has no number and whose place is no address',
    async (value) => {
      const root = (ordinal: number, ...args: readonly Line[][]): Line[] => [
        ...args.flat(),
        ...int(value),
        ['summon_by_name', '.internal.object'],
        ['static_invoke', ordinal, args.length],
      ];
      expect(
        await printed([...print(...root(5)), ...print(...root(4, int(value))), ...print(...root(4, int(5)))]),
      ).toBe(`${value}10`);
      const hash = await printed(print(...root(15)));
      expect(hash).toBe(await printed(print(...int(value), ['call_0F', 0])));
    },
  );

  test('a method 5 that gives no string prints nothing', async () => {
    const shown = (code: readonly Line[]): ClassText => ({
      name: '.t.shown',
      methods: [{ ordinal: 5, code: [['arg_count', 0], ...code, ['ret']] }],
    });
    const made: Line[] = [['summon_by_name', '.t.shown'], ['new']];
    const code = [...print(...made), ...print(['sconst_bin', 'end'])];
    expect(await printed(code, [shown([['summon_this']])])).toBe('end');
    expect(await printed(code, [shown(int(3))])).toBe('end');
    expect(await printed(code, [shown([['summon_null']])])).toBe('end');
    expect(await printed(code, [shown([['sconst_bin', 'text ']])])).toBe('text end');
  });

  test('a thread whose method wants another number of arguments ends; who started it goes on', async () => {
    const worker: ClassText = { name: '.t.worker', methods: [{ ordinal: 8, code: [['arg_count', 2], ['ret']] }] };
    const start: Line[] = [['os_get32', 0], ['summon_by_name', '.t.worker'], ['new'], ['call_12', 1], ['os_drop']];
    expect(await printed([...start, ...print(['sconst_bin', 'goes on'])], [worker])).toBe('goes on');
  });

  test('a call by name on null throws null object, as every other call', async () => {
    const call: Line[] = [['iconst_0'], ['summon_null'], ['sconst_bin', 'name'], ['dynamic_invoke'], ['ret']];
    const caught: Line[] = [['summon_string_class'], ['push_catcher', 'handler'], ...call, 'handler:', ['os_set32', 1]];
    expect(await printed([...caught, ...print(['os_get32', 1])])).toBe('null object');
  });

  test('a handler sees nothing of the methods that were called', async () => {
    // The method that throws has its secrets on the stack, where the handler's frame once had nulls.
    const secret: Line[] = [['sconst_bin', 'secret']];
    const keeper: ClassText = {
      name: '.t.keeper',
      methods: [{ ordinal: 20, code: [['arg_count', 0], ...secret, ...secret, ...secret, ...secret, ['throw']] }],
    };
    const nulls = Array.from({ length: 9 }, (): Line => ['summon_null']);
    const drops = Array.from({ length: 9 }, (): Line => ['os_drop']);
    const show = Array.from({ length: 9 }, (_, i) => print(['os_get32', 3 + i]));
    const code: Line[] = [
      ...nulls,
      ['summon_by_name', '.internal.object'],
      ['push_catcher', 'handler'],
      ...drops,
      ['summon_by_name', '.t.keeper'],
      ['new'],
      ['call_14', 0],
      'handler:',
      ['os_drop'],
      ...show.flat(),
    ];
    expect(await printed(code, [keeper])).toBe('(void)'.repeat(9));
  });
});
