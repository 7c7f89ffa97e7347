import { describe, expect, test } from 'vitest';
import { flatImage, Heap } from '../../../model/heap/index.js';
import { ENTER, type Line, printTop, program } from './testing/assembler.js';
import { persistentPart, runInV8, type VmRun } from './testing/v8.js';
import { verifyHeap } from './testing/verify-heap.js';
import { int, str } from './testing/words.js';

/** Persistent memory; the record of the first thread in it and the object it is making; size and page of an array. */
const BASE = 0x8000_0000;
const RECORDS = BASE + 4096;
const MADE = 88;
const USED = 20;
const PAGE_OF_ARRAY = 16;

const print = printTop();

/** Boot object in slot 0, slots 1 and 2 free; two fields. */
function boot(code: readonly Line[]): ReturnType<typeof program> {
  const startup = { ordinal: 8, code: [...ENTER, ['summon_null'], ...code, ['ret']] as Line[] };
  return program({ name: '.t.main', methods: [startup], fields: 2 });
}

async function run(code: readonly Line[]): Promise<VmRun> {
  const result = await runInV8(boot(code));
  expect(verifyHeap(result.memory)).toEqual([]);
  return result;
}

async function printed(...code: readonly Line[]): Promise<string> {
  const { console, failed, log } = await run(code);
  expect({ failed, log }).toMatchObject({ failed: 0 });
  return console.trim();
}

function caught(...code: readonly Line[]): Line[] {
  return [['summon_string_class'], ['push_catcher', 'handler'], ...code, str('not thrown'), 'handler:', ...print];
}

describe('compose and decompose', () => {
  test('an array of what is on the stack, lowest first', async () => {
    const made: Line[] = [str('below'), str('a'), str('b'), str('c'), ['os_compose32', 3], ['os_set32', 2], ...print];
    const look = (i: number): Line[] => [['os_get32', 2], ...int(i), ['call_0A', 1], ...print];
    expect(await printed(...made, ...look(0), ...look(2), ['os_get32', 2], ['call_0C', 0], ...print)).toBe(
      'below a c 3',
    );
  });

  test('back on the stack, last on top, and how many', async () => {
    // Other things have been where the elements come to lie.
    const over: Line[] = [['summon_null'], ['summon_null'], ['summon_null'], ['os_drop'], ['os_drop'], ['os_drop']];
    const array: Line[] = [str('a'), str('b'), ['os_compose32', 2], ['os_set32', 2]];
    const made: Line[] = [...array, str('below'), ...over, ['os_get32', 2], ['os_decompose'], ['i2o'], ...print];
    expect(await printed(...made, ...print, ...print, ...print)).toBe('2 b a below');
  });

  test('of nothing', async () => {
    expect(await printed(str('x'), ['os_compose32', 0], ['os_decompose'], ['i2o'], ...print, ...print)).toBe('0 x');
  });

  test('refuse what they cannot take', async () => {
    expect(await printed(...caught(['summon_null'], ['os_decompose']))).toBe('null object');
    expect(await printed(...caught(str('x'), ['os_decompose']))).toBe('type assert failed');
    const large: Line[] = [['summon_array_class'], ['new'], ['os_dup'], str('x'), ...int(80_000), ['call_0B', 2]];
    expect(await printed(...caught(...large, ['os_drop'], ['os_decompose']))).toBe('stack overflow');
    expect((await run([['os_compose32', 9]])).log).toContain('object stack underflow');
    expect((await run([['os_compose32', -1]])).log).toContain('object stack underflow');
  });

  test('go on after a power cut at any wait', async () => {
    const many = Array.from({ length: 40 }, (_, i) => int(i)).flat();
    const code: Line[] = [...many, ['os_compose32', 40], ['copy'], ['os_decompose'], ['i2o'], ...print, ...print];
    const what = { ...boot(code), waitEvery: 3 };
    const whole = await runInV8(what);
    expect(whole.console).toBe('40 39 ');
    for (let cut = 1; cut <= whole.waits; cut++) {
      const first = await runInV8({ ...what, cutAtWait: cut });
      const rest = await runInV8({ ...what, memory: persistentPart(first.memory) });
      expect({ cut, console: first.console + rest.console }).toEqual({ cut, console: whole.console });
    }
  });
});

describe('copy', () => {
  test('of an array that others made longer while the power was off has the length it was begun with', async () => {
    const put = (at: number): Line[] => [
      ['os_get32', 2],
      ...int(12_345),
      ...int(at),
      ['call_8bit', 11, 2],
      ['os_drop'],
    ];
    const size: Line[] = [
      ['os_get32', 3],
      ['call_0C', 0],
    ];
    const made: Line[] = [['summon_null'], ['summon_array_class'], ['new'], ['os_set32', 2]];
    const code: Line[] = [
      ...made,
      ...put(9),
      ...put(10),
      ['os_get32', 2],
      ['copy'],
      ['os_set32', 3],
      ...size,
      ...print,
    ];
    const what = { ...boot(code), waitEvery: 2 };
    let begun = 0;
    for (let cut = 1; cut < 100; cut++) {
      const first = await runInV8({ ...what, cutAtWait: cut });
      if (first.failed !== undefined) break;
      const memory = persistentPart(first.memory);
      const view = new DataView(memory.buffer, memory.byteOffset);
      const word = (address: number): number => view.getUint32(address - BASE, true);
      const heap = new Heap(flatImage(first.memory));
      const array = [...heap.objects].find((one) => heap.isOf(one, 'array') && word(one + USED) === 11);
      if (word(RECORDS + MADE) === 0 || array === undefined) continue;
      begun++;
      // What another thread's a[18] = … does where the page has room for it.
      const page = word(array + PAGE_OF_ARRAY);
      expect(heap.size(page) / 4).toBeGreaterThan(18);
      view.setUint32(page + 16 + 4 * 18 - BASE, 5, true);
      view.setUint32(array + USED - BASE, 19, true);
      const rest = await runInV8({ ...what, memory });
      expect({ cut, console: rest.console, problems: verifyHeap(rest.memory) }).toEqual({
        ...{ cut, console: '11 ', problems: [] },
      });
    }
    expect(begun).toBeGreaterThan(0);
  });

  test('of a user object has the same fields and is another', async () => {
    const fields: Line[] = [str('one'), ['os_save8', 0], str('two'), ['os_save8', 1]];
    const other: Line[] = [['summon_this'], ['copy'], ['os_set32', 2]];
    const apart: Line[] = [['os_get32', 2], ['summon_this'], ['os_eq'], ['i2o'], ...print];
    const read = { ordinal: 20, code: [['arg_count', 0], ['os_load8', 1], ['ret']] as Line[] };
    const changed: Line[] = [str('new'), ['os_save8', 1], ['os_get32', 2], ['call_14', 0], ...print];
    const startup = {
      ordinal: 8,
      code: [...ENTER, ['summon_null'], ...fields, ...other, ...apart, ...changed, ['ret']] as Line[],
    };
    const { console } = await runInV8(program({ name: '.t.main', methods: [startup, read], fields: 2 }));
    expect(console).toBe('0 two ');
  });

  test('of a value is the value; of what cannot be copied throws', async () => {
    expect(await printed(...int(7), ['copy'], ...print, ['summon_null'], ['copy'], ...print)).toBe('7 (void)');
    expect(await printed(...caught(['summon_thread'], ['copy']))).toBe('void clone called');
    expect((await run([['os_drop'], ['os_drop'], ['os_drop'], ['os_drop'], ['copy']])).log).toContain('underflow');
  });
});
