import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProjectRoot, readKernelSources } from './sources.js';

const root = findProjectRoot() ?? '';
const ENTRY = 'impl/kernel/boot.ts';
let copy = '';

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'phantom-sources-'));
  for (const path of ['impl/kernel', 'impl/compiler/runtime', 'node_modules/assemblyscript/package.json']) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
});

afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

describe('kernel sources', () => {
  test('the same tree in another place has the same key and the same texts', () => {
    const here = readKernelSources(root, ENTRY, []);
    const there = readKernelSources(copy, ENTRY, []);
    expect(there.key).toBe(here.key);
    expect([...there.files]).toEqual([...here.files]);
  });

  test('what is imported is found, over several lines and directories, and nothing else', () => {
    const { files } = readKernelSources(root, ENTRY, []);
    expect([...files.keys()]).toEqual(
      expect.arrayContaining([ENTRY, 'impl/kernel/arch/hw.ts', 'impl/kernel/drivers/ide.ts']),
    );
    expect([...files.keys()].filter((name) => name.includes('selftest') || name.includes('.test.'))).toEqual([]);
  });

  test('a changed source, another entry and other flags have other keys', () => {
    const { key } = readKernelSources(copy, ENTRY, []);
    expect(readKernelSources(copy, ENTRY, ['-O3']).key).not.toBe(key);
    expect(readKernelSources(copy, 'impl/kernel/selftest/lower.ts', []).key).not.toBe(key);
    writeFileSync(join(copy, 'impl/kernel/drivers/added.ts'), 'export const added: u32 = 1;\n');
    expect(readKernelSources(copy, ENTRY, []).key).toBe(key);
    writeFileSync(join(copy, 'impl/kernel/defects.ts'), 'export const commitWithoutFlush: bool = false;\n');
    expect(readKernelSources(copy, ENTRY, []).key).not.toBe(key);
  });

  test('an import that leads nowhere is named', () => {
    writeFileSync(join(copy, 'impl/kernel/lost.ts'), "import { x } from './nowhere';\n");
    expect(() => readKernelSources(copy, 'impl/kernel/lost.ts', [])).toThrow(
      'impl/kernel/nowhere.ts is imported but not there',
    );
  });
});
