/**
 * Machine code written by hand: 64-bit shifts and bit counts, memory copy and fill, the stack switch, trap entry and `_start`.
 *
 * Convention as for compiled functions: argument words in EAX, EDX, ECX; result in EAX or EDX:EAX; EBX, ESI, EDI, EBP and a clear
 * direction flag are kept.
 */

import { trapStubBytes } from './intrinsics.js';
import {
  ADC,
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
  type MachineCode,
  memory,
  type Register,
  type Rotation,
  SAR,
  SBB,
  SHL,
  SHR,
  SUB,
  XOR,
} from './x86.js';

const repMovsb = [0xf3, 0xa4];
const repMovsd = [0xf3, 0xa5];
const repStosb = [0xf3, 0xaa];
const repStosd = [0xf3, 0xab];
const std = 0xfd;
const cld = 0xfc;
const pushad = 0x60;
const popad = 0x61;
const iretd = 0xcf;

/** A 64-bit shift of EDX:EAX by ECX modulo 64; the processor takes counts modulo 32. */
function wideShift(small: (a: Assembler) => void, large: (a: Assembler) => void): (a: Assembler) => void {
  return (a) => {
    const big = a.newLabel();
    a.testImmediate(1, ECX, 32);
    a.jumpIf(CC.ne, big);
    small(a);
    a.return();
    a.place(big);
    large(a);
    a.return();
  };
}

function doubleByCl(a: Assembler, op: 'left' | 'right', to: Register, from: Register): void {
  a.byte(0x0f);
  a.op(op === 'left' ? 0xa5 : 0xad, from, to);
}

function rotation(op: 'left' | 'right'): (a: Assembler) => void {
  return (a) => {
    const small = a.newLabel();
    a.testImmediate(1, ECX, 32);
    a.jumpIf(CC.e, small);
    a.exchange(EAX, EDX);
    a.place(small);
    a.push(EBX);
    a.move(EBX, op === 'left' ? EDX : EAX);
    doubleByCl(a, op, op === 'left' ? EDX : EAX, op === 'left' ? EAX : EDX);
    doubleByCl(a, op, op === 'left' ? EAX : EDX, EBX);
    a.pop(EBX);
    a.return();
  };
}

/** Bits set in EAX, by summing in ever wider fields. Changes EDX. */
function populationCount(a: Assembler): void {
  a.move(EDX, EAX);
  a.rotate(SHR, EDX, 1);
  a.aluImmediate(AND, 4, EDX, 0x55555555);
  a.alu(SUB, EAX, EDX);
  a.move(EDX, EAX);
  a.rotate(SHR, EDX, 2);
  a.aluImmediate(AND, 4, EAX, 0x33333333);
  a.aluImmediate(AND, 4, EDX, 0x33333333);
  a.alu(ADD, EAX, EDX);
  a.move(EDX, EAX);
  a.rotate(SHR, EDX, 4);
  a.alu(ADD, EAX, EDX);
  a.aluImmediate(AND, 4, EAX, 0x0f0f0f0f);
  a.multiplyImmediate(EAX, EAX, 0x01010101);
  a.rotate(SHR, EAX, 24);
  a.return();
}

/** Position of the first set bit in the word `first`, else 32 plus that in the other, else 64. */
function countWide(scan: number, first: 0 | 2, second: 0 | 2, leading: boolean): (a: Assembler) => void {
  const bitScan = (a: Assembler, from: 0 | 2): void => {
    a.byte(0x0f);
    a.op(scan, EAX, from);
  };
  return (a) => {
    const other = a.newLabel();
    const none = a.newLabel();
    a.test(first, first);
    a.jumpIf(CC.e, other);
    bitScan(a, first);
    if (leading) a.aluImmediate(XOR, 4, EAX, 31);
    a.return();
    a.place(other);
    bitScan(a, second);
    a.jumpIf(CC.e, none);
    if (leading) a.aluImmediate(XOR, 4, EAX, 63);
    else a.aluImmediate(ADD, 4, EAX, 32);
    a.return();
    a.place(none);
    a.moveImmediate(EAX, 64);
    a.return();
  };
}

/**
 * Division of EDX:EAX by EBX:ECX, unsigned: quotient in EDX:EAX, remainder in EBX:ECX; changes ESI, EDI, EBP.
 *
 * A divisor of one word takes one or two divisions. Otherwise the quotient fits one word: it is estimated with the
 * divisor's leading 32 bits and is then at most one too small (Warren, Hacker's Delight, 9-5).
 */
function divide64(a: Assembler): void {
  const wide = a.newLabel();
  const two = a.newLabel();
  const done = a.newLabel();
  a.test(EBX, EBX);
  a.jumpIf(CC.ne, wide);
  a.alu(CMP, EDX, ECX);
  a.jumpIf(CC.ae, two);
  a.divide(false, ECX);
  a.move(ECX, EDX);
  a.alu(XOR, EDX, EDX);
  a.return();
  a.place(two);
  a.move(ESI, EAX);
  a.move(EAX, EDX);
  a.alu(XOR, EDX, EDX);
  a.divide(false, ECX);
  a.exchange(EAX, ESI);
  a.divide(false, ECX);
  a.move(ECX, EDX);
  a.move(EDX, ESI);
  a.return();
  a.place(wide);
  a.move(ESI, EAX);
  a.move(EDI, EDX);
  a.move(EBP, ECX);
  a.byte(0x0f);
  a.op(0xbd, ECX, EBX);
  a.aluImmediate(XOR, 4, ECX, 31);
  a.push(EBX);
  doubleByCl(a, 'left', EBX, EBP);
  a.shiftDouble('right', EAX, EDX, 1);
  a.rotate(SHR, EDX, 1);
  a.divide(false, EBX);
  a.aluImmediate(XOR, 4, ECX, 31);
  a.rotateByCl(SHR, EAX);
  // One less, but not less than 0.
  a.aluImmediate(SUB, 4, EAX, 1);
  a.aluImmediate(ADC, 4, EAX, 0);
  a.pop(EBX);
  a.move(ECX, EAX);
  a.multiplyWide(false, EBP);
  a.alu(SUB, ESI, EAX);
  a.alu(SBB, EDI, EDX);
  a.move(EAX, ECX);
  a.multiply(EAX, EBX);
  a.alu(SUB, EDI, EAX);
  a.move(EAX, ESI);
  a.move(EDX, EDI);
  a.alu(SUB, EAX, EBP);
  a.alu(SBB, EDX, EBX);
  a.jumpIf(CC.b, done);
  a.increment(ECX);
  a.move(ESI, EAX);
  a.move(EDI, EDX);
  a.place(done);
  a.move(EAX, ECX);
  a.alu(XOR, EDX, EDX);
  a.move(ECX, ESI);
  a.move(EBX, EDI);
  a.return();
}

/** Two's complement of high:low. */
function negateWide(a: Assembler, low: Register, high: Register): void {
  a.negate(low);
  a.aluImmediate(ADC, 4, high, 0);
  a.negate(high);
}

/** 64-bit division or remainder of EDX:EAX by the word on the stack and ECX. */
function wideDivision(signed: boolean, remainder: boolean): (a: Assembler) => void {
  return (a) => {
    for (const r of [EBX, ESI, EDI, EBP] as const) a.push(r);
    a.move(EBX, memory(ESP, 20));
    if (signed) {
      const positiveDividend = a.newLabel();
      const positiveDivisor = a.newLabel();
      // The sign of the result, kept over the division: a remainder has the dividend's.
      a.move(ESI, EDX);
      if (!remainder) a.alu(XOR, ESI, EBX);
      a.push(ESI);
      a.test(EDX, EDX);
      a.jumpIf(CC.ns, positiveDividend);
      negateWide(a, EAX, EDX);
      a.place(positiveDividend);
      a.test(EBX, EBX);
      a.jumpIf(CC.ns, positiveDivisor);
      negateWide(a, ECX, EBX);
      a.place(positiveDivisor);
    }
    a.call('u64_divide');
    if (remainder) {
      a.move(EAX, ECX);
      a.move(EDX, EBX);
    }
    if (signed) {
      const negative = a.newLabel();
      const done = a.newLabel();
      a.pop(ESI);
      a.test(ESI, ESI);
      a.jumpIf(CC.s, negative);
      if (!remainder) {
        // The quotient 2^63 has no positive form: divide error, as the 32-bit instruction raises.
        a.test(EDX, EDX);
        a.jumpIf(CC.ns, done);
        a.alu(XOR, ECX, ECX);
        a.divide(false, ECX);
      } else a.jump(done);
      a.place(negative);
      negateWide(a, EAX, EDX);
      a.place(done);
    }
    for (const r of [EBP, EDI, ESI, EBX] as const) a.pop(r);
    a.return();
  };
}

/** memory.copy(to EAX, from EDX, bytes ECX), right for overlapping areas. */
function memoryCopy(a: Assembler): void {
  const backward = a.newLabel();
  a.push(ESI);
  a.push(EDI);
  a.move(EDI, EAX);
  a.move(ESI, EDX);
  a.alu(SUB, EAX, EDX);
  a.alu(CMP, EAX, ECX);
  a.jumpIf(CC.b, backward);
  a.move(EAX, ECX);
  a.rotate(SHR, ECX, 2);
  a.byte(...repMovsd);
  a.move(ECX, EAX);
  a.aluImmediate(AND, 4, ECX, 3);
  a.byte(...repMovsb);
  a.pop(EDI);
  a.pop(ESI);
  a.return();
  a.place(backward);
  // The destination begins inside the source: the odd bytes of the end first, then words, downwards.
  a.loadAddress(ESI, { base: ESI, index: ECX, scale: 0, displacement: -1 });
  a.loadAddress(EDI, { base: EDI, index: ECX, scale: 0, displacement: -1 });
  a.move(EAX, ECX);
  a.aluImmediate(AND, 4, ECX, 3);
  a.byte(std);
  a.byte(...repMovsb);
  a.aluImmediate(SUB, 4, ESI, 3);
  a.aluImmediate(SUB, 4, EDI, 3);
  a.move(ECX, EAX);
  a.rotate(SHR, ECX, 2);
  a.byte(...repMovsd);
  a.byte(cld);
  a.pop(EDI);
  a.pop(ESI);
  a.return();
}

/** memory.fill(to EAX, value EDX, bytes ECX). */
function memoryFill(a: Assembler): void {
  a.push(EDI);
  a.move(EDI, EAX);
  a.moveZeroExtended(EAX, 8, EDX);
  a.multiplyImmediate(EAX, EAX, 0x01010101);
  a.move(EDX, ECX);
  a.rotate(SHR, ECX, 2);
  a.byte(...repStosd);
  a.move(ECX, EDX);
  a.aluImmediate(AND, 4, ECX, 3);
  a.byte(...repStosb);
  a.pop(EDI);
  a.return();
}

/** switchStack(where to save ESP: EAX, new ESP: EDX); see contract C2. */
function switchStack(a: Assembler): void {
  for (const r of [EBP, EBX, ESI, EDI] as const) a.push(r);
  a.store(4, memory(EAX), ESP);
  a.move(ESP, EDX);
  for (const r of [EDI, ESI, EBX, EBP] as const) a.pop(r);
  a.return();
}

const shiftRight =
  (op: Rotation) =>
  (a: Assembler): void => {
    doubleByCl(a, 'right', EAX, EDX);
    a.rotateByCl(op, EDX);
  };

/** Stack depth in bytes, return address not included, and code of each routine. */
export const routines: ReadonlyMap<string, { readonly emit: (a: Assembler) => void; readonly depth: number }> = new Map(
  [
    [
      'i64_shl',
      {
        depth: 0,
        emit: wideShift(
          (a) => {
            doubleByCl(a, 'left', EDX, EAX);
            a.rotateByCl(SHL, EAX);
          },
          (a) => {
            a.move(EDX, EAX);
            a.alu(XOR, EAX, EAX);
            a.rotateByCl(SHL, EDX);
          },
        ),
      },
    ],
    [
      'i64_shr_u',
      {
        depth: 0,
        emit: wideShift(shiftRight(SHR), (a) => {
          a.move(EAX, EDX);
          a.alu(XOR, EDX, EDX);
          a.rotateByCl(SHR, EAX);
        }),
      },
    ],
    [
      'i64_shr_s',
      {
        depth: 0,
        emit: wideShift(shiftRight(SAR), (a) => {
          a.move(EAX, EDX);
          a.rotate(SAR, EDX, 31);
          a.rotateByCl(SAR, EAX);
        }),
      },
    ],
    ['i64_rotl', { depth: 4, emit: rotation('left') }],
    ['i64_rotr', { depth: 4, emit: rotation('right') }],
    ['i64_clz', { depth: 0, emit: countWide(0xbd, EDX, EAX, true) }],
    ['i64_ctz', { depth: 0, emit: countWide(0xbc, EAX, EDX, false) }],
    ['i32_popcnt', { depth: 0, emit: populationCount }],
    [
      'i64_popcnt',
      {
        depth: 12,
        emit: (a) => {
          a.push(EBX);
          a.push(EDX);
          a.call('i32_popcnt');
          a.move(EBX, EAX);
          a.pop(EAX);
          a.call('i32_popcnt');
          a.alu(ADD, EAX, EBX);
          a.pop(EBX);
          a.return();
        },
      },
    ],
    ['u64_divide', { depth: 4, emit: divide64 }],
    ['i64_div_s', { depth: 28, emit: wideDivision(true, false) }],
    ['i64_div_u', { depth: 24, emit: wideDivision(false, false) }],
    ['i64_rem_s', { depth: 28, emit: wideDivision(true, true) }],
    ['i64_rem_u', { depth: 24, emit: wideDivision(false, true) }],
    ['memory_copy', { depth: 8, emit: memoryCopy }],
    ['memory_fill', { depth: 4, emit: memoryFill }],
    ['switch_stack', { depth: 16, emit: switchStack }],
  ],
);

export function assembleRoutine(name: string): MachineCode {
  const routine = routines.get(name);
  if (routine === undefined) throw new Error(`no routine ${name}`);
  const a = new Assembler();
  routine.emit(a);
  return a.finish();
}

/** Vectors for which the processor pushes an error code. */
const withErrorCode = new Set([8, 10, 11, 12, 13, 14, 17]);

/** Bytes the trap entry and the processor put on the stack, up to the call of `trap` and its return address. */
export const trapFrameBytes = 12 + 8 + 32;

/** The 256 trap stubs and their common tail, which calls the function `handler`. */
export function assembleTrapStubs(handler: string): MachineCode {
  const a = new Assembler();
  const pushWord = (value: number): void => {
    a.byte(0x68);
    a.word32(value);
  };
  for (let vector = 0; vector < 256; vector++) {
    // A byte that stands for the missing error code keeps all stubs at one size.
    if (withErrorCode.has(vector)) a.byte(0x90, 0x90);
    else a.byte(0x6a, 0);
    pushWord(vector);
    a.byte(0xe9);
    // Relative to the end of this jump: the tail begins after the last stub.
    a.word32((256 - vector) * trapStubBytes - 12);
    a.byte(0x90, 0x90, 0x90, 0x90);
  }
  a.byte(pushad, cld);
  a.move(EAX, ESP);
  a.call(handler);
  a.byte(popad);
  a.aluImmediate(ADD, 4, ESP, 8);
  a.byte(iretd);
  return a.finish();
}

/** Entry point: boot stack, wasm start function, kmain(EAX, EBX), then halt for ever. */
export function assembleStart(stackTop: number, start: string | undefined, main: string): MachineCode {
  const a = new Assembler();
  a.moveImmediate(ESP, stackTop);
  // Flags are undefined after a multiboot entry, except for the interrupt flag being clear.
  a.byte(0x6a, 2, 0x9d);
  a.alu(XOR, EBP, EBP);
  a.move(ESI, EAX);
  if (start !== undefined) a.call(start);
  a.move(EAX, ESI);
  a.move(EDX, EBX);
  a.call(main);
  const halt = a.newLabel();
  a.place(halt);
  a.byte(0xfa, 0xf4);
  a.jump(halt);
  return a.finish();
}
