// `phantom image` on images made by it, written by a kernel of format version 1, and damaged by hand.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileMedium } from '../hardware-sim/index.js';
import { readDisk } from '../model/disk-reader.js';
import { phantom } from './testing/captured.js';

const BLOCK_BYTES = 4096;
/** A disk of 8 MiB with generations 5, 4 and 3, see `fixtures/disks/README.md`. */
const WRITTEN = gunzipSync(readFileSync(new URL('../fixtures/disks/format-1.img.gz', import.meta.url)));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phantom-image-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const place = (name: string): string => join(folder, name);

/** The image the kernel wrote, with a bit turned over at these bytes. */
function damaged(name: string, at: readonly number[] = []): string {
  const bytes = Buffer.from(WRITTEN);
  for (const byte of at) bytes[byte] ^= 4;
  writeFileSync(place(name), bytes);
  return place(name);
}

describe('phantom image create', () => {
  test('makes a disk of these sizes, which list and check accept', async () => {
    const name = place('new.img');
    const made = await phantom('image', 'create', name, '--size', '16', '--memory', '5', '--generations', '4');
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(statSync(name).size).toBe(16 * 2 ** 20);
    const listed = await phantom('image', 'list', name, '--json');
    expect(JSON.parse(listed.stdout)).toEqual({
      ...{ blocks: 4096, freeBlocks: 4096 - 20, badBlocks: 0, persistentMiB: 8, keep: 4, sequence: 1, generations: [] },
      recovery: { kind: 'fresh' },
    });
    expect(await phantom('image', 'check', name)).toMatchObject({ code: 0, stderr: '' });
  });

  test('does not touch a file that is there', async () => {
    const name = place('there');
    writeFileSync(name, 'mine');
    expect(await phantom('image', 'create', name)).toMatchObject({ code: 2, stdout: '' });
    expect(readFileSync(name, 'utf8')).toBe('mine');
  });

  test.each([
    [['--size', '7'], /--size/],
    [['--memory', '1025'], /--memory/],
    [['--generations', '1'], /--generations/],
  ])('refuses %s and makes nothing', async (words, message) => {
    const { code, stderr } = await phantom('image', 'create', place('refused.img'), ...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trim()).not.toContain('\n');
    expect(existsSync(place('refused.img'))).toBe(false);
  });
});

describe('phantom image list, check, dump', () => {
  test('list names the generations, newest first', async () => {
    const { stdout, code } = await phantom('image', 'list', damaged('good.img'));
    expect(code).toBe(0);
    const rows = stdout.trim().split('\n').slice(2);
    expect(rows.map((row) => row.trim().split(/ {2,}/)[0])).toEqual(['5', '4', '3']);
    expect(rows.every((row) => row.endsWith('whole'))).toBe(true);
  });

  test('check of a good image finds nothing', async () => {
    const { stdout, code } = await phantom('image', 'check', damaged('good.img'));
    expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 1 });
    expect(stdout).toContain('generation 5 is recovered');
  });

  test('check names block, kind, page and generations of what is bad, and what can be done', async () => {
    const good = JSON.parse((await phantom('image', 'list', damaged('good.img'), '--json')).stdout);
    const page = await phantom('image', 'dump', place('good.img'), '--page', '20');
    const block = Number(/block (\d+), written/.exec(page.stdout)?.[1]);
    expect(good.generations).toHaveLength(3);
    const bad = damaged('bad.img', [block * BLOCK_BYTES + 100, 16 * BLOCK_BYTES + 30]);
    const { stdout, code } = await phantom('image', 'check', bad);
    expect(code).toBe(1);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^block 16, superblock copy 0: checksum .*one good copy suffices/);
    expect(lines[1]).toMatch(
      new RegExp(`^block ${block}, page 20 written by generation \\d+: checksum .*\\(kept in .*5.*object lost`),
    );
    expect(lines[2]).toContain('2 problems');
    const { findings } = JSON.parse((await phantom('image', 'check', bad, '--json')).stdout);
    expect(findings.map((finding: { block: number }) => finding.block)).toEqual([16, block]);
  });

  test('dump of a page is its bytes', async () => {
    const { stdout } = await phantom('image', 'dump', damaged('good.img'), '--page', '20', '--generation', '4');
    const [head, first] = stdout.split('\n');
    expect(head).toMatch(/^page 20 of generation 4: block \d+, written by generation \d+$/);
    const block = Number(/block (\d+)/.exec(head)?.[1]);
    const bytes = [...WRITTEN.subarray(block * BLOCK_BYTES, block * BLOCK_BYTES + 16)];
    expect(first.slice(5, 52)).toBe(bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' '));
  });

  test.each([
    ['no choice', ['dump'], /choose one of/],
    ['two choices', ['dump', '--block', '1', '--page', '2'], /choose one of/],
    ['a generation that is not kept', ['dump', '--page', '2', '--generation', '2'], /keeps generations 5, 4, 3, not 2/],
    ['a page that is not there', ['dump', '--page', '2048'], /has pages 0 to 2047/],
    ['a block that is not there', ['dump', '--block', '2048'], /has blocks 0 to 2047/],
  ])('%s is one line and exit code 2', async (_, [verb, ...words], message) => {
    const { code, stdout, stderr } = await phantom('image', verb, damaged('good.img'), ...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trim()).not.toContain('\n');
  });

  test('what is no disk of a system is one line and exit code 2', async () => {
    const blank = place('blank.img');
    writeFileSync(blank, '');
    truncateSync(blank, 8 * 2 ** 20);
    const foreign = damaged(
      'foreign.img',
      [16, 528, 1040, 1552].map((block) => block * BLOCK_BYTES),
    );
    writeFileSync(place('odd.img'), Buffer.alloc(700));
    for (const [name, message] of [
      [blank, /the disk is blank/],
      [foreign, /neither blank nor a Phantom disk/],
      [place('odd.img'), /a whole number of 512-byte sectors/],
      [place('missing.img'), /no such file/],
      [folder, /disk file/],
    ] as const) {
      for (const verb of ['list', 'check']) {
        const { code, stdout, stderr } = await phantom('image', verb, name);
        expect({ code, stdout, name }).toEqual({ code: 2, stdout: '', name });
        expect(stderr).toMatch(message);
      }
    }
  });

  test('an image that is in use is refused', async () => {
    const medium = FileMedium.open(damaged('used.img'));
    try {
      expect((await phantom('image', 'check', place('used.img'))).code).toBe(2);
    } finally {
      medium.close();
    }
  });
});

describe('phantom image rollback', () => {
  test('an older generation is the newest, by the pair that was not in force', async () => {
    const name = damaged('rollback.img');
    expect((await phantom('image', 'rollback', name, '4')).code).toBe(0);
    const { generations, sequence } = JSON.parse((await phantom('image', 'list', name, '--json')).stdout);
    expect(generations.map(({ generation }: { generation: number }) => generation)).toEqual([4, 3]);
    expect(sequence).toBeGreaterThan(5);
    expect((await phantom('image', 'check', name)).code).toBe(0);
    const { superblocks } = readDisk({
      blocks: 2048,
      read: (block) => readFileSync(name).subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES),
    });
    // The pair in force before is untouched: a cut while the other was written would have gone on from it.
    expect(superblocks.map(({ state }) => state)).toEqual(['valid', 'valid', 'valid', 'valid']);
    expect(new Set(superblocks.map((copy) => copy.sequence))).toEqual(new Set([sequence, sequence - 1]));
    const again = await phantom('image', 'rollback', name, '3');
    expect(again.code).toBe(0);
  });

  test('a generation that is not kept, or damaged, is refused and nothing is written', async () => {
    const name = damaged('refuse.img');
    const before = readFileSync(name);
    const { code, stderr } = await phantom('image', 'rollback', name, '2');
    expect({ code, same: readFileSync(name).equals(before) }).toEqual({ code: 2, same: true });
    expect(stderr).toMatch(/keeps generations 5, 4, 3, not 2/);
    const [{ record }] = readDisk({
      blocks: 2048,
      read: (block) => before.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES),
    }).generations.slice(1);
    const bad = damaged('refuse.img', [record.block * BLOCK_BYTES, record.second * BLOCK_BYTES]);
    expect((await phantom('image', 'rollback', bad, '4')).stderr).toMatch(/generation 4 is damaged/);
  });
});
