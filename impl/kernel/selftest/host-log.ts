/** The kernel's log, kept by the host of a test: of the shape of `arch/log.ts`, whose place it takes in V8. */

declare function hostByte(byte: u32): void;

export function logText(text: string): void {
  for (let i: i32 = 0; i < text.length; i++) hostByte(text.charCodeAt(i));
}

export function logNumber(value: u32): void {
  if (value >= 10) logNumber(value / 10);
  hostByte(48 + (value % 10));
}

export function logHexadecimal(value: u32): void {
  for (let shift: i32 = 28; shift >= 0; shift -= 4) {
    const digit = (value >> shift) & 15;
    hostByte(digit < 10 ? 48 + digit : 87 + digit);
  }
}

export function logBytes(bytes: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i++) hostByte(<u32>load<u8>(bytes + i));
}

export function logNewline(): void {
  hostByte(10);
}

export function log(text: string): void {
  logText(text);
  logNewline();
}

export function logValue(text: string, value: u32): void {
  logText(text);
  hostByte(32);
  logNumber(value);
  logNewline();
}

export function logFlush(): void {}
