/**
 * The machine's text screen on this terminal: drawn anew where somebody looks while the run goes on, printed in a frame where not.
 *
 * The rule: colours are those of the cells, in ECMA-48's sixteen; a terminal that is smaller shows the top left.
 */
import { SCREEN_COLUMNS, SCREEN_ROWS, type ScreenView, screenRow } from '../hardware-sim/index.js';

/** Light grey on black: how a terminal shows text anyway. */
const USUAL = 0x07;

/** A colour of the screen as ECMA-48 numbers it: red and blue the other way round. */
const ansi = (colour: number): number => ((colour & 1) << 2) | (colour & 2) | ((colour >> 2) & 1);

function select(attribute: number): string {
  if (attribute === USUAL) return '\x1b[0m';
  const foreground = (attribute & 8 ? 90 : 30) + ansi(attribute);
  return `\x1b[0;${foreground};${40 + ansi(attribute >> 4)}m`;
}

function coloured(view: ScreenView, row: number): string {
  let line = '';
  let before = USUAL;
  for (const [column, character] of screenRow(view, row).entries()) {
    const attribute = view.cells[2 * (row * SCREEN_COLUMNS + column) + 1];
    if (attribute !== before) line += select(attribute);
    before = attribute;
    line += character;
  }
  return before === USUAL ? line : `${line}\x1b[0m`;
}

/** The screen in a frame, without the empty rows at its end. */
export function printedScreen(view: ScreenView): string {
  const rows = Array.from({ length: SCREEN_ROWS }, (_, row) => screenRow(view, row).join(''));
  while (rows.length > 1 && rows[rows.length - 1].trim() === '') rows.pop();
  const edge = '─'.repeat(SCREEN_COLUMNS);
  return [`┌${edge}┐`, ...rows.map((row) => `│${row}│`), `└${edge}┘`].join('\n');
}

/** Draws the screen where it was before, when it has changed. */
export class LiveScreen {
  private drawn = '';

  constructor(private readonly write: (text: string) => void) {}

  /** `last`: what comes next goes below it. */
  show(view: ScreenView, last: boolean): void {
    const rows = Array.from({ length: SCREEN_ROWS }, (_, row) => coloured(view, row)).join('\x1b[K\r\n');
    const { cursor } = view;
    const place = last || cursor === undefined ? `${SCREEN_ROWS + 1};1` : `${cursor.row + 1};${cursor.column + 1}`;
    const text = `\x1b[H${rows}\x1b[K\r\n\x1b[J\x1b[${place}H`;
    if (text === this.drawn) return;
    this.drawn = text;
    this.write(text);
  }
}
