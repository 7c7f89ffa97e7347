/**
 * Bytecode as it is written: instructions by name, jumps to labels, the line map.
 *
 * A jump's operand counts from its own place, so code may be moved as a whole. Operands as in `model/classfile/opcodes`.
 */

import { type LineEntry, OPCODES } from '../../model/classfile/index.js';

const NUMBERS: ReadonlyMap<string, number> = new Map([...OPCODES].map(([number, { name }]) => [name, number]));

export class Label {
  position: number | undefined;
}

export class Assembler {
  private bytes: number[] = [];
  private readonly jumps: { readonly at: number; readonly label: Label }[] = [];
  private readonly entries: LineEntry[] = [];
  private lastLabel = -1;
  /** Line of the source of what is written next. */
  line = 0;

  private op(name: string): void {
    const number = NUMBERS.get(name);
    if (number === undefined) throw new Error(`there is no instruction ${name}`);
    const last = this.entries[this.entries.length - 1];
    if (this.line > 0 && last?.line !== this.line) {
      this.entries.push({ ip: this.bytes.length, line: this.line });
    }
    this.bytes.push(number);
  }

  private byte(value: number): void {
    if (!(value >= 0 && value <= 255)) throw new Error(`${value} is no byte`);
    this.bytes.push(value);
  }

  private word(value: number): void {
    this.bytes.push((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
  }

  /** An instruction without operands. */
  plain(name: string): void {
    this.op(name);
  }

  withByte(name: string, ...values: readonly number[]): void {
    this.op(name);
    for (const value of values) this.byte(value);
  }

  withWord(name: string, ...values: readonly number[]): void {
    this.op(name);
    for (const value of values) this.word(value);
  }

  /** `iconst_64bit` */
  wide(value: bigint): void {
    this.op('iconst_64bit');
    this.word(Number(BigInt.asIntN(32, value >> 32n)));
    this.word(Number(BigInt.asIntN(32, value)));
  }

  /** An instruction with a string in UTF-8. */
  withText(name: string, text: string): void {
    this.op(name);
    const bytes = Buffer.from(text, 'utf8');
    this.word(bytes.length);
    for (const byte of bytes) this.byte(byte);
  }

  jump(name: string, label: Label): void {
    this.op(name);
    this.reference(label);
  }

  /** Table of `switch`: the value plus `shift` is the index; values outside go on behind it. */
  table(shift: number, labels: readonly Label[]): void {
    this.op('switch');
    this.word(labels.length);
    this.word(shift);
    this.word(1);
    for (const label of labels) this.reference(label);
  }

  private reference(label: Label): void {
    this.jumps.push({ at: this.bytes.length, label });
    this.word(0);
  }

  place(label: Label): void {
    if (label.position !== undefined) throw new Error('a label has one place');
    label.position = this.bytes.length;
    this.lastLabel = label.position;
  }

  /** Whether something may jump to where the next instruction will be. */
  get labelAtEnd(): boolean {
    return this.lastLabel === this.bytes.length;
  }

  get isEmpty(): boolean {
    return this.bytes.length === 0;
  }

  /** A method call: the shortest instruction for the number. */
  call(ordinal: number, args: number): void {
    if (ordinal < 32) this.withByte(`call_${ordinal.toString(16).toUpperCase().padStart(2, '0')}`, args);
    else if (ordinal < 256) {
      this.withByte('call_8bit', ordinal);
      this.word(args);
    } else this.withWord('call_32bit', ordinal, args);
  }

  /** The finished code behind `prologue`, with every jump in place. */
  finish(prologue: Assembler): { code: Uint8Array; lines: LineEntry[] } {
    const offset = prologue.bytes.length;
    for (const { at, label } of this.jumps) {
      if (label.position === undefined) throw new Error('a jump goes nowhere');
      const relative = label.position - at;
      for (let i = 0; i < 4; i++) this.bytes[at + i] = (relative >>> (24 - 8 * i)) & 255;
    }
    const code = Uint8Array.from([...prologue.bytes, ...this.bytes]);
    return { code, lines: this.entries.map(({ ip, line }) => ({ ip: ip + offset, line })) };
  }
}
