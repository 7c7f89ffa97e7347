// The library against JavaScript, which has the same structures from other hands.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { quoted, said } from './testing/run.js';

const RUNS = { numRuns: 5 };
const operation = fc.tuple(fc.nat(99), fc.nat(1000), fc.nat(99));
const operations = fc.array(operation, { minLength: 1, maxLength: 150 });

test.prop([operations], RUNS)('a list is an array, whatever is done to it', async (all) => {
  const model: number[] = [];
  const statements = all.map(([which, place, value]) => {
    const at = model.length === 0 ? 0 : place % model.length;
    if (which < 40 || model.length === 0) {
      model.push(value);
      return `aList.add( ${value} );`;
    }
    if (which < 60) {
      model.splice(at, 0, value);
      return `aList.insert( ${at}, ${value} );`;
    }
    if (which < 75) {
      model[at] = value;
      return `aList.set( ${at}, ${value} );`;
    }
    if (which < 95) {
      model.splice(at, 1);
      return `aList.removeAt( ${at} );`;
    }
    model.reverse();
    return 'aList.reverse();';
  });
  const found = await said([
    ...statements,
    'say( json.print( aList ) );',
    'aList.sort();',
    'say( json.print( aList ) );',
  ]);
  const sorted = [...model].sort((a, b) => a - b);
  expect(found).toEqual([JSON.stringify(model), JSON.stringify(sorted)]);
});

test.prop([operations], RUNS)('a map is a Map, in the same order', async (all) => {
  const model = new Map<string, number>();
  const expected: string[] = [];
  const statements = all.map(([which, place, value]) => {
    const key = `k${place % 40}`;
    const before = model.get(key) ?? '(void)';
    expected.push(String(before));
    if (which < 60) {
      model.set(key, value);
      return `say( aMap.put( "${key}", ${value} ) );`;
    }
    if (which < 85) {
      model.delete(key);
      return `say( aMap.remove( "${key}" ) );`;
    }
    return `say( aMap.get( "${key}" ) );`;
  });
  const found = await said([...statements, 'say( json.print( aMap ) );', 'say( aMap.size() );']);
  const text = [...model].map(([key, value]) => `"${key}":${value}`).join(',');
  expect(found).toEqual([...expected, `{${text}}`, String(model.size)]);
});

test.prop([fc.array(fc.tuple(fc.nat(5), fc.nat(999)), { maxLength: 120 })], RUNS)(
  'sorting is stable',
  async (pairs) => {
    const texts = pairs.map(([key, rest]) => `${key}${String(rest).padStart(3, '0')}`);
    const adds = texts.map((text) => `aList.add( ${quoted(text)} );`);
    const order = `class byFirst extends .phantom.data.order
{
    int compare( var a, var b ) { return ( (string)a ).charAt( 0 ) - ( (string)b ).charAt( 0 ); }
};`;
    const found = await said([...adds, 'aList.sort( new byFirst() );', 'say( json.print( aList ) );'], order);
    const sorted = [...pairs.keys()].sort((a, b) => pairs[a][0] - pairs[b][0]).map((i) => texts[i]);
    expect(found).toEqual([JSON.stringify(sorted)]);
  },
);

const jsonText = fc
  .jsonValue({ maxDepth: 4 })
  .map((value) => JSON.stringify(value, (_, inner) => (typeof inner === 'boolean' ? Number(inner) : inner)));

test.prop([fc.array(jsonText, { minLength: 10, maxLength: 10 })], RUNS)(
  'what JSON prints of what it read says the same',
  async (texts) => {
    const found = await said(texts.map((text) => `say( json.print( json.parse( ${quoted(text)} ) ) );`));
    expect(found.map((line) => JSON.parse(line))).toEqual(texts.map((text) => JSON.parse(text)));
  },
);

const word = fc.string({ unit: fc.constantFrom('a', 'b', ',', ' ', 'é', '\t'), maxLength: 12 });

test.prop([fc.array(fc.tuple(word, word, word), { minLength: 20, maxLength: 20 })], RUNS)(
  'functions of strings',
  async (cases) => {
    const statements = cases.flatMap(([text, some, by]) => {
      const part = some === '' ? ',' : some;
      const [t, p, b] = [text, part, by].map(quoted);
      return [
        `say( json.quote( strings.replace( ${t}, ${p}, ${b} ) ) );`,
        `say( json.print( strings.split( ${t}, ${p} ) ) );`,
        `say( json.quote( strings.trim( ${t} ) ) );`,
        `say( json.quote( strings.upper( ${t} ) ) );`,
        `say( strings.startsWith( ${t}, ${p} ) + strings.endsWith( ${t}, ${p} ) * 2 + strings.contains( ${t}, ${p} ) * 4 );`,
        `say( strings.findLast( ${t}, ${p} ) );`,
      ];
    });
    const expected = cases.flatMap(([text, some, by]) => {
      const part = some === '' ? ',' : some;
      const has = Number(text.startsWith(part)) + 2 * Number(text.endsWith(part)) + 4 * Number(text.includes(part));
      const last = text.lastIndexOf(part);
      return [
        JSON.stringify(text.replaceAll(part, () => by)),
        JSON.stringify(text.split(part)),
        JSON.stringify(text.trim()),
        JSON.stringify(text.replace(/[a-z]/g, (letter) => letter.toUpperCase())),
        String(has),
        String(last < 0 ? last : Buffer.byteLength(text.slice(0, last))),
      ];
    });
    expect(await said(statements)).toEqual(expected);
  },
);

// JavaScript writes -0 as 0.
const decimal = fc
  .oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.double({ min: -1e6, max: 1e6, noNaN: true }))
  .map((value) => value + 0);

test.prop([fc.array(decimal, { minLength: 30, maxLength: 30 })], RUNS)(
  'numbers are read as they are',
  async (values) => {
    const found = await said(values.map((value) => `say( numbers.toDouble( ${quoted(String(value))} ) );`));
    expect(found.map(Number)).toEqual(values);
  },
);

/** The decimal number that a double prints as, rounded to `digits` places with halves away from zero, in whole numbers. */
function rounded(value: number, digits: number): string {
  const [, sign, whole, fraction = '', exponent = '0'] =
    String(value).match(/^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/) ?? [];
  const shift = Number(exponent) - fraction.length + digits;
  const all = BigInt(whole + fraction);
  const divisor = shift < 0 ? 10n ** BigInt(-shift) : 1n;
  const scaled = shift < 0 ? (2n * all + divisor) / (2n * divisor) : all * 10n ** BigInt(shift);
  const text = String(scaled).padStart(digits + 1, '0');
  const point = text.length - digits;
  const result = digits === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`;
  return scaled === 0n ? result : sign + result;
}

test.prop(
  [fc.array(fc.tuple(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.nat(12)), { minLength: 30, maxLength: 30 })],
  RUNS,
)('numbers with digits behind the point', async (cases) => {
  const literal = (value: number): string => `numbers.toDouble( ${quoted(String(value))} )`;
  const found = await said(cases.map(([value, digits]) => `say( numbers.fixed( ${literal(value)}, ${digits} ) );`));
  expect(found).toEqual(cases.map(([value, digits]) => rounded(value, digits)));
});

test.prop(
  [fc.array(fc.integer({ min: -62_000_000_000, max: 250_000_000_000 }), { minLength: 30, maxLength: 30 })],
  RUNS,
)('dates are those of the calendar', async (instants) => {
  const found = await said(
    instants.flatMap((seconds) => [
      `say( new date( ${seconds}L ) );`,
      `say( date.parse( new date( ${seconds}L ).toString() ).seconds() );`,
      `say( new date( ${seconds}L ).weekday() % 7 );`,
    ]),
  );
  expect(found).toEqual(
    instants.flatMap((seconds) => {
      const at = new Date(seconds * 1000);
      const text = at.toISOString().slice(0, 19).replace('T', ' ');
      return [text, String(seconds), String(at.getUTCDay())];
    }),
  );
});
