/**
 * Source text and places in it.
 *
 * A line ends with CR LF, LF or CR. Lines and columns count from 1; a column is a UTF-16 unit, as in editors.
 */

/** Characters `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

export class Source {
  private readonly lineStarts: number[] = [0];

  constructor(
    /** As messages show it. */
    readonly file: string,
    readonly text: string,
  ) {
    for (const match of text.matchAll(/\r\n|\n|\r/g)) this.lineStarts.push(match.index + match[0].length);
  }

  lineOf(offset: number): number {
    let low = 0;
    let high = this.lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.lineStarts[middle] <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  position(offset: number): Position {
    const line = this.lineOf(offset);
    return { line, column: offset - this.lineStarts[line - 1] + 1 };
  }

  /** A line without its end; empty for a line that is not there. */
  lineText(line: number): string {
    const start = this.lineStarts[line - 1];
    if (start === undefined) return '';
    return this.text.slice(start, this.lineStarts[line]).replace(/[\r\n]+$/, '');
  }
}
