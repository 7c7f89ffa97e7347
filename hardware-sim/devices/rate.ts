/**
 * An oscillator beside the processor's clock: the whole number of its ticks at a cycle, and back.
 *
 * Both directions split off whole seconds first, so that all products stay below 2^53 and nothing is ever rounded; ticks do not drift.
 * `ticksAt(cycleOf(t)) === t` for every t, and `cycleOf(t)` is the first cycle for which that holds.
 */
export class Rate {
  constructor(
    readonly hz: number,
    readonly clockHz: number,
  ) {
    if (!Number.isInteger(hz) || hz < 1 || !Number.isInteger(clockHz) || clockHz < hz || clockHz > 4e9) {
      throw new RangeError(`rate: ${hz} Hz cannot be derived from a clock of ${clockHz} Hz`);
    }
  }

  /** Ticks completed at `cycle`, counted from cycle 0. */
  ticksAt(cycle: number): number {
    const seconds = Math.floor(cycle / this.clockHz);
    return seconds * this.hz + Math.floor(((cycle - seconds * this.clockHz) * this.hz) / this.clockHz);
  }

  /** First cycle in which `ticks` ticks are complete. */
  cycleOf(ticks: number): number {
    const seconds = Math.floor(ticks / this.hz);
    return seconds * this.clockHz + Math.ceil(((ticks - seconds * this.hz) * this.clockHz) / this.hz);
  }
}
