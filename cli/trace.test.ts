// `phantom run --trace` and `phantom trace`: a trace is written, accepted, and rejected when it was tampered with.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseTrace, renderTrace } from '../model/trace/events.js';
import { phantom } from './testing/captured.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phantom-trace-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);

describe('a traced run', () => {
  let trace: string;
  beforeAll(async () => {
    trace = at('run.ndjson');
    const run = await phantom('run', '--seed', '14', '--cuts', '1', '--trace', trace, '--report-dir', folder);
    expect(run.stderr).toMatch(/^trace: .*run\.ndjson, \d+ events$/m);
    expect(run.code).toBe(0);
  });

  test('is accepted', async () => {
    const { code, stdout } = await phantom('trace', trace);
    expect(stdout).toMatch(
      /^accepted: \d+ events are a behaviour of SnapshotCow and Superblock \(\d+ steps, \d+ parts\)\n$/,
    );
    expect(code).toBe(0);
  });

  test('replays, judged as it was', async () => {
    const { code, stderr } = await phantom('replay', at('run-14.json'));
    expect(stderr).toMatch(/^same run: /m);
    expect(code).toBe(0);
  });

  test('is rejected without one of its flushes, with the place, the state and what was possible', async () => {
    const events = parseTrace(readFileSync(trace, 'utf8'));
    const first = events.findIndex(({ kind }, i) => kind === 'flush' && events[i + 1].kind === 'generation');
    writeFileSync(at('tampered.ndjson'), renderTrace(events.filter((_, i) => i !== first)));
    const { code, stdout } = await phantom('trace', at('tampered.ndjson'));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^REJECTED by Superblock, for pages [\d, ]+: no behaviour of the specification/);
    expect(stdout).toContain(`accepted: the first ${first} of ${events.length - 1} events`);
    expect(stdout).toMatch(/^ {2}stage = "stabilising"$/m);
    expect(stdout).toMatch(/BeginCommit: BeginCommit is not possible/);
    expect(stdout).toMatch(/^actions that were possible:\n(.*\n)* {2}Flush$/m);
    const json = await phantom('trace', '--json', at('tampered.ndjson'));
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ rejection: { level: 'Superblock', accepted: first } });
  });
});

test.each([
  ['no such file', undefined, /cannot read the trace: there is no such file/],
  ['what is no trace', 'hello\n', /line 1 is not JSON/],
  ['nothing', '', /there is no event in it/],
])('%s is one line and exit code 2', async (_, text, message) => {
  const file = at('wrong.ndjson');
  if (text !== undefined) writeFileSync(file, text);
  const { code, stdout, stderr } = await phantom('trace', file);
  rmSync(file, { force: true });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

test.each([
  [['--disk', 'a.img'], /a trace begins with a new disk/],
  [[], /cannot write a trace there/],
])('run --trace with %j is refused before anything runs', async (words, message) => {
  const { code, stderr } = await phantom('run', '--trace', '/proc/none/trace.ndjson', ...words);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
