import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildKernel } from './kernel.js';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'phantom-cache-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Builds into the test's own cache and says whether anything was compiled. */
async function build(options: { defects?: string[]; entry?: string } = {}) {
  let compiled = false;
  const image = await buildKernel({ ...options, cacheFolder: folder, onProgress: () => (compiled = true) });
  return { ...image, compiled };
}

describe('kernel image', () => {
  const entry = 'impl/kernel/selftest/lower.ts';

  test('an image is built once, read from the cache after that, and built again when the cached file is damaged', async () => {
    const first = await build({ entry });
    expect(first.compiled).toBe(true);
    const second = await build({ entry });
    expect(second).toEqual({ ...first, compiled: false });
    const elf = readdirSync(folder).find((name) => name.endsWith('.elf')) ?? '';
    const bytes = readFileSync(join(folder, elf));
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(join(folder, elf), bytes);
    const third = await build({ entry });
    expect(third).toEqual(first);
  });

  test('an image has symbols of its functions', async () => {
    const { symbols } = await buildKernel({ entry });
    const kmain = [...symbols].find(([name]) => name.endsWith('selftest/lower/kmain'));
    expect(kmain?.[1].address).toBeGreaterThanOrEqual(0x100000);
  });

  test('an unknown defect is refused before anything is compiled', async () => {
    await expect(build({ defects: ['unheardOf'] })).rejects.toThrow("unknown defect 'unheardOf'");
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a seeded defect makes another image, which says so', async () => {
    const sound = await buildKernel();
    const defective = await buildKernel({ defects: ['commitWithoutFlush'] });
    expect(sound.defects).toEqual([]);
    expect(defective.defects).toEqual(['commitWithoutFlush']);
    expect(defective.sha256).not.toBe(sound.sha256);
  });
});
