/** What a test of the store knows by itself: what each page must hold, and that no block is lost or used twice. */
import { expect } from 'vitest';
import { blockLedger, type DiskContents, readDisk } from '../../../../model/disk-reader.js';
import { BLOCK_BYTES, type Store, type TestDisk } from './store.js';

/** The smallest disk, and a memory of which it holds a few generations. */
export const BLOCKS = 2048;
export const PAGES = 1024;

/** Contents that say whose they are. */
export function contents(page: number, version: number): Uint8Array {
  const words = new Uint32Array(BLOCK_BYTES / 4);
  for (let i = 0; i < words.length; i++) words[i] = (page << 20) ^ (version << 8) ^ i;
  return new Uint8Array(words.buffer);
}

/** Versions of pages in a generation; a page without one is zero. */
export type Versions = ReadonlyMap<number, number>;

/** Whose contents these are: a comparison of bytes that costs less than the matcher's. */
export function isVersion(found: Uint8Array | undefined, page: number, version: number): boolean {
  return found !== undefined && Buffer.from(found).equals(contents(page, version));
}

export function expectContents(store: Store, versions: Versions): void {
  for (const [page, version] of versions) {
    expect([page, version, isVersion(store.getPage(page), page, version)], 'P1 a page of the generation').toEqual([
      page,
      version,
      true,
    ]);
  }
}

/** Kernel and reader agree on what is in use, and no block is used twice. */
export function expectConserved(store: Store, disk: TestDisk): DiskContents {
  const read = readDisk(disk, { checkPages: true });
  const ledger = blockLedger(read);
  expect(ledger.problems, 'P6 each block has one use, and lists say so').toEqual([]);
  expect(
    read.generations.flatMap(({ problems }) => problems),
    'P5 blocks of kept generations that are not whole',
  ).toEqual([]);
  expect(store.steps.freeBlocks(), 'P7 free blocks').toBe(disk.blocks - ledger.allocated);
  return read;
}
