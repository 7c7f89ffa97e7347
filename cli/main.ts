#!/usr/bin/env node
/** The `phantom` command as a process: streams guarded first, then the words, then the exit code. */
import { execute, reportError } from './command.js';
import { EXIT_USAGE } from './exit-codes.js';
import { guardStreams } from './streams.js';

guardStreams();
process.on('uncaughtException', (error) => {
  reportError(error);
  process.exit(EXIT_USAGE);
});
process.exitCode = await execute(process.argv.slice(2));
