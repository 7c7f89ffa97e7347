/**
 * `phantom bench snapshot`: what snapshots cost on the simulated machine, all of it counted: how long a demarcation holds programs, how long a fault delays one, what the
 * disk gets for each page dirtied, how often snapshots come and what a program feels of one that writes too much. One kernel image gives one set of
 * figures on any host, and `snapshot.json` beside this file pins them: `small`, which the tests measure again, and `whole`.
 *
 * The kernel is `persist/selftest/bench.ts`: the kernel's own rooms up to `persist`, with kernel threads in place of programs.
 *
 * Rules: everything is read off the machine from outside. A demarcation holds programs from the instruction that switches to the stack of the
 * snapshotter to the one that switches away from it: from the moment when all memory is dirty the machine is stopped after each instruction,
 * and ESP tells whose stack it is. A fault lasts from the probe record before a write to the one after it, less what two records with nothing
 * between them take. Blocks are sectors that the disk was given, by eight, from the first commit to the last.
 */
import { I486_PC, Machine, SECTOR_BYTES } from '../hardware-sim/index.js';
import { BLOCK_BYTES } from '../model/disk-reader.js';

/** File of the bench kernel, in the project. */
export const SNAPSHOT_KERNEL = 'impl/kernel/persist/selftest/bench.ts';

const MIB = 2 ** 20;
const PROBE_DEMARCATION = 3;
const PROBE_COMMIT = 4;
/** Records of the bench kernel. */
const BEGIN = 100;
const END = 101;
const DIRTY = 102;
const DONE = 103;
const CLASSES = { nothing: 0, inMemory: 1, pageIn: 2, memory: 3 } as const;
/** Programs of a DONE record. */
const LIGHT = 1;
const READER = 2;
const ESP = 4;
/** A change of ESP by more than any one instruction makes on one stack is a change of the stack. */
const STACK_SWITCH_BYTES = 1024;
const CYCLES_MAX = 1e13;
const TICKS_PER_SECOND = 250;

/** Bounds, in cycles of the i486 at 66 MHz: what a demarcation may hold programs, how far sizes may differ, what a fault in memory may take. */
export const HELD_MAX = 20_000;
export const HELD_SPREAD_MAX = 5_000;
export const FAULT_MAX = 25_000;
export const BLOCKS_PER_PAGE_MAX = { scattered: 1.1, consecutive: 1.02 } as const;
/** The default interval is 100 ms; a snapshot that is asked for may come between. */
const SNAPSHOTS_MAX = 10.5;
/** What a figure may be worse by. */
export const TOLERANCE = 0.05;

export interface Demarcation {
  readonly mebibytes: number;
  /** Mapped and dirty: all there are. */
  readonly pages: number;
  /** From the last instruction of a program to the first. */
  readonly heldCycles: number;
}

/** Cycles. */
export interface Delays {
  readonly count: number;
  readonly max: number;
  readonly percentile99: number;
}

export interface Faults {
  /** A fault that waited for nothing: what a snapshot adds to it is copies and protection pushed down. */
  readonly inMemory: Delays;
  /** The page came from the disk. */
  readonly pageIn: Delays;
  /** The page was there, and the fault waited for memory. */
  readonly memory: Delays;
}

export interface Amplification {
  readonly pattern: 'scattered' | 'consecutive';
  readonly pagesPerGeneration: number;
  readonly mebibytes: number;
  readonly generations: number;
  readonly pagesDirtied: number;
  readonly blocksWritten: number;
  readonly blocksPerPage: number;
}

/** Of a modest program beside the writer: how often a second it had its turn, and its longest turn in milliseconds. */
export interface Turns {
  readonly perSecond: number;
  readonly longestMs: number;
}

export interface Load {
  /** Pages a second that the writer would dirty if nothing slowed it; null: as many as it can. */
  readonly offered: number | null;
  readonly pagesPerSecond: number;
  readonly snapshotsPerSecond: number;
  /** Writes and reads eight pages of its own. */
  readonly light: Turns;
  /** Reads here and there in as much memory as there is RAM. */
  readonly reader: Turns;
}

export interface SnapshotFigures {
  readonly demarcation: readonly Demarcation[];
  readonly faults: Faults;
  readonly amplification: readonly Amplification[];
  readonly load: readonly Load[];
}

export interface SnapshotReport {
  readonly profile: string;
  readonly timing: 'table';
  readonly small: SnapshotFigures;
  readonly whole: SnapshotFigures;
}

interface Probe {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly cycle: number;
  /** Blocks the disk was given until then. */
  readonly blocks: number;
}

interface Setup {
  readonly kernel: Uint8Array;
  readonly words: string;
  readonly ramMib: number;
  readonly diskMib: number;
  /** Called at each probe record; true: stop. */
  readonly onProbe: (probe: Probe) => boolean;
}

function machineOf({ kernel, words, ramMib, diskMib, onProbe }: Setup): { machine: Machine; log: () => string } {
  let log = '';
  let sectors = 0;
  const machine = new Machine(
    { ramBytes: ramMib * MIB, diskSectors: (diskMib * MIB) / SECTOR_BYTES, profile: I486_PC },
    {
      onSerial: (port, byte) => {
        if (port === 2) log += String.fromCharCode(byte);
      },
      onDiskEvent: ({ kind }) => {
        if (kind === 'write') sectors++;
      },
      onProbe: (address, running) => {
        const view = new DataView(running.readPhysical(address, 16).slice().buffer);
        const [kind, a, b, c] = [0, 4, 8, 12].map((at) => view.getUint32(at, true));
        const blocks = (sectors * SECTOR_BYTES) / BLOCK_BYTES;
        if (onProbe({ kind, a, b, c, cycle: running.cycles, blocks })) running.requestStop();
      },
    },
  );
  machine.loadMultiboot({ image: kernel, commandLine: words, modules: [] });
  return { machine, log: () => log };
}

/** All probe records of a run to its end. */
function probesOf(setup: Omit<Setup, 'onProbe'>, onProgress?: (probe: Probe) => void): Probe[] {
  const probes: Probe[] = [];
  const { machine, log } = machineOf({
    ...setup,
    onProbe: (probe) => {
      probes.push(probe);
      onProgress?.(probe);
      return false;
    },
  });
  const stop = machine.run({ untilCycle: CYCLES_MAX });
  machine.dispose();
  if (stop.kind === 'exit' && stop.status === 1) return probes;
  throw new Error(`the bench kernel (${setup.words}) ended with ${JSON.stringify(stop)}; its log:\n${log()}`);
}

/** What a demarcation of `mebibytes` of dirty memory holds programs. */
function measureDemarcation(kernel: Uint8Array, mebibytes: number): Demarcation {
  let pages = 0;
  let demarcated = false;
  const { machine, log } = machineOf({
    kernel,
    words: `measure=1 persistent.mib=${mebibytes}`,
    // Beside the pages: the index, a state for each page, page tables.
    ramMib: mebibytes + Math.max(16, mebibytes >> 3),
    diskMib: 4 * mebibytes,
    onProbe: ({ kind, a, c }) => {
      if (kind === DIRTY) pages = a;
      if (kind === PROBE_DEMARCATION && pages !== 0) {
        if (c !== pages) throw new Error(`bench: ${c} pages were dirty at the demarcation, expected all ${pages}`);
        demarcated = true;
      }
      return kind === DIRTY;
    },
  });
  let stop = machine.run({ untilCycle: CYCLES_MAX });
  let since = machine.cycles;
  let esp = machine.cpu.registers[ESP];
  for (;;) {
    if (stop.kind === 'exit' || stop.kind === 'cycle') {
      throw new Error(`the bench kernel ended with ${JSON.stringify(stop)} before its snapshot; its log:\n${log()}`);
    }
    stop = machine.run({ untilCycle: CYCLES_MAX, untilInstruction: machine.instructions + 1 });
    const before = esp;
    esp = machine.cpu.registers[ESP];
    if (Math.abs(esp - before) <= STACK_SWITCH_BYTES) continue;
    if (demarcated) break;
    since = machine.cycles;
  }
  const heldCycles = machine.cycles - since;
  machine.dispose();
  return { mebibytes, pages, heldCycles };
}

function delays(cycles: readonly number[]): Delays {
  const sorted = [...cycles].sort((a, b) => a - b);
  if (sorted.length === 0) return { count: 0, max: 0, percentile99: 0 };
  return {
    count: sorted.length,
    max: sorted[sorted.length - 1],
    percentile99: sorted[Math.floor((sorted.length - 1) * 0.99)],
  };
}

interface FaultLoad {
  readonly ramMib: number;
  readonly mebibytes: number;
  readonly pages: number;
  readonly rounds: number;
}

/** Faults of three threads while snapshots and images for the collector follow one another. */
function measureFaults(kernel: Uint8Array, loads: readonly FaultLoad[]): Faults {
  const found: Record<number, number[]> = { 0: [], 1: [], 2: [], 3: [] };
  for (const { ramMib, mebibytes, pages, rounds } of loads) {
    const words = `measure=2 persistent.mib=${mebibytes} pages=${pages} rounds=${rounds}`;
    const began = new Map<number, number>();
    let empty = 0;
    for (const { kind, a, b, cycle } of probesOf({ kernel, words, ramMib, diskMib: 128 })) {
      if (kind === BEGIN) began.set(a, cycle);
      if (kind !== END) continue;
      const lasted = cycle - (began.get(a) ?? Number.NaN);
      if (b === CLASSES.nothing) empty = lasted;
      else found[b].push(lasted - empty);
    }
  }
  return {
    inMemory: delays(found[CLASSES.inMemory]),
    pageIn: delays(found[CLASSES.pageIn]),
    memory: delays(found[CLASSES.memory]),
  };
}

interface AmplificationLoad {
  readonly pattern: Amplification['pattern'];
  readonly pages: number;
  readonly mebibytes: number;
  readonly ramMib: number;
  readonly diskMib: number;
  readonly generations: number;
}

function measureAmplification(
  kernel: Uint8Array,
  { pattern, pages, mebibytes, ramMib, diskMib, generations }: AmplificationLoad,
  onProgress: (text: string) => void,
): Amplification {
  const scattered = pattern === 'scattered' ? 1 : 0;
  // The first commit is where counting begins.
  const words = `measure=3 persistent.mib=${mebibytes} pages=${pages} generations=${generations + 1} scattered=${scattered}`;
  const probes = probesOf({ kernel, words, ramMib, diskMib }, ({ kind, a }) => {
    if (kind === PROBE_COMMIT && a % 10 === 0) onProgress(`${pages} ${pattern} pages: generation ${a}`);
  });
  const commits = probes.filter(({ kind }) => kind === PROBE_COMMIT);
  const first = commits[0];
  const last = commits[commits.length - 1];
  const pagesDirtied = probes
    .filter(({ kind, a }) => kind === PROBE_DEMARCATION && a > first.a && a <= last.a)
    .reduce((sum, { c }) => sum + c, 0);
  const blocksWritten = last.blocks - first.blocks;
  return {
    pattern,
    pagesPerGeneration: pages,
    mebibytes,
    generations: last.a - first.a,
    pagesDirtied,
    blocksWritten,
    blocksPerPage: rounded(blocksWritten / pagesDirtied),
  };
}

const rounded = (value: number, digits = 4): number => Number(value.toFixed(digits));

interface LoadShape {
  /** Pages the writer dirties at once, and ticks it then sleeps; 0 ticks: it never does. 0 pages: there is none. */
  readonly pages: number;
  readonly pause: number;
  readonly ticks: number;
  /** The reader's pages were never written, so it needs no disk. */
  readonly fresh?: true;
}

function measureLoad(kernel: Uint8Array, { pages, pause, ticks, fresh }: LoadShape): Load {
  const words = `measure=4 persistent.mib=64 pages=${pages} pause=${pause} ticks=${ticks} fresh=${fresh ? 1 : 0}`;
  const probes = probesOf({ kernel, words, ramMib: 16, diskMib: 512 });
  const from = probes.findIndex(({ kind }) => kind === BEGIN);
  const to = probes.findIndex(({ kind }) => kind === END);
  const meanwhile = probes.slice(from, to);
  const dirtied = meanwhile.reduce((sum, { kind, c }) => sum + (kind === PROBE_DEMARCATION ? c : 0), 0);
  const seconds = ticks / TICKS_PER_SECOND;
  const turns = (program: number): Turns => {
    const done = probes.find(({ kind, a }) => kind === DONE && a === program);
    if (done === undefined) throw new Error(`bench: program ${program} did not report (${words})`);
    return { perSecond: rounded(done.b / seconds, 1), longestMs: (done.c * 1000) / TICKS_PER_SECOND };
  };
  return {
    offered: pause === 0 && pages !== 0 ? null : pause === 0 ? 0 : (pages * TICKS_PER_SECOND) / pause,
    pagesPerSecond: rounded(dirtied / seconds, 1),
    snapshotsPerSecond: rounded(meanwhile.filter(({ kind }) => kind === PROBE_COMMIT).length / seconds, 2),
    light: turns(LIGHT),
    reader: turns(READER),
  };
}

interface Sizes {
  readonly demarcation: readonly number[];
  readonly faults: readonly FaultLoad[];
  readonly amplification: readonly AmplificationLoad[];
  readonly load: readonly LoadShape[];
}

const SMALL: Sizes = {
  demarcation: [8, 32],
  faults: [
    { ramMib: 16, mebibytes: 8, pages: 1000, rounds: 1000 },
    { ramMib: 4, mebibytes: 8, pages: 1000, rounds: 200 },
  ],
  amplification: [
    { pattern: 'scattered', pages: 250, mebibytes: 16, ramMib: 12, diskMib: 128, generations: 8 },
    { pattern: 'consecutive', pages: 1000, mebibytes: 16, ramMib: 12, diskMib: 128, generations: 4 },
  ],
  load: [{ pages: 0, pause: 0, ticks: 250, fresh: true }],
};

const WHOLE: Sizes = {
  demarcation: [16, 128, 1024],
  faults: [
    { ramMib: 32, mebibytes: 16, pages: 4000, rounds: 20_000 },
    { ramMib: 8, mebibytes: 32, pages: 8000, rounds: 2_000 },
  ],
  amplification: [
    { pattern: 'scattered', pages: 1000, mebibytes: 1024, ramMib: 192, diskMib: 4096, generations: 100 },
    { pattern: 'consecutive', pages: 10_000, mebibytes: 1024, ramMib: 192, diskMib: 4096, generations: 100 },
  ],
  load: [
    { pages: 0, pause: 0, ticks: 5000 },
    { pages: 1, pause: 1, ticks: 5000 },
    { pages: 4, pause: 1, ticks: 5000 },
    { pages: 16, pause: 1, ticks: 5000 },
    { pages: 1000, pause: 0, ticks: 5000 },
  ],
};

function measure(kernel: Uint8Array, sizes: Sizes, onProgress: (text: string) => void): SnapshotFigures {
  const demarcation = sizes.demarcation.map((mebibytes) => {
    onProgress(`demarcation of ${mebibytes} MiB`);
    return measureDemarcation(kernel, mebibytes);
  });
  onProgress('faults');
  const faults = measureFaults(kernel, sizes.faults);
  onProgress('load');
  const load = sizes.load.map((shape) => measureLoad(kernel, shape));
  const amplification = sizes.amplification.map((shape) => measureAmplification(kernel, shape, onProgress));
  return { demarcation, faults, amplification, load };
}

/** The part of it about how often snapshots come. */
export function measureLoadSmall(kernel: Uint8Array): Load {
  return measureLoad(kernel, SMALL.load[0]);
}

/** `kernel`: the bench kernel's image. Throws Error when it does not end in order. Seconds. */
export function measureSnapshotsSmall(kernel: Uint8Array): SnapshotFigures {
  return measure(kernel, SMALL, () => {});
}

/** As `measureSnapshotsSmall`, and at the sizes that the bounds are about: minutes. */
export function measureSnapshots(kernel: Uint8Array, onProgress: (text: string) => void = () => {}): SnapshotReport {
  const small = measureSnapshotsSmall(kernel);
  return { profile: I486_PC.name, timing: 'table', small, whole: measure(kernel, WHOLE, onProgress) };
}

/** What holds whatever the kernel becomes: a line for each figure beyond its bound. */
export function violations({ demarcation, faults, amplification, load }: SnapshotFigures): string[] {
  const held = demarcation.map(({ heldCycles }) => heldCycles);
  const spread = Math.max(...held) - Math.min(...held);
  const lines: string[] = [];
  const demand = (what: string, value: number, most: number): void => {
    if (value > most) lines.push(`${what}: ${value}, at most ${most}`);
  };
  for (const { mebibytes, heldCycles } of demarcation) demand(`${mebibytes} MiB held`, heldCycles, HELD_MAX);
  demand('difference between sizes', spread, HELD_SPREAD_MAX);
  demand('a fault in memory', faults.inMemory.max, FAULT_MAX);
  for (const { pattern, blocksPerPage } of amplification) {
    demand(`blocks a page, ${pattern}`, blocksPerPage, BLOCKS_PER_PAGE_MAX[pattern]);
  }
  for (const { snapshotsPerSecond } of load) demand('snapshots a second', snapshotsPerSecond, SNAPSHOTS_MAX);
  return lines;
}

/** A line for each figure that is worse than the pinned one by more than TOLERANCE; none when all hold. */
export function regressions(pinned: SnapshotFigures, now: SnapshotFigures): string[] {
  const figures = (of: SnapshotFigures): [string, number][] => [
    ...of.demarcation.map((one): [string, number] => [`${one.mebibytes} MiB, cycles held`, one.heldCycles]),
    ['a fault in memory, cycles', of.faults.inMemory.max],
    ...of.amplification.map((one): [string, number] => [
      `${one.pagesPerGeneration} ${one.pattern} pages, blocks a page`,
      one.blocksPerPage,
    ]),
    ...of.load.map((one): [string, number] => [
      `${one.offered ?? 'all'} pages a second, milliseconds a snapshot`,
      rounded(1000 / one.snapshotsPerSecond, 1),
    ]),
  ];
  const after = new Map(figures(now));
  return figures(pinned).flatMap(([name, before]) => {
    const value = after.get(name);
    if (value === undefined) return [`${name}: ${before} is not measured any more`];
    if (value <= before * (1 + TOLERANCE)) return [];
    return [`${name}: ${before} is now ${value}, ${(100 * (value / before - 1)).toFixed(1)} % more`];
  });
}

/** A table for people. */
export function describeSnapshots(report: SnapshotReport): string {
  const of = report.whole;
  const offered = (one: Load): string =>
    one.offered === 0 ? 'no writer' : one.offered === null ? 'as many as it can' : `${one.offered} pages/s`;
  return [
    `snapshots on ${report.profile}, timing ${report.timing}`,
    ...of.demarcation.map(
      (one) => `demarcation of ${one.mebibytes} MiB, all dirty: programs held ${one.heldCycles} cycles`,
    ),
    ...Object.entries(of.faults).map(
      ([name, one]: [string, Delays]) =>
        `fault ${name}: max ${one.max}, 99 % ${one.percentile99} cycles, ${one.count} counted`,
    ),
    ...of.amplification.map(
      (one) =>
        `${one.pagesPerGeneration} ${one.pattern} pages of ${one.mebibytes} MiB, ${one.generations} generations: ` +
        `${one.blocksWritten} blocks for ${one.pagesDirtied} pages, ${one.blocksPerPage} a page`,
    ),
    ...of.load.map(
      (one) =>
        `writer offers ${offered(one)}, gets ${one.pagesPerSecond}: ${one.snapshotsPerSecond} snapshots/s, ` +
        `light program ${one.light.perSecond} turns/s (longest ${one.light.longestMs} ms), ` +
        `reader ${one.reader.perSecond} (${one.reader.longestMs} ms)`,
    ),
  ]
    .map((text) => `${text}\n`)
    .join('');
}
