/** Every instruction form the compiler emits, read back by an independent decoder; and jumps of both sizes. */

import { fc, test } from '@fast-check/vitest';
import { Decoder, DecoderOptions, Formatter, FormatterSyntax } from 'iced-x86';
import { describe, expect, it } from 'vitest';
import {
  ADD,
  AND,
  Assembler,
  CC,
  CMP,
  EAX,
  EBP,
  EBX,
  ECX,
  EDI,
  EDX,
  ESI,
  ESP,
  type Label,
  type Memory,
  memory,
  OR,
  type Register,
  ROL,
  SAR,
  SHL,
  SUB,
  XOR,
} from './x86.js';

const registers = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'];

interface Decoded {
  readonly at: number;
  readonly text: string;
  readonly target: number;
}

function decode(bytes: Uint8Array): Decoded[] {
  const decoder = new Decoder(32, bytes, DecoderOptions.None);
  const formatter = new Formatter(FormatterSyntax.Nasm);
  const decoded: Decoded[] = [];
  try {
    while (decoder.canDecode) {
      const instruction = decoder.decode();
      const target = Number(instruction.nearBranchTarget);
      decoded.push({ at: Number(instruction.ip), text: formatter.format(instruction), target });
      instruction.free();
    }
  } finally {
    formatter.free();
    decoder.free();
  }
  return decoded;
}

function text(emit: (a: Assembler) => void): string[] {
  const a = new Assembler();
  emit(a);
  return decode(a.finish().bytes).map((d) => d.text);
}

describe('an instruction reads back as what was meant', () => {
  const at = memory(EBX, 4);
  it.each<[string, (a: Assembler) => void]>([
    ['mov eax,ecx', (a) => a.move(EAX, ECX)],
    ['mov eax,[1234h]', (a) => a.move(EAX, memory(undefined, 0x1234))],
    ['mov ecx,[1234h]', (a) => a.move(ECX, memory(undefined, 0x1234))],
    ['mov [1234h],eax', (a) => a.store(4, memory(undefined, 0x1234), EAX)],
    ['mov esi,7', (a) => a.moveImmediate(ESI, 7)],
    ['mov [ebx+4],cl', (a) => a.store(1, at, ECX)],
    ['mov [ebx+4],si', (a) => a.store(2, at, ESI)],
    ['mov byte [ebx+4],0FFh', (a) => a.storeImmediate(1, at, -1)],
    ['mov word [ebx+4],1234h', (a) => a.storeImmediate(2, at, 0x51234)],
    ['mov dword [ebx+4],12345678h', (a) => a.storeImmediate(4, at, 0x12345678)],
    ['movzx edi,byte [ebx+4]', (a) => a.moveZeroExtended(EDI, 8, at)],
    ['movsx edi,bx', (a) => a.moveSignExtended(EDI, 16, EBX)],
    ['lea eax,[ebx+esi*4-80h]', (a) => a.loadAddress(EAX, { base: EBX, index: ESI, scale: 2, displacement: -128 })],
    ['lea eax,[esi*8+10h]', (a) => a.loadAddress(EAX, { base: undefined, index: ESI, scale: 3, displacement: 16 })],
    ['xchg edx,eax', (a) => a.exchange(EAX, EDX)],
    ['xchg edx,ecx', (a) => a.exchange(EDX, ECX)],
    ['add ecx,[ebx+4]', (a) => a.alu(ADD, ECX, at)],
    ['sub ecx,edi', (a) => a.alu(SUB, ECX, EDI)],
    ['or [ebx+4],dl', (a) => a.aluStore(OR, 1, at, EDX)],
    ['cmp [ebx+4],edi', (a) => a.compareWith(at, EDI)],
    ['and eax,12345678h', (a) => a.aluImmediate(AND, 4, EAX, 0x12345678)],
    ['cmp word [ebx+4],1234h', (a) => a.aluImmediate(CMP, 2, at, 0x1234)],
    ['cmp byte [ebx+4],0C8h', (a) => a.aluImmediate(CMP, 1, at, 200)],
    ['xor esi,0FFFFFF80h', (a) => a.aluImmediate(XOR, 4, ESI, -128)],
    ['test byte [ebx+4],80h', (a) => a.testImmediate(1, at, 128)],
    ['test esi,12345678h', (a) => a.testImmediate(4, ESI, 0x12345678)],
    ['inc edi', (a) => a.increment(EDI)],
    ['dec dword [ebx+4]', (a) => a.decrement(at)],
    ['bswap ecx', (a) => a.swapBytes(ECX)],
    ['not ecx', (a) => a.not(ECX)],
    ['neg dword [ebx+4]', (a) => a.negate(at)],
    ['mul dword [ebx+4]', (a) => a.multiplyWide(false, at)],
    ['imul ecx', (a) => a.multiplyWide(true, ECX)],
    ['idiv ecx', (a) => a.divide(true, ECX)],
    ['imul esi,[ebx+4]', (a) => a.multiply(ESI, at)],
    ['imul esi,edi,64h', (a) => a.multiplyImmediate(ESI, EDI, 100)],
    ['imul esi,edi,12345h', (a) => a.multiplyImmediate(ESI, EDI, 0x12345)],
    ['shl esi,1', (a) => a.rotate(SHL, ESI, 1)],
    ['sar dword [ebx+4],1Fh', (a) => a.rotate(SAR, at, 31)],
    ['rol edx,cl', (a) => a.rotateByCl(ROL, EDX)],
    ['shld eax,edx,5', (a) => a.shiftDouble('left', EAX, EDX, 5)],
    ['shrd eax,edx,5', (a) => a.shiftDouble('right', EAX, EDX, 5)],
    ['setge bl', (a) => a.setCondition(CC.ge, EBX)],
    ['jmp dword [eax*4+100h]', (a) => a.jumpIndirect({ base: undefined, index: EAX, scale: 2, displacement: 256 })],
    ['call dword [ebx+4]', (a) => a.callIndirect(at)],
  ])('%s', (expected, emit) => {
    expect(text(emit)).toEqual([expected]);
  });

  const register = fc.constantFrom<Register>(EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI);
  const address: fc.Arbitrary<Memory> = fc.record({
    base: fc.option(register, { nil: undefined }),
    index: fc.option(
      register.filter((r) => r !== ESP),
      { nil: undefined },
    ),
    scale: fc.constantFrom<0 | 1 | 2 | 3>(0, 1, 2, 3),
    displacement: fc.oneof(fc.constantFrom(0, 127, 128, -128, -129), fc.integer()),
  });

  /** The value of an address expression, with the registers given. */
  function evaluate(formatted: string, values: readonly number[]): number {
    const inside = /\[(.*)\]/.exec(formatted)?.[1] ?? '';
    let sum = 0;
    for (const [, sign, term] of inside.matchAll(/([+-]?)([^+-]+)/g)) {
      const [name, factor = '1'] = term.split('*');
      const number = /^[0-9]/.test(name)
        ? Number.parseInt(name, name.endsWith('h') ? 16 : 10)
        : values[registers.indexOf(name)];
      sum = (sum + (sign === '-' ? -1 : 1) * number * Number(factor)) | 0;
    }
    return sum;
  }

  test.prop([register, address])('any address means base + index * scale + displacement', (to, from) => {
    const values = [0x11, 0x1000, 0x70000, 0x300000, 0x5000000, 0x23, 0x4567, 0x89abc];
    const [line] = text((a) => a.op(0x8b, to, from));
    const base = from.base === undefined ? 0 : values[from.base];
    const index = from.index === undefined ? 0 : values[from.index] << from.scale;
    expect(line.startsWith(`mov ${registers[to]},`)).toBe(true);
    expect(evaluate(line, values)).toBe((base + index + from.displacement) | 0);
  });
});

describe('jumps', () => {
  /** Code of blocks with sizes and jump targets; block i begins with `mov eax, i`. */
  const program = fc.array(fc.record({ padding: fc.nat(90), target: fc.nat(1000), conditional: fc.boolean() }), {
    minLength: 1,
    maxLength: 40,
  });

  test.prop([program])('go where they were meant to, in the shortest form that reaches', (blocks) => {
    const a = new Assembler();
    const labels: Label[] = blocks.map(() => a.newLabel());
    blocks.forEach(({ padding, target, conditional }, i) => {
      a.place(labels[i]);
      a.moveImmediate(EAX, i);
      for (let n = 0; n < padding; n++) a.byte(0x90);
      const to = labels[target % labels.length];
      if (conditional) a.jumpIf(CC.ne, to);
      else a.jump(to);
    });
    const { bytes } = a.finish();
    const decoded = decode(bytes);
    const starts = decoded.filter((d) => d.text.startsWith('mov eax,')).map((d) => d.at);
    const jumps = decoded.filter((d) => /^j/.test(d.text));
    expect(jumps.map((j) => j.target)).toEqual(blocks.map((b) => starts[b.target % blocks.length]));
    jumps.forEach((j, i) => {
      const size = (decoded[decoded.indexOf(j) + 1]?.at ?? bytes.length) - j.at;
      const distance = j.target - (j.at + size);
      if (size === 2) expect(Math.abs(distance)).toBeLessThanOrEqual(128);
      else expect(distance < -128 + (size - 2) || distance > 127 - (size - 2), `jump ${i}`).toBe(true);
    });
  });
});
