import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildKernel } from '../impl/image/index.js';
import {
  countSmall,
  describeFaults,
  type FaultsReport,
  faultsRegressions,
  faultsViolations,
  SMALL_SIZE,
} from './faults.js';

const PINNED: FaultsReport = JSON.parse(readFileSync(new URL('faults.json', import.meta.url), 'utf8'));

function slower(rates: Partial<FaultsReport['aSecond']>): FaultsReport {
  return { ...PINNED, aSecond: { briefRuns: 30, wholeRuns: 2, crashStates: 10_000, pagesHashed: 1e6, ...rates } };
}

test('a rate below its bound is named with it, a whole run has none', () => {
  expect(faultsViolations(slower({}))).toEqual([]);
  expect(faultsViolations(slower({ briefRuns: 4.96, crashStates: 1999, wholeRuns: 0.1 }))).toEqual([
    'runs (cut, recovered, verified): 5.0 a second, expected 5 at least',
    'crash states: 1999.0 a second, expected 2000 at least',
  ]);
  // 30 runs in a second in which the host hashes a million pages.
  expect(describeFaults(slower({}))).toMatch(/runs for a million of them: 30\.0/);
});

test('a run takes no more cycles than are pinned, and as many crash states are judged', {
  timeout: 120_000,
}, async () => {
  const { small } = PINNED;
  const half = { ...small, briefCycles: small.briefCycles / 2, crashStates: small.crashStates + 1 };
  expect(faultsRegressions(half, small)).toHaveLength(2);
  const now = countSmall(await buildKernel());
  expect(now.briefRuns).toBe(SMALL_SIZE.briefRuns);
  expect(now.readings).toBeGreaterThan(SMALL_SIZE.moments);
  // After a change that is worth its cost: `npx phantom bench faults --json > bench/faults.json`.
  expect(faultsRegressions(small, now)).toEqual([]);
});
