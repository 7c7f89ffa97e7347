// The models are what the compiler makes of the specifications today, and have the state graphs that the checker explores.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  compiledSpecification,
  modelPath,
  specificationNames,
  specificationPath,
} from '../../scripts/compile-specs.js';
import { compare, specificationOfFile } from '../../specs/tla-ts/compile/testing/graph.js';
import type { AnyState, Model } from '../../specs/tla-ts/runtime/index.js';

/** States that are looked at; `npm run specs -- --compare` looks at all. */
const SAMPLES = 150;

describe.each(specificationNames())('%s', (name) => {
  test('the model is the compiled specification (npm run specs compiles them)', () => {
    expect(compiledSpecification(name)).toBe(readFileSync(modelPath(name), 'utf8'));
  });

  test('the model has the steps and violated invariants that the checker finds, in states all over the graph', async () => {
    const { model } = (await import(/* @vite-ignore */ modelPath(name))) as { model: Model<AnyState, unknown> };
    const path = specificationPath(name);
    const result = compare(specificationOfFile(path, path.replace(/tla$/, 'cfg')), model, SAMPLES);
    expect(result.differences).toEqual([]);
    expect(result.steps).toBeGreaterThan(result.compared / 2);
  }, 60_000);
});
