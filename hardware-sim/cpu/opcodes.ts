/**
 * The decoded form of an instruction: a record of 16 numbers, and the operations a record can name.
 *
 * The decoder writes records, `execute.ts` runs them. A CodePage holds the records of one frame; consecutive
 * instructions are consecutive records, so falling through is adding RECORD. Operations below `FIRST_GENERAL` are cases of the
 * hot loop, which must repeat their numbers as literals (a host compiler makes a jump table of literals only; opcodes.test.ts checks that
 * the two agree); the others are functions found through a table.
 *
 * Fields of a record:
 *
 *   field  hot operations                              general operations
 *   -----  ------------------------------------------  -----------------------------------------
 *   OP     operation
 *   FETCH  how the source operand is fetched (Fetch)   NONE
 *   COST   cycles (branches: when not taken)           cycles, before variable costs
 *   OFF    offset of the instruction in its page
 *   A      destination register                        reg field of ModRM
 *   B      source register, -1: IMM is the source      rm field of ModRM, -1: memory operand
 *   IMM    immediate                                   immediate
 *   BASE   base register of the address, 8: none
 *   INDEX  index register, 8: none
 *   SCALE  0 to 3
 *   DISP   displacement
 *   SEG    segment register, plus 8 with 16-bit addressing
 *   LINK   branches: record of the target or 0         operand size in bytes
 *   TARGET branches: target relative to the page start; narrow operations: 24 or 16 (shift to the top)
 *   COST2  branches: cycles when taken                 repeat prefix: 0, 2 (F2) or 3 (F3)
 *   LEN    length in bytes
 */

export const RECORD = 16;

export const Field = {
  OP: 0,
  FETCH: 1,
  COST: 2,
  OFF: 3,
  A: 4,
  B: 5,
  IMM: 6,
  BASE: 7,
  INDEX: 8,
  SCALE: 9,
  DISP: 10,
  SEG: 11,
  LINK: 12,
  TARGET: 13,
  COST2: 14,
  LEN: 15,
} as const;

/** Operand fetch, done before the operation. */
export const Fetch = {
  NONE: 0,
  REG32: 1,
  IMM: 2,
  MEM32: 3,
  MEM8: 4,
  MEM16: 5,
  REG8: 6,
  REG16: 7,
  /** Only the offset, not translated (LEA). */
  OFFSET: 8,
  /** Memory destination: the old value with write permission checked; the source comes from B or IMM. */
  MODIFY32: 9,
  MODIFY8: 10,
  MODIFY16: 11,
  /** Linear address of a destination that is only written; the source comes from B or IMM. */
  STORE32: 12,
  STORE8: 13,
  STORE16: 14,
} as const;

export const Op = {
  /** Not an instruction: look the code up again at this offset. */
  RESYNC: 0,
  /** Not an instruction: go on at the record in LINK. */
  LINK: 1,
  MOV32: 4,
  MOV8: 5,
  MOV16: 6,
  STORE32: 7,
  STORE8: 8,
  STORE16: 9,
  LEA: 10,
  ADD: 11,
  OR: 12,
  ADC: 13,
  SBB: 14,
  AND: 15,
  SUB: 16,
  XOR: 17,
  CMP: 18,
  TEST: 19,
  /** The memory operand is the first one. */
  CMP_MEMORY: 20,
  TEST_MEMORY: 21,
  INC: 22,
  DEC: 23,
  NEG: 24,
  NOT: 25,
  SHL: 26,
  SHR: 27,
  SAR: 28,
  ROL: 29,
  ROR: 30,
  IMUL: 31,
  IMUL_IMM: 32,
  MOVSX8: 33,
  MOVSX16: 34,
  PUSH: 35,
  POP: 36,
  CALL: 37,
  CALL_INDIRECT: 38,
  RET: 39,
  JMP: 40,
  JMP_INDIRECT: 41,
  /** 42 to 57: Jcc in the order of the opcodes 70 to 7F. */
  JCC: 42,
  SETCC: 58,
  /** Read-modify-write of a 32-bit memory operand; the arithmetic (Alu) is in A. */
  MODIFY32: 59,
  /** 8- and 16-bit arithmetic; the arithmetic (Alu) is in LINK. A: destination register view, -1 memory, -2 compare memory. */
  NARROW: 60,
  CDQ: 61,
  CWDE: 62,
  NOP: 63,
  MUL: 64,
  LEAVE: 65,
  XCHG: 66,
  LOOP: 67,

  FIRST_GENERAL: 70,
  UNDEFINED: 70,
  INVALID_LENGTH: 71,
  NO_FPU: 72,
  SHIFT: 73,
  SHLD: 74,
  SHRD: 75,
  MUL_WIDE: 76,
  IMUL_WIDE: 77,
  DIV: 78,
  IDIV: 79,
  IMUL16: 80,
  XCHG_RM: 81,
  CMPXCHG: 82,
  XADD: 83,
  BSWAP: 84,
  BT: 85,
  BTS: 86,
  BTR: 87,
  BTC: 88,
  BSF: 89,
  BSR: 90,
  SETCC_RM: 91,
  CBW: 92,
  CWD: 93,
  DAA: 94,
  DAS: 95,
  AAA: 96,
  AAS: 97,
  AAM: 98,
  AAD: 99,
  XLAT: 100,
  LAHF: 101,
  SAHF: 102,
  CLC: 103,
  STC: 104,
  CMC: 105,
  CLD: 106,
  STD: 107,
  LEA16: 108,
  MOV_SREG_READ: 109,
  MOV_SREG_WRITE: 110,
  MOVZX16: 111,
  MOVSX_TO16: 112,
  ARPL: 113,
  BOUND: 114,

  PUSH_GENERAL: 120,
  POP_RM: 121,
  PUSHA: 122,
  POPA: 123,
  PUSHF: 124,
  POPF: 125,
  PUSH_SEG: 126,
  POP_SEG: 127,
  ENTER: 128,
  LEAVE16: 129,
  LOAD_FAR_POINTER: 130,

  MOVS: 140,
  CMPS: 141,
  STOS: 142,
  LODS: 143,
  SCAS: 144,
  INS: 145,
  OUTS: 146,

  IN: 150,
  OUT: 151,
  CLI: 152,
  STI: 153,
  HLT: 154,

  JMP_NEAR_GENERAL: 160,
  CALL_NEAR_GENERAL: 161,
  RET_NEAR_GENERAL: 162,
  JCC_GENERAL: 163,
  LOOP_GENERAL: 164,
  JCXZ: 165,
  JMP_FAR: 166,
  CALL_FAR: 167,
  RET_FAR: 168,
  INT: 169,
  INTO: 170,
  IRET: 171,

  LGDT: 180,
  LIDT: 181,
  SGDT: 182,
  SIDT: 183,
  LLDT: 184,
  LTR: 185,
  SLDT: 186,
  STR: 187,
  LMSW: 188,
  SMSW: 189,
  CLTS: 190,
  MOV_FROM_CR: 191,
  MOV_TO_CR: 192,
  MOV_FROM_DR: 193,
  MOV_TO_DR: 194,
  INVLPG: 195,
  INVD: 196,
  WBINVD: 197,
  LAR: 198,
  LSL: 199,
  VERR: 200,
  VERW: 201,
  WAIT: 202,
} as const;

/** Arithmetic of MODIFY32 and NARROW; 0 to 7 in the order of the opcodes. */
export const Alu = {
  ADD: 0,
  OR: 1,
  ADC: 2,
  SBB: 3,
  AND: 4,
  SUB: 5,
  XOR: 6,
  CMP: 7,
  TEST: 8,
  INC: 9,
  DEC: 10,
  NEG: 11,
  NOT: 12,
} as const;

/** Number of an 8-bit register (AL, CL, DL, BL, AH, CH, DH, BH) as a byte index into the register file. */
export function byteIndex(register: number): number {
  return register < 4 ? register * 4 : (register - 4) * 4 + 1;
}
