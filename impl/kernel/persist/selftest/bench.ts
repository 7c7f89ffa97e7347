/**
 * A kernel that lets the host measure what the persistent memory costs (`bench/snapshot.ts`): kernel threads stand for
 * programs and write to it; probe records 100 and up say where they are, and the host reads its clock at each. Nothing
 * is measured here.
 *
 * Option `measure`: 1 demarcation, 2 faults, 3 amplification, 4 load; each function below says its other options.
 *
 *     100 begin   a thread                                   before a write that will fault
 *     101 end     a thread   b what it was   c page          after it
 *     102 dirty   a pages                                    all of persistent memory is mapped and dirty
 *     103 done    a program  b turns         c the longest of them, in ticks
 */

import { EXIT_DONE, probe } from '../../arch/exit';
import { optionNumber } from '../../arch/multiboot';
import { panic } from '../../arch/panic';
import { shutdown } from '../../drivers/shutdown';
import { hardwareInit } from '../../hardware';
import { framesTotal } from '../../memory/frames';
import { block, blockEpoch, idleForever, sleepTicks, threadCreate, tickCount, WaitQueue, wakeAll, yieldNow } from '../../sched/thread';
import { imageEnd, imageFreeze, imagePrepare } from '../image';
import { isWritable } from '../mapping';
import { addressOf, pageCount, stateOf, WIRED_PAGES } from '../pages';
import { persistInit, persistStart } from '../persist';
import { commitNow } from '../snapshot';

export { trap } from '../../arch/trap';
export { heapBase } from '../../hardware';

const BEGIN: u32 = 100;
const END: u32 = 101;
const DIRTY: u32 = 102;
const DONE: u32 = 103;

/** b of END: nothing between the two records; the fault was over without waiting; page-in; waited for memory. */
const NOTHING: u32 = 0;
const IN_MEMORY: u32 = 1;
const PAGE_IN: u32 = 2;
const MEMORY: u32 = 3;

/** Longer than any run: snapshots come only when they are asked for. */
const NEVER_MS: u32 = 1000000;

let random: u32 = 1;
let running: u32 = 0;
let over: bool = false;
const ended = changetype<WaitQueue>(memory.data(8, 8));

/** Numerical Recipes' linear congruential generator; the high bits count. */
function draw(limit: u32): u32 {
  random = random * 1664525 + 1013904223;
  return <u32>((<u64>random * <u64>limit) >> 32);
}

function write(page: u32): void {
  const at = addressOf(page);
  store<u32>(at, load<u32>(at) + 1);
}

/** A program that is always ready to run. */
function busy(page: usize): void {
  for (;;) {
    write(<u32>page);
    yieldNow();
  }
}

/** Every page is written, then a snapshot is asked for while other threads are ready to run. `threads`: those. */
function demarcation(): void {
  persistStart(NEVER_MS);
  for (let page: u32 = 0; page < pageCount(); page++) write(page);
  for (let i: u32 = 0; i < optionNumber('threads', 3); i++) threadCreate(busy.index, i);
  yieldNow();
  probe(DIRTY, pageCount(), 0, 0);
  commitNow();
}

function measuredWrite(thread: u32, page: u32): void {
  if (isWritable(page)) {
    write(page);
    return;
  }
  const absent = stateOf(page).frame == 0;
  const epoch = blockEpoch();
  probe(BEGIN, thread, page, 0);
  write(page);
  const waited = blockEpoch() != epoch;
  probe(END, thread, waited ? (absent ? PAGE_IN : MEMORY) : IN_MEMORY, page);
}

/** Writes `rounds` times to one of the first `pages` pages. */
function scribble(thread: usize): void {
  const rounds = optionNumber('rounds', 1000);
  const pages = optionNumber('pages', 1000);
  for (let i: u32 = 0; i < rounds; i++) {
    measuredWrite(<u32>thread, WIRED_PAGES + draw(pages));
    yieldNow();
  }
  running--;
  wakeAll(ended);
}

/** What the garbage collector does to the pager. */
function collect(argument: usize): void {
  while (!over) {
    imagePrepare(pageCount());
    imageFreeze(pageCount(), framesTotal() >> 2);
    sleepTicks(2);
    imageEnd();
    sleepTicks(2);
  }
}

/** `threads` write here and there while snapshots and images for a collector are taken. Also `rounds`, `pages`. */
function faults(): void {
  persistStart(optionNumber('snapshot.interval', 4));
  probe(BEGIN, 0, 0, 0);
  probe(END, 0, NOTHING, 0);
  threadCreate(collect.index, 0);
  running = optionNumber('threads', 3);
  for (let i: u32 = 0; i < optionNumber('threads', 3); i++) threadCreate(scribble.index, i + 1);
  while (running != 0) block(ended);
  over = true;
}

/**
 * Dirties `pages` pages in each of `generations` generations. `scattered`: 1 for pages drawn anew each time from all of
 * persistent memory, 0 for the same run of consecutive ones.
 */
function amplification(): void {
  persistStart(NEVER_MS);
  const pages = optionNumber('pages', 1000);
  const scattered = optionNumber('scattered', 0);
  const count = pageCount() - WIRED_PAGES;
  for (let left = optionNumber('generations', 100); left > 0; left--) {
    for (let i: u32 = 0; i < pages; i++) write(WIRED_PAGES + (scattered ? draw(count) : i));
    if (!commitNow()) panic('bench: a generation could not be committed');
  }
}

/** Of `underLoad`: which program a DONE record is about, and the pages of each. */
const LIGHT: u32 = 1;
const READER: u32 = 2;
const LIGHT_PAGES: u32 = 8;
const READER_PAGES: u32 = 4096;

/** Dirties `pages` new pages, one after the other round the memory it has, every `pause` ticks (0: all the time). */
function writer(argument: usize): void {
  const pages = optionNumber('pages', 1);
  const pause = optionNumber('pause', 1);
  const first = WIRED_PAGES + LIGHT_PAGES + READER_PAGES;
  let page = first;
  while (!over) {
    for (let i: u32 = 0; i < pages && !over; i++) {
      write(page);
      page = page + 1 == pageCount() ? first : page + 1;
      yieldNow();
    }
    if (pause != 0) sleepTicks(pause);
  }
}

function done(program: u32, turns: u32, longest: u32): void {
  probe(DONE, program, turns, longest);
  running--;
  wakeAll(ended);
}

/** A modest program: every tick it looks at its few pages and writes to one of them. */
function light(argument: usize): void {
  let turns: u32 = 0;
  let longest: u32 = 0;
  for (; !over; turns++) {
    const before = tickCount();
    for (let i: u32 = 0; i < LIGHT_PAGES; i++) load<u32>(addressOf(WIRED_PAGES + i));
    write(WIRED_PAGES + turns % LIGHT_PAGES);
    longest = max<u32>(longest, tickCount() - before);
    sleepTicks(1);
  }
  done(LIGHT, turns, longest);
}

/** A program that reads a page here and there of more than there is RAM for. */
function reader(argument: usize): void {
  let turns: u32 = 0;
  let longest: u32 = 0;
  for (; !over; turns++) {
    const before = tickCount();
    load<u32>(addressOf(WIRED_PAGES + LIGHT_PAGES + draw(READER_PAGES)));
    longest = max<u32>(longest, tickCount() - before);
    sleepTicks(1);
  }
  done(READER, turns, longest);
}

/**
 * Two modest programs beside one that writes (`pages` 0: none), for `ticks`. `fresh`: 1 when what the reader reads was
 * never written, so that it needs memory and no disk.
 */
function underLoad(): void {
  persistStart(optionNumber('snapshot.interval', 100));
  const written = LIGHT_PAGES + (optionNumber('fresh', 0) ? 0 : READER_PAGES);
  for (let i: u32 = 0; i < written; i++) write(WIRED_PAGES + i);
  if (!commitNow()) panic('bench: what the programs read could not be committed');
  probe(BEGIN, 0, 0, 0);
  running = 2;
  threadCreate(light.index, 0);
  threadCreate(reader.index, 0);
  if (optionNumber('pages', 1) != 0) threadCreate(writer.index, 0);
  sleepTicks(optionNumber('ticks', 1000));
  over = true;
  probe(END, 0, NOTHING, 0);
  while (running != 0) block(ended);
}

function start(argument: usize): void {
  persistInit(optionNumber('persistent.mib', 64));
  const measure = optionNumber('measure', 0);
  if (measure == 1) demarcation();
  else if (measure == 2) faults();
  else if (measure == 3) amplification();
  else if (measure == 4) underLoad();
  else panic('bench: the option measure is 1 to 4');
  shutdown(EXIT_DONE);
}

export function kmain(magic: u32, info: usize): void {
  hardwareInit(magic, info);
  threadCreate(start.index, 0);
  idleForever();
}
