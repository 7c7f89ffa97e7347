/**
 * A fault plan: what happens to a machine from outside during one run, as plain data: when its power goes, and what is typed.
 *
 * The rule: a plan replays without the generator that drew it, so everything chance decided is written down here, and
 * anything a plan says has one meaning on any host. Times are cycles since the power came on for the boot in question.
 *
 * Format (JSON): `{version, seed, cuts: [{when, survivors}], input?: [{at, bytes}], open?}`; cut i ends boot i.
 */
import { z } from 'zod';

export const PLAN_VERSION = 1;

const cycles = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** What a cut can wait for: things that can be seen from outside the kernel, and its announcements. */
export const CUT_EVENTS = ['disk-write', 'disk-flush', 'recovered', 'demarcation', 'commit'] as const;
export type CutEvent = (typeof CUT_EVENTS)[number];

const whenSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cycle'), cycle: cycles.min(1) }),
  /** `plus` cycles after the `nth` such event of this boot, but at cycle `latest` if that comes first. */
  z.strictObject({
    kind: z.literal('event'),
    event: z.enum(CUT_EVENTS),
    nth: z.number().int().min(1),
    plus: cycles,
    latest: cycles.min(1),
  }),
]);
export type CutMoment = z.infer<typeof whenSchema>;

const survivorsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('all') }),
  /** The i-th oldest unflushed sector write survives where `bits[i % length]` is 1. */
  z.strictObject({ kind: z.literal('mask'), bits: z.string().regex(/^[01]{1,4096}$/) }),
]);
export type Survivors = z.infer<typeof survivorsSchema>;

const cutSchema = z.strictObject({ when: whenSchema, survivors: survivorsSchema });
export type PlannedCut = z.infer<typeof cutSchema>;

/** Bytes that one event of input may have: what is typed at once, not pasted novels. */
export const INPUT_BYTES_MAX = 256;

const inputSchema = z.strictObject({
  /** Cycles since the power came on for the first time, all boots together, when the first byte is sent to COM1. */
  at: cycles.min(1),
  /** They follow each other as fast as the line allows. What the program has not read when the power goes is lost. */
  bytes: z.array(z.number().int().min(0).max(255)).min(1).max(INPUT_BYTES_MAX),
});
export type PlannedInput = z.infer<typeof inputSchema>;

export const SEED_MAX = 0xffff_ffff;
export const seedSchema = z.number().int().min(0).max(SEED_MAX);

export const planSchema = z.strictObject({
  version: z.literal(PLAN_VERSION),
  seed: seedSchema,
  cuts: z.array(cutSchema).max(10_000),
  /** In the order of time. */
  input: z
    .array(inputSchema)
    .max(1_000_000)
    .refine(
      (all) => all.every(({ at }, i) => i === 0 || all[i - 1].at <= at),
      'expected the events in the order of time',
    )
    .optional(),
  /** The last life goes on until the program ends or the run is stopped, not only until the system has shown that it works again. */
  open: z.literal(true).optional(),
});
export type FaultPlan = z.infer<typeof planSchema>;
