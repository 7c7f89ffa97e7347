// Comments of a specification, as far as they belong to something: what stands directly above it, or behind it on its line.
import { existsSync, readFileSync } from 'node:fs';
import type { Span } from '../syntax/source.js';

export class Comments {
  private readonly files = new Map<string, readonly string[]>();

  /** @param texts of files that are not on the disk, by the name in their spans */
  constructor(texts: Readonly<Record<string, string>> = {}) {
    for (const [file, text] of Object.entries(texts)) this.files.set(file, text.split('\n'));
  }

  private lines(file: string): readonly string[] {
    let lines = this.files.get(file);
    if (!lines) this.files.set(file, (lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []));
    return lines;
  }

  /** The comment of what is defined or declared at a place; no lines where there is none. */
  of(span: Span): string[] {
    const lines = this.lines(span.file);
    const above = this.above(lines, span.line - 2);
    const behind = /\\\*+\s*(.*?)\s*$/.exec(lines[span.line - 1] ?? '');
    const upper = (lines[span.line - 1] ?? '').slice(0, span.column - 1).trim() === '' ? above : [];
    return [...upper, ...(behind?.[1] ? [behind[1]] : [])];
  }

  /** What the module says about itself: before its first line, and after it before anything is declared. */
  head(file: string): string[] {
    const lines = this.lines(file);
    const start = lines.findIndex((line) => /-{4,}\s*MODULE\b/.test(line));
    const before = lines
      .slice(0, Math.max(0, start))
      .map(plain)
      .filter((line) => line !== '');
    let end = start + 1;
    while (/^\s*(EXTENDS\b.*)?$/.test(lines[end] ?? 'x')) end++;
    const first = end;
    while (end < lines.length && isComment(lines, first, end)) end++;
    const after = lines.slice(first, end).map(plain);
    return [...before, ...trimmed(after)];
  }

  private above(lines: readonly string[], last: number): string[] {
    const line = lines[last]?.trim() ?? '';
    if (/^\\\*/.test(line)) {
      let first = last;
      while (/^\s*\\\*/.test(lines[first - 1] ?? '')) first--;
      return trimmed(lines.slice(first, last + 1).map(plain));
    }
    if (line.endsWith('*)') && (line.startsWith('(*') || !line.includes('(*'))) {
      let first = last;
      while (first > 0 && !lines[first].trim().startsWith('(*')) first--;
      while (/^\s*\(\*.*\*\)\s*$/.test(lines[first - 1] ?? '')) first--;
      return trimmed(lines.slice(first, last + 1).map(plain));
    }
    return [];
  }
}

function isComment(lines: readonly string[], first: number, at: number): boolean {
  const line = lines[at].trim();
  if (line.startsWith('\\*') || line.startsWith('(*')) return true;
  const before = lines.slice(first, at).join('\n');
  return before.lastIndexOf('(*') > before.lastIndexOf('*)');
}

/** A line without what makes it a comment. */
function plain(line: string): string {
  return line
    .trim()
    .replace(/^\(\*+\)$/, '')
    .replace(/^\\\*+ ?/, '')
    .replace(/^\(\*+ ?/, '')
    .replace(/\s*\*+\)$/, '')
    .replace(/^[-*=]{4,}$/, '')
    .trimEnd();
}

function trimmed(lines: readonly string[]): string[] {
  const result = [...lines];
  while (result[0] === '') result.shift();
  while (result[result.length - 1] === '') result.pop();
  return result;
}

/** A documentation comment. */
export function documentation(lines: readonly string[]): string[] {
  const safe = lines.map((line) => line.replace(/\*\//g, '* /'));
  if (safe.length === 0) return [];
  if (safe.length === 1 && safe[0].length < 110) return [`/** ${safe[0]} */`];
  return ['/**', ...safe.map((line) => ` * ${line}`.trimEnd()), ' */'];
}
