/**
 * One life of the system: a machine from power-on to power cut or end, watched from outside.
 *
 * The life turns what the machine shows (console bytes, disk events, page mappings) and what the kernel announces into
 * evidence, and judges at once what can be judged at once. It decides nothing about the future: the run above it says how
 * far to go and when the power goes.
 */
import type { DiskEvent, DurableMedium, Machine, MachineHooks, ScreenView } from '../hardware-sim/index.js';
import { SUPERBLOCK_BLOCKS } from '../model/disk-reader.js';
import type { PageDifference } from '../reports/campaign.js';
import type { Moment, PlanEvent } from '../reports/plan.js';
import type { ConsoleLine, RunEvent } from '../reports/schema.js';
import { BlockRule } from './block-rule.js';
import { decodeConsole } from './console-oracle.js';
import { type DiskImage, readDiskImage } from './disk-image.js';
import type { Captured, Evidence } from './evidence.js';
import { bootsOf, hasObjects } from './memory-audit.js';
import { PAGE_BYTES, PageHashes } from './page-hash.js';
import { PersistentWatch } from './persistent-watch.js';
import { type Probe, ProbeError, readProbe } from './probe.js';
import type { Place, PropertyId } from './properties.js';
import { CLOCK_HZ } from './setup.js';
import { NEVER_STALLED, type StallState, stalledFor } from './stall-watch.js';
import type { LifeRecorder } from './trace-recorder.js';

/** What a life needs of its machine. */
export type WatchedMachine = Pick<
  Machine,
  | 'cycles'
  | 'diskFaults'
  | 'injectSerial'
  | 'instructions'
  | 'medium'
  | 'peekSector'
  | 'readPhysical'
  | 'rearmWrites'
  | 'requestStop'
  | 'run'
  | 'screenView'
  | 'typeKeys'
  | 'viewPage'
  | 'watch'
>;

type MakeMachine<M extends WatchedMachine> = (hooks: MachineHooks) => M;

/** Who wants to see a run while it goes on. */
export interface Observer {
  consoleByte?(byte: number): void;
  event?(event: RunEvent): void;
  /** A line of the kernel's log, whole. */
  kernelLine?(line: ConsoleLine): void;
  /** A page of persistent memory, in RAM or on the disk, does not hold what it must. */
  pageDiffers?(difference: PageDifference): void;
  /** What the screen shows, now and then, and at the end of a life (`last`). */
  screen?(view: ScreenView, place: Place, last: boolean): void;
}

/** Exit status of a kernel that wants a restart and found no keyboard controller to do it. */
const EXIT_RESTART = (3 << 1) | 1;

/**
 * `slice`: the cycle asked for is reached. `restarted`: the system has had the machine started again. `due`: the moment the life was armed with has come. `alarm`: other moments have come, see
 * `takeAlarms`. `finished`: the kernel said that all programs ended and stopped the machine. `refused`: it would not go on from a disk that it
 * may refuse. `dead`: the machine stopped in any other way; a finding says how.
 */
export type LifeState = 'slice' | 'due' | 'alarm' | 'finished' | 'restarted' | 'refused' | 'dead';

/** A moment that a life waits for; `name` is of whoever set it, and the cut's is CUT. */
interface Alarm {
  readonly name: number;
  readonly moment: Moment;
  due: number;
}

/** The name of the alarm that is the power cut. */
const CUT = -1;

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

/** What counts as one operation of the disk. */
const OPERATIONS: ReadonlySet<DiskEvent['kind']> = new Set([
  'read',
  'read-error',
  'write',
  'flush',
  'flush-failed',
  'flush-lied',
]);

/** What the independent reader finds of a generation, and the pages of which it finds no good copy. */
type Found = Captured & { readonly lost: readonly number[] };

const CONSOLE = 1;
const NEWLINE = 10;
/** Valid copies of the newest superblock that an announced commit has: one of them may rot. */
const COMMITTED_COPIES = 2;

/** A second of the machine's time. */
const STALL_CYCLES = CLOCK_HZ;

/** What a life knows beside the run's evidence; plain, so that it can be copied. */
interface Memory {
  pages: number;
  consoleLine: number[];
  logLine: number[];
  finished: boolean;
  panicked: boolean;
  refused: boolean;
  broken: boolean;
  wroteBeforeRecovery: boolean;
  hasRecovered: boolean;
  commits: number;
  linesPrinted: number;
  /** When the next key can be struck. */
  keysFree: number;
  /** Demarcated, and neither committed nor given up. */
  isSnapshotting: boolean;
  /** Events of the disk and bytes on the lines. */
  moves: number;
  stall: StallState;
  /** Boots that the recovered memory counts; undefined: nothing to count from, or already judged. */
  bootsRecovered: number | undefined;
}

export class Life<M extends WatchedMachine = Machine> {
  readonly machine: M;
  private watch: PersistentWatch | undefined;
  private blockRule = new BlockRule();
  private readonly counts = new Map<PlanEvent, number>();
  private memory: Memory = {
    pages: 0,
    consoleLine: [],
    logLine: [],
    finished: false,
    panicked: false,
    refused: false,
    broken: false,
    wroteBeforeRecovery: false,
    hasRecovered: false,
    commits: 0,
    linesPrinted: 0,
    keysFree: 0,
    isSnapshotting: false,
    moves: 0,
    stall: structuredClone(NEVER_STALLED),
    bootsRecovered: undefined,
  };
  private alarms: Alarm[] = [];

  private constructor(
    readonly boot: number,
    private readonly past: Past,
    readonly evidence: Evidence,
    private readonly observer: Observer,
    makeMachine: MakeMachine<M>,
    private readonly look: typeof readDiskImage,
    private readonly recorder?: LifeRecorder,
  ) {
    this.machine = makeMachine({
      onSerial: (port, byte, cycle) => this.onSerial(port, byte, cycle),
      onProbe: (value, machine) => this.onProbePort(value, machine),
      onDiskEvent: (event) => {
        this.recorder?.diskEvent(event, this.machine);
        this.onDiskEvent(event);
      },
    });
  }

  /**
   * The power comes on in the machine that `makeMachine` builds and loads. `look` reads the disk at each commit; `recorder`
   * records the trace, for a life that is never forked.
   */
  static powerOn<M extends WatchedMachine>(
    boot: number,
    past: Past,
    evidence: Evidence,
    observer: Observer,
    makeMachine: MakeMachine<M>,
    look = readDiskImage,
    recorder?: LifeRecorder,
  ): Life<M> {
    const life = new Life(boot, past, evidence, observer, makeMachine, look, recorder);
    if (past.kind !== 'new') life.blockRule.protect(past.image.keptBlocks);
    life.record({ kind: 'power-on' });
    return life;
  }

  /** The same life once more in `machine`'s fork, from here on independent, with its own copy of the evidence. */
  fork(observer: Observer, forkMachine: MakeMachine<M>): Life<M> {
    const copy = new Life(this.boot, this.past, this.evidence.fork(), observer, forkMachine, this.look);
    copy.blockRule = this.blockRule.fork();
    for (const [event, times] of this.counts) copy.counts.set(event, times);
    copy.memory = structuredClone(this.memory);
    copy.alarms = this.alarms.map((alarm) => ({ ...alarm }));
    if (this.watch !== undefined) {
      copy.watch = this.watch.fork((page) => copy.machine.viewPage(page));
      copy.machine.watch(this.watch.firstPage * PAGE_BYTES, this.watch.pages, copy.watch);
      copy.machine.rearmWrites();
    }
    return copy;
  }

  get hasRecovered(): boolean {
    return this.memory.hasRecovered;
  }

  /** Commits announced in this life. */
  get commits(): number {
    return this.memory.commits;
  }

  /** Whether the newest commit holds all there is: nothing was written since. */
  get isIdle(): boolean {
    const { committed, demarcated } = this.evidence;
    return this.commits > 0 && committed === demarcated && this.watch?.unwritten === true;
  }

  /** Whole lines that programs printed in this life. */
  get linesPrinted(): number {
    return this.memory.linesPrinted;
  }

  private get medium(): DurableMedium {
    const { medium } = this.machine;
    if (medium === undefined) throw new Error('a machine without a disk cannot be judged');
    return medium;
  }

  private get driveIsAway(): boolean {
    const { cycles, diskFaults } = this.machine;
    return diskFaults.some(
      (fault) => fault.kind === 'gone' && fault.from <= cycles && cycles < (fault.until ?? Number.POSITIVE_INFINITY),
    );
  }

  get place(): Place {
    return { boot: this.boot, cycle: this.machine.cycles };
  }

  /** Says when `advance` reports `due`. False, and nothing done, when that moment may be over already. */
  arm(moment: Moment): boolean {
    return this.setAlarm(CUT, moment);
  }

  /** Says when `advance` reports `alarm`. False, and nothing done, when that moment may be over already. */
  setAlarm(name: number, moment: Moment): boolean {
    if (!this.isToCome(moment)) return false;
    const due = moment.kind === 'cycle' ? moment.cycle : moment.latest;
    this.alarms = [...this.alarms.filter((alarm) => alarm.name !== name), { name, moment, due }];
    return true;
  }

  /** False when that moment may be over already. */
  isToCome(moment: Moment): boolean {
    if (moment.kind === 'cycle') return moment.cycle >= this.machine.cycles;
    return moment.latest >= this.machine.cycles && (this.counts.get(moment.event) ?? 0) < moment.nth;
  }

  /** Takes the names of the alarms, but for the cut, whose moment has come; in the order in which they were set. */
  takeAlarms(): number[] {
    const now = this.machine.cycles;
    const over = this.alarms.filter(({ name, due }) => name !== CUT && due <= now);
    this.alarms = this.alarms.filter((alarm) => !over.includes(alarm));
    return over.map(({ name }) => name);
  }

  /** Bytes are typed at the console now: on the line, or at the keyboard as fast as it can tell. */
  type(bytes: readonly number[], at: 'line' | 'keyboard' = 'line'): void {
    this.record({ kind: 'typed', detail: JSON.stringify(Buffer.from(bytes).toString('latin1')) });
    this.evidence.console.typed();
    const { cycles } = this.machine;
    if (at === 'line') this.machine.injectSerial(cycles, CONSOLE, ...bytes);
    else this.memory.keysFree = this.machine.typeKeys(Math.max(cycles, this.memory.keysFree), ...bytes);
  }

  /** Goes on until cycle `until` at most. */
  advance(until: number): LifeState {
    for (;;) {
      const target = Math.min(until, ...this.alarms.map(({ due }) => due));
      if (this.machine.cycles >= target) {
        const over = this.alarms.filter(({ due }) => due <= this.machine.cycles);
        // The power goes first: nobody sees what would have happened in the same cycle.
        if (over.some(({ name }) => name === CUT)) return 'due';
        return over.length > 0 ? 'alarm' : 'slice';
      }
      const stop = this.machine.run({ untilCycle: target });
      if (this.memory.broken) return 'dead';
      switch (stop.kind) {
        case 'cycle':
        case 'instruction':
        case 'requested':
          break;
        case 'exit':
          if (this.memory.finished) return 'finished';
          if (this.memory.refused) return 'refused';
          if (stop.status === EXIT_RESTART) return 'restarted';
          if (!this.memory.panicked)
            this.fail('P14', `the kernel stopped the machine with status ${stop.status} unasked`);
          return 'dead';
        case 'reset':
          return 'restarted';
        case 'halted-forever':
          this.fail('P14', 'the processor halted with nothing left that could wake it');
          return 'dead';
        case 'triple-fault':
          this.fail('P14', `triple fault at 0x${stop.eip.toString(16)}`);
          return 'dead';
        case 'unsupported':
          this.fail('P14', `at 0x${stop.eip.toString(16)} the kernel needs ${stop.feature}, which is not modelled`);
          return 'dead';
      }
    }
  }

  /** Judges what was seen and could wait. */
  judge(): void {
    this.judgePages();
    this.judgeConsole();
  }

  /** Ends the books of this life: lines without an end, pages still to be judged. */
  close(): void {
    this.showScreen(true);
    this.judge();
    if (this.memory.consoleLine.length > 0)
      this.evidence.addConsoleLine({ ...this.lineOf(this.memory.consoleLine), torn: true });
    if (this.memory.logLine.length > 0)
      this.evidence.addKernelLine({ ...this.lineOf(this.memory.logLine), torn: true });
    this.evidence.cycles += this.machine.cycles;
    this.evidence.instructions += this.machine.instructions;
  }

  /** Shows the observer what is on the screen. */
  showScreen(last: boolean): void {
    const view = this.observer.screen === undefined ? undefined : this.machine.screenView();
    if (view !== undefined) this.observer.screen?.(view, this.place, last);
  }

  record(event: Omit<RunEvent, 'boot' | 'cycle'>): void {
    const full = { ...event, ...this.place };
    this.evidence.addEvent(full);
    this.observer.event?.(full);
  }

  /** A property does not hold, unless what was done to the disk excuses it (`atlas.ts`). */
  fail(id: PropertyId, message: string, pages: readonly number[] = []): void {
    if (!this.evidence.atlas.excuses(id)) this.evidence.ledger.fail(id, this.place, message, pages);
  }

  /** A property does not hold, whatever was done to the disk. */
  failAlways(id: PropertyId, message: string, pages: readonly number[] = []): void {
    this.evidence.ledger.fail(id, this.place, message, pages);
  }

  private onSerial(port: number, byte: number, cycle: number): void {
    this.memory.moves++;
    const line = port === CONSOLE ? this.memory.consoleLine : this.memory.logLine;
    if (port === CONSOLE) {
      this.evidence.console.byte(byte);
      this.observer.consoleByte?.(byte);
    }
    if (byte !== NEWLINE) {
      line.push(byte);
      return;
    }
    const whole = { ...this.lineOf(line), cycle };
    line.length = 0;
    if (port !== CONSOLE) {
      this.evidence.addKernelLine(whole);
      this.evidence.strikes.onLog(whole.text);
      this.observer.kernelLine?.(whole);
      return;
    }
    this.evidence.addConsoleLine(whole);
    this.memory.linesPrinted++;
    this.judgeConsole();
  }

  private onDiskEvent(event: DiskEvent): void {
    this.memory.moves++;
    this.evidence.strikes.onDisk(event);
    if (OPERATIONS.has(event.kind)) this.count('disk-operation');
    if (event.kind === 'flush') this.count('disk-flush');
    if (event.kind === 'read' || event.kind === 'read-error') this.count('disk-read');
    if (event.kind !== 'write') return;
    if (!this.memory.hasRecovered) this.memory.wroteBeforeRecovery = true;
    const { ledger } = this.evidence;
    if (this.blockRule.protects > 0) {
      ledger.checked('P5');
      ledger.witness('P5');
      const block = this.blockRule.violated(event.lba);
      // Where the place of a copy cannot be written a place of the other pair takes it (format.ts, rule 2).
      const moved = block !== undefined && this.evidence.atlas.isHarmed && SUPERBLOCK_BLOCKS.includes(block);
      if (block !== undefined && !moved) {
        this.fail('P5', `sector ${event.lba} was written: block ${block} belongs to a committed generation`);
      }
    }
    this.count('disk-write');
  }

  /** A kernel that announces nonsense is a finding, not an error of the bed. */
  private onProbePort(address: number, machine: WatchedMachine): void {
    try {
      const probe = readProbe(address, (at, bytes) => machine.readPhysical(at, bytes));
      this.recorder?.probe(probe, this.machine);
      this.onProbe(probe);
    } catch (error) {
      if (!(error instanceof ProbeError)) throw error;
      this.fail('P14', error.message);
      this.memory.broken = true;
      machine.requestStop();
    }
  }

  private onProbe(probe: Probe): void {
    switch (probe.kind) {
      case 'booted':
        this.startWatch(probe.base, probe.pages);
        this.record({ kind: 'booted' });
        this.count('booted');
        break;
      case 'recovered':
        this.onRecovered(probe.generation, probe.consolePosition, probe.blocksRead);
        this.count('recovered');
        break;
      case 'demarcation':
        this.onDemarcation(probe.generation, probe.consolePosition, probe.dirtied);
        this.count('demarcation');
        break;
      case 'commit':
        this.onCommit(probe.generation);
        this.count('commit');
        break;
      case 'abandoned':
        this.memory.isSnapshotting = false;
        this.record({ kind: 'abandoned', generation: probe.generation, detail: `reason ${probe.reason}` });
        this.count('abandoned');
        break;
      case 'finished':
        this.memory.finished = true;
        this.record({ kind: 'finished', amount: probe.failedThreads });
        break;
      case 'passed-over':
        this.record({
          kind: 'passed-over',
          generation: probe.newest,
          detail: probe.why === 'asked' ? 'another one was asked for' : 'it led to panics',
        });
        break;
      case 'collection':
        this.count('collection');
        break;
      case 'invariant':
        throw new ProbeError('the kernel answered for an invariant that nobody asked for');
      case 'panic':
        this.memory.panicked = true;
        this.record({ kind: 'panic', detail: probe.message });
        // A disk from which there is nothing to go on, or that is away, may be refused, before anything went on from it.
        this.memory.refused = !this.memory.hasRecovered && (this.evidence.atlas.isBeyond || this.driveIsAway);
        if (!this.memory.refused) this.evidence.ledger.fail('P14', this.place, `kernel panic: ${probe.message}`);
        break;
    }
  }

  private startWatch(base: number, pages: number): void {
    if (this.watch !== undefined) throw new ProbeError('the kernel announced twice in one boot that it booted');
    this.memory.pages = pages;
    const { machine } = this;
    const watch = new PersistentWatch(base / PAGE_BYTES, pages, (page) => machine.viewPage(page));
    machine.watch(base, pages, this.recorder?.watching(watch, machine) ?? watch);
    this.watch = watch;
  }

  private onRecovered(generation: number, position: number, blocksRead: number): void {
    const { watch, evidence, past } = this;
    if (watch === undefined) throw new ProbeError('the kernel announced a recovery before it announced that it booted');
    this.record({ kind: 'recovered', generation, consolePosition: position, amount: blocksRead });
    this.memory.hasRecovered = true;
    if (generation > 0 && this.memory.wroteBeforeRecovery)
      this.failAlways('P10', 'the disk was written before recovery was announced');
    const found = past.kind === 'new' ? undefined : this.judgeImage(past.image, generation);
    if (past.kind !== 'new' && found !== undefined && found.lost.length === 0) {
      this.judgeMemory(past.image, found.digest);
      const memory = past.image.memory();
      if (memory !== undefined && hasObjects(memory)) this.memory.bootsRecovered = bootsOf(memory);
    }
    const truth = this.truthOf(generation, found);
    if (past.kind === 'cut' || past.kind === 'restart') this.judgeAgainstEnd(past, generation, position, found, truth);
    else if (past.kind === 'unknown') evidence.console.begin(position);
    else if (generation !== 0) this.fail('P3', `generation ${generation} was recovered from a new disk`);
    evidence.rollBack(generation);
    evidence.remember(truth);
    watch.recovered(generation === 0 ? undefined : truth.hashes);
    const digest = (found ?? truth).digest;
    evidence.addDigest({ ...this.place, at: 'recovered', generation, digest });
    this.judge();
  }

  /** What the disk held when the power came on, as the independent reader sees it; undefined when it held no generation. */
  private judgeImage(image: DiskImage, generation: number): Found | undefined {
    const { ledger } = this.evidence;
    const { decayed } = this.evidence;
    if (this.past.kind === 'unknown') for (const { text } of image.damaged) this.noteDecay(text);
    ledger.checked('P1');
    const newest = image.newest?.generation ?? 0;
    if (newest !== generation) {
      this.fail('P1', `the kernel recovered generation ${generation}; by the disk format it is generation ${newest}`);
    }
    if (image.refused !== undefined) this.fail('P1', `the disk cannot be recovered from: ${image.refused}`);
    this.judgeKept(image);
    if (image.newest === undefined || newest !== generation) return undefined;
    const { hashes, lost } = image.hashes(this.memory.pages);
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
  private judgeKept(image: DiskImage): void {
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
    this.record({ kind: 'decayed', detail });
  }

  /** The generation as it was captured; what the disk holds, where this bed did not see the capture. */
  private truthOf(generation: number, found: Captured | undefined): Captured {
    const known =
      generation === 0 ? capture(0, PageHashes.zero(this.memory.pages), 0) : this.evidence.recall(generation);
    const truth = known ?? found;
    if (truth !== undefined) return truth;
    this.fail('P1', `generation ${generation} was never captured and is not on the disk`);
    return capture(generation, PageHashes.zero(this.memory.pages), 0);
  }

  private judgeAgainstEnd(
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
      ledger.checked('P1', this.memory.pages);
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

  private onDemarcation(generation: number, position: number, dirtied: number): void {
    const { watch, evidence } = this;
    if (watch === undefined || !this.memory.hasRecovered)
      throw new ProbeError('a demarcation was announced before the recovery');
    this.memory.isSnapshotting = true;
    this.record({ kind: 'demarcation', generation, consolePosition: position, amount: dirtied });
    if (generation <= evidence.demarcated) {
      this.fail('P3', `generation ${generation} was demarcated after generation ${evidence.demarcated}`);
    }
    const captured = capture(generation, watch.demarcate(), position);
    this.recorder?.demarcation(generation, captured.hashes, this.machine);
    this.machine.rearmWrites();
    evidence.demarcated = generation;
    evidence.remember(captured);
    evidence.addDigest({ ...this.place, at: 'demarcation', generation, digest: captured.digest });
    evidence.ledger.checked('P19');
    if (position < evidence.console.position) {
      this.fail(
        'P19',
        `the captured console position is ${position}, but the world saw ${evidence.console.position} bytes`,
      );
    }
    this.judgePages();
  }

  private onCommit(generation: number): void {
    const { evidence } = this;
    this.record({ kind: 'commit', generation });
    this.memory.commits++;
    this.memory.isSnapshotting = false;
    this.evidence.ledger.checked('P15');
    // Programs went on while it was written: somebody waited for a page, a frame or the disk.
    if (this.watch?.unwritten === false) this.evidence.ledger.witness('P15');
    const captured = evidence.recall(generation);
    if (captured === undefined || generation > evidence.demarcated) {
      this.fail('P3', `generation ${generation} was committed without having been demarcated`);
      return;
    }
    evidence.committed = generation;
    evidence.ledger.checked('P19');
    evidence.console.committed(generation, captured.consolePosition);
    this.judgeConsole();
    const image = this.look(this.medium);
    this.blockRule.protect(image.keptBlocks);
    this.judgeCommitted(image, generation);
    this.judgeKept(image);
    this.judgeBoots(image);
  }

  /** P18: what a boot that has recovered commits first counts one boot more than what it recovered. */
  private judgeBoots(image: DiskImage): void {
    const { bootsRecovered } = this.memory;
    this.memory.bootsRecovered = undefined;
    const memory = bootsRecovered === undefined ? undefined : image.memory();
    if (bootsRecovered === undefined || memory === undefined) return;
    const boots = bootsOf(memory);
    this.evidence.ledger.checked('P18');
    this.evidence.ledger.witness('P18');
    if (boots === bootsRecovered + 1) return;
    this.fail('P18', `${boots} boots are counted in what this boot commits, ${bootsRecovered} in what it recovered`);
  }

  /** The disk at an announced commit: that generation is the one to recover, and two superblock copies say so. */
  private judgeCommitted(image: DiskImage, generation: number): void {
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
  judgeMemory(image: DiskImage, digest: string): void {
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

  /** The same of what was committed last. */
  judgeLastMemory(): void {
    if (this.commits === 0) return;
    const image = this.look(this.medium);
    const { hashes, lost } = image.hashes(this.memory.pages);
    if (image.newest === undefined || lost.length > 0) return;
    this.judgeMemory(image, capture(image.newest.generation, hashes, image.newest.consolePosition).digest);
  }

  /** P15: to be asked now and then. */
  judgeStall(): void {
    const { machine, memory } = this;
    const { cycles, instructions } = machine;
    const isExcused =
      this.evidence.atlas.isBeyond || machine.diskFaults.some(({ kind }) => kind === 'gone' || kind === 'slow');
    const hasWork = memory.isSnapshotting && !isExcused;
    const idle = stalledFor(memory.stall, { cycles, instructions, moves: memory.moves }, hasWork);
    if (idle <= STALL_CYCLES) return;
    this.fail(
      'P15',
      `a snapshot is under way, and for ${idle} cycles neither processor nor disk nor console did anything`,
    );
  }

  private judgePages(): void {
    const { watch, evidence } = this;
    if (watch === undefined) return;
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

  private judgeConsole(): void {
    const { console, ledger } = this.evidence;
    const lines = console.takeJudged();
    ledger.checked('P19', lines);
    if (this.past.kind === 'cut' || this.past.kind === 'restart') ledger.witness('P19', lines);
    for (const problem of console.takeProblems()) this.fail('P19', problem);
  }

  /** Pages of persistent memory that hold anything, as the MMU has seen them; 0 before the kernel has any. */
  get pagesInUse(): number {
    return this.watch?.inUse ?? 0;
  }

  private count(event: PlanEvent): void {
    const times = (this.counts.get(event) ?? 0) + 1;
    this.counts.set(event, times);
    for (const alarm of this.alarms) {
      const { moment } = alarm;
      if (moment.kind !== 'event' || moment.event !== event || moment.nth !== times) continue;
      alarm.due = Math.min(moment.latest, this.machine.cycles + moment.plus);
      this.machine.requestStop();
    }
  }

  private lineOf(bytes: readonly number[]): ConsoleLine {
    return { boot: this.boot, cycle: this.machine.cycles, text: decodeConsole(Uint8Array.from(bytes)) };
  }
}

function capture(generation: number, hashes: PageHashes, consolePosition: number): Captured {
  return { generation, hashes, consolePosition, digest: hashes.digest(`${generation} ${consolePosition}`) };
}
