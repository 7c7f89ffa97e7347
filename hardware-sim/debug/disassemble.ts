/**
 * IA-32 machine code as text, in NASM's syntax, by iced-x86.
 */

import { Decoder, DecoderOptions, Formatter, FormatterSyntax } from 'iced-x86';

export interface DisassembledInstruction {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Disassembles 32-bit code that starts at `address`, at most `count` instructions; bytes that are none are shown as such. */
export function disassemble(
  code: Uint8Array,
  address: number,
  count = Number.POSITIVE_INFINITY,
): DisassembledInstruction[] {
  const decoder = new Decoder(32, code, DecoderOptions.None);
  const formatter = new Formatter(FormatterSyntax.Nasm);
  try {
    decoder.ip = BigInt(address);
    const result: DisassembledInstruction[] = [];
    while (decoder.canDecode && result.length < count) {
      const start = decoder.position;
      const instruction = decoder.decode();
      try {
        result.push({
          address: (address + start) >>> 0,
          bytes: code.slice(start, decoder.position),
          text: formatter.format(instruction),
        });
      } finally {
        instruction.free();
      }
    }
    return result;
  } finally {
    formatter.free();
    decoder.free();
  }
}
