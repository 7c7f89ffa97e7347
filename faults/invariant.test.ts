// A program's own invariant: when it is declared, what each answer means, that asking leaves no trace, and that it finds what a kernel
// with a seeded defect has done to a program's memory.
import { beforeAll, describe, expect, test } from 'vitest';
import { buildKernel } from '../impl/image/index.js';
import { compile } from '../impl/language/index.js';
import type { PropertyResult, RunResult } from '../reports/schema.js';
import { declaresInvariant } from './invariant.js';
import { runPlan } from './run.js';
import { DEFAULT_OPTIONS, type Kernel, type ProgramClass, type RunSetup } from './setup.js';
import { workload } from './testing/workload.js';

function classes(...sources: string[]): ProgramClass[] {
  const texts = sources.map((text, i) => ({ file: `${i}.ph`, text: `package .t; ${text};` }));
  const { classes: made, diagnostics } = compile(texts);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return made.map(({ name, bytes }) => ({ name, bytes }));
}

let kernel: Kernel;
beforeAll(async () => {
  kernel = await buildKernel();
});

function setupOf(program: ProgramClass[]): RunSetup {
  return { kernel, program, options: { ...DEFAULT_OPTIONS, bootClass: '.t.main' }, disk: 'new', files: ['main.ph'] };
}

function p26({ properties }: RunResult): Pick<PropertyResult, 'checked' | 'failed' | 'witnesses' | 'claimed'> {
  const { checked, failed, witnesses, claimed } = properties.find(({ id }) => id === 'P26') as PropertyResult;
  return { checked, failed, witnesses, claimed };
}

describe('the method counts as the invariant', () => {
  const declares = (...sources: string[]) => declaresInvariant(setupOf(classes(...sources)));

  test('of the boot class, or of a class it extends', () => {
    expect(declares('class main { string invariant() { return null; } }')).toBe(true);
    expect(declares('class base { string invariant() { return null; } }', 'class main extends base { }')).toBe(true);
  });

  test('not with arguments, not of another name or class', () => {
    expect(declares('class main { string invariant( var depth : int ) { return null; } }')).toBe(false);
    expect(declares('class main { string invariants() { return null; } }')).toBe(false);
    expect(declares('class main { }', 'class other { string invariant() { return null; } }')).toBe(false);
  });
});

/** A program that sleeps, with that invariant; its power is cut once, when it has committed. */
function cutOnce(invariant: string, startup = ''): RunResult {
  const body = `class main
  {
      var lock : .internal.mutex;
      void startup( var b : .internal.boot ) [8]
      {
          lock = new .internal.mutex();
          ${startup}
          for( var i : int = 1; 1; i += 1 ) { b.16( "line " + i + "\\n" ); b.sleep( 50 ); }
      }
      ${invariant}
  }`;
  return runPlan(setupOf(classes(body)), {
    version: 2,
    seed: 0,
    cuts: [
      { when: { kind: 'event', event: 'commit', nth: 1, plus: 1000, latest: 60_000_000 }, survivors: { kind: 'all' } },
    ],
  });
}

describe('what the program answers after a recovery', () => {
  test.each([
    ['null', 'string invariant() { return null; }'],
    ['an empty string', 'string invariant() { return ""; }'],
    ['null, once it has the lock', 'string invariant() { lock.lock(); lock.unlock(); return null; }'],
  ])('%s: it holds', (_, invariant) => {
    const result = cutOnce(invariant);
    expect(result.verdict.outcome).toBe('held');
    expect(p26(result)).toEqual({ checked: 1, failed: 0, witnesses: 1, claimed: true });
  });

  test.each([
    ['a string', 'string invariant() { return "three is " + ( 3 + 1 ); }', 'the program says: three is 4'],
    [
      'an exception',
      'string invariant() { throw "cannot tell"; }',
      'method invariant ended by an error: thread 2 ended: uncaught exception cannot tell in .t.main.invariant line ',
    ],
    ['a number', 'int invariant() { return 7; }', 'method invariant gave something that is no string: '],
  ])('%s: it does not', (_, invariant, message) => {
    const result = cutOnce(invariant);
    expect(result.verdict.text).toMatch(/^FAILED: P26 failed: boot 1, /);
    expect(result.findings.map(({ property, boot }) => [property, boot])).toEqual([['P26', 1]]);
    expect(result.findings[0].message.startsWith(message), result.findings[0].message).toBe(true);
  });

  test('nothing, for a lock that never comes free: it does not', () => {
    const { findings } = cutOnce('string invariant() { lock.lock(); return null; }', 'lock.lock();');
    expect(findings.map(({ property, message }) => `${property}: ${message}`)).toEqual([
      'P26: method invariant gave no answer: after 20 s',
    ]);
  });

  test('a text of a hundred and more characters comes whole', () => {
    const text = 'the ring is open at node 4711 '.repeat(7).trim();
    expect(cutOnce(`string invariant() { return "${text}"; }`).findings[0].message).toBe(`the program says: ${text}`);
  });
});

describe('the run', () => {
  test('is the same whether or not it is asked', () => {
    const asked = cutOnce('string invariant() { return null; }');
    const not = cutOnce('string invariand() { return null; }');
    expect(p26(not)).toEqual({ checked: 0, failed: 0, witnesses: 0, claimed: false });
    expect([asked.cycles, asked.events, asked.console]).toEqual([not.cycles, not.events, not.console]);
  });

  test("of a kernel that mixes generations fails by the sum of the bank's accounts", { timeout: 120_000 }, async () => {
    const setup = await workload('demo/bank', { snapshotIntervalMs: 80, defects: ['forgetChangedPages'] });
    for (let nth = 2; nth < 10; nth++) {
      const when = { kind: 'event', event: 'commit', nth, plus: 1000, latest: 200_000_000 } as const;
      const { findings } = runPlan(setup, { version: 2, seed: 0, cuts: [{ when, survivors: { kind: 'all' } }] });
      const own = findings.find(({ property }) => property === 'P26');
      if (own === undefined || !own.message.startsWith('the program says')) continue;
      expect(own.message).toMatch(/^the program says: the accounts hold \d+, not 600000$/);
      return;
    }
    expect.unreachable('the bank noticed nothing in 8 cuts');
  });
});
