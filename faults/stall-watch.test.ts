import { expect, test } from 'vitest';
import { NEVER_STALLED, type Progress, stalledFor } from './stall-watch.js';

const at = (cycles: number, instructions: number, moves = 0): Progress => ({ cycles, instructions, moves });

/** Cycles of idleness at each look. */
function looks(all: readonly (readonly [Progress, boolean])[]): number[] {
  const state = structuredClone(NEVER_STALLED);
  return all.map(([now, hasWork]) => stalledFor(state, now, hasWork));
}

test('P15 a system that only serves its timer while there is work is stuck since it was last at work', () => {
  expect(
    looks([
      [at(1_000_000, 200_000), true],
      [at(2_000_000, 201_000), true],
      [at(3_000_000, 202_000), true],
    ]),
  ).toEqual([0, 1_000_000, 2_000_000]);
});

test.each<[string, Progress, boolean]>([
  ['computes', at(3_000_000, 300_000), true],
  ['moves a sector or a byte', at(3_000_000, 202_000, 1), true],
  ['has nothing to do', at(3_000_000, 202_000), false],
])('one that %s is not', (_, last, hasWork) => {
  expect(
    looks([
      [at(1_000_000, 200_000), true],
      [at(2_000_000, 201_000), true],
      [last, hasWork],
    ]),
  ).toEqual([0, 1_000_000, 0]);
});
