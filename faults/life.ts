/**
 * One life of the system: a machine from power-on to power cut or end, watched from outside.
 *
 * The life turns what the machine shows (console bytes, disk events, page mappings) and what the kernel announces into
 * evidence, and has it judged at once where it can be (`life-judge.ts`). It decides nothing about the future: the run above it says how
 * far to go and when the power goes.
 */
import type { DiskEvent, DurableMedium, Machine, MachineHooks, ScreenView } from '../hardware-sim/index.js';
import type { Moment, PlanEvent } from '../reports/plan.js';
import type { ConsoleLine, RunEvent } from '../reports/schema.js';
import { decodeConsole } from './console-oracle.js';
import { readDiskImage } from './disk-image.js';
import type { Evidence } from './evidence.js';
import { capture, type DifferenceObserver, LifeJudge, type Past } from './life-judge.js';
import { PAGE_BYTES } from './page-hash.js';
import { PersistentWatch } from './persistent-watch.js';
import { type CollectionStep, type Probe, ProbeError, readProbe } from './probe.js';
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
export interface Observer extends DifferenceObserver {
  consoleByte?(byte: number): void;
  event?(event: RunEvent): void;
  /** A line of the kernel's log, whole. */
  kernelLine?(line: ConsoleLine): void;
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

/** What counts as one operation of the disk. */
const OPERATIONS: ReadonlySet<DiskEvent['kind']> = new Set([
  'read',
  'read-error',
  'write',
  'flush',
  'flush-failed',
  'flush-lied',
]);

const CONSOLE = 1;
const NEWLINE = 10;
/** A second of the machine's time. */
const STALL_CYCLES = CLOCK_HZ;

/** What a life knows beside the run's evidence; plain, so that it can be copied. */
interface Memory {
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
  /** How far the collection under way is. */
  collection: CollectionStep | undefined;
  /** Events of the disk and bytes on the lines. */
  moves: number;
  stall: StallState;
}

export class Life<M extends WatchedMachine = Machine> {
  readonly machine: M;
  private watch: PersistentWatch | undefined;
  private lifeJudge: LifeJudge;
  private readonly counts = new Map<PlanEvent, number>();
  private memory: Memory = {
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
    collection: undefined,
    moves: 0,
    stall: structuredClone(NEVER_STALLED),
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
    this.lifeJudge = new LifeJudge(this, past, evidence, observer);
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
    life.record({ kind: 'power-on' });
    return life;
  }

  /**
   * The power has come on as in `begun`, a life whose system has read no disk yet; `makeMachine` forks its machine. What was seen of it is seen
   * again, as of boot `boot`.
   */
  static goOnFrom<M extends WatchedMachine>(
    begun: Life<M>,
    boot: number,
    past: Past,
    evidence: Evidence,
    observer: Observer,
    makeMachine: MakeMachine<M>,
  ): Life<M> {
    const life = new Life(boot, past, evidence, observer, makeMachine, begun.look);
    life.memory = structuredClone(begun.memory);
    for (const event of begun.evidence.events) life.enter({ ...event, boot });
    for (const line of begun.evidence.kernelLog) life.logged({ ...line, boot });
    return life;
  }

  /** The same life once more in `machine`'s fork, from here on independent, with its own copy of the evidence. */
  fork(observer: Observer, forkMachine: MakeMachine<M>): Life<M> {
    const copy = new Life(this.boot, this.past, this.evidence.fork(), observer, forkMachine, this.look);
    copy.lifeJudge = this.lifeJudge.fork(copy, copy.evidence, observer);
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

  /** How far the garbage collection under way is; undefined when there is none. */
  get collection(): CollectionStep | undefined {
    return this.memory.collection;
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
    if (this.watch !== undefined) this.lifeJudge.mapped(this.watch);
    this.lifeJudge.output();
    this.judgeStall();
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
    this.enter({ ...event, ...this.place });
  }

  private enter(event: RunEvent): void {
    this.evidence.addEvent(event);
    this.observer.event?.(event);
  }

  /** The kernel's log has one more line. */
  private logged(line: ConsoleLine): void {
    this.evidence.addKernelLine(line);
    this.evidence.strikes.onLog(line.text);
    this.observer.kernelLine?.(line);
  }

  /** A property does not hold, unless what was done to the disk excuses it. */
  fail(id: PropertyId, message: string, pages: readonly number[] = []): void {
    this.lifeJudge.fail(id, message, pages);
  }

  /** A property does not hold, whatever was done to the disk. */
  failAlways(id: PropertyId, message: string, pages: readonly number[] = []): void {
    this.lifeJudge.failAlways(id, message, pages);
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
      this.logged(whole);
      return;
    }
    this.evidence.addConsoleLine(whole);
    this.memory.linesPrinted++;
    this.lifeJudge.output();
  }

  private onDiskEvent(event: DiskEvent): void {
    this.memory.moves++;
    this.evidence.strikes.onDisk(event);
    if (OPERATIONS.has(event.kind)) this.count('disk-operation');
    if (event.kind === 'flush') this.count('disk-flush');
    if (event.kind === 'read' || event.kind === 'read-error') this.count('disk-read');
    if (event.kind !== 'write') return;
    if (!this.memory.hasRecovered) this.memory.wroteBeforeRecovery = true;
    this.lifeJudge.write(event.lba);
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
        this.memory.collection = probe.step === 'over' || probe.step === 'given up' ? undefined : probe.step;
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
    this.lifeJudge.pages = pages;
    const { machine } = this;
    const watch = new PersistentWatch(base / PAGE_BYTES, pages, (page) => machine.viewPage(page));
    machine.watch(base, pages, this.recorder?.watching(watch, machine) ?? watch);
    this.watch = watch;
  }

  private onRecovered(generation: number, position: number, blocksRead: number): void {
    const { watch, evidence } = this;
    if (watch === undefined) throw new ProbeError('the kernel announced a recovery before it announced that it booted');
    this.record({ kind: 'recovered', generation, consolePosition: position, amount: blocksRead });
    this.memory.hasRecovered = true;
    if (generation > 0 && this.memory.wroteBeforeRecovery)
      this.failAlways('P10', 'the disk was written before recovery was announced');
    const { truth, digest } = this.lifeJudge.recovery(generation, position);
    watch.recovered(generation === 0 ? undefined : truth.hashes);
    evidence.addDigest({ ...this.place, at: 'recovered', generation, digest });
    this.judge();
  }

  private onDemarcation(generation: number, position: number, dirtied: number): void {
    const { watch, evidence } = this;
    if (watch === undefined || !this.memory.hasRecovered)
      throw new ProbeError('a demarcation was announced before the recovery');
    this.memory.isSnapshotting = true;
    this.record({ kind: 'demarcation', generation, consolePosition: position, amount: dirtied });
    this.lifeJudge.demarcation(generation, position);
    const captured = capture(generation, watch.demarcate(), position);
    this.recorder?.demarcation(generation, captured.hashes, this.machine);
    this.machine.rearmWrites();
    evidence.demarcated = generation;
    evidence.remember(captured);
    evidence.addDigest({ ...this.place, at: 'demarcation', generation, digest: captured.digest });
    this.lifeJudge.mapped(watch);
  }

  private onCommit(generation: number): void {
    this.record({ kind: 'commit', generation });
    this.memory.commits++;
    this.memory.isSnapshotting = false;
    this.evidence.ledger.checked('P15');
    // Programs went on while it was written: somebody waited for a page, a frame or the disk.
    if (this.watch?.unwritten === false) this.evidence.ledger.witness('P15');
    this.lifeJudge.commit(generation, () => this.look(this.medium));
  }

  /** What the objects come to that were committed last. */
  judgeLastMemory(): void {
    if (this.commits > 0) this.lifeJudge.newestMemory(this.look(this.medium));
  }

  private judgeStall(): void {
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
