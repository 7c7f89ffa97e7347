/**
 * A multiboot loader: puts a kernel and its modules into memory and makes the information block.
 * Source: Multiboot Specification 0.6.96, sections 3.1 (header), 3.2 (machine state), 3.3 (information format).
 *
 *   0x00010000  information block, memory map, module list, strings (conventional memory below 0x9FC00)
 *   segments    where the ELF program headers put them
 *   modules     page-aligned, one after the other, after the last segment
 *
 * The rule that makes it right: nothing overlaps, and everything lies in RAM; else the loader refuses and says what.
 */

import type { PhysicalMemory } from '../memory/physical-memory.js';
import { readElf } from './elf.js';

export interface MultibootModule {
  readonly bytes: Uint8Array;
  readonly commandLine: string;
}

export interface MultibootOptions {
  /** ELF32 executable with a multiboot header. */
  readonly image: Uint8Array;
  readonly commandLine: string;
  readonly modules: readonly MultibootModule[];
}

/** What the processor is given: EIP, and the address of the information block for EBX. */
export interface MultibootEntry {
  readonly eip: number;
  readonly information: number;
}

/** EAX at the entry. */
export const MULTIBOOT_BOOTED = 0x2badb002;

const HEADER_MAGIC = 0x1badb002;
const HEADER_SEARCH_BYTES = 8192;
const WANTS_VIDEO = 0x4;
const KNOWN_REQUIREMENTS = 0x3;
const HAS_ADDRESSES = 0x10000;

const INFORMATION = 0x10000;
const INFORMATION_BYTES = 116;
const CONVENTIONAL_END = 0x9fc00;
const EXTENDED_START = 0x100000;
const PAGE = 4096;
const INFORMATION_FLAGS = 0x1 | 0x4 | 0x8 | 0x40 | 0x200; // memory, command line, modules, memory map, loader name
const LOADER_NAME = 'phantom-testbed hardware-sim';

const AVAILABLE = 1;
const RESERVED = 2;

interface Region {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Loads into memory that is still all zeros. Throws an Error that says why the image cannot be booted. */
export function loadMultiboot(memory: PhysicalMemory, options: MultibootOptions): MultibootEntry {
  checkHeader(options.image);
  const program = readElf(options.image);
  const regions: Region[] = [];
  for (const segment of program.segments) {
    place(memory, regions, 'kernel segment', segment.address, segment.memoryBytes, segment.bytes);
  }
  const modules = options.modules.map((module) => {
    const after = Math.max(EXTENDED_START, ...regions.map((region) => region.end));
    const start = Math.ceil(after / PAGE) * PAGE;
    place(memory, regions, `module '${module.commandLine}'`, start, module.bytes.length, module.bytes);
    return { start, end: start + module.bytes.length, commandLine: module.commandLine };
  });
  const block = informationBlock(memory.size, options.commandLine, modules);
  if (INFORMATION + block.length > CONVENTIONAL_END) {
    throw new Error(
      `multiboot: command lines and modules take ${block.length} bytes, there is room for ${CONVENTIONAL_END - INFORMATION}`,
    );
  }
  place(memory, regions, 'multiboot information', INFORMATION, block.length, block);
  return { eip: program.entry, information: INFORMATION };
}

function checkHeader(image: Uint8Array): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  for (let at = 0; at + 12 <= Math.min(image.length, HEADER_SEARCH_BYTES); at += 4) {
    if (view.getUint32(at, true) !== HEADER_MAGIC) continue;
    const flags = view.getUint32(at + 4, true);
    if ((HEADER_MAGIC + flags + view.getUint32(at + 8, true)) % 2 ** 32 !== 0) continue;
    const unknown = flags & 0xffff & ~KNOWN_REQUIREMENTS;
    if (unknown & WANTS_VIDEO)
      throw new Error('multiboot: the kernel requires a video mode, this machine has no screen');
    if (unknown)
      throw new Error(
        `multiboot: the kernel requires features that this loader does not have (flags 0x${unknown.toString(16)})`,
      );
    if (flags & HAS_ADDRESSES)
      throw new Error('multiboot: the header gives load addresses (flag 16); only ELF loading is supported');
    return;
  }
  throw new Error(
    `boot image: no multiboot header (magic 0x1BADB002 with a valid checksum) in its first ${HEADER_SEARCH_BYTES} bytes`,
  );
}

function place(
  memory: PhysicalMemory,
  regions: Region[],
  name: string,
  start: number,
  size: number,
  bytes: Uint8Array,
): void {
  const end = start + size;
  const where = `0x${start.toString(16)} to 0x${end.toString(16)}`;
  if (end > memory.size) {
    throw new Error(
      `multiboot: ${name} at ${where} does not fit into ${memory.size} bytes of RAM; give the machine more`,
    );
  }
  const other = regions.find((region) => start < region.end && region.start < end);
  if (other !== undefined) throw new Error(`multiboot: ${name} at ${where} overlaps ${other.name}`);
  regions.push({ name, start, end });
  memory.writeBytes(start, bytes);
}

interface PlacedModule {
  readonly start: number;
  readonly end: number;
  readonly commandLine: string;
}

function informationBlock(ramBytes: number, commandLine: string, modules: readonly PlacedModule[]): Uint8Array {
  const map = memoryMap(ramBytes);
  const mapAt = INFORMATION + INFORMATION_BYTES;
  const moduleListAt = mapAt + map.length * 24;
  let stringsAt = moduleListAt + modules.length * 16;
  const parts: { at: number; bytes: Uint8Array }[] = [];
  const text = (value: string): number => {
    const at = stringsAt;
    const bytes = new TextEncoder().encode(`${value}\0`);
    parts.push({ at, bytes });
    stringsAt += bytes.length;
    return at;
  };
  const commandLineAt = text(commandLine);
  const loaderNameAt = text(LOADER_NAME);
  const moduleStrings = modules.map((module) => text(module.commandLine));

  const block = new Uint8Array(stringsAt - INFORMATION);
  const view = new DataView(block.buffer);
  const put = (at: number, value: number): void => view.setUint32(at - INFORMATION, value, true);
  put(INFORMATION, INFORMATION_FLAGS);
  put(INFORMATION + 4, CONVENTIONAL_END / 1024);
  put(INFORMATION + 8, (ramBytes - EXTENDED_START) / 1024);
  put(INFORMATION + 16, commandLineAt);
  put(INFORMATION + 20, modules.length);
  put(INFORMATION + 24, moduleListAt);
  put(INFORMATION + 44, map.length * 24);
  put(INFORMATION + 48, mapAt);
  put(INFORMATION + 64, loaderNameAt);
  map.forEach((range, index) => {
    const at = mapAt + index * 24;
    put(at, 20); // size of the rest of the entry
    put(at + 4, range.start);
    put(at + 12, range.end - range.start);
    put(at + 20, range.type);
  });
  modules.forEach((module, index) => {
    const at = moduleListAt + index * 16;
    put(at, module.start);
    put(at + 4, module.end);
    put(at + 8, moduleStrings[index]);
  });
  for (const part of parts) block.set(part.bytes, part.at - INFORMATION);
  return block;
}

function memoryMap(ramBytes: number): { start: number; end: number; type: number }[] {
  return [
    { start: 0, end: CONVENTIONAL_END, type: AVAILABLE },
    { start: CONVENTIONAL_END, end: 0xa0000, type: RESERVED },
    { start: 0xf0000, end: EXTENDED_START, type: RESERVED },
    { start: EXTENDED_START, end: ramBytes, type: AVAILABLE },
  ];
}
