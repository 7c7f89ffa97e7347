/**
 * The result of a campaign: many runs and crash states of some workloads, judged, counted and merged. One schema, from which
 * JSON, Markdown, HTML and JUnit XML are made.
 *
 * The rule: but for `performance` and `environment` it is a function of kernel image, workloads, shape and seeds, whatever the
 * number of workers and the order in which they ended; so two campaigns may be compared, and parts of one merged.
 */
import { z } from 'zod';
import { matrixSchema } from './matrix.js';
import { planSchema, seedSchema } from './plan.js';
import { propertySchema, resultSchema } from './schema.js';

export const CAMPAIGN_FORMAT = 'phantom-campaign';
export const CAMPAIGN_VERSION = 1;
export const FINDING_FORMAT = 'phantom-finding';
export const FINDING_VERSION = 1;

const count = z.number().int().nonnegative();
/** 16 bytes of a page. */
const line = z.string().regex(/^[0-9a-f]{32}$/);

/** What is drawn in a lane of a finding's timeline; both ends are cycles since the power-on of `boot`. */
export const spanSchema = z.strictObject({
  lane: z.enum(['threads', 'snapshot', 'disk', 'faults', 'power']),
  boot: count,
  from: count,
  to: count,
  label: z.string(),
});
export type Span = z.infer<typeof spanSchema>;

export const pageDifferenceSchema = z.strictObject({
  /** Number of the persistent page. */
  page: count,
  /** Hash it had at the demarcation, and the one it was found with; null: no content, or not found. */
  expected: z.string().nullable(),
  found: z.string().nullable(),
  /** Where both contents were seen: how many bytes differ, and the first lines of 16 bytes that have one, in hexadecimal. */
  content: z
    .strictObject({
      bytes: count.min(1),
      lines: z.array(z.strictObject({ offset: count, expected: line, found: line })).min(1),
    })
    .optional(),
});
export type PageDifference = z.infer<typeof pageDifferenceSchema>;

/** One state of a TLA+ behaviour: the action that led to it, and the variables in TLA+'s notation. */
export const traceStepSchema = z.strictObject({
  action: z.string(),
  variables: z.array(z.strictObject({ name: z.string(), value: z.string(), changed: z.boolean() })),
});
export type TraceStep = z.infer<typeof traceStepSchema>;

/** What was found, as a file of its own: `phantom replay` runs it again without any generator. */
export const findingFileSchema = z.strictObject({
  format: z.literal(FINDING_FORMAT),
  version: z.literal(FINDING_VERSION),
  /** The same for the same failure of the same plan: names the file. */
  id: z.string().regex(/^[a-z0-9-]+$/),
  /** Where it comes from: the seed of the campaign and the workload. */
  seed: seedSchema,
  workload: z.string(),
  /** What failed first. */
  property: propertySchema.shape.id,
  message: z.string(),
  /** One line that repeats it where the workload's name is known. */
  command: z.string(),
  /** The run of the plan after shrinking: programs, options, kernel, plan, timeline. */
  result: resultSchema,
  /**
   * Of the corpus of past failures: the commit of the kernel it was found on, whose defects `result` names, and what broke. Such a file has no lines,
   * events and digests: it is run and judged on any kernel, and compared with nothing.
   */
  corpus: z.strictObject({ commit: z.string(), why: z.string() }).optional(),
  /** How the plan became small; null where it was not tried. */
  shrunk: z
    .strictObject({
      runs: count,
      /** The plan as it was drawn. */
      from: planSchema,
      /** Whether no simpler plan that was tried fails, or the bound of runs came first. */
      minimal: z.boolean(),
    })
    .nullable(),
  /** Of runs that went on from a moment with other randomness, how many failed; in the order of time. */
  likelihood: z.array(z.strictObject({ boot: count, cycle: count, tried: count, failed: count })),
  timeline: z.array(spanSchema),
  pages: z.array(pageDifferenceSchema),
  /** The behaviour of the specification up to where what was observed left it. */
  trace: z.array(traceStepSchema),
});
export type FindingFile = z.infer<typeof findingFileSchema>;

export const mutantSchema = z.strictObject({
  name: z.string(),
  killed: z.boolean(),
  /** What killed it: a property's number, or the test that did. */
  property: z.string().nullable(),
  /** Runs until it was killed, median of the seeds tried. */
  runs: count,
  /** Why no run can tell it from the kernel as it is; null where one can. */
  equivalent: z.string().nullable(),
});
export type MutantResult = z.infer<typeof mutantSchema>;

/** A run that the test bed could not make, by an error of its own: nothing is known of the system there. */
export const campaignErrorSchema = z.strictObject({
  seed: seedSchema,
  workload: z.string(),
  message: z.string(),
  /** What repeats it. */
  command: z.string(),
});
export type CampaignError = z.infer<typeof campaignErrorSchema>;

export const coverageCellSchema = z.strictObject({
  /** What the kernel was about when the power went, what was on its way to the disk, how the next boot recovered. */
  kernel: z.string(),
  inFlight: z.string(),
  recovery: z.string(),
  count,
});
export type CoverageCell = z.infer<typeof coverageCellSchema>;

export const workloadResultSchema = z.strictObject({
  name: z.string(),
  runs: count,
  cuts: count,
  /** States a disk could have been left in, judged by the independent reader. */
  crashStates: count,
  /** Those of them that the machine itself recovered from. */
  recoveries: count,
  cycles: count,
});

export const campaignSchema = z.strictObject({
  format: z.literal(CAMPAIGN_FORMAT),
  version: z.literal(CAMPAIGN_VERSION),
  verdict: z.strictObject({
    /**
     * `stopped`: somebody ended it before its end, and nothing had failed. `error`: nothing failed, and the test bed could not make all the runs.
     */
    outcome: z.enum(['held', 'failed', 'stopped', 'error']),
    text: z.string(),
  }),
  /** What repeats it. */
  command: z.string(),
  seeds: z.strictObject({ first: seedSchema, wanted: count, done: count }),
  shape: z.string(),
  kernel: resultSchema.shape.kernel,
  machine: resultSchema.shape.machine,
  workloads: z.array(workloadResultSchema),
  /** Spaces that were gone through whole. */
  exhaustive: z.array(z.strictObject({ space: z.string(), states: count })),
  /** Findings of the corpus that were run again, first of all. */
  corpus: count.optional(),
  /** Runs done twice, which must agree to the byte (P22). */
  repeated: count,
  /** Crash states judged by both the independent reader and the machine; they must agree. */
  agreed: count,
  properties: z.array(propertySchema),
  coverage: z.array(coverageCellSchema),
  findings: z.array(findingFileSchema),
  /** Left out where there are none. */
  errors: z.array(campaignErrorSchema).optional(),
  matrix: matrixSchema.optional(),
  mutants: z.array(mutantSchema).optional(),
  /** Measured on the host: not the same twice. */
  performance: z.array(z.strictObject({ name: z.string(), value: z.number(), unit: z.string() })),
  environment: z.strictObject({
    node: z.string(),
    /** Of the sources, when git knows it. */
    commit: z.string().nullable(),
    /** ISO 8601, from the clock of who asked for the campaign. */
    date: z.string().nullable(),
  }),
});
export type CampaignResult = z.infer<typeof campaignSchema>;
