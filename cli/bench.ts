/** `phantom bench`: counted costs on the simulated machine, the same on every host; and how fast the bed makes its runs on this one. */
import { Argument, Command } from 'commander';
import { describeFaults, faultsViolations, measureFaults } from '../bench/faults.js';
import { describeInterpreter, measureInterpreter } from '../bench/interpreter.js';
import { describeSnapshots, measureSnapshots, SNAPSHOT_KERNEL, violations } from '../bench/snapshot.js';
import { I486_PC } from '../hardware-sim/index.js';
import { EXIT_FAILED, EXIT_HELD } from './exit-codes.js';
import { getKernel, getKernelFor } from './kernel.js';
import { Terminal } from './terminal.js';

interface BenchFlags {
  readonly json?: true;
}

interface Outcome {
  /** In the form of the file that pins it. */
  readonly report: unknown;
  readonly text: string;
  /** A line for each figure beyond its bound. */
  readonly violations: readonly string[];
}

async function interpreter(): Promise<Outcome> {
  const { elf } = await getKernel([], new Terminal('hidden'));
  const report = measureInterpreter(elf);
  return { report, text: describeInterpreter(report, I486_PC.cpu.clockHz), violations: [] };
}

async function snapshot(): Promise<Outcome> {
  const { elf } = await getKernelFor(SNAPSHOT_KERNEL, new Terminal('hidden'));
  const report = measureSnapshots(elf, (text) => process.stderr.write(`${text}\n`));
  return { report, text: describeSnapshots(report), violations: violations(report.whole) };
}

async function faults(): Promise<Outcome> {
  const report = measureFaults(await getKernel([], new Terminal('hidden')));
  return { report, text: describeFaults(report), violations: faultsViolations(report) };
}

const MEASUREMENTS = { interpreter, snapshot, faults };

/** `ended` is told the exit code. */
export function benchCommand(ended: (exitCode: number) => void): Command {
  return new Command('bench')
    .description(
      'count what the interpreter costs (cycles, instructions, pages dirtied), or what snapshots do (minutes); or time runs and crash states (faults)',
    )
    .addArgument(new Argument('<what>', 'what to measure').choices(Object.keys(MEASUREMENTS)))
    .option('--json', 'print the figures as JSON, as the files in bench have them')
    .addHelpText('after', '\nExit codes: 0 measured; 1 a figure is beyond its bound; 2 usage or set-up error.')
    .action(async (what: keyof typeof MEASUREMENTS, { json }: BenchFlags) => {
      const outcome = await MEASUREMENTS[what]();
      process.stdout.write(json ? `${JSON.stringify(outcome.report, null, 2)}\n` : outcome.text);
      for (const line of outcome.violations) process.stderr.write(`beyond its bound: ${line}\n`);
      ended(outcome.violations.length === 0 ? EXIT_HELD : EXIT_FAILED);
    });
}
