/** What all faces of a campaign's report say in the same words. */
import type { CampaignResult, MatrixCell, MutantResult } from './campaign.js';
import { grouped, plural, propertyState } from './facts.js';
import type { PropertyResult } from './schema.js';

/** How a mutant ended, in a word or a sentence. */
export function mutantState({ killed, equivalent }: MutantResult): string {
  if (equivalent !== null) return `equivalent: ${equivalent}`;
  return killed ? 'killed' : 'SURVIVED';
}

/** Killed of those that can be. */
export function mutantScore(mutants: readonly MutantResult[]): string {
  const able = mutants.filter(({ equivalent }) => equivalent === null);
  return `${able.filter(({ killed }) => killed).length} of ${plural(able.length, 'mutant')} killed`;
}

export interface MatrixTable {
  readonly faults: readonly string[];
  readonly blocks: readonly string[];
  /** What stands in the cell of a fault and a kind of block; empty where they do not meet. */
  readonly at: (fault: string, block: string) => string;
  readonly silent: number;
}

/** The fault x block-kind matrix: one line for each reaction in a cell, with the moments it was seen at. */
export function matrixTable(cells: readonly MatrixCell[]): MatrixTable {
  const unique = (values: readonly string[]): string[] => [...new Set(values)];
  return {
    faults: unique(cells.map(({ fault }) => fault)),
    blocks: unique(cells.map(({ block }) => block)),
    at: (fault, block) => {
      const here = cells.filter((cell) => cell.fault === fault && cell.block === block && cell.witnesses > 0);
      return unique(here.map(({ reaction }) => reaction))
        .map((reaction) => {
          const when = here.filter((cell) => cell.reaction === reaction).map((cell) => cell.when);
          return `${reaction === 'silent' ? 'SILENT' : reaction} (${unique(when).join(', ')})`;
        })
        .join('; ');
    },
    silent: cells.filter(({ reaction, witnesses }) => reaction === 'silent' && witnesses > 0).length,
  };
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
