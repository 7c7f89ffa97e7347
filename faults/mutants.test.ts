// The table of mutants (phantom check --mutants), a sample: rules that only a disk of another history, or of another kernel, puts at stake on the
// machine. The whole table is recorded in bench/mutants.md.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildKernel, DEFECTS_FILE, defectNames } from '../impl/image/index.js';
import { HINTS } from './mutant-hints.js';
import { chooseMutants, type MutantTry, summariseTries, Trials } from './mutants.js';
import { SCENARIOS, type ScenarioName } from './scenarios/index.js';
import { ENTRIES } from './scenarios/scenario.js';

const ALL = defectNames(readFileSync(new URL(`../${DEFECTS_FILE}`, import.meta.url), 'utf8'));

describe('what is said of the tries of a mutant', () => {
  const found = (runs: number, property = 'P5'): MutantTry => ({ runs, caught: { property, message: 'seen' } });
  const nothing = (runs: number): MutantTry => ({ runs, caught: undefined });

  test.each([
    ['all find it: the median of five', [found(9), found(1), found(4, 'P1'), found(50), found(2)], true, 4, 'P1'],
    ['three of five find it', [found(9), nothing(50), found(4), nothing(50), found(2)], true, 9, 'P5'],
    ['two of five find it', [found(9), nothing(50), found(4), nothing(50), nothing(50)], false, 50, null],
    ['three found nothing, and no more were made', [nothing(7), nothing(7), nothing(7)], false, 7, null],
  ] as const)('%s', (_, tries, killed, runs, property) => {
    const { result } = summariseTries('name', tries);
    expect(result).toEqual({ name: 'name', killed, runs, property, equivalent: null });
  });
});

test('hints are of defects that there are, and a name that is none is refused', () => {
  for (const name of Object.keys(HINTS)) expect(ALL).toContain(name);
  expect(chooseMutants(ALL, ['skipCheck'])).toEqual(['skipCheck']);
  expect(chooseMutants(ALL, [])).toEqual(ALL);
  expect(() => chooseMutants(ALL, ['skipChecks'])).toThrow(/^--mutant skipChecks: expected one of \w+, /);
});

describe('a mutant', { timeout: 240_000 }, () => {
  test.each<[ScenarioName, string, string]>([
    ['an unknown feature', 'ignoreFeatureBits', 'P21'],
    ['a generation asked for', 'takeAnotherGeneration', 'P1'],
    ['a generation asked for', 'freeNewerAtOnce', 'P7'],
    ['a record lost', 'recoveryWrites', 'P10'],
    ['bad blocks', 'forgetBadList', 'P12'],
  ])('%s: %s is caught by %s, and the kernel as it is passes', async (name, defect, property) => {
    const scenario = SCENARIOS[name];
    const entry = ENTRIES[scenario.entry];
    expect(scenario.judge(await buildKernel({ entry }), 1)).toBeUndefined();
    expect(scenario.judge(await buildKernel({ entry, defects: [defect] }), 1)).toMatchObject({ property });
  });

  test('a trial is a function of its number and seed', async () => {
    const trials = new Trials('recoveryWrites');
    const [first, again] = [await trials.run(0, 3), await trials.run(0, 3)];
    trials.dispose();
    expect(first).toMatchObject({ property: 'P10' });
    expect(again).toEqual(first);
  });
});
