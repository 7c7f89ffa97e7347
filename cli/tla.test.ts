// `phantom tla`: words for the checker, and the table of all specifications.
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Row, runAll } from '../specs/run-all.js';
import { main } from '../specs/tla-ts/cli.js';
import { phantom } from './testing/captured.js';
import { report } from './tla.js';

const spec = fileURLToPath(new URL('../specs/SnapshotAtomic.tla', import.meta.url));

/** What tla-ts itself prints for these words, and its exit code. */
function tlaTs(...words: string[]): { stdout: string; exitCode: number } {
  let stdout = '';
  const exitCode = main(
    words,
    (text) => {
      stdout += `${text}\n`;
    },
    () => undefined,
  );
  return { stdout, exitCode };
}

const withoutTimes = (text: string): string =>
  text.replace(/\d+\.\d+ s, \d+ states/, '').replace(/"seconds":[\d.e-]+/, '');

describe('phantom tla', () => {
  test.each([
    ['text', ['check', spec, '--coverage']],
    ['JSON', ['check', spec, '--json']],
    ['a file that is not there', ['check', 'nowhere.tla']],
    ['a wrong option', ['check', spec, '--colour']],
    ['no words', []],
  ])('gives %s to the checker as it is', async (_, words) => {
    const direct = tlaTs(...words);
    const ended = await phantom('tla', ...words);
    expect(ended.code).toBe(direct.exitCode);
    expect(withoutTimes(ended.stdout)).toBe(withoutTimes(direct.stdout));
  });

  test('--all takes no other words', async () => {
    const ended = await phantom('tla', '--all', spec);
    expect([ended.code, ended.stderr]).toEqual([
      2,
      `phantom: phantom tla --all takes --json and nothing else, not ${spec}\n`,
    ]);
  });

  test('its help is its own and that of the checker', async () => {
    const { stdout, code } = await phantom('tla', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('phantom tla --all');
    expect(stdout).toContain('--max-states N');
  });
});

describe('the table of --all', () => {
  const good: Row = {
    specification: 'Good',
    says: 'all is well',
    generated: 10,
    distinct: 5,
    depth: 2,
    seconds: 0.25,
    verdict: 'holds',
    asExpected: true,
  };
  const bad: Row = { ...good, specification: 'Bad', verdict: 'must hold, but: violates TypeOK', asExpected: false };

  function reported(rows: Row[], json: boolean): { lines: string[]; exitCode: number } {
    const lines: string[] = [];
    return { lines, exitCode: report(rows, json, (text) => lines.push(text)) };
  }

  test('is 0 when all came out as they must', () => {
    const ended = reported([good], false);
    expect(ended.exitCode).toBe(0);
    expect(ended.lines.map((line) => line.split(/ {2,}/))).toEqual([
      ['specification', 'generated', 'distinct', 'depth', 'seconds', 'verdict', 'what it says, or its defect'],
      ['Good', '10', '5', '2', '0.3', 'holds', 'all is well'],
      ['1 check, all came out as they must.'],
    ]);
  });

  test('is 1 when one did not, and names it', () => {
    const ended = reported([good, bad], false);
    expect(ended.exitCode).toBe(1);
    expect(ended.lines[2]).toMatch(/^Bad .* WRONG: must hold, but: violates TypeOK {2,}all is well$/);
    expect(ended.lines[3]).toBe('2 checks, 1 not as they must.');
  });

  test('is one object with --json', () => {
    const ended = reported([good, bad], true);
    expect([ended.exitCode, ended.lines.map((line) => JSON.parse(line))]).toEqual([
      1,
      [{ asExpected: false, rows: [good, bad] }],
    ]);
  });

  test('begins with the promise and its mutants', () => {
    const names: string[] = [];
    for (const row of runAll()) {
      if (!row.specification.startsWith('SnapshotAtomic')) break;
      expect(row.asExpected, row.verdict).toBe(true);
      names.push(`${row.specification} ${row.verdict}`);
      if (names.length === 5) break;
    }
    expect(names).toEqual([
      'SnapshotAtomic holds',
      'SnapshotAtomic, mutant violates TypeOK',
      'SnapshotAtomic, mutant violates NeverOlder',
      'SnapshotAtomic, mutant violates SnapshotEnds',
      'SnapshotAtomic, mutant violates ComesBack',
    ]);
  });
});
