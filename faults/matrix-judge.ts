/**
 * From what was seen of one cell to its verdict.
 *
 * The rule: never silently wrong. A page with contents that are not those of the generation that came up is silent corruption, whatever the log
 * says; so is a generation older than the last one committed of which nothing was said. About memory the log is never believed; it
 * only says what was noticed and done.
 */
import type { DETECTIONS, MatrixCell, REACTIONS } from '../reports/matrix.js';
import type { CellQuestion } from './matrix-faults.js';

export interface Observation {
  /** The kernel's log from the strike on, all boots. */
  log: string;
  /** Pages that were mapped with wrong contents, blocks used twice or for nothing, bad blocks that no fault struck. */
  wrong: string[];
  isAbandoned: boolean;
  /** What had to survive, and the generation that came up after it. */
  expected: number;
  recovered: number;
  /** Events that show the fault at work. */
  struck: number;
  /** The blocks that may be bad because of it. */
  readonly blocks: number[];
  /** How the last boot ended, unless well. */
  stuck: string | undefined;
  panic: string | undefined;
}

const DETECTED: readonly (readonly [(typeof DETECTIONS)[number], RegExp])[] = [
  ['error code', /disk: (reading|writing) block|disk: a flush failed/],
  ['checksum', /: checksum /],
  ['sanity', /superblock copy \d in block \d+: (neither|of another|cannot|not what)/],
  ['redundancy', /superblock copy \d in block \d+: valid/],
  ['no answer', /the disk is gone|no answer from the drive/],
  ['no space', /the disk is full/],
];

const REACTED: readonly (readonly [(typeof REACTIONS)[number], RegExp])[] = [
  ['second copy', /the good copy, which is used|superblock copy \d in block \d+/],
  ['relocated', /is not used again/],
  ['written again', /written again/],
  ['older generations let go', /no longer kept/],
  ['object lost', /object lost/],
  ['list lost', /the bad-block list is lost/],
  ['waited', /the disk is back/],
  ['no snapshots', /no snapshots/],
];

/** The cell of a fault that struck. */
export function judgeCell(question: CellQuestion, seen: Observation): MatrixCell {
  const detected = DETECTED.filter(([, pattern]) => pattern.test(seen.log)).map(([name]) => name);
  const isOlder = seen.recovered < seen.expected;
  const reaction: (typeof REACTIONS)[number][] = REACTED.filter(([, pattern]) => pattern.test(seen.log)).map(
    ([name]) => name,
  );
  if (seen.isAbandoned) reaction.push('generation abandoned');
  if (isOlder) reaction.push('earlier generation');
  if (detected.length > 0 && reaction.length === 0) reaction.push('retry');
  const { verdict, note } = verdictOf(seen, isOlder, detected.length > 0);
  const { fault, kind, copies, when } = question;
  return { fault, kind, copies, when, detected, reaction, witnesses: seen.struck, verdict, note };
}

function verdictOf(seen: Observation, isOlder: boolean, isReported: boolean): Pick<MatrixCell, 'verdict' | 'note'> {
  if (seen.wrong.length > 0) return { verdict: 'silent', note: seen.wrong.slice(0, 3).join('; ') };
  if (seen.panic !== undefined) return { verdict: 'panicked', note: seen.panic };
  if (seen.stuck !== undefined) return { verdict: 'stuck', note: seen.stuck };
  if (isOlder && !isReported) {
    const note = `generation ${seen.recovered} came up, ${seen.expected} had been committed, and nothing was said`;
    return { verdict: 'silent', note };
  }
  return { verdict: 'held', note: '' };
}
