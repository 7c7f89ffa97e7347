/**
 * The queue in front of the disk and the drivers behind it, under the kernel's self-test `drivers/selftest/queue.ts`: it panics when a read brings
 * what was not written, or when a flush ends before what was submitted before it.
 *
 * The rule: what a flush that ended well has made durable is judged by what the drive still has in its cache, never by what the kernel says.
 */
import {
  type DiskController,
  type DiskFault,
  FLASH_MODULE,
  I486_PC,
  Machine,
  SECTOR_BYTES,
} from '../../hardware-sim/index.js';
import type { KernelImage } from '../../impl/image/index.js';
import { SECTORS_PER_BLOCK } from '../block-rule.js';
import { type RandomStream, randomStream } from '../random.js';
import { type Caught, caught, type Scenario } from './scenario.js';

/** The blocks that the self-test uses. */
export const QUEUE_FIRST_BLOCK = 100;
export const QUEUE_BLOCKS = 64;
export const FLUSH_DONE = 1;
export const FLUSH_ERROR = 2;
const CLOCK_HZ = I486_PC.cpu.clockHz;
const PROFILE = { name: 'i486-pc-flash', cpu: I486_PC.cpu, disk: FLASH_MODULE };
const PASSED = 1;
const LOG = 2;
/** Probe record of the self-test: number, status and block of a flush; in each sector, the third word counts the flushes begun before it. */
const FLUSHED = 100;
const BEGUN_AT = 8;
const DEADLINE = 8_000_000_000;

export interface Flush {
  readonly number: number;
  readonly status: number;
  /** The block that it names, 0: none. */
  readonly block: number;
  readonly cycle: number;
}

export interface QueueTest {
  readonly controller: DiskController;
  readonly seed: number;
  readonly operations?: number;
  readonly faults?: readonly DiskFault[];
  /** What reads bring is not looked at. */
  readonly blind?: boolean;
}

export interface QueueRun {
  readonly log: string;
  readonly flushes: readonly Flush[];
  /** Requests that the controller had at once, at most. */
  readonly most: number;
  readonly cycles: number;
  /** Sectors written, in order. */
  readonly written: readonly number[];
  readonly wrong: Caught | undefined;
}

/** Runs the self-test. */
export function runQueue(kernel: Pick<KernelImage, 'elf'>, test: QueueTest): QueueRun {
  const { controller: diskController, seed, operations = 600, faults: diskFaults = [], blind = false } = test;
  let log = '';
  const flushes: Flush[] = [];
  const written: number[] = [];
  let early: Caught | undefined;
  const machine: Machine = new Machine(
    { ramBytes: 4 << 20, profile: PROFILE, diskSectors: 16 * 2048, diskController, diskFaults },
    {
      onSerial: (port, byte) => {
        if (port === LOG) log += String.fromCharCode(byte);
      },
      onDiskEvent: ({ kind, lba }) => {
        if (kind === 'write') written.push(lba);
      },
      onProbe: (address) => {
        const [kind, number, status, block] = new Uint32Array(machine.readPhysical(address, 16).slice().buffer);
        if (kind !== FLUSHED) return;
        flushes.push({ number, status, block, cycle: machine.cycles });
        if (status !== FLUSH_DONE) return;
        for (const { lba, data } of machine.unflushedWrites()) {
          const begun = new DataView(data.buffer, data.byteOffset, SECTOR_BYTES).getUint32(BEGUN_AT, true);
          if (begun < number)
            early ??= caught('P4', `flush ${number} ended well, sector ${lba} of before is not on the medium`);
        }
      },
    },
  );
  const commandLine = `seed=${seed} operations=${operations} blind=${blind ? 1 : 0}`;
  machine.loadMultiboot({ image: kernel.elf, commandLine, modules: [] });
  const stop = machine.run({ untilCycle: DEADLINE });
  const { diskRequestsMost: most, cycles } = machine;
  machine.dispose();
  const passed = stop.kind === 'exit' && stop.status === PASSED;
  const panic = /panic: [^\n]*/.exec(log)?.[0] ?? `the self-test ended by ${stop.kind}: ${log}`;
  const wrong = passed ? early : caught(stop.kind === 'exit' ? 'P4' : 'P14', panic);
  return { log, flushes, most, cycles, written, wrong };
}

/** The cable is out in the middle of everything: nothing is lost, and the first flush after that is not believed. */
export function diskGone(kernel: Pick<KernelImage, 'elf'>, test: QueueTest): QueueRun {
  const calm = runQueue(kernel, test);
  if (calm.wrong !== undefined) return calm;
  const from = Math.floor(calm.cycles / 2);
  const until = from + 9_000_000;
  const run = runQueue(kernel, { ...test, faults: [{ kind: 'gone', from, until }] });
  const [first, second] = run.flushes.filter(({ cycle }) => cycle > until);
  const isSaid = run.log.includes('the disk is gone; who needs it waits') && run.log.includes('the disk is back');
  const doubt = (): string | undefined => {
    if (!isSaid || run.cycles < until) return 'the drive was gone, and nobody noticed';
    if (run.flushes.some(({ cycle, status }) => cycle < from && status !== FLUSH_DONE)) return 'a flush failed before';
    if (first?.status !== FLUSH_ERROR) return 'the first flush after the drive was gone ended well';
    if (second !== undefined && second.status !== FLUSH_DONE) return 'no flush ends well again';
    return undefined;
  };
  const message = doubt();
  return { ...run, wrong: run.wrong ?? (message === undefined ? undefined : caught('P12', message)) };
}

/** A drive that spins up is not there when the power comes on: the kernel waits for it, and has lost nothing. */
export function diskLate(kernel: Pick<KernelImage, 'elf'>, test: QueueTest, until = 3 * CLOCK_HZ): QueueRun {
  const run = runQueue(kernel, { ...test, faults: [{ kind: 'gone', from: 0, until }] });
  if (run.wrong !== undefined) return { ...run, wrong: { ...run.wrong, property: 'P12' } };
  const waited = run.log.match(/waiting for (it|one) to spin up/g)?.length === 1 && run.cycles > until;
  const good = run.flushes.every(({ status }) => status === FLUSH_DONE) && !run.log.includes('the disk is gone');
  return waited && good ? run : { ...run, wrong: caught('P12', 'a drive that spins up late is not waited for') };
}

/**
 * A sector can be written at the fourth attempt: the flush, the piece it is in, and the block itself have failed then. On virtio, which names no
 * sector; the self-test writes one block at most, and flushes.
 */
export function errorPasses(kernel: Pick<KernelImage, 'elf'>, seed: number, at: RandomStream): QueueRun | undefined {
  const test: QueueTest = { controller: 'virtio', seed, operations: 1 };
  const calm = runQueue(kernel, test);
  if (calm.wrong !== undefined) return calm;
  if (calm.written.length === 0) return undefined;
  const lba = at.pick(calm.written);
  const run = runQueue(kernel, { ...test, faults: [{ kind: 'write-error', lba, times: 3 }] });
  const block = Math.floor(lba / SECTORS_PER_BLOCK);
  const named = run.flushes.some((flush) => flush.block !== 0);
  const failed = run.flushes[0]?.status === FLUSH_ERROR;
  if (run.wrong !== undefined || (failed && !named)) return run;
  const message = named ? `block ${block} is named as bad, though it can be written` : 'a flush that failed ended well';
  return { ...run, wrong: caught('P12', message) };
}

function scenario(judge: (kernel: Pick<KernelImage, 'elf'>, random: RandomStream) => QueueRun | undefined): Scenario {
  return { entry: 'queue', judge: (kernel, seed) => judge(kernel, randomStream(seed, 'queue'))?.wrong };
}

const seedOf = (random: RandomStream): number => random.below(0x10000);

/** Reads, writes and flushes, more than the controller can take at once. */
export const BUSY_QUEUE = {
  ide: scenario((kernel, random) => {
    const lba = (QUEUE_FIRST_BLOCK + random.below(QUEUE_BLOCKS)) * SECTORS_PER_BLOCK + random.below(SECTORS_PER_BLOCK);
    const faults: DiskFault[] = [{ kind: 'read-error', lba }];
    return runQueue(kernel, { controller: 'ide', seed: seedOf(random), faults });
  }),
  virtio: scenario((kernel, random) => runQueue(kernel, { controller: 'virtio', seed: seedOf(random) })),
};

export const DRIVE_GONE = scenario((kernel, random) =>
  diskGone(kernel, { controller: random.pick(['ide', 'virtio'] as const), seed: seedOf(random) }),
);

export const DRIVE_LATE = scenario((kernel, random) => {
  const controller = random.pick(['ide', 'virtio'] as const);
  return diskLate(kernel, { controller, seed: seedOf(random), operations: 100 });
});

export const ERROR_PASSES = scenario((kernel, random) => errorPasses(kernel, seedOf(random), random));
