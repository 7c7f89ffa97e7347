/**
 * A campaign's result as one HTML file: verdict first, then findings and what is new, then what it rests on. What is long is folded, so that a
 * campaign of a million crash states reads like one of ten.
 */
import type { CampaignResult, CoverageCell, MutantResult } from './campaign.js';
import {
  campaignConditions,
  cellCounts,
  findingsShown,
  mutantScore,
  mutantState,
  standingScore,
  standingText,
  summaryName,
} from './campaign-facts.js';
import { grouped, plural } from './facts.js';
import { findingSection } from './finding-html.js';
import { type CampaignSummary, standings, summariseCampaign } from './history.js';
import { matrixVerdict } from './matrix.js';
import { matrixSection } from './matrix-html.js';
import { command, definitions, details, escapeHtml, page, propertyTable, table } from './page.js';
import { coveragePlot, mutantsPlot, TREND_FIGURES, trendPlot, trendValue } from './plots.js';

/** Findings shown open; of more the next are folded, and those after them are a line each. */
const OPEN_MOST = 3;
const WHOLE_MOST = 12;
/** Cells of coverage that are shown, the rarest: they are what a longer campaign would add to. */
const CELLS_MOST = 500;

/** `earlier`: campaigns before this one, oldest first. */
export function renderCampaignHtml(result: CampaignResult, earlier: readonly CampaignSummary[] = []): string {
  const sections: [string, string, string | undefined][] = [
    ['findings', 'Findings', findings(result)],
    ['errors', 'Errors of the test bed', errors(result)],
    ['earlier', 'Against the campaign before', against(result, earlier)],
    ['properties', 'Properties', propertyTable(result.properties)],
    ['workloads', 'Workloads', workloads(result)],
    ['matrix', 'Faults of the disk and what they struck', matrix(result)],
    ['mutants', 'Mutants', mutants(result.mutants)],
    ['coverage', 'Coverage', coverage(result.coverage)],
    ['performance', 'Performance', performance(result)],
    ['trend', 'Trend', trend(result, earlier)],
    ['conditions', 'Conditions', definitions(campaignConditions(result))],
  ];
  const shown = sections.filter(([, , content]) => content !== undefined);
  const links = shown.map(([id, title]) => `<li><a href="#${id}">${title}</a></li>`);
  const parts = [
    `<p>Repeat it:</p>\n${command(result.command)}`,
    `<nav aria-label="Sections"><ul>${links.join('')}</ul></nav>`,
    ...shown.map(
      ([id, title, content]) =>
        `<section aria-labelledby="${id}">\n<h2 id="${id}">${title}</h2>\n${content}\n</section>`,
    ),
  ];
  return page(result.verdict.text, result.verdict.outcome, parts.join('\n'));
}

function findings({ findings: all }: CampaignResult): string | undefined {
  if (all.length === 0) return undefined;
  const { shown, others } = findingsShown(all, WHOLE_MOST);
  const folded = shown.slice(OPEN_MOST).map((one) => {
    return details(`${one.property} in ${one.workload}, seed ${one.seed}: ${one.message}`, findingSection(one));
  });
  const cells = others.map(({ id, property, workload, message, command: repeat }) => {
    return [property, escapeHtml(workload), escapeHtml(message), `<code>finding-${id}.json</code>`, command(repeat)];
  });
  const inShort = table(['Property', 'Workload', 'Message', 'File', 'Repeat'], cells, [], true);
  return [
    ...shown.slice(0, OPEN_MOST).map(findingSection),
    ...folded,
    ...(others.length > 0 ? [details(`${plural(others.length, 'more finding')} in short`, inShort)] : []),
  ].join('\n');
}

function errors({ errors: all }: CampaignResult): string | undefined {
  if (all === undefined) return undefined;
  const cells = all.map(({ seed, workload, message, command: repeat }) => {
    return [String(seed), escapeHtml(workload), escapeHtml(message), command(repeat)];
  });
  return table(['Seed', 'Workload', 'Message', 'Repeat'], cells, [0], true);
}

function against(result: CampaignResult, earlier: readonly CampaignSummary[]): string | undefined {
  const last = earlier.at(-1);
  if (last === undefined) return undefined;
  const all = standings(summariseCampaign(result), last);
  const cells = all.map((one) => [
    `<span class="${one.state.replace(' ', '-')}">${one.state}</span>`,
    escapeHtml(standingText(one)),
    command(one.command),
  ]);
  return [
    `<p>${standingScore(all)}; before it: ${escapeHtml(summaryName(last))}: ${escapeHtml(last.verdict.text)}</p>`,
    ...(cells.length > 0 ? [table(['State', 'What', 'Repeat'], cells, [], true)] : []),
  ].join('\n');
}

function workloads(result: CampaignResult): string | undefined {
  if (result.workloads.length === 0) return undefined;
  const cells = result.workloads.map(({ name, runs, cuts, crashStates, recoveries, cycles }) => [
    escapeHtml(name),
    ...[runs, cuts, crashStates, recoveries, cycles].map(grouped),
  ]);
  const shown = table(
    ['Workload', 'Runs', 'Power cuts', 'Crash states', 'Recovered', 'Cycles'],
    cells,
    [1, 2, 3, 4, 5],
  );
  if (result.exhaustive.length === 0) return shown;
  const spaces = result.exhaustive.map(({ space, states }) => [escapeHtml(space), grouped(states)]);
  return `${shown}\n<h3>Gone through whole</h3>\n${table(['Space', 'States'], spaces, [1])}`;
}

function matrix({ matrix: one }: CampaignResult): string | undefined {
  return one && `<p>${escapeHtml(matrixVerdict(one))}</p>\n${matrixSection(one)}`;
}

function mutants(all: readonly MutantResult[] = []): string | undefined {
  if (all.length === 0) return undefined;
  const row = (mutant: MutantResult): string[] => [
    escapeHtml(mutant.name),
    `<span class="${mutant.killed || mutant.equivalent !== null ? 'held' : 'failed'}">${escapeHtml(mutantState(mutant))}</span>`,
    escapeHtml(mutant.property ?? ''),
    grouped(mutant.runs),
  ];
  const head = ['Mutant', 'State', 'Killed by', 'Runs'];
  const alive = all.filter(({ killed, equivalent }) => !killed && equivalent === null);
  return [
    `<p>${mutantScore(all)}.</p>`,
    ...(alive.length > 0 ? [table(head, alive.map(row), [3])] : []),
    details('All mutants as a table', table(head, all.map(row), [3])),
    details('Runs until each was killed, drawn', mutantsPlot(all)),
  ].join('\n');
}

function coverage(cells: readonly CoverageCell[]): string | undefined {
  if (cells.length === 0) return undefined;
  const rarest = [...cells].sort((a, b) => a.count - b.count).slice(0, CELLS_MOST);
  const rows = rarest.map(({ kernel, inFlight, recovery, count }) => {
    return [escapeHtml(kernel), escapeHtml(inFlight), escapeHtml(recovery), grouped(count)];
  });
  const shown = table(['Kernel', 'On its way to the disk', 'Recovery', 'Crash states'], rows, [3]);
  const which = rarest.length < cells.length ? `, the ${grouped(rarest.length)} rarest` : ', rarest first';
  return [
    `<p>${escapeHtml(cellCounts(cells))}.</p>`,
    coveragePlot(cells),
    details(`The cells as a table${which}`, shown),
  ].join('\n');
}

function performance({ performance: figures }: CampaignResult): string | undefined {
  if (figures.length === 0) return undefined;
  const cells = figures.map(({ name, value, unit }) => [escapeHtml(name), String(value), escapeHtml(unit)]);
  return table(['Figure', 'Value', 'Unit'], cells, [1]);
}

function trend(result: CampaignResult, earlier: readonly CampaignSummary[]): string | undefined {
  if (earlier.length === 0) return undefined;
  const all = [...earlier, summariseCampaign(result)];
  const figures = TREND_FIGURES.filter(({ of }) => all.filter((one) => of(one) !== undefined).length > 1);
  const cells = all.map((one, i) => [
    String(i + 1),
    escapeHtml(summaryName(one)),
    one.verdict.outcome,
    ...figures.map((figure) => trendValue(figure, one)),
  ]);
  const head = [
    '',
    'Campaign',
    'Verdict',
    ...figures.map(({ name, unit }) => (unit === '' ? name : `${name}, ${unit}`)),
  ];
  return [
    `<p>${plural(earlier.length, 'campaign')} before this one, which is the last.</p>`,
    `<div class="small">${figures.map((figure) => trendPlot(figure, all)).join('\n')}</div>`,
    details('The trend as a table', table(head, cells, [0, ...figures.map((_, i) => i + 3)])),
  ].join('\n');
}
