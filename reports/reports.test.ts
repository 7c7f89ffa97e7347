import { describe, expect, test } from 'vitest';
import { excerpt, grouped, plural, propertyState, wholeNumber } from './facts.js';
import { parseJson, renderHtml, renderJson, renderMarkdown, resultSchema } from './index.js';
import { sampleResult } from './testing/sample-result.js';

const result = sampleResult();

describe('the result schema', () => {
  test('JSON there and back is the same result', () => {
    expect(resultSchema.parse(result)).toEqual(result);
    expect(parseJson(renderJson(result))).toEqual(result);
  });

  test('equal results are equal bytes, in whatever order their keys were set, and a byte order mark is no error', () => {
    const { bootClass, ...others } = result.options;
    const text = renderJson(result);
    expect(renderJson({ ...result, options: { ...others, bootClass } })).toBe(text);
    expect(parseJson(`\uFEFF${text}`)).toEqual(result);
  });

  test('a class file that is not the one its digest names, and options no machine has, are refused', () => {
    const [program] = result.program;
    const swapped = { ...result, program: [{ ...program, base64: 'AAEC' }] };
    expect(() => parseJson(JSON.stringify(swapped))).toThrow(
      /program\[0\]\.base64: expected SHA-256 [0-9a-f]{64}, found/,
    );
    for (const wrong of [{ ramMiB: 1e6 }, { diskMiB: 1e9 }, { persistentMiB: 4096 }, { snapshotIntervalMs: 0 }]) {
      const [name] = Object.keys(wrong);
      expect(() => parseJson(JSON.stringify({ ...result, options: { ...result.options, ...wrong } }))).toThrow(
        `options.${name}`,
      );
    }
  });

  test('what is no report is refused in one line that says where', () => {
    expect(() => parseJson('{')).toThrow(/^not JSON: .*$/);
    expect(() => parseJson('format:\n phantom-run\n')).toThrow(/^not JSON: .*$/);
    expect(() => parseJson('{}')).toThrow(/^not a report of this version: format: /);
    const wrong = { ...result, plan: { ...result.plan, cuts: [{ when: { kind: 'noon' } }] } };
    expect(() => parseJson(JSON.stringify(wrong))).toThrow(/^not a report of this version: plan\.cuts\[0\]\.when/);
    expect(() => parseJson(JSON.stringify({ ...result, version: 99 }))).toThrow('version');
    expect(() => parseJson(JSON.stringify({ ...result, host: 'here' }))).toThrow('host');
  });
});

describe('figures', () => {
  test('whole numbers are read as written, and nothing else is one', () => {
    expect(['0', '42', '0x10'].map((text) => wholeNumber(text, 0, 100))).toEqual([0, 42, 16]);
    for (const text of ['', 'abc', '-1', '1.5', '1e2', '101', 'NaN']) expect(wholeNumber(text, 0, 100)).toBeUndefined();
  });

  test('numbers are grouped the same everywhere', () => {
    expect([0, 999, 1000, 1234567].map(grouped)).toEqual(['0', '999', '1 000', '1 234 567']);
    expect([plural(1, 'boot'), plural(2000, 'boot')]).toEqual(['1 boot', '2 000 boots']);
  });

  test('a property without a witness has not held', () => {
    expect(result.properties.map(propertyState)).toEqual(['held', 'failed', 'vacuous', 'not met']);
  });

  test('an excerpt keeps both ends', () => {
    expect(excerpt([1, 2, 3], 3)).toEqual({ first: [1, 2, 3], left: 0, last: [] });
    expect(excerpt([1, 2, 3, 4, 5], 4)).toEqual({ first: [1, 2], left: 1, last: [4, 5] });
  });
});

describe.each([
  ['Markdown', renderMarkdown],
  ['HTML', renderHtml],
])('the %s face', (_, render) => {
  test('opens with the verdict and tells of every part of the run', () => {
    const text = render(result);
    const plainText = text.replace(/\\/g, '');
    for (const part of [
      'held: 1 power cut; seed 7',
      'npx phantom run --seed 7 --cuts 1',
      'point in time',
      'vacuous',
      'power cut at cycle 1 234 567 of boot 0: 6 of 10 unflushed sectors lost',
      'generation 1 committed',
      'recovered generation 1 (console at byte 9)',
      'tick = 2',
      '.wl.ticker.main',
      result.kernel.sha256,
    ]) {
      expect(plainText).toContain(part);
    }
    const [firstWords] = text.replace(/[\s\S]*<body>/, '').match(/held: [^*<]*/) ?? [''];
    expect(firstWords).toBe('held: 1 power cut; seed 7');
  });
});

describe('HTML', () => {
  test('text of the run is never markup, and nothing comes from elsewhere', () => {
    const html = renderHtml(result);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toContain('<b>test</b>');
    expect(html).toContain('tick &lt;script&gt;');
    expect(html).not.toMatch(/(src|href)=|url\(|https?:/);
  });

  test('every table has heads with a scope and the picture has a name', () => {
    const html = renderHtml(result);
    expect(html.match(/<th(?![^>]*scope=)[ >]/g)).toBeNull();
    expect(html).toMatch(/<svg [^>]*role="img" aria-label="[^"]+"/);
    expect(html).toContain('<html lang="en">');
    expect(html).toContain('prefers-color-scheme: dark');
  });
});
