/**
 * Fuzzing of the kernel's virtual machine: `npm run fuzz -- --instructions 1e8 --seed N`. Exit code 0: everything held,
 * 1: something did not, 2: a usage error.
 *
 * Programs come in batches, each from its own seed, of five kinds in turns: random instructions, random bytes, damaged
 * methods and damaged files of the golden programs, and well-typed programs. Each runs as a guest beside objects it was
 * not given (`impl/kernel/vm/testing/isolation.ts`): the heap must be sound and everything of others untouched and out of
 * reach. Every other program also runs on the reference machine, and must print, end and leave the same. Instructions
 * are those the kernel's interpreter fetched, counted by itself. A batch that fails comes with the command that repeats it.
 */
import { fc } from '@fast-check/vitest';
import { Command, InvalidArgumentError } from 'commander';
import { compareMachines } from '../impl/kernel/vm/testing/differential.js';
import { typedBytecode } from '../impl/kernel/vm/testing/generate-bytecode.js';
import { runGuest } from '../impl/kernel/vm/testing/isolation.js';
import {
  damagedFiles,
  damagedMethods,
  type Runnable,
  randomBytes,
  randomInstructions,
} from '../impl/kernel/vm/testing/noise.js';
import { goldenPrograms } from '../impl/kernel/vm/testing/programs.js';

const BATCH = 100;
/** Of one guest: most code breaks long before, loops without end get so many. */
const GUEST_MAX = 1_000_000;
/** Of one program on the reference machine. */
const COMPARED_MAX = 20_000;
const PROGRESS_MS = 10_000;

interface Options {
  readonly instructions: number;
  readonly seed: number;
}

interface Count {
  programs: number;
  instructions: number;
  /** Guests whose class could be loaded. */
  started: number;
  /** Threads by how they ended, in the words of the kernel's log. */
  readonly endings: Map<string, number>;
  compared: number;
  /** Compared in vain: no specified outcome, or longer than the limit. */
  skipped: number;
  failures: number;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('expected a number from 1 on, as 1e8.');
  return value;
}

function seed(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 0x7fffffff) {
    throw new InvalidArgumentError('expected a whole number of at most 2147483647.');
  }
  return value;
}

function kinds(): readonly (readonly [string, fc.Arbitrary<Runnable>])[] {
  const victims = goldenPrograms().filter(({ name }) => !name.startsWith('bench') && name !== 'alloc');
  return [
    ['random instructions', randomInstructions],
    ['random bytes', randomBytes],
    ['damaged methods', damagedMethods(victims)],
    ['damaged files', damagedFiles(victims)],
    ['well-typed', typedBytecode],
  ];
}

/** What is wrong with a program's run as a guest, and against the reference machine if `both`. */
async function problemsOf(program: Runnable, typed: boolean, both: boolean, total: Count): Promise<string[]> {
  const guest = await runGuest(program, GUEST_MAX);
  total.instructions += guest.bytecodes;
  if (guest.started) total.started++;
  for (const [, ending] of guest.run.log.matchAll(
    /^thread \d+ ended: (uncaught exception|[a-z ,-]+?)(?: in | of | )/gm,
  )) {
    const words = ending === 'uncaught exception' ? ending : 'malformed code';
    total.endings.set(words, (total.endings.get(words) ?? 0) + 1);
  }
  const problems = [...guest.problems];
  if (both) {
    const { difference, skipped } = await compareMachines(program, { bytecodesMax: COMPARED_MAX, typed });
    total.compared++;
    if (skipped !== undefined) total.skipped++;
    if (difference !== undefined) problems.push(difference);
  }
  return problems;
}

async function main(): Promise<number> {
  const command = new Command('fuzz')
    .description("fuzz the kernel's virtual machine")
    .option('--instructions <number>', 'how many instructions the kernel executes', count, 1e7)
    .option('--seed <number>', 'where the batches start', seed, 1)
    .parse();
  const options = command.opts<Options>();
  const all = kinds();
  const totals = all.map(
    (): Count => ({
      programs: 0,
      instructions: 0,
      started: 0,
      endings: new Map(),
      compared: 0,
      skipped: 0,
      failures: 0,
    }),
  );
  let stopped = false;
  process.on('SIGINT', () => {
    stopped = true;
  });
  const started = Date.now();
  let told = started;
  const sum = (of: (one: Count) => number): number => totals.reduce((result, one) => result + of(one), 0);
  const show = (value: number): string => value.toLocaleString('en');
  for (let batch = options.seed; !stopped && sum((one) => one.instructions) < options.instructions; batch++) {
    const which = batch % all.length;
    const [kind, arbitrary] = all[which];
    const total = totals[which];
    for (const [i, program] of fc.sample(arbitrary, { seed: batch, numRuns: BATCH }).entries()) {
      let problems: string[];
      try {
        problems = await problemsOf(program, kind === 'well-typed', i % 2 === 0, total);
      } catch (error) {
        problems = [error instanceof Error ? error.message : String(error)];
      }
      total.programs++;
      if (problems.length > 0) {
        total.failures++;
        console.log(`${kind}, seed ${batch}, program ${i}: ${problems.slice(0, 3).join('; ')}`);
        console.log(`repeat: npm run fuzz -- --seed ${batch} --instructions 1`);
      }
    }
    if (Date.now() - told > PROGRESS_MS) {
      told = Date.now();
      const done = sum((one) => one.instructions);
      process.stderr.write(`${show(done)} instructions, seed ${batch}, ${sum((one) => one.failures)} failures\n`);
    }
  }
  for (const [i, [kind]] of all.entries()) {
    const { programs, instructions, started: ran, endings, compared, skipped, failures } = totals[i];
    const ends = [...endings].map(([text, n]) => `${show(n)} by ${text}`).join(', ');
    const compare = `${show(compared)} compared (${show(skipped)} without a specified outcome)`;
    console.log(`${kind}: ${show(programs)} programs, ${show(ran)} loaded, ${show(instructions)} instructions`);
    console.log(`  ${compare}; threads ended: ${ends || 'none by an error'}; failures: ${failures}`);
  }
  const failures = sum((one) => one.failures);
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `${failures === 0 ? 'held' : `FAILED: ${failures}`}: ${show(sum((one) => one.instructions))} instructions in ` +
      `${show(sum((one) => one.programs))} programs, seed ${options.seed}, ${seconds} s${stopped ? ', interrupted' : ''}`,
  );
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main();
