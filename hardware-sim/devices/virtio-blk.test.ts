import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Disk } from '../disk/disk.js';
import { SECTOR_BYTES } from '../disk/durable-medium.js';
import { stateDigest } from '../state-digest.js';
import {
  BUFFERS,
  FEATURE_FLUSH,
  FLUSH,
  GET_ID,
  IN,
  MEMORY_BYTES,
  OUT,
  PENDING,
  pattern,
  QUEUE,
  SECTORS,
  VirtioDriver,
} from '../testing/virtio-driver.js';
import { VIRTIO_QUEUE_SIZE } from './virtio-blk.js';

const OK = 0;
const IO_ERROR = 1;
const UNSUPPORTED = 2;
const NEEDS_RESET = 0x40;

function buffer(sectors: number, at = BUFFERS) {
  return { address: at, bytes: sectors * SECTOR_BYTES };
}

describe('virtio-blk, registers', () => {
  test('features, queue size and configuration', () => {
    const driver = new VirtioDriver();
    expect(driver.read(0, 4)).toBe((1 << 2) | (1 << 6) | (1 << 9));
    expect(driver.read(12, 2)).toBe(VIRTIO_QUEUE_SIZE);
    expect([driver.read(20, 4), driver.read(24, 4)]).toEqual([SECTORS, 0]);
    expect(driver.read(32, 4)).toBe(VIRTIO_QUEUE_SIZE - 2);
    expect(driver.read(40, 4)).toBe(SECTOR_BYTES);
    driver.write(4, 4, 0xffffffff);
    expect(driver.read(4, 4)).toBe(driver.read(0, 4));
    driver.write(14, 2, 1);
    expect([driver.read(8, 4), driver.read(12, 2)]).toEqual([0, 0]);
  });

  test('writing status 0 resets: no queue, no interrupt, what was in flight is forgotten', () => {
    const driver = new VirtioDriver().start();
    driver.request(0, IN, 1, [buffer(1)]);
    driver.offer(0);
    driver.write(18, 1, 0);
    driver.wait();
    expect([driver.read(18, 1), driver.read(8, 4), driver.level]).toEqual([0, 0, false]);
    expect(driver.status(0)).toBe(PENDING);
    driver.start().request(4, IN, 2, [buffer(1)]);
    driver.offer(4);
    driver.wait();
    expect(driver.used()).toEqual([[4, SECTOR_BYTES + 1]]);
  });

  test('the interrupt stays until its status is read; a driver may do without it', () => {
    const driver = new VirtioDriver().start();
    driver.request(0, FLUSH, 0, []);
    driver.offer(0);
    driver.wait();
    expect(driver.level).toBe(true);
    expect([driver.read(19, 1), driver.level, driver.read(19, 1)]).toEqual([1, false, 0]);
    driver.quiet();
    driver.offer(0);
    driver.wait();
    expect(driver.used()).toHaveLength(2);
    expect(driver.level).toBe(false);
  });
});

describe('virtio-blk, requests', () => {
  test('a read scatters over its segments; status, used ring and interrupt tell that it is over', () => {
    const driver = new VirtioDriver().start();
    const segments = [
      { address: BUFFERS, bytes: 100 },
      { address: BUFFERS + 0x3000, bytes: 924 },
      { address: BUFFERS + 0x8000, bytes: 512 },
    ];
    driver.request(7, IN, 1, segments);
    driver.offer(7);
    driver.wait();
    expect(driver.used()).toEqual([[7, 3 * SECTOR_BYTES + 1]]);
    expect(driver.status(7)).toBe(OK);
    const found = Buffer.concat(segments.map(({ address, bytes }) => driver.memory.readBytes(address, bytes)));
    expect(found.equals(Buffer.concat([pattern(1), pattern(2), pattern(3)]))).toBe(true);
  });

  test('a power cut within a write keeps the whole sectors that have moved', () => {
    const driver = new VirtioDriver().start();
    driver.memory.writeBytes(BUFFERS, new Uint8Array(8 * SECTOR_BYTES).fill(0xdd));
    driver.request(0, OUT, 100, [buffer(8)]);
    driver.offer(0);
    while (driver.disk.unflushed().length < 3) driver.step();
    expect(driver.used()).toEqual([]);
    const medium = driver.disk.cutPower({ survive: 'all' }, driver.clock.now);
    const survived = Array.from({ length: 8 }, (_, index) => {
      const bytes = new Uint8Array(SECTOR_BYTES);
      medium.readSector(100 + index, bytes);
      expect(new Set(bytes).size).toBe(1);
      return bytes[0];
    });
    expect(survived).toEqual([0xdd, 0xdd, 0xdd, 0, 0, 0, 0, 0]);
  });

  test('a flush ends when everything is on the medium, not before', () => {
    const driver = new VirtioDriver().start();
    driver.request(0, OUT, 900_000, [buffer(2)]);
    driver.offer(0);
    driver.wait();
    expect(driver.disk.unflushed()).toHaveLength(2);
    driver.request(0, FLUSH, 0, []);
    driver.offer(0);
    while (driver.status(0) === PENDING) {
      expect(driver.disk.unflushed()).toHaveLength(2);
      driver.step();
    }
    expect([driver.status(0), driver.disk.unflushed()]).toEqual([OK, []]);
  });

  test('a driver that does not take FLUSH has a disk without a write cache', () => {
    const driver = new VirtioDriver().start(0);
    driver.request(0, OUT, 77, [buffer(1)]);
    driver.offer(0);
    driver.wait();
    expect([driver.status(0), driver.disk.unflushed()]).toEqual([OK, []]);
  });

  test('many in flight: a flush first, then reads with the nearest first, then writes as they came', () => {
    const driver = new VirtioDriver().start();
    const order: number[] = [];
    const requests = [
      [OUT, 10],
      [OUT, 5],
      [IN, 700_000],
      [IN, 300_000],
      [IN, 900],
      [FLUSH, 0],
    ] as const;
    for (const [index, [type, lba]] of requests.entries()) {
      driver.request(index * 4, type, lba, type === FLUSH ? [] : [buffer(1, BUFFERS + index * SECTOR_BYTES)]);
    }
    driver.offer(0, 4, 8, 12, 16, 20);
    driver.wait();
    for (const [head] of driver.used()) order.push(head / 4);
    expect(order).toEqual([5, 4, 3, 2, 0, 1]);
    expect(driver.device.requestsMost).toBe(6);
  });

  test('nobody is overtaken for ever', () => {
    const driver = new VirtioDriver().start();
    driver.request(0, OUT, 10, [buffer(1)]);
    driver.offer(0);
    for (let head = 4; head < 4 + 4 * 40; head += 4) {
      driver.request(head, IN, 500 + head, [buffer(1)]);
      driver.offer(head);
    }
    driver.wait(2);
    const heads = driver.used().map(([head]) => head);
    expect(heads).toHaveLength(41);
    // 16 reads may come first, and the one that has begun.
    expect(heads.indexOf(0)).toBeLessThanOrEqual(17);
    expect(heads.indexOf(0)).toBeGreaterThan(1);
  });

  test('GET_ID names the disk; an unknown type is unsupported', () => {
    const driver = new VirtioDriver().start();
    driver.request(0, GET_ID, 0, [{ address: BUFFERS, bytes: 20 }]);
    driver.request(4, 11, 0, [buffer(1)]);
    driver.offer(0, 4);
    driver.wait();
    expect([driver.status(0), driver.status(4)]).toEqual([OK, UNSUPPORTED]);
    expect(Buffer.from(driver.memory.readBytes(BUFFERS, 20)).toString()).toBe('PHANTOM TESTBED DISK');
  });
});

describe('virtio-blk, what fails', () => {
  test('a sector that cannot be read ends the request, with what came before it in memory', () => {
    const driver = new VirtioDriver([{ kind: 'read-error', lba: 2 }]).start();
    driver.request(0, IN, 1, [buffer(3)]);
    driver.offer(0);
    driver.wait();
    expect([driver.status(0), driver.used()]).toEqual([IO_ERROR, [[0, SECTOR_BYTES + 1]]]);
    expect(driver.memory.readBytes(BUFFERS, SECTOR_BYTES)).toEqual(pattern(1));
  });

  test('a sector that cannot be written fails the flush, not the write, and only that flush', () => {
    const driver = new VirtioDriver([{ kind: 'write-error', lba: 51 }]).start();
    driver.request(0, OUT, 50, [buffer(3)]);
    driver.offer(0);
    driver.wait();
    expect(driver.status(0)).toBe(OK);
    const statuses = [1, 2].map(() => {
      driver.request(0, FLUSH, 0, []);
      driver.offer(0);
      driver.wait();
      return driver.status(0);
    });
    expect(statuses).toEqual([IO_ERROR, OK]);
  });

  test.each([
    ['past the end of the disk', SECTORS - 1, 2 * SECTOR_BYTES],
    ['far past it', 2 ** 60, SECTOR_BYTES],
    ['half a sector', 5, 700],
  ])('%s: IOERR, and nothing moves', (_, lba, bytes) => {
    const driver = new VirtioDriver().start();
    driver.request(0, OUT, lba, [{ address: BUFFERS, bytes }]);
    driver.offer(0);
    driver.wait();
    expect([driver.status(0), driver.disk.unflushed()]).toEqual([IO_ERROR, []]);
  });

  test('a drive that is gone is deaf, reads as all ones, and forgets what was in flight', () => {
    const from = 1_000;
    const until = 3_000_000;
    const driver = new VirtioDriver([{ kind: 'gone', from, until }]).start();
    driver.request(0, IN, 1, [buffer(1)]);
    driver.offer(0);
    driver.wait(0.001);
    expect([driver.read(18, 1), driver.read(19, 1), driver.read(20, 4)]).toEqual([0xff, 0xff, 0xffffffff]);
    driver.write(18, 1, 0);
    driver.wait();
    expect([driver.read(18, 1), driver.status(0), driver.level]).toEqual([7, PENDING, false]);
    driver.offer(0);
    driver.wait();
    expect(driver.status(0)).toBe(OK);
  });

  test('without bus mastering nothing is read or written; switched on, it goes on', () => {
    const driver = new VirtioDriver().start();
    driver.request(0, IN, 1, [buffer(1)]);
    driver.enabled = false;
    driver.offer(0);
    driver.wait();
    expect(driver.status(0)).toBe(PENDING);
    driver.enabled = true;
    driver.device.busMasterChanged();
    driver.enabled = false;
    driver.wait();
    expect([driver.status(0), driver.memory.readBytes(BUFFERS, 4)]).toEqual([PENDING, new Uint8Array(4)]);
    driver.enabled = true;
    driver.device.busMasterChanged();
    driver.wait();
    expect(driver.status(0)).toBe(OK);
  });
});

describe('virtio-blk, drivers that break the rules', () => {
  const broken: readonly (readonly [string, (driver: VirtioDriver) => void])[] = [
    ['a chain without an end', (driver) => driver.descriptor(2, { address: BUFFERS, bytes: 1 }, 3, 1)],
    ['a descriptor outside the table', (driver) => driver.descriptor(0, { address: BUFFERS, bytes: 16 }, 1, 256)],
    ['an indirect descriptor', (driver) => driver.descriptor(0, { address: BUFFERS, bytes: 16 }, 4)],
    ['nothing for the device to write to', (driver) => driver.descriptor(0, { address: BUFFERS, bytes: 16 }, 0)],
    ['half a header', (driver) => driver.descriptor(0, { address: BUFFERS, bytes: 8 }, 1, 1)],
    [
      'something to read behind something to write',
      (driver) => driver.descriptor(0, { address: BUFFERS, bytes: 16 }, 3, 3),
    ],
    ['more requests than descriptors', (driver) => driver.claim(257)],
  ];

  test.each(broken)('%s: the device stops, says so, and works again after a reset', (_, breakRule) => {
    const driver = new VirtioDriver().start();
    driver.request(0, IN, 1, [buffer(1)]);
    driver.descriptor(3, { address: BUFFERS, bytes: 16 }, 0);
    breakRule(driver);
    driver.offer(0);
    expect([driver.read(18, 1), driver.level, driver.read(19, 1)]).toEqual([7 | NEEDS_RESET, true, 2]);
    driver.wait();
    driver.notify();
    driver.wait();
    expect(driver.memory.read16(QUEUE + 8192 + 2)).toBe(0);
    driver.start().request(0, IN, 1, [buffer(1)]);
    driver.offer(0);
    driver.wait();
    expect([driver.read(18, 1), driver.status(0)]).toEqual([7, OK]);
  });

  const word = fc.oneof(fc.nat(600), fc.nat(0xffff), fc.nat(MEMORY_BYTES), fc.integer({ min: 0, max: 0xffffffff }));
  const action = fc.oneof(
    fc.record({
      kind: fc.constant('port' as const),
      register: fc.nat(63),
      size: fc.constantFrom(1, 2, 4),
      value: word,
    }),
    fc.record({ kind: fc.constant('memory' as const), at: fc.nat(0x2fff), value: word }),
    fc.record({ kind: fc.constant('time' as const), cycles: fc.nat(3_000_000) }),
  );

  property.prop([fc.array(action, { maxLength: 80 })], { numRuns: 150 })(
    'whatever a guest writes to registers and queue, the device survives, its state is plain data at any moment, and a reset mends it',
    (actions) => {
      const driver = new VirtioDriver().start();
      for (let head = 0; head < 40; head += 4) driver.request(head, head % 3, head * 9, [buffer(2)]);
      driver.offer(0, 4, 8);
      for (const one of actions) {
        if (one.kind === 'port') driver.write(one.register, one.size as 1 | 2 | 4, one.value);
        else if (one.kind === 'memory') driver.memory.write16(QUEUE + one.at, one.value);
        else driver.wait(one.cycles / 66_000_000);
      }
      const state = driver.device.saveState();
      expect(state.requests.length).toBeLessThanOrEqual(VIRTIO_QUEUE_SIZE);
      expect(stateDigest(state)).toMatch(/^[0-9a-f]{64}$/);
      driver.device.restoreState(state);
      expect(driver.device.saveState()).toEqual(state);
      driver.enabled = true;
      driver.start(FEATURE_FLUSH).request(0, IN, 1, [buffer(1)]);
      driver.offer(0);
      driver.wait();
      expect(driver.status(0)).toBe(OK);
    },
  );
});

test('the disk says which read would be over first without moving', () => {
  const { disk, clock } = new VirtioDriver();
  expect(disk).toBeInstanceOf(Disk);
  const expected = [900, 700_000].map((lba) => disk.expectedReadDelay(lba, clock.now));
  expect(expected[0]).toBeLessThan(expected[1]);
  expect([900, 700_000].map((lba) => disk.expectedReadDelay(lba, clock.now))).toEqual(expected);
  expect(disk.readDelay(900, clock.now)).toBe(expected[0]);
});
