import { describe, expect, test } from 'vitest';
import { Clock } from '../clock.js';
import { advanceClock } from '../testing/advance-clock.js';
import { Uart } from './uart.js';

const CLOCK_HZ = 66_000_000;
/** 115200 baud, 8N1: ten bits. */
const BYTE = Math.round((10 * CLOCK_HZ) / 115200);

function setUp(options: { fifo?: boolean; interrupts?: number } = {}) {
  const clock = new Clock();
  const sent: { byte: number; cycle: number }[] = [];
  const line = { level: false, edges: 0 };
  const uart = new Uart(
    'COM1',
    clock,
    CLOCK_HZ,
    (level) => {
      if (level && !line.level) line.edges++;
      line.level = level;
    },
    (byte) => sent.push({ byte, cycle: clock.now }),
  );
  const write = (register: number, value: number): void => uart.writeByte(0x3f8 + register, value);
  const read = (register: number): number => uart.readByte(0x3f8 + register);
  write(3, 0x83);
  write(0, 1);
  write(1, 0);
  write(3, 0x03);
  if (options.fifo) write(2, 0xc7);
  write(4, 0x0b);
  write(1, options.interrupts ?? 0);
  return { clock, uart, sent, line, write, read };
}

describe('16550A', () => {
  test('a byte leaves after its bits, the next follows without a gap', () => {
    const { clock, sent, write, read } = setUp();
    write(0, 0x41);
    expect(read(5)).toBe(0x20); // the holding register is free, the transmitter is not
    write(0, 0x42);
    expect(read(5)).toBe(0x00);
    advanceClock(clock, BYTE - 1);
    expect(sent).toEqual([]);
    advanceClock(clock, 10 * BYTE);
    expect(sent).toEqual([
      { byte: 0x41, cycle: BYTE },
      { byte: 0x42, cycle: 2 * BYTE },
    ]);
    expect(read(5)).toBe(0x60);
  });

  test('the divisor and the word length set the time of a byte', () => {
    const { clock, sent, write } = setUp();
    write(3, 0x83);
    write(0, 12);
    write(3, 0x1e); // 7 bits, even parity, 2 stop bits: 11 bits
    write(0, 0xff);
    advanceClock(clock, CLOCK_HZ);
    expect(sent).toEqual([{ byte: 0x7f, cycle: Math.round((11 * CLOCK_HZ) / 9600) }]);
  });

  test('FIFO: 16 bytes beside the one in the shift register, more are lost', () => {
    const { clock, sent, write } = setUp({ fifo: true });
    for (let byte = 0; byte < 20; byte++) write(0, byte);
    advanceClock(clock, 30 * BYTE);
    expect(sent.map((entry) => entry.byte)).toEqual(Array.from({ length: 17 }, (_, byte) => byte));
  });

  test('transmitter-empty interrupts: at enabling, cleared by IIR, again when the FIFO is empty', () => {
    const { clock, line, write, read } = setUp({ fifo: true, interrupts: 2 });
    expect(line.level).toBe(true);
    expect(read(2)).toBe(0xc2);
    expect(line.level).toBe(false);
    expect(read(2)).toBe(0xc1);
    write(0, 1); // goes straight to the shift register
    expect(read(2)).toBe(0xc2);
    write(0, 2);
    write(0, 3);
    expect(read(2)).toBe(0xc1);
    advanceClock(clock, BYTE);
    expect(line.level).toBe(false);
    advanceClock(clock, 2 * BYTE);
    expect(line.level).toBe(true);
  });

  test('received bytes interrupt at the trigger level, or after four character times', () => {
    const { clock, uart, line, write, read } = setUp({ fifo: true, interrupts: 1 });
    write(2, 0x41); // trigger at 4
    for (let byte = 1; byte <= 4; byte++) uart.inject(1000, byte);
    advanceClock(clock, 1000 + 3 * BYTE - 1);
    expect(line.level).toBe(false);
    advanceClock(clock, 1000 + 3 * BYTE);
    expect(read(2)).toBe(0xc4);
    for (let byte = 1; byte <= 3; byte++) expect(read(0)).toBe(byte);
    expect(line.level).toBe(false);
    advanceClock(clock, 1000 + 7 * BYTE);
    expect(read(2)).toBe(0xcc);
    expect(read(0)).toBe(4);
    expect(read(2)).toBe(0xc1);
    expect(read(5) & 1).toBe(0);
  });

  test('without a FIFO a second byte overruns the first', () => {
    const { clock, uart, read } = setUp();
    uart.inject(10, 0x31);
    uart.inject(10, 0x32);
    advanceClock(clock, 10 + BYTE);
    expect(read(5)).toBe(0x63);
    expect(read(5)).toBe(0x61);
    expect(read(0)).toBe(0x32);
  });

  test('no interrupt reaches the controller without OUT2', () => {
    const { line, write } = setUp({ interrupts: 2 });
    expect(line.level).toBe(true);
    write(4, 0x03);
    expect(line.level).toBe(false);
  });

  test('loopback returns bytes and modem lines, and sends nothing', () => {
    const { clock, sent, write, read } = setUp();
    write(4, 0x1a); // loopback, RTS, OUT2
    expect(read(6) & 0xf0).toBe(0x90); // CTS and DCD
    write(0, 0xae);
    advanceClock(clock, BYTE);
    expect(read(0)).toBe(0xae);
    expect(sent).toEqual([]);
    write(4, 0x0b);
    expect(read(6) & 0xf0).toBe(0xb0);
  });

  test('input arrives no faster than the line', () => {
    const { clock, uart, read } = setUp({ fifo: true });
    uart.inject(5, 1);
    uart.inject(6, 2);
    advanceClock(clock, 5 + BYTE - 1);
    expect(read(0)).toBe(1);
    expect(read(5) & 1).toBe(0);
    advanceClock(clock, 5 + BYTE);
    expect(read(0)).toBe(2);
  });
});
