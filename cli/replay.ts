/** `phantom replay`: the run of a report once more, which must come out the same to the cycle. */
import { isDeepStrictEqual } from 'node:util';
import { Command } from 'commander';
import {
  explainRun,
  failureOf,
  findingSetup,
  likelihoodOfRun,
  type RunSetup,
  shellWord,
  TraceRecorder,
} from '../faults/index.js';
import { grouped, plural } from '../reports/facts.js';
import {
  FINDING_FORMAT,
  type FindingFile,
  parseFinding,
  parseJson,
  type RunResult,
  renderBehaviour,
  renderDifference,
  renderJson,
  renderLanes,
} from '../reports/index.js';
import { parseFile, parseFolder } from './arguments.js';
import { drive } from './drive.js';
import { messageOf, UserError } from './errors.js';
import { EXIT_FAILED } from './exit-codes.js';
import { finish } from './finish.js';
import { getKernel } from './kernel.js';
import { readText } from './read-file.js';
import { prepareFolder } from './report-files.js';
import { Terminal } from './terminal.js';

/** The format stands at the beginning of a file. */
const FORMAT_WITHIN = 200;

interface ReplayFlags {
  readonly explain?: true;
  readonly likelihood?: true;
  readonly defects: boolean;
  readonly json?: true;
  readonly reportDir?: string;
  readonly kernel?: string;
}

/** `ended` is told the exit code. */
export function replayCommand(ended: (exitCode: number) => void): Command {
  return new Command('replay')
    .description('run again what a report tells of: same cycles, same digests')
    .argument('<report>', 'the JSON report of a run, or a finding of phantom check')
    .option(
      '--explain',
      'show what happened: lanes over the cycles, pages that differ, and what the specifications say',
    )
    .option('--likelihood', 'with --explain: from moments before the failure, how many runs of other randomness fail')
    .option('--no-defects', 'on the kernel without the defects it was found with; judged, not compared')
    .option('--kernel <file>', 'the kernel it was made with, where that is not Phantom OS of this package', parseFile)
    .option('--json', 'print one object of the report schema on stdout and nothing else there')
    .option('--report-dir <folder>', 'write the report of the replay there (default: nowhere)', parseFolder)
    .addHelpText(
      'after',
      '\nA finding on a kernel that is not the one it was made with is run and judged, not compared; so are those of faults/corpus.\n' +
        '\nExit codes: 0 same run and held, 1 a property failed or the run differed, 2 usage or set-up error.',
    )
    .action(async (file: string, flags: ReplayFlags) => ended(await replay(file, flags)));
}

async function replay(file: string, flags: ReplayFlags): Promise<number> {
  if (flags.likelihood && !flags.explain) throw new UserError('--likelihood needs --explain');
  const { report, finding } = readReport(file);
  const { options, disk, plan } = report;
  if (disk !== 'new') throw new UserError(`${file}: a run with --disk cannot be replayed: its disk has gone on`);
  if (flags.reportDir !== undefined) prepareFolder(flags.reportDir);
  const terminal = new Terminal(flags.json ? 'hidden' : 'by line');
  const kernel = await getKernel(flags.defects ? report.kernel.defects : [], terminal, flags.kernel);
  const isSameKernel = kernel.sha256 === report.kernel.sha256;
  // A finding of the corpus has nothing to be compared with.
  const isCompared = isSameKernel && finding?.corpus === undefined;
  if (!isSameKernel && finding === undefined && flags.defects) {
    throw new UserError(
      `${file}: made with kernel image ${report.kernel.sha256}, this one is ${kernel.sha256}: not the same run`,
    );
  }
  const setup = { ...findingSetup({ result: report }, kernel), disk };
  terminal.say(`replay of ${file}: program ${options.bootClass}, seed ${plan.seed}, power cuts: ${plan.cuts.length}`);
  // The trace of a run is judged where it was.
  const traced = report.properties.some(({ id, checked }) => id === 'P24' && checked > 0);
  const trace = traced ? new TraceRecorder() : undefined;
  const result = await drive(setup, plan, { terminal, trace });
  const exitCode = finish(result, flags.reportDir, `repeat: npx phantom replay ${shellWord(file)}`, terminal);
  // What was written is what a report keeps: `undefined` is not.
  const difference = isCompared ? firstDifference(report, parseJson(renderJson(result))) : undefined;
  if (!isCompared) {
    const which = isSameKernel
      ? 'a past finding'
      : `made with kernel image ${report.kernel.sha256}, this one is ${kernel.sha256}`;
    terminal.say(`judged, not compared: ${which}`);
  } else if (difference === undefined) {
    terminal.say(`same run: ${plural(result.digests.length, 'digest')} and ${plural(result.cycles, 'cycle')} agree`);
  } else {
    terminal.say(`NOT the same run: ${difference}`);
  }
  if (flags.explain) explain(setup, result, flags, (line) => terminal.say(line));
  if (flags.json) terminal.output(renderJson(result));
  await terminal.flush();
  return difference === undefined ? exitCode : EXIT_FAILED;
}

/** Says what happened in the run, and why it failed if it did. */
function explain(setup: RunSetup, result: RunResult, flags: ReplayFlags, say: (line: string) => void): void {
  const { timeline, pages, trace, said } = explainRun(setup, result);
  for (const line of renderLanes(timeline)) say(line);
  for (const { page, expected, found, content } of pages) {
    say(`page ${page} differs: expected content ${expected ?? 'none'}, found ${found ?? 'none'}`);
    if (content !== undefined) for (const line of renderDifference(content)) say(`  ${line}`);
  }
  const [verdict, ...details] = said.split('\n');
  say(`the specifications: ${verdict}`);
  if (trace.length > 0) {
    say('the behaviour up to there, -> marks what changed:');
    for (const line of renderBehaviour(trace)) say(line);
    for (const line of details.slice(details.indexOf(TRIED))) say(line);
  }
  if (!flags.likelihood) return;
  if (result.verdict.outcome !== 'failed') {
    say('likelihood: nothing failed');
    return;
  }
  say('runs of other randomness from moments before the failure:');
  for (const { boot, cycle, tried, failed } of likelihoodOfRun(setup, failureOf(result), REPLAY_LIKELIHOOD)) {
    say(`  from boot ${boot}, cycle ${grouped(cycle)}: ${failed} of ${tried} fail the same way`);
  }
}

const REPLAY_LIKELIHOOD = { moments: 8, runs: 8 } as const;
/** The line of a rejection from which on it says more than the behaviour. */
const TRIED = 'what the event could have been:';

interface Report {
  readonly report: RunResult;
  /** Where the file is one. */
  readonly finding?: FindingFile;
}

function readReport(file: string): Report {
  const text = readText(file, 'the report');
  try {
    if (!isFinding(text)) return { report: parseJson(text) };
    const finding = parseFinding(text);
    return { report: finding.result, finding };
  } catch (error) {
    throw new UserError(`${file}: ${messageOf(error)}`);
  }
}

/** A finding of a campaign has the run that fails in it. */
function isFinding(text: string): boolean {
  return text.slice(0, FORMAT_WITHIN).includes(`"${FINDING_FORMAT}"`);
}

/** Where two results that should be equal differ first; in the order that tells most. */
export function firstDifference(before: RunResult, after: RunResult): string | undefined {
  for (let i = 0; i < Math.max(before.digests.length, after.digests.length); i++) {
    const [a, b] = [before.digests[i], after.digests[i]];
    if (isDeepStrictEqual(a, b)) continue;
    const tell = (one: typeof a | undefined) =>
      one === undefined
        ? 'none'
        : `${one.at} of generation ${one.generation} at cycle ${grouped(one.cycle)} of boot ${one.boot}, ${one.digest}`;
    return `digest ${i}: expected ${tell(a)}; found ${tell(b)}`;
  }
  if (before.cycles !== after.cycles) {
    return `expected ${plural(before.cycles, 'cycle')}, found ${grouped(after.cycles)}`;
  }
  return differenceAt('', before, after);
}

/** Longest excerpt of a value that differs. */
const SHOWN = 200;

/** The first place below `path` where two values differ, and what each has there. */
function differenceAt(path: string, before: unknown, after: unknown): string | undefined {
  if (isDeepStrictEqual(before, after)) return undefined;
  if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const step = Array.isArray(before) ? `[${key}]` : `${path === '' ? '' : '.'}${key}`;
      const difference = differenceAt(`${path}${step}`, before[key], after[key]);
      if (difference !== undefined) return difference;
    }
  }
  const tell = (value: unknown) => (value === undefined ? 'none' : JSON.stringify(value).slice(0, SHOWN));
  return `${path}: expected ${tell(before)}, found ${tell(after)}`;
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
