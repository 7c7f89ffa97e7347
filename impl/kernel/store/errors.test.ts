/**
 * What the store makes of a disk that fails, forgets, mixes up and rots, in V8, exhaustively where the disk is small: P9 to P13. Each property
 * is a function of the kernel, and each has a seeded defect that it must find.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { readDisk, SUPERBLOCK_BLOCKS } from '../../../model/disk-reader.js';
import { History } from './testing/history.js';
import { BLOCKS, contents, isVersion, PAGES } from './testing/judge.js';
import {
  BLOCK_BYTES,
  compileStore,
  KernelPanic,
  MOUNT_RECOVERED,
  SECTOR_BYTES,
  Store,
  type StoreKernel,
  TestDisk,
  withDefects,
} from './testing/store.js';

const SECTORS = BLOCK_BYTES / SECTOR_BYTES;
/** Of the format: deltas of one generation. */
const DELTAS_MAX = 192;
/** Pages of every history here: 1 is wired, so stored twice, the others are not. */
const WIRED_PAGE = 1;

let kernel: StoreKernel;
beforeAll(async () => {
  kernel = await compileStore();
});

/** Two generations of a few pages. */
function small(of: StoreKernel, disk = new TestDisk(BLOCKS)): History {
  const history = new History(disk, of);
  expect(history.write([WIRED_PAGE, 50, 51])).toBe(true);
  expect(history.write([WIRED_PAGE, 50])).toBe(true);
  return history;
}

/** The property finds this defect: it fails, and by a judgement of its own. */
function expectFound(property: (of: StoreKernel) => void, defect: string, says: RegExp): void {
  expect(() => property(withDefects(kernel, defect))).toThrow(says);
}

/**
 * What is right of a disk from which `store` came up: one of these generations, and each page of it right or, where that `mayBeLost`,
 * reported.
 */
function judge(store: Store, history: History, wanted: readonly number[], where: string, mayBeLost = true): void {
  const newest = store.steps.newest();
  if (!wanted.includes(newest))
    throw new Error(`${where}: generation ${newest} came up, wanted ${wanted.join(' or ')}`);
  for (const [page, version] of history.generations.get(newest) ?? []) {
    const found = store.getPage(page);
    const isReported = found === undefined && store.log.includes(`, page ${page} of generation `);
    if ((isReported && mayBeLost) || isVersion(found, page, version)) continue;
    const how = found !== undefined ? 'wrong' : isReported ? 'lost' : 'lost unsaid';
    throw new Error(`${where}: page ${page} of generation ${newest} is ${how}`);
  }
}

/** The disk when the power goes and nothing unflushed stays. */
function unplugged(disk: TestDisk): TestDisk {
  return disk.cut(() => false);
}

function boot(of: StoreKernel, disk: TestDisk): Store {
  const store = new Store(of, disk);
  store.mount(PAGES);
  return store;
}

describe('P9 writes in any order', () => {
  /** The disk just before each flush of a third generation: nothing of an epoch is certain, everything before it is. */
  function epochs(of: StoreKernel): { readonly disks: readonly TestDisk[]; readonly history: History } {
    const history = small(of);
    const disks: TestDisk[] = [];
    history.disk.failing = (operation) => {
      if (operation === 'flush') disks.push(history.disk.copy());
      return false;
    };
    expect(history.write([WIRED_PAGE, 51, 52])).toBe(true);
    return { disks, history };
  }

  /** Every subset of the block writes of every epoch. Returns how many disks that made. */
  function everySubset(of: StoreKernel): number {
    const { disks, history } = epochs(of);
    let states = 0;
    for (const disk of disks) {
      const writes = disk.unflushed.length / SECTORS;
      expect(writes).toBeLessThanOrEqual(12);
      for (let subset = 0; subset < 1 << writes; subset++, states++) {
        const store = boot(
          of,
          disk.cut((sector) => ((subset >> Math.floor(sector / SECTORS)) & 1) === 1),
        );
        judge(store, history, [2, 3], `P9 subset ${subset.toString(2)} of ${writes} writes`, false);
      }
    }
    return states;
  }

  /** All writes but one, and of that one the first sectors, the last, or one alone. */
  function everyTear(of: StoreKernel): number {
    const { disks, history } = epochs(of);
    let states = 0;
    for (const disk of disks) {
      for (let torn = 0; torn < disk.unflushed.length / SECTORS; torn++) {
        for (let at = 0; at < SECTORS; at++) {
          const tears = [(i: number) => i < at, (i: number) => i > at, (i: number) => i === at];
          for (const [shape, survives] of tears.entries()) {
            const after = disk.cut((sector) => Math.floor(sector / SECTORS) !== torn || survives(sector % SECTORS));
            judge(boot(of, after), history, [2, 3], `P9 write ${torn} torn at sector ${at}, shape ${shape}`, false);
            states++;
          }
        }
      }
    }
    return states;
  }

  it('P9 every subset of the writes of every flush epoch of a commit leaves one whole generation, exhaustive', () => {
    // 2 copies of page 1, pages 51 and 52, 2 deltas, 2 lists, 2 records; then 2 superblocks.
    expect(everySubset(kernel)).toBe(2 ** 10 + 2 ** 2);
  });

  it('P9 every tear of one write of a commit leaves one whole generation', () => {
    expect(everyTear(kernel)).toBe(12 * 24);
  });

  it('P9 finds the defect commitWithoutFlush', () => {
    expectFound(everyTear, 'commitWithoutFlush', /^P9 write .*(came up|is lost|is wrong)/);
  });
});

describe('P10 cuts during recovery', () => {
  class PowerCut extends Error {}

  /** Where a recovery starts from: a disk, what came of it before, and what of it fails. */
  interface Case {
    readonly name: string;
    readonly disk: TestDisk;
    readonly history: History;
    /** The generation that must come up. */
    readonly expected: number;
    readonly bad?: (operation: string, block: number) => boolean;
  }

  function damaged(disk: TestDisk, blocks: readonly number[]): TestDisk {
    const other = disk.copy();
    for (const block of blocks) {
      const bytes = other.read(block);
      bytes[77] ^= 0x10;
      other.medium.set(block, bytes);
    }
    return other;
  }

  function cases(of: StoreKernel): Case[] {
    const history = small(of);
    history.write([WIRED_PAGE, 52]);
    const { disk } = history;
    const { generations, newest } = readDisk(disk);
    const { record, supersededList } = generations[0];
    const refused = damaged(disk, [record.block, record.second]);
    const spare = SUPERBLOCK_BLOCKS[((newest?.copy ?? 0) + 1) % 4];
    return [
      { name: 'calm', disk, history, expected: 3 },
      { name: 'record lost', disk: refused, history, expected: 2 },
      {
        name: 'superseded list lost',
        disk: damaged(disk, [supersededList[0].block, supersededList[0].second]),
        history,
        expected: 3,
      },
      { name: 'superblock copy rotten', disk: damaged(disk, [newest?.block ?? 0]), history, expected: 3 },
      {
        name: 'record lost, a superblock place cannot be written',
        disk: refused,
        history,
        expected: 2,
        bad: (operation, block) => operation === 'write' && block === spare,
      },
    ];
  }

  /** Recovery with all it ever writes: what is confirmed before the first generation. */
  function recover(of: StoreKernel, disk: TestDisk, { expected, history, name }: Case): Store {
    const writes = disk.writes;
    const store = new Store(of, disk);
    const outcome = store.steps.mountDisk(PAGES, 0);
    if (disk.writes !== writes || disk.unflushed.length > 0) throw new Error(`P10 ${name}: recovery wrote to the disk`);
    if (outcome !== MOUNT_RECOVERED) throw new Error(`P10 ${name}: nothing came up: ${store.log}`);
    judge(store, history, [expected], `P10 ${name}`, false);
    store.steps.complete();
    store.steps.confirm();
    return store;
  }

  /** The disks that a cut at each operation of a recovery may leave; of unflushed block writes any subset stays. */
  function cutEverywhere(of: StoreKernel, one: Case, from: TestDisk): { cuts: number; left: TestDisk[] } {
    const left: TestDisk[] = [];
    let cuts = 0;
    for (let at = 0; ; at++) {
      const disk = from.copy();
      let operation = 0;
      disk.failing = (kind, block) => {
        if (operation++ === at) throw new PowerCut();
        return one.bad?.(kind, block) ?? false;
      };
      try {
        recover(of, disk, one);
        return { cuts, left };
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
      }
      const writes = disk.unflushed.length / SECTORS;
      for (let subset = 0; subset < 1 << writes; subset++, cuts++) {
        left.push(disk.cut((sector) => ((subset >> Math.floor(sector / SECTORS)) & 1) === 1));
      }
    }
  }

  function digest(disk: TestDisk): string {
    const superblocks = SUPERBLOCK_BLOCKS.map((block) => Buffer.from(disk.read(block)).toString('base64'));
    return superblocks.join(' ');
  }

  /** Three recoveries, each cut at each of its operations; disks that are the same are looked at once. */
  function threeLevels(of: StoreKernel): { cuts: number; disks: number } {
    let cuts = 0;
    let disks = 0;
    for (const one of cases(of)) {
      let level = new Map([[digest(one.disk), one.disk]]);
      for (let depth = 0; depth < 3; depth++) {
        const next = new Map<string, TestDisk>();
        for (const disk of level.values()) {
          const cut = cutEverywhere(of, one, disk);
          cuts += cut.cuts;
          for (const after of cut.left) next.set(digest(after), after);
        }
        level = next;
        disks += next.size;
      }
      for (const disk of level.values()) {
        const after = disk.copy();
        after.failing = (kind, block) => one.bad?.(kind, block) ?? false;
        const store = recover(of, after, one);
        const generation = store.steps.highest() + 1;
        const put = store.putPage(50, generation, contents(50, generation)) && store.commitAll(generation, 0);
        if (!put) throw new Error(`P10 ${one.name}: no generation commits after it`);
        const again = new Store(of, after);
        again.mount(PAGES);
        if (again.steps.newest() !== generation) throw new Error(`P10 ${one.name}: the next generation is lost`);
      }
    }
    return { cuts, disks };
  }

  it('P10 a cut at each read and write of recovery, three levels deep, comes up with the same generation, exhaustive', () => {
    const { cuts, disks } = threeLevels(kernel);
    // Each level has every operation of at least one recovery: 4 superblocks, record, delta, lists.
    expect(cuts).toBeGreaterThan(3 * 5 * 8);
    // Recovery itself writes nothing: only the two cases that confirm leave more than one disk.
    expect(disks).toBeGreaterThan(3 * 5);
  });

  it('P10 finds the defect recoveryWrites', () => {
    expectFound(threeLevels, 'recoveryWrites', /^P10 .*recovery wrote to the disk/);
  });
});

describe('P10 the bound of recovery', () => {
  /** Blocks read by a recovery from a memory of so many pages, one in 97 of them used, whose base was written. */
  function blocksRead(pages: number): number {
    const disk = new TestDisk(8 * BLOCKS);
    const store = new Store(kernel, disk);
    store.mount(pages);
    for (let page = 5; page < pages; page += 97) store.putPage(page, 1, contents(page, 1));
    let generation = 1;
    expect(store.commitAll(generation, 0)).toBe(true);
    while (generation < DELTAS_MAX + 2) {
      generation++;
      store.putPage(WIRED_PAGE, generation, contents(WIRED_PAGE, generation));
      expect(store.commitAll(generation, 0)).toBe(true);
    }
    const [newest] = readDisk(disk).generations;
    expect(newest.leaves.size).toBe(pages / 256);
    const again = new Store(kernel, disk);
    expect(again.steps.mountDisk(pages, 0)).toBe(MOUNT_RECOVERED);
    return again.steps.reads();
  }

  it('P10 does not depend on the size of memory: leaves are not read before they are needed', () => {
    // 4 superblocks, record, one delta since the base was written, one root, one wired page.
    expect([1024, 16384].map(blocksRead)).toEqual([8, 8]);
  });
});

describe('P11 silent corruption', () => {
  /** One bit of each sector of each block ever written, two bits of each superblock. */
  function everySector(of: StoreKernel): number {
    const history = small(of);
    let flips = 0;
    for (const [block, bytes] of history.disk.medium) {
      for (let sector = 0; sector < SECTORS; sector++) {
        const bad = history.disk.copy();
        const changed = Uint8Array.from(bytes);
        changed[sector * SECTOR_BYTES + 21 + sector] ^= 0x20;
        bad.medium.set(block, changed);
        judge(boot(of, bad), history, [2], `P11 block ${block}, sector ${sector}`);
        flips++;
      }
    }
    return flips;
  }

  it('P11 a bit flipped in any sector of any block is repaired from the other copy or reported, exhaustive', () => {
    expect(everySector(kernel)).toBeGreaterThan(20 * SECTORS);
  });

  it.each([
    ['trustWhatIsRead', /^P11 .*(wrong|came up)/],
    ['checksumFirstSector', /^P11 .*wrong/],
  ])('P11 finds the defect %s', (defect, says) => {
    expectFound(everySector, defect, says);
  });
});

describe('P12 errors that the drive reports', () => {
  /** Each block ever written cannot be read, twice or for good. */
  function everyRead(of: StoreKernel): number {
    const history = small(of);
    let errors = 0;
    for (const block of history.disk.medium.keys()) {
      for (const times of [2, Number.POSITIVE_INFINITY]) {
        const bad = history.disk.copy();
        let struck = 0;
        bad.failing = (operation, at) => operation === 'read' && at === block && struck++ < times;
        const where = `P12 block ${block} not read ${times} times`;
        withoutPanic(where, () => {
          const store = boot(of, bad);
          judge(store, history, [2], where);
          if (times === 2 && store.getPage(51) === undefined) throw new Error(`${where}: a page is lost for good`);
        });
        if (struck > 0) errors++;
      }
    }
    return errors;
  }

  function withoutPanic(where: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      if (error instanceof KernelPanic) throw new Error(`${where}: the kernel panicked: ${error.message}`);
      throw error;
    }
  }

  /** Each block write of a commit in turn fails for good. */
  function everyWrite(of: StoreKernel): number {
    for (let nth = 0; ; nth++) {
      const history = small(of);
      let bad = -1;
      let count = 0;
      history.disk.failing = (operation, block) => {
        if (operation !== 'write') return false;
        if (bad < 0 && count++ === nth) bad = block;
        return block === bad;
      };
      const committed = history.write([WIRED_PAGE, 50, 52]);
      if (bad < 0) return nth;
      const where = `P12 write ${nth}, of block ${bad}, refused`;
      if (!committed) throw new Error(`${where}: no other block was taken`);
      judge(boot(of, unplugged(history.disk)), history, [3], where);
      // The places of superblocks are on no list, but looked at again and again.
      if (SUPERBLOCK_BLOCKS.includes(bad)) continue;
      // What is found bad after the list was written is on the next one.
      history.write([50]);
      const store = boot(of, unplugged(history.disk));
      judge(store, history, [4], where);
      if (!/bad blocks 1\n/.test(store.log)) throw new Error(`${where}: the bad block is forgotten`);
    }
  }

  /** Each flush of a commit fails once; what it should have saved is gone. What was acknowledged all the same must be there. */
  function everyFlush(of: StoreKernel): number {
    for (let nth = 0; ; nth++) {
      const history = small(of);
      let count = 0;
      history.disk.failing = (operation) => {
        if (operation !== 'flush' || count++ !== nth) return false;
        history.disk.unflushed = [];
        return true;
      };
      const committed = history.write([WIRED_PAGE, 50, 52]);
      if (count <= nth) return nth;
      judge(boot(of, unplugged(history.disk)), history, committed ? [3] : [2, 3], `P12 flush ${nth} failed`);
    }
  }

  it('P12 a read error of any block in use costs at most its own page, and passes when it passes, exhaustive', () => {
    // 4 superblocks, 2 records, 2 deltas, a list, 3 pages, each twice.
    expect(everyRead(kernel)).toBe(24);
  });

  it('P12 a write error of any write of a commit is answered by another block, and remembered, exhaustive', () => {
    expect(everyWrite(kernel)).toBe(12);
  });

  it('P12 what a failed flush dropped is not acknowledged, exhaustive', () => {
    expect(everyFlush(kernel)).toBe(2);
  });

  it.each([
    ['noSecondCopy', /^P12 .*(came up|unsaid)/],
    ['panicOnReadError', /^P12 .*panicked: [\s\S]*a block cannot be read/],
    ['noRetry', /^P12 .*lost for good/],
  ])('P12 finds the defect %s', (defect, says) => {
    expectFound(everyRead, defect, says);
  });

  it.each([
    ['ignoreWriteError', /^P12 .*(lost|wrong|came up|forgotten)/],
    ['forgetBadList', /^P12 .*the bad block is forgotten/],
  ])('P12 finds the defect %s', (defect, says) => {
    expectFound(everyWrite, defect, says);
  });

  it.each(['ignoreFlushError', 'trustAfterFailedFlush'])('P12 finds the defect %s', (defect) => {
    expectFound(everyFlush, defect, /^P12 flush .*(came up|lost|wrong)/);
  });
});

describe('P13 lost and misdirected writes', () => {
  /** How a write may be lost, from `before`, what its place holds. */
  const ways: readonly [string, (block: number, bytes: Uint8Array, before: Uint8Array) => Stray][] = [
    ['lost', () => undefined],
    ['put on a block in use', (_, bytes) => ({ block: 17, bytes })],
    ['put on a free block', (_, bytes) => ({ block: BLOCKS - 9, bytes })],
    ...[1, 7].map((sector): (typeof ways)[number] => [
      `lost in sector ${sector}`,
      (block, bytes, before) => {
        const mixed = Uint8Array.from(bytes);
        const [from, to] = [sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES];
        mixed.set(before.subarray(from, to), from);
        return { block, bytes: mixed };
      },
    ]),
  ];
  type Stray = { block: number; bytes: Uint8Array } | undefined;

  /** Each write of a commit in turn, in each way. What was acknowledged comes up, or it is said why not. */
  function everyStray(of: StoreKernel): number {
    let strays = 0;
    for (const [name, way] of ways) {
      for (let nth = 0; ; nth++) {
        const history = small(of);
        let count = 0;
        history.disk.straying = (block, bytes) =>
          count++ === nth ? way(block, bytes, history.disk.read(block)) : { block, bytes };
        const committed = history.write([WIRED_PAGE, 50, 52]);
        if (count <= nth) break;
        const store = boot(of, unplugged(history.disk));
        judge(store, history, committed ? [3] : [2, 3], `P13 write ${nth} ${name}`);
        strays++;
      }
    }
    return strays;
  }

  /** All writes to superblocks of a commit are lost, as long as they go to one pair. */
  function lostCommit(of: StoreKernel): number {
    const history = small(of);
    const inForce = readDisk(history.disk).newest?.copy ?? 0;
    let lost = 0;
    history.disk.straying = (block, bytes) => {
      const copy = SUPERBLOCK_BLOCKS.indexOf(block);
      if (copy < 0 || copy % 2 === inForce % 2) return { block, bytes };
      lost++;
      return undefined;
    };
    const committed = history.write([WIRED_PAGE, 50, 52]);
    judge(boot(of, unplugged(history.disk)), history, committed ? [3] : [2], 'P13 the commit lost');
    return lost;
  }

  it('P13 each write of a commit lost, torn by a lost sector, or put elsewhere: right, or said to be lost, exhaustive', () => {
    expect(everyStray(kernel)).toBeGreaterThanOrEqual(ways.length * 12);
  });

  it('P13 a commit whose superblocks were all lost is not acknowledged before it is elsewhere', () => {
    expect(lostCommit(kernel)).toBe(2);
  });

  it.each([
    ['trustWhatIsRead', /^P13 .*(wrong|came up)/],
    ['checksumFirstSector', /^P13 .*wrong/],
  ])('P13 finds the defect %s', (defect, says) => {
    expectFound(everyStray, defect, says);
  });

  it('P13 finds the defect trustSuperblockWrites', () => {
    expectFound(lostCommit, 'trustSuperblockWrites', /^P13 the commit lost: generation 2 came up/);
  });
});

describe('a lost leaf of the index', () => {
  /** What older generations have under it is still theirs when the disk was written to since. */
  function olderStay(of: StoreKernel): number {
    const history = new History(new TestDisk(BLOCKS), of);
    const rest = Array.from({ length: 60 }, (_, i) => 300 + i);
    expect(history.write([WIRED_PAGE, ...rest])).toBe(true);
    while (readDisk(history.disk).generations[0].leaves.size === 0) history.write([WIRED_PAGE]);
    const [newest, before] = readDisk(history.disk).generations;
    const leaf = newest.leaves.get(1);
    if (leaf === undefined || before.leaves.size > 0)
      throw new Error('the generation that wrote the base is not the newest');
    const bad = history.disk.copy();
    for (const block of [leaf.block, leaf.second]) bad.medium.set(block, new Uint8Array(BLOCK_BYTES).fill(0x77));
    const store = boot(of, bad);
    expect(store.steps.newest()).toBe(history.current);
    expect(store.getPage(300)).toBeUndefined();
    const generation = history.current + 1;
    // More pages than lie free before the blocks that are in question.
    for (let page = 600; page < 900; page++) store.putPage(page, generation, contents(page, generation));
    expect(store.commitAll(generation, 0)).toBe(true);
    const older = readDisk(bad, { checkPages: true }).generations.find((one) => one.generation === before.generation);
    if (older === undefined) throw new Error('the generation before is not kept');
    const [problem] = older.problems;
    if (problem === undefined) return older.pages.size;
    throw new Error(`P5 generation ${before.generation} was overwritten: block ${problem.block}, ${problem.kind}`);
  }

  it('P5 P12 leaves older generations what they have under it, for the user to go back to', () => {
    expect(olderStay(kernel)).toBe(61);
  });

  it('P5 finds the defect forgetUnderLostLeaf', () => {
    expectFound(olderStay, 'forgetUnderLostLeaf', /^P5 generation \d+ was overwritten/);
  });

  it('deltas are as many as the format says when the base is written', () => {
    const history = new History(new TestDisk(BLOCKS), kernel);
    for (let i = 0; i < DELTAS_MAX; i++) history.write([WIRED_PAGE]);
    expect(readDisk(history.disk).generations[0].deltas).toHaveLength(DELTAS_MAX);
  });
});
