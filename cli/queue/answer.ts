/**
 * What a worker answers, held against what a campaign can merge.
 *
 * The rule: who answers is another process, on a machine that nobody here has seen. An answer that is not one of the task asked for is an error of that
 * task, which the report names; it never ends the campaign, and nothing of it is counted.
 */
import { z } from 'zod';
import { coverageCellSchema, findingFileSchema } from '../../reports/campaign.js';
import { propertySchema, resultSchema } from '../../reports/schema.js';
import type { CampaignKinds } from '../campaign-crew.js';
import type { QueueJob } from './protocol.js';

const count = z.number().int().nonnegative();

const answerSchema = z.union([z.strictObject({ outcome: z.unknown() }), z.strictObject({ error: z.string() })]);

const outcomeSchema = z.strictObject({
  /** Must be the very task, which is looked at apart. */
  task: z.unknown(),
  text: z.string(),
  hasInvariant: z.boolean(),
  cuts: count,
  cycles: count,
  crashStates: count,
  recoveries: count,
  agreed: count,
  readings: count,
  repeated: count,
  exhausted: z.array(z.strictObject({ space: z.string(), states: count })),
  cells: z.array(coverageCellSchema),
  tallies: z.record(propertySchema.shape.id, propertySchema.omit({ claimed: true })),
  failures: z.array(z.strictObject({ property: propertySchema.shape.id, message: z.string(), result: resultSchema })),
});

const EXPLAINED = { message: true, result: true, shrunk: true, likelihood: true, timeline: true } as const;

const SCHEMAS: { readonly [Kind in keyof CampaignKinds]: z.ZodType } = {
  campaignTask: outcomeSchema,
  campaignFinding: findingFileSchema.pick({ ...EXPLAINED, pages: true, trace: true }),
};

/** What the job came to. Throws Error with what the worker says it threw, or with where the answer is none to this job. */
export function outcomeOf({ kind, task }: QueueJob, given: unknown): CampaignKinds[keyof CampaignKinds]['outcome'] {
  const answer = parsed(answerSchema, given);
  if ('error' in answer) throw new Error(answer.error);
  const { outcome } = answer;
  parsed(SCHEMAS[kind], outcome);
  if (kind === 'campaignTask' && JSON.stringify((outcome as { task: unknown }).task) !== JSON.stringify(task)) {
    throw new Error('a worker answered with what another task came to');
  }
  return outcome as CampaignKinds[keyof CampaignKinds]['outcome'];
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue.path.length > 0 ? z.core.toDotPath(issue.path) : 'the whole';
  throw new Error(`a worker answered with what is no outcome: ${where}: ${issue.message}`);
}
