/**
 * Histories of the persistent memory on the machine: `selftest/pressure.ts` over several lives, its power cut, on disks that are small, old,
 * full of generations or failing.
 *
 * The rule: what memory must be comes from the MMU (`matrix-subject.ts`), what the disk holds from the independent reader, and both are compared at
 * every commit and after every cut. What the self-test notices by itself (a page that is not what it wrote) counts as point in time, P2.
 */
import type { DiskController, DiskFault, DurableMedium } from '../../hardware-sim/index.js';
import type { KernelImage } from '../../impl/image/index.js';
import { blockLedger, readDisk } from '../../model/disk-reader.js';
import { BlockRule } from '../block-rule.js';
import { blocksOf, type DiskImage, imageOf, isSuperblockSector } from '../disk-image.js';
import { Subject, type Truths } from '../matrix-subject.js';
import { type RandomStream, randomStream } from '../random.js';
import { type Caught, caught, type Scenario } from './scenario.js';

const MIB_SECTORS = 2048;
/** Within which a commit must come, whatever the disk does meanwhile. */
const COMMIT_CYCLES = 1_500_000_000;
const END_CYCLES = 6_000_000_000;
/** The page whose contents are not what was written last. */
const WRONG = 'pressure: wrong contents';

export interface LifePlan {
  readonly words: string;
  /** The power goes after so many commits and so many cycles more; 0: the self-test runs to its end. */
  readonly commits: number;
  readonly plus?: number;
  /** What the disk does wrong, from the first commit on. */
  readonly faults?: (image: DiskImage, cycle: number) => readonly DiskFault[];
  /** Generation that is asked for. */
  readonly generation?: number;
}

export interface HistoryPlan {
  readonly controller: DiskController;
  readonly diskMiB: number;
  readonly ramKiB: number;
  /** The next life, given how many there were and what the disk holds. Undefined: no more. */
  next(lives: number, disk: DiskImage | undefined, kept: readonly number[]): LifePlan | undefined;
}

class Finding extends Error {
  constructor(
    readonly property: string,
    message: string,
  ) {
    super(message);
  }
}

function fail(property: string, message: string): never {
  throw new Finding(property, message);
}

/** Lives a history through. */
export function liveThrough(kernel: Pick<KernelImage, 'elf'>, seed: number, plan: HistoryPlan): Caught | undefined {
  try {
    new History(kernel, plan, randomStream(seed, 'history survivors')).run();
    return undefined;
  } catch (error) {
    if (error instanceof Finding) return caught(error.property, error.message);
    throw error;
  }
}

class History {
  private medium: DurableMedium | undefined;
  private truths: Truths = new Map();
  private committed = 0;
  private demarcated = 0;
  /** What a fault may have damaged is not the kernel's doing. */
  private harmed = false;

  constructor(
    private readonly kernel: Pick<KernelImage, 'elf'>,
    private readonly plan: HistoryPlan,
    private readonly random: RandomStream,
  ) {}

  run(): void {
    for (let lives = 0; ; lives++) {
      const contents = this.medium === undefined ? undefined : readDisk(blocksOf(this.medium));
      const image = this.medium === undefined ? undefined : imageOf(blocksOf(this.medium));
      const life = this.plan.next(lives, image, contents?.generations.map(({ generation }) => generation) ?? []);
      if (life === undefined) return;
      this.live(life);
    }
  }

  private live({ words, commits, plus = 0, faults, generation }: LifePlan): void {
    const { plan } = this;
    const asked = generation === undefined ? '' : ` generation=${generation}`;
    const before = this.medium === undefined ? undefined : readDisk(blocksOf(this.medium), { generation });
    const subject = Subject.powerOn(
      {
        elf: this.kernel.elf,
        controller: plan.controller,
        words: `${words}${asked}`,
        ramBytes: plan.ramKiB * 1024,
        ...(this.medium === undefined ? { diskSectors: plan.diskMiB * MIB_SECTORS } : { medium: this.medium }),
      },
      this.truths,
    );
    const rule = new BlockRule();
    let overwritten: string | undefined;
    let early = false;
    subject.onDisk = ({ kind, lba }) => {
      if (kind !== 'write') return;
      if (subject.recovered === undefined) early = true;
      const block = rule.violated(lba);
      if (block === undefined || (this.harmed && isSuperblockSector(lba))) return;
      overwritten ??= `sector ${lba} was written: block ${block} belongs to a committed generation`;
    };
    if (before !== undefined && before.newest !== undefined) {
      const image = imageOf(blocksOf(this.medium as DurableMedium), { generation });
      rule.protect(image.keptBlocks);
    }
    const look = (): void => {
      const wrong = subject.takeWrongPages();
      if (wrong.length > 0) fail('P2', wrong[0]);
      if (overwritten !== undefined) fail('P5', overwritten);
    };
    let counted = before === undefined || before.newest === undefined;
    let done = 0;
    for (;;) {
      const isLast = commits > 0 && done >= commits;
      const bound = isLast ? plus : commits === 0 ? END_CYCLES : COMMIT_CYCLES;
      const until = subject.machine.cycles + bound;
      const stop = subject.runUntil(({ kind }) => kind === 'commit' || kind === 'recovered', until);
      if (subject.panic !== undefined) fail(subject.panic.startsWith(WRONG) ? 'P2' : 'P14', subject.panic);
      look();
      if (stop.kind === 'exit') {
        if (!Subject.passed(stop)) fail('P14', `the self-test ended with status ${stop.status}`);
        break;
      }
      if (isLast && stop.kind === 'cycle') break;
      if (stop.kind !== 'requested') fail('P14', `no commit in ${bound} cycles after generation ${subject.committed}: ${stop.kind}`);
      if (subject.committed === 0 || subject.committed === this.committed) {
        if (subject.recovered !== undefined && subject.committed === 0) this.judgeRecovery(subject, before, early);
        continue;
      }
      done++;
      this.committed = subject.committed;
      this.demarcated = Math.max(this.demarcated, ...subject.truths.keys());
      rule.protect(this.judgeCommit(subject).keptBlocks);
      if (!counted && before !== undefined) {
        counted = true;
        const said = /free blocks (\d+)/.exec(subject.log);
        const free = before.blocks - blockLedger(before).allocated;
        if (said !== null && !this.harmed && Number(said[1]) !== free)
          fail('P7', `${said[1]} blocks are free by the kernel's count, ${free} by the disk's`);
      }
      if (done === 1 && faults !== undefined) {
        for (const fault of faults(imageOf(blocksOf(subject.medium)), subject.machine.cycles)) {
          this.harmed = true;
          subject.machine.addDiskFault(fault);
        }
      }
    }
    this.judgeLog(subject);
    this.demarcated = Math.max(this.demarcated, ...subject.truths.keys());
    this.cut(subject);
  }

  private judgeRecovery(subject: Subject, before: ReturnType<typeof readDisk> | undefined, early: boolean): void {
    const { recovery } = before ?? { recovery: { kind: 'fresh' } as const };
    const wanted = recovery.kind === 'generation' ? recovery.generation : 0;
    if (subject.recovered !== wanted)
      fail('P1', `the kernel recovered generation ${subject.recovered}; by the disk format it is generation ${wanted}`);
    if (wanted > 0 && early) fail('P10', 'the disk was written before recovery was announced');
    this.committed = wanted;
  }

  private judgeCommit(subject: Subject): DiskImage {
    const image = imageOf(blocksOf(subject.medium));
    const { committed } = subject;
    if (image.newest?.generation !== committed)
      fail('P4', `generation ${committed} was committed; by the disk format it is generation ${image.newest?.generation ?? 0}`);
    if (image.superblockCopies !== 2 && !this.harmed)
      fail('P8', `generation ${committed} was committed with ${image.superblockCopies} of 2 superblock copies`);
    this.judgeKept(image);
    return image;
  }

  private judgeKept(image: DiskImage): void {
    if (image.damaged.length > 0 && !this.harmed) fail('P5', image.damaged[0].text);
    if (image.usedTwice.length > 0) fail('P6', image.usedTwice[0]);
  }

  /** Of a self-test that ran to its end, or was cut: no page may be lost that has a good copy. */
  private judgeLog({ log }: Subject): void {
    const lost = /pressure: (?:threads|pages) lost ([1-9]\d*)/.exec(log);
    if (lost !== null) fail('P12', `${lost[0]}, of a disk on which no page was lost`);
  }

  private cut(subject: Subject): void {
    const noted = [...subject.log.matchAll(/block (\d+)[^\n]*cannot be written and is not used again/g)];
    const sequences = subject.machine
      .unflushedWrites()
      .filter(() => this.random.chance(1, 2))
      .map(({ sequence }) => sequence);
    const medium = subject.machine.cutPower({ survive: { sequences } });
    subject.machine.dispose();
    const disk = readDisk(blocksOf(medium), { checkPages: true });
    const image = imageOf(blocksOf(medium));
    const found = image.newest?.generation ?? 0;
    if (found < this.committed) fail('P3', `generation ${found} is left, generation ${this.committed} had been committed`);
    if (found > this.demarcated) fail('P3', `generation ${found} is left, only ${this.demarcated} had been demarcated`);
    this.judgeKept(image);
    const truth = subject.truths.get(found);
    if (truth !== undefined && found > 0) {
      const { hashes, lost } = image.hashes(truth.pages);
      if (lost.length > 0) fail('P1', `page ${lost[0]} of generation ${found} has no good copy`);
      const pages = hashes.differences(truth);
      if (pages.length > 0) fail('P1', `page ${pages[0]} on the disk is not that of generation ${found}`);
    }
    const bad = disk.generations.flatMap(({ problems }) => problems);
    if (bad.length > 0 && !this.harmed) fail('P5', `block ${bad[0].block} of generation ${bad[0].generation}: ${bad[0].text}`);
    // What was found bad before the last commit is on its list.
    if (noted.length > 0 && disk.generations[0]?.badBlocks.length === 0)
      fail('P12', `block ${noted[0][1]} could not be written, and is not on the list`);
    this.medium = medium;
    this.truths = subject.truths;
    this.committed = found;
  }
}

const ANY_PAGES = 'persistent.mib=4 threads=3';

/** Page-out and page-in all the time, cut thrice. */
export const UNDER_PRESSURE: Scenario = {
  entry: 'pressure',
  judge: (kernel, seed) => {
    const random = randomStream(seed, 'history');
    const controller = random.pick(['ide', 'virtio'] as const);
    const lives = [0, 1, 2].map(() => ({
      words: `${ANY_PAGES} pages=${random.pick([420, 450, 600])} snapshot.interval=${random.pick([5, 10, 20])} rounds=1000000`,
      commits: 2 + random.below(4),
      plus: random.below(3_000_000),
    }));
    const next = (n: number): LifePlan | undefined =>
      n < 3 ? lives[n] : n === 3 ? { words: `${ANY_PAGES} pages=600 rounds=20`, commits: 0 } : undefined;
    return liveThrough(kernel, seed, { controller, diskMiB: 16, ramKiB: 3584, next });
  },
};

/** A disk that has hardly more room than its generations take: what is freed is used at once. */
export const SMALL_DISK: Scenario = {
  entry: 'pressure',
  judge: (kernel, seed) => {
    const random = randomStream(seed, 'history');
    const words = `persistent.mib=4 threads=3 pages=${random.pick([250, 300, 350])} snapshot.interval=5 rounds=1000000`;
    const lives = [0, 1].map(() => ({ words, commits: 12 + random.below(8), plus: random.below(2_000_000) }));
    const next = (n: number): LifePlan | undefined =>
      n < 2 ? lives[n] : n === 2 ? { words: `${ANY_PAGES} pages=350 rounds=20`, commits: 0 } : undefined;
    return liveThrough(kernel, seed, { controller: 'ide', diskMiB: 8, ramKiB: 3584, next });
  },
};
