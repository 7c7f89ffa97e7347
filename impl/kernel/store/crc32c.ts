/**
 * CRC-32C, four bytes a step ("slicing by 4", Kounavis and Berry 2005): table t holds the effect of a byte followed by
 * t zero bytes. Polynomial and conventions: RFC 3720, appendix B.4. It runs over every page written and read.
 */

import { BLOCK_BYTES } from './format';

const POLYNOMIAL: u32 = 0x82f63b78;
const TABLE_BYTES: u32 = 1024;
/** Four tables of 256 words. */
const tables: usize = memory.data(4096, 16);

export function crcInit(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (POLYNOMIAL & (0 - (crc & 1)));
    store<u32>(tables + (byte << 2), crc);
  }
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = load<u32>(tables + (byte << 2));
    for (let table: u32 = 1; table < 4; table++) {
      crc = (crc >> 8) ^ load<u32>(tables + ((crc & 255) << 2));
      store<u32>(tables + table * TABLE_BYTES + (byte << 2), crc);
    }
  }
}

/** One word further. */
function step(crc: u32): u32 {
  return (
    load<u32>(tables + 3 * TABLE_BYTES + ((crc & 255) << 2)) ^
    load<u32>(tables + 2 * TABLE_BYTES + (((crc >> 8) & 255) << 2)) ^
    load<u32>(tables + TABLE_BYTES + (((crc >> 16) & 255) << 2)) ^
    load<u32>(tables + ((crc >> 24) << 2))
  );
}

/** `crc` is the running register (all ones at first, inverted at the end); `bytes` is a multiple of 4. */
function run(crc: u32, address: usize, bytes: u32): u32 {
  const end = address + bytes;
  for (let at = address; at < end; at += 4) crc = step(crc ^ load<u32>(at));
  return crc;
}

/** CRC-32C of `bytes` bytes at `address`; `bytes` is a multiple of 4. */
export function crc32c(address: usize, bytes: u32): u32 {
  assert((bytes & 3) == 0, 'crc32c: the length must be a multiple of 4');
  return ~run(0xffffffff, address, bytes);
}

/** The checksum a reference to this block carries. */
export function blockChecksum(kind: u32, index: u32, generation: u32, frame: usize): u32 {
  const seed = step(step(step(0xffffffff ^ kind) ^ index) ^ generation);
  return ~run(seed, frame, BLOCK_BYTES);
}
