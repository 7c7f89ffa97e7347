/**
 * What can go wrong inside the drive: a list of faults that is plain data, consulted for each sector the disk takes from or puts on its medium,
 * each flush and each command.
 *
 * The rule that makes it right: what happens is a function of the list and of the operations so far, in order; nothing is drawn
 * at random, so a forked machine with a forked list sees the same faults. Faults are of the medium: what the volatile cache still
 * has is read from there, and a write fails, goes astray or is lost when it leaves the cache, which is also where a real drive notices.
 *
 * The kinds are those of Bairavasundaram et al., "An Analysis of Latent Sector Errors in Disk Drives" (2007) and "An Analysis of Data Corruption
 * in the Storage Stack" (2008): latent sector errors, bit corruption, misdirected writes (the place that was meant keeps its old data,
 * another one gets the new), lost writes; and drives whose FLUSH CACHE fails or lies.
 */

import { scatter } from '../scatter.js';
import { assertSector } from './durable-medium.js';

/** Sector numbers are of 512-byte sectors; cycles are those of the machine since it was switched on. */
export type DiskFault =
  /** The sector cannot be read, `times` times; without `times`: until it is written. A write mends it in any case. */
  | { readonly kind: 'read-error'; readonly lba: number; readonly times?: number }
  /** The sector cannot be written, `times` times; without `times`: never again. */
  | { readonly kind: 'write-error'; readonly lba: number; readonly times?: number }
  /** A write command ends with an error at the sector and takes nothing of it, `times` times; without `times`: always. */
  | { readonly kind: 'refused-write'; readonly lba: number; readonly times?: number }
  /**
   * The byte at `offset` of the sector reads with the bits of `mask` turned over, `times` times; without `times`: until it is written. No error
   * is reported. What has rotted on the medium for good is a change of the medium: `corruptSector` in `durable-medium.ts`.
   */
  | {
      readonly kind: 'misread';
      readonly lba: number;
      readonly offset: number;
      readonly mask: number;
      readonly times?: number;
    }
  /** The next write of sector `lba` lands on sector `to` instead. */
  | { readonly kind: 'misdirected-write'; readonly lba: number; readonly to: number }
  /** The next write of the sector never reaches the medium. */
  | { readonly kind: 'lost-write'; readonly lba: number }
  /** FLUSH CACHE ends well and has done nothing, `times` times; without `times`: always. */
  | { readonly kind: 'lying-flush'; readonly times?: number }
  /** FLUSH CACHE ends with an error; the unflushed writes stay in the cache or are gone. */
  | { readonly kind: 'failed-flush'; readonly cache: 'kept' | 'dropped'; readonly times?: number }
  /** The disk takes `factor` times as long from cycle `from` until cycle `until`. */
  | { readonly kind: 'slow'; readonly factor: number; readonly from: number; readonly until?: number }
  /** Each operation takes 0 to `most` cycles longer, drawn from `seed` and its cycle, from cycle `from` until cycle `until`. */
  | {
      readonly kind: 'jitter';
      readonly seed: number;
      readonly most: number;
      readonly from: number;
      readonly until?: number;
    }
  /** The cable is out from cycle `from` until cycle `until`: registers read as all ones, commands are not heard, no interrupt comes. */
  | { readonly kind: 'gone'; readonly from: number; readonly until?: number };

/** Where a sector write goes: a sector, or nowhere, with the drive knowing (`refused`) or not (`lost`). */
export type Destination = number | 'refused' | 'lost';
export type FlushBehaviour = 'honest' | 'lies' | 'fails' | 'fails and drops';

/** A fault on the list, and how often it can still happen. */
interface Listed {
  readonly fault: DiskFault;
  left: number;
}

/** The faults of one drive. More can be added while the machine is stopped. Of several that fit, the first on the list happens. */
export class DiskFaults {
  private readonly listed: Listed[] = [];

  /** Throws RangeError for numbers that mean nothing: `sectors` is the capacity of the disk. */
  constructor(
    faults: Iterable<DiskFault>,
    private readonly sectors: number,
  ) {
    for (const fault of faults) this.add(fault);
  }

  add(fault: DiskFault): void {
    checkFault(fault, this.sectors);
    this.listed.push({ fault, left: occurrences(fault) });
  }

  /** Asked for each sector read from the medium (not from the cache). True: the drive reports it as uncorrectable. */
  readFails(lba: number): boolean {
    return this.happens((fault) => fault.kind === 'read-error' && fault.lba === lba) !== undefined;
  }

  /** Shown the 512 bytes at `offset` of each sector read from the medium: what the drive makes of them. */
  readBack(lba: number, bytes: Uint8Array, offset: number): void {
    const fault = this.happens((other) => other.kind === 'misread' && other.lba === lba);
    if (fault?.kind === 'misread') bytes[offset + fault.offset] ^= fault.mask;
  }

  /** Asked for each sector that a write command brings. True: the command ends with an error there. */
  refuses(lba: number): boolean {
    return this.happens((fault) => fault.kind === 'refused-write' && fault.lba === lba) !== undefined;
  }

  /** Asked for each sector write that leaves the cache: where it goes. */
  destination(lba: number): Destination {
    const fault = this.happens(
      (other) =>
        (other.kind === 'write-error' || other.kind === 'misdirected-write' || other.kind === 'lost-write') &&
        other.lba === lba,
    );
    if (fault === undefined) return lba;
    if (fault.kind === 'misdirected-write') return fault.to;
    return fault.kind === 'write-error' ? 'refused' : 'lost';
  }

  /** Told of each sector that was written on the medium. */
  written(lba: number): void {
    const kept = this.listed.filter(
      ({ fault }) => !((fault.kind === 'read-error' || fault.kind === 'misread') && fault.lba === lba),
    );
    this.listed.splice(0, this.listed.length, ...kept);
  }

  /** Asked at each FLUSH CACHE. */
  flushing(): FlushBehaviour {
    const fault = this.happens((other) => other.kind === 'lying-flush' || other.kind === 'failed-flush');
    if (fault === undefined) return 'honest';
    if (fault.kind === 'lying-flush') return 'lies';
    return fault.kind === 'failed-flush' && fault.cache === 'dropped' ? 'fails and drops' : 'fails';
  }

  /** How much longer than its profile says the disk takes. */
  slowness(cycle: number): number {
    for (const { fault } of this.listed) if (fault.kind === 'slow' && lasts(fault, cycle)) return fault.factor;
    return 1;
  }

  /** Cycles that an operation begun at `cycle` takes beside those of its profile. */
  lateness(cycle: number): number {
    for (const { fault } of this.listed) {
      if (fault.kind === 'jitter' && lasts(fault, cycle)) return scatter(fault.seed, cycle) % (fault.most + 1);
    }
    return 0;
  }

  /** Whether the drive is there. */
  responds(cycle: number): boolean {
    return !this.listed.some(({ fault }) => fault.kind === 'gone' && lasts(fault, cycle));
  }

  fork(): DiskFaults {
    return new DiskFaults(this.state(), this.sectors);
  }

  /** The list as it is now: everything that decides future answers. */
  state(): readonly DiskFault[] {
    return this.listed.map(({ fault, left }) =>
      Number.isFinite(left) && 'times' in fault ? { ...fault, times: left } : fault,
    );
  }

  /** The first listed fault that fits; one less of it is left. */
  private happens(fits: (fault: DiskFault) => boolean): DiskFault | undefined {
    const index = this.listed.findIndex(({ fault }) => fits(fault));
    if (index < 0) return undefined;
    const found = this.listed[index];
    found.left--;
    if (found.left === 0) this.listed.splice(index, 1);
    return found.fault;
  }
}

function occurrences(fault: DiskFault): number {
  if (fault.kind === 'misdirected-write' || fault.kind === 'lost-write') return 1;
  return 'times' in fault && fault.times !== undefined ? fault.times : Number.POSITIVE_INFINITY;
}

function lasts(fault: { readonly from: number; readonly until?: number }, cycle: number): boolean {
  return cycle >= fault.from && (fault.until === undefined || cycle < fault.until);
}

function checkFault(fault: DiskFault, sectors: number): void {
  const demand = (holds: boolean, what: string): void => {
    if (!holds) throw new RangeError(`disk fault ${JSON.stringify(fault)}: ${what}`);
  };
  const isNatural = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  if ('lba' in fault) assertSector(fault.lba, sectors);
  if ('times' in fault && fault.times !== undefined) {
    demand(isNatural(fault.times) && fault.times > 0, 'times must be 1 or more');
  }
  if ('from' in fault) {
    demand(isNatural(fault.from), 'from must be a cycle');
    demand(fault.until === undefined || fault.until > fault.from, 'until must be a cycle after from');
  }
  if (fault.kind === 'misdirected-write') assertSector(fault.to, sectors);
  if (fault.kind === 'jitter') {
    demand(isNatural(fault.seed) && fault.seed < 2 ** 32, 'seed must be 32 bits');
    demand(isNatural(fault.most) && fault.most > 0, 'most must be 1 or more cycles');
  }
  if (fault.kind === 'slow') demand(fault.factor >= 1 && Number.isFinite(fault.factor), 'factor must be 1 or more');
  if (fault.kind === 'misread') {
    demand(isNatural(fault.offset) && fault.offset < 512, 'offset must be 0 to 511');
    demand(isNatural(fault.mask) && fault.mask > 0 && fault.mask < 256, 'mask must be 1 to 255');
  }
}
