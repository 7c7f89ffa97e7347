/**
 * What a power cut and the boot after it mean to a program: P18 and P20 on the virtual machine in V8, cut at any instant, with
 * other hardware in the next boot; and that each seeded defect of theirs breaks them.
 */
import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENTER, type Line, printTop, program } from '../vm/testing/assembler.js';
import { persistentPart, runInV8, type VmOptions, type VmRun } from '../vm/testing/v8.js';
import { verifyHeap } from '../vm/testing/verify-heap.js';
import { call, int, made, say, str, tell } from '../vm/testing/words.js';
import { NAP_MS } from './testing/restart.js';

const print = printTop();
const ask = (...what: Parameters<typeof call>): Line[] => [...call(...what), ...print];
/** What the lines leave, or the exception instead, printed. */
const outcome = (label: string, lines: readonly Line[]): Line[] => [
  ['summon_string_class'],
  ['push_catcher', label],
  ...lines,
  ['pop_catcher'],
  `${label}:`,
  ...print,
];

/** Boot object in slot 0 and field 0, slots from 2 on free; method 20 is a timer's. */
function boot(slots: number, code: readonly Line[], timer: readonly Line[] = []): ReturnType<typeof program> {
  const free = Array.from({ length: slots }, (): Line => ['summon_null']);
  const start: Line[] = [...ENTER, ...free, ['os_get32', 0], ['os_save8', 0], ...code, ['ret']];
  const fired: Line[] = [['arg_count', 1], ['stack_reserve', 2, 0], ...timer, ['ret']];
  return program({
    name: '.t.main',
    methods: [
      { ordinal: 8, code: start },
      { ordinal: 20, code: fired },
    ],
    fields: 2,
  });
}

type Options = Omit<VmOptions, 'classes' | 'bootClass' | 'memory'>;

/** The program in several lives, each on what the one before left; says what of the memory is unsound. */
async function live(
  what: ReturnType<typeof program>,
  lives: readonly Options[],
): Promise<(VmRun & { unsound: string[] })[]> {
  const runs: (VmRun & { unsound: string[] })[] = [];
  let memory: Uint8Array | undefined;
  for (const options of lives) {
    const run = await runInV8({ ...what, ...options, memory });
    memory = persistentPart(run.memory);
    runs.push({ ...run, unsound: verifyHeap(run.memory) });
    if (run.failed !== undefined) break;
  }
  return runs;
}

type Device = 'console' | 'screen' | 'timer' | 'statistics';

interface Reboot {
  readonly devices: readonly Device[];
  /** Terminal that a thread reads from when the power goes; it came last. */
  readonly blocked: 'console' | 'screen' | undefined;
  /** Of the second boot. */
  readonly screen: boolean;
  readonly keyboard: boolean;
  readonly consoleOnScreen: boolean;
}

function make(device: Device, slot: number): Line[] {
  if (device === 'timer' || device === 'statistics') {
    const name = device === 'timer' ? 'tmr:' : 'stt:';
    return [...made('.internal.connection', slot), ...tell(slot, 8, [str(name)])];
  }
  return [...made('.internal.io.tty', slot), ...tell(slot, 29, [str(device)])];
}

/** A call on the device that says what is there, and what it says in boot 2 if the device is. */
const USE: Readonly<Record<Device, readonly [ordinal: number, args: readonly Line[][], expected: string]>> = {
  console: [27, [], '0'],
  screen: [27, [], '0'],
  timer: [13, [int(0), int(0)], '(void)'],
  statistics: [11, [int(0), int(0)], '2'],
};

/** A reboot, and what the program must have printed. */
async function reboot(
  what: Reboot,
  defects: readonly string[] = [],
): Promise<readonly [found: string, expected: string]> {
  const all: Device[] = [...what.devices, ...(what.blocked === undefined ? [] : [what.blocked])];
  const last = all.length + 1;
  const uses = all.flatMap((device, i) => outcome(`used${i}`, call(2 + i, USE[device][0], ...USE[device][1])));
  const wait = what.blocked === undefined ? tell(0, 21, int(100)) : outcome('read', call(last, 16));
  const code = [...all.flatMap((device, i) => make(device, 2 + i)), ...say('ready '), ...wait, ...uses, ...ask(0, 25)];
  const { screen, keyboard, consoleOnScreen } = what;
  const atKeyboard = what.blocked === 'screen' || consoleOnScreen;
  const isLost = (device: Device | undefined): boolean => device === 'screen' && !screen;
  const read = isLost(what.blocked) || (atKeyboard && !keyboard) ? 'connection lost' : 'x';
  const first: Options = { defects, waitsEnd: true, ...(what.blocked === undefined ? { cutAfterMs: 50 } : {}) };
  const second: Options = {
    defects,
    waitsEnd: true,
    typed: what.blocked !== undefined && read === 'x' ? 'x' : '',
    typedAt: atKeyboard ? 'keyboard' : 'line',
    hardware: {
      ...(screen ? {} : { screen: false }),
      ...(keyboard ? {} : { keyboard: false }),
      ...(consoleOnScreen ? { consoleOnScreen: true } : {}),
    },
  };
  const runs = await live(boot(all.length, code), [first, second]);
  const expected = [
    'ready',
    ...(what.blocked === undefined ? [] : [read]),
    ...all.map((device) => (isLost(device) ? 'connection lost' : USE[device][2])),
    '2',
  ];
  const unsound = runs.flatMap((run) => run.unsound);
  const found = [runs.map(({ console }) => console.trimEnd()).join(' '), ...unsound].join('\n');
  return [found, expected.join(' ')];
}

const device = fc.constantFrom<Device>('console', 'screen', 'timer', 'statistics');
const anyReboot = fc
  .record({
    devices: fc.array(device, { maxLength: 4 }),
    blocked: fc.constantFrom('console', 'screen', undefined),
    screen: fc.boolean(),
    keyboard: fc.boolean(),
    consoleOnScreen: fc.boolean(),
  })
  .map((one) => {
    // What hears the keyboard is what is shown: the console only where nothing else is.
    const shown = one.devices.includes('screen') || one.blocked === 'screen';
    return { ...one, consoleOnScreen: one.consoleOnScreen && one.screen && !shown };
  });

const PLAIN: Reboot = { devices: [], blocked: undefined, screen: true, keyboard: true, consoleOnScreen: false };

describe('P18', () => {
  property.prop([anyReboot], { numRuns: 60 })(
    'P18 after a reboot every object of the kernel works, or throws connection lost where its hardware is not there',
    async (what) => {
      const [found, expected] = await reboot(what);
      expect(found).toBe(expected);
    },
  );

  test.each([
    ['acceptStaleHandles', { devices: ['screen'], screen: false }, /^ready 0 2$/],
    ['restartLate', { devices: ['statistics'] }, /^ready connection lost 2$/],
    ['restartSkipsNewest', { devices: ['timer', 'statistics'] }, /^ready \(void\) connection lost 2$/],
    ['keepKernelAddress', { devices: ['console'] }, /^ready 0 2\n(.*\n)*.*holds 0x2[0-9a-f]{5}, which is no reference/],
    ['countBootTwice', {}, /^ready 3$/],
  ] as const)('is broken by the defect %s', async (defect, what, said) => {
    const [sound, expected] = await reboot({ ...PLAIN, ...what });
    expect(sound).toBe(expected);
    const [found] = await reboot({ ...PLAIN, ...what }, [defect]);
    expect(found).not.toBe(expected);
    expect(found).toMatch(said);
  });
});

/** Ways to wait for so many milliseconds, all that a program has. */
const WAITS = {
  'boot sleep': (time: number) => tell(0, 21, int(time)),
  'time sleep': (time: number) => [...made('.internal.time', 2), ...tell(2, 18, int(time))],
  'timer, waited for': (time: number) => [
    ...made('.internal.connection', 2),
    ...tell(2, 8, [str('tmr:')]),
    ...tell(2, 13, int(time), int(0)),
  ],
  semaphore: (time: number) => [...made('.internal.sema', 2), ...tell(2, 9, int(time))],
  condition: (time: number) => [
    ...made('.internal.cond', 2),
    ...made('.internal.mutex', 3),
    ...tell(3, 8),
    ...tell(2, 9, [['os_get32', 3]], int(time)),
  ],
  'terminal, read': (time: number) => [...made('.internal.io.tty', 2), ...tell(2, 28, int(time))],
} as const;
type Wait = keyof typeof WAITS | 'timer with a callback';

interface Waiting {
  readonly wait: Wait;
  readonly time: number;
  /** How long each life but the last is, at most. */
  readonly cuts: readonly number[];
}

/** What the program printed over all lives, how long they took, and how many were cut. */
async function waiting({ wait, time, cuts }: Waiting, defects: readonly string[] = []) {
  const over = say('over');
  const fired: Line[] = [['os_load8', 0], str('over'), ['call_10', 1], ['os_drop']];
  const timer = [
    ...made('.internal.connection', 2),
    ...tell(2, 8, [str('tmr:')]),
    ...tell(2, 12, [['summon_this']], int(20)),
    ...tell(2, 11, int(time), int(0)),
  ];
  const what = wait === 'timer with a callback' ? boot(2, timer, fired) : boot(2, [...WAITS[wait](time), ...over]);
  const lives = [...cuts.map((cutAfterMs) => ({ cutAfterMs, defects })), { defects }];
  const runs = await live(what, lives);
  return {
    printed: runs.map(({ console }) => console).join(''),
    took: runs.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
    cut: runs.filter(({ failed }) => failed === undefined).length,
    unsound: runs.flatMap(({ unsound }) => unsound),
  };
}

/** A cut costs at most the nap that it fell into. */
function expectKept({ time }: Waiting, { printed, took, cut, unsound }: Awaited<ReturnType<typeof waiting>>): void {
  expect({ printed, unsound }).toEqual({ printed: 'over', unsound: [] });
  expect(took).toBeGreaterThanOrEqual(time);
  expect(took).toBeLessThanOrEqual(time + cut * NAP_MS);
}

const anyWaiting = fc.record({
  wait: fc.constantFrom<Wait>(...(Object.keys(WAITS) as (keyof typeof WAITS)[]), 'timer with a callback'),
  time: fc.integer({ min: 1, max: 2000 }),
  cuts: fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 4 }),
});

/** What a program is told of the time, asked after each of `naps`, in lives whose clocks begin as given, and what it should be told. */
async function timesTold(lives: readonly { clock: number; cutAfterMs: number }[], defects: readonly string[] = []) {
  const naps = [1500, 1500, 1500, 1500];
  const asked = ask(2, 16);
  const code = [
    ...made('.internal.time', 2),
    ...asked,
    ...naps.flatMap((time) => [...tell(0, 21, int(time)), ...asked]),
  ];
  const runs = await live(boot(1, code), [
    ...lives.map((one) => ({ ...one, defects })),
    { clock: lives.at(-1)?.clock, defects },
  ]);
  return runs.map(({ console }) => console.trim().split(' ').filter(Boolean).map(Number));
}

const anyClocks = fc.array(
  fc.record({
    clock: fc.integer({ min: 946_684_800, max: 946_684_900 }),
    cutAfterMs: fc.integer({ min: 1, max: 4000 }),
  }),
  { minLength: 1, maxLength: 4 },
);

describe('P20', () => {
  property.prop([anyWaiting], { numRuns: 60 })(
    'P20 what is left of a sleep, a limit or a timer is kept over power cuts, and it ends once',
    async (one) => expectKept(one, await waiting(one)),
  );

  property.prop([anyClocks], { numRuns: 30 })(
    'P20 time never goes back for a program, and jumps forward',
    async (lives) => {
      const told = await timesTold(lives);
      let latest = 0;
      for (const [life, times] of told.entries()) {
        const { clock } = lives[Math.min(life, lives.length - 1)];
        for (const time of times) {
          expect(time).toBeGreaterThanOrEqual(Math.max(latest, clock));
          // At most what all naps take after the later of both.
          expect(time).toBeLessThanOrEqual(Math.max(latest, clock + 6));
          latest = time;
        }
      }
    },
  );

  const LONG: Waiting = { wait: 'boot sleep', time: 1000, cuts: [600] };
  test.each([
    ...Object.keys(WAITS).map((wait) => ['sleepForgets', { ...LONG, wait: wait as Wait }] as const),
    ['sleepForgets', { ...LONG, wait: 'timer with a callback' }],
  ] as const)('is broken by the defect %s: %j', async (defect, one) => {
    expectKept(one, await waiting(one));
    const { printed, took } = await waiting(one, [defect]);
    expect({ printed, took }).toEqual({ printed: 'over', took: 1600 });
  });

  test('is broken by the defect lastThreadStays', async () => {
    const fired: Line[] = [['os_load8', 0], str('over'), ['call_10', 1], ['os_drop']];
    const timer = [
      ...made('.internal.connection', 2),
      ...tell(2, 8, [str('tmr:')]),
      ...tell(2, 12, [['summon_this']], int(20)),
      ...tell(2, 11, int(500), int(0)),
    ];
    const what = boot(2, [...timer, ...tell(0, 21, int(300))], fired);
    const printed = async (...defects: string[]): Promise<string> => {
      const runs = await live(what, [{ cutAfterMs: 100, defects }, { defects }]);
      return runs.map(({ console }) => console).join('');
    };
    expect([await printed(), await printed('lastThreadStays')]).toEqual(['over', '']);
  });

  test('is broken by the defect clockGoesBack', async () => {
    const lives = [
      { clock: 946_684_850, cutAfterMs: 100 },
      { clock: 946_684_800, cutAfterMs: 2000 },
    ];
    expect((await timesTold(lives)).flat().slice(0, 2)).toEqual([946_684_850, 946_684_850]);
    expect((await timesTold(lives, ['clockGoesBack'])).flat().slice(0, 2)).toEqual([946_684_850, 946_684_801]);
  });
});
