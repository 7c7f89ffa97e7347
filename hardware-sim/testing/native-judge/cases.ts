/**
 * Random single instructions with inputs for the native judge, and their execution on the simulated processor.
 *
 * A case is an instruction, the registers and flags before it, and the bytes of two memory windows that straddle a page boundary. Templates choose operands
 * so that most accesses fall into the windows; `undefinedFlags` are those the manual leaves undefined for the template, which no judge decides.
 */
import { Clock } from '../../clock.js';
import { Cpu } from '../../cpu/cpu.js';
import { ARITHMETIC_FLAGS, Flag } from '../../cpu/flags.js';
import { I486DX_66 } from '../../cpu/profiles/i486dx-66.js';
import { PhysicalMemory } from '../../memory/physical-memory.js';

export const CODE = 0x10000000;
export const DATA_WINDOW = 0x20000fe0;
export const STACK_WINDOW = 0x30000fc0;
export const DATA_BYTES = 64;
export const STACK_BYTES = 128;

export interface NativeCase {
  readonly name: string;
  readonly code: readonly number[];
  readonly registers: readonly number[];
  readonly flags: number;
  readonly data: readonly number[];
  readonly stack: readonly number[];
  readonly undefinedFlags: number;
}

export interface NativeResult {
  /** 'ok', or what the host's signal says: 'divide', 'invalid', 'fault', 'trap'. */
  readonly outcome: string;
  /** Offset of EIP from CODE; 64 is the branch target. */
  readonly eip: number;
  readonly flags: number;
  readonly registers: readonly number[];
  readonly data: readonly number[];
  readonly stack: readonly number[];
}

/** mulberry32. */
export class Random {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  below(bound: number): number {
    return this.next() % bound;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** Numbers near the edges as often as others. */
  word(): number {
    const edges = [0, 1, 2, -1, -2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000 | 0, 0x10000];
    return this.below(3) === 0 ? this.pick(edges) : this.next() | 0;
  }
}

const { AF, CF, OF, PF, SF, ZF } = Flag;

class Builder {
  code: number[] = [];
  readonly registers: number[];
  flags: number;
  stack: number[];
  data: number[];
  undefinedFlags = 0;
  size = 4;

  constructor(readonly random: Random) {
    this.registers = Array.from({ length: 8 }, () => random.word());
    this.registers[4] = 0x30001000;
    this.flags = (random.next() & ARITHMETIC_FLAGS) | 0x202;
    // Few different bytes, so that the fixture compresses.
    const palette = Array.from({ length: 4 }, () => random.word() & 0xff);
    this.stack = Array.from({ length: STACK_BYTES }, () => random.pick(palette));
    this.data = Array.from({ length: DATA_BYTES }, () => random.pick(palette));
  }

  /** The 66 prefix in a third of the cases. */
  operandSize(): void {
    if (this.random.below(3) === 0) {
      this.code.push(0x66);
      this.size = 2;
    }
  }

  immediate(bytes: number, value = this.random.word()): void {
    for (let at = 0; at < bytes; at++) this.code.push((value >>> (8 * at)) & 0xff);
  }

  /** ModRM with SIB and displacement: a register, or an address in the data window. `fixed` registers keep their values. */
  modrm(reg: number, memoryOnly = false, registerOnly = false, fixed: readonly number[] = []): boolean {
    const { random } = this;
    if (!memoryOnly && (registerOnly || random.below(2) === 0)) {
      this.code.push(0xc0 | (reg << 3) | random.below(8));
      return false;
    }
    const target = DATA_WINDOW + 8 + random.below(DATA_BYTES - 24);
    const free = [0, 1, 2, 3, 5, 6, 7].filter((register) => !fixed.includes(register));
    const form = random.below(4);
    if (form === 0) {
      this.code.push((reg << 3) | 5);
      this.immediate(4, target);
      return true;
    }
    const base = random.pick(free);
    const disp = random.below(2) === 0 ? (random.next() << 24) >> 24 : random.next() | 0;
    const byteDisp = disp >= -128 && disp < 128;
    const mod = byteDisp ? 1 : 2;
    if (form < 3) {
      this.registers[base] = (target - disp) | 0;
      this.code.push((mod << 6) | (reg << 3) | base);
    } else {
      const others = free.filter((register) => register !== base);
      const scale = random.below(4);
      this.code.push((mod << 6) | (reg << 3) | 4);
      if (others.length > 0 && random.below(3) > 0) {
        const index = random.pick(others);
        this.code.push((scale << 6) | (index << 3) | base);
        this.registers[base] = (target - disp - (this.registers[index] << scale)) | 0;
      } else {
        this.code.push((scale << 6) | 0x20 | base);
        this.registers[base] = (target - disp) | 0;
      }
    }
    this.immediate(byteDisp ? 1 : 4, disp);
    return true;
  }
}

type Template = (b: Builder) => void;

const templates: Record<string, Template> = {
  alu: (b) => {
    const { random } = b;
    const alu = random.below(8);
    const wide = random.below(2);
    if (wide) b.operandSize();
    const form = random.below(4);
    if ([1, 4, 6].includes(alu)) b.undefinedFlags = AF;
    if (form < 2) {
      b.code.push((alu << 3) | (form << 1) | wide);
      b.modrm(random.below(8));
    } else if (form === 2) {
      b.code.push((alu << 3) | 4 | wide);
      b.immediate(wide ? b.size : 1);
    } else {
      const byteForm = wide && random.below(2);
      b.code.push(wide ? (byteForm ? 0x83 : 0x81) : 0x80);
      b.modrm(alu);
      b.immediate(wide && !byteForm ? b.size : 1);
    }
  },
  test: (b) => {
    b.undefinedFlags = AF;
    const wide = b.random.below(2);
    if (wide) b.operandSize();
    const form = b.random.below(3);
    if (form === 0) {
      b.code.push(0x84 | wide);
      b.modrm(b.random.below(8));
    } else if (form === 1) {
      b.code.push(0xa8 | wide);
      b.immediate(wide ? b.size : 1);
    } else {
      b.code.push(0xf6 | wide);
      b.modrm(b.random.below(2));
      b.immediate(wide ? b.size : 1);
    }
  },
  unary: (b) => {
    const wide = b.random.below(2);
    if (wide) b.operandSize();
    const kind = b.random.below(5);
    if (kind < 2) {
      b.code.push(0xfe | wide);
      b.modrm(kind);
    } else if (kind < 4) {
      b.code.push(0xf6 | wide);
      b.modrm(kind);
    } else {
      if (!wide) b.operandSize();
      b.code.push(0x40 + b.random.below(16));
    }
  },
  shift: (b) => {
    const wide = b.random.below(2);
    if (wide) b.operandSize();
    const kind = b.random.below(8);
    const form = b.random.below(3);
    const bits = wide ? b.size * 8 : 8;
    b.code.push([0xd0, 0xd2, 0xc0][form] | wide);
    let count = b.random.below(2) === 0 ? b.random.below(40) : b.random.below(bits);
    if (form === 1) b.registers[1] = (b.registers[1] & ~0xff) | count;
    b.modrm(kind, false, false, [1]);
    if (form === 2) b.immediate(1, count);
    if (form === 0) count = 1;
    else count = form === 1 ? b.registers[1] & 31 : count & 31;
    if (count !== 0) {
      if (kind >= 4) b.undefinedFlags |= AF;
      if (count !== 1) b.undefinedFlags |= OF;
      if ((kind === 4 || kind === 6 || kind === 5) && count >= bits) b.undefinedFlags |= CF;
    }
  },
  doubleShift: (b) => {
    b.operandSize();
    const right = b.random.below(2) * 8;
    const byCl = b.random.below(2);
    b.code.push(0x0f, 0xa4 | right | byCl);
    let count = b.random.below(b.size * 8 + 1);
    if (byCl) b.registers[1] = (b.registers[1] & ~0xff) | count;
    b.modrm(b.random.below(8), false, false, [1]);
    if (!byCl) b.immediate(1, count);
    count &= 31;
    if (count !== 0) b.undefinedFlags = AF | (count === 1 ? 0 : OF);
  },
  multiply: (b) => {
    b.undefinedFlags = SF | ZF | AF | PF;
    const form = b.random.below(4);
    if (form < 2) {
      const wide = b.random.below(2);
      if (wide) b.operandSize();
      b.code.push(0xf6 | wide);
      b.modrm(4 + form);
    } else if (form === 2) {
      b.operandSize();
      b.code.push(0x0f, 0xaf);
      b.modrm(b.random.below(8));
    } else {
      b.operandSize();
      const byteForm = b.random.below(2);
      b.code.push(byteForm ? 0x6b : 0x69);
      b.modrm(b.random.below(8));
      b.immediate(byteForm ? 1 : b.size);
    }
  },
  divide: (b) => {
    b.undefinedFlags = ARITHMETIC_FLAGS;
    const wide = b.random.below(2);
    if (wide) b.operandSize();
    if (b.random.below(3) > 0) b.registers[2] = b.random.below(2) === 0 ? b.random.below(1000) : b.registers[0] >> 31;
    if (!wide) b.registers[0] = b.random.below(0x4000);
    b.code.push(0xf6 | wide);
    b.modrm(6 + b.random.below(2), false, false, [0, 2]);
  },
  exchange: (b) => {
    const wide = b.random.below(2);
    if (wide) b.operandSize();
    const form = b.random.below(4);
    if (form === 0) b.code.push(0x90 + b.random.below(8));
    else if (form === 1) {
      b.code.push(0x86 | wide);
      b.modrm(b.random.below(8));
    } else {
      b.code.push(0x0f, (form === 2 ? 0xb0 : 0xc0) | wide);
      b.modrm(b.random.below(8), false, false, [0]);
    }
  },
  bits: (b) => {
    b.operandSize();
    const form = b.random.below(4);
    b.undefinedFlags = form < 2 ? OF | SF | AF | PF : OF | SF | AF | PF | CF;
    const op = b.random.below(4);
    if (form === 0) {
      b.code.push(0x0f, 0xba);
      b.modrm(4 + op);
      b.immediate(1);
    } else if (form === 1) {
      const register = b.random.below(8);
      if (register !== 4) b.registers[register] = b.random.below(64) - 32;
      b.code.push(0x0f, 0xa3 | (op << 3));
      b.modrm(register, false, register === 4, [register]);
    } else {
      b.code.push(0x0f, 0xbc | (form & 1));
      b.modrm(b.random.below(8));
    }
  },
  move: (b) => {
    const { random } = b;
    const form = random.below(7);
    const wide = random.below(2);
    if (wide || form === 4 || form === 5) b.operandSize();
    if (form < 2) {
      b.code.push(0x88 | (form << 1) | wide);
      b.modrm(random.below(8));
    } else if (form === 2) {
      b.code.push(0xc6 | wide);
      b.modrm(0);
      b.immediate(wide ? b.size : 1);
    } else if (form === 3) {
      b.code.push((wide ? 0xb8 : 0xb0) + random.below(8));
      b.immediate(wide ? b.size : 1);
    } else if (form === 4) {
      b.code.push(0x0f, random.pick([0xb6, 0xb7, 0xbe, 0xbf]));
      b.modrm(random.below(8));
    } else if (form === 5) {
      b.code.push(0x8d);
      b.modrm(random.below(8), true);
    } else {
      b.code.push(random.pick([0xa0, 0xa2]) | wide);
      b.immediate(4, DATA_WINDOW + random.below(60));
    }
  },
  convert: (b) => {
    b.operandSize();
    b.code.push(b.random.pick([0x98, 0x99, 0x9e, 0x9f, 0xf5, 0xf8, 0xf9, 0xfc]));
  },
  decimal: (b) => {
    const op = b.random.pick([0x27, 0x2f, 0x37, 0x3f, 0xd4, 0xd5]);
    b.code.push(op);
    if (op >= 0xd4) {
      b.immediate(1, b.random.pick([10, 10, 16, 7, b.random.below(256)]));
      b.undefinedFlags = OF | AF | CF;
    } else b.undefinedFlags = op < 0x30 ? OF : OF | SF | ZF | PF;
  },
  setCondition: (b) => {
    b.code.push(0x0f, 0x90 + b.random.below(16));
    b.modrm(0);
  },
  swap: (b) => {
    b.code.push(0x0f, 0xc8 + b.random.below(8));
  },
  branch: (b) => {
    const form = b.random.below(6);
    if (form === 0) {
      b.code.push(0x70 + b.random.below(16), 64 - 2);
    } else if (form === 1) {
      b.code.push(0x0f, 0x80 + b.random.below(16));
      b.immediate(4, 64 - 6);
    } else if (form === 2) {
      b.registers[1] = b.random.pick([0, 1, 2, -1]);
      b.code.push(0xe0 + b.random.below(4), 64 - 2);
    } else if (form === 3) {
      b.code.push(0xe8);
      b.immediate(4, 64 - 5);
    } else if (form === 4) {
      const register = b.random.pick([0, 1, 2, 3, 5, 6, 7]);
      b.registers[register] = CODE + 64;
      b.code.push(0xff, 0xc0 | (b.random.pick([2, 4]) << 3) | register);
    } else {
      const at = 0x30001000 - STACK_WINDOW;
      b.stack.splice(at, 4, 64, 0, 0, CODE >>> 24);
      const release = b.random.below(2);
      b.code.push(release ? 0xc2 : 0xc3);
      if (release) b.immediate(2, 8);
    }
  },
  stack: (b) => {
    const form = b.random.below(9);
    if (b.random.below(3) === 0) b.registers[4] += b.random.pick([1, 2, 3]);
    b.operandSize();
    if (form === 0) b.code.push(0x50 + b.random.below(16));
    else if (form === 1) {
      b.code.push(0x68);
      b.immediate(b.size);
    } else if (form === 2) b.code.push(0x6a, b.random.below(256));
    else if (form === 3) {
      b.code.push(0xff);
      b.modrm(6);
    } else if (form === 4) {
      b.code.push(0x8f);
      b.modrm(0);
    } else if (form === 5) b.code.push(b.random.pick([0x60, 0x61]));
    else if (form === 6) b.code.push(0x9c);
    else if (form === 7) {
      b.registers[5] = STACK_WINDOW + 16 + b.random.below(80);
      b.code.push(0xc9);
    } else {
      b.registers[5] = STACK_WINDOW + 40 + b.random.below(60);
      b.code.push(0xc8);
      b.immediate(2, b.random.below(16));
      b.code.push(b.random.below(4));
    }
  },
  string: (b) => {
    const wide = b.random.below(2);
    if (wide) b.operandSize();
    const repeat = b.random.below(3);
    if (repeat > 0) b.code.push(0xf1 + repeat);
    if (b.random.below(3) === 0) b.flags |= Flag.DF;
    b.registers[1] = b.random.below(5);
    b.registers[6] = DATA_WINDOW + 20 + b.random.below(24);
    b.registers[7] = DATA_WINDOW + 20 + b.random.below(24);
    // Few values, so that comparisons meet equals.
    b.data = b.data.map((byte) => byte & 1);
    b.registers[0] = b.random.pick([0, 1, 0x0101, 0x01010101, 0x01000100]);
    b.code.push(b.random.pick([0xa4, 0xa6, 0xaa, 0xac, 0xae]) | wide);
  },
  translate: (b) => {
    b.registers[3] = DATA_WINDOW;
    b.registers[0] = (b.registers[0] & ~0xff) | b.random.below(64);
    b.code.push(0xd7);
  },
  address16: (b) => {
    // Only instructions that compute such addresses or counts without using them: low memory belongs to the host.
    const form = b.random.below(3);
    if (form === 0) {
      b.operandSize();
      const mod = b.random.below(3);
      const rm = b.random.below(8);
      b.code.push(0x67, 0x8d, (mod << 6) | (b.random.below(8) << 3) | rm);
      b.immediate(mod === 1 ? 1 : mod === 2 || rm === 6 ? 2 : 0);
    } else {
      b.registers[1] = (b.registers[1] & ~0xffff) | b.random.pick([0, 1, 2, 0xffff]);
      b.code.push(0x67, 0xe0 + b.random.below(4), 64 - 3);
    }
  },
  checks: (b) => {
    if (b.random.below(2) === 0) {
      b.code.push(0x63);
      b.modrm(b.random.below(8));
      return;
    }
    b.operandSize();
    const register = b.random.below(4);
    b.registers[register] = b.random.below(4) - 1;
    b.data = b.data.map((_, at) => (at % 4 === 0 ? b.random.below(4) : 0));
    b.code.push(0x62, (register << 3) | 5);
    b.immediate(4, DATA_WINDOW + 4 * b.random.below(14));
  },
  override: (b) => {
    b.code.push(b.random.pick([0x26, 0x36, 0x3e]));
    b.operandSize();
    b.code.push(b.random.pick([0x01, 0x03, 0x31, 0x89, 0x8b]));
    b.modrm(b.random.below(8), true);
  },
  wild: (b) => {
    // Faults in the middle of memory forms: nothing may have changed.
    b.operandSize();
    b.code.push(b.random.pick([0x01, 0x03, 0x89, 0x8b, 0xff, 0x87, 0x8f]));
    b.code.push(0x05 | (b.random.pick([0, 1, 6]) << 3));
    b.immediate(4, b.random.pick([0x20001ffe, 0x20001ffd, 0x1fffffff, 0x40000000]));
  },
};

const NAMES = Object.keys(templates);

export function randomCase(random: Random, name = random.pick(NAMES)): NativeCase {
  const builder = new Builder(random);
  templates[name](builder);
  return {
    name,
    code: builder.code,
    registers: builder.registers,
    flags: builder.flags,
    data: builder.data,
    stack: builder.stack,
    undefinedFlags: builder.undefinedFlags,
  };
}

/** A simulated processor with exactly the pages of the judge mapped, for user and supervisor alike. */
export class SimulatedJudge {
  private readonly memory = new PhysicalMemory(64 * 4096);
  readonly cpu: Cpu;

  constructor() {
    const bus = {
      portRead: () => 0xffffffff,
      portWrite: () => {},
      interruptPending: false,
      acknowledgeInterrupt: () => 0,
    };
    this.cpu = new Cpu(this.memory, bus, new Clock(), I486DX_66);
    // Directory in page 1; tables in pages 2 to 4; areas of two pages each from page 8 on.
    [CODE, 0x20000000, 0x30000000].forEach((area, at) => {
      this.memory.write32(0x1000 + (area >>> 22) * 4, (0x2000 + at * 0x1000) | 7);
      for (let page = 0; page < 2; page++) {
        this.memory.write32(0x2000 + at * 0x1000 + page * 4, ((8 + 2 * at + page) << 12) | 7);
      }
    });
    // mov cr3, eax; mov cr0, ebx at physical 0x10000000 is unreachable without paging, so the switch runs from page 20.
    this.memory.write32(0x2000 + 4 * 20, (20 << 12) | 7);
  }

  run(testCase: NativeCase): NativeResult {
    const { cpu, memory } = this;
    const data = 10 * 4096 + 0xfe0;
    const stack = 12 * 4096 + 0xfc0;
    memory.writeBytes(8 * 4096, Uint8Array.from([...testCase.code, ...new Array<number>(80).fill(0x90)]));
    memory.writeBytes(data, Uint8Array.from(testCase.data));
    memory.writeBytes(stack, Uint8Array.from(testCase.stack));
    cpu.enterProtectedMode({ eip: CODE, eax: 0, ebx: 0 });
    const state = cpu.saveState();
    cpu.restoreState({
      ...state,
      registers: testCase.registers,
      eflags: testCase.flags,
      idtr: { base: 0, limit: 0 },
      control: [0x80010011 | 0, 0, 0x1000],
    });
    const before = cpu.instructions;
    const stop = cpu.run(Infinity, before + 1);
    const outcome =
      stop.kind === 'limit' ? 'ok' : stop.kind === 'triple-fault' ? outcomeOfVector(stop.vector) : stop.kind;
    return {
      outcome,
      eip: cpu.eip - CODE,
      flags: cpu.eflags,
      registers: Array.from(cpu.registers.subarray(0, 8)),
      data: Array.from(memory.readBytes(data, DATA_BYTES)),
      stack: Array.from(memory.readBytes(stack, STACK_BYTES)),
    };
  }
}

function outcomeOfVector(vector: number): string {
  return vector === 0 ? 'divide' : vector === 6 ? 'invalid' : vector === 3 || vector === 1 ? 'trap' : 'fault';
}

/** The first difference in words, or undefined. */
export function difference(testCase: NativeCase, expected: NativeResult, found: NativeResult): string | undefined {
  const hex = (value: number): string => (value >>> 0).toString(16);
  if (expected.outcome !== found.outcome) return `outcome ${found.outcome}, the processor says ${expected.outcome}`;
  if (expected.outcome === 'ok' && expected.eip !== found.eip)
    return `eip +${found.eip}, the processor says +${expected.eip}`;
  for (let register = 0; register < 8; register++) {
    if (expected.registers[register] !== found.registers[register]) {
      const name = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'][register];
      return `${name} ${hex(found.registers[register])}, the processor says ${hex(expected.registers[register])}`;
    }
  }
  for (const area of ['data', 'stack'] as const) {
    const at = expected[area].findIndex((byte, index) => byte !== found[area][index]);
    if (at >= 0) return `${area}[${at}] ${hex(found[area][at])}, the processor says ${hex(expected[area][at])}`;
  }
  const mask = (ARITHMETIC_FLAGS | Flag.DF) & ~(expected.outcome === 'ok' ? testCase.undefinedFlags : ARITHMETIC_FLAGS);
  if (((expected.flags ^ found.flags) & mask) !== 0) {
    return `flags ${hex(found.flags & mask)}, the processor says ${hex(expected.flags & mask)}`;
  }
  return undefined;
}
