/**
 * Campaigns that were parts of one, merged: the shards of a matrix in CI, each with seeds of its own; and beside them what has commands of its own,
 * the mutants and the fault x block-kind matrix, so that one report has all.
 *
 * The rule: parts of one campaign are of the same kernel, machine, shape and workloads, and no seed is in two of them; then every count is the sum, and
 * the merged result is the same in whatever order the parts come. What is not alike is refused with what differs. A part that is missing leaves seeds
 * that were not done, and the whole is then `stopped`, not `held`. Coverage guided each part alone, so the whole may have other variations of seeds
 * than one long campaign.
 *
 * Mutants are kernels of their own, and so is the one of the matrix; what they must have in common with the campaign is the kernel they were made from,
 * the image without their defects and programs.
 */
import type { CampaignResult, CoverageCell, MutantResult } from './campaign.js';
import { coveredText, mutantScore } from './campaign-facts.js';
import { plural, propertyState } from './facts.js';
import { type FaultMatrix, matrixVerdict } from './matrix.js';
import type { PropertyResult } from './schema.js';

/** Parts cannot be one campaign; the message says why. */
export class MergeError extends Error {
  override readonly name = 'MergeError';
}

/**
 * Merges campaigns, results of `phantom check --mutants` (which have no workloads), and a matrix. Throws MergeError.
 */
export function mergeCampaigns(
  given: readonly CampaignResult[],
  matrices: readonly FaultMatrix[] = [],
): CampaignResult {
  if (given.length === 0) throw new MergeError('nothing to merge: expected a campaign, found none');
  const runs = given.filter(({ workloads }) => workloads.length > 0);
  const beside = inOrder(given.filter(({ workloads }) => workloads.length === 0));
  const whole = runs.length > 0 ? mergeRuns(inOrder(runs)) : { ...beside[0], mutants: undefined };
  for (const one of beside) requireAlike('kernel image', whole.kernel.sha256, one.kernel.sha256);
  const all = [...(runs.length > 0 ? [whole] : []), ...beside];
  const mutants = sumMutants(all.map((part) => part.mutants ?? []));
  const matrix = onlyMatrix(whole, matrices);
  return {
    ...whole,
    verdict: wholeVerdict(all, mutants, matrices.length > 0 ? matrix : undefined),
    command: all.map(({ command }) => command).join('; '),
    ...(matrix === undefined ? {} : { matrix }),
    ...(mutants.length === 0 ? {} : { mutants }),
    performance: [...(runs.length > 0 ? whole.performance : []), ...besideFigures(beside)],
    environment: environmentOf(all),
  };
}

function inOrder(parts: readonly CampaignResult[]): CampaignResult[] {
  return [...parts].sort((a, b) => a.seeds.first - b.seeds.first || (a.command < b.command ? -1 : 1));
}

function mergeRuns(parts: readonly CampaignResult[]): CampaignResult {
  const [first] = parts;
  if (parts.length === 1) return first;
  for (const part of parts) for (const [what, of] of ALIKE) requireAlike(what, of(first), of(part));
  const seeds = seedsOf(parts);
  const properties = first.properties.map((_, i) => sumProperty(parts.map((part) => part.properties[i])));
  const coverage = sumCells(parts.flatMap((part) => part.coverage));
  const workloads = first.workloads.map((one, i) => {
    const sum = (of: (workload: typeof one) => number) => total(parts, (part) => of(part.workloads[i]));
    return {
      name: one.name,
      runs: sum(({ runs }) => runs),
      cuts: sum(({ cuts }) => cuts),
      crashStates: sum(({ crashStates }) => crashStates),
      recoveries: sum(({ recoveries }) => recoveries),
      cycles: sum(({ cycles }) => cycles),
    };
  });
  const corpus = total(parts, (part) => part.corpus ?? 0);
  const isWhole = seeds.done >= seeds.wanted && parts.every(({ verdict }) => verdict.outcome !== 'stopped');
  const errors = parts.flatMap((part) => part.errors ?? []);
  const matrices = parts.flatMap((part) => part.matrix ?? []);
  if (matrices.length > 1) throw new MergeError('more than one part has a matrix of faults: expected one at most');
  const mutants = sumMutants(parts.map((part) => part.mutants ?? []));
  return {
    ...first,
    verdict: verdictOf(parts, properties, isWhole, coveredText({ corpus, workloads, cells: coverage.length })),
    command: parts.map(({ command }) => command).join('; '),
    seeds,
    workloads,
    exhaustive: sumSpaces(parts),
    ...(corpus === 0 ? {} : { corpus }),
    repeated: total(parts, ({ repeated }) => repeated),
    agreed: total(parts, ({ agreed }) => agreed),
    properties,
    coverage,
    findings: [...new Map(parts.flatMap(({ findings }) => findings).map((one) => [one.id, one])).values()],
    ...(errors.length === 0 ? {} : { errors }),
    ...(matrices.length === 0 ? {} : { matrix: matrices[0] }),
    ...(mutants.length === 0 ? {} : { mutants }),
    performance: sumFigures(parts),
    environment: environmentOf(parts),
  };
}

/** What parts of one campaign have alike. */
const ALIKE: readonly (readonly [string, (part: CampaignResult) => unknown])[] = [
  ['kernel image', ({ kernel }) => kernel.sha256],
  ['seeded defects', ({ kernel }) => kernel.defects.join(', ')],
  ['machine', ({ machine }) => `${machine.profile}, ${machine.timing}, ${machine.engine}`],
  ['shape', ({ shape }) => shape],
  ['workloads', ({ workloads }) => workloads.map(({ name }) => name).join(', ')],
  ['properties', ({ properties }) => properties.map(({ id }) => id).join(', ')],
];

function requireAlike(what: string, expected: unknown, found: unknown): void {
  if (expected !== found)
    throw new MergeError(`not parts of one campaign: ${what} ${expected} in one, ${found} in another`);
}

/** From the first seed of all to the last: a part that is missing is not done. */
function seedsOf(parts: readonly CampaignResult[]): CampaignResult['seeds'] {
  let end = parts[0].seeds.first;
  for (const { seeds } of parts) {
    if (seeds.wanted > 0 && seeds.first < end) {
      throw new MergeError(`not parts of one campaign: seed ${seeds.first} is in two of them`);
    }
    end = Math.max(end, seeds.first + seeds.wanted);
  }
  const [{ seeds }] = parts;
  return { first: seeds.first, wanted: end - seeds.first, done: total(parts, (part) => part.seeds.done) };
}

function verdictOf(
  parts: readonly CampaignResult[],
  properties: readonly PropertyResult[],
  isWhole: boolean,
  covered: string,
): CampaignResult['verdict'] {
  const what = `${covered}, in ${parts.length} parts`;
  const broken = properties.filter((one) => ['failed', 'vacuous'].includes(propertyState(one)));
  if (broken.length > 0 || parts.some(({ verdict }) => verdict.outcome === 'failed')) {
    const which = broken.map((one) => `${one.id} ${propertyState(one)}`).join(', ');
    return { outcome: 'failed', text: `FAILED: ${which === '' ? 'a part' : which} in ${what}` };
  }
  if (parts.some(({ verdict }) => verdict.outcome === 'error')) {
    const errors = total(parts, (part) => part.errors?.length ?? 0);
    return { outcome: 'error', text: `ERROR: ${plural(errors, 'error')} of the test bed beside ${what}` };
  }
  return isWhole
    ? { outcome: 'held', text: `held: ${what}` }
    : { outcome: 'stopped', text: `stopped: nothing failed in ${what}` };
}

function total<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0);
}

function sumProperty(all: readonly PropertyResult[]): PropertyResult {
  return {
    ...all[0],
    checked: total(all, ({ checked }) => checked),
    failed: total(all, ({ failed }) => failed),
    witnesses: total(all, ({ witnesses }) => witnesses),
    claimed: all.some(({ claimed }) => claimed),
  };
}

function sumCells(all: readonly CoverageCell[]): CoverageCell[] {
  const cells = new Map<string, CoverageCell>();
  for (const cell of all) {
    const key = `${cell.kernel} | ${cell.inFlight} | ${cell.recovery}`;
    cells.set(key, { ...cell, count: (cells.get(key)?.count ?? 0) + cell.count });
  }
  return [...cells].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell);
}

function sumSpaces(parts: readonly CampaignResult[]): CampaignResult['exhaustive'] {
  const spaces = new Map<string, number>();
  for (const { space, states } of parts.flatMap(({ exhaustive }) => exhaustive)) {
    spaces.set(space, (spaces.get(space) ?? 0) + states);
  }
  return [...spaces].map(([space, states]) => ({ space, states }));
}

/** In the order of their names; one that two parts judged must have come out the same. */
function sumMutants(tables: readonly (readonly MutantResult[])[]): MutantResult[] {
  const known = new Map<string, MutantResult>();
  for (const mutant of tables.flat()) {
    const other = known.get(mutant.name);
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(mutant)) {
      throw new MergeError(`mutant ${mutant.name} is in two parts, and not the same: expected one part that judges it`);
    }
    known.set(mutant.name, mutant);
  }
  return tables.length === 1 ? [...tables[0]] : [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function onlyMatrix(whole: CampaignResult, given: readonly FaultMatrix[]): FaultMatrix | undefined {
  const all = [...(whole.matrix === undefined ? [] : [whole.matrix]), ...given];
  if (all.length > 1) throw new MergeError('more than one part has a matrix of faults: expected one at most');
  for (const { system, defects } of given) {
    requireAlike('seeded defects', whole.kernel.defects.join(', '), defects.join(', '));
    if (system === undefined) throw new MergeError('the matrix does not say which kernel it is of: make it again');
    requireAlike('kernel image', whole.kernel.sha256, system);
  }
  return all[0];
}

/** What the campaign's own verdict says, and what the mutants and the matrix beside it make of it. */
function wholeVerdict(
  parts: readonly CampaignResult[],
  mutants: readonly MutantResult[],
  matrix: FaultMatrix | undefined,
): CampaignResult['verdict'] {
  const [{ verdict }] = parts;
  if (parts.length === 1 && matrix === undefined) return verdict;
  const isMutantsOnly = parts.every(({ workloads }) => workloads.length === 0);
  const survivors = mutants.filter(({ killed, equivalent }) => !killed && equivalent === null).map(({ name }) => name);
  const broken = matrix?.cells.some((cell) => cell.verdict !== 'held') === true;
  const beside = [
    ...(mutants.length > 0 ? [mutantScore(mutants)] : []),
    ...(survivors.length > 0 ? [`survived: ${survivors.join(', ')}`] : []),
    ...(matrix === undefined ? [] : [`faults x block kinds: ${matrixVerdict(matrix)}`]),
  ].join('; ');
  const order = ['failed', 'error', 'stopped', 'held'] as const;
  const own = order.find((outcome) => parts.some((part) => part.verdict.outcome === outcome)) ?? 'held';
  const outcome = survivors.length > 0 || broken ? 'failed' : own;
  // What the campaign says of itself begins with its outcome: that of the whole stands in its place.
  const said = isMutantsOnly ? '' : verdict.text.replace(/^(?:held|FAILED|ERROR|stopped): /, '');
  const text = [...(said === '' ? [] : [said]), beside].filter((part) => part !== '').join('; ');
  return { outcome, text: `${VERDICT_WORDS[outcome]}: ${text}` };
}

const VERDICT_WORDS = { held: 'held', failed: 'FAILED', error: 'ERROR', stopped: 'stopped' } as const;

const MUTANTS = 'mutants: ';

/** What the mutants took is not what the campaign took. */
function besideFigures(parts: readonly CampaignResult[]): CampaignResult['performance'] {
  return sumFigures(parts).map(({ name, value, unit }) => ({
    name: name.startsWith(MUTANTS) ? name : `${MUTANTS}${name}`,
    value,
    unit,
  }));
}

/** Rates and counts add up; the time is that of the longest part. */
function sumFigures(parts: readonly CampaignResult[]): CampaignResult['performance'] {
  const figures = new Map<string, CampaignResult['performance'][number]>();
  for (const one of parts.flatMap(({ performance }) => performance)) {
    const known = figures.get(one.name)?.value ?? 0;
    const value = one.unit === 's' ? Math.max(known, one.value) : Math.round((known + one.value) * 100) / 100;
    figures.set(one.name, { ...one, value });
  }
  return [...figures.values()];
}

function environmentOf(parts: readonly CampaignResult[]): CampaignResult['environment'] {
  const nodes = [...new Set(parts.map(({ environment }) => environment.node))].sort();
  const commits = new Set(parts.map(({ environment }) => environment.commit));
  const dates = parts.flatMap(({ environment }) => environment.date ?? []).sort();
  return {
    node: nodes.join(', '),
    commit: commits.size === 1 ? parts[0].environment.commit : null,
    date: dates[dates.length - 1] ?? null,
  };
}
