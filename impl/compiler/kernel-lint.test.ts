import { describe, expect, it } from 'vitest';
import { lintKernelSource } from './kernel-lint.js';

/** Rule and line of each problem. */
function found(text: string): string[] {
  return lintKernelSource('k.ts', text).map((p) => `${p.line} ${p.rule}`);
}

describe('narrow-arithmetic', () => {
  it.each([
    ['a shifted byte load', 'export function f(p: usize): u32 { return load<u8>(p) << 12; }'],
    ['a sum of byte loads in parentheses', 'export function f(p: usize): u32 { return 1 + (load<u16>(p)); }'],
    ['a complement', 'export function f(p: usize): u32 { return ~load<u8>(p); }'],
    ['a narrow local', 'export function f(p: usize): u32 { const b = load<u8>(p); return b << 4; }'],
    ['a narrow parameter', 'export function f(b: u8): u32 { return b << 4; }'],
    ['a narrow field', '@unmanaged class C { b: u8; } export function f(c: C): u32 { return c.b << 4; }'],
    ['a cast to a narrow type', 'export function f(a: u32): u32 { return <u8>a << 4; }'],
  ])('finds %s', (_, text) => {
    expect(found(text)).toEqual(['1 narrow-arithmetic']);
  });

  it.each([
    ['a widened load', 'export function f(p: usize): u32 { return <u32>load<u8>(p) << 12; }'],
    ['a comparison', 'export function f(p: usize): bool { return load<u8>(p) == 45; }'],
    ['a widened local', 'export function f(p: usize): u32 { const b = <u32>load<u8>(p); return b << 4; }'],
    ['a word load', 'export function f(p: usize): u32 { return load<u32>(p) << 12; }'],
    ['a byte store', 'export function f(p: usize, v: u32): void { store<u8>(p, <u8>(v >> 3)); }'],
  ])('lets pass %s', (_, text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('unmanaged-virtual', () => {
  it('finds overriding and abstract methods of unmanaged classes', () => {
    const text = [
      '@unmanaged class A { f(): void {} }',
      '@unmanaged class B extends A {',
      '  override f(): void {}',
      '}',
      '@unmanaged class C extends B {',
      '  f(): void {}',
      '}',
      '@unmanaged abstract class D {',
      '  abstract g(): void;',
      '}',
    ].join('\n');
    expect(found(text)).toEqual(['3 unmanaged-virtual', '6 unmanaged-virtual', '9 unmanaged-virtual']);
  });

  it('lets pass plain methods, and managed classes', () => {
    const text = '@unmanaged class A { f(): void {} } @unmanaged class B extends A { g(): void {} }';
    expect(found(text)).toEqual([]);
    expect(found('class A { f(): void {} } class B extends A { override f(): void {} }')).toEqual([]);
  });
});

describe('device-access', () => {
  it('finds plain accesses of constant device addresses', () => {
    const text = 'export function f(): u32 {\n  store<u16>(0xb8000, 7);\n  return load<u32>(0xfee00020);\n}';
    expect(found(text)).toEqual(['2 device-access', '3 device-access']);
  });

  it('finds plain accesses of what the file accesses by vload or vstore elsewhere', () => {
    const text = [
      "import { vload32, vstore32 } from './hw';",
      'const ticks = memory.data(4);',
      'function entryAt(i: u32): usize { return i << 2; }',
      'export function tick(): void { vstore32(ticks, vload32(ticks) + vload32(entryAt(3))); }',
      'export function now(): u32 {',
      '  return load<u32>(ticks);',
      '}',
      'export function entry(): u32 {',
      '  return load<u32>(entryAt(1) + 4);',
      '}',
    ].join('\n');
    expect(found(text)).toEqual(['6 device-access', '9 device-access']);
  });

  it('lets pass ordinary memory', () => {
    const text =
      'const area = memory.data(64);\nexport function f(): u32 { return load<u32>(area + 8) + load<u32>(0x200000); }';
    expect(found(text)).toEqual([]);
  });
});
