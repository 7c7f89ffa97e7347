// The conformance suite: models and one-rule experiments with the figures that TLC gives for them.
//
// fixtures/ is a copy of the project's golden suite of TLA+ models, unchanged. INDEX.json names for each model, in `exact`, the
// fields that an implementation must reproduce; every entry of counting-experiments.json isolates one counting rule.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkFile, checkTexts } from '../check/check.js';
import type { CheckResult } from '../check/result.js';

type Figures = Pick<
  CheckResult,
  | 'generated'
  | 'distinct'
  | 'depth'
  | 'initGenerated'
  | 'initDistinct'
  | 'traceLength'
  | 'violatedName'
  | 'errorLine'
  | 'errorColumn'
>;

export interface Model extends Partial<Figures> {
  readonly name: string;
  readonly spec: string;
  readonly cfg: string;
  readonly expect: string;
  readonly exitCode: number;
  readonly exact: readonly (keyof Figures)[];
  readonly tlcSeconds: number;
}

export interface Experiment {
  readonly id: string;
  readonly what: string;
  readonly module: string;
  readonly cfg: string;
  readonly exitCode: number;
  readonly generated: number | null;
  readonly distinct: number | null;
  readonly depth: number | null;
  readonly initGenerated: number | null;
  readonly initDistinct: number | null;
  readonly traceLength: number | null;
}

const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url));
const read = (name: string): unknown => JSON.parse(readFileSync(`${fixtures}${name}`, 'utf8'));

export const models = (read('INDEX.json') as { models: Model[] }).models;
export const experiments = read('counting-experiments.json') as Experiment[];

/** Evaluation errors agree in their class; TLC's code tells how the Java code came upon them. */
const EVALUATION = [75, 76, 77, 255];

function exitCodesAgree(wanted: number, found: number): boolean {
  return wanted === found || (EVALUATION.includes(wanted) && EVALUATION.includes(found));
}

/** Checks a model; the differences from TLC, none if it conforms. */
export function checkModel(model: Model): { readonly result: CheckResult; readonly differences: string[] } {
  const result = checkFile(`${fixtures}${model.spec}`, `${fixtures}${model.cfg}`);
  const differences: string[] = [];
  if (result.result !== model.expect) differences.push(`result ${result.result}, TLC: ${model.expect}`);
  if (!exitCodesAgree(model.exitCode, result.exitCode))
    differences.push(`exit code ${result.exitCode}, TLC: ${model.exitCode}`);
  for (const field of model.exact) {
    if (result[field] !== model[field]) differences.push(`${field} ${result[field]}, TLC: ${model[field]}`);
  }
  return { result, differences };
}

export function checkExperiment(experiment: Experiment): string[] {
  const result = checkTexts({ module: experiment.module, config: experiment.cfg });
  const differences: string[] = [];
  if (!exitCodesAgree(experiment.exitCode, result.exitCode)) {
    differences.push(`exit code ${result.exitCode}, TLC: ${experiment.exitCode}`);
  }
  for (const field of ['generated', 'distinct', 'depth', 'initGenerated', 'initDistinct', 'traceLength'] as const) {
    if (experiment[field] !== null && result[field] !== experiment[field]) {
      differences.push(`${field} ${result[field]}, TLC: ${experiment[field]}`);
    }
  }
  return differences;
}
