/**
 * What a whole trace says that single events do not: what each page came to hold, and what became of each block.
 *
 * A specification names at once what an observer learns later: the content that a write gives a page, the page that a
 * block is written for. The survey looks ahead for both. It adds no claim: what it says was observed, later on.
 */
import type { TraceEvent } from './events.js';

/** Why a block was written, as the generation says that first names it; undefined: none does before it is written again. */
export type Purpose = { readonly role: 'page' | 'second copy'; readonly page: number } | { readonly role: 'index' };

export interface Survey {
  /** By event: of a `page-write`, what the page holds when that writing is over; missing when the power went first. */
  readonly written: ReadonlyMap<TraceEvent, string>;
  /** By event: of a `block-write`, why. */
  readonly purposes: ReadonlyMap<TraceEvent, Purpose>;
  /** By event: of a `demarcation`, the pages that were written to blocks before the next one, for a generation that came to be named. */
  readonly stabilised: ReadonlyMap<TraceEvent, ReadonlySet<number>>;
  /** Of each page all contents it was seen with, in the order of their first appearance. */
  readonly contents: ReadonlyMap<number, ReadonlySet<string>>;
  /** The content of a page that was never written. */
  readonly zero: string;
  readonly generations: number;
  readonly superblocks: number;
  /** Generations that the superblock keeps at most. */
  readonly keep: number;
}

export function survey(events: readonly TraceEvent[]): Survey {
  const contents = new Map<number, Set<string>>();
  const see = (page: number, content: string): void => {
    const known = contents.get(page);
    if (known === undefined) contents.set(page, new Set([content]));
    else known.add(content);
  };
  let zero = '';
  let [generations, superblocks, keep] = [0, 0, 0];
  for (const event of events) {
    if (event.kind === 'booted') zero = event.zero;
    else if (event.kind === 'page-in' || event.kind === 'page-out') see(event.page, event.content);
    else if (event.kind === 'demarcation') {
      generations = Math.max(generations, event.generation);
      for (const [page, content] of event.pages) see(page, content);
    } else if (event.kind === 'superblock-write') {
      superblocks++;
      keep = Math.max(keep, event.keep);
    }
  }
  return { ...lookBack(events), contents, zero, generations, superblocks, keep };
}

/** From the end to the beginning, so that what comes later is known. */
function lookBack(events: readonly TraceEvent[]): Pick<Survey, 'written' | 'purposes' | 'stabilised'> {
  const written = new Map<TraceEvent, string>();
  const purposes = new Map<TraceEvent, Purpose>();
  const stabilised = new Map<TraceEvent, ReadonlySet<number>>();
  const named = new Map<number, Purpose>();
  let stored = new Set<number>();
  const next = new Map<number, string>();
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    switch (event.kind) {
      case 'generation': {
        const first = new Set<number>();
        for (const [page, block] of event.pages) {
          named.set(block, { role: first.has(page) ? 'second copy' : 'page', page });
          first.add(page);
        }
        for (const block of event.index) named.set(block, { role: 'index' });
        break;
      }
      case 'block-write': {
        const purpose = named.get(event.block);
        if (purpose !== undefined) purposes.set(event, purpose);
        named.delete(event.block);
        if (purpose?.role === 'page') stored.add(purpose.page);
        break;
      }
      case 'demarcation':
        stabilised.set(event, stored);
        stored = new Set();
        for (const [page, content] of event.pages) next.set(page, content);
        break;
      case 'page-out':
        next.set(event.page, event.content);
        break;
      case 'page-write': {
        const content = next.get(event.page);
        if (content !== undefined) written.set(event, content);
        next.delete(event.page);
        break;
      }
      case 'cut':
        next.clear();
        stored = new Set();
        break;
      default:
    }
  }
  return { written, purposes, stabilised };
}

/** The pages of a trace in parts of `size`, each small enough for a specification; every page is in one of them. */
export function parts({ contents }: Survey, size: number): number[][] {
  const pages = [...contents.keys()].sort((a, b) => a - b);
  const result: number[][] = [];
  for (let i = 0; i < pages.length; i += size) result.push(pages.slice(i, i + size));
  return result;
}
