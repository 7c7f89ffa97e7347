/**
 * `phantom check --mutants`: the kernel with each seeded defect in turn, until the bed has caught it.
 *
 * The rule: a mutant's line is a function of its name and `--runs` alone, so workers and the order in which they are done change nothing. Who stops it
 * gets those that are done.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  chooseMutants,
  judgeMutant,
  MACHINE_PROFILE,
  MUTANT_RUNS_MAX,
  MUTANT_TRIES,
  type MutantOutcome,
  type MutantTask,
  PROPERTIES,
  shellWord,
} from '../faults/index.js';
import { DEFECTS_FILE, defectNames, findProjectRoot } from '../impl/image/index.js';
import { mutantScore, mutantState } from '../reports/campaign-facts.js';
import { grouped, plural } from '../reports/facts.js';
import { CAMPAIGN_FORMAT, CAMPAIGN_VERSION, type CampaignResult, type MutantResult } from '../reports/index.js';
import { ThreadCrew } from './crew.js';
import { messageOf, UserError } from './errors.js';
import { Interrupt } from './interrupt.js';
import { getKernel } from './kernel.js';
import { inLanes } from './lanes.js';
import { Progress } from './progress.js';
import type { Terminal } from './terminal.js';

export interface MutantFlags {
  readonly mutant: readonly string[];
  readonly runs?: number;
  readonly jobs: number;
}

/** The function of `faults/mutant-worker.ts`. */
type MutantKinds = { readonly mutantTask: { readonly task: MutantTask; readonly outcome: MutantOutcome } };

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
  // Sources run in one thread: what loads them does not load them in workers.
  const jobs = import.meta.url.endsWith('.ts') ? 1 : Math.min(flags.jobs, tasks.length);
  const { outcomes, stopped, seconds } = await judgeAll(tasks, jobs, terminal);
  const mutants = outcomes.filter((one) => one !== undefined).map(({ result }) => result);
  const { sha256 } = await getKernel([], terminal);
  const result: CampaignResult = {
    format: CAMPAIGN_FORMAT,
    version: CAMPAIGN_VERSION,
    verdict: verdictOf(mutants, stopped, tasks.length),
    command: commandOf(flags),
    seeds: { first: 1, wanted: 0, done: 0 },
    shape: 'cuts',
    kernel: { sha256, defects: [] },
    machine: { profile: MACHINE_PROFILE.name, timing: MACHINE_PROFILE.cpu.timing, engine: 'interpreter' },
    workloads: [],
    exhaustive: [],
    repeated: 0,
    agreed: 0,
    properties: unclaimedProperties(),
    coverage: [],
    findings: [],
    mutants,
    performance: [
      { name: 'time', value: Math.round(seconds * 10) / 10, unit: 's' },
      { name: 'worker threads', value: jobs, unit: '' },
    ],
    environment,
  };
  return { result, stopped };
}

/** Which of them a mutant put at stake is in its own line. */
function unclaimedProperties(): CampaignResult['properties'] {
  const nothing = { checked: 0, failed: 0, witnesses: 0, claimed: false };
  return Object.entries(PROPERTIES).map(([id, name]) => ({ id, name, ...nothing }));
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
  const interrupt = new Interrupt();
  const isStopped = (): boolean => interrupt.isAsked;
  const worker = fileURLToPath(new URL('../faults/mutant-worker.js', import.meta.url));
  const crew = jobs === 1 ? undefined : new ThreadCrew<MutantKinds>(jobs, worker, undefined);
  const progress = new Progress(terminal, PROGRESS, tasks.length, { last: '' });
  const outcomes = new Array<MutantOutcome | undefined>(tasks.length);
  let done = 0;
  try {
    await inLanes(tasks, jobs, isStopped, async (task, at) => {
      const outcome = await (crew === undefined ? judgeMutant(task, isStopped) : crew.run('mutantTask', task));
      if (isStopped()) return;
      outcomes[at] = outcome;
      progress.say(lineOf(outcome));
      progress.update(++done, { last: task.name });
    });
  } finally {
    interrupt.close();
    progress.stop();
    await crew?.close();
  }
  const seconds = (performance.now() - started) / 1000;
  return { outcomes, stopped: isStopped(), seconds };
}

function lineOf({ result, message }: MutantOutcome): string {
  const { name, property, runs, equivalent } = result;
  if (equivalent !== null) return `${name}: ${mutantState(result)}`;
  const state = property === null ? `survived ${grouped(runs)} runs` : `killed by ${property}, ${plural(runs, 'run')}`;
  return `${name}: ${state}${message === '' ? '' : `: ${message}`}`;
}
