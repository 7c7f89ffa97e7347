import { describe, expect, test } from 'vitest';
import { ENTER, type Line, printTop, program } from '../vm/testing/assembler.js';
import { persistentPart, runInV8 } from '../vm/testing/v8.js';
import { verifyHeap } from '../vm/testing/verify-heap.js';
import { int, str } from '../vm/testing/words.js';

/** Boot object in slot 0, slots 1 to 3 free; the object under test goes to slot 2, another to slot 3. */
function boot(...code: readonly Line[]): ReturnType<typeof program> {
  const start: Line[] = [...ENTER, ['summon_null'], ['summon_null'], ...code, ['ret']];
  const seven = {
    ordinal: 20,
    name: 'seven',
    code: [['arg_count', 0], ['iconst_8bit', 7], ['i2o'], ['ret']] as Line[],
  };
  return program({ name: '.t.main', methods: [{ ordinal: 8, name: 'startup', code: start }, seven], fields: 1 });
}

async function printed(...code: readonly Line[]): Promise<string> {
  const run = await runInV8(boot(...code));
  expect({ failed: run.failed, log: run.log }).toMatchObject({ failed: 0 });
  expect(verifyHeap(run.memory)).toEqual([]);
  return run.console.trim();
}

const SUBJECT = 2;
const OTHER = 3;
const subject: Line = ['os_get32', SUBJECT];
const other: Line = ['os_get32', OTHER];
const print = printTop();

function made(name: string, slot = SUBJECT): Line[] {
  return [['summon_by_name', name], ['new'], ['os_set32', slot]];
}

const call = (ordinal: number, ...args: readonly (readonly Line[])[]): Line[] => [
  subject,
  ...args.flat(),
  ['call_32bit', ordinal, args.length],
];
const ask = (...what: Parameters<typeof call>): Line[] => [...call(...what), ...print];
const tell = (...what: Parameters<typeof call>): Line[] => [...call(...what), ['os_drop']];

function caught(...code: readonly Line[]): Line[] {
  return [['summon_string_class'], ['push_catcher', 'handler'], ...code, str('not thrown'), 'handler:', ...print];
}

describe('directory', () => {
  const put = (key: string, value: Line[]): Line[] => tell(8, [str(key)], value);

  test('iterates over the keys there were', async () => {
    const filled = [...made('.internal.directory'), ...put('a', int(1)), ...put('b', int(2)), ...put('c', int(3))];
    const iterator: Line[] = [...tell(10, [str('b')]), ...call(13), ['os_set32', OTHER], ...put('d', int(4))];
    const step: Line[] = [other, ['call_08', 0], ...print, other, ['call_32bit', 333, 0], ['os_drop']];
    const shown = await printed(...filled, ...iterator, ...step, ...step, ...step);
    expect(shown.split(' ').sort()).toEqual(['(void)', 'a', 'c']);
  });

  test('of no keys', async () => {
    const iterator: Line[] = [...made('.internal.directory'), ...call(13), ['os_set32', OTHER]];
    expect(await printed(...iterator, other, ['call_08', 0], ...print)).toBe('(void)');
  });
});

describe('class', () => {
  const cls: Line[] = [
    ['summon_by_name', '.t.main'],
    ['os_set32', SUBJECT],
  ];

  test('makes a class that has the methods of its parent, and more fields', async () => {
    const child: Line[] = [subject, str('.t.child'), ...int(3), subject, ['call_08', 3], ['os_set32', OTHER]];
    const object: Line[] = [other, ['new'], ['os_set32', 1], ['os_get32', 1], ['call_14', 0], ...print];
    const kin: Line[] = [...object, subject, other, ['new'], ['call_0E', 1], ...print];
    const named: Line[] = [other, ['new'], ['call_05', 0], ...print];
    expect(await printed(...cls, ...child, ...kin, ...named)).toBe('7 1 .t.child@1');
  });

  test.each([
    [[...int(1), ...int(1), ['summon_null'] as Line], 'not a string arg'],
    [[str('x'), ...int(1), str('y')], 'type assert failed'],
    [[str('x'), ...int(-1), ['summon_null'] as Line], 'class newClass - slots are out of bounds'],
    [[str('x'), ...int(1), ['summon_string_class'] as Line], 'not a parent class'],
  ])('and none of what cannot be one', async (args, message) => {
    expect(await printed(...cls, ...caught(subject, ...args, ['call_08', 3]))).toBe(message);
  });
});

describe('weakref', () => {
  test('gives what it was set to', async () => {
    const reference = made('.internal.weakref');
    expect(await printed(...reference, ...ask(8), ...tell(9, [str('kept')]), ...ask(8))).toBe('(void) kept');
  });
});

describe('bitmap', () => {
  const bitmap = made('.internal.bitmap');
  const ppm = (header: string, ...bytes: readonly number[]): Line[] => [str(header + String.fromCharCode(...bytes))];
  const SMALL = [1, 2, 3, 255, 0, 128, 9, 9, 9, 7, 8, 9];

  test('is read from a PPM', async () => {
    const code = [...tell(8, ppm('P6\n# two by two\n2 2 255\n', ...SMALL)), ...ask(10), ...ask(11)];
    const pixels = [...ask(12, int(0), int(0)), ...ask(12, int(1), int(0)), ...ask(12, int(1), int(1))];
    expect(await printed(...bitmap, ...code, ...pixels)).toBe(`2 2 ${0xff010203} ${0xffff0080} ${0xff070809}`);
  });

  test.each([
    'P5 2 2 255\n',
    'P6 2 2 65535\n',
    'P6 2 3 255\n',
    'P6 0 2 255\n',
    'P6 2 2 255',
    'P6 70000 1 255\n',
    'P',
    '',
  ])('not from %j', async (header) => {
    const pixels = header.endsWith('\n') ? SMALL : [];
    expect(await printed(...bitmap, ...caught(...call(8, ppm(header, ...pixels))))).toBe('can not parse graphics data');
  });

  test('has no pixel outside, and no screen', async () => {
    const read = [...bitmap, ...tell(8, ppm('P6 2 2 255\n', ...SMALL))];
    expect(await printed(...read, ...caught(...call(12, int(2), int(0))))).toBe('bitmap pixel is out of bounds');
    expect(await printed(...read, ...caught(...call(9)))).toBe('no screen');
    expect(await printed(...read, ...caught(['os_get32', 0], subject, ['call_14', 1]))).toBe('no screen');
  });

  test('is read whole after a power cut at any wait', async () => {
    const rows = Array.from({ length: 600 * 3 }, (_, i) => i & 255);
    const code = [...bitmap, ...tell(8, ppm('P6 600 1 255\n', ...rows)), ...ask(12, int(599), int(0))];
    const what = { ...boot(...code), waitEvery: 2 };
    const whole = await runInV8(what);
    const last =
      ((0xff << 24) | (((599 * 3) & 255) << 16) | (((599 * 3 + 1) & 255) << 8) | ((599 * 3 + 2) & 255)) >>> 0;
    expect(whole.console.trim()).toBe(String(last));
    for (let cut = 1; cut <= whole.waits; cut++) {
      const first = await runInV8({ ...what, cutAtWait: cut });
      const rest = await runInV8({ ...what, memory: persistentPart(first.memory) });
      expect({ cut, console: (first.console + rest.console).trim() }).toEqual({ cut, console: String(last) });
    }
  });
});

describe('io', () => {
  const io = made('.internal.io');

  test('keeps variables, reads nothing', async () => {
    const set = [...tell(12, [str('k')], int(1)), ...tell(12, [str('k')], int(2))];
    const opened = [...tell(8, [str('f')]), ...tell(11, [str('data')]), ...ask(10, int(4)), ...tell(9)];
    expect(await printed(...io, ...set, ...ask(13, [str('k')]), ...opened, ...tell(14), ...ask(13, [str('k')]))).toBe(
      '2  (void)',
    );
    expect(await printed(...io, ...caught(...call(10, int(4))))).toBe('io: not open');
  });
});

describe('time and statistics', () => {
  test('seconds since 1970, and sleeping', async () => {
    const time = made('.internal.time');
    expect(await printed(...time, ...ask(16), ...tell(17, int(1)), ...tell(18, int(1)))).toBe('946684800');
    expect(await printed(...time, ...caught(...call(19)))).toBe('no method 19 in .internal.time');
  });

  test('counters, by name and through a connection', async () => {
    const stat = made('.internal.stat');
    // One boot, one thread, none failed.
    expect(await printed(...stat, ...[0, 1, 2].flatMap((n) => ask(16, int(n), int(0))), ...ask(17))).toBe('1 1 0 0');
    expect(await printed(...stat, ...caught(...call(16, int(11), int(0))))).toBe('no such counter');
    const connected = [...made('.internal.connection'), ...ask(10), ...ask(8, [str('stt:')]), ...ask(10)];
    expect(await printed(...connected, ...ask(13, int(1), int(1)), ...ask(9), ...ask(10))).toBe('6 0 0 1 0 6');
  });
});

describe('connection', () => {
  const connection = made('.internal.connection');

  test('says by number what it cannot connect to', async () => {
    expect(await printed(...connection, ...ask(8, [str('udp:x')]), ...ask(8, [str('tm')]))).toBe('6 6');
    expect(await printed(...connection, ...ask(8, [str('tmr:')]), ...ask(8, [str('tmr:')]))).toBe('0 17');
    expect(await printed(...connection, ...caught(...call(13, int(1), int(1))))).toBe('connection: not connected');
    const open = [...connection, ...tell(8, [str('tmr:')])];
    expect(await printed(...open, ...caught(...call(11, int(1), int(1))))).toBe('connection: no callback is set');
  });
});

describe('synchronisation with limits', () => {
  test('trylock takes a free mutex and no other', async () => {
    const mutex = made('.internal.mutex');
    expect(await printed(...mutex, ...ask(10), ...ask(10), ...tell(9), ...ask(10))).toBe('1 0 1');
  });

  test('a semaphore that nobody releases', async () => {
    const sema = made('.internal.sema');
    expect(await printed(...sema, ...ask(9, int(50)), ...tell(11), ...ask(9, int(50)), ...ask(9, int(0)))).toBe(
      '0 1 0',
    );
  });

  test('a condition that nobody signals leaves the mutex taken', async () => {
    const both = [...made('.internal.cond'), ...made('.internal.mutex', OTHER)];
    const taken: Line[] = [other, ['call_08', 0], ['os_drop'], ...ask(9, [other], int(50)), other, ['call_0A', 0]];
    expect(await printed(...both, ...taken, ...print, other, ['call_09', 0], ['os_drop'])).toBe('0 0');
    expect(await printed(...both, ...caught(...call(9, [other], int(50))))).toBe('mutex unlock - not owner');
  });
});

describe('world and boot', () => {
  test('a thread for an object with an argument', async () => {
    const world = [...made('.internal.world'), ...ask(9, [['summon_this']], [['os_get32', 0]])];
    // Method 8 runs once more, in the new thread: it would start another; the class's own method 8 is this one.
    const once: Line[] = [['os_load8', 0], ['os_isnull'], ['jz', 'end'], str('x'), ['os_save8', 0], ...world, 'end:'];
    expect(await printed(...once)).toBe('0');
  });

  test('text for the log', async () => {
    const run = await runInV8(boot(...made('.internal.world'), ...tell(10, [str('to the log')])));
    expect(run.log).toContain('to the log\n');
  });

  test('which boot it is', async () => {
    expect(await printed(['os_get32', 0], ['call_19', 0], ...print)).toBe('1');
    expect(await printed(['os_get32', 0], ...int(0), ['call_1A', 1], ...print)).toBe('1');
    expect(await printed(...caught(['os_get32', 0], ['call_18', 0]))).toBe('reboot: nothing can be committed now');
  });
});

test.each([
  ['.internal.window', 'no screen'],
  ['.internal.ui.control', 'no screen'],
  ['.internal.tcp', 'no network'],
  ['.internal.udp', 'no network'],
])('%s cannot be made', async (name, message) => {
  expect(await printed(...caught(['summon_by_name', name], ['new']))).toBe(message);
});
