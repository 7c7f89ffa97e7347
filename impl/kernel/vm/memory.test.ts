/** Programs whose objects are larger than RAM: each method of the kernel must get by with a few pages at a time. */
import { describe, expect, test } from 'vitest';
import { buildKernel, makeBundle } from '../../image/index.js';
import { runSimulator, type SimulatorRun } from '../../image/testing/simulator.js';
import { type Line, program } from './testing/assembler.js';
import { persistentPart, runInV8 } from './testing/v8.js';
import { int, str } from './testing/words.js';

/** EXIT_DONE through the exit port. */
const DONE = { kind: 'exit', status: 1 };

const get = (slot: number): Line => ['os_get32', slot];
const set = (slot: number): Line => ['os_set32', slot];
/** The boot object is in slot 0; slots 1 to 3 and integers 0 and 1 are free. */
const say = (...text: readonly Line[]): Line[] => [get(0), ...text, ['call_10', 1], ['os_drop']];
const binary = (bytes: number, slot: number): Line[] => [get(0), ...int(bytes), ['call_13', 1], set(slot)];
const call = (ordinal: number, slot: number, ...args: readonly (readonly Line[])[]): Line[] => [
  get(slot),
  ...args.flat(),
  ['call_8bit', ordinal, args.length],
];
const tell = (...what: Parameters<typeof call>): Line[] => [...call(...what), ['os_drop']];

/** The lines `count` times, integer 0 counting from 0 on. */
const times = (count: number, ...lines: readonly Line[]): Line[] => [
  ['iconst_0'],
  ['is_set32', 0],
  'loop:',
  ...lines,
  ['is_get32', 0],
  ['iconst_1'],
  ['isum'],
  ['is_set32', 0],
  ['iconst_32bit', count],
  ['is_get32', 0],
  ['isubul'],
  ['jz', 'done'],
  ['jmp', 'loop'],
  'done:',
];

/** Nine seconds of the machine, on which a snapshot, with its check, follows the other: these programs need up to six and a half. */
async function run(code: readonly Line[], untilCycle = 600_000_000): Promise<SimulatorRun> {
  const lines: Line[] = [['arg_count', 1], ['stack_reserve', 3, 2], ...code, ['ret']];
  const { classes } = program({ name: '.t.main', fields: 1, methods: [{ ordinal: 8, code: lines }] });
  const { elf } = await buildKernel();
  const bundle = makeBundle([...classes].map(([name, bytes]) => ({ name, bytes })));
  return runSimulator({ elf, bundle, commandLine: 'root.boot=.t.main snapshot.interval=20', ramMib: 4, untilCycle });
}

async function says(text: string, ...code: readonly Line[]): Promise<void> {
  const { console, stop, log } = await run(code);
  expect({ console, stop, log }).toMatchObject({ console: text, stop: DONE });
}

const MIB = 1 << 20;

describe('in 4 MiB of RAM', () => {
  test('3 MiB from one binary to another', async () => {
    const last = int(3 * MIB - 1);
    const fill = [
      ...binary(3 * MIB, 1),
      ...binary(3 * MIB, 2),
      ...tell(9, 2, last, int(77)),
      ...tell(9, 2, int(0), int(7)),
    ];
    const copy = tell(10, 1, [get(2)], int(0), int(0), int(3 * MIB));
    await says('7 77', ...fill, ...copy, ...say(...call(8, 1, int(0))), ...say(str(' ')), ...say(...call(8, 1, last)));
  });

  test('3 MiB inside a binary, towards its end', async () => {
    const fill = [...binary(3 * MIB + 10, 1), ...tell(9, 1, int(0), int(7)), ...tell(9, 1, int(3 * MIB - 1), int(77))];
    const copy = tell(10, 1, [get(1)], int(10), int(0), int(3 * MIB));
    const look = [...say(...call(8, 1, int(10))), ...say(str(' ')), ...say(...call(8, 1, int(3 * MIB + 9)))];
    await says('7 77', ...fill, ...copy, ...look);
  });

  test('an array grows from 320,000 to 640,000 elements, and a part is taken of it', async () => {
    const array: Line[] = [['summon_array_class'], ['new'], set(1)];
    const put = (value: number, at: number): Line[] => tell(11, 1, int(value), int(at));
    const part = [...call(9, 1, int(1), int(320_000)), set(2)];
    const look = [...say(...call(10, 1, int(330_000))), ...say(str(' ')), ...say(...call(10, 2, int(319_999)))];
    await says('8 7', ...array, ...put(7, 320_000), ...put(8, 330_000), ...part, ...look);
  });
});

describe('a power cut in every long method', () => {
  const twice: Line[] = [get(1), get(1), ['call_0A', 1], set(1)];
  const bytes = 12 << 13;
  const array: Line[] = [['summon_array_class'], ['new'], set(2)];
  const put = (at: number): Line[] => tell(11, 2, int(at), int(at));
  const key: Line[] = [['is_get32', 0], ['i2o'], ['call_05', 0]];
  const programs: Record<string, readonly Line[]> = {
    concatenation: [str('abcdefghijkl'), set(1), ...times(13, ...twice), ...say(...call(11, 1))],
    substring: [
      ...[str('abcdefghijkl'), set(1), ...times(13, ...twice)],
      ...[...call(8, 1, int(5), int(bytes - 5)), set(1), ...say(...call(11, 1))],
    ],
    search: [
      ...[str('abcdefghijkl'), set(1), ...times(13, ...twice), get(1), str('!'), ['call_0A', 1] as Line, set(1)],
      ...say(...call(12, 1, [str('l!')])),
    ],
    'array growth': [...array, ...put(20_000), ...put(30_000), ...say(...call(10, 2, int(20_000)))],
    subarray: [
      ...array,
      ...put(20_000),
      ...call(9, 2, int(1), int(20_000)),
      set(2),
      ...say(...call(10, 2, int(19_999))),
    ],
    'copy of a binary': [
      ...[...binary(bytes, 1), ...tell(9, 1, int(0), int(7)), ...tell(10, 1, [get(1)], int(5), int(0), int(bytes - 5))],
      ...say(...call(8, 1, int(5))),
    ],
    'directory growth': [
      ...[['summon_by_name', '.internal.directory'] as Line, ['new'] as Line, set(2)],
      ...[...times(200, ...tell(8, 2, key, key)), ...say(...call(11, 2))],
    ],
  };

  test.each(Object.entries(programs))('%s goes on where it was', async (_name, lines) => {
    const code: Line[] = [['arg_count', 1], ['stack_reserve', 3, 2], ...lines, ['ret']];
    const what = program({ name: '.t.main', fields: 1, methods: [{ ordinal: 8, code }] });
    const whole = await runInV8(what);
    let console = '';
    let memory: Uint8Array | undefined;
    // The power fails so often that no long method is ever done between two cuts.
    for (let boot = 0; boot < 1000; boot++) {
      const { console: printed, failed, memory: left } = await runInV8({ ...what, memory, waitEvery: 7, cutAtWait: 3 });
      console += printed;
      if (failed !== undefined) break;
      memory = persistentPart(left);
    }
    expect(console).toBe(whole.console);
    expect(memory).toBeDefined();
  });
});

describe('seventy threads in 4 MiB of RAM', () => {
  test('all start: a thread waits until there is memory for its stack', async () => {
    const big: Line[] = [['summon_array_class'], ['new'], set(1), ...tell(11, 1, int(7), int(6_000))];
    const hire: Line[] = [get(0), ['summon_by_name', '.t.worker'], ['new'], ['call_8bit', 18, 1], ['os_drop']];
    const code: Line[] = [
      ['arg_count', 1],
      ['stack_reserve', 3, 2],
      ...times(70, ...big, ...big, ...big, ...hire, ...say(str('t'))),
      ...say(str('all')),
      ['ret'],
    ];
    const nap: Line[] = [['arg_count', 1], get(0), ...int(100_000), ['call_8bit', 21, 1], ['os_drop'], ['ret']];
    const { classes } = program(
      { name: '.t.main', fields: 1, methods: [{ ordinal: 8, code }] },
      { name: '.t.worker', fields: 1, methods: [{ ordinal: 8, code: nap }] },
    );
    const { elf } = await buildKernel();
    const bundle = makeBundle([...classes].map(([name, bytes]) => ({ name, bytes })));
    const commandLine = 'root.boot=.t.main';
    const { console, log } = runSimulator({ elf, bundle, commandLine, ramMib: 4, untilCycle: 800_000_000 });
    expect({ console, log }).toMatchObject({ console: `${'t'.repeat(70)}all` });
  });
});
