/**
 * A durable medium in a host file: the disk of a machine that lives on between runs.
 *
 * The rule that makes it right: whatever kills this process, the file holds a state that a power cut could have left. Each sector is one
 * positioned write of 512 aligned bytes; writes reach the file only when the volatile cache gives them up; `sync()` returns after the host has
 * made them durable, and only then does the guest see its flush complete.
 *
 * The file is the sectors of the disk in order and nothing else, created sparse. While it is in use a file `<name>.lock` stands beside it,
 * and one that is named after device and inode in the host's folder for temporary files, for the names that hard links give it; both
 * with the process id and that process's start time (where the host tells it), so that a lock left by a dead process, even one whose id has been given to another, is
 * recognised and taken over.
 */

import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import {
  assertCapacity,
  assertSector,
  CHUNK_BYTES,
  chunkHash,
  type DurableMedium,
  MediumDigest,
  SECTOR_BYTES,
} from './durable-medium.js';

/** Bytes read at once for a digest; a multiple of the chunk. */
const DIGEST_WINDOW = 1 << 20;

export type DiskFileProblem = 'missing' | 'not-a-file' | 'wrong-size' | 'locked' | 'inaccessible';

/** A disk file cannot be used. The message says what was expected, what was found, where, and what to do. */
export class DiskFileError extends Error {
  override readonly name = 'DiskFileError';

  constructor(
    readonly problem: DiskFileProblem,
    readonly file: string,
    message: string,
  ) {
    super(`disk file ${file}: ${message}`);
  }
}

export interface DiskFileOptions {
  /** Create the file with this many sectors when it does not exist. Without it a missing file is an error. */
  readonly createSectors?: number;
  /** The size an existing file must have, in sectors. */
  readonly expectSectors?: number;
}

export class FileMedium implements DurableMedium {
  private dirty = false;
  private closed = false;

  private constructor(
    readonly file: string,
    readonly sectors: number,
    private readonly descriptor: number,
    private readonly locks: readonly DiskFileLock[],
  ) {}

  /** Opens, and creates if asked to, a disk file and locks it until `close`. Throws DiskFileError. */
  static open(file: string, options: DiskFileOptions = {}): FileMedium {
    if (!checkKind(file) && options.createSectors === undefined) {
      throw new DiskFileError('missing', file, 'there is no such file');
    }
    const lock = DiskFileLock.take(file);
    let inode: DiskFileLock | undefined;
    try {
      // Looked at again: another process may have made it before the lock was ours.
      if (options.createSectors !== undefined && !checkKind(file)) createSparse(file, options.createSectors);
      inode = DiskFileLock.takeInode(file);
      const descriptor = attempt(file, 'cannot be opened for reading and writing', () => fs.openSync(file, 'r+'));
      try {
        const sectors = checkSize(file, fs.fstatSync(descriptor).size, options.expectSectors);
        return new FileMedium(file, sectors, descriptor, [inode, lock]);
      } catch (error) {
        fs.closeSync(descriptor);
        throw error;
      }
    } catch (error) {
      inode?.release();
      lock.release();
      throw error;
    }
  }

  readSector(lba: number, target: Uint8Array, offset = 0): void {
    assertSector(lba, this.sectors);
    const read = attempt(this.file, `sector ${lba} cannot be read`, () =>
      fs.readSync(this.descriptor, target, offset, SECTOR_BYTES, lba * SECTOR_BYTES),
    );
    if (read !== SECTOR_BYTES) {
      throw new DiskFileError(
        'wrong-size',
        this.file,
        `sector ${lba} ends after ${read} bytes; the file was cut while in use`,
      );
    }
  }

  writeSector(lba: number, source: Uint8Array, offset = 0): void {
    assertSector(lba, this.sectors);
    this.dirty = true;
    const written = attempt(this.file, `sector ${lba} cannot be written`, () =>
      fs.writeSync(this.descriptor, source, offset, SECTOR_BYTES, lba * SECTOR_BYTES),
    );
    if (written !== SECTOR_BYTES) {
      throw new DiskFileError(
        'inaccessible',
        this.file,
        `only ${written} bytes of sector ${lba} could be written; is the host disk full?`,
      );
    }
  }

  sync(): void {
    if (!this.dirty) return;
    attempt(this.file, 'cannot be synced to the host disk', () => fs.fdatasyncSync(this.descriptor));
    this.dirty = false;
  }

  fork(): never {
    throw new Error(`disk file ${this.file}: a machine whose disk is a host file cannot be forked; use a MemoryMedium`);
  }

  digest(): string {
    const digest = new MediumDigest(this.sectors);
    const bytes = this.sectors * SECTOR_BYTES;
    const window = Buffer.alloc(DIGEST_WINDOW);
    const zeros = Buffer.alloc(CHUNK_BYTES);
    for (let start = 0; start < bytes; start += DIGEST_WINDOW) {
      const length = Math.min(DIGEST_WINDOW, bytes - start);
      window.fill(0, length);
      fs.readSync(this.descriptor, window, 0, length, start);
      for (let at = 0; at < length; at += CHUNK_BYTES) {
        const chunk = window.subarray(at, at + CHUNK_BYTES);
        // Most of a sparse disk is zeros, which comparing finds sooner than hashing.
        if (!chunk.equals(zeros)) digest.add((start + at) / CHUNK_BYTES, chunkHash(chunk));
      }
    }
    return digest.value();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    fs.closeSync(this.descriptor);
    for (const lock of this.locks) lock.release();
  }
}

/** True when the file exists; throws when something else has its name. */
function checkKind(file: string): boolean {
  const found = attempt(file, 'cannot be looked at', () => fs.statSync(file, { throwIfNoEntry: false }));
  if (found !== undefined && !found.isFile()) {
    throw new DiskFileError(
      'not-a-file',
      file,
      `a regular file is needed, this is a ${found.isDirectory() ? 'directory' : 'special file'}`,
    );
  }
  return found !== undefined;
}

function checkSize(file: string, bytes: number, expectSectors: number | undefined): number {
  if (expectSectors !== undefined && bytes !== expectSectors * SECTOR_BYTES) {
    throw new DiskFileError(
      'wrong-size',
      file,
      `the disk must have ${expectSectors * SECTOR_BYTES} bytes, the file has ${bytes}`,
    );
  }
  if (bytes === 0 || bytes % SECTOR_BYTES !== 0) {
    throw new DiskFileError(
      'wrong-size',
      file,
      `a disk is a whole number of 512-byte sectors, the file has ${bytes} bytes`,
    );
  }
  assertCapacity(bytes / SECTOR_BYTES);
  return bytes / SECTOR_BYTES;
}

/** Makes the file under another name first, so that a killed process leaves no file of a wrong size. */
function createSparse(file: string, sectors: number): void {
  assertCapacity(sectors);
  const draft = `${file}.new`;
  attempt(file, 'cannot be created', () => {
    const descriptor = fs.openSync(draft, 'w');
    try {
      fs.ftruncateSync(descriptor, sectors * SECTOR_BYTES);
      fs.fsyncSync(descriptor);
      fs.renameSync(draft, file);
    } catch (error) {
      fs.rmSync(draft, { force: true });
      throw error;
    } finally {
      fs.closeSync(descriptor);
    }
  });
}

/** Locks held by this process; its own id in a lock file that is not here is that of an earlier process. */
const held = new Set<string>();

class DiskFileLock {
  private constructor(private readonly lockFile: string) {}

  /** The lock of the name: from before the file is made. */
  static take(file: string): DiskFileLock {
    return DiskFileLock.takeAt(
      file,
      attempt(file, 'its folder cannot be reached', () => lockFileOf(file)),
    );
  }

  /** The lock of the file itself, which hard links give other names, maybe in other folders. */
  static takeInode(file: string): DiskFileLock {
    const { dev, ino } = attempt(file, 'cannot be looked at', () => fs.statSync(file));
    return DiskFileLock.takeAt(file, path.join(os.tmpdir(), `phantom-disk-${dev}-${ino}.lock`));
  }

  private static takeAt(file: string, lockFile: string): DiskFileLock {
    const draft = `${lockFile}.${process.pid}`;
    try {
      attempt(file, 'cannot be locked', () =>
        fs.writeFileSync(draft, `${process.pid} ${hostProcess(process.pid).startTime}\n`),
      );
      for (let attempts = 0; attempts < 3; attempts++) {
        if (attempt(file, 'cannot be locked', () => linkIfAbsent(draft, lockFile))) {
          held.add(lockFile);
          return new DiskFileLock(lockFile);
        }
        attempt(file, 'cannot be locked', () => removeStale(file, lockFile));
      }
      throw new DiskFileError('locked', file, 'another process is taking it at this moment; try again');
    } finally {
      fs.rmSync(draft, { force: true });
    }
  }

  release(): void {
    held.delete(this.lockFile);
    fs.rmSync(this.lockFile, { force: true });
  }
}

/** The same for every symbolic name of the file. */
function lockFileOf(file: string): string {
  const real = fs.existsSync(file)
    ? fs.realpathSync(file)
    : path.join(fs.realpathSync(path.dirname(path.resolve(file))), path.basename(file));
  return `${real}.lock`;
}

function linkIfAbsent(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a dead process; throws when the owner lives. Moved aside before it is removed, so that a fresh lock is not removed for a stale one. */
function removeStale(file: string, lockFile: string): void {
  const text = readIfThere(lockFile);
  if (text === undefined) return;
  const [pid, started] = text.trim().split(' ');
  if (isAlive(Number(pid), started ?? '', lockFile)) {
    throw new DiskFileError(
      'locked',
      file,
      `it is in use by process ${pid}; stop that one first (its lock is ${lockFile})`,
    );
  }
  const aside = `${lockFile}.${process.pid}.stale`;
  try {
    fs.renameSync(lockFile, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (fs.readFileSync(aside, 'utf8') !== text) linkIfAbsent(aside, lockFile);
  fs.rmSync(aside, { force: true });
}

function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number, started: string, lockFile: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return held.has(lockFile);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  const { state, startTime } = hostProcess(pid);
  // A killed process that its parent has not waited for yet (proc(5): Z, X) has closed its files.
  return state !== 'Z' && state !== 'X' && startTime === started;
}

/** State and start time (in the host's own unit) of a process, '-' where the host does not tell. */
function hostProcess(pid: number): { state: string; startTime: string } {
  const stat = readIfThere(`/proc/${pid}/stat`) ?? '';
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] || '-', startTime: fields[19] ?? '-' };
}

function attempt<T>(file: string, what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof DiskFileError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiskFileError('inaccessible', file, `${what} (${reason})`);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
