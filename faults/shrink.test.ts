// Shrinking and likelihood against made-up systems whose failures are known; the real ones are in finding.test.ts.
import { fc, test as propertyTest } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { FaultPlan, PlannedFaultKind } from '../reports/plan.js';
import { planSchema } from '../reports/plan.js';
import type { RunOptions, RunResult } from '../reports/schema.js';
import { sampleResult } from '../reports/testing/sample-result.js';
import { drawShape } from './arbitrary.js';
import { type Failure, failsAs } from './failure.js';
import { likelihoodOf } from './likelihood.js';
import { type Attempt, SHRINK_RUNS, shrink } from './shrink.js';

const HORIZON = 40_000_000;

/** What a made-up system comes to that fails by `property` where `isBad` says so. */
function runOf(
  plan: FaultPlan,
  options: RunOptions,
  isBad: boolean,
  property = 'P1',
  message = 'page 7 is lost',
): RunResult {
  const cuts = plan.cuts.map((_, boot) => ({ ...sampleResult().cuts[0], boot }));
  return sampleResult({
    plan,
    options,
    cuts,
    verdict: { outcome: isBad ? 'failed' : 'held', text: '' },
    findings: isBad ? [{ property, boot: 0, cycle: 1000, message, pages: [] }] : [],
  });
}

const failureOf = (plan: FaultPlan, attempt: Attempt): Failure => {
  const result = attempt({ plan, options: sampleResult().options });
  if (result === undefined) throw new Error('cannot be run');
  return { property: 'P1', message: 'page 7 is lost', result };
};

const LISTS = ['cuts', 'faults', 'programs', 'memory', 'controllers', 'timer', 'input'] as const;
const parts = (plan: FaultPlan): number =>
  LISTS.reduce((sum, name) => sum + (plan[name]?.length ?? 0), plan.diskMiB === undefined ? 0 : 1);

describe('shrinking', () => {
  propertyTest.prop([fc.nat(100_000), fc.nat(10)])(
    'leaves a plan that fails, is no larger, and has nothing that the failure does not need; twice the same',
    (seed, pick) => {
      const plan = drawShape(seed, 'everything', { horizon: HORIZON, cuts: 3 });
      const kinds = (plan.faults ?? []).map(({ fault }) => fault.kind);
      const needed: PlannedFaultKind['kind'] | undefined = kinds[pick % Math.max(1, kinds.length)];
      let runs = 0;
      const attempt: Attempt = (subject) => {
        runs++;
        expect(planSchema.safeParse(subject.plan).success).toBe(true);
        const has = needed === undefined || (subject.plan.faults ?? []).some(({ fault }) => fault.kind === needed);
        return runOf(subject.plan, subject.options, has && subject.plan.cuts.length > 0);
      };
      const failure = failureOf(plan, attempt);
      runs = 0;
      const shrunk = shrink(failure, attempt);
      expect(shrunk.runs).toBe(runs);
      expect(shrunk.runs).toBeLessThanOrEqual(SHRINK_RUNS);
      expect(failsAs(shrunk.failure.result, failure)).toBeDefined();
      expect(parts(shrunk.failure.result.plan)).toBeLessThanOrEqual(parts(plan));
      expect(shrink(failure, attempt)).toEqual(shrunk);
      if (!shrunk.minimal) return;
      expect(parts(shrunk.failure.result.plan)).toBe(1 + (needed === undefined ? 0 : 1));
      const [cut] = shrunk.failure.result.plan.cuts;
      expect(cut.survivors).toEqual({ kind: 'none' });
      if (cut.when.kind === 'cycle') expect(cut.when.cycle).toBeLessThan(800_000);
      else expect(cut.when).toMatchObject({ nth: 1, plus: 0 });
    },
  );

  test('two faults that fail together alone both stay, of eight', () => {
    const at = (lba: number) =>
      ({
        boot: 0,
        when: { kind: 'cycle', cycle: 1000 },
        fault: { kind: 'lost-write', target: { kind: 'sector', lba } },
      }) as const;
    const all = [0, 1, 2, 3, 4, 5, 6, 7].map(at);
    for (const [a, b] of [
      [0, 7],
      [1, 2],
      [3, 4],
      [6, 7],
    ]) {
      const attempt: Attempt = ({ plan, options }) => {
        const left = (plan.faults ?? []).map((one) => JSON.stringify(one.fault));
        return runOf(
          plan,
          options,
          [a, b].every((lba) => left.includes(JSON.stringify(at(lba).fault))),
        );
      };
      const shrunk = shrink(failureOf({ version: 2, seed: 0, cuts: [], faults: all }, attempt), attempt);
      expect(shrunk.minimal).toBe(true);
      expect(shrunk.failure.result.plan.faults).toEqual([at(a), at(b)]);
    }
  });

  test('a disk that is put back is still that of its cut when the cuts before it go', () => {
    const cut = { when: { kind: 'cycle', cycle: 100 }, survivors: { kind: 'none' } } as const;
    const back = { boot: 4, when: { kind: 'power-on' }, fault: { kind: 'older-disk', cut: 2 } } as const;
    const plan: FaultPlan = { version: 2, seed: 0, cuts: [cut, cut, cut, cut], faults: [back] };
    const attempt: Attempt = (subject) => runOf(subject.plan, subject.options, subject.plan.faults !== undefined);
    const shrunk = shrink(failureOf(plan, attempt), attempt).failure.result.plan;
    // It is put back after another cut, so there are two.
    expect(shrunk.cuts).toHaveLength(2);
    expect(shrunk.faults).toEqual([{ ...back, boot: 2, fault: { kind: 'older-disk', cut: 0 } }]);
  });

  test('a small disk and an irregular timer stay only where the failure needs them, the timer as regular as can be', () => {
    const cut = { when: { kind: 'cycle', cycle: 100 }, survivors: { kind: 'none' } } as const;
    const timer = [
      { boot: 0, seed: 1, most: 200_000 },
      { boot: 1, seed: 2, most: 200_000 },
    ];
    const plan: FaultPlan = { version: 2, seed: 0, cuts: [cut], timer, diskMiB: 8 };
    const late: Attempt = ({ plan, options }) =>
      runOf(plan, options, plan.timer?.some(({ boot, most }) => boot === 1 && most >= 30_000) === true);
    expect(shrink(failureOf(plan, late), late).failure.result.plan).toEqual({
      version: 2,
      seed: 0,
      cuts: [cut],
      timer: [{ boot: 1, seed: 2, most: 50_000 }],
    });
    const full: Attempt = ({ plan, options }) => runOf(plan, options, plan.diskMiB === 8);
    expect(shrink(failureOf(plan, full), full).failure.result.plan).toEqual({
      version: 2,
      seed: 0,
      cuts: [],
      diskMiB: 8,
    });
  });

  test('keeps to its bound, and says that it came first', () => {
    const plan = drawShape(3, 'everything', { horizon: HORIZON, cuts: 3 });
    const attempt: Attempt = ({ plan, options }) => runOf(plan, options, true);
    expect(shrink(failureOf(plan, attempt), attempt, 2)).toMatchObject({ runs: 2, minimal: false });
  });

  test('takes no failure of another property, and of another machine none of other wording', () => {
    const plan: FaultPlan = {
      version: 2,
      seed: 1,
      cuts: [{ when: { kind: 'cycle', cycle: 5 }, survivors: { kind: 'none' } }],
    };
    const attempt: Attempt = ({ plan, options }) => {
      if (plan.cuts.length === 0) return runOf(plan, options, true, 'P2');
      const message = options.ramMiB < 16 ? 'no room for page 7' : 'page 12 is lost';
      return runOf(plan, options, options.persistentMiB === 64, 'P1', message);
    };
    const { failure, minimal } = shrink(failureOf(plan, attempt), attempt);
    expect(minimal).toBe(true);
    expect(failure.result.plan.cuts).toHaveLength(1);
    expect(failure.result.options).toMatchObject({ diskMiB: 8, persistentMiB: 64, ramMiB: 16 });
  });

  test('a plan without a cut is given an end', () => {
    const plan: FaultPlan = {
      version: 2,
      seed: 1,
      cuts: [{ when: { kind: 'cycle', cycle: 5 }, survivors: { kind: 'none' } }],
    };
    const attempt: Attempt = ({ plan, options }) => runOf(plan, options, true);
    const { result } = shrink(failureOf(plan, attempt), attempt).failure;
    expect(result.plan.cuts).toEqual([]);
    // The sample's run has 3 000 000 cycles.
    expect(result.options.maxCycles).toBeGreaterThanOrEqual(3_000_000);
  });

  test('without a cut what comes after it is of a boot less', () => {
    const cut = { when: { kind: 'cycle', cycle: 9 }, survivors: { kind: 'none' } } as const;
    const plan: FaultPlan = {
      version: 2,
      seed: 1,
      cuts: [cut, { ...cut, when: { kind: 'cycle', cycle: 8 } }],
      memory: [{ boot: 1, ramMiB: 8 }],
    };
    const attempt: Attempt = ({ plan, options }) =>
      runOf(plan, options, plan.memory?.[0].boot === plan.cuts.length - 1);
    expect(shrink(failureOf(plan, attempt), attempt).failure.result.plan).toMatchObject({
      cuts: [{ when: { cycle: 8 } }],
      memory: [{ boot: 0, ramMiB: 8 }],
    });
  });

  test('a crash of the kernel is not taken for a system that hangs, both P14', () => {
    const hang = { property: 'P14', message: '1 commits after the last cut and none in 20 s, expected 2' };
    const result = (message: string) => runOf(sampleResult().plan, sampleResult().options, true, 'P14', message);
    expect(failsAs(result('0 commits after the last cut and none in 20 s, expected 2'), hang)).toBeDefined();
    expect(failsAs(result('kernel panic: no frame'), hang)).toBeUndefined();
  });
});

describe('likelihood', () => {
  const plan: FaultPlan = {
    version: 2,
    seed: 9,
    cuts: [{ when: { kind: 'cycle', cycle: 400 }, survivors: { kind: 'mask', bits: '0110' } }],
  };
  const result: RunResult = {
    ...runOf(plan, sampleResult().options, true),
    findings: [{ property: 'P1', boot: 1, cycle: 400, message: 'page 7 is lost', pages: [] }],
    events: [{ kind: 'cut', boot: 0, cycle: 400 }],
    cuts: [{ ...sampleResult().cuts[0], boot: 0, cycle: 400 }],
  };
  const failure: Failure = { property: 'P1', message: 'page 7 is lost', result };

  test('rises where what matters has happened: at the cut that tore what had to stay whole', () => {
    const seen: FaultPlan[] = [];
    const likelihood = likelihoodOf(
      failure,
      (other) => {
        seen.push(other);
        const { survivors } = other.cuts[0];
        return runOf(other, sampleResult().options, survivors.kind === 'mask' && survivors.bits === '0110');
      },
      { moments: 8, runs: 5 },
    );
    expect(likelihood.map(({ boot, cycle }) => [boot, cycle])).toEqual([
      ...[0, 100, 200, 300].map((cycle) => [0, cycle]),
      ...[0, 100, 200, 300].map((cycle) => [1, cycle]),
    ]);
    expect(likelihood.map(({ failed }) => failed)).toEqual([0, 0, 0, 0, 5, 5, 5, 5]);
    expect(likelihood.every(({ tried }) => tried === 5)).toBe(true);
    for (const one of seen) expect(planSchema.safeParse(one).success).toBe(true);
    // Until the moment the run is the same: no cut comes before it.
    for (const [i, one] of seen.slice(0, 20).entries()) {
      const { when } = one.cuts[0];
      expect(when.kind === 'cycle' && when.cycle).toBeGreaterThan(Math.floor(i / 5) * 100);
    }
    // After the last cut chance is in the drive alone, each time another.
    expect(new Set(seen.slice(20).map((one) => JSON.stringify(one.faults))).size).toBe(20);
  });

  test('a plan that cannot be run does not count', () => {
    expect(likelihoodOf(failure, () => undefined, { moments: 1, runs: 3 })).toEqual([
      { boot: 0, cycle: 0, tried: 0, failed: 0 },
    ]);
  });
});
