/**
 * What the compiler has to say: errors, which leave no class file, and warnings, which do.
 *
 * Rule: the reader can act on it. A message says what was expected and what was found, where, and if there is a likely
 * way out, that; one mistake is told once.
 */

import type { Source, Span } from './source.js';

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What to do. */
  readonly suggestion?: string;
  /** The line of the source, and how much of it from the column on is meant. */
  readonly lineText: string;
  readonly width: number;
}

/** Errors of one run; what comes after is counted, not kept. */
const ERRORS_MAX = 100;

export class Diagnostics {
  private readonly list: Diagnostic[] = [];
  private readonly seen = new Set<string>();
  private errors = 0;

  get hasErrors(): boolean {
    return this.errors > 0;
  }

  get isFull(): boolean {
    return this.errors >= ERRORS_MAX;
  }

  error(source: Source, span: Span, message: string, suggestion?: string): void {
    this.add('error', source, span, message, suggestion);
  }

  warn(source: Source, span: Span, message: string, suggestion?: string): void {
    this.add('warning', source, span, message, suggestion);
  }

  /** In the order of files as given, then of places. */
  sorted(files: readonly string[]): Diagnostic[] {
    const rank = (file: string): number => files.indexOf(file) >>> 0;
    return [...this.list].sort((a, b) => rank(a.file) - rank(b.file) || a.line - b.line || a.column - b.column);
  }

  private add(severity: 'error' | 'warning', source: Source, span: Span, message: string, suggestion?: string): void {
    const { line, column } = source.position(span.start);
    const key = `${source.file}:${line}:${column}:${severity === 'error' ? '' : message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (severity === 'error' && ++this.errors > ERRORS_MAX) return;
    const lineText = source.lineText(line);
    const width = Math.max(1, Math.min(span.end - span.start, lineText.length - column + 1));
    this.list.push({ severity, file: source.file, line, column, message, suggestion, lineText, width });
  }
}

/** Longest part of a source line that is shown. */
const SHOWN_MAX = 160;

/** A diagnostic as text: `file:line:column: error: message; suggestion`, the line, a caret. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { severity, file, line, column, message, suggestion, lineText, width } = diagnostic;
  const head = `${file}:${line}:${column}: ${severity}: ${message}${suggestion === undefined ? '' : `; ${suggestion}`}`;
  const from = column > SHOWN_MAX ? column - 1 - SHOWN_MAX / 2 : 0;
  // Control characters would move the caret; a tab moves both lines alike.
  const shown = lineText.slice(from, from + SHOWN_MAX).replace(/[^\t\P{Cc}]/gu, '?');
  const caret = shown.slice(0, column - 1 - from).replace(/[^\t]/g, ' ');
  const underline = `^${'~'.repeat(Math.max(0, Math.min(width, shown.length - (column - 1 - from)) - 1))}`;
  return `${head}\n  ${shown}\n  ${caret}${underline}`;
}

/** Letters to change, add or leave out to get from one word to the other; swapped neighbours count once. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2] + 1);
      row.push(cost);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length];
}

/** `did you mean X?` for the candidate nearest to a word, when one is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  // One letter for another is no slip where the word has only one.
  let least = Math.min(word.length, Math.max(1, Math.floor(word.length / 3)) + 1);
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= least || candidate.length > 64) continue;
    const cost = candidate.toLowerCase() === word.toLowerCase() ? 0.5 : distance(word, candidate);
    if (cost < least && candidate !== word) {
      best = candidate;
      least = cost;
    }
  }
  return best === undefined ? undefined : `did you mean ${best}?`;
}
