import { describe, expect, test } from 'vitest';
import { Clock } from '../clock.js';
import { Disk } from '../disk/disk.js';
import { MemoryMedium, SECTOR_BYTES } from '../disk/durable-medium.js';
import { type DiskFault, DiskFaults } from '../disk/faults.js';
import { HARD_DISK_1996 } from '../disk/profile.js';
import { PhysicalMemory } from '../memory/physical-memory.js';
import { advanceClock } from '../testing/advance-clock.js';
import { BusMaster } from './bus-master.js';
import { Ide } from './ide.js';

const CLOCK_HZ = 66_000_000;
const SECTORS = 1_000_000;
const BUS_MASTER = 0xc000;
const TABLE = 0x1000;
const BUFFER = 0x10000;
const READY = 0x50;

function pattern(lba: number): Uint8Array {
  return Uint8Array.from({ length: SECTOR_BYTES }, (_, index) => (lba * 7 + index) & 0xff);
}

function setUp(faults: DiskFault[] = []) {
  const clock = new Clock();
  const memory = new PhysicalMemory(1 << 20);
  const medium = new MemoryMedium(SECTORS);
  for (const lba of [0, 1, 2, 3, 300_000, 300_001, SECTORS - 1]) medium.writeSector(lba, pattern(lba));
  const disk = new Disk(medium, HARD_DISK_1996, CLOCK_HZ, new DiskFaults(faults, SECTORS));
  const state = { level: false, enabled: true };
  const busMaster: BusMaster = new BusMaster(
    memory,
    () => state.enabled,
    () => ide.busMasterStarted(),
  );
  const ide: Ide = new Ide(clock, CLOCK_HZ, disk, busMaster, (level) => {
    state.level = level;
  });
  const status = (): number => ide.portRead(0x1f7, 1);
  const alternate = (): number => ide.portRead(0x3f6, 1);
  const command = (code: number, lba: number, count: number): void => {
    ide.portWrite(0x1f2, 1, count & 0xff);
    ide.portWrite(0x1f3, 1, lba & 0xff);
    ide.portWrite(0x1f4, 1, (lba >> 8) & 0xff);
    ide.portWrite(0x1f5, 1, (lba >> 16) & 0xff);
    ide.portWrite(0x1f6, 1, 0xe0 | ((lba >> 24) & 15));
    ide.portWrite(0x1f7, 1, code);
  };
  /** 48-bit form: each register twice, high half first. */
  const commandExtended = (code: number, lba: number, count: number): void => {
    ide.portWrite(0x1f2, 1, count >> 8);
    ide.portWrite(0x1f3, 1, Math.floor(lba / 2 ** 24) & 0xff);
    ide.portWrite(0x1f4, 1, Math.floor(lba / 2 ** 32) & 0xff);
    ide.portWrite(0x1f5, 1, 0);
    command(code, lba & 0xffffff, count);
  };
  /** Lets time pass until the drive asks for the interrupt; fails after a simulated second. */
  const untilInterrupt = (): void => {
    const limit = clock.now + CLOCK_HZ;
    while (!state.level && clock.nextCycle <= limit) advanceClock(clock, clock.nextCycle);
    expect(state.level).toBe(true);
  };
  const untilReady = (): void => {
    const limit = clock.now + CLOCK_HZ;
    while (alternate() & 0x80 && clock.nextCycle <= limit) advanceClock(clock, clock.nextCycle);
    expect(alternate() & 0x80).toBe(0);
  };
  const readWords = (): Uint8Array => {
    const words = Uint16Array.from({ length: 256 }, () => ide.portRead(0x1f0, 2));
    return new Uint8Array(words.buffer);
  };
  const writeWords = (bytes: Uint8Array): void => {
    for (let at = 0; at < SECTOR_BYTES; at += 2) ide.portWrite(0x1f0, 2, bytes[at] | (bytes[at + 1] << 8));
  };
  const regions = (...entries: [address: number, bytes: number][]): void => {
    entries.forEach(([address, bytes], index) => {
      memory.write32(TABLE + 8 * index, address);
      memory.write32(TABLE + 8 * index + 4, (bytes & 0xffff) | (index === entries.length - 1 ? 0x80000000 : 0));
    });
    busMaster.portWrite(BUS_MASTER + 4, 4, TABLE);
  };
  const start = (toMemory: boolean): void => {
    busMaster.portWrite(BUS_MASTER, 1, toMemory ? 0x08 : 0);
    busMaster.portWrite(BUS_MASTER + 2, 1, 0x06);
    busMaster.portWrite(BUS_MASTER, 1, toMemory ? 0x09 : 1);
  };
  const busMasterStatus = (): number => busMaster.portRead(BUS_MASTER + 2, 1);
  return {
    ...{ clock, memory, medium, disk, busMaster, ide, state, status, alternate, command, commandExtended },
    ...{ untilInterrupt, untilReady, readWords, writeWords, regions, start, busMasterStatus },
  };
}

function stored(disk: Disk, lba: number): Uint8Array {
  const bytes = new Uint8Array(SECTOR_BYTES);
  expect(disk.read(lba, 0, bytes)).toBe(true);
  return bytes;
}

describe('IDE, PIO', () => {
  test('IDENTIFY names a disk of its size with DMA, 48-bit addresses and FLUSH CACHE', () => {
    const { command, untilInterrupt, readWords, alternate, status } = setUp();
    command(0xec, 0, 0);
    expect(alternate()).toBe(0x80);
    untilInterrupt();
    expect(status()).toBe(READY | 8);
    const words = new Uint16Array(readWords().buffer);
    expect(words[60] | (words[61] << 16)).toBe(SECTORS);
    expect(words[100] | (words[101] << 16)).toBe(SECTORS);
    expect(words[49] & 0x300).toBe(0x300);
    expect(words[83]).toBe(0x7400);
    expect(words[63]).toBe(0x0407);
    const model = Array.from(words.slice(27, 47), (word) => String.fromCharCode(word >> 8, word & 0xff)).join('');
    expect(model.trim()).toBe('PHANTOM TESTBED DISK');
    expect(status()).toBe(READY);
  });

  test('READ SECTORS interrupts before each sector, not after the last', () => {
    const { command, untilInterrupt, readWords, status, state } = setUp();
    command(0x20, 1, 3);
    for (const lba of [1, 2, 3]) {
      untilInterrupt();
      expect(status()).toBe(READY | 8);
      expect(state.level).toBe(false);
      expect(readWords()).toEqual(pattern(lba));
    }
    expect(status()).toBe(READY);
  });

  test('WRITE SECTORS asks for the first sector without an interrupt and interrupts after each', () => {
    const { command, untilInterrupt, untilReady, writeWords, status, state, disk } = setUp();
    command(0x30, 500, 2);
    untilReady();
    expect(state.level).toBe(false);
    expect(status()).toBe(READY | 8);
    writeWords(pattern(500));
    untilInterrupt();
    expect(status()).toBe(READY | 8);
    writeWords(pattern(501));
    untilInterrupt();
    expect(status()).toBe(READY);
    expect(stored(disk, 500)).toEqual(pattern(500));
    expect(stored(disk, 501)).toEqual(pattern(501));
    expect(disk.unflushed().length).toBe(2);
  });

  test('32-bit data accesses and CHS addresses', () => {
    const { ide, command, untilInterrupt } = setUp();
    command(0x20, 0, 1);
    ide.portWrite(0x1f3, 1, 3);
    untilInterrupt();
    ide.portRead(0x1f7, 1);
    for (let at = 0; at < 128; at++) ide.portRead(0x1f0, 4);
    ide.portWrite(0x1f3, 1, 3); // sector 3 of the first track is LBA 2
    ide.portWrite(0x1f6, 1, 0xa0);
    ide.portWrite(0x1f7, 1, 0x20);
    untilInterrupt();
    expect(ide.portRead(0x1f0, 4)).toBe(0x11100f0e);
  });

  test('READ SECTORS EXT takes the 48-bit registers', () => {
    const { commandExtended, untilInterrupt, readWords, status } = setUp();
    commandExtended(0x24, 300_000, 2);
    untilInterrupt();
    expect(status()).toBe(READY | 8);
    expect(readWords()).toEqual(pattern(300_000));
    untilInterrupt();
    expect(readWords()).toEqual(pattern(300_001));
  });

  test('a sector that cannot be read: UNC, and the registers name it', () => {
    const { ide, command, untilInterrupt, readWords, status } = setUp([{ kind: 'read-error', lba: 2 }]);
    command(0x20, 1, 3);
    untilInterrupt();
    expect(status()).toBe(READY | 8);
    expect(readWords()).toEqual(pattern(1));
    untilInterrupt();
    expect(status()).toBe(READY | 1);
    expect(ide.portRead(0x1f1, 1)).toBe(0x40);
    expect([3, 4, 5, 6].map((register) => ide.portRead(0x1f0 + register, 1))).toEqual([2, 0, 0, 0xe0]);
  });

  test('past the end of the disk: IDNF, at the first sector that is not there', () => {
    const { ide, command, untilInterrupt, readWords, status } = setUp();
    command(0x20, SECTORS - 1, 2);
    untilInterrupt();
    status();
    expect(readWords()).toEqual(pattern(SECTORS - 1));
    untilInterrupt();
    expect(status()).toBe(READY | 1);
    expect(ide.portRead(0x1f1, 1)).toBe(0x10);
    expect([3, 4, 5].map((register) => ide.portRead(0x1f0 + register, 1))).toEqual([0x40, 0x42, 0x0f]);
  });

  test('an unknown command is aborted', () => {
    const { ide, command, status, state } = setUp();
    command(0xc6, 0, 8);
    expect(state.level).toBe(true);
    expect(status()).toBe(READY | 1);
    expect(ide.portRead(0x1f1, 1)).toBe(0x04);
  });

  test('nIEN keeps the line low, the status stays', () => {
    const { ide, command, untilReady, state, alternate } = setUp();
    ide.portWrite(0x3f6, 1, 0x02);
    command(0x20, 1, 1);
    untilReady();
    expect(state.level).toBe(false);
    expect(alternate()).toBe(READY | 8);
    ide.portWrite(0x3f6, 1, 0);
    expect(state.level).toBe(true);
  });

  test('software reset ends the command and leaves the signature', () => {
    const { ide, command, untilReady, status, state, alternate } = setUp();
    command(0x20, 300_000, 4);
    ide.portWrite(0x3f6, 1, 0x04);
    expect(alternate()).toBe(0x80);
    ide.portWrite(0x3f6, 1, 0x00);
    untilReady();
    expect(status()).toBe(READY);
    expect(state.level).toBe(false);
    expect([1, 2, 3, 4, 5].map((register) => ide.portRead(0x1f0 + register, 1))).toEqual([1, 1, 1, 0, 0]);
  });

  test('drive 1 is absent', () => {
    const { ide, command, alternate, clock } = setUp();
    ide.portWrite(0x1f6, 1, 0xf0);
    expect(alternate()).toBe(0);
    ide.portWrite(0x1f7, 1, 0xec);
    expect(clock.nextCycle).toBe(Number.POSITIVE_INFINITY);
    command(0xec, 0, 0);
    expect(alternate()).toBe(0x80);
  });
});

describe('IDE, DMA', () => {
  test('READ DMA scatters over the regions, ends with one interrupt', () => {
    const { command, regions, start, untilInterrupt, status, busMasterStatus, memory } = setUp();
    regions([BUFFER, 100], [BUFFER + 0x3000, 924], [0x20000, 512]);
    command(0xc8, 1, 3);
    start(true);
    untilInterrupt();
    expect(busMasterStatus()).toBe(0x04);
    expect(status()).toBe(READY);
    const expected = Buffer.concat([pattern(1), pattern(2), pattern(3)]);
    const found = Buffer.concat([
      memory.readBytes(BUFFER, 100),
      memory.readBytes(BUFFER + 0x3000, 924),
      memory.readBytes(0x20000, 512),
    ]);
    expect(found.equals(expected)).toBe(true);
  });

  test('WRITE DMA gathers; a sector is in the cache as soon as it has moved', () => {
    const { command, regions, start, disk, memory, clock, untilInterrupt, status } = setUp();
    for (let index = 0; index < 4; index++) memory.writeBytes(BUFFER + index * SECTOR_BYTES, pattern(40 + index));
    regions([BUFFER, 700], [BUFFER + 700, 2048 - 700]);
    start(false);
    command(0xca, 40, 4);
    const counts: number[] = [];
    while (counts.length < 4) {
      advanceClock(clock, clock.nextCycle);
      counts.push(disk.unflushed().length);
    }
    expect(counts).toEqual([1, 2, 3, 4]);
    untilInterrupt();
    expect(status()).toBe(READY);
    expect(disk.unflushed().map((entry) => entry.lba)).toEqual([40, 41, 42, 43]);
    for (let index = 0; index < 4; index++) expect(stored(disk, 40 + index)).toEqual(pattern(40 + index));
  });

  test('a power cut within WRITE DMA keeps whole sectors only', () => {
    const { command, regions, start, disk, memory, clock } = setUp();
    memory.writeBytes(BUFFER, new Uint8Array(4096).fill(0xee));
    regions([BUFFER, 4096]);
    start(false);
    command(0xca, 100, 8);
    for (let sector = 0; sector < 3; sector++) advanceClock(clock, clock.nextCycle);
    advanceClock(clock, clock.nextCycle - 1);
    const medium = disk.cutPower({ survive: 'all' }, clock.now);
    const survived = Array.from({ length: 8 }, (_, index) => {
      const bytes = new Uint8Array(SECTOR_BYTES);
      medium.readSector(100 + index, bytes);
      expect(new Set(bytes).size).toBe(1);
      return bytes[0];
    });
    expect(survived).toEqual([0xee, 0xee, 0xee, 0, 0, 0, 0, 0]);
  });

  test('a region of 0 bytes is 64 KiB; a longer table stays active', () => {
    const { command, regions, start, untilInterrupt, busMasterStatus, memory } = setUp();
    regions([BUFFER, 0]);
    start(true);
    command(0xc8, 0, 2);
    untilInterrupt();
    expect(busMasterStatus()).toBe(0x05);
    expect(memory.readBytes(BUFFER + 512, 512)).toEqual(pattern(1));
  });

  test('a table that is too short leaves the drive waiting, without an interrupt', () => {
    const { command, regions, start, clock, state, alternate, busMasterStatus } = setUp();
    regions([BUFFER, 700]);
    start(true);
    command(0xc8, 0, 2);
    advanceClock(clock, CLOCK_HZ);
    expect(state.level).toBe(false);
    expect(alternate()).toBe(READY | 8);
    expect(busMasterStatus()).toBe(0);
  });

  test('the drive waits for the bus master: not started, wrong direction, or not enabled', () => {
    const { command, regions, start, clock, state, untilInterrupt, memory } = setUp();
    state.enabled = false;
    regions([BUFFER, 512]);
    start(true);
    command(0xc8, 2, 1);
    advanceClock(clock, CLOCK_HZ);
    expect(memory.readBytes(BUFFER, 4)).toEqual(new Uint8Array(4));
    state.enabled = true;
    start(false);
    advanceClock(clock, 2 * CLOCK_HZ);
    expect(state.level).toBe(false);
    start(true);
    untilInterrupt();
    expect(memory.readBytes(BUFFER, 512)).toEqual(pattern(2));
  });

  test('a read error ends DMA with ERR and an interrupt while the bus master is active', () => {
    const { ide, commandExtended, regions, start, untilInterrupt, status, busMasterStatus } = setUp([
      { kind: 'read-error', lba: 300_001 },
    ]);
    regions([BUFFER, 4096]);
    start(true);
    commandExtended(0x25, 300_000, 8);
    untilInterrupt();
    expect(busMasterStatus()).toBe(0x05);
    expect(status()).toBe(READY | 1);
    expect(ide.portRead(0x1f1, 1)).toBe(0x40);
    const low = [3, 4, 5].map((register) => ide.portRead(0x1f0 + register, 1));
    ide.portWrite(0x3f6, 1, 0x80);
    const high = [3, 4, 5].map((register) => ide.portRead(0x1f0 + register, 1));
    expect([...low, ...high]).toEqual([0xe1, 0x93, 0x04, 0, 0, 0]);
  });

  test('FLUSH CACHE ends when everything is on the medium, not before', () => {
    const { command, regions, start, untilInterrupt, status, disk, clock, state, medium } = setUp();
    const before = medium.digest();
    regions([BUFFER, 1024]);
    start(false);
    command(0xca, 900_000, 2);
    untilInterrupt();
    status();
    command(0xe7, 0, 0);
    advanceClock(clock, clock.nextCycle - 1);
    expect(state.level).toBe(false);
    expect(disk.unflushed().length).toBe(2);
    advanceClock(clock, clock.nextCycle);
    expect(state.level).toBe(true);
    expect(status()).toBe(READY);
    expect(disk.unflushed()).toEqual([]);
    expect(medium.digest()).toBe(before); // what was written were zeros
  });

  test('with the write cache off a write is durable when it ends', () => {
    const { ide, command, regions, start, untilInterrupt, status, disk } = setUp();
    ide.portWrite(0x1f1, 1, 0x82);
    command(0xef, 0, 0);
    expect(status()).toBe(READY);
    regions([BUFFER, 512]);
    start(false);
    command(0xca, 77, 1);
    untilInterrupt();
    expect(disk.unflushed()).toEqual([]);
  });

  test('state saved within a transfer goes on in another controller', () => {
    const first = setUp();
    first.memory.writeBytes(BUFFER, pattern(1));
    first.regions([BUFFER, 4096]);
    first.start(true);
    first.command(0xc8, 0, 4);
    advanceClock(first.clock, first.clock.nextCycle);
    const second = setUp();
    for (let address = TABLE; address < TABLE + 16; address += 4) {
      second.memory.write32(address, first.memory.read32(address));
    }
    second.memory.writeBytes(BUFFER, first.memory.readBytes(BUFFER, 4096));
    second.ide.restoreState(first.ide.saveState());
    second.busMaster.restoreState(first.busMaster.saveState());
    second.clock.restoreState(first.clock.saveState());
    first.untilInterrupt();
    second.untilInterrupt();
    expect(second.memory.readBytes(BUFFER, 4096)).toEqual(first.memory.readBytes(BUFFER, 4096));
    expect(second.ide.saveState()).toEqual(first.ide.saveState());
  });
});

describe('IDE, a drive with defects', () => {
  test('a sector that cannot be written ends the flush, not the write, and is named', () => {
    const { ide, memory, command, regions, start, untilInterrupt, status, disk } = setUp([
      { kind: 'write-error', lba: 21 },
    ]);
    memory.writeBytes(BUFFER, new Uint8Array(3 * SECTOR_BYTES).fill(7));
    regions([BUFFER, 3 * SECTOR_BYTES]);
    command(0xca, 20, 3);
    start(false);
    untilInterrupt();
    expect(status()).toBe(READY);
    ide.portWrite(0x1f7, 1, 0xe7);
    untilInterrupt();
    expect(status()).toBe(READY | 1);
    expect(ide.portRead(0x1f1, 1)).toBe(0x10);
    expect([0x1f3, 0x1f4, 0x1f5].map((port) => ide.portRead(port, 1))).toEqual([21, 0, 0]);
    ide.portWrite(0x1f7, 1, 0xe7);
    untilInterrupt();
    expect(status()).toBe(READY);
    expect([20, 21, 22].map((lba) => stored(disk, lba)[0])).toEqual([7, 0, 7]);
  });

  test('while the cable is out nothing answers, and what was under way is never finished', () => {
    const { ide, clock, command, state, alternate, untilInterrupt, readWords } = setUp([
      { kind: 'gone', from: 1000, until: 50_000_000 },
    ]);
    command(0x20, 1, 1);
    expect(alternate()).toBe(0x80);
    advanceClock(clock, 40_000_000);
    expect([alternate(), ide.portRead(0x1f0, 4), state.level]).toEqual([0xff, 0xffffffff, false]);
    command(0x20, 2, 1);
    advanceClock(clock, 60_000_000);
    expect([alternate(), state.level]).toEqual([READY, false]);
    command(0x20, 3, 1);
    untilInterrupt();
    expect(new Uint8Array(readWords().buffer)).toEqual(pattern(3));
  });
});
