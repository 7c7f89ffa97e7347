/** What the bed wants to know of a disk at rest, asked of the independent reader in `model/`. */
import type { DurableMedium } from '../hardware-sim/index.js';
import type { PageHashes } from './page-hash.js';

export interface DiskImage {
  /** Never formatted. */
  readonly blank: boolean;
  /** The generation that the disk format says is the one to recover; undefined when there is none. */
  readonly newest: { readonly generation: number; readonly consolePosition: number } | undefined;
  /** Blocks that the kept generations refer to, and the superblock copies that name the newest. */
  readonly keptBlocks: ReadonlySet<number>;
  /** What is wrong with the disk in a way that no power cut explains. */
  readonly problems: readonly string[];
  /** Hash of every page of the newest generation. */
  hashes(pages: number): PageHashes;
}

export declare function readDiskImage(medium: DurableMedium): DiskImage;
/** Whether a sector holds a copy of the superblock. */
export declare function isSuperblockSector(lba: number): boolean;
