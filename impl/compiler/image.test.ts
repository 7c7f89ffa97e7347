/**
 * A small kernel in AssemblyScript, compiled to an image and booted on the simulated PC and under QEMU: entry, start function,
 * zero-initialised data, intrinsics, traps, stack switch, software floating point. And what the compiler refuses.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Machine } from '../../hardware-sim/index.js';
import { type CompiledImage, compileModule } from './index.js';
import { assembleScript, runtimeModule } from './testing/runtime-module.js';
import { Code, type WrittenFunction, writeModule } from './testing/wasm-writer.js';
import type { ValueType } from './wasm.js';

const hw = `
export declare function inb(port: u32): u32;
export declare function outb(port: u32, value: u32): void;
export declare function outl(port: u32, value: u32): void;
export declare function cli(): void;
export declare function saveFlagsCli(): u32;
export declare function restoreFlags(flags: u32): void;
export declare function readCr0(): u32;
export declare function lgdt(pointer: usize): void;
export declare function lidt(pointer: usize): void;
export declare function ltr(selector: u32): void;
export declare function loadSegments(code: u32, data: u32): void;
export declare function vload8(address: usize): u32;
export declare function vload32(address: usize): u32;
export declare function vstore16(address: usize, value: u32): void;
export declare function switchStack(saveEspAt: usize, newEsp: usize): void;
export declare function codeAddress(tableIndex: u32): usize;
export declare function trapStub(vector: u32): usize;
export declare function udiv64by32(hi: u32, lo: u32, divisor: u32): u32;
export declare function umod64by32(hi: u32, lo: u32, divisor: u32): u32;
`;

const kernel = `
import { codeAddress, inb, lgdt, lidt, loadSegments, ltr, outb, outl, readCr0, restoreFlags, saveFlagsCli, switchStack, trapStub,
  udiv64by32, umod64by32, vload32, vload8, vstore16 } from './hw';

const gdt = memory.data(24);
const idt = memory.data(2048);
const pointer = memory.data(8);
const area = memory.data(64);
const otherStack = memory.data(1024);
let savedBoot: usize = 0;
const savedBootAt = memory.data(4);
const savedOtherAt = memory.data(4);
let started: u32 = first(5);

function first(n: u32): u32 {
  return n < 2 ? 40 : first(n - 1) + 1;
}

function put(c: u32): void {
  while ((inb(0x3fd) & 0x20) == 0) {}
  outb(0x3f8, c);
}

function text(s: string): void {
  for (let i = 0; i < s.length; i++) put(<u32>s.charCodeAt(i));
}

function hex(name: string, value: u32): void {
  text(name);
  put(32);
  for (let shift = 28; shift >= 0; shift -= 4) {
    const digit = (value >>> shift) & 15;
    put(digit < 10 ? 48 + digit : 87 + digit);
  }
  put(10);
}

export function heapBase(): usize {
  return __heap_base;
}

export function trap(frame: usize): void {
  const vector = load<u32>(frame, 32);
  hex('trap', vector);
  hex('error', load<u32>(frame, 36));
  // ud2 is 2 bytes long, ltr ax 3.
  store<u32>(frame, load<u32>(frame, 40) + (vector == 6 ? 2 : 3), 40);
}

function other(): void {
  text('other stack\\n');
  switchStack(savedOtherAt, load<usize>(savedBootAt));
}

function onOtherStack(): void {
  const esp = otherStack + 1024 - 20;
  store<u32>(esp + 16, codeAddress(load<u32>(changetype<usize>(other))));
  switchStack(savedBootAt, esp);
}

function flat(at: usize, access: u32): void {
  store<u32>(at, 0xffff);
  store<u32>(at, 0x00cf0000 | (access << 8), 4);
}

export function kmain(magic: u32, info: usize): void {
  // COM1 at 115200 baud.
  outb(0x3fb, 0x83);
  outb(0x3f8, 1);
  outb(0x3f9, 0);
  outb(0x3fb, 3);
  hex('magic', magic);
  hex('info', vload32(info) & 1);
  hex('started', started);
  hex('zero', load<u32>(area));
  flat(gdt + 8, 0x9a);
  flat(gdt + 16, 0x92);
  store<u16>(pointer, 23);
  store<u32>(pointer, <u32>gdt, 2);
  lgdt(pointer);
  loadSegments(8, 16);
  for (let vector: u32 = 0; vector < 256; vector++) {
    const stub = <u32>trapStub(vector);
    store<u32>(idt + vector * 8, (8 << 16) | (stub & 0xffff));
    store<u32>(idt + vector * 8, (stub & 0xffff0000) | 0x8e00, 4);
  }
  store<u16>(pointer, 2047);
  store<u32>(pointer, <u32>idt, 2);
  lidt(pointer);
  ltr(0xffff);
  hex('flags', saveFlagsCli() & 0x200);
  restoreFlags(2);
  hex('cr0', readCr0() & 0x80000001);
  hex('div', udiv64by32(1, 7, 1000));
  hex('mod', umod64by32(1, 7, 1000));
  vstore16(area, 0xabcd);
  hex('byte', vload8(area + 1));
  memory.copy(area + 3, area, 20);
  hex('copy', load<u32>(area, 2));
  onOtherStack();
  const x: f64 = <f64>info / <f64>info + 0.1 + 0.2;
  hex('double', <u32>(reinterpret<u64>(x) & 0xffffffff));
  const n = (<u64>magic << 32) / (<u64>info | 1);
  hex('quotient', <u32>(n * (<u64>info | 1) + (<u64>magic << 32) % (<u64>info | 1) >> 32));
  outl(0xf4, 3);
}
`;

// The start function's 5 recursions; 2^32 + 7 divided by 1000; area shifted by 3 bytes; 1.3 ends in cccccd after rounding up.
const transcript = `magic 2badb002
info 00000001
started 0000002c
zero 00000000
trap 0000000d
error 0000fffc
flags 00000000
cr0 00000001
div 00418937
mod 0000012f
byte 000000ab
copy 00abcd00
other stack
double cccccccd
quotient 2badb002
`;

let image: CompiledImage;
let wasm: Uint8Array;
const flags = ['-O2', '--runtime', 'stub', '--use', 'abort=', '--memoryBase', '2097152', '--exportTable', '--debug'];

beforeAll(async () => {
  wasm = await assembleScript({ 'kernel.ts': kernel, 'hw.ts': hw }, ['kernel.ts'], flags);
  image = compileModule(wasm, { memoryBase: 0x200000, runtime: await runtimeModule() });
});

describe('a kernel image', () => {
  it('boots on the simulated PC', () => {
    let console = '';
    const machine = new Machine(
      {},
      {
        onSerial: (port, byte) => {
          if (port === 1) console += String.fromCharCode(byte);
        },
      },
    );
    machine.loadMultiboot({ image: image.elf, commandLine: '', modules: [] });
    const stop = machine.run({ untilCycle: 100_000_000 });
    // The last byte is still being sent when the machine ends.
    expect(transcript.startsWith(console) && transcript.length - console.length <= 2, console).toBe(true);
    expect(stop).toEqual({ kind: 'exit', status: 7 });
  });

  it('boots under QEMU', (context) => {
    if (spawnSync('qemu-system-i386', ['--version']).error !== undefined) {
      context.skip('qemu-system-i386 is not installed');
    }
    const folder = mkdtempSync(join(tmpdir(), 'phantom-image-'));
    try {
      writeFileSync(join(folder, 'kernel.elf'), image.elf);
      const device = 'isa-debug-exit,iobase=0xf4,iosize=4';
      const options = ['-serial', 'stdio', '-display', 'none', '-monitor', 'none', '-device', device];
      const run = spawnSync('qemu-system-i386', ['-kernel', join(folder, 'kernel.elf'), ...options], {
        timeout: 50_000,
      });
      expect(run.stdout.toString().replaceAll('\r', '')).toBe(transcript);
      expect(run.status).toBe(7);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('holds what is reachable and nothing else', () => {
    const names = [...image.symbols.keys()];
    expect(names).toEqual(expect.arrayContaining(['_start', 'trap_stubs', 'kmain', 'trap', 'kernel/hex', 'f64_div']));
    expect(names.filter((n) => n.startsWith('f32_') || n.includes('heapBase'))).toEqual([]);
  });
});

describe('refused', () => {
  const code = (fill: (c: Code) => unknown): Code => {
    const c = new Code();
    fill(c);
    return c;
  };
  const module = (f: Partial<WrittenFunction>, globals?: readonly ValueType[]): Uint8Array =>
    writeModule({
      functions: [{ params: [], result: undefined, locals: [], code: new Code(), ...f }],
      exports: { f: 0 },
      globals,
      memoryPages: 1,
    });
  const options = { memoryBase: 0x200000, heapBase: 0x200000, roots: ['f'] };

  it.each([
    ['something that is no wasm', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), /no wasm version 1 header/],
    [
      'a float without the software routines',
      module({ code: code((c) => c.constant('f64', 0n).op(0x9f, 0x1a)) }),
      /f64_sqrt/,
    ],
    ['an unknown opcode', module({ code: code((c) => c.op(0x06)) }), /opcode 0x6 is not supported/],
  ])('%s', (_, bytes, message) => {
    expect(() => compileModule(bytes, options)).toThrow(message);
  });

  it('roots that are not exported, code that does not fit, a module without heapBase', () => {
    const bytes = module({});
    expect(() => compileModule(bytes, { ...options, roots: ['g'] })).toThrow(/exports no function g/);
    expect(() => compileModule(bytes, { ...options, memoryBase: 0x104000 })).toThrow(/raise memoryBase/);
    expect(() => compileModule(bytes, { memoryBase: 0x200000, roots: ['f'] })).toThrow(/heapBase/);
    expect(() => compileModule(bytes, { ...options, memoryBase: 0x200100 })).toThrow(/multiples of 4096/);
  });

  it('data outside the area from memoryBase to the heap base', async () => {
    const runtime = await runtimeModule();
    expect(() => compileModule(wasm, { memoryBase: 0x300000, heapBase: 0x400000, runtime })).toThrow(/only in decimal/);
  });
});
