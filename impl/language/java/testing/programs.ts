/** The Java programs of the fixtures, translated, for tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type JavaInput, libraryClass, type Translation, translate } from '../index.js';

export const PROGRAMS = fileURLToPath(new URL('../../../../fixtures/java/', import.meta.url));

export function programNames(): string[] {
  const entries = readdirSync(PROGRAMS, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** The class files javac made of a program. */
export function classFilesOf(name: string): JavaInput[] {
  const files = readdirSync(`${PROGRAMS}${name}`).filter((file) => file.endsWith('.class'));
  return files.map((file) => ({ file, bytes: new Uint8Array(readFileSync(`${PROGRAMS}${name}/${file}`)) }));
}

/** What `java` prints. */
export function expectedOf(name: string): string {
  return readFileSync(`${PROGRAMS}${name}/${name}.expected`, 'utf8');
}

/** Translates what must be translated. */
export function translateSound(inputs: readonly JavaInput[]): Translation {
  const translation = translate(inputs, libraryClass);
  if (translation.problems.length > 0) throw new Error(translation.problems.map(({ text }) => text).join('\n'));
  return translation;
}

export function classesOf({ classes }: Translation): Map<string, Uint8Array> {
  return new Map(classes.map(({ name, bytes }) => [name, bytes]));
}
