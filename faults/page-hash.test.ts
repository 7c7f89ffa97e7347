import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { PAGE_BYTES, PageHashes, pageHashText, pageWords } from './page-hash.js';

const page = fc.uint8Array({ minLength: PAGE_BYTES, maxLength: PAGE_BYTES });

describe('page hashes', () => {
  test.prop([page, fc.nat(PAGE_BYTES * 8 - 1)])('one flipped bit anywhere changes both lanes', (bytes, bit) => {
    const before = pageHashText(pageWords(bytes));
    const flipped = bytes.slice();
    flipped[bit >> 3] ^= 1 << (bit & 7);
    const after = pageHashText(pageWords(flipped));
    expect(after.slice(0, 8)).not.toBe(before.slice(0, 8));
    expect(after.slice(8)).not.toBe(before.slice(8));
  });

  test.prop([page])('bytes that lie unaligned hash the same', (bytes) => {
    const shifted = new Uint8Array(PAGE_BYTES + 1);
    shifted.set(bytes, 1);
    expect(pageHashText(pageWords(shifted.subarray(1)))).toBe(pageHashText(pageWords(bytes)));
  });

  test('a table knows its pages and its digest covers each of them and the label', () => {
    const zero = PageHashes.zero(4);
    const content = new Int32Array(1024);
    expect(zero.matches(3, content)).toBe(true);
    content[1023] = 1;
    expect(zero.matches(3, content)).toBe(false);
    const other = zero.copy();
    other.set(3, content);
    expect(other.matches(3, content)).toBe(true);
    expect(zero.matches(3, content)).toBe(false);
    expect(other.digest('a')).not.toBe(zero.digest('a'));
    expect(zero.digest('a')).not.toBe(zero.digest('b'));
    other.take(3, zero);
    expect(other.digest('a')).toBe(zero.digest('a'));
  });

  test('a piece of a page is refused', () => {
    expect(() => pageWords(new Uint8Array(512))).toThrow('a page is 4096 bytes, found 512');
  });
});
