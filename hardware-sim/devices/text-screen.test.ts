import { expect, test } from 'vitest';
import { Clock } from '../clock.js';
import { PhysicalMemory } from '../memory/physical-memory.js';
import { screenText, TextScreen } from './text-screen.js';

const CLOCK_HZ = 66_000_000;

function setUp() {
  const clock = new Clock();
  const memory = new PhysicalMemory(2 << 20);
  const screen = new TextScreen(clock, CLOCK_HZ, memory);
  screen.powerOn();
  const put = (cell: number, text: string, attribute = 7): void =>
    [...Buffer.from(text, 'latin1')].forEach((byte, i) => {
      memory.write16(0xb8000 + 2 * (cell + i), byte | (attribute << 8));
    });
  const register = (index: number, value: number): void => {
    screen.writeByte(0x3d4, index);
    screen.writeByte(0x3d5, value);
  };
  const lines = (): string[] => screenText(screen.view()).split('\n');
  return { clock, memory, screen, put, register, lines };
}

test('shows 25 lines of the words in text memory, blank after power-on', () => {
  const { put, lines, screen } = setUp();
  expect(lines()).toEqual(Array.from({ length: 25 }, () => ''));
  put(0, 'top left');
  put(24 * 80 + 76, 'last', 0x1e);
  expect([lines()[0], lines()[24]]).toEqual(['top left', `${' '.repeat(76)}last`]);
  expect([...screen.view().cells.subarray(-2)]).toEqual([116, 0x1e]);
});

test('the start address moves what is shown, around the end of text memory', () => {
  const { put, register, lines } = setUp();
  put(0x4000 - 80, 'before the end');
  put(0, 'behind it');
  register(0x0c, (0x4000 - 80) >> 8);
  register(0x0d, (0x4000 - 80) & 255);
  expect(lines().slice(0, 2)).toEqual(['before the end', 'behind it']);
});

test('the cursor is where its registers say, unless it is off', () => {
  const { screen, register } = setUp();
  register(0x0e, (7 * 80 + 3) >> 8);
  register(0x0f, (7 * 80 + 3) & 255);
  expect(screen.view().cursor).toEqual({ column: 3, row: 7 });
  register(0x0a, 0x2d);
  expect(screen.view().cursor).toBeUndefined();
});

test('characters are those of code page 437', () => {
  const { put, lines } = setUp();
  put(0, '\x01\x1b\x7f\x80\xc9\xcd\xbb\xfe');
  expect(lines()[0]).toBe('☺←⌂Ç╔═╗■');
});

test('70 frames a second have one vertical retrace each', () => {
  const { clock, screen } = setUp();
  let begun = 0;
  let before = 0;
  for (clock.now = 0; clock.now < CLOCK_HZ; clock.now += 500) {
    const now = screen.readByte(0x3da) & 8;
    if (now && !before) begun++;
    before = now;
  }
  expect(begun).toBe(70);
});
