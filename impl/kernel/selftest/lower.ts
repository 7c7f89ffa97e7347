/**
 * A kernel that tests the lower rooms on the machine itself: frames, heap, paging and faults, threads, console, disk.
 * Each check is an assertion, so a failure is a panic that names its line; the end is exit status EXIT_DONE.
 * `impl/image/selftest.test.ts` builds and runs it.
 */

import { EXIT_DONE } from '../arch/exit';
import { invlpg, vload32, vstore32 } from '../arch/hw';
import { optionFind, optionLength, optionNumber } from '../arch/multiboot';
import {
  FRAME_MASK,
  PAGE_BYTES,
  PAGE_DIRTY,
  PAGE_PRESENT,
  PAGE_WRITABLE,
  tableEntryAt,
} from '../arch/paging';
import { shutdown } from '../drivers/shutdown';
import { FAULT_PRESENT, FAULT_WRITE, setPageFaultHandler } from '../arch/trap';
import {
  consoleEnqueue,
  consolePosition,
  consoleWaitDrained,
  consoleWrite,
} from '../drivers/console';
import { inputRead, inputReceived, inputWait, LINE } from '../drivers/input';
import {
  DISK_DONE,
  DISK_ERROR,
  DISK_FLUSH,
  DISK_FRAMES_MAX,
  DISK_READ,
  DISK_WRITE,
  diskBlocks,
  DiskRequest,
  diskSubmit,
  diskWait,
} from '../drivers/disk';
import { log, logValue } from '../arch/log';
import { milliseconds, TICKS_PER_SECOND } from '../drivers/pit';
import { timeOfDay } from '../drivers/rtc';
import { hardwareInit } from '../hardware';
import {
  allocFrame,
  allocFrames,
  allocReserved,
  framesFree,
  freeFrame,
  freeFrames,
  setFrameReserve,
} from '../memory/frames';
import { ensureTableEntryAt } from '../memory/address-space';
import { heapAlloc, heapFree, heapUsed } from '../memory/heap';
import {
  block,
  blockEpoch,
  blockFor,
  idleForever,
  rescheduleWanted,
  sleepTicks,
  threadCreate,
  tickCount,
  WaitQueue,
  wakeOne,
  yieldNow,
} from '../sched/thread';

export { trap } from '../arch/trap';
export { heapBase } from '../hardware';

/** UNC of the ATA error register. */
const ATA_UNCORRECTABLE: u32 = 0x40;
const PAGED: usize = 0x80000000;
const text: usize = memory.data<u8>([99, 111, 110, 115, 111, 108, 101, 10]);
const TEXT_BYTES: u32 = 8;
const typed: usize = memory.data(1);

function testFrames(): void {
  const before = framesFree();
  const one = allocFrame();
  const two = allocFrame();
  assert(one != 0 && two != 0 && one != two);
  const run = allocFrames(40);
  assert(run != 0 && framesFree() == before - 42);
  freeFrames(run, 40);
  freeFrame(one);
  setFrameReserve(framesFree());
  assert(allocFrame() == 0 && framesFree() == 0);
  const kept = allocReserved();
  assert(kept != 0);
  setFrameReserve(0);
  freeFrame(kept);
  freeFrame(two);
  assert(framesFree() == before);
}

// At the top level, where a literal is data; inside a function each call would allocate a copy.
const sizes: StaticArray<u32> = [1, 16, 17, 100, 336, 337, 2032, 2033, 20000];

function testHeap(): void {
  const before = heapUsed();
  for (let i = 0; i < sizes.length; i++) {
    const bytes = sizes[i];
    const first = heapAlloc(bytes);
    const second = heapAlloc(bytes);
    assert((first & 15) == 0 && (second & 15) == 0);
    assert(first + bytes <= second || second + bytes <= first);
    memory.fill(first, 0xff, bytes);
    for (let at: u32 = 0; at < bytes; at++) assert(<u32>load<u8>(second + at) == 0);
    heapFree(first);
    // A freed block comes back zeroed.
    const again = heapAlloc(bytes);
    for (let at: u32 = 0; at < bytes; at++) assert(<u32>load<u8>(again + at) == 0);
    heapFree(again);
    heapFree(second);
  }
  assert(heapUsed() == before);
}

/** Makes `entry` the page-table entry of a page. */
function setEntry(page: usize, entry: u32): void {
  vstore32(ensureTableEntryAt(page), entry);
  invlpg(page);
}

let faults: u32 = 0;
let writeFaults: u32 = 0;
let faultsWait: bool = false;

/** Gives an absent page a frame; makes a read-only one writable. */
function onFault(address: usize, code: u32, frame: usize): bool {
  if (address < PAGED) return false;
  faults++;
  if (code & FAULT_WRITE) writeFaults++;
  if (faultsWait) sleepTicks(1);
  const page = address & ~(<usize>PAGE_BYTES - 1);
  if (code & FAULT_PRESENT) {
    setEntry(page, vload32(tableEntryAt(page)) | PAGE_WRITABLE);
    return true;
  }
  const given = allocFrame();
  memory.fill(given, 0, PAGE_BYTES);
  setEntry(page, given | PAGE_PRESENT);
  return true;
}

function testPaging(): void {
  setPageFaultHandler(onFault.index);
  faultsWait = false;
  assert(vload32(PAGED + 4) == 0 && faults == 1 && writeFaults == 0);
  vstore32(PAGED + 4, 0x12345678);
  assert(faults == 2 && writeFaults == 1);
  assert(vload32(PAGED + 4) == 0x12345678 && faults == 2);
  assert((vload32(tableEntryAt(PAGED)) & PAGE_DIRTY) != 0);
  // The frame seen through the identity map is the same memory.
  const frame = <usize>(vload32(tableEntryAt(PAGED)) & FRAME_MASK);
  assert(vload32(frame + 4) == 0x12345678);
  setEntry(PAGED, <u32>frame | PAGE_PRESENT);
  vstore32(PAGED + 8, 7);
  assert(faults == 3 && vload32(frame + 8) == 7);
  setEntry(PAGED, 0);
  assert(vload32(PAGED + 4) == 0 && faults == 4);
  // A string operation that starts on one page and ends on another, both absent.
  faultsWait = true;
  memory.fill(PAGED + 0x400000 - 100, 0x55, 200);
  assert(vload32(PAGED + 0x400000 - 4) == 0x55555555 && vload32(PAGED + 0x400000 + 96) == 0x55555555);
  assert(vload32(PAGED + 0x400000 + 100) == 0);
  log('selftest: paging');
}

const turns = changetype<WaitQueue>(memory.data(8, 8));
const finished = changetype<WaitQueue>(memory.data(8, 8));
let running: u32 = 0;
let trace: u32 = 0;

function turner(argument: usize): void {
  for (let i = 0; i < 3; i++) {
    trace = trace * 10 + <u32>argument;
    yieldNow();
  }
  running--;
  wakeOne(finished);
}

function waiter(argument: usize): void {
  block(turns);
  trace = trace * 10 + <u32>argument;
  running--;
  wakeOne(finished);
}

function awaitAll(): void {
  while (running > 0) block(finished);
}

function testThreads(): void {
  const frames = framesFree();
  trace = 0;
  running = 3;
  for (let i = 1; i <= 3; i++) threadCreate(turner.index, i);
  const epoch = blockEpoch();
  awaitAll();
  assert(trace == 123123123, 'threads take turns');
  assert(blockEpoch() != epoch);
  trace = 0;
  running = 3;
  for (let i = 1; i <= 3; i++) threadCreate(waiter.index, i);
  yieldNow();
  assert(trace == 0);
  for (let i = 0; i < 3; i++) assert(wakeOne(turns));
  assert(!wakeOne(turns) && rescheduleWanted());
  awaitAll();
  assert(trace == 123, 'waiters wake in order');
  yieldNow();
  // Stacks of ended threads have come back; the heap may have taken one frame for thread structures.
  assert(framesFree() + 1 >= frames);
  const before = tickCount();
  sleepTicks(5);
  assert(tickCount() - before >= 5 && tickCount() - before <= 6);
  assert(!blockFor(turns, 3), 'a wait that nobody ends times out');
  assert(!wakeOne(turns));
  assert(milliseconds() >= 1000 / TICKS_PER_SECOND * 8);
  log('selftest: threads');
}

function testConsole(): void {
  assert(consolePosition() == 0);
  consoleEnqueue(text, TEXT_BYTES);
  assert(consolePosition() == TEXT_BYTES);
  consoleWaitDrained(TEXT_BYTES);
  // More than the ring holds.
  for (let i = 0; i < 1200; i++) consoleWrite(text, TEXT_BYTES);
  consoleWaitDrained(consolePosition());
  log('selftest: console');
}

/** Option `echo`: how many typed bytes to send back. */
function testInput(count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    let seen = inputReceived(LINE);
    let byte = inputRead(LINE);
    while (byte < 0) {
      inputWait(LINE, seen, 0);
      seen = inputReceived(LINE);
      byte = inputRead(LINE);
    }
    store<u8>(typed, <u8>byte);
    consoleWrite(typed, 1);
  }
  assert(inputRead(LINE) == -1);
  log('selftest: input');
}

function testOptions(): void {
  assert(optionNumber('number', 0) == 1234);
  assert(optionNumber('absent', 77) == 77);
  assert(optionNumber('num', 5) == 5, 'a name is not matched by its beginning');
  const value = optionFind('word');
  assert(value != 0 && optionLength(value) == 5 && <u32>load<u8>(value) == 104);
}

function fillFrame(frame: usize, seed: u32): void {
  for (let at: u32 = 0; at < PAGE_BYTES; at += 4) store<u32>(frame + at, seed * 0x9e3779b9 + at);
}

function checkFrame(frame: usize, seed: u32): void {
  for (let at: u32 = 0; at < PAGE_BYTES; at += 4) assert(load<u32>(frame + at) == seed * 0x9e3779b9 + at);
}

function testDisk(): void {
  const blocks = diskBlocks();
  assert(blocks > 64, 'the machine has a disk of more than 64 blocks');
  // 16 frames at once at the end of the disk, and three single blocks in flight with a flush behind them.
  const large = DiskRequest.create();
  large.reset(DISK_WRITE, blocks - DISK_FRAMES_MAX);
  for (let i: u32 = 0; i < DISK_FRAMES_MAX; i++) {
    large.add(allocFrame());
    fillFrame(large.frameAt(i), 100 + i);
  }
  diskSubmit(large);
  const small = new StaticArray<DiskRequest>(3);
  for (let i = 0; i < 3; i++) {
    small[i] = DiskRequest.create();
    small[i].reset(DISK_WRITE, 5 + i * 7);
    small[i].add(allocFrame());
    fillFrame(small[i].frameAt(0), i);
    diskSubmit(small[i]);
  }
  const flush = DiskRequest.create();
  flush.reset(DISK_FLUSH, 0);
  diskSubmit(flush);
  assert(diskWait(flush) == DISK_DONE);
  assert(large.status == DISK_DONE && small[0].status == DISK_DONE && small[2].status == DISK_DONE);
  large.reset(DISK_READ, blocks - DISK_FRAMES_MAX);
  for (let i: u32 = 0; i < DISK_FRAMES_MAX; i++) {
    const frame = allocFrame();
    memory.fill(frame, 0, PAGE_BYTES);
    large.add(frame);
  }
  diskSubmit(large);
  assert(diskWait(large) == DISK_DONE);
  for (let i: u32 = 0; i < DISK_FRAMES_MAX; i++) checkFrame(large.frameAt(i), 100 + i);
  for (let i = 0; i < 3; i++) {
    const frame = small[i].frameAt(0);
    memory.fill(frame, 0, PAGE_BYTES);
    small[i].reset(DISK_READ, 5 + i * 7);
    small[i].add(frame);
    diskSubmit(small[i]);
    assert(diskWait(small[i]) == DISK_DONE);
    checkFrame(frame, i);
  }
  log('selftest: disk');
}

/** Option `bad`: a block that the drive cannot read. */
function testDiskError(bad: u32): void {
  const request = DiskRequest.create();
  request.reset(DISK_READ, bad);
  request.add(allocFrame());
  diskSubmit(request);
  assert(diskWait(request) == DISK_ERROR && (request.error & ATA_UNCORRECTABLE) != 0);
  // The drive goes on.
  request.reset(DISK_READ, bad - 1);
  request.add(allocFrame());
  diskSubmit(request);
  assert(diskWait(request) == DISK_DONE);
  log('selftest: disk error');
}

/** Uses up the stack, with a tick every few levels, so that it is noticed before anything else is overwritten. */
function deepen(levels: u32): u32 {
  const now = tickCount();
  while ((levels & 7) == 0 && tickCount() == now) {}
  return levels > 0 ? deepen(levels - 1) + levels : 0;
}

function testAll(argument: usize): void {
  const levels = optionNumber('overflow', 0);
  if (levels != 0) logValue('selftest: the stack was deep enough', deepen(levels));
  testOptions();
  testFrames();
  testHeap();
  testThreads();
  testPaging();
  testConsole();
  testInput(optionNumber('echo', 0));
  if (diskBlocks() == 0) {
    log('selftest: passed without a disk');
    shutdown(EXIT_DONE);
  }
  testDisk();
  const bad = optionNumber('bad', 0);
  if (bad != 0) testDiskError(bad);
  // The tests' machines have their clocks in this century.
  assert(timeOfDay() > 946684800);
  logValue('selftest: passed, page faults', faults);
  shutdown(EXIT_DONE);
}

export function kmain(magic: u32, info: usize): void {
  hardwareInit(magic, info);
  threadCreate(testAll.index, 0);
  idleForever();
}
