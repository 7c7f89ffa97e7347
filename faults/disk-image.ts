/** What the bed wants to know of a disk at rest, asked of the independent reader in `model/`. */
import type { DurableMedium } from '../hardware-sim/index.js';
import {
  type BlockSource,
  blockLedger,
  type Choice,
  findGeneration,
  type Problem,
  readDisk,
  readPage,
  SUPERBLOCK_BLOCKS,
} from '../model/disk-reader.js';
import { type MemoryImage, pagedImage } from '../model/heap/index.js';
import { blocksOf } from '../model/medium-blocks.js';
import { SECTORS_PER_BLOCK } from './block-rule.js';
import { PageHashes, pageWords } from './page-hash.js';

export { blocksOf };

export interface DiskImage {
  /** Nothing was ever committed on it. */
  readonly fresh: boolean;
  /** Pages of persistent memory; 0 on a blank disk. */
  readonly pages: number;
  /** The generation that the disk format says is the one to recover; undefined when there is none. */
  readonly newest: { readonly generation: number; readonly consolePosition: number } | undefined;
  /** Blocks that the kept generations refer to, and the superblock copies that name the newest. */
  readonly keptBlocks: ReadonlySet<number>;
  /** Valid copies of the newest superblock; 0 on a disk without one. */
  readonly superblockCopies: number;
  /** Copies of records, roots, leaves and wired pages of kept generations that are not good, each with its place and why. */
  readonly damaged: readonly { readonly block: number; readonly text: string }[];
  /** Blocks that are used for two things. */
  readonly usedTwice: readonly string[];
  /** Blocks that nothing will free, and the superseded lists of kept generations by which that was judged. */
  readonly leaked: readonly string[];
  readonly lists: number;
  /** Why the disk cannot be recovered from, if so. */
  readonly refused: string | undefined;
  /** Hash of every page of the newest generation, and the pages of which no good copy is left. */
  hashes(pages: number): { readonly hashes: PageHashes; readonly lost: number[] };
  /** The same disk to who cannot read these blocks. */
  without(blocks: ReadonlySet<number>): DiskImage;
  /** The memory of the newest generation, read as it is asked for; undefined where there is none. */
  memory(): MemoryImage | undefined;
}

/** Reads a medium that nobody writes to meanwhile; the result holds until it is written. `choice`: what the kernel will be asked for. */
export function readDiskImage(medium: DurableMedium, choice: Choice = {}): DiskImage {
  return imageOf(blocksOf(medium), choice);
}

/** What the blocks say, as long as they stay so. */
export function imageOf(source: BlockSource, choice: Choice = {}): DiskImage {
  const disk = readDisk(source, choice);
  const { recovery, newest: superblock } = disk;
  const newest = recovery.kind === 'generation' ? findGeneration(source, disk, recovery.generation) : undefined;
  // A disk that was never formatted has no blocks to account for.
  const ledger = superblock === undefined ? undefined : blockLedger(disk);
  const problems = ledger?.problems ?? [];
  const keptBlocks = new Set(ledger?.users.keys());
  for (const copy of disk.superblocks) {
    if (copy.state !== 'valid' || copy.sequence !== superblock?.sequence) keptBlocks.delete(copy.block);
  }
  let known: ReturnType<DiskImage['hashes']> | undefined;
  return {
    fresh: recovery.kind === 'fresh',
    pages: superblock?.pages ?? 0,
    newest: newest && { generation: newest.generation, consolePosition: newest.consolePosition },
    keptBlocks,
    superblockCopies: disk.superblocks.filter(
      ({ state, sequence }) => state === 'valid' && sequence === superblock?.sequence,
    ).length,
    damaged: [
      ...new Map(
        disk.generations.flatMap(({ problems }) =>
          problems.map((problem) => [describeProblem(problem), problem.block] as const),
        ),
      ),
    ].map(([text, block]) => ({ block, text })),
    usedTwice: problems.filter(({ leaks }) => !leaks).map(({ block, text }) => `block ${block}: ${text}`),
    leaked: problems.filter(({ leaks }) => leaks).map(({ block, text }) => `block ${block}: ${text}`),
    lists: ledger?.lists ?? 0,
    refused: recovery.kind === 'refused' ? recovery.why : undefined,
    hashes: (pages) => {
      if (known?.hashes.pages === pages) return known;
      const hashes = PageHashes.zero(pages);
      const lost: number[] = [];
      if (newest === undefined) return { hashes, lost };
      for (const page of newest.pages.keys()) {
        const content = readPage(source, newest, page);
        if (content === undefined) lost.push(page);
        else hashes.set(page, pageWords(content));
      }
      known = { hashes, lost };
      return known;
    },
    without: (blocks) =>
      imageOf({ blocks: source.blocks, read: (block) => (blocks.has(block) ? undefined : source.read(block)) }, choice),
    memory: () => newest && pagedImage((page) => readPage(source, newest, page)),
  };
}

/** The same for every generation that keeps the block. */
function describeProblem({ kind, index, block, generation, text }: Problem): string {
  return `${kind} ${index} of generation ${generation} in block ${block}: ${text}`;
}

/** Whether a sector holds a copy of the superblock. */
export function isSuperblockSector(lba: number): boolean {
  return lba % SECTORS_PER_BLOCK === 0 && SUPERBLOCK_BLOCKS.includes(lba / SECTORS_PER_BLOCK);
}
