/**
 * A kernel that tests the persistent memory on the machine itself, in place of the virtual machine: threads that write
 * to more pages than there are frames, while snapshots are taken, and check what they read back. `persist.test.ts`
 * builds it, cuts its power, and boots it again.
 *
 * Page p holds, in each of its words, the value p * 2^16 + version, where the wired word VERSIONS + 4 * p (for the
 * pages that are used) says which version is due. A writer raises the version word and writes the page without giving
 * up the CPU, after touching both, so at every demarcation all pages agree with their version words.
 *
 * Threads, by options: `threads` read and write, `dozers` sleep between writes, `committers` wait for commits, `scanners`
 * (at most one) do what the garbage collector does. `phase`: time to let pass first.
 */

import { EXIT_DONE } from '../../arch/exit';
import { barrier } from '../../arch/hw';
import { optionNumber } from '../../arch/multiboot';
import { panic, panicValue } from '../../arch/panic';
import { shutdown } from '../../drivers/shutdown';
import { log, logValue } from '../../arch/log';
import { hardwareInit } from '../../hardware';
import { framesTotal } from '../../memory/frames';
import {
  block,
  blockEpoch,
  idleForever,
  sleepTicks,
  threadCreate,
  WaitQueue,
  wakeAll,
  yieldNow,
} from '../../sched/thread';
import { waitForThreadMemory } from '../adjoin';
import {
  faultsShared,
  faultsSharedForWriting,
  imageFrame,
  pagesCopied,
  pagesRead,
  setLostHandler,
  touchForWrite,
  writeOutsCancelled,
} from '../fault';
import { imageEnd, imageFreeze, imagePrepare } from '../image';
import { pagesEvicted, pagesWrittenOut } from '../pageout';
import { pageCount, PERSISTENT_BASE, WIRED_PAGES } from '../pages';
import { canUse, persistInit, persistStart, recoveredGeneration } from '../persist';
import { commitNow, committedGeneration } from '../snapshot';

export { trap } from '../../arch/trap';
export { heapBase } from '../../hardware';

const PAGE_BYTES: u32 = 4096;
/** Writes done, then the version words, all in wired pages. */
const DONE: usize = PERSISTENT_BASE;
const VERSIONS: usize = PERSISTENT_BASE + 4096;
const USED_MAX: u32 = (WIRED_PAGES - 1) * 1024;

let pages: u32 = 0;
let rounds: u32 = 0;
/** Ticks that a thread sleeps after each round. */
let pause: u32 = 0;
let running: u32 = 0;
/** Threads that ended because a page they needed was lost. */
let lost: u32 = 0;
/** The next page to be checked while all are, else none is. */
let nextChecked: u32 = 0;
let checking: bool = false;
let lostPages: u32 = 0;
const finished = changetype<WaitQueue>(memory.data(8, 8));

function addressOf(index: u32): usize {
  return PERSISTENT_BASE + (WIRED_PAGES + index) * PAGE_BYTES;
}

function value(index: u32, version: u32): u32 {
  return version == 0 ? 0 : (index << 16) + version;
}

function check(index: u32): void {
  const at = addressOf(index);
  let epoch: u32;
  // Reading may wait for the page, and another thread may write it meanwhile.
  do {
    epoch = blockEpoch();
    load<u32>(at);
    const expected = value(index, load<u32>(VERSIONS + (index << 2)));
    let bad: u32 = 0;
    for (let word: u32 = 0; word < 1024; word += 3) if (load<u32>(at + (word << 2)) != expected) bad++;
    if (blockEpoch() == epoch && bad != 0) panicValue('pressure: wrong contents in page', index);
  } while (blockEpoch() != epoch);
}

function write(index: u32): void {
  const at = addressOf(index);
  const versionAt = VERSIONS + (index << 2);
  let epoch: u32;
  do {
    epoch = blockEpoch();
    touchForWrite(at, PAGE_BYTES);
    touchForWrite(versionAt, 4);
    touchForWrite(DONE, 4);
  } while (blockEpoch() != epoch);
  const version = load<u32>(versionAt) + 1;
  const written = value(index, version);
  for (let word: u32 = 0; word < 1024; word++) store<u32>(at + (word << 2), written);
  store<u32>(versionAt, version);
  store<u32>(DONE, load<u32>(DONE) + 1);
}

function work(seed: usize): void {
  let state = <u32>seed * 2654435761 + 1;
  for (let i: u32 = 0; i < rounds; i++) {
    state = state * 1664525 + 1013904223;
    const index = (state >> 8) % pages;
    // Some write without having looked.
    if ((state & 0xc0) != 0x80) check(index);
    if (state & 0x80) write(index);
    if (pause != 0) sleepTicks(pause);
    else yieldNow();
  }
  end();
}

/** Option `grow`: writes each page once, as far as there is room, as an allocator does. */
function grow(argument: usize): void {
  let index: u32 = 0;
  for (; index < pages && canUse(1); index++) {
    write(index);
    yieldNow();
  }
  logValue('pressure: out of memory at page', index);
  pages = index;
  end();
}

/** A program that sleeps more than it works. */
function doze(seed: usize): void {
  for (let i: u32 = 0; i < rounds; i += 8) {
    write((<u32>seed * 7 + i * 13) % pages);
    sleepTicks(1 + (i & 1));
  }
  end();
}

/** A program that waits until what it wrote is safe. */
function commitOften(seed: usize): void {
  for (let i: u32 = 0; i < rounds; i += 32) {
    write((<u32>seed * 11 + i * 17) % pages);
    commitNow();
  }
  end();
}

/** What the collector asks of the pager: images, each looked at from end to end. */
function scan(seed: usize): void {
  for (let i: u32 = 0; i < rounds; i += 64) {
    imagePrepare(pageCount());
    imageFreeze(pageCount(), framesTotal() >> 2);
    for (let index: u32 = 0; index < pages; index++) {
      imageFrame(WIRED_PAGES + index);
      if (index % 16 == 15) yieldNow();
    }
    imageEnd();
    yieldNow();
  }
  end();
}

/** Starts the threads that the option asks for. */
function startThreads(option: string, fallback: u32, entry: u32): void {
  const count = optionNumber(option, fallback);
  running += count;
  for (let i: u32 = 0; i < count; i++) {
    if (!waitForThreadMemory()) panic('pressure: not enough RAM for a thread');
    threadCreate(entry, i + 1);
  }
}

function end(): void {
  running--;
  wakeAll(finished);
}

function onLost(page: u32, address: usize): void {
  if (checking) {
    lostPages++;
    threadCreate(checkRest.index, 0);
    return;
  }
  lost++;
  end();
}

/** Checks the pages that are left; another thread goes on after one whose page is lost. */
function checkRest(argument: usize): void {
  while (nextChecked < pages) {
    const index = nextChecked;
    nextChecked++;
    check(index);
  }
  checking = false;
  wakeAll(finished);
}

function checkAll(): void {
  nextChecked = 0;
  checking = true;
  threadCreate(checkRest.index, 0);
  while (checking) block(finished);
}

function start(argument: usize): void {
  // What follows meets the timer at another point of its period.
  for (let i = optionNumber('phase', 0); i > 0; i--) barrier();
  pages = optionNumber('pages', 64);
  rounds = optionNumber('rounds', 100);
  pause = optionNumber('pause', 0);
  assert(pages <= USED_MAX, 'pressure: more pages than version words');
  persistInit(optionNumber('persistent.mib', 64));
  logValue('pressure: generation', recoveredGeneration());
  logValue('pressure: writes so far', load<u32>(DONE));
  persistStart(optionNumber('snapshot.interval', 100));
  setLostHandler(onLost.index);
  if (optionNumber('check', 1)) checkAll();
  startThreads('threads', 2, optionNumber('grow', 0) ? grow.index : work.index);
  startThreads('dozers', 0, doze.index);
  startThreads('committers', 0, commitOften.index);
  startThreads('scanners', 0, scan.index);
  while (running != 0) block(finished);
  if (lost == 0 && lostPages == 0) checkAll();
  if (!commitNow()) log('pressure: the last state could not be committed');
  logValue('pressure: committed', committedGeneration());
  logValue('pressure: writes', load<u32>(DONE));
  logValue('pressure: threads lost', lost);
  logValue('pressure: pages lost', lostPages);
  logValue('pressure: pages read', pagesRead());
  logValue('pressure: pages copied', pagesCopied());
  logValue('pressure: pages evicted', pagesEvicted());
  logValue('pressure: pages written out', pagesWrittenOut());
  logValue('pressure: write-outs cancelled', writeOutsCancelled());
  logValue('pressure: faults shared', faultsShared());
  logValue('pressure: faults shared for writing', faultsSharedForWriting());
  shutdown(EXIT_DONE);
}

export function kmain(magic: u32, info: usize): void {
  hardwareInit(magic, info);
  threadCreate(start.index, 0);
  idleForever();
}
