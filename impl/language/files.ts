/**
 * Programs as files: which sources a command line means, where the classes are found that they name, and all of it compiled.
 *
 * The rule: a class is looked for beside the source that names it, then in the folders in their order, then in the library, everywhere
 * as source before anywhere as class file; so a program means the same from wherever it is compiled. A folder stands for its sources
 * that are no tests (`*.test.ph`).
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LIBRARY_FOLDERS } from '../library/folders.js';
import type { FoundClass } from './class-table.js';
import { type Compilation, compile, type SourceText } from './compile.js';

/** A file of the program that cannot be read. */
export class SourceFileError extends Error {
  override readonly name = 'SourceFileError';

  constructor(
    readonly file: string,
    /** What was wanted of it. */
    readonly problem: string,
    /** The system's error, where there was one. */
    override readonly cause?: unknown,
  ) {
    super(`${file}: ${problem}`);
  }
}

export interface FilesCompilation extends Compilation {
  readonly sources: readonly SourceText[];
  /** Class files of classes the sources name, where no source was found: the program needs them as they are. */
  readonly classFiles: readonly { readonly file: string; readonly bytes: Uint8Array }[];
}

/** Codes of a place where no file is. */
const ABSENT: ReadonlySet<unknown> = new Set(['ENOENT', 'EISDIR', 'ENOTDIR']);

/** The sources among the words: a folder stands for the sources in it. Throws SourceFileError. */
export function sourceFiles(words: readonly string[]): string[] {
  const files = words.flatMap((word) => {
    const found = attempt(word, () =>
      statSync(word).isDirectory() ? readdirSync(word).filter(isProgramSource) : undefined,
    );
    if (found === undefined) return [word];
    if (found.length === 0) throw new SourceFileError(word, 'no source (.ph) in this folder');
    return found.sort().map((name) => join(word, name));
  });
  return [...new Map(files.map((file) => [resolve(file), file])).values()];
}

function isProgramSource(name: string): boolean {
  return name.endsWith('.ph') && !name.endsWith('.test.ph');
}

/**
 * Compiles sources and folders of them. `folders`: where else classes are looked for, before the library; `more`: sources that are no
 * files. Throws SourceFileError.
 */
export function compileFiles(
  words: readonly string[],
  folders: readonly string[] = [],
  more: readonly SourceText[] = [],
): FilesCompilation {
  const files = sourceFiles(words).map((file) => ({ file, text: attempt(file, () => readFileSync(file, 'utf8')) }));
  const sources = [...files, ...more];
  const classFiles = new Map<string, Uint8Array>();
  const compilation = compile(sources, {
    find: (name, from) => {
      const found = findClass(name, [dirname(from), ...folders, ...LIBRARY_FOLDERS]);
      if (found?.kind === 'class') classFiles.set(found.file, found.bytes);
      return found;
    },
    readFile: (path, from) => readIfThere(resolve(dirname(from), path)),
  });
  return { ...compilation, sources, classFiles: [...classFiles].map(([file, bytes]) => ({ file, bytes })) };
}

function findClass(name: string, places: readonly string[]): FoundClass | undefined {
  const base = name.slice(1);
  // Class names come from sources; one that is a path is no class of ours.
  if (!/^[\p{L}_][\p{L}\p{N}_.]*$/u.test(base)) return undefined;
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

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && ABSENT.has(error.code)) return undefined;
    throw new SourceFileError(file, 'cannot read it', error);
  }
}

function attempt<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new SourceFileError(file, 'cannot read the source', error);
  }
}
