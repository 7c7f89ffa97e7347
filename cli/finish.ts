/** The end of a verb that ran something: report, verdict, what to do with it next, exit code. */
import { failedThreads } from '../reports/facts.js';
import type { RunResult } from '../reports/index.js';
import { EXIT_FAILED, EXIT_HELD } from './exit-codes.js';
import { writeReports } from './report-files.js';
import type { Terminal } from './terminal.js';

/** `next` is the line about the command that follows. Returns the exit code. */
export function finish(result: RunResult, folder: string | undefined, next: string, terminal: Terminal): number {
  const paths = folder === undefined ? [] : writeReports(folder, result);
  terminal.say(result.verdict.text);
  if (paths.length > 0) terminal.say(`report: ${paths.join(' ')}`);
  terminal.say(next);
  const { outcome } = result.verdict;
  return outcome === 'failed' || (outcome === 'finished' && failedThreads(result.events) > 0) ? EXIT_FAILED : EXIT_HELD;
}
