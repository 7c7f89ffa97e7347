/** What a finding shows, as text: the lanes of each boot drawn over its cycles and what is in them line by line, pages that differ, a behaviour. */
import type { PageDifference, Span, TraceStep } from './campaign.js';
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

/** Lines of a page that differ, as a diff: `-` what must be there, `+` what was found. */
export function renderDifference({ lines }: NonNullable<PageDifference['content']>): string[] {
  const spaced = (hex: string): string => hex.replace(/..(?!$)/g, (byte) => `${byte} `);
  return lines.flatMap(({ offset, expected, found }) => {
    const at = offset.toString(16).padStart(3, '0');
    return [`- ${at} ${spaced(expected)}`, `+ ${at} ${spaced(found)}`];
  });
}

/** A behaviour as text: the first state whole, then what changes, of a function only the places that do. */
export function renderBehaviour(steps: readonly TraceStep[]): string[] {
  return steps.flatMap(({ action, variables }, i) => {
    const shown = variables.filter(({ changed }) => i === 0 || changed);
    return [
      `  ${String(i + 1).padStart(2)} ${action}`,
      ...shown.map(({ name, value, changed }) => {
        if (!changed) return `        ${name} = ${value}`;
        return `     -> ${name} = ${changedPlaces(steps[i - 1], name, value)}`;
      }),
    ];
  });
}

/** The places of a function `a :> x @@ b :> y` that are not as in the step before, and how many are; any other value whole. */
export function changedPlaces({ variables }: TraceStep, name: string, value: string): string {
  const before = variables.find((one) => one.name === name)?.value ?? '';
  const places = placesOf(value);
  if (places.length < 2) return value;
  const known = new Set(placesOf(before));
  const other = places.filter((place) => !known.has(place));
  if (other.length === 0) return value;
  const same = places.length - other.length;
  return same === 0 ? value : `${other.join(' @@ ')} (and ${same} as before)`;
}

const JOINED = ' @@ ';

/** The places of a function, split where no bracket is open. */
function placesOf(value: string): string[] {
  const text = value.startsWith('(') && value.endsWith(')') ? value.slice(1, -1) : value;
  const places: string[] = [];
  let [depth, from] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    if ('([{<'.includes(text[i])) depth++;
    else if (')]}'.includes(text[i]) || (text[i] === '>' && text[i - 1] !== '-' && text[i - 1] !== ':')) depth--;
    if (depth !== 0 || !text.startsWith(JOINED, i)) continue;
    places.push(text.slice(from, i));
    from = i + JOINED.length;
  }
  return [...places, text.slice(from)];
}
