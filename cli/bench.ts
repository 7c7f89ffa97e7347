/** `phantom bench`: counted costs on the simulated machine, the same on every host. */
import { Argument, Command } from 'commander';
import { describeInterpreter, measureInterpreter } from '../bench/interpreter.js';
import { I486_PC } from '../hardware-sim/index.js';
import { EXIT_HELD } from './exit-codes.js';
import { getKernel } from './kernel.js';
import { Terminal } from './terminal.js';

interface BenchFlags {
  readonly json?: true;
}

/** `ended` is told the exit code. */
export function benchCommand(ended: (exitCode: number) => void): Command {
  return new Command('bench')
    .description('count what the interpreter costs: cycles, instructions, pages dirtied')
    .addArgument(new Argument('<what>', 'what to measure').choices(['interpreter']))
    .option('--json', 'print the figures as JSON, as bench/interpreter.json has them')
    .addHelpText('after', '\nExit codes: 0 measured; 2 usage or set-up error.')
    .action(async (_what: string, { json }: BenchFlags) => {
      const { elf } = await getKernel([], new Terminal('hidden'));
      const report = measureInterpreter(elf);
      const text = json ? `${JSON.stringify(report, null, 2)}\n` : describeInterpreter(report, I486_PC.cpu.clockHz);
      process.stdout.write(text);
      ended(EXIT_HELD);
    });
}
