/**
 * Writer of ELF32 executables for i386: loadable segments, symbols, and debugging sections that are not loaded.
 *
 * Format: System V ABI, Intel386 supplement, chapter 4.
 */

export interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
  /** Size in memory; what exceeds the bytes is zero. */
  readonly memoryBytes: number;
  readonly writable: boolean;
  readonly executable: boolean;
  readonly name: string;
}

export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly kind: 'function' | 'object';
}

export interface DebugSection {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ElfImage {
  readonly entry: number;
  readonly segments: readonly Segment[];
  readonly symbols: readonly ElfSymbol[];
  readonly debug: readonly DebugSection[];
}

const page = 4096;
const headerBytes = 52;
const programHeaderBytes = 32;
const sectionHeaderBytes = 40;

class ByteWriter {
  private readonly parts: Uint8Array[] = [];
  length = 0;

  bytes(b: Uint8Array): void {
    this.parts.push(b);
    this.length += b.length;
  }

  words(...values: number[]): void {
    const b = new Uint8Array(values.length * 4);
    const view = new DataView(b.buffer);
    values.forEach((v, i) => {
      view.setUint32(i * 4, v >>> 0, true);
    });
    this.bytes(b);
  }

  align(to: number, phase = 0): void {
    const over = (this.length - phase) % to;
    if (over !== 0) this.bytes(new Uint8Array(to - ((over + to) % to)));
  }

  result(): Uint8Array {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

class StringTable {
  private readonly encoder = new TextEncoder();
  readonly writer = new ByteWriter();

  constructor() {
    this.writer.bytes(new Uint8Array(1));
  }

  add(text: string): number {
    const at = this.writer.length;
    this.writer.bytes(this.encoder.encode(`${text}\0`));
    return at;
  }
}

export function writeElf(image: ElfImage): Uint8Array {
  const out = new ByteWriter();
  const { segments, symbols, debug } = image;
  const names = new StringTable();
  const symbolNames = new StringTable();

  // Section numbers: 0 null, then the segments' (one each), debugging, .symtab, .strtab, .shstrtab.
  const sections: number[][] = [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]];
  const body = new ByteWriter();
  const base = headerBytes + segments.length * programHeaderBytes;
  const programHeaders: number[][] = [];
  for (const s of segments) {
    body.align(page, s.address - base);
    const offset = base + body.length;
    body.bytes(s.bytes);
    const flags = 4 | (s.writable ? 2 : 0) | (s.executable ? 1 : 0);
    programHeaders.push([1, offset, s.address, s.address, s.bytes.length, s.memoryBytes, flags, page]);
    const sectionFlags = 2 | (s.writable ? 1 : 0) | (s.executable ? 4 : 0);
    const type = s.bytes.length === 0 ? 8 : 1;
    const size = s.bytes.length === 0 ? s.memoryBytes : s.bytes.length;
    sections.push([names.add(s.name), type, sectionFlags, s.address, offset, size, 0, 0, 16, 0]);
  }
  for (const d of debug) {
    sections.push([names.add(d.name), 1, 0, 0, base + body.length, d.bytes.length, 0, 0, 1, 0]);
    body.bytes(d.bytes);
  }
  body.align(4, -base);
  const symbolTable = new ByteWriter();
  symbolTable.words(0, 0, 0, 0);
  for (const s of symbols) {
    const holder = segments.findIndex((g) => s.address >= g.address && s.address < g.address + g.memoryBytes);
    const section = holder < 0 ? 0xfff1 : holder + 1;
    const info = 0x10 | (s.kind === 'function' ? 2 : 1);
    symbolTable.words(symbolNames.add(s.name), s.address, s.size, info | (section << 16));
  }
  sections.push([names.add('.symtab'), 2, 0, 0, base + body.length, symbolTable.length, sections.length + 1, 1, 4, 16]);
  body.bytes(symbolTable.result());
  sections.push([names.add('.strtab'), 3, 0, 0, base + body.length, symbolNames.writer.length, 0, 0, 1, 0]);
  body.bytes(symbolNames.writer.result());
  const shstrtab = names.add('.shstrtab');
  sections.push([shstrtab, 3, 0, 0, base + body.length, names.writer.length, 0, 0, 1, 0]);
  body.bytes(names.writer.result());
  body.align(4, -base);

  out.bytes(new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
  out.words(2 | (3 << 16), 1, image.entry, headerBytes, base + body.length, 0);
  out.words(headerBytes | (programHeaderBytes << 16), segments.length | (sectionHeaderBytes << 16));
  out.words(sections.length | ((sections.length - 1) << 16));
  for (const p of programHeaders) out.words(...p);
  out.bytes(body.result());
  for (const s of sections) out.words(...s);
  return out.result();
}
