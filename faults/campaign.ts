/**
 * A campaign: many seeds over some workloads, in rounds, merged to one result.
 *
 * The rule: who runs the tasks, and how many at once, changes nothing of the result. So tasks are given out by rounds of a fixed size, outcomes are
 * merged in the order of the tasks, and what coverage says decides the next round only. A campaign that is stopped has the tasks before the
 * first one missing. A task that the bed cannot do is recorded, and the campaign goes on; it has not held then.
 *
 * Coverage guides: a seed that reached a cell (what the kernel was about, what was in flight, how recovery went) that no seed before it had
 * reached is tried again in variations, a little later and with the rest of its plan the same.
 */
import {
  CAMPAIGN_FORMAT,
  CAMPAIGN_VERSION,
  type CampaignError,
  type CampaignResult,
  FINDING_FORMAT,
  FINDING_VERSION,
  type FindingFile,
} from '../reports/campaign.js';
import { coveredText } from '../reports/campaign-facts.js';
import { grouped, plural, propertyState } from '../reports/facts.js';
import { type PlanShapeName, SEED_MAX } from '../reports/plan.js';
import type { PropertyResult } from '../reports/schema.js';
import type { Cell } from './explore.js';
import type { Failure } from './failure.js';
import type { Explained } from './finding.js';
import { PROPERTIES, type PropertyId } from './properties.js';
import { isPlanned, NEEDS, TASK_PROPERTIES, type TaskProperty } from './property-tasks.js';
import { add, type CampaignJob, type CampaignTask, type FindingTask, type SeedOutcome } from './seed-run.js';
import { MACHINE_PROFILE, type RunSetup } from './setup.js';

export interface CampaignPlan {
  readonly job: CampaignJob;
  readonly first: number;
  /** Runs, variations of seeds included; null: until it is stopped. */
  readonly runs: number | null;
  /** By name, in the order in which seeds take them. */
  readonly setups: ReadonlyMap<string, RunSetup>;
  /** Findings of the past that are run again, first of all: those of workloads of this campaign, by id. */
  readonly corpus?: readonly { readonly id: string; readonly workload: string }[];
  /** Properties that are judged by tasks of their own, before any seed. */
  readonly properties?: readonly PropertyTask[];
  /** One snapshot of each workload is gone through whole, before any seed. */
  readonly exhaustive: boolean;
  /** A single variation of the first seed. */
  readonly variation?: number;
  /** What repeats the campaign, and what repeats one task of it. */
  readonly command: string;
  readonly commandOf: (task: CampaignTask) => string;
}

/** A property and the workload it is judged on. */
export interface PropertyTask {
  readonly property: TaskProperty;
  readonly workload: string;
}

/** Tasks of one round: enough for any host's processors, few enough that what one taught serves the next. */
const ROUND = 24;
/** Of a round's tasks at most so many are variations. */
const VARIATIONS_A_ROUND = 8;
/** How often a seed is varied that has reached something new. */
const VARIATIONS_A_SEED = 2;
/** A campaign of fewer runs claims only what every run claims. */
export const FULL_CLAIM_RUNS = 100;
/** Every so many runs are done twice (P22). */
const REPEAT_EVERY = 100;
/** Every so many runs go on until the system commits again (P14), which takes most of the time of a run. */
const WHOLE_EVERY = 4;
/** Findings beyond this are counted and not kept: each has a whole run in it. */
const FINDINGS_MAX = 20;
/** Of a workload's name so much is in the id of a finding, which names a file. */
const NAME_MAX = 60;

/** What every run that recovers puts at stake, and what many of them do. */
const ALWAYS: readonly PropertyId[] = ['P1', 'P2', 'P3', 'P14', 'P22'];
const OFTEN: readonly PropertyId[] = [...ALWAYS, 'P4', 'P5', 'P6', 'P7', 'P8', 'P9', 'P10', 'P15', 'P18', 'P19'];

interface WorkloadSum {
  runs: number;
  cuts: number;
  crashStates: number;
  recoveries: number;
  cycles: number;
}

export class Campaign {
  private readonly names: readonly string[];
  private given = 0;
  private nextSeed: number;
  private merged = 0;
  private readonly queue: { seed: number; variation: number; workload: string }[] = [];
  private readonly cells = new Map<string, Cell>();
  private readonly sums: Record<string, Omit<PropertyResult, 'claimed'>> = {};
  private readonly workloads = new Map<string, WorkloadSum>();
  private readonly exhausted = new Map<string, number>();
  private readonly failures: { readonly task: CampaignTask; readonly failure: Failure; explained?: Explained }[] = [];
  private runsGiven = 0;
  private corpusMerged = 0;
  private judgements = 0;
  private failed = 0;
  private readonly errors: CampaignError[] = [];
  /** Runs that could not be made. */
  private lost = 0;
  private firstFailure: SeedOutcome | undefined;
  private repeated = 0;
  private agreed = 0;
  private hasInvariant = false;
  readings = 0;

  constructor(private readonly plan: CampaignPlan) {
    this.names = [...plan.setups.keys()];
    this.nextSeed = plan.first;
    for (const name of this.names) {
      this.workloads.set(name, { runs: 0, cuts: 0, crashStates: 0, recoveries: 0, cycles: 0 });
    }
  }

  /** The tasks of the next round; none when the campaign is over. Every task of the round before must be merged. */
  nextRound(): CampaignTask[] {
    if (this.merged !== this.given) throw new Error('campaign: the round before is not merged');
    const tasks: CampaignTask[] = [];
    if (this.given === 0) {
      const { corpus = [], properties = [], exhaustive, first } = this.plan;
      for (const { id, workload } of corpus) tasks.push({ ...this.task(first, 0, workload), corpus: id });
      for (const { property, workload } of properties) tasks.push({ ...this.task(first, 0, workload), property });
      if (exhaustive) for (const workload of this.names) tasks.push({ ...this.task(first, 0, workload), exhaustive });
    }
    const { runs, variation } = this.plan;
    const wanted = Math.min(ROUND, (runs ?? Number.POSITIVE_INFINITY) - this.runs - this.lost);
    const varied = this.queue.splice(0, Math.min(VARIATIONS_A_ROUND, wanted));
    for (const { seed, variation, workload } of varied) tasks.push(this.run(seed, variation, workload));
    for (let i = varied.length; i < wanted && this.nextSeed <= SEED_MAX; i++) {
      const workload = this.names[this.nextSeed % this.names.length];
      tasks.push(this.run(this.nextSeed++, variation ?? 0, workload));
    }
    return tasks;
  }

  /** Outcomes are merged in the order of their tasks. */
  merge(outcome: SeedOutcome): void {
    const { task } = outcome;
    this.countMerged(task);
    const sum = this.workloads.get(task.workload);
    if (sum === undefined) throw new Error(`campaign: no workload ${task.workload}`);
    if (task.corpus !== undefined) this.corpusMerged++;
    else if (task.property !== undefined) this.judgements++;
    else if (isRun(task)) sum.runs++;
    sum.cuts += outcome.cuts;
    sum.crashStates += outcome.crashStates;
    sum.recoveries += outcome.recoveries;
    sum.cycles += outcome.cycles;
    for (const tally of Object.values(outcome.tallies)) add(this.sums, tally);
    for (const { space, states } of outcome.exhausted) {
      this.exhausted.set(space, (this.exhausted.get(space) ?? 0) + states);
    }
    this.repeated += outcome.repeated;
    this.agreed += outcome.agreed;
    this.readings += outcome.readings;
    this.hasInvariant ||= outcome.hasInvariant;
    const isNew = this.countCells(outcome.cells);
    if (isNew && task.variation === 0 && isRun(task)) {
      for (let variation = 1; variation <= VARIATIONS_A_SEED; variation++) {
        this.queue.push({ seed: task.seed, variation, workload: task.workload });
      }
    }
    if (outcome.failures.length === 0) return;
    this.failed++;
    this.firstFailure ??= outcome;
    for (const failure of outcome.failures) {
      if (this.failures.length < FINDINGS_MAX) this.failures.push({ task, failure });
    }
  }

  /** In the place of an outcome: what kept the bed from doing the task. */
  mergeError(task: CampaignTask, message: string): void {
    this.countMerged(task);
    if (isRun(task)) this.lost++;
    this.recordError(task, message);
  }

  /** An error of the bed's own at a task, which makes the campaign's result an error at least. */
  recordError(task: CampaignTask, message: string): void {
    const { seed, workload } = task;
    this.errors.push({ seed, workload, message, command: this.plan.commandOf(task) });
  }

  /**
   * What is to be found out about the findings that the result will have; the first of each property and workload is made small, what the corpus has
   * is small already.
   */
  findingTasks(wishes: FindingTask['wishes']): FindingTask[] {
    const met = new Set<string>();
    return this.failures.map(({ task, failure }) => {
      const kind = `${failure.property} ${task.workload}`;
      const isFirst = task.corpus === undefined && !isStaged(task) && !met.has(kind);
      if (isFirst) met.add(kind);
      return { task, failure, wishes: { shrink: wishes.shrink && isFirst, likelihood: wishes.likelihood && isFirst } };
    });
  }

  /** What was found out about the finding `index` of `findingTasks`. */
  explain(index: number, explained: Explained): void {
    this.failures[index].explained = explained;
  }

  get runs(): number {
    return this.total(({ runs }) => runs);
  }

  get crashStates(): number {
    return this.total(({ crashStates }) => crashStates);
  }

  get recoveries(): number {
    return this.total(({ recoveries }) => recoveries);
  }

  get coverage(): number {
    return this.cells.size;
  }

  get failedRuns(): number {
    return this.failed;
  }

  /** `stopped`: somebody ended it before its end. */
  result(
    stopped: boolean,
    performance: CampaignResult['performance'],
    environment: CampaignResult['environment'],
  ): CampaignResult {
    const { plan } = this;
    const claimed = this.claimed(stopped);
    const properties = (Object.keys(PROPERTIES) as PropertyId[]).map((id) => ({
      ...(this.sums[id] ?? { id, name: PROPERTIES[id], checked: 0, failed: 0, witnesses: 0 }),
      claimed: claimed.has(id),
    }));
    const vacuous = properties.filter((one) => propertyState(one) === 'vacuous').map(({ id }) => id);
    const broken = properties.filter(({ failed }) => failed > 0).map(({ id }) => id);
    const hasFailed = this.failed > 0 || vacuous.length > 0;
    const hasErred = this.errors.length > 0;
    const [setup] = plan.setups.values();
    return {
      format: CAMPAIGN_FORMAT,
      version: CAMPAIGN_VERSION,
      verdict: {
        outcome: hasFailed ? 'failed' : hasErred ? 'error' : stopped ? 'stopped' : 'held',
        text: this.sentence(stopped, broken, vacuous),
      },
      command: plan.command,
      seeds: { first: plan.first, wanted: plan.runs ?? this.runs, done: this.runs },
      shape: plan.job.shape,
      kernel: { sha256: setup.kernel.sha256, defects: [...setup.kernel.defects] },
      machine: { profile: MACHINE_PROFILE.name, timing: MACHINE_PROFILE.cpu.timing, engine: 'interpreter' },
      workloads: this.workloadResults(),
      exhaustive: [...this.exhausted].map(([space, states]) => ({ space, states })),
      ...(this.corpusMerged === 0 ? {} : { corpus: this.corpusMerged }),
      repeated: this.repeated,
      agreed: this.agreed,
      properties,
      coverage: [...this.cells.values()].sort((a, b) => (cellKey(a) < cellKey(b) ? -1 : 1)),
      findings: named(
        this.failures.map(({ task, failure, explained }) => ({ ...this.finding(task, failure), ...explained })),
      ),
      ...(hasErred ? { errors: this.errors } : {}),
      performance,
      environment,
    };
  }

  private countMerged({ index }: CampaignTask): void {
    if (index !== this.merged) throw new Error(`campaign: task ${index} merged, expected ${this.merged}`);
    this.merged++;
  }

  private task(seed: number, variation: number, workload: string): CampaignTask {
    return { index: this.given++, seed, variation, workload, exhaustive: false };
  }

  private run(seed: number, variation: number, workload: string): CampaignTask {
    const given = this.runsGiven++;
    return {
      ...this.task(seed, variation, workload),
      twice: given % REPEAT_EVERY === 0,
      brief: given % WHOLE_EVERY !== 0,
    };
  }

  private workloadResults(): CampaignResult['workloads'] {
    return [...this.workloads].map(([name, sum]) => ({ name, ...sum }));
  }

  private total(of: (sum: WorkloadSum) => number): number {
    let total = 0;
    for (const sum of this.workloads.values()) total += of(sum);
    return total;
  }

  /** Whether one of them is new. */
  private countCells(cells: readonly Cell[]): boolean {
    let isNew = false;
    for (const cell of cells) {
      const key = cellKey(cell);
      const known = this.cells.get(key);
      if (known === undefined) {
        this.cells.set(key, { ...cell });
        isNew = true;
      } else {
        known.count += cell.count;
      }
    }
    return isNew;
  }

  /** What a campaign without a witness of it has shown nothing about; a stopped one claims nothing. */
  private claimed(stopped: boolean): ReadonlySet<PropertyId> {
    const { shape, trace } = this.plan.job;
    const { properties = [] } = this.plan;
    if (stopped || this.runs === 0) return new Set();
    if (shape === 'none') return new Set(['P22']);
    const claimed = new Set(this.runs < FULL_CLAIM_RUNS ? ['P22' as const] : OFTEN);
    if (this.runs >= ROUND) for (const id of ALWAYS) claimed.add(id);
    if (this.hasInvariant && this.runs >= FULL_CLAIM_RUNS) claimed.add('P26');
    if (trace) claimed.add('P24');
    for (const { property } of properties) claimed.add(property);
    return claimed;
  }

  private sentence(stopped: boolean, broken: readonly string[], vacuous: readonly string[]): string {
    const workloads = this.workloadResults();
    const single = this.judgements === 0 ? '' : `${plural(this.judgements, 'single judgement')}, `;
    const covered = `${single}${coveredText({ corpus: this.corpusMerged, workloads, cells: this.cells.size })}`;
    if (this.failed > 0) {
      const first = this.firstFailure?.task;
      const where = first === undefined ? '' : `; first: ${taskName(first)}, ${first.workload}`;
      const end = stopped ? '; stopped before its end' : '';
      return `FAILED: ${broken.join(', ')} in ${grouped(this.failed)} of ${covered}${where}${end}`;
    }
    if (vacuous.length > 0) return `FAILED: vacuous: no witness for ${vacuous.join(', ')} in ${covered}`;
    const [error] = this.errors;
    if (error !== undefined) {
      const which = `first: seed ${error.seed}, ${error.workload}: ${error.message}`;
      return `ERROR: ${plural(this.errors.length, 'error')} of the test bed beside ${covered}; ${which}`;
    }
    return `${stopped ? 'stopped: nothing failed in' : 'held:'} ${covered}`;
  }

  private finding(task: CampaignTask, { property, message, result }: Failure): FindingFile {
    const variation = task.property !== undefined ? '-task' : task.variation === 0 ? '' : `-${task.variation}`;
    const name = task.workload
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-/, '')
      .slice(0, NAME_MAX);
    return {
      format: FINDING_FORMAT,
      version: FINDING_VERSION,
      id: `${task.corpus ?? `${name}-${task.seed}${variation}`}-${property.toLowerCase()}`,
      seed: task.seed,
      workload: task.workload,
      property,
      message,
      command: this.plan.commandOf(task),
      result,
      shrunk: null,
      likelihood: [],
      timeline: [],
      pages: [],
      trace: [],
    };
  }
}

/**
 * Each finding with an id of its own, which names its file: a run and a crash state of one of its cuts may fail by the same property, and so may two
 * tasks of one seed.
 */
function named(findings: readonly FindingFile[]): FindingFile[] {
  const taken = new Set<string>();
  return findings.map((finding) => {
    let { id } = finding;
    for (let nth = 2; taken.has(id); nth++) id = `${finding.id}-${nth}`;
    taken.add(id);
    return { ...finding, id };
  });
}

/** Whether it is one of the runs that are drawn from seeds. */
function isRun({ corpus, property, exhaustive }: CampaignTask): boolean {
  return corpus === undefined && property === undefined && !exhaustive;
}

/** Whether it is judged without a run that could be made smaller. */
function isStaged({ property }: CampaignTask): boolean {
  return property !== undefined && !isPlanned(property);
}

/** What people call it. */
export function taskName({ seed, variation, corpus, property }: CampaignTask): string {
  if (corpus !== undefined) return `past finding ${corpus}`;
  if (property !== undefined) return `the judgement of ${property}`;
  return variation === 0 ? `seed ${seed}` : `seed ${seed}, variation ${variation}`;
}

/**
 * The properties that a campaign judges by tasks of their own. `lines`: workloads whose lines are a function of their numbers alone, which P16
 * compares; the others are judged on the first workload.
 */
export function propertyTasks(
  shape: PlanShapeName,
  workloads: readonly string[],
  lines: readonly string[],
): PropertyTask[] {
  if (shape === 'none') return [];
  const [workload] = workloads;
  return TASK_PROPERTIES.flatMap((property): PropertyTask[] => {
    if (isPlanned(property) && property !== 'P10' && shape !== 'everything') return [];
    const needed = NEEDS[property];
    if (needed !== undefined) return workloads.includes(needed) ? [{ property, workload: needed }] : [];
    return (property === 'P16' ? lines : [workload]).map((one) => ({ property, workload: one }));
  });
}

function cellKey({ kernel, inFlight, recovery }: Cell): string {
  return `${kernel} | ${inFlight} | ${recovery}`;
}
