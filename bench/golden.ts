/**
 * All programs of the golden suite on the simulated machine, from the original's class files and from source by our
 * compiler: `npm run golden [-- --only NAME] [--write]`. Prints a line a run: what it printed against what it must print,
 * cycles and instructions of the machine until the kernel stopped it. `--write` records the table in `bench/golden.md`.
 * Exit code 0: all as they must be, 1: not all, 2: a usage error.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { buildKernel, makeBundle } from '../impl/image/index.js';
import { runSimulator } from '../impl/image/testing/simulator.js';
import { goldenPrograms, markedLines, type Program } from '../impl/kernel/vm/testing/programs.js';
import { classesOf, compileSound, expectedFromSource, sourcesIn } from '../impl/language/testing/programs.js';

/** Programs that end by an error of their own. */
const FAILING = ['uncaught', 'switchdefect'];
/** Exit status of the kernel: all threads returned; one ended by an error. */
const [RETURNED, FAILED] = [1, 3];
const CYCLES_MAX = 100e9;
/** Enough for all objects the programs make, whether or not they are collected. */
const DISK_MIB = 256;

interface Row {
  readonly name: string;
  readonly from: string;
  readonly verdict: string;
  readonly cycles: number;
  readonly instructions: number;
}

/** `switchdefect` falls through where the original's code cannot: from source it ends well. */
function statusOf(name: string, from: string): number {
  if (from === 'source' && name === 'switchdefect') return RETURNED;
  return FAILING.includes(name) ? FAILED : RETURNED;
}

function runs(program: Program): readonly (readonly [string, ReadonlyMap<string, Uint8Array>, string])[] {
  const compiled = classesOf(compileSound(sourcesIn(`golden/${program.name}`)));
  return [
    ['class files', program.classes, program.expected],
    ['source', compiled, expectedFromSource(program.name)],
  ];
}

async function main(): Promise<number> {
  const command = new Command('golden')
    .description('the golden suite on the simulated machine')
    .option('--only <name>', 'one program')
    .option('--write', 'record the table in bench/golden.md')
    .parse();
  const { only, write } = command.opts<{ only?: string; write?: boolean }>();
  const programs = goldenPrograms().filter(({ name }) => only === undefined || name === only);
  if (programs.length === 0) {
    process.stderr.write(`golden: expected the name of a program in fixtures/golden/INDEX.md, found ${only}\n`);
    return 2;
  }
  const { elf, sha256 } = await buildKernel();
  const rows: Row[] = [];
  for (const program of programs) {
    for (const [from, classes, expected] of runs(program)) {
      const bundle = makeBundle([...classes].map(([name, bytes]) => ({ name, bytes })));
      const commandLine = `root.boot=${program.bootClass}`;
      const run = runSimulator({ elf, bundle, commandLine, ramMib: 64, diskMib: DISK_MIB, untilCycle: CYCLES_MAX });
      const status = run.stop.kind === 'exit' ? run.stop.status : undefined;
      const printed = markedLines(run.console) === expected;
      const ended = status === statusOf(program.name, from);
      const verdict = !printed ? 'WRONG OUTPUT' : ended ? 'right' : `ENDED ${JSON.stringify(run.stop)}`;
      rows.push({ name: program.name, from, verdict, cycles: run.cycles, instructions: run.instructions });
      const { cycles, instructions } = run;
      console.log(`${program.name}, ${from}: ${verdict}, ${cycles} cycles, ${instructions} instructions`);
    }
  }
  const right = rows.filter(({ verdict }) => verdict === 'right').length;
  const summary = `${right} of ${rows.length} runs of ${programs.length} programs right`;
  console.log(`${summary}, kernel image ${sha256.slice(0, 16)}`);
  if (write) {
    const line = ({ name, from, verdict, cycles, instructions }: Row): string =>
      `| ${name} | ${from} | ${verdict} | ${cycles.toLocaleString('en')} | ${instructions.toLocaleString('en')} |`;
    const text = [
      '# The golden suite on the simulated machine',
      '',
      `\`npm run golden -- --write\`: ${summary}; kernel image ${sha256.slice(0, 16)}.`,
      'Cycles and instructions are those of the whole run, boot and formatting of the disk included.',
      '',
      '| program | from | output and end | cycles | instructions |',
      '|---|---|---|---|---|',
      ...rows.map(line),
      '',
    ];
    writeFileSync(fileURLToPath(new URL('golden.md', import.meta.url)), text.join('\n'));
  }
  return right === rows.length ? 0 : 1;
}

process.exitCode = await main();
