/**
 * The store by itself, in V8, against a disk with a volatile cache; what is on the disk is judged by the independent
 * reader (`model/disk-reader.ts`), and what must be on it by a table of page contents kept here.
 */
import { fc, test as property } from '@fast-check/vitest';
import { beforeAll, describe, expect, it } from 'vitest';
import { crc32c } from '../../../model/crc32c.js';
import { blockLedger, type DiskContents, readDisk, readPage, SUPERBLOCK_BLOCKS } from '../../../model/disk-reader.js';
import { History } from './testing/history.js';
import { BLOCKS, contents, expectConserved, expectContents, isVersion, PAGES } from './testing/judge.js';
import {
  BLOCK_BYTES,
  compileStore,
  KernelPanic,
  MOUNT_FRESH,
  MOUNT_RECOVERED,
  MOUNT_REFUSED,
  Store,
  type StoreKernel,
  TestDisk,
  withDefects,
} from './testing/store.js';

/** Of the format: deltas of one generation. */
const DELTAS_MAX = 192;

let module: StoreKernel;
beforeAll(async () => {
  module = await compileStore();
});

const changes = fc.uniqueArray(fc.oneof(fc.nat(7), fc.nat(PAGES - 1)), { minLength: 1, maxLength: 12 });

describe('CRC-32C', () => {
  it.each([
    ['32 zeroes', new Uint8Array(32), 0x8a9136aa],
    ['32 times ff', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['rising', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['falling', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ])('RFC 3720, B.4: %s', (_, bytes, expected) => {
    const store = new Store(module, new TestDisk(BLOCKS));
    store.window.set(bytes);
    expect(store.steps.checksum(store.steps.windowAt(), bytes.length) >>> 0).toBe(expected);
    expect(crc32c(bytes)).toBe(expected);
  });

  property.prop([fc.uint8Array({ minLength: 64, maxLength: 64 })])('the kernel and the reader agree', (bytes) => {
    const store = new Store(module, new TestDisk(BLOCKS));
    store.window.set(bytes);
    expect(store.steps.checksum(store.steps.windowAt(), 64) >>> 0).toBe(crc32c(bytes));
  });
});

describe('generations', () => {
  it('a blank disk is formatted once and comes up empty until the first commit', () => {
    const disk = new TestDisk(BLOCKS);
    expect(new Store(module, disk).mount(PAGES)).toBe(MOUNT_FRESH);
    expect(new Store(module, disk).mount(PAGES)).toBe(MOUNT_FRESH);
    expect(readDisk(disk).recovery).toEqual({ kind: 'fresh' });
    expect(disk.writes).toBe(2);
  });

  property.prop([fc.array(changes, { minLength: 1, maxLength: 12 })], { numRuns: 30 })(
    'P6 P7 no block is used twice, and allocated = reachable after every commit and every boot',
    (steps) => {
      const history = new History(new TestDisk(BLOCKS), module);
      for (const pages of steps) {
        expect(history.write(pages)).toBe(true);
        const read = expectConserved(history.store, history.disk);
        expect(read.recovery).toMatchObject({ kind: 'generation', generation: history.current });
        expect(read.generations).toHaveLength(Math.min(3, history.current));
      }
      const again = new Store(module, history.disk);
      expect(again.mount(PAGES)).toBe(MOUNT_RECOVERED);
      expect(again.steps.consoleRecovered()).toBe(history.current * 10);
      expectConserved(again, history.disk);
      expectContents(again, history.generations.get(history.current) ?? new Map());
    },
  );

  it('P7 no block leaks: 400 generations on a disk that holds only a few at once', () => {
    const history = new History(new TestDisk(BLOCKS), module);
    for (let i = 0; i < 400; i++) {
      expect(history.write(Array.from({ length: 100 }, (_, k) => (i * 37 + k) % 300))).toBe(true);
    }
    expectConserved(history.store, history.disk);
  });

  it('gives up the oldest generation for space, but not the last two', () => {
    const history = new History(new TestDisk(BLOCKS), module);
    for (let i = 0; i < 3; i++) history.write([5, 6, 7]);
    const before = history.store.steps.freeBlocks();
    expect(history.store.steps.dropOne()).toBe(1);
    expect(history.store.steps.freeBlocks()).toBeGreaterThan(before);
    expect(history.store.steps.dropOne()).toBe(0);
    expectConserved(history.store, history.disk);
    expect(history.write([5, 9])).toBe(true);
    expectConserved(history.store, history.disk);
  });
});

/**
 * A cut before operation `operation` of a history; which unflushed sectors survive is drawn bit by bit from `lottery`.
 */
interface Cut {
  readonly operation: number;
  readonly lottery: readonly number[];
}
const cuts: fc.Arbitrary<Cut> = fc.record({
  operation: fc.nat(150),
  lottery: fc.array(fc.nat(255), { minLength: 1, maxLength: 16 }),
});

function survivors({ lottery }: Cut): (index: number) => boolean {
  return (index) => ((lottery[(index >> 3) % lottery.length] >> (index & 7)) & 1) === 1;
}

interface CutHistory {
  /** The disk after the cut. */
  readonly after: TestDisk;
  readonly history: History;
  /** The generation acknowledged before the cut. */
  readonly last: number;
}

function runAndCut(kernel: StoreKernel, disk: TestDisk, steps: readonly number[][], cut: Cut): CutHistory {
  let after: TestDisk | undefined;
  const history = new History(disk, kernel);
  let last = history.current;
  let operation = 0;
  disk.failing = () => {
    if (operation++ === cut.operation) after = disk.cut(survivors(cut));
    return false;
  };
  for (const pages of steps) {
    if (after) break;
    history.write(pages);
    if (!after) last = history.current;
  }
  return { after: after ?? disk.cut(survivors(cut)), history, last };
}

type CutCase = readonly [steps: number[][], cut: Cut, secondCut: Cut, more: number[]];
const cutCases = [fc.array(changes, { minLength: 1, maxLength: 5 }), cuts, cuts, changes] as const;

/** What must hold after a cut at any operation, whatever survives. */
function checkCut(kernel: StoreKernel, [steps, cut, secondCut, more]: CutCase): void {
  const { after, history, last } = runAndCut(kernel, new TestDisk(BLOCKS), steps, cut);
  const store = new Store(kernel, after);
  store.mount(PAGES);
  const recovered = store.steps.newest();
  expect([last, last + 1]).toContain(recovered);
  expectContents(store, history.generations.get(recovered) ?? new Map());
  expect(store.steps.consoleRecovered()).toBe(recovered * 10);
  const { recovery } = readDisk(after);
  if (recovered === 0) expect(recovery.kind).toBe('fresh');
  else expect(recovery).toMatchObject({ kind: 'generation', generation: recovered });
  // What recovery left can be cut again.
  const next = runAndCut(kernel, after, [more], secondCut);
  const final = new Store(kernel, next.after);
  final.mount(PAGES);
  expect([next.last, next.last + 1]).toContain(final.steps.newest());
  expectConserved(final, next.after);
}

describe('power cuts', () => {
  property.prop([...cutCases], { numRuns: 150 })(
    'P1 P3 P4 P9 after a cut a whole generation comes up, no older than the last commit',
    (...cutCase) => checkCut(module, cutCase),
  );

  it.each(['commitWithoutFlush', 'freeKeptBlocks'])('a kernel with the defect %s does not pass that', (defect) => {
    const mutant = withDefects(module, defect);
    const result = fc.check(
      fc.property(...cutCases, (...cutCase) => checkCut(mutant, cutCase)),
      { numRuns: 1000, endOnFailure: true },
    );
    expect(result.failed).toBe(true);
    expect(result.errorInstance).toBeDefined();
  });

  it('P5 no block of the newest two generations is written by what follows', () => {
    const history = new History(new TestDisk(BLOCKS), module);
    for (let i = 0; i < 40; i++) {
      const ledger = blockLedger(readDisk(history.disk));
      const newest = SUPERBLOCK_BLOCKS.filter((_, copy) => copy % 2 === (i + 1) % 2);
      history.disk.failing = (operation, block) => {
        if (operation === 'write' && i > 0 && ledger.users.has(block)) expect(newest).toContain(block);
        return false;
      };
      expect(history.write([i % 7, 100 + i, 200])).toBe(true);
    }
  });
});

describe('P8 superblock copies', () => {
  const STATES = ['old', 'new', 'torn'] as const;
  const table = STATES.flatMap((a) => STATES.flatMap((b) => STATES.flatMap((c) => STATES.map((d) => [a, b, c, d]))));

  /** Every combination of old, new and torn copies must come up with the newest generation that a copy names. */
  function checkCopies(kernel: StoreKernel): void {
    const history = new History(new TestDisk(BLOCKS), kernel);
    for (let i = 0; i < 4; i++) history.write([1, 50, 60 + i]);
    const before = history.disk.copy();
    const older = history.current;
    history.write([1, 50, 70]);
    const written = SUPERBLOCK_BLOCKS.map((block) => !Buffer.from(before.read(block)).equals(history.disk.read(block)));
    expect(written.filter((changed) => changed)).toHaveLength(2);
    for (const states of table) {
      const disk = history.disk.copy();
      for (const [copy, state] of states.entries()) {
        const block = SUPERBLOCK_BLOCKS[copy];
        if (state === 'old') disk.medium.set(block, before.read(block));
        if (state === 'torn') disk.medium.set(block, torn(history.disk.read(block)));
      }
      // The pair not written holds the last commit, what was written over the one before.
      const named = states.map((state, copy) => {
        if (state === 'torn') return 0;
        return written[copy] ? (state === 'new' ? older + 1 : older - 1) : older;
      });
      const expected = Math.max(...named);
      const store = new Store(kernel, disk);
      expect([states, store.mount(PAGES)]).toEqual([states, expected === 0 ? MOUNT_REFUSED : MOUNT_RECOVERED]);
      const { recovery } = readDisk(disk);
      if (expected === 0) {
        expect(recovery.kind).toBe('refused');
        continue;
      }
      expect([states, store.steps.newest()]).toEqual([states, expected]);
      expect(recovery).toMatchObject({ generation: expected });
      expectContents(store, history.generations.get(expected) ?? new Map());
    }
  }

  it('every combination of old, new and torn copies comes up with the newest generation a copy names', () => {
    checkCopies(module);
  });

  it('a kernel with the defect commitOverPairInForce does not pass that', () => {
    expect(() => checkCopies(withDefects(module, 'commitOverPairInForce'))).toThrow();
  });

  /** Half of it zero: what a sector that is not atomic might hold. */
  function torn(bytes: Uint8Array): Uint8Array {
    const half = Uint8Array.from(bytes);
    half.fill(0, 0, 256);
    return half;
  }
});

describe('damage', () => {
  function damaged(disk: TestDisk, blocks: readonly number[], at: number): TestDisk {
    const other = disk.copy();
    for (const block of blocks) {
      const bytes = other.read(block);
      bytes[at] ^= 0x10;
      other.medium.set(block, bytes);
    }
    return other;
  }

  interface Kept {
    readonly history: History;
    readonly disk: TestDisk;
    readonly read: DiskContents;
  }
  const aged = new Map<number, Kept>();

  /** A disk after so many generations, and what the reader knows of it. To be copied, not written. */
  function kept(generations = 3): Kept {
    const known = aged.get(generations);
    if (known) return known;
    const history = new History(new TestDisk(BLOCKS), module);
    for (let i = 0; i < generations; i++) expect(history.write([1, 2, 40 + (i % 200), 300])).toBe(true);
    const made = { history, disk: history.disk, read: readDisk(history.disk) };
    aged.set(generations, made);
    return made;
  }

  it('the base is written anew when there would be too many deltas, and shared until then', () => {
    const { read } = kept(DELTAS_MAX + 3);
    const [newest, before, rebased] = read.generations;
    expect([newest, before, rebased].map(({ deltas }) => deltas.length)).toEqual([2, 1, 0]);
    expect(newest.leaves).toEqual(rebased.leaves);
    expect([...rebased.leaves.values()].map(({ generation }) => generation)).toEqual([
      rebased.generation,
      rebased.generation,
    ]);
    expect(kept().read.generations.map(({ deltas, leaves }) => [deltas.length, leaves.size])).toEqual([
      [3, 0],
      [2, 0],
      [1, 0],
    ]);
  });

  property.prop([fc.nat(BLOCK_BYTES - 1), fc.nat(1000), fc.constantFrom(3, DELTAS_MAX + 1, DELTAS_MAX + 3)], {
    numRuns: 60,
  })(
    'P11 one flipped bit in any block in use is repaired from the other copy, detected, or outside what counts',
    (at, pick, age) => {
      const { history, disk, read } = kept(age);
      const users = [...blockLedger(read).users];
      const [block, user] = users[pick % users.length];
      const offset = user.startsWith('superblock') ? at % 512 : at;
      const bad = damaged(disk, [block], offset);
      const store = new Store(module, bad);
      expect(store.mount(PAGES)).toBe(MOUNT_RECOVERED);
      // Index, record and wired pages have a second copy: the newest generation comes up.
      expect(store.steps.newest()).toBe(history.current);
      for (const [page, version] of history.generations.get(history.current) ?? []) {
        const found = store.getPage(page);
        if (found === undefined) expect(store.log).toContain(`block ${block}, page ${page}`);
        else expect(isVersion(found, page, version)).toBe(true);
      }
      const after = readDisk(bad, { checkPages: true });
      const noticed = [
        ...after.generations.flatMap(({ problems }) => problems.map((problem) => problem.block)),
        ...after.superblocks.filter(({ state }) => state === 'damaged').map((copy) => copy.block),
      ];
      expect(noticed).toContain(block);
    },
  );

  it.each([
    ['record', 3],
    ['delta', 3],
    ['root', DELTAS_MAX + 1],
    ['leaf', DELTAS_MAX + 1],
    ['page', 3],
  ] as const)('both copies of its own %s bad: the generation before comes up', (kind, age) => {
    const { history, disk, read } = kept(age);
    const [newest] = read.generations;
    const references = {
      record: newest.record,
      delta: newest.deltas.at(-1),
      root: newest.roots.get(0),
      leaf: newest.leaves.get(0),
      page: newest.pages.get(1),
    };
    const reference = references[kind];
    if (!reference) throw new Error('the generation has no such block');
    const bad = damaged(disk, [reference.block, reference.second], 77);
    const writes = bad.writes;
    const store = new Store(module, bad);
    expect(store.mount(PAGES)).toBe(MOUNT_RECOVERED);
    expect(bad.writes).toBe(writes);
    expect(store.steps.newest()).toBe(history.current - 1);
    expect(store.log).toContain(`block ${reference.block}, `);
    expect(readDisk(bad).recovery).toMatchObject({ generation: history.current - 1 });
    expectContents(store, history.generations.get(history.current - 1) ?? new Map());
    // The refused generation is off the list before its blocks are used again.
    expect(store.steps.confirm()).toBe(1);
    expect(store.steps.highest()).toBe(history.current);
    expect(expectConserved(store, bad).generations.map(({ generation }) => generation)).not.toContain(history.current);
  });

  it('both copies of a leaf bad: its pages are lost one by one, and no others', () => {
    const { history, disk, read } = kept(DELTAS_MAX + 3);
    const leaf = read.generations[0].leaves.get(0);
    if (!leaf) throw new Error('there is no leaf');
    const bad = damaged(disk, [leaf.block, leaf.second], 77);
    const store = new Store(module, bad);
    expect(store.mount(PAGES)).toBe(MOUNT_RECOVERED);
    expect(store.steps.newest()).toBe(history.current);
    expect(store.log).toContain(`block ${leaf.block}, index leaf 0 of generation ${leaf.generation}: checksum `);
    expect(readDisk(bad).recovery).toMatchObject({ generation: history.current });
    const versions = history.generations.get(history.current) ?? new Map();
    // Wired, changed since the base was written, or of another leaf.
    const kinds = { whole: [1, 2, 233, 234, 300], lost: [43, 44, 100] };
    for (const page of kinds.whole) expect(isVersion(store.getPage(page), page, versions.get(page) ?? 0)).toBe(true);
    for (const page of kinds.lost) expect(store.getPage(page)).toBeUndefined();
  });

  it.each([3, DELTAS_MAX + 3])('a superseded list that is lost costs the generations before, not a block', (age) => {
    const { history, disk, read } = kept(age);
    const [list] = read.generations[0].supersededList;
    const bad = damaged(disk, [list.block, list.second], 40);
    const store = new Store(module, bad);
    expect(store.mount(PAGES)).toBe(MOUNT_RECOVERED);
    expect(store.steps.newest()).toBe(history.current);
    expect(store.log).toContain('no longer kept, it is not known what they use: generations 2');
    expect(store.steps.confirm()).toBe(1);
    expectContents(store, history.generations.get(history.current) ?? new Map());
    expect(readDisk(bad).generations).toHaveLength(1);
    expect(store.steps.freeBlocks()).toBe(bad.blocks - blockLedger(readDisk(bad)).allocated);
    expect(store.putPage(50, 1000, contents(50, 1000)) && store.commitAll(1000, 0)).toBe(true);
    expect(store.putPage(51, 1001, contents(51, 1001)) && store.commitAll(1001, 0)).toBe(true);
    expect(store.putPage(52, 1002, contents(52, 1002)) && store.commitAll(1002, 0)).toBe(true);
    expectConserved(store, bad);
  });

  it('recovery reads no more blocks from a larger memory, however much of it is used', () => {
    const reads = [1024, 16384].map((pages) => {
      const disk = new TestDisk(32768);
      const store = new Store(module, disk);
      store.mount(pages);
      for (let page = 5; page < pages; page += 97) store.putPage(page, 1, contents(page, 1));
      expect(store.commitAll(1, 0)).toBe(true);
      const again = new Store(module, disk);
      expect(again.steps.mountDisk(pages, 0)).toBe(MOUNT_RECOVERED);
      return again.steps.reads();
    });
    // Superblocks, record, wired pages and a delta for each 203 pages.
    expect(reads).toEqual([4 + 1 + 1, 4 + 1 + 1]);
  });

  it('P13 a lost and a misdirected write of a page are refused', () => {
    const { history, disk, read } = kept();
    const reference = read.generations[0].pages.get(300);
    const previous = read.generations[1].pages.get(300);
    const other = read.generations[0].pages.get(42);
    if (!reference || !previous || !other) throw new Error('the pages are not there');
    for (const stale of [previous.block, other.block]) {
      const bad = disk.copy();
      bad.medium.set(reference.block, disk.read(stale));
      const store = new Store(module, bad);
      store.mount(PAGES);
      expect(store.steps.newest()).toBe(history.current);
      expect(store.getPage(300)).toBeUndefined();
      const generation = readDisk(bad).generations[0];
      expect(readPage(bad, generation, 300)).toBeUndefined();
    }
  });

  it('a disk that is not ours, or of a newer kernel, is refused and not written', () => {
    const foreign = new TestDisk(BLOCKS);
    foreign.medium.set(528, contents(1, 1));
    const { disk } = kept();
    const newer = disk.copy();
    for (const block of SUPERBLOCK_BLOCKS) newer.medium.set(block, withVersion(newer.read(block), 3));
    const small = new TestDisk(1024);
    for (const [bad, text] of [
      [foreign, 'neither blank nor a Phantom disk'],
      [newer, 'format version 3'],
      [small, 'no disk, or one too small'],
    ] as const) {
      const store = new Store(module, bad);
      expect(store.mount(PAGES)).toBe(MOUNT_REFUSED);
      expect(store.log).toContain(text);
      expect(bad.unflushed).toEqual([]);
    }
    expect(readDisk(newer).recovery.kind).toBe('refused');
  });

  function withVersion(bytes: Uint8Array, version: number): Uint8Array {
    const changed = Uint8Array.from(bytes);
    const view = new DataView(changed.buffer);
    view.setUint32(4, version, true);
    view.setUint32(508, crc32c(changed.subarray(0, 508)), true);
    return changed;
  }

  it('an intact superblock of an empty disk beside damaged ones is not taken for a new system', () => {
    const history = new History(new TestDisk(BLOCKS), module);
    history.write([1, 2]);
    const bad = damaged(history.disk, [528, 1552], 20);
    const store = new Store(module, bad);
    expect(store.mount(PAGES)).toBe(MOUNT_REFUSED);
    expect(readDisk(bad).recovery.kind).toBe('refused');
  });
});

describe('errors of the disk', () => {
  it('P12 a block that cannot be written is replaced by another', () => {
    const history = new History(new TestDisk(BLOCKS), module);
    const bad = new Set([17, 19, 23]);
    history.disk.failing = (operation, block) => operation === 'write' && bad.has(block);
    expect(history.write([1, 2, 3, 30, 31, 32])).toBe(true);
    expect(history.store.log).toContain('store: block 17 cannot be written and is not used again');
    history.disk.failing = () => false;
    const store = new Store(module, history.disk);
    store.mount(PAGES);
    expectContents(store, history.generations.get(1) ?? new Map());
    expectConserved(store, history.disk);
  });

  property.prop([fc.nat(60), fc.constantFrom('write', 'flush')], { numRuns: 60 })(
    'P12 when the disk stops writing, the last generation stays, and the next one after it works again commits',
    (from, what) => {
      const history = new History(new TestDisk(BLOCKS), module);
      expect(history.write([1, 2, 50, 51])).toBe(true);
      let operation = 0;
      history.disk.failing = (kind) => kind === what && operation++ >= from;
      const done = history.write([1, 3, 50, 52]);
      history.disk.failing = () => false;
      if (!done) {
        const store = new Store(
          module,
          history.disk.cut(() => true),
        );
        store.mount(PAGES);
        expect([1, 2]).toContain(store.steps.newest());
        expectContents(store, history.generations.get(store.steps.newest()) ?? new Map());
      }
    },
  );

  it('P12 a read error is survived by the second copy, or reported with block and page', () => {
    const history = new History(new TestDisk(BLOCKS), module);
    history.write([1, 50]);
    const [generation] = readDisk(history.disk).generations;
    const wired = generation.pages.get(1);
    const single = generation.pages.get(50);
    history.disk.failing = (operation, block) =>
      operation === 'read' && (block === wired?.block || block === single?.block || block === generation.record.block);
    const store = new Store(module, history.disk);
    expect(store.mount(PAGES)).toBe(MOUNT_RECOVERED);
    expect(isVersion(store.getPage(1), 1, 1)).toBe(true);
    expect(store.getPage(50)).toBeUndefined();
    expect(store.log).toContain(`block ${single?.block}, page 50 of generation 1: cannot be read`);
  });

  it('a full disk refuses a generation and keeps the last', () => {
    const history = new History(new TestDisk(BLOCKS), module);
    const all = Array.from({ length: 900 }, (_, page) => page);
    expect(history.write(all)).toBe(true);
    expect(history.write(all)).toBe(true);
    expect(history.write(all)).toBe(false);
    const store = new Store(module, history.disk);
    store.mount(PAGES);
    expect(store.steps.newest()).toBe(2);
    expectContents(store, history.generations.get(2) ?? new Map());
  });

  it('an invariant broken is a panic, not a wrong disk', () => {
    const { store } = new History(new TestDisk(BLOCKS), module);
    // A number used twice: the second one's blocks would be taken for the first one's.
    expect(store.commitAll(1, 0)).toBe(true);
    expect(() => store.commitAll(1, 0)).toThrow(KernelPanic);
  });
});
