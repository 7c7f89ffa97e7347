/**
 * `.internal.io.tty`: terminals on the programs' console, COM1.
 *
 * All terminals print on the one line; what is typed goes to the terminal in the foreground: the one that came last, or
 * the one that the byte SWITCH (Ctrl-]) moved it to; the switch drops what was typed before it and not read. A terminal
 * comes when its first method is called and goes with method 1. Cursor, colours and title are ECMA-48 and xterm control
 * sequences: the device at the other end keeps that state, and it survives a power cut of this machine.
 *
 * Rules. Everything printed goes through `print.ts`: counted, and after a power cut gone on with where it was. A byte
 * read leaves the device in the same step as it becomes the result, so a thread cut inside a read reads again; what was
 * typed and not read is lost with the power, as on any terminal.
 */

import {
  consoleDropThrough,
  consoleRead,
  consoleReceived,
  consoleTyped,
  consoleWakeReaders,
  logNewline,
  logText,
  waitTyped,
} from '../objects/below';
import { settle } from '../objects/heap';
import { C_NAME, K_TTY, N_NEXT, O_DATA, R_DEVICES, R_FOREGROUND, ROOT, T_MADE, T_PHASE, T_PROGRESS } from '../objects/layout';
import { classOf, intValue, isInt, isKind, makeInt, makeString, makeText, sizeOf } from '../objects/objects';
import { begin, finish, making } from '../objects/parts';
import { decimalDigits, putBytes, putNumber, putText } from '../objects/text';
import { AGAIN, done, doneOrNoMemory, throwNoMemory, throwText } from '../vm/outcome';
import { logString } from '../vm/report';
import { NAP } from '../vm/waiting';
import { argument, INHERITED, isString, throwFewArguments, throwNotString, throwWrongType } from './arguments';
import { attach, detach, isAttached } from './device';
import { printMade } from './print';

/** Group separator, Ctrl-]. */
const SWITCH: u32 = 0x1d;
const COORDINATE_MAX: u32 = 9999;

function foreground(tty: u32): void {
  store<u32>(ROOT + R_FOREGROUND, tty);
  consoleWakeReaders();
}

/** The next terminal on the chain behind `tty`, from its head again; 0: there is none. */
function nextTerminal(tty: u32): u32 {
  for (let at = tty ? load<u32>(tty, N_NEXT) : 0; at != 0; at = load<u32>(at, N_NEXT)) if (isKind(at, K_TTY)) return at;
  for (let at = load<u32>(ROOT + R_DEVICES); at != 0; at = load<u32>(at, N_NEXT)) if (isKind(at, K_TTY)) return at;
  return 0;
}

function comes(tty: u32, cell: u32): void {
  while (!isAttached(tty)) {
    attach(tty, cell);
    foreground(tty);
  }
}

/** Method 1: the terminal goes, and its neighbour comes to the foreground if it was there. */
function goes(tty: u32, cell: u32): u32 {
  const was = load<u32>(ROOT + R_FOREGROUND) == tty;
  detach(tty, cell);
  if (was && load<u32>(ROOT + R_FOREGROUND) == 0) foreground(nextTerminal(0));
  return done(0);
}

/**
 * Method 16, and 28 with a limit of `limit` milliseconds (-1: none): the next byte typed as a string of one, null when
 * the time is over. The string is made first: from the look at the device on, nothing waits.
 */
function read(record: u32, self: u32, limit: i32, cell: u32): u32 {
  if (!making(record) && !begin(record, makeString(1))) return throwNoMemory();
  if (load<u32>(record, T_PHASE) == 0) {
    store<u32>(record, <u32>max<i32>(limit, 0), T_PROGRESS);
    store<u32>(record, 1, T_PHASE);
  }
  const made = making(record);
  settle(made + O_DATA, cell, 0);
  const seen = consoleReceived();
  if (consoleDropThrough(SWITCH)) foreground(nextTerminal(load<u32>(ROOT + R_FOREGROUND)));
  const byte = load<u32>(ROOT + R_FOREGROUND) == self ? consoleRead() : -1;
  const left = load<u32>(record, T_PROGRESS);
  if (byte >= 0 || (limit >= 0 && left == 0)) {
    if (byte >= 0) store<u8>(made, <u8>byte, O_DATA);
    store<u32>(record, 0, T_PHASE);
    store<u32>(record, 0, T_PROGRESS);
    store<u32>(record, 0, T_MADE);
    return done(byte >= 0 ? made : 0);
  }
  if (limit < 0) {
    waitTyped(seen, 0);
    return AGAIN;
  }
  const nap = min<u32>(left, NAP);
  waitTyped(seen, nap);
  store<u32>(record, left - nap, T_PROGRESS);
  return AGAIN;
}

/** Prints a string: an argument, or one just made (0: memory is full) unless the record has one half printed. */
function show(record: u32, text: u32, cell: u32): u32 {
  if (!making(record) && !begin(record, text)) return throwNoMemory();
  printMade(record);
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
  if (ordinal < 16 || ordinal > 28) return INHERITED;
  comes(self, cell);
  const first: u32 = count > 0 ? argument(args, 0) : 0;
  switch (ordinal) {
    case 16:
      return read(record, self, -1, cell);
    case 17:
      if (count < 1) return throwFewArguments();
      return isString(first) ? show(record, first, cell) : throwNotString();
    case 18:
      return count < 1 ? throwFewArguments() : debug(first);
    case 19: {
      if (count < 2) return throwFewArguments();
      const second = argument(args, 1);
      if (!isInt(first) || !isInt(second)) return throwWrongType();
      if (intValue(first) < 0 || intValue(second) < 0) return throwText('tty gotoxy - position is out of bounds');
      if (making(record)) return show(record, 0, cell);
      return show(record, cursorTo(<u32>intValue(first), <u32>intValue(second)), cell);
    }
    case 20:
      if (making(record)) return show(record, 0, cell);
      return show(record, makeText('\x1b[2J\x1b[H'), cell);
    case 21:
    case 26: {
      if (count < 1) return throwFewArguments();
      if (!isInt(first)) return throwWrongType();
      if (making(record)) return show(record, 0, cell);
      return show(record, colour(ordinal == 21 ? '\x1b[38;2;' : '\x1b[48;2;', <u32>intValue(first)), cell);
    }
    case 22:
    case 23:
    case 24:
      return throwText('tty has no window');
    case 25:
      if (count < 1) return throwFewArguments();
      if (!isString(first)) return throwNotString();
      if (making(record)) return show(record, 0, cell);
      return show(record, titled(first), cell);
    case 27: {
      const here = load<u32>(ROOT + R_FOREGROUND) == self;
      return doneOrNoMemory(makeInt(here ? <i32>consoleTyped() : 0));
    }
    default: {
      if (count < 1) return throwFewArguments();
      if (!isInt(first)) return throwWrongType();
      return read(record, self, max<i32>(intValue(first), 0), cell);
    }
  }
}
