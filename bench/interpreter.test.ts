import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildKernel } from '../impl/image/index.js';
import { describeInterpreter, type InterpreterReport, measureInterpreter, regressions } from './interpreter.js';

const PINNED: InterpreterReport = JSON.parse(readFileSync(new URL('interpreter.json', import.meta.url), 'utf8'));
/** What an integer bytecode may cost. */
const CYCLES_MAX = 40;

function report(figures: Partial<InterpreterReport['programs'][string]>): InterpreterReport {
  const base = { bytecodes: 1000, pages: 100, cyclesPerBytecode: 20, instructionsPerBytecode: 10 };
  return {
    profile: 'i486-pc',
    timing: 'table',
    programs: { p: { ...base, pagesPerMillionBytecodes: 1e5, originalPagesPerMillionBytecodes: 1e6, ...figures } },
  };
}

test('a regression is more than one percent, and said with both figures', () => {
  expect(regressions(report({}), report({ cyclesPerBytecode: 20.2, pages: 111 }))).toEqual([]);
  expect(regressions(report({}), report({ cyclesPerBytecode: 15 }))).toEqual([]);
  expect(regressions(report({}), report({ cyclesPerBytecode: 20.3, pages: 112 }))).toEqual([
    'p pages: 100 is now 112, 12.0 % more',
    'p cyclesPerBytecode: 20 is now 20.3, 1.5 % more',
  ]);
  expect(regressions(report({ cyclesPerCall: 5 }), report({}))).toEqual([
    'p cyclesPerCall: 5 is not measured any more',
  ]);
});

test('the interpreter costs no more than what is pinned, and an integer bytecode at most 40 cycles', async () => {
  const { elf } = await buildKernel();
  const now = measureInterpreter(elf);
  // After a change that is worth its cost: `npx phantom bench interpreter --json > bench/interpreter.json`.
  expect(regressions(PINNED, now)).toEqual([]);
  expect(now.programs.intloop.cyclesPerBytecode).toBeLessThanOrEqual(CYCLES_MAX);
  // 13 bytecodes a repetition (the loop in ga.bench.intloop.main.lstc), 100,000 repetitions between the two runs.
  expect(now.programs.intloop.bytecodes).toBe(1_300_000);
  expect(describeInterpreter(now, 66e6)).toMatch(/^intloop .* 64\.0$/m);
}, 120_000);
