/**
 * The hot loop: runs decoded instructions until the budget of cycles is spent or something needs the run loop's attention.
 *
 * The rule that makes it right: between two records all architectural state is in the registers array, the three flag numbers, `icount` and
 * the position (pageLinear, p). Whatever leaves the loop, normally or by a fault, writes these back first. An instruction
 * changes nothing before its last possible fault.
 *
 * Case labels are the numbers of opcodes.ts, as literals so that the host compiles a jump table (opcodes.test.ts compares them). One
 * memory access is: address, segment check bit, TLB tag compare (which also catches misalignment), pool access. Arrays of the frame pool are
 * read again after every call that may allocate a frame.
 */
import type { CodePage } from './code-page.js';
import { type Core, CS, ESP } from './core.js';
import { condition, PARITY } from './flags.js';
import { RECORD } from './opcodes.js';

/** What the loop needs from the rest of the processor. */
export interface ExecutionHost extends Core {
  /** Code of the page of a linear address; raises #PF. */
  fetchCode(linear: number): CodePage;
  /** Code pages by code TLB index, undefined when it must be asked for. */
  readonly codePages: (CodePage | undefined)[];
  /** Decodes from `linear` on; returns the record, or 0 when the instruction crosses the page: then it is in `crossing`. */
  decodeAt(code: CodePage, linear: number): number;
  readonly crossing: { readonly ops: Int32Array; readonly table: Int32Array };
  /** Runs a general operation. */
  general(ops: Int32Array, p: number): void;
}

/** Parts of a 32-bit access's address that must equal the TLB tag: the page, and zeros for alignment. */
const TAG32 = 0xfffff003 | 0;
const TAG16 = 0xfffff001 | 0;
const TAG8 = 0xfffff000 | 0;

/**
 * Runs from `cpu.eip` until `budget` cycles or fewer are left; returns the rest, which is not positive unless `cpu.leave` was set. Throws what an
 * operation throws, with the state of before that operation, `cpu.eip` at it and `cpu.budgetLeft` set.
 */
export function execute(cpu: ExecutionHost, cycles: number): number {
  const registers = cpu.registers;
  const registers8 = cpu.registers8;
  const registers16 = cpu.registers16;
  const mmu = cpu.mmu;
  const pool = cpu.memory.pool;
  const tlb = mmu.tlb;
  const tlbMask = mmu.tlbMask;
  const codePages = cpu.codePages;
  const codeMask = codePages.length - 1;
  const codeLinear = mmu.code.linear;
  const sliceEnd = cpu.clock.now + cycles;
  // Constant during the loop: whatever changes them sets `leave`.
  const notFlat = cpu.notFlat;
  const codeBase = cpu.base[CS];
  const paging = mmu.paging;

  let budget = cycles;
  let icount = 0;
  let zero = cpu.zero;
  let sign = cpu.sign;
  let carry = cpu.carry;
  let eip = cpu.eip;
  let words = pool.words;
  let halves = pool.halves;
  let bytes = pool.bytes;
  let ops = cpu.crossing.ops;
  let table = cpu.crossing.table;
  let pageLinear = 1; // no page
  let p = 0;
  let a = 0;
  let b = 0;
  let r = 0;
  let linear = 0;
  let entry = 0;
  /** Host byte offset of the operand of a read-modify-write, -1 when it goes the slow way. */
  let host = 0;
  let target = 0;

  cpu.leave = false;
  cpu.sliceEnd = sliceEnd;
  try {
    lookup: for (;;) {
      // ---- Find the record of `eip` ----
      linear = (eip + codeBase) | 0;
      pageLinear = linear & ~0xfff;
      p = 0;
      const codeIndex = (linear >>> 12) & codeMask;
      let code = codePages[codeIndex];
      if (code === undefined || code.voided || !paging || codeLinear[codeIndex] !== linear >>> 12) {
        code = cpu.fetchCode(linear);
        budget -= mmu.penalty;
        mmu.penalty = 0;
        words = pool.words;
        halves = pool.halves;
        bytes = pool.bytes;
      }
      p = code.table[linear & 0xfff];
      ops = code.ops;
      table = code.table;
      if (p === 0) {
        p = cpu.decodeAt(code, linear);
        budget -= mmu.penalty;
        mmu.penalty = 0;
        words = pool.words;
        halves = pool.halves;
        bytes = pool.bytes;
        if (p === 0) {
          ops = cpu.crossing.ops;
          table = cpu.crossing.table;
          p = RECORD;
        } else ops = code.ops;
      }
      if (budget <= 0) break;

      for (;;) {
        // ---- Operand ----
        switch (ops[p + 1]) {
          case 0: // NONE
            break;
          case 1: // REG32
            b = registers[ops[p + 5]];
            break;
          case 2: // IMM
            b = ops[p + 6];
            break;
          case 3: // MEM32
            linear = (registers[ops[p + 7]] + (registers[ops[p + 8]] << ops[p + 9]) + ops[p + 10]) | 0;
            if (((notFlat >>> ops[p + 11]) & 1) !== 0) linear = cpu.segmented(ops[p + 11], linear, 4, false);
            entry = (linear >>> 10) & tlbMask;
            if (tlb[entry] === (linear & TAG32)) b = words[(tlb[entry + 2] | (linear & 0xfff)) >> 2];
            else {
              b = mmu.read32(linear);
              budget -= mmu.penalty;
              mmu.penalty = 0;
              words = pool.words;
              halves = pool.halves;
              bytes = pool.bytes;
            }
            break;
          case 4: // MEM8
            linear = (registers[ops[p + 7]] + (registers[ops[p + 8]] << ops[p + 9]) + ops[p + 10]) | 0;
            if (((notFlat >>> ops[p + 11]) & 1) !== 0) linear = cpu.segmented(ops[p + 11], linear, 1, false);
            entry = (linear >>> 10) & tlbMask;
            if (tlb[entry] === (linear & TAG8)) b = bytes[tlb[entry + 2] | (linear & 0xfff)];
            else {
              b = mmu.read8(linear);
              budget -= mmu.penalty;
              mmu.penalty = 0;
              words = pool.words;
              halves = pool.halves;
              bytes = pool.bytes;
            }
            break;
          case 5: // MEM16
            linear = (registers[ops[p + 7]] + (registers[ops[p + 8]] << ops[p + 9]) + ops[p + 10]) | 0;
            if (((notFlat >>> ops[p + 11]) & 1) !== 0) linear = cpu.segmented(ops[p + 11], linear, 2, false);
            entry = (linear >>> 10) & tlbMask;
            if (tlb[entry] === (linear & TAG16)) b = halves[(tlb[entry + 2] | (linear & 0xfff)) >> 1];
            else {
              b = mmu.read16(linear);
              budget -= mmu.penalty;
              mmu.penalty = 0;
              words = pool.words;
              halves = pool.halves;
              bytes = pool.bytes;
            }
            break;
          case 6: // REG8
            b = registers8[ops[p + 5]];
            break;
          case 7: // REG16
            b = registers16[ops[p + 5]];
            break;
          case 8: // OFFSET
            linear = (registers[ops[p + 7]] + (registers[ops[p + 8]] << ops[p + 9]) + ops[p + 10]) | 0;
            break;
          case 9: // MODIFY32
            linear = (registers[ops[p + 7]] + (registers[ops[p + 8]] << ops[p + 9]) + ops[p + 10]) | 0;
            if (((notFlat >>> ops[p + 11]) & 1) !== 0) linear = cpu.segmented(ops[p + 11], linear, 4, true);
            entry = (linear >>> 10) & tlbMask;
            if (tlb[entry + 1] === (linear & TAG32)) {
              host = tlb[entry + 2] | (linear & 0xfff);
              a = words[host >> 2];
            } else {
              host = -1;
              mmu.checkWrite(linear, 4);
              a = mmu.read32(linear);
            }
            b = ops[p + 5] < 0 ? ops[p + 6] : registers[ops[p + 5]];
            break;
          case 10: // MODIFY8
            linear = (registers[ops[p + 7]] + (registers[ops[p + 8]] << ops[p + 9]) + ops[p + 10]) | 0;
            if (((notFlat >>> ops[p + 11]) & 1) !== 0) linear = cpu.segmented(ops[p + 11], linear, 1, true);
            mmu.checkWrite(linear, 1);
            a = mmu.read8(linear);
            b = ops[p + 5] < 0 ? ops[p + 6] : registers8[ops[p + 5]];
            break;
          case 11: // MODIFY16
            linear = (registers[ops[p + 7]] + (registers[ops[p + 8]] << ops[p + 9]) + ops[p + 10]) | 0;
            if (((notFlat >>> ops[p + 11]) & 1) !== 0) linear = cpu.segmented(ops[p + 11], linear, 2, true);
            mmu.checkWrite(linear, 2);
            a = mmu.read16(linear);
            b = ops[p + 5] < 0 ? ops[p + 6] : registers16[ops[p + 5]];
            break;
          case 12: // STORE32
            linear = (registers[ops[p + 7]] + (registers[ops[p + 8]] << ops[p + 9]) + ops[p + 10]) | 0;
            if (((notFlat >>> ops[p + 11]) & 1) !== 0) linear = cpu.segmented(ops[p + 11], linear, 4, true);
            b = ops[p + 5] < 0 ? ops[p + 6] : registers[ops[p + 5]];
            break;
          case 13: // STORE8
            linear = (registers[ops[p + 7]] + (registers[ops[p + 8]] << ops[p + 9]) + ops[p + 10]) | 0;
            if (((notFlat >>> ops[p + 11]) & 1) !== 0) linear = cpu.segmented(ops[p + 11], linear, 1, true);
            b = ops[p + 5] < 0 ? ops[p + 6] : registers8[ops[p + 5]];
            break;
          default: // STORE16
            linear = (registers[ops[p + 7]] + (registers[ops[p + 8]] << ops[p + 9]) + ops[p + 10]) | 0;
            if (((notFlat >>> ops[p + 11]) & 1) !== 0) linear = cpu.segmented(ops[p + 11], linear, 2, true);
            b = ops[p + 5] < 0 ? ops[p + 6] : registers16[ops[p + 5]];
        }

        // ---- Operation. `break done`: completed, next record. Leaving the switch: a jump to TARGET. ----
        // biome-ignore lint/suspicious/noConfusingLabels: one exit for all completed operations, without a call or a flag
        done: {
          switch (ops[p]) {
            case 0: // RESYNC
              target = ops[p + 3];
              if (target < 4096 && table[target] !== 0) {
                ops[p + 12] = table[target];
                ops[p] = 1;
                p = ops[p + 12];
                continue;
              }
              eip = (pageLinear + target - codeBase) | 0;
              continue lookup;
            case 1: // LINK
              p = ops[p + 12];
              continue;
            case 4: // MOV32
              registers[ops[p + 4]] = b;
              break done;
            case 5: // MOV8
              registers8[ops[p + 4]] = b;
              break done;
            case 6: // MOV16
              registers16[ops[p + 4]] = b;
              break done;
            case 7: // STORE32
              entry = (linear >>> 10) & tlbMask;
              if (tlb[entry + 1] === (linear & TAG32)) words[(tlb[entry + 2] | (linear & 0xfff)) >> 2] = b;
              else {
                mmu.write32(linear, b);
                budget -= mmu.penalty;
                mmu.penalty = 0;
                words = pool.words;
                halves = pool.halves;
                bytes = pool.bytes;
              }
              break done;
            case 8: // STORE8
              entry = (linear >>> 10) & tlbMask;
              if (tlb[entry + 1] === (linear & TAG8)) bytes[tlb[entry + 2] | (linear & 0xfff)] = b;
              else {
                mmu.write8(linear, b);
                budget -= mmu.penalty;
                mmu.penalty = 0;
                words = pool.words;
                halves = pool.halves;
                bytes = pool.bytes;
              }
              break done;
            case 9: // STORE16
              entry = (linear >>> 10) & tlbMask;
              if (tlb[entry + 1] === (linear & TAG16)) halves[(tlb[entry + 2] | (linear & 0xfff)) >> 1] = b;
              else {
                mmu.write16(linear, b);
                budget -= mmu.penalty;
                mmu.penalty = 0;
                words = pool.words;
                halves = pool.halves;
                bytes = pool.bytes;
              }
              break done;
            case 10: // LEA
              registers[ops[p + 4]] = linear;
              break done;
            case 11: // ADD
              a = registers[ops[p + 4]];
              r = (a + b) | 0;
              carry = (a & b) | ((a | b) & ~r);
              zero = sign = registers[ops[p + 4]] = r;
              break done;
            case 12: // OR
              zero = sign = r = registers[ops[p + 4]] | b;
              registers[ops[p + 4]] = r;
              carry = 0;
              break done;
            case 13: // ADC
              a = registers[ops[p + 4]];
              r = (a + b + (carry >>> 31)) | 0;
              carry = (a & b) | ((a | b) & ~r);
              zero = sign = registers[ops[p + 4]] = r;
              break done;
            case 14: // SBB
              a = registers[ops[p + 4]];
              r = (a - b - (carry >>> 31)) | 0;
              carry = (~a & b) | ((~a | b) & r);
              zero = sign = registers[ops[p + 4]] = r;
              break done;
            case 15: // AND
              zero = sign = r = registers[ops[p + 4]] & b;
              registers[ops[p + 4]] = r;
              carry = 0;
              break done;
            case 16: // SUB
              a = registers[ops[p + 4]];
              r = (a - b) | 0;
              carry = (~a & b) | ((~a | b) & r);
              zero = sign = registers[ops[p + 4]] = r;
              break done;
            case 17: // XOR
              zero = sign = r = registers[ops[p + 4]] ^ b;
              registers[ops[p + 4]] = r;
              carry = 0;
              break done;
            case 18: // CMP
              a = registers[ops[p + 4]];
              zero = sign = r = (a - b) | 0;
              carry = (~a & b) | ((~a | b) & r);
              break done;
            case 19: // TEST
              zero = sign = registers[ops[p + 4]] & b;
              carry = 0;
              break done;
            case 20: // CMP_MEMORY
              a = b;
              b = ops[p + 5] < 0 ? ops[p + 6] : registers[ops[p + 5]];
              zero = sign = r = (a - b) | 0;
              carry = (~a & b) | ((~a | b) & r);
              break done;
            case 21: // TEST_MEMORY
              zero = sign = b & (ops[p + 5] < 0 ? ops[p + 6] : registers[ops[p + 5]]);
              carry = 0;
              break done;
            case 22: // INC
              a = registers[ops[p + 4]];
              zero = sign = r = (a + 1) | 0;
              registers[ops[p + 4]] = r;
              b = a & ~r;
              carry = (carry & 0x80000000) | (((carry ^ b ^ (b << 1)) >>> 31) << 30) | (b & 8);
              break done;
            case 23: // DEC
              a = registers[ops[p + 4]];
              zero = sign = r = (a - 1) | 0;
              registers[ops[p + 4]] = r;
              b = ~a & r;
              carry = (carry & 0x80000000) | (((carry ^ b ^ (b << 1)) >>> 31) << 30) | (b & 8);
              break done;
            case 24: // NEG
              a = registers[ops[p + 4]];
              zero = sign = r = -a | 0;
              registers[ops[p + 4]] = r;
              carry = a | r;
              break done;
            case 25: // NOT
              registers[ops[p + 4]] = ~registers[ops[p + 4]];
              break done;
            case 26: // SHL
              b &= 31;
              if (b !== 0) {
                a = registers[ops[p + 4]];
                zero = sign = r = a << b;
                registers[ops[p + 4]] = r;
                a = (a >>> (32 - b)) & 1;
                carry = (a << 31) | ((r >>> 31) << 30);
              }
              break done;
            case 27: // SHR
              b &= 31;
              if (b !== 0) {
                a = registers[ops[p + 4]];
                zero = sign = r = (a >>> b) | 0;
                registers[ops[p + 4]] = r;
                b = (a >>> (b - 1)) & 1;
                carry = (b << 31) | ((b ^ (a >>> 31)) << 30);
              }
              break done;
            case 28: // SAR
              b &= 31;
              if (b !== 0) {
                a = registers[ops[p + 4]];
                zero = sign = r = a >> b;
                registers[ops[p + 4]] = r;
                b = (a >> (b - 1)) & 1;
                carry = (b << 31) | (b << 30);
              }
              break done;
            case 29: // ROL
              b &= 31;
              if (b !== 0) {
                a = registers[ops[p + 4]];
                r = (a << b) | (a >>> (32 - b));
                registers[ops[p + 4]] = r;
                carry = (carry & 8) | ((r & 1) << 31) | ((r >>> 31) << 30);
              }
              break done;
            case 30: // ROR
              b &= 31;
              if (b !== 0) {
                a = registers[ops[p + 4]];
                r = (a >>> b) | (a << (32 - b));
                registers[ops[p + 4]] = r;
                carry = (carry & 8) | (r & 0x80000000) | (((r >>> 30) & 1) << 30);
              }
              break done;
            case 31: // IMUL
              a = registers[ops[p + 4]];
              r = Math.imul(a, b);
              registers[ops[p + 4]] = r;
              zero = sign = r;
              // Products beyond 2^53 are inexact but cannot round into the range of 32 bits.
              carry = a * b === r ? 0 : 0x80000000 | 0;
              break done;
            case 32: // IMUL_IMM
              a = ops[p + 6];
              r = Math.imul(a, b);
              registers[ops[p + 4]] = r;
              zero = sign = r;
              carry = a * b === r ? 0 : 0x80000000 | 0;
              break done;
            case 33: // MOVSX8
              registers[ops[p + 4]] = (b << 24) >> 24;
              break done;
            case 34: // MOVSX16
              registers[ops[p + 4]] = (b << 16) >> 16;
              break done;
            case 35: // PUSH
              linear = (registers[ESP] - 4) | 0;
              entry = (linear >>> 10) & tlbMask;
              if ((notFlat & 4) === 0) {
                if (tlb[entry + 1] === (linear & TAG32)) {
                  words[(tlb[entry + 2] | (linear & 0xfff)) >> 2] = b;
                  registers[ESP] = linear;
                  break done;
                }
              }
              cpu.push(b, 4);
              budget -= mmu.penalty;
              mmu.penalty = 0;
              words = pool.words;
              halves = pool.halves;
              bytes = pool.bytes;
              break done;
            case 36: // POP
              linear = registers[ESP];
              entry = (linear >>> 10) & tlbMask;
              if ((notFlat & 4) === 0 && tlb[entry] === (linear & TAG32)) {
                registers[ESP] = linear + 4;
                registers[ops[p + 4]] = words[(tlb[entry + 2] | (linear & 0xfff)) >> 2];
                break done;
              }
              b = cpu.peek(0, 4);
              cpu.stackPointer = cpu.stackPointer + 4;
              registers[ops[p + 4]] = b;
              budget -= mmu.penalty;
              mmu.penalty = 0;
              words = pool.words;
              halves = pool.halves;
              bytes = pool.bytes;
              break done;
            case 38: // CALL_INDIRECT
            case 37: // CALL
              r = (pageLinear + ops[p + 3] + ops[p + 15] - codeBase) | 0;
              a = ops[p]; // the push may void this page's records
              linear = (registers[ESP] - 4) | 0;
              entry = (linear >>> 10) & tlbMask;
              if ((notFlat & 4) === 0 && tlb[entry + 1] === (linear & TAG32)) {
                words[(tlb[entry + 2] | (linear & 0xfff)) >> 2] = r;
                registers[ESP] = linear;
              } else {
                cpu.push(r, 4);
                budget -= mmu.penalty;
                mmu.penalty = 0;
                words = pool.words;
                halves = pool.halves;
                bytes = pool.bytes;
              }
              if (a === 37) break;
              icount++;
              budget -= ops[p + 2] + ops[p + 14];
              eip = b;
              target = (eip + codeBase) | 0;
              if (budget > 0 && (target & ~0xfff) === pageLinear) {
                target = table[target & 0xfff];
                if (target !== 0) {
                  p = target;
                  continue;
                }
              }
              if (budget > 0) continue lookup;
              break lookup;
            case 39: // RET
              linear = registers[ESP];
              entry = (linear >>> 10) & tlbMask;
              if ((notFlat & 4) === 0 && tlb[entry] === (linear & TAG32)) {
                b = words[(tlb[entry + 2] | (linear & 0xfff)) >> 2];
                registers[ESP] = linear + 4 + ops[p + 6];
              } else {
                b = cpu.peek(0, 4);
                cpu.stackPointer = cpu.stackPointer + 4 + ops[p + 6];
                budget -= mmu.penalty;
                mmu.penalty = 0;
                words = pool.words;
                halves = pool.halves;
                bytes = pool.bytes;
              }
              icount++;
              budget -= ops[p + 2];
              eip = b;
              target = (eip + codeBase) | 0;
              if (budget > 0 && (target & ~0xfff) === pageLinear) {
                target = table[target & 0xfff];
                if (target !== 0) {
                  p = target;
                  continue;
                }
              }
              if (budget > 0) continue lookup;
              break lookup;
            case 40: // JMP
              break;
            case 41: // JMP_INDIRECT
              icount++;
              budget -= ops[p + 2] + ops[p + 14];
              eip = b;
              target = (eip + codeBase) | 0;
              if (budget > 0 && (target & ~0xfff) === pageLinear) {
                target = table[target & 0xfff];
                if (target !== 0) {
                  p = target;
                  continue;
                }
              }
              if (budget > 0) continue lookup;
              break lookup;
            case 42: // JCC
              if ((carry ^ (carry << 1)) < 0) break;
              break done;
            case 43: // JCC + 1
              if ((carry ^ (carry << 1)) >= 0) break;
              break done;
            case 44: // JCC + 2
              if (carry < 0) break;
              break done;
            case 45: // JCC + 3
              if (carry >= 0) break;
              break done;
            case 46: // JCC + 4
              if (zero === 0) break;
              break done;
            case 47: // JCC + 5
              if (zero !== 0) break;
              break done;
            case 48: // JCC + 6
              if (carry < 0 || zero === 0) break;
              break done;
            case 49: // JCC + 7
              if (carry >= 0 && zero !== 0) break;
              break done;
            case 50: // JCC + 8
              if (sign < 0) break;
              break done;
            case 51: // JCC + 9
              if (sign >= 0) break;
              break done;
            case 52: // JCC + 10
              if (PARITY[sign & 0xff] !== 0) break;
              break done;
            case 53: // JCC + 11
              if (PARITY[sign & 0xff] === 0) break;
              break done;
            case 54: // JCC + 12
              if ((sign ^ carry ^ (carry << 1)) < 0) break;
              break done;
            case 55: // JCC + 13
              if ((sign ^ carry ^ (carry << 1)) >= 0) break;
              break done;
            case 56: // JCC + 14
              if (zero === 0 || (sign ^ carry ^ (carry << 1)) < 0) break;
              break done;
            case 57: // JCC + 15
              if (zero !== 0 && (sign ^ carry ^ (carry << 1)) >= 0) break;
              break done;
            case 58: // SETCC
              registers8[ops[p + 4]] = condition(ops[p + 6], zero, sign, carry) ? 1 : 0;
              break done;
            case 59: // MODIFY32
              switch (ops[p + 4]) {
                case 0: // ADD
                  zero = sign = r = (a + b) | 0;
                  carry = (a & b) | ((a | b) & ~r);
                  break;
                case 1: // OR
                  zero = sign = r = a | b;
                  carry = 0;
                  break;
                case 2: // ADC
                  zero = sign = r = (a + b + (carry >>> 31)) | 0;
                  carry = (a & b) | ((a | b) & ~r);
                  break;
                case 3: // SBB
                  zero = sign = r = (a - b - (carry >>> 31)) | 0;
                  carry = (~a & b) | ((~a | b) & r);
                  break;
                case 4: // AND
                  zero = sign = r = a & b;
                  carry = 0;
                  break;
                case 5: // SUB
                  zero = sign = r = (a - b) | 0;
                  carry = (~a & b) | ((~a | b) & r);
                  break;
                case 6: // XOR
                  zero = sign = r = a ^ b;
                  carry = 0;
                  break;
                case 9: // INC
                  zero = sign = r = (a + 1) | 0;
                  b = a & ~r;
                  carry = (carry & 0x80000000) | (((carry ^ b ^ (b << 1)) >>> 31) << 30) | (b & 8);
                  break;
                case 10: // DEC
                  zero = sign = r = (a - 1) | 0;
                  b = ~a & r;
                  carry = (carry & 0x80000000) | (((carry ^ b ^ (b << 1)) >>> 31) << 30) | (b & 8);
                  break;
                case 11: // NEG
                  zero = sign = r = -a | 0;
                  carry = a | r;
                  break;
                default:
                  r = ~a;
              }
              if (host >= 0) words[host >> 2] = r;
              else {
                mmu.write32(linear, r);
                budget -= mmu.penalty;
                mmu.penalty = 0;
                words = pool.words;
                halves = pool.halves;
                bytes = pool.bytes;
              }
              break done;
            case 60: // NARROW
              target = ops[p + 4];
              r = ops[p + 13];
              if (target >= 0) a = r === 24 ? registers8[target] : registers16[target];
              else if (target === -2) {
                a = b;
                b = ops[p + 5] < 0 ? ops[p + 6] : r === 24 ? registers8[ops[p + 5]] : registers16[ops[p + 5]];
              }
              entry = ops[p + 12];
              switch (entry) {
                case 0: // ADD
                  zero = a + b;
                  carry = (a & b) | ((a | b) & ~zero);
                  break;
                case 1: // OR
                  zero = a | b;
                  carry = 0;
                  break;
                case 2: // ADC
                  zero = a + b + (carry >>> 31);
                  carry = (a & b) | ((a | b) & ~zero);
                  break;
                case 3: // SBB
                  zero = a - b - (carry >>> 31);
                  carry = (~a & b) | ((~a | b) & zero);
                  break;
                case 4: // AND
                case 8: // TEST
                  zero = a & b;
                  carry = 0;
                  break;
                case 5: // SUB
                case 7: // CMP
                  zero = a - b;
                  carry = (~a & b) | ((~a | b) & zero);
                  break;
                case 6: // XOR
                  zero = a ^ b;
                  carry = 0;
                  break;
                case 9: // INC
                  host = carry;
                  zero = a + 1;
                  carry = a & ~zero;
                  break;
                case 10: // DEC
                  host = carry;
                  zero = a - 1;
                  carry = ~a & zero;
                  break;
                case 11: // NEG
                  zero = -a;
                  carry = a | zero;
                  break;
                default: // NOT changes no flag
                  host = ~a;
              }
              if (entry < 12) {
                carry = (carry << r) | (carry & 8);
                if (entry === 9 || entry === 10) {
                  carry = (host & 0x80000000) | (((host ^ carry ^ (carry << 1)) >>> 31) << 30) | (carry & 8);
                }
                zero = sign = (zero << r) >> r;
                host = zero;
              }
              if (entry !== 7 && entry !== 8) {
                if (target >= 0) {
                  if (r === 24) registers8[target] = host;
                  else registers16[target] = host;
                } else {
                  if (r === 24) mmu.write8(linear, host & 0xff);
                  else mmu.write16(linear, host & 0xffff);
                  budget -= mmu.penalty;
                  mmu.penalty = 0;
                  words = pool.words;
                  halves = pool.halves;
                  bytes = pool.bytes;
                }
              }
              break done;
            case 61: // CDQ
              registers[2] = registers[0] >> 31;
              break done;
            case 62: // CWDE
              registers[0] = (registers[0] << 16) >> 16;
              break done;
            case 63: // NOP
              break done;
            case 64: // MUL
              a = registers[0];
              {
                const product = (a >>> 16) * (b >>> 0);
                const low = (a & 0xffff) * (b >>> 0);
                // product * 2^16 + low, kept below 2^53 in two parts.
                const sum = (product % 0x10000) * 0x10000 + low;
                registers[2] = Math.floor(product / 0x10000) + Math.floor(sum / 0x100000000);
                registers[0] = Math.imul(a, b);
              }
              zero = sign = registers[0];
              carry = registers[2] !== 0 ? 0x80000000 | 0 : 0;
              break done;
            case 65: // LEAVE
              linear = registers[5];
              entry = (linear >>> 10) & tlbMask;
              if ((notFlat & 4) === 0 && tlb[entry] === (linear & TAG32)) {
                b = words[(tlb[entry + 2] | (linear & 0xfff)) >> 2];
                registers[ESP] = linear + 4;
              } else {
                linear = cpu.stack32 ? registers[5] : registers16[10];
                b = cpu.loadLinear(cpu.linear(2, linear, 4, false), 4);
                cpu.stackPointer = linear + 4;
                budget -= mmu.penalty;
                mmu.penalty = 0;
                words = pool.words;
                halves = pool.halves;
                bytes = pool.bytes;
              }
              registers[5] = b;
              break done;
            case 66: // XCHG
              registers[ops[p + 5]] = registers[ops[p + 4]];
              registers[ops[p + 4]] = b;
              break done;
            case 67: // LOOP
              r = (registers[1] - 1) | 0;
              registers[1] = r;
              if (r !== 0) break;
              break done;
            default: {
              // General operation: everything in the processor object.
              cpu.zero = zero;
              cpu.sign = sign;
              cpu.carry = carry;
              const next = (pageLinear + ops[p + 3] + ops[p + 15] - codeBase) | 0;
              cpu.instructionEip = (pageLinear + ops[p + 3] - codeBase) | 0;
              cpu.eip = next;
              cpu.clock.now = sliceEnd - budget;
              cpu.extraCycles = 0;
              cpu.general(ops, p);
              zero = cpu.zero;
              sign = cpu.sign;
              carry = cpu.carry;
              words = pool.words;
              halves = pool.halves;
              bytes = pool.bytes;
              eip = cpu.eip;
              budget -= ops[p + 2] + cpu.extraCycles + mmu.penalty;
              mmu.penalty = 0;
              if (!cpu.repeating) icount++;
              if (cpu.leave || budget <= 0) break lookup;
              if (eip === next) {
                p += RECORD;
                continue;
              }
              continue lookup;
            }
          }

          // ---- Jump to the target of the record ----
          icount++;
          budget -= ops[p + 14];
          if (budget > 0) {
            target = ops[p + 12];
            if (target !== 0) {
              p = target;
              continue;
            }
            eip = (pageLinear + ops[p + 13] - codeBase) | 0;
            target = ops[p + 13];
            if (target >= 0 && target < 4096 && table[target] !== 0) {
              ops[p + 12] = table[target];
              p = table[target];
              continue;
            }
            continue lookup;
          }
          eip = (pageLinear + ops[p + 13] - codeBase) | 0;
          break lookup;
        }
        icount++;
        budget -= ops[p + 2];
        p += RECORD;
        if (budget <= 0) {
          eip = (pageLinear + ops[p + 3] - codeBase) | 0;
          break lookup;
        }
      }
    }
  } catch (error) {
    cpu.zero = zero;
    cpu.sign = sign;
    cpu.carry = carry;
    cpu.eip = p === 0 ? eip : (pageLinear + ops[p + 3] - codeBase) | 0;
    cpu.instructions += icount;
    cpu.clock.now = sliceEnd - budget + mmu.penalty;
    mmu.penalty = 0;
    throw error;
  }
  cpu.zero = zero;
  cpu.sign = sign;
  cpu.carry = carry;
  cpu.eip = eip;
  cpu.instructions += icount;
  cpu.clock.now = sliceEnd - budget;
  return budget;
}
