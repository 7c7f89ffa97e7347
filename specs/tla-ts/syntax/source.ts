// Where things stand in a file, and the errors that say so.
//
// Lines and columns count from 1. A tab advances to the next of the columns 1, 9, 17, ..., as it does for TLA+'s own
// parser: junction lists hang on columns, so both must agree on what a column is.

/** A piece of a file: from its first character to its last one. */
export interface Span {
  /** The module's name, as locations are printed ("line 3, col 5 to line 3, col 9 of module M"). */
  readonly module: string;
  /** The file, as it was given or found. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** From the beginning of one span to the end of another. */
export function spanning(first: Span, last: Span): Span {
  return { ...first, endLine: last.endLine, endColumn: last.endColumn };
}

/** "line 3, col 5 to line 3, col 9", the form that names a formula without a name. */
export function describeSpan(span: Span): string {
  return `line ${span.line}, col ${span.column} to line ${span.endLine}, col ${span.endColumn}`;
}

/** For an expression that the parser or the analysis cannot descend into. */
export const TOO_DEEP =
  'The specification is nested too deeply to be read: name parts of its longest expressions by definitions.';

/** A mistake in a specification (syntax or meaning) or in its configuration, found before anything is evaluated. */
export class SpecError extends Error {
  constructor(
    readonly kind: 'parse' | 'config',
    message: string,
    readonly span?: Span,
  ) {
    super(message);
    this.name = 'SpecError';
  }

  /** `file:line:column: sentence`, without the place where none is known. */
  get report(): string {
    return this.span ? `${this.span.file}:${this.span.line}:${this.span.column}: ${this.message}` : this.message;
  }
}

/** A value that does not exist: a function outside its domain, a comparison of a number with a string, ... */
export class EvaluationError extends Error {
  span: Span | undefined;

  constructor(
    message: string,
    readonly kind: 'eval' | 'assert' = 'eval',
  ) {
    super(message);
    this.name = 'EvaluationError';
  }

  /** The innermost expression that the error passed through is the one that is shown. */
  at(span: Span): this {
    this.span ??= span;
    return this;
  }
}

/** A loop of the checker came to something that its own rules exclude. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`tla-ts: internal invariant broken: ${message}`);
}
