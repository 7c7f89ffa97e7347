/** Disks that no drawn plan makes: of another kernel, panicked of, asked for an older generation, long-lived, failing at the wrong moment. */
import { type DiskFault, type DurableMedium, SECTOR_BYTES } from '../../hardware-sim/index.js';
import { crc32c } from '../../model/crc32c.js';
import { type DiskContents, readDisk, SUPERBLOCK_BLOCKS } from '../../model/disk-reader.js';
import { SECTORS_PER_BLOCK } from '../block-rule.js';
import { blocksOf } from '../disk-image.js';
import { randomStream } from '../random.js';
import { type HistoryPlan, type LifePlan, liveThrough } from './history.js';
import type { Scenario } from './scenario.js';

const PLENTY = { controller: 'ide', diskMiB: 16, ramKiB: 8192, forgetful: true } as const;
const SMALL = 'persistent.mib=4 pages=60 threads=2 snapshot.interval=10';
const ENDLESS = `${SMALL} rounds=1000000`;

function lives(all: readonly ((kept: readonly number[]) => LifePlan)[]): HistoryPlan['next'] {
  return (nth, kept) => all[nth]?.(kept);
}

function scenario(plan: (seed: number) => HistoryPlan): Scenario {
  return { entry: 'pressure', judge: (kernel, seed) => liveThrough(kernel, seed, plan(seed)) };
}

/** Of the format: where a superblock has its version, what else must be known, for how many blocks it is, and its checksum. */
export const VERSION_AT = 4;
export const INCOMPATIBLE_AT = 8;
const [BLOCKS_AT, CHECKSUM_AT] = [28, 508];

/** All superblocks with another word, and checksums that hold: those of a later kernel. */
export function laterKernel(medium: DurableMedium, at: number, value: number): void {
  for (const block of SUPERBLOCK_BLOCKS) {
    const bytes = new Uint8Array(SECTOR_BYTES);
    medium.readSector(block * SECTORS_PER_BLOCK, bytes, 0);
    const view = new DataView(bytes.buffer);
    view.setUint32(at, value, true);
    view.setUint32(CHECKSUM_AT, crc32c(bytes.subarray(0, CHECKSUM_AT)), true);
    medium.writeSector(block * SECTORS_PER_BLOCK, bytes);
  }
}

function later(at: number, draws: (draw: number) => number): Scenario {
  return scenario((seed) => ({
    ...PLENTY,
    next: lives([
      () => ({ words: ENDLESS, commits: 3 }),
      () => ({
        words: `${SMALL} rounds=20`,
        commits: 'panic',
        property: 'P21',
        alter: (medium) => laterKernel(medium, at, draws(randomStream(seed, 'later').below(31))),
      }),
    ]),
  }));
}

export const LATER_VERSION = later(VERSION_AT, (draw) => 3 + draw);
export const UNKNOWN_FEATURE = later(INCOMPATIBLE_AT, (draw) => 2 ** draw);

/** The disk has lost its end, since it was moved to a smaller one. */
export const LARGER_DISK = later(BLOCKS_AT, (draw) => PLENTY.diskMiB * 256 + (draw < 20 ? 1 : draw));

/** An older generation is asked for and worked on, and the power goes before anything commits; then one that is not there. */
export const GENERATION_ASKED = scenario((seed) => {
  const plus = 12_000_000 + randomStream(seed, 'asked').below(10_000_000);
  const words = 'persistent.mib=4 pages=450 threads=3 rounds=1000000';
  return {
    ...PLENTY,
    ramKiB: 3584,
    next: lives([
      () => ({ words: `${words} snapshot.interval=10`, commits: 5 }),
      (kept) => ({ words: `${words} snapshot.interval=900000`, generation: kept[1], commits: 0, plus }),
      () => ({ words: `${words} snapshot.interval=10`, generation: 900, commits: 'panic' }),
      () => ({ words: `${words} snapshot.interval=10`, commits: 1 }),
    ]),
  };
});

/** The kernel panics of what it recovered from an even generation: an odd one is taken after three times, and commits. */
export const PANICS_IN_A_ROW: Scenario = {
  ...scenario((seed) => {
    const even = 4 + 2 * randomStream(seed, 'panics').below(3);
    const die = (): LifePlan => ({ words: ENDLESS, commits: 'panic' });
    const work = (commits: number) => (): LifePlan => ({ words: ENDLESS, commits });
    return { ...PLENTY, next: lives([work(even), die, die, die, work(1), work(1)]) };
  }),
  with: ['panicOnRestore'],
};

/**
 * A panic is noted, then a generation is committed; of the superblocks of the next one only the sectors that count stay, and behind them what was
 * there before: the note that was history already.
 */
export const NOTE_OF_BEFORE = scenario((seed) => {
  const random = randomStream(seed, 'note');
  const work = (commits: number, torn?: boolean) => (): LifePlan => ({ words: ENDLESS, commits, torn });
  // More threads than there is memory for; they sleep.
  const words = 'persistent.mib=4 pages=60 threads=9999 pause=100000 snapshot.interval=900000';
  const die = (): LifePlan => ({ words, commits: 'panic' });
  return { ...PLENTY, ramKiB: 3584, next: lives([work(2 + random.below(3)), die, work(0, true), work(1)]) };
});

/** Threads that read, write, sleep, wait for commits and look at images, in little memory, on a drive that is slow at first. */
export const CROWD = scenario((seed) => {
  const random = randomStream(seed, 'crowd');
  const words = 'persistent.mib=4 pages=450 rounds=120 threads=8 dozers=4 committers=2 scanners=1 snapshot.interval=4';
  const slow: DiskFault = { kind: 'slow', factor: 2 + random.below(8), from: 0, until: 60_000_000 };
  const life = { words: `${words} phase=${random.below(200_000)}`, commits: 'end' as const, faults: () => [slow] };
  return { ...PLENTY, ramKiB: 3584, next: lives([() => life]) };
});

/** Flushes fail: generations are given up and made again, and nothing is lost. */
export const FLUSHES_FAIL = scenario((seed) => {
  const random = randomStream(seed, 'flushes');
  const cache = random.pick(['kept', 'dropped'] as const);
  const times = 1 + random.below(3);
  return {
    ...PLENTY,
    resident: true,
    next: lives([
      () => ({ words: ENDLESS, commits: 5, faults: () => [{ kind: 'failed-flush', cache, times }] }),
      () => ({ words: `${SMALL} rounds=20`, commits: 'end' }),
    ]),
  };
});

/** Blocks that are written next cannot be: they are noted, and known after a power cut. */
export const BAD_BLOCKS = scenario((seed) => {
  const first = 60 + randomStream(seed, 'bad').below(40);
  return {
    ...PLENTY,
    next: lives([
      () => ({
        words: ENDLESS,
        commits: 12,
        faults: () =>
          Array.from({ length: 60 }, (_, i) => ({
            kind: 'write-error',
            lba: (first + i * 5) * SECTORS_PER_BLOCK + (i % SECTORS_PER_BLOCK),
          })),
      }),
    ]),
  };
});

/** Writes end with an error, once or for good, before anything is flushed: they are tried again, then other blocks are taken. */
export const WRITES_REFUSED = scenario((seed) => {
  const random = randomStream(seed, 'refused');
  const first = 40 + random.below(40);
  const times = random.pick([2, undefined, undefined]);
  const faults = Array.from({ length: 40 }, (_, i): DiskFault => {
    const lba = (first + i * 4) * SECTORS_PER_BLOCK + (i % SECTORS_PER_BLOCK);
    return { kind: 'refused-write', lba, ...(times === undefined ? {} : { times }) };
  });
  return {
    ...PLENTY,
    controller: random.pick(['ide', 'virtio'] as const),
    next: lives([
      () => ({ words: ENDLESS, commits: 8, faults: () => faults }),
      () => ({ words: `${SMALL} rounds=20`, commits: 'end' }),
    ]),
  };
});

/** All superblocks of a commit are lost on their way: it is not announced before they are elsewhere. */
export const SUPERBLOCKS_LOST = scenario((seed) => {
  const pair = randomStream(seed, 'superblocks').below(2);
  const faults = [pair, pair + 2].map(
    (copy): DiskFault => ({ kind: 'lost-write', lba: SUPERBLOCK_BLOCKS[copy] * SECTORS_PER_BLOCK }),
  );
  return {
    ...PLENTY,
    next: lives([
      () => ({ words: ENDLESS, commits: 4, property: 'P13', faults: () => faults }),
      () => ({ words: `${SMALL} rounds=20`, commits: 'end', property: 'P13' }),
    ]),
  };
});

/** A byte of a page turns over, in a sector that is not its first. */
export const ROT_INSIDE = scenario((seed) => ({
  ...PLENTY,
  next: lives([
    () => ({ words: ENDLESS, commits: 3 }),
    () => ({
      words: `${SMALL} rounds=1`,
      commits: 'end',
      property: 'P11',
      alter: (medium) => {
        const random = randomStream(seed, 'rot');
        const pages = [...readDisk(blocksOf(medium)).generations[0].pages.values()].filter(
          ({ second }) => second === 0,
        );
        flip(medium, random.pick(pages).block * SECTORS_PER_BLOCK + 1 + random.below(SECTORS_PER_BLOCK - 1));
      },
    }),
  ]),
}));

/** One copy of the newest superblock is lost, the other one suffices. */
export const SUPERBLOCK_COPY_LOST = scenario((seed) => ({
  ...PLENTY,
  next: lives([
    () => ({ words: ENDLESS, commits: 3 }),
    () => ({
      words: `${SMALL} rounds=1`,
      commits: 'end',
      property: 'P8',
      alter: (medium) => {
        const { superblocks, newest } = readDisk(blocksOf(medium));
        const copies = superblocks.filter(({ sequence }) => sequence === newest?.sequence);
        flip(medium, randomStream(seed, 'copy').pick(copies).block * SECTORS_PER_BLOCK);
      },
    }),
  ]),
}));

/** Both copies of the newest record are lost: the generation before comes up, and recovery itself writes nothing. */
export const RECORD_LOST = scenario(() => ({
  ...PLENTY,
  next: lives([
    () => ({ words: ENDLESS, commits: 4 }),
    () => ({
      words: `${SMALL} rounds=1`,
      commits: 'end',
      alter: (medium) => {
        const { record } = readDisk(blocksOf(medium)).generations[0];
        for (const block of [record.block, record.second]) flip(medium, block * SECTORS_PER_BLOCK);
      },
    }),
  ]),
}));

/** Generations come and go while nothing else takes blocks: of each it is known to the block what is free. */
export const NOTHING_ELSE = scenario((seed) => {
  const random = randomStream(seed, 'nothing else');
  const [pages, threads] = [30 + random.below(70), random.pick([2, 8, 12])];
  const words = `persistent.mib=4 pages=${pages} threads=${threads} snapshot.interval=${random.pick([5, 10, 20])} rounds=1000000`;
  return { ...PLENTY, resident: true, next: lives([() => ({ words, commits: 6 }), () => ({ words, commits: 2 })]) };
});

/** The newest generation wrote the base of the index anew, the one before has none. */
function isMerged({ generations: [newest, before] }: DiskContents): boolean {
  return newest !== undefined && before !== undefined && newest.deltas.length < before.deltas.length;
}

/** The base is written anew in about the 193rd generation, of one delta each. */
const BEFORE_MERGE = 185;
/** Small generations in quick succession, in pages of every leaf. */
const PILE_UP = 'persistent.mib=4 threads=1 pause=1 check=0 snapshot.interval=1 rounds=1000000';

/** Deltas pile up until the base is written anew. */
export const INDEX_MERGED = scenario((seed) => {
  const pages = 900 + randomStream(seed, 'merged').below(100);
  return {
    ...PLENTY,
    next: lives([
      () => ({ words: `${PILE_UP} pages=${pages}`, commits: isMerged, judgedFrom: BEFORE_MERGE }),
      () => ({ words: `${SMALL} rounds=5`, commits: 'end' }),
    ]),
  };
});

/** Of the base that the newest generation wrote one leaf is lost: what the generation before has under it stays its own. */
export const LEAF_LOST = scenario((seed) => {
  const pages = 280 + randomStream(seed, 'leaf').below(100);
  return {
    ...PLENTY,
    next: lives([
      () => ({ words: `${PILE_UP} pages=${pages}`, commits: isMerged, judgedFrom: BEFORE_MERGE }),
      () => ({
        words: 'persistent.mib=4 pages=230 threads=1 check=0 snapshot.interval=1 rounds=1000000',
        commits: 4,
        alter: (medium) => {
          const leaf = readDisk(blocksOf(medium)).generations[0].leaves.get(1);
          for (const block of [leaf?.block ?? 0, leaf?.second ?? 0]) flip(medium, block * SECTORS_PER_BLOCK);
        },
      }),
    ]),
  };
});

/** The newest generations have a list of bad blocks, the oldest has none; that one is asked for, and those of the newer ones stay what they are. */
export const LIST_OF_NEWER = scenario((seed) => {
  const random = randomStream(seed, 'list');
  const plus = 2_000_000 + random.below(4_000_000);
  const isListed = ({ generations }: DiskContents): boolean =>
    generations.length > 2 && generations[0].badBlocks.length > 0 && generations[2].badBlocks.length === 0;
  const block = 60 + random.below(100);
  return {
    ...PLENTY,
    next: lives([
      () => ({
        words: ENDLESS,
        commits: isListed,
        faults: () =>
          Array.from({ length: 8 }, (_, i) => ({ kind: 'write-error', lba: (block + i) * SECTORS_PER_BLOCK })),
      }),
      (kept) => ({ words: ENDLESS.replace('interval=10', 'interval=900000'), generation: kept[2], commits: 0, plus }),
      () => ({ words: ENDLESS, commits: 1 }),
    ]),
  };
});

function flip(medium: DurableMedium, lba: number): void {
  const bytes = new Uint8Array(SECTOR_BYTES);
  medium.readSector(lba, bytes, 0);
  bytes[77] ^= 0x10;
  medium.writeSector(lba, bytes);
}
