/**
 * P7 over many snapshots on a small disk: `npm run space [-- --snapshots 10000] [--every 1000]`. The self-test of the persistent memory
 * (`impl/kernel/persist/selftest/pressure.ts`) writes pages on a disk of 8 MiB, which holds some hundred generations' worth of changes. Every so many commits, and
 * after a power cut at the end, the independent reader's ledger must account for each block: what the kernel says is free is what no kept
 * generation refers to, block for block; and the same kernel, booted again, must count the same. Deterministic. Exit code 0: it held, 1: it did
 * not, 2: a usage error.
 */
import { Command, InvalidArgumentError } from 'commander';
import { blocksOf } from '../faults/index.js';
import { FLASH_MODULE, I486_PC, Machine, type MachineConfig, MemoryMedium } from '../hardware-sim/index.js';
import { buildKernel } from '../impl/image/index.js';
import { blockLedger, readDisk } from '../model/disk-reader.js';
import { wholeNumber } from '../reports/facts.js';

const ENTRY = 'impl/kernel/persist/selftest/pressure.ts';
const SECTORS = 2048 * 8;
const COMMIT = 4;
const WORDS = 'persistent.mib=4 pages=300 threads=1 check=0 pause=1 snapshot.interval=4';
const PROFILE: MachineConfig['profile'] = { name: 'i486-pc-flash', cpu: I486_PC.cpu, disk: FLASH_MODULE };
const SLICE_CYCLES = 50_000_000;
/** Far more than a snapshot takes. */
const CYCLES_PER_COMMIT = 50_000_000;
const COUNT_MAX = 1_000_000;

/** Blocks of the disk that something refers to, and that the kernel says are free. */
interface Account {
  readonly commits: number;
  readonly blocks: number;
  readonly allocated: number;
  readonly free: number;
  readonly problems: readonly string[];
}

/** Runs until so many generations were committed; yields the account every `every` commits and at the end. Throws when a kernel stops. */
export async function* measureSpace(
  snapshots: number,
  every: number,
  defects: readonly string[] = [],
): AsyncGenerator<Account> {
  const image = await buildKernel({ entry: ENTRY, defects });
  let commits = 0;
  let due = Math.min(every, snapshots);
  const medium = new MemoryMedium(SECTORS);
  const machine = new Machine(
    { ramBytes: 8 * 2 ** 20, profile: PROFILE, medium },
    {
      onProbe: (address, running) => {
        const kind = new DataView(running.readPhysical(address, 4).slice().buffer).getUint32(0, true);
        if (kind === COMMIT && ++commits >= due) running.requestStop();
      },
    },
  );
  machine.loadMultiboot({ image: image.elf, commandLine: `${WORDS} rounds=999999999`, modules: [] });
  for (let last = 0; commits < snapshots; ) {
    const stop = machine.run({ untilCycle: machine.cycles + SLICE_CYCLES });
    if (stop.kind !== 'cycle' && stop.kind !== 'requested') {
      throw new Error(`the kernel stopped after ${commits} commits: ${JSON.stringify(stop)}`);
    }
    if (machine.cycles - last > every * CYCLES_PER_COMMIT) throw new Error(`only ${commits} commits`);
    if (commits < due) continue;
    const { disk, ...account } = look(medium, commits);
    yield { ...account, free: disk.generations[0]?.freeBlocks ?? Number.NaN };
    last = machine.cycles;
    due = Math.min(due + every, snapshots);
  }
  const after = machine.cutPower({ survive: 'none' });
  machine.dispose();
  const { disk: _, ...account } = look(after, commits);
  yield { ...account, free: freeAfterBoot(image.elf, after) };
}

function look(medium: MemoryMedium | ReturnType<Machine['cutPower']>, commits: number) {
  const source = blocksOf(medium);
  const disk = readDisk(source, { checkPages: true });
  const ledger = blockLedger(disk);
  const problems = [
    ...ledger.problems.map(({ block, text }) => `block ${block}: ${text}`),
    ...disk.generations.flatMap((one) => one.problems.map(({ block, text }) => `block ${block}: ${text}`)),
  ];
  return { disk, commits, blocks: source.blocks, allocated: ledger.allocated, problems };
}

/** What the same kernel counts on this disk, from its log. */
function freeAfterBoot(elf: Uint8Array, medium: ReturnType<Machine['cutPower']>): number {
  let log = '';
  const machine = new Machine(
    { ramBytes: 8 * 2 ** 20, profile: PROFILE, medium: medium.fork() },
    {
      onSerial: (port, byte) => {
        if (port === 2) log += String.fromCharCode(byte);
      },
    },
  );
  machine.loadMultiboot({ image: elf, commandLine: `${WORDS} rounds=1`, modules: [] });
  machine.run({ untilCycle: CYCLES_PER_COMMIT * 10 });
  machine.dispose();
  return Number(/free blocks (\d+)/.exec(log)?.[1]);
}

function parseCount(text: string): number {
  const value = wholeNumber(text, 1, COUNT_MAX);
  if (value === undefined) throw new InvalidArgumentError(`Expected a number from 1 to ${COUNT_MAX}.`);
  return value;
}

interface Flags {
  readonly snapshots: number;
  readonly every: number;
}

async function main({ snapshots, every }: Flags): Promise<void> {
  for await (const { commits, blocks, allocated, free, problems } of measureSpace(snapshots, every)) {
    const held = allocated + free === blocks && problems.length === 0;
    process.stdout.write(
      `${commits} commits: ${allocated} blocks reachable or of the format + ${free} free = ${allocated + free} of ${blocks}` +
        `${held ? '' : '  FAILED'}\n`,
    );
    for (const problem of problems) process.stdout.write(`  ${problem}\n`);
    if (!held) process.exitCode = 1;
  }
}

if (process.argv[1]?.endsWith('space.ts')) {
  await new Command('space')
    .option('--snapshots <number>', 'snapshots to take', parseCount, 10_000)
    .option('--every <number>', 'commits between two looks', parseCount, 1000)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .action(main)
    .parseAsync();
}
