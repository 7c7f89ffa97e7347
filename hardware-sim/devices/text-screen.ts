/**
 * The text screen of a VGA in mode 3: 80 columns, 25 rows, 16 colours; the CRT controller at ports 0x3D4 and 0x3D5, input status
 * register 1 at 0x3DA.
 * Source: IBM PS/2 Hardware Interface Technical Reference, Video Subsystem.
 *
 * The rule that makes it right: what is shown is the words of text memory (0xB8000, 32 KiB: character, attribute) from the CRT controller's start
 * address on. Text memory is RAM of the machine, so it is part of every checkpoint; without a screen it is RAM that nobody looks at. Graphics
 * modes, fonts and palettes are not modelled: the other registers of a VGA have no device.
 */

import type { Clock } from '../clock.js';
import type { PhysicalMemory } from '../memory/physical-memory.js';
import type { ByteDevice } from './device.js';

export const SCREEN_COLUMNS = 80;
export const SCREEN_ROWS = 25;
const TEXT_MEMORY = 0xb8000;
const TEXT_BYTES = 0x8000;
const CELLS = SCREEN_COLUMNS * SCREEN_ROWS;
/** A blank, light grey on black. */
const BLANK = Uint8Array.of(0x20, 0x07);

const CURSOR_START = 0x0a;
const START_HIGH = 0x0c;
const CURSOR_HIGH = 0x0e;
const PROTECT = 0x11;
const CURSOR_OFF = 0x20;
/** The BIOS's values for mode 3: 25 rows of 16 lines, cursor in the lines 13 and 14. */
const MODE_3 = '5f 4f 50 82 55 81 bf 1f 00 4f 0d 0e 00 00 00 00 9c 8e 8f 28 1f 96 b9 a3 ff'
  .split(' ')
  .map((byte) => parseInt(byte, 16));

/** Lines a second, lines a frame, those of them that are shown, and where the vertical retrace begins and ends. */
const LINE_HZ = 31_468.75;
const LINES = 449;
const LINES_SHOWN = 400;
const RETRACE = [412, 414] as const;
const LINE_SHOWN = 640 / 800;

export interface TextScreenState {
  readonly index: number;
  readonly registers: readonly number[];
}

/** What a screen shows. */
export interface ScreenView {
  /** Character and attribute of each cell, rows from the top: 80 x 25 x 2 bytes. */
  readonly cells: Uint8Array;
  /** Where the cursor is, from 0; undefined: nowhere to be seen. */
  readonly cursor: { readonly column: number; readonly row: number } | undefined;
}

export class TextScreen implements ByteDevice {
  private state = { index: 0, registers: [...MODE_3] };

  constructor(
    private readonly clock: Clock,
    private readonly clockHz: number,
    private readonly memory: PhysicalMemory,
  ) {}

  /** Text memory as the BIOS leaves it: blank. */
  powerOn(): void {
    const blank = new Uint8Array(TEXT_BYTES);
    for (let at = 0; at < TEXT_BYTES; at += 2) blank.set(BLANK, at);
    this.memory.writeBytes(TEXT_MEMORY, blank);
  }

  view(): ScreenView {
    const start = this.word(START_HIGH);
    const cells = new Uint8Array(2 * CELLS);
    for (let at = 0; at < 2 * CELLS; at++) cells[at] = this.memory.read8(TEXT_MEMORY + ((2 * start + at) % TEXT_BYTES));
    const at = this.word(CURSOR_HIGH) - start;
    const isShown = at >= 0 && at < CELLS && !(this.state.registers[CURSOR_START] & CURSOR_OFF);
    const cursor = isShown ? { column: at % SCREEN_COLUMNS, row: Math.floor(at / SCREEN_COLUMNS) } : undefined;
    return { cells, cursor };
  }

  readByte(port: number): number {
    const { index, registers } = this.state;
    if (port === 0x3d4) return index;
    if (port === 0x3d5) return registers[index] ?? 0xff;
    return this.inputStatus();
  }

  writeByte(port: number, value: number): void {
    const { index, registers } = this.state;
    if (port === 0x3d4) this.state.index = value;
    if (port !== 0x3d5 || index >= registers.length) return;
    // Bit 7 of register 11 protects the timing registers 0 to 7, but for bit 4 of register 7.
    if (index > 7 || !(registers[PROTECT] & 0x80)) registers[index] = value;
    else if (index === 7) registers[7] = (registers[7] & ~0x10) | (value & 0x10);
  }

  saveState(): TextScreenState {
    return { index: this.state.index, registers: [...this.state.registers] };
  }

  restoreState(state: TextScreenState): void {
    this.state = { index: state.index, registers: [...state.registers] };
  }

  private word(register: number): number {
    const { registers } = this.state;
    return (registers[register] << 8) | registers[register + 1];
  }

  /** Bit 3: vertical retrace; bit 0: nothing is being shown. */
  private inputStatus(): number {
    const lines = (this.clock.now * LINE_HZ) / this.clockHz;
    const line = Math.floor(lines) % LINES;
    const isShown = line < LINES_SHOWN && lines % 1 < LINE_SHOWN;
    return (line >= RETRACE[0] && line < RETRACE[1] ? 8 : 0) | (isShown ? 0 : 1);
  }
}

/** The characters of code page 437 from 0x80 on, and 0x7F before them. */
const HIGH =
  '⌂ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';
const LOW = ' ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼';

/** The characters of a screen's row `row`, from 0: those of code page 437. */
export function screenRow({ cells }: ScreenView, row: number): string[] {
  return Array.from({ length: SCREEN_COLUMNS }, (_, column) => character(cells[2 * (row * SCREEN_COLUMNS + column)]));
}

/** The text of a screen, a line for each row, without blanks at the end of lines; a VGA's own characters are those of code page 437. */
export function screenText(view: ScreenView): string {
  return Array.from({ length: SCREEN_ROWS }, (_, row) => screenRow(view, row).join('').trimEnd()).join('\n');
}

function character(code: number): string {
  if (code < 0x20) return LOW[code];
  return code < 0x7f ? String.fromCharCode(code) : HIGH[code - 0x7f];
}
