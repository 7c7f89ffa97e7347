/**
 * The text screen: a VGA in mode 3, as the BIOS left it (IBM PS/2 Hardware Interface Technical Reference, Video Subsystem). 80 x 25
 * cells of two bytes, character and attribute, at 0xB8000; the cursor is two registers of the CRT controller.
 *
 * Rule: the screen is a copy. Who has the text paints it whole, so nothing here needs to survive a boot. A screen is there if the
 * cursor registers keep what is written to them.
 */

import { barrier, inb, outb } from '../arch/hw';

const CRT_INDEX: u32 = 0x3d4;
const CRT_DATA: u32 = 0x3d5;
const CURSOR_HIGH: u32 = 0x0e;
const CURSOR_LOW: u32 = 0x0f;
const TEXT_MEMORY: usize = 0xb8000;
export const SCREEN_COLUMNS: u32 = 80;
export const SCREEN_ROWS: u32 = 25;
/** Bytes of all cells. */
export const SCREEN_BYTES: u32 = 4000;
/** Two blanks, light grey on black. */
const BLANKS: u32 = 0x07200720;

let present: bool = false;

function keeps(value: u32): bool {
  outb(CRT_INDEX, CURSOR_LOW);
  outb(CRT_DATA, value);
  return inb(CRT_DATA) == value;
}

export function screenInit(): void {
  present = keeps(0x55) && keeps(0xaa);
  screenBlank();
}

export function screenPresent(): bool {
  return present;
}

function cursorTo(cell: u32): void {
  outb(CRT_INDEX, CURSOR_HIGH);
  outb(CRT_DATA, cell >> 8);
  outb(CRT_INDEX, CURSOR_LOW);
  outb(CRT_DATA, cell & 255);
}

/** Shows SCREEN_BYTES bytes of resident memory, the cursor on cell `cursor`, from 0. */
export function screenPaint(cells: usize, cursor: u32): void {
  if (!present) return;
  memory.copy(TEXT_MEMORY, cells, SCREEN_BYTES);
  barrier();
  cursorTo(cursor);
}

/** Shows nothing. */
export function screenBlank(): void {
  if (!present) return;
  for (let at: u32 = 0; at < SCREEN_BYTES; at += 4) store<u32>(TEXT_MEMORY + at, BLANKS);
  barrier();
  cursorTo(0);
}
