/**
 * One cut explored: the crash states of its moment, each judged offline, a sample of them recovered on the machine.
 *
 * The rule: the reader and the machine are two judges that share nothing but the disk. Where they differ (one recovers another generation, or
 * finds fault where the other does not) that is a finding, whoever is right.
 */

import type { UnflushedWrite } from '../hardware-sim/index.js';
import type { PlannedCut, Survivors } from '../reports/plan.js';
import { type CrashVerdict, judgeCrashState } from './crash-judge.js';
import {
  CrashSpace,
  type CrashState,
  type CrashStateWishes,
  EXHAUSTIVE_WRITES_MAX,
  hasSuperblock,
  isPrefix,
  stateBits,
  tearsSuperblock,
} from './crash-states.js';
import { blocksOf, isSuperblockSector } from './disk-image.js';
import { landingOf } from './landing.js';
import type { Life } from './life.js';
import type { CollectionStep } from './probe.js';
import { type PropertyId, PropertyLedger } from './properties.js';
import type { RecoveryBench } from './recovery-bench.js';

export interface ExploreWishes extends CrashStateWishes {
  /** Of so many states one is recovered on the machine, and the first of each kind of verdict; 0: none. */
  readonly recoverOneIn: number;
}

/** What was about at a cut, what was on its way, how recovery goes; and in how many states. */
export interface Cell {
  readonly kernel: string;
  readonly inFlight: string;
  readonly recovery: string;
  count: number;
}

/** A crash state that must not be. */
export interface CrashFailure {
  readonly property: PropertyId;
  readonly message: string;
  readonly pages: readonly number[];
  /** The cut that leaves it. */
  readonly cut: PlannedCut;
}

export interface Exploration {
  readonly states: number;
  readonly recoveries: number;
  /** Recoveries on which reader and machine agree. */
  readonly agreed: number;
  /** Different disks that the reader was shown. */
  readonly readings: number;
  readonly exhausted: readonly { readonly space: string; readonly states: number }[];
  readonly cells: readonly Cell[];
  readonly ledger: PropertyLedger;
  /** The first of each property. */
  readonly failures: readonly CrashFailure[];
}

/** States with one verdict. */
interface Pile {
  readonly verdict: CrashVerdict;
  /** What recovery comes to, in words. */
  readonly kind: string;
  states: number;
  /** Those that a drive that writes back in order does not leave; those that lose something. */
  reordered: number;
  losing: number;
  /** Those with a part of what was on its way to the superblock copies. */
  torn: number;
  readonly first: CrashState;
}

/** Nothing of `life` is changed. */
export function exploreCut(life: Life, wishes: ExploreWishes, bench: RecoveryBench | undefined): Exploration {
  const { machine, evidence } = life;
  if (machine.medium === undefined) throw new Error('explore: a machine without a disk has no crash states');
  const unflushed = machine.unflushedWrites();
  const landing = landingOf(unflushed, machine.diskFaults, machine.medium) ?? [];
  const ledger = new PropertyLedger();
  const failures = new Map<PropertyId, CrashFailure>();
  const piles: Pile[] = [];
  const space = new CrashSpace<Pile>(blocksOf(machine.medium), landing, (image, state) => {
    const verdict = judgeCrashState(image, evidence);
    const kind = [verdict.branch, ...verdict.problems.map(({ property }) => property)].join();
    const pile = { verdict, kind, states: 0, reordered: 0, losing: 0, torn: 0, first: state.slice() };
    piles.push(pile);
    return pile;
  });
  const note = (property: PropertyId, message: string, pages: readonly number[], state: CrashState): void => {
    const survivors: Survivors = state.length === 0 ? { kind: 'none' } : { kind: 'mask', bits: stateBits(state) };
    const cut: PlannedCut = { when: { kind: 'cycle', cycle: Math.max(1, life.machine.cycles) }, survivors };
    if (!failures.has(property)) failures.set(property, { property, message, pages, cut });
  };
  // What the drive reads wrong the reader reads right, and both may choose another generation.
  const readsWrong = machine.diskFaults.some(({ kind }) => kind === 'read-error' || kind === 'misread');
  const isTorn = tearsSuperblock(landing);
  const met = new Set<string>();
  let states = 0;
  let recoveries = 0;
  let agreed = 0;
  const drawing = space.states(wishes);
  for (let next = drawing.next(); ; next = drawing.next()) {
    if (next.done) {
      const exhausted = exhaustedSpaces(space, next.value, landing);
      settle(piles, ledger, life, note);
      const cells = cellsOf(piles, life, unflushed);
      const readings = space.readings;
      return { states, recoveries, agreed, readings, exhausted, cells, ledger, failures: [...failures.values()] };
    }
    const state = next.value;
    const pile = space.verdict(state);
    const isNew = !met.has(pile.kind);
    met.add(pile.kind);
    pile.states++;
    if (!isPrefix(state)) pile.reordered++;
    if (state.includes(0)) pile.losing++;
    if (isTorn(state)) pile.torn++;
    // One of each kind of verdict, and of the rest a sample.
    const sampled = wishes.recoverOneIn > 0 && (isNew || states % wishes.recoverOneIn === 0);
    states++;
    if (!sampled || bench === undefined) continue;
    recoveries++;
    const recovered = bench.recover(life, state, pile.verdict.image, landing);
    for (const { property, message, pages } of recovered.findings) note(property as PropertyId, message, pages, state);
    const same =
      (readsWrong || recovered.generation === pile.verdict.generation) &&
      recovered.findings.length > 0 === pile.verdict.problems.length > 0;
    if (same) agreed++;
    else {
      const machineSays = describe(recovered.generation, recovered.findings);
      const message = `the independent reader says ${describe(pile.verdict.generation, pile.verdict.problems)}, the machine ${machineSays}`;
      ledger.fail('P1', life.place, message);
      note('P1', message, [], state);
    }
    for (const { property, message, pages } of recovered.findings) {
      ledger.fail(property as PropertyId, life.place, message, pages);
    }
  }
}

function describe(generation: number | undefined, problems: readonly { readonly property: string }[]): string {
  const what = generation === undefined ? 'that nothing can be recovered' : `generation ${generation}`;
  const found = [...new Set(problems.map(({ property }) => property))].join(', ');
  return found === '' ? what : `${what} and ${found} broken`;
}

/** Puts what the states came to on the books: each state is one judgement of each property. */
function settle(
  piles: readonly Pile[],
  ledger: PropertyLedger,
  life: Life,
  note: (property: PropertyId, message: string, pages: readonly number[], state: CrashState) => void,
): void {
  const { committed } = life.evidence;
  for (const { verdict, states, reordered, losing, torn, first } of piles) {
    const held = verdict.problems.length === 0;
    ledger.checked('P1', states);
    ledger.checked('P3', states);
    ledger.checked('P5', states);
    if (verdict.blocksJudged) {
      ledger.checked('P6', states);
      ledger.checked('P7', states);
      if (verdict.image.lists > 0) ledger.witness('P7', states);
    }
    if (verdict.pagesJudged > 0) {
      ledger.checked('P2', states);
      ledger.witness('P1', states);
      ledger.witness('P2', states);
      ledger.witness('P5', states);
      if (verdict.blocksJudged) ledger.witness('P6', states);
    }
    if (committed > 0) ledger.witness('P3', states);
    ledger.checked('P4', losing);
    if (committed > 0) ledger.witness('P4', losing);
    ledger.checked('P9', reordered);
    ledger.witness('P9', reordered);
    ledger.checked('P8', torn);
    ledger.witness('P8', torn);
    if (held) continue;
    for (const { property, message, pages } of verdict.problems) {
      for (let i = 0; i < states; i++) ledger.fail(property, life.place, message, pages);
      note(property, message, pages, first);
    }
    for (let i = 0; i < reordered; i++) ledger.fail('P9', life.place, verdict.problems[0].message);
    for (let i = 0; i < torn; i++) ledger.fail('P8', life.place, verdict.problems[0].message);
  }
}

function exhaustedSpaces(
  space: CrashSpace<Pile>,
  done: { readonly prefixes: boolean; readonly subsets: boolean; readonly tears: number },
  unflushed: readonly UnflushedWrite[],
): { space: string; states: number }[] {
  const all: { space: string; states: number }[] = [];
  if (unflushed.length === 0) return all;
  if (done.prefixes) all.push({ space: 'every prefix of the unflushed sector writes', states: unflushed.length + 1 });
  if (done.subsets) {
    const sectors = unflushed.length <= EXHAUSTIVE_WRITES_MAX;
    const count = sectors ? unflushed.length : space.writes.length;
    all.push({
      space: `every subset of an epoch of up to 12 unflushed ${sectors ? 'sector' : 'block'} writes`,
      states: 2 ** count,
    });
  }
  if (done.tears > 0) {
    const torn = space.writes.filter(({ places }) => places.length > 1);
    const states = torn.slice(-done.tears).reduce((sum, { places }) => sum + 2 ** places.length, 0);
    // A sample tears the last one alone.
    const which =
      torn.length > done.tears && done.tears > 1 ? `one of the last ${done.tears} block writes` : 'one block write';
    all.push({ space: `every tear of ${which}`, states });
  }
  return all;
}

function cellsOf(piles: readonly Pile[], life: Life, unflushed: readonly UnflushedWrite[]): Cell[] {
  const kernel = kernelState(life, unflushed);
  const inFlight = kindsInFlight(unflushed);
  const cells = new Map<string, Cell>();
  for (const { verdict, states } of piles) {
    const cell = cells.get(verdict.branch) ?? { kernel, inFlight, recovery: verdict.branch, count: 0 };
    cell.count += states;
    cells.set(verdict.branch, cell);
  }
  return [...cells.values()];
}

/** What the kernel was about: its snapshot, as can be seen from outside, and its collector, as that announces. */
function kernelState(life: Life, unflushed: readonly UnflushedWrite[]): string {
  const phase = life.collection && COLLECTOR_PHASES[life.collection];
  return `${snapshotState(life, unflushed)}${phase === undefined ? '' : `, collector ${phase}`}`;
}

/** In words; none where nothing is under way. */
const COLLECTOR_PHASES: Readonly<Partial<Record<CollectionStep, string>>> = {
  stop: 'freezing',
  frozen: 'marking',
  decided: 'sweeping',
};

function snapshotState(life: Life, unflushed: readonly UnflushedWrite[]): string {
  const { evidence } = life;
  if (!life.hasRecovered) return life.boot === 0 ? 'first boot' : 'recovering';
  if (hasSuperblock(unflushed)) return evidence.demarcated > evidence.committed ? 'committing' : 'formatting';
  if (evidence.demarcated > evidence.committed) {
    return unflushed.length === 0 ? 'snapshot, nothing unflushed' : 'snapshot, writing out';
  }
  return unflushed.length === 0 ? 'programs running' : 'programs running, pages going out early';
}

/** What the first word of a block says of it; pages, leaves and roots have none of their own. */
const MAGICS: ReadonlyMap<number, string> = new Map([
  [0x6e476850, 'record'],
  [0x6c446850, 'delta'],
  [0x754c6850, 'superseded list'],
  [0x644c6850, 'bad-block list'],
]);

function kindsInFlight(unflushed: readonly UnflushedWrite[]): string {
  const kinds = new Set<string>();
  for (const { lba, data } of unflushed) {
    if (lba % 8 !== 0) continue;
    const word = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
    kinds.add(isSuperblockSector(lba) ? 'superblock' : (MAGICS.get(word) ?? 'page or index'));
  }
  return kinds.size === 0 ? 'nothing' : [...kinds].sort().join(', ');
}
