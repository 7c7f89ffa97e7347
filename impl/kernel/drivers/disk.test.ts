/**
 * The queue in front of the disk and the drivers behind it, on both controllers, under `selftest/queue.ts`: a kernel that panics when a read brings what
 * was not written, or when a flush ends too early. What a flush has made durable is judged here, by what the drive still has in its cache.
 */
import { fc, test as property } from '@fast-check/vitest';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  DISK_CONTROLLERS,
  type DiskController,
  type DiskFault,
  FLASH_MODULE,
  I486_PC,
  Machine,
} from '../../../hardware-sim/index.js';
import { buildKernel, type KernelImage } from '../../image/kernel.js';

const ENTRY = 'impl/kernel/drivers/selftest/queue.ts';
const PASSED = 1;
const FLUSHED = 100;
const STATUS_DONE = 1;
const STATUS_ERROR = 2;
/** The blocks that the self-test uses, in sectors. */
const FIRST_BLOCK = 100;
const BLOCKS = 64;
const SECTORS_PER_BLOCK = 8;
const PROFILE = { name: 'i486-pc-flash', cpu: I486_PC.cpu, disk: FLASH_MODULE };
const DEADLINE = 8_000_000_000;

interface Flush {
  readonly number: number;
  readonly status: number;
  readonly block: number;
  readonly cycle: number;
}

interface Tested {
  readonly log: string;
  readonly flushes: readonly Flush[];
  readonly most: number;
  readonly cycles: number;
}

interface Test {
  readonly controller: DiskController;
  readonly seed: number;
  readonly operations?: number;
  readonly faults?: readonly DiskFault[];
  /** What reads bring is not looked at. */
  readonly blind?: boolean;
}

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

/** Runs the self-test; what fails is an Error that says what. `kernel`: built before. */
function run(kernel: KernelImage, { controller, seed, operations = 600, faults = [], blind = false }: Test): Tested {
  let log = '';
  const flushes: Flush[] = [];
  const early: string[] = [];
  const machine: Machine = new Machine(
    {
      ramBytes: 4 << 20,
      profile: PROFILE,
      diskSectors: 16 * 2048,
      diskController: controller,
      diskFaults: faults,
    },
    {
      onSerial: (port, byte) => {
        if (port === 2) log += String.fromCharCode(byte);
      },
      onProbe: (address) => {
        const [kind, number, status, block] = new Uint32Array(machine.readPhysical(address, 16).slice().buffer);
        if (kind !== FLUSHED) return;
        flushes.push({ number, status, block, cycle: machine.cycles });
        if (status !== STATUS_DONE) return;
        for (const { lba, data } of machine.unflushedWrites()) {
          const [, , begun] = new Uint32Array(data.slice(0, 12).buffer);
          if (begun < number) early.push(`flush ${number} ended well, sector ${lba} of before is not on the medium`);
        }
      },
    },
  );
  machine.loadMultiboot({
    image: kernel.elf,
    commandLine: `seed=${seed} operations=${operations} blind=${blind ? 1 : 0}`,
    modules: [],
  });
  const stop = machine.run({ untilCycle: DEADLINE });
  const { diskRequestsMost: most, cycles } = machine;
  machine.dispose();
  if (stop.kind !== 'exit' || stop.status !== PASSED) throw new Error(`${JSON.stringify(stop)}: ${log}`);
  if (early.length > 0) throw new Error(`P4 ${early[0]}`);
  return { log, flushes, most, cycles };
}

/** The cable is out in the middle of everything: nothing is lost, and the first flush after that is not believed. */
function checkGone(kernel: KernelImage, controller: DiskController): void {
  const test: Test = { controller, seed: 9 };
  const calm = run(kernel, test);
  const from = Math.floor(calm.cycles / 2);
  const until = from + 9_000_000;
  const { flushes, log, cycles } = run(kernel, { ...test, faults: [{ kind: 'gone', from, until }] });
  expect(log).toContain('the disk is gone; who needs it waits until it is back');
  expect(log).toContain('the disk is back');
  expect(cycles).toBeGreaterThan(until);
  expect(flushes.filter(({ cycle }) => cycle < from).every(({ status }) => status === STATUS_DONE)).toBe(true);
  const after = flushes.filter(({ cycle }) => cycle > until).map(({ status }) => status);
  expect(after.slice(0, 2)).toEqual([STATUS_ERROR, STATUS_DONE]);
  expect(after.slice(2)).not.toContain(STATUS_ERROR);
}

/** A drive that spins up is not there when the power comes on: the kernel waits for it, and has lost nothing. */
function checkLate(kernel: KernelImage, controller: DiskController): void {
  const until = 3 * I486_PC.cpu.clockHz;
  const { flushes, log, cycles } = run(kernel, { controller, seed: 9, faults: [{ kind: 'gone', from: 0, until }] });
  expect(log.match(/waiting for (it|one) to spin up/g)).toHaveLength(1);
  expect(log).not.toContain('the disk is gone');
  expect(cycles).toBeGreaterThan(until);
  expect(flushes.every(({ status }) => status === STATUS_DONE)).toBe(true);
}

/**
 * A sector that can be written at the fourth attempt: the flush, the piece it is in, and the block itself have failed then. Of a self-test that
 * writes one block and flushes: with seed 11, block 158.
 */
function checkTransient(kernel: KernelImage): void {
  const lba = 158 * SECTORS_PER_BLOCK + 3;
  const faults: DiskFault[] = [{ kind: 'write-error', lba, times: 3 }];
  const { flushes, log } = run(kernel, { controller: 'virtio', seed: 11, operations: 1, faults });
  expect(log).toContain('looking for it in runs of blocks 1');
  expect(flushes.map(({ status, block }) => [status, block])).toEqual([
    [STATUS_ERROR, 0],
    [STATUS_DONE, 0],
  ]);
}

describe.each(DISK_CONTROLLERS)('the disk on %s', (controller) => {
  property.prop([fc.nat(0xffff)], { numRuns: 6 })(
    'P4 reads bring what was submitted before them, and what was submitted before a flush is durable after it',
    async (seed) => {
      const { flushes, log, most } = run(await image(), { controller, seed });
      expect(flushes.every(({ status }) => status === STATUS_DONE)).toBe(true);
      expect(Number(/blocks read and right (\d+)/.exec(log)?.[1])).toBeGreaterThan(100);
      if (controller === 'ide') expect(most).toBe(1);
      else expect(most).toBeGreaterThan(5);
    },
  );

  property.prop(
    [fc.nat(0xffff), fc.uniqueArray(fc.nat(BLOCKS * SECTORS_PER_BLOCK - 1), { minLength: 1, maxLength: 3 })],
    {
      numRuns: 4,
    },
  )(
    'P12 a block that cannot be written is named by the flush that fails, and no other block is',
    async (seed, sectors) => {
      const bad = sectors.map((sector) => FIRST_BLOCK * SECTORS_PER_BLOCK + sector);
      const faults = bad.map((lba): DiskFault => ({ kind: 'write-error', lba }));
      const { flushes } = run(await image(), { controller, seed, faults });
      const named = flushes.filter(({ status }) => status === STATUS_ERROR).map(({ block }) => block);
      const blocks = bad.map((lba) => Math.floor(lba / SECTORS_PER_BLOCK));
      for (const block of blocks) expect(named).toContain(block);
      for (const block of named) expect(blocks).toContain(block);
    },
  );

  it.each(['kept', 'dropped'] as const)(
    'P12 a flush that fails for no sector (what is unflushed is %s) fails',
    async (cache) => {
      const faults: DiskFault[] = [{ kind: 'failed-flush', cache, times: 1 }];
      // What was dropped reads as it was before: one flush, and no operation after it.
      const { flushes } = run(await image(), { controller, seed: 4, operations: 0, faults });
      expect(flushes.map(({ status }) => status)).toEqual([STATUS_ERROR, STATUS_DONE]);
    },
  );

  it('P12 a drive that is gone for a while: what it had is done when it is back, and the next flush fails', async () => {
    checkGone(await image(), controller);
  });

  it('P12 a drive that spins up for seconds after the power comes on is waited for', async () => {
    checkLate(await image(), controller);
  });
});

it('a drive that never answers is given up after 30 s, and is asked again', async () => {
  const faults: DiskFault[] = [{ kind: 'slow', factor: 1e6, from: 0, until: 66_000_000 * 31 }];
  for (const controller of DISK_CONTROLLERS) {
    const { log } = run(await image(), { controller, seed: 2, operations: 40, faults, blind: true });
    expect(log).toMatch(/: no answer from the (drive|device), resetting; block/);
  }
});

it('P12 an error that passes costs no block where the controller names no sector', async () => {
  checkTransient(await image());
});

describe('a driver with a seeded defect', () => {
  const FIRST_SECTOR = FIRST_BLOCK * SECTORS_PER_BLOCK;
  const cases: readonly (readonly [string, DiskController, RegExp, readonly DiskFault[]])[] = [
    ['flushOvertakesWrites', 'virtio', /a flush ended before a request that was submitted before it/, []],
    ['sameBlockOvertakes', 'virtio', /a read brought what was not in the block/, []],
    ['virtioEndsAll', 'virtio', /a read brought what was not in the block/, []],
    ['virtioFlushNotSent', 'virtio', /P4 flush \d+ ended well, sector/, []],
    ['virtioKeepsOldSector', 'virtio', /a read brought what was not in the block/, []],
    [
      'ideFlushSkippedAfterError',
      'ide',
      /P4 flush \d+ ended well, sector/,
      [{ kind: 'read-error', lba: FIRST_SECTOR + 99 }],
    ],
  ];

  it.each(cases)('%s is found on %s', { timeout: 120_000 }, async (defect, controller, found, faults) => {
    const kernel = await image(defect);
    expect(() => run(kernel, { controller, seed: 1, faults })).toThrow(found);
    // The same passes without the defect.
    run(await image(), { controller, seed: 1, faults });
  });

  it.each(DISK_CONTROLLERS)('believeFlushAfterGone is found on %s', { timeout: 120_000 }, async (controller) => {
    const kernel = await image('believeFlushAfterGone');
    expect(() => checkGone(kernel, controller)).toThrow(/expected \[ 1, 1 \] to deeply equal \[ 2, 1 \]/);
  });

  it.each(DISK_CONTROLLERS)('probeOnce is found on %s', { timeout: 120_000 }, async (controller) => {
    const kernel = await image('probeOnce');
    expect(() => checkLate(kernel, controller)).toThrow(
      /(no disk on the primary channel|does not answer); running without/,
    );
  });

  it('namedAfterOneFailure is found', { timeout: 120_000 }, async () => {
    const kernel = await image('namedAfterOneFailure');
    expect(() => checkTransient(kernel)).toThrow(/expected \[ \[ 2, 158 \]/);
  });
});
