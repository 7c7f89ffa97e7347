/**
 * A finding in the HTML report: what failed, the line to paste, then what happened, in lanes and as a table, the content that differs, when
 * it became inevitable, and where the specification was left.
 */
import type { FindingFile, PageDifference, TraceStep } from './campaign.js';
import { shrinkingOf } from './campaign-facts.js';
import { grouped, plural } from './facts.js';
import { changedPlaces } from './lanes.js';
import { command, details, escapeHtml, scroll, table } from './page.js';
import { lanesPlot, likelihoodPlot } from './plots.js';

const SPANS_MOST = 300;
/** Of a behaviour the last steps are those that matter; a report stays below a megabyte. */
const STEPS_MOST = 60;
/** Longest value of a variable that is shown. */
const VALUE_MOST = 4000;

export function findingSection(finding: FindingFile): string {
  const { id, property, workload, seed, message, timeline, pages, likelihood, trace } = finding;
  const parts = [
    `<h3 id="${id}">${property} in ${escapeHtml(workload)}, seed ${seed}</h3>`,
    `<p class="failed">${escapeHtml(message)}</p>`,
    command(finding.command),
    `<p>As a file: <code>finding-${id}.json</code>, for <code>npx phantom replay</code>. The plan was ${escapeHtml(shrinkingOf(finding))}.</p>`,
  ];
  if (timeline.length > 0) {
    const spans = timeline
      .slice(-SPANS_MOST)
      .map(({ boot, from, to, lane, label }) => [String(boot), grouped(from), grouped(to), lane, escapeHtml(label)]);
    const head = ['Boot', 'From cycle', 'To cycle', 'Lane', 'What'];
    const left = timeline.length - spans.length;
    const summary = `The lanes as a table${left > 0 ? `, without the first ${grouped(left)}` : ''}`;
    parts.push(lanesPlot(finding), details(summary, table(head, spans, [0, 1, 2])));
  }
  if (pages.length > 0)
    parts.push(`<h4>${plural(pages.length, 'page')} of memory that differ</h4>`, ...pagesPart(pages));
  if (likelihood.length > 0) {
    const cells = likelihood.map(({ boot, cycle, tried, failed }) => [boot, cycle, tried, failed].map(grouped));
    const head = ['Boot', 'Cycle', 'Runs', 'Failed'];
    parts.push('<h4>When it became inevitable</h4>', likelihoodPlot(finding));
    parts.push(details('The moments as a table', table(head, cells, [0, 1, 2, 3])));
  }
  if (trace.length > 0) parts.push(tracePart(trace));
  return `<article>${parts.join('\n')}</article>`;
}

/** Pages with their content first; the others are one list of hashes. */
function pagesPart(pages: readonly PageDifference[]): string[] {
  const known = pages.filter(({ content }) => content !== undefined);
  const others = pages.filter(({ content }) => content === undefined);
  const hashes = others.map(({ page, expected, found }) => [String(page), expected ?? 'nothing', found ?? 'nothing']);
  return [
    ...known.map(contentPart),
    ...(others.length === 0
      ? []
      : [details(`${plural(others.length, 'page')} by hash`, table(['Page', 'Expected', 'Found'], hashes, [0]))]),
  ];
}

function contentPart({ page, content }: PageDifference): string {
  if (content === undefined) return '';
  const { bytes, lines } = content;
  const cells = lines.map(({ offset, expected, found }) => [
    `<code>${offset.toString(16).padStart(3, '0')}</code>`,
    ...[
      [expected, found],
      [found, expected],
    ].map(([own, other]) => `<code>${markedBytes(own, other)}</code>`),
  ]);
  const what = `Page ${page}: ${plural(bytes, 'byte')} of 4 096 differ${bytes === 1 ? 's' : ''}`;
  const left = lines.length * 16 < 4096 ? '; the first lines of 16 bytes that have one' : '';
  return `<p>${what}${left}:</p>${table(['Offset', 'Expected, at the demarcation', 'Found'], cells)}`;
}

/** Hexadecimal and as text; what is not as in `other` is marked, by brackets too. */
function markedBytes(own: string, other: string): string {
  const [mine, theirs] = [own, other].map((text) => [...Buffer.from(text, 'hex')]);
  const differs = (i: number): boolean => mine[i] !== theirs[i];
  const hex = mine.map((byte, i) => {
    const text = byte.toString(16).padStart(2, '0');
    return differs(i) ? `<mark>${text}</mark>` : text;
  });
  const letters = mine.map((byte, i) => {
    const letter = escapeHtml(byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');
    return differs(i) ? `<mark>${letter}</mark>` : letter;
  });
  return `${hex.join(' ')}  ${letters.join('')}`;
}

/** The behaviour: of each step the action and what it changed; the first state and the last ones whole below. */
function tracePart(trace: readonly TraceStep[]): string {
  const shown = trace.slice(-STEPS_MOST);
  const first = trace.length - shown.length;
  const clipped = (value: string): string =>
    escapeHtml(value.length > VALUE_MOST ? `${value.slice(0, VALUE_MOST)} …` : value);
  const cells = shown.map(({ action, variables }, i) => {
    const before = trace[first + i - 1];
    const all = variables.flatMap(({ name, value, changed }) => {
      if (before === undefined)
        return changed
          ? `<mark>${escapeHtml(name)} = ${clipped(value)} ←</mark>`
          : `${escapeHtml(name)} = ${clipped(value)}`;
      return changed ? `<mark>${escapeHtml(name)} = ${clipped(changedPlaces(before, name, value))} ←</mark>` : [];
    });
    return [String(first + i + 1), escapeHtml(action), all.join('<br>') || 'nothing changed'];
  });
  const last = trace[trace.length - 1];
  const state = last.variables.map(({ name, value, changed }) => {
    const text = `${escapeHtml(name)} = ${clipped(value)}`;
    return changed ? `<mark>${text} ←</mark>` : text;
  });
  const earlier = first > 0 ? `, the last ${shown.length} of ${grouped(trace.length)} steps` : '';
  return [
    '<h4>The behaviour of the specification, up to where what was observed left it</h4>',
    details(
      `${plural(trace.length, 'step')}; ← marks what a step changed${earlier}`,
      table(['Step', 'Action', 'What it changed'], cells, [0]),
    ),
    details('The last state whole', scroll(`<p><code>${state.join('<br>')}</code></p>`)),
  ].join('\n');
}
