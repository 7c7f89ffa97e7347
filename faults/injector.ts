/**
 * Puts the faults of a plan into one life after the other.
 *
 * The rule: a fault belongs to the drive, so it outlives a power cut as far as it has not happened or ended; what is wrong with the
 * medium is on the medium. The atlas is told of each fault when it begins, which is when its place is known.
 */
import { corruptSector, type DiskFault, type DurableMedium, type Machine } from '../hardware-sim/index.js';
import type { FaultPlan, FaultTarget, Moment, PlannedFault, PlannedFaultKind } from '../reports/plan.js';
import { blocksOf } from './disk-image.js';
import type { Life } from './life.js';
import { blocksThrough, type Struck, strike } from './target.js';

/** A fault of the drive that lasts for a time. */
type Timed = Extract<DiskFault, { readonly from: number }>;

export class Injector {
  private readonly faults: readonly PlannedFault[];
  /** What was wrong with the drive when the power went, with its cycles counted from then. */
  private carried: DiskFault[] = [];
  /** The medium as each cut left it, where a plan may put it back. */
  private readonly left: DurableMedium[] = [];
  private readonly keepsOlder: boolean;

  constructor(plan: FaultPlan) {
    this.faults = plan.faults ?? [];
    this.keepsOlder = this.faults.some(({ fault }) => fault.kind === 'older-disk');
  }

  fork(plan: FaultPlan): Injector {
    const copy = new Injector(plan);
    copy.carried = [...this.carried];
    copy.left.push(...this.left);
    return copy;
  }

  /** When the faults of boot `boot` begin; undefined: one of them is there when its power comes on. */
  moments(boot: number): Moment[] | undefined {
    const moments: Moment[] = [];
    for (const { when } of this.faults.filter((fault) => fault.boot === boot)) {
      if (when.kind === 'power-on') return undefined;
      moments.push(when);
    }
    return moments;
  }

  /** Whether something is wrong with the drive already when the power comes on. */
  get isTroubled(): boolean {
    return this.carried.length > 0;
  }

  /** The power went; what is wrong with the drive stays so. */
  cut(machine: Machine, medium: DurableMedium): void {
    this.carried = carriedFaults(machine);
    if (this.keepsOlder) this.left.push(medium.fork());
  }

  /** The older disk that somebody has put back before boot `boot`, if so. */
  olderMedium(
    boot: number,
  ): { readonly fault: PlannedFaultKind; readonly medium: DurableMedium; readonly at?: undefined } | undefined {
    const fault = this.faults.findLast((one) => one.boot === boot && one.fault.kind === 'older-disk')?.fault;
    const left = fault?.kind === 'older-disk' ? this.left.at(fault.cut) : undefined;
    return fault === undefined || left === undefined ? undefined : { fault, medium: left.fork() };
  }

  /** Bits of a medium at rest turn over before boot `boot`. What was struck. */
  rot(boot: number, medium: DurableMedium): { readonly fault: PlannedFaultKind; readonly at: Struck }[] {
    const struck: { fault: PlannedFaultKind; at: Struck }[] = [];
    for (const { fault } of this.faults.filter((one) => one.boot === boot)) {
      if (fault.kind !== 'rot') continue;
      const at = strike(blocksOf(medium), fault.target);
      if (at === undefined) continue;
      corruptSector(medium, at.lba, fault.offset, fault.mask);
      struck.push({ fault, at });
    }
    return struck;
  }

  /** The life begins: what the drive had keeps on, what is to be there from the start begins, alarms are set for the rest. */
  begin(life: Life, looks: readonly { readonly boot: number; readonly when: Moment }[] = []): void {
    for (const [index, { boot, when }] of looks.entries()) {
      if (boot === life.boot) life.setAlarm(this.faults.length + index, when);
    }
    for (const fault of this.carried) life.machine.addDiskFault(fault);
    for (const [index, { boot, when, fault }] of this.faults.entries()) {
      if (boot !== life.boot || fault.kind === 'rot' || fault.kind === 'older-disk') continue;
      if (when.kind === 'power-on') this.inject(life, fault);
      else life.setAlarm(index, when);
    }
  }

  /** The alarms that have come; those that are no fault's are somebody's who wants to `look`. */
  alarms(life: Life, look: () => void): void {
    for (const index of life.takeAlarms()) {
      if (index < this.faults.length) this.inject(life, this.faults[index].fault);
      else look();
    }
  }

  private inject(life: Life, planned: PlannedFaultKind): void {
    const { machine } = life;
    const sectors = machine.medium?.sectors ?? 0;
    const source = blocksThrough(sectors, (lba) => machine.peekSector(lba));
    const place = (target: FaultTarget) => strike(source, target);
    const at = 'target' in planned ? place(planned.target) : undefined;
    const to = planned.kind === 'misdirected-write' ? place(planned.to) : undefined;
    const fault = realised(planned, at?.lba, to?.lba, machine.cycles);
    if (fault === undefined) return;
    machine.addDiskFault(fault);
    life.evidence.atlas.admit(planned, at, to);
    if (planned.kind === 'misread' && at !== undefined) life.evidence.strikes.rots(at.lba);
    life.record({ kind: 'fault', detail: describeFault(planned, at, to) });
  }
}

/** What the timeline says of a fault that begins. */
export function describeFault(fault: PlannedFaultKind, at?: Struck, to?: Struck): string {
  const where = at === undefined ? '' : ` at sector ${at.lba} (${at.holds}, block ${at.block})`;
  const landing = to === undefined ? '' : `, landing at sector ${to.lba} (${to.holds}, block ${to.block})`;
  const often = 'times' in fault && fault.times !== undefined ? `, ${fault.times} times` : '';
  const long = 'cycles' in fault && fault.cycles !== undefined ? `, for ${fault.cycles} cycles` : '';
  return `${fault.kind}${where}${landing}${often}${long}`;
}

/** The fault of the drive that a planned one is at `now`; undefined: there is no such place on this disk. */
function realised(
  planned: PlannedFaultKind,
  lba: number | undefined,
  to: number | undefined,
  now: number,
): DiskFault | undefined {
  if ('target' in planned && lba === undefined) return undefined;
  const at = lba ?? 0;
  switch (planned.kind) {
    case 'read-error':
    case 'write-error':
      return { kind: planned.kind, lba: at, ...often(planned.times) };
    case 'misread':
      return { kind: 'misread', lba: at, offset: planned.offset, mask: planned.mask, ...often(planned.times) };
    case 'misdirected-write':
      return to === undefined ? undefined : { kind: 'misdirected-write', lba: at, to };
    case 'lost-write':
      return { kind: 'lost-write', lba: at };
    case 'lying-flush':
      return { kind: 'lying-flush', ...often(planned.times) };
    case 'failed-flush':
      return { kind: 'failed-flush', cache: planned.cache, ...often(planned.times) };
    case 'slow':
      return { kind: 'slow', factor: planned.factor, ...lasting(now, planned.cycles) };
    case 'gone':
      return { kind: 'gone', ...lasting(now, planned.cycles) };
    case 'jitter':
      return { kind: 'jitter', seed: planned.seed, most: planned.most, ...lasting(now, planned.cycles) };
    default:
      return undefined;
  }
}

function often(times: number | undefined): { readonly times?: number } {
  return times === undefined ? {} : { times };
}

function lasting(from: number, cycles: number | undefined): { readonly from: number; readonly until?: number } {
  return cycles === undefined ? { from } : { from, until: from + cycles };
}

/** What is wrong with the drive of a machine whose power goes now, as the next life has it. */
export function carriedFaults({ cycles, diskFaults }: Pick<Machine, 'cycles' | 'diskFaults'>): DiskFault[] {
  return diskFaults.flatMap((fault) => ('from' in fault ? shifted(fault, cycles) : [fault]));
}

/** The same fault in a life that begins at `now` of this one. */
function shifted(fault: Timed, now: number): DiskFault[] {
  const from = Math.max(0, fault.from - now);
  if (fault.until === undefined) return [{ ...fault, from }];
  return fault.until <= now ? [] : [{ ...fault, from, until: fault.until - now }];
}

/** The last cycle of a life, as known now, at which its drive is slow, late or away; 0: it is none of these. Infinity: for ever. */
export function troubledUntil(machine: Machine): number {
  let until = 0;
  for (const fault of machine.diskFaults) {
    if (fault.kind === 'slow' || fault.kind === 'gone' || fault.kind === 'jitter') {
      until = Math.max(until, fault.until ?? Number.POSITIVE_INFINITY);
    }
  }
  return until;
}
