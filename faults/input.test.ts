// What is typed at the console: it reaches the program, it is in the plan of the result and so comes again, it is lost with the power
// when nobody has read it, and the output is judged knowing of it.
import { beforeAll, describe, expect, test } from 'vitest';
import { MemoryMedium } from '../hardware-sim/index.js';
import { buildKernel } from '../impl/image/index.js';
import { compile } from '../impl/language/index.js';
import type { FaultPlan, RunResult } from '../reports/index.js';
import { planSchema } from '../reports/index.js';
import { ConsoleOracle } from './console-oracle.js';
import { type Operator, runPlan } from './run.js';
import { DEFAULT_OPTIONS, diskSectors, type RunSetup } from './setup.js';

/** Says each key it gets, and how many there were. */
const ECHO = `package .t;
class main
{
    void startup( var boot ) [8]
    {
        var tty : .internal.io.tty = new .internal.io.tty();
        var read : int = 0;
        while( 1 ) {
            var key : string = tty.getwc();
            read += 1;
            boot.16( "key " + read + " is " + key.charAt( 0 ) + "\\n" );
        }
    }
};`;

let setup: RunSetup;
beforeAll(async () => {
  const { classes } = compile([{ file: 'echo.ph', text: ECHO }]);
  setup = {
    kernel: await buildKernel(),
    program: classes.map(({ name, bytes }) => ({ name, bytes })),
    options: { ...DEFAULT_OPTIONS, bootClass: '.t.main', maxCycles: 80_000_000 },
    disk: 'new',
    files: ['echo.ph'],
  };
});

const keys = (text: string): number[] => [...Buffer.from(text)];
const plan = (rest: Partial<FaultPlan>): FaultPlan => ({ version: 2, seed: 0, cuts: [], ...rest });
const cutAt = (cycle: number) => ({ when: { kind: 'cycle', cycle }, survivors: { kind: 'all' } }) as const;
const lines = ({ console }: RunResult): string[] => console.map(({ text }) => text);

describe('input of the plan', () => {
  test('is typed at its cycle, in whatever boot that is', () => {
    const result = runPlan(
      setup,
      plan({
        cuts: [cutAt(30_000_000)],
        open: true,
        input: [
          { at: 12_000_000, bytes: keys('ab') },
          { at: 50_000_000, bytes: keys('c') },
        ],
      }),
    );
    expect(result.verdict.outcome).toBe('stopped');
    expect(lines(result)).toEqual(['key 1 is 97', 'key 2 is 98', 'key 3 is 99']);
    expect(result.events.filter(({ kind }) => kind === 'typed').map(({ boot, detail }) => [boot, detail])).toEqual([
      [0, '"ab"'],
      [1, '"c"'],
    ]);
    expect(result.events.find(({ kind }) => kind === 'typed')?.cycle).toBeLessThan(12_000_100);
    expect(result.repeat).toBe('npx phantom replay run-0.json');
  });

  test('that came before anybody could listen, or was not read when the power went, is lost', () => {
    const result = runPlan(
      setup,
      plan({
        cuts: [cutAt(30_000_000)],
        open: true,
        input: [
          { at: 1, bytes: keys('x') },
          // A byte takes 5,730 cycles on the line: this one never arrives.
          { at: 29_999_000, bytes: keys('y') },
          { at: 60_000_000, bytes: keys('z') },
        ],
      }),
    );
    expect(lines(result)).toEqual(['key 1 is 122']);
  });

  test('in a wrong order, or of bytes that are none, is no plan', () => {
    const wrong = [
      plan({
        input: [
          { at: 5, bytes: [1] },
          { at: 4, bytes: [1] },
        ],
      }),
      plan({ input: [{ at: 5, bytes: [256] }] }),
      plan({ input: [{ at: 0, bytes: [1] }] }),
      plan({ input: [{ at: 5, bytes: [] }] }),
    ];
    for (const one of wrong) expect(planSchema.safeParse(one).success, JSON.stringify(one)).toBe(false);
    expect(
      planSchema.safeParse(
        plan({
          input: [
            { at: 4, bytes: [1] },
            { at: 4, bytes: [255] },
          ],
        }),
      ).success,
    ).toBe(true);
  });
});

/** Types and pulls the plug at the given looks. */
function operator(typing: Record<number, string>, plugs: readonly number[]): Operator {
  let looks = 0;
  return {
    typed: () => keys(typing[looks++] ?? ''),
    plugPulled: () => plugs.includes(looks),
  };
}

describe('who sits at the machine', () => {
  test('types and pulls the plug, and the result replays without them', () => {
    const result = runPlan(setup, plan({}), { operator: operator({ 32: 'a', 56: 'bc', 120: 'd' }, [80]) });
    expect(lines(result)).toEqual(['key 1 is 97', 'key 2 is 98', 'key 3 is 99', 'key 4 is 100']);
    expect(result.plan.input?.map(({ bytes }) => bytes)).toEqual([keys('a'), keys('bc'), keys('d')]);
    expect(result.plan.cuts).toHaveLength(1);
    expect(result.cuts.map(({ boot, recovered }) => [boot, recovered !== null])).toEqual([[0, true]]);
    expect(result.verdict.text).toMatch(/^stopped: nothing failed in 1 power cut of 1; /);
    expect(runPlan({ ...setup, options: result.options }, planSchema.parse(result.plan))).toEqual(result);
  });

  test('ends the run with the plug of a disk that outlives it', () => {
    const medium = new MemoryMedium(diskSectors(setup.options));
    const result = runPlan({ ...setup, disk: 'file', diskFile: 'x.img' }, plan({}), {
      medium,
      operator: operator({}, [9]),
    });
    expect(result.verdict.outcome).toBe('stopped');
    expect([result.plan.cuts, result.cuts, result.boots]).toEqual([[], [], 1]);
    expect(result.cycles).toBeLessThan(40_000_000);
  });

  test('may do nothing: the run is that of the plan, gone on', () => {
    const result = runPlan(setup, plan({}), { operator: operator({}, []) });
    expect(result.plan).toEqual(plan({ open: true }));
    expect(result.cycles).toBeGreaterThanOrEqual(80_000_000);
  });
});

describe('P19 with input', () => {
  const print = (oracle: ConsoleOracle, text: string): void => {
    for (const byte of Buffer.from(text)) oracle.byte(byte);
  };

  test('a key that was lost may be another the second time', () => {
    const result = runPlan(
      setup,
      plan({
        cuts: [cutAt(17_600_000)],
        open: true,
        input: [
          { at: 17_000_000, bytes: keys('a') },
          { at: 60_000_000, bytes: keys('b') },
        ],
      }),
    );
    expect(lines(result)).toEqual(['key 1 is 97', 'key 1 is 98']);
    expect(result.findings).toEqual([]);
  });

  test('what came before the input is still expected again', () => {
    const oracle = new ConsoleOracle();
    print(oracle, 'line 1\nline 2\n');
    oracle.recovered(0);
    print(oracle, 'line 1\n');
    oracle.recovered(0);
    print(oracle, 'line 8\n');
    expect(oracle.takeProblems()).toEqual(['expected the line "line 1" again, found "line 8"']);
  });

  test('what came after it is not, in this life or the next', () => {
    const oracle = new ConsoleOracle();
    print(oracle, 'line 1\nline 2\nline 3\n');
    oracle.recovered(7);
    oracle.typed();
    print(oracle, 'line 7\n');
    oracle.recovered(7);
    print(oracle, 'line 9\n');
    expect(oracle.takeProblems()).toEqual([]);
    oracle.recovered(7);
    print(oracle, 'line 6\n');
    expect(oracle.takeProblems()).toEqual(['expected the line "line 9" again, found "line 6"']);
  });
});
