import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Clock } from '../clock.js';
import { advanceClock } from '../testing/advance-clock.js';
import { Keyboard } from './keyboard.js';
import { KEY_NAMES, type KeyName, scanCode } from './keys.js';

const CLOCK_HZ = 66_000_000;
const BYTE = Math.round((11 / 12_500) * CLOCK_HZ);
const INTERRUPT_TRANSLATE = 0x41;
const INTERRUPT = 0x01;

function setUp(command = INTERRUPT_TRANSLATE) {
  const clock = new Clock();
  const seen = { line: false, resets: 0 };
  const keyboard = new Keyboard(
    clock,
    CLOCK_HZ,
    (level) => {
      seen.line = level;
    },
    () => seen.resets++,
  );
  const control = (value: number): void => keyboard.writeByte(0x64, value);
  const data = (value: number): void => keyboard.writeByte(0x60, value);
  control(0x60);
  data(command);
  /** Every byte that comes while the guest reads at once, until nothing comes any more. */
  const read = (): number[] => {
    const bytes: number[] = [];
    for (;;) {
      advanceClock(clock, clock.now + 2 * BYTE);
      if (!(keyboard.readByte(0x64) & 1)) return bytes;
      bytes.push(keyboard.readByte(0x60));
    }
  };
  return { clock, keyboard, seen, control, data, read };
}

/** Keys in the order of their codes in set 1, from 01 and from 10 on: how an IBM PC's keyboard was wired. */
const SET_1: readonly (readonly [first: number, keys: string])[] = [
  [
    0x01,
    'Escape Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal Backspace Tab KeyQ KeyW KeyE ' +
      'KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight Enter ControlLeft KeyA KeyS KeyD KeyF KeyG KeyH KeyJ ' +
      'KeyK KeyL Semicolon Quote Backquote ShiftLeft Backslash KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash ' +
      'ShiftRight NumpadMultiply AltLeft Space CapsLock F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 NumLock ScrollLock Numpad7 Numpad8 ' +
      'Numpad9 NumpadSubtract Numpad4 Numpad5 Numpad6 NumpadAdd Numpad1 Numpad2 Numpad3 Numpad0 NumpadDecimal',
  ],
  [0x56, 'IntlBackslash F11 F12'],
];

describe('scan codes', () => {
  test('set 1 is in the order of the keys of a PC', () => {
    for (const [first, keys] of SET_1) {
      for (const [i, key] of keys.split(' ').entries()) {
        expect([key, scanCode(key as KeyName, true, 1)]).toEqual([key, [first + i]]);
        expect([key, scanCode(key as KeyName, false, 1)]).toEqual([key, [(first + i) | 0x80]]);
      }
    }
  });

  test('no two keys are one', () => {
    const codes = [1, 2].map((set) => new Set(KEY_NAMES.map((key) => scanCode(key, true, set).join(' '))));
    expect(codes.map(({ size }) => size)).toEqual([KEY_NAMES.length, KEY_NAMES.length]);
  });
});

describe('8042', () => {
  test('a key comes after its bits have, raises the interrupt, and falls with the read', () => {
    const { clock, keyboard, seen, control } = setUp();
    keyboard.inject(1000, 'KeyA', true);
    advanceClock(clock, 1000 + BYTE - 1);
    expect([seen.line, keyboard.readByte(0x64) & 1]).toEqual([false, 0]);
    advanceClock(clock, 1000 + BYTE);
    expect([seen.line, keyboard.readByte(0x64) & 1]).toEqual([true, 1]);
    expect([keyboard.readByte(0x60), seen.line]).toEqual([0x1e, false]);
    control(0x60);
    keyboard.writeByte(0x60, 0x40);
    keyboard.inject(clock.now, 'KeyA', false);
    advanceClock(clock, clock.now + 2 * BYTE);
    expect([seen.line, keyboard.readByte(0x60)]).toEqual([false, 0x9e]);
  });

  test('without translation the codes are those of the set the keyboard is in', () => {
    const { clock, keyboard, data, read } = setUp(INTERRUPT);
    keyboard.inject(clock.now, 'ArrowUp', true);
    keyboard.inject(clock.now, 'ArrowUp', false);
    expect(read()).toEqual([0xe0, 0x75, 0xe0, 0xf0, 0x75]);
    data(0xf0);
    expect(read()).toEqual([0xfa]);
    data(1);
    expect(read()).toEqual([0xfa]);
    keyboard.inject(clock.now, 'ArrowUp', true);
    keyboard.inject(clock.now, 'ArrowUp', false);
    expect(read()).toEqual([0xe0, 0x48, 0xe0, 0xc8]);
  });

  test('a full output buffer holds the wire, and the keyboard keeps 16 bytes and says that it overran', () => {
    const { clock, keyboard, read } = setUp(INTERRUPT);
    for (let i = 0; i < 20; i++) keyboard.inject(clock.now, 'KeyA', true);
    advanceClock(clock, clock.now + 100 * BYTE);
    // All keys are struck at once, before the first byte has left the keyboard.
    expect(read()).toEqual([...Array.from({ length: 16 }, () => 0x1c), 0x00]);
  });

  test('scanning off, on, and the keyboard reset', () => {
    const { clock, keyboard, data, read } = setUp();
    data(0xf5);
    expect(read()).toEqual([0xfa]);
    keyboard.inject(clock.now, 'KeyA', true);
    expect(read()).toEqual([]);
    data(0xff);
    expect(read()).toEqual([0xfa, 0xaa]);
    keyboard.inject(clock.now, 'KeyA', true);
    expect(read()).toEqual([0x1e]);
    data(0xfe);
    expect(read()).toEqual([0x1e]);
  });

  test('while the interface is off nothing comes, and nothing is lost', () => {
    const { clock, keyboard, control, read } = setUp();
    control(0xad);
    keyboard.inject(clock.now, 'Enter', true);
    expect(read()).toEqual([]);
    control(0xae);
    expect(read()).toEqual([0x1c]);
  });

  test.each([
    ['pulse of line 0', [[0x64, 0xfe]], 1],
    ['pulse of the other lines', [[0x64, 0xf1]], 0],
    ['output port, reset', [[0x64, 0xd1], [0x60, 0x02]], 1], // biome-ignore format: port, value
    ['output port, no reset', [[0x64, 0xd1], [0x60, 0x03]], 0], // biome-ignore format: port, value
  ] as const)('%s', (_name, writes, resets) => {
    const { keyboard, seen } = setUp();
    for (const [port, value] of writes) keyboard.writeByte(port, value);
    expect(seen.resets).toBe(resets);
  });
});

const events = fc.array(fc.record({ key: fc.constantFrom(...KEY_NAMES), down: fc.boolean() }), { maxLength: 8 });

property.prop([events, fc.integer({ min: 0, max: 20 })])(
  'P22 a keyboard restored between two bytes says what the one it was saved from says',
  (struck, bytes) => {
    const first = setUp();
    for (const [i, { key, down }] of struck.entries()) first.keyboard.inject(i * 3 * BYTE, key, down);
    advanceClock(first.clock, bytes * BYTE);
    const second = setUp();
    second.keyboard.restoreState(first.keyboard.saveState());
    second.clock.restoreState(first.clock.saveState());
    const said = struck.flatMap(({ key, down }) => [...scanCode(key, down, 1)]);
    const whole = first.read();
    // Bytes come apart: each reader gives the wire time for the next.
    for (let more = first.read(); more.length > 0; more = first.read()) whole.push(...more);
    advanceClock(first.clock, 200 * BYTE);
    whole.push(...first.read());
    const again = second.read();
    advanceClock(second.clock, 200 * BYTE);
    again.push(...second.read());
    expect(again).toEqual(whole);
    expect(whole).toEqual(said);
  },
);
