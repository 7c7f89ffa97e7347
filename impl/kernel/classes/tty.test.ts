import { describe, expect, test } from 'vitest';
import { ENTER, type Line, printTop, program } from '../vm/testing/assembler.js';
import { Lives } from '../vm/testing/lives.js';
import { runInV8 } from '../vm/testing/v8.js';
import { verifyHeap } from '../vm/testing/verify-heap.js';
import { int, str } from '../vm/testing/words.js';

const print = printTop();
const TTY = 2;
const OTHER = 3;
const DONE = { kind: 'exit', status: 1 };

/** A new terminal in slot `slot`; boot object in slot 0, slot 1 free. */
const opened = (slot = TTY): Line[] => [['summon_by_name', '.internal.io.tty'], ['new'], ['os_set32', slot]];
const call = (ordinal: number, args: readonly Line[] = [], count = 0, slot = TTY): Line[] => [
  ['os_get32', slot],
  ...args,
  ['call_32bit', ordinal, count],
];
const tell = (...what: Parameters<typeof call>): Line[] => [...call(...what), ['os_drop']];
const ask = (...what: Parameters<typeof call>): Line[] => [...call(...what), ...print];

function boot(...code: readonly Line[]): ReturnType<typeof program> {
  const start: Line[] = [...ENTER, ['summon_null'], ['summon_null'], ...code, ['ret']];
  return program({ name: '.t.main', methods: [{ ordinal: 8, code: start }], fields: 1 });
}

async function printed(typed: string, ...code: readonly Line[]): Promise<string> {
  const run = await runInV8({ ...boot(...code), typed });
  expect({ failed: run.failed, log: run.log }).toMatchObject({ failed: 0 });
  expect(verifyHeap(run.memory)).toEqual([]);
  return run.console;
}

describe('terminal', () => {
  test('gives bytes as strings of one, as many as were typed', async () => {
    expect(await printed('xy', ...opened(), ...ask(16), ...ask(27), ...ask(16), ...ask(27))).toBe('x 1 y 0 ');
  });

  test('a read with a limit gives null when nothing comes', async () => {
    expect(await printed('x', ...opened(), ...ask(28, int(50), 1), ...ask(28, int(50), 1))).toBe('x (void) ');
  });

  test('prints strings and control sequences', async () => {
    const code = [
      ...tell(17, [str('one')], 1),
      ...tell(19, [...int(4), ...int(0)], 2),
      ...tell(21, int(0xff8001), 1),
      ...tell(26, int(0), 1),
      ...tell(25, [str('T')], 1),
      ...tell(20),
    ];
    expect(await printed('', ...opened(), ...code)).toBe(
      'one\x1b[1;5H\x1b[38;2;255;128;1m\x1b[48;2;0;0;0m\x1b]0;T\x07\x1b[2J\x1b[H',
    );
  });

  test('what is typed goes to the one that came last, and back when it goes', async () => {
    const both = [...opened(), ...opened(OTHER), ...tell(27), ...tell(27, [], 0, OTHER)];
    const first = [...ask(27), ...ask(16, [], 0, OTHER)];
    expect(await printed('abc', ...both, ...first, ...tell(1, [], 0, OTHER), ...ask(27), ...ask(16))).toBe('0 a 2 b ');
  });

  test.each([
    [17, int(1), 1, 'not a string arg'],
    [17, [], 0, 'sys: need more parameters'],
    [19, [...int(-1), ...int(0)], 2, 'tty gotoxy - position is out of bounds'],
    [21, [str('red')], 1, 'type assert failed'],
    [23, [], 0, 'tty has no window'],
    [29, [str('printer')], 1, 'tty has no such device'],
    [30, [], 0, 'invalid syscall called'],
  ] as const)('method %i refuses what it cannot use', async (ordinal, args, count, message) => {
    const caught: Line[] = [['summon_string_class'], ['push_catcher', 'handler'], ...call(ordinal, args, count)];
    expect(await printed('', ...opened(), ...caught, 'handler:', ...print)).toBe(`${message} `);
  });
});

describe('terminal on the machine', () => {
  test('a thread cut off inside a read reads again', async () => {
    const lives = await Lives.of(boot(...opened(), ...tell(17, [str('ready ')], 1), ...ask(16), ...ask(16)));
    lives.boot();
    lives.until(() => lives.console === 'ready ');
    lives.type('a');
    lives.until(() => lives.console === 'ready a ');
    lives.untilCommitted();
    lives.cut();
    lives.boot();
    lives.until(() => lives.log.includes('objects: boot 2, threads 1'));
    lives.type('b');
    expect({ stop: lives.toEnd(), console: lives.console, log: lives.log }).toMatchObject({
      stop: DONE,
      console: 'ready a b ',
    });
  });

  test('what was typed and not read is lost with the power', async () => {
    const nap = [['os_get32', 0] as Line, ...int(600), ['call_15', 1] as Line, ['os_drop'] as Line];
    const lives = await Lives.of(boot(...opened(), ...tell(17, [str('ready ')], 1), ...nap, ...ask(27)));
    lives.boot();
    lives.until(() => lives.console === 'ready ');
    lives.type('lost');
    lives.untilCommitted();
    lives.cut();
    lives.boot();
    expect({ stop: lives.toEnd(), console: lives.console, log: lives.log }).toMatchObject({
      stop: DONE,
      console: 'ready 0 ',
    });
  });

  test('Ctrl-] moves the foreground, in a wait too', async () => {
    const both = [...opened(), ...opened(OTHER), ...tell(27), ...tell(27, [], 0, OTHER)];
    const lives = await Lives.of(boot(...both, ...tell(17, [str('ready ')], 1), ...ask(16), ...ask(16)));
    lives.boot();
    lives.until(() => lives.console === 'ready ');
    lives.type('x');
    lives.untilCommitted();
    expect(lives.console).toBe('ready ');
    lives.type('y\x1dab');
    expect({ stop: lives.toEnd(), console: lives.console }).toMatchObject({ stop: DONE, console: 'ready a b ' });
  });

  test('a read with a limit goes on with what was left of it', async () => {
    const lives = await Lives.of(boot(...opened(), ...tell(17, [str('ready ')], 1), ...ask(28, int(400), 1)));
    lives.boot();
    lives.until(() => lives.console === 'ready ');
    lives.untilCommitted();
    lives.cut();
    lives.boot();
    expect({ stop: lives.toEnd(), console: lives.console }).toMatchObject({ stop: DONE, console: 'ready (void) ' });
  });
});
