import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stateDigest } from './state-digest.js';

test('values that could be confused are told apart', () => {
  const values = [
    ...[null, undefined, 0, '0', '', 'null', true, 'true', [], {}, [[]], [0], ['0'], { a: 1 }, { a: '1' }, { b: 1 }],
    ...[
      new Uint8Array(0),
      Uint8Array.of(0),
      1,
      -1,
      0.5,
      ['a', 'b'],
      ['ab'],
      ['a;"1:b'],
      { a: undefined },
      [1, 23],
      [12, 3],
    ],
  ];
  expect(new Set(values.map(stateDigest)).size).toBe(values.length);
});

test('what is not plain data is refused, with its place', () => {
  expect(() => stateDigest({ a: [1, { b: new Map() }] })).toThrow(/\.a\[1\]\.b is not plain data/);
});

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.uint8Array(),
    tie('list'),
    tie('record'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  record: fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
})).value;

property.prop([plain])('a clone has the same digest, in whatever order its keys were added', (value) => {
  const reversed = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(reversed);
    if (part instanceof Uint8Array) return part.slice();
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(
      Object.entries(part)
        .reverse()
        .map(([key, element]) => [key, reversed(element)]),
    );
  };
  expect(stateDigest(reversed(value))).toBe(stateDigest(value));
});
