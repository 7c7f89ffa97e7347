// Makes specs/original/counterexamples/*.json: npx tsx specs/original/make-counterexamples.ts
// Prints the table for specs/README.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { counterexample, counterexamplePath, REFUTATIONS, refutationTable, refute } from './refutations.js';

for (const refutation of REFUTATIONS) {
  const path = counterexamplePath(refutation);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, counterexample(refute(refutation)));
}
console.log(refutationTable());
