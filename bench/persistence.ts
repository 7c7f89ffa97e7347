/**
 * `npm run bench:persistence`: what snapshots cost, counted on the simulated machine, the same on every host: cycles of a demarcation and of
 * the worst fault in memory at three sizes of memory, and blocks written for each page dirtied. Figures of a commit are recorded in README.md
 * beside this file.
 *
 * Write amplification counts every block the disk gets between the first and the last commit of a run: pages, second copies, deltas, base
 * index, lists, records, superblocks.
 */
import { Command } from 'commander';
import { Machine, SECTOR_BYTES } from '../hardware-sim/index.js';
import { buildKernel, type KernelImage } from '../impl/image/index.js';

const MIB = 2 ** 20;
const BLOCK_BYTES = 4096;
const PROBE_DEMARCATION = 3;
const PROBE_COMMIT = 4;
/** Probe records of `impl/kernel/persist/selftest/cost.ts`. */
const BEGIN = 100;
const END = 101;
const MEASURED = { firstWrite: 1, demarcation: 2, copyAndPush: 3, copy: 4, repeatedWrite: 5, empty: 6 };
const GENERATIONS = 100;

interface Probe {
  readonly kind: number;
  readonly a: number;
  readonly c: number;
  readonly cycle: number;
  /** Sectors written to the disk until then. */
  readonly sectors: number;
}

function probesOf(kernel: KernelImage, words: string, ramMiB: number, diskMiB: number): Probe[] {
  const probes: Probe[] = [];
  let sectors = 0;
  let log = '';
  const machine = new Machine(
    { ramBytes: ramMiB * MIB, diskSectors: (diskMiB * MIB) / SECTOR_BYTES },
    {
      onSerial: (port, byte) => {
        if (port === 2) log += String.fromCharCode(byte);
      },
      onDiskEvent: ({ kind }) => {
        if (kind === 'write') sectors++;
      },
      onProbe: (address, running) => {
        const view = new DataView(running.readPhysical(address, 16).slice().buffer);
        const [kind, a, , c] = [0, 4, 8, 12].map((at) => view.getUint32(at, true));
        probes.push({ kind, a, c, cycle: running.cycles, sectors });
      },
    },
  );
  machine.loadMultiboot({ image: kernel.elf, commandLine: words, modules: [] });
  const stop = machine.run({ untilCycle: 1e13 });
  if (stop.kind !== 'exit' || stop.status !== 1)
    throw new Error(`the kernel stopped with ${JSON.stringify(stop)}:\n${log}`);
  return probes;
}

export interface Costs {
  readonly memoryMiB: number;
  readonly demarcationCycles: number;
  readonly worstFaultCycles: number;
}

/** Cycles of a demarcation and of the worst fault in memory, without those of the measuring. */
export function costs(kernel: KernelImage, memoryMiB: number): Costs {
  const most = new Map<number, number>();
  let began = 0;
  for (const { kind, a, cycle } of probesOf(kernel, `persistent.mib=${memoryMiB}`, 32, 32)) {
    if (kind === BEGIN) began = cycle;
    if (kind === END) most.set(a, Math.max(most.get(a) ?? 0, cycle - began));
  }
  const without = (what: number): number => (most.get(what) ?? Number.NaN) - (most.get(MEASURED.empty) ?? 0);
  const faults = [MEASURED.firstWrite, MEASURED.copyAndPush, MEASURED.copy, MEASURED.repeatedWrite];
  return {
    memoryMiB,
    demarcationCycles: without(MEASURED.demarcation),
    worstFaultCycles: Math.max(...faults.map(without)),
  };
}

export interface Amplification {
  readonly pattern: 'scattered' | 'consecutive';
  readonly pages: number;
  readonly generations: number;
  readonly dirtied: number;
  readonly blocks: number;
}

/** Counts from the first commit to the last. */
export function amplification(kernel: KernelImage, pattern: Amplification['pattern'], pages: number): Amplification {
  const scattered = pattern === 'scattered' ? 1 : 0;
  const words = `persistent.mib=1024 pages=${pages} generations=${GENERATIONS + 1} scattered=${scattered}`;
  const probes = probesOf(kernel, words, 192, 4096);
  const commits = probes.filter(({ kind }) => kind === PROBE_COMMIT);
  const first = commits[0];
  const last = commits[commits.length - 1];
  const generations = last.a - first.a;
  const dirtied = probes
    .filter(({ kind, a }) => kind === PROBE_DEMARCATION && a > first.a && a <= last.a)
    .reduce((sum, { c }) => sum + c, 0);
  return {
    pattern,
    pages,
    generations,
    dirtied,
    blocks: ((last.sectors - first.sectors) * SECTOR_BYTES) / BLOCK_BYTES,
  };
}

async function main(): Promise<void> {
  const flags = new Command('bench:persistence')
    .description('what snapshots cost, counted on the simulated machine')
    .option('--json', 'print one JSON object')
    .parse()
    .opts<{ json?: true }>();
  const cost = await buildKernel({ entry: 'impl/kernel/persist/selftest/cost.ts' });
  const kernel = await buildKernel({ entry: 'impl/kernel/persist/selftest/amplification.ts' });
  const demarcations = [16, 128, 1024].map((mib) => costs(cost, mib));
  const amplifications = [amplification(kernel, 'scattered', 1000), amplification(kernel, 'consecutive', 10_000)];
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ demarcations, amplifications })}\n`);
    return;
  }
  for (const { memoryMiB, demarcationCycles, worstFaultCycles } of demarcations) {
    process.stdout.write(
      `${memoryMiB} MiB: demarcation ${demarcationCycles} cycles, worst fault ${worstFaultCycles}\n`,
    );
  }
  for (const { pattern, pages, generations, dirtied, blocks } of amplifications) {
    process.stdout.write(
      `${pages} ${pattern} pages, ${generations} generations: ${blocks} blocks for ${dirtied} pages, ${(blocks / dirtied).toFixed(4)}\n`,
    );
  }
}

await main();
