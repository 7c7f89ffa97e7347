/**
 * One run of a campaign: what a seed draws for a workload, run and judged, its cuts and some other moments explored.
 *
 * The rule: an outcome is a function of set-up, job and task, and plain data, so that any worker may have made it. Each run starts from a fork
 * of the workload's first life where its plan allows it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { FindingFile } from '../reports/campaign.js';
import { type FaultPlan, type Moment, PLAN_VERSION, type PlannedCut, type PlanShapeName } from '../reports/plan.js';
import type { PropertyResult, RunResult } from '../reports/schema.js';
import { drawShape } from './arbitrary.js';
import { EarlyBoots } from './early-boot.js';
import { type Cell, type CrashFailure, type Exploration, exploreCut } from './explore.js';
import { type Failure, failureOf } from './failure.js';
import { type Explained, explainFailure, type FindingWishes } from './finding.js';
import { FirstLife, forkLife } from './first-life.js';
import { declaresInvariant } from './invariant.js';
import type { Life } from './life.js';
import { PROPERTIES } from './properties.js';
import { isPlanned, judgeStaged, plannedTask, type TaskProperty } from './property-tasks.js';
import { randomStream } from './random.js';
import { RecoveryBench } from './recovery-bench.js';
import { BootError, bootOnce, powerOnce, runPlan } from './run.js';
import { planShape, type RunSetup, withPlannedDisk } from './setup.js';
import { TraceRecorder } from './trace-recorder.js';

/** What a campaign asks of every run. */
export interface CampaignJob {
  readonly shape: PlanShapeName;
  /** Cuts a run has at most. */
  readonly cuts: number;
  /** Crash states that are judged of each cut, and of each moment looked at. */
  readonly states: number;
  readonly recoverOneIn: number;
  /** Each run's trace is held against the specifications (P24). */
  readonly trace: boolean;
}

export interface CampaignTask {
  /** Its place in the campaign. */
  readonly index: number;
  readonly seed: number;
  /** 0: what the seed draws; others: the same with its first cut moved and other survivors. */
  readonly variation: number;
  readonly workload: string;
  /** Instead of a run: one snapshot of the workload, gone through whole. */
  readonly exhaustive: boolean;
  /** Instead of a run that is drawn: this finding of the corpus. */
  readonly corpus?: string;
  /** Instead of a run that is drawn: the judgement of this property on the workload. */
  readonly property?: TaskProperty;
  /** The run ends when what was recovered is judged, unless its plan has something for afterwards; it says nothing of P14. */
  readonly brief?: boolean;
  /** Done twice, which must agree (P22). */
  readonly twice?: boolean;
}

/** What is to be found out about a failure of a task. */
export interface FindingTask {
  readonly task: CampaignTask;
  readonly failure: Failure;
  readonly wishes: FindingWishes;
}

/** Property counts, by number. */
export type Tallies = Readonly<Record<string, Omit<PropertyResult, 'claimed'>>>;

export interface SeedOutcome {
  readonly task: CampaignTask;
  readonly text: string;
  readonly hasInvariant: boolean;
  readonly cuts: number;
  readonly cycles: number;
  readonly crashStates: number;
  readonly recoveries: number;
  readonly agreed: number;
  readonly readings: number;
  readonly repeated: number;
  readonly exhausted: readonly { readonly space: string; readonly states: number }[];
  readonly cells: readonly Cell[];
  readonly tallies: Tallies;
  readonly failures: readonly Failure[];
}

/** Moments of a run, beside its cuts, whose crash states are judged. */
const LOOKS = 4;
/** A look comes so soon after a sector write that there is something unflushed. */
const LOOK_DELAY = 3_000;
/** A run without cuts goes on for so many intervals between snapshots. */
const QUIET_INTERVALS = 12;

interface Booted {
  /** Where its runs start. */
  readonly first: FirstLife;
  /** Where their later lives begin. */
  readonly boots: EarlyBoots;
  readonly bench: RecoveryBench;
}

export class SeedRunner {
  private readonly booted = new Map<string, Booted>();

  constructor(
    private readonly setups: ReadonlyMap<string, RunSetup>,
    private readonly job: CampaignJob,
    /** By its id, what is to be run of past findings. */
    private readonly corpus: ReadonlyMap<string, FindingFile> = new Map(),
  ) {}

  run(task: CampaignTask): SeedOutcome {
    const setup = this.setupOf(task);
    if (task.corpus !== undefined) return this.runAgain(task, setup);
    if (task.property !== undefined) return this.runProperty(task, task.property, setup);
    // A system that does not get as far as its first commit has no snapshot to go through; a run says why.
    const start = task.exhaustive ? tryBoot(setup) : undefined;
    return start === undefined
      ? this.runSeed(task, setup)
      : this.exhaust(task, setup, this.boot(task.workload, setup), start);
  }

  /** What a finding says of a failure of that task. */
  explain({ task, failure, wishes }: FindingTask): Explained {
    const setup = this.setupOf(task);
    const start = task.corpus === undefined ? this.boot(task.workload, setup).first : undefined;
    return explainFailure(setup, failure, wishes, start);
  }

  /** The set-up of the workload; a finding of the corpus has its own program and options, and the kernel of the campaign. */
  private setupOf(task: CampaignTask): RunSetup {
    const setup = this.setups.get(task.workload);
    if (setup === undefined) throw new Error(`campaign: no workload ${task.workload}`);
    return task.corpus === undefined ? setup : findingSetup(this.past(task), setup.kernel);
  }

  private past({ corpus = '' }: CampaignTask): FindingFile {
    const finding = this.corpus.get(corpus);
    if (finding === undefined) throw new Error(`campaign: no finding ${corpus} in the corpus`);
    return finding;
  }

  /** A past finding, judged anew. */
  private runAgain(task: CampaignTask, setup: RunSetup): SeedOutcome {
    const result = runPlan(setup, this.past(task).result.plan);
    const gathered = new Gathered();
    const failures = result.verdict.outcome === 'failed' ? [failureOf(result)] : [];
    return {
      task,
      text: result.verdict.text,
      hasInvariant: false,
      cuts: result.cuts.length,
      cycles: result.cycles,
      ...gathered.figures,
      repeated: 0,
      tallies: gathered.tallies(result.properties),
      failures,
    };
  }

  /** A property by its own set-up, or by a run of its own plan. */
  private runProperty(task: CampaignTask, property: TaskProperty, setup: RunSetup): SeedOutcome {
    const gathered = new Gathered();
    const outcome = { task, hasInvariant: false, cuts: 0, ...gathered.figures, repeated: 0 };
    if (isPlanned(property)) {
      const plan = plannedTask(property, task.seed);
      const { first } = this.boot(task.workload, withPlannedDisk(setup, plan));
      const result = runPlan(setup, plan, { startFrom: first });
      const failures = result.verdict.outcome === 'failed' ? [failureOf(result)] : [];
      const { cuts, cycles } = result;
      const { text } = result.verdict;
      const tallies = gathered.tallies(result.properties);
      return { ...outcome, text, cuts: cuts.length, cycles, tallies, failures };
    }
    const { checked, witnesses, problems, cycles } = judgeStaged(property, setup, task.seed);
    const tallies = {
      [property]: { id: property, name: PROPERTIES[property], checked, failed: problems.length, witnesses },
    };
    const text = `${property} of ${task.workload}: ${problems.length === 0 ? 'held' : problems[0]}`;
    // What is judged is no run of this program: the result is there to show the system at work.
    const failures = problems.slice(0, 1).map((message) => ({
      property,
      message,
      result: runPlan(quiet(setup), { version: PLAN_VERSION, seed: task.seed, cuts: [] }),
    }));
    return { ...outcome, text, cycles, tallies, failures };
  }

  dispose(): void {
    for (const { first, boots, bench } of this.booted.values()) {
      first.dispose();
      boots.dispose();
      bench.dispose();
    }
    this.booted.clear();
  }

  /** Once for each workload, and for each size of disk that a plan gives it. */
  private boot(workload: string, setup: RunSetup): Booted {
    const name = `${workload} on ${setup.options.diskMiB} MiB`;
    let booted = this.booted.get(name);
    if (booted === undefined) {
      booted = {
        first: new FirstLife(powerOnce(setup)),
        boots: new EarlyBoots(setup),
        bench: new RecoveryBench(setup),
      };
      this.booted.set(name, booted);
    }
    return booted;
  }

  private runSeed(task: CampaignTask, setup: RunSetup): SeedOutcome {
    const { job } = this;
    const plan = drawTaskPlan(task, job, setup);
    const booted = this.boot(task.workload, withPlannedDisk(setup, plan));
    const bounded = job.shape === 'none' ? quiet(setup) : setup;
    const brief = task.brief === true && !job.trace && !hasLater(plan);
    const gathered = new Gathered();
    const once = (explore: boolean): RunResult => {
      const see = (life: Life, at: string): void => {
        if (!explore || life.evidence.atlas.isBeyond) return;
        const seed = randomStream(task.seed, `${task.variation} ${at}`).bits();
        gathered.add(
          exploreCut(life, { states: job.states, seed, recoverOneIn: job.recoverOneIn }, booted.bench),
          life,
        );
      };
      return runPlan(bounded, plan, {
        startFrom: booted.first,
        boots: booted.boots,
        brief,
        trace: job.trace ? new TraceRecorder() : undefined,
        beforeCut: (life) => see(life, `cut ${life.boot}`),
        looks: job.shape === 'none' ? [] : drawLooks(task.seed, plan, setup),
        look: (life) => see(life, `look ${life.boot} ${life.machine.cycles}`),
      });
    };
    const result = once(true);
    const failures: Failure[] = [];
    if (result.verdict.outcome === 'failed') failures.push(failureOf(result));
    for (const one of gathered.failures.slice(0, 1)) failures.push(this.rerun(setup, plan, one, booted));
    const again = task.twice === true ? once(false) : undefined;
    const tallies = gathered.tallies(result.properties);
    failures.push(...judgeTwice(tallies, result, again));
    return {
      task,
      text: result.verdict.text,
      hasInvariant: declaresInvariant(setup),
      cuts: result.cuts.length,
      cycles: result.cycles,
      ...gathered.figures,
      repeated: again === undefined ? 0 : 1,
      tallies,
      failures,
    };
  }

  /** The snapshot that follows where `start` is, which is taken over, flush by flush, each moment before one whole. */
  private exhaust(task: CampaignTask, setup: RunSetup, booted: Booted, start: Life): SeedOutcome {
    const gathered = new Gathered();
    const { recoverOneIn } = this.job;
    let life = start;
    const { commits } = life;
    const before = life.machine.cycles;
    while (life.commits < commits + 2) {
      const scout = forkLife(life);
      awaitFlush(scout);
      const flushed = scout.machine.cycles;
      life.advance(flushed - FLUSH_MARGIN);
      const wishes = { states: 0, seed: task.seed, exhaustive: true, recoverOneIn };
      gathered.add(exploreCut(life, wishes, booted.bench), life);
      life.machine.dispose();
      life = scout;
    }
    const cycles = life.machine.cycles - before;
    life.machine.dispose();
    const plan: FaultPlan = { version: 2, seed: task.seed, cuts: [] };
    const failures = gathered.failures.slice(0, 1).map((one) => this.rerun(setup, plan, one, booted));
    const text = `two snapshots of ${task.workload} gone through whole: ${gathered.figures.crashStates} crash states`;
    return {
      task,
      text,
      hasInvariant: false,
      cuts: 0,
      cycles,
      ...gathered.figures,
      repeated: 0,
      tallies: gathered.tallies([]),
      failures,
    };
  }

  /** The run that ends in the crash state that must not be, so that it replays as any other does. */
  private rerun(setup: RunSetup, plan: FaultPlan, failure: Found, booted: Booted): Failure {
    const cuts = [...plan.cuts.slice(0, failure.boot), failure.cut];
    const result = runPlan(setup, { ...plan, cuts }, { startFrom: booted.first });
    return { property: failure.property, message: failure.message, result };
  }
}

/** The set-up of a finding on another kernel. */
export function findingSetup({ result }: Pick<FindingFile, 'result'>, kernel: RunSetup['kernel']): RunSetup {
  const program = result.program.map(({ name, base64 }) => ({
    name,
    bytes: new Uint8Array(Buffer.from(base64, 'base64')),
  }));
  return { kernel, program, options: result.options, disk: 'new', files: result.files };
}

/** P22: the run and the same run again, where there is one. */
export function judgeTwice(
  tallies: Record<string, Omit<PropertyResult, 'claimed'>>,
  result: RunResult,
  again: RunResult | undefined,
): Failure[] {
  if (again === undefined) return [];
  const same = isDeepStrictEqual(again, result);
  add(tallies, { id: 'P22', name: PROPERTIES.P22, checked: 1, failed: same ? 0 : 1, witnesses: 1 });
  return same ? [] : [{ property: 'P22', message: 'the same plan run again came out otherwise', result }];
}

const FLUSH_MARGIN = 500;

type Found = CrashFailure & { readonly boot: number };

/** What the explorations of one run came to. */
class Gathered {
  readonly failures: Found[] = [];
  private readonly all: Exploration[] = [];

  add(exploration: Exploration, life: Life): void {
    this.all.push(exploration);
    for (const failure of exploration.failures) this.failures.push({ ...failure, boot: life.boot });
  }

  get figures(): Pick<SeedOutcome, 'crashStates' | 'recoveries' | 'agreed' | 'readings' | 'exhausted' | 'cells'> {
    const sum = (of: (one: Exploration) => number) => this.all.reduce((total, one) => total + of(one), 0);
    return {
      crashStates: sum(({ states }) => states),
      recoveries: sum(({ recoveries }) => recoveries),
      agreed: sum(({ agreed }) => agreed),
      readings: sum(({ readings }) => readings),
      exhausted: this.all.flatMap(({ exhausted }) => exhausted),
      cells: this.all.flatMap(({ cells }) => cells),
    };
  }

  tallies(properties: readonly PropertyResult[]): Record<string, Omit<PropertyResult, 'claimed'>> {
    const sums: Record<string, Omit<PropertyResult, 'claimed'>> = {};
    for (const { claimed: _, ...one } of properties) add(sums, one);
    for (const { ledger } of this.all) for (const { claimed: _, ...one } of ledger.results(new Set())) add(sums, one);
    return sums;
  }
}

/** Adds the counts of a property to those there are. */
export function add(
  sums: Record<string, Omit<PropertyResult, 'claimed'>>,
  { id, name, checked, failed, witnesses }: Omit<PropertyResult, 'claimed'>,
): void {
  const sum = sums[id] ?? { id, name, checked: 0, failed: 0, witnesses: 0 };
  sums[id] = {
    id,
    name,
    checked: sum.checked + checked,
    failed: sum.failed + failed,
    witnesses: sum.witnesses + witnesses,
  };
}

function tryBoot(setup: RunSetup): Life | undefined {
  try {
    return bootOnce(setup, 1);
  } catch (error) {
    if (error instanceof BootError) return undefined;
    throw error;
  }
}

/** Goes on to just after the next flush. */
export function awaitFlush(life: Life): void {
  const latest = Number.MAX_SAFE_INTEGER;
  for (let nth = 1; !life.setAlarm(0, { kind: 'event', event: 'disk-flush', nth, plus: 0, latest }); nth++);
  const state = life.advance(latest);
  if (state !== 'alarm') throw new Error(`campaign: no flush came, the system is ${state}`);
  life.takeAlarms();
}

/** The plan of a task. */
export function drawTaskPlan({ seed, variation }: CampaignTask, job: CampaignJob, setup: RunSetup): FaultPlan {
  const { bootCycles, snapshotCycles, intervals } = planShape(setup.options, job.cuts);
  const horizon = bootCycles + intervals * snapshotCycles;
  const plan = drawShape(seed, job.shape, { horizon, cuts: job.cuts });
  if (variation === 0 || plan.cuts.length === 0) return plan;
  const random = randomStream(seed, `variation ${variation}`);
  const [first, ...others] = plan.cuts;
  const shift = random.below(random.pick([1_000, 20_000, 400_000]));
  return { ...plan, cuts: [{ when: later(first.when, shift), survivors: first.survivors }, ...others] };
}

function later(when: PlannedCut['when'], cycles: number): Moment {
  if (when.kind === 'cycle') return { ...when, cycle: when.cycle + cycles };
  return { ...when, plus: when.plus + cycles };
}

/** Whether the plan has something for after its last cut, or beside the program, or a disk that may fill. */
function hasLater({ cuts, faults = [], timer = [], input = [], programs = [], diskMiB }: FaultPlan): boolean {
  const isBeside = input.length + programs.length > 0 || diskMiB !== undefined;
  return isBeside || [...faults, ...timer].some(({ boot }) => boot >= cuts.length);
}

function drawLooks(seed: number, plan: FaultPlan, setup: RunSetup): { boot: number; when: Moment }[] {
  const { bootCycles, snapshotCycles, intervals } = planShape(setup.options, 1);
  const horizon = bootCycles + intervals * snapshotCycles;
  return Array.from({ length: LOOKS }, (_, i) => {
    const random = randomStream(seed, `look ${i}`);
    const boot = random.below(plan.cuts.length + 1);
    const [nth, plus] = [1 + random.below(400), random.below(LOOK_DELAY)];
    return { boot, when: { kind: 'event', event: 'disk-write', nth, plus, latest: horizon } };
  });
}

function quiet(setup: RunSetup): RunSetup {
  const { bootCycles, snapshotCycles } = planShape(setup.options, 0);
  return { ...setup, options: { ...setup.options, maxCycles: bootCycles + QUIET_INTERVALS * snapshotCycles } };
}
