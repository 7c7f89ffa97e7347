/** `phantom dump`: class files as text, and what two of them differ in. */
import { Command } from 'commander';
import { comparableText, differences, dumpClass } from '../impl/language/index.js';
import { type ClassFile, ClassFileError, readClassFile } from '../model/classfile/index.js';
import { UserError } from './errors.js';
import { EXIT_FAILED, EXIT_HELD } from './exit-codes.js';
import { readBytes } from './read-file.js';

interface DumpFlags {
  readonly diff?: true;
}

/** `ended` is told the exit code. */
export function dumpCommand(ended: (exitCode: number) => void): Command {
  return new Command('dump')
    .description('print class files as text')
    .argument('<files...>', 'class files (.pc)')
    .option('--diff', 'print what two class files differ in: lines of the first with -, of the second with +')
    .addHelpText('after', '\nExit codes: 0 printed, or no difference; 1 the two differ; 2 usage or set-up error.')
    .action((files: string[], flags: DumpFlags) => ended(flags.diff ? diff(files) : dump(files)));
}

function read(file: string): ClassFile {
  const bytes = readBytes(file, 'the class file');
  try {
    return readClassFile(bytes, file);
  } catch (error) {
    if (error instanceof ClassFileError) throw new UserError(error.message);
    throw error;
  }
}

function dump(files: readonly string[]): number {
  process.stdout.write(files.map(read).map(dumpClass).join('\n'));
  return EXIT_HELD;
}

function diff(files: readonly string[]): number {
  if (files.length !== 2) throw new UserError(`--diff wants two class files, found ${files.length}`);
  const [first, second] = files.map(read).map(comparableText);
  const lines = differences(first, second);
  if (lines.length === 0) return EXIT_HELD;
  process.stdout.write(`--- ${files[0]}\n+++ ${files[1]}\n${lines.join('\n')}\n`);
  return EXIT_FAILED;
}
