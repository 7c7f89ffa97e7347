/** What the verifier says of a sound memory, and of one with a single word changed. */
import { beforeAll, describe, expect, test } from 'vitest';
import { goldenPrograms } from '../../impl/kernel/vm/testing/programs.js';
import { persistentPart, runInV8 } from '../../impl/kernel/vm/testing/v8.js';
import { Heap, heapGraph, type MemoryImage, pagedImage, verifyHeap } from './index.js';
import { BASE, CLASS, CODE, HEADER, KIND, PAGE, RECORDS, ROOT, USER } from './layout.js';

/** An address of the kernel's own memory. */
const KERNEL = 0x00212340;

let memory: Uint8Array;
let waiting: Uint8Array;

function imageOf(bytes: Uint8Array): MemoryImage {
  return pagedImage((page) => (page * PAGE < bytes.length ? bytes.slice(page * PAGE, (page + 1) * PAGE) : undefined));
}

beforeAll(async () => {
  const golden = goldenPrograms().find(({ name }) => name === 'dirobj');
  if (golden === undefined) throw new Error('no golden program dirobj');
  memory = persistentPart((await runInV8(golden)).memory);
  const exceptions = goldenPrograms().find(({ name }) => name === 'exceptions');
  if (exceptions === undefined) throw new Error('no golden program exceptions');
  // A thread caught in the middle, with frames and catchers.
  waiting = persistentPart((await runInV8({ ...exceptions, waitEvery: 1, cutAtWait: 200 })).memory);
});

test('a sound memory has no problems, with threads alive or not', () => {
  expect(verifyHeap(imageOf(memory))).toEqual([]);
  expect([...new Heap(imageOf(waiting)).threads()]).toHaveLength(1);
  expect(verifyHeap(imageOf(waiting))).toEqual([]);
});

test('what is not built yet has no problems; a wrong magic or layout has one', () => {
  expect(verifyHeap(imageOf(new Uint8Array(16 * PAGE)))).toEqual([]);
  for (const word of [ROOT.magic, ROOT.layout]) {
    const bytes = memory.slice();
    bytes[word]++;
    expect(verifyHeap(imageOf(bytes))).toHaveLength(1);
  }
});

/** First object of a kind that passes a test. */
function first(heap: Heap, kind: number, passes: (object: number) => boolean = () => true): number {
  for (const object of heap.objects) if (heap.kindOf(object) === kind && passes(object)) return object;
  throw new Error(`no object of kind ${kind}`);
}

type Place = (heap: Heap) => number;
const field =
  (kind: number, word: number): Place =>
  (heap) =>
    first(heap, kind) + HEADER + 4 * word;
const userClass = (heap: Heap): number => first(heap, KIND.class, (cls) => heap.word(cls + CLASS.kind) === USER);
const entry = (heap: Heap): number => [...heap.cacheEntries()][0].entry;

describe('one word changed', () => {
  const cases: readonly (readonly [string, Place, number, RegExp])[] = [
    ['a class that is none', (heap) => first(heap, KIND.string), KERNEL, /has class 0x212340, which is none/],
    ['a size that leads out', (heap) => first(heap, KIND.directory) + 4, 0x8fffffff, /goes beyond the heap/],
    [
      'a size its class does not have',
      (heap) => first(heap, KIND.directory) + 4,
      0x80000010,
      /has 16 bytes, not 24|class/,
    ],
    ['a number never given', (heap) => first(heap, KIND.string) + 8, 99999, /has a number never given/],
    ['flags that mean nothing', (heap) => first(heap, KIND.string) + 12, 4, /has flags 0x4/],
    ['the kernel in a field', field(USER, 0), KERNEL, /holds 0x212340, which is no reference/],
    ['the middle of an object in a field', (heap) => first(heap, USER) + HEADER, BASE + 16 * PAGE + 8, /no reference/],
    ['the kernel as an array', field(KIND.array, 0), KERNEL, /no page and not null/],
    ['an array longer than its page', field(KIND.array, 1), 1000, /uses 1000 elements/],
    ['a directory that counts wrongly', field(KIND.directory, 1), 77, /counts 77 of/],
    ['a method of nobody', (heap) => first(heap, KIND.code) + CODE.owner, 0, /has no owner/],
    ['a class without a name', (heap) => userClass(heap) + CLASS.name, 0, /has no name/],
    ['a method that is none', (heap) => userClass(heap) + CLASS.table + 4 * 8, KERNEL, /no code and not null/],
    ['a class cache in the wrong place', (heap) => entry(heap) + HEADER + 12, 3, /is misplaced/],
    ['a class cache without a class', (heap) => entry(heap) + HEADER + 4, 0, /is not filled/],
    ['the kernel as class loader', () => BASE + ROOT.loader, KERNEL, /the class loader holds/],
    ['the kernel as boot object', () => BASE + ROOT.bootObject, KERNEL, /the boot object holds/],
    ['a word of the root that means nothing', () => BASE + 0xf0, KERNEL, /word 240 of the root structure/],
    ['a word of a record that means nothing', () => RECORDS + 5 * 128 + 124, KERNEL, /word 124 of thread record 5/],
    ['a record with another state', () => RECORDS + 5 * 128, 2, /thread record 5 has state 2/],
    ['a monitor of no object', () => BASE + 8 * PAGE, KERNEL, /monitor 0 is of 0x212340/],
    ['something in free memory', (heap) => heap.end, KERNEL, /free memory at/],
  ];

  test.each(cases)('%s', (_, place, value, message) => {
    const bytes = memory.slice();
    const at = place(new Heap(imageOf(bytes)));
    new DataView(bytes.buffer).setUint32(at - BASE, value, true);
    expect(verifyHeap(imageOf(bytes)).join('\n')).toMatch(message);
  });

  const threads: readonly (readonly [string, number, RegExp])[] = [
    ['ip', 4, /an instruction pointer is at byte/],
    ['osp', 8, /stack/],
    ['isp', 12, /the integer stack pointer .* is out of its stack/],
    ['csp', 16, /control stack/],
    ['fp', 20, /a frame at 0x212340 is out of the control stack/],
    ['code', 24, /a frame's method 0x212340 is none/],
    ['obase', 28, /the first object cell/],
    ['ibase', 32, /the first integer cell/],
    ['object', 48, /thread object, holds/],
    ['waits', 64, /object waited for, holds/],
    ['granted', 72, /object handed over, holds/],
    ['made', 88, /object being made, holds/],
  ];

  test.each(threads)('%s of a live thread', (_, word, message) => {
    const bytes = waiting.slice();
    const [record] = new Heap(imageOf(bytes)).threads();
    new DataView(bytes.buffer).setUint32(record + word - BASE, KERNEL, true);
    expect(verifyHeap(imageOf(bytes)).join('\n')).toMatch(message);
  });

  test('a cell of a live thread', () => {
    const bytes = waiting.slice();
    const heap = new Heap(imageOf(bytes));
    const [record] = heap.threads();
    const [[cell]] = heap.stackCells(record);
    new DataView(bytes.buffer).setUint32(cell - BASE, KERNEL, true);
    expect(verifyHeap(imageOf(bytes)).join('\n')).toMatch(/stack cell .* which is no reference/);
  });
});

test('the graph shows what changed, and nothing else', () => {
  const graph = heapGraph(imageOf(memory));
  const heap = new Heap(imageOf(memory));
  // A string with another letter shows in its own line and in no other.
  const letters = first(heap, KIND.string, (string) => heap.text(string).startsWith('T| '));
  const bytes = memory.slice();
  bytes[letters + HEADER - BASE]++;
  const other = heapGraph(imageOf(bytes));
  expect(other).toHaveLength(graph.length);
  expect(other.filter((line, i) => line !== graph[i])).toEqual([expect.stringContaining('U| ')]);
});
