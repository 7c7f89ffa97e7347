// Faults of a plan on the real kernel: each begins when and where the plan says, what redundancy covers is survived whole, and of the rest
// nothing is silently wrong.

import { beforeAll, describe, expect, test } from 'vitest';
import type { FaultPlan, FaultTarget, PlannedFault } from '../reports/plan.js';
import type { RunResult } from '../reports/schema.js';
import { arbitraryGuest, drawn } from './arbitrary.js';
import { Atlas } from './atlas.js';
import { bootOnce, runPlan } from './run.js';
import { CLOCK_HZ, type RunSetup } from './setup.js';
import { workload } from './testing/workload.js';

let setup: RunSetup;
let booted: ReturnType<typeof bootOnce>;
beforeAll(async () => {
  setup = await workload('ticker', { snapshotIntervalMs: 60, diskMiB: 64 });
  booted = bootOnce(setup, 2);
});

const block = (holds: Extract<FaultTarget, { kind: 'block' }>['holds'], nth = 0): FaultTarget => ({
  kind: 'block',
  holds,
  nth,
  copy: 0,
  sector: 0,
});
const powerOn = { kind: 'power-on' } as const;

/** One cut, after a commit; then what `faults` say. */
function run(faults: PlannedFault[], more: Partial<FaultPlan> = {}): RunResult {
  const cycle = booted.machine.cycles + 4_000_000;
  const cut = { when: { kind: 'cycle', cycle }, survivors: { kind: 'none' } } as const;
  const plan: FaultPlan = { version: 2, seed: 5, cuts: [cut], faults, ...more };
  const result = runPlan(setup, plan, { startFrom: booted });
  expect(result.findings).toEqual([]);
  return result;
}

const told = ({ events }: RunResult) => events.filter(({ kind }) => kind === 'fault').map(({ detail }) => detail);

describe('what redundancy covers', () => {
  test.each<[string, PlannedFault[], RegExp]>([
    [
      'a record whose first copy rots',
      [{ boot: 1, when: powerOn, fault: { kind: 'rot', target: block('record'), offset: 5, mask: 64 } }],
      /^rot at sector \d+ \(record, block \d+\)$/,
    ],
    [
      'a wired page that cannot be read',
      [{ boot: 1, when: powerOn, fault: { kind: 'read-error', target: block('wired', 2) } }],
      /^read-error at sector \d+ \(wired/,
    ],
    [
      'a page read at the third attempt',
      [{ boot: 1, when: powerOn, fault: { kind: 'read-error', target: block('page', 1), times: 2 } }],
      /^read-error at sector \d+ \(page, block \d+\), 2 times$/,
    ],
    [
      'interrupts that come late',
      [
        {
          boot: 1,
          when: { kind: 'event', event: 'booted', nth: 1, plus: 0, latest: 9_000_000 },
          fault: { kind: 'jitter', seed: 4, most: 200_000 },
        },
      ],
      /^jitter$/,
    ],
    [
      'a flush that fails once',
      [
        {
          boot: 1,
          when: { kind: 'event', event: 'demarcation', nth: 1, plus: 10, latest: 60_000_000 },
          fault: { kind: 'failed-flush', cache: 'dropped', times: 1 },
        },
      ],
      /^failed-flush, 1 times$/,
    ],
    [
      'a drive that is away for a while',
      [
        {
          boot: 1,
          when: { kind: 'event', event: 'recovered', nth: 1, plus: 500_000, latest: 60_000_000 },
          fault: { kind: 'gone', cycles: 20_000_000 },
        },
      ],
      /^gone, for 20000000 cycles$/,
    ],
  ])('%s is survived whole', (_, faults, detail) => {
    const result = run(faults);
    expect(told(result)).toEqual([expect.stringMatching(detail)]);
    expect(result.verdict.text).toMatch(/^held: 1 power cut, each recovered/);
    expect(result.verdict.text).not.toMatch(/silently/);
    expect(result.cuts[0].recovered).toBeGreaterThanOrEqual(result.cuts[0].committed);
  });
});

describe('what the drive does to writes', () => {
  const soon = { kind: 'event', event: 'recovered', nth: 1, plus: 1000, latest: 60_000_000 } as const;
  const copy: FaultTarget = { kind: 'block', holds: 'record', nth: 0, copy: 1, sector: 0 };

  test.each<[string, PlannedFault['fault'], string]>([
    ['an error at the next free block', { kind: 'write-error', target: block('free') }, 'P12'],
    ['a superblock copy that is never written', { kind: 'lost-write', target: block('superblock', 1) }, 'P13'],
    [
      'a superblock copy that lands on that of a record',
      { kind: 'misdirected-write', target: block('superblock', 1), to: copy },
      'P13',
    ],
  ])('%s is met, and survived whole', (_, fault, property) => {
    const result = run([{ boot: 1, when: soon, fault }]);
    expect(result.verdict.text).toMatch(/^held: [^;]*; seed \d+, [^;]*$/);
    expect(result.properties.find(({ id }) => id === property)).toMatchObject({ checked: 1, failed: 0 });
    expect(result.properties.find(({ id }) => id === property)?.witnesses).toBeGreaterThan(0);
  });

  test('a slow disk commits later, and is survived whole', () => {
    const second = ({ events }: RunResult): number =>
      events.filter(({ kind, boot }) => kind === 'commit' && boot === 1)[1].cycle;
    const slow = run([{ boot: 1, when: soon, fault: { kind: 'slow', factor: 8, cycles: 60_000_000 } }]);
    expect(slow.verdict.text).toMatch(/^held: [^;]*; seed \d+, [^;]*$/);
    expect(second(slow)).toBeGreaterThan(second(run([])) + 10_000_000);
  });
});

describe('beyond it', () => {
  test('both copies of the newest record gone: an earlier generation, and it is said', () => {
    const copy = (copy: 0 | 1): PlannedFault => ({
      boot: 1,
      when: powerOn,
      fault: { kind: 'rot', target: { kind: 'block', holds: 'record', nth: 0, copy, sector: 0 }, offset: 40, mask: 1 },
    });
    const result = run([0, 1].map((nth) => copy(nth as 0 | 1)));
    expect(told(result)).toHaveLength(2);
    expect(result.verdict.text).toMatch(/; asked only never to be silently wrong, after both copies of a record/);
  });

  test('a lying drive, and the power cut again', () => {
    const survivors = { kind: 'none' } as const;
    const fourth = { kind: 'event', event: 'commit', nth: 4, plus: 1000, latest: 90_000_000 } as const;
    const cuts = [
      { when: fourth, survivors },
      { when: { kind: 'cycle', cycle: 30_000_000 } as const, survivors },
    ];
    const when = { kind: 'cycle', cycle: booted.machine.cycles + 1 } as const;
    const result = run([{ boot: 0, when, fault: { kind: 'lying-flush' } }], { cuts });
    const [first] = result.cuts;
    // The kernel was told that more was flushed than came back.
    expect(first.recovered).toBeLessThan(first.committed);
    expect(result.verdict.text).toMatch(/^held: 2 power cuts.*a drive that says it has flushed and has not$/);
  });

  test.each<[string, PlannedFault['fault']]>([
    ['misread', { kind: 'misread', target: block('superblock'), offset: 3, mask: 64 }],
    ['read-error', { kind: 'read-error', target: block('superblock') }],
    ['rot', { kind: 'rot', target: block('superblock'), offset: 3, mask: 64 }],
  ])('%s of a superblock of a disk that is still blank: it may be refused', (kind, fault) => {
    const cut = { when: { kind: 'cycle', cycle: 1000 }, survivors: { kind: 'none' } } as const;
    const result = run([{ boot: 1, when: powerOn, fault }], { cuts: [cut] });
    expect(result.events.map(({ kind }) => kind)).not.toContain('recovered');
    expect(result.verdict.text).toMatch(
      new RegExp(`${kind} of a superblock copy before the first commit, block \\d+, and the disk was refused$`),
    );
  });

  test('the same of a disk that is formatted and has no commit', () => {
    const when = { kind: 'event', event: 'recovered', nth: 1, plus: 1000, latest: 40_000_000 } as const;
    const fault = { kind: 'misread', target: { ...block('superblock', 1), copy: 0 }, offset: 3, mask: 64 } as const;
    const result = run([{ boot: 1, when: powerOn, fault }], { cuts: [{ when, survivors: { kind: 'none' } }] });
    expect(result.events.filter(({ kind }) => kind === 'commit')).toEqual([]);
    expect(result.verdict.text).toMatch(
      /misread of a superblock copy before the first commit, block 528, and the disk was refused$/,
    );
  });

  test('one superblock copy of a disk that has others is no reason to refuse it', () => {
    const fault = { kind: 'misread', target: block('superblock'), offset: 3, mask: 64 } as const;
    const result = run([{ boot: 1, when: powerOn, fault }]);
    expect(result.verdict.text).not.toMatch(/asked only/);
    expect(result.events.filter(({ kind }) => kind === 'recovered')).toHaveLength(2);
  });

  test('a drive that spins up when the programs would long run is waited for', () => {
    const result = run([{ boot: 1, when: powerOn, fault: { kind: 'gone', cycles: 2 * CLOCK_HZ } }]);
    expect(result.verdict.text).toMatch(/^held: [^;]*; seed \d+, [^;]*$/);
    expect(result.kernelLog.map(({ text }) => text).join('\n')).toContain('waiting for one to spin up');
  });

  test('an older disk put back is the measure of itself', () => {
    const survivors = { kind: 'all' } as const;
    const first = { kind: 'cycle', cycle: booted.machine.cycles + 2_000_000 } as const;
    const third = { kind: 'event', event: 'commit', nth: 3, plus: 1000, latest: 90_000_000 } as const;
    const result = run([{ boot: 2, when: powerOn, fault: { kind: 'older-disk', cut: 0 } }], {
      cuts: [
        { when: first, survivors },
        { when: third, survivors },
      ],
    });
    const recovered = result.events.filter(({ kind }) => kind === 'recovered').map(({ generation }) => generation ?? 0);
    expect(result.cuts[1].committed).toBeGreaterThan(recovered[1]);
    expect(recovered[2]).toBe(recovered[1]);
    expect(result.verdict.text).toMatch(/the disk of cut 0 put back/);
  });

  test('memory that is not what it was is excused by nothing', () => {
    const atlas = new Atlas();
    atlas.admit({ kind: 'lying-flush' });
    expect([atlas.excuses('P4'), atlas.excuses('P2')]).toEqual([true, false]);
  });
});

describe('beside the disk', () => {
  test('a class of random instructions is started, ends, and leaves the program alone; the plan replays', () => {
    const guest = { ...drawn(arbitraryGuest(), 11, 'programs'), after: 50 };
    const result = run([], { programs: [guest] });
    const ends = result.kernelLog.map(({ text }) => text).filter((text) => /thread \d+ ended/.test(text));
    expect(ends.join('\n')).toMatch(/\.hostile\.guest/);
    expect(result.plan.programs).toEqual([guest]);
    expect(result.options.bootClass).toBe('.wl.ticker.main');
    expect(result.verdict.text).toMatch(/^held: /);
    expect(runPlan(setup, result.plan)).toEqual(result);
  });

  test('interrupts of the timer come late from a boot on; everything holds, and the plan replays', () => {
    const timer = [{ boot: 1, seed: 7, most: 200_000 }];
    const result = run([], { timer });
    const plain = run([]);
    const demarcations = (of: RunResult, boot: number): number[] =>
      of.events.flatMap((one) => (one.kind === 'demarcation' && one.boot === boot ? [one.cycle] : []));
    expect(demarcations(result, 0)).toEqual(demarcations(plain, 0));
    expect(demarcations(result, 1)).not.toEqual(demarcations(plain, 1));
    expect(result.plan.timer).toEqual(timer);
    expect(result.verdict.text).toMatch(/^held: [^;]*; seed \d+, [^;]*$/);
    expect(runPlan(setup, result.plan)).toEqual(result);
  });

  test('P25 a disk that is full keeps its generation, the log says so, programs go on, and after the cut snapshots do', async () => {
    const grows = await workload('text', { snapshotIntervalMs: 60, diskMiB: 64 });
    const cut = { when: { kind: 'cycle', cycle: 65_000_000 }, survivors: { kind: 'none' } } as const;
    const plan: FaultPlan = { version: 2, seed: 0, cuts: [cut], diskMiB: 8 };
    const result = runPlan(grows, plan);
    expect([result.options.diskMiB, result.plan]).toEqual([64, plan]);
    const said = result.kernelLog.filter(({ text }) => text.startsWith('persist: the disk is full: '));
    expect(said.map(({ boot }) => boot)).toEqual([0, 1]);
    const [{ cycle, committed, recovered }] = result.cuts;
    expect(cycle).toBeGreaterThan(said[0].cycle);
    expect(committed).toBeGreaterThan(0);
    expect(recovered).toBe(committed);
    // What was in memory before the cut is gone, and with it the want of space, until the program has taken as much again.
    const later = result.events.filter(
      ({ kind, boot, cycle }) => kind === 'commit' && boot === 1 && cycle < said[1].cycle,
    );
    expect(later.length).toBeGreaterThan(0);
    expect(result.console.filter((line) => line.boot === 1 && line.cycle > said[1].cycle).length).toBeGreaterThan(0);
    expect(result.verdict.text).toMatch(/^held: .*; asked only never .* after a disk that is full, as the log says$/);
    expect(result.properties.find(({ id }) => id === 'P25')).toMatchObject({ failed: 0, witnesses: 2 });
  });

  test('the next boot has less memory', () => {
    const log = run([], { memory: [{ boot: 1, ramMiB: 4 }] }).kernelLog;
    const frames = [0, 1].map(
      (boot) => log.find((line) => line.boot === boot && /memory|MiB|frames/.test(line.text))?.text,
    );
    expect(frames[0]).not.toEqual(frames[1]);
  });
});
