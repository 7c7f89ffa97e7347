/**
 * Reading what a reference points to: no block is believed before its checksum holds (`format.ts`, rule 3). What is bad
 * is said on the log with block, kind, number and generation. One whose checksum does not hold is read once more, since
 * the error may have been on the way; then the second copy is tried where there is one.
 */

import { log, logHexadecimal, logNumber, logText } from '../arch/log';
import { panic } from '../arch/panic';
import { noSecondCopy, panicOnReadError, trustWhatIsRead } from '../defects';
import { blockChecksum } from './crc32c';
import {
  BLOCK_BYTES,
  kindName,
  LOADER_BLOCKS,
  REFERENCE_BLOCK,
  REFERENCE_CHECKSUM,
  REFERENCE_GENERATION,
  REFERENCE_SECOND,
  SB_DISK_BLOCKS,
} from './format';
import { readBlock } from './io';
import { superblock } from './superblock';

/** Times a block is read whose checksum does not hold: the error may have been on the way. */
const READINGS: u32 = 2;

/** The beginning of every message about a block: `store: block B, KIND I of generation G`. */
export function logBlock(kind: u32, index: u32, generation: u32, block: u32): void {
  logText('store: block ');
  logNumber(block);
  logText(', ');
  logText(kindName(kind));
  logText(' ');
  logNumber(index);
  logText(' of generation ');
  logNumber(generation);
}

function readCopy(kind: u32, index: u32, block: u32, generation: u32, checksum: u32, frame: u32): bool {
  if (block < LOADER_BLOCKS || block >= load<u32>(superblock() + SB_DISK_BLOCKS)) {
    logBlock(kind, index, generation, block);
    log(': no such block on this disk');
    return false;
  }
  for (let reading: u32 = 0; reading < READINGS; reading++) {
    if (!readBlock(block, frame)) {
      if (panicOnReadError) panic('store: a block cannot be read');
      logBlock(kind, index, generation, block);
      log(': cannot be read');
      return false;
    }
    const found = blockChecksum(kind, index, generation, <usize>frame);
    if (trustWhatIsRead || found == checksum) return true;
    logBlock(kind, index, generation, block);
    logText(': checksum ');
    logHexadecimal(found);
    logText(', expected ');
    logHexadecimal(checksum);
    log(reading + 1 < READINGS ? '; read again' : '');
  }
  return false;
}

/**
 * Reads what a reference points to, from its second block when the first is bad. No block: zeroes. The reference is
 * read before the first wait. False: no good copy; the log says why.
 */
export function readVerified(kind: u32, index: u32, reference: usize, frame: u32): bool {
  const block = load<u32>(reference + REFERENCE_BLOCK);
  const second = load<u32>(reference + REFERENCE_SECOND);
  const generation = load<u32>(reference + REFERENCE_GENERATION);
  const checksum = load<u32>(reference + REFERENCE_CHECKSUM);
  if (block == 0) {
    memory.fill(<usize>frame, 0, BLOCK_BYTES);
    return true;
  }
  if (readCopy(kind, index, block, generation, checksum, frame)) return true;
  if (second == 0 || noSecondCopy || !readCopy(kind, index, second, generation, checksum, frame)) return false;
  logBlock(kind, index, generation, second);
  log(': the good copy, which is used');
  return true;
}
