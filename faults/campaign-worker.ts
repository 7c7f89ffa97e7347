/**
 * A worker thread of a campaign: gets the set-ups once, then task after task.
 *
 * The rule: a worker keeps what it has booted and nothing else, so that any worker gives the same outcome for a task.
 */
import { workerData } from 'node:worker_threads';
import type { FindingFile } from '../reports/campaign.js';
import type { Explained } from './finding.js';
import { type CampaignJob, type CampaignTask, type FindingTask, type SeedOutcome, SeedRunner } from './seed-run.js';
import type { RunSetup } from './setup.js';

/** What a pool gives its workers. */
export interface CampaignWorkerData {
  readonly setups: readonly (readonly [string, RunSetup])[];
  readonly job: CampaignJob;
  readonly corpus: readonly FindingFile[];
}

let runner: SeedRunner | undefined;

/** One task; a worker of a pool calls it. */
export function campaignTask(task: CampaignTask): SeedOutcome {
  runner ??= makeRunner();
  return runner.run(task);
}

/** What a finding says of a failure. */
export function campaignFinding(task: FindingTask): Explained {
  runner ??= makeRunner();
  return runner.explain(task);
}

function makeRunner(): SeedRunner {
  // A pool hands its own data in front of what it was given.
  const given = (Array.isArray(workerData) ? workerData[1] : workerData) as CampaignWorkerData;
  return new SeedRunner(new Map(given.setups), given.job, new Map(given.corpus.map((one) => [one.id, one])));
}
