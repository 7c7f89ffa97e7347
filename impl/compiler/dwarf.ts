/**
 * The line table as DWARF debugging sections, for debuggers and disassemblers: one compilation unit, whose .debug_line says which
 * source line each instruction comes from.
 *
 * Format: DWARF 2.0.0, sections 6.2 (line number program) and 7.5 (units and abbreviations).
 */

import type { DebugSection } from './elf.js';

export interface LineEntry {
  readonly address: number;
  readonly file: string;
  readonly line: number;
}

const DW_TAG_compile_unit = 0x11;
const DW_AT_name = 0x03;
const DW_AT_stmt_list = 0x10;
const DW_AT_low_pc = 0x11;
const DW_AT_high_pc = 0x12;
const DW_FORM_addr = 0x01;
const DW_FORM_data4 = 0x06;
const DW_FORM_string = 0x08;

const DW_LNS_copy = 1;
const DW_LNS_advance_pc = 2;
const DW_LNS_advance_line = 3;
const DW_LNS_set_file = 4;
const DW_LNE_end_sequence = 1;
const DW_LNE_set_address = 2;

/** Special opcodes advance the line by -3 to 8 and the address by a few bytes; values as common compilers use them. */
const lineBase = -3;
const lineRange = 12;
const opcodeBase = 10;
/** Operands of the standard opcodes 1 to 9. */
const standardLengths = [0, 1, 1, 1, 1, 0, 0, 0, 1];

class Bytes {
  readonly data: number[] = [];

  byte(...values: number[]): this {
    for (const v of values) this.data.push(v & 255);
    return this;
  }

  u16(v: number): this {
    return this.byte(v, v >> 8);
  }

  u32(v: number): this {
    return this.byte(v, v >> 8, v >> 16, v >> 24);
  }

  text(s: string): this {
    return this.byte(...new TextEncoder().encode(s), 0);
  }

  unsigned(value: number): this {
    let v = value;
    while (v >= 0x80) {
      this.byte((v & 0x7f) | 0x80);
      v >>>= 7;
    }
    return this.byte(v);
  }

  signed(value: number): this {
    let v = value;
    for (;;) {
      const byte = v & 0x7f;
      v >>= 7;
      if ((v === 0 && (byte & 0x40) === 0) || (v === -1 && (byte & 0x40) !== 0)) return this.byte(byte);
      this.byte(byte | 0x80);
    }
  }

  /** The bytes behind their own length in 4 bytes. */
  withLength(): Uint8Array {
    return Uint8Array.from([...new Bytes().u32(this.data.length).data, ...this.data]);
  }
}

function lineProgram(lines: readonly LineEntry[], files: readonly string[], end: number): Bytes {
  const p = new Bytes();
  let address = lines[0].address;
  let file = 1;
  let line = 1;
  p.byte(0, 5, DW_LNE_set_address).u32(address);
  for (const entry of lines) {
    const number = files.indexOf(entry.file) + 1;
    if (number !== file) p.byte(DW_LNS_set_file).unsigned(number);
    file = number;
    const lines = entry.line - line;
    const bytes = entry.address - address;
    const special = lines - lineBase + lineRange * bytes + opcodeBase;
    if (lines >= lineBase && lines < lineBase + lineRange && special <= 255) p.byte(special);
    else {
      if (bytes !== 0) p.byte(DW_LNS_advance_pc).unsigned(bytes);
      if (lines !== 0) p.byte(DW_LNS_advance_line).signed(lines);
      p.byte(DW_LNS_copy);
    }
    line = entry.line;
    address = entry.address;
  }
  p.byte(DW_LNS_advance_pc).unsigned(end - address);
  return p.byte(0, 1, DW_LNE_end_sequence);
}

/** Debugging sections for lines in order of address; `end` is the address after the last instruction. */
export function debugSections(lines: readonly LineEntry[], end: number): DebugSection[] {
  if (lines.length === 0) return [];
  const files = [...new Set(lines.map((l) => l.file))];
  const header = new Bytes().byte(1, 1, lineBase, lineRange, opcodeBase, ...standardLengths);
  header.byte(0);
  for (const file of files) header.text(file).byte(0, 0, 0);
  header.byte(0);
  const unit = new Bytes().u16(2).u32(header.data.length);
  unit.byte(...header.data);
  for (const b of lineProgram(lines, files, end).data) unit.byte(b);

  const abbreviations = new Bytes().byte(1, DW_TAG_compile_unit, 0);
  abbreviations.byte(DW_AT_name, DW_FORM_string, DW_AT_stmt_list, DW_FORM_data4);
  abbreviations.byte(DW_AT_low_pc, DW_FORM_addr, DW_AT_high_pc, DW_FORM_addr, 0, 0, 0);
  const information = new Bytes().u16(2).u32(0).byte(4);
  information.byte(1).text('kernel').u32(0).u32(lines[0].address).u32(end);
  return [
    { name: '.debug_abbrev', bytes: Uint8Array.from(abbreviations.data) },
    { name: '.debug_info', bytes: information.withLength() },
    { name: '.debug_line', bytes: unit.withLength() },
  ];
}
