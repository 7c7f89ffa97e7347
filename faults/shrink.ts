/**
 * Makes the plan of a failure small.
 *
 * The rule: each step leaves a plan that is simpler in one way and fails by the same property, so whatever stops the search, what it has is a failure
 * that replays. The search is greedy over the structure of plans (A. Zeller and R. Hildebrandt, Simplifying and Isolating Failure-Inducing Input,
 * IEEE TSE 28(2), 2002: all of a list, then halves, then single ones), tries nothing twice, counts its runs, and draws nothing: the same failure
 * shrinks to the same plan. The plan is minimal when nothing that it would try next fails.
 */
import {
  type FaultPlan,
  type Moment,
  type PlannedCut,
  type PlannedFault,
  planSchema,
  type Survivors,
} from '../reports/plan.js';
import type { RunOptions, RunResult } from '../reports/schema.js';
import { type Failure, failsAs, wording } from './failure.js';

/** Runs that one failure is worth. */
export const SHRINK_RUNS = 60;

/** What is made small; kernel and program stay. */
export interface Subject {
  readonly plan: FaultPlan;
  readonly options: RunOptions;
}

export interface Shrunk {
  readonly failure: Failure;
  /** Runs it took. */
  readonly runs: number;
  /** Whether nothing simpler that is to be tried fails; false: the bound of runs came first. */
  readonly minimal: boolean;
}

/** Runs a subject; undefined: it cannot be run. */
export type Attempt = (subject: Subject) => RunResult | undefined;

/** Simpler subjects, the boldest first; `result` is what the subject came to. */
type Pass = (subject: Subject, result: RunResult) => Subject[];

/** A run without a cut is this much longer than the one that failed. */
const QUIET_LENGTH = 1.25;
/** Moments are made earlier in steps of at least so many cycles: less is not simpler. */
const STEP_CYCLES = 100_000;

/** The failure with the smallest plan that is found in `bound` runs. */
export function shrink(failure: Failure, attempt: Attempt, bound = SHRINK_RUNS): Shrunk {
  let { result, message } = failure;
  let subject: Subject = { plan: result.plan, options: result.options };
  const tried = new Set([keyOf(subject)]);
  let runs = 0;
  /** Undefined: no candidate fails; null: the bound came. */
  const step = (pass: Pass): boolean | null => {
    for (const candidate of pass(subject, result)) {
      const key = keyOf(candidate);
      if (tried.has(key) || !planSchema.safeParse(candidate.plan).success) continue;
      if (runs >= bound) return null;
      tried.add(key);
      runs++;
      const found = attempt(candidate);
      const same = found === undefined ? undefined : failsAs(found, failure);
      if (found === undefined || same === undefined) continue;
      // A smaller machine may break the same property for another reason.
      if (machineOf(candidate) !== machineOf(subject) && wording(same) !== wording(message)) continue;
      // What was folded or not reached is in the plan of the result as it was run.
      subject = { plan: found.plan, options: candidate.options };
      tried.add(keyOf(subject));
      [result, message] = [found, same];
      return true;
    }
    return false;
  };
  const end = (minimal: boolean): Shrunk => ({
    failure: { property: failure.property, message, result },
    runs,
    minimal,
  });
  for (let changed = true; changed; ) {
    changed = false;
    for (const pass of PASSES) {
      for (let taken = step(pass); taken !== false; taken = step(pass)) {
        if (taken === null) return end(false);
        changed = true;
      }
    }
  }
  return end(true);
}

function keyOf(subject: Subject): string {
  return JSON.stringify([subject.plan, subject.options]);
}

function machineOf({ options }: Subject): string {
  return [options.ramMiB, options.diskMiB, options.persistentMiB].join();
}

const LISTS = ['programs', 'memory', 'controllers', 'timer', 'input', 'faults'] as const;

const PASSES: readonly Pass[] = [
  // Cuts that were never made, at once; they say nothing of the failure.
  (subject, { cuts }) =>
    subject.plan.cuts.length > cuts.length
      ? [withPlan(subject, { cuts: subject.plan.cuts.slice(0, cuts.length) })]
      : [],
  (subject) =>
    LISTS.flatMap((name) =>
      without<unknown>(subject.plan[name] ?? []).map((rest) => withPlan(subject, { [name]: rest })),
    ),
  (subject) => (subject.plan.diskMiB === undefined ? [] : [withPlan(subject, { diskMiB: undefined })]),
  (subject, result) => subject.plan.cuts.map((_, i) => withoutCut(subject, subject.plan.cuts.length - 1 - i, result)),
  eachCut((cut) => plainSurvivors(cut.survivors).map((survivors) => ({ ...cut, survivors }))),
  eachCut((cut) => earlier(cut.when).map((when) => ({ ...cut, when }))),
  (subject) =>
    (subject.plan.faults ?? []).flatMap((fault, i, all) => {
      const { when } = fault;
      if (when.kind === 'power-on') return [];
      return earlier(when).map((sooner) => withPlan(subject, { faults: all.with(i, { ...fault, when: sooner }) }));
    }),
  (subject) =>
    (subject.plan.timer ?? []).flatMap((one, i, all) =>
      one.most > 1 ? [withPlan(subject, { timer: all.with(i, { ...one, most: Math.floor(one.most / 2) }) })] : [],
    ),
  eachCut((cut) => plainerMask(cut.survivors).map((survivors) => ({ ...cut, survivors }))),
  ({ plan, options }, { cycles }) => smallerMachine(options, cycles).map((smaller) => ({ plan, options: smaller })),
];

function withPlan(subject: Subject, change: Partial<FaultPlan>): Subject {
  const plan = { ...subject.plan, ...change };
  for (const name of LISTS) if (plan[name]?.length === 0) delete plan[name];
  if (plan.diskMiB === undefined) delete plan.diskMiB;
  return { ...subject, plan };
}

/** The list without all, without a half, without one. */
function without<T>(list: readonly T[]): T[][] {
  if (list.length === 0) return [];
  const half = Math.ceil(list.length / 2);
  const halves = list.length > 2 ? [list.slice(half), list.slice(0, half)] : [];
  const singles = list.length > 1 ? list.map((_, i) => list.filter((_, at) => at !== i)) : [];
  return [[], ...halves, ...singles];
}

/** Without a cut the boots after it have a number less; a run without any would go on until its program ends, so it is given an end. */
function withoutCut(subject: Subject, cut: number, { cycles }: RunResult): Subject {
  const { plan, options } = subject;
  const isLast = plan.cuts.length === 1 && options.maxCycles === null;
  const bounded = isLast ? { ...options, maxCycles: Math.ceil(cycles * QUIET_LENGTH) } : options;
  const moved = <T extends { readonly boot?: number }>(list: readonly T[]): T[] =>
    list.map((one) => (one.boot !== undefined && one.boot > cut ? { ...one, boot: one.boot - 1 } : one));
  return withPlan(
    { plan, options: bounded },
    {
      cuts: moved(plan.cuts.filter((_, i) => i !== cut)),
      ...(plan.faults === undefined ? {} : { faults: moved(plan.faults).map((one) => withoutItsCut(one, cut)) }),
      ...(plan.memory === undefined ? {} : { memory: moved(plan.memory) }),
      ...(plan.controllers === undefined ? {} : { controllers: moved(plan.controllers) }),
      ...(plan.timer === undefined ? {} : { timer: moved(plan.timer) }),
    },
  );
}

/** A disk that is put back is that of another cut: of the same one by a number less, where one before it goes. */
function withoutItsCut(planned: PlannedFault, cut: number): PlannedFault {
  const { fault } = planned;
  if (fault.kind !== 'older-disk' || fault.cut <= cut) return planned;
  return { ...planned, fault: { ...fault, cut: fault.cut - 1 } };
}

function eachCut(change: (cut: PlannedCut) => readonly PlannedCut[]): Pass {
  return (subject) =>
    subject.plan.cuts.flatMap((cut, i, all) => change(cut).map((one) => withPlan(subject, { cuts: all.with(i, one) })));
}

/** None is simpler than all, and all than some. */
function plainSurvivors({ kind }: Survivors): Survivors[] {
  if (kind === 'none') return [];
  return kind === 'all' ? [{ kind: 'none' }] : [{ kind: 'none' }, { kind: 'all' }];
}

/** Halves and quarters of the mask all lost or all kept, where the mask then changes less often. */
function plainerMask(survivors: Survivors): Survivors[] {
  if (survivors.kind !== 'mask') return [];
  const { bits } = survivors;
  const changes = (text: string): number => text.replace(/0+|1+/g, '.').length;
  const plainer: Survivors[] = [];
  for (const parts of [2, 4]) {
    const length = Math.ceil(bits.length / parts);
    for (let at = 0; at < bits.length; at += length) {
      for (const bit of ['0', '1']) {
        const end = Math.min(bits.length, at + length);
        const text = bits.slice(0, at) + bit.repeat(end - at) + bits.slice(end);
        if (changes(text) < changes(bits)) plainer.push({ kind: 'mask', bits: text });
      }
    }
  }
  return plainer;
}

/** Earlier moments of the same kind, the earliest first. */
function earlier(when: Moment): Moment[] {
  if (when.kind === 'cycle') {
    const { cycle } = when;
    const sooner = [cycle / 2, (cycle * 3) / 4, (cycle * 7) / 8].map((one) => Math.max(1, Math.floor(one)));
    return sooner.filter((one) => cycle - one >= STEP_CYCLES).map((one) => ({ kind: 'cycle', cycle: one }));
  }
  const { nth, plus } = when;
  const numbers = [...new Set([1, Math.floor(nth / 2), nth - 1])].filter((one) => one >= 1 && one < nth);
  return [...(plus > 0 ? [{ ...when, plus: 0 }] : []), ...numbers.map((one) => ({ ...when, nth: one }))];
}

const SMALLER = { diskMiB: [8, 16, 32], persistentMiB: [4, 16], ramMiB: [4, 8] } as const;

function smallerMachine(options: RunOptions, cycles: number): RunOptions[] {
  const all: RunOptions[] = [];
  const { maxCycles } = options;
  if (maxCycles !== null && cycles < maxCycles) all.push({ ...options, maxCycles: cycles });
  for (const name of ['diskMiB', 'persistentMiB', 'ramMiB'] as const) {
    for (const size of SMALLER[name]) if (size < options[name]) all.push({ ...options, [name]: size });
  }
  return all;
}
