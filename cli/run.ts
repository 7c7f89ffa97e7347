/** `phantom run`: a program on Phantom OS, its power cut at moments drawn from a seed, and the verdict. */
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { DEFAULT_OPTIONS, diskSectors, drawPlan, planShape, type RunSetup, readDiskImage } from '../faults/index.js';
import { FileMedium } from '../hardware-sim/index.js';
import { renderJson, SEED_MAX } from '../reports/index.js';
import {
  parseClassName,
  parseCuts,
  parseCycles,
  parseFile,
  parseFolder,
  parseInterval,
  parseRam,
  parseSeed,
} from './arguments.js';
import { drive } from './drive.js';
import { UserError } from './errors.js';
import { EXIT_HELD } from './exit-codes.js';
import { finish } from './finish.js';
import { getKernel } from './kernel.js';
import { chooseBootClass, type Loaded, listDemos, loadProgram } from './program.js';
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

/** `ended` is told the exit code. */
export function runCommand(ended: (exitCode: number) => void): Command {
  return new Command('run')
    .description('run a program on Phantom OS and cut its power')
    .argument(
      '[files...]',
      'the program: sources (.ph) or folders of them, compiled classes (.pc), or a demonstration (demo/NAME, listed below); ' +
        'none: a program that counts for ever',
    )
    .option(
      '--boot-class <name>',
      'class to start with (default: the only one that can boot, or the one named .main)',
      parseClassName,
    )
    .option(
      '--seed <number>',
      'decides when the power goes and what the disk keeps (default: a new one, printed)',
      parseSeed,
    )
    .option('--cuts <number>', `power cuts to make (default: ${DEFAULT_CUTS}; 0 with --disk)`, parseCuts)
    .option('--max-cycles <number>', 'stop after so many cycles, all boots together', parseCycles)
    .option(
      '--disk <file>',
      'a disk that outlives the run, made if missing: Ctrl-C is a power cut, run it again and it goes on; ' +
        'on a disk that holds a system already that system goes on, and the files are only there for it to load classes from',
      parseFile,
    )
    .option('--json', 'print one object of the report schema on stdout and nothing else there')
    .option(
      '--report-dir <folder>',
      'where the report goes (default: phantom-reports; with --json: nowhere)',
      parseFolder,
    )
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
    .addHelpText(
      'after',
      () =>
        `\nDemonstrations:\n${listDemos()}\n` +
        '\nCtrl-C, SIGTERM and SIGHUP end a run in order: the report is written, the verdict says stopped.\n' +
        'Exit codes: 0 held, finished or stopped, 1 a property failed, 2 usage or set-up error.',
    )
    .action(async (files: string[], flags: RunFlags) => ended(await run(files, flags)));
}

async function run(files: string[], flags: RunFlags): Promise<number> {
  const { disk } = flags;
  const cuts = flags.cuts ?? (disk === undefined ? DEFAULT_CUTS : 0);
  if (disk !== undefined && cuts > 0) {
    throw new UserError('--cuts cannot be used with --disk: the power of a disk file is cut by Ctrl-C or kill');
  }
  if (files.length === 1 && /^demo\/?$/.test(files[0]) && !existsSync(files[0])) {
    process.stdout.write(`${listDemos()}\n`);
    return EXIT_HELD;
  }
  const loaded = loadProgram(files, (text) => process.stderr.write(`${text}\n`));
  // Before anything is made: only a disk that is there can hold a system.
  if (disk === undefined || !existsSync(disk)) chooseBootClass(loaded, flags.bootClass);
  const folder = flags.reportDir ?? (flags.json ? undefined : 'phantom-reports');
  if (folder !== undefined) prepareFolder(folder);
  const terminal = new Terminal(flags.json ? 'hidden' : disk === undefined ? 'by line' : 'unbuffered');
  const kernel = await getKernel(flags.defect, terminal);
  const opened = disk === undefined ? undefined : openDisk(disk);
  try {
    const setup: RunSetup = {
      kernel,
      program: loaded.map(({ name, bytes }) => ({ name, bytes })),
      options: {
        ...DEFAULT_OPTIONS,
        bootClass: opened?.continued
          ? offeredBootClass(loaded, flags.bootClass)
          : chooseBootClass(loaded, flags.bootClass),
        maxCycles: flags.maxCycles ?? null,
        ramMiB: flags.ram,
        snapshotIntervalMs: flags.snapshotInterval,
      },
      disk: opened === undefined ? 'new' : opened.continued ? 'continued' : 'file',
      files,
      diskFile: disk,
    };
    const seed = flags.seed ?? randomInt(SEED_MAX + 1);
    const plan = drawPlan(seed, planShape(setup.options, cuts));
    terminal.say(disk === undefined ? describeRun(setup, seed, cuts) : describeDisk(setup, disk));
    const result = await drive(setup, plan, { terminal, medium: opened?.medium, rehearse: files.length > 0 });
    if (disk !== undefined) terminal.say(`${disk} keeps the system: run it again and it goes on`);
    const next = `${disk === undefined ? 'repeat' : 'go on'}: ${result.repeat}`;
    const exitCode = finish(result, folder, next, terminal);
    if (flags.json) terminal.output(renderJson(result));
    await terminal.flush();
    return exitCode;
  } finally {
    opened?.medium.close();
  }
}

function describeRun({ options }: RunSetup, seed: number, cuts: number): string {
  return `program ${options.bootClass}, seed ${seed}, ${cuts === 0 ? 'no power cut' : `power cuts: ${cuts}`}`;
}

function describeDisk({ options, program, files, disk }: RunSetup, file: string): string {
  if (disk === 'file') return `program ${options.bootClass}, on the new disk ${file}`;
  const offered =
    files.length === 0 ? '' : `; ${program.map(({ name }) => name).join(', ')}: not started, there to be loaded`;
  return `${file} holds a system already, which goes on${offered}`;
}

/** What a kernel is told that has a system to go on with. It starts nothing, so it need not be a class that can. */
function offeredBootClass(loaded: readonly Loaded[], wanted: string | undefined): string {
  try {
    return chooseBootClass(loaded, wanted);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return loaded[0].name;
  }
}

interface OpenDisk {
  readonly medium: FileMedium;
  /** It holds a system. */
  readonly continued: boolean;
}

/** The disk file, locked, made if it is missing. Throws UserError or DiskFileError; what is in the file is then as it was. */
function openDisk(file: string): OpenDisk {
  const sectors = diskSectors(DEFAULT_OPTIONS);
  const medium = FileMedium.open(file, { createSectors: sectors, expectSectors: sectors });
  try {
    const { refused, fresh } = readDiskImage(medium);
    if (refused !== undefined) throw new UserError(`disk file ${file}: cannot go on from it: ${refused}`);
    return { medium, continued: !fresh };
  } catch (error) {
    medium.close();
    throw error;
  }
}
