/**
 * What the interpreter costs on the simulated machine: cycles, instructions and pages dirtied for each bytecode, call and new object of
 * the four benchmark programs of the golden suite. All of it is counted, nothing timed: one kernel image gives one set of figures on any
 * host, and `interpreter.json` beside this file pins them.
 *
 * Rule: each figure is the difference of two runs of the same program that differ in the number of repetitions alone, so start-up and
 * end fall out. Cycles and instructions are read when the first byte of output has left the line, in a run without snapshots; pages
 * dirtied are those that the demarcations of a run with snapshots every 100 ms announce (probe record 3). Bytecodes are counted by the
 * reference machine (`model/vm`); an instruction and its type prefix are one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { I486_PC, Machine } from '../hardware-sim/index.js';
import { makeBundle } from '../impl/image/index.js';
import { Machine as ReferenceMachine } from '../model/vm/index.js';
import { OriginalLayout } from './original-layout.js';

const GOLDEN = fileURLToPath(new URL('../fixtures/golden/', import.meta.url));
const SNAPSHOT_MS = 100;
/** Longer than any run. */
const NO_SNAPSHOT_MS = 1_000_000;
const CYCLES_MAX = 2_000_000_000;
const MIB = 2 ** 20;
const DEMARCATION = 3;
const ICONST_32 = 0x23;
/** What a figure may be worse by. */
export const TOLERANCE = 0.01;
/** Pages more that are no regression: a snapshot that falls on another instant finds a few more or fewer dirty. */
const PAGES_SLACK = 10;

export interface Benchmark {
  readonly name: string;
  /** Repetitions that the class file asks for: the operand of one iconst_32bit, which a shorter run replaces. */
  readonly repetitions: number;
  /** Repetitions of the two runs. */
  readonly few: number;
  readonly many: number;
  /** Calls of methods in bytecode, and objects made by `new`, in one repetition: read off the source. */
  readonly calls: number;
  readonly objects: number;
  /** The original's published rate (phantom-os reference, 10.5), million bytecodes/s on a 2020s host: hosted, as shipped. */
  readonly original?: number;
}

export const BENCHMARKS: readonly Benchmark[] = [
  { name: 'intloop', repetitions: 20_000_000, few: 20_000, many: 120_000, calls: 0, objects: 0, original: 64 },
  { name: 'fieldloop', repetitions: 3_000_000, few: 20_000, many: 80_000, calls: 0, objects: 0, original: 37 },
  { name: 'callloop', repetitions: 1_000_000, few: 4_000, many: 24_000, calls: 1, objects: 0, original: 16.5 },
  // A repetition makes a head and 99 more cells: constructor and set for each, and one get.
  { name: 'listchurn', repetitions: 3000, few: 10, many: 90, calls: 201, objects: 100 },
];

/** Of one program. Those for calls and objects only where it has any. */
export interface Figures {
  /** What the others were divided from: bytecodes executed, pages dirtied. */
  readonly bytecodes: number;
  readonly pages: number;
  readonly cyclesPerBytecode: number;
  readonly instructionsPerBytecode: number;
  readonly pagesPerMillionBytecodes: number;
  /** What the original would dirty in the same execution (`original-layout.ts`), with as many bytecodes between two snapshots. */
  readonly originalPagesPerMillionBytecodes: number;
  readonly cyclesPerCall?: number;
  readonly instructionsPerCall?: number;
  readonly pagesPerThousandCalls?: number;
  readonly cyclesPerObject?: number;
  readonly instructionsPerObject?: number;
  readonly pagesPerThousandObjects?: number;
}

export interface InterpreterReport {
  readonly profile: string;
  readonly timing: 'table';
  readonly programs: Readonly<Record<string, Figures>>;
}

/** The program's class files, its loop cut to `wanted` repetitions. */
export function classesOf({ name, repetitions }: Benchmark, wanted: number): Map<string, Uint8Array> {
  const folder = `${GOLDEN}bench_${name}/`;
  const classes = new Map<string, Uint8Array>();
  for (const file of readdirSync(folder).filter((entry) => entry.endsWith('.pc'))) {
    const bytes = new Uint8Array(readFileSync(`${folder}${file}`));
    const view = new DataView(bytes.buffer);
    if (file.endsWith('.main.pc')) {
      const places = [...bytes.keys()].filter(
        (at) => bytes[at] === ICONST_32 && at + 5 <= bytes.length && view.getUint32(at + 1) === repetitions,
      );
      if (places.length !== 1)
        throw new Error(`${file}: expected one iconst_32bit ${repetitions}, found ${places.length}`);
      view.setUint32(places[0] + 1, wanted);
    }
    classes.set(`.${file.slice(0, -'.pc'.length)}`, bytes);
  }
  return classes;
}

interface Counts {
  readonly bytecodes: number;
  readonly cycles: number;
  readonly instructions: number;
  readonly pages: number;
}

/** One run to its end: when its first byte was out, and the pages its demarcations announced. `words`: of the command line, besides. */
export function simulate(
  kernel: Uint8Array,
  classes: ReadonlyMap<string, Uint8Array>,
  bootClass: string,
  snapshotMs: number,
  words = '',
): { readonly cycles: number; readonly instructions: number; readonly pages: number } {
  let first: { readonly cycles: number; readonly instructions: number } | undefined;
  let pages = 0;
  const machine = new Machine(
    { ramBytes: 32 * MIB, diskSectors: (64 * MIB) / 512, profile: I486_PC },
    {
      onSerial: (port) => {
        if (port === 1) first ??= { cycles: machine.cycles, instructions: machine.instructions };
      },
      onProbe: (address) => {
        const view = new DataView(machine.readPhysical(address, 16).buffer);
        if (view.getUint32(0, true) === DEMARCATION) pages += view.getUint32(12, true);
      },
    },
  );
  const bundle = makeBundle([...classes].map(([name, bytes]) => ({ name, bytes })));
  machine.loadMultiboot({
    image: kernel,
    commandLine: `root.boot=${bootClass} snapshot.interval=${snapshotMs} ${words}`,
    modules: [{ bytes: bundle, commandLine: 'classes' }],
  });
  const stop = machine.run({ untilCycle: CYCLES_MAX });
  machine.dispose();
  if (stop.kind !== 'exit' || first === undefined) {
    throw new Error(`${bootClass} did not end in order within ${CYCLES_MAX} cycles: ${JSON.stringify(stop)}`);
  }
  return { ...first, pages };
}

function count(kernel: Uint8Array, benchmark: Benchmark, repetitions: number): Counts {
  const classes = classesOf(benchmark, repetitions);
  const bootClass = `.ga.bench.${benchmark.name}.main`;
  const reference = new ReferenceMachine({ classes, bootClass });
  reference.run();
  const { cycles, instructions } = simulate(kernel, classes, bootClass, NO_SNAPSHOT_MS);
  const { pages } = simulate(kernel, classes, bootClass, SNAPSHOT_MS);
  return { bytecodes: reference.instructions, cycles, instructions, pages };
}

/** Pages that the original would dirty, with a demarcation after every `interval` bytecodes. */
function countOriginal(benchmark: Benchmark, repetitions: number, interval: number): number {
  const layout = new OriginalLayout(interval);
  const options = { classes: classesOf(benchmark, repetitions), bootClass: `.ga.bench.${benchmark.name}.main` };
  new ReferenceMachine({ ...options, observe: layout.observe }).run();
  return layout.pages;
}

const rounded = (value: number): number => Number(value.toFixed(3));

function measure(kernel: Uint8Array, benchmark: Benchmark): Figures {
  const few = count(kernel, benchmark, benchmark.few);
  const many = count(kernel, benchmark, benchmark.many);
  const repetitions = benchmark.many - benchmark.few;
  const cycles = many.cycles - few.cycles;
  const instructions = many.instructions - few.instructions;
  const pages = many.pages - few.pages;
  const bytecodes = many.bytecodes - few.bytecodes;
  const interval = Math.round(((I486_PC.cpu.clockHz / 1000) * SNAPSHOT_MS) / (cycles / bytecodes));
  const original =
    countOriginal(benchmark, benchmark.many, interval) - countOriginal(benchmark, benchmark.few, interval);
  const calls = benchmark.calls * repetitions;
  const objects = benchmark.objects * repetitions;
  return {
    bytecodes,
    pages,
    cyclesPerBytecode: rounded(cycles / bytecodes),
    instructionsPerBytecode: rounded(instructions / bytecodes),
    pagesPerMillionBytecodes: rounded((pages / bytecodes) * 1e6),
    originalPagesPerMillionBytecodes: rounded((original / bytecodes) * 1e6),
    ...(calls > 0 && {
      cyclesPerCall: rounded(cycles / calls),
      instructionsPerCall: rounded(instructions / calls),
      pagesPerThousandCalls: rounded((pages / calls) * 1e3),
    }),
    ...(objects > 0 && {
      cyclesPerObject: rounded(cycles / objects),
      instructionsPerObject: rounded(instructions / objects),
      pagesPerThousandObjects: rounded((pages / objects) * 1e3),
    }),
  };
}

/** `kernel`: a multiboot image. Throws Error when a program does not end in order. */
export function measureInterpreter(kernel: Uint8Array): InterpreterReport {
  const programs = BENCHMARKS.map((benchmark) => [benchmark.name, measure(kernel, benchmark)] as const);
  return { profile: I486_PC.name, timing: 'table', programs: Object.fromEntries(programs) };
}

/** A line for each figure that is worse than the pinned one by more than TOLERANCE; none when all hold. */
export function regressions(pinned: InterpreterReport, now: InterpreterReport): string[] {
  return Object.entries(pinned.programs).flatMap(([program, figures]) => {
    const compared = Object.entries(figures).filter(([figure]) => !/^bytecodes|^pagesPer|^original/.test(figure));
    return compared.flatMap(([figure, before]) => {
      const after = now.programs[program]?.[figure as keyof Figures];
      if (after === undefined) return [`${program} ${figure}: ${before} is not measured any more`];
      if (after <= before * (1 + TOLERANCE) + (figure === 'pages' ? PAGES_SLACK : 0)) return [];
      return [`${program} ${figure}: ${before} is now ${after}, ${(100 * (after / before - 1)).toFixed(1)} % more`];
    });
  });
}

/** A table for people. */
export function describeInterpreter(report: InterpreterReport, hertz: number): string {
  const cell = (value: number | undefined, digits = 1): string => (value === undefined ? '-' : value.toFixed(digits));
  const rows = BENCHMARKS.flatMap(({ name, original }) => {
    const figures = report.programs[name];
    if (figures === undefined) return [];
    const rate = hertz / figures.cyclesPerBytecode / 1e6;
    return [
      [
        name,
        cell(figures.cyclesPerBytecode),
        cell(figures.instructionsPerBytecode),
        cell(figures.pagesPerMillionBytecodes),
        cell(figures.originalPagesPerMillionBytecodes),
        cell(figures.cyclesPerCall, 0),
        cell(figures.cyclesPerObject, 0),
        cell(rate, 2),
        cell(original),
      ],
    ];
  });
  const head = [
    'program',
    'cycles',
    'instructions',
    'pages/million',
    'original pages',
    'cycles/call',
    'cycles/object',
    'M/s',
    'original M/s',
  ];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i])))
      .join('  ')
      .trimEnd();
  return [
    `interpreter on ${report.profile}, timing ${report.timing}: each bytecode costs`,
    line(head),
    ...rows.map(line),
    'M/s: million bytecodes a second at the clock of that machine; the original: hosted, as shipped, on a server of 2021',
    'pages/million: pages dirtied a million bytecodes, snapshots every 100 ms; the original: with its layout and reference counts',
  ]
    .map((text) => `${text}\n`)
    .join('');
}
