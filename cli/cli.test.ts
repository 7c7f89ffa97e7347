// The command as its users meet it: a process with arguments, two streams and an exit code.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunResult, resultSchema } from '../reports/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const TICKER = join(root, 'fixtures/workloads/ticker/wl.ticker.main.pc');
const CREW = ['wl.crew.main.pc', 'wl.crew.worker.pc'].map((name) => join(root, 'fixtures/workloads/crew', name));

let folder: string;
const alive = new Set<ChildProcess>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phantom-cli-'));
});
afterAll(() => {
  for (const child of alive) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

function start(...words: string[]): Started {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), join(root, 'cli/main.ts'), ...words], {
    cwd: folder,
  });
  alive.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => {
      alive.delete(child);
      resolve({ code, stdout, stderr });
    });
  });
  return { child, ended };
}

const phantom = (...words: string[]): Promise<Ended> => start(...words).ended;

/** One line, exit 2, nothing on stdout, no stack trace. */
function expectOneLine(ended: Ended, line: RegExp): void {
  expect(ended.stderr).toMatch(line);
  expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(ended.stderr).not.toMatch(/^\s+at /m);
  expect([ended.code, ended.stdout]).toEqual([2, '']);
}

describe('mistakes are one clear line and exit code 2', () => {
  const cases: [string, (() => string[]) | string[], RegExp][] = [
    ['a seed that is none', ['run', '--seed', 'pear'], /--seed.*'pear' is invalid.*from 0 to 4294967295/],
    ['a seed too large', ['run', '--seed', '4294967296'], /--seed.*is invalid/],
    ['a number of cuts that is none', ['run', '--cuts', '-1'], /--cuts.*is invalid/],
    ['no cycles', ['run', '--max-cycles', '0'], /--max-cycles.*is invalid/],
    ['an unknown option', ['run', '--seeds', '1'], /unknown option '--seeds'/],
    ['an unknown verb', ['walk'], /unknown command 'walk'/],
    [
      'a class file that is not there',
      ['run', 'no.pc'],
      /^phantom: no\.pc: cannot read the class file: there is no such file$/m,
    ],
    ['a folder for a class file', ['run', '.'], /cannot read the class file: it is a folder/],
    ['cuts of a disk file', ['run', '--disk', 'x.img', '--cuts', '2'], /--cuts cannot be used with --disk/],
    ['a report that is not there', ['replay', 'no.json'], /no\.json: cannot read the report: there is no such file/],
    [
      'a boot class that is not there',
      ['run', TICKER, '--boot-class', '.no.such'],
      /boot class \.no\.such is not in the program: it has \.wl\.ticker\.main/,
    ],
    [
      'a program that cannot boot',
      ['run', CREW[0], CREW[1], '--boot-class', '.wl.crew.mail'],
      /\.wl\.crew\.mail is not in the program/,
    ],
  ];
  test.each(cases)('%s', async (_, words, line) => {
    expectOneLine(await phantom(...(typeof words === 'function' ? words() : words)), line);
  });

  test('a file that is no class file', async () => {
    writeFileSync(join(folder, 'wrong.pc'), 'this is no class file');
    expectOneLine(await phantom('run', 'wrong.pc'), /wrong\.pc/);
  });

  test('a class file cut short', async () => {
    writeFileSync(join(folder, 'short.pc'), readFileSync(TICKER).subarray(0, 300));
    expectOneLine(await phantom('run', 'short.pc'), /short\.pc/);
  });

  test('the same class twice', async () => {
    copyFileSync(TICKER, join(folder, 'again.pc'));
    expectOneLine(await phantom('run', TICKER, 'again.pc'), /again\.pc: class \.wl\.ticker\.main is in .* already/);
  });

  test('a disk image of the wrong size', async () => {
    writeFileSync(join(folder, 'small.img'), Buffer.alloc(1024));
    expectOneLine(await phantom('run', '--disk', 'small.img'), /small\.img/);
  });

  test('a disk image of something else', async () => {
    const other = join(folder, 'other.img');
    writeFileSync(other, '');
    truncateSync(other, 256 * 2 ** 20);
    const file = openSync(other, 'r+');
    writeSync(file, 'not Phantom', 16 * 4096);
    closeSync(file);
    expectOneLine(
      await phantom('run', '--disk', 'other.img'),
      /other\.img: cannot go on from it: .*nor a Phantom disk/,
    );
  });

  test('a report folder that cannot be', async () => {
    writeFileSync(join(folder, 'plain'), '');
    expectOneLine(await phantom('run', '--report-dir', 'plain/inside'), /plain\/inside: cannot write reports there/);
  });

  test('a report that is none', async () => {
    writeFileSync(join(folder, 'report.json'), '{"format":"other"}');
    expectOneLine(await phantom('replay', 'report.json'), /report\.json: not a report of this version: format/);
  });
});

describe('help', () => {
  test.each([['--help'], ['run', '--help'], ['replay', '--help']])('%s %s', async (...words) => {
    const ended = await phantom(...words.filter((word) => word !== undefined));
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(ended.stdout).toMatch(/^Usage: phantom/);
  });

  test('--version is the package version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(await phantom('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

/** The sequence that the ticker prints, without lines that came again after a cut. */
function ticks(stdout: string): number[] {
  return [...stdout.matchAll(/^T\| tick = (\d+)$/gm)].map((match) => Number(match[1]));
}

describe('phantom run and replay', () => {
  const run = ['run', '--seed', '5', '--cuts', '1', '--json', '--report-dir', 'reports'];
  let first: RunResult;

  test('--json is one object of the schema and nothing else; the reports are written', async () => {
    const ended = await phantom(...run);
    first = resultSchema.parse(JSON.parse(ended.stdout));
    expect([ended.code, first.verdict.outcome, first.cuts.length]).toEqual([0, 'held', 1]);
    expect(first.repeat).toBe('npx phantom run --seed 5 --cuts 1');
    expect(readdirSync(join(folder, 'reports')).sort()).toEqual(['run-5.html', 'run-5.json', 'run-5.md']);
    expect(readFileSync(join(folder, 'reports/run-5.md'), 'utf8')).toContain(first.verdict.outcome);
  });

  test('P22 the same seed in another process, and a replay of the report, are the same run', async () => {
    const again = await phantom(...run);
    expect(JSON.parse(again.stdout)).toEqual(first);
    const replayed = await phantom('replay', 'reports/run-5.json', '--json');
    expect(JSON.parse(replayed.stdout)).toEqual(first);
    expect(replayed.stderr).toMatch(/^same run: /m);
    expect(replayed.code).toBe(0);
  });

  test('a report of another kernel image is refused, a report that lies is found out', async () => {
    const other = { ...first, kernel: { ...first.kernel, sha256: '0'.repeat(64) } };
    writeFileSync(join(folder, 'other.json'), JSON.stringify(other));
    expectOneLine(
      await phantom('replay', 'other.json'),
      /other\.json: made with kernel image 0{64}, this one is [0-9a-f]{64}/,
    );
    const lying = { ...first, cycles: first.cycles + 1 };
    writeFileSync(join(folder, 'lying.json'), JSON.stringify(lying));
    const ended = await phantom('replay', 'lying.json');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(`NOT the same run: expected ${first.cycles + 1} cycles, found ${first.cycles}`);
  });

  test('--cuts 0 with --max-cycles says stopped and exits 0; the program is on stdout, the bed on stderr', async () => {
    const ended = await phantom('run', TICKER, '--cuts', '0', '--max-cycles', '60000000');
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('stopped');
    const found = ticks(ended.stdout);
    expect(found.length).toBeGreaterThan(2);
    expect(found).toEqual(found.map((_, i) => i + 1));
    expect(
      ended.stdout
        .replace(/^T\| tick = \d+$/gm, '')
        .trim()
        .replace(/^T?\|?[ tick=\d]*$/, ''),
    ).toBe('');
  });
});

describe('a system that lives in a file', () => {
  test('Ctrl-C is a power cut, kill -9 too, and it goes on', { timeout: 120_000 }, async () => {
    mkdirSync(join(folder, 'life'));
    const run = ['run', TICKER, '--disk', 'life/my.img', '--report-dir', 'life'];
    let last = 0;
    for (const signal of ['SIGINT', 'SIGKILL', 'SIGTERM'] as const) {
      const { child, ended } = start(...run);
      let seen = '';
      child.stdout?.on('data', (data) => {
        seen += data;
        // Twice, as under npm: the terminal signals the whole group, and npm passes the signal on.
        if ((ticks(seen).at(-1) ?? 0) < last + 10 || child.killed) return;
        child.kill(signal);
        child.kill(signal);
      });
      const { code, stdout, stderr } = await ended;
      const found = ticks(stdout);
      expect(found.length).toBeGreaterThan(0);
      // It goes on from a point it had been at: not after the next line due, in steps of one.
      expect(found[0]).toBeLessThanOrEqual(last + 1);
      expect(found).toEqual(found.map((_, i) => found[0] + i));
      if (last > 0) expect(found[0]).toBeGreaterThan(1);
      if (signal !== 'SIGKILL') {
        expect(code).toBe(0);
        expect(stderr).toContain('life/my.img keeps the system');
      }
      last = found[found.length - 1];
    }
    expect(statSync(join(folder, 'life/my.img')).size % 512).toBe(0);
  });
});
