/** `phantom trace`: whether the recorded trace of a run is a behaviour of the specifications. */
import { Command } from 'commander';
import { checkTrace } from '../model/trace/check.js';
import { describeCheck } from '../model/trace/describe.js';
import { parseTrace, TraceError, type TraceEvent } from '../model/trace/events.js';
import { UserError } from './errors.js';
import { EXIT_FAILED, EXIT_HELD } from './exit-codes.js';
import { readText } from './read-file.js';

interface TraceFlags {
  readonly json?: true;
}

/** `ended` is told the exit code. */
export function traceCommand(ended: (exitCode: number) => void): Command {
  return new Command('trace')
    .description('hold the trace of a run against the specifications SnapshotCow and Superblock')
    .argument('<file>', 'what `phantom run --trace` wrote')
    .option('--json', 'print one object')
    .addHelpText('after', '\nExit codes: 0 accepted, 1 rejected, 2 usage error or no trace.')
    .action((file: string, flags: TraceFlags) => ended(trace(file, flags)));
}

function trace(file: string, flags: TraceFlags): number {
  const check = checkTrace(readTrace(file));
  const { taken, ...rest } = check;
  const actions = Object.fromEntries(Object.entries(taken).map(([level, times]) => [level, Object.fromEntries(times)]));
  process.stdout.write(`${flags.json ? JSON.stringify({ ...rest, taken: actions }) : describeCheck(check)}\n`);
  return check.rejection === undefined ? EXIT_HELD : EXIT_FAILED;
}

function readTrace(file: string): TraceEvent[] {
  const text = readText(file, 'the trace');
  try {
    const events = parseTrace(text);
    if (events.length === 0) throw new TraceError('it has no events; `phantom run --trace FILE` writes one');
    return events;
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    throw new UserError(`${file}: ${error.message}`);
  }
}
