/**
 * Generations over long histories: what is kept, what comes back, which of them is recovered. The store runs in V8; the independent reader
 * judges the disk, a model written here says what must be on it, and each rule is broken on purpose to see that it is judged.
 */
import { fc, test as property } from '@fast-check/vitest';
import { beforeAll, describe, expect, it } from 'vitest';
import { crc32c } from '../../../model/crc32c.js';
import { blockLedger, PANICS_MAX, readDisk, SUPERBLOCK_BLOCKS } from '../../../model/disk-reader.js';
import { BLOCKS, contents, expectConserved, expectContents, PAGES, type Versions } from './testing/judge.js';
import {
  compileStore,
  KernelPanic,
  MOUNT_RECOVERED,
  MOUNT_REFUSED,
  Store,
  type StoreKernel,
  TestDisk,
  withDefects,
} from './testing/store.js';

const KEEP = 3;
/** Generations after which the next one but two merges its deltas into the base. */
const BEFORE_MERGE = 190;

let kernel: StoreKernel;
beforeAll(async () => {
  kernel = await compileStore();
});

/** A system and what it must be: its kept generations, and the versions of pages in each. */
class System {
  readonly generations = new Map<number, Versions>();
  /** Newest first: those up to the one recovered, and newer ones that are on offer until a commit. */
  kept: number[] = [];
  newer: number[] = [];
  store: Store;
  /** What the pages hold now, committed or not. */
  private now: Map<number, number> = new Map();
  private used = 0;
  /** Something was put that is in no generation. */
  pending = false;

  constructor(
    public disk: TestDisk,
    readonly kernel: StoreKernel,
  ) {
    this.store = new Store(kernel, disk);
    this.store.mount(PAGES);
  }

  /** The same system once more, on a copy of its disk, with a kernel of its own. */
  copy(kernel: StoreKernel): System {
    const other = new System(this.disk.copy(), kernel);
    for (const [generation, versions] of this.generations) other.generations.set(generation, versions);
    other.kept = [...this.kept];
    other.newer = [...this.newer];
    other.now = new Map(this.now);
    other.used = this.used;
    return other;
  }

  /** All that the disk names, newest first. */
  get named(): number[] {
    return [...this.newer, ...this.kept];
  }

  /** No block that a kept generation needs is written from now on. */
  protect(): void {
    const users = blockLedger(readDisk(this.disk)).users;
    this.disk.failing = (operation, block) => {
      if (operation === 'write' && users.has(block) && !SUPERBLOCK_BLOCKS.includes(block)) {
        throw new Error(`P5 block ${block} is written, ${users.get(block)}`);
      }
      return false;
    };
  }

  private put(pages: readonly number[]): number {
    const generation = ++this.used;
    this.pending = true;
    for (const page of pages) {
      expect(this.store.putPage(page, generation, contents(page, generation))).toBe(true);
      this.now.set(page, generation);
    }
    return generation;
  }

  commit(pages: readonly number[], protect = true): void {
    if (protect) this.protect();
    const generation = this.put(pages);
    expect(this.store.commitAll(generation, generation * 10), 'P14 a commit').toBe(true);
    this.generations.set(generation, new Map(this.now));
    this.kept = [generation, ...this.kept].slice(0, KEEP);
    this.newer = [];
    this.pending = false;
  }

  abandon(pages: readonly number[]): void {
    this.protect();
    expect(this.store.steps.abandonAll(this.put(pages))).toBe(1);
  }

  dropOne(): void {
    this.protect();
    expect(this.store.steps.dropOne() === 1).toBe(this.newer.length > 0 || this.kept.length > 2);
    // Space comes from the newer ones first.
    if (this.newer.length > 0) this.newer = [];
    else this.kept = this.kept.slice(0, Math.max(2, this.kept.length - 1));
  }

  /** The power goes, with nothing unflushed on the disk, and comes again. */
  reboot(generation = 0): void {
    this.disk = this.disk.cut(() => false);
    this.store = new Store(this.kernel, this.disk);
    const outcome = this.store.mount(PAGES, generation);
    const expected = generation === 0 ? (this.named[0] ?? 0) : generation;
    expect(outcome, 'P4 what was committed comes up').not.toBe(MOUNT_REFUSED);
    expect(this.store.steps.newest(), 'P4 the generation that comes up').toBe(expected);
    [this.newer, this.kept] = [this.named.filter((one) => one > expected), this.named.filter((one) => one <= expected)];
    this.now = new Map(this.generations.get(expected));
    this.pending = false;
    // The next generation is newer than all that were on the disk.
    this.used = Math.max(this.store.steps.newest(), this.store.steps.highest());
  }

  judge(): void {
    const read = expectConserved(this.store, this.disk);
    expect(read.generations.map(({ generation }) => generation)).toEqual(this.named);
    expectContents(this.store, this.now);
  }
}

interface Step {
  readonly kind: 'commit' | 'abandon' | 'drop' | 'reboot' | 'go back';
  /** Commit, abandon. */
  readonly pages: readonly number[];
  /** Go back: so many generations. */
  readonly by: number;
}

const pages = fc.uniqueArray(fc.oneof(fc.nat(7), fc.nat(PAGES - 1)), { minLength: 1, maxLength: 12 });
const kinds = fc.oneof(
  { weight: 6, arbitrary: fc.constant('commit' as const) },
  { weight: 2, arbitrary: fc.constant('abandon' as const) },
  { weight: 3, arbitrary: fc.constantFrom('drop' as const, 'reboot' as const, 'go back' as const) },
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ kind: kinds, pages, by: fc.integer({ min: 1, max: KEEP - 1 }) }),
  { minLength: 3, maxLength: 12 },
);

function perform(system: System, { kind, pages, by }: Step): void {
  if (kind === 'commit') system.commit(pages);
  else if (kind === 'abandon') system.abandon(pages);
  else if (kind === 'drop') system.dropOne();
  else if (kind === 'reboot' || system.named.length === 0) system.reboot();
  else system.reboot(system.named[Math.min(by, system.named.length - 1)]);
}

/** What must hold after every step of a history that begins like `start`. */
function checkHistory(start: System, mutant: StoreKernel, history: readonly Step[]): void {
  const system = start.copy(mutant);
  for (const step of history) {
    perform(system, step);
    // What was put and not committed is in use, and no reference on the disk says so.
    if (!system.pending) system.judge();
  }
  system.reboot();
  system.judge();
}

describe('P7 no block leaks', () => {
  let fresh: System;
  let old: System;
  beforeAll(() => {
    fresh = new System(new TestDisk(BLOCKS), kernel);
    old = new System(new TestDisk(BLOCKS), kernel);
    for (let i = 0; i < BEFORE_MERGE; i++) old.commit([i % 5, (i * 7) % PAGES], false);
  });

  property.prop([fc.boolean(), steps], { numRuns: 25 })(
    'P1 P4 P5 P6 P7 over commits, abandoned generations, dropped ones, boots and older generations',
    (aged, history) => checkHistory(aged ? old : fresh, kernel, history),
  );

  it.each([
    ['leakDroppedBlocks', 'P7'],
    ['leakAbandonedDeltas', 'P7'],
    ['supersededOneGenerationEarly', 'P7'],
    ['freeBeforeCommit', 'P5'],
    // The reader finds index entries that should have been replaced, and more deltas than a record may have.
    ['mergeSkipsLastLeaf', 'P6'],
    ['deltaLimitOffByOne', 'P6'],
    ['freeNewerAtOnce', 'P7'],
    ['announceBeforeFlush', 'P4'],
  ])('a kernel with the defect %s does not pass that, by %s', (defect, by) => {
    const mutant = withDefects(kernel, defect);
    const result = fc.check(
      fc.property(fc.boolean(), steps, (aged, history) => checkHistory(aged ? old : fresh, mutant, history)),
      { numRuns: 400, endOnFailure: true },
    );
    expect(result.failed).toBe(true);
    expect(String(result.errorInstance)).toContain(by);
  });
});

describe('a disk with bad blocks', () => {
  /** A block of generation 3 could not be written, so 3 and 4 have a list of bad blocks, which 2 has not; then 2 is chosen. */
  function checkChosen(mutant: StoreKernel): void {
    const system = new System(new TestDisk(BLOCKS), kernel);
    system.commit([1, 50], false);
    system.commit([1, 51], false);
    let bad = 0;
    system.disk.failing = (operation, block) => {
      if (operation !== 'write' || SUPERBLOCK_BLOCKS.includes(block)) return false;
      if (bad === 0) bad = block;
      return block === bad;
    };
    system.commit([1, 52], false);
    system.commit([1, 53], false);
    const lists = readDisk(system.disk).generations.map(({ generation, badList }) => [generation, badList.length > 0]);
    expect(lists).toEqual([
      [4, true],
      [3, true],
      [2, false],
    ]);
    const chosen = system.copy(mutant);
    chosen.reboot(2);
    // The block itself is free again: generation 2 knows nothing of it, and who writes to it finds out anew.
    const { allocated } = blockLedger(readDisk(chosen.disk));
    expect(chosen.store.steps.freeBlocks(), 'P7 free blocks').toBe(BLOCKS - allocated + 1);
    // Who has chosen may change their mind.
    chosen.reboot();
    chosen.judge();
  }

  it('P5 P7 an older generation is chosen that has no list of them: those of newer ones stay as they are', () => {
    checkChosen(kernel);
  });

  it('freeNewerBadList is found, by P7', () => {
    expect(() => checkChosen(withDefects(kernel, 'freeNewerBadList'))).toThrow(/P7 free blocks: expected (\d+) to be/);
  });
});

let made: TestDisk | undefined;

/** A disk with the generations 4, 3 and 2, and the blocks of its newest superblock. */
function small(): { readonly disk: TestDisk; readonly inForce: readonly number[] } {
  if (made === undefined) {
    const system = new System(new TestDisk(BLOCKS), kernel);
    for (let i = 0; i < 4; i++) system.commit([1, 50 + i], false);
    made = system.disk;
  }
  const { superblocks, newest } = readDisk(made);
  const inForce = superblocks.filter(({ sequence }) => sequence === newest?.sequence).map(({ block }) => block);
  return { disk: made.copy(), inForce };
}

/** The superblock in `block` with another word, and a checksum that holds. */
function withWord(disk: TestDisk, block: number, at: number, value: number): void {
  const bytes = Uint8Array.from(disk.read(block));
  const view = new DataView(bytes.buffer);
  view.setUint32(at, value, true);
  view.setUint32(508, crc32c(bytes.subarray(0, 508)), true);
  disk.medium.set(block, bytes);
}

describe('P21 a disk of another kernel', () => {
  const [VERSION_AT, INCOMPATIBLE_AT, COMPATIBLE_AT] = [4, 8, 12];
  const [VERSION, PANICS_FEATURE] = [2, 1];
  const newer = fc.oneof(
    fc.record({
      at: fc.constant(VERSION_AT),
      value: fc.oneof(fc.constant(VERSION + 1), fc.integer({ min: VERSION + 1, max: 0xffffffff }), fc.constant(0)),
    }),
    fc.record({
      at: fc.constant(INCOMPATIBLE_AT),
      value: fc.oneof(
        fc.nat(31).map((bit) => 2 ** bit),
        fc.integer({ min: 1, max: 0xffffffff }),
      ),
    }),
  );

  /** A later kernel wrote the newest superblock, and perhaps all: nothing is recovered, nothing written, and both readers name what they found. */
  function checkRefused(mutant: StoreKernel, { at, value }: { at: number; value: number }, everywhere: boolean): void {
    const { disk, inForce } = small();
    for (const block of everywhere ? SUPERBLOCK_BLOCKS : inForce) withWord(disk, block, at, value);
    const before = disk.writes;
    const store = new Store(mutant, disk);
    expect(store.mount(PAGES), 'P21 the outcome').toBe(MOUNT_REFUSED);
    expect(disk.writes).toBe(before);
    const hex = `0x${value.toString(16).padStart(8, '0')}`;
    const named = at === VERSION_AT ? `format version ${value}` : `incompatible features ${hex}`;
    expect(store.log).toContain(named);
    expect(store.log).toContain('this kernel knows versions 1 to 2 and features 0x00000000');
    expect(store.log).toContain('the disk was written by a newer kernel; nothing was changed on it');
    const { recovery } = readDisk(disk);
    expect(recovery).toMatchObject({ kind: 'refused' });
    expect(recovery.kind === 'refused' && recovery.why).toContain(named);
  }

  property.prop([newer, fc.boolean()], { numRuns: 40 })(
    'P21 a later version or an unknown incompatible feature is refused and named',
    (change, everywhere) => checkRefused(kernel, change, everywhere),
  );

  it.each(['ignoreVersion', 'ignoreFeatureBits'])('a kernel with the defect %s does not pass that', (defect) => {
    const mutant = withDefects(kernel, defect);
    const result = fc.check(
      fc.property(newer, (change) => checkRefused(mutant, change, true)),
      { numRuns: 100, endOnFailure: true },
    );
    expect(String(result.errorInstance)).toContain('P21 the outcome');
  });

  property.prop([fc.integer({ min: 0, max: 0xffffffff })], { numRuns: 20 })(
    'P21 compatible features are no hindrance, and stay',
    (bits) => {
      const { disk } = small();
      for (const block of SUPERBLOCK_BLOCKS) withWord(disk, block, COMPATIBLE_AT, bits);
      const store = new Store(kernel, disk);
      expect(store.mount(PAGES)).toBe(MOUNT_RECOVERED);
      expect(store.commitAll(5, 0)).toBe(true);
      const { newest } = readDisk(disk);
      expect(newest?.records[0].generation).toBe(5);
      expect(newest?.compatible).toBe((bits | PANICS_FEATURE) >>> 0);
    },
  );
});

describe('a generation that is asked for', () => {
  function checkAsked(mutant: StoreKernel, generation: number): void {
    const { disk } = small();
    const before = disk.writes;
    const store = new Store(mutant, disk);
    const there = [4, 3, 2].includes(generation);
    expect(store.mount(PAGES, generation), 'the outcome').toBe(there ? MOUNT_RECOVERED : MOUNT_REFUSED);
    expect(disk.writes).toBe(before);
    const { recovery } = readDisk(disk, { generation });
    if (there) {
      expect(store.steps.newest()).toBe(generation);
      expect(recovery).toMatchObject({ kind: 'generation', generation });
      return;
    }
    expect(store.log).toContain(`store: generation ${generation} was asked for; the disk keeps 4, 3, 2`);
    expect(recovery).toEqual({
      kind: 'refused',
      why: `generation ${generation} was asked for; the disk keeps 4, 3, 2`,
    });
  }

  it.each([1, 2, 3, 4, 5, 900])('%i: that one or none', (generation) => checkAsked(kernel, generation));

  it('a kernel with the defect takeAnotherGeneration does not pass that', () => {
    expect(() => checkAsked(withDefects(kernel, 'takeAnotherGeneration'), 5)).toThrow('the outcome');
  });

  it('one that is damaged is refused, and none taken in its place', () => {
    const { disk } = small();
    const record = readDisk(disk).generations[1].record;
    for (const block of [record.block, record.second]) disk.medium.set(block, new Uint8Array(4096));
    const store = new Store(kernel, disk);
    expect(store.mount(PAGES, 3)).toBe(MOUNT_REFUSED);
    expect(store.log).toContain('the generation that was asked for cannot be recovered');
    expect(readDisk(disk, { generation: 3 }).recovery.kind).toBe('refused');
  });

  it('on a blank disk is refused, and the disk stays blank', () => {
    const disk = new TestDisk(BLOCKS);
    expect(new Store(kernel, disk).mount(PAGES, 1)).toBe(MOUNT_REFUSED);
    expect(disk.writes).toBe(0);
    expect(readDisk(disk, { generation: 1 }).recovery.kind).toBe('refused');
  });
});

describe('persistent errors', () => {
  /**
   * How a boot ends. Torn: the power goes while the panic is being noted, and these sectors survive. Torn commit: it goes when of the new
   * superblocks only the first sectors are on the disk, and what is behind them is still that of before.
   */
  type End = 'cut' | 'panic' | 'torn' | 'commit' | 'commit and panic' | 'torn commit';
  interface Note {
    readonly generation: number;
    readonly count: number;
  }
  const ends = fc.array(
    fc.record({
      end: fc.oneof(
        { weight: 2, arbitrary: fc.constant<End>('panic') },
        { weight: 1, arbitrary: fc.constantFrom<End>('cut', 'torn', 'commit', 'commit and panic', 'torn commit') },
      ),
      survivors: fc.nat(3),
    }),
    { minLength: 4, maxLength: 14 },
  );

  function choose(kept: readonly number[], note: Note | undefined): number {
    const tried = note === undefined ? -1 : kept.indexOf(note.generation);
    if (note === undefined || tried < 0) return kept[0];
    return kept[Math.min(kept.length - 1, note.count >= PANICS_MAX ? tried + 1 : tried)];
  }

  function noteOf(disk: TestDisk): Note | undefined {
    const { panics } = readDisk(disk);
    return panics && { generation: panics.generation, count: panics.count };
  }

  /** What comes up after each boot is what the ends of the boots before ask for. */
  function checkPanics(mutant: StoreKernel, boots: readonly { readonly end: End; readonly survivors: number }[]): void {
    let { disk } = small();
    let kept = [4, 3, 2];
    let note: Note | undefined;
    let used = 4;
    for (const { end, survivors } of boots) {
      const store = new Store(mutant, disk);
      expect(store.mount(PAGES)).toBe(MOUNT_RECOVERED);
      const recovered = choose(kept, note);
      expect(store.steps.newest(), 'rule 8, the generation that comes up').toBe(recovered);
      expect(readDisk(disk).recovery, 'the reader agrees').toMatchObject({ generation: recovered });
      used = Math.max(used, store.steps.highest());
      let after: TestDisk | undefined;
      disk.failing = (operation) => {
        const { unflushed } = disk;
        if (operation === 'flush' && end === 'torn commit') after = disk.cut((i) => unflushed[i].sector % 8 === 0);
        else if (operation === 'flush') after = disk.cut((i) => ((survivors >> i) & 1) === 1);
        return false;
      };
      if (end.includes('commit')) {
        expect(store.putPage(7, ++used, contents(7, used)) && store.commitAll(used, 0)).toBe(true);
        kept = [used, ...kept.filter((one) => one <= recovered)].slice(0, KEEP);
        note = undefined;
      }
      if (end === 'panic' || end === 'torn' || end === 'commit and panic') {
        expect(() => store.steps.endInPanic()).toThrow(KernelPanic);
        const committed = end === 'commit and panic';
        const again = !committed && note?.generation === recovered ? note.count + 1 : 1;
        const next: Note = {
          generation: kept.includes(recovered) && !committed ? recovered : used,
          count: committed ? 0 : again,
        };
        if (end === 'torn' && after !== undefined) {
          disk = after;
          // One of the two copies is enough.
          if (survivors !== 0) note = next;
          expect(noteOf(disk), 'the note').toEqual(note);
          continue;
        }
        note = next;
      }
      disk = end === 'torn commit' && after !== undefined ? after : disk.cut(() => false);
      expect(noteOf(disk), 'the note').toEqual(note);
    }
  }

  property.prop([ends], { numRuns: 60 })(
    'rule 8: what was panicked of three times in a row is given up; commits and power cuts are no panics',
    (boots) => checkPanics(kernel, boots),
  );

  it.each([
    ['ignorePanics', 'the generation that comes up'],
    ['forgetPanics', 'the note'],
    ['heedStalePanics', 'the generation that comes up'],
  ])('a kernel with the defect %s does not pass that', (defect, by) => {
    const mutant = withDefects(kernel, defect);
    const result = fc.check(
      fc.property(ends, (boots) => checkPanics(mutant, boots)),
      { numRuns: 400, endOnFailure: true },
    );
    expect(String(result.errorInstance)).toContain(by);
  });
});
