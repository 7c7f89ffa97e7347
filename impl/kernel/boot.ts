/**
 * The order in which the kernel wakes. Each step needs those above it; everything up to `threadCreate` runs on the boot
 * stack with interrupts off, which then becomes the idle thread.
 */

import { descriptorsInit } from './arch/descriptors';
import { multibootInit, ramLimit } from './arch/multiboot';
import { pagingInit } from './arch/paging';
import { consoleInit } from './drivers/console';
import { diskInit } from './drivers/disk';
import { log, logInit, logInterruptsInit, logValue } from './drivers/log';
import { picInit } from './drivers/pic';
import { pitInit } from './drivers/pit';
import { rtcInit } from './drivers/rtc';
import { framesFree } from './memory/frames';
// Only its being part of the program is wanted: asc aliases its own allocation functions to those in it.
import './memory/runtime';
import { idleForever, schedulerInit, STACK_BYTES, threadCreate } from './sched/thread';

export { trap } from './arch/trap';

/** What needs a thread: it may wait for the disk. */
function start(argument: usize): void {
  log('phantom: started');
}

export function kmain(magic: u32, info: usize): void {
  logInit();
  descriptorsInit();
  multibootInit(magic, info, __heap_base);
  pagingInit(ramLimit());
  schedulerInit();
  picInit();
  logInterruptsInit();
  consoleInit();
  pitInit();
  rtcInit();
  logValue('phantom: free frames', framesFree());
  diskInit();
  threadCreate(start.index, 0, STACK_BYTES);
  idleForever();
}
