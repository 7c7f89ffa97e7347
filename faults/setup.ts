/**
 * What a run is given: kernel, program, options, and the machine they mean.
 *
 * The rule: everything that decides a run is in here or in the plan, so the two together replay it.
 */
import { createHash } from 'node:crypto';
import { I486_PC, type MachineProfile } from '../hardware-sim/index.js';
import { makeBundle } from '../impl/image/index.js';
import type { FaultPlan } from '../reports/plan.js';
import type { RunOptions, RunResult } from '../reports/schema.js';
import type { PlanShape } from './plan.js';

/** One class file of the program. */
export interface ProgramClass {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The kernel under test. */
export interface Kernel {
  readonly elf: Uint8Array;
  readonly sha256: string;
  readonly defects: readonly string[];
}

export interface RunSetup {
  readonly kernel: Kernel;
  readonly program: readonly ProgramClass[];
  readonly options: RunOptions;
  readonly disk: RunResult['disk'];
  /** The class files as the user named them, for the command that repeats the run; none: the default program. */
  readonly files: readonly string[];
  /** The file of a kernel that is not this package's. */
  readonly kernelFile?: string;
  /** The disk file, where there is one. */
  readonly diskFile?: string;
}

export const DEFAULT_OPTIONS: Omit<RunOptions, 'bootClass'> = {
  maxCycles: null,
  ramMiB: 16,
  diskMiB: 256,
  persistentMiB: 64,
  snapshotIntervalMs: 100,
  diskController: 'ide',
  console: 'serial',
};

export const MACHINE_PROFILE: MachineProfile = I486_PC;
export const CLOCK_HZ = MACHINE_PROFILE.cpu.clockHz;

/** About what a boot takes until programs run; only the spread of cuts depends on it. */
const BOOT_CYCLES = 12_000_000;

/** Enough that a life has something to show, few enough that many cuts fall into snapshots. */
const LIFE_INTERVALS = 8;

export function planShape(options: RunOptions, cuts: number): PlanShape {
  const snapshotCycles = Math.round((options.snapshotIntervalMs / 1000) * CLOCK_HZ);
  return { cuts, bootCycles: BOOT_CYCLES, snapshotCycles, intervals: LIFE_INTERVALS };
}

/** The kernel's command line for these options. */
export function commandLine(options: RunOptions): string {
  return [
    'phantom',
    `root.boot=${options.bootClass}`,
    `persistent.mib=${options.persistentMiB}`,
    `snapshot.interval=${options.snapshotIntervalMs}`,
    ...(options.console === 'screen' ? ['console=screen'] : []),
    ...(options.collectKib === undefined ? [] : [`collect.kib=${options.collectKib}`]),
    ...(options.output === undefined ? [] : [`console.output=${options.output}`]),
  ].join(' ');
}

export function diskSectors(options: Pick<RunOptions, 'diskMiB'>): number {
  return options.diskMiB * 2048;
}

/** The set-up on the drive that the plan says. */
export function withPlannedDisk<S extends Pick<RunSetup, 'options'>>(setup: S, { diskMiB }: FaultPlan): S {
  return diskMiB === undefined ? setup : { ...setup, options: { ...setup.options, diskMiB } };
}

/** The class bundle the kernel finds beside it. */
export function bundle(program: readonly ProgramClass[]): Uint8Array {
  return makeBundle(program.map(({ name, bytes }) => ({ name, bytes })));
}

export function describeProgram(program: readonly ProgramClass[]): RunResult['program'] {
  return program.map(({ name, bytes }) => ({
    name,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    base64: Buffer.from(bytes).toString('base64'),
  }));
}
