/**
 * The compiler's face: a wasm module of the kernel in, a bootable IA-32 image out.
 *
 * Order of work: decode, lower the functions reachable from the entries, legalise, allocate, select instructions, link.
 */

import { allocate } from './allocate.js';
import { cleanUp } from './cleanup.js';
import { legalise } from './legalise.js';
import { type CompiledImage, link } from './link.js';
import { type LoweringContext, lowerFunction } from './lower.js';
import { type CompiledFunction, functionSymbol, selectInstructions } from './select.js';
import { decodeModule, type WasmModule } from './wasm.js';

export type { CompiledImage, ImageSymbol, SourceLine, StackDepth } from './link.js';
export { WasmError } from './wasm.js';

export interface CompileOptions {
  /** Address where linear-memory data begins; asc's --memoryBase. */
  readonly memoryBase: number;
  /** Address of the first byte of code, 0x100000 by default. */
  readonly textBase?: number;
  /** Size of the stack that `_start` sets, 16 KiB by default. */
  readonly bootStackBytes?: number;
  /** Text of the module's source map, for the line table. */
  readonly sourceMap?: string;
  /** Whether the image carries symbols and the line table; yes by default. */
  readonly symbols?: boolean;
  /**
   * Exported functions that are kept; kmain and trap by default. The start function and all functions of the table are
   * always kept, and the function table's.
   */
  readonly roots?: readonly string[];
  /** End of the zero-initialised area; by default what the exported function `heapBase` returns, a constant. */
  readonly heapBase?: number;
}

/** Where the linker puts what the code refers to by address. */
export interface FixedAddresses {
  readonly functionTable: number;
  readonly globals: readonly number[];
  readonly bootStackTop: number;
  readonly textBase: number;
  /** First address after the code that is taken: the boot stack's low end. */
  readonly textLimit: number;
}

const page = 4096;
const defaultTextBase = 0x100000;
const defaultBootStackBytes = 16384;

/** From the memory base downwards: wasm globals and function table, boot stack. */
function fixAddresses(module: WasmModule, options: CompileOptions): FixedAddresses {
  const { memoryBase } = options;
  const textBase = options.textBase ?? defaultTextBase;
  const stackBytes = options.bootStackBytes ?? defaultBootStackBytes;
  if (memoryBase % page !== 0 || textBase % page !== 0 || stackBytes % page !== 0) {
    throw new Error('memoryBase, textBase and bootStackBytes have to be multiples of 4096');
  }
  const tableBytes = (module.tableSize * 4 + 7) & ~7;
  const fixedBytes = (tableBytes + module.globals.length * 8 + page - 1) & -page;
  const functionTable = memoryBase - fixedBytes;
  return {
    functionTable,
    globals: module.globals.map((_, i) => functionTable + tableBytes + i * 8),
    bootStackTop: functionTable,
    textBase,
    textLimit: functionTable - stackBytes,
  };
}

/** Compiles a module. Throws `WasmError` on what cannot be translated. */
export function compileModule(wasm: Uint8Array, options: CompileOptions): CompiledImage {
  const module = decodeModule(wasm);
  const addresses = fixAddresses(module, options);
  const exported = new Map(module.exports.filter((e) => e.kind === 'function').map((e) => [e.name, e.index]));
  const context: LoweringContext = {
    module,
    functionTypes: [...module.imports.map((i) => i.type), ...module.functions.map((f) => f.type)],
    globalAddresses: addresses.globals,
    exportedFunctions: exported,
  };
  const roots = (options.roots ?? ['kmain', 'trap']).map((name) => {
    const index = exported.get(name);
    if (index === undefined) throw new Error(`the module exports no function ${name}`);
    return index;
  });
  const work = [...roots, ...module.elements.flatMap((e) => e.functions)];
  if (module.start !== undefined) work.push(module.start);
  const compiled = new Map<number, CompiledFunction>();
  for (let index = work.pop(); index !== undefined; index = work.pop()) {
    if (compiled.has(index)) continue;
    const body = module.functions[index - module.imports.length];
    if (body === undefined) throw new Error(`function ${index} is imported: its address cannot be taken`);
    const f = lowerFunction(context, index, body, module.functionNames.get(index) ?? `function ${index}`);
    cleanUp(f);
    legalise(f);
    compiled.set(index, selectInstructions(f, allocate(f), addresses));
    for (const block of f.blocks) {
      for (const s of block.statements) {
        if (s.kind === 'call' && s.target.kind === 'function') work.push(s.target.index);
      }
    }
  }
  const inOrder = [...compiled].sort(([a], [b]) => a - b);
  return link({
    module,
    functions: inOrder.map(([index, f]) => ({
      ...f,
      index,
      symbol: functionSymbol(index),
      name: module.functionNames.get(index) ?? functionSymbol(index),
    })),
    exported,
    addresses,
    memoryBase: options.memoryBase,
    heapBase: options.heapBase ?? constantResult(module, exported.get('heapBase')),
    sourceMap: options.sourceMap,
    symbols: options.symbols ?? true,
  });
}

/** The value of a function whose body is one i32 constant. */
function constantResult(module: WasmModule, index: number | undefined): number {
  const body = index === undefined ? undefined : module.functions[index - module.imports.length];
  if (index === undefined || body === undefined) {
    throw new Error('the module has to export heapBase(): usize that returns __heap_base');
  }
  const f = lowerFunction(
    { module, functionTypes: [], globalAddresses: module.globals.map(() => 0), exportedFunctions: new Map() },
    index,
    body,
    'heapBase',
  );
  const value = f.blocks.flatMap((b) => b.statements).find((s) => s.kind === 'set');
  if (value === undefined || value.kind !== 'set' || value.value.kind !== 'constant') {
    throw new Error('the exported function heapBase has to return the constant __heap_base');
  }
  return value.value.value >>> 0;
}
