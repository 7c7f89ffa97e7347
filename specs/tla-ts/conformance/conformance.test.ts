// The sample of the conformance suite that runs with every commit: everything but the largest models.
import { describe, expect, test } from 'vitest';
import { checkExperiment, checkModel, experiments, models } from './suite.js';

/** Two large models stand for all of them here: one of plain speed, one of liveness. `npm run conformance` runs the rest. */
const LARGE = ['OBigBakery', 'OBigCow'];
const sample = models.filter((model) => !model.name.startsWith('OBig') || LARGE.includes(model.name));

describe('models agree with TLC in every figure that must agree', () => {
  test.each(sample.map((model) => [model.name, model] as const))('%s', (_, model) => {
    expect(checkModel(model).differences).toEqual([]);
  });
});

describe('counting rules agree with TLC', () => {
  test.each(experiments.map((experiment) => [experiment.id, experiment.what, experiment] as const))(
    '%s %s',
    (_id, _what, experiment) => {
      expect(checkExperiment(experiment)).toEqual([]);
    },
  );
});

test('the suite is whole', () => {
  expect(models).toHaveLength(59);
  expect(experiments).toHaveLength(92);
});

describe('counterexamples to liveness are behaviours that violate the property', () => {
  const trace = (name: string) => {
    const model = models.find((candidate) => candidate.name === name);
    if (!model) throw new Error(`no model ${name}`);
    return checkModel(model).result;
  };

  test('OStutterStop stops before k is 4', () => {
    const { trace: states, loopTo } = trace('OStutterStop');
    expect(loopTo).toBe(states.length);
    expect(states.map((state) => state.values.k)).toEqual(states.map((_, i) => String(i)));
    expect(states.length).toBeLessThanOrEqual(4);
  });

  test('OStarve: in the loop the guest waits, the gate flips, and Pass is disabled somewhere', () => {
    const { trace: states, loopTo } = trace('OStarve');
    const loop = states.slice((loopTo ?? 1) - 1);
    expect(loop.every((state) => state.values.guest === '"waits"')).toBe(true);
    expect(new Set(loop.map((state) => state.values.gate))).toEqual(new Set(['"up"', '"down"']));
    expect(states[0].values).toEqual({ gate: '"up"', guest: '"home"' });
    // One variable changes in every step, also in the one that closes the loop.
    const cycle = [...states, loop[0]];
    for (let i = 1; i < cycle.length; i++) {
      const changed = ['gate', 'guest'].filter((name) => cycle[i].values[name] !== cycle[i - 1].values[name]);
      expect(changed).toHaveLength(1);
    }
  });
});
