/**
 * A trace against the rule of the disk for every block that a generation refers to: its index and second copies too, which
 * SnapshotCow and Superblock take for free blocks.
 *
 * The rule is that of Superblock (BeginCommit, NothingWrittenOver, AlwaysRecoverable), for blocks whose contents mean nothing to
 * it: when a superblock names a generation, all that the generation refers to was written and flushed, the same in both
 * copies; while a superblock that is or may be in force names it, none of that is written, and no power cut changes it.
 *
 * There is one state, since a trace leaves nothing of this open, except after a cut: which of two lists is in force. The
 * recovery says it; where both begin with the generation that came up, the shorter one is taken, which protects less.
 */
import type { TraceEvent, TraceEventOf } from './events.js';
import type { Rejection } from './validate.js';

/** The earliest event that breaks the rule. */
export function checkReferences(events: readonly TraceEvent[]): Rejection<TraceEvent> | undefined {
  const disk = new References();
  for (const [accepted, event] of events.entries()) {
    const why = disk.take(event);
    if (why !== undefined) {
      const state = disk.show();
      const behaviour = [{ action: 'before', state }];
      return { accepted, event, why, state, states: 1, tried: [why], possible: disk.possible(), behaviour };
    }
  }
  return undefined;
}

class References {
  /** Since the power came on a recovery was announced. */
  private recovered = false;
  /** Of each block that was written what a read returns. */
  private readonly held = new Map<number, string>();
  private readonly unflushed = new Set<number>();
  /** Of each generation that a superblock named the blocks that it refers to. */
  private readonly blocks = new Map<number, ReadonlySet<number>>();
  /** The list in force, newest first, and the one that is being written. */
  private kept: readonly number[] = [];
  private proposed: readonly number[] | undefined;
  private copies = { sequence: 0, written: 0 };

  /** Takes the event in; if it breaks the rule nothing is changed, and how is returned. */
  take(event: TraceEvent): string | undefined {
    switch (event.kind) {
      case 'power-on':
        this.recovered = false;
        return undefined;
      case 'recovered':
        return this.recover(event.generation);
      case 'page-write':
      case 'page-out':
      case 'demarcation':
      case 'commit':
      case 'abandoned':
        return this.recovered ? undefined : 'programs run before a recovery was announced';
      case 'block-write':
        return this.write(event);
      case 'generation':
        return this.name(event);
      case 'superblock-write':
        return this.propose(event);
      case 'flush':
        this.flush();
        return undefined;
      case 'cut':
        return this.cut(event);
      default:
        return undefined;
    }
  }

  /** The generation that has the block and must keep it. */
  private keeper(block: number): number | undefined {
    return [...(this.proposed ?? []), ...this.kept].find((generation) => this.blocks.get(generation)?.has(block));
  }

  private write({ block, content }: TraceEventOf<'block-write'>): string | undefined {
    const keeper = this.keeper(block);
    if (keeper !== undefined) return `generation ${keeper}, which is kept, refers to block ${block}`;
    this.held.set(block, content);
    this.unflushed.add(block);
    return undefined;
  }

  private name({ generation, pages, index }: TraceEventOf<'generation'>): string | undefined {
    const blocks = new Set([...pages.map(([, block]) => block), ...index]);
    const known = this.blocks.get(generation);
    const isKept = this.kept.includes(generation);
    if (isKept && known !== undefined && !(known.size === blocks.size && [...known].every((one) => blocks.has(one)))) {
      return `generation ${generation} has other blocks than when a superblock first named it`;
    }
    if (blocks.size < pages.length + index.length) return `two references of generation ${generation} are to one block`;
    for (const block of blocks) {
      if (!this.held.has(block)) return `generation ${generation} refers to block ${block}, which was never written`;
      if (this.unflushed.has(block)) return `generation ${generation} refers to block ${block}, which is not flushed`;
    }
    const first = new Map<number, number>();
    for (const [page, block] of pages) {
      const other = first.get(page) ?? block;
      first.set(page, other);
      if (this.held.get(block) !== this.held.get(other))
        return `the copies of page ${page}, ${other} and ${block}, differ`;
    }
    this.blocks.set(generation, blocks);
    return undefined;
  }

  private propose({ sequence, generations }: TraceEventOf<'superblock-write'>): string | undefined {
    if (sequence === null) return undefined;
    const unknown = generations.find((generation) => !this.blocks.has(generation));
    if (unknown !== undefined) return `the superblock names generation ${unknown}, which is not on the disk`;
    const again = this.proposed !== undefined && this.copies.sequence === sequence;
    this.copies = { sequence, written: again ? this.copies.written + 1 : 1 };
    this.proposed = generations;
    return undefined;
  }

  private flush(): void {
    this.unflushed.clear();
    if (this.proposed === undefined || this.copies.written < 2) return;
    this.kept = this.proposed;
    this.proposed = undefined;
  }

  private cut({ blocks }: TraceEventOf<'cut'>): string | undefined {
    for (const [block, content] of blocks) {
      const keeper = this.keeper(block);
      if (keeper !== undefined && this.held.get(block) !== content) {
        return `the power cut changes block ${block} of generation ${keeper}, which is kept`;
      }
    }
    for (const [block, content] of blocks) this.held.set(block, content);
    this.unflushed.clear();
    return undefined;
  }

  private recover(generation: number): string | undefined {
    const lists = [this.kept, this.proposed ?? this.kept].filter(([newest]) => (newest ?? 0) === generation);
    if (lists.length === 0) return `no superblock that can be in force has generation ${generation} for its newest`;
    this.kept = lists.reduce((shorter, list) => (list.length < shorter.length ? list : shorter));
    this.proposed = undefined;
    this.recovered = true;
    return undefined;
  }

  show(): string {
    const list = (generations: readonly number[]): string => `<<${generations.join(', ')}>>`;
    return [
      `kept = ${list(this.kept)}`,
      `proposed = ${this.proposed === undefined ? 'none' : `${list(this.proposed)}, ${this.copies.written} copies`}`,
      `unflushed = {${[...this.unflushed].sort((a, b) => a - b).join(', ')}}`,
    ].join('\n');
  }

  possible(): readonly string[] {
    const lists = this.proposed === undefined ? 'the kept generations' : 'the kept and the proposed generations';
    return [`a write to any block that ${lists} do not refer to`, 'a flush', 'a power cut'];
  }
}
