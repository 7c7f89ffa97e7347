/** What all faces of a campaign's report say in the same words. */
import type { CampaignResult, CoverageCell, FindingFile, MutantResult } from './campaign.js';
import { grouped, plural } from './facts.js';
import type { CampaignSummary, Standing } from './history.js';
import type { FaultPlan } from './plan.js';

/** How a mutant ended, in a word or a sentence. */
export function mutantState({ killed, equivalent }: MutantResult): string {
  if (equivalent !== null) return `equivalent: ${equivalent}`;
  return killed ? 'killed' : 'SURVIVED';
}

/** Findings that a report shows whole, in the order in which they are worth reading: those made small first; and the others. */
export function findingsShown(
  findings: readonly FindingFile[],
  most: number,
): { readonly shown: readonly FindingFile[]; readonly others: readonly FindingFile[] } {
  const isSmall = ({ shrunk }: FindingFile): boolean => shrunk !== null;
  const all = [...findings.filter(isSmall), ...findings.filter((one) => !isSmall(one))];
  return { shown: all.slice(0, most), others: all.slice(most) };
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

/** How many cells were met, and of how many states of the kernel. */
export function cellCounts(cells: readonly CoverageCell[]): string {
  const kinds = (of: (cell: CoverageCell) => string): number => new Set(cells.map(of)).size;
  return (
    `${plural(cells.length, 'cell')}: ${plural(
      kinds(({ kernel }) => kernel),
      'state',
    )} of the kernel, ` +
    `${plural(
      kinds(({ inFlight }) => inFlight),
      'mixture',
    )} on the way to the disk, ` +
    `${plural(
      kinds(({ recovery }) => recovery),
      'way',
    )} to recover`
  );
}

const STANDING_TEXT: Readonly<Record<Standing['state'], string>> = {
  new: 'new',
  ongoing: 'ongoing',
  gone: 'not met any more, though its seed was run again',
  'not tried': 'not met, and not tried: its seed, workload or shape is not in this campaign',
};

/** One kind of failure against the campaign before, in words. */
export function standingText({ state, property, workload, before, now }: Standing): string {
  const counts = state === 'ongoing' && before !== now ? ` (${before} before, ${now} now)` : '';
  return `${property} in ${workload}: ${STANDING_TEXT[state]}${counts}`;
}

/** Where a campaign in a history comes from. */
export function summaryName({ date, commit }: CampaignSummary): string {
  const when = date === null ? 'no date' : date.replace('T', ' ').replace(/:\d\d\.\d+Z$/, ' UTC');
  return `${when}, ${commit === null ? 'no commit' : `commit ${commit.slice(0, 8)}`}`;
}

/** How many of the findings are new, ongoing and so on; one line. */
export function standingScore(all: readonly Standing[]): string {
  if (all.length === 0) return 'no findings, then or now';
  const states = [...new Set(all.map(({ state }) => state))];
  return states.map((state) => `${all.filter((one) => one.state === state).length} ${state}`).join(', ');
}
