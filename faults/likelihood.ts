/**
 * Where a failure became inevitable.
 *
 * The rule: a run is gone through again up to a moment before its failure, to the cycle, and from there on with other randomness: the cuts that were still
 * to come fall at other moments and leave other sectors; where none is to come the drive takes a little longer for each operation. Of several
 * such runs the share that fails the same way is that moment's likelihood; it rises where what matters has happened. (Antithesis shows the same
 * in its triage reports, as bug likelihood over time.) Moments and randomness follow from the run alone.
 */
import type { FindingFile } from '../reports/campaign.js';
import type { FaultPlan, PlannedCut } from '../reports/plan.js';
import type { RunResult } from '../reports/schema.js';
import { type Failure, failsAs } from './failure.js';
import { drawSurvivors } from './plan.js';
import { randomStream } from './random.js';

export interface LikelihoodWishes {
  /** Moments, evenly over the time before the failure. */
  readonly moments: number;
  /** Runs from each. */
  readonly runs: number;
}

export const LIKELIHOOD: LikelihoodWishes = { moments: 8, runs: 4 };

/** Operations of the drive take at most so much longer after the moment. */
const JITTER_CYCLES = 100_000;

/** `attempt` runs a plan on the failure's set-up; undefined: it cannot be run, and does not count. */
export function likelihoodOf(
  failure: Failure,
  attempt: (plan: FaultPlan) => RunResult | undefined,
  { moments, runs }: LikelihoodWishes = LIKELIHOOD,
): FindingFile['likelihood'] {
  const { result } = failure;
  return momentsBefore(failure, moments).map((moment, i) => {
    let tried = 0;
    let failed = 0;
    for (let run = 0; run < runs; run++) {
      const found = attempt(otherwise(result, moment, `likelihood ${i} ${run}`));
      if (found === undefined) continue;
      tried++;
      if (failsAs(found, failure) !== undefined) failed++;
    }
    return { ...moment, tried, failed };
  });
}

interface Place {
  readonly boot: number;
  readonly cycle: number;
}

/** Evenly over the cycles of the run until it failed, the first at the power-on. */
function momentsBefore({ property, result }: Failure, moments: number): Place[] {
  const finding = result.findings.find((one) => one.property === property) ?? result.findings[0];
  const ends = new Map<number, number>();
  for (const { kind, boot, cycle } of result.events) if (kind === 'cut' || kind === 'restarted') ends.set(boot, cycle);
  const last = finding ?? { boot: result.boots - 1, cycle: result.events[result.events.length - 1]?.cycle ?? 1 };
  const lengths = Array.from({ length: last.boot + 1 }, (_, boot) =>
    boot === last.boot ? last.cycle : (ends.get(boot) ?? 0),
  );
  const total = lengths.reduce((sum, one) => sum + one, 0);
  return Array.from({ length: moments }, (_, i) => {
    let cycle = Math.floor((total * i) / moments);
    let boot = 0;
    while (boot < last.boot && cycle >= lengths[boot]) cycle -= lengths[boot++];
    return { boot, cycle };
  });
}

/** The plan of the run, other from the moment on. */
function otherwise(result: RunResult, { boot, cycle }: Place, label: string): FaultPlan {
  const { plan } = result;
  const random = randomStream(plan.seed, label);
  let isOpen = false;
  const cuts = plan.cuts.map((cut, i): PlannedCut => {
    const made = result.cuts[i];
    // A moment of the boot that a cut ends comes before the cut.
    if (made === undefined || made.boot < boot) return cut;
    isOpen = true;
    const from = made.boot === boot ? cycle : 0;
    const when = { kind: 'cycle', cycle: from + 1 + random.below(2 * (made.cycle - from)) } as const;
    return { ...cut, when, survivors: drawSurvivors(random.bits(), i) };
  });
  if (isOpen) return { ...plan, cuts };
  const seed = random.bits();
  const slower = {
    boot,
    when: { kind: 'cycle', cycle: Math.max(1, cycle) },
    fault: { kind: 'jitter', seed, most: JITTER_CYCLES },
  } as const;
  return { ...plan, cuts, faults: [...(plan.faults ?? []), slower] };
}
