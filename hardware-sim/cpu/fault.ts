/**
 * An exception on its way from the place that detects it to the place that delivers it, and a request to stop.
 *
 * Faults are thrown as the one `GuestFault` object of a processor (allocating an Error with a stack trace for each page fault would cost
 * more than the fault). The rule: whoever throws has not changed any architectural state yet.
 */

export const Vector = {
  DE: 0,
  DB: 1,
  BP: 3,
  OF: 4,
  BR: 5,
  UD: 6,
  NM: 7,
  DF: 8,
  TS: 10,
  NP: 11,
  SS: 12,
  GP: 13,
  PF: 14,
  AC: 17,
} as const;

export class GuestFault {
  vector = 0;
  /** -1: the exception has no error code. */
  errorCode = -1;
  /** Faulting linear address of a #PF; becomes CR2 at delivery. */
  linear = 0;

  raise(vector: number, errorCode = -1): never {
    this.vector = vector;
    this.errorCode = errorCode;
    throw this;
  }

  raisePageFault(errorCode: number, linear: number): never {
    this.linear = linear;
    return this.raise(Vector.PF, errorCode);
  }
}

/** The guest used a feature that is not modelled. */
export class UnsupportedFeature {
  constructor(readonly feature: string) {}
}
