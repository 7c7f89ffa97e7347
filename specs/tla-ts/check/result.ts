// What a check found, in words and numbers that mean what TLC's mean; README.md defines them.
import type { Span } from '../syntax/source.js';

export type Verdict =
  | 'ok'
  | 'invariant'
  | 'deadlock'
  | 'assert'
  | 'action-property'
  | 'liveness'
  | 'eval-error'
  | 'assumption'
  | 'parse-error'
  | 'config-error'
  | 'limit';

/** Exit codes, as TLC has them; an evaluation error is 76 while an invariant is evaluated, else 75. */
export const EXIT_CODES: Readonly<Record<Verdict, number>> = {
  ok: 0,
  assumption: 10,
  deadlock: 11,
  invariant: 12,
  'action-property': 13,
  liveness: 13,
  assert: 14,
  'eval-error': 75,
  'parse-error': 150,
  'config-error': 151,
  limit: 152,
};

export interface TraceState {
  /** The part of the next-state relation that led here. */
  readonly action: string | undefined;
  readonly span: Span | undefined;
  /** Values of the variables as TLA+ text; null for a variable that an incomplete step left without one. */
  readonly values: Readonly<Record<string, string | null>>;
  /** What the configuration's ALIAS makes of the state. */
  readonly alias: string | undefined;
}

export interface Coverage {
  readonly action: string;
  readonly line: number;
  readonly column: number;
  /** States that the action generated, and how many of them were new. */
  readonly generated: number;
  readonly distinct: number;
}

export interface CheckResult {
  readonly result: Verdict;
  readonly exitCode: number;
  readonly generated: number;
  readonly distinct: number;
  readonly depth: number;
  readonly initGenerated: number;
  readonly initDistinct: number;
  /** Number of states of the trace, null without one. */
  readonly traceLength: number | null;
  readonly violatedName: string | null;
  readonly errorLine: number | null;
  readonly errorColumn: number | null;
  readonly message: string | null;
  readonly trace: readonly TraceState[];
  /** For a liveness counterexample: the position in the trace (from 1) to which its last state returns. */
  readonly loopTo: number | null;
  readonly coverage: readonly Coverage[];
  readonly seconds: number;
  /** Bytes of the store and of the interned values per distinct state. */
  readonly bytesPerState: number | null;
}

export function failure(
  result: Verdict,
  message: string,
  place?: { readonly line: number; readonly column: number },
): CheckResult {
  return {
    result,
    exitCode: EXIT_CODES[result],
    generated: 0,
    distinct: 0,
    depth: 0,
    initGenerated: 0,
    initDistinct: 0,
    traceLength: null,
    violatedName: null,
    errorLine: place?.line ?? null,
    errorColumn: place?.column ?? null,
    message,
    trace: [],
    loopTo: null,
    coverage: [],
    seconds: 0,
    bytesPerState: null,
  };
}
