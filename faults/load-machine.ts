/** From a set-up to a machine whose power is just on. */
import { type DurableMedium, Machine, type MachineHooks, type TimerJitter } from '../hardware-sim/index.js';
import { bundle, CLOCK_HZ, commandLine, MACHINE_PROFILE, type RunSetup } from './setup.js';

/** 1 January 2000, the clock's start in the first life. */
const RTC_START = 946_684_800_000;

/** What the battery-backed clock shows when the power comes on: it goes on over a cut, which takes up to a second. */
export function batteryClock(cyclesBefore: number): string {
  const seconds = 1 + Math.floor(cyclesBefore / CLOCK_HZ);
  return new Date(RTC_START + seconds * 1000).toISOString().slice(0, 19);
}

/** A machine with the kernel and the program of the set-up in memory, its power just on. */
export function loadMachine(
  setup: RunSetup,
  medium: DurableMedium,
  cyclesBefore: number,
  hooks: MachineHooks,
  words = '',
  timerJitter?: TimerJitter,
): Machine {
  const { options } = setup;
  const machine = new Machine(
    {
      ramBytes: options.ramMiB * 2 ** 20,
      profile: MACHINE_PROFILE,
      rtcStart: batteryClock(cyclesBefore),
      medium,
      diskController: options.diskController,
      ...(timerJitter === undefined ? {} : { timerJitter }),
    },
    hooks,
  );
  machine.loadMultiboot({
    image: setup.kernel.elf,
    commandLine: `${commandLine(options)}${words}`,
    modules: [{ bytes: bundle(setup.program), commandLine: 'classes' }],
  });
  return machine;
}
