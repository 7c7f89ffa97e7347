/**
 * The volatile write cache of a disk: the sector writes the drive has acknowledged and may still lose.
 *
 * The rule that makes it right: the cache is the ordered list of every unflushed sector write, not only of the newest version of each sector.
 * A drive may write its cache back at any time and in any order, so each version of a sector can be the one the power cut finds on the medium;
 * of the versions that survive, the one with the highest sequence number wins, since it would have been written over the others.
 * A sector write is atomic: it survives whole or not at all.
 *
 * Entries are immutable, so that forks share them.
 */

import { SECTOR_BYTES } from './durable-medium.js';

/** One sector write that has not reached the medium. */
export interface UnflushedWrite {
  /** Order in which the drive took the sectors, rising by one for each sector since the disk was powered on. */
  readonly sequence: number;
  readonly lba: number;
  /** Cycle in which the drive had the whole sector. */
  readonly cycle: number;
  /** The 512 bytes. Nobody writes to them. */
  readonly data: Uint8Array;
}

/** Which unflushed sector writes a power cut leaves on the medium. Plain data, part of fault plans. */
export type Survivors =
  | 'none'
  | 'all'
  /** The first `prefix` writes in sequence order: a drive that writes back in order. */
  | { readonly prefix: number }
  /** Exactly these; each must be unflushed at the cut. */
  | { readonly sequences: readonly number[] }
  /** All but these; each must be unflushed at the cut. */
  | { readonly except: readonly number[] };

export interface CutPlan {
  readonly survive: Survivors;
}

export class VolatileCache {
  private readonly entries: UnflushedWrite[] = [];
  /** Newest entry of each sector. */
  private readonly newest = new Map<number, UnflushedWrite>();
  private sequence = 0;

  /** Number of unflushed sector writes, older versions of a sector included. */
  get size(): number {
    return this.entries.length;
  }

  /** Sequence number the next write will get. */
  get nextSequence(): number {
    return this.sequence;
  }

  /** Takes a sector; copies the 512 bytes at `offset`. Returns its sequence number. */
  write(lba: number, cycle: number, source: Uint8Array, offset = 0): number {
    const data = source.slice(offset, offset + SECTOR_BYTES);
    if (data.length !== SECTOR_BYTES) throw new RangeError(`disk cache: sector ${lba} was given ${data.length} bytes`);
    const entry: UnflushedWrite = { sequence: this.sequence++, lba, cycle, data };
    this.entries.push(entry);
    this.newest.set(lba, entry);
    return entry.sequence;
  }

  /** The newest unflushed data of a sector, or undefined when the medium has it. */
  find(lba: number): Uint8Array | undefined {
    return this.newest.get(lba)?.data;
  }

  /** All unflushed writes in sequence order. */
  list(): readonly UnflushedWrite[] {
    return this.entries.slice();
  }

  /** Takes the oldest write out of the cache, to be put on the medium. */
  takeOldest(): UnflushedWrite | undefined {
    const entry = this.entries.shift();
    if (entry !== undefined && this.newest.get(entry.lba) === entry) this.newest.delete(entry.lba);
    return entry;
  }

  /** Forgets everything: the power went, or the drive lost it. */
  clear(): void {
    this.entries.length = 0;
    this.newest.clear();
  }

  fork(): VolatileCache {
    const copy = new VolatileCache();
    for (const entry of this.entries) {
      copy.entries.push(entry);
      copy.newest.set(entry.lba, entry);
    }
    copy.sequence = this.sequence;
    return copy;
  }

  /** What a power cut with this plan leaves, in sequence order. */
  survivors(survive: Survivors): readonly UnflushedWrite[] {
    if (survive === 'none') return [];
    if (survive === 'all') return this.entries.slice();
    if ('prefix' in survive) {
      if (!Number.isInteger(survive.prefix) || survive.prefix < 0 || survive.prefix > this.entries.length) {
        throw new RangeError(
          `power cut: prefix must be 0 to ${this.entries.length} (unflushed writes), not ${survive.prefix}`,
        );
      }
      return this.entries.slice(0, survive.prefix);
    }
    const keep = 'sequences' in survive;
    const named = new Set(keep ? survive.sequences : survive.except);
    const known = new Set(this.entries.map((entry) => entry.sequence));
    for (const sequence of named) {
      if (known.has(sequence)) continue;
      const range = this.entries.length === 0 ? 'none' : `${this.entries[0].sequence} to ${this.sequence - 1}`;
      throw new RangeError(`power cut: write ${sequence} is not unflushed at the cut; unflushed: ${range}`);
    }
    return this.entries.filter((entry) => named.has(entry.sequence) === keep);
  }
}
