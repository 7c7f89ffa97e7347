import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Disk } from './disk.js';
import { MemoryMedium, SECTOR_BYTES } from './durable-medium.js';
import { DiskFileError, FileMedium } from './file-medium.js';
import { HARD_DISK_1996 } from './profile.js';

let folder = '';
let file = '';

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'disk-file-'));
  file = path.join(folder, 'my.img');
});

afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const sector = (value: number): Uint8Array => new Uint8Array(SECTOR_BYTES).fill(value);

function problemOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof DiskFileError) {
      expect(error.message).toContain(error.file);
      return error.problem;
    }
    throw error;
  }
  throw new Error('the action succeeded');
}

describe('disk file', () => {
  test('is created sparse, keeps sectors in order, and has the digest of its contents', () => {
    const medium = FileMedium.open(file, { createSectors: 1 << 20 });
    medium.writeSector(3, sector(7));
    medium.writeSector((1 << 20) - 1, sector(8));
    medium.sync();
    expect(fs.statSync(file).size).toBe(512 << 20);
    expect(fs.statSync(file).blocks).toBeLessThan(1000);
    medium.close();
    const bytes = Buffer.alloc(SECTOR_BYTES);
    const descriptor = fs.openSync(file, 'r');
    fs.readSync(descriptor, bytes, 0, SECTOR_BYTES, 3 * SECTOR_BYTES);
    fs.closeSync(descriptor);
    expect(bytes.equals(sector(7))).toBe(true);
  });

  test('has the digest of a memory medium with the same contents', () => {
    const medium = FileMedium.open(file, { createSectors: 1001 });
    const memory = new MemoryMedium(1001);
    for (const lba of [0, 17, 1000]) {
      medium.writeSector(lba, sector(lba));
      memory.writeSector(lba, sector(lba));
    }
    expect(medium.digest()).toBe(memory.digest());
    medium.close();
  });

  test('is opened again with what it holds', () => {
    const first = FileMedium.open(file, { createSectors: 64 });
    first.writeSector(9, sector(1));
    first.close();
    const second = FileMedium.open(file, { createSectors: 128, expectSectors: 64 });
    const bytes = new Uint8Array(SECTOR_BYTES);
    second.readSector(9, bytes);
    expect(bytes).toEqual(sector(1));
    second.close();
  });

  test('problems have one clear error each', () => {
    expect(problemOf(() => FileMedium.open(file))).toBe('missing');
    expect(problemOf(() => FileMedium.open(folder))).toBe('not-a-file');
    fs.writeFileSync(file, Buffer.alloc(700));
    expect(problemOf(() => FileMedium.open(file))).toBe('wrong-size');
    fs.writeFileSync(file, Buffer.alloc(1024));
    expect(problemOf(() => FileMedium.open(file, { expectSectors: 3 }))).toBe('wrong-size');
    fs.writeFileSync(file, '');
    expect(problemOf(() => FileMedium.open(file))).toBe('wrong-size');
    expect(problemOf(() => FileMedium.open(path.join(folder, 'no', 'my.img'), { createSectors: 1 }))).toBe(
      'inaccessible',
    );
    expect(fs.readdirSync(folder)).toEqual(['my.img']);
  });

  test('has one user at a time, whatever name it goes by', () => {
    const medium = FileMedium.open(file, { createSectors: 64 });
    const other = path.join(folder, 'other.img');
    fs.symlinkSync(file, other);
    expect(problemOf(() => FileMedium.open(file))).toBe('locked');
    expect(problemOf(() => FileMedium.open(other))).toBe('locked');
    medium.close();
    FileMedium.open(other).close();
    expect(fs.existsSync(`${file}.lock`)).toBe(false);
  });

  test('has one user at a time, through hard links too, from whatever folder', () => {
    const medium = FileMedium.open(file, { createSectors: 64 });
    const other = path.join(folder, 'elsewhere', 'linked.img');
    fs.mkdirSync(path.dirname(other));
    fs.linkSync(file, other);
    expect(problemOf(() => FileMedium.open(other))).toBe('locked');
    medium.close();
    FileMedium.open(other).close();
    FileMedium.open(file).close();
    expect(fs.readdirSync(path.dirname(other))).toEqual(['linked.img']);
  });

  test('the lock of a live process is respected, that of a dead one is taken over', async () => {
    FileMedium.open(file, { createSectors: 64 }).close();
    const sleeper = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
    const started = fs.readFileSync(`/proc/${sleeper.pid}/stat`, 'utf8').split(') ')[1].split(' ')[19];
    fs.writeFileSync(`${file}.lock`, `${sleeper.pid} ${started}\n`);
    expect(problemOf(() => FileMedium.open(file))).toBe('locked');
    const gone = new Promise((resolve) => sleeper.on('exit', resolve));
    sleeper.kill('SIGKILL');
    await gone;
    FileMedium.open(file).close();
    // The id lives, but belongs to a process that started at another time.
    fs.writeFileSync(`${file}.lock`, `${process.ppid} 1\n`);
    FileMedium.open(file).close();
    fs.writeFileSync(`${file}.lock`, 'no process at all');
    FileMedium.open(file).close();
    expect(fs.readdirSync(folder)).toEqual(['my.img']);
  });

  test('the lock of a killed process that nobody has waited for is taken over', async () => {
    FileMedium.open(file, { createSectors: 64 }).close();
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; kill -9 $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(text))));
    let stat: string;
    do stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    while (!stat.includes(') Z '));
    fs.writeFileSync(`${file}.lock`, `${pid} ${stat.split(') ')[1].split(' ')[19]}\n`);
    FileMedium.open(file).close();
    parent.kill('SIGKILL');
  });

  test('a machine on it cannot be forked', () => {
    const medium = FileMedium.open(file, { createSectors: 64 });
    expect(() => medium.fork()).toThrow(/cannot be forked/);
    medium.close();
  });

  test('a killed process leaves everything that was flushed', () => {
    FileMedium.open(file, { createSectors: 64 }).close();
    const modulePath = (name: string): string =>
      JSON.stringify(new URL(name, import.meta.url).href.replace(/\.js$/, '.ts'));
    const script = path.join(folder, 'writer.ts');
    fs.writeFileSync(
      script,
      `import { Disk } from ${modulePath('./disk.js')};
      import { FileMedium } from ${modulePath('./file-medium.js')};
      import { HARD_DISK_1996 } from ${modulePath('./profile.js')};
      const disk = new Disk(FileMedium.open(${JSON.stringify(file)}), HARD_DISK_1996, 66000000);
      disk.write(1, 0, new Uint8Array(512).fill(1));
      disk.write(2, 0, new Uint8Array(512).fill(2));
      disk.flush(1);
      disk.write(1, 2, new Uint8Array(512).fill(3));
      process.kill(process.pid, 'SIGKILL');`,
    );
    const result = spawnSync(process.execPath, ['--import', 'tsx', script], { encoding: 'utf8' });
    expect(result.signal, result.stderr).toBe('SIGKILL');
    expect(fs.existsSync(`${file}.lock`)).toBe(true);
    const disk = new Disk(FileMedium.open(file), HARD_DISK_1996, 66_000_000);
    const bytes = new Uint8Array(SECTOR_BYTES);
    for (const lba of [1, 2]) {
      disk.read(lba, 0, bytes);
      expect(bytes).toEqual(sector(lba));
    }
    disk.medium.close();
  });
});
