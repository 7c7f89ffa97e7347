// The bed's judgement of itself: a run done twice.
import { expect, test } from 'vitest';
import { sampleResult } from '../reports/testing/sample-result.js';
import { judgeTwice, type SeedOutcome } from './seed-run.js';

test.each([
  [0, 0],
  [1, 1],
])('P22 the same run again, %i cycles later: %i failures', (later, failed) => {
  const tallies: Record<string, SeedOutcome['tallies'][string]> = {};
  const result = sampleResult();
  const again = sampleResult({ cycles: result.cycles + later });
  expect(judgeTwice(tallies, result, again).map(({ property }) => property)).toEqual(failed === 0 ? [] : ['P22']);
  expect(tallies.P22).toMatchObject({ checked: 1, witnesses: 1, failed });
});

test('a run that is done once says nothing of P22', () => {
  const tallies = {};
  expect(judgeTwice(tallies, sampleResult(), undefined)).toEqual([]);
  expect(tallies).toEqual({});
});
