/**
 * A worker thread of a campaign: gets the set-ups once, then task after task.
 *
 * The rule: a worker keeps what it has booted and nothing else, so that any worker gives the same outcome for a task.
 */
import { workerData } from 'node:worker_threads';
import { type CampaignJob, type CampaignTask, type SeedOutcome, SeedRunner } from './seed-run.js';
import type { RunSetup } from './setup.js';

/** What a pool gives its workers. */
export interface CampaignWorkerData {
  readonly setups: readonly (readonly [string, RunSetup])[];
  readonly job: CampaignJob;
}

let runner: SeedRunner | undefined;

/** One task; a worker of a pool calls it. */
export function campaignTask(task: CampaignTask): SeedOutcome {
  runner ??= makeRunner();
  return runner.run(task);
}

function makeRunner(): SeedRunner {
  // A pool hands its own data in front of what it was given.
  const given = (Array.isArray(workerData) ? workerData[1] : workerData) as CampaignWorkerData;
  return new SeedRunner(new Map(given.setups), given.job);
}
