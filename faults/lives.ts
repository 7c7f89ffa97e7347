/**
 * One program over several lives of the system on the simulated machine: run until something has happened, cut the power, come up again on the
 * medium that is left. For what is caught in the middle of a wait, and for what only the program's own words show.
 *
 * The rule: nothing is judged here but that memory is sound after a cut; who tells the story says what else must be so.
 */
import {
  type DurableMedium,
  type KeyName,
  Machine,
  type MachineConfig,
  type StopReason,
} from '../hardware-sim/index.js';
import { makeBundle } from '../impl/image/index.js';
import { readDisk, readPage } from '../model/disk-reader.js';
import { type MemoryImage, pagedImage, verifyHeap } from '../model/heap/index.js';
import { SECTORS_PER_BLOCK } from './block-rule.js';
import { blocksOf } from './disk-image.js';
import { readProbe } from './probe.js';

const SLICE_CYCLES = 50_000;
/** Several snapshot intervals. */
const QUIET_CYCLES = 20_000_000;

/** Class files by class name; method 8 of the boot class is where it begins. */
export interface LivesProgram {
  readonly classes: ReadonlyMap<string, Uint8Array>;
  readonly bootClass: string;
}

/** What had to happen did not, or memory is not sound: what was expected, and what the system said. */
export class LivesError extends Error {
  override readonly name = 'LivesError';
}

export class Lives {
  /** What all lives printed so far; what a cut undid is printed again. */
  console = '';
  log = '';
  /** Commits of this life. */
  commits = 0;
  /** Pages that the demarcations of this life found dirty, in all, by the kernel's count. */
  dirtied = 0;
  /** Generation this life began from. */
  recovered = 0;
  private machine: Machine | undefined;
  /** Persistent memory as the newest generation on the disk has it, after a cut. */
  committed: MemoryImage | undefined;
  private medium: DurableMedium | undefined;

  private readonly bundle: Uint8Array;
  private readonly commandLine: string;

  /** `words` of the command line besides `root.boot`. */
  constructor(
    private readonly elf: Uint8Array,
    { classes, bootClass }: LivesProgram,
    words: string,
  ) {
    this.bundle = makeBundle([...classes].map(([name, bytes]) => ({ name, bytes })));
    this.commandLine = `root.boot=${bootClass} ${words}`;
  }

  /** `words` of the command line besides those of all lives. */
  boot(config: Partial<MachineConfig> = {}, words = ''): void {
    this.commits = 0;
    this.dirtied = 0;
    const machine = new Machine(
      {
        ramBytes: 32 << 20,
        ...(this.medium === undefined ? { diskSectors: 65536 } : { medium: this.medium }),
        ...config,
      },
      {
        onSerial: (port, byte) => {
          if (port === 1) this.console += String.fromCharCode(byte);
          else this.log += String.fromCharCode(byte);
        },
        onProbe: (address) => {
          const probe = readProbe(address, (at, bytes) => machine.readPhysical(at, bytes));
          if (probe.kind === 'commit') this.commits++;
          if (probe.kind === 'demarcation') this.dirtied += probe.dirtied;
          if (probe.kind === 'recovered') this.recovered = probe.generation;
        },
      },
    );
    const modules = [{ bytes: this.bundle, commandLine: 'classes' }];
    machine.loadMultiboot({ image: this.elf, commandLine: `${this.commandLine} ${words}`, modules });
    this.machine = machine;
  }

  private get running(): Machine {
    if (this.machine === undefined) throw new Error('no machine runs: boot first');
    return this.machine;
  }

  /** Runs until `happened`, or fails: at most `cycles` more. */
  until(happened: () => boolean, cycles = 400_000_000): void {
    const machine = this.running;
    const end = machine.cycles + cycles;
    while (!happened()) {
      const stop = machine.run({ untilCycle: machine.cycles + SLICE_CYCLES });
      if (happened()) return;
      if (stop.kind !== 'cycle' || machine.cycles >= end) {
        throw new LivesError(`it did not happen: ${JSON.stringify({ stop, console: this.console, log: this.log })}`);
      }
    }
  }

  /** Runs until all that is so now is in a committed generation. */
  untilCommitted(): void {
    // The commit under way may be of a demarcation in the past, the one after it is not. A system in which nothing
    // changes has no more to commit.
    const enough = this.commits + 2;
    const quiet = this.running.cycles + QUIET_CYCLES;
    this.until(() => this.commits >= enough || this.running.cycles >= quiet);
  }

  type(text: string): void {
    this.running.injectSerial(this.running.cycles, 1, ...Buffer.from(text, 'latin1'));
  }

  /** Somebody at a US keyboard types. */
  typeKeys(text: string): void {
    this.running.typeKeys(this.running.cycles, ...Buffer.from(text, 'latin1'));
  }

  /** Keys are struck together: pressed in this order, and released. */
  strike(...keys: readonly KeyName[]): void {
    const machine = this.running;
    for (const down of [true, false]) for (const key of keys) machine.injectKey(machine.cycles, key, down);
  }

  /** What the screen shows, without empty lines at its end. */
  get screen(): string {
    return this.running.screenText()?.trimEnd() ?? 'no screen';
  }

  /**
   * The power goes; unflushed writes are lost. What is left must be sound: each word of the newest generation is what
   * the layout says, so none is an address of the kernel's own memory.
   */
  cut(): void {
    const medium = this.running.cutPower({ survive: 'none' });
    this.medium = medium;
    this.dispose();
    const source = blocksOf(medium);
    const [newest] = readDisk(source).generations;
    if (newest === undefined) return;
    this.committed = pagedImage((page) => readPage(source, newest, page));
    const problems = verifyHeap(this.committed);
    if (problems.length > 0)
      throw new LivesError(`generation ${newest.generation} is not sound: ${problems.join('; ')}`);
  }

  /** First sector of the newest generation's page that holds these bytes. */
  sectorOf(pattern: readonly number[]): number {
    if (this.medium === undefined) throw new Error('there is no medium: cut first');
    const source = blocksOf(this.medium);
    const pages = [...readDisk(source).generations[0].pages.values()];
    const found = pages.find(({ block }) => Buffer.from(source.read(block) ?? []).includes(Buffer.from(pattern)));
    if (found === undefined) throw new Error('no page of the newest generation holds the pattern');
    return found.block * SECTORS_PER_BLOCK;
  }

  /** Cycles of this life. */
  get cycles(): number {
    return this.running.cycles;
  }

  /** The machine of this life is needed no more. */
  dispose(): void {
    this.machine?.dispose();
    this.machine = undefined;
  }

  /** Runs until the machine ends itself. */
  toEnd(cycles = 800_000_000): StopReason {
    return this.running.run({ untilCycle: this.running.cycles + cycles });
  }
}
