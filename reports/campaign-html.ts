/** A campaign's result as one HTML file: verdict first, then findings, then what it rests on. */
import type { CampaignResult, FindingFile } from './campaign.js';
import { campaignConditions, mutantScore, mutantState, news, shrinkingOf } from './campaign-facts.js';
import { grouped, plural, propertyState } from './facts.js';
import { matrixTables, matrixVerdict } from './matrix.js';
import { escapeHtml, page, table } from './page.js';
import { coveragePlot, lanesPlot, likelihoodPlot, mutantsPlot, trendPlot } from './plots.js';

const SPANS_MOST = 400;

function details(summary: string, content: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>\n${content}</details>`;
}

function findingSection(finding: FindingFile): string {
  const { shrunk } = finding;
  const parts = [
    `<h3 id="${finding.id}">${finding.property} in ${escapeHtml(finding.workload)}, seed ${finding.seed}</h3>`,
    `<p class="failed">${escapeHtml(finding.message)}</p>`,
    `<pre tabindex="0">${escapeHtml(finding.command)}</pre>`,
  ];
  if (shrunk !== null) parts.push(`<p>The plan was ${escapeHtml(shrinkingOf(finding))}.</p>`);
  if (finding.timeline.length > 0) {
    const spans = finding.timeline.slice(-SPANS_MOST).map(({ boot, from, to, lane, label }) => {
      return [String(boot), grouped(from), grouped(to), lane, escapeHtml(label)];
    });
    parts.push(lanesPlot(finding));
    parts.push(
      details('The lanes as a table', table(['Boot', 'From cycle', 'To cycle', 'Lane', 'What'], spans, [0, 1, 2])),
    );
  }
  if (finding.pages.length > 0) {
    const cells = finding.pages.map(({ page: number, expected, found }) => {
      return [String(number), expected ?? 'nothing', found ?? 'nothing'];
    });
    parts.push(`<p>Pages that differ:</p>${table(['Page', 'Expected', 'Found'], cells, [0])}`);
  }
  if (finding.likelihood.length > 0) {
    const cells = finding.likelihood.map(({ boot, cycle, tried, failed }) => {
      return [String(boot), grouped(cycle), grouped(tried), grouped(failed)];
    });
    parts.push(likelihoodPlot(finding));
    parts.push(details('The moments as a table', table(['Boot', 'Cycle', 'Runs', 'Failed'], cells, [0, 1, 2, 3])));
  }
  if (finding.trace.length > 0) {
    const cells = finding.trace.map(({ action, variables }, i) => [
      String(i + 1),
      escapeHtml(action),
      variables
        .map(({ name, value, changed }) => {
          const text = `${escapeHtml(name)} = ${escapeHtml(value)}`;
          return changed ? `<mark>${text} ←</mark>` : text;
        })
        .join('<br>'),
    ]);
    parts.push(
      details(
        'The behaviour of the specification; ← marks what changed',
        table(['Step', 'Action', 'State'], cells, [0]),
      ),
    );
  }
  return `<article>${parts.join('\n')}</article>`;
}

function matrixSection(matrix: NonNullable<CampaignResult['matrix']>): string {
  const tables = matrixTables(matrix).map(({ when, faults, lines }) => {
    const rows = lines.map(({ block, cells }) => [block, ...cells].map(escapeHtml));
    return `<h3>${escapeHtml(when)}</h3>\n${table(['Block', ...faults], rows)}`;
  });
  return `<h2>Faults of the disk and what they struck</h2>\n<p>${escapeHtml(matrixVerdict(matrix))}</p>\n${tables.join('\n')}`;
}

function mutantsSection(mutants: NonNullable<CampaignResult['mutants']>): string {
  const rows = mutants.map((mutant) => [
    escapeHtml(mutant.name),
    `<span class="${mutant.killed || mutant.equivalent !== null ? 'held' : 'failed'}">${escapeHtml(mutantState(mutant))}</span>`,
    escapeHtml(mutant.property ?? ''),
    grouped(mutant.runs),
  ]);
  const shown = table(['Mutant', 'State', 'Killed by', 'Runs'], rows, [3]);
  return `<h2>Mutants</h2>\n<p>${mutantScore(mutants)}.</p>\n${mutantsPlot(mutants)}\n${details('The mutants as a table', shown)}`;
}

/** `earlier`: campaigns before this one, oldest first. */
export function renderCampaignHtml(result: CampaignResult, earlier: readonly CampaignResult[] = []): string {
  const properties = result.properties.map((property) => {
    const state = propertyState(property);
    return [
      `<span class="short">${property.id}</span>`,
      escapeHtml(property.name),
      `<span class="short ${state.replace(' ', '-')}">${state}</span>`,
      ...[property.checked, property.failed, property.witnesses].map(grouped),
    ];
  });
  const workloads = result.workloads.map(({ name, runs, cuts, crashStates, recoveries, cycles }) => [
    escapeHtml(name),
    ...[runs, cuts, crashStates, recoveries, cycles].map(grouped),
  ]);
  const parts = [`<p>Repeat it:</p>\n<pre tabindex="0">${escapeHtml(result.command)}</pre>`];
  if (result.findings.length > 0) parts.push('<h2>Findings</h2>', ...result.findings.map(findingSection));
  if (result.errors !== undefined) {
    const cells = result.errors.map(({ seed, workload, message, command }) => {
      return [String(seed), escapeHtml(workload), escapeHtml(message), escapeHtml(command)];
    });
    parts.push('<h2>Errors of the test bed</h2>', table(['Seed', 'Workload', 'Message', 'Repeat'], cells, [0]));
  }
  parts.push(
    '<h2>Properties</h2>',
    table(['Id', 'Property', 'State', 'Checked', 'Failed', 'Witnesses'], properties, [3, 4, 5]),
  );
  parts.push(
    '<h2>Workloads</h2>',
    table(['Workload', 'Runs', 'Power cuts', 'Crash states', 'Recovered', 'Cycles'], workloads, [1, 2, 3, 4, 5]),
  );
  if (result.exhaustive.length > 0) {
    const spaces = result.exhaustive.map(({ space, states }) => [escapeHtml(space), grouped(states)]);
    parts.push('<h2>Gone through whole</h2>', table(['Space', 'States'], spaces, [1]));
  }
  if (result.matrix !== undefined) parts.push(matrixSection(result.matrix));
  if (result.mutants !== undefined && result.mutants.length > 0) parts.push(mutantsSection(result.mutants));
  if (result.coverage.length > 0) {
    const cells = result.coverage.map(({ kernel, inFlight, recovery, count }) => {
      return [escapeHtml(kernel), escapeHtml(inFlight), escapeHtml(recovery), grouped(count)];
    });
    const shown = table(['Kernel', 'On its way to the disk', 'Recovery', 'Cuts'], cells, [3]);
    parts.push('<h2>Coverage</h2>', coveragePlot(result.coverage), details('The cells as a table', shown));
  }
  if (result.performance.length > 0) {
    const figures = result.performance.map(({ name, value, unit }) => [
      escapeHtml(name),
      String(value),
      escapeHtml(unit),
    ]);
    parts.push('<h2>Performance</h2>', table(['Figure', 'Value', 'Unit'], figures, [1]));
  }
  if (earlier.length > 0) {
    const last = earlier[earlier.length - 1];
    const lines = news(result.properties, last.properties).map((line) => `<li>${escapeHtml(line)}</li>`);
    parts.push(`<h2>Against ${plural(earlier.length, 'report')} before it</h2>`);
    parts.push(lines.length > 0 ? `<ul>${lines.join('')}</ul>` : '<p>The same properties hold as in the last.</p>');
    for (const { name, unit } of result.performance) parts.push(trendPlot(name, unit, [...earlier, result]));
  }
  const conditions = campaignConditions(result).map(([name, value]) => [escapeHtml(name), escapeHtml(value)]);
  parts.push('<h2>Conditions</h2>', table(['', ''], conditions));
  return page(result.verdict.text, result.verdict.outcome, parts.join('\n'));
}
