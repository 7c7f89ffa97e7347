import { describe, expect, test } from 'vitest';
import { PhysicalMemory } from '../memory/physical-memory.js';
import { CODE_BASE, IMAGE_BASE, multibootImage } from '../testing/multiboot-image.js';
import { loadMultiboot } from './multiboot.js';

const CODE = Uint8Array.of(0xfa, 0xf4, 0x90, 0x90);
const MEBIBYTE = 1048576;

function text(memory: PhysicalMemory, address: number): string {
  const bytes = memory.readBytes(address, 256);
  return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString();
}

describe('multiboot loader', () => {
  test('loads segment and modules, and tells the kernel where everything is', () => {
    const memory = new PhysicalMemory(8 * MEBIBYTE);
    const first = new Uint8Array(5000).fill(0x11);
    const second = new Uint8Array(3).fill(0x22);
    const entry = loadMultiboot(memory, {
      image: multibootImage(CODE, { flags: 3, zeroBytes: 0x2000 }),
      commandLine: 'kernel name=value',
      modules: [
        { bytes: first, commandLine: 'first module' },
        { bytes: second, commandLine: 'classes' },
      ],
    });
    expect(entry.eip).toBe(CODE_BASE);
    expect(memory.readBytes(CODE_BASE, 4)).toEqual(CODE);
    expect(memory.read32(IMAGE_BASE)).toBe(0x1badb002);

    const word = (offset: number): number => memory.read32(entry.information + offset);
    expect(word(0)).toBe(0x24d);
    expect(word(4)).toBe(639);
    expect(word(8)).toBe(7 * 1024);
    expect(text(memory, word(16))).toBe('kernel name=value');
    expect(word(20)).toBe(2);
    const list = word(24);
    const modules = [0, 1].map((index) => [0, 4, 8].map((offset) => memory.read32(list + 16 * index + offset)));
    // After the segment and its zeros (0x100000 to 0x102010), on page boundaries.
    expect(modules.map(([start, end]) => [start, end])).toEqual([
      [0x103000, 0x103000 + 5000],
      [0x105000, 0x105003],
    ]);
    expect(modules.map((module) => text(memory, module[2]))).toEqual(['first module', 'classes']);
    expect(memory.readBytes(0x103000, 5000)).toEqual(first);
    expect(memory.readBytes(0x105000, 4)).toEqual(Uint8Array.of(0x22, 0x22, 0x22, 0));
    expect(text(memory, word(64))).toContain('hardware-sim');

    const map: number[][] = [];
    for (let at = word(48); at < word(48) + word(44); at += memory.read32(at) + 4) {
      map.push([memory.read32(at + 4), memory.read32(at + 12), memory.read32(at + 20)]);
    }
    expect(map.filter((range) => range[2] === 1)).toEqual([
      [0, 0x9fc00, 1],
      [0x100000, 7 * MEBIBYTE, 1],
    ]);
    // The information itself lies in conventional memory.
    expect(Math.max(entry.information, list, word(48), word(16), modules[1][2])).toBeLessThan(0x9fc00);
  });

  const load = (image: Uint8Array, ramMebibytes = 2): unknown =>
    loadMultiboot(new PhysicalMemory(ramMebibytes * MEBIBYTE), { image, commandLine: '', modules: [] });

  test.each([
    ['text', new TextEncoder().encode('not a kernel at all'), /no multiboot header/],
    ['nothing', new Uint8Array(0), /no multiboot header/],
    ['a header without ELF', multibootImage(CODE).subarray(0x60), /not an ELF file/],
    ['a wish for video', multibootImage(CODE, { flags: 4 }), /video/],
    ['an unknown requirement', multibootImage(CODE, { flags: 0x10 }), /does not have \(flags 0x10\)/],
    ['load addresses in the header', multibootImage(CODE, { flags: 0x10000 }), /flag 16/],
    ['too much memory', multibootImage(CODE, { zeroBytes: 4 * MEBIBYTE }), /does not fit into 2097152 bytes/],
    ['a place the loader needs', multibootImage(CODE, { base: 0x10000 }), /overlaps kernel segment/],
  ])('refuses %s', (_name, image, message) => {
    expect(() => load(image)).toThrow(message);
  });

  test('refuses a truncated segment', () => {
    const image = multibootImage(CODE);
    expect(() => load(image.subarray(0, image.length - 1))).toThrow(/segment 0 lies outside the file/);
  });
});
