import { expect, test } from 'vitest';
import type { ScreenView } from '../hardware-sim/index.js';
import { LiveScreen, printedScreen } from './screen.js';

const BLANK = 0x0720;

function view(text: string, attribute = 7, cursor?: ScreenView['cursor']): ScreenView {
  const cells = new Uint8Array(4000);
  for (let at = 0; at < 4000; at += 2) cells.set([BLANK & 255, BLANK >> 8], at);
  for (const [i, byte] of Buffer.from(text, 'latin1').entries()) cells.set([byte, attribute], 160 + 2 * i);
  return { cells, cursor };
}

test('a screen is printed in a frame, up to its last row that is not empty', () => {
  const edge = '─'.repeat(80);
  expect(printedScreen(view('hi'))).toBe(`┌${edge}┐\n│${' '.repeat(80)}│\n│${'hi'.padEnd(80)}│\n└${edge}┘`);
  expect(printedScreen(view(''))).toBe(`┌${edge}┐\n│${' '.repeat(80)}│\n└${edge}┘`);
});

test('a live screen is drawn from the top left when it changes, in its colours, with its cursor', () => {
  const written: string[] = [];
  const live = new LiveScreen((text) => written.push(text));
  // Bright red on blue: 12 and 1 on the screen, 91 and 44 in ECMA-48.
  live.show(view('hi', 0x1c, { column: 2, row: 1 }), false);
  live.show(view('hi', 0x1c, { column: 2, row: 1 }), false);
  live.show(view('ho', 0x07), true);
  expect(written).toHaveLength(2);
  expect(written[0]).toMatch(/^\x1b\[H {80}\x1b\[K\r\n\x1b\[0;91;44mhi\x1b\[0m {78}\x1b\[K\r\n/);
  expect(written[0]).toMatch(/\x1b\[J\x1b\[2;3H$/);
  expect(written[1]).toMatch(/\r\nho {78}\x1b\[K\r\n/);
  expect(written[1]).toMatch(/\x1b\[26;1H$/);
});
