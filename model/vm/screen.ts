/**
 * What a terminal on a screen of its own shows: 80 x 25 cells, written by what it prints (ARCHITECTURE.md has the control sequences it
 * knows).
 *
 * Rule: characters and sequences mean what ECMA-48 says; a line's end begins the next line, the character behind the last column begins a
 * line, and what is erased or scrolled in has the attribute of the moment.
 */

const COLUMNS = 80;
const ROWS = 25;
const USUAL = 0x07;
/** Red, green, blue of the screen's colours: bit 0 blue, 1 green, 2 red, 3 bright; 6 is brown. */
const COLOURS = Array.from({ length: 16 }, (_, colour) => {
  const bright = colour & 8 ? 85 : 0;
  const rgb = [4, 2, 1].map((bit) => (colour & bit ? 170 : 0) + bright);
  return colour === 6 ? [170, 85, 0] : rgb;
});

/** Colour n of ECMA-48: bit 0 red, 1 green, 2 blue. */
const ansi = (n: number): number => [0, 4, 2, 6, 1, 5, 3, 7][n];

export class Screen {
  readonly cells: number[] = new Array(COLUMNS * ROWS).fill((USUAL << 8) | 0x20);
  column = 0;
  row = 0;
  attribute = USUAL;
  /** What came of an escape sequence that has not ended. */
  private pending = '';

  constructor(readonly number: number) {}

  put(text: string): void {
    for (const character of text) this.take(character);
  }

  private take(character: string): void {
    if (this.pending === '') {
      this.plain(character);
      return;
    }
    const sequence = this.pending + character;
    this.pending = '';
    if (sequence.startsWith('\x1b]')) {
      // A command ends with BEL or ESC \; what follows another ESC is the command's.
      const ends = character === '\x07' ? !sequence.endsWith('\x1b\x07') : sequence.endsWith('\x1b\\');
      if (!ends)
        this.pending =
          sequence.length > 2 && sequence.at(-2) === '\x1b' ? '\x1b]' : `\x1b]${character === '\x1b' ? character : ''}`;
    } else if (sequence === '\x1b[' || sequence === '\x1b]') {
      this.pending = sequence;
    } else if (sequence === '\x1bc') {
      this.attribute = USUAL;
      this.move(0, 0);
      this.erase(0, COLUMNS * ROWS);
    } else if (sequence.startsWith('\x1b[')) {
      if (character === '\x1b') this.pending = character;
      else if (character >= '@' && character !== '\x7f') this.execute(sequence.slice(2, -1), character);
      else this.pending = sequence;
    }
  }

  private plain(character: string): void {
    const code = character.charCodeAt(0);
    if (character === '\x1b') this.pending = character;
    else if (character === '\b') this.column = Math.max(0, this.column - 1);
    else if (character === '\t') this.column = Math.min(COLUMNS - 1, 8 * (Math.floor(this.column / 8) + 1));
    else if (character === '\n') this.newLine();
    else if (character === '\r') this.column = 0;
    else if (code >= 0x20 && code !== 0x7f) {
      if (this.column === COLUMNS) this.newLine();
      this.cells[this.row * COLUMNS + this.column++] = code | (this.attribute << 8);
    }
  }

  private get blank(): number {
    return 0x20 | (this.attribute << 8);
  }

  private newLine(): void {
    this.column = 0;
    if (this.row + 1 < ROWS) {
      this.row++;
      return;
    }
    this.cells.splice(0, COLUMNS);
    this.cells.push(...new Array<number>(COLUMNS).fill(this.blank));
  }

  private erase(from: number, to: number): void {
    this.cells.fill(this.blank, from, Math.max(from, to));
  }

  private move(row: number, column: number): void {
    this.row = Math.min(ROWS - 1, Math.max(0, row));
    this.column = Math.min(COLUMNS - 1, Math.max(0, column));
  }

  /** `text`: the parameters, at most eight of them, each at most 255. */
  private execute(text: string, final: string): void {
    const values = text
      .split(';')
      .slice(0, 8)
      .map((digits) => Math.min(255, Number(digits.replace(/\D/g, '') || '0')));
    const ordinal = (n: number): number => values[n] || 1;
    const { row, column } = this;
    const cursor = row * COLUMNS + column;
    const ranges = (from: number, to: number): readonly [number, number][] => [
      [cursor, to],
      [from, Math.min(cursor, to - 1) + 1],
      [from, to],
    ];
    switch (final) {
      case 'A':
        this.move(row - ordinal(0), column);
        return;
      case 'B':
        this.move(row + ordinal(0), column);
        return;
      case 'C':
        this.move(row, column + ordinal(0));
        return;
      case 'D':
        this.move(row, column - ordinal(0));
        return;
      case 'G':
        this.move(row, ordinal(0) - 1);
        return;
      case 'd':
        this.move(ordinal(0) - 1, column);
        return;
      case 'H':
      case 'f':
        this.move(ordinal(0) - 1, ordinal(1) - 1);
        return;
      case 'J':
        if (values[0] <= 2) this.erase(...ranges(0, COLUMNS * ROWS)[values[0]]);
        return;
      case 'K':
        if (values[0] <= 2) this.erase(...ranges(row * COLUMNS, (row + 1) * COLUMNS)[values[0]]);
        return;
      case 'm':
        this.select(values);
    }
  }

  private select(values: readonly number[]): void {
    const foreground = (colour: number): number => (this.attribute & 0xf0) | colour;
    const background = (colour: number): number => (this.attribute & 0x0f) | (colour << 4);
    for (let i = 0; i < values.length; i++) {
      const code = values[i];
      if (code === 38 || code === 48) {
        // Colours of a palette, and what is cut short, are not known, and neither is what follows.
        if (values[i + 1] !== 2 || i + 4 >= values.length) return;
        const rgb = values.slice(i + 2, i + 5);
        this.attribute = code === 38 ? foreground(nearest(rgb, 16)) : background(nearest(rgb, 8));
        i += 4;
      } else if (code === 0) this.attribute = USUAL;
      else if (code === 1) this.attribute |= 8;
      else if (code === 22) this.attribute &= ~8;
      else if (code === 7) {
        const { attribute } = this;
        this.attribute = ((attribute & 7) << 4) | ((attribute >> 4) & 7) | (attribute & 8);
      } else if (code === 39) this.attribute = foreground(USUAL);
      else if (code === 49) this.attribute = background(0);
      else if (code >= 30 && code <= 37) this.attribute = foreground((this.attribute & 8) | ansi(code - 30));
      else if (code >= 90 && code <= 97) this.attribute = foreground(8 | ansi(code - 90));
      else if (code >= 40 && code <= 47) this.attribute = background(ansi(code - 40));
      else if (code >= 100 && code <= 107) this.attribute = background(ansi(code - 100));
    }
  }
}

/** Of the first `count` colours the nearest, the first of several. */
function nearest(rgb: readonly number[], count: number): number {
  const distances = COLOURS.slice(0, count).map((colour) =>
    colour.reduce((sum, part, i) => sum + (part - rgb[i]) ** 2, 0),
  );
  return distances.indexOf(Math.min(...distances));
}
