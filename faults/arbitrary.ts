/**
 * Fault plans as fast-check arbitraries, in three shapes: `everything`, `cuts`, `none`; and what one seed draws from them.
 *
 * Rules:
 *  - Swarm testing (Groce et al., ISSTA 2012): in the shape `everything` the weight of each kind of fault is drawn first, so that a plan has much of
 *    few kinds and not a little of all, and kinds that hide each other are tried apart.
 *  - One seed decides everything, and each part of a plan draws from its own stream, so that one more fault does not move the cuts.
 *  - They shrink: fewer faults and cuts, earlier, nothing lost of what was unflushed.
 */
import fc from 'fast-check';
import { TIMER_JITTER_MAX } from '../hardware-sim/index.js';
import { OPCODES, writeClassFile } from '../model/classfile/index.js';
import {
  DISK_MIB,
  type FaultPlan,
  type FaultTarget,
  type Moment,
  PLAN_VERSION,
  type PlannedCut,
  type PlannedFault,
  type PlannedFaultKind,
  type PlannedInput,
  type PlannedProgram,
  type PlanShapeName,
  type Survivors,
  TARGET_KINDS,
} from '../reports/plan.js';
import { bounded } from './atlas.js';
import { randomStream } from './random.js';

export interface PlanBounds {
  /** The cycle of each boot by which every cut has come. */
  readonly horizon: number;
  /** Cuts at most; at least one, but in the shape `none`. */
  readonly cuts: number;
}

const FAULTS_MAX = 6;
/** Mask bits: prime to the 8 sectors of a block, so that a mask shorter than the cache still tears blocks in every way. */
const MASK_BITS = 97;

export function arbitrarySurvivors(): fc.Arbitrary<Survivors> {
  return fc.oneof(
    fc.constant({ kind: 'all' } as const),
    fc.constant({ kind: 'none' } as const),
    fc
      .array(fc.boolean(), { minLength: 1, maxLength: MASK_BITS })
      .map((kept) => ({ kind: 'mask', bits: kept.map((one) => (one ? '1' : '0')).join('') }) as const),
  );
}

/** `horizon`: the cycle by which it has come. */
export function arbitraryMoment(horizon: number): fc.Arbitrary<Moment> {
  const plus = fc.oneof(fc.nat(2_000), fc.nat(50_000), fc.nat(500_000), fc.nat(3_000_000));
  const event = (name: Extract<Moment, { kind: 'event' }>['event'], most: number) =>
    fc
      .record({ nth: fc.integer({ min: 1, max: most }), plus })
      .map((drawn) => ({ kind: 'event', event: name, ...drawn, latest: horizon }) as const);
  const anywhere = fc.integer({ min: 1, max: horizon }).map((cycle) => ({ kind: 'cycle', cycle }) as const);
  // Where failures sit: among the writes of a snapshot and around its flushes.
  return fc.oneof(
    { weight: 2, arbitrary: anywhere },
    { weight: 4, arbitrary: event('disk-write', 500) },
    { weight: 2, arbitrary: event('disk-operation', 600) },
    { weight: 2, arbitrary: event('disk-flush', 8) },
    { weight: 2, arbitrary: event('demarcation', 4) },
    { weight: 1, arbitrary: event('commit', 4) },
    { weight: 1, arbitrary: event('recovered', 1) },
    { weight: 1, arbitrary: event('disk-read', 40) },
    { weight: 1, arbitrary: event('collection', 8) },
  );
}

/** Cuts one after the other, each in the boot that the one before it began: in its recovery too. */
export function arbitraryCuts({ horizon, cuts }: PlanBounds): fc.Arbitrary<PlannedCut[]> {
  const cut = fc.record({ when: arbitraryMoment(horizon), survivors: arbitrarySurvivors() });
  return fc.array(cut, { minLength: Math.min(1, cuts), maxLength: cuts });
}

function arbitraryTarget(): fc.Arbitrary<FaultTarget> {
  return fc.record({
    kind: fc.constant('block' as const),
    holds: fc.constantFrom(...TARGET_KINDS),
    nth: fc.nat(500),
    copy: fc.constantFrom(0 as const, 1 as const),
    sector: fc.nat(7),
  });
}

const some = (most: number) => fc.integer({ min: 1, max: most });
const seldom = fc.option(some(3), { nil: undefined, freq: 3 });

/** A fault of each kind; those that happen while the power is off apart. */
const KINDS: Readonly<Record<PlannedFaultKind['kind'], () => fc.Arbitrary<PlannedFaultKind>>> = {
  'read-error': () => fc.record({ kind: fc.constant('read-error'), target: arbitraryTarget(), times: seldom }),
  'write-error': () => fc.record({ kind: fc.constant('write-error'), target: arbitraryTarget(), times: seldom }),
  misread: () => rotten('misread').chain((fault) => seldom.map((times) => ({ ...fault, times }))),
  'misdirected-write': () =>
    fc.record({ kind: fc.constant('misdirected-write'), target: arbitraryTarget(), to: arbitraryTarget() }),
  'lost-write': () => fc.record({ kind: fc.constant('lost-write'), target: arbitraryTarget() }),
  'lying-flush': () => fc.record({ kind: fc.constant('lying-flush'), times: seldom }),
  'failed-flush': () =>
    fc.record({ kind: fc.constant('failed-flush'), cache: fc.constantFrom('kept', 'dropped'), times: some(3) }),
  slow: () => fc.record({ kind: fc.constant('slow'), factor: some(15).map((n) => n + 1), cycles: some(60_000_000) }),
  gone: () => fc.record({ kind: fc.constant('gone'), cycles: some(40_000_000) }),
  jitter: () =>
    fc.record({
      kind: fc.constant('jitter'),
      seed: fc.integer({ min: 0, max: 0xffff_ffff }),
      most: fc.constantFrom(100, 10_000, 300_000),
      cycles: some(100_000_000),
    }),
  rot: () => rotten('rot'),
  'older-disk': () => fc.record({ kind: fc.constant('older-disk'), cut: fc.nat(8) }),
};

function rotten<K extends 'rot' | 'misread'>(kind: K) {
  return fc.record({
    kind: fc.constant(kind),
    target: arbitraryTarget(),
    offset: fc.nat(511),
    mask: fc.integer({ min: 1, max: 255 }),
  });
}

/** Faults of the disk in the boots of a plan with so many cuts, by swarm. */
export function arbitraryFaults({ horizon, cuts }: PlanBounds): fc.Arbitrary<PlannedFault[]> {
  const names = Object.keys(KINDS) as PlannedFaultKind['kind'][];
  const weights = fc.array(fc.constantFrom(0, 0, 1, 4), { minLength: names.length, maxLength: names.length });
  const when = fc.oneof(
    fc.constant({ kind: 'power-on' as const }),
    arbitraryMoment(horizon) as fc.Arbitrary<PlannedFault['when']>,
  );
  return weights.chain((drawn) => {
    const choices = names.flatMap((name, i) => (drawn[i] > 0 ? [{ weight: drawn[i], arbitrary: KINDS[name]() }] : []));
    if (choices.length === 0) return fc.constant([]);
    const one = fc
      .record({ boot: fc.nat(cuts), when, fault: fc.oneof(...choices) })
      .map((planned) => possible(planned))
      .filter((planned) => planned !== undefined);
    return fc.array(one, { minLength: 1, maxLength: FAULTS_MAX });
  });
}

/** What happens while the power is off happens before a boot that is not the first. */
function possible({ boot, when, fault }: PlannedFault): PlannedFault | undefined {
  const plain = JSON.parse(JSON.stringify(fault)) as PlannedFaultKind;
  if (plain.kind === 'rot') return { boot: Math.max(1, boot), when: { kind: 'power-on' }, fault: plain };
  if (plain.kind !== 'older-disk') return { boot, when, fault: plain };
  if (boot < 2) return undefined;
  return { boot, when: { kind: 'power-on' }, fault: { ...plain, cut: plain.cut % (boot - 1) } };
}

/** How much memory there is, from a boot of a plan with so many cuts on. */
function arbitraryMemory(cuts: number): fc.Arbitrary<NonNullable<FaultPlan['memory']>> {
  return fc.record({ boot: fc.nat(cuts), ramMiB: fc.constantFrom(4, 6, 8) }).map((one) => [one]);
}

/** How irregular the timer is, from a boot of a plan with so many cuts on. */
function arbitraryTimer(cuts: number): fc.Arbitrary<NonNullable<FaultPlan['timer']>> {
  const seed = fc.integer({ min: 0, max: 0xffff_ffff });
  return fc
    .record({ boot: fc.nat(cuts), seed, most: fc.constantFrom(1_000, 50_000, TIMER_JITTER_MAX) })
    .map((one) => [one]);
}

export function arbitraryInput(horizon: number): fc.Arbitrary<PlannedInput[]> {
  const typed = fc.record({ at: some(horizon), bytes: fc.array(fc.nat(255), { minLength: 1, maxLength: 16 }) });
  return fc.array(typed, { maxLength: 4 }).map((all) => all.sort((a, b) => a.at - b.at));
}

/** A class whose method 8 is of instructions in no order, and of bytes that are none. */
export function arbitraryGuest(): fc.Arbitrary<PlannedProgram> {
  const any = { isContainer: false, className: '', contained: '' };
  const code = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: instruction() },
      fc.nat(255).map((byte) => [byte]),
    ),
    {
      minLength: 1,
      maxLength: 120,
    },
  );
  return fc.record({ after: some(300), code }).map(({ after, code }) => {
    const bytes = writeClassFile({
      generation: 2,
      name: '.hostile.guest',
      parent: '.internal.object',
      version: '00000000000000000',
      objectSlots: 4,
      methodSlots: 9,
      methods: [
        {
          name: 'run',
          ordinal: 8,
          code: Uint8Array.from(code.flat()),
          isConstructor: false,
          result: any,
          parameters: [{ name: 'given', type: any }],
        },
      ],
      fields: [],
      constants: [],
      extra: [],
    });
    return { after, name: '.hostile.guest', base64: Buffer.from(bytes).toString('base64') };
  });
}

/** One of the instruction set's, with operands of the right size, most of them small. */
function instruction(): fc.Arbitrary<number[]> {
  const simple = [...OPCODES].filter(([, { operands }]) => operands.every((one) => one in OPERAND_BYTES));
  return fc.constantFrom(...simple).chain(([number, { operands }]) => {
    const lengths = operands.map((one) => OPERAND_BYTES[one as keyof typeof OPERAND_BYTES]);
    return fc
      .tuple(
        ...lengths.map((length) => fc.oneof(fc.nat(24), fc.nat(0x7fff_ffff)).map((value) => bytesOf(value, length))),
      )
      .map((values) => [number, ...values.flat()]);
  });
}

const OPERAND_BYTES = { u8: 1, i32: 4, i64: 8, rel32: 4 } as const;

/** Big-endian. */
function bytesOf(value: number, length: number): number[] {
  return Array.from({ length }, (_, i) => (i < length - 4 ? 0 : (value >>> (8 * (length - 1 - i))) & 255));
}

/** A plan of power cuts alone. */
export function arbitraryPlan(horizon: number, cuts: number): fc.Arbitrary<FaultPlan> {
  return arbitraryCuts({ horizon, cuts }).map((drawn) => ({ version: PLAN_VERSION, seed: 0, cuts: drawn }));
}

/**
 * A plan of the shape `everything`: cuts, and any of the other parts. It shrinks to one without them. For who draws with fast-check; a campaign
 * draws with `drawShape`, each part from its own stream.
 */
export function arbitraryEverything(bounds: PlanBounds): fc.Arbitrary<FaultPlan> {
  const { horizon, cuts } = bounds;
  const seldomly = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
  const parts = fc.record({
    cuts: arbitraryCuts(bounds),
    faults: fc.option(arbitraryFaults(bounds), { nil: undefined, freq: 3 }),
    memory: seldomly(arbitraryMemory(cuts)),
    timer: seldomly(arbitraryTimer(cuts)),
    diskMiB: seldomly(fc.constant(DISK_MIB[0])),
    input: seldomly(arbitraryInput(horizon)),
    programs: seldomly(arbitraryGuest().map((guest) => [guest])),
  });
  // What is undefined, or an empty list, is not in a plan.
  return parts.map((drawn) => {
    const there = Object.entries(drawn).filter(
      ([name, part]) => name === 'cuts' || (part !== undefined && !(Array.isArray(part) && part.length === 0)),
    );
    return { version: PLAN_VERSION, seed: 0, cuts: drawn.cuts, ...Object.fromEntries(there), shape: 'everything' };
  });
}

/** One of eight plans of the shape `everything` goes beyond what must be survived whole. */
const BEYOND_OF = 8;

/** The plan that `seed` draws in a shape. The same three arguments give the same plan. */
export function drawShape(seed: number, shape: PlanShapeName, bounds: PlanBounds): FaultPlan {
  if (shape === 'none') return { version: PLAN_VERSION, seed, cuts: [], shape };
  const cuts = drawn(arbitraryCuts(bounds), seed, 'cuts');
  if (shape === 'cuts') return { version: PLAN_VERSION, seed, cuts, shape };
  const rates = randomStream(seed, 'rates');
  const part = <T>(name: string, numerator: number, arbitrary: () => fc.Arbitrary<T[]>): T[] =>
    rates.chance(numerator, 8) ? drawn(arbitrary(), seed, name) : [];
  const faults = part('faults', 6, () => arbitraryFaults({ ...bounds, cuts: cuts.length }));
  const input = part('input', 1, () => arbitraryInput(bounds.horizon));
  const programs = part('programs', 1, () => arbitraryGuest().map((guest) => [guest]));
  const memory = part('memory', 1, () => arbitraryMemory(cuts.length));
  const goesBeyond = rates.chance(1, BEYOND_OF);
  const timer = part('timer', 1, () => arbitraryTimer(cuts.length));
  // On the smallest disk there is no room for two generations of a program that takes much memory.
  const hasSmallDisk = rates.chance(1, 8);
  const plan: FaultPlan = {
    version: PLAN_VERSION,
    seed,
    cuts,
    ...(faults.length > 0 ? { faults } : {}),
    ...(memory.length > 0 ? { memory } : {}),
    ...(timer.length > 0 ? { timer } : {}),
    ...(hasSmallDisk ? { diskMiB: DISK_MIB[0] } : {}),
    ...(input.length > 0 ? { input } : {}),
    ...(programs.length > 0 ? { programs } : {}),
    shape,
  };
  return goesBeyond ? plan : bounded(plan);
}

/** What an arbitrary gives for the stream `label` of a seed. */
export function drawn<T>(arbitrary: fc.Arbitrary<T>, seed: number, label: string): T {
  const [value] = fc.sample(arbitrary, { seed: randomStream(seed, label).bits() | 0, numRuns: 1 });
  return value;
}
