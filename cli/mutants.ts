/**
 * `phantom check --mutants`: the kernel with each seeded defect in turn, until the bed has caught it.
 *
 * The rule: a mutant's line is a function of its name and `--runs` alone, so workers and the order in which they are done change nothing. Who stops it
 * gets those that are done.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MultiBar, type SingleBar } from 'cli-progress';
import { Tinypool } from 'tinypool';
import {
  Campaign,
  checkSetup,
  chooseMutants,
  judgeMutant,
  MUTANT_RUNS_MAX,
  MUTANT_TRIES,
  type MutantOutcome,
  type MutantTask,
  shellWord,
  workloadProgram,
} from '../faults/index.js';
import { DEFECTS_FILE, defectNames, findProjectRoot } from '../impl/image/index.js';
import { mutantScore, mutantState } from '../reports/campaign-facts.js';
import { grouped, plural } from '../reports/facts.js';
import type { CampaignResult, MutantResult } from '../reports/index.js';
import { messageOf, UserError } from './errors.js';
import { EXIT_STOPPED } from './exit-codes.js';
import { getKernel } from './kernel.js';
import type { Terminal } from './terminal.js';

export interface MutantFlags {
  readonly mutant: readonly string[];
  readonly runs?: number;
  readonly jobs: number;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes on a signal that the terminal has sent to its whole group: what comes so soon is the same Ctrl-C. */
const SAME_INTERRUPT_MS = 1000;
const PROGRESS = '{bar} {value} of {total} mutants, {last}';

/** All that can be judged before anything is built. Throws UserError. */
function tasksOf({ mutant, runs = MUTANT_RUNS_MAX }: MutantFlags): MutantTask[] {
  const root = findProjectRoot();
  if (root === undefined)
    throw new UserError('--mutants builds kernels with seeded defects: it needs the sources, a clone of the project');
  try {
    const names = chooseMutants(defectNames(readFileSync(join(root, DEFECTS_FILE), 'utf8')), mutant);
    return names.map((name) => ({ name, runs }));
  } catch (error) {
    throw new UserError(messageOf(error));
  }
}

/** The mutants as a campaign without runs of its own: those that were done, and whether that is not all. Throws UserError. */
export async function checkMutants(
  flags: MutantFlags,
  terminal: Terminal,
  environment: CampaignResult['environment'],
): Promise<{ readonly result: CampaignResult; readonly stopped: boolean }> {
  const tasks = tasksOf(flags);
  // The worker is compiled code: sources run in one thread.
  const jobs = import.meta.url.endsWith('.ts') ? 1 : Math.min(flags.jobs, tasks.length);
  const { outcomes, stopped, seconds } = await judgeAll(tasks, jobs, terminal);
  const mutants = outcomes.filter((one) => one !== undefined).map(({ result }) => result);
  const setup = { ...workloadProgram('ticker'), kernel: await getKernel([], terminal) };
  checkSetup(setup);
  const command = commandOf(flags);
  const campaign = new Campaign({
    job: { shape: 'cuts', cuts: 0, states: 0, recoverOneIn: 0, trace: false },
    first: 1,
    runs: 0,
    setups: new Map([['ticker', setup]]),
    exhaustive: false,
    command,
    commandOf: () => command,
  });
  const performance = [
    { name: 'time', value: Math.round(seconds * 10) / 10, unit: 's' },
    { name: 'worker threads', value: jobs, unit: '' },
  ];
  const result: CampaignResult = {
    ...campaign.result(stopped, performance, environment),
    workloads: [],
    verdict: verdictOf(mutants, stopped, tasks.length),
    mutants,
  };
  return { result, stopped };
}

function commandOf({ mutant, runs }: MutantFlags): string {
  const words = ['npx', 'phantom', 'check', '--mutants'];
  for (const name of mutant) words.push('--mutant', name);
  if (runs !== undefined) words.push('--runs', String(runs));
  return words.map(shellWord).join(' ');
}

function verdictOf(mutants: readonly MutantResult[], stopped: boolean, wanted: number): CampaignResult['verdict'] {
  const able = mutants.filter(({ equivalent }) => equivalent === null);
  const survivors = able.filter(({ killed }) => !killed).map(({ name }) => name);
  const runs = able
    .filter(({ killed }) => killed)
    .map((one) => one.runs)
    .sort((a, b) => a - b);
  const most = runs.at(-1);
  const figures = `${mutantScore(mutants)}, by ${most === undefined ? 'no run' : `${plural(most, 'run')} at most (median of ${MUTANT_TRIES} tries)`}`;
  if (survivors.length > 0) return { outcome: 'failed', text: `FAILED: ${figures}; survived: ${survivors.join(', ')}` };
  if (stopped)
    return { outcome: 'stopped', text: `stopped after ${mutants.length} of ${plural(wanted, 'mutant')}: ${figures}` };
  return { outcome: 'held', text: `held: ${figures}` };
}

interface Judged {
  /** In the order of the tasks; undefined: not done. */
  readonly outcomes: readonly (MutantOutcome | undefined)[];
  readonly stopped: boolean;
  readonly seconds: number;
}

async function judgeAll(tasks: readonly MutantTask[], jobs: number, terminal: Terminal): Promise<Judged> {
  const started = performance.now();
  let interruptedAt: number | undefined;
  let stop = (): void => {};
  const stopping = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const interrupt = (): void => {
    if (interruptedAt !== undefined && performance.now() - interruptedAt > SAME_INTERRUPT_MS)
      process.exit(EXIT_STOPPED);
    interruptedAt ??= performance.now();
    stop();
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  const pool =
    jobs === 1
      ? undefined
      : new Tinypool({
          filename: fileURLToPath(new URL('../faults/mutant-worker.js', import.meta.url)),
          name: 'mutantTask',
          runtime: 'worker_threads',
          minThreads: jobs,
          maxThreads: jobs,
          isolateWorkers: false,
        });
  const bars = process.stderr.isTTY
    ? new MultiBar({ stream: process.stderr, format: PROGRESS, clearOnComplete: true, hideCursor: null })
    : undefined;
  const bar: SingleBar | undefined = bars?.create(tasks.length, 0, { last: '' });
  const outcomes = new Array<MutantOutcome | undefined>(tasks.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < tasks.length && interruptedAt === undefined) {
      const at = next++;
      const isStopped = (): boolean => interruptedAt !== undefined;
      const outcome =
        pool === undefined ? await judgeMutant(tasks[at], isStopped) : ((await pool.run(tasks[at])) as MutantOutcome);
      if (isStopped()) return;
      outcomes[at] = outcome;
      const line = lineOf(outcome);
      if (bars === undefined) terminal.say(line);
      else bars.log(`${line}\n`);
      bar?.increment(1, { last: tasks[at].name });
    }
  };
  try {
    const lanes = Promise.all(Array.from({ length: jobs }, lane));
    // A worker cannot be asked to hurry: what is under way is left behind.
    await Promise.race([lanes, stopping]);
    if (interruptedAt === undefined) await lanes;
    else lanes.catch(() => {});
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
    bars?.stop();
    await pool?.destroy();
  }
  const seconds = (performance.now() - started) / 1000;
  return { outcomes, stopped: interruptedAt !== undefined, seconds };
}

function lineOf({ result, message }: MutantOutcome): string {
  const { name, property, runs, equivalent } = result;
  if (equivalent !== null) return `${name}: ${mutantState(result)}`;
  const state = property === null ? `survived ${grouped(runs)} runs` : `killed by ${property}, ${plural(runs, 'run')}`;
  return `${name}: ${state}${message === '' ? '' : `: ${message}`}`;
}
