/**
 * The durable medium of a disk: what is still there after the power is gone.
 *
 * The rule that makes it right: a sector is written whole or not at all, and everything above the medium (the volatile cache)
 * decides when that happens. The medium itself orders nothing and forgets nothing.
 *
 * `MemoryMedium` is a sparse tree of three levels: a list of directories (1 MiB each) of chunks (4 KiB each). Absent means zeros.
 * Every node remembers the owner that made it; a medium writes only to nodes of its own owner and copies the others first. `fork()` gives both
 * sides a new owner, so that all nodes are shared from then on: it costs one pointer per MiB of disk and no data.
 */

import { createHash } from 'node:crypto';

export const SECTOR_BYTES = 512;

/** Unit of sharing and hashing. */
export const CHUNK_BYTES = 4096;
const SECTORS_PER_CHUNK = CHUNK_BYTES / SECTOR_BYTES;
const CHUNKS_PER_DIRECTORY = 256;
const SECTORS_PER_DIRECTORY = CHUNKS_PER_DIRECTORY * SECTORS_PER_CHUNK;

/** LBA48 ends here; far above any disk this simulator is asked to hold. */
export const MAXIMUM_SECTORS = 2 ** 32;

/** What a disk needs from the place where its data endures. Sector numbers and bytes are checked; an error is a defect of the caller. */
export interface DurableMedium {
  /** Capacity in sectors of 512 bytes. */
  readonly sectors: number;
  /** Copies the sector into `target` at `offset`. */
  readSector(lba: number, target: Uint8Array, offset?: number): void;
  /** Replaces the whole sector by the 512 bytes at `offset` of `source`. */
  writeSector(lba: number, source: Uint8Array, offset?: number): void;
  /** Everything written before is durable when this returns, the host's own power included where the medium is a host file. */
  sync(): void;
  /** An independent medium with the same contents. Throws where contents cannot be shared (a host file). */
  fork(): DurableMedium;
  /** Hash of the contents; zeros that were written and zeros that never were are the same. */
  digest(): string;
  /** Gives host resources back. The medium is not used afterwards. */
  close(): void;
}

/** Throws unless `lba` is a sector of a disk of `sectors` sectors. */
export function assertSector(lba: number, sectors: number): void {
  if (!Number.isInteger(lba) || lba < 0 || lba >= sectors) {
    throw new RangeError(`disk medium: sector ${lba} is not on a disk of ${sectors} sectors`);
  }
}

/** Throws unless `sectors` is a capacity a medium can have. */
export function assertCapacity(sectors: number): void {
  if (!Number.isInteger(sectors) || sectors < 1 || sectors > MAXIMUM_SECTORS) {
    throw new RangeError(
      `disk medium: the capacity must be 1 to ${MAXIMUM_SECTORS} sectors of 512 bytes, not ${sectors}`,
    );
  }
}

/** Rot: turns over the bits of `mask` in the byte at `offset` of a sector, without anybody noticing. */
export function corruptSector(medium: DurableMedium, lba: number, offset: number, mask: number): void {
  if (offset < 0 || offset >= SECTOR_BYTES) throw new RangeError(`disk medium: a sector has no byte ${offset}`);
  const bytes = new Uint8Array(SECTOR_BYTES);
  medium.readSector(lba, bytes);
  bytes[offset] ^= mask;
  medium.writeSector(lba, bytes);
}

interface Chunk {
  owner: object;
  readonly bytes: Uint8Array;
  /** Hash of `bytes`, or '' when not computed since the last write. */
  hash: string;
}

interface Directory {
  owner: object;
  readonly chunks: (Chunk | undefined)[];
}

export class MemoryMedium implements DurableMedium {
  private owner: object = {};
  private readonly directories: (Directory | undefined)[];

  constructor(readonly sectors: number) {
    assertCapacity(sectors);
    this.directories = new Array(Math.ceil(sectors / SECTORS_PER_DIRECTORY)).fill(undefined);
  }

  /** A medium that holds `bytes` (a whole number of sectors) from sector 0. */
  static fromBytes(bytes: Uint8Array): MemoryMedium {
    if (bytes.length === 0 || bytes.length % SECTOR_BYTES !== 0) {
      throw new RangeError(`disk medium: ${bytes.length} bytes are not a whole number of 512-byte sectors`);
    }
    const medium = new MemoryMedium(bytes.length / SECTOR_BYTES);
    for (let lba = 0; lba < medium.sectors; lba++) medium.writeSector(lba, bytes, lba * SECTOR_BYTES);
    return medium;
  }

  readSector(lba: number, target: Uint8Array, offset = 0): void {
    assertSector(lba, this.sectors);
    const chunk = this.directories[Math.floor(lba / SECTORS_PER_DIRECTORY)]?.chunks[chunkIndex(lba)];
    if (chunk === undefined) target.fill(0, offset, offset + SECTOR_BYTES);
    else target.set(sectorOf(chunk, lba), offset);
  }

  writeSector(lba: number, source: Uint8Array, offset = 0): void {
    assertSector(lba, this.sectors);
    if (offset + SECTOR_BYTES > source.length) {
      throw new RangeError(
        `disk medium: a sector is 512 bytes, ${source.length - offset} were given for sector ${lba}`,
      );
    }
    const chunk = this.ownChunk(lba);
    chunk.hash = '';
    sectorOf(chunk, lba).set(source.subarray(offset, offset + SECTOR_BYTES));
  }

  sync(): void {}

  fork(): MemoryMedium {
    const copy = new MemoryMedium(this.sectors);
    for (let index = 0; index < this.directories.length; index++) copy.directories[index] = this.directories[index];
    this.owner = {};
    return copy;
  }

  digest(): string {
    const digest = new MediumDigest(this.sectors);
    this.directories.forEach((directory, directoryIndex) => {
      directory?.chunks.forEach((chunk, index) => {
        if (chunk === undefined) return;
        if (chunk.hash === '') chunk.hash = chunkHash(chunk.bytes);
        digest.add(directoryIndex * CHUNKS_PER_DIRECTORY + index, chunk.hash);
      });
    });
    return digest.value();
  }

  close(): void {}

  private ownChunk(lba: number): Chunk {
    const directoryIndex = Math.floor(lba / SECTORS_PER_DIRECTORY);
    let directory = this.directories[directoryIndex];
    if (directory === undefined || directory.owner !== this.owner) {
      const chunks = directory?.chunks.slice() ?? new Array<Chunk | undefined>(CHUNKS_PER_DIRECTORY).fill(undefined);
      directory = { owner: this.owner, chunks };
      this.directories[directoryIndex] = directory;
    }
    const index = chunkIndex(lba);
    let chunk = directory.chunks[index];
    if (chunk === undefined || chunk.owner !== this.owner) {
      const bytes = new Uint8Array(CHUNK_BYTES);
      if (chunk !== undefined) bytes.set(chunk.bytes);
      chunk = { owner: this.owner, bytes, hash: '' };
      directory.chunks[index] = chunk;
    }
    return chunk;
  }
}

function chunkIndex(lba: number): number {
  return Math.floor(lba / SECTORS_PER_CHUNK) % CHUNKS_PER_DIRECTORY;
}

function sectorOf(chunk: Chunk, lba: number): Uint8Array {
  const start = (lba % SECTORS_PER_CHUNK) * SECTOR_BYTES;
  return chunk.bytes.subarray(start, start + SECTOR_BYTES);
}

/** Hash of one chunk of a medium. The bytes past the end of the disk are zeros. */
export function chunkHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const ZERO_HASH = chunkHash(new Uint8Array(CHUNK_BYTES));

/** The digest of a medium, the same for the same contents wherever they are kept: hash of the capacity and of each chunk that is not all zeros. */
export class MediumDigest {
  private readonly hash = createHash('sha256');

  constructor(sectors: number) {
    this.hash.update(`${sectors}\n`);
  }

  /** Adds a chunk; indices must rise. */
  add(index: number, hashOfChunk: string): void {
    if (hashOfChunk !== ZERO_HASH) this.hash.update(`${index} ${hashOfChunk}\n`);
  }

  value(): string {
    return this.hash.digest('hex');
  }
}
