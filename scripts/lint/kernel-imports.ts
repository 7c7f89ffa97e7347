// The import directions of the AssemblyScript folders, which Biome cannot parse (decorators on functions): the kernel
// imports the kernel, the compiler's runtime itself. Tests and their helpers are TypeScript and Biome's business.
import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

export const SEALED_FOLDERS = ['impl/kernel', 'impl/compiler/runtime'] as const;

/** The kernel's rooms from the ground up: each imports only itself and those below. */
const ROOMS = ['arch', 'memory', 'sched', 'drivers', 'store', 'persist', 'objects', 'vm', 'classes'];

/** Entries of kernels made for tests lie in the room they test, and may use all of them. */
const TEST_KERNEL = /\/(?:selftest|v8)\//;

/** Place in the order of rooms, -1 for a file that is in no room: boot, defects, kernels made for tests. */
function storeyOf(path: string): number {
  const [, , room, next] = path.split('/');
  return next === undefined || TEST_KERNEL.test(path) ? -1 : ROOMS.indexOf(room);
}

/** What is wrong with an import of `target` by the kernel file `path`, or undefined. */
function upwardImport(path: string, target: string): string | undefined {
  const [from, to] = [storeyOf(path), storeyOf(target)];
  return from === -1 || to <= from ? undefined : `${ROOMS[from]} may not use ${ROOMS[to]}, which is above it`;
}

/** Imports of `text`, the file at `path` (relative to the project, in `folder`), that leave `folder`, or a room of the kernel for one above. */
export function foreignImports(folder: string, path: string, text: string): string[] {
  const problems: string[] = [];
  for (const [line, words] of text.split('\n').entries()) {
    const specifier = /^\s*(?:(?:import|export)\b.*?\bfrom|\}\s*from|import)\s*['"]([^'"]+)['"]/.exec(words)?.[1];
    if (specifier === undefined) continue;
    const target = specifier.startsWith('.') ? normalize(join(path, '..', specifier)) : specifier;
    if (target.startsWith(`${folder}/`)) {
      const problem = folder === 'impl/kernel' ? upwardImport(path, target) : undefined;
      if (problem !== undefined) problems.push(`${path}:${line + 1}: imports ${specifier}; ${problem}`);
      continue;
    }
    problems.push(`${path}:${line + 1}: imports ${specifier}; files of ${folder} import only from there`);
  }
  return problems;
}

/** The AssemblyScript files of a folder of the project, relative to the project. */
export function assemblyScriptFiles(root: string, folder: string): string[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const isSource = (file: string) =>
    file.endsWith('.ts') && !/\.(test|d)\.ts$/.test(file) && !/(^|\/)testing\//.test(file);
  return files
    .filter(isSource)
    .sort()
    .map((file) => join(folder, file));
}

/** Everything wrong in the project at `root`. */
export function lintKernelImports(root: string): string[] {
  return SEALED_FOLDERS.flatMap((folder) =>
    assemblyScriptFiles(root, folder).flatMap((file) =>
      foreignImports(folder, file, readFileSync(join(root, file), 'utf8')),
    ),
  );
}
