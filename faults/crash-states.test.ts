// Crash states on the real kernel: what the trie says of a state is what the reader says of that disk, every state comes once, the offline
// checker and the machine agree, and a kernel without flushes is found at a single cut.

import { fc, test as propertyTest } from '@fast-check/vitest';
import { beforeAll, describe, expect, test } from 'vitest';
import type { UnflushedWrite } from '../hardware-sim/index.js';
import type { BlockSource } from '../model/disk-reader.js';
import {
  CrashSpace,
  EXHAUSTIVE_TEARS_MAX,
  hasSuperblock,
  isPrefix,
  stateKey,
  tearsSuperblock,
} from './crash-states.js';
import { blocksOf, type DiskImage, readDiskImage } from './disk-image.js';
import { exploreCut } from './explore.js';
import type { Life } from './life.js';
import { RecoveryBench } from './recovery-bench.js';
import { bootOnce } from './run.js';
import { awaitFlush } from './seed-run.js';
import type { RunSetup } from './setup.js';
import { workload } from './testing/workload.js';

const blank: BlockSource = { blocks: 4096, read: () => new Uint8Array(4096) };

function write(sequence: number, lba: number): UnflushedWrite {
  return { sequence, lba, cycle: sequence, data: new Uint8Array(512).fill(sequence + 1) };
}

/** As many writes of whole blocks, and the states of a space over them. */
function drawn(blocks: number, sectors: number, wishes: { states: number; exhaustive?: boolean }) {
  const writes = Array.from({ length: blocks * sectors }, (_, i) =>
    write(i, (100 + Math.floor(i / sectors)) * 8 + (i % sectors)),
  );
  const states: Uint8Array[] = [];
  const drawing = new CrashSpace(blank, writes, () => 0).states({ seed: 3, ...wishes });
  for (let next = drawing.next(); ; next = drawing.next()) {
    if (next.done) return { states, exhausted: next.value };
    states.push(next.value.slice());
  }
}

describe('the states of a cut', () => {
  test('of ten sector writes all 1,024, each once', () => {
    const { states, exhausted } = drawn(5, 2, { states: 1024 });
    expect(new Set(states.map(stateKey)).size).toBe(1024);
    expect(states).toHaveLength(1024);
    expect(exhausted.subsets).toBe(true);
  });

  test('of twelve block writes every subset, of 48 sector writes every prefix, and every tear of each write', () => {
    const { states, exhausted } = drawn(12, 4, { states: 10, exhaustive: true });
    expect(exhausted).toEqual({ prefixes: true, subsets: true, tears: 12 });
    const isWhole = (state: Uint8Array) =>
      Array.from({ length: 12 }, (_, i) => new Set(state.subarray(4 * i, 4 * i + 4)).size).every((size) => size === 1);
    expect(states.filter(isWhole)).toHaveLength(4096);
    expect(states.filter(isPrefix)).toHaveLength(49);
    // Of each write 2^4 tears; all but five of them are no prefix, and two of them are whole.
    const torn = states.filter((state) => !isWhole(state) && !isPrefix(state));
    expect(torn).toHaveLength(12 * (16 - 5));
    expect(new Set(states.map(stateKey)).size).toBe(states.length);
  });

  test('of two hundred block writes every tear of each of the last 128', () => {
    const { states, exhausted } = drawn(200, 2, { states: 10, exhaustive: true });
    expect(exhausted).toEqual({ prefixes: true, subsets: false, tears: EXHAUSTIVE_TEARS_MAX });
    const second = (i: number): Uint8Array =>
      Uint8Array.from({ length: 400 }, (_, place) => +(place < 2 * i || place === 2 * i + 1));
    const keys = new Set(states.map(stateKey));
    expect([...Array(200).keys()].filter((i) => keys.has(stateKey(second(i)))).length).toBe(EXHAUSTIVE_TEARS_MAX);
    expect(keys.has(stateKey(second(199)))).toBe(true);
  });

  propertyTest.prop([fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 300 })])(
    'as many as are wished for where there are so many, each once, the rest drawn',
    (blocks, wished) => {
      const { states } = drawn(blocks, 8, { states: wished });
      expect(new Set(states.map(stateKey)).size).toBe(states.length);
      expect(states.length).toBe(wished);
    },
  );
});

/** A fork of `booted` just before the flush that a commit follows, when both superblock copies are on their way. */
function committing(booted: Life): Life {
  const scout = booted.fork({}, (hooks) => booted.machine.fork(hooks));
  let flushed = 0;
  for (;;) {
    awaitFlush(scout);
    if (scout.commits > booted.commits) break;
    flushed = scout.machine.cycles;
  }
  scout.machine.dispose();
  const before = booted.fork({}, (hooks) => booted.machine.fork(hooks));
  before.advance(flushed - 500);
  expect(hasSuperblock(before.machine.unflushedWrites())).toBe(true);
  return before;
}

describe('a cut at a commit', () => {
  let setup: RunSetup;
  let life: Life;
  beforeAll(async () => {
    setup = await workload('ticker', { snapshotIntervalMs: 60, diskMiB: 64 });
    life = committing(bootOnce(setup, 1));
  });

  propertyTest.prop([fc.array(fc.boolean(), { minLength: 16, maxLength: 16 })], { numRuns: 30 })(
    'P8 the trie says of a state what the reader says of that disk',
    (kept) => {
      const unflushed = life.machine.unflushedWrites();
      const medium = life.machine.medium;
      if (medium === undefined) throw new Error('no disk');
      const state = Uint8Array.from(unflushed, (_, i) => (kept[i % kept.length] ? 1 : 0));
      const told = ({ newest, refused, superblockCopies, damaged, usedTwice }: DiskImage) =>
        JSON.stringify({ newest, refused, superblockCopies, damaged, usedTwice });
      const space = new CrashSpace(blocksOf(medium), unflushed, told);
      // Other states first, so that there is a trie to go wrong.
      const all = new Uint8Array(state.length).fill(1);
      for (const one of [all, all.map(() => 0), all.map((_, i) => i % 2), all.map((_, i) => (i < 8 ? 1 : 0))]) {
        space.verdict(one);
      }
      const disk = medium.fork();
      for (const [i, { lba, data }] of unflushed.entries()) if (state[i] === 1) disk.writeSector(lba, data);
      expect(space.verdict(state)).toBe(told(readDiskImage(disk)));
    },
  );

  test('P1 P3 P4 P5 P6 P7 P8 P9 hold in every state, the machine agrees, and the reader runs a handful of times', () => {
    const bench = new RecoveryBench(setup);
    const found = exploreCut(life, { states: 600, seed: 1, recoverOneIn: 300 }, bench);
    bench.dispose();
    expect(found.failures).toEqual([]);
    expect(found.states).toBe(600);
    // Two copies of the superblock, one sector each that matters.
    expect(found.readings).toBeLessThanOrEqual(4);
    expect(found.recoveries).toBeGreaterThanOrEqual(3);
    expect(found.agreed).toBe(found.recoveries);
    expect(found.cells.map(({ recovery }) => recovery).sort()).toEqual([
      'the committed generation, 2 superblock copies',
      'the generation under way, 1 superblock copy',
      'the generation under way, 2 superblock copies',
    ]);
    const all = found.ledger.results(new Set());
    // A state with all of both copies, or nothing of them, says nothing about one that is torn.
    const unflushed = life.machine.unflushedWrites();
    const tears = (of: (place: number) => number): boolean =>
      tearsSuperblock(unflushed)(Uint8Array.from(unflushed, (_, place) => of(place)));
    expect([tears(() => 0), tears(() => 1), tears((place) => (place < 8 ? 1 : 0))]).toEqual([false, false, true]);
    const torn = all.find(({ id }) => id === 'P8');
    expect(torn?.witnesses).toBeGreaterThan(0);
    expect(torn?.witnesses).toBeLessThan(600);
    const stakes = all.filter(({ witnesses }) => witnesses > 0);
    expect(stakes.map(({ id }) => id)).toEqual(['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8', 'P9']);
  });

  test('a machine that recovers otherwise than the reader says is a finding, whoever is right', () => {
    const other = { recover: () => ({ generation: 99, findings: [] }) } as unknown as RecoveryBench;
    const found = exploreCut(life, { states: 20, seed: 1, recoverOneIn: 10 }, other);
    expect(found.recoveries).toBeGreaterThan(0);
    expect(found.agreed).toBe(0);
    const message = expect.stringMatching(/^the independent reader says generation \d+, the machine generation 99$/);
    expect(found.failures).toMatchObject([{ property: 'P1', message }]);
    const [atomicity] = found.ledger.results(new Set());
    expect(atomicity).toMatchObject({ id: 'P1', failed: found.recoveries });
  });

  test('P9 a kernel that commits without a flush is found at one cut, and the machine agrees with the checker', {
    timeout: 120_000,
  }, async () => {
    const careless = await workload('ticker', { snapshotIntervalMs: 60, diskMiB: 64, defects: ['commitWithoutFlush'] });
    const bench = new RecoveryBench(careless);
    const found = exploreCut(committing(bootOnce(careless, 1)), { states: 40, seed: 1, recoverOneIn: 20 }, bench);
    bench.dispose();
    const broken = found.ledger.results(new Set()).filter(({ failed }) => failed > 0);
    expect(broken.map(({ id }) => id)).toEqual(expect.arrayContaining(['P1', 'P5', 'P9']));
    expect(found.agreed).toBe(found.recoveries);
  });
});
