/**
 * What the faults of a plan came to in a run: by class, how often one was seen at work, for P11, P12, P13 and P25.
 *
 * The rule: a fault that nobody ran into says nothing. It counts when the drive reports it (an error, a flush that failed, a write that went nowhere or
 * elsewhere), when a sector that has gone bad is read, or when the kernel finds its disk full. A run with such a fault that ended as it may
 * end is a judgement of that class, with the times it was at work as witnesses; where the run ended otherwise, the class did not hold.
 */
import type { DiskEvent } from '../hardware-sim/index.js';
import { FULL_DISK } from './full-disk.js';
import type { PropertyId } from './properties.js';

export type FaultClass = Extract<PropertyId, 'P11' | 'P12' | 'P13' | 'P25'>;

const CLASSES: Readonly<Partial<Record<DiskEvent['kind'], FaultClass>>> = {
  'read-error': 'P12',
  'write-refused': 'P12',
  'flush-failed': 'P12',
  'write-lost': 'P13',
  'write-misdirected': 'P13',
  'flush-lied': 'P13',
};

/** What of a run's failures says that a fault was not survived: memory that is wrong, or a system that stands still. */
const WRONG: ReadonlySet<string> = new Set(['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P14', 'P15', 'P26']);

export class Strikes {
  private readonly times = new Map<FaultClass, number>();
  /** Sectors that give back something else than was written. */
  private readonly rotten = new Set<number>();

  fork(): Strikes {
    const copy = new Strikes();
    for (const [which, times] of this.times) copy.times.set(which, times);
    for (const lba of this.rotten) copy.rotten.add(lba);
    return copy;
  }

  /** From now on the sector reads wrong. */
  rots(lba: number): void {
    this.rotten.add(lba);
  }

  onDisk({ kind, lba }: DiskEvent): void {
    const which = CLASSES[kind];
    if (which !== undefined) this.add(which);
    if (this.rotten.size === 0 || !this.rotten.has(lba)) return;
    if (kind === 'read') this.add('P11');
    // What was written last is what is read from then on.
    if (kind === 'write') this.rotten.delete(lba);
  }

  onLog(line: string): void {
    if (line.startsWith(FULL_DISK)) this.add('P25');
  }

  /** The classes that were at work, and how often. */
  get all(): ReadonlyMap<FaultClass, number> {
    return this.times;
  }

  /** Whether a failure of `property` says that a fault was not survived. */
  static explains(property: string): boolean {
    return WRONG.has(property);
  }

  private add(which: FaultClass): void {
    this.times.set(which, (this.times.get(which) ?? 0) + 1);
  }
}
