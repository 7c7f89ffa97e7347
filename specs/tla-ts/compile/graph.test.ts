// Compiled models are the specifications they come from: the same initial states, states, steps of each action, and the
// same invariants hold in each state. The checked-in models are what the compiler makes of the specifications today.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { models } from '../conformance/suite.js';
import type { AnyState, Model } from '../runtime/index.js';
import { compiled, configOf, directory, NAMES, specOf } from './testing/fixtures.js';
import { compare, specificationOfFile } from './testing/graph.js';

describe.each(NAMES)('%s', (name) => {
  test('the checked-in model is the compiled specification', () => {
    expect(compiled(name)).toBe(readFileSync(`${directory}${name}.ts`, 'utf8'));
  });

  test('same state graph as the checker', async () => {
    const { model } = (await import(`./fixtures/${name}.ts`)) as { model: Model<AnyState, unknown> };
    const result = compare(specificationOfFile(specOf(name), configOf(name)), model);
    expect(result.differences).toEqual([]);
    expect(result.compared).toBe(result.states);
    const known = models.find((one) => one.name === name);
    if (known?.expect === 'ok') expect(result.states).toBe(known.distinct);
  });
});
