/**
 * The program of a run: class files from disk, checked; sources, compiled; demonstrations of the package; and the class it starts with.
 *
 * The rule: `demo/NAME` is the package's wherever the user stands, unless there is a file or folder of that name.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProgramClass } from '../faults/index.js';
import { formatDiagnostic } from '../impl/language/index.js';
import { DEMO_FOLDER, demoFolder, demos } from '../impl/library/demos.js';
import { type ClassFile, ClassFileError, readClassFile } from '../model/classfile/index.js';
import { compileProgram, countDiagnostics } from './compile.js';
import { UserError } from './errors.js';
import { readBytes } from './read-file.js';

/** The endless program of the library that `phantom run` runs when it is given none. */
const DEFAULT_PROGRAM = new URL('../fixtures/workloads/ticker/wl.ticker.main.pc', import.meta.url);
/** Method of the boot class that the kernel calls. */
const STARTUP_ORDINAL = 8;

export interface Loaded extends ProgramClass {
  readonly file: string;
  readonly parsed: ClassFile;
}

/**
 * The classes that the words mean: class files, sources (.ph), folders of sources, of class files where they have no source, demonstrations
 * (demo/NAME); none: the default program. `say` is told what the compiler found. Throws UserError.
 */
export function loadProgram(words: readonly string[], say: (text: string) => void): Loaded[] {
  const paths = (words.length > 0 ? words : [fileURLToPath(DEFAULT_PROGRAM)]).map(resolveDemo).flatMap(openFolder);
  const sources = paths.filter(isSource);
  const given = paths.filter((path) => !isSource(path)).map(loadClass);
  const loaded = [...given, ...(sources.length > 0 ? compileSources(sources, given, say) : [])];
  const seen = new Map<string, string>();
  for (const { name, file } of loaded) {
    const other = seen.get(name);
    if (other !== undefined) throw new UserError(`${file}: class ${name} is in ${other} already`);
    seen.set(name, file);
  }
  return loaded;
}

/** The demonstrations, one a line. */
export function listDemos(): string {
  const all = demos();
  const width = Math.max(...all.map(({ name }) => name.length));
  return all.map(({ name, about }) => `  ${DEMO_FOLDER}/${name.padEnd(width)}  ${about}`).join('\n');
}

function resolveDemo(word: string): string {
  const [folder, name, ...more] = word.replace(/\/$/, '').split('/');
  if (folder !== DEMO_FOLDER || more.length > 0 || existsSync(word)) return word;
  const found = name === undefined ? undefined : demoFolder(name);
  if (found !== undefined) return found;
  const known = demos().map((one) => `${DEMO_FOLDER}/${one.name}`);
  throw new UserError(`there is no demonstration ${word}: expected one of ${known.join(', ')}`);
}

/** A folder that holds class files and no source stands for them. */
function openFolder(path: string): string[] {
  if (!(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)) return [path];
  const names = readdirSync(path).sort();
  const classFiles = names.filter((name) => name.endsWith('.pc'));
  if (classFiles.length === 0 || names.some((name) => name.endsWith('.ph'))) return [path];
  return classFiles.map((name) => join(path, name));
}

function isSource(path: string): boolean {
  return path.endsWith('.ph') || (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false);
}

/** Compiles; class files that are on the command line too are not taken twice. Throws UserError. */
function compileSources(paths: readonly string[], given: readonly Loaded[], say: (text: string) => void): Loaded[] {
  const { classes, classFiles, diagnostics } = compileProgram(paths, []);
  for (const diagnostic of diagnostics) say(formatDiagnostic(diagnostic));
  const { errors, counts } = countDiagnostics(diagnostics);
  if (errors > 0) throw new UserError(`${counts} in the program`);
  const known = new Set(given.map(({ file }) => resolve(file)));
  return [
    ...classes.map(({ name, bytes, file, classFile }) => ({ name, bytes, file, parsed: classFile })),
    ...classFiles.filter(({ file }) => !known.has(resolve(file))).map(({ file, bytes }) => parseClass(file, bytes)),
  ];
}

/** The class to start with. Throws UserError. */
export function chooseBootClass(loaded: readonly Loaded[], wanted: string | undefined): string {
  return wanted === undefined ? findBootClass(loaded) : checkBootClass(loaded, wanted);
}

function loadClass(file: string): Loaded {
  return parseClass(file, readBytes(file, 'the class file'));
}

function parseClass(file: string, bytes: Uint8Array): Loaded {
  try {
    const parsed = readClassFile(bytes, file);
    return { name: parsed.name, bytes, file, parsed };
  } catch (error) {
    if (error instanceof ClassFileError) throw new UserError(error.message);
    throw error;
  }
}

function canBoot({ parsed }: Loaded): boolean {
  return parsed.methods.some((method) => method.ordinal === STARTUP_ORDINAL && method.name === 'startup');
}

function checkBootClass(loaded: readonly Loaded[], wanted: string): string {
  const found = loaded.find(({ name }) => name === wanted);
  if (found === undefined) {
    throw new UserError(
      `boot class ${wanted} is not in the program: it has ${loaded.map(({ name }) => name).join(', ')}`,
    );
  }
  if (!found.parsed.methods.some((method) => method.ordinal === STARTUP_ORDINAL)) {
    throw new UserError(`${found.file}: boot class ${wanted} has no method ${STARTUP_ORDINAL} to start with`);
  }
  return wanted;
}

function findBootClass(loaded: readonly Loaded[]): string {
  const able = loaded.filter(canBoot);
  const mains = able.filter(({ name }) => name.endsWith('.main'));
  const choice = able.length === 1 ? able : mains;
  if (choice.length === 1) return choice[0].name;
  if (able.length === 0) {
    throw new UserError(
      `none of ${loaded.map(({ file }) => file).join(', ')} has a method startup [${STARTUP_ORDINAL}] to boot from`,
    );
  }
  throw new UserError(
    `several classes can boot (${able.map(({ name }) => name).join(', ')}): choose one with --boot-class`,
  );
}
