// Every specification holds, can do all that it says, and each of its properties can fail.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { edited } from './edit.js';
import {
  checkMutant,
  checkSpecification,
  isViolated,
  mutantsOf,
  neverTaken,
  propertiesOf,
  SPECIFICATIONS,
  type Specification,
} from './suite.js';
import { specificationTable } from './table.js';

const folder = new URL('.', import.meta.url);

/** Configurations of the everyday suite; the long ones are for `phantom tla --all`. */
const everyday = ({ configurations }: Specification) => configurations.filter(({ long }) => !long);

/** Seconds of work where nothing else runs. */
const TIMEOUT_MS = 300_000;

describe.each(SPECIFICATIONS)('$name', { timeout: TIMEOUT_MS }, (specification) => {
  it('holds, and every action is taken', () => {
    const results = everyday(specification).map((configuration) => checkSpecification(specification, configuration));
    for (const { result, message } of results) expect([result, message]).toEqual(['ok', null]);
    expect(neverTaken(results)).toEqual([]);
    expect(results.map(({ distinct }) => distinct)).toEqual(everyday(specification).map(({ distinct }) => distinct));
  });

  it('has a mutant for each property', () => {
    const checked = new Set(specification.configurations.flatMap(({ name }) => propertiesOf(name)));
    expect([...new Set(mutantsOf(specification).map(({ violates }) => violates))].sort()).toEqual([...checked].sort());
  });

  it.each(mutantsOf(specification).filter(({ long }) => !long))('mutant "$name" violates $violates', (mutant) => {
    const result = checkMutant(specification, mutant);
    expect(isViolated(result, mutant.violates), `${result.result} ${result.violatedName} ${result.message}`).toBe(true);
  });
});

it('every specification and configuration of the folder is in the suite', () => {
  const files = readdirSync(folder).filter((name) => /\.(tla|cfg)$/.test(name));
  const known = SPECIFICATIONS.flatMap(({ name, configurations }) => [
    `${name}.tla`,
    ...configurations.map((configuration) => `${configuration.name}.cfg`),
  ]);
  expect(files.sort()).toEqual(known.sort());
});

it('an edit that does not apply at one place is refused', () => {
  expect(() => edited('a /\\ b', { from: 'c', to: '' })).toThrow('The edit applies at 0 places, not at one: c');
  expect(() => edited('a /\\ a', { from: 'a', to: '' })).toThrow('The edit applies at 2 places, not at one: a');
});

it('the table of README.md is that of the suite', () => {
  expect(readFileSync(new URL('README.md', folder), 'utf8')).toContain(specificationTable());
});
