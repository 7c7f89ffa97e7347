/**
 * Mutants: the kernel with one seeded defect of `impl/kernel/defects.ts`, and what the bed does to it until it is caught.
 *
 * The rule: a trial is a thing the kernel as it is passes, whatever its seed, so what fails one is the mutant's doing; and its verdict is a property.
 * A mutant is tried five times with different seeds, up to a number of trials each. It is killed when most tries catch it; its figure is the
 * median of the trials they took.
 *
 * Kinds of trials: a run of a campaign (a plan drawn for a workload, and the crash states of its cuts), a snapshot gone through whole, a cell of the
 * fault matrix, a scenario. Hints say which of them reach a defect; a mutant without one gets the campaign's own workloads in turn.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { DiskController } from '../hardware-sim/index.js';
import { buildKernel, type KernelImage } from '../impl/image/index.js';
import type { MutantResult } from '../reports/campaign.js';
import type { MatrixCell } from '../reports/matrix.js';
import { type CellQuestion, MatrixExaminer, matrixQuestions } from './matrix.js';
import { HINTS, type Hint } from './mutant-hints.js';
import { randomStream } from './random.js';
import { SCENARIOS } from './scenarios/index.js';
import { type Caught, caught, ENTRIES, type Entry } from './scenarios/scenario.js';
import { type CampaignJob, SeedRunner } from './seed-run.js';
import { workloadProgram } from './workload.js';

export const MUTANT_TRIES = 5;
export const MUTANT_RUNS_MAX = 50;
/** Seeds of one try begin so far behind those of the one before. */
const SEEDS_A_TRY = 1000;

/** What a trial of a campaign asks: few crash states, for there are many trials. */
const JOB: Omit<CampaignJob, 'shape'> = { cuts: 2, states: 120, recoverOneIn: 60, trace: false };
const CAMPAIGN = { diskMiB: 64, snapshotIntervalMs: 60 } as const;
/** A mutant without a hint gets these in turn. */
const USUAL: readonly Hint[] = [
  { kind: 'seeds', workload: 'ring' },
  { kind: 'seeds', workload: 'crew', options: { controller: 'virtio' } },
  { kind: 'seeds', workload: 'hog', options: { ramMiB: 4 } },
  { kind: 'seeds', workload: 'churn' },
  { kind: 'matrix' },
];

export interface MutantTask {
  readonly name: string;
  /** Trials of a try, at most. */
  readonly runs: number;
}

/** How one try went: trials made, and what the last of them caught. */
export interface MutantTry {
  readonly runs: number;
  readonly caught: Caught | undefined;
}

export interface MutantOutcome {
  readonly result: MutantResult;
  /** What was seen first; empty when nothing was. */
  readonly message: string;
}

/** The mutants of these names; all of them when none are given. Throws Error naming one that does not exist. */
export function chooseMutants(all: readonly string[], wanted: readonly string[]): string[] {
  for (const name of wanted) {
    if (!all.includes(name)) throw new Error(`--mutant ${name}: expected one of ${all.join(', ')}`);
  }
  return all.filter((name) => wanted.length === 0 || wanted.includes(name));
}

/** All tries of one mutant. Needs the kernel's sources. `isStopped` is asked between trials; when it says so the outcome is of no use. */
export async function judgeMutant(
  { name, runs }: MutantTask,
  isStopped: () => boolean = () => false,
): Promise<MutantOutcome> {
  const trials = new Trials(name);
  const tries: MutantTry[] = [];
  const most = Math.floor(MUTANT_TRIES / 2);
  try {
    for (let index = 0; index < MUTANT_TRIES; index++) {
      // When most tries have caught nothing, the others change nothing of the verdict.
      if (tries.filter((one) => one.caught === undefined).length > most) break;
      tries.push(await oneTry(trials, index, runs, isStopped));
    }
  } finally {
    trials.dispose();
  }
  return summariseTries(name, tries);
}

/** The verdict of some tries of one mutant. */
export function summariseTries(name: string, tries: readonly MutantTry[]): MutantOutcome {
  const sorted = tries.toSorted((a, b) => order(a) - order(b));
  const median = sorted[Math.floor((MUTANT_TRIES - 1) / 2)] ?? sorted[sorted.length - 1];
  const killed = tries.filter((one) => one.caught !== undefined).length > MUTANT_TRIES / 2;
  const property = killed ? (median.caught?.property ?? null) : null;
  const message = tries.find((one) => one.caught !== undefined)?.caught?.message ?? '';
  return { result: { name, killed, property, runs: median.runs, equivalent: null }, message };
}

/** Tries that caught nothing come last. */
function order({ runs, caught }: MutantTry): number {
  return caught === undefined ? Number.POSITIVE_INFINITY : runs;
}

async function oneTry(trials: Trials, index: number, runs: number, isStopped: () => boolean): Promise<MutantTry> {
  for (let run = 0; run < runs && !isStopped(); run++) {
    // Who shares the thread gets a turn: a Ctrl-C is heard.
    await turn();
    const caught = await trials.run(run, 1 + index * SEEDS_A_TRY + run);
    if (caught !== undefined) return { runs: run + 1, caught };
  }
  return { runs, caught: undefined };
}

/** The trials of one kernel, and what they keep between them. `name`: the defect; undefined: the kernel as it is. */
export class Trials {
  private readonly hints: readonly Hint[];
  private readonly kernels = new Map<string, KernelImage>();
  private readonly runners = new Map<Hint, SeedRunner>();
  private readonly examiners = new Map<DiskController, MatrixExaminer>();

  constructor(
    name: string,
    /** Seeded; not the mutant's own name, where the kernel as it is gets the same trials. */
    private readonly defects: readonly string[] = [name],
  ) {
    this.hints = HINTS[name] ?? USUAL;
  }

  /** Trial `run` of a try. The same arguments give the same trial. */
  async run(run: number, seed: number): Promise<Caught | undefined> {
    const hint = this.hints[run % this.hints.length];
    switch (hint.kind) {
      case 'seeds':
      case 'exhaustive':
        return this.campaign(hint, seed);
      case 'matrix':
        return this.cell(hint, Math.floor(run / this.hints.length), seed - run);
      case 'scenario': {
        const scenario = SCENARIOS[hint.scenario];
        return scenario.judge(await this.kernel(scenario.entry, scenario.with), seed);
      }
    }
  }

  dispose(): void {
    for (const runner of this.runners.values()) runner.dispose();
    this.runners.clear();
  }

  private async kernel(entry: Entry, helpers: readonly string[] = []): Promise<KernelImage> {
    const key = [entry, ...helpers].join(' ');
    const known = this.kernels.get(key);
    if (known !== undefined) return known;
    const made = await buildKernel({ entry: ENTRIES[entry], defects: [...this.defects, ...helpers] });
    this.kernels.set(key, made);
    return made;
  }

  private async campaign(
    hint: Extract<Hint, { kind: 'seeds' | 'exhaustive' }>,
    seed: number,
  ): Promise<Caught | undefined> {
    let runner = this.runners.get(hint);
    if (runner === undefined) {
      const { shape = 'cuts', controller, ...options } = hint.options ?? {};
      const program = workloadProgram(hint.workload, {
        ...CAMPAIGN,
        ...options,
        ...(controller === undefined ? {} : { diskController: controller }),
      });
      const setup = { ...program, kernel: await this.kernel('system') };
      runner = new SeedRunner(new Map([[hint.workload, setup]]), { ...JOB, shape });
      this.runners.set(hint, runner);
    }
    // Index 0 would do the run twice.
    const task = { index: 1, seed, variation: 0, workload: hint.workload, exhaustive: hint.kind === 'exhaustive' };
    const [first] = runner.run(task).failures;
    return first && caught(first.property, first.message);
  }

  /** Cell number `nth` of those that the hint leaves, in the order that `seed` draws. One whose fault does not strike says nothing. */
  private async cell(
    { fault, block, when, controller = 'ide' }: Extract<Hint, { kind: 'matrix' }>,
    nth: number,
    seed: number,
  ) {
    let examiner = this.examiners.get(controller);
    if (examiner === undefined) {
      examiner = new MatrixExaminer(await this.kernel('pressure'), controller);
      this.examiners.set(controller, examiner);
    }
    const questions = matrixQuestions().filter(
      (one) =>
        (fault === undefined || one.fault.startsWith(fault)) &&
        (block === undefined || one.kind === block) &&
        (when === undefined || one.when === when),
    );
    const random = randomStream(seed, 'cells');
    for (let i = questions.length - 1; i > 0; i--) {
      const other = random.below(i + 1);
      [questions[i], questions[other]] = [questions[other], questions[i]];
    }
    const question = questions[nth % questions.length];
    const cell = examiner.examine(question);
    return cell && judgeOneCell(question, cell);
  }
}

/** Which property each fault of the matrix puts at stake. */
function propertyOf(fault: MatrixCell['fault']): string {
  if (/^(read error|write error|failed flush)/.test(fault)) return 'P12';
  if (/^(bit flip|misread|sector replaced)/.test(fault)) return 'P11';
  if (/^(disk gone|slow disk)/.test(fault)) return 'P14';
  if (fault === 'full disk') return 'P25';
  return fault === 'torn write' ? 'P9' : 'P13';
}

/** What is stored once. */
const SINGLE: readonly MatrixCell['kind'][] = ['data page', 'free block'];
/** What nobody may lose of something that has a second copy, or that comes right when it is tried again. */
const LOSSES: readonly MatrixCell['reaction'][number][] = ['object lost', 'earlier generation', 'list lost'];

/** A cell is wrong by its own verdict, or when one good copy was there and something was lost all the same. */
function judgeOneCell({ fault, kind, copies, when }: CellQuestion, cell: MatrixCell): Caught | undefined {
  const place = `${fault}, ${kind}${copies === 2 ? ', both copies' : ''}, ${when}`;
  if (cell.verdict !== 'held') return caught(propertyOf(fault), `${place}: ${cell.verdict}: ${cell.note}`);
  const again = fault === 'read error, transient' || fault === 'misread';
  const twice = copies === 1 && !SINGLE.includes(kind) && when !== 'running';
  const loss = again || twice ? cell.reaction.find((one) => LOSSES.includes(one)) : undefined;
  return loss === undefined ? undefined : caught(propertyOf(fault), `${place}: ${loss}, though there was a good copy`);
}
