/**
 * Runs functions of a compiled image on the simulated processor, without a machine around it: memory, a clock, and a return address
 * where a HLT waits.
 */

import { Clock } from '../../../hardware-sim/clock.js';
import type { Bus } from '../../../hardware-sim/cpu/bus.js';
import { Cpu } from '../../../hardware-sim/cpu/cpu.js';
import { I486DX_66 } from '../../../hardware-sim/cpu/profiles/i486dx-66.js';
import { PhysicalMemory } from '../../../hardware-sim/memory/physical-memory.js';
import type { CompiledImage } from '../index.js';

const memoryBytes = 8 << 20;
/** The stack of a called function grows down from here. */
export const stackTop = 0x7ff000;
const returnAddress = 0x1000;
const hlt = 0xf4;
const cyclesMax = 200_000_000;

/** What a call did. */
export interface Outcome {
  /** 'returned', or what stopped the processor otherwise. */
  readonly end: string;
  readonly low: number;
  readonly high: number;
  readonly instructions: number;
  readonly memory: PhysicalMemory;
  /** What went out of ports, in order. */
  readonly written: readonly { readonly port: number; readonly size: number; readonly value: number }[];
}

/** Loads the program segments of an ELF file. */
export function loadImage(memory: PhysicalMemory, elf: Uint8Array): void {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  const headers = view.getUint32(28, true);
  for (let i = 0; i < view.getUint16(44, true); i++) {
    const at = headers + 32 * i;
    const offset = view.getUint32(at + 4, true);
    memory.writeBytes(view.getUint32(at + 8, true), elf.subarray(offset, offset + view.getUint32(at + 16, true)));
  }
}

/** An image in memory of its own, whose functions can be called one after the other. */
export class Guest {
  readonly memory = new PhysicalMemory(memoryBytes);
  private readonly written: Outcome['written'][number][] = [];
  private cpu: Cpu;

  constructor(private readonly image: CompiledImage) {
    loadImage(this.memory, image.elf);
    this.memory.write8(returnAddress, hlt);
    this.cpu = this.newCpu();
  }

  private newCpu(): Cpu {
    const bus: Bus = {
      portRead: (port) => port & 0xff,
      portWrite: (port, size, value) => void this.written.push({ port, size, value }),
      interruptPending: false,
      acknowledgeInterrupt: () => 0,
    };
    return new Cpu(this.memory, bus, new Clock(), I486DX_66);
  }

  /** Calls a function with argument words as compiled code would. */
  call(name: string, args: readonly number[] = []): Outcome {
    const symbol = this.image.symbols.get(name);
    if (symbol === undefined) throw new Error(`the image has no ${name}`);
    const { memory, cpu } = this;
    this.written.length = 0;
    const words = args.slice(3);
    const esp = stackTop - 4 - words.length * 4;
    memory.write32(esp, returnAddress);
    words.forEach((w, i) => {
      memory.write32(esp + 4 + i * 4, w | 0);
    });
    cpu.enterProtectedMode({ eip: symbol.address, eax: args[0] ?? 0, ebx: 0x0b0b0b0b, esp });
    const { registers } = cpu;
    registers[1] = args[2] ?? 0;
    registers[2] = args[1] ?? 0;
    registers[5] = 0x05050505;
    registers[6] = 0x06060606;
    registers[7] = 0x07070707;
    const before = cpu.instructions;
    const stop = cpu.run(cpu.clock.now + cyclesMax);
    const halted = stop.kind === 'halted-forever' && stop.eip === returnAddress + 1;
    let end = halted ? 'returned' : JSON.stringify(stop);
    const kept = registers[3] === 0x0b0b0b0b && registers[5] === 0x05050505;
    if (halted && !(kept && registers[6] === 0x06060606 && registers[7] === 0x07070707)) end = 'lost a saved register';
    if (halted && registers[4] !== esp + 4) end = 'lost the stack pointer';
    // A processor that was stopped by a fault stays stopped.
    if (!halted) this.cpu = this.newCpu();
    const instructions = cpu.instructions - before;
    return { end, low: registers[0], high: registers[2], instructions, memory, written: [...this.written] };
  }
}

/** Calls one function of an image. */
export function callGuest(image: CompiledImage, name: string, args: readonly number[] = []): Outcome {
  return new Guest(image).call(name, args);
}
