/**
 * The fault atlas: what of the faults of a plan the system must survive as if nothing had happened, and what is beyond that.
 *
 * The rule: of everything but pages of programs there are two copies, so one of them may be lost; pages have one, and are verified when they
 * come in. What the redundancy covers must be survived whole: every property is demanded. Beyond it (both copies of a thing, the only copy
 * of a page, a drive that says "written" and has not, somebody who puts an older disk back) the demand is *never silently wrong*: a refusal to
 * boot, an earlier generation, an object that is lost and says so are right answers; memory that is not what it was is none.
 *
 * Until the first commit blank superblock copies are what tells that nothing is on the disk. There are four, but one that reads otherwise may be
 * somebody else's or a commit's: such a disk must not be formatted, and what is refused then has nothing on it that could be lost.
 *
 * What is not the disk's doing excuses nothing: less memory, interrupts that come late, what is typed, programs that nobody has checked. A small disk
 * excuses nothing either but that no snapshot is taken while it is full (`full-disk.ts`).
 *
 * (TigerBeetle's fault atlas decides the same for a cluster: which faults its redundancy has to hide.)
 */
import { SUPERBLOCK_BLOCKS } from '../model/disk-reader.js';
import type { FaultPlan, PlannedFaultKind } from '../reports/plan.js';
import type { PropertyId } from './properties.js';
import type { Struck } from './target.js';

/** How often the kernel tries a read, and a flush, before it gives up. */
const READ_ATTEMPTS = 3;
const FLUSH_FAILURES_SURVIVED = 16;
/** A life waits for its commits that long at least; a drive that is away, or slow, for longer is gone. */
const ABSENCE_CYCLES_MAX = 1_000_000_000;
const SLOWNESS_MAX = 20;

/** What may not be even when the disk did what nobody can hide. */
const NEVER: ReadonlySet<PropertyId> = new Set<PropertyId>(['P2', 'P26']);

export class Atlas {
  /** Why less than everything is demanded; none: all properties are. */
  private readonly reasons: string[] = [];
  private readonly struck = new Set<number>();
  /** Blocks that the drive may read wrong, or not at all. */
  readonly misread = new Set<number>();
  private faults = 0;

  fork(): Atlas {
    const copy = new Atlas();
    copy.reasons.push(...this.reasons);
    for (const block of this.struck) copy.struck.add(block);
    for (const block of this.misread) copy.misread.add(block);
    copy.faults = this.faults;
    return copy;
  }

  /** Whether the disk did anything wrong so far. */
  get isHarmed(): boolean {
    return this.faults > 0;
  }

  /** Whether something happened that need not be survived whole. */
  get isBeyond(): boolean {
    return this.reasons.length > 0;
  }

  get beyond(): readonly string[] {
    return this.reasons;
  }

  /** Whether what is wrong with this block is the fault's doing and not the kernel's. */
  excusesBlock(block: number): boolean {
    return this.isBeyond || this.struck.has(block);
  }

  /** Whether a judgement on this property says nothing against the kernel any more. */
  excuses(id: PropertyId): boolean {
    return this.isBeyond && !NEVER.has(id);
  }

  /** There is no room for a snapshot: what was committed must be there after a cut as ever, but nothing more can be. */
  full(): void {
    this.reasons.push('a disk that is full, as the log says');
  }

  /** A fault begins. `at`: where it strikes, where it has a place; `to`: where a misdirected write lands. */
  admit(fault: PlannedFaultKind, at?: Struck, to?: Struck): void {
    this.faults++;
    for (const one of [at, to]) if (one !== undefined) this.struck.add(one.block);
    if (at !== undefined && (fault.kind === 'read-error' || fault.kind === 'misread')) this.misread.add(at.block);
    const reason = staticReason(fault) ?? this.reasonAt(fault, at) ?? this.reasonAt(fault, to);
    if (reason !== undefined) this.reasons.push(reason);
  }

  private reasonAt(fault: PlannedFaultKind, at: Struck | undefined): string | undefined {
    if (at === undefined || fault.kind === 'write-error') return undefined;
    if (fault.kind === 'read-error' && fault.times !== undefined && fault.times < READ_ATTEMPTS) return undefined;
    // What a write that goes nowhere, or elsewhere, was to be is not known before it comes.
    if (at.holds === 'free') {
      return fault.kind === 'lost-write' || fault.kind === 'misdirected-write'
        ? `${fault.kind} of a block that may become the only copy of a page`
        : undefined;
    }
    if (at.holds === 'page') return `${fault.kind} of the only copy of a page, block ${at.block}`;
    if (at.holds === 'superblock') {
      if (at.hasCommits === false && fault.kind !== 'lost-write') {
        return `${fault.kind} of a superblock copy before the first commit, block ${at.block}`;
      }
      return SUPERBLOCK_BLOCKS.filter((block) => this.struck.has(block)).length > 1
        ? 'more than one superblock copy'
        : undefined;
    }
    return at.other !== undefined && this.struck.has(at.other) ? `both copies of a ${at.holds}` : undefined;
  }
}

/** Why a fault is beyond what must be survived wherever it strikes; undefined: it is not, or that depends on the place. */
function staticReason(fault: PlannedFaultKind): string | undefined {
  switch (fault.kind) {
    case 'lying-flush':
      return 'a drive that says it has flushed and has not';
    case 'older-disk':
      return `the disk of cut ${fault.cut} put back`;
    case 'gone':
      return isLong(fault.cycles) ? 'a disk that does not come back' : undefined;
    case 'slow':
      return isLong(fault.cycles) && fault.factor > SLOWNESS_MAX ? `a disk ${fault.factor} times as slow` : undefined;
    case 'failed-flush':
      return fault.times === undefined || fault.times > FLUSH_FAILURES_SURVIVED
        ? 'a drive that never flushes again'
        : undefined;
    default:
      return undefined;
  }
}

function isLong(cycles: number | undefined): boolean {
  return cycles === undefined || cycles > ABSENCE_CYCLES_MAX;
}

/**
 * The plan within what must be survived wherever its faults strike: without those that never are, and without those that strike what holds
 * pages, or may. What is left can still meet the second copy of a thing; then the run says so.
 */
export function bounded(plan: FaultPlan): FaultPlan {
  const { faults, ...rest } = plan;
  const kept = (faults ?? []).filter(({ fault }) => staticReason(fault) === undefined && !mayLosePage(fault));
  return kept.length === 0 ? rest : { ...rest, faults: kept };
}

function mayLosePage(fault: PlannedFaultKind): boolean {
  if (!('target' in fault) || fault.kind === 'write-error') return false;
  if (fault.kind === 'read-error' && fault.times !== undefined && fault.times < READ_ATTEMPTS) return false;
  const targets = fault.kind === 'misdirected-write' ? [fault.target, fault.to] : [fault.target];
  const goesAstray = fault.kind === 'lost-write' || fault.kind === 'misdirected-write';
  return targets.some(
    (target) => target.kind === 'sector' || target.holds === 'page' || (goesAstray && target.holds !== 'superblock'),
  );
}
