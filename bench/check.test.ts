import { expect, test } from 'vitest';
import { measureCheck } from './check.js';

/** What bench/README.md says a page costs at most, and the instant of the demarcation, in cycles. */
const PAGE_MOST = 115_000;
const DEMARCATION_MOST = 2_000;

test('the check before a commit stays in its budget', async () => {
  const figures = await measureCheck();
  expect(figures).toHaveLength(9);
  for (const { what, cycles } of figures) {
    expect({
      what,
      inBudget: cycles > 0 && cycles <= (what.includes('demarcation') ? DEMARCATION_MOST : PAGE_MOST),
    }).toEqual({
      what,
      inBudget: true,
    });
  }
}, 60_000);
