import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Clock } from '../clock.js';
import { advanceClock } from '../testing/advance-clock.js';
import { fromSeconds, parseTime, toSeconds } from './calendar.js';
import { Rtc, startedAt } from './rtc.js';

const CLOCK_HZ = 66_000_000;
const MEBIBYTE = 1048576;

function setUp(start = '1999-12-31T23:59:57') {
  const clock = new Clock();
  const line = { level: false };
  const rtc = new Rtc(
    clock,
    CLOCK_HZ,
    (level) => {
      line.level = level;
    },
    { startSeconds: parseTime(start), ramBytes: 16 * MEBIBYTE },
  );
  rtc.powerOn();
  const read = (register: number): number => {
    rtc.writeByte(0x70, register);
    return rtc.readByte(0x71);
  };
  const write = (register: number, value: number): void => {
    rtc.writeByte(0x70, register);
    rtc.writeByte(0x71, value);
  };
  const time = (): number[] => [0x32, 9, 8, 7, 4, 2, 0].map(read);
  return { clock, line, rtc, read, write, time };
}

describe('MC146818', () => {
  test('starts at the configured time, in BCD, and runs over the end of the century', () => {
    const { clock, time, read } = setUp();
    expect(time()).toEqual([0x19, 0x99, 0x12, 0x31, 0x23, 0x59, 0x57]);
    expect(read(6)).toBe(6); // a Friday
    advanceClock(clock, 3 * CLOCK_HZ);
    expect(time()).toEqual([0x20, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00]);
    expect(read(6)).toBe(7);
  });

  test('a clock that nobody has asked can have begun at another time, one that was asked cannot', () => {
    const { clock, rtc, time } = setUp();
    advanceClock(clock, 1_000_000);
    expect(rtc.isUsed).toBe(false);
    rtc.restoreState(startedAt(rtc.saveState(), parseTime('2026-11-20T13:45:30')));
    expect(time()).toEqual([0x20, 0x26, 0x11, 0x20, 0x13, 0x45, 0x30]);
    expect(rtc.isUsed).toBe(true);
    expect(() => startedAt(rtc.saveState(), 0)).toThrow(/read or set already/);
  });

  test('binary and twelve-hour formats', () => {
    const { read, write } = setUp('2026-11-20T13:45:30');
    write(11, 0x06);
    expect([4, 2, 0].map(read)).toEqual([13, 45, 30]);
    write(11, 0x00);
    expect([4, 2, 0].map(read)).toEqual([0x81, 0x45, 0x30]);
  });

  test('SET holds the registers; clearing it starts from what was written', () => {
    const { clock, read, write, time } = setUp();
    write(11, 0x82);
    [0x20, 0x24, 0x02, 0x28, 0x12, 0x34, 0x56].forEach((value, index) => {
      write([0x32, 9, 8, 7, 4, 2, 0][index], value);
    });
    advanceClock(clock, 10 * CLOCK_HZ);
    expect(read(0)).toBe(0x56);
    write(11, 0x02);
    advanceClock(clock, 14 * CLOCK_HZ);
    expect(time()).toEqual([0x20, 0x24, 0x02, 0x28, 0x12, 0x35, 0x00]);
  });

  test('update in progress is set at the end of each second', () => {
    const { clock, read } = setUp();
    advanceClock(clock, CLOCK_HZ - 2229 * 66);
    expect(read(10)).toBe(0x26);
    advanceClock(clock, CLOCK_HZ - 2228 * 66);
    expect(read(10)).toBe(0xa6);
    advanceClock(clock, CLOCK_HZ);
    expect(read(10)).toBe(0x26);
  });

  test('update interrupt, cleared by reading register C', () => {
    const { clock, line, read, write } = setUp();
    write(11, 0x12);
    advanceClock(clock, CLOCK_HZ);
    expect(line.level).toBe(true);
    expect(read(12) & 0x90).toBe(0x90);
    expect(line.level).toBe(false);
    expect(read(12) & 0x90).toBe(0);
  });

  test('alarm interrupt at the time set, with do-not-care fields', () => {
    const { clock, line, read, write } = setUp('2000-01-01T10:20:30');
    write(1, 0x33);
    write(3, 0xff);
    write(5, 0xc0);
    write(11, 0x22);
    advanceClock(clock, 2 * CLOCK_HZ);
    expect(line.level).toBe(false);
    advanceClock(clock, 3 * CLOCK_HZ);
    expect(line.level).toBe(true);
    expect(read(12) & 0xa0).toBe(0xa0);
  });

  test('periodic interrupt at 1024 Hz', () => {
    const { clock, line, read, write } = setUp();
    write(11, 0x42);
    let count = 0;
    for (let cycle = 0; cycle <= CLOCK_HZ; cycle += 6600) {
      advanceClock(clock, cycle);
      if (!line.level) continue;
      count++;
      expect(read(12) & 0xc0).toBe(0xc0);
    }
    expect(count).toBe(1024);
  });

  test('the periodic flag rises without its interrupt', () => {
    const { clock, line, read } = setUp();
    read(12);
    advanceClock(clock, 64454);
    expect(read(12)).toBe(0x40);
    expect(read(12)).toBe(0);
    expect(line.level).toBe(false);
  });

  test('CMOS memory holds memory sizes and what software stores', () => {
    const { read, write } = setUp();
    expect(read(0x15) | (read(0x16) << 8)).toBe(640);
    expect(read(0x17) | (read(0x18) << 8)).toBe(15 * 1024);
    write(0x40, 0x5a);
    expect(read(0x40)).toBe(0x5a);
    expect(read(13)).toBe(0x80);
  });
});

describe('calendar', () => {
  test.each([
    ['1970-01-01T00:00:00', 0, 5],
    ['2000-02-29T12:00:00', 951825600, 3],
    ['2026-11-20T18:23:00', 1795198980, 6],
  ])('%s', (text, seconds, weekday) => {
    expect(parseTime(text)).toBe(seconds);
    expect(fromSeconds(seconds).weekday).toBe(weekday);
  });

  test.each(['2023-02-29T00:00:00', '2000-01-01', '2000-13-01T00:00:00', 'yesterday'])('refuses %s', (text) => {
    expect(() => parseTime(text)).toThrow(/expected an existing date/);
  });
});

property.prop([fc.date({ min: new Date('1600-01-01'), max: new Date('3000-01-01'), noInvalidDate: true })])(
  'the calendar agrees with the host about every date',
  (date) => {
    const seconds = Math.floor(date.getTime() / 1000);
    const expected = {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      weekday: date.getUTCDay() + 1,
    };
    expect(fromSeconds(seconds)).toEqual(expected);
    expect(toSeconds(expected)).toBe(seconds);
  },
);
