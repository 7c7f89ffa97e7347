/**
 * The program's own word for being whole: its boot class may have a method `string invariant()` that gives null or an empty string
 * when all is well, else what is broken (impl/language/README.md).
 *
 * The rule: asking leaves no trace in the run. After a recovery a second machine starts from a copy of the same medium with the kernel
 * option `root.invariant`; there the kernel recovers the same generation and calls the method in a thread of its own while the program's
 * threads go on, so the method takes the locks they take. Only the answer comes back.
 */
import type { Machine, MachineHooks, StopReason } from '../hardware-sim/index.js';
import { type ClassFile, ClassFileError, readClassFile } from '../model/classfile/index.js';
import { isThreadEnd } from '../reports/facts.js';
import { decodeConsole } from './console-oracle.js';
import { type InvariantAnswer, type Probe, ProbeError, readProbe } from './probe.js';
import { CLOCK_HZ, type RunSetup } from './setup.js';

/** Its name; it takes no arguments. */
const METHOD = 'invariant';
/** A program of many threads may keep the method waiting for a lock that long, recovery included. */
const SECONDS_MAX = 20;

/** COM2. */
const LOG = 2;
/** The log needs that long to say how a thread ended: a full ring, at 11,520 bytes a second. */
const LOG_CYCLES = CLOCK_HZ / 4;

export interface InvariantOutcome {
  /** `holds`, `broken` and `failed` are judgements; `no object` means that the program had not begun. */
  readonly answer: InvariantAnswer | 'no answer';
  /** What the program says is broken, or why there is no answer. */
  readonly message: string;
}

/** Whether the boot class, or a class of the program that it extends, has the method. */
export function declaresInvariant({ program, options }: Pick<RunSetup, 'program' | 'options'>): boolean {
  const seen = new Set<string>();
  for (let name: string | undefined = options.bootClass; name !== undefined && !seen.has(name); ) {
    seen.add(name);
    const file = parse(program.find((one) => one.name === name)?.bytes);
    if (file?.methods.some((method) => method.name === METHOD && method.parameters.length === 0)) return true;
    name = file?.parent;
  }
  return false;
}

/** A class file that cannot be read is for the kernel to refuse. */
function parse(bytes: Uint8Array | undefined): ClassFile | undefined {
  if (bytes === undefined) return undefined;
  try {
    return readClassFile(bytes, METHOD);
  } catch (error) {
    if (error instanceof ClassFileError) return undefined;
    throw error;
  }
}

/** Asks the system on the machine that `makeMachine` builds and loads; the machine is disposed of. */
export function askInvariant(makeMachine: (hooks: MachineHooks) => Machine): InvariantOutcome {
  let outcome: InvariantOutcome | undefined;
  const log: number[] = [];
  const machine = makeMachine({
    onSerial: (port, byte) => {
      if (port === LOG) log.push(byte);
    },
    onProbe: (address, at) => {
      outcome ??= answerOf(() => readProbe(address, (from, bytes) => at.readPhysical(from, bytes)));
      if (outcome !== undefined) at.requestStop();
    },
  });
  try {
    let stop: StopReason = { kind: 'requested' };
    while (outcome === undefined && stop.kind === 'requested')
      stop = machine.run({ untilCycle: SECONDS_MAX * CLOCK_HZ });
    if (outcome?.answer === 'failed') {
      machine.run({ untilCycle: machine.cycles + LOG_CYCLES });
      return { ...outcome, message: lastEnd(log) };
    }
    const why = stop.kind === 'cycle' ? `after ${SECONDS_MAX} s` : `the machine stopped: ${stop.kind}`;
    return outcome ?? { answer: 'no answer', message: why };
  } finally {
    machine.dispose();
  }
}

/** The log's word on the thread that ended last. */
function lastEnd(log: readonly number[]): string {
  const lines = decodeConsole(Uint8Array.from(log)).split('\n');
  return lines.findLast(isThreadEnd) ?? 'the kernel log does not say how';
}

function answerOf(read: () => Probe): InvariantOutcome | undefined {
  try {
    const probe = read();
    if (probe.kind === 'invariant') return { answer: probe.answer, message: probe.message };
    return probe.kind === 'panic' ? { answer: 'no answer', message: `kernel panic: ${probe.message}` } : undefined;
  } catch (error) {
    if (error instanceof ProbeError) return { answer: 'no answer', message: error.message };
    throw error;
  }
}

/** What a finding says; undefined when the invariant holds or could not be at stake. */
export function complaint({ answer, message }: InvariantOutcome): string | undefined {
  switch (answer) {
    case 'holds':
    case 'no object':
      return undefined;
    case 'broken':
      return `the program says: ${message}`;
    case 'failed':
      return `method ${METHOD} ended by an error: ${message}`;
    case 'no string':
      return `method ${METHOD} gave something that is no string: expected null or a string`;
    case 'no method':
      return `the program that was recovered has no method ${METHOD} without arguments, its class file has`;
    case 'no thread':
      return `no thread could be made for method ${METHOD}`;
    case 'no answer':
      return `method ${METHOD} gave no answer: ${message}`;
  }
}
