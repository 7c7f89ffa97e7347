/**
 * The fault x block-kind matrix: each fault of the disk, at each kind of block, while the block is written, at recovery, and when it is
 * needed later; what the system notices and does, and whether that is right (after the matrices of "IRON File Systems", SOSP 2005).
 *
 * Interface: `new MatrixExaminer(kernel)` once, `examine` any of `matrixQuestions()` in any order; each answer is a function of kernel and
 * question. A question whose fault does not strike has no answer. `matrixOf` makes the report.
 */
import { type DiskController, type DiskFault, type DurableMedium, SECTOR_BYTES } from '../hardware-sim/index.js';
import { buildKernel, type KernelImage } from '../impl/image/index.js';
import { blockLedger, type DiskContents, readDisk } from '../model/disk-reader.js';
import { type FaultMatrix, MATRIX_FORMAT, MATRIX_VERSION, type MatrixCell } from '../reports/matrix.js';
import { blocksOf } from './disk-image.js';
import {
  blockOf,
  type CellQuestion,
  faultsOf,
  isWitness,
  lastingFaults,
  type Strike,
  struckSector,
} from './matrix-faults.js';
import { judgeCell, type Observation } from './matrix-judge.js';
import { MATRIX_ENTRY, Subject, type Truths } from './matrix-subject.js';
import { blocksOfKind, type Course, freeBlock, type MatrixSystem, prepareSystem } from './matrix-system.js';

export { type CellQuestion, matrixQuestions } from './matrix-faults.js';

/** Reads every page, works on, commits, and ends. */
const VERIFY = 'persistent.mib=4 pages=400 threads=2 snapshot.interval=20 rounds=60';
const FULL = 'persistent.mib=8 pages=1300 threads=3 snapshot.interval=1000';
/** A disk that so many pages fill. */
const FULL_SECTORS = 2048 * 8;
const FULL_RAM = 4096 * 1024;
/** What a boot may take, with a drive that is slow or gone meanwhile. */
const BOOT_CYCLES = 2_000_000_000;
/** What the writes to a full disk may take: a quarter more than they do. */
const FULL_CYCLES = 600_000_000;
/** What two commits may take. */
const RUN_CYCLES = 600_000_000;
/** Commits that the system must still make after the generation that was struck. */
const COMMITS_AFTER = 2;
/** Faults that no drive reports when they happen. */
const UNNOTICED: readonly CellQuestion['fault'][] = ['misdirected write, not written', 'lost write', 'lying flush'];

/** The kernel that is examined; with seeded defects, for checks of the matrix itself. Needs the sources. */
export function buildMatrixKernel(defects: readonly string[] = []): Promise<KernelImage> {
  return buildKernel({ entry: MATRIX_ENTRY, defects });
}

export function matrixOf({ sha256, defects }: KernelImage, cells: readonly MatrixCell[]): FaultMatrix {
  return { format: MATRIX_FORMAT, version: MATRIX_VERSION, kernel: sha256, defects: [...defects], cells: [...cells] };
}

/** A disk after the power went, and what is known of it. */
interface Struck {
  readonly medium: DurableMedium;
  readonly truths: Truths;
  readonly faults: readonly DiskFault[];
}

export class MatrixExaminer {
  private prepared: MatrixSystem | undefined;

  /** `controller`: what the disk is connected to. */
  constructor(
    private readonly kernel: KernelImage,
    private readonly controller: DiskController = 'ide',
  ) {}

  /** Takes some seconds, the first time. */
  private get system(): MatrixSystem {
    this.prepared ??= prepareSystem(this.kernel.elf, this.controller);
    return this.prepared;
  }

  /** Undefined: the fault did not strike. */
  examine(question: CellQuestion): MatrixCell | undefined {
    const seen: Observation = {
      log: '',
      wrong: [],
      isAbandoned: false,
      expected: 0,
      recovered: 0,
      struck: 0,
      blocks: [],
      stuck: undefined,
      panic: undefined,
    };
    if (question.fault === 'full disk') this.fillDisk(seen);
    else if (question.when !== 'running') this.strikeReads(question, seen);
    else {
      const overwritten = question.fault === 'misdirected write, overwritten';
      const struck = overwritten ? this.overwrite(question, seen) : this.strikeWrites(question, seen);
      if (struck !== undefined && seen.panic === undefined && seen.stuck === undefined) this.verify(struck, seen);
    }
    return seen.struck === 0 ? undefined : judgeCell(question, seen);
  }

  /** A block of this kind is written, and the fault strikes it; then the system must commit again; then the power goes. */
  private strikeWrites(question: CellQuestion, seen: Observation): Struck | undefined {
    const { fault, kind, copies } = question;
    const course = kind === 'bad-block list' ? this.system.withBadBlock : this.system.running;
    const aim = aimAt(course, kind, copies);
    if (aim === undefined) return undefined;
    const subject = course.start.fork();
    subject.machine.run({ untilCycle: aim.cycle - 1 });
    subject.log = '';
    const strike: Strike = { ...aim, spare: freeBlock(aim.contents) };
    const faults = faultsOf(fault, strike);
    for (const one of faults) subject.machine.addDiskFault(one);
    watch(subject, question, strike, seen);
    if (fault === 'torn write') {
      // As soon as all sectors of the block are in the cache.
      subject.runUntilDisk(
        ({ kind: what, lba }) => what === 'write' && lba === struckSector(aim.blocks[0]) + 7,
        RUN_CYCLES,
      );
      return this.cut(
        subject,
        seen,
        (lba) => lba >= struckSector(aim.blocks[0]) && lba < struckSector(aim.blocks[0]) + 4,
      );
    }
    // What nobody notices is looked for in the generation that it struck.
    const wanted = aim.generation + (UNNOTICED.includes(fault) ? 0 : COMMITS_AFTER);
    const bound = subject.machine.cycles + RUN_CYCLES;
    const stop = subject.runUntil(({ kind: what }) => what === 'commit' && subject.committed >= wanted, bound);
    if (stop.kind !== 'requested') this.note(subject, seen, `no commit of generation ${wanted}: ${stop.kind}`);
    if (fault !== 'lying flush') return { ...this.cut(subject, seen, () => false), faults: lastingFaults(faults) };
    // The drive kept everything but this block: no promise covers that, but what comes up must be whole, or said not to be.
    const lost = new Set(aim.blocks.map(struckSector));
    const struck = this.cut(subject, seen, (lba) => !lost.has(lba));
    seen.expected = course.start.committed;
    return struck;
  }

  /** A write of the next generation goes astray, onto a block of the last one; the power goes before that commits. */
  private overwrite(question: CellQuestion, seen: Observation): Struck | undefined {
    const { rest, contents, next } = this.system;
    const blocks = blocksOfKind(contents, question.kind).slice(0, 1);
    const first = next.find(({ kind }) => kind === 'write');
    if (blocks.length === 0 || first === undefined) return undefined;
    const subject = rest.fork();
    const strike: Strike = { blocks, cycle: 0, spare: freeBlock(contents), written: first.lba };
    for (const one of faultsOf(question.fault, strike)) subject.machine.addDiskFault(one);
    watch(subject, question, strike, seen);
    subject.runUntilDisk(({ kind }) => kind === 'flush', subject.machine.cycles + RUN_CYCLES);
    return this.cut(subject, seen, () => false);
  }

  /** The disk at rest is struck before it is read. */
  private strikeReads(question: CellQuestion, seen: Observation): void {
    const { rest, contents } = this.system;
    const blocks = blocksOfKind(contents, question.kind).slice(0, question.copies);
    if (blocks.length < question.copies) return;
    const medium = rest.fork().machine.cutPower({ survive: 'none' });
    if (question.fault === 'sector replaced') {
      for (const block of blocks) medium.writeSector(struckSector(block), new Uint8Array(SECTOR_BYTES).fill(0xa5));
    }
    seen.expected = rest.committed;
    const boot = { elf: this.kernel.elf, controller: this.controller, words: VERIFY, medium };
    const calm = Subject.powerOn({ ...boot, medium: medium.fork() }, rest.truths);
    const late = question.when === 'page-in';
    if (late) calm.runUntil(({ kind }) => kind === 'recovered', BOOT_CYCLES);
    const from = calm.machine.cycles;
    const read = calm.runUntilDisk(({ lba }) => lba === struckSector(blocks[0]), BOOT_CYCLES);
    if (read === undefined) return;
    const subject = Subject.powerOn(boot, rest.truths);
    if (late) subject.runUntil(({ kind }) => kind === 'recovered', BOOT_CYCLES);
    const strike: Strike = { blocks, cycle: Math.max(from, read.cycle - 1), spare: freeBlock(contents) };
    for (const one of faultsOf(question.fault, strike)) subject.machine.addDiskFault(one);
    watch(subject, question, strike, seen);
    this.finish(subject, seen);
  }

  private verify({ medium, truths, faults }: Struck, seen: Observation): void {
    const boot = { elf: this.kernel.elf, controller: this.controller, words: VERIFY, medium, faults };
    this.finish(Subject.powerOn(boot, truths), seen);
  }

  /** The boot goes on to its end; it must come up, read everything, and commit. */
  private finish(subject: Subject, seen: Observation, bound = BOOT_CYCLES): void {
    const stop = subject.runUntil(() => false, bound);
    seen.recovered = subject.recovered ?? 0;
    const how = stop.kind === 'exit' ? `exit status ${stop.status}` : stop.kind;
    this.note(subject, seen, Subject.passed(stop) ? undefined : `the boot ended by ${how}`);
    if (subject.recovered === undefined) return;
    const { machine } = subject;
    const disk = readDisk(blocksOf(machine.cutPower({ survive: 'none' })), { checkPages: true });
    for (const { block, text } of blockLedger(disk).problems) seen.wrong.push(`block ${block}: ${text}`);
    for (const { block, kind, index, generation, text } of disk.generations.flatMap(({ problems }) => problems)) {
      if (seen.blocks.includes(block)) continue;
      seen.wrong.push(`block ${block}, ${kind} ${index} of generation ${generation}, was not struck: ${text}`);
    }
  }

  private fillDisk(seen: Observation): void {
    const boot = { elf: this.kernel.elf, controller: this.controller, ramBytes: FULL_RAM };
    const words = `${FULL} check=0 rounds=3000`;
    const first = Subject.powerOn({ ...boot, words, diskSectors: FULL_SECTORS });
    const stop = first.runUntil(() => false, FULL_CYCLES);
    if (!Subject.passed(stop)) this.note(first, seen, `the system on a full disk ended by ${stop.kind}`);
    const struck = this.cut(first, seen, () => true);
    const disk = readDisk(blocksOf(struck.medium));
    const used = disk.generations.at(0)?.pages.size ?? 0;
    // What a snapshot of all pages takes, and a block for each of them to leave memory: there is no room for both.
    if (disk.blocks - blockLedger(disk).allocated < 2 * used) seen.struck = 1;
    if (seen.stuck !== undefined || seen.panic !== undefined) return;
    const resumed = Subject.powerOn({ ...boot, words: `${FULL} rounds=5`, medium: struck.medium }, struck.truths);
    this.finish(resumed, seen);
    // What was changed since the last generation is gone, and with it the want of space.
    if (resumed.committed <= seen.recovered) seen.stuck ??= 'space came back, and no generation was committed';
  }

  /** The power goes; unflushed sectors stay where `survives` says. */
  private cut(subject: Subject, seen: Observation, survives: (lba: number) => boolean): Struck {
    this.note(subject, seen, undefined);
    seen.expected = subject.committed;
    const sequences = subject.machine
      .unflushedWrites()
      .filter(({ lba }) => survives(lba))
      .map(({ sequence }) => sequence);
    return { medium: subject.machine.cutPower({ survive: { sequences } }), truths: subject.truths, faults: [] };
  }

  private note(subject: Subject, seen: Observation, stuck: string | undefined): void {
    seen.log += subject.log;
    subject.log = '';
    seen.wrong.push(...subject.takeWrongPages());
    if (subject.abandoned > 0) seen.isAbandoned = true;
    seen.panic ??= subject.panic;
    seen.stuck ??= stuck;
  }
}

/** Counts what the fault does. */
function watch(subject: Subject, { fault }: CellQuestion, strike: Strike, seen: Observation): void {
  seen.blocks.push(...strike.blocks);
  if (strike.written !== undefined) seen.blocks.push(blockOf(strike.written));
  subject.onDisk = (event) => {
    if (isWitness(fault, strike, event)) seen.struck++;
  };
}

interface Aim {
  readonly blocks: readonly number[];
  /** When the drive takes the sector that is struck. */
  readonly cycle: number;
  readonly generation: number;
  readonly contents: DiskContents;
}

/** Where and when the course writes blocks of this kind for a generation that commits. Undefined: it does not. */
function aimAt(course: Course, kind: CellQuestion['kind'], copies: number): Aim | undefined {
  for (const { cycle: commit, contents } of course.commits) {
    const [{ generation }] = contents.generations;
    const takenAt = (block: number): number | undefined =>
      course.events.findLast(
        ({ kind: what, lba, cycle }) => what === 'write' && lba === struckSector(block) && cycle < commit,
      )?.cycle;
    const blocks = blocksOfKind(contents, kind, (block) => takenAt(block) !== undefined).slice(0, copies);
    const cycles = blocks.map(takenAt);
    if (blocks.length < copies || cycles.includes(undefined)) continue;
    return { blocks, cycle: Math.min(...cycles.map((cycle) => cycle ?? 0)), generation, contents };
  }
  return undefined;
}
