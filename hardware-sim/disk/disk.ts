/**
 * The disk behind a controller's registers: durable medium, volatile cache in front of it, and the time its operations take.
 *
 * Interface: ask for a delay (`readDelay`, `writeDelay`, `flushDelay`), let that many cycles pass, then do the operation (`read`, `write`,
 * `flush`). A power cut between the two finds the operation not done; that is how a flush in flight is torn. One thing at a time: a controller that has
 * several requests carries them out one after the other (`expectedReadDelay` says which read would be over first).
 *
 * Invariants:
 *  - a read sees the newest write, flushed or not;
 *  - when `flush` succeeds, every write taken before is on the medium and synced (unless the faults say that the drive lies);
 *  - the cache never holds more than `profile.cacheSectors` writes;
 *  - after `cutPower` the disk does nothing any more.
 */

import { type DurableMedium, SECTOR_BYTES } from './durable-medium.js';
import { DiskFaults } from './faults.js';
import type { DiskProfile } from './profile.js';
import { type CutPlan, type UnflushedWrite, VolatileCache } from './volatile-cache.js';

/** What the disk did, for watchers outside the machine. */
export interface DiskEvent {
  /**
   * `read`, `read-error`, `write`: one sector, when its data has moved between drive and host or failed to. `write-back`: the full cache
   * moved its `count` oldest writes to the medium by itself. `flush`: all `count` unflushed writes are on the medium. `power-cut`: `count` survived.
   * `write-refused`, `write-lost`, `write-misdirected`: what a fault made of a write to that sector as it left the cache, or, refused, as it
   * came. `flush-failed`: the flush ended with an error, `count` writes are still in the cache. `flush-lied`: it ended well, and none of `count` writes has left it.
   */
  readonly kind:
    | 'read'
    | 'read-error'
    | 'write'
    | 'write-back'
    | 'write-refused'
    | 'write-lost'
    | 'write-misdirected'
    | 'flush'
    | 'flush-failed'
    | 'flush-lied'
    | 'power-cut';
  /** The sector of `read`, `read-error`, `write` and `write-...`; 0 otherwise. */
  readonly lba: number;
  readonly count: number;
  readonly cycle: number;
  /** Of `write`: the sequence number of the write; of the others: the number the next write will get. */
  readonly sequence: number;
}

export type DiskEventHook = (event: DiskEvent) => void;

/** Where the head is and what the read buffer holds. */
interface Mechanics {
  track: number;
  /** Sector `bufferLba + i`, i < bufferCount, is in the buffer from cycle `bufferCycle + (i + 1) * sectorCycles` on. */
  bufferLba: number;
  bufferCount: number;
  bufferCycle: number;
}

export class Disk {
  private readonly sectorCycles: number;
  private readonly skewSectors: number;
  private mechanics: Mechanics = { track: 0, bufferLba: 0, bufferCount: 0, bufferCycle: 0 };
  private powered = true;
  /** Sector of a write that was refused when the full cache was written back, or -1: the next flush reports it. */
  private deferredError = -1;
  /** A sector has moved between host and drive. */
  private used = false;
  onEvent: DiskEventHook | undefined;

  constructor(
    readonly medium: DurableMedium,
    readonly profile: DiskProfile,
    private readonly clockHz: number,
    readonly faults: DiskFaults = new DiskFaults([], medium.sectors),
    private readonly cache = new VolatileCache(),
  ) {
    this.sectorCycles = Math.round(this.cycles(profile.rotationMicroseconds) / profile.sectorsPerTrack);
    this.skewSectors =
      this.sectorCycles === 0 ? 0 : Math.ceil(this.cycles(profile.trackSeekMicroseconds) / this.sectorCycles) + 1;
  }

  get sectors(): number {
    return this.medium.sectors;
  }

  get commandDelay(): number {
    return this.cycles(this.profile.commandMicroseconds);
  }

  /** Whether the drive is there to be spoken to. */
  responds(cycle: number): boolean {
    return this.faults.responds(cycle);
  }

  /** Cycles from `cycle` until the sector has been read and moved over the bus. */
  readDelay(lba: number, cycle: number): number {
    return this.slowed(this.healthyReadDelay(lba, cycle), cycle);
  }

  /** Cycles from `cycle` until one more sector has come over the bus and found room in the cache. */
  writeDelay(cycle: number): number {
    const bus = this.cycles(this.profile.transferMicroseconds);
    if (this.cache.size < this.profile.cacheSectors) return this.slowed(bus, cycle);
    const writes = this.cache.list().slice(0, this.writeBackCount());
    return this.slowed(bus + this.mediumWriteDelay(writes, cycle), cycle);
  }

  /** Cycles from `cycle` until everything unflushed is on the medium. */
  flushDelay(cycle: number): number {
    const flush = this.cycles(this.profile.flushMicroseconds);
    return this.slowed(flush + this.mediumWriteDelay(this.cache.list(), cycle), cycle);
  }

  private slowed(cycles: number, cycle: number): number {
    return Math.round(cycles * this.faults.slowness(cycle)) + this.faults.lateness(cycle);
  }

  /** What `readDelay` would say of a disk that is not slowed, with nothing moved: for who chooses between reads. */
  expectedReadDelay(lba: number, cycle: number): number {
    const bus = this.cycles(this.profile.transferMicroseconds);
    if (this.cache.find(lba) !== undefined) return bus;
    if (this.sectorCycles === 0) return bus + this.cycles(this.profile.mediumReadMicroseconds);
    if (!this.isBuffered(lba)) return this.accessDelay(lba, cycle) + bus;
    const { bufferLba, bufferCycle } = this.mechanics;
    return Math.max(0, bufferCycle + (lba - bufferLba + 1) * this.sectorCycles - cycle) + bus;
  }

  private healthyReadDelay(lba: number, cycle: number): number {
    const delay = this.expectedReadDelay(lba, cycle);
    if (this.cache.find(lba) !== undefined || this.sectorCycles === 0 || this.isBuffered(lba)) return delay;
    const { mechanics, profile } = this;
    mechanics.track = Math.floor(lba / profile.sectorsPerTrack);
    const restOfTrack = profile.sectorsPerTrack - (lba % profile.sectorsPerTrack) - 1;
    mechanics.bufferLba = lba + 1;
    mechanics.bufferCount = Math.min(profile.readAheadSectors, restOfTrack);
    mechanics.bufferCycle = cycle + delay - this.cycles(profile.transferMicroseconds);
    return delay;
  }

  private isBuffered(lba: number): boolean {
    const { bufferLba, bufferCount } = this.mechanics;
    return lba >= bufferLba && lba < bufferLba + bufferCount;
  }

  /** Copies a sector to `target`; false when the drive cannot read it (and nothing was copied). */
  read(lba: number, cycle: number, target: Uint8Array, offset = 0): boolean {
    this.assertPowered();
    this.used = true;
    const cached = this.cache.find(lba);
    const readable = cached !== undefined || !this.faults.readFails(lba);
    if (cached !== undefined) target.set(cached, offset);
    else if (readable) {
      this.medium.readSector(lba, target, offset);
      this.faults.readBack(lba, target, offset);
    }
    this.emit(readable ? 'read' : 'read-error', lba, 1, cycle, this.cache.nextSequence);
    return readable;
  }

  /** The 512 bytes that a read would give now, faults aside; no event, no time. For watchers. */
  peek(lba: number): Uint8Array {
    const cached = this.cache.find(lba);
    if (cached !== undefined) return cached.slice();
    const bytes = new Uint8Array(SECTOR_BYTES);
    this.medium.readSector(lba, bytes);
    return bytes;
  }

  /** Takes a sector into the cache, after writing back the oldest when the cache is full; false when the drive refuses it (and nothing was taken). */
  write(lba: number, cycle: number, source: Uint8Array, offset = 0): boolean {
    this.assertPowered();
    this.used = true;
    if (this.faults.refuses(lba)) {
      this.emit('write-refused', lba, 1, cycle, this.cache.nextSequence);
      return false;
    }
    if (this.cache.size >= this.profile.cacheSectors) this.writeBackOldest(cycle);
    const sequence = this.cache.write(lba, cycle, source, offset);
    if (this.cache.size > this.profile.cacheSectors) throw new Error('disk: the cache holds more than its capacity');
    this.emit('write', lba, 1, cycle, sequence);
    return true;
  }

  /**
   * Moves everything unflushed to the medium and syncs it. Returns the sector at which it failed, undefined when it did not. As ATA/ATAPI-6 has
   * it (FLUSH CACHE), a sector that cannot be written leaves the cache, those after it stay, and the next flush goes on with them.
   */
  flush(cycle: number): number | undefined {
    this.assertPowered();
    const count = this.cache.size;
    const behaviour = this.faults.flushing();
    if (behaviour === 'lies') {
      this.emit('flush-lied', 0, count, cycle, this.cache.nextSequence);
      return undefined;
    }
    const failed = behaviour === 'honest' ? this.writeEverythingBack(cycle) : this.failFlush(behaviour);
    if (failed !== undefined) {
      this.emit('flush-failed', failed, this.cache.size, cycle, this.cache.nextSequence);
      return failed;
    }
    this.medium.sync();
    if (this.cache.size !== 0) throw new Error('disk: writes are left in the cache after a flush');
    this.emit('flush', 0, count, cycle, this.cache.nextSequence);
    return undefined;
  }

  /** All unflushed sector writes, oldest first: what a power cut chooses from. */
  unflushed(): readonly UnflushedWrite[] {
    return this.cache.list();
  }

  /** The power goes: the survivors of `plan` reach the medium, the disk is dead. Returns the medium. */
  cutPower(plan: CutPlan, cycle: number): DurableMedium {
    this.assertPowered();
    const survivors = this.cache.survivors(plan.survive);
    this.cache.clear();
    for (const entry of survivors) this.put(entry, cycle);
    this.powered = false;
    this.emit('power-cut', 0, survivors.length, cycle, this.cache.nextSequence);
    return this.medium;
  }

  /** An independent disk in the same state, with its own medium. */
  fork(): Disk {
    this.assertPowered();
    const copy = new Disk(this.medium.fork(), this.profile, this.clockHz, this.faults.fork(), this.cache.fork());
    copy.mechanics = { ...this.mechanics };
    copy.deferredError = this.deferredError;
    copy.used = this.used;
    return copy;
  }

  /** The same drive with another medium of the same size in it, as long as nothing was read or written. Throws RangeError. */
  withMedium(medium: DurableMedium): Disk {
    this.assertPowered();
    if (medium.sectors !== this.sectors) {
      throw new RangeError(`disk: a medium of ${medium.sectors} sectors in place of one of ${this.sectors}`);
    }
    if (this.used) throw new RangeError('disk: a sector was read or written already, the medium cannot be exchanged');
    const copy = new Disk(medium, this.profile, this.clockHz, this.faults.fork(), this.cache.fork());
    copy.mechanics = { ...this.mechanics };
    return copy;
  }

  /** Everything that decides the disk's future, as plain data for the state digest. */
  digestParts(): unknown {
    return {
      profile: this.profile,
      mechanics: this.mechanics,
      powered: this.powered,
      faults: this.faults.state(),
      deferredError: this.deferredError,
      nextSequence: this.cache.nextSequence,
      unflushed: this.cache.list(),
      medium: this.medium.digest(),
    };
  }

  /** Makes room in the full cache. A sector that cannot be written is reported by the next flush. */
  private writeBackOldest(cycle: number): void {
    let moved = 0;
    for (; moved < this.writeBackCount(); moved++) {
      const entry = this.cache.takeOldest();
      if (entry === undefined) break;
      if (!this.put(entry, cycle) && this.deferredError < 0) this.deferredError = entry.lba;
    }
    this.emit('write-back', 0, moved, cycle, this.cache.nextSequence);
  }

  /** Returns the sector at which it failed. */
  private writeEverythingBack(cycle: number): number | undefined {
    if (this.deferredError >= 0) {
      const failed = this.deferredError;
      this.deferredError = -1;
      return failed;
    }
    for (let entry = this.cache.takeOldest(); entry !== undefined; entry = this.cache.takeOldest()) {
      if (!this.put(entry, cycle)) return entry.lba;
    }
    return undefined;
  }

  private failFlush(behaviour: 'fails' | 'fails and drops'): number {
    const first = this.cache.list()[0]?.lba ?? 0;
    if (behaviour === 'fails and drops') this.cache.clear();
    return first;
  }

  /** A write leaves the cache for the medium. False: the drive could not write the sector, and knows it. */
  private put(entry: UnflushedWrite, cycle: number): boolean {
    const destination = this.faults.destination(entry.lba);
    const sequence = this.cache.nextSequence;
    if (typeof destination === 'number') {
      this.medium.writeSector(destination, entry.data);
      this.faults.written(destination);
      if (destination !== entry.lba) this.emit('write-misdirected', entry.lba, 1, cycle, sequence);
      return true;
    }
    this.emit(destination === 'lost' ? 'write-lost' : 'write-refused', entry.lba, 1, cycle, sequence);
    return destination === 'lost';
  }

  /** A full cache is written back an eighth at a time. */
  private writeBackCount(): number {
    return Math.max(1, this.profile.cacheSectors >> 3);
  }

  private mediumWriteDelay(writes: readonly UnflushedWrite[], cycle: number): number {
    const sectors = new Set(writes.map((entry) => entry.lba));
    if (this.sectorCycles === 0) return sectors.size * this.cycles(this.profile.mediumWriteMicroseconds);
    let now = cycle;
    for (const lba of [...sectors].sort((a, b) => a - b)) now += this.mechanicalDelay(lba, now);
    if (sectors.size > 0) this.mechanics.bufferCount = 0;
    return now - cycle;
  }

  /** As `accessDelay`, and leaves the head on the sector's track. */
  private mechanicalDelay(lba: number, cycle: number): number {
    const delay = this.accessDelay(lba, cycle);
    this.mechanics.track = Math.floor(lba / this.profile.sectorsPerTrack);
    return delay;
  }

  /** Seek, wait for the sector to come round, and let it pass under the head. */
  private accessDelay(lba: number, cycle: number): number {
    const perTrack = this.profile.sectorsPerTrack;
    const track = Math.floor(lba / perTrack);
    const distance = Math.abs(track - this.mechanics.track);
    const arrival = cycle + this.seekCycles(distance);
    const rotation = this.sectorCycles * perTrack;
    const start = ((lba + track * this.skewSectors) % perTrack) * this.sectorCycles;
    const wait = (start - (arrival % rotation) + rotation) % rotation;
    return arrival + wait + this.sectorCycles - cycle;
  }

  private seekCycles(distance: number): number {
    if (distance === 0) return 0;
    const tracks = Math.max(1, Math.ceil(this.sectors / this.profile.sectorsPerTrack) - 1);
    const { trackSeekMicroseconds: nearest, fullSeekMicroseconds: farthest } = this.profile;
    return this.cycles(nearest + (farthest - nearest) * Math.sqrt((distance - 1) / tracks));
  }

  private cycles(microseconds: number): number {
    return Math.round((microseconds * this.clockHz) / 1_000_000);
  }

  private assertPowered(): void {
    if (!this.powered)
      throw new Error('disk: the power is off; build a new machine on the medium that cutPower returned');
  }

  private emit(kind: DiskEvent['kind'], lba: number, count: number, cycle: number, sequence: number): void {
    this.onEvent?.({ kind, lba, count, cycle, sequence });
  }
}
