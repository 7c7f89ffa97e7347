/**
 * The keys that somebody at a US keyboard strikes for bytes that a terminal would send.
 *
 * The rule: characters as the keys are labelled, control characters with Ctrl, Enter for 10 and 13, Backspace for 8 and 127, and the control
 * sequences of cursor keys (ECMA-48) and of Alt with function keys (xterm) as those keys. For a byte that no key makes nothing is struck.
 */

import type { KeyName } from './keys.js';

export interface KeyEvent {
  readonly key: KeyName;
  readonly down: boolean;
}

/** Keys that make a character each, without and with Shift. */
const ROWS: readonly (readonly [keys: string, plain: string, shifted: string])[] = [
  [
    'Backquote Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal',
    '`1234567890-=',
    '~!@#$%^&*()_+',
  ],
  [
    'KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight Backslash',
    'qwertyuiop[]\\',
    'QWERTYUIOP{}|',
  ],
  ['KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote', "asdfghjkl;'", 'ASDFGHJKL:"'],
  ['KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash Space', 'zxcvbnm,./ ', 'ZXCVBNM<>? '],
];

const PLAIN = new Map<string, KeyName>();
const SHIFTED = new Map<string, KeyName>();
for (const [keys, plain, shifted] of ROWS) {
  for (const [i, key] of keys.split(' ').entries()) {
    PLAIN.set(plain[i], key as KeyName);
    if (shifted[i] !== plain[i]) SHIFTED.set(shifted[i], key as KeyName);
  }
}
for (const [character, key] of [
  ['\n', 'Enter'],
  ['\r', 'Enter'],
  ['\t', 'Tab'],
  ['\b', 'Backspace'],
  ['\x7f', 'Backspace'],
  ['\x1b', 'Escape'],
] as const) {
  PLAIN.set(character, key);
}

/** Control sequences behind ESC [, and the keys that make them: the last one, while the others are held. */
const SEQUENCES: readonly (readonly [sequence: string, ...keys: readonly KeyName[]])[] = [
  ['A', 'ArrowUp'],
  ['B', 'ArrowDown'],
  ['C', 'ArrowRight'],
  ['D', 'ArrowLeft'],
  ['H', 'Home'],
  ['F', 'End'],
  ['2~', 'Insert'],
  ['3~', 'Delete'],
  ['5~', 'PageUp'],
  ['6~', 'PageDown'],
  // xterm: Alt with a function key.
  ['1;3P', 'AltLeft', 'F1'],
  ['1;3Q', 'AltLeft', 'F2'],
  ['1;3R', 'AltLeft', 'F3'],
  ['1;3S', 'AltLeft', 'F4'],
  ['15;3~', 'AltLeft', 'F5'],
  ['17;3~', 'AltLeft', 'F6'],
  ['18;3~', 'AltLeft', 'F7'],
  ['19;3~', 'AltLeft', 'F8'],
  ['20;3~', 'AltLeft', 'F9'],
  ['21;3~', 'AltLeft', 'F10'],
  ['23;3~', 'AltLeft', 'F11'],
  ['24;3~', 'AltLeft', 'F12'],
];

function struck(key: KeyName, ...held: readonly KeyName[]): KeyEvent[] {
  return [
    ...held.map((one) => ({ key: one, down: true })),
    { key, down: true },
    { key, down: false },
    ...held.map((one) => ({ key: one, down: false })),
  ];
}

function strokes(character: string): KeyEvent[] {
  const plain = PLAIN.get(character);
  if (plain !== undefined) return struck(plain);
  const shifted = SHIFTED.get(character);
  if (shifted !== undefined) return struck(shifted, 'ShiftLeft');
  const code = character.charCodeAt(0);
  const letter = PLAIN.get(String.fromCharCode(code + 0x60)) ?? PLAIN.get(String.fromCharCode(code + 0x40));
  if (code > 0 && code < 0x20 && letter !== undefined) return struck(letter, 'ControlLeft');
  return [];
}

/** The key events for the bytes, those of one key or combination of keys together. */
export function keystrokes(bytes: readonly number[]): KeyEvent[][] {
  const text = String.fromCharCode(...bytes);
  const all: KeyEvent[][] = [];
  for (let at = 0; at < text.length; ) {
    const found = SEQUENCES.find(([sequence]) => text.startsWith(`\x1b[${sequence}`, at));
    if (found === undefined) {
      all.push(strokes(text[at++]));
      continue;
    }
    const [sequence, ...keys] = found;
    all.push(struck(keys[keys.length - 1], ...keys.slice(0, -1)));
    at += 2 + sequence.length;
  }
  return all;
}
