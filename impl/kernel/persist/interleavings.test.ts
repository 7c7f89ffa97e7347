/**
 * Who may wait for whom in the pager: `selftest/pressure.ts` with little memory, on a disk that is slow for a while, at
 * several phases of the timer. The kernel's threads check every word they read back; a run that does not end is a
 * deadlock.
 */
import { fc, test as property } from '@fast-check/vitest';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DiskFault, FLASH_MODULE, I486_PC, Machine } from '../../../hardware-sim/index.js';
import { buildKernel } from '../../image/kernel.js';

const ENTRY = 'impl/kernel/persist/selftest/pressure.ts';
const PROFILE = { name: 'i486-pc-flash', cpu: I486_PC.cpu, disk: FLASH_MODULE };
const RAM_BYTES = 3584 * 1024;
const DISK_SECTORS = 16 * 2048;
const PASSED = { kind: 'exit', status: 1 };
const PANICKED = { kind: 'exit', status: 5 };
/** Half a minute of the machine: twenty times what the slowest of these runs takes. */
const CYCLES_MAX = 2_000_000_000;
const PROBE_COMMIT = 4;
const PROBE_ABANDONED = 5;

let kernel: Uint8Array;

interface Run {
  readonly stop: unknown;
  readonly log: string;
  readonly cycles: number;
  /** Generations, in the order of the announcements. */
  readonly commits: readonly number[];
  readonly abandoned: readonly number[];
}

function run(elf: Uint8Array, words: string, diskFaults: readonly DiskFault[] = [], faultsFrom = 0): Run {
  let log = '';
  const commits: number[] = [];
  const abandoned: number[] = [];
  const machine = new Machine(
    { ramBytes: RAM_BYTES, diskSectors: DISK_SECTORS, profile: PROFILE },
    {
      onSerial: (port, byte) => {
        if (port === 2) log += String.fromCharCode(byte);
      },
      onProbe: (address, running) => {
        const view = new DataView(running.readPhysical(address, 8).slice().buffer);
        const [kind, generation] = [view.getUint32(0, true), view.getUint32(4, true)];
        if (kind === PROBE_COMMIT) commits.push(generation);
        if (kind === PROBE_ABANDONED) abandoned.push(generation);
      },
    },
  );
  machine.loadMultiboot({ image: elf, commandLine: `persistent.mib=4 pages=450 ${words}`, modules: [] });
  if (faultsFrom > 0) machine.run({ untilCycle: faultsFrom });
  for (const fault of diskFaults) machine.addDiskFault(fault);
  const stop = machine.run({ untilCycle: CYCLES_MAX });
  const { cycles } = machine;
  machine.dispose();
  return { stop, log, cycles, commits, abandoned };
}

/** The number that follows `name` in the log. */
function figure({ log }: Run, name: string): number {
  return Number(new RegExp(`pressure: ${name} (\\d+)`).exec(log)?.[1] ?? Number.NaN);
}

async function mutant(defect: string): Promise<Uint8Array> {
  return (await buildKernel({ entry: ENTRY, defects: [defect] })).elf;
}

beforeAll(async () => {
  kernel = (await buildKernel({ entry: ENTRY })).elf;
});

/** Everything at once, in little memory. */
const CROWD = 'rounds=120 threads=8 dozers=4 committers=2 scanners=1 snapshot.interval=4';

describe('P15 no deadlock among snapshots, pager, collector and threads that sleep or wait', () => {
  const situations = fc.record({
    threads: fc.integer({ min: 1, max: 8 }),
    dozers: fc.integer({ min: 0, max: 4 }),
    committers: fc.integer({ min: 0, max: 2 }),
    scanners: fc.integer({ min: 0, max: 1 }),
    interval: fc.constantFrom(4, 20, 100),
    phase: fc.nat({ max: 200_000 }),
    factor: fc.integer({ min: 1, max: 12 }),
    from: fc.nat({ max: 60_000_000 }),
  });

  property.prop([situations], { numRuns: 5 })('P15 every thread gets to its end', (situation) => {
    const { threads, dozers, committers, scanners, interval, phase, factor, from } = situation;
    const words =
      `rounds=120 threads=${threads} dozers=${dozers} committers=${committers} scanners=${scanners} ` +
      `snapshot.interval=${interval} phase=${phase}`;
    const { stop, log } = run(kernel, words, [{ kind: 'slow', factor, from, until: from + 30_000_000 }]);
    expect({ stop, log }).toMatchObject({ stop: PASSED });
  });

  it('P15 finds a snapshotter that waits for memory while it holds the cleaner', { timeout: 180_000 }, async () => {
    expect(run(kernel, CROWD).stop).toEqual(PASSED);
    // It stands still: no panic, no halt.
    expect(run(await mutant('memoryWhileHeld'), CROWD).stop).toEqual({ kind: 'cycle' });
  });
});

describe('a page that is on its way', () => {
  it('is needed by two faults, written to while it comes in, and written to while it goes out', () => {
    const runs = [CROWD, 'rounds=400 threads=8 snapshot.interval=20'].map((words) => run(kernel, words));
    for (const { stop, log } of runs) expect({ stop, log }).toMatchObject({ stop: PASSED });
    // Each case happened: the kernel's threads found every word right nevertheless.
    for (const witness of ['faults shared', 'faults shared for writing', 'write-outs cancelled']) {
      expect(
        runs.reduce((sum, one) => sum + figure(one, witness), 0),
        witness,
      ).toBeGreaterThan(0);
    }
  });

  const slow: DiskFault = { kind: 'slow', factor: 6, from: 0, until: 60_000_000 };

  it.each(['cancelledKept', 'mapWhileReading'])('%s: wrong contents are seen', { timeout: 180_000 }, async (defect) => {
    const elf = await mutant(defect);
    // Whether a thread looks at a wrong word in time depends on who meets whom.
    const phases = Array.from({ length: 10 }, (_, i) => i * 20_000);
    const seen = phases.some((phase) => {
      const { stop, log } = run(elf, `${CROWD} phase=${phase}`, [slow]);
      const wrong = log.includes('panic: pressure: wrong contents in page');
      expect(stop).toEqual(wrong ? PANICKED : PASSED);
      return wrong;
    });
    expect(seen).toBe(true);
  });
});

describe('P14 liveness', () => {
  const WORDS = 'rounds=200 threads=3 snapshot.interval=20';
  const faults = fc.record({
    times: fc.integer({ min: 1, max: 5 }),
    cache: fc.constantFrom<'kept' | 'dropped'>('kept', 'dropped'),
    from: fc.integer({ min: 9_000_000, max: 20_000_000 }),
  });

  property.prop([faults], { numRuns: 4 })(
    'P14 when the disk is well again, a generation after the abandoned ones commits',
    ({ times, cache, from }) => {
      const { stop, log, commits, abandoned } = run(kernel, WORDS, [{ kind: 'failed-flush', cache, times }], from);
      expect({ stop, log }).toMatchObject({ stop: PASSED });
      expect(log).toContain('disk: what was written since the last good flush may be lost');
      expect(commits[commits.length - 1]).toBeGreaterThan(Math.max(0, ...abandoned));
    },
  );

  it('P14 finds that none is tried after an abandoned one', { timeout: 180_000 }, async () => {
    const failing: DiskFault = { kind: 'failed-flush', cache: 'kept', times: 2 };
    const elf = await mutant('noneAfterAbandoned');
    const { stop, commits, abandoned } = run(elf, WORDS, [failing], 9_000_000);
    expect(stop).toEqual({ kind: 'cycle' });
    expect(abandoned.length).toBeGreaterThan(0);
    expect(Math.max(0, ...commits)).toBeLessThan(abandoned[0]);
  });
});
