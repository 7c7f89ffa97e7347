/** System instructions, string ports and far transfers at privilege 0. Expectations from the Intel 486 Programmer's Reference Manual, chapter 26. */
import { describe, expect, it } from 'vitest';
import { CODE, GDT, IDT, le32, STACK, TestGuest } from '../../testing/test-guest.js';

const HLT = 0xf4;
const DATA = 0x7000;

function runToEnd(code: readonly number[], set: (guest: TestGuest) => void = () => {}): TestGuest {
  const guest = new TestGuest();
  set(guest);
  const stop = guest.run([...code, HLT]);
  if (stop.kind !== 'halted-forever' || guest.cpu.eip !== CODE + code.length + 1) {
    throw new Error(`the guest ended elsewhere: ${JSON.stringify(stop)}, eip ${guest.cpu.eip.toString(16)}`);
  }
  return guest;
}

describe('system registers', () => {
  it('SGDT and SIDT store what LGDT and LIDT loaded', () => {
    const guest = runToEnd(
      [
        0x0f,
        0x01,
        0x15,
        ...le32(DATA),
        0x0f,
        0x01,
        0x1d,
        ...le32(DATA + 8),
        0x0f,
        0x01,
        0x05,
        ...le32(DATA + 16),
        0x0f,
        0x01,
        0x0d,
        ...le32(DATA + 24),
      ],
      (before) => {
        before.memory.write16(DATA, 0x2f);
        before.memory.write32(DATA + 2, GDT);
        before.memory.write16(DATA + 8, 0x3ff);
        before.memory.write32(DATA + 10, IDT + 0x10);
      },
    );
    expect(guest.memory.readBytes(DATA + 16, 6)).toEqual(guest.memory.readBytes(DATA, 6));
    expect(guest.memory.readBytes(DATA + 24, 6)).toEqual(guest.memory.readBytes(DATA + 8, 6));
  });

  it('LGDT with 16-bit operand size loads a base of 24 bits', () => {
    const guest = runToEnd([0x66, 0x0f, 0x01, 0x15, ...le32(DATA)], (before) =>
      before.memory.write32(DATA + 2, 0xff001000),
    );
    expect(guest.cpu.saveState().gdtr.base).toBe(0x001000);
  });

  it('LTR marks the TSS busy, STR and SLDT give the selectors back', () => {
    const guest = runToEnd(
      [
        0xb8, 0x30, 0, 0, 0, 0x0f, 0x00, 0xd8, 0xb8, 0x38, 0, 0, 0, 0x0f, 0x00, 0xd0, 0x0f, 0x00, 0xc9, 0x0f, 0x00,
        0xc2,
      ],
      (before) => {
        before.descriptor(6, 0x4000, 0x67, 0x0089);
        before.descriptor(7, 0x7800, 0xff, 0x0082);
      },
    );
    expect(guest.cpu.registers[1]).toBe(0x30);
    expect(guest.cpu.registers[2]).toBe(0x38);
    expect(guest.memory.read8(GDT + 0x35)).toBe(0x8b);
  });

  it('segments of the LDT can be loaded after LLDT', () => {
    const guest = runToEnd(
      [0xb8, 0x30, 0, 0, 0, 0x0f, 0x00, 0xd0, 0xb8, 0x0c, 0, 0, 0, 0x8e, 0xc0, 0x26, 0xa1, 4, 0, 0, 0],
      (before) => {
        before.descriptor(6, 0x7800, 0xff, 0x0082);
        before.descriptor((0x7808 - GDT) / 8, DATA, 0xff, 0x4093);
        before.memory.write32(DATA + 4, 0x77);
      },
    );
    expect(guest.cpu.registers[0]).toBe(0x77);
    expect(guest.memory.read8(0x7808 + 5)).toBe(0x93);
  });

  it('LMSW sets TS but cannot clear PE, CLTS clears TS', () => {
    const guest = runToEnd([0xb8, 8, 0, 0, 0, 0x0f, 0x01, 0xf0, 0x0f, 0x01, 0xe1, 0x0f, 0x06, 0x0f, 0x01, 0xe2]);
    expect(guest.cpu.registers[1] & 0xf).toBe(9);
    expect(guest.cpu.registers[2] & 0xf).toBe(1);
  });

  it('debug and control registers keep what is written', () => {
    const guest = runToEnd([
      0xb8,
      ...le32(0x12345),
      0x0f,
      0x23,
      0xc0,
      0x0f,
      0x21,
      0xc1,
      0x0f,
      0x22,
      0xd0,
      0x0f,
      0x20,
      0xd2,
    ]);
    expect(guest.cpu.registers[1]).toBe(0x12345);
    expect(guest.cpu.registers[2]).toBe(0x12345);
  });
});

describe('string ports', () => {
  it('REP INSD and REP OUTSW transfer element by element, at cycles that advance', () => {
    const cycles: number[] = [];
    const guest = runToEnd(
      [
        0xba,
        0xf0,
        1,
        0,
        0,
        0xb9,
        3,
        0,
        0,
        0,
        0xbf,
        ...le32(DATA),
        0xf3,
        0x6d,
        0xbe,
        ...le32(DATA),
        0xb9,
        2,
        0,
        0,
        0,
        0xf3,
        0x66,
        0x6f,
      ],
      (before) => {
        before.bus.onAccess = () => cycles.push(before.clock.now);
      },
    );
    expect(guest.bus.accesses).toEqual(['in4 1f0', 'in4 1f0', 'in4 1f0', 'out2 1f0 5678', 'out2 1f0 1234']);
    expect(guest.memory.read32(DATA + 8)).toBe(0x12345678);
    expect(guest.cpu.registers[7]).toBe(DATA + 12);
    expect(guest.cpu.registers[6]).toBe(DATA + 4);
    expect(cycles[1] - cycles[0]).toBe(8);
    expect(cycles[4] - cycles[3]).toBe(10);
  });

  it('the processor takes an interrupt that a port access raises before the next element', () => {
    const guest = new TestGuest();
    guest.bus.onAccess = () => {
      guest.bus.interruptPending = guest.bus.accesses.length === 2;
    };
    guest.run([0xfb, 0xba, 0xf0, 1, 0, 0, 0xb9, 5, 0, 0, 0, 0xbf, ...le32(DATA), 0xf3, 0x6d]);
    expect(guest.exception().vector).toBe(0x20);
    expect(guest.cpu.registers[1]).toBe(3);
    expect(guest.exception().words[0]).toBe(CODE + 16);
  });
});

describe('far transfers at one privilege level', () => {
  it('CALL FAR and RETF n, directly and through memory', () => {
    const guest = runToEnd(
      [0x6a, 5, 0x9a, ...le32(CODE + 0x100), 8, 0, 0x6a, 6, 0xff, 0x1d, ...le32(DATA)],
      (before) => {
        before.load([0x03, 0x5c, 0x24, 8, 0xca, 4, 0], CODE + 0x100); // add ebx, [esp+8]; retf 4
        before.memory.write32(DATA, CODE + 0x100);
        before.memory.write16(DATA + 4, 8);
      },
    );
    expect(guest.cpu.registers[3]).toBe(11);
    expect(guest.cpu.registers[4]).toBe(STACK);
  });

  it('LSS loads the stack pointer and segment together, LFS another segment', () => {
    const guest = runToEnd([0x0f, 0xb2, 0x25, ...le32(DATA), 0x0f, 0xb4, 0x15, ...le32(DATA), 0x8c, 0xe1], (before) => {
      before.memory.write32(DATA, 0x6800);
      before.memory.write16(DATA + 4, 0x10);
    });
    expect(guest.cpu.registers[4]).toBe(0x6800);
    expect(guest.cpu.registers[2]).toBe(0x6800);
    expect(guest.cpu.registers[1]).toBe(0x10);
  });

  it('JMP FAR through a call gate', () => {
    const guest = new TestGuest();
    guest.memory.write32(GDT + 0x30, 0x00080100);
    guest.memory.write32(GDT + 0x34, 0x00018c00);
    guest.load([0x40, HLT], CODE + 0x100);
    guest.run([0xea, 0, 0, 0, 0, 0x30, 0]);
    expect(guest.cpu.registers[0]).toBe(1);
  });

  it('IRET restores flags and returns to the same level', () => {
    const guest = runToEnd([0x68, ...le32(0x8d7), 0x6a, 8, 0x68, ...le32(CODE + 13), 0xcf]);
    expect(guest.cpu.eflags & 0x8d5).toBe(0x8d5);
    expect(guest.cpu.registers[4]).toBe(STACK);
  });
});
