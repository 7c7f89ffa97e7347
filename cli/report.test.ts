// `phantom report merge`, and the workflow that uses it: what it runs is what the command takes, and its shards are parts of one campaign.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCampaign, parseHistory, renderCampaignJson } from '../reports/index.js';
import { sampleCampaign } from '../reports/testing/sample-campaign.js';
import { phantom } from './testing/captured.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phantom-merge-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const held = (first: number) =>
  sampleCampaign({
    verdict: { outcome: 'held', text: 'held: 3 runs' },
    seeds: { first, wanted: 3, done: 3 },
    properties: sampleCampaign().properties.map((one) => ({ ...one, failed: 0, witnesses: 1 })),
    findings: [],
    matrix: undefined,
    mutants: undefined,
  });

function part(name: string, campaign = held(1)): string {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'campaign.json'), renderCampaignJson(campaign));
  return join(folder, name);
}

function broken(): string {
  mkdirSync(join(folder, 'broken'));
  writeFileSync(join(folder, 'broken', 'history.json'), '{}');
  return join(folder, 'broken');
}

describe('phantom report merge', () => {
  test('writes the four faces of the whole, and says its verdict', async () => {
    const out = join(folder, 'whole');
    const ended = await phantom('report', 'merge', part('b', held(4)), part('a'), '--report', out);
    expect(ended.stderr).toMatch(/^held: 6 runs of 1 workload, /m);
    expect(ended.code).toBe(0);
    expect(parseCampaign(readFileSync(join(out, 'campaign.json'), 'utf8')).seeds).toEqual({
      first: 1,
      wanted: 6,
      done: 6,
    });
    expect(readFileSync(join(out, 'campaign.md'), 'utf8')).toMatch(/^\*\*held: 6 runs/);
    for (const face of ['campaign.html', 'campaign.xml']) expect(readFileSync(join(out, face), 'utf8')).not.toBe('');
  });

  test('a finding of a part fails the whole, with the command that repeats it and its file', async () => {
    const out = join(folder, 'failed');
    const failed = sampleCampaign({ seeds: { first: 7, wanted: 3, done: 3 } });
    const ended = await phantom('report', 'merge', part('c'), part('d', failed), '--report', out);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^ {2}repeat: npx phantom replay faults\/corpus\/p2-ticker-7\.json$/m);
    expect(readFileSync(join(out, 'finding-p2-ticker-7.json'), 'utf8')).toContain('phantom-finding');
  });

  test('each report in a folder is told of the ones before; made again it is not before itself', async () => {
    const out = join(folder, 'again');
    const failed = sampleCampaign({
      environment: { ...sampleCampaign().environment, date: '2026-11-22T00:00:00.000Z' },
    });
    await phantom('report', part('g'), '--report', out);
    expect(readFileSync(join(out, 'campaign.md'), 'utf8')).not.toContain('Against the campaign before');
    const ended = await phantom('report', part('h', failed), '--report', out);
    expect(ended.stderr).toContain(`compared with: 1 campaign in ${out}`);
    const text = readFileSync(join(out, 'campaign.md'), 'utf8');
    expect(text).toContain('Against the campaign before (2026-11-21 00:00 UTC, commit abc1234): 1 new.');
    expect(text).toContain('* P2 in ticker: new');
    expect(readFileSync(join(out, 'campaign.html'), 'utf8')).toContain('<h2 id="trend">Trend</h2>');
    await phantom('report', join(out, 'campaign.json'), '--report', out);
    expect(readFileSync(join(out, 'campaign.md'), 'utf8')).toBe(text);
    // A folder of reports, for one that goes elsewhere.
    const elsewhere = join(folder, 'elsewhere');
    const moved = await phantom('report', part('i'), '--earlier', folder, '--report', elsewhere);
    expect(moved.code).toBe(0);
    expect(parseHistory(readFileSync(join(elsewhere, 'history.json'), 'utf8')).length).toBeGreaterThan(2);
  });

  test('the matrix that `npm run matrix` prints, and mutants, stand beside the runs', async () => {
    const { matrix, mutants, kernel } = sampleCampaign();
    const cells = matrix?.cells.filter(({ verdict }) => verdict === 'held');
    writeFileSync(join(folder, 'matrix.json'), JSON.stringify({ ...matrix, cells, system: kernel.sha256 }));
    const killed = { ...held(1), workloads: [], mutants: mutants?.filter(({ killed }) => killed) };
    const out = join(folder, 'beside');
    const words = [part('runs'), part('mutants', killed), join(folder, 'matrix.json'), '--report', out];
    const ended = await phantom('report', 'merge', ...words);
    expect(ended.stderr).toMatch(/^held: 3 runs; 1 of 1 mutant killed; faults x block kinds: held: 1 cell, /m);
    const { matrix: shown } = parseCampaign(readFileSync(join(out, 'campaign.json'), 'utf8'));
    expect(shown?.cells).toEqual(cells);
  });

  test.each([
    [
      'a history that is none',
      () => [part('j'), '--report', part('k'), '--earlier', broken()],
      /nothing to compare with: not a history of campaigns/,
    ],
    ['--earlier without a report', () => [part('l'), '--earlier', folder], /--earlier needs --report/],
    ['what is not there', () => [join(folder, 'nowhere')], /nowhere: cannot read the report: there is no such file/],
    ['parts with seeds in common', () => [part('e'), part('f', held(3))], /seed 3 is in two of them/],
  ])('%s is a mistake', async (_, places, message) => {
    const ended = await phantom('report', 'merge', ...places());
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('.github/workflows/campaign.yml', () => {
  interface Step {
    readonly uses?: string;
    readonly run?: string;
    readonly name?: string;
  }
  interface Workflow {
    readonly env: Record<string, string>;
    readonly jobs: Record<string, { readonly steps: Step[]; readonly strategy?: { matrix: { shard: number[] } } }>;
  }
  // The YAML parser that playwright-core has in it: a development dependency like any other.
  const { yaml } = createRequire(import.meta.url)('playwright-core/lib/utilsBundle') as {
    readonly yaml: { parse(text: string): unknown };
  };
  const file = fileURLToPath(new URL('../.github/workflows/campaign.yml', import.meta.url));
  const workflow = yaml.parse(readFileSync(file, 'utf8')) as Workflow;
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
  const scripts = steps.flatMap(({ run }) => run ?? []);

  test('is YAML, and every action in it is pinned to a version', () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used.length).toBeGreaterThan(5);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@v\d+\.\d+\.\d+$/);
  });

  test('the options it gives are options of the command', async () => {
    const calls = scripts.flatMap((script) => script.split('\n').filter((line) => line.includes('npx phantom ')));
    expect(calls).toHaveLength(2);
    for (const call of calls) {
      const words = call.trim().replace('npx phantom ', '').split(' ');
      const verb = words.slice(0, words[0] === 'report' ? 2 : 1);
      const { stdout } = await phantom(...verb, '--help');
      for (const option of words.filter((word) => word.startsWith('--'))) expect(stdout).toContain(`${option} `);
    }
    const { stdout } = await phantom('check', '--help');
    for (const option of ['--exhaustive', '--no-corpus']) expect(stdout).toContain(option);
  });

  test('its shards have seeds of their own, without a gap, and one of them the past findings', () => {
    const { steps, strategy } = workflow.jobs.check;
    const script = steps.find(({ run }) => run?.includes('npx phantom check'))?.run ?? '';
    const stub = join(folder, 'npx');
    writeFileSync(stub, '#!/bin/sh\necho "$*"\n');
    chmodSync(stub, 0o755);
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, SEEDS: '200', SHAPE: 'cuts' };
    let next = 1;
    for (const shard of strategy?.matrix.shard ?? []) {
      const said = execFileSync('bash', ['-e', '-c', script], {
        env: { ...env, SHARD: String(shard) },
        encoding: 'utf8',
      });
      expect(said).toContain(`check --seed ${next} --seeds 200 --shape cuts `);
      expect(said.includes('--no-corpus')).toBe(shard !== 0);
      expect(said).toContain(`--report parts/${shard}`);
      next += 200;
    }
    expect(next).toBe(1 + 8 * 200);
  });
});
