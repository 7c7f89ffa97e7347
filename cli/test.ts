/** `phantom test`: tests written in the Phantom language, run on Phantom OS on the simulated PC. */
import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import { shellWord } from '../faults/index.js';
import { type CompiledClass, formatDiagnostic } from '../impl/language/index.js';
import { grouped, plural } from '../reports/facts.js';
import { SEED_MAX } from '../reports/index.js';
import { parseCuts, parseCycles, parseFolder, parseSeed } from './arguments.js';
import { compileProgram, countDiagnostics } from './compile.js';
import { UserError } from './errors.js';
import { EXIT_FAILED, EXIT_HELD } from './exit-codes.js';
import { getKernel } from './kernel.js';
import { Terminal } from './terminal.js';
import { findTests, type Test, testFiles, testProgram } from './test-program.js';
import { runTests, type TestResult, type TestRun } from './test-run.js';

/** A minute of the machine. */
const DEFAULT_MAX_CYCLES = 4_000_000_000;

interface TestFlags {
  readonly include: string[];
  readonly cuts: number;
  readonly seed?: number;
  readonly only?: string;
  readonly maxCycles: number;
  readonly json?: true;
}

/** `ended` is told the exit code. */
export function testCommand(ended: (exitCode: number) => void): Command {
  return new Command('test')
    .description('run tests written in the Phantom language')
    .argument('[paths...]', 'test files (*.test.ph), or folders of them and all below (default: this folder)')
    .option(
      '-I, --include <folder>',
      'where classes are looked for that the tests name, after the folder of the test (may be repeated)',
      (folder: string, folders: string[]) => [...folders, parseFolder(folder)],
      [],
    )
    .option('--only <text>', 'only tests with this text in CLASS.METHOD')
    .option('--cuts <number>', 'power cuts to make while the tests run', parseCuts, 0)
    .option('--seed <number>', 'decides when the power goes and what the disk keeps (default: a new one)', parseSeed)
    .option('--max-cycles <number>', 'stop after so many cycles, all boots together', parseCycles, DEFAULT_MAX_CYCLES)
    .option('--json', 'print one object on stdout and nothing else there')
    .addHelpText(
      'after',
      '\nA test is a method test…() without parameters of a class that extends .phantom.test.suite.\n' +
        'Exit codes: 0 all passed, 1 a test or the compiler found a mistake, 2 usage or set-up error.',
    )
    .action(async (paths: string[], flags: TestFlags) => ended(await test(paths, flags)));
}

async function test(paths: readonly string[], flags: TestFlags): Promise<number> {
  const words = paths.length > 0 ? paths : ['.'];
  const files = testFiles(words);
  const compile = (tests: readonly Test[], catching?: boolean): readonly CompiledClass[] => {
    const more = tests.length > 0 ? [testProgram(tests, catching)] : [];
    const { classes, diagnostics } = compileProgram(files, flags.include, more);
    const { errors, counts } = countDiagnostics(diagnostics);
    // Warnings are shown once.
    if (tests.length > 0 && errors === 0) return classes;
    for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
    if (errors > 0) process.stderr.write(`${counts}: nothing run\n`);
    return classes;
  };
  const found = compile([]);
  if (found.length === 0) return EXIT_FAILED;
  const all = findTests(found, files);
  if (all.length === 0) {
    throw new UserError(`no tests in ${words.join(', ')}: expected a class that extends .phantom.test.suite`);
  }
  const tests = all.filter(({ suite, name }) => `${suite}.${name}`.includes(flags.only ?? ''));
  if (tests.length === 0)
    throw new UserError(`--only ${flags.only}: none of ${plural(all.length, 'test')} has that text`);
  const terminal = new Terminal('hidden');
  const seed = flags.seed ?? (flags.cuts > 0 ? randomInt(SEED_MAX + 1) : 0);
  const run = await runTests(tests, compile(tests), {
    kernel: await getKernel([], terminal),
    seed,
    cuts: flags.cuts,
    maxCycles: flags.maxCycles,
    terminal,
    alone: (one) => compile([one], false),
  });
  const sound = run.result.verdict.outcome !== 'failed' && run.errors.length === 0;
  const good = sound && run.tests.every(({ outcome }) => outcome === 'passed');
  const repeat = repeatCommand(words, flags, seed);
  terminal.output(flags.json ? asJson(run, good, repeat) : asText(run, good ? undefined : repeat));
  await terminal.flush();
  return good ? EXIT_HELD : EXIT_FAILED;
}

/** The command that runs the same tests again, cut at the same moments. */
function repeatCommand(words: readonly string[], flags: TestFlags, seed: number): string {
  const repeat = ['npx', 'phantom', 'test', ...words.map((word) => (word.startsWith('-') ? `./${word}` : word))];
  for (const folder of flags.include) repeat.push('-I', folder);
  if (flags.only !== undefined) repeat.push('--only', flags.only);
  if (flags.cuts > 0) repeat.push('--cuts', String(flags.cuts), '--seed', String(seed));
  if (flags.maxCycles !== DEFAULT_MAX_CYCLES) repeat.push('--max-cycles', String(flags.maxCycles));
  return repeat.map(shellWord).join(' ');
}

function asJson({ tests, errors, result }: TestRun, good: boolean, repeat: string): string {
  const { verdict, seed, cycles, boots } = result;
  const count = (outcome: TestResult['outcome']): number => tests.filter((one) => one.outcome === outcome).length;
  const counts = { passed: count('passed'), failed: count('failed'), notRun: count('not run') };
  const cuts = result.cuts.length;
  return `${JSON.stringify({ ok: good, ...counts, tests, errors, verdict, seed, cuts, boots, cycles, repeat }, null, 2)}\n`;
}

/** A suite's tests under its name, then what it all came to. */
function asText({ tests, errors, result }: TestRun, repeat: string | undefined): string {
  const lines: string[] = [];
  const width = Math.max(...tests.map(({ name }) => name.length));
  for (const [i, one] of tests.entries()) {
    if (one.suite !== tests[i - 1]?.suite) lines.push(`${one.suite} (${one.file})`);
    lines.push(...describeTest(one, width));
  }
  for (const error of errors) lines.push(`a thread did not end well: ${error}`);
  const of = (outcome: TestResult['outcome']): number => tests.filter((one) => one.outcome === outcome).length;
  const counts = [`${grouped(of('passed'))} passed`];
  if (of('failed') > 0) counts.push(`${grouped(of('failed'))} failed`);
  if (of('not run') > 0) counts.push(`${grouped(of('not run'))} not run`);
  lines.push(`${plural(tests.length, 'test')}: ${counts.join(', ')}; ${plural(result.cycles, 'cycle')}`);
  if (result.cuts.length > 0 || result.verdict.outcome === 'failed') lines.push(result.verdict.text);
  if (repeat !== undefined) lines.push(`repeat: ${repeat}`);
  return lines.map((line) => `${line}\n`).join('');
}

function describeTest(one: TestResult, width: number): string[] {
  const name = one.name.padEnd(width);
  if (one.outcome === 'passed') return [`  pass  ${name}  ${plural(one.checks, 'check')}`];
  const what = one.expected === undefined ? '' : `: expected ${one.expected}, found ${one.found}`;
  const place = one.at === undefined ? one.file : `${one.at.file}:${one.at.line}`;
  const printed = one.output === undefined ? [] : one.output.trimEnd().split('\n');
  const label = one.outcome === 'failed' ? 'FAIL' : 'none';
  return [`  ${label}  ${name}  ${place}: ${one.message}${what}`, ...printed.map((line) => `        | ${line}`)];
}
