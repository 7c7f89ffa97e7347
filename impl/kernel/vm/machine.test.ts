import { describe, expect, test } from 'vitest';
import { buildKernel, makeBundle } from '../../image/index.js';
import { runSimulator, type SimulatorRun } from '../../image/testing/simulator.js';
import { ENTER, type Line, program } from './testing/assembler.js';
import { Lives } from './testing/lives.js';
import { goldenPrograms, markedLines } from './testing/programs.js';
import { int, str } from './testing/words.js';

/** EXIT_DONE and EXIT_THREAD_FAILED through the exit port. */
const DONE = 1;
const FAILED = 3;

async function run(
  what: { readonly classes: ReadonlyMap<string, Uint8Array>; readonly bootClass: string },
  options: { readonly ramMib?: number; readonly words?: string } = {},
): Promise<SimulatorRun> {
  const { elf } = await buildKernel();
  const bundle = makeBundle([...what.classes].map(([name, bytes]) => ({ name, bytes })));
  const commandLine = `root.boot=${what.bootClass} ${options.words ?? ''}`;
  return runSimulator({ elf, bundle, commandLine, ramMib: options.ramMib, untilCycle: 4_000_000_000 });
}

describe('on the simulated machine', () => {
  // The long ones run in V8 only.
  const programs = goldenPrograms().filter(({ name }) => !name.startsWith('bench') && name !== 'alloc');

  test.each(programs)('$name prints what a correct machine prints', async (golden) => {
    const { console, stop, log } = await run(golden);
    expect(markedLines(console)).toBe(golden.expected);
    const status = golden.name === 'uncaught' || golden.name === 'switchdefect' ? FAILED : DONE;
    expect({ stop, log }).toMatchObject({ stop: { kind: 'exit', status } });
  });
});

/** Field 0 holds the boot object. */
function say(...text: readonly Line[]): Line[] {
  return [['os_load8', 0], ...text, ['call_10', 1], ['os_drop']];
}

/** Makes an object of `.t.worker` that shares what fields `from` to `to` - 1 hold, and starts a thread on it. */
function hire(letter: string): Line[] {
  return [
    ['summon_by_name', '.t.worker'],
    ['new'],
    ['os_set32', 1],
    ['os_get32', 1],
    ['os_load8', 1],
    ['os_load8', 2],
    str(letter),
    ['call_14', 3],
    ['os_drop'],
    ['os_load8', 0],
    ['os_get32', 1],
    ['call_12', 1],
    ['os_drop'],
  ];
}

const share: Line[] = [
  ['arg_count', 3],
  ['os_get32', 0],
  ['os_save8', 1],
  ['os_get32', 1],
  ['os_save8', 2],
  ['os_get32', 2],
  ['os_save8', 3],
  ['summon_null'],
  ['ret'],
];

/** A boss with what fields 1 and 2 are made of, three workers, and more to do afterwards. */
function crew(first: string, second: string, worker: readonly Line[], boss: readonly Line[]) {
  const fields: Line[] = [
    ['os_get32', 0],
    ['os_save8', 0],
    ['summon_by_name', first],
    ['new'],
    ['os_save8', 1],
    ['summon_by_name', second],
    ['new'],
    ['os_save8', 2],
  ];
  const code: Line[] = [...ENTER, ...fields, ...['a', 'b', 'c'].flatMap(hire), ...boss, ['ret']];
  const work: Line[] = [['arg_count', 1], ['os_get32', 0], ['os_save8', 0], ...worker, ['ret']];
  return program(
    { name: '.t.main', fields: 3, methods: [{ ordinal: 8, code }] },
    {
      name: '.t.worker',
      fields: 4,
      methods: [
        { ordinal: 8, code: work },
        { ordinal: 20, code: share },
      ],
    },
  );
}

describe('threads', () => {
  test('a mutex goes to the thread that has waited longest', async () => {
    const field = (n: number, ordinal: string): Line[] => [['os_load8', n], [ordinal, 0], ['os_drop']];
    // Each takes the mutex, sleeps with it, says its letter, and lets go; three times.
    const once: Line[] = [...field(1, 'call_08'), ['os_load8', 0], ...int(8), ['call_15', 1], ['os_drop']];
    const round = [...once, ...say(['os_load8', 3]), ...field(1, 'call_09')];
    const { console, stop } = await run(crew('.internal.mutex', '.internal.mutex', [...round, ...round, ...round], []));
    expect(stop).toMatchObject({ kind: 'exit', status: DONE });
    // Who comes first depends on when the clock ticks; from then on the order stays.
    const order = console.slice(0, 3);
    expect([...order].sort().join('')).toBe('abc');
    expect(console).toBe(order.repeat(3));
  });

  test('a condition wakes one waiter, or all', async () => {
    const field = (n: number, ordinal: string): Line[] => [['os_load8', n], [ordinal, 0], ['os_drop']];
    const wait: Line[] = [['os_load8', 2], ['os_load8', 1], ['call_08', 1], ['os_drop']];
    const worker = [...field(1, 'call_08'), ...wait, ...say(['os_load8', 3]), ...field(1, 'call_09')];
    const nap: Line[] = [['os_load8', 0], ...int(40), ['call_15', 1], ['os_drop']];
    const boss = [...nap, ...field(2, 'call_0B'), ...nap, ...say(str('-')), ...field(2, 'call_0A')];
    const { console, stop } = await run(crew('.internal.mutex', '.internal.cond', worker, boss));
    expect(stop).toMatchObject({ kind: 'exit', status: DONE });
    expect(console).toBe('a-bc');
  });

  test('a semaphore lets as many through as it was released', async () => {
    const field = (n: number, ordinal: string): Line[] => [['os_load8', n], [ordinal, 0], ['os_drop']];
    const worker = [...field(1, 'call_08'), ...say(['os_load8', 3])];
    const nap: Line[] = [['os_load8', 0], ...int(40), ['call_15', 1], ['os_drop']];
    const release = field(1, 'call_0B');
    const boss = [...nap, ...release, ...release, ...nap, ...say(str('-')), ...release];
    const { console, stop } = await run(crew('.internal.sema', '.internal.sema', worker, boss));
    expect(stop).toMatchObject({ kind: 'exit', status: DONE });
    expect(console).toBe('ab-c');
  });

  test('threads take turns without asking for it', async () => {
    // Each counts to a large number between two letters; none of them gives up the processor by itself.
    const count: Line[] = [['iconst_32bit', 30000], 'again:', ['djnz', 'again'], ['is_drop']];
    const worker = [...say(['os_load8', 3]), ...count, ...say(['os_load8', 3])];
    const { console, stop } = await run(crew('.internal.mutex', '.internal.mutex', worker, []));
    expect(stop).toMatchObject({ kind: 'exit', status: DONE });
    expect([...console.slice(0, 3)].sort().join('')).toBe('abc');
    expect([...console].sort().join('')).toBe('aabbcc');
  });

  test('an error ends one thread; the others go on', async () => {
    const worker: Line[] = [['os_load8', 3], str('b'), ['call_04', 1], ['o2i'], ['jz', 'good'], ['isum'], 'good:'];
    const { console, stop, log } = await run(
      crew('.internal.mutex', '.internal.mutex', [...worker, ...say(['os_load8', 3])], []),
    );
    expect(stop).toMatchObject({ kind: 'exit', status: FAILED });
    expect([...console].sort().join('')).toBe('ac');
    expect(log).toContain('thread 3 ended: integer stack underflow in .t.worker.m8 at byte ');
  });

  test('more threads than there is room for', async () => {
    const hiring: Line[] = ['more:', ...hire('x'), ['jmp', 'more']];
    const sleeping: Line[] = [['os_load8', 0], ...int(100000), ['call_15', 1], ['os_drop']];
    const caught: Line[] = [['summon_string_class'], ['push_catcher', 'full'], ...hiring, 'full:', ['os_set32', 1]];
    const what = crew('.internal.mutex', '.internal.mutex', sleeping, [...caught, ...say(['os_get32', 1])]);
    const { elf } = await buildKernel();
    const bundle = makeBundle([...what.classes].map(([name, bytes]) => ({ name, bytes })));
    const { console, log } = runSimulator({
      elf,
      bundle,
      commandLine: `root.boot=${what.bootClass}`,
      untilCycle: 400_000_000,
    });
    expect(console).toBe('out of memory');
    expect(log).not.toContain('panic');
  });
});

describe('a page of which no good copy is left', () => {
  /** Told apart from everything else on the disk. */
  const PATTERN = [0xa7, 0x5b, 0xc3, 0x1d];
  const FROM = 5000;

  test('throws object lost in the threads that touch it, and nothing else', async () => {
    const fill = PATTERN.flatMap((byte, i): Line[] => [
      ['os_load8', 1],
      ...int(FROM + i),
      ...int(byte),
      ['call_09', 2],
      ['os_drop'],
    ]);
    const look: Line[] = [['os_load8', 1], ...int(FROM), ['call_08', 1], ['os_drop'], ...say(str('read '))];
    const code: Line[] = [
      ...ENTER,
      ['os_get32', 0],
      ['os_save8', 0],
      ['os_load8', 0],
      ...int(8192),
      ['call_13', 1],
      ['os_save8', 1],
      ...fill,
      ...say(str('ready ')),
      ['os_load8', 0],
      ...int(600),
      ['call_15', 1],
      ['os_drop'],
      ['summon_string_class'],
      ['push_catcher', 'lost'],
      ...look,
      ['jmp', 'end'],
      'lost:',
      ['os_set32', 1],
      ...say(['os_get32', 1]),
      'end:',
      ...say(str(' end')),
      ['ret'],
    ];
    const what = program({ name: '.t.main', fields: 2, methods: [{ ordinal: 8, code }] });
    const lives = await Lives.of(what);
    lives.boot();
    lives.until(() => lives.console === 'ready ');
    lives.untilCommitted();
    lives.cut();
    lives.console = '';
    lives.boot({ diskFaults: [{ kind: 'read-error', lba: lives.sectorOf(PATTERN) }] });
    expect({ stop: lives.toEnd(), console: lives.console, log: lives.log }).toMatchObject({
      console: 'object lost end',
      stop: { kind: 'exit', status: DONE },
    });
    expect(lives.log).toContain('persist: object lost');
  });
});
