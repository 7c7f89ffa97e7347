/** `phantom build`: sources of the Phantom language to class files. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { type CompiledClass, formatDiagnostic, listing } from '../impl/language/index.js';
import { isLibraryFile } from '../impl/library/folders.js';
import { plural } from '../reports/facts.js';
import { parseFolder } from './arguments.js';
import { buildJava } from './build-java.js';
import { compileProgram, countDiagnostics } from './compile.js';
import { reasonOf, UserError } from './errors.js';
import { EXIT_FAILED, EXIT_HELD } from './exit-codes.js';
import { makeFolder } from './report-files.js';

interface BuildFlags {
  readonly output: string;
  readonly include: string[];
  readonly listing?: true;
  readonly strict?: true;
  readonly java?: true;
}

/** `ended` is told the exit code. */
export function buildCommand(ended: (exitCode: number) => void): Command {
  return new Command('build')
    .description('compile programs in the Phantom language, or translate Java class files')
    .argument('<files...>', 'sources (.ph), with --java class files (.class), or folders of them')
    .option('-o, --output <folder>', 'where the class files (.pc) go; made if missing', parseFolder, '.')
    .option(
      '-I, --include <folder>',
      'where classes are looked for that the sources name, after the folder of the source: NAME.ph, compiled too, ' +
        'then NAME.pc; the class library comes last (may be repeated)',
      (folder: string, folders: string[]) => [...folders, parseFolder(folder)],
      [],
    )
    .option('--listing', 'print the bytecode with the lines of the source on stdout')
    .option('--strict', 'warnings are errors')
    .option(
      '--java',
      'the files are Java class files, as of javac --release 8; classes they name are found beside them',
    )
    .addHelpText('after', '\nExit codes: 0 compiled, 1 errors in the program, 2 usage or set-up error.')
    .action((files: string[], flags: BuildFlags) => ended(build(files, flags)));
}

function write(folder: string, { name, bytes }: Pick<CompiledClass, 'name' | 'bytes'>): string {
  const file = join(folder, `${name.slice(1)}.pc`);
  try {
    makeFolder(folder);
    writeFileSync(file, bytes);
  } catch (error) {
    throw new UserError(`${file}: cannot write the class file: ${reasonOf(error)}`);
  }
  return file;
}

function build(words: readonly string[], flags: BuildFlags): number {
  if (flags.java) return translateJava(words, flags);
  const { classes, diagnostics, sources } = compileProgram(words, [...flags.include, flags.output]);
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
  const { errors, warnings, counts } = countDiagnostics(diagnostics);
  if (errors > 0 || (flags.strict && warnings > 0)) {
    process.stderr.write(`${counts}: nothing written\n`);
    return EXIT_FAILED;
  }
  for (const compiled of classes) {
    write(flags.output, compiled);
    if (!flags.listing || isLibraryFile(compiled.file)) continue;
    const given = sources.find(({ file }) => file === compiled.file);
    process.stdout.write(`${listing(compiled.classFile, given?.text ?? readFileSync(compiled.file, 'utf8'))}\n`);
  }
  process.stderr.write(`${plural(classes.length, 'class', 'classes')} in ${flags.output}\n`);
  return EXIT_HELD;
}

function translateJava(words: readonly string[], flags: BuildFlags): number {
  if (flags.listing || flags.strict) throw new UserError('--java goes with neither --listing nor --strict');
  const { classes, problems, startClasses } = buildJava(words, flags.include);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) {
    process.stderr.write(`${plural(problems.length, 'error', 'errors')}: nothing written\n`);
    return EXIT_FAILED;
  }
  for (const translated of classes) write(flags.output, translated);
  const start = startClasses.length > 0 ? `, starts with ${startClasses.join(' or ')}` : '';
  process.stderr.write(`${plural(classes.length, 'class', 'classes')} in ${flags.output}${start}\n`);
  return EXIT_HELD;
}
