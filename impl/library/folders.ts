/**
 * Where the class library lies: sources in the Phantom language, `phantom.text.builder.ph` for class `.phantom.text.builder`.
 *
 * The rule: its classes are found without being asked for, after the program's own, and compiled with the program that uses them.
 */
import { fileURLToPath } from 'node:url';

/** Folders in which a class of the library may lie. */
export const LIBRARY_FOLDERS: readonly string[] = ['./', 'java/'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);

/** Whether a file is a source of the library. */
export function isLibraryFile(file: string): boolean {
  return LIBRARY_FOLDERS.some((folder) => file.startsWith(folder));
}
