/**
 * The queue in front of the disk and the drivers behind it, on both controllers: `faults/scenarios/queue.ts` runs `selftest/queue.ts` and judges
 * what a flush has made durable.
 */
import { fc, test as property } from '@fast-check/vitest';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../../faults/random.js';
import {
  diskGone,
  diskLate,
  errorPasses,
  FLUSH_DONE,
  FLUSH_ERROR,
  QUEUE_BLOCKS,
  QUEUE_FIRST_BLOCK,
  type QueueRun,
  type QueueTest,
  runQueue,
} from '../../../faults/scenarios/queue.js';
import { DISK_CONTROLLERS, type DiskController, type DiskFault } from '../../../hardware-sim/index.js';
import { buildKernel, type KernelImage } from '../../image/kernel.js';

const ENTRY = 'impl/kernel/drivers/selftest/queue.ts';
const SECTORS_PER_BLOCK = 8;

const images = new Map<string, KernelImage>();

async function image(defect = ''): Promise<KernelImage> {
  const known = images.get(defect);
  if (known !== undefined) return known;
  const made = await buildKernel({ entry: ENTRY, defects: defect === '' ? [] : [defect] });
  images.set(defect, made);
  return made;
}

beforeAll(async () => {
  await image();
});

/** Runs the self-test, which must pass. */
async function calm(test: QueueTest): Promise<QueueRun> {
  const run = runQueue(await image(), test);
  expect(run.wrong).toBeUndefined();
  return run;
}

describe.each(DISK_CONTROLLERS)('the disk on %s', (controller) => {
  property.prop([fc.nat(0xffff)], { numRuns: 6 })(
    'P4 reads bring what was submitted before them, and what was submitted before a flush is durable after it',
    async (seed) => {
      const { flushes, log, most } = await calm({ controller, seed });
      expect(flushes.every(({ status }) => status === FLUSH_DONE)).toBe(true);
      expect(Number(/blocks read and right (\d+)/.exec(log)?.[1])).toBeGreaterThan(100);
      if (controller === 'ide') expect(most).toBe(1);
      else expect(most).toBeGreaterThan(5);
    },
  );

  property.prop(
    [fc.nat(0xffff), fc.uniqueArray(fc.nat(QUEUE_BLOCKS * SECTORS_PER_BLOCK - 1), { minLength: 1, maxLength: 3 })],
    {
      numRuns: 4,
    },
  )(
    'P12 a block that cannot be written is named by the flush that fails, and no other block is',
    async (seed, sectors) => {
      const bad = sectors.map((sector) => QUEUE_FIRST_BLOCK * SECTORS_PER_BLOCK + sector);
      const faults = bad.map((lba): DiskFault => ({ kind: 'write-error', lba }));
      const { flushes } = await calm({ controller, seed, faults });
      const named = flushes.filter(({ status }) => status === FLUSH_ERROR).map(({ block }) => block);
      const blocks = bad.map((lba) => Math.floor(lba / SECTORS_PER_BLOCK));
      for (const block of blocks) expect(named).toContain(block);
      for (const block of named) expect(blocks).toContain(block);
    },
  );

  property.prop([fc.nat(0xffff), fc.nat(QUEUE_BLOCKS * SECTORS_PER_BLOCK - 1), fc.constantFrom(1, 5, 1000)], {
    numRuns: 3,
  })('P12 a write that the drive refuses is over, and flushes say nothing about it', async (seed, sector, times) => {
    const lba = QUEUE_FIRST_BLOCK * SECTORS_PER_BLOCK + sector;
    const faults: DiskFault[] = [{ kind: 'refused-write', lba, times }];
    // What a read brings that was submitted before it was known that the write failed is not what was written.
    const { flushes } = await calm({ controller, seed, faults, blind: true });
    expect(flushes.every(({ status }) => status === FLUSH_DONE)).toBe(true);
  });

  it.each(['kept', 'dropped'] as const)(
    'P12 a flush that fails for no sector (what is unflushed is %s) fails',
    async (cache) => {
      const faults: DiskFault[] = [{ kind: 'failed-flush', cache, times: 1 }];
      // What was dropped reads as it was before: one flush, and no operation after it.
      const { flushes } = await calm({ controller, seed: 4, operations: 0, faults });
      expect(flushes.map(({ status }) => status)).toEqual([FLUSH_ERROR, FLUSH_DONE]);
    },
  );

  it('P12 a drive that is gone for a while: what it had is done when it is back, and the next flush fails', async () => {
    const { flushes, wrong } = diskGone(await image(), { controller, seed: 9 });
    expect(wrong).toBeUndefined();
    expect(flushes.filter(({ status }) => status === FLUSH_ERROR)).toHaveLength(1);
  });

  it('P12 a drive that spins up for seconds after the power comes on is waited for', async () => {
    expect(diskLate(await image(), { controller, seed: 9 }).wrong).toBeUndefined();
  });
});

it('a drive that never answers is given up after 30 s, and is asked again', async () => {
  const faults: DiskFault[] = [{ kind: 'slow', factor: 1e6, from: 0, until: 66_000_000 * 31 }];
  for (const controller of DISK_CONTROLLERS) {
    const { log } = await calm({ controller, seed: 2, operations: 40, faults, blind: true });
    expect(log).toMatch(/: no answer from the (drive|device), resetting; block/);
  }
});

it('P12 an error that passes costs no block where the controller names no sector', async () => {
  // Of a self-test that writes one block and flushes, block 158 with this seed: it is looked for, and not named.
  const run = errorPasses(await image(), 11, randomStream(1, 'sector'));
  expect(run?.wrong).toBeUndefined();
  expect(run?.log).toContain('looking for it in runs of blocks 1');
  expect(run?.flushes.map(({ status, block }) => [status, block])).toEqual([
    [FLUSH_ERROR, 0],
    [FLUSH_DONE, 0],
  ]);
});

describe('a driver with a seeded defect', { timeout: 120_000 }, () => {
  const FIRST_SECTOR = QUEUE_FIRST_BLOCK * SECTORS_PER_BLOCK;
  const cases: readonly (readonly [string, DiskController, RegExp, readonly DiskFault[]])[] = [
    ['flushOvertakesWrites', 'virtio', /a flush ended before a request that was submitted before it/, []],
    ['sameBlockOvertakes', 'virtio', /a read brought what was not in the block/, []],
    ['virtioEndsAll', 'virtio', /a read brought what was not in the block/, []],
    ['virtioFlushNotSent', 'virtio', /flush \d+ ended well, sector/, []],
    ['virtioKeepsOldSector', 'virtio', /a read brought what was not in the block/, []],
    [
      'ideFlushSkippedAfterError',
      'ide',
      /flush \d+ ended well, sector/,
      [{ kind: 'read-error', lba: FIRST_SECTOR + 99 }],
    ],
  ];

  it.each(cases)('%s is found on %s by P4', async (defect, controller, found, faults) => {
    const { wrong } = runQueue(await image(defect), { controller, seed: 1, faults });
    expect(wrong).toEqual({ property: 'P4', message: expect.stringMatching(found) });
    // The same passes without the defect.
    await calm({ controller, seed: 1, faults });
  });

  it.each(DISK_CONTROLLERS)('believeFlushAfterGone is found on %s by P12', async (controller) => {
    const { wrong } = diskGone(await image('believeFlushAfterGone'), { controller, seed: 9 });
    expect(wrong).toEqual({ property: 'P12', message: 'the first flush after the drive was gone ended well' });
  });

  it.each(DISK_CONTROLLERS)('probeOnce is found on %s by P12', async (controller) => {
    const { log, wrong } = diskLate(await image('probeOnce'), { controller, seed: 9 });
    expect(wrong).toMatchObject({ property: 'P12' });
    expect(log).toMatch(/(no disk on the primary channel|does not answer); running without/);
  });

  it('namedAfterOneFailure is found by P12', async () => {
    const run = errorPasses(await image('namedAfterOneFailure'), 11, randomStream(1, 'sector'));
    expect(run?.wrong).toEqual({ property: 'P12', message: 'block 158 is named as bad, though it can be written' });
  });
});
