/**
 * The verbs gathered, and what becomes of errors: a user's mistake is one line, an error of the bed's own is one line and a hint, both
 * with exit code 2. 1 is kept for a property that failed.
 */
import { Command, CommanderError } from 'commander';
import { SetupError } from '../faults/index.js';
import { DiskFileError } from '../hardware-sim/index.js';
import { benchCommand } from './bench.js';
import { buildCommand } from './build.js';
import { checkCommand } from './check.js';
import { dumpCommand } from './dump.js';
import { messageOf, oneLine, UserError } from './errors.js';
import { EXIT_HELD, EXIT_USAGE } from './exit-codes.js';
import { imageCommand } from './image.js';
import { packageFile } from './package-file.js';
import { replayCommand } from './replay.js';
import { reportCommand } from './report.js';
import { runCommand } from './run.js';
import { drainStreams } from './streams.js';
import { testCommand } from './test.js';
import { tlaCommand } from './tla.js';
import { traceCommand } from './trace.js';
import { workerCommand } from './worker.js';

/** Set to anything, it makes an error of the bed's own come with its stack. */
const DEBUG_VARIABLE = 'PHANTOM_DEBUG';

/** `ended` is told the exit code of the verb that ran. */
function phantom(ended: (exitCode: number) => void): Command {
  const program = new Command('phantom')
    .description('Phantom OS on a simulated PC, and the test bed that cuts its power')
    .version(packageFile().version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addCommand(runCommand(ended))
    .addCommand(checkCommand(ended))
    .addCommand(workerCommand(ended))
    .addCommand(replayCommand(ended))
    .addCommand(reportCommand(ended))
    .addCommand(buildCommand(ended))
    .addCommand(testCommand(ended))
    .addCommand(benchCommand(ended))
    .addCommand(dumpCommand(ended))
    .addCommand(imageCommand(ended))
    .addCommand(tlaCommand(ended))
    .addCommand(traceCommand(ended));
  for (const command of [program, ...program.commands.flatMap((verb) => [verb, ...verb.commands])]) {
    command.exitOverride().configureOutput({
      outputError: (text, write) => write(`phantom: ${oneLine(text.replace(/^error: /, ''))}\n`),
    });
  }
  return program;
}

/** Runs the command line `words`; resolves to the exit code and throws nothing. */
export async function execute(words: readonly string[]): Promise<number> {
  let exitCode = EXIT_HELD;
  try {
    await parse(words, (code) => {
      exitCode = code;
    });
    await drainStreams();
  } catch (error) {
    reportError(error);
    return EXIT_USAGE;
  }
  return exitCode;
}

/** Help asked for is no error; a mistake in the words has been printed by commander. */
async function parse(words: readonly string[], ended: (exitCode: number) => void): Promise<void> {
  try {
    await phantom(ended).parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) ended(EXIT_USAGE);
  }
}

export function reportError(error: unknown): void {
  if (error instanceof UserError || error instanceof SetupError || error instanceof DiskFileError) {
    process.stderr.write(`phantom: ${oneLine(error.message)}\n`);
  } else if (process.env[DEBUG_VARIABLE]) {
    process.stderr.write(`phantom: ${error instanceof Error ? error.stack : String(error)}\n`);
  } else {
    const message = oneLine(messageOf(error));
    process.stderr.write(`phantom: error inside the test bed: ${message} (${DEBUG_VARIABLE}=1 shows where)\n`);
  }
}
