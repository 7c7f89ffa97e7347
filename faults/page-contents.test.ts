// The bytes of pages that differ: of made-up pages, and of a kernel that mixes generations, where only the run itself knows them.
import { expect, test } from 'vitest';
import { findGeneration, readDisk, readPage } from '../model/disk-reader.js';
import type { PageDifference } from '../reports/campaign.js';
import { blocksOf } from './disk-image.js';
import { explainRun } from './finding.js';
import { PageContents } from './page-contents.js';
import { PAGE_BYTES, pageHashText, pageWords } from './page-hash.js';
import { bootOnce, runPlan } from './run.js';
import { workload } from './testing/workload.js';

const hashOf = (bytes: Uint8Array): string => pageHashText(pageWords(bytes));

function page(...bytes: readonly (readonly [offset: number, value: number])[]): Uint8Array {
  const all = new Uint8Array(PAGE_BYTES);
  for (const [offset, value] of bytes) all[offset] = value;
  return all;
}

function difference(number: number, expected: Uint8Array, found: Uint8Array): PageDifference {
  return { page: number, expected: hashOf(expected), found: hashOf(found) };
}

test('lines that differ are shown as they were seen; a page that was never written is all zeros', () => {
  const found = page([0x20, 1], [0x2f, 2], [0xfff, 0xab]);
  const one = difference(7, page(), found);
  const contents = new PageContents([one]);
  contents.take(hashOf(found), found);
  // The frame is used for something else: what was taken stays.
  const copy = contents.compare(one);
  found.fill(9);
  expect(contents.compare(one)).toEqual(copy);
  expect(copy).toEqual({
    ...one,
    content: {
      bytes: 3,
      lines: [
        { offset: 0x20, expected: '00'.repeat(16), found: `01${'00'.repeat(14)}02` },
        { offset: 0xff0, expected: '00'.repeat(16), found: `${'00'.repeat(15)}ab` },
      ],
    },
  });
});

test('what was not seen is not made up, and a page without a good copy has nothing to compare', () => {
  const one = difference(1, page([0, 1]), page([0, 2]));
  const contents = new PageContents([one]);
  contents.take(hashOf(page([0, 3])), page([0, 3]));
  expect(contents.compare(one)).toEqual(one);
  const lost = { page: 2, expected: hashOf(page()), found: null };
  expect(new PageContents([lost]).isWanted).toBe(false);
});

test('a page that differs everywhere is bounded', () => {
  const one = difference(1, page(), new Uint8Array(PAGE_BYTES).fill(1));
  const contents = new PageContents([one]);
  contents.take(one.found ?? '', new Uint8Array(PAGE_BYTES).fill(1));
  const { content } = contents.compare(one);
  expect([content?.bytes, content?.lines.length]).toEqual([PAGE_BYTES, 16]);
});

test('what only the disk has is read from the generation that was recovered', { timeout: 60_000 }, async () => {
  const life = bootOnce(await workload('ticker', { snapshotIntervalMs: 50 }), 2);
  const source = blocksOf(life.machine.cutPower({ survive: 'all' }));
  const disk = readDisk(source);
  const generation = findGeneration(source, disk, life.evidence.committed);
  const [number] = generation?.pages.keys() ?? [];
  const found = generation && readPage(source, generation, number);
  if (found === undefined) throw new Error('expected a page on the disk, found none');
  const one = difference(number, page(), found);
  const contents = new PageContents([one]);
  contents.takeFromDisk(source, life.evidence.committed + 1);
  expect(contents.compare(one).content).toBeUndefined();
  contents.takeFromDisk(source, life.evidence.committed);
  expect(contents.compare(one).content?.bytes).toBe(found.filter((byte) => byte !== 0).length);
});

test('of a kernel that mixes generations each page that differs is told byte by byte', {
  timeout: 120_000,
}, async () => {
  const setup = await workload('demo/bank', { snapshotIntervalMs: 80, defects: ['forgetChangedPages'] });
  for (let nth = 2; nth < 10; nth++) {
    const when = { kind: 'event', event: 'commit', nth, plus: 1000, latest: 200_000_000 } as const;
    const result = runPlan(setup, { version: 2, seed: 0, cuts: [{ when, survivors: { kind: 'all' } }] });
    if (!result.findings.some(({ property }) => property === 'P1')) continue;
    const { pages } = explainRun(setup, result);
    expect(pages.length).toBeGreaterThan(0);
    for (const { content } of pages.slice(0, 8)) {
      expect(content?.bytes).toBeGreaterThan(0);
      for (const { expected, found } of content?.lines ?? []) expect(found).not.toBe(expected);
    }
    return;
  }
  expect.unreachable('no page differed in 8 cuts');
});
