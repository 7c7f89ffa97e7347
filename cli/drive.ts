/**
 * Drives a run from the command line: in slices, so that Ctrl-C and the terminal get their turn, with the program's output
 * live and the bed's words between.
 */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { MACHINE_PROFILE, type Place, type RunControls, type RunSetup, runSteps } from '../faults/index.js';
import type { ScreenView } from '../hardware-sim/index.js';
import { describeEvent, grouped, isThreadEnd } from '../reports/facts.js';
import type { FaultPlan, RunEvent, RunResult } from '../reports/index.js';
import { Interrupt } from './interrupt.js';
import { Keyboard } from './keyboard.js';
import { LiveScreen, printedScreen } from './screen.js';
import type { Terminal } from './terminal.js';

/** Events that the user is told of while the run goes on. */
const TOLD: ReadonlySet<RunEvent['kind']> = new Set([
  'decayed',
  'passed-over',
  'recovered',
  'cut',
  'restarted',
  'panic',
  'abandoned',
  'finished',
  'stopped',
]);

export interface DriveOptions extends Pick<RunControls, 'medium' | 'rehearse' | 'trace'> {
  readonly terminal: Terminal;
  /** The keys of this terminal go to the program, and the machine runs no faster than its own clock. */
  readonly keys?: NodeJS.ReadStream;
}

/** A machine that is further behind the wall than this counts from now. */
const BEHIND_MS = 250;

/** Keeps the machine from running ahead of the world: its time since the power came on is never more than that of the wall. */
class Pace {
  private boot = -1;
  private start = 0;

  async wait({ boot, cycle }: Place): Promise<void> {
    const machineMs = (cycle / MACHINE_PROFILE.cpu.clockHz) * 1000;
    const now = Date.now();
    // A machine that fell behind does not hurry to catch up.
    if (boot !== this.boot || now - this.start > machineMs + BEHIND_MS) this.start = now - machineMs;
    this.boot = boot;
    const ahead = machineMs - (now - this.start);
    if (ahead >= 1) await sleep(ahead);
  }
}

/** The run's result. The first Ctrl-C stops it in order, the next at once. */
export async function drive(setup: RunSetup, plan: FaultPlan, options: DriveOptions): Promise<RunResult> {
  const { terminal, medium, rehearse, trace, keys } = options;
  const interrupt = new Interrupt(() => keyboard?.close());
  const keyboard = keys === undefined ? undefined : new Keyboard(keys, interrupt.ask);
  const tell = ({ boot, cycle }: Place, what: string): void =>
    terminal.say(`[boot ${boot}, cycle ${grouped(cycle)}] ${what}`);
  const pace = new Pace();
  const onScreen = setup.options.console === 'screen';
  const live = onScreen && keys !== undefined ? new LiveScreen((text) => terminal.output(text)) : undefined;
  const showScreen = (view: ScreenView, place: Place, last: boolean): void => {
    live?.show(view, last);
    if (live === undefined && last) tell(place, `the screen:\n${printedScreen(view)}`);
  };
  const steps = runSteps(setup, plan, {
    medium,
    rehearse,
    trace,
    operator: keyboard,
    interrupted: () => interrupt.isAsked,
    observer: {
      consoleByte: (byte) => terminal.programByte(byte),
      event: (event) => {
        if (!TOLD.has(event.kind)) return;
        tell(event, describeEvent(event));
      },
      ...(onScreen ? { screen: showScreen } : {}),
      kernelLine: (line) => {
        if (isThreadEnd(line.text)) tell(line, line.text);
      },
    },
  });
  try {
    for (;;) {
      const step = steps.next();
      await terminal.flush();
      if (step.done) return step.value;
      if (keyboard === undefined) terminal.progress(step.value.boot, step.value.cycle);
      else await pace.wait(step.value);
      await turn();
    }
  } finally {
    keyboard?.close();
    interrupt.close();
  }
}
