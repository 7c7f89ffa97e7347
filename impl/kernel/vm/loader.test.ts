/** Class names: the dots and slashes they are written with, files that define another class, user's class loaders. */
import { describe, expect, test } from 'vitest';
import { type ClassText, type Line, printTop, program } from './testing/assembler.js';
import { runInV8 } from './testing/v8.js';
import { str } from './testing/words.js';

const boot: Line[] = [
  ['arg_count', 1],
  ['stack_reserve', 2, 0],
];

/** What the boot method prints, or `thrown: ` and the string it threw. */
async function printed(code: readonly Line[], others: readonly ClassText[], rename = (name: string) => name) {
  const caught: Line[] = [['summon_string_class'], ['push_catcher', 'handler'], ...code, ['ret'], 'handler:'];
  const body: Line[] = [...boot, ...caught, ['os_set32', 1], ['os_get32', 1], ...printTop(), ['ret']];
  const what = program({ name: '.t.main', methods: [{ ordinal: 8, code: body }], fields: 1 }, ...others);
  const classes = new Map([...what.classes].map(([name, bytes]) => [rename(name), bytes]));
  const { console, failed, log } = await runInV8({ ...what, classes, persistentBytes: 8 << 20 });
  expect({ failed, log }).toMatchObject({ failed: 0 });
  return console.trim();
}

const base: ClassText = { name: '.c.base', methods: [{ ordinal: 9, code: [str('base'), ['ret']] }] };
const make = (name: string): Line[] => [['summon_by_name', name], ['new'], ['call_09', 0], ...printTop()];

describe('a class', () => {
  test.each(['c.base', '.c/base', '/c/base', '..c.base'])('with the parent %s finds .c.base', async (parent) => {
    const child: ClassText = { name: '.c.child', parent, methods: [] };
    expect(await printed([...make('.c.child'), ...make('.c.base')], [child, base])).toBe('base base');
  });

  test('is one, however its name is written', async () => {
    const same: Line[] = [
      ['summon_by_name', '.c.base'],
      ['summon_by_name', 'c/base'],
      ['os_eq'],
      ['i2o'],
      ...printTop(),
    ];
    expect(await printed(same, [base])).toBe('1');
  });

  test('that its file does not define is not found in it', async () => {
    const rename = (name: string): string => (name === '.c.base' ? '.c.alias' : name);
    expect(await printed(make('.c.alias'), [base], rename)).toBe(
      'broken class file .c.alias: it defines a class of another name',
    );
    const child: ClassText = { name: '.c.child', parent: '.c.alias', methods: [] };
    expect(await printed(make('.c.child'), [child, base], rename)).toBe(
      'broken class file .c.alias: it defines a class of another name',
    );
  });
});

describe("a user's class loader that finds nothing", () => {
  // The loader says that it was called; then the class that asked catches.
  const loader: ClassText = {
    name: '.c.loader',
    fields: 1,
    methods: [
      { ordinal: 9, code: [['arg_count', 1], ['os_get32', 0], ['os_save8', 0], ['summon_null'], ['ret']] },
      {
        ordinal: 8,
        code: [['arg_count', 1], ['os_load8', 0], str('asked '), ['call_10', 1], ['os_drop'], ['summon_null'], ['ret']],
      },
    ],
  };
  const register: Line[] = [
    ...[['summon_by_name', '.c.loader'] as Line, ['new'] as Line, ['os_set32', 1] as Line],
    ...[['os_get32', 1] as Line, ['os_get32', 0] as Line, ['call_09', 1] as Line, ['os_drop'] as Line],
    ...[['os_get32', 0] as Line, ['os_get32', 1] as Line, ['call_11', 1] as Line, ['os_drop'] as Line],
  ];

  test('leaves the exception to who asked, and is asked once', async () => {
    expect(await printed([...register, ...make('.no.such')], [loader])).toBe('asked class .no.such not found');
  });
});
