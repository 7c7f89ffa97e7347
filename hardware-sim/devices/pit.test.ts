import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Clock } from '../clock.js';
import { advanceClock } from '../testing/advance-clock.js';
import { PIT_HZ, Pit, type TimerJitter } from './pit.js';
import { Rate } from './rate.js';

const CLOCK_HZ = 66_000_000;
const rate = new Rate(PIT_HZ, CLOCK_HZ);

function setUp(jitter?: TimerJitter) {
  const clock = new Clock();
  const heard: number[] = [];
  const edges: { tick: number; level: boolean }[] = [];
  let level = false;
  const pit = new Pit(
    clock,
    CLOCK_HZ,
    (next) => {
      if (next !== level) edges.push({ tick: rate.ticksAt(clock.now), level: next });
      if (next && !level) heard.push(clock.now);
      level = next;
    },
    jitter,
  );
  const toTick = (tick: number): void => advanceClock(clock, rate.cycleOf(tick));
  const program = (control: number, ...bytes: number[]): void => {
    pit.writeByte(0x43, control);
    for (const byte of bytes) pit.writeByte(0x40 + (control >> 6), byte);
  };
  const readLatched = (counter: number): number => {
    pit.writeByte(0x43, counter << 6);
    return pit.readByte(0x40 + counter) | (pit.readByte(0x40 + counter) << 8);
  };
  return { clock, pit, edges, heard, toTick, program, readLatched };
}

describe('8254', () => {
  test('mode 2 raises IRQ 0 once per count and counts from the count to 1', () => {
    const { edges, toTick, program, readLatched } = setUp();
    toTick(100);
    program(0x34, 0xe8, 0x03); // 1000, loaded at tick 101
    edges.length = 0;
    toTick(101);
    expect(readLatched(0)).toBe(1000);
    toTick(101 + 999);
    expect(readLatched(0)).toBe(1);
    toTick(101 + 2500);
    expect(edges.filter((edge) => edge.level).map((edge) => edge.tick)).toEqual([1101, 2101]);
    expect(readLatched(0)).toBe(500);
  });

  test('mode 3 is a square wave that counts by two', () => {
    const { edges, toTick, program, readLatched } = setUp();
    program(0x36, 10, 0); // loaded at tick 1
    edges.length = 0;
    toTick(1);
    expect(readLatched(0)).toBe(10);
    toTick(3);
    expect(readLatched(0)).toBe(6);
    toTick(21);
    expect(edges).toEqual([
      { tick: 6, level: false },
      { tick: 11, level: true },
      { tick: 16, level: false },
      { tick: 21, level: true },
    ]);
  });

  test('mode 3 with an odd count is high one tick longer than low', () => {
    const { edges, toTick, program } = setUp();
    program(0x36, 5, 0);
    edges.length = 0;
    toTick(11);
    expect(edges.map((edge) => edge.tick)).toEqual([4, 6, 9, 11]);
  });

  test('mode 0 goes high when the count ends and stays so', () => {
    const { edges, toTick, program, readLatched } = setUp();
    program(0x30, 5, 0);
    toTick(5);
    expect(edges).toEqual([]);
    toTick(100);
    expect(edges).toEqual([{ tick: 6, level: true }]);
    expect(readLatched(0)).toBe(65536 - 94);
  });

  test('a new count in mode 2 waits for the end of the period', () => {
    const { edges, toTick, program, pit } = setUp();
    program(0x34, 100, 0);
    edges.length = 0;
    toTick(50);
    pit.writeByte(0x40, 20);
    pit.writeByte(0x40, 0);
    toTick(150);
    expect(edges.filter((edge) => edge.level).map((edge) => edge.tick)).toEqual([101, 121, 141]);
  });

  test('a count of 0 is 65536, or 10000 in BCD', () => {
    const { edges, toTick, program } = setUp();
    program(0x34, 0, 0);
    edges.length = 0;
    toTick(65537);
    expect(edges.at(-1)).toEqual({ tick: 65537, level: true });
    program(0x35, 0, 0);
    edges.length = 0;
    toTick(65538 + 10000);
    expect(edges.at(-1)).toEqual({ tick: 65538 + 10000, level: true });
  });

  test('BCD counts are read in BCD', () => {
    const { toTick, program, readLatched } = setUp();
    program(0x35, 0x00, 0x10); // 1000
    toTick(2);
    expect(readLatched(0)).toBe(0x0999);
  });

  test('read-back latches status and count of the counters it names', () => {
    const { pit, toTick, program } = setUp();
    program(0xb4, 0x10, 0x27); // counter 2, mode 2, 10000; its gate is low
    pit.writeByte(0x61, 1);
    toTick(101);
    pit.writeByte(0x43, 0xc8);
    toTick(5000);
    // Output high, count loaded, access low-high, mode 2.
    expect(pit.readByte(0x42)).toBe(0xb4);
    expect(pit.readByte(0x42) | (pit.readByte(0x42) << 8)).toBe(10000 - 100);
  });

  test('the gate of counter 2 stops it, its output is at port 0x61', () => {
    const { pit, toTick, program } = setUp();
    pit.writeByte(0x61, 1);
    program(0xb0, 10, 0); // mode 0
    toTick(6);
    pit.writeByte(0x61, 0);
    toTick(50);
    expect(pit.readByte(0x61) & 0x21).toBe(0);
    pit.writeByte(0x61, 1);
    toTick(50 + 5);
    expect(pit.readByte(0x61) & 0x20).toBe(0);
    toTick(50 + 6);
    expect(pit.readByte(0x61) & 0x21).toBe(0x21);
  });

  test('mode 1 is started by the gate', () => {
    const { pit, toTick, program } = setUp();
    program(0xb2, 10, 0);
    toTick(20);
    expect(pit.readByte(0x61) & 0x20).toBe(0x20);
    pit.writeByte(0x61, 1);
    toTick(22);
    expect(pit.readByte(0x61) & 0x20).toBe(0);
    toTick(31);
    expect(pit.readByte(0x61) & 0x20).toBe(0x20);
  });
});

property.prop([
  fc.integer({ min: 1, max: 2 ** 40 }),
  fc.constantFrom(PIT_HZ, 32768, 1),
  fc.constantFrom(25_000_000, CLOCK_HZ),
])('ticks and cycles of a rate are inverse, without drift', (tick, hz, clockHz) => {
  const converted = new Rate(hz, clockHz);
  const cycle = converted.cycleOf(tick);
  fc.pre(Number.isSafeInteger(cycle));
  expect(converted.ticksAt(cycle)).toBe(tick);
  expect(converted.ticksAt(cycle - 1)).toBe(tick - 1);
  expect(cycle).toBe(Number((BigInt(tick) * BigInt(clockHz) + BigInt(hz) - 1n) / BigInt(hz)));
});

describe('jitter of the timer', () => {
  const COUNT = 4772;
  const MOST = 200_000;
  const seeds = fc.integer({ min: 0, max: 0xffff_ffff });
  const count = [COUNT & 255, COUNT >> 8] as const;

  property.prop([
    seeds,
    fc.integer({ min: 1, max: MOST }),
    fc.array(fc.integer({ min: 1, max: 3 * COUNT }), { maxLength: 8 }),
  ])(
    'each interrupt comes once, late by no more than was asked, whatever is latched meanwhile; what the counter reads stays so',
    (seed, most, waits) => {
      const plain = setUp();
      const late = setUp({ seed, most });
      for (const one of [plain, late]) one.program(0x34, ...count);
      let tick = 0;
      for (const wait of [...waits, 40 * COUNT]) {
        tick += wait;
        for (const one of [plain, late]) one.toTick(tick);
        expect(late.readLatched(0)).toBe(plain.readLatched(0));
      }
      const first = plain.heard.length - late.heard.length;
      // The last may still be on its way.
      expect(first === 0 || first === 1).toBe(true);
      for (const [i, cycle] of late.heard.entries()) {
        expect(cycle - plain.heard[i]).toBeGreaterThanOrEqual(0);
        expect(cycle - plain.heard[i]).toBeLessThanOrEqual(most);
      }
    },
  );

  test('lateness is another for each interrupt, and that of the seed', () => {
    const lateness = (seed: number): number[] => {
      const { heard, toTick, program } = setUp({ seed, most: MOST });
      program(0x34, ...count);
      toTick(50 * COUNT);
      return heard.slice(1).map((cycle, i) => cycle - rate.cycleOf(1 + (i + 1) * COUNT));
    };
    const first = lateness(1);
    expect(lateness(1)).toEqual(first);
    expect(lateness(2)).not.toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(40);
    expect(Math.max(...first)).toBeGreaterThan(MOST / 2);
  });

  test('a new count takes effect while an interrupt is late, which still comes', () => {
    const { heard, toTick, program, pit } = setUp({ seed: 5, most: MOST });
    program(0x34, ...count);
    const before = heard.length;
    toTick(1 + COUNT);
    expect(heard.length).toBe(before);
    pit.writeByte(0x40, count[0]);
    expect(heard.length).toBe(before + 1);
  });
});
