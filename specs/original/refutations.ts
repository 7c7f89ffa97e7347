// The original's persistence, refuted: its defects as data. For each the specification of what it does, the property
// that fails, and the repair: a specification one step away, in which it holds, and the lines that close the defect.
// Rule: put one of them out again and the repaired specification fails the same property. So each line is there for a
// reason, and no other line hides the defect.
//
// Sources: the reading of the original at commit ccb6541 (functions named below), and for the first a run of it.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Edit, edited } from '../edit.js';
import { type CheckOptions, type CheckResult, checkFile, checkTexts } from '../tla-ts/index.js';

/** A line of a repair and how to put it out. */
export interface Closing extends Edit {
  /** The line as the table shows it. */
  readonly line: string;
}

export interface Refutation {
  readonly name: string;
  /** The defect, and where the original has it. */
  readonly defect: string;
  readonly original: string;
  /** Module and configuration, without their endings. */
  readonly spec: string;
  readonly config: string;
  readonly violated: string;
  readonly repaired: string;
  /** Without any one of them the property fails again. */
  readonly closes: readonly Closing[];
  /** The mutant of this system's own specification that puts the line out there, where it has that level. */
  readonly mutant?: { readonly specification: string; readonly name: string };
}

export const REFUTATIONS: readonly Refutation[] = [
  {
    name: 'SuperblockTriple',
    defect: 'all three superblock copies must be good and equal',
    original: 'pager_update_superblock, pager_get_superblock',
    spec: 'SuperblockTriple',
    config: 'SuperblockTriple',
    violated: 'NeverDead',
    mutant: { specification: 'Superblock', name: 'the pair in force is written over' },
    repaired: 'SuperblockTripleRepaired',
    closes: [
      {
        line: '`IF SomeGood THEN Use(Newest) ELSE Die`',
        from: 'IF SomeGood THEN Use(Newest) ELSE Die',
        to: 'IF AllGoodAndEqual THEN Use(Newest) ELSE Die',
      },
      {
        line: '`\\E d \\in Copies \\ {c} : OnTheMedium(d)`',
        from: '  /\\ \\E d \\in Copies \\ {c} : OnTheMedium(d)\n  /\\ WriteCopy(c)',
        to: '  WriteCopy(c)',
      },
    ],
  },
  {
    name: 'CommitBeforeFlush',
    defect: 'the superblock is written before what it names is flushed',
    original: 'do_snapshot',
    spec: 'CommitBeforeFlush',
    config: 'CommitBeforeFlush',
    violated: 'OneInstant',
    mutant: { specification: 'Superblock', name: 'commit before flush' },
    repaired: 'CommitBeforeFlushRepaired',
    closes: [
      {
        line: '`IsFlushed(disk)` in CommitFlushed',
        from: '  /\\ IsFlushed(disk)\n  /\\ Commit',
        to: '  /\\ Commit',
      },
    ],
  },
  {
    name: 'EarlyFree',
    defect: 'blocks of the oldest snapshot are free before its superblock is replaced on the medium',
    original: 'do_snapshot, phantom_free_snap',
    spec: 'EarlyFree',
    config: 'EarlyFree',
    violated: 'NamedAreWhole',
    mutant: { specification: 'Superblock', name: 'blocks of older generations are given away, on a drive' },
    repaired: 'EarlyFreeRepaired',
    closes: [
      {
        line: '`IsFlushed(disk)` in FreeOldestFlushed',
        from: '  /\\ IsFlushed(disk)\n  /\\ FreeOldest',
        to: '  /\\ FreeOldest',
      },
    ],
  },
  {
    name: 'FreeListStale',
    defect: 'the free list on disk still has blocks of the last snapshot',
    original: 'pager_alloc_page, pager_flush_free_list',
    spec: 'FreeList',
    config: 'FreeListStale',
    violated: 'LastIsWhole',
    repaired: 'FreeListRepaired',
    closes: [
      {
        line: "`free' = DataBlocks \\ {last'[1]}`",
        from: "free' = DataBlocks \\ {last'[1]}",
        to: "free' = Read(disk, List)",
      },
    ],
  },
  {
    name: 'FreeListLeak',
    defect: 'blocks taken from the free list and not used yet are lost with the power',
    original: 'pager_refill_free_reserve, phantom_fsck',
    spec: 'FreeList',
    config: 'FreeListLeak',
    violated: 'NothingLeaks',
    repaired: 'FreeListRepaired',
    closes: [
      {
        line: "`free' = DataBlocks \\ {last'[1]}`",
        from: "free' = DataBlocks \\ {last'[1]}",
        to: "free' = Read(disk, List)",
      },
    ],
  },
  {
    name: 'PrefixLost',
    defect: 'a snapshot between a prefix and its instruction forgets the prefix',
    original: 'pvm_exec',
    spec: 'PrefixLost',
    config: 'PrefixLost',
    violated: 'Unseen',
    repaired: 'PrefixLostRepaired',
    closes: [
      {
        line: '`prefix = Plain` in SnapshotBetween',
        from: '  /\\ prefix = Plain\n  /\\ Snapshot',
        to: '  /\\ Snapshot',
      },
    ],
  },
  {
    name: 'NoFallback',
    defect: 'a damaged page of the last snapshot is taken as it is, though an older snapshot is whole',
    original: 'phantom_fsck, vm_map_init',
    spec: 'NoFallback',
    config: 'NoFallback',
    violated: 'NeverSilentlyWrong',
    repaired: 'NoFallbackRepaired',
    closes: [
      {
        line: '`\\A p \\in Roots : page[s][p] # Damaged` in Whole',
        from: '  /\\ list[s] # Damaged\n  /\\ \\A p \\in Roots : page[s][p] # Damaged',
        to: '  /\\ list[s] # Damaged',
      },
      {
        line: '`page[current][p] # Damaged` in TakeGoodPage',
        from: '  /\\ TakePage(p)\n  /\\ page[current][p] # Damaged',
        to: '  /\\ TakePage(p)',
      },
    ],
  },
];

const FOLDER = new URL('.', import.meta.url);
const pathOf = (file: string): string => fileURLToPath(new URL(file, FOLDER));
const textOf = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');

/** The check of the original's specification. */
export function refute(refutation: Refutation, options: CheckOptions = {}): CheckResult {
  return checkFile(pathOf(`${refutation.spec}.tla`), pathOf(`${refutation.config}.cfg`), options);
}

/** All states of the original's specification, nothing asked of them. */
export function exploreOriginal(refutation: Refutation, options: CheckOptions = {}): CheckResult {
  const config = `${textOf(`${refutation.config}.cfg`).replace(/^INVARIANT.*$/m, '')}CHECK_DEADLOCK FALSE\n`;
  const module = textOf(`${refutation.spec}.tla`);
  return checkTexts({ module, config, modules: { VolatileDisk: textOf('VolatileDisk.tla') } }, options);
}

/** The check of the repaired specification. */
export function checkRepaired(refutation: Refutation, options: CheckOptions = {}): CheckResult {
  return checkFile(pathOf(`${refutation.repaired}.tla`), undefined, options);
}

/**
 * The check of the repaired specification without a line that closes the defect, for the one property that the
 * original fails, with the original's constants.
 */
export function checkWithout(refutation: Refutation, closing: Closing, options: CheckOptions = {}): CheckResult {
  const texts = {
    module: edited(textOf(`${refutation.repaired}.tla`), closing),
    config: textOf(`${refutation.config}.cfg`).replace('SPECIFICATION Spec', 'SPECIFICATION RepairedSpec'),
    modules: { [refutation.spec]: textOf(`${refutation.spec}.tla`), VolatileDisk: textOf('VolatileDisk.tla') },
  };
  return checkTexts(texts, options);
}

/**
 * A check's result as `tla-ts check --json` prints it, without what differs from run to run: `seconds` and
 * `bytesPerState`, nor where the files are. Indented, since it is read by people.
 */
export function counterexample(result: CheckResult): string {
  const { seconds: _seconds, bytesPerState: _bytes, ...rest } = result;
  return `${JSON.stringify(rest, (key, value) => (key === 'file' ? basename(value) : value), 1)}\n`;
}

export function counterexamplePath(refutation: Refutation): string {
  return pathOf(`counterexamples/${refutation.name}.json`);
}

/** The table of specs/README.md. */
export function refutationTable(): string {
  const rows = REFUTATIONS.map((refutation) => {
    const { traceLength, trace } = refute(refutation);
    const { mutant } = refutation;
    const here =
      mutant === undefined
        ? ''
        : `; here [${mutant.specification}](${mutant.specification}.tla), mutant "${mutant.name}"`;
    const steps = trace.slice(1).map(({ action }) => action);
    return (
      `| ${refutation.defect} | [${refutation.spec}](original/${refutation.spec}.tla) | ${refutation.violated} ` +
      `| [${traceLength}](original/counterexamples/${refutation.name}.json): ${steps.join(', ')} ` +
      `| [${refutation.repaired}](original/${refutation.repaired}.tla): ${refutation.closes.map(({ line }) => line).join('; ')}${here} |`
    );
  });
  return [
    '| the original | specification | fails | states, steps of the shortest counterexample | closed by |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
