/**
 * Numbers as text and back (fixtures/golden/POLICY.md, D3 and D4), and the hash of the original.
 *
 * Rule: the text of a float or double is the shortest decimal that reads back to it, always with a point or an
 * exponent; positional for 0.0001 <= abs(x) < 1e16, else `d.ddde+XX`.
 */

function arrange(negative: boolean, digits: string, exponent: number): string {
  // The value is 0.DIGITS * 10^exponent.
  const sign = negative ? '-' : '';
  if (exponent > -4 && exponent <= 16) {
    if (exponent <= 0) return `${sign}0.${'0'.repeat(-exponent)}${digits}`;
    if (digits.length <= exponent) return `${sign}${digits.padEnd(exponent, '0')}.0`;
    return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
  }
  const power = exponent - 1;
  const fraction = digits.length > 1 ? digits.slice(1) : '0';
  const size = String(Math.abs(power)).padStart(2, '0');
  return `${sign}${digits[0]}.${fraction}e${power < 0 ? '-' : '+'}${size}`;
}

/** Digits without trailing zeros and the exponent of 0.DIGITS, from text as `toExponential` gives it. */
function parts(exponential: string): { digits: string; exponent: number } {
  const [mantissa, power] = exponential.split('e');
  return { digits: mantissa.replace('.', '').replace(/0+$/, ''), exponent: Number(power) + 1 };
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  return undefined;
}

export function doubleText(value: number): string {
  const text = special(value);
  if (text !== undefined) return text;
  const { digits, exponent } = parts(Math.abs(value).toExponential());
  return arrange(value < 0, digits, exponent);
}

/** Of a value of binary32. */
export function floatText(value: number): string {
  const text = special(value);
  if (text !== undefined) return text;
  const size = Math.abs(value);
  for (let precision = 1; ; precision++) {
    const { digits, exponent } = parts(size.toExponential(precision - 1));
    // Where the distance to the next float differs below and above, a neighbour may read back though the nearest
    // decimal of that length does not.
    const whole = BigInt(digits.padEnd(precision, '0'));
    for (const candidate of [whole, whole + 1n, whole - 1n]) {
      const decimal = candidate.toString();
      if (Math.fround(Number(`${decimal}e${exponent - precision}`)) !== size) continue;
      return arrange(value < 0, decimal.replace(/0+$/, ''), exponent + decimal.length - precision);
    }
  }
}

/** Blanks, sign, digits; stops at the first other character; without digits 0; wraps around at 64 bits. */
export function wholeNumber(text: string): bigint {
  const found = /^[ \t-\r]*([+-]?)([0-9]*)/.exec(text);
  const size = BigInt(found?.[2] || '0');
  return BigInt.asIntN(64, found?.[1] === '-' ? -size : size);
}

/** One byte more of the ELF hash over signed bytes (phantom-os 3.6). */
function hashStep(state: number, byte: number): number {
  const hash = ((state << 4) + ((byte << 24) >> 24)) >>> 0;
  const high = hash & 0xf0000000;
  return high === 0 ? hash : ((hash ^ (high >>> 24)) & 0x0fffffff) >>> 0;
}

export function hashOf(bytes: Uint8Array): number {
  return bytes.reduce(hashStep, 0) | 0;
}
