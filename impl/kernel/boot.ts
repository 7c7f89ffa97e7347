/**
 * Where the kernel starts: the hardware, then, on a thread of its own because it waits for the disk, the rooms above it.
 */

import { log } from './drivers/log';
import { hardwareInit } from './hardware';
import { idleForever, STACK_BYTES, threadCreate } from './sched/thread';

export { trap } from './arch/trap';
export { heapBase } from './hardware';

function start(argument: usize): void {
  log('phantom: started');
}

export function kmain(magic: u32, info: usize): void {
  hardwareInit(magic, info);
  threadCreate(start.index, 0, STACK_BYTES);
  idleForever();
}
