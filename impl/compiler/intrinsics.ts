/**
 * The functions of `hw.ts` as machine code. Each takes its arguments in fixed scratch registers, may change all three, and
 * gives its result in one of them.
 */

import { ADD, type Assembler, EAX, ECX, EDX, type Register, SHL, XOR } from './x86.js';

export interface Intrinsic {
  readonly args: readonly Register[];
  readonly result: Register | undefined;
  /** Bytes pushed, below the frame, while it runs. */
  readonly pushes?: number;
  readonly emit: (a: Assembler, tables: { readonly functionTable: number }) => void;
}

/** Symbol of the trap stubs; that of vector v is `trapStubBytes` * v bytes further. */
export const trapStubs = 'trap_stubs';
export const trapStubBytes = 16;

const bytes =
  (...code: number[]) =>
  (a: Assembler): void =>
    a.byte(...code);

function plain(...code: number[]): Intrinsic {
  return { args: [], result: undefined, emit: bytes(...code) };
}

function reads(...code: number[]): Intrinsic {
  return { args: [], result: EAX, emit: bytes(...code) };
}

function takes(...code: number[]): Intrinsic {
  return { args: [EAX], result: undefined, emit: bytes(...code) };
}

function portIn(...code: number[]): Intrinsic {
  return {
    args: [EDX],
    result: EAX,
    emit: (a) => {
      a.alu(XOR, EAX, EAX);
      a.byte(...code);
    },
  };
}

function portOut(...code: number[]): Intrinsic {
  return { args: [EDX, EAX], result: undefined, emit: bytes(...code) };
}

/** `div ecx` of EDX:EAX. */
function wideDivision(result: Register): Intrinsic {
  return { args: [EDX, EAX, ECX], result, emit: (a) => a.divide(false, ECX) };
}

export const intrinsics: ReadonlyMap<string, Intrinsic> = new Map<string, Intrinsic>([
  ['inb', portIn(0xec)],
  ['inw', portIn(0x66, 0xed)],
  ['inl', portIn(0xed)],
  ['outb', portOut(0xee)],
  ['outw', portOut(0x66, 0xef)],
  ['outl', portOut(0xef)],
  ['cli', plain(0xfa)],
  ['sti', plain(0xfb)],
  ['hlt', plain(0xf4)],
  ['stihlt', plain(0xfb, 0xf4)],
  ['barrier', plain()],
  ['saveFlagsCli', { ...reads(0x9c, 0x58, 0xfa), pushes: 4 }],
  ['restoreFlags', { ...takes(0x50, 0x9d), pushes: 4 }],
  ['readCr0', reads(0x0f, 0x20, 0xc0)],
  ['readCr2', reads(0x0f, 0x20, 0xd0)],
  ['readCr3', reads(0x0f, 0x20, 0xd8)],
  ['writeCr0', takes(0x0f, 0x22, 0xc0)],
  ['writeCr3', takes(0x0f, 0x22, 0xd8)],
  ['invlpg', takes(0x0f, 0x01, 0x38)],
  ['lgdt', takes(0x0f, 0x01, 0x10)],
  ['lidt', takes(0x0f, 0x01, 0x18)],
  ['ltr', takes(0x0f, 0x00, 0xd8)],
  [
    'loadSegments',
    {
      args: [EAX, EDX],
      result: undefined,
      pushes: 8,
      emit: (a) => {
        // mov ds, es, fs, gs, ss from dx; far return to the next instruction with the new code selector.
        for (const segment of [3, 0, 4, 5, 2]) a.op(0x8e, segment, EDX);
        const next = a.newLabel();
        a.push(EAX);
        a.byte(0x68);
        a.addressOfLabel(next);
        a.byte(0xcb);
        a.place(next);
      },
    },
  ],
  ['switchStack', { args: [EAX, EDX], result: undefined, emit: (a) => a.call('switch_stack') }],
  [
    'codeAddress',
    {
      args: [EAX],
      result: EAX,
      emit: (a, { functionTable }) =>
        a.move(EAX, { base: undefined, index: EAX, scale: 2, displacement: functionTable }),
    },
  ],
  [
    'trapStub',
    {
      args: [EAX],
      result: EAX,
      emit: (a) => {
        a.rotate(SHL, EAX, Math.log2(trapStubBytes));
        a.byte((ADD << 3) | 5);
        a.addressOf(trapStubs);
      },
    },
  ],
  ['udiv64by32', wideDivision(EAX)],
  ['umod64by32', wideDivision(EDX)],
]);
