/**
 * How fast the bed is at what it is for: runs (cut, recover, verify) and crash states through the independent reader, a second of one core.
 *
 * The machine is the standard one: an i486 at 66 MHz, 16 MiB of RAM, 64 MiB of persistent memory, a disk on IDE; the program is `bank`.
 *
 * What is counted (runs, cycles, states) is the same on every host. Host time is processor time of this process, and beside it stands how many pages a
 * second this host hashes (`faults/page-hash.ts`, a loop of integer arithmetic), so that figures of two hosts can be compared. Everything is
 * done once before it is timed: the host's compiler is warm, and the stages of the first life are there, as in a campaign.
 *
 * A *brief* run ends when what was recovered has been judged and a line printed; a *whole* one goes on to the second commit after the last cut (P14).
 */

import { EarlyBoots } from '../faults/early-boot.js';
import { exploreCut } from '../faults/explore.js';
import { FirstLife, forkLife } from '../faults/first-life.js';
import type { Life } from '../faults/life.js';
import { PAGE_BYTES, pageHashText, pageWords } from '../faults/page-hash.js';
import { powerOnce, runPlan } from '../faults/run.js';
import { awaitFlush, drawTaskPlan } from '../faults/seed-run.js';
import { DEFAULT_OPTIONS, type Kernel, MACHINE_PROFILE, type RunSetup } from '../faults/setup.js';
import { workloadProgram } from '../faults/workload.js';

const WORKLOAD = 'bank';
/** Of the plans: power cuts alone, one a run. */
const JOB = { shape: 'cuts', cuts: 1, states: 0, recoverOneIn: 0, trace: false } as const;
/** What the issue asks for. */
export const RUNS_A_SECOND_MIN = 5;
export const STATES_A_SECOND_MIN = 2000;
const TOLERANCE = 0.05;
const BEFORE_FLUSH = 500;

/** How much is done. */
export interface FaultsSize {
  readonly briefRuns: number;
  readonly wholeRuns: number;
  /** Moments just before a flush, one after the other from the first commit on, and crash states judged at each. */
  readonly moments: number;
  readonly statesAMoment: number;
}

export const WHOLE_SIZE: FaultsSize = { briefRuns: 24, wholeRuns: 6, moments: 24, statesAMoment: 250 };
export const SMALL_SIZE: FaultsSize = { briefRuns: 3, wholeRuns: 0, moments: 4, statesAMoment: 100 };

/** The same on every host, for one kernel image. */
export interface FaultsCounts {
  readonly briefRuns: number;
  readonly briefCycles: number;
  readonly wholeRuns: number;
  readonly wholeCycles: number;
  readonly crashStates: number;
  /** Different disks among them. */
  readonly readings: number;
}

/** A second of processor time of this host. */
export interface FaultsRates {
  readonly briefRuns: number;
  readonly wholeRuns: number;
  readonly crashStates: number;
  readonly pagesHashed: number;
}

export interface FaultsReport {
  readonly machine: {
    readonly profile: string;
    readonly timing: string;
    readonly ramMiB: number;
    readonly persistentMiB: number;
    readonly diskController: string;
    readonly workload: string;
  };
  readonly counted: FaultsCounts;
  /** The same of a small measurement, which a test repeats. */
  readonly small: FaultsCounts;
  readonly aSecond: FaultsRates;
}

/** Throws Error when a run of the kernel does not hold, or the same run comes out otherwise the second time. */
export function measureFaults(kernel: Kernel): FaultsReport {
  const setup = setupOf(kernel);
  const { ramMiB, persistentMiB, diskController } = setup.options;
  const { counted, aSecond } = measure(setup, WHOLE_SIZE);
  return {
    machine: {
      profile: MACHINE_PROFILE.name,
      timing: MACHINE_PROFILE.cpu.timing,
      ramMiB,
      persistentMiB,
      diskController,
      workload: WORKLOAD,
    },
    counted,
    small: countSmall(kernel),
    aSecond,
  };
}

/** The small measurement, without times. */
export function countSmall(kernel: Kernel): FaultsCounts {
  return measure(setupOf(kernel), SMALL_SIZE).counted;
}

function setupOf(kernel: Kernel): RunSetup {
  const { options, ...program } = workloadProgram(WORKLOAD);
  return { kernel, ...program, options: { ...DEFAULT_OPTIONS, ...options } };
}

function measure(setup: RunSetup, size: FaultsSize): { readonly counted: FaultsCounts; readonly aSecond: FaultsRates } {
  const first = new FirstLife(powerOnce(setup));
  const boots = new EarlyBoots(setup);
  try {
    const brief = twice(() => runSeeds(first, boots, size.briefRuns, true));
    const whole = twice(() => runSeeds(first, boots, size.wholeRuns, false));
    const lives = livesBeforeFlushes(first, size.moments);
    const states = twice(() => explore(lives, size.statesAMoment));
    const hashed = twice(hashPages);
    return {
      counted: {
        briefRuns: size.briefRuns,
        briefCycles: brief.result,
        wholeRuns: size.wholeRuns,
        wholeCycles: whole.result,
        crashStates: states.result.states,
        readings: states.result.readings,
      },
      aSecond: {
        briefRuns: rate(size.briefRuns, brief.seconds),
        wholeRuns: rate(size.wholeRuns, whole.seconds),
        crashStates: rate(states.result.states, states.seconds),
        pagesHashed: rate(hashed.result, hashed.seconds),
      },
    };
  } finally {
    first.dispose();
    boots.dispose();
  }
}

/** With as many digits as such a measurement has. */
function rate(count: number, seconds: number): number {
  return Number((count / seconds).toPrecision(3));
}

/** Does it twice, which must come to the same, and times the second. */
function twice<T>(work: () => T): { readonly result: T; readonly seconds: number } {
  const before = JSON.stringify(work());
  const start = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(start);
  if (JSON.stringify(result) !== before) {
    throw new Error(
      `bench faults: ${before} the first time, ${JSON.stringify(result)} the second: a run is not repeatable`,
    );
  }
  return { result, seconds: (user + system) / 1e6 };
}

/** Simulated cycles of the runs of the first seeds, all their boots together. */
function runSeeds(startFrom: FirstLife, boots: EarlyBoots, runs: number, brief: boolean): number {
  const { setup } = boots;
  let cycles = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const task = { index: seed, seed, variation: 0, workload: WORKLOAD, exhaustive: false };
    const { verdict, ...result } = runPlan(setup, drawTaskPlan(task, JOB, setup), { startFrom, boots, brief });
    if (verdict.outcome !== 'held') throw new Error(`bench faults: seed ${seed}: ${verdict.text}`);
    cycles += result.cycles;
  }
  return cycles;
}

/** The life at moments at which a snapshot's writes are about to be flushed, its superblock's too. */
function livesBeforeFlushes(first: FirstLife, moments: number): Life[] {
  const committed = { kind: 'event', event: 'commit', nth: 2, plus: 0, latest: Number.MAX_SAFE_INTEGER } as const;
  let life = forkLife(first.before([committed]));
  return Array.from({ length: moments }, () => {
    const before = life;
    life = forkLife(before);
    awaitFlush(life);
    before.advance(life.machine.cycles - BEFORE_FLUSH);
    return before;
  });
}

function explore(lives: readonly Life[], states: number): { readonly states: number; readonly readings: number } {
  const sum = { states: 0, readings: 0 };
  for (const [seed, life] of lives.entries()) {
    const found = exploreCut(life, { states, seed, recoverOneIn: 0 }, undefined);
    if (found.failures.length > 0) throw new Error(`bench faults: ${found.failures[0].message}`);
    sum.states += found.states;
    sum.readings += found.readings;
  }
  return sum;
}

const HASHES = 50_000;

function hashPages(): number {
  const words = pageWords(new Uint8Array(PAGE_BYTES));
  for (let i = 0; i < HASHES; i++) {
    words[i & 1023] ^= i;
    words[1023] ^= pageHashText(words).length;
  }
  return HASHES;
}

export function describeFaults({ counted, aSecond }: FaultsReport): string {
  const cycles = (total: number, runs: number) => `${(total / runs / 1e6).toFixed(1)} million cycles each`;
  const line = (what: string, rate: number, of: string) =>
    `${what.padEnd(38)} ${rate.toFixed(1).padStart(9)} a second  (${of})\n`;
  return [
    line(
      'cut, recovered, verified',
      aSecond.briefRuns,
      `${counted.briefRuns}, ${cycles(counted.briefCycles, counted.briefRuns)}`,
    ),
    line(
      'the same, to the second commit after',
      aSecond.wholeRuns,
      `${counted.wholeRuns}, ${cycles(counted.wholeCycles, counted.wholeRuns)}`,
    ),
    line(
      'crash states, independent reader',
      aSecond.crashStates,
      `${counted.crashStates}, ${counted.readings} different disks`,
    ),
    line(
      'pages hashed, for comparison',
      aSecond.pagesHashed,
      `runs for a million of them: ${((aSecond.briefRuns / aSecond.pagesHashed) * 1e6).toFixed(1)}`,
    ),
  ].join('');
}

/** A line for each bound that this host does not reach. */
export function faultsViolations({ aSecond }: FaultsReport): string[] {
  const lines: string[] = [];
  const check = (what: string, rate: number, least: number): void => {
    if (rate < least) lines.push(`${what}: ${rate.toFixed(1)} a second, expected ${least} at least`);
  };
  check('runs (cut, recovered, verified)', aSecond.briefRuns, RUNS_A_SECOND_MIN);
  check('crash states', aSecond.crashStates, STATES_A_SECOND_MIN);
  return lines;
}

/** What takes more cycles now than `pinned` says, or judges fewer states, by more than TOLERANCE. */
export function faultsRegressions(pinned: FaultsCounts, now: FaultsCounts): string[] {
  const lines: string[] = [];
  const cyclesEach = (of: FaultsCounts) => of.briefCycles / of.briefRuns;
  if (cyclesEach(now) > cyclesEach(pinned) * (1 + TOLERANCE)) {
    lines.push(`cycles of a run: ${cyclesEach(pinned)} are now ${cyclesEach(now)}`);
  }
  if (now.crashStates < pinned.crashStates)
    lines.push(`crash states: ${pinned.crashStates} are now ${now.crashStates}`);
  return lines;
}
