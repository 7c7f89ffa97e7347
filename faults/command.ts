/**
 * The command that repeats a run.
 *
 * The rule: it is made from what the run was, never from what a report says it is, so a report can put no words into it. What was typed
 * is in the plan and nowhere else, and so is what another generator drew; such runs are repeated from their report.
 */
import type { FaultPlan } from '../reports/plan.js';
import { DEFAULT_OPTIONS, type RunSetup } from './setup.js';

/** A word as a POSIX shell takes it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** With a disk file, the command that goes on with the system in it: such a run does not come again. */
export function repeatCommand(setup: Omit<RunSetup, 'program'>, plan: FaultPlan): string {
  const { files, options, disk, diskFile } = setup;
  const isOwnPlan = plan.input !== undefined || plan.open || plan.shape !== undefined;
  if (diskFile === undefined && (isOwnPlan || options.collectKib !== undefined))
    return ['npx', 'phantom', 'replay', `run-${plan.seed}.json`, ...kernelWords(setup)].map(shellWord).join(' ');
  const words = ['npx', 'phantom', 'run', ...fileWords(files)];
  if (files.length > 0 && disk !== 'continued') words.push('--boot-class', options.bootClass);
  if (diskFile === undefined) {
    words.push('--seed', String(plan.seed), '--cuts', String(plan.cuts.length));
    if (options.maxCycles !== null) words.push('--max-cycles', String(options.maxCycles));
  } else {
    words.push('--disk', diskFile);
  }
  words.push(...machineWords(setup));
  return words.map(shellWord).join(' ');
}

/** Longest command that a terminal takes when it is pasted. */
const PASTED_MAX = 4000;

/**
 * The command that runs a plan where nothing is but the program's files: no report, and no generator that drew it. Undefined where no option of the
 * command says what the set-up is, or where it is too long to be pasted.
 */
export function planCommand(setup: Omit<RunSetup, 'program'>, plan: FaultPlan): string | undefined {
  const { files, options, disk } = setup;
  const { diskMiB, persistentMiB } = DEFAULT_OPTIONS;
  const isUsual = options.diskMiB === diskMiB && options.persistentMiB === persistentMiB;
  const { generation, collectKib } = options;
  if (disk !== 'new' || !isUsual || generation !== undefined || collectKib !== undefined) return undefined;
  const words = ['npx', 'phantom', 'run', ...fileWords(files)];
  if (files.length > 0) words.push('--boot-class', options.bootClass);
  words.push('--plan', JSON.stringify(plan));
  if (options.maxCycles !== null) words.push('--max-cycles', String(options.maxCycles));
  const command = [...words, ...machineWords(setup)].map(shellWord).join(' ');
  return command.length > PASTED_MAX ? undefined : command;
}

function fileWords(files: readonly string[]): string[] {
  return files.map((file) => (file.startsWith('-') ? `./${file}` : file));
}

function kernelWords({ kernelFile }: Omit<RunSetup, 'program'>): string[] {
  return kernelFile === undefined ? [] : ['--kernel', kernelFile];
}

/** What the machine and the kernel are, where that is not the usual. */
function machineWords(setup: Omit<RunSetup, 'program'>): string[] {
  const { options, kernel } = setup;
  const words: string[] = [];
  if (options.ramMiB !== DEFAULT_OPTIONS.ramMiB) words.push('--ram', String(options.ramMiB));
  if (options.snapshotIntervalMs !== DEFAULT_OPTIONS.snapshotIntervalMs) {
    words.push('--snapshot-interval', String(options.snapshotIntervalMs));
  }
  if (options.diskController !== DEFAULT_OPTIONS.diskController) words.push('--controller', options.diskController);
  if (options.console === 'screen') words.push('--screen');
  if (options.output !== undefined) words.push('--console', options.output);
  words.push(...kernelWords(setup));
  for (const defect of kernel.defects) words.push('--defect', defect);
  return words;
}
