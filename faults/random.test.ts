import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { randomStream } from './random.js';

const seeds = fc.integer({ min: 0, max: 0xffffffff });

describe('streams of chance', () => {
  test.prop([seeds, fc.string()])('the same seed and label give the same draws', (seed, label) => {
    const [a, b] = [randomStream(seed, label), randomStream(seed, label)];
    for (let i = 0; i < 20; i++) expect(a.bits()).toBe(b.bits());
  });

  test.prop([seeds])('another label or seed gives other draws', (seed) => {
    const draws = (s: number, label: string) => {
      const stream = randomStream(s, label);
      return [stream.bits(), stream.bits(), stream.bits(), stream.bits()].join();
    };
    expect(draws(seed, 'a')).not.toBe(draws(seed, 'b'));
    expect(draws(seed, 'a')).not.toBe(draws((seed + 1) % 2 ** 32, 'a'));
  });

  test.prop([seeds, fc.integer({ min: 1, max: 2 ** 48 })])('a draw stays below its limit', (seed, limit) => {
    const stream = randomStream(seed, 'limit');
    for (let i = 0; i < 10; i++) {
      const value = stream.below(limit);
      expect(Number.isInteger(value) && value >= 0 && value < limit).toBe(true);
    }
  });

  test('draws are spread evenly', () => {
    const stream = randomStream(1, 'spread');
    const counts = new Array(10).fill(0);
    for (let i = 0; i < 10_000; i++) counts[stream.below(10)]++;
    // 1000 expected each, standard deviation 30.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  test('a limit that cannot be drawn from is refused', () => {
    expect(() => randomStream(1, 'x').below(0)).toThrow('limit from 1 to 2^48, found 0');
    expect(() => randomStream(1, 'x').pick([])).toThrow('nothing to pick from');
  });
});
