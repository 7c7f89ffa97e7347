// The words of a verdict: they claim no more than what was judged.
import { describe, expect, test } from 'vitest';
import type { CutResult } from '../reports/schema.js';
import { planCommand, repeatCommand, shellWord } from './command.js';
import { Evidence } from './evidence.js';
import { DEFAULT_OPTIONS, type RunSetup } from './setup.js';
import { type Ending, summarise } from './verdict.js';

const setup: RunSetup = {
  kernel: { elf: new Uint8Array(), sha256: '0'.repeat(64), defects: [] },
  program: [{ name: '.t.main', bytes: new Uint8Array() }],
  options: { ...DEFAULT_OPTIONS, bootClass: '.t.main' },
  disk: 'new',
  files: [],
};
const plan = { version: 2 as const, seed: 7, cuts: [] };

function cut(recovered: number): CutResult {
  const nothing = { boot: 0, cycle: 1, totalCycle: 1, unflushed: 0, survived: 0, duringRecovery: false };
  return { ...nothing, demarcated: recovered, committed: recovered, recovered };
}

/** The verdict on lives that came up as these generations and went on. */
function verdict(generations: readonly number[], change: Partial<RunSetup> = {}, ending: Ending = 'settled'): string {
  const evidence = new Evidence();
  for (const generation of generations) evidence.cuts.push(cut(generation));
  for (const id of ['P1', 'P2', 'P14'] as const) {
    evidence.ledger.checked(id);
    evidence.ledger.witness(id);
  }
  return summarise({ ...setup, ...change }, plan, evidence, generations.length + 1, ending).verdict.text;
}

describe('the verdict', () => {
  test('cuts that came before there was anything to recover are counted apart', () => {
    expect(verdict([2, 3])).toMatch(/^held: 2 power cuts, each recovered to one instant it had really been at \(/);
    expect(verdict([0, 0, 3])).toMatch(
      /^held: 3 power cuts, 1 recovered to one instant .*, 2 before anything was committed \(/,
    );
    expect(verdict([0])).toMatch(/^held: 1 power cut, before anything was committed/);
    expect(verdict([0, 0])).not.toContain('recovered to');
  });

  test('a system that was on the disk is not called the program that was given', () => {
    expect(verdict([], {}, 'finished')).toMatch(/^finished: the programs ended without a power cut/);
    expect(verdict([], { disk: 'continued' }, 'finished')).toMatch(
      /^finished: the programs of the system on the disk have/,
    );
  });
});

describe('the command that repeats a run', () => {
  test('is made from what the run was', () => {
    expect(repeatCommand(setup, plan)).toBe('npx phantom run --seed 7 --cuts 0');
    const options = { ...setup.options, maxCycles: 9, ramMiB: 8, snapshotIntervalMs: 60 };
    const kernel = { ...setup.kernel, defects: ['commitWithoutFlush'] };
    expect(repeatCommand({ ...setup, options, kernel, files: ["it's.pc", '-x.pc'] }, plan)).toBe(
      `npx phantom run 'it'\\''s.pc' ./-x.pc --boot-class .t.main --seed 7 --cuts 0 --max-cycles 9 --ram 8 ` +
        '--snapshot-interval 60 --defect commitWithoutFlush',
    );
  });

  test('of a disk file goes on with it', () => {
    const disk = { diskFile: 'my.img', files: ['my.pc'] };
    expect(repeatCommand({ ...setup, ...disk, disk: 'file' }, plan)).toBe(
      'npx phantom run my.pc --boot-class .t.main --disk my.img',
    );
    expect(repeatCommand({ ...setup, ...disk, disk: 'continued' }, plan)).toBe('npx phantom run my.pc --disk my.img');
  });

  test('has the plan in it where no report is; none where it could not say all, or is too long to paste', () => {
    const options = { ...setup.options, ramMiB: 8 };
    expect(planCommand({ ...setup, options, files: ['my.ph'] }, plan)).toBe(
      `npx phantom run my.ph --boot-class .t.main --plan '${JSON.stringify(plan)}' --ram 8`,
    );
    expect(planCommand({ ...setup, disk: 'file', diskFile: 'my.img' }, plan)).toBeUndefined();
    for (const change of [{ diskMiB: 8 }, { persistentMiB: 1 }, { generation: 3 }]) {
      expect(planCommand({ ...setup, options: { ...setup.options, ...change } }, plan)).toBeUndefined();
    }
    const input = [{ at: 5, bytes: Array.from({ length: 2000 }, () => 65) }];
    expect(planCommand(setup, { ...plan, input })).toBeUndefined();
  });

  test('quotes what a shell would take apart', () => {
    expect(['a/b-c.pc', 'a b', '$(x)', ''].map(shellWord)).toEqual(['a/b-c.pc', "'a b'", "'$(x)'", "''"]);
  });
});
