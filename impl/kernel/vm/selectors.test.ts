import { describe, expect, test } from 'vitest';
import { buildKernel, makeBundle } from '../../image/index.js';
import { runSimulator } from '../../image/testing/simulator.js';
import { ENTER, type Line, type MethodText, printTop, program } from './testing/assembler.js';
import { runInV8 } from './testing/v8.js';
import { made, str } from './testing/words.js';

const print = printTop();

/** A method that gives a string. */
const says = (ordinal: number, name: string, text: string): MethodText => ({
  ordinal,
  name,
  code: [['arg_count', 0], str(text), ['ret']],
});
const byName = (object: number, name: Line): Line[] => [['os_get32', object], name, ['iconst_0'], ['dynamic_invoke']];

/** `body` once for each object of slots 2 and 3 in turns, four times: one place in code. Integer 0 counts. */
function inTurns(...body: readonly Line[]): Line[] {
  return [
    ['stack_reserve', 0, 1],
    'again:',
    ...body,
    ['os_get32', 2],
    ['os_get32', 3],
    ['os_set32', 2],
    ['os_set32', 3],
    ['is_get32', 0],
    ['iconst_1'],
    ['isum'],
    ['is_dup'],
    ['is_set32', 0],
    ['iconst_8bit', 4],
    ['ige'],
    ['jz', 'again'],
  ];
}

describe('calls by name', () => {
  const classes = [
    { name: '.t.one', methods: [says(16, 'speak', 'one'), says(17, 'other', 'wrong')] },
    { name: '.t.two', methods: [says(16, 'other', 'wrong'), says(20, 'speak', 'two')] },
    { name: '.t.three', parent: '.t.two', methods: [says(18, 'speak', 'three'), says(20, 'hum', 'hmm')] },
  ];

  async function printed(constants: readonly string[], ...code: readonly Line[]): Promise<string> {
    const main: Line[] = [...ENTER, ['summon_null'], ['summon_null'], ...code, ['ret']];
    const what = program({ name: '.t.main', constants, methods: [{ ordinal: 8, code: main }] }, ...classes);
    const run = await runInV8(what);
    expect({ failed: run.failed, log: run.log }).toMatchObject({ failed: 0 });
    return run.console.trim();
  }

  test('from one place to objects of two classes', async () => {
    const both = [...made('.t.one', 2), ...made('.t.two', 3)];
    expect(await printed(['speak'], ...both, ...inTurns(...byName(2, ['const_pool', 0]), ...print))).toBe(
      'one two one two',
    );
    expect(await printed([], ...both, ...inTurns(...byName(2, str('speak')), ...print))).toBe('one two one two');
  });

  test('by two names from one place', async () => {
    // The name is what is in slot 2 or 3: the place and the class stay, the name changes.
    const names: Line[] = [...made('.t.one', 1), str('speak'), ['os_set32', 2], str('other'), ['os_set32', 3]];
    const keep: Line[] = [['os_get32', 1], ['os_get32', 2], ['iconst_0'], ['dynamic_invoke']];
    const show: Line[] = [['os_get32', 0], ['os_pull32', 1], ['call_10', 1], ['os_drop'], ['os_drop']];
    expect(await printed([], ...names, ...inTurns(...keep, ...show))).toBe('onewrongonewrong');
  });

  test('the first of several methods of one name, cached or not', async () => {
    // .t.three has `speak` of its own at 18; at 20, where its parent has one, it has another method.
    const both = [...made('.t.three', 2), ...made('.t.two', 3)];
    expect(await printed(['speak'], ...both, ...inTurns(...byName(2, ['const_pool', 0]), ...print))).toBe(
      'three two three two',
    );
  });
});

test('on the machine a call by name costs little more than a call by number, whatever the class has', async () => {
  const many = Array.from({ length: 200 }, (_, i): MethodText => {
    return { ordinal: 16 + i, name: `method${i}`, code: [['arg_count', 0], ['summon_null'], ['ret']] };
  });
  const cycles = async (call: readonly Line[], times: number): Promise<number> => {
    const loop: Line[] = [['iconst_32bit', times], 'again:', ...call, ['os_drop'], ['djnz', 'again'], ['is_drop']];
    const start: Line[] = [...ENTER, ...made('.t.many', 1), ...loop, ['ret']];
    const what = program(
      { name: '.t.main', constants: ['method199'], methods: [{ ordinal: 8, code: start }] },
      { name: '.t.many', methods: many },
    );
    const { elf } = await buildKernel();
    const bundle = makeBundle([...what.classes].map(([name, bytes]) => ({ name, bytes })));
    const words = 'root.boot=.t.main snapshot.interval=100000';
    const run = runSimulator({ elf, bundle, commandLine: words, untilCycle: 400_000_000 });
    expect(run.stop).toMatchObject({ kind: 'exit', status: 1 });
    return run.cycles;
  };
  const each = async (call: readonly Line[]): Promise<number> =>
    ((await cycles(call, 6000)) - (await cycles(call, 2000))) / 4000;
  const number = await each([
    ['os_get32', 1],
    ['call_32bit', 215, 0],
  ]);
  const name = await each(byName(1, ['const_pool', 0]));
  // One more instruction for the name, one for the number of arguments, and the look at the inline cache.
  expect(name / number).toBeLessThan(1.6);
});
