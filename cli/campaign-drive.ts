/** Has a campaign's tasks done, round after round, until it is over, its time is, or somebody stops it. */
import { type Campaign, type CampaignTask, type SeedOutcome, taskName } from '../faults/index.js';
import { grouped, plural } from '../reports/facts.js';
import type { CampaignResult } from '../reports/index.js';
import type { CampaignKinds } from './campaign-crew.js';
import type { Crew } from './crew.js';
import { errorText } from './errors.js';
import { Interrupt } from './interrupt.js';
import { inLanes } from './lanes.js';
import { type Figures, Progress } from './progress.js';
import type { Terminal } from './terminal.js';

export interface DriveFlags {
  /** Null: until it is stopped. */
  readonly runs: number | null;
  /** Milliseconds. */
  readonly time?: number;
  readonly shrink: boolean;
  readonly report?: string;
}

const PROGRESS = '{bar} {done}, {rate}/s, {states}, {cells}, {findings}';

/** Makes the crew; `say` is for lines beside the progress. */
export type CrewMaker = (say: (text: string) => void) => Promise<Crew<CampaignKinds>>;

export class CampaignDrive {
  private readonly started = performance.now();
  private readonly interrupt = new Interrupt();
  private readonly progress: Progress;
  private crew: Crew<CampaignKinds> | undefined;

  constructor(
    private readonly campaign: Campaign,
    private readonly flags: DriveFlags,
    terminal: Terminal,
  ) {
    this.progress = new Progress(terminal, PROGRESS, flags.runs ?? 0, this.figures());
  }

  /** Whether it was stopped before its end. To be called once. */
  async run(makeCrew: CrewMaker): Promise<boolean> {
    try {
      const crew = await makeCrew((text) => this.progress.say(text));
      this.crew = crew;
      for (let tasks = this.campaign.nextRound(); tasks.length > 0; tasks = this.campaign.nextRound()) {
        if (!(await this.round(crew, tasks))) break;
      }
      await this.explainFindings(crew);
    } finally {
      this.interrupt.close();
      this.progress.stop();
      await this.crew?.close();
    }
    return this.isStopped;
  }

  /** Why the campaign could not go on; undefined where it could. */
  get failure(): string | undefined {
    return this.crew?.failure;
  }

  performance(): CampaignResult['performance'] {
    const seconds = (performance.now() - this.started) / 1000;
    const { runs, crashStates, recoveries, readings } = this.campaign;
    const rate = (count: number) => Math.round((count / seconds) * 100) / 100;
    return [
      { name: 'time', value: Math.round(seconds * 10) / 10, unit: 's' },
      ...(this.crew === undefined ? [] : [{ ...this.crew.figure, unit: '' }]),
      { name: 'runs', value: rate(runs), unit: '1/s' },
      { name: 'cut, recovered and verified on the machine', value: rate(runs + recoveries), unit: '1/s' },
      { name: 'crash states', value: rate(crashStates), unit: '1/s' },
      { name: 'disks read by the independent reader', value: readings, unit: '' },
    ];
  }

  /** Merges the round in its order, as far as it was done. False: the campaign ends here. */
  private async round(crew: Crew<CampaignKinds>, tasks: readonly CampaignTask[]): Promise<boolean> {
    const outcomes = new Array<SeedOutcome | { readonly error: string } | undefined>(tasks.length);
    let merged = 0;
    const isOver = (): boolean => this.isOver;
    await inLanes(tasks, crew.width, isOver, async (task, at) => {
      let outcome: SeedOutcome | { readonly error: string };
      try {
        outcome = await crew.run('campaignTask', task);
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
  private async explainFindings(crew: Crew<CampaignKinds>): Promise<void> {
    const { shrink, report } = this.flags;
    const tasks = this.campaign.findingTasks({ shrink, likelihood: shrink && report !== undefined });
    if (tasks.length === 0 || this.isStopped) return;
    this.progress.say(`${plural(tasks.length, 'finding')} to be ${shrink ? 'made small and ' : ''}explained`);
    const isOver = (): boolean => this.isStopped;
    await inLanes(tasks, crew.width, isOver, async (task, at) => {
      try {
        const explained = await crew.run('campaignFinding', task);
        if (!isOver()) this.campaign.explain(at, explained);
      } catch (error) {
        if (isOver()) return;
        this.campaign.recordError(task.task, `a finding could not be explained: ${errorText(error)}`);
      }
    });
  }

  /** By somebody, or because nobody is there to do its tasks. */
  private get isStopped(): boolean {
    return this.interrupt.isAsked || this.failure !== undefined;
  }

  private get isOver(): boolean {
    const { time } = this.flags;
    return this.isStopped || (time !== undefined && performance.now() - this.started >= time);
  }

  private take(outcome: SeedOutcome): void {
    this.campaign.merge(outcome);
    this.progress.update(this.campaign.runs, this.figures());
    for (const { property, message } of outcome.failures) {
      this.progress.say(`${taskName(outcome.task)}, ${outcome.task.workload}: ${property} ${message}`);
    }
  }

  private takeError(task: CampaignTask, message: string): void {
    this.campaign.mergeError(task, message);
    this.progress.say(`${taskName(task)}, ${task.workload}: error of the test bed: ${message}`);
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
