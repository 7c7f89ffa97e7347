/**
 * Boots of a set-up that are under way, for lives that begin after a power cut.
 *
 * The rule: until it reads the battery-backed clock and its disk, a kernel does the same whatever the time and whatever is on the disk. So the
 * set-up is booted up to there once for each controller and command line, and a boot from then on is a fork of that machine with its own clock and
 * medium: the same, to the cycle and the digest, as one from power-on (P22).
 */
import {
  type DiskController,
  type DurableMedium,
  type Machine,
  type MachineHooks,
  MemoryMedium,
} from '../hardware-sim/index.js';
import { Evidence } from './evidence.js';
import { nextLook } from './first-life.js';
import { Life } from './life.js';
import { batteryClock, loadMachine } from './load-machine.js';
import { CLOCK_HZ, diskSectors, type RunSetup } from './setup.js';

/** The clock and the disk are looked for in steps of so many cycles. */
const STEP_CYCLES = 10_000;
/** By then a kernel has read its disk. */
const BOOT_CYCLES_MAX = 20 * CLOCK_HZ;

export class EarlyBoots {
  private readonly lives = new Map<string, Life>();

  constructor(readonly setup: RunSetup) {}

  /** A life shortly before its kernel reads clock or disk; it stays this object's. `words`: on the command line, behind those of the options. */
  begun(diskController: DiskController, words: string): Life {
    const key = `${diskController}${words}`;
    const known = this.lives.get(key);
    if (known !== undefined) return known;
    const made = boot({ ...this.setup, options: { ...this.setup.options, diskController } }, words);
    this.lives.set(key, made);
    return made;
  }

  dispose(): void {
    for (const life of this.lives.values()) life.machine.dispose();
    this.lives.clear();
  }
}

/** The machine of a life that has begun, with this medium in its disk and so many cycles behind the system. */
export function goOnFrom(begun: Life, medium: DurableMedium, cyclesBefore: number, hooks: MachineHooks): Machine {
  return begun.machine.fork(hooks, { medium, rtcStart: batteryClock(cyclesBefore) });
}

function boot(setup: RunSetup, words: string): Life {
  let hasRead = false;
  const life = Life.powerOn(0, { kind: 'new' }, new Evidence(setup.options.output), {}, (hooks) =>
    loadMachine(setup, new MemoryMedium(diskSectors(setup.options)), 0, hooks, words),
  );
  const scout = life.machine.fork({
    onDiskEvent: (_, machine) => {
      hasRead = true;
      machine.requestStop();
    },
  });
  let last = 0;
  while (!hasRead && !scout.isClockUsed && scout.cycles < BOOT_CYCLES_MAX) {
    last = scout.cycles;
    scout.run({ untilCycle: last + STEP_CYCLES });
  }
  scout.dispose();
  while (life.machine.cycles < last) {
    life.advance(Math.min(last, nextLook(life.machine.cycles)));
    if (life.machine.cycles < last) life.judge();
  }
  return life;
}
