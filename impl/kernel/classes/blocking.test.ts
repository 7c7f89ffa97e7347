/** Methods that wait, on the machine, with the power cut inside the wait: each goes on with what was left of it. */
import { describe, expect, test } from 'vitest';
import { ENTER, type Line, printTop, program } from '../vm/testing/assembler.js';
import { Lives } from '../vm/testing/lives.js';

const str = (text: string): Line => ['sconst_bin', text];
const int = (value: number): Line[] => [['iconst_32bit', value], ['i2o']];
const print = printTop();
const DONE = { kind: 'exit', status: 1 };
/** EXIT_RESTART through the exit port. */
const RESTART = { kind: 'exit', status: 7 };

const made = (name: string, slot: number): Line[] => [['summon_by_name', name], ['new'], ['os_set32', slot]];
const call = (slot: number, ordinal: number, ...args: readonly (readonly Line[])[]): Line[] => [
  ['os_get32', slot],
  ...args.flat(),
  ['call_32bit', ordinal, args.length],
];
const tell = (...what: Parameters<typeof call>): Line[] => [...call(...what), ['os_drop']];
const ask = (...what: Parameters<typeof call>): Line[] => [...call(...what), ...print];
const say = (text: string): Line[] => [['os_get32', 0], str(text), ['call_10', 1], ['os_drop']];

/** Boot object in slot 0 and field 0, slots 2 and 3 for objects; field 1 for what method 20, the timer's, wants. */
function boot(code: readonly Line[], timer: readonly Line[] = []): ReturnType<typeof program> {
  const start: Line[] = [
    ...ENTER,
    ['summon_null'],
    ['summon_null'],
    ['os_get32', 0],
    ['os_save8', 0],
    ...code,
    ['ret'],
  ];
  const fired: Line[] = [['arg_count', 1], ['stack_reserve', 2, 0], ...timer, ['ret']];
  const methods = [
    { ordinal: 8, code: start },
    { ordinal: 20, code: fired },
  ];
  return program({ name: '.t.main', methods, fields: 2 });
}

/** A connection in slot 3 whose timer runs method 20 after `time`. */
const timer = (time: number): Line[] => [
  ...made('.internal.connection', 3),
  ...tell(3, 8, [str('tmr:')]),
  ...tell(3, 12, [['summon_this']], int(20)),
  ...tell(3, 11, int(time), int(1)),
];

/** Runs it with a cut soon after it has printed `ready`; what it printed in both lives. */
async function cutInside(what: ReturnType<typeof program>): Promise<string> {
  const lives = await Lives.of(what);
  lives.boot();
  lives.until(() => lives.console === 'ready ');
  lives.untilCommitted();
  expect(lives.console).toBe('ready ');
  lives.cut();
  lives.boot();
  expect({ stop: lives.toEnd(), log: lives.log }).toMatchObject({ stop: DONE });
  return lives.console;
}

/** Longer than `untilCommitted` runs. */
const LONG = 600;

describe('a wait that the power cut off', () => {
  test('of a semaphore, until its time is over', async () => {
    const code = [...made('.internal.sema', 2), ...say('ready '), ...ask(2, 9, int(LONG))];
    expect(await cutInside(boot(code))).toBe('ready 0 ');
  });

  test('of a semaphore that is released in another life', async () => {
    const release: Line[] = [['os_load8', 1], ['call_0B', 0], ['os_drop']];
    const kept: Line[] = [...made('.internal.sema', 2), ['os_get32', 2], ['os_save8', 1], ...timer(LONG)];
    expect(await cutInside(boot([...kept, ...say('ready '), ...ask(2, 9, int(100_000))], release))).toBe('ready 1 ');
  });

  test('of a condition, until its time is over, then for the mutex', async () => {
    const both = [...made('.internal.cond', 2), ...made('.internal.mutex', 3), ...tell(3, 8)];
    const wait = [...ask(2, 9, [['os_get32', 3]], int(LONG)), ...ask(3, 9)];
    expect(await cutInside(boot([...both, ...say('ready '), ...wait]))).toBe('ready 0 (void) ');
  });

  test('of a condition that is signalled in another life', async () => {
    const signal: Line[] = [['os_load8', 1], ['call_0B', 0], ['os_drop']];
    const fields: Line[] = [...made('.internal.cond', 2), ['os_get32', 2], ['os_save8', 1], ...timer(LONG)];
    const mutex = [...made('.internal.mutex', 3), ...tell(3, 8)];
    const wait = [...ask(2, 9, [['os_get32', 3]], int(100_000)), ...ask(3, 9)];
    expect(await cutInside(boot([...fields, ...mutex, ...say('ready '), ...wait], signal))).toBe('ready 1 (void) ');
  });

  test.each([
    ['time, milliseconds', '.internal.time', 18, [int(LONG)]],
    ['time, seconds', '.internal.time', 17, [int(1)]],
  ] as const)('of %s', async (_name, cls, ordinal, args) => {
    const code = [...made(cls, 2), ...say('ready '), ...tell(2, ordinal, ...args), ...say('over')];
    expect(await cutInside(boot(code))).toBe('ready over');
  });

  test('of a timer', async () => {
    const connected = [...made('.internal.connection', 2), ...tell(2, 8, [str('tmr:')])];
    const code = [...connected, ...say('ready '), ...tell(2, 13, int(LONG), int(1)), ...say('over')];
    expect(await cutInside(boot(code))).toBe('ready over');
  });

  test('of a timer whose callback runs in another life, with its argument, once', async () => {
    const fired: Line[] = [['os_load8', 0], ['os_get32', 0], ['call_10', 1], ['os_drop']];
    expect(await cutInside(boot([...timer(LONG), ...say('ready ')], fired))).toBe(`ready ${LONG}`);
  });
});

describe('a program that asks', () => {
  const WAIT_FOR_BOOT = 26;

  test('is told of a reboot, once', async () => {
    const waits: Line[] = [...say('ready '), ...ask(0, WAIT_FOR_BOOT, int(1)), ...ask(0, 25)];
    expect(await cutInside(boot(waits))).toBe('ready 2 2 ');
  });

  test('can restart the machine, and goes on behind that', async () => {
    const lives = await Lives.of(boot([...say('before '), ...tell(0, 24), ...ask(0, 25)]));
    lives.boot();
    expect({ stop: lives.toEnd(), console: lives.console }).toEqual({ stop: RESTART, console: 'before ' });
    lives.cut();
    lives.boot();
    expect({ stop: lives.toEnd(), console: lives.console }).toMatchObject({ stop: DONE, console: 'before 2 ' });
  });
});
