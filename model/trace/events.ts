/**
 * A trace: what was observed of a run, as data, in the order in which it happened.
 *
 * Rule: every event is an observation of the machine from outside (its disk, its MMU, its power) or an announcement of the
 * kernel, marked as such; none is derived from what ought to happen. So a trace can be held against a specification.
 *
 * Format (NDJSON, one event a line): `{boot, cycle, kind, ...}`. `content` is a hash of 4096 bytes, equal for a page and
 * for a block that holds it. Pages and blocks are numbers.
 */
import { z } from 'zod';

const number = z.number().int().nonnegative();
const content = z.string().regex(/^[0-9a-f]{16}$/);
const place = { boot: number, cycle: number };
const pageContent = z.tuple([number, content]);

const eventSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...place, kind: z.literal('power-on') }),
  /** Announced: the persistent memory has so many pages. `zero` is the content of a page that was never written. */
  z.strictObject({ ...place, kind: z.literal('booted'), pages: number, zero: content }),
  /** Announced: the system goes on from this generation; 0 is a new one. */
  z.strictObject({ ...place, kind: z.literal('recovered'), generation: number }),
  /** MMU: the page is mapped in a frame that it was not in before, and this is there. */
  z.strictObject({ ...place, kind: z.literal('page-in'), page: number, content }),
  /** MMU: the page is about to be written for the first time since the last demarcation, or since it was last taken away. */
  z.strictObject({ ...place, kind: z.literal('page-write'), page: number }),
  /** MMU: a written page is taken away (INVLPG), and this is what it held. */
  z.strictObject({ ...place, kind: z.literal('page-out'), page: number, content }),
  /** Announced; and what the pages written since the last one hold at this instant. */
  z.strictObject({ ...place, kind: z.literal('demarcation'), generation: number, pages: z.array(pageContent) }),
  /** Announced. */
  z.strictObject({ ...place, kind: z.literal('commit'), generation: number }),
  /** Announced. */
  z.strictObject({ ...place, kind: z.literal('abandoned'), generation: number }),
  /** Disk: a whole block is in its cache. */
  z.strictObject({ ...place, kind: z.literal('block-write'), block: number, content }),
  /** Disk: the sector of a superblock copy is in its cache: it names `generations`, newest first, of `keep` at most. `sequence` null: it is not valid. */
  z.strictObject({
    ...place,
    kind: z.literal('superblock-write'),
    copy: number,
    sequence: number.nullable(),
    keep: number,
    generations: z.array(number),
  }),
  /**
   * Disk, read as its cache would give it, when a superblock first names the generation: the block of each page (a
   * second entry for the second copy of a wired page), and the blocks of its index.
   */
  z.strictObject({
    ...place,
    kind: z.literal('generation'),
    generation: number,
    pages: z.array(z.tuple([number, number])),
    index: z.array(number),
  }),
  /** Disk: everything in the cache is on the medium. */
  z.strictObject({ ...place, kind: z.literal('flush') }),
  /** Disk: the full cache moved its oldest sectors to the medium by itself. */
  z.strictObject({ ...place, kind: z.literal('write-back') }),
  /**
   * The power goes. What is on the medium then, of each block and superblock copy that had been written since the last
   * flush; sequence 0: the copy is blank, null: it is damaged.
   */
  z.strictObject({
    ...place,
    kind: z.literal('cut'),
    blocks: z.array(z.tuple([number, content])),
    superblocks: z.array(z.tuple([number, number.nullable()])),
  }),
]);

export type TraceEvent = z.infer<typeof eventSchema>;
export type TraceEventOf<K extends TraceEvent['kind']> = Extract<TraceEvent, { kind: K }>;

/** A trace that cannot be read; the message says which line and what is wrong with it. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

export function renderTrace(events: readonly TraceEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

/** Throws TraceError. */
export function parseTrace(text: string): TraceEvent[] {
  const events: TraceEvent[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw new TraceError(`line ${i + 1} is not JSON: a trace has one event a line`);
    }
    const parsed = eventSchema.safeParse(value);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0];
      throw new TraceError(`line ${i + 1} is no event of a trace: ${path.join('.') || 'it'}: ${message}`);
    }
    const last = events.at(-1);
    const { boot, cycle } = parsed.data;
    if (last !== undefined && (boot < last.boot || (boot === last.boot && cycle < last.cycle))) {
      throw new TraceError(
        `line ${i + 1} is at cycle ${cycle} of boot ${boot}, after cycle ${last.cycle} of boot ${last.boot}: events are in the order of time`,
      );
    }
    events.push(parsed.data);
  }
  if (events.length === 0) throw new TraceError('there is no event in it: a trace has one event a line');
  return events;
}

/** One event in words, without its place. */
export function describeTraceEvent(event: TraceEvent): string {
  switch (event.kind) {
    case 'power-on':
      return 'the power comes on';
    case 'booted':
      return `booted, ${event.pages} pages`;
    case 'recovered':
      return `recovered generation ${event.generation}`;
    case 'page-in':
      return `page ${event.page} is mapped and holds ${event.content}`;
    case 'page-write':
      return `page ${event.page} is written`;
    case 'page-out':
      return `page ${event.page} is taken away and held ${event.content}`;
    case 'demarcation':
      return `demarcation of generation ${event.generation}, ${event.pages.length} pages changed`;
    case 'commit':
      return `commit of generation ${event.generation} announced`;
    case 'abandoned':
      return `generation ${event.generation} abandoned`;
    case 'block-write':
      return `block ${event.block} is written and holds ${event.content}`;
    case 'superblock-write':
      return `superblock copy ${event.copy} is written, ${event.sequence === null ? 'not valid' : `sequence ${event.sequence}`}, generations ${event.generations.join(', ')}`;
    case 'generation':
      return `generation ${event.generation} is named: ${event.pages.length} blocks of pages, ${event.index.length} of its index`;
    case 'flush':
      return 'the disk is flushed';
    case 'write-back':
      return 'the disk writes back';
    case 'cut':
      return `the power goes; ${event.blocks.length} blocks and ${event.superblocks.length} superblock copies were unflushed`;
  }
}
