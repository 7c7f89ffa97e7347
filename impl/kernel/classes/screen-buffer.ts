/**
 * What a terminal on the screen shows, in persistent memory: the screen is painted from it, so a power cut leaves it as
 * the recovered generation has it. A buffer is a binary:
 *
 *     +0  column, 0 to 80; at 80 the next character begins a line   +4  parameters of the control sequence so far
 *     +1  row, 0 to 24                                             +8  their values, a byte each, at most 255; eight
 *     +2  attribute of what comes: bits 0 to 3 colour of the character, 4 to 6 of the background
 *     +3  state of the interpreter, below                          +16 cells, 80 x 25: character, attribute
 *
 * It interprets what a terminal prints (ECMA-48, and what xterm adds): BS, HT, LF (which begins a line), CR; CSI A B C D, G, d, H and
 * f, J and K, m; ESC c; OSC up to its end is not shown. What it does not know it leaves out. SGR (m) takes 0, 1, 7, 22, 30 to 37, 39,
 * 40 to 47, 49, 90 to 97, 100 to 107 and 38;2 and 48;2 with red, green, blue, of which the nearest of the screen's colours is shown.
 * What is erased or scrolled in has the attribute of the moment.
 *
 * Rule: `put` writes nothing but the buffer and never waits; the caller has settled all of it (`settleBuffer`) and ticks off what it has
 * put in the same step.
 */

import { screenBlank, screenPaint, vload8 } from '../objects/below';
import { allocate, settle } from '../objects/heap';
import { K_BINARY, O_DATA, OPAQUE } from '../objects/layout';
import { internalClass } from '../objects/objects';

const COLUMN: u32 = O_DATA;
const ROW: u32 = O_DATA + 1;
const ATTRIBUTE: u32 = O_DATA + 2;
const STATE: u32 = O_DATA + 3;
const COUNT: u32 = O_DATA + 4;
const VALUES: u32 = O_DATA + 8;
const CELLS: u32 = O_DATA + 16;
const VALUES_MAX: u32 = 8;
const COLUMNS: u32 = 80;
const ROWS: u32 = 25;
const ROW_BYTES: u32 = 160;
const CELLS_BYTES: u32 = 4000;
export const BUFFER_BYTES: u32 = 4016;
/** Light grey on black. */
const USUAL: u32 = 0x07;
/** Most bytes that are put in one step: each may scroll. */
const STEP_MAX: u32 = 40;

/* States of the interpreter. */
const GROUND: u32 = 0;
const ESCAPED: u32 = 1;
const CONTROL_SEQUENCE: u32 = 2;
const COMMAND: u32 = 3;
const COMMAND_ESCAPED: u32 = 4;

/** The screen's colours (IBM PS/2 Video Subsystem, default palette): red, green, blue of each. */
const PALETTE: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 170, 0, 170, 0, 0, 170, 170, 170, 0, 0, 170, 0, 170, 170, 85, 0, 170, 170, 170, 85, 85, 85, 85, 85, 255,
  85, 255, 85, 85, 255, 255, 255, 85, 85, 255, 85, 255, 255, 255, 85, 255, 255, 255,
]);

/** A new, blank buffer, or 0 when memory is full. May block. */
export function makeBuffer(): u32 {
  const made = allocate(internalClass(K_BINARY), BUFFER_BYTES | OPAQUE);
  if (!made) return 0;
  store<u8>(made, <u8>USUAL, ATTRIBUTE);
  for (let row: u32 = 0; row < ROWS; row++) blankCells(made, row * COLUMNS, COLUMNS);
  return made;
}

/** Makes all of the buffer resident for writing, and `cell`, 0 or the address of a word, too. */
export function settleBuffer(buffer: u32, cell: u32): void {
  settle(buffer + O_DATA, buffer + O_DATA + BUFFER_BYTES - 4, cell);
}

/** How many of the `length` bytes to put in one step: up to the first end of a line. They are resident. */
export function stepOf(bytes: u32, length: u32): u32 {
  const most = min<u32>(length, STEP_MAX);
  for (let i: u32 = 0; i < most; i++) if (load<u8>(bytes + i) == 10) return i + 1;
  return most;
}

/** Puts so many bytes. */
export function putAll(buffer: u32, bytes: u32, length: u32): void {
  for (let i: u32 = 0; i < length; i++) put(buffer, <u32>load<u8>(bytes + i));
}

/** Shows the resident buffer on the screen. */
export function paint(buffer: u32): void {
  const cell = (<u32>load<u8>(buffer, ROW)) * COLUMNS + min<u32>(<u32>load<u8>(buffer, COLUMN), COLUMNS - 1);
  screenPaint(buffer + CELLS, cell);
}

/** Makes the buffer resident for reading. May block. */
export function residentBuffer(buffer: u32): void {
  vload8(buffer + O_DATA);
  vload8(buffer + O_DATA + BUFFER_BYTES - 1);
}

/** Shows nothing. */
export function paintNothing(): void {
  screenBlank();
}

function put(buffer: u32, byte: u32): void {
  switch (<u32>load<u8>(buffer, STATE)) {
    case GROUND:
      ground(buffer, byte);
      return;
    case ESCAPED:
      escaped(buffer, byte);
      return;
    case CONTROL_SEQUENCE:
      controlSequence(buffer, byte);
      return;
    case COMMAND:
      if (byte == 7) setState(buffer, GROUND);
      else if (byte == 27) setState(buffer, COMMAND_ESCAPED);
      return;
    default:
      setState(buffer, byte == 92 ? GROUND : COMMAND);
  }
}

function setState(buffer: u32, state: u32): void {
  store<u8>(buffer, <u8>state, STATE);
}

function ground(buffer: u32, byte: u32): void {
  const column = <u32>load<u8>(buffer, COLUMN);
  switch (byte) {
    case 8:
      if (column > 0) store<u8>(buffer, <u8>(column - 1), COLUMN);
      return;
    case 9:
      store<u8>(buffer, <u8>min<u32>((column | 7) + 1, COLUMNS - 1), COLUMN);
      return;
    case 10:
      newLine(buffer);
      return;
    case 13:
      store<u8>(buffer, 0, COLUMN);
      return;
    case 27:
      setState(buffer, ESCAPED);
      return;
    default:
      if (byte >= 32 && byte != 127) character(buffer, byte);
  }
}

function character(buffer: u32, byte: u32): void {
  if (<u32>load<u8>(buffer, COLUMN) == COLUMNS) newLine(buffer);
  const column = <u32>load<u8>(buffer, COLUMN);
  const cell = (<u32>load<u8>(buffer, ROW)) * COLUMNS + column;
  store<u16>(buffer + CELLS + (cell << 1), <u16>(byte | ((<u32>load<u8>(buffer, ATTRIBUTE)) << 8)));
  store<u8>(buffer, <u8>(column + 1), COLUMN);
}

function newLine(buffer: u32): void {
  store<u8>(buffer, 0, COLUMN);
  const row = <u32>load<u8>(buffer, ROW);
  if (row + 1 < ROWS) {
    store<u8>(buffer, <u8>(row + 1), ROW);
    return;
  }
  memory.copy(buffer + CELLS, buffer + CELLS + ROW_BYTES, CELLS_BYTES - ROW_BYTES);
  blankCells(buffer, (ROWS - 1) * COLUMNS, COLUMNS);
}

function blankCells(buffer: u32, first: u32, count: u32): void {
  const blank = 32 | ((<u32>load<u8>(buffer, ATTRIBUTE)) << 8);
  for (let i: u32 = 0; i < count; i++) store<u16>(buffer + CELLS + ((first + i) << 1), <u16>blank);
}

function escaped(buffer: u32, byte: u32): void {
  if (byte == 91) {
    store<u8>(buffer, 0, COUNT);
    store<u64>(buffer, 0, VALUES);
    setState(buffer, CONTROL_SEQUENCE);
    return;
  }
  setState(buffer, byte == 93 ? COMMAND : GROUND);
  if (byte != 99) return;
  store<u8>(buffer, <u8>USUAL, ATTRIBUTE);
  moveTo(buffer, 0, 0);
  blankCells(buffer, 0, ROWS * COLUMNS);
}

function controlSequence(buffer: u32, byte: u32): void {
  const count = <u32>load<u8>(buffer, COUNT);
  if (byte >= 48 && byte <= 57) {
    if (count >= VALUES_MAX) return;
    const value = (<u32>load<u8>(buffer + count, VALUES)) * 10 + byte - 48;
    store<u8>(buffer + count, <u8>min<u32>(value, 255), VALUES);
  } else if (byte == 59) {
    if (count < VALUES_MAX) store<u8>(buffer, <u8>(count + 1), COUNT);
  } else if (byte == 27) {
    setState(buffer, ESCAPED);
  } else if (byte >= 64 && byte != 127) {
    setState(buffer, GROUND);
    execute(buffer, byte);
  }
}

function value(buffer: u32, n: u32): u32 {
  return <u32>load<u8>(buffer + n, VALUES);
}

/** A parameter that counts from 1, and is 1 when it is left out. */
function ordinal(buffer: u32, n: u32): u32 {
  return max<u32>(value(buffer, n), 1);
}

function moveTo(buffer: u32, row: i32, column: i32): void {
  store<u8>(buffer, <u8>max<i32>(min<i32>(row, ROWS - 1), 0), ROW);
  store<u8>(buffer, <u8>max<i32>(min<i32>(column, COLUMNS - 1), 0), COLUMN);
}

function execute(buffer: u32, final: u32): void {
  const row = <i32>load<u8>(buffer, ROW);
  const column = <i32>load<u8>(buffer, COLUMN);
  const first = <i32>ordinal(buffer, 0);
  switch (final) {
    case 65:
      moveTo(buffer, row - first, column);
      return;
    case 66:
      moveTo(buffer, row + first, column);
      return;
    case 67:
      moveTo(buffer, row, column + first);
      return;
    case 68:
      moveTo(buffer, row, column - first);
      return;
    case 71:
      moveTo(buffer, row, first - 1);
      return;
    case 100:
      moveTo(buffer, first - 1, column);
      return;
    case 72:
    case 102:
      moveTo(buffer, first - 1, <i32>ordinal(buffer, 1) - 1);
      return;
    case 74:
      erase(buffer, (<u32>row) * COLUMNS + <u32>column, 0, ROWS * COLUMNS);
      return;
    case 75:
      erase(buffer, (<u32>row) * COLUMNS + <u32>column, (<u32>row) * COLUMNS, ((<u32>row) + 1) * COLUMNS);
      return;
    case 109:
      select(buffer);
  }
}

/** Of the cells from `from` up to below `to`: those from `cursor` on (parameter 0), those up to it (1), all (2). */
function erase(buffer: u32, cursor: u32, from: u32, to: u32): void {
  const which = value(buffer, 0);
  const at = min<u32>(cursor, to - 1);
  if (which == 0) blankCells(buffer, cursor, to - min<u32>(cursor, to));
  else if (which == 1) blankCells(buffer, from, at + 1 - from);
  else if (which == 2) blankCells(buffer, from, to - from);
}

/** Of the first `count` colours the one nearest to this, the lowest of several. */
function nearest(red: i32, green: i32, blue: i32, count: u32): u32 {
  let best: u32 = 0;
  let least: i32 = i32.MAX_VALUE;
  for (let i: u32 = 0; i < count; i++) {
    const at = PALETTE + 3 * i;
    const r = red - <i32>load<u8>(at);
    const g = green - <i32>load<u8>(at, 1);
    const b = blue - <i32>load<u8>(at, 2);
    const distance = r * r + g * g + b * b;
    if (distance >= least) continue;
    least = distance;
    best = i;
  }
  return best;
}

/** The screen has red and blue the other way round. */
function swapped(colour: u32): u32 {
  return ((colour & 1) << 2) | (colour & 2) | ((colour >> 2) & 1);
}

function select(buffer: u32): void {
  let attribute = <u32>load<u8>(buffer, ATTRIBUTE);
  const count = min<u32>((<u32>load<u8>(buffer, COUNT)) + 1, VALUES_MAX);
  for (let i: u32 = 0; i < count; i++) {
    const code = value(buffer, i);
    if ((code == 38 || code == 48) && i + 1 < count && value(buffer, i + 1) == 2 && i + 4 < count) {
      const colours: u32 = code == 38 ? 16 : 8;
      const colour = nearest(
        <i32>value(buffer, i + 2),
        <i32>value(buffer, i + 3),
        <i32>value(buffer, i + 4),
        colours,
      );
      attribute = code == 38 ? (attribute & 0x70) | colour : (attribute & 0x0f) | (colour << 4);
      i += 4;
    } else if (code == 38 || code == 48) {
      // A palette we do not have: what follows is not for us.
      break;
    } else {
      attribute = selected(attribute, code);
    }
  }
  store<u8>(buffer, <u8>attribute, ATTRIBUTE);
}

function selected(attribute: u32, code: u32): u32 {
  if (code == 0) return USUAL;
  if (code == 1) return attribute | 8;
  if (code == 22) return attribute & ~8;
  if (code == 7) return ((attribute & 7) << 4) | ((attribute >> 4) & 7) | (attribute & 8);
  if (code == 39) return (attribute & 0x70) | (USUAL & 0x0f);
  if (code == 49) return attribute & 0x0f;
  if (code >= 30 && code <= 37) return (attribute & 0x78) | swapped(code - 30);
  if (code >= 90 && code <= 97) return (attribute & 0x70) | 8 | swapped(code - 90);
  if (code >= 40 && code <= 47) return (attribute & 0x0f) | (swapped(code - 40) << 4);
  if (code >= 100 && code <= 107) return (attribute & 0x0f) | (swapped(code - 100) << 4);
  return attribute;
}
