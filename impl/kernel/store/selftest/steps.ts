/**
 * The store by itself, in steps a test calls: `store/testing/store.ts` compiles this for V8, with
 * `selftest/host-disk.ts` in place of the driver.
 */

import { framesWithin } from '../../memory/frames';
// The build aliases asc's allocation functions to those in it.
import '../../memory/runtime';
import { blocksFree } from '../blocks';
import { blockChecksum, crc32c, crcInit } from '../crc32c';
import { BLOCK_BYTES, FANOUT_SHIFT, KIND_PAGE, REFERENCE_BLOCK, REFERENCE_SECOND } from '../format';
import { commitGeneration, dropOneGeneration, dropRecord, flushGeneration, newestGeneration, writeRecord } from '../generations';
import { isReady, pageReferenceAt, readyLeaf, setPage, writeIndex } from '../index';
import { blocksRead, ioInit } from '../io';
import { PANICS_MAX } from '../format';
import { panic } from '../../arch/panic';
import { notePanics, panicCount } from '../panics';
import { chooseGeneration, passedOver } from '../choose';
import {
  completeMap,
  confirmRecovery,
  mount,
  recoveredConsole,
  recoveredHighest,
} from '../recovery';
import { readVerified } from '../verify';
import { NO_TAG, Writer } from '../writer';

const WIRED: u32 = 4;

let writer: Writer = changetype<Writer>(0);
const wired: usize = memory.data(16, 4);
/** A page on its way in or out; the test reads and writes it here. */
let window: usize = 0;
let changed: u32 = 0;

function onWritten(tag: u32, written: bool): void {}

/** `from` to `to`: memory for frames and for the pages the steps handle. */
export function start(from: usize, to: usize): void {
  window = from;
  framesWithin(from + (WIRED + 1) * BLOCK_BYTES, to);
  for (let page: u32 = 0; page < WIRED; page++) store<u32>(wired + (page << 2), <u32>(from + (page + 1) * BLOCK_BYTES));
  memory.fill(window, 0, BLOCK_BYTES);
  crcInit();
  ioInit();
  writer = Writer.create(onWritten.index);
}

export function wiredCount(): u32 {
  return WIRED;
}

export function windowAt(): usize {
  return window;
}

/** `generation`: the one to recover, 0 for the newest. */
export function mountDisk(pages: u32, generation: u32): u32 {
  chooseGeneration(generation, PANICS_MAX);
  const outcome = mount(wired, WIRED, pages);
  if (generation == 0 && newestGeneration() != 0) notePanics(newestGeneration());
  return outcome;
}

/** Why the newest generation was not tried, 0 when it was. */
export function passed(): u32 {
  return passedOver();
}

/** Panics in a row after what was recovered. */
export function panicsNoted(): u32 {
  return panicCount();
}

export function endInPanic(): void {
  panic('steps: a panic for a test');
}

/** What follows a mount that was not refused, before anything is written. */
export function complete(): void {
  completeMap();
}

/** Blocks read since boot. */
export function reads(): u32 {
  return blocksRead();
}

export function confirm(): bool {
  return confirmRecovery();
}

/** Writes the window out as a page of a generation. */
export function putPage(page: u32, generation: u32): bool {
  const at = setPage(page, generation, blockChecksum(KIND_PAGE, page, generation, window));
  changed++;
  const added = (page >= WIRED || writer.add(<u32>window, at + REFERENCE_SECOND, NO_TAG)) &&
    writer.add(<u32>window, at + REFERENCE_BLOCK, NO_TAG);
  return writer.drain() && added;
}

/** Reads a page into the window. */
export function getPage(page: u32): bool {
  if (!isReady(page)) readyLeaf(page >> FANOUT_SHIFT);
  return readVerified(KIND_PAGE, page, pageReferenceAt(page), <u32>window);
}

/** Everything up to the flush. */
export function prepare(generation: u32, console: u32): bool {
  const written = writeIndex(writer, generation) && writeRecord(writer, generation, console, changed);
  changed = 0;
  if (!written) return false;
  if (flushGeneration()) return true;
  dropRecord();
  return false;
}

/** A generation that is written and then given up; what was put stays for the next one. */
export function abandonAll(generation: u32): bool {
  const written = writeIndex(writer, generation) && writeRecord(writer, generation, 0, changed);
  changed = 0;
  if (written) dropRecord();
  return written;
}

export function commit(): bool {
  return commitGeneration();
}

export function dropOne(): bool {
  return dropOneGeneration();
}

export function newest(): u32 {
  return newestGeneration();
}

export function highest(): u32 {
  return recoveredHighest();
}

export function consoleRecovered(): u32 {
  return recoveredConsole();
}

export function freeBlocks(): u32 {
  return blocksFree();
}

export function checksum(at: usize, bytes: u32): u32 {
  return crc32c(at, bytes);
}
