// The command as its users meet it: arguments, two streams and an exit code; in this process where that is enough.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
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
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type RunResult, resultSchema } from '../reports/index.js';
import { reportError } from './command.js';
import { firstDifference } from './replay.js';
import { type Ended, phantom } from './testing/captured.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const TICKER = join(root, 'fixtures/workloads/ticker/wl.ticker.main.pc');
const CREW = ['wl.crew.main.pc', 'wl.crew.worker.pc'].map((name) => join(root, 'fixtures/originals/crew', name));

let folder: string;
let home: string;
const alive = new Set<ChildProcess>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phantom-cli-'));
  home = process.cwd();
  process.chdir(folder);
});
afterAll(() => {
  for (const child of alive) child.kill('SIGKILL');
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

const COMMAND = [process.execPath, '--import', import.meta.resolve('tsx'), join(root, 'cli/main.ts')];

/** A process of its own: for signals, streams that fail, and to be sure that nothing hangs on this process. */
function start(...words: string[]): Started {
  return follow(spawn(COMMAND[0], [...COMMAND.slice(1), ...words], { cwd: folder }));
}

/** The command in a line of the shell, where it is called `phantom`. */
function shell(line: string): Promise<Ended> {
  const script = `phantom() { ${COMMAND.map((word) => `'${word}'`).join(' ')} "$@"; }; ${line}`;
  return follow(spawn('sh', ['-c', script], { cwd: folder })).ended;
}

function follow(child: ChildProcess): Started {
  alive.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data) => {
    stdout += data;
  });
  child.stderr?.on('data', (data) => {
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

/** One line, exit 2, nothing on stdout, no stack trace. */
function expectOneLine(ended: Ended, line: RegExp): void {
  expect(ended.stderr).toMatch(line);
  expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(ended.stderr).not.toMatch(/^\s+at /m);
  expect([ended.code, ended.stdout]).toEqual([2, '']);
}

describe('mistakes are one clear line and exit code 2', () => {
  const cases: [string, string[], RegExp][] = [
    ['a seed that is none', ['run', '--seed', 'pear'], /--seed.*'pear' is invalid.*from 0 to 4294967295/],
    ['a seed too large', ['run', '--seed', '4294967296'], /--seed.*is invalid/],
    ['a number of cuts that is none', ['run', '--cuts', '-1'], /--cuts.*is invalid/],
    ['no cycles', ['run', '--max-cycles', '0'], /--max-cycles.*is invalid/],
    ['an unknown option', ['run', '--seeds', '1'], /unknown option '--seeds'/],
    ['a measurement that there is none of', ['bench', 'disk'], /Allowed choices are interpreter/],
    ['an unknown verb', ['walk'], /unknown command 'walk'/],
    [
      'a class file that is not there',
      ['run', 'no.pc'],
      /^phantom: no\.pc: cannot read the class file: there is no such file$/m,
    ],
    ['a folder without sources', ['run', '.'], /^phantom: \.: no source \(\.ph\) in this folder$/m],
    ['a source that is not there', ['run', 'no.ph'], /no\.ph: cannot read the source: there is no such file/],
    [
      'a demonstration that is not there',
      ['run', 'demo/tank'],
      /^phantom: there is no demonstration demo\/tank: expected one of .*demo\/counter, .*demo\/queens/m,
    ],
    ['a disk without a name', ['run', '--disk', ''], /--disk.*Expected the name of a file/],
    ['a boot class without a name', ['run', '--boot-class', ''], /--boot-class.*Expected the name of a class/],
    ['a report folder without a name', ['run', '--report-dir', ''], /--report-dir.*Expected the name of a folder/],
    [
      'a report folder where none can be made',
      ['run', '--report-dir', '/proc/nope/deeper'],
      /\/proc\/nope\/deeper: cannot write reports there: /,
    ],
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
    expectOneLine(await phantom(...words), line);
    expect(readdirSync(folder)).toEqual([]);
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
    writeFileSync(join(folder, 'report.json'), 'not\nJSON\n');
    expectOneLine(await phantom('replay', 'report.json'), /report\.json: not JSON: /);
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
    expect(await phantom('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
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

  test('P22 the same seed in another process, and a replay of the report, are the same run to the byte', async () => {
    const report = readFileSync(join(folder, 'reports/run-5.json'), 'utf8');
    expect((await start(...run).ended).stdout).toBe(report);
    const replayed = await phantom('replay', 'reports/run-5.json', '--json');
    expect(replayed.stdout).toBe(report);
    expect(replayed.stderr).toMatch(/^same run: \d+ digests and \d{1,3}( \d{3})* cycles agree$/m);
    expect(replayed.stderr).toMatch(/^repeat: npx phantom replay reports\/run-5\.json$/m);
    expect(replayed.code).toBe(0);
  });

  test('a report of another kernel image is refused, a report that lies is found out', async () => {
    const other = { ...first, kernel: { ...first.kernel, sha256: '0'.repeat(64) } };
    writeFileSync(join(folder, 'other.json'), JSON.stringify(other));
    expectOneLine(
      await phantom('replay', 'other.json'),
      /other\.json: made with kernel image 0{64}, this one is [0-9a-f]{64}/,
    );
  });

  test('where a report differs from its run is said with what was expected and what was found', () => {
    const { repeat, verdict } = first;
    expect(firstDifference(first, first)).toBeUndefined();
    expect(firstDifference({ ...first, cycles: 2 }, { ...first, cycles: 1234 })).toBe('expected 2 cycles, found 1 234');
    expect(firstDifference({ ...first, repeat: 'rm -rf .' }, first)).toBe(
      `repeat: expected "rm -rf .", found "${repeat}"`,
    );
    const failed = { ...first, verdict: { ...verdict, outcome: 'failed' as const } };
    expect(firstDifference(failed, first)).toBe('verdict.outcome: expected "failed", found "held"');
    expect(firstDifference({ ...first, console: first.console.slice(1) }, first)).toMatch(
      /^console\[0\]\.cycle: expected/,
    );
    const [digest, ...others] = first.digests;
    expect(firstDifference({ ...first, digests: [{ ...digest, cycle: 7 }, ...others] }, first)).toMatch(
      /^digest 0: expected .* at cycle 7 of boot 0, [0-9a-f]{64}; found /,
    );
  });

  test('a report that lies about its command is found out, and its words are not printed as advice', async () => {
    const { plan, options } = first;
    // The boot alone: what it says of itself is not what comes.
    const short = { ...first, plan: { ...plan, cuts: [] }, options: { ...options, maxCycles: 1 }, repeat: 'rm -rf .' };
    writeFileSync(join(folder, 'lying.json'), JSON.stringify(short));
    const ended = await phantom('replay', 'lying.json');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('NOT the same run: ');
    expect(ended.stderr).not.toContain('rm -rf');
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

describe('streams that fail', () => {
  test('a reader that goes away is no error, not even of help', async () => {
    expect(await shell('phantom --help | head -1')).toMatchObject({ code: 0, stderr: '' });
    expect(await shell('phantom --version | true')).toMatchObject({ code: 0, stderr: '' });
  });

  test.skipIf(!existsSync('/dev/full'))('a full device is one line and exit code 2', async () => {
    const line = /^phantom: standard output cannot be written: the disk is full\n$/m;
    expectOneLine(await shell('phantom --version > /dev/full'), line);
    const ended = await shell('phantom run --cuts 0 --max-cycles 9000000 --json > /dev/full');
    expect(ended.stderr).toMatch(line);
    expect([ended.code, ended.stderr.match(/^\s+at /m)]).toEqual([2, null]);
  });
});

test('an error of the bed itself is one line with a hint, and its stack only where it is asked for', () => {
  const said: string[] = [];
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  try {
    reportError(new TypeError('this\nis wrong'));
    vi.stubEnv('PHANTOM_DEBUG', '1');
    reportError(new TypeError('this is wrong'));
  } finally {
    write.mockRestore();
    vi.unstubAllEnvs();
  }
  expect(said[0]).toBe('phantom: error inside the test bed: this is wrong (PHANTOM_DEBUG=1 shows where)\n');
  expect(said[1]).toMatch(/^phantom: TypeError: this is wrong\n\s+at /);
});

describe('a system that lives in a file', () => {
  test('a disk that holds a system goes on with it, and says that the given program is not started', async () => {
    const disk = ['--disk', 'other/my.img', '--max-cycles', '30000000', '--report-dir', 'other'];
    mkdirSync(join(folder, 'other'));
    const first = await phantom('run', TICKER, ...disk);
    expect(first.stderr).toMatch(/^program \.wl\.ticker\.main, on the new disk other\/my\.img$/m);
    const second = await phantom('run', ...CREW, ...disk, '--json');
    expect(second.stderr).toMatch(
      /^other\/my\.img holds a system already, which goes on; \.wl\.crew\.main, \.wl\.crew\.worker: not started, /m,
    );
    expect(second.stderr).not.toMatch(/^(program|repeat:) /m);
    expect(second.stderr).toMatch(
      /^go on: npx phantom run \S+crew\.main\.pc \S+crew\.worker\.pc --disk other\/my\.img$/m,
    );
    const result = resultSchema.parse(JSON.parse(second.stdout));
    expect(result.disk).toBe('continued');
    expect(ticks(result.console.map((line) => line.text).join('\n')).length).toBeGreaterThan(0);
    const markdown = readFileSync(join(folder, `other/run-${result.seed}.md`), 'utf8');
    expect(markdown).toContain('none started: the system on the disk went on');
  });

  test('Ctrl-C is a power cut, kill -9 too, and it goes on', { timeout: 120_000 }, async () => {
    mkdirSync(join(folder, 'life'));
    const run = ['run', TICKER, '--disk', 'life/my.img', '--report-dir', 'life'];
    let last = 0;
    for (const signal of ['SIGINT', 'SIGKILL', 'SIGHUP'] as const) {
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
