/**
 * A kernel that gives the disk's queue more than it can do at once: reads, writes and flushes of a few blocks, drawn from
 * `seed=N`, `operations=N` of them. `drivers/disk.test.ts` runs it on both controllers, and judges the flushes from
 * outside.
 *
 * What it checks itself, by panic: a read brings what was submitted for its blocks before it, and a flush ends after
 * everything submitted before it. Each sector written says its block, its version, and how many flushes were begun
 * before: those that come after have to make it durable. A flush is announced with probe record FLUSHED: its number, its
 * status, the block it names.
 */

import { EXIT_DONE, probe } from '../../arch/exit';
import { logValue } from '../../arch/log';
import { optionNumber } from '../../arch/multiboot';
import { panicValue } from '../../arch/panic';
import { hardwareInit } from '../../hardware';
import { allocFrame } from '../../memory/frames';
import { idleForever, threadCreate } from '../../sched/thread';
import {
  BLOCK_BYTES,
  DISK_DONE,
  DISK_FLUSH,
  DISK_PENDING,
  DISK_READ,
  DISK_WRITE,
  diskRequestsAtOnce,
  DiskRequest,
  diskSubmit,
  diskWait,
} from '../disk';
import { shutdown } from '../shutdown';

export { trap } from '../../arch/trap';
export { heapBase } from '../../hardware';

const FLUSHED: u32 = 100;

const FIRST: u32 = 100;
const BLOCKS: u32 = 64;
const COUNT_MAX: u32 = 4;
/** More than any controller takes. */
const REQUESTS: u32 = 20;
const SECTOR_BYTES: u32 = 512;
const FLUSHES_MAX: u32 = 16;
/** A version that nothing is known about: the block was named as one that cannot be written, or a write of it failed. */
const UNKNOWN: u32 = 0xffffffff;

const slots: usize = memory.data(80, 4);
/** Of each slot, the versions its blocks had when it was submitted. */
const expected: usize = memory.data(320, 4);
/** Version of each block, as last submitted. */
const versions: usize = memory.data(256, 4);
let random: u32 = 1;
let version: u32 = 0;
let flushes: u32 = 0;
let readsDone: u32 = 0;
/** What reads bring is not looked at: for a drive that gives up. */
let blind: bool = false;

/** Numerical Recipes' congruential generator, its upper bits. */
function draw(limit: u32): u32 {
  random = random * 1664525 + 1013904223;
  return (random >> 16) % limit;
}

function requestAt(slot: u32): DiskRequest {
  return changetype<DiskRequest>(<usize>load<u32>(slots + (slot << 2)));
}

function versionOf(block: u32): u32 {
  return load<u32>(versions + ((block - FIRST) << 2));
}

function setVersion(block: u32, value: u32): void {
  store<u32>(versions + ((block - FIRST) << 2), value);
}

function expectedAt(slot: u32, index: u32): usize {
  return expected + ((slot * COUNT_MAX + index) << 2);
}

function fill(frame: usize, block: u32): void {
  for (let at = frame; at < frame + BLOCK_BYTES; at += SECTOR_BYTES) {
    store<u32>(at, block);
    store<u32>(at, version, 4);
    store<u32>(at, flushes, 8);
  }
}

function check(frame: usize, block: u32, wanted: u32): void {
  if (wanted == UNKNOWN || blind) return;
  for (let at = frame; at < frame + BLOCK_BYTES; at += SECTOR_BYTES) {
    const isRight = load<u32>(at, 4) == wanted && load<u32>(at) == (wanted == 0 ? 0 : block);
    if (!isRight) panicValue('selftest: a read brought what was not in the block', block);
  }
}

/** Waits for the request of a slot, and looks at what it brought. */
function finish(slot: u32): void {
  const request = requestAt(slot);
  if (request.operation == 0) return;
  const status = diskWait(request);
  const first = request.block;
  for (let i: u32 = 0; i < request.count; i++) {
    if (request.operation == DISK_WRITE && status != DISK_DONE) setVersion(first + i, UNKNOWN);
    if (request.operation != DISK_READ || status != DISK_DONE) continue;
    check(<usize>request.frameAt(i), first + i, load<u32>(expectedAt(slot, i)));
    readsDone++;
  }
  request.operation = 0;
}

function submit(slot: u32, operation: u32): void {
  const request = requestAt(slot);
  const count: u32 = 1 + draw(COUNT_MAX);
  const block: u32 = FIRST + draw(BLOCKS - COUNT_MAX);
  // The frames stay with their request: `reset` leaves their addresses.
  request.reset(operation, block);
  if (operation == DISK_WRITE) version++;
  for (let i: u32 = 0; i < count; i++) {
    const frame = request.frameAt(i);
    request.add(frame);
    if (operation == DISK_WRITE) {
      fill(<usize>frame, block + i);
      if (versionOf(block + i) != UNKNOWN) setVersion(block + i, version);
    }
    store<u32>(expectedAt(slot, i), versionOf(block + i));
  }
  diskSubmit(request);
}

/** As `store/io.ts` does it: until the drive has nothing left to complain of. */
function flush(request: DiskRequest): void {
  flushes++;
  for (let i: u32 = 0; i < FLUSHES_MAX && !flushOnce(request); i++) {}
}

function flushOnce(request: DiskRequest): bool {
  request.reset(DISK_FLUSH, 0);
  diskSubmit(request);
  const status = diskWait(request);
  for (let slot: u32 = 0; slot < REQUESTS; slot++) {
    const other = requestAt(slot);
    const isOver = other.operation == 0 || other.status != DISK_PENDING;
    if (!isOver) panicValue('selftest: a flush ended before a request that was submitted before it, block', other.block);
  }
  if (status != DISK_DONE && request.block >= FIRST && request.block < FIRST + BLOCKS) setVersion(request.block, UNKNOWN);
  probe(FLUSHED, flushes, status, request.block);
  return status == DISK_DONE;
}

function run(argument: usize): void {
  random = optionNumber('seed', 1);
  const operations = optionNumber('operations', 1000);
  blind = optionNumber('blind', 0) != 0;
  for (let slot: u32 = 0; slot < REQUESTS; slot++) {
    const request = DiskRequest.create();
    request.operation = 0;
    for (let i: u32 = 0; i < COUNT_MAX; i++) request.add(allocFrame());
    store<u32>(slots + (slot << 2), <u32>changetype<usize>(request));
  }
  const flusher = DiskRequest.create();
  logValue('selftest: requests at once', diskRequestsAtOnce());
  for (let i: u32 = 0; i < operations; i++) {
    const choice = draw(100);
    if (choice < 4) flush(flusher);
    else {
      const slot = draw(REQUESTS);
      finish(slot);
      submit(slot, choice < 50 ? DISK_READ : DISK_WRITE);
    }
  }
  for (let slot: u32 = 0; slot < REQUESTS; slot++) finish(slot);
  flush(flusher);
  logValue('selftest: blocks read and right', readsDone);
  shutdown(EXIT_DONE);
}

export function kmain(magic: u32, info: usize): void {
  hardwareInit(magic, info);
  threadCreate(run.index, 0);
  idleForever();
}
