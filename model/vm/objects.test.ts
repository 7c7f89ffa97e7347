import { expect, test } from 'vitest';
import { PhantomClass, RealObject } from './objects.js';

test.each([
  ['.internal.float', 1.5, '0000c03f'],
  ['.internal.float', Number.NaN, '0000c07f'],
  ['.internal.double', -0, '0000000000000080'],
  ['.internal.double', Number.NaN, '000000000000f87f'],
])('a %s of %d has the bits of IEEE 754, the canonical ones when it is no number', (kind, value, bytes) => {
  // A NaN of the host with its sign set, which arithmetic gives on x86.
  const negative = Buffer.from('000000000000f8ff', 'hex').readDoubleLE();
  const cls = new PhantomClass(kind, kind, null, 0);
  const real = new RealObject(cls, Number.isNaN(value) ? negative : value);
  expect(real.bytes.toString('hex')).toBe(bytes);
});
