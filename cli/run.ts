/** `phantom run`: a program on Phantom OS, its power cut at moments drawn from a seed, and the verdict. */
import { randomInt } from 'node:crypto';
import { Command, Option } from 'commander';
import { DEFAULT_OPTIONS, drawPlan, planShape, type RunSetup, readDiskImage } from '../faults/index.js';
import { DiskFileError, FileMedium } from '../hardware-sim/index.js';
import { type RunResult, renderJson, SEED_MAX } from '../reports/index.js';
import { parseCuts, parseCycles, parseInterval, parseRam, parseSeed, shellWord } from './arguments.js';
import { drive } from './drive.js';
import { UserError } from './errors.js';
import { finish } from './finish.js';
import { getKernel } from './kernel.js';
import { loadProgram } from './program.js';
import { prepareFolder } from './report-files.js';
import { Terminal } from './terminal.js';

const DEFAULT_CUTS = 3;

interface RunFlags {
  readonly bootClass?: string;
  readonly seed?: number;
  readonly cuts?: number;
  readonly maxCycles?: number;
  readonly disk?: string;
  readonly json?: true;
  readonly reportDir?: string;
  readonly ram: number;
  readonly snapshotInterval: number;
  readonly defect: string[];
}

export function runCommand(): Command {
  return new Command('run')
    .description('run a program on Phantom OS and cut its power')
    .argument('[files...]', 'compiled classes (.pc) of the program; none: a program that counts for ever')
    .option('--boot-class <name>', 'class to start with (default: the only one that can boot, or the one named .main)')
    .option(
      '--seed <number>',
      'decides when the power goes and what the disk keeps (default: a new one, printed)',
      parseSeed,
    )
    .option('--cuts <number>', `power cuts to make (default: ${DEFAULT_CUTS}; 0 with --disk)`, parseCuts)
    .option('--max-cycles <number>', 'stop after so many cycles, all boots together', parseCycles)
    .option(
      '--disk <file>',
      'a disk that outlives the run, made if missing: Ctrl-C is a power cut, run it again and it goes on',
    )
    .option('--json', 'print one object of the report schema on stdout and nothing else there')
    .option('--report-dir <folder>', 'where the report goes (default: phantom-reports; with --json: nowhere)')
    .addOption(new Option('--ram <MiB>', 'RAM of the machine').argParser(parseRam).default(DEFAULT_OPTIONS.ramMiB))
    .addOption(
      new Option('--snapshot-interval <ms>', "time between snapshots, in the machine's own time")
        .argParser(parseInterval)
        .default(DEFAULT_OPTIONS.snapshotIntervalMs),
    )
    .addOption(
      new Option('--defect <name>', 'seed this defect in the kernel, to see that it is found (may be repeated)')
        .argParser((name: string, names: string[]) => [...names, name])
        .default([], 'none'),
    )
    .addHelpText('after', '\nExit codes: 0 held, 1 a property failed, 2 usage or set-up error.')
    .action(run);
}

async function run(files: string[], flags: RunFlags): Promise<void> {
  const cuts = flags.cuts ?? (flags.disk === undefined ? DEFAULT_CUTS : 0);
  if (flags.disk !== undefined && cuts > 0) {
    throw new UserError('--cuts cannot be used with --disk: the power of a disk file is cut by Ctrl-C or kill');
  }
  const program = loadProgram(files, flags.bootClass);
  const folder = flags.reportDir ?? (flags.json ? undefined : 'phantom-reports');
  if (folder !== undefined) prepareFolder(folder);
  const terminal = new Terminal(flags.json ? 'hidden' : flags.disk === undefined ? 'by line' : 'unbuffered');
  const seed = flags.seed ?? randomInt(SEED_MAX + 1);
  const options = {
    ...DEFAULT_OPTIONS,
    bootClass: program.bootClass,
    maxCycles: flags.maxCycles ?? null,
    ramMiB: flags.ram,
    snapshotIntervalMs: flags.snapshotInterval,
  };
  const setup: RunSetup = {
    kernel: await getKernel(flags.defect, terminal),
    program: program.classes,
    options,
    disk: flags.disk === undefined ? 'new' : 'file',
    repeat: repeatCommand(files, flags, seed, cuts, program.bootClass),
  };
  const plan = drawPlan(seed, planShape(options, cuts));
  const medium = flags.disk === undefined ? undefined : openDisk(flags.disk, options.diskMiB * 2048);
  terminal.say(`program ${program.bootClass}, seed ${seed}, ${cuts === 0 ? 'no power cut' : `power cuts: ${cuts}`}`);
  let result: RunResult;
  try {
    result = await drive(setup, plan, { terminal, medium, rehearse: files.length > 0 });
  } finally {
    medium?.close();
  }
  if (flags.disk !== undefined) terminal.say(`${flags.disk} keeps the system: run it again and it goes on`);
  finish(result, folder, terminal);
  if (flags.json) terminal.output(renderJson(result));
  await terminal.flush();
}

/** The disk file, locked, made if it is missing. Throws UserError; what is in the file is then as it was. */
function openDisk(file: string, sectors: number): FileMedium {
  let medium: FileMedium;
  try {
    medium = FileMedium.open(file, { createSectors: sectors, expectSectors: sectors });
  } catch (error) {
    if (error instanceof DiskFileError) throw new UserError(error.message);
    throw error;
  }
  const { refused } = readDiskImage(medium);
  if (refused === undefined) return medium;
  medium.close();
  throw new UserError(`disk file ${file}: cannot go on from it: ${refused}`);
}

function repeatCommand(
  files: readonly string[],
  flags: RunFlags,
  seed: number,
  cuts: number,
  bootClass: string,
): string {
  const words = ['npx', 'phantom', 'run', ...files];
  if (files.length > 0) words.push('--boot-class', bootClass);
  words.push('--seed', String(seed), '--cuts', String(cuts));
  if (flags.maxCycles !== undefined) words.push('--max-cycles', String(flags.maxCycles));
  if (flags.disk !== undefined) words.push('--disk', flags.disk);
  if (flags.ram !== DEFAULT_OPTIONS.ramMiB) words.push('--ram', String(flags.ram));
  if (flags.snapshotInterval !== DEFAULT_OPTIONS.snapshotIntervalMs) {
    words.push('--snapshot-interval', String(flags.snapshotInterval));
  }
  for (const defect of flags.defect) words.push('--defect', defect);
  return words.map(shellWord).join(' ');
}
