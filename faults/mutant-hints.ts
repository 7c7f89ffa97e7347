/**
 * Which trials reach which defect of `impl/kernel/defects.ts`.
 *
 * The rule: a hint says where to look, never what to find. Every trial it leads to judges all its properties, and the kernel as it is passes it.
 */
import type { DiskController } from '../hardware-sim/index.js';
import type { PlanShapeName } from '../reports/plan.js';
import type { RunOptions } from '../reports/schema.js';
import type { CellQuestion } from './matrix.js';
import type { ScenarioName } from './scenarios/index.js';

interface CampaignOptions
  extends Partial<Pick<RunOptions, 'ramMiB' | 'diskMiB' | 'persistentMiB' | 'snapshotIntervalMs' | 'output'>> {
  /** `cuts` when not given. */
  readonly shape?: PlanShapeName;
  readonly controller?: DiskController;
}

export type Hint =
  | {
      /** A run of a campaign of this workload; or two of its snapshots, gone through whole. */
      readonly kind: 'seeds' | 'exhaustive';
      readonly workload: string;
      readonly options?: CampaignOptions;
    }
  | {
      /** Cells of the fault matrix: all, or those of faults that begin so, of a block kind, of a time. */
      readonly kind: 'matrix';
      readonly fault?: string;
      readonly block?: CellQuestion['kind'];
      readonly when?: CellQuestion['when'];
      readonly controller?: DiskController;
    }
  | { readonly kind: 'scenario'; readonly scenario: ScenarioName };

const seeds = (workload: string, options: CampaignOptions = {}): Hint => ({ kind: 'seeds', workload, options });
const hog = seeds('hog', { ramMiB: 4 });
const SMALL_HEAP: CampaignOptions = { persistentMiB: 4, snapshotIntervalMs: 40 };
const scenario = (name: ScenarioName): Hint => ({ kind: 'scenario', scenario: name });
const matrix = (fault: string, block?: CellQuestion['kind'], when?: CellQuestion['when']): Hint => ({
  kind: 'matrix',
  fault,
  ...(block === undefined ? {} : { block }),
  ...(when === undefined ? {} : { when }),
});

/** Flags that only make another defect visible: no mutants by themselves, and why no run could tell. */
export const HELPERS: Readonly<Record<string, string>> = {
  skipCheck:
    'the check before a commit refuses only what is not sound, and a kernel without another defect makes nothing unsound',
  panicOnRestore:
    'not a broken rule but a panic made to order: what the system does after panics is tried with it, and is right',
  nextLayout:
    'not a broken rule but a kernel of tomorrow: its disks are what the kernel of today is shown, and refuses',
};

export const HINTS: Readonly<Record<string, readonly Hint[]>> = {
  commitWithoutFlush: [seeds('ticker')],
  freeKeptBlocks: [seeds('ticker')],
  commitOverPairInForce: [seeds('ticker')],
  trustWhatIsRead: [matrix('bit flip'), matrix('sector replaced')],
  writeToFrozenPages: [seeds('ticker')],
  pushDownShort: [hog],
  earlyNotInIndex: [hog],
  forgetChangedPages: [seeds('ticker')],
  oneSuperblockCopy: [seeds('ticker')],
  secondCopyGarbage: [seeds('ticker')],
  trustAfterFailedFlush: [matrix('failed flush, cache dropped')],
  noConsoleDrain: [seeds('crew')],
  storeBadReference: [seeds('tree'), seeds('churn')],
  badHeaderSize: [seeds('churn'), seeds('text')],
  heldReleasedEarly: [seeds('ticker', { output: 'held' })],
  noSecondCopy: [matrix('read error, sticky'), matrix('bit flip')],
  panicOnReadError: [matrix('read error')],
  noRetry: [matrix('read error, transient')],
  ignoreWriteError: [matrix('write error')],
  ignoreFlushError: [matrix('failed flush')],
  lostPageReadsZero: [matrix('', 'data page', 'page-in')],
  commitWhenFull: [matrix('full disk')],
  trustSuperblockWrites: [matrix('lost write')],
  freeBeforeCommit: [scenario('small disk')],
  supersededOneGenerationEarly: [scenario('small disk')],
  announceBeforeFlush: [seeds('ticker')],
  noRest: [scenario('under pressure')],
  memoryWhileHeld: [scenario('under pressure')],
  noneAfterAbandoned: [scenario('flushes fail')],
  forgetBadList: [scenario('bad blocks')],
  checksumFirstSector: [scenario('rot inside a page')],
  recoveryWrites: [scenario('a record lost')],
  ignoreVersion: [scenario('a later version')],
  ignoreFeatureBits: [scenario('an unknown feature')],
  takeAnotherGeneration: [scenario('a generation asked for')],
  freeNewerAtOnce: [scenario('a generation asked for')],
  ignorePanics: [scenario('panics in a row')],
  forgetPanics: [scenario('panics in a row')],
  leakDroppedBlocks: [scenario('small disk')],
  leakListCopies: [seeds('ticker')],
  leakAbandonedDeltas: [scenario('small disk')],
  flushOvertakesWrites: [scenario('busy queue, virtio')],
  sameBlockOvertakes: [scenario('busy queue, virtio')],
  believeFlushAfterGone: [scenario('drive gone and back')],
  virtioEndsAll: [scenario('busy queue, virtio')],
  virtioFlushNotSent: [scenario('busy queue, virtio')],
  virtioKeepsOldSector: [scenario('busy queue, virtio')],
  ideFlushSkippedAfterError: [scenario('busy queue, ide')],
  namedAfterOneFailure: [scenario('write error passes')],
  forgetStackRoots: [seeds('churn', SMALL_HEAP), seeds('text', SMALL_HEAP), seeds('tree', SMALL_HEAP)],
  freeUnmarkedNew: [seeds('churn', SMALL_HEAP), seeds('tree', SMALL_HEAP)],
  stopMarkingEarly: [seeds('tree', SMALL_HEAP), seeds('churn', SMALL_HEAP)],
  forgetCopiedPages: [seeds('tree', SMALL_HEAP), seeds('ring', SMALL_HEAP), seeds('churn', SMALL_HEAP)],
  frozenPagesComeBack: [seeds('ring'), hog],
  probeOnce: [scenario('drive spins up')],
  cancelledKept: [scenario('under pressure')],
  mapWhileReading: [scenario('under pressure')],
};
