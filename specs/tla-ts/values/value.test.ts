// Values: one order, one object for equal values, sets and functions independent of how they were built.
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { clearInterned, codeOf, intern, valueOfCode } from './interning.js';
import { show } from './print.js';
import { difference, FunctionSet, IntervalSet, intersection, isSubset, PowerSet, RecordSet, union } from './sets.js';
import {
  compare,
  equal,
  functionOfPairs,
  ModelValue,
  makeSet,
  type SetBase,
  StringValue,
  TupleValue,
  type Value,
} from './value.js';

/** Values of one kind at each depth, so that any two can be compared. */
const integers = fc.integer({ min: -3, max: 3 });
const sets = fc.array(integers, { maxLength: 4 }).map((items) => makeSet(items));
const nested = fc.array(sets, { maxLength: 4 }).map((items) => makeSet(items));
const functions = fc
  .array(fc.tuple(integers, sets), { maxLength: 4 })
  .map((pairs) => functionOfPairs(pairs.map(([key, value]): [Value, Value] => [key, value])));

describe('interning and order agree', () => {
  property.prop([nested, nested])('V1 equal values, and only they, are one object with one code', (a, b) => {
    expect(codeOf(a) === codeOf(b)).toBe(equal(a, b));
    expect(intern(a) === intern(b)).toBe(equal(a, b));
    expect(equal(valueOfCode(codeOf(a)), a)).toBe(true);
    expect(compare(a, b) === 0).toBe(equal(a, b));
  });

  property.prop([functions, functions, functions])('V2 compare is a total order', (a, b, c) => {
    expect(Math.sign(compare(a, b)) + Math.sign(compare(b, a))).toBe(0);
    if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
  });

  property.prop([fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))])(
    'V3 every integer of 32 bits has a code of its own',
    (list) => {
      for (const n of list) expect(valueOfCode(codeOf(n))).toBe(n);
    },
  );

  property.prop([fc.array(sets)])('V4 a set does not depend on the order of its making', (items) => {
    const there = makeSet(items.slice());
    const back = makeSet(items.slice().reverse());
    expect(show(there)).toBe(show(back));
    expect(codeOf(there)).toBe(codeOf(back));
  });

  test('values from before the table was cleared are interned anew', () => {
    const old = new TupleValue([StringValue.of('a'), makeSet([2, 1])]);
    codeOf(old);
    clearInterned();
    const young = new TupleValue([StringValue.of('a'), makeSet([1, 2])]);
    expect(codeOf(young)).toBe(codeOf(old));
    expect(valueOfCode(codeOf(old))).toBe(intern(young));
  });
});

describe('operations on sets are those of sets', () => {
  const asSet = (value: SetBase): Set<number> => new Set(value.elements() as number[]);
  property.prop([sets, sets])('V5 union, intersection, difference, inclusion', (a, b) => {
    const [x, y] = [asSet(a), asSet(b)];
    expect(asSet(union(a, b))).toEqual(new Set([...x, ...y]));
    expect(asSet(intersection(a, b))).toEqual(new Set([...x].filter((n) => y.has(n))));
    expect(asSet(difference(a, b))).toEqual(new Set([...x].filter((n) => !y.has(n))));
    expect(isSubset(a, b)).toBe([...x].every((n) => y.has(n)));
  });

  property.prop([fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 3 })])(
    'V6 sets by a rule list what they contain, in order',
    (n, m) => {
      const base = new IntervalSet(1, n);
      const rules: SetBase[] = [
        new PowerSet(base),
        new FunctionSet(base, new IntervalSet(1, m)),
        new RecordSet([
          ['b', base],
          ['a', new PowerSet(new IntervalSet(1, m))],
        ]),
      ];
      for (const rule of rules) {
        const items = rule.elements();
        expect(items).toHaveLength(rule.size());
        for (let i = 0; i < items.length; i++) {
          expect(rule.contains(items[i])).toBe(true);
          if (i > 0) expect(compare(items[i - 1], items[i])).toBeLessThan(0);
        }
      }
    },
  );
});

test('model values differ from everything else and are ordered as they were made', () => {
  const [a, b] = [ModelValue.of('a', 0), ModelValue.of('b', 1)];
  expect(equal(a, b)).toBe(false);
  for (const other of [1, true, StringValue.of('a'), makeSet([]), new TupleValue([])])
    expect(equal(a, other)).toBe(false);
  expect(show(makeSet([b, 1, a]))).toBe('{1, a, b}');
});
