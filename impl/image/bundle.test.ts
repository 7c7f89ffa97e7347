import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { makeBundle } from './bundle.js';

/** Reads a bundle the way the format says, independently of the writer. */
function readBundle(bundle: Uint8Array): { name: string; bytes: Uint8Array }[] {
  const entries: { name: string; bytes: Uint8Array }[] = [];
  for (let at = 0; at < bundle.length; ) {
    const name = new TextDecoder().decode(bundle.subarray(at, bundle.indexOf(0, at)));
    const length =
      (bundle[at + 512] ?? 0) +
      (bundle[at + 513] ?? 0) * 256 +
      (bundle[at + 514] ?? 0) * 65536 +
      (bundle[at + 515] ?? 0) * 16777216;
    entries.push({ name, bytes: bundle.slice(at + 516, at + 516 + length) });
    at += 516 + length;
  }
  return entries;
}

describe('class bundle', () => {
  const entry = fc.record({
    name: fc.stringMatching(/^(\.[a-z_]{1,20}){1,5}$/),
    bytes: fc.uint8Array({ maxLength: 2000 }),
  });
  test.prop([fc.uniqueArray(entry, { selector: ({ name }) => name, maxLength: 8 })])(
    'what goes in comes out, in order',
    (classes) => {
      expect(readBundle(makeBundle(classes))).toEqual(
        classes.map(({ name, bytes }) => ({ name, bytes: bytes.slice() })),
      );
    },
  );

  test('a name that does not fit is refused', () => {
    expect(() => makeBundle([{ name: 'x'.repeat(512), bytes: new Uint8Array() }])).toThrow('at most 511');
    expect(makeBundle([{ name: 'x'.repeat(511), bytes: new Uint8Array() }]).length).toBe(516);
  });

  test('a class that comes twice is refused', () => {
    const one = { name: '.a', bytes: new Uint8Array(3) };
    expect(() => makeBundle([one, one])).toThrow('.a comes twice');
  });
});
