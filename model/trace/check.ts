/** Holds a trace against SnapshotCow and Superblock, part after part, and against what the disk's rule says of every block. */
import type { TraceEvent } from './events.js';
import { partOf } from './memory.js';
import { checkReferences } from './references.js';
import { snapshotCowMapping } from './snapshot-cow.js';
import { superblockMapping } from './superblock.js';
import { parts, survey } from './survey.js';
import { type Rejection, type Validation, validate } from './validate.js';

export const LEVELS = ['SnapshotCow', 'Superblock'] as const;
export type Level = (typeof LEVELS)[number];

/** Who rejects: a specification, or the rule for all blocks of a generation (`references.ts`), which is not about single pages. */
export type Judge = Level | 'references';

/** The trace is no behaviour of a specification, as far as these pages are concerned. */
export interface TraceRejection extends Rejection<TraceEvent> {
  readonly level: Judge;
  readonly pages: readonly number[];
}

export interface TraceCheck {
  readonly rejection: TraceRejection | undefined;
  readonly events: number;
  readonly parts: number;
  /** Of all parts and both levels: events that were steps, and how often each action was taken. */
  readonly steps: number;
  readonly taken: Readonly<Record<Level, ReadonlyMap<string, number>>>;
  readonly widest: number;
}

/** Few pages make small states; many make few parts. */
const PAGES_A_PART = 4;

export interface TraceCheckOptions {
  readonly levels?: readonly Level[];
  readonly pagesAPart?: number;
}

/** Of several rejections the earliest counts: what comes after it says little. */
export function checkTrace(events: readonly TraceEvent[], options: TraceCheckOptions = {}): TraceCheck {
  const found = survey(events);
  const all = parts(found, options.pagesAPart ?? PAGES_A_PART);
  const taken = { SnapshotCow: new Map<string, number>(), Superblock: new Map<string, number>() };
  let [steps, widest] = [0, 0];
  let rejection: TraceRejection | undefined;
  for (const pages of all) {
    const part = partOf(pages, events, found);
    for (const level of options.levels ?? LEVELS) {
      const until = rejection === undefined ? events : events.slice(0, rejection.accepted);
      const validation: Validation<TraceEvent> =
        level === 'SnapshotCow'
          ? validate(snapshotCowMapping(part, found), until)
          : validate(superblockMapping(part, found), until);
      steps += validation.steps;
      widest = Math.max(widest, validation.widest);
      for (const [action, times] of validation.taken) {
        taken[level].set(action, (taken[level].get(action) ?? 0) + times);
      }
      if (validation.rejection !== undefined) rejection = { ...validation.rejection, level, pages };
    }
  }
  // Last: where a specification refuses the same event it says more.
  const broken = checkReferences(events.slice(0, rejection?.accepted));
  if (broken !== undefined) rejection = { ...broken, level: 'references', pages: [] };
  return { rejection, events: events.length, parts: all.length, steps, taken, widest };
}
