/**
 * What a machine is made of: sizes, profile, start time, disk and its controller. Everything here decides the run; hooks only watch.
 */

import { I486DX_66 } from './cpu/profiles/i486dx-66.js';
import type { CpuProfile } from './cpu/profiles/profile.js';
import { parseTime } from './devices/calendar.js';
import type { TimerJitter } from './devices/pit.js';
import type { DurableMedium } from './disk/durable-medium.js';
import { assertCapacity, MemoryMedium } from './disk/durable-medium.js';
import { type DiskFault, DiskFaults } from './disk/faults.js';
import { type DiskProfile, HARD_DISK_1996 } from './disk/profile.js';

/** A machine cannot be built as asked; the message names the setting. */
export class MachineConfigError extends Error {
  override readonly name = 'MachineConfigError';
}

/** Processor and disk with their timing, under the name that reports give. */
export interface MachineProfile {
  readonly name: string;
  readonly cpu: CpuProfile;
  readonly disk: DiskProfile;
}

/** An i486 at 66 MHz with an IDE hard disk of its time. */
export const I486_PC: MachineProfile = { name: 'i486-pc', cpu: I486DX_66, disk: HARD_DISK_1996 };

export const DISK_CONTROLLERS = ['ide', 'virtio'] as const;
export type DiskController = (typeof DISK_CONTROLLERS)[number];

export interface MachineConfig {
  /** RAM in bytes: a multiple of 4096, 2 MiB to 1536 MiB. Default 16 MiB. */
  readonly ramBytes?: number;
  /** Default I486_PC. */
  readonly profile?: MachineProfile;
  /** Time of the real-time clock at cycle 0, `YYYY-MM-DDTHH:MM:SS`. Default 2000-01-01T00:00:00. */
  readonly rtcStart?: string;
  /** A disk of zeros with this many sectors. Not together with `medium`; with neither there is no disk. */
  readonly diskSectors?: number;
  /** The disk's medium; the machine is its only user until it is cut. */
  readonly medium?: DurableMedium;
  /** What the disk is connected to: the IDE channel, or as a virtio block device to the PCI bus. Default `ide`. */
  readonly diskController?: DiskController;
  /** What is wrong with the disk. Default: nothing. */
  readonly diskFaults?: readonly DiskFault[];
  /** How irregular the timer's interrupts come: each 0 to `most` cycles late, 0 to TIMER_JITTER_MAX. Default: not at all. */
  readonly timerJitter?: TimerJitter;
  /** A keyboard and its controller. Default true. */
  readonly keyboard?: boolean;
  /** A VGA with a text screen. Default true. */
  readonly screen?: boolean;
}

/** A checked configuration with all defaults filled in. */
export interface ResolvedConfig {
  readonly ramBytes: number;
  readonly profile: MachineProfile;
  readonly startSeconds: number;
  readonly medium: DurableMedium | undefined;
  readonly diskController: DiskController;
  /** Undefined without a disk. */
  readonly diskFaults: DiskFaults | undefined;
  readonly timerJitter: TimerJitter;
  readonly keyboard: boolean;
  readonly screen: boolean;
}

const MEBIBYTE = 1048576;
/** Cycles: less than a period of a timer that ticks 250 times a second at 66 MHz, so that no tick is lost to the next. */
export const TIMER_JITTER_MAX = 200_000;
/** What the frame pool holds (2 GiB), less room for what forks of the machine do not share. */
const RAM_MIB_MAX = 1536;

/** Throws MachineConfigError. */
export function resolveConfig(config: MachineConfig): ResolvedConfig {
  const ramBytes = config.ramBytes ?? 16 * MEBIBYTE;
  if (
    !Number.isInteger(ramBytes) ||
    ramBytes % 4096 !== 0 ||
    ramBytes < 2 * MEBIBYTE ||
    ramBytes > RAM_MIB_MAX * MEBIBYTE
  ) {
    throw new MachineConfigError(
      `machine: ramBytes must be a multiple of 4096 from 2 MiB to ${RAM_MIB_MAX} MiB, not ${ramBytes}`,
    );
  }
  if (config.medium !== undefined && config.diskSectors !== undefined) {
    throw new MachineConfigError('machine: give either medium or diskSectors, not both');
  }
  const diskController = config.diskController ?? 'ide';
  if (!DISK_CONTROLLERS.includes(diskController)) {
    throw new MachineConfigError(
      `machine: diskController must be ${DISK_CONTROLLERS.join(' or ')}, not ${diskController}`,
    );
  }
  const medium = config.diskSectors === undefined ? config.medium : zeroMedium(config.diskSectors);
  return {
    ramBytes,
    profile: config.profile ?? I486_PC,
    startSeconds: checked('rtcStart', () => parseTime(config.rtcStart ?? '2000-01-01T00:00:00')),
    medium,
    diskController,
    diskFaults: faultsOf(config.diskFaults ?? [], medium),
    timerJitter: checkedJitter(config.timerJitter ?? { seed: 0, most: 0 }),
    keyboard: config.keyboard ?? true,
    screen: config.screen ?? true,
  };
}

function faultsOf(faults: readonly DiskFault[], medium: DurableMedium | undefined): DiskFaults | undefined {
  if (medium !== undefined) return checked('diskFaults', () => new DiskFaults(faults, medium.sectors));
  if (faults.length > 0) throw new MachineConfigError('machine: diskFaults without a disk: give medium or diskSectors');
  return undefined;
}

function checkedJitter(jitter: TimerJitter): TimerJitter {
  const { seed, most } = jitter;
  if (
    !Number.isInteger(seed) ||
    seed < 0 ||
    seed >= 2 ** 32 ||
    !Number.isInteger(most) ||
    most < 0 ||
    most > TIMER_JITTER_MAX
  ) {
    throw new MachineConfigError(
      `machine: timerJitter must have a seed of 32 bits and 0 to ${TIMER_JITTER_MAX} cycles, not ${JSON.stringify(jitter)}`,
    );
  }
  return { seed, most };
}

function zeroMedium(sectors: number): DurableMedium {
  return checked('diskSectors', () => {
    assertCapacity(sectors);
    return new MemoryMedium(sectors);
  });
}

function checked<T>(setting: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new MachineConfigError(`machine: ${setting}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
