/**
 * The 512 bytes a drive answers to IDENTIFY DEVICE. Source: ATA/ATAPI-6 (T13 1410D), section 8.15.
 */

/** Heads and sectors per track of the translation that CHS addresses use. */
export const HEADS = 16;
export const SECTORS_PER_TRACK = 63;

const LARGEST_LBA28 = 0x0fffffff;

export interface DriveSettings {
  readonly sectors: number;
  readonly writeCache: boolean;
  readonly lookAhead: boolean;
  /** Selected multiword DMA mode, 0 to 2. */
  readonly dmaMode: number;
}

export function cylindersOf(sectors: number): number {
  return Math.max(1, Math.min(16383, Math.floor(sectors / (HEADS * SECTORS_PER_TRACK))));
}

export function identifyBlock(drive: DriveSettings): Uint8Array {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  const word = (index: number, value: number): void => view.setUint16(2 * index, value, true);
  const double = (index: number, value: number): void => view.setUint32(2 * index, value, true);
  /** Text is two characters a word, the first in the high byte. */
  const text = (index: number, words: number, value: string): void => {
    const padded = value.padEnd(2 * words);
    for (let at = 0; at < words; at++)
      word(index + at, (padded.charCodeAt(2 * at) << 8) | padded.charCodeAt(2 * at + 1));
  };
  const cylinders = cylindersOf(drive.sectors);
  const features = (drive.writeCache ? 0x0020 : 0) | (drive.lookAhead ? 0x0040 : 0);

  word(0, 0x0040); // a fixed ATA device
  word(1, cylinders);
  word(3, HEADS);
  word(6, SECTORS_PER_TRACK);
  text(10, 10, 'PT00000001');
  text(23, 4, '1.0');
  text(27, 20, 'PHANTOM TESTBED DISK');
  word(47, 0x8000); // READ and WRITE MULTIPLE are not there
  word(49, 0x0b00); // IORDY, LBA, DMA
  word(50, 0x4000);
  word(53, 0x0003); // words 54 to 58 and 64 to 70 are valid
  word(54, cylinders);
  word(55, HEADS);
  word(56, SECTORS_PER_TRACK);
  double(57, cylinders * HEADS * SECTORS_PER_TRACK);
  double(60, Math.min(drive.sectors, LARGEST_LBA28));
  word(63, 0x0007 | (0x0100 << drive.dmaMode)); // multiword DMA 0 to 2, one selected
  word(64, 0x0003); // PIO modes 3 and 4
  for (let index = 65; index <= 68; index++) word(index, 120); // cycle times in ns
  word(80, 0x007e); // ATA-1 to ATA/ATAPI-6
  word(82, 0x0060); // write cache, look-ahead
  word(83, 0x7400); // 48-bit addresses, FLUSH CACHE, FLUSH CACHE EXT
  word(84, 0x4000);
  word(85, features);
  word(86, 0x3400);
  word(87, 0x4000);
  double(100, drive.sectors % 2 ** 32);
  double(102, Math.floor(drive.sectors / 2 ** 32));
  return bytes;
}
