import { describe, expect, test } from 'vitest';
import { ENTER, type Line, printTop, program } from './testing/assembler.js';
import { Lives } from './testing/lives.js';
import { runInV8 } from './testing/v8.js';
import { int, str } from './testing/words.js';

const print = printTop();
const LOCK: Line = ['general_lock'];
const UNLOCK: Line = ['general_unlock'];

async function printed(...code: readonly Line[]): Promise<string> {
  const startup = { ordinal: 8, code: [...ENTER, ...code, ['ret']] as Line[] };
  return (await runInV8(program({ name: '.t.main', methods: [startup] }))).console.trim();
}

function caught(...code: readonly Line[]): Line[] {
  return [['summon_string_class'], ['push_catcher', 'handler'], ...code, str('not thrown'), 'handler:', ...print];
}

describe('a monitor', () => {
  const self: Line = ['summon_this'];

  test('is locked as often as it is unlocked', async () => {
    expect(await printed(...caught(self, LOCK, self, LOCK, self, UNLOCK, self, UNLOCK))).toBe('not thrown');
    expect(await printed(...caught(self, LOCK, self, UNLOCK, self, UNLOCK))).toBe('unlock - not owner');
    expect(await printed(...caught(self, UNLOCK))).toBe('unlock - not owner');
  });

  test('is not for what has no identity', async () => {
    expect(await printed(...caught(...int(5), LOCK))).toBe('type assert failed');
    expect(await printed(...caught(['iconst_32bit', 0x7fffffff], ['i2o'], LOCK))).toBe('type assert failed');
    expect(await printed(...caught(['summon_null'], LOCK))).toBe('null object');
  });

  /** `body` with integer 0 from `from` up to `count`. */
  const each = (count: number, label: string, body: readonly Line[], step = 1, from = 0): Line[] => [
    ['iconst_32bit', from],
    ['is_set32', 0],
    `${label}:`,
    ...body,
    ['is_get32', 0],
    ['iconst_32bit', step],
    ['isum'],
    ['is_dup'],
    ['is_set32', 0],
    ['iconst_32bit', count],
    ['ige'],
    ['jz', label],
  ];
  /** `count` strings in an array in slot 1. */
  const array = (count: number): Line[] => [
    ['summon_array_class'],
    ['new'],
    ['os_set32', 1],
    ['stack_reserve', 0, 1],
    ...each(count, 'fill', [['os_get32', 1], str('s'), ['is_get32', 0], ['i2o'], ['call_0B', 2], ['os_drop']]),
  ];
  const element: Line[] = [['os_get32', 1], ['is_get32', 0], ['i2o'], ['call_0A', 1]];

  test('of seven hundred objects at once, let go in another order', async () => {
    const code = [
      ...array(700),
      ...each(700, 'lock', [...element, LOCK]),
      // Multiples of 3, then the rest in order: each unlock finds its entry wherever removals moved it.
      ...each(700, 'third', [...element, UNLOCK], 3),
      ...each(700, 'second', [...element, UNLOCK], 3, 1),
      ...each(700, 'first', [...element, UNLOCK], 3, 2),
      // None is held any more.
      ...each(700, 'again', [...element, LOCK, ...element, UNLOCK]),
    ];
    expect(await printed(...caught(...code))).toBe('not thrown');
  });

  test('is refused when too many are held', async () => {
    const code = [...array(800), ...each(800, 'lock', [...element, LOCK])];
    expect(await printed(...caught(...code))).toBe('too many locks');
  });
});

/** Three workers on one object, the boss's first field; each has the boot object, the object and its letter. */
function crew(worker: readonly Line[]): ReturnType<typeof program> {
  const hire = (letter: string): Line[] => [
    ['summon_by_name', '.t.worker'],
    ['new'],
    ['os_set32', 1],
    ['os_get32', 1],
    ['os_get32', 0],
    ['summon_this'],
    str(letter),
    ['call_14', 3],
    ['os_drop'],
    ['os_get32', 0],
    ['os_get32', 1],
    ['call_12', 1],
    ['os_drop'],
  ];
  const share = [0, 1, 2].flatMap((i): Line[] => [
    ['os_get32', i],
    ['os_save8', i],
  ]);
  return program(
    { name: '.t.main', methods: [{ ordinal: 8, code: [...ENTER, ...['a', 'b', 'c'].flatMap(hire), ['ret']] }] },
    {
      name: '.t.worker',
      fields: 3,
      methods: [
        { ordinal: 8, code: [['arg_count', 1], ...worker, ['ret']] },
        { ordinal: 20, code: [['arg_count', 3], ...share, ['summon_null'], ['ret']] },
      ],
    },
  );
}

const say: Line[] = [['os_load8', 0], ['os_load8', 2], ['call_10', 1], ['os_drop']];
const nap = (time: number): Line[] => [['os_load8', 0], ...int(time), ['call_15', 1], ['os_drop']];
const shared: Line = ['os_load8', 1];
const DONE = { kind: 'exit', status: 1 };

describe('on the machine', () => {
  test('a monitor goes to the thread that has waited longest, power cuts or not', async () => {
    const round: Line[] = [shared, LOCK, shared, LOCK, ...nap(150), ...say, shared, UNLOCK, shared, UNLOCK];
    const lives = await Lives.of(crew([...round, ...round]));
    lives.boot();
    lives.until(() => lives.console.length === 2);
    lives.untilCommitted();
    const before = lives.console;
    lives.cut();
    lives.boot();
    expect({ stop: lives.toEnd(), log: lives.log }).toMatchObject({ stop: DONE });
    const rest = lives.console.slice(before.length);
    // Who comes first is chance; from then on they take turns. What was printed after the commit comes again.
    const turns = rest.slice(-3);
    expect([...turns].sort().join('')).toBe('abc');
    expect(turns.repeat(2).startsWith(before)).toBe(true);
    expect(turns.repeat(2).endsWith(rest)).toBe(true);
    expect(before.length + rest.length).toBeGreaterThanOrEqual(6);
  });

  test('a thread that ends lets go of what it holds', async () => {
    const lives = await Lives.of(crew([shared, LOCK, ...nap(20), ...say]));
    lives.boot();
    expect({ stop: lives.toEnd(), log: lives.log }).toMatchObject({ stop: DONE });
    expect([...lives.console].sort().join('')).toBe('abc');
  });
});
