import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildKernel } from '../impl/image/index.js';
import {
  describeSnapshots,
  measureLoadSmall,
  measureSnapshotsSmall,
  regressions,
  SNAPSHOT_KERNEL,
  type SnapshotFigures,
  type SnapshotReport,
  violations,
} from './snapshot.js';

const PINNED: SnapshotReport = JSON.parse(readFileSync(new URL('snapshot.json', import.meta.url), 'utf8'));

const calm = { perSecond: 250, longestMs: 4 };
const delays = { count: 10, max: 1000, percentile99: 900 };

function figures(changes: Partial<SnapshotFigures> = {}): SnapshotFigures {
  return {
    demarcation: [{ mebibytes: 8, pages: 2048, heldCycles: 1000 }],
    faults: { inMemory: delays, pageIn: delays, memory: delays },
    amplification: [],
    load: [{ offered: 250, pagesPerSecond: 250, snapshotsPerSecond: 10, light: calm, reader: calm }],
    ...changes,
  };
}

describe('what counts as worse', () => {
  test('a regression is more than five percent', () => {
    const held = (heldCycles: number) => figures({ demarcation: [{ mebibytes: 8, pages: 2048, heldCycles }] });
    expect(regressions(figures(), held(1050))).toEqual([]);
    expect(regressions(figures(), held(1051))).toEqual(['8 MiB, cycles held: 1000 is now 1051, 5.1 % more']);
    expect(regressions(figures(), figures({ demarcation: [] }))).toEqual([
      '8 MiB, cycles held: 1000 is not measured any more',
    ]);
  });

  test('a figure beyond its bound is named with it', () => {
    const inMemory = { ...delays, max: 25_001 };
    const amplification: SnapshotFigures['amplification'] = [
      {
        pattern: 'consecutive',
        pagesPerGeneration: 100,
        mebibytes: 8,
        generations: 1,
        pagesDirtied: 100,
        blocksWritten: 103,
        blocksPerPage: 1.03,
      },
    ];
    expect(violations(figures())).toEqual([]);
    expect(violations(figures({ faults: { inMemory, pageIn: delays, memory: delays }, amplification }))).toEqual([
      'a fault in memory: 25001, at most 25000',
      'blocks a page, consecutive: 1.03, at most 1.02',
    ]);
  });
});

describe('what snapshots cost', () => {
  test('no more than what is pinned, and no figure beyond its bound', { timeout: 180_000 }, async () => {
    const { elf } = await buildKernel({ entry: SNAPSHOT_KERNEL });
    const now = measureSnapshotsSmall(elf);
    // After a change that is worth its cost: `npx phantom bench snapshot --json > bench/snapshot.json`.
    expect(regressions(PINNED.small, now)).toEqual([]);
    expect(violations(now)).toEqual([]);
    // All pages there are: 256 a MiB.
    expect(now.demarcation.map(({ mebibytes, pages }) => pages / mebibytes)).toEqual([256, 256]);
    for (const { count } of Object.values(now.faults)) expect(count).toBeGreaterThan(0);
  });

  test('finds snapshots that follow one another without rest', { timeout: 180_000 }, async () => {
    const { elf } = await buildKernel({ entry: SNAPSHOT_KERNEL, defects: ['noRest'] });
    const found = violations(figures({ load: [measureLoadSmall(elf)] }));
    expect(found).toEqual([expect.stringMatching(/^snapshots a second: \d+, at most 10.5$/)]);
  });

  test('the whole is recorded, within its bounds, at the sizes they are about', () => {
    expect(violations(PINNED.whole)).toEqual([]);
    expect(PINNED.whole.demarcation.map(({ mebibytes, pages }) => [mebibytes, pages])).toEqual([
      [16, 4096],
      [128, 32_768],
      [1024, 262_144],
    ]);
    expect(PINNED.whole.amplification.map(({ generations }) => generations)).toEqual([100, 100]);
    expect(describeSnapshots(PINNED)).toMatch(/^demarcation of 1024 MiB, all dirty: programs held \d+ cycles$/m);
  });
});
