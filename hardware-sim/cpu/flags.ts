/**
 * EFLAGS, and how the arithmetic flags are kept until somebody asks.
 *
 * After an operation three numbers stand for six flags:
 *   zero   ZF = (zero === 0)
 *   sign   SF = (sign < 0), PF = even parity of sign's low byte
 *   carry  CF = bit 31, OF = bit 31 xor bit 30, AF = bit 3
 * For an addition or subtraction `carry` is the vector of carries (borrows) out of each bit, which has exactly this form; results of 8 and 16 bits are
 * sign-extended and their carries shifted to the top. Nothing is decided until a flag is read, and reading needs no case distinction.
 */

export const Flag = {
  CF: 0x1,
  PF: 0x4,
  AF: 0x10,
  ZF: 0x40,
  SF: 0x80,
  TF: 0x100,
  IF: 0x200,
  DF: 0x400,
  OF: 0x800,
  IOPL: 0x3000,
  NT: 0x4000,
  RF: 0x10000,
  VM: 0x20000,
  AC: 0x40000,
} as const;

/** CF, PF, AF, ZF, SF, OF. */
export const ARITHMETIC_FLAGS = 0x8d5;
/** Flags an i486 has, VM left out because virtual-8086 mode is not modelled. */
export const SYSTEM_FLAGS = 0x57700;

/** 1 where the byte has an even number of ones. */
export const PARITY = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  let ones = 0;
  for (let bit = 0; bit < 8; bit++) ones += (byte >> bit) & 1;
  PARITY[byte] = (ones & 1) ^ 1;
}

export function arithmeticFlags(zero: number, sign: number, carry: number): number {
  return (
    (carry >>> 31) |
    (PARITY[sign & 0xff] << 2) |
    ((carry & 8) << 1) |
    (zero === 0 ? Flag.ZF : 0) |
    ((sign >>> 31) << 7) |
    (((carry ^ (carry << 1)) >>> 31) << 11)
  );
}

export function zeroOf(flags: number): number {
  return (flags & Flag.ZF) !== 0 ? 0 : 1;
}

export function signOf(flags: number): number {
  return ((flags & Flag.SF) !== 0 ? 0x80000000 : 0) | ((flags & Flag.PF) !== 0 ? 0 : 1);
}

export function carryOf(flags: number): number {
  return carryWord(flags & 1, (flags >>> 11) & 1) | ((flags & Flag.AF) >> 1);
}

/** The carry number of given CF and OF (0 or 1 each), AF clear. */
export function carryWord(carry: number, overflow: number): number {
  return (carry << 31) | ((carry ^ overflow) << 30);
}

/** Condition 0 to 15 of Jcc and SETcc. */
export function condition(code: number, zero: number, sign: number, carry: number): boolean {
  let holds: boolean;
  switch (code >> 1) {
    case 0:
      holds = (carry ^ (carry << 1)) < 0;
      break;
    case 1:
      holds = carry < 0;
      break;
    case 2:
      holds = zero === 0;
      break;
    case 3:
      holds = carry < 0 || zero === 0;
      break;
    case 4:
      holds = sign < 0;
      break;
    case 5:
      holds = PARITY[sign & 0xff] !== 0;
      break;
    case 6:
      holds = (sign ^ carry ^ (carry << 1)) < 0;
      break;
    default:
      holds = zero === 0 || (sign ^ carry ^ (carry << 1)) < 0;
  }
  return holds !== ((code & 1) !== 0);
}
