import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judge, Reports } from './test-run.js';
import { phantom } from './testing/captured.js';

let folder: string;
let home: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phantom-test-'));
  home = process.cwd();
  process.chdir(folder);
  mkdirSync('deep/er', { recursive: true });
  writeFileSync('deep/er/some.test.ph', SOME);
  writeFileSync('deep/er/t.helper.ph', HELPER);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const SOME = `package .t;
class someTest extends .phantom.test.suite
{
    var helper : .t.helper;
    var made : int = 0;
    void before() { helper = new .t.helper(); }
    void after() { if( made ) throw "left behind"; }
    void testGood() { equal( helper.twice( 3 ), 6 ); equal( 1, 1L ); }
    void testDiffers()
    {
        boot().16( "a line of the test\\n" );
        equal( helper.twice( 3 ) + "",
            "7" );
    }
    void testThrows() { helper.broken(); }
    void testNothing() {}
    void testLeaves() { isTrue( 1 ); made = 1; }
    void testNever( var parameter : int ) { fail( "no test" ); }
    void tester() { fail( "no test" ); }
};
class more extends .t.someTest { void testMore() { isNull( helper.nothing() ); } };
class other { void testOther() {} };
`;
const HELPER = `package .t;
class helper
{
    int twice( var n : int ) { return 2 * n; }
    .internal.object nothing() { return null; }
    void broken()
    {
        throw "it is " + "broken";
    }
};
`;

describe('phantom test', () => {
  test('says of each test what happened, and where', async () => {
    const ended = await phantom('test', 'deep');
    expect(ended.code).toBe(1);
    const file = join('deep', 'er', 'some.test.ph');
    const helper = join('deep', 'er', 't.helper.ph');
    expect(ended.stdout.split('\n')).toEqual([
      `.t.someTest (${file})`,
      '  pass  testGood     2 checks',
      `  FAIL  testDiffers  ${file}:12: not equal: expected "7", found "6"`,
      '        | a line of the test',
      `  FAIL  testThrows   ${helper}:8: thrown: it is broken`,
      `  FAIL  testNothing  ${file}:16: made no check`,
      `  FAIL  testLeaves   ${file}:7: thrown: left behind`,
      `.t.more (${file})`,
      '  pass  testMore     1 check',
      expect.stringMatching(/^6 tests: 2 passed, 4 failed; [\d ]+ cycles$/),
      'repeat: npx phantom test deep',
      '',
    ]);
  });

  test('--only chooses, --json prints one object', async () => {
    const ended = await phantom('test', 'deep/er/some.test.ph', '--only', 'someTest.testGood', '--json');
    const { tests, ...rest } = JSON.parse(ended.stdout);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(tests).toEqual([
      { suite: '.t.someTest', name: 'testGood', file: 'deep/er/some.test.ph', line: 8, outcome: 'passed', checks: 2 },
    ]);
    expect(rest).toMatchObject({ ok: true, passed: 1, failed: 0, notRun: 0, errors: [], cuts: 0, boots: 1 });
    expect((await phantom('test', 'deep/er/some.test.ph', '--only', 'someTest.testGood', '--json')).stdout).toBe(
      ended.stdout,
    );
  });

  test('what a test reports across power cuts is what it reports without', async () => {
    const ended = await phantom('test', 'deep', '--only', 'o', '--cuts', '3', '--seed', '5');
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(/^6 tests: 2 passed, 4 failed; /m);
    expect(ended.stdout).toMatch(/^held: 3 power cuts/m);
    expect(ended.stdout).toContain('repeat: npx phantom test deep --only o --cuts 3 --seed 5\n');
  });

  test('all are run to the end, however early the system has shown that it works again', async () => {
    const tests = Array.from({ length: 12 }, (_, i) => `void test${i}() { spin(); isTrue( 1 ); }`);
    const text = `package .c; class lengthy extends .phantom.test.suite
{
    void spin() { for( var i : int = 0; i < 20000; i += 1 ); }
    ${tests.join('\n    ')}
};`;
    writeFileSync('long.test.ph', text);
    const ended = await phantom('test', 'long.test.ph', '--cuts', '1', '--seed', '1', '--json');
    const { ok, passed, cuts } = JSON.parse(ended.stdout);
    expect({ ok, passed, cuts }).toEqual({ ok: true, passed: 12, cuts: 1 });
  });

  test('a test that says something else when it comes again after a power cut has failed', () => {
    const reports = new Reports(3);
    const say = (text: string): void => {
      for (const byte of Buffer.from(text)) reports.byte(byte);
    };
    const record = (fields: object): void => say(`\x1e${JSON.stringify(fields)}\n`);
    record({ test: 0, outcome: 'begun' });
    record({ test: 0, outcome: 'passed', checks: 1 });
    record({ test: 1, outcome: 'begun' });
    say('torn ');
    // The power goes, and the snapshot was before test 0 had ended.
    record({ test: 0, outcome: 'failed', message: 'not equal', line: 3, expected: '1', found: '2' });
    record({ test: 1, outcome: 'begun' });
    say('a word\n');
    record({ test: 1, outcome: 'passed', checks: 2 });
    say('between\n\x1enot JSON\n');
    const one = { suite: '.t.some', name: 'testIt', file: 'some.test.ph', line: 7 };
    const verdict = { outcome: 'held', text: '' } as const;
    const judged = [0, 1, 2].map((i) => judge(one, reports, i, { verdict }));
    expect(judged.map(({ outcome, checks, message }) => [outcome, checks, message])).toEqual([
      ['failed', 0, 'reported something else after a power cut: not equal'],
      ['passed', 2, undefined],
      ['not run', 0, 'not reached'],
    ]);
  });

  test('a test that does not end, and those behind it', async () => {
    const text = `package .e;
class endless extends .phantom.test.suite { void testA() { while( 1 ); } };
class later extends .phantom.test.suite { void testB() { isTrue( 1 ); } };`;
    writeFileSync('e.test.ph', text);
    const ended = await phantom('test', 'e.test.ph', '--max-cycles', '20000000');
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('  none  testA  e.test.ph:2: not reached its end before the run was stopped\n');
    expect(ended.stdout).toContain('  none  testB  e.test.ph:3: not reached before the run was stopped\n');
    // The instruction under way at the limit is finished.
    expect(ended.stdout).toMatch(/^2 tests: 0 passed, 2 not run; 20 000 0\d\d cycles$/m);
  });

  test('a thread that ends by an error is told, and the run has failed', async () => {
    const text = `package .d;
class starts extends .phantom.test.suite { void testA() { boot().thread( new dies() ); boot().sleep( 20 ); isTrue( 1 ); } };
class dies { void run( var boot ) [8] { throw "gone"; } };`;
    writeFileSync('d.test.ph', text);
    const ended = await phantom('test', 'd.test.ph');
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('  pass  testA  1 check\na thread did not end well: thread 2 ended: ');
    expect(ended.stdout).toContain('uncaught exception gone in .d.dies.run line 3');
  });

  test('mistakes of the compiler and of the user', async () => {
    writeFileSync('bad.test.ph', 'package .b; class bad extends .phantom.test.suite { void testA() { equal( 1 ); } };');
    const bad = await phantom('test', 'bad.test.ph');
    expect(bad).toMatchObject({ code: 1, stdout: '' });
    expect(bad.stderr).toContain('equal of .b.bad takes 2 arguments, not 1');
    expect(bad.stderr).toMatch(/1 error: nothing run\n$/);
    writeFileSync('none.test.ph', 'package .n; class none {};');
    expect(await phantom('test', 'none.test.ph')).toMatchObject({
      code: 2,
      stderr: 'phantom: no tests in none.test.ph: expected a class that extends .phantom.test.suite\n',
    });
    mkdirSync('empty');
    expect((await phantom('test', 'empty')).stderr).toBe(
      'phantom: no tests in empty: expected files named *.test.ph\n',
    );
    expect((await phantom('test', 'nowhere')).stderr).toMatch(/^phantom: nowhere: cannot read the tests: /);
    expect((await phantom('test', 'deep', '--only', 'xyz')).stderr).toBe(
      'phantom: --only xyz: none of 6 tests has that text\n',
    );
    const text = 'package .c; class made extends .phantom.test.suite { void made( var n : int ) {} void testA() {} };';
    writeFileSync('c.test.ph', text);
    expect((await phantom('test', 'c.test.ph')).stderr).toContain('no constructor without parameters to make it with');
  });
});
