/**
 * The plots of a campaign's report: SVG made where the report is made (Observable Plot on a document that is no browser's), coloured by
 * the page's own variables. Each has a label; the table beside it says the same.
 */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { CoverageCell, FindingFile, MutantResult, Span } from './campaign.js';
import { grouped } from './facts.js';
import type { CampaignSummary } from './history.js';
import { escapeHtml, scroll } from './page.js';

const WIDTH = 1000;
const TREND_WIDTH = 400;
const LANES = ['threads', 'snapshot', 'disk', 'faults', 'power'] as const;
const LANE_COLOURS: Readonly<Record<Span['lane'], string>> = {
  threads: 'var(--muted)',
  snapshot: 'var(--capture)',
  disk: 'var(--commit)',
  faults: 'var(--warn)',
  power: 'var(--bad)',
};

/** Lanes that are never empty: what happens in them is told by its marks. */
const QUIET: ReadonlySet<Span['lane']> = new Set(['threads', 'power']);
/** Of a letter of a label, in the plot's own units. */
const LETTER_WIDTH = 7.5;

/** Of ticks with long names. */
const TICK_ANGLE = Math.PI / 7;

/** Room for the longest of some labels. */
function longest(labels: readonly string[]): number {
  return LETTER_WIDTH * Math.max(...labels.map(({ length }) => length));
}

/** What of a span's label, up to its first comma or semicolon, has room in its bar. */
function fitting({ from, to, label }: Span, end: number): string {
  const [first] = label.split(/[,;]/);
  return first.length * LETTER_WIDTH + 12 < ((to - from) / end) * (WIDTH - 100) ? first : '';
}

/** The plot as markup, in a figure that says what it shows. */
function figure(caption: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!DOCTYPE html><html><body></body></html>');
  const svg = Plot.plot({
    width: WIDTH,
    marginBottom: 40,
    ...options,
    document: document as unknown as Plot.PlotOptions['document'],
  });
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', caption);
  return `<figure>${scroll(svg.outerHTML)}<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

/** What threads, snapshots, disk, faults and power did in the last boots of a finding, lane by lane. */
export function lanesPlot({ timeline }: FindingFile): string {
  const boots = [...new Set(timeline.map(({ boot }) => boot))].sort((a, b) => a - b);
  return boots
    .map((boot) => {
      const spans = timeline.filter((span) => span.boot === boot);
      const end = Math.max(1, ...spans.map(({ to }) => to));
      const lasting = spans.filter(({ from, to }) => to > from);
      // What takes no time is drawn as wide as a line.
      const instants = spans
        .filter(({ from, to }) => to === from)
        .map((span) => ({ ...span, to: span.from + end / 400 }));
      const fill = ({ lane }: Span): string => LANE_COLOURS[lane];
      const place = { x1: 'from', x2: 'to', y: 'lane', fill, title: 'label', insetTop: 3, insetBottom: 3 } as const;
      return figure(`Boot ${boot}: lanes over cycles since power-on; the table below says what each mark is`, {
        height: 60 + 30 * LANES.length,
        marginLeft: 80,
        marginRight: 40,
        x: { label: 'cycles', domain: [0, end * 1.005], tickFormat: grouped },
        y: { label: null, domain: [...LANES] },
        marks: [
          Plot.barX(lasting, { ...place, fillOpacity: ({ lane }: Span) => (QUIET.has(lane) ? 0.3 : 0.55) }),
          Plot.text(lasting, {
            x: 'from',
            y: 'lane',
            dx: 6,
            textAnchor: 'start',
            text: (span: Span) => fitting(span, end),
            fill: 'var(--ink)',
          }),
          Plot.barX(instants, { ...place, insetTop: 1, insetBottom: 1 }),
        ],
      });
    })
    .join('\n');
}

/** Share of the runs begun at each moment that failed: where it rises the failure became inevitable. */
export function likelihoodPlot({ likelihood }: FindingFile): string {
  const points = likelihood.map(({ boot, cycle, tried, failed }, at) => ({
    at,
    share: tried === 0 ? 0 : failed / tried,
    label: `boot ${boot}, cycle ${cycle}: ${failed} of ${tried} runs failed`,
  }));
  return figure('Share of runs that fail when begun at each moment, in the order of time', {
    height: 200,
    x: { label: 'moment', ticks: points.map(({ at }) => at), tickFormat: (at: number) => String(at + 1) },
    y: { label: 'failed', domain: [0, 1], percent: false, grid: true },
    marks: [
      Plot.lineY(points, { x: 'at', y: 'share', stroke: 'var(--bad)', curve: 'step-after' }),
      Plot.dot(points, { x: 'at', y: 'share', fill: 'var(--bad)', title: 'label' }),
    ],
  });
}

/** Mixtures in flight that have a line of their own in the plot of coverage; the others share one. */
const MIXTURES_MOST = 30;

/** How many crash states were of which state of the kernel with what on its way to the disk. */
export function coveragePlot(coverage: readonly CoverageCell[]): string {
  const sums = new Map<string, number>();
  for (const { inFlight, count } of coverage) sums.set(inFlight, (sums.get(inFlight) ?? 0) + count);
  const mixtures = [...sums].sort(([, a], [, b]) => b - a).map(([name]) => name);
  const own = new Set(mixtures.slice(0, MIXTURES_MOST));
  const others = `${mixtures.length - own.size} others`;
  const cells = new Map<string, { kernel: string; inFlight: string; count: number }>();
  for (const one of coverage) {
    const inFlight = own.has(one.inFlight) ? one.inFlight : others;
    const key = `${one.kernel}\n${inFlight}`;
    cells.set(key, { kernel: one.kernel, inFlight, count: (cells.get(key)?.count ?? 0) + one.count });
  }
  const all = [...cells.values()];
  const lines = [...own, ...(own.size < mixtures.length ? [others] : [])];
  const label = ({ kernel, inFlight, count }: (typeof all)[number]) => `${kernel}, ${inFlight}: ${count}`;
  return figure('Crash states by what the kernel was about (across) and what was on its way to the disk (down)', {
    height: 60 + 26 * lines.length + longest(all.map(({ kernel }) => kernel)) * Math.sin(TICK_ANGLE),
    marginLeft: Math.min(420, longest(lines) + 20),
    marginBottom: longest(all.map(({ kernel }) => kernel)) * Math.sin(TICK_ANGLE) + 40,
    x: { label: null, tickRotate: (-TICK_ANGLE * 180) / Math.PI },
    y: { label: null, domain: lines },
    opacity: { type: 'log', range: [0.12, 0.75] },
    marks: [
      Plot.cell(all, {
        x: 'kernel',
        y: 'inFlight',
        fill: 'var(--capture)',
        fillOpacity: 'count',
        title: label,
        inset: 1,
      }),
      Plot.text(all, {
        x: 'kernel',
        y: 'inFlight',
        text: ({ count }) => grouped(count),
        fill: 'var(--ink)',
      }),
    ],
  });
}

/** A figure that campaigns have in the course of time; undefined where one has it not. */
export interface TrendFigure {
  readonly name: string;
  readonly unit: string;
  readonly of: (campaign: CampaignSummary) => number | undefined;
}

const measured = (name: string, unit: string): TrendFigure => ({
  name,
  unit,
  of: ({ performance }) => performance.find((one) => one.name === name)?.value,
});

export const TREND_FIGURES: readonly TrendFigure[] = [
  { name: 'findings', unit: '', of: ({ findings }) => findings.length },
  { name: 'crash states judged', unit: '', of: ({ crashStates }) => crashStates },
  { name: 'recovered on the machine', unit: '', of: ({ recoveries }) => recoveries },
  { name: 'cells covered', unit: '', of: ({ cells }) => cells },
  { name: 'mutants killed', unit: '', of: ({ mutants }) => mutants?.killed },
  measured('cut, recovered and verified on the machine', '1/s'),
  measured('crash states', '1/s'),
  measured('time', 's'),
];

export function trendValue({ of }: TrendFigure, campaign: CampaignSummary): string {
  const value = of(campaign);
  if (value === undefined) return '';
  return Number.isInteger(value) ? grouped(value) : String(value);
}

/** One figure of some campaigns, oldest first. */
export function trendPlot(figureOf: TrendFigure, campaigns: readonly CampaignSummary[]): string {
  const { name, unit } = figureOf;
  const points = campaigns.flatMap((campaign, i) => {
    const value = figureOf.of(campaign);
    const label = `${campaign.commit ?? 'no commit'}: ${trendValue(figureOf, campaign)} ${unit}`.trimEnd();
    return value === undefined ? [] : [{ at: i + 1, value, label }];
  });
  const ticks = campaigns.length <= 12 ? points.map(({ at }) => at) : 8;
  return figure(`${name}${unit === '' ? '' : ` in ${unit}`}, campaign by campaign`, {
    width: TREND_WIDTH,
    height: 170,
    marginLeft: 60,
    x: { label: 'campaign', domain: [0.5, campaigns.length + 0.5], ticks, tickFormat: (at: number) => String(at) },
    y: { label: unit === '' ? null : unit, zero: true, grid: true, nice: true, ticks: 4, tickFormat: '~s' },
    marks: [
      Plot.lineY(points, { x: 'at', y: 'value', stroke: 'var(--capture)' }),
      Plot.dot(points, { x: 'at', y: 'value', fill: 'var(--capture)', title: 'label' }),
    ],
  });
}

/** Runs that each mutant survived before it was found out. */
export function mutantsPlot(mutants: readonly MutantResult[]): string {
  return figure('Runs until each mutant was killed (median)', {
    height: 60 + 20 * mutants.length,
    marginLeft: 220,
    x: { label: 'runs', grid: true },
    y: { label: null, domain: mutants.map(({ name }) => name) },
    marks: [
      Plot.barX([...mutants], {
        x: 'runs',
        y: 'name',
        fill: ({ killed, equivalent }) =>
          killed ? 'var(--good)' : equivalent === null ? 'var(--bad)' : 'var(--muted)',
        title: ({ name, killed, runs }) => `${name}: ${killed ? 'killed' : 'survived'}, ${runs} runs`,
      }),
    ],
  });
}
