/**
 * Drives a run from the command line: in slices, so that Ctrl-C and the terminal get their turn, with the program's output
 * live and the bed's words between.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { type RunControls, type RunSetup, runSteps } from '../faults/index.js';
import { describeEvent, grouped } from '../reports/facts.js';
import type { FaultPlan, RunEvent, RunResult } from '../reports/index.js';
import type { Terminal } from './terminal.js';

/** Events that the user is told of while the run goes on. */
const TOLD: ReadonlySet<RunEvent['kind']> = new Set([
  'decayed',
  'recovered',
  'cut',
  'panic',
  'abandoned',
  'finished',
  'stopped',
]);

/** What ends a run in order: Ctrl-C, `kill`, and the terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a shell reports of a process that SIGINT ended. */
const EXIT_SIGINT = 130;

export interface DriveOptions extends Pick<RunControls, 'medium' | 'rehearse'> {
  readonly terminal: Terminal;
}

/** npm passes on a signal that the terminal has sent to its whole group: what comes so soon is the same Ctrl-C. */
const SAME_INTERRUPT_MS = 1000;

/** The run's result. The first of the signals stops it in order, the next at once. */
export async function drive(setup: RunSetup, plan: FaultPlan, options: DriveOptions): Promise<RunResult> {
  const { terminal, medium, rehearse } = options;
  let interruptedAt: number | undefined;
  const interrupt = (): void => {
    if (interruptedAt === undefined) interruptedAt = Date.now();
    else if (Date.now() - interruptedAt > SAME_INTERRUPT_MS) process.exit(EXIT_SIGINT);
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  const steps = runSteps(setup, plan, {
    medium,
    rehearse,
    interrupted: () => interruptedAt !== undefined,
    observer: {
      consoleByte: (byte) => terminal.programByte(byte),
      event: (event) => {
        if (!TOLD.has(event.kind)) return;
        terminal.say(`[boot ${event.boot}, cycle ${grouped(event.cycle)}] ${describeEvent(event)}`);
      },
    },
  });
  try {
    for (;;) {
      const step = steps.next();
      await terminal.flush();
      if (step.done) return step.value;
      terminal.progress(step.value.boot, step.value.cycle);
      await turn();
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}
