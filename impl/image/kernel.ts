/**
 * From the kernel's sources to a multiboot ELF image, through a cache named by content.
 *
 * Rule: the image is a function of the cache key (sources, compiler, asc and flags, defects). So an image found under
 * the key is the image; writes go to a file of their own and are renamed into place, so two builds at once do no harm.
 *
 * Where there are no sources (an installed package) the image that `npm run build` left beside this file is used; it
 * has no seeded defects.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileModule, type ImageSymbol, type SourceLine, type StackDepth } from '../compiler/index.js';
import { assemble, KERNEL_FLAGS } from './assemble.js';
import { DEFECTS_FILE, seedDefects } from './defects.js';
import { findProjectRoot, type KernelSources, readKernelSources } from './sources.js';
import { checkStacks, type StackUse, stackSizes } from './stacks.js';

/** Format of the description beside a cached or shipped image; another number is not read. */
const DESCRIPTION_FORMAT = 2;
const KERNEL_ENTRY = 'impl/kernel/boot.ts';
const MEMORY_BASE = 0x200000;
const BOOT_STACK_BYTES = 16384;
const SHIPPED_IMAGE = join(dirname(fileURLToPath(import.meta.url)), 'kernel.elf');
const SHIPPED_DESCRIPTION = join(dirname(fileURLToPath(import.meta.url)), 'kernel.json');

export interface KernelImage {
  /** Multiboot ELF32 executable. */
  readonly elf: Uint8Array;
  /** Hexadecimal SHA-256 of `elf`: what a report names and a replay demands. */
  readonly sha256: string;
  /** Functions by name. */
  readonly symbols: ReadonlyMap<string, ImageSymbol>;
  readonly lines: readonly SourceLine[];
  /** Worst-case stack bytes of each exported function and each of the function table. */
  readonly stackDepths: ReadonlyMap<string, StackDepth>;
  /** The kernel's stacks: what they take at most, and what they have. Of another entry than the kernel's own: none. */
  readonly stacks: readonly StackUse[];
  /** Names of the defects seeded in this image. */
  readonly defects: readonly string[];
}

export interface KernelBuildOptions {
  /** Defects to seed, names of `impl/kernel/defects.ts`. */
  readonly defects?: readonly string[];
  /** Project-relative file with `kmain`; the kernel's own when not given. */
  readonly entry?: string;
  /** Called with a line of text when something slow starts. */
  readonly onProgress?: (text: string) => void;
  /** Folder of the cache; `node_modules/.cache/phantom-testbed` of the project when not given. */
  readonly cacheFolder?: string;
}

interface Description {
  readonly format: number;
  readonly key: string;
  readonly sha256: string;
  readonly defects: readonly string[];
  readonly symbols: readonly (readonly [string, ImageSymbol])[];
  readonly lines: readonly SourceLine[];
  readonly stackDepths: readonly (readonly [string, StackDepth])[];
  readonly stacks: readonly StackUse[];
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The image and description at these paths, or undefined when they are missing, of another key, or damaged. */
function readImage(elfPath: string, descriptionPath: string, key: string | undefined): KernelImage | undefined {
  if (!existsSync(elfPath) || !existsSync(descriptionPath)) return undefined;
  const elf = new Uint8Array(readFileSync(elfPath));
  let described: Description;
  try {
    described = JSON.parse(readFileSync(descriptionPath, 'utf8'));
  } catch {
    return undefined;
  }
  if (described.format !== DESCRIPTION_FORMAT || described.sha256 !== sha256(elf)) return undefined;
  if (key !== undefined && described.key !== key) return undefined;
  const { defects, lines, sha256: hash, stacks } = described;
  const symbols = new Map(described.symbols);
  const stackDepths = new Map(described.stackDepths);
  return { elf, sha256: hash, symbols, lines, stackDepths, stacks, defects };
}

function writeAtomically(path: string, contents: Uint8Array | string): void {
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, contents);
  renameSync(partial, path);
}

/** Writes image and description; the description last, since it vouches for the image. */
function writeImage(elfPath: string, descriptionPath: string, image: KernelImage, key: string): void {
  mkdirSync(dirname(elfPath), { recursive: true });
  const { sha256, defects, lines, stacks } = image;
  const symbols = [...image.symbols];
  const stackDepths = [...image.stackDepths];
  const description: Description = {
    format: DESCRIPTION_FORMAT,
    key,
    sha256,
    defects,
    symbols,
    lines,
    stackDepths,
    stacks,
  };
  writeAtomically(elfPath, image.elf);
  writeAtomically(descriptionPath, `${JSON.stringify(description)}\n`);
}

/** The sources to compile. Throws Error where a defect is not one of this kernel's. */
function seeded(sources: KernelSources, defects: readonly string[]): Map<string, string> {
  const files = new Map(sources.files);
  const declared = files.get(DEFECTS_FILE);
  if (declared !== undefined) files.set(DEFECTS_FILE, seedDefects(declared, defects));
  else if (defects.length > 0) throw new Error(`this kernel does not use ${DEFECTS_FILE}: it has no defects to seed`);
  return files;
}

async function compile(
  sources: KernelSources,
  files: ReadonlyMap<string, string>,
  defects: readonly string[],
): Promise<KernelImage> {
  const { wasm, sourceMap } = await assemble(files, sources.entries, KERNEL_FLAGS);
  const compiled = compileModule(wasm, { memoryBase: MEMORY_BASE, bootStackBytes: BOOT_STACK_BYTES, sourceMap });
  const { elf, symbols, lines, stackDepths } = compiled;
  // A self-test may overflow its stack on purpose.
  const checked = sources.entries.includes(KERNEL_ENTRY);
  const stacks = checked ? checkStacks(compiled, stackSizes(files, BOOT_STACK_BYTES)) : [];
  return { elf, sha256: sha256(elf), symbols, lines, stackDepths, stacks, defects };
}

/** The kernel image, from the cache when it is there. Throws an Error with one clear message when it cannot be had. */
export async function buildKernel(options: KernelBuildOptions = {}): Promise<KernelImage> {
  const defects = [...new Set(options.defects ?? [])].sort();
  const root = findProjectRoot();
  const entry = options.entry ?? KERNEL_ENTRY;
  if (root === undefined) {
    if (entry !== KERNEL_ENTRY) throw new Error(`building ${entry} needs the sources: use a clone of the project`);
    if (defects.length > 0)
      throw new Error('a kernel with seeded defects needs the sources: use a clone of the project');
    const shipped = readImage(SHIPPED_IMAGE, SHIPPED_DESCRIPTION, undefined);
    if (shipped === undefined)
      throw new Error('the kernel image of this package is missing or damaged: install it again');
    return shipped;
  }
  const sources = readKernelSources(root, entry, KERNEL_FLAGS);
  const key = sha256(`${sources.key} ${defects.join(' ')}`);
  const shipped = readImage(SHIPPED_IMAGE, SHIPPED_DESCRIPTION, key);
  if (shipped !== undefined) return shipped;
  const folder = options.cacheFolder ?? join(root, 'node_modules/.cache/phantom-testbed');
  const elfPath = join(folder, `${key}.elf`);
  const descriptionPath = join(folder, `${key}.json`);
  const cached = readImage(elfPath, descriptionPath, key);
  if (cached !== undefined) return cached;
  const files = seeded(sources, defects);
  options.onProgress?.(
    defects.length > 0 ? `building the kernel with seeded defects: ${defects.join(', ')}` : 'building the kernel',
  );
  const image = await compile(sources, files, defects);
  writeImage(elfPath, descriptionPath, image, key);
  return image;
}

/** Builds the image that a package ships: `kernel.elf` and `kernel.json` in `folder`. */
export async function shipKernel(folder: string, options: KernelBuildOptions = {}): Promise<KernelImage> {
  const root = findProjectRoot();
  if (root === undefined) throw new Error('shipping a kernel image needs the sources: run in a clone of the project');
  const image = await buildKernel({ ...options, defects: [] });
  const key = sha256(`${readKernelSources(root, KERNEL_ENTRY, KERNEL_FLAGS).key} `);
  writeImage(join(folder, 'kernel.elf'), join(folder, 'kernel.json'), image, key);
  return image;
}
