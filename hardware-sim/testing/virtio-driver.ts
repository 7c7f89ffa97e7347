/** The driver's side of a virtio block device, for tests of the device: a queue at TABLE in memory, filled and read as a guest would. */

import { Clock } from '../clock.js';
import { VIRTIO_QUEUE_SIZE, VirtioBlk } from '../devices/virtio-blk.js';
import { Disk } from '../disk/disk.js';
import { MemoryMedium, SECTOR_BYTES } from '../disk/durable-medium.js';
import { type DiskFault, DiskFaults } from '../disk/faults.js';
import { HARD_DISK_1996 } from '../disk/profile.js';
import { PhysicalMemory } from '../memory/physical-memory.js';
import { advanceClock } from './advance-clock.js';

export const CLOCK_HZ = 66_000_000;
export const SECTORS = 1_000_000;
export const BASE = 0xc040;
/** The queue's first page; the available ring follows the descriptors, the used ring begins at a page. */
export const QUEUE = 0x4000;
const AVAILABLE = QUEUE + 16 * VIRTIO_QUEUE_SIZE;
const USED = QUEUE + 8192;
/** Header and status byte of the request whose first descriptor is n are at HEADERS + 32 n. */
const HEADERS = 0x10000;
export const BUFFERS = 0x20000;
export const MEMORY_BYTES = 1 << 20;

export const IN = 0;
export const OUT = 1;
export const FLUSH = 4;
export const GET_ID = 8;
export const PENDING = 0xee;
export const FEATURE_FLUSH = 1 << 9;

export interface Segment {
  readonly address: number;
  readonly bytes: number;
}

export function pattern(lba: number): Uint8Array {
  return Uint8Array.from({ length: SECTOR_BYTES }, (_, index) => (lba * 7 + index) & 0xff);
}

export class VirtioDriver {
  readonly clock = new Clock();
  readonly memory = new PhysicalMemory(MEMORY_BYTES);
  readonly medium = new MemoryMedium(SECTORS);
  readonly disk: Disk;
  readonly device: VirtioBlk;
  level = false;
  enabled = true;
  private available = 0;
  private seen = 0;

  constructor(faults: readonly DiskFault[] = []) {
    for (const lba of [0, 1, 2, 3, 300_000, 300_001, SECTORS - 1]) this.medium.writeSector(lba, pattern(lba));
    this.disk = new Disk(this.medium, HARD_DISK_1996, CLOCK_HZ, new DiskFaults(faults, SECTORS));
    this.device = new VirtioBlk(
      this.clock,
      this.disk,
      this.memory,
      () => this.enabled,
      (level) => {
        this.level = level;
      },
    );
  }

  read(register: number, size: 1 | 2 | 4): number {
    return this.device.portRead(BASE + register, size);
  }

  write(register: number, size: 1 | 2 | 4, value: number): void {
    this.device.portWrite(BASE + register, size, value);
  }

  /** As Virtio 1.0, 3.1.1 has it. */
  start(features = FEATURE_FLUSH): this {
    this.write(18, 1, 0);
    this.write(18, 1, 1);
    this.write(18, 1, 3);
    this.write(4, 4, features);
    this.write(14, 2, 0);
    this.memory.writeBytes(QUEUE, new Uint8Array(3 * 4096));
    this.write(8, 4, QUEUE / 4096);
    this.write(18, 1, 7);
    this.available = 0;
    this.seen = 0;
    return this;
  }

  descriptor(index: number, { address, bytes }: Segment, flags: number, next = 0): void {
    this.memory.write32(QUEUE + 16 * index, address);
    this.memory.write32(QUEUE + 16 * index + 4, 0);
    this.memory.write32(QUEUE + 16 * index + 8, bytes);
    this.memory.write32(QUEUE + 16 * index + 12, (flags | (next << 16)) >>> 0);
  }

  /** A request in the descriptors from `head` on; returns the first free one behind it. */
  request(head: number, type: number, lba: number, segments: readonly Segment[]): number {
    const header = HEADERS + 32 * head;
    this.memory.write32(header, type);
    this.memory.write32(header + 4, 0);
    this.memory.write32(header + 8, lba);
    this.memory.write32(header + 12, Math.floor(lba / 2 ** 32));
    this.memory.write8(header + 16, PENDING);
    this.descriptor(head, { address: header, bytes: 16 }, 1, head + 1);
    for (const [index, segment] of segments.entries()) {
      this.descriptor(head + 1 + index, segment, type === OUT ? 1 : 3, head + 2 + index);
    }
    this.descriptor(head + 1 + segments.length, { address: header + 16, bytes: 1 }, 2);
    return head + 2 + segments.length;
  }

  offer(...heads: readonly number[]): void {
    for (const head of heads) {
      this.memory.write16(AVAILABLE + 4 + 2 * (this.available % VIRTIO_QUEUE_SIZE), head);
      this.available = (this.available + 1) & 0xffff;
    }
    this.memory.write16(AVAILABLE + 2, this.available);
    this.notify();
  }

  /** Says that the available ring has come to an index, whatever is in it. */
  claim(index: number): void {
    this.memory.write16(AVAILABLE + 2, index);
    this.notify();
  }

  notify(): void {
    this.write(16, 2, 0);
  }

  quiet(): void {
    this.memory.write16(AVAILABLE, 1);
  }

  status(head: number): number {
    return this.memory.read8(HEADERS + 32 * head + 16);
  }

  /** Heads of the requests that the used ring has got since the last call, and how many bytes were written for each. */
  used(): [head: number, bytes: number][] {
    const found: [number, number][] = [];
    for (const index = this.memory.read16(USED + 2); this.seen !== index; this.seen = (this.seen + 1) & 0xffff) {
      const element = USED + 4 + 8 * (this.seen % VIRTIO_QUEUE_SIZE);
      found.push([this.memory.read32(element), this.memory.read32(element + 4)]);
    }
    return found;
  }

  /** Lets `seconds` pass. */
  wait(seconds = 1): void {
    advanceClock(this.clock, this.clock.now + Math.round(seconds * CLOCK_HZ));
  }

  /** To the next event of the device. */
  step(): void {
    advanceClock(this.clock, this.clock.nextCycle);
  }
}
