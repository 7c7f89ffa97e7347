/**
 * The result of one run, versioned: the one thing the JSON, Markdown and HTML reports are made of, and what
 * `phantom replay` reads.
 *
 * The rule: a result is a function of kernel image, program, options and plan. It holds no wall-clock time, no host
 * name and no path but those its user named, so two runs of the same thing give the same bytes and may be compared as text.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DISK_CONTROLLERS } from '../hardware-sim/index.js';
import { DISK_MIB, planSchema, seedSchema } from './plan.js';

export const RESULT_FORMAT = 'phantom-run';
export const RESULT_VERSION = 2;

const count = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const classSchema = z
  .strictObject({
    /** Full class name, e.g. `.wl.ticker.main`. */
    name: z.string().min(1),
    sha256,
    /** The class file itself, so that a report replays where the file is not. */
    base64: z.base64(),
  })
  .superRefine((one, context) => {
    const found = createHash('sha256').update(Buffer.from(one.base64, 'base64')).digest('hex');
    if (found === one.sha256) return;
    context.addIssue({ code: 'custom', path: ['base64'], message: `expected SHA-256 ${one.sha256}, found ${found}` });
  });

/** What the machine and the kernel can be given; the command line takes the same. */
export const OPTION_LIMITS = {
  ramMiB: [4, 1024],
  diskMiB: DISK_MIB,
  /** From 0x80000000 to the end of the address space. */
  persistentMiB: [1, 2047],
  snapshotIntervalMs: [10, 1_000_000],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

function limited(name: keyof typeof OPTION_LIMITS) {
  const [least, most] = OPTION_LIMITS[name];
  return z.number().int().min(least).max(most);
}

export const CONSOLES = ['serial', 'screen'] as const;

export const optionsSchema = z.strictObject({
  bootClass: z.string().min(1),
  /** Bound of the whole run, all boots together; null: until the program ends. */
  maxCycles: count.min(1).nullable(),
  ramMiB: limited('ramMiB'),
  diskMiB: limited('diskMiB'),
  persistentMiB: limited('persistentMiB'),
  snapshotIntervalMs: limited('snapshotIntervalMs'),
  /** Reports from when there was no choice do not say. */
  diskController: z.enum(DISK_CONTROLLERS).default('ide'),
  /** Where programs print and what they are typed at; on the screen COM1 has a copy of what is printed. */
  console: z.enum(CONSOLES).default('serial'),
  /** Output leaves when the generation that contains it is committed; absent: as it is printed. */
  output: z.literal('held').optional(),
  /** Garbage is collected after so many KiB of new objects; absent: when the kernel thinks fit. */
  collectKib: count.min(1).optional(),
  /** The generation that the first boot was asked to recover; the newest otherwise. */
  generation: count.min(1).optional(),
});
export type RunOptions = z.infer<typeof optionsSchema>;

export const propertySchema = z.strictObject({
  /** `P1` ... as ARCHITECTURE.md lists them. */
  id: z.string().regex(/^P\d+$/),
  name: z.string(),
  /** How often it was judged, and how often it did not hold. */
  checked: count,
  failed: count,
  /** Events that prove a check could have failed. */
  witnesses: count,
  /** A run that claims this property fails when it has no witness. */
  claimed: z.boolean(),
});
export type PropertyResult = z.infer<typeof propertySchema>;

export const findingSchema = z.strictObject({
  property: propertySchema.shape.id,
  boot: count,
  cycle: count,
  message: z.string(),
  /** Persistent pages that differ, by number; the first few. */
  pages: z.array(count),
});
export type Finding = z.infer<typeof findingSchema>;

export const EVENT_KINDS = [
  'power-on',
  'booted',
  'decayed',
  'passed-over',
  'recovered',
  'demarcation',
  'commit',
  'abandoned',
  'finished',
  'panic',
  'typed',
  'fault',
  'cut',
  'restarted',
  'stopped',
] as const;

/** One line of the timeline. `cycle` counts from the power-on of `boot`. */
export const eventSchema = z.strictObject({
  kind: z.enum(EVENT_KINDS),
  boot: count,
  cycle: count,
  generation: count.optional(),
  consolePosition: count.optional(),
  /** Demarcation: pages written since the last one. Recovered: blocks read. */
  amount: count.optional(),
  detail: z.string().optional(),
});
export type RunEvent = z.infer<typeof eventSchema>;

export const digestSchema = z.strictObject({
  boot: count,
  cycle: count,
  at: z.enum(['demarcation', 'recovered', 'end']),
  generation: count,
  digest: sha256,
});

export const cutSchema = z.strictObject({
  boot: count,
  /** Cycles since the power of this boot came on, and of the run. */
  cycle: count,
  totalCycle: count,
  /** Sector writes the disk had not flushed, and how many of them the medium kept. */
  unflushed: count,
  survived: count,
  /** What the kernel had announced when the power went: newest demarcated and newest committed generation. */
  demarcated: count,
  committed: count,
  /** The generation the next boot came up from; null when the run ended before. */
  recovered: count.nullable(),
  /** Whether the cut hit a boot that had not yet recovered. */
  duringRecovery: z.boolean(),
});
export type CutResult = z.infer<typeof cutSchema>;

export const consoleLineSchema = z.strictObject({
  boot: count,
  /** Cycle at which the line's last byte left the port. */
  cycle: count,
  text: z.string(),
  /** No newline came: the power went, or the run ended, inside the line. */
  torn: z.literal(true).optional(),
});
export type ConsoleLine = z.infer<typeof consoleLineSchema>;

export const OUTCOMES = ['held', 'failed', 'finished', 'stopped'] as const;

export const resultSchema = z.strictObject({
  format: z.literal(RESULT_FORMAT),
  version: z.literal(RESULT_VERSION),
  verdict: z.strictObject({
    /** `finished` and `stopped` are the ends of a run without a cut. */
    outcome: z.enum(OUTCOMES),
    /** One sentence: the verdict and what it covers. */
    text: z.string(),
  }),
  seed: seedSchema,
  plan: planSchema,
  program: z.array(classSchema).min(1),
  options: optionsSchema,
  kernel: z.strictObject({ sha256, defects: z.array(z.string()) }),
  machine: z.strictObject({ profile: z.string(), timing: z.string(), engine: z.string() }),
  /**
   * `file`: a new system on a disk that outlives the run. `continued`: the system that was on such a disk went on; the boot class
   * was not started and the program's classes were there to be loaded. Only a run on a `new` disk can be replayed.
   */
  disk: z.enum(['new', 'file', 'continued']),
  /** The class files as the user named them; none: the default program. */
  files: z.array(z.string()),
  boots: count,
  cycles: count,
  instructions: count,
  digests: z.array(digestSchema),
  properties: z.array(propertySchema),
  findings: z.array(findingSchema),
  cuts: z.array(cutSchema),
  events: z.array(eventSchema),
  console: z.array(consoleLineSchema),
  kernelLog: z.array(consoleLineSchema),
  /** The command that repeats the run, or goes on with its disk. */
  repeat: z.string(),
});
export type RunResult = z.infer<typeof resultSchema>;
