/**
 * Which generation the machine itself comes up from: an older one that is asked for, an earlier one after panics, and none from a disk that a
 * newer kernel wrote. The system is that of `fixtures/disks/format-2.img.gz`: the ticker, generations 6, 5 and 4; where nothing else is said.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from '../../../faults/index.js';
import {
  DISK_CONTROLLERS,
  type DiskController,
  type DurableMedium,
  Machine,
  MemoryMedium,
  SECTOR_BYTES,
} from '../../../hardware-sim/index.js';
import { readDisk } from '../../../model/disk-reader.js';
import { makeBundle } from '../../image/index.js';
import { buildKernel, type KernelImage } from '../../image/kernel.js';

const TICKER = readFileSync(new URL('../../../fixtures/generation-1/ticker/wl.ticker.main.pc', import.meta.url));
/** What `fixtures/disks/README.md` says was printed before each generation. */
const PRINTED: Readonly<Record<number, number>> = { 6: 121, 5: 96, 4: 72 };
/** Probe records (ARCHITECTURE.md, C4). */
const [RECOVERED, COMMIT, PANIC, PASSED_OVER] = [2, 4, 7, 9];
const [PASSED_OPTION, PASSED_PANICS] = [1, 2];
const CYCLES_MAX = 400_000_000;
/** Long enough that programs run, too short for a snapshot. */
const WITHOUT_SNAPSHOT = ['snapshot.interval=900000', 25_000_000] as const;
const PANICKED = 5;

function fixture(name = 'format-2'): DurableMedium {
  const image = gunzipSync(readFileSync(new URL(`../../../fixtures/disks/${name}.img.gz`, import.meta.url)));
  const medium = new MemoryMedium(image.length / SECTOR_BYTES);
  for (let sector = 0; sector < medium.sectors; sector++) medium.writeSector(sector, image, sector * SECTOR_BYTES);
  return medium;
}

interface Boot {
  readonly probes: readonly (readonly [kind: number, a: number, b: number, c: number])[];
  readonly console: string;
  readonly log: string;
  readonly stop: ReturnType<Machine['run']>;
  /** The disk after the power went, nothing unflushed on it. */
  readonly medium: DurableMedium;
  /** Sectors that were written. */
  readonly written: readonly number[];
}

/** One boot, until it ends itself or has committed so often. */
function boot(
  image: KernelImage,
  medium: DurableMedium,
  words = '',
  untilCycle = CYCLES_MAX,
  commits = 1,
  diskController: DiskController = 'ide',
): Boot {
  const probes: [number, number, number, number][] = [];
  const output = ['', ''];
  const written: number[] = [];
  let left = commits;
  const machine = new Machine(
    { ramBytes: 16 * 2 ** 20, medium: medium.fork(), diskController },
    {
      onSerial: (port, byte) => {
        output[port - 1] += String.fromCharCode(byte);
      },
      onDiskEvent: (event) => {
        if (event.kind === 'write') written.push(event.lba);
      },
      onProbe: (address, running) => {
        const view = new DataView(running.readPhysical(address, 16).slice().buffer);
        const [kind, a, b, c] = [0, 4, 8, 12].map((at) => view.getUint32(at, true));
        probes.push([kind, a, b, c]);
        if (kind === COMMIT && --left === 0) running.requestStop();
      },
    },
  );
  machine.loadMultiboot({
    image: image.elf,
    commandLine: `phantom root.boot=.wl.ticker.main ${words}`,
    modules: [{ bytes: makeBundle([{ name: '.wl.ticker.main', bytes: TICKER }]), commandLine: 'classes' }],
  });
  const stop = machine.run({ untilCycle });
  const after = machine.cutPower({ survive: 'none' });
  machine.dispose();
  return { probes, console: output[0], log: output[1], stop, medium: after, written };
}

/** The line that the ticker prints next after so many bytes: 9 lines of 12 bytes, then 90 of 13. */
function nextLine(position: number): string {
  const tick = position < 108 ? position / 12 : 9 + (position - 108) / 13;
  return `T| tick = ${tick + 1}\n`;
}

function expectRecovered(one: Boot, generation: number): void {
  const [recovered] = one.probes.filter(([kind]) => kind === RECOVERED);
  expect({ recovered: recovered?.slice(0, 3), log: one.log }).toMatchObject({
    recovered: [RECOVERED, generation, PRINTED[generation]],
  });
  expect(one.console.startsWith(nextLine(PRINTED[generation])), one.console).toBe(true);
}

function kept(medium: DurableMedium): number[] {
  return readDisk(blocksOf(medium)).generations.map(({ generation }) => generation);
}

let kernel: KernelImage;
beforeAll(async () => {
  kernel = await buildKernel();
});

describe('a disk of an earlier day', () => {
  it('P21 format version 2 comes up, and the program goes on where it was', () => {
    const one = boot(kernel, fixture());
    expectRecovered(one, 6);
    expect(one.probes.filter(([kind]) => kind === PASSED_OVER)).toEqual([]);
    expect(kept(one.medium)).toEqual([7, 6, 5]);
  });

  it('P21 object layout 3: a terminal that has no place for what it would show today is lost, and the program goes on', () => {
    const one = boot(kernel, fixture('layout-3-terminal'), '', CYCLES_MAX, 2);
    expect(one.log).toContain('objects: an older layout is brought up to date');
    // 30 lines were printed; the 31st was for the terminal that is gone.
    expect(one.console.startsWith('connection lost\nn = 32\nn = 33\n'), one.console).toBe(true);
    const again = boot(kernel, one.medium);
    expect(again.log).not.toContain('an older layout');
    expect(again.console).toMatch(/^n = \d+\n/);
  });
});

describe('an older generation', () => {
  it.each([5, 4])('generation=%i is recovered, and the newer ones stay until the first commit', (generation) => {
    const asked = boot(kernel, fixture(), `generation=${generation}`);
    expectRecovered(asked, generation);
    expect(asked.probes).toContainEqual([PASSED_OVER, generation, 6, PASSED_OPTION]);
    // Numbers are not used again: what follows is newer than what was passed over.
    expect(kept(asked.medium)).toEqual([7, 6, 5, 4].filter((one) => one === 7 || one <= generation));
    const [words, cycles] = WITHOUT_SNAPSHOT;
    const cut = boot(kernel, fixture(), `generation=${generation} ${words}`, cycles);
    expectRecovered(cut, generation);
    expect(cut.written).toEqual([]);
    expectRecovered(boot(kernel, cut.medium), 6);
  });

  it('one that is not there is refused, those that are there are named, and nothing is written', () => {
    const one = boot(kernel, fixture(), 'generation=9');
    expect(one.log).toContain('store: generation 9 was asked for; the disk keeps 6, 5, 4');
    expect(one.stop).toEqual({ kind: 'exit', status: PANICKED });
    expect(one.written).toEqual([]);
  });
});

describe('a system that panics of what it recovers', () => {
  let mutant: KernelImage;
  beforeAll(async () => {
    // It is a kernel of tomorrow too: what it commits is laid out by the version after today's.
    mutant = await buildKernel({ defects: ['panicOnRestore', 'nextLayout'] });
  });

  it.each(DISK_CONTROLLERS)(
    'on %s comes up from the generation before after three panics, says so, and goes on; an older kernel refuses what it wrote (P21)',
    (controller) => {
      let medium = fixture();
      for (let panics = 1; panics <= 3; panics++) {
        const one = boot(mutant, medium, '', CYCLES_MAX, 1, controller);
        expectRecovered(one, 6);
        expect(one.stop).toEqual({ kind: 'exit', status: PANICKED });
        expect(one.log).toContain(`store: noted, panics after recovering generation 6: ${panics}`);
        // The note is a sector each behind the superblocks that are not in force.
        expect(one.written.map((sector) => sector % 8)).toEqual([1, 1]);
        medium = one.medium;
        expect(readDisk(blocksOf(medium)).panics).toMatchObject({ generation: 6, count: panics });
      }
      const saved = boot(mutant, medium, '', CYCLES_MAX, 2, controller);
      expectRecovered(saved, 5);
      expect(saved.probes).toContainEqual([PASSED_OVER, 5, 6, PASSED_PANICS]);
      expect(saved.log).toContain('generation 6: 3, the last one "snapshot: a persistent error"; it is given up');
      expect(saved.log).toContain('persist: generation 6 was not tried: it led to panics');
      expect(saved.probes.filter(([kind]) => kind === PANIC)).toEqual([]);
      expect(kept(saved.medium)).toEqual([8, 7, 5]);
      // The commit made the note history.
      expect(readDisk(blocksOf(saved.medium)).panics).toBeUndefined();
      const older = boot(kernel, saved.medium);
      expect(older.log, 'P21').toMatch(
        /objects are laid out by version (\d+); this kernel knows versions 3 to (?!\1)\d+\n/,
      );
      expect(older.log, 'P21').toContain(
        'this kernel does not know what is in the generation; nothing was changed on the disk',
      );
      expect(older.stop, 'P21').toEqual({ kind: 'exit', status: PANICKED });
      expect(older.written, 'P21').toEqual([]);
    },
  );

  it('power cuts are no panics', () => {
    let medium = fixture();
    for (let i = 0; i < 4; i++) medium = boot(mutant, medium, ...WITHOUT_SNAPSHOT).medium;
    expect(readDisk(blocksOf(medium)).panics).toBeUndefined();
    expectRecovered(boot(mutant, medium), 6);
  });
});
