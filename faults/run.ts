/**
 * One run: plan in, verdict out.
 *
 * A run is a chain of lives. Cut i of the plan ends life i at its moment, the disk keeps what the plan lets survive, and the
 * next life starts from that medium. The last life goes on until the system has shown that it works again.
 *
 * Rules:
 *  - The result is a function of set-up and plan. An observer changes nothing; neither does where the caller pauses.
 *  - The first failure ends the run: what comes after it says little.
 *  - A program that ends before its power could be cut gets its cut earlier: the drawn cycle is folded into the life the
 *    program has, and the result's plan holds the cycle that was used, so that the result replays.
 */
import {
  type DiskController,
  type DurableMedium,
  type Machine,
  type MachineHooks,
  MemoryMedium,
  type TimerJitter,
} from '../hardware-sim/index.js';
import { summariseRejection } from '../model/trace/describe.js';
import type { FaultPlan, Moment, PlannedCut, PlannedInput, Survivors } from '../reports/plan.js';
import type { RunResult } from '../reports/schema.js';
import { checkSetup } from './check-setup.js';
import { isSuperblockSector, readDiskImage } from './disk-image.js';
import { type EarlyBoots, goOnFrom } from './early-boot.js';
import { Evidence } from './evidence.js';
import { FirstLife, forkLife, LOOK_CYCLES, nextLook } from './first-life.js';
import { roomOf, saysFull } from './full-disk.js';
import { withGuests } from './guests.js';
import { describeFault, Injector, troubledUntil } from './injector.js';
import { askInvariant, complaint, declaresInvariant, type InvariantOutcome } from './invariant.js';
import { Life, type LifeState, type Observer } from './life.js';
import type { Past } from './life-judge.js';
import { loadMachine } from './load-machine.js';
import { drawSurvivors, survivingSequences } from './plan.js';
import type { Place } from './properties.js';
import { CLOCK_HZ, diskSectors, type RunSetup, withPlannedDisk } from './setup.js';
import { Strikes } from './strikes.js';
import type { LifeRecorder, TraceRecorder } from './trace-recorder.js';
import { summarise } from './verdict.js';

export interface RunControls {
  readonly observer?: Observer;
  /**
   * Lets the observer see only lives that are not taken back: each life that a cut ends is first run unseen, to learn
   * whether the program ends before. Costs that life's time twice.
   */
  readonly rehearse?: boolean;
  /** The disk of a system that lived before. */
  readonly medium?: DurableMedium;
  /** Asked between slices; true ends the run. */
  readonly interrupted?: () => boolean;
  /** The last life goes on, after it has shown that the system works again, until the program ends. */
  readonly toEnd?: boolean;
  /**
   * The last life ends as soon as what was recovered has been judged and the system goes on from it; whether it commits again (P14) is then not asked.
   * What fails in such a run fails in the whole run in the same cycle.
   */
  readonly brief?: boolean;
  /** Somebody sits at the machine. The last life then goes on until they stop the run. */
  readonly operator?: Operator;
  /** The first life of the same set-up, under way: the run starts there where the plan allows it. */
  readonly startFrom?: Life | FirstLife;
  /** Boots of the same set-up under way: lives after a cut begin there where the plan allows it. */
  readonly boots?: EarlyBoots;
  /** Shown each life whose power is about to go by the plan, with the cut; changes nothing of it. */
  readonly beforeCut?: (life: Life, cut: PlannedCut) => void;
  /** Moments at which `look` is shown the life of that boot; nothing else comes of them. */
  readonly looks?: readonly Look[];
  readonly look?: (life: Life) => void;
  /** Records the trace, and has it judged (P24) if it is to be. The run then starts with the power off, whatever `startFrom` says. */
  readonly trace?: TraceRecorder;
}

export interface Look {
  readonly boot: number;
  readonly when: Moment;
}

/**
 * Who sits at the machine and does what the plan does not say; asked between slices, not of lives that are rehearsed. What is done is
 * in the plan of the result, which therefore replays.
 */
export interface Operator {
  /** What was typed since the last call, INPUT_BYTES_MAX bytes at most. */
  typed(): readonly number[];
  /** Whether the plug was pulled since the last call: a power cut, survivors drawn from the plan's seed. */
  plugPulled(): boolean;
}

/** Commits that the last life must show. */
const COMMITS_WANTED = 2;
/** How long it may take to the first, boot and recovery included, and from each to the next: the slowest kind of snapshot. */
const LIVENESS_SECONDS = 20;
/** So much longer while one is under way: of nearly all of memory, with a program that wants pages all the time, it takes half a minute. */
const UNDER_WAY = 3;
/** A program that prints nothing for so long is taken for a silent one. */
const SILENCE_SECONDS = 5;

const SILENT: Observer = {};

/** Yields where the run is, between slices. Throws SetupError. */
export function* runSteps(setup: RunSetup, plan: FaultPlan, controls: RunControls = {}): Generator<Place, RunResult> {
  checkSetup(setup);
  const run = new Run(setup, plan, controls);
  return yield* run.steps();
}

/** The whole run at once. */
export function runPlan(setup: RunSetup, plan: FaultPlan, controls: RunControls = {}): RunResult {
  const steps = runSteps(setup, plan, controls);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** A system does not get as far as it was asked to. */
export class BootError extends Error {
  override readonly name = 'BootError';
}

/** A life of the set-up on a new disk, its power just on. Throws SetupError. */
export function powerOnce(setup: RunSetup): Life {
  checkSetup(setup);
  return Life.powerOn(0, { kind: 'new' }, new Evidence(setup.options.output), SILENT, (hooks) =>
    loadMachine(setup, new MemoryMedium(diskSectors(setup.options)), 0, hooks),
  );
}

/** A life of the set-up on a new disk, run until it has committed `commits` generations: a start for many runs. Throws BootError. */
export function bootOnce(setup: RunSetup, commits: number): Life {
  const life = powerOnce(setup);
  const bound = LIVENESS_SECONDS * CLOCK_HZ;
  while (life.commits < commits) {
    const state = life.advance(life.machine.cycles + LOOK_CYCLES / 2);
    life.judge();
    if (state !== 'slice' || life.machine.cycles > bound)
      throw new BootError(`no ${commits} commits: the system is ${state}`);
  }
  return life;
}

/** How a life ended. `cut`, `restarted`: the next life follows. `again`: the same life is to be lived once more. The others end the run. */
type Ending =
  | { readonly how: 'cut' | 'restarted' | 'again' | 'finished' | 'dead' | 'settled' | 'verified' | 'refused' }
  | { readonly how: 'stopped'; readonly why?: string };

/** The operator has pulled the plug: a cut that the plan did not have. */
const UNPLUGGED = { how: 'unplugged' } as const;

class Run {
  private evidence: Evidence;
  private readonly cuts: PlannedCut[];
  private readonly input: PlannedInput[];
  /** The first event of input that has not happened. */
  private nextInput = 0;
  private boot = 0;
  /** The first cut that has not been made. */
  private nextCut = 0;
  private medium: DurableMedium;
  private past: Past = { kind: 'new' };
  /** The newest life that has been rehearsed. */
  private rehearsed = -1;
  private recorder: LifeRecorder | undefined;
  private readonly hasInvariant: boolean;
  /** The medium of the life under way as it was when its power came on, and what the program said of it once it was asked. */
  private recoverable: { readonly medium: DurableMedium; outcome?: InvariantOutcome } | undefined;
  private lastJudged: Life | undefined;
  private injector: Injector;
  /** Last cycle of the life under way at which its disk is known to be slow or away, or it was seen to have committed once more. */
  private trouble = 0;
  private commitsSeen = 0;
  /** The set-up as machines get it: with what the plan starts beside the program. */
  private readonly started: RunSetup;

  constructor(
    private readonly setup: RunSetup,
    private readonly plan: FaultPlan,
    private readonly controls: RunControls,
  ) {
    this.evidence = new Evidence(setup.options.output);
    this.cuts = plan.cuts.slice();
    this.input = plan.input?.slice() ?? [];
    this.hasInvariant = declaresInvariant(setup);
    this.injector = new Injector(plan);
    this.started = withGuests(setup, plan.programs ?? []);
    this.medium = controls.medium ?? new MemoryMedium(diskSectors(withPlannedDisk(setup, plan).options));
    if (controls.medium === undefined) return;
    const image = readDiskImage(controls.medium, { generation: setup.options.generation });
    if (!image.fresh) this.past = { kind: 'unknown', image };
  }

  *steps(): Generator<Place, RunResult> {
    for (;;) {
      const { life, ending } = yield* this.oneLife();
      if (ending.how === 'cut' || ending.how === 'restarted' || ending.how === 'again') continue;
      if (ending.how === 'stopped') life.record({ kind: 'stopped', detail: ending.why });
      life.close();
      // Guests may have come only after the last cut.
      if (this.plan.programs !== undefined) life.judgeLastMemory();
      const { ledger, committed } = this.evidence;
      if (ending.how !== 'stopped' && ending.how !== 'verified') ledger.checked('P14');
      if (ending.how === 'settled' || ending.how === 'finished') ledger.witness('P14');
      this.judgeTrace();
      this.judgeStrikes(life, ending);
      // A disk that outlives the run may take minutes to read, and no run comes to this end again.
      if (this.controls.medium === undefined) {
        this.evidence.addDigest({ ...life.place, at: 'end', generation: committed, digest: life.machine.digest() });
      }
      life.machine.dispose();
      const plan = this.usedPlan();
      return summarise(this.bounded(ending), plan, this.evidence, this.boot + 1, ending.how);
    }
  }

  /** The plan as it came to be: with the cuts that were folded, and what the operator did. */
  private usedPlan(): FaultPlan {
    const { version, seed, faults, memory, controllers, timer, diskMiB, programs, shape } = this.plan;
    const input = this.input.length > 0 ? { input: this.input } : {};
    return {
      version,
      seed,
      cuts: this.cuts,
      ...(faults === undefined ? {} : { faults }),
      ...(memory === undefined ? {} : { memory }),
      ...(controllers === undefined ? {} : { controllers }),
      ...(timer === undefined ? {} : { timer }),
      ...(diskMiB === undefined ? {} : { diskMiB }),
      ...input,
      ...(programs === undefined ? {} : { programs }),
      ...(shape === undefined ? {} : { shape }),
      ...(this.isOpen ? { open: true } : {}),
    };
  }

  private get isOpen(): boolean {
    return this.plan.open === true || this.controls.operator !== undefined;
  }

  /** P24, of a run whose trace is recorded. */
  private judgeTrace(): void {
    const check = this.controls.trace?.judge();
    if (check === undefined) return;
    const { ledger } = this.evidence;
    const { events, steps, rejection } = check;
    ledger.checked('P24', events);
    ledger.witness('P24', steps);
    if (rejection !== undefined) ledger.fail('P24', rejection.event, summariseRejection(rejection), rejection.pages);
  }

  /** P11, P12, P13 and P25: each class of faults that was at work, by how the run came out. */
  private judgeStrikes(life: Life, { how }: Ending): void {
    const { ledger, strikes } = this.evidence;
    const wrong = ledger.findings.find(({ property }) => Strikes.explains(property));
    if (how === 'stopped' && wrong === undefined) return;
    for (const [which, times] of strikes.all) {
      ledger.checked(which);
      ledger.witness(which, times);
      if (wrong !== undefined) life.failAlways(which, `${wrong.property} after such a fault: ${wrong.message}`);
    }
  }

  /** A run that its user stopped is the run of as many cycles. What a failure stopped ends there by itself. */
  private bounded(ending: Ending): RunSetup {
    if (ending.how !== 'stopped' || ending.why !== undefined) return this.setup;
    return { ...this.setup, options: { ...this.setup.options, maxCycles: this.evidence.cycles } };
  }

  private *oneLife(): Generator<Place, { life: Life; ending: Ending }> {
    const next = this.cuts[this.nextCut];
    const cut = next !== undefined && (next.boot ?? 0) <= this.boot ? next : undefined;
    const retry =
      cut === undefined || this.controls.medium !== undefined
        ? undefined
        : { evidence: this.evidence.fork(), medium: this.medium.fork(), injector: this.injector.fork(this.plan) };
    const unseen = retry !== undefined && this.controls.rehearse === true && this.rehearsed < this.boot;
    const recorded = this.controls.trace?.events.length ?? 0;
    const life = this.start(cut, unseen ? SILENT : (this.controls.observer ?? SILENT));
    this.nextInput = this.input.findIndex(({ at }) => at > this.evidence.cycles);
    if (this.nextInput < 0) this.nextInput = this.input.length;
    const ending = yield* this.live(life, unseen ? undefined : this.controls.operator);
    if (ending.how === 'unplugged') {
      this.cuts.push({
        when: { kind: 'cycle', cycle: life.machine.cycles },
        survivors: drawSurvivors(this.plan.seed, this.boot),
        ...this.inBoot(),
      });
      this.cutPower(life, this.cuts[this.nextCut]);
      return { life, ending: { how: 'cut' } };
    }
    if (retry === undefined || !(unseen || ending.how === 'finished')) {
      if (ending.how === 'cut' && cut !== undefined) this.cutPower(life, cut);
      if (ending.how === 'restarted') this.restart(life);
      return { life, ending };
    }
    if (ending.how === 'finished' && cut !== undefined)
      this.cuts[this.nextCut] = { ...foldCut(cut, life.machine.cycles), ...this.inBoot() };
    this.evidence = retry.evidence;
    this.medium = retry.medium;
    this.injector = retry.injector;
    this.rehearsed = this.boot;
    this.controls.trace?.takeBack(recorded);
    life.machine.dispose();
    return { life, ending: { how: 'again' } };
  }

  private get noCutLeft(): boolean {
    return this.nextCut >= this.cuts.length;
  }

  /** What a cut says that must come in this boot: nothing where no restart makes that doubtful. */
  private inBoot(): { readonly boot?: number } {
    return this.boot === this.nextCut ? {} : { boot: this.boot };
  }

  private start(cut: PlannedCut | undefined, observer: Observer): Life {
    const { trace, looks = [] } = this.controls;
    const { injector } = this;
    const life = cut === undefined ? undefined : this.startUnderWay(cut, looks, observer);
    if (life !== undefined) return life;
    this.recorder = trace?.life(this.boot);
    this.openDrive();
    const begun = this.begunBoot(cut, looks);
    if (begun !== undefined) {
      const next = Life.goOnFrom(begun, this.boot, this.past, this.evidence, observer, (hooks) =>
        goOnFrom(begun, this.medium, this.evidence.cycles, hooks),
      );
      injector.begin(next, looks);
      if (cut !== undefined) next.arm(cut.when);
      return next;
    }
    const fresh = Life.powerOn(
      this.boot,
      this.past,
      this.evidence,
      observer,
      (hooks) => this.load(this.medium, hooks),
      readDiskImage,
      this.recorder,
    );
    injector.begin(fresh, looks);
    if (cut !== undefined && !fresh.arm(cut.when)) throw new Error('a cut before the power came on');
    return fresh;
  }

  /** The first life from shortly before the first thing that happens to it, where it can be had; the looks at it may come before. */
  private startUnderWay(cut: PlannedCut, looks: readonly Look[], observer: Observer): Life | undefined {
    const { startFrom, trace } = this.controls;
    const { options } = this.setup;
    const faults = this.injector.moments(0);
    if (
      startFrom === undefined ||
      faults === undefined ||
      trace !== undefined ||
      this.boot > 0 ||
      this.past.kind !== 'new' ||
      this.started !== this.setup ||
      this.ramMiB !== options.ramMiB ||
      this.diskController !== options.diskController ||
      this.timerJitter !== undefined ||
      this.plan.diskMiB !== undefined
    )
      return undefined;
    const mine = looks.filter(({ boot }) => boot === 0);
    // Where nothing else happens, each look is at a life of its own, and the run need not start before all of them.
    const apart =
      startFrom instanceof FirstLife && faults.length + this.input.length === 0 && options.maxCycles === null;
    // What is typed in a cycle comes before what the machine does in it.
    const bounds = [
      ...this.input.slice(0, 1).map(({ at }) => at - 1),
      ...(options.maxCycles === null ? [] : [options.maxCycles]),
    ];
    const moments = [
      cut.when,
      ...faults,
      ...bounds.map((cycle) => ({ kind: 'cycle', cycle }) as const),
      ...(apart ? [] : mine.map(({ when }) => when)),
    ];
    const stage = startFrom instanceof FirstLife ? startFrom.before(moments) : startFrom;
    if (stage.evidence.ledger.failures > 0 || !moments.every((moment) => stage.isToCome(moment))) return undefined;
    if (apart) for (const { when } of mine) this.lookAt(startFrom.before([when, cut.when]), when, cut);
    const life = forkLife(stage, observer);
    life.arm(cut.when);
    this.evidence = life.evidence;
    this.injector.begin(life, apart ? [] : looks);
    return life;
  }

  /** A boot like this one under way, where it can be had and nothing happens before. */
  private begunBoot(cut: PlannedCut | undefined, looks: readonly Look[]): Life | undefined {
    const { boot, injector, evidence } = this;
    const faults = injector.moments(boot);
    if (boot === 0 || this.controls.trace !== undefined || faults === undefined || injector.isTroubled)
      return undefined;
    const begun = this.earlyBoot('');
    const { maxCycles } = this.setup.options;
    const input = this.input.find(({ at }) => at > evidence.cycles);
    const bounds = [...(input === undefined ? [] : [input.at - 1]), ...(maxCycles === null ? [] : [maxCycles])];
    const moments = [
      ...(cut === undefined ? [] : [cut.when]),
      ...faults,
      ...looks.filter((look) => look.boot === boot).map(({ when }) => when),
      ...bounds.map((cycle) => ({ kind: 'cycle', cycle: cycle - evidence.cycles }) as const),
    ];
    return moments.every((moment) => begun?.isToCome(moment)) ? begun : undefined;
  }

  /** What `controls.boots` has of the machine that this boot has, with these words on the kernel's command line. */
  private earlyBoot(words: string): Life | undefined {
    const { boots } = this.controls;
    if (boots === undefined || this.started !== boots.setup || this.timerJitter !== undefined) return undefined;
    const { options } = this.setup;
    // Sizes of RAM that plans draw hardly come again.
    if (this.plan.diskMiB !== undefined || this.ramMiB !== options.ramMiB) return undefined;
    return boots.begun(this.diskController, words);
  }

  /** Shows the life as it goes on from `stage` at the moment `when`, if that comes before the cut. */
  private lookAt(stage: Life, when: Moment, cut: PlannedCut): void {
    const life = forkLife(stage);
    life.arm(cut.when);
    life.setAlarm(0, when);
    if (life.advance(Number.MAX_SAFE_INTEGER) === 'alarm') this.controls.look?.(life);
    life.machine.dispose();
  }

  /** What is done to the disk while the power is off, before the boot that begins. */
  private openDrive(): void {
    const { boot, injector, evidence, past } = this;
    const swapped = injector.olderMedium(boot);
    if (swapped !== undefined) this.medium = swapped.medium;
    const done = [...(swapped === undefined ? [] : [swapped]), ...injector.rot(boot, this.medium)];
    if (done.length === 0) return;
    for (const { fault, at } of done) {
      evidence.atlas.admit(fault, at);
      if (at !== undefined) evidence.strikes.rots(at.lba);
      evidence.addEvent({ kind: 'fault', boot, cycle: 0, detail: describeFault(fault, at) });
    }
    const image = readDiskImage(this.medium);
    // An older disk is a system that went another way: its own content is the measure.
    if (swapped !== undefined) this.past = image.fresh ? { kind: 'new' } : { kind: 'unknown', image };
    else if (past.kind !== 'new') this.past = { ...past, image };
    if (this.recoverable !== undefined) this.recoverable = { medium: this.medium.fork() };
  }

  /** RAM of the boot under way. */
  private get ramMiB(): number {
    const last = this.plan.memory?.findLast(({ boot }) => boot <= this.boot);
    return last?.ramMiB ?? this.setup.options.ramMiB;
  }

  /** What the disk is on in the boot under way. */
  private get diskController(): DiskController {
    const last = this.plan.controllers?.findLast(({ boot }) => boot <= this.boot);
    return last?.controller ?? this.setup.options.diskController;
  }

  private get timerJitter(): TimerJitter | undefined {
    return this.plan.timer?.findLast(({ boot }) => boot <= this.boot);
  }

  private load(medium: DurableMedium, hooks: MachineHooks, words = ''): Machine {
    const { started, ramMiB, diskController, evidence } = this;
    const setup = { ...started, options: { ...started.options, ramMiB, diskController } };
    const { generation } = setup.options;
    const asked = generation === undefined || this.boot > 0 ? '' : ` generation=${generation}`;
    return loadMachine(setup, medium, evidence.cycles, hooks, `${asked}${words}`, this.timerJitter);
  }

  private *live(life: Life, operator: Operator | undefined): Generator<Place, Ending | typeof UNPLUGGED> {
    const { machine } = life;
    const remaining = (this.setup.options.maxCycles ?? Number.POSITIVE_INFINITY) - this.evidence.cycles;
    for (;;) {
      if (life.hasRecovered) this.judgeInvariant(life);
      const inputCycle = this.typeInput(life, operator?.typed() ?? []);
      // At each look, so that a run which ends earlier than another has failed no later.
      life.judge();
      if (this.evidence.ledger.failures > 0) return { how: 'stopped', why: 'a property failed' };
      const now = this.evidence.cycles + machine.cycles;
      // What stopped a run is its limit on cycles, one at least: an interrupt before the power is on counts a slice later.
      if ((now > 0 && this.controls.interrupted?.()) || machine.cycles >= remaining) return { how: 'stopped' };
      // A disk that outlives the run has lost what it had not flushed as soon as the run is over.
      if (this.noCutLeft && operator?.plugPulled()) {
        return this.controls.medium === undefined ? UNPLUGGED : { how: 'stopped' };
      }
      const state = this.slice(life, Math.min(nextLook(machine.cycles), remaining, inputCycle));
      if (state !== 'slice' && life.hasRecovered) this.judgeInvariant(life);
      if (state === 'due') return { how: 'cut' };
      if (state !== 'slice') return { how: state };
      if (this.noCutLeft && this.cuts.length > 0) {
        if (this.controls.brief === true && isVerified(life)) return { how: 'verified' };
        if (isSettled(life)) {
          if (this.controls.toEnd !== true && !this.isOpen) return { how: 'settled' };
        } else if (this.isFull(life)) {
          return { how: 'settled' };
        } else if (machine.cycles - this.excusedCycles(life) > this.liveness * CLOCK_HZ) {
          if (this.evidence.atlas.isBeyond) return { how: 'settled' };
          life.fail(
            'P14',
            `${life.commits} commits after the last cut and none in ${this.liveness} s, expected ${COMMITS_WANTED}`,
          );
          return { how: 'dead' };
        }
      }
      life.showScreen(false);
      yield life.place;
    }
  }

  /** Seconds of its own time within which the system must commit. */
  private get liveness(): number {
    const { demarcated, committed } = this.evidence;
    return demarcated > committed ? LIVENESS_SECONDS * UNDER_WAY : LIVENESS_SECONDS;
  }

  /** Whether the disk is full, which the system says, so that programs go on and nothing more is committed. */
  private isFull(life: Life): boolean {
    const { atlas, kernelLog } = this.evidence;
    if (!life.hasRecovered || life.linesPrinted === 0 || !saysFull(kernelLog, life.place)) return false;
    const { free, needed } = roomOf(life);
    if (free < needed) atlas.full();
    else if (!atlas.isBeyond)
      life.fail('P14', `the log says that the disk is full; ${free} blocks are free, ${needed} would do`);
    return true;
  }

  /** Cycles of this life that do not count against its liveness: the disk was slow or away, or it went on to a commit. */
  private excusedCycles(life: Life): number {
    const until = troubledUntil(life.machine);
    if (life.commits > this.commitsSeen) this.trouble = Math.max(this.trouble, life.machine.cycles);
    this.commitsSeen = life.commits;
    if (Number.isFinite(until)) this.trouble = Math.max(this.trouble, until);
    return this.trouble;
  }

  /** Goes on until cycle `until` at most; who looks on the way does not make the slice another. */
  private slice(life: Life, until: number): Exclude<LifeState, 'alarm'> {
    for (;;) {
      const state = life.advance(until);
      if (state !== 'alarm') return state;
      this.injector.alarms(life, () => this.controls.look?.(life));
    }
  }

  /** Types what is due, and what the operator types now. The cycle at which the plan has the next event. */
  private typeInput(life: Life, typed: readonly number[]): number {
    const now = this.evidence.cycles + life.machine.cycles;
    // Before the power is on nothing can be typed.
    if (typed.length > 0 && now > 0) {
      const later = this.input.findIndex(({ at }) => at > now);
      this.input.splice(later < 0 ? this.input.length : later, 0, { at: now, bytes: [...typed] });
    }
    for (; this.nextInput < this.input.length && this.input[this.nextInput].at <= now; this.nextInput++) {
      life.type(this.input[this.nextInput].bytes, this.setup.options.console === 'screen' ? 'keyboard' : 'line');
    }
    return (this.input[this.nextInput]?.at ?? Number.POSITIVE_INFINITY) - this.evidence.cycles;
  }

  /** Once a life, after a recovery from a power cut: whether what was recovered is whole by the program's own measure. */
  private judgeInvariant(life: Life): void {
    const { recoverable } = this;
    if (recoverable === undefined || this.lastJudged === life) return;
    this.lastJudged = life;
    const words = ' root.invariant=ask';
    recoverable.outcome ??= askInvariant((hooks) => {
      const medium = recoverable.medium.fork();
      const begun = this.earlyBoot(words);
      return begun === undefined
        ? this.load(medium, hooks, words)
        : goOnFrom(begun, medium, this.evidence.cycles, hooks);
    });
    const { ledger } = this.evidence;
    ledger.checked('P26');
    if (recoverable.outcome.answer !== 'no object') ledger.witness('P26');
    // Where an object is lost nobody can say whether it was whole.
    if (this.evidence.atlas.isBeyond && recoverable.outcome.answer !== 'broken') return;
    const problem = complaint(recoverable.outcome);
    if (problem !== undefined) life.fail('P26', problem);
  }

  private cutPower(life: Life, cut: PlannedCut): void {
    const { place } = life;
    this.controls.beforeCut?.(life, cut);
    const { medium, past } = cutLife(life, cut.survivors, (machine, left) => this.injector.cut(machine, left));
    this.nextBoot(place, medium, past);
    this.nextCut++;
  }

  /** The processor was reset: memory is gone, and the drive, whose power is on, still writes what it has. */
  private restart(life: Life): void {
    const { machine, place } = life;
    life.record({ kind: 'restarted' });
    life.close();
    const medium = machine.cutPower({ survive: 'all' });
    this.injector.cut(machine, medium);
    machine.dispose();
    this.nextBoot(place, medium, { kind: 'restart', image: readDiskImage(medium) });
  }

  /** What follows a life that ended at `end` and left `medium`. */
  private nextBoot(end: Place, medium: DurableMedium, past: Past): void {
    this.trouble = 0;
    this.commitsSeen = 0;
    this.medium = medium;
    this.past = past;
    this.recorder?.cut(medium, end);
    if (this.hasInvariant && this.controls.medium === undefined) this.recoverable = { medium: medium.fork() };
    this.boot++;
  }
}

/** The power of a life goes; its machine is gone with it. What the disk holds then, and what the next life has to be measured by. */
export function cutLife(
  life: Life,
  survivors: Survivors,
  seen?: (machine: Machine, medium: DurableMedium) => void,
): { readonly medium: DurableMedium; readonly past: Past } {
  const { machine, evidence } = life;
  const unflushed = machine.unflushedWrites();
  const sequences = survivingSequences(survivors, unflushed);
  evidence.cuts.push({
    ...life.place,
    totalCycle: evidence.cycles + machine.cycles,
    unflushed: unflushed.length,
    survived: sequences.length,
    demarcated: evidence.demarcated,
    committed: evidence.committed,
    recovered: null,
    duringRecovery: life.boot > 0 && !life.hasRecovered,
  });
  life.record({
    kind: 'cut',
    detail: `${unflushed.length - sequences.length} of ${unflushed.length} unflushed sectors lost`,
  });
  life.close();
  const medium = machine.cutPower({ survive: { sequences } });
  seen?.(machine, medium);
  machine.dispose();
  const tornSuperblock = unflushed.some((write) => isSuperblockSector(write.lba));
  return { medium, past: { kind: 'cut', image: readDiskImage(medium), tornSuperblock } };
}

/** The system works again: it commits, and shows output if it is a program that has any. */
function isSettled(life: Life): boolean {
  // Programs that wait, for what is typed for example, leave nothing more to commit.
  if (life.isIdle && life.machine.cycles > SILENCE_SECONDS * CLOCK_HZ) return true;
  if (life.commits < COMMITS_WANTED) return false;
  return life.linesPrinted > 0 || life.machine.cycles > SILENCE_SECONDS * CLOCK_HZ;
}

/** What was recovered is whole as far as can be seen, and the system goes on from it: pages came in, and something was printed or committed. */
function isVerified(life: Life): boolean {
  return life.hasRecovered && (life.linesPrinted > 0 || life.commits > 0) && life.evidence.ledger.isWitnessed('P2');
}

/** A cut inside a life of `cycles` cycles, in place of one that came too late. */
function foldCut(cut: PlannedCut, cycles: number): PlannedCut {
  const drawn = cut.when.kind === 'cycle' ? cut.when.cycle : cut.when.latest;
  return { ...cut, when: { kind: 'cycle', cycle: 1 + (drawn % Math.max(1, cycles - 1)) } };
}
