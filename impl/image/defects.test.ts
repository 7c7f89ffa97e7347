import { describe, expect, test } from 'vitest';
import { defectNames, seedDefects } from './defects.js';

const TEXT = [
  '/** One. */',
  'export const one: bool = false;',
  '/** Two. */',
  'export const two: bool = false;',
  '',
].join('\n');

describe('seeded defects', () => {
  test('the declared names are found', () => {
    expect(defectNames(TEXT)).toEqual(['one', 'two']);
  });

  test('only the named ones are turned on', () => {
    expect(seedDefects(TEXT, ['two'])).toBe(TEXT.replace('two: bool = false', 'two: bool = true'));
    expect(seedDefects(TEXT, [])).toBe(TEXT);
  });

  test('an unknown one is refused by name', () => {
    expect(() => seedDefects(TEXT, ['three'])).toThrow(
      "unknown defect 'three': impl/kernel/defects.ts declares one, two",
    );
  });
});
