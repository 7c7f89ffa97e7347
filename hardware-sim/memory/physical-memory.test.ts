import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { FramePool, PAGE_SIZE } from './frame-pool.js';
import { PhysicalMemory } from './physical-memory.js';

const PAGES = 4;

const writes = fc.array(
  fc.record({
    memory: fc.nat(2),
    address: fc.integer({ min: 0, max: PAGES * PAGE_SIZE + 8 }),
    width: fc.constantFrom(1, 2, 4, 7),
    value: fc.integer(),
    fork: fc.boolean(),
  }),
  { maxLength: 60 },
);

/** The same memory without sharing: bytes beyond the end read as FF and cannot be written. */
class PlainMemory {
  constructor(readonly bytes = new Uint8Array(PAGES * PAGE_SIZE)) {}

  write(address: number, width: number, value: number): void {
    for (let at = 0; at < width; at++) {
      if (address + at < this.bytes.length)
        this.bytes[address + at] = Number(BigInt.asUintN(8, BigInt(value) >> BigInt(8 * at)));
    }
  }

  read(address: number, width: number): number {
    let value = 0;
    for (let at = width - 1; at >= 0; at--) value = value * 256 + (this.bytes[address + at] ?? 0xff);
    return value;
  }
}

describe('physical memory', () => {
  test.prop([writes])('P5 forks behave as separate memories, whatever is shared', (plan) => {
    const real = [new PhysicalMemory(PAGES * PAGE_SIZE)];
    const plain = [new PlainMemory()];
    for (const { memory, address, width, value, fork } of plan) {
      const which = memory % real.length;
      if (fork && real.length < 3) {
        real.push(real[which].fork());
        plain.push(new PlainMemory(plain[which].bytes.slice()));
      }
      plain[which].write(address, width, value);
      if (width === 1) real[which].write8(address, value & 0xff);
      else if (width === 2) real[which].write16(address, value & 0xffff);
      else if (width === 4) real[which].write32(address, value >>> 0);
      else {
        const bytes = Uint8Array.from({ length: width }, (_, at) =>
          Number(BigInt.asUintN(8, BigInt(value) >> BigInt(8 * at))),
        );
        real[which].writeBytes(address, bytes);
      }
      expect(real[which].read8(address)).toBe(plain[which].read(address, 1));
      expect(real[which].read16(address)).toBe(plain[which].read(address, 2));
      expect(real[which].read32(address)).toBe(plain[which].read(address, 4));
    }
    real.forEach((memory, which) => {
      expect(Buffer.compare(memory.readBytes(0, PAGES * PAGE_SIZE), plain[which].bytes)).toBe(0);
      const copy = new PhysicalMemory(PAGES * PAGE_SIZE);
      copy.writeBytes(0, plain[which].bytes);
      expect(copy.digest()).toEqual(memory.digest());
    });
  });

  it('touches no frame until it is written, and gives frames back', () => {
    const pool = new FramePool();
    const memory = new PhysicalMemory(64 * PAGE_SIZE, pool);
    expect(memory.read32(0x3000)).toBe(0);
    expect(pool.framesUsed).toBe(0);
    memory.write8(0x3000, 1);
    const fork = memory.fork();
    expect(pool.framesUsed).toBe(1);
    fork.write8(0x3001, 2);
    expect(pool.framesUsed).toBe(2);
    expect(memory.read16(0x3000)).toBe(1);
    fork.dispose();
    fork.dispose();
    expect(pool.framesUsed).toBe(1);
    memory.dispose();
    expect(pool.framesUsed).toBe(0);
  });

  it('keeps its content when the pool grows', () => {
    const memory = new PhysicalMemory(1024 * PAGE_SIZE);
    for (let page = 0; page < 1024; page++) memory.write32(page * PAGE_SIZE, page + 1);
    for (let page = 0; page < 1024; page++) expect(memory.read32(page * PAGE_SIZE)).toBe(page + 1);
    expect(memory.pool.generation).toBeGreaterThan(0);
  });

  it('refuses sizes that are not whole pages', () => {
    expect(() => new PhysicalMemory(5000)).toThrow('5000 bytes of RAM; expected a multiple of 4096');
  });
});
