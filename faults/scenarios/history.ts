/**
 * Histories of the persistent memory on the machine: `selftest/pressure.ts` over several lives, its power cut, on disks that are small, old,
 * full of generations or failing.
 *
 * The rule: what memory must be comes from the MMU (`matrix-subject.ts`), what the disk holds from the independent reader, and both are compared at
 * every commit and after every cut. What the self-test notices by itself (a page that is not what it wrote) counts as point in time, P2.
 */
import type { DiskController, DiskFault, DurableMedium } from '../../hardware-sim/index.js';
import type { KernelImage } from '../../impl/image/index.js';
import { blockLedger, type DiskContents, readDisk, SUPERBLOCK_BLOCKS } from '../../model/disk-reader.js';
import { BlockRule, SECTORS_PER_BLOCK } from '../block-rule.js';
import { blocksOf, type DiskImage, imageOf, isSuperblockSector } from '../disk-image.js';
import { Subject, type Truths } from '../matrix-subject.js';
import type { Probe } from '../probe.js';
import { type RandomStream, randomStream } from '../random.js';
import { type Caught, caught, type Scenario } from './scenario.js';

const MIB_SECTORS = 2048;
/** Within which a generation is awaited of which something holds. */
const COMMITS_MAX = 250;
/** Within which a commit must come, whatever the disk does meanwhile. */
const COMMIT_CYCLES = 600_000_000;
/** Ticks come 250 times a second. */
const TICK_CYCLES = 66_000_000 / 250;
const END_CYCLES = 6_000_000_000;
/** The page whose contents are not what was written last. */
const WRONG = 'pressure: wrong contents';

export interface LifePlan {
  readonly words: string;
  /**
   * The power goes after so many commits, or after the first that leaves a disk of which this holds, and so many cycles more; `end`: the self-test
   * runs to its end; `panic`: it must panic.
   */
  readonly commits: number | 'end' | 'panic' | ((disk: DiskContents) => boolean);
  readonly plus?: number;
  /** Commits before that one are not looked at: they only lead to what is. */
  readonly judgedFrom?: number;
  /** It goes after that in the middle of the next commit: of its superblocks the sectors that count stay, and nothing else that is unflushed. */
  readonly torn?: boolean;
  /** Done to the disk while the power is off; what it says is wrong of that disk is no finding. */
  readonly alter?: (medium: DurableMedium) => void;
  /** What is at stake in this life, whatever is seen. */
  readonly property?: string;
  /** What the disk does wrong, from the first commit on. */
  readonly faults?: (blocks: number) => readonly DiskFault[];
  /** Generation that is asked for. */
  readonly generation?: number;
}

export interface HistoryPlan {
  readonly controller: DiskController;
  readonly diskMiB: number;
  readonly ramKiB: number;
  /** Nothing unflushed stays when the power goes; otherwise any half does. */
  readonly forgetful?: boolean;
  /** All pages find room in memory, so that nothing but generations takes blocks. */
  readonly resident?: boolean;
  /** The next life, given how many there were and the generations on the disk, newest first. Undefined: no more. */
  next(lives: number, kept: readonly number[]): LifePlan | undefined;
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

/** What the kernel does to the disk: P5, and that nothing is written before recovery is announced. */
class DiskWatch {
  private readonly rule = new BlockRule();
  overwritten: string | undefined;
  wroteEarly = false;
  /** A superblock has been written since the last commit. */
  private isReplaced = false;

  constructor(subject: Subject, isHarmed: () => boolean) {
    subject.onDisk = ({ kind, lba }) => {
      if (kind !== 'write') return;
      if (subject.recovered === undefined) this.wroteEarly = true;
      const block = this.rule.violated(lba);
      if (SUPERBLOCK_BLOCKS.includes(Math.floor(lba / SECTORS_PER_BLOCK))) {
        // Where the place of a copy cannot be written a place of the other pair takes it (format.ts, rule 2), and a full disk lets
        // generations go by a superblock of its own, after which the other pair is in force.
        if (block === undefined && isSuperblockSector(lba)) this.isReplaced = true;
        if (isHarmed() || this.isReplaced) return;
      }
      if (block === undefined) return;
      this.overwritten ??= `sector ${lba} was written: block ${block} belongs to a committed generation`;
    };
  }

  /** From now on these blocks may not be written. */
  protect(blocks: ReadonlySet<number>): void {
    this.rule.protect(blocks);
    this.isReplaced = false;
  }
}

/** P14, the disk is not the snapshots' alone: after one of them comes a rest of a quarter of its time. */
class RestWatch {
  complaint: string | undefined;
  private demarcated = 0;
  private committed = 0;

  announced(kind: Probe['kind'], cycle: number): void {
    if (kind === 'demarcation') {
      const took = this.committed - this.demarcated;
      const rested = cycle - this.committed;
      if (this.committed > 0 && rested < took / 4 - 2 * TICK_CYCLES)
        this.complaint ??= `a snapshot of ${took} cycles was followed by the next one after ${rested}`;
      this.demarcated = cycle;
      this.committed = 0;
    }
    if (kind === 'commit') this.committed = cycle;
  }
}

class History {
  private medium: DurableMedium | undefined;
  private truths: Truths = new Map();
  private committed = 0;
  private demarcated = 0;
  /** What a fault may have damaged is not the kernel's doing. */
  private harmed = false;
  /** Somebody else wrote to the disk. */
  private isAltered = false;

  constructor(
    private readonly kernel: Pick<KernelImage, 'elf'>,
    private readonly plan: HistoryPlan,
    private readonly random: RandomStream,
  ) {}

  run(): void {
    for (let lives = 0; ; lives++) {
      const disk = this.medium && readDisk(blocksOf(this.medium));
      const life = this.plan.next(lives, disk?.generations.map(({ generation }) => generation) ?? []);
      if (life === undefined) return;
      try {
        this.live(life);
      } catch (error) {
        if (!(error instanceof Finding) || life.property === undefined) throw error;
        fail(life.property, error.message);
      }
    }
  }

  private live(life: LifePlan): void {
    const { plan } = this;
    if (life.alter !== undefined && this.medium !== undefined) {
      life.alter(this.medium);
      this.harmed = true;
      this.isAltered = true;
    }
    const choice = { generation: life.generation };
    const before = this.medium && readDisk(blocksOf(this.medium), choice);
    const asked = life.generation === undefined ? '' : ` generation=${life.generation}`;
    const subject = Subject.powerOn(
      {
        elf: this.kernel.elf,
        controller: plan.controller,
        words: `${life.words}${asked}`,
        ramBytes: plan.ramKiB * 1024,
        ...(this.medium === undefined ? { diskSectors: plan.diskMiB * MIB_SECTORS } : { medium: this.medium }),
      },
      this.truths,
    );
    const watch = new DiskWatch(subject, () => this.harmed);
    if (this.medium !== undefined) watch.protect(imageOf(blocksOf(this.medium), choice).keptBlocks);
    const rest = new RestWatch();
    let done = 0;
    let isLast = life.commits === 0;
    for (;;) {
      const isCounted = typeof life.commits !== 'string';
      const bound = isLast ? (life.plus ?? 0) : isCounted ? COMMIT_CYCLES : END_CYCLES;
      const stop = subject.runUntil((probe) => {
        rest.announced(probe.kind, subject.machine.cycles);
        return probe.kind === 'commit' || probe.kind === 'recovered';
      }, subject.machine.cycles + bound);
      const wasRefused = before?.recovery.kind === 'refused' && subject.recovered === undefined;
      if (subject.panic !== undefined && wasRefused) {
        this.judgeRefusal(subject, watch.wroteEarly);
        return;
      }
      if (subject.panic !== undefined && life.commits === 'panic') break;
      // What it had counted wrong before is why it panics.
      if (subject.panic !== undefined) this.judgeLog(subject, before);
      if (subject.panic !== undefined) fail(subject.panic.startsWith(WRONG) ? 'P2' : 'P14', subject.panic);
      const wrong = subject.takeWrongPages();
      if (wrong.length > 0) fail('P2', wrong[0]);
      if (watch.overwritten !== undefined) fail('P5', watch.overwritten);
      if (rest.complaint !== undefined && !this.harmed) fail('P14', rest.complaint);
      if (stop.kind === 'exit' && Subject.passed(stop)) break;
      if (isLast && stop.kind === 'cycle') break;
      if (stop.kind !== 'requested') fail('P14', `no commit after generation ${subject.committed}: ${stop.kind}`);
      if (subject.committed === 0) {
        this.judgeRecovery(subject, before, watch.wroteEarly);
        continue;
      }
      done++;
      this.committed = subject.committed;
      if (done < (life.judgedFrom ?? 0)) {
        watch.protect(new Set());
        continue;
      }
      const { disk, image } = this.judgeCommit(subject);
      watch.protect(image.keptBlocks);
      isLast = isCounted && (life.commits === done || (typeof life.commits === 'function' && life.commits(disk)));
      if (typeof life.commits === 'function' && !isLast && done === COMMITS_MAX)
        fail('P14', `${done} generations were committed, and none of them is what was waited for`);
      if (done > 1 || life.faults === undefined) continue;
      this.harmed = true;
      for (const fault of life.faults(blocksOf(subject.medium).blocks)) subject.machine.addDiskFault(fault);
    }
    this.judgeLog(subject, before);
    if (life.torn === true) this.intoCommit(subject);
    this.demarcated = Math.max(this.demarcated, ...subject.truths.keys());
    this.cut(subject, life.torn === true);
  }

  /** Goes on to where both superblocks of the next commit are in the drive's cache. */
  private intoCommit(subject: Subject): void {
    let copies = 0;
    const written = subject.runUntilDisk(
      ({ kind, lba }) => kind === 'write' && isSuperblockSector(lba - SECTORS_PER_BLOCK + 1) && ++copies === 2,
      subject.machine.cycles + COMMIT_CYCLES,
    );
    if (written === undefined) fail('P14', `no superblocks were written after generation ${subject.committed}`);
  }

  private judgeRecovery(subject: Subject, before: DiskContents | undefined, early: boolean): void {
    const { recovery } = before ?? { recovery: { kind: 'fresh' } as const };
    const wanted = recovery.kind === 'generation' ? recovery.generation : 0;
    if (subject.recovered !== wanted)
      fail('P1', `the kernel recovered generation ${subject.recovered}; by the disk format it is generation ${wanted}`);
    if (wanted > 0 && early) fail('P10', 'the disk was written before recovery was announced');
    this.committed = wanted;
  }

  /** A disk that is not recovered from stays as it is. */
  private judgeRefusal({ machine, medium }: Subject, wrote: boolean): void {
    if (wrote) fail('P21', 'the disk was refused, and written to');
    this.medium = medium.fork();
    machine.dispose();
  }

  private judgeCommit(subject: Subject): { readonly disk: DiskContents; readonly image: DiskImage } {
    const source = blocksOf(subject.medium);
    const image = imageOf(source);
    const disk = readDisk(source);
    const { committed } = subject;
    if (image.newest?.generation !== committed)
      fail(
        'P4',
        `generation ${committed} was committed; by the disk format it is generation ${image.newest?.generation ?? 0}`,
      );
    if (image.superblockCopies !== 2 && !this.harmed)
      fail('P8', `generation ${committed} was committed with ${image.superblockCopies} of 2 superblock copies`);
    this.judgeKept(image);
    // A block that cannot be written may be the only copy of a page.
    const lost = this.harmed && !this.isAltered ? image.hashes(image.pages).lost : [];
    if (lost.length > 0) fail('P12', `page ${lost[0]} of generation ${committed} is not on the disk`);
    const [{ freeBlocks = 0 } = {}] = disk.generations;
    const free = disk.blocks - blockLedger(disk).allocated;
    if (this.plan.resident === true && freeBlocks !== free)
      fail(
        'P7',
        `${freeBlocks} blocks are free by the record of generation ${committed}, ${free} by the disk's ledger`,
      );
    return { disk, image };
  }

  private judgeKept(image: DiskImage): void {
    if (image.damaged.length > 0 && !this.harmed) fail('P5', image.damaged[0].text);
    if (image.usedTwice.length > 0) fail('P6', image.usedTwice[0]);
    if (image.leaked.length > 0) fail('P7', image.leaked[0]);
  }

  /** No page may be lost that has a good copy; what the kernel counts as free is what no generation on the disk uses. */
  private judgeLog({ log, recovered }: Subject, before: DiskContents | undefined): void {
    const lost = /pressure: (?:threads|pages) lost [1-9]\d*/.exec(log);
    if (lost !== null && !this.harmed) fail('P12', `${lost[0]}, of a disk on which no page was lost`);
    if (this.isAltered) return;
    const said = /free blocks (\d+)/.exec(log);
    // In too little memory it does not find out what older generations use, says so, and lets them go.
    if (said === null || before === undefined || before.generations.length < 2 || log.includes('no longer kept'))
      return;
    // What the recovered generation does not list as bad, a newer one does, is free until it is written to.
    const { users, allocated } = blockLedger(before);
    const { badBlocks = [] } = before.generations.find(({ generation }) => generation === recovered) ?? {};
    const unlisted = [...users].filter(([block, use]) => use === 'bad block' && !badBlocks.includes(block));
    const free = before.blocks - allocated + unlisted.length;
    if (Number(said[1]) !== free)
      fail('P7', `${said[1]} blocks are free by the kernel's count, ${free} by the disk's, at generation ${recovered}`);
  }

  private cut(subject: Subject, torn: boolean): void {
    const noted = [...subject.log.matchAll(/block (\d+)[^\n]*cannot be written and is not used again/g)];
    const sequences = subject.machine
      .unflushedWrites()
      .filter(({ lba }) => (torn ? isSuperblockSector(lba) : this.plan.forgetful !== true && this.random.chance(1, 2)))
      .map(({ sequence }) => sequence);
    const medium = subject.machine.cutPower({ survive: { sequences } });
    subject.machine.dispose();
    const disk = readDisk(blocksOf(medium), { checkPages: true });
    const image = imageOf(blocksOf(medium));
    const found = image.newest?.generation ?? 0;
    // What was panicked of too often is passed over.
    if (found < this.committed && disk.panics === undefined)
      fail('P3', `generation ${found} is left, generation ${this.committed} had been committed`);
    if (found > this.demarcated) fail('P3', `generation ${found} is left, only ${this.demarcated} had been demarcated`);
    this.judgeKept(image);
    const truth = subject.truths.get(found);
    if (truth !== undefined && found > 0) {
      const { hashes, lost } = image.hashes(truth.pages);
      if (lost.length > 0 && !this.isAltered) fail('P1', `page ${lost[0]} of generation ${found} has no good copy`);
      const [newest] = disk.generations;
      // Where a leaf is lost it is not known which pages there are.
      const isKnown = (page: number): boolean =>
        !lost.includes(page) && (!newest.isIndexLost || newest.pages.has(page));
      const pages = hashes.differences(truth).filter(isKnown);
      if (pages.length > 0) fail('P1', `page ${pages[0]} on the disk is not that of generation ${found}`);
    }
    const bad = disk.generations.flatMap(({ problems }) => problems);
    if (bad.length > 0 && !this.harmed)
      fail('P5', `block ${bad[0].block} of generation ${bad[0].generation}: ${bad[0].text}`);
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
      n < 3 ? lives[n] : n === 3 ? { words: `${ANY_PAGES} pages=600 rounds=20`, commits: 'end' } : undefined;
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
      n < 2 ? lives[n] : n === 2 ? { words: `${ANY_PAGES} pages=350 rounds=20`, commits: 'end' } : undefined;
    return liveThrough(kernel, seed, { controller: 'ide', diskMiB: 8, ramKiB: 3584, next });
  },
};
