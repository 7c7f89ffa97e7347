// Runs that start from a stage of the first life, whose later boots begin under way, and runs that end early, are the runs they stand for.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultPlan, Moment } from '../reports/plan.js';
import { EarlyBoots } from './early-boot.js';
import { FirstLife } from './first-life.js';
import type { Life } from './life.js';
import { drawPlan } from './plan.js';
import { powerOnce, runPlan } from './run.js';
import { planShape, type RunSetup } from './setup.js';
import { workload } from './testing/workload.js';

const LATEST = 40_000_000;

function planOf(when: Moment, more: Partial<FaultPlan> = {}): FaultPlan {
  return { version: 2, seed: 3, cuts: [{ when, survivors: { kind: 'mask', bits: '0110' } }], ...more };
}

/** Further cuts at these cycles of the boots that follow. */
function nested(cycles: readonly number[]): FaultPlan {
  const plan = planOf({ kind: 'cycle', cycle: 27_123_456 });
  const later = cycles.map((cycle) => ({
    when: { kind: 'cycle', cycle } as const,
    survivors: { kind: 'all' } as const,
  }));
  return { ...plan, cuts: [...plan.cuts, ...later] };
}

function event(event: Extract<Moment, { kind: 'event' }>['event'], nth: number, plus = 0): Moment {
  return { kind: 'event', event, nth, plus, latest: LATEST };
}

describe('the first life of a program that counts', () => {
  let setup: RunSetup;
  let first: FirstLife;
  let boots: EarlyBoots;
  beforeAll(async () => {
    setup = await workload('ticker', { snapshotIntervalMs: 60 });
    first = new FirstLife(powerOnce(setup));
    boots = new EarlyBoots(setup);
  });
  afterAll(() => {
    first.dispose();
    boots.dispose();
  });

  test.each<[string, FaultPlan]>([
    ['a cut at a cycle', planOf({ kind: 'cycle', cycle: 27_123_456 })],
    ['a cut at a write', planOf(event('disk-write', 90, 700))],
    ['a cut in the first boot', planOf({ kind: 'cycle', cycle: 400_000 })],
    [
      'a fault before the cut',
      planOf(event('commit', 2), {
        faults: [{ boot: 0, when: event('demarcation', 1), fault: { kind: 'jitter', seed: 4, most: 9_000 } }],
      }),
    ],
    [
      'typing before the cut',
      planOf({ kind: 'cycle', cycle: 26_000_000 }, { input: [{ at: 21_500_000, bytes: [0x61] }] }),
    ],
  ])('P22 a run from a stage is the run from power-on: %s', (_, plan) => {
    expect(runPlan(setup, plan, { startFrom: first, brief: true })).toEqual(runPlan(setup, plan, { brief: true }));
  });

  test.each<[string, FaultPlan]>([
    ['after one cut', planOf({ kind: 'cycle', cycle: 27_123_456 })],
    ['cut again before the clock is read, and when a second has passed', nested([9_000, 40_000_000])],
    [
      'on the other controller, with a fault and typing in it',
      planOf(event('commit', 2), {
        controllers: [{ boot: 1, controller: 'virtio' }],
        faults: [{ boot: 1, when: event('disk-write', 4), fault: { kind: 'jitter', seed: 4, most: 9_000 } }],
        input: [{ at: 48_000_000, bytes: [0x61] }],
      }),
    ],
  ])('P22 a boot that begins under way is the boot from power-on: %s', (_, plan) => {
    const wanted = runPlan(setup, plan, { startFrom: first });
    expect(wanted.boots).toBe(plan.cuts.length + 1);
    expect(runPlan(setup, plan, { startFrom: first, boots })).toEqual(wanted);
    expect(boots.begun('ide', '').machine.cycles).toBeGreaterThan(100_000);
  });

  test('P22 looks see the same lives at the same moments, wherever the run starts', () => {
    const plan = planOf({ kind: 'cycle', cycle: 27_000_000 });
    const looks = [event('disk-write', 60, 10), event('disk-write', 20), event('commit', 1), event('commit', 9)];
    const seen = (startFrom: FirstLife | undefined): string[] => {
      const lives: string[] = [];
      const look = (life: Life): void => void lives.push(`${life.machine.cycles} ${life.machine.digest()}`);
      runPlan(setup, plan, { startFrom, brief: true, looks: looks.map((when) => ({ boot: 0, when })), look });
      return lives.sort();
    };
    const fromPowerOn = seen(undefined);
    expect(fromPowerOn).toHaveLength(3);
    expect(seen(first)).toEqual(fromPowerOn);
  });

  test('a brief run is judged by all but P14, and takes a part of the cycles', () => {
    const plan = planOf({ kind: 'cycle', cycle: 27_000_000 });
    const [whole, brief] = [
      runPlan(setup, plan, { startFrom: first }),
      runPlan(setup, plan, { startFrom: first, brief: true }),
    ];
    expect(brief.verdict.outcome).toBe('held');
    const claimed = ({ properties }: typeof whole) => properties.filter((one) => one.claimed).map(({ id }) => id);
    expect(claimed(whole)).toEqual(['P1', 'P2', 'P14']);
    expect(claimed(brief)).toEqual(['P1', 'P2']);
    expect(brief.properties.find(({ id }) => id === 'P2')?.witnesses).toBeGreaterThan(0);
    expect(brief.cycles).toBeLessThan(whole.cycles);
    expect(whole.events.slice(0, brief.events.length)).toEqual(brief.events);
    expect(brief.console.some(({ boot }) => boot === 1)).toBe(true);
  });
});

test.each([
  ['earlyNotInIndex', 'hog', 4, 1],
  ['noConsoleDrain', 'crew', 16, 5],
])(
  'P22 what fails in a brief run from a stage fails in the whole run with the same result: %s',
  async (defect, name, ramMiB, seed) => {
    const setup = await workload(name, { snapshotIntervalMs: 60, ramMiB, defects: [defect] });
    const first = new FirstLife(powerOnce(setup));
    const plan = drawPlan(seed, planShape(setup.options, 2));
    const brief = runPlan(setup, plan, { startFrom: first, brief: true });
    first.dispose();
    expect(brief.verdict.outcome).toBe('failed');
    expect(runPlan(setup, plan)).toEqual(brief);
  },
);
