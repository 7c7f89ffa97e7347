/**
 * `phantom tla`: the model checker tla-ts as it is, with the words given to it; and `phantom tla --all`, which checks all of the project's
 * own specifications and prints one table.
 */
import { Command } from 'commander';
import { type Row, runAll } from '../specs/run-all.js';
import { main as tlaTs } from '../specs/tla-ts/cli.js';
import { UserError } from './errors.js';
import { EXIT_FAILED, EXIT_HELD } from './exit-codes.js';

const HELP = `phantom tla check Spec.tla [options]    check a TLA+ specification: as \`tla-ts check\`
phantom tla --all [--json]              check all specifications of Phantom, their mutants, and the original's protocol

--all prints a table, a line when a check has ended: specification, states generated, distinct, depth,
seconds, verdict, and what it says or which defect it has. --json prints one object instead. Exit codes of --all: 0 all came out as they must; 1 not; 2 usage.
Everything else goes to tla-ts:

`;

const print = (text: string): boolean => process.stdout.write(`${text}\n`);
const complain = (text: string): boolean => process.stderr.write(`${text}\n`);

/** `ended` is told the exit code. */
export function tlaCommand(ended: (exitCode: number) => void): Command {
  return new Command('tla')
    .description('check TLA+ specifications: one, or all of Phantom (--all)')
    .usage('check Spec.tla [options] | --all [--json]')
    .argument('[words...]', 'words for tla-ts')
    .helpOption(false)
    .allowUnknownOption()
    .action((words: string[]) => ended(tla(words)));
}

function tla(words: readonly string[]): number {
  if (words.includes('--all')) return all(words.filter((word) => word !== '--all'));
  if (words[0] === '--help' || words[0] === '-h') process.stdout.write(HELP);
  return tlaTs(words, print, complain);
}

function all(words: readonly string[]): number {
  const unknown = words.find((word) => word !== '--json');
  if (unknown !== undefined) throw new UserError(`phantom tla --all takes --json and nothing else, not ${unknown}`);
  return report(runAll(), words.length > 0, print);
}

/** Prints the rows as they come, or all as one JSON object; returns the exit code. */
export function report(all: Iterable<Row>, json: boolean, out: (text: string) => void): number {
  const rows: Row[] = [];
  if (!json)
    out(line('specification', 'generated', 'distinct', 'depth', 'seconds', 'verdict', 'what it says, or its defect'));
  for (const row of all) {
    rows.push(row);
    if (!json) out(lineOf(row));
  }
  const wrong = rows.filter(({ asExpected }) => !asExpected).length;
  if (json) out(JSON.stringify({ asExpected: wrong === 0, rows }));
  else
    out(
      `${rows.length} check${rows.length === 1 ? '' : 's'}, ${wrong === 0 ? 'all came out as they must' : `${wrong} not as they must`}.`,
    );
  return wrong === 0 ? EXIT_HELD : EXIT_FAILED;
}

function lineOf({ specification, says, generated, distinct, depth, seconds, verdict, asExpected }: Row): string {
  const figures = [generated, distinct, depth].map(String);
  return line(specification, ...figures, seconds.toFixed(1), asExpected ? verdict : `WRONG: ${verdict}`, says);
}

function line(specification: string, ...[generated, distinct, depth, seconds, verdict, says]: string[]): string {
  const figures = [generated.padStart(9), distinct.padStart(8), depth.padStart(5), seconds.padStart(7)];
  return `${specification.padEnd(32)}  ${figures.join('  ')}  ${verdict.padEnd(34)}  ${says}`;
}
