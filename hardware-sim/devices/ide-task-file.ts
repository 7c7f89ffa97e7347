/**
 * The command block registers of an ATA drive (the task file) and the sector addresses in them.
 * Source: ATA/ATAPI-6 (T13 1410D), sections 6.2 (addresses), 7 (registers), 9.12 (signature).
 *
 * The rule that makes it right: the count and address registers are two deep. A write pushes the older value down; 48-bit commands use both, and
 * "high order byte" in the device control register selects which one is read.
 */

import { HEADS, SECTORS_PER_TRACK } from './ide-identify.js';

/** The value written last, and the one before it. */
type TwoDeep = readonly [last: number, before: number];

export interface TaskFile {
  features: number;
  count: TwoDeep;
  low: TwoDeep;
  mid: TwoDeep;
  high: TwoDeep;
  device: number;
}

/** Registers by their offset from the command block's base. */
export const FEATURES = 1;
export const DEVICE = 6;

/** Device register: drive 1 selected. */
export const DRIVE_1 = 0x10;
const LBA_ADDRESS = 0x40;

const TWO_DEEP: Readonly<Record<number, 'count' | 'low' | 'mid' | 'high'>> = {
  2: 'count',
  3: 'low',
  4: 'mid',
  5: 'high',
};

/** The registers after a reset: the signature of a drive that is not packet-driven. */
export function signature(): TaskFile {
  return { features: 0, count: [1, 0], low: [1, 0], mid: [0, 0], high: [0, 0], device: 0 };
}

/** The value of register 2 to 6. */
export function readTaskFile(file: TaskFile, register: number, highOrder: boolean): number {
  const name = TWO_DEEP[register];
  return name === undefined ? file.device | 0xa0 : file[name][highOrder ? 1 : 0];
}

/** Writes register 1 to 6. */
export function writeTaskFile(file: TaskFile, register: number, value: number): void {
  const name = TWO_DEEP[register];
  if (name !== undefined) file[name] = [value, file[name][0]];
  else if (register === FEATURES) file.features = value;
  else file.device = value;
}

/** First sector and number of sectors of a transfer. An address that is none (CHS sector 0) becomes one past the end of the disk. */
export function addressed(file: TaskFile, extended: boolean, diskSectors: number): { lba: number; count: number } {
  const { count, low, mid, high, device } = file;
  if (extended) {
    const upper = high[1] * 0x10000 + mid[1] * 0x100 + low[1];
    const lower = high[0] * 0x10000 + mid[0] * 0x100 + low[0];
    return { lba: upper * 0x1000000 + lower, count: (count[1] << 8) | count[0] || 0x10000 };
  }
  const sectors = count[0] || 0x100;
  const cylinder = (high[0] << 8) | mid[0];
  const head = device & 15;
  if (device & LBA_ADDRESS) return { lba: (head << 24) | (cylinder << 8) | low[0], count: sectors };
  const lba = low[0] === 0 ? diskSectors : (cylinder * HEADS + head) * SECTORS_PER_TRACK + low[0] - 1;
  return { lba, count: sectors };
}

/** Puts the sector at which an error happened into the address registers. */
export function reportSector(file: TaskFile, lba: number, extended: boolean): void {
  const byte = (index: number): number => Math.floor(lba / 2 ** (8 * index)) % 256;
  if (extended) {
    file.low = [byte(0), byte(3)];
    file.mid = [byte(1), byte(4)];
    file.high = [byte(2), byte(5)];
  } else if (file.device & LBA_ADDRESS) {
    file.low = [byte(0), file.low[1]];
    file.mid = [byte(1), file.mid[1]];
    file.high = [byte(2), file.high[1]];
    file.device = (file.device & 0xf0) | (byte(3) & 15);
  }
}
