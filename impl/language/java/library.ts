/** The class files of the Java library, `impl/library/java/classes`: `java.lang`, `java.util` and what they stand on. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ClassSource } from './world.js';

const CLASSES = fileURLToPath(new URL('../../library/java/classes/', import.meta.url));

/** The library's class of that name, with slashes. */
export function libraryClass(name: string): ClassSource | undefined {
  // Names come from class files; one that leaves the folder is no class of ours.
  if (!/^[\w$]+(?:\/[\w$]+)*$/.test(name)) return undefined;
  try {
    const file = `${CLASSES}${name}.class`;
    return { file: `library ${name}.class`, bytes: new Uint8Array(readFileSync(file)), isLibrary: true };
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return undefined;
    }
    throw error;
  }
}
