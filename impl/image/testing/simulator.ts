/** Runs a kernel image on the simulated machine until it ends it: what came out, and the probe records. */
import { Machine, type MachineConfig, type StopReason } from '../../../hardware-sim/index.js';

export interface ProbeRecord {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly cycle: number;
}

export interface SimulatorRun {
  /** What came out of COM1 and COM2. */
  readonly console: string;
  readonly log: string;
  readonly stop: StopReason;
  readonly cycles: number;
  readonly instructions: number;
  readonly probes: readonly ProbeRecord[];
}

export interface SimulatorOptions {
  readonly elf: Uint8Array;
  readonly commandLine?: string;
  /** The module whose string ends in `classes`. */
  readonly bundle?: Uint8Array;
  readonly ramMib?: number;
  /** 0: no disk. */
  readonly diskMib?: number;
  readonly diskFaults?: MachineConfig['diskFaults'];
  readonly diskController?: MachineConfig['diskController'];
  /** Bytes the outside sends to COM1, as fast as the line allows, from `typedAt` on. */
  readonly typed?: readonly number[];
  readonly typedAt?: number;
  readonly untilCycle?: number;
}

const MIB = 1024 * 1024;
const SECTOR_BYTES = 512;

export function runSimulator(options: SimulatorOptions): SimulatorRun {
  const output: number[][] = [[], []];
  const probes: ProbeRecord[] = [];
  const diskSectors = ((options.diskMib ?? 32) * MIB) / SECTOR_BYTES;
  const machine = new Machine(
    {
      ramBytes: (options.ramMib ?? 32) * MIB,
      diskSectors: diskSectors > 0 ? diskSectors : undefined,
      diskFaults: options.diskFaults,
      diskController: options.diskController,
    },
    {
      onSerial: (port, byte) => void output[port - 1].push(byte),
      onProbe: (address) => {
        const view = new DataView(machine.readPhysical(address, 16).buffer);
        const [kind, a, b, c] = [0, 4, 8, 12].map((at) => view.getUint32(at, true));
        probes.push({ kind, a, b, c, cycle: machine.cycles });
      },
    },
  );
  const modules = options.bundle === undefined ? [] : [{ bytes: options.bundle, commandLine: 'classes' }];
  machine.loadMultiboot({ image: options.elf, commandLine: options.commandLine ?? '', modules });
  machine.injectSerial(options.typedAt ?? 0, 1, ...(options.typed ?? []));
  const stop = machine.run({ untilCycle: options.untilCycle ?? 2_000_000_000 });
  const [console, log] = output.map((bytes) => Buffer.from(bytes).toString('latin1'));
  const { cycles, instructions } = machine;
  machine.dispose();
  return { console, log, stop, cycles, instructions, probes };
}
