/**
 * Draws a fault plan from a seed.
 *
 * The rule: a plan depends on the seed and the shape asked for, on nothing else, and each cut draws from its own stream, so
 * the first cuts of a long plan are those of a short one.
 *
 * Where bugs sit: around flushes and commits, in recovery, and in what survives of the last unflushed writes. So half of
 * the cuts are tied to such an event and the rest fall anywhere.
 */
import { type FaultPlan, type Moment, PLAN_VERSION, type PlannedCut, type Survivors } from '../reports/plan.js';
import { type RandomStream, randomStream } from './random.js';

export interface PlanShape {
  readonly cuts: number;
  /** About how many cycles a boot takes until programs run. */
  readonly bootCycles: number;
  /** Cycles between two snapshots. */
  readonly snapshotCycles: number;
  /** After how many times that the longest life ends. */
  readonly intervals: number;
}

/** About as many sectors as a small snapshot writes, and as often as one flushes. */
const WRITES_A_SNAPSHOT = 100;
const FLUSHES_A_SNAPSHOT = 2;

export function drawPlan(seed: number, shape: PlanShape): FaultPlan {
  const cuts: PlannedCut[] = [];
  for (let i = 0; i < shape.cuts; i++) {
    cuts.push({
      when: drawMoment(randomStream(seed, `cut ${i} moment`), shape, i),
      survivors: drawSurvivors(seed, i),
    });
  }
  return { version: PLAN_VERSION, seed, cuts };
}

function drawMoment(random: RandomStream, shape: PlanShape, cut: number): Moment {
  const horizon = shape.bootCycles + shape.intervals * shape.snapshotCycles;
  // A snapshot takes about as long as the time to the next.
  const snapshots = Math.ceil(shape.intervals / 2);
  const latest = horizon + random.below(shape.snapshotCycles) + 1;
  const event = (name: Extract<Moment, { kind: 'event' }>['event'], nth: number, plus: number): Moment => ({
    kind: 'event',
    event: name,
    nth,
    plus,
    latest,
  });
  // A snapshot writes for a few milliseconds and flushes for some tens: short delays fall among the writes, long ones
  // into the flush that follows.
  const soon = () => random.below(random.pick([2_000, 50_000, 500_000, 3_000_000]));
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
      return event('disk-write', 1 + random.below(WRITES_A_SNAPSHOT * snapshots), soon());
    case 3:
    case 4:
      return event('disk-flush', 1 + random.below(FLUSHES_A_SNAPSHOT * snapshots), soon());
    case 5:
      return event('demarcation', 1 + random.below(snapshots), soon());
    case 6:
      return event('commit', 1 + random.below(snapshots), soon());
    case 7:
      // Recovery, nested where an earlier cut made one; the first boot has only its formatting to interrupt.
      return cut === 0 ? event('recovered', 1, random.below(shape.snapshotCycles)) : anywhere(random, shape.bootCycles);
    default:
      return anywhere(random, horizon);
  }
}

function anywhere(random: RandomStream, limit: number): Moment {
  return { kind: 'cycle', cycle: 1 + random.below(limit) };
}

/** 97 is prime to the 8 sectors of a block, so that a mask shorter than the cache still tears blocks in every way. */
const MASK_BITS = 97;

/** What the disk keeps when the power goes for the time `cut`, counted from 0. */
export function drawSurvivors(seed: number, cut: number): Survivors {
  const random = randomStream(seed, `cut ${cut} survivors`);
  const shape = random.below(8);
  if (shape < 2) return { kind: 'none' };
  if (shape === 2) return { kind: 'all' };
  const eighths = 1 + random.below(7);
  let bits = '';
  for (let i = 0; i < MASK_BITS; i++) bits += random.chance(eighths, 8) ? '1' : '0';
  return { kind: 'mask', bits };
}

/** The sequence numbers of `unflushed` that `survivors` keeps. */
export function survivingSequences(
  survivors: Survivors,
  unflushed: readonly { readonly sequence: number }[],
): number[] {
  switch (survivors.kind) {
    case 'none':
      return [];
    case 'all':
      return unflushed.map((write) => write.sequence);
    case 'mask':
      return unflushed
        .filter((_, index) => survivors.bits[index % survivors.bits.length] === '1')
        .map((write) => write.sequence);
  }
}
