/**
 * A run's result as one HTML file.
 *
 * The timeline is a picture with a table beside it that says the same, so nothing is told by colour or shape alone.
 */
import { commandPurpose, conditions, describeCut, describeEvent, excerpt, grouped, plural } from './facts.js';
import { command, definitions, details, escapeHtml, page, propertyTable, scroll, table } from './page.js';
import type { ConsoleLine, RunEvent, RunResult } from './schema.js';

const CONSOLE_MOST = 400;
const TIMELINE_MOST = 600;

const LANE = 34;
const LEFT = 70;
const WIDTH = 1100;

/** Shape and colour of an event on the timeline; the others are in the table only. */
function mark(event: RunEvent, x: number, y: number): string {
  const title = `<title>${escapeHtml(`boot ${event.boot}, cycle ${grouped(event.cycle)}: ${describeEvent(event)}`)}</title>`;
  const at = x.toFixed(1);
  switch (event.kind) {
    case 'demarcation':
      return `<g>${title}<line x1="${at}" x2="${at}" y1="${y - 9}" y2="${y + 9}" stroke="var(--capture)" stroke-width="2"/></g>`;
    case 'commit':
      return `<g>${title}<circle cx="${at}" cy="${y}" r="5" fill="var(--commit)"/></g>`;
    case 'recovered':
      return `<g>${title}<path d="M${at} ${y - 7}l7 7l-7 7l-7 -7z" fill="var(--recover)"/></g>`;
    case 'cut':
      return `<g>${title}<path d="M${x - 6} ${y - 6}L${x + 6} ${y + 6}M${x + 6} ${y - 6}L${x - 6} ${y + 6}" stroke="var(--bad)" stroke-width="3"/></g>`;
    case 'panic':
    case 'abandoned':
      return `<g>${title}<path d="M${at} ${y - 8}l8 14h-16z" fill="var(--bad)"/></g>`;
    default:
      return '';
  }
}

function timeline(result: RunResult): string {
  const ends: number[] = [];
  for (const event of result.events) ends[event.boot] = Math.max(ends[event.boot] ?? 1, event.cycle);
  const longest = Math.max(1, ...ends.filter((end) => end !== undefined));
  const scale = (WIDTH - LEFT - 20) / longest;
  const lanes = ends.map((end, boot) => {
    const y = 24 + boot * LANE;
    return (
      `<text x="8" y="${y + 5}">boot ${boot}</text>` +
      `<line x1="${LEFT}" x2="${(LEFT + end * scale).toFixed(1)}" y1="${y}" y2="${y}" stroke="var(--muted)" stroke-width="2"/>`
    );
  });
  const marks = result.events.map((event) => mark(event, LEFT + event.cycle * scale, 24 + event.boot * LANE));
  const height = 24 + ends.length * LANE;
  return (
    scroll(
      `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Timeline of each boot; the table below says the same">` +
        `${lanes.join('')}${marks.join('')}</svg>`,
    ) +
    '<p><span aria-hidden="true">❘</span> demarcation, <span aria-hidden="true">●</span> commit, ' +
    '<span aria-hidden="true">◆</span> recovery, <span aria-hidden="true">✕</span> power cut, ' +
    '<span aria-hidden="true">▲</span> panic or abandoned snapshot; the scale is cycles since power-on</p>'
  );
}

function consoleText(lines: readonly ConsoleLine[], most: number): string {
  const { first, left, last } = excerpt(lines, most);
  let boot = 0;
  const line = (one: ConsoleLine) => {
    const head = one.boot !== boot ? `<span class="cut">--- power cut, boot ${one.boot} ---</span>\n` : '';
    boot = one.boot;
    return `${head}${escapeHtml(one.text)}${one.torn ? '<span class="torn"> (torn)</span>' : ''}`;
  };
  return [...first.map(line), ...(left > 0 ? [`… ${grouped(left)} more lines …`] : []), ...last.map(line)].join('\n');
}

export function renderHtml(result: RunResult): string {
  const findings = result.findings.map((finding) => {
    const pages = finding.pages.length > 0 ? ` Pages: ${finding.pages.join(', ')}.` : '';
    return `<li><strong>${finding.property}</strong> boot ${finding.boot}, cycle ${grouped(finding.cycle)}: ${escapeHtml(finding.message)}.${pages}</li>`;
  });
  const cuts = result.cuts.map((cut) => [
    String(cut.boot),
    grouped(cut.cycle),
    escapeHtml(describeCut(cut)),
    String(cut.demarcated),
    String(cut.committed),
    cut.recovered === null ? 'not booted again' : String(cut.recovered),
  ]);
  const events = excerpt(result.events, TIMELINE_MOST);
  const eventRow = (event: RunEvent) => [String(event.boot), grouped(event.cycle), escapeHtml(describeEvent(event))];
  const eventRows = [
    ...events.first.map(eventRow),
    ...(events.left > 0 ? [['', '', `… ${grouped(events.left)} more …`]] : []),
    ...events.last.map(eventRow),
  ];
  const body = `<p>${commandPurpose(result)}:</p>
${command(result.repeat)}
<h2>Properties</h2>
${propertyTable(result.properties)}
${findings.length > 0 ? `<h2>Findings</h2>\n<ul>${findings.join('\n')}</ul>` : ''}
${
  cuts.length > 0
    ? `<h2>Power cuts</h2>\n${table(['Boot', 'Cycle', 'What happened', 'Demarcated', 'Committed', 'Recovered'], cuts, [0, 1, 3, 4, 5])}`
    : ''
}
<h2>Timeline</h2>
${timeline(result)}
${details('The timeline as a table', table(['Boot', 'Cycle', 'Event'], eventRows, [0, 1]))}
<h2>Console</h2>
<pre tabindex="0">${consoleText(result.console, CONSOLE_MOST)}</pre>
<h2>Kernel log</h2>
${details(plural(result.kernelLog.length, 'line'), `<pre tabindex="0">${consoleText(result.kernelLog, CONSOLE_MOST)}</pre>`)}
<h2>Conditions</h2>
${definitions(conditions(result))}`;
  return page(result.verdict.text, result.verdict.outcome, body);
}
