// Each judgement that is no drawn run: what it says of the kernel as it is, and of one with a defect that breaks its property.
import { describe, expect, test, vi } from 'vitest';
import { FIXED_PROPERTIES, NEEDS, STAGED_PROPERTIES, type TaskProperty } from './property-tasks.js';
import { compiled } from './scenarios/program.js';
import { SeedRunner } from './seed-run.js';
import type { RunSetup } from './setup.js';
import { workload } from './testing/workload.js';

// The first that asks for it waits for the kernel to be built.
vi.setConfig({ testTimeout: 120_000 });

/** How often it was judged, failed and at stake, and what was said first. */
async function judged(property: TaskProperty, name: string, defects: readonly string[] = [], text = '') {
  const known = await workload(name, {
    snapshotIntervalMs: 60,
    diskMiB: 64,
    defects,
  });
  const setup = text === '' ? known : ownProgram(known, text);
  const runner = new SeedRunner(new Map([[name, setup]]), {
    shape: 'everything',
    cuts: 1,
    states: 1,
    recoverOneIn: 0,
    trace: false,
  });
  const task = { index: 0, seed: 1, variation: 0, workload: name, exhaustive: false, property };
  const { tallies, failures } = runner.run(task);
  runner.dispose();
  const { checked, failed, witnesses } = tallies[property] ?? { checked: 0, failed: 0, witnesses: 0 };
  return { checked, failed, witnesses, said: failures[0]?.message };
}

function ownProgram(setup: RunSetup, text: string): RunSetup {
  const { classes, bootClass } = compiled(text);
  const program = [...classes].map(([name, bytes]) => ({ name, bytes }));
  return { ...setup, program, options: { ...setup.options, bootClass } };
}

/** How many milliseconds the machine has run, again and again: what programs should not print. */
const TELLS_THE_TIME = `class main {
  void startup( var b ) [8] {
    var boot : .internal.boot = b;
    var counters : .internal.stat = new .internal.stat();
    while( 1 ) {
      for( var i : int = 0; i < 1500; i += 1 ) {}
      boot.16( "ran " + counters.16( 6, 0 ) + "\\n" );
    }
  }
};`;

test('P16 lines that depend on what snapshots cost are told apart', async () => {
  const { failed, said } = await judged('P16', 'ring', [], TELLS_THE_TIME);
  expect(failed).toBeGreaterThan(0);
  expect(said).toMatch(/^with snapshots it prints "ran \d+", without "ran \d+"$/);
});

describe('the kernel as it is', () => {
  test.each([...FIXED_PROPERTIES, ...STAGED_PROPERTIES])('%s holds, and was at stake', async (property) => {
    const { checked, failed, witnesses, said } = await judged(property, NEEDS[property] ?? 'ring');
    expect({ failed, said }).toEqual({ failed: 0, said: undefined });
    expect(checked).toBeGreaterThan(0);
    expect(witnesses).toBeGreaterThan(0);
  });
});

describe('a defect', () => {
  test.each<[TaskProperty, string, string, RegExp]>([
    ['P11', 'trustWhatIsRead', 'ring', /persistent page|pages on the disk|./],
    ['P12', 'noSecondCopy', 'ring', /kernel panic: persist: no generation to go on from/],
    ['P17', 'forgetCopiedPages', 'ring', /collect.kib=16|the graph of objects differs/],
    ['P20', 'clockGoesBack', 'ring', /the time was \d+ and then \d+/],
    ['P21', 'ignoreVersion', 'ring', /a later format version \(\d\): generation \d+ was recovered/],
  ])('%s is broken by %s', async (property, defect, name, says) => {
    const { failed, said } = await judged(property, name, [defect]);
    expect(failed).toBeGreaterThan(0);
    expect(said).toMatch(says);
  });
});
