/**
 * A kernel that lets the host measure what the disk's controller makes of a snapshot and of page-ins; `bench/disk.ts`
 * runs it. Probe records 100 and 101 mark the beginning and the end of a measured part.
 *
 * The first boot of a disk writes `pages=N` pages, `stride=N` pages apart, and commits them, `rounds=N` times. The next
 * one reads them by `threads=N` threads at once, in an order that no drive can foresee.
 */

import { EXIT_DONE, probe } from '../../arch/exit';
import { optionNumber } from '../../arch/multiboot';
import { panic, panicValue } from '../../arch/panic';
import { shutdown } from '../../drivers/shutdown';
import { hardwareInit } from '../../hardware';
import { block, idleForever, threadCreate, WaitQueue, wakeAll, yieldNow } from '../../sched/thread';
import { waitForThreadMemory } from '../adjoin';
import { PERSISTENT_BASE, WIRED_PAGES } from '../pages';
import { persistInit, persistStart, recoveredGeneration } from '../persist';
import { commitNow } from '../snapshot';

export { trap } from '../../arch/trap';
export { heapBase } from '../../hardware';

const BEGIN: u32 = 100;
const END: u32 = 101;
const COMMIT: u32 = 1;
const READ: u32 = 2;
const PAGE_BYTES: u32 = 4096;
/** No snapshot comes by itself. */
const NEVER_MS: u32 = 1000000;
/** Prime to any number of pages that is not a multiple of it: steps of it meet each page once. */
const SHUFFLE: u32 = 7919;

let pages: u32 = 0;
let stride: u32 = 0;
let threads: u32 = 0;
let running: u32 = 0;
const finished = changetype<WaitQueue>(memory.data(8, 8));

function addressOf(index: u32): usize {
  return PERSISTENT_BASE + (WIRED_PAGES + index * stride) * PAGE_BYTES;
}

function writeRounds(): void {
  const rounds = optionNumber('rounds', 2);
  for (let round: u32 = 1; round <= rounds; round++) {
    for (let i: u32 = 0; i < pages; i++) {
      store<u32>(addressOf(i), i + 1);
      store<u32>(addressOf(i), round, 4);
    }
    probe(BEGIN, COMMIT, pages, round);
    if (!commitNow()) panic('throughput: the pages could not be committed');
    probe(END, COMMIT, pages, round);
  }
}

function readShare(first: usize): void {
  for (let i = <u32>first; i < pages; i += threads) {
    const index = (i * SHUFFLE) % pages;
    if (load<u32>(addressOf(index)) != index + 1) panicValue('throughput: wrong contents in page', index);
    yieldNow();
  }
  running--;
  wakeAll(finished);
}

function readAll(): void {
  running = threads;
  probe(BEGIN, READ, pages, threads);
  for (let i: u32 = 0; i < threads; i++) {
    if (!waitForThreadMemory()) panic('throughput: not enough RAM for a thread');
    threadCreate(readShare.index, i);
  }
  while (running != 0) block(finished);
  probe(END, READ, pages, threads);
}

function start(argument: usize): void {
  pages = optionNumber('pages', 1000);
  stride = optionNumber('stride', 1);
  threads = optionNumber('threads', 1);
  assert(pages % SHUFFLE != 0, 'throughput: a number of pages that the order does not fit');
  persistInit(optionNumber('persistent.mib', 64));
  persistStart(NEVER_MS);
  if (recoveredGeneration() == 0) writeRounds();
  else readAll();
  shutdown(EXIT_DONE);
}

export function kmain(magic: u32, info: usize): void {
  hardwareInit(magic, info);
  threadCreate(start.index, 0);
  idleForever();
}
