/**
 * The instruction set against a real processor: 3000 instructions with their results as a host CPU gave them (user mode, flags included).
 * The fixture comes from testing/native-judge/generate.ts with seed 1486.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { difference, type NativeCase, type NativeResult, SimulatedJudge } from '../testing/native-judge/cases.js';

interface Line {
  readonly testCase: NativeCase;
  readonly expected: NativeResult;
}

function parse(line: string): Line {
  const fields = line.split(' ');
  const bytes = (hex: string): number[] => Array.from(Buffer.from(hex, 'hex'));
  const words = (list: string): number[] => list.split(',').map((word) => Number.parseInt(word, 16) | 0);
  const changed = (before: readonly number[], changes: string): number[] => {
    const after = [...before];
    if (changes === '=') return after;
    for (const change of changes.split(',')) {
      const [at, value] = change.split(':').map((number) => Number.parseInt(number, 16));
      after[at] = value;
    }
    return after;
  };
  const data = bytes(fields[4]);
  const stack = bytes(fields[5]);
  return {
    testCase: {
      name: fields[0],
      code: bytes(fields[1]),
      registers: words(fields[2]),
      flags: Number.parseInt(fields[3], 16),
      data,
      stack,
      undefinedFlags: Number.parseInt(fields[6], 16),
    },
    expected: {
      outcome: fields[7],
      eip: Number(fields[8]),
      flags: Number.parseInt(fields[9], 16),
      registers: words(fields[10]),
      data: changed(data, fields[11]),
      stack: changed(stack, fields[12]),
    },
  };
}

const lines = gunzipSync(readFileSync(join(import.meta.dirname, 'fixtures', 'native-cases.gz')))
  .toString('latin1')
  .trim()
  .split('\n')
  .map(parse);
const groups = [...new Set(lines.map((line) => line.testCase.name))];

describe('instructions do what a real processor did', () => {
  it('has enough cases', () => {
    expect(lines.length).toBe(3000);
    expect(groups.length).toBeGreaterThanOrEqual(22);
  });

  it.each(groups)('%s', (group) => {
    const judge = new SimulatedJudge();
    const differences: string[] = [];
    for (const { testCase, expected } of lines) {
      if (testCase.name !== group) continue;
      const found = difference(testCase, expected, judge.run(testCase));
      const code = Buffer.from(testCase.code).toString('hex');
      if (found !== undefined) differences.push(`${code}: ${found}`);
    }
    expect(differences).toEqual([]);
  });
});
