/**
 * A kernel in which an instant is captured while a large free block is being cleared from the map of starts. Probe record 100 says what
 * the map of that instant then has in the block: how many beginnings between its own and its end, and whether the capture came in the middle.
 */

import { EXIT_DONE, probe } from '../../arch/exit';
import { shutdown } from '../../drivers/shutdown';
import { hardwareInit } from '../../hardware';
import { persistInit } from '../../persist/persist';
import { idleForever, threadCreate, yieldNow } from '../../sched/thread';
import { frameNow } from '../below';
import { PAGE, PERSISTENT_BASE, WIRED } from '../layout';
import {
  CHUNK_FRAMES,
  learn,
  nextBegun,
  startsCapture,
  startsChunks,
  startsExtend,
  startsFreed,
  startsHold,
  startsInit,
  startsKnown,
  startsUnsettled,
} from '../starts';

export { trap } from '../../arch/trap';
export { heapBase } from '../../hardware';

const SEEN: u32 = 100;
const MIB: u32 = 64;
const HEAP_START: u32 = PERSISTENT_BASE + WIRED * PAGE;
const OBJECT: u32 = 64;
/** So many that clearing takes several ticks of the timer. */
const OBJECTS: u32 = 262144;

let freeing: bool = false;
let freed: bool = false;

/** Its first turn comes when the first tick ends that of who frees. */
function captureAndLook(argument: usize): void {
  const inTheMiddle = freeing && !freed;
  startsCapture();
  while (startsUnsettled()) yieldNow();
  const end = HEAP_START + OBJECTS * OBJECT;
  let begun: u32 = 0;
  for (let at = nextBegun(HEAP_START + 16, end); at < end; at = nextBegun(at + 16, end)) begun++;
  probe(SEEN, begun, inTheMiddle ? 1 : 0, 0);
  shutdown(EXIT_DONE);
}

function zeroed(): u32 {
  const frame = frameNow();
  assert(frame != 0, 'half-cleared: no frame for the map');
  memory.fill(<usize>frame, 0, PAGE);
  return frame;
}

function start(argument: usize): void {
  persistInit(MIB);
  startsInit(HEAP_START, PERSISTENT_BASE + (MIB << 20));
  assert(CHUNK_FRAMES == 2, 'half-cleared: a chunk has two frames');
  for (let i: u32 = 0; i < OBJECTS; i++) {
    while (!startsHold(startsKnown() + OBJECT)) startsExtend(zeroed(), zeroed());
    learn(OBJECT, false);
  }
  assert(startsChunks() != 0 && startsKnown() == HEAP_START + OBJECTS * OBJECT, 'half-cleared: not all was noted');
  threadCreate(captureAndLook.index, 0);
  freeing = true;
  startsFreed(HEAP_START, OBJECTS * OBJECT);
  freed = true;
}

export function kmain(magic: u32, info: usize): void {
  hardwareInit(magic, info);
  threadCreate(start.index, 0);
  idleForever();
}
