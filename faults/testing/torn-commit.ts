/** A plan whose first cut comes while copies of the superblock are on their way, wherever that is for the kernel of today. */
import type { FaultPlan } from '../../reports/plan.js';
import { drawPlan } from '../plan.js';
import { runPlan } from '../run.js';
import { planShape, type RunSetup } from '../setup.js';
import { TraceRecorder } from '../trace-recorder.js';

/** Long enough for two commits. */
const LOOK_CYCLES = 40_000_000;

export function tornCommit(setup: RunSetup, seed: number, cuts: number): FaultPlan {
  const trace = new TraceRecorder();
  const quiet = { ...setup, options: { ...setup.options, maxCycles: LOOK_CYCLES } };
  runPlan(quiet, { version: 2, seed, cuts: [] }, { trace });
  const written = trace.events.filter(({ kind }) => kind === 'superblock-write');
  const last = written.at(-1);
  if (last === undefined) throw new Error(`no superblock is written in ${LOOK_CYCLES} cycles`);
  const [, ...others] = drawPlan(seed, planShape(setup.options, cuts)).cuts;
  const first = { when: { kind: 'cycle', cycle: last.cycle + 1 }, survivors: { kind: 'mask', bits: '10' } } as const;
  return { version: 2, seed, cuts: [first, ...others] };
}
