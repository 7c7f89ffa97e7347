/** A campaign's result as Markdown that reads well in a pull request: what failed first, the rest below. */
import type { CampaignResult, PageDifference } from './campaign.js';
import {
  campaignConditions,
  cellCounts,
  findingsShown,
  mutantScore,
  mutantState,
  shrinkingOf,
  standingScore,
  standingText,
  summaryName,
} from './campaign-facts.js';
import { grouped, plural } from './facts.js';
import { type CampaignSummary, standings, summariseCampaign } from './history.js';
import { renderDifference } from './lanes.js';
import { fenced, plain, propertyTable, table } from './markdown.js';
import { matrixVerdict, renderMatrix } from './matrix.js';

/** A job's summary in CI takes a megabyte; what is longer is in the HTML report. */
const CELLS_MOST = 200;
const LINES_MOST = 8;
const FINDINGS_MOST = 8;

function folded(summary: string, lines: readonly string[]): string[] {
  return ['<details>', `<summary>${plain(summary)}</summary>`, '', ...lines, '</details>', ''];
}

/** Lines of the first page whose content is known: what a pull request needs to see; the HTML report has the others. */
function firstDifference(pages: readonly PageDifference[]): string[] {
  const first = pages.find(({ content }) => content !== undefined);
  if (first?.content === undefined) return [];
  const { bytes, lines } = first.content;
  const shown = renderDifference({ bytes, lines: lines.slice(0, LINES_MOST) });
  return [`@@ page ${first.page}: ${plural(bytes, 'byte')}; - expected, + found @@`, ...shown];
}

export function renderCampaignMarkdown(result: CampaignResult, earlier: readonly CampaignSummary[] = []): string {
  const out: string[] = [`**${plain(result.verdict.text)}**`, '', ...fenced('sh', [result.command])];
  const { shown, others } = findingsShown(result.findings, FINDINGS_MOST);
  for (const finding of shown) {
    const { id, property, workload, seed, message, command, shrunk, pages } = finding;
    out.push(
      `### ${property} in ${plain(workload)}, seed ${seed} (${id})`,
      '',
      plain(message),
      '',
      ...fenced('sh', [command]),
    );
    if (shrunk !== null) out.push(`The plan was ${plain(shrinkingOf(finding))}.`, '');
    if (pages.length > 0) out.push(`Pages that differ: ${pages.map(({ page }) => page).join(', ')}.`, '');
    const difference = firstDifference(pages);
    if (difference.length > 0) out.push(...fenced('diff', difference));
  }
  if (others.length > 0) {
    const lines = others.map(({ property, workload, message, command }) => [property, workload, message, command]);
    out.push(
      ...folded(plural(others.length, 'more finding'), table(['property', 'workload', 'message', 'repeat'], lines)),
    );
  }
  for (const { seed, workload, message, command } of result.errors ?? []) {
    out.push(`### Error of the test bed in ${plain(workload)}, seed ${seed}`, '', plain(message), '');
    out.push(...fenced('sh', [command]));
  }
  const last = earlier.at(-1);
  if (last !== undefined) {
    const all = standings(summariseCampaign(result), last);
    out.push(`Against the campaign before (${plain(summaryName(last))}): ${standingScore(all)}.`, '');
    out.push(...all.map((one) => `* ${plain(standingText(one))}`), ...(all.length > 0 ? [''] : []));
  }
  out.push(...propertyTable(result.properties));
  out.push(
    ...table(
      ['workload', 'runs', 'power cuts', 'crash states', 'recovered'],
      result.workloads.map(({ name, runs, cuts, crashStates, recoveries }) => [
        name,
        ...[runs, cuts, crashStates, recoveries].map(grouped),
      ]),
    ),
  );
  for (const { space, states } of result.exhaustive)
    out.push(`* exhaustive: ${plain(space)}, ${grouped(states)} states`);
  if (result.exhaustive.length > 0) out.push('');
  if (result.matrix !== undefined) {
    const summary = `Faults of the disk and what they struck: ${matrixVerdict(result.matrix)}`;
    out.push(...folded(summary, renderMatrix(result.matrix).split('\n')));
  }
  if (result.mutants !== undefined && result.mutants.length > 0) {
    const rows = result.mutants.map((one) => [one.name, mutantState(one), one.property ?? '', grouped(one.runs)]);
    out.push(
      ...folded(`Mutants: ${mutantScore(result.mutants)}`, table(['mutant', 'state', 'killed by', 'runs'], rows)),
    );
  }
  if (result.coverage.length > 0) {
    const rarest = [...result.coverage].sort((a, b) => a.count - b.count).slice(0, CELLS_MOST);
    const rows = rarest.map(({ kernel, inFlight, recovery, count }) => [kernel, inFlight, recovery, grouped(count)]);
    const head = ['kernel', 'on its way to the disk', 'recovery', 'crash states'];
    const which = rarest.length < result.coverage.length ? `; the ${rarest.length} rarest` : '';
    out.push(...folded(`Coverage: ${cellCounts(result.coverage)}${which}`, table(head, rows)));
  }
  const figures = result.performance.map(({ name, value, unit }) => [name, `${value} ${unit}`]);
  out.push(...folded('Performance and conditions', table(['', ''], [...figures, ...campaignConditions(result)])));
  return `${out.join('\n').trimEnd()}\n`;
}
