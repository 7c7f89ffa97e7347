/**
 * Chance from a seed. Every user of chance draws from its own stream, named by a label, so that one more draw in one
 * place shifts nothing anywhere else.
 *
 * The generator is sfc32 (C. Doty-Humphrey, PractRand), keyed by the seed and an FNV-1a hash of the label.
 */
export interface RandomStream {
  /** 32 random bits, 0 to 2^32 - 1. */
  bits(): number;
  /** A whole number from 0 to `limit` - 1; `limit` at most 2^48. */
  below(limit: number): number;
  /** True with a probability of `numerator` / `denominator`. */
  chance(numerator: number, denominator: number): boolean;
  pick<T>(choices: readonly T[]): T;
}

/** The stream `label` of `seed`: the same two always give the same draws. */
export function randomStream(seed: number, label: string): RandomStream {
  let hash = 0x811c9dc5;
  for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
  let a = seed | 0;
  let b = hash | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  const bits = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let i = 0; i < 15; i++) bits();
  const below = (limit: number): number => {
    if (!Number.isInteger(limit) || limit < 1 || limit > 2 ** 48) {
      throw new RangeError(`a draw needs a limit from 1 to 2^48, found ${limit}`);
    }
    return Math.floor(((bits() * 0x20_0000 + (bits() >>> 11)) / 2 ** 53) * limit);
  };
  return {
    bits,
    below,
    chance: (numerator, denominator) => below(denominator) < numerator,
    pick: (choices) => {
      if (choices.length === 0) throw new RangeError('nothing to pick from');
      return choices[below(choices.length)];
    },
  };
}
