/**
 * CRC-32C (Castagnoli): reflected polynomial 0x82F63B78, initial value and final XOR all ones. RFC 3720, appendix B.4.
 * Eight bytes a step: table t holds the effect of a byte that t zero bytes follow.
 */

const STRIDE = 8;
const TABLES = makeTables();

function makeTables(): Int32Array {
  const tables = new Int32Array(STRIDE * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    tables[byte] = value;
  }
  for (let i = 256; i < tables.length; i++) {
    const value = tables[i - 256];
    tables[i] = (value >>> 8) ^ tables[value & 255];
  }
  return tables;
}

function update(register: number, bytes: Uint8Array): number {
  let crc = register;
  let at = 0;
  for (const end = bytes.length - STRIDE; at <= end; at += STRIDE) {
    const low = crc ^ (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
    crc =
      TABLES[1792 + (low & 255)] ^
      TABLES[1536 + ((low >>> 8) & 255)] ^
      TABLES[1280 + ((low >>> 16) & 255)] ^
      TABLES[1024 + (low >>> 24)] ^
      TABLES[768 + bytes[at + 4]] ^
      TABLES[512 + bytes[at + 5]] ^
      TABLES[256 + bytes[at + 6]] ^
      TABLES[bytes[at + 7]];
  }
  for (; at < bytes.length; at++) crc = TABLES[(crc ^ bytes[at]) & 255] ^ (crc >>> 8);
  return crc;
}

/** CRC-32C of the parts, one after the other, as an unsigned number. */
export function crc32c(...parts: readonly Uint8Array[]): number {
  let crc = -1;
  for (const bytes of parts) crc = update(crc, bytes);
  return ~crc >>> 0;
}
