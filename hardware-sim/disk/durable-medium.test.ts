import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryMedium, SECTOR_BYTES } from './durable-medium.js';

const sector = (value: number): Uint8Array => new Uint8Array(SECTOR_BYTES).fill(value);

function read(medium: MemoryMedium, lba: number): number {
  const bytes = new Uint8Array(SECTOR_BYTES);
  medium.readSector(lba, bytes);
  expect(bytes.every((byte) => byte === bytes[0])).toBe(true);
  return bytes[0];
}

describe('memory medium', () => {
  test('is zeros until written', () => {
    const medium = new MemoryMedium(5000);
    medium.writeSector(4999, sector(7));
    expect([0, 4998, 4999].map((lba) => read(medium, lba))).toEqual([0, 0, 7]);
  });

  test('refuses sectors it does not have, and short ones', () => {
    const medium = new MemoryMedium(10);
    expect(() => medium.writeSector(10, sector(1))).toThrow(/sector 10 is not on a disk of 10 sectors/);
    expect(() => medium.readSector(-1, sector(1))).toThrow(RangeError);
    expect(() => medium.writeSector(0, new Uint8Array(511))).toThrow(/512 bytes/);
    expect(() => new MemoryMedium(0)).toThrow(/capacity/);
    expect(() => MemoryMedium.fromBytes(new Uint8Array(700))).toThrow(/700 bytes/);
  });

  test('zeros written and never written have the same digest, other contents another', () => {
    const written = new MemoryMedium(5000);
    written.writeSector(3000, sector(0));
    expect(written.digest()).toBe(new MemoryMedium(5000).digest());
    written.writeSector(3000, sector(1));
    expect(written.digest()).not.toBe(new MemoryMedium(5000).digest());
    expect(new MemoryMedium(5001).digest()).not.toBe(new MemoryMedium(5000).digest());
  });
});

const step = fc.oneof(
  fc.record({
    kind: fc.constant('write' as const),
    which: fc.nat(9),
    lba: fc.constantFrom(0, 1, 7, 8, 2047, 2048, 4999),
    value: fc.nat(255),
  }),
  fc.record({ kind: fc.constant('fork' as const), which: fc.nat(9) }),
);

property.prop([fc.array(step, { maxLength: 40 })])(
  'forks are independent and equal contents have equal digests',
  (steps) => {
    const media = [new MemoryMedium(5000)];
    const models = [new Map<number, number>()];
    for (const action of steps) {
      const at = action.which % media.length;
      if (action.kind === 'fork') {
        media.push(media[at].fork());
        models.push(new Map(models[at]));
        expect(media[media.length - 1].digest()).toBe(media[at].digest());
      } else {
        media[at].writeSector(action.lba, sector(action.value));
        models[at].set(action.lba, action.value);
      }
    }
    media.forEach((medium, at) => {
      const rebuilt = new MemoryMedium(5000);
      for (const lba of [0, 1, 7, 8, 2047, 2048, 4999]) {
        expect(read(medium, lba)).toBe(models[at].get(lba) ?? 0);
        rebuilt.writeSector(lba, sector(models[at].get(lba) ?? 0));
      }
      expect(medium.digest()).toBe(rebuilt.digest());
    });
  },
);
