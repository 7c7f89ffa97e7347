// Laying out text on lines: a group stands on one line if it fits, else each of its breaks begins a line.
// (P. Wadler, "A prettier printer", 2003.)

export type Layout =
  | string
  | readonly Layout[]
  | { readonly kind: 'group'; readonly inside: Layout }
  | { readonly kind: 'indent'; readonly inside: Layout }
  /** A line break; on one line it is this text instead. `hard`: always a break. */
  | { readonly kind: 'break'; readonly flat: string; readonly hard: boolean }
  /** Text that is printed only where the group is broken. */
  | { readonly kind: 'broken'; readonly text: string };

export const LINE: Layout = { kind: 'break', flat: ' ', hard: false };
export const SOFT: Layout = { kind: 'break', flat: '', hard: false };
export const HARD: Layout = { kind: 'break', flat: '', hard: true };
export const group = (...inside: readonly Layout[]): Layout => ({ kind: 'group', inside });
export const indent = (...inside: readonly Layout[]): Layout => ({ kind: 'indent', inside });
const COMMA: Layout = { kind: 'broken', text: ',' };

export function separated(items: readonly Layout[], between: Layout): Layout[] {
  return items.flatMap((item, i) => (i === 0 ? [item] : [between, item]));
}

/** `open items close` with commas. */
export function list(open: string, items: readonly Layout[], close: string, space: Layout = SOFT): Layout {
  if (items.length === 0) return open + close;
  return group(open, indent(space, ...separated(items, [',', LINE])), COMMA, space, close);
}

/** `callee(args)`; a function as the last argument begins on the same line. */
export function call(callee: string, args: readonly Layout[], last?: { parameters: string; body: Layout }): Layout {
  if (!last) return list(`${callee}(`, args, ')');
  const before = args.flatMap((arg): Layout[] => [arg, ', ']);
  return group(`${callee}(`, ...before, `${last.parameters} =>`, indent(LINE, last.body), COMMA, SOFT, ')');
}

const WIDTH = 120;
const STEP = 2;

interface Piece {
  readonly layout: Layout;
  readonly indentation: number;
  readonly flat: boolean;
}

function isBreakingHard(layout: Layout): boolean {
  if (typeof layout === 'string') return false;
  if (!('kind' in layout)) return layout.some(isBreakingHard);
  if (layout.kind === 'break') return layout.hard;
  return layout.kind !== 'broken' && isBreakingHard(layout.inside);
}

/** Whether the first line of what follows fits into the room. */
function fits(first: Piece, rest: readonly Piece[], room: number): boolean {
  let left = room;
  let next = rest.length;
  const stack: Piece[] = [first];
  while (left >= 0) {
    const piece = stack.pop() ?? rest[--next];
    if (!piece) return true;
    const { layout, flat } = piece;
    if (typeof layout === 'string') left -= layout.length;
    else if (!('kind' in layout)) {
      for (let i = layout.length - 1; i >= 0; i--) stack.push({ ...piece, layout: layout[i] });
    } else if (layout.kind === 'break') {
      if (!flat || layout.hard) return true;
      left -= layout.flat.length;
    } else if (layout.kind === 'broken') left -= flat ? 0 : layout.text.length;
    else stack.push({ ...piece, layout: layout.inside });
  }
  return false;
}

/** The text, without trailing spaces. */
export function print(layout: Layout): string {
  const out: string[] = [];
  let column = 0;
  const stack: Piece[] = [{ layout, indentation: 0, flat: false }];
  for (let piece = stack.pop(); piece; piece = stack.pop()) {
    const { layout: now, indentation, flat } = piece;
    if (typeof now === 'string') {
      out.push(now);
      column += now.length;
    } else if (!('kind' in now)) {
      for (let i = now.length - 1; i >= 0; i--) stack.push({ ...piece, layout: now[i] });
    } else if (now.kind === 'indent') {
      stack.push({ layout: now.inside, indentation: indentation + STEP, flat });
    } else if (now.kind === 'group') {
      const one: Piece = { layout: now.inside, indentation, flat: true };
      const isFlat = flat || (!isBreakingHard(now.inside) && fits(one, stack, WIDTH - column));
      stack.push({ layout: now.inside, indentation, flat: isFlat });
    } else if (now.kind === 'broken') {
      if (!flat) {
        out.push(now.text);
        column += now.text.length;
      }
    } else if (flat && !now.hard) {
      out.push(now.flat);
      column += now.flat.length;
    } else {
      out.push(`\n${' '.repeat(indentation)}`);
      column = indentation;
    }
  }
  return out.join('').replace(/ +$/gm, '');
}
