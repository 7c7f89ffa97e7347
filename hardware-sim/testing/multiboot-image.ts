/**
 * A multiboot ELF32 image around hand-made machine code, for tests: one segment at 1 MiB that holds the multiboot header (12 bytes), then the code.
 */

export const IMAGE_BASE = 0x100000;
const HEADER_BYTES = 12;
/** Where the code is in memory, and where execution starts. */
export const CODE_BASE = IMAGE_BASE + HEADER_BYTES;
const FILE_OFFSET = 0x60;

export interface ImageOptions {
  /** Multiboot header flags. */
  readonly flags?: number;
  /** Where the segment goes. */
  readonly base?: number;
  /** Zeros after the code. */
  readonly zeroBytes?: number;
}

export function multibootImage(code: Uint8Array, options: ImageOptions = {}): Uint8Array {
  const { flags = 0, base = IMAGE_BASE, zeroBytes = 0 } = options;
  const fileBytes = HEADER_BYTES + code.length;
  const image = new Uint8Array(FILE_OFFSET + fileBytes);
  const view = new DataView(image.buffer);
  image.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, 2, true); // executable
  view.setUint16(18, 3, true); // 386
  view.setUint32(20, 1, true);
  view.setUint32(24, base + HEADER_BYTES, true); // entry
  view.setUint32(28, 52, true); // program headers
  view.setUint16(40, 52, true);
  view.setUint16(42, 32, true);
  view.setUint16(44, 1, true);
  view.setUint32(52, 1, true); // load
  view.setUint32(56, FILE_OFFSET, true);
  view.setUint32(60, base, true);
  view.setUint32(64, base, true);
  view.setUint32(68, fileBytes, true);
  view.setUint32(72, fileBytes + zeroBytes, true);
  view.setUint32(76, 7, true);
  view.setUint32(FILE_OFFSET, 0x1badb002, true);
  view.setUint32(FILE_OFFSET + 4, flags, true);
  view.setUint32(FILE_OFFSET + 8, -(0x1badb002 + flags) >>> 0, true);
  image.set(code, FILE_OFFSET + HEADER_BYTES);
  return image;
}
