// The policy of held output on the real kernel: whatever the power cut, no byte comes twice, and none before it is committed. (That of
// output that comes at least once is what every other run shows.)
import { test as propertyTest } from '@fast-check/vitest';
import { beforeAll, describe, expect, test } from 'vitest';
import { arbitraryPlan } from './arbitrary.js';
import { drawPlan } from './plan.js';
import { bootOnce, runPlan } from './run.js';
import { planShape, type RunSetup } from './setup.js';
import { workload } from './testing/workload.js';

const HELD = { snapshotIntervalMs: 60, output: 'held' } as const;
const HORIZON = 35_000_000;

describe('held output', () => {
  let setup: RunSetup;
  let booted: ReturnType<typeof bootOnce>;
  beforeAll(async () => {
    setup = await workload('ticker', HELD);
    booted = bootOnce(setup, 1);
  });

  propertyTest.prop([arbitraryPlan(HORIZON, 3)], { numRuns: 5 })(
    'P19 comes at most once under any plan of power cuts, and only after its commit',
    (plan) => {
      const result = runPlan(setup, plan, { startFrom: booted });
      expect(result.verdict.text).toMatch(/^held: /);
      expect(result.repeat.includes('--console held') || result.repeat.includes('replay')).toBe(true);
      const numbers = result.console.flatMap(({ text, torn }) =>
        torn ? [] : [Number(/^T\| tick = (\d+)$/.exec(text)?.[1])],
      );
      // A cut may lose lines and the beginning of one; none comes a second time.
      const whole = numbers.filter((number) => !Number.isNaN(number));
      expect(whole.length).toBeGreaterThan(0);
      expect(whole).toEqual([...new Set(whole)].sort((a, b) => a - b));
    },
    120_000,
  );

  test('P19 heldReleasedEarly is found within 5 seeds', { timeout: 120_000 }, async () => {
    const early = await workload('ticker', { ...HELD, defects: ['heldReleasedEarly'] });
    for (let seed = 1; seed <= 5; seed++) {
      const result = runPlan(early, drawPlan(seed, planShape(early.options, 2)));
      if (result.verdict.outcome !== 'failed') continue;
      expect(result.findings[0]).toMatchObject({ property: 'P19' });
      expect(result.findings[0].message).toMatch(/left before a generation that contains it was committed|come again/);
      return;
    }
    expect.unreachable('heldReleasedEarly survived 5 seeds');
  });
});
