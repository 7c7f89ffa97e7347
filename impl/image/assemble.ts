/**
 * AssemblyScript to wasm: asc over sources held in memory, so that no path of the host enters the module.
 */

export interface Assembled {
  readonly wasm: Uint8Array;
  /** Source map (version 3, JSON text) from wasm byte offsets to project-relative files. */
  readonly sourceMap: string;
}

const OUTPUT = 'kernel.wasm';

/** asc's allocation functions, taken from the kernel's heap instead of the stub runtime. */
const RUNTIME_FUNCTIONS = [
  '__alloc',
  '__realloc',
  '__free',
  '__new',
  '__renew',
  '__link',
  '__pin',
  '__unpin',
  '__collect',
];

/**
 * Flags of every kernel build. The memory base is 0x200000 (asc reads decimal only); the table is exported because
 * functions reached only through their table index would otherwise be optimised away.
 */
export const KERNEL_FLAGS: readonly string[] = [
  '-O2',
  '--runtime',
  'stub',
  '--memoryBase',
  '2097152',
  '--exportTable',
  '--debug',
  '--noColors',
  '--use',
  'abort=impl/kernel/arch/panic/abortKernel',
  ...RUNTIME_FUNCTIONS.flatMap((name) => ['--use', `${name}=impl/kernel/memory/runtime/${name}`]),
];

/** Compiles `entries` (keys of `files`) with `flags`. Throws with asc's own messages when the sources are wrong. */
export async function assemble(
  files: ReadonlyMap<string, string>,
  entries: readonly string[],
  flags: readonly string[],
): Promise<Assembled> {
  // asc takes a tenth of a second to load: only a build that is not cached pays for it.
  const { main } = await import('assemblyscript/asc');
  const outputs = new Map<string, Uint8Array | string>();
  const messages: string[] = [];
  const collect = { write: (text: string | Uint8Array) => void messages.push(text.toString()) };
  const { error } = await main([...entries, ...flags, '--sourceMap', '-o', OUTPUT], {
    stdout: { write: () => undefined },
    stderr: collect,
    readFile: (name) => files.get(name.replaceAll('\\', '/')) ?? null,
    writeFile: (name, contents) => void outputs.set(name, contents),
    listFiles: () => [],
  });
  const wasm = outputs.get(OUTPUT);
  const sourceMap = outputs.get(`${OUTPUT}.map`);
  if (error !== null || !(wasm instanceof Uint8Array)) {
    throw new Error(`the kernel does not compile: ${messages.join('').trim() || String(error)}`);
  }
  if (typeof sourceMap !== 'string') throw new Error('asc wrote no source map');
  return { wasm, sourceMap };
}
