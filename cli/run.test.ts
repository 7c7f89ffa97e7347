/** What `phantom run` takes for a program: sources, folders of them, class files beside them, demonstrations. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demos } from '../impl/library/demos.js';
import { phantom } from './testing/captured.js';

let folder: string;
let home: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phantom-run-'));
  home = process.cwd();
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const MAIN = `package .t;
class main
{
    void startup( var boot ) [8] { boot.16( ( new .t.word() ).text() + "\\n" ); }
};
`;
const word = (text: string): string => `package .t;\nclass word { string text() { return "${text}"; } };\n`;

describe('phantom run takes', () => {
  test('a source, and compiles the classes it names along', async () => {
    mkdirSync('src');
    writeFileSync('src/t.main.ph', MAIN);
    writeFileSync('src/t.word.ph', word('from source'));
    const ended = await phantom('run', 'src/t.main.ph', '--cuts', '0', '--report-dir', 'r');
    expect(ended).toMatchObject({ code: 0, stdout: 'from source\n' });
    expect(ended.stderr).toMatch(/^program \.t\.main, .*\n.*\n.*\nfinished: /);
    expect(ended.stderr).toMatch(/^repeat: npx phantom run src\/t\.main\.ph --boot-class \.t\.main /m);
    expect(existsSync('src/t.main.pc')).toBe(false);
  });

  test('a folder of sources', async () => {
    expect((await phantom('run', 'src', '--cuts', '0', '--report-dir', 'r')).stdout).toBe('from source\n');
  });

  test('a source whose classes are there as class files only, named or not', async () => {
    mkdirSync('mixed');
    writeFileSync('mixed/t.word.ph', word('from a class file'));
    expect((await phantom('build', 'mixed/t.word.ph', '-o', 'mixed')).code).toBe(0);
    rmSync('mixed/t.word.ph');
    writeFileSync('mixed/t.main.ph', MAIN);
    for (const words of [['mixed/t.main.ph'], ['mixed/t.main.ph', './mixed/t.word.pc']]) {
      const ended = await phantom('run', ...words, '--cuts', '0', '--report-dir', 'r');
      expect(ended).toMatchObject({ code: 0, stdout: 'from a class file\n' });
    }
  });

  test('a folder of class files', async () => {
    expect((await phantom('build', 'src', '-o', 'built')).code).toBe(0);
    expect((await phantom('run', 'built', '--cuts', '0', '--report-dir', 'r')).stdout).toBe('from source\n');
  });

  test('a program whose thread ends by an error, and tells where and why, in the report too', async () => {
    mkdirSync('broken');
    writeFileSync(
      'broken/t.main.ph',
      'package .t;\nclass main\n{\n    void startup( var b ) [8] { half( 0 ); }\n    int half( var n : int )\n' +
        '    {\n        return 100 / n;\n    }\n};\n',
    );
    const ended = await phantom('run', 'broken', '--cuts', '0', '--seed', '5', '--report-dir', 'broken');
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain(
      'finished: the programs ended without a power cut, 1 thread by an error that the log names; 1 boot',
    );
    const told = /^(.*thread 1 ended: uncaught exception division by zero in \.t\.main\.half line 7 at byte .*)$/m;
    expect(ended.stderr).toMatch(told);
    expect(ended.stderr).toMatch(/^\[boot 0, cycle [\d ]+\] thread 1 ended: /m);
    expect(readFileSync('broken/run-5.md', 'utf8')).toMatch(told);
  });

  test('a program that restarts the machine goes on in the next boot, power cuts or not', async () => {
    mkdirSync('again');
    writeFileSync(
      'again/t.main.ph',
      `package .t;
class main
{
    void startup( var b : .internal.boot ) [8]
    {
        for( var i : int = 0; i < 3; i += 1 ) { b.16( "round " + i + " in boot " + b.bootNumber() + "\\n" ); b.reboot(); }
        b.16( "done\\n" );
    }
};
`,
    );
    const whole = await phantom('run', 'again', '--cuts', '0', '--report-dir', 'again');
    expect(whole).toMatchObject({ code: 0, stdout: 'round 0 in boot 1\nround 1 in boot 2\nround 2 in boot 3\ndone\n' });
    expect(whole.stderr.match(/the system has started the machine again/g)).toHaveLength(3);
    const cut = await phantom('run', 'again', '--cuts', '2', '--seed', '3', '--report-dir', 'again');
    expect([cut.code, cut.stderr]).toEqual([0, expect.stringContaining('held: 2 power cuts')]);
    expect((await phantom('replay', 'again/run-3.json', '--report-dir', 'again')).code).toBe(0);
  });

  test('no program with errors: they are told as `phantom build` tells them, and nothing runs', async () => {
    writeFileSync('bad.ph', 'package .t;\nclass bad\n{\n    void startup( var b ) [8] { cuont = 1; }\n};\n');
    const built = await phantom('build', 'bad.ph');
    const ended = await phantom('run', 'bad.ph', '--report-dir', 'none');
    expect(built.stderr).toContain('bad.ph:4:33: error: ');
    expect(ended.stderr).toBe(`${built.stderr.replace(/^1 error: .*\n/m, '')}phantom: 1 error in the program\n`);
    expect([ended.code, ended.stdout, existsSync('none')]).toEqual([2, '', false]);
  });
});

describe("a plan of one's own", () => {
  const plan = {
    version: 2,
    seed: 5,
    cuts: [{ when: { kind: 'cycle', cycle: 20_000_000 }, survivors: { kind: 'all' } }],
  };

  test('is what is done to the machine, from a file as from the line, and the report replays', async () => {
    writeFileSync('plan.json', JSON.stringify(plan));
    const named = await phantom('run', '--plan', 'plan.json', '--report-dir', 'planned');
    // The instruction under way is finished.
    expect(named.stderr).toMatch(/^\[boot 0, cycle 20 000 0\d\d\] power cut/m);
    expect(named.stderr).toMatch(/^repeat: npx phantom replay planned\/run-5\.json$/m);
    expect(named.code).toBe(0);
    const written = await phantom('run', '--plan', JSON.stringify(plan), '--json');
    expect(written.stdout).toBe(readFileSync('planned/run-5.json', 'utf8'));
  });

  test.each([
    [['--plan', '{'], /^phantom: --plan: .*JSON/],
    [['--plan', JSON.stringify({ ...plan, cuts: [{ when: { kind: 'noon' } }] })], /not a fault plan: cuts\[0\]\.when/],
    [['--plan', 'nowhere.json'], /^phantom: nowhere\.json: cannot read the plan/],
    [['--plan', '{}', '--seed', '1'], /^phantom: --plan and --seed cannot be used together/],
  ])('%j is a mistake', async (words, message) => {
    const ended = await phantom('run', ...words);
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('demonstrations', () => {
  test('are listed with what they show', async () => {
    const { code, stdout } = await phantom('run', 'demo');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(demos().length);
    expect(stdout).toMatch(/^ {2}demo\/queens +All ways to put eight queens/m);
    expect((await phantom('run', '--help')).stdout).toContain(`Demonstrations:\n${stdout}`);
    for (const { name, about } of demos()) expect(about, name).toMatch(/^[A-Z].{20,90}[.:]?.*$/);
  });

  test('run wherever the user stands, unless a folder of that name is there', async () => {
    const words = ['--cuts', '0', '--max-cycles', '9000000', '--report-dir', 'r'];
    expect((await phantom('run', 'demo/counter', ...words)).stderr).toMatch(/^program \.demo\.counter\.main,/);
    mkdirSync('demo/counter', { recursive: true });
    writeFileSync('demo/counter/t.main.ph', MAIN.replace('( new .t.word() ).text()', '"mine"'));
    expect((await phantom('run', 'demo/counter', '--cuts', '0', '--report-dir', 'r')).stdout).toBe('mine\n');
  });
});
