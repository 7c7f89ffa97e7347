/**
 * Runs a small guest through every path of the hot loop before the first real one.
 *
 * The host's compiler optimises `execute` for the paths it has seen and throws the code away when it meets a new one. A kernel meets them one by one
 * over its first seconds, and each time the loop falls back to a tenth of its speed. A few milliseconds here show all paths at once, with
 * numbers of the sizes that come later. It has no effect on any machine.
 */
import { Clock } from '../clock.js';
import { PhysicalMemory } from '../memory/physical-memory.js';
import type { Bus } from './bus.js';
import type { Cpu } from './cpu.js';
import type { CpuProfile } from './profiles/profile.js';

const GDT = 0x1000;
const IDT = 0x2000;
const DIRECTORY = 0x3000;
const TABLE = 0x4000;
const STACK = 0x6000;
const CODE = 0x10000;
const ROUTINE = 0x14000;
const HANDLER = 0x18000;
const DATA = 0x20000;
const ROUNDS = 10;

function le32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
}

/** The operand forms of an opcode with ModRM: register, aligned, misaligned, byte-odd, and through the limited segment FS. */
function forms(
  prefix: readonly number[],
  opcode: readonly number[],
  reg: number,
  immediate: readonly number[] = [],
): number[] {
  const memory = (reg << 3) | 5;
  const all: number[] = [...prefix, ...opcode, 0xc0 | (reg << 3) | 2, ...immediate];
  for (const address of [DATA, DATA + 1, DATA + 0x1ffe]) {
    all.push(...prefix, ...opcode, memory, ...le32(address), ...immediate);
  }
  all.push(0x64, ...prefix, ...opcode, memory, ...le32(DATA + 8), ...immediate);
  return all;
}

/** The guest's code, an endless loop. */
export function warmUpProgram(): number[] {
  const code: number[] = [];
  const emit = (...bytes: number[]): void => void code.push(...bytes);
  emit(0x05, ...le32(0x31234567)); // add eax: other flags each round
  for (let condition = 0; condition < 16; condition++) {
    emit(0x70 + condition, 0, 0x0f, 0x90 + condition, 0xc1); // jcc +0; setcc cl
  }
  for (let alu = 0; alu < 8; alu++) {
    for (const prefix of [[], [0x66]]) {
      emit(
        ...forms(prefix, [(alu << 3) | 1], 0),
        ...forms(prefix, [(alu << 3) | 3], 0),
        ...forms(prefix, [0x83], alu, [5]),
      );
    }
    emit(...forms([], [alu << 3], 0), ...forms([], [(alu << 3) | 2], 0), ...forms([], [0x80], alu, [5]));
  }
  for (const reg of [0, 1]) emit(...forms([], [0xff], reg), ...forms([], [0xfe], reg), ...forms([0x66], [0xff], reg)); // inc, dec
  for (const reg of [2, 3]) emit(...forms([], [0xf7], reg), ...forms([], [0xf6], reg), ...forms([0x66], [0xf7], reg)); // not, neg
  emit(...forms([], [0xf7], 0, le32(5)), ...forms([], [0xf6], 0, [5]), ...forms([], [0x85], 0)); // test
  for (const opcode of [0x88, 0x89, 0x8a, 0x8b]) emit(...forms([], [opcode], 1), ...forms([0x66], [opcode], 1)); // mov
  emit(...forms([], [0xc7], 0, le32(7)), ...forms([], [0xc6], 0, [7]), ...forms([0x66], [0xc7], 0, [7, 0]));
  for (const opcode of [0xb6, 0xb7, 0xbe, 0xbf, 0xaf]) emit(...forms([], [0x0f, opcode], 1)); // movzx, movsx, imul
  emit(0x6b, 0xca, 3, 0xf7, 0xe2, 0x8d, 0x4c, 0x8a, 4, 0x87, 0xca, 0x99, 0x98, 0x90); // imul, mul, lea, xchg, cdq, cwde, nop
  for (const shift of [0, 1, 4, 5, 7]) {
    emit(0xc1, 0xc0 | (shift << 3) | 2, 3, 0xd3, 0xc0 | (shift << 3) | 2, 0xc1, 0xc0 | (shift << 3) | 2, 0);
  }
  for (const misalign of [false, true]) {
    if (misalign) emit(0x44); // inc esp
    emit(0x50, 0x6a, 1, 0xff, 0x35, ...le32(DATA), 0x59, 0x59, 0x59, 0x8b, 0xec, 0x55, 0xc9, 0x55, 0x5d); // push, pop, leave
    const call = (): number[] => le32(ROUTINE - CODE - code.length - 5);
    emit(0xe8, ...call(), 0xb9, ...le32(ROUTINE), 0xff, 0xd1); // call, call ecx
    emit(0xe8, 1, 0, 0, 0, 0x90, 0x59); // call inside the page; pop ecx
    if (misalign) emit(0x4c);
  }
  emit(0xb9, ...le32(3), 0xe2, 0xfe, 0xeb, 0, 0xb9, ...le32(CODE + code.length + 16), 0xff, 0xe1); // loop, jmp, jmp ecx
  while (code.length % 16 !== 0) emit(0x90);
  emit(0xb9, ...le32(CODE + code.length + 7), 0xff, 0xe1); // jmp ecx, to the next instruction
  emit(0xbf, ...le32(DATA), 0xbe, ...le32(DATA + 0x800), 0xb9, ...le32(20), 0xf3, 0xa5, 0xb1, 9, 0xf3, 0xaa, 0xaa); // strings
  emit(0x9c, 0xfa, 0x9d, 0xe6, 0x80, 0xe4, 0x80, 0xfc, 0xfb, 0x90); // pushf, cli, popf, ports, cld, sti
  emit(0x31, 0xc9, 0xe0, 0, 0xe3, 0, 0x0f, 0xa4, 0xc2, 5, 0xb9, 7, 0, 0, 0, 0x31, 0xd2, 0xf7, 0xf1); // loopne, jecxz, shld, div
  emit(0x0f, 0x0b, 0xcd, 0x80); // ud2 and int: the handler goes on
  emit(0x0f, 0x01, 0x3d, ...le32(DATA), 0x0f, 0x20, 0xd9, 0x0f, 0x22, 0xd9); // invlpg, reload cr3
  emit(0xc6, 0x05, ...le32(CODE + code.length + 8), 3, 0x83, 0xc2, 3); // change the constant of the next instruction
  emit(0xe9, ...le32(-code.length - 5));
  return code;
}

export function warmUp(
  create: (memory: PhysicalMemory, bus: Bus, clock: Clock, profile: CpuProfile) => Cpu,
  profile: CpuProfile,
): void {
  const memory = new PhysicalMemory(1 << 20);
  const clock = new Clock();
  const bus = { portRead: () => 0xff, portWrite: () => {}, interruptPending: false, acknowledgeInterrupt: () => 0x80 };
  const cpu = create(memory, bus, clock, profile);
  memory.write32(GDT + 8, 0x0000ffff);
  memory.write32(GDT + 12, 0x00cf9b00);
  for (const vector of [6, 0x80]) {
    const handler = vector === 6 ? HANDLER : HANDLER + 16;
    memory.write32(IDT + vector * 8, (0x08 << 16) | (handler & 0xffff));
    memory.write32(IDT + vector * 8 + 4, (handler & 0xffff0000) | 0x8e00);
  }
  memory.writeBytes(HANDLER, Uint8Array.from([0x83, 0x04, 0x24, 2, 0xcf])); // add dword [esp], 2; iretd
  memory.writeBytes(HANDLER + 16, Uint8Array.from([0xcf]));
  // The routine ends in an instruction that crosses its page: it begins with a jump there.
  memory.writeBytes(ROUTINE, Uint8Array.from([0xe9, ...le32(0x1000 - 2 - 5)]));
  memory.writeBytes(ROUTINE + 0x1000 - 2, Uint8Array.from([0x81, 0xc2, ...le32(0x01020304), 0xc3])); // add edx, imm; ret
  memory.write32(DIRECTORY, TABLE | 7);
  for (let page = 0; page < 256; page++) memory.write32(TABLE + 4 * page, (page << 12) | 7);
  memory.writeBytes(CODE, Uint8Array.from(warmUpProgram()));

  // Cycle and instruction counts beyond 32 bits, as in any long run.
  const late = 2 ** 40;
  clock.restoreState({ now: late, sequence: 0, events: [] });
  const state = cpu.saveState();
  const limited = { selector: 0x10, base: 0, limit: 0xfffff, access: 0x4093 };
  cpu.restoreState({
    ...state,
    registers: [0x7fffffff, 0, 0, 0, STACK, STACK - 64, 0, 0],
    segments: state.segments.map((segment, number) => (number === 4 ? limited : segment)),
    gdtr: { base: GDT, limit: 15 },
    idtr: { base: IDT, limit: 0x7ff },
    control: [0x80010011 | 0, -1, DIRECTORY],
    instructions: late,
    eip: CODE,
    eflags: 0x202,
  });
  clock.register('line', () => {
    bus.interruptPending = true;
  });
  bus.acknowledgeInterrupt = () => {
    bus.interruptPending = false;
    return 0x80;
  };
  const perRound = 4000;
  for (let round = 0; round < ROUNDS; round++) {
    clock.schedule(clock.now + 700 + round, 'line');
    const stop = cpu.run(clock.now + perRound);
    if (stop.kind !== 'limit') throw new Error(`cpu: the warm-up guest stopped: ${JSON.stringify(stop)}`);
  }
  memory.dispose();
}
