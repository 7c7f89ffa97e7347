/** Who does the tasks of a campaign in this process, and what all of them are given. */
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type CampaignTask,
  type CampaignWorkerData,
  type Explained,
  type FindingTask,
  type RunSetup,
  type SeedOutcome,
  SeedRunner,
} from '../faults/index.js';
import { type Crew, ThreadCrew, threadsFigure } from './crew.js';

/** The functions of `faults/campaign-worker.ts`. */
export type CampaignKinds = {
  readonly campaignTask: { readonly task: CampaignTask; readonly outcome: SeedOutcome };
  readonly campaignFinding: { readonly task: FindingTask; readonly outcome: Explained };
};

export interface CampaignSupplies extends Omit<CampaignWorkerData, 'setups'> {
  readonly setups: ReadonlyMap<string, RunSetup>;
}

/** Sources run in one thread: what loads them does not load them in workers. */
export const CAN_HAVE_THREADS = !import.meta.url.endsWith('.ts');

/** Does the tasks between two turns of this thread. */
export class OwnThread implements Crew<CampaignKinds> {
  readonly width = 1;
  readonly failure = undefined;
  readonly figure = threadsFigure(1);
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

/** `jobs` threads, or this one. */
export function localCrew(supplies: CampaignSupplies, jobs: number): Crew<CampaignKinds> {
  return jobs === 1 || !CAN_HAVE_THREADS ? new OwnThread(supplies) : campaignThreads(supplies, jobs);
}

/** So many threads beside this one. Needs compiled code. */
export function campaignThreads(supplies: CampaignSupplies, width: number): Crew<CampaignKinds> {
  const worker = fileURLToPath(new URL('../faults/campaign-worker.js', import.meta.url));
  return new ThreadCrew<CampaignKinds>(width, worker, { ...supplies, setups: [...supplies.setups] });
}
