/** The blocks of a medium at rest, for the independent reader. */
import { BLOCK_BYTES, type BlockSource } from './disk-reader.js';

const SECTOR_BYTES = 512;
const SECTORS_PER_BLOCK = BLOCK_BYTES / SECTOR_BYTES;

/** What is asked of a medium. */
export interface SectorReader {
  readonly sectors: number;
  /** Copies the 512 bytes of the sector into `target` at `offset`. */
  readSector(lba: number, target: Uint8Array, offset?: number): void;
}

/** Each block is read anew when it is asked for. */
export function blocksOf(medium: SectorReader): BlockSource {
  return {
    blocks: Math.floor(medium.sectors / SECTORS_PER_BLOCK),
    read: (block) => {
      const bytes = new Uint8Array(BLOCK_BYTES);
      for (let i = 0; i < SECTORS_PER_BLOCK; i++) {
        medium.readSector(block * SECTORS_PER_BLOCK + i, bytes, i * SECTOR_BYTES);
      }
      return bytes;
    },
  };
}
