/**
 * CRC-32C, eight bytes a step ("slicing by 8", Kounavis and Berry 2005): table t holds the effect of a byte followed by
 * t zero bytes. Only the first four bytes of a step are mixed with the register, so the others are looked up straight
 * from memory. Polynomial and conventions: RFC 3720, appendix B.4. It runs over every page written and read, and is most
 * of what a snapshot asks of the processor.
 */

import { checksumFirstSector } from '../defects';
import { BLOCK_BYTES } from './format';

const POLYNOMIAL: u32 = 0x82f63b78;
const TABLE_BYTES: u32 = 1024;
const TABLES: u32 = 8;
/** TABLES tables of 256 words. */
const tables: usize = memory.data(8192, 16);
/** What comes before a block's contents in its checksum. */
const prefix: usize = memory.data(12, 4);

export function crcInit(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (POLYNOMIAL & (0 - (crc & 1)));
    store<u32>(tables + (byte << 2), crc);
  }
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = load<u32>(tables + (byte << 2));
    for (let table: u32 = 1; table < TABLES; table++) {
      crc = (crc >> 8) ^ load<u32>(tables + ((crc & 255) << 2));
      store<u32>(tables + table * TABLE_BYTES + (byte << 2), crc);
    }
  }
}

/** The effect of a byte followed by `zeroes` zero bytes. */
function effect(byte: u32, zeroes: usize): u32 {
  return load<u32>(tables + (byte << 2) + zeroes * TABLE_BYTES);
}

/** `crc` is the running register (all ones at first, inverted at the end); `bytes` is a multiple of 4. */
function run(crc: u32, address: usize, bytes: u32): u32 {
  const end = address + bytes;
  let at = address;
  for (const whole = address + (bytes & ~7); at < whole; at += 8) {
    const word = crc ^ load<u32>(at);
    crc = effect(word & 255, 7) ^ effect((word >> 8) & 255, 6) ^ effect((word >> 16) & 255, 5) ^ effect(word >> 24, 4) ^
      effect(<u32>load<u8>(at, 4), 3) ^ effect(<u32>load<u8>(at, 5), 2) ^ effect(<u32>load<u8>(at, 6), 1) ^
      effect(<u32>load<u8>(at, 7), 0);
  }
  if (at < end) {
    const word = crc ^ load<u32>(at);
    crc = effect(word & 255, 3) ^ effect((word >> 8) & 255, 2) ^ effect((word >> 16) & 255, 1) ^ effect(word >> 24, 0);
  }
  return crc;
}

/** CRC-32C of `words` words at `address`. Asserts nothing: a panic uses it too. */
export function crc32cOfWords(address: usize, words: u32): u32 {
  return ~run(0xffffffff, address, words << 2);
}

/** CRC-32C of `bytes` bytes at `address`; `bytes` is a multiple of 4. */
export function crc32c(address: usize, bytes: u32): u32 {
  assert((bytes & 3) == 0, 'crc32c: the length must be a multiple of 4');
  return crc32cOfWords(address, bytes >> 2);
}

/** The checksum a reference to this block carries. */
export function blockChecksum(kind: u32, index: u32, generation: u32, frame: usize): u32 {
  store<u32>(prefix, kind);
  store<u32>(prefix, index, 4);
  store<u32>(prefix, generation, 8);
  return ~run(run(0xffffffff, prefix, 12), frame, checksumFirstSector ? 512 : BLOCK_BYTES);
}
