import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Disk, type DiskEvent } from './disk.js';
import { corruptSector, MemoryMedium, SECTOR_BYTES } from './durable-medium.js';
import { type DiskFault, DiskFaults } from './faults.js';
import { FLASH_MODULE, HARD_DISK_1996 } from './profile.js';

const CLOCK_HZ = 66_000_000;
const SECTORS = 2 ** 18;
const sector = (value: number): Uint8Array => new Uint8Array(SECTOR_BYTES).fill(value);

function newDisk(options: { faults?: DiskFault[]; cacheSectors?: number; medium?: MemoryMedium } = {}) {
  const profile = { ...HARD_DISK_1996, cacheSectors: options.cacheSectors ?? 4096 };
  const medium = options.medium ?? new MemoryMedium(SECTORS);
  const disk = new Disk(medium, profile, CLOCK_HZ, new DiskFaults(options.faults ?? [], medium.sectors));
  const events: DiskEvent[] = [];
  disk.onEvent = (event) => events.push(event);
  const read = (lba: number): number | 'error' => {
    const bytes = new Uint8Array(SECTOR_BYTES);
    return disk.read(lba, 0, bytes) ? bytes[0] : 'error';
  };
  return { disk, medium, events, read };
}

describe('volatile cache', () => {
  test('reads see unflushed writes, the medium does not until the flush', () => {
    const { disk, medium, read } = newDisk();
    disk.write(5, 10, sector(1));
    expect(read(5)).toBe(1);
    expect(medium.digest()).toBe(new MemoryMedium(SECTORS).digest());
    disk.flush(20);
    expect(read(5)).toBe(1);
    expect(disk.unflushed()).toEqual([]);
    expect(medium.digest()).not.toBe(new MemoryMedium(SECTORS).digest());
  });

  test('a watcher sees what a read would give, and the disk does not notice', () => {
    const { disk, medium, events } = newDisk({ faults: [{ kind: 'read-error', lba: 9 }] });
    medium.writeSector(9, sector(7));
    disk.write(5, 10, sector(1));
    events.length = 0;
    expect([disk.peek(5)[0], disk.peek(6)[0], disk.peek(9)[0]]).toEqual([1, 0, 7]);
    expect(events).toEqual([]);
  });

  test('all versions of a sector are listed with sequence and cycle', () => {
    const { disk } = newDisk();
    disk.write(5, 10, sector(1));
    disk.write(6, 11, sector(2));
    disk.write(5, 12, sector(3));
    expect(disk.unflushed().map(({ sequence, lba, cycle, data }) => [sequence, lba, cycle, data[0]])).toEqual([
      [0, 5, 10, 1],
      [1, 6, 11, 2],
      [2, 5, 12, 3],
    ]);
  });

  test('events say what happened', () => {
    const { disk, events, read } = newDisk({ faults: [{ kind: 'read-error', lba: 9 }] });
    disk.write(5, 10, sector(1));
    read(5);
    read(9);
    disk.flush(20);
    disk.write(9, 30, sector(1));
    disk.cutPower({ survive: 'all' }, 40);
    expect(events).toEqual([
      { kind: 'write', lba: 5, count: 1, cycle: 10, sequence: 0 },
      { kind: 'read', lba: 5, count: 1, cycle: 0, sequence: 1 },
      { kind: 'read-error', lba: 9, count: 1, cycle: 0, sequence: 1 },
      { kind: 'flush', lba: 0, count: 1, cycle: 20, sequence: 1 },
      { kind: 'write', lba: 9, count: 1, cycle: 30, sequence: 1 },
      { kind: 'power-cut', lba: 0, count: 1, cycle: 40, sequence: 2 },
    ]);
  });

  test('a full cache writes its oldest back by itself', () => {
    const { disk, events } = newDisk({ cacheSectors: 16 });
    for (let lba = 0; lba < 17; lba++) disk.write(lba, lba, sector(1));
    expect(events.filter((event) => event.kind === 'write-back')).toEqual([
      { kind: 'write-back', lba: 0, count: 2, cycle: 16, sequence: 16 },
    ]);
    expect(disk.unflushed()[0].lba).toBe(2);
  });

  test('a latent error stays until its sector reaches the medium', () => {
    const { disk, read } = newDisk({ faults: [{ kind: 'read-error', lba: 3 }] });
    expect(read(3)).toBe('error');
    disk.write(3, 0, sector(1));
    expect(read(3)).toBe(1);
    const lost = disk.fork();
    lost.cutPower({ survive: 'none' }, 1);
    expect(lost.faults.state()).toEqual([{ kind: 'read-error', lba: 3 }]);
    disk.flush(2);
    expect(disk.faults.state()).toEqual([]);
  });

  test('a disk without power does nothing', () => {
    const { disk, read } = newDisk();
    disk.cutPower({ survive: 'none' }, 1);
    expect(() => read(1)).toThrow(/power is off/);
    expect(() => disk.flush(2)).toThrow(/power is off/);
  });

  test('a plan that names a write which is not there is refused', () => {
    const { disk } = newDisk();
    disk.write(1, 1, sector(1));
    expect(() => disk.cutPower({ survive: { sequences: [4] } }, 2)).toThrow(/write 4 is not unflushed.*0 to 0/);
    expect(() => disk.cutPower({ survive: { prefix: 2 } }, 2)).toThrow(/prefix must be 0 to 1/);
  });
});

describe('faults', () => {
  const onMedium = (medium: MemoryMedium, lba: number): number => {
    const bytes = new Uint8Array(SECTOR_BYTES);
    medium.readSector(lba, bytes);
    return bytes[0];
  };

  test('a transient read error passes after its times, a misread turns its bits over and reports nothing', () => {
    const { disk, read } = newDisk({
      faults: [
        { kind: 'read-error', lba: 3, times: 2 },
        { kind: 'misread', lba: 4, offset: 0, mask: 0x81, times: 1 },
      ],
    });
    disk.write(4, 0, sector(0x10));
    disk.flush(1);
    // The write mended it: that is why it is listed again.
    expect(read(4)).toBe(0x10);
    disk.faults.add({ kind: 'misread', lba: 4, offset: 0, mask: 0x81, times: 1 });
    expect([read(4), read(4)]).toEqual([0x91, 0x10]);
    expect([read(3), read(3), read(3)]).toEqual(['error', 'error', 0]);
  });

  test('a flush stops at a sector that cannot be written, drops it, and the next one goes on', () => {
    const { disk, medium, events, read } = newDisk({ faults: [{ kind: 'write-error', lba: 6 }] });
    for (const lba of [5, 6, 7]) disk.write(lba, 0, sector(lba));
    expect(disk.flush(10)).toBe(6);
    expect([onMedium(medium, 5), onMedium(medium, 6), onMedium(medium, 7)]).toEqual([5, 0, 0]);
    expect(disk.unflushed().map(({ lba }) => lba)).toEqual([7]);
    expect(read(6)).toBe(0);
    expect(disk.flush(20)).toBeUndefined();
    expect(onMedium(medium, 7)).toBe(7);
    expect(events.map(({ kind, lba }) => [kind, lba]).slice(3)).toEqual([
      ['write-refused', 6],
      ['flush-failed', 6],
      ['read', 6],
      ['flush', 0],
    ]);
  });

  test('a write command that is refused takes nothing, and says so', () => {
    const { disk, events, read } = newDisk({ faults: [{ kind: 'refused-write', lba: 6, times: 1 }] });
    disk.write(6, 0, sector(1));
    expect(read(6)).toBe(0);
    expect(disk.unflushed()).toEqual([]);
    expect([disk.write(5, 2, sector(2)), disk.write(6, 3, sector(3))]).toEqual([true, true]);
    expect([read(5), read(6)]).toEqual([2, 3]);
    expect(events[0]).toMatchObject({ kind: 'write-refused', lba: 6 });
  });

  test('a sector refused when the full cache makes room is reported by the next flush', () => {
    const { disk, medium } = newDisk({ cacheSectors: 16, faults: [{ kind: 'write-error', lba: 0, times: 1 }] });
    for (let lba = 0; lba < 17; lba++) disk.write(lba, lba, sector(1));
    const other = disk.fork();
    expect(disk.flush(20)).toBe(0);
    expect(disk.flush(21)).toBeUndefined();
    expect([onMedium(medium, 0), onMedium(medium, 1), onMedium(medium, 16)]).toEqual([0, 1, 1]);
    expect(other.flush(20)).toBe(0);
  });

  test('a misdirected write leaves the old data where it was meant, a lost one leaves it altogether', () => {
    const { disk, medium, events } = newDisk({
      faults: [
        { kind: 'misdirected-write', lba: 5, to: 9 },
        { kind: 'lost-write', lba: 6 },
      ],
    });
    for (const round of [1, 2]) {
      disk.write(5, 0, sector(round));
      disk.write(6, 0, sector(round));
      expect(disk.flush(round)).toBeUndefined();
      expect([5, 6, 9].map((lba) => onMedium(medium, lba))).toEqual(round === 1 ? [0, 0, 1] : [2, 2, 1]);
    }
    expect(events.filter(({ kind }) => kind.startsWith('write-')).map(({ kind, lba }) => [kind, lba])).toEqual([
      ['write-misdirected', 5],
      ['write-lost', 6],
    ]);
  });

  test('a flush that lies leaves everything in the cache, one that fails keeps it or drops it', () => {
    const { disk, medium } = newDisk({
      faults: [
        { kind: 'lying-flush', times: 1 },
        { kind: 'failed-flush', cache: 'kept', times: 1 },
        { kind: 'failed-flush', cache: 'dropped', times: 1 },
      ],
    });
    disk.write(5, 0, sector(1));
    expect(disk.flush(1)).toBeUndefined();
    expect([onMedium(medium, 5), disk.unflushed().length]).toEqual([0, 1]);
    expect(disk.flush(2)).toBe(5);
    expect(disk.unflushed().length).toBe(1);
    expect(disk.flush(3)).toBe(5);
    expect(disk.unflushed().length).toBe(0);
    disk.write(6, 4, sector(2));
    expect(disk.flush(5)).toBeUndefined();
    expect([onMedium(medium, 5), onMedium(medium, 6)]).toEqual([0, 2]);
  });

  test('a slow disk takes its factor of time, between its cycles', () => {
    const healthy = newDisk().disk.readDelay(1000, 100);
    const slow = (): Disk => newDisk({ faults: [{ kind: 'slow', factor: 3, from: 50, until: 200 }] }).disk;
    expect(slow().readDelay(1000, 100)).toBe(3 * healthy);
    expect(slow().readDelay(1000, 49)).toBe(newDisk().disk.readDelay(1000, 49));
    expect(slow().readDelay(1000, 200)).toBe(newDisk().disk.readDelay(1000, 200));
  });

  test('jitter makes each operation late by cycles of its own, up to the most, the same for the same seed', () => {
    const delays = (seed: number): number[] =>
      Array.from({ length: 200 }, (_, i) => {
        const fault = { kind: 'jitter', seed, most: 500, from: 50, until: 90_000 } as const;
        const cycle = 51 + 400 * i;
        return newDisk({ faults: [fault] }).disk.flushDelay(cycle) - newDisk().disk.flushDelay(cycle);
      });
    const drawn = delays(7);
    expect(delays(7)).toEqual(drawn);
    expect(delays(8)).not.toEqual(drawn);
    expect(new Set(drawn).size).toBeGreaterThan(100);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(500);
    expect(Math.max(...drawn)).toBeGreaterThan(400);
    const late = newDisk({ faults: [{ kind: 'jitter', seed: 7, most: 500, from: 50, until: 90 }] }).disk;
    expect(late.flushDelay(90)).toBe(newDisk().disk.flushDelay(90));
  });

  test('figures that mean nothing are refused with the fault', () => {
    const refused = (fault: DiskFault): void => {
      expect(() => new DiskFaults([fault], 100), JSON.stringify(fault)).toThrow(RangeError);
    };
    refused({ kind: 'read-error', lba: 100 });
    refused({ kind: 'read-error', lba: 1, times: 0 });
    refused({ kind: 'misdirected-write', lba: 1, to: -1 });
    refused({ kind: 'misread', lba: 1, offset: 512, mask: 1 });
    refused({ kind: 'misread', lba: 1, offset: 0, mask: 0 });
    refused({ kind: 'slow', factor: 0.5, from: 0 });
    refused({ kind: 'gone', from: 5, until: 5 });
    refused({ kind: 'jitter', seed: 1, most: 0, from: 0 });
    refused({ kind: 'jitter', seed: -1, most: 5, from: 0 });
  });

  test('another medium can be put in as long as nothing was read or written, and is the one that is read', () => {
    const { disk } = newDisk();
    const other = new MemoryMedium(disk.sectors);
    other.writeSector(9, sector(4));
    const swapped = disk.withMedium(other);
    const target = new Uint8Array(512);
    swapped.read(9, 10, target);
    expect(target[0]).toBe(4);
    expect(() => disk.withMedium(new MemoryMedium(disk.sectors + 1))).toThrow(/in place of one of/);
    expect(() => swapped.fork().withMedium(other)).toThrow(/cannot be exchanged/);
  });

  test('rot stays until the sector is written', () => {
    const { disk, medium, read } = newDisk();
    disk.write(5, 0, sector(1));
    disk.flush(1);
    corruptSector(medium, 5, 0, 6);
    expect(read(5)).toBe(7);
    disk.write(5, 2, sector(1));
    disk.flush(3);
    expect(read(5)).toBe(1);
  });
});

const writes = fc.array(fc.record({ lba: fc.nat(3), value: fc.integer({ min: 1, max: 255 }) }), { maxLength: 12 });

property.prop([writes, writes, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 })])(
  'a cut leaves all that was flushed, and of the rest exactly the survivors, the latest of each sector last',
  (flushed, unflushed, survive) => {
    const { disk, medium } = newDisk();
    const expected = new Map<number, number>();
    for (const { lba, value } of flushed) {
      disk.write(lba, 0, sector(value));
      expected.set(lba, value);
    }
    disk.flush(1);
    for (const { lba, value } of unflushed) disk.write(lba, 2, sector(value));
    const kept = disk.unflushed().filter((_, index) => survive[index]);
    for (const entry of kept) expected.set(entry.lba, entry.data[0]);
    const sequences = kept.map((entry) => entry.sequence);
    const except = disk.unflushed().filter((_, index) => !survive[index]);
    const other = disk.fork();
    expect(disk.cutPower({ survive: { sequences } }, 3)).toBe(medium);
    const otherMedium = other.cutPower({ survive: { except: except.map((entry) => entry.sequence) } }, 3);
    expect(otherMedium.digest()).toBe(medium.digest());
    for (let lba = 0; lba < 4; lba++) {
      const bytes = new Uint8Array(SECTOR_BYTES);
      medium.readSector(lba, bytes);
      expect(bytes).toEqual(sector(expected.get(lba) ?? 0));
    }
  },
);

property.prop([writes, fc.nat(12)])('a prefix survives as if the rest had never been written', (all, count) => {
  const prefix = Math.min(count, all.length);
  const { disk, medium } = newDisk();
  for (const { lba, value } of all) disk.write(lba, 0, sector(value));
  disk.cutPower({ survive: { prefix } }, 1);
  const other = newDisk();
  for (const { lba, value } of all.slice(0, prefix)) other.disk.write(lba, 0, sector(value));
  other.disk.flush(1);
  expect(medium.digest()).toBe(other.medium.digest());
});

describe('time of a mechanical disk', () => {
  const microsecond = CLOCK_HZ / 1_000_000;

  test('a random read takes seek, rotation and transfer', () => {
    const { disk } = newDisk();
    const least = (2000 + 87) * microsecond;
    const most = (20000 + 11111 + 87 + 31 + 1) * microsecond;
    for (const lba of [200_000, 17, 130_000, 131_000]) {
      const delay = disk.readDelay(lba, 1000);
      expect(delay).toBeGreaterThan(least);
      expect(delay).toBeLessThan(most);
    }
  });

  test('a sequential read goes at the speed of the platter', () => {
    const { disk } = newDisk();
    let now = disk.readDelay(0, 0);
    const start = now;
    for (let lba = 1; lba < 128; lba++) now += disk.readDelay(lba, now);
    // 127 of 128 sectors of a track pass in 127/128 of a revolution.
    expect((now - start) / microsecond).toBeCloseTo((11111 * 127) / 128, -2);
  });

  test('a flush of one track takes at most a seek and two revolutions, whatever the order of the writes', () => {
    const { disk } = newDisk();
    for (let index = 0; index < 128; index++) disk.write(128_000 + ((index * 37) % 128), 0, sector(1));
    expect(disk.flushDelay(12345)).toBeLessThan((100 + 20000 + 2 * 11111) * microsecond);
    expect(disk.flushDelay(12345)).toBeGreaterThan(11000 * microsecond);
  });

  test('writes go to the cache at bus speed, an empty flush is quick', () => {
    const { disk } = newDisk();
    expect(disk.writeDelay(0)).toBe(31 * microsecond);
    expect(disk.flushDelay(0)).toBe(100 * microsecond);
  });

  test('flash has no seek', () => {
    const disk = new Disk(new MemoryMedium(SECTORS), FLASH_MODULE, CLOCK_HZ);
    expect(disk.readDelay(200_000, 5)).toBe((31 + 15) * microsecond);
    expect(disk.readDelay(3, 5)).toBe((31 + 15) * microsecond);
  });
});
