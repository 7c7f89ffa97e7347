/**
 * The compiler's face: a wasm module of the kernel in, a bootable IA-32 image out.
 *
 * Order of work: decode, lower the functions reachable from the entries, legalise, allocate, select instructions, link.
 */

import { allocate } from './allocate.js';
import { cleanUp } from './cleanup.js';
import { OutOfRegisters } from './frame.js';
import type { IrFunction } from './ir.js';
import { legalise } from './legalise.js';
import { type CompiledImage, type LinkedFunction, link } from './link.js';
import { removeDeadAssignments } from './liveness.js';
import { lowerFunction } from './lower.js';
import type { LoweringContext } from './operations.js';
import { decideBranches, moveToUse, repeatSmallBlocks, splitAtSwitches } from './optimise.js';
import { type CompiledFunction, functionSymbol, selectInstructions } from './select.js';
import { decodeModule, type WasmModule } from './wasm.js';
import { splitWebs } from './webs.js';

export type { CompiledImage, ImageSymbol, SourceLine } from './link.js';
export { trapFrameBytes } from './routines.js';
export type { StackDepth } from './stack-depth.js';
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
  /**
   * A module of the software floating-point routines (`runtime/index.ts`), without memory or globals of its own. Needed where the
   * module uses floats and does not export the routines itself.
   */
  readonly runtime?: Uint8Array;
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

/** A module whose functions have the indices from `base` on. */
interface Unit {
  readonly module: WasmModule;
  readonly base: number;
}

function exportedFunctions(module: WasmModule, base: number): Map<string, number> {
  return new Map(module.exports.filter((e) => e.kind === 'function').map((e) => [e.name, e.index + base]));
}

/** A function's name, of the name section or else as exported. */
function nameOf(module: WasmModule, index: number): string | undefined {
  const exported = module.exports.find((e) => e.kind === 'function' && e.index === index);
  return module.functionNames.get(index) ?? exported?.name;
}

function lower(
  units: readonly Unit[],
  index: number,
  globalAddresses: readonly number[],
  software: ReadonlyMap<string, number>,
): IrFunction {
  const unit = units.findLast((u) => index >= u.base);
  const body = unit?.module.functions[index - unit.base - unit.module.imports.length];
  if (unit === undefined || body === undefined)
    throw new Error(`function ${index} is imported: its address cannot be taken`);
  const { module, base } = unit;
  const functionTypes = [...module.imports.map((i) => i.type), ...module.functions.map((f) => f.type)];
  const context: LoweringContext = { module, base, functionTypes, globalAddresses, software };
  return lowerFunction(context, index, body, nameOf(module, index - base) ?? functionSymbol(index));
}

/** Compiles a module. Throws `WasmError` on what cannot be translated. */
export function compileModule(wasm: Uint8Array, options: CompileOptions): CompiledImage {
  const module = decodeModule(wasm);
  const addresses = fixAddresses(module, options);
  const exported = exportedFunctions(module, 0);
  const units: Unit[] = [{ module, base: 0 }];
  const software = new Map(exported);
  if (options.runtime !== undefined) {
    const runtime = decodeModule(options.runtime);
    if (runtime.imports.length + runtime.globals.length + runtime.data.length + runtime.tableSize > 0) {
      throw new Error('the runtime module has imports, globals, data or a table');
    }
    const base = module.imports.length + module.functions.length;
    units.push({ module: runtime, base });
    for (const [name, index] of exportedFunctions(runtime, base)) if (!software.has(name)) software.set(name, index);
  }
  const roots = (options.roots ?? ['kmain', 'trap']).map((name) => {
    const index = exported.get(name);
    if (index === undefined) throw new Error(`the module exports no function ${name}`);
    return index;
  });
  const work = [...roots, ...module.elements.flatMap((e) => e.functions)];
  if (module.start !== undefined) work.push(module.start);
  const compiled = new Map<number, LinkedFunction>();
  for (let index = work.pop(); index !== undefined; index = work.pop()) {
    if (compiled.has(index)) continue;
    const code = compileFunction(() => lower(units, index, addresses.globals, software), addresses);
    compiled.set(index, { ...code, index, symbol: functionSymbol(index) });
    work.push(...code.calledFunctions);
  }
  return link({
    module,
    functions: [...compiled.values()].sort((a, b) => a.index - b.index),
    exported,
    addresses,
    memoryBase: options.memoryBase,
    heapBase: options.heapBase ?? constantResult(module, exported.get('heapBase')),
    sourceMap: options.sourceMap,
    symbols: options.symbols ?? true,
  });
}

function improve(f: IrFunction): void {
  cleanUp(f);
  repeatSmallBlocks(f);
  removeDeadAssignments(f);
  splitWebs(f);
  moveToUse(f);
  decideBranches(f);
  removeDeadAssignments(f);
  cleanUp(f);
  splitAtSwitches(f);
}

/** Compiles a function as if its variables all got registers, and again without that hope where the registers run out. */
function compileFunction(
  lowered: () => IrFunction,
  addresses: FixedAddresses,
): CompiledFunction & { readonly name: string; readonly calledFunctions: readonly number[] } {
  const attempt = (hope: boolean): ReturnType<typeof compileFunction> => {
    const f = lowered();
    improve(f);
    legalise(f);
    const code = selectInstructions(f, allocate(f, hope), addresses);
    const calledFunctions = f.blocks
      .flatMap((b) => b.statements)
      .flatMap((s) => (s.kind === 'call' && s.target.kind === 'function' ? [s.target.index] : []));
    return { ...code, name: f.name, calledFunctions };
  };
  try {
    return attempt(true);
  } catch (error) {
    if (error instanceof OutOfRegisters) return attempt(false);
    throw error;
  }
}

/** The value of a function whose body is one i32 constant. */
function constantResult(module: WasmModule, index: number | undefined): number {
  const body = index === undefined ? undefined : module.functions[index - module.imports.length];
  if (index === undefined || body === undefined) {
    throw new Error('the module has to export heapBase(): usize that returns __heap_base');
  }
  const f = lower([{ module, base: 0 }], index, [], new Map());
  const value = f.blocks.flatMap((b) => b.statements).find((s) => s.kind === 'set');
  if (value === undefined || value.kind !== 'set' || value.value.kind !== 'constant') {
    throw new Error('the exported function heapBase has to return the constant __heap_base');
  }
  return value.value.value >>> 0;
}
