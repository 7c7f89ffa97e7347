/** Terminals on the screen and the console there, on the machine: what is seen, who hears the keyboard, and what another boot finds. */
import { describe, expect, test } from 'vitest';
import { ENTER, type Line, printTop, program } from '../vm/testing/assembler.js';
import { Lives } from '../vm/testing/lives.js';
import { call, int, say, str, tell } from '../vm/testing/words.js';

const print = printTop();
const DONE = { kind: 'exit', status: 1 };
const ONE = 2;
const TWO = 3;
const READ = 16;
const PUT = 17;
const OPEN = 29;

const nap = (time: number): Line[] => tell(0, 21, int(time));
const put = (slot: number, text: string): Line[] => tell(slot, PUT, [str(text)]);
/** Reads one byte and shows it on the terminal. */
const echo = (slot: number): Line[] => [['os_get32', slot], ...call(slot, READ), ['call_32bit', PUT, 1], ['os_drop']];
const tty = (slot: number): Line[] => [['summon_by_name', '.internal.io.tty'], ['new'], ['os_set32', slot]];
/** A terminal with a screen of its own. */
const screen = (slot: number): Line[] => [...tty(slot), ...tell(slot, OPEN, [str('screen')])];
/** What comes of the lines, or the exception instead, printed. */
const caught = (label: string, ...lines: readonly Line[]): Line[] => [
  ['summon_string_class'],
  ['push_catcher', label],
  ...lines,
  ['pop_catcher'],
  str('fine'),
  `${label}:`,
  ...print,
];

function boot(...code: readonly Line[]): ReturnType<typeof program> {
  const start: Line[] = [...ENTER, ['summon_null'], ['summon_null'], ...code, ['ret']];
  return program({ name: '.t.main', methods: [{ ordinal: 8, code: start }], fields: 1 });
}

/** Runs until the program has printed this and all of it is committed, and cuts the power. */
function cutAfter(lives: Lives, console: string): void {
  lives.until(() => lives.console === console);
  lives.untilCommitted();
  expect(lives.console).toBe(console);
  lives.cut();
}

describe('a terminal with a screen of its own', () => {
  test('shows what it prints and hears the keyboard, line and console untouched', async () => {
    const lives = await Lives.of(
      boot(...screen(ONE), ...put(ONE, 'name? '), ...echo(ONE), ...echo(ONE), ...say('read ')),
    );
    lives.boot();
    lives.until(() => lives.screen === 'name?');
    lives.type('xy');
    lives.typeKeys('Q');
    lives.until(() => lives.screen === 'name? Q');
    lives.typeKeys('\x1b');
    expect({ stop: lives.toEnd(), console: lives.console, screen: lives.screen }).toEqual({
      stop: DONE,
      console: 'read ',
      screen: 'name? Q',
    });
  });

  test('is there again after a power cut, before the program runs on, and a read in it reads again', async () => {
    const lives = await Lives.of(
      boot(...screen(ONE), ...put(ONE, '\x1b[3;5Hthere\n'), ...say('ready '), ...echo(ONE), ...echo(ONE)),
    );
    lives.boot();
    lives.until(() => lives.console === 'ready ');
    lives.typeKeys('a');
    lives.until(() => lives.screen.endsWith('a'));
    lives.untilCommitted();
    const shown = lives.screen;
    expect(shown).toBe('\n\n    there\na');
    lives.cut();
    lives.boot();
    lives.until(() => lives.screen !== '');
    expect({ screen: lives.screen, log: lives.log.includes('objects: boot 2') }).toEqual({ screen: shown, log: false });
    lives.typeKeys('b');
    lives.until(() => lives.log.includes('objects: boot 2'));
    lives.typeKeys('b');
    expect({ stop: lives.toEnd(), screen: lives.screen }).toEqual({ stop: DONE, screen: `${shown}b` });
  });

  test('Alt and a function key show another, which then hears', async () => {
    const both = [...screen(ONE), ...put(ONE, 'two: '), ...screen(TWO), ...put(TWO, 'three: ')];
    const lives = await Lives.of(boot(...both, ...echo(ONE), ...echo(TWO)));
    lives.boot();
    lives.until(() => lives.screen === 'three:');
    lives.typeKeys('n');
    lives.strike('AltLeft', 'F2');
    lives.until(() => lives.screen === 'two:');
    lives.typeKeys('x');
    lives.until(() => lives.screen === 'two: x');
    // Of screens that are not there nothing is seen.
    lives.strike('AltLeft', 'F7');
    lives.strike('AltRight', 'F3');
    lives.until(() => lives.screen === 'three:');
    lives.typeKeys('y');
    expect({ stop: lives.toEnd(), screen: lives.screen }).toEqual({ stop: DONE, screen: 'three: y' });
  });

  test('goes to the console and back, or goes, and another is shown', async () => {
    const both = [...screen(ONE), ...put(ONE, 'one'), ...screen(TWO), ...put(TWO, 'two'), ...say('ready ')];
    const lives = await Lives.of(
      boot(
        ...both,
        ...nap(100),
        ...tell(TWO, OPEN, [str('console')]),
        ...put(TWO, 'two '),
        ...nap(100),
        ...tell(ONE, 1),
      ),
    );
    lives.boot();
    lives.until(() => lives.screen === 'two');
    lives.until(() => lives.screen === 'one');
    expect({ stop: lives.toEnd(), console: lives.console, screen: lives.screen }).toEqual({
      stop: DONE,
      console: 'ready two ',
      screen: '',
    });
  });

  test('moves while a thread reads from it, which then hears what is typed where it has gone', async () => {
    // A timer's thread moves the terminal in field 1; behind it another one waits on the line.
    const timer = (time: number): Line[] => [
      ['summon_by_name', '.internal.connection'],
      ['new'],
      ['os_set32', TWO],
      ...tell(TWO, 8, [str('tmr:')]),
      ...tell(TWO, 12, [['summon_this']], int(20)),
      ...tell(TWO, 11, int(time), int(1)),
    ];
    const code: Line[] = [
      ...[...tty(ONE), ['os_get32', ONE] as Line, ['os_save8', 0] as Line, ...tell(ONE, 27)],
      ...[...tty(1), ...tell(1, 27), ...timer(100), ...say('ready ')],
      ...[...call(ONE, READ), ...print],
    ];
    const moves: Line[] = [['os_load8', 0], str('screen'), ['call_32bit', OPEN, 1], ['os_drop']];
    const lives = await Lives.of(
      program({
        name: '.t.main',
        methods: [
          { ordinal: 8, code: [...ENTER, ['summon_null'], ['summon_null'], ...code, ['ret']] },
          { ordinal: 20, code: [['arg_count', 1], ['stack_reserve', 2, 0], ...moves, ['ret']] },
        ],
        fields: 1,
      }),
    );
    lives.boot();
    lives.until(() => lives.console === 'ready ');
    lives.untilCommitted();
    lives.untilCommitted();
    lives.typeKeys('k');
    expect({ stop: lives.toEnd(), console: lives.console }).toEqual({ stop: DONE, console: 'ready k ' });
  });

  test('there are eleven of them', async () => {
    const many = Array.from({ length: 11 }, () => screen(ONE)).flat();
    const lives = await Lives.of(boot(...many, ...tty(TWO), ...caught('full', ...tell(TWO, OPEN, [str('screen')]))));
    lives.boot();
    expect({ stop: lives.toEnd(), console: lives.console }).toEqual({ stop: DONE, console: 'no free screen ' });
  });
});

describe('keys', () => {
  test('of the US layout, with Shift, Caps Lock, Ctrl, and cursor keys', async () => {
    const text = 'The quick: {0}\\|~`"\'\t<5%>\x1b[A\x1b[6~\x7f.';
    const lives = await Lives.of(
      boot(
        ...screen(ONE),
        ...Array.from({ length: text.length + 5 }, () => [
          ...call(ONE, READ),
          ['os_set32', 1] as Line,
          ['os_get32', 0] as Line,
          ['os_get32', 1] as Line,
          ['call_10', 1] as Line,
          ['os_drop'] as Line,
        ]).flat(),
      ),
    );
    lives.boot();
    lives.until(() => lives.log.includes('objects: new system'));
    lives.until(() => lives.commits > 0);
    lives.typeKeys(text);
    lives.until(() => lives.console === text);
    lives.strike('CapsLock');
    lives.typeKeys('aB1\x03');
    lives.strike('CapsLock');
    lives.typeKeys('a');
    expect({ stop: lives.toEnd(), console: lives.console }).toEqual({ stop: DONE, console: `${text}Ab1\x03a` });
  });
});

describe('the console on the screen', () => {
  const CONSOLE = 'console=screen';

  test('shows what is printed, which is on the line too, and its terminals hear the keyboard', async () => {
    const lives = await Lives.of(boot(...say('one\n'), ...tty(ONE), ...put(ONE, 'two '), ...echo(ONE), ...echo(ONE)));
    lives.boot({}, CONSOLE);
    lives.until(() => lives.screen === 'one\ntwo');
    lives.type('x');
    lives.typeKeys('y');
    lives.until(() => lives.console === 'one\ntwo y');
    lives.typeKeys('z');
    expect({ stop: lives.toEnd(), console: lives.console, screen: lives.screen }).toEqual({
      stop: DONE,
      console: 'one\ntwo yz',
      screen: 'one\ntwo yz',
    });
  });

  test('is screen 1', async () => {
    const lives = await Lives.of(boot(...say('console'), ...screen(ONE), ...put(ONE, 'own: '), ...echo(ONE)));
    lives.boot({}, CONSOLE);
    lives.until(() => lives.screen === 'own:');
    lives.strike('AltLeft', 'F1');
    lives.until(() => lives.screen === 'console');
    lives.strike('AltLeft', 'F2');
    lives.until(() => lives.screen === 'own:');
    lives.typeKeys('k');
    expect({ stop: lives.toEnd(), screen: lives.screen }).toEqual({ stop: DONE, screen: 'own: k' });
  });

  test('scrolls, and what is on it is there after a power cut, each line once', async () => {
    const lines = Array.from({ length: 30 }, (_, i) => say(`line ${i}\n`)).flat();
    const lives = await Lives.of(boot(...lines, ...nap(600), ...say('end')));
    lives.boot({}, CONSOLE);
    const printed = Array.from({ length: 30 }, (_, i) => `line ${i}\n`).join('');
    cutAfter(lives, printed);
    lives.boot({}, CONSOLE);
    expect({ stop: lives.toEnd(), console: lives.console, screen: lives.screen }).toEqual({
      stop: DONE,
      console: `${printed}end`,
      screen: `${printed}end`.split('\n').slice(-25).join('\n'),
    });
  });
});

describe('another boot finds other hardware', () => {
  test('the console on the screen, then on the line, then on the screen again', async () => {
    const lives = await Lives.of(boot(...tty(ONE), ...put(ONE, 'a '), ...echo(ONE), ...echo(ONE), ...echo(ONE)));
    lives.boot();
    cutAfter(lives, 'a ');
    lives.boot({}, 'console=screen');
    lives.until(() => lives.log.includes('objects: boot 2'));
    lives.typeKeys('b');
    lives.until(() => lives.screen === 'b');
    cutAfter(lives, 'a b');
    lives.boot({}, 'console=serial');
    lives.until(() => lives.log.includes('objects: boot 3'));
    expect(lives.screen).toBe('');
    lives.type('c');
    cutAfter(lives, 'a bc');
    lives.boot({}, 'console=screen');
    lives.until(() => lives.log.includes('objects: boot 4'));
    lives.typeKeys('d');
    expect({ stop: lives.toEnd(), console: lives.console, screen: lives.screen }).toEqual({
      stop: DONE,
      console: 'a bcd',
      screen: 'bd',
    });
  });

  test('without a screen a terminal on one is lost, caught inside a read or not; the console takes it, others go on', async () => {
    const code = [
      ...screen(ONE),
      ...put(ONE, 'here'),
      ...say('ready '),
      ...caught('read', ...tell(ONE, READ)),
      ...caught('print', ...put(ONE, 'more')),
      ...caught('again', ...tell(ONE, OPEN, [str('screen')])),
      ...tell(ONE, OPEN, [str('console')]),
      ...put(ONE, 'on the console'),
    ];
    const lives = await Lives.of(boot(...code));
    lives.boot();
    cutAfter(lives, 'ready ');
    lives.boot({ screen: false });
    expect({ stop: lives.toEnd(), console: lives.console }).toEqual({
      stop: DONE,
      console: 'ready connection lost connection lost no screen on the console',
    });
  });

  test('what was lost without a screen is there in the boot that has one', async () => {
    const code = [
      ...screen(ONE),
      ...put(ONE, 'here '),
      ...say('ready '),
      ...nap(600),
      ...caught('lost', ...put(ONE, 'x')),
    ];
    const lives = await Lives.of(boot(...code, ...say('then '), ...nap(600), ...put(ONE, 'again')));
    lives.boot();
    cutAfter(lives, 'ready ');
    lives.boot({ screen: false });
    cutAfter(lives, 'ready connection lost then ');
    lives.boot();
    expect({ stop: lives.toEnd(), screen: lives.screen }).toEqual({ stop: DONE, screen: 'here again' });
  });

  test('without a keyboard who reads on a screen gets connection lost, caught inside it too; the screen shows', async () => {
    const code = [...screen(ONE), ...put(ONE, 'here '), ...say('ready '), ...caught('lost', ...tell(ONE, READ))];
    const lives = await Lives.of(boot(...code, ...put(ONE, 'still')));
    lives.boot();
    cutAfter(lives, 'ready ');
    lives.boot({ keyboard: false });
    expect({ stop: lives.toEnd(), console: lives.console, screen: lives.screen }).toEqual({
      stop: DONE,
      console: 'ready connection lost ',
      screen: 'here still',
    });
  });

  test('the console is on the line where there is no screen', async () => {
    const lives = await Lives.of(boot(...tty(ONE), ...put(ONE, 'a '), ...echo(ONE)));
    lives.boot({ screen: false, keyboard: false }, 'console=screen');
    lives.until(() => lives.console === 'a ');
    lives.type('b');
    expect({ stop: lives.toEnd(), console: lives.console, log: lives.log }).toMatchObject({
      stop: DONE,
      console: 'a b',
      log: expect.stringContaining('console: there is no screen, so it is on the serial line'),
    });
  });
});
