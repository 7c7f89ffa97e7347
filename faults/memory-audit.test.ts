/** What the audit says of a memory from a real program, and of one with a word changed. */
import { beforeAll, expect, test } from 'vitest';
import { goldenPrograms } from '../impl/kernel/vm/testing/programs.js';
import { persistentPart, runInV8 } from '../impl/kernel/vm/testing/v8.js';
import { Heap, type MemoryImage, pagedImage } from '../model/heap/index.js';
import { AS_MONITOR, BASE, PAGE, RECORD, ROOT } from '../model/heap/layout.js';
import { auditMemory, MemoryAudits } from './memory-audit.js';

/** A thread caught in the middle. */
let memory: Uint8Array;

beforeAll(async () => {
  const program = goldenPrograms().find(({ name }) => name === 'exceptions');
  if (program === undefined) throw new Error('no golden program exceptions');
  memory = persistentPart((await runInV8({ ...program, waitEvery: 1, cutAtWait: 200 })).memory);
}, 120_000);

const imageOf = (bytes: Uint8Array): MemoryImage =>
  pagedImage((page) => (page * PAGE < bytes.length ? bytes.slice(page * PAGE, (page + 1) * PAGE) : undefined));

function changed(address: number, value: number): MemoryImage {
  const bytes = memory.slice();
  new DataView(bytes.buffer).setUint32(address - BASE, value, true);
  return imageOf(bytes);
}

function thread(): { record: number; object: number } {
  const heap = new Heap(imageOf(memory));
  const [record] = heap.threads();
  return { record, object: heap.word(record + RECORD.object) };
}

test('a sound memory has nothing to be said of it', () => {
  expect(auditMemory(imageOf(memory))).toEqual({
    hasBegun: true,
    problems: [],
    kernelAddresses: [],
    stuck: [],
    waiting: 0,
    wasCollected: false,
    guests: [],
  });
});

test('P17 a reference into the middle of an object is found, and is no address of the kernel', () => {
  const { problems, kernelAddresses } = auditMemory(changed(BASE + ROOT.program, BASE + 16 * PAGE + 8));
  expect({ problems: problems.length, kernelAddresses }).toEqual({ problems: 1, kernelAddresses: [] });
});

test('P18 an address of the kernel is found', () => {
  expect(auditMemory(changed(BASE + ROOT.program, 0x0021_2340)).kernelAddresses).toHaveLength(1);
});

test('P15 a thread that waits for a monitor that nobody holds is found', () => {
  const { record, object } = thread();
  const { stuck, waiting } = auditMemory(changed(record + RECORD.waits, object | AS_MONITOR));
  expect({ stuck, waiting }).toEqual({ stuck: [expect.stringContaining('which is free')], waiting: 1 });
});

test('a memory that has no objects yet, or is laid out otherwise, is not judged', () => {
  for (const word of [ROOT.magic, ROOT.layout]) expect(auditMemory(changed(BASE + word, 1)).hasBegun).toBe(false);
});

test('the audit of a digest is made once', () => {
  const audits = new MemoryAudits();
  let asked = 0;
  const image = (): MemoryImage => {
    asked++;
    return imageOf(memory);
  };
  expect(audits.of('a', image)).toBe(audits.of('a', image));
  audits.of('b', image);
  expect(asked).toBe(2);
});
