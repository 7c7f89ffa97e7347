/**
 * Where a fault of a plan strikes: the sector that its target means on the disk as it is.
 *
 * The rule: what a block holds is said by the independent reader of the disk format, from what the drive would read back now, so the kernel has
 * no say in it and a plan means the same on every host.
 */
import { SECTOR_BYTES } from '../hardware-sim/index.js';
import {
  BLOCK_BYTES,
  type BlockSource,
  blockLedger,
  type DiskContents,
  type Reference,
  readDisk,
  SUPERBLOCK_BLOCKS,
} from '../model/disk-reader.js';
import type { FaultTarget, TargetKind } from '../reports/plan.js';
import { SECTORS_PER_BLOCK } from './block-rule.js';

/**
 * A sector, and what the block around it holds. `other`: where the same is stored again. `hasCommits`, of a superblock: whether another
 * copy is valid and has generations.
 */
export interface Struck {
  readonly lba: number;
  readonly block: number;
  readonly holds: TargetKind;
  readonly other?: number;
  readonly hasCommits?: boolean;
}

interface Holder {
  readonly block: number;
  readonly second: number;
  readonly holds: TargetKind;
}

/** Blocks that free blocks are taken from, counted from the first of them. */
const FREE_BLOCKS_LOOKED_AT = 4096;

/** The blocks of a disk whose sectors `peek` gives. */
export function blocksThrough(sectors: number, peek: (lba: number) => Uint8Array): BlockSource {
  return {
    blocks: Math.floor(sectors / SECTORS_PER_BLOCK),
    read: (block) => {
      const bytes = new Uint8Array(BLOCK_BYTES);
      for (let i = 0; i < SECTORS_PER_BLOCK; i++) bytes.set(peek(block * SECTORS_PER_BLOCK + i), i * SECTOR_BYTES);
      return bytes;
    },
  };
}

/** Undefined: no block holds such a thing, or the disk has no such sector. */
export function strike(source: BlockSource, target: FaultTarget): Struck | undefined {
  const disk = readDisk(source);
  const struck = placeOf(source, disk, target);
  if (struck?.holds !== 'superblock') return struck;
  const others = disk.superblocks.filter((_, copy) => SUPERBLOCK_BLOCKS[copy] !== struck.block);
  return {
    ...struck,
    hasCommits: others.some(({ state, records }) => state === 'valid' && records.some(({ block }) => block !== 0)),
  };
}

function placeOf(source: BlockSource, disk: DiskContents, target: FaultTarget): Struck | undefined {
  const holders = holdersOf(disk);
  if (target.kind === 'sector') {
    if (target.lba >= source.blocks * SECTORS_PER_BLOCK) return undefined;
    const block = Math.floor(target.lba / SECTORS_PER_BLOCK);
    return { lba: target.lba, ...describe(block, holders, disk) };
  }
  const { holds, nth, copy, sector } = target;
  const found = holds === 'free' ? freeBlock(disk, nth) : nthHolder(holders, holds, nth);
  if (found === undefined) return undefined;
  const { block, second } = found;
  const at = copy === 1 && second !== 0 ? second : block;
  const other = second === 0 ? undefined : at === block ? second : block;
  return { lba: at * SECTORS_PER_BLOCK + sector, block: at, holds, ...(other === undefined ? {} : { other }) };
}

function describe(block: number, holders: readonly Holder[], disk: DiskContents): Omit<Struck, 'lba'> {
  const found = holders.find((one) => one.block === block || one.second === block);
  if (found === undefined) return { block, holds: blockLedger(disk).users.has(block) ? 'bad-list' : 'free' };
  if (found.second === 0) return { block, holds: found.holds };
  return { block, holds: found.holds, other: found.block === block ? found.second : found.block };
}

function nthHolder(holders: readonly Holder[], holds: TargetKind, nth: number): Holder | undefined {
  const all = holders.filter((one) => one.holds === holds).sort((a, b) => a.block - b.block);
  return all.length === 0 ? undefined : all[nth % all.length];
}

function freeBlock(disk: DiskContents, nth: number): Holder | undefined {
  const { users } = blockLedger(disk);
  const free: number[] = [];
  for (let block = SUPERBLOCK_BLOCKS[0]; block < disk.blocks && free.length < FREE_BLOCKS_LOOKED_AT; block++) {
    if (!users.has(block)) free.push(block);
  }
  return free.length === 0 ? undefined : { block: free[nth % free.length], second: 0, holds: 'free' };
}

/** Each block once that the superblock's places and the kept generations refer to. */
function holdersOf(disk: DiskContents): Holder[] {
  const known = new Map<number, Holder>();
  const add = (holds: TargetKind, { block, second }: Pick<Reference, 'block' | 'second'>): void => {
    if (block !== 0 && !known.has(block)) known.set(block, { block, second, holds });
  };
  for (const block of SUPERBLOCK_BLOCKS) add('superblock', { block, second: 0 });
  for (const generation of disk.generations) {
    add('record', generation.record);
    for (const reference of generation.roots.values()) add('root', reference);
    for (const reference of generation.leaves.values()) add('leaf', reference);
    for (const reference of generation.deltas) add('delta', reference);
    for (const reference of generation.supersededList) add('superseded', reference);
    for (const reference of generation.badList) add('bad-list', reference);
    for (const reference of generation.pages.values()) add(reference.second === 0 ? 'page' : 'wired', reference);
  }
  return [...known.values()];
}
