import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { planSchema } from '../reports/plan.js';
import { drawPlan, survivingSequences } from './plan.js';

const seeds = fc.integer({ min: 0, max: 0xffffffff });
const shape = { cuts: 6, bootCycles: 5_000_000, snapshotCycles: 30_000_000, intervals: 4 };

describe('fault plans', () => {
  test.prop([seeds])('a plan survives JSON and the schema unchanged', (seed) => {
    const plan = drawPlan(seed, shape);
    expect(planSchema.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    expect(plan.cuts).toHaveLength(6);
  });

  test.prop([seeds, fc.integer({ min: 0, max: 6 })])('a short plan is the beginning of a long one', (seed, cuts) => {
    expect(drawPlan(seed, { ...shape, cuts }).cuts).toEqual(drawPlan(seed, shape).cuts.slice(0, cuts));
  });

  test('every kind of moment and of survival is drawn', () => {
    const found = new Set<string>();
    for (let seed = 0; seed < 100; seed++) {
      for (const cut of drawPlan(seed, shape).cuts) {
        found.add(cut.when.kind === 'event' ? cut.when.event : cut.when.kind).add(cut.survivors.kind);
      }
    }
    expect([...found].sort()).toEqual(
      ['all', 'commit', 'cycle', 'demarcation', 'disk-flush', 'disk-write', 'mask', 'none', 'recovered'].sort(),
    );
  });

  test('survivors are chosen by age', () => {
    const unflushed = [7, 8, 9, 12, 13].map((sequence) => ({ sequence }));
    expect(survivingSequences({ kind: 'none' }, unflushed)).toEqual([]);
    expect(survivingSequences({ kind: 'all' }, unflushed)).toEqual([7, 8, 9, 12, 13]);
    expect(survivingSequences({ kind: 'mask', bits: '10' }, unflushed)).toEqual([7, 9, 13]);
  });
});
