// `phantom check` as a command: what it prints, what it refuses, and from a red line to the same failure again with one pasted command.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCampaign, parseFinding } from '../reports/index.js';
import { phantom } from './testing/captured.js';

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

  test('a seeded defect: found, said, and the pasted commands fail again', { timeout: 240_000 }, async () => {
    const words = ['--seed', '1', '--workload', 'bank', '--shape', 'cuts', '--states', '60', '--recover-one-in', '0'];
    const first = await phantom('check', ...words, '--defect', 'freeKeptBlocks', '--report', folder);
    expect(first.code).toBe(1);
    expect(first.stderr).toMatch(/^FAILED: .*P5/m);
    const [, command] = /^ {2}repeat: npx phantom (.*)$/m.exec(first.stderr) ?? [];
    expect(command).toBe(
      `check ${words.slice(0, 2).join(' ')} --workload bank --shape cuts --states 60 --recover-one-in 0 --defect freeKeptBlocks`,
    );
    const [, replay] = /^ {2}replay: npx phantom (.*)$/m.exec(first.stderr) ?? [];
    const replayed = await phantom(...replay.split(' '));
    expect(replayed.code).toBe(1);
    expect(replayed.stderr).toMatch(/^same run: /m);
    const files = readdirSync(folder).sort();
    expect(files).toEqual(expect.arrayContaining(['campaign.html', 'campaign.json', 'campaign.md', 'campaign.xml']));
    const finding = files.find((file) => file.startsWith('finding-')) ?? '';
    expect(parseFinding(readFileSync(join(folder, finding), 'utf8')).property).toBe('P5');
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
