// The models are what the compiler makes of the specifications today, and have the state graphs that the checker explores.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  compiledSpecification,
  modelPath,
  specificationNames,
  specificationPath,
} from '../../scripts/compile-specs.js';
import { checkerGraph, modelGraph } from '../../specs/tla-ts/compile/testing/graph.js';
import type { AnyState, Model } from '../../specs/tla-ts/runtime/index.js';

describe.each(specificationNames())('%s', (name) => {
  test('the model is the compiled specification (npm run specs compiles them)', () => {
    expect(compiledSpecification(name)).toBe(readFileSync(modelPath(name), 'utf8'));
  });

  test('the model has the state graph that the checker explores', async () => {
    const { model } = (await import(/* @vite-ignore */ modelPath(name))) as { model: Model<AnyState, unknown> };
    const path = specificationPath(name);
    const wanted = checkerGraph(path, path.replace(/tla$/, 'cfg'));
    const found = modelGraph(model);
    expect([...found.initial].sort()).toEqual([...wanted.initial].sort());
    expect(found.states.size).toBe(wanted.states.size);
    expect(found.steps.size).toBe(wanted.steps.size);
    for (const [state, violated] of wanted.states) expect(found.states.get(state), state).toBe(violated);
    for (const step of wanted.steps) if (!found.steps.has(step)) expect.unreachable(`missing: ${step}`);
  });
});
