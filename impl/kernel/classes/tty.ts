/**
 * `.internal.io.tty`: terminals on the programs' console, or each on a screen of its own.
 *
 * On the console, which is COM1 or, with `console=screen`, screen 1 and the keyboard, all terminals print on the one line; what is typed
 * goes to the terminal in the foreground: the one that came last, or the one that the byte SWITCH (Ctrl-]) moved it to; the switch drops
 * what was typed before it and not read. Cursor, colours and title are ECMA-48 and xterm control sequences: the device at the other end
 * keeps that state, and it survives a power cut of this machine.
 *
 * Method 29 with `screen` moves a terminal to a screen of its own, the lowest free of 2 to 12, which is shown, and with `console` back.
 * What it prints goes to its buffer (`screen-buffer.ts`), the same control sequences; what is typed at the keyboard while it is shown
 * (`screen.ts`) is for it. A terminal comes when its first method is called and goes with method 1.
 *
 * Rules. Everything printed on the console goes through `print.ts`: counted, and after a power cut gone on with where it was; what is
 * printed on a screen is ticked off in the same step. A byte read leaves the device in the same step as it becomes the result, so a thread
 * cut inside a read reads again; what was typed and not read is lost with the power, as on any terminal. A terminal on a screen in a boot
 * without one, and reading in a boot without the device that is typed at, throw `connection lost`.
 */

import { keepKernelAddress, sleepForgets } from '../defects';
import {
  blockEpoch,
  consoleOnScreen,
  inputDropThrough,
  inputRead,
  inputReceived,
  inputTyped,
  inputWake,
  KEYBOARD,
  keyboardPresent,
  keyboardWanted,
  LINE,
  logNewline,
  logText,
  screenPresent,
  vload8,
  waitTyped,
} from '../objects/below';
import { settle } from '../objects/heap';
import {
  C_NAME,
  K_TTY,
  N_BOOT,
  N_NEXT,
  O_DATA,
  R_DEVICES,
  R_FOREGROUND,
  R_SHOWN,
  ROOT,
  T_MADE,
  T_PHASE,
  T_PROGRESS,
  Y_BUFFER,
  Y_SCREEN,
} from '../objects/layout';
import { classOf, intValue, isInt, isKind, makeInt, makeString, makeText, sizeOf } from '../objects/objects';
import { begin, finish, making, pause } from '../objects/parts';
import { decimalDigits, equalsText, putBytes, putNumber, putText } from '../objects/text';
import { AGAIN, done, doneOrNoMemory, throwNoMemory, throwText } from '../vm/outcome';
import { logString } from '../vm/report';
import { NAP } from '../vm/waiting';
import { argument, INHERITED, isString, throwFewArguments, throwNotString, throwWrongType } from './arguments';
import { attach, bootNumber, detach, isAttached, isReady } from './device';
import { isOldTerminal } from './upgrade';
import { printMade } from './print';
import { FIRST_SCREEN, LAST_SCREEN, show as showScreen, showAnother, terminalOn } from './screen';
import { makeBuffer, paint, putAll, settleBuffer, stepOf } from './screen-buffer';

/** Group separator, Ctrl-]. */
const SWITCH: u32 = 0x1d;
const COORDINATE_MAX: u32 = 9999;
/** Most bytes of a string that are looked at in one step. */
const PART: u32 = 64;

/** Where what is for the terminal is typed. */
function inputOf(tty: u32): u32 {
  return load<u32>(tty, Y_SCREEN) != 0 || consoleOnScreen() ? KEYBOARD : LINE;
}

function foreground(tty: u32): void {
  store<u32>(ROOT + R_FOREGROUND, tty);
  inputWake(consoleOnScreen() ? KEYBOARD : LINE);
}

function isOnConsole(device: u32): bool {
  return isKind(device, K_TTY) && load<u32>(device, Y_SCREEN) == 0;
}

/** The next terminal of the console on the chain behind `tty`, from its head again; 0: there is none. */
function nextTerminal(tty: u32): u32 {
  for (let at = tty ? load<u32>(tty, N_NEXT) : 0; at != 0; at = load<u32>(at, N_NEXT)) if (isOnConsole(at)) return at;
  for (let at = load<u32>(ROOT + R_DEVICES); at != 0; at = load<u32>(at, N_NEXT)) if (isOnConsole(at)) return at;
  return 0;
}

/** Whether the console is what is typed at. */
function consoleHears(): bool {
  return !consoleOnScreen() || (load<u32>(ROOT + R_SHOWN) == 0 && keyboardWanted() == 0);
}

/** Whether what is typed now is for the terminal. */
function hears(tty: u32): bool {
  if (load<u32>(tty, Y_SCREEN) == 0) return consoleHears() && load<u32>(ROOT + R_FOREGROUND) == tty;
  return load<u32>(ROOT + R_SHOWN) == tty && keyboardWanted() == 0;
}

function comes(tty: u32, cell: u32): void {
  while (!isAttached(tty)) {
    attach(tty, cell);
    foreground(tty);
    if (keepKernelAddress) store<u32>(tty, <u32>changetype<usize>('kernel'), Y_BUFFER);
  }
}

/** Method 1: the terminal goes, and its neighbour comes to the foreground if it was there. */
function goes(tty: u32, cell: u32): u32 {
  const was = load<u32>(ROOT + R_FOREGROUND) == tty;
  const wasShown = load<u32>(ROOT + R_SHOWN) == tty;
  detach(tty, cell);
  if (was && load<u32>(ROOT + R_FOREGROUND) == 0) foreground(nextTerminal(0));
  if (wasShown && load<u32>(ROOT + R_SHOWN) == 0) showAnother();
  return done(0);
}

/** Lowest screen that no terminal has, or 0. May block. */
function freeScreen(): u32 {
  for (let number = FIRST_SCREEN; number <= LAST_SCREEN; number++) if (!terminalOn(number)) return number;
  return 0;
}

/** Method 29 with `screen`. */
function toScreen(tty: u32, cell: u32): u32 {
  if (!screenPresent()) return throwText('no screen');
  if (load<u32>(tty, Y_SCREEN) != 0) return done(0);
  const buffer = makeBuffer();
  if (!buffer) return throwNoMemory();
  let number: u32 = 0;
  for (;;) {
    const before = blockEpoch();
    number = freeScreen();
    if (number == 0) return throwText('no free screen');
    settle(tty + Y_BUFFER, tty + Y_SCREEN, cell);
    if (blockEpoch() == before) break;
  }
  store<u32>(tty, buffer, Y_BUFFER);
  store<u32>(tty, number, Y_SCREEN);
  if (load<u32>(ROOT + R_FOREGROUND) == tty) foreground(nextTerminal(0));
  showScreen(tty);
  // Who reads from it waited there.
  inputWake(LINE);
  return done(0);
}

/** Method 29 with `console`. */
function toConsole(tty: u32, cell: u32): u32 {
  settle(tty + N_BOOT, tty + Y_SCREEN, cell);
  if (load<u32>(tty, Y_SCREEN) == 0) return done(0);
  store<u32>(tty, 0, Y_BUFFER);
  store<u32>(tty, 0, Y_SCREEN);
  store<u32>(tty, bootNumber(), N_BOOT);
  foreground(tty);
  if (load<u32>(ROOT + R_SHOWN) == tty) showAnother();
  inputWake(KEYBOARD);
  return done(0);
}

/**
 * Method 16, and 28 with a limit of `limit` milliseconds (-1: none): the next byte typed as a string of one, null when
 * the time is over. The string is made first: from the look at the device on, nothing waits.
 */
function read(record: u32, self: u32, limit: i32, cell: u32): u32 {
  const place = inputOf(self);
  if (place == KEYBOARD && !keyboardPresent()) return throwText('connection lost');
  if (!making(record) && !begin(record, makeString(1))) return throwNoMemory();
  if (load<u32>(record, T_PHASE) == 0) {
    store<u32>(record, <u32>max<i32>(limit, 0), T_PROGRESS);
    store<u32>(record, 1, T_PHASE);
  }
  const made = making(record);
  settle(made + O_DATA, cell, 0);
  const seen = inputReceived(place);
  const onConsole = load<u32>(self, Y_SCREEN) == 0;
  if (onConsole && consoleHears() && inputDropThrough(place, SWITCH)) {
    foreground(nextTerminal(load<u32>(ROOT + R_FOREGROUND)));
  }
  const byte = hears(self) ? inputRead(place) : -1;
  const left = load<u32>(record, T_PROGRESS);
  if (byte >= 0 || (limit >= 0 && left == 0)) {
    if (byte >= 0) store<u8>(made, <u8>byte, O_DATA);
    store<u32>(record, 0, T_PHASE);
    store<u32>(record, 0, T_PROGRESS);
    store<u32>(record, 0, T_MADE);
    return done(byte >= 0 ? made : 0);
  }
  if (limit < 0) {
    waitTyped(place, seen, 0);
    return AGAIN;
  }
  const nap = sleepForgets ? left : min<u32>(left, NAP);
  waitTyped(place, seen, nap);
  store<u32>(record, left - nap, T_PROGRESS);
  return AGAIN;
}

/** Puts the string that the record holds on the terminal's screen, as far as it is not there yet; on the console once it is there. */
function putMade(record: u32, self: u32): void {
  const text = load<u32>(record, T_MADE);
  for (;;) {
    const from = load<u32>(record, T_PROGRESS);
    const left = sizeOf(text) - from;
    if (left == 0) return;
    const before = blockEpoch();
    const buffer = load<u32>(self, Y_BUFFER);
    if (buffer == 0) break;
    const bytes = text + O_DATA + from;
    vload8(bytes);
    vload8(bytes + min<u32>(left, PART) - 1);
    settleBuffer(buffer, 0);
    if (blockEpoch() != before) continue;
    const part = stepOf(bytes, left);
    putAll(buffer, bytes, part);
    store<u32>(record, from + part, T_PROGRESS);
    if (load<u32>(ROOT + R_SHOWN) == self) paint(buffer);
    pause();
  }
  printMade(record);
}

/** Prints a string: an argument, or one just made (0: memory is full) unless the record has one half printed. */
function show(record: u32, self: u32, text: u32, cell: u32): u32 {
  if (!making(record) && !begin(record, text)) return throwNoMemory();
  putMade(record, self);
  finish(record, cell);
  return done(0);
}

/** CUP: row and column count from 1 on the line, from 0 here. */
function cursorTo(x: u32, y: u32): u32 {
  const row = min<u32>(y, COORDINATE_MAX) + 1;
  const column = min<u32>(x, COORDINATE_MAX) + 1;
  const made = makeString(4 + decimalDigits(row) + decimalDigits(column));
  if (!made) return 0;
  let at = putNumber(putText(made + O_DATA, '\x1b['), row);
  at = putNumber(putText(at, ';'), column);
  putText(at, 'H');
  return made;
}

/** SGR 38 or 48: a colour 0xRRGGBB for text or background. */
function colour(selector: string, value: u32): u32 {
  const red = (value >> 16) & 255;
  const green = (value >> 8) & 255;
  const blue = value & 255;
  const made = makeString(<u32>selector.length + decimalDigits(red) + decimalDigits(green) + decimalDigits(blue) + 3);
  if (!made) return 0;
  let at = putNumber(putText(made + O_DATA, selector), red);
  at = putNumber(putText(at, ';'), green);
  at = putNumber(putText(at, ';'), blue);
  putText(at, 'm');
  return made;
}

/** xterm's OSC 0. */
function titled(title: u32): u32 {
  const made = makeString(5 + sizeOf(title));
  if (!made) return 0;
  let at = putText(made + O_DATA, '\x1b]0;');
  at = putBytes(at, title + O_DATA, sizeOf(title));
  putText(at, '\x07');
  return made;
}

function debug(object: u32): u32 {
  logText('tty: an object of class ');
  logString(load<u32>(classOf(object), C_NAME));
  if (isString(object)) {
    logText(': ');
    logString(object);
  }
  logNewline();
  return done(0);
}

export function ttyMethod(record: u32, self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  if (ordinal == 1) return goes(self, cell);
  if (ordinal < 16 || ordinal > 29) return INHERITED;
  if (isOldTerminal(self)) return throwText('connection lost');
  comes(self, cell);
  // Its screen is not there in this boot, or what it showed is lost.
  if (!isReady(self) && ordinal != 29) return throwText('connection lost');
  const first: u32 = count > 0 ? argument(args, 0) : 0;
  switch (ordinal) {
    case 16:
      return read(record, self, -1, cell);
    case 17:
      if (count < 1) return throwFewArguments();
      return isString(first) ? show(record, self, first, cell) : throwNotString();
    case 18:
      return count < 1 ? throwFewArguments() : debug(first);
    case 19: {
      if (count < 2) return throwFewArguments();
      const second = argument(args, 1);
      if (!isInt(first) || !isInt(second)) return throwWrongType();
      if (intValue(first) < 0 || intValue(second) < 0) return throwText('tty gotoxy - position is out of bounds');
      if (making(record)) return show(record, self, 0, cell);
      return show(record, self, cursorTo(<u32>intValue(first), <u32>intValue(second)), cell);
    }
    case 20:
      if (making(record)) return show(record, self, 0, cell);
      return show(record, self, makeText('\x1b[2J\x1b[H'), cell);
    case 21:
    case 26: {
      if (count < 1) return throwFewArguments();
      if (!isInt(first)) return throwWrongType();
      if (making(record)) return show(record, self, 0, cell);
      return show(record, self, colour(ordinal == 21 ? '\x1b[38;2;' : '\x1b[48;2;', <u32>intValue(first)), cell);
    }
    case 22:
    case 23:
    case 24:
      return throwText('tty has no window');
    case 25:
      if (count < 1) return throwFewArguments();
      if (!isString(first)) return throwNotString();
      if (making(record)) return show(record, self, 0, cell);
      return show(record, self, titled(first), cell);
    case 27:
      return doneOrNoMemory(makeInt(hears(self) ? <i32>inputTyped(inputOf(self)) : 0));
    case 29:
      if (count < 1) return throwFewArguments();
      if (!isString(first)) return throwNotString();
      if (equalsText(first, 'screen')) return toScreen(self, cell);
      return equalsText(first, 'console') ? toConsole(self, cell) : throwText('tty has no such device');
    default: {
      if (count < 1) return throwFewArguments();
      if (!isInt(first)) return throwWrongType();
      return read(record, self, max<i32>(intValue(first), 0), cell);
    }
  }
}
