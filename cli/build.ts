/** `phantom build`: sources of the Phantom language to class files. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { type CompiledClass, compile, type FoundClass, formatDiagnostic, listing } from '../impl/language/index.js';
import { parseFolder } from './arguments.js';
import { codeOf, reasonOf, UserError } from './errors.js';
import { EXIT_FAILED, EXIT_HELD } from './exit-codes.js';
import { makeFolder } from './report-files.js';

interface BuildFlags {
  readonly output: string;
  readonly include: string[];
  readonly listing?: true;
  readonly strict?: true;
}

/** `ended` is told the exit code. */
export function buildCommand(ended: (exitCode: number) => void): Command {
  return new Command('build')
    .description('compile programs in the Phantom language')
    .argument('<files...>', 'sources (.ph), or folders of them')
    .option('-o, --output <folder>', 'where the class files (.pc) go; made if missing', parseFolder, '.')
    .option(
      '-I, --include <folder>',
      'where classes are looked for that the sources name, after the folder of the source: NAME.ph, compiled too, ' +
        'then NAME.pc (may be repeated)',
      (folder: string, folders: string[]) => [...folders, parseFolder(folder)],
      [],
    )
    .option('--listing', 'print the bytecode with the lines of the source on stdout')
    .option('--strict', 'warnings are errors')
    .addHelpText('after', '\nExit codes: 0 compiled, 1 errors in the program, 2 usage or set-up error.')
    .action((files: string[], flags: BuildFlags) => ended(build(files, flags)));
}

/** The sources among the words: a folder stands for the sources in it. */
function sourceFiles(words: readonly string[]): string[] {
  const files = words.flatMap((word) => {
    try {
      if (!statSync(word).isDirectory()) return [word];
      const found = readdirSync(word).filter((name) => name.endsWith('.ph'));
      if (found.length === 0) throw new UserError(`${word}: no source (.ph) in this folder`);
      return found.sort().map((name) => join(word, name));
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError(`${word}: cannot read the source: ${reasonOf(error)}`);
    }
  });
  return [...new Map(files.map((file) => [resolve(file), file])).values()];
}

function readSource(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`${file}: cannot read the source: ${reasonOf(error)}`);
  }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'EISDIR' || codeOf(error) === 'ENOTDIR') return undefined;
    throw new UserError(`${file}: cannot read it: ${reasonOf(error)}`);
  }
}

/** Looks for the class of that name beside the source that names it, then in the folders. */
function findClass(name: string, from: string, folders: readonly string[]): FoundClass | undefined {
  const base = name.slice(1);
  // Class names come from sources; one that is a path is no class of ours.
  if (!/^[\p{L}_][\p{L}\p{N}_.]*$/u.test(base)) return undefined;
  const places = [dirname(from), ...folders];
  for (const folder of places) {
    const file = join(folder, `${base}.ph`);
    const text = readIfThere(file);
    if (text !== undefined) return { kind: 'source', file, text: text.toString('utf8') };
  }
  for (const folder of places) {
    const file = join(folder, `${base}.pc`);
    const bytes = readIfThere(file);
    if (bytes !== undefined) return { kind: 'class', file, bytes: new Uint8Array(bytes) };
  }
  return undefined;
}

function write(folder: string, { name, bytes }: CompiledClass): string {
  const file = join(folder, `${name.slice(1)}.pc`);
  try {
    makeFolder(folder);
    writeFileSync(file, bytes);
  } catch (error) {
    throw new UserError(`${file}: cannot write the class file: ${reasonOf(error)}`);
  }
  return file;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : what.endsWith('s') ? 'es' : 's'}`;
}

function build(words: readonly string[], flags: BuildFlags): number {
  const sources = sourceFiles(words).map((file) => ({ file, text: readSource(file) }));
  const folders = [...flags.include, flags.output];
  const { classes, diagnostics } = compile(sources, {
    find: (name, from) => findClass(name, from, folders),
    readFile: (path, from) => readIfThere(resolve(dirname(from), path)),
  });
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  if (errors > 0 || (flags.strict && warnings > 0)) {
    const counts = [errors > 0 ? plural(errors, 'error') : '', warnings > 0 ? plural(warnings, 'warning') : ''];
    process.stderr.write(`${counts.filter((count) => count !== '').join(', ')}: nothing written\n`);
    return EXIT_FAILED;
  }
  for (const compiled of classes) {
    write(flags.output, compiled);
    if (!flags.listing) continue;
    const given = sources.find(({ file }) => file === compiled.file);
    process.stdout.write(`${listing(compiled.classFile, given?.text ?? readSource(compiled.file))}\n`);
  }
  process.stderr.write(`${plural(classes.length, 'class')} in ${flags.output}\n`);
  return EXIT_HELD;
}
