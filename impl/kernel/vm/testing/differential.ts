/**
 * One program on the kernel's virtual machine (in V8) and on the reference machine, and what differs.
 *
 * Rule: compared are every byte printed, how each thread ended (why, and where: class, method, line, byte), and the graph
 * of all objects that programs can reach. Who is right when they differ, POLICY.md says and the machine's description.
 * Not compared is what has no specified outcome: a value read that nobody specifies, a run longer or larger than the
 * limits. The kernel's memory is verified in every case.
 */
import { flatImage, heapGraph, type MemoryImage, verifyHeap } from '../../../../model/heap/index.js';
import { type Ending, Machine, machineGraph } from '../../../../model/vm/index.js';
import { Lives } from './lives.js';
import { runInV8 } from './v8.js';

export interface DifferentialOptions {
  /** Bytecodes of the reference machine; the kernel gets three times as many, for what it executes again. */
  readonly bytecodesMax?: number;
  /** The program reads no bits of floats as ints, so what bits a NaN has does not matter. */
  readonly typed?: boolean;
  /** Class files of the reference machine if they are to be others: to see the comparison find what differs. */
  readonly reference?: ReadonlyMap<string, Uint8Array>;
}

export interface Comparison {
  /** What differs, in words; undefined when nothing does or nothing was compared. */
  readonly difference?: string;
  /** Why nothing was compared. */
  readonly skipped?: string;
  /** Of the reference machine. */
  readonly bytecodes: number;
  readonly endings: readonly Ending[];
}

const MEMORY = 64 << 20;
const BYTECODES_MAX = 100_000;
/** As much of a text as the kernel's log shows. */
const SHOWN = 200;
/** Where the kernel says so of the call, and the reference machine of the method called. */
const AT_THE_CALL = ['invalid arg count', 'stack overflow'];

const shown = (text: string): string => text.slice(0, SHOWN);

/** What the kernel's log must say of a thread's end. */
function report({ thread, kind, reason, className, method, line, byte }: Ending): string[] {
  const start = `thread ${thread} ended: `;
  const place = `${shown(className)}.${shown(method)}${line === 0 ? '' : ` line ${line}`} at byte ${byte} of `;
  if (kind === 'malformed') return [start, ` in ${place}`];
  // What is wrong with a class file is up to its reader.
  const said = reason.replace(/^(broken class file [^:]*: ).*$/s, '$1');
  const thrown = [`${start}uncaught exception `, shown(said)];
  return AT_THE_CALL.includes(reason) ? thrown : [...thrown, ` in ${place}`];
}

/** Whether the texts come one after another in one. */
function inOrder(text: string, parts: readonly string[]): boolean {
  let at = 0;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

function firstDifference(kernel: readonly string[], reference: readonly string[]): string {
  const i = reference.findIndex((line, n) => line !== kernel[n]);
  const at = i < 0 ? reference.length : i;
  return `line ${at}: kernel ${kernel[at]}, reference ${reference[at]}`;
}

/** What a run of the kernel left. */
interface Left {
  readonly console: string;
  readonly log: string;
  readonly image: MemoryImage;
}

function judge(kernel: Left, reference: Machine): string | undefined {
  if (kernel.console !== reference.printed) {
    return `printed: kernel ${JSON.stringify(kernel.console)}, reference ${JSON.stringify(reference.printed)}`;
  }
  const failed = reference.endings.filter(({ kind }) => kind !== 'returned');
  const ends = kernel.log.split('thread ').filter((text) => /^\d+ ended: /.test(text)).length;
  const missing = failed.find((ending) => !inOrder(kernel.log, report(ending)));
  if (missing !== undefined) return `ending: reference ${JSON.stringify(missing)}, kernel's log ${kernel.log}`;
  if (ends !== failed.length) return `${ends} threads ended by an error in the kernel: ${kernel.log}`;
  // One that waits for ever stands somewhere in the middle.
  if (reference.stopped !== undefined) return undefined;
  const graphs = [heapGraph(kernel.image), machineGraph(reference)] as const;
  return graphs[0].join('\n') === graphs[1].join('\n') ? undefined : `objects: ${firstDifference(...graphs)}`;
}

type Runnable = { readonly classes: ReadonlyMap<string, Uint8Array>; readonly bootClass: string };

/** The program on the reference machine, and why its outcome is not to be compared, if it is not. */
function referenceOf(program: Runnable, options: DifferentialOptions): { reference: Machine; skipped?: string } {
  const classes = options.reference ?? program.classes;
  const instructionsMax = options.bytecodesMax ?? BYTECODES_MAX;
  const reference = new Machine({ ...program, classes, instructionsMax, memoryMax: MEMORY / 4 });
  reference.run();
  const { stopped } = reference;
  if (stopped === 'instructions' || stopped === 'memory') return { reference, skipped: stopped };
  const unspecified = [...reference.unspecified].filter((what) => !options.typed || what !== 'bits of a NaN');
  return unspecified.length > 0 ? { reference, skipped: unspecified.join(', ') } : { reference };
}

/** Runs a program on the kernel's machine in V8 and on the reference machine. */
export async function compareMachines(program: Runnable, options: DifferentialOptions = {}): Promise<Comparison> {
  const { reference, skipped } = referenceOf(program, options);
  const counts = { bytecodes: reference.instructions, endings: reference.endings };
  const bytecodesMax = 3 * (options.bytecodesMax ?? BYTECODES_MAX);
  const kernel = await runInV8({ ...program, bytecodesMax, persistentBytes: MEMORY, waitsEnd: true });
  const image = flatImage(kernel.memory);
  const unsound = verifyHeap(image);
  if (unsound.length > 0) return { ...counts, difference: `the heap is unsound: ${unsound.join('; ')}` };
  if (skipped !== undefined) return { ...counts, skipped };
  const waited = reference.stopped === 'waits for ever';
  if (waited !== kernel.waitsForEver) {
    return { ...counts, difference: `a thread waits for ever: kernel ${kernel.waitsForEver}, reference ${waited}` };
  }
  return { ...counts, difference: judge({ ...kernel, image }, reference) };
}

/**
 * The same on the simulated machine: objects are compared as the disk has them after the end, read from outside.
 * Programs of several threads, whose order is the machine's business, are not compared, nor are those that wait for ever.
 */
export async function compareOnMachine(program: Runnable, options: DifferentialOptions = {}): Promise<Comparison> {
  const { reference, skipped } = referenceOf(program, options);
  const counts = { bytecodes: reference.instructions, endings: reference.endings };
  if (skipped !== undefined) return { ...counts, skipped };
  if (reference.stopped !== undefined) return { ...counts, skipped: reference.stopped };
  if (reference.endings.length > 1) return { ...counts, skipped: 'several threads' };
  const lives = await Lives.of(program);
  lives.boot();
  const stop = lives.toEnd();
  if (stop.kind !== 'exit')
    return { ...counts, difference: `the machine stopped: ${JSON.stringify(stop)} ${lives.log}` };
  lives.cut();
  if (lives.committed === undefined) return { ...counts, difference: 'nothing was committed' };
  return { ...counts, difference: judge({ ...lives, image: lives.committed }, reference) };
}
