/**
 * A machine at an instant, as one immutable value.
 *
 * The rule: it is all that decides what the machine does from then on; watchers are no part of it. RAM pages are shared with the machines it was
 * taken from and made for, and counted.
 */
import type { ClockState } from './clock.js';
import type { CpuState } from './cpu/bus.js';
import type { BusMasterState } from './devices/bus-master.js';
import type { IdeState } from './devices/ide.js';
import type { KeyboardState } from './devices/keyboard.js';
import type { PciState } from './devices/pci.js';
import type { PicState } from './devices/pic.js';
import type { PitState } from './devices/pit.js';
import { type RtcState, startedAt } from './devices/rtc.js';
import type { TextScreenState } from './devices/text-screen.js';
import type { UartState } from './devices/uart.js';
import type { VirtioBlkState } from './devices/virtio-blk.js';
import type { Disk } from './disk/disk.js';
import type { DurableMedium } from './disk/durable-medium.js';
import type { ResolvedConfig } from './machine-config.js';
import type { PhysicalMemory } from './memory/physical-memory.js';

/** How a guest ends its machine, which then stays stopped. */
export type End =
  /** It wrote to the exit port. */
  | { readonly kind: 'exit'; readonly status: number }
  /** It had the keyboard controller pull the reset line; QEMU does so with `-no-reboot`. */
  | { readonly kind: 'reset' };

export interface DeviceStates {
  readonly pic: PicState;
  readonly pit: PitState;
  readonly com1: UartState;
  readonly com2: UartState;
  readonly rtc: RtcState;
  readonly pci: PciState;
  readonly busMaster: BusMasterState;
  readonly ide: IdeState | undefined;
  readonly keyboard: KeyboardState | undefined;
  readonly screen: TextScreenState | undefined;
  readonly virtioBlk: VirtioBlkState | undefined;
}

/** A machine at an instant: immutable, may be restored any number of times. */
export class MachineState {
  /** Used by Machine only. */
  constructor(
    readonly config: ResolvedConfig,
    readonly clock: ClockState,
    readonly cpu: CpuState,
    readonly memory: PhysicalMemory,
    readonly devices: DeviceStates,
    readonly disk: Disk | undefined,
    readonly end: End | undefined,
  ) {}

  get cycle(): number {
    return this.clock.now;
  }

  /** The same instant of a machine that has another medium in its disk; shares the RAM pages of this state. Throws RangeError. */
  withMedium(medium: DurableMedium): MachineState {
    const { config, clock, cpu, memory, devices, disk, end } = this;
    if (disk === undefined) throw new RangeError('machine: withMedium: there is no disk in this machine');
    return new MachineState(config, clock, cpu, memory, devices, disk.withMedium(medium), end);
  }

  /** The same instant of a machine whose clock began at another time, seconds since 1970. Throws RangeError. */
  withStart(startSeconds: number): MachineState {
    const { config, clock, cpu, memory, devices, disk, end } = this;
    const rtc = startedAt(devices.rtc, startSeconds);
    return new MachineState({ ...config, startSeconds }, clock, cpu, memory, { ...devices, rtc }, disk, end);
  }

  /** Gives the shared RAM pages back. */
  dispose(): void {
    this.memory.dispose();
  }
}
