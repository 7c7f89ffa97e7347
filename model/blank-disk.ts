/**
 * The superblock of a new system, as a kernel that finds a blank disk writes it: pair A, sequence 1, no generation. Made from the
 * description at the top of `impl/kernel/store/format.ts`; so a disk can be given its sizes before a kernel has seen it.
 */
import { crc32c } from './crc32c.js';
import { BLOCK_BYTES, SUPERBLOCK_BLOCKS } from './disk-reader.js';

export interface DiskShape {
  /** Blocks of 4 KiB. */
  readonly blocks: number;
  /** Pages of persistent memory, a multiple of 1024, at most 262144. */
  readonly pages: number;
  /** Generations to keep, 2 to 8. */
  readonly keep: number;
}

const MAGIC = 0x62546850;
const VERSION = 2;
const PAIR_A = [0, 2];

/** Block numbers and contents to write on a blank disk. */
export function blankSystem({ blocks, pages, keep }: DiskShape): Map<number, Uint8Array> {
  return new Map(
    PAIR_A.map((copy) => {
      const bytes = new Uint8Array(BLOCK_BYTES);
      const view = new DataView(bytes.buffer);
      const words = { 0: MAGIC, 4: VERSION, 16: copy, 20: 1, 28: blocks, 32: pages, 36: keep };
      for (const [at, value] of Object.entries(words)) view.setUint32(Number(at), value, true);
      view.setUint32(508, crc32c(bytes.subarray(0, 508)), true);
      return [SUPERBLOCK_BLOCKS[copy], bytes];
    }),
  );
}
