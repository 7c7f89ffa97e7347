// Where the seed of the property tests comes from. Without a word from outside it is the same every time, so that a
// commit passes or fails for everybody alike; PHANTOM_TEST_SEED=random explores, any number repeats.
export const SEED_VARIABLE = 'PHANTOM_TEST_SEED';
const DEFAULT_SEED = 19_881_212;

/** The seed for a value of PHANTOM_TEST_SEED; throws on anything but a 32-bit integer, `random` or nothing. */
export function readSeed(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_SEED;
  if (text === 'random') return Math.floor(Math.random() * 0x7fffffff);
  const seed = Number(text);
  if (!Number.isInteger(seed) || Math.abs(seed) > 0x7fffffff) {
    throw new Error(`${SEED_VARIABLE} must be a 32-bit integer or "random"; found "${text}"`);
  }
  return seed;
}
