/**
 * What a campaign leaves for those after it: a line of figures, the states of its properties and the findings it had, without their runs. A folder of
 * reports keeps them in `history.json`, oldest first, so that the next campaign can say what is new.
 *
 * The rule: two findings are the same when they are of the same property and workload; which seed met it is chance. That one is gone says nothing where
 * it was not looked for, so it is `gone` only if the workload was run, under the same shape of plans, with the seed that had met it.
 */
import { z } from 'zod';
import { type CampaignResult, campaignSchema, findingFileSchema } from './campaign.js';
import { propertyState } from './facts.js';
import { parseAs } from './json.js';
import { propertySchema } from './schema.js';

export const HISTORY_FORMAT = 'phantom-campaign-history';
export const HISTORY_VERSION = 1;
/** Campaigns that a history keeps: the newest. */
export const HISTORY_MAX = 100;

const count = z.number().int().nonnegative();

export const campaignSummarySchema = z.strictObject({
  date: campaignSchema.shape.environment.shape.date,
  commit: campaignSchema.shape.environment.shape.commit,
  verdict: campaignSchema.shape.verdict,
  command: z.string(),
  shape: z.string(),
  seeds: campaignSchema.shape.seeds,
  /** Past findings that were run again. */
  corpus: count,
  workloads: z.array(z.string()),
  crashStates: count,
  recoveries: count,
  cells: count,
  properties: z.array(z.strictObject({ id: propertySchema.shape.id, state: z.string() })),
  findings: z.array(
    findingFileSchema.pick({ id: true, seed: true, workload: true, property: true, message: true, command: true }),
  ),
  /** Mutants that can be killed, and those that were. */
  mutants: z.strictObject({ able: count, killed: count }).optional(),
  performance: campaignSchema.shape.performance,
});
export type CampaignSummary = z.infer<typeof campaignSummarySchema>;

export const historySchema = z.strictObject({
  format: z.literal(HISTORY_FORMAT),
  version: z.literal(HISTORY_VERSION),
  campaigns: z.array(campaignSummarySchema),
});

export function summariseCampaign(result: CampaignResult): CampaignSummary {
  const { environment, verdict, command, shape, seeds, workloads, mutants } = result;
  const able = mutants?.filter(({ equivalent }) => equivalent === null);
  return {
    date: environment.date,
    commit: environment.commit,
    verdict,
    command,
    shape,
    seeds,
    corpus: result.corpus ?? 0,
    workloads: workloads.map(({ name }) => name),
    crashStates: workloads.reduce((sum, one) => sum + one.crashStates, 0),
    recoveries: workloads.reduce((sum, one) => sum + one.recoveries, 0),
    cells: result.coverage.length,
    properties: result.properties.map((one) => ({ id: one.id, state: propertyState(one) })),
    findings: result.findings.map(({ id, seed, workload, property, message, command: repeat }) => {
      return { id, seed, workload, property, message, command: repeat };
    }),
    ...(able === undefined
      ? {}
      : { mutants: { able: able.length, killed: able.filter(({ killed }) => killed).length } }),
    performance: result.performance,
  };
}

/** Oldest first; what has no date comes first of all. Of more than HISTORY_MAX the newest. */
export function inOrder(campaigns: readonly CampaignSummary[]): CampaignSummary[] {
  const known = new Map(campaigns.map((one) => [JSON.stringify(one), one]));
  const when = ({ date }: CampaignSummary): string => date ?? '';
  return [...known.values()].sort((a, b) => (when(a) < when(b) ? -1 : when(a) > when(b) ? 1 : 0)).slice(-HISTORY_MAX);
}

export function renderHistory(campaigns: readonly CampaignSummary[]): string {
  const history = { format: HISTORY_FORMAT, version: HISTORY_VERSION, campaigns: inOrder(campaigns) };
  return `${JSON.stringify(historySchema.parse(history), null, 1)}\n`;
}

/** Throws an Error that says in one line what is wrong. */
export function parseHistory(text: string): CampaignSummary[] {
  return parseAs(historySchema, text, 'a history of campaigns').campaigns;
}

/** A kind of failure, now and in the campaign before. */
export interface Standing {
  readonly state: 'new' | 'ongoing' | 'gone' | 'not tried';
  readonly property: string;
  readonly workload: string;
  /** Findings of it in the campaign before, and now. */
  readonly before: number;
  readonly now: number;
  /** What repeats the first of them. */
  readonly command: string;
}

const ORDER: readonly Standing['state'][] = ['new', 'ongoing', 'gone', 'not tried'];

/** What became of the findings of the campaign `before`, and what is new since. */
export function standings(now: CampaignSummary, before: CampaignSummary): Standing[] {
  const kinds = new Map<string, Standing>();
  for (const { property, workload } of [...now.findings, ...before.findings]) {
    const isOne = (one: { property: string; workload: string }): boolean =>
      one.property === property && one.workload === workload;
    const [here, there] = [now.findings.filter(isOne), before.findings.filter(isOne)];
    const state =
      here.length > 0
        ? there.length > 0
          ? 'ongoing'
          : 'new'
        : there.every((one) => wasTried(one, now, before))
          ? 'gone'
          : 'not tried';
    const [{ command }] = [...here, ...there];
    kinds.set(`${property} ${workload}`, {
      state,
      property,
      workload,
      before: there.length,
      now: here.length,
      command,
    });
  }
  return [...kinds.values()].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

/** Whether `now` looked where the finding of `before` was. */
function wasTried(
  { seed, workload, command }: CampaignSummary['findings'][number],
  now: CampaignSummary,
  before: CampaignSummary,
): boolean {
  if (!now.workloads.includes(workload)) return false;
  // Past findings have a command of their own, and no seed.
  if (command.includes(' --corpus ')) return now.corpus > 0;
  const { first, wanted, done } = now.seeds;
  return now.shape === before.shape && seed >= first && seed < first + Math.min(wanted, done);
}
