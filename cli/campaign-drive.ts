/** Has a campaign's tasks done, round after round, until it is over, its time is, or somebody stops it. */
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type Campaign,
  type CampaignTask,
  type CampaignWorkerData,
  type Explained,
  type FindingTask,
  type RunSetup,
  type SeedOutcome,
  SeedRunner,
} from '../faults/index.js';
import { grouped, plural } from '../reports/facts.js';
import type { CampaignResult } from '../reports/index.js';
import { type Crew, ThreadCrew } from './crew.js';
import { errorText } from './errors.js';
import { Interrupt } from './interrupt.js';
import { inLanes } from './lanes.js';
import { type Figures, Progress } from './progress.js';
import type { Terminal } from './terminal.js';

/** The functions of `faults/campaign-worker.ts`. */
export type CampaignKinds = {
  readonly campaignTask: { readonly task: CampaignTask; readonly outcome: SeedOutcome };
  readonly campaignFinding: { readonly task: FindingTask; readonly outcome: Explained };
};

/** What all workers of a campaign are given. */
export interface CampaignSupplies extends Omit<CampaignWorkerData, 'setups'> {
  readonly setups: ReadonlyMap<string, RunSetup>;
}

export interface DriveFlags {
  /** Null: until it is stopped. */
  readonly runs: number | null;
  /** Milliseconds. */
  readonly time?: number;
  readonly jobs: number;
  readonly shrink: boolean;
  readonly report?: string;
}

const PROGRESS = '{bar} {done}, {rate}/s, {states}, {cells}, {findings}';

/** Does the tasks between two turns of this thread. */
class OwnThread implements Crew<CampaignKinds> {
  readonly width = 1;
  private readonly runner: SeedRunner;

  constructor({ setups, job, corpus }: CampaignSupplies) {
    this.runner = new SeedRunner(setups, job, new Map(corpus.map((one) => [one.id, one])));
  }

  async run<Kind extends keyof CampaignKinds>(
    kind: Kind,
    task: CampaignKinds[Kind]['task'],
  ): Promise<CampaignKinds[Kind]['outcome']> {
    await turn();
    const does: {
      readonly [K in keyof CampaignKinds]: (task: CampaignKinds[K]['task']) => CampaignKinds[K]['outcome'];
    } = {
      campaignTask: (one) => this.runner.run(one),
      campaignFinding: (one) => this.runner.explain(one),
    };
    return does[kind](task);
  }

  async close(): Promise<void> {
    this.runner.dispose();
  }
}

/** Sources run in one thread: what loads them does not load them in workers. */
function crewOf(supplies: CampaignSupplies, jobs: number): Crew<CampaignKinds> {
  if (jobs === 1 || import.meta.url.endsWith('.ts')) return new OwnThread(supplies);
  const worker = fileURLToPath(new URL('../faults/campaign-worker.js', import.meta.url));
  return new ThreadCrew<CampaignKinds>(jobs, worker, { ...supplies, setups: [...supplies.setups] });
}

export class CampaignDrive {
  private readonly started = performance.now();
  private readonly interrupt = new Interrupt();
  private readonly progress: Progress;
  private readonly crew: Crew<CampaignKinds>;

  constructor(
    private readonly campaign: Campaign,
    supplies: CampaignSupplies,
    private readonly flags: DriveFlags,
    terminal: Terminal,
  ) {
    this.crew = crewOf(supplies, flags.jobs);
    this.progress = new Progress(terminal, PROGRESS, flags.runs ?? 0, this.figures());
  }

  /** Whether it was stopped before its end. To be called once. */
  async run(): Promise<boolean> {
    try {
      for (let tasks = this.campaign.nextRound(); tasks.length > 0; tasks = this.campaign.nextRound()) {
        if (!(await this.round(tasks))) break;
      }
      await this.explainFindings();
    } finally {
      this.interrupt.close();
      this.progress.stop();
      await this.crew.close();
    }
    return this.interrupt.isAsked;
  }

  performance(): CampaignResult['performance'] {
    const seconds = (performance.now() - this.started) / 1000;
    const { runs, crashStates, recoveries, readings } = this.campaign;
    const rate = (count: number) => Math.round((count / seconds) * 100) / 100;
    return [
      { name: 'time', value: Math.round(seconds * 10) / 10, unit: 's' },
      { name: 'worker threads', value: this.crew.width, unit: '' },
      { name: 'runs', value: rate(runs), unit: '1/s' },
      { name: 'cut, recovered and verified on the machine', value: rate(runs + recoveries), unit: '1/s' },
      { name: 'crash states', value: rate(crashStates), unit: '1/s' },
      { name: 'disks read by the independent reader', value: readings, unit: '' },
    ];
  }

  /** Merges the round in its order, as far as it was done. False: the campaign ends here. */
  private async round(tasks: readonly CampaignTask[]): Promise<boolean> {
    const outcomes = new Array<SeedOutcome | { readonly error: string } | undefined>(tasks.length);
    let merged = 0;
    const isOver = (): boolean => this.isOver;
    await inLanes(tasks, this.crew.width, isOver, async (task, at) => {
      let outcome: SeedOutcome | { readonly error: string };
      try {
        outcome = await this.crew.run('campaignTask', task);
      } catch (error) {
        // What was under way when it was over has ended with its worker.
        if (this.isOver) return;
        outcome = { error: errorText(error) };
      }
      outcomes[at] = outcome;
      for (let one = outcomes[merged]; one !== undefined; one = outcomes[++merged]) {
        if ('error' in one) this.takeError(tasks[merged], one.error);
        else this.take(one);
      }
    });
    return merged === tasks.length && !this.isOver;
  }

  /** After the last round; Ctrl-C leaves findings as they were drawn. */
  private async explainFindings(): Promise<void> {
    const { shrink, report } = this.flags;
    const tasks = this.campaign.findingTasks({ shrink, likelihood: shrink && report !== undefined });
    if (tasks.length === 0 || this.interrupt.isAsked) return;
    this.progress.say(`${plural(tasks.length, 'finding')} to be ${shrink ? 'made small and ' : ''}explained`);
    const isOver = (): boolean => this.interrupt.isAsked;
    await inLanes(tasks, this.crew.width, isOver, async (task, at) => {
      try {
        const explained = await this.crew.run('campaignFinding', task);
        if (!isOver()) this.campaign.explain(at, explained);
      } catch (error) {
        if (isOver()) return;
        this.campaign.recordError(task.task, `a finding could not be explained: ${errorText(error)}`);
      }
    });
  }

  private get isOver(): boolean {
    const { time } = this.flags;
    return this.interrupt.isAsked || (time !== undefined && performance.now() - this.started >= time);
  }

  private take(outcome: SeedOutcome): void {
    this.campaign.merge(outcome);
    this.progress.update(this.campaign.runs, this.figures());
    for (const { property, message } of outcome.failures) {
      const { seed, variation, workload } = outcome.task;
      const run = variation === 0 ? `seed ${seed}` : `seed ${seed}, variation ${variation}`;
      const which = outcome.task.corpus === undefined ? run : `past finding ${outcome.task.corpus}`;
      this.progress.say(`${which}, ${workload}: ${property} ${message}`);
    }
  }

  private takeError(task: CampaignTask, message: string): void {
    this.campaign.mergeError(task, message);
    this.progress.say(`seed ${task.seed}, ${task.workload}: error of the test bed: ${message}`);
  }

  private figures(): Figures {
    const { runs, crashStates, coverage, failedRuns } = this.campaign;
    const { runs: wanted } = this.flags;
    const seconds = Math.max(0.001, (performance.now() - this.started) / 1000);
    return {
      done: wanted === null ? plural(runs, 'run') : `${grouped(runs)} of ${plural(wanted, 'run')}`,
      rate: (runs / seconds).toFixed(1),
      states: plural(crashStates, 'crash state'),
      cells: plural(coverage, 'cell'),
      findings: plural(failedRuns, 'finding'),
    };
  }
}
