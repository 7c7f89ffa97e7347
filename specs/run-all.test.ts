// What the table of all specifications calls wrong.
import { expect, it } from 'vitest';
import { fails, holds } from './run-all.js';
import { checkSpecification, neverTaken, SPECIFICATIONS } from './suite.js';
import { type CheckResult, checkTexts } from './tla-ts/index.js';

function check(invariant: string): CheckResult {
  const module =
    "---- MODULE M ----\nVARIABLE x\nInit == x = 0\nNext == x' = 1 - x\nZero == x = 0\nNumber == x \\in {0, 1}\n====\n";
  const withMinus = module.replace('VARIABLE', 'EXTENDS Integers\nVARIABLE');
  return checkTexts({ module: withMinus, config: `INIT Init\nNEXT Next\nINVARIANT ${invariant}\n` });
}

it('a specification that must hold and does not', () => {
  expect(holds('M', 'says', check('Number'))).toMatchObject({ verdict: 'holds', asExpected: true, distinct: 2 });
  expect(holds('M', 'says', check('Zero'))).toMatchObject({
    verdict: 'must hold, but: violates Zero',
    asExpected: false,
  });
  expect(holds('M', 'says', check('Zer'))).toMatchObject({
    asExpected: false,
    verdict: expect.stringContaining('Did you mean Zero?'),
  });
});

it('a mutant that does not violate what it must', () => {
  expect(fails('M', 'says', 'Zero', check('Zero'))).toMatchObject({ verdict: 'violates Zero', asExpected: true });
  expect(fails('M', 'says', 'Number', check('Number'))).toMatchObject({
    verdict: 'must be one that violates Number, but: holds',
    asExpected: false,
  });
});

it('actions that a configuration never takes are named', () => {
  const restart = SPECIFICATIONS.find(({ name }) => name === 'Restart');
  const lock = restart?.configurations.find(({ name }) => name === 'RestartLock');
  if (restart === undefined || lock === undefined) throw new Error('Restart has no configuration RestartLock');
  const names = neverTaken([checkSpecification(restart, lock)]).map((place) => place.split(' ')[0]);
  expect(names).toEqual(['Open', 'Close', 'Call', 'Answer', 'Throw', 'RestartMethod']);
});
