/**
 * The bus master part of a PIIX3 IDE controller: moves the data of the drive to and from memory along a table of physical regions.
 * Source: Intel 82371SB PIIX3 data sheet, "Bus master IDE registers"; Programming Interface for Bus Master IDE Controller 1.0 (SFF-8038i).
 *
 *   +0 command: bit 0 start, bit 3 direction (1: to memory)      +2 status: bit 0 active, 1 error, 2 interrupt, 5 and 6 drive can do DMA
 *   +4 physical address of the table, 4-byte aligned             +8 to +15 the secondary channel, which has no drive here
 *   table entry: u32 address (even), u16 bytes (0: 64 KiB), u16 flags (bit 15: last entry)
 *
 * The rule that makes it right: memory is touched only between start and stop, only in the direction given, only while PCI bus mastering is enabled;
 * otherwise the drive waits. Active ends with the last byte of the last entry or with stop; a table longer than the transfer stays active.
 */

import type { PortSize } from '../cpu/bus.js';
import type { PhysicalMemory } from '../memory/physical-memory.js';
import type { PortDevice } from './device.js';

const START = 0x01;
const TO_MEMORY = 0x08;
const ACTIVE = 0x01;
const ERROR = 0x02;
const INTERRUPT = 0x04;
const CAPABLE = 0x60;
const LAST_ENTRY = 0x80000000;

export interface BusMasterState {
  readonly command: number;
  readonly status: number;
  readonly table: number;
  /** Address of the next table entry to fetch. */
  readonly nextEntry: number;
  /** Region in use: where the next byte goes, and how many are left. */
  readonly regionAddress: number;
  readonly regionBytes: number;
  /** The region in use is the table's last. */
  readonly lastRegion: boolean;
}

export class BusMaster implements PortDevice {
  private state: { -readonly [K in keyof BusMasterState]: BusMasterState[K] } = {
    command: 0,
    status: 0,
    table: 0,
    nextEntry: 0,
    regionAddress: 0,
    regionBytes: 0,
    lastRegion: false,
  };

  constructor(
    private readonly memory: PhysicalMemory,
    private readonly isEnabled: () => boolean,
    /** Called when the engine was started: a drive that waits may go on. */
    private readonly onStart: () => void,
  ) {}

  /** Whether data can move in this direction now. */
  isReady(toMemory: boolean): boolean {
    const { command, status } = this.state;
    return (status & ACTIVE) !== 0 && ((command & TO_MEMORY) !== 0) === toMemory && this.isEnabled();
  }

  /** Moves bytes of `buffer` from `from` on into memory; returns how many found room in the table. */
  toMemory(buffer: Uint8Array, from: number): number {
    return this.move(buffer.length - from, (address, done, count) => {
      this.memory.writeBytes(address, buffer.subarray(from + done, from + done + count));
    });
  }

  /** Fills `buffer` from `from` on with bytes from memory; returns how many the table had. */
  fromMemory(buffer: Uint8Array, from: number): number {
    return this.move(buffer.length - from, (address, done, count) => {
      buffer.set(this.memory.readBytes(address, count), from + done);
    });
  }

  /** The drive's interrupt line rose. */
  interrupt(): void {
    this.state.status |= INTERRUPT;
  }

  portRead(port: number, size: PortSize): number {
    let value = 0;
    for (let byte = 0; byte < size; byte++) value |= this.readByte((port & 15) + byte) << (8 * byte);
    return value >>> 0;
  }

  portWrite(port: number, size: PortSize, value: number): void {
    for (let byte = 0; byte < size; byte++) this.writeByte((port & 15) + byte, (value >>> (8 * byte)) & 0xff);
  }

  saveState(): BusMasterState {
    return { ...this.state };
  }

  restoreState(state: BusMasterState): void {
    this.state = { ...state };
  }

  private readByte(register: number): number {
    const { command, status, table } = this.state;
    if (register === 0) return command;
    if (register === 2) return status;
    return register >= 4 && register < 8 ? (table >>> (8 * (register - 4))) & 0xff : 0;
  }

  private writeByte(register: number, value: number): void {
    const state = this.state;
    if (register === 0) this.writeCommand(value & (START | TO_MEMORY));
    else if (register === 2) {
      const kept = state.status & (ACTIVE | ERROR | INTERRUPT) & ~(value & (ERROR | INTERRUPT));
      state.status = kept | (value & CAPABLE);
    } else if (register >= 4 && register < 8) {
      const shift = 8 * (register - 4);
      state.table = ((state.table & ~(0xff << shift)) | (value << shift)) & ~3;
      state.table >>>= 0;
    }
  }

  private writeCommand(value: number): void {
    const state = this.state;
    const before = state.command;
    state.command = value;
    if (!(value & START)) {
      state.status &= ~ACTIVE;
    } else if (!(before & START)) {
      state.status |= ACTIVE;
      state.nextEntry = state.table;
      state.regionBytes = 0;
      state.lastRegion = false;
      this.onStart();
    }
  }

  private move(wanted: number, copy: (address: number, done: number, count: number) => void): number {
    const state = this.state;
    let done = 0;
    while (done < wanted && state.status & ACTIVE) {
      if (state.regionBytes === 0) this.fetchEntry();
      const count = Math.min(wanted - done, state.regionBytes);
      copy(state.regionAddress, done, count);
      done += count;
      state.regionAddress = (state.regionAddress + count) >>> 0;
      state.regionBytes -= count;
      if (state.regionBytes === 0 && state.lastRegion) state.status &= ~ACTIVE;
    }
    return done;
  }

  private fetchEntry(): void {
    const state = this.state;
    const address = this.memory.read32(state.nextEntry);
    const second = this.memory.read32((state.nextEntry + 4) >>> 0);
    state.nextEntry = (state.nextEntry + 8) >>> 0;
    state.regionAddress = (address & ~1) >>> 0;
    state.regionBytes = second & 0xfffe || 0x10000;
    state.lastRegion = (second & LAST_ENTRY) !== 0;
  }
}
