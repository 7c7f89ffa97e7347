import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { phantom } from './testing/captured.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const golden = (path: string): string => join(root, 'fixtures/golden', path);

let folder: string;
let home: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phantom-build-'));
  home = process.cwd();
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const HELLO = `package .t;
class main
{
    void startup( var boot ) [8]
    {
        boot.16( "hello\\n" );
    }
};
`;

describe('phantom build', () => {
  test('writes a class file for each class, those found beside the source too', async () => {
    const ended = await phantom('build', golden('iface/ga.iface.main.ph'), '-o', 'made/here');
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr: '4 classes in made/here\n' });
    expect(readdirSync('made/here').sort()).toEqual([
      'ga.iface.main.pc',
      'ga.iface.rect.pc',
      'ga.iface.shape.pc',
      'ga.iface.square.pc',
    ]);
  });

  test('the same source gives the same bytes', async () => {
    await phantom('build', golden('sorts'), '-o', 'a');
    await phantom('build', golden('sorts/ga.sorts.main.ph'), '-o', 'b');
    expect(readFileSync('a/ga.sorts.main.pc').equals(readFileSync('b/ga.sorts.main.pc'))).toBe(true);
  });

  test('classes of the library are found and written; a class of that name beside the source comes before', async () => {
    mkdirSync('own');
    const text = HELLO.replace('boot.16', 'var all = new .phantom.data.set();\n        boot.16');
    writeFileSync('own/t.main.ph', text);
    expect((await phantom('build', 'own', '-o', 'own', '--strict')).code).toBe(0);
    expect(readdirSync('own')).toEqual(
      expect.arrayContaining(['phantom.data.set.pc', 'phantom.data.map.pc', 't.main.pc']),
    );
    writeFileSync('own/phantom.data.set.ph', 'package .phantom.data; class set {};');
    const ended = await phantom('build', 'own/t.main.ph', '-o', 'mine', '--listing');
    expect(readdirSync('mine').sort()).toEqual(['phantom.data.set.pc', 't.main.pc']);
    expect(ended.stdout).toContain('.phantom.data.set');
  });

  test('a class known by its class file alone will do', async () => {
    mkdirSync('only');
    mkdirSync('library');
    writeFileSync('only/user.ph', 'package .u; class user { int f( var p : .ga.ctors.point ) { return p.getX(); } };');
    expect((await phantom('build', 'only/user.ph', '-o', 'only')).code).toBe(1);
    await phantom('build', golden('ctors/ga.ctors.point.ph'), '-o', 'library');
    const ended = await phantom('build', 'only/user.ph', '-o', 'only', '-I', 'library');
    expect(ended.stderr).toBe('1 class in only\n');
    expect(existsSync('only/ga.ctors.point.pc')).toBe(false);
  });

  test('--listing has each line of the source in front of its bytecode', async () => {
    writeFileSync('hello.ph', HELLO);
    const { stdout, code } = await phantom('build', 'hello.ph', '--listing');
    expect(code).toBe(0);
    expect(stdout).toContain('method startup [8] ( boot : untyped ) : void\n');
    expect(stdout).toMatch(
      /; 6: boot\.16\( "hello\\n" \);\n +\d+ {2}os_get32 0\n +\d+ {2}const_pool 0\n +\d+ {2}call_10 1/,
    );
  });

  test('mistakes are told with place, line, caret and what to do; nothing is written', async () => {
    writeFileSync(
      'bad.ph',
      'package .t;\nclass bad\n{\n    int f( var count : int )\n    {\n        return cuont;\n    }\n};\n',
    );
    const { stdout, stderr, code } = await phantom('build', 'bad.ph', '-o', 'nothing');
    expect([stdout, code, existsSync('nothing')]).toEqual(['', 1, false]);
    expect(stderr).toBe(
      'bad.ph:6:16: error: there is no variable or field cuont; did you mean count?\n' +
        '          return cuont;\n' +
        '                 ^~~~~\n' +
        '1 error: nothing written\n',
    );
  });

  test('with --strict a warning is an error', async () => {
    writeFileSync('warned.ph', 'class w { int f() { } };');
    expect((await phantom('build', 'warned.ph')).code).toBe(0);
    const { code, stderr } = await phantom('build', 'warned.ph', '--strict');
    expect(code).toBe(1);
    expect(stderr).toContain('1 warning: nothing written\n');
  });

  test('a file that is not there is one line and exit code 2', async () => {
    expect(await phantom('build', 'none.ph')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'phantom: none.ph: cannot read the source: there is no such file\n',
    });
    mkdirSync('empty');
    const empty = await phantom('build', 'empty');
    expect(empty.stderr).toBe('phantom: empty: no source (.ph) in this folder\n');
    writeFileSync('file', '');
    expect((await phantom('build', 'hello.ph', '-o', 'file')).stderr).toMatch(/^phantom: file.*\n$/);
  });
});

describe('phantom dump', () => {
  test('prints signatures and bytecode', async () => {
    const { stdout, code } = await phantom('dump', golden('ctors/ga.ctors.point.pc'));
    expect(code).toBe(0);
    expect(stdout).toContain('class .ga.ctors.point extends .internal.object, 3 field slots, 24 method slots\n');
    expect(stdout).toContain('constructor <init> [21] ( a : int, b : int ) : void\n');
    expect(stdout).toContain('  arg_count 2');
  });

  test('--diff is silent about equal files, whenever they were compiled', async () => {
    const original = golden('ctors/ga.ctors.point.pc');
    const later = Buffer.from(readFileSync(original));
    // The first digit of the year in the class record.
    const at = later.indexOf('2026', 0, 'latin1');
    expect(at).toBeGreaterThan(0);
    later[at] = 0x33;
    writeFileSync('later.pc', later);
    expect(await phantom('dump', '--diff', original, 'later.pc')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  test('--diff shows what differs, with the method it is in, and exits with 1', async () => {
    const source = (n: number): string =>
      `class c { int f( var a : int ) { while( a < ${n} ) a = a + 1; return a; } };`;
    for (const n of [5, 6]) {
      writeFileSync(`c${n}.ph`, source(n));
      await phantom('build', `c${n}.ph`, '-o', `out${n}`);
    }
    expect(await phantom('dump', '--diff', 'out5/c.pc', 'out6/c.pc')).toMatchObject({
      code: 1,
      stdout: '--- out5/c.pc\n+++ out6/c.pc\n  method f [16] ( a : int ) : int\n-   iconst_8bit 5\n+   iconst_8bit 6\n',
      stderr: '',
    });
  });

  test('what is no class file is one line and exit code 2', async () => {
    writeFileSync('text.pc', 'no class');
    const { stderr, code } = await phantom('dump', 'text.pc');
    expect([code, stderr.split('\n').length]).toEqual([2, 2]);
    expect((await phantom('dump', '--diff', 'text.pc')).stderr).toBe(
      'phantom: --diff wants two class files, found 1\n',
    );
  });

  test('--java translates class files and those beside them, with what they use of the library', async () => {
    const java = (path: string): string => join(root, 'fixtures/java', path);
    const ended = await phantom('build', '--java', java('OwnList/OwnList.class'), '-o', 'java');
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toMatch(/^\d+ classes in java, starts with \.OwnList\$static\n$/);
    expect(readdirSync('java')).toEqual(
      expect.arrayContaining(['OwnList.pc', 'OwnList$Node.pc', 'OwnList$static.pc', 'java.util.ArrayDeque.pc']),
    );
    const folder = await phantom('build', '--java', java('OwnList'), '-o', 'java-folder');
    expect(folder.stderr.replace('java-folder', 'java')).toBe(ended.stderr);
  });

  test('--java refuses what is no class file in a line, and writes nothing', async () => {
    writeFileSync('no.class', 'class No {}');
    const ended = await phantom('build', '--java', 'no.class', '-o', 'nothing');
    expect(ended).toMatchObject({
      code: 1,
      stderr: 'no.class: this is no Java class file\n1 error: nothing written\n',
    });
    expect(existsSync('nothing')).toBe(false);
    expect(await phantom('build', '--java', 'absent.class')).toMatchObject({ code: 2 });
    expect(await phantom('build', '--java', '--strict', 'no.class')).toMatchObject({ code: 2 });
  });
});
