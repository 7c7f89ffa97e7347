// Which generation a system on a disk goes on from, as the command's users see it; and disks of the least and a large size. The disk with
// generations is `fixtures/disks/format-2.img.gz`: the ticker, generations 6, 5 and 4 after 10, 8 and 6 lines.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crc32c } from '../model/crc32c.js';
import { SUPERBLOCK_BLOCKS } from '../model/disk-reader.js';
import { phantom } from './testing/captured.js';

const WRITTEN = gunzipSync(readFileSync(new URL('../fixtures/disks/format-2.img.gz', import.meta.url)));
const BLOCK_BYTES = 4096;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phantom-generations-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function disk(name: string, change: (bytes: Buffer) => void = () => undefined): string {
  const bytes = Buffer.from(WRITTEN);
  change(bytes);
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

async function generations(file: string): Promise<number[]> {
  const { stdout } = await phantom('image', 'list', file, '--json');
  return JSON.parse(stdout).generations.map((one: { generation: number }) => one.generation);
}

/** Until the system has come up and printed, long before its first snapshot is due. */
const BEFORE_SNAPSHOT = ['--snapshot-interval', '900000', '--max-cycles', '25000000'];

describe('phantom run --generation', () => {
  test('goes on from that one; the newer ones stay until something is committed, and are gone then', async () => {
    const file = disk('older.img');
    const first = await phantom('run', '--disk', file, '--generation', '5', ...BEFORE_SNAPSHOT);
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout.startsWith('T| tick = 9\n'), first.stdout).toBe(true);
    expect(first.stderr).toContain('goes on from generation 5');
    expect(first.stderr).toContain('generation 6 was not tried: another one was asked for');
    expect(await generations(file)).toEqual([6, 5, 4]);
    const second = await phantom('run', '--disk', file, '--generation', '5', '--max-cycles', '40000000');
    expect(second.stdout.startsWith('T| tick = 9\n'), second.stdout).toBe(true);
    const [newest, ...rest] = await generations(file);
    expect(newest).toBeGreaterThan(6);
    expect(rest).not.toContain(6);
    expect(await phantom('image', 'check', file)).toMatchObject({ code: 0 });
  });

  test.each([
    [['--disk', 'FILE', '--generation', '9'], 'generation 9 was asked for; the disk keeps 6, 5, 4'],
    [['--generation', '5'], '--generation needs --disk with a file that holds a system'],
    [['--disk', 'FILE', '--generation', '0'], '--generation'],
  ])('%s is refused in one line', async (words, message) => {
    const file = disk('refused.img');
    const { code, stderr } = await phantom('run', ...words.map((word) => (word === 'FILE' ? file : word)));
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.trim()).not.toContain('\n');
    expect(readFileSync(file).equals(WRITTEN)).toBe(true);
  });
});

describe('P21 phantom and a disk of a newer kernel', () => {
  test.each([
    [4, 3, 'format version 3, known are 1 and 2'],
    [8, 0x40, 'incompatible features 0x00000040, none are known'],
  ])('a superblock with %i: %i', async (at, value, message) => {
    const file = disk('newer.img', (bytes) => {
      for (const block of SUPERBLOCK_BLOCKS) {
        const superblock = bytes.subarray(block * BLOCK_BYTES, block * BLOCK_BYTES + 512);
        superblock.writeUInt32LE(value, at);
        superblock.writeUInt32LE(crc32c(superblock.subarray(0, 508)), 508);
      }
    });
    for (const words of [
      ['image', 'check', file],
      ['image', 'list', file],
      ['run', '--disk', file],
    ]) {
      const { code, stderr } = await phantom(...words);
      expect(code).toBe(2);
      expect(stderr).toContain(`the disk was written by a newer kernel: ${message}`);
    }
  });
});

describe('sizes', () => {
  test.each([
    [8, 4, 16],
    [8, 1024, 48],
    [65_536, 4, 16],
    [65_536, 1024, 48],
  ])('%i MiB of disk, %i MiB of persistent memory', async (size, memory, ram) => {
    const file = join(folder, `size-${size}-${memory}.img`);
    await phantom('image', 'create', file, '--size', String(size), '--memory', String(memory));
    expect(statSync(file).size).toBe(size * 2 ** 20);
    const words = ['run', '--disk', file, '--ram', String(ram), '--max-cycles', '60000000', '--json'];
    const first = JSON.parse((await phantom(...words)).stdout);
    expect(first.events.filter(({ kind }: { kind: string }) => kind === 'commit').length).toBeGreaterThan(0);
    expect(first.findings).toEqual([]);
    expect(first.options).toMatchObject({ diskMiB: size, persistentMiB: memory });
    const second = JSON.parse((await phantom(...words)).stdout);
    const [recovered] = second.events.filter(({ kind }: { kind: string }) => kind === 'recovered');
    expect(recovered.generation).toBeGreaterThan(0);
    expect(second.findings).toEqual([]);
    expect(await phantom('image', 'check', file)).toMatchObject({ code: 0 });
  });
});
