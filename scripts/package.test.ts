// The package that `npm pack` makes, unpacked elsewhere: it runs without the sources, with the kernel image inside.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resultSchema } from '../reports/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
let folder: string;
let packed: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phantom-package-'));
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'ignore' });
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root, stdio: 'ignore' });
  const [archive] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  execFileSync('tar', ['-xf', archive], { cwd: folder });
  packed = join(folder, 'package');
  // Its run-time dependencies and nothing else of what is installed here.
  const { dependencies } = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8'));
  mkdirSync(join(packed, 'node_modules'));
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(packed, 'node_modules', name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(packed, 'node_modules', name));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  test('holds the command, the kernel image and the default program, and no tests or fixtures of tests', () => {
    for (const file of [
      'ARCHITECTURE.md',
      'CONTRIBUTING.md',
      'dist/cli/main.js',
      'dist/impl/image/kernel.elf',
      'dist/fixtures/workloads/ticker/wl.ticker.main.pc',
      'dist/impl/library/demo/counter/demo.counter.main.ph',
      'dist/impl/library/phantom.data.list.ph',
      'dist/impl/library/java/classes/java/lang/Object.class',
      'dist/specs/SnapshotAtomic.tla',
      'dist/specs/mutants/Superblock.json',
      'dist/specs/original/EarlyFree.cfg',
    ]) {
      expect(existsSync(join(packed, file)), file).toBe(true);
    }
    const files = readdirSync(join(packed, 'dist'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /\.test\.(js|d\.ts|ph)/.test(file) || file.includes('/testing/'))).toEqual([]);
  });

  test('every export it names is there', () => {
    const { exports, bin } = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8'));
    const targets = [
      bin.phantom,
      ...Object.values(exports).flatMap((one) => (typeof one === 'string' ? [one] : Object.values(one as object))),
    ];
    for (const target of targets) expect(existsSync(join(packed, target)), target).toBe(true);
  });

  test('builds a program with the class library elsewhere', () => {
    const elsewhere = join(folder, 'building');
    mkdirSync(elsewhere);
    const text = `package .t;
class main { void startup( var boot ) [8] { boot.16( new .phantom.data.list() ); } };`;
    writeFileSync(join(elsewhere, 't.main.ph'), text);
    const ended = spawnSync(process.execPath, [join(packed, 'dist/cli/main.js'), 'build', 't.main.ph', '-o', 'made'], {
      cwd: elsewhere,
      encoding: 'utf8',
    });
    expect([ended.status, ended.stderr]).toEqual([0, expect.stringMatching(/^\d+ classes in made\n$/)]);
    expect(readdirSync(join(elsewhere, 'made'))).toContain('phantom.data.list.pc');
  });

  test('runs a program elsewhere', () => {
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    cpSync(join(root, 'fixtures/workloads/ticker/wl.ticker.main.pc'), join(elsewhere, 'my.pc'));
    const words = ['run', 'my.pc', '--cuts', '0', '--max-cycles', '40000000', '--json'];
    const ended = spawnSync(process.execPath, [join(packed, 'dist/cli/main.js'), ...words], {
      cwd: elsewhere,
      encoding: 'utf8',
    });
    const result = resultSchema.parse(JSON.parse(ended.stdout));
    expect([ended.status, result.verdict.outcome]).toEqual([0, 'stopped']);
    expect(result.console[0]?.text).toBe('T| tick = 1');
    expect(result.kernel.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('checks a specification elsewhere', () => {
    const words = ['tla', 'check', join(packed, 'dist/specs/SnapshotAtomic.tla'), '--json'];
    const ended = spawnSync(process.execPath, [join(packed, 'dist/cli/main.js'), ...words], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([ended.status, JSON.parse(ended.stdout).result]).toEqual([0, 'ok']);
  });
});
