#!/usr/bin/env node
/** The `phantom` command. One file a verb; this one gathers them and turns mistakes into one line and exit code 2. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { UserError } from './errors.js';
import { EXIT_USAGE } from './exit-codes.js';
import { replayCommand } from './replay.js';
import { runCommand } from './run.js';

/** The package's version: package.json is one folder up from the sources, two from what is built. */
function version(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      return JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')).version;
    } catch {}
  }
  return 'unknown';
}

function phantom(): Command {
  const program = new Command('phantom')
    .description('Phantom OS on a simulated PC, and the test bed that cuts its power')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addCommand(runCommand())
    .addCommand(replayCommand());
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      outputError: (text, write) =>
        write(
          `phantom: ${text
            .replace(/^error: /, '')
            .trim()
            .replace(/\s*\n\s*/g, ' ')}\n`,
        ),
    });
  }
  return program;
}

try {
  await phantom().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  } else if (error instanceof UserError) {
    process.stderr.write(`phantom: ${error.message}\n`);
    process.exitCode = EXIT_USAGE;
  } else {
    throw error;
  }
}
