/**
 * The sources an image is made from, as text by project-relative path, and a key that names them.
 *
 * Rule: what goes into an image is in the key (kernel, soft-float runtime, the compiler that runs, asc's version and
 * flags), and nothing of the place or time is. Paths are relative and sorted, so the same tree anywhere has the same
 * key.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Project-relative folders of AssemblyScript sources. */
const KERNEL_FOLDER = 'impl/kernel';
const RUNTIME_FOLDER = 'impl/compiler/runtime';

export interface KernelSources {
  /** Files asc is to start from. */
  readonly entries: readonly string[];
  /** Text by project-relative path with forward slashes: the entries and what they import. */
  readonly files: ReadonlyMap<string, string>;
  /** Hash of everything an image depends on but its defects. */
  readonly key: string;
}

const here = dirname(fileURLToPath(import.meta.url));

/**
 * The folder that holds `impl/kernel`: beside us when run from sources, above `dist` when built; undefined when
 * neither.
 */
export function findProjectRoot(from: string = here): string | undefined {
  for (const root of [join(from, '../..'), join(from, '../../..')]) {
    if (existsSync(join(root, KERNEL_FOLDER, 'boot.ts'))) return root;
  }
  return undefined;
}

/** Files below `folder` for which `wanted` holds, sorted by name so that the order is the same on any file system. */
function filesBelow(folder: string, wanted: (name: string) => boolean): string[] {
  const found: string[] = [];
  const entries = readdirSync(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesBelow(path, wanted));
    else if (wanted(entry.name)) found.push(path);
  }
  return found;
}

function isSource(name: string): boolean {
  return name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.endsWith('.d.ts');
}

/** The program text of this module's kind: `.ts` from sources, `.js` in dist. */
function isProgram(name: string): boolean {
  return import.meta.url.endsWith('.ts') ? isSource(name) : name.endsWith('.js');
}

function version(root: string): string {
  const path = join(root, 'node_modules/assemblyscript/package.json');
  if (!existsSync(path)) {
    throw new Error(`AssemblyScript is not installed: expected ${path}; run npm ci in the project's folder`);
  }
  const described: { version?: unknown } = JSON.parse(readFileSync(path, 'utf8'));
  return String(described.version);
}

const IMPORT = /^(?:import|export)\b[^']*'(\.[^']+)';$/gm;

/** Adds `name` and what it imports, directly or not, to `files`. */
function readReachable(root: string, name: string, files: Map<string, string>): void {
  if (files.has(name)) return;
  const path = join(root, name);
  if (!existsSync(path)) throw new Error(`kernel source ${name} is imported but not there`);
  const text = readFileSync(path, 'utf8');
  files.set(name, text);
  for (const [, imported] of text.matchAll(IMPORT)) {
    readReachable(root, posix.join(posix.dirname(name), `${imported}.ts`), files);
  }
}

/** Soft-float runtime: its exports are called by the compiler, so nothing imports them. */
function runtimeFiles(root: string): string[] {
  return filesBelow(join(root, RUNTIME_FOLDER), isSource).map((path) => relative(root, path).split(sep).join('/'));
}

/**
 * Reads the kernel that starts in `entry` (project-relative), from the project at `root`. `flags`: the words asc is
 * called with.
 */
export function readKernelSources(root: string, entry: string, flags: readonly string[]): KernelSources {
  const entries = [entry, ...runtimeFiles(root)];
  const files = new Map<string, string>();
  for (const name of entries) readReachable(root, name, files);
  const hash = createHash('sha256');
  const add = (name: string, text: string): void => {
    hash.update(`${name}\n${Buffer.byteLength(text)}\n`);
    hash.update(text);
  };
  add('entry', entry);
  for (const [name, text] of [...files].sort()) add(name, text);
  for (const folder of [join(here, '../compiler'), here]) {
    for (const path of filesBelow(folder, isProgram)) {
      if (path.startsWith(join(here, '../compiler/runtime'))) continue;
      add(relative(join(here, '..'), path).split(sep).join('/'), readFileSync(path, 'utf8'));
    }
  }
  add('asc', `${version(root)} ${flags.join(' ')}`);
  return { entries, files, key: hash.digest('hex') };
}
