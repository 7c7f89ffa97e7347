/** The software floating-point routines as a wasm module, compiled once a test process. */

import { readFileSync } from 'node:fs';
import { main } from 'assemblyscript/asc';

const files = ['float64', 'float32'].map((name) => `impl/compiler/runtime/${name}.ts`);

/** Compiles AssemblyScript, given as text by file name, with what it imports of the runtime; returns the module. */
export async function assembleScript(
  sources: Readonly<Record<string, string>>,
  entries: readonly string[],
  flags: readonly string[],
): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const messages: string[] = [];
  const { error } = await main([...entries, ...flags, '-o', 'out.wasm', '--noColors'], {
    stdout: { write: () => undefined },
    stderr: { write: (text: string | Uint8Array) => void messages.push(text.toString()) },
    readFile: (name) => sources[name] ?? readRuntime(name),
    writeFile: (name, contents) => {
      if (name === 'out.wasm' && contents instanceof Uint8Array) wasm = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || wasm === undefined) throw new Error(`asc: ${messages.join('')}${error}`);
  return wasm;
}

function readRuntime(name: string): string | null {
  if (!/^impl\/compiler\/runtime\/\w+\.ts$/.test(name)) return null;
  return readFileSync(new URL(`../runtime/${name.slice(name.lastIndexOf('/') + 1)}`, import.meta.url), 'utf8');
}

let compiled: Promise<Uint8Array> | undefined;

export function runtimeModule(): Promise<Uint8Array> {
  compiled ??= assembleScript({}, files, ['-O2', '--runtime', 'stub', '--use', 'abort=']);
  return compiled;
}
