// The functions of doubles against JavaScript's, which come from another library altogether.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { runInV8 } from '../kernel/vm/testing/v8.js';
import { compileFiles } from '../language/index.js';

/** How far apart two doubles are, in units in the last place of the second. */
function units(a: number, b: number): number {
  if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(b))), -1022);
  return Math.abs(a - b) / 2 ** (exponent - 52);
}

/** Values of expressions, computed by one program. */
async function values(expressions: readonly string[]): Promise<number[]> {
  const text = `package .t;
import .phantom.math.real;
class main
{
    void startup( var boot ) [8]
    {
${expressions.map((one) => `        boot.16( ( ${one} ) + "\\n" );`).join('\n')}
    }
};
`;
  const { classes, diagnostics } = compileFiles([], [], [{ file: 'real.ph', text }]);
  expect(diagnostics).toEqual([]);
  const run = await runInV8({
    classes: new Map(classes.map(({ name, bytes }) => [name, bytes])),
    bootClass: '.t.main',
  });
  expect(run.failed, run.log).toBe(0);
  const words: Record<string, number> = { inf: Infinity, '-inf': -Infinity, nan: Number.NaN };
  return run.console
    .trimEnd()
    .split('\n')
    .map((line) => words[line] ?? Number(line));
}

/** As a literal of the language. */
function literal(x: number): string {
  if (Number.isNaN(x)) return '( 0.0 / 0.0 )';
  if (!Number.isFinite(x)) return x > 0 ? '( 1.0 / 0.0 )' : '( -1.0 / 0.0 )';
  const text = String(x).replace('e+', 'e');
  return `( ${/[.e]/.test(text) ? text : `${text}.0`} )`;
}

const EDGES = [0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-300, 5e-324, 2.2e-308, 1e300, 1e15, 4503599627370495.5];
const SPECIAL = [...EDGES, Infinity, -Infinity, Number.NaN];

interface Compared {
  readonly name: string;
  readonly reference: (x: number) => number;
  readonly inputs: readonly number[];
  readonly range: readonly [number, number];
  /** Units in the last place. */
  readonly within: number;
}

const ROUND = (x: number): number => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
const COMPARED: readonly Compared[] = [
  { name: 'floor', reference: Math.floor, inputs: SPECIAL, range: [-1e6, 1e6], within: 0 },
  { name: 'ceil', reference: Math.ceil, inputs: SPECIAL, range: [-1e6, 1e6], within: 0 },
  { name: 'truncate', reference: Math.trunc, inputs: SPECIAL, range: [-1e6, 1e6], within: 0 },
  { name: 'round', reference: ROUND, inputs: SPECIAL, range: [-1e6, 1e6], within: 0 },
  { name: 'root', reference: Math.sqrt, inputs: SPECIAL, range: [0, 1e9], within: 1 },
  { name: 'exp', reference: Math.exp, inputs: [...SPECIAL, 709.7, -744, 1e-17], range: [-700, 700], within: 4 },
  { name: 'log', reference: Math.log, inputs: SPECIAL, range: [1e-9, 1e9], within: 4 },
  { name: 'sin', reference: Math.sin, inputs: [0, 1e-300, 1, -1, 1e6, Infinity], range: [-1e6, 1e6], within: 8 },
  { name: 'cos', reference: Math.cos, inputs: [0, 1e-300, 1, -1, 1e6, Infinity], range: [-1e6, 1e6], within: 8 },
  { name: 'atan', reference: Math.atan, inputs: SPECIAL, range: [-20, 20], within: 4 },
  { name: 'asin', reference: Math.asin, inputs: [0, 1, -1, 2, 0.5, 0.999], range: [-1, 1], within: 8 },
  { name: 'acos', reference: Math.acos, inputs: [0, 1, -1, 2, 0.5], range: [-0.99, 0.99], within: 8 },
];

test.prop([fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 })], { numRuns: 10 })(
  'functions of doubles are as near to the true value as they say',
  async (fractions) => {
    const cases = COMPARED.flatMap((compared) => {
      const [least, most] = compared.range;
      const drawn = fractions.map((fraction) => least + fraction * (most - least));
      return [...compared.inputs, ...drawn].map((x) => ({ ...compared, x }));
    });
    const found = await values(cases.map(({ name, x }) => `real.${name}( ${literal(x)} )`));
    const wrong = cases.flatMap(({ name, reference, x, within }, i) => {
      const expected = reference(x);
      return units(found[i], expected) <= within ? [] : [`${name}( ${x} ) is ${found[i]}, not ${expected}`];
    });
    expect(wrong).toEqual([]);
  },
);

test('powers, angles and hypotenuses', async () => {
  const pairs = [
    ...[
      [2, 10],
      [2, -3],
      [2, 0.5],
      [-2, 3],
      [-8, 0.5],
      [0, 3],
      [0, -1],
      [10, 308],
      [1.5, 2000],
      [-1.0001, 2001],
    ],
  ];
  const powers = await values(pairs.map(([x, y]) => `real.power( ${literal(x)}, ${literal(y)} )`));
  for (const [i, [x, y]] of pairs.entries()) {
    expect(powers[i] === x ** y || Math.abs(powers[i] / x ** y - 1) < 1e-12 || Number.isNaN(x ** y), `${x}^${y}`).toBe(
      true,
    );
    expect(Number.isNaN(powers[i])).toBe(Number.isNaN(x ** y));
  }
  const points = [-2, 0, 3].flatMap((x) => [-1.5, 0, 4].map((y) => [x, y]));
  const angles = await values(points.map(([x, y]) => `real.atan2( ${literal(y)}, ${literal(x)} )`));
  for (const [i, [x, y]] of points.entries()) expect(angles[i]).toBeCloseTo(Math.atan2(y, x), 14);
  expect(await values(['real.hypotenuse( 3.0, 4.0 )', 'real.hypotenuse( 3e300, 4e300 )'])).toEqual([5, 5e300]);
  expect(await values(['real.log10( 1000.0 )', 'real.log2( 1024.0 )', 'real.tan( 0.5 )'])).toEqual([
    expect.closeTo(3, 14),
    expect.closeTo(10, 13),
    expect.closeTo(Math.tan(0.5), 14),
  ]);
});
