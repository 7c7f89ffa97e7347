import { expect, test } from 'vitest';
import { keystrokes } from './keystrokes.js';

const keys = (text: string): string[] =>
  keystrokes([...Buffer.from(text, 'latin1')]).map((events) =>
    events.map(({ key, down }) => `${down ? '+' : '-'}${key}`).join(' '),
  );

test.each([
  ['a', ['+KeyA -KeyA']],
  ['A', ['+ShiftLeft +KeyA -KeyA -ShiftLeft']],
  ['2@', ['+Digit2 -Digit2', '+ShiftLeft +Digit2 -Digit2 -ShiftLeft']],
  ['\n\x7f\t', ['+Enter -Enter', '+Backspace -Backspace', '+Tab -Tab']],
  ['\x03\x1d', ['+ControlLeft +KeyC -KeyC -ControlLeft', '+ControlLeft +BracketRight -BracketRight -ControlLeft']],
  ['\x1b[A\x1b[5~x\x1b', ['+ArrowUp -ArrowUp', '+PageUp -PageUp', '+KeyX -KeyX', '+Escape -Escape']],
  ['\x1b[1;3Q\x1b[24;3~', ['+AltLeft +F2 -F2 -AltLeft', '+AltLeft +F12 -F12 -AltLeft']],
  ['\xff', ['']],
])('%j', (text, expected) => {
  expect(keys(text)).toEqual(expected);
});

test('every printable character has its own keys', () => {
  const all = keys(String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i)));
  expect(new Set(all).size).toBe(95);
});
