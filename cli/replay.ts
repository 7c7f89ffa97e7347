/** `phantom replay`: the run of a report once more, which must come out the same to the cycle. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { Command } from 'commander';
import { parseJson, type RunResult, renderJson } from '../reports/index.js';
import { drive } from './drive.js';
import { messageOf, reasonOf, UserError } from './errors.js';
import { EXIT_FAILED } from './exit-codes.js';
import { finish } from './finish.js';
import { getKernel } from './kernel.js';
import { prepareFolder } from './report-files.js';
import { Terminal } from './terminal.js';

interface ReplayFlags {
  readonly json?: true;
  readonly reportDir?: string;
}

export function replayCommand(): Command {
  return new Command('replay')
    .description('run again what a report tells of: same cycles, same digests')
    .argument('<report>', 'the JSON report of a run')
    .option('--json', 'print one object of the report schema on stdout and nothing else there')
    .option('--report-dir <folder>', 'write the report of the replay there (default: nowhere)')
    .addHelpText(
      'after',
      '\nExit codes: 0 same run and held, 1 a property failed or the run differed, 2 usage or set-up error.',
    )
    .action(replay);
}

async function replay(file: string, flags: ReplayFlags): Promise<void> {
  const report = readReport(file);
  if (report.disk === 'file')
    throw new UserError(`${file}: a run with --disk cannot be replayed: its disk has gone on`);
  if (flags.reportDir !== undefined) prepareFolder(flags.reportDir);
  const terminal = new Terminal(flags.json ? 'hidden' : 'by line');
  const kernel = await getKernel(report.kernel.defects, terminal);
  if (kernel.sha256 !== report.kernel.sha256) {
    throw new UserError(
      `${file}: made with kernel image ${report.kernel.sha256}, this one is ${kernel.sha256}: not the same run`,
    );
  }
  const { options, repeat, disk } = report;
  const program = report.program.map(({ name, base64 }) => ({
    name,
    bytes: new Uint8Array(Buffer.from(base64, 'base64')),
  }));
  terminal.say(
    `replay of ${file}: program ${options.bootClass}, seed ${report.seed}, power cuts: ${report.plan.cuts.length}`,
  );
  const result = await drive({ kernel, program, options, repeat, disk }, report.plan, { terminal });
  finish(result, flags.reportDir, terminal);
  // What was written is what a report keeps: `undefined` is not.
  const difference = firstDifference(report, parseJson(renderJson(result)));
  if (difference === undefined) {
    terminal.say(`same run: ${result.digests.length} digests and ${result.cycles} cycles agree`);
  } else {
    terminal.say(`NOT the same run: ${difference}`);
    process.exitCode = EXIT_FAILED;
  }
  if (flags.json) terminal.output(renderJson(result));
  await terminal.flush();
}

function readReport(file: string): RunResult {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`${file}: cannot read the report: ${reasonOf(error)}`);
  }
  try {
    return parseJson(text);
  } catch (error) {
    throw new UserError(`${file}: ${messageOf(error)}`);
  }
}

/** Where two results that should be equal differ first; in the order that tells most. */
export function firstDifference(before: RunResult, after: RunResult): string | undefined {
  for (let i = 0; i < Math.max(before.digests.length, after.digests.length); i++) {
    const [a, b] = [before.digests[i], after.digests[i]];
    if (isDeepStrictEqual(a, b)) continue;
    const tell = (one: typeof a | undefined) =>
      one === undefined
        ? 'none'
        : `${one.at} of generation ${one.generation} at cycle ${one.cycle} of boot ${one.boot}, ${one.digest}`;
    return `digest ${i}: expected ${tell(a)}; found ${tell(b)}`;
  }
  if (before.cycles !== after.cycles) return `expected ${before.cycles} cycles, found ${after.cycles}`;
  const keys = Object.keys(before) as (keyof RunResult)[];
  const key = keys.find((name) => !isDeepStrictEqual(before[name], after[name]));
  return key === undefined ? undefined : `${key} differ`;
}
