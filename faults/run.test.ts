// The promise itself, on the real kernel: whatever the moment of a power cut and whatever the disk keeps of its unflushed
// writes, the system comes up as it was at one instant, and its output goes on.

import { test as propertyTest } from '@fast-check/vitest';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseJson, propertyState, type RunResult, renderJson } from '../reports/index.js';
import { arbitraryPlan } from './arbitrary.js';
import { drawPlan } from './plan.js';
import { bootOnce, runPlan } from './run.js';
import { planShape, type RunSetup } from './setup.js';
import { workload } from './testing/workload.js';

/** Snapshots in quick succession make a cut likely to fall into one. */
const OFTEN = { snapshotIntervalMs: 60 };
const HORIZON = 35_000_000;

/** Plans tried to make a failing one smaller: enough to see that it shrinks. */
const SHRINK_STEPS = 6;

/** What a run is judged by here: the verdict, with the finding in the message. */
function expectHeld(result: RunResult): void {
  expect(result.verdict.text).toMatch(/^held: /);
  expect(result.findings).toEqual([]);
}

describe('a program that counts', () => {
  let setup: RunSetup;
  let booted: ReturnType<typeof bootOnce>;
  beforeAll(async () => {
    setup = await workload('ticker', OFTEN);
    booted = bootOnce(setup, 1);
  });

  propertyTest.prop([arbitraryPlan(HORIZON, 3)], { numRuns: 10 })(
    'P1 P2 P3 P4 P5 P6 P8 P10 P14 P19 hold under any plan of power cuts',
    (plan) => expectHeld(runPlan(setup, plan, { startFrom: booted })),
    180_000,
  );

  test('P22 a run is a function of set-up and plan, and starting from a booted system changes nothing', () => {
    const plan = drawPlan(11, planShape(setup.options, 2));
    const late = { ...plan, cuts: [{ ...plan.cuts[0], when: { kind: 'cycle', cycle: 31_000_000 } as const }] };
    const fromPowerOn = runPlan(setup, late);
    expectHeld(fromPowerOn);
    expect(booted.machine.cycles).toBeLessThan(31_000_000);
    expect(runPlan(setup, late, { startFrom: booted })).toEqual(fromPowerOn);
  });

  test('a limit on cycles stops the run, and the result is the run of that many cycles', () => {
    const plan = drawPlan(1, planShape(setup.options, 0));
    const stopped = runPlan({ ...setup, options: { ...setup.options, maxCycles: 20_000_000 } }, plan);
    expect(stopped.verdict.outcome).toBe('stopped');
    expect(stopped.cycles).toBeGreaterThanOrEqual(20_000_000);
    expect(stopped.cycles).toBeLessThan(20_001_000);
    let asked = 0;
    const interrupted = runPlan(setup, plan, { interrupted: () => ++asked > 5 });
    const { maxCycles } = interrupted.options;
    expect(maxCycles).toBe(interrupted.cycles);
    expect(runPlan({ ...setup, options: { ...setup.options, maxCycles } }, plan)).toEqual(interrupted);
  });

  test('an interrupt before the power is on stops a run that replays too', () => {
    const plan = drawPlan(1, planShape(setup.options, 0));
    const interrupted = runPlan(setup, plan, { interrupted: () => true });
    expect(interrupted.verdict.outcome).toBe('stopped');
    expect(parseJson(renderJson(interrupted))).toEqual(interrupted);
    const { maxCycles } = interrupted.options;
    expect(runPlan({ ...setup, options: { ...setup.options, maxCycles } }, plan)).toEqual(interrupted);
  });
});

describe('a program of more pages than RAM', () => {
  test('pages out and in, and P1 P2 P3 P4 P5 P6 P8 P10 P14 P19 hold for it', { timeout: 120_000 }, async () => {
    const setup = await workload('hog', { snapshotIntervalMs: 100, ramMiB: 4 });
    const startFrom = bootOnce(setup, 1);
    for (let seed = 1; seed <= 4; seed++) {
      const result = runPlan(setup, drawPlan(seed, planShape(setup.options, 2)), { startFrom });
      expectHeld(result);
      const bad = result.console.map(({ text }) => text).filter((text) => text.startsWith('T| bad'));
      expect([...new Set(bad)]).toEqual(['T| bad = 0']);
    }
  });
});

describe('other programs', () => {
  test.each(['crew', 'bank', 'pairs'])('%s goes on after power cuts', async (name) => {
    const setup = await workload(name, OFTEN);
    expectHeld(runPlan(setup, drawPlan(1, planShape(setup.options, 2))));
  });
});

describe('a kernel with a seeded defect', () => {
  test('commit without flush is found within 100 plans, and the plan shrinks', { timeout: 180_000 }, async () => {
    const setup = await workload('ticker', { ...OFTEN, defects: ['commitWithoutFlush'] });
    const booted = bootOnce(setup, 1);
    let last: RunResult | undefined;
    let stepsLeft = SHRINK_STEPS;
    const holds = fc.property(arbitraryPlan(HORIZON, 1), (plan) => {
      if (last !== undefined && --stepsLeft < 0) return true;
      const result = runPlan(setup, plan, { startFrom: booted });
      if (result.verdict.outcome !== 'failed') return true;
      last = result;
      return false;
    });
    const found = fc.check(holds, { numRuns: 100 });
    expect(found.failed).toBe(true);
    expect(found.numShrinks).toBeGreaterThan(0);
    expect(last?.kernel.defects).toEqual(['commitWithoutFlush']);
    expect(last?.properties.filter((one) => propertyState(one) === 'failed').map((one) => one.id)).not.toEqual([]);
    expect(last?.verdict.text).toMatch(/^FAILED: P\d+ failed/);
  });

  test.each([
    ['freeKeptBlocks', 'ticker', 'P5'],
    ['commitOverPairInForce', 'ticker', 'P5'],
    // A page that changes while it is written has no block that fits its checksum: that generation is not whole.
    ['writeToFrozenPages', 'ticker', 'P1 or P4 or P5 or P14'],
    ['oneSuperblockCopy', 'ticker', 'P8'],
    ['secondCopyGarbage', 'ticker', 'P5'],
    ['noConsoleDrain', 'crew', 'P19'],
    ['pushDownShort', 'hog', 'P1 or P2'],
    ['earlyNotInIndex', 'hog', 'P1 or P2'],
  ])('%s is found within 10 seeds of %s, by %s', { timeout: 180_000 }, async (defect, name, properties) => {
    const ramMiB = name === 'hog' ? 4 : 16;
    const setup = await workload(name, { ...OFTEN, ramMiB, defects: [defect] });
    for (let seed = 1; seed <= 10; seed++) {
      const result = runPlan(setup, drawPlan(seed, planShape(setup.options, 3)));
      if (result.verdict.outcome !== 'failed') continue;
      expect(properties.split(' or ')).toContain(result.findings[0].property);
      // A failure is where a run ends by itself, so its result replays like any other.
      expect(runPlan({ ...setup, options: result.options }, result.plan)).toEqual(result);
      return;
    }
    expect.unreachable(`${defect} survived 10 seeds`);
  });
});
