/**
 * Superblocks written from outside: for a new system, whose disk gets its sizes before a kernel has seen it, and to go back to an older
 * generation. Made from the description at the top of `impl/kernel/store/format.ts`.
 *
 * The rule that makes it right is the kernel's: what is written goes to the pair of copies that is not in force.
 */
import { crc32c } from './crc32c.js';
import { BLOCK_BYTES, type DiskContents, type Reference, SUPERBLOCK_BLOCKS } from './disk-reader.js';

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
const CHECKSUM_AT = 508;
const COPY_AT = 16;
const RECORDS_AT = 64;
const REFERENCE_BYTES = 16;

/** Block numbers and contents to write on a blank disk. */
export function blankSystem(shape: DiskShape): Map<number, Uint8Array> {
  return pair(0, (copy) => superblock(shape, { copy, sequence: 1, parent: 0, compatible: 0, records: [] }));
}

/**
 * Block numbers and contents to write so that generation `generation` is the newest, and those after it are gone. `disk`: as the reader
 * found it. Undefined: the disk does not keep it.
 */
export function rollback(disk: DiskContents, generation: number): Map<number, Uint8Array> | undefined {
  const { newest } = disk;
  const first = newest?.records.findIndex((record) => record.generation === generation) ?? -1;
  if (newest === undefined || first < 0) return undefined;
  const shape = { blocks: newest.diskBlocks, pages: newest.pages, keep: newest.keep };
  const { sequence, identity, compatible, records } = newest;
  const written = { sequence: sequence + 1, parent: identity, compatible, records: records.slice(first) };
  return pair(1 - (newest.copy & 1), (copy) => superblock(shape, { copy, ...written }));
}

/** Both copies of a pair. */
function pair(first: number, make: (copy: number) => Uint8Array): Map<number, Uint8Array> {
  return new Map([first, first + 2].map((copy) => [SUPERBLOCK_BLOCKS[copy], make(copy)]));
}

interface Numbers {
  readonly copy: number;
  readonly sequence: number;
  readonly parent: number;
  readonly compatible: number;
  readonly records: readonly Reference[];
}

function superblock(
  { blocks, pages, keep }: DiskShape,
  { copy, sequence, parent, compatible, records }: Numbers,
): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  const words: [number, number][] = [
    [0, MAGIC],
    [4, VERSION],
    [12, compatible],
    [COPY_AT, copy],
    [20, sequence],
    [24, parent],
    [28, blocks],
    [32, pages],
    [36, keep],
    [40, records.length],
  ];
  for (const [index, { block, second, generation, checksum }] of records.entries()) {
    [block, second, generation, checksum].forEach((value, i) => {
      words.push([RECORDS_AT + index * REFERENCE_BYTES + 4 * i, value]);
    });
  }
  for (const [at, value] of words) view.setUint32(at, value, true);
  view.setUint32(CHECKSUM_AT, crc32c(bytes.subarray(0, CHECKSUM_AT)), true);
  return bytes;
}
