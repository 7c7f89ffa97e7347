/** What all faces of a campaign's report say in the same words. */
import type { CampaignResult, FindingFile, MutantResult } from './campaign.js';
import { grouped, plural, propertyState } from './facts.js';
import type { FaultPlan } from './plan.js';
import type { PropertyResult } from './schema.js';

/** How a mutant ended, in a word or a sentence. */
export function mutantState({ killed, equivalent }: MutantResult): string {
  if (equivalent !== null) return `equivalent: ${equivalent}`;
  return killed ? 'killed' : 'SURVIVED';
}

/** How the plan of a finding became small. */
export function shrinkingOf({ shrunk, result }: FindingFile): string {
  if (shrunk === null) return 'not made smaller';
  const { runs, from, minimal } = shrunk;
  const state = minimal ? 'no simpler plan that was tried fails' : 'the bound of runs came first';
  return `shrunk from ${partsOf(from)} to ${partsOf(result.plan)} in ${plural(runs, 'run')}; ${state}`;
}

function partsOf({ cuts, faults = [], programs = [], memory = [], controllers = [], input = [] }: FaultPlan): string {
  const others: [number, string][] = [
    [faults.length, 'fault of the disk'],
    [programs.length, 'program beside it'],
    [memory.length + controllers.length, 'change of hardware'],
    [input.length, 'input'],
  ];
  const words = others.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return [plural(cuts.length, 'power cut'), ...words].join(', ');
}

/** What a campaign covers, in words. */
export function coveredText(covered: {
  readonly corpus: number;
  readonly workloads: CampaignResult['workloads'];
  readonly cells: number;
}): string {
  const { corpus, workloads, cells } = covered;
  let [runs, cuts, crashStates, recoveries] = [0, 0, 0, 0];
  for (const one of workloads) {
    runs += one.runs;
    cuts += one.cuts;
    crashStates += one.crashStates;
    recoveries += one.recoveries;
  }
  const past = corpus === 0 ? '' : `${plural(corpus, 'past finding')} and `;
  return (
    `${past}${plural(runs, 'run')} of ${plural(workloads.length, 'workload')}, ${plural(cuts, 'power cut')}, ` +
    `${plural(crashStates, 'crash state')} judged, ${plural(recoveries, 'recovery', 'recoveries')} on the machine, ` +
    `${plural(cells, 'cell')} covered`
  );
}

/** Killed of those that can be. */
export function mutantScore(mutants: readonly MutantResult[]): string {
  const able = mutants.filter(({ equivalent }) => equivalent === null);
  return `${able.filter(({ killed }) => killed).length} of ${plural(able.length, 'mutant')} killed`;
}

/** Name and value of everything that has to be the same for the campaign to be the same, and where it ran. */
export function campaignConditions(result: CampaignResult): [string, string][] {
  const { seeds, kernel, machine, environment } = result;
  return [
    [
      'Seeds',
      `${seeds.first} to ${seeds.first + Math.max(seeds.wanted, 1) - 1}, ${grouped(seeds.done)} of ${grouped(seeds.wanted)} done`,
    ],
    ['Shape of the plans', result.shape],
    [
      'Kernel image',
      `${kernel.sha256}${kernel.defects.length > 0 ? ` with seeded defects: ${kernel.defects.join(', ')}` : ''}`,
    ],
    ['Machine', `${machine.profile}, timing ${machine.timing}, engine ${machine.engine}`],
    ['Runs done twice, alike to the byte', grouped(result.repeated)],
    ['Crash states judged by the reader and by the machine, alike', grouped(result.agreed)],
    ['Node', environment.node],
    ['Commit', environment.commit ?? 'not known'],
    ['Date', environment.date ?? 'not known'],
  ];
}

/** Properties that are news since an earlier campaign: failed now and not then, or the other way round. */
export function news(now: readonly PropertyResult[], before: readonly PropertyResult[]): string[] {
  const failing = (of: readonly PropertyResult[]): Set<string> =>
    new Set(of.filter((one) => propertyState(one) === 'failed').map(({ id }) => id));
  const [today, then] = [failing(now), failing(before)];
  return [
    ...[...today].filter((id) => !then.has(id)).map((id) => `${id} fails, it did not before`),
    ...[...today].filter((id) => then.has(id)).map((id) => `${id} fails still`),
    ...[...then].filter((id) => !today.has(id)).map((id) => `${id} does not fail any more`),
  ];
}
