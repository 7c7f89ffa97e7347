/**
 * Recovery on the machine itself, many times: each crash state is put into the disk of a machine that is about to read it for the first time.
 *
 * The rule: until its first sector has come in, a boot is the same whatever is on the disk. So the kernel is booted once up to then; every
 * recovery is a fork of that machine with another medium.
 */
import {
  type DiskFault,
  type DurableMedium,
  type Machine,
  MemoryMedium,
  type UnflushedWrite,
} from '../hardware-sim/index.js';
import type { Finding } from '../reports/schema.js';
import { type CrashState, hasSuperblock } from './crash-states.js';
import type { DiskImage } from './disk-image.js';
import { carriedFaults } from './injector.js';
import { isWriteFault } from './landing.js';
import { Life } from './life.js';
import { loadMachine } from './load-machine.js';
import { CLOCK_HZ, diskSectors, type RunSetup } from './setup.js';

/** Before the first sector comes in nothing on the disk was asked for. */
const MARGIN_CYCLES = 1000;
/** A boot must have asked for a sector by then, and recovered. */
const BOOT_CYCLES_MAX = 20 * CLOCK_HZ;
/** After recovery programs run for so long, so that pages come in and are judged (P2). */
const RUN_ON_CYCLES = 500_000;
/** The battery-backed clock shows a time after any that a run has seen. */
const CYCLES_BEFORE = 3600 * CLOCK_HZ;

export interface MachineRecovery {
  /** What the machine came up from; undefined: it did not. */
  readonly generation: number | undefined;
  readonly findings: readonly Finding[];
  readonly cycles: number;
}

export class RecoveryBench {
  private booted: Machine | undefined;

  constructor(private readonly setup: RunSetup) {}

  /**
   * Boots the machine of the life's set-up from what `state` leaves of the disk, and judges it as any life after a cut. `landing`: where its unflushed
   * writes go. What is wrong with the drive stays so, but for faults of writes, which that boot does not get to.
   */
  recover(life: Life, state: CrashState, image: DiskImage, landing: readonly UnflushedWrite[]): MachineRecovery {
    const unflushed = life.machine.unflushedWrites();
    const medium = crashMedium(life, state, landing);
    const evidence = life.evidence.fork();
    evidence.cuts.push({
      ...life.place,
      totalCycle: evidence.cycles + life.machine.cycles,
      unflushed: unflushed.length,
      survived: state.reduce((sum, one) => sum + one, 0),
      demarcated: evidence.demarcated,
      committed: evidence.committed,
      recovered: null,
      duringRecovery: life.boot > 0 && !life.hasRecovered,
    });
    const before = evidence.ledger.findings.length;
    const past = { kind: 'cut', image, tornSuperblock: hasSuperblock(unflushed) } as const;
    const next = Life.powerOn(life.boot + 1, past, evidence, {}, (hooks) => this.machine().fork(hooks, { medium }));
    for (const fault of carriedFaults(life.machine)) {
      if (!isWriteFault(fault) && !passes(fault)) next.machine.addDiskFault(fault);
    }
    try {
      while (!next.hasRecovered) {
        const limit = Math.min(next.machine.cycles + RUN_ON_CYCLES, BOOT_CYCLES_MAX);
        const state = next.advance(limit);
        if (state !== 'slice' || next.machine.cycles >= BOOT_CYCLES_MAX) break;
      }
      if (next.hasRecovered) next.advance(next.machine.cycles + RUN_ON_CYCLES);
      next.close();
      const recovered = next.hasRecovered ? evidence.cuts[evidence.cuts.length - 1].recovered : null;
      return {
        generation: recovered ?? undefined,
        findings: evidence.ledger.findings.slice(before),
        cycles: next.machine.cycles,
      };
    } finally {
      next.machine.dispose();
    }
  }

  dispose(): void {
    this.booted?.dispose();
    this.booted = undefined;
  }

  private machine(): Machine {
    this.booted ??= this.boot();
    return this.booted;
  }

  private boot(): Machine {
    const load = (onRead: () => void): Machine =>
      loadMachine(this.setup, new MemoryMedium(diskSectors(this.setup.options)), CYCLES_BEFORE, {
        onDiskEvent: (event, machine) => {
          if (event.kind !== 'read') return;
          onRead();
          machine.requestStop();
        },
      });
    let firstRead: number | undefined;
    const scout = load(() => {
      firstRead ??= scout.cycles;
    });
    scout.run({ untilCycle: BOOT_CYCLES_MAX });
    scout.dispose();
    if (firstRead === undefined) throw new Error('recovery bench: the kernel did not read its disk');
    let early = false;
    const machine = load(() => {
      early = true;
    });
    machine.run({ untilCycle: firstRead - MARGIN_CYCLES });
    if (early) throw new Error('recovery bench: the second boot read its disk before the first did');
    return machine;
  }
}

/**
 * A drive that is away, slow or late for a while: whoever switches the power on then waits, and gets as far as without it. It may not be there for a boot that
 * has found it already and is about to read, which is where all boots here begin.
 */
function passes(fault: DiskFault): boolean {
  return 'until' in fault && fault.until !== undefined;
}

/** The medium after a cut that leaves `state`. */
function crashMedium(life: Life, state: CrashState, landing: readonly UnflushedWrite[]): DurableMedium {
  const { machine } = life;
  const medium = machine.medium?.fork();
  if (medium === undefined) throw new Error('recovery bench: the machine has no disk');
  for (const [place, { lba, data }] of landing.entries()) {
    if (state[place] === 1) medium.writeSector(lba, data);
  }
  return medium;
}
