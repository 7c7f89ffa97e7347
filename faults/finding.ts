/**
 * From a failure to what its finding says: the plan made small, the run in lanes, the pages that differ, the behaviour of the specification that it left,
 * and when it became inevitable.
 *
 * The rule: all of it is a function of the set-up and the failure, so any worker may do it, and `phantom replay --explain` says the same again. Whoever
 * looks changes nothing: the run that is watched is the run that failed, to the cycle.
 */
import { isDeepStrictEqual } from 'node:util';
import { behaviourOf, describeCheck } from '../model/trace/describe.js';
import type { FindingFile, PageDifference } from '../reports/campaign.js';
import type { FaultPlan } from '../reports/plan.js';
import type { RunResult } from '../reports/schema.js';
import { SetupError } from './check-setup.js';
import { type Failure, failsAs } from './failure.js';
import type { FirstLife } from './first-life.js';
import type { Life } from './life.js';
import { LIKELIHOOD, type LikelihoodWishes, likelihoodOf } from './likelihood.js';
import { PageContents } from './page-contents.js';
import { runPlan } from './run.js';
import type { RunSetup } from './setup.js';
import { SHRINK_RUNS, shrink } from './shrink.js';
import { timelineOf } from './timeline.js';
import { TraceRecorder } from './trace-recorder.js';

export interface FindingWishes {
  readonly shrink: boolean;
  readonly likelihood: boolean;
}

/** What is found out about a failure beside that it is one. */
export type Explained = Pick<
  FindingFile,
  'message' | 'result' | 'shrunk' | 'likelihood' | 'timeline' | 'pages' | 'trace'
>;

/** Pages that a finding names. */
const PAGES_MAX = 64;

/** `startFrom`: a life of the set-up under way, from which runs of the same machine may start. */
export function explainFailure(
  setup: RunSetup,
  failure: Failure,
  wishes: FindingWishes,
  startFrom?: Life | FirstLife,
): Explained {
  const isRepeatable = failsAs(failure.result, failure) !== undefined;
  const attempt = attemptOf(setup, failure.property, startFrom);
  const { plan: from } = failure.result;
  const shrunk =
    wishes.shrink && isRepeatable
      ? shrink(failure, ({ plan, options }) => attempt(plan, options), SHRINK_RUNS)
      : undefined;
  const last = shrunk?.failure ?? failure;
  const { timeline, pages, trace } = explainRun(setup, last.result);
  const { options } = last.result;
  return {
    message: last.message,
    result: last.result,
    shrunk: shrunk === undefined ? null : { runs: shrunk.runs, from, minimal: shrunk.minimal },
    likelihood:
      wishes.likelihood && isRepeatable ? likelihoodOf(last, (plan) => attempt(plan, options), LIKELIHOOD) : [],
    timeline,
    pages,
    trace,
  };
}

/** How often runs that leave this one before its failure fail the same way. */
export function likelihoodOfRun(
  setup: RunSetup,
  failure: Failure,
  wishes: LikelihoodWishes,
): FindingFile['likelihood'] {
  const attempt = attemptOf(setup, failure.property, undefined);
  return likelihoodOf(failure, (plan) => attempt(plan, failure.result.options), wishes);
}

/** The run watched: `said` is what the specifications say of it, in words. */
export function explainRun(
  setup: RunSetup,
  { plan, options, ...result }: RunResult,
): Pick<FindingFile, 'timeline' | 'pages' | 'trace'> & { readonly said: string } {
  const known = plan.faults === undefined || plan.faults.every(({ fault }) => HARMLESS.has(fault.kind));
  const recorder = new TraceRecorder(known);
  const pages = new Map<number, PageDifference>();
  runPlan({ ...setup, options }, plan, {
    trace: recorder,
    observer: {
      pageDiffers: (one) => {
        if (!pages.has(one.page) && pages.size < PAGES_MAX) pages.set(one.page, one);
      },
    },
  });
  const { check } = recorder;
  const differing = [...pages.values()].sort((a, b) => a.page - b.page);
  const contents = new PageContents(differing);
  // Which contents matter is known only now: they are kept in a run of their own.
  if (contents.isWanted) runPlan({ ...setup, options }, plan, { trace: new TraceRecorder(false, contents) });
  return {
    timeline: timelineOf({ plan, options, ...result }, recorder.events),
    pages: differing.map((one) => contents.compare(one)),
    trace: check?.rejection === undefined ? [] : behaviourOf(check.rejection),
    said:
      check === undefined ? 'not asked: the specifications know no disk that lies or goes bad' : describeCheck(check),
  };
}

/** Faults of the drive that the specifications need not know: they only take time. */
const HARMLESS: ReadonlySet<string> = new Set(['jitter', 'slow']);

function attemptOf(
  setup: RunSetup,
  property: string,
  startFrom: Life | FirstLife | undefined,
): (plan: FaultPlan, options: RunSetup['options']) => RunResult | undefined {
  return (plan, options) => {
    // How long the run may be is nothing to the machine.
    const same = isDeepStrictEqual({ ...options, maxCycles: null }, { ...setup.options, maxCycles: null });
    try {
      return runPlan({ ...setup, options }, plan, {
        ...(same ? { startFrom } : {}),
        // What only a trace shows needs one.
        ...(property === 'P24' ? { trace: new TraceRecorder() } : {}),
      });
    } catch (error) {
      if (error instanceof SetupError) return undefined;
      throw error;
    }
  };
}
