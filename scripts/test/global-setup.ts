// Runs once before the tests: fixes and prints the seed of the property tests.
import { readSeed, SEED_VARIABLE } from './seed-policy.js';

export default function setup(): void {
  const seed = readSeed(process.env[SEED_VARIABLE]);
  process.env[SEED_VARIABLE] = String(seed);
  process.stderr.write(`property tests: seed ${seed} (${SEED_VARIABLE}=${seed} npm test repeats them)\n`);
}
