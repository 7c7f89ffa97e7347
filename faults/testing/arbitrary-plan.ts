/** Fault plans for fast-check: as wide as those drawn from a seed, and they shrink: fewer cuts, earlier, nothing lost. */
import fc from 'fast-check';
import { type CutMoment, type FaultPlan, PLAN_VERSION, type Survivors } from '../../reports/plan.js';

export function arbitrarySurvivors(): fc.Arbitrary<Survivors> {
  return fc.oneof(
    fc.constant({ kind: 'all' } as const),
    fc.constant({ kind: 'none' } as const),
    fc
      .array(fc.boolean(), { minLength: 1, maxLength: 97 })
      .map((kept) => ({ kind: 'mask', bits: kept.map((one) => (one ? '1' : '0')).join('') }) as const),
  );
}

/** `horizon`: the cycle by which every cut has come. */
export function arbitraryMoment(horizon: number): fc.Arbitrary<CutMoment> {
  const plus = fc.oneof(fc.nat(2_000), fc.nat(50_000), fc.nat(500_000), fc.nat(3_000_000));
  const event = (name: Extract<CutMoment, { kind: 'event' }>['event'], most: number) =>
    fc
      .record({ nth: fc.integer({ min: 1, max: most }), plus })
      .map((drawn) => ({ kind: 'event', event: name, ...drawn, latest: horizon }) as const);
  return fc.oneof(
    fc.integer({ min: 1, max: horizon }).map((cycle) => ({ kind: 'cycle', cycle }) as const),
    event('disk-write', 300),
    event('disk-flush', 7),
    event('demarcation', 3),
    event('commit', 3),
  );
}

export function arbitraryPlan(horizon: number, cuts: number): fc.Arbitrary<FaultPlan> {
  return fc
    .array(fc.record({ when: arbitraryMoment(horizon), survivors: arbitrarySurvivors() }), {
      minLength: 1,
      maxLength: cuts,
    })
    .map((drawn) => ({ version: PLAN_VERSION, seed: 0, cuts: drawn }));
}
