import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { PLAN_EVENTS, PLAN_SHAPES, PlanError, planSchema, readPlan } from '../reports/plan.js';
import { arbitraryEverything, arbitraryFaults, drawShape } from './arbitrary.js';
import { bounded } from './atlas.js';

const seeds = fc.integer({ min: 0, max: 0xffffffff });
const bounds = { horizon: 35_000_000, cuts: 3 };

describe('plans of a shape', () => {
  test.prop([seeds, fc.constantFrom(...PLAN_SHAPES)])(
    'depend on the seed alone, and the schema takes them',
    (seed, shape) => {
      const plan = drawShape(seed, shape, bounds);
      expect(drawShape(seed, shape, bounds)).toEqual(plan);
      expect(planSchema.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
      expect(plan.cuts.length > 0).toBe(shape !== 'none');
      if (shape !== 'everything') expect(Object.keys(plan).sort()).toEqual(['cuts', 'seed', 'shape', 'version']);
    },
  );

  test.prop([arbitraryEverything(bounds)])('drawn by fast-check are what the schema takes', (plan) => {
    expect(planSchema.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    expect(plan.cuts.length).toBeGreaterThan(0);
  });

  test('drawn by fast-check have every part there is', () => {
    const all = fc.sample(arbitraryEverything(bounds), { seed: 1, numRuns: 200 });
    expect(new Set(all.flatMap((plan) => Object.keys(plan)))).toEqual(
      new Set(['version', 'seed', 'cuts', 'faults', 'memory', 'timer', 'diskMiB', 'input', 'programs', 'shape']),
    );
  });

  test('have every kind of fault, and everything else there is', () => {
    const found = new Set<string>();
    const events = new Set<string>();
    for (let seed = 0; seed < 600; seed++) {
      const plan = drawShape(seed, 'everything', bounds);
      for (const { fault, when } of plan.faults ?? []) found.add(fault.kind).add(when.kind);
      for (const { when } of plan.cuts) if (when.kind === 'event') events.add(when.event);
      for (const part of ['memory', 'timer', 'diskMiB', 'input', 'programs'] as const)
        if (plan[part] !== undefined) found.add(part);
    }
    const kinds = ['read-error', 'write-error', 'misread', 'misdirected-write', 'lost-write', 'lying-flush', 'rot'];
    const others = ['failed-flush', 'slow', 'gone', 'jitter', 'older-disk', 'power-on', 'cycle', 'event'];
    expect([...found].sort()).toEqual([...kinds, ...others, 'memory', 'timer', 'diskMiB', 'input', 'programs'].sort());
    // `booted` comes at the cycle at which `recovered` does, and nothing abandons a generation but other faults.
    expect([...PLAN_EVENTS].filter((event) => !events.has(event))).toEqual(['booted', 'abandoned']);
  });

  test.prop([arbitraryFaults(bounds)])(
    'within the atlas no fault is left that strikes the only copy of a page',
    (faults) => {
      const left = bounded({ version: 2, seed: 0, cuts: [], faults }).faults ?? [];
      expect(faults).toEqual(expect.arrayContaining(left));
      for (const { fault } of left) {
        expect(['lying-flush', 'older-disk']).not.toContain(fault.kind);
        if ('target' in fault && fault.target.kind === 'block' && fault.target.holds === 'page') {
          // The kernel reads three times, and finds another place for what it cannot write.
          const harmless = fault.kind === 'read-error' ? (fault.times ?? 3) < 3 : fault.kind === 'write-error';
          expect(harmless).toBe(true);
        }
      }
    },
  );
});

describe('reading a plan', () => {
  const one = { version: 1, seed: 3, cuts: [{ when: { kind: 'cycle', cycle: 5 }, survivors: { kind: 'none' } }] };
  test('version 1 means the same as it did', () => {
    expect(readPlan(one)).toEqual({ ...one, version: 2 });
  });

  const away = { boot: 0, when: { kind: 'power-on' }, fault: { kind: 'gone' } };
  test.each<[string, unknown, RegExp]>([
    ['a version to come', { ...one, version: 3 }, /version: expected 1 or 2/],
    ['a fault in a plan of version 1', { ...one, faults: [away] }, /version: expected 1 or 2/],
    [
      'a cycle that is none',
      { ...one, cuts: [{ ...one.cuts[0], when: { kind: 'cycle', cycle: 0 } }] },
      /cuts\[0\]\.when\.cycle: /,
    ],
    [
      'a kind of fault nobody knows',
      { ...one, version: 2, faults: [{ ...away, fault: { kind: 'fire' } }] },
      /faults\[0\]\.fault\.kind: /,
    ],
    [
      'a block of no kind',
      {
        ...one,
        version: 2,
        faults: [
          {
            ...away,
            fault: { kind: 'lost-write', target: { kind: 'block', holds: 'soap', nth: 0, copy: 0, sector: 0 } },
          },
        ],
      },
      /faults\[0\]\.fault\.target\.holds: /,
    ],
    [
      'rot while the power is on',
      {
        ...one,
        version: 2,
        faults: [{ ...away, fault: { kind: 'rot', target: { kind: 'sector', lba: 8 }, offset: 0, mask: 1 } }],
      },
      /faults\[0\]\.when: rot happens while the power is off/,
    ],
    [
      'an older disk that is the newest',
      { ...one, version: 2, faults: [{ ...away, boot: 1, fault: { kind: 'older-disk', cut: 0 } }] },
      /faults\[0\]\.fault\.cut: the disk of cut 0 is none older/,
    ],
    [
      'a timer whose interrupts come a tick too late',
      { ...one, version: 2, timer: [{ boot: 0, seed: 1, most: 264_000 }] },
      /timer\[0\]\.most: .*200000/,
    ],
    ['a disk that holds no superblocks', { ...one, version: 2, diskMiB: 4 }, /diskMiB: .*8/],
    ['a small disk in a plan of version 1', { ...one, diskMiB: 8 }, /version: expected 1 or 2/],
    ['no plan at all', 'cut it', /the whole: /],
  ])('%s is refused, and the field named', (_, plan, message) => {
    expect(() => readPlan(plan)).toThrow(PlanError);
    expect(() => readPlan(plan)).toThrow(message);
  });
});
