import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  checkRepaired,
  checkWithout,
  counterexample,
  counterexamplePath,
  exploreOriginal,
  REFUTATIONS,
  refutationTable,
  refute,
} from './refutations.js';

describe.each(REFUTATIONS)('$name', (refutation) => {
  it('the original fails, and the shortest way to it is the one on record', () => {
    const result = refute(refutation);
    expect(result.result, result.message ?? '').toBe('invariant');
    expect(result.violatedName).toBe(refutation.violated);
    expect(counterexample(result)).toBe(readFileSync(counterexamplePath(refutation), 'utf8'));
  });

  it('the original can do all that its specification says, apart from the failure', () => {
    const result = exploreOriginal(refutation);
    expect(result.result, result.message ?? '').toBe('ok');
    expect(result.coverage.filter(({ generated }) => generated === 0)).toEqual([]);
  });

  it('the repaired specification holds, and all its actions are taken', () => {
    const result = checkRepaired(refutation);
    expect(result.result, result.message ?? '').toBe('ok');
    expect(result.coverage.filter(({ generated }) => generated === 0)).toEqual([]);
  });

  it.each(refutation.closes)('without $line it fails as the original does', (closing) => {
    const result = checkWithout(refutation, closing);
    expect(result.result, result.message ?? '').toBe('invariant');
    expect(result.violatedName).toBe(refutation.violated);
  });
});

it.each(REFUTATIONS.flatMap(({ name, mutant }) => (mutant === undefined ? [] : [{ defect: name, ...mutant }])))(
  '$defect: the mutant of $specification that does the same is checked with the others',
  ({ specification, name }) => {
    const mutants = JSON.parse(readFileSync(new URL(`../mutants/${specification}.json`, import.meta.url), 'utf8'));
    expect(mutants.map((mutant: { name: string }) => mutant.name)).toContain(name);
  },
);

it('the table of specs/README.md is the one that the checks give', () => {
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(refutationTable());
});
