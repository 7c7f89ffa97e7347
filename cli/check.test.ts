// `phantom check` as a command: what it prints, what it refuses, and from a red line to the same failure again with one pasted command.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildKernel } from '../impl/image/index.js';
import { compile } from '../impl/language/index.js';
import { parseCampaign, parseFinding } from '../reports/index.js';
import { phantom } from './testing/captured.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phantom-check-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('phantom check', () => {
  test.each<[string[], RegExp]>([
    [['--workload', 'soap'], /^phantom: --workload soap: expected one of .*bank/],
    [['--time', 'soon'], /Expected a duration as 90s, 10m or 2h/],
    [['--time', '5s', '--seeds', '3'], /--seeds and --time cannot be used together/],
    [['--trace'], /--trace needs --shape cuts or none/],
    [['--variation', '1'], /--variation needs --seed/],
    [['--seeds', '0'], /--seeds 0 leaves nothing to do without --exhaustive/],
    [['--defect', 'nope', '--workload', 'ring'], /^phantom: unknown defect 'nope'/],
    [['--queue', 'http://here'], /Expected an address as redis:\/\/host:6379/],
    [['--queue', 'redis://here', '--jobs', '2'], /--jobs cannot be used with --queue/],
    [['--queue', 'redis://here', '--queue-name', 'a:b'], /Expected a name of up to 64 letters/],
    [['--queue', 'redis://here', '--mutants'], /--queue spreads campaigns, not --mutants/],
    [
      ['--queue', 'redis://127.0.0.1:1', '--workload', 'ring'],
      /^phantom: no redis at redis:\/\/127\.0\.0\.1:1: connect ECONNREFUSED/,
    ],
    [['nothing.pc'], /nothing\.pc: cannot read/],
  ])('%j is a mistake', async (words, message) => {
    const ended = await phantom('check', ...words);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a run of a seed, with its crash states, twice over; the whole as one object', {
    timeout: 120_000,
  }, async () => {
    const words = ['--seed', '3', '--workload', 'waits', '--shape', 'cuts', '--states', '60', '--json'];
    const ended = await phantom('check', ...words);
    expect(ended.code).toBe(0);
    const result = parseCampaign(ended.stdout);
    expect(result.verdict).toMatchObject({
      outcome: 'held',
      text: expect.stringMatching(/^held: 1 run of 1 workload, /),
    });
    expect(result.repeated).toBe(1);
    expect(result.agreed).toBe(result.workloads[0].recoveries);
    expect(result.agreed).toBeGreaterThan(0);
    expect(result.workloads[0].crashStates).toBeGreaterThan(100);
    expect(result.coverage.reduce((sum, { count }) => sum + count, 0)).toBe(result.workloads[0].crashStates);
    expect(result.command).toBe('npx phantom check --seed 3 --workload waits --shape cuts --states 60');
  });

  const seeded = ['--seed', '1', '--workload', 'waits', '--shape', 'cuts', '--states', '20', '--recover-one-in', '0'];
  const defect = ['--defect', 'oneSuperblockCopy'];

  test('a seeded defect: found, made small, and the line to paste finds it again in another process', {
    timeout: 240_000,
  }, async () => {
    const first = await phantom('check', ...seeded, ...defect);
    expect(first.code).toBe(1);
    expect(first.stderr).toMatch(/^FAILED: P8 in 1 of 1 run /m);
    const [small] = /^ {2}shrunk from .*$/m.exec(first.stderr) ?? [];
    expect(small).toMatch(
      /shrunk from \d power cuts? to 0 power cuts in \d+ runs; no simpler plan that was tried fails$/,
    );
    const [, line] = /^ {2}repeat: (.*)$/m.exec(first.stderr) ?? [];
    expect(line).toBe(`npx phantom check ${[...seeded, ...defect].join(' ')}`);
    // The line as it is, in a shell; `npx phantom` is the command from its sources.
    const stub = join(folder, 'npx');
    const command = [process.execPath, '--import', import.meta.resolve('tsx'), join(ROOT, 'cli/main.ts')];
    writeFileSync(stub, `#!/bin/sh\nshift\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`);
    chmodSync(stub, 0o755);
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const pasted = spawnSync('sh', ['-c', line], { cwd: folder, env, encoding: 'utf8' });
    expect(pasted.status).toBe(1);
    const found = (text: string) => text.split('\n').filter((one) => /^(finding| {2}shrunk|FAILED)/.test(one));
    expect(found(pasted.stderr)).toHaveLength(3);
    expect(found(pasted.stderr)).toEqual(found(first.stderr));
  });

  test('a class file of one’s own whose invariant a power cut breaks: found by P26, in its words', {
    timeout: 120_000,
  }, async () => {
    const text = `package .t;
class main
{
    var left : int = 0;
    var right : int = 0;
    void startup( var boot : .internal.boot ) [8] { while( 1 ) { left += 1; boot.sleep( 3 ); right += 1; } }
    string invariant() { if( left == right ) return null; return "left is " + left + " and right " + right; }
};`;
    const { classes } = compile([{ file: 'main.ph', text }]);
    const file = join(folder, 't.main.pc');
    writeFileSync(file, classes[0].bytes);
    const ended = await phantom('check', file, ...seeded.slice(4), '--seed', '1', '--no-shrink');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^FAILED: P26 in 1 of 1 run /m);
    expect(ended.stderr).toMatch(/P26 the program says: left is (\d+) and right \d+$/m);
    expect(ended.stderr).toMatch(/^ {2}repeat: npx phantom check \S+t\.main\.pc --seed 1 /m);
  });

  test('a red report says the line to paste, and the file to replay', { timeout: 240_000 }, async () => {
    const first = await phantom('check', ...seeded, ...defect, '--no-shrink', '--report', folder);
    expect(first.code).toBe(1);
    const line = `npx phantom check ${seeded.slice(0, 4).join(' ')} --no-shrink ${seeded.slice(4).join(' ')} ${defect.join(' ')}`;
    expect(first.stderr).toContain(`  repeat: ${line}\n`);
    expect(readFileSync(join(folder, 'campaign.md'), 'utf8')).toContain(`\`\`\`sh\n${line}\n\`\`\``);
    expect(readFileSync(join(folder, 'campaign.xml'), 'utf8')).toContain(`repeat: ${line}`);
    expect(readFileSync(join(folder, 'campaign.html'), 'utf8')).toContain('lanes over cycles since power-on');
    const [, replay] = /^ {2}replay: npx phantom (.*)$/m.exec(first.stderr) ?? [];
    const replayed = await phantom(...replay.split(' '), '--explain');
    expect(replayed.code).toBe(1);
    expect(replayed.stderr).toMatch(/^same run: /m);
    expect(replayed.stderr).toMatch(/^ {2}snapshot \| +#+ *\|$/m);
    expect(replayed.stderr).toMatch(/^the specifications: /m);
    const finding = readdirSync(folder).find((file) => file.startsWith('finding-')) ?? '';
    const { property, timeline, shrunk } = parseFinding(readFileSync(join(folder, finding), 'utf8'));
    expect([property, shrunk]).toEqual(['P8', null]);
    // What the report has is what is explained again.
    for (const { label } of timeline.slice(-5)) expect(replayed.stderr).toContain(label);
  });

  test('past findings are run first; one alone, held without its defect, and from its file judged, not compared', {
    timeout: 120_000,
  }, async () => {
    const ended = await phantom('check', '--corpus', 'churn-onesuperblockcopy', '--json');
    expect(ended.code).toBe(0);
    const result = parseCampaign(ended.stdout);
    expect(result).toMatchObject({ corpus: 1, seeds: { done: 0 }, findings: [] });
    expect(result.verdict.text).toMatch(/^held: 1 past finding and 0 runs of 11 workloads/);
    expect(result.command).toBe('npx phantom check --corpus churn-onesuperblockcopy');
    const file = join(ROOT, 'faults/corpus/churn-onesuperblockcopy.json');
    const replayed = await phantom('replay', file, '--no-defects');
    expect(replayed.stderr).toMatch(/^judged, not compared: /m);
    expect(replayed.code).toBe(0);
    // Though it be of this very kernel: what there was to compare is not in the corpus.
    const { sha256 } = await buildKernel({ defects: [] });
    const past = JSON.parse(readFileSync(file, 'utf8'));
    const own = { ...past, result: { ...past.result, kernel: { sha256, defects: [] } } };
    writeFileSync(join(folder, 'own.json'), JSON.stringify(own));
    const judged = await phantom('replay', join(folder, 'own.json'));
    expect(judged.stderr).toMatch(/^judged, not compared: a past finding$/m);
    expect(judged.code).toBe(0);
    const unknown = await phantom('check', '--corpus', 'nothing');
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--corpus nothing: expected one of bank-/),
    });
  });

  test('two snapshots gone through whole: every prefix, and every tear of each write', {
    timeout: 240_000,
  }, async () => {
    const words = ['--exhaustive', '--seeds', '0', '--workload', 'waits', '--recover-one-in', '2000', '--json'];
    const ended = await phantom('check', ...words);
    expect(ended.code).toBe(0);
    const { exhaustive, workloads, seeds } = parseCampaign(ended.stdout);
    expect(seeds.done).toBe(0);
    expect(exhaustive.map(({ space }) => space).sort()).toEqual([
      'every prefix of the unflushed sector writes',
      'every subset of an epoch of up to 12 unflushed block writes',
      'every tear of one block write',
    ]);
    // Two commits write two superblock copies each: 4 subsets and 2 tears of 256 at least.
    const [tears] = exhaustive.filter(({ space }) => space.startsWith('every tear'));
    expect(tears.states % 256).toBe(0);
    expect(tears.states).toBeGreaterThan(2 * 2 * 256);
    expect(workloads[0].crashStates).toBeGreaterThan(1000);
  });
});
