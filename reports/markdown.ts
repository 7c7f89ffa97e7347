/** A run's result as Markdown: verdict, properties, findings, power cuts, timeline, console, and what repeats it. */
import {
  commandPurpose,
  conditions,
  describeCut,
  describeEvent,
  excerpt,
  grouped,
  isThreadEnd,
  propertyState,
} from './facts.js';
import type { PropertyResult, RunResult } from './schema.js';

const TIMELINE_MOST = 200;
const CONSOLE_MOST = 200;

/** Text of the run in a table cell or a line: nothing in it is markup. */
export function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|]/g, (sign) => `\\${sign}`).replace(/\s+/g, ' ');
}

/** Lines as they are, a command for example; the fence is longer than any run of backticks in them, so none of them ends it. */
export function fenced(language: string, lines: readonly string[]): string[] {
  const runs = lines.join('\n').match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return [`${fence}${language}`, ...lines, fence, ''];
}

export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const line = (cells: readonly (string | number)[]) => `| ${cells.map((cell) => plain(String(cell))).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line), ''];
}

export function propertyTable(properties: readonly PropertyResult[]): string[] {
  return table(
    ['', 'property', 'state', 'checked', 'failed', 'witnesses'],
    properties.map((p) => [p.id, p.name, propertyState(p), ...[p.checked, p.failed, p.witnesses].map(grouped)]),
  );
}

export function renderMarkdown(result: RunResult): string {
  const out: string[] = [`**${plain(result.verdict.text)}**`, ''];
  out.push(`${commandPurpose(result)}:`, '', ...fenced('sh', [result.repeat]));

  out.push('## Properties', '', ...propertyTable(result.properties));

  if (result.findings.length > 0) {
    out.push('## Findings', '');
    for (const finding of result.findings) {
      const pages = finding.pages.length > 0 ? ` Pages: ${finding.pages.join(', ')}.` : '';
      out.push(
        `* **${finding.property}** boot ${finding.boot}, cycle ${grouped(finding.cycle)}: ${plain(finding.message)}.${pages}`,
      );
    }
    out.push('');
  }

  if (result.cuts.length > 0) {
    out.push('## Power cuts', '');
    for (const cut of result.cuts) {
      const after = cut.recovered === null ? 'not booted again' : `came up from generation ${cut.recovered}`;
      out.push(`* ${describeCut(cut)}; announced: ${cut.demarcated} demarcated, ${cut.committed} committed; ${after}`);
    }
    out.push('');
  }

  out.push('## Timeline', '');
  const events = excerpt(result.events, TIMELINE_MOST);
  const eventRows = (list: typeof result.events) =>
    list.map((event) => [event.boot, grouped(event.cycle), describeEvent(event)]);
  const left = events.left > 0 ? [['', '', `… ${events.left} more …`]] : [];
  out.push(
    ...table(['boot', 'cycle', 'event'], [...eventRows([...events.first]), ...left, ...eventRows([...events.last])]),
  );

  out.push('## Console', '', '```text');
  const lines = excerpt(result.console, CONSOLE_MOST);
  const text = (line: (typeof result.console)[number]) =>
    `${line.text.replaceAll('```', "'''")}${line.torn ? ' ⟂' : ''}`;
  let boot = 0;
  const add = (line: (typeof result.console)[number]) => {
    if (line.boot !== boot) out.push(`--- power cut, boot ${line.boot} ---`);
    boot = line.boot;
    out.push(text(line));
  };
  lines.first.forEach(add);
  if (lines.left > 0) out.push(`… ${lines.left} more lines …`);
  lines.last.forEach(add);
  out.push('```', '');

  const ends = excerpt(
    result.kernelLog.filter(({ text }) => isThreadEnd(text)),
    CONSOLE_MOST,
  );
  if (ends.first.length > 0) {
    out.push('## Threads that ended by an error', '', '```text');
    for (const { boot: of, cycle, text: end } of [...ends.first, ...ends.last])
      out.push(`boot ${of}, cycle ${grouped(cycle)}: ${end.replaceAll('```', "'''")}`);
    if (ends.left > 0) out.push(`… ${ends.left} more …`);
    out.push('```', '');
  }

  out.push('## Conditions', '', ...table(['', ''], conditions(result)));
  return `${out.join('\n').trimEnd()}\n`;
}
