import { describe, expect, test } from 'vitest';
import { ENTER, type Line, printTop, program } from '../vm/testing/assembler.js';
import { runInV8 } from '../vm/testing/v8.js';
import { verifyHeap } from '../vm/testing/verify-heap.js';
import { int, str } from '../vm/testing/words.js';

/** What a boot method prints. Boot object in slot 0, slots 1 to 3 free; the object under test goes to slot 2. */
async function printed(...code: readonly Line[]): Promise<string> {
  const startup = { ordinal: 8, name: 'startup', code: [...ENTER, ['summon_null'], ...code, ['ret']] as Line[] };
  const run = await runInV8(program({ name: '.t.main', methods: [startup], fields: 1 }));
  expect({ failed: run.failed, log: run.log }).toMatchObject({ failed: 0 });
  expect(verifyHeap(run.memory)).toEqual([]);
  return run.console.trim();
}

const subject: Line = ['os_get32', 2];
const print = printTop();

/** `name` becomes the object under test. */
function made(name: string): Line[] {
  return [['summon_by_name', name], ['new'], ['os_set32', 2]];
}

/** A call on the object under test, its result printed. */
function ask(ordinal: number, ...args: readonly (readonly Line[])[]): Line[] {
  return [subject, ...args.flat(), ['call_32bit', ordinal, args.length], ...print];
}

function tell(ordinal: number, ...args: readonly (readonly Line[])[]): Line[] {
  return [subject, ...args.flat(), ['call_32bit', ordinal, args.length], ['os_drop']];
}

function caught(...code: readonly Line[]): Line[] {
  return [['summon_string_class'], ['push_catcher', 'handler'], ...code, str('not thrown'), 'handler:', ...print];
}

describe('array', () => {
  const array = made('.internal.container.array');

  test('grows, keeps holes as null, refuses what is outside', async () => {
    const filled = [...array, ...tell(11, [str('a')], int(0)), ...tell(11, [str('z')], int(20))];
    expect(await printed(...filled, ...ask(12), ...ask(10, int(20)), ...ask(10, int(3)))).toBe('21 z (void)');
    expect(await printed(...filled, ...caught(subject, ...int(21), ['call_0A', 1]))).toBe(
      'array get - index is out of bounds',
    );
    expect(await printed(...filled, ...caught(subject, ...int(-1), ['call_0A', 1]))).toBe(
      'array get - index is out of bounds',
    );
    expect(await printed(...filled, ...caught(subject, str('x'), ...int(-1), ['call_0B', 2]))).toBe(
      'array set - index is out of bounds',
    );
    expect(await printed(...filled, ...caught(subject, str('x'), ...int(0x7fffffff), ['call_0B', 2]))).toBe(
      'out of memory',
    );
  });

  test('a part of it is an array of its own', async () => {
    const filled = ['a', 'b', 'c', 'd'].flatMap((text, i) => tell(11, [str(text)], int(i)));
    const part: Line[] = [subject, ...int(1), ...int(2), ['call_09', 2], ['os_set32', 2]];
    expect(await printed(...array, ...filled, ...part, ...ask(12), ...ask(10, int(0)), ...ask(10, int(1)))).toBe(
      '2 b c',
    );
  });
});

describe('directory', () => {
  test('a thousand keys come and go', async () => {
    // Keys are the numbers' texts; odd ones are removed again, then all are asked for and the answers added up.
    const key: Line[] = [['is_get32', 0], ['i2o'], ['call_05', 0]];
    const loop = (label: string, step: number, body: readonly Line[]): Line[] => [
      ['iconst_32bit', 1000],
      ['is_set32', 0],
      `${label}:`,
      ...body,
      ['is_get32', 0],
      ['iconst_32bit', step],
      ['isublu'],
      ['is_dup'],
      ['is_set32', 0],
      ['iconst_0'],
      ['igt'],
      ['log_not'],
      ['jz', label],
    ];
    const put: Line[] = [subject, ...key, ['is_get32', 0], ['i2o'], ['call_08', 2], ['os_drop']];
    const remove: Line[] = [subject, ...key, ['call_0A', 1], ['os_drop']];
    const add: Line[] = [
      subject,
      ...key,
      ['call_09', 1],
      ['os_dup'],
      ['os_isnull'],
      ['log_not'],
      ['jz', 'absent'],
      ['os_dup'],
      ['o2i'],
      ['is_get32', 1],
      ['isum'],
      ['is_set32', 1],
      'absent:',
      ['os_drop'],
    ];
    const code: Line[] = [
      ...made('.internal.directory'),
      ['stack_reserve', 0, 2],
      ...loop('a', 1, put),
      ...ask(11),
      ...loop('b', 2, remove),
      ...ask(11),
      ...loop('c', 1, add),
      ['is_get32', 1],
      ['i2o'],
      ...print,
    ];
    // Even numbers up to 1000 are removed: 1 + 3 + ... + 999 remains.
    expect(await printed(...code)).toBe(`1000 500 ${500 * 500}`);
  });

  test('keys are strings', async () => {
    const directory = made('.internal.directory');
    expect(await printed(...directory, ...caught(subject, ...int(1), ['call_09', 1]))).toBe('not a string arg');
    expect(await printed(...directory, ...caught(subject, ['call_09', 0]))).toBe('sys: need more parameters');
  });
});

describe('binary', () => {
  const binary: Line[] = [['os_get32', 0], ...int(8), ['call_13', 1], ['os_set32', 2]];
  const bytes = [1, 2, 3, 4].flatMap((byte, i) => tell(9, int(i), int(byte)));

  test('a range moves as if all its bytes moved at once', async () => {
    const moved = tell(10, [subject], int(1), int(0), int(4));
    const shown = [0, 1, 2, 3, 4].flatMap((i) => ask(8, int(i)));
    expect(await printed(...binary, ...bytes, ...moved, ...shown)).toBe('1 1 2 3 4');
  });

  test('bounds do not wrap around', async () => {
    const outside = caught(subject, subject, ...int(7), ...int(0), ...int(-1), ['call_0A', 4]);
    expect(await printed(...binary, ...outside)).toBe('binary copy dest index/len out of bounds');
    expect(await printed(...binary, ...caught(subject, ...int(8), ['call_08', 1]))).toBe('binary index out of bounds');
  });
});

describe('json', () => {
  const parse = (text: string): Line[] => [str(text), ['call_32bit', 20, 0], ['os_set32', 2]];

  test('values', async () => {
    expect(await printed(...parse(' "a\\u00e9\\n\\ud83d\\ude00b" '), ...ask(11))).toBe('9');
    expect(await printed(...parse('-12.5e1'), ...ask(5))).toBe('-125.0');
    expect(await printed(...parse('3000000000'), ...ask(6))).toBe('<long>3000000000</long>');
    expect(await printed(...parse('[[],{},[true,false,null]]'), ...ask(12))).toBe('3');
    const nested: Line[] = [...parse('{"a":{"b":[10,20]},"c":1}'), subject, str('a'), ['call_09', 1]];
    expect(await printed(...nested, str('b'), ['call_09', 1], ...int(1), ['call_0A', 1], ...print)).toBe('20');
  });

  test.each(['', '{', '[1,]', '{"a"}', '{"a":1,}', '[1 2]', 'tru', '01', '1.', '"a', '"\\x"', '{}{}', '[', 'nul', '-'])(
    '%j is no JSON',
    async (text) => {
      expect(await printed(...parse(text), subject, ['os_isnull'], ['i2o'], ...print)).toBe('1');
    },
  );
});

describe('other classes', () => {
  test('closure', async () => {
    const closure = made('.internal.closure');
    expect(await printed(...closure, ...tell(10, int(33)), ...tell(11, [str('x')]), ...ask(9))).toBe('33');
  });

  test('static values of a class', async () => {
    const cls: Line[] = [
      ['summon_by_name', '.t.main'],
      ['os_set32', 2],
    ];
    expect(await printed(...cls, ...tell(10, int(3), [str('kept')]), ...ask(11, int(3)))).toBe('kept');
    expect(await printed(...cls, ...tell(10, int(3), [str('kept')]), ...ask(11, int(9)))).toBe('(void)');
    expect(await printed(...cls, ...caught(subject, ...int(-1), ['call_0B', 1]))).toBe('static slot is out of bounds');
  });

  test('an immutable object can be read and not written', async () => {
    const set: Line[] = [str('kept'), ['os_save8', 0], ['summon_this'], ['call_0E', 0], ['os_drop']];
    expect(await printed(...set, ['os_load8', 0], ...print)).toBe('kept');
    const startup = { ordinal: 8, code: [...ENTER, ...set, str('x'), ['os_save8', 0], ['ret']] as Line[] };
    const run = await runInV8(program({ name: '.t.main', methods: [startup], fields: 1 }));
    expect(run.log).toContain('an immutable object');
  });

  test('the world knows the thread, the thread its text', async () => {
    expect(await printed(...made('.internal.world'), ...ask(8))).toBe('thread');
    expect(await printed(['summon_thread'], ...print)).toBe('thread');
  });

  test('print calls a method 5 in bytecode, and prints in between what that prints', async () => {
    const text: Line[] = [['arg_count', 0], ['os_load8', 0], str('<'), ['call_10', 1], ['os_drop'], str('me'), ['ret']];
    const startup: Line[] = [...ENTER, ['os_get32', 0], ['os_save8', 0]];
    const printing: Line[] = [['os_get32', 0], str('>'), ['summon_this'], str('first '), ['call_10', 3], ['os_drop']];
    const methods = [
      { ordinal: 8, code: [...startup, ...printing, ['ret']] as Line[] },
      { ordinal: 5, code: text },
    ];
    const run = await runInV8(program({ name: '.t.main', methods, fields: 1 }));
    expect(run.console).toBe('first <me>');
  });

  test('a method 5 that throws, throws out of print', async () => {
    const methods = [
      { ordinal: 8, code: [...ENTER, ...caught(['os_get32', 0], ['summon_this'], ['call_10', 1]), ['ret']] as Line[] },
      { ordinal: 5, code: [['arg_count', 0], str('from within'), ['throw']] as Line[] },
    ];
    expect((await runInV8(program({ name: '.t.main', methods }))).console.trim()).toBe('from within');
  });
});
