/** A campaign whose tasks cost nothing: outcomes are made up from the task. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Campaign, DEFAULT_OPTIONS, type RunSetup, type SeedOutcome } from '../../../faults/index.js';
import { renderCampaignJson } from '../../../reports/index.js';
import type { CampaignKinds, CampaignSupplies } from '../../campaign-crew.js';
import { CampaignDrive, type CrewMaker } from '../../campaign-drive.js';
import type { Crew } from '../../crew.js';
import { Terminal } from '../../terminal.js';

const kernel: RunSetup['kernel'] = { elf: Uint8Array.of(127, 69, 76, 70), sha256: 'ab'.repeat(32), defects: [] };

const setup: RunSetup = {
  kernel,
  program: [{ name: '.t.main', bytes: Uint8Array.of(1, 2, 3, 255) }],
  options: { ...DEFAULT_OPTIONS, bootClass: '.t.main' },
  disk: 'new',
  files: [],
};

export const SUPPLIES: CampaignSupplies = {
  setups: new Map(['a', 'b'].map((name) => [name, setup])),
  job: { shape: 'cuts', cuts: 2, states: 10, recoverOneIn: 5, trace: false },
  corpus: [],
};

/** The bed cannot make its run. */
const FAILING_SEED = 17;

/** Cells come again after some seeds, so that variations are drawn of the first ones. */
function outcomeOf(task: CampaignKinds['campaignTask']['task']): SeedOutcome {
  const { seed, variation, workload } = task;
  if (seed === FAILING_SEED) throw new Error('no room for the guest');
  return {
    task,
    text: 'held',
    hasInvariant: false,
    cuts: 1 + (seed % 3),
    cycles: 1000 * seed + variation,
    crashStates: seed % 20,
    recoveries: seed % 4,
    agreed: seed % 4,
    readings: 2,
    repeated: task.twice === true ? 1 : 0,
    exhausted: [],
    cells: [{ kernel: workload, inFlight: `${(seed * 7) % 11}`, recovery: 'fresh', count: 1 }],
    tallies: { P2: { id: 'P2', name: 'P2', checked: seed, failed: 0, witnesses: 1 } },
    failures: [],
  };
}

/** Takes so long for each task. */
export class MadeUpCrew implements Crew<CampaignKinds> {
  readonly width = 3;
  readonly failure = undefined;
  readonly figure = { name: 'made up', value: 1 };
  closed = false;

  constructor(private readonly ms: number = 0) {}

  async run<Kind extends keyof CampaignKinds>(
    _kind: Kind,
    task: CampaignKinds[Kind]['task'],
  ): Promise<CampaignKinds[Kind]['outcome']> {
    await sleep(this.ms, undefined, { ref: false });
    return outcomeOf(task as CampaignKinds['campaignTask']['task']);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

export interface Ended {
  /** The report, but for what is never the same twice. */
  readonly report: string;
  readonly stopped: boolean;
  readonly failure: string | undefined;
  readonly runs: number;
}

/** The campaign run by that crew. */
export async function campaignBy(makeCrew: CrewMaker, runs = 60): Promise<Ended> {
  const campaign = new Campaign({
    job: SUPPLIES.job,
    first: 5,
    runs,
    setups: SUPPLIES.setups,
    exhaustive: false,
    command: 'npx phantom check',
    commandOf: ({ seed }) => `npx phantom check --seed ${seed}`,
  });
  const drive = new CampaignDrive(campaign, { runs, shrink: false }, new Terminal('hidden'));
  const stopped = await drive.run(makeCrew);
  const result = campaign.result(stopped, [], { node: '', commit: null, date: null });
  return { report: renderCampaignJson(result), stopped, failure: drive.failure, runs: campaign.runs };
}
