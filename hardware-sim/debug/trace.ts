/**
 * A trace of every instruction a machine executes, disassembled, with the interrupts and exceptions between them.
 *
 * The rule that makes it right: tracing is running in slices of one instruction, and slicing a run changes nothing. A machine that is not traced pays nothing.
 */

import type { Machine, RunLimits, StopReason } from '../machine.js';
import { disassemble } from './disassemble.js';

export interface TraceEntry {
  /** Cycle before it. */
  readonly cycle: number;
  readonly eip: number;
  /** The instruction as text; for an interrupt or exception, where it went. */
  readonly text: string;
  readonly kind: 'instruction' | 'interrupt';
}

const LONGEST_INSTRUCTION = 15;
const CODE_SEGMENT = 1;

/** Runs like `machine.run(limits)` and reports what is executed. 32-bit code. */
export function trace(machine: Machine, limits: RunLimits, sink: (entry: TraceEntry) => void): StopReason {
  const { untilCycle, untilInstruction = Number.POSITIVE_INFINITY } = limits;
  for (;;) {
    const { cycles: cycle, instructions } = machine;
    if (cycle >= untilCycle) return { kind: 'cycle' };
    if (instructions >= untilInstruction) return { kind: 'instruction' };
    const eip = machine.cpu.eip >>> 0;
    const text = instructionAt(machine, eip);
    const stop = machine.run({ untilCycle: Math.min(cycle + 1, untilCycle), untilInstruction: instructions + 1 });
    const next = machine.cpu.eip >>> 0;
    if (machine.instructions !== instructions) sink({ cycle, eip, text, kind: 'instruction' });
    else if (next !== eip) sink({ cycle, eip, text: `-> ${hex(next)}`, kind: 'interrupt' });
    if (stop.kind !== 'cycle' && stop.kind !== 'instruction') return stop;
    const stoodStill = machine.instructions === instructions && next === eip;
    if (stoodStill && machine.cpu.saveState().halted) {
      const idle = machine.run({ untilCycle: Math.min(machine.nextEventCycle, untilCycle) });
      if (idle.kind !== 'cycle') return idle;
    }
  }
}

/** One line of a trace as people read it. */
export function formatTraceEntry(entry: TraceEntry): string {
  return `${String(entry.cycle).padStart(12)}  ${hex(entry.eip)}  ${entry.text}`;
}

function instructionAt(machine: Machine, eip: number): string {
  const linear = (eip + machine.cpu.saveState().segments[CODE_SEGMENT].base) % 2 ** 32;
  // The instruction may end where its page does, with nothing mapped behind it.
  for (const bytes of [LONGEST_INSTRUCTION, 4096 - (linear & 4095)]) {
    const code = machine.readLinear(linear, Math.min(bytes, LONGEST_INSTRUCTION));
    const [first] = code === undefined ? [] : disassemble(code, eip, 1);
    if (first !== undefined) return first.text;
  }
  return '(not mapped)';
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
