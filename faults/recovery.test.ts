/**
 * Recovery on the simulated machine: how much it reads, whatever the size of memory and disk, and that a cut at any of its reads and of the
 * writes that confirm it changes nothing. `impl/kernel/store/errors.test.ts` does the cuts exhaustively, in V8.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { DurableMedium } from '../hardware-sim/index.js';
import { readDisk } from '../model/disk-reader.js';
import { blocksOf } from './disk-image.js';
import { buildMatrixKernel } from './matrix.js';
import { struckSector } from './matrix-faults.js';
import { Subject, type Truths } from './matrix-subject.js';

const MIB = 2 ** 20;
const CYCLES_MAX = 3_000_000_000;
/** A boot has recovered and confirmed long before. */
const CONFIRMED_BY = 30_000_000;
const SECTORS_PER_MIB = 2048;
/** Of pages in the wired root area; in the format a block each, and the first of two copies of everything. */
const WIRED_PAGES = 16;
const SUPERBLOCKS = 4;

let elf: Uint8Array;
beforeAll(async () => {
  ({ elf } = await buildMatrixKernel());
}, 120_000);

/** A disk after three generations of a memory of `mib` MiB, and what they were. */
function committed(mib: number, ramBytes: number): { medium: DurableMedium; truths: Truths; generation: number } {
  const words = `persistent.mib=${mib} pages=40 threads=2 snapshot.interval=10 rounds=1000000`;
  const subject = Subject.powerOn({ elf, words, ramBytes, diskSectors: (2 * mib + 8) * SECTORS_PER_MIB });
  const stop = subject.runUntil(({ kind }) => kind === 'commit' && subject.committed >= 3, CYCLES_MAX);
  expect({ stop, log: subject.log }).toMatchObject({ stop: { kind: 'requested' } });
  return {
    medium: subject.machine.cutPower({ survive: 'none' }),
    truths: subject.truths,
    generation: subject.committed,
  };
}

describe('recovery reads a bounded number of blocks', () => {
  it.each([
    [8, 8 * MIB],
    [1024, 48 * MIB],
  ])('P10 of %i MiB of memory: superblocks, record, deltas, roots, wired pages, and nothing else', (mib, ramBytes) => {
    const { medium, truths, generation } = committed(mib, ramBytes);
    const [newest] = readDisk(blocksOf(medium)).generations;
    const wired = [...newest.pages.values()].filter(({ second }) => second !== 0).length;
    const again = Subject.powerOn({ elf, words: `persistent.mib=${mib}`, ramBytes, medium }, truths);
    let read = 0;
    again.onProbe = (probe) => {
      if (probe.kind !== 'recovered') return;
      read = probe.blocksRead;
      again.machine.requestStop();
    };
    again.machine.run({ untilCycle: CYCLES_MAX });
    expect(again.recovered).toBe(generation);
    expect(wired).toBeLessThanOrEqual(WIRED_PAGES);
    // The same number for both: the three generations have as many deltas and no leaves yet.
    expect(newest.deltas).toHaveLength(3);
    expect(read).toBe(SUPERBLOCKS + 1 + newest.deltas.length + newest.roots.size + wired);
  });
});

describe('recovery cut short', () => {
  it('P10 at each of its reads, and again at the next two, leaves the disk as it was', () => {
    const { medium, truths, generation } = committed(4, 4 * MIB);
    const boot = (): Subject =>
      Subject.powerOn({ elf, words: 'persistent.mib=4 pages=40 threads=1 rounds=1', medium: medium.fork() }, truths);
    // A first read without a cut says how many there are.
    const calm = boot();
    let reads = 0;
    calm.onDisk = ({ kind }) => {
      if (kind === 'read') reads++;
    };
    calm.runUntil(({ kind }) => kind === 'recovered', CYCLES_MAX);
    const before = medium.digest();
    const sectors = Array.from({ length: Math.floor(reads / 8) }, (_, i) => 8 * i);
    expect(sectors.length).toBeGreaterThan(SUPERBLOCKS + 1);
    for (const first of sectors) {
      let left: DurableMedium = medium;
      for (const at of [first, (first + 8) % reads, (first + 16) % reads]) {
        const subject = Subject.powerOn({ elf, words: 'persistent.mib=4', medium: left.fork() }, truths);
        let count = 0;
        subject.runUntilDisk(({ kind }) => kind === 'read' && count++ === at, CYCLES_MAX);
        expect(subject.machine.unflushedWrites()).toEqual([]);
        left = subject.machine.cutPower({ survive: 'all' });
      }
      expect(left.digest()).toBe(before);
    }
    const after = boot();
    after.runUntil(({ kind }) => kind === 'recovered', CYCLES_MAX);
    expect(after.recovered).toBe(generation);
    expect(after.takeWrongPages()).toEqual([]);
  });

  it('P10 at each write that confirms what was refused, whatever of them stays', () => {
    const { medium, truths, generation } = committed(4, 4 * MIB);
    const [{ record }] = readDisk(blocksOf(medium)).generations;
    for (const block of [record.block, record.second])
      medium.writeSector(struckSector(block), new Uint8Array(512).fill(7));
    let cuts = 0;
    /** Boots three deep, each cut in the first block of the confirmation or in the second. */
    const cut = (from: DurableMedium, depth: number): void => {
      for (const at of [3, 12]) {
        for (const survive of ['all', 'none'] as const) {
          const subject = Subject.powerOn({ elf, words: 'persistent.mib=4', medium: from.fork() }, truths);
          let writes = 0;
          const event = subject.runUntilDisk(({ kind }) => kind === 'write' && writes++ === at, CONFIRMED_BY);
          expect(subject.recovered).toBe(generation - 1);
          expect(subject.takeWrongPages()).toEqual([]);
          const left = subject.machine.cutPower({ survive });
          cuts++;
          // What was confirmed is not written again; then only the next generation would be.
          if (event !== undefined && depth > 1 && survive === 'all') cut(left, depth - 1);
        }
      }
    };
    cut(medium, 3);
    // Where the first block was cut in two the confirmation is not over: the next boot does it again.
    expect(cuts).toBeGreaterThan(4 + 4 + 4);
  });
});
