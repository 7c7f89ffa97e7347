/**
 * What can go wrong inside the drive, as a policy the disk consults for each sector it takes from or puts on its medium.
 *
 * The rule that makes it right: a policy is a function of its own data and of the operations it is told about, in order; it never draws
 * anything at random, so a forked machine with a forked policy sees the same faults.
 */

export interface DiskFaults {
  /** Asked for each sector read from the medium (not from the cache). True: the drive reports it as uncorrectable. */
  readFails(lba: number): boolean;
  /** Told of each sector that was written to the medium. */
  written(lba: number): void;
  fork(): DiskFaults;
  /** Everything that decides future answers, as plain data for the state digest. */
  state(): readonly number[];
}

/** A drive without defects. */
export const NO_FAULTS: DiskFaults = {
  readFails: () => false,
  written: () => {},
  fork: () => NO_FAULTS,
  state: () => [],
};

/** Sectors that cannot be read until they are written again, as a real drive rewrites or relocates a bad sector on write. */
export class LatentReadErrors implements DiskFaults {
  private readonly unreadable: Set<number>;

  constructor(lbas: Iterable<number>) {
    this.unreadable = new Set(lbas);
  }

  readFails(lba: number): boolean {
    return this.unreadable.has(lba);
  }

  written(lba: number): void {
    this.unreadable.delete(lba);
  }

  fork(): LatentReadErrors {
    return new LatentReadErrors(this.unreadable);
  }

  state(): readonly number[] {
    return [...this.unreadable].sort((a, b) => a - b);
  }
}
