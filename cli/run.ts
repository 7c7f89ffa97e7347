/** `phantom run`: a program on Phantom OS, its power cut at moments drawn from a seed, and the verdict. */
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import {
  DEFAULT_OPTIONS,
  diskSectors,
  drawPlan,
  MACHINE_PROFILE,
  planShape,
  type RunSetup,
  readDiskImage,
  shellWord,
  TraceRecorder,
} from '../faults/index.js';
import { DISK_CONTROLLERS, type DiskController, FileMedium, SECTOR_BYTES } from '../hardware-sim/index.js';
import { renderTrace } from '../model/trace/events.js';
import { plural } from '../reports/facts.js';
import { type FaultPlan, OPTION_LIMITS, type RunResult, readPlan, renderJson, SEED_MAX } from '../reports/index.js';
import {
  parseClassName,
  parseCuts,
  parseCycles,
  parseFile,
  parseFolder,
  parseGeneration,
  parseInterval,
  parseRam,
  parseSeed,
} from './arguments.js';
import { drive } from './drive.js';
import { messageOf, oneLine, UserError } from './errors.js';
import { EXIT_HELD } from './exit-codes.js';
import { finish } from './finish.js';
import { type InputScript, readInputScript } from './input-script.js';
import { getKernel } from './kernel.js';
import { chooseBootClass, type Loaded, listDemos, loadProgram } from './program.js';
import { readText } from './read-file.js';
import { prepareFolder, writeWhole } from './report-files.js';
import { Terminal } from './terminal.js';

const DEFAULT_CUTS = 3;
const PAGES_PER_MIB = 256;
/** What a class file names whose program reads from a terminal. */
const TERMINAL_CLASS = '.internal.io.tty';

interface RunFlags {
  readonly bootClass?: string;
  readonly seed?: number;
  readonly plan?: string;
  readonly cuts?: number;
  readonly maxCycles?: number;
  readonly disk?: string;
  readonly input?: string;
  readonly keys: boolean;
  readonly trace?: string;
  readonly json?: true;
  readonly reportDir?: string;
  readonly ram: number;
  readonly snapshotInterval: number;
  readonly controller: DiskController;
  readonly screen?: true;
  readonly generation?: number;
  readonly console?: 'held';
  readonly defect: string[];
  readonly kernel?: string;
}

/** `ended` is told the exit code. */
export function runCommand(ended: (exitCode: number) => void): Command {
  return new Command('run')
    .description('run a program on Phantom OS and cut its power')
    .argument(
      '[files...]',
      'the program: sources (.ph), compiled classes (.pc), folders of either, or a demonstration (demo/NAME, listed below); ' +
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
    .option(
      '--plan <plan>',
      'what is done to the machine, in place of --seed and --cuts: a fault plan as JSON, or the name of a file with one',
      parseFile,
    )
    .option('--max-cycles <number>', 'stop after so many cycles, all boots together', parseCycles)
    .option(
      '--disk <file>',
      'a disk that outlives the run, made if missing: Ctrl-C is a power cut, run it again and it goes on; ' +
        'on a disk that holds a system already that system goes on, and the files are only there for it to load classes from',
      parseFile,
    )
    .option(
      '--input <file>',
      'what is typed at the console, - for standard input: each line with Enter, 0.5 s after the power came on; ' +
        '@wait MS, @keys KEYS (no Enter, \\xHH a byte), @alt N (Alt and a function key), @stop, @@ for a line that begins with @',
      parseFile,
    )
    .option(
      '--generation <number>',
      'with --disk: go on from this generation, one that phantom image list names; newer ones stay until the first commit',
      parseGeneration,
    )
    .option('--no-keys', 'do not pass on what is typed at this terminal')
    .option(
      '--trace <file>',
      'write there what was observed of disk, memory and power, and hold it against the specifications (P24); see phantom trace',
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
      new Option(
        '--controller <name>',
        "what the machine's disk is connected to; a system made on one goes on on the other",
      )
        .choices(DISK_CONTROLLERS)
        .default(DEFAULT_OPTIONS.diskController),
    )
    .addOption(
      new Option('--console <policy>', 'held: what is printed is shown when it is committed, and never twice').choices([
        'held',
      ]),
    )
    .option(
      '--screen',
      'the console is the text screen and the keyboard: shown here while somebody looks, else at the end of each boot',
    )
    .option('--kernel <file>', 'a multiboot kernel of your own in place of Phantom OS', parseFile)
    .addOption(
      new Option('--defect <name>', 'seed this defect in the kernel, to see that it is found (may be repeated)')
        .argParser((name: string, names: string[]) => [...names, name])
        .default([], 'none'),
    )
    .addHelpText(
      'after',
      () =>
        `\nDemonstrations:\n${listDemos()}\n` +
        '\nA program that reads from its terminal (.internal.io.tty) gets the keys typed here, at the speed of its own machine, without ' +
        'power cuts unless --cuts asks for them: Ctrl-P pulls the plug, Ctrl-C stops. What is typed is in the report, so it replays.\n' +
        '\nCtrl-C, SIGTERM and SIGHUP end a run in order: the report is written, the verdict says stopped.\n' +
        'Exit codes: 0 held, finished or stopped, 1 a property failed, 2 usage or set-up error.',
    )
    .action(async (files: string[], flags: RunFlags) => ended(await run(files, flags)));
}

async function run(files: string[], flags: RunFlags): Promise<number> {
  const { disk } = flags;
  if (disk !== undefined && (flags.cuts ?? 0) > 0) {
    throw new UserError('--cuts cannot be used with --disk: the power of a disk file is cut by Ctrl-C or kill');
  }
  if (files.length === 1 && /^demo\/?$/.test(files[0]) && !existsSync(files[0])) {
    process.stdout.write(`${listDemos()}\n`);
    return EXIT_HELD;
  }
  if (flags.generation !== undefined && (disk === undefined || !existsSync(disk))) {
    throw new UserError('--generation needs --disk with a file that holds a system: a new one has no generations');
  }
  if (disk !== undefined && flags.trace !== undefined) {
    throw new UserError('--trace cannot be used with --disk: a trace begins with a new disk');
  }
  const given = flags.plan === undefined ? undefined : givenPlan(flags.plan, flags);
  const script = flags.input === undefined ? undefined : readInput(flags.input);
  const loaded = loadProgram(files, (text) => process.stderr.write(`${text}\n`));
  // Before anything is made: only a disk that is there can hold a system.
  if (disk === undefined || !existsSync(disk)) chooseBootClass(loaded, flags.bootClass);
  const folder = flags.reportDir ?? (flags.json ? undefined : 'phantom-reports');
  if (folder !== undefined) prepareFolder(folder);
  if (flags.trace !== undefined) prepareFolder(dirname(flags.trace), 'a trace');
  const keys = takesKeys(loaded, flags) ? process.stdin : undefined;
  const cuts = given?.cuts.length ?? flags.cuts ?? (disk === undefined && keys === undefined ? DEFAULT_CUTS : 0);
  const live = disk !== undefined || keys !== undefined;
  const terminal = new Terminal(
    flags.json || (flags.screen && keys !== undefined) ? 'hidden' : live ? 'unbuffered' : 'by line',
  );
  const kernel = await getKernel(flags.defect, terminal, flags.kernel);
  const opened = disk === undefined ? undefined : openDisk(disk, flags.generation);
  try {
    const setup: RunSetup = {
      kernel,
      program: loaded.map(({ name, bytes }) => ({ name, bytes })),
      options: {
        ...DEFAULT_OPTIONS,
        bootClass: opened?.continued
          ? offeredBootClass(loaded, flags.bootClass)
          : chooseBootClass(loaded, flags.bootClass),
        maxCycles: flags.maxCycles ?? script?.stopAt ?? null,
        ramMiB: flags.ram,
        snapshotIntervalMs: flags.snapshotInterval,
        diskController: flags.controller,
        console: flags.screen ? 'screen' : 'serial',
        ...(flags.console === undefined ? {} : { output: flags.console }),
        ...(flags.generation === undefined ? {} : { generation: flags.generation }),
        ...(opened === undefined ? {} : { diskMiB: Math.floor(opened.medium.sectors / diskSectors({ diskMiB: 1 })) }),
        ...(opened?.persistentMiB === undefined ? {} : { persistentMiB: opened.persistentMiB }),
      },
      disk: opened === undefined ? 'new' : opened.continued ? 'continued' : 'file',
      files,
      diskFile: disk,
      kernelFile: flags.kernel,
    };
    const seed = given?.seed ?? flags.seed ?? randomInt(SEED_MAX + 1);
    const input = script === undefined || script.input.length === 0 ? {} : { input: [...script.input] };
    const plan: FaultPlan = given ?? { ...drawPlan(seed, planShape(setup.options, cuts)), ...input };
    terminal.say(disk === undefined ? describeRun(setup, seed, cuts) : describeDisk(setup, disk));
    const trace = flags.trace === undefined ? undefined : new TraceRecorder();
    const result = await drive(setup, plan, {
      terminal,
      medium: opened?.medium,
      rehearse: files.length > 0 && keys === undefined,
      trace,
      keys,
    });
    if (flags.trace !== undefined && trace !== undefined) {
      writeWhole(flags.trace, renderTrace(trace.events), 'trace');
      terminal.say(`trace: ${flags.trace}, ${plural(trace.events.length, 'event')}`);
    }
    if (disk !== undefined) terminal.say(`${disk} keeps the system: run it again and it goes on`);
    const next = `${disk === undefined ? 'repeat' : 'go on'}: ${repeatAdvice(result, folder)}`;
    const exitCode = finish(result, folder, next, terminal);
    if (flags.json) terminal.output(renderJson(result));
    await terminal.flush();
    return exitCode;
  } finally {
    opened?.medium.close();
  }
}

/** What was typed is in the report only; the command of such a run names its file, here with the folder it went to. */
function repeatAdvice({ repeat, plan, disk }: RunResult, folder: string | undefined): string {
  if (folder === undefined || disk !== 'new' || (plan.input === undefined && !plan.open && plan.shape === undefined))
    return repeat;
  return `npx phantom replay ${shellWord(join(folder, `run-${plan.seed}.json`))}`;
}

/** Whether somebody sits at this terminal, and the program would read what they type. */
function takesKeys(loaded: readonly Loaded[], { keys, json, input, plan }: RunFlags): boolean {
  if (!keys || json || input !== undefined || plan !== undefined || !process.stdin.isTTY || !process.stdout.isTTY)
    return false;
  return loaded.some(({ bytes }) => Buffer.from(bytes).includes(TERMINAL_CLASS));
}

/** Options that say what is in a plan. */
const IN_PLAN = ['seed', 'cuts', 'input', 'disk'] as const;

/** The plan that the user names or writes; a run of it is repeated from its report. Throws UserError. */
function givenPlan(words: string, flags: RunFlags): FaultPlan {
  const other = IN_PLAN.find((name) => flags[name] !== undefined);
  if (other !== undefined) throw new UserError(`--plan and --${other} cannot be used together`);
  const isText = words.trimStart().startsWith('{');
  const text = isText ? words : readText(words, 'the plan');
  try {
    const plan = readPlan(JSON.parse(text));
    return { ...plan, shape: plan.shape ?? (plan.faults === undefined ? 'cuts' : 'everything') };
  } catch (error) {
    throw new UserError(`${isText ? '--plan' : words}: ${oneLine(messageOf(error))}`);
  }
}

/** Throws UserError. */
function readInput(file: string): InputScript {
  const name = file === '-' ? 'standard input' : file;
  return readInputScript(readText(file, 'what is typed'), name, MACHINE_PROFILE.cpu.clockHz);
}

function describeRun({ options }: RunSetup, seed: number, cuts: number): string {
  return `program ${options.bootClass}, seed ${seed}, ${cuts === 0 ? 'no power cut' : `power cuts: ${cuts}`}`;
}

function describeDisk({ options, program, files, disk }: RunSetup, file: string): string {
  if (disk === 'file') return `program ${options.bootClass}, on the new disk ${file}`;
  const offered =
    files.length === 0 ? '' : `; ${program.map(({ name }) => name).join(', ')}: not started, there to be loaded`;
  const from = options.generation === undefined ? '' : ` from generation ${options.generation}`;
  return `${file} holds a system already, which goes on${from}${offered}`;
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
  /** Its persistent memory, where it says so. */
  readonly persistentMiB: number | undefined;
}

/** The disk file, locked, made if it is missing. Throws UserError or DiskFileError; what is in the file is then as it was. */
function openDisk(file: string, generation: number | undefined): OpenDisk {
  const medium = FileMedium.open(file, { createSectors: diskSectors(DEFAULT_OPTIONS) });
  try {
    if (medium.sectors < diskSectors({ diskMiB: OPTION_LIMITS.diskMiB[0] })) {
      throw new UserError(
        `disk file ${file}: ${medium.sectors * SECTOR_BYTES} bytes are too few for a system, it takes ${OPTION_LIMITS.diskMiB[0]} MiB; ` +
          'phantom image create makes a disk',
      );
    }
    const { refused, fresh, pages } = readDiskImage(medium, { generation });
    if (refused !== undefined) throw new UserError(`disk file ${file}: cannot go on from it: ${refused}`);
    return { medium, continued: !fresh, persistentMiB: pages === 0 ? undefined : pages / PAGES_PER_MIB };
  } catch (error) {
    medium.close();
    throw error;
  }
}
