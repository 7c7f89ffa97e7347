/**
 * A campaign: many seeds of power cuts. `npm run campaign -- --seeds 1000 [--first N] [--cuts N] [--workers N] [--program NAME | demo/NAME]
 * [--ram MIB] [--disk-mib MIB] [--interval MS] [--controller ide | virtio] [--defect NAME] [--stop-at-failure] [--trace]`. Exit codes as of `phantom run`; each failing
 * seed comes with the command that runs it alone.
 *
 * Without --program the seeds take three in turns: `ticker`; `crew`, of several threads and much output; and `hog`, which with its 4 MiB
 * of RAM has more pages than frames and lives on page-out and page-in.
 *
 * Each seed is a run of its own, started from a life that has booted and committed where its plan allows it; runs with one seed are
 * the same here and under `phantom run` but for that. Workers take the seeds in turns; the summary is in seed order. Properties
 * are claimed by the campaign as a whole: one that no seed witnessed makes the campaign fail, but for the program's invariant (P26) where no
 * program has one and for the traces (P24) without --trace.
 */
import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  bootOnce,
  DEFAULT_OPTIONS,
  drawPlan,
  planShape,
  type RunSetup,
  runPlan,
  TraceRecorder,
} from '../faults/index.js';
import { declaresInvariant } from '../faults/invariant.js';
import { workload } from '../faults/testing/workload.js';
import { DISK_CONTROLLERS, type DiskController } from '../hardware-sim/index.js';
import { buildKernel } from '../impl/image/index.js';
import { DEMO_FOLDER, demos } from '../impl/library/demos.js';
import { plural, wholeNumber } from '../reports/facts.js';
import { OPTION_LIMITS, type PropertyResult, SEED_MAX } from '../reports/index.js';

/** What the seeds take in turns, and the RAM that makes each what it is for. */
const MIX: readonly string[] = ['ticker', 'crew', 'hog'];
const HOG_RAM_MIB = 4;

interface Job {
  readonly seeds: number;
  readonly first: number;
  readonly cuts: number;
  /** None: the mix. */
  readonly program?: string;
  readonly ram?: number;
  readonly diskMib: number;
  readonly defect: string[];
  readonly interval: number;
  readonly controller: DiskController;
  readonly stopAtFailure: boolean;
  /** Each run's trace is recorded and judged. */
  readonly trace: boolean;
}

interface Report {
  readonly seed: number;
  readonly program: string;
  readonly failed: boolean;
  /** The program has an invariant of its own. */
  readonly hasInvariant: boolean;
  readonly text: string;
  /** The command that runs this seed alone. */
  readonly repeat: string;
  readonly cycles: number;
  readonly cuts: number;
  readonly properties: readonly PropertyResult[];
}

function programOf(job: Job, seed: number): string {
  return job.program ?? MIX[seed % MIX.length];
}

async function prepare(job: Job, program: string) {
  const ramMiB = job.ram ?? (program === 'hog' ? HOG_RAM_MIB : DEFAULT_OPTIONS.ramMiB);
  const options = { ramMiB, diskMiB: job.diskMib, snapshotIntervalMs: job.interval, diskController: job.controller };
  const setup = await workload(program, { defects: job.defect, ...options });
  return { setup, startFrom: bootOnce(setup, 1) };
}

/** The command for what `phantom run` has no option for: the size of the disk. */
function repeatHere(job: Job, { options }: RunSetup, program: string, seed: number): string {
  const words = [`npm run campaign -- --first ${seed} --seeds 1 --cuts ${job.cuts} --program ${program}`];
  words.push(`--ram ${options.ramMiB} --disk-mib ${options.diskMiB} --interval ${options.snapshotIntervalMs}`);
  words.push(`--controller ${options.diskController}`);
  return [...words, ...job.defect.map((defect) => `--defect ${defect}`)].join(' ');
}

async function work(job: Job, seeds: Iterable<number>, report: (one: Report) => void): Promise<void> {
  const starts = new Map<string, { setup: RunSetup; startFrom: ReturnType<typeof bootOnce> }>();
  for (const seed of seeds) {
    const program = programOf(job, seed);
    const { setup, startFrom } = starts.get(program) ?? (await prepare(job, program));
    starts.set(program, { setup, startFrom });
    const result = runPlan(setup, drawPlan(seed, planShape(setup.options, job.cuts)), {
      startFrom,
      trace: job.trace ? new TraceRecorder() : undefined,
    });
    const failed = result.verdict.outcome !== 'held';
    const { verdict, cycles, cuts, properties } = result;
    const repeat = job.diskMib === DEFAULT_OPTIONS.diskMiB ? result.repeat : repeatHere(job, setup, program, seed);
    const hasInvariant = declaresInvariant(setup);
    report({ seed, program, failed, hasInvariant, text: verdict.text, repeat, cycles, cuts: cuts.length, properties });
    if (failed && job.stopAtFailure) return;
  }
}

function* share(job: Job, worker: number, workers: number): Generator<number> {
  for (let i = worker; i < job.seeds; i += workers) yield job.first + i;
}

/** One worker process. */
async function runWorker(words: readonly string[]): Promise<void> {
  const [job, worker, workers] = words.map((word) => JSON.parse(word)) as [Job, number, number];
  await work(job, share(job, worker, workers), (one) => process.send?.(one));
  process.disconnect();
}

/** Parses a whole number, as the phantom command does. */
function number(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = wholeNumber(text, least, most);
    if (value === undefined) throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`);
    return value;
  };
}

function programs(): string[] {
  const folder = new URL('../fixtures/workloads/', import.meta.url);
  const workloads = readdirSync(folder, { withFileTypes: true }).flatMap((one) =>
    one.isDirectory() ? [one.name] : [],
  );
  return [...workloads, ...demos().map(({ name }) => `${DEMO_FOLDER}/${name}`)];
}

async function main(): Promise<void> {
  const command = new Command('campaign')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .option('--seeds <n>', 'how many', number(1, SEED_MAX), 100)
    .option('--first <n>', 'the first seed', number(0, SEED_MAX), 1)
    .option('--cuts <n>', 'power cuts a seed', number(1, 10_000), 3)
    .option('--workers <n>', 'processes', number(1, 64), 2)
    .addOption(
      new Option(
        '--program <name>',
        'a folder of fixtures/workloads, or a demonstration (default: ticker, crew and hog in turns)',
      ).choices(programs()),
    )
    .option('--ram <MiB>', 'RAM of the machine (default: 16, for hog 4)', number(...OPTION_LIMITS.ramMiB))
    .option('--disk-mib <MiB>', 'size of the disk', number(...OPTION_LIMITS.diskMiB), DEFAULT_OPTIONS.diskMiB)
    .option(
      '--interval <ms>',
      'between snapshots',
      number(...OPTION_LIMITS.snapshotIntervalMs),
      DEFAULT_OPTIONS.snapshotIntervalMs,
    )
    .addOption(
      new Option('--controller <name>', 'what the disk is connected to')
        .choices(DISK_CONTROLLERS)
        .default(DEFAULT_OPTIONS.diskController),
    )
    .option('--defect <name...>', 'defects to seed in the kernel', [])
    .option('--stop-at-failure', 'a worker ends at its first failing seed', false)
    .option('--trace', 'hold the trace of each run against the specifications (P24)', false);
  const job = command.parse().opts<Job & { workers: number }>();
  if (job.first + job.seeds - 1 > SEED_MAX) command.error(`error: the last seed is ${SEED_MAX}`);
  await buildKernel({ defects: job.defect, onProgress: (text) => process.stderr.write(`${text}\n`) });
  const started = process.hrtime.bigint();
  const reports: Report[] = [];
  const workers = Array.from({ length: job.workers }, (_, i) => {
    const words = [JSON.stringify(job), JSON.stringify(i), JSON.stringify(job.workers)];
    const child = fork(fileURLToPath(import.meta.url), ['--worker', ...words]);
    child.on('message', (message) => {
      const one = message as Report;
      reports.push(one);
      if (one.failed) console.log(`seed ${one.seed}, ${one.program}: ${one.text}\n  ${one.repeat}`);
      if (reports.length % 50 === 0) process.stderr.write(`${reports.length} of ${job.seeds}\n`);
    });
    return new Promise<number>((resolve) => {
      child.on('exit', (code) => resolve(code ?? 1));
    });
  });
  const codes = await Promise.all(workers);
  process.exitCode = summarise(job, reports, Number(process.hrtime.bigint() - started) / 1e9, codes);
}

function summarise(job: Job, reports: readonly Report[], seconds: number, codes: readonly number[]): number {
  const failed = reports.filter((one) => one.failed);
  const sums = new Map<string, { name: string; checked: number; failed: number; witnesses: number }>();
  for (const { id, name, checked, failed: wrong, witnesses } of reports.flatMap((one) => one.properties)) {
    const sum = sums.get(id) ?? { name, checked: 0, failed: 0, witnesses: 0 };
    sums.set(id, {
      name,
      checked: sum.checked + checked,
      failed: sum.failed + wrong,
      witnesses: sum.witnesses + witnesses,
    });
  }
  const cuts = reports.reduce((sum, one) => sum + one.cuts, 0);
  const cycles = reports.reduce((sum, one) => sum + one.cycles, 0);
  for (const [id, sum] of sums) {
    console.log(
      `${id.padEnd(4)} checked ${sum.checked}, failed ${sum.failed}, witnesses ${sum.witnesses}  ${sum.name}`,
    );
  }
  const hasInvariant = reports.some((one) => one.hasInvariant);
  const vacuous = [...sums]
    .filter(([id, sum]) => sum.witnesses === 0 && (id !== 'P26' || hasInvariant) && (id !== 'P24' || job.trace))
    .map(([id]) => id);
  if (vacuous.length > 0) console.log(`no seed witnessed ${vacuous.join(', ')}`);
  const first = failed.map((one) => one.seed).sort((a, b) => a - b)[0];
  console.log(
    `${plural(reports.length, 'seed')} of ${job.seeds}, ${plural(cuts, 'power cut')}, ${plural(cycles, 'cycle')}, ` +
      `${seconds.toFixed(0)} s: ${failed.length === 0 ? 'all held' : `${failed.length} FAILED, the first is seed ${first}`}`,
  );
  const complete = codes.every((code) => code === 0) && (job.stopAtFailure || reports.length === job.seeds);
  return failed.length === 0 && vacuous.length === 0 && complete ? 0 : 1;
}

if (process.argv[2] === '--worker') await runWorker(process.argv.slice(3));
else await main();
