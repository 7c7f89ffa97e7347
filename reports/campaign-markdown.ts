/** A campaign's result as Markdown that reads well in a pull request: what failed first, the rest below. */
import type { CampaignResult } from './campaign.js';
import { campaignConditions, mutantScore, mutantState, news, shrinkingOf } from './campaign-facts.js';
import { grouped, plural, propertyState } from './facts.js';
import { plain, table } from './markdown.js';
import { matrixVerdict, renderMatrix } from './matrix.js';

function folded(summary: string, lines: readonly string[]): string[] {
  return ['<details>', `<summary>${plain(summary)}</summary>`, '', ...lines, '</details>', ''];
}

export function renderCampaignMarkdown(result: CampaignResult, earlier: readonly CampaignResult[] = []): string {
  const out: string[] = [`**${plain(result.verdict.text)}**`, '', '```sh', result.command, '```', ''];
  for (const finding of result.findings) {
    const { id, property, workload, seed, message, command, shrunk, pages } = finding;
    out.push(
      `### ${property} in ${plain(workload)}, seed ${seed} (${id})`,
      '',
      plain(message),
      '',
      '```sh',
      command,
      '```',
      '',
    );
    if (shrunk !== null) out.push(`The plan was ${plain(shrinkingOf(finding))}.`, '');
    if (pages.length > 0) out.push(`Pages that differ: ${pages.map(({ page }) => page).join(', ')}.`, '');
  }
  for (const { seed, workload, message, command } of result.errors ?? []) {
    out.push(`### Error of the test bed in ${plain(workload)}, seed ${seed}`, '', plain(message), '');
    out.push('```sh', command, '```', '');
  }
  out.push(
    ...table(
      ['', 'property', 'state', 'checked', 'failed', 'witnesses'],
      result.properties.map((p) => [
        p.id,
        p.name,
        propertyState(p),
        ...[p.checked, p.failed, p.witnesses].map(grouped),
      ]),
    ),
  );
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
    const rows = result.coverage.map(({ kernel, inFlight, recovery, count }) => [
      kernel,
      inFlight,
      recovery,
      grouped(count),
    ]);
    const head = ['kernel', 'on its way to the disk', 'recovery', 'cuts'];
    out.push(...folded(`Coverage: ${plural(result.coverage.length, 'cell')}`, table(head, rows)));
  }
  if (earlier.length > 0) {
    const lines = news(result.properties, earlier[earlier.length - 1].properties);
    out.push(
      'Against the report before it:',
      '',
      ...(lines.length > 0 ? lines.map((line) => `* ${line}`) : ['* nothing new']),
      '',
    );
  }
  const figures = result.performance.map(({ name, value, unit }) => [name, `${value} ${unit}`]);
  out.push(...folded('Performance and conditions', table(['', ''], [...figures, ...campaignConditions(result)])));
  return `${out.join('\n').trimEnd()}\n`;
}
