/** A timeline as text: the lanes of each boot drawn over its cycles, then what is in them, line by line. */
import type { Span } from './campaign.js';
import { grouped } from './facts.js';

const WIDTH = 72;
const LANES: readonly Span['lane'][] = ['threads', 'snapshot', 'disk', 'faults', 'power'];
/** Of a lane: what lasts, and what takes no time. */
const MARKS: Readonly<Record<Span['lane'], readonly [string, string]>> = {
  threads: ['-', 'o'],
  snapshot: ['#', '#'],
  disk: ['=', '='],
  faults: ['!', '!'],
  power: ['_', 'X'],
};

/** One string a line. */
export function renderLanes(timeline: readonly Span[]): string[] {
  const boots = [...new Set(timeline.map(({ boot }) => boot))].sort((a, b) => a - b);
  return boots.flatMap((boot) => {
    const spans = timeline.filter((span) => span.boot === boot);
    const end = Math.max(1, ...spans.map(({ to }) => to));
    const column = (cycle: number): number => Math.min(WIDTH - 1, Math.floor((cycle * WIDTH) / end));
    const drawn = LANES.map((lane) => {
      const row = Array.from({ length: WIDTH }, () => ' ');
      const own = spans.filter((span) => span.lane === lane);
      const [lasting, instant] = MARKS[lane];
      for (const { from, to } of own) if (to > from) row.fill(lasting, column(from), column(to) + 1);
      for (const { from, to } of own) if (to === from) row[column(from)] = instant;
      return `  ${lane.padEnd(8)} |${row.join('')}|`;
    });
    const digits = Math.max(...spans.map(({ to }) => grouped(to).length));
    const lines = spans.map(({ lane, from, to, label }) => {
      const until = to === from ? ''.padEnd(digits + 3) : ` - ${grouped(to).padStart(digits)}`;
      return `  ${grouped(from).padStart(digits)}${until}  ${lane.padEnd(8)}  ${label}`;
    });
    return [`boot ${boot}, ${grouped(end)} cycles:`, ...drawn, ...lines];
  });
}

/** A behaviour as text; what changed stands behind an arrow. */
export function renderBehaviour(
  steps: readonly {
    readonly action: string;
    readonly variables: readonly { readonly name: string; readonly value: string; readonly changed: boolean }[];
  }[],
): string[] {
  return steps.flatMap(({ action, variables }, i) => {
    // All of the first state, then what changes.
    const shown = variables.filter(({ changed }) => i === 0 || changed);
    return [
      `  ${String(i + 1).padStart(2)} ${action}`,
      ...shown.map(({ name, value, changed }) => `     ${changed ? '->' : '  '} ${name} = ${value}`),
    ];
  });
}
