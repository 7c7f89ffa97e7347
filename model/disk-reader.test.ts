/**
 * The reader on an image the kernel wrote (`fixtures/disks`), as it is and damaged by hand. What the pages must hold is
 * the rule of the self-test that wrote them: every word of page 16 + i is i * 65536 + version, and word i of page 1
 * says which.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.js';
import {
  BLOCK_BYTES,
  type BlockKind,
  type BlockSource,
  blockChecksum,
  blockLedger,
  findGeneration,
  readDisk,
  readPage,
  SUPERBLOCK_BLOCKS,
} from './disk-reader.js';

const IMAGE = gunzipSync(readFileSync(new URL('../fixtures/disks/format-1.img.gz', import.meta.url)));
const PAGES = 40;
const FIRST_PAGE = 16;
/** What the kernel said at its end. */
const NEWEST = 5;
const WRITES = 906;
const REFERENCE_BYTES = 16;

/** A disk in memory. */
class Disk implements BlockSource {
  readonly blocks: number;
  readonly unreadable = new Set<number>();

  constructor(private readonly bytes: Uint8Array) {
    this.blocks = bytes.length / BLOCK_BYTES;
  }

  static copy(): Disk {
    return new Disk(Uint8Array.from(IMAGE));
  }

  at(block: number): Uint8Array {
    return this.bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
  }

  read(block: number): Uint8Array | undefined {
    return this.unreadable.has(block) ? undefined : this.at(block);
  }

  flip(block: number, offset: number): this {
    this.at(block)[offset] ^= 0x40;
    return this;
  }
}

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}

describe('an image the kernel wrote', () => {
  const disk = Disk.copy();
  const read = readDisk(disk, { checkPages: true });

  it('keeps three generations, all whole, and four valid superblock copies in two pairs', () => {
    expect(read.superblocks.map(({ state }) => state)).toEqual(['valid', 'valid', 'valid', 'valid']);
    const [a, b, c, d] = read.superblocks.map(({ sequence }) => sequence);
    expect([a, b]).toEqual([c, d]);
    expect(Math.abs(a - b)).toBe(1);
    expect(read.recovery).toMatchObject({ kind: 'generation', generation: NEWEST });
    expect(read.generations.map(({ generation }) => generation)).toEqual([NEWEST, NEWEST - 1, NEWEST - 2]);
    expect(read.generations.map(({ whole, problems }) => [whole, problems])).toEqual(Array(3).fill([true, []]));
    expect(read.newest).toMatchObject({ diskBlocks: 2048, pages: 2048, keep: 3 });
  });

  it('holds in every generation the pages that belong together', () => {
    const totals = read.generations.map((generation) => {
      const versions = words(readPage(disk, generation, 1) ?? new Uint8Array());
      for (let i = 0; i < PAGES; i++) {
        const found = words(readPage(disk, generation, FIRST_PAGE + i) ?? new Uint8Array());
        const expected = versions[i] === 0 ? 0 : (i << 16) + versions[i];
        expect([i, found.length, found.every((word) => word === expected)]).toEqual([i, 1024, true]);
      }
      return versions.reduce((sum, version) => sum + version, 0);
    });
    // Each generation did more than the one before, and the last all that was done.
    expect(totals[0]).toBe(WRITES);
    expect(totals).toEqual([...totals].sort((x, y) => y - x));
    expect(new Set(totals).size).toBe(3);
  });

  it('a page never written is zero', () => {
    const [generation] = read.generations;
    expect(readPage(disk, generation, 1000)?.every((byte) => byte === 0)).toBe(true);
  });

  it('uses no block twice', () => {
    const ledger = blockLedger(read);
    expect(ledger.problems).toEqual([]);
    expect(ledger.allocated).toBe(ledger.users.size + 16);
  });

  it('finds a generation that only the older superblock lists', () => {
    expect(findGeneration(disk, read, NEWEST - 3)).toMatchObject({ generation: NEWEST - 3 });
    expect(findGeneration(disk, read, NEWEST + 1)).toBeUndefined();
  });
});

describe('damage', () => {
  const users = [...blockLedger(readDisk(Disk.copy())).users];
  const flipped = Disk.copy();

  it('every byte of a superblock copy counts', () => {
    const disk = Disk.copy();
    for (let offset = 0; offset < 512; offset++) {
      const { superblocks, recovery } = readDisk(disk.flip(SUPERBLOCK_BLOCKS[0], offset));
      expect([offset, superblocks[0].state]).toEqual([offset, 'damaged']);
      expect(recovery).toMatchObject({ generation: NEWEST });
      disk.flip(SUPERBLOCK_BLOCKS[0], offset);
    }
  });

  property.prop([fc.nat(users.length - 1), fc.nat(BLOCK_BYTES - 1)], { numRuns: 120 })(
    'P11 a flipped bit in a block in use is found, with its block, kind and generation',
    (pick, at) => {
      const [block, user] = users[pick];
      const isSuperblock = user.startsWith('superblock');
      const offset = isSuperblock ? at % 512 : at;
      const read = readDisk(flipped.flip(block, offset), { checkPages: true });
      flipped.flip(block, offset);
      if (isSuperblock) {
        expect(read.superblocks.find((copy) => copy.block === block)).toMatchObject({ state: 'damaged' });
        return;
      }
      const found = read.generations.flatMap(({ problems }) => problems).find((problem) => problem.block === block);
      expect(`${found?.kind} ${found?.index} of generation ${found?.generation}`).toBe(user.split(',')[0]);
    },
  );

  it('both copies of an index block gone: the generation before is the one to recover', () => {
    const [newest] = readDisk(Disk.copy()).generations;
    for (const reference of [newest.record, newest.roots.get(0), newest.leaves.get(0), newest.pages.get(1)]) {
      if (!reference) throw new Error('the generation lacks it');
      const disk = Disk.copy();
      disk.unreadable.add(reference.block).add(reference.second);
      expect(readDisk(disk).recovery).toMatchObject({ generation: NEWEST - 1 });
    }
  });

  it('refuses when nothing is whole, and says fresh only of a blank disk', () => {
    const disk = Disk.copy();
    for (const block of SUPERBLOCK_BLOCKS.slice(1)) disk.flip(block, 40);
    disk.unreadable.add(SUPERBLOCK_BLOCKS[0]);
    const { recovery } = readDisk(disk);
    expect(recovery.kind === 'refused' && recovery.why.replace(/0x[0-9a-f]{8}/g, '#')).toBe(
      'the disk is neither blank nor a Phantom disk; its superblock copies: block 16 cannot be read; ' +
        'block 528 checksum #, expected #; block 1040 checksum #, expected #; block 1552 checksum #, expected #',
    );
    const short = new Disk(IMAGE.slice(0, IMAGE.length / 2));
    expect(readDisk(short).recovery).toMatchObject({
      why: expect.stringMatching(/is for a disk of \d+ blocks, this one has \d+; /),
    });
    expect(readDisk(new Disk(new Uint8Array(IMAGE.length))).recovery).toEqual({ kind: 'fresh' });
    const blankLedger = blockLedger(readDisk(new Disk(new Uint8Array(IMAGE.length))));
    expect(blankLedger).toMatchObject({ problems: [], allocated: 20 });
  });
});

describe('lies with valid checksums', () => {
  /** Changes a page's reference in the newest generation and seals everything above it again. */
  function forge(change: (entry: DataView) => void): Disk {
    const disk = Disk.copy();
    const { generations, newest } = readDisk(disk);
    const [{ record, roots, leaves }] = generations;
    const [root, leaf] = [roots.get(0), leaves.get(0)];
    if (!root || !leaf || !newest) throw new Error('the image has no tree');
    const view = (block: number): DataView => {
      const bytes = disk.at(block);
      return new DataView(bytes.buffer, bytes.byteOffset, BLOCK_BYTES);
    };
    const seal = (kind: BlockKind, at: typeof root, above: typeof root | undefined, offset: number): void => {
      const checksum = blockChecksum(kind, 0, at.generation, disk.at(at.block));
      disk.at(at.second).set(disk.at(at.block));
      if (above) view(above.block).setUint32(offset + 12, checksum, true);
      else {
        for (const { block, sequence } of readDisk(disk).superblocks) {
          if (sequence !== newest.sequence) continue;
          view(block).setUint32(64 + 12, checksum, true);
          view(block).setUint32(508, crc32c(disk.at(block).subarray(0, 508)), true);
        }
      }
    };
    const leafBytes = disk.at(leaf.block);
    change(new DataView(leafBytes.buffer, leafBytes.byteOffset + (FIRST_PAGE + 3) * REFERENCE_BYTES, REFERENCE_BYTES));
    seal('leaf', leaf, root, 0);
    seal('root', root, record, 64);
    seal('record', record, undefined, 0);
    return disk;
  }

  it('a forgery that changes nothing is taken: the sealing is right', () => {
    const disk = forge(() => undefined);
    expect(readDisk(disk, { checkPages: true }).generations[0]).toMatchObject({ whole: true, problems: [] });
  });

  it('a block used for two pages is in the ledger', () => {
    const other = readDisk(Disk.copy()).generations[0].pages.get(FIRST_PAGE + 4);
    const disk = forge((entry) => entry.setUint32(0, other?.block ?? 0, true));
    const read = readDisk(disk, { checkPages: true });
    expect(read.generations[0].problems).toMatchObject([{ kind: 'page', index: FIRST_PAGE + 3, block: other?.block }]);
    const problems = blockLedger(read).problems.map(({ block }) => block);
    expect(problems).toContain(other?.block);
  });

  it('a block outside the disk is named', () => {
    const disk = forge((entry) => entry.setUint32(0, 5000, true));
    const read = readDisk(disk, { checkPages: true });
    expect(read.generations[0].problems).toMatchObject([{ block: 5000, text: 'no such block on this disk' }]);
    expect(blockLedger(read).problems).toMatchObject([{ block: 5000 }]);
  });
});
