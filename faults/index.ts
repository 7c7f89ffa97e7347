/** Fault plans, the run of a plan, and its verdict: what a program that uses the bed needs. */

export {
  arbitraryCuts,
  arbitraryEverything,
  arbitraryFaults,
  arbitraryMoment,
  arbitraryPlan,
  arbitrarySurvivors,
  drawShape,
  type PlanBounds,
} from './arbitrary.js';
export { Atlas, bounded } from './atlas.js';
export {
  Campaign,
  type CampaignPlan,
  FULL_CLAIM_RUNS,
  type PropertyTask,
  propertyTasks,
  taskName,
} from './campaign.js';
export type { CampaignWorkerData } from './campaign-worker.js';
export { checkSetup, SetupError } from './check-setup.js';
export { planCommand, repeatCommand, shellWord } from './command.js';
export { corpusFinding, readCorpus } from './corpus.js';
export { blocksOf, type DiskImage, readDiskImage } from './disk-image.js';
export { type Failure, failsAs, failureOf } from './failure.js';
export { type Explained, explainFailure, explainRun, type FindingWishes, likelihoodOfRun } from './finding.js';
export { FirstLife } from './first-life.js';
export type { Observer } from './life.js';
export { LIKELIHOOD } from './likelihood.js';
export {
  chooseMutants,
  judgeMutant,
  MUTANT_RUNS_MAX,
  MUTANT_TRIES,
  type MutantOutcome,
  type MutantTask,
} from './mutants.js';
export { drawPlan, type PlanShape } from './plan.js';
export { type Place, PROPERTIES, type PropertyId } from './properties.js';
export { TASK_PROPERTIES } from './property-tasks.js';
export { bootOnce, type Operator, powerOnce, type RunControls, runPlan, runSteps } from './run.js';
export {
  type CampaignJob,
  type CampaignTask,
  type FindingTask,
  findingSetup,
  type SeedOutcome,
  SeedRunner,
} from './seed-run.js';
export {
  DEFAULT_OPTIONS,
  diskSectors,
  type Kernel,
  MACHINE_PROFILE,
  type ProgramClass,
  planShape,
  type RunSetup,
} from './setup.js';
export { SHRINK_RUNS, shrink } from './shrink.js';
export { TraceRecorder } from './trace-recorder.js';
export { workload, workloadNames, workloadProgram } from './workload.js';
