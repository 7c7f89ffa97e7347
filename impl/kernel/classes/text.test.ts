import { fc, test as property } from '@fast-check/vitest';
import { beforeAll, describe, expect, test } from 'vitest';
import { cleanMemory, instantiate } from '../vm/testing/v8.js';

const TEXT_AT = 0x03000000;

/** Text of a number as the policy wants it, made from JavaScript's shortest digits. */
function textOf(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  const [digits, exponent] = value
    .toExponential()
    .split('e')
    .map((part) => part.replace('+', ''));
  if (size >= 1e-4 && size < 1e16)
    return Number.isInteger(value) ? `${BigInt(value)}.0` : shift(digits, Number(exponent));
  return `${digits}e${Number(exponent) < 0 ? '-' : '+'}${String(Math.abs(Number(exponent))).padStart(2, '0')}`;
}

/** The digits of d.ddd times ten to the exponent, written out. */
function shift(digits: string, exponent: number): string {
  const sign = digits.startsWith('-') ? '-' : '';
  const all = digits.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${all}`;
  return `${sign}${all.slice(0, exponent + 1)}.${all.slice(exponent + 1)}`;
}

describe('floating point text', () => {
  let double: (value: number) => string;
  let float: (value: number) => string;
  let read: (text: string) => number;
  const word = new DataView(new ArrayBuffer(8));

  beforeAll(async () => {
    const memory = cleanMemory();
    const bytes = new Uint8Array(memory.buffer);
    const vm = await instantiate(memory, {});
    const formatted = (length: number): string =>
      Buffer.from(bytes.slice(vm.formatted.value, vm.formatted.value + length)).toString('latin1');
    double = (value) => {
      word.setFloat64(0, value);
      return formatted(vm.formatDouble(word.getBigUint64(0)));
    };
    float = (value) => {
      word.setFloat32(0, value);
      return formatted(vm.formatFloat(word.getUint32(0)));
    };
    read = (text) => {
      bytes.set(Buffer.from(text, 'latin1'), TEXT_AT);
      word.setBigUint64(0, BigInt.asUintN(64, vm.readDouble(TEXT_AT, TEXT_AT + text.length)));
      return word.getFloat64(0);
    };
  });

  test.each([
    [1, '1.0'],
    [0.1, '0.1'],
    [-2.5, '-2.5'],
    [0.0001, '0.0001'],
    [0.00009, '9e-05'],
    [9007199254740992, '9007199254740992.0'],
    [1e16, '1e+16'],
    [1.5e300, '1.5e+300'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [2.2250738585072014e-308, '2.2250738585072014e-308'],
    [2251799813685248.5, '2251799813685248.5'],
  ])('double %s is %s', (value, text) => {
    expect(double(value)).toBe(text);
  });

  test.each([
    [0.1, '0.1'],
    [16777216, '16777216.0'],
    [3.4028234663852886e38, '3.4028235e+38'],
    [1.401298464324817e-45, '1e-45'],
    [8.5e9, '8500000000.0'],
  ])('float %s is %s', (value, text) => {
    expect(float(value)).toBe(text);
  });

  test.each([
    '9007199254740993',
    '9007199254740992.99999999999999999999999999',
    '2.4703282292062327e-324',
    '2.4703282292062328e-324',
    '1.7976931348623158e308',
    '1.7976931348623159e308',
    '2.2250738585072011e-308',
    '0.000',
    '-0',
    '1e400',
    '1e-400',
    `0.${'0'.repeat(200)}1234567e+150`,
    `${'9'.repeat(400)}e-390`,
    `1${'0'.repeat(310)}`,
  ])('reading %s', (text) => {
    expect(read(text)).toBe(Number(text));
  });

  property.prop([fc.double()])('a double is the shortest text, and reads back the same', (value) => {
    const text = double(value);
    expect(text).toBe(textOf(value));
    if (Number.isFinite(value)) expect(read(text)).toBe(value);
  });

  property.prop([fc.float()])('a float reads back the same, and no shorter text does', (value) => {
    const text = float(value);
    if (!Number.isFinite(value)) return;
    expect(Math.fround(Number(text))).toBe(value);
    const digits = text.replace(/e.*$/, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length;
    if (digits > 1) expect(Math.fround(Number(value.toPrecision(digits - 1)))).not.toBe(value);
  });

  property.prop([fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 1, max: 100 })])(
    'a decimal number of any length is read to the nearest double',
    (value, places) => {
      const text = value.toExponential(places).replace('e', places % 2 === 0 ? 'e' : 'E');
      expect(read(text)).toBe(Number(text));
    },
  );
});
