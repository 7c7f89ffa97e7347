/**
 * Garbage collections seen from outside: what the kernel announces of each (probe record 9, ARCHITECTURE.md, C4), with
 * the cycle, and the persistent pages that were written between two announcements, as the MMU reports them.
 */
import { Machine, type MachineConfig, type StopReason } from '../../hardware-sim/index.js';
import { buildKernel, makeBundle } from '../../impl/image/index.js';
import { type CollectionStep, readProbe } from '../probe.js';

export interface Announced {
  readonly step: CollectionStep;
  readonly cycle: number;
  readonly b: number;
  readonly c: number;
  /** Persistent pages written to since the announcement before, by number. */
  readonly written: ReadonlySet<number>;
}

export interface CollectionRun {
  readonly machine: Machine;
  readonly announced: Announced[];
  console: string;
  log: string;
  /** Called when a collection announces that it stops programs, in its thread. */
  onStop?: () => void;
}

const PAGE_BYTES = 4096;

export interface CollectionRunOptions {
  readonly words: string;
  readonly defects?: readonly string[];
  readonly config?: Partial<MachineConfig>;
}

/** A machine that has the program before it and has not begun. */
export async function collectionRun(
  program: { readonly classes: ReadonlyMap<string, Uint8Array>; readonly bootClass: string },
  { words, defects = [], config = {} }: CollectionRunOptions,
): Promise<CollectionRun> {
  const { elf } = await buildKernel({ defects });
  const written = new Set<number>();
  const run: CollectionRun = {
    console: '',
    log: '',
    announced: [],
    machine: new Machine(
      { ramBytes: 16 << 20, diskSectors: 65536, ...config },
      {
        onSerial: (port, byte) => {
          if (port === 1) run.console += String.fromCharCode(byte);
          else run.log += String.fromCharCode(byte);
        },
        onProbe: (address, machine) => {
          const probe = readProbe(address, (at, bytes) => machine.readPhysical(at, bytes));
          if (probe.kind === 'booted') {
            const hooks = {
              onMap: (page: number, _frame: number, write: boolean) => {
                if (write) written.add(page - probe.base / PAGE_BYTES);
              },
              onInvalidate: () => {},
              onFlush: () => {},
            };
            machine.watch(probe.base, probe.pages, hooks);
          }
          if (probe.kind !== 'collection') return;
          run.announced.push({ ...probe, cycle: machine.cycles, written: new Set(written) });
          if (probe.step === 'stop') run.onStop?.();
          written.clear();
          machine.rearmWrites();
        },
      },
    ),
  };
  const bundle = makeBundle([...program.classes].map(([name, bytes]) => ({ name, bytes })));
  run.machine.loadMultiboot({
    image: elf,
    commandLine: `root.boot=${program.bootClass} ${words}`,
    modules: [{ bytes: bundle, commandLine: 'classes' }],
  });
  return run;
}

/** Runs to the end of the machine, at most `cycles`; `look` at it every `slice`. */
export function runToEnd(run: CollectionRun, cycles: number, slice = cycles, look: () => void = () => {}): StopReason {
  const end = run.machine.cycles + cycles;
  for (;;) {
    const stop = run.machine.run({ untilCycle: Math.min(end, run.machine.cycles + slice) });
    look();
    if (stop.kind !== 'cycle' || run.machine.cycles >= end) return stop;
  }
}
