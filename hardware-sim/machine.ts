/**
 * The PC: processor, memory and devices of ARCHITECTURE.md's contract C3, as one value.
 *
 * The rule that makes it right: a machine is a function of its configuration, what was loaded, and the input injected, each at a cycle. Hooks watch and may
 * ask it to stop; they change nothing. So any way of slicing `run` into calls, any fork and any restored checkpoint gives the same cycles, output
 * and digest.
 *
 * Interface: `new Machine(config, hooks)`, `loadMultiboot`, then `run` as often as wanted. `checkpoint` gives an immutable state from which any number
 * of machines can be made; `fork` is checkpoint and restore in one. `cutPower` ends the machine and gives the medium for the next one. RAM pages are shared
 * between forks and counted: `dispose` machines and states that are no longer needed.
 */

import { initialiseDevices } from './boot/firmware.js';
import { loadMultiboot, MULTIBOOT_BOOTED, type MultibootOptions } from './boot/multiboot.js';
import { Clock } from './clock.js';
import type { Bus, CpuStop, LinearWatchHooks, PortSize, Processor } from './cpu/bus.js';
import { Cpu } from './cpu/cpu.js';
import { BusMaster } from './devices/bus-master.js';
import { parseTime } from './devices/calendar.js';
import { byteWide, type PortDevice } from './devices/device.js';
import { Ide } from './devices/ide.js';
import { Keyboard } from './devices/keyboard.js';
import type { KeyName } from './devices/keys.js';
import { keystrokes } from './devices/keystrokes.js';
import { Pci, VIRTIO_PORTS } from './devices/pci.js';
import { Pic } from './devices/pic.js';
import { Pit } from './devices/pit.js';
import { Rtc } from './devices/rtc.js';
import { type ScreenView, screenText, TextScreen } from './devices/text-screen.js';
import { Uart } from './devices/uart.js';
import { VirtioBlk } from './devices/virtio-blk.js';
import { Disk, type DiskEvent } from './disk/disk.js';
import type { DurableMedium } from './disk/durable-medium.js';
import type { DiskFault } from './disk/faults.js';
import type { CutPlan, UnflushedWrite } from './disk/volatile-cache.js';
import { type MachineConfig, type ResolvedConfig, resolveConfig } from './machine-config.js';
import { type DeviceStates, type End, MachineState } from './machine-state.js';
import { PhysicalMemory } from './memory/physical-memory.js';
import { PortMap } from './port-map.js';
import { stateDigest } from './state-digest.js';

/** Watchers. They may call `requestStop` and the readers of the machine, nothing that changes it. */
export interface MachineHooks {
  /** The last bit of a byte has left COM1 (port 1) or COM2 (port 2). */
  readonly onSerial?: (port: 1 | 2, byte: number, cycle: number) => void;
  /** A 32-bit OUT to the probe port. */
  readonly onProbe?: (value: number, machine: Machine) => void;
  readonly onDiskEvent?: (event: DiskEvent, machine: Machine) => void;
}

export type StopReason =
  /** `untilCycle` was reached. */
  | { readonly kind: 'cycle' }
  /** `untilInstruction` was reached. */
  | { readonly kind: 'instruction' }
  | End
  | Exclude<CpuStop, { readonly kind: 'limit' }>;

export interface RunLimits {
  readonly untilCycle: number;
  readonly untilInstruction?: number;
}

const EXIT_PORT = 0xf4;
const PROBE_PORT = 0x5c0;
/** Time between two keys of who types as fast as the keyboard's wire can tell: a key with Shift is six bytes of 0.88 ms. */
const KEY_SECONDS = 0.006;

export class Machine {
  private readonly config: ResolvedConfig;
  private readonly clock = new Clock();
  private readonly memory: PhysicalMemory;
  private readonly ports = new PortMap();
  private readonly bus: Bus;
  /** The processor, for inspection, translation and `watch`. */
  readonly cpu: Processor;
  private readonly pic = new Pic();
  private readonly pit: Pit;
  private readonly com1: Uart;
  private readonly com2: Uart;
  private readonly rtc: Rtc;
  private readonly pci: Pci;
  private readonly busMaster: BusMaster;

  private readonly ide: Ide | undefined;
  private readonly virtioBlk: VirtioBlk | undefined;
  /** Level of the virtio device's interrupt, and the IRQ it is routed to. */
  private virtioLevel = false;
  private virtioIrq: number | undefined;
  private readonly disk: Disk | undefined;
  private readonly keyboard: Keyboard | undefined;
  private readonly screen: TextScreen | undefined;
  private end: End | undefined;
  private loaded = false;
  private running = false;
  private powered = true;

  /** Throws MachineConfigError. `from` is for `fromCheckpoint`. */
  constructor(
    config: MachineConfig | MachineState,
    readonly hooks: MachineHooks = {},
  ) {
    const from = config instanceof MachineState ? config : undefined;
    this.config = config instanceof MachineState ? config.config : resolveConfig(config);
    const { profile, ramBytes } = this.config;
    const clockHz = profile.cpu.clockHz;
    this.memory = from?.memory.fork() ?? new PhysicalMemory(ramBytes);
    this.disk = from === undefined ? newDisk(this.config) : from.disk?.fork();
    if (this.disk !== undefined) this.disk.onEvent = (event) => hooks.onDiskEvent?.(event, this);

    const irq = (line: number) => (level: boolean) => this.pic.setIrq(line, level);
    this.pit = new Pit(this.clock, clockHz, irq(0), this.config.timerJitter);
    this.com1 = new Uart('COM1', this.clock, clockHz, irq(4), (byte) => hooks.onSerial?.(1, byte, this.clock.now));
    this.com2 = new Uart('COM2', this.clock, clockHz, irq(3), (byte) => hooks.onSerial?.(2, byte, this.clock.now));
    this.rtc = new Rtc(this.clock, clockHz, irq(8), { startSeconds: this.config.startSeconds, ramBytes });
    const hasVirtio = this.disk !== undefined && this.config.diskController === 'virtio';
    this.pci = new Pci(() => this.pciChanged(), hasVirtio);
    this.virtioIrq = this.pci.virtioIrq;
    this.busMaster = new BusMaster(
      this.memory,
      () => this.pci.busMasterEnabled,
      () => this.ide?.busMasterStarted(),
    );

    if (this.config.keyboard)
      this.keyboard = new Keyboard(this.clock, clockHz, irq(1), () => this.endWith({ kind: 'reset' }));
    if (this.config.screen) this.screen = new TextScreen(this.clock, clockHz, this.memory);
    if (this.disk !== undefined && hasVirtio) {
      const { clock, disk, memory, pci } = this;
      const interrupt = (level: boolean): void => this.setVirtioLevel(level);
      this.virtioBlk = new VirtioBlk(clock, disk, memory, () => pci.virtioBusMasterEnabled, interrupt);
    } else if (this.disk !== undefined) {
      this.ide = new Ide(this.clock, clockHz, this.disk, this.busMaster, irq(14));
    }
    this.connectPorts();

    this.bus = this.makeBus();
    this.cpu = new Cpu(this.memory, this.bus, this.clock, profile.cpu);
    if (from !== undefined) {
      this.restore(from);
    } else {
      this.rtc.powerOn();
      this.screen?.powerOn();
      initialiseDevices(this.bus);
    }
  }

  static fromCheckpoint(state: MachineState, hooks: MachineHooks = {}): Machine {
    return new Machine(state, hooks);
  }

  /** Puts a multiboot kernel and its modules into memory and the processor at its entry. Once, before the first `run`. */
  loadMultiboot(options: MultibootOptions): void {
    if (this.loaded || this.clock.now !== 0)
      throw new Error('machine: loadMultiboot comes once, before the machine runs');
    this.loaded = true;
    const entry = loadMultiboot(this.memory, options);
    this.cpu.enterProtectedMode({ eip: entry.eip, eax: MULTIBOOT_BOOTED, ebx: entry.information });
  }

  /** Runs until a limit is reached, or something ends or stops it. */
  run(limits: RunLimits): StopReason {
    this.assertIdle('run');
    if (this.end !== undefined) return this.end;
    this.running = true;
    try {
      const stop = this.cpu.run(limits.untilCycle, limits.untilInstruction);
      if (this.end !== undefined) return this.end;
      if (stop.kind !== 'limit') return stop;
      return { kind: this.clock.now >= limits.untilCycle ? 'cycle' : 'instruction' };
    } finally {
      this.running = false;
    }
  }

  /** Makes the current `run` return after the instruction or event under way. For hooks; without a run under way it does nothing. */
  requestStop(): void {
    if (this.running) this.cpu.requestStop();
  }

  get cycles(): number {
    return this.clock.now;
  }

  get instructions(): number {
    return this.cpu.instructions;
  }

  /** Cycle of the next event of a device, Infinity when there is none. */
  get nextEventCycle(): number {
    return this.clock.nextCycle;
  }

  get clockHz(): number {
    return this.config.profile.cpu.clockHz;
  }

  /** Whether the time has been in the registers of the battery-backed clock, where the guest may have seen it. */
  get isClockUsed(): boolean {
    return this.rtc.isUsed;
  }

  get profile(): ResolvedConfig['profile'] {
    return this.config.profile;
  }

  get ramBytes(): number {
    return this.config.ramBytes;
  }

  /** The most requests that the disk's controller has had at once since the power came on; IDE takes one at a time. */
  get diskRequestsMost(): number {
    return this.virtioBlk?.requestsMost ?? (this.ide === undefined ? 0 : 1);
  }

  /** From now on the disk has one more fault. */
  addDiskFault(fault: DiskFault): void {
    this.assertIdle('addDiskFault');
    if (this.disk === undefined) throw new Error('machine: addDiskFault: there is no disk in this machine');
    this.disk.faults.add(fault);
  }

  /** What is wrong with the disk now: what is over and what has happened often enough is not on the list. */
  get diskFaults(): readonly DiskFault[] {
    return this.disk?.faults.state() ?? [];
  }

  /** The disk's durable medium, for reading only while the machine is powered; undefined without a disk. */
  get medium(): DurableMedium | undefined {
    return this.disk?.medium;
  }

  /** Lets the outside send bytes to COM1 or COM2, the first of them complete at `cycle` (not in the past), the others as fast as the line allows. */
  injectSerial(cycle: number, port: 1 | 2, ...bytes: readonly number[]): void {
    this.assertToCome(cycle);
    const uart = port === 1 ? this.com1 : this.com2;
    for (const byte of bytes) uart.inject(cycle, byte);
  }

  /** Lets the outside press or release a key of the keyboard at `cycle` (not in the past). Throws without a keyboard. */
  injectKey(cycle: number, key: KeyName, down: boolean): void {
    this.assertToCome(cycle);
    if (this.keyboard === undefined) throw new Error('machine: injectKey: there is no keyboard at this machine');
    this.keyboard.inject(cycle, key, down);
  }

  /**
   * Lets somebody at a US keyboard type these bytes (`keystrokes`) from `cycle` on, a key every KEY_SECONDS. The cycle at which the next
   * can be struck. Throws without a keyboard.
   */
  typeKeys(cycle: number, ...bytes: readonly number[]): number {
    const apart = Math.round(KEY_SECONDS * this.clockHz);
    const strokes = keystrokes(bytes);
    for (const [i, events] of strokes.entries()) {
      for (const { key, down } of events) this.injectKey(cycle + i * apart, key, down);
    }
    return cycle + strokes.length * apart;
  }

  /** What the text screen shows now, for watchers; undefined without a screen. */
  screenView(): ScreenView | undefined {
    return this.screen?.view();
  }

  /** The text on the screen, 25 lines without blanks at their ends; undefined without a screen. */
  screenText(): string | undefined {
    return this.screen === undefined ? undefined : screenText(this.screen.view());
  }

  /** A copy of physical memory; addresses outside RAM read as 0xFF. */
  readPhysical(address: number, bytes: number): Uint8Array {
    return this.memory.readBytes(address, bytes);
  }

  /** A physical page without a copy, valid until the machine runs on. For hashing. */
  viewPage(physicalPage: number): Uint8Array {
    return this.memory.viewPage(physicalPage);
  }

  /** A copy of memory at a linear address through the current page tables, without side effects; undefined where a page is not mapped. */
  readLinear(address: number, bytes: number): Uint8Array | undefined {
    const result = new Uint8Array(bytes);
    for (let done = 0; done < bytes; ) {
      const linear = (address + done) % 2 ** 32;
      const physical = this.cpu.translate(linear);
      if (physical < 0) return undefined;
      const count = Math.min(bytes - done, 4096 - (linear & 4095));
      result.set(this.memory.readBytes(physical, count), done);
      done += count;
    }
    return result;
  }

  /** Observes a range of linear pages (see LinearWatchHooks); not part of the state, so a fork has no watch. */
  watch(linearBase: number, pages: number, hooks: LinearWatchHooks): void {
    this.cpu.watch(linearBase, pages, hooks);
  }

  rearmWrites(): void {
    this.cpu.rearmWrites();
  }

  /** All sector writes that a power cut now would decide about, oldest first. */
  unflushedWrites(): readonly UnflushedWrite[] {
    return this.disk?.unflushed() ?? [];
  }

  /** The 512 bytes that the disk would give for a sector now, for watchers. Throws without a disk. */
  peekSector(lba: number): Uint8Array {
    if (this.disk === undefined) throw new Error('machine: peekSector: there is no disk in this machine');
    return this.disk.peek(lba);
  }

  /** The state now; later changes of the machine do not touch it. Not while the machine runs. */
  checkpoint(): MachineState {
    this.assertIdle('checkpoint');
    return new MachineState(
      this.config,
      this.clock.saveState(),
      this.cpu.saveState(),
      this.memory.fork(),
      this.deviceStates(),
      this.disk?.fork(),
      this.end,
    );
  }

  /**
   * An independent machine in the same state. With `medium`, a medium of the same capacity, that one is in its disk: for a machine that has read
   * and written none of its own, so that it cannot tell. With `rtcStart` its clock began then, for one that has not used it. Throws RangeError
   * where it could tell.
   */
  fork(
    hooks: MachineHooks = {},
    { medium, rtcStart }: { readonly medium?: DurableMedium; readonly rtcStart?: string } = {},
  ): Machine {
    const state = this.checkpoint();
    try {
      const dated = rtcStart === undefined ? state : state.withStart(parseTime(rtcStart));
      return Machine.fromCheckpoint(medium === undefined ? dated : dated.withMedium(medium), hooks);
    } finally {
      state.dispose();
    }
  }

  /** Hash of everything a guest could observe now or later: processor, memory, devices, disk, time. Not while the machine runs. */
  digest(): string {
    this.assertIdle('digest');
    const { profile, ramBytes, startSeconds } = this.config;
    return stateDigest({
      profile,
      ramBytes,
      startSeconds,
      clock: this.clock.saveState(),
      cpu: this.cpu.saveState(),
      memory: this.memory.digest(),
      devices: this.deviceStates(),
      disk: this.disk?.digestParts(),
      end: this.end,
    });
  }

  /** The power goes. The machine is over; the medium, with the survivors of the plan on it, is what the next machine starts from. */
  cutPower(plan: CutPlan): DurableMedium {
    this.assertIdle('cutPower');
    if (this.disk === undefined) throw new Error('machine: cutPower: there is no disk in this machine');
    const medium = this.disk.cutPower(plan, this.clock.now);
    this.powered = false;
    return medium;
  }

  /** Gives the RAM pages back; the machine is not used afterwards. The medium is left alone. */
  dispose(): void {
    this.assertNotRunning('dispose');
    this.powered = false;
    this.memory.dispose();
  }

  private deviceStates(): DeviceStates {
    return {
      pic: this.pic.saveState(),
      pit: this.pit.saveState(),
      com1: this.com1.saveState(),
      com2: this.com2.saveState(),
      rtc: this.rtc.saveState(),
      pci: this.pci.saveState(),
      busMaster: this.busMaster.saveState(),
      ide: this.ide?.saveState(),
      keyboard: this.keyboard?.saveState(),
      screen: this.screen?.saveState(),
      virtioBlk: this.virtioBlk?.saveState(),
    };
  }

  private restore(state: MachineState): void {
    this.loaded = true;
    this.end = state.end;
    const { devices } = state;
    this.pit.restoreState(devices.pit);
    this.com1.restoreState(devices.com1);
    this.com2.restoreState(devices.com2);
    this.rtc.restoreState(devices.rtc);
    this.busMaster.restoreState(devices.busMaster);
    this.pci.restoreState(devices.pci);
    // After the bus, whose routing moves its lines.
    this.pic.restoreState(devices.pic);
    if (devices.ide !== undefined) this.ide?.restoreState(devices.ide);
    if (devices.keyboard !== undefined) this.keyboard?.restoreState(devices.keyboard);
    if (devices.screen !== undefined) this.screen?.restoreState(devices.screen);
    if (devices.virtioBlk !== undefined) {
      this.virtioBlk?.restoreState(devices.virtioBlk);
      this.virtioLevel = this.virtioBlk?.interrupting ?? false;
    }
    this.clock.restoreState(state.clock);
    this.cpu.restoreState(state.cpu);
  }

  private makeBus(): Bus {
    const { pic, ports } = this;
    return {
      portRead: (port, size) => ports.read(port, size),
      portWrite: (port, size, value) => ports.write(port, size, value),
      get interruptPending() {
        return pic.interruptPending;
      },
      acknowledgeInterrupt: () => pic.acknowledge(),
    };
  }

  private connectPorts(): void {
    const { ports } = this;
    const pic = byteWide(this.pic);
    ports.connect(0x20, 2, pic);
    ports.connect(0xa0, 2, pic);
    const pit = byteWide(this.pit);
    ports.connect(0x40, 4, pit);
    ports.connect(0x61, 1, pit);
    ports.connect(0x70, 2, byteWide(this.rtc));
    ports.connect(0x3f8, 8, byteWide(this.com1));
    ports.connect(0x2f8, 8, byteWide(this.com2));
    ports.connect(0xcf8, 8, this.pci);
    if (this.ide !== undefined) {
      ports.connect(0x1f0, 8, this.ide);
      ports.connect(0x3f6, 1, this.ide);
    }
    if (this.keyboard !== undefined) {
      const keyboard = byteWide(this.keyboard);
      ports.connect(0x60, 1, keyboard);
      ports.connect(0x64, 1, keyboard);
    }
    if (this.screen !== undefined) {
      const screen = byteWide(this.screen);
      ports.connect(0x3d4, 2, screen);
      ports.connect(0x3da, 1, screen);
    }
    ports.connect(EXIT_PORT, 4, {
      portRead: () => 0,
      portWrite: (_port, _size, value) => this.endWith({ kind: 'exit', status: value * 2 + 1 }),
    });
    ports.connect(PROBE_PORT, 1, {
      portRead: (_port, size) => (size === 4 ? 0xffffffff : 0xffff >>> (16 - 8 * size)),
      portWrite: (_port, size, value) => this.probe(size, value),
    });
    this.connectPciPorts();
  }

  private pciChanged(): void {
    this.connectPciPorts();
    const irq = this.pci.virtioIrq;
    if (irq !== this.virtioIrq) {
      const level = this.virtioLevel;
      this.setVirtioLevel(false);
      this.virtioIrq = irq;
      this.setVirtioLevel(level);
    }
    this.virtioBlk?.busMasterChanged();
  }

  private setVirtioLevel(level: boolean): void {
    this.virtioLevel = level;
    if (this.virtioIrq !== undefined) this.pic.setIrq(this.virtioIrq, level);
  }

  /** Puts the ports of PCI devices where PCI says. Ports that a fixed device already has stay with that one. */
  private connectPciPorts(): void {
    const connect = (device: PortDevice, base: number, ports: number): void => {
      this.ports.disconnect(device);
      if (base !== 0 && !this.ports.isTaken(base, ports)) this.ports.connect(base, ports, device);
    };
    connect(this.busMaster, this.pci.busMasterBase, 16);
    if (this.virtioBlk !== undefined) connect(this.virtioBlk, this.pci.virtioBase, VIRTIO_PORTS);
  }

  private endWith(end: End): void {
    this.end = end;
    this.cpu.requestStop();
  }

  private probe(size: PortSize, value: number): void {
    if (size === 4) this.hooks.onProbe?.(value, this);
  }

  private assertToCome(cycle: number): void {
    if (Number.isSafeInteger(cycle) && cycle >= this.clock.now) return;
    throw new RangeError(`machine: input at cycle ${cycle}, which is before the current cycle ${this.clock.now}`);
  }

  private assertIdle(action: string): void {
    this.assertNotRunning(action);
    if (!this.powered) throw new Error(`machine: ${action}: the power is off`);
  }

  private assertNotRunning(action: string): void {
    if (this.running)
      throw new Error(`machine: ${action} inside a hook; call requestStop there and ${action} after run returned`);
  }
}

function newDisk(config: ResolvedConfig): Disk | undefined {
  if (config.medium === undefined) return undefined;
  return new Disk(config.medium, config.profile.disk, config.profile.cpu.clockHz, config.diskFaults);
}
