/**
 * A small protected-mode environment for tests of the processor, laid out in memory without running set-up code.
 *
 *   0x1000 GDT: 08 code 0, 10 data 0, 1B code 3, 23 data 3, 28 TSS, 30 and up free
 *   0x2000 IDT: interrupt gates for all vectors to 0x3000 + 16 * vector, where a HLT waits
 *   0x4000 TSS: ring 0 stack 10:9000
 *   0x5000 page directory, 0x6000 page table: the first 4 MiB, identity, writable, user
 *   0x8000 top of stack; 0x10000 code
 */
import { Clock } from '../clock.js';
import type { CpuStop, PortSize } from '../cpu/bus.js';
import { Cpu } from '../cpu/cpu.js';
import { I486DX_66 } from '../cpu/profiles/i486dx-66.js';
import type { CpuProfile } from '../cpu/profiles/profile.js';
import { PhysicalMemory } from '../memory/physical-memory.js';

export const GDT = 0x1000;
export const IDT = 0x2000;
export const HANDLERS = 0x3000;
export const TSS = 0x4000;
export const PAGE_DIRECTORY = 0x5000;
export const PAGE_TABLE = 0x6000;
export const STACK = 0x8000;
export const RING0_STACK = 0x9000;
export const CODE = 0x10000;

const HLT = 0xf4;

/** A bus with one interrupt line and a log of port accesses. */
export class TestBus {
  interruptPending = false;
  vector = 0x20;
  readonly accesses: string[] = [];
  onAccess: (port: number) => void = () => {};

  portRead(port: number, size: PortSize): number {
    this.accesses.push(`in${size} ${port.toString(16)}`);
    this.onAccess(port);
    return 0x12345678;
  }

  portWrite(port: number, size: PortSize, value: number): void {
    this.accesses.push(`out${size} ${port.toString(16)} ${value.toString(16)}`);
    this.onAccess(port);
  }

  acknowledgeInterrupt(): number {
    this.interruptPending = false;
    return this.vector;
  }
}

/** Little-endian words as the processor finds them on the stack. */
export interface Frame {
  readonly vector: number;
  readonly words: readonly number[];
}

export class TestGuest {
  readonly memory = new PhysicalMemory(4 << 20);
  readonly bus = new TestBus();
  readonly clock = new Clock();
  readonly cpu: Cpu;

  constructor(profile: CpuProfile = I486DX_66) {
    this.cpu = new Cpu(this.memory, this.bus, this.clock, profile);
    this.descriptor(1, 0, 0xfffff, 0xc09b);
    this.descriptor(2, 0, 0xfffff, 0xc093);
    this.descriptor(3, 0, 0xfffff, 0xc0fb);
    this.descriptor(4, 0, 0xfffff, 0xc0f3);
    this.descriptor(5, TSS, 0x67, 0x008b);
    for (let vector = 0; vector < 256; vector++) {
      this.gate(vector, 0x08, HANDLERS + vector * 16, 0x8e);
      this.memory.write8(HANDLERS + vector * 16, HLT);
    }
    this.memory.write32(TSS + 4, RING0_STACK);
    this.memory.write32(TSS + 8, 0x10);
    this.memory.write16(TSS + 0x66, 0x68); // no I/O permission bitmap
    this.memory.write32(PAGE_DIRECTORY, PAGE_TABLE | 7);
    for (let page = 0; page < 1024; page++) this.memory.write32(PAGE_TABLE + page * 4, (page << 12) | 7);
    const state = this.cpu.saveState();
    const segment = (selector: number, access: number) => ({ selector, base: 0, limit: 0xffffffff, access });
    this.cpu.restoreState({
      ...state,
      registers: [0, 0, 0, 0, STACK, 0, 0, 0],
      segments: [0, 1, 2, 3, 4, 5, 6, 7].map((number) =>
        number === 7
          ? { selector: 0x28, base: TSS, limit: 0x67, access: 0x8b }
          : number === 6
            ? { selector: 0, base: 0, limit: 0, access: 0 }
            : number === 1
              ? segment(0x08, 0xc09b)
              : segment(0x10, 0xc093),
      ),
      gdtr: { base: GDT, limit: 0x7ff },
      idtr: { base: IDT, limit: 0x7ff },
      eip: CODE,
    });
  }

  /** `access`: descriptor bits 40 to 55. */
  descriptor(index: number, base: number, limit: number, access: number): void {
    this.memory.write32(GDT + index * 8, ((limit & 0xffff) | (base << 16)) >>> 0);
    const high = ((base >>> 16) & 0xff) | (base & 0xff000000) | ((access & 0xf0ff) << 8) | (limit & 0xf0000);
    this.memory.write32(GDT + index * 8 + 4, high >>> 0);
  }

  /** `access`: the gate's byte 5. */
  gate(vector: number, selector: number, offset: number, access: number): void {
    this.memory.write32(IDT + vector * 8, ((offset & 0xffff) | (selector << 16)) >>> 0);
    this.memory.write32(IDT + vector * 8 + 4, ((offset & 0xffff0000) | (access << 8)) >>> 0);
  }

  /** A page table entry: flags P 1, W 2, U 4, A 20, D 40. */
  page(linear: number, physical: number, flags: number): void {
    this.memory.write32(PAGE_TABLE + (linear >>> 12) * 4, (physical | flags) >>> 0);
  }

  pageEntry(linear: number): number {
    return this.memory.read32(PAGE_TABLE + (linear >>> 12) * 4);
  }

  enablePaging(writeProtect = false): void {
    const state = this.cpu.saveState();
    const cr0 = 0x80000011 | (writeProtect ? 0x10000 : 0);
    this.cpu.restoreState({ ...state, control: [cr0 | 0, 0, PAGE_DIRECTORY] });
  }

  /** Switches to privilege level 3 with flat segments. */
  enterUser(): void {
    const state = this.cpu.saveState();
    const segments = state.segments.map((segment, number) =>
      number > 5
        ? segment
        : number === 1
          ? { ...segment, selector: 0x1b, access: 0xc0fb }
          : { ...segment, selector: 0x23, access: 0xc0f3 },
    );
    this.cpu.restoreState({ ...state, segments, cpl: 3 });
  }

  load(code: readonly number[], address = CODE): void {
    this.memory.writeBytes(address, Uint8Array.from(code));
  }

  /** Runs the code until the processor halts for good or stops. */
  run(code: readonly number[], cycles = 100_000): CpuStop {
    this.load(code);
    return this.cpu.run(this.clock.now + cycles);
  }

  /** Which exception handler halted the processor, and the frame it found. */
  exception(): Frame {
    const at = this.cpu.eip - 1 - HANDLERS;
    if (!this.cpu.halted || at < 0 || at >= 4096 || at % 16 !== 0) {
      throw new Error(
        `test guest: no handler was reached; eip is ${this.cpu.eip.toString(16)}, halted ${this.cpu.halted}`,
      );
    }
    const stack = this.cpu.registers[4];
    return { vector: at / 16, words: Array.from({ length: 6 }, (_, word) => this.memory.read32(stack + 4 * word)) };
  }
}

/** Bytes of a 32-bit little-endian number. */
export function le32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
}
