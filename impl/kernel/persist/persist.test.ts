/**
 * The persistent memory on the simulated machine, under `selftest/pressure.ts`: a kernel whose threads write to more
 * pages than there are frames and panic on the first wrong word. Its power is cut; what is on the disk then is judged
 * by the independent reader and by the same kernel booted again.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fc, test as property } from '@fast-check/vitest';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  DISK_CONTROLLERS,
  type DiskController,
  type DiskFault,
  type DurableMedium,
  FLASH_MODULE,
  I486_PC,
  Machine,
  type MachineState,
  MemoryMedium,
  SECTOR_BYTES,
} from '../../../hardware-sim/index.js';
import { BLOCK_BYTES, blockLedger, readDisk } from '../../../model/disk-reader.js';
import { blocksOf } from '../../../model/medium-blocks.js';
import { buildKernel, type KernelImage } from '../../image/kernel.js';
import { runSimulator } from '../../image/testing/simulator.js';

const ENTRY = 'impl/kernel/persist/selftest/pressure.ts';
const DISK_SECTORS = 16 * 2048;
const RAM_BYTES = 3584 * 1024;
/** About 400 frames are free on this machine. */
const OPTIONS = 'persistent.mib=4 pages=450 threads=3 snapshot.interval=20';
const PASSED = 1;
/** As in pages.ts. */
const WIRED_PAGES = 16;
/** A disk without moving parts: more happens in fewer cycles. */
const PROFILE = { name: 'i486-pc-flash', cpu: I486_PC.cpu, disk: FLASH_MODULE };
const STEP_CYCLES = 10_000_000;
const DEMARCATION = 3;
const COMMIT = 4;

interface Probe {
  readonly kind: number;
  readonly a: number;
  readonly cycle: number;
}

interface BootOptions {
  readonly image: KernelImage;
  /** Words of the command line. */
  readonly words: string;
  readonly ramBytes?: number;
  /** A blank disk when not given. */
  readonly medium?: DurableMedium;
  readonly diskSectors?: number;
  readonly diskFaults?: readonly DiskFault[];
  /** `ide` when not given. */
  readonly diskController?: DiskController;
}

/** A machine with the self-test loaded, its log and its probe records. */
class Boot {
  log = '';
  readonly probes: Probe[] = [];
  readonly machine: Machine;

  constructor(from: MachineState | BootOptions) {
    const hooks = {
      onSerial: (port: number, byte: number) => {
        if (port === 2) this.log += String.fromCharCode(byte);
      },
      onProbe: (address: number, machine: Machine) => {
        const view = new DataView(machine.readPhysical(address, 16).slice().buffer);
        this.probes.push({ kind: view.getUint32(0, true), a: view.getUint32(4, true), cycle: machine.cycles });
      },
    };
    if (!('image' in from)) {
      this.machine = Machine.fromCheckpoint(from, hooks);
      return;
    }
    const { medium, diskFaults, diskController, ramBytes = RAM_BYTES, diskSectors = DISK_SECTORS } = from;
    const disk = medium === undefined ? { diskSectors } : { medium };
    this.machine = new Machine({ ramBytes, profile: PROFILE, diskFaults, diskController, ...disk }, hooks);
    this.machine.loadMultiboot({ image: from.image.elf, commandLine: from.words, modules: [] });
  }

  /** Runs to the end, which must be a good one. */
  finish(): void {
    const stop = this.machine.run({ untilCycle: 20_000_000_000 });
    expect({ stop, log: this.log }).toMatchObject({ stop: { kind: 'exit', status: PASSED } });
  }

  /** Highest generation of the probe records of a kind, 0 without any. */
  highest(kind: number): number {
    return Math.max(0, ...this.probes.filter((probe) => probe.kind === kind).map(({ a }) => a));
  }

  /** The number that follows `name` in the log. */
  figure(name: string): number {
    const found = new RegExp(`${name} (\\d+)`).exec(this.log);
    if (!found) throw new Error(`the log does not say "${name}":\n${this.log}`);
    return Number(found[1]);
  }
}

let image: KernelImage;
/** A run under pressure, with its state every STEP_CYCLES. */
const states: MachineState[] = [];
let whole: Boot;

beforeAll(async () => {
  image = await buildKernel({ entry: ENTRY });
  whole = new Boot({ image, words: `${OPTIONS} rounds=400` });
  for (;;) {
    states.push(whole.machine.checkpoint());
    const stop = whole.machine.run({ untilCycle: whole.machine.cycles + STEP_CYCLES });
    if (stop.kind === 'cycle') continue;
    expect({ stop, log: whole.log }).toMatchObject({ stop: { kind: 'exit', status: PASSED } });
    return;
  }
});

describe('what it costs', () => {
  const EMPTY = 6;
  const DEMARCATION_COST = 2;
  const BEGIN = 100;
  const END = 101;

  /** Most cycles of each measured operation, without those of the measuring. */
  function costs(kernel: KernelImage, mib: number): Map<number, number> {
    const { probes, log, stop } = runSimulator({ elf: kernel.elf, commandLine: `persistent.mib=${mib}` });
    expect({ stop, log }).toMatchObject({ stop: { kind: 'exit', status: PASSED } });
    const most = new Map<number, number>();
    let began = 0;
    for (const { kind, a, cycle } of probes) {
      if (kind === BEGIN) began = cycle;
      if (kind === END) most.set(a, Math.max(most.get(a) ?? 0, cycle - began));
    }
    const empty = most.get(EMPTY) ?? 0;
    for (const [what, cycles] of most) most.set(what, cycles - empty);
    return most;
  }

  it('20,000 cycles a demarcation, within 5,000 the same for 16 MiB and 1 GiB; 25,000 a fault in memory', async () => {
    const kernel = await buildKernel({ entry: 'impl/kernel/persist/selftest/cost.ts' });
    const measured = [16, 128, 1024].map((mib) => costs(kernel, mib));
    const demarcations = measured.map((cost) => cost.get(DEMARCATION_COST) ?? Number.NaN);
    expect(Math.min(...demarcations)).toBeGreaterThan(0);
    expect(Math.max(...demarcations)).toBeLessThanOrEqual(20_000);
    expect(Math.max(...demarcations) - Math.min(...demarcations)).toBeLessThanOrEqual(5_000);
    for (const cost of measured) {
      expect(cost.size).toBe(6);
      expect(Math.max(...cost.values())).toBeLessThanOrEqual(25_000);
    }
  });
});

describe('persistent memory larger than RAM', () => {
  it('pages leave and come back unchanged, are copied for snapshots, and are written out early', () => {
    for (const what of ['pages read', 'pages evicted', 'pages written out', 'pages copied']) {
      expect(whole.figure(`pressure: ${what}`), what).toBeGreaterThan(0);
    }
    expect(whole.highest(COMMIT)).toBeGreaterThan(3);
    expect(whole.figure('pressure: committed')).toBe(whole.highest(COMMIT));
  });

  const cuts = fc.record({
    after: fc.nat({ max: 1_000_000 }),
    lottery: fc.array(fc.nat(255), { minLength: 1, maxLength: 8 }),
  });

  property.prop([cuts], { numRuns: 8 })(
    'P1 P2 P3 P6 P7 after a cut the memory is that of one generation, not older than the last commit; no block leaks',
    ({ after, lottery }) => {
      // The first states are those of a kernel that has not begun.
      const cycle = Math.floor(((after % 1000) / 1000) * (states.length - 1) * STEP_CYCLES) + after;
      const index = Math.min(states.length - 1, Math.floor(cycle / STEP_CYCLES));
      const cut = new Boot(states[index]);
      cut.machine.run({ untilCycle: cycle });
      const writes = cut.machine.unflushedWrites().map(({ sequence }) => sequence);
      const sequences = writes.filter((_, i) => ((lottery[(i >> 3) % lottery.length] >> (i & 7)) & 1) === 1);
      const medium = cut.machine.cutPower({ survive: { sequences } });
      const before = whole.probes.filter((probe) => probe.cycle <= cycle);
      const reached = (kind: number): number =>
        Math.max(0, ...before.filter((probe) => probe.kind === kind).map(({ a }) => a));

      const source = blocksOf(medium);
      const read = readDisk(source, { checkPages: true });
      const ledger = blockLedger(read);
      expect(ledger.problems).toEqual([]);
      expect(read.generations.flatMap(({ problems }) => problems)).toEqual([]);
      const recovered = read.recovery.kind === 'generation' ? read.recovery.generation : 0;
      expect(recovered).toBeGreaterThanOrEqual(reached(COMMIT));
      expect(recovered).toBeLessThanOrEqual(reached(DEMARCATION));

      const again = new Boot({ medium, image, words: `${OPTIONS} rounds=3` });
      again.finish();
      expect(again.figure('pressure: generation')).toBe(recovered);
      if (recovered > 0) expect(again.figure('free blocks')).toBe(source.blocks - ledger.allocated);
    },
  );
});

describe('older disks', () => {
  it('P21 a disk of format version 1 comes up', () => {
    const bytes = gunzipSync(readFileSync(new URL('../../../fixtures/disks/format-1.img.gz', import.meta.url)));
    const medium = new MemoryMedium(bytes.length / SECTOR_BYTES);
    for (let sector = 0; sector < medium.sectors; sector++) {
      medium.writeSector(sector, bytes.subarray(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES));
    }
    const boot = new Boot({ image, medium, words: 'pages=40 threads=1 rounds=10' });
    boot.finish();
    expect(boot.figure('pressure: generation')).toBe(5);
    expect(boot.figure('pressure: writes so far')).toBe(906);
  });
});

describe('when the disk fails its duty', () => {
  it('P12 a page that cannot be read ends the threads that need it, says which, and nothing else', () => {
    const words = 'persistent.mib=4 pages=60 threads=3 rounds=1000';
    const first = new Boot({ image, words });
    first.finish();
    const medium = first.machine.cutPower({ survive: 'none' });
    const read = readDisk(blocksOf(medium));
    const page = WIRED_PAGES + 7;
    const reference = read.generations[0].pages.get(page);
    if (!reference) throw new Error('the page was never written');
    const lba = reference.block * (BLOCK_BYTES / SECTOR_BYTES) + 5;
    const diskFaults: DiskFault[] = [{ kind: 'read-error', lba }];
    const second = new Boot({ image, medium, diskFaults, words: `${words} check=0` });
    second.finish();
    expect(second.log).toContain(
      `store: block ${reference.block}, page ${page} of generation ${reference.generation}: cannot be read`,
    );
    expect(second.log).toContain(`persist: object lost; a thread ends that needs page ${page}`);
    expect(second.figure('pressure: threads lost')).toBe(3);
    expect(second.highest(COMMIT)).toBeGreaterThan(read.generations[0].generation);
  });

  const FAULT_WORDS = `${OPTIONS} rounds=200`;

  /** The disk is formatted, and programs run, when the faults begin. */
  const FAULTS_FROM = 9_000_000;

  /** Runs the pressure test on a disk that gets these faults, cuts the power at its end, and boots again on a good disk, on IDE. */
  function faulty(
    kernel: KernelImage,
    faults: readonly DiskFault[],
    diskController: DiskController = 'ide',
  ): { first: Boot; again: Boot; medium: DurableMedium } {
    const first = new Boot({ image: kernel, words: FAULT_WORDS, diskController });
    first.machine.run({ untilCycle: FAULTS_FROM });
    for (const fault of faults) first.machine.addDiskFault(fault);
    first.finish();
    const medium = first.machine.cutPower({ survive: 'none' });
    const read = readDisk(blocksOf(medium), { checkPages: true });
    expect(blockLedger(read).problems).toEqual([]);
    expect(read.generations.flatMap(({ problems }) => problems)).toEqual([]);
    expect(read.recovery).toMatchObject({ kind: 'generation', generation: first.highest(COMMIT) });
    const again = new Boot({
      image: kernel,
      medium: medium.fork(),
      words: `${OPTIONS} rounds=3`,
    });
    again.finish();
    expect(again.figure('pressure: generation')).toBe(first.highest(COMMIT));
    return { first, again, medium };
  }

  /** The sectors of the blocks from `from` to `to`, one a block. */
  function sectors(from: number, to: number): number[] {
    return Array.from({ length: to - from }, (_, i) => ((from + i) * BLOCK_BYTES) / SECTOR_BYTES + (i % 8));
  }

  it.each([
    ['kept', 'ide'],
    ['dropped', 'ide'],
    ['dropped', 'virtio'],
  ] as const)(
    'P12 a flush that fails, what it should have saved %s, on %s: the generation is given up and saved again in full',
    (cache, controller) => {
      const { first } = faulty(image, [{ kind: 'failed-flush', cache, times: 3 }], controller);
      expect(first.log).toContain('what was written since the last good flush may be lost');
      expect(first.log).toContain('is abandoned (the disk could not be flushed)');
      expect(first.figure('to be written again, since a flush failed after they were: pages')).toBeGreaterThan(0);
      expect(first.highest(COMMIT)).toBeGreaterThanOrEqual(2);
    },
  );

  it('P12 a kernel that trusts a flush after one that failed does not pass that', async () => {
    const mutant = await buildKernel({ entry: ENTRY, defects: ['trustAfterFailedFlush'] });
    expect(() => faulty(mutant, [{ kind: 'failed-flush', cache: 'dropped', times: 3 }])).toThrow();
  });

  it.each(DISK_CONTROLLERS)(
    'P12 blocks that cannot be written are replaced, noted, and known after a power cut, on %s',
    (controller) => {
      const bad = sectors(200, 210);
      const { first, again, medium } = faulty(
        image,
        bad.map((lba) => ({ kind: 'write-error', lba })),
        controller,
      );
      expect(first.log).toContain('cannot be written and is not used again');
      const { generations } = readDisk(blocksOf(medium));
      expect(generations[0].badBlocks.length).toBeGreaterThan(3);
      for (const block of generations[0].badBlocks) expect(block >= 200 && block < 210).toBe(true);
      expect(again.figure('bad blocks')).toBe(generations[0].badBlocks.length);
    },
  );

  it.each([
    ['one place of a pair', 'ide', [16]],
    ['a whole pair', 'ide', [16, 1040]],
    ['a whole pair', 'virtio', [16, 1040]],
    ['one of each pair', 'ide', [528, 1040]],
  ] as const)(
    'P8 P12 %s of the superblock cannot be written, on %s: two others get the copies',
    (_, diskController, blocks) => {
      const faults = blocks.map(
        (block): DiskFault => ({ kind: 'write-error', lba: (block * BLOCK_BYTES) / SECTOR_BYTES }),
      );
      // The disk is formatted while it is still good.
      const blank = new Boot({ image, words: `${OPTIONS} rounds=1` });
      blank.finish();
      const medium = blank.machine.cutPower({ survive: 'none' });
      const boot = new Boot({ image, medium, diskFaults: faults, diskController, words: FAULT_WORDS });
      boot.finish();
      expect(boot.highest(COMMIT)).toBeGreaterThan(blank.highest(COMMIT) + 1);
      const read = readDisk(blocksOf(boot.machine.cutPower({ survive: 'none' })));
      expect(read.recovery).toMatchObject({ kind: 'generation', generation: boot.highest(COMMIT) });
      const valid = read.superblocks.filter(
        ({ state, sequence }) => state === 'valid' && sequence === read.newest?.sequence,
      );
      expect(valid).toHaveLength(2);
      for (const { block } of valid) expect(blocks).not.toContain(block);
    },
  );

  it.each(DISK_CONTROLLERS)(
    'P12 P14 a disk on %s that is gone for a while: who needs it waits, and everything goes on',
    (diskController) => {
      const calm = new Boot({ image, words: FAULT_WORDS, diskController });
      calm.finish();
      // Requests wait for each other only where they must.
      if (diskController === 'virtio') expect(calm.machine.diskRequestsMost).toBeGreaterThan(2);
      const from = Math.floor(calm.machine.cycles / 2);
      const { first } = faulty(image, [{ kind: 'gone', from, until: from + 40_000_000 }], diskController);
      expect(first.log).toContain(`${diskController}: the disk is gone; who needs it waits until it is back`);
      expect(first.log).toContain(`${diskController}: the disk is back`);
      expect(first.machine.cycles).toBeGreaterThan(from + 40_000_000);
    },
  );

  it('P25 a full disk stops snapshots with a clear message, never page-out, and the last generation stays', () => {
    const diskSectors = 2048 * (BLOCK_BYTES / SECTOR_BYTES);
    const words = 'persistent.mib=8 pages=900 threads=3 snapshot.interval=400 check=0';
    const first = new Boot({ image, diskSectors, ramBytes: 4096 * 1024, words: `${words} rounds=2000` });
    first.finish();
    expect(first.log).toContain('persist: the disk is full: ');
    expect(first.log).toContain('pressure: the last state could not be committed');
    expect(first.figure('pressure: pages written out')).toBeGreaterThan(0);
    const medium = first.machine.cutPower({ survive: 'all' });
    const read = readDisk(blocksOf(medium), { checkPages: true });
    expect(read.recovery).toMatchObject({ kind: 'generation', generation: first.highest(COMMIT) });
    expect(read.generations.length).toBeGreaterThanOrEqual(2);
    expect(read.generations.flatMap(({ problems }) => problems)).toEqual([]);
    const second = new Boot({ image, medium, ramBytes: 4096 * 1024, words: `${words} rounds=5` });
    second.finish();
    expect(second.figure('pressure: generation')).toBe(first.highest(COMMIT));
  });
});
