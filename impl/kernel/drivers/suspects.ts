/**
 * Which block a failed flush was about, where the controller does not say: a virtio device reports that a flush failed
 * and names no sector (IDE names it).
 *
 * Rule: only what was written since the last good flush can be it, and a drive drops the sector it could not write. So
 * the flush is repeated until the drive has nothing left to complain of; then what may be it is read and written back as
 * it was read, in pieces, each followed by a flush. A piece whose flush fails has the sector in it, and is looked at
 * block by block; a block that fails twice, one flush after the other, is named. Writing it back harms nothing: nothing
 * durable is among these blocks, nobody relies on them before they were flushed, and the queue stands still meanwhile.
 * When even a flush of nothing fails, it is not about a block, and none is named.
 */

import { log, logValue } from '../arch/log';
import { namedAfterOneFailure } from '../defects';
import { allocFrame } from '../memory/frames';
import { DISK_DONE, DISK_FLUSH, DISK_FRAMES_MAX, DISK_READ, DISK_TIMEOUT, DISK_WRITE, diskCarryOut, DiskRequest } from './disk';

/** Runs of blocks remembered, of two words: first block, number. What is written beyond is not found this time. */
const RUNS_MAX: u32 = 512;
const FOUND_MAX: u32 = 16;
/** Flushes until the drive has to be content; each failure may be of one sector only. */
const FLUSHES_MAX: u32 = 16;

const runs: usize = memory.data(4096, 4);
let runCount: u32 = 0;
const found: usize = memory.data(64, 4);
let foundCount: u32 = 0;
const frames: usize = memory.data(64, 4);
let probe: DiskRequest = changetype<DiskRequest>(0);
/** The drive does not answer, or fails whatever it is asked: there is nothing to find out. */
let hopeless: bool = false;

export function suspectsInit(): void {
  probe = DiskRequest.create();
  for (let i: u32 = 0; i < DISK_FRAMES_MAX; i++) {
    const frame = allocFrame();
    assert(frame != 0, 'suspects: no frames to read into');
    store<u32>(frames + (i << 2), frame);
  }
}

function runAt(index: u32): usize {
  return runs + (index << 3);
}

/** From the driver, with interrupts off: the drive has taken these blocks. */
export function noteWritten(block: u32, count: u32): void {
  if (runCount != 0) {
    const last = runAt(runCount - 1);
    if (load<u32>(last) + load<u32>(last, 4) == block) {
      store<u32>(last, load<u32>(last, 4) + count, 4);
      return;
    }
  }
  if (runCount == RUNS_MAX) return;
  store<u32>(runAt(runCount), block);
  store<u32>(runAt(runCount), count, 4);
  runCount++;
}

/** Everything written so far is durable. */
export function forgetWritten(): void {
  runCount = 0;
}

/** A block that was found and not yet named; 0 when there is none. */
export function takeSuspect(): u32 {
  if (foundCount == 0) return 0;
  foundCount--;
  return load<u32>(found + (foundCount << 2));
}

function carryOut(operation: u32, block: u32, count: u32): bool {
  probe.reset(operation, block);
  for (let i: u32 = 0; i < count; i++) probe.add(load<u32>(frames + (i << 2)));
  const status = diskCarryOut(probe);
  if (status == DISK_TIMEOUT) hopeless = true;
  return status == DISK_DONE;
}

/** Flushes until the drive is content. */
function settle(): void {
  for (let i: u32 = 0; i < FLUSHES_MAX && !hopeless; i++) if (carryOut(DISK_FLUSH, 0, 0)) return;
  hopeless = true;
}

/** Whether these blocks can be written. What cannot be read is left as it is: nothing says that it cannot be written. */
function canBeWritten(block: u32, count: u32): bool {
  if (!carryOut(DISK_READ, block, count)) return count == 1;
  if (carryOut(DISK_WRITE, block, count) && carryOut(DISK_FLUSH, 0, 0)) return true;
  settle();
  return hopeless;
}

function examine(block: u32, count: u32): void {
  if (canBeWritten(block, count)) return;
  for (let i: u32 = 0; i < count && !hopeless && foundCount < FOUND_MAX; i++) {
    if (canBeWritten(block + i, 1) || (!namedAfterOneFailure && canBeWritten(block + i, 1))) continue;
    store<u32>(found + (foundCount << 2), block + i);
    foundCount++;
  }
}

/** After a flush has failed, in the thread that waited for it. */
export function findSuspects(): void {
  hopeless = false;
  settle();
  logValue('disk: the controller does not name the sector; looking for it in runs of blocks', runCount);
  for (let i: u32 = 0; i < runCount; i++) {
    const run = runAt(i);
    let block = load<u32>(run);
    const end = block + load<u32>(run, 4);
    for (; block < end && !hopeless; block += DISK_FRAMES_MAX) examine(block, min<u32>(end - block, DISK_FRAMES_MAX));
  }
  if (foundCount == 0) log('disk: it is about no block that could be found');
  runCount = 0;
}
