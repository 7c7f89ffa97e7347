/**
 * Properties that no drawn run is sure to put at stake, each judged once in a campaign by a set-up made for it.
 *
 * The rule: a judgement is a function of set-up and seed, compares the system with itself under what must make no difference (P16, P17) or with what
 * the world did to it (P20, P21), and has a witness only where that was really done: snapshots were committed, garbage was freed, the clock was set
 * back, a disk was shown. For P10, P11, P12, P13, P23 and P25 it is a run like any other, of a plan that is not drawn.
 */
import { type DurableMedium, type Machine, MemoryMedium, type StopReason } from '../hardware-sim/index.js';
import { Heap, heapGraph } from '../model/heap/index.js';
import { type FaultPlan, PLAN_VERSION, type PlannedFault } from '../reports/plan.js';
import { arbitraryGuest, drawn } from './arbitrary.js';
import { lineKind } from './console-oracle.js';
import { readDiskImage } from './disk-image.js';
import { loadMachine } from './load-machine.js';
import { type Probe, ProbeError, readProbe } from './probe.js';
import type { PropertyId } from './properties.js';
import { clockText, mutatorText } from './property-programs.js';
import { bootOnce } from './run.js';
import { INCOMPATIBLE_AT, laterKernel, VERSION_AT } from './scenarios/disks.js';
import { compiled } from './scenarios/program.js';
import { CLOCK_HZ, diskSectors, type ProgramClass, type RunSetup } from './setup.js';

/** Properties judged by a run of a plan that is not drawn; all but P10 only where faults belong to the campaign. */
export const FIXED_PROPERTIES = ['P10', 'P11', 'P12', 'P13', 'P23', 'P25'] as const satisfies readonly PropertyId[];
/** Properties judged on a system of its own; what the workload is matters for P16 alone. */
export const STAGED_PROPERTIES = ['P16', 'P17', 'P20', 'P21'] as const satisfies readonly PropertyId[];
export const TASK_PROPERTIES = [...FIXED_PROPERTIES, ...STAGED_PROPERTIES] as const;
export type TaskProperty = (typeof TASK_PROPERTIES)[number];

/** The workload that a property needs; undefined: any. */
export const NEEDS: Readonly<Partial<Record<TaskProperty, string>>> = { P25: 'text' };

export function isPlanned(property: TaskProperty): property is (typeof FIXED_PROPERTIES)[number] {
  return (FIXED_PROPERTIES as readonly string[]).includes(property);
}

/** One comparison after the other: how many, how many that could have failed, and what was wrong. */
export interface Judgement {
  checked: number;
  witnesses: number;
  readonly problems: string[];
  cycles: number;
}

/** Judges a property of `STAGED_PROPERTIES`. Throws BootError where the system does not get as far as its first commit. */
export function judgeStaged(property: (typeof STAGED_PROPERTIES)[number], setup: RunSetup, seed: number): Judgement {
  const judgement: Judgement = { checked: 0, witnesses: 0, problems: [], cycles: 0 };
  switch (property) {
    case 'P16':
      judgeTransparency(setup, judgement);
      break;
    case 'P17':
      judgeCollection(setup, seed, judgement);
      break;
    case 'P20':
      judgeTime(setup, judgement);
      break;
    case 'P21':
      judgeLaterDisks(setup, seed, judgement);
      break;
  }
  return judgement;
}

/** A machine whose output and announcements are kept. */
class Stage {
  readonly machine: Machine;
  console = '';
  log = '';
  commits = 0;
  /** Lines that were out at the first commit. */
  linesBefore = 0;
  recovered: { readonly generation: number; readonly consolePosition: number } | undefined;
  recoveredAt = 0;
  panic: string | undefined;
  writes = 0;
  private until: () => boolean = () => false;

  /** `cyclesBefore`: how far the battery-backed clock has gone. */
  constructor(setup: RunSetup, medium: DurableMedium, cyclesBefore: number, words = '') {
    this.machine = loadMachine(
      setup,
      medium,
      cyclesBefore,
      {
        onSerial: (port, byte) => {
          if (port === 1) this.console += String.fromCharCode(byte);
          else this.log += String.fromCharCode(byte);
          this.look();
        },
        onProbe: (address, machine) => {
          this.announced(readProbe(address, (at, bytes) => machine.readPhysical(at, bytes)));
          this.look();
        },
        onDiskEvent: ({ kind }) => {
          if (kind === 'write') this.writes++;
        },
      },
      words,
    );
  }

  /** Whole lines printed so far. */
  get lines(): string[] {
    return this.console.split('\n').slice(0, -1);
  }

  /** Runs until `holds`, the machine ends, or so many cycles are over. */
  run(holds: () => boolean, cycles: number): StopReason {
    this.until = holds;
    return this.machine.run({ untilCycle: this.machine.cycles + cycles });
  }

  private look(): void {
    if (this.until()) this.machine.requestStop();
  }

  private announced(probe: Probe): void {
    if (probe.kind === 'commit' && this.commits++ === 0) this.linesBefore = this.lines.length;
    if (probe.kind === 'panic') this.panic = probe.message;
    if (probe.kind === 'recovered') {
      this.recovered = probe;
      this.recoveredAt = this.machine.cycles;
    }
  }
}

/** A stage of the set-up, an announcement that is none being a problem and not an error of the bed. */
function staged(judgement: Judgement, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    judgement.problems.push(error.message);
  }
}

const MAIN = '.t.main';

function classesOf(text: string): ProgramClass[] {
  return [...compiled(text).classes].map(([name, bytes]) => ({ name, bytes }));
}

const blank = (setup: RunSetup): DurableMedium => new MemoryMedium(diskSectors(setup.options));

/** Lines after the first commit that are compared, and how long a program may take for them. */
const LINES_COMPARED = 10;
const LINES_CYCLES = 3 * CLOCK_HZ;
/** The longest interval there is: no snapshot comes in that time. */
const NO_SNAPSHOT_MS = 1_000_000;
/** As often as the disk lets them. */
const SNAPSHOTS_MS = 10;
const COMMITS_WANTED = 3;

/**
 * P16: the program prints the same lines, each kind in its order (`console-oracle.ts`), with snapshots as with none.
 */
function judgeTransparency(setup: RunSetup, judgement: Judgement): void {
  staged(judgement, () => {
    const lived = (snapshotIntervalMs: number, isEnough: (stage: Stage) => boolean): Stage => {
      const stage = new Stage({ ...setup, options: { ...setup.options, snapshotIntervalMs } }, blank(setup), 0);
      const stop = stage.run(() => isEnough(stage), LINES_CYCLES);
      judgement.cycles += stage.machine.cycles;
      stage.machine.dispose();
      if (stage.panic !== undefined) judgement.problems.push(`panic: ${stage.panic}`);
      else if (!['requested', 'cycle', 'exit'].includes(stop.kind))
        judgement.problems.push(`the machine is ${stop.kind}`);
      return stage;
    };
    const often = lived(SNAPSHOTS_MS, ({ lines, commits, linesBefore }) => {
      return commits >= COMMITS_WANTED && lines.length >= linesBefore + LINES_COMPARED;
    });
    const never = lived(NO_SNAPSHOT_MS, ({ lines }) => lines.length >= often.lines.length);
    const snapshotted = byKind(often.lines);
    let compared = 0;
    for (const [kind, expected] of byKind(never.lines)) {
      const found = snapshotted.get(kind) ?? [];
      const both = Math.min(found.length, expected.length);
      compared += both;
      const at = expected.slice(0, both).findIndex((line, i) => line !== found[i]);
      if (at < 0) continue;
      const [one, other] = [found[at], expected[at]].map((line) => JSON.stringify(line));
      judgement.problems.push(`with snapshots it prints ${one}, without ${other}`);
    }
    judgement.checked += compared;
    if (never.commits === 0 && often.commits > 0) judgement.witnesses += Math.max(0, compared - often.linesBefore);
  });
}

function byKind(lines: readonly string[]): Map<string, string[]> {
  const kinds = new Map<string, string[]>();
  for (const line of lines) {
    const kind = lineKind(line);
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, [line]);
    else known.push(line);
  }
  return kinds;
}

const MUTATOR_STEPS = 1500;
const MUTATOR_BALLAST = 1000;
const MUTATOR_CYCLES = 12 * CLOCK_HZ;

/** P17: a program that ends leaves the same graph of objects where garbage is collected all the time as where it never is. */
function judgeCollection(setup: RunSetup, seed: number, judgement: Judgement): void {
  const program = classesOf(mutatorText(1 + (seed % 0x7fff_fffe), MUTATOR_STEPS, MUTATOR_BALLAST));
  const options = { ...setup.options, bootClass: MAIN, ramMiB: 16, persistentMiB: 4, snapshotIntervalMs: 20 };
  staged(judgement, () => {
    const graphs = ['collect.kib=16', 'collect.kib=100000'].map((words) => {
      const stage = new Stage({ ...setup, program, options }, blank(setup), 0, ` ${words}`);
      const stop = stage.run(() => false, MUTATOR_CYCLES);
      judgement.cycles += stage.machine.cycles;
      const ended = stop.kind === 'exit' && stage.panic === undefined;
      const memory = ended ? readDiskImage(stage.machine.cutPower({ survive: 'none' })).memory() : undefined;
      stage.machine.dispose();
      if (memory === undefined)
        judgement.problems.push(`${words}: the program did not end: ${stage.panic ?? stop.kind}`);
      return memory && { graph: heapGraph(memory), freed: new Heap(memory).free.size };
    });
    const [collected, whole] = graphs;
    if (collected === undefined || whole === undefined) return;
    judgement.checked++;
    if (collected.freed > 0) judgement.witnesses++;
    const at = whole.graph.findIndex((line, i) => line !== collected.graph[i]);
    if (at < 0 && collected.graph.length === whole.graph.length) return;
    judgement.problems.push(
      `the graph of objects differs: ${JSON.stringify(collected.graph[at] ?? 'its end')} with collections, ${JSON.stringify(whole.graph[at] ?? 'its end')} without`,
    );
  });
}

const SLEEP_MS = 2000;
/** What a sleep may take longer: two power cuts take back a snapshot's interval each, and naps. */
const SLEEP_MORE_MS = 600;
const HOUR = 3600 * CLOCK_HZ;
const DAY = 24 * HOUR;
const TIMES_TOLD = 5;

/**
 * P20: over two power cuts, with the clock set back by an hour during the first and on by a day during the second, the times a program is told never
 * go back and go on with the clock, and a thread that sleeps wakes once, when its time is over.
 */
function judgeTime(setup: RunSetup, judgement: Judgement): void {
  const program = classesOf(clockText(SLEEP_MS));
  const options = { ...setup.options, bootClass: MAIN, ramMiB: 16, snapshotIntervalMs: 60 };
  const clocked = { ...setup, program, options };
  staged(judgement, () => {
    let medium = blank(setup);
    /** What was printed, what a cut took back left out. */
    let printed = '';
    let slept = 0;
    for (const clock of [HOUR, 0, DAY]) {
      const stage = new Stage(clocked, medium, clock);
      const isLast = clock === DAY;
      let commits = 0;
      const isEnough = (): boolean => {
        if (stage.lines.length < TIMES_TOLD) commits = stage.commits;
        return isLast ? stage.console.includes('woke\n') : stage.commits > commits + 1;
      };
      const stop = stage.run(isEnough, 4 * CLOCK_HZ);
      judgement.cycles += stage.machine.cycles;
      slept += stage.machine.cycles - stage.recoveredAt;
      const { recovered } = stage;
      medium = stage.machine.cutPower({ survive: 'none' });
      stage.machine.dispose();
      judgement.checked++;
      if (recovered === undefined || stop.kind !== 'requested' || !stage.console.includes('time ')) {
        const why = stage.panic ?? `it is ${stop.kind}, and printed ${JSON.stringify(stage.console.slice(-80))}`;
        judgement.problems.push(
          isLast ? `the thread that slept did not wake: ${why}` : `the system did not get through a second: ${why}`,
        );
        return;
      }
      printed = printed.slice(0, recovered.consolePosition) + stage.console;
      if (recovered.generation > 0) judgement.witnesses++;
    }
    const told = [...printed.matchAll(/^time (\d+)$/gm)].map(([, text]) => Number(text));
    const back = told.findIndex((time, i) => i > 0 && time < told[i - 1]);
    if (back > 0) judgement.problems.push(`the time was ${told[back - 1]} and then ${told[back]}`);
    const jump = told[told.length - 1] - told[0];
    if (jump < 22 * 3600)
      judgement.problems.push(`the clock went on by a day, and the program was told of ${jump} seconds`);
    const woke = printed.split('woke\n').length - 1;
    if (woke !== 1) judgement.problems.push(`the thread that slept woke ${woke} times`);
    const ms = Math.round((slept / CLOCK_HZ) * 1000);
    if (ms < SLEEP_MS || ms > SLEEP_MS + SLEEP_MORE_MS)
      judgement.problems.push(`a sleep of ${SLEEP_MS} ms took ${ms} ms with the power on`);
  });
}

/** P21: the disk of the set-up's own system with a later format version, or a feature that this kernel does not know. */
function judgeLaterDisks(setup: RunSetup, seed: number, judgement: Judgement): void {
  const life = bootOnce(setup, 1);
  const disks: readonly (readonly [string, number, number])[] = [
    ['a later format version', VERSION_AT, 3 + (seed % 5)],
    ['an unknown feature', INCOMPATIBLE_AT, 2 ** (seed % 31)],
  ];
  for (const [what, at, value] of disks) {
    staged(judgement, () => {
      const medium = life.machine.medium?.fork();
      if (medium === undefined) throw new Error('property tasks: a machine without a disk');
      laterKernel(medium, at, value);
      const stage = new Stage(setup, medium, life.machine.cycles);
      stage.run(() => stage.recovered !== undefined, 4 * CLOCK_HZ);
      judgement.cycles += stage.machine.cycles;
      judgement.checked++;
      judgement.witnesses++;
      const say = (problem: string): void => {
        judgement.problems.push(`a disk with ${what} (${value}): ${problem}`);
      };
      if (stage.recovered !== undefined) say(`generation ${stage.recovered.generation} was recovered`);
      else if (stage.panic === undefined) say('it was neither refused nor recovered');
      else if (!REFUSED.test(stage.log)) say(`the refusal does not say why: ${stage.panic}`);
      if (stage.writes > 0) say(`${stage.writes} sectors were written`);
      stage.machine.dispose();
    });
  }
  life.machine.dispose();
}

const REFUSED = /newer kernel/;

/** The plan by which a property of `FIXED_PROPERTIES` is judged. */
export function plannedTask(property: (typeof FIXED_PROPERTIES)[number], seed: number): FaultPlan {
  const cuts: FaultPlan['cuts'] = [
    { when: { kind: 'event', event: 'commit', nth: 3, plus: 1000, latest: LATEST }, survivors: { kind: 'none' } },
  ];
  const plan = { version: PLAN_VERSION, seed, cuts } as const;
  if (property === 'P10') {
    const when = { kind: 'event', event: 'disk-read', nth: 1 + (seed % 20), plus: 0, latest: LATEST } as const;
    return { ...plan, cuts: [...cuts, { when, survivors: { kind: 'none' } }] };
  }
  if (property === 'P23') {
    const guest = drawn(arbitraryGuest(), seed, 'guest');
    return { ...plan, programs: [{ ...guest, after: 1 + (seed % 20) }] };
  }
  if (property === 'P25') {
    const when = { kind: 'cycle', cycle: FULL_AT } as const;
    return { ...plan, cuts: [{ ...cuts[0], when }], diskMiB: SMALLEST_DISK_MIB };
  }
  return { ...plan, faults: FAULTS[property]() };
}

/** A program that takes more and more memory has filled the smallest disk by then. */
const SMALLEST_DISK_MIB = 8;
const FULL_AT = 65_000_000;
const LATEST = 300_000_000;
/** A disk keeps at most so many generations, the newest anywhere among their blocks. */
const KEPT = 8;

const powerOn = { kind: 'power-on' } as const;
const records = <T>(make: (nth: number) => T): T[] => Array.from({ length: KEPT }, (_, nth) => make(nth));
/** Of each page that is stored twice some generation or other has a block among the first; the root structure is one of them. */
const wiredPages = <T>(make: (nth: number) => T): T[] => Array.from({ length: 40 }, (_, nth) => make(nth));
const first = (holds: 'record' | 'superblock' | 'wired' | 'free', nth: number) =>
  ({ kind: 'block', holds, nth, copy: 0, sector: 0 }) as const;

/** Faults that recovery, or the first snapshot after it, runs into, and that redundancy covers. */
const FAULTS: Readonly<Record<'P11' | 'P12' | 'P13', () => PlannedFault[]>> = {
  P11: () =>
    [...records((nth) => first('record', nth)), ...wiredPages((nth) => first('wired', nth))].map((target, i) => ({
      boot: 1,
      when: powerOn,
      // Targets come round: another byte each time, or the second flip would mend the first.
      fault: { kind: 'rot', target, offset: 16 + i, mask: 4 },
    })),
  P12: () => [
    ...records(
      (nth): PlannedFault => ({
        boot: 1,
        when: powerOn,
        fault: { kind: 'read-error', target: first('record', nth) },
      }),
    ),
    ...Array.from(
      { length: 20 },
      (_, nth): PlannedFault => ({
        boot: 1,
        when: powerOn,
        fault: { kind: 'write-error', target: first('free', nth) },
      }),
    ),
  ],
  P13: () => [
    {
      boot: 1,
      when: { kind: 'event', event: 'demarcation', nth: 1, plus: 0, latest: LATEST },
      fault: { kind: 'lost-write', target: first('superblock', 0) },
    },
  ],
};
