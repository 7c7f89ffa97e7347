/** Source lines and DWARF sections of a compiled module. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decoder, DecoderOptions, Formatter, FormatterSyntax } from 'iced-x86';
import { describe, expect, it } from 'vitest';
import { debugSections } from './dwarf.js';
import { type CompiledImage, compileModule } from './index.js';
import { parseSourceMap } from './source-map.js';
import { Code, type WrittenFunction, writeModule } from './testing/wasm-writer.js';

describe('source map', () => {
  it('gives the position of the last mapping at or before an offset', () => {
    // Columns 10, 12 and 40; file 0 line 1, file 0 line 4, file 1 line 4 (differences +0, +3, +0).
    const map = parseSourceMap('{"version":3,"sources":["a.ts","b.ts"],"names":[],"mappings":"UAAA,EAGA,4BCAA"}');
    expect(map.find(9)).toBeUndefined();
    expect(map.find(10)).toEqual({ file: 'a.ts', line: 1 });
    expect(map.find(11)).toEqual({ file: 'a.ts', line: 1 });
    expect(map.find(39)).toEqual({ file: 'a.ts', line: 4 });
    expect(map.find(1000)).toEqual({ file: 'b.ts', line: 4 });
  });

  it('refuses what is no source map', () => {
    expect(() => parseSourceMap('{"version":2}')).toThrow(/revision 3/);
    expect(() => parseSourceMap('{"version":3,"sources":[],"mappings":"A?"}')).toThrow(/base-64/);
  });
});

/** A module of one function with two statements, on lines 11 and 13. */
function twoLines(): { wasm: Uint8Array; sourceMap: string; offsets: [number, number] } {
  const code = new Code().i32(0x200000).get(0).access(0x36, 0).i32(0x200000).get(1).access(0x36, 4);
  const f: WrittenFunction = { params: ['i32', 'i32'], result: undefined, locals: [], code };
  const wasm = writeModule({ functions: [f], exports: { f: 0 }, memoryPages: 1 });
  const start = Buffer.from(wasm).indexOf(Buffer.from(code.bytes));
  const second = start + code.bytes.length / 2;
  const vlq = (value: number): string => {
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    let v = value << 1;
    let out = '';
    do {
      out += digits[(v & 31) | (v > 31 ? 32 : 0)];
      v >>= 5;
    } while (v > 0);
    return out;
  };
  const mappings = `${vlq(start)}AUA,${vlq(second - start)}AEA`;
  return { wasm, sourceMap: JSON.stringify({ version: 3, sources: ['k.ts'], mappings }), offsets: [start, second] };
}

/** The code segment, disassembled. */
function instructionsOf(image: CompiledImage): { address: number; text: string }[] {
  const view = new DataView(image.elf.buffer, image.elf.byteOffset);
  const offset = view.getUint32(view.getUint32(28, true) + 4, true);
  const code = image.elf.subarray(offset, offset + image.textBytes);
  const decoder = new Decoder(32, code, DecoderOptions.None);
  const formatter = new Formatter(FormatterSyntax.Nasm);
  const found = [];
  // The first 16 bytes are the multiboot header.
  decoder.position = 16;
  decoder.ip = 0x100010n;
  while (decoder.canDecode) {
    const instruction = decoder.decode();
    found.push({ address: Number(instruction.ip), text: formatter.format(instruction) });
  }
  return found;
}

describe('line table', () => {
  it('names the line of the instructions that a wasm instruction became', () => {
    const { wasm, sourceMap } = twoLines();
    const image = compileModule(wasm, { memoryBase: 0x200000, heapBase: 0x201000, roots: ['f'], sourceMap });
    const f = image.symbols.get('f') ?? expect.fail('no f');
    const store =
      instructionsOf(image).find(({ text }) => text.includes('[200004h]')) ?? expect.fail('no second store');
    expect(image.lines).toEqual([
      { address: f.address, file: 'k.ts', line: 11 },
      { address: store.address, file: 'k.ts', line: 13 },
    ]);
  });

  it('is read by objdump', (context) => {
    if (spawnSync('objdump', ['--version']).error !== undefined) context.skip('objdump is not installed');
    const { wasm, sourceMap } = twoLines();
    const image = compileModule(wasm, { memoryBase: 0x200000, heapBase: 0x201000, roots: ['f'], sourceMap });
    const folder = mkdtempSync(join(tmpdir(), 'phantom-lines-'));
    try {
      const file = join(folder, 'image.elf');
      writeFileSync(file, image.elf);
      const out = spawnSync('objdump', ['-d', '-l', file]).stdout.toString();
      expect(out.match(/k\.ts:\d+/g)).toEqual(['k.ts:11', 'k.ts:13']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has no sections where there are no lines', () => {
    expect(debugSections([], 0x100000)).toEqual([]);
  });
});
