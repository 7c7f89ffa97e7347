// Shows that the linter refuses what ARCHITECTURE's table of imports and the clock rule forbid, and nothing more: each
// case is a file put into a copy of the project's lint configuration.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const BIOME = join(root, 'node_modules/@biomejs/biome/bin/biome');
const CLOCK = 'No wall clock and no unseeded randomness';

let house: string;

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'phantom-lint-'));
  mkdirSync(join(house, 'scripts/lint'), { recursive: true });
  for (const file of ['biome.json', '.gitignore', 'scripts/lint/no-wall-clock.grit']) {
    copyFileSync(join(root, file), join(house, file));
  }
});

afterAll(() => rmSync(house, { recursive: true, force: true }));

/** What the linter says about `text` at `path` of the project; empty where it is content. */
function lint(path: string, text: string): string {
  const file = join(house, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const result = spawnSync(process.execPath, [BIOME, 'lint', '--colors=off', path], { cwd: house, encoding: 'utf8' });
  rmSync(file);
  const words = result.stdout + result.stderr;
  expect(words).toContain('Checked 1 file');
  return result.status === 0 ? '' : words;
}

const importing = (specifier: string) => `import { thing } from '${specifier}';\n\nexport const copy = thing;\n`;

describe('imports run one way', () => {
  const forbidden: [string, string][] = [
    ['bench/x.ts', '../cli/main.js'],
    ['faults/x.ts', '../cli/main.js'],
    ['faults/x.ts', '../bench/run.js'],
    ['faults/x.ts', '../impl/compiler/index.js'],
    ['reports/x.ts', '../faults/run.js'],
    ['reports/x.ts', '../impl/compiler/index.js'],
    ['model/x.ts', '../hardware-sim/machine.js'],
    ['model/classfile/x.ts', '../../impl/image/index.js'],
    ['hardware-sim/cpu/x.ts', '../../model/disk-reader.js'],
    ['hardware-sim/x.ts', '../impl/image/index.js'],
    ['impl/image/x.ts', '../../model/disk-reader.js'],
    ['impl/image/x.ts', '../kernel/boot.js'],
    ['impl/image/x.ts', '../../hardware-sim/machine.js'],
    ['impl/compiler/x.ts', '../image/index.js'],
    ['impl/compiler/x.ts', '../../hardware-sim/cpu/cpu.js'],
  ];
  test.each(forbidden)('%s may not import %s', (path, specifier) => {
    expect(lint(path, importing(specifier))).toContain('noRestrictedImports');
  });

  const allowed: [string, string][] = [
    ['cli/x.ts', '../faults/run.js'],
    ['faults/x.ts', '../impl/image/index.js'],
    ['faults/x.ts', '../model/disk-reader.js'],
    ['reports/x.ts', '../hardware-sim/machine.js'],
    ['impl/image/x.ts', '../compiler/index.js'],
    ['impl/image/x.ts', '../../model/classfile/index.js'],
    ['impl/compiler/x.test.ts', '../../hardware-sim/cpu/cpu.js'],
    ['hardware-sim/machine.ts', './disk/faults.js'],
  ];
  test.each(allowed)('%s may import %s', (path, specifier) => {
    expect(lint(path, importing(specifier))).toBe('');
  });
});

describe('a run is a function of its seed', () => {
  const uses = ['Math.random()', 'Date.now()', 'performance.now()', 'new Date()', 'Date()', 'process.hrtime.bigint()'];
  const rooms = ['hardware-sim', 'impl/image', 'impl/compiler', 'model', 'faults'];
  test.each(uses.flatMap((use, i) => [[use, rooms[i % rooms.length]]]))('%s is refused in %s', (use, room) => {
    expect(lint(`${room}/x.ts`, `export const value = ${use};\n`)).toContain(CLOCK);
  });

  test('a fixed date is none of the wall clock, and cli may look at the clock', () => {
    expect(lint('hardware-sim/x.ts', 'export const value = new Date(0);\n')).toBe('');
    expect(lint('cli/x.ts', 'export const value = Date.now();\n')).toBe('');
  });
});
