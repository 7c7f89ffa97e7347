/**
 * The keys of a 101-key keyboard and their scan codes.
 * Sources: IBM PC AT Technical Reference (6280070), section 4, Keyboard; IBM PS/2 Hardware Interface Technical Reference,
 * Keyboard, scan code sets 1 and 2. Names are those of the W3C's UI Events KeyboardEvent `code` values.
 *
 * The rule: a key has one code of set 2, with or without the prefix E0; its code of set 1 is what the controller's translation makes of
 * that, which is how set 1 came about. Pause, the one key with a sequence of its own, is not there.
 */

/** Code of set 2 by key; 0x1NN is E0 NN. */
const SET_2 = {
  Escape: 0x76,
  F1: 0x05,
  F2: 0x06,
  F3: 0x04,
  F4: 0x0c,
  F5: 0x03,
  F6: 0x0b,
  F7: 0x83,
  F8: 0x0a,
  F9: 0x01,
  F10: 0x09,
  F11: 0x78,
  F12: 0x07,
  Backquote: 0x0e,
  Digit1: 0x16,
  Digit2: 0x1e,
  Digit3: 0x26,
  Digit4: 0x25,
  Digit5: 0x2e,
  Digit6: 0x36,
  Digit7: 0x3d,
  Digit8: 0x3e,
  Digit9: 0x46,
  Digit0: 0x45,
  Minus: 0x4e,
  Equal: 0x55,
  Backspace: 0x66,
  Tab: 0x0d,
  KeyQ: 0x15,
  KeyW: 0x1d,
  KeyE: 0x24,
  KeyR: 0x2d,
  KeyT: 0x2c,
  KeyY: 0x35,
  KeyU: 0x3c,
  KeyI: 0x43,
  KeyO: 0x44,
  KeyP: 0x4d,
  BracketLeft: 0x54,
  BracketRight: 0x5b,
  Backslash: 0x5d,
  CapsLock: 0x58,
  KeyA: 0x1c,
  KeyS: 0x1b,
  KeyD: 0x23,
  KeyF: 0x2b,
  KeyG: 0x34,
  KeyH: 0x33,
  KeyJ: 0x3b,
  KeyK: 0x42,
  KeyL: 0x4b,
  Semicolon: 0x4c,
  Quote: 0x52,
  Enter: 0x5a,
  ShiftLeft: 0x12,
  IntlBackslash: 0x61,
  KeyZ: 0x1a,
  KeyX: 0x22,
  KeyC: 0x21,
  KeyV: 0x2a,
  KeyB: 0x32,
  KeyN: 0x31,
  KeyM: 0x3a,
  Comma: 0x41,
  Period: 0x49,
  Slash: 0x4a,
  ShiftRight: 0x59,
  ControlLeft: 0x14,
  AltLeft: 0x11,
  Space: 0x29,
  AltRight: 0x111,
  ControlRight: 0x114,
  Insert: 0x170,
  Delete: 0x171,
  Home: 0x16c,
  End: 0x169,
  PageUp: 0x17d,
  PageDown: 0x17a,
  ArrowUp: 0x175,
  ArrowDown: 0x172,
  ArrowLeft: 0x16b,
  ArrowRight: 0x174,
  NumLock: 0x77,
  ScrollLock: 0x7e,
  NumpadDivide: 0x14a,
  NumpadMultiply: 0x7c,
  NumpadSubtract: 0x7b,
  NumpadAdd: 0x79,
  NumpadEnter: 0x15a,
  NumpadDecimal: 0x71,
  Numpad0: 0x70,
  Numpad1: 0x69,
  Numpad2: 0x72,
  Numpad3: 0x7a,
  Numpad4: 0x6b,
  Numpad5: 0x73,
  Numpad6: 0x74,
  Numpad7: 0x6c,
  Numpad8: 0x75,
  Numpad9: 0x7d,
} as const;

export type KeyName = keyof typeof SET_2;

export const KEY_NAMES = Object.keys(SET_2) as readonly KeyName[];

const EXTENDED = 0xe0;
const BREAK = 0xf0;

/** What the 8042 makes of each byte of set 2 below 0x80 on its way to the output buffer; 83 becomes 41, 84 becomes 54. */
const TRANSLATION = Buffer.from(
  [
    'ff43413f3d3b3c58644442403e0f2959',
    '65382a701d10025a66712c1f1e11035b',
    '672e2d201205045c68392f211413065d',
    '693130232215075e6a7232241608095f',
    '6b332517180b0a606c34352627190c61',
    '6d7328741a0d626e3a361c1b752b6376',
    '55567778797a0e7b7c4f7d4b477e7f6f',
    '5253504c4d480145574e514a37494654',
  ].join(''),
  'hex',
);

/** The translation of one byte that is not F0. */
export function translated(byte: number): number {
  if (byte < 0x80) return TRANSLATION[byte];
  return byte === 0x83 ? 0x41 : byte === 0x84 ? 0x54 : byte;
}

/** What the keyboard sends when the key goes down or up, in set 1 or 2. */
export function scanCode(key: KeyName, down: boolean, set: number): readonly number[] {
  const code = SET_2[key];
  const prefix = code > 0xff ? [EXTENDED] : [];
  const make = code & 0xff;
  if (set === 1) return [...prefix, translated(make) | (down ? 0 : 0x80)];
  return down ? [...prefix, make] : [...prefix, BREAK, make];
}
