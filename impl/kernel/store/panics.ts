/**
 * Notes of panics: how often in a row the system has died of what it recovered (`format.ts`, "Panic note").
 *
 * Rules:
 * 1. Recovery only reads notes. A panic writes one, by polling, into the sector behind the superblock in each block of the pair that is
 *    not in force, and flushes it. No block that a kept generation or the superblock in force needs is touched, each copy is one
 *    sector, and one good copy suffices: a cut in the middle leaves this note, or the one before, or none.
 * 2. A note names the superblock in force when it was written, and counts while that one is: the first commit makes it history, at the
 *    same instant at which it is durable, and a later one overwrites it.
 * 3. Only a kernel that panics writes a note. A power cut, a hang, a triple fault and a reset button do not: they say nothing about what
 *    was recovered.
 */

import { setPanicHook } from '../arch/panic';
import { logBytes, log, logNewline, logNumber, logText } from '../arch/log';
import { forgetPanics, heedStalePanics } from '../defects';
import { diskFlushNow, diskWriteNow, SECTORS_PER_BLOCK } from '../drivers/disk';
import { crc32cOfWords } from './crc32c';
import {
  PN_CHECKSUM,
  PN_COUNT,
  PN_GENERATION,
  PN_MAGIC,
  PN_MESSAGE,
  PN_SERIAL,
  PN_SUPERBLOCK,
  PANIC_MAGIC,
  PANIC_MESSAGE_BYTES,
  SUPERBLOCK_BYTES,
  SUPERBLOCK_COPIES,
  superblockAt,
} from './format';
import { noteAt, spareCopy, superblockIdentity } from './superblock';

/** The note that counts, zero throughout when there is none; then the one that is written. */
const note: usize = memory.data(512, 16);
/** What this boot recovered; 0 while a panic is not to be noted. */
let recovered: u32 = 0;
/** Newest generation on the disk. */
let newest: u32 = 0;

/** Finds the note that counts for the superblock with this identity. */
export function adoptPanicNote(identity: u32): void {
  memory.fill(note, 0, SUPERBLOCK_BYTES);
  for (let copy: u32 = 0; copy < SUPERBLOCK_COPIES; copy++) {
    const at = noteAt(copy);
    if (load<u32>(at + PN_MAGIC) != PANIC_MAGIC || load<u32>(at + PN_CHECKSUM) != crc32cOfWords(at, PN_CHECKSUM >> 2)) continue;
    if (load<u32>(at + PN_SUPERBLOCK) != identity && !heedStalePanics) continue;
    if (load<u32>(at + PN_SERIAL) > load<u32>(note + PN_SERIAL)) memory.copy(note, at, SUPERBLOCK_BYTES);
  }
}

/** The generation that was recovered when the last panic was noted; 0 when none was. */
export function panickedGeneration(): u32 {
  return load<u32>(note + PN_GENERATION);
}

/** Panics in a row after that generation had been recovered and before anything was committed. */
export function panicCount(): u32 {
  return load<u32>(note + PN_COUNT);
}

/** Log: what the last panic was. The text comes from the disk. */
export function logLastPanic(): void {
  logText('"');
  let length: u32 = 0;
  while (length < PANIC_MESSAGE_BYTES && <u32>load<u8>(note + PN_MESSAGE + length) != 0) length++;
  logBytes(note + PN_MESSAGE, length);
  logText('"');
}

/** From now on a panic is noted: `generation` was recovered, and what it made may be the cause. */
export function notePanics(generation: u32): void {
  recovered = generation;
  newest = generation;
  setPanicHook(onPanic.index);
}

/** A commit: later panics are not of what was recovered. */
export function panicsCommitted(generation: u32): void {
  newest = generation;
}

/** Runs in a panic: asserts nothing, waits for nobody. */
function onPanic(message: usize, length: u64): void {
  if (recovered == 0 || forgetPanics) return;
  const own = newest == recovered;
  const again = own && load<u32>(note + PN_GENERATION) == newest;
  const count: u32 = !own ? 0 : again ? load<u32>(note + PN_COUNT) + 1 : 1;
  store<u32>(note + PN_MAGIC, PANIC_MAGIC);
  store<u32>(note + PN_SUPERBLOCK, superblockIdentity());
  store<u32>(note + PN_SERIAL, load<u32>(note + PN_SERIAL) + 1);
  store<u32>(note + PN_GENERATION, newest);
  store<u32>(note + PN_COUNT, count);
  memory.fill(note + PN_MESSAGE, 0, PANIC_MESSAGE_BYTES);
  memory.copy(note + PN_MESSAGE, message, min<usize>(<usize>length, PANIC_MESSAGE_BYTES));
  store<u32>(note + PN_CHECKSUM, crc32cOfWords(note, PN_CHECKSUM >> 2));
  let written: u32 = 0;
  for (let which: u32 = 0; which < 2; which++) {
    if (diskWriteNow(superblockAt(spareCopy(which)) * SECTORS_PER_BLOCK + 1, note)) written++;
  }
  if (written == 0 || !diskFlushNow()) {
    log('store: the panic could not be noted on the disk');
    return;
  }
  logText('store: noted, panics after recovering generation ');
  logNumber(newest);
  logText(': ');
  logNumber(count);
  logNewline();
}
