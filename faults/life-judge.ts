/**
 * The judge of one life: holds what was observed (`life.ts`) against the evidence of the run, and enters in its ledger what was checked, at stake and
 * failed.
 *
 * The rule: the judge sees what is told it and the disk's images, nothing of the machine, and knows no future. What was done to the disk excuses
 * what it must (`atlas.ts`).
 */
import { SUPERBLOCK_BLOCKS } from '../model/disk-reader.js';
import type { PageDifference } from '../reports/campaign.js';
import type { RunEvent } from '../reports/schema.js';
import { BlockRule } from './block-rule.js';
import type { DiskImage } from './disk-image.js';
import type { Captured, Evidence } from './evidence.js';
import { bootsOf, hasObjects } from './memory-audit.js';
import { PageHashes } from './page-hash.js';
import type { PersistentWatch } from './persistent-watch.js';
import type { Place, PropertyId } from './properties.js';

/** What the system of this life has to be measured by. */
export type Past =
  /** A new disk: there is nothing to recover. */
  | { readonly kind: 'new' }
  /** The disk of a system this bed has not seen: its own content is the measure. */
  | { readonly kind: 'unknown'; readonly image: DiskImage }
  /** A power cut that this bed made: the evidence is the measure. */
  | { readonly kind: 'cut'; readonly image: DiskImage; readonly tornSuperblock: boolean }
  /** The machine was started again with the power on: the drive has lost nothing. */
  | { readonly kind: 'restart'; readonly image: DiskImage };

/** What the independent reader finds of a generation, and the pages of which it finds no good copy. */
type Found = Captured & { readonly lost: readonly number[] };

/** Valid copies of the newest superblock that an announced commit has: one of them may rot. */
const COMMITTED_COPIES = 2;

/** What the judge asks of the life it judges. */
export interface JudgedLife {
  readonly place: Place;
  record(event: Omit<RunEvent, 'boot' | 'cycle'>): void;
}

/** Who wants to see each page that differs. */
export interface DifferenceObserver {
  /** A page of persistent memory, in RAM or on the disk, does not hold what it must. */
  pageDiffers?(difference: PageDifference): void;
}

export class LifeJudge {
  /** Pages of persistent memory; 0 before the kernel has said it. */
  pages = 0;
  private blockRule = new BlockRule();
  /** Boots that the recovered memory counts; undefined: nothing to count from, or already judged. */
  private bootsRecovered: number | undefined;

  constructor(
    private readonly life: JudgedLife,
    private readonly past: Past,
    private readonly evidence: Evidence,
    private readonly observer: DifferenceObserver,
  ) {
    if (past.kind !== 'new') this.blockRule.protect(past.image.keptBlocks);
  }

  /** The same judge for a fork of the life. */
  fork(life: JudgedLife, evidence: Evidence, observer: DifferenceObserver): LifeJudge {
    const copy = new LifeJudge(life, this.past, evidence, observer);
    copy.pages = this.pages;
    copy.blockRule = this.blockRule.fork();
    copy.bootsRecovered = this.bootsRecovered;
    return copy;
  }

  /** A property does not hold, unless what was done to the disk excuses it (`atlas.ts`). */
  fail(id: PropertyId, message: string, pages: readonly number[] = []): void {
    if (!this.evidence.atlas.excuses(id)) this.evidence.ledger.fail(id, this.life.place, message, pages);
  }

  /** A property does not hold, whatever was done to the disk. */
  failAlways(id: PropertyId, message: string, pages: readonly number[] = []): void {
    this.evidence.ledger.fail(id, this.life.place, message, pages);
  }

  /** P5: a sector was written. */
  write(lba: number): void {
    if (this.blockRule.protects === 0) return;
    const { ledger, atlas } = this.evidence;
    ledger.checked('P5');
    ledger.witness('P5');
    const block = this.blockRule.violated(lba);
    // Where the place of a copy cannot be written a place of the other pair takes it (format.ts, rule 2).
    const moved = block !== undefined && atlas.isHarmed && SUPERBLOCK_BLOCKS.includes(block);
    if (block !== undefined && !moved) {
      this.fail('P5', `sector ${lba} was written: block ${block} belongs to a committed generation`);
    }
  }

  /** The kernel has said what it recovered. That generation as it must be, which is from now on the newest there was; the digest of what is there. */
  recovery(generation: number, position: number): { readonly truth: Captured; readonly digest: string } {
    const { evidence, past } = this;
    const image = past.kind === 'new' ? undefined : this.asRead(past.image, generation);
    const found = image && this.image(image, generation);
    if (image !== undefined && found !== undefined && found.lost.length === 0) {
      this.memory(image, found.digest);
      const memory = image.memory();
      if (memory !== undefined && hasObjects(memory)) this.bootsRecovered = bootsOf(memory);
    }
    const truth = this.truthOf(generation, found);
    if (past.kind === 'cut' || past.kind === 'restart') this.againstEnd(past, generation, position, found, truth);
    else if (past.kind === 'unknown') evidence.console.begin(position);
    else if (generation !== 0) this.fail('P3', `generation ${generation} was recovered from a new disk`);
    evidence.rollBack(generation);
    evidence.remember(truth);
    return { truth, digest: (found ?? truth).digest };
  }

  /** The disk as the drive reads it: what it reads wrong may be bad or not, and the generation that comes up says which. */
  private asRead(image: DiskImage, generation: number): DiskImage {
    const { misread } = this.evidence.atlas;
    if (misread.size === 0 || image.newest?.generation === generation) return image;
    const read = image.without(misread);
    return read.newest?.generation === generation ? read : image;
  }

  /** What the disk held when the power came on, as the independent reader sees it; undefined when it held no generation. */
  private image(image: DiskImage, generation: number): Found | undefined {
    const { ledger } = this.evidence;
    const { decayed } = this.evidence;
    if (this.past.kind === 'unknown') for (const { text } of image.damaged) this.noteDecay(text);
    ledger.checked('P1');
    const newest = image.newest?.generation ?? 0;
    if (newest !== generation) {
      this.fail('P1', `the kernel recovered generation ${generation}; by the disk format it is generation ${newest}`);
    }
    if (image.refused !== undefined) this.fail('P1', `the disk cannot be recovered from: ${image.refused}`);
    this.kept(image);
    if (image.newest === undefined || newest !== generation) return undefined;
    const { hashes, lost } = image.hashes(this.pages);
    if (this.past.kind === 'unknown') {
      for (const page of lost) this.noteDecay(`page ${page} of generation ${generation} has no good copy`, page);
    }
    const missing = lost.filter((page) => !decayed.pages.has(page));
    if (missing.length > 0) {
      const expected = this.evidence.recall(generation)?.hashes;
      for (const page of missing) {
        this.observer.pageDiffers?.({ page, expected: expected?.text(page) ?? null, found: null });
      }
      this.fail('P1', `${missing.length} pages of generation ${generation} have no good copy`, missing);
    }
    return { ...capture(generation, hashes, image.newest.consolePosition), lost };
  }

  /** Both copies of what is stored twice are good in all kept generations, and no block is used for two things. */
  private kept(image: DiskImage): void {
    const { ledger, decayed, atlas } = this.evidence;
    ledger.checked('P5');
    const damaged = image.damaged.filter(({ block }) => !atlas.excusesBlock(block));
    for (const { text } of damaged) if (!decayed.copies.has(text)) this.fail('P5', text);
    // What a list or a leaf says that cannot be read is not known.
    if (atlas.isHarmed && image.damaged.length > 0) return;
    ledger.checked('P6');
    ledger.witness('P6');
    for (const problem of image.usedTwice) this.fail('P6', problem);
    ledger.checked('P7');
    if (image.lists > 0) ledger.witness('P7');
    for (const problem of image.leaked) this.fail('P7', problem);
  }

  /** The disk was so before this bed had it: no failure of the system, which throws `object lost` to who needs the page. */
  private noteDecay(detail: string, page?: number): void {
    const { decayed } = this.evidence;
    if (page === undefined) decayed.copies.add(detail);
    else decayed.pages.add(page);
    this.life.record({ kind: 'decayed', detail });
  }

  /** The generation as it was captured; what the disk holds, where this bed did not see the capture. */
  private truthOf(generation: number, found: Captured | undefined): Captured {
    const known = generation === 0 ? capture(0, PageHashes.zero(this.pages), 0) : this.evidence.recall(generation);
    const truth = known ?? found;
    if (truth !== undefined) return truth;
    this.fail('P1', `generation ${generation} was never captured and is not on the disk`);
    return capture(generation, PageHashes.zero(this.pages), 0);
  }

  private againstEnd(
    past: Extract<Past, { kind: 'cut' | 'restart' }>,
    generation: number,
    position: number,
    found: Found | undefined,
    truth: Captured,
  ): void {
    const { evidence } = this;
    const { ledger, committed, demarcated, atlas } = evidence;
    ledger.checked('P3');
    if (committed > 0) ledger.witness('P3');
    if (generation < committed) {
      this.fail(
        'P3',
        `generation ${generation} was recovered, but generation ${committed} had been announced as committed`,
      );
    }
    if (generation > demarcated) {
      this.failAlways('P3', `generation ${generation} was recovered, but only ${demarcated} had been demarcated`);
    }
    ledger.witness('P1');
    if (found !== undefined) {
      const lost = new Set(atlas.isBeyond ? found.lost : []);
      const pages = found.hashes.differences(truth.hashes).filter((page) => !lost.has(page));
      ledger.checked('P1', this.pages);
      if (pages.length > 0) {
        for (const page of pages) {
          const [expected, present] = [truth.hashes.text(page), found.hashes.text(page)];
          this.observer.pageDiffers?.({ page, expected, found: present });
        }
        this.failAlways('P1', `${pages.length} pages on the disk are not those of generation ${generation}`, pages);
      }
    }
    ledger.checked('P2');
    if (position !== truth.consolePosition) {
      this.fail('P2', `console position ${position} was recovered, ${truth.consolePosition} was captured`);
    }
    evidence.console.recovered(position);
    ledger.checked('P19');
    if (past.kind === 'restart') return;
    const held = generation >= committed && generation <= demarcated;
    const judge = (id: PropertyId, applies: boolean, witnessed: boolean): void => {
      if (!applies) return;
      ledger.checked(id);
      if (witnessed) ledger.witness(id);
      if (!held) this.fail(id, `generation ${generation} came up; expected ${committed} to ${demarcated}`);
    };
    const cut = evidence.cuts[evidence.cuts.length - 1];
    judge('P4', cut.survived < cut.unflushed, committed > 0);
    judge('P8', past.tornSuperblock, true);
    judge('P10', cut.duringRecovery, true);
    for (let i = evidence.cuts.length - 1; i >= 0 && evidence.cuts[i].recovered === null; i--) {
      evidence.cuts[i] = { ...evidence.cuts[i], recovered: generation };
    }
  }

  /** A generation is demarcated; the evidence does not know it yet. */
  demarcation(generation: number, position: number): void {
    const { console, demarcated, ledger } = this.evidence;
    if (generation <= demarcated) {
      this.fail('P3', `generation ${generation} was demarcated after generation ${demarcated}`);
    }
    ledger.checked('P19');
    if (position < console.position) {
      this.fail('P19', `the captured console position is ${position}, but the world saw ${console.position} bytes`);
    }
  }

  /** A commit was announced; `read` reads the disk, if what was committed was demarcated. */
  commit(generation: number, read: () => DiskImage): void {
    const { evidence } = this;
    const captured = evidence.recall(generation);
    if (captured === undefined || generation > evidence.demarcated) {
      this.fail('P3', `generation ${generation} was committed without having been demarcated`);
      return;
    }
    evidence.committed = generation;
    evidence.ledger.checked('P19');
    evidence.console.committed(generation, captured.consolePosition);
    this.output();
    const image = read();
    this.blockRule.protect(image.keptBlocks);
    this.committed(image, generation);
    this.kept(image);
    this.boots(image);
  }

  /** P18: what a boot that has recovered commits first counts one boot more than what it recovered. */
  private boots(image: DiskImage): void {
    const { bootsRecovered } = this;
    this.bootsRecovered = undefined;
    const memory = bootsRecovered === undefined ? undefined : image.memory();
    if (bootsRecovered === undefined || memory === undefined) return;
    const boots = bootsOf(memory);
    this.evidence.ledger.checked('P18');
    this.evidence.ledger.witness('P18');
    if (boots === bootsRecovered + 1) return;
    this.fail('P18', `${boots} boots are counted in what this boot commits, ${bootsRecovered} in what it recovered`);
  }

  /** The disk at an announced commit: that generation is the one to recover, and two superblock copies say so. */
  private committed(image: DiskImage, generation: number): void {
    const { ledger, atlas } = this.evidence;
    ledger.checked('P4');
    const newest = image.newest?.generation ?? 0;
    if (newest !== generation) {
      this.fail('P4', `generation ${generation} was committed; by the disk format it is generation ${newest}`);
    }
    ledger.checked('P8');
    const copies = image.superblockCopies;
    if (copies !== COMMITTED_COPIES && !SUPERBLOCK_BLOCKS.some((block) => atlas.excusesBlock(block))) {
      this.fail('P8', `generation ${generation} was committed with ${copies} of ${COMMITTED_COPIES} superblock copies`);
    }
  }

  /**
   * What the objects of a generation come to, of which no page is lost: P17, P18 and, where guests of the plan were loaded, P23; and that nobody
   * waits for what is free (P15).
   */
  private memory(image: DiskImage, digest: string): void {
    const { evidence } = this;
    const memory = evidence.atlas.isBeyond ? undefined : image.memory();
    if (memory === undefined) return;
    const audit = evidence.audit(digest, () => memory);
    if (!audit.hasBegun) return;
    const judge = (id: PropertyId, isWitness: boolean, problems: readonly string[]): void => {
      evidence.ledger.checked(id);
      if (isWitness) evidence.ledger.witness(id);
      const [first] = problems;
      if (first === undefined) return;
      this.fail(
        id,
        `generation ${image.newest?.generation}: ${first}${problems.length > 1 ? `, and ${problems.length - 1} more` : ''}`,
      );
    };
    judge('P15', audit.waiting > 0, audit.stuck);
    judge('P17', audit.wasCollected, audit.problems);
    judge('P18', true, audit.kernelAddresses);
    if (audit.guests.length > 0) judge('P23', true, audit.problems);
  }

  /** The same of the newest generation on the disk. */
  newestMemory(image: DiskImage): void {
    const { hashes, lost } = image.hashes(this.pages);
    if (image.newest === undefined || lost.length > 0) return;
    this.memory(image, capture(image.newest.generation, hashes, image.newest.consolePosition).digest);
  }

  /** P2: pages that were mapped since the last time. */
  mapped(watch: PersistentWatch): void {
    const { evidence } = this;
    const problems = watch.takeProblems();
    const compared = watch.takeCompared();
    evidence.ledger.checked('P2', compared);
    if (this.past.kind !== 'new') evidence.ledger.witness('P2', compared);
    for (const problem of problems) {
      const { page, expected, found } = problem;
      if (expected !== null || found !== null) this.observer.pageDiffers?.({ page, expected, found });
      this.fail('P2', problem.message, [page]);
    }
  }

  /** P19: what was printed since the last time. */
  output(): void {
    const { console, ledger } = this.evidence;
    const lines = console.takeJudged();
    ledger.checked('P19', lines);
    if (this.past.kind === 'cut' || this.past.kind === 'restart') ledger.witness('P19', lines);
    for (const problem of console.takeProblems()) this.fail('P19', problem);
  }
}

/** A generation with the digest of all of it. */
export function capture(generation: number, hashes: PageHashes, consolePosition: number): Captured {
  return { generation, hashes, consolePosition, digest: hashes.digest(`${generation} ${consolePosition}`) };
}
