// npm run conformance --workspace tla-ts: every model and experiment, one table; exit code 1 where one differs from TLC.
import { checkExperiment, checkModel, experiments, models } from './suite.js';

let failed = 0;
const kinds = new Map<string, { passed: number; all: number }>();
for (const model of models) {
  const kind = kinds.get(model.expect) ?? { passed: 0, all: 0 };
  kinds.set(model.expect, kind);
  kind.all++;
  const { result, differences } = checkModel(model);
  if (differences.length === 0) kind.passed++;
  else failed++;
  const rate = result.seconds > 0 ? Math.round(result.generated / result.seconds) : 0;
  const speed = model.name.startsWith('OBig')
    ? `  ${result.generated} generated, ${result.seconds.toFixed(2)} s, ${rate} states/s, ${result.bytesPerState} bytes/state; TLC ${model.tlcSeconds} s`
    : '';
  console.log(`${differences.length === 0 ? 'agrees ' : 'DIFFERS'} ${model.name} ${differences.join('; ')}${speed}`);
}
let passed = 0;
for (const experiment of experiments) {
  const differences = checkExperiment(experiment);
  if (differences.length === 0) passed++;
  else {
    failed++;
    console.log(`DIFFERS experiment ${experiment.id} (${experiment.what}): ${differences.join('; ')}`);
  }
}
console.log('');
for (const [kind, { passed: agreeing, all }] of kinds) console.log(`${kind}: ${agreeing} of ${all}`);
console.log(`counting experiments: ${passed} of ${experiments.length}`);
process.exitCode = failed === 0 ? 0 : 1;
