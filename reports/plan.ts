/**
 * A fault plan: what happens to a machine from outside during one run, as plain data: when its power goes, what its disk does wrong, what is
 * typed, what else is started on it, how much memory it has, and what its disk is connected to.
 *
 * The rule: a plan replays without the generator that drew it, so everything chance decided is written down here, and
 * anything a plan says has one meaning on any host. Times are cycles since the power came on for the boot in question.
 *
 * Format (JSON), version 2:
 *
 *     {version, seed,
 *      cuts: [{when, survivors, boot?}],            cut i ends boot i, not counting boots after which the system restarted the machine by itself;
 *                                            a cut during recovery is one that comes early
 *      faults?: [{boot, when, fault}],       the drive does this from that moment on; what is on it, or wrong with it, outlives a cut
 *      memory?: [{boot, ramMiB}],            the machine has so much RAM from that boot on
 *      controllers?: [{boot, controller}],   its disk is on that controller from that boot on
 *      timer?: [{boot, seed, most}],         the interrupts of its timer come 0 to `most` cycles late from that boot on
 *      diskMiB?,                             its drive is so small, whatever the set-up says: small enough to be full
 *      input?: [{at, bytes}],                typed at the console
 *      programs?: [{after, name, base64}],   a class that is nobody's friend, started beside the program
 *      shape?, open?}
 *
 * Version 1 had cuts, input and open alone, and means the same. What version 2 gained since then is optional, and a plan without it means
 * what it meant.
 */
import { z } from 'zod';
import { DISK_CONTROLLERS, TIMER_JITTER_MAX } from '../hardware-sim/index.js';

export const PLAN_VERSION = 2;

const cycles = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const bootNumber = z.number().int().min(0).max(10_000);

/** What a moment can wait for: things that can be seen from outside the kernel, and its announcements. */
export const PLAN_EVENTS = [
  'disk-read',
  'disk-write',
  'disk-flush',
  /** Any of the three. */
  'disk-operation',
  'booted',
  'recovered',
  'demarcation',
  'commit',
  'abandoned',
  /** Each step of a garbage collection: programs held, the image frozen, what is not marked doomed, over. */
  'collection',
] as const;
export type PlanEvent = (typeof PLAN_EVENTS)[number];

const cycleSchema = z.strictObject({ kind: z.literal('cycle'), cycle: cycles.min(1) });
const eventSchema = z.strictObject({
  kind: z.literal('event'),
  event: z.enum(PLAN_EVENTS),
  nth: z.number().int().min(1),
  plus: cycles,
  latest: cycles.min(1),
});

const whenSchema = z.discriminatedUnion('kind', [
  cycleSchema,
  /** `plus` cycles after the `nth` such event of this boot, but at cycle `latest` if that comes first. */
  eventSchema,
]);
export type Moment = z.infer<typeof whenSchema>;

const survivorsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('all') }),
  /**
   * The i-th oldest unflushed sector write survives where `bits[i % length]` is 1. Of a sector that was written twice the newest surviving
   * version counts, so a subset is every order too; a part of a block's sectors is a torn block.
   */
  z.strictObject({ kind: z.literal('mask'), bits: z.string().regex(/^[01]{1,4096}$/) }),
]);
export type Survivors = z.infer<typeof survivorsSchema>;

const cutSchema = z.strictObject({
  when: whenSchema,
  survivors: survivorsSchema,
  /** The first boot it may end; else the next after the last cut. Matters where the system restarts the machine by itself. */
  boot: bootNumber.optional(),
});
export type PlannedCut = z.infer<typeof cutSchema>;

/** What a block can hold; `wired` pages are stored twice, `page` is any other, `free` belongs to no kept generation. */
export const TARGET_KINDS = [
  'superblock',
  'record',
  'delta',
  'root',
  'leaf',
  'superseded',
  'bad-list',
  'wired',
  'page',
  'free',
] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

const sectorOfBlock = z.number().int().min(0).max(7);
const targetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sector'), lba: z.number().int().min(0).max(0xffff_ffff) }),
  /**
   * A sector of the `nth` block that holds such a thing when the fault begins, by block number, counted from 0 and round and round; of what is
   * stored twice `copy` says which. Who says what a block holds is the independent reader of the disk. Nothing happens when there is none.
   */
  z.strictObject({
    kind: z.literal('block'),
    holds: z.enum(TARGET_KINDS),
    nth: z.number().int().min(0).max(1_000_000),
    copy: z.union([z.literal(0), z.literal(1)]),
    sector: sectorOfBlock,
  }),
]);
export type FaultTarget = z.infer<typeof targetSchema>;

const times = z.number().int().min(1).max(1_000_000).optional();
/** For so many cycles; without it: for ever. */
const lasting = cycles.min(1).optional();
const offset = z.number().int().min(0).max(511);
const mask = z.number().int().min(1).max(255);

/** The kinds of `hardware-sim/disk/faults.ts` but `refused-write`, and two that happen while the power is off: `rot` and `older-disk`. */
const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('read-error'), target: targetSchema, times }),
  z.strictObject({ kind: z.literal('write-error'), target: targetSchema, times }),
  z.strictObject({ kind: z.literal('misread'), target: targetSchema, offset, mask, times }),
  z.strictObject({ kind: z.literal('misdirected-write'), target: targetSchema, to: targetSchema }),
  z.strictObject({ kind: z.literal('lost-write'), target: targetSchema }),
  z.strictObject({ kind: z.literal('lying-flush'), times }),
  z.strictObject({ kind: z.literal('failed-flush'), cache: z.enum(['kept', 'dropped']), times }),
  z.strictObject({ kind: z.literal('slow'), factor: z.number().min(1).max(1000), cycles: lasting }),
  z.strictObject({ kind: z.literal('gone'), cycles: lasting }),
  /** Each operation of the disk takes 0 to `most` cycles longer, drawn from `seed` for each: its interrupts come at other instants. */
  z.strictObject({
    kind: z.literal('jitter'),
    seed: z.number().int().min(0).max(0xffff_ffff),
    most: z.number().int().min(1).max(10_000_000),
    cycles: lasting,
  }),
  /** Bits on the medium turn over. */
  z.strictObject({ kind: z.literal('rot'), target: targetSchema, offset, mask }),
  /** Somebody puts the disk back that cut `cut` left. */
  z.strictObject({ kind: z.literal('older-disk'), cut: bootNumber }),
]);
export type PlannedFaultKind = z.infer<typeof faultSchema>;

const plannedFaultSchema = z
  .strictObject({
    boot: bootNumber,
    when: z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('power-on') }), cycleSchema, eventSchema]),
    fault: faultSchema,
  })
  .superRefine(({ boot, when, fault }, context) => {
    if (fault.kind !== 'rot' && fault.kind !== 'older-disk') return;
    if (when.kind !== 'power-on' || boot === 0) {
      context.addIssue({
        code: 'custom',
        path: ['when'],
        message: `${fault.kind} happens while the power is off: expected {"kind": "power-on"} of boot 1 or later`,
      });
    } else if (fault.kind === 'older-disk' && fault.cut >= boot - 1) {
      const message = `the disk of cut ${fault.cut} is none older than that of cut ${boot - 1}, from which boot ${boot} starts`;
      context.addIssue({ code: 'custom', path: ['fault', 'cut'], message });
    }
  });
export type PlannedFault = z.infer<typeof plannedFaultSchema>;

/** Bytes that one event of input may have: what is typed at once, not pasted novels. */
export const INPUT_BYTES_MAX = 256;

const inputSchema = z.strictObject({
  /** Cycles since the power came on for the first time, all boots together, when the first byte is sent to COM1. */
  at: cycles.min(1),
  /** They follow each other as fast as the line allows. What the program has not read when the power goes is lost. */
  bytes: z.array(z.number().int().min(0).max(255)).min(1).max(INPUT_BYTES_MAX),
});
export type PlannedInput = z.infer<typeof inputSchema>;

const programSchema = z.strictObject({
  /** The system's own milliseconds from the start of the program to that of this class's thread; power cuts do not count. */
  after: z.number().int().min(1).max(1_000_000),
  name: z.string().regex(/^\.hostile\.[a-z0-9]+$/),
  /** The class file, well-formed or not. Its method 8 is called. */
  base64: z.base64(),
});
export type PlannedProgram = z.infer<typeof programSchema>;

const memorySchema = z.strictObject({ boot: bootNumber, ramMiB: z.number().int().min(4).max(1024) });

/** Less than the period of the kernel's timer, so no tick is lost to the next one. */
const timerSchema = z.strictObject({
  boot: bootNumber,
  seed: z.number().int().min(0).max(0xffff_ffff),
  most: z.number().int().min(0).max(TIMER_JITTER_MAX),
});

/** Least and most: from what holds all superblock copies to what LBA28 reaches. */
export const DISK_MIB = [8, 131_072] as const;

const controllerSchema = z.strictObject({ boot: bootNumber, controller: z.enum(DISK_CONTROLLERS) });

export const PLAN_SHAPES = ['everything', 'cuts', 'none'] as const;
export type PlanShapeName = (typeof PLAN_SHAPES)[number];

export const SEED_MAX = 0xffff_ffff;
export const seedSchema = z.number().int().min(0).max(SEED_MAX);

const versionTwo = z.strictObject({
  version: z.literal(PLAN_VERSION, `expected 1 or ${PLAN_VERSION}`),
  seed: seedSchema,
  cuts: z.array(cutSchema).max(10_000),
  faults: z.array(plannedFaultSchema).max(10_000).optional(),
  memory: z.array(memorySchema).max(10_000).optional(),
  controllers: z.array(controllerSchema).max(10_000).optional(),
  timer: z.array(timerSchema).max(10_000).optional(),
  diskMiB: z.number().int().min(DISK_MIB[0]).max(DISK_MIB[1]).optional(),
  /** In the order of time. */
  input: z
    .array(inputSchema)
    .max(1_000_000)
    .refine(
      (all) => all.every(({ at }, i) => i === 0 || all[i - 1].at <= at),
      'expected the events in the order of time',
    )
    .optional(),
  programs: z
    .array(programSchema)
    .max(8)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'expected each name once')
    .optional(),
  /** The generator that drew it, where that is one of `phantom check`; a plan of `phantom run` has none. */
  shape: z.enum(PLAN_SHAPES).optional(),
  /** The last life goes on until the program ends or the run is stopped, not only until the system has shown that it works again. */
  open: z.literal(true).optional(),
});

/** What version 1 could say, version 2 says in the same words. */
function upgrade(plan: unknown): unknown {
  const isOne = typeof plan === 'object' && plan !== null && 'version' in plan && plan.version === 1;
  if (!isOne) return plan;
  const added = ['faults', 'memory', 'controllers', 'timer', 'diskMiB', 'programs'].find((name) => name in plan);
  return added === undefined ? { ...plan, version: PLAN_VERSION } : plan;
}

export const planSchema = z.preprocess(upgrade, versionTwo);
export type FaultPlan = z.infer<typeof versionTwo>;

/** A fault plan is not what the schema says; the message names the field. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}

/** Reads a plan of any known version. Throws PlanError. */
export function readPlan(value: unknown): FaultPlan {
  const parsed = planSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue.path.length > 0 ? z.core.toDotPath(issue.path) : 'the whole';
  throw new PlanError(`not a fault plan: ${where}: ${issue.message}`);
}
