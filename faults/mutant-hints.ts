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
const scenario = (name: ScenarioName): Hint => ({ kind: 'scenario', scenario: name });
const matrix = (fault: string, block?: CellQuestion['kind'], when?: CellQuestion['when']): Hint => ({
  kind: 'matrix',
  fault,
  ...(block === undefined ? {} : { block }),
  ...(when === undefined ? {} : { when }),
});

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
  noConsoleDrain: [seeds('crew', { output: 'held' })],
  heldReleasedEarly: [seeds('ticker', { output: 'held' })],
  noSecondCopy: [matrix('read error, sticky'), matrix('bit flip')],
  panicOnReadError: [matrix('read error')],
  noRetry: [matrix('read error, transient')],
  ignoreWriteError: [scenario('writes refused')],
  ignoreFlushError: [matrix('failed flush')],
  lostPageReadsZero: [matrix('', 'data page', 'page-in')],
  commitWhenFull: [scenario('disk full')],
  trustSuperblockWrites: [scenario('superblocks lost')],
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
  leakListCopies: [seeds('ticker')],
  leakDroppedBlocks: [scenario('nothing else takes blocks')],
  leakAbandonedDeltas: [scenario('flushes fail')],
  flushOvertakesWrites: [scenario('busy queue, virtio')],
  sameBlockOvertakes: [scenario('busy queue, virtio')],
  believeFlushAfterGone: [scenario('drive gone and back')],
  virtioEndsAll: [scenario('busy queue, virtio')],
  virtioFlushNotSent: [scenario('busy queue, virtio')],
  virtioKeepsOldSector: [scenario('busy queue, virtio')],
  ideFlushSkippedAfterError: [scenario('busy queue, ide')],
  namedAfterOneFailure: [scenario('write error passes')],
  frozenPagesComeBack: [scenario('nothing else takes blocks')],
  mergeSkipsLastLeaf: [scenario('the index merged')],
  deltaLimitOffByOne: [scenario('the index merged')],
  forgetUnderLostLeaf: [scenario('a leaf lost')],
  freeNewerBadList: [scenario('a list of newer ones')],
  heedStalePanics: [scenario('a note of before')],
  probeOnce: [scenario('drive spins up')],
  forgetStackRoots: [scenario('live objects')],
  freeUnmarkedNew: [scenario('live objects')],
  clearWeakLate: [scenario('live objects')],
  stopMarkingEarly: [scenario('live objects')],
  forgetKernelStacks: [scenario('made by the kernel')],
  forgetCopiedPages: [scenario('references move')],
  keepFirstBlocks: [scenario('room again')],
  forgetFreedAtEnd: [scenario('room again')],
  acceptStaleHandles: [scenario('devices again')],
  restartLate: [scenario('devices again')],
  restartSkipsNewest: [scenario('devices again')],
  keepKernelAddress: [scenario('devices again')],
  countBootTwice: [scenario('devices again')],
  lastThreadStays: [scenario('waits go on')],
  sleepForgets: [scenario('waits go on')],
  clockGoesBack: [scenario('clock set back')],
  durableTooEarly: [scenario('durable numbers')],
  programsFirst: [scenario('many compute')],
  startsReachAnywhere: [scenario('large object')],
  judgeHalfCleared: [scenario('captured half cleared')],
  dirtyPagesLast: [scenario('dirty pages first')],
  nextLayout: [scenario('layout named')],
  skipCheck: [scenario('checked before commit')],
  panicOnRestore: [seeds('ticker')],
  needBothCopies: [scenario('a superblock copy lost')],
  diskBoundOffByOne: [scenario('a larger disk')],
  freeOlderAfterBoot: [scenario('nothing else takes blocks')],
  protectAllButLast: [scenario('nothing else takes blocks')],
  ideFlushNotSent: [scenario('busy queue, ide')],
  cancelledKept: [scenario('crowd')],
  mapWhileReading: [scenario('crowd')],
  breakReserve: [scenario('out of memory')],
  storeBadReference: [scenario('objects kept')],
  badHeaderSize: [scenario('objects kept')],
  weakTakenUnmarked: [scenario('weak taken')],
  forgetHandlers: [scenario('handlers kept')],
  forgetGrants: [scenario('mutex kept')],
  poppedBeforeFault: [scenario('stores wait')],
};
