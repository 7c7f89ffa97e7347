// Runs once before the tests: fixes and prints the seed of the property tests and, for a run of all tests, builds the kernel
// image, so that the test files find it in the cache instead of each building their own.
import { buildKernel } from '../../impl/image/index.js';
import { readSeed, SEED_VARIABLE } from './seed-policy.js';

export default async function setup(): Promise<void> {
  const seed = readSeed(process.env[SEED_VARIABLE]);
  process.env[SEED_VARIABLE] = String(seed);
  process.stderr.write(`property tests: seed ${seed} (${SEED_VARIABLE}=${seed} npm test repeats them)\n`);
  const wantsAll = process.argv.slice(2).every((word) => word === 'run' || word.startsWith('-'));
  if (!wantsAll) return;
  const kernel = await buildKernel({ onProgress: (text) => process.stderr.write(`${text}\n`) });
  process.stderr.write(`kernel image: ${kernel.sha256}\n`);
}
