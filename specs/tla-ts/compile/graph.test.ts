// Compiled models are the specifications they come from: the same initial states, states, steps of each action, and the
// same invariants hold in each state. The checked-in models are what the compiler makes of the specifications today.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { AnyState, Model } from '../runtime/index.js';
import { compiled, configOf, directory, NAMES, specOf } from './testing/fixtures.js';
import { checkerGraph, modelGraph, type StateGraph } from './testing/graph.js';

function expectSame(found: StateGraph, wanted: StateGraph): void {
  expect([...found.initial].sort()).toEqual([...wanted.initial].sort());
  expect([...found.states].sort()).toEqual([...wanted.states].sort());
  expect([...found.steps].sort()).toEqual([...wanted.steps].sort());
}

describe.each(NAMES)('%s', (name) => {
  test('the checked-in model is the compiled specification', () => {
    expect(compiled(name)).toBe(readFileSync(`${directory}${name}.ts`, 'utf8'));
  });

  test('same state graph as the checker', async () => {
    const { model } = (await import(`./fixtures/${name}.ts`)) as { model: Model<AnyState, unknown> };
    const wanted = checkerGraph(specOf(name), configOf(name));
    expect(wanted.states.size).toBeGreaterThan(0);
    expectSame(modelGraph(model), wanted);
  });
});
