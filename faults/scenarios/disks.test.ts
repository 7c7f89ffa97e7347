// Scenarios of disks and of the queue in front of them: the kernel as it is passes, whatever the seed; the kernel with a defect that one of them is
// for is caught by the property that it is about. (What space.ts has is tested with the fault matrix, the queue with its drivers.)
import { fc, test as property } from '@fast-check/vitest';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildKernel, type KernelImage } from '../../impl/image/index.js';
import { SCENARIOS, type ScenarioName } from './index.js';
import { ENTRIES, type Entry, type Scenario } from './scenario.js';

interface Row {
  readonly name: ScenarioName;
  /** Defects, each with the seed that makes it count and the property that catches it. */
  readonly caught: readonly (readonly [defect: string, at: string, seed: number])[];
}

const row = (name: ScenarioName, ...caught: Row['caught']): Row => ({ name, caught });
/** Those without a defect are caught by tests of the store too, in V8, at less cost; `phantom check --mutants` has them all. */
const DISKS: readonly Row[] = [
  row(
    'nothing else takes blocks',
    ['freeOlderAfterBoot', 'P7', 1],
    ['frozenPagesComeBack', 'P2', 1],
    ['protectAllButLast', 'P4', 1],
  ),
  row('flushes fail'),
  row('the index merged'),
  row('a leaf lost'),
  row('a list of newer ones'),
  row('a note of before'),
  // With this seed writes are refused for good.
  row('writes refused', ['ignoreWriteError', 'P12', 3]),
  row('superblocks lost'),
  row('a superblock copy lost', ['needBothCopies', 'P8', 1]),
  // With this seed a superblock is for one block more than the disk has.
  row('a larger disk', ['diskBoundOffByOne', 'P21', 3]),
  row('crowd', ['mapWhileReading', 'P2', 1]),
  row('busy queue, ide', ['ideFlushNotSent', 'P4', 1]),
  row('busy queue, virtio'),
];

const kernels = new Map<Entry, KernelImage>();

beforeAll(async () => {
  for (const entry of ['pressure', 'queue'] as const) kernels.set(entry, await buildKernel({ entry: ENTRIES[entry] }));
}, 240_000);

function kernelOf({ entry }: Scenario): KernelImage {
  const kernel = kernels.get(entry);
  if (kernel === undefined) throw new Error(`no kernel was built for ${entry}`);
  return kernel;
}

describe.each(DISKS)('$name', { timeout: 240_000 }, ({ name, caught }) => {
  const scenario: Scenario = SCENARIOS[name];

  property.prop([fc.integer({ min: 1, max: 1_000_000 })], { numRuns: 1 })(
    'the kernel as it is passes, whatever the seed',
    (seed) => {
      expect(scenario.judge(kernelOf(scenario), seed)).toBeUndefined();
    },
  );

  if (caught.length > 0) {
    test.each(caught)('%s is caught by %s', async (defect, at, seed) => {
      const mutant = await buildKernel({ entry: ENTRIES[scenario.entry], defects: [defect] });
      expect(scenario.judge(mutant, seed)).toMatchObject({ property: at });
    });
  }
});
