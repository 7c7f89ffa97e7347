/**
 * What the disk's controller makes of snapshots and page-ins: `npm run bench:disk`. Prints a table in simulated cycles and the most requests that were
 * under way at once; deterministic, the same on every host.
 *
 * A snapshot is measured from the request (`commitNow`) to its commit, all pages having been changed. Page-ins come from as many threads as the column
 * says, each waiting for one page at a time, after a boot.
 */
import {
  DISK_CONTROLLERS,
  type DiskController,
  type DiskProfile,
  FLASH_MODULE,
  HARD_DISK_1996,
  I486_PC,
  Machine,
  MemoryMedium,
} from '../hardware-sim/index.js';
import { buildKernel, type KernelImage } from '../impl/image/kernel.js';
import { grouped } from '../reports/facts.js';

const ENTRY = 'impl/kernel/persist/selftest/throughput.ts';
const BEGIN = 100;
const END = 101;
const PASSED = 1;
const DISK_SECTORS = 256 * 2048;
const RAM_BYTES = 64 * 2 ** 20;
const LIMIT_CYCLES = 200_000_000_000;

export interface DiskFigure {
  readonly controller: DiskController;
  readonly disk: string;
  readonly pages: number;
  /** Pages from one that is used to the next. */
  readonly stride: number;
  /** Cycles of one snapshot of them all, and the most requests under way at once. */
  readonly snapshot: number;
  readonly snapshotRequests: number;
  /** Cycles until all are read, by `threads` threads. */
  readonly threads: number;
  readonly pageIn: number;
  readonly pageInRequests: number;
}

export interface DiskQuestion {
  readonly disk: DiskProfile;
  readonly pages: number;
  readonly stride: number;
  readonly threads: number;
}

function boot(kernel: KernelImage, medium: MemoryMedium, controller: DiskController, question: DiskQuestion) {
  const { disk, pages, stride, threads } = question;
  let began = 0;
  let cycles = 0;
  const machine: Machine = new Machine(
    { ramBytes: RAM_BYTES, profile: { name: disk.name, cpu: I486_PC.cpu, disk }, medium, diskController: controller },
    {
      onProbe: (address) => {
        const [kind] = new Uint32Array(machine.readPhysical(address, 4).slice().buffer);
        if (kind === BEGIN) began = machine.cycles;
        if (kind === END) cycles = machine.cycles - began;
      },
    },
  );
  const mib = Math.ceil((pages * stride + 16) / 256);
  const commandLine = `persistent.mib=${mib} pages=${pages} stride=${stride} threads=${threads}`;
  machine.loadMultiboot({ image: kernel.elf, commandLine, modules: [] });
  const stop = machine.run({ untilCycle: LIMIT_CYCLES });
  if (stop.kind !== 'exit' || stop.status !== PASSED) throw new Error(`${commandLine}: ${JSON.stringify(stop)}`);
  const requests = machine.diskRequestsMost;
  const left = machine.cutPower({ survive: 'none' });
  machine.dispose();
  if (!(left instanceof MemoryMedium)) throw new Error('the medium of a bench is in memory');
  return { cycles, requests, medium: left };
}

/** The last of two snapshots of the pages, then page-ins of them all after a boot. */
export async function measureDisk(controller: DiskController, question: DiskQuestion): Promise<DiskFigure> {
  const kernel = await buildKernel({ entry: ENTRY });
  const written = boot(kernel, new MemoryMedium(DISK_SECTORS), controller, question);
  const read = boot(kernel, written.medium, controller, question);
  return {
    ...{ controller, disk: question.disk.name, pages: question.pages, stride: question.stride },
    ...{ snapshot: written.cycles, snapshotRequests: written.requests, threads: question.threads },
    ...{ pageIn: read.cycles, pageInRequests: read.requests },
  };
}

const QUESTIONS: readonly DiskQuestion[] = [HARD_DISK_1996, FLASH_MODULE].flatMap((disk) => [
  { disk, pages: 1000, stride: 1, threads: 1 },
  { disk, pages: 1000, stride: 16, threads: 8 },
  { disk, pages: 8000, stride: 1, threads: 8 },
]);

async function main(): Promise<void> {
  console.log(
    '| disk | pages | stride | controller | snapshot, cycles | requests at once | page-in of all, cycles | threads | requests at once |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const question of QUESTIONS) {
    for (const controller of DISK_CONTROLLERS) {
      const one = await measureDisk(controller, question);
      const cells = [one.disk, one.pages, one.stride, controller, one.snapshot, one.snapshotRequests, one.pageIn];
      const row = [...cells, one.threads, one.pageInRequests].map((cell) =>
        typeof cell === 'number' ? grouped(cell) : cell,
      );
      console.log(`| ${row.join(' | ')} |`);
    }
  }
}

if (process.argv[1]?.endsWith('bench/disk.ts')) await main();
