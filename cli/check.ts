import { Command, InvalidArgumentError, Option } from 'commander';
import {
  Campaign,
  type CampaignJob,
  type CampaignTask,
  checkSetup,
  DEFAULT_OPTIONS,
  FULL_CLAIM_RUNS,
  MUTANT_RUNS_MAX,
  MUTANT_TRIES,
  type PropertyTask,
  propertyTasks,
  type RunSetup,
  readCorpus,
  SHRINK_RUNS,
  shellWord,
  TASK_PROPERTIES,
  workloadNames,
  workloadProgram,
} from '../faults/index.js';
import { type FindingFile, PLAN_SHAPES, type PlanShapeName, SEED_MAX } from '../reports/index.js';
import {
  numberOf,
  parseCuts,
  parseDuration,
  parseFolder,
  parseInterval,
  parseQueueName,
  parseQueueUrl,
  parseRam,
  parseSeed,
} from './arguments.js';
import { type CampaignSupplies, localCrew } from './campaign-crew.js';
import { CampaignDrive } from './campaign-drive.js';
import { environment, finishCampaign } from './campaign-finish.js';
import { UserError } from './errors.js';
import { campaignExitCode, EXIT_FAILED, EXIT_STOPPED, EXIT_USAGE } from './exit-codes.js';
import { defaultJobs, JOBS_MAX } from './jobs.js';
import { getKernel } from './kernel.js';
import { checkMutants } from './mutants.js';
import { chooseBootClass, loadProgram } from './program.js';
import { QueueCrew } from './queue/coordinator.js';
import { buildOf, QUEUE_NAME } from './queue/protocol.js';
import { prepareReport } from './report-files.js';
import { Terminal } from './terminal.js';

/** What seeds take in turns. */
const WORKLOADS = [
  'ring',
  'bank',
  'pairs',
  'tree',
  'churn',
  'crew',
  'text',
  'waits',
  'loading',
  'hog',
  'demo/bank',
] as const;
/** What makes some of them what they are for: memory that is short, garbage that is collected within a run. */
const HOG_RAM_MIB = 4;
const CHURN_COLLECT_KIB = 64;
const MACHINES: Readonly<Record<string, Partial<RunSetup['options']>>> = {
  hog: { ramMiB: HOG_RAM_MIB },
  churn: { collectKib: CHURN_COLLECT_KIB },
};

const DEFAULTS = { seeds: 100, first: 1, cuts: 2, states: 250, recoverOneIn: 50, interval: 60, diskMiB: 64 } as const;

interface CheckFlags {
  readonly seeds?: number;
  readonly time?: number;
  readonly seed?: number;
  readonly variation?: number;
  readonly shape: PlanShapeName;
  readonly workload: string[];
  readonly cuts: number;
  readonly states: number;
  readonly recoverOneIn: number;
  readonly jobs?: number;
  readonly queue?: string;
  readonly queueName: string;
  readonly exhaustive?: true;
  readonly trace?: true;
  readonly mutants?: true;
  readonly mutant: string[];
  readonly runs?: number;
  readonly defect: string[];
  readonly ram?: number;
  readonly snapshotInterval: number;
  readonly json?: true;
  readonly report?: string;
  readonly earlier?: string;
  /** False: none of it; names: only these, and no seeds unless asked for. */
  readonly corpus?: false | readonly string[];
  /** Only these judgements, and no seeds unless asked for. */
  readonly property: string[];
  readonly shrink: boolean;
}

/** `ended` is told the exit code. */
export function checkCommand(ended: (exitCode: number) => void): Command {
  return new Command('check')
    .description('try to break it: many runs under faults drawn from seeds, and the crash states of their cuts')
    .argument('[files...]', 'a program of your own, in place of the workloads: sources (.ph), folders, classes (.pc)')
    .option(
      '--seeds <number>',
      `runs to make (default: ${DEFAULTS.seeds}; 1 with --seed)`,
      numberOf('a number of runs', 0, SEED_MAX),
    )
    .option('--time <duration>', 'go on for so long: 90s, 10m, 2h', parseDuration)
    .option('--seed <number>', `the first seed (default: ${DEFAULTS.first}); alone, that one run`, parseSeed)
    .option('--variation <number>', 'of that seed, which variation', numberOf('a number', 0, 99))
    .addOption(new Option('--shape <shape>', 'what is drawn').choices(PLAN_SHAPES).default('everything'))
    .addOption(
      new Option('--workload <name>', `one of ${workloadNames().join(', ')} (may be repeated)`)
        .argParser((name: string, names: string[]) => [...names, name])
        .default([], WORKLOADS.join(', ')),
    )
    .option('--cuts <number>', 'power cuts a run has at most', parseCuts, DEFAULTS.cuts)
    .option(
      '--states <number>',
      'crash states judged of each cut, and of four other moments of a run',
      numberOf('a number of states', 1, 1_000_000),
      DEFAULTS.states,
    )
    .option(
      '--recover-one-in <number>',
      'of so many crash states one is recovered on the machine; 0: none',
      numberOf('a number', 0, 1_000_000),
      DEFAULTS.recoverOneIn,
    )
    .option('--exhaustive', 'also: two snapshots of each workload gone through whole')
    .option('--trace', 'hold the trace of each run against the specifications (P24)')
    .option(
      '--jobs <number>',
      `worker threads; the result does not depend on it (default: ${defaultJobs()})`,
      numberOf('a number', 1, JOBS_MAX),
    )
    .option(
      '--queue <url>',
      'give the tasks to the machines that serve this redis (phantom worker), as redis://host:6379; not with --mutants',
      parseQueueUrl,
    )
    .option('--queue-name <name>', 'which of its queues', parseQueueName, QUEUE_NAME)
    .addOption(
      new Option('--defect <name>', 'seed this defect in the kernel, to see that it is found (may be repeated)')
        .argParser((name: string, names: string[]) => [...names, name])
        .default([], 'none'),
    )
    .option('--ram <MiB>', `RAM of the machine (default: ${DEFAULT_OPTIONS.ramMiB}; hog: ${HOG_RAM_MIB})`, parseRam)
    .option(
      '--snapshot-interval <ms>',
      "time between snapshots, in the machine's own time",
      parseInterval,
      DEFAULTS.interval,
    )
    .option('--corpus <id>', 'this past finding alone (may be repeated)', (id: string, ids?: string[] | boolean) => [
      ...(Array.isArray(ids) ? ids : []),
      id,
    ])
    .addOption(
      new Option('--property <number>', 'the judgement of this property alone (may be repeated)')
        .choices(TASK_PROPERTIES)
        .argParser(oneOfTasks)
        .default([], `each once in a campaign of ${FULL_CLAIM_RUNS} runs or more`),
    )
    .option('--no-corpus', 'without the past findings, which are run first')
    .option(
      '--no-shrink',
      'leave findings as they were drawn: neither made small nor gone through again from before they failed',
    )
    .option('--mutants', 'instead of a campaign: kernels with seeded defects, each until it is caught')
    .addOption(
      new Option('--mutant <name>', 'of these only this one (may be repeated)')
        .argParser((name: string, names: string[]) => [...names, name])
        .default([], 'all of impl/kernel/defects.ts'),
    )
    .option(
      '--runs <number>',
      `runs that a mutant gets at most, in each of ${MUTANT_TRIES} tries (default: ${MUTANT_RUNS_MAX})`,
      numberOf('a number of runs', 1, 10_000),
    )
    .option('--json', 'print one object of the campaign schema on stdout and nothing else there')
    .option(
      '--report <folder>',
      'write the report there: campaign.json, .md, .html, .xml, each finding, and history.json',
      parseFolder,
    )
    .option(
      '--earlier <folder>',
      'campaigns to compare with: a report, or a folder of reports (default: those that --report had)',
    )
    .addHelpText(
      'after',
      '\nA seed decides everything of its run; seeds that reach something new are tried again in variations. Findings come with the command that ' +
        'runs them alone, and with --report as files that `phantom replay` runs; the first of each property and workload is made small, in ' +
        `at most ${SHRINK_RUNS} runs.\n` +
        'Failures of the past are run again first (faults/corpus), but for a program of your own and a single --seed.\n' +
        'A campaign of 100 runs or more fails when a property it claims was never at stake.\n' +
        '\nCtrl-C ends it with a report of what was done.\n' +
        'Exit codes: 0 held, 1 a property failed, 2 usage or set-up error, or one of the test bed, 130 stopped before its end and nothing had failed.',
    )
    .action(async (files: string[], flags: CheckFlags) => ended(await check(files, flags)));
}

async function check(files: string[], flags: CheckFlags): Promise<number> {
  if (flags.mutants || flags.mutant.length > 0) return mutants(files, flags);
  if (flags.runs !== undefined) throw new UserError('--runs needs --mutants: a campaign has --seeds');
  if (flags.variation !== undefined && flags.seed === undefined) {
    throw new UserError('--variation needs --seed: it says which variation of that seed');
  }
  if (flags.time !== undefined && flags.seeds !== undefined) {
    throw new UserError('--seeds and --time cannot be used together: one of them says when the campaign is over');
  }
  if (flags.seeds === 0 && flags.exhaustive !== true && flags.property.length === 0)
    throw new UserError('--seeds 0 leaves nothing to do without --exhaustive or --property');
  if (files.length > 0 && flags.workload.length > 0) {
    throw new UserError('--workload cannot be used with files: the program of the files is the workload');
  }
  if (flags.queue !== undefined && flags.jobs !== undefined) {
    throw new UserError('--jobs cannot be used with --queue: each worker has its own');
  }
  if (flags.trace && flags.shape === 'everything') {
    throw new UserError('--trace needs --shape cuts or none: the specifications know no disk that lies or goes bad');
  }
  const earlier = prepareReport(flags);
  const terminal = new Terminal('hidden');
  const programs = programsOf(files, flags, (text) => terminal.say(text));
  if (flags.queue !== undefined) await (await import('./queue/redis.js')).requireRedis(flags.queue);
  const kernel = await getKernel(flags.defect, terminal);
  const setups = new Map<string, RunSetup>();
  for (const [name, program] of programs) {
    const setup = { ...program, kernel };
    checkSetup(setup);
    setups.set(name, setup);
  }
  const corpus = corpusOf(files, flags, setups);
  const isChosen = Array.isArray(flags.corpus) || flags.property.length > 0;
  const usual = isChosen ? 0 : flags.seed === undefined ? DEFAULTS.seeds : 1;
  const runs = flags.time !== undefined ? null : (flags.seeds ?? usual);
  const job: CampaignJob = {
    shape: flags.shape,
    cuts: flags.cuts,
    states: flags.states,
    recoverOneIn: flags.recoverOneIn,
    trace: flags.trace === true,
  };
  const command = words(files, flags, wholeWords(flags));
  const campaign = new Campaign({
    job,
    first: flags.seed ?? DEFAULTS.first,
    runs,
    setups,
    corpus,
    properties: judgementsOf(files, flags, [...setups.keys()], runs),
    exhaustive: flags.exhaustive === true,
    variation: flags.variation,
    command,
    commandOf: (task) => {
      // What runs one task runs no past findings beside it.
      const corpus = task.exhaustive ? false : undefined;
      return words(files, { ...flags, corpus, workload: files.length > 0 ? [] : [task.workload] }, taskWords(task));
    },
  });
  const drive = new CampaignDrive(campaign, { ...flags, runs }, terminal);
  const supplies = { setups, job, corpus };
  const stopped = await drive.run(async (say) => {
    if (flags.queue === undefined) return localCrew(supplies, flags.jobs ?? defaultJobs());
    return queueCrew(flags.queue, flags.queueName, supplies, command, say);
  });
  const result = campaign.result(stopped, drive.performance(), environment());
  await finishCampaign(result, flags, earlier, terminal);
  if (drive.failure !== undefined) {
    terminal.say(`phantom: ${drive.failure}; what was done until then is reported`);
    await terminal.flush();
    return result.verdict.outcome === 'failed' ? EXIT_FAILED : EXIT_USAGE;
  }
  return result.verdict.outcome === 'stopped' ? EXIT_STOPPED : campaignExitCode(result);
}

/** Machines behind a queue; what that needs is loaded here, where it is asked for. Throws UserError. */
async function queueCrew(
  url: string,
  name: string,
  supplies: CampaignSupplies,
  command: string,
  say: (text: string) => void,
): Promise<QueueCrew> {
  const { coordinatorLine } = await import('./queue/redis.js');
  const line = await coordinatorLine({ url, name, build: buildOf() });
  // Nothing secret on a terminal or in a log.
  const address = url.replace(/(?<=:\/\/).*@/, '…@');
  const hint = ['npx', 'phantom', 'worker', '--queue', address, ...(name === QUEUE_NAME ? [] : ['--queue-name', name])];
  return QueueCrew.begin(line, supplies, { command, hint: hint.map(shellWord).join(' '), say });
}

async function mutants(files: readonly string[], flags: CheckFlags): Promise<number> {
  if (flags.queue !== undefined)
    throw new UserError('--queue spreads campaigns, not --mutants: their kernels are built here');
  const other = OF_CAMPAIGNS.find((name) => flags[name] !== undefined);
  if (files.length > 0 || flags.workload.length > 0 || flags.defect.length > 0 || other !== undefined) {
    throw new UserError(
      '--mutants goes with --mutant, --runs, --jobs, --json and --report alone: what is run decides each mutant',
    );
  }
  const earlier = prepareReport(flags);
  const terminal = new Terminal('hidden');
  const { result, stopped } = await checkMutants(
    { ...flags, jobs: flags.jobs ?? defaultJobs() },
    terminal,
    environment(),
  );
  await finishCampaign(result, flags, earlier, terminal);
  return stopped && result.verdict.outcome !== 'failed' ? EXIT_STOPPED : campaignExitCode(result);
}

/** Options that say what a campaign runs. */
const OF_CAMPAIGNS = ['seeds', 'time', 'seed', 'variation', 'exhaustive', 'trace', 'ram'] as const;

function programsOf(
  files: readonly string[],
  flags: CheckFlags,
  say: (text: string) => void,
): [string, Omit<RunSetup, 'kernel'>][] {
  const options = {
    diskMiB: DEFAULTS.diskMiB,
    snapshotIntervalMs: flags.snapshotInterval,
    ...(flags.ram === undefined ? {} : { ramMiB: flags.ram }),
  };
  if (files.length > 0) {
    const loaded = loadProgram(files, say);
    const bootClass = chooseBootClass(loaded, undefined);
    const program = loaded.map(({ name, bytes }) => ({ name, bytes }));
    const setup = { program, files: [...files], disk: 'new' } as const;
    return [[bootClass, { ...setup, options: { ...DEFAULT_OPTIONS, ...options, bootClass } }]];
  }
  const names = flags.workload.length > 0 ? [...new Set(flags.workload)] : WORKLOADS;
  const known = workloadNames();
  return names.map((name) => {
    if (!known.includes(name)) throw new UserError(`--workload ${name}: expected one of ${known.join(', ')}`);
    return [name, workloadProgram(name, { ...MACHINES[name], ...options })];
  });
}

/** The past findings that belong to the campaign. Throws UserError where one is asked for that is not there. */
function corpusOf(
  files: readonly string[],
  flags: CheckFlags,
  setups: ReadonlyMap<string, RunSetup>,
): readonly FindingFile[] {
  const asked = Array.isArray(flags.corpus) ? flags.corpus : undefined;
  if (
    asked === undefined &&
    (flags.corpus === false || flags.property.length > 0 || files.length > 0 || isOneSeed(flags))
  )
    return [];
  if (files.length > 0) throw new UserError('--corpus cannot be used with files: a past finding has its own program');
  const all = readCorpus();
  const unknown = asked?.find((id) => !all.some((one) => one.id === id));
  if (unknown !== undefined) {
    throw new UserError(`--corpus ${unknown}: expected one of ${all.map(({ id }) => id).join(', ')}`);
  }
  return all.filter(({ id, workload }) => setups.has(workload) && (asked === undefined || asked.includes(id)));
}

/** One of the properties with a judgement of its own. */
function oneOfTasks(property: string, all: readonly string[]): string[] {
  if ((TASK_PROPERTIES as readonly string[]).includes(property)) return [...all, property];
  throw new InvalidArgumentError(`Expected one of ${TASK_PROPERTIES.join(', ')}.`);
}

/** The properties that are judged by tasks of their own: those asked for, or all in a campaign that is long enough to claim them. */
function judgementsOf(
  files: readonly string[],
  flags: CheckFlags,
  workloads: readonly string[],
  runs: number | null,
): PropertyTask[] {
  // Of a program of the user's nobody knows whether its lines depend on the time.
  const all = propertyTasks(flags.shape, workloads, files.length > 0 ? [] : workloads);
  const { property } = flags;
  if (property.length > 0) {
    const asked = all.filter((task) => property.includes(task.property));
    const missing = property.find((one) => !asked.some((task) => task.property === one));
    if (missing === undefined) return asked;
    const where = files.length > 0 ? 'of a program of your own' : `in the shape ${flags.shape}`;
    throw new UserError(`--property ${missing}: it is not judged ${where}`);
  }
  return Array.isArray(flags.corpus) || (runs !== null && runs < FULL_CLAIM_RUNS) ? [] : all;
}

/** One run is repeated alone. */
function isOneSeed({ seed, seeds, time }: CheckFlags): boolean {
  return seed !== undefined && seeds === undefined && time === undefined;
}

/** The words of a command that mean the same set-up and job. */
function words(files: readonly string[], flags: CheckFlags, which: readonly string[]): string {
  const all = ['npx', 'phantom', 'check', ...files, ...which];
  for (const name of flags.workload) all.push('--workload', name);
  if (flags.corpus === false) all.push('--no-corpus');
  if (!flags.shrink) all.push('--no-shrink');
  const others: [string, string | number, string | number][] = [
    ['--shape', flags.shape, 'everything'],
    ['--cuts', flags.cuts, DEFAULTS.cuts],
    ['--states', flags.states, DEFAULTS.states],
    ['--recover-one-in', flags.recoverOneIn, DEFAULTS.recoverOneIn],
    ['--snapshot-interval', flags.snapshotInterval, DEFAULTS.interval],
  ];
  for (const [name, value, usual] of others) if (value !== usual) all.push(name, String(value));
  if (flags.trace) all.push('--trace');
  if (flags.ram !== undefined) all.push('--ram', String(flags.ram));
  for (const defect of flags.defect) all.push('--defect', defect);
  return all.map(shellWord).join(' ');
}

function wholeWords(flags: CheckFlags): string[] {
  const which: string[] = [];
  if (flags.seed !== undefined) which.push('--seed', String(flags.seed));
  if (flags.seeds !== undefined) which.push('--seeds', String(flags.seeds));
  if (flags.variation !== undefined) which.push('--variation', String(flags.variation));
  if (flags.time !== undefined) which.push('--time', `${flags.time / 1000}s`);
  if (flags.exhaustive) which.push('--exhaustive');
  if (Array.isArray(flags.corpus)) for (const id of flags.corpus) which.push('--corpus', id);
  for (const property of flags.property) which.push('--property', property);
  return which;
}

function taskWords({ seed, variation, exhaustive, corpus, property }: CampaignTask): string[] {
  if (corpus !== undefined) return ['--corpus', corpus];
  if (property !== undefined) {
    return ['--property', property, ...(seed === DEFAULTS.first ? [] : ['--seed', String(seed), '--seeds', '0'])];
  }
  if (exhaustive) return ['--exhaustive', '--seeds', '0'];
  return ['--seed', String(seed), ...(variation === 0 ? [] : ['--variation', String(variation)])];
}
