/**
 * One boot of the system that the fault matrix examines: the kernel's persistent memory under `selftest/pressure.ts`, whose threads use
 * more pages than there are frames, on a machine watched from outside.
 *
 * The rule that makes it right: what memory must be is known from the MMU alone (`persistent-watch.ts`), never from the kernel. The
 * hashes taken at a demarcation are the truth of that generation in every later boot; a page that is mapped with other
 * contents is a wrong page, whatever the kernel says about it.
 */
import {
  type DiskController,
  type DiskEvent,
  type DiskFault,
  type DurableMedium,
  FLASH_MODULE,
  I486_PC,
  Machine,
  type MachineHooks,
  type StopReason,
} from '../hardware-sim/index.js';
import { readDiskImage } from './disk-image.js';
import { PAGE_BYTES, type PageHashes } from './page-hash.js';
import { PersistentWatch } from './persistent-watch.js';
import { type Probe, readProbe } from './probe.js';

/** The kernel's entry that is examined. */
export const MATRIX_ENTRY = 'impl/kernel/persist/selftest/pressure.ts';
/** About 360 frames are free on this machine. */
const RAM_BYTES = 3584 * 1024;
/** A disk without moving parts: more happens in fewer cycles. */
const PROFILE = { name: 'i486-pc-flash', cpu: I486_PC.cpu, disk: FLASH_MODULE };
/** Exit status of a self-test that passed. */
const PASSED = 1;
const LOG = 2;

export interface BootConfig {
  readonly elf: Uint8Array;
  /** What the disk is connected to; `ide` when not given. */
  readonly controller?: DiskController;
  readonly words: string;
  readonly medium?: DurableMedium;
  readonly diskSectors?: number;
  readonly ramBytes?: number;
  readonly faults?: readonly DiskFault[];
}

/** What the demarcated generations were; shared by all boots on forks of one disk, which see one history each. */
export type Truths = ReadonlyMap<number, PageHashes>;

export class Subject {
  readonly machine: Machine;
  log = '';
  /** Told of everything the disk does. */
  onDisk: ((event: DiskEvent) => void) | undefined;
  /** Of all generations demarcated, and of those known before. */
  readonly truths: Map<number, PageHashes>;
  /** Newest commit announced, newest abandoned generation; the generation recovered, undefined before. */
  committed = 0;
  abandoned = 0;
  recovered: number | undefined;
  panic: string | undefined;
  /** Called at each announcement; may ask the machine to stop. */
  onProbe: ((probe: Probe) => void) | undefined;
  private watch: PersistentWatch | undefined;

  private constructor(make: (hooks: MachineHooks) => Machine, truths: Truths) {
    this.truths = new Map(truths);
    this.machine = make({
      onSerial: (port, byte) => {
        if (port === LOG) this.log += String.fromCharCode(byte);
      },
      onProbe: (address, machine) => this.announced(readProbe(address, (at, bytes) => machine.readPhysical(at, bytes))),
      onDiskEvent: (event) => {
        this.onDisk?.(event);
      },
    });
  }

  static powerOn(config: BootConfig, truths: Truths = new Map()): Subject {
    const {
      elf,
      controller: diskController,
      words,
      medium,
      diskSectors = 16 * 2048,
      ramBytes = RAM_BYTES,
      faults,
    } = config;
    // What a disk of another history holds is what it must hold.
    const known = new Map(truths);
    if (medium !== undefined && truths.size === 0) {
      const image = readDiskImage(medium);
      const pages = 1024;
      if (image.newest !== undefined) known.set(image.newest.generation, image.hashes(pages).hashes);
    }
    return new Subject((hooks) => {
      const disk = medium === undefined ? { diskSectors } : { medium };
      const machine = new Machine({ ramBytes, profile: PROFILE, diskController, diskFaults: faults, ...disk }, hooks);
      machine.loadMultiboot({ image: elf, commandLine: words, modules: [] });
      return machine;
    }, known);
  }

  /** Its disk, as far as it is flushed. Throws an Error where it has none. */
  get medium(): DurableMedium {
    const { medium } = this.machine;
    if (medium === undefined) throw new Error('fault matrix: the machine has no disk');
    return medium;
  }

  /** The same boot once more, from here on independent. Its log and its disk events begin empty. */
  fork(): Subject {
    const copy = new Subject((hooks) => this.machine.fork(hooks), this.truths);
    copy.committed = this.committed;
    copy.abandoned = this.abandoned;
    copy.recovered = this.recovered;
    if (this.watch !== undefined) copy.follow(this.watch.fork((page) => copy.machine.viewPage(page)));
    return copy;
  }

  /** Runs until `holds` after an announcement, or until `untilCycle`. */
  runUntil(holds: (probe: Probe) => boolean, untilCycle: number): StopReason {
    this.onProbe = (probe) => {
      if (holds(probe)) this.machine.requestStop();
    };
    const stop = this.machine.run({ untilCycle });
    this.onProbe = undefined;
    return stop;
  }

  /** Runs until the first event of the disk that `holds`, and gives it. Undefined: there was none until `untilCycle`. */
  runUntilDisk(holds: (event: DiskEvent) => boolean, untilCycle: number): DiskEvent | undefined {
    const before = this.onDisk;
    let found: DiskEvent | undefined;
    this.onDisk = (event) => {
      before?.(event);
      if (found !== undefined || !holds(event)) return;
      found = event;
      this.machine.requestStop();
    };
    this.machine.run({ untilCycle });
    this.onDisk = before;
    return found;
  }

  /** Whether a stop is the end of a self-test that found nothing wrong. */
  static passed(stop: StopReason): boolean {
    return stop.kind === 'exit' && stop.status === PASSED;
  }

  /** Pages that were mapped with contents they never had at the instant that counts. Empties the list. */
  takeWrongPages(): readonly string[] {
    return this.watch?.takeProblems().map(({ message }) => message) ?? [];
  }

  private announced(probe: Probe): void {
    switch (probe.kind) {
      case 'booted': {
        const watch = new PersistentWatch(probe.base / PAGE_BYTES, probe.pages, (page) => this.machine.viewPage(page));
        this.follow(watch);
        break;
      }
      case 'recovered':
        this.recovered = probe.generation;
        this.watch?.recovered(probe.generation === 0 ? undefined : this.truths.get(probe.generation));
        break;
      case 'demarcation':
        if (this.watch !== undefined) this.truths.set(probe.generation, this.watch.demarcate());
        this.machine.rearmWrites();
        break;
      case 'commit':
        this.committed = probe.generation;
        break;
      case 'abandoned':
        this.abandoned = probe.generation;
        break;
      case 'panic':
        this.panic = probe.message;
        break;
      default:
        break;
    }
    this.onProbe?.(probe);
  }

  private follow(watch: PersistentWatch): void {
    this.watch = watch;
    this.machine.watch(watch.firstPage * PAGE_BYTES, watch.pages, watch);
    this.machine.rearmWrites();
  }
}
