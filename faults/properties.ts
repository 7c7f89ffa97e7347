/**
 * The properties a run is judged by, and the count of judgements.
 *
 * The rule against vacuity: a property that a run claims and never had a witness for (an event that could have shown a
 * failure) counts as failed.
 */
import type { Finding, PropertyResult } from '../reports/schema.js';

export const PROPERTIES = {
  P1: 'atomicity: what the disk holds after a cut is one generation, whole',
  P2: 'point in time: recovered memory is what it was at the demarcation',
  P3: 'monotone prefix: never older than the last announced commit, never newer than the last demarcation',
  P4: 'durability: a commit survives the loss of unflushed writes',
  P5: 'committed generations are never overwritten and stay whole',
  P6: 'no block is used for two things',
  P7: 'no block leaks: what goes out of use is on the list by which it comes back',
  P8: 'a torn superblock leaves a disk that recovers',
  P9: 'write reordering: whatever a cut leaves of the unflushed writes, and in whatever order, recovers',
  P10: 'a cut during recovery is survived',
  P11: 'corruption is detected: what the disk gives back wrong never passes for right',
  P12: 'errors of the disk are survived, or refused in clear words',
  P13: 'lost and misdirected writes are detected',
  P14: 'liveness: the system comes up, runs and commits again',
  P15: 'no deadlock: while a snapshot is under way something works, and nobody waits for what is free',
  P16: 'transparency: a program prints the same with snapshots and without',
  P17: 'garbage collection: what is reachable is whole, and a collection leaves it as it was',
  P18: 'restart: no address of the kernel in what was recovered, and a boot is counted once',
  P19: 'output goes on: nothing missing, nothing wrong',
  P20: 'time never goes back for programs, and who sleeps wakes',
  P21: 'a disk of a later kernel is refused, in clear words and untouched',
  P22: 'determinism of the bed itself: the same run twice is the same',
  P23: 'random bytecode hurts nothing but its own thread',
  P24: 'refinement: what was observed is a behaviour of the specifications',
  P25: 'a full disk: the old generation stays, and snapshots go on when there is room',
  P26: "the program's own invariant holds in what was recovered",
} as const;

export type PropertyId = keyof typeof PROPERTIES;

const IDS = Object.keys(PROPERTIES) as PropertyId[];

/** Findings beyond this are counted and not kept: the first ones explain the rest. */
const FINDINGS_MAX = 50;
const PAGES_MAX = 32;

interface Tally {
  checked: number;
  failed: number;
  witnesses: number;
}

export interface Place {
  readonly boot: number;
  readonly cycle: number;
}

export class PropertyLedger {
  private readonly tallies = new Map<PropertyId, Tally>();
  readonly findings: Finding[] = [];

  constructor() {
    for (const id of IDS) this.tallies.set(id, { checked: 0, failed: 0, witnesses: 0 });
  }

  fork(): PropertyLedger {
    const copy = new PropertyLedger();
    for (const [id, tally] of this.tallies) copy.tallies.set(id, { ...tally });
    copy.findings.push(...this.findings);
    return copy;
  }

  /** `times` judgements were made. */
  checked(id: PropertyId, times = 1): void {
    this.tally(id).checked += times;
  }

  wasChecked(id: PropertyId): boolean {
    return this.tally(id).checked > 0;
  }

  isWitnessed(id: PropertyId): boolean {
    return this.tally(id).witnesses > 0;
  }

  witness(id: PropertyId, times = 1): void {
    this.tally(id).witnesses += times;
  }

  fail(id: PropertyId, place: Place, message: string, pages: readonly number[] = []): void {
    this.tally(id).failed++;
    if (this.findings.length >= FINDINGS_MAX) return;
    this.findings.push({
      property: id,
      boot: place.boot,
      cycle: place.cycle,
      message,
      pages: pages.slice(0, PAGES_MAX),
    });
  }

  get failures(): number {
    let sum = 0;
    for (const tally of this.tallies.values()) sum += tally.failed;
    return sum;
  }

  /** The table; each claimed property without a witness is a failure of its own. */
  results(claimed: ReadonlySet<PropertyId>): PropertyResult[] {
    return IDS.map((id) => ({ id, name: PROPERTIES[id], ...this.tally(id), claimed: claimed.has(id) }));
  }

  private tally(id: PropertyId): Tally {
    const tally = this.tallies.get(id);
    if (tally === undefined) throw new Error(`no property ${id}`);
    return tally;
  }
}

/** Claimed and never witnessed. */
export function vacuous(property: PropertyResult): boolean {
  return property.claimed && property.witnesses === 0;
}
