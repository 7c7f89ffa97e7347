/**
 * The parts of an ELF32 executable that a boot loader needs: entry point and loadable segments.
 * Source: Tool Interface Standard, Executable and Linking Format 1.2.
 */

export interface ElfSegment {
  /** Physical address. */
  readonly address: number;
  /** Bytes that come from the file. */
  readonly bytes: Uint8Array;
  /** Size in memory; what is above `bytes` is zeros. */
  readonly memoryBytes: number;
}

export interface ElfProgram {
  readonly entry: number;
  readonly segments: readonly ElfSegment[];
}

const HEADER_BYTES = 52;
const MACHINE_386 = 3;
const TYPE_EXECUTABLE = 2;
const SEGMENT_LOAD = 1;

/** Throws an Error that says what is wrong with the image. */
export function readElf(image: Uint8Array): ElfProgram {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  if (image.length < HEADER_BYTES || view.getUint32(0, false) !== 0x7f454c46) {
    throw new Error('boot image: not an ELF file (its first bytes are not 7F 45 4C 46)');
  }
  if (image[4] !== 1 || image[5] !== 1) throw new Error('boot image: a 32-bit little-endian ELF file is needed');
  const type = view.getUint16(16, true);
  const machine = view.getUint16(18, true);
  if (type !== TYPE_EXECUTABLE || machine !== MACHINE_386) {
    throw new Error(
      `boot image: an IA-32 executable is needed (type 2, machine 3), this is type ${type}, machine ${machine}`,
    );
  }
  const table = view.getUint32(28, true);
  const entryBytes = view.getUint16(42, true);
  const entries = view.getUint16(44, true);
  if (entries > 0 && (entryBytes < 32 || table + entries * entryBytes > image.length)) {
    throw new Error('boot image: its program header table lies outside the file');
  }
  const segments: ElfSegment[] = [];
  for (let index = 0; index < entries; index++) {
    const at = table + index * entryBytes;
    const memoryBytes = view.getUint32(at + 20, true);
    if (view.getUint32(at, true) !== SEGMENT_LOAD || memoryBytes === 0) continue;
    const offset = view.getUint32(at + 4, true);
    const fileBytes = view.getUint32(at + 16, true);
    if (offset + fileBytes > image.length || fileBytes > memoryBytes) {
      throw new Error(`boot image: segment ${index} lies outside the file (offset ${offset}, ${fileBytes} bytes)`);
    }
    segments.push({
      address: view.getUint32(at + 12, true),
      bytes: image.subarray(offset, offset + fileBytes),
      memoryBytes,
    });
  }
  if (segments.length === 0) throw new Error('boot image: it has nothing to load');
  return { entry: view.getUint32(24, true), segments };
}
