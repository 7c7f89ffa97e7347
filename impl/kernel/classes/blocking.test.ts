/** Methods that wait, on the machine, with the power cut inside the wait: each goes on with what was left of it. */
import { describe, expect, test } from 'vitest';
import { ENTER, type Line, printTop, program } from '../vm/testing/assembler.js';
import { Lives } from '../vm/testing/lives.js';
import { call, int, made, say, str, tell } from '../vm/testing/words.js';
import { WAITING } from './testing/restart.js';

const print = printTop();
const DONE = { kind: 'exit', status: 1 };
/** By the keyboard controller's reset line; where there is none, EXIT_RESTART through the exit port. */
const RESTARTS = [
  ['reset line', { keyboard: true }, { kind: 'reset' }],
  ['exit port', { keyboard: false }, { kind: 'exit', status: 7 }],
] as const;

const ask = (...what: Parameters<typeof call>): Line[] => [...call(...what), ...print];

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

/** Methods that a test here cuts the power inside: `CLASS ORDINAL`. */
const cut = new Set<string>();
function inside(...methods: readonly string[]): void {
  for (const method of methods) cut.add(method);
}

/** Longer than `untilCommitted` runs. */
const LONG = 600;

describe('a wait that the power cut off', () => {
  test('of a semaphore, until its time is over', async () => {
    inside('.internal.sema 9');
    const code = [...made('.internal.sema', 2), ...say('ready '), ...ask(2, 9, int(LONG))];
    expect(await cutInside(boot(code))).toBe('ready 0 ');
  });

  test('of a semaphore that is released in another life', async () => {
    const release: Line[] = [['os_load8', 1], ['call_0B', 0], ['os_drop']];
    const kept: Line[] = [...made('.internal.sema', 2), ['os_get32', 2], ['os_save8', 1], ...timer(LONG)];
    expect(await cutInside(boot([...kept, ...say('ready '), ...ask(2, 9, int(100_000))], release))).toBe('ready 1 ');
  });

  test('of a condition, until its time is over, then for the mutex', async () => {
    inside('.internal.cond 9');
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
    inside(`${cls} ${ordinal}`);
    const code = [...made(cls, 2), ...say('ready '), ...tell(2, ordinal, ...args), ...say('over')];
    expect(await cutInside(boot(code))).toBe('ready over');
  });

  test('of a timer', async () => {
    inside('.internal.connection 13');
    const connected = [...made('.internal.connection', 2), ...tell(2, 8, [str('tmr:')])];
    const code = [...connected, ...say('ready '), ...tell(2, 13, int(LONG), int(1)), ...say('over')];
    expect(await cutInside(boot(code))).toBe('ready over');
  });

  test('of a timer whose callback runs in another life, with its argument, once', async () => {
    const fired: Line[] = [['os_load8', 0], ['os_get32', 0], ['call_10', 1], ['os_drop']];
    expect(await cutInside(boot([...timer(LONG), ...say('ready ')], fired))).toBe(`ready ${LONG}`);
  });

  /** The timer lets go of what field 1 holds, by its method 11 or 9. */
  const lets = (ordinal: string): Line[] => [['os_load8', 1], [ordinal, 0], ['os_drop']];
  const holds = (cls: string): Line[] => [...made(cls, 2), ['os_get32', 2], ['os_save8', 1]];

  test('of a semaphore, without end', async () => {
    inside('.internal.sema 8');
    const code = [...holds('.internal.sema'), ...timer(LONG), ...say('ready '), ...tell(2, 8), ...say('over')];
    expect(await cutInside(boot(code, lets('call_0B')))).toBe('ready over');
  });

  test('of a condition, without end', async () => {
    inside('.internal.cond 8');
    const mutex = [...made('.internal.mutex', 3), ...tell(3, 8)];
    const wait = [...say('ready '), ...tell(2, 8, [['os_get32', 3]]), ...say('over')];
    const code = [...holds('.internal.cond'), ...timer(LONG), ...mutex, ...wait];
    expect(await cutInside(boot(code, lets('call_0B')))).toBe('ready over');
  });

  test('of a mutex that the timer has', async () => {
    inside('.internal.mutex 8', '.internal.boot 21');
    // The timer's thread takes the mutex at once and sleeps with it; the program takes it afterwards.
    const takes: Line[] = [['os_load8', 1], ['call_08', 0], ['os_drop']];
    const sleeps: Line[] = [['os_load8', 0], ...int(LONG), ['call_15', 1], ['os_drop']];
    const later: Line[] = [['os_get32', 0], ...int(40), ['call_15', 1], ['os_drop']];
    const code = [...holds('.internal.mutex'), ...timer(0), ...later, ...say('ready '), ...tell(2, 8), ...say('over')];
    expect(await cutInside(boot(code, [...takes, ...sleeps, ...lets('call_09')]))).toBe('ready over');
  });
});

describe('a program that asks', () => {
  const WAIT_FOR_BOOT = 26;

  test('is told of a reboot, once', async () => {
    inside('.internal.boot 26');
    const waits: Line[] = [...say('ready '), ...ask(0, WAIT_FOR_BOOT, int(1)), ...ask(0, 25)];
    expect(await cutInside(boot(waits))).toBe('ready 2 2 ');
  });

  test.each(RESTARTS)('can restart the machine by its %s, and goes on behind that', async (_name, config, stop) => {
    inside('.internal.boot 24');
    const lives = await Lives.of(boot([...say('before '), ...tell(0, 24), ...ask(0, 25)]));
    lives.boot(config);
    expect({ stop: lives.toEnd(), console: lives.console }).toEqual({ stop, console: 'before ' });
    lives.cut();
    lives.boot(config);
    expect({ stop: lives.toEnd(), console: lives.console }).toMatchObject({ stop: DONE, console: 'before 2 ' });
  });
});

describe('a device that could not be made ready', () => {
  const PATTERN = [0x91, 0x3e, 0xd7, 0x64];

  test('is lost to who uses it; the others go on', async () => {
    inside('.internal.connection 13');
    // The older connection; on another page the newer one, first on the chain, and the pattern; then new objects.
    const connected = (slot: number): Line[] => [
      ...made('.internal.connection', slot),
      ...tell(slot, 8, [str('tmr:')]),
    ];
    const binary = (bytes: number): Line[] => [['os_get32', 0], ...int(bytes), ['call_13', 1], ['os_set32', 1]];
    const pattern = PATTERN.flatMap((byte, i) => tell(1, 9, int(i), int(byte)));
    const wait = [...say('ready '), ...tell(0, 21, int(LONG))];
    const caught: Line[] = [['summon_string_class'], ['push_catcher', 'lost'], ...tell(2, 13, int(1), int(1))];
    const code = [
      ...connected(2),
      ...binary(16384),
      ...connected(3),
      ...binary(64),
      ...pattern,
      ...binary(16384),
      ...wait,
      ...caught,
    ];
    const lives = await Lives.of(boot([...code, ...say('whole'), ['summon_null'], ['ret'], 'lost:', ...print]));
    lives.boot();
    lives.until(() => lives.console === 'ready ');
    lives.untilCommitted();
    lives.cut();
    lives.boot({ diskFaults: [{ kind: 'read-error', lba: lives.sectorOf(PATTERN) }] });
    expect({ stop: lives.toEnd(), console: lives.console, log: lives.log }).toMatchObject({
      stop: DONE,
      console: 'ready connection lost ',
    });
  });
});

describe('other hardware in the next boot', () => {
  test('a clock without a battery: it is never earlier than the program was told', async () => {
    const time = made('.internal.time', 2);
    const lives = await Lives.of(
      boot([...time, ...ask(2, 16), ...say('ready '), ...tell(0, 21, int(LONG)), ...ask(2, 16)]),
    );
    lives.boot({ rtcStart: '2026-11-21T00:00:00' });
    lives.until(() => lives.console.endsWith('ready '));
    lives.untilCommitted();
    lives.cut();
    lives.boot({ rtcStart: '2000-01-01T00:00:00' });
    const told = Date.UTC(2026, 10, 21) / 1000;
    expect({ stop: lives.toEnd(), console: lives.console }).toEqual({ stop: DONE, console: `${told} ready ${told} ` });
  });

  test('less memory', async () => {
    // 2 MiB filled by doubling 256 bytes; then 32 MiB of RAM become 4.
    const size = 3 << 20;
    const binary: Line[] = [['os_get32', 0], ...int(size), ['call_13', 1], ['os_set32', 2]];
    const fill = [...binary, ...Array.from({ length: 256 }, (_, i) => tell(2, 9, int(i), int(i & 127))).flat()];
    const doubled = Array.from({ length: 13 }, (_, i) =>
      tell(2, 10, [['os_get32', 2]], int(1 << (8 + i)), int(0), int(1 << (8 + i))),
    ).flat();
    const nap = tell(0, 21, int(3000));
    const look = [77, (1 << 20) + 78, (2 << 20) - 256 + 79].flatMap((at) => ask(2, 8, int(at)));
    const lives = await Lives.of(boot([...fill, ...doubled, ...say('ready '), ...nap, ...look]));
    lives.boot();
    lives.until(() => lives.console === 'ready ');
    const before = lives.commits;
    lives.until(() => lives.commits > before + 1);
    lives.cut();
    lives.boot({ ramBytes: 4 << 20 });
    expect({ stop: lives.toEnd(), console: lives.console }).toMatchObject({ stop: DONE, console: 'ready 77 78 79 ' });
  });
});

test('every method that waits has its cut', () => {
  // Those of terminals are in tty.test.ts, the wait for durability in durable.test.ts.
  const others = WAITING.filter((method) => !/^\.internal\.(io\.tty |boot 27$)/.test(method));
  expect([...cut].sort()).toEqual([...others].sort());
});
