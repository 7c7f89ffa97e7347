/** The end of a verb that ran something: report, verdict, what repeats it, exit code. */
import type { RunResult } from '../reports/index.js';
import { EXIT_FAILED, EXIT_HELD } from './exit-codes.js';
import { writeReports } from './report-files.js';
import type { Terminal } from './terminal.js';

export function finish(result: RunResult, folder: string | undefined, terminal: Terminal): void {
  const paths = folder === undefined ? [] : writeReports(folder, result);
  terminal.say(result.verdict.text);
  if (paths.length > 0) terminal.say(`report: ${paths.join(' ')}`);
  terminal.say(`repeat: ${result.repeat}`);
  process.exitCode = result.verdict.outcome === 'failed' ? EXIT_FAILED : EXIT_HELD;
}
