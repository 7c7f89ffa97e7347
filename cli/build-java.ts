/** `phantom build --java`: Java class files to Phantom class files. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type ClassSource, type JavaError, libraryClass, translate } from '../impl/language/java/index.js';
import { codeOf, UserError } from './errors.js';
import { cannotRead, readBytes } from './read-file.js';

export interface BuiltJava {
  /** By class name; empty when there is a problem. */
  readonly classes: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** A line each. */
  readonly problems: readonly string[];
  readonly startClasses: readonly string[];
}

/** The class files among the words: a folder stands for those in it. */
function classFiles(words: readonly string[]): string[] {
  const files = words.flatMap((word) => {
    try {
      if (!statSync(word).isDirectory()) return [word];
    } catch (error) {
      throw cannotRead(word, 'the class file', error);
    }
    const found = readdirSync(word).filter((name) => name.endsWith('.class'));
    if (found.length === 0) throw new UserError(`${word}: no Java class file (.class) in this folder`);
    return found.sort().map((name) => join(word, name));
  });
  return [...new Map(files.map((file) => [resolve(file), file])).values()];
}

/** The folders a given file's package may begin in: its own and those above it, nearest first. */
function rootsOf(file: string): string[] {
  const roots: string[] = [];
  for (let folder = dirname(resolve(file)); !roots.includes(folder); folder = dirname(folder)) roots.push(folder);
  return roots;
}

/** Class file of that name (`a/B`) under one of the folders. */
function findBeside(name: string, folders: readonly string[]): ClassSource | undefined {
  for (const folder of folders) {
    const file = join(folder, `${name}.class`);
    try {
      return { file, bytes: new Uint8Array(readFileSync(file)), isLibrary: false };
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes(codeOf(error) ?? '')) {
        throw cannotRead(file, 'the class file', error);
      }
    }
  }
  return undefined;
}

/** Translates the class files and what they name; `folders`: where else named classes may lie. Throws UserError. */
export function buildJava(words: readonly string[], folders: readonly string[]): BuiltJava {
  const files = classFiles(words);
  const roots = [...new Set([...files.flatMap(rootsOf), ...folders])];
  // A name with dots between slashes could leave the folder; no class has one.
  const isSound = (name: string): boolean => !name.split('/').some((part) => part === '..' || part === '.');
  const find = (name: string): ClassSource | undefined =>
    libraryClass(name) ?? (isSound(name) ? findBeside(name, roots) : undefined);
  const { classes, problems, startClasses } = translate(
    files.map((file) => ({ file, bytes: readBytes(file, 'the class file') })),
    find,
  );
  return { classes, problems: problems.map((problem: JavaError) => problem.text), startClasses };
}
