/**
 * Linker: compiled functions, hand-written routines and data segments to a multiboot ELF32 image.
 *
 * Layout: text from `textBase` (multiboot header first); below `memoryBase` the boot stack, then a page or more with the function
 * table and the wasm globals; from `memoryBase` the data, zero-filled up to the heap base.
 *
 * Multiboot Specification 0.6.96, section 3.1: the header is in the first 8 KiB of the file, aligned to 4.
 */

import { debugSections } from './dwarf.js';
import { type ElfSymbol, type Segment, writeElf } from './elf.js';
import type { FixedAddresses } from './index.js';
import { trapStubs } from './intrinsics.js';
import { assembleRoutine, assembleStart, assembleTrapStubs, routines } from './routines.js';
import { type CompiledFunction, functionSymbol } from './select.js';
import { parseSourceMap } from './source-map.js';
import { type StackDepth, type StackNode, stackDepths } from './stack-depth.js';
import { signatureOf, type WasmModule } from './wasm.js';
import type { MachineCode } from './x86.js';

export interface ImageSymbol {
  readonly address: number;
  readonly size: number;
}

export interface SourceLine {
  readonly address: number;
  readonly file: string;
  readonly line: number;
}

export interface CompiledImage {
  readonly elf: Uint8Array;
  readonly entry: number;
  readonly symbols: Map<string, ImageSymbol>;
  readonly lines: readonly SourceLine[];
  /** Of exported functions and those of the function table. */
  readonly stackDepths: Map<string, StackDepth>;
  /** Names of the functions of the table: what calls through it reach, and what a new stack can begin with. */
  readonly tableFunctions: readonly string[];
  readonly textBytes: number;
  readonly dataBytes: number;
}

export interface LinkedFunction extends CompiledFunction {
  readonly index: number;
  readonly symbol: string;
  readonly name: string;
}

export interface LinkInput {
  readonly module: WasmModule;
  readonly functions: readonly LinkedFunction[];
  readonly exported: ReadonlyMap<string, number>;
  readonly addresses: FixedAddresses;
  readonly memoryBase: number;
  readonly heapBase: number;
  readonly sourceMap: string | undefined;
  readonly symbols: boolean;
}

const multibootMagic = 0x1badb002;
/** Modules on page boundaries, and memory information. */
const multibootFlags = 3;
const functionAlignment = 16;

interface Placed {
  readonly symbol: string;
  readonly name: string;
  readonly code: MachineCode;
  readonly address: number;
  /** Whether the code's positions are offsets in the module that the source map describes. */
  readonly mapped: boolean;
}

export function link(given: LinkInput): CompiledImage {
  const input = { ...given, functions: uniquelyNamed(given.functions) };
  const { addresses, module, memoryBase, heapBase } = input;
  const placed = placeCode(input);
  const addressOf = new Map(placed.map((p) => [p.symbol, p.address]));
  const last = placed[placed.length - 1];
  const textBytes = last.address + last.code.bytes.length - addresses.textBase;
  if (addresses.textBase + textBytes > addresses.textLimit) {
    throw new Error(
      `code of ${textBytes} bytes does not fit between 0x${addresses.textBase.toString(16)} and the boot stack at ` +
        `0x${addresses.textLimit.toString(16)}: raise memoryBase`,
    );
  }
  const text = new Uint8Array(textBytes).fill(0x90);
  const view = new DataView(text.buffer);
  view.setUint32(0, multibootMagic, true);
  view.setUint32(4, multibootFlags, true);
  view.setUint32(8, -(multibootMagic + multibootFlags) >>> 0, true);
  for (const { code, address, name } of placed) {
    const base = address - addresses.textBase;
    text.set(code.bytes, base);
    for (const r of code.relocations) {
      const target = r.kind === 'self' ? address : addressOf.get(r.symbol);
      if (target === undefined) throw new Error(`${name} refers to ${r.symbol}, which is not in the image`);
      const field = base + r.offset;
      const value = r.kind === 'relative' ? target - (addresses.textBase + field + 4) : target + r.addend;
      view.setInt32(field, value | 0, true);
    }
  }
  const lines = sourceLines(input, placed);
  const fixed = fixedData(input, addressOf);
  const data = initialData(input);
  const entry = addressOf.get('_start') ?? 0;
  const segments: Segment[] = [
    segment('.text', addresses.textBase, text, text.length, false, true),
    segment(
      '.boot_stack',
      addresses.textLimit,
      new Uint8Array(0),
      addresses.bootStackTop - addresses.textLimit,
      true,
      false,
    ),
    segment('.fixed', addresses.functionTable, fixed, memoryBase - addresses.functionTable, true, false),
    segment('.data', memoryBase, data, heapBase - memoryBase, true, false),
  ];
  const symbols = new Map<string, ImageSymbol>();
  for (const { name, address, code } of placed) symbols.set(name, { address, size: code.bytes.length });
  // Exported functions can be found by their exported names too.
  for (const [name, index] of input.exported) {
    const found = placed.find((p) => p.symbol === functionSymbol(index));
    if (found !== undefined && !symbols.has(name)) {
      symbols.set(name, { address: found.address, size: found.code.bytes.length });
    }
  }
  const objects: ElfSymbol[] = [
    { name: 'function_table', address: addresses.functionTable, size: module.tableSize * 4, kind: 'object' },
    { name: 'boot_stack_top', address: addresses.bootStackTop, size: 0, kind: 'object' },
    { name: 'heap_base', address: heapBase, size: 0, kind: 'object' },
  ];
  for (const { name, address, size } of objects) symbols.set(name, { address, size });
  const functions = placed.map(
    (p): ElfSymbol => ({ name: p.name, address: p.address, size: p.code.bytes.length, kind: 'function' }),
  );
  const elf = writeElf({
    entry,
    segments: segments.filter((s) => s.memoryBytes > 0),
    symbols: input.symbols ? [...functions, ...objects] : [],
    debug: input.symbols ? debugSections(lines, addresses.textBase + textBytes) : [],
  });
  const tableFunctions = functionTable(input).map(({ name }) => name);
  const depths = entryDepths(input);
  return { elf, entry, symbols, lines, stackDepths: depths, tableFunctions, textBytes, dataBytes: data.length };
}

/** Functions of one name, which was split, are told apart by their indices. */
function uniquelyNamed(functions: readonly LinkedFunction[]): LinkedFunction[] {
  const names = new Set<string>();
  return functions.map((f) => {
    const name = names.has(f.name) ? `${f.name}#${f.index}` : f.name;
    names.add(name);
    return { ...f, name };
  });
}

/** Where each source line's instructions begin, in order of address. */
function sourceLines(input: LinkInput, placed: readonly Placed[]): SourceLine[] {
  if (input.sourceMap === undefined) return [];
  const map = parseSourceMap(input.sourceMap);
  const lines: SourceLine[] = [];
  for (const { code, address, mapped } of placed) {
    if (!mapped) continue;
    for (const { offset, wasm } of code.positions) {
      const found = map.find(wasm);
      const last = lines.at(-1);
      if (found === undefined || (last !== undefined && last.file === found.file && last.line === found.line)) continue;
      lines.push({ address: address + offset, file: found.file, line: found.line });
    }
  }
  return lines;
}

/** The functions of the table, each once. */
function functionTable(input: LinkInput): LinkedFunction[] {
  const indices = new Set(input.module.elements.flatMap((e) => e.functions));
  return input.functions.filter((f) => indices.has(f.index));
}

/** The stack that `_start`, each exported function and each function of the table takes. */
function entryDepths(input: LinkInput): Map<string, StackDepth> {
  const { exported, functions, module } = input;
  const nodes = new Map<string, StackNode>();
  for (const f of functions) nodes.set(f.symbol, { ...f, callees: [...f.callees], tableCalls: [...f.tableCalls] });
  for (const [name, { depth }] of routines) {
    nodes.set(name, { name, frameBytes: depth, callees: [], tableCalls: [] });
  }
  const entries = new Map([...exported].map(([name, index]) => [name, functionSymbol(index)]));
  const main = exported.get('kmain');
  if (main !== undefined) {
    const callees = [module.start, main].flatMap((index) => (index === undefined ? [] : [functionSymbol(index)]));
    nodes.set('_start', { name: '_start', frameBytes: 0, callees, tableCalls: [] });
    entries.set('_start', '_start');
  }
  const table = new Map<string, string[]>();
  for (const { index, name, symbol } of functionTable(input)) {
    const signature = signatureOf(module.functions[index - module.imports.length].type);
    table.set(signature, [...(table.get(signature) ?? []), symbol]);
    entries.set(name, symbol);
  }
  const present = [...entries].filter(([, symbol]) => nodes.has(symbol));
  const found = stackDepths(
    nodes,
    present.map(([, symbol]) => symbol),
    table,
  );
  return new Map(present.map(([name], i) => [name, found[i]]));
}

function segment(
  name: string,
  address: number,
  bytes: Uint8Array,
  memoryBytes: number,
  writable: boolean,
  executable: boolean,
): Segment {
  if (bytes.length > memoryBytes) throw new Error(`${name}: ${bytes.length} bytes exceed the area of ${memoryBytes}`);
  return { name, address, bytes, memoryBytes, writable, executable };
}

/** The code of the image in order: header, entry, trap stubs, routines that are called, functions. */
function placeCode(input: LinkInput): Placed[] {
  const { exported, module, addresses } = input;
  const present = new Set(input.functions.map((f) => f.index));
  const items: Omit<Placed, 'address'>[] = [];
  const main = exported.get('kmain');
  if (main !== undefined && present.has(main)) {
    const start = module.start === undefined ? undefined : functionSymbol(module.start);
    items.push({
      symbol: '_start',
      name: '_start',
      code: assembleStart(addresses.bootStackTop, start, functionSymbol(main)),
      mapped: false,
    });
  }
  const trap = exported.get('trap');
  if (trap !== undefined && present.has(trap)) {
    items.push({ symbol: trapStubs, name: trapStubs, code: assembleTrapStubs(functionSymbol(trap)), mapped: false });
  }
  for (const name of calledRoutines(input)) {
    items.push({ symbol: name, name, code: assembleRoutine(name), mapped: false });
  }
  const ownFunctions = module.imports.length + module.functions.length;
  for (const { code, index, name, symbol } of input.functions) {
    items.push({ symbol, name, code, mapped: index < ownFunctions });
  }
  let address = addresses.textBase + functionAlignment;
  return items.map((item) => {
    const placed = { ...item, address };
    address = (address + item.code.bytes.length + functionAlignment - 1) & -functionAlignment;
    return placed;
  });
}

function calledRoutines(input: LinkInput): string[] {
  const called = new Set<string>();
  const visit = (symbol: string): void => {
    if (!routines.has(symbol) || called.has(symbol)) return;
    called.add(symbol);
    for (const r of assembleRoutine(symbol).relocations) visit(r.symbol);
  };
  for (const f of input.functions) for (const symbol of f.callees) visit(symbol);
  return [...routines.keys()].filter((name) => called.has(name));
}

/** Function table and initial values of the globals. */
function fixedData(input: LinkInput, addressOf: ReadonlyMap<string, number>): Uint8Array {
  const { addresses, memoryBase, module } = input;
  const bytes = new Uint8Array(memoryBase - addresses.functionTable);
  const view = new DataView(bytes.buffer);
  for (const { offset, functions } of module.elements) {
    functions.forEach((index, i) => {
      const address = addressOf.get(functionSymbol(index));
      if (address === undefined) throw new Error(`table entry ${offset + i}: function ${index} is not in the image`);
      if (offset + i >= module.tableSize) throw new Error(`table entry ${offset + i} of ${module.tableSize}`);
      view.setUint32((offset + i) * 4, address, true);
    });
  }
  module.globals.forEach((g, i) => {
    view.setBigUint64(addresses.globals[i] - addresses.functionTable, g.initial, true);
  });
  return bytes;
}

function initialData(input: LinkInput): Uint8Array {
  const { memoryBase, heapBase, module } = input;
  let end = memoryBase;
  for (const { address, bytes } of module.data) {
    if (address < memoryBase || address + bytes.length > heapBase) {
      throw new Error(
        `data segment at 0x${address.toString(16)} of ${bytes.length} bytes lies outside ` +
          `0x${memoryBase.toString(16)}..0x${heapBase.toString(16)} (asc reads --memoryBase only in decimal)`,
      );
    }
    end = Math.max(end, address + bytes.length);
  }
  const data = new Uint8Array(end - memoryBase);
  for (const { address, bytes } of module.data) data.set(bytes, address - memoryBase);
  return data;
}
