// Scenarios that are a program (program.ts): the kernel as it is passes, whatever the seed; the kernel with the defect that a scenario is for is
// caught by the property that it is about.
import { fc, test as property } from '@fast-check/vitest';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildKernel, type KernelImage } from '../../impl/image/index.js';
import { SCENARIOS, type ScenarioName } from './index.js';
import { type Caught, ENTRIES, type Scenario } from './scenario.js';

interface Row {
  readonly name: ScenarioName;
  readonly at: string;
  readonly defects: readonly string[];
}

const row = (name: ScenarioName, at: string, ...defects: string[]): Row => ({ name, at, defects });
const STORIES: readonly Row[] = [
  row('live objects', 'P17', 'forgetStackRoots', 'freeUnmarkedNew', 'clearWeakLate', 'stopMarkingEarly'),
  row('made by the kernel', 'P17', 'forgetKernelStacks'),
  row('weak taken', 'P17', 'weakTakenUnmarked'),
  row('references move', 'P17', 'forgetCopiedPages'),
  row('room again', 'P7', 'keepFirstBlocks', 'forgetFreedAtEnd'),
  row('dirty pages first', 'P14', 'dirtyPagesLast'),
  row('devices again', 'P18'),
  row('handlers kept', 'P18', 'forgetHandlers'),
  row('mutex kept', 'P18', 'forgetGrants'),
  row('stores wait', 'P2', 'poppedBeforeFault'),
  row('waits go on', 'P20'),
  row('clock set back', 'P20'),
  row('durable numbers', 'P4', 'durableTooEarly'),
  row('many compute', 'P14', 'programsFirst'),
  row('large object', 'P14', 'startsReachAnywhere'),
  row('captured half cleared', 'P14', 'judgeHalfCleared'),
  row('checked before commit', 'P11', 'skipCheck'),
  row('objects kept', 'P17', 'storeBadReference'),
  row('layout named', 'P21'),
];

/** Within so many a defect is caught; by most of them with the first. */
const SEEDS = 6;

describe.each(STORIES)('$name', { timeout: 240_000 }, ({ name, at, defects }) => {
  const { judge, entry, with: helpers = [] }: Scenario = SCENARIOS[name];
  let kernel: KernelImage;
  beforeAll(async () => {
    kernel = await buildKernel({ entry: ENTRIES[entry], defects: helpers });
  }, 240_000);

  property.prop([fc.integer({ min: 1, max: 1_000_000 })], { numRuns: 1 })(
    `${at} the kernel as it is passes, whatever the seed`,
    (seed) => {
      expect(judge(kernel, seed)).toBeUndefined();
    },
  );

  test.each(defects)(`${at} %s is caught`, async (defect) => {
    const mutant = await buildKernel({ entry: ENTRIES[entry], defects: [defect, ...helpers] });
    let found: Caught | undefined;
    for (let seed = 1; seed <= SEEDS && found === undefined; seed++) found = judge(mutant, seed);
    expect(found).toMatchObject({ property: at });
  });
});
