/** Exceptions, privilege and interrupts. Expectations from the Intel 486 Programmer's Reference Manual, chapters 5, 6 and 9. */
import { describe, expect, it } from 'vitest';
import { CODE, GDT, HANDLERS, le32, RING0_STACK, STACK, TestGuest, TSS } from '../testing/test-guest.js';

const HLT = 0xf4;
const NOP = 0x90;

describe('exceptions carry the right vector, error code and address', () => {
  const cases: {
    name: string;
    code: number[];
    vector: number;
    error?: number;
    offset: number;
    set?: (guest: TestGuest) => void;
  }[] = [
    { name: 'division by zero', code: [NOP, 0xf7, 0xf1], vector: 0, offset: 1 },
    { name: 'INT3 returns behind itself', code: [0xcc], vector: 3, offset: 1 },
    { name: 'INTO with OF', code: [0xb0, 0x7f, 0x04, 0x01, 0xce], vector: 4, offset: 5 },
    { name: 'UD2', code: [0x0f, 0x0b], vector: 6, offset: 0 },
    { name: 'LOCK before a register form', code: [0xf0, 0x01, 0xc8], vector: 6, offset: 0 },
    { name: 'x87 without FPU', code: [0xd9, 0xc0], vector: 6, offset: 0 },
    {
      name: 'x87 with CR0.EM',
      code: [0x0f, 0x20, 0xc0, 0x0c, 0x04, 0x0f, 0x22, 0xc0, 0xd9, 0xc0],
      vector: 7,
      offset: 8,
    },
    {
      name: 'sixteen bytes of prefixes',
      code: [...new Array<number>(15).fill(0x66), NOP],
      vector: 13,
      error: 0,
      offset: 0,
    },
    {
      name: 'selector beyond the GDT',
      code: [0xb8, 0x03, 0x10, 0, 0, 0x8e, 0xd8],
      vector: 13,
      error: 0x1000,
      offset: 5,
    },
    { name: 'null selector into SS', code: [0x31, 0xc0, 0x8e, 0xd0], vector: 13, error: 0, offset: 2 },
    {
      name: 'absent data segment',
      code: [0xb8, 0x30, 0, 0, 0, 0x8e, 0xd8],
      vector: 11,
      error: 0x30,
      offset: 5,
      set: (guest) => guest.descriptor(6, 0, 0xfffff, 0xc013),
    },
    {
      name: 'absent stack segment',
      code: [0xb8, 0x30, 0, 0, 0, 0x8e, 0xd0],
      vector: 12,
      error: 0x30,
      offset: 5,
      set: (guest) => guest.descriptor(6, 0, 0xfffff, 0xc013),
    },
    {
      name: 'access through a null segment',
      code: [0x31, 0xc0, 0x8e, 0xd8, 0xa1, 0, 0, 0, 0],
      vector: 13,
      error: 0,
      offset: 4,
    },
    {
      name: 'beyond a limit',
      code: [0xb8, 0x30, 0, 0, 0, 0x8e, 0xd8, 0xa1, 0xfd, 0x0f, 0, 0],
      vector: 13,
      error: 0,
      offset: 7,
      set: (guest) => guest.descriptor(6, 0, 0xfff, 0x4093),
    },
    {
      name: 'below the limit of an expand-down segment',
      code: [0xb8, 0x30, 0, 0, 0, 0x8e, 0xd8, 0xa1, 0xfc, 0x0f, 0, 0],
      vector: 13,
      error: 0,
      offset: 7,
      set: (guest) => guest.descriptor(6, 0, 0xfff, 0x4097),
    },
    {
      name: 'write to a read-only segment',
      code: [0xb8, 0x30, 0, 0, 0, 0x8e, 0xd8, 0xa3, 0, 0, 0, 0],
      vector: 13,
      error: 0,
      offset: 7,
      set: (guest) => guest.descriptor(6, 0, 0xfff, 0x4091),
    },
    { name: 'write through CS', code: [0x2e, 0xa3, 0, 0, 1, 0], vector: 13, error: 0, offset: 0 },
    {
      name: 'BOUND',
      code: [
        0xb8, 5, 0, 0, 0, 0xc7, 0x05, 0, 0x70, 0, 0, 1, 0, 0, 0, 0xc7, 0x05, 4, 0x70, 0, 0, 4, 0, 0, 0, 0x62, 0x05, 0,
        0x70, 0, 0,
      ],
      vector: 5,
      offset: 25,
    },
  ];
  it.each(cases)('$name', ({ code, vector, error, offset, set }) => {
    const guest = new TestGuest();
    set?.(guest);
    guest.run(code);
    const frame = guest.exception();
    expect(frame.vector).toBe(vector);
    const words = error === undefined ? frame.words : frame.words.slice(1);
    if (error !== undefined) expect(frame.words[0]).toBe(error);
    expect(words[0]).toBe(CODE + offset);
    expect(words[1]).toBe(0x08);
    expect(guest.cpu.registers[4]).toBe(STACK - (error === undefined ? 12 : 16));
  });

  it('an expand-down segment allows addresses above its limit', () => {
    const guest = new TestGuest();
    guest.descriptor(6, 0, 0xfff, 0x4097);
    guest.memory.write32(0x7000, 0xcafe);
    guest.run([0xb8, 0x30, 0, 0, 0, 0x8e, 0xd8, 0xa1, 0x00, 0x70, 0, 0, HLT]);
    expect(guest.cpu.registers[0]).toBe(0xcafe);
  });

  it('a fault in the handler of a contributory exception is a double fault', () => {
    const guest = new TestGuest();
    guest.gate(0, 0x700, HANDLERS, 0x8e);
    guest.descriptor(0xe0, 0, 0, 0);
    guest.run([0xf7, 0xf1]);
    const frame = guest.exception();
    expect(frame.vector).toBe(8);
    expect(frame.words.slice(0, 3)).toEqual([0, CODE, 0x08]);
  });

  it('a fault in the double fault handler stops the processor', () => {
    const guest = new TestGuest();
    guest.gate(0, 0x700, HANDLERS, 0x8e);
    guest.gate(8, 0x700, HANDLERS, 0x8e);
    expect(guest.run([0xf7, 0xf1])).toEqual({ kind: 'triple-fault', eip: CODE, vector: 0 });
    expect(guest.cpu.run(guest.clock.now + 1000).kind).toBe('triple-fault');
  });

  it('a not-present gate reports its vector as IDT error code', () => {
    const guest = new TestGuest();
    guest.gate(0x40, 0x08, HANDLERS, 0x0e);
    guest.run([0xcd, 0x40]);
    expect(guest.exception()).toMatchObject({ vector: 11 });
    expect(guest.exception().words[0]).toBe(0x40 * 8 + 2);
  });

  it('names what it does not model', () => {
    const feature = (set: (guest: TestGuest) => void, code: number[]): string => {
      const guest = new TestGuest();
      set(guest);
      const stop = guest.run(code);
      return stop.kind === 'unsupported' ? stop.feature : stop.kind;
    };
    expect(feature((guest) => guest.gate(0x40, 0x28, 0, 0x85), [0xcd, 0x40])).toBe('task gate');
    expect(feature(() => {}, [0x0f, 0x20, 0xc0, 0x24, 0xfe, 0x0f, 0x22, 0xc0])).toBe('real mode (CR0.PE cleared)');
    const virtual8086 = [0x68, ...le32(0x20002), 0x6a, 8, 0x68, ...le32(CODE), 0xcf];
    expect(feature(() => {}, virtual8086)).toBe('virtual-8086 mode');
    const taskSwitch = feature((guest) => guest.descriptor(5, TSS, 0x67, 0x0089), [0xea, 0, 0, 0, 0, 0x28, 0]);
    expect(taskSwitch).toBe('task switch by a far transfer');
    expect(feature(() => {}, [0x6a, 1, 0x58, 0x0f, 0x23, 0xf8])).toContain('DR7');
  });
});

describe('privilege levels', () => {
  /** push ss, esp, eflags, cs, eip of ring 3; iretd. */
  const toUser = [
    0x6a,
    0x23,
    0x68,
    ...le32(0x7800),
    0x68,
    ...le32(0x202),
    0x6a,
    0x1b,
    0x68,
    ...le32(CODE + 0x100),
    0xcf,
  ];

  it('IRET goes to ring 3 and an interrupt gate comes back on the ring 0 stack', () => {
    const guest = new TestGuest();
    guest.gate(0x80, 0x08, HANDLERS + 0x800, 0xee);
    guest.load([NOP, 0xcd, 0x80], CODE + 0x100);
    guest.run(toUser);
    const frame = guest.exception();
    expect(frame.vector).toBe(0x80);
    expect(frame.words.slice(0, 5)).toEqual([CODE + 0x103, 0x1b, 0x202, 0x7800, 0x23]);
    expect(guest.cpu.registers[4]).toBe(RING0_STACK - 20);
    expect(guest.cpu.saveState()).toMatchObject({ cpl: 0 });
    expect(guest.cpu.eflags & 0x200).toBe(0);
  });

  it('IRET to ring 3 makes ring 0 data segments null', () => {
    const guest = new TestGuest();
    guest.load([0xa1, 0, 0x70, 0, 0], CODE + 0x100);
    guest.run(toUser);
    expect(guest.exception()).toMatchObject({ vector: 13 });
    expect(guest.cpu.saveState().segments[3].selector).toBe(0);
  });

  const forbidden: { name: string; code: number[]; error: number; pushed?: number }[] = [
    { name: 'HLT', code: [HLT], error: 0 },
    { name: 'CLI', code: [0xfa], error: 0 },
    { name: 'LGDT', code: [0x0f, 0x01, 0x15, 0, 0, 0, 0], error: 0 },
    { name: 'MOV CR0', code: [0x0f, 0x20, 0xc0], error: 0 },
    { name: 'INVLPG', code: [0x0f, 0x01, 0x38], error: 0 },
    { name: 'OUT', code: [0xe6, 0x80], error: 0 },
    { name: 'INT through a ring 0 gate', code: [0xcd, 0x50], error: 0x50 * 8 + 2 },
    { name: 'a ring 0 data segment', code: [0x6a, 0x10, 0x1f], error: 0x10, pushed: 4 },
    { name: 'a far jump to ring 0 code', code: [0xea, 0, 0, 1, 0, 0x08, 0], error: 0x08 },
  ];
  it.each(forbidden)('ring 3 must not: $name', ({ code, error, pushed = 0 }) => {
    const guest = new TestGuest();
    guest.enterUser();
    guest.run(code);
    const frame = guest.exception();
    expect(frame.vector).toBe(13);
    expect(frame.words[0]).toBe(error);
    expect(frame.words[2]).toBe(0x1b);
    expect(frame.words[4]).toBe(STACK - pushed);
  });

  it('the I/O permission bitmap lets ring 3 reach single ports', () => {
    const guest = new TestGuest();
    guest.descriptor(5, TSS, 0x67 + 9, 0x008b);
    guest.memory.write16(TSS + 0x66, 0x68);
    guest.memory.writeBytes(TSS + 0x68, new Uint8Array(9).fill(0xff));
    guest.memory.write8(TSS + 0x68 + 2, 0xfe);
    guest.memory.write32(0x7000, 0);
    const state = guest.cpu.saveState();
    const segments = state.segments.map((segment, number) =>
      number === 7 ? { ...segment, limit: 0x67 + 9 } : segment,
    );
    guest.cpu.restoreState({ ...state, segments });
    guest.enterUser();
    guest.run([0xe4, 0x10, 0xe4, 0x11]);
    expect(guest.bus.accesses).toEqual(['in1 10']);
    expect(guest.exception()).toMatchObject({ vector: 13 });
    expect(guest.exception().words[1]).toBe(CODE + 2);
  });

  it('POPF in ring 3 changes neither IOPL nor IF, without a fault', () => {
    const guest = new TestGuest();
    guest.enterUser();
    guest.run([0x68, ...le32(0x3ad7), 0x9d, 0xcc]);
    expect(guest.exception()).toMatchObject({ vector: 13 }); // INT3 through a ring 0 gate
    expect(guest.exception().words[3]).toBe(0x08d7 | 0x002);
  });

  it('a call gate switches the stack, copies parameters, and RETF goes back', () => {
    const guest = new TestGuest();
    // Gate 30: selector 08, offset CODE + 0x200, two parameters, DPL 3.
    guest.memory.write32(GDT + 0x30, 0x00080200);
    guest.memory.write32(GDT + 0x34, 0x0001ec02);
    guest.load([0x8b, 0x44, 0x24, 0x08, 0x89, 0xe3, 0xca, 0x08, 0x00], CODE + 0x200);
    guest.enterUser();
    guest.run([0x6a, 0x11, 0x6a, 0x22, 0x9a, 0, 0, 0, 0, 0x33, 0, 0x89, 0xe1, 0x0f, 0x0b]);
    expect(guest.exception().vector).toBe(6);
    const [eax, ecx, , ebx] = guest.cpu.registers;
    expect(eax).toBe(0x22);
    expect(ebx).toBe(RING0_STACK - 24); // ss, esp, two parameters, cs, eip
    expect(ecx).toBe(STACK);
    expect(guest.exception().words[1]).toBe(0x1b);
  });

  it('LAR, LSL, VERR, VERW see what the privilege level allows', () => {
    const guest = new TestGuest();
    // lar eax, [sel]; setz bl; lsl ecx, dx; setz bh; verw dx ; setz dl ... with ring 3 looking at 23 and then 10
    guest.enterUser();
    const look = [
      0x0f, 0x02, 0xc2, 0x0f, 0x94, 0xc3, 0x0f, 0x03, 0xca, 0x0f, 0x94, 0xc7, 0x0f, 0x00, 0xea, 0x0f, 0x94, 0xc2,
    ];
    guest.run([0xba, 0x23, 0, 0, 0, ...look, 0x0f, 0x0b]);
    expect(guest.cpu.registers[0] & 0x00f0ff00).toBe(0x00c0f300); // bits 16 to 19 are undefined
    expect([...guest.cpu.registers.subarray(1, 4)]).toEqual([-1, 1, 0x101]);
    const other = new TestGuest();
    other.enterUser();
    other.run([0xba, 0x10, 0, 0, 0, ...look, 0x0f, 0x0b]);
    expect([...other.cpu.registers.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
  });

  it('runs 16-bit code segments and stacks', () => {
    const guest = new TestGuest();
    guest.descriptor(6, CODE, 0xffff, 0x009b);
    guest.descriptor(7, 0x20000, 0xffff, 0x0093);
    // jmp far 30:0010; there: mov ax,38; mov ss,ax; mov esp,0x12340000 (32-bit); push ax; pop bx; mov cx,0xffff; inc cx; 32-bit hlt
    guest.load(
      [
        0xb8, 0x38, 0x00, 0x8e, 0xd0, 0x66, 0xbc, 0x00, 0x00, 0x34, 0x12, 0x50, 0x5b, 0x66, 0xb9, 0xff, 0xff, 1, 0,
        0x41, 0x75, 0x01, 0xf4, 0x0f, 0x0b,
      ],
      CODE + 0x10,
    );
    const stop = guest.run([0xea, 0x10, 0, 0, 0, 0x30, 0]);
    expect(stop.kind).toBe('halted-forever');
    expect(guest.cpu.registers[3]).toBe(0x38);
    expect(guest.cpu.registers[1]).toBe(0x10000);
    expect(guest.memory.read16(0x2fffe)).toBe(0x38);
    expect(guest.cpu.registers[4]).toBe(0x12340000);
  });
});

describe('interrupts', () => {
  it('STI holds interrupts off for one instruction, HLT waits for an event', () => {
    const guest = new TestGuest();
    guest.clock.register('line', () => {
      guest.bus.interruptPending = true;
    });
    guest.bus.interruptPending = true;
    guest.run([0xfb, 0x40, 0x40, HLT]);
    // The handler halts with interrupts off: one INC happened.
    expect(guest.cpu.registers[0]).toBe(1);
    expect(guest.exception().vector).toBe(0x20);
    expect(guest.exception().words[0]).toBe(CODE + 2);

    const waiting = new TestGuest();
    waiting.clock.register('line', () => {
      waiting.bus.interruptPending = true;
    });
    waiting.clock.schedule(5000, 'line');
    waiting.run([0xfb, HLT, 0x40]);
    expect(waiting.exception().words[0]).toBe(CODE + 2);
    expect(waiting.clock.now).toBeGreaterThanOrEqual(5000);
    expect(waiting.clock.now).toBeLessThan(5100);
  });

  it('MOV SS holds interrupts off for one instruction', () => {
    const guest = new TestGuest();
    guest.bus.onAccess = () => {
      guest.bus.interruptPending = true;
    };
    // sti; nop; mov al,10; out 80,al raises the line: taken before the next instruction
    guest.run([0xfb, NOP, 0xe6, 0x80, 0x40]);
    expect(guest.exception().words[0]).toBe(CODE + 4);
    const shadowed = new TestGuest();
    shadowed.clock.register('line', () => {
      shadowed.bus.interruptPending = true;
    });
    shadowed.clock.schedule(6, 'line');
    // sti (5 cycles); mov ss, bx (9): the event falls into it
    const state = shadowed.cpu.saveState();
    shadowed.cpu.restoreState({ ...state, registers: [0, 0, 0, 0x10, STACK, 0, 0, 0] });
    shadowed.run([0xfb, 0x8e, 0xd3, 0x40, 0x40]);
    expect(shadowed.cpu.registers[0]).toBe(1);
  });

  it('an interrupt between two iterations of REP leaves a state that goes on', () => {
    const guest = new TestGuest();
    guest.clock.register('line', () => {
      guest.bus.interruptPending = true;
    });
    guest.clock.schedule(400, 'line');
    guest.load([0xcf], HANDLERS + 0x20 * 16);
    // sti; mov ecx, 1000; mov edi, 0x40000; mov al, 7; rep stosb; cli; hlt
    const stop = guest.run([0xfb, 0xb9, ...le32(1000), 0xbf, ...le32(0x40000), 0xb0, 7, 0xf3, 0xaa, 0xfa, HLT]);
    expect(stop.kind).toBe('halted-forever');
    expect(guest.memory.readBytes(0x40000, 1001)).toEqual(Uint8Array.from([...new Array<number>(1000).fill(7), 0]));
    expect(guest.cpu.registers[1]).toBe(0);
    expect(guest.cpu.instructions).toBe(8); // sti, three moves, rep stosb once, iret, cli, hlt
    // The frame of the interrupt points at the REP instruction.
    expect(guest.memory.read32(STACK - 12)).toBe(CODE + 13);
  });

  it('TF traps after each instruction', () => {
    const guest = new TestGuest();
    guest.run([0x68, ...le32(0x102), 0x9d, 0x40, 0x40]);
    expect(guest.exception().vector).toBe(1);
    expect(guest.cpu.registers[0]).toBe(1);
    expect(guest.exception().words[0]).toBe(CODE + 7);
    expect(guest.exception().words[2] & 0x100).toBe(0x100);
  });
});
